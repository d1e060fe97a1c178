// Folds the steps of each room's schema into one, and proves that nothing changed.
//   node tools/rebaseline.mjs fold                  writes src/<room>/schema/0001_<room>.sql, removes the rest
//   node tools/rebaseline.mjs dump sqlite:FILE      prints schema and rows in one canonical form, as does
//   node tools/rebaseline.mjs dump postgresql://…   for the other engine: compare before with after
//   node tools/rebaseline.mjs landed                adds new steps to src/db/landed.tsv; anew with a new DB_BASELINE
// Raise DB_BASELINE in src/db/db.h with each fold. What the rules below do not know stops the folding.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const rooms = readFileSync(join(root, 'LAYERS'), 'utf8').split('\n').filter((l) => l.trim() && !l.startsWith('#')).map((l) => l.split(':')[0].trim());
const die = (why) => { console.error(`tools/rebaseline: ${why}`); process.exit(1); };

// --- reading ------------------------------------------------------------------------------------

// Statements with the comment above each, and the engine of their section.
function statementsOf(text, file) {
  const found = [];
  let engine = 'both', lead = [], sql = '', quoted = false;
  for (const line of text.split('\n')) {
    const section = /^-- engine: (\w+)/.exec(line);
    if (section && !sql) { engine = section[1]; lead = []; continue; }
    if (!sql && !line.trim()) { if (lead.length) lead.push(''); continue; }
    if (!sql && line.startsWith('--')) { lead.push(line); continue; }
    sql += (sql ? '\n' : '') + line;
    let code = '';
    for (let i = 0; i < line.length; i++) {
      if (!quoted && line.startsWith('--', i)) break;
      if (line[i] === "'") quoted = !quoted;
      code += line[i];
    }
    if (!quoted && code.trimEnd().endsWith(';')) {
      while (lead.length && lead[lead.length - 1] === '') lead.pop();
      const gap = lead.lastIndexOf('');
      found.push({ engine, lead: lead.slice(gap + 1), intro: gap >= 0 ? lead.slice(0, gap) : [], sql, file });
      sql = ''; lead = [];
    }
  }
  if (sql) die(`${file}: a statement does not end`);
  return found;
}

const bare = (s) => s.replace(/--[^\n]*/g, '').replace(/\s+/g, ' ').trim();
const rename = (sql, from, to) => sql.replace(new RegExp(`\\b${from}\\b`, 'g'), to);
const tableOf = (items, name, engine) => items.find((i) => i.kind === 'table' && i.name === name && (engine === 'both' || i.engine === 'both' || i.engine === engine));

// A column is inserted after the last one, before the table constraints.
function addColumn(table, definition, lead, tail) {
  const lines = table.sql.split('\n');
  let at = lines.findIndex((l, i) => i > 0 && /^\s+(PRIMARY KEY|UNIQUE|FOREIGN KEY|CHECK|CONSTRAINT)\b/.test(l));
  if (at < 0) {
    at = lines.findIndex((l) => /^\)/.test(l));
    lines[at - 1] = lines[at - 1].replace(/^([^-]*[^-\s,])(\s*--.*)?$/, '$1,$2');
    lines.splice(at, 0, ...lead.map((l) => `    ${l}`), `    ${definition}${tail ? ` ${tail}` : ''}`);
  } else {
    lines.splice(at, 0, ...lead.map((l) => `    ${l}`), `    ${definition},${tail ? ` ${tail}` : ''}`);
  }
  table.sql = lines.join('\n');
}

// Rows as text between their outer parentheses.
function tuplesOf(values) {
  const rows = [];
  let depth = 0, quoted = false, start = 0;
  for (let i = 0; i < values.length; i++) {
    const c = values[i];
    if (c === "'") quoted = !quoted;
    if (quoted) continue;
    if (c === '(' && depth++ === 0) start = i + 1;
    if (c === ')' && --depth === 0) rows.push(values.slice(start, i));
  }
  return rows;
}

// --- folding ------------------------------------------------------------------------------------

