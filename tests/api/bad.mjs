// Each field of each operation is wrong once, in a request that is otherwise right. Each request is refused with a
// problem in the requested language, at the faulty member, and changes nothing.
import { equal, fail, ok, pass } from './count.mjs';
import { WRONG_PATH_IDS, resolve, wrongBodies, wrongQueries, wrongValues } from './mutate.mjs';
import { deviceKey, PASS_CODE, balance, cardNumber, newKey, staffRoles, transferBody } from './people.mjs';
import { reviewWork } from './review.mjs';
import { elsewhere } from './strangers.mjs';
import { guard } from './guard.mjs';

const cny = (amount) => ({ amount, currency: 'CNY' });

// A picture of one pixel: decodable, but without card and face.
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64');

// Members of a right request for each operation: without the one fault it would succeed.
function rightRequests({ a, b, payment }, ids) {
  const phone = '+8613977770001';
  const device = 'a phone';
  return {
    sendPhoneCode: { body: { phone, purpose: 'signUp' } },
    signUp: { body: { phone, phoneCodeId: '4096', code: '000000', language: 'en', deviceName: device } },
    signIn: { body: { phone: a.phone, passCode: PASS_CODE, deviceName: device, deviceKey: deviceKey(a.phone) } },
    stepUp: { body: { passCode: PASS_CODE } },
    changeMe: { body: { language: 'zh' } },
    checkIdentity: { body: { name: '新人新', idNumber: a.idNumber } },
    setPassCode: { body: { passCode: '902714', oldPassCode: PASS_CODE } },
    recordConsent: { body: { purpose: 'marketing', textVersion: '1', granted: true } },
    beginCardBinding: { body: { cardNumber: cardNumber(777), reservedPhone: a.phone } },
    confirmCardBinding: { body: { code: '000000' } },
    makeTransfer: { body: { ...transferBody(a, b, '1.00', 'coffee') } },
    checkPayee: { body: { phone: b.phone, name: b.name } },
    makeTopUp: { body: { cardId: a.cardId, accountId: a.accountId, instructedAmount: cny('1.00') } },
    makeWithdrawal: { body: { cardId: a.cardId, accountId: a.accountId, instructedAmount: cny('1.00') } },
    changePhone: { body: { phone, phoneCodeId: '4096', code: '000000' } },
    confirmTotp: { body: { code: '000000' } },
    assertTotp: { body: { code: '000000' } },
    addPasskey: { body: { credential: { id: 'AAAA', rawId: 'AAAA', type: 'public-key', response: { attestationObject: 'AAAA', clientDataJSON: 'AAAA' } }, name: 'a key' } },
    assertPasskey: { body: { credential: { id: 'AAAA', rawId: 'AAAA', type: 'public-key', response: { authenticatorData: 'AAAA', clientDataJSON: 'AAAA', signature: 'AAAA' } } } },
    openAccount: { body: { class: 'III' } },
    closeAccount: { body: { cardId: a.cardId } },
    leaveBank: { body: { cardId: a.cardId } },
    putIdPicture: { body: PIXEL, type: 'image/png', unread: [422, 429] },
    confirmIdentity: { body: { name: a.name, sex: 'female', birthDate: '1980-01-01', address: '某市某区某路一号', idNumber: a.idNumber, issuer: '某市公安局', validFrom: '2020-01-01', validUntil: '2040-01-01', isLongTerm: false } },
    openFaceCheck: { body: { purpose: 'opening' } },
    putFaceFrame: { body: PIXEL, type: 'image/png', unread: [404] },
    putPlace: { body: { latitude: '31.230416', longitude: '121.473701', accuracyMeters: 35 } },
    chooseReviewPath: { body: { path: 'counter' } },
    registerCompany: { body: { uscc: '91310000MA1FL0A01J', name: '上海若溪文化传播有限公司', kind: 'company', licenceNumber: '7' } },
    putCompanyLicence: { body: PIXEL, type: 'image/png', unread: [404] },
    putCompanyOwners: { body: { owners: [{ name: a.name, idNumber: a.idNumber, sharePpm: 1000000 }] } },
    setCompanyUser: { body: { phone: b.phone, roles: ['maker', 'checker'], limit: cny('100.00') } },
    makePaymentOrder: { body: { debtorAccountId: a.accountId, creditorPhone: b.phone, creditorName: b.name, instructedAmount: cny('1.00'), remittanceInformationUnstructured: 'tea' } },
    decidePaymentOrder: { body: { decision: 'approve', reason: 'as agreed' } },
    staffDecideCompany: { body: { decision: 'refuse', note: 'the licence cannot be read' } },
    staffDecideCase: { body: { decision: 'refuse', reason: 'notReached', note: 'nobody answered the call' } },
    staffProposeChange: { by: 'accountant', body: { kind: 'parameter', object: 'kyc.documentReminderDays', after: { value: 25, effectiveDate: '2036-01-01' }, reason: 'bad input tries it' } },
    staffDecideChange: { by: 'accountant2', body: { decision: 'refuse', reason: 'bad input tries it' } },
    staffSignIn: { body: { login: 'nobody', password: 'nothing-at-all', totp: '000000' } },
    staffSendPhoneCode: { body: { phone } },
    staffProvePhone: { body: { phone, phoneCodeId: '4096', code: '000000' } },
    staffReveal: { body: { field: 'phone', reason: 'bad input' } },
    staffMakeUser: { body: { login: 'another', name: '另一人', roles: ['teller'] } },
    staffChangeUser: { body: { roles: ['teller'], state: 'active' }, alone: { state: 'disabled' } }, // more than this needs two people
    staffBeginEnrolment: { body: { link: 'AAAA', code: '00000000' } },
    staffCompleteEnrolment: { body: { link: 'AAAA', code: '00000000', password: 'a-long-story-told-2026', totp: '000000' } },
    staffChangePassword: { body: { password: 'not-the-present-one', totp: '000000', newPassword: 'a-long-story-told-2026' } },
    staffBeginTotp: { body: { password: 'not-the-present-one', totp: '000000' } },
    staffConfirmTotp: { body: { totp: '000000' } },
    decideCompanyUserChange: { body: { decision: 'approve' } },
    staffClosePaymentAlert: { body: { note: 'bad input tries it' } },
    staffRunEndOfDay: { body: { businessDate: ids.businessDate, dryRun: true } },
    ids: { accountId: a.accountId, cardId: a.cardId, cardBindingId: a.cardBindingId, paymentId: payment.paymentId, sessionId: ids.sessionId, messageId: ids.messageId,
      customerId: a.customerId, staffId: ids.staffId, journalId: ids.journalId, side: 'front', frame: '0', caseId: ids.caseId, changeId: ids.changeId },
  };
}

