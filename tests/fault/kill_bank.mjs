// Kills the whole bank with SIGKILL in the middle of payments over HTTP, starts it again, and holds it
// to its word: every payment that was answered is there once, with its money; a request that was not
// answered is sent again under its key and has effect once; balances are the start plus the payments;
// the auditor is content.
//   node tests/fault/kill_bank.mjs sqlite|postgresql [KILLS]
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';

const [engine, kills] = [process.argv[2] ?? 'sqlite', Number(process.argv[3] ?? 10)];
const bin = 'build/release';
const work = mkdtempSync(join(tmpdir(), 'sycee-kill-'));
chmodSync(work, 0o711);
const port = 21000 + (process.pid % 8000);
const outsidePort = port + 8000;
const base = `http://127.0.0.1:${port}`;
const outside = `http://127.0.0.1:${outsidePort}`;
const children = new Set();
let url = `sqlite:${work}/bank.db`;

const pause = (ms) => new Promise((r) => setTimeout(r, ms));
function start(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  children.add(child);
  child.ended = new Promise((r) => child.on('exit', () => { children.delete(child); r(); }));
  return child;
}
async function ready(address) {
  for (let i = 0; i < 600; i++) {
    try { if ((await fetch(address)).ok) return; } catch { /* not yet */ }
    await pause(50);
  }
  throw new Error(`${address} does not answer`);
}
const settings = () => ['--database', url, '--set', `security.key_file=${work}/keys`, '--set', `server.port=${port}`,
  '--set', `outside.url=${outside}`, '--set', 'server.rate_limits=false', '--set', 'log.level=error',
  '--set', 'bank.automatic_end_of_day=false'];
async function startBank() {
  const bank = start(`${bin}/sycee`, ['serve', '--migrate', ...settings()]);
  await ready(`${base}/readyz`);
  return bank;
}
async function call(method, path, token, body, key) {
  const headers = { 'Accept-Language': 'en', ...(token && { Authorization: `Bearer ${token}` }),
    ...(body && { 'Content-Type': 'application/json' }), ...(key && { 'Idempotency-Key': key }) };
  const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, json: await answer.json() };
}

async function people() {
  const all = [];
  for (let i = 1; i <= 6; i++) {
    const phone = `+861990000000${i}`;
    const { json } = await call('POST', '/v1/sessions', null, { phone, passCode: '135246', deviceName: 'kill' });
    const me = (await call('GET', '/v1/me', json.token)).json;
    const [account] = (await call('GET', '/v1/accounts', json.token)).json.items;
    all.push({ phone, token: json.token, name: me.name, account: account.accountId, cents: cents(account) });
  }
  return all;
}
const cents = (account) => {
  const { amount } = account.balances.find((b) => b.balanceType === 'interimBooked').balanceAmount;
  return Number(amount.replace('.', ''));
};

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
    const { status, json } = await call('POST', '/v1/transfers', entry.from.token, entry.body, key);
    if (status === 201) {
      if (entry.payment && entry.payment !== json.paymentId) throw Object.assign(new Error(`${key}: two payments`), { fatal: true });
      entry.payment = json.paymentId;
      return;
    }
    // Refused for now (busy, still running): sent again later under the same key.
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
    const { status, json } = await call('GET', `/v1/payments/${entry.payment}`, entry.from.token);
    if (status !== 200 || json.transactionStatus !== 'ACSC') throw new Error(`${key}: answered payment is ${status} ${json.transactionStatus}`);
  }
  return resent;
}

async function main() {
  if (engine === 'postgresql') {
    const server = execFileSync('tools/pg', ['start', join(work, 'pg')], { encoding: 'utf8' }).trim();
    url = server;
  }
  start(`${bin}/sandbox`, ['--listen', `127.0.0.1:${outsidePort}`, '--state', join(work, 'sandbox.db'), '--seed', '1', '--quiet']);
  let bank = await startBank();
  execFileSync(process.execPath, ['tools/town.mjs', base, outside], { stdio: ['ignore', 'ignore', 'inherit'] });
  const town = await people();
  let resent = 0;
  for (let round = 0; round < kills; round++) {
    stopping = false;
    const keysBefore = new Set(sent.keys());
    const clients = Array.from({ length: 16 }, () => client(town));
    await pause(150 + Math.random() * 500);
    const answered = [...sent].filter(([k, e]) => e.payment && !keysBefore.has(k)).map(([k]) => k);
    if (engine === 'postgresql' && round % 2 === 0) execFileSync('tools/pg', ['crash', join(work, 'pg')]);
    bank.kill('SIGKILL');
    stopping = true;
    await Promise.all(clients);
    await bank.ended;
    if (engine === 'postgresql' && round % 2 === 0) execFileSync('tools/pg', ['start', join(work, 'pg')]);
    bank = await startBank();
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
    const [account] = (await call('GET', '/v1/accounts', p.token)).json.items;
    if (cents(account) !== p.cents + net.get(p)) throw new Error(`a balance is ${cents(account)}, wanted ${p.cents + net.get(p)}`);
  }
  bank.kill('SIGTERM');
  await bank.ended;
  execFileSync(`${bin}/auditor`, ['--database', url], { stdio: ['ignore', 'inherit', 'inherit'] });
  console.log(`${engine}: ${kills} kills under load, ${sent.size} payments, ${resent} sent again, 0 lost, 0 doubled, auditor content`);
}

let code = 0;
try {
  await main();
} catch (error) {
  console.log(`${engine}: ${error.message}`);
  code = 1;
} finally {
  for (const child of children) child.kill('SIGKILL');
  if (engine === 'postgresql') try { execFileSync('tools/pg', ['stop', join(work, 'pg')]); } catch { /* gone */ }
  rmSync(work, { recursive: true, force: true });
}
process.exit(code);
