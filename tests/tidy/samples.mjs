// For each rule of tests/tidy/rules.mjs trees that break it, and what of them the rule must find. What keeps the rule
// stands beside it in the same tree and must not be found.
const LAYERS = '# bottom to top\nbase :\nsys : base\ndb : base sys\nbank : base sys db\n';
const lines = (n) => 'a\n'.repeat(n);

export const samples = [
  { rule: 'layers', finds: ['src/base/a.c', 'sandbox/b.c'], tree: {
    LAYERS, 'src/base/a.c': '#include "db/db.h"\n', 'src/db/c.c': '#include "base/err.h"\n#include "db/db.h"\n', 'sandbox/b.c': '#include "db/db.h"\n' } },
  { rule: 'layers', finds: ['base'], tree: { LAYERS: 'base : db\ndb : base\n' } },
  { rule: 'doors', finds: ['src/bank/a.c', 'src/bank/b.c'], tree: {
    'src/bank/a.c': '#include <sqlite3.h>\n', 'src/bank/b.c': '#include <curl/curl.h>\n', 'src/db/c.c': '#include <sqlite3.h>\n' } },
  { rule: 'private-headers', finds: ['src/bank/a.c'], tree: {
    'src/bank/a.c': '#include "db/db_private.h"\n', 'src/db/c.c': '#include "db/db_private.h"\n' } },
  { rule: 'machinery', finds: ['src/server/a.c bank'], tree: {
    LAYERS: 'base :\nframe : base\nweb : base frame\nbank : base frame\nserver : base frame web bank\n', 'src/server/a.c': '#include "bank/bank.h"\n#include "web/web.h"\n',
    'src/server/room_list.c': '#include "bank/bank.h"\n', 'src/frame/b.c': '#include "base/err.h"\n' } },
  { rule: 'tables', finds: ['src/bank/a.c db_rows'], tree: {
    LAYERS, 'src/bank/a.c': '"SELECT a FROM db_rows JOIN bank_rows"', 'src/db/b.c': '"DELETE FROM db_rows"' } },
  { rule: 'file-length', finds: ['src/bank/a.c', 'tools/c.mjs'], tree: {
    'src/bank/a.c': lines(701), 'src/bank/b.c': lines(699), 'tools/c.mjs': lines(1001), 'tools/d.mjs': lines(999) } },
  { rule: 'room-size', finds: ['src/bank'], tree: {
    LAYERS, 'src/bank/a.c': lines(5000), 'src/bank/b.c': lines(4001), 'src/db/c.c': lines(8999) } },
  { rule: 'function-length', finds: ['src/bank/a.c long_one'], tree: {
    'src/bank/a.c': `int long_one(int a)\n{\n${'  a++;\n'.repeat(72)}}\n\nint short_one(int a)\n{\n${'  a++;\n'.repeat(69)}}\n` } },
  { rule: 'line-width', finds: ['src/bank/a.c:2'], tree: { 'src/bank/a.c': `${'银'.repeat(110)}\n${'a'.repeat(111)}\n` } },
  { rule: 'public-functions', finds: ['src/bank/a.h bank_dead', 'src/bank/a.h bank_own'], tree: {
    'src/bank/a.h': 'int bank_open(int a,\n  int b);\nconst char *bank_dead(void);\nint bank_own(void);\nint bank_tested(void);\nvoid bank_line(int n);\n#define BANK() bank_line(1)\n',
    'src/bank/a.c': 'int bank_open(int a,\n  int b)\n{\n}\nconst char *bank_dead(void)\n{\n}\nint bank_own(void)\n{\n  return bank_own();\n}\nint bank_tested(void)\n{\n}\nvoid bank_line(int n)\n{\n}\n',
    'src/web/b.c': '/* bank_dead */ x = bank_open(1, 2); y = "bank_own";\n', 'tests/unit/test_bank.c': 'bank_tested();\n' } },
  { rule: 'banned-calls', finds: ['src/bank/a.c:1', 'src/bank/a.c:2'], tree: {
    'src/bank/a.c': 'strcpy(a, b);\nx = atoi (b);\nmy_system(b); a->system(b); rows.rand(b);\n' } },
  { rule: 'no-float-near-money', finds: ['src/ledger/a.c:2'], tree: {
    'src/ledger/a.c': '/* a double entry */ "float"\ndouble x;\n', 'src/vision/b.c': 'double x;\n' } },
  { rule: 'unfinished', finds: ['src/bank/a.c:1', 'docs/b.md:2'], tree: {
    'src/bank/a.c': `/* ${'TO'}DO */\n`, 'docs/b.md': `fine\n${'FIX'}ME later\n` } },
  { rule: 'personified', finds: ['src/bank/a.c:2', 'tests/unit/test_a.c:1', 'apps/bank/src/locales/en.json:2', 'src/bank/errors.tsv:1'], tree: {
    'src/bank/a.c': 'int a; /* a row has it */\n/* What the\n * row says. */\n"the row says"; /* people say; the row is read */\n', 'tests/unit/test_a.c': '/* a new bank knows nothing */\n',
    'apps/bank/src/locales/en.json': '{\n"a": "The registry does not answer: the bank wants it",\n"b": "The bank answers" }\n', 'apps/bank/src/locales/zh.json': '{"a": "the row says"}',
    'src/bank/errors.tsv': 'A\ta\t400\t0\t\tThe server tells you.\t.\n' } },
  { rule: 'machine-paths', finds: ['docs/a.md'], tree: { 'docs/a.md': `see /ho${'me/'}someone\n`, 'docs/b.md': 'see /home of the bank\n' } },
  { rule: 'lock-files', finds: ['apps/package-lock.json'], tree: {
    'apps/package-lock.json': '{"resolved": "https://somewhere/a.tgz"}', 'tests/package-lock.json': '{"version": "1"}' } },
  { rule: 'errors', finds: ['src/base/errors.tsv SHORT', 'src/base/errors.tsv NEVER', 'src/base/errors.tsv COMPARED', 'src/bank/errors.tsv BELOW', 'src/gone/errors.tsv'], tree: {
    LAYERS, 'src/base/errors.tsv': '# name\nSHORT\ttwo\nNEVER\t1\t2\t3\t4\t5\t6\nCOMPARED\t1\t2\t3\t4\t5\t6\nRAISED\t1\t2\t3\t4\t5\t6\n',
    'src/bank/errors.tsv': 'BELOW\t1\t2\t3\t4\t5\t6\nOWN\t1\t2\t3\t4\t5\t6\n', 'src/gone/errors.tsv': '# name\n', 'src/db/b.c': 'return ERR_BELOW; err == ERR_OWN',
    'src/bank/a.c': 'ERR_RAISED ERR_SHORT ERR_NEVER_EVER ERR_OWN ERR_BELOW /* ERR_NEVER */ err != ERR_COMPARED; case ERR_COMPARED:' } },
  { rule: 'schema', finds: ['src/bank/schema/0001.sql db_rows', 'src/bank/schema/0001.sql', 'src/bank/schema/0001.sql:3'], tree: {
    'src/bank/schema/0001.sql': '-- rows\nCREATE TABLE bank_rows (a BIGINT);\nCREATE TABLE db_rows (a REAL);\n' } },
  { rule: 'options', finds: ['bank.unread'], tree: {
    'src/sys/config_options.c': '    {"bank", "read", CONFIG_INT}\n    {"bank", "unread", CONFIG_INT}\n', 'src/bank/a.c': 'config_int(config, "bank", "read")' } },
  { rule: 'landed-steps', finds: ['src/bank/schema/gone.sql', 'src/bank/schema/changed.sql', 'src/bank/schema/new.sql'], tree: {
    'src/db/landed.tsv': 'baseline\t3\nsrc/bank/schema/gone.sql\t00\nsrc/bank/schema/changed.sql\t00\n', 'src/db/db.h': '#define DB_BASELINE 3\n',
    'src/bank/schema/changed.sql': 'a', 'src/bank/schema/new.sql': 'b' } },
  { rule: 'landed-steps', finds: ['src/db/landed.tsv'], tree: { 'src/db/landed.tsv': 'baseline\t2\n', 'src/db/db.h': '#define DB_BASELINE 3\n' } },
  { rule: 'suites', finds: ['docs/TESTING.md', 'docs/TESTING.md'], tree: {
    'tests/run': 'suites="unit api"\n', 'docs/TESTING.md': '| unit | a | b |\n| gone | a | b |\n' } },
  { rule: 'links', finds: ['docs/a.md'], tree: { 'docs/a.md': '[b](b.md) [c](gone.md) [d](https://example.com/x)', 'docs/b.md': '' } },
  { rule: 'room-readme', finds: ['src/db'], tree: { LAYERS, 'src/db/a.c': '', 'src/bank/a.c': '', 'src/bank/README.md': '' } },
  { rule: 'unit-test-names', finds: ['tests/unit/test_bank_a.c', 'tests/unit/test_bank_a.c'], tree: {
    'tests/unit/test_bank_a.c': 'cmocka_unit_test(test_bank__pays) cmocka_unit_test(test_bank_pays) cmocka_unit_test(test_other__pays)' } },
];
