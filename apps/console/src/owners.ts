// Beneficial owners as a company declared them, beside those of the business registry.

import type { CompanyPerson } from './api/types'

// A smaller share at the registry need not be declared.
const LARGE_PPM = 250_000

export type OwnerWord = 'agrees' | 'differs' | 'onlyDeclared' | 'onlyRegistered' | 'small'
export interface OwnerRow {
  name: string
  maskedIdNumber: string
  // Parts per million.
  declared?: number
  registered?: number
  word: OwnerWord
}

// One row per person, declared owners first. If the registry lists a person more than once, the shares are
// added. ID numbers are masked here, so this view only supports the reader: the bank compared them in full.
export function compareOwners(declared: CompanyPerson[], registered: CompanyPerson[]): OwnerRow[] {
  const rows = new Map<string, OwnerRow>()
  const add = (person: CompanyPerson, side: 'declared' | 'registered') => {
    const key = `${person.name} ${person.maskedIdNumber}`
    const row = rows.get(key) ?? { name: person.name, maskedIdNumber: person.maskedIdNumber, word: 'agrees' }
    row[side] = (row[side] ?? 0) + (person.sharePpm ?? 0)
    rows.set(key, row)
  }
  for (const person of declared) add(person, 'declared')
  for (const person of registered) add(person, 'registered')
  return [...rows.values()].map((row) => ({ ...row, word: wordOf(row) }))
}

function wordOf({ declared, registered }: OwnerRow): OwnerWord {
  if (registered === undefined) return 'onlyDeclared'
  if (declared === undefined) return registered < LARGE_PPM ? 'small' : 'onlyRegistered'
  return declared === registered ? 'agrees' : 'differs'
}

// "33.3333%" for 333333 parts per million, exactly.
export function shareOf(ppm: number | undefined): string {
  if (ppm === undefined) return '—'
  const part = String(ppm % 10_000).padStart(4, '0').replace(/0+$/, '')
  return `${Math.floor(ppm / 10_000)}${part && `.${part}`}%`
}
