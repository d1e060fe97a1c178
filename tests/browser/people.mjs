// People at a browser: each page is watched for every error that a program can detect.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shots = process.env.SYCEE_BROWSER_SHOTS; // a folder: keeps a picture of every screen

export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
  });
}

/**
 * A person with a page. Collects `faults`: script errors, console errors, answers of 400 and more that `expect` did
 * not announce, findings of `look`.
 */
export async function enter(browser, { language = 'zh', dark = false, width = 390, height = 844, scale = 1 } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    timezoneId: 'Asia/Shanghai',
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    acceptDownloads: true,
    deviceScaleFactor: scale,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults = [];
  const expected = [];
  let isOffline = false;
  page.on('console', (line) => {
    if (line.type() !== 'error' && line.type() !== 'warning') return;
    // requests refused by the network are judged by their status below
    if (/^Failed to load resource/.test(line.text()) && (isOffline || /status of \d+/.test(line.text()))) return;
    faults.push(`console: ${line.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() < 400) return;
    const said = `${response.status()} ${response.request().method()} ${new URL(response.url()).pathname}`;
    const at = expected.findIndex((pattern) => pattern.test(said));
    if (at < 0) faults.push(`answer: ${said}`);
    else expected.splice(at, 1);
  });
  const person = {
    context, page, faults, language, dark,
    on: (id) => page.getByTestId(id),
    /** The next matching answer may be a refusal. */
    expect: (pattern) => expected.push(pattern),
    forget: () => expected.splice(0),
    async offline(yes) {
      if (yes) isOffline = true;
      await context.setOffline(yes);
    },
    async look(name) {
      await look(person, name);
    },
    async leave() {
      await context.close();
    },
  };
  return person;
}

/** Requirements of every screen: no serious axe finding, no horizontal scrolling. */
async function look(person, name) {
  const { page, faults } = person;
  await page.waitForTimeout(250);
  const place = `${name} (${person.language}${person.dark ? ', dark' : ''})`;
  if (shots) await page.screenshot({ path: `${shots}/${name}-${person.language}${person.dark ? '-dark' : ''}.png` });
  // through the debugger, since the page's own policy refuses foreign scripts
  // one session for all checks: ending a session removes a page's virtual authenticators
  const session = (person.debug ??= await page.context().newCDPSession(page));
  await session.send('Runtime.evaluate', { expression: axe });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'] }).then((r) => JSON.stringify(r.violations
      .filter((v) => ['serious', 'critical'].includes(v.impact))
      .map((v) => v.impact + ' ' + v.id + ': ' + v.nodes.slice(0, 3)
        .map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(' | '))))`,
    awaitPromise: true, returnByValue: true });
  for (const fault of JSON.parse(result.value)) faults.push(`${place}: ${fault}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) faults.push(`${place}: wider than the screen by ${wide} px`);
}
