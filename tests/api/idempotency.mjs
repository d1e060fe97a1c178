// A request repeated with its key gets the first answer and moves nothing.
import { accountsAgain } from './accounts.mjs';
import { equal, ok } from './count.mjs';
import { wanted } from './client.mjs';
import { deviceKey, PASS_CODE, balance, inventPerson, moveIn, newKey, pause, stepUp, transferBody } from './people.mjs';
import { both } from './four-eyes.mjs';
import { reviewAgain } from './review.mjs';

const cny = (amount) => ({ amount, currency: 'CNY' });

// The same request many times at once: one payment; each answer is that payment or "in use".
async function atOnce(client, what, path, body, person) {
  const key = newKey();
  const options = { token: person.token, key };
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.post(path, body, options)));
  const made = answers.filter((x) => x.status === 201);
  ok(made.length >= 1, `${what}: one is answered`);
  equal(new Set(made.map((x) => x.json.paymentId)).size, 1, `${what}: one payment`);
  ok(answers.every((x) => x.status === 201 || (x.status === 409 && x.json?.type === '/problems/idempotency-key-in-use')), `${what}: the others are refused as in use`, answers.map((x) => x.status));
  equal(made.filter((x) => !x.headers['idempotency-replayed']).length, 1, `${what}: one answer is the first`);
  const again = await client.post(path, body, options);
  equal(again.headers['idempotency-replayed'], 'true', `${what}: a repetition says that it is one`);
  if (path === '/v1/transfers') ok(made.every((x) => x.raw.equals(again.raw)), `${what}: byte for byte`);
  return { key, first: made[0] };
}

async function sameAndOther(client, a, b) {
  const key = newKey();
  const body = transferBody(a, b, '1.10', 'once');
  const of = { token: a.token, key };
  const first = await client.post('/v1/transfers', body, of);
  wanted(first, 201);
  const before = await balance(client, a);
  for (let i = 0; i < 5; i++) {
    const again = await client.post('/v1/transfers', body, of);
    ok(again.status === 201 && again.raw.equals(first.raw) && again.headers['idempotency-replayed'] === 'true', 'a repetition is the same answer', again.text);
  }
  // An equivalent body in another spelling is the same request.
  const { instructedAmount, ...rest } = body;
  const spelt = [
    JSON.stringify({ instructedAmount, ...Object.fromEntries(Object.entries(rest).reverse()) }),
    `${JSON.stringify(body, null, 4)}\r\n`,
    JSON.stringify(body).replace(/[^\x00-\x7F]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).replace('"once"', '"\\u006fnce"'),
    JSON.stringify({ ...body, instructedAmount: { currency: 'CNY', amount: '1.1' } }),
  ];
  for (const text of spelt) {
    const again = await client.post('/v1/transfers', text, of);
    ok(again.status === 201 && again.raw.equals(first.raw), 'another spelling of the same is the same request', `${text} ${again.text}`);
  }
  wanted(await client.post('/v1/transfers', body, { ...of, headers: { 'Idempotency-Key': `  ${key}\t ` }, key: undefined }), 201);
  const others = [transferBody(a, b, '1.11', 'once'), transferBody(a, b, '1.10', 'twice'), transferBody(a, b, '1.10'), { ...body, creditorName: 'x' }];
  for (const other of others) wanted(await client.post('/v1/transfers', other, of), 422, 'idempotency-key-reused');
  // A key is 1 to 255 visible characters.
  const long = 'k'.repeat(255);
  wanted(await client.post('/v1/transfers', transferBody(a, b, '0.01'), { ...of, key: long }), 201);
  equal(await balance(client, a).then((x) => x.booked), before.booked - 1, 'a key of 255 characters');
  wanted(await client.post('/v1/transfers', transferBody(b, a, '0.01'), { token: b.token, lang: b.lang, key: newKey() }), 201);
  for (const bad of [`${long}k`, 'a b', 'schlüssel']) wanted(await client.post('/v1/transfers', body, { ...of, key: bad }), 400, 'idempotency-key-invalid');
  wanted(await client.post('/v1/transfers', body, { ...of, key: undefined }), 400, 'idempotency-key-missing');
  wanted(await client.post('/v1/withdrawals', { cardId: a.cardId, accountId: a.accountId, instructedAmount: cny('1.10') }, of), 422, 'idempotency-key-reused');
  equal(await balance(client, a), before, 'repetitions move nothing');
  // The same key of another customer is another key.
  const theirs = wanted(await client.post('/v1/transfers', transferBody(b, a, '1.10', 'once'), { token: b.token, key, lang: b.lang }), 201);
  ok(theirs.paymentId !== first.json.paymentId, 'a key belongs to its customer');
}

