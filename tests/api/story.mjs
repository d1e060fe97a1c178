// The whole course of customers, from sign-up to statement, in both languages, and the work of staff. Every operation
// of the document succeeds at least once.
import { accounts } from './accounts.mjs';
import { equal, ok } from './count.mjs';
import { wanted } from './client.mjs';
import { fourEyes } from './four-eyes.mjs';
import { privacy } from './privacy.mjs';
import { review } from './review.mjs';
import { deviceKey, PASS_CODE, balance, bindCard, cardNumber, code, consent, inventPerson, lastMessage, moveIn, newKey, pause, seen,
  signInStaff, signUp, staffRoles, stepUp, topUp, transferBody } from './people.mjs';

// A wrong code of six digits.
export const wrongCode = (right) => String((Number(right) + 1) % 1000000).padStart(6, '0');

async function onboard(client, bank, lang) {
  const person = inventPerson();
  const proof = await code(client, person.phone, 'signUp', lang);
  const signUpBody = { phone: person.phone, ...proof, language: lang, deviceName: 'phone of the story', deviceKey: deviceKey(person.phone) };
  const wrong = wanted(await client.post('/v1/sign-ups', { ...signUpBody, code: wrongCode(proof.code) }, { lang }), 422, 'code-wrong');
  equal(wrong.triesLeft, 4, 'a wrong code leaves four tries');
  wanted(await client.post('/v1/phone-codes', { phone: person.phone, purpose: 'signUp' }, { lang }), 429, 'too-many-requests');
  const answer = await client.post('/v1/sign-ups', signUpBody, { lang });
  const { token, customer } = wanted(answer, 201);
  Object.assign(person, { token, lang, customerId: customer.customerId, cookie: answer.headers['set-cookie'] });
  client.secrets.add(token).add(person.phone).add(person.phone.slice(3)).add(person.name).add(person.idNumber).add(person.cardNumber);
  equal(customer.onboarding.next, 'consents', 'consents come first');
  wanted(await client.post('/v1/sign-ups', signUpBody, { lang }), 422, 'code-expired');
  const options = { token, lang };

  wanted(await client.post('/v1/card-bindings', { cardNumber: person.cardNumber, reservedPhone: person.phone }, { ...options, key: newKey() }), 403, 'onboarding-incomplete');
  const bad = `${person.idNumber.slice(0, 17)}${person.idNumber[17] === 'X' ? '1' : 'X'}`;
  const refused = wanted(await client.put('/v1/me/identity', { name: person.name, idNumber: bad }, options), 422, 'identity-refused');
  equal(refused.errors?.[0]?.pointer, '#/idNumber', 'the ID number is to blame');
  ok(refused.checks?.some((c) => c.check === 'checkDigit' && c.result === 'failed'), 'the check digit failed', refused);
  const checked = wanted(await client.put('/v1/me/identity', { name: person.name, idNumber: person.idNumber.toLowerCase() }, options), 200);
  ok(checked.checks?.every((c) => c.result === 'passed'), 'all checks pass', checked);
  ok(!JSON.stringify(checked).includes(person.idNumber), 'the ID number is shown masked only');
  wanted(await client.put('/v1/me/identity', { name: '别的人', idNumber: person.idNumber }, options), 409, 'identity-fixed');
  await consent(client, options);
  wanted(await client.post('/v1/consents', { purpose: 'marketing', textVersion: '1', granted: true }, options), 201);
  wanted(await client.post('/v1/consents', { purpose: 'marketing', textVersion: '1', granted: false }, options), 201);
  wanted(await client.post('/v1/consents', { purpose: 'terms', textVersion: '99', granted: true }, options), 422, 'consent-unknown');
  wanted(await client.post('/v1/consents', { purpose: 'terms', textVersion: '1', granted: false }, options), 409, 'consent-required');
  wanted(await client.get('/v1/consents', options), 200);
  for (const weak of ['123456', '111111', '654321', '121212', person.phone.slice(-6), person.idNumber.slice(8, 14)]) {
    wanted(await client.put('/v1/me/pass-code', { passCode: weak }, options), 422, 'pass-code-weak');
  }
  wanted(await client.put('/v1/me/pass-code', { passCode: '902714' }, options), 204);
  const other = wanted(await client.put('/v1/me/pass-code', { passCode: PASS_CODE, oldPassCode: '902715' }, options), 422, 'pass-code-wrong');
  equal(other.triesLeft, 4, 'a wrong old pass code counts');
  wanted(await client.put('/v1/me/pass-code', { passCode: PASS_CODE, oldPassCode: '902714' }, options), 204);
  await bind(client, bank, person, options);
  return person;
}

