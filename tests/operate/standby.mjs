// PostgreSQL: a bank on a hot standby, a primary that waits for a lost synchronous standby, and a failover by an
// address with two hosts. Separate servers, on loopback.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { wanted } from '../api/client.mjs';
import { equal, ok } from '../api/count.mjs';
import { root } from '../api/bank.mjs';
import { balance, inventPerson, moveIn, newKey, pause, transferBody } from '../api/people.mjs';

const pg = (...args) => execFileSync(join(root, 'tools/pg'), args, { encoding: 'utf8' }).trim();

async function until(what, holds, tries = 150) {
  let last;
  for (let i = 0; i < tries; i++) {
    last = await holds().catch((error) => error.message);
    if (last === true) return ok(true, what);
    await pause(200);
  }
  return ok(false, what, last);
}

export async function standby(engine, { open, audited, command }) {
  const folder = execFileSync('mktemp', ['-d', '/tmp/sycee-standby.XXXXXX'], { encoding: 'utf8' }).trim();
  chmodSync(folder, 0o755);
  const [first, second] = ['first', 'second'].map((name) => join(folder, name));
  mkdirSync(first);
  const kept = process.env.SYCEE_TEST_PG_URL;
  let bank;
  try {
    const url = pg('start', first);
    const copy = pg('standby', second, first);
    process.env.SYCEE_TEST_PG_URL = url;
    const opened = await open(engine);
    process.env.SYCEE_TEST_PG_URL = kept;
    ({ bank } = opened);
    const { client } = opened;
    const person = await moveIn(client, inventPerson(), '100.00');
    const other = await moveIn(client, inventPerson(), '10.00');
    const ready = async () => (await fetch(`${bank.url}/readyz`)).status;
    const pay = (key, any = false) => client.send('POST', '/v1/transfers', { token: person.token, key, any, body: transferBody(person, other, '1.00') });
    const sql = (at, text) => execFileSync('psql', ['-qAtX', '-d', at, '-c', text], { encoding: 'utf8' }).trim();
    const name = new URL(bank.database.url).pathname;
    const onCopy = copy.replace(/\/[^/]*$/, name);
    await until('the standby has the bank', async () => sql(onCopy, 'SELECT count(*) FROM payment_payments') !== '0');

    // A bank started on the standby: one line, no other effect.
    const two = { database: { url: onCopy }, folder: bank.folder, sandbox: bank.sandbox };
    for (const words of [['serve', '--set', 'server.port=0'], ['eod'], ['migrate'], ['keys', 'add'], ['payments', 'query', '--since', '2026-01-01T00:00:00Z']]) {
      const refused = command(two, words);
      const lines = refused.err.split('\n').filter((line) => line && !line.startsWith('{'));
      ok([69, 78].includes(refused.code) && lines.length === 1 && /standby/.test(lines[0]), `${words[0]} on a standby is refused with one line`, `${refused.code} ${refused.err}`);
    }
    ok(command(two, ['check']).code !== 0, 'check tells it');

    // Commits wait for a lost synchronous standby.
    const key = newKey();
    equal((await pay(newKey())).status, 201, 'a payment before');
    sql(url, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    sql(url, 'SELECT pg_reload_conf()');
    await until('not ready while no commit succeeds', async () => await ready() === 503 || 'ready');
    const waiting = pay(key);
    await pause(1000);
    equal((await fetch(`${bank.url}/healthz`)).status, 200, 'the process lives');
    execFileSync('psql', ['-qAtX', '-d', url, '-c', 'ALTER SYSTEM RESET synchronous_standby_names', '-c', 'SELECT pg_reload_conf()'], { env: { ...process.env, PGOPTIONS: '-c synchronous_commit=local' } });
    await until('ready again', async () => await ready() === 200 || 'not ready');
    const paid = await waiting;
    equal(paid.status, 201, 'the order that waited is paid');
    equal(paid.json.paymentId, (await pay(key)).json.paymentId, 'once');
    equal((await balance(client, person)).booked, 9800, 'nothing is lost or doubled');

    // Failover: the address names both; the primary dies, the standby is promoted.
    await bank.rest();
    const [a, b] = [url, onCopy].map((one) => new URL(one).host);
    bank.failover(`postgresql://sycee@${a},${b}${name}`);
    await bank.serve();
    equal((await pay(newKey())).status, 201, 'served by the address of two hosts');
    await until('the standby has all of it', async () => sql(onCopy, 'SELECT pg_last_wal_replay_lsn()') >= sql(url, 'SELECT pg_current_wal_flush_lsn()'));
    pg('crash', first);
    await until('not ready on a standby', async () => await ready() === 503 || 'ready');
    const key2 = newKey();
    equal((await pay(key2, true)).status, 503, 'nothing is paid there');
    pg('promote', second);
    await until('ready after the promotion', async () => await ready() === 200 || 'not ready', 300);
    equal((await pay(key2)).status, 201, 'payments go on');
    equal((await balance(client, person)).booked, 9600, 'each once');
    await bank.close();
    audited({ database: { url: onCopy } }, 'after a failover');
    bank = undefined;
  } finally {
    process.env.SYCEE_TEST_PG_URL = kept;
    await bank?.close();
    for (const dir of [second, first]) spawnSync(join(root, 'tools/pg'), ['stop', dir]);
    spawnSync('rm', ['-rf', folder]);
  }
}
