import { describe, expect, it } from 'vitest'
import type { CompanyPerson } from '../src/api/types'
import { compareOwners, shareOf } from '../src/owners'
import { clockOf } from '../src/parts/countdown'

const person = (name: string, sharePpm: number): CompanyPerson => ({ name, maskedIdNumber: '11**************00', sharePpm })
const words = (declared: CompanyPerson[], registered: CompanyPerson[]) =>
  compareOwners(declared, registered).map((row) => [row.name, row.declared, row.registered, row.word])

describe('owners declared and registered', () => {
  it('agree', () => expect(words([person('甲', 600_000)], [person('甲', 600_000)])).toEqual([['甲', 600_000, 600_000, 'agrees']]))
  it('count the entries of one person together', () =>
    expect(words([person('甲', 600_000)], [person('甲', 200_000), person('甲', 400_000)])).toEqual([['甲', 600_000, 600_000, 'agrees']]))
  it('tell another share, somebody new and somebody missing', () =>
    expect(words([person('甲', 500_000), person('乙', 100_000)], [person('甲', 600_000), person('丙', 250_000), person('丁', 249_999)])).toEqual([
      ['甲', 500_000, 600_000, 'differs'],
      ['乙', 100_000, undefined, 'onlyDeclared'],
      ['丙', undefined, 250_000, 'onlyRegistered'],
      ['丁', undefined, 249_999, 'small'],
    ]))
  it('does not take another ID number for the same person', () =>
    expect(compareOwners([person('甲', 1)], [{ ...person('甲', 1), maskedIdNumber: '32**************01' }])).toHaveLength(2))
})

describe('shares and clocks', () => {
  it.each([
    [1_000_000, '100%'],
    [333_333, '33.3333%'],
    [255_000, '25.5%'],
    [1, '0.0001%'],
    [undefined, '—'],
  ])('%s is %s', (ppm, wanted) => expect(shareOf(ppm)).toBe(wanted))
  it('counts minutes and seconds', () => expect([clockOf(900), clockOf(65), clockOf(9)]).toEqual(['15:00', '1:05', '0:09']))
})
