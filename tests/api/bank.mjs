// A bank with a sandbox and an invented town, in a folder of its own, on free ports.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setParameter } from '../../tools/policy.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const build = process.env.SYCEE_TEST_BUILD || join(root, 'build/debug');
const work = process.env.SYCEE_TEST_WORK || mkdtempSync(join(tmpdir(), 'sycee-api.'));
export const STAFF_PASSWORD = 'town-of-sycee-2026';
export const STAFF_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().on('error', fail).listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

// Starts a program; the first line on stdout that matches `ready` contains its address.
function start(program, args, log, ready) {
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.stderr.on('data', (data) => appendFileSync(log, data));
  child.ended = new Promise((done) => child.on('exit', (code, signal) => {
    running.delete(child);
    done(signal ?? code);
  }));
  return new Promise((done, fail) => {
    let out = '';
    const bound = setTimeout(() => fail(new Error(`${program} did not start, see ${log}`)), 60000);
    child.stdout.on('data', (data) => {
      out += data;
      const found = ready.exec(out);
      if (found) {
        clearTimeout(bound);
        done({ child, url: found[1] });
      }
    });
    child.ended.then((code) => fail(new Error(`${program} ended with ${code}: ${existsSync(log) ? readFileSync(log, 'utf8').slice(-800) : ''}`)));
  });
}

async function stop(child) {
  child.kill('SIGTERM');
  const bound = setTimeout(() => child.kill('SIGKILL'), 20000);
  const code = await child.ended;
  clearTimeout(bound);
  return code;
}

// A database of the requested engine: input for psql or sqlite3, and the URL for the bank.
function makeDatabase(engine, folder) {
  if (engine === 'sqlite') {
    const file = join(folder, 'sycee.db');
    return { url: `sqlite:${file}`, ask: (sql) => execFileSync('sqlite3', ['-cmd', '.timeout 10000', file, sql], { maxBuffer: 1 << 28 }) };
  }
  const name = `sycee_api_${process.pid}_${Date.now() % 1000000}`;
  const server = process.env.SYCEE_TEST_PG_URL;
  execFileSync('psql', ['-qAtX', '-d', server, '-c', `CREATE DATABASE ${name}`]);
  const url = server.replace(/\/[^/]*$/, `/${name}`);
  return { url, ask: (sql) => execFileSync('psql', ['-qAtX', '-d', url, '-c', sql], { maxBuffer: 1 << 28 }) };
}

// Rows that a refused request may leave: its stored refusal, counted attempts, used sessions, their history, audit
// entries of views; and writes of jobs.
// kyc_attempts, kyc_checks: a refused picture counts as an attempt of the customer, with the reason.
const NOISE = new Set(['db_idempotency', 'customer_phones', 'customer_sessions', 'customer_events', 'customer_totps', 'customer_challenges', 'staff_sessions',
  'staff_audit', 'staff_audit_head', 'kyc_attempts', 'kyc_checks', 'ledger_balance_chunks', 'ledger_seals', 'ledger_unsealed', 'report_gl_days', 'report_gl_progress',
  'db_outbox', 'db_inbox', 'db_facts', 'frame_eod_buckets', 'frame_eod_dates', 'frame_eod_steps', 'engine_clocks', 'server_probe']);
// A column that rises with every command, even if it is refused.
const NOISE_COLUMNS = { kyc_people: 'version' };

function columnsOf(database, engine, table) {
  return String(database.ask(engine === 'sqlite' ? `SELECT name FROM pragma_table_info('${table}')`
    : `SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '${table}' ORDER BY ordinal_position`)).trim().split('\n');
}

// `early`: the early rule set, under which name and number are enough to open an account; without it every customer
// shows card, face and location to the models. `townArgs`: further arguments of `sycee staff town`.
export async function openBank(engine, settings = [], withTown = true, early = true, townArgs = []) {
  const folder = mkdtempSync(join(work, `api-${engine}.`));
  const database = makeDatabase(engine, folder);
  const log = join(folder, 'bank.log');
  writeFileSync(log, '');
  mkdirSync(join(folder, 'files'), { recursive: true });
  const sandbox = await start(join(build, 'sandbox'), ['--listen', '127.0.0.1:0', '--state', join(folder, 'sandbox.db'), '--seed', '1', '--quiet'],
    join(folder, 'sandbox.log'), /listening on (http:\/\/[^/]+)\//);
  const port = await freePort();
  const common = ['--database', database.url, '--set', `security.key_file=${join(folder, 'keys')}`,
    '--set', `outside.url=${sandbox.url}`, '--set', 'outside.timeout=2s', '--set', `server.port=${port}`,
    '--set', 'bank.automatic_end_of_day=false', '--set', 'log.level=debug', ...settings.flatMap((s) => ['--set', s])];
  const program = join(build, 'sycee');
  execFileSync(program, ['migrate', '--database', database.url], { cwd: root, stdio: 'pipe' });
  execFileSync(program, ['staff', 'town', ...common, '--password', STAFF_PASSWORD, '--totp-secret', STAFF_SECRET, ...townArgs], { cwd: root, stdio: 'pipe' });

  const bank = { engine, folder, log, database, program, sandbox: sandbox.url, url: `http://127.0.0.1:${port}`, port,
    named: `http://localhost:${port}` }; // passkeys need a domain
  bank.serve = async () => {
    bank.server = (await start(program, ['serve', '--migrate', ...common], log, /customer app\s+(https?:\/\/[^/]+)\//)).child;
  };
  bank.rest = () => stop(bank.server);
  bank.failover = (url) => { common[1] = url; }; // from the next start on
  bank.close = async () => {
    const code = await stop(bank.server);
    await stop(sandbox.child);
    return code;
  };
  bank.logText = () => readFileSync(log, 'utf8');
  bank.fill = () => execFileSync(process.execPath, [join(root, 'tools/town.mjs'), bank.url, bank.sandbox], { stdio: 'pipe' });
  let tables;
  let columns;
  // A hash of each row of each table that a refused request must not change, table by table.
  bank.digest = () => {
    tables ??= String(database.ask(engine === 'sqlite'
      ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
      : "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"))
      .trim().split('\n').filter((t) => t && !NOISE.has(t));
    columns ??= Object.fromEntries(Object.entries(NOISE_COLUMNS).map(([t, noise]) => [t, columnsOf(database, engine, t).filter((c) => c !== noise).join(', ')]));
    const of = (t) => columns[t] ? `(SELECT ${columns[t]} FROM ${t})` : t;
    const sql = tables.map((t) => `SELECT '-- ${t}';\n${engine === 'sqlite' ? `SELECT * FROM ${of(t)}` : `SELECT * FROM ${of(t)} t ORDER BY t::text`};`).join('\n');
    const digest = {};
    let table = '';
    for (const line of database.ask(sql).toString('latin1').split('\n')) {
      if (line.startsWith('-- ')) table = line.slice(3);
      else digest[table] = createHash('sha1').update(digest[table] ?? '').update(line).digest('hex');
    }
    return digest;
  };
  await bank.serve();
  bank.staffSteps = {};
  if (early) await setParameter(bank.url, 'policy.identityLayers', 0, { password: STAFF_PASSWORD, secret: STAFF_SECRET, steps: bank.staffSteps });
  if (withTown) bank.fill();
  return bank;
}
