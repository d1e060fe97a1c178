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
  for (const [path, item] of Object.entries(document.paths)) {
    for (const operation of Object.values(item)) {
      const schemes = operation.security.flatMap((s) => Object.keys(s));
      ok(path.startsWith('/v1/staff/') ? !schemes.includes('cookie') : !schemes.includes('staffCookie'), `${operation.operationId}: the cookie of its scope`, schemes);
      ok(operation.summary?.length > 5 && operation.responses['4XX'], `${operation.operationId}: says what it does and how it fails`);
    }
  }
  ok(document.paths['/v1/me'].patch.parameters.some((p) => p.in === 'header' && p.name === 'If-Match'), 'If-Match is documented');
  equal(document.openapi.slice(0, 3), '3.1', 'OpenAPI 3.1');
}