// One customer may have four requests on a slow lane, and an answered one may not have left it yet.
async function pool(rows, work, width = 2) {
  const queue = rows.values();
  await Promise.all(Array.from({ length: width }, async () => {
    for (const row of queue) await work(row);
  }));
}

class Tester {
  constructor(client, people, right, staffAll) {
    Object.assign(this, { client, people, right, staffAll, turn: 0, codes: new Map() });
  }

  path(operation, ids = this.right.ids) {
    return operation.path.replace(/\{([^}]+)\}/g, (_, name) => ids[name] ?? '4096');
  }

  scope(operation) {
    return operation.security.length === 0 ? 'open' : operation.path.startsWith('/v1/staff/') ? 'staff' : 'customer';
  }

  // A token with the right for the operation.
  token(operation) {
    const scope = this.scope(operation);
    return scope === 'open' ? undefined : scope === 'customer' ? this.people.a.token : this.staffAll;
  }

  needsKey(operation) {
    return operation.parameters?.some((p) => p.name === 'Idempotency-Key');
  }

  // One wrong request: must be refused with one of `statuses`, and at `pointer` if given.
  async refused(operation, label, statuses, options = {}, pointer) {
    const lang = this.turn++ % 2 ? 'zh' : 'en';
    const base = this.right[operation.operationId] ?? {};
    const request = { token: this.token(operation), body: base.body, type: base.type, lang, ...options };
    if (this.needsKey(operation) && !('key' in options)) request.key = newKey();
    const answer = await this.client.send(options.method ?? operation.method, options.path ?? this.path(operation), request);
    const what = `${operation.operationId}: ${label}`;
    const shown = `${answer.status} ${answer.text?.slice(0, 250)}`;
    if (!statuses.includes(answer.status)) fail(`${what}: wanted ${statuses}`, shown);
    else if (pointer !== undefined && !answer.json?.errors?.some((e) => e.pointer === pointer || e.pointer.startsWith(`${pointer}/`))) fail(`${what}: blame at ${pointer}`, shown);
    else pass();
    return answer;
  }

  async fields(operation, schema) {
    const rows = [];
    this.rowsOf(rows, schema, this.right[operation.operationId].body, '', (body) => body);
    await pool(rows, ([label, body, pointer, statuses]) => this.refused(operation, label, statuses, { body: asText(body) }, statuses.includes(400) && !holdsNul(body) ? pointer : undefined));
  }

  // Rows for each member of an object, and of nested objects; `whole` inserts one into the body.
  rowsOf(rows, schema, right, at, whole) {
    for (const [name, raw] of Object.entries(schema.properties)) {
      const field = resolve(this.client.document, raw);
      const pointer = `#${at}/${name}`;
      const add = (label, value, more = '', statuses = [400]) => rows.push([`${pointer} ${label}`, whole({ ...right, [name]: value }), `${pointer}${more}`, statuses]);
      const valid = right[name] ?? (name === 'phoneCodeId' ? '4096' : '000000');
      for (const [label, value, more, statuses] of wrongValues(this.client.document, field, valid)) {
        add(`${label} ${JSON.stringify(value).slice(0, 40)}`, value, more, statuses ?? [400]);
      }
      if (schema.required?.includes(name)) {
        const { [name]: _, ...rest } = right;
        rows.push([`${pointer} missing`, whole(rest), pointer, [400]]);
      }
      const items = field.type === 'array' ? resolve(this.client.document, field.items) : {};
      if (field.type === 'object' && field.properties && !field.properties.currency && right[name]) {
        this.rowsOf(rows, field, right[name], `${at}/${name}`, (part) => whole({ ...right, [name]: part }));
        add('a member that is unknown', { ...right[name], unknownField: 1 }, '/unknownField');
      } else if (items.type === 'object' && right[name]) {
        this.rowsOf(rows, items, right[name][0], `${at}/${name}/0`, (part) => whole({ ...right, [name]: [part, ...right[name].slice(1)] }));
      }
    }
  }

  // A picture as body: of another type, empty, missing, too large.
  async pictures(operation) {
    const { body, unread } = this.right[operation.operationId];
    const rows = ['application/json', 'text/plain', 'image/gif', 'image/heic', 'image/svg+xml', 'image/jpegx', 'image', 'application/octet-stream', 'multipart/form-data; boundary=x', '']
      .map((type) => [`a picture as ${type}`, [415], { type }]);
    for (const [label, bytes] of [['half a picture', body.subarray(0, 40)], ['a changed picture', Buffer.from(body).fill(7, 41, 60)], ['words', Buffer.from('no picture')], ['JSON', Buffer.from('{"a":1}')], ['a NUL', Buffer.alloc(1)]]) rows.push([label, unread, { body: bytes }]);
    rows.push(['nothing', [422], { body: Buffer.alloc(0) }], ['a picture too large', [...unread, 413], { body: Buffer.alloc(3 * 1024 * 1024 + 1, 7) }]);
    for (const [label, statuses, options] of rows) await this.refused(operation, label, statuses, options);
    const heic = await this.refused(operation, 'a picture as HEIC', [415], { type: 'image/heic' });
    equal(heic.json.type, '/problems/unsupported-picture', 'the formats that are taken are named');
    // Far too large: refused by its Content-Length, before it is sent.
    const answer = await this.client.bytes(`PUT ${this.path(operation)} HTTP/1.1\r\nHost: 127.0.0.1:${this.client.bank.port}\r\nAuthorization: Bearer ${this.token(operation)}\r\nContent-Type: image/jpeg\r\nContent-Length: 9999999\r\n\r\nx`);
    equal(answer.status, 413, `${operation.operationId}: a picture far too large`);
  }

  async bodies(operation) {
    const right = this.right[operation.operationId].body;
    await pool(wrongBodies(right), ([label, body, statuses, type, pointer]) => this.refused(operation, `body ${label}`, statuses, { body, type }, pointer));
  }

  // An operation without a body refuses one.
  async noBody(operation) {
    if (operation.method === 'GET') return;
    for (const body of ['{"a":1}', 'x', '[]', '{}{}', '\u0000']) await this.refused(operation, `a body ${JSON.stringify(body)}`, [400, 415], { body });
  }

  async queries(operation) {
    const path = this.path(operation);
    const rows = [['unknown parameter', 'unknownParameter=1', '?unknownParameter'], ['bad escape', 'limit=%zz'], ['bad escape at the end', 'limit=%2'], ['a NUL', 'a=%00'], ['a control character', 'a=%01'], ['invalid UTF-8', 'a=%ff'], ['other case', 'LIMIT=1', '?LIMIT']];
    for (const { name, schema } of (operation.parameters ?? []).filter((p) => p.in === 'query')) {
      for (const [label, value] of wrongQueries(this.client.document, schema)) rows.push([`${name} ${label} ${value.slice(0, 30)}`, `${name}=${encodeURIComponent(value)}`, `?${name}`]);
      const right = resolve(this.client.document, schema).enum?.[0] ?? (schema.format === 'date' ? '2026-11-21' : schema.format ? '2026-11-21T00:00:00Z' : '1');
      rows.push([`${name} twice`, `${name}=${right}&${name}=${right}`, `?${name}`], [`${name} as a list`, `${name}[]=${right}`], [`${name} invalid UTF-8`, `${name}=%ff`], [`${name} a NUL`, `${name}=1%00`]);
    }
    await pool(rows, ([label, query, pointer]) => this.refused(operation, label, [400], { path: `${path}?${query}` }, pointer));
    await this.refused(operation, 'a target too long', [414, 431, 400], { path: `${path}?q=${'a'.repeat(9000)}` });
  }

  async paths(operation) {
    const rows = [];
    for (const name of (operation.path.match(/\{([^}]+)\}/g) ?? []).map((n) => n.slice(1, -1))) {
      for (const id of WRONG_PATH_IDS) rows.push([name, id, [404, 400]]);
      rows.push([name, '4611686018427387903', [404, 400, 403]]); // the proof may be required first
      for (const id of ['%00', '%2F', '%zz', '%ff', '..', '.']) rows.push([name, id, [400, 404, 405]]);
    }
    await pool(rows, ([name, id, statuses]) => this.refused(operation, `${name} ${id.slice(0, 30)}`, statuses, { path: this.path(operation, { ...this.right.ids, [name]: id }) }));
  }

  async keys(operation) {
    if (!this.needsKey(operation)) return;
    await this.refused(operation, 'no Idempotency-Key', [400], { key: undefined });
    for (const key of ['x'.repeat(256), 'x'.repeat(2000), 'a b', 'a\tb', 'schlüssel', ' ']) await this.refused(operation, `Idempotency-Key ${key.slice(0, 20)}`, [400], { key });
    await this.refused(operation, 'Idempotency-Key empty', [400], { key: undefined, headers: { 'Idempotency-Key': '' } });
    await this.refused(operation, 'Idempotency-Key twice', [400], { key: undefined, headers: { 'Idempotency-Key': ['a', 'b'] } });
  }

  async strangers(operation) {
    const scope = this.scope(operation);
    if (scope === 'open') return;
    const mine = this.token(operation);
    const other = scope === 'staff' ? this.people.a.token : this.staffAll;
    const tokens = [['none', undefined], ['of the other scope', other], ['of a session that was ended', this.people.a.revoked], ['garbage', 'garbage'], ['one character more', `${mine}x`], ['one character less', mine.slice(0, -1)],
      ['changed', `${mine.slice(0, -2)}${mine.endsWith('AA') ? 'BB' : 'AA'}`], ['upside down', [...mine].reverse().join('')], ['long', 'x'.repeat(3000)], ['SQL', "' OR 1=1 --"], ['empty', ''], ['two', `${mine} ${mine}`]];
    const rows = tokens.map(([label, token]) => [`token ${label}`, token === undefined ? {} : { Authorization: `Bearer ${token}` }]);
    if (scope === 'staff') rows.push(['a cookie\'s session as Authorization', { Authorization: `Bearer ${mine}` }]);
    for (const header of [mine, `Basic ${Buffer.from(`x:${mine}`).toString('base64')}`, `Token ${mine}`, 'Bearer', `Bearer${mine}`]) rows.push(['Authorization of another form', { Authorization: header }]);
    for (const pair of [[`Bearer ${mine}`, 'Bearer garbage'], ['Bearer garbage', `Bearer ${mine}`], [`Bearer ${mine}`, `Bearer ${mine}`]]) rows.push(['Authorization twice', { Authorization: pair }]);
    const name = scope === 'staff' ? '__Host-staff' : '__Host-session';
    const wrong = scope === 'staff' ? '__Host-session' : '__Host-staff';
    const site = { 'Sec-Fetch-Site': 'same-origin' };
    for (const [label, cookie] of [['of the other scope', `${wrong}=${mine}`], ['twice', `${name}=${mine}; ${name}=${mine}`], ['garbage', `${name}=garbage`], ['empty', `${name}=`], ['without prefix', `session=${mine}`]]) {
      rows.push([`cookie ${label}`, { Cookie: cookie, ...site }]);
    }
    await pool(rows, ([label, headers]) => this.refused(operation, label, [401], { token: undefined, headers }));
    if (operation.method !== 'GET') await this.crossOrigin(operation, `${name}=${mine}`);
  }

  async crossOrigin(operation, cookie) {
    const own = `http://127.0.0.1:${this.client.bank.port}`;
    const origins = [{}, { Origin: 'https://evil.example' }, { Origin: 'null' }, { Origin: '' }, { Origin: `${own}.evil.example` }, { Origin: `https://127.0.0.1` }, { Origin: `http://127.0.0.1:1` }, { Origin: `ftp://127.0.0.1:${this.client.bank.port}` },
      { Origin: own, 'Sec-Fetch-Site': 'cross-site' }, { Origin: own, 'Sec-Fetch-Site': 'same-site' }, { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }, { 'Sec-Fetch-Site': 'none' },
      { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-origin' }, { Referer: `${own}/app/` }];
    await pool(origins, (headers) => this.refused(operation, `by cookie from ${JSON.stringify(headers)}`, [403], { token: undefined, headers: { Cookie: cookie, ...headers } }));
  }

  async roles(operation) {
    const permission = operation['x-permission'];
    if (!permission) return;
    let refusedTo = 0;
    for (const role of staffRoles) {
      if (this.people.permissions[role].includes(permission)) continue;
      refusedTo++;
      const answer = await this.refused(operation, `as ${role}`, [403], { token: this.people.staff[role] });
      equal(answer.json?.type, '/problems/not-permitted', `${operation.operationId} as ${role}: not permitted`);
    }
    ok(permission === 'dashboard' || refusedTo > 0, `${operation.operationId}: some role may not`);
  }

  async methods(path, item) {
    const has = Object.keys(item).map((m) => m.toUpperCase());
    const concrete = this.path({ path });
    const also = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'].filter((m) => this.client.operation(m, concrete));
    const wanted = new Set([...has, ...also, ...(also.includes('GET') ? ['HEAD'] : [])]);
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      // Another route may match this path too: "/v1/x/current" is also "/v1/x/{id}".
      if (wanted.has(method) || this.client.operation(method, concrete)) continue;
      const answer = await this.client.send(method, concrete, { token: path.startsWith('/v1/staff') ? this.staffAll : this.people.a.token, lang: this.turn++ % 2 ? 'zh' : 'en', body: ['POST', 'PUT', 'PATCH'].includes(method) ? {} : undefined });
      ok(answer.status === 405, `${method} ${path}: 405`, `${answer.status} ${answer.text}`);
      equal(new Set((answer.headers.allow ?? '').split(/, */)), wanted, `${method} ${path}: Allow`);
    }
    for (const method of ['TRACE', 'PROPFIND', 'NOTIFY']) {
      const answer = await this.client.raw(method, concrete, {});
      ok(answer.status === 501 || answer.status === 405, `${method} ${path}: refused`, `${answer.status} ${answer.text}`);
    }
  }
}

