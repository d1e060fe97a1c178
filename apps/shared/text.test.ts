import { describe, expect, it } from 'vitest'
import golden from '../../tests/golden/text/door.tsv?raw'
import { mobileOf } from './identifiers.ts'
import { kindOf, nameOf, numberOf, refusedIn } from './text.ts'

const unescape = (text: string) =>
  text.replace(/\\u\{([0-9A-F]+)\}/g, (_, hex: string) => String.fromCodePoint(parseInt(hex, 16)))

const rules: Record<string, (typed: string) => string> = {
  name: (typed) => nameOf(typed) ?? '',
  number: (typed) => numberOf(typed),
  mobile: (typed) => (mobileOf(typed) === null ? '' : `+86${mobileOf(typed)}`),
  text: (typed) => (refusedIn(typed) === null ? typed.normalize('NFC') : ''),
}

const rows = golden
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t') as [string, string, string])

describe('the rows that the bank replays too', () => {
  it('has them', () => expect(rows.length).toBeGreaterThan(90))
  it.each(rows)('%s: %s -> %s', (rule, typed, wanted) => {
    expect(rules[rule]!(unescape(typed))).toBe(unescape(wanted))
  })
})

describe('every character of Unicode', () => {
  const signs: string[] = []
  for (let point = 0x21; point <= 0x10ffff; point++)
    if (point < 0xd800 || point > 0xdfff) signs.push(String.fromCodePoint(point))

  it('takes every Han letter, and writes it unified', () => {
    const han = signs.filter((sign) => /\p{Unified_Ideograph}/u.test(sign) || /[\uf900-\ufaff]|[\u{2f800}-\u{2fa1f}]/u.test(sign))
    const assigned = han.filter((sign) => /\p{L}/u.test(sign))
    expect(assigned.length).toBeGreaterThan(90000)
    const refused = assigned.filter((sign) => !/^张\p{Unified_Ideograph}$/u.test(nameOf(`张${sign}`) ?? ''))
    expect(refused).toEqual([])
  })

  it('drops blanks, dashes and what cannot be seen from numbers', () => {
    const dropped = /[\p{White_Space}\p{Pd}\p{Bidi_Control}]/u
    const kept = signs.filter((sign) => dropped.test(sign) && numberOf(`1${sign}2`) !== '12')
    expect(kept).toEqual([])
    const seen = signs.filter(
      (sign) => /\p{Default_Ignorable_Code_Point}/u.test(sign) && kindOf(sign) === 'other',
    )
    expect(seen).toEqual([])
  })

  it('refuses noncharacters and controls', () => {
    const taken = signs.filter(
      (sign) => /[\p{Noncharacter_Code_Point}\p{Cc}]/u.test(sign) && refusedIn(sign) === null,
    )
    expect(taken).toEqual([])
  })
})
