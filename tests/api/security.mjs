// Headers, cookies, pages, and a log without personal data.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bank.mjs';
import { equal, fail, ok, pass } from './count.mjs';
import { wanted } from './client.mjs';
import { deviceKey, PASS_CODE, inventPerson, moveIn, newKey, transferBody } from './people.mjs';

async function cookies(client, { a, b }) {
  const own = `http://127.0.0.1:${client.bank.port}`;
  const body = { phone: a.phone, passCode: PASS_CODE, deviceKey: deviceKey(a.phone), deviceName: 'browser' };
  const program = await client.post('/v1/sessions', body);
  client.secrets.add(wanted(program, 201).token);
  ok(program.json.token && !program.headers['set-cookie'], 'a program gets a token and no cookie', program.headers['set-cookie']);
  for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'https://evil.example' }]) {
    wanted(await client.post('/v1/sessions', body, { headers }), 403, 'cross-origin');
  }
  const signedIn = await client.post('/v1/sessions', body, { headers: { Origin: own, 'Sec-Fetch-Site': 'same-origin' } });
  ok(wanted(signedIn, 201).token === undefined, 'a browser gets a cookie that no script reads, and no token');
  const token = /^__Host-session=([^;]+)/.exec(signedIn.headers['set-cookie']?.[0])?.[1];
  client.secrets.add(token);
  const [cookie] = signedIn.headers['set-cookie'];
  const parts = cookie.split('; ');
  equal(parts[0], `__Host-session=${token}`, 'the cookie is the session');
  for (const flag of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Strict']) ok(parts.includes(flag), `the cookie has ${flag}`, cookie);
  ok(!/domain=/i.test(cookie) && /Max-Age=\d+/.test(cookie), 'the cookie names no domain', cookie);
  equal(signedIn.headers['cache-control'], 'no-store', 'an answer with a token is not kept');
  const by = { headers: { Cookie: `__Host-session=${token}` } };
  wanted(await client.get('/v1/me', by), 200);
  // Unsafe requests by cookie: only from the bank's own pages.
  for (const site of [{ Origin: own }, { 'Sec-Fetch-Site': 'same-origin' }, { Origin: own, 'Sec-Fetch-Site': 'same-origin' }]) {
    wanted(await client.post('/v1/transfers', transferBody(a, b, '0.01'), { headers: { ...by.headers, ...site }, key: newKey() }), 201);
  }
  wanted(await client.post('/v1/transfers', transferBody(a, b, '0.01'), { ...by, key: newKey() }), 403, 'cross-origin');
  const out = await client.delete('/v1/sessions/current', { headers: { ...by.headers, Origin: own } });
  wanted(out, 204);
  ok(/^__Host-session=;.*Max-Age=0/.test(out.headers['set-cookie']?.[0]), 'signing out takes the cookie away', out.headers['set-cookie']);
  wanted(await client.get('/v1/me', by), 401, 'not-signed-in');
}

