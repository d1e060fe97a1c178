// Attackers with one stolen thing who try to reach the money or another factor, and the refusal of each.
// tests/unit/test_customer_step_up.c checks the table itself; this test checks the routes.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { totp } from '../../tools/totp.mjs';
import { wanted } from './client.mjs';
import { equal, ok } from './count.mjs';
import { both, decide, propose } from './four-eyes.mjs';
import { PASS_CODE, balance, cardNumber, code, consent, deviceKey, inventPerson, lastMessage, moveIn, newKey, seen, signUp, stepUp, transferBody } from './people.mjs';

const THIEFS_CODE = '604938';
const cny = (amount) => ({ amount, currency: 'CNY' });
const newDevice = () => randomBytes(24).toString('base64url');

// One code per minute, requester and number: the test ages the earlier ones.
const later = (bank) => bank.database.ask('UPDATE customer_phone_codes SET created_at = created_at - 7200000000');

// All routes to money, and to another factor.
function doors(victim, mule) {
  const account = `/v1/accounts/${victim.accountId}`;
  const key = true;
  return [
    ['a transfer', 'POST', '/v1/transfers', { key, body: transferBody(victim, mule, '200.01') }],
    ['a small transfer', 'POST', '/v1/transfers', { key, body: transferBody(victim, mule, '0.01'), small: true }],
    ['a top-up', 'POST', '/v1/top-ups', { key, body: { cardId: victim.cardId, accountId: victim.accountId, instructedAmount: cny('10.00') }, small: true }],
    ['a withdrawal', 'POST', '/v1/withdrawals', { key, body: { cardId: victim.cardId, accountId: victim.accountId, instructedAmount: cny('200.01') } }],
    ['closing the account', 'POST', `${account}/closure`, { key, body: { cardId: victim.cardId } }],
    ['leaving', 'POST', '/v1/me/closure', { key, body: {} }],
    ['another card', 'POST', '/v1/card-bindings', { key, body: { cardNumber: cardNumber(31000 + Number(victim.phone.slice(-4))), reservedPhone: mule.phone } }],
    ['no card', 'DELETE', `/v1/cards/${victim.cardId}`],
    ['a passkey', 'POST', '/v1/passkeys/options'],
    ['time codes', 'POST', '/v1/totp'],
    ['no time codes', 'DELETE', '/v1/totp'],
    ['no face', 'POST', '/v1/consents', { body: { purpose: 'biometrics', textVersion: '1', granted: false } }],
    ['everything as a file', 'GET', '/v1/me/export'],
  ];
}

// Data of the customer that can be read.
const SIGHTS = ['/v1/accounts', '/v1/cards', '/v1/messages', '/v1/security', '/v1/devices', '/v1/sessions', '/v1/me/verification', '/v1/companies', '/v1/payments?status=PDNG'];

async function allShut(client, what, victim, mule, token, missing, isSmallOpen = false) {
  const before = await balance(client, mule);
  for (const [name, method, path, options = {}] of doors(victim, mule)) {
    if (options.small && isSmallOpen) continue;
    const { key, small: _, ...rest } = options;
    const answer = wanted(await client.send(method, path, { ...rest, token, ...(key ? { key: newKey() } : {}) }), 403, 'step-up-required');
    ok(missing.every((m) => answer.missing?.includes(m)), `${what}: ${name} asks for ${missing}`, answer.missing);
  }
  equal(await balance(client, mule), before, `${what}: no money moved`);
}

async function thiefsSession(client, bank, victim, key, purpose = 'resetPassCode') {
  later(bank);
  const proof = await code(client, victim.phone, purpose);
  const opened = wanted(await client.post('/v1/sessions', { phone: victim.phone, ...proof, deviceName: 'thief', ...(key ? { deviceKey: key } : {}) }), 201);
  client.secrets.add(opened.token);
  return opened;
}

