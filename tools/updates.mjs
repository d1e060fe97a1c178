// See tools/updates.
import { execFileSync, spawnSync } from 'node:child_process';

const program = process.argv[2];
let code = 0;
const say = (line, least) => { console.log(line); code = Math.max(code, least); };

// The newest version in the package lists of this machine.
export function candidateOf(policy) {
  const of = (word) => new RegExp(`^  ${word}: (\\S+)`, 'm').exec(policy)?.[1];
  return { installed: of('Installed'), candidate: of('Candidate') };
}

function debian(components) {
  for (const { name, version } of components.filter((c) => c.purl?.startsWith('pkg:deb/'))) {
    const answer = spawnSync('apt-cache', ['policy', name], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
    const { installed, candidate } = candidateOf(answer.stdout ?? '');
    if (!candidate || candidate === '(none)' || installed !== version) say(`unknown: ${name} ${version}`, 2);
    else if (candidate !== version) say(`newer: ${name} ${version} -> ${candidate}`, 1);
  }
}

// Advisories of packages that the apps ship; build tools are omitted.
function npm() {
  const answer = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd: 'apps', encoding: 'utf8' });
  let report;
  try { report = JSON.parse(answer.stdout); } catch { report = undefined; }
  if (!report?.vulnerabilities) say('unknown: npm packages (no answer of the registry)', 2);
  for (const [name, found] of Object.entries(report?.vulnerabilities ?? {})) say(`advisory: ${name} (${found.severity})`, 1);
}

debian(JSON.parse(execFileSync('tools/sbom', [program], { encoding: 'utf8' })).components);
npm();
process.exitCode = code;
