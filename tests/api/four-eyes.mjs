// Four eyes: one person proposes, another decides, for each kind; and audit entries of views.
import { STAFF_PASSWORD } from './bank.mjs';
import { equal, ok } from './count.mjs';
import { wanted } from './client.mjs';
import { newKey, signInStaff, staffCode } from './people.mjs';

const reason = 'the story needs it so';

export async function propose(client, token, kind, object, after, status = 201, slug = undefined) {
  return wanted(await client.post('/v1/staff/changes', { kind, object, after, reason }, { token, key: newKey() }), status, slug);
}

export async function decide(client, token, change, decision, status = 200, slug = undefined) {
  return wanted(await client.post(`/v1/staff/changes/${change.changeId}/decisions`, { decision, reason: 'looked at it' }, { token, key: newKey() }), status, slug);
}

// Proposed by one, decided by the other; returns the decided change.
export async function both(client, [maker, checker], kind, object, after) {
  const change = await propose(client, maker, kind, object, after);
  equal([change.state, change.object, change.after], ['proposed', object, after], `${kind} is proposed`);
  await decide(client, maker, change, 'approve', 403, 'four-eyes');
  const done = await decide(client, checker, change, 'approve');
  equal([done.state, typeof done.checker, done.before], ['approved', 'string', change.before], `${kind} is approved`);
  return done;
}

async function customers(client, staff, a) {
  const tellers = [staff.teller, staff.teller2];
  const stateNow = async () => wanted(await client.get(`/v1/staff/customers/${a.customerId}`, { token: staff.teller }), 200).customer.state;
  const suspended = await both(client, tellers, 'customerState', a.customerId, { state: 'suspended' });
  equal([suspended.before, await stateNow()], [{ state: 'active' }, 'suspended'], 'a customer is suspended');
  await propose(client, staff.teller, 'customerState', a.customerId, { state: 'suspended' }, 409, 'change-stale');
  await both(client, tellers, 'customerState', a.customerId, { state: 'active' });
  equal(await stateNow(), 'active', 'the customer is active again');
  const account = async () => wanted(await client.get(`/v1/staff/accounts/${a.accountId}`, { token: staff.teller }), 200).state;
  await propose(client, staff.teller, 'accountFreeze', a.accountId, { frozen: true, reason: 'court' }, 400, 'invalid-field');
  await both(client, tellers, 'accountFreeze', a.accountId, { frozen: true, reason: 'court', legalGround: '(2026) 沪01 执 1' });
  equal(await account(), 'frozen', 'an account is frozen');
  await both(client, tellers, 'accountFreeze', a.accountId, { frozen: false });
  equal(await account(), 'active', 'and free again');
  // Staff have not seen this customer at a counter or by video.
  await propose(client, staff.teller, 'accountClass', a.accountId, { class: 'I' }, 422, 'class-evidence');
  await propose(client, staff.accountant, 'customerState', a.customerId, { state: 'suspended' }, 403, 'not-permitted');
}

// The bank's own money in the reserve: the change names the total, which can only grow.
async function capital(client, staff) {
  const token = staff.accountant;
  const paidIn = async () => Math.round(Number(wanted(await client.get('/v1/staff/dashboard', { token }), 200).capital.amount) * 100);
  const before = await paidIn();
  for (const value of [before, before - 1, -1, 0.5, '100']) await propose(client, token, 'capital', 'CNY', { value }, 400, 'invalid-field');
  await propose(client, token, 'capital', 'CNY', {}, 400, 'invalid-field');
  await propose(client, token, 'capital', 'ZZZ', { value: before + 100 }, 404, 'not-found');
  await propose(client, staff.operator, 'capital', 'CNY', { value: before + 100 }, 403, 'not-permitted');
  const rival = await propose(client, token, 'capital', 'CNY', { value: before + 700 });
  const done = await both(client, [staff.accountant, staff.accountant2], 'capital', 'CNY', { value: before + 12345 });
  equal([done.before, await paidIn()], [{ value: before }, before + 12345], 'capital is paid in');
  await decide(client, staff.accountant2, rival, 'approve', 409, 'change-stale');
  await decide(client, token, rival, 'withdraw');
  const { items } = wanted(await client.get('/v1/staff/audit-log?limit=20', { token: staff.auditor }), 200);
  ok(items.some((entry) => entry.action === 'capital.paidIn' && entry.detail === 'CNY 12345'), 'the audit log has the amount');
  equal(wanted(await client.get('/v1/staff/trial-balance', { token }), 200).balanced, true, 'the books balance');
}

