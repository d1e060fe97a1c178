import {
  createClient,
  type Account,
  type Bank,
  type Card,
  type Customer,
  type Issuer,
  type List,
  type Payment,
  type Session,
  type Text,
  type Transaction,
} from '../../shared/api.ts'
import { currentLanguage, LANGUAGES } from '../../shared/i18n.ts'
import type { Money } from '../../shared/money.ts'
import { deviceKey } from './device-key.ts'
import type { AccountRoutes, CompanyRoutes } from './routes-account.ts'
import type { Check, IdentityRoutes } from './routes-identity.ts'
import type { SecurityRoutes } from './routes-security.ts'

/** The part of the bank's interface that a customer's screen uses. */
export interface Routes extends IdentityRoutes, SecurityRoutes, AccountRoutes, CompanyRoutes {
  'GET /v1/bank': { answer: Bank }
  'GET /v1/consent-texts': { answer: List<ConsentText> }
  'POST /v1/phone-codes': {
    body: { phone: string; purpose: CodePurpose; deviceKey?: string }
    answer: PhoneCode
  }
  'POST /v1/sign-ups': { body: SignUp; answer: SignedIn }
  'POST /v1/sessions': { body: SignIn; answer: SignedIn }
  'GET /v1/sessions': { answer: List<Session> }
  'DELETE /v1/sessions/{sessionId}': { params: { sessionId: string }; answer: undefined }
  'POST /v1/step-ups': { body: { passCode: string }; answer: { stepUpUntil: string } }
  'GET /v1/me': { answer: Customer }
  'PATCH /v1/me': { body: { language: 'zh' | 'en' }; answer: Customer }
  'PUT /v1/me/identity': {
    body: { name: string; idNumber: string }
    answer: { customer: Customer; checks: Check[] }
  }
  'GET /v1/consents': { answer: List<Consent> }
  'POST /v1/consents': {
    body: { purpose: string; textVersion: string; granted: boolean }
    answer: Consent
  }
  'PUT /v1/me/pass-code': { body: { passCode: string; oldPassCode?: string }; answer: undefined }
  'POST /v1/card-bindings': {
    body: { cardNumber: string; reservedPhone: string }
    answer: CardBinding
  }
  'POST /v1/card-bindings/{bindingId}/confirmation': {
    params: { bindingId: string }
    body: { code: string }
    answer: { card: Card; account: Account }
  }
  'GET /v1/cards': { answer: List<Card> }
  'DELETE /v1/cards/{cardId}': { params: { cardId: string }; answer: undefined }
  'GET /v1/accounts': { answer: List<Account> }
  'GET /v1/accounts/{accountId}/limits': { params: { accountId: string }; answer: List<Limit> }
  'GET /v1/accounts/{accountId}/transactions': {
    params: { accountId: string }
    query: TransactionQuery
    answer: List<Transaction>
  }
  'POST /v1/payee-checks': { body: { phone: string; name?: string }; answer: PayeeCheck }
  'POST /v1/transfers': { body: TransferOrder; answer: Payment }
  'POST /v1/top-ups': { body: CardOrder; answer: Payment }
  'POST /v1/withdrawals': { body: CardOrder; answer: Payment }
  'GET /v1/payments': { query: { status: 'PDNG'; limit?: number }; answer: List<Payment> }
  'GET /v1/payments/{paymentId}': { params: { paymentId: string }; answer: Payment }
  'POST /v1/payments/{paymentId}/queries': { params: { paymentId: string }; answer: Payment }
  'GET /v1/messages': { query: { limit?: number; cursor?: string }; answer: List<Message> }
  'POST /v1/messages/{messageId}/read': { params: { messageId: string }; answer: undefined }
}

export interface ConsentText {
  purpose: string
  version: string
  required: boolean
  title: Text
  text: Text
}

export interface Consent {
  purpose: string
  textVersion: string
  granted: boolean
  /** null: this person never said anything on it */
  at: string | null
}

export type CodePurpose = 'signUp' | 'signIn' | 'resetPassCode' | 'changePhone'

export interface PhoneCode {
  phoneCodeId: string
  phone: string
  expiresAt: string
  resendAt: string
}

interface SignUp {
  phone: string
  phoneCodeId: string
  code: string
  language: 'zh' | 'en'
  deviceName: string
  deviceKey?: string
}

/** A device that the person never used gives both proofs. */
type SignIn = { phone: string; deviceName: string; deviceKey?: string } & (
  | { passCode: string }
  | { phoneCodeId: string; code: string; passCode?: string }
)

export interface SignedIn {
  session: Session
  customer: Customer
}

export interface CardBinding {
  cardBindingId: string
  issuer: Issuer
  maskedPan: string
  cardKind: string
  expiresAt: string
}

export interface Limit {
  limit: string
  /** null: there is no limit */
  max: Money | null
  used: Money
  left: Money | null
  ruleVersion: string
  source: Text
}

export interface TransactionQuery {
  limit?: number
  cursor?: string
  q?: string
  direction?: string
  from?: string
  to?: string
  minAmount?: string
  maxAmount?: string
}

export interface PayeeCheck {
  result: 'match' | 'closeMatch' | 'noMatch' | 'unknownPayee'
  maskedName: string
  suggestedName?: string
}

export interface TransferOrder {
  debtorAccountId: string
  creditorPhone: string
  creditorName: string
  instructedAmount: Money
  remittanceInformationUnstructured?: string
}

export interface CardOrder {
  accountId: string
  cardId: string
  instructedAmount: Money
}

export interface Message {
  messageId: string
  kind: string
  title: Text
  text: Text
  createdAt: string
  readAt?: string | null
  paymentId?: string | null
}

let sessionOver = () => {}

export function onSessionOver(act: () => void) {
  sessionOver = act
}

/** Whether the last request got any answer; a device may have a network that leads nowhere. */
let reachable = true
const watchers = new Set<() => void>()

export function isReachable(): boolean {
  return reachable && navigator.onLine
}

export function watchReach(watcher: () => void): () => void {
  watchers.add(watcher)
  window.addEventListener('online', watcher)
  window.addEventListener('offline', watcher)
  return () => {
    watchers.delete(watcher)
    window.removeEventListener('online', watcher)
    window.removeEventListener('offline', watcher)
  }
}

function mark(now: boolean) {
  if (now === reachable) return
  reachable = now
  watchers.forEach((watcher) => watcher())
}

const watchedFetch: typeof fetch = async (address, init) => {
  try {
    const response = await fetch(address, init)
    mark(true)
    return response
  } catch (error) {
    if (error instanceof TypeError) mark(false)
    throw error
  }
}

export const bank = createClient<Routes>({
  fetch: watchedFetch,
  language: () => LANGUAGES[currentLanguage()],
  onSessionOver: () => sessionOver(),
})

/** What every sign-up and sign-in says of this browser. */
export function thisDevice(): { deviceName: string; deviceKey?: string } {
  const key = deviceKey()
  return key === null ? { deviceName: deviceName() } : { deviceName: deviceName(), deviceKey: key }
}

/** How this browser is named in the list of sessions; no more than a person would say. */
function deviceName(): string {
  const agent = navigator.userAgent
  const system = /iPhone|iPad|Android|Windows|Mac OS|Linux/.exec(agent)?.[0] ?? 'Web'
  const browser = /Edg|Firefox|Chrome|Safari/.exec(agent)?.[0]?.replace('Edg', 'Edge') ?? 'Browser'
  return `${browser} · ${system.replace('Mac OS', 'Mac')}`
}
