#!/usr/bin/env node
// Starts the sandbox on a free port with a separate state file and tests everything specified in sandbox/README.md.
// Usage: tests/sandbox/run.mjs [PROGRAM]   (build/debug/sandbox)
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const program = resolve(process.argv[2] || join(root, 'build/debug/sandbox'));
const folder = mkdtempSync(join(tmpdir(), 'sandbox-test-'));
const state = join(folder, 'state.db');
const agent = new http.Agent({ keepAlive: true });

let child;
let port;
let log = '';
async function start(...more) {
  child = spawn(program, ['--listen', '127.0.0.1:0', '--state', state, '--seed', '7', ...more], {
    env: { ...process.env, SANDBOX_KEY_ID: 'k1', SANDBOX_SECRET: 's1' },
  });
  child.stderr.on('data', (data) => { log += data; });
  let out = '';
  port = await new Promise((done, fail) => {
    child.stdout.on('data', (data) => {
      out += data;
      const found = /^sandbox listening on http:\/\/127\.0\.0\.1:(\d+)\/\n$/.exec(out);
      if (found) done(Number(found[1]));
    });
    child.on('exit', (code) => fail(new Error(`sandbox ended with ${code}: ${log}`)));
  });
}
function stop(signal) {
  return new Promise((done) => {
    child.removeAllListeners('exit');
    child.on('exit', (code, by) => done(by || code));
    child.kill(signal);
  });
}

// --- callers -----------------------------------------------------------------------------------

function send(method, path, body, headers) {
  return new Promise((done) => {
    const request = http.request({ port, method, path, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => { text += part; });
      response.on('end', () => {
        let json;
        try { json = JSON.parse(text); } catch { json = undefined; }
        done({ status: response.statusCode, text, json, headers: response.headers });
      });
      response.on('error', () => done({ status: 0 }));
    });
    request.on('error', () => done({ status: 0 }));
    request.end(body);
  });
}
function signed(method, path, body, change = {}) {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const at = String(change.at ?? Math.floor(Date.now() / 1000));
  const mac = createHmac('sha256', change.secret ?? 's1').update(`${at}.${method}.${path}.${text}`).digest('hex');
  const headers = {
    'Content-Length': Buffer.byteLength(text),
    'Sandbox-Key-Id': change.key ?? 'k1', 'Sandbox-Timestamp': at, 'Sandbox-Signature': `v1=${mac}`,
  };
  if (method === 'POST') headers['Content-Type'] = change.type ?? 'application/json';
  for (const name of change.without ?? []) delete headers[name];
  return send(method, path, text, headers).then((answer) => {
    if (answer.status === 0 || change.unsigned) return answer;
    const signature = headers['Sandbox-Signature'];
    const wanted = createHmac('sha256', 's1').update(`answer.${signature}.${answer.status}.${answer.text}`).digest('hex');
    assert.equal(answer.headers['sandbox-answer-signature'], signature && `v1=${wanted}`, `${method} ${path}: answer's signature`);
    return answer;
  });
}
const post = (path, body, change) => signed('POST', path, body, change);
const get = (path) => signed('GET', path);
const open = (method, path, body) =>
  send(method, path, body && JSON.stringify(body), body && { 'Content-Type': 'application/json' });

let count = 0;
const newId = (kind) => `${kind}-${++count}`;
const cny = (amount) => ({ amount, currency: 'CNY' });
const fault = (body) => open('POST', '/control/v1/faults', { times: 1, ...body });

function withCheck(prefix17) {
  let sum = 0;
  for (const digit of prefix17) sum = ((sum + Number(digit)) * 2) % 11;
  return prefix17 + '0123456789X'[(12 - sum) % 11];
}
function withLuhn(prefix) {
  const sum = [...prefix].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return prefix + ((10 - (sum % 10)) % 10);
}
const people = readFileSync(join(root, 'sandbox/people.tsv'), 'utf8').split('\n')
  .filter((line) => line && !line.startsWith('#')).map((line) => line.split('\t'));
const [resident] = people;
const residentCard = { cardNumber: resident[4], name: resident[0], idNumber: resident[2], reservedPhone: resident[3] };
const stranger = { name: '测试人', idNumber: withCheck('11010119900307123'), reservedPhone: '+8613900000000' };
let strangerCount = 100;
const strangerCard = (bin = '622848', kind = '5') =>
  ({ ...stranger, cardNumber: withLuhn(`${bin}00000${++strangerCount}${'0'.repeat(3)}${kind}`) });

async function codeFor(phone) {
  const messages = await open('GET', `/sms/v1/messages?limit=1&to=${encodeURIComponent(phone)}`);
  return messages.json.items[0].code;
}
async function sign(card) {
  const signingId = newId('s');
  const opened = await post('/clearing/v1/signings', { signingId, ...card });
  assert.equal(opened.status, 201, opened.text);
  const code = await codeFor(card.reservedPhone);
  const confirmed = await post(`/clearing/v1/signings/${signingId}/confirmation`, { code });
  assert.equal(confirmed.status, 200, confirmed.text);
  return confirmed.json;
}
let agreement;
let firstCode; // of the signing s-first
const order = (amount, more = {}) =>
  ({ instructionId: newId('i'), agreementNumber: agreement, amount: cny(amount), purpose: 'test', ...more });
const debit = (body) => post('/clearing/v1/debits', body);
const credit = (body) => post('/clearing/v1/credits', body);
const refund = (body) => post('/clearing/v1/refunds', body);
const query = (id) => get(`/clearing/v1/instructions/${id}`);
const reserve = async () => Math.round(Number((await get('/reserve/v1/balance')).json.balance.amount) * 100);
const today = () => new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10);
const file = async () => (await get(`/clearing/v1/files/${today()}.csv`)).text.trim().split('\n').map((line) => line.split(','));
function refused(answer, status, code) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.json.code, code);
  assert.ok(answer.json.message.en && answer.json.message.zh);
}
function rejected(answer, reason) {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.status, 'RJCT');
  assert.equal(answer.json.reasonCode, reason);
  assert.ok(answer.json.message.en && answer.json.message.zh);
}
function settled(answer) {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.status, 'ACSC', answer.text);
  assert.match(answer.json.clearingReference, /^CL\d{18}$/);
  assert.equal(answer.json.clearingDate, today());
}

// --- tests ---------------------------------------------------------------------------------------

