// Validation of text: pasted numbers, names from different keyboards, forbidden characters.
import { wanted } from './client.mjs';
import { equal, ok } from './count.mjs';
import { PASS_CODE, code, inventPerson, newKey, stepUp, topUp, transferBody } from './people.mjs';

const wide = (text) => text.replace(/[!-~]/g, (sign) => String.fromCodePoint(sign.codePointAt(0) + 0xfee0));
const blamed = (problem) => problem.errors?.map((error) => error.pointer);

// A number is recognised in every usual notation.
async function phones(client, a) {
  const local = a.phone.slice(3);
  const typed = [`\u202d${local}\u202c`, `(+86)${local}`, `+86 (0)${local}`, `${local.slice(0, 3)}\u00a0${local.slice(3, 7)}\u2011${local.slice(7)}`, wide(local)];
  for (const phone of typed) {
    client.secrets.add(phone);
    const answer = await client.post('/v1/payee-checks', { phone, name: a.name }, { token: a.token });
    equal(wanted(answer, 200).result, 'match', `a phone typed as ${JSON.stringify(phone).replace(/\d/g, '0')}`);
  }
  for (const phone of [`+860${local}`, '+999123456789', '12800138000'])
    equal(blamed(wanted(await client.post('/v1/payee-checks', { phone }, { token: a.token }), 400, 'invalid-phone')), ['#/phone'], 'a number of no mobile is blamed');
}

// A typing error costs no attempt: after more of them than attempts exist, the right input passes.
async function identities(client) {
  const person = inventPerson('古丽米热·艾比布力');
  const proof = await code(client, person.phone, 'signUp');
  const { token } = wanted(await client.post('/v1/sign-ups', { phone: ` ${person.phone.slice(3)} `, ...proof, language: 'en', deviceName: 'a phone' }), 201);
  const options = { token };
  const grouped = `${person.idNumber.slice(0, 6)} ${person.idNumber.slice(6, 14)} ${person.idNumber.slice(14)}`;
  client.secrets.add(token).add(person.phone).add(person.phone.slice(3)).add(person.idNumber).add(grouped).add(wide(person.idNumber));
  const put = (name, idNumber) => client.put('/v1/me/identity', { name, idNumber }, options);
  for (const name of ['古丽米热-艾比布力', '古丽2', '林Smith', '林\ue000', '林']) 
    equal(blamed(wanted(await put(name, person.idNumber), 400, 'invalid-field')), ['#/name'], 'a name of another form is blamed');
  equal(blamed(wanted(await put(person.name, '110101199001010'), 422, 'identity-refused')), ['#/idNumber'], 'the old form of a number is named');
  for (const number of ['110101199001010014', '110101199013010015', '911840198808080012']) {
    const refused = wanted(await put(person.name, number), 422, 'identity-refused');
    equal(blamed(refused), ['#/idNumber'], 'a number that cannot be is blamed');
    if (number.startsWith('9')) ok(/not served/.test(JSON.stringify(refused)), 'a permanent residents\u2019 card is not served yet, and that is said', refused);
  }
  for (const dot of ['.', '\uff65', '\u2219', '\u22c5', '\u3002', ' '])
    equal(blamed(wanted(await put(`古丽米热${dot}艾比布力`, person.idNumber.slice(0, 17)), 422, 'identity-refused')), ['#/idNumber'], 'any dot is the dot of names');
  wanted(await put('古丽米热\uff0e艾比布力', grouped), 200);
  wanted(await put('古丽米热 艾比布力', wide(person.idNumber)), 200);
  equal(wanted(await client.get('/v1/me', options), 200).name, '古丽米热·艾比布力', 'the name is kept in its one form');
  wanted(await client.put('/v1/me/pass-code', { passCode: wide(PASS_CODE) }, options), 204);
  await stepUp(client, { ...person, token, lang: 'en' }); // by the plain digits
}

// Names of payees: a match, a close match, or none (Regulation (EU) 2024/886).
async function payees(client, a, b) {
  const of = { token: a.token };
  const result = async (name) => wanted(await client.post('/v1/payee-checks', { phone: b.phone, name }, of), 200);
  equal((await result(`\u202e${b.name}\u202c`.replace(/[\u202e\u202c]/g, '\u200b'))).result, 'match', 'what cannot be seen is no part of a name');
  equal((await result([...b.name].join(' '))).result, 'match', 'blanks of alignment are no part of a name');
  equal((await result('某某某某')).result, 'noMatch', 'another name');
}

// Forbidden characters are refused by code point, at their member, with no later effect.
async function texts(client, a, b) {
  const of = () => ({ token: a.token, key: newKey() });
  const send = (text) => client.post('/v1/transfers', transferBody(a, b, '0.01', text), of());
  for (const point of [0xfffe, 0xffff, 0x1fffe, 0xfdd0, 0x1b, 0x9, 0xa, 0x85, 0x2028, 0x202e, 0x2066, 0xe000, 0xf8ff, 0xf0000, 0xfff9, 0xe0001]) {
    const refused = wanted(await send(`a${String.fromCodePoint(point)}b`), 400, 'invalid-field');
    equal(blamed(refused), ['#/remittanceInformationUnstructured'], 'the member is named');
    ok(JSON.stringify(refused).includes(`U+${point.toString(16).toUpperCase().padStart(4, '0')}`), 'the character is named', refused);
  }
  const family = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467} cafe\u0301';
  const paid = wanted(await send(family), 201);
  equal(wanted(await client.get(`/v1/payments/${paid.paymentId}`, { token: a.token }), 200).remittanceInformationUnstructured, family.normalize('NFC'), 'a text is kept composed, emoji whole');
}

// An amount is never guessed.
async function amounts(client, a, b) {
  for (const amount of ['12,50', '5，5', '1,234.00', '１２', '12.5 ', '1e1', '12。5']) {
    const body = { ...transferBody(a, b, '0.01'), instructedAmount: { amount, currency: 'CNY' } };
    equal(blamed(wanted(await client.post('/v1/transfers', body, { token: a.token, key: newKey() }), 400, 'invalid-field')), ['#/instructedAmount/amount'], 'an amount of another form is asked back');
  }
}

export default async function text(client, bank, { a, b }) {
  await phones(client, a);
  await identities(client);
  await payees(client, a, b);
  await topUp(client, a, '20.00');
  await texts(client, a, b);
  await amounts(client, a, b);
}
