// Wrong values, derived from the schemas of the document: values that a field must refuse.
const SAMPLES = { string: 'x', number: 1.5, integer: 7, boolean: true, object: { a: 1 }, array: ['x'] };

export function resolve(document, schema) {
  return schema.$ref ? resolve(document, schema.$ref.split('/').slice(1).reduce((at, name) => at[name], document)) : schema;
}

const NOT_DATES = ['2026-02-30', '2026-13-01', '2026-1-1', '20261121', '2026-11-21T00:00:00Z', 'tomorrow', '2026-11-2１', ' 2026-11-21', '2026-11-21 ', '0000-00-00', '-026-11-21', '1e3'];
const NOT_INSTANTS = ['2026-11-21', '2026-11-21T25:00:00Z', '2026-11-21T00:61:00Z', '2026-11-21T00:00:00', '2026-02-30T00:00:00Z', 'now', '1700000000', '2026-11-21T00:00:00+99:00', '2026-11-21T00:00:00Zx'];
const NOT_IDS = ['0', '-1', '01', '1.0', 'abc', '+1', ' 1', '1 ', '1e3', '0x1', '１', '99999999999999999999', '9223372036854775808', "1' OR '1'='1", '1;', '../1'];
const NOT_NUMBERS = ['abc', '1.5', '1e2', '0x10', '+5', ' 5', '5 ', '--5', '٣', '99999999999999999999', 'NaN'];
const NOT_DECIMALS = ['abc', '-1', '1e3', '1.234', '1,5', '+1', ' 1', '1 ', '.', 'NaN', 'Infinity', '0x10', '１', '99999999999999999999999'];
const NOT_AMOUNTS = ['0', '0.00', '-1', '-0.01', '-0.00', '1.234', '0.001', '1e3', '1E3', '+1', ' 1', '1 ', '1,000.00', '', '.', '.5', '5.', '1..0', 'NaN', 'Infinity', '0x10', '１２', '一百',
  '9999999999999999999999', '92233720368547758.08', '-92233720368547758.08', '1\u0000', '1.00\n', '1_000'];
const NOT_CURRENCIES = ['', 'C', 'CN', 'CNYY', 'cny', 'Cny', 'QQQ', '156', '¥', ' CNY', 'CNY ', 'CN\u0000', '🪙'];
const OTHER_CURRENCIES = ['USD', 'JPY', 'EUR']; // the bank knows them, but the account has another one
// Not part of a name or number (x-form): dropped before validation, as text.mjs shows.
const DROPPED = ['\t', '\n', '\r', '\u0085', '\u2028', '\u202e'];
const written = (text) => text.normalize('NFKC').replace(/[\s.-]/g, '');
const CONTROLS = ['\u0000', '\u0001', '\u0007', '\b', '\t', '\n', '\r', '\u001b', '\u007f', '\u0085', '\u2028', '\u202e'];

const fill = (n, valid) => (/^[0-9]+$/.test(valid) ? '7' : /\p{Script=Han}/u.test(valid) ? '王' : 'a').repeat(n);

