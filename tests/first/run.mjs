#!/usr/bin/env node
// README's first command as a new user runs it: a copy of the tree without build folder, `make run` (serial), a
// sign-in and a payment over HTTP at the printed address, Ctrl-C; then `make run` again on the kept folder. Usage:
// tests/first/run.mjs
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { equal, ok, part, tally } from '../api/count.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const folder = mkdtempSync(join(process.env.SYCEE_TEST_WORK || tmpdir(), 'first.'));
const tree = join(folder, 'sycee');
const START_MAX_MS = 15 * 60 * 1000;
const running = new Set();
process.on('exit', () => {
  for (const child of running) {
    try { process.kill(-child.pid, 'SIGKILL'); } catch { /* gone already */ }
  }
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

// The files that a clone would contain if the tree were committed now.
function copyTree() {
  execFileSync('mkdir', ['-p', tree]);
  execFileSync('bash', ['-c', 'set -o pipefail; git ls-files -z --cached --others --exclude-standard | tar -c --null --ignore-failed-read -T - | tar -x -C "$1"', 'copy', tree], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
}

function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().on('error', fail).listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

// The environment of a user's shell, without variables set by a test or an outer make.
function plainEnvironment(ports) {
  const env = { ...process.env, ...ports };
  for (const name of Object.keys(env)) {
    if (/^(MAKE|MFLAGS|SYCEE_|SANDBOX_|CI$)/.test(name) && !(name in ports)) delete env[name];
  }
  return env;
}

async function makeRun(ports) {
  const child = spawn('make', ['run'], { cwd: tree, detached: true, env: plainEnvironment(ports), stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const run = { child, output: '' };
  run.ended = new Promise((done) => child.on('exit', (code, signal) => { running.delete(child); done(signal ?? code); }));
  const opened = new Promise((done) => {
    const take = (data) => {
      run.output += data;
      if (/Ctrl-C stops the bank/.test(run.output)) done(true);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
  });
  const bound = new Promise((done) => { setTimeout(() => done(false), START_MAX_MS).unref(); });
  run.isOpen = await Promise.race([opened, run.ended.then(() => false), bound]);
  return run;
}

async function call(base, method, path, { token, body, key } = {}) {
  const headers = { 'Accept-Language': 'en', 'Content-Type': 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (key) headers['Idempotency-Key'] = key;
  const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, json: text ? JSON.parse(text) : {}, text };
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function textCode(outside, phone, before) {
  for (let i = 0; i < 100; i++) {
    const { items } = await (await fetch(`${outside}/sms/v1/messages?to=${encodeURIComponent(phone)}&limit=5`)).json();
    const found = items.find((m) => m.code && !before.includes(m.messageId));
    if (found) return found.code;
    await pause(100);
  }
  throw new Error('no text message arrived');
}

// The printed pass code and a text code, as on a phone that is new to the bank.
async function signIn(bank, outside, phone) {
  const before = (await (await fetch(`${outside}/sms/v1/messages?to=${encodeURIComponent(phone)}&limit=50`)).json()).items.map((m) => m.messageId);
  let sent;
  for (let i = 0; i < 6 && sent?.status !== 201; i++) { // one code a minute for a number
    if (sent) await pause(15000);
    sent = await call(bank, 'POST', '/v1/phone-codes', { body: { phone, purpose: 'signIn' } });
  }
  const code = await textCode(outside, phone, before);
  const answer = await call(bank, 'POST', '/v1/sessions', { body: { phone, passCode: '135246', phoneCodeId: sent.json.phoneCodeId, code,
    deviceKey: randomBytes(32).toString('base64url'), deviceName: 'a stranger' } });
  equal(answer.status, 201, `sign-in with what was printed (${answer.text.slice(0, 200)})`);
  return answer.json.token;
}

async function pay(bank, outside, phone, amount) {
  const token = await signIn(bank, outside, phone);
  const account = (await call(bank, 'GET', '/v1/accounts', { token })).json.items[0];
  const available = async () => (await call(bank, 'GET', `/v1/accounts/${account.accountId}/balances`, { token })).json.balances
    .find((b) => b.balanceType === 'interimAvailable').balanceAmount.amount;
  const before = await available();
  const shop = (await (await fetch(`${outside}/registry/v1/people`)).json()).items.find((p) => p.phone === '+8619900000003');
  const paid = await call(bank, 'POST', '/v1/transfers', { token, key: `first-${phone}-${amount}`, body: { debtorAccountId: account.accountId,
    creditorPhone: shop.phone, creditorName: shop.name, instructedAmount: { amount, currency: 'CNY' } } });
  equal(paid.status, 201, `a payment of ${amount} (${paid.text.slice(0, 200)})`);
  equal(paid.json.transactionStatus, 'ACSC', 'it is settled');
  const fen = (text) => Number(text.replace('.', ''));
  equal(fen(before) - fen(await available()), fen(amount), 'the balance shows it');
}

// A shell sends Ctrl-C to every program of the foreground group.
async function interrupt(run) {
  process.kill(-run.child.pid, 'SIGINT');
  await Promise.race([run.ended, pause(30000)]);
  ok(!running.has(run.child), 'Ctrl-C ends it');
  ok(/stopped/.test(run.output), 'and it says so', run.output.slice(-300));
}

const bankPort = await freePort();
const outsidePort = await freePort();
const ports = { SYCEE_PORT: String(bankPort), SANDBOX_PORT: String(outsidePort) };
await part('make run in a fresh copy', async () => {
  copyTree();
  ok(!existsSync(join(tree, 'build')), 'nothing is built yet');
  const run = await makeRun(ports);
  if (!ok(run.isOpen, 'the bank opens', run.output.slice(-1500))) return;
  const printed = [...run.output.matchAll(/http:\/\/[^\s]+/g)].map(([url]) => url);
  for (const url of printed) equal((await fetch(url)).status, 200, `printed address ${url}`);
  const origin = new URL(printed[0]).origin;
  await pay(origin, `http://127.0.0.1:${outsidePort}`, '+8619900000002', '12.34').finally(() => interrupt(run));
});
await part('make run again on the kept folder', async () => {
  const run = await makeRun(ports);
  if (!ok(run.isOpen, 'the bank opens', run.output.slice(-1500))) return;
  ok(!/ CC\t/.test(run.output), 'nothing is built again');
  await pay(`http://127.0.0.1:${bankPort}`, `http://127.0.0.1:${outsidePort}`, '+8619900000005', '23.45').finally(() => interrupt(run));
  const books = execFileSync(join(tree, 'build/release/sycee'), ['audit', '--database', `sqlite:${join(tree, 'var/sycee.db')}`], { encoding: 'utf8', cwd: tree });
  ok(!/BAD/.test(books), 'the books are in order', books.slice(-500));
});
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed ? 1 : 0);
