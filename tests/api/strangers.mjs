// Well-formed requests that are not allowed: objects of other customers, unknown, used or expired objects, impossible
// amounts, wrong states. Each is refused by name, and nothing moves.
import { equal, fail, ok, pass } from './count.mjs';
import { wanted } from './client.mjs';
import { deviceKey, PASS_CODE, balance, cardNumber, code, inventPerson, moveIn, newKey, signUp, transferBody } from './people.mjs';
import { guarded } from './protection.mjs';
import { wrongCode } from './story.mjs';
import { unchanged } from './bad.mjs';

const cny = (amount) => ({ amount, currency: 'CNY' });
const slugOf = (answer) => answer.json?.type?.replace('/problems/', '');

let turn = 0;
async function refuse(client, label, method, path, options, statuses, slugs) {
  const lang = turn++ % 2 ? 'zh' : 'en';
  const answer = await client.send(method, path, { lang, key: ['POST'].includes(method) ? newKey() : undefined, ...options });
  if (statuses.includes(answer.status) && (!slugs || slugs.includes(slugOf(answer)))) pass();
  else fail(`${label}: wanted ${statuses} ${slugs ?? ''}`, `${answer.status} ${answer.text?.slice(0, 250)}`);
  return answer;
}

// All objects of b, requested by a; and objects that do not exist.
async function others(client, { a, b, payment }) {
  const message = (await client.get('/v1/messages', { token: b.token })).json.items[0].messageId;
  const session = (await client.get('/v1/sessions', { token: b.token })).json.items[0].sessionId;
  const own = (await client.get('/v1/accounts/' + b.accountId + '/transactions?kind=topUp', { token: b.token })).json.items[0].paymentId;
  const { guard, right } = client.people;
  const ids = { accountId: b.accountId, paymentId: own, cardId: b.cardId, cardBindingId: b.cardBindingId, messageId: message, sessionId: session, deviceId: guard.deviceId, passkeyId: guard.passkeyId };
  const nearly = (id) => String(BigInt(id) + 1024n);
  for (const operation of client.operations.filter((o) => o.path.includes('{') && !o.path.startsWith('/v1/staff/'))) {
    const name = operation.path.match(/\{([^}]+)\}/)[1];
    const { body, type } = right[operation.operationId] ?? {};
    // Ids of other kinds, including the customer's own.
    for (const id of [...(ids[name] ? [ids[name], nearly(ids[name])] : []), a.customerId, b.customerId, payment.journalIds[0], ...Object.entries(ids).filter(([k]) => k !== name).map(([, v]) => v)]) {
      await refuse(client, `${operation.operationId} with the id ${id} of another`, operation.method, operation.path.replace(`{${name}}`, id).replace('{frame}', '0').replace(/\{[^}]+\}/g, id), { token: a.token, body, type }, [404]);
    }
  }
  for (const [member, id] of [['cardId', b.cardId], ['toAccountId', b.accountId], ['cardId', a.accountId], ['toAccountId', nearly(a.accountId)]]) {
    await refuse(client, `closing an account to ${member} ${id}`, 'POST', `/v1/accounts/${a.accountId}/closure`, { token: a.token, body: { [member]: id } }, [404, 422], ['not-found', 'card-unknown', 'closure-target']);
  }
  const transfer = (change) => ({ token: a.token, body: { ...transferBody(a, b, '1.00'), ...change } });
  for (const id of [b.accountId, a.customerId, a.cardId, nearly(a.accountId), '1', '9223372036854775807']) await refuse(client, `a transfer from account ${id}`, 'POST', '/v1/transfers', transfer({ debtorAccountId: id }), [404]);
  for (const [path, options] of ['/v1/top-ups', '/v1/withdrawals'].flatMap((p) => [[p, { accountId: b.accountId, cardId: a.cardId }], [p, { accountId: a.accountId, cardId: b.cardId }], [p, { accountId: b.accountId, cardId: b.cardId }],
    [p, { accountId: a.cardId, cardId: a.accountId }], [p, { accountId: nearly(a.accountId), cardId: a.cardId }], [p, { accountId: a.accountId, cardId: nearly(a.cardId) }], [p, { accountId: '1', cardId: '1' }]])) {
    await refuse(client, `${path} with ${JSON.stringify(options)}`, 'POST', path, { token: a.token, body: { ...options, instructedAmount: cny('1.00') } }, [404, 422], ['not-found', 'card-unknown', 'account-not-active']);
  }
  const staffIds = ['customers', 'accounts', 'payments', 'journals', 'cases', 'changes'];
  for (const kind of staffIds) {
    for (const id of ['1', '4611686018427387903', kind === 'accounts' ? a.customerId : a.accountId]) await refuse(client, `staff ${kind} ${id}`, 'GET', `/v1/staff/${kind}/${id}`, { token: client.people.staff.auditor }, [404]);
  }
  await refuse(client, 'a query of no payment', 'POST', '/v1/staff/payments/1/queries', { token: client.people.staff.operator }, [404]);
  await refuse(client, 'a reveal of nobody', 'POST', '/v1/staff/customers/1/reveals', { token: client.people.staff.teller, body: { field: 'phone', reason: 'nobody' } }, [404]);
  const reviewer = { token: client.people.staff.reviewer };
  for (const id of ['1', a.customerId]) {
    await refuse(client, 'a picture of nobody', 'GET', `/v1/staff/pictures/${id}`, reviewer, [403, 404], ['claim-needed', 'not-found']);
    await refuse(client, 'a claim of nothing', 'POST', `/v1/staff/cases/${id}/claims`, reviewer, [404]);
    await refuse(client, 'a release of nothing', 'DELETE', `/v1/staff/cases/${id}/claims/current`, reviewer, [404]);
    await refuse(client, 'a decision of no case', 'POST', `/v1/staff/cases/${id}/decisions`, { ...reviewer, body: right.staffDecideCase.body }, [404]);
    await refuse(client, 'a decision of no change', 'POST', `/v1/staff/changes/${id}/decisions`, { token: client.people.staff.accountant, body: right.staffDecideChange.body }, [404]);
  }
  await refuse(client, 'a retry of nothing', 'POST', '/v1/staff/outbox/1/retries', { token: client.people.staff.operator }, [404]);
  await refuse(client, 'a change of nobody', 'PATCH', '/v1/staff/users/1', { token: client.people.staff.admin, body: { state: 'disabled' } }, [404]);
}

