// Identity and its proofs: ID pictures, face, location, review, passkeys, time codes, devices, further accounts. A
// canvas replaces the camera (customer-camera.mjs).
import { strict as assert } from 'node:assert';
import { totp } from '../../tools/totp.mjs';
import { giveCamera } from './customer-camera.mjs';
import { NEW_CODE, stepsAt } from './customer-steps.mjs';

const DECIDES_MS = 30_000;

export async function identityTests({ bank, test, enter }) {
  const steps = stepsAt(bank);
  const { app, resident, at, stepNow } = steps;
  async function comeIn(number, how) {
    const me = await enter(how);
    await giveCamera(me, bank.sandbox);
    me.camera.person = number;
    return me;
  }
  const problem = (me, slug) => me.page.locator(`[data-testid=problem][data-slug=${slug}]`);

  // --- All layers, in Chinese ------------------------------------------------------------------

  const jianguo = resident(7);
  const me = await comeIn(7);
  await test('identity: consents of face and place are not asked before they are needed', me, async () => {
    await steps.phoneStep(me, jianguo);
    await steps.consents(me);
    await at(me, 'idPictures');
    await me.look('pictures');
    await me.on('all-steps').click();
    assert.equal(await me.on('all-steps').locator('li').count(), 8, 'a stranger sees how many steps there are');
  });
  /** A refused picture: the bank's text and the hint. */
  async function refused(who, query, slug) {
    who.expect(/^422 PUT \/v1\/me\/id-pictures\/front$/);
    await steps.upload(who, 'front', query);
    await who.on('picture-refused').waitFor({ timeout: DECIDES_MS });
    assert.equal(await who.on('problem').getAttribute('data-slug'), slug, query);
    await who.look(`picture-${query.slice(8)}`);
    await who.on('retake-picture').click();
  }
  await test('identity: without a camera a file will do', me, async () => {
    await me.page.evaluate(() => {
      window.camera = navigator.mediaDevices.getUserMedia;
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    });
    await me.on('open-camera').click();
    await me.on('camera-off').waitFor();
    await me.look('camera-denied');
    await me.on('camera-close').click();
    await me.page.evaluate(() => { navigator.mediaDevices.getUserMedia = window.camera; });
  });
  await test('identity: the card is read, the person confirms', me, async () => {
    await steps.pictures(me);
    await steps.confirm(me, jianguo);
    await steps.passCode(me);
    await at(me, 'face');
  });
  await test('identity: left and come back, the steps are where they were', me, async () => {
    await me.page.goto(app());
    await me.on('continue-opening').waitFor();
    await me.look('home-unfinished');
    await me.on('continue-opening').click();
    await at(me, 'face');
  });
  await test('identity: the face, by camera only, four pictures by themselves', me, async () => {
    await steps.faceCheck(me);
    await at(me, 'place');
  });
  await test('identity: the place, after its own consent', me, async () => {
    await steps.sharePlace(me);
    await at(me, 'card');
  });
  await test('identity: the card opens the account', me, () => steps.card(me, jianguo));
  await test('identity: the page of verification says all of it', me, async () => {
    await me.page.goto(app('me/verification'));
    await me.page.locator('[data-testid=level][data-level=verified]').waitFor();
    for (const layer of ['idFront', 'idBack', 'confirmation', 'registry', 'face', 'place']) {
      assert.equal(await me.on(`layer-${layer}`).getAttribute('data-state'), 'passed', layer);
    }
    await me.on('document').waitFor();
    await me.on('tier-now').waitFor();
    await me.look('verification');
  });

  // --- Another way, in English and dark: a correction, no location, staff decide ---------------------

  const xiulan = resident(8);
  const her = await comeIn(8, { language: 'en', dark: true });
  await test('identity: a card with a missing edge and a screen are refused, with what to do (English, dark)', her, async () => {
    await steps.phoneStep(her, xiulan);
    await steps.consents(her);
    await refused(her, '?attack=cut', 'card-quality');
    await refused(her, '?attack=screen', 'card-recaptured');
  });
  await test('identity: a reload forgets what was read, and says so', her, async () => {
    await steps.upload(her, 'front');
    await her.page.locator('[data-testid=id-pictures][data-side=back]').waitFor({ timeout: DECIDES_MS });
    await her.page.reload();
    await her.page.locator('[data-testid=id-pictures][data-side=front]').waitFor();
  });
  await test('identity: a corrected address is marked, and noted', her, async () => {
    await steps.pictures(her);
    await steps.confirm(her, xiulan, async () => {
      await her.on('confirm-address').fill(`${await her.on('confirm-address').inputValue()}附1号`);
      await her.on('address-corrected').waitFor();
    });
    await steps.passCode(her);
    await at(her, 'face');
  });
  await test('identity: a video call instead of the camera', her, async () => {
    await her.on('other-way').first().click();
    await her.on('video-slot').first().waitFor();
    await her.look('other-way');
    await her.on('video-slot').first().locator('xpath=..').click();
    await her.on('path-choose').click();
    await her.on('review-panel').waitFor();
    assert.equal(await her.on('review-panel').getAttribute('data-path'), 'video');
    await her.look('review-video');
    await her.on('camera-after-all').click();
    await her.on('agree-biometrics').or(her.on('face-start')).first().waitFor();
    await her.page.goto(app());
    await her.on('continue-opening').waitFor();
    await her.look('home-review');
  });

  await test('identity: who was seen by video goes on to the card', her, async () => {
    await steps.approve(xiulan.name);
    await her.on('continue-opening').click();
    await her.on('sign-up-step').waitFor();
    await her.page.reload();
    await at(her, 'card');
    await steps.card(her, xiulan);
  });

  const xiaomei = resident(10);
  const guest = await comeIn(10);
  await test('identity: a card that has expired is refused, with what to do', guest, async () => {
    await steps.phoneStep(guest, xiaomei);
    await steps.consents(guest);
    await steps.upload(guest, 'front');
    await guest.page.locator('[data-testid=id-pictures][data-side=back]').waitFor({ timeout: DECIDES_MS });
    guest.expect(/^422 PUT \/v1\/me\/id-pictures\/back$/);
    await steps.upload(guest, 'back');
    await guest.on('picture-refused').waitFor({ timeout: DECIDES_MS });
    assert.equal(await guest.on('problem').getAttribute('data-slug'), 'card-expired');
    await guest.look('picture-expired');
  });
  await guest.leave();

  // --- Face refused, location declined, staff decide ---------------------------------------------------

  const junjie = resident(9);
  const him = await comeIn(9, { language: 'en' });
  await test('identity: who does not do what is asked is refused, and may try again', him, async () => {
    await steps.phoneStep(him, junjie);
    await steps.consents(him);
    await steps.pictures(him);
    await steps.confirm(him, junjie);
    await steps.passCode(him);
    him.camera.wanted = (what) => (what.startsWith('card-') ? what : 'straight');
    him.expect(/^4\d\d (PUT|POST) \/v1\/face-checks\/.*$/);
    await steps.faceCheck(him, 'face-refused');
    await him.on('face-result').or(him.on('problem')).first().waitFor();
    await him.look('face-refused');
    assert.ok(await him.on('other-way').isVisible(), 'another way is in sight');
    him.camera.wanted = (what) => what;
    bank.forgetPhotographs();
    await him.on('face-start').click();
    await at(him, 'place').catch(() => him.page.waitForTimeout(25_000));
    await at(him, 'place');
  });
  await test('identity: the place is declined, a person decides', him, async () => {
    await him.on('place-decline').first().click();
    await him.on('place-next').waitFor();
    await him.look('place-declined');
    await him.on('place-next').click();
    await him.on('review-panel').waitFor();
    assert.equal(await him.on('review-panel').getAttribute('data-path'), 'wait');
    await him.look('review');
    await him.page.goto(app());
    await him.on('continue-opening').waitFor();
    await him.look('home-reviewing');
    await steps.approve(junjie.name);
    await him.page.goto(app('sign-up'));
    await at(him, 'card');
  });

  /** Passes each factor that the sheet requests, until it closes. */
  async function giveFactors(who) {
    const sheet = who.on('step-up');
    await sheet.waitFor();
    const asked = [];
    for (;;) {
      const next = who.on('step-up-code').or(who.on('step-up-passkey')).or(who.on('agree-biometrics')).or(who.on('face-start')).first();
      await Promise.race([next.waitFor(), sheet.waitFor({ state: 'detached' })]);
      if (await sheet.count() === 0) return asked;
      const id = await next.getAttribute('data-testid');
      await who.look(`step-up-${id}`);
      asked.push(id);
      if (id === 'face-start') bank.forgetPhotographs();
      if (id === 'step-up-code') await who.on(id).fill(NEW_CODE);
      else await next.click();
      await next.and(who.on(id)).waitFor({ state: 'detached', timeout: 60_000 });
      if (id === 'face-start') await sheet.waitFor({ state: 'detached', timeout: 60_000 });
    }
  }

  // --- Cards and accounts ----------------------------------------------------------------------------

  await test('identity: a second card asks for the face first', him, async () => {
    await steps.card(him, junjie);
    await him.page.goto(app('me/cards/new'));
    await him.on('second-card-note').waitFor();
    const [, second] = junjie.cards.filter((one) => one.accountClass === 'I');
    await him.on('card-number').fill(second.cardNumber);
    await him.on('reserved-phone').fill(steps.typed(junjie.phone));
    const last = await steps.newest(junjie.phone);
    him.expect(/^403 POST \/v1\/card-bindings$/);
    him.expect(/^403 POST \/v1\/card-bindings$/);
    await him.on('bind-submit').click();
    await him.on('step-up').or(him.on('issuer-code')).first().waitFor();
    assert.ok(await him.on('step-up').isVisible(), 'the face is asked for');
    while (await him.on('step-up').count() > 0) await giveFactors(him);
    await him.on('issuer-code').waitFor();
    await him.on('issuer-code').fill(await steps.sms(junjie.phone, last));
    await him.on('card').nth(1).waitFor();
    await him.look('cards-two');
  });
  await test('identity: a payment account and one of Class III are opened, the latter is closed', him, async () => {
    await him.page.goto(app('me/accounts'));
    for (const kind of ['payment', 'III']) {
      await him.on(`open-${kind}`).click();
      await him.on('confirm-yes').click();
      await him.page.locator(`[data-testid=account] [data-class=${kind}]`).waitFor();
    }
    await him.look('accounts');
    await him.page.goto(app('top-up'));
    await him.on('account-choice').waitFor();
    await him.look('top-up-account-choice');
    await him.page.goto(app('me/limits'));
    await him.page.locator('[data-testid=account-choice] [data-class=payment]').locator('xpath=..').click();
    await him.on('limit-tierDay').waitFor();
    await him.look('limits-payment');
    await him.page.goto(app('me/accounts'));
    him.expect(/^403 POST \/v1\/accounts\/\d+\/closure$/);
    await him.on('account').filter({ has: him.page.locator('[data-class=III]') }).getByTestId('close-account').click();
    await him.on('close-confirm').waitFor();
    await him.look('close-account');
    await him.on('close-confirm').click();
    await him.on('step-up').or(him.on('closed-account')).first().waitFor();
    if (await him.on('step-up').isVisible()) await giveFactors(him);
    await him.on('closed-account').waitFor();
  });
  await him.leave();
  await her.leave();

  // --- Security: another browser at another address, which is a new device -----------------------------

  const local = bank.address;
  const desk = await comeIn(7, { language: 'en' });
  await test('identity: a new device gives pass code and code', desk, async () => {
    await desk.page.goto(`${local}/app/sign-in`);
    await steps.giveProofs(desk, jianguo.phone, NEW_CODE);
    await desk.on('balance').waitFor();
  });
  await test('identity: a passkey is made after pass code and face, on a device that is new', desk, async () => {
    const debug = await desk.page.context().newCDPSession(desk.page);
    await debug.send('WebAuthn.enable');
    await debug.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal',
      hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
    await desk.page.goto(`${local}/app/me/passkeys`);
    await desk.on('passkey-name').fill('Test key');
    desk.expect(/^403 POST \/v1\/passkeys\/options$/);
    await desk.on('add-passkey').click();
    const asked = await giveFactors(desk);
    assert.deepEqual(asked, ['step-up-code', 'face-start']);
    await desk.on('passkey').waitFor();
    await desk.look('passkeys');
  });
  await test('identity: an authenticator app is set up from the picture drawn here', desk, async () => {
    await desk.page.goto(`${local}/app/me/totp`);
    await desk.on('start-totp').click();
    await desk.on('qr').waitFor();
    const secret = (await desk.on('totp-secret').innerText()).replace(/\s/g, '');
    assert.match(await desk.on('totp-uri').getAttribute('href'), new RegExp(`^otpauth://totp/.*secret=${secret}`));
    await desk.look('totp');
    desk.expect(/^422 POST \/v1\/totp\/confirmation$/);
    await desk.on('totp-code').fill(totp(secret) === '000000' ? '000001' : '000000');
    await desk.on('totp-code-fault').waitFor();
    await desk.on('totp-code').fill(totp(secret));
    await desk.on('totp-active').waitFor();
  });
  await test('identity: the page of security names devices, sessions and events', desk, async () => {
    await desk.page.goto(`${local}/app/me/security`);
    await desk.on('device').nth(1).waitFor();
    await desk.on('security-event').nth(3).waitFor();
    await desk.look('security');
  });
  await test('identity: the phone number is changed with the code of the new one and the passkey', desk, async () => {
    const phone = '+8619912345678';
    await desk.page.goto(`${local}/app/me/phone`);
    await desk.on('phone').fill(steps.typed(phone));
    const last = await steps.newest(phone);
    await desk.on('send-code').click();
    desk.expect(/^403 PUT \/v1\/me\/phone$/);
    await desk.on('one-time-code').fill(await steps.sms(phone, last));
    // The face check for the passkey may still count.
    await desk.on('step-up').or(desk.on('security')).first().waitFor();
    if (await desk.on('step-up').isVisible()) {
      const asked = await giveFactors(desk);
      assert.ok(asked.includes('step-up-passkey'), asked.join());
    }
    await desk.on('security').waitFor();
    await desk.page.locator('[data-testid=change-phone-number]', { hasText: '5678' }).waitFor();
  });
  await test('identity: the other browser was signed out by that', me, async () => {
    for (let i = 0; i < 9; i++) me.expect(/^401 GET \/v1\/.*$/);
    await me.page.goto(app('me'));
    await me.on('sign-in').waitFor();
  });
  await test('identity: a device is removed, and everything is signed out at once', desk, async () => {
    desk.expect(/^403 DELETE \/v1\/devices\/\d+$/);
    await desk.page.goto(`${local}/app/me/security`);
    await desk.on('remove-device').first().click();
    await desk.on('confirm-yes').click();
    await desk.on('step-up').or(desk.page.locator('.adm-toast-main')).first().waitFor();
    if (await desk.on('step-up').isVisible()) await giveFactors(desk);
    await desk.on('remove-device').waitFor({ state: 'detached' });
    await desk.on('sign-out-everywhere').click();
    await desk.look('sign-out-everywhere');
    await desk.on('confirm-yes').click();
    await desk.on('sign-in').waitFor();
  });
  await desk.leave();
  await me.leave();
}
