// The rules that the repository is held against. A rule is a name and a function: of a tree, the list of
// [what, why] that break it. A tree is { files, text(file), has(path), hash(file) }: the repository, or a
// sample of tests/tidy/samples.mjs.
import { dirname, join, normalize } from 'node:path';

export const rules = new Map();
const define = (name, find) => rules.set(name, find);
const isC = (f) => /^(src|sandbox|auditor)\/.*\.[ch]$/.test(f);

// --- layers -----------------------------------------------------------------------------------
const layersOf = (text) => new Map(text('LAYERS').split('\n').filter((l) => l.trim() && !l.startsWith('#')).map((line) => {
  const [room, below] = line.split(':');
  return [room.trim(), below.trim().split(/\s+/).filter(Boolean)];
}));
define('layers', ({ files, text }) => {
  const layers = layersOf(text);
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

define('doors', ({ files, text }) => { // database and operating system are each behind one room
  const bad = [];
  for (const f of files.filter((f) => f.startsWith('src/') && isC(f))) {
    const room = f.split('/')[1];
    if (room !== 'db' && /#include <(sqlite3|libpq-fe)\.h>/.test(text(f))) bad.push([f, 'only db includes it']);
    if (!['sys', 'db'].includes(room) && /#include <(microhttpd|curl\/curl|systemd\/|ini)\b/.test(text(f))) bad.push([f, 'only sys includes it']);
  }
  return bad;
});

// What is shared by the files of a room alone.
define('private-headers', ({ files, text }) => files.filter((f) => f.startsWith('src/') && isC(f)).flatMap((f) => [...text(f)
  .matchAll(/^#include "([a-z]+)\/([a-z_]+_private\.h)"/gm)].filter(([, room]) => room !== f.split('/')[1]).map(([, room, header]) => [f, `includes ${room}/${header}`])));

define('machinery', ({ files, text }) => { // frame, web and server serve rooms that they do not name, but in the list of rooms
  const machinery = ['frame', 'web', 'server', 'cli'];
  const rooms = [...layersOf(text).keys()];
  const domains = rooms.slice(rooms.indexOf('frame')).filter((room) => !machinery.includes(room));
  return files.filter((f) => /^src\/(frame|web|server)\//.test(f) && isC(f) && f !== 'src/server/room_list.c').flatMap((f) => [...text(f)
    .matchAll(/^#include "([a-z]+)\/([a-z_]+\.h)"/gm)].filter(([, room]) => domains.includes(room)).map(([, room]) => `${f} ${room}`).filter((what, i, all) => all.indexOf(what) === i)
    .map((what) => [what, 'names a domain']));
});

define('tables', ({ files, text }) => { // a room's statements name only its own tables
  const bad = [];
  const rooms = [...layersOf(text).keys()];
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
define('file-length', ({ files, text }) => files.filter((f) => isC(f) || /^(apps|tools|tests)\/.*\.(ts|tsx|mjs|c|sh)$/.test(f))
  .map((f) => [f, text(f).split('\n').length - 1]).filter(([f, n]) => n > (isC(f) ? 700 : 1000)).map(([f, n]) => [f, `${n} lines`]));

define('room-size', ({ files, text }) => [...layersOf(text).keys()].map((room) => [`src/${room}`, files
  .filter((f) => f.startsWith(`src/${room}/`) && isC(f)).reduce((sum, f) => sum + text(f).split('\n').length - 1, 0)])
  .filter(([, n]) => n > 9000).map(([room, n]) => [room, `${n} lines`]));

define('function-length', ({ files, text }) => {
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

define('line-width', ({ files, text }) => files.filter(isC).flatMap((f) => text(f).split('\n')
  .map((l, i) => [`${f}:${i + 1}`, [...l].length]).filter(([, n]) => n > 110).map(([w, n]) => [w, `${n} columns`])));

// A function of a header is there for another file: else it is static, or dead.
define('public-functions', ({ files, text }) => {
  const bare = new Map(files.filter((f) => isC(f) || /^tests\/.*\.[ch]$/.test(f))
    .map((f) => [f, text(f).replace(/\/\*[\s\S]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"/g, ' ')]));
  const users = new Map(); // word -> files
  for (const [f, code] of bare) for (const word of new Set(code.match(/\b[a-z]\w*\b/g))) users.set(word, [...users.get(word) ?? [], f]);
  const bad = [];
  for (const f of files.filter((f) => isC(f) && f.endsWith('.h'))) {
    for (const [, name] of bare.get(f).matchAll(/^(?!static|typedef|extern|return)[a-z][\w *]*?\b(\w+)\(/gm)) {
      const isMacro = [...bare.get(f).matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length > 1; // a macro beside it calls it
      const defines = (u) => new RegExp(`^[a-z][\\w *]*\\b${name}\\([^;{}]*\\)\\s*\\{`, 'm').test(bare.get(u));
      if (!isMacro && !(users.get(name) ?? []).some((u) => u !== f && !defines(u))) bad.push([`${f} ${name}`, 'is used in no other file']);
    }
  }
  return bad;
});

// --- what must not be there --------------------------------------------------------------------
define('banned-calls', ({ files, text }) => {
  const banned = /(?<![a-z_>.])(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|system|popen|alloca|setjmp|longjmp|rand|srand|gmtime|localtime|mktime|usleep)\s*\(/;
  return files.filter(isC).flatMap((f) => text(f).split('\n').map((l, i) => [`${f}:${i + 1}`, l.match(banned)?.[1]])
    .filter(([, m]) => m).map(([w, m]) => [w, m]));
});

define('no-float-near-money', ({ files, text }) => files.filter((f) => /^src\/(base|ledger|account|payment|engine|report)\//.test(f) && isC(f))
  .flatMap((f) => text(f).replace(/\/\*[\s\S]*?\*\/|"(\\.|[^"\\])*"/g, (m) => m.replace(/[^\n]/g, ' ')).split('\n')
    .map((l, i) => [`${f}:${i + 1}`, /\b(double|float)\b/.test(l)])
    .filter(([, b]) => b).map(([w]) => [w, 'floating point'])));

define('unfinished', ({ files, text }) => files.filter((f) => isC(f) || /\.(ts|tsx|mjs|sh|sql|md)$/.test(f))
  .filter((f) => !f.startsWith('tests/tidy/'))
  .flatMap((f) => text(f).split('\n').map((l, i) => [`${f}:${i + 1}`, l.match(/\b(TODO|FIXME|XXX|HACK)\b/)?.[1]])
    .filter(([, m]) => m).map(([w, m]) => [w, m])));

// Comments and texts personify no thing: "the row says", "the bank knows". Comments of C, English texts of apps and errors.
define('personified', ({ files, text }) => {
  const things = 'account auditor bank browser card catalogue channel chart client clock code column command commit connection database decoder device directory disk engine '
    + 'file hash header house interface issuer job journal key lane ledger line list log machine member message model name net number object operator outbox page parser '
    + 'payment policy process program query queue reader recipe registry request room route row rule sandbox schema seal server session statement store system table test '
    + 'text thread token transaction vault version worker';
  const verbs = 'believe feel hear know say speak stand tell think understand want';
  const personified = new RegExp(`\\b(?:${things.replaceAll(' ', '|')})s? (?:${verbs.replaceAll(' ', '|')})s?\\b`, 'i');
  const passages = (f) => isC(f) || /^tests\/.*\.[ch]$/.test(f) ? [...text(f).matchAll(/\/\*[\s\S]*?\*\//g)].map(({ 0: comment, index }) => [index, comment.replace(/\s*\n\s*\*?\s*/g, ' ')])
    : /\/locales\/en\.json$|^src\/[a-z]+\/errors\.tsv$/.test(f) ? [...text(f).matchAll(/.+/g)].map(({ 0: line, index }) => [index, line]) : [];
  return files.flatMap((f) => passages(f).map(([index, passage]) => [index, passage.match(personified)?.[0]]).filter(([, found]) => found)
    .map(([index, found]) => [`${f}:${text(f).slice(0, index).split('\n').length}`, `"${found}" personifies a thing`]));
});

define('machine-paths', ({ files, text }) => {
  const paths = new RegExp(['/wo' + 'rk/', '\\.\\./sha' + 'red/(design|reference|data)', '/ho' + 'me/[a-z]'].join('|'));
  return files.filter((f) => /\.(c|h|md|mjs|ts|tsx|sql|json|tsv|txt|html|js|conf)$/.test(f) || !f.includes('.'))
    .filter((f) => text(f).match(paths)).map((f) => [f, text(f).match(paths)[0]]);
});

define('lock-files', ({ files, text }) => files.filter((f) => f.endsWith('package-lock.json') && /"resolved": *"http/.test(text(f)))
  .map((f) => [f, 'holds download addresses']));

// --- errors -------------------------------------------------------------------------------------
define('errors', ({ files, text }) => { // each has its line in the file of a room; no room below that one raises it
  const raised = new Map(); // name -> rooms that give it; a comparison or a case gives nothing
  for (const f of files.filter(isC)) {
    const room = /^src\/([a-z]+)\//.exec(f)?.[1];
    for (const [, name] of text(f).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ' ').matchAll(/(?<!(?:[!=]= ?|case\s))\bERR_([A-Z0-9_]+)\b/g)) {
      raised.set(name, (raised.get(name) ?? new Set()).add(room));
    }
  }
  const rank = [...layersOf(text).keys()];
  const bad = [];
  for (const f of files.filter((f) => /(^|\/)errors\.tsv$/.test(f))) {
    const room = /^src\/([a-z]+)\/errors\.tsv$/.exec(f)?.[1];
    if (!rank.includes(room)) bad.push([f, 'is of no room in LAYERS: the build does not read it']);
    for (const columns of text(f).split('\n').filter((l) => l && !l.startsWith('#')).map((l) => l.split('\t'))) {
      const what = `${f} ${columns[0]}`;
      const below = rank.slice(0, rank.indexOf(room)).find((r) => raised.get(columns[0])?.has(r));
      if (columns.length !== 7) bad.push([what, `${columns.length} columns`]);
      if (!raised.has(columns[0])) bad.push([what, 'is never raised']);
      if (below) bad.push([what, `is raised in ${below}: its line belongs into src/${below}/errors.tsv`]);
    }
  }
  return bad;
});

// --- schema -------------------------------------------------------------------------------------
define('schema', ({ files, text, has }) => {
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

define('options', ({ files, text }) => { // a setting that nothing reads would be ignored without a word
  const code = files.filter((f) => /^src\/.*\.c$/.test(f) && !f.endsWith('config_options.c')).map(text).join('\n');
  return [...text('src/sys/config_options.c').matchAll(/^ {4}\{"([a-z]+)", "([a-z_]+)", CONFIG_/gm)]
    .filter(([, section, key]) => !new RegExp(`config_(string|int|bool|ms)\\([^;]*?"${section}",\\s*(?:"${key}"|keys\\[i\\])`).test(code) || !code.includes(`"${key}"`))
    .map(([, section, key]) => [`${section}.${key}`, 'is read nowhere']);
});

define('landed-steps', ({ files, text, has, hash }) => { // banks have run these: their texts do not change
  const list = 'src/db/landed.tsv';
  if (!has(list)) return [];
  const bad = [];
  const [baseline, ...lines] = text(list).split('\n').filter((l) => l && !l.startsWith('#'));
  const wanted = `baseline\t${/#define DB_BASELINE (\d+)/.exec(text('src/db/db.h'))[1]}`;
  if (baseline !== wanted) bad.push([list, `is of "${baseline}", src/db/db.h of "${wanted}"`]);
  const landed = new Map(lines.map((l) => l.split('\t')));
  for (const [f, wantedHash] of landed) {
    if (!has(f)) bad.push([f, 'has landed and is gone']);
    else if (hash(f) !== wantedHash) bad.push([f, 'has landed and was changed: a change is a new step']);
  }
  for (const f of files.filter((f) => /^src\/.*\/schema\/.*\.sql$/.test(f) && !landed.has(f))) bad.push([f, 'has no line: node tools/rebaseline.mjs landed']);
  return bad;
});

// --- documents ------------------------------------------------------------------------------------
define('suites', ({ text, has }) => { // docs/TESTING.md has a row for each suite of tests/run and for nothing else
  const suites = /^suites="([^"]+)"/m.exec(text('tests/run'))[1].split(' ');
  const rows = [...text('docs/TESTING.md').matchAll(/^\| ([a-z]+) \|.*\|.*\|/gm)].map((m) => m[1]);
  return [...suites.filter((s) => !rows.includes(s)).map((s) => ['docs/TESTING.md', `no row of the suite ${s}`]),
    ...rows.filter((r) => r !== 'suite' && !suites.includes(r)).map((r) => ['docs/TESTING.md', `${r} is no suite of tests/run`])];
});

define('links', ({ files, text, has }) => {
  const bad = [];
  for (const f of files.filter((f) => f.endsWith('.md'))) {
    for (const [, target] of text(f).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      if (!has(normalize(join(dirname(f), target)))) bad.push([f, `dead link ${target}`]);
    }
  }
  return bad;
});
define('room-readme', ({ text, has }) => [...layersOf(text).keys()].filter((r) => has(`src/${r}`) && !has(`src/${r}/README.md`))
  .map((r) => [`src/${r}`, 'has no README.md']));
define('unit-test-names', ({ files, text }) => files.filter((f) => /^tests\/unit\/test_.*\.c$/.test(f)).flatMap((f) => {
  const stem = f.match(/test_[a-z]+/)[0];
  return [...text(f).matchAll(/cmocka_unit_test(?:_[a-z_]+)?\(\s*([a-z_0-9]+)/g)].map(([, n]) => n)
    .filter((n) => n.startsWith('test_') && (!n.startsWith(stem) || !n.includes('__'))).map((n) => [f, n]);
}));
