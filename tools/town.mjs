// Fills a new bank with a small invented town through its API: people of the sandbox's registry sign up, bind their
// cards, top up, and pay each other and the shop. Existing residents are left unchanged, so it can be run again.
//   node tools/town.mjs BANK_URL SANDBOX_URL
import { agree, proveIdentity, townDevice } from './identity.mjs';

const [bank, sandbox] = process.argv.slice(2).map((u) => u.replace(/\/$/, ''));
export const PASS_CODE = '135246';

// Residents with distinct faces: the fourth's is too similar to the first's.
const people = [
  { phone: '+8619900000001', topUp: '3000.00' },
  { phone: '+8619900000002', topUp: '8000.00' },
  { phone: '+8619900000003', topUp: '5000.00', shop: true },
  { phone: '+8619900000007', topUp: '1200.00' },
  { phone: '+8619900000005', topUp: '6500.00' },
  { phone: '+8619900000006', topUp: '4000.00' },
];
const payments = [
  [0, 2, '38.50', '两杯咖啡 Two coffees'], [1, 2, '126.00', '家庭聚餐 Family dinner'],
  [4, 2, '19.90', '早餐 Breakfast'], [5, 2, '88.00', '生日蛋糕 Birthday cake'],
  [1, 0, '150.00', '车费 Ride'], [5, 3, '66.60', '恭喜 Congratulations'],
  [4, 1, '200.00', '还书款 Books'], [3, 2, '12.00', '豆浆 Soy milk'],
];

async function call(method, path, { token, body, key, type = 'application/json' } = {}) {
  const headers = { 'Accept-Language': 'en' };
  if (body !== undefined) headers['Content-Type'] = type;
  if (token) headers.Authorization = `Bearer ${token}`;
  if (key) headers['Idempotency-Key'] = key;
  const answer = await fetch(bank + path, { method, headers, body: body && !Buffer.isBuffer(body) ? JSON.stringify(body) : body });
  const text = await answer.text();
  const json = text ? JSON.parse(text) : {};
  if (!answer.ok) throw Object.assign(new Error(`${method} ${path}: ${json.type ?? answer.status} ${json.detail ?? ''}`), { status: answer.status, json });
  return json;
}

const pause = (ms) => new Promise((r) => setTimeout(r, ms));

const messages = async (phone) => (await (await fetch(`${sandbox}/sms/v1/messages?to=${encodeURIComponent(phone)}&limit=50`)).json()).items;

async function sms(phone, before) {
  for (let i = 0; i < 100; i++) {
    const found = (await messages(phone)).find((m) => m.code && !before.has(m.messageId));
    if (found) return found;
    await pause(100);
  }
  throw new Error('no text message arrived');
}

const seen = async (phone) => new Set((await messages(phone)).map((m) => m.messageId));

async function settle(token, payment) {
  for (let i = 0; i < 20 && payment.transactionStatus === 'PDNG'; i++) {
    await pause(1000);
    payment = await call('GET', `/v1/payments/${payment.paymentId}`, { token });
  }
  return payment;
}

// A resident who can sign in was added at an earlier start: no further text message is needed. A device removed since
// needs a code; the pass code was right then.
async function livesHere(person) {
  try {
    const { token } = await call('POST', '/v1/sessions', {
      body: { phone: person.phone, passCode: PASS_CODE, deviceName: 'town', deviceKey: townDevice(person.phone) } });
    await call('DELETE', '/v1/sessions/current', { token });
    return true;
  } catch (error) {
    if (error.json?.type === '/problems/code-required') return true;
    if (error.status === 401) return false;
    throw error;
  }
}

// A refusal of the bank skips one resident, in one line; any other error stops the town.
function leaveAlone(person, error) {
  const slug = /^\/problems\/(.+)/.exec(error.json?.type ?? '')?.[1];
  if (!slug || error.status >= 500) throw error;
  const why = { 'identity-taken': 'lives here with another number', 'phone-taken': 'lives here with a pass code of their own' }[slug] ?? slug;
  process.stderr.write(`  ${person.phone} is left as it is: ${why}\n`);
}

async function move(person, resident) {
  const before = await seen(person.phone);
  const sent = await call('POST', '/v1/phone-codes', { body: { phone: person.phone, purpose: 'signUp' } });
  const code = (await sms(person.phone, before)).code;
  const { token } = await call('POST', '/v1/sign-ups', {
    body: { phone: person.phone, phoneCodeId: sent.phoneCodeId, code, language: 'zh', deviceName: 'town', deviceKey: townDevice(person.phone) } });
  const row = residents.indexOf(resident) + 1;
  if ((await call('GET', '/v1/me/verification', { token })).layersRequired) {
    const check = await proveIdentity(call, sandbox, row, { token, key: `town-${row}` });
    if (check.state !== 'accepted') throw new Error(`the face of resident ${row} was ${check.state}`);
  } else {
    await agree(call, { token }, undefined);
    await call('PUT', '/v1/me/identity', { token, body: { name: resident.name, idNumber: resident.idNumber } });
  }
  await call('PUT', '/v1/me/pass-code', { token, body: { passCode: PASS_CODE } });
  await call('POST', '/v1/step-ups', { token, body: { passCode: PASS_CODE } });
  const card = resident.cards.find((c) => c.accountClass === 'I');
  const last = await seen(person.phone);
  const binding = await call('POST', '/v1/card-bindings', {
    token, key: `town-bind-${person.phone}`, body: { cardNumber: card.cardNumber, reservedPhone: resident.phone } });
  const issuerCode = (await sms(person.phone, last)).code;
  const bound = await call('POST', `/v1/card-bindings/${binding.cardBindingId}/confirmation`, {
    token, key: `town-confirm-${person.phone}`, body: { code: issuerCode } });
  const payment = await settle(token, await call('POST', '/v1/top-ups', {
    token, key: `town-top-up-${person.phone}`,
    body: { cardId: bound.card.cardId, accountId: bound.account.accountId,
      instructedAmount: { amount: person.topUp, currency: 'CNY' } } }));
  if (payment.transactionStatus !== 'ACSC') throw new Error(`top-up of the town ended ${payment.transactionStatus}`);
  return { ...person, token, name: resident.name, account: bound.account };
}

const residents = (await (await fetch(`${sandbox}/registry/v1/people`)).json()).items;
const town = [];
for (const person of people) {
  try {
    if (await livesHere(person)) continue;
    town.push(await move(person, residents.find((r) => r.phone === person.phone)));
  } catch (error) {
    leaveAlone(person, error);
  }
  if (process.stderr.isTTY) process.stderr.write(`  ${town.length} of ${people.length} people moved in\r`);
}
if (town.length > 0 && process.stderr.isTTY) process.stderr.write('\n');
if (town.length === people.length) {
  for (const [i, [from, to, amount, text]] of payments.entries()) {
    await call('POST', '/v1/transfers', { token: town[from].token, key: `town-payment-${i}`,
      body: { debtorAccountId: town[from].account.accountId, creditorPhone: town[to].phone,
        creditorName: town[to].name, instructedAmount: { amount, currency: 'CNY' },
        remittanceInformationUnstructured: text } });
  }
}
for (const person of town) await call('DELETE', '/v1/sessions/current', { token: person.token });
