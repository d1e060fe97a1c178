import { expect, it } from 'vitest'
import { bankDate, bankZone, monthOf, setBankTimeZone, showDate, showTime } from './format.ts'

it('shows instants in the bank’s time zone', () => {
  expect(bankDate(new Date('2026-11-20T16:00:00Z'))).toBe('2026-11-21')
  expect(bankDate(new Date('2026-11-20T15:59:59Z'))).toBe('2026-11-20')
  expect(showTime('2026-11-20T16:05:00Z', 'en-GB')).toBe('00:05')
})

it('takes the zone from the bank', () => {
  setBankTimeZone('Europe/Berlin')
  expect(bankDate(new Date('2026-10-24T22:00:00Z'))).toBe('2026-10-25')
  expect(showTime('2026-10-25T22:30:00Z', 'en-GB')).toBe('23:30')
  setBankTimeZone('Nowhere/Atall')
  expect(bankZone()).toBe('Europe/Berlin')
  setBankTimeZone('Asia/Shanghai')
})

it('finds months, over the turn of the year and in leap years', () => {
  expect(monthOf('2026-11-21')).toEqual({ from: '2026-11-01', to: '2026-11-30' })
  expect(monthOf('2027-01-31', 1)).toEqual({ from: '2026-12-01', to: '2026-12-31' })
  expect(monthOf('2028-03-31', 1)).toEqual({ from: '2028-02-01', to: '2028-02-29' })
})

it('writes dates in both languages', () => {
  expect(showDate('2026-11-21', 'en-GB')).toBe('21 November 2026')
  expect(showDate('2026-11-21', 'zh-CN')).toBe('2026年11月21日')
})
