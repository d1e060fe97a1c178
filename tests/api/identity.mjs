// Identity: residents of the sandbox become verified customers, and impostors do not. The pictures are the sandbox's;
// the bank examines them with its real models.
// EVIDENCE: REQ-KYC-01, REQ-KYC-02, REQ-KYC-03, REQ-RSK-03
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { ACTIONS, PLACE, agree, picture } from '../../tools/identity.mjs';
import { root } from './bank.mjs';
import { equal, ok } from './count.mjs';
import { wanted } from './client.mjs';
import { PASS_CODE, bindCard, cardNumber, code, inventPerson, newKey, signUp, stepUp } from './people.mjs';

const JPEG = { type: 'image/jpeg' };
const FIELDS = { front: ['name', 'idNumber', 'address'], back: ['issuer', 'validFrom'] };
let takes = 0;
// Another photograph of the same face or card: no picture is used twice.
// The first is the rendered one, which shows its action reliably; about one in forty others does not.
const rendered = new Set();
const take = (bank, row, name) => {
  const which = `${bank.sandbox} ${row} ${name}`;
  const isFirst = !rendered.has(which);
  rendered.add(which);
  return picture(bank.sandbox, row, name, isFirst ? '' : `?take=${++takes}`);
};
const photo = () => `?photo=${1000 + ++takes}`;
const face = (folder, name) => readFileSync(join(root, 'sandbox/faces', folder, `${name}.jpg`));

export async function residents(bank) {
  return (await (await fetch(`${bank.sandbox}/people/v1/residents`)).json()).items;
}

// A new phone of a person who claims to be the resident of that row.
async function newcomer(client, bank, row, lang = 'en') {
  const resident = (await residents(bank))[row - 1];
  const person = Object.assign(inventPerson(resident.name), { idNumber: resident.idNumber, row });
  await signUp(client, person, lang);
  await agree((method, path, o) => client.send(method, path, o).then((a) => a.json), of(person), undefined);
  await agree((method, path, o) => client.send(method, path, o).then((a) => a.json), of(person), ['biometrics', 'location']);
  return person;
}

const of = (person) => ({ token: person.token, lang: person.lang });
const card = (client, bank, person, side, query = photo(), row = person.row) =>
  picture(bank.sandbox, row, `card-${side}`, query).then((bytes) => client.put(`/v1/me/id-pictures/${side}`, bytes, { ...of(person), ...JPEG }));

// Retries with another photograph if one cannot be read or leaves a field unread, as a person would.
async function readCard(client, bank, person, side, row, query) {
  for (let i = 0; ; i++) {
    const answer = await card(client, bank, person, side, query ? `${photo()}${query.replace(/^[^&]*/, '')}` : photo(), row);
    const isUnread = answer.json?.type === '/problems/card-quality' || FIELDS[side].some((name) => !answer.json?.fields?.[name]);
    if (!isUnread || i === 2) return wanted(answer, 200).fields;
    bank.database.ask(`DELETE FROM kyc_attempts WHERE customer_id = ${person.customerId}`);
  }
}

async function showCard(client, bank, person, row = person.row, query = undefined) {
  const fields = {};
  for (const side of ['front', 'back']) Object.assign(fields, await readCard(client, bank, person, side, row, side === 'front' ? query : undefined));
  client.secrets.add(fields.idNumber).add(fields.name).add(fields.address);
  const { nation, ...confirmed } = fields;
  person.fields = { ...confirmed, isLongTerm: fields.isLongTerm ?? false };
  return client.post('/v1/me/id-confirmation', person.fields, { ...of(person), key: newKey() });
}

// Retries if a photograph does not show its action clearly (one in forty), as a person would.
async function showFace(client, bank, person, purpose, show) {
  for (let i = 0; ; i++) {
    const done = await showOnce(client, bank, person, purpose, show);
    const isUnclear = done.state === 'refused' && String(bank.database.ask(`SELECT reason FROM kyc_face_checks WHERE id = ${done.faceCheckId}`)).trim() === '1';
    if (!isUnclear || i === 4) return done;
    bank.database.ask(`DELETE FROM kyc_attempts WHERE customer_id = (SELECT customer_id FROM kyc_face_checks WHERE id = ${done.faceCheckId})`);
  }
}

