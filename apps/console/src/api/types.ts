// Answers of the bank's staff routes, from its OpenAPI document. Amounts are decimal strings, instants RFC
// 3339 in UTC, dates YYYY-MM-DD, ids decimal strings; nothing here is ever converted to a floating-point
// number.

import type { Balance, Bank, Card, PaymentStatus, Session, Text } from '../../../shared/api.ts'
import type { Money } from '../../../shared/money.ts'
import type { Routes, Schemas } from '../../../shared/routes.ts'

export type { Balance, Bank, Card, Money, PaymentStatus, Session, Text }
export type Staff = Schemas['Staff']
export type Role = Staff['roles'][number]
export type StaffUser = Schemas['StaffUser']
// One admin's part of an invitation: the link, the code, or both in a bank with a single admin.
export type InvitationHalf = Schemas['StaffInvitation']
export type Dashboard = Schemas['Dashboard']
export type CustomerRow = Schemas['CustomerRow']
export type Customer360 = Schemas['CustomerFile']
export type Customer = Customer360['customer']
export type Account = Schemas['StaffAccount']
export type Limit = Schemas['Limit']
export type Consent = Schemas['Consent']
export type IdentityCheck = Schemas['CheckRow']
// A customer's booked line, and the posting recipe that made its journal.
export type Transaction = Schemas['StaffTransaction']
export type Posting = Schemas['Posting']
export type Side = Posting['side']
export type Journal = Schemas['Journal']
export type Payment = Schemas['StaffPayment']
export type PaymentDetail = Schemas['PaymentFile']
export type GlAccount = Schemas['GlAccount']
export type GlClass = GlAccount['class']

export const trialColumns = [
  'openingDebit',
  'openingCredit',
  'debitTurnover',
  'creditTurnover',
  'closingDebit',
  'closingCredit',
] as const
export type TrialColumn = (typeof trialColumns)[number]
export type TrialRow = Schemas['TrialRow']

export type TrialBalance = Schemas['TrialBalance']
export type Job = Schemas['Job']
export type EndOfDayStep = Schemas['EndOfDayStep']
export type BusinessDate = Schemas['BusinessDate']
export type OutboxMessage = Schemas['OutboxMessage']
export type AuditEntry = Schemas['AuditEntry']
export type Verification = Schemas['AuditVerification']
export type Seal = Schemas['Seal']

// --- four eyes ---

export type Change = Schemas['Change']
export type ChangeKind = Routes['POST /v1/staff/changes']['body']['kind']
export type Said = Record<string, unknown>
/** A phone number that a customer proved at the counter; masked. */
export type PhoneProof = Schemas['PhoneProof']
export type Parameter = Schemas['Parameter']
export type WorkQueue = Schemas['WorkQueue']
export type PaymentAlert = Schemas['PaymentAlert']

// --- cases of identity ---

export type Case = Schemas['Case']
export type CasePicture = Schemas['CasePicture']
export type CaseCheck = Schemas['CaseCheck']
export type CaseFile = Schemas['CaseFile']

// --- companies ---

export const companyStates = ['draft', 'review', 'active', 'suspended', 'closed', 'refused'] as const
export type Company = Schemas['StaffCompany']
export type CompanyPerson = Schemas['CompanyPerson']
export type CompanyUser = Schemas['CompanyMember']
export type CompanyCheck = Schemas['CompanyChecked']
export type CompanyCase = Schemas['CompanyCase']
export type CompanyFile = Schemas['StaffCompanyFile']