async function simOnly(client, bank, mule) {
  const victim = await moveIn(client, inventPerson(), '500.00');
  for (const key of [undefined, newDevice(), deviceKey(victim.phone)]) {
    later(bank);
    const proof = await code(client, victim.phone, 'signIn');
    wanted(await client.post('/v1/sessions', { phone: victim.phone, ...proof, deviceName: 'thief', deviceKey: key }), 403, 'pass-code-required');
  }
  const key = newDevice();
  const { token, isLimited, customer } = await thiefsSession(client, bank, victim, key);
  ok(isLimited, 'a text code opens a limited session');
  ok(customer.name !== victim.name && customer.name?.includes('*'), 'which shows no name', customer.name);
  for (const path of [...SIGHTS, `/v1/accounts/${victim.accountId}/transactions`, `/v1/accounts/${victim.accountId}/statement?format=csv`]) {
    wanted(await client.get(path, { token }), 403, 'step-up-required');
  }
  await allShut(client, 'a reset code', victim, mule, token, ['passCode']);
  wanted(await client.put('/v1/me/pass-code', { passCode: THIEFS_CODE }, { token }), 204);
  wanted(await client.post('/v1/step-ups', { passCode: THIEFS_CODE }, { token }), 201);
  await allShut(client, 'a pass code made of a text code', victim, mule, token, ['face']);
  wanted(await client.put('/v1/me/pass-code', { passCode: '905172', oldPassCode: THIEFS_CODE }, { token }), 204);
  wanted(await client.post('/v1/step-ups', { passCode: '905172' }, { token }), 201);
  await allShut(client, 'one made of that', victim, mule, token, ['face']);
  later(bank);
  const proof = await code(client, victim.phone, 'signIn');
  wanted(await client.post('/v1/sessions', { phone: victim.phone, passCode: '905172', deviceName: 'thief', deviceKey: key }), 403, 'code-required');
  const again = wanted(await client.post('/v1/sessions', { phone: victim.phone, passCode: '905172', ...proof, deviceName: 'thief', deviceKey: key }), 201);
  client.secrets.add(again.token);
  ok(again.isLimited, 'pass code and text code are one text code');
  wanted(await client.post('/v1/step-ups', { passCode: '905172' }, { token: again.token }), 201);
  await allShut(client, 'signed in again', victim, mule, again.token, ['face']);
  wanted(await client.put('/v1/me/phone', { phone: mule.phone, phoneCodeId: '4096', code: '000000' }, { token: again.token }), 403, 'step-up-required');
  wanted(await client.post('/v1/phone-codes', { phone: victim.phone, purpose: 'signUp' }), 429, 'too-many-requests');
}

async function unlockedPhone(client, bank, mule) {
  const victim = await moveIn(client, inventPerson(), '3000.00');
  const { token } = victim;
  // The authenticator app is on the same phone.
  const begun = wanted(await client.post('/v1/totp', undefined, { token }), 201);
  const step = Math.floor(Date.now() / 30000);
  wanted(await client.post('/v1/totp/confirmation', { code: totp(begun.secret, step * 30000) }, { token }), 204);
  // Ended only now: earlier payments rest on this session.
  const now = Date.now() * 1000;
  bank.database.ask(`UPDATE customer_sessions SET step_up_until = ${now}, totp_until = ${now} WHERE customer_id = ${victim.customerId}`);
  bank.database.ask(`UPDATE customer_devices SET trusted_at = 1 WHERE id = ${wanted(await client.get('/v1/devices', { token }), 200).items[0].deviceId}`);
  const fresh = await moveTime(client, bank, victim);
  await allShut(client, 'the app left open', victim, mule, fresh, ['passCode'], true);
  const before = await balance(client, mule);
  let paid = 0;
  for (let i = 0; i < 8; i++) {
    const answer = await client.post('/v1/transfers', transferBody(victim, mule, '200.00'), { token: fresh, key: newKey() });
    if (answer.status === 201) paid += 20000;
    else wanted(answer, 403, 'step-up-required');
  }
  equal([paid, (await balance(client, mule)).booked - before.booked], [100000, 100000], 'small payments end at the allowance of the day');
  // The phone includes the SIM: a new pass code, a time code, and still no further access.
  const reset = await thiefsSession(client, bank, victim, deviceKey(victim.phone));
  ok(reset.isLimited, 'the known device makes a text code no stronger');
  wanted(await client.put('/v1/me/pass-code', { passCode: THIEFS_CODE }, { token: reset.token }), 204);
  wanted(await client.post('/v1/step-ups', { passCode: THIEFS_CODE }, { token: reset.token }), 201);
  // A time code gives a limited session no access, and its wrong ones would lock the owner's.
  wanted(await client.post('/v1/totp/assertions', { code: totp(begun.secret, (step + 1) * 30000) }, { token: reset.token }), 403, 'step-up-required');
  await allShut(client, 'SIM, device and time code', victim, mule, reset.token, ['face']);
  wanted(await client.get('/v1/accounts', { token: fresh }), 401, 'not-signed-in');
}