async function bind(client, bank, person, options) {
  const n = 90000 + Number(person.phone.slice(-4)) * 10;
  const begin = (number, phone = person.phone) => client.post('/v1/card-bindings', { cardNumber: number, reservedPhone: phone }, { ...options, key: newKey() });
  const invalid = wanted(await begin(`${person.cardNumber.slice(0, -1)}${(Number(person.cardNumber.at(-1)) + 1) % 10}`), 422, 'card-number-invalid');
  equal(invalid.errors?.[0]?.pointer, '#/cardNumber', 'the card number is to blame');
  wanted(await begin(cardNumber(n + 1, '400000')), 422, 'card-refused');
  wanted(await begin(cardNumber(n + 2, '625958')), 422, 'card-kind-refused');
  wanted(await begin(cardNumber(n + 3, '622848', '0')), 422, 'card-refused'); // reported lost
  // A class II card is refused for its account's class once the issuer has reported it.
  const before = await seen(bank, person.phone);
  const second = wanted(await begin(cardNumber(n + 4, '622848', '2')), 201);
  const message = await lastMessage(bank, person.phone, before);
  client.secrets.add(message.code).add(cardNumber(n + 4, '622848', '2'));
  const path = `/v1/card-bindings/${second.cardBindingId}/confirmation`;
  wanted(await client.post(path, { code: wrongCode(message.code) }, { ...options, key: newKey() }), 422, 'code-wrong');
  wanted(await client.post(path, { code: message.code }, { ...options, key: newKey() }), 422, 'card-class-refused');
  await bindCard(client, person);
  equal(person.account?.class, 'II', 'a class II account opens');
  const me = wanted(await client.get('/v1/me', options), 200);
  equal([me.state, me.onboarding?.next], ['active', 'done'], 'the customer is active');
}

async function place(client, person) {
  const of = { token: person.token, lang: person.lang };
  for (const purpose of ['biometrics', 'location']) wanted(await client.post('/v1/consents', { purpose, textVersion: '1', granted: true }, of), 201);
  equal(wanted(await client.put('/v1/me/place', { latitude: '31.230416', longitude: '121.473701', accuracyMeters: 25 }, of), 200).state, 'passed', 'the place fits');
}

async function devices(client, person) {
  const { lang, phone } = person;
  const by = wanted(await client.post('/v1/sessions', { phone, passCode: PASS_CODE, deviceKey: deviceKey(phone), deviceName: 'second phone' }, { lang }), 201);
  client.secrets.add(by.token);
  const { items } = wanted(await client.get('/v1/sessions', { token: by.token, lang }), 200);
  equal(items.filter((s) => s.current).length, 1, 'one session is the current one');
  const first = items.find((s) => !s.current);
  wanted(await client.delete(`/v1/sessions/${first.sessionId}`, { token: by.token, lang }), 204);
  wanted(await client.get('/v1/me', { token: person.token, lang }), 401, 'not-signed-in');
  const failed = wanted(await client.post('/v1/sessions', { phone, passCode: '735192', deviceKey: deviceKey(phone), deviceName: 'x' }, { lang }), 401, 'sign-in-failed');
  equal(failed.triesLeft, 4, 'a wrong pass code leaves four tries');
  wanted(await client.post('/v1/sessions', { phone: '+8613988887777', passCode: '735192', deviceName: 'x' }, { lang }), 401, 'sign-in-failed');
  const proof = await code(client, '+8613988886666', 'signIn', lang).catch(() => undefined);
  ok(proof === undefined || proof.code, 'a code for a number without customer tells nothing');
  person.revoked = person.token;
  person.token = by.token;
  const changed = await client.patch('/v1/me', { language: lang === 'zh' ? 'en' : 'zh' }, { token: person.token, lang });
  wanted(changed, 200);
  wanted(await client.patch('/v1/me', { language: lang }, { token: person.token, lang, headers: { 'If-Match': changed.headers.etag } }), 200);
  wanted(await client.patch('/v1/me', { language: lang }, { token: person.token, lang, headers: { 'If-Match': changed.headers.etag } }), 412, 'version-changed');
}