async function amounts(client, { a, b }) {
  const have = await balance(client, a);
  const more = ((have.available + 1) / 100).toFixed(2);
  const pay = (amount, change) => ({ token: a.token, body: { ...transferBody(a, b, amount), ...change } });
  await refuse(client, 'more than there is', 'POST', '/v1/transfers', pay(more), [422], ['insufficient-funds', 'limit-exceeded']);
  for (const amount of ['50000.01', '99999999.99', '90000000000000.00', '92233720368547758.07']) {
    await refuse(client, `a transfer of ${amount}`, 'POST', '/v1/transfers', pay(amount), [400, 422]);
    for (const path of ['/v1/top-ups', '/v1/withdrawals']) await refuse(client, `${path} of ${amount}`, 'POST', path, { token: a.token, body: { cardId: a.cardId, accountId: a.accountId, instructedAmount: cny(amount) } }, [400, 422]);
  }
  await refuse(client, 'a payment to oneself', 'POST', '/v1/transfers', pay('1.00', { creditorPhone: a.phone, creditorName: a.name }), [422], ['same-account']);
  await refuse(client, 'a payment to nobody', 'POST', '/v1/transfers', pay('1.00', { creditorPhone: '+8613900009999' }), [422], ['payee-unknown']);
  for (const name of ['别人', 'Somebody Else', b.name[0], `${b.name}${b.name}`, b.idNumber]) await refuse(client, `a payment to ${name}`, 'POST', '/v1/transfers', pay('1.00', { creditorName: name }), [400, 422], ['payee-name-mismatch', 'invalid-field']);
  for (const phone of ['12345678901', '+8523800000000', '139000000011', '+1 202 555 0100', '02088888888', '+861390000000a', '+86+8613900000001', '00000000000']) {
    for (const [path, body, at] of [['/v1/transfers', { ...transferBody(a, b, '1.00'), creditorPhone: phone }, '#/creditorPhone'], ['/v1/payee-checks', { phone }, '#/phone'], ['/v1/card-bindings', { cardNumber: cardNumber(778), reservedPhone: phone }, '#/reservedPhone'],
      ['/v1/phone-codes', { phone, purpose: 'signUp' }, '#/phone'], ['/v1/sign-ups', { phone, phoneCodeId: '1', code: '000000', language: 'en', deviceName: 'x' }, '#/phone'], ['/v1/sessions', { phone, passCode: '000000', deviceName: 'x' }, '#/phone']]) {
      const answer = await refuse(client, `${path} with phone ${phone}`, 'POST', path, { token: a.token, body }, [400], ['invalid-phone', 'invalid-field']);
      ok(answer.json?.errors?.some((e) => e.pointer === at), `${path} with phone ${phone}: blame at ${at}`, answer.text);
    }
  }
  for (const number of ['6228480000000000', '6228 4800 0000 0000 01x', '0000000000000000000', '------------', '            ', '622848000000000000000000000000']) {
    const answer = await refuse(client, `card number ${number}`, 'POST', '/v1/card-bindings', { token: a.token, body: { cardNumber: number, reservedPhone: a.phone } }, [400, 422], ['card-number-invalid', 'invalid-field', 'card-refused']);
    ok(answer.json?.errors?.some((e) => e.pointer === '#/cardNumber'), `card number ${number}: blame`, answer.text);
  }
  await refuse(client, 'the card that is bound', 'POST', '/v1/card-bindings', { token: a.token, body: { cardNumber: a.cardNumber, reservedPhone: a.phone } }, [409, 403]);
}