// Headers that every answer of the API must have.
async function answers(client, { a, staff }) {
  for (const [path, token] of [['/v1/bank'], ['/v1/me', a.token], ['/v1/me'], ['/v1/nothing'], ['/v1/staff/me', staff.teller], ['/v1/bank?x=%zz'], ['/healthz'], ['/v1/openapi.json']]) {
    const answer = await client.get(path, { token });
    equal(answer.headers['x-content-type-options'] ?? (answer.headers.connection === 'close' ? 'nosniff' : undefined), 'nosniff', `${path}: nosniff`);
    ok(!answer.headers['access-control-allow-origin'], `${path}: other sites may not read`);
    ok(!answer.headers.server && !answer.headers['x-powered-by'], `${path}: does not tell its make`);
    if (token) equal(answer.headers['cache-control'], 'no-store', `${path}: is not kept`);
  }
  const preflight = await client.send('OPTIONS', '/v1/transfers', { headers: { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' } });
  ok(preflight.status === 405 && !preflight.headers['access-control-allow-origin'], 'no other site may ask');
}

async function plain(client, path, headers = {}) {
  const answer = await client.raw('GET', path, { 'Accept-Language': 'en', ...headers });
  answer.what = `GET ${path}`;
  return answer;
}

function policy(answer, what) {
  const csp = Object.fromEntries((answer.headers['content-security-policy'] ?? '').split(';').map((d) => d.trim().split(/ +/)).map(([name, ...values]) => [name, values]));
  equal(csp['default-src'], ["'self'"], `${what}: everything from here`);
  equal(csp['script-src'] ?? csp['default-src'], ["'self'"], `${what}: scripts are files of ours`);
  for (const name of ['frame-ancestors', 'base-uri', 'object-src']) equal(csp[name], ["'none'"], `${what}: ${name} none`);
  for (const [name, value] of [['x-content-type-options', 'nosniff'], ['referrer-policy', 'no-referrer'], ['cross-origin-opener-policy', 'same-origin']]) equal(answer.headers[name], value, `${what}: ${name}`);
  ok(answer.headers['permissions-policy'], `${what}: Permissions-Policy`);
  ok(!/<script(?![^>]*\bsrc=)/.test(answer.text) && !/\son[a-z]+=/i.test(answer.text), `${what}: no script within the page`);
}

async function documents(client) {
  const built = existsSync(join(root, 'apps/customer/dist/index.html')) && existsSync(join(root, 'apps/console/dist/index.html'));
  for (const path of ['/docs', ...(built ? ['/app/', '/app/pay', '/console/', '/console/customers'] : [])]) {
    const page = await plain(client, path);
    ok(page.status === 200 && /^text\/html/.test(page.headers['content-type']), `${path} loads`, page.status);
    policy(page, path);
    for (const [, file] of page.text.matchAll(/(?:src|href)="(\/[^"#]+)"/g)) {
      const found = await plain(client, file);
      ok(found.status === 200 || found.status === 302, `${path}: ${file} is there`, found.status);
    }
  }
  for (const [from, to] of [['/', '/app/'], ['/app', '/app/'], ['/console', '/console/'], ['/docs/', '/docs'], ['/favicon.ico', '/static/icon.svg'], ['/.well-known/change-password', '/app/me/security']]) {
    const answer = await plain(client, from);
    equal([answer.status, answer.headers.location], [302, to], `${from} leads on`);
  }
  const security = await plain(client, '/.well-known/security.txt');
  ok(security.status === 200 && /^text\/plain/.test(security.headers['content-type']), 'security.txt is text', security.headers);
  ok(/^Contact: \S+/m.test(security.text) && Date.parse(/^Expires: (.+)$/m.exec(security.text)?.[1]) > Date.now(), 'security.txt says whom and until when');
  const catalog = await plain(client, '/.well-known/api-catalog');
  ok(/^application\/linkset\+json/.test(catalog.headers['content-type']), 'the catalogue is a linkset', catalog.headers);
  for (const [, href] of catalog.text.matchAll(/"href":"([^"]+)"/g)) equal((await plain(client, href)).status, 200, `the catalogue's ${href} is there`);
  for (const path of ['/healthz', '/readyz']) equal((await plain(client, path)).json, { status: 'ok' }, path);
  const metrics = await plain(client, '/metrics');
  ok(/^text\/plain; version=0\.0\.4/.test(metrics.headers['content-type']) && /^engine_commands_total \d+$/m.test(metrics.text), 'metrics are there');
  const rules = readFileSync(join(root, 'share/alerts.yml'), 'utf8');
  const asked = [...rules.matchAll(/rate\((\w+)(?:\{status=~?"([\d|]+)"\})?\[/g)];
  ok(asked.length >= 5, 'alerts are made of metrics', asked.length);
  const known = new Set(registry().map((row) => row[2]));
  for (const [, name, statuses] of asked) {
    ok(statuses ? metrics.text.includes(`\n${name}{status="`) : new RegExp(`^${name}[ {]`, 'm').test(metrics.text), `${name} is a metric`);
    for (const status of statuses?.split('|') ?? []) ok(known.has(status), `the bank answers ${status}`);
  }
  const [served, embedded] = rules.split('name: sycee-embedded');
  for (const [, name] of (client.bank.engine === 'sqlite' ? rules : served).matchAll(/(?:expr: | or |increase\()([a-z]+_[a-z_]+)[ [{]/g)) {
    ok(new RegExp(`^${name}[ {]`, 'm').test(metrics.text), `${name} is a metric of an alert`);
  }
  ok(embedded.includes('disk_free_bytes'), 'an embedded bank has alerts of its own');
}

// The rows of the rooms' files of errors.
function registry() {
  const files = readdirSync(join(root, 'src')).map((room) => join(root, 'src', room, 'errors.tsv')).filter(existsSync);
  return files.flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((line) => line && !line.startsWith('#')).map((line) => line.split('\t'));
}

// Every error has a page in both languages.
async function problems(client) {
  const known = new Map(registry().map((row) => [`/problems/${row[1]}`, row]));
  for (const slug of client.slugs) ok(known.has(slug), `${slug} is in the registry`);
  for (const [path, row] of known) {
    const page = await plain(client, path);
    if (page.status !== 200 || !page.text.includes(row[6].slice(0, 6)) || !page.text.includes('lang="zh"')) fail(`${path}: a page in both languages`, page.status);
    else pass();
  }
  policy(await plain(client, '/problems/not-found'), '/problems/not-found');
  console.log(`${client.slugs.size} of ${known.size} kinds of problems met`);
  ok(client.slugs.size >= 20, 'the tests met many kinds of problems', client.slugs.size);
}

export function silent(client, bank) {
  const log = bank.logText();
  ok(log.includes('"body":"request"'), 'the log was kept in full');
  let told = 0;
  for (const secret of client.secrets) {
    if (!secret || secret.length < 4) continue;
    // Six digits may be part of an id or an instant by chance: only isolated ones count as a code.
    const is = /^\d{6}$/.test(secret) ? new RegExp(`(?<![0-9.])${secret}(?![0-9])`).test(log.replace(/"(duration_us|port|outbox_id)":\d+/g, '')) : log.includes(secret);
    if (is) {
      told++;
      const at = log.indexOf(secret);
      fail('the log holds what it must not', log.slice(Math.max(0, at - 160), at + 40));
    }
  }
  equal(told, 0, `none of ${client.secrets.size} phones, names, numbers, tokens and codes stands in the log`);
  // The sanitizers of a debug build print at the stop of the bank, and so do the libraries of its picture decoder,
  // which has no other standard error.
  for (const line of log.trim().split('\n').filter((l) => !/^lib(png|webp) (error|warning): |^Corrupt JPEG data|^$|^-{10,}$|^Suppressions used:|^ +count +bytes|^ +\d+ +\d+ \S+$/.test(l))) {
    try { JSON.parse(line); } catch { fail('a line of the log is JSON', line.slice(0, 200)); }
  }
}

export default async function security(client, bank, people) {
  const a = await moveIn(client, inventPerson(), '10.00');
  await cookies(client, { a, b: people.b });
  const staffCookie = await client.post('/v1/staff/sessions', { login: 'nobody', password: 'x', totp: '000000' });
  ok(!staffCookie.headers['set-cookie'], 'a sign-in that failed sets no cookie');
  await answers(client, people);
  await documents(client);
  await problems(client);
  // Personal data in a wrong place is not logged either.
  for (const path of [`/v1/${a.phone}`, `/v1/me?phone=${encodeURIComponent(a.phone)}`, `/v1/accounts/${a.idNumber}`, `/app/${encodeURIComponent(a.name)}`, `/v1/payments/${a.cardNumber}`]) await plain(client, path, { Authorization: `Bearer ${a.token}` });
  silent(client, bank);
}
