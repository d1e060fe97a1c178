// A bank that is killed repeatedly: the programs, a database of the requested engine, calls.
import { signed } from '../../tools/staff.mjs';
import { townDevice } from '../../tools/identity.mjs';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setParameter } from '../../tools/policy.mjs';

export const bin = process.env.SYCEE_TEST_BINARIES ?? 'build/release';
const STAFF = { password: 'town-of-sycee-2026', secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' };
export const pause = (ms) => new Promise((r) => setTimeout(r, ms));

async function ready(address) {
  for (let i = 0; i < 600; i++) {
    try { if ((await fetch(address)).ok) return; } catch { /* not yet */ }
    await pause(50);
  }
  throw new Error(`${address} does not answer`);
}

// Starts a bank and a sandbox. `early`: without the layers of identity, name and number are enough.
export async function openBank(engine, { early, town }) {
  const work = mkdtempSync(join(tmpdir(), 'sycee-kill-'));
  chmodSync(work, 0o711);
  const port = 21000 + (process.pid % 8000);
  const bank = { engine, base: `http://127.0.0.1:${port}`, outside: `http://127.0.0.1:${port + 8000}`, children: new Set() };
  const pg = join(work, 'pg');
  const start = (program, args) => {
    const child = spawn(join(bin, program), args, { stdio: ['ignore', 'ignore', 'inherit'] });
    bank.children.add(child);
    child.ended = new Promise((r) => child.on('exit', () => { bank.children.delete(child); r(); }));
    return child;
  };
  const settings = () => ['--database', bank.url, '--set', `security.key_file=${work}/keys`, '--set', `server.port=${port}`,
    '--set', `outside.url=${bank.outside}`, '--set', 'server.rate_limits=false', '--set', 'log.level=error',
    '--set', `bank.test_clock=${work}/clock`, '--set', `bank.automatic_end_of_day=${bank.closes}`];
  bank.closes = false; // its days by itself
  // Moves the clocks by that many days: wall clock and monotonic clock, or the wall clock alone.
  bank.pass = (days, counted = days) => writeFileSync(join(work, 'clock'), new BigInt64Array([days, counted].map((n) => BigInt(n) * 86400000000n)));
  bank.pass(0);
  bank.serve = async () => {
    bank.server = start('sycee', ['serve', '--migrate', ...settings()]);
    await ready(`${bank.base}/readyz`);
  };
  // Kills the process; with `power` the database's server too.
  bank.kill = async (power = false) => {
    const isServer = power && engine === 'postgresql';
    if (isServer) execFileSync('tools/pg', ['crash', pg]);
    bank.server.kill('SIGKILL');
    await bank.server.ended;
    if (isServer) execFileSync('tools/pg', ['start', pg]);
  };
  bank.rest = async () => {
    bank.server.kill('SIGTERM');
    await bank.server.ended;
  };
  // Rows as arrays of texts, while the bank is down or up.
  bank.ask = (sql) => execFileSync(...(engine === 'sqlite'
    ? ['sqlite3', ['-cmd', '.timeout 10000', '-separator', '\t', bank.url.slice('sqlite:'.length), sql]]
    : ['psql', ['-qAtX', '-F', '\t', '-d', bank.url, '-c', sql]]), { encoding: 'utf8' })
    .split('\n').filter(Boolean).map((line) => line.split('\t'));
  bank.audit = () => execFileSync(join(bin, 'auditor'), ['--database', bank.url], { stdio: ['ignore', 'inherit', 'inherit'] });
  bank.call = async (method, path, { token, body, key, type = 'application/json' } = {}) => {
    const headers = { 'Accept-Language': 'en', ...signed(path, token),
      ...(body && { 'Content-Type': type }), ...(key && { 'Idempotency-Key': key }) };
    const answer = await fetch(bank.base + path, { method, headers, body: body && !Buffer.isBuffer(body) ? JSON.stringify(body) : body });
    const text = await answer.text();
    return { status: answer.status, json: text ? JSON.parse(text) : {} };
  };
  bank.close = () => {
    for (const child of bank.children) child.kill('SIGKILL');
    if (engine === 'postgresql') try { execFileSync('tools/pg', ['stop', pg]); } catch { /* gone */ }
    rmSync(work, { recursive: true, force: true });
  };
  try {
    bank.url = engine === 'postgresql' ? execFileSync('tools/pg', ['start', pg], { encoding: 'utf8' }).trim() : `sqlite:${work}/bank.db`;
    start('sandbox', ['--listen', `127.0.0.1:${port + 8000}`, '--state', join(work, 'sandbox.db'), '--seed', '1', '--quiet']);
    execFileSync(join(bin, 'sycee'), ['migrate', '--database', bank.url], { stdio: 'ignore' });
    if (early) {
      execFileSync(join(bin, 'sycee'), ['staff', 'town', ...settings(), '--password', STAFF.password, '--totp-secret', STAFF.secret], { stdio: 'ignore' });
    }
    await bank.serve();
    if (early) await setParameter(bank.base, 'policy.identityLayers', 0, { ...STAFF, steps: {} });
    if (town) execFileSync(process.execPath, ['tools/town.mjs', bank.base, bank.outside], { stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (error) {
    bank.close();
    throw error;
  }
  return bank;
}

// Runs a test of this folder: `node tests/fault/NAME.mjs sqlite|postgresql [KILLS]`.
export async function run(options, test) {
  const [engine, kills] = [process.argv[2] ?? 'sqlite', Number(process.argv[3] ?? 10)];
  let bank;
  let code = 0;
  try {
    bank = await openBank(engine, options);
    console.log(`${engine}: ${kills} kills ${await test(bank, kills)}`);
  } catch (error) {
    console.log(`${engine}: ${error.message}`);
    code = 1;
  } finally {
    bank?.close();
  }
  process.exit(code);
}

// The invented town signs in.
export async function people(bank) {
  const all = [];
  for (const i of [1, 2, 3, 5, 6, 7]) {
    const phone = `+861990000000${i}`;
    const { json } = await bank.call('POST', '/v1/sessions', { body: { phone, passCode: '135246', deviceKey: townDevice(phone), deviceName: 'kill' } });
    const me = (await bank.call('GET', '/v1/me', { token: json.token })).json;
    const [account] = (await bank.call('GET', '/v1/accounts', { token: json.token })).json.items;
    all.push({ phone, token: json.token, name: me.name, account: account.accountId, cents: cents(account) });
  }
  return all;
}
export const cents = (account) => {
  const { amount } = account.balances.find((b) => b.balanceType === 'interimBooked').balanceAmount;
  return Number(amount.replace('.', ''));
};
