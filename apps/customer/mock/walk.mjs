/*
 * Walks through every screen against the stand-in bank in Chromium, looks at each with axe, and
 * keeps a picture of it. Usage: node mock/walk.mjs ADDRESS DIRECTORY [zh|en] [light|dark] [large]
 * Ends with a list of what was found; the exit status is 1 when there is anything.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const [
  address = 'http://localhost:8091',
  directory = 'shots',
  language = 'zh',
  theme = 'light',
  letters = 'normal',
] = process.argv.slice(2)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const found = []
mkdirSync(directory, { recursive: true })

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
})

async function start() {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    colorScheme: theme,
    bypassCSP: false,
    acceptDownloads: true,
    serviceWorkers: 'allow',
  })
  await context.addInitScript((large) => {
    if (large) localStorage.setItem('sycee.settings', JSON.stringify({ letters: 'large' }))
  }, letters === 'large')
  const page = await context.newPage()
  page.setDefaultTimeout(8000)
  page.on('console', (line) => {
    if (line.type() === 'error' && !/status of (4|503)|ERR_INTERNET_DISCONNECTED/.test(line.text()))
      found.push(`console: ${line.text()}`)
  })
  page.on('pageerror', (error) => found.push(`page error: ${error.message}`))
  return { context, page }
}

/** Picture and axe of one screen. */
async function look(page, name) {
  await page.waitForTimeout(350)
  await page.screenshot({
    path: `${directory}/${name}-${language}-${theme}${letters === 'large' ? '-large' : ''}.png`,
  })
  // axe goes in over the debugger, which the page's own security policy does not stop
  const session = await page.context().newCDPSession(page)
  await session.send('Runtime.evaluate', { expression: axe })
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'] }).then((r) => JSON.stringify(r.violations.map((v) => [v.impact, v.id, v.nodes.map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).slice(0, 3)])))`,
    awaitPromise: true,
    returnByValue: true,
  })
  for (const [impact, id, nodes] of JSON.parse(result.value)) {
    if (impact === 'serious' || impact === 'critical')
      found.push(`${name}: ${impact} ${id}: ${nodes.join(' | ')}`)
  }
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  if (wide > 0) found.push(`${name}: wider than the screen by ${wide} px`)
}

const on = (page, id) => page.getByTestId(id)

async function signUp() {
  const { context, page } = await start()
  const phone = `139${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`
  await page.goto(`${address}/app/`)
  await on(page, 'open-account').waitFor()
  await look(page, '01-welcome')
  await on(page, 'open-account').click()
  await on(page, 'send-code').click()
  await look(page, '02-phone-fault')
  await on(page, 'phone').fill(phone)
  await on(page, 'send-code').click()
  await on(page, 'one-time-code').fill('111111')
  await on(page, 'one-time-code-fault').waitFor()
  await look(page, '03-code-wrong')
  await on(page, 'one-time-code').fill('246810')
  await on(page, 'id-number').fill('110105194912310021')
  await on(page, 'id-number-fault').waitFor()
  await page.locator('summary').click()
  await look(page, '04-identity')
  await page.locator('summary').click()
  await on(page, 'name').fill('王五')
  await on(page, 'id-number').fill('11010519491231002X')
  await on(page, 'identity-submit').click()
  await on(page, 'check-registry').waitFor()
  await look(page, '05-identity-refused')
  await on(page, 'name').fill('赵敏')
  await on(page, 'identity-submit').click()
  await on(page, 'identity-next').waitFor()
  await look(page, '06-identity-passed')
  await on(page, 'identity-next').click()
  await on(page, 'agree-terms').click()
  await on(page, 'agree-terms').waitFor({ state: 'detached' })
  await look(page, '07-consents')
  await page.reload()
  for (const purpose of ['privacy', 'identityCheck']) {
    await on(page, `agree-${purpose}`).click()
    await on(page, `agree-${purpose}`).waitFor({ state: 'detached' })
  }
  await on(page, 'consents-next').click()
  await on(page, 'new-pass-code').fill('123456')
  await on(page, 'new-pass-code-fault').waitFor()
  await look(page, '08-pass-code-weak')
  await on(page, 'new-pass-code').fill('274916')
  await on(page, 'new-pass-code-again').fill('274916')
  await on(page, 'card-number').waitFor()
  await page.goto(`${address}/app/`)
  await on(page, 'continue-opening').waitFor()
  await look(page, '09-home-unfinished')
  await on(page, 'continue-opening').click()
  await on(page, 'card-number').fill('6228480000000000001')
  await on(page, 'reserved-phone').fill(phone)
  await on(page, 'bind-submit').click()
  await on(page, 'card-number-fault').waitFor()
  await look(page, '10-card-fault')
  await on(page, 'card-number').fill('4111111111111111')
  await on(page, 'bind-submit').click()
  await on(page, 'issuer-code').waitFor()
  await look(page, '11-issuer-code')
  await on(page, 'issuer-code').fill('246810')
  await on(page, 'account-opened').waitFor()
  await on(page, 'limits-in-words').locator('li').first().waitFor()
  await look(page, '12-opened')
  await context.close()
}

