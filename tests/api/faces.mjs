// Face checks of a known customer under stress: concurrent, repeated, and by strangers.
import { ACTIONS, picture } from '../../tools/identity.mjs';
import { wanted } from './client.mjs';
import { equal, ok } from './count.mjs';
import { again } from './idempotency.mjs';
import { newKey } from './people.mjs';

const JPEG = { type: 'image/jpeg' };
const of = (person) => ({ token: person.token, lang: person.lang });
let takes = 70000;

async function frames(client, bank, person, check) {
  for (const [n, name] of ['selfie', ...check.actions.map((a) => ACTIONS[a])].entries()) {
    const bytes = await picture(bank.sandbox, person.row, name, `?take=${++takes}`);
    wanted(await client.put(`/v1/face-checks/${check.faceCheckId}/frames/${n}`, bytes, { ...of(person), ...JPEG }), 200);
  }
}

// Two people with faces on file: `first` is checked, `second` is a stranger to that check.
export async function faces(client, bank, { first, second }) {
  let ended;
  for (let i = 0; i < 5 && !ended; i++) ended = await judgedOnce(client, bank, first, second);
  const { path, key, ends, bytes } = ended;
  equal(ends.find((x) => x.status === 200)?.json.state, 'accepted', 'the face is the one that opened the account');
  const repeated = await client.post(`${path}/completion`, undefined, { ...of(second), key });
  ok(repeated.raw.equals(ends[0].raw) && repeated.headers['idempotency-replayed'] === 'true', 'a repetition is the first answer', repeated.text);
  wanted(await client.put(`${path}/frames/0`, bytes, { ...of(second), ...JPEG }), 409, 'face-check-over');
  const needs = wanted(await client.get('/v1/step-up-needs?action=exportAll', of(second)), 200);
  ok(!needs.missing.includes('face'), 'the face counts for the session', needs);
}

// Retries if a photograph does not show its action clearly (one in forty), as a person would.
async function judgedOnce(client, bank, first, second) {
  const begun = await again(client, 'a face check', '/v1/face-checks', { purpose: 'stepUp' }, { purpose: 'card' }, of(second), 201);
  const path = `/v1/face-checks/${begun.faceCheckId}`;
  await frames(client, bank, second, begun);
  const bytes = await picture(bank.sandbox, first.row, 'selfie', `?take=${++takes}`);
  wanted(await client.get(path, of(first)), 404, 'not-found');
  wanted(await client.put(`${path}/frames/0`, bytes, { ...of(first), ...JPEG }), 404, 'not-found');
  wanted(await client.post(`${path}/completion`, undefined, { ...of(first), key: newKey() }), 404, 'not-found');

  // Two completions at once: one judges, the other is refused as over; the result stays the same.
  const key = newKey();
  const ends = await Promise.all([key, newKey()].map((k) => client.post(`${path}/completion`, undefined, { ...of(second), key: k })));
  equal(ends.filter((x) => x.status === 200).length, 1, 'a face check is judged once', ends.map((x) => x.text));
  ok(ends.every((x) => x.status === 200 || x.json?.type === '/problems/face-check-over'), 'the other is refused as over', ends.map((x) => x.text));
  const isUnclear = String(bank.database.ask(`SELECT reason FROM kyc_face_checks WHERE id = ${begun.faceCheckId}`)).trim() === '1';
  if (isUnclear) bank.database.ask(`DELETE FROM kyc_attempts WHERE customer_id = (SELECT customer_id FROM kyc_face_checks WHERE id = ${begun.faceCheckId})`);
  return isUnclear ? undefined : { path, key, ends, bytes };
}