// A changed constraint that the folded CREATE TABLE already contains: its clauses are dropped.
function withoutReplacedConstraints(sql, items) {
  const clauses = sql.replace(/;$/, '').split('\n');
  const head = clauses[0].match(/^ALTER TABLE (\w+)(.*)$/);
  const list = (head[2] + clauses.slice(1).join('\n')).split(/,\s*\n/).map((c) => c.trim());
  const added = new Set(list.map((c) => /^ADD CONSTRAINT (\w+)/.exec(c)?.[1]).filter(Boolean));
  const pending = items.replaced;
  const kept = list.filter((c) => {
    const drop = /^DROP CONSTRAINT (\w+)$/.exec(c)?.[1], add = /^ADD CONSTRAINT (\w+)/.exec(c)?.[1];
    if (drop && added.has(drop)) return false;
    if (drop && /_check$/.test(drop) && items.rebuilt.has(head[1])) { pending.add(drop); return false; }
    if (add && (pending.has(add) || list.some((d) => d === `DROP CONSTRAINT ${add}`))) return false;
    return true;
  });
  return kept.length ? `ALTER TABLE ${head[1]}\n    ${kept.join(',\n    ')};` : '';
}

const rules = [
  [/^PRAGMA defer_foreign_keys/, () => {}],
  [/^CREATE TABLE (\w+)/, (items, s, [, name]) => { items.push({ ...s, kind: 'table', name }); }],
  [/^CREATE (UNIQUE )?INDEX (\w+) ON (\w+)/, (items, s, [, , name, table]) => { items.push({ ...s, kind: 'index', name, table }); }],
  [/^CREATE DOMAIN (\w+)/, (items, s, [, name]) => { items.push({ ...s, kind: 'domain', name }); }],
  [/^ALTER DOMAIN (\w+) DROP CONSTRAINT \w+;$/, () => {}],
  [/^ALTER DOMAIN (\w+) ADD CONSTRAINT \w+ (CHECK \(.*\));$/, (items, s, [, name, check]) => {
    const domain = items.find((i) => i.kind === 'domain' && i.name === name) ?? die(`no domain ${name}`);
    domain.sql = domain.sql.replace(/CHECK \(.*\)/, check);
  }],
  [/^ALTER TABLE (\w+) ADD COLUMN (.*?);$/, (items, s, [, name, definition]) => {
    const table = tableOf(items, name, s.engine) ?? die(`no table ${name}`);
    addColumn(table, definition, s.lead, /;\s*(--.*)$/.exec(s.sql)?.[1]);
  }],
  [/^ALTER TABLE (\w+) RENAME TO (\w+);$/, (items, s, [, from, to]) => {
    const table = tableOf(items, from, s.engine) ?? die(`no table ${from}`);
    table.name = to;
    for (const i of items.filter((x) => table.engine === 'both' || x.engine !== 'postgresql')) {
      i.sql = rename(i.sql, from, to);
      if (i.table === from) i.table = to;
    }
    settle(items, table);
  }],
  [/^DROP TABLE (\w+);$/, (items, s, [, name]) => {
    const gone = tableOf(items, name, s.engine) ?? die(`no table ${name}`);
    const last = items.copies.filter((c) => c.from === name).pop();
    const source = gone.origin ?? gone;
    items.dropped.set(name, source);
    // Copied data belong to the table with the copy's name.
    if (last) {
      const copy = tableOf(items, last.to, s.engine);
      copy.origin = source;
      carryRows(items, name, last);
    }
    for (const i of items.filter((x) => x === gone || (x.kind === 'index' && x.table === name && (s.engine === 'both' || x.engine !== 'postgresql')))) items.splice(items.indexOf(i), 1);
    items.gaps.set(source, items.gaps.get(source) ?? gone.place);
  }],
  [/^INSERT INTO (\w+)\s*(?:\(([^)]*)\))?\s*SELECT (.*?) FROM (\w+)(.*);$/, (items, s, [, to, columns, selected, from, rest]) => {
    if (rest.trim()) return; // it moves data of a bank in use
    items.copies.push({ to, from, columns, selected });
  }],
  [/^INSERT INTO (\w+) \(([^)]*)\) VALUES (.*);$/, (items, s, [, table]) => { items.push({ ...s, kind: 'rows', table }); }],
  [/^ALTER TABLE (\w+) (SET|ALTER COLUMN|DROP CONSTRAINT|ADD CONSTRAINT)/, (items, s, [, table]) => {
    const sql = /^ALTER TABLE \w+ SET/.test(s.sql) ? s.sql : withoutReplacedConstraints(s.sql, items);
    if (sql) items.push({ ...s, sql, kind: 'change', table });
  }],
];

