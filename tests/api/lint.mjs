// Redocly's recommended rules on the document that the bank serves, without network.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bank.mjs';
import { equal, ok } from './count.mjs';

export function lint(document, folder) {
  const file = join(folder, 'openapi.json');
  writeFileSync(file, JSON.stringify(document, null, 1));
  const run = spawnSync(process.execPath, [join(root, 'tests/node_modules/@redocly/cli/bin/cli.js'), 'lint', file,
    '--config', join(root, 'tests/api/redocly.yaml'), '--format', 'json'], {
    cwd: root, encoding: 'utf8', timeout: 120000,
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } });
  let found;
  try { found = JSON.parse(run.stdout); } catch { found = undefined; }
  ok(found, 'redocly answers', run.stderr?.slice(0, 500));
  for (const problem of found?.problems ?? []) {
    ok(false, `${problem.severity} ${problem.ruleId}: ${problem.message}`, problem.location?.[0]?.pointer);
  }
  equal(found && [found.totals.errors, found.totals.warnings], [0, 0], 'no errors and no warnings');
  equal(document.openapi.slice(0, 3), '3.1', 'OpenAPI 3.1');
}