// Requests that need a missing state.
async function states(client, { a, unbound }) {
  const fresh = await signUp(client, inventPerson());
  const of = { token: fresh.token };
  for (const [path, body] of [['/v1/transfers', transferBody(a, a, '1.00')], ['/v1/top-ups', { cardId: a.cardId, accountId: a.accountId, instructedAmount: cny('1.00') }], ['/v1/withdrawals', { cardId: a.cardId, accountId: a.accountId, instructedAmount: cny('1.00') }],
    ['/v1/card-bindings', { cardNumber: fresh.cardNumber, reservedPhone: fresh.phone }]]) {
    await refuse(client, `${path} before there is an account`, 'POST', path, { ...of, body }, [403], ['onboarding-incomplete']);
  }
  await refuse(client, 'an identity that is another customer', 'PUT', '/v1/me/identity', { ...of, body: { name: a.name, idNumber: a.idNumber } }, [409], ['identity-taken']);
  await refuse(client, 'a step-up without a pass code', 'POST', '/v1/step-ups', { ...of, body: { passCode: PASS_CODE } }, [403, 409, 422]);
  const again = wanted(await client.post('/v1/sessions', { phone: unbound.phone, passCode: PASS_CODE, deviceKey: deviceKey(unbound.phone), deviceName: 'again' }), 201);
  client.secrets.add(again.token);
  for (const path of ['/v1/top-ups', '/v1/withdrawals']) {
    await refuse(client, `${path} with a card that was unbound`, 'POST', path, { token: again.token, body: { cardId: unbound.cardId, accountId: unbound.accountId, instructedAmount: cny('1.00') } }, [422], ['card-unknown', 'insufficient-funds']);
  }
  await refuse(client, 'unbinding without step-up', 'DELETE', `/v1/cards/${unbound.cardId}`, { token: again.token }, [403], ['step-up-required']);
  wanted(await client.post('/v1/step-ups', { passCode: PASS_CODE }, { token: again.token }), 201);
  await refuse(client, 'unbinding twice', 'DELETE', `/v1/cards/${unbound.cardId}`, { token: again.token }, [404, 422]);
}

// Codes: used, of another purpose, of another number, wrong until exhausted.
async function codes(client, { a }, bank) {
  const person = inventPerson();
  const proof = await code(client, person.phone, 'signUp');
  const body = { phone: person.phone, ...proof, language: 'en', deviceName: 'x' };
  await refuse(client, 'a code for another number', 'POST', '/v1/sign-ups', { body: { ...body, phone: '+8613955550001' } }, [422], ['code-expired', 'code-wrong']);
  await refuse(client, 'a code under another id', 'POST', '/v1/sign-ups', { body: { ...body, phoneCodeId: String(BigInt(proof.phoneCodeId) + 1024n) } }, [422], ['code-expired', 'code-wrong']);
  await refuse(client, 'a sign-up code to sign in', 'POST', '/v1/sessions', { body: { phone: person.phone, ...proof, deviceName: 'x' } }, [401, 422]);
  for (let i = 0; i < 5; i++) await refuse(client, `wrong code ${i + 1}`, 'POST', '/v1/sign-ups', { body: { ...body, code: wrongCode(proof.code) } }, [422], i < 4 ? ['code-wrong'] : ['code-wrong', 'code-exhausted']);
  await refuse(client, 'the right code after five wrong ones', 'POST', '/v1/sign-ups', { body }, [422], ['code-exhausted']);
  // One code per minute and number: the test ages the earlier ones.
  bank.database.ask('UPDATE customer_phone_codes SET created_at = created_at - 7200000000');
  const taken = await code(client, a.phone, 'signUp');
  await refuse(client, 'a number that has a customer', 'POST', '/v1/sign-ups', { body: { phone: a.phone, ...taken, language: 'en', deviceName: 'x' } }, [409], ['phone-taken']);
  // Sign-in by code; the code is valid once.
  const { b } = client.people;
  const request = { phone: b.phone, passCode: PASS_CODE, ...await code(client, b.phone, 'signIn', 'zh'), deviceName: 'by code' };
  client.secrets.add(wanted(await client.post('/v1/sessions', request, { lang: 'zh' }), 201).token);
  await refuse(client, 'a used code', 'POST', '/v1/sessions', { body: request }, [401, 422], ['code-expired']);
  const half = [{ phone: a.phone, deviceName: 'x' }, { phone: a.phone, code: '000000', deviceName: 'x' }, { phone: a.phone, phoneCodeId: '1', deviceName: 'x' }, { phone: a.phone, code: '000000', passCode: PASS_CODE, deviceName: 'x' }];
  for (const body of half) await refuse(client, `signing in with ${Object.keys(body)}`, 'POST', '/v1/sessions', { body }, [400], ['invalid-field']);
}

