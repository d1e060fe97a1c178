// Protection of a customer's sign-in: devices, passkeys, time codes, step-up, change of phone.
import { randomBytes } from 'node:crypto';
import { totp } from '../../tools/totp.mjs';
import { wanted } from './client.mjs';
import { equal, ok } from './count.mjs';
import { Passkey } from './passkey.mjs';
import { PASS_CODE, code, deviceKey as keyOf, inventPerson, signUp, stepUp } from './people.mjs';

const deviceKey = () => randomBytes(24).toString('base64url');
let second = 0;
const newNumber = () => `+8613911${String(10000 + (process.pid % 80000))}${++second}`;

async function signedUp(client, key) {
  const person = inventPerson();
  const proof = await code(client, person.phone, 'signUp');
  const answer = wanted(await client.post('/v1/sign-ups',
    { phone: person.phone, ...proof, language: 'en', deviceName: 'first phone', deviceKey: key }), 201);
  client.secrets.add(person.phone).add(answer.token).add(key);
  Object.assign(person, { token: answer.token, lang: 'en', session: answer.session });
  wanted(await client.put('/v1/me/pass-code', { passCode: PASS_CODE }, { token: answer.token }), 204);
  return person;
}

async function devices(client, person, known) {
  const other = deviceKey();
  client.secrets.add(other);
  const options = { token: person.token };
  const body = { phone: person.phone, passCode: PASS_CODE, deviceName: 'second phone' };
  ok(person.session.deviceId, 'the session says which device it is on');
  const again = wanted(await client.post('/v1/sessions', { ...body, deviceKey: known }), 201);
  equal([again.isNewDevice, again.session.deviceId], [false, person.session.deviceId], 'the device is recognised');
  wanted(await client.post('/v1/sessions', { ...body, deviceKey: 'short' }), 400, 'invalid-field');
  wanted(await client.post('/v1/sessions', { ...body, deviceKey: other }), 403, 'code-required');
  wanted(await client.post('/v1/sessions', body), 403, 'code-required'); // without a key the device is new
  const proof = await code(client, person.phone, 'signIn');
  const { passCode: _, ...withoutPassCode } = body;
  for (const key of [{ deviceKey: other }, { deviceKey: known }, {}]) wanted(await client.post('/v1/sessions', { ...withoutPassCode, ...proof, ...key }), 403, 'pass-code-required');
  const opened = wanted(await client.post('/v1/sessions', { ...body, ...proof, deviceKey: other }), 201);
  client.secrets.add(opened.token).add(again.token);
  ok(opened.isNewDevice, 'the second device is new');
  const { items } = wanted(await client.get('/v1/devices', options), 200);
  equal(items.map((d) => [d.name, d.isCurrent, d.isTrusted, d.sessionCount]),
    [['second phone', false, false, 1], ['second phone', true, false, 2]], 'both devices are listed');
  const path = `/v1/devices/${opened.session.deviceId}`;
  const refused = wanted(await client.send('DELETE', path, options), 403, 'step-up-required');
  equal([refused.factors, refused.missing], [['passCode'], ['passCode']], 'the refusal says what is missing');
  await stepUp(client, person);
  wanted(await client.send('DELETE', path, options), 204);
  wanted(await client.send('DELETE', path, options), 404, 'not-found');
  wanted(await client.get('/v1/me', { token: opened.token }), 401, 'not-signed-in');
  wanted(await client.send('DELETE', '/v1/sessions?keepCurrent=true', options), 204);
  wanted(await client.get('/v1/me', { token: again.token }), 401, 'not-signed-in');
  const security = wanted(await client.get('/v1/security', options), 200);
  ok(['signedUp', 'newDevice', 'deviceRemoved', 'signedOutEverywhere'].every((k) => security.events.some((e) => e.kind === k)), 'the history names what happened', security.events);
  wanted(await client.send('DELETE', '/v1/sessions', options), 204);
  wanted(await client.get('/v1/me', options), 401, 'not-signed-in');
  for (let i = 0; i < 2; i++) await signedUp(client, known);
  const fourth = inventPerson();
  const last = await code(client, fourth.phone, 'signUp');
  wanted(await client.post('/v1/sign-ups', { phone: fourth.phone, ...last, language: 'en', deviceName: 'x', deviceKey: known }), 403, 'device-persons');
}