// 2. Money: in, to each other, out; late answers of the issuer.
async function money(client, bank, a, b) {
  const of = (p) => ({ token: p.token, lang: p.lang });
  equal((await topUp(client, a, '500.00')).transactionStatus, 'ACSC', 'a top-up is settled');
  const rejected = await topUp(client, a, '10.41');
  equal([rejected.transactionStatus, rejected.reasonCode], ['RJCT', 'AM04'], 'a top-up is refused by the issuer');
  const pending = await topUp(client, a, '20.44');
  equal(pending.transactionStatus, 'PDNG', 'a top-up is unknown');
  equal(wanted(await client.get('/v1/payments?status=PDNG', of(a)), 200).items.map((p) => p.paymentId), [pending.paymentId], 'the pending payment is listed');
  let settled = pending;
  for (let i = 0; i < 12 && settled.transactionStatus === 'PDNG'; i++) {
    await pause(600);
    settled = wanted(await client.post(`/v1/payments/${pending.paymentId}/queries`, undefined, of(a)), 200);
  }
  equal(settled.transactionStatus, 'ACSC', 'a query settles it');
  const check = wanted(await client.post('/v1/payee-checks', { phone: b.phone, name: b.name }, of(a)), 200);
  equal(check.result, 'match', 'the payee is found');
  equal(wanted(await client.post('/v1/payee-checks', { phone: b.phone, name: '无此人' }, of(a)), 200).result, 'noMatch', 'a wrong name is told');
  equal(wanted(await client.post('/v1/payee-checks', { phone: '13912345678' }, of(a)), 200).result, 'unknownPayee', 'an unknown payee is told');
  const paid = await client.post('/v1/transfers', transferBody(a, b, '88.80', '谢谢 thanks'), { ...of(a), key: newKey() });
  const payment = wanted(paid, 201);
  equal(payment.transactionStatus, 'ACSC', 'a transfer is settled at once');
  const { creditorPhone, ...byNumber } = { ...transferBody(a, b, '0.20'), creditorAccountNumber: b.account.accountNumber };
  equal(wanted(await client.post('/v1/transfers', byNumber, { ...of(a), key: newKey() }), 201).transactionStatus, 'ACSC', 'an account number names the payee too');
  wanted(await client.post('/v1/transfers', { ...byNumber, creditorPhone }, { ...of(a), key: newKey() }), 400, 'invalid-field');
  const { creditorAccountNumber, ...nobody } = byNumber;
  wanted(await client.post('/v1/transfers', nobody, { ...of(a), key: newKey() }), 400, 'invalid-field');
  wanted(await client.post('/v1/transfers', { ...byNumber, creditorAccountNumber: '8812000000000000' }, { ...of(a), key: newKey() }), 422, 'payee-unknown');
  const seenByPayee = await client.get(`/v1/payments/${payment.paymentId}`, of(b));
  wanted(seenByPayee, 200);
  ok(seenByPayee.headers.etag === paid.headers.etag && paid.headers.etag, 'a payment has an ETag');
  for (const [person, lang] of [[a, 'en'], [b, 'zh']]) {
    const receipt = await client.get(`/v1/payments/${payment.paymentId}/receipt?lang=${lang}`, of(person));
    ok(receipt.raw.subarray(0, 5).toString() === '%PDF-', 'a receipt is a PDF');
  }
  const stepless = { ...of(b) };
  wanted(await client.post('/v1/withdrawals', { cardId: b.cardId, accountId: b.accountId, instructedAmount: { amount: '250.00', currency: 'CNY' } }, { ...stepless, key: newKey() }), 403, 'step-up-required');
  equal(wanted(await client.post('/v1/withdrawals', { cardId: b.cardId, accountId: b.accountId, instructedAmount: { amount: '30.00', currency: 'CNY' } }, { ...of(b), key: newKey() }), 201).transactionStatus, 'ACSC', 'a withdrawal is settled');
  const before = await balance(client, b);
  const held = wanted(await client.post('/v1/withdrawals', { cardId: b.cardId, accountId: b.accountId, instructedAmount: { amount: '7.45', currency: 'CNY' } }, { ...of(b), key: newKey() }), 201);
  equal(held.transactionStatus, 'PDNG', 'a withdrawal is unknown');
  const { items: holds } = wanted(await client.get(`/v1/accounts/${b.accountId}/holds`, of(b)), 200);
  equal(holds[0]?.paymentId, held.paymentId, 'its money is held');
  equal((await balance(client, b)).available, before.available - 745, 'what is held is not available');
  let out = held;
  for (let i = 0; i < 14 && out.transactionStatus === 'PDNG'; i++) {
    await pause(600);
    out = wanted(await client.get(`/v1/payments/${held.paymentId}`, of(b)), 200);
  }
  equal([out.transactionStatus, out.reasonCode], ['RJCT', 'AB06'], 'the bank finds out by itself that it was refused');
  equal(await balance(client, b), before, 'the money is whole again');
  return payment;
}