// The frames of a challenge; `show(name)` returns the picture of a name ("selfie", "left" …).
async function showOnce(client, bank, person, purpose = 'opening', show = (name) => take(bank, person.row, name)) {
  const begun = wanted(await client.post('/v1/face-checks', { purpose }, { ...of(person), key: newKey() }), 201);
  const path = `/v1/face-checks/${begun.faceCheckId}`;
  for (const [n, name] of ['selfie', ...begun.actions.map((a) => ACTIONS[a])].entries()) {
    wanted(await client.put(`${path}/frames/${n}`, await show(name), { ...of(person), ...JPEG }), 200);
  }
  const done = wanted(await client.post(`${path}/completion`, undefined, { ...of(person), key: newKey() }), 200);
  equal(wanted(await client.get(path, of(person)), 200).state, done.state, 'a face check stays as it ended');
  return done;
}

const next = async (client, person) => wanted(await client.get('/v1/me', of(person)), 200).onboarding.next;
const verification = async (client, person) => wanted(await client.get('/v1/me/verification', of(person)), 200);
const layer = (v, name) => v.layers.find((l) => l.layer === name)?.state;

// 1. A stranger becomes a verified customer.
export async function verified(client, bank, row, lang) {
  const person = await newcomer(client, bank, row, lang);
  equal((await verification(client, person)).state, 'incomplete', 'nothing is proven yet');
  equal(await next(client, person), 'idPictures', 'the card comes first');
  wanted(await client.put('/v1/me/identity', { name: person.name, idNumber: person.idNumber }, of(person)), 409, 'id-pictures-missing');
  wanted(await client.post('/v1/face-checks', { purpose: 'opening' }, { ...of(person), key: newKey() }), 409, 'identity-missing');
  const confirmed = wanted(await showCard(client, bank, person), 200);
  equal(confirmed.corrections, [], 'every field was read as it is printed');
  equal(person.fields.idNumber, person.idNumber, 'the number was read');
  equal(person.fields.name, person.name, 'the name was read');
  wanted(await client.put('/v1/me/pass-code', { passCode: PASS_CODE }, of(person)), 204);
  await stepUp(client, person);
  wanted(await client.post('/v1/card-bindings', { cardNumber: person.cardNumber, reservedPhone: person.phone }, { ...of(person), key: newKey() }), 403, 'onboarding-incomplete');
  equal(await next(client, person), 'face', 'then the face');
  equal((await showFace(client, bank, person)).state, 'accepted', 'the face is accepted');
  equal(await next(client, person), 'place', 'then the place');
  equal(wanted(await client.put('/v1/me/place', PLACE, of(person)), 200).state, 'passed', 'the place fits');
  const v = await verification(client, person);
  equal([v.level, v.state], ['verified', 'verified'], 'the customer is verified', v);
  ok(v.layers.every((l) => l.state === 'passed'), 'every layer has passed', v.layers);
  equal(await next(client, person), 'card', 'the bank card is last');
  await bindCard(client, person);
  equal(person.account?.class, 'II', 'a class II account opens');
  const tier = wanted(await client.get('/v1/me/tier', of(person)), 200);
  equal([tier.tier, tier.count], ['II', 3], 'registry, operator and issuer make tier II', tier);
  return person;
}

// 2. Card pictures that are refused, each with its reason.
async function cards(client, bank) {
  const wrong = [
    [1, 'back', '?photo=5', 'front', 'card-side-wrong'], [1, 'front', '?photo=5', 'back', 'card-side-wrong'],
    [1, 'front', '?attack=screen', 'front', 'card-recaptured'], [1, 'front', '?attack=copy', 'front', 'card-recaptured'],
    [1, 'front', '?attack=blur', 'front', 'card-quality'], [1, 'front', '?attack=cut', 'front', 'card-quality'],
    [1, 'front', '?attack=glare', 'front', 'card-quality'], [10, 'back', '?photo=6', 'back', 'card-expired'],
    [28, 'front', '?photo=7', 'front', 'card-minor'],
  ];
  let person;
  for (const [i, [row, side, query, to, slug]] of wrong.entries()) {
    if (i % 3 === 0) person = await newcomer(client, bank, row, i % 2 ? 'zh' : 'en');
    const bytes = await picture(bank.sandbox, row, `card-${side}`, query.startsWith('?photo') ? photo() : `${query}&${photo().slice(1)}`);
    wanted(await client.put(`/v1/me/id-pictures/${to}`, bytes, { ...of(person), ...JPEG }), 422, slug);
  }
  // Three refusals a minute: a fourth attempt has to wait, even with a good picture.
  const answer = await card(client, bank, person, 'front');
  wanted(answer, 429, 'too-many-requests');
  ok(Number(answer.headers['retry-after']) > 0, 'and is told how long');
  const v = await verification(client, person);
  equal(v.attempts.leftNow, 0, 'the customer sees that no try is left now');
}