// A session in use for a while: no recent proof.
async function moveTime(client, bank, person) {
  const opened = wanted(await client.post('/v1/sessions', { phone: person.phone, passCode: PASS_CODE, deviceName: 'own', deviceKey: deviceKey(person.phone) }), 201);
  client.secrets.add(opened.token);
  return opened.token;
}

async function passCodeSeen(client, bank) {
  const victim = await moveIn(client, inventPerson(), '');
  for (const key of [{}, { deviceKey: newDevice() }]) {
    const body = { phone: victim.phone, passCode: PASS_CODE, deviceName: 'thief', ...key };
    wanted(await client.post('/v1/sessions', body), 403, 'code-required');
    wanted(await client.post('/v1/sessions', { ...body, phoneCodeId: '4096', code: '123456' }), 422, 'code-expired');
  }
}

async function sessionStolen(client, bank, mule) {
  const victim = await moveIn(client, inventPerson(), '500.00');
  const stolen = await moveTime(client, bank, victim);
  await allShut(client, 'a stolen session', victim, mule, stolen, ['passCode'], true);
  // Guesses lock the guessing session and no other.
  for (let i = 0; i < 5; i++) wanted(await client.post('/v1/step-ups', { passCode: `80801${i}` }, { token: stolen }), i < 4 ? 422 : 401, i < 4 ? 'pass-code-wrong' : 'sign-in-locked');
  wanted(await client.post('/v1/step-ups', { passCode: PASS_CODE }, { token: stolen }), 401, 'sign-in-locked');
  wanted(await client.post('/v1/step-ups', { passCode: PASS_CODE }, { token: victim.token }), 201);
}

// An attacker with the SIM alone has five guesses, for any number of codes and devices: the lock belongs to the
// number, not to the owner's known device.
async function guesses(client, bank) {
  const victim = await moveIn(client, inventPerson(), '');
  const fresh = async (i) => ({ token: (await thiefsSession(client, bank, victim, i % 2 ? newDevice() : undefined)).token });
  for (let i = 0; i < 5; i++) wanted(await client.post('/v1/step-ups', { passCode: `80801${i}` }, await fresh(i)), i < 4 ? 422 : 401, i < 4 ? 'pass-code-wrong' : 'sign-in-locked');
  for (let i = 0; i < 2; i++) {
    const as = await fresh(i);
    wanted(await client.post('/v1/step-ups', { passCode: PASS_CODE }, as), 401, 'sign-in-locked');
    wanted(await client.put('/v1/me/pass-code', { passCode: THIEFS_CODE, oldPassCode: PASS_CODE }, as), 401, 'sign-in-locked');
  }
  await stepUp(client, victim);
  await stepUp(client, { ...victim, token: await moveTime(client, bank, victim) });
}