const tests = {
  async 'signature: refuses what is missing, unknown, old or wrong'() {
    const body = { requestId: 'sig', name: 'a', idNumber: stranger.idNumber };
    const path = '/registry/v1/checks';
    for (const name of ['Sandbox-Key-Id', 'Sandbox-Timestamp', 'Sandbox-Signature'])
      refused(await post(path, body, { without: [name] }), 401, 'signatureMissing');
    refused(await post(path, body, { key: 'k2' }), 401, 'keyUnknown');
    const now = Math.floor(Date.now() / 1000);
    for (const at of [now - 310, now + 310, 'x', '', '9'.repeat(30)])
      refused(await post(path, body, { at }), 401, 'timestampSkewed');
    assert.equal((await post(path, body, { at: now - 290 })).status, 200);
    refused(await post(path, body, { secret: 's2' }), 401, 'signatureWrong');
    const at = String(now);
    for (const mac of ['', 'v1=', 'v1=00', 'v2=' + '0'.repeat(64), 'v1=' + 'g'.repeat(64), 'v1=' + '0'.repeat(64)]) {
      const headers = { 'Sandbox-Key-Id': 'k1', 'Sandbox-Timestamp': at, 'Sandbox-Signature': mac };
      refused(await send('GET', '/reserve/v1/balance', undefined, headers), 401, 'signatureWrong');
    }
    const mac = createHmac('sha256', 's1').update(`${at}.GET./reserve/v1/balance.`).digest('hex');
    const headers = { 'Sandbox-Key-Id': 'k1', 'Sandbox-Timestamp': at, 'Sandbox-Signature': `v1=${mac}` };
    assert.equal((await send('GET', '/reserve/v1/balance', undefined, headers)).status, 200);
    refused(await send('GET', '/reserve/v1/balance?x=1', undefined, headers), 401, 'signatureWrong');
  },

  async 'sms: keeps, repeats, lists newest first, finds codes'() {
    const body = { messageId: 'm-1', to: '+8613800000001', text: 'order 1234567, code 654321.' };
    const first = await post('/sms/v1/messages', body);
    assert.equal(first.status, 202);
    assert.deepEqual((await post('/sms/v1/messages', body)).json, first.json);
    refused(await post('/sms/v1/messages', { ...body, text: 'other' }), 409, 'messageMismatch');
    await post('/sms/v1/messages', { ...body, messageId: 'm-2', text: '你好 12345' });
    const { items } = (await open('GET', '/sms/v1/messages?to=%2B8613800000001&limit=5')).json;
    assert.deepEqual(items.map((item) => item.messageId), ['m-2', 'm-1']);
    assert.equal(items[1].code, '654321');
    assert.equal('code' in items[0], false);
    assert.equal((await open('GET', '/sms/v1/messages?limit=1')).json.items.length, 1);
    for (const query of ['limit=0', 'limit=501', 'limit=x', 'to=abc'])
      refused(await open('GET', `/sms/v1/messages?${query}`), 400, 'fieldInvalid');
  },

  async 'registry: residents, strangers, chosen answers'() {
    const check = async (name, idNumber) =>
      (await post('/registry/v1/checks', { requestId: newId('r'), name, idNumber })).json.result;
    for (const person of people) assert.equal(await check(person[0], person[2]), 'match');
    assert.equal(await check('别人', resident[2]), 'mismatch');
    assert.equal(await check('谁都行', stranger.idNumber), 'match');
    assert.equal(await check('谁都行', withCheck('11010119900307000')), 'notFound');
    assert.equal(await check('谁都行', withCheck('11010119900307999')), 'mismatch');
    assert.equal(await check('谁都行', withCheck('11010119900230123')), 'notFound');
    const wrong = stranger.idNumber.slice(0, 17) + (stranger.idNumber[17] === '1' ? '2' : '1');
    assert.equal(await check('谁都行', wrong), 'notFound');
    const body = { requestId: 'same', name: 'a', idNumber: stranger.idNumber };
    const first = await post('/registry/v1/checks', body);
    assert.deepEqual((await post('/registry/v1/checks', body)).json, first.json);
    refused(await post('/registry/v1/checks', { ...body, name: 'b' }), 409, 'requestMismatch');
    assert.equal((await open('GET', '/registry/v1/people')).json.items.length, people.length);
  },

  async 'registry: portraits of residents only, the same for a repeat'() {
    const path = '/registry/v1/portraits';
    const hasFace = existsSync(join(root, 'sandbox/faces/01/portrait.jpg'));
    const body = { requestId: 'portrait-1', name: resident[0], idNumber: resident[2] };
    const first = await post(path, body);
    assert.equal(first.status, 200, first.text);
    assert.equal(first.json.result, hasFace ? 'held' : 'notHeld');
    if (hasFace) assert.equal(Buffer.from(first.json.portrait, 'base64').readUInt16BE(0), 0xffd8);
    assert.deepEqual((await post(path, body)).json, first.json);
    refused(await post(path, { ...body, name: 'x' }), 409, 'requestMismatch');
    const result = async (name, idNumber) => {
      const { json } = await post(path, { requestId: newId('p'), name, idNumber });
      assert.equal('portrait' in json, json.result === 'held');
      return json.result;
    };
    assert.equal(await result('别人', resident[2]), 'mismatch');
    assert.equal(await result('谁都行', stranger.idNumber), 'notHeld');
    assert.equal(await result(people[29][0], people[29][2]), 'notHeld');
    refused(await post(path, { requestId: newId('p'), name: 'a', idNumber: '1' }), 400, 'fieldInvalid');
    await fault({ party: 'registry', operation: 'portrait', action: 'unavailable' });
    refused(await post(path, { ...body, requestId: 'portrait-2' }), 503, 'unavailable');
  },

  async 'operator: residents, whoever asks first, chosen answers'() {
    const path = '/operator/v1/checks';
    const check = async (phone, name, idNumber) =>
      (await post(path, { requestId: newId('o'), phone, name, idNumber })).json.result;
    for (const person of people) assert.equal(await check(person[3], person[0], person[2]), 'match');
    assert.equal(await check(resident[3].slice(3), resident[0], resident[2]), 'match');
    assert.equal(await check(resident[3], people[1][0], people[1][2]), 'mismatch');
    assert.equal(await check('+8613900000010', '甲', stranger.idNumber), 'match');
    assert.equal(await check('13900000010', '甲', stranger.idNumber), 'match');
    assert.equal(await check('+8613900000010', '乙', stranger.idNumber), 'mismatch');
    assert.equal(await check('+8613900000099', '甲', stranger.idNumber), 'mismatch');
    assert.equal(await check('+8613900000098', '甲', stranger.idNumber), 'unknown');
    const body = { requestId: 'op-1', phone: '+8613900000011', name: '甲', idNumber: stranger.idNumber };
    const first = await post(path, body);
    assert.deepEqual((await post(path, body)).json, first.json);
    refused(await post(path, { ...body, name: '乙' }), 409, 'requestMismatch');
    for (const bad of [{ phone: 'x'.repeat(10) }, { phone: 1 }, { name: '' }, { idNumber: '12345678901234567x' }, { requestId: 'a b' }])
      refused(await post(path, { ...body, ...bad }), 400, 'fieldInvalid');
    await fault({ party: 'operator', operation: 'check', match: { name: '丙' }, action: 'lostAnswer' });
    assert.equal((await post(path, { ...body, requestId: 'op-2', name: '丙', phone: '+8613900000012' })).status, 0);
    assert.equal(await check('+8613900000012', '丙', stranger.idNumber), 'match');
  },

  async 'business registry: what is registered, who stands for it, who owns it'() {
    const path = '/business/v1/checks';
    const check = async (uscc, name) => (await post(path, { requestId: newId('b'), uscc, ...(name ? { name } : {}) })).json;
    const rows = readFileSync(join(root, 'sandbox/companies.tsv'), 'utf8').split('\n').filter((line) => line && !line.startsWith('#'))
      .map((line) => line.split('\t'));
    assert.equal(rows.length, 6);
    for (const row of rows) {
      const found = await check(row[0], row[1]);
      assert.equal(found.result, 'match');
      assert.equal(found.state, row[3]);
      assert.equal(found.legalRepresentative.idNumber, people[row[5] - 1][2]);
      assert.equal(found.owners.reduce((sum, one) => sum + one.sharePpm, 0), 1000000);
      assert.equal((await check(row[0], '别的公司')).result, 'mismatch');
      assert.equal((await check(row[0])).result, 'match');
    }
    assert.deepEqual(Object.keys(await check('92440103MA1FL0G07P')).sort(), ['requestId', 'result']);
    const uscc = rows[0][0];
    const body = { requestId: 'biz-1', uscc, name: rows[0][1] };
    const first = await post(path, body);
    assert.deepEqual((await open('POST', '/control/v1/companies', { uscc, state: 'revoked' })).json, { uscc, state: 'revoked' });
    assert.deepEqual((await post(path, body)).json, first.json);
    assert.equal((await check(uscc)).state, 'revoked');
    await open('POST', '/control/v1/companies', { uscc, state: 'registered' });
    assert.equal((await check(uscc)).state, 'registered');
    refused(await post(path, { ...body, name: '别的公司' }), 409, 'requestMismatch');
    for (const bad of [{ uscc: '91310000MA1FL0A01K' }, { uscc: 1 }, { uscc: uscc.toLowerCase() }, { name: 1 }, { requestId: 'a b' }])
      refused(await post(path, { ...body, ...bad }), 400, 'fieldInvalid');
    for (const bad of [{ uscc: '92440103MA1FL0G07P' }, { state: 'gone' }])
      refused(await open('POST', '/control/v1/companies', { uscc, state: 'revoked', ...bad }), 400, 'fieldInvalid');
    await fault({ party: 'business', operation: 'check', action: 'unavailable' });
    refused(await post(path, { requestId: 'biz-2', uscc }), 503, 'unavailable');
  },

  async 'place: addresses by the table, moved by control; phones by their range'() {
    const place = async (ip) => (await get(`/place/v1/addresses/${encodeURIComponent(ip)}`)).json;
    assert.deepEqual(await place('127.0.0.1'), { ip: '127.0.0.1', countryCode: 'CN', regionCode: '310000', isProxy: false });
    assert.equal((await place('::1')).regionCode, '310000');
    assert.equal((await place('192.0.2.0')).regionCode, '110000');
    assert.equal((await place('192.0.2.30')).regionCode, '650000');
    assert.deepEqual(await place('198.51.100.2'), { ip: '198.51.100.2', countryCode: 'SG', regionCode: null, isProxy: false });
    assert.equal((await place('203.0.113.9')).isProxy, true);
    assert.equal((await place('2001:db8::1')).regionCode, null);
    for (const ip of ['300.1.1.1', 'localhost', '1.2.3', '%20'])
      refused(await get(`/place/v1/addresses/${ip}`), 400, 'fieldInvalid');
    const moved = { ip: '127.0.0.1', countryCode: 'CN', regionCode: '440300', isProxy: true };
    assert.deepEqual((await open('POST', '/control/v1/places', moved)).json, moved);
    assert.deepEqual(await place('127.0.0.1'), moved);
    const abroad = { ip: '127.0.0.1', countryCode: 'JP', regionCode: null };
    assert.equal((await open('POST', '/control/v1/places', abroad)).status, 200);
    assert.deepEqual(await place('127.0.0.1'), { ...abroad, isProxy: false });
    for (const bad of [{ ip: 'x.y' }, { countryCode: 'jp' }, { regionCode: '31' }, { regionCode: 'abcdef' }, { isProxy: 1 }])
      refused(await open('POST', '/control/v1/places', { ...moved, ...bad }), 400, 'fieldInvalid');
    await open('POST', '/control/v1/places', { ...moved, regionCode: '310000', isProxy: false });

    const region = async (phone) => (await get(`/place/v1/phones/${encodeURIComponent(phone)}`)).json;
    assert.deepEqual(await region(resident[3]), { phone: resident[3], regionCode: '320100' });
    assert.equal((await region(people[4][3])).regionCode, '310000');
    assert.equal((await region('13900000000')).phone, '+8613900000000');
    assert.equal((await region('+8613900001234')).regionCode, (await region('+8613900009999')).regionCode);
    assert.equal((await region('+6591234567')).regionCode, null);
    refused(await get('/place/v1/phones/abc'), 400, 'fieldInvalid');
    refused(await send('GET', '/place/v1/phones/13900000000'), 401, 'signatureMissing');
    await fault({ party: 'place', operation: 'address', action: 'unavailable' });
    refused(await get('/place/v1/addresses/127.0.0.1'), 503, 'unavailable');
    await fault({ party: 'place', operation: 'phone', match: { phone: '13900000000' }, action: 'lostRequest' });
    assert.equal((await get('/place/v1/phones/13900000000')).status, 0);
  },

  async 'people: a list, cards flat and photographed, nothing else'() {
    const { items } = (await open('GET', '/people/v1/residents')).json;
    assert.equal(items.length, people.length);
    items.forEach((item, i) => {
      assert.deepEqual([item.row, item.name, item.idNumber, item.phone], [i + 1, people[i][0], people[i][2], people[i][3]]);
      assert.equal(item.sex, Number(people[i][2][16]) % 2 === 1 ? 'male' : 'female');
      assert.match(item.validFrom, /^20\d\d\.\d\d\.\d\d$/);
    });
    assert.ok(items[9].validUntil < '2026');
    const picture = async (path) => {
      const answer = await open('GET', path);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.headers['content-type'], 'image/jpeg');
      assert.ok(Number(answer.headers['content-length']) > 20000, path);
      return answer.text;
    };
    const flat = await picture('/people/1/card-front.jpg');
    assert.equal(await picture('/people/1/card-front.jpg'), flat);
    assert.notEqual(await picture('/people/2/card-front.jpg'), flat);
    const photo = await picture('/people/30/card-back.jpg?photo=3');
    assert.equal(await picture('/people/30/card-back.jpg?photo=3'), photo);
    for (const attack of ['screen', 'copy', 'edited', 'blur', 'cut', 'glare'])
      assert.notEqual(await picture(`/people/30/card-back.jpg?photo=3&attack=${attack}`), attack === 'edited' ? '' : photo);
    for (const query of ['photo=x', 'photo=-1', 'photo=1000001', 'attack=other', 'photo=1&attack='])
      refused(await open('GET', `/people/1/card-front.jpg?${query}`), 400, 'fieldInvalid');
    for (const path of ['0/card-front.jpg', '31/card-front.jpg', '1x/card-front.jpg', '01/card-front.jpg', '-1/card-front.jpg', '999999999999/card-front.jpg', '1/card.jpg'])
      refused(await open('GET', `/people/${path}`), 404, 'pathUnknown');
    refused(await open('GET', '/people/30/portrait.jpg'), 404, 'pictureUnknown');
    for (const name of items[0].faces) await picture(`/people/1/${name}.jpg`);
    const selfie = await picture('/people/1/selfie.jpg?take=1');
    assert.equal(await picture('/people/1/selfie.jpg?take=1'), selfie, 'a take repeats');
    for (const other of ['selfie.jpg', 'selfie.jpg?take=2', 'left.jpg?take=1'])
      assert.notEqual(await picture(`/people/1/${other}`), selfie, other);
    for (const take of ['0', '1000001', 'x'])
      refused(await open('GET', `/people/1/selfie.jpg?take=${take}`), 400, 'fieldInvalid');
    assert.match((await open('GET', '/people/')).text, /居民与证件[^]*Residents and their documents/);
  },

  async 'people: --draw writes the pictures and exits'() {
    const pictures = join(folder, 'pictures');
    const drawn = spawn(program, ['--draw', pictures, '--draw-rows', '1'], { stdio: 'ignore' });
    assert.equal(await new Promise((done) => drawn.on('exit', done)), 0);
    const names = readdirSync(pictures);
    for (const name of ['01-front-flat.jpg', '01-back-photo-3.jpg', '01-front-screen.jpg', '01-front-cut.jpg'])
      assert.ok(names.includes(name), name);
    const nowhere = spawn(program, ['--draw', join(folder, 'no/such')], { stdio: 'ignore' });
    assert.equal(await new Promise((done) => nowhere.on('exit', done)), 1);
  },

  async 'signing: refuses in order, signs, repeats'() {
    const opening = (card) => post('/clearing/v1/signings', { signingId: newId('s'), ...card });
    const other = { ...residentCard, name: '别人', idNumber: stranger.idNumber, reservedPhone: '+8613900000009' };
    refused(await opening({ ...other, cardNumber: '6228480000000000150' }), 422, 'cardUnknown');
    refused(await opening({ ...other, cardNumber: withLuhn('62284800000001') }), 422, 'cardUnknown');
    refused(await opening({ ...other, cardNumber: withLuhn('400000000000000') }), 422, 'binUnknown');
    refused(await opening(strangerCard('622848', '0')), 422, 'cardLost');
    refused(await opening(other), 422, 'nameMismatch');
    refused(await opening({ ...other, name: resident[0] }), 422, 'idMismatch');
    refused(await opening({ ...other, name: resident[0], idNumber: resident[2] }), 422, 'phoneMismatch');
    refused(await opening({ ...strangerCard(), idNumber: withCheck('11010119901307123') }), 422, 'idMismatch');

    const body = { signingId: 's-first', ...residentCard, reservedPhone: resident[3].slice(3) };
    const first = await post('/clearing/v1/signings', body);
    assert.equal(first.status, 201);
    assert.equal(first.json.issuer.code, 'SAB');
    assert.ok(first.json.issuer.name.zh && first.json.issuer.name.en);
    assert.equal(first.json.maskedPan, resident[4].slice(0, 6) + '*'.repeat(9) + resident[4].slice(-4));
    assert.equal(first.json.cardKind, 'debit');
    assert.ok(Math.abs(Date.parse(first.json.expiresAt) - Date.now() - 300e3) < 5e3);
    assert.deepEqual((await post('/clearing/v1/signings', body)).json, first.json);
    refused(await post('/clearing/v1/signings', { ...body, name: 'x' }), 409, 'signingMismatch');

    const code = await codeFor(resident[3]);
    firstCode = code;
    const confirm = (value) => post('/clearing/v1/signings/s-first/confirmation', { code: value });
    const wrong = await confirm(code === '000000' ? '000001' : '000000');
    refused(wrong, 422, 'codeWrong');
    assert.equal(wrong.json.triesLeft, 4);
    const right = await confirm(code);
    assert.equal(right.status, 200);
    assert.match(right.json.agreementNumber, /^7\d{15}$/);
    assert.equal(right.json.accountClass, 'I');
    assert.deepEqual((await confirm(code)).json, right.json);
    refused(await post('/clearing/v1/signings/none/confirmation', { code }), 404, 'signingUnknown');
    assert.equal((await sign(strangerCard('622202', '2'))).accountClass, 'II');
    assert.equal((await sign(strangerCard('625958', '5'))).accountClass, 'credit');
  },

  async 'signing: five wrong codes exhaust it'() {
    const card = strangerCard();
    const signingId = newId('s');
    await post('/clearing/v1/signings', { signingId, ...card });
    const code = await codeFor(card.reservedPhone);
    const wrong = code === '111111' ? '222222' : '111111';
    const confirm = (value) => post(`/clearing/v1/signings/${signingId}/confirmation`, { code: value });
    for (let left = 4; left >= 0; left--) assert.equal((await confirm(wrong)).json.triesLeft, left);
    refused(await confirm(wrong), 422, 'codeExhausted');
    refused(await confirm(code), 422, 'codeExhausted');
  },

  async 'debit, credit, refund: move money once, reserve follows'() {
    agreement = (await sign(strangerCard())).agreementNumber;
    const before = await reserve();
    const body = order('100.10');
    const first = await debit(body);
    settled(first);
    assert.deepEqual((await debit(body)).json, first.json);
    assert.deepEqual((await debit({ ...body, amount: cny('100.1') })).json, first.json);
    assert.deepEqual((await query(body.instructionId)).json, first.json);
    refused(await debit({ ...body, amount: cny('100.11') }), 409, 'instructionMismatch');
    refused(await debit({ ...body, purpose: 'x' }), 409, 'instructionMismatch');
    refused(await credit(body), 409, 'instructionMismatch');
    assert.equal(await reserve(), before + 10010);
    settled(await credit(order('50.00')));
    assert.equal(await reserve(), before + 5010);
    const back = (amount, more) => refund({ instructionId: newId('i'), originalInstructionId: body.instructionId, amount: cny(amount), ...more });
    settled(await back('60.00'));
    rejected(await back('40.11'), 'AM09');
    const rest = { instructionId: newId('i'), originalInstructionId: body.instructionId, amount: cny('40.10') };
    settled(await refund(rest));
    settled(await refund(rest));
    rejected(await back('0.01'), 'AM09');
    rejected(await back('1.00', { originalInstructionId: 'never' }), 'NOOR');
    rejected(await back('1.00', { originalInstructionId: rest.instructionId }), 'NOOR');
    assert.equal(await reserve(), before - 5000);
  },

  async 'debit: refused with the reason of the rule'() {
    agreement = (await sign(strangerCard())).agreementNumber;
    rejected(await debit(order('1.00', { agreementNumber: '70' })), 'MD01');
    rejected(await debit(order('1.00', { amount: { amount: '1', currency: 'JPY' } })), 'AM03');
    rejected(await debit(order('50000.01')), 'AM14');
    settled(await debit(order('50000.00')));
    settled(await debit(order('50000.00')));
    rejected(await debit(order('0.01')), 'AM04');
    settled(await credit(order('120000.00')));
    settled(await debit(order('50000.00')));
    settled(await debit(order('49999.99')));
    rejected(await debit(order('0.02')), 'AM14');
    settled(await debit(order('0.01')));

    const card = strangerCard();
    agreement = (await sign(card)).agreementNumber;
    const paid = order('10.00');
    settled(await debit(paid));
    const set = (body) => open('POST', '/control/v1/cards', { cardNumber: card.cardNumber, ...body });
    assert.equal((await set({ isLost: true })).json.isLost, true);
    rejected(await debit(order('1.00')), 'AC06');
    assert.equal((await set({ balance: cny('0.50') })).json.balance.amount, '0.50');
    rejected(await debit(order('1.00')), 'AM04');
    refused(await set({ cardNumber: '1' }), 404, 'cardNotHeld');
    const close = (number) => signed('DELETE', `/clearing/v1/agreements/${number}`);
    assert.equal((await close(agreement)).status, 204);
    assert.equal((await close(agreement)).status, 204);
    refused(await close('70'), 404, 'agreementUnknown');
    rejected(await debit(order('1.00')), 'MD01');
    rejected(await credit(order('1.00')), 'MD01');
    settled(await refund({ instructionId: newId('i'), originalInstructionId: paid.instructionId, amount: cny('1.00') }));
  },

  async 'query: 404 is final, a late request is refused with 410'() {
    agreement = (await sign(strangerCard())).agreementNumber;
    const before = await reserve();
    const body = order('5.00');
    refused(await query(body.instructionId), 404, 'instructionUnknown');
    refused(await debit(body), 410, 'instructionVoided');
    refused(await query(body.instructionId), 404, 'instructionUnknown');
    await fault({ party: 'clearing', operation: 'debit', action: 'lateRequest', delayMs: 300 });
    const late = order('6.00');
    const answer = debit(late);
    await new Promise((done) => setTimeout(done, 100));
    refused(await query(late.instructionId), 404, 'instructionUnknown');
    refused(await answer, 410, 'instructionVoided');
    assert.equal(await reserve(), before);
  },

  async 'magic amounts'() {
    agreement = (await sign(strangerCard())).agreementNumber;
    const before = await reserve();
    rejected(await debit(order('1.41')), 'AM04');
    const lostAnswer = order('1.42');
    assert.equal((await debit(lostAnswer)).status, 0);
    settled(await query(lostAnswer.instructionId));
    const lostRequest = order('1.43');
    assert.equal((await debit(lostRequest)).status, 0);
    refused(await query(lostRequest.instructionId), 404, 'instructionUnknown');
    const pending = order('1.44');
    assert.equal((await debit(pending)).json.status, 'PDNG');
    assert.equal((await debit(pending)).json.status, 'PDNG');
    assert.equal((await query(pending.instructionId)).json.status, 'PDNG');
    assert.equal(await reserve(), before + 142);
    settled(await query(pending.instructionId));
    const doomed = order('1.45');
    assert.equal((await debit(doomed)).json.status, 'PDNG');
    assert.equal((await query(doomed.instructionId)).json.status, 'PDNG');
    rejected(await query(doomed.instructionId), 'AB06');
    rejected(await query(doomed.instructionId), 'AB06');
    const started = Date.now();
    const slow = debit(order('1.46'));
    settled(await debit(order('1.00')));
    assert.ok(Date.now() - started < 1500, 'a late answer holds nobody up');
    settled(await slow);
    assert.ok(Date.now() - started >= 2900);
    assert.equal(await reserve(), before + 142 + 144 + 100 + 146);
  },

  async 'faults: each action, match, times, list, remove'() {
    agreement = (await sign(strangerCard())).agreementNumber;
    const on = (more) => fault({ party: 'clearing', operation: 'debit', ...more });
    const made = await on({ action: 'reject', reasonCode: 'AC04', match: { agreementNumber: agreement, amount: '7.00' }, times: 2 });
    assert.equal(made.status, 201);
    settled(await debit(order('8.00')));
    rejected(await debit(order('7.00')), 'AC04');
    rejected(await debit(order('7.00')), 'AC04');
    settled(await debit(order('7.00')));
    const listed = (await open('GET', '/control/v1/faults')).json.items.find((item) => item.faultId === made.json.faultId);
    assert.equal(listed.timesLeft, 0);
    assert.equal((await open('DELETE', `/control/v1/faults/${made.json.faultId}`)).status, 204);
    refused(await open('DELETE', `/control/v1/faults/${made.json.faultId}`), 404, 'faultUnknown');

    await on({ action: 'unavailable' });
    const retried = order('1.00');
    refused(await debit(retried), 503, 'unavailable');
    settled(await debit(retried));
    await on({ action: 'lostAnswer' });
    const lost = order('2.00');
    assert.equal((await debit(lost)).status, 0);
    settled(await debit(lost));
    await on({ action: 'lostRequest' });
    const gone = order('2.00');
    assert.equal((await debit(gone)).status, 0);
    settled(await debit(gone));
    await on({ action: 'pending', settleOnQuery: 3 });
    const third = order('3.00');
    await debit(third);
    for (const wanted of ['PDNG', 'PDNG', 'ACSC', 'ACSC'])
      assert.equal((await query(third.instructionId)).json.status, wanted);
    await on({ action: 'pending', settleAfterMs: 150 });
    const timed = order('4.00');
    await debit(timed);
    assert.equal((await query(timed.instructionId)).json.status, 'PDNG');
    await new Promise((done) => setTimeout(done, 200));
    assert.equal((await file()).filter((line) => line[0] === timed.instructionId).length, 1);
    settled(await query(timed.instructionId));
    await on({ action: 'pending', reasonCode: 'AC04', settleOnQuery: 1 });
    const refusedLater = order('4.00');
    await debit(refusedLater);
    rejected(await query(refusedLater.instructionId), 'AC04');
    await fault({ party: 'clearing', operation: 'query', action: 'unavailable', match: { instructionId: 'q-1' } });
    refused(await query('q-1'), 503, 'unavailable');
    settled(await debit(order('1.00', { instructionId: 'q-1' })));

    await fault({ party: 'sms', operation: 'message', action: 'duplicate' });
    await post('/sms/v1/messages', { messageId: 'twice', to: '+8613800000002', text: 'x' });
    assert.equal((await open('GET', '/sms/v1/messages?to=%2B8613800000002')).json.items.length, 2);
    await fault({ party: 'registry', operation: '*', action: 'reject', reasonCode: 'XX01' });
    refused(await post('/registry/v1/checks', { requestId: newId('r'), name: 'a', idNumber: stranger.idNumber }), 422, 'XX01');
    await fault({ party: '*', operation: '*', action: 'unavailable', times: 5 });
    refused(await get('/reserve/v1/balance'), 503, 'unavailable');
    assert.equal((await open('DELETE', '/control/v1/faults')).status, 204);
    assert.equal((await get('/reserve/v1/balance')).status, 200);

    const wrong = { party: 'clearing', operation: 'debit', action: 'late' };
    for (const [field, change] of [['party', { party: 1 }], ['operation', { operation: 'message' }], ['action', { action: 'x' }],
      ['action', { operation: 'query', action: 'pending' }], ['times', { times: 0 }], ['times', { times: '1' }], ['times', { times: 1.5 }],
      ['delayMs', { delayMs: -1 }], ['match', { match: [] }], ['match', { match: { amount: 1 } }], ['match', { match: null }],
      ['reasonCode', { reasonCode: 'am04' }], ['settleOnQuery', { settleOnQuery: 0 }]]) {
      const answer = await fault({ ...wrong, ...change });
      refused(answer, 400, 'fieldInvalid');
      assert.equal(answer.json.field, field);
    }
  },

  async 'answers spoilt on the way or by the party, after all was done'() {
    agreement = (await sign(strangerCard())).agreementNumber;
    for (const status of [403, 404, 408, 429]) {
      await fault({ party: 'clearing', operation: 'credit', action: 'between', status });
      const body = order('3.00');
      const answer = await post('/clearing/v1/credits', body, { unsigned: true });
      assert.equal(answer.status, status);
      assert.equal(answer.headers['sandbox-answer-signature'], undefined);
      assert.match(answer.headers['content-type'], /^text\/html/);
      settled(await get(`/clearing/v1/instructions/${body.instructionId}`));
    }
    await fault({ party: 'clearing', operation: 'debit', action: 'otherId' });
    let body = order('3.00');
    assert.equal((await debit(body)).json.instructionId, '1');
    await fault({ party: 'clearing', operation: 'query', action: 'otherAmount' });
    let answer = await get(`/clearing/v1/instructions/${body.instructionId}`);
    assert.deepEqual([answer.json.status, answer.json.amount], ['ACSC', cny('0.01')]);
    await fault({ party: 'clearing', operation: 'query', action: 'contradict' });
    answer = await get(`/clearing/v1/instructions/${body.instructionId}`);
    assert.equal(answer.json.status, 'RJCT');
    await fault({ party: 'clearing', operation: 'query', action: 'wrongSignature' });
    answer = await signed('GET', `/clearing/v1/instructions/${body.instructionId}`, undefined, { unsigned: true });
    assert.match(answer.headers['sandbox-answer-signature'], /^v1=[0-9a-f]{64}$/);
    answer = settled(await get(`/clearing/v1/instructions/${body.instructionId}`)) ?? answer;
    body = { party: 'clearing', operation: 'signing', action: 'otherAmount' };
    assert.equal((await open('POST', '/control/v1/faults', body)).status, 400);
    body = { party: 'sms', operation: 'message', action: 'between', status: 399 };
    assert.equal((await open('POST', '/control/v1/faults', body)).status, 400);
  },
  async 'list: what arrived since an instant, in pages'() {
    agreement = (await sign(strangerCard())).agreementNumber;
    const since = new Date().toISOString();
    const bodies = [];
    for (let i = 0; i < 5; i++) {
      bodies.push(order(`${i + 1}.00`));
      await (i % 2 ? credit : debit)(bodies[i]);
    }
    const found = [];
    for (let after = 0, size = 2; size === 2;) {
      const { json } = await get(`/clearing/v1/instructions?since=${since}&after=${after}&limit=2`);
      found.push(...json.items);
      size = json.items.length;
      after = json.next;
    }
    assert.deepEqual(found.map((item) => item.instructionId), bodies.map((body) => body.instructionId));
    assert.deepEqual(found.map((item) => item.amount), bodies.map((body) => body.amount));
    assert.equal((await get('/clearing/v1/instructions?since=yesterday')).status, 400);
    assert.equal((await get('/clearing/v1/instructions')).status, 400);
  },
  async 'daily file: a line for each settled instruction, trailer, faults'() {
    agreement = (await sign(strangerCard())).agreementNumber;
    await fault({ party: 'clearing', operation: 'debit', action: 'duplicate' });
    const twice = order('11.00');
    settled(await debit(twice));
    await fault({ party: 'clearing', operation: 'credit', action: 'wrongAmount' });
    const wrong = order('5.00');
    settled(await credit(wrong));
    const back = { instructionId: newId('i'), originalInstructionId: twice.instructionId, amount: cny('1.00') };
    settled(await refund(back));
    const no = order('60000.00');
    rejected(await debit(no), 'AM14');
    const answer = await get(`/clearing/v1/files/${today()}.csv`);
    assert.match(answer.headers['content-type'], /^text\/csv/);
    assert.equal(answer.headers['sandbox-file-state'], 'open');
    const lines = await file();
    assert.equal(lines[0].join(), 'instructionId,kind,agreementNumber,amount,currency,status,settledAt,reference');
    const of = (body) => lines.filter((line) => line[0] === body.instructionId);
    assert.equal(of(twice).length, 2);
    assert.deepEqual(of(wrong)[0].slice(1, 6), ['credit', agreement, '6.00', 'CNY', 'ACSC']);
    assert.deepEqual(of(back)[0].slice(1, 4), ['refund', agreement, '1.00']);
    assert.equal(of(no).length, 0);
    const trailer = lines.at(-1);
    const body = lines.slice(1, -1);
    assert.equal(trailer[0], 'TRAILER');
    assert.equal(Number(trailer[1]), body.length);
    const net = body.reduce((sum, line) => sum + (line[1] === 'debit' ? 1 : -1) * Math.round(line[3] * 100), 0);
    assert.equal(Math.round(trailer[3] * 100), net);
    assert.equal(await reserve(), net - 1100 + 100);
    const past = await get('/clearing/v1/files/2026-01-01.csv');
    assert.equal(past.headers['sandbox-file-state'], 'final');
    assert.equal(past.text.split('\n')[1], 'TRAILER,0,,0.00,CNY,,,');
    for (const name of ['2199-01-01.csv', '2026-02-30.csv', 'x.csv', '2026-01-01', '2026-01-01.csvv'])
      refused(await get(`/clearing/v1/files/${name}`), 404, 'fileUnknown');
  },

  async 'concurrent repeats of one id have one effect'() {
    agreement = (await sign(strangerCard())).agreementNumber;
    const before = await reserve();
    const body = order('9.00');
    const answers = await Promise.all(Array.from({ length: 40 }, () => debit(body)));
    for (const answer of answers) assert.deepEqual(answer.json, answers[0].json);
    const paid = order('10.00');
    settled(await debit(paid));
    const refunds = await Promise.all(Array.from({ length: 20 }, () => refund({ instructionId: newId('i'), originalInstructionId: paid.instructionId, amount: cny('3.00') })));
    assert.equal(refunds.filter((answer) => answer.json.status === 'ACSC').length, 3);
    assert.equal(await reserve(), before + 900 + 1000 - 900);
  },

  async 'every member wrong gets 400 and changes nothing'() {
    agreement = (await sign(strangerCard())).agreementNumber;
    const before = await reserve();
    const bodies = {
      '/sms/v1/messages': { messageId: 'x1', to: '+8613800000009', text: 'x' },
      '/registry/v1/checks': { requestId: 'x1', name: 'a', idNumber: stranger.idNumber },
      '/clearing/v1/signings': { signingId: 'x1', ...strangerCard() },
      '/clearing/v1/signings/s-first/confirmation': { code: '1' },
      '/clearing/v1/debits': { instructionId: 'x1', agreementNumber: agreement, amount: cny('1.00') },
      '/clearing/v1/credits': { instructionId: 'x1', agreementNumber: agreement, amount: cny('1.00') },
      '/clearing/v1/refunds': { instructionId: 'x1', originalInstructionId: 'y', amount: cny('1.00') },
    };
    const values = [undefined, null, true, 1, 1.5, '', [], {}, 'x'.repeat(5000), '\u0001 \n'];
    const amounts = ['', '1', { amount: '1.00' }, { currency: 'CNY' }, { amount: 1, currency: 'CNY' }, cny('0.00'), cny('-1.00'), cny('1.001'),
      cny('1e3'), cny('+1'), cny(' 1'), cny('01'), cny('99999999999999'), cny('NaN'), cny('1,00'), { amount: '1.00', currency: 'XXQ' }, { amount: '1.00', currency: 'cny' }];
    let tried = 0;
    for (const [path, body] of Object.entries(bodies)) {
      for (const name of Object.keys(body)) {
        for (const value of name === 'amount' ? [...values, ...amounts] : values) {
          if (name === 'text' && value === '\u0001 \n') continue;
          if (['name', 'code', 'agreementNumber', 'cardNumber'].includes(name) && value === '\u0001 \n') continue;
          const answer = await post(path, { ...body, [name]: value });
          refused(answer, 400, 'fieldInvalid');
          assert.equal(answer.json.field, name, `${path} ${name} ${JSON.stringify(value)}`);
          tried++;
        }
      }
      for (const text of ['', ' ', '{', '[]', 'null', '"x"', '{"a":1}x', '{"a":1,"a":2}', '{"a":"\\u0000"}', '\u{feff}{}', '{"a":NaN}', '['.repeat(60000)]) {
        refused(await post(path, text), 400, 'bodyNotJson');
        tried++;
      }
      refused(await post(path, body, { type: 'text/plain' }), 415, 'contentTypeNotJson');
      refused(await post(path, JSON.stringify({ ...body, x: 'x'.repeat(70000) })), 413, 'bodyTooLarge');
      tried += 2;
    }
    settled(await debit(order('1.00', { purpose: '费'.repeat(140) })));
    refused(await debit(order('1.00', { purpose: '费'.repeat(141) })), 400, 'fieldInvalid');
    refused(await query('a%20b'), 400, 'fieldInvalid');
    assert.equal(await reserve(), before + 100);
    console.log(`    ${tried} wrong requests tried`);
  },

  async 'raw bytes that are no HTTP do not end it'() {
    const raw = (bytes) => new Promise((done) => {
      const socket = net.connect(port, '127.0.0.1', () => socket.end(bytes));
      socket.on('data', () => {});
      socket.on('close', done);
      socket.on('error', done);
    });
    for (const bytes of ['\r\n\r\n', 'GET', 'GET / HTTP/9.9\r\n\r\n', 'x'.repeat(100000), Buffer.alloc(4096, 255),
      'POST /clearing/v1/debits HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n',
      'POST /clearing/v1/debits HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"a"',
      'POST /clearing/v1/debits HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      'GET /clearing/v1/instructions/%00%ff%fe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      'GET /sms/v1/messages?to=%ff%00&limit=%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'])
      await raw(bytes);
    refused(await post('/sms/v1/messages', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]).toString('latin1')), 400, 'fieldInvalid');
    const at = String(Math.floor(Date.now() / 1000));
    const bytes = Buffer.from('{"messageId":"u","to":"+8613800000009","text":"\xff"}', 'latin1');
    const mac = createHmac('sha256', 's1').update(`${at}.POST./sms/v1/messages.`).update(bytes).digest('hex');
    refused(await send('POST', '/sms/v1/messages', bytes, { 'Content-Type': 'application/json', 'Sandbox-Key-Id': 'k1', 'Sandbox-Timestamp': at, 'Sandbox-Signature': `v1=${mac}` }), 400, 'bodyNotJson');
    refused(await open('GET', '/nothing'), 404, 'pathUnknown');
    refused(await open('GET', '/clearing/v1/instructions/'), 404, 'pathUnknown');
    refused(await open('GET', `/clearing/v1/instructions/${'x'.repeat(200)}`), 404, 'pathUnknown');
    const wrongMethod = await open('PUT', '/sms/v1/messages');
    refused(wrongMethod, 405, 'methodNotAllowed');
    assert.ok(wrongMethod.headers.allow);
  },

  async 'pages: served in both languages, strangers masked'() {
    assert.match((await open('GET', '/favicon.ico')).text, /^<svg /);
    for (const path of ['/', '/sms/', '/banks/', '/control/']) {
      const page = await open('GET', path);
      assert.equal(page.status, 200);
      assert.match(page.headers['content-type'], /^text\/html/);
      assert.match(page.headers['content-security-policy'], /default-src 'none'/);
      assert.match(page.text, /lang="zh"/);
      assert.match(page.text, /lang="en"/);
    }
    assert.equal((await open('HEAD', '/')).status, 200);
    assert.match((await open('GET', '/pages/pages.js')).text, /drawMessages/);
    assert.match((await open('GET', '/pages/style.css')).text, /:root/);
    const cards = await open('GET', '/banks/v1/cards');
    assert.ok(cards.json.items.some((card) => card.cardNumber === resident[4]));
    assert.equal(cards.text.includes(stranger.idNumber), false);
    assert.equal(cards.text.includes(stranger.name), false);
    assert.ok((await open('GET', '/banks/v1/instructions?limit=5')).json.items.length === 5);
  },

  async 'state: outlives kill -9, stops cleanly, keeps its seed'() {
    agreement = (await sign(strangerCard())).agreementNumber;
    const body = order('12.00');
    const first = await debit(body);
    settled(first);
    const before = await reserve();
    assert.equal(await stop('SIGKILL'), 'SIGKILL');
    agent.destroy();
    await start();
    assert.deepEqual((await query(body.instructionId)).json, first.json);
    assert.deepEqual((await debit(body)).json, first.json);
    assert.equal(await reserve(), before);
    await fault({ party: 'clearing', operation: 'debit', action: 'late', delayMs: 60000 });
    const waiting = debit(order('1.00'));
    await new Promise((done) => setTimeout(done, 100));
    const started = Date.now();
    assert.equal(await stop('SIGTERM'), 0);
    assert.ok(Date.now() - started < 3000, 'a waiting answer does not hold up the stop');
    await waiting;
    const other = spawn(program, ['--listen', '127.0.0.1:0', '--state', state, '--seed', '8']);
    assert.equal(await new Promise((done) => other.on('exit', done)), 1);
    await start('--plain-amounts', '--code-life', '0');
    const expired = newId('s');
    const card = strangerCard();
    assert.equal((await post('/clearing/v1/signings', { signingId: expired, ...card })).status, 201);
    const code = await codeFor(card.reservedPhone);
    refused(await post(`/clearing/v1/signings/${expired}/confirmation`, { code }), 422, 'codeExpired');
    assert.equal((await post('/clearing/v1/signings/s-first/confirmation', { code: firstCode })).status, 200);
    settled(await debit(order('1.41')));
    assert.equal(await stop('SIGINT'), 0);
  },

  async 'full disk: 500, nothing kept, reading goes on'() {
    // A limit on file size simulates a full disk; the ignored signal outlives exec.
    const limited = 'trap "" XFSZ; ulimit -f 2048; exec "$0" "$@"';
    const full = spawn('sh', ['-c', limited, program, '--listen', '127.0.0.1:0', '--state', join(folder, 'full.db')], {
      env: { ...process.env, SANDBOX_KEY_ID: 'k1', SANDBOX_SECRET: 's1' },
    });
    full.stderr.resume();
    port = await new Promise((done) => full.stdout.on('data', (data) => done(Number(/:(\d+)\/\n/.exec(data)[1]))));
    try {
      let answer;
      let sent = 0;
      do {
        answer = await post('/sms/v1/messages', { messageId: `f${++sent}`, to: '+8613800000001', text: 'x'.repeat(900) });
      } while (answer.status === 202 && sent < 2000);
      refused(answer, 500, 'storeFailed');
      const { items } = (await open('GET', '/sms/v1/messages?limit=500')).json;
      assert.equal(items.length, Math.min(500, sent - 1));
      assert.equal(items[0].messageId, `f${sent - 1}`);
    } finally {
      full.kill('SIGKILL');
    }
  },

  async 'log: no person, no number'() {
    for (const text of [stranger.name, stranger.idNumber, resident[0], resident[2], resident[3].slice(1), resident[4], agreement, 's1', 'Sanitizer'])
      assert.equal(log.includes(text), false, text);
    assert.match(log, /POST \/clearing\/v1\/debits 200 \d+ us/);
  },
};

let passed = 0;
let failed = 0;
await start();
for (const [name, run] of Object.entries(tests)) {
  try {
    await run();
    passed++;
    console.log(`ok   sandbox ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL sandbox ${name}\n${error.stack}`);
  }
}
if (child.exitCode === null && child.signalCode === null) await stop('SIGKILL');
agent.destroy();
rmSync(folder, { recursive: true });
if (failed > 0) console.log(log.split('\n').filter((line) => !/ us$/.test(line)).join('\n'));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
