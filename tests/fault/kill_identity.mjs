// Kills the bank with SIGKILL while residents verify their identity (card pictures, confirmation, face check,
// location), restarts it, and checks the tables: every step is stored completely or not at all, no picture without
// its row and no row without its picture; answered steps are stored, unanswered ones are repeated with their key; no
// confined decoder outlives the bank. In the end every resident is verified, once.
//   node tests/fault/kill_identity.mjs sqlite|postgresql [KILLS]
import { readFileSync, readdirSync } from 'node:fs';
import { ACTIONS, PLACE, agree, picture } from '../../tools/identity.mjs';
import { openBank, pause, run } from './bank.mjs';

const ROWS = [1, 2, 3, 4, 5, 6, 7, 8, 9]; // residents with a face and a card that is valid
const AT_ONCE = 2;
let bank;
let isStopping = false;

// Repeats until there is an answer, after a kill again; `null`: the bank is dying.
async function ask(who, what, method, path, options = {}) {
  for (let i = 0; !isStopping; i++) {
    let answer;
    try {
      answer = await bank.call(method, path, { token: who.token, ...options });
    } catch { /* killed */ }
    const isLater = !answer || answer.status >= 500 || answer.json.type === '/problems/idempotency-key-in-use';
    if (answer?.status < 300) return answer.json;
    if (!isLater) throw new Error(`${what} of resident ${who.row}: ${answer.status} ${answer.json.type} ${answer.json.detail ?? ''}`);
    if (i > 100) throw new Error(`${what} of resident ${who.row}: no answer, ${answer?.status} ${answer?.json.type}`);
    await pause(20);
  }
  return null;
}

// The steps of a resident: each can be repeated and returns false while the bank is dying.
const steps = [
  ...['front', 'back'].map((side) => async (who) => {
    who[side] ??= await picture(bank.outside, who.row, `card-${side}`, `?photo=${who.row * 100 + 7}`);
    const read = await ask(who, side, 'PUT', `/v1/me/id-pictures/${side}`, { body: who[side], type: 'image/jpeg' });
    Object.assign(who.fields, read?.fields);
    if (read) who.known.push(side === 'front' ? 'idFront' : 'idBack');
    return read;
  }),
  async (who) => {
    const { nation, ...confirmed } = who.fields;
    const done = await ask(who, 'confirmation', 'POST', '/v1/me/id-confirmation',
      { key: `${who.row}-confirm`, body: { ...confirmed, isLongTerm: confirmed.isLongTerm ?? false } });
    if (done) who.known.push('confirmation', 'registry');
    return done;
  },
  async (who) => {
    who.check = await ask(who, 'face check', 'POST', '/v1/face-checks', { key: `${who.row}-face`, body: { purpose: 'opening' } });
    return who.check;
  },
  ...[0, 1, 2, 3].map((n) => async (who) => {
    const name = ['selfie', ...who.check.actions.map((action) => ACTIONS[action])][n];
    return ask(who, `frame ${n}`, 'PUT', `/v1/face-checks/${who.check.faceCheckId}/frames/${n}`,
      { body: await picture(bank.outside, who.row, name), type: 'image/jpeg' });
  }),
  async (who) => {
    const done = await ask(who, 'completion', 'POST', `/v1/face-checks/${who.check.faceCheckId}/completion`, { key: `${who.row}-faced` });
    if (done && done.state !== 'accepted') throw new Error(`the face of resident ${who.row} was ${done.state}`);
    if (done) who.known.push('face');
    return done;
  },
  async (who) => {
    const done = await ask(who, 'place', 'PUT', '/v1/me/place', { body: PLACE });
    if (done) who.known.push('place');
    return done;
  },
];
async function walk(who) {
  while (!isStopping && who.step < steps.length) {
    if (await steps[who.step](who)) who.step++;
  }
}

