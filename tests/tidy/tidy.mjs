// Checks the repository against tests/tidy/rules.mjs, and each rule against samples that break it. Exceptions are
// listed in tests/tidy/exceptions.txt, a list that may only shrink: an unused one fails too.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rules } from './rules.mjs';
import { samples } from './samples.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const repository = {
  files: execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
    .split('\n').filter((f) => f && existsSync(f)),
  text: (f) => readFileSync(f, 'utf8'),
  has: existsSync,
  hash: (f) => sha256(readFileSync(f)),
};
const treeOf = (contents) => ({
  files: Object.keys(contents),
  text: (f) => contents[f],
  has: (path) => Object.keys(contents).some((f) => f === path || f.startsWith(`${path}/`)),
  hash: (f) => sha256(contents[f]),
});

let passed = 0;
let failed = 0;
const count = (name, faults) => {
  if (faults.length === 0) {
    passed++;
    return;
  }
  failed++;
  console.log(`FAILED ${name}`);
  faults.slice(0, 20).forEach((fault) => console.log(`  ${fault}`));
  if (faults.length > 20) console.log(`  … and ${faults.length - 20} more`);
};

const exceptions = new Map(repository.text('tests/tidy/exceptions.txt').split('\n').map((l) => l.trim())
  .filter((l) => l && !l.startsWith('#')).map((l) => [l, false]));
const excused = (rule, what) => {
  const key = `${rule} ${what}`;
  if (!exceptions.has(key)) return false;
  exceptions.set(key, true);
  return true;
};
for (const [name, find] of rules) {
  count(name, find(repository).filter(([what]) => !excused(name, what)).map(([what, why]) => `${what}: ${why}`));
}
count('exceptions that are no longer needed (take them out)', [...exceptions].filter(([, used]) => !used).map(([key]) => key));

// A rule that finds nothing in its samples would find nothing in the repository either.
for (const { rule, finds, tree } of samples) {
  const found = rules.get(rule)(treeOf(tree)).map(([what]) => what);
  count(`sample of ${rule}`, JSON.stringify(found) === JSON.stringify(finds) ? [] : [`found ${JSON.stringify(found)}, wanted ${JSON.stringify(finds)}`]);
}
count('rules without a sample', [...rules.keys()].filter((name) => !samples.some((s) => s.rule === name)));

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
