// Kills the whole bank with SIGKILL during payments over HTTP, restarts it, and checks: every answered payment exists
// once, with its money; an unanswered request is sent again with its key and has effect once; balances are the start
// plus the payments; the auditor finds no fault.
//   node tests/fault/kill_bank.mjs sqlite|postgresql [KILLS]
import { cents, pause, people, run } from './bank.mjs';

let call;
const sent = new Map(); // key -> {from, to, body, payment}
let number = 0;
let stopping = false;
async function pay(town) {
  const from = town[Math.floor(Math.random() * town.length)];
  const to = town.filter((p) => p !== from)[Math.floor(Math.random() * (town.length - 1))];
  const key = `kill-${number++}`;
  const body = { debtorAccountId: from.account, creditorPhone: to.phone, creditorName: to.name,
    instructedAmount: { amount: '0.01', currency: 'CNY' } };
  const entry = { from, to, body, payment: null };
  sent.set(key, entry);
  await send(key, entry);
}
async function send(key, entry) {
  try {
    const { status, json } = await call('POST', '/v1/transfers', { token: entry.from.token, body: entry.body, key });
    if (status === 201) {
      if (entry.payment && entry.payment !== json.paymentId) throw Object.assign(new Error(`${key}: two payments`), { fatal: true });
      entry.payment = json.paymentId;
      return;
    }
    // Refused temporarily (busy, still running): sent again later with the same key.
    if (status < 500 && status !== 409) throw Object.assign(new Error(`${key}: ${status} ${json.type}`), { fatal: true });
  } catch (error) {
    if (error.fatal) throw error;
  }
}
async function client(town) {
  while (!stopping) {
    await pay(town);
    if ([...sent.values()].length > 400000) break;
  }
}

async function verify(town, answeredBefore) {
  let resent = 0;
  for (const [key, entry] of sent) {
    if (!entry.payment) {
      for (let i = 0; i < 50 && !entry.payment; i++) await send(key, entry);
      if (!entry.payment) throw new Error(`${key} could not be settled`);
      resent++;
    }
  }
  for (const key of answeredBefore) {
    const entry = sent.get(key);
    const { status, json } = await call('GET', `/v1/payments/${entry.payment}`, { token: entry.from.token });
    if (status !== 200 || json.transactionStatus !== 'ACSC') throw new Error(`${key}: answered payment is ${status} ${json.transactionStatus}`);
  }
  return resent;
}

await run({ early: true, town: true }, async (bank, kills) => {
  ({ call } = bank);
  const town = await people(bank);
  let resent = 0;
  for (let round = 0; round < kills; round++) {
    stopping = false;
    const keysBefore = new Set(sent.keys());
    const clients = Array.from({ length: 16 }, () => client(town));
    await pause(150 + Math.random() * 500);
    const answered = [...sent].filter(([k, e]) => e.payment && !keysBefore.has(k)).map(([k]) => k);
    const killed = bank.kill(round % 2 === 0);
    stopping = true;
    await Promise.all([killed, ...clients]);
    await bank.serve();
    resent += await verify(town, answered);
  }
  const net = new Map(town.map((p) => [p, 0]));
  const ids = new Set();
  for (const { from, to, payment } of sent.values()) {
    net.set(from, net.get(from) - 1);
    net.set(to, net.get(to) + 1);
    if (ids.has(payment)) throw new Error(`payment ${payment} answers two keys`);
    ids.add(payment);
  }
  for (const p of town) {
    const [account] = (await call('GET', '/v1/accounts', { token: p.token })).json.items;
    if (cents(account) !== p.cents + net.get(p)) throw new Error(`a balance is ${cents(account)}, wanted ${p.cents + net.get(p)}`);
  }
  await bank.rest();
  bank.audit();
  return `under load, ${sent.size} payments, ${resent} sent again, 0 lost, 0 doubled, auditor content`;
});
