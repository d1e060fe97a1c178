/**
 * Normalisation of text as in the bank (src/base/text.h), from the same table: forbidden characters, and
 * the written form of names and numbers. For feedback while typing; the bank decides.
 */
import table from '../../src/base/characters.tsv?raw'

type Kind =
  | 'other'
  | 'control'
  | 'nothing'
  | 'private'
  | 'turn'
  | 'break'
  | 'unseen'
  | 'space'
  | 'dash'
  | 'dot'
  | 'radical'
  | 'han'
  | 'latin'
  | 'mark'
type Range = { first: number; last: number; kind: Kind; target: number }

const hex = (text: string) => parseInt(text, 16)

function rowsOf(text: string): { folds: Range[]; kinds: Range[] } {
  const folds: Range[] = []
  const kinds: Range[] = []
  for (const line of text.split('\n')) {
    const [range = '', kind = '', target = ''] = line.split('\t')
    if (line.startsWith('#') || kind === '') continue
    const [first = '', last = first] = range.split('..')
    const row = { first: hex(first), last: hex(last), kind: kind as Kind, target: hex(target) }
    ;(kind === 'fold' ? folds : kinds).push(row)
  }
  return { folds, kinds }
}

const { folds, kinds } = rowsOf(table)

function rangeOf(rows: Range[], point: number): Range | undefined {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    const row = rows[middle]!
    if (point < row.first) high = middle
    else if (point > row.last) low = middle + 1
    else return row
  }
  return undefined
}

const pointOf = (sign: string) => sign.codePointAt(0) ?? 0

export function kindOf(sign: string): Kind {
  return rangeOf(kinds, pointOf(sign))?.kind ?? 'other'
}

function foldedSign(sign: string): string {
  const row = rangeOf(folds, pointOf(sign))
  return row ? String.fromCodePoint(row.target + pointOf(sign) - row.first) : sign
}

const REFUSED = new Set<Kind>(['control', 'nothing', 'turn', 'break'])

/** The first character that is forbidden in every text; null if there is none. */
export function refusedIn(text: string): string | null {
  for (const sign of text) {
    const kind = kindOf(sign)
    const surrogate = pointOf(sign) >= 0xd800 && pointOf(sign) <= 0xdfff
    if (surrogate || REFUSED.has(kind)) return sign
    if (kind === 'private' && foldedSign(sign) === sign) return sign
  }
  return null
}

/** Folds width, look-alikes and private use; drops invisible characters; blanks become U+0020; NFC. */
export function foldText(text: string): string {
  let out = ''
  for (const sign of text) {
    const folded = foldedSign(sign)
    const kind = kindOf(folded)
    if (kind === 'unseen' || kind === 'turn') continue
    if (kind === 'space' || kind === 'break') out += ' '
    else out += kind === 'radical' ? folded.normalize('NFKC') : folded
  }
  return out.normalize('NFC')
}

/** A number without blanks, dashes, dots and `dropped`; capitals; a non-ASCII character becomes "?". */
export function numberOf(text: string, dropped = ''): string {
  let out = ''
  for (const sign of foldText(text)) {
    const kind = kindOf(sign)
    if (kind === 'space' || kind === 'dash' || kind === 'dot' || dropped.includes(sign)) continue
    out += pointOf(sign) < 0x80 ? sign.toUpperCase() : '?'
  }
  return out
}

const NAME_MIN = 2
const NAME_MAX = 50
const BLANK_LETTERS_MIN = 5
const BLANK_PART_MIN = 2
const MARKS_MAX = 2

/** Parts of a name and the separators between them: ["古丽米热", " · ", "艾比布力"]. */
function hanPieces(signs: string[]): string[] {
  const pieces: string[] = []
  let wasHan: boolean | null = null
  for (const sign of signs) {
    const isHan = kindOf(sign) === 'han'
    if (isHan === wasHan) pieces[pieces.length - 1] += sign
    else pieces.push(sign)
    wasHan = isHan
  }
  return pieces
}

const lengthOf = (text: string | undefined) => [...(text ?? '')].length

function hanName(signs: string[]): string | null {
  const pieces = hanPieces(signs)
  if (pieces.length % 2 === 0) return null
  const letters = signs.filter((sign) => kindOf(sign) === 'han').length
  let out = ''
  for (const [at, piece] of pieces.entries()) {
    if (at % 2 === 0) {
      out += piece
      continue
    }
    const joint = [...piece]
    const dots = joint.filter((sign) => kindOf(sign) === 'dot').length
    if (dots > 1 || joint.some((sign) => sign !== ' ' && kindOf(sign) !== 'dot')) return null
    const parts = Math.min(lengthOf(pieces[at - 1]), lengthOf(pieces[at + 1]))
    const divides = letters >= BLANK_LETTERS_MIN && parts >= BLANK_PART_MIN
    if (dots === 1 || divides) out += '·'
  }
  return out
}

function latinName(signs: string[]): string | null {
  let out = ''
  let last = ' '
  let marks = 0
  for (const sign of signs) {
    const kind = kindOf(sign)
    const joint = sign === ' ' || sign === "'" || sign === '.' ? sign : kind === 'dash' ? '-' : ''
    if (kind === 'mark' ? last !== '' || ++marks > MARKS_MAX : kind !== 'latin' && joint === '')
      return null
    if (joint === ' ' && last === ' ') continue
    if (joint !== '' && last !== '' && (last !== '.' || joint === '.')) return null
    out += joint === '' ? sign : joint
    marks = kind === 'mark' ? marks : 0
    last = joint
  }
  return last === '' || last === '.' ? out : null
}

/** A person's name in its written form, all Chinese or all Latin; null if it is not a name. */
export function nameOf(text: string): string | null {
  if (refusedIn(text.replace(/[\t\n\v\f\r\u0085\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, ' ')) !== null)
    return null
  const signs = [...foldText(text).replace(/^ +| +$/g, '')]
  const first = signs[0]
  if (first === undefined) return null
  const name = kindOf(first) === 'han' ? hanName(signs) : latinName(signs)
  const length = lengthOf(name ?? '')
  return name !== null && length >= NAME_MIN && length <= NAME_MAX ? name : null
}
