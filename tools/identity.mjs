// An invented resident verifies their identity, like a customer on a phone: pictures of the ID card, confirmation of
// the reading, the face check, the location. The pictures are the sandbox's.
//   const check = await proveIdentity(call, sandboxUrl, row, { token, key })
// `call(method, path, { token, key, body, type })` returns the answer's JSON or throws; a body of bytes is sent
// unchanged. `row` is the line of sandbox/people.tsv. `also` replaces pictures by name: { selfie: bytes }.
import { randomInt } from 'node:crypto';

// The device key of a resident of the town: with it the pass code alone signs in again.
export const townDevice = (phone) => `phone-of-the-town-${phone.slice(1)}`;
export const PLACE = { latitude: '31.230416', longitude: '121.473701', accuracyMeters: 25 }; // Shanghai, like 127.0.0.1
export const ACTIONS = { turnLeft: 'left', turnRight: 'right', lookUp: 'up', blink: 'blink', openMouth: 'mouth' };
const JPEG = 'image/jpeg';

// The sandbox takes a moment to draw a card: a few at a time, so that no connection waits too long.
const DRAWN_AT_ONCE = 4;
let drawing = 0;
const waiting = [];

export async function picture(sandbox, row, name, query = '') {
  if (drawing >= DRAWN_AT_ONCE) await new Promise((turn) => waiting.push(turn));
  else drawing++;
  try {
    return await fetchPicture(sandbox, row, name, query);
  } finally {
    if (waiting.length > 0) waiting.shift()();
    else drawing--;
  }
}

async function fetchPicture(sandbox, row, name, query) {
  const url = `${sandbox}/people/${row}/${name}.jpg${query}`;
  // A kept-alive connection may be closed as it is reused: repeats on a new one.
  const answer = await fetch(url).catch(() => fetch(url));
  if (!answer.ok) throw new Error(`the sandbox has no ${name} of ${row}`);
  return Buffer.from(await answer.arrayBuffer());
}

export async function agree(call, options, purposes) {
  const { items } = await call('GET', '/v1/consent-texts', options);
  for (const text of items.filter((t) => purposes === undefined ? t.required : purposes.includes(t.purpose))) {
    await call('POST', '/v1/consents', { ...options, body: { purpose: text.purpose, textVersion: text.version, granted: true } });
  }
}

export async function showCard(call, sandbox, row, { token, key, photo = row * 100 + 7, also = {} }) {
  const fields = {};
  for (const side of ['front', 'back']) {
    const body = also[side] ?? await picture(sandbox, row, `card-${side}`, `?photo=${photo}`);
    Object.assign(fields, (await call('PUT', `/v1/me/id-pictures/${side}`, { token, body, type: JPEG })).fields);
  }
  const { nation, ...confirmed } = fields; // shown, but not required
  return call('POST', '/v1/me/id-confirmation', { token, key: `${key}-confirm`, body: { ...confirmed, isLongTerm: fields.isLongTerm ?? false } });
}

export async function showFace(call, sandbox, row, { token, key, purpose = 'opening', also = {} }) {
  const check = await call('POST', '/v1/face-checks', { token, key: `${key}-face`, body: { purpose } });
  const names = ['selfie', ...check.actions.map((action) => ACTIONS[action])];
  for (const [n, name] of names.entries()) {
    // A bank accepts no photograph twice: after the opening each is another one.
    const body = also[name] ?? await picture(sandbox, row, name, purpose === 'opening' ? '' : `?take=${randomInt(1, 1e6)}`);
    await call('PUT', `/v1/face-checks/${check.faceCheckId}/frames/${n}`, { token, body, type: JPEG });
  }
  return call('POST', `/v1/face-checks/${check.faceCheckId}/completion`, { token, key: `${key}-faced` });
}

export async function showPlace(call, { token, place = PLACE }) {
  return call('PUT', '/v1/me/place', { token, body: place });
}

// All steps but the pass code and the bound card. Returns the face check.
export async function proveIdentity(call, sandbox, row, options) {
  await agree(call, { token: options.token }, undefined);
  await agree(call, { token: options.token }, ['biometrics', 'location']);
  await showCard(call, sandbox, row, options);
  const check = await showFace(call, sandbox, row, options);
  await showPlace(call, options);
  return check;
}