function notTexts(schema, valid, isQuery) {
  const bad = [];
  const add = (label, value) => bad.push([label, value]);
  if (schema.enum) {
    for (const v of ['nonsense', schema.enum[0].toUpperCase() === schema.enum[0] ? schema.enum[0].toLowerCase() : schema.enum[0].toUpperCase(), ` ${schema.enum[0]}`, `${schema.enum[0]}\u200b`, [...schema.enum, 'x'].join(','), fill(5000, 'a')]) add('not in enum', v);
    if (!isQuery) add('empty', '');
    return bad;
  }
  if (schema.format === 'date') NOT_DATES.forEach((v) => add('no date', v));
  if (schema.format === 'date-time') NOT_INSTANTS.forEach((v) => add('no instant', v));
  if (schema.pattern?.startsWith('^[1-9][0-9]{0,18}')) NOT_IDS.forEach((v) => add('no id', v));
  if (schema.pattern === '^-?[0-9]+(\\.[0-9]+)?$') NOT_DECIMALS.forEach((v) => add('no decimal', v));
  if (schema.format || schema.pattern?.startsWith('^[1-9][0-9]{0,18}')) {
    if (!isQuery) add('empty', '');
    add('too long', fill(5000, '1'));
    return bad;
  }
  if (schema.pattern && schema.maxLength) {
    for (const v of ['12345a', '１２３４５６', ' 12345', '12345 ', '-12345', '1234.5', '1e1000', '      ', ...(isQuery ? [] : ['12345\n'])]) if (!new RegExp(schema.pattern, 'u').test(schema['x-form'] ? written(v) : v)) add('not of the pattern', v);
  }
  if (schema.minLength && !isQuery) add('empty', '');
  if (schema.minLength > 1) add('too short', fill(schema.minLength - 1, valid));
  if (schema.maxLength) {
    add('too long', fill(schema.maxLength + 1, valid));
    add('far too long', fill(isQuery ? 4000 : 20000, valid));
    add('too long in emoji', '🀄'.repeat(schema.maxLength + 1).slice(0, isQuery ? 600 : undefined));
  }
  if (!isQuery) for (const c of CONTROLS) if (!schema['x-form'] || !DROPPED.includes(c)) add('control character', valid.length > 2 && schema.maxLength !== valid.length ? `${valid.slice(0, 2)}${c}${valid.slice(2)}` : c + valid.slice(1));
  return bad;
}

// Rows [label, wrong value, further path of the pointer].
export function wrongValues(document, raw, valid) {
  const schema = resolve(document, raw);
  const types = [schema.type].flat();
  const bad = types.includes('null') ? [] : [['null', null, '']];
  const type = types.find((t) => t !== 'null');
  for (const [name, sample] of Object.entries(SAMPLES)) {
    if (name !== type && !(type === 'number' && name === 'integer')) bad.push([`a ${name}`, sample, '']);
  }
  if (type === 'string') bad.push(...notTexts(schema, String(valid ?? 'ab'), false).map(([l, v]) => [l, v, '']));
  if (type === 'integer') {
    if (schema.minimum !== undefined) bad.push(['below', schema.minimum - 1, '']);
    if (schema.maximum !== undefined) bad.push(['above', schema.maximum + 1, '']);
  }
  if (type === 'array') {
    valid ??= ['x'];
    if (schema.minItems) bad.push(['too few', [], '']);
    if (schema.maxItems) bad.push(['too many', Array(schema.maxItems + 1).fill(valid[0]), '']);
    if (schema.maxItems) bad.push(['far too many', Array(2000).fill(valid[0]), '']);
    const others = typeof valid[0] === 'string' ? ['nonsense', '', valid[0].toUpperCase()] : ['nonsense', ''];
    for (const item of [null, 1, true, {}, [], ...(schema.items?.enum || schema.items?.$ref ? others : [])]) bad.push(['a wrong item', [valid[0], item], '/1']);
  }
  if (type === 'object' && schema.properties?.currency) bad.push(...wrongMoney(valid));
  return bad;
}

function wrongMoney(valid) {
  const bad = [['empty', {}, ''], ['without amount', { currency: 'CNY' }, ''], ['without currency', { amount: valid.amount }, ''],
    ['a further member', { ...valid, scale: 2 }, ''], ['a text', '12.00', ''], ['a list', [valid], '']];
  for (const amount of NOT_AMOUNTS) bad.push([`amount ${JSON.stringify(amount)}`, { ...valid, amount }, '']);
  for (const amount of [12, 12.5, true, null, {}, [], ['1.00']]) bad.push([`amount ${JSON.stringify(amount)}`, { ...valid, amount }, '']);
  for (const currency of NOT_CURRENCIES) bad.push([`currency ${JSON.stringify(currency)}`, { ...valid, currency }, '']);
  for (const currency of [156, true, null, {}, []]) bad.push([`currency ${JSON.stringify(currency)}`, { ...valid, currency }, '']);
  for (const currency of OTHER_CURRENCIES) bad.push([`currency ${currency}`, { ...valid, amount: '1', currency }, '', [422]]);
  return bad;
}

