/*
 * A stand-in for the bank, for work on this app alone: answers the customer's part of the
 * interface from memory and serves dist/ under /app/ with the headers that the bank sends.
 * Not part of a build. Usage: node mock/server.mjs [PORT]   (8091 unless told)
 *
 * Codes are 246810 everywhere. Amounts steer the card channel: .11 stays unknown for three
 * queries and then settles, .22 stays unknown and then fails, .33 fails at once.
 * POST /mock/customer gives a ready customer (13800000001, pass code 274916).
 */
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import {
  account,
  bank,
  consentTexts,
  customerOf,
  limitsOf,
  money,
  paymentOf,
  pdf,
  problems,
  ready,
} from './data.mjs'

const PORT = Number(process.argv[2] ?? 8091)
const DIST = new URL('../dist/', import.meta.url).pathname
const CODE = '246810'
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
const KINDS = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
}

const people = new Map()
const sessions = new Map()
const codes = new Map()
const answers = new Map()
let failing = ''

class Refused extends Error {
  constructor(status, slug, extra = {}) {
    super(slug)
    Object.assign(this, { status, slug, extra })
  }
}

const refuse = (status, slug, extra) => {
  throw new Refused(status, slug, extra)
}

function checkCode(id, code) {
  const sent = codes.get(id) ?? refuse(422, 'code-expired')
  if (code === CODE) return sent
  sent.tries -= 1
  refuse(422, sent.tries > 0 ? 'code-wrong' : 'code-exhausted', { triesLeft: sent.tries })
}

function open(person, deviceName) {
  const token = randomUUID()
  const session = {
    sessionId: String(sessions.size + 1),
    deviceName,
    createdAt: now(),
    lastSeenAt: now(),
    stepUpUntil: null,
    person,
    token,
  }
  sessions.set(token, session)
  return {
    status: 201,
    cookie: token,
    body: { token, session: view(session, token), customer: customerOf(person) },
  }
}

const now = () => new Date().toISOString()
const view = ({ person, token, ...session }, current) => ({
  ...session,
  current: token === current,
})

function needStepUp(session, amount) {
  if (!session.stepUpUntil && (amount === undefined || Number(amount) > 200))
    refuse(403, 'step-up-required')
}