// 3. A number or date that was pasted over does not pass automatically.
async function edited(client, bank) {
  const person = await newcomer(client, bank, 2);
  const front = await card(client, bank, person, 'front', `?attack=edited&${photo().slice(1)}`);
  if (front.status === 422) {
    ok(['/problems/card-number-wrong', '/problems/card-quality'].includes(front.json.type), 'an edited number fails its check character', front.json);
    return;
  }
  ok(front.json.findings.some((f) => ['edited', 'number', 'mismatch'].includes(f)), 'an edited card is noticed', front.json);
  const { nation, ...read } = { ...front.json.fields, ...wanted(await card(client, bank, person, 'back'), 200).fields };
  const done = await client.post('/v1/me/id-confirmation', { ...read, isLongTerm: read.isLongTerm ?? false }, { ...of(person), key: newKey() });
  const v = await verification(client, person);
  ok(done.status === 422 || layer(v, 'idFront') === 'unsure', 'an edited card is refused or looked at by a person', [done.text, v]);
}

// 4. Faces that do not match the card.
async function impostors(client, bank) {
  const thief = await newcomer(client, bank, 2);
  wanted(await showCard(client, bank, thief), 200);
  const stolen = await showFace(client, bank, thief, 'opening', (name) => take(bank, 3, name));
  equal(stolen.state, 'refused', 'another person with this card is refused');
  equal(layer(await verification(client, thief), 'face'), 'failed', 'and the layer says so');
  // A forged card with the thief's own portrait: the registry has another one.
  const forger = await newcomer(client, bank, 9);
  wanted(await showCard(client, bank, forger, 9, `${photo()}&face=8`), 200);
  const forged = await showFace(client, bank, forger, 'opening', (name) => take(bank, 8, name));
  equal(forged.state, 'refused', 'a card with a forged portrait is refused');
  const again = await newcomer(client, bank, 1);
  wanted(await showCard(client, bank, again), 409, 'identity-taken');
}

// One face with two identities, the second without a portrait in the registry: never automatically.
async function twoIdentities(client, bank) {
  const person = await newcomer(client, bank, 11);
  wanted(await showCard(client, bank, person, 11, `${photo()}&face=1`), 200);
  const done = await showFace(client, bank, person, 'opening', (name) => take(bank, 1, name));
  equal(done.state, 'unsure', 'a face that is a customer already is looked at by a person');
  return person;
}

// A picture of a picture in front of the camera, with a genuine card.
async function spoofs(client, bank, row) {
  const person = await newcomer(client, bank, row);
  wanted(await showCard(client, bank, person), 200);
  for (const attack of ['print', 'screen']) {
    const begun = wanted(await client.post('/v1/face-checks', { purpose: 'opening' }, { ...of(person), key: newKey() }), 201);
    const answer = await client.put(`/v1/face-checks/${begun.faceCheckId}/frames/0`, face('attack', attack), { ...of(person), ...JPEG });
    if (answer.status !== 200) {
      wanted(answer, 422, 'face-quality');
      continue;
    }
    // The same still picture for every action: no movement.
    for (let n = 1; n <= 3; n++) {
      const again = await client.put(`/v1/face-checks/${begun.faceCheckId}/frames/${n}`, face('attack', attack), { ...of(person), ...JPEG });
      ok(again.status === 200 || again.status === 422, 'a still picture for an action', again.text);
    }
    const done = await client.post(`/v1/face-checks/${begun.faceCheckId}/completion`, undefined, { ...of(person), key: newKey() });
    ok(done.status === 409 || done.json?.state === 'refused', `a picture of a picture (${attack}) is never accepted`, done.text);
  }
  return person;
}