async function timeCodes(client, person) {
  const options = { token: person.token };
  equal(wanted(await client.get('/v1/totp', options), 200).state, 'none', 'no time codes at first');
  wanted(await client.post('/v1/totp/assertions', { code: '123456' }, options), 409, 'totp-state');
  const begun = wanted(await client.post('/v1/totp', undefined, options), 201);
  client.secrets.add(begun.secret);
  const step = Math.floor(Date.now() / 30000);
  const at = (n) => totp(begun.secret, (step + n) * 30000);
  const wrong = wanted(await client.post('/v1/totp/confirmation', { code: String((Number(at(0)) + 1) % 1000000).padStart(6, '0') }, options), 422, 'totp-wrong');
  equal(wrong.triesLeft, 4, 'a wrong time code leaves four tries');
  wanted(await client.post('/v1/totp/confirmation', { code: at(0) }, options), 204);
  const again = wanted(await client.post('/v1/totp', undefined, options), 403, 'step-up-required');
  equal([again.missing, again.alternatives], [['passkeyOrTotp'], ['totp']], 'another secret asks for the one that is there');
  wanted(await client.post('/v1/totp/assertions', { code: at(0) }, options), 422, 'totp-wrong');
  const needs = wanted(await client.get('/v1/step-up-needs?action=exportAll', options), 200);
  equal([needs.factors, needs.missing], [['passCode', 'passkeyOrTotp'], ['passkeyOrTotp']], 'time codes are asked for once they are set');
  wanted(await client.post('/v1/totp/assertions', { code: at(1) }, options), 200);
  equal(wanted(await client.get('/v1/step-up-needs?action=exportAll', options), 200).missing, [], 'nothing is missing then');
  wanted(await client.post('/v1/totp', undefined, options), 409, 'totp-state');
  wanted(await client.send('DELETE', '/v1/totp', options), 204);
  for (let i = 0; i < 5; i++) await client.post('/v1/totp/assertions', { code: '000000' }, options);
}

async function passkeys(client, person, origin) {
  const options = { token: person.token };
  wanted(await client.post('/v1/passkeys/assertion-options', undefined, { ...options, headers: { Host: 'bank.example' } }), 409, 'passkey-origin');
  for (const Host of ['127.0.0.1:8080', '[::1]:8080', '10.0.0.1']) wanted(await client.post('/v1/passkeys/options', undefined, { ...options, headers: { Host } }), 409, 'passkey-address');
  options.headers = { Host: new URL(origin).host };
  for (const [kind, packed] of [['ES256', false], ['EdDSA', true], ['RS256', true]]) {
    const passkey = new Passkey({ kind, packed, resident: packed });
    const asked = wanted(await client.post('/v1/passkeys/options', undefined, options), 200);
    equal(asked.publicKey.rp.id, 'localhost', 'the relying party is a domain');
    const credential = passkey.create(asked, origin);
    const made = wanted(await client.post('/v1/passkeys', { credential, name: `key of ${kind}` }, options), 201);
    if (kind === 'ES256') {
      const more = wanted(await client.post('/v1/passkeys', { credential, name: 'again' }, options), 403, 'step-up-required');
      equal([more.missing, more.alternatives], [['passkey'], ['passkey']], 'another passkey asks for the one that is there');
    }
    wanted(await client.post('/v1/passkeys', { credential: { ...credential, clientExtensionResults: 'x' }, name: 'again' }, options), 400, 'invalid-field');
    wanted(await client.post('/v1/passkeys', { credential: { ...credential, id: null }, name: 'again' }, options), 400, 'invalid-field');
    const request = wanted(await client.post('/v1/passkeys/assertion-options', undefined, options), 200);
    equal(request.publicKey.allowCredentials.map((c) => c.id), [credential.id], 'the options name the credential');
    const proof = passkey.get(request, origin);
    wanted(await client.post('/v1/passkeys/assertions', { credential: proof }, options), 200);
    wanted(await client.post('/v1/passkeys/assertions', { credential: proof }, options), 422, 'passkey-expired');
    wanted(await client.post('/v1/passkeys', { credential, name: 'again' }, options), 422, 'passkey-expired');
    const elsewhere = passkey.get(wanted(await client.post('/v1/passkeys/assertion-options', undefined, options), 200), 'https://other.example');
    wanted(await client.post('/v1/passkeys/assertions', { credential: elsewhere }, options), 422, 'passkey-invalid');
    passkey.count -= 2;
    const clone = passkey.get(wanted(await client.post('/v1/passkeys/assertion-options', undefined, options), 200), origin);
    wanted(await client.post('/v1/passkeys/assertions', { credential: clone }, options), 403, 'passkey-cloned');
    equal(wanted(await client.get('/v1/passkeys', options), 200).items.map((p) => p.name), [`key of ${kind}`], 'the list shows it');
    wanted(await client.send('DELETE', `/v1/passkeys/${made.passkeyId}`, options), 204);
    wanted(await client.send('DELETE', `/v1/passkeys/${made.passkeyId}`, options), 404, 'not-found');
  }
}