/** route -> answer; { who, session, body, params, query } in, body or { status, body } out */
const routes = {
  'GET /v1/bank': () => bank,
  'GET /v1/consent-texts': () => ({ items: consentTexts }),
  'POST /v1/phone-codes': ({ body }) => {
    const phoneCodeId = randomUUID()
    codes.set(phoneCodeId, { phone: body.phone, tries: 5 })
    const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString()
    return {
      status: 201,
      body: {
        phoneCodeId,
        phone: `+86${body.phone.slice(0, 3)}****${body.phone.slice(-4)}`,
        expiresAt: at(300),
        resendAt: at(60),
      },
    }
  },
  'POST /v1/sign-ups': ({ body }) => {
    checkCode(body.phoneCodeId, body.code)
    if (people.has(body.phone)) refuse(409, 'phone-taken')
    people.set(body.phone, {
      phone: body.phone,
      language: body.language,
      consents: [],
      cards: [],
      payments: [],
      transactions: [],
      messages: [],
      createdAt: now(),
    })
    return open(people.get(body.phone), body.deviceName)
  },
  'POST /v1/sessions': ({ body }) => {
    const person = people.get(body.phone)
    if (body.passCode !== undefined && (!person || person.passCode !== body.passCode))
      refuse(401, 'sign-in-failed', { triesLeft: 4 })
    if (body.passCode === undefined) checkCode(body.phoneCodeId, body.code)
    return open(person ?? refuse(401, 'sign-in-failed'), body.deviceName)
  },
  'GET /v1/sessions': ({ who, session }) => ({
    items: [...sessions.values()]
      .filter((one) => one.person === who)
      .map((one) => view(one, session.token)),
  }),
  'DELETE /v1/sessions/:id': ({ who, session, params }) => {
    for (const [token, one] of sessions) {
      if (
        one.person === who &&
        (params.id === 'current' ? one === session : one.sessionId === params.id)
      )
        sessions.delete(token)
    }
    return { status: 204 }
  },
  'POST /v1/step-ups': ({ who, session, body }) => {
    if (who.passCode !== body.passCode) refuse(422, 'pass-code-wrong', { triesLeft: 3 })
    session.stepUpUntil = new Date(Date.now() + 300_000).toISOString()
    return { status: 201, body: { stepUpUntil: session.stepUpUntil } }
  },
  'GET /v1/me': ({ who }) => customerOf(who),
  'PATCH /v1/me': ({ who, body }) => customerOf(Object.assign(who, body)),
  'PUT /v1/me/identity': ({ who, body }) => {
    const checks = ['format', 'region', 'birthDate', 'checkDigit', 'age', 'registry'].map(
      (check) => ({ check, result: 'passed' }),
    )
    if (body.name === '王五') {
      checks[5] = {
        check: 'registry',
        result: 'failed',
        reason: { en: 'Name and number do not belong together.', zh: '姓名与号码不匹配。' },
      }
      refuse(422, 'identity-refused', {
        checks,
        errors: [{ pointer: '#/name', detail: 'The registry has another name for this number.' }],
      })
    }
    Object.assign(who, { name: body.name, idNumber: body.idNumber })
    return { customer: customerOf(who), checks }
  },
  'GET /v1/consents': ({ who }) => ({ items: who.consents }),
  'POST /v1/consents': ({ who, body }) => {
    const consent = { ...body, at: now() }
    who.consents.push(consent)
    return { status: 201, body: consent }
  },
  'PUT /v1/me/pass-code': ({ who, session, body }) => {
    if (who.passCode && who.passCode !== body.oldPassCode) refuse(422, 'pass-code-wrong')
    if (who.passCode) needStepUp(session)
    if (body.passCode === '140214') refuse(422, 'pass-code-weak')
    who.passCode = body.passCode
    return { status: 204 }
  },
  'POST /v1/card-bindings': ({ who, session, body }) => {
    if (who.cards.length > 0) needStepUp(session)
    const id = randomUUID()
    who.binding = { id, pan: body.cardNumber, tries: 5 }
    codes.set(id, who.binding)
    const issuer = { code: '0103', name: { en: 'Agrarian Bank', zh: '农耕银行' } }
    return {
      status: 201,
      body: {
        cardBindingId: id,
        issuer,
        maskedPan: masked(body.cardNumber),
        cardKind: 'debit',
        expiresAt: now(),
      },
    }
  },
  'POST /v1/card-bindings/:id/confirmation': ({ who, params, body }) => {
    const binding = checkCode(params.id, body.code)
    if (who.cards.length > 0) refuse(403, 'face-check-required')
    const issuer = { code: '0103', name: { en: 'Agrarian Bank', zh: '农耕银行' } }
    who.cards.push({
      cardId: '11',
      issuer,
      maskedPan: masked(binding.pan),
      cardKind: 'debit',
      accountClass: 'I',
      state: 'bound',
      boundAt: now(),
      perPaymentLimit: money('5000.00'),
      perDayLimit: money('20000.00'),
    })
    who.balance ??= 0n
    return { status: 201, body: { card: who.cards[0], account: account(who) } }
  },
  'GET /v1/cards': ({ who }) => ({ items: who.cards }),
  'DELETE /v1/cards/:id': ({ who, session }) => {
    needStepUp(session)
    if (who.balance > 0n) refuse(409, 'last-card')
    who.cards = []
    return { status: 204 }
  },
  'GET /v1/accounts': ({ who }) => ({ items: who.balance === undefined ? [] : [account(who)] }),
  'GET /v1/accounts/:id/limits': ({ who }) => ({ items: limitsOf(who) }),
  'GET /v1/accounts/:id/holds': ({ who }) => ({
    items: who.payments
      .filter((one) => one.kind === 'withdrawal' && one.transactionStatus === 'PDNG')
      .map((one) => ({
        holdId: one.paymentId,
        amount: one.instructedAmount,
        purpose: one.kind,
        paymentId: one.paymentId,
        expiresAt: now(),
      })),
  }),
  'GET /v1/accounts/:id/transactions': ({ who, query }) => {
    const from = Number(query.get('cursor') ?? 0)
    const limit = Number(query.get('limit') ?? 20)
    const found = who.transactions.filter((one) => fits(one, query))
    const next = from + limit < found.length ? `<?cursor=${from + limit}>; rel="next"` : undefined
    return {
      status: 200,
      body: { items: found.slice(from, from + limit) },
      headers: next ? { Link: next } : {},
    }
  },
  'GET /v1/accounts/:id/statement': ({ query }) => {
    if (query.get('format') === 'pdf')
      return { status: 200, file: pdf(), type: 'application/pdf', name: 'sycee-0017-statement.pdf' }
    return {
      status: 200,
      file: Buffer.from('\ufeffdate,amount\n'),
      type: 'text/csv',
      name: 'sycee-0017-statement.csv',
    }
  },
  'POST /v1/payee-checks': ({ who, body }) => {
    if (body.phone === who.phone) refuse(422, 'same-account')
    const payee = { 13800000002: '张小雨', 13800000003: '张晓宇' }[body.phone]
    if (!payee) return { result: 'unknownPayee', maskedName: '' }
    if (payee === body.name) return { result: 'match', maskedName: '张**' }
    return payee[0] === body.name?.[0]
      ? { result: 'closeMatch', maskedName: '张**', suggestedName: payee }
      : { result: 'noMatch', maskedName: '张**' }
  },
  'POST /v1/transfers': ({ who, session, body }) => {
    needStepUp(session, body.instructedAmount.amount)
    if (body.instructedAmount.amount === '66.66')
      refuse(422, 'limit-exceeded', { reasonCode: 'AM14', limit: 'outflowNonBoundDay' })
    return { status: 201, body: paymentOf(who, 'transfer', body, 'ACSC') }
  },
  'POST /v1/top-ups': ({ who, session, body }) => order(who, session, 'topUp', body),
  'POST /v1/withdrawals': ({ who, session, body }) => order(who, session, 'withdrawal', body),
  'GET /v1/payments/:id': ({ who, params }) =>
    who.payments.find((one) => one.paymentId === params.id) ?? refuse(404, 'not-found'),
  'POST /v1/payments/:id/queries': ({ who, params }) => {
    const payment =
      who.payments.find((one) => one.paymentId === params.id) ?? refuse(404, 'not-found')
    payment.channelQueries += 1
    if (payment.channelQueries > 2 && payment.transactionStatus === 'PDNG')
      payment.settle(payment.instructedAmount.amount.endsWith('.22') ? 'RJCT' : 'ACSC')
    return payment
  },
  'GET /v1/payments/:id/receipt': ({ params }) => ({
    status: 200,
    file: pdf(),
    type: 'application/pdf',
    name: `sycee-receipt-${params.id}.pdf`,
  }),
  'GET /v1/messages': ({ who }) => ({ items: who.messages }),
  'POST /v1/messages/:id/read': ({ who, params }) => {
    who.messages.find((one) => one.messageId === params.id).readAt = now()
    return { status: 204 }
  },
  'POST /mock/customer': () => {
    const person = ready()
    people.set(person.phone, person)
    return { status: 201, body: { phone: person.phone, passCode: person.passCode } }
  },
  // the next call of a path fails in this way: "POST /v1/transfers 503"
  'POST /mock/failing': ({ body }) => {
    failing = body.failing
    return { status: 204 }
  },
}

