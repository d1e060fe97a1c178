// Takes the pictures of docs/screenshots from a bank with the invented town.
//   node tests/browser/screenshots.mjs
import { mkdirSync, readFileSync } from 'node:fs';
import { openBank, PASS_CODE } from './bank.mjs';
import { enter, openBrowser } from './people.mjs';

const folder = 'docs/screenshots';
const bank = await openBank();
const browser = await openBrowser();
mkdirSync(folder, { recursive: true });
const keep = async (who, name) => {
  await who.page.waitForTimeout(600); // charts and toasts finish their animation
  await who.page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' });
};
try {
  const me = await enter(browser, { scale: 2 });
  await me.page.goto(`${bank.address}/app/sign-in`);
  await me.on('phone').fill('19900000002');
  await me.on('pass-code').fill(PASS_CODE);
  await me.on('transaction').nth(2).waitFor();
  await keep(me, 'customer-home');
  await me.page.goto(`${bank.address}/app/transfer`);
  await me.on('payee-phone').fill('19900000001');
  await me.on('payee-name').fill(bank.residents[0].name);
  await me.on('check-payee').click();
  await me.on('payee-match').waitFor();
  await me.on('amount').fill('88.00');
  await me.on('memo').fill('生日快乐');
  await me.on('to-review').click();
  await me.on('review-pay').waitFor();
  await keep(me, 'customer-transfer');
  const desk = await enter(browser, { language: 'en', width: 1440, height: 900 });
  await desk.page.goto(`${bank.address}/console/`);
  await desk.on('sign-in-login').fill('accountant');
  await desk.on('sign-in-password').fill(bank.password);
  await desk.on('sign-in-totp').fill(await bank.staffCode('accountant'));
  await desk.on('sign-in-submit').click();
  await desk.on('hourly-chart').waitFor();
  await keep(desk, 'console-dashboard');
  await desk.page.goto(`${bank.address}/console/ledger/trial-balance`);
  await desk.on('trial-totals').waitFor();
  await keep(desk, 'console-trial-balance');
  const both = await enter(browser, { width: 1240, height: 640 });
  const image = (name) => `data:image/png;base64,${readFileSync(`${folder}/${name}.png`).toString('base64')}`;
  await both.page.setContent(`<body style="margin:0;height:640px;display:flex;gap:24px;align-items:center;justify-content:center;
    background:#e7ecf4"><img style="height:600px;border-radius:24px" src="${image('customer-home')}">
    <img style="width:880px;border-radius:12px" src="${image('console-trial-balance')}"></body>`);
  await keep(both, 'overview');
} finally {
  await browser.close();
  await bank.close();
}
