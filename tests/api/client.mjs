// A client that checks every answer against the document served by the bank: status, content type, body by schema. A
// member missing in the schema is a failure too.
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import http from 'node:http';
import net from 'node:net';
import { signed } from '../../tools/staff.mjs';
import { fail, ok, tally } from './count.mjs';

const HAN = /\p{Script=Han}/u;
const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

// Objects in answers may contain only the members of their schema.
function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([k, v]) => [k, closed(v)]));
  if (copy.type === 'object' && copy.properties && typeof copy.properties.type !== 'string' && copy.additionalProperties === undefined) {
    copy.additionalProperties = false;
  }
  return copy;
}

export class Client {
  constructor(bank, document) {
    this.bank = bank;
    this.document = document;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    this.succeeded = new Set();
    this.slugs = new Set();
    this.secrets = new Set(); // must never appear in the log
    this.answers = 0;
    this.operations = [];
    for (const [path, item] of Object.entries(document.paths)) {
      for (const method of METHODS.filter((m) => item[m])) {
        this.operations.push({ ...item[method], method: method.toUpperCase(), path,
          pattern: new RegExp(`^${path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`) });
      }
    }
    this.operations.sort((a, b) => (a.path.match(/\{/g)?.length ?? 0) - (b.path.match(/\{/g)?.length ?? 0));
    this.ajv = new Ajv({ strict: false, allErrors: true });
    addFormats(this.ajv);
    this.ajv.addSchema({ $id: 'api', components: closed(document.components) });
    this.validators = new Map();
  }

  operation(method, path) {
    const bare = path.replace(/\?.*/, '');
    return this.operations.find((o) => o.method === (method === 'HEAD' ? 'GET' : method) && o.pattern.test(bare));
  }

  // The operation with that id, for tests driven by the document.
  named(id) {
    return this.operations.find((o) => o.operationId === id);
  }

  validator(schema) {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/');
    if (!this.validators.has(text)) this.validators.set(text, this.ajv.compile(closed(JSON.parse(text))));
    return this.validators.get(text);
  }

  // Sends a request and checks the answer against the document. `body`: an object, or text or bytes sent unchanged.
  async send(method, path, { token, key, lang = 'en', body, headers = {}, type = 'application/json', any = false } = {}) {
    const all = { 'Accept-Language': lang, ...headers };
    let bytes;
    if (body !== undefined) {
      bytes = typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
      if (type) all['Content-Type'] ??= type;
      all['Content-Length'] = bytes.length;
    }
    for (const [name, value] of Object.entries(signed(path, token))) all[name] ??= value;
    if (key) all['Idempotency-Key'] = key;
    for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
    let answer = await this.raw(method, path, all, bytes);
    // The lane of pictures sheds load on a busy machine; as a phone does, the picture is sent again when it was asked to.
    for (let i = 0; i < 10 && type?.startsWith('image/') && answer.json?.type === '/problems/busy'; i++) {
      await new Promise((done) => setTimeout(done, 1000 * Number(answer.headers['retry-after'] ?? 1)));
      answer = await this.raw(method, path, all, bytes);
    }
    answer.what = `${method} ${path.slice(0, 120)}`;
    this.hold(method, path, answer, lang, any);
    return answer;
  }

  raw(method, path, headers, bytes) {
    tally.tried++;
    return new Promise((done) => {
      const request = http.request({ host: '127.0.0.1', port: this.bank.port, method, path, headers, agent: this.agent, timeout: 30000 }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () => {
          const raw = Buffer.concat(parts);
          let json;
          try { json = JSON.parse(raw.toString('utf8')); } catch { json = undefined; }
          done({ status: response.statusCode, headers: response.headers, raw, text: raw.toString('utf8'), json });
        });
        response.on('error', (error) => done({ status: 0, headers: {}, text: String(error) }));
      });
      request.on('timeout', () => request.destroy(new Error('no answer within 30 s')));
      request.on('error', (error) => done({ status: 0, headers: {}, text: `${error.message} ${error.code ?? ''}` }));
      request.end(bytes);
    });
  }