async function parameters(client, bank, staff) {
  const token = staff.accountant;
  const list = async () => wanted(await client.get('/v1/staff/parameters', { token }), 200).items;
  const name = 'kyc.documentReminderDays';
  const figure = (await list()).find((p) => p.name === name);
  ok(figure?.unit === 'days' && figure.source.zh, 'a parameter says its unit and source', figure);
  const { businessDate } = wanted(await client.get('/v1/bank'), 200);
  const later = `${Number(businessDate.slice(0, 4)) + 1}-01-01`;
  await propose(client, token, 'parameter', name, { value: 100000, effectiveDate: later }, 400, 'invalid-field');
  await propose(client, token, 'parameter', name, { value: 20, effectiveDate: '2020-01-01' }, 400, 'invalid-field');
  await propose(client, token, 'parameter', 'no.suchFigure', { value: 20, effectiveDate: later }, 404, 'not-found');
  const rival = await propose(client, token, 'parameter', name, { value: 21, effectiveDate: later });
  await both(client, [staff.accountant, staff.accountant2], 'parameter', name, { value: 20, effectiveDate: later });
  await decide(client, staff.accountant2, rival, 'approve', 409, 'change-stale');
  equal((await decide(client, staff.accountant, rival, 'withdraw')).state, 'withdrawn', 'a proposal is withdrawn');
  let next;
  for (let i = 0; i < 60 && !next; i++) {
    next = (await list()).find((p) => p.name === name).next;
    if (!next) await new Promise((done) => setTimeout(done, 250));
  }
  equal(next, { value: 20, effectiveDate: later }, 'the bank knows what the figure will be');
}

async function rights(client, staff) {
  const { items } = wanted(await client.get('/v1/staff/users', { token: staff.admin }), 200);
  const second = items.find((u) => u.login === 'reviewer2');
  const own = items.find((u) => u.login === 'admin2');
  wanted(await client.patch(`/v1/staff/users/${second.staffId}`, { roles: ['reviewer', 'auditor'] }, { token: staff.admin }), 403, 'four-eyes');
  await both(client, [staff.admin, staff.admin2], 'staffRoles', second.staffId, { roles: ['reviewer', 'auditor'] });
  await both(client, [staff.admin, staff.admin2], 'staffRoles', second.staffId, { roles: ['reviewer'] });
  const mine = await propose(client, staff.admin, 'staffRoles', own.staffId, { roles: ['admin', 'teller'] });
  await decide(client, staff.admin2, mine, 'approve', 403, 'four-eyes');
  equal((await decide(client, staff.admin2, mine, 'refuse')).state, 'refused', 'but may refuse');
  await decide(client, staff.admin2, mine, 'refuse', 409, 'change-decided');
}

async function lists(client, staff) {
  const page = wanted(await client.get('/v1/staff/changes?limit=2', { token: staff.auditor }), 200);
  equal(page.items.length, 2, 'changes come in pages');
  const one = await client.get(`/v1/staff/changes/${page.items[0].changeId}`, { token: staff.auditor });
  wanted(one, 200);
  ok(one.headers.etag, 'a change has its version');
  for (const state of ['approved', 'refused', 'withdrawn', 'expired']) {
    const { items } = wanted(await client.get(`/v1/staff/changes?state=${state}`, { token: staff.auditor }), 200);
    ok(items.every((c) => c.state === state), `changes that are ${state}`);
  }
  const change = await propose(client, staff.accountant, 'parameter', 'kyc.unverifiedGraceDays', { value: 31, effectiveDate: '2036-01-01' });
  const { queues } = wanted(await client.get('/v1/staff/work', { token: staff.accountant }), 200);
  const changes = queues.find((q) => q.queue === 'changes');
  ok(changes.open >= 1 && changes.mine >= 1 && changes.oldestAt, 'work waits', queues);
  await decide(client, staff.accountant, change, 'withdraw');
}

