// Malformed HTTP requests: refused before any handler, and the bank keeps running.
import { ok } from './count.mjs';

export async function guard(client) {
  const host = `Host: 127.0.0.1:${client.bank.port}\r\n`;
  const body = '{"phone":"13800000000","purpose":"signUp"}';
  const post = (headers, text = body) => `POST /v1/phone-codes HTTP/1.1\r\n${host}Content-Type: application/json\r\n${headers}\r\n${text}`;
  const rows = [
    ['no Host', 'GET /v1/bank HTTP/1.1\r\n\r\n'], ['two Hosts', `GET /v1/bank HTTP/1.1\r\n${host}${host}\r\n`],
    ['two Content-Lengths', post('Content-Length: 42\r\nContent-Length: 41\r\n')], ['a Content-Length of words', post('Content-Length: many\r\n')], ['a negative Content-Length', post('Content-Length: -1\r\n')],
    ['Content-Length with a sign', post(`Content-Length: +${body.length}\r\n`)], ['both lengths', post(`Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n`, `2a\r\n${body}\r\n0\r\n\r\n`)],
    ['an unknown coding', post('Transfer-Encoding: gzip\r\n')], ['chunked twice', post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n')], ['chunked in HTTP/1.0', post('Transfer-Encoding: chunked\r\n', '0\r\n\r\n').replace('HTTP/1.1', 'HTTP/1.0')],
    ['a header name with a space', `GET /v1/bank HTTP/1.1\r\n${host}Bad Name: x\r\n\r\n`], ['a folded line', `GET /v1/bank HTTP/1.1\r\n${host}X: a\r\n b\r\n\r\n`], ['a header without name', `GET /v1/bank HTTP/1.1\r\n${host}: x\r\n\r\n`],
    ['a target with a NUL', `GET /v1/bank%00 HTTP/1.1\r\n${host}\r\n`], ['a target with dots', `GET /static/../v1/bank HTTP/1.1\r\n${host}\r\n`], ['a target with an escaped slash', `GET /v1%2Fbank HTTP/1.1\r\n${host}\r\n`],
    ['a target with an invalid escape', `GET /v1/%GG HTTP/1.1\r\n${host}\r\n`], ['a target that is no UTF-8', `GET /v1/%C3%28 HTTP/1.1\r\n${host}\r\n`], ['a target too long', `GET /v1/${'a'.repeat(9000)} HTTP/1.1\r\n${host}\r\n`],
    ['headers too large', `GET /v1/bank HTTP/1.1\r\n${host}X: ${'a'.repeat(20000)}\r\n\r\n`], ['too many headers', `GET /v1/bank HTTP/1.1\r\n${host}${'A: b\r\n'.repeat(200)}\r\n`],
    ['a body too large, announced', post('Content-Length: 99999999\r\n', '{')], ['an unknown method', `BREW /v1/bank HTTP/1.1\r\n${host}\r\n`], ['no HTTP', 'hello\r\n\r\n'], ['a TLS greeting', Buffer.from('16030100a5010000a10303', 'hex')],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'], ['HTTP/9', `GET /v1/bank HTTP/9.9\r\n${host}\r\n`], ['a bare line feed in a header', `GET /v1/bank HTTP/1.1\r\n${host}X: a\nY: b\r\n\r\n`],
  ];
  for (const [label, text] of rows) {
    const answer = await client.bytes(text);
    // A closed connection counts as an answer; 2xx and 5xx do not.
    ok(answer.status === 0 || (answer.status >= 400 && answer.status < 500) || [501, 505].includes(answer.status), `HTTP with ${label}: refused`, `${answer.status} ${answer.text?.slice(0, 200)}`);
  }
  const after = await client.get('/v1/bank');
  ok(after.status === 200, 'the bank keeps answering');
}