async function reading(client, person) {
  const of = { token: person.token, lang: person.lang };
  const account = `/v1/accounts/${person.accountId}`;
  wanted(await client.get('/v1/accounts', of), 200);
  wanted(await client.get(account, of), 200);
  wanted(await client.get(`${account}/balances?at=2026-01-01T00:00:00Z`, of), 200);
  wanted(await client.get(`${account}/limits`, of), 200);
  wanted(await client.get('/v1/cards', of), 200);
  const { items } = wanted(await client.get(`${account}/transactions?limit=50`, of), 200);
  const found = wanted(await client.get(`${account}/transactions?q=${encodeURIComponent('谢谢')}`, of), 200);
  equal(found.items.length, 1, 'search finds the one transfer by its text');
  const statement = wanted(await client.get(`${account}/statement`, of), 200);
  const cents = (m) => Math.round(Number(m.amount) * 100);
  equal(cents(statement.opening) + cents(statement.credits) - cents(statement.debits), cents(statement.closing), 'a statement adds up');
  equal(statement.items.length, items.length, 'the statement shows every transaction');
  for (const lang of ['zh', 'en']) {
    const csv = await client.get(`${account}/statement?format=csv&lang=${lang}`, of);
    ok(csv.raw?.subarray(0, 3).toString('hex') === 'efbbbf' && /^attachment; filename="sycee-\d{4}-.*\.csv"$/.test(csv.headers['content-disposition']), 'a statement as CSV', csv.headers);
    const pdf = await client.get(`${account}/statement?format=pdf&lang=${lang}&from=2026-01-01`, of);
    ok(pdf.raw?.subarray(0, 5).toString() === '%PDF-', 'a statement as PDF');
  }
  const messages = wanted(await client.get('/v1/messages', of), 200).items;
  ok(messages.length > 0, 'there are messages');
  if (messages[0]) wanted(await client.post(`/v1/messages/${messages[0].messageId}/read`, undefined, of), 204);
}

async function staffSide(client, bank, staff, a, payment) {
  const as = (role) => ({ token: staff[role] });
  for (const role of staffRoles) wanted(await client.get('/v1/staff/me', as(role)), 200);
  const dashboard = wanted(await client.get('/v1/staff/dashboard', as('auditor')), 200);
  ok(dashboard.customers?.active >= 8, 'the dashboard counts', dashboard.customers);
  for (const q of [a.phone, a.customerId, a.account.accountNumber, a.name.slice(0, 3)]) {
    const { items } = wanted(await client.get(`/v1/staff/customers?q=${encodeURIComponent(q)}`, as('teller')), 200);
    ok(items?.some((c) => c.customerId === a.customerId), 'a customer is found', [q, items]);
  }
  const file = wanted(await client.get(`/v1/staff/customers/${a.customerId}`, as('teller')), 200);
  equal([file.accounts?.length, file.cards?.length], [1, 1], 'the file of a customer');
  ok(!JSON.stringify(file).includes(a.idNumber), 'the file shows no whole ID number');
  equal(wanted(await client.post(`/v1/staff/customers/${a.customerId}/reveals`, { field: 'idNumber', reason: 'the story asks' }, as('teller')), 200).value, a.idNumber, 'a reveal shows it');
  equal(wanted(await client.post(`/v1/staff/customers/${a.customerId}/reveals`, { field: 'phone', reason: 'the story asks' }, as('teller')), 200).value, a.phone, 'a reveal shows the phone');
  const account = `/v1/staff/accounts/${a.accountId}`;
  for (const path of [account, `${account}/balances`, `${account}/balances?at=2026-01-01T00:00:00Z`, `${account}/limits`, `${account}/transactions`]) wanted(await client.get(path, as('teller')), 200);
  wanted(await client.get('/v1/staff/payments?status=ACSC&kind=transfer', as('teller')), 200);
  const seenPayment = wanted(await client.get(`/v1/staff/payments/${payment.paymentId}`, as('operator')), 200);
  wanted(await client.post(`/v1/staff/payments/${payment.paymentId}/queries`, undefined, as('operator')), 200);
  const books = as('accountant');
  wanted(await client.get('/v1/staff/gl-accounts', books), 200);
  const trial = wanted(await client.get('/v1/staff/trial-balance', books), 200);
  equal([trial.balanced, trial.totals?.closingDebit], [true, trial.totals?.closingCredit], 'the books balance');
  const journals = wanted(await client.get('/v1/staff/journals?kind=transfer&limit=5', books), 200).items;
  wanted(await client.get(`/v1/staff/journals/${journals[0].journalId}`, books), 200);
  ok(seenPayment.journalIds?.length === 1, 'a transfer has one journal', seenPayment.journalIds);
  wanted(await client.get('/v1/staff/seals', books), 200);
  wanted(await client.get('/v1/staff/jobs', as('operator')), 200);
  const { businessDate } = wanted(await client.get('/v1/staff/business-date', as('operator')), 200);
  wanted(await client.post('/v1/staff/end-of-day-runs', { businessDate, dryRun: true }, { ...as('operator'), key: newKey() }), 202);
  await outbox(client, bank, as('operator'));
  const log = wanted(await client.get('/v1/staff/audit-log?q=customer.reveal', as('auditor')), 200);
  ok(log.items?.length >= 2, 'reveals stand in the log');
  equal(wanted(await client.get('/v1/staff/audit-log/verification', as('auditor')), 200).intact, true, 'the log is intact');
  wanted(await client.get('/v1/staff/users', as('admin')), 200);
  await fourEyes(client, bank, staff, a, payment);
}

