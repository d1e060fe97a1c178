import type { Account, List, Payment, Text, Transaction } from '../../shared/api.ts'
import type { Money } from '../../shared/money.ts'

/** Further accounts, companies, and what the bank keeps of a person. */
export interface AccountRoutes {
  'GET /v1/me/tier': { answer: Tier }
  'POST /v1/accounts': { body: { class: 'payment' | 'III' }; answer: Account }
  'POST /v1/accounts/{accountId}/closure': {
    params: { accountId: string }
    body: { cardId?: string; toAccountId?: string }
    answer: { account: Account; payment?: Payment | null }
  }
  'GET /v1/consents/history': { answer: List<ConsentWord> }
  'POST /v1/me/closure': { body: { cardId?: string }; answer: Closure }
  'GET /v1/retention': { answer: List<Retention> }
}

export interface CompanyRoutes {
  'GET /v1/company-checks': { query: { uscc: string }; answer: CompanyCheck }
  'GET /v1/companies': { answer: List<Company> }
  'POST /v1/companies': {
    body: { uscc: string; name: string; kind: CompanyKind; licenceNumber?: string }
    answer: Company
  }
  'GET /v1/companies/{companyId}': { params: { companyId: string }; answer: Company }
  'PUT /v1/companies/{companyId}/licence': {
    params: { companyId: string }
    body: Blob
    answer: Company
  }
  'PUT /v1/companies/{companyId}/owners': {
    params: { companyId: string }
    body: { owners: Owner[] }
    answer: Company
  }
  'POST /v1/companies/{companyId}/submission': { params: { companyId: string }; answer: Company }
  'GET /v1/companies/{companyId}/users': {
    params: { companyId: string }
    answer: List<CompanyUser>
  }
  'POST /v1/companies/{companyId}/users': {
    params: { companyId: string }
    body: { phone: string; roles: CompanyRole[]; limit?: Money }
    answer: CompanyUserChange
  }
  'DELETE /v1/companies/{companyId}/users/{userId}': {
    params: { companyId: string; userId: string }
    answer: CompanyUserChange
  }
  'GET /v1/companies/{companyId}/user-changes': {
    params: { companyId: string }
    answer: List<CompanyUserChange>
  }
  'POST /v1/companies/{companyId}/user-changes/{changeId}/decisions': {
    params: { companyId: string; changeId: string }
    body: { decision: 'approve' | 'refuse' | 'withdraw' }
    answer: CompanyUserChange
  }
  'GET /v1/companies/{companyId}/accounts': {
    params: { companyId: string }
    answer: List<Account>
  }
  'GET /v1/companies/{companyId}/accounts/{accountId}/transactions': {
    params: { companyId: string; accountId: string }
    query: { limit?: number; cursor?: string }
    answer: List<Transaction>
  }
  'GET /v1/companies/{companyId}/payment-orders': {
    params: { companyId: string }
    query: { limit?: number; cursor?: string }
    answer: List<PaymentOrder>
  }
  'POST /v1/companies/{companyId}/payment-orders': {
    params: { companyId: string }
    body: OrderBody
    answer: PaymentOrder
  }
  'POST /v1/companies/{companyId}/payment-orders/{orderId}/decisions': {
    params: { companyId: string; orderId: string }
    body: { decision: OrderDecision; reason?: string }
    answer: PaymentOrder
  }
}

export interface Tier {
  tier: 'I' | 'II' | 'III' | null
  channels: { channel: string; detail?: string | null; at: string }[]
  count: number
  next?: { tier: string; channelsMin: number; text: Text } | null
}

export interface ConsentWord {
  purpose: string
  textVersion: string
  granted: boolean
  at: string
}

export interface Closure {
  state: 'closing' | 'closed' | 'failed'
  accounts: Account[]
  eraseAfter: string
}

export interface Retention {
  kind: string
  keptFor: string | Text
  ground: Text
  name?: Text
}

export type CompanyKind = 'company' | 'soleTrader'
export type CompanyRole = 'viewer' | 'maker' | 'checker' | 'admin'
export type OrderDecision = 'approve' | 'refuse' | 'withdraw'

export interface CompanyCheck {
  uscc: string
  isValid: boolean
  name?: string | null
  kind?: CompanyKind | null
  registeredAt?: string | null
  state: string
}

export interface Company {
  companyId: string
  uscc: string
  name: string
  kind: CompanyKind
  state: 'draft' | 'review' | 'active' | 'suspended' | 'closed' | 'refused'
  role: string
  roles?: CompanyRole[]
  steps: { step: string; state: string }[]
  accounts: Account[]
}

export interface Owner {
  name: string
  idNumber: string
  sharePpm: number
}

export interface CompanyUser {
  userId: string
  name?: string | null
  phone: string
  roles: CompanyRole[]
  limit?: Money | null
  isMe?: boolean
}

export interface CompanyRights {
  roles: CompanyRole[]
  limit?: Money | null
}

/** A change of a company's people: made at once, or waiting for a second person. */
export interface CompanyUserChange {
  changeId: string
  state: 'awaitingApproval' | 'applied' | 'refused' | 'withdrawn'
  userId: string
  name: string
  phone: string
  before: CompanyRights
  after: CompanyRights
  maker: string
  isMine: boolean
  createdAt: string
  expiresAt: string
}

export interface OrderBody {
  debtorAccountId: string
  creditorPhone?: string
  creditorAccountNumber?: string
  creditorName: string
  instructedAmount: Money
  remittanceInformationUnstructured?: string
}

export interface PaymentOrder {
  orderId: string
  state: 'awaitingApproval' | 'executed' | 'refused' | 'withdrawn' | 'expired' | 'failed'
  maker: string
  creditorName: string
  creditorPhone?: string | null
  creditorAccountNumber?: string | null
  instructedAmount: Money
  remittanceInformationUnstructured?: string | null
  createdAt: string
  approvals: { by: string; at: string; decision: OrderDecision }[]
  neededApprovals: number
  payment?: Payment | null
}
