// The staff console: daily work of each role.
import { townDevice } from '../../tools/identity.mjs';
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { stepsAt } from './customer-steps.mjs';
import { totp } from '../../tools/totp.mjs';
import { PASS_CODE } from './bank.mjs';
import { reviewTests } from './review.mjs';

const STEPS_MS = 60_000; // an end of day on a small bank

export async function consoleTests({ bank, test, enter }) {
  const shop = bank.residents.find((one) => one.phone.endsWith('0003'));
  const open = async (who, path) => {
    await who.page.goto(`${bank.address}/console${path}`);
    await who.page.locator('h1').first().waitFor();
  };
  async function sit(login, how = {}) {
    const who = await enter({ language: 'en', width: 1440, height: 900, ...how });
    who.signIn = async () => {
      await who.on('sign-in-login').fill(login);
      await who.on('sign-in-password').fill(bank.password);
      await who.on('sign-in-totp').fill(await bank.staffCode(login));
      await who.on('sign-in-submit').click();
      await who.on('user-menu').waitFor();
    };
    await who.page.goto(`${bank.address}/console/`);
    await who.on('sign-in-login').waitFor();
    return who;
  }
  /** A customer's API call that creates data for the console. */
  async function as(phone) {
    let token;
    const call = async (method, path, body) => {
      const answer = await fetch(bank.address + path, { method, body: body && JSON.stringify(body),
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID(), ...(token && { Authorization: `Bearer ${token}` }) } });
      assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
      return answer.json();
    };
    ({ token } = await call('POST', '/v1/sessions', { phone, passCode: PASS_CODE, deviceKey: townDevice(`+86${phone}`), deviceName: 'test' }));
    return call;
  }
  async function topUp(phone, amount) {
    const call = await as(phone);
    const [account] = (await call('GET', '/v1/accounts')).items;
    const [card] = (await call('GET', '/v1/cards')).items;
    return call('POST', '/v1/top-ups', { accountId: account.accountId, cardId: card.cardId, instructedAmount: { amount, currency: 'CNY' } });
  }

  // --- Teller ---------------------------------------------------------------------------------

  const teller = await sit('teller');
  await test('console: sign-in with password and time code, wrong ones refused', teller, async () => {
    await teller.look('console-sign-in');
    await teller.on('sign-in-login').fill('teller');
    await teller.on('sign-in-password').fill('not the password');
    await teller.on('sign-in-totp').fill('000000');
    teller.expect(/^401 POST \/v1\/staff\/sessions$/);
    await teller.on('sign-in-submit').click();
    await teller.on('sign-in-failed').waitFor();
    await teller.signIn();
    assert.equal(await teller.on('menu-journals').count(), 0, 'a teller has no books');
    await teller.page.goto(`${bank.address}/console/ledger/journals`);
    await teller.page.getByText('Your roles do not allow this page').waitFor();
  });
  await test('console: a customer is found by phone with the keyboard', teller, async () => {
    await open(teller, '/');
    await teller.page.keyboard.press('/');
    await teller.page.keyboard.type(shop.phone);
    await teller.page.locator('.search-hit').first().waitFor();
    await teller.page.keyboard.press('Enter');
    await teller.on('customer').waitFor();
    await teller.look('console-customer');
  });
  await test('console: a full ID number is revealed with a reason only', teller, async () => {
    await teller.on('reveal-idNumber').click();
    await teller.on('reveal-confirm').click();
    await teller.page.getByText('Give a reason of 3 to 160 characters').waitFor();
    await teller.on('reveal-reason').fill('browser test of the reveal');
    await teller.on('reveal-confirm').click();
    await teller.page.getByText(shop.idNumber).waitFor();
  });
  await test('console: a new number is proven at the counter, for two people to decide', teller, async () => {
    const phone = '19900004711';
    await teller.on('customer-phone').click();
    await teller.look('console-counter');
    await teller.on('counter-document').click();
    await teller.page.keyboard.press('Enter');
    await teller.on('counter-phone').fill(phone);
    await teller.on('counter-send').click();
    await teller.on('counter-code').waitFor();
    const code = await stepsAt(bank).sms(`+86${phone}`);
    teller.expect(/^4\d\d POST .*phone-proofs$/);
    await teller.on('counter-code').fill(code === '000000' ? '111111' : '000000');
    await teller.on('counter-prove').click();
    await teller.on('problem').waitFor();
    await teller.on('counter-code').fill(code);
    await teller.on('counter-prove').click();
    await teller.on('counter-proven').waitFor();
    await teller.look('console-counter-proven');
    await teller.on('propose-reason').fill('identified at the counter, number lost');
    await teller.page.locator('.ant-modal-footer .ant-btn-primary').click();
    await teller.page.waitForURL(/\/changes\/\d+$/);
    await teller.look('console-counter-change');
    await open(teller, `/customers/${bank.ask(`SELECT customer_id FROM account_accounts a JOIN customer_customers c ON c.id = a.customer_id WHERE c.name = '${shop.name}' LIMIT 1`).trim()}`);
    await teller.on('customer').waitFor();
  });
  await test('console: account with lines, journal behind a line, balance at an instant', teller, async () => {
    await teller.on('account-link').first().click();
    await teller.on('account').waitFor();
    await teller.on('row-account-lines').first().waitFor();
    await teller.look('console-account');
    await teller.on('balance-at').click();
    await teller.page.keyboard.type('2026-01-01 12:00:00');
    await teller.page.keyboard.press('Enter');
    await teller.on('balance-at-answer').getByText('As of').waitFor();
    assert.match(await teller.on('balance-at-answer').innerText(), /0\.00/);
  });
  await test('console: a payment that waits is asked about', teller, async () => {
    await fetch(`${bank.sandbox}/control/v1/faults`, { method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ party: 'clearing', operation: 'debit', match: { amount: '78.00' }, action: 'pending', settleOnQuery: 1000 }) });
    const payment = await topUp('19900000007', '78.00');
    assert.equal(payment.transactionStatus, 'PDNG');
    await open(teller, '/payments?status=PDNG');
    await teller.look('console-payments');
    await teller.page.locator(`[data-testid=row-payments][data-row="${payment.paymentId}"]`).click();
    await teller.on('trail').waitFor();
    await teller.look('console-payment');
    teller.expect(/^429 POST .*queries$/);
    const answer = teller.page.waitForResponse(/\/queries$/);
    await teller.on('query-channel').click();
    assert.ok([200, 429].includes((await answer).status()));
    await teller.page.locator('.ant-message-notice').or(teller.on('problem')).first().waitFor();
  });
  await test('console: a settled payment shows its postings', teller, async () => {
    await open(teller, '/payments?kind=transfer');
    await teller.on('row-payments').first().click();
    await teller.on('payment').waitFor();
    await teller.on('payment-journals').waitFor();
    await teller.look('console-payment-settled');
  });
  await test('console: filters stay in the address over a reload', teller, async () => {
    await open(teller, '/payments');
    await teller.on('filter-status').click();
    await teller.page.locator('.ant-select-item-option', { hasText: 'Settled' }).click();
    await teller.page.waitForURL(/status=ACSC/);
    await teller.page.reload();
    await teller.on('row-payments').first().waitFor();
    const states = await teller.page.locator('[data-testid=row-payments] [data-state]').evaluateAll((all) => all.map((one) => one.dataset.state));
    assert.ok(states.length > 0 && states.every((state) => state === 'ACSC'));
  });
  await test('console: language and look change and stay', teller, async () => {
    await teller.on('language').click();
    await teller.page.getByText('工作台').first().waitFor();
    await teller.on('theme').click();
    await teller.page.getByText('深色').click();
    await teller.page.reload();
    await teller.page.getByText('工作台').first().waitFor();
    assert.equal(await teller.page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  });
  await test('console: sign-out, and back where one was', teller, async () => {
    await teller.on('user-menu').click();
    await teller.on('sign-out').click();
    await teller.page.waitForURL(/sign-in$/);
    await teller.page.goto(`${bank.address}/console/payments?kind=topUp`);
    await teller.page.waitForURL(/sign-in\?next=/);
    await teller.signIn();
    await teller.page.waitForURL(/payments\?kind=topUp$/);
  });
  await teller.leave();

  // --- Accountant -------------------------------------------------------------------------------

  const accountant = await sit('accountant');
  await test('console: dashboard compares customers’ money with reserve and clearing', accountant, async () => {
    await accountant.signIn();
    await accountant.on('reserve-light').waitFor();
    assert.match(await accountant.on('reserve-light').innerText(), /Equal|Covered/);
    await accountant.on('health-fine').waitFor();
    await accountant.on('hourly-chart').waitFor();
    assert.equal(await accountant.on('status-note').count() > 0, await accountant.page.locator('.bar-count a').count() > 0, 'the sentence on links is there where links are');
    await accountant.look('console-dashboard');
    await accountant.on('hourly-view').getByText('Table').click();
    await accountant.look('console-dashboard-table');
  });
  await test('console: capital is paid in by two people', accountant, async () => {
    await accountant.on('capital-propose').click();
    assert.ok(await accountant.on('propose-send').isDisabled());
    await accountant.on('capital-more').fill('250.00');
    await accountant.page.getByText('1,000,250.00').or(accountant.page.getByText('1000250.00')).waitFor();
    await accountant.on('propose-reason').fill('the owners have paid in');
    await accountant.look('console-capital');
    await accountant.on('propose-send').click();
    await accountant.on('change').waitFor();
    await accountant.look('console-capital-change');
    const second = await sit('accountant2', { language: 'zh' });
    await second.signIn();
    await open(second, new URL(accountant.page.url()).pathname.replace('/console', ''));
    await second.on('decision-reason').fill('seen on the reserve account');
    await second.on('change-approve').click();
    await second.page.locator('h1 [data-state=approved]').waitFor();
    await open(second, '/');
    await second.on('capital').getByText('1,000,250.00').waitFor();
    await second.leave();
  });
  await test('console: chart of accounts and a balanced trial balance, exported whole', accountant, async () => {
    await open(accountant, '/ledger/accounts');
    await accountant.page.getByText('2001').first().waitFor();
    await accountant.look('console-chart');
    await open(accountant, '/ledger/trial-balance');
    await accountant.on('trial-totals').waitFor();
    await accountant.on('balanced').waitFor();
    await accountant.look('console-trial-balance');
    const [file] = await Promise.all([accountant.page.waitForEvent('download'), accountant.on('trial-export').click()]);
    assert.match(file.suggestedFilename(), /^trial-balance-\d{4}-\d\d-\d\d-CNY\.csv$/);
    assert.match(readFileSync(await file.path(), 'utf8'), /\r\n,Total,,/);
  });
  await test('console: journals with the keys, Esc closes', accountant, async () => {
    await open(accountant, '/ledger/journals');
    await accountant.on('row-journals').first().waitFor();
    await accountant.look('console-journals');
    await accountant.page.keyboard.press('j');
    await accountant.page.keyboard.press('Enter');
    await accountant.on('postings').waitFor();
    await accountant.look('console-journal');
    await accountant.page.keyboard.press('Escape');
    await accountant.page.waitForURL(/journals$/);
    await open(accountant, '/ledger/seals');
    await accountant.look('console-seals');
  });
  await accountant.leave();

  // --- Operator, auditor, admin -------------------------------------------------------------------

  const operator = await sit('operator', { language: 'zh', dark: true });
  await test('console: jobs and outbox (Chinese, dark)', operator, async () => {
    await operator.signIn();
    await operator.look('console-dashboard');
    await open(operator, '/operations/jobs');
    await operator.on('row-jobs').first().waitFor();
    await operator.look('console-jobs');
    await open(operator, '/operations/outbox');
    await operator.look('console-outbox');
  });
  await test('console: end of day asks for the date and its steps end', operator, async () => {
    await open(operator, '/operations/end-of-day');
    const before = await operator.on('eod-date').innerText();
    await operator.on('eod-run').click();
    await operator.on('eod-dry').click();
    assert.ok(await operator.on('eod-confirm').isDisabled());
    await operator.on('eod-typed').fill((await operator.on('eod-typed').getAttribute('placeholder')) ?? '');
    await operator.look('console-end-of-day-ask');
    operator.expect(/^409 POST .*end-of-day-runs$/);
    await operator.on('eod-confirm').click();
    await operator.on('eod-early').click(); // the day has not ended: two must agree
    await operator.on('propose-reason').fill('the branch closes for the holiday');
    await operator.on('propose-send').click();
    await operator.on('change').waitFor();
    const second = await sit('operator2', { language: 'zh' });
    await second.signIn();
    await open(second, new URL(operator.page.url()).pathname.replace('/console', ''));
    await second.on('decision-reason').fill('agreed with the branch');
    await second.on('change-approve').click();
    await second.page.locator('h1 [data-state=approved]').waitFor();
    await second.leave();
    await open(operator, '/operations/end-of-day');
    await operator.on('eod-run').click();
    await operator.on('eod-dry').click();
    await operator.on('eod-typed').fill((await operator.on('eod-typed').getAttribute('placeholder')) ?? '');
    await operator.on('eod-confirm').click();
    await operator.page.waitForFunction((old) => document.querySelector('[data-testid=eod-date]')?.innerText !== old, before, { timeout: STEPS_MS });
    await operator.on('eod-steps').locator('li').first().waitFor();
    await operator.page.waitForFunction(() => document.querySelectorAll('[data-testid=eod-steps] .busy').length === 0, null, { timeout: STEPS_MS });
    assert.equal(await operator.on('eod-steps').locator('.bad').count(), 0);
    await operator.look('console-end-of-day');
  });
  await test('console: a clock that was set is shown, and following it is proposed', operator, async () => {
    bank.setClock(-3_600_000);
    await open(operator, '/');
    for (let i = 0; i < 20 && (await operator.on('health-clock').count()) === 0; i++) {
      await operator.page.waitForTimeout(500);
      await operator.page.reload();
      await operator.on('health').waitFor();
    }
    assert.match(await operator.on('health-clock').innerText(), /60|1/);
    await operator.look('console-clock');
    await operator.on('clock-propose').click();
    await operator.on('propose-reason').fill('the server was an hour ahead');
    await operator.look('console-clock-propose');
    await operator.on('propose-send').click();
    await operator.on('change').waitFor();
    await operator.look('console-clock-change');
    bank.setClock(0);
    await open(operator, '/');
    for (let i = 0; i < 20 && (await operator.on('health-clock').count()) > 0; i++) {
      await operator.page.waitForTimeout(500);
      await operator.page.reload();
      await operator.on('health').waitFor();
    }
    assert.equal(await operator.on('health-clock').count(), 0, 'the clock came back');
  });
  await operator.leave();

  const auditor = await sit('auditor');
  await test('console: audit log has the reveal, and its chain is intact', auditor, async () => {
    await auditor.signIn();
    await open(auditor, '/audit?q=reveal');
    await auditor.page.getByText('browser test of the reveal').first().waitFor();
    await auditor.look('console-audit');
    await auditor.on('audit-verify').click();
    await auditor.on('audit-verified').waitFor();
    assert.match(await auditor.on('audit-verified').innerText(), /intact/i);
  });
  await test('console: after the end of day the books balance and the reserve is in step', auditor, async () => {
    await open(auditor, '/');
    await auditor.on('reserve-light').waitFor();
    await open(auditor, '/ledger/trial-balance');
    await auditor.on('balanced').waitFor();
  });
  await auditor.leave();

  await reviewTests({ bank, test, sit, open });

  const admin = await sit('admin');
  let link;
  await test('console: a new member of staff is invited, disabled at first', admin, async () => {
    await admin.signIn();
    await open(admin, '/users');
    await admin.on('row-users').first().waitFor();
    await admin.look('console-users');
    await admin.on('user-create').click();
    await admin.on('user-login').fill('new.teller');
    await admin.on('user-name').fill('新柜员');
    await admin.on('role-teller').click();
    await admin.on('user-save').click();
    await admin.on('invitation-link').waitFor();
    await admin.look('console-invitation-link');
    link = (await admin.on('invitation-link').innerText()).trim();
    assert.match(link, /\/console\/invitation#[\w-]+$/);
    assert.equal(await admin.on('invitation-code-shown').count(), 0);
    assert.ok(await admin.on('invitation-close').isDisabled());
    await admin.on('invitation-kept').click();
    await admin.on('invitation-close').click();
    const made = admin.on('row-users').filter({ hasText: 'new.teller' });
    await made.locator('[data-state=disabled]').waitFor(); // until a second admin says otherwise
    await made.getByTestId('user-not-enrolled').waitFor();
    await made.getByTestId('user-roles').click();
    await admin.on('propose-reason').fill('a new colleague at the counter');
    await admin.look('console-roles');
    await admin.on('propose-send').click();
    await admin.on('change').waitFor();
  });
  const other = await sit('admin2');
  let code;
  await test('console: the second admin lets them in and holds the code', other, async () => {
    await other.signIn();
    await open(other, new URL(admin.page.url()).pathname.replace('/console', ''));
    await other.on('decision-reason').fill('known to me');
    await other.on('change-approve').click();
    await other.page.locator('h1 [data-state=approved]').waitFor();
    await open(other, '/users');
    const made = other.on('row-users').filter({ hasText: 'new.teller' });
    await made.locator('[data-state=active]').waitFor();
    await made.getByTestId('user-invite').click();
    await other.on('user-invite-confirm').click();
    code = (await other.on('invitation-code-shown').innerText()).trim();
    assert.match(code, /^\d{8}$/);
    assert.equal(await other.on('invitation-link').count(), 0);
    await other.look('console-invitation-code');
    await other.on('invitation-kept').click();
    await other.on('invitation-close').click();
  });
  const fresh = await sit('new.teller');
  await test('console: the invited chooses the password and takes the secret alone', fresh, async () => {
    await fresh.page.goto(`${bank.address}/console/invitation#${link.split('#')[1]}`);
    await fresh.on('invitation-code').fill('00000000');
    fresh.expect(/^422 POST .*enrolments$/);
    await fresh.on('invitation-begin').click();
    await fresh.on('problem').waitFor();
    await fresh.on('invitation-code').fill(code);
    await fresh.on('invitation-begin').click();
    await fresh.on('qr').waitFor();
    await fresh.look('console-enrolment');
    const secret = (await fresh.on('totp-secret').innerText()).trim();
    await fresh.on('credential-new').fill('a long pass phrase 2026');
    await fresh.on('credential-again').fill('a long pass phrase 2026');
    await fresh.on('credential-totp').fill(totp(secret, Date.now()));
    await fresh.on('invitation-complete').click();
    await fresh.on('invitation-sign-in').click();
    await fresh.page.waitForURL(/sign-in$/);
    await fresh.on('sign-in-login').fill('new.teller');
    await fresh.on('sign-in-password').fill('a long pass phrase 2026');
    await fresh.on('sign-in-totp').fill(totp(secret, Date.now() + 30000));
    await fresh.on('sign-in-submit').click();
    await fresh.on('user-menu').click();
    await fresh.on('open-credentials').click();
    await fresh.on('credential-save').waitFor();
    await fresh.look('console-credentials');
  });
  await fresh.leave();
  await test('console: a reset is proposed, and one admin shuts them out', other, async () => {
    await open(other, '/users');
    const made = other.on('row-users').filter({ hasText: 'new.teller' });
    await made.getByTestId('user-reset').click();
    await other.on('propose-reason').fill('lost the phone with the codes');
    await other.on('propose-send').click();
    await other.on('change').waitFor();
    await open(other, '/users');
    await made.getByTestId('user-state').click();
    await other.on('user-state-confirm').click();
    await made.locator('[data-state=disabled]').waitFor();
  });
  await other.leave();
  await admin.leave();
}