// A message refused by the gateway stays in the outbox; an undeliverable one can be sent again by hand. Giving up
// takes days of attempts, so the test ages the row.
async function outbox(client, bank, as) {
  const faults = `${bank.sandbox}/control/v1/faults`;
  const fault = { party: 'sms', operation: 'message', action: 'unavailable', times: 100 };
  const { faultId } = await (await fetch(faults, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(fault) })).json();
  const phone = '+8613988880001';
  const before = await seen(bank, phone);
  wanted(await client.post('/v1/phone-codes', { phone, purpose: 'signUp' }), 201);
  let waiting;
  for (let i = 0; i < 50 && !waiting; i++) {
    await pause(100);
    waiting = wanted(await client.get('/v1/staff/outbox?state=due', as), 200).items.find((m) => m.attempts > 0);
  }
  ok(waiting?.lastError, 'a message that was not taken waits, with its error', waiting);
  bank.database.ask('UPDATE db_outbox SET state = 1 WHERE state = 0 AND attempts > 0');
  await fetch(`${faults}/${faultId}`, { method: 'DELETE' });
  const dead = wanted(await client.get('/v1/staff/outbox?state=dead', as), 200).items;
  equal(dead.map((m) => m.messageId), [waiting?.messageId], 'a message given up is listed');
  wanted(await client.post(`/v1/staff/outbox/${dead[0].messageId}/retries`, undefined, as), 204);
  client.secrets.add((await lastMessage(bank, phone, before)).code);
}

export async function story(client, bank) {
  wanted(await client.get('/v1/bank'), 200);
  wanted(await client.get('/v1/consent-texts'), 200);
  const a = await onboard(client, bank, 'en');
  const b = await onboard(client, bank, 'zh');
  await place(client, a);
  await devices(client, a);
  await stepUp(client, a);
  await topUp(client, b, '150.00');
  const payment = await money(client, bank, a, b);
  await reading(client, a);
  await reading(client, b);
  const staff = {};
  for (const role of staffRoles) staff[role] = await signInStaff(client, role);
  await staffSide(client, bank, staff, a, payment);
  staff.reviewer2 = await signInStaff(client, 'reviewer2'); // a change of roles ends the sessions
  await accounts(client);
  await review(client, staff);
  await privacy(client, a);
  // A customer with an empty account may unbind the card.
  const c = await moveIn(client, inventPerson(), '');
  wanted(await client.delete(`/v1/cards/${c.cardId}`, { token: c.token }), 204);
  wanted(await client.delete(`/v1/cards/${a.cardId}`, { token: a.token, lang: 'en' }), 409, 'last-card');
  wanted(await client.delete('/v1/sessions/current', { token: c.token }), 204);
  wanted(await client.post('/v1/staff/sessions', { login: 'nobody', password: 'x', totp: '000000' }), 401, 'sign-in-failed');
  return { a, b, unbound: c, staff, payment };
}

export async function signOutStaff(client, staff) {
  wanted(await client.delete('/v1/staff/sessions/current', { token: staff.teller }), 204);
  wanted(await client.get('/v1/staff/me', { token: staff.teller }), 401, 'not-signed-in');
}

// `proven`: operations that succeeded on the bank that checks pictures.
export function covered(client, proven) {
  const missing = client.operations.map((o) => o.operationId).filter((id) => !client.succeeded.has(id) && !proven.has(id));
  equal(missing, [], 'every operation succeeded at least once');
}

export { signUp };