function asText(body) {
  return JSON.stringify(body);
}
// JSON with a NUL in a text is refused as a whole: no member is named.
function holdsNul(body) {
  return JSON.stringify(body).includes('\\u0000');
}

async function unknownPaths(tester) {
  for (const path of ['/v1', '/v1/', '/v2/me', '/v1/nothing', '/v1/me/', '/v1//me', '//v1/me', '/V1/me', '/v1/Me', '/v1/me/x', '/v1/accounts/1/2/3', '/v1/staff', '/v1/staff/', '/v1/staff/nothing', '/v1/me;x=1', '/v1/me%20',
    '/admin', '/.git/config', '/.env', '/problems/', '/problems/none', '/static/../../etc/passwd', '/static/%2e%2e/%2e%2e/etc/passwd', '/static/nothing.css', '/app/nothing.js', '/app/../v1/me', '/static/..%5cx', '/v1/openapi.yaml', '/.well-known/nothing']) {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await tester.client.send(method, path, { token: tester.people.a.token, lang: tester.turn++ % 2 ? 'zh' : 'en', body: method === 'POST' ? {} : undefined });
      ok([400, 404, 405].includes(answer.status), `${method} ${path}: no such path`, `${answer.status} ${answer.text?.slice(0, 100)}`);
    }
  }
}

