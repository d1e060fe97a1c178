// Which screens a member of staff may open. The bank decides on every request; this only keeps the
// menu to what will be answered. A screen is shown when one of the person's roles is named here.

import type { Role, Staff } from './api/types'

export type Area = 'dashboard' | 'customers' | 'accounts' | 'payments' | 'ledger' | 'operations'
  | 'audit' | 'users'
export type Act = 'reveal' | 'queryPayment' | 'runEndOfDay' | 'retryOutbox' | 'changeUsers'

const all: Role[] = ['teller', 'accountant', 'operator', 'auditor', 'admin']

const areas: Record<Area, Role[]> = {
  dashboard: all,
  customers: ['teller', 'auditor', 'admin'],
  accounts: ['teller', 'accountant', 'auditor', 'admin'],
  payments: ['teller', 'accountant', 'operator', 'auditor', 'admin'],
  ledger: ['accountant', 'auditor', 'admin'],
  operations: ['operator', 'auditor', 'admin'],
  audit: ['auditor', 'admin'],
  users: ['admin'],
}

const acts: Record<Act, Role[]> = {
  reveal: ['teller', 'auditor', 'admin'],
  queryPayment: ['teller', 'operator', 'admin'],
  runEndOfDay: ['operator', 'admin'],
  retryOutbox: ['operator', 'admin'],
  changeUsers: ['admin'],
}

export const mayOpen = (staff: Staff, area: Area) => staff.roles.some((r) => areas[area].includes(r))
export const may = (staff: Staff, act: Act) => staff.roles.some((r) => acts[act].includes(r))
export const roles = all