// Every GET documented as logged leaves exactly one entry.
async function views(client, staff, a, payment) {
  const newest = async () => wanted(await client.get('/v1/staff/audit-log?limit=1', { token: staff.auditor }), 200).items[0].sequence;
  const paths = { customerId: a.customerId, accountId: a.accountId, paymentId: payment.paymentId };
  const logged = client.operations.filter((o) => o['x-logged'] && o.method.toLowerCase() === 'get' && (o.path.match(/\{(\w+)\}/g) ?? []).every((p) => p.slice(1, -1) in paths));
  ok(logged.length >= 7, 'the document says what is logged', logged.length);
  for (const operation of logged) {
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => paths[name]);
    const before = await newest();
    wanted(await client.get(path, { token: staff.auditor }), 200);
    equal(await newest() - before, 1, `${operation.operationId} leaves an entry`);
  }
  wanted(await client.get(`/v1/staff/customers?q=${a.phone}`, { token: staff.teller }), 200);
  const entry = wanted(await client.get('/v1/staff/audit-log?q=customer.search&limit=1', { token: staff.auditor }), 200).items[0];
  equal(entry.detail, 'by=phone rows=1', 'a search is kept without its words');
}

const secretOf = (uri) => new URL(uri).searchParams.get('secret');

// Each of two admins holds a part of the invitation; only the invited person turns them into credentials.
export async function enrol(client, login, link, code, password) {
  wanted(await client.post('/v1/staff/enrolments', { link, code: '00000000' }), 422, 'invitation-invalid');
  const begun = wanted(await client.post('/v1/staff/enrolments', { link, code }), 201);
  ok(begun.login === login && begun.totpUri.startsWith(`otpauth://totp/Sycee%20console:${login}?`), 'the label of the time codes names the account', begun);
  const secret = secretOf(begun.totpUri);
  client.secrets.add(secret).add(link).add(code).add(password);
  const whole = { link, code, password };
  wanted(await client.post('/v1/staff/enrolments/completion', { ...whole, password: 'short-of-it', totp: '000000' }), 400, 'invalid-field');
  wanted(await client.post('/v1/staff/enrolments/completion', { ...whole, password: 'password1234', totp: '000000' }), 422, 'password-weak');
  wanted(await client.post('/v1/staff/enrolments/completion', { ...whole, totp: '000000' }), 422, 'totp-wrong');
  wanted(await client.post('/v1/staff/enrolments/completion', { ...whole, totp: await staffCode(client, login, secret) }), 204);
  wanted(await client.post('/v1/staff/enrolments', { link, code }), 422, 'invitation-invalid');
  return secret;
}

