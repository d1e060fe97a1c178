import { describe, expect, it } from 'vitest'
import type { Staff } from '../src/api/types'
import { groupedAmount, instantOf, parameterFigure } from '../src/format'
import { safeNext } from '../src/next'
import { may, mayOpen } from '../src/permissions'

const staff = (permissions: string[]): Staff => ({
  staffId: '1',
  login: 'x',
  name: 'X',
  roles: ['teller'],
  permissions,
})

describe('the address after sign-in', () => {
  it.each([
    ['/payments?status=PDNG', '/payments?status=PDNG'],
    [null, '/'],
    ['', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example', '/'],
    ['payments', '/'],
  ])('%s', (given, wanted) => expect(safeNext(given)).toBe(wanted))
})

describe('a figure of the catalogue', () => {
  it.each([
    [3, 'count', '3'],
    [-1, 'count', 'parameter.unlimited'],
    [1_000_000, 'amount', '10000.00 CNY'],
    [1, 'switch', 'switch.1'],
    [30, 'days', '30 unit.days'],
  ])('%i %s', (value, unit, wanted) => {
    expect(parameterFigure(value, unit, (key) => key)).toBe(wanted)
  })
})

describe('permissions', () => {
  it('opens what the bank allows, and nothing else', () => {
    const teller = staff(['dashboard', 'customers', 'reveal'])
    expect(mayOpen(teller, 'customers')).toBe(true)
    expect(mayOpen(teller, 'accounts')).toBe(true)
    expect(mayOpen(teller, 'companies')).toBe(true)
    expect(mayOpen(staff(['cases', 'casesDecide']), 'companies')).toBe(false)
    expect(mayOpen(teller, 'ledger')).toBe(false)
    expect(may(teller, 'reveal')).toBe(true)
    expect(may(teller, 'runEndOfDay')).toBe(false)
  })
  it('reads either spelling', () => {
    for (const name of ['jobsRun', 'jobs_run', 'jobs-run', 'jobs.run'])
      expect(may(staff([name]), 'runEndOfDay')).toBe(true)
  })
  it('does not take a permission for its longer neighbour', () => {
    expect(may(staff(['jobs']), 'runEndOfDay')).toBe(false)
    expect(mayOpen(staff(['jobsRun']), 'operations')).toBe(false)
  })
})

describe('amounts and instants', () => {
  it.each([
    ['0.00', '0.00'],
    ['1234567.80', '1,234,567.80'],
    ['-12.30', '−12.30'],
    ['90071992547409.93', '90,071,992,547,409.93'],
  ])('shows %s', (amount, wanted) => expect(groupedAmount({ amount, currency: 'CNY' })).toBe(wanted))
  it('reads a picked time on the bank clock', () => {
    expect(instantOf('2026-11-21', '00:30:00')).toBe('2026-11-20T16:30:00.000Z')
  })
})
