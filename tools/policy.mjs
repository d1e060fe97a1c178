// Sets a figure of the bank's rules by two people of its staff: one proposes, another approves. For development and
// tests, with the invented town's staff.
//   node tools/policy.mjs BANK_URL NAME VALUE     (STAFF_PASSWORD and STAFF_TOTP in the environment)
import { sessionOf, signed } from './staff.mjs';
import { totp } from './totp.mjs';

const MAKER = 'accountant2';
const CHECKER = 'admin2';

async function call(bank, method, path, { token, body, key } = {}) {
  const headers = { 'Accept-Language': 'en' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  Object.assign(headers, signed(path, token));
  if (key) headers['Idempotency-Key'] = key;
  const answer = await fetch(bank + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return { ...(text ? JSON.parse(text) : {}), cookies: answer.headers.getSetCookie() };
}

// `steps` stores the last time step of a login: a time code is valid once, and one about to expire is skipped.
async function signIn(bank, login, { password, secret, steps }) {
  const step = Math.max(Math.floor((Date.now() + 5000) / 30000) - 1, (steps[login] ?? 0) + 1);
  steps[login] = step;
  return sessionOf((await call(bank, 'POST', '/v1/staff/sessions', { body: { login, password, totp: totp(secret, step * 30000) } })).cookies);
}

export async function setParameter(bank, name, value, staff) {
  const maker = await signIn(bank, MAKER, staff);
  const checker = await signIn(bank, CHECKER, staff);
  const { businessDate } = await call(bank, 'GET', '/v1/staff/business-date', { token: maker });
  const key = `policy-${name}-${value}-${Date.now()}`;
  const change = await call(bank, 'POST', '/v1/staff/changes', { token: maker, key: `${key}-a`,
    body: { kind: 'parameter', object: name, after: { value, effectiveDate: businessDate }, reason: 'a figure for development and tests' } });
  await call(bank, 'POST', `/v1/staff/changes/${change.changeId}/decisions`, { token: checker, key: `${key}-b`,
    body: { decision: 'approve', reason: 'seen and agreed' } });
  await inForce(bank, maker, name, value);
  for (const token of [maker, checker]) await call(bank, 'DELETE', '/v1/staff/sessions/current', { token });
}

// The bank reads a decided figure within seconds: until then the old one is in force.
async function inForce(bank, token, name, value) {
  for (let i = 0; i < 300; i++) {
    const { items } = await call(bank, 'GET', '/v1/staff/parameters', { token });
    if (items.find((p) => p.name === name)?.value === value) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`the bank did not take up ${name}`);
}

if (process.argv[1]?.endsWith('policy.mjs')) {
  const [bank, name, value] = process.argv.slice(2);
  await setParameter(bank.replace(/\/$/, ''), name, Number(value), { password: process.env.STAFF_PASSWORD, secret: process.env.STAFF_TOTP, steps: {} });
}
