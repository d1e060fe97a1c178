import { describe, expect, it } from 'vitest'
import { csvText } from '../src/csv'

const body = (rows: string[][]) => csvText(rows).replace(/^\ufeff/, '')

describe('csv', () => {
  it('starts with a byte-order mark and ends each row with CRLF', () => {
    expect(
      csvText([
        ['a', 'b'],
        ['c', 'd'],
      ]),
    ).toBe('\ufeffa,b\r\nc,d\r\n')
  })
  it.each([
    ['a comma', 'a,b', '"a,b"'],
    ['a quote', 'say "no"', '"say ""no"""'],
    ['a line end', 'a\nb', '"a\nb"'],
    ['a negative amount stays a number', '-12.50', '-12.50'],
    ['a formula is made text', '=1+1', "'=1+1"],
    ['a command is made text', '@SUM(A1)', "'@SUM(A1)"],
    ['a minus that is no number', '-1+cmd', "'-1+cmd"],
    ['a full-width formula', '＝1+1', "'＝1+1"],
    ['a formula behind a blank', ' =1+1', "' =1+1"],
    ['a formula behind a line end', '\n=1', '"\'\n=1"'],
    ['leading zeros', '0012', "'0012"],
    ['an exponent', '1E5', "'1E5"],
    ['an id of 18 digits', '120942089239266795', "'120942089239266795"],
    ['an amount', '1234567.89', '1234567.89'],
    ['a formula with a comma', '=HYPERLINK("a","b")', '"\'=HYPERLINK(""a"",""b"")"'],
  ])('%s', (_, given, wanted) => {
    expect(body([[given]])).toBe(`${wanted}\r\n`)
  })
})