async function moveIn(row, resident) {
  const who = { row, step: 0, fields: {}, known: [] };
  const { phone } = resident;
  const sent = await ask(who, 'code', 'POST', '/v1/phone-codes', { body: { phone, purpose: 'signUp' } });
  let code;
  for (let i = 0; i < 100 && !code; i++) {
    const { items } = await (await fetch(`${bank.outside}/sms/v1/messages?to=${encodeURIComponent(phone)}&limit=1`)).json();
    code = items[0]?.code;
    if (!code) await pause(100);
  }
  const { token } = await ask(who, 'sign-up', 'POST', '/v1/sign-ups', { body: { phone, phoneCodeId: sent.phoneCodeId, code, language: 'zh', deviceName: 'kill' } });
  who.token = token;
  const call = (method, path, options) => ask(who, path, method, path, options);
  await agree(call, {}, undefined);
  await agree(call, {}, ['biometrics', 'location']);
  return who;
}

// --- State of the tables, while the bank is dead ------------------------------------------------------

const RULES = {
  'a picture lacks pieces': `SELECT id FROM kyc_pictures p WHERE chunk_count <>
    (SELECT count(*) FROM kyc_chunks c WHERE c.bucket = p.bucket AND c.picture_id = p.id)`,
  'pieces of no picture': `SELECT picture_id FROM kyc_chunks c WHERE NOT EXISTS
    (SELECT 1 FROM kyc_pictures p WHERE p.bucket = c.bucket AND p.id = c.picture_id)`,
  'a reading without its picture': `SELECT customer_id FROM kyc_readings r WHERE NOT EXISTS
    (SELECT 1 FROM kyc_pictures p WHERE p.id = r.picture_id AND p.customer_id = r.customer_id)`,
  'a picture of a card without its reading': `SELECT id FROM kyc_pictures p WHERE kind IN (1, 2) AND NOT EXISTS
    (SELECT 1 FROM kyc_readings r WHERE r.customer_id = p.customer_id AND r.side = p.kind)`,
  'a reading without its check': `SELECT customer_id FROM kyc_readings r WHERE NOT EXISTS
    (SELECT 1 FROM kyc_checks k WHERE k.customer_id = r.customer_id AND k.kind = r.side)`,
  'an upload without a picture': `SELECT customer_id FROM kyc_uploads u WHERE NOT EXISTS
    (SELECT 1 FROM kyc_pictures p WHERE p.customer_id = u.customer_id AND p.check_id = u.check_id)`,
  'a frame without its picture': `SELECT check_id FROM kyc_frames f WHERE picture_id = 0 OR sealed IS NULL OR NOT EXISTS
    (SELECT 1 FROM kyc_pictures p WHERE p.id = f.picture_id AND p.check_id = f.check_id AND p.kind = 5 + f.number)`,
  'a print without the picture of its frame': `SELECT id FROM kyc_prints t WHERE check_id <> 0 AND NOT EXISTS
    (SELECT 1 FROM kyc_pictures p WHERE p.check_id = t.check_id AND p.kind = 5 + t.frame)`,
  'a frame without its print': `SELECT id FROM kyc_pictures p WHERE kind >= 5 AND NOT EXISTS
    (SELECT 1 FROM kyc_prints t WHERE t.check_id = p.check_id AND t.frame = p.kind - 5)`,
  'frames of a check that is decided': `SELECT check_id FROM kyc_frames f WHERE NOT EXISTS
    (SELECT 1 FROM kyc_face_checks c WHERE c.id = f.check_id AND c.state = 1)`,
  'a confirmation half done': `SELECT customer_id FROM kyc_people p WHERE (confirmation_state <> 0) <> (EXISTS
    (SELECT 1 FROM kyc_confirmations c WHERE c.customer_id = p.customer_id)) OR (confirmation_state <> 0) <> (EXISTS
    (SELECT 1 FROM customer_customers c WHERE c.id = p.customer_id AND c.identity_at IS NOT NULL)) OR (confirmation_state <> 0) <> (EXISTS
    (SELECT 1 FROM kyc_checks k WHERE k.customer_id = p.customer_id AND k.kind = 3))`,
  'a face half accepted': `SELECT customer_id FROM kyc_people p WHERE (face_state = 1) <> (EXISTS
    (SELECT 1 FROM kyc_face_checks c WHERE c.customer_id = p.customer_id AND c.state = 2)) OR (face_state = 1) <> (EXISTS
    (SELECT 1 FROM kyc_templates t WHERE t.customer_id = p.customer_id AND t.kind = 4 AND t.sequence > 0)) OR (face_state = 1) <> (EXISTS
    (SELECT 1 FROM kyc_checks k WHERE k.customer_id = p.customer_id AND k.kind = 7 AND k.result = 1))`,
  'two faces accepted of one': 'SELECT customer_id FROM kyc_face_checks WHERE state = 2 GROUP BY customer_id HAVING count(*) > 1',
  'a place in the gallery taken twice, or lost': `SELECT sequence FROM kyc_gallery WHERE sequence <>
    (SELECT count(*) FROM kyc_templates WHERE kind = 4) OR sequence <> (SELECT count(DISTINCT sequence) FROM kyc_templates WHERE kind = 4)`,
  'a place half done': `SELECT customer_id FROM kyc_people p WHERE (place_state <> 0) <> (EXISTS
    (SELECT 1 FROM kyc_places l WHERE l.customer_id = p.customer_id))`,
  'the layers of the customer are others': `SELECT c.id FROM customer_customers c JOIN kyc_people p ON p.customer_id = c.id
    WHERE (c.face_state = 2) <> (p.face_state = 1) OR (c.place_state = 2) <> (p.place_state = 1)
    OR (c.pictures_state = 2) <> (p.confirmation_state = 1)
    OR (c.verified_at <> 0) <> (c.identity_at IS NOT NULL AND c.pictures_state = 2 AND c.face_state = 2 AND c.place_state = 2)`,
};
function wholeness() {
  for (const [what, sql] of Object.entries(RULES)) {
    const rows = bank.ask(sql);
    if (rows.length > 0) throw new Error(`${what}: ${JSON.stringify(rows.slice(0, 5))}`);
  }
}

