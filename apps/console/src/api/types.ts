// What the staff routes of the bank answer. Amounts are decimal strings, instants RFC 3339 in UTC,
// dates YYYY-MM-DD, ids decimal strings; nothing here is ever turned into a floating-point number.

import type {
  Account as CustomerAccount,
  Balance,
  Bank,
  Card,
  Customer as OwnCustomer,
  Payment as OwnPayment,
  PaymentStatus,
  Session,
  Text,
  Transaction as OwnTransaction,
} from '../../../shared/api.ts'
import type { Money } from '../../../shared/money.ts'

export type { Balance, Bank, Card, Money, PaymentStatus, Session, Text }
export type CustomerState = OwnCustomer['state']
export type PaymentKind = OwnPayment['kind']
export type Role = 'teller' | 'accountant' | 'operator' | 'auditor' | 'admin' | 'reviewer'
export type Side = 'debit' | 'credit'
export type GlClass = 'asset' | 'liability' | 'equity' | 'income' | 'expense'
export interface Staff {
  staffId: string
  login: string
  name: string
  roles: Role[]
  permissions: string[]
}

export interface StaffUser extends Omit<Staff, 'permissions'> {
  state: 'active' | 'disabled' | 'locked'
  createdAt?: string
  isEnrolled: boolean
}

// What one admin holds of an invitation: the link, the code, or both where the bank has one admin.
export interface InvitationHalf {
  link?: string
  code?: string
  expiresAt: string
}

export interface Health {
  clock: 'steady' | 'jumped' | 'unsure'
  clockAheadSeconds: number
  unfinishedDates: number
  oldestUnfinishedDate: string | null
  endOfDayError: string | null
  reserveShortages: { shortage: Money }[]
  failedJobs: { job: string; error: string }[]
}

export interface Dashboard {
  businessDate: string
  customers: { total: number; active: number; newToday: number }
  accounts: { total: number }
  customerFunds: Money
  reserve: Money
  inClearing: Money
  capital: Money
  health: Health
  payments: { today: { count: number; amount: Money }; byStatus: Partial<Record<PaymentStatus, number>> }
  outbox: { due: number; dead: number }
  hourly: { hour: string; count: number; amount: Money }[]
}

export interface CustomerRow {
  customerId: string
  name: string | null
  maskedPhone: string
  maskedIdNumber: string | null
  state: CustomerState
  createdAt: string
}

export interface Customer extends OwnCustomer {
  customerId: string
  createdAt: string
  idNumber?: string | null
}

export interface Account extends CustomerAccount {
  owner?: CustomerRow
}

export interface BalancesAt {
  balances: Balance[]
  asOf: string
}

export interface Limit {
  limit: string
  // null where the class has no such limit
  max: Money | null
  used: Money
  left: Money | null
  ruleVersion: string
  source: Text
}

export interface Consent {
  purpose: string
  textVersion: string
  granted: boolean
  at: string
}

export interface IdentityCheck {
  check: string
  result: 'passed' | 'failed' | string
  score?: string | number
  version: string
  at: string
  evidenceHash: string
}

export interface Customer360 {
  customer: Customer
  accounts: Account[]
  cards: Card[]
  consents: Consent[]
  checks: IdentityCheck[]
  sessions: Session[]
}

// A customer's booked line, and the posting recipe that made its journal.
export interface Transaction extends OwnTransaction {
  recipe?: string
  journalRecipe?: string
}

export interface Posting {
  accountId: string
  glCode: string
  glName: Text
  side: Side
  amount: Money
  balanceAfter: Money
}

export interface Journal {
  journalId: string
  kind: string
  recipeVersion: string
  bookingDate: string
  valueDate: string
  createdAt: string
  reference: string
  reversalOf?: string | null
  reversedBy?: string | null
  postings: Posting[]
}

export interface Payment extends OwnPayment {
  debtorCustomerId?: string | null
  creditorCustomerId?: string | null
}

export interface PaymentDetail extends Payment {
  trail: { at: string; event: string; detail?: string }[]
  journals?: Journal[]
}

export interface GlAccount {
  code: string
  name: Text
  class: GlClass
  normalSide: Side
  currency: string
  balance: Money
  side: Side
  accountCount: number
}

export const trialColumns = [
  'openingDebit',
  'openingCredit',
  'debitTurnover',
  'creditTurnover',
  'closingDebit',
  'closingCredit',
] as const
export type TrialColumn = (typeof trialColumns)[number]
export type TrialRow = { code: string; name: Text; class: GlClass } & Record<TrialColumn, string>

export interface TrialBalance {
  date: string
  currency: string
  rows: TrialRow[]
  totals: Record<TrialColumn, string>
  balanced: boolean
}

export interface Job {
  job: string
  schedule: string
  lastRunAt?: string | null
  lastResult?: string | null
  nextRunAt?: string | null
  runCount?: number
  progress?: { done: number; total: number } | number | null
}

export interface EndOfDayStep {
  step: string
  state: 'open' | 'running' | 'done' | 'failed'
  done: number
  total: number
  startedAt?: string | null
  endedAt?: string | null
}

