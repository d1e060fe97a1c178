// The bank during outside failures: a slow clearing house, a changed wall clock, a lost disk restored from a copy, a
// database that becomes a standby. On SQLite, and on PostgreSQL if SYCEE_TEST_PG_URL names a server.
//   node tests/operate/outages.mjs            SYCEE_TEST_ONLY=slow,clock,restore,reserve,standby
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBank, root } from '../api/bank.mjs';
import { Client, wanted } from '../api/client.mjs';
import { equal, ok, part, tally } from '../api/count.mjs';
import { both } from '../api/four-eyes.mjs';
import { ended, faultsOf } from '../api/outside.mjs';
import { PASS_CODE, balance, deviceKey, inventPerson, moveIn, newKey, pause, signInStaff, topUp, transferBody } from '../api/people.mjs';
import { standby } from './standby.mjs';

const build = process.env.SYCEE_TEST_BUILD || join(root, 'build/debug');
const only = process.env.SYCEE_TEST_ONLY?.split(',');
const engines = ['sqlite', ...(process.env.SYCEE_TEST_PG_URL ? ['postgresql'] : [])]
  .filter((e) => !process.env.SYCEE_TEST_ENGINE || process.env.SYCEE_TEST_ENGINE === e);
const HOUR = 3600000;
const DAY = 24 * HOUR;

async function open(engine, settings = [], townArgs = []) {
  const bank = await openBank(engine, ['server.rate_limits=false', 'outside.timeout=10s', ...settings], false, true, townArgs);
  const document = await (await fetch(`${bank.url}/v1/openapi.json`)).json();
  return { bank, client: new Client(bank, document), faults: faultsOf(bank) };
}

export function command(bank, args) {
  const common = ['--database', bank.database.url, '--set', `security.key_file=${join(bank.folder, 'keys')}`, '--set', `outside.url=${bank.sandbox}`];
  const done = spawnSync(join(build, 'sycee'), [...args, ...common], { cwd: root, encoding: 'utf8', timeout: 120000 });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

export function audited(bank, what) {
  const done = spawnSync(join(build, 'auditor'), ['--database', bank.database.url], { encoding: 'utf8', timeout: 120000 });
  equal(done.status, 0, `the auditor is content: ${what}`);
  if (done.status !== 0) console.log(done.stdout.slice(-1500), done.stderr.slice(-500));
}

const timed = async (work) => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};
const median = (values) => [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)];
const signIn = async (client, person) => wanted(await client.post('/v1/sessions', { phone: person.phone, passCode: PASS_CODE, deviceKey: deviceKey(person.phone), deviceName: 'operate' }), 201);

// 24 top-ups of one customer at a clearing house that answers after 4.5 s delay no other customer.
async function slow(engine) {
  const { bank, client, faults } = await open(engine);
  const busy = await moveIn(client, inventPerson(), '10.00');
  const other = await moveIn(client, inventPerson(), '20.00');
  const look = async () => {
    const { token } = await signIn(client, other);
    wanted(await client.get('/v1/accounts', { token }), 200);
  };
  const idle = [];
  for (let i = 0; i < 7; i++) idle.push(await timed(look));
  await faults.set('clearing', 'debit', 'late', { delayMs: 4500, times: 100 });
  const money = () => ({ cardId: busy.cardId, accountId: busy.accountId, instructedAmount: { amount: '1.00', currency: 'CNY' } });
  const orders = Array.from({ length: 24 }, () => ({ key: newKey() }));
  let running = orders.length;
  const answers = orders.map((o) => client.send('POST', '/v1/top-ups', { token: busy.token, key: o.key, body: money(), any: true }).then((answer) => { running--; return answer; }));
  await pause(300);
  const loaded = [];
  for (let i = 0; i < 7; i++) loaded.push(await timed(look));
  ok(running > 0, 'the top-ups are still on their way', running);
  ok(median(loaded) < 4 * median(idle) + 100, 'another customer signs in as ever', `idle ${idle.map(Math.round)} ms, meanwhile ${loaded.map(Math.round)} ms`);
  ok(Math.max(...loaded) < 4000, 'nobody waits for the clearing house', loaded.map(Math.round));
  const done = await Promise.all(answers);
  const refused = done.filter((a) => a.status === 503);
  ok(refused.length > 0 && refused.every((a) => a.json?.type === '/problems/busy' && Number(a.headers['retry-after']) >= 1), 'what one customer has too much of is told when to come back', done.map((a) => a.status));
  ok(done.every((a) => a.status === 503 || a.status === 201), 'the rest is served', done.map((a) => a.status));
  await faults.clear();
  for (const [i, answer] of done.entries()) {
    const payment = answer.status === 201 ? answer.json
      : wanted(await client.post('/v1/top-ups', money(), { token: busy.token, key: orders[i].key }), 201);
    equal((await ended(client, busy, payment)).transactionStatus, 'ACSC', 'each is paid in the end');
  }
  equal((await balance(client, busy)).booked, 1000 + 24 * 100, 'once');
  await bank.close();
  audited(bank, 'after a slow clearing house');
}