// 5. Frames of another challenge, and of another person.
async function replays(client, bank, row) {
  const person = await newcomer(client, bank, row);
  wanted(await showCard(client, bank, person), 200);
  const first = wanted(await client.post('/v1/face-checks', { purpose: 'opening' }, { ...of(person), key: newKey() }), 201);
  const bytes = await take(bank, row, 'selfie');
  wanted(await client.put(`/v1/face-checks/${first.faceCheckId}/frames/0`, bytes, { ...of(person), ...JPEG }), 200);
  wanted(await client.post(`/v1/face-checks/${first.faceCheckId}/completion`, undefined, { ...of(person), key: newKey() }), 409, 'frames-missing');
  const second = wanted(await client.post('/v1/face-checks', { purpose: 'opening' }, { ...of(person), key: newKey() }), 201);
  wanted(await client.put(`/v1/face-checks/${second.faceCheckId}/frames/0`, bytes, { ...of(person), ...JPEG }), 422, 'picture-reused');
  const [owner, other] = [await newcomer(client, bank, row), await newcomer(client, bank, row)];
  const front = await picture(bank.sandbox, row, 'card-front', photo());
  wanted(await client.put('/v1/me/id-pictures/front', front, { ...of(owner), ...JPEG }), 200);
  wanted(await client.put('/v1/me/id-pictures/front', front, { ...of(other), ...JPEG }), 422, 'picture-reused');
  wanted(await client.get(`/v1/face-checks/${first.faceCheckId}`, of(other)), 404, 'not-found');
}

// The same photograph with another contrast: the quantisation tables of the JPEG are scaled.
function repainted(bytes) {
  const out = Buffer.from(bytes);
  for (let at = 2; at + 4 < out.length && out[at] === 0xff && out[at + 1] !== 0xda; at += 2 + out.readUInt16BE(at + 2)) {
    if (out[at + 1] !== 0xdb) continue;
    for (let i = at + 5; i < at + 2 + out.readUInt16BE(at + 2); i++) if ((i - at - 4) % 65 !== 0) out[i] = Math.min(255, Math.ceil(out[i] * 1.1));
  }
  return out;
}

// A photograph of a face is accepted once: not recoloured, not from another customer, not from a card.
async function shownBefore(client, bank, row) {
  const put = async (person, n, bytes) => {
    const begun = wanted(await client.post('/v1/face-checks', { purpose: 'opening' }, { ...of(person), key: newKey() }), 201);
    return client.put(`/v1/face-checks/${begun.faceCheckId}/frames/${n}`, bytes, { ...of(person), ...JPEG });
  };
  const victim = await newcomer(client, bank, row);
  wanted(await showCard(client, bank, victim), 200);
  const selfie = await take(bank, row, 'selfie');
  wanted(await put(victim, 0, selfie), 200);
  ok(!repainted(selfie).equals(selfie), 'the picture has other bytes');
  wanted(await put(victim, 0, repainted(selfie)), 422, 'picture-reused');
  const v = await verification(client, victim);
  ok(v.review?.state === 'open', 'and a person looks at it', v);
  const thief = await newcomer(client, bank, 12);
  wanted(await showCard(client, bank, thief, 12, `${photo()}&face=${row}`), 200);
  wanted(await put(thief, 0, repainted(selfie)), 422, 'picture-reused');
}

// 6. Files that are not pictures. Those with a large declared size are refused unread.
function bomb(side) {
  const chunk = (name, bytes) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(bytes.length);
    head.write(name, 4);
    return Buffer.concat([head, bytes, Buffer.alloc(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(1 << 20))), chunk('IEND', Buffer.alloc(0))]);
}

