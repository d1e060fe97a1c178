// What a person does in the console, done in Chromium against a mock/server.mjs of its own: each step
// says what it looks for and stops when it does not find it. Usage: node mock/flows.mjs

import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const server = spawn(process.execPath, [fileURLToPath(new URL('server.mjs', import.meta.url)), '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const [said] = await once(server.stdout, 'data')
const base = /http:\/\/[\d.:]+/.exec(String(said))[0]
const shots = process.env.SHOTS
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage'],
})
let passed = 0
let failed = 0

async function person(login = 'everyone') {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    reducedMotion: 'reduce',
    acceptDownloads: true,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(8000)
  page.on('pageerror', (error) => {
    failed++
    console.log(`error in the page: ${error.message}`)
  })
  await page.goto(`${base}/console/`)
  await page.getByTestId('sign-in-login').fill(login)
  await page.getByTestId('sign-in-password').fill(`sandbox-${login}`)
  await page.getByTestId('sign-in-totp').fill('123456')
  await page.getByTestId('sign-in-submit').click()
  await page.getByTestId('user-menu').waitFor()
  return page
}

async function flow(name, run, login) {
  let page
  try {
    page = await person(login)
    await run(page)
    passed++
    console.log(`ok     ${name}`)
  } catch (error) {
    failed++
    console.log(`failed ${name}: ${error.message.split('\n').slice(0, 4).join(' ')}`)
    if (shots) await page?.screenshot({ path: `${shots}/failed-${name.replace(/\W+/g, '-')}.png` })
  }
  await page?.context().close()
}

const open = async (page, path) => {
  await page.goto(`${base}/console${path}`)
  await page.locator('h1').first().waitFor()
}

