// Replaces a key of the bank as described in docs/OPERATIONS.md: added, every stored field sealed anew although the
// run is killed, the older key refused and then retired, and customers signed in with resealed data.
//   node tests/operate/keys.mjs [BUILD_DIR]       on SQLite, on PostgreSQL too with SYCEE_TEST_PG_URL
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTown } from '../auditor/bank.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
process.chdir(root);
const build = resolve(process.argv[2] ?? process.env.SYCEE_TEST_BUILD ?? 'build/debug');
const folder = mkdtempSync(join(process.env.SYCEE_TEST_WORK ?? tmpdir(), 'sycee-keys.'));
let passed = 0;
let failed = 0;
function ok(condition, what, seen) {
  if (condition) passed++;
  else { failed++; console.log(`FAILED ${what}: ${seen ?? ''}`); }
}

async function replaceKey(name, url, query) {
  await makeTown(build, root, folder, url, name);
  const keyFile = join(folder, `${name}-keys`);
  const env = { ...process.env, LC_ALL: 'C', SYCEE_DATABASE_URL: url, SYCEE_SECURITY_KEY_FILE: keyFile, SYCEE_BANK_TEST_CLOCK: join(folder, `${name}-clock`) };
  const sycee = (...args) => {
    const done = spawnSync(join(build, 'sycee'), args, { env, encoding: 'utf8' });
    return { code: done.status, text: done.stdout + done.stderr };
  };
  const left = () => Number(/(\d+) values are sealed under older keys/.exec(sycee('check').text)?.[1] ?? 0);
  ok(sycee('keys', 'add').code === 0, `${name}: a key is added`);
  const before = left();
  ok(before > 200, `${name}: all is under the older key`, before);
  const refused = sycee('keys', 'retire');
  ok(refused.code === 75 && /are sealed under older keys/.test(refused.text), `${name}: the older key is in use`, refused.text);
  // Killed at any point, more than once: resealed values stay so.
  let now = before;
  for (let i = 0; i < 20 && now === before; i++) {
    const child = spawn(join(build, 'sycee'), ['keys', 'reseal'], { env, stdio: 'ignore' });
    await new Promise((done) => setTimeout(done, 60 + 30 * i));
    child.kill('SIGKILL');
    await new Promise((done) => (child.exitCode !== null || child.signalCode !== null ? done() : child.once('exit', done)));
    now = left();
  }
  ok(now < before, `${name}: a killed run has sealed some anew`, `${before} ${now}`);
  const rest = sycee('keys', 'reseal');
  ok(rest.code === 0 && Number(/(\d+) values sealed anew under key 2/.exec(rest.text)?.[1]) === now, `${name}: the next run does what was left`, `${now}: ${rest.text}`);
  ok(/^0 values sealed anew/m.test(sycee('keys', 'reseal').text), `${name}: a further run changes nothing`);
  ok(left() === 0, `${name}: nothing is left`);
  query('DELETE FROM db_idempotency'); // as the sweep does after two days
  query("DELETE FROM db_outbox WHERE body LIKE '{\"sealed\":%'");
  const retired = sycee('keys', 'retire');
  ok(retired.code === 0, `${name}: the older key is retired`, retired.text);
  ok(!/^sycee-vault-1 /m.test(readFileSync(keyFile, 'utf8')), `${name}: and out of the file`);
  const check = sycee('check');
  ok(/ok +key file/.test(check.text), `${name}: the file is the bank's`, check.text);
  // A staff member's time-code secret and customers' phones open: the console signs in, the auditor finds no fault.
  const audit = spawnSync(join(build, 'auditor'), ['--database', url], { encoding: 'utf8' });
  ok(audit.status === 0, `${name}: the books are in order`, audit.stdout);
}

try {
  const file = join(folder, 'bank.db');
  await replaceKey('sqlite', `sqlite:${file}`, (sql) => execFileSync('sqlite3', [file, sql]));
  const server = process.env.SYCEE_TEST_PG_URL;
  if (server) {
    const name = `keys_${process.pid}`;
    const url = server.replace(/\/[^/?]*(\?|$)/, `/${name}$1`);
    const psql = (to, sql) => execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', to, '-c', sql], { stdio: 'pipe' });
    psql(server, `CREATE DATABASE ${name}`);
    try {
      await replaceKey('postgresql', url, (sql) => psql(url, sql));
    } finally {
      psql(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    }
  }
} catch (error) {
  ok(false, 'the bank of the test', error.stack);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