function order(who, session, kind, body) {
  needStepUp(session, body.instructedAmount.amount)
  const tail = body.instructedAmount.amount.slice(-2)
  return {
    status: 201,
    body: paymentOf(
      who,
      kind,
      body,
      tail === '33' ? 'RJCT' : tail === '11' || tail === '22' ? 'PDNG' : 'ACSC',
    ),
  }
}

function fits(one, query) {
  const text = `${one.counterpartyName} ${one.remittanceInformationUnstructured ?? ''}`
  const amount = Number(one.transactionAmount.amount)
  return (
    text.includes(query.get('q') ?? '') &&
    (!query.get('direction') || one.direction === query.get('direction')) &&
    (!query.get('minAmount') || amount >= Number(query.get('minAmount'))) &&
    (!query.get('maxAmount') || amount <= Number(query.get('maxAmount'))) &&
    (!query.get('from') || one.bookingDate >= query.get('from')) &&
    (!query.get('to') || one.bookingDate <= query.get('to'))
  )
}

function masked(pan) {
  return pan.slice(0, 6) + '*'.repeat(pan.length - 10) + pan.slice(-4)
}

const table = Object.entries(routes).map(([name, act]) => {
  const [method, path] = name.split(' ')
  return {
    method,
    act,
    pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
    open: OPEN(name),
  }
})