// The wall clock is set back by an hour, then a year ahead, with pending payments.
async function clock(engine) {
  const file = join(process.env.SYCEE_TEST_WORK || '/tmp', `operate-clock.${engine}.${process.pid}`);
  // `counted`: also moves the monotonic clock (time that passed).
  const shift = (wall, counted = 0) => writeFileSync(file, new BigInt64Array([wall, counted].map((ms) => BigInt(ms) * 1000n)));
  shift(0);
  const { bank, client, faults } = await open(engine, [`bank.test_clock=${file}`, 'bank.automatic_end_of_day=true']);
  const a = await moveIn(client, inventPerson(), '100.00');
  const b = await moveIn(client, inventPerson(), '10.00');
  const date = async () => wanted(await client.get('/v1/bank'), 200).businessDate;
  const ready = async () => (await (await fetch(`${bank.url}/readyz`)).json());
  const first = await date();
  const ids = [];
  const unknown = async () => {
    await faults.set('clearing', 'debit', 'between', { status: 403 });
    const payment = await topUp(client, a, '5.00');
    equal(payment.transactionStatus, 'PDNG', 'a payment is on its way');
    return payment;
  };
  const pay = async () => ids.push(BigInt(wanted(await client.post('/v1/transfers', transferBody(a, b, '0.01'), { token: a.token, key: newKey() }), 201).paymentId));
  for (const [what, ms] of [['an hour back', -HOUR], ['a year ahead', 365 * DAY]]) {
    await pay();
    const pending = await unknown();
    shift(ms);
    await pause(1500);
    await pay();
    equal(await ready(), { status: 'attention', reasons: ['clock-in-doubt'] }, `${what}: it is shown`);
    const text = await (await fetch(`${bank.url}/metrics`)).text();
    ok(/^bank_clock_state 1$/m.test(text), `${what}: a metric`, text.match(/bank_clock.*/g));
    equal((await ended(client, a, pending)).transactionStatus, 'ACSC', `${what}: the payment ends`);
    equal(await date(), first, `${what}: the business date is as before`);
    await bank.rest();
    await bank.serve();
    await pay();
    equal(await date(), first, `${what}: after a restart, too`);
    equal((await ready()).status, 'attention', `${what}: a restart does not forget the doubt`);
    shift(0);
    await pause(1500);
    await pay();
    equal(await ready(), { status: 'ok' }, `${what}: the clock came back`);
  }
  // The wall clock is right after all: two people approve it, and the bank's time follows.
  const staff = { maker: await signInStaff(client, 'operator'), checker: await signInStaff(client, 'operator2') };
  shift(HOUR / 2);
  await pause(1500);
  equal((await ready()).status, 'attention', 'half an hour ahead');
  await both(client, [staff.maker, staff.checker], 'followClock', 'bank', { isFollowed: true });
  for (let i = 0; i < 20 && (await ready()).status !== 'ok'; i++) await pause(250);
  equal(await ready(), { status: 'ok' }, 'the clock is followed');
  a.token = (await signIn(client, a)).token; // the old session has rested for half an hour of the bank's time
  const paid = wanted(await client.post('/v1/transfers', transferBody(a, b, '0.01'), { token: a.token, key: newKey() }), 201);
  ids.push(BigInt(paid.paymentId));
  ok(Math.abs(Date.parse(paid.creationDateTime ?? paid.createdAt) - Date.now() - HOUR / 2) < 60000, 'and gives the time', paid);
  ok(ids.every((id, i) => i === 0 || id > ids[i - 1]), 'ids rise', ids.map(String));
  const { entries } = wanted(await client.get(`/v1/accounts/${a.accountId}/statement?from=${first}&to=${first}`, { token: a.token }), 200);
  equal(entries === undefined || entries.length > 0, true, 'the statement has the day');
  equal((await balance(client, a)).booked, 10000 + 1000 - ids.length, 'paid once each');
  await pause(7000); // the books are sealed every five seconds, and half an hour has gone by since the last transfers
  await bank.close();
  audited(bank, 'after a clock that was set');
}