  // Raw bytes on a separate connection, which no client library would send.
  bytes(text) {
    tally.tried++;
    return new Promise((done) => {
      const socket = net.connect(this.bank.port, '127.0.0.1', () => socket.write(text));
      let found = Buffer.alloc(0);
      const end = () => {
        socket.destroy();
        const [head, ...rest] = found.toString('utf8').split('\r\n\r\n');
        const lines = head.split('\r\n');
        const body = rest.join('\r\n\r\n');
        let json;
        try { json = JSON.parse(body); } catch { json = undefined; }
        done({ status: Number(lines[0].split(' ')[1] ?? 0), text: body, json,
          headers: Object.fromEntries(lines.slice(1).map((l) => [l.split(':')[0].toLowerCase(), l.split(':').slice(1).join(':').trim()])) });
      };
      socket.setTimeout(10000, end);
      socket.on('data', (part) => {
        found = Buffer.concat([found, part]);
        const size = /content-length: (\d+)/i.exec(found.toString('latin1'));
        const at = found.indexOf('\r\n\r\n');
        if (at > 0 && size && found.length >= at + 4 + Number(size[1])) end();
      });
      socket.on('close', end);
      socket.on('error', end);
    });
  }

  hold(method, path, answer, lang, any) {
    this.answers++;
    const what = `${answer.what} -> ${answer.status}`;
    const type = (answer.headers['content-type'] ?? '').replace(/;.*/, '');
    if (answer.status === 0) return fail(`${what}: no answer`, answer.text);
    if (answer.status >= 500 && !any) fail(`${what}: the bank failed`, answer.text.slice(0, 300));
    if (answer.status >= 400) return this.holdProblem(what, answer, type, method, lang);
    const operation = this.operation(method, path);
    if (!operation) return undefined;
    const response = operation.responses[answer.status];
    if (!response) return fail(`${what}: the status is not documented`);
    this.succeeded.add(operation.operationId);
    if (method === 'HEAD') return ok(answer.raw.length === 0, `${what}: HEAD without a body`);
    if (!response.content) return ok(answer.raw.length === 0, `${what}: no body is documented`, answer.text);
    if (!response.content[type]) return fail(`${what}: content type "${type}" is not documented`);
    if (type !== 'application/json') return ok(answer.raw.length > 0, `${what}: a body`);
    const validate = this.validator(response.content[type].schema);
    return ok(validate(answer.json), `${what}: the body is as documented`, JSON.stringify(validate.errors?.slice(0, 3)?.map((e) => [e.instancePath, e.message, e.params])));
  }

  holdProblem(what, answer, type, method, lang) {
    if (type !== 'application/problem+json') return fail(`${what}: a problem, but "${type}"`, answer.text.slice(0, 200));
    if (method === 'HEAD') return ok(answer.raw.length === 0, `${what}: HEAD without a body`);
    const validate = this.validator({ $ref: '#/components/schemas/Problem' });
    if (!validate(answer.json)) return fail(`${what}: the problem is as documented`, JSON.stringify([validate.errors?.slice(0, 3), answer.text.slice(0, 300)]));
    const { json } = answer;
    this.slugs.add(json.type);
    if (json.status !== answer.status) return fail(`${what}: status ${json.status} in the body`);
    if (answer.headers['idempotency-replayed']) return ok(!answer.headers['content-language'], `${what}: a stored problem keeps its own language`);
    const texts = [json.title, json.detail, ...(json.errors ?? []).map((e) => e.detail)];
    if (texts.some((t) => HAN.test(t) !== (lang === 'zh'))) return fail(`${what}: a problem in ${lang}`, JSON.stringify(texts));
    if (answer.headers['content-language'] !== lang) return fail(`${what}: Content-Language ${answer.headers['content-language']}, wanted ${lang}`);
    return ok(true);
  }

  // --- shortcuts -----------------------------------------------------------------------------------
  get(path, options) { return this.send('GET', path, options); }
  post(path, body, options) { return this.send('POST', path, { body, ...options }); }
  put(path, body, options) { return this.send('PUT', path, { body, ...options }); }
  patch(path, body, options) { return this.send('PATCH', path, { body, ...options }); }
  delete(path, options) { return this.send('DELETE', path, options); }
}

// The answer must have the wanted status; returns its body.
export function wanted(answer, status, slug) {
  const found = answer.json?.type?.replace('/problems/', '');
  ok(answer.status === status && (slug === undefined || found === slug), `${answer.what}: ${status} ${slug ?? ''}`,
    `found ${answer.status} ${answer.text?.slice(0, 400)}`);
  return answer.json ?? {};
}
