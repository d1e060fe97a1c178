// Damages copies of a small bank one way at a time: the auditor must report each with the right check, and nothing on
// an undamaged copy. Usage: tests/auditor/run [BUILD_DIR]
// EVIDENCE: REQ-LED-02
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeLedger, makeTown, serve, sycee } from './bank.mjs';
import { columnChanges, mayBeUnseen, unseen } from './columns.mjs';
import { onLedger, onPostgresql, onTown } from './damages.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
process.chdir(root);
const build = resolve(process.argv[2] ?? 'build/debug');
const folder = mkdtempSync(join(process.env.SYCEE_TEST_WORK ?? tmpdir(), 'auditor-'));
let passed = 0;
let failed = 0;
const result = (name, fault) => {
  if (fault) {
    failed++;
    console.log(`FAILED ${name}: ${fault}`);
  } else {
    passed++;
  }
};

function audit(url, ...args) {
  const done = spawnSync(join(build, 'auditor'), ['--database', url, '--json', ...args], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  let report = {};
  try {
    report = JSON.parse(done.stdout);
  } catch { /* reported by its exit code */ }
  const bad = (report.checks ?? []).filter((c) => !c.ok).map((c) => c.name);
  return { code: done.status, bad, report, text: done.stdout + done.stderr };
}

function content(name, url, ...args) {
  const { code, bad, text } = audit(url, ...args);
  result(`${name} is in order`, code === 0 && bad.length === 0 ? '' : `exit ${code}, ${text.slice(0, 3000)}`);
}

function finds(name, url, check) {
  const { code, bad, report, text } = audit(url);
  const told = (report.checks ?? []).find((c) => c.name === check)?.findings?.[0]?.text;
  result(name, code === 1 && bad.includes(check) && told ? '' : `wanted ${check}, exit ${code}, found [${bad}] ${code === 1 ? '' : text.slice(0, 500)}`);
}

const sqlite = (path, sql) => execFileSync('sqlite3', ['-batch', path, `PRAGMA ignore_check_constraints = ON;${sql}`], { encoding: 'utf8' })
  .trim();

function damageAll(kind, original, damages) {
  const base = join(folder, `${kind}.base`);
  sqlite(original, `VACUUM INTO '${base}';`);
  sqlite(base, 'PRAGMA journal_mode = DELETE;');
  for (const [name, check, damage] of damages) {
    const copy = join(folder, `${kind}.damaged`);
    copyFileSync(base, copy);
    const query = (sql) => sqlite(copy, sql);
    try {
      if (query(typeof damage === 'function' ? damage(query) : `${damage}; SELECT changes()`) === '0') throw new Error('nothing was changed');
      finds(`${kind}: ${name}`, `sqlite:${copy}`, check);
    } catch (error) {
      result(`${kind}: ${name}`, `could not damage: ${error.message}`);
    }
  }
}

// Each column of the money tables is changed, and changed back.
function changeColumns(kind, url, bank) {
  const missed = new Set();
  const tried = new Set();
  for (const { column, row, ways } of columnChanges(bank)) {
    tried.add(column);
    const way = ways.find(({ change }) => {
      try {
        bank.write(change);
        return true;
      } catch {
        return false; /* the server's own conditions refuse the value */
      }
    });
    if (!way) { /* PostgreSQL's own conditions hold it; on SQLite they are off */
      result(`${kind}: ${column} of ${row}`, kind !== 'columns' ? '' : `nothing could be written: ${ways.map((w) => w.change).join('; ')}`);
      continue;
    }
    const { code, text } = audit(url);
    if (code === 0) missed.add(column);
    const wanted = mayBeUnseen(column, row) ? [0, 1] : [1];
    result(`${kind}: ${column} of ${row}`, wanted.includes(code) ? '' : `exit ${code} after ${way.change}${code > 1 ? text.slice(0, 300) : ''}`);
    bank.write(way.back);
  }
  content(`${kind}, changed back,`, url);
  for (const column of Object.keys(unseen).filter((c) => tried.has(c) && kind === 'columns')) result(`${kind}: ${column} is on the list of what is unseen`, missed.has(column) ? '' : 'it is found: take it off the list');
}

function sqliteBank(path) {
  const rows = (sql) => execFileSync('sqlite3', ['-batch', '-separator', '\u0001', path, sql], { encoding: 'utf8', maxBuffer: 1 << 28 }).split('\n').slice(0, -1).map((l) => l.split('\u0001'));
  return { query: rows, write: (sql) => sqlite(path, sql), blob: (bytes) => `x'${bytes.toString('hex')}'`, hex: (column) => `hex(${column})`,
    tables: () => rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").map((r) => r[0]),
    columns: (table) => rows(`PRAGMA table_info(${table})`).map((r) => ({ name: r[1], type: r[2], key: r[5] !== '0' })) };
}

function changeAllColumns(original) {
  const copy = join(folder, 'columns.db');
  sqlite(original, `VACUUM INTO '${copy}';`);
  changeColumns('columns', `sqlite:${copy}`, sqliteBank(copy));
}

function postgresqlBank(url) {
  const psql = (sql, ...more) => execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', ...more, '-d', url, '-c', sql], { encoding: 'utf8', maxBuffer: 1 << 28, stdio: 'pipe' });
  const rows = (sql) => psql(sql, '-F', '\u0001').split('\n').slice(0, -1).map((l) => l.split('\u0001'));
  return { query: rows, write: (sql) => psql(`SET session_replication_role = replica; ${sql}`), blob: (bytes) => `decode('${bytes.toString('hex')}', 'hex')`,
    hex: (column) => `encode(${column}, 'hex')`,
    tables: () => rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1").map((r) => r[0]),
    columns: (table) => rows(`SELECT c.column_name, c.data_type, CASE WHEN EXISTS (SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
      WHERE i.indisprimary AND i.indrelid = c.table_name::regclass AND a.attname = c.column_name) THEN 1 ELSE 0 END FROM information_schema.columns c WHERE c.table_schema = 'public'
      AND c.table_name = '${table}' ORDER BY c.ordinal_position`).map((r) => ({ name: r[0], type: r[1], key: r[2] === '1' })) };
}

async function postgresql(server) {
  const name = `audit_${process.pid}`;
  const url = (database) => server.replace(/\/[^/?]*(\?|$)/, `/${database}$1`);
  const psql = (database, sql) => execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', url(database), '-c', sql], { encoding: 'utf8' }).trim();
  const admin = (sql) => execFileSync('psql', ['-qAtX', '-d', server, '-c', sql], { encoding: 'utf8', stdio: 'pipe' });
  const damagePg = (original, damages) => {
    for (const [what, check, damage] of damages) {
      admin(`DROP DATABASE IF EXISTS ${name}_x`);
      admin(`CREATE DATABASE ${name}_x TEMPLATE ${original}`);
      try {
        const tags = execFileSync('psql', ['-AtX', '-v', 'ON_ERROR_STOP=1', '-d', url(`${name}_x`), '-c', `SET session_replication_role = replica; ${damage}`], { encoding: 'utf8' });
        if (/^(UPDATE|DELETE|INSERT 0) 0$/m.test(tags)) throw new Error(`nothing was changed: ${tags}`);
        finds(`PostgreSQL: ${what}`, url(`${name}_x`), check);
      } catch (error) {
        result(`PostgreSQL: ${what}`, `could not damage: ${error.message}`);
      }
    }
  };
  try {
    admin(`CREATE DATABASE ${name}`);
    admin(`CREATE DATABASE ${name}_t`);
    makeLedger(build, url(name));
    content('PostgreSQL: not sealed yet', url(name));
    const bank = serve(join(build, 'sycee'), ['serve'], { SYCEE_DATABASE_URL: url(name), SYCEE_SERVER_PORT: '0',
      SYCEE_SECURITY_KEY_FILE: join(folder, 'pg-keys') }, /customer app +(http:\/\/\S+?)\/app/);
    await bank.url;
    for (let i = 0; i < 100 && psql(name, 'SELECT count(*) FROM ledger_seals') === '0'; i++) await new Promise((r) => setTimeout(r, 200));
    await bank.stop();
    content('PostgreSQL: the ledger', url(name));
    damagePg(name, onPostgresql);
    await makeTown(build, root, folder, url(`${name}_t`), 'pgtown');
    content('PostgreSQL: the town', url(`${name}_t`));
    // Takes a quarter of an hour: run by hand, after a change of the auditor or of the money tables.
    if (process.env.SYCEE_TEST_PG_COLUMNS) changeColumns('PostgreSQL columns', url(`${name}_t`), postgresqlBank(url(`${name}_t`)));
    damagePg(`${name}_t`, onTown.map(([what, check, damage, pg]) => [what, check, pg ?? damage]).filter(([, , damage]) => typeof damage === 'string' && damage));
  } finally {
    admin(`DROP DATABASE IF EXISTS ${name}_x`);
    admin(`DROP DATABASE IF EXISTS ${name}_t`);
    admin(`DROP DATABASE IF EXISTS ${name}`);
  }
}

try {
  const ledger = join(folder, 'ledger.db');
  makeLedger(build, `sqlite:${ledger}`);
  content('ledger', `sqlite:${ledger}`);
  content('ledger since a day to come', `sqlite:${ledger}`, '--since', '2030-01-01');
  damageAll('ledger', ledger, onLedger);
  const none = audit(`sqlite:${join(folder, 'none.db')}`);
  result('a file that is not there', none.code === 66 ? '' : `exit ${none.code}`);
  const usage = audit('nonsense');
  result('no URL', usage.code === 64 ? '' : `exit ${usage.code}`);
  result('sycee audit passes the exit code on', sycee(build, ['audit', '--database', `sqlite:${ledger}`]).includes('in order') ? '' : 'no answer');
  const town = join(folder, 'town.db');
  await makeTown(build, root, folder, `sqlite:${town}`, 'town');
  content('town', `sqlite:${town}`);
  damageAll('town', town, onTown);
  changeAllColumns(town);
  if (process.env.SYCEE_TEST_PG_URL) await postgresql(process.env.SYCEE_TEST_PG_URL);
} catch (error) {
  result('the bank of the tests', error.stack);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
