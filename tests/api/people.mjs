// Invented people, and functions that make them customers.
import { sessionOf } from '../../tools/staff.mjs';
import { totp } from '../../tools/totp.mjs';
import { STAFF_PASSWORD, STAFF_SECRET } from './bank.mjs';
import { wanted } from './client.mjs';
import { equal, ok } from './count.mjs';

export const PASS_CODE = '135246';
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let count = 0;
export const newKey = () => `k-${process.pid}-${++count}-${Math.random().toString(36).slice(2)}`;

function idNumber(n) {
  const body = `11010119${String(70 + (n % 20)).padStart(2, '0')}${String(1 + (n % 12)).padStart(2, '0')}${String(1 + (n % 28)).padStart(2, '0')}${String(100 + (n % 800))}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  return body + '10X98765432'[[...body].reduce((sum, c, i) => sum + Number(c) * weights[i], 0) % 11];
}

// A card number with that BIN; the digit before the check digit selects the class of the account in the sandbox.
export function cardNumber(n, bin = '622848', kind = '1') {
  const digits = `${bin}${70000000000 + n}${kind}`;
  const sum = [...digits].reverse().reduce((total, c, i) => {
    const d = Number(c) * (i % 2 ? 1 : 2);
    return total + (d > 9 ? d - 9 : d);
  }, 0);
  return digits + String((10 - (sum % 10)) % 10);
}

let stranger = 0;
export function inventPerson(name) {
  const n = ++stranger;
  return { name: name ?? `新人${'甲乙丙丁戊己庚辛壬癸'[n % 10]}${'一二三四五六七八九十'[Math.floor(n / 10) % 10]}`, idNumber: idNumber(n), phone: `+861390000${String(n).padStart(4, '0')}`,
    cardNumber: cardNumber(10000 * n) };
}

export async function lastMessage(bank, phone, after, tries = 100) {
  for (let i = 0; i < tries; i++) {
    const { items } = await (await fetch(`${bank.sandbox}/sms/v1/messages?to=${encodeURIComponent(phone)}&limit=10`)).json();
    const found = items.find((m) => m.code && !after.includes(m.messageId));
    if (found) return found;
    await pause(100);
  }
  throw new Error('no text message arrived');
}

export async function seen(bank, phone) {
  const { items } = await (await fetch(`${bank.sandbox}/sms/v1/messages?to=${encodeURIComponent(phone)}&limit=50`)).json();
  return items.map((m) => m.messageId);
}

// Requests a code and reads it from the sandbox.
export async function code(client, phone, purpose, lang = 'en') {
  const before = await seen(client.bank, phone);
  const sent = wanted(await client.post('/v1/phone-codes', { phone, purpose }, { lang }), 201);
  const message = await lastMessage(client.bank, phone, before);
  client.secrets.add(message.code);
  return { phoneCodeId: sent.phoneCodeId, code: message.code };
}

// The device key of the number's holder: with it a pass code alone signs in again.
export const deviceKey = (phone) => `api-test-device-of-${phone.slice(1)}`;

export async function signUp(client, person, lang = 'en') {
  const proof = await code(client, person.phone, 'signUp', lang);
  const answer = wanted(await client.post('/v1/sign-ups', { phone: person.phone, ...proof, language: lang, deviceName: 'api test', deviceKey: deviceKey(person.phone) }, { lang }), 201);
  client.secrets.add(person.phone).add(person.phone.slice(3)).add(person.idNumber).add(person.name).add(person.cardNumber).add(answer.token);
  return Object.assign(person, { token: answer.token, customerId: answer.customer.customerId, lang });
}

export async function consent(client, person) {
  const { items } = wanted(await client.get('/v1/consent-texts', person), 200);
  for (const text of items.filter((t) => t.required)) {
    wanted(await client.post('/v1/consents', { purpose: text.purpose, textVersion: text.version, granted: true }, person), 201);
  }
}

export async function stepUp(client, person) {
  wanted(await client.post('/v1/step-ups', { passCode: PASS_CODE }, { token: person.token, lang: person.lang }), 201);
}

// Binds the person's card; returns the card and the account.
export async function bindCard(client, person) {
  const options = { token: person.token, lang: person.lang };
  const before = await seen(client.bank, person.phone);
  const binding = wanted(await client.post('/v1/card-bindings', { cardNumber: person.cardNumber, reservedPhone: person.phone }, { ...options, key: newKey() }), 201);
  const message = await lastMessage(client.bank, person.phone, before);
  client.secrets.add(message.code);
  const bound = wanted(await client.post(`/v1/card-bindings/${binding.cardBindingId}/confirmation`, { code: message.code }, { ...options, key: newKey() }), 201);
  return Object.assign(person, { cardBindingId: binding.cardBindingId, cardId: bound.card?.cardId, accountId: bound.account?.accountId, account: bound.account });
}

export async function topUp(client, person, amount) {
  return wanted(await client.post('/v1/top-ups', { cardId: person.cardId, accountId: person.accountId, instructedAmount: { amount, currency: 'CNY' } },
    { token: person.token, lang: person.lang, key: newKey() }), 201);
}

// From nothing to a customer with an account and money.
export async function moveIn(client, person, amount = '1000.00', lang = 'en') {
  await signUp(client, person, lang);
  const options = { token: person.token, lang };
  wanted(await client.put('/v1/me/identity', { name: person.name, idNumber: person.idNumber }, options), 200);
  await consent(client, options);
  wanted(await client.put('/v1/me/pass-code', { passCode: PASS_CODE }, options), 204);
  await stepUp(client, person);
  await bindCard(client, person);
  if (amount) {
    const payment = await topUp(client, person, amount);
    if (payment.transactionStatus !== 'ACSC') throw new Error(`top-up ended ${payment.transactionStatus}`);
  }
  return person;
}

export function transferBody(from, to, amount, text) {
  return { debtorAccountId: from.accountId, creditorPhone: to.phone, creditorName: to.name,
    instructedAmount: { amount, currency: 'CNY' }, ...(text ? { remittanceInformationUnstructured: text } : {}) };
}

export async function balance(client, person) {
  const { json } = await client.get(`/v1/accounts/${person.accountId}/balances`, { token: person.token });
  const of = (type) => Number(BigInt(json.balances.find((b) => b.balanceType === type).balanceAmount.amount.replace('.', '')));
  return { booked: of('interimBooked'), available: of('interimAvailable') };
}

// A login of each role, and the second persons.
export const staffRoles = ['teller', 'accountant', 'operator', 'auditor', 'admin', 'reviewer', 'teller2', 'accountant2', 'admin2', 'reviewer2', 'operator2'];
// A time code is valid once: the next one of a login uses a later step, which the bank accepts too.
// The next time code of a login, as soon as the clock allows it.
export async function staffCode(client, login, secret = STAFF_SECRET) {
  const bankTime = () => Date.now() + (client.bank.aheadMs ?? 0); // for tests that move the clock by days
  const now = Math.floor((bankTime() + 5000) / 30000); // one that is about to expire is skipped
  let step = Math.max(now - 1, (client.bank.staffSteps[login] ?? 0) + 1);
  while (step > Math.floor(bankTime() / 30000) + 1) await pause(500);
  client.bank.staffSteps[login] = step;
  return totp(secret, step * 30000);
}
export async function signInStaff(client, login, password = STAFF_PASSWORD, secret = STAFF_SECRET) {
  const opened = await client.post('/v1/staff/sessions', { login, password, totp: await staffCode(client, login, secret) });
  equal(Object.keys(wanted(opened, 201)), ['staff'], 'the session is in no body');
  const token = sessionOf(opened.headers['set-cookie'] ?? []);
  client.secrets.add(token).add(password);
  const cookie = opened.headers['set-cookie']?.[0]?.split('; ') ?? [];
  const browser = opened.headers['set-cookie']?.[1]?.split('; ') ?? [];
  ok(/^__Host-staff-browser=[\w-]+$/.test(browser[0]) && ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Strict'].every((flag) => browser.includes(flag)), 'the browser is known from now on', browser);
  ok(cookie[0] === `__Host-staff=${token}` && ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Strict'].every((flag) => cookie.includes(flag)), 'the cookie of staff has its flags', cookie);
  return token;
}
