// Many requests at once against one limit or one balance: neither is ever exceeded.
import { accountRaces } from './accounts.mjs';
import { equal, ok } from './count.mjs';
import { wanted } from './client.mjs';
import { balance, inventPerson, moveIn, newKey, stepUp, topUp, transferBody } from './people.mjs';
import { reviewRaces } from './review.mjs';

const minor = (money) => Number(money.amount.replace('.', ''));

async function limit(client, person, name) {
  const { items } = wanted(await client.get(`/v1/accounts/${person.accountId}/limits`, { token: person.token }), 200);
  return items.find((l) => l.limit === name);
}

export default async function races(client, bank, { b, staff }) {
  // A day's limit: 16 payments, of which only some fit.
  const payer = await moveIn(client, inventPerson(), '9000.00');
  const payee = await moveIn(client, inventPerson(), '');
  await topUp(client, payer, '4000.00');
  await stepUp(client, payer);
  const start = await balance(client, payer);
  const before = await limit(client, payer, 'outflowNonBoundDay');
  const left = minor(before.left);
  const part = Math.floor(left / 9) + 1; // 8 fit, 9 do not
  const amount = `${Math.floor(part / 100)}.${String(part % 100).padStart(2, '0')}`;
  const answers = await Promise.all(Array.from({ length: 16 }, () => client.post('/v1/transfers', transferBody(payer, payee, amount), { token: payer.token, key: newKey() })));
  const paid = answers.filter((x) => x.status === 201).length;
  ok(answers.every((x) => x.status === 201 || ['/problems/limit-exceeded', '/problems/insufficient-funds'].includes(x.json?.type)), 'the others name the limit', answers.map((x) => x.json?.type ?? x.status));
  equal(paid, 8, '8 of 16 payments fit into the day');
  const after = await limit(client, payer, 'outflowNonBoundDay');
  equal(minor(after.used) - minor(before.used), 8 * part, 'the limit counts what was paid');
  equal((await balance(client, payer)).booked, start.booked - 8 * part, 'so does the balance');
  const refused = answers.find((x) => x.json?.type === '/problems/limit-exceeded');
  ok(refused?.json.limit && refused.json.left, 'a limit says which and what is left', refused?.text);

  // A balance: 16 payments and withdrawals of one third of it.
  const poor = await moveIn(client, inventPerson(), '100.00');
  await stepUp(client, poor);
  const tries = await Promise.all(Array.from({ length: 16 }, (_, i) => (i % 2
    ? client.post('/v1/transfers', transferBody(poor, b, '33.00'), { token: poor.token, key: newKey() })
    : client.post('/v1/withdrawals', { cardId: poor.cardId, accountId: poor.accountId, instructedAmount: { amount: '33.00', currency: 'CNY' } }, { token: poor.token, key: newKey() }))));
  equal(tries.filter((x) => x.status === 201).length, 3, '3 of 16 fit into the balance');
  ok(tries.every((x) => x.status === 201 || x.json?.type === '/problems/insufficient-funds'), 'the others are refused as insufficient-funds', tries.map((x) => x.json?.type ?? x.status));
  const rest = await balance(client, poor);
  ok(rest.available >= 0 && rest.booked >= 0, 'no balance is below zero', rest);
  equal(rest.available, 100, 'the remaining balance is right');

  // Back and forth at once: money is neither made nor lost.
  const two = [payer, payee];
  const sum = async () => (await balance(client, payer)).booked + (await balance(client, payee)).booked;
  const money = await sum();
  await Promise.all(Array.from({ length: 24 }, (_, i) => client.post('/v1/transfers', transferBody(two[i % 2], two[(i + 1) % 2], '0.01'), { token: two[i % 2].token, key: newKey() })));
  equal(await sum(), money, 'between two the sum stays');

  // The same card, the same person, at once.
  const person = inventPerson();
  await moveIn(client, person, '');
  const read = await Promise.all(Array.from({ length: 10 }, () => client.get('/v1/me', { token: person.token })));
  const tag = read[0].headers.etag;
  const changes = await Promise.all(Array.from({ length: 10 }, (_, i) => client.patch('/v1/me', { language: i % 2 ? 'zh' : 'en' }, { token: person.token, headers: { 'If-Match': tag } })));
  equal(changes.filter((x) => x.status === 200).length, 1, 'of ten changes of one version one wins');
  ok(changes.every((x) => x.status === 200 || x.status === 412), 'the others are refused with 412', changes.map((x) => x.status));
  await accountRaces(client);
  await reviewRaces(client, staff);
  equal(wanted(await client.get('/v1/staff/trial-balance', { token: staff.accountant }), 200).balanced, true, 'the books balance');
}