async function daily() {
  const { context, page } = await start()
  await page.request.post(`${address}/mock/customer`)
  const keys = { 'top-ups': [], transfers: [] }
  page.on('request', (request) => {
    const name = /\/v1\/(top-ups|transfers)$/.exec(request.url())?.[1]
    if (name) keys[name].push(request.headers()['idempotency-key'])
  })
  await page.goto(`${address}/app/sign-in`)
  await on(page, 'phone').fill('13800000001')
  await on(page, 'pass-code').fill('111111')
  await on(page, 'problem').waitFor()
  await look(page, '20-sign-in-failed')
  await on(page, 'pass-code').fill('274916')
  await on(page, 'balance').waitFor()
  await on(page, 'transaction').first().waitFor()
  await look(page, '21-home')
  await on(page, 'hide-balance').click()
  await look(page, '22-home-hidden')
  await on(page, 'hide-balance').click()

  await on(page, 'action-top-up').click()
  await on(page, 'amount').waitFor()
  for (const key of ['1', '0', '0', 'point', '5', '0', '9']) await on(page, `key-${key}`).click()
  if ((await on(page, 'amount').inputValue()) !== '100.50')
    found.push('amount takes more than two decimals')
  await look(page, '23-top-up')
  await on(page, 'amount').fill('99999')
  await on(page, 'to-review').click()
  await on(page, 'amount-fault').waitFor()
  await on(page, 'amount').fill('500.11')
  await on(page, 'to-review').click()
  await look(page, '24-top-up-review')
  await on(page, 'review-pay').dblclick()
  await on(page, 'step-up-code').waitFor()
  await look(page, '25-step-up')
  await on(page, 'step-up-code').fill('274916')
  await on(page, 'check-again').waitFor()
  await look(page, '26-checking')
  await page.goto(`${address}/app/`)
  await on(page, 'to-do-payment').click()
  await on(page, 'check-again').click()
  await page
    .locator('.adm-toast-mask, .adm-toast-main')
    .first()
    .waitFor({ timeout: 5000 })
    .catch(() => found.push('no toast appeared'))
  await page.locator('[data-state=done]').waitFor({ timeout: 20000 })
  await look(page, '27-done')
  const [receipt] = await Promise.all([
    page.waitForEvent('download'),
    on(page, 'download-receipt').click(),
  ])
  if (!receipt.suggestedFilename().endsWith('.pdf')) found.push('receipt has no .pdf name')

  await page.goto(`${address}/app/top-up`)
  await on(page, 'amount').fill('20.33')
  await on(page, 'to-review').click()
  await on(page, 'review-pay').click()
  await page.locator('[data-state=failed]').waitFor()
  await look(page, '28-failed')

  await page.goto(`${address}/app/transfer`)
  await on(page, 'payee-phone').fill('13800000002')
  await on(page, 'payee-name').fill('张晓雨')
  await on(page, 'check-payee').click()
  await on(page, 'payee-close-match').waitFor()
  await look(page, '29-close-match')
  await on(page, 'payee-use-name').click()
  await on(page, 'payee-match').waitFor()
  await on(page, 'payee-name').fill('王五')
  await on(page, 'check-payee').click()
  await on(page, 'payee-no-match').waitFor()
  await look(page, '30-no-match')
  await on(page, 'payee-name').fill('张小雨')
  await on(page, 'check-payee').click()
  await on(page, 'amount').fill('66.66')
  await on(page, 'memo').fill('晚餐')
  await on(page, 'to-review').click()
  await on(page, 'review-pay').click()
  await on(page, 'problem').waitFor()
  await look(page, '31-transfer-refused')
  await on(page, 'review-edit').click()
  if ((await on(page, 'memo').inputValue()) !== '晚餐') found.push('form lost its input')
  await on(page, 'amount').fill('28.50')
  await page.request.post(`${address}/mock/failing`, {
    data: { failing: 'POST /v1/transfers 503' },
  })
  await on(page, 'to-review').click()
  await on(page, 'review-pay').click()
  await on(page, 'problem').waitFor()
  await look(page, '32-transfer-unknown')
  await on(page, 'review-pay').click()
  await page.locator('[data-state=done]').waitFor()
  await look(page, '33-transfer-done')
  // top-up: asked for the pass code, then repeated; then another one
  const [asked, repeated, next] = keys['top-ups']
  if (keys['top-ups'].length !== 3 || asked !== repeated || next === asked) {
    found.push(`keys of top-ups: ${keys['top-ups']}`)
  }
  // transfer: refused, edited, lost, repeated
  const [refused, lost, again] = keys.transfers
  if (keys.transfers.length !== 3 || lost !== again || refused === lost) {
    found.push(`keys of transfers: ${keys.transfers}`)
  }

  await page.goto(`${address}/app/withdraw`)
  await on(page, 'amount').fill('50.22')
  await on(page, 'to-review').click()
  await look(page, '34-withdraw-review')
  await on(page, 'review-pay').click()
  await on(page, 'check-again').waitFor()

  await page.goto(`${address}/app/pay`)
  await on(page, 'pay-left-today').waitFor()
  await look(page, '35-pay')
  await page.goto(`${address}/app/activity`)
  await on(page, 'transaction').first().waitFor()
  await look(page, '36-activity')
  await on(page, 'activity-filter').click()
  await on(page, 'filter-direction-in').check({ force: true })
  await on(page, 'filter-min-amount').fill('500')
  await look(page, '37-filter')
  await on(page, 'filter-apply').click()
  await page.waitForURL(/direction=in/)
  await page.reload()
  await on(page, 'transaction').first().waitFor()
  await look(page, '38-filtered')
  await on(page, 'activity-search').fill('zzz')
  await on(page, 'activity-empty').waitFor()
  await look(page, '39-nothing-found')
  await page.goto(`${address}/app/activity?q=${encodeURIComponent('面包')}`)
  await on(page, 'transaction').first().click()
  await on(page, 'transaction-facts').waitFor()
  await look(page, '40-facts')

  const pages = {
    statement: 'statement-download',
    messages: 'message',
    me: 'me-cards',
    'me/cards': 'card',
    'me/cards/new': 'second-card-note',
    'me/limits': 'limit-balanceMax',
    'me/security': 'session',
    'me/pass-code': 'old-pass-code',
    'me/settings': 'setting-theme',
    'me/consents': 'consent-terms',
    'me/help': 'version',
    nowhere: 'missing',
  }
  let number = 41
  for (const [path, id] of Object.entries(pages)) {
    await page.goto(`${address}/app/${path}`)
    await on(page, id).first().waitFor()
    await look(page, `${number++}-${path.replaceAll('/', '-')}`)
  }
  await page.goto(`${address}/app/statement`)
  await on(page, 'statement-download').waitFor()
  const [statement] = await Promise.all([
    page.waitForEvent('download'),
    on(page, 'statement-download').click(),
  ])
  if (!/^sycee-.*\.pdf$/.test(statement.suggestedFilename()))
    found.push(`statement is named ${statement.suggestedFilename()}`)

  await page.goto(`${address}/app/`)
  await on(page, 'balance').waitFor()
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await page.waitForTimeout(500)
  await context.setOffline(true)
  await page.reload()
  await on(page, 'balance').waitFor()
  await look(page, '60-offline')
  if ((await page.locator('a[data-testid=action-transfer]').count()) !== 0)
    found.push('payments are open without a network')
  await context.setOffline(false)
  await page.goto(`${address}/app/me`)
  await on(page, 'sign-out').click()
  await on(page, 'sign-in').waitFor()
  await context.close()
}

try {
  await signUp()
  await daily()
} catch (error) {
  found.push(String(error))
  const page = browser.contexts().at(-1)?.pages()[0]
  await page?.screenshot({ path: `${directory}/stopped.png` })
} finally {
  await browser.close()
}
console.log(found.length === 0 ? 'nothing found' : found.join('\n'))
process.exit(found.length === 0 ? 0 : 1)
