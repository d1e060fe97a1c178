// A sandbox and a bank on free ports, with the invented town in it, or empty.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, openSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { totp } from '../../tools/totp.mjs';

const run = promisify(execFile);
process.chdir(new URL('../../', import.meta.url).pathname);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export const PASS_CODE = '135246'; // of the town's people (tools/town.mjs)
const PASSWORD = 'browser-tests-2026';
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

async function until(what, find, ms = 30_000) {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    const found = await find();
    if (found) return found;
    await pause(50);
  }
  throw new Error(`${what}: not within ${ms} ms`);
}

export async function openBank({ binaries = process.env.SYCEE_TEST_BINARIES ?? 'build/release', town = true } = {}) {
  const folder = mkdtempSync(join(process.env.SYCEE_TEST_WORK ?? tmpdir(), 'browser-'));
  const log = (name) => join(folder, `${name}.log`);
  const children = [];
  let isClosing = false;
  const start = (name, args, env = {}) => {
    const file = openSync(log(name), 'w');
    const child = spawn(`${binaries}/${name}`, args, { stdio: ['ignore', file, file], env: { ...process.env, ...env } });
    children.push(child);
    child.once('exit', (code, signal) => {
      if (isClosing) return;
      console.log(`${name} ended by itself: ${signal ?? code}\n${readFileSync(log(name), 'utf8').split('\n').slice(-12).join('\n')}`);
    });
    return (pattern) => until(`${name} started`, () => {
      if (child.exitCode !== null) throw new Error(`${name} ended:\n${readFileSync(log(name), 'utf8')}`);
      return pattern.exec(readFileSync(log(name), 'utf8'))?.[1];
    });
  };
  const close = async () => {
    isClosing = true;
    for (const child of children.reverse()) {
      if (child.exitCode !== null) continue;
      const ended = new Promise((done) => child.once('exit', done));
      child.kill();
      await Promise.race([ended, pause(12_000).then(() => child.kill('SIGKILL'))]);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const sandbox = await start('sandbox', ['--listen', '127.0.0.1:0', '--state', join(folder, 'sandbox.db'), '--seed', '7'])(
      /listening on (http:\/\/[\d.:]+)/);
    const env = {
      SYCEE_DATABASE_URL: `sqlite:${join(folder, 'bank.db')}`, SYCEE_SECURITY_KEY_FILE: join(folder, 'keys'),
      SYCEE_OUTSIDE_URL: sandbox, SYCEE_SERVER_PORT: '0', SYCEE_BANK_TEST_CLOCK: join(folder, 'clock') };
    // Only the wall clock is set by that many milliseconds.
    const setClock = (ms) => writeFileSync(env.SYCEE_BANK_TEST_CLOCK, new BigInt64Array([BigInt(ms) * 1000n, 0n]));
    setClock(0);
    const command = { env: { ...process.env, ...env } };
    await run(`${binaries}/sycee`, ['migrate', '--database', env.SYCEE_DATABASE_URL], command);
    await run(`${binaries}/sycee`, ['staff', 'town', '--password', PASSWORD, '--totp-secret', SECRET], command);
    const address = await start('sycee', ['serve'], env)(/customer app\s+(http:\/\/localhost:\d+)\//);
    if (town) await run(process.execPath, ['tools/town.mjs', address, sandbox]);
    const { items: residents } = await (await fetch(`${sandbox}/registry/v1/people`)).json();
    // A canvas of a browser makes the sandbox's second photographs look less alive than a camera does: the rendered ones are
    // shown again, and are no longer known.
    const ask = (sql) => execFileSync('sqlite3', ['-cmd', '.timeout 10000', join(folder, 'bank.db'), sql], { encoding: 'utf8' });
    const forgetPhotographs = () => ask('DELETE FROM kyc_prints; DELETE FROM kyc_uploads');
    return { ask, forgetPhotographs, address, sandbox, residents, password: PASSWORD, close, setClock, staffCode, log: () => readFileSync(log('sycee'), 'utf8') };
  } catch (error) {
    await close();
    throw error;
  }
}

// A time code is valid once for each person: the next one may be the following step's.
const used = new Map();
async function staffCode(login) {
  let at = Date.now();
  if (used.get(login) >= Math.floor(at / 30_000)) at = (used.get(login) + 1) * 30_000;
  // the bank accepts the neighbouring steps too, so at most one step is waited for
  while (Math.floor(at / 30_000) > Math.floor(Date.now() / 30_000) + 1) await pause(500);
  used.set(login, Math.floor(at / 30_000));
  return totp(SECRET, at);
}
