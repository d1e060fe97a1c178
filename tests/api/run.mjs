// Tests of the HTTP API: the document, the whole story, bad input, repetition, races, pages,
// limits of rate, security, identity. On SQLite, and on PostgreSQL where SYCEE_TEST_PG_URL says where:
// the two at the same time, each in a process of its own.
//   SYCEE_TEST_ONLY=bad,pages   these parts only (the story runs always: it makes the people)
//   SYCEE_TEST_ENGINE=sqlite    one engine only
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBank } from './bank.mjs';
import { Client } from './client.mjs';
import { equal, ok, part, tally } from './count.mjs';
import { day } from './day.mjs';
import { lint } from './lint.mjs';
import { signInStaff, staffRoles } from './people.mjs';
import { covered, signOutStaff, story } from './story.mjs';

const only = process.env.SYCEE_TEST_ONLY?.split(',');
const wants = (name) => !only || only.includes(name);
const engines = ['sqlite', ...(process.env.SYCEE_TEST_PG_URL ? ['postgresql'] : [])]
  .filter((e) => !process.env.SYCEE_TEST_ENGINE || process.env.SYCEE_TEST_ENGINE === e);
const optional = async (file) => (await import(file)).default;
const settings = ['server.rate_limits=false'];

// One process per engine; its output is printed at its end, and the counts are added up.
async function both() {
  const counts = [0, 0, 0, 0];
  await Promise.all(engines.map(async (engine, i) => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], { stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, SYCEE_TEST_ENGINE: engine, SYCEE_TEST_LINT: i === 0 ? 'yes' : 'no' } });
    let said = '';
    child.stdout.on('data', (data) => { said += data; });
    const code = await new Promise((done) => child.on('close', done));
    console.log(said);
    const found = /bad input: (\d+)[^]*requests in all: (\d+)\n(\d+) passed, (\d+) failed\s*$/.exec(said);
    (found?.slice(1) ?? [0, 0, 0, 1]).forEach((n, at) => { counts[at] += Number(n); });
    if (found && code !== (Number(found[4]) ? 1 : 0)) counts[3]++;
  }));
  finish(counts);
}

function finish([bad, tried, passed, failed]) {
  console.log(`bad input: ${bad} requests tried, on ${engines.length} engine(s)`);
  console.log(`requests in all: ${tried}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

async function close(engine, bank, name) {
  await part(`${engine} ${name}`, async () => {
    equal(await bank.close(), 0, 'the bank stops in order');
    const books = spawnSync(join(dirname(bank.program), 'auditor'), ['--database', bank.database.url], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
    equal(books.status, 0, `the auditor finds the books in order: ${books.stdout.split('\n').filter((l) => !l.startsWith('ok')).slice(0, 12).join(' | ')}${books.stderr}`);
    ok(!/ERROR: AddressSanitizer|runtime error|LeakSanitizer/.test(bank.logText()), 'the sanitizers saw nothing', bank.logText().match(/.*(ERROR: AddressSanitizer|runtime error|LeakSanitizer).*/)?.[0]);
  });
}

// Real pictures and models, on a separate bank without the early rule set. Returns the operations that succeeded.
async function identities(engine, document) {
  const bank = await openBank(engine, settings, false, false);
  const client = new Client(bank, document);
  await part(`${engine} identity`, async () => {
    const staff = {};
    for (const role of staffRoles) staff[role] = await signInStaff(client, role);
    const { identity, recovered } = await import('./identity.mjs');
    const people = await identity(client, bank, staff);
    await (await import('./faces.mjs')).faces(client, bank, people);
    await (await import('./companies.mjs')).companies(client, bank, people, staff);
    await recovered(client, bank, people.second); // ends the session and the pass code used by the others
  });
  await close(engine, bank, 'identity close');
  return client.succeeded;
}

async function one(engine) {
  let badCount = 0;
  console.log(`--- ${engine}`);
  const bank = await openBank(engine, settings);
  const document = await (await fetch(`${bank.url}/v1/openapi.json`)).json();
  equal(JSON.parse(execFileSync(bank.program, ['openapi'], { encoding: 'utf8', maxBuffer: 1 << 24 })), document, 'sycee openapi prints what the bank serves');
  const client = new Client(bank, document);
  if (wants('lint') && process.env.SYCEE_TEST_LINT !== 'no') await part('lint', () => lint(document, bank.folder));
  const proven = wants('identity') ? await identities(engine, document) : undefined;
  let people;
  await part(`${engine} story`, async () => { people = await story(client, bank); });
  await part(`${engine} protection`, async () => (await optional('./protection.mjs'))(client, bank));
  if (people) {
    for (const name of ['takeover', 'town', 'bad', 'text', 'idempotency', 'races', 'outside', 'pages', 'security'].filter(wants)) {
      const tried = tally.tried;
      const run = await optional(`./${name}.mjs`);
      await part(`${engine} ${name}`, () => run(client, bank, people));
      if (name === 'bad') badCount += tally.tried - tried;
    }
    await part(`${engine} end`, async () => {
      await day(client, people);
      await signOutStaff(client, people.staff);
      if (proven) covered(client, proven);
    });
  }
  await close(engine, bank, 'close');
  console.log(`${engine}: ${client.answers} answers held against the document`);
  if (wants('listener')) await part(`${engine} listener`, async () => (await optional('./listener.mjs'))(engine, document));
  if (wants('rate')) await part(`${engine} rate`, async () => (await optional('./rate.mjs'))(engine, document));
  if (wants('door')) await part(`${engine} door`, async () => (await optional('./door.mjs'))(engine, document));
  finish([badCount, tally.tried, tally.passed, tally.failed]);
}

if (engines.length > 1) await both(); else await one(engines[0]);
