// Opens every screen of the built console over mock/server.mjs in Chromium, in both languages and both
// schemes: screenshots, faults of axe (serious and critical), errors of the browser's console.
// Usage: node mock/shots.mjs <directory> [base address] [screen …]

import { readFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const [out = join(tmpdir(), 'shots-console'), base = 'http://127.0.0.1:8099', ...wanted] = process.argv.slice(2)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const width = Number(process.env.WIDTH ?? 1440)
const variants = (process.env.VARIANTS ?? 'zh-light,zh-dark,en-light,en-dark').split(',')
mkdirSync(out, { recursive: true })

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage'],
})
let faults = 0

async function screens(page) {
  const get = (path) => page.evaluate((p) => fetch(p).then((r) => r.json()), path)
  const customer = (await get('/v1/staff/customers')).items[0].customerId
  const account = (await get(`/v1/staff/customers/${customer}`)).accounts[0].accountId
  const payments = (await get('/v1/staff/payments?limit=100')).items
  const topUp = payments.find((p) => p.kind === 'topUp' && p.transactionStatus === 'ACSC').paymentId
  const journal = (await get('/v1/staff/journals?kind=reversal')).items[0]?.journalId
  return {
    dashboard: ['/'],
    dashboardTable: [
      '/',
      async () =>
        page
          .getByTestId('hourly-view')
          .getByText(/表格|Table/)
          .click(),
    ],
    customers: ['/customers'],
    customer: [`/customers/${customer}`],
    reveal: [`/customers/${customer}`, async () => page.getByTestId('reveal-idNumber').click()],
    account: [`/accounts/${account}`],
    payments: ['/payments'],
    payment: [`/payments/${topUp}`],
    glAccounts: ['/ledger/accounts'],
    trialBalance: ['/ledger/trial-balance'],
    journals: ['/ledger/journals'],
    journal: [`/ledger/journals/${journal}`],
    seals: ['/ledger/seals'],
    endOfDay: ['/operations/end-of-day'],
    endOfDayRun: [
      '/operations/end-of-day',
      async () => {
        await page.getByTestId('eod-run').click()
        await page.getByTestId('eod-dry').click()
      },
    ],
    jobs: ['/operations/jobs'],
    outbox: ['/operations/outbox'],
    audit: [
      '/audit',
      async () => {
        await page.getByTestId('audit-verify').click()
        await page.getByTestId('audit-verified').waitFor()
      },
    ],
    users: ['/users'],
    userCreate: ['/users', async () => page.getByTestId('user-create').click()],
    shortcuts: ['/', async () => page.keyboard.press('?')],
    missing: ['/nowhere'],
    noCustomer: ['/customers/1'],
  }
}

async function look(page, name) {
  await page.waitForTimeout(450)
  await page.screenshot({ path: `${out}/${name}.png` })
  await page.evaluate(axe)
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  for (const v of found.violations) {
    const grave = ['serious', 'critical'].includes(v.impact)
    if (grave) faults++
    if (grave || process.env.ALL)
      console.log(
        `${name}: ${v.impact} ${v.id}: ${v.nodes
          .slice(0, 3)
          .map((n) => `${n.target} ${n.any[0]?.message ?? ''}`)
          .join(' | ')}`,
      )
  }
}

for (const variant of variants) {
  const [lang, scheme] = variant.split('-')
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    locale: lang === 'zh' ? 'zh-CN' : 'en-GB',
    reducedMotion: 'reduce',
  })
  await context.addInitScript(
    ([l, s]) => {
      localStorage.setItem('console.lang', l)
      localStorage.setItem('console.theme', s)
    },
    [lang, scheme],
  )
  const page = await context.newPage()
  page.on('console', (m) => {
    if (m.type() === 'error' || m.type() === 'warning')
      console.log(`${variant} ${page.url()}: ${m.text().slice(0, 300)}`)
  })
  page.on('pageerror', (e) => console.log(`${variant} ${page.url()}: ${e.message}`))
  await page.goto(`${base}/console/`)
  await page.getByTestId('sign-in-login').waitFor()
  if (wanted.length === 0) await look(page, `signIn-${variant}`)
  await page.getByTestId('sign-in-login').fill('everyone')
  await page.getByTestId('sign-in-password').fill('sandbox-everyone')
  await page.getByTestId('sign-in-totp').fill('123456')
  await page.getByTestId('sign-in-submit').click()
  await page.getByTestId('user-menu').waitFor()
  for (const [name, [path, act]] of Object.entries(await screens(page))) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    try {
      await page.goto(`${base}/console${path}`)
      await page.locator('h1, [role=alert], .ant-result').first().waitFor()
      await page.waitForLoadState('networkidle')
      await act?.()
      await look(page, `${name}-${variant}`)
    } catch (error) {
      faults++
      console.log(`${name}-${variant}: ${error.message.slice(0, 300)}`)
    }
  }
  await context.close()
}
await browser.close()
console.log(`${faults} faults`)
process.exitCode = faults > 0 ? 1 : 0
