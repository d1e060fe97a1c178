import { describe, expect, it } from 'vitest'
import { percentOfPpm, ppmOf, sumFits } from './shares.ts'

describe('shares of owners', () => {
  it.each([
    ['25', 250_000],
    ['33.3333', 333_333],
    ['33,5 %', 335_000],
    ['100', 1_000_000],
    ['100.0001', null],
    ['0', null],
    ['-5', null],
    ['12.34567', null],
    ['half', null],
  ])('%s is %s', (text, ppm) => expect(ppmOf(text)).toBe(ppm))

  it('are shown as they were typed', () => {
    expect([250_000, 333_333, 335_000, 1_000_000, 1].map(percentOfPpm)).toEqual([
      '25%',
      '33.3333%',
      '33.5%',
      '100%',
      '0.0001%',
    ])
  })

  it('may not be more than all', () => {
    expect(sumFits([500_000, 500_000])).toBe(true)
    expect(sumFits([500_000, 500_001])).toBe(false)
  })
})
