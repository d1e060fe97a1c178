// Screens and actions that a member of staff may use. The bank decides on every request and lists the
// allowed ones in `permissions`; the menu shows only those. The spelling of a permission ("payment_query",
// "paymentQuery") does not matter here.

import type { Role, Staff } from './api/types'

export type Area =
  | 'dashboard'
  | 'customers'
  | 'companies'
  | 'accounts'
  | 'payments'
  | 'ledger'
  | 'operations'
  | 'audit'
  | 'users'
  | 'changes'
  | 'cases'
export type Act =
  | 'reveal'
  | 'queryPayment'
  | 'runEndOfDay'
  | 'retryOutbox'
  | 'changeUsers'
  | 'changeCustomers'
  | 'changeParameters'
  | 'proposeChanges'
  | 'decideChanges'
  | 'decideCases'

const areas: Record<Area, string> = {
  dashboard: 'dashboard',
  customers: 'customers',
  companies: 'customers',
  accounts: 'customers',
  payments: 'payments',
  ledger: 'ledger',
  operations: 'jobs',
  audit: 'audit',
  users: 'users',
  changes: 'changes',
  cases: 'cases',
}
const acts: Record<Act, string> = {
  reveal: 'reveal',
  queryPayment: 'paymentquery',
  runEndOfDay: 'jobsrun',
  retryOutbox: 'jobsrun',
  changeUsers: 'userschange',
  changeCustomers: 'customerchange',
  changeParameters: 'parameters',
  proposeChanges: 'changespropose',
  decideChanges: 'changesapprove',
  decideCases: 'casesdecide',
}

function allowed(staff: Staff, permission: string): boolean {
  return staff.permissions.some((one) => one.toLowerCase().replace(/[^a-z]/g, '') === permission)
}

export const mayOpen = (staff: Staff, area: Area) => allowed(staff, areas[area])
export const may = (staff: Staff, act: Act) => allowed(staff, acts[act])
export const roles: Role[] = ['teller', 'accountant', 'operator', 'auditor', 'admin', 'reviewer']