// An attacker who knows the number alone locks nobody out, uses up nobody's codes, and fills nobody's history.
async function strangers(client, bank) {
  const victim = await moveIn(client, inventPerson(), '');
  for (let i = 0; i < 12; i++) await client.post('/v1/sessions', { phone: victim.phone, passCode: '808017', deviceName: 'x', ...(i % 2 ? { deviceKey: newDevice() } : {}) });
  wanted(await client.post('/v1/sessions', { phone: victim.phone, passCode: PASS_CODE, deviceName: 'x' }), 401, 'sign-in-locked');
  await stepUp(client, victim);
  await moveTime(client, bank, victim);
  const { events } = wanted(await client.get('/v1/security', { token: victim.token }), 200);
  const failed = events.filter((e) => e.kind === 'signInFailed');
  ok(failed.length <= 2 && failed.reduce((sum, e) => sum + (e.times ?? 1), 0) === 12, 'a day of wrong pass codes is one line', failed);
  later(bank);
  wanted(await client.post('/v1/phone-codes', { phone: victim.phone, purpose: 'signIn' }), 201);
  wanted(await client.post('/v1/phone-codes', { phone: victim.phone, purpose: 'signIn' }), 429, 'too-many-requests');
  wanted(await client.post('/v1/phone-codes', { phone: victim.phone, purpose: 'signIn', deviceKey: newDevice() }), 429, 'too-many-requests');
  wanted(await client.post('/v1/phone-codes', { phone: victim.phone, purpose: 'signIn', deviceKey: deviceKey(victim.phone) }), 201);
}

// A number given up by its holder and reassigned by the operator: the bank asks the operator for its holder.
async function recycled(client, bank, staff) {
  const old = await moveIn(client, inventPerson(), '20.00');
  const holder = inventPerson();
  const signUp = async () => {
    later(bank);
    const proof = await code(client, old.phone, 'signUp');
    return client.post('/v1/sign-ups', { phone: old.phone, ...proof, language: 'en', deviceName: 'x', deviceKey: newDevice() });
  };
  wanted(await signUp(), 409, 'phone-taken'); // for the operator it belongs to the old customer
  const operator = (name, idNumber) => execFileSync('sqlite3', ['-cmd', '.timeout 10000', join(bank.folder, 'sandbox.db'),
    `INSERT INTO operator_phones (phone, name, id_number) VALUES ('${old.phone}', '${name}', '${idNumber}') ON CONFLICT (phone) DO UPDATE SET name = excluded.name, id_number = excluded.id_number`]);
  operator(holder.name, holder.idNumber);
  wanted(await signUp(), 409, 'phone-taken'); // confirmed recently: a number in a relative's name
  bank.database.ask(`UPDATE customer_sessions SET last_seen_at = last_seen_at - 91 * 86400000000 WHERE customer_id = ${old.customerId}`);
  const fresh = wanted(await signUp(), 201);
  client.secrets.add(fresh.token);
  ok(fresh.customer.customerId !== old.customerId && fresh.customer.state === 'onboarding', 'the new holder begins as a new customer');
  wanted(await client.post('/v1/sessions', { phone: old.phone, passCode: PASS_CODE, deviceName: 'x', deviceKey: deviceKey(old.phone) }), 401, 'sign-in-failed');
  const told = String(bank.database.ask(`SELECT COUNT(*) FROM customer_events WHERE customer_id = ${old.customerId} AND kind = 16`)).trim();
  equal(told, '1', 'the old customer gets a message in the app');
  await atTheCounter(client, bank, staff, old);
}

