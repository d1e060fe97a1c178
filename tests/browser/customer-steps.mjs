// Steps of people in the customer app, shared by the tests of the app and of identity.
import { sessionOf, signed } from '../../tools/staff.mjs';
import { strict as assert } from 'node:assert';

export const NEW_CODE = '274916';
const PLACE = { latitude: 31.230416, longitude: 121.473701, accuracy: 20 }; // location of the sandbox's network
const READS_MS = 30_000; // a picture of a card is read on a busy machine
const FACE_MS = 60_000;

export function stepsAt(bank) {
  const app = (path = '') => `${bank.address}/app/${path}`;
  const resident = (number) => bank.residents.find((one) => one.phone.endsWith(String(number).padStart(4, '0')));
  const typed = (phone) => phone.replace('+86', '');
  const at = (me, step) => me.page.locator(`[data-testid=sign-up-step][data-step=${step}]`).waitFor();
  const stepNow = (me) => me.on('sign-up-step').getAttribute('data-step');

  /** The code of the newest message to a phone after `last`, from the sandbox's API. */
  async function sms(phone, last) {
    for (let i = 0; i < 200; i++) {
      const { items } = await (await fetch(`${bank.sandbox}/sms/v1/messages?to=${encodeURIComponent(phone)}&limit=3`)).json();
      const found = items.find((one) => one.code);
      if (found && found.messageId !== last) return found.code;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error('no text message came');
  }
  const newest = async (phone) =>
    (await (await fetch(`${bank.sandbox}/sms/v1/messages?to=${encodeURIComponent(phone)}&limit=1`)).json()).items[0]?.messageId;

  /** Signs in with the pass code, and with a text code on an unknown browser. */
  async function giveProofs(me, phone, passCode) {
    await me.on('phone').fill(typed(phone));
    const last = await newest(phone);
    me.expect(/^403 POST \/v1\/sessions$/);
    const answer = me.page.waitForResponse(/\/v1\/sessions$/);
    await me.on('pass-code').fill(passCode);
    if ((await answer).status() !== 403) return;
    await me.on('new-device').waitFor();
    await me.look('sign-in-new-device');
    await me.on('send-code').click();
    await me.on('one-time-code').fill(await sms(phone, last));
  }
  /** The bank sends one code per minute to a number: waits until the next one is possible. */
  async function codeIsDue(phone) {
    const { items } = await (await fetch(`${bank.sandbox}/sms/v1/messages?to=${encodeURIComponent(phone)}&limit=20`)).json();
    const last = items.find((one) => one.code && !one.messageId.startsWith('issuer:'));
    const left = last ? Date.parse(last.at) + 61_000 - Date.now() : 0;
    if (left > 0) await new Promise((done) => setTimeout(done, left));
  }
  async function signIn(me, phone, passCode) {
    await codeIsDue(phone);
    await me.page.goto(app('sign-in'));
    await giveProofs(me, phone, passCode);
    await me.on('balance').waitFor();
  }
  async function phoneStep(me, who) {
    await me.page.goto(app('sign-up'));
    await me.on('phone').fill(typed(who.phone));
    const last = await newest(who.phone);
    await me.on('send-code').click();
    await me.on('one-time-code').fill(await sms(who.phone, last));
    await at(me, 'consents');
  }
  async function consents(me) {
    await me.on('consents').waitFor();
    for (const purpose of ['terms', 'privacy', 'identityCheck']) {
      if (await me.on(`agree-${purpose}`).count() === 0) continue;
      await me.on(`agree-${purpose}`).click();
      await me.on(`agree-${purpose}`).waitFor({ state: 'detached' });
    }
    assert.equal(await me.on('agree-biometrics').count(), 0, 'asked for where it is needed');
    await me.look('sign-up-consents');
    await me.on('consents-next').click();
    await at(me, 'idPictures').catch(() => at(me, 'identity'));
  }
  /** One side by the camera, with the preview. */
  async function photograph(me, side) {
    await me.page.locator(`[data-testid=id-pictures][data-side=${side}]`).waitFor();
    await me.on('open-camera').click();
    await me.page.locator(`html[data-camera=card-${side}]`).waitFor({ state: 'attached' });
    await me.page.waitForFunction(() => document.querySelector('video')?.videoWidth > 0);
    await me.page.waitForTimeout(200);
    await me.on('take-picture').click();
    await me.on('picture-preview').waitFor();
    await me.on('use-picture').click();
  }
  /** The same from a file. */
  async function upload(me, side, query = me.camera.query) {
    const answer = await fetch(`${bank.sandbox}/people/${me.camera.person}/card-${side}.jpg${query}`);
    const file = { name: `${side}.jpg`, mimeType: 'image/jpeg', buffer: Buffer.from(await answer.arrayBuffer()) };
    await me.on('open-camera').waitFor();
    await me.page.locator(`[data-testid=id-pictures] [type=file]`).setInputFiles(file);
    await me.on('picture-preview').waitFor();
    await me.on('use-picture').click();
  }
  async function pictures(me) {
    await upload(me, 'front');
    await me.page.locator('[data-testid=id-pictures][data-side=back]').waitFor({ timeout: READS_MS });
    await photograph(me, 'back');
    await me.on('confirm-id').waitFor({ timeout: READS_MS });
  }
  /** Types the fields that could not be read; `change` may correct a field. */
  async function confirm(me, who, change = async () => {}) {
    await me.on('confirm-name').waitFor();
    if (await me.on('confirm-name').inputValue() !== who.name) await me.on('confirm-name').fill(who.name);
    await change();
    await me.look('sign-up-confirm');
    await me.on('confirm-submit').click();
    await me.on('identity-next').waitFor({ timeout: READS_MS });
    await me.look('sign-up-checks');
    await me.on('identity-next').click();
    await at(me, 'passCode');
  }
  async function passCode(me, code = NEW_CODE) {
    await me.on('new-pass-code').fill('123456');
    await me.on('new-pass-code-fault').waitFor();
    await me.on('new-pass-code').fill(code);
    await me.look('sign-up-pass-code');
    await me.on('new-pass-code-again').fill(code);
    await me.page.waitForFunction(() => document.querySelector('[data-testid=sign-up-step]')?.dataset.step !== 'passCode');
  }
  /** Consent, start, and four pictures taken automatically; ends at the bank's decision. */
  async function faceCheck(me, look = 'face') {
    await me.on('agree-biometrics').or(me.on('face-start')).first().waitFor();
    if (await me.on('agree-biometrics').isVisible()) {
      await me.look(`${look}-consent`);
      await me.on('agree-biometrics').click();
    }
    await me.on('face-start').waitFor();
    assert.equal(await me.page.locator('[data-testid=face-check] input[type=file]').count(), 0, 'no files for faces');
    await me.look(`${look}-start`);
    await me.on('face-start').click();
    await me.on('challenge').waitFor();
    await me.page.waitForFunction(() => document.querySelector('video')?.videoWidth > 0);
    await me.look(`${look}-challenge`);
    // decided: the check is gone or shows its result
    await me.page.waitForFunction(() => {
      const check = document.querySelector('[data-testid=face-check]');
      return !check || !['open', 'start'].includes(check.dataset.state);
    }, null, { timeout: FACE_MS });
  }
  async function sharePlace(me, place = PLACE) {
    await me.page.context().grantPermissions(['geolocation'], { origin: new URL(me.page.url()).origin });
    await me.page.context().setGeolocation(place);
    await me.on('agree-location').or(me.on('place-share')).first().waitFor();
    if (await me.on('agree-location').isVisible()) {
      await me.look('place-consent');
      await me.on('agree-location').click();
    }
    await me.on('place-share').waitFor();
    await me.look('place');
    await me.on('place-share').click();
  }
  /** Chooses a video call, which staff approve. */
  async function seenByVideo(me, who) {
    await me.on('other-way').first().click();
    await me.on('video-slot').first().waitFor();
    await me.on('video-slot').first().locator('xpath=..').click();
    await me.on('path-choose').click();
    await me.on('review-panel').waitFor();
    await approve(who.name);
    await me.page.reload();
    await at(me, 'card');
  }
  async function card(me, who) {
    await me.on('card-number').waitFor();
    const number = who.cards.find((one) => one.accountClass === 'I').cardNumber;
    await me.on('card-number').fill(`${number.slice(0, -1)}${(Number(number.at(-1)) + 1) % 10}`);
    await me.on('reserved-phone').fill(typed(who.phone));
    await me.on('bind-submit').click();
    await me.on('card-number-fault').waitFor();
    await me.on('card-number').fill(number);
    const last = await newest(who.phone);
    me.expect(/^403 POST \/v1\/card-bindings$/);
    await me.on('bind-submit').click();
    await me.on('step-up-code').or(me.on('issuer-code')).first().waitFor();
    if (await me.on('step-up-code').isVisible()) await me.on('step-up-code').fill(NEW_CODE);
    await me.on('issuer-code').waitFor();
    await me.look('sign-up-issuer');
    me.expect(/^422 POST \/v1\/card-bindings\/\d+\/confirmation$/);
    await me.on('issuer-code').fill('000000');
    await me.on('issuer-code-fault').waitFor();
    await me.on('issuer-code').fill(await sms(who.phone, last));
    await me.on('account-opened').waitFor();
    await me.on('limits-in-words').locator('li').first().waitFor();
    await me.look('sign-up-opened');
  }
  /** A reviewer's call of the bank's API. */
  async function reviewer(login) {
    let token;
    const call = async (method, path, body) => {
      const answer = await fetch(bank.address + path, { method, body: body && JSON.stringify(body),
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID(), ...signed(path, token) } });
      assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
      token ??= sessionOf(answer.headers.getSetCookie());
      return answer.status === 204 ? undefined : answer.json();
    };
    await call('POST', '/v1/staff/sessions', { login, password: bank.password, totp: await bank.staffCode(login) });
    return call;
  }
  async function approve(name) {
    for (const login of ['reviewer', 'reviewer2']) {
      const call = await reviewer(login);
      const found = (await call('GET', '/v1/staff/cases?limit=100')).items.find((one) => one.name === name && ['open', 'second'].includes(one.state));
      if (!found) return;
      await call('POST', `/v1/staff/cases/${found.caseId}/claims`);
      await call('POST', `/v1/staff/cases/${found.caseId}/decisions`, { decision: 'approve', reason: 'samePerson', note: 'seen by video, browser test' });
    }
  }
  return { app, approve, resident, typed, at, stepNow, sms, newest, giveProofs, signIn, phoneStep, consents, photograph, upload, pictures,
    confirm, passCode, faceCheck, sharePlace, seenByVideo, card };
}
