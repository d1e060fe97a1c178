// Network interface, on separate banks: host names, access to metrics, readiness, an unread standard error, SIGHUP,
// TLS, large bodies of strangers, many slow requests of one customer.
import { execFileSync, spawn } from 'node:child_process';
import http from 'node:http';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { openBank } from './bank.mjs';
import { equal, ok } from './count.mjs';
import { Client, wanted } from './client.mjs';
import { inventPerson, moveIn, pause } from './people.mjs';

function ask(bank, path, headers = {}, host = '127.0.0.1') {
  return new Promise((done) => {
    const started = Date.now();
    const request = http.request({ host, port: bank.port, path, headers, agent: false, timeout: 20000 }, (response) => {
      let text = '';
      response.on('data', (part) => { text += part; });
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, text, took: Date.now() - started }));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => done({ status: 0, text: String(error), took: Date.now() - started, headers: {} }));
    request.end();
  });
}

const until = async (what, bound, holds) => {
  const end = Date.now() + bound;
  let last;
  while (Date.now() < end) {
    last = await holds();
    if (last === true) return ok(true, what);
    await pause(100);
  }
  return ok(false, what, last);
};

// The database is locked for writing: readings still work, so readiness must not depend on readings.
async function readiness(bank) {
  equal((await ask(bank, '/readyz')).status, 200, 'ready');
  const sql = bank.engine === 'sqlite' ? 'BEGIN EXCLUSIVE;' : 'BEGIN; LOCK TABLE server_probe IN ACCESS EXCLUSIVE MODE;';
  const holder = bank.engine === 'sqlite'
    ? spawn('sqlite3', [bank.database.url.slice(7)], { stdio: ['pipe', 'ignore', 'ignore'] })
    : spawn('psql', ['-qAtX', '-d', bank.database.url], { stdio: ['pipe', 'ignore', 'ignore'] });
  holder.stdin.write(`${sql}\n`);
  let slowest = 0;
  await until('no commit for a while: not ready', 8000, async () => {
    const answer = await ask(bank, '/readyz');
    slowest = Math.max(slowest, answer.took);
    return answer.status === 503 && JSON.parse(answer.text).status === 'unavailable' ? true : answer.text;
  });
  ok(slowest < 1000, 'readiness is answered at once meanwhile', slowest);
  equal((await ask(bank, '/healthz')).status, 200, 'alive all the time');
  await until('the log states it', 8000, async () => bank.logText().includes('"not_ready"'));
  holder.stdin.end('ROLLBACK;\n');
  await until('ready again', 8000, async () => (await ask(bank, '/readyz')).status === 200);
}

async function metrics(bank, client) {
  const open = await ask(bank, '/metrics');
  equal(open.status, 200, 'metrics on this machine');
  for (const name of ['http_server_answers_total{status="200"}', 'http_server_request_duration_seconds_count{status="2xx"}', 'job_failed{job="sweep"}', 'job_last_run_age_seconds', 'lane_waiting{lane="clearing"}', 'commit_age_milliseconds',
    'process_memory_bytes', 'log_lines_dropped', 'reserve_shortage_minor{ccy="CNY"} 0', ...(bank.engine === 'sqlite' ? ['database_wal_bytes', 'database_checkpoint_failing_seconds 0', 'disk_free_bytes'] : [])]) ok(open.text.includes(name), `a metric: ${name}`);
  for (const header of ['X-Forwarded-For', 'Forwarded', 'Via']) equal((await ask(bank, '/metrics', { [header]: 'for=127.0.0.1' })).status, 404, `no metrics by a proxy (${header})`);
  ok(!open.text.includes(client.phone ?? '138001'), 'no number in a metric');
}

async function strangers(bank, client) {
  const head = (extra) => `PUT /v1/me/id-pictures/portrait HTTP/1.1\r\nHost: 127.0.0.1:${bank.port}\r\nContent-Type: image/jpeg\r\nContent-Length: 3000000\r\n${extra}\r\n`;
  const stranger = await client.bytes(head(''));
  ok(stranger.status === 401 && stranger.json?.instance, 'a large body of a stranger is refused before it comes', stranger.text);
  const plain = await ask(bank, '/v1/bank');
  equal([plain.headers['content-security-policy'], plain.headers['cross-origin-resource-policy'], plain.headers['x-content-type-options']], ["default-src 'none'; frame-ancestors 'none'", 'same-origin', 'nosniff'], 'answers state what a browser may do');
  const refused = await client.bytes('GET / HTTP/1.1\r\n\r\n');
  ok(refused.status === 400 && refused.headers['cross-origin-resource-policy'] === 'same-origin', 'refusals too', refused.headers);
}

// One customer requests 60 documents at once: others are served, and requests above the bound get a Retry-After.
async function lanes(client) {
  const a = await moveIn(client, inventPerson(), '30.00');
  const b = await moveIn(client, inventPerson(), '10.00', 'zh');
  const path = `/v1/accounts/${a.accountId}/statement?from=2026-01-01&to=2026-01-31&format=pdf`;
  const documents = Array.from({ length: 60 }, () => client.send('GET', path, { token: a.token, any: true }));
  const started = Date.now();
  wanted(await client.get('/v1/cards', { token: b.token, lang: 'zh' }), 200);
  const took = Date.now() - started;
  ok(took < 5000, 'another customer is served meanwhile', took);
  const answers = await Promise.all(documents);
  const busy = answers.filter((x) => x.status === 503);
  ok(busy.length > 0 && busy.every((x) => x.json?.type === '/problems/busy' && Number(x.headers['retry-after']) >= 1), 'too many at once are told when to come back', answers.map((x) => x.status));
  ok(answers.some((x) => x.status < 500), 'and some are served', answers.map((x) => x.status));
}