await flow('keys: slash, search, Enter', async (page) => {
  await page.keyboard.press('/')
  await page.keyboard.type('王美丽')
  await page.locator('.search-hit').first().waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/customers\/\d+$/)
  await page.getByTestId('customer').waitFor()
})
await flow('keys: arrow to a hit and Enter', async (page) => {
  await page.keyboard.press('/')
  await page.keyboard.type('+86')
  await page.keyboard.press('Escape')
  await page.keyboard.press('/')
  await page.keyboard.press('Control+A')
  await page.keyboard.type('0000002')
  await page.locator('.search-hit').first().waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForURL(/customers\/\d+$/)
})
await flow('keys: g p, j j k, Enter, browser back', async (page) => {
  await page.keyboard.press('g')
  await page.keyboard.press('p')
  await page.waitForURL(/payments$/)
  await page.getByTestId('row-payments').first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  const id = await page.evaluate(() => document.activeElement?.getAttribute('data-row'))
  assert.equal(id, await page.getByTestId('row-payments').first().getAttribute('data-row'))
  await page.keyboard.press('Enter')
  await page.waitForURL(new RegExp(`payments/${id}$`))
  await page.goBack()
  await page.waitForURL(/payments$/)
})
await flow('keys: j, Enter opens a journal, Esc closes it', async (page) => {
  await open(page, '/ledger/journals?account=2001')
  await page.getByTestId('row-journals').first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.getByTestId('postings').waitFor()
  assert.match(page.url(), /journals\/\d+\?account=2001$/)
  await page.keyboard.press('Escape')
  await page.waitForURL(/journals\?account=2001$/)
})
await flow('keys: question mark lists shortcuts, not while typing', async (page) => {
  await open(page, '/customers')
  await page.getByTestId('filter-q').fill('?')
  assert.equal(await page.getByText('Keyboard shortcuts').count(), 0)
  await page.getByTestId('filter-q').blur()
  await page.keyboard.press('?')
  await page.getByText('Keyboard shortcuts').waitFor()
})
await flow('filters stay in the address over a reload', async (page) => {
  await open(page, '/payments')
  await page.getByTestId('filter-status').click()
  await page.locator('.ant-select-item-option', { hasText: 'Rejected' }).click()
  await page.waitForURL(/status=RJCT/)
  await page.reload()
  await page.getByTestId('row-payments').first().waitFor()
  const states = await page
    .locator('[data-testid=row-payments] [data-state]')
    .evaluateAll((all) => all.map((one) => one.dataset.state))
  assert.ok(states.length > 0 && states.every((state) => state === 'RJCT'))
  await page.getByTestId('filter-clear').click()
  await page.waitForURL(/payments$/)
})
await flow('load more, and a column that stays chosen', async (page) => {
  await open(page, '/payments')
  await page.getByTestId('row-payments').first().waitFor()
  const before = await page.getByTestId('row-payments').count()
  await page.getByTestId('load-more').click()
  await page.waitForFunction((n) => document.querySelectorAll('[data-testid=row-payments]').length > n, before)
  await page.getByTestId('columns').click()
  await page.getByTestId('column-e2e').click()
  await page.getByRole('columnheader', { name: 'End-to-end ID' }).waitFor()
  await page.reload()
  await page.getByRole('columnheader', { name: 'End-to-end ID' }).waitFor()
})
await flow('reveal asks for a reason and is logged', async (page) => {
  await open(page, '/customers?q=王美丽')
  await page.getByTestId('row-customers').first().click()
  await page.getByTestId('reveal-idNumber').click()
  await page.getByTestId('reveal-confirm').click()
  await page.getByText('Give a reason of 3 to 160 characters').waitFor()
  await page.getByTestId('reveal-reason').fill('flow test of the reveal')
  await page.getByTestId('reveal-confirm').click()
  await page.getByText('440305199512120033').waitFor()
  await open(page, '/audit?q=flow')
  await page.getByText('flow test of the reveal').waitFor()
})
await flow('a pending payment is queried and settles', async (page) => {
  await open(page, '/payments?status=PDNG')
  await page.getByTestId('row-payments').first().click()
  await page.getByTestId('query-channel').click()
  await page.locator('h1 [data-state=ACSC]').waitFor()
  await page.getByTestId('postings').waitFor()
})
await flow('account: line opens its journal, balance at an instant', async (page) => {
  await open(page, '/customers?q=张三丰')
  await page.getByTestId('row-customers').first().click()
  await page.getByTestId('account-link').click()
  await page.getByTestId('row-account-lines').first().click()
  await page.getByTestId('postings').waitFor()
  await page.keyboard.press('Escape')
  await page.getByTestId('postings').waitFor({ state: 'detached' })
  await page.getByTestId('balance-at').click()
  await page.keyboard.type('2026-11-21 12:00:00')
  await page.keyboard.press('Enter')
  await page.getByTestId('balance-at-answer').getByText('As of').waitFor()
})
await flow('trial balance is exported whole', async (page) => {
  await open(page, '/ledger/trial-balance')
  await page.getByTestId('trial-totals').waitFor()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('trial-export').click()])
  assert.match(file.suggestedFilename(), /^trial-balance-\d{4}-\d\d-\d\d-CNY\.csv$/)
  const text = readFileSync(await file.path(), 'utf8')
  assert.equal(text.trim().split('\r\n').length, 12)
  assert.match(text, /\r\n,Total,,/)
})
await flow('end of day: dry unless told, real asks for the date', async (page) => {
  await open(page, '/operations/end-of-day')
  await page.getByTestId('eod-run').click()
  await page.getByTestId('eod-dry').click()
  assert.ok(await page.getByTestId('eod-confirm').isDisabled())
  await page.getByTestId('eod-typed').fill((await page.getByTestId('eod-typed').getAttribute('placeholder')) ?? '')
  assert.ok(await page.getByTestId('eod-confirm').isEnabled())
  await page.getByTestId('eod-dry').click()
  await page.getByTestId('eod-confirm').click()
  await page.locator('[data-testid=eod-state] [data-state=running]').waitFor()
  await page.locator('[data-testid=eod-state] [data-state=done]').waitFor({ timeout: 20_000 })
})
await flow('outbox: a message that was given up is tried again', async (page) => {
  await open(page, '/operations/outbox?state=dead')
  await page.getByTestId('outbox-retry').click()
  await page.getByText('No message was given up').waitFor()
})
await flow('staff: create, secret once, disable', async (page) => {
  await open(page, '/users')
  await page.getByTestId('user-create').click()
  await page.getByTestId('user-save').click()
  await page.getByText('Choose at least one role').waitFor()
  await page.getByTestId('user-login').fill('new.teller')
  await page.getByTestId('user-name').fill('新柜员')
  await page.getByTestId('user-password').fill('a long password')
  await page.getByTestId('role-teller').click()
  await page.getByTestId('user-save').click()
  await page.getByTestId('qr').waitFor()
  if (shots) await page.screenshot({ path: `${shots}/secret.png` })
  assert.match(await page.getByTestId('totp-uri').innerText(), /^otpauth:\/\/totp\/Sycee:new\.teller\?secret=[A-Z2-7]+/)
  assert.ok(await page.getByTestId('secret-close').isDisabled())
  await page.getByTestId('secret-kept').click()
  await page.getByTestId('secret-close').click()
  await page.getByTestId('row-users').last().getByTestId('user-state').click()
  await page.getByTestId('user-state-confirm').click()
  await page.locator('[data-state=disabled]').waitFor()
})
await flow(
  'a teller sees no ledger',
  async (page) => {
    assert.equal(await page.getByTestId('menu-journals').count(), 0)
    assert.equal(await page.getByTestId('menu-customers').count(), 1)
    await page.goto(`${base}/console/ledger/journals`)
    await page.getByText('Your roles do not allow this page').waitFor()
  },
  'teller',
)
await flow('sign-out, then back where one was', async (page) => {
  await open(page, '/ledger/seals')
  await page.getByTestId('user-menu').click()
  await page.getByTestId('sign-out').click()
  await page.waitForURL(/sign-in$/)
  await page.goto(`${base}/console/payments?kind=topUp`)
  await page.waitForURL(/sign-in\?next=/)
  await page.getByTestId('sign-in-login').fill('operator')
  await page.getByTestId('sign-in-password').fill('wrong password')
  await page.getByTestId('sign-in-totp').fill('123456')
  await page.getByTestId('sign-in-submit').click()
  await page.getByTestId('sign-in-failed').waitFor()
  await page.getByTestId('sign-in-password').fill('sandbox-operator')
  await page.getByTestId('sign-in-totp').fill('123456')
  await page.getByTestId('sign-in-submit').click()
  await page.waitForURL(/payments\?kind=topUp$/)
})
await flow('language and theme switch and stay', async (page) => {
  await page.getByTestId('language').click()
  await page.getByText('工作台').first().waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN')
  await page.getByTestId('theme').click()
  await page.getByText('深色').click()
  await page.reload()
  await page.getByText('工作台').first().waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
})
await flow('five wrong sign-ins say how long it is locked', async (page) => {
  await page.context().clearCookies()
  await page.goto(`${base}/console/sign-in`)
  for (let i = 0; i < 5; i++) {
    await page.getByTestId('sign-in-login').fill('nobody')
    await page.getByTestId('sign-in-password').fill('wrong')
    await page.getByTestId('sign-in-totp').fill('123456')
    await Promise.all([page.waitForResponse(/staff\/sessions/), page.getByTestId('sign-in-submit').click()])
  }
  await page
    .getByTestId('sign-in-locked')
    .getByText(/1[45]:\d\d/)
    .waitFor()
  if (shots) await page.screenshot({ path: `${shots}/locked.png` })
  assert.ok(await page.getByTestId('sign-in-submit').isDisabled())
})
await browser.close()
server.kill()
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