// Children of a process, by the kernel's list.
function childrenOf(pid) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((name) => {
    try {
      return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'latin1'))?.[1]) === pid;
    } catch { return false; /* gone */ }
  });
}
async function areGone(pids) {
  const live = () => pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('vision-decoder');
    } catch { return false; }
  });
  for (let i = 0; i < 100 && live().length > 0; i++) await pause(50);
  if (live().length > 0) throw new Error(`decoders outlived the bank: ${live()}`);
}

async function remember(people) {
  for (const who of people) {
    const { json } = await bank.call('GET', '/v1/me/verification', { token: who.token });
    for (const layer of who.known) {
      if (json.layers?.find((l) => l.layer === layer)?.state !== 'passed') throw new Error(`resident ${who.row} was told of ${layer}, now: ${JSON.stringify(json)}`);
    }
    if (who.step === steps.length && json.state !== 'verified') throw new Error(`resident ${who.row} is ${json.state}`);
  }
}

// All residents of one bank, with kills until all are verified.
async function killThrough(kills) {
  const residents = (await (await fetch(`${bank.outside}/people/v1/residents`)).json()).items;
  const people = [];
  let done = 0;
  for (let now = []; ;) {
    now = now.filter((who) => who.step < steps.length);
    while (now.length < AT_ONCE && people.length < ROWS.length && done < kills) {
      const row = ROWS[people.length];
      people.push(await moveIn(row, residents[row - 1]));
      now.push(people.at(-1));
    }
    if (now.length === 0) break;
    if (done === kills) { // the rest without kills
      await Promise.all(now.map(walk));
      continue;
    }
    const walks = now.map(walk);
    const ended = Promise.all(walks);
    await pause(50 + Math.random() * 1200);
    const decoders = childrenOf(bank.server.pid);
    isStopping = true;
    await Promise.all([bank.kill(done % 2 === 0), ended]);
    isStopping = false;
    await areGone(decoders);
    wholeness();
    await bank.serve();
    await remember(people);
    done++;
  }
  await remember(people);
  await bank.rest();
  wholeness();
  bank.audit();
  return { done, count: people.length };
}

await run({ early: false, town: false }, async (opened, kills) => {
  let count = 0;
  bank = opened;
  for (let done = 0; done < kills;) {
    if (done > 0) bank = await openBank(opened.engine, { early: false, town: false });
    try {
      const part = await killThrough(kills - done);
      done += part.done;
      count += part.count;
    } finally {
      bank.close();
    }
  }
  return `while identities are proven, ${count} residents verified, nothing half done, auditor content`;
});