// Payments made outside after the copy are found again, and none is made twice.
async function restore(engine) {
  const { bank, client, faults } = await open(engine);
  const person = await moveIn(client, inventPerson(), '100.00');
  const since = new Date().toISOString();
  await topUp(client, person, '10.00'); // known to the copy, ended
  await faults.set('clearing', 'debit', 'between', { status: 403 });
  await faults.set('clearing', 'query', 'between', { status: 403, times: 100 });
  const pending = await topUp(client, person, '20.00'); // known to the copy, on its way
  equal(pending.transactionStatus, 'PDNG', 'a payment is on its way when the copy is made');
  const copy = join(bank.folder, 'copy.db');
  if (engine === 'sqlite') {
    const made = command(bank, ['backup', '--output', copy]);
    equal(made.code, 0, `a copy is made ${made.err}`);
  } else {
    await bank.rest();
    database(bank, 'copy');
    await bank.serve();
  }
  await faults.clear();
  equal((await ended(client, person, pending)).transactionStatus, 'ACSC', 'after the copy it ended');
  const lost = await topUp(client, person, '40.00'); // after the copy
  equal([lost.transactionStatus, (await balance(client, person)).booked], ['ACSC', 17000], 'after the copy another is made');
  await bank.rest();

  if (engine === 'sqlite') {
    equal(command(bank, ['restore', '--from', copy]).code, 0, 'the copy is put in the place of the database');
  } else {
    database(bank, 'restore');
    equal(command(bank, ['restore', '--accept']).code, 0, 'the restored database is accepted');
  }
  const found = command(bank, ['payments', 'query', '--since', since]);
  equal(found.code, 65, `payments that the copy does not have are an error ${found.err}`);
  ok(found.out.includes(`missing ${lost.paymentId} topUp 40.00 CNY`), 'the lost payment is listed', found.out);
  ok(/3 instructions, 1 payments brought to their end, 1 missing/.test(found.out), 'the pending one is brought to its end', found.out);
  const again = command(bank, ['payments', 'query', '--since', since]);
  ok(again.code === 65 && /3 instructions, 0 payments brought to their end, 1 missing/.test(again.out), 'asked again nothing changes', again.out);
  audited(bank, 'after the restore');
  equal(command(bank, ['check']).code, 0, 'and check is');
  await bank.serve();
  const token = (await signIn(client, person)).token;
  equal((await balance(client, { ...person, token })).booked, 13000, 'each payment that the copy knows counts once');
  await bank.close();
  audited(bank, 'at the end');
}