// A customer whose number was reassigned and who has no session comes to the counter: a member of staff checks the
// document, a code proves the new number, another member of staff approves.
async function atTheCounter(client, bank, staff, old) {
  wanted(await client.delete('/v1/sessions/current', { token: old.token }), 401, 'not-signed-in');
  const { phone } = inventPerson();
  client.secrets.add(phone).add(phone.slice(3));
  const path = `/v1/staff/customers/${old.customerId}`;
  const tellers = [staff.teller, staff.teller2];
  const seenBefore = await seen(bank, phone);
  const sent = wanted(await client.post(`${path}/phone-codes`, { phone }, { token: staff.teller }), 201);
  wanted(await client.post(`${path}/phone-codes`, { phone }, { token: staff.reviewer }), 403, 'not-permitted');
  wanted(await client.post('/v1/staff/customers/4096/phone-codes', { phone: inventPerson().phone }, { token: staff.teller }), 404, 'not-found');
  const { code: right } = await lastMessage(bank, phone, seenBefore);
  client.secrets.add(right);
  const proof = { phone, phoneCodeId: sent.phoneCodeId, code: right };
  wanted(await client.post(`${path}/phone-proofs`, { ...proof, code: right === '000000' ? '000001' : '000000' }, { token: staff.teller }), 422, 'code-wrong');
  const proven = wanted(await client.post(`${path}/phone-proofs`, proof, { token: staff.teller }), 201);
  ok(!JSON.stringify(proven).includes(phone.slice(5, 12)), 'the number is shown masked only', proven);
  wanted(await client.post(`${path}/phone-proofs`, proof, { token: staff.teller }), 422, 'code-expired');
  const after = { phoneProofId: proven.phoneProofId, document: 'residentIdCard' };
  await propose(client, staff.teller, 'customerPhone', old.customerId, { phoneProofId: '4096', document: 'passport' }, 400, 'invalid-field');
  await propose(client, staff.teller, 'customerPhone', old.customerId, { phoneProofId: proven.phoneProofId }, 400, 'invalid-field');
  await propose(client, staff.accountant, 'customerPhone', old.customerId, after, 403, 'not-permitted');
  const change = await propose(client, staff.teller, 'customerPhone', old.customerId, after);
  equal(change.after, { ...after, phone: proven.phone }, 'what is proposed shows the number masked');
  await decide(client, staff.teller, change, 'approve', 403, 'four-eyes');
  wanted(await client.post('/v1/sessions', { phone, passCode: PASS_CODE, deviceName: 'x', deviceKey: deviceKey(old.phone) }), 401, 'sign-in-failed');
  equal((await decide(client, staff.teller2, change, 'approve')).state, 'approved', 'two of staff agree');
  const key = deviceKey(old.phone);
  wanted(await client.post('/v1/sessions', { phone, passCode: PASS_CODE, deviceName: 'x', deviceKey: key }), 403, 'code-required'); // the lost phone is a new device
  later(bank);
  const fresh = await code(client, phone, 'signIn');
  const opened = wanted(await client.post('/v1/sessions', { phone, passCode: PASS_CODE, ...fresh, deviceName: 'x', deviceKey: newDevice() }), 201);
  client.secrets.add(opened.token);
  equal([opened.isLimited, opened.customer.customerId], [false, old.customerId], 'the customer is back');
  const { items } = wanted(await client.get('/v1/messages', { token: opened.token }), 200);
  ok(items.some((m) => m.kind === 'phoneChanged') && items.some((m) => m.kind === 'phoneDetached'), 'and is told of both', items.map((m) => m.kind));
  const log = wanted(await client.get(`/v1/staff/audit-log?q=customer.phone&limit=20`, { token: staff.auditor }), 200).items;
  for (const action of ['customer.phone', 'customer.phoneProof', 'customer.phoneProofFailed', 'customer.phoneCode']) ok(log.some((e) => e.action === action && e.object === `customer:${old.customerId}`), `the log has ${action}`, log);
  ok(log.find((e) => e.action === 'customer.phone').detail.startsWith('document=residentIdCard proof='), 'and names the document');
  ok(!JSON.stringify(log).includes(phone.slice(3)), 'and no number');
  await both(client, tellers, 'customerState', old.customerId, { state: 'suspended' });
  await decide(client, staff.teller2, change, 'approve', 409, 'change-decided');
}

// Once a suspension is acknowledged, no payment passes: caches have no influence.
async function suspended(client, staff, mule) {
  const person = await moveIn(client, inventPerson(), '100.00');
  const statuses = [];
  let isOver = false;
  let isAcknowledged = false;
  const pay = async () => {
    while (!isOver) {
      const late = isAcknowledged;
      const answer = await client.post('/v1/transfers', transferBody(person, mule, '0.01'), { token: person.token, key: newKey() });
      statuses.push([late, answer.status]);
    }
  };
  const running = [pay(), pay(), pay()];
  await both(client, [staff.teller, staff.teller2], 'customerState', person.customerId, { state: 'suspended' });
  isAcknowledged = true;
  await new Promise((done) => setTimeout(done, 300));
  isOver = true;
  await Promise.all(running);
  ok(statuses.some(([late, status]) => !late && status === 201), 'payments pass before', statuses.length);
  const after = statuses.filter(([late]) => late).map(([, status]) => status);
  ok(after.length > 0 && after.every((status) => status === 403 || status === 409 || status === 422), 'none passes after', after);
}

