// A small stand-in for the bank, for work on the console alone: it answers the staff routes of the
// API from data in memory and serves the built console under /console/. It is not shipped, holds no
// rule of the bank, and its people are invented. Usage: node mock/server.mjs [port] (default 8099).
//
// Sign in with everyone / sandbox-everyone (all roles) and any six digits; 000000 is refused, and five
// refusals lock. Other logins: admin, teller, accountant, operator, auditor (password sandbox-<login>).

import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeBank } from './bank.mjs'

const port = Number(process.argv[2] ?? 8099)
const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const bank = makeBank()
const sessions = new Map()
const failures = new Map()

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
}

function problem(res, status, slug, more = {}) {
  const zh = (res.req.headers['accept-language'] ?? 'zh').startsWith('zh')
  const text = {
    'sign-in-failed': ['登录名、密码或动态码不正确。', 'The login, password or code is not right.'],
    'sign-in-locked': ['登录已被锁定，请稍后再试。', 'Sign-in is locked for a while.'],
    'not-found': ['找不到该内容。', 'There is no such thing.'],
    'not-signed-in': ['请先登录。', 'Please sign in.'],
    'invalid-field': ['请求中有字段不正确。', 'A field of the request is wrong.'],
    'not-allowed': ['您的角色没有此权限。', 'Your roles do not allow this.'],
  }[slug] ?? [slug, slug]
  const detail = zh ? text[0] : text[1]
  res.writeHead(status, { 'Content-Type': 'application/problem+json' })
  res.end(
    JSON.stringify({
      type: `/problems/${slug}`,
      title: detail,
      status,
      detail,
      instance: '4bf92f3577b34da6a3ce929d0e0e4736',
      ...more,
    }),
  )
}

function json(res, body, status = 200, headers = {}) {
  res.writeHead(status, { 'Content-Type': 'application/json', ...headers })
  res.end(status === 204 ? undefined : JSON.stringify(body))
}

function list(res, url, items) {
  const limit = Math.min(100, Number(url.searchParams.get('limit') ?? 20))
  const start = Number(url.searchParams.get('cursor') ?? 0)
  const headers = {}
  if (start + limit < items.length) {
    const next = new URL(url)
    next.searchParams.set('cursor', String(start + limit))
    headers.Link = `<${next.pathname}${next.search}>; rel="next"`
  }
  json(res, { items: items.slice(start, start + limit) }, 200, headers)
}

function serveFile(req, res, path) {
  const wanted = normalize(path.replace(/^\/console\/?/, ''))
  let file = join(dist, wanted)
  if (!file.startsWith(dist) || !existsSync(file) || statSync(file).isDirectory()) {
    if (extname(wanted) !== '') return problem(res, 404, 'not-found')
    file = join(dist, 'index.html')
  }
  if (!existsSync(file)) return problem(res, 404, 'not-found')
  res.writeHead(200, {
    'Content-Type': types[extname(file)] ?? 'application/octet-stream',
    'Content-Security-Policy':
      "default-src 'self'; script-src 'self'; " +
      "style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; " +
      "frame-ancestors 'none'; base-uri 'none'",
  })
  createReadStream(file).pipe(res)
}

function staffOf(req) {
  const cookie = /(?:^|; )staff=([^;]+)/.exec(req.headers.cookie ?? '')?.[1]
  const bearer = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1]
  return sessions.get(cookie ?? bearer)
}

function signIn(res, body) {
  const count = failures.get(body.login) ?? 0
  if (count >= 5) return problem(res, 401, 'sign-in-locked', { retryAfter: 871 })
  const user = bank.users.find((u) => u.login === body.login && u.state === 'active')
  if (!user || body.password !== user.password || body.totp === '000000') {
    failures.set(body.login, count + 1)
    if (count + 1 >= 5) return problem(res, 401, 'sign-in-locked', { retryAfter: 900 })
    return problem(res, 401, 'sign-in-failed', { triesLeft: 4 - count })
  }
  failures.delete(body.login)
  const token = Math.random().toString(36).slice(2) + Math.random().toString(36).slice(2)
  sessions.set(token, user)
  json(res, { token, staff: bank.staffView(user) }, 201, {
    'Set-Cookie': `staff=${token}; HttpOnly; SameSite=Strict; Path=/`,
  })
}

async function bodyOf(req) {
  let text = ''
  for await (const chunk of req) text += chunk
  return text === '' ? {} : JSON.parse(text)
}