// PostgreSQL: the old database is kept as another database, as its own tools would keep the files.
function database(bank, what) {
  const name = new URL(bank.database.url).pathname.slice(1);
  const server = process.env.SYCEE_TEST_PG_URL;
  const sql = (text) => {
    const done = spawnSync('psql', ['-qAtX', '-d', server, '-c', text], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(done.stderr);
  };
  if (what === 'copy') sql(`CREATE DATABASE ${name}_copy TEMPLATE ${name}`);
  else { sql(`DROP DATABASE ${name} WITH (FORCE)`); sql(`ALTER DATABASE ${name}_copy RENAME TO ${name}`); }
}

// Interest is paid without the bank's own money in the reserve: the most severe alarm, until capital is paid in.
async function reserve(engine) {
  const file = join(process.env.SYCEE_TEST_WORK || '/tmp', `operate-reserve.${engine}.${process.pid}`);
  const shift = (days) => writeFileSync(file, new BigInt64Array([BigInt(days) * 86400000000n, BigInt(days) * 86400000000n]));
  shift(0);
  const { bank, client } = await open(engine, [`bank.test_clock=${file}`], ['--capital', '0']);
  await moveIn(client, inventPerson(), '9000.00');
  const { businessDate } = wanted(await client.get('/v1/bank'), 200);
  await bank.rest();
  const settled = new Date(`${businessDate}T00:00:00Z`);
  do settled.setTime(settled.getTime() + DAY); while (settled.getUTCDate() !== 20 || settled.getUTCMonth() % 3 !== 2);
  const days = (settled.getTime() - Date.parse(businessDate)) / DAY + 1;
  shift(days);
  const closed = command(bank, ['eod', '--days', String(days), '--set', `bank.test_clock=${file}`]);
  equal(closed.code, 0, `${days} days close ${closed.err}`);
  await bank.serve();
  bank.aheadMs = days * DAY;
  const staff = { maker: await signInStaff(client, 'accountant'), checker: await signInStaff(client, 'accountant2') };
  const dashboard = async () => wanted(await client.get('/v1/staff/dashboard', { token: staff.maker }), 200);
  const funds = await dashboard();
  const short = Math.round((Number(funds.customerFunds.amount) - Number(funds.reserve.amount) - Number(funds.inClearing.amount)) * 100);
  ok(short > 0, 'interest is more than the reserve has', funds);
  equal(await (await fetch(`${bank.url}/readyz`)).json(), { status: 'attention', reasons: ['reserve-short'] }, 'readiness asks for people, and the bank serves');
  ok((await (await fetch(`${bank.url}/metrics`)).text()).includes(`reserve_shortage_minor{ccy="CNY"} ${short}`), 'a metric in minor units');
  ok(bank.logText().includes('"reserve_short"'), 'a line in the log');
  equal((await dashboard()).health.reserveShortages, [{ shortage: { amount: (short / 100).toFixed(2), currency: 'CNY' } }], 'the console shows it');
  await both(client, [staff.maker, staff.checker], 'capital', 'CNY', { value: 100000 });
  const content = async () => (await (await fetch(`${bank.url}/readyz`)).json()).status === 'ok';
  for (let i = 0; i < 100 && !await content(); i++) await pause(250);
  ok(await content(), 'capital that is paid in ends it');
  ok((await (await fetch(`${bank.url}/metrics`)).text()).includes('reserve_shortage_minor{ccy="CNY"} 0'), 'the metric, too');
  equal((await dashboard()).health.reserveShortages, [], 'and the console');
  await bank.close();
  audited(bank, 'after capital was paid in');
}

const parts = { slow, clock, restore, reserve, standby };

// One process per engine, concurrently: most of the time is waiting.
async function engineProcesses() {
  const sums = [0, 0];
  await Promise.all(engines.map(async (engine) => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, SYCEE_TEST_ENGINE: engine } });
    let text = '';
    child.stdout.on('data', (data) => { text += data; });
    await new Promise((done) => child.on('close', done));
    console.log(text);
    const found = /(\d+) passed, (\d+) failed\s*$/.exec(text)?.slice(1) ?? [0, 1];
    found.forEach((n, i) => { sums[i] += Number(n); });
  }));
  return sums;
}

async function one(engine) {
  for (const [name, run] of Object.entries(parts)) {
    if (only && !only.includes(name)) continue;
    if (name === 'standby' && engine !== 'postgresql') continue;
    await part(`${engine} ${name}`, () => run(engine, { open, audited, command }));
  }
  return [tally.passed, tally.failed];
}

const [passed, failed] = engines.length > 1 ? await engineProcesses() : await one(engines[0]);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