async function refusals(client, b) {
  const poor = await moveIn(client, inventPerson(), '5.00');
  const key = newKey();
  const of = { token: poor.token, key };
  const body = transferBody(poor, b, '50.00');
  const first = await client.post('/v1/transfers', body, of);
  wanted(first, 422, 'insufficient-funds');
  wanted(await client.post('/v1/top-ups', { cardId: poor.cardId, accountId: poor.accountId, instructedAmount: cny('100.00') }, { token: poor.token, key: newKey() }), 201);
  const again = await client.post('/v1/transfers', body, of);
  wanted(again, 422, 'insufficient-funds');
  const inZh = await client.post('/v1/transfers', body, { ...of, lang: 'zh' });
  ok(inZh.raw.equals(first.raw), 'also for who asks in the other language', inZh.text);
  ok(again.headers['idempotency-replayed'] === 'true' && again.raw.equals(first.raw), 'a refusal is kept though its cause has gone', again.text);
  wanted(await client.post('/v1/transfers', body, { token: poor.token, key: newKey() }), 201);
  // A malformed request does not use up its key: it can be corrected.
  const mended = newKey();
  wanted(await client.post('/v1/transfers', { ...body, extra: 1 }, { token: poor.token, key: mended }), 400, 'invalid-field');
  wanted(await client.post('/v1/transfers', transferBody(poor, b, '1.00'), { token: poor.token, key: mended }), 201);
  equal((await balance(client, poor)).booked, 500 + 10000 - 5000 - 100, 'the sums are right');
}

// A refusal by prepare is stored, and a completed request is found even if prepare would refuse it now.
async function refusedBefore(client, a, staff) {
  const stranger = await moveIn(client, inventPerson(), '20.00');
  const key = newKey();
  const of = { token: stranger.token, key };
  const body = transferBody(stranger, { ...a, name: 'Nobody Known' }, '1.00');
  const first = await client.post('/v1/transfers', body, of);
  ok(first.status === 422, 'a payee whose name does not match', first.text);
  const again = await client.post('/v1/transfers', body, of);
  ok(again.headers['idempotency-replayed'] === 'true' && again.raw.equals(first.raw), 'a refusal of prepare is kept under its key', again.text);
  wanted(await client.post('/v1/transfers', { ...body, creditorName: a.name }, of), 422, 'idempotency-key-reused');
  // Paid, then suspended: the repetition still gets the first answer.
  const paid = newKey();
  const good = transferBody(stranger, a, '1.00');
  const done = await client.post('/v1/transfers', good, { token: stranger.token, key: paid });
  wanted(done, 201);
  const { customerId } = wanted(await client.get('/v1/me', { token: stranger.token }), 200);
  const tellers = [staff.teller, staff.teller2];
  await both(client, tellers, 'customerState', customerId, { state: 'suspended' });
  const suspended = await client.post('/v1/transfers', good, { token: stranger.token, key: paid });
  ok(suspended.status === 201 && suspended.raw.equals(done.raw), 'what was done is found though it would be refused now', suspended.text);
  await both(client, tellers, 'customerState', customerId, { state: 'active' });
}

// A refusal of the repetition alone does not hide the first result: a session without step-up repeats the request of
// one with it.
async function withoutStepUp(client, a, b) {
  const key = newKey();
  await stepUp(client, a);
  const body = transferBody(a, b, '201.00');
  const first = await client.post('/v1/transfers', body, { token: a.token, key });
  wanted(first, 201);
  const other = wanted(await client.post('/v1/sessions', { phone: a.phone, passCode: PASS_CODE, deviceKey: deviceKey(a.phone), deviceName: 'other' }), 201);
  client.secrets.add(other.token);
  const again = await client.post('/v1/transfers', body, { token: other.token, key });
  ok(again.status === 201 && again.raw.equals(first.raw) && again.headers['idempotency-replayed'] === 'true', 'a repetition without step-up is the first answer', again.text);
  // Refused for lack of step-up, the same key works once it is given: nothing was stored.
  const later = newKey();
  wanted(await client.post('/v1/transfers', body, { token: other.token, key: later }), 403, 'step-up-required');
  wanted(await client.post('/v1/transfers', body, { token: a.token, key: later }), 201);
}