async function malformed(client, bank) {
  const good = await picture(bank.sandbox, 1, 'card-front', photo());
  const files = [['a bomb of 30,000 pixels a side', bomb(30000), 'image/png'], ['no picture', Buffer.from('GIF89a, or so'), 'image/jpeg'],
    ['half a picture', good.subarray(0, good.length / 4), 'image/jpeg'], ['a page', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/png'],
    ['nothing but its header', good.subarray(0, 20), 'image/jpeg'], ['zeros', Buffer.alloc(100000), 'image/webp']];
  for (let seed = 1; seed <= 12; seed++) {
    const bytes = Buffer.from(good);
    for (let i = 0; i < 40; i++) bytes[2 + ((seed * 2654435761 + i * 40503) >>> 0) % (bytes.length - 2)] ^= 1 + ((seed + i) % 255);
    files.push([`a picture with changed bytes, ${seed}`, bytes, 'image/jpeg']);
  }
  let person;
  for (const [i, [what, bytes, type]] of files.entries()) {
    if (i % 3 === 0) person = await newcomer(client, bank, 1);
    const answer = await client.put('/v1/me/id-pictures/front', bytes, { ...of(person), type });
    ok([200, 422].includes(answer.status), `${what} is answered in order`, [answer.status, answer.text.slice(0, 200)]);
  }
  person = await newcomer(client, bank, 1);
  wanted(await client.put('/v1/me/id-pictures/front', Buffer.alloc(3 * 1024 * 1024 + 1, 1), { ...of(person), ...JPEG }), 422, 'picture-too-large');
  wanted(await client.put('/v1/me/id-pictures/front', good, { ...of(person), type: 'application/json' }), 415, 'unsupported-picture');
  const heic = wanted(await client.put('/v1/me/id-pictures/front', good, { ...of(person), type: 'image/heic' }), 415, 'unsupported-picture');
  ok(/JPEG, PNG or WebP/.test(heic.detail), 'a picture of another format is told which formats are taken', heic.detail);
}

// 7. Locations.
async function places(client, bank, person) {
  const move = (place) => fetch(`${bank.sandbox}/control/v1/places`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ip: '127.0.0.1', ...place }) });
  await move({ countryCode: 'CN', regionCode: '440300', isProxy: false });
  const spoof = wanted(await client.put('/v1/me/place', PLACE, of(person)), 200);
  equal(spoof.state, 'unsure', 'a device in Shanghai on an address in Shenzhen is looked at by a person');
  ok(spoof.findings.includes('ipMismatch'), 'and told why', spoof);
  await move({ countryCode: 'CN', regionCode: '310000', isProxy: false });
  const away = wanted(await client.put('/v1/me/place', { latitude: '1.3521', longitude: '103.8198', accuracyMeters: 20 }, of(person)), 200);
  equal(away.state, 'refused', 'the bank does not serve that place');
}

// 8. A person similar to the card's owner: staff decide.
async function unsure(client, bank, staff) {
  const as = (role) => ({ token: staff[role] });
  const person = await newcomer(client, bank, 4);
  wanted(await showCard(client, bank, person), 200);
  const done = await showFace(client, bank, person, 'opening', (name) => face('lookalike', name));
  equal(done.state, 'unsure', 'a look-alike is not decided by a number');
  const v = await verification(client, person);
  equal([v.state, v.review?.state], ['review', 'open'], 'the customer sees that a person looks', v);
  ok(Date.parse(v.review.expectedBy) > Date.now(), 'and until when');
  const slots = wanted(await client.get('/v1/video-slots', of(person)), 200).items;
  ok(slots.length > 0, 'video calls can be chosen');
  const chosen = wanted(await client.post('/v1/me/verification/path', { path: 'video', appointmentAt: slots[0].startsAt }, of(person)), 200);
  equal(chosen.review?.path, 'video', 'the other path is open');
  const { items } = wanted(await client.get('/v1/staff/cases?state=open', as('reviewer')), 200);
  const found = items.find((c) => c.customerId === person.customerId);
  ok(found?.reasons.includes('faceUnsure'), 'the case is in the queue', items);
  const path = `/v1/staff/cases/${found.caseId}`;
  const decision = { decision: 'approve', reason: 'samePerson', note: 'seen by video, the same person' };
  wanted(await client.post(`${path}/decisions`, decision, { ...as('reviewer'), key: newKey() }), 403, 'claim-needed');
  wanted(await client.post(`${path}/claims`, undefined, as('reviewer')), 200);
  wanted(await client.post(`${path}/claims`, undefined, as('reviewer2')), 409, 'case-claimed');
  const file = wanted(await client.get(path, as('reviewer')), 200);
  for (const kind of ['idFront', 'idBack', 'cardPortrait', 'registryPortrait', 'selfie', 'frame1']) ok(file.pictures.some((p) => p.kind === kind), `the case shows ${kind}`, file.pictures);
  const shown = await client.get(`/v1/staff/pictures/${file.pictures[0].pictureId}`, as('reviewer'));
  ok(shown.status === 200 && shown.raw.subarray(0, 2).toString('hex') === 'ffd8', 'a picture is a JPEG', shown.status);
  wanted(await client.get(`/v1/staff/pictures/${file.pictures[0].pictureId}`, as('reviewer2')), 403, 'claim-needed');
  wanted(await client.delete(`${path}/claims/current`, as('reviewer')), 204);
  wanted(await client.post(`${path}/claims`, undefined, as('reviewer')), 200);
  let decided = wanted(await client.post(`${path}/decisions`, decision, { ...as('reviewer'), key: newKey() }), 200);
  if (decided.state === 'second') {
    wanted(await client.post(`${path}/claims`, undefined, as('reviewer')), 403, 'four-eyes');
    wanted(await client.post(`${path}/claims`, undefined, as('reviewer2')), 200);
    decided = wanted(await client.post(`${path}/decisions`, decision, { ...as('reviewer2'), key: newKey() }), 200);
  }
  equal(decided.state, 'approved', 'a person approved');
  equal(layer(await verification(client, person), 'face'), 'passed', 'the face counts now');
  const log = wanted(await client.get('/v1/staff/audit-log?q=picture', as('auditor')), 200);
  ok(log.items.length > 0, 'who looked at pictures stands in the log');
  return person;
}