// Standard error is not read: more lines than a pipe holds, and the bank still answers.
async function unread(bank) {
  const child = bank.server;
  child.stderr.pause();
  const started = Date.now();
  for (let i = 0; i < 60; i++) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(bank, '/healthz')));
    if (answers.some((x) => x.status !== 200)) return ok(false, 'answers while nobody reads the log', answers.find((x) => x.status !== 200).text);
  }
  ok(Date.now() - started < 60000, 'answers while nobody reads the log');
  const dropped = /log_lines_dropped (\d+)/.exec((await ask(bank, '/metrics')).text);
  ok(Number(dropped?.[1]) > 0, 'what was dropped is counted', dropped?.[0]);
  child.stderr.resume();
  await until('and told in the log', 8000, async () => { await ask(bank, '/healthz'); return bank.logText().includes('"log_lines_dropped"'); });
  child.kill('SIGHUP');
  await pause(300);
  equal((await ask(bank, '/healthz')).status, 200, 'a hang-up ends no bank');
}

async function hosts(engine, document) {
  const folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim();
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=bank.example'], { stdio: 'ignore' });
  execFileSync('chmod', ['600', key]);
  const bank = await openBank(engine, ['server.hosts=bank.example, 127.0.0.1', 'server.metrics_token=a-token-for-the-watchman'], false, false);
  const client = new Client(bank, document);
  equal((await ask(bank, '/v1/bank', { Host: 'bank.example' })).status, 200, 'asked by its name');
  equal((await ask(bank, '/v1/bank', { Host: 'BANK.example:8443' })).status, 200, 'in any case, with a port');
  const other = await ask(bank, '/v1/bank', { Host: 'evil.example', 'Accept-Language': 'en' });
  equal([other.status, JSON.parse(other.text).type], [421, '/problems/misdirected-request'], 'by another name it does not answer');
  equal((await ask(bank, '/readyz', { Host: '10.0.0.7' })).status, 200, 'but to a watchman');
  equal((await ask(bank, '/metrics', { Host: 'bank.example' })).status, 404, 'no metrics without the token');
  equal((await ask(bank, '/metrics', { Host: 'bank.example', Authorization: 'Bearer a-token-for-the-watchmaN' })).status, 404, 'nor with another');
  equal((await ask(bank, '/metrics', { Host: 'bank.example', Authorization: 'Bearer a-token-for-the-watchman ' })).status, 200, 'metrics by token');
  equal((await client.bytes('POST /v1/phone-codes HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n')).status, 411, 'a body in chunks');
  equal(await bank.close(), 0, 'the bank stops in order');
  await secured(engine, certificate, key);
}

async function secured(engine, certificate, key) {
  const bank = await openBank(engine, [`tls.certificate=${certificate}`, `tls.key=${key}`], false, false).catch((error) => error);
  if (bank instanceof Error) return ok(false, 'a bank with TLS starts', String(bank).slice(0, 400));
  const connect = (options) => new Promise((done) => {
    const socket = tls.connect({ host: '127.0.0.1', port: bank.port, ca: readFileSync(certificate), servername: 'bank.example', checkServerIdentity: () => undefined, ...options }, () => {
      let text = '';
      socket.on('data', (part) => { text += part; });
      socket.on('close', () => done({ protocol, cipher, text }));
      const [protocol, cipher] = [socket.getProtocol(), socket.getCipher().standardName];
      socket.write('GET /v1/bank HTTP/1.1\r\nHost: bank.example\r\nConnection: close\r\n\r\n');
    });
    socket.on('error', (error) => done({ error: error.code ?? String(error) }));
  });
  const best = await connect({});
  ok(best.protocol === 'TLSv1.3' && /strict-transport-security: max-age=31536000/i.test(best.text), 'TLS 1.3, with HSTS', best);
  const gcm = await connect({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
  ok(gcm.protocol === 'TLSv1.2' && gcm.text.includes(' 200 '), 'TLS 1.2 with authenticated encryption', gcm);
  for (const suite of ['ECDHE-RSA-AES128-SHA256', 'ECDHE-RSA-AES256-SHA', 'AES128-GCM-SHA256', 'AES128-SHA']) {
    const answer = await connect({ maxVersion: 'TLSv1.2', ciphers: suite });
    ok(answer.error, `TLS 1.2 with ${suite} is refused`, answer);
  }
  ok((await connect({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).error, 'TLS 1.1 is refused');
  equal(await bank.close(), 0, 'the bank stops in order');
}

export default async function door(engine, document) {
  const bank = await openBank(engine, ['server.rate_limits=false'], false);
  const client = new Client(bank, document);
  await strangers(bank, client);
  await metrics(bank, client);
  await lanes(client);
  await readiness(bank);
  await unread(bank);
  equal(await bank.close(), 0, 'the bank stops in order');
  await hosts(engine, document);
}