// Rows delivered with the program, in the columns of the table that replaced theirs.
function carryRows(items, name, copy) {
  for (const i of items.filter((x) => x.kind === 'rows' && x.table === name)) {
    const [, columns] = /\(([^)]*)\)\s*VALUES/.exec(i.sql);
    const wanted = copy.columns.split(',').map((c) => c.trim());
    const selected = copy.selected.split(',').map((c) => c.trim());
    const had = columns.split(',').map((c) => c.trim());
    const constants = selected.slice(had.length);
    if (selected.slice(0, had.length).join() !== had.join()) die(`rows of ${name} in another order`);
    const rows = tuplesOf(i.sql.slice(i.sql.indexOf('VALUES') + 6)).map((t) => `    (${[t, ...constants].join(', ')})`);
    i.sql = `INSERT INTO ${copy.to} (${wanted.join(', ')}) VALUES\n${rows.join(',\n')};`;
    i.table = copy.to;
  }
}

// A rebuilt table replaces the one of its final name, for both engines.
function settle(items, table) {
  const old = table.origin;
  const both = items.find((i) => i !== table && i.kind === 'table' && i.name === table.name);
  if (both) die(`two tables ${table.name}`);
  if (old || items.dropped.has(table.name)) {
    const before = items.dropped.get(table.name) ?? old;
    table.place = before.place;
    table.lead = before.lead;
    table.intro = before.intro;
    if (table.engine === 'sqlite' && before.engine === 'both') {
      table.engine = 'both';
      items.rebuilt.add(table.name);
    }
  }
}

function fold(room) {
  const folder = join(root, 'src', room, 'schema');
  if (!existsSync(folder)) return;
  const files = readdirSync(folder).filter((f) => /^\d{4}_[a-z0-9_]+\.sql$/.test(f)).sort();
  if (files.length === 0) return;
  const items = Object.assign([], { copies: [], dropped: new Map(), gaps: new Map(), rebuilt: new Set(), replaced: new Set() });
  let place = 0;
  for (const file of files) {
    for (const s of statementsOf(readFileSync(join(folder, file), 'utf8'), `${room}/${file}`)) {
      s.place = place++;
      const text = bare(s.sql);
      const rule = rules.find(([pattern]) => pattern.test(text)) ?? die(`${s.file}: no rule for: ${text.slice(0, 100)}`);
      const before = items.length;
      rule[1](items, s, rule[0].exec(text));
      // A table dropped and created again under its name, without a rename.
      const made = items[items.length - 1];
      if (items.length > before && made.kind === 'table' && items.dropped.has(made.name)) settle(items, made);
      if (items.length > before && made.kind === 'index' && made.engine === 'sqlite' && items.rebuilt.has(made.table)) made.engine = 'both';
    }
  }
  items.sort((a, b) => a.place - b.place);
  const order = [...items.filter((i) => i.kind === 'domain'), ...items.filter((i) => i.kind === 'table' || i.kind === 'index'),
    ...items.filter((i) => i.kind === 'rows'), ...items.filter((i) => i.kind === 'change')];
  let out = '', engine = 'both';
  for (const i of order) {
    if (i.engine !== engine) {
      out += `${out ? '\n' : ''}-- engine: ${i.engine}\n`;
      engine = i.engine;
    } else if (out) out += '\n';
    if (i.intro.length && i.place === 0) out += `${i.intro.filter(Boolean).join('\n')}\n\n`;
    out += `${[...i.lead, i.sql].join('\n')}\n`;
  }
  for (const file of files) unlinkSync(join(folder, file));
  writeFileSync(join(folder, `0001_${room}.sql`), out);
}

// --- canonical dumps ----------------------------------------------------------------------------

// Every CHECK of a CREATE TABLE, in canonical white space.
function checksOf(sql) {
  const found = [];
  const text = bare(sql);
  for (let at = text.indexOf('CHECK ('); at >= 0; at = text.indexOf('CHECK (', at + 1)) {
    let depth = 0, end = at + 6;
    do { if (text[end] === '(') depth++; if (text[end] === ')') depth--; end++; } while (depth > 0);
    found.push(text.slice(at, end));
  }
  return found.sort();
}

