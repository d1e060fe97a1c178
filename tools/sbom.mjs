// See tools/sbom.
import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';

const program = process.argv[2];
const run = (command, ...args) => execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

// Debian records the library's place under /usr or, for some, without it.
function owner(path) {
  for (const name of [path, path.replace(/^\/usr/, '')]) {
    try {
      return run('dpkg-query', '-S', name).split(':')[0].trim();
    } catch { /* the other spelling */ }
  }
  return undefined;
}

const libraries = [...run('ldd', program).matchAll(/=> (\/\S+)/g)].map(([, path]) => realpathSync(path));
const packages = [...new Set(libraries.map(owner).filter(Boolean))].sort();
const debian = packages.map((name) => {
  const version = run('dpkg-query', '-W', '-f', '${Version}\n', name).split('\n')[0];
  return { type: 'library', name, version, purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}` };
});
const npm = Object.entries(JSON.parse(readFileSync('apps/package-lock.json', 'utf8')).packages)
  .filter(([path, entry]) => path.includes('node_modules/') && !entry.dev && !entry.link && entry.version)
  .map(([path, entry]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return { type: 'library', name, version: entry.version, purl: `pkg:npm/${name.replace('@', '%40')}@${entry.version}` };
  });
const models = readFileSync('share/models/SHA256SUMS', 'utf8').split('\n').filter((line) => line && !line.startsWith('#'))
  .map((line) => line.split(/\s+/)).map(([content, name]) => ({ type: 'machine-learning-model', name, hashes: [{ alg: 'SHA-256', content }] }));
const version = /^VERSION := (\S+)/m.exec(readFileSync('Makefile', 'utf8'))[1];
console.log(JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1,
  metadata: { component: { type: 'application', name: 'sycee', version } },
  components: [...debian, ...npm, ...models] }, null, 2));