// The issuer executed it and its answer was lost; the bank queries, and a repetition shows the outcome.
async function lostAnswer(client, a) {
  const key = newKey();
  const of = { token: a.token, key };
  const body = { cardId: a.cardId, accountId: a.accountId, instructedAmount: cny('33.42') };
  const before = await balance(client, a);
  const first = wanted(await client.post('/v1/top-ups', body, of), 201);
  equal(first.transactionStatus, 'PDNG', 'an answer that was lost leaves it unknown');
  equal((await balance(client, a)).booked, before.booked, 'nothing is booked yet');
  let now = first;
  for (let i = 0; i < 30 && now.transactionStatus === 'PDNG'; i++) {
    await pause(500);
    now = wanted(await client.post(`/v1/payments/${first.paymentId}/queries`, undefined, { token: a.token }), 200);
  }
  equal(now.transactionStatus, 'ACSC', 'a query settles it');
  const again = await client.post('/v1/top-ups', body, of);
  equal([wanted(again, 201).transactionStatus, again.json.paymentId, again.headers['idempotency-replayed']], ['ACSC', first.paymentId, 'true'], 'a repetition shows how it ended');
  equal((await balance(client, a)).booked, before.booked + 3342, 'it is booked once');
}

// Any request with a key: eight at once are one, a repetition gets the first answer, and another request with its key
// is refused. Returns the body of the answer.
export async function again(client, what, path, body, other, options, status) {
  const of = { ...options, key: newKey() };
  const answers = await Promise.all(Array.from({ length: 8 }, () => client.post(path, body, of)));
  const done = answers.filter((x) => x.status === status);
  ok(done.length >= 1 && answers.every((x) => x.status === status || x.json?.type === '/problems/idempotency-key-in-use'), `${what}: done, or told that it runs`, answers.map((x) => x.json?.type ?? x.status));
  equal(done.filter((x) => !x.headers['idempotency-replayed']).length, 1, `${what}: one answer is the first`);
  for (let i = 0; i < 2; i++) {
    const repeated = await client.post(path, body, of);
    wanted(repeated, status);
    ok(repeated.raw.equals(done[0].raw) && repeated.headers['idempotency-replayed'] === 'true', `${what}: a repetition is the same answer`, repeated.text);
  }
  if (other) wanted(await client.post(path, other, of), 422, 'idempotency-key-reused');
  return done[0].json;
}

export default async function idempotency(client, bank, { b, staff }) {
  const a = await moveIn(client, inventPerson(), '900.00');
  const start = await balance(client, a);
  await atOnce(client, '20 transfers', '/v1/transfers', transferBody(a, b, '2.00'), a);
  equal((await balance(client, a)).booked, start.booked - 200, '20 equal transfers pay once');
  const quick = { cardId: a.cardId, accountId: a.accountId, instructedAmount: cny('3.00') };
  await atOnce(client, '20 top-ups', '/v1/top-ups', quick, a);
  await atOnce(client, '20 withdrawals', '/v1/withdrawals', quick, a);
  equal((await balance(client, a)).booked, start.booked - 200, '20 top-ups and 20 withdrawals are one of each');
  await sameAndOther(client, a, b);
  await refusals(client, b);
  await withoutStepUp(client, a, b);
  await lostAnswer(client, a);
  await refusedBefore(client, a, staff);
  const clear = String(bank.database.ask(`SELECT count(*) FROM db_idempotency WHERE ${bank.engine === 'sqlite' ? "instr(response, x'227061796d656e744964') > 0" : "position('\\x227061796d656e744964'::bytea in response) > 0"}`)).trim();
  equal(clear, '0', 'no stored answer is in clear');
  await accountsAgain(client, again);
  await reviewAgain(client, staff, again);
  const trial = wanted(await client.get('/v1/staff/trial-balance', { token: staff.accountant }), 200);
  equal(trial.balanced, true, 'the books balance');
}