// Rows [label, wrong text] for a query parameter.
export function wrongQueries(document, raw) {
  const schema = resolve(document, raw);
  if (schema.type === 'integer') {
    const bad = NOT_NUMBERS.map((v) => ['no number', v]);
    if (schema.minimum !== undefined) bad.push(['below', String(schema.minimum - 1)], ['far below', '-9223372036854775808']);
    if (schema.maximum !== undefined) bad.push(['above', String(schema.maximum + 1)], ['far above', '9223372036854775807']);
    return bad;
  }
  return notTexts(schema, 'abc', true);
}

// Bodies that are not a JSON object, as rows [label, body, wanted statuses, content type].
export function wrongBodies(valid) {
  const text = JSON.stringify(valid);
  const deep = (n, open, close) => open.repeat(n) + close.repeat(n);
  const bytes = (hex) => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from(',"x":"', 'latin1'), Buffer.from(hex, 'hex'), Buffer.from('"}')]);
  return [
    ['empty', '', [400, 415]], ['blank', '   \n', [400]], ['null', 'null', [400]], ['a list', `[${text}]`, [400]], ['a text', '"x"', [400]], ['a number', '12', [400]], ['true', 'true', [400]],
    ['no JSON', 'amount=1', [400]], ['cut off', text.slice(0, -1), [400]], ['cut in half', text.slice(0, text.length / 2), [400]], ['something behind', `${text}x`, [400]], ['two objects', text + text, [400]],
    ['a comma too many', `${text.slice(0, -1)},}`, [400]], ['single quotes', text.replaceAll('"', "'"), [400]], ['a comment', `/* x */${text}`, [400]], ['a BOM', `\ufeff${text}`, [400]],
    ['NaN', `${text.slice(0, -1)},"x":NaN}`, [400]], ['a number without end', `${text.slice(0, -1)},"x":1e999999}`, [400]], ['deep objects', deep(40, '{"a":', '}').replace('}', '1}'), [400]],
    ['deep lists', `${text.slice(0, -1)},"x":${deep(5000, '[', ']')}}`, [400]], ['very deep', deep(100000, '[', ']'), [400]],
    ['invalid UTF-8', bytes('ff'), [400]], ['overlong UTF-8', bytes('c0af'), [400]], ['a surrogate in UTF-8', bytes('eda080'), [400]], ['cut UTF-8', bytes('e4bd'), [400]], ['a NUL byte', bytes('00'), [400]],
    ['a lone surrogate', `${text.slice(0, -1)},"x":"\\ud800"}`, [400]], ['an escaped NUL', `${text.slice(0, -1)},"x":"\\u0000"}`, [400]], ['UTF-16', Buffer.from(text, 'utf16le'), [400]],
    ['unknown field', JSON.stringify({ ...valid, unknownField: 1 }), [400], , '#/unknownField'], ['__proto__', `${text.slice(0, -1)},"__proto__":{"a":1}}`, [400], , '#/__proto__'],
    ['an empty name', `${text.slice(0, -1)},"":1}`, [400]], ['a very long name', `${text.slice(0, -1)},"${'n'.repeat(3000)}":1}`, [400]],
    ['many unknown fields', `${text.slice(0, -1)}${Array.from({ length: 3000 }, (_, i) => `,"f${i}":1`).join('')}}`, [400]],
    ['other case', JSON.stringify(Object.fromEntries(Object.entries(valid).map(([k, v]) => [k[0].toUpperCase() + k.slice(1), v]))), [400]],
    ...Object.keys(valid).map((name) => [`${name} twice`, `${text.slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(valid[name])}}`, [400]]),
    ['text/plain', text, [415], 'text/plain'], ['a form', text, [415], 'application/x-www-form-urlencoded'], ['multipart', text, [415], 'multipart/form-data; boundary=x'], ['XML', text, [415], 'application/xml'],
    ['nearly JSON', text, [415], 'application/jsonx'], ['JSON patch', text, [415], 'application/json-patch+json'], ['no type', text, [415], ''],
    ['too large', JSON.stringify({ ...valid, x: 'x'.repeat(300 * 1024) }), [413]],
  ];
}

export const WRONG_PATH_IDS = ['0', '-1', '01', 'abc', '1.5', '+1', '%201', '1%20', '9223372036854775808', '99999999999999999999', '1'.repeat(200), '1%27', '%EF%BC%91', 'null', '1,2', '*', '1;x=1'];