async function heads(tester) {
  for (const operation of tester.client.operations.filter((o) => o.method === 'GET')) {
    const options = { token: tester.token(operation) };
    const head = await tester.client.send('HEAD', tester.path(operation), options);
    const get = await tester.client.send('GET', tester.path(operation), options);
    equal([head.status, head.headers['content-type']], [get.status, get.headers['content-type']], `HEAD ${operation.path} answers as GET`);
  }
}

async function gather(client, people) {
  const { a, staff } = people;
  const auditor = { token: staff.auditor };
  const ids = {};
  ids.businessDate = (await client.get('/v1/bank')).json.businessDate;
  ids.sessionId = (await client.get('/v1/sessions', { token: a.token })).json.items.find((s) => s.current).sessionId;
  ids.messageId = (await client.get('/v1/messages', { token: a.token })).json.items[0].messageId;
  const users = (await client.get('/v1/staff/users', auditor)).json.items;
  ids.staffId = users.find((u) => u.login === 'temp.clerk').staffId;
  ids.journalId = (await client.get('/v1/staff/journals', auditor)).json.items[0].journalId;
  const { open, change } = await reviewWork(client, staff);
  Object.assign(ids, { caseId: open.caseId, changeId: change.changeId });
  people.permissions = {};
  for (const role of staffRoles) people.permissions[role] = (await client.get('/v1/staff/me', { token: staff[role] })).json.permissions;
  return ids;
}

