// Limits of rate, on a bank that has them on: 429 with Retry-After, and headers that say how many
// are left before it comes to that.
import { openBank } from './bank.mjs';
import { equal, ok } from './count.mjs';
import { Client, wanted } from './client.mjs';
import { inventPerson, moveIn, newKey, transferBody } from './people.mjs';

function stated(answer) {
  const [, name, remaining, reset] = /^"([a-z-]+)";r=(\d+);t=(\d+)$/.exec(answer.headers.ratelimit ?? '') ?? [];
  const [, policy, quota, window] = /^"([a-z-]+)";q=(\d+);w=(\d+)$/.exec(answer.headers['ratelimit-policy'] ?? '') ?? [];
  return { name, remaining: Number(remaining), reset: Number(reset), policy, quota: Number(quota), window: Number(window) };
}

// Requests until the limit is reached; the answers before it report the rest correctly.
async function until429(client, what, ask, name, quota, window) {
  let last;
  let count = 0;
  for (; count < quota + 60; count++) {
    const answer = await ask();
    const now = stated(answer);
    equal([now.name, now.policy, now.quota, now.window], [name, name, quota, window], `${what}: the policy is stated`);
    if (answer.status === 429) {
      const { retryAfter } = wanted(answer, 429, 'too-many-requests');
      equal(Number(answer.headers['retry-after']), retryAfter, `${what}: Retry-After`);
      ok(retryAfter >= 1 && retryAfter <= window, `${what}: a wait that makes sense`, retryAfter);
      equal(now.remaining, 0, `${what}: none is left`);
      break;
    }
    ok(last === undefined || now.remaining <= last + 1, `${what}: what is left goes down`, [last, now.remaining]);
    last = now.remaining;
  }
  ok(count >= quota * 0.6 && count <= quota + 45, `${what}: about ${quota} pass`, count);
}

export default async function rate(engine, document) {
  const bank = await openBank(engine, [], false);
  const client = new Client(bank, document);
  const a = await moveIn(client, inventPerson(), '100.00');
  const b = await moveIn(client, inventPerson(), '', 'zh');
  const of = { token: a.token };
  await until429(client, 'payee checks', () => client.post('/v1/payee-checks', { phone: b.phone, name: b.name }, of), 'payee-check', 20, 3600);
  wanted(await client.post('/v1/payee-checks', { phone: a.phone, name: a.name }, { token: b.token, lang: 'zh' }), 200);
  // The budget belongs to the revealed fact: another route to it is refused as well, for right names too.
  const guess = (name) => client.post('/v1/transfers', transferBody(a, { ...b, name }, '0.01'), { ...of, key: newKey() });
  for (const name of ['无此人', b.name]) wanted(await guess(name), 429, 'too-many-requests');
  const c = await moveIn(client, inventPerson(), '100.00');
  let passed = 0;
  for (let i = 0; i < 40; i++) {
    const answer = await client.post('/v1/transfers', transferBody(c, { ...b, phone: `1390000${String(5000 + i)}`, name: '无此人' }, '0.01'), { token: c.token, key: newKey() });
    if (answer.status === 429) break;
    wanted(answer, 422, 'payee-unknown');
    passed++;
  }
  ok(passed >= 19 && passed <= 21, 'twenty guesses an hour through transfers', passed);
  wanted(await client.post('/v1/payee-checks', { phone: b.phone, name: b.name }, { token: c.token }), 429, 'too-many-requests');
  await until429(client, 'proofs of the pass code', () => client.post('/v1/step-ups', { passCode: 'x' }, of), 'proof', 20, 60);
  wanted(await client.get('/v1/me', of), 200);
  await until429(client, 'sign-ins of an address', () => client.post('/v1/sessions', { phone: 'x' }), 'sign-in', 120, 60);
  wanted(await client.get('/v1/bank'), 200);
  // One number from one address: ten attempts a minute, independent of the rest of the address's budget.
  const other = await openBank(engine, [], false);
  const fresh = new Client(other, document);
  const tries = [];
  for (let i = 0; i < 12; i++) tries.push(await fresh.post('/v1/sessions', { phone: '+86 138 0013 8000', passCode: '246810', deviceName: 'x' }));
  ok(tries.slice(0, 9).every((x) => x.status !== 429) && wanted(tries[11], 429, 'too-many-requests').retryAfter >= 1, 'ten tries a minute at one number', tries.map((x) => x.status));
  ok((await fresh.post('/v1/sessions', { phone: '13800138001', passCode: '246810', deviceName: 'x' })).status !== 429, 'another number has its own');
  const lines = other.logText().split('\n').filter((l) => l.includes('"request_refused"'));
  const refused = lines.find((l) => l.includes('too-many-requests') && l.includes(tries[11].json.instance));
  ok(refused?.includes('"operation":"signIn"'), 'a 429 is a line with its trace id', refused);
  ok(lines.some((l) => l.includes('sign-in-failed') && l.includes(tries[0].json.instance)), 'a failed sign-in is a line with its trace id');
  ok(!other.logText().includes('13800138000'), 'and no line holds a number');
  equal(await other.close(), 0, 'the bank stops in order');
  await until429(client, 'requests of a customer', () => client.get('/v1/cards', of), 'customer', 600, 60);
  wanted(await client.get('/v1/cards', { token: b.token, lang: 'zh' }), 200);
  equal(await bank.close(), 0, 'the bank stops in order');
}