// Five wrong pass codes lock, even against the right one, and equally for a number without a customer.
async function locks(client) {
  const person = await moveIn(client, inventPerson(), '');
  for (const phone of [person.phone, '+8613955557777']) {
    for (let i = 0; i < 5; i++) await refuse(client, `wrong pass code ${i + 1}`, 'POST', '/v1/sessions', { body: { phone, passCode: '808017', deviceName: 'x' } }, [401], i < 4 ? ['sign-in-failed'] : ['sign-in-locked', 'sign-in-failed']);
    const answer = await refuse(client, 'the right pass code while locked', 'POST', '/v1/sessions', { body: { phone, passCode: PASS_CODE, deviceName: 'x' } }, [401], ['sign-in-locked']);
    ok(answer.json?.retryAfter > 0 && Number(answer.headers['retry-after']) === answer.json.retryAfter, 'a lock says until when', answer.text);
  }
  const login = { login: 'temp.clerk', password: 'a-long-story-told-2026', totp: '000000' };
  await refuse(client, 'a user who was disabled', 'POST', '/v1/staff/sessions', { body: login }, [401], ['sign-in-failed']);
}

async function books(client, { staff }) {
  const date = (await client.get('/v1/bank')).json.businessDate;
  for (const other of ['2020-01-01', '2099-12-31', '1600-01-01', '9999-12-31']) {
    const answer = await refuse(client, `an end of day of ${other}`, 'POST', '/v1/staff/end-of-day-runs', { token: staff.operator, body: { businessDate: other, dryRun: false } }, [400, 409, 422]);
    ok(answer.json?.type === '/problems/day-closed' || answer.json?.errors?.some((e) => e.pointer === '#/businessDate'), 'blame at the date', answer.text);
  }
  for (const query of ['currency=QQQ', 'currency=cny', 'currency=12', 'date=2026-02-30']) await refuse(client, `a trial balance of ${query}`, 'GET', `/v1/staff/trial-balance?${query}`, { token: staff.accountant }, [400, 422]);
  await refuse(client, 'journals of no account', 'GET', '/v1/staff/journals?account=abc', { token: staff.accountant }, [400, 404, 422]);
  await refuse(client, 'payments whose days are the wrong way round', 'GET', `/v1/staff/payments?from=${date}&to=2020-01-01`, { token: staff.accountant }, [400, 422]);
  await refuse(client, 'no change at all', 'PATCH', `/v1/staff/users/${(await client.get('/v1/staff/users', { token: staff.admin })).json.items[0].staffId}`, { token: staff.admin, body: {} }, [400]);
  for (const login of ['1abc', 'Abc', 'a b', 'a/b', 'é', 'a'.repeat(33)]) await refuse(client, `login ${login}`, 'POST', '/v1/staff/users', { token: staff.admin, body: { login, name: 'X Y', roles: ['teller'] } }, [400], ['invalid-field']);
  for (const password of ['password1234', 'aaaaaaaaaaaaaaaa', '123456789012', 'not-so-admin-long']) {
    await refuse(client, 'a weak password', 'PUT', '/v1/staff/me/password', { token: staff.admin, body: { password: 'x', totp: '000000', newPassword: password } }, [422], ['password-weak']);
  }
  const { items } = (await client.get('/v1/staff/users', { token: staff.admin })).json;
  const admin = items.find((u) => u.login === 'admin');
  await refuse(client, 'other roles by one person', 'PATCH', `/v1/staff/users/${admin.staffId}`, { token: staff.admin, body: { roles: ['teller'] } }, [403], ['four-eyes']);
}