const routes = [
  ['GET', '/v1/staff/me', (c) => json(c.res, bank.staffView(c.staff))],
  [
    'DELETE',
    '/v1/staff/sessions/current',
    (c) => json(c.res, null, 204, { 'Set-Cookie': 'staff=; Path=/; Max-Age=0' }),
  ],
  ['GET', '/v1/staff/dashboard', (c) => json(c.res, bank.dashboard())],
  ['GET', '/v1/staff/customers', (c) => list(c.res, c.url, bank.findCustomers(c.q('q')))],
  ['GET', '/v1/staff/customers/:id', (c) => c.one(bank.customer360(c.p.id))],
  [
    'POST',
    '/v1/staff/customers/:id/reveals',
    (c) => {
      if (!c.body.reason || c.body.reason.length < 3) {
        return problem(c.res, 400, 'invalid-field', { errors: [{ pointer: '#/reason', detail: 'too short' }] })
      }
      const value = bank.reveal(c.staff, c.p.id, c.body.field, c.body.reason)
      return c.one(value && { value })
    },
  ],
  ['GET', '/v1/staff/accounts/:id', (c) => c.one(bank.account(c.p.id))],
  ['GET', '/v1/staff/accounts/:id/balances', (c) => c.one(bank.balances(c.p.id, c.q('at')))],
  ['GET', '/v1/staff/accounts/:id/limits', (c) => c.one(bank.limits(c.p.id))],
  [
    'GET',
    '/v1/staff/accounts/:id/transactions',
    (c) => list(c.res, c.url, bank.transactions(c.p.id, c.url.searchParams)),
  ],
  ['GET', '/v1/staff/payments', (c) => list(c.res, c.url, bank.findPayments(c.url.searchParams))],
  ['GET', '/v1/staff/payments/:id', (c) => c.one(bank.payment(c.p.id))],
  ['POST', '/v1/staff/payments/:id/queries', (c) => c.one(bank.queryPayment(c.p.id))],
  ['GET', '/v1/staff/gl-accounts', (c) => json(c.res, { items: bank.glAccounts() })],
  ['GET', '/v1/staff/trial-balance', (c) => json(c.res, bank.trialBalance(c.q('date')))],
  ['GET', '/v1/staff/journals', (c) => list(c.res, c.url, bank.findJournals(c.url.searchParams))],
  ['GET', '/v1/staff/journals/:id', (c) => c.one(bank.journal(c.p.id))],
  ['GET', '/v1/staff/jobs', (c) => json(c.res, { items: bank.jobs() })],
  ['GET', '/v1/staff/business-date', (c) => json(c.res, bank.businessDate())],
  ['POST', '/v1/staff/end-of-day-runs', (c) => json(c.res, bank.runEndOfDay(c.body), 202)],
  ['GET', '/v1/staff/outbox', (c) => list(c.res, c.url, bank.outbox(c.q('state')))],
  [
    'POST',
    '/v1/staff/outbox/:id/retries',
    (c) => {
      bank.retry(c.p.id)
      json(c.res, null, 204)
    },
  ],
  ['GET', '/v1/staff/audit-log', (c) => list(c.res, c.url, bank.auditLog(c.url.searchParams))],
  ['GET', '/v1/staff/audit-log/verification', (c) => json(c.res, bank.verifyAudit())],
  ['GET', '/v1/staff/seals', (c) => list(c.res, c.url, bank.seals)],
  ['GET', '/v1/staff/users', (c) => list(c.res, c.url, bank.users.map(bank.userView))],
  ['POST', '/v1/staff/users', (c) => json(c.res, bank.addUser(c.body), 201)],
  ['PATCH', '/v1/staff/users/:id', (c) => c.one(bank.changeUser(c.p.id, c.body))],
]

function match(method, path) {
  for (const [m, pattern, handler] of routes) {
    if (m !== method) continue
    const names = []
    const source = pattern.replace(/:(\w+)/g, (_, name) => {
      names.push(name)
      return '([^/]+)'
    })
    const found = new RegExp(`^${source}$`).exec(path)
    if (found) return { handler, p: Object.fromEntries(names.map((n, i) => [n, found[i + 1]])) }
  }
  return null
}

createServer(async (req, res) => {
  const url = new URL(req.url, `http://${req.headers.host}`)
  if (url.pathname === '/') {
    res.writeHead(302, { Location: '/console/' })
    return res.end()
  }
  if (url.pathname.startsWith('/console')) return serveFile(req, res, url.pathname)
  if (url.pathname === '/v1/bank') return json(res, bank.bank)
  const body = await bodyOf(req)
  if (req.method === 'POST' && url.pathname === '/v1/staff/sessions') return signIn(res, body)
  const found = match(req.method, url.pathname)
  if (!found) return problem(res, 404, 'not-found')
  const staff = staffOf(req)
  if (!staff) return problem(res, 401, 'not-signed-in')
  const one = (value) => (value ? json(res, value) : problem(res, 404, 'not-found'))
  return found.handler({ req, res, url, body, staff, one, p: found.p, q: (k) => url.searchParams.get(k) ?? '' })
}).listen(port, '127.0.0.1', function listening() {
  console.log(`console with invented data: http://127.0.0.1:${this.address().port}/console/`)
})
