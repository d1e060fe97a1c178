// Operation as described in docs/OPERATIONS.md: starts that must be refused, each with one clear line; copies, a lost
// disk, and a restore; the effect of settings; the unit files.
//   node tests/operate/run.mjs [PROGRAM]       on SQLite
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { limits } from './limits.mjs';
import { settings } from './settings.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const program = resolve(process.argv[2] || join(process.env.SYCEE_TEST_BUILD || join(root, 'build/debug'), 'sycee'));
const folder = mkdtempSync(join(process.env.SYCEE_TEST_WORK || tmpdir(), 'sycee-operate.'));
const children = new Set();
process.on('exit', () => { children.forEach((c) => c.kill('SIGKILL')); rmSync(folder, { recursive: true, force: true }); });

let passed = 0;
let failed = 0;
function ok(condition, what, seen) {
  if (condition) passed++;
  else { failed++; console.log(`FAILED ${what}: ${seen ?? ''}`); }
}
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^SYCEE_(SERVER|DATABASE|SECURITY|OUTSIDE|BANK|LOG|TLS|VISION)_/.test(name)));
environment.LC_ALL = 'C';

// Runs a command to its end: exit code, lines of stderr for people, stdout.
function run(args, { env = {}, limits = '' } = {}) {
  const command = limits ? ['sh', ['-c', `${limits}; exec "$0" "$@"`, program, ...args]] : [program, args];
  const result = spawnSync(command[0], command[1], { cwd: folder, env: { ...environment, ...env }, timeout: 120000, encoding: 'utf8' });
  return { code: result.status, out: result.stdout, lines: result.stderr.split('\n').filter((l) => l && !l.startsWith('{')), err: result.stderr };
}
// Refused with this exit code and one matching line.
function refused(args, code, line, what, options) {
  const result = run(args, options);
  ok(result.code === code, `${what}: exit code ${code}`, `${result.code} ${result.err.slice(-300)}`);
  ok(result.lines.length === 1 && line.test(result.lines[0]) && /^sycee: [^A-Z]*/.test(result.lines[0]), `${what}: one line like ${line}`, result.lines.join(' | '));
}
const freePort = () => new Promise((done) => { const s = createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });

const bank = join(folder, 'bank.db');
const keys = join(folder, 'keys');
const share = ['--set', `server.share=${join(root, 'share')}`, '--set', `server.customer_app=${join(folder, 'app')}`, '--set', `server.console_app=${join(folder, 'app')}`,
  '--set', `vision.models=${join(folder, 'no-models')}`];
mkdirSync(join(folder, 'app'));
writeFileSync(join(folder, 'app/index.html'), '<!doctype html>');
const on = (path = bank, key = keys) => ['--database', `sqlite:${path}`, '--set', `security.key_file=${key}`, ...share];