// Routes open to a session of a text code alone, by operation; all other customer routes refuse it.
const OF_LIMITED = new Set(['endSession', 'stepUp', 'getMe', 'setPassCode', 'recordConsent', 'getStepUpNeeds', 'beginPasskeyAssertion', 'assertPasskey',
  'openFaceCheck', 'getFaceCheck', 'putFaceFrame', 'completeFaceCheck',
  // only for customers without a face on file: facelessOnly
  'putIdPicture', 'confirmIdentity', 'putPlace', 'declinePlace', 'listVideoSlots', 'chooseReviewPath']);
const FACELESS_ONLY = ['putIdPicture', 'confirmIdentity', 'putPlace', 'declinePlace', 'listVideoSlots', 'chooseReviewPath'];
const isCustomers = (o) => (o.security ?? []).length > 0 && !o.path.startsWith('/v1/staff');

// Sends an operation with the least it needs to reach the session check: without a body, with matching keys and ids.
async function knock(client, operation, token) {
  const path = operation.path.replace('{side}', 'front').replace(/\{\w+\}/g, '4096');
  const image = Object.keys(operation.requestBody?.content ?? {}).find((type) => type.startsWith('image/'));
  const body = image ? Buffer.from('no picture') : operation.requestBody ? {} : undefined;
  return client.send(operation.method, path, { token, key: newKey(), body, any: true, ...(image ? { type: image } : {}) });
}

async function limited(client, bank, mule) {
  const victim = await moveIn(client, inventPerson(), '');
  const { token } = await thiefsSession(client, bank, victim, newDevice());
  const operations = client.operations.filter(isCustomers);
  ok(operations.length > 60, 'the document names the customer\'s operations', operations.length);
  const known = new Set(operations.map((o) => o.operationId));
  ok([...OF_LIMITED].every((id) => known.has(id)), 'the list names operations that exist', [...OF_LIMITED].filter((id) => !known.has(id)));
  for (const operation of operations.filter((o) => !OF_LIMITED.has(o.operationId))) {
    wanted(await knock(client, operation, token), 403, 'step-up-required');
  }
  const me = wanted(await client.get('/v1/me', { token }), 200);
  equal([me.customerId, me.createdAt, me.maskedIdNumber], [undefined, undefined, null], 'a limited session is told neither id nor number');
  ok(me.name.includes('*') && me.onboarding.steps.every((s) => s.at === undefined), 'and no name or time', me);
  wanted(await client.post('/v1/consents', { purpose: 'marketing', textVersion: '1', granted: true }, { token }), 403, 'step-up-required');
  wanted(await client.post('/v1/consents', { purpose: 'biometrics', textVersion: '1', granted: true }, { token }), 201);
  wanted(await client.post('/v1/consents', { purpose: 'biometrics', textVersion: '1', granted: false }, { token }), 403, 'step-up-required');
  const own = wanted(await client.get('/v1/sessions', { token: victim.token }), 200).items;
  const victims = own.find((s) => s.current).sessionId;
  wanted(await client.delete(`/v1/sessions/${victims}`, { token }), 403, 'step-up-required');
  wanted(await client.get('/v1/me', { token: victim.token }), 200);
  await othersChallenge(client, bank, victim, token);
  await faceless(client, bank, victim, token, operations);
  wanted(await client.delete('/v1/sessions/current', { token }), 204);
}

const sessionOf = (token) => BigInt(`0x${Buffer.from(token, 'base64url').subarray(0, 8).toString('hex')}`);

// A challenge of the owner's session is not valid for the stranger's session of the same customer.
async function othersChallenge(client, bank, victim, token) {
  const id = victim.customerId;
  const now = Date.now() * 1000;
  bank.database.ask(`INSERT INTO kyc_face_checks SELECT bucket, id, id, ${sessionOf(victim.token)}, 3, 1, 0, 1, 2, 3, ${now}, ${now + 120000000}, 0, 0, 0 FROM customer_customers WHERE id = ${id}`);
  const frame = (who) => client.put(`/v1/face-checks/${id}/frames/0`, Buffer.from('no picture'), { token: who, type: 'image/png' });
  const end = (who) => client.post(`/v1/face-checks/${id}/completion`, undefined, { token: who, key: newKey() });
  wanted(await frame(token), 404, 'not-found');
  wanted(await end(token), 404, 'not-found');
  ok((await frame(victim.token)).status !== 404 && (await end(victim.token)).status !== 404, 'the opener goes on');
}