async function periods(client, { a }) {
  const of = { token: a.token };
  const account = `/v1/accounts/${a.accountId}`;
  await refuse(client, 'a statement whose days are the wrong way round', 'GET', `${account}/statement?from=2026-11-21&to=2026-11-01`, of, [400], ['invalid-period']);
  await refuse(client, 'transactions whose days are the wrong way round', 'GET', `${account}/transactions?from=2026-11-21&to=2026-11-01`, of, [400, 422]);
  await refuse(client, 'amounts the wrong way round', 'GET', `${account}/transactions?minAmount=2&maxAmount=1`, of, [400, 422]);
  await refuse(client, 'a balance in the future', 'GET', `${account}/balances?at=2099-01-01T00:00:00Z`, of, [400], ['invalid-field']);
  for (const tag of ['"0"', '"999999"', '"abc"', 'abc', '""', '"', 'W/"1"', '"1", "2"', `"${'9'.repeat(40)}"`]) {
    await refuse(client, `If-Match ${tag.slice(0, 20)}`, 'PATCH', '/v1/me', { ...of, body: { language: 'en' }, headers: { 'If-Match': tag } }, [412, 400]);
  }
}

// Expired codes and sessions. The test ages the rows while the bank is down.
async function old(client, bank, { a, staff }) {
  const person = inventPerson();
  const proof = await code(client, person.phone, 'signUp');
  const second = wanted(await client.post('/v1/sessions', { phone: a.phone, passCode: PASS_CODE, deviceKey: deviceKey(a.phone), deviceName: 'idle' }), 201);
  const third = wanted(await client.post('/v1/sessions', { phone: a.phone, passCode: PASS_CODE, deviceKey: deviceKey(a.phone), deviceName: 'old' }), 201);
  client.secrets.add(second.token).add(third.token);
  const day = 86400000000n;
  const now = BigInt(Date.now()) * 1000n;
  equal(await bank.rest(), 0, 'the bank stops in order');
  bank.database.ask(`UPDATE customer_phone_codes SET expires_at = ${now - 1000000n} WHERE id = ${proof.phoneCodeId}`);
  bank.database.ask(`UPDATE customer_sessions SET last_seen_at = ${now - 31n * day}, created_at = ${now - 32n * day} WHERE id = ${second.session.sessionId}`);
  bank.database.ask(`UPDATE customer_sessions SET created_at = ${now - 91n * day} WHERE id = ${third.session.sessionId}`);
  bank.database.ask(`UPDATE customer_sessions SET step_up_until = ${now - 1n} WHERE step_up_until > 0`);
  await bank.serve();
  await refuse(client, 'a code that has expired', 'POST', '/v1/sign-ups', { body: { phone: person.phone, ...proof, language: 'en', deviceName: 'x' } }, [422], ['code-expired']);
  await refuse(client, 'a session idle too long', 'GET', '/v1/me', { token: second.token }, [401], ['not-signed-in']);
  await refuse(client, 'a session too old', 'GET', '/v1/me', { token: third.token }, [401], ['not-signed-in']);
  await refuse(client, 'a payment after the step-up has expired', 'POST', '/v1/transfers', { token: a.token, body: transferBody(a, client.people.b, '200.01') }, [403], ['step-up-required']);
  wanted(await client.get('/v1/me', { token: a.token }), 200);
  wanted(await client.get('/v1/staff/me', { token: staff.teller }), 200);
  wanted(await client.post('/v1/step-ups', { passCode: PASS_CODE }, { token: a.token }), 201);
}

export async function elsewhere(client, bank, people) {
  client.people = people;
  people.guard = await guarded(client, bank);
  wanted(await client.post('/v1/step-ups', { passCode: PASS_CODE }, { token: people.a.token }), 201);
  await unchanged(bank, 'what belongs to others', () => others(client, people));
  await unchanged(bank, 'amounts and numbers', () => amounts(client, people));
  await unchanged(bank, 'periods and versions', () => periods(client, people));
  await unchanged(bank, 'the books', () => books(client, people));
  const money = async () => [await balance(client, people.a), await balance(client, people.b)];
  const before = await money();
  for (const work of [states, codes, locks]) await work(client, people, bank);
  await old(client, bank, people);
  equal(await money(), before, 'no money moved');
}
