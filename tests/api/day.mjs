// The end of a business date over HTTP: once, while the bank stays open. A date that has not ended closes only if two
// operators approved it.
import { equal, ok } from './count.mjs';
import { wanted } from './client.mjs';
import { both, propose } from './four-eyes.mjs';
import { newKey, pause, transferBody } from './people.mjs';

export async function day(client, { a, b, staff }) {
  const as = { token: staff.operator };
  const { businessDate } = wanted(await client.get('/v1/staff/business-date', as), 200);
  const early = { businessDate, dryRun: false };
  wanted(await client.post('/v1/staff/end-of-day-runs', early, { ...as, key: newKey() }), 409, 'day-not-ended');
  await propose(client, staff.operator, 'closeEarly', '2020-01-01', { closesEarly: true }, 400, 'invalid-field');
  await propose(client, staff.operator, 'closeEarly', businessDate, { closesEarly: false }, 400, 'invalid-field');
  await propose(client, staff.accountant, 'closeEarly', businessDate, { closesEarly: true }, 403, 'not-permitted');
  await both(client, [staff.operator, staff.operator2], 'closeEarly', businessDate, { closesEarly: true });
  await propose(client, staff.operator, 'followClock', 'bank', { isFollowed: true }, 409, 'clock-steady');
  await propose(client, staff.operator, 'followClock', 'bank', { isFollowed: false }, 400, 'invalid-field');
  const key = newKey();
  const body = { businessDate, dryRun: false };
  const first = await client.post('/v1/staff/end-of-day-runs', body, { ...as, key });
  wanted(first, 202);
  const again = await client.post('/v1/staff/end-of-day-runs', body, { ...as, key });
  equal([again.status, again.headers['idempotency-replayed'], again.raw.equals(first.raw)], [202, 'true', true], 'the end of a day is asked for once');
  // Payments continue while the day ends.
  for (let i = 0; i < 5; i++) wanted(await client.post('/v1/transfers', transferBody(a, b, '0.01'), { token: a.token, key: newKey() }), 201);
  let now;
  for (let i = 0; i < 120; i++) {
    now = wanted(await client.get('/v1/staff/business-date', as), 200);
    if (now.businessDate !== businessDate && now.endOfDay.state !== 'running') break;
    await pause(250);
  }
  const next = new Date(Date.parse(businessDate) + 86400000).toISOString().slice(0, 10);
  equal(now.businessDate, next, 'the books are on the next date');
  equal(wanted(await client.get('/v1/bank'), 200).businessDate, next, 'everybody sees it');
  wanted(await client.post('/v1/staff/end-of-day-runs', body, { ...as, key: newKey() }), 409, 'day-closed');
  for (const date of [businessDate, next]) {
    const trial = wanted(await client.get(`/v1/staff/trial-balance?date=${date}`, { token: staff.accountant }), 200);
    ok(trial.balanced && trial.totals.closingDebit === trial.totals.closingCredit, `the books of ${date} balance`, trial.totals);
  }
  const paid = wanted(await client.post('/v1/transfers', transferBody(a, b, '0.01'), { token: a.token, key: newKey() }), 201);
  equal(paid.transactionStatus, 'ACSC', 'the next day has begun');
  wanted(await client.get(`/v1/accounts/${a.accountId}/statement?from=${businessDate}&to=${next}`, { token: a.token }), 200);
  equal(wanted(await client.get('/v1/staff/audit-log/verification', { token: staff.auditor }), 200).intact, true, 'the log is intact');
}