function dumpSqlite(file) {
  const ask = (sql) => JSON.parse(execFileSync('sqlite3', ['-readonly', '-json', file, sql], { maxBuffer: 1 << 28 }).toString() || '[]');
  const out = [];
  for (const t of ask("SELECT t.name, t.wr, t.strict, s.sql FROM pragma_table_list t JOIN sqlite_schema s ON s.name = t.name WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name")) {
    out.push(`table ${t.name} ${t.wr ? 'without rowid' : ''} ${t.strict ? 'strict' : ''}`);
    for (const c of ask(`SELECT name, type, "notnull" AS required, dflt_value, pk FROM pragma_table_xinfo('${t.name}') ORDER BY cid`)) out.push(`  column ${JSON.stringify(c)}`);
    checksOf(t.sql).forEach((c) => out.push(`  ${c}`));
    for (const f of ask(`SELECT "from", "table", "to", seq FROM pragma_foreign_key_list('${t.name}') ORDER BY "table", id, seq`)) out.push(`  reference ${JSON.stringify(f)}`);
    for (const i of ask(`SELECT l.name, l."unique" AS is_unique, l.origin, l.partial, s.sql FROM pragma_index_list('${t.name}') l LEFT JOIN sqlite_schema s ON s.name = l.name`)
      .map((i) => `  index ${i.origin === 'c' ? i.name : i.origin} ${i.is_unique} ${i.partial} ${i.sql ? bare(i.sql).replaceAll('"', '') : ''} ${ask(`SELECT name, "desc" AS falling, coll FROM pragma_index_xinfo('${i.name}')`).map((x) => `${x.name} ${x.falling} ${x.coll}`)}`).sort()) out.push(i);
    if (t.name !== 'db_migrations_done') ask(`SELECT * FROM ${t.name}`).map((r) => `  row ${JSON.stringify(r)}`).sort().forEach((r) => out.push(r));
  }
  return out;
}

// Names of constraints are the server's: a renamed table keeps those of its old name.
function dumpPostgresql(url) {
  const text = execFileSync('pg_dump', ['--schema-only', '--no-owner', '--no-privileges', '-d', url], { maxBuffer: 1 << 28 }).toString();
  const out = text.split('\n').filter((l) => l.trim() && !/^(--|\\|SET |SELECT pg_catalog)/.test(l))
    .map((l) => l.replace(/CONSTRAINT \w+ /, 'CONSTRAINT ')).join('\n').split(/;\n/)
    .map((s) => { // the order of a table's constraints is that of their names
      const lines = s.split('\n').map((l) => l.replace(/,$/, ''));
      return [...lines.filter((l) => !/^ {4}CONSTRAINT/.test(l)), ...lines.filter((l) => /^ {4}CONSTRAINT/.test(l)).sort()].join('\n');
    }).sort();
  const ask = (sql) => execFileSync('psql', ['-qAtX', '-d', url, '-c', sql], { maxBuffer: 1 << 28 }).toString().trim().split('\n').filter(Boolean);
  for (const t of ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")) {
    if (t !== 'db_migrations_done') ask(`SELECT to_jsonb(t)::text FROM ${t} t`).sort().forEach((r) => out.push(`row ${t} ${r}`));
  }
  return out;
}

// --- what has landed ----------------------------------------------------------------------------

// Lines of this baseline do not change; only files without a line get one.
function landed() {
  const list = join(root, 'src/db/landed.tsv');
  const baseline = /#define DB_BASELINE (\d+)/.exec(readFileSync(join(root, 'src/db/db.h'), 'utf8'))[1];
  const old = existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter((l) => l && !l.startsWith('#')) : [];
  const kept = new Map(old[0] === `baseline\t${baseline}` ? old.slice(1).map((l) => l.split('\t')) : []);
  const files = rooms.flatMap((room) => {
    const folder = join(root, 'src', room, 'schema');
    return existsSync(folder) ? readdirSync(folder).sort().map((f) => `src/${room}/schema/${f}`) : [];
  });
  const lines = files.map((f) => `${f}\t${kept.get(f) ?? createHash('sha256').update(readFileSync(join(root, f))).digest('hex')}`);
  writeFileSync(list, `# Steps that banks have run, with SHA-256 of their texts, which do not change any more. A change is a new step in a new file,\n# and its line (node tools/rebaseline.mjs landed).\nbaseline\t${baseline}\n${lines.join('\n')}\n`);
}

const [command, argument] = process.argv.slice(2);
if (command === 'fold') rooms.forEach(fold);
else if (command === 'dump' && argument?.startsWith('sqlite:')) console.log(dumpSqlite(argument.slice(7)).join('\n'));
else if (command === 'dump' && argument) console.log(dumpPostgresql(argument).join('\n'));
else if (command === 'landed') landed();
else die('usage: node tools/rebaseline.mjs fold | dump URL | landed');