// Serves until stopped; `wait` returns the exit code.
async function serve(args = []) {
  const port = await freePort();
  const child = spawn(program, ['serve', ...on(), '--set', `server.port=${port}`, ...args], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let text = '';
  child.stderr.on('data', (d) => { text += d; });
  const ended = new Promise((done) => child.on('exit', (code, signal) => { children.delete(child); done(signal ?? code); }));
  await Promise.race([new Promise((done) => child.stdout.on('data', (d) => { if (/customer app/.test(d)) done(); })), ended.then((code) => { throw new Error(`serve ended: ${code} ${text.slice(-400)}`); })]);
  return { child, url: `http://127.0.0.1:${port}`, log: () => text, stop: (signal = 'SIGTERM') => { child.kill(signal); return ended; } };
}
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const ask = (sql) => execFileSync('sqlite3', [bank, sql], { encoding: 'utf8' }).trim();

// --- usage ------------------------------------------------------------------------------------------
for (const word of ['help', '-h', '--help']) {
  const result = run([word]);
  ok(result.code === 0 && /serve +serve the bank/.test(result.out) && result.lines.length === 0, `sycee ${word}`, result.err);
}
refused(['srve'], 64, /unknown command "srve"; "sycee help" lists them$/, 'unknown command');
refused(['staff', 'x'], 64, /unknown command "x"; "sycee staff help" lists them$/, 'unknown command of staff');

// --- no bank there ----------------------------------------------------------------------------------
for (const command of [['serve'], ['serve', '--migrate'], ['eod'], ['staff', 'bootstrap']]) {
  refused([...command, ...on()], 78, /no bank at .*bank\.db \(database\.url\)/, `${command.join(' ')} without a database`);
}
refused(['export', '--format', 'hledger', '--database', `sqlite:${bank}`], 78, /no bank at/, 'export without a database');
ok(!existsSync(bank) && !existsSync(keys), 'nothing was made', readdirSync(folder).join());
writeFileSync(join(folder, 'empty.db'), '');
refused(['serve', ...on(join(folder, 'empty.db'))], 78, /no bank at .*empty\.db: the file is empty/, 'an empty file');
rmSync(join(folder, 'empty.db'));

// --- one way to find the database -------------------------------------------------------------------
let result = run(['migrate'], { env: { SYCEE_DATABASE_URL: `sqlite:${bank}` } });
ok(result.code === 0 && existsSync(bank), 'migrate takes the environment', result.err);
writeFileSync(join(folder, 'other.conf'), `[database]\nurl = sqlite:${join(folder, 'other.db')}\n`);
result = run(['migrate', '--config', join(folder, 'other.conf')]);
ok(result.code === 0 && existsSync(join(folder, 'other.db')), 'migrate takes the file', result.err);
ok((statSync(bank).mode & 0o777) === 0o600, 'the database is its owner\'s alone');
refused(['serve', ...on()], 78, /^sycee: SYCEE_SERVER_PROT: no option has this name$|SYCEE_SERVER_PROT: no option/, 'unknown variable', { env: { SYCEE_SERVER_PROT: '1' } });

// --- settings that are wrong by meaning ---------------------------------------------------------------
for (const [setting, line] of [['tls.key=/nonexistent', /tls\.certificate: is missing/], ['log.level=loud', /log\.level: "loud"/], ['server.address=localhost', /server\.address:/],
  ['bank.shared=true', /no option "bank\.shared"/], ['bank.node=2', /bank\.node:/], ['outside.url=ftp://x', /outside\.url:/], ['security.origin=https://bank.example/app', /security\.origin:/]]) {
  const results = run(['serve', ...on(), '--set', setting]);
  ok(results.code === 78 && results.lines.some((l) => line.test(l)), `serve with ${setting}`, results.err.slice(-300));
  const check = run(['check', ...on(), '--set', setting]);
  ok(check.code === 78 && line.test(check.out + check.err), `check with ${setting}`, check.out);
}
const production = run(['serve', ...on(), '--set', 'outside.is_sandbox=false']);
ok(production.code === 78 && ['outside.secret', 'outside.url', 'security.origin', 'tls.certificate'].every((s) => production.lines.some((l) => l.startsWith(`sycee: ${s}: `))),
  'production with the sandbox\'s settings is refused, a line each', production.err);
refused(['serve', ...on(), '--set', 'server.connections_max=5000'], 78, /\d+ open files are needed, 200 are allowed: .*LimitNOFILE=.*server\.connections_max \(5000\)/, 'too few descriptors', { limits: 'ulimit -n 200' });

// --- keys -------------------------------------------------------------------------------------------
result = run(['staff', 'bootstrap', ...on()]);
ok(result.code === 0 && result.out !== '' && existsSync(keys), 'the first start of a new bank makes its key', result.err);
copyFileSync(keys, join(folder, 'keys.copy'));
chmodSync(join(folder, 'keys.copy'), 0o600);
rmSync(keys);
for (const command of [['serve'], ['eod'], ['staff', 'bootstrap']]) {
  refused([...command, ...on()], 78, /key file .*keys: is missing \(security\.key_file\)/, `${command.join(' ')} without the bank's key`);
}
ok(run(['check', ...on()]).code === 78 && !existsSync(keys), 'check tells it, and nothing is made');
run(['staff', 'bootstrap', ...on(join(folder, 'other.db'), join(folder, 'other.keys'))]);
refused(['serve', ...on(bank, join(folder, 'other.keys'))], 78, /belongs to another bank \(security\.key_file\)/, 'another bank\'s key');
ok(/belongs to another bank/.test(run(['check', ...on(bank, join(folder, 'other.keys'))]).out), 'check tells that too');
copyFileSync(join(folder, 'keys.copy'), keys);
chmodSync(keys, 0o644);
refused(['serve', ...on()], 78, /chmod 600/, 'a key that others can read');
chmodSync(keys, 0o600);

result = run(['keys', 'add', ...on()]);
ok(result.code === 0 && /key 2 seals from now on/.test(result.out) && (statSync(keys).mode & 0o777) === 0o600, 'a second key', result.err);
refused(['serve', ...on(bank, join(folder, 'keys.copy'))], 78, /lacks key 2/, 'the key file of before');
ok(/^sycee-lookup-1 \w{64}\nsycee-vault-1 \w{64}\nsycee-vault-2 \w{64}\n$/.test(readFileSync(keys, 'utf8')), 'the file names its keys');

// --- one writer under any name -----------------------------------------------------------------------------
let server = await serve();
symlinkSync(bank, join(folder, 'symbolic.db'));
refused(['eod', ...on(join(folder, 'symbolic.db'))], 69, /another process writes to it/, 'the same file by a symbolic link');
linkSync(bank, join(folder, 'hard.db'));
refused(['eod', ...on(join(folder, 'hard.db'))], 69, /2 names \(hard links\)/, 'the same file by a hard link');
rmSync(join(folder, 'hard.db'));
rmSync(join(folder, 'symbolic.db'));
server.child.kill('SIGHUP');
await sleep(200);
ok((await fetch(`${server.url}/healthz`)).ok, 'SIGHUP does not stop the bank');
ok(/"development_mode"/.test(server.log()), 'development mode is logged');

// --- copies while it serves ------------------------------------------------------------------------------
const copies = join(folder, 'copies');
result = run(['backup', ...on(), '--output', join(folder, 'copy.db')]);
ok(result.code === 0 && /every table and index whole/.test(result.out), 'backup while serving', result.err);
ok((statSync(join(folder, 'copy.db')).mode & 0o777) === 0o600, 'a copy is its owner\'s alone');
refused(['backup', ...on(), '--output', join(folder, 'copy.db')], 65, /copy\.db: exists already/, 'no copy is overwritten');
for (let i = 0; i < 3; i++) { run(['backup', ...on(), '--folder', copies, '--keep', '2']); await sleep(1100); }
ok(readdirSync(copies).length === 2, 'the newest copies stay', readdirSync(copies).join());
refused(['restore', ...on(), '--from', join(folder, 'copy.db')], 69, /another process writes to it/, 'no restore under a serving bank');

// --- a lost log -----------------------------------------------------------------------------------------
const before = Number(ask("SELECT number FROM db_facts WHERE name = 'mark'"));
for (let i = 0; i < 40 && Number(ask("SELECT number FROM db_facts WHERE name = 'mark'")) < before + 2; i++) await sleep(250);
await server.stop('SIGKILL');
const mark = Number(/\d+/.exec(readFileSync(`${bank}.mark`, 'utf8'))[0]);
ok(mark > before, 'the mark rises while the bank serves', `${before} ${mark}`);
copyFileSync(`${bank}-wal`, join(folder, 'kept-wal'));
rmSync(`${bank}-wal`, { force: true });
rmSync(`${bank}-shm`, { force: true });
refused(['serve', ...on()], 65, /bank\.db has lost commits: its mark is \d+, the file beside it has \d+/, 'a deleted write-ahead log');
ok(/has lost commits/.test(run(['check', ...on()]).out), 'check tells it too');
copyFileSync(join(folder, 'kept-wal'), `${bank}-wal`);
ok(!/has lost commits/.test(run(['check', ...on()]).out), 'with its log it is whole');
rmSync(`${bank}-wal`, { force: true });

// --- restore by the book -----------------------------------------------------------------------------------
result = run(['restore', ...on(), '--from', join(folder, 'copy.db')]);
ok(result.code === 0 && /set aside/.test(result.out) && /next +sycee check, sycee audit/.test(result.out), 'restore', result.err);
ok((statSync(bank).mode & 0o777) === 0o600 && readdirSync(folder).some((f) => /^bank\.db\.before-\d+$/.test(f)), 'the old database is moved aside, nothing is lost');
ok(Number(ask("SELECT number FROM db_facts WHERE name = 'restored'")) > 0, 'the database knows that it was restored');
ok(run(['migrate', ...on()]).code === 0, 'migrate after it');
result = run(['check', ...on()]);
ok(result.code === 0 && /ok +pages/.test(result.out), 'check after it', result.out);
server = await serve();
ok((await fetch(`${server.url}/readyz`)).ok, 'the restored bank serves');
ok(await server.stop() === 0, 'and stops in order');
writeFileSync(join(folder, 'nonsense.db'), Buffer.alloc(40960, 7));
result = run(['restore', ...on(), '--from', join(folder, 'nonsense.db')]);
ok(result.code !== 0 && result.lines.length === 1 && existsSync(bank), 'what is no copy is refused and nothing moves', result.err);

// --- damage ----------------------------------------------------------------------------------------------------
const page = Number(ask("SELECT rootpage FROM sqlite_schema WHERE name = 'catalogue_parameters'"));
const damaged = readFileSync(bank);
damaged.fill(0xff, (page - 1) * 4096 + 3600, page * 4096);
writeFileSync(bank, damaged);
result = run(['check', ...on()]);
ok(result.code === 65 && /BAD +pages +catalogue_parameters/.test(result.out), 'check finds a damaged page', result.out);

// --- too few resources ------------------------------------------------------------------------------------------
limits({ root, folder, environment, ok, on });

// --- settings ---------------------------------------------------------------------------------------------------
await settings({ root, program, folder, environment, ok, share, freePort, run });

// --- unit files ------------------------------------------------------------------------------------------------
if (spawnSync('systemd-analyze', ['--version']).status === 0) {
  for (const unit of ['sycee.service', 'sycee-backup.service']) {
    const text = readFileSync(join(root, 'share/systemd', unit), 'utf8').replaceAll('/usr/lib/sycee/sycee', program).replaceAll('User=sycee', 'User=root').replaceAll('Group=sycee', 'Group=root');
    mkdirSync(join(folder, 'units'), { recursive: true });
    writeFileSync(join(folder, 'units', unit), text);
    const verify = spawnSync('systemd-analyze', ['verify', '--man=no', join(folder, 'units', unit)], { encoding: 'utf8' });
    const complaints = (verify.stderr || '').split('\n').filter((l) => l.includes(unit));
    ok(complaints.length === 0, `${unit} is understood`, complaints.join(' | '));
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
