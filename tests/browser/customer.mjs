// The customer app on a phone's screen: from sign-up to a new pass code.
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { PASS_CODE } from './bank.mjs';
import { giveCamera } from './customer-camera.mjs';
import { NEW_CODE, stepsAt } from './customer-steps.mjs';

const NEXT_CODE = '730582';
const SETTLES_MS = 25_000; // a lost answer is queried after some seconds

export async function customerTests({ bank, test, enter }) {
  const steps = stepsAt(bank);
  const { app, resident, typed, sms, newest } = steps;
  const signIn = (me, phone, passCode = PASS_CODE) => steps.signIn(me, phone, passCode);
  /** A choice's input covers its label, which a person taps; the label's click waits for a stable screen. */
  const choose = (me, id) => me.on(id).locator('xpath=..').click();
  const amountOf = async (locator) => Number((await locator.innerText()).replace(/[^\d.-]/g, ''));
  /** Fills the form of a top-up or withdrawal and stops before the payment. */
  async function order(me, path, amount) {
    await me.page.goto(app(path));
    await me.on('amount').fill(amount);
    await me.on('to-review').click();
    await me.on('review-pay').waitFor();
  }
  const state = (me, name) => me.page.locator(`[data-testid=payment-state][data-state=${name}]`);
  async function download(me, id) {
    const [file] = await Promise.all([me.page.waitForEvent('download'), me.on(id).click()]);
    return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
  }

  // --- Sign-up, in Chinese ---------------------------------------------------------------------

  const haoran = resident(4);
  const me = await enter();
  await giveCamera(me, bank.sandbox);
  me.camera.person = 4;
  await test('customer: welcome says what is needed and asks for nothing of a stranger', me, async () => {
    const asked = [];
    me.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await me.page.goto(app());
    await me.on('open-account').waitFor();
    await me.look('welcome');
    assert.ok(!asked.includes('/v1/me'), 'a stranger is not asked who they are');
  });
  await test('customer: sign-up with the code from the page of text messages', me, async () => {
    await me.on('open-account').click();
    await me.on('send-code').click();
    await me.on('phone-fault').waitFor();
    await me.look('sign-up-phone');
    await me.on('phone').fill(typed(haoran.phone));
    await me.on('send-code').click();
    await me.on('code-sent').waitFor();
    await me.look('sign-up-code');
    me.expect(/^422 POST \/v1\/sign-ups$/);
    await me.on('one-time-code').fill('000000');
    await me.on('one-time-code-fault').waitFor();
    const [messages] = await Promise.all([me.page.waitForEvent('popup'), me.on('sandbox-sms').click()]);
    await messages.locator('#to').fill(haoran.phone);
    const code = await messages.locator('article .code').first().innerText();
    await messages.close();
    await me.on('one-time-code').fill(code);
    await steps.at(me, 'consents');
  });
  await test('customer: consents one by one', me, () => steps.consents(me));
  await test('customer: pictures of the ID card, read and confirmed', me, async () => {
    await steps.pictures(me);
    await steps.confirm(me, haoran);
  });
  await test('customer: pass code, weak ones told', me, () => steps.passCode(me));
  await test('customer: face and place', me, async () => {
    await steps.faceCheck(me);
    await steps.at(me, 'place');
    await steps.sharePlace(me);
    await steps.at(me, 'card');
  });
  await test('customer: card bound with the issuer’s code opens the account', me, () => steps.card(me, haoran));

  // --- Sign-up in English, interrupted ---------------------------------------------------------

  const xiulan = resident(8);
  const her = await enter({ language: 'en', dark: true });
  await giveCamera(her, bank.sandbox);
  her.camera.person = 8;
  await test('customer: sign-up left and reloaded goes on where it was (English, dark)', her, async () => {
    const at = (step) => steps.at(her, step);
    await her.page.goto(app('sign-up'));
    await her.on('phone').fill(typed(xiulan.phone));
    await her.on('send-code').click();
    await her.on('one-time-code').fill(await sms(xiulan.phone));
    await at('consents');
    await her.on('agree-terms').click();
    await her.on('agree-terms').waitFor({ state: 'detached' });
    await her.page.reload();
    await at('consents');
    await her.on('agree-privacy').waitFor();
    assert.equal(await her.on('agree-terms').count(), 0, 'the given consent is kept');
    await steps.consents(her);
    await steps.pictures(her);
    await steps.confirm(her, xiulan);
    await at('passCode');
    await her.page.goto(app());
    await her.on('continue-opening').waitFor();
    await her.look('home-unfinished');
    await her.on('continue-opening').click();
    await at('passCode');
    await steps.passCode(her);
    await steps.seenByVideo(her, xiulan);
    await steps.card(her, xiulan);
  });

  // --- Money -----------------------------------------------------------------------------------

  await test('customer: top-up by the app’s own keys is done once however often it is tapped', me, async () => {
    const keys = new Set();
    me.page.on('request', (request) => {
      if (/\/v1\/top-ups$/.test(request.url())) keys.add(request.headers()['idempotency-key']);
    });
    await me.page.goto(app('top-up'));
    await me.on('amount').waitFor();
    for (const key of ['2', '5', '0', '0', 'point', '5', '0', '9']) await me.on(`key-${key}`).click();
    assert.equal(await me.on('amount').inputValue(), '2500.50', 'no third decimal');
    await me.look('top-up');
    await me.on('to-review').click();
    await me.look('top-up-review');
    await me.on('review-pay').dblclick();
    await state(me, 'done').waitFor();
    assert.equal(keys.size, 1, 'one key for one form');
    await me.look('payment-done');
    await me.on('to-home').click();
    await me.on('transaction').first().waitFor();
    assert.equal(await me.on('transaction').count(), 1);
    assert.equal(await amountOf(me.on('balance')), 2500.5);
  });
  await test('customer: a refused top-up says why and moves nothing (.41)', me, async () => {
    await order(me, 'top-up', '30.41');
    await me.on('review-pay').click();
    await state(me, 'failed').waitFor();
    assert.match(await me.on('payment-reason').innerText(), /AM04/);
    const facts = await me.on('payment-facts').innerText();
    assert.match(facts, /失败时间|Rejected at/);
    assert.doesNotMatch(facts, /完成时间|Settled|凭证|Journal/);
    assert.deepEqual(await me.on('payment-facts').locator('dd').filter({ hasNotText: /./ }).count(), 0, 'a row without a value');
    const number = (await me.on('payment-id').innerText()).trim();
    await me.look('payment-failed');
    await me.page.goto(app('activity'));
    await me.on('activity-search').fill(number);
    await me.page.waitForURL(/q=/);
    await me.on('failed-payment').click();
    await me.on('payment-id').filter({ hasText: number }).waitFor();
    await me.on('to-home').click();
    assert.equal(await amountOf(me.on('balance')), 2500.5);
  });
  await test('customer: a lost answer is being checked, never failed, and settles by query (.42)', me, async () => {
    await order(me, 'top-up', '20.42');
    await me.on('review-pay').click();
    await state(me, 'checking').waitFor();
    await me.look('payment-checking');
    await me.page.goto(app());
    await me.on('to-do-payment').waitFor();
    await me.on('to-do-payment').click();
    await state(me, 'done').waitFor({ timeout: SETTLES_MS });
    await me.on('to-home').click();
    await me.page.waitForFunction(() => document.querySelector('[data-testid=balance]')?.textContent?.includes('2,520.92'));
  });
  await test('customer: a pending top-up settles later, a toast says what is new (.44)', me, async () => {
    await order(me, 'top-up', '10.44');
    await me.on('review-pay').click();
    await state(me, 'checking').waitFor();
    me.expect(/^429 POST .*queries$/);
    await me.on('check-again').click();
    await Promise.race([
      me.page.locator('.adm-toast-main').first().waitFor(),
      state(me, 'done').waitFor(),
    ]);
    await state(me, 'done').waitFor({ timeout: SETTLES_MS });
  });
  await test('customer: a payment that waits shows on another device too', me, async () => {
    await fetch(`${bank.sandbox}/control/v1/faults`, { method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ party: 'clearing', operation: 'debit', match: { amount: '77.00' }, action: 'pending', settleOnQuery: 1000 }) });
    await order(me, 'top-up', '77.00');
    await me.on('review-pay').click();
    await state(me, 'checking').waitFor();
    const other = await enter({ language: 'en' });
    await signIn(other, haoran.phone, NEW_CODE);
    await other.on('to-do-payment').waitFor();
    await other.look('home-to-do');
    await other.on('to-do-payment').click();
    await state(other, 'checking').waitFor();
    await other.on('back').click();
    await other.on('tab-activity').click();
    await other.on('pending-payment').waitFor();
    me.faults.push(...other.faults);
    await other.leave();
  });
  await test('customer: transfer by phone number after the payee’s name is checked', me, async () => {
    const payee = resident(3); // the shop
    await me.page.goto(app('transfer'));
    await me.on('payee-phone').fill('19912340000');
    await me.on('payee-name').fill('无此人');
    await me.on('check-payee').click();
    await me.on('payee-unknown-payee').waitFor();
    await me.on('payee-phone').fill(typed(payee.phone));
    await me.on('check-payee').click();
    await me.on('payee-no-match').waitFor();
    await me.look('transfer-no-match');
    await me.on('payee-name').fill(payee.name);
    await me.on('check-payee').click();
    await me.on('payee-match').waitFor();
    await me.on('amount').fill('99999');
    await me.on('to-review').click();
    await me.on('amount-fault').waitFor();
    await me.on('amount').fill('28.80');
    await me.on('memo').fill('午餐 lunch');
    await me.look('transfer');
    await me.on('to-review').click();
    await me.look('transfer-review');
    await me.on('review-pay').dblclick();
    await state(me, 'done').waitFor();
    await me.look('transfer-done');
    await me.page.goto(app(`activity?q=${encodeURIComponent('午餐')}`));
    await me.on('transaction').first().waitFor();
    assert.equal(await me.on('transaction').count(), 1, 'two taps, one payment');
  });
  const payer = await enter({ language: 'en' });
  await test('customer: a large transfer asks for the pass code and goes on by itself', payer, async () => {
    await signIn(payer, resident(2).phone);
    await payer.page.goto(app('transfer'));
    await payer.on('payee-phone').fill(typed(haoran.phone));
    await payer.on('payee-name').fill(haoran.name);
    await payer.on('check-payee').click();
    await payer.on('payee-match').waitFor();
    await payer.on('amount').fill('321.00');
    await payer.on('to-review').click();
    payer.expect(/^403 POST \/v1\/transfers$/);
    await payer.on('review-pay').click();
    await payer.on('step-up-code').waitFor();
    await payer.look('step-up');
    payer.expect(/^(401|422) POST \/v1\/step-ups$/);
    await payer.on('step-up-code').fill('999111');
    await payer.on('step-up').getByTestId('problem').waitFor();
    await payer.on('step-up-code').fill(PASS_CODE);
    await state(payer, 'done').waitFor();
  });
  await payer.leave();
  await test('customer: withdrawal to the card holds the money and is done', me, async () => {
    await order(me, 'withdraw', '100.00');
    await me.look('withdraw-review');
    await me.on('review-pay').click();
    await state(me, 'done').waitFor({ timeout: SETTLES_MS });
    await order(me, 'withdraw', '50.42');
    await me.on('review-pay').click();
    await state(me, 'checking').waitFor();
    await me.page.goto(app());
    await me.on('available').waitFor();
    await state(me, 'done').or(me.on('balance')).first().waitFor();
  });

  // --- Papers and lists --------------------------------------------------------------------------

  await test('customer: home hides the figures, activity is searched and filtered', me, async () => {
    await me.page.goto(app());
    await me.on('transaction').first().waitFor();
    await me.look('home');
    await me.on('hide-balance').click();
    assert.doesNotMatch(await me.on('balance-card').innerText(), /\d,\d{3}\.\d\d/);
    await me.look('home-hidden');
    await me.on('hide-balance').click();
    await me.on('tab-activity').click();
    await me.on('transaction').nth(2).waitFor();
    await me.look('activity');
    await me.on('activity-filter').click();
    await choose(me, 'filter-direction-out');
    await me.on('filter-min-amount').fill('20');
    await me.look('activity-filter');
    await me.on('filter-apply').click();
    await me.page.waitForURL(/direction=out/);
    await me.page.reload();
    await me.on('transaction').first().waitFor();
    assert.ok(await me.on('transaction').count() >= 2);
    await me.on('activity-search').fill('没有这样的');
    await me.on('activity-empty').waitFor();
    await me.on('activity-clear').click();
    await me.on('transaction').nth(2).waitFor();
  });
  await test('customer: receipt as PDF from the line of activity', me, async () => {
    await me.on('transaction').filter({ hasText: resident(3).name }).first().click();
    await me.on('payment-facts').waitFor();
    const file = await download(me, 'download-receipt');
    assert.match(file.name, /^sycee-receipt-\d+\.pdf$/);
    assert.equal(file.bytes.subarray(0, 5).toString(), '%PDF-');
  });
  await test('customer: statement as PDF, CSV and JSON', me, async () => {
    await me.page.goto(app('statement'));
    await me.on('statement-download').waitFor();
    await me.look('statement');
    const pdf = await download(me, 'statement-download');
    assert.match(pdf.name, /^sycee-\d{4}-[\d-]+\.pdf$/);
    assert.equal(pdf.bytes.subarray(0, 5).toString(), '%PDF-');
    await choose(me, 'statement-format-csv');
    const csv = await download(me, 'statement-download');
    assert.match(csv.name, /\.csv$/);
    assert.match(csv.bytes.toString('utf8'), /28\.80/);
    await choose(me, 'statement-format-json');
    const json = JSON.parse((await download(me, 'statement-download')).bytes.toString('utf8'));
    const sum = (text) => Math.round(Number(text.amount) * 100);
    assert.equal(sum(json.opening) + sum(json.credits) - sum(json.debits), sum(json.closing));
  });
  await test('customer: messages are read and lead to their payment', me, async () => {
    await me.page.goto(app());
    await me.on('to-messages').click();
    await me.on('message').first().waitFor();
    await me.look('messages');
    await me.on('message').first().click();
    await me.on('message-open').waitFor();
    await me.look('message');
    await me.on('message-payment').or(me.on('message-close')).first().click();
  });

  // --- Me ------------------------------------------------------------------------------------------

  const ownPages = [['me', 'me-cards'], ['me/cards', 'card'], ['me/cards/new', 'second-card-note'], ['me/limits', 'limit-balanceMax'],
    ['me/security', 'session'], ['me/pass-code', 'old-pass-code'], ['me/settings', 'setting-theme'],
    ['me/consents', 'consent-terms'], ['me/help', 'version'], ['pay', 'pay-left-today'], ['nowhere', 'missing']];
  await test('customer: me, cards, limits, security, consents, settings, help', me, async () => {
    for (const [path, id] of ownPages) {
      await me.page.goto(app(path));
      await me.on(id).first().waitFor();
      await me.look(path.replaceAll('/', '-'));
    }
  });
  await test('customer: a consent is given and withdrawn, the last card stays', me, async () => {
    await me.page.goto(app('me/consents'));
    await me.on('agree-marketing').click();
    await me.on('withdraw-marketing').click();
    await me.on('confirm-yes').click();
    await me.on('agree-marketing').waitFor();
    await me.page.goto(app('me/cards'));
    me.expect(/^403 DELETE \/v1\/cards\/\d+$/);
    me.expect(/^409 DELETE \/v1\/cards\/\d+$/);
    await me.on('unbind-card').click();
    await me.on('confirm-yes').click();
    await me.on('step-up-code').fill(NEW_CODE);
    await me.page.locator('[data-testid=problem][data-slug=last-card]').waitFor();
  });
  await test('customer: language and look change at once and stay', me, async () => {
    await me.page.goto(app('me/settings'));
    await choose(me, 'setting-language-en');
    await me.page.getByText('Settings').first().waitFor();
    await choose(me, 'setting-theme-dark');
    await choose(me, 'setting-letters-large');
    await me.page.reload();
    assert.equal(await me.page.locator('html').getAttribute('lang'), 'en-GB');
    assert.equal(await me.page.locator('html').getAttribute('data-prefers-color-scheme'), 'dark');
    await me.look('settings-large-letters');
    await choose(me, 'setting-letters-normal');
    await choose(me, 'setting-theme-auto');
    await choose(me, 'setting-language-zh');
    await me.page.getByText('设置').first().waitFor();
  });
  await test('customer: the main screens in English and dark', her, async () => {
    await order(her, 'top-up', '650.00');
    her.expect(/^403 POST \/v1\/top-ups$/);
    await her.on('review-pay').click();
    await her.on('step-up-code').or(state(her, 'done')).first().waitFor();
    if (await her.on('step-up-code').isVisible()) await her.on('step-up-code').fill(NEW_CODE);
    await state(her, 'done').waitFor();
    await her.look('payment-done');
    for (const [path, id] of [['', 'transaction'], ['activity', 'transaction'], ['transfer', 'payee-phone'], ['withdraw', 'amount'],
      ['statement', 'statement-download'], ['messages', 'message'], ...ownPages]) {
      await her.page.goto(app(path));
      await her.on(id).first().waitFor();
      await her.look(path === '' ? 'home' : path.replaceAll('/', '-'));
    }
  });

  // --- Without a network ---------------------------------------------------------------------------

  await test('customer: without a network the shell opens, with the last balance and no payments', me, async () => {
    await me.page.goto(app());
    await me.on('balance').waitFor();
    const before = await me.on('balance').innerText();
    await me.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await me.page.waitForFunction(async () => (await caches.keys()).length > 0 && navigator.serviceWorker.controller !== null);
    await me.offline(true);
    await me.page.reload();
    await me.on('balance-as-of').waitFor();
    assert.equal(await me.on('balance').innerText(), before);
    assert.equal(await me.page.locator('a[data-testid=action-transfer]').count(), 0, 'no way to pay');
    await me.on('offline').waitFor();
    await me.look('offline');
    await me.offline(false);
    await me.page.locator('a[data-testid=action-transfer]').waitFor({ timeout: 20_000 });
  });

  // --- Sign-out, sign-in, lock, forgotten pass code --------------------------------------------------

  await test('customer: the pass code is changed', me, async () => {
    await me.page.goto(app('me/pass-code'));
    await me.on('old-pass-code').fill(NEW_CODE);
    await me.on('new-pass-code').fill(NEXT_CODE);
    await me.on('new-pass-code-again').fill(NEXT_CODE);
    await me.page.locator('.adm-toast-main').first().waitFor();
    await me.on('session').first().waitFor();
  });
  await test('customer: sign-out forgets, sign-in returns to the page that was asked for', me, async () => {
    await me.page.goto(app('me'));
    await me.on('sign-out').click();
    await me.on('sign-in').waitFor();
    await me.look('sign-in');
    assert.equal(await me.page.evaluate(() => localStorage.getItem('sycee.last-seen')), null);
    await me.page.goto(app('me/limits'));
    await me.on('phone').fill(typed(haoran.phone));
    me.expect(/^401 POST \/v1\/sessions$/);
    await me.on('pass-code').fill(NEW_CODE);
    await me.page.locator('[data-testid=problem][data-slug=sign-in-failed]').waitFor();
    await me.look('sign-in-failed');
    await me.on('pass-code').fill(NEXT_CODE);
    await me.on('limit-balanceMax').waitFor();
  });
  await test('customer: five wrong pass codes lock the sign-in and say for how long', her, async () => {
    await her.page.goto(app('me'));
    await her.on('sign-out').click();
    await her.on('phone').fill(typed(resident(5).phone));
    for (let i = 0; i < 6; i++) {
      her.expect(/^4(01|03|22|23|29) POST \/v1\/sessions$/);
      const answer = her.page.waitForResponse(/\/v1\/sessions$/);
      await her.on('pass-code').fill(`86420${i}`);
      await answer;
      await her.on('problem').waitFor();
    }
    await her.page.locator('[data-testid=problem][data-slug=sign-in-locked]').waitFor();
    await her.look('sign-in-locked');
  });
  await test('customer: a session that was not used for half an hour asks for the pass code', me, async () => {
    for (const language of ['zh', 'en']) {
      const who = await enter({ language });
      await signIn(who, resident(language === 'zh' ? 1 : 7).phone);
      bank.ask('UPDATE customer_sessions SET last_seen_at = last_seen_at - 1801000000');
      await who.page.waitForTimeout(6_000); // the bank remembers a session for five seconds
      for (let i = 0; i < 12; i++) who.expect(/^403 GET \/v1\//);
      await who.page.reload();
      await who.on('step-up-code').waitFor();
      await who.look('session-rests');
      assert.equal(await who.on('step-up').count(), 1);
      await who.on('step-up-code').fill(PASS_CODE);
      await who.on('balance').waitFor();
      await who.look('session-awake');
      assert.deepEqual(who.faults, []);
      await who.leave();
    }
  });
  await test('customer: a forgotten pass code is replaced with a code to the phone', her, async () => {
    const who = resident(6);
    await her.page.goto(app('sign-in'));
    await her.on('to-forgot').click();
    await her.on('phone').fill(typed(who.phone));
    await her.look('forgot');
    const last = await newest(who.phone);
    await her.on('send-code').click();
    await her.on('one-time-code').fill(await sms(who.phone, last));
    await her.on('new-pass-code').fill(NEXT_CODE);
    await her.look('forgot-new');
    await her.on('new-pass-code-again').fill(NEXT_CODE);
    // a text message alone gives no access: the face check confirms the new pass code
    await her.on('forgot-confirm').waitFor();
    await her.look('forgot-confirm');
    her.expect(/^403 GET \/v1\/messages/);
    for (let i = 0; i < 3; i++) her.expect(/^403 GET \/v1\/consents/); // a limited session cannot read the consents
    await her.on('forgot-confirm-action').click();
    await her.on('step-up').waitFor();
    await her.on('agree-biometrics').or(her.on('face-start')).first().waitFor();
    if (await her.on('agree-biometrics').isVisible()) await her.on('agree-biometrics').click();
    await her.on('face-start').waitFor();
    await her.look('forgot-face');
    await her.on('step-up-cancel').click();
    await her.on('forgot-leave').click();
    await her.on('sign-in').waitFor();
    her.forget();
    await her.page.goto(app('me/security'));
    await her.on('sign-in').waitFor();
  });
  await me.leave();
  await her.leave();
}
