// Further accounts of a customer, tiers, and closing accounts with a payout.
import { equal, ok } from './count.mjs';
import { wanted } from './client.mjs';
import { balance, inventPerson, moveIn, newKey, stepUp } from './people.mjs';

const cny = (amount) => ({ amount, currency: 'CNY' });
const slugs = (answers) => answers.map((x) => x.json?.type?.replace('/problems/', '') ?? x.status);
const options = (person) => ({ token: person.token, lang: person.lang });

async function open(client, person, name, status = 201, slug = undefined) {
  const account = wanted(await client.post('/v1/accounts', { class: name }, { ...options(person), key: newKey() }), status, slug);
  if (status === 201) equal(account.class, name, `an account of class ${name} opens`);
  return account;
}

async function fill(client, person, accountId, amount) {
  const body = { cardId: person.cardId, accountId, instructedAmount: cny(amount) };
  const payment = wanted(await client.post('/v1/top-ups', body, { ...options(person), key: newKey() }), 201);
  equal(payment.transactionStatus, 'ACSC', 'money comes in');
}

const close = (client, person, accountId, body, key = newKey()) => client.post(`/v1/accounts/${accountId}/closure`, body, { ...options(person), key });

export async function accounts(client) {
  const person = await moveIn(client, inventPerson(), '50.00', 'zh');
  const tier = wanted(await client.get('/v1/me/tier', options(person)), 200);
  ok(tier.tier && tier.count === tier.channels.length && tier.count >= 1, 'the channels make a tier', tier);
  const paying = await open(client, person, 'payment');
  await open(client, person, 'payment', 422, 'account-count');
  const small = await open(client, person, 'III');
  await fill(client, person, paying.accountId, '20.00');
  const { items } = wanted(await client.get(`/v1/accounts/${paying.accountId}/limits`, options(person)), 200);
  ok(items.some((l) => l.limit.startsWith('tier')), 'its limits follow the tier', items.map((l) => l.limit));
  await fill(client, person, small.accountId, '30.00');
  wanted(await close(client, person, small.accountId, {}), 422, 'closure-target');
  const both = wanted(await close(client, person, small.accountId, { cardId: person.cardId, toAccountId: person.accountId }), 400, 'invalid-field');
  equal(both.errors?.[0]?.pointer, '#/toAccountId', 'a card or an account');
  const before = await balance(client, person);
  const within = wanted(await close(client, person, small.accountId, { toAccountId: person.accountId }), 200);
  equal(within.account.state, 'closed', 'closed, with its money moved');
  ok((await balance(client, person)).booked >= before.booked + 3000, 'the money is there');
  wanted(await close(client, person, small.accountId, {}), 409, 'account-state');
  const out = wanted(await close(client, person, paying.accountId, { cardId: person.cardId }), 200);
  ok(['closing', 'closed'].includes(out.account.state) && out.payment?.kind === 'withdrawal', 'closed, with its money paid out to the card', out);
  const empty = await open(client, person, 'III');
  equal(wanted(await close(client, person, empty.accountId, {}), 200).account.state, 'closed', 'an empty account closes at once');
}

export async function accountRaces(client) {
  const person = await moveIn(client, inventPerson(), '50.00');
  const openings = await Promise.all(Array.from({ length: 8 }, () => client.post('/v1/accounts', { class: 'payment' }, { ...options(person), key: newKey() })));
  equal(openings.filter((x) => x.status === 201).length, 1, 'one payment account a person', slugs(openings));
  ok(openings.every((x) => x.status === 201 || x.json?.type === '/problems/account-count'), 'the others are refused as account-count', slugs(openings));
  const many = await Promise.all(Array.from({ length: 12 }, () => client.post('/v1/accounts', { class: 'III' }, { ...options(person), key: newKey() })));
  equal(many.filter((x) => x.status === 201).length, 5, 'five accounts of class III a person', slugs(many));
  const { accountId } = many.find((x) => x.status === 201).json;
  await fill(client, person, accountId, '40.00');
  await stepUp(client, person);
  const before = await balance(client, person);
  const closures = await Promise.all(Array.from({ length: 8 }, () => close(client, person, accountId, { toAccountId: person.accountId })));
  equal(closures.filter((x) => x.status === 200).length, 1, 'an account closes once', slugs(closures));
  ok(closures.every((x) => x.status === 200 || x.json?.type === '/problems/account-state'), 'the others are refused as account-state', slugs(closures));
  equal((await balance(client, person)).booked, before.booked + 4000, 'its money is moved once');
}

export async function accountsAgain(client, again) {
  const person = await moveIn(client, inventPerson(), '50.00');
  const account = await again(client, 'an opening', '/v1/accounts', { class: 'III' }, { class: 'payment' }, options(person), 201);
  await again(client, 'a closure', `/v1/accounts/${account.accountId}/closure`, {}, { toAccountId: person.accountId }, options(person), 200);
  // The path is part of a request: two closures with one key and one body are two requests.
  const [one, two] = [await open(client, person, 'III'), await open(client, person, 'III')];
  const key = newKey();
  wanted(await close(client, person, one.accountId, {}, key), 200);
  wanted(await close(client, person, two.accountId, {}, key), 422, 'idempotency-key-reused');
  equal(wanted(await client.get(`/v1/accounts/${two.accountId}`, options(person)), 200).state, 'active', 'the other account stays open');
  equal(wanted(await close(client, person, one.accountId, {}, key), 200).account.accountId, one.accountId, 'the first answer is found');
}