// A user created by one admin cannot sign in before another has approved, and no admin ever holds the user's
// credentials.
export async function newUser(client, staff) {
  const body = { login: 'temp.clerk', name: '临时柜员', roles: ['teller', 'auditor'] };
  const admin = { token: staff.admin };
  const admin2 = { token: staff.admin2 };
  wanted(await client.post('/v1/staff/users', { ...body, password: 'a-long-story-told-2026' }, admin), 400, 'invalid-field');
  const made = wanted(await client.post('/v1/staff/users', body, admin), 201);
  equal([made.state, made.isEnrolled, 'code' in made.invitation], ['disabled', false, false], 'a new user waits for the second admin');
  wanted(await client.post('/v1/staff/users', { ...body, roles: ['teller'] }, admin), 409, 'login-taken');
  wanted(await client.patch(`/v1/staff/users/${made.staffId}`, { state: 'active' }, admin), 403, 'four-eyes');
  const half = wanted(await client.post(`/v1/staff/users/${made.staffId}/invitations`, undefined, admin2), 201);
  ok(half.code && !half.link, 'the second admin gets the code alone', Object.keys(half));
  const { link } = made.invitation;
  wanted(await client.post('/v1/staff/enrolments', { link, code: half.code }), 422, 'invitation-invalid'); // still disabled
  await both(client, [staff.admin, staff.admin2], 'staffRoles', made.staffId, { roles: ['operator'], state: 'active' });
  const password = 'a-long-story-told-2026';
  const secret = await enrol(client, 'temp.clerk', link, half.code, password);
  wanted(await client.post(`/v1/staff/users/${made.staffId}/invitations`, undefined, admin), 409, 'staff-enrolled');
  const clerk = await signInStaff(client, 'temp.clerk', password, secret);
  await ownPassword(client, clerk, secret, password);
  await ownTimeCode(client, staff.operator2);
  await reset(client, staff, made.staffId);
  wanted(await client.patch(`/v1/staff/users/${made.staffId}`, { state: 'disabled' }, admin), 200);
}

// A password changed by its owner.
async function ownPassword(client, clerk, secret, password) {
  const as = { token: clerk };
  const next = 'another-story-of-2026';
  wanted(await client.put('/v1/staff/me/password', { password: 'not the password', totp: '000000', newPassword: next }, as), 401, 'sign-in-failed');
  wanted(await client.put('/v1/staff/me/password', { password, totp: '000000', newPassword: 'temp.clerk-temp.clerk' }, as), 422, 'password-weak');
  wanted(await client.put('/v1/staff/me/password', { password, totp: await staffCode(client, 'temp.clerk', secret), newPassword: next }, as), 204);
  client.secrets.add(next);
  for (let i = 0; i < 5; i++) wanted(await client.put('/v1/staff/me/password', { password: 'not the password', totp: '000000', newPassword: password }, as), 401);
  wanted(await client.get('/v1/staff/me', as), 401, 'not-signed-in'); // five wrong proofs end the session
}

// Time codes changed by their owner; the old ones work until the new ones do.
async function ownTimeCode(client, token) {
  const as = { token };
  wanted(await client.post('/v1/staff/me/totp', { password: STAFF_PASSWORD, totp: '000000' }, as), 401, 'sign-in-failed');
  const { totpUri } = wanted(await client.post('/v1/staff/me/totp', { password: STAFF_PASSWORD, totp: await staffCode(client, 'operator2') }, as), 201);
  const secret = secretOf(totpUri);
  client.secrets.add(secret);
  wanted(await client.post('/v1/staff/me/totp/confirmation', { totp: '000000' }, as), 422, 'totp-wrong');
  wanted(await client.post('/v1/staff/me/totp/confirmation', { totp: await staffCode(client, 'operator2 anew', secret) }, as), 204);
}

// Two people revoke lost credentials; no admin sets new ones.
async function reset(client, staff, staffId) {
  await propose(client, staff.admin, 'staffReset', staffId, { enrolled: true }, 400, 'invalid-field');
  await propose(client, staff.teller, 'staffReset', staffId, { enrolled: false }, 403, 'not-permitted');
  await both(client, [staff.admin, staff.admin2], 'staffReset', staffId, { enrolled: false });
  const { items } = wanted(await client.get('/v1/staff/users', { token: staff.admin }), 200);
  equal(items.find((u) => u.staffId === staffId).isEnrolled, false, 'a reset takes the credentials away');
  const link = wanted(await client.post(`/v1/staff/users/${staffId}/invitations`, undefined, { token: staff.admin }), 201);
  ok(link.link && !link.code, 'and the way back is an invitation', Object.keys(link));
}

export async function fourEyes(client, bank, staff, a, payment) {
  await customers(client, staff, a);
  await parameters(client, bank, staff);
  await capital(client, staff);
  await newUser(client, staff);
  await rights(client, staff);
  await lists(client, staff);
  await views(client, staff, a, payment);
}
