// Small banks for the sabotage tests: a ledger made by replay, and a town with payments in every state, settled and
// with interest.
import { signed } from '../../tools/staff.mjs';
import { townDevice } from '../../tools/identity.mjs';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const LEDGER = [
  { op: 'openAccount', account: 'li' }, { op: 'openAccount', account: 'wang' },
  { op: 'openAccount', account: 'usd', currency: 'USD' },
  { op: 'transfer', debit: 'gl:1001', credit: 'li', amount: '100.00', id: 'a1' },
  { op: 'transfer', debit: 'li', credit: 'wang', amount: '10.00', id: 'a2', as: 'j' },
  { op: 'transfer', debit: 'li', credit: 'wang', amount: '7.00', as: 'k' },
  { op: 'hold', debit: 'li', credit: 'gl:2011', amount: '30.00', as: 'h', id: 'a3' },
  { op: 'capture', hold: 'h', amount: '20.00', last: true, id: 'a4' },
  { op: 'reverse', journal: 'j', id: 'a5' },
  { op: 'transfer', debit: 'li', credit: 'wang', amount: '1000.00', id: 'a6' },
  { op: 'hold', debit: 'li', credit: 'gl:2011', amount: '5.00', as: 'h2' },
  { op: 'hold', debit: 'wang', credit: 'gl:2011', amount: '2.00', as: 'h3' },
  { op: 'release', hold: 'h3' },
  { op: 'hold', debit: 'wang', credit: 'gl:2011', amount: '3.00', as: 'h4' },
  { op: 'capture', hold: 'h4', amount: '1.00' }, { op: 'release', hold: 'h4' },
  { op: 'hold', debit: 'wang', credit: 'gl:2011', amount: '1.50', as: 'h5', expiresInSeconds: 20 },
  { op: 'clock', advanceSeconds: 30 }, { op: 'expire', hold: 'h5' },
  { op: 'journal', transfers: [{ debit: 'li', credit: 'wang', amount: '3.00' },
    { debit: 'wang', credit: 'li', amount: '0.50' }, { debit: 'wang', credit: 'li', amount: '1.00' }] },
  { op: 'transfer', debit: 'wang', credit: 'li', amount: '0.01', id: 'a7' },
];

export function sycee(build, args, input) {
  const done = spawnSync(join(build, 'sycee'), args, { input, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`sycee ${args.join(' ')}: ${done.status} ${done.stderr} ${done.stdout}`);
  return done.stdout;
}

export function makeLedger(build, url) {
  sycee(build, ['ledger', 'replay', '--quiet', '--database', url], LEDGER.map((l) => JSON.stringify(l)).join('\n'));
}

// Starts a server and waits for output that matches `pattern`.
export function serve(program, args, env, pattern) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  const url = new Promise((done, fail) => {
    const look = (data) => {
      out += data;
      const found = pattern.exec(out);
      if (found) done(found[1]);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('exit', (code) => fail(new Error(`${program} ended with ${code}: ${out.slice(-2000)}`)));
  });
  const stop = () => new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      done();
      return;
    }
    child.once('exit', done);
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 15000).unref();
  });
  return { url, stop };
}

async function call(url, method, path, token, body, key) {
  const headers = { 'Accept-Language': 'en' };
  if (body) headers['Content-Type'] = 'application/json';
  Object.assign(headers, signed(path, token));
  if (key) headers['Idempotency-Key'] = key;
  const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
  return text ? JSON.parse(text) : {};
}

// Withdrawals and top-ups with each outcome (the sandbox's magic amounts).
async function pay(bank) {
  const { token } = await call(bank, 'POST', '/v1/sessions', null, { phone: '+8619900000002', passCode: '135246', deviceKey: townDevice('+8619900000002'), deviceName: 'test' });
  await call(bank, 'POST', '/v1/step-ups', token, { passCode: '135246' });
  const accountId = (await call(bank, 'GET', '/v1/accounts', token)).items[0].accountId;
  const cardId = (await call(bank, 'GET', '/v1/cards', token)).items[0].cardId;
  const states = [];
  for (const [kind, amount] of [['withdrawals', '20.00'], ['withdrawals', '30.41'], ['top-ups', '40.41'],
    ['top-ups', '50.00'], ['withdrawals', '60.44'], ['top-ups', '70.44']]) {
    const payment = await call(bank, 'POST', `/v1/${kind}`, token,
      { cardId, accountId, instructedAmount: { amount, currency: 'CNY' } }, `audit-${kind}-${amount}`);
    states.push(payment.transactionStatus);
  }
  if (states.join() !== 'ACSC,RJCT,RJCT,ACSC,PDNG,PDNG') throw new Error(`payments ended ${states}`);
}

export async function makeTown(build, root, folder, url, name) {
  const clock = join(folder, `${name}-clock`);
  const env = { SYCEE_DATABASE_URL: url, SYCEE_SECURITY_KEY_FILE: join(folder, `${name}-keys`), SYCEE_SERVER_PORT: '0',
    SYCEE_BANK_AUTOMATIC_END_OF_DAY: 'false', SYCEE_BANK_TEST_CLOCK: clock };
  const passed = (days) => writeFileSync(clock, new BigInt64Array([0n, 0n].map(() => BigInt(days) * 86400000000n)));
  passed(0);
  const sandbox = serve(join(build, 'sandbox'), ['--listen', '127.0.0.1:0', '--state', join(folder, `${name}-sandbox.db`), '--seed', '1', '--quiet'],
    {}, /listening on (http:\/\/127\.0\.0\.1:\d+)/);
  let bank;
  try {
    env.SYCEE_OUTSIDE_URL = await sandbox.url;
    sycee(build, ['migrate', '--database', url]);
    execFileSync(join(build, 'sycee'), ['staff', 'town', '--password', 'town-of-sycee-2026', '--totp-secret', 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'], { env: { ...process.env, ...env }, stdio: 'pipe' });
    bank = serve(join(build, 'sycee'), ['serve'], env, /customer app +(http:\/\/\S+?)\/app/);
    const at = await bank.url;
    execFileSync(process.execPath, [join(root, 'tools/town.mjs'), at, env.SYCEE_OUTSIDE_URL], { stdio: 'pipe', timeout: 300000 });
    await pay(at);
    const audit = spawnSync(join(build, 'auditor'), ['--database', url], { encoding: 'utf8' });
    if (audit.status !== 0) throw new Error(`the auditor is not content while the bank serves: ${audit.stdout}${audit.stderr}`);
  } finally {
    await bank?.stop();
    await sandbox.stop();
  }
  passed(22); // wall clock and monotonic clock
  execFileSync(join(build, 'sycee'), ['eod', '--days', '21'], { env: { ...process.env, ...env }, stdio: 'pipe' });
}
