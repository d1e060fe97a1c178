// Tests of the HTTP API: the document, the whole story, bad input, repetition, races, pages,
// limits of rate, security. On SQLite, and on PostgreSQL where SYCEE_TEST_PG_URL says where.
//   SYCEE_TEST_ONLY=bad,pages   these parts only (the story runs always: it makes the people)
//   SYCEE_TEST_ENGINE=sqlite    one engine only
import { openBank } from './bank.mjs';
import { Client } from './client.mjs';
import { equal, ok, part, tally } from './count.mjs';
import { day } from './day.mjs';
import { lint } from './lint.mjs';
import { covered, signOutStaff, story } from './story.mjs';

const only = process.env.SYCEE_TEST_ONLY?.split(',');
const wants = (name) => !only || only.includes(name);
const engines = ['sqlite', ...(process.env.SYCEE_TEST_PG_URL ? ['postgresql'] : [])]
  .filter((e) => !process.env.SYCEE_TEST_ENGINE || process.env.SYCEE_TEST_ENGINE === e);
const optional = async (file) => (await import(file)).default;

let badCount = 0;
for (const engine of engines) {
  console.log(`--- ${engine}`);
  const bank = await openBank(engine, ['server.rate_limits=false']);
  const document = await (await fetch(`${bank.url}/v1/openapi.json`)).json();
  const client = new Client(bank, document);
  if (wants('lint') && engine === engines[0]) await part('lint', () => lint(document, bank.folder));
  let people;
  await part(`${engine} story`, async () => { people = await story(client, bank); });
  await part(`${engine} protection`, async () => (await optional('./protection.mjs'))(client, bank));
  if (people) {
    for (const name of ['bad', 'idempotency', 'races', 'pages', 'security'].filter(wants)) {
      const tried = tally.tried;
      const run = await optional(`./${name}.mjs`);
      await part(`${engine} ${name}`, () => run(client, bank, people));
      if (name === 'bad') badCount += tally.tried - tried;
    }
    await part(`${engine} end`, async () => {
      await day(client, people);
      await signOutStaff(client, people.staff);
      covered(client);
    });
  }
  await part(`${engine} close`, async () => {
    equal(await bank.close(), 0, 'the bank stops in order');
    ok(!/ERROR: AddressSanitizer|runtime error|LeakSanitizer/.test(bank.logText()), 'the sanitizers saw nothing', bank.logText().match(/.*(ERROR: AddressSanitizer|runtime error|LeakSanitizer).*/)?.[0]);
  });
  console.log(`${engine}: ${client.answers} answers held against the document`);
  if (wants('rate')) await part(`${engine} rate`, async () => (await optional('./rate.mjs'))(engine, document));
}
console.log(`bad input: ${badCount} requests tried, on ${engines.length} engine(s)`);
console.log(`requests in all: ${tally.tried}`);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed ? 1 : 0);