async function phone(client, person, other) {
  const options = { token: person.token };
  const number = newNumber();
  client.secrets.add(number);
  const taken = await code(client, other.phone, 'changePhone');
  wanted(await client.put('/v1/me/phone', { phone: other.phone, ...taken }, options), 409, 'phone-taken');
  const proof = await code(client, number, 'changePhone');
  const changed = wanted(await client.put('/v1/me/phone', { phone: number, ...proof }, options), 200);
  equal(changed.phone.slice(-4), number.slice(-4), 'the new number is shown');
  wanted(await client.post('/v1/sessions', { phone: person.phone, passCode: PASS_CODE, deviceName: 'x' }), 401, 'sign-in-failed');
  wanted(await client.post('/v1/sessions', { phone: number, passCode: PASS_CODE, deviceName: 'x' }), 403, 'code-required');
  client.secrets.add(wanted(await client.post('/v1/sessions', { phone: number, passCode: PASS_CODE, deviceName: 'x', deviceKey: keyOf(person.phone) }), 201).token);
}

// A customer with a device, a passkey and time codes, for others to attack.
export async function guarded(client, bank) {
  const person = await signedUp(client, deviceKey());
  const options = { token: person.token, headers: { Host: new URL(bank.named).host } };
  await stepUp(client, person);
  const asked = wanted(await client.post('/v1/passkeys/options', undefined, options), 200);
  const made = wanted(await client.post('/v1/passkeys', { credential: new Passkey({ kind: 'ES256', packed: false }).create(asked, bank.named), name: 'a key' }, options), 201);
  return Object.assign(person, { passkeyId: made.passkeyId, deviceId: person.session.deviceId });
}

export default async function protection(client, bank) {
  const known = deviceKey();
  const owner = await signedUp(client, known); // one code per minute and number: the first is aged below
  const [person, other] = [await signUp(client, inventPerson()), await signUp(client, inventPerson())];
  wanted(await client.put('/v1/me/pass-code', { passCode: PASS_CODE }, { token: person.token }), 204);
  const refused = wanted(await client.post('/v1/passkeys/options', undefined, { token: person.token }), 403, 'step-up-required');
  equal(refused.missing, ['passCode'], 'the pass code comes first');
  await stepUp(client, person);
  await timeCodes(client, person);
  await passkeys(client, person, bank.named);
  bank.database.ask('UPDATE customer_phone_codes SET created_at = created_at - 7200000000');
  await devices(client, owner, known);
  await stepUp(client, person);
  await phone(client, person, other);
}
