// Each setting has an effect observable from outside. The table at the end has a row for every setting printed by
// `sycee serve --print-config`; one without a row is a failure.
import { createHmac } from 'node:crypto';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const HOUR = 3600000;

// All outside parties: accepts requests, stores them, and never answers.
function outsiders() {
  const seen = [];
  const server = http.createServer((request, response) => {
    let body = '';
    const call = { method: request.method, path: request.url, headers: request.headers, at: Date.now(), ended: 0 };
    request.on('data', (part) => { body += part; });
    request.on('end', () => { call.body = body; seen.push(call); });
    response.on('close', () => { call.ended = Date.now(); });
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done({ seen, url: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } })));
}

export async function settings({ root, program, folder: above, environment, ok, share, freePort, run }) {
  const folder = join(above, 'settings');
  mkdirSync(folder);
  const outside = await outsiders();
  let made = 0;
  const place = () => { const at = join(folder, String(++made)); mkdirSync(at); return at; };

  // A separate bank, or an existing one (`at`), with these settings.
  async function bank(sets = {}, at = place(), words = []) {
    const port = sets['server.port'] ?? await freePort();
    const all = { 'server.port': port, 'outside.url': outside.url, 'security.key_file': join(at, 'keys'), ...sets };
    const args = ['--database', sets.url ?? `sqlite:${join(at, 'bank.db')}`, ...share, ...Object.entries(all).filter(([name]) => name !== 'url').flatMap(([name, value]) => ['--set', `${name}=${value}`])];
    run(['migrate', ...args]);
    const child = spawn(program, ['serve', ...args, ...words], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const one = { at, args, port, child, log: '', host: sets['server.address'] ?? '127.0.0.1' };
    child.stderr.on('data', (part) => { one.log += part; });
    one.ended = new Promise((done) => child.on('exit', done));
    await new Promise((done, fail) => {
      child.stdout.on('data', (part) => { if (/customer app/.test(part)) done(); });
      one.ended.then((code) => fail(new Error(`serve ended with ${code}: ${one.log.slice(-400)}`)));
    });
    one.stop = () => { child.kill('SIGTERM'); return one.ended; };
    one.ask = (path, { method = 'GET', headers = {}, body, host = one.host, toPort = port, localAddress } = {}) => new Promise((done) => {
      const start = Date.now();
      const request = http.request({ host, port: toPort, path, method, headers: { 'Accept-Language': 'en', ...(body !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }), ...headers }, agent: false, localAddress, timeout: 30000 }, (response) => {
        let text = '';
        response.on('data', (part) => { text += part; });
        response.on('end', () => done({ status: response.statusCode, text, took: Date.now() - start }));
      });
      request.on('timeout', () => request.destroy(new Error('no answer')));
      request.on('error', (error) => done({ status: 0, text: String(error), took: Date.now() - start }));
      request.end(body);
    });
    one.json = async (path, more) => JSON.parse((await one.ask(path, more)).text);
    return one;
  }
  // A connection that sends these bytes; returns the milliseconds until the bank closed it.
  const closed = (one, bytes, bound = 15000, every) => new Promise((done) => {
    const start = Date.now();
    const socket = net.connect(one.port, one.host, () => { if (bytes) socket.write(bytes); });
    const drip = every && setInterval(() => socket.write(every.bytes), every.ms);
    const timer = setTimeout(() => finish(Infinity), bound);
    const finish = (took) => { clearInterval(drip); clearTimeout(timer); socket.destroy(); done(took); };
    socket.on('data', () => {});
    socket.on('close', () => finish(Date.now() - start));
    socket.on('error', () => {});
  });
  const held = async (one, count) => {
    const sockets = Array.from({ length: count }, () => net.connect(one.port, one.host).on('error', () => {}));
    await sleep(1200);
    const open = sockets.filter((s) => !s.closed && !s.destroyed).length;
    sockets.forEach((s) => s.destroy());
    return open;
  };
  const head = `GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`;
  const files = (one, name) => readdirSync(`/proc/${one.child.pid}/fd`).filter((fd) => { try { return readlinkSync(`/proc/${one.child.pid}/fd/${fd}`) === name; } catch { return false; } }).length;
  const threads = (one) => readdirSync(`/proc/${one.child.pid}/task`).length;
  const signIn = (one, headers = {}) => one.ask('/v1/sessions', { method: 'POST', headers, body: JSON.stringify({ phone: '+8613900000000', passCode: '135246', deviceKey: 'a-device-key-of-nobody-at-all', deviceName: 'x' }) });
  const statuses = async (one, count, headersOf = () => ({})) => (await Promise.all(Array.from({ length: count }, (_, i) => signIn(one, headersOf(i))))).map((a) => a.status);
  const together = async (list) => { const banks = await Promise.all(list.map((sets) => bank(sets))); banks.stop = () => Promise.all(banks.map((one) => one.stop())); return banks; };
  const refusedWith = (name, value, line, extra = []) => {
    const at = place();
    const args = ['--database', `sqlite:${join(at, 'bank.db')}`, ...share, '--set', `security.key_file=${join(at, 'keys')}`, '--set', 'server.port=0', ...extra, '--set', `${name}=${value}`];
    run(['migrate', ...args]);
    const found = run(['serve', ...args]);
    ok(found.code === 78 && found.lines.some((l) => line.test(l)), `${name}=${value} is refused`, `${found.code} ${found.err.slice(-300)}`);
  };

  // Waits for the text message of a code: the bank sends it to the SMS gateway.
  async function session(one, phone) {
    const before = outside.seen.length;
    const { phoneCodeId } = await one.json('/v1/phone-codes', { method: 'POST', body: JSON.stringify({ phone, purpose: 'signUp' }) });
    let message;
    for (let i = 0; i < 100 && !message; i++) { await sleep(100); message = outside.seen.slice(before).find((c) => c.path.includes('/sms/')); }
    const code = /\b\d{6}\b/.exec(message.body)?.[0];
    const { token } = await one.json('/v1/sign-ups', { method: 'POST', body: JSON.stringify({ phone, phoneCodeId, code, language: 'en', deviceKey: `device-of-${phone.slice(1)}-for-tests`, deviceName: 'x' }) });
    return { token, message };
  }

  // --- rows: each checks one setting ---------------------------------------------------------------
  const rows = {
    'server.address server.port': async () => {
      const one = await bank({ 'server.address': '127.0.0.2' });
      ok((await one.ask('/healthz')).status === 200, 'server.address: it listens there');
      ok((await one.ask('/healthz', { host: '127.0.0.1' })).status === 0, 'server.address: and nowhere else');
      ok((await one.ask('/healthz', { toPort: Number(one.port) + 1 })).status === 0, 'server.port: at no other port');
      await one.stop();
    },
    'server.console_address server.console_port server.customer_app server.console_app': async () => {
      const at = place();
      for (const app of ['one', 'two']) { mkdirSync(join(at, app)); writeFileSync(join(at, app, 'index.html'), `<!doctype html><p>app ${app}`); }
      const consolePort = await freePort();
      const one = await bank({ 'server.console_address': '127.0.0.3', 'server.console_port': consolePort, 'server.customer_app': join(at, 'one'), 'server.console_app': join(at, 'two') }, at);
      ok((await one.ask('/app/')).text.includes('app one'), 'server.customer_app: its page');
      ok((await one.ask('/console/')).status === 404, 'server.console_port: no console with the rest');
      ok((await one.ask('/console/', { host: '127.0.0.3', toPort: consolePort })).text.includes('app two'), 'server.console_app: its page at the address and port of the console');
      await one.stop();
    },
    'server.threads database.readers': async () => {
      const [few, many] = await together([{ 'server.threads': 1, 'database.readers': 2 }, { 'server.threads': 6, 'database.readers': 7 }]);
      ok(threads(many) - threads(few) === 5, 'server.threads: five threads more', `${threads(few)} ${threads(many)}`);
      ok(files(many, join(many.at, 'bank.db')) - files(few, join(few.at, 'bank.db')) === 5, 'database.readers: the file is open five times more');
      await Promise.all([few.stop(), many.stop()]);
    },
    'server.connections_max server.connections_per_ip_max': async () => {
      const [all, own] = await together([{ 'server.connections_max': 10 }, { 'server.connections_per_ip_max': 6 }]);
      const [inAll, ofOne] = await Promise.all([held(all, 30), held(own, 30)]);
      ok(inAll <= 10 && inAll > 6, 'server.connections_max: no more stay open', inAll);
      ok(ofOne <= 6 && ofOne > 2, 'server.connections_per_ip_max: no more of one address', ofOne);
      await Promise.all([all.stop(), own.stop()]);
    },
    'server.idle_timeout server.head_timeout server.rate_min': async () => {
      const [quick, slow] = await together([{ 'server.idle_timeout': '1s', 'server.head_timeout': '1s', 'server.rate_min': '1m' }, { 'server.idle_timeout': '20s', 'server.head_timeout': '6s', 'server.rate_min': 1 }]);
      const body = 'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n';
      const drip = { bytes: 'x'.repeat(20), ms: 500 };
      const [idle, part, trickle, idle2, part2, trickle2] = await Promise.all([
        closed(quick, head), closed(quick, 'GET /heal'), closed(quick, body, 17000, drip),
        closed(slow, head, 5000), closed(slow, 'GET /heal', 5000), closed(slow, body, 17000, drip)]);
      ok(idle < 5000 && idle2 === Infinity, 'server.idle_timeout: a quiet connection is closed', `${idle} ${idle2}`);
      ok(part < 5000 && part2 === Infinity, 'server.head_timeout: a head must arrive', `${part} ${part2}`);
      ok(trickle < 16000 && trickle2 === Infinity, 'server.rate_min: a body must arrive at a rate', `${trickle} ${trickle2}`);
      await Promise.all([quick.stop(), slow.stop()]);
    },
    'server.body_max': async () => {
      const [small, large] = await together([{ 'server.body_max': 2048 }, {}]);
      const send = (one) => one.ask('/v1/sessions', { method: 'POST', body: JSON.stringify({ phone: '+8613900000000', passCode: '1'.repeat(4000) }) });
      ok((await send(small)).status === 413 && (await send(large)).status === 400, 'server.body_max: larger bodies are refused');
      await Promise.all([small.stop(), large.stop()]);
    },
    'server.hosts server.metrics_token log.level': async () => {
      const [one, loud] = await together([{ 'server.hosts': 'bank.example', 'server.metrics_token': 'token-of-the-watchman-1', 'log.level': 'error' }, { 'log.level': 'debug' }]);
      ok((await one.ask('/v1/bank', { headers: { Host: 'bank.example' } })).status === 200 && (await one.ask('/v1/bank', { headers: { Host: 'other.example' } })).status === 421, 'server.hosts: another name is refused');
      ok((await one.ask('/metrics', { headers: { Host: 'bank.example' } })).status === 404 && (await one.ask('/metrics', { headers: { Host: 'bank.example', Authorization: 'Bearer token-of-the-watchman-1' } })).status === 200, 'server.metrics_token: metrics by token only');
      await loud.ask('/v1/bank');
      await Promise.all([one.stop(), loud.stop()]);
      ok(!/"severity":"(INFO|DEBUG)"/.test(one.log), 'log.level=error: no line of a lower level', one.log.slice(0, 200));
      ok(/"severity":"DEBUG"/.test(loud.log), 'log.level=debug: every line');
    },
    'server.rate_limits server.trusted_proxies': async () => {
      const [limited, free, proxied] = await together([{ 'server.rate_limits': true }, { 'server.rate_limits': false }, { 'server.trusted_proxies': '127.0.0.1' }]);
      const client = (i) => ({ 'X-Forwarded-For': `198.51.100.${i}` });
      const [a, b, c, d] = await Promise.all([statuses(limited, 60), statuses(free, 60), statuses(proxied, 60, client), statuses(limited, 0)]);
      ok(a.includes(429), 'server.rate_limits: one address is limited', a);
      ok(!b.includes(429), 'server.rate_limits=false: none is', b);
      ok(c.filter((s) => s === 429).length < a.filter((s) => s === 429).length, 'server.trusted_proxies: each client of a proxy has a budget of its own', `${c} ${d}`);
      await Promise.all([limited.stop(), free.stop(), proxied.stop()]);
    },
    'server.share': async () => {
      const at = place();
      cpSync(join(root, 'share'), join(at, 'share'), { recursive: true, filter: (from) => !/models|systemd/.test(from) });
      const whole = await bank({ 'server.share': join(at, 'share') });
      await whole.stop();
      rmSync(join(at, 'share/regions'), { recursive: true, force: true });
      const first = readdirSync(join(at, 'share')).find((name) => /region/i.test(name));
      if (first) rmSync(join(at, 'share', first), { recursive: true });
      refusedWith('server.share', join(at, 'share'), new RegExp(join(at, 'share')));
    },
    'server.stop_timeout server.bodies_max outside.url outside.key_id outside.secret outside.timeout': async () => {
      const [quick, patient] = await together([
        { 'server.stop_timeout': '1s', 'outside.key_id': 'our-name', 'outside.secret': 'a-secret-of-the-two-of-us', 'outside.timeout': '3s', 'server.bodies_max': '1m', 'server.rate_limits': false },
        { 'server.stop_timeout': '6s', 'outside.timeout': '9s', 'server.rate_limits': false }]);
      const [{ token, message }, other] = await Promise.all([session(quick, '+8613900000011'), sleep(1500).then(() => session(patient, '+8613900000012'))]);
      const { headers, method, path, body } = message;
      const signature = createHmac('sha256', 'a-secret-of-the-two-of-us').update(`${headers['sandbox-timestamp']}.${method}.${path}.${body}`).digest('hex');
      ok(headers['sandbox-key-id'] === 'our-name', 'outside.url, outside.key_id: the call arrives under our name', headers);
      ok(headers['sandbox-signature'] === `v1=${signature}`, 'outside.secret: signed by it', headers);
      await sleep(Math.max(0, 3600 - (Date.now() - message.at)));
      ok(message.ended - message.at > 2500 && message.ended - message.at < 4500, 'outside.timeout: the call ends', message.ended - message.at);
      const picture = (one, of) => one.ask('/v1/me/id-pictures/portrait', { method: 'PUT', headers: { Authorization: `Bearer ${of}`, 'Content-Type': 'image/jpeg', 'Content-Length': 3000000 }, body: 'x'.repeat(3000000) });
      const [refused, taken] = await Promise.all([picture(quick, token), picture(patient, other.token)]);
      ok(refused.status !== taken.status && [0, 413, 503].includes(refused.status), 'server.bodies_max: a body beyond the memory for bodies is refused', `${refused.status} ${taken.status} ${taken.text.slice(0, 200)}`);
      const halfBody = 'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{';
      const waiting = [closed(quick, halfBody), closed(patient, halfBody)];
      await sleep(300);
      const ends = [quick.stop(), patient.stop()];
      const [a, b] = await Promise.all(waiting);
      ok(a > 800 && a < 4000 && b > a + 2000 && b < 12000, 'server.stop_timeout: a request that has begun has so long', `${a} ${b}`);
      await Promise.all(ends);
    },
    'outside.is_sandbox': async () => {
      const one = await bank({});
      ok((await one.json('/v1/bank')).environment === 'sandbox', 'outside.is_sandbox: the apps show it');
      await one.stop();
      refusedWith('outside.is_sandbox', 'false', /^sycee: outside\.secret: /);
    },
    'tls.certificate tls.key': async () => {
      const at = place();
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', join(at, 'key.pem'), '-out', join(at, 'cert.pem'), '-days', '2', '-subj', '/CN=localhost'], { stdio: 'ignore' });
      execFileSync('chmod', ['600', join(at, 'key.pem')]);
      const one = await bank({ 'tls.certificate': join(at, 'cert.pem'), 'tls.key': join(at, 'key.pem') }, at);
      const shown = spawnSync('openssl', ['s_client', '-connect', `127.0.0.1:${one.port}`, '-CAfile', join(at, 'cert.pem')], { input: '', encoding: 'utf8' }).stdout;
      ok(/Verify return code: 0/.test(shown), 'tls.certificate, tls.key: TLS with this certificate', shown.slice(-300));
      ok((await one.ask('/healthz')).status !== 200, 'and nothing in clear');
      await one.stop();
    },
    'database.url security.key_file security.origin': async () => {
      const at = place();
      const words = ['--set', `database.url=sqlite:${join(at, 'named.db')}`, '--set', `security.key_file=${join(at, 'named.keys')}`, '--set', 'security.origin=https://bank.example', '--set', `outside.url=${outside.url}`, ...share];
      run(['migrate', ...words]);
      const first = run(['staff', 'bootstrap', ...words]);
      ok(existsSync(join(at, 'named.db')) && readFileSync(join(at, 'named.keys'), 'utf8').startsWith('sycee-'), 'database.url, security.key_file: the files are there', first.err);
      ok(first.out.includes('https://bank.example/console/'), 'security.origin: links begin with it', first.out);
    },
    'database.workers': async () => {
      if (!process.env.SYCEE_TEST_PG_URL) return;
      const server = process.env.SYCEE_TEST_PG_URL;
      const sql = (text, url = server) => execFileSync('psql', ['-qAtX', '-d', url, '-c', text], { encoding: 'utf8' }).trim();
      const name = `sycee_settings_${process.pid}`;
      sql(`CREATE DATABASE ${name}`);
      const url = server.replace(/\/[^/]*$/, `/${name}`);
      const counts = [];
      for (const workers of [2, 7]) {
        const one = await bank({ url, 'database.workers': workers, 'database.readers': 2, ...(workers === 7 && { 'bank.node': 3 }) }, join(folder, '1'));
        counts.push(Number(sql(`SELECT count(*) FROM pg_stat_activity WHERE datname = '${name}'`)));
        if (workers === 7) {
          for (let i = 0; i < 40 && sql('SELECT max(node) FROM engine_clocks', url) !== '2'; i++) await sleep(250);
          ok(sql('SELECT max(node) FROM engine_clocks', url) === '2', 'bank.node: the process keeps its clock under its number, counted from 0');
        }
        await one.stop();
      }
      ok(counts[1] - counts[0] === 5, 'database.workers: five connections more', counts);
      sql(`DROP DATABASE ${name} WITH (FORCE)`);
    },
    'bank.node': async () => refusedWith('bank.node', '2', /bank\.node/),
    'vision.models': async () => {
      const at = place();
      const one = await bank({ 'vision.models': join(at, 'nothing') });
      ok(one.log.includes(`"folder":"${join(at, 'nothing')}"`), 'vision.models: looked for there', one.log.slice(0, 300));
      await one.stop();
    },
    'bank.zone bank.test_clock bank.automatic_end_of_day': async () => {
      // Three seconds before midnight in Kathmandu (UTC+5:45): the date of the bank there advances, but not in
      // Shanghai.
      const offset = 5.75 * HOUR;
      const day = (ms) => new Date(ms).toISOString().slice(0, 10);
      const ahead = 24 * HOUR - ((Date.now() + offset) % (24 * HOUR)) - 4000;
      const clock = join(folder, 'clock');
      const shift = (ms) => writeFileSync(clock, new BigInt64Array([BigInt(Math.round(ms)) * 1000n, BigInt(Math.round(ms)) * 1000n]));
      shift(ahead);
      const before = day(Date.now() + ahead + offset);
      const [there, here, still] = await together([{ 'bank.zone': 'Asia/Kathmandu', 'bank.test_clock': clock }, { 'bank.zone': 'Asia/Shanghai', 'bank.test_clock': clock },
        { 'bank.zone': 'Asia/Kathmandu', 'bank.test_clock': clock, 'bank.automatic_end_of_day': false }]);
      const date = async (one) => (await one.json('/v1/bank')).businessDate;
      const first = await Promise.all([there, here, still].map(date));
      ok(first[0] === before || Date.now() + ahead + offset >= Date.parse(before) + 24 * HOUR, 'bank.test_clock: the day is that of the shifted clock', first);
      const after = day(Date.parse(before) + 24 * HOUR);
      for (let i = 0; i < 60 && await date(there) !== after; i++) await sleep(250);
      ok(await date(there) === after, 'bank.zone: the business date rolls at midnight of the zone', `${first[0]} -> ${await date(there)}`);
      ok(await date(here) === first[1], 'bank.zone: elsewhere it is the same', first[1]);
      ok(await date(still) === first[2], 'bank.automatic_end_of_day=false: it waits to be closed', first[2]);
      ok((await there.json('/v1/bank')).timeZone === 'Asia/Kathmandu', 'bank.zone: the apps know it');
      await Promise.all([there.stop(), here.stop(), still.stop()]);
    },
  };

  const printed = [];
  let section = '';
  for (const line of run(['serve', '--print-config']).out.split('\n')) {
    section = /^\[(\w+)\]/.exec(line)?.[1] ?? section;
    const name = /^(\w+) =/.exec(line)?.[1];
    if (name) printed.push(`${section}.${name}`);
  }
  const seen = new Set(Object.keys(rows).flatMap((names) => names.split(' ')));
  ok(printed.length > 30 && printed.every((name) => seen.has(name)), 'each setting has an effect that is seen', printed.filter((name) => !seen.has(name)));
  ok([...seen].every((name) => printed.includes(name)), 'each row is of a setting', [...seen].filter((name) => !printed.includes(name)));
  for (const [names, row] of Object.entries(rows)) {
    try { await row(); } catch (error) { ok(false, names, error.stack?.slice(0, 500)); }
  }
  outside.close();
}
