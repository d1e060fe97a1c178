import { localProblem, Problem, type ProblemBody } from './problem.ts'
import type { Money } from './money.ts'
import type { Schemas } from './routes.ts'

/**
 * A thin typed client of the bank's HTTP interface. A program names its routes as a type, `interface Routes
 * { 'GET /v1/me': { answer: Customer } }`, and `createClient<Routes>()` returns calls whose path
 * parameters, query, body and answer are checked by the compiler. Every failure is thrown as a Problem;
 * cookies carry the session.
 */
export interface Route {
  params?: Record<string, string>
  query?: object
  body?: object
  answer: unknown
}

export interface List<Item> {
  items: Item[]
}

/** One part of a list; `cursor` requests the next part and is absent at the end. */
export interface Page<Item> extends List<Item> {
  cursor?: string
}

type Needs<R, Name extends 'params' | 'query' | 'body'> = Name extends keyof R
  ? undefined extends R[Name]
    ? { [N in Name]?: R[N & keyof R] }
    : { [N in Name]: R[N & keyof R] }
  : unknown

export type CallOptions<R> = Needs<R, 'params'> &
  Needs<R, 'query'> &
  Needs<R, 'body'> & {
    key?: string
    etag?: string
    signal?: AbortSignal
    timeoutMs?: number
  }

export interface ClientSettings {
  language: () => string
  /** called once for each answer that the session is over */
  onSessionOver?: () => void
  fetch?: typeof fetch
}

interface RawOptions {
  params?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
  key?: string
  etag?: string
  signal?: AbortSignal
  timeoutMs?: number
}

const TIME_OUT_MS = 20_000
/** A picture takes longer to upload, and the bank examines it before it answers. */
const PICTURE_TIME_OUT_MS = 60_000

export interface Client<Routes> {
  call<Name extends keyof Routes & string>(
    name: Name,
    ...options: Record<string, never> extends CallOptions<Routes[Name]>
      ? [options?: CallOptions<Routes[Name]>]
      : [options: CallOptions<Routes[Name]>]
  ): Promise<Routes[Name] extends { answer: infer Answer } ? Answer : never>

  page<Name extends keyof Routes & string>(
    name: Name,
    options: CallOptions<Routes[Name]>,
  ): Promise<Routes[Name] extends { answer: List<infer Item> } ? Page<Item> : never>
}

export function createClient<Routes>(settings: ClientSettings): Client<Routes> {
  const call = async (name: string, options: RawOptions = {}) =>
    (await send(settings, name, options)).body
  const page = async (name: string, options: RawOptions = {}) => {
    const { body, next } = await send(settings, name, options)
    return { items: (body as List<unknown>).items, cursor: next }
  }
  return { call, page } as unknown as Client<Routes>
}

async function send(settings: ClientSettings, name: string, options: RawOptions) {
  const [method = 'GET', template = ''] = name.split(' ')
  const headers: Record<string, string> = {
    Accept: 'application/json, application/problem+json',
    'Accept-Language': settings.language(),
  }
  // A picture is the body itself; anything else is JSON.
  const picture = options.body instanceof Blob ? options.body : null
  if (options.body !== undefined) headers['Content-Type'] = picture?.type ?? 'application/json'
  if (options.key) headers['Idempotency-Key'] = options.key
  if (options.etag) headers['If-Match'] = options.etag
  const response = await reach(settings, addressOf(template, options), {
    method,
    headers,
    body: picture ?? (options.body === undefined ? undefined : JSON.stringify(options.body)),
    credentials: 'same-origin',
    cache: 'no-store',
    signal: withTimeOut(
      options.signal,
      options.timeoutMs ?? (picture ? PICTURE_TIME_OUT_MS : TIME_OUT_MS),
    ),
  })
  const body = await bodyOf(response)
  if (!response.ok) {
    const problem = new Problem((body ?? {}) as ProblemBody, response.status)
    // sign-in-failed and sign-in-locked are answers to a sign-in; any other 401 ends the session
    if (problem.status === 401 && !problem.slug.startsWith('sign-in-')) settings.onSessionOver?.()
    throw problem
  }
  return { body, next: nextCursor(response.headers.get('Link')) }
}

async function reach(
  settings: ClientSettings,
  address: string,
  init: RequestInit,
): Promise<Response> {
  try {
    return await (settings.fetch ?? fetch)(address, init)
  } catch (error) {
    const name = error instanceof DOMException ? error.name : ''
    if (name === 'AbortError') throw error
    throw localProblem(name === 'TimeoutError' ? 'time-out' : 'network')
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  let text: string
  try {
    text = await response.text()
  } catch {
    throw localProblem('network')
  }
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    if (!response.ok) return undefined
    throw localProblem('unreadable')
  }
}

/** Fills {names} from params and adds the query; empty values are omitted. */
export function addressOf(template: string, options: Pick<RawOptions, 'params' | 'query'>): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(options.params?.[name] ?? ''),
  )
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value))
  }
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

/** The cursor of `Link: <…?cursor=…>; rel="next"` (RFC 8288). */
export function nextCursor(link: string | null): string | undefined {
  for (const part of (link ?? '').split(/,\s*(?=<)/)) {
    const match = /^<([^>]*)>\s*;.*\brel="?next"?/.exec(part.trim())
    if (match)
      return new URL(match[1] ?? '', 'http://localhost').searchParams.get('cursor') ?? undefined
  }
  return undefined
}

function withTimeOut(signal: AbortSignal | undefined, timeoutMs: number): AbortSignal {
  const timer = AbortSignal.timeout(timeoutMs)
  return signal ? AbortSignal.any([signal, timer]) : timer
}

/* ---- what both apps receive ---- */

export type Text = Schemas['Bilingual']
export type Bank = Schemas['Bank']
export type Customer = Schemas['Customer']
export type StepName = Schemas['OnboardingStep']['step']
export type Session = Schemas['Session']
export type Issuer = Schemas['Issuer']
export type Card = Schemas['Card']
export type Balance = Schemas['Balance']
export type Account = Schemas['Account']
export type Transaction = Schemas['Transaction']
export type Payment = Schemas['Payment']
export type PaymentStatus = Payment['transactionStatus']

export function balanceOf(account: Account, type: Balance['balanceType']): Money {
  const found = account.balances.find((balance) => balance.balanceType === type)
  return found?.balanceAmount ?? { amount: '0.00', currency: account.currency }
}