// 9. Twenty at once with one identity: at most one obtains it, and one face opens one identity.
async function twenty(client, bank, row) {
  const people = [];
  for (let i = 0; i < 20; i++) people.push(await newcomer(client, bank, row));
  const fronts = await Promise.all(people.map((p) => card(client, bank, p, 'front')));
  const backs = await Promise.all(people.map((p) => card(client, bank, p, 'back')));
  const readers = people.filter((p, i) => fronts[i].status === 200 && backs[i].status === 200);
  ok(readers.length >= 15, 'most of twenty pictures are read', readers.length);
  const answers = await Promise.all(readers.map((p) => {
    const i = people.indexOf(p);
    const { nation, ...fields } = { ...fronts[i].json.fields, ...backs[i].json.fields };
    return client.post('/v1/me/id-confirmation', { ...fields, isLongTerm: fields.isLongTerm ?? false }, { ...of(p), key: newKey() });
  }));
  equal(answers.filter((a) => a.status === 200).length, 1, 'one of twenty has the identity', answers.map((a) => [a.status, a.json?.type]));
  ok(answers.every((a) => a.status === 200 || a.status === 409), 'the others are refused with 409', answers.map((a) => [a.status, a.json?.type]));
}

// 10. Two hundred guesses of a code.
async function guesses(client) {
  const person = inventPerson();
  await signUp(client, person);
  const counts = {};
  for (let i = 0; i < 200; i++) {
    const answer = await client.post('/v1/sessions', { phone: person.phone, passCode: String(100000 + i * 37).padStart(6, '0'), deviceName: 'guess' });
    counts[answer.json?.type] = (counts[answer.json?.type] ?? 0) + 1;
    if (answer.status === 201) ok(false, 'a guess was right');
  }
  ok(counts['/problems/sign-in-locked'] >= 190, 'two hundred guesses meet a lock', counts);
}

// 11. A further card needs a new face check.
async function furtherCard(client, bank, person) {
  const body = { cardNumber: cardNumber(777000 + person.row, '622202'), reservedPhone: person.phone };
  const further = await newcomerSession(client, person);
  wanted(await client.post('/v1/card-bindings', body, { ...of(further), key: newKey() }), 403, 'face-check-required');
  const done = await showFace(client, bank, further, 'card', (name) => take(bank, person.row, name));
  equal(done.state, 'accepted', 'the face is the one that opened the account');
  ok(Date.parse(done.faceUntil) > Date.now(), 'and counts for a while');
  wanted(await client.post('/v1/card-bindings', body, { ...of(further), key: newKey() }), 201);
}