export interface BusinessDate {
  businessDate: string
  endOfDay: { state: 'open' | 'running' | 'done'; steps: EndOfDayStep[] }
}

export interface OutboxMessage {
  messageId: string
  topic: string
  attempts: number
  createdAt?: string
  nextAt: string | null
  lastError?: string | null
}

export interface AuditEntry {
  sequence: string | number
  at: string
  staffId: string | null
  login: string
  action: string
  object: string
  detail: unknown
  hash: string
}

export interface Verification {
  intact: boolean
  entries: number
  head: string
  brokenAt?: string | number
}

export interface Seal {
  sealId: string
  at: string
  firstTransferId: string
  lastTransferId: string
  count: number
  hash: string
}

// --- four eyes ---

export type ChangeKind =
  | 'parameter'
  | 'customerState'
  | 'accountClass'
  | 'accountFreeze'
  | 'staffRoles'
  | 'staffReset'
  | 'closeEarly'
  | 'capital'
  | 'followClock'
export type ChangeState = 'proposed' | 'approved' | 'refused' | 'withdrawn' | 'expired'
export type Said = Record<string, unknown>

export interface Change {
  changeId: string
  kind: ChangeKind
  object: string
  state: ChangeState
  maker: string
  checker?: string
  reason: string
  decisionReason?: string
  createdAt: string
  expiresAt: string
  decidedAt?: string
  before: Said
  after: Said
}

export type ParameterUnit = 'amount' | 'count' | 'switch' | 'ppb' | 'days' | 'minutes'

export interface Parameter {
  name: string
  value: number
  unit: ParameterUnit
  min: number
  max: number
  effectiveDate: string
  version: number
  source: Text
  next?: { value: number; effectiveDate: string }
}

export interface WorkQueue {
  queue: 'identityCases' | 'companyCases' | 'changes' | 'securityAlerts' | 'paymentAlerts'
  open: number
  overdue: number
  mine: number
  oldestAt?: string
}

export interface PaymentAlert {
  alertId: string
  paymentId: string
  kind: 'settledAfterRejection' | 'rejectedAfterSettlement' | 'settledToClosedAccount' | 'answerNamesAnother' | 'undecidedForADay'
  raisedAt: string
  closedAt?: string
  closedBy?: string
  note?: string
}

// --- cases of identity ---

export type CaseState = 'open' | 'claimed' | 'second' | 'approved' | 'refused'

export interface Case {
  caseId: string
  kind: 'identity'
  customerId: string
  name: string | null
  reasons: string[]
  state: CaseState
  path: 'wait' | 'video' | 'counter'
  appointmentAt: string | null
  openedAt: string
  dueAt: string
  isOverdue: boolean
  claimedBy?: string
  claimUntil?: string
  needsSecond: boolean
}

export interface CasePicture {
  pictureId: string
  kind: string
  at: string
  expiresAt: string
}

export interface CaseCheck {
  check: string
  result: string
  // of a million
  score?: number
  threshold?: number
  band?: string
  version: string
  at: string
}

export interface CaseFile {
  case: Case
  customer: Said
  pictures: CasePicture[]
  read: Said
  confirmed: Said
  checks: CaseCheck[]
  history: {
    devices: { name: string; firstSeenAt: string; lastSeenAt: string; persons: number }[]
    attempts: { at: string; kind: string; result: string }[]
    phoneChangedAt?: string
  }
  sameFace: { customerId: string; score: number }[]
  decisions: { by: string; at: string; decision: string; reason: string; note: string }[]
}

// --- companies ---

export const companyStates = ['draft', 'review', 'active', 'suspended', 'closed', 'refused'] as const

export interface Company {
  companyId: string
  uscc: string
  name: string
  kind: 'company' | 'soleTrader'
  state: (typeof companyStates)[number]
  suspendedFor?: string
  createdAt: string
}

export interface CompanyPerson {
  name: string
  maskedIdNumber: string
  // of a million
  sharePpm?: number
}

export interface CompanyUser {
  customerId: string
  name: string
  roles: string[]
  limit?: Money
  addedAt: string
}

export interface CompanyCheck {
  result: string
  version: string
  at: string
}

export interface CompanyCase {
  caseId: string
  state: 'open' | 'second' | 'approved' | 'refused'
  reasons: string[]
  needsSecond: boolean
  openedAt: string
  dueAt: string
  claimedBy: string | null
  claimUntil?: string
  decisions: { by: string; at: string; isApproval: boolean; note: string }[]
}

export interface CompanyFile {
  company: Company
  steps: { step: string; state: 'todo' | 'passed' | 'unsure' | 'failed' }[]
  registry: {
    representative: CompanyPerson
    owners: CompanyPerson[]
    registeredAt: string
    scope: string
    checkedAt: string
  }
  // as declared
  owners: CompanyPerson[]
  users: CompanyUser[]
  accounts: Account[]
  checks: CompanyCheck[]
  case?: CompanyCase
}