function OPEN(name) {
  return /bank$|consent-texts|phone-codes|sign-ups|POST \/v1\/sessions$|\/mock\//.test(name)
}

async function answer(request, address) {
  const found =
    table.find((one) => one.method === request.method && one.pattern.test(address.pathname)) ??
    refuse(404, 'not-found')
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  const token = /__Host-session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
  const session = sessions.get(token)
  if (!found.open && !session) refuse(401, 'not-signed-in')
  if (failing.startsWith(`${request.method} ${address.pathname}`)) {
    const status = Number(failing.split(' ')[2])
    failing = ''
    refuse(status, 'unavailable')
  }
  const key = request.headers['idempotency-key']
  if (key && answers.has(key))
    return { ...answers.get(key), headers: { 'Idempotency-Replayed': 'true' } }
  const params = found.pattern.exec(address.pathname).groups ?? {}
  const body = text === '' ? undefined : JSON.parse(text)
  const result = found.act({
    who: session?.person,
    session,
    body,
    params,
    query: address.searchParams,
  })
  const full = typeof result.status === 'number' ? result : { status: 200, body: result }
  if (key) answers.set(key, full)
  return full
}

function sendFile(response, path, accepts) {
  const inside = normalize(path.replace(/^\/app\/?/, '')) || 'index.html'
  const file =
    inside !== '.' && existsSync(join(DIST, inside)) && extname(inside) ? inside : 'index.html'
  const packed = accepts.includes('gzip') && existsSync(join(DIST, `${file}.gz`))
  response.writeHead(200, {
    'Content-Type': KINDS[extname(file)] ?? 'application/octet-stream',
    'Content-Security-Policy': CSP,
    'Cache-Control': file.startsWith('assets/')
      ? 'public, max-age=31536000, immutable'
      : 'no-cache',
    ...(packed ? { 'Content-Encoding': 'gzip' } : {}),
  })
  response.end(readFileSync(join(DIST, packed ? `${file}.gz` : file)))
}

createServer(async (request, response) => {
  const address = new URL(request.url, `http://${request.headers.host}`)
  if (address.pathname.startsWith('/app'))
    return sendFile(response, address.pathname, request.headers['accept-encoding'] ?? '')
  const language = (request.headers['accept-language'] ?? 'zh').startsWith('en') ? 'en' : 'zh'
  try {
    const result = await answer(request, address)
    const headers = { 'Content-Type': result.type ?? 'application/json', ...result.headers }
    if (result.cookie)
      headers['Set-Cookie'] =
        `__Host-session=${result.cookie}; Secure; HttpOnly; SameSite=Strict; Path=/`
    if (result.name) headers['Content-Disposition'] = `attachment; filename="${result.name}"`
    response.writeHead(result.status, headers)
    response.end(
      result.file ?? (result.body === undefined ? undefined : JSON.stringify(result.body)),
    )
  } catch (error) {
    if (!(error instanceof Refused)) console.error(error)
    const { status = 500, slug = 'internal', extra = {} } = error
    const text = problems[slug]?.[language] ?? slug
    response.writeHead(status, { 'Content-Type': 'application/problem+json' })
    response.end(
      JSON.stringify({
        type: `/problems/${slug}`,
        title: text,
        status,
        detail: text,
        instance: randomUUID().replaceAll('-', ''),
        ...extra,
      }),
    )
  }
}).listen(PORT, '127.0.0.1', () => console.log(`http://localhost:${PORT}/app/`))
