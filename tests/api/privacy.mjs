// Consents and withdrawals, retention, and the end of the customer relationship.
import { equal, ok } from './count.mjs';
import { wanted } from './client.mjs';
import { deviceKey, PASS_CODE, inventPerson, moveIn, newKey, pause } from './people.mjs';
import { openCase } from './review.mjs';

const options = (person) => ({ token: person.token, lang: person.lang });
const slugs = (answers) => answers.map((x) => x.json?.type?.replace('/problems/', '') ?? x.json?.state ?? x.status);
const leave = (client, person, body) => client.post('/v1/me/closure', body, { ...options(person), key: newKey() });

async function consents(client, person) {
  const of = options(person);
  const list = async () => wanted(await client.get('/v1/consents', of), 200).items;
  const word = async (purpose) => (await list()).find((c) => c.purpose === purpose);
  equal((await word('location')).granted, false, 'a purpose that was never answered is not granted');
  for (const granted of [true, false]) {
    wanted(await client.post('/v1/consents', { purpose: 'location', textVersion: '1', granted }, of), 201);
    equal((await word('location')).granted, granted, 'the newest word counts');
  }
  const { items } = wanted(await client.get('/v1/consents/history', of), 200);
  equal(items.filter((c) => c.purpose === 'location').map((c) => c.granted), [false, true], 'every word is kept, newest first');
  wanted(await client.put('/v1/me/place', { latitude: '31.23', longitude: '121.47', accuracyMeters: 20 }, of), 403, 'consent-needed');
}

// All data that the bank holds, for the customer they concern and nobody else.
async function exported(client, person) {
  const of = options(person);
  const fresh = wanted(await client.post('/v1/sessions', { phone: person.phone, passCode: PASS_CODE, deviceKey: deviceKey(person.phone), deviceName: 'another' }), 201);
  client.secrets.add(fresh.token);
  wanted(await client.get('/v1/me/export', { token: fresh.token }), 403, 'step-up-required');
  const json = await client.get('/v1/me/export', of);
  wanted(json, 200);
  for (const what of [person.name, person.idNumber, person.phone, person.account.accountNumber]) ok(json.text.includes(what), 'an export holds what the bank knows', what);
  ok(!json.text.includes(PASS_CODE) && !json.text.includes(person.token), 'and no secrets');
  for (const lang of ['en', 'zh']) {
    const pdf = await client.get(`/v1/me/export?format=pdf&lang=${lang}`, of);
    ok(pdf.raw?.subarray(0, 5).toString() === '%PDF-' && /^attachment; filename="sycee-/.test(pdf.headers['content-disposition']), 'an export as PDF', pdf.headers);
  }
  ok(wanted(await client.get('/v1/security', of), 200).events.some((e) => e.kind === 'exported'), 'an export stands in the history');
}

// A customer without a fresh step-up, with an open case, or with money and no payout card cannot leave.
async function leaving(client, person, other) {
  const waiting = await openCase(client);
  wanted(await leave(client, waiting.person, {}), 403, 'step-up-required');
  wanted(await client.put('/v1/me/pass-code', { passCode: PASS_CODE }, waiting.of), 204);
  wanted(await client.post('/v1/step-ups', { passCode: PASS_CODE }, waiting.of), 201);
  const blocked = wanted(await leave(client, waiting.person, {}), 409, 'leaving-blocked');
  ok(blocked.reasons?.length === 1 && blocked.reasons[0].text.zh, 'the reasons are told', blocked);
  wanted(await leave(client, person, {}), 422, 'closure-target');
  const stolen = await leave(client, person, { cardId: other.cardId });
  ok([404, 422].includes(stolen.status), 'money does not go to the card of another', stolen.text);
  const answers = await Promise.all(Array.from({ length: 4 }, () => leave(client, person, { cardId: person.cardId })));
  const done = answers.filter((x) => x.status === 200);
  ok(done.length >= 1 && answers.every((x) => x.status === 200 || [401, 403, 409].includes(x.status)), 'a customer leaves once', slugs(answers));
  ok(Date.parse(done[0].json.eraseAfter) > Date.now() + 10 * 365 * 86400000 - 86400000, 'what identifies them is kept for ten years', done[0].json);
  let status;
  for (let i = 0; i < 60 && status !== 401; i++) {
    ({ status } = await client.get('/v1/me', options(person)));
    if (status !== 401) await pause(250);
  }
  equal(status, 401, 'sessions end');
  wanted(await client.post('/v1/sessions', { phone: person.phone, passCode: PASS_CODE, deviceKey: deviceKey(person.phone), deviceName: 'x' }), 401, 'sign-in-failed');
}

export async function privacy(client, other) {
  const { items } = wanted(await client.get('/v1/retention'), 200);
  ok(items.length >= 4 && items.every((i) => i.keptFor && i.ground.zh), 'how long what is kept is public', items.length);
  const person = await moveIn(client, inventPerson(), '60.00', 'zh');
  await consents(client, person);
  await exported(client, person);
  await leaving(client, person, other);
}