// A customer with a face on file must show it: a text code replaces no identity.
async function faceless(client, bank, victim, token, operations) {
  const rows = FACELESS_ONLY.map((id) => operations.find((o) => o.operationId === id));
  for (const operation of rows) {
    const answer = await knock(client, operation, token);
    ok(answer.status !== 403 || answer.json?.type !== '/problems/step-up-required', `${operation.operationId} is open to whoever has no face on file`, answer.json);
  }
  putFaceOnFile(bank, victim);
  for (const operation of rows) wanted(await knock(client, operation, token), 403, 'step-up-required');
  const place = { latitude: 31.2, longitude: 121.5, accuracyMetres: 20 };
  const answer = wanted(await client.put('/v1/me/place', place, { token }), 403, 'step-up-required');
  ok(answer.alternatives.length > 0 || answer.missing.length > 0, 'and is told what would open it', answer);
}

// State of the early rule set: the face of the opening has passed.
function putFaceOnFile(bank, person) {
  bank.database.ask(`UPDATE customer_customers SET face_state = 2, face_at = ${Date.now() * 1000} WHERE id = ${person.customerId}`);
}

// Withdrawing the consent does not remove the protection: the person who withdrew may be the thief.
async function withdrawn(client, bank) {
  const victim = await moveIn(client, inventPerson(), '');
  const as = { token: victim.token };
  const guarded = [['POST', '/v1/passkeys/options'], ['POST', '/v1/totp']];
  wanted(await client.post('/v1/consents', { purpose: 'biometrics', textVersion: '1', granted: true }, as), 201);
  putFaceOnFile(bank, victim);
  bank.database.ask(`UPDATE customer_devices SET trusted_at = 1 WHERE customer_id = ${victim.customerId}`);
  const thief = { token: await moveTime(client, bank, victim) };
  await stepUp(client, { ...victim, ...thief });
  const allGuarded = async (what) => {
    for (const [method, path] of guarded) {
      const answer = wanted(await client.send(method, path, thief), 403, 'step-up-required');
      equal(answer.alternatives, ['face'], `${what}: ${path} asks for the face`);
    }
  };
  await allGuarded('with a face on file');
  wanted(await client.post('/v1/consents', { purpose: 'biometrics', textVersion: '1', granted: false }, thief), 201);
  await allGuarded('right after the consent was withdrawn');
  const back = (days) => bank.database.ask(`UPDATE customer_consents SET at = at - ${days} * 86400000000 WHERE customer_id = ${victim.customerId} AND purpose = 'biometrics'`);
  bank.database.ask(`UPDATE customer_customers SET face_at = face_at - 20 * 86400000000 WHERE id = ${victim.customerId}`);
  back(6);
  await allGuarded('six days later');
  back(2);
  wanted(await client.post('/v1/totp', undefined, thief), 201);
}