// 12. A forgotten pass code: the text code opens a limited session without data, the face check confirms it.
export async function recovered(client, bank, person) {
  const proof = await code(client, person.phone, 'resetPassCode');
  const opened = wanted(await client.post('/v1/sessions', { phone: person.phone, ...proof, deviceName: 'another' }), 201);
  client.secrets.add(opened.token);
  const back = { ...person, token: opened.token };
  ok(opened.isLimited, 'a text code opens a limited session');
  wanted(await client.put('/v1/me/pass-code', { passCode: '604938' }, of(back)), 204);
  const refused = wanted(await client.get('/v1/accounts', of(back)), 403, 'step-up-required');
  equal([refused.missing, refused.alternatives], [['face'], ['face']], 'which asks for the face');
  equal((await showFace(client, bank, back, 'stepUp', (name) => take(bank, person.row, name))).state, 'accepted', 'the face of the opening');
  wanted(await client.get('/v1/accounts', of(back)), 200);
  wanted(await client.post('/v1/step-ups', { passCode: '604938' }, of(back)), 201);
  equal(wanted(await client.get('/v1/step-up-needs?action=payment', of(back)), 200).missing, [], 'and the new pass code counts in full');
  equal(wanted(await client.get('/v1/me', of(back)), 200).name, person.name, 'the name is shown again');
}

// 13. A thief with session and pass code withdraws the consent, gives it again and shows a card and a face of another
// person: neither opens the account of a known customer.
export async function faceOfAnother(client, bank, person, row) {
  const other = (await residents(bank))[row - 1];
  const words = async () => {
    await stepUp(client, person);
    return wanted(await client.get('/v1/me/export', of(person)), 200).verification;
  };
  const more = () => bank.database.ask(`DELETE FROM kyc_attempts WHERE customer_id = ${person.customerId}`);
  equal((await showFace(client, bank, person, 'stepUp')).state, 'accepted', 'the face vouches for the session');
  const before = await words();
  const needed = async () => wanted(await client.get('/v1/step-up-needs?action=changePhone', of(person)), 200).missing;
  for (const granted of [false, true]) wanted(await client.post('/v1/consents', { purpose: 'biometrics', textVersion: '1', granted }, of(person)), 201);
  more();
  wanted(await card(client, bank, person, 'front', photo(), row), 422, 'card-of-another');
  const theirs = { ...person.fields, name: other.name, idNumber: other.idNumber };
  wanted(await client.post('/v1/me/id-confirmation', theirs, { ...of(person), key: newKey() }), 409, 'identity-fixed');
  equal(layer(await verification(client, person), 'registry'), 'passed', 'and the registry\'s word stands');
  wanted(await client.post('/v1/face-checks', { purpose: 'opening' }, { ...of(person), key: newKey() }), 409, 'identity-missing');
  wanted(await card(client, bank, person, 'front'), 200);
  const strange = await showFace(client, bank, person, 'opening', (name) => take(bank, row, name));
  equal(strange.state, 'refused', 'the face of another is refused');
  ok((await needed()).includes('face'), 'and vouches for nothing');
  more();
  equal((await showFace(client, bank, person)).state, 'accepted', 'the own face comes back');
  const after = await words();
  equal([after.idCardRead, after.idCardConfirmed], [before.idCardRead, before.idCardConfirmed], 'what was read and confirmed is as it was');
}

async function newcomerSession(client, person) {
  const proof = await code(client, person.phone, 'signIn');
  const { token } = wanted(await client.post('/v1/sessions', { phone: person.phone, ...proof, passCode: PASS_CODE, deviceName: 'another' }), 201);
  client.secrets.add(token);
  const further = { ...person, token };
  await stepUp(client, further);
  return further;
}

export async function identity(client, bank, staff) {
  const first = await verified(client, bank, 1, 'en');
  const second = await verified(client, bank, 3, 'zh');
  await cards(client, bank);
  await edited(client, bank);
  await impostors(client, bank);
  const twin = await twoIdentities(client, bank);
  await places(client, bank, await spoofs(client, bank, 5));
  await replays(client, bank, 6);
  await shownBefore(client, bank, 8);
  await malformed(client, bank);
  const looked = await unsure(client, bank, staff);
  await twenty(client, bank, 7);
  await guesses(client);
  await furtherCard(client, bank, first);
  await faceOfAnother(client, bank, first, 9);
  return { first, second, looked, twin };
}
