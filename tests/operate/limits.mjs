// A start with too few resources: one line that names the missing resource, exit code 69 or 78, and no partial state:
// with enough of it the same bank opens. Uses the release program: sanitizers reserve more than any limit.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

// As root the system does not count threads of a user: the bank runs as nobody then.
const asNobody = (command) => (process.getuid() === 0 ? ['setpriv', ['--reuid=65534', '--clear-groups', '--bounding-set=-all', ...command]] : [command[0], command.slice(1)]);

export function limits({ root, folder, environment, ok, on }) {
  const program = resolve(join(process.env.SYCEE_TEST_BINARIES || join(root, 'build/release'), 'sycee'));
  if (!existsSync(program)) return ok(false, 'limits at start', `${program} is not built (MODE=release)`);
  const paths = [join(folder, 'limits/bank.db'), join(folder, 'limits/keys')];
  const run = (words, limit = '') => {
    const [file, args] = asNobody(['bash', '-c', `${limit || ':'} && exec "$0" "$@"`, program, ...words, ...on(...paths), '--set', 'server.port=0']);
    const result = spawnSync(file, args, { cwd: join(folder, 'limits'), env: { ...environment, HOME: folder }, timeout: 20000, killSignal: 'SIGTERM', encoding: 'utf8' });
    return { code: result.status, lines: result.stderr.split('\n').filter((l) => l && !l.startsWith('{')), all: result.stderr };
  };
  spawnSync('sh', ['-c', `mkdir -p "$0/limits" && chmod 755 "$0" && { chown 65534 "$0/limits" 2>/dev/null || :; }`, folder]);
  ok(run(['migrate']).code === 0 && run(['staff', 'bootstrap']).code === 0, 'a bank for the limits');
  const threads = Number(spawnSync('sh', ['-c', `ps -L -U ${process.getuid() === 0 ? 65534 : process.getuid()} -o lwp= | wc -l`], { encoding: 'utf8' }).stdout) || 0;
  const rows = [
    ['ulimit -n 64', 78, /open files are needed, 64 are allowed: .*LimitNOFILE=/],
    ['ulimit -v 100000', 69, /: the system gave no thread beside \d+; its limits: 97 MiB of addresses \(ulimit -v\)/],
    ['ulimit -v 600000', 69, /: the system gave no thread beside \d+; its limits: 585 MiB of addresses \(ulimit -v\)/],
    ['ulimit -d 4000', 69, /: memory ran out at \d+ MiB; its limits: 3 MiB of data \(ulimit -d\)/],
    ['ulimit -d 20000', 69, /: memory ran out at \d+ MiB; its limits: 19 MiB of data \(ulimit -d\)/],
    [`ulimit -u ${threads + 3}`, 69, /: the system gave no thread beside \d+; its limits: .*threads of this user \(ulimit -u\)/],
    [`ulimit -u ${threads + 30}`, 69, /: the system gave no thread beside \d+; its limits: .*threads of this user \(ulimit -u\)/],
  ];
  for (const [limit, code, line] of rows) {
    const found = run(['serve'], limit);
    ok(found.code === code, `serve with ${limit}: exit code ${code}`, `${found.code} ${found.all.slice(-300)}`);
    ok(found.lines.length === 1 && line.test(found.lines[0]), `serve with ${limit}: one line like ${line}`, found.lines.join(' | '));
  }
  for (const words of [['eod', '--dry-run'], ['staff', 'recover', '--login', 'admin']]) {
    const found = run(words, 'ulimit -d 4000');
    ok(found.code === 69 && found.lines.length === 1, `${words[0]} with too little memory: one line`, found.all.slice(-300));
  }
  const check = run(['check']);
  ok(check.code === 0, 'the bank is whole afterwards', check.all);
}