// Payments of new devices in a day count as one sum: six parts of a large payment are as large, even at once.
async function split(client, bank, mule) {
  const victim = await moveIn(client, inventPerson(), '3000.00');
  const as = () => ({ token: victim.token, key: newKey() });
  const pay = (amount) => client.post('/v1/transfers', transferBody(victim, mule, amount), as());
  const used = () => Number(String(bank.database.ask(`SELECT COALESCE(SUM(day_minor), 0) FROM account_usages WHERE owner_id = ${victim.customerId} AND limit_kind = 9`)).trim());
  putFaceOnFile(bank, victim);
  wanted(await pay('200.00'), 201);
  wanted(await pay('2900.00'), 422, 'insufficient-funds');
  equal(used(), 20000, 'refused payments are not counted');
  wanted(await client.post('/v1/withdrawals', { cardId: victim.cardId, accountId: victim.accountId, instructedAmount: cny('100.00') }, as()), 201);
  equal(used(), 30000, 'a withdrawal is');
  bank.database.ask(`UPDATE account_usages SET day_minor = 4900000 WHERE owner_id = ${victim.customerId} AND limit_kind = 9`);
  const answers = await Promise.all(Array.from({ length: 20 }, () => pay('100.00')));
  equal([answers.filter((a) => a.status === 201).length, used()], [10, 5000000], 'ten of twenty fit into the sum');
  for (const answer of answers.filter((a) => a.status !== 201)) equal(wanted(answer, 403, 'step-up-required').alternatives, ['face'], 'the others ask for the face');
  wanted(await pay('0.01'), 403, 'step-up-required');
  bank.database.ask(`UPDATE customer_devices SET trusted_at = 1 WHERE customer_id = ${victim.customerId}`);
  const known = await moveTime(client, bank, victim);
  await stepUp(client, { ...victim, token: known });
  wanted(await client.post('/v1/transfers', transferBody(victim, mule, '100.00'), { token: known, key: newKey() }), 201);
  equal(used(), 5000000, 'a known device is not counted');
}

// ASVS 3.3.2: after half an hour without use, and after twelve hours in any case, a session needs a new proof.
async function rested(client, bank) {
  const victim = await moveIn(client, inventPerson(), '10.00');
  for (const [what, back] of [['half an hour unused', 'last_seen_at = last_seen_at - 1801000000'], ['twelve hours since a proof', 'proven_at = proven_at - 43201000000']]) {
    const token = await moveTime(client, bank, victim);
    bank.database.ask(`UPDATE customer_sessions SET ${back} WHERE id = ${sessionOf(token)}`);
    for (let i = 0; i < 3; i++) wanted(await client.get('/v1/accounts', { token }), 403, 'session-rests'); // requests do not wake a resting session
    wanted(await client.post('/v1/transfers', transferBody(victim, victim, '0.01'), { token, key: newKey() }), 403, 'session-rests');
    const me = wanted(await client.get('/v1/me', { token }), 200);
    ok(me.customerId === undefined && me.name.includes('*'), `${what}: the session sees nothing`, me);
    wanted(await client.post('/v1/step-ups', { passCode: '808017' }, { token }), 422, 'pass-code-wrong');
    wanted(await client.get('/v1/accounts', { token }), 403, 'session-rests');
    wanted(await client.post('/v1/step-ups', { passCode: PASS_CODE }, { token }), 201);
    equal(wanted(await client.get('/v1/accounts', { token }), 200).items.length, 1, `${what}: the pass code wakes it`);
    equal(wanted(await client.get('/v1/me', { token }), 200).customerId, victim.customerId, 'and it sees all again');
  }
}

// Before the first pass code a text code alone signs in: such a session ends when the pass code is set elsewhere.
async function beforeThePassCode(client, bank) {
  const victim = await signUp(client, inventPerson());
  const key = newDevice();
  const { token } = await thiefsSession(client, bank, victim, key, 'signIn');
  wanted(await client.get('/v1/messages', { token }), 200);
  await consent(client, victim);
  wanted(await client.put('/v1/me/pass-code', { passCode: PASS_CODE }, { token: victim.token }), 204);
  wanted(await client.get('/v1/messages', { token }), 401, 'not-signed-in');
  wanted(await client.post('/v1/sessions', { phone: victim.phone, passCode: PASS_CODE, deviceName: 'thief', deviceKey: key }), 403, 'code-required');
  wanted(await client.get('/v1/messages', { token: victim.token }), 200);
}

export default async function takeover(client, bank, people) {
  const mule = await moveIn(client, inventPerson(), '');
  await simOnly(client, bank, mule);
  await unlockedPhone(client, bank, mule);
  await passCodeSeen(client, bank);
  await sessionStolen(client, bank, mule);
  await guesses(client, bank);
  await strangers(client, bank);
  await recycled(client, bank, people.staff);
  await suspended(client, people.staff, mule);
  await limited(client, bank, mule);
  await withdrawn(client, bank);
  await beforeThePassCode(client, bank);
  await split(client, bank, mule);
  await rested(client, bank);
}