// The tables must not change; changed ones are reported. `before`: their digests, if known. Returns the current ones.
export async function unchanged(bank, what, work, before = bank.digest()) {
  await work();
  const after = bank.digest();
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((t) => before[t] !== after[t]);
  equal(changed, [], `${what}: changes nothing`);
  return after;
}

export default async function bad(client, bank, people) {
  // Earlier parts age text codes; rows that the sweep would delete meanwhile are deleted now.
  bank.database.ask(`DELETE FROM customer_phone_codes WHERE created_at < ${(Date.now() - 86400000) * 1000}`);
  const ids = await gather(client, people);
  const right = rightRequests(people, ids);
  people.right = right;
  const money = [await balance(client, people.a), await balance(client, people.b)];
  let tables;
  for (const operation of client.operations) {
    const permission = operation['x-permission'];
    const role = staffRoles.find((r) => !permission || people.permissions[r].includes(permission));
    const tester = new Tester(client, people, right, people.staff[role]);
    tables = await unchanged(bank, operation.operationId, async () => {
      const raw = operation.requestBody?.content['application/json']?.schema;
      if (operation.requestBody && !raw) {
        await tester.pictures(operation);
      } else if (raw) {
        await tester.fields(operation, resolve(client.document, raw));
        await tester.bodies(operation);
      } else {
        await tester.noBody(operation);
      }
      await tester.queries(operation);
      await tester.paths(operation);
      await tester.keys(operation);
      await tester.strangers(operation);
      await tester.roles(operation);
    }, tables);
  }
  const tester = new Tester(client, people, right, people.staff.auditor);
  await unchanged(bank, 'methods, paths, heads', async () => {
    for (const [path, item] of Object.entries(client.document.paths)) await tester.methods(path, item);
    await unknownPaths(tester);
    await heads(tester);
  });
  await unchanged(bank, 'broken HTTP', () => guard(client));
  await elsewhere(client, bank, people);
  equal([await balance(client, people.a), await balance(client, people.b)], money, 'all balances are as before');
  const before = bank.digest();
  await rightOnes(client, tester, right);
  const after = bank.digest();
  for (const table of ['ledger_transfers', 'payment_payments', 'customer_consents', 'staff_users', 'account_usages', 'account_accounts', 'kyc_places', 'staff_changes']) {
    ok(before[table] && before[table] !== after[table], `the digest of ${table} shows a change`);
  }
}

// Each wrong request was right otherwise: without its fault it succeeds.
async function rightOnes(client, tester, right) {
  for (const id of ['sendPhoneCode', 'signIn', 'stepUp', 'changeMe', 'recordConsent', 'makeTransfer', 'checkPayee', 'makeTopUp', 'makeWithdrawal', 'openAccount', 'putPlace', 'staffProposeChange', 'staffDecideChange', 'staffReveal', 'staffMakeUser', 'staffChangeUser', 'staffRunEndOfDay']) {
    const operation = client.named(id);
    const role = right[id].by ?? staffRoles.find((r) => tester.people.permissions[r].includes(operation['x-permission']));
    const token = role ? tester.people.staff[role] : tester.token(operation);
    const answer = await client.send(operation.method, tester.path(operation), { token, body: right[id].alone ?? right[id].body, key: newKey() });
    ok(answer.status < 300, `${id}: the right request succeeds`, answer.text);
  }
}

