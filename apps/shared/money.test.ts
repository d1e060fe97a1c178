import { describe, expect, it } from 'vitest'
import {
  digitsOf,
  editAmount,
  formatMinor,
  leastOf,
  minorOf,
  parseMinor,
  percentOf,
  showMoney,
} from './money.ts'

describe('parseMinor', () => {
  it.each([
    ['0', 0n],
    ['12', 1200n],
    ['12.3', 1230n],
    ['12.34', 1234n],
    ['-0.01', -1n],
    ['0.10', 10n],
    ['999999999999999.99', 99999999999999999n],
  ])('reads %s', (text, minor) => expect(parseMinor(text)).toBe(minor))

  it.each(['', '.', '1.', '1.234', '1e3', '1,000', 'abc', '+1', '--1', '1234567890123456'])(
    'refuses "%s"',
    (text) => expect(parseMinor(text)).toBeNull(),
  )

  it.each([
    ['VND', 0],
    ['ISK', 0],
    ['CLP', 0],
    ['TND', 3],
    ['UYW', 4],
    ['CNY', 2],
  ])('knows the decimals of %s', (currency, digits) => expect(digitsOf(currency)).toBe(digits))

  it('knows currencies without and with three decimals', () => {
    expect(minorOf({ amount: '100', currency: 'JPY' })).toBe(100n)
    expect(minorOf({ amount: '1.234', currency: 'BHD' })).toBe(1234n)
    expect(() => minorOf({ amount: '1.5', currency: 'JPY' })).toThrow(RangeError)
  })
})

describe('formatMinor', () => {
  it.each([
    [0n, '0.00'],
    [1n, '0.01'],
    [-1n, '-0.01'],
    [123456n, '1234.56'],
  ])('writes %s', (minor, text) => expect(formatMinor(minor)).toBe(text))

  it('is the inverse of parseMinor beyond the exact range of a double', () => {
    const minor = 900719925474099301n
    expect(parseMinor('9007199254740993.01', 2)).toBeNull()
    expect(formatMinor(minor)).toBe('9007199254740993.01')
    expect(parseMinor(formatMinor(90071992547409931n))).toBe(90071992547409931n)
  })
})

describe('editAmount', () => {
  it.each([
    ['', ''],
    ['1', '1'],
    ['1.', '1.'],
    ['1.2', '1.2'],
    ['1.25', '1.25'],
    ['.', '0.'],
    ['007', '7'],
    ['0.5', '0.5'],
    ['1,234.5', '1234.5'],
    ['12。5', '12.5'],
    ['１２．５', '12.5'],
    ['¥ 1,234,567.89', '1234567.89'],
    ['1,234', '1234'],
    // Not grouped, so kept as typed: the user has to correct the amount.
    ['12,50', '12,50'],
    ['5，5', '5,5'],
    ['1,', '1,'],
    ['1,2', '1,2'],
    ['1234,567', '1234,567'],
    ['1,234,5', '1,234,5'],
    ['12', '12'],
  ])('takes %s', (text, wanted) => expect(editAmount(text)).toBe(wanted))

  it.each(['12,50', '5,5', '1,', '1234,567', '1,234,5'])('"%s" is no amount yet', (text) =>
    expect(parseMinor(editAmount(text) ?? '')).toBeNull(),
  )
  it('never reads a comma before three decimals of a currency that has them', () =>
    expect(editAmount('1,234', 3)).toBe('1,234'))

  it.each([',5', '1,,2', '1.234', 'a', '1..2', '-1', '1234567890123', '1e2'])('refuses %s', (text) =>
    expect(editAmount(text)).toBeNull(),
  )
})

describe('showing', () => {
  it('groups and signs', () => {
    expect(showMoney({ amount: '1234567.80', currency: 'CNY' }, 'zh-CN')).toBe('¥1,234,567.80')
    expect(showMoney({ amount: '1234567.80', currency: 'CNY' }, 'en-GB')).toBe('¥1,234,567.80')
    expect(showMoney({ amount: '5.00', currency: 'CNY' }, 'en-GB', { sign: true })).toBe('+¥5.00')
    expect(showMoney({ amount: '-5.00', currency: 'CNY' }, 'en-GB')).toBe('−¥5.00')
    expect(showMoney({ amount: '9007199254740.93', currency: 'CNY' }, 'en-GB')).toBe(
      '¥9,007,199,254,740.93',
    )
  })

  it('gives whole percents inside 0..100', () => {
    const max = { amount: '200.00', currency: 'CNY' }
    expect(percentOf({ amount: '50.00', currency: 'CNY' }, max)).toBe(25)
    expect(percentOf({ amount: '500.00', currency: 'CNY' }, max)).toBe(100)
    expect(percentOf(max, { amount: '0.00', currency: 'CNY' })).toBe(100)
    expect(leastOf(3n, 1n, 2n)).toBe(1n)
  })
})
