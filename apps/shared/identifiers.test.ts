import { describe, expect, it } from 'vitest'
import {
  checkDigitOf,
  faultOfIdNumber,
  faultOfPassCode,
  faultOfUscc,
  groupByFour,
  isCardNumber,
  mobileOf,
  shortMask,
} from './identifiers.ts'

const today = new Date('2026-11-21T00:00:00Z')

describe('resident ID number (ISO 7064 MOD 11-2)', () => {
  // 11010519491231002X and 440524188001010014 are the examples printed in GB 11643
  it('takes the examples of the standard', () => {
    expect(checkDigitOf('11010519491231002')).toBe('X')
    expect(checkDigitOf('44052418800101001')).toBe('4')
    expect(faultOfIdNumber('11010519491231002X', today)).toBeNull()
    expect(faultOfIdNumber(' 11010519491231002x ', today)).toBeNull()
    expect(faultOfIdNumber('110105 19491231 002X', today)).toBeNull()
    expect(faultOfIdNumber('１１０１０５１９４９１２３１００２Ｘ', today)).toBeNull()
  })

  it('finds every single wrong digit', () => {
    const right = '11010519491231002X'
    for (let at = 0; at < 17; at++) {
      for (let digit = 0; digit <= 9; digit++) {
        if (String(digit) === right[at]) continue
        const wrong = right.slice(0, at) + digit + right.slice(at + 1)
        expect(faultOfIdNumber(wrong, today), wrong).not.toBeNull()
      }
    }
  })

  it.each([
    ['1101051949123100', 'length'],
    ['110105194912310O2X', 'characters'],
    ['1101051949123X0021', 'characters'],
    ['110105194913310021', 'birthDate'],
    ['110105199902290021', 'birthDate'],
    ['110105209912310021', 'birthDate'],
    ['110105194912310021', 'checkDigit'],
  ])('%s: %s', (text, fault) => expect(faultOfIdNumber(text, today)).toBe(fault))
})

describe('card number', () => {
  it.each(['6228480000000000018', '4111 1111 1111 1111', '4111-1111-1111-1111'])(
    'takes %s',
    (text) => {
      expect(isCardNumber(text)).toBe(true)
    },
  )
  it.each(['4111111111111112', '411111', '', '4111111111111111111111'])('refuses %s', (text) =>
    expect(isCardNumber(text)).toBe(false),
  )
  it('shortens masked numbers only', () => {
    expect(shortMask('622848*********1234')).toBe('6228 **** 1234')
    expect(shortMask('6230 **** **** 0017')).toBe('6230 **** 0017')
    expect(shortMask('张*雨')).toBe('张*雨')
    expect(shortMask('6228481234567890')).toBe('6228481234567890')
  })
  it('groups by four', () => {
    expect(groupByFour('6228481234567890123')).toBe('6228 4812 3456 7890 123')
    expect(groupByFour('622848******1234')).toBe('6228 48** **** 1234')
  })
})

describe('mobile number', () => {
  it.each(['\u202d13800000000\u202c', '(+86)13800000000', '138\u00a00000\u20110000', '13800000000', '+86 138 0000 0000', '008613800000000', '138-0000-0000', '13800000000'])(
    'takes %s',
    (text) => expect(mobileOf(text)).toBe('13800000000'),
  )
  it.each(['1380000000', '23800000000', '12800000000', '138000000000', ''])('refuses %s', (text) =>
    expect(mobileOf(text)).toBeNull(),
  )
})

describe('pass code', () => {
  it.each([
    ['12345', 'length'],
    ['111111', 'repeat'],
    ['121212', 'repeat'],
    ['135135', 'repeat'],
    ['123456', 'sequence'],
    ['987654', 'sequence'],
    ['567890', 'sequence'],
  ])('%s: %s', (code, fault) => expect(faultOfPassCode(code)).toBe(fault))
  it('takes an ordinary one', () => expect(faultOfPassCode('274916')).toBeNull())
})

describe('unified social credit code (GB 32100)', () => {
  it.each([
    ['91350100M000100Y43', null],
    ['91350100m000100y43', null],
    ['91350100M000100Y44', 'checkDigit'],
    ['91350100M000010Y43', 'checkDigit'],
    ['91350100M000100Y4', 'length'],
    ['91350100I000100Y43', 'characters'],
    ['', 'length'],
  ])('%s: %s', (code, fault) => expect(faultOfUscc(code)).toBe(fault))
})
