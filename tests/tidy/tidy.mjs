// Holds the repository against its own rules. Each rule prints what breaks it; exceptions are listed
// in tests/tidy/exceptions.txt, a list that may only shrink: one that is no longer needed fails too.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n').filter((f) => f && existsSync(f));
const text = (f) => readFileSync(f, 'utf8');
const isC = (f) => /^(src|sandbox|auditor)\/.*\.[ch]$/.test(f);
const exceptions = new Map(text('tests/tidy/exceptions.txt').split('\n').map((l) => l.trim())
  .filter((l) => l && !l.startsWith('#')).map((l) => [l, false]));
const excused = (rule, what) => {
  const key = `${rule} ${what}`;
  if (!exceptions.has(key)) return false;
  exceptions.set(key, true);
  return true;
};

let passed = 0;
let failed = 0;
const rule = (name, find) => {
  const broken = find().filter(([what]) => !excused(name, what));
  if (broken.length === 0) {
    passed++;
    return;
  }
  failed++;
  console.log(`FAILED ${name}`);
  broken.slice(0, 20).forEach(([what, why]) => console.log(`  ${what}: ${why}`));
  if (broken.length > 20) console.log(`  … and ${broken.length - 20} more`);
};

// --- layers -----------------------------------------------------------------------------------
const layers = new Map();
for (const line of text('LAYERS').split('\n')) {
  if (!line.trim() || line.startsWith('#')) continue;
  const [room, below] = line.split(':');
  layers.set(room.trim(), below.trim().split(/\s+/).filter(Boolean));
}
rule('layers', () => {
  const bad = [];
  const seen = [];
  for (const [room, below] of layers) {
    below.filter((b) => !seen.includes(b)).forEach((b) => bad.push([room, `names ${b}, which stands not above it`]));
    seen.push(room);
  }
  for (const f of files.filter((f) => f.startsWith('src/') && isC(f))) {
    const room = f.split('/')[1];
    for (const [, target] of text(f).matchAll(/^#include "([a-z]+)\/[^"]+"/gm)) {
      if (target !== room && !(layers.get(room) ?? []).includes(target)) bad.push([f, `includes ${target}`]);
    }
  }
  for (const f of files.filter((f) => /^(sandbox|auditor)\//.test(f) && isC(f))) {
    for (const [, target] of text(f).matchAll(/^#include "([a-z]+)\/[^"]+"/gm)) {
      if (target !== 'base' && target !== f.split('/')[0]) bad.push([f, `shares ${target} with the bank`]);
    }
  }
  return bad;
});

rule('doors', () => { // database and operating system are each behind one room
  const bad = [];
  for (const f of files.filter((f) => f.startsWith('src/') && isC(f))) {
    const room = f.split('/')[1];
    if (room !== 'db' && /#include <(sqlite3|libpq-fe)\.h>/.test(text(f))) bad.push([f, 'only db includes it']);
    if (!['sys', 'db'].includes(room) && /#include <(microhttpd|curl\/curl|systemd\/|ini)\b/.test(text(f))) bad.push([f, 'only sys includes it']);
  }
  return bad;
});

rule('tables', () => { // a room's statements name only its own tables
  const bad = [];
  const rooms = [...layers.keys()];
  for (const f of files.filter((f) => /^src\/.*\.c$/.test(f))) {
    const room = f.split('/')[1];
    for (const [, table] of text(f).matchAll(/(?:FROM|INTO|UPDATE|JOIN)\s+([a-z]+_[a-z_]+)/g)) {
      const owner = table.split('_')[0];
      if (rooms.includes(owner) && owner !== room) bad.push([`${f} ${table}`, `a table of ${owner}`]);
    }
  }
  return bad;
});

// --- sizes ------------------------------------------------------------------------------------
rule('file-length', () => files.filter((f) => isC(f) || /^(apps|tools|tests)\/.*\.(ts|tsx|mjs|c|sh)$/.test(f))
  .map((f) => [f, text(f).split('\n').length]).filter(([, n]) => n > 1000).map(([f, n]) => [f, `${n} lines`]));

rule('function-length', () => {
  const bad = [];
  for (const f of files.filter((f) => isC(f) && f.endsWith('.c'))) {
    const lines = text(f).split('\n');
    let start = -1;
    lines.forEach((line, i) => {
      if (line === '{') start = i;
      if (line === '}' && start >= 0) {
        const name = lines.slice(Math.max(0, start - 6), start).join(' ').match(/([a-z_0-9]+)\([^()]*(\([^()]*\)[^()]*)*\)\s*$/);
        if (i - start > 71) bad.push([`${f} ${name?.[1] ?? start + 1}`, `${i - start - 1} lines`]);
        start = -1;
      }
    });
  }
  return bad;
});

rule('line-width', () => files.filter(isC).flatMap((f) => text(f).split('\n')
  .map((l, i) => [`${f}:${i + 1}`, [...l].length]).filter(([, n]) => n > 110).map(([w, n]) => [w, `${n} columns`])));

// --- what must not be there --------------------------------------------------------------------
rule('banned-calls', () => {
  const banned = /(?<![a-z_>.])(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|system|popen|alloca|setjmp|longjmp|rand|srand|gmtime|localtime|mktime|usleep)\s*\(/;
  return files.filter(isC).flatMap((f) => text(f).split('\n').map((l, i) => [`${f}:${i + 1}`, l.match(banned)?.[1]])
    .filter(([, m]) => m).map(([w, m]) => [w, m]));
});

rule('no-float-near-money', () => files.filter((f) => /^src\/(base|ledger|account|payment|engine|report)\//.test(f) && isC(f))
  .flatMap((f) => text(f).replace(/\/\*[\s\S]*?\*\/|"(\\.|[^"\\])*"/g, (m) => m.replace(/[^\n]/g, ' ')).split('\n')
    .map((l, i) => [`${f}:${i + 1}`, /\b(double|float)\b/.test(l)])
    .filter(([, b]) => b).map(([w]) => [w, 'floating point'])));

rule('unfinished', () => files.filter((f) => isC(f) || /\.(ts|tsx|mjs|sh|sql|md)$/.test(f))
  .filter((f) => !f.startsWith('tests/tidy/'))
  .flatMap((f) => text(f).split('\n').map((l, i) => [`${f}:${i + 1}`, l.match(/\b(TODO|FIXME|XXX|HACK)\b/)?.[1]])
    .filter(([, m]) => m).map(([w, m]) => [w, m])));

rule('machine-paths', () => {
  const paths = new RegExp(['/wo' + 'rk/', '\\.\\./sha' + 'red/(design|reference|data)', '/ho' + 'me/[a-z]'].join('|'));
  return files.filter((f) => /\.(c|h|md|mjs|ts|tsx|sql|json|tsv|txt|html|js|conf)$/.test(f) || !f.includes('.'))
    .filter((f) => text(f).match(paths)).map((f) => [f, text(f).match(paths)[0]]);
});

rule('lock-files', () => files.filter((f) => f.endsWith('package-lock.json') && /"resolved": *"http/.test(text(f)))
  .map((f) => [f, 'holds download addresses']));

// --- errors -------------------------------------------------------------------------------------
rule('errors', () => {
  const code = files.filter((f) => isC(f)).map(text).join('\n');
  const bad = [];
  for (const line of text('src/base/errors.tsv').split('\n')) {
    if (!line || line.startsWith('#')) continue;
    const columns = line.split('\t');
    if (columns.length !== 7) bad.push([columns[0], `${columns.length} columns`]);
    if (!new RegExp(`\\bERR_${columns[0]}\\b`).test(code)) bad.push([columns[0], 'is never raised']);
  }
  return bad;
});

// --- schema -------------------------------------------------------------------------------------
rule('schema', () => {
  const bad = [];
  for (const f of files.filter((f) => /^src\/.*\/schema\/.*\.sql$/.test(f))) {
    const sql = text(f);
    for (const [, table] of sql.matchAll(/CREATE TABLE ([a-z_]+)/g)) {
      if (!table.startsWith(`${f.split('/')[1]}_`)) bad.push([`${f} ${table}`, 'is not named after its room']);
    }
    for (const [m] of sql.matchAll(/\b(SERIAL|REAL|DOUBLE|FLOAT|TRIGGER|now\(\)|random\(\)|AUTOINCREMENT)\b/gi)) bad.push([f, m]);
    const lines = sql.split('\n');
    lines.forEach((l, i) => {
      if (/^CREATE (TABLE|INDEX|UNIQUE INDEX)/.test(l) && !/^--/.test(lines[i - 1] ?? '') && !sql.slice(0, sql.indexOf(l)).includes(l.match(/(TABLE|INDEX) ([a-z_]+)/)?.[0] ?? '\0')) bad.push([`${f}:${i + 1}`, 'has no comment above it']);
    });
  }
  return bad;
});

rule('options', () => { // a setting that nothing reads would be ignored without a word
  const code = files.filter((f) => /^src\/.*\.c$/.test(f) && !f.endsWith('config_options.c')).map(text).join('\n');
  return [...text('src/sys/config_options.c').matchAll(/^ {4}\{"([a-z]+)", "([a-z_]+)", CONFIG_/gm)]
    .filter(([, section, key]) => !new RegExp(`config_(string|int|bool|ms)\\([^;]*?"${section}",\\s*(?:"${key}"|keys\\[i\\])`).test(code) || !code.includes(`"${key}"`))
    .map(([, section, key]) => [`${section}.${key}`, 'is read nowhere']);
});

rule('landed-steps', () => { // banks have run these: their texts do not change
  const list = 'src/db/landed.tsv';
  if (!existsSync(list)) return [];
  const bad = [];
  const [baseline, ...lines] = text(list).split('\n').filter((l) => l && !l.startsWith('#'));
  const wanted = `baseline\t${/#define DB_BASELINE (\d+)/.exec(text('src/db/db.h'))[1]}`;
  if (baseline !== wanted) bad.push([list, `is of "${baseline}", src/db/db.h of "${wanted}"`]);
  const landed = new Map(lines.map((l) => l.split('\t')));
  for (const [f, hash] of landed) {
    if (!existsSync(f)) bad.push([f, 'has landed and is gone']);
    else if (createHash('sha256').update(readFileSync(f)).digest('hex') !== hash) bad.push([f, 'has landed and was changed: a change is a new step']);
  }
  for (const f of files.filter((f) => /^src\/.*\/schema\/.*\.sql$/.test(f) && !landed.has(f))) bad.push([f, 'has no line: node tools/rebaseline.mjs landed']);
  return bad;
});

// --- documents ------------------------------------------------------------------------------------
rule('suites', () => { // docs/TESTING.md has a row for each suite of tests/run and for nothing else
  const suites = /^suites="([^"]+)"/m.exec(text('tests/run'))[1].split(' ');
  const rows = [...text('docs/TESTING.md').matchAll(/^\| ([a-z]+) \|.*\|.*\|/gm)].map((m) => m[1]);
  return [...suites.filter((s) => !rows.includes(s)).map((s) => ['docs/TESTING.md', `no row of the suite ${s}`]),
    ...rows.filter((r) => r !== 'suite' && !suites.includes(r)).map((r) => ['docs/TESTING.md', `${r} is no suite of tests/run`])];
});

rule('links', () => {
  const bad = [];
  for (const f of files.filter((f) => f.endsWith('.md'))) {
    for (const [, target] of text(f).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      if (!existsSync(normalize(join(dirname(f), target)))) bad.push([f, `dead link ${target}`]);
    }
  }
  return bad;
});
rule('room-readme', () => [...layers.keys()].filter((r) => existsSync(`src/${r}`) && !existsSync(`src/${r}/README.md`))
  .map((r) => [`src/${r}`, 'has no README.md']));
rule('unit-test-names', () => files.filter((f) => /^tests\/unit\/test_.*\.c$/.test(f)).flatMap((f) => {
  const stem = f.match(/test_[a-z]+/)[0];
  return [...text(f).matchAll(/cmocka_unit_test(?:_[a-z_]+)?\(\s*([a-z_0-9]+)/g)].map(([, n]) => n)
    .filter((n) => n.startsWith('test_') && (!n.startsWith(stem) || !n.includes('__'))).map((n) => [f, n]);
}));

const stale = [...exceptions].filter(([, used]) => !used).map(([key]) => key);
if (stale.length > 0) {
  failed++;
  console.log('FAILED exceptions that are no longer needed (take them out):');
  stale.forEach((s) => console.log(`  ${s}`));
} else {
  passed++;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
