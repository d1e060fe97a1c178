import currencies from '../../src/base/currencies.tsv?raw'
import { foldText } from './text.ts'

/**
 * Amounts of money without floating point: decimal text outside, bigint minor units inside. Every amount of
 * the API is { amount: "12.34", currency: "CNY" }; digits is the number of decimals of the currency
 * (default 2). Functions that read text return null if it is not an amount.
 */
export interface Money {
  amount: string
  currency: string
}

/** Columns: code, number, digits; the bank is built from the same table. */
const DIGITS = new Map(
  currencies
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => line.split('\t'))
    .map(([code, , digits]) => [code, Number(digits)] as const),
)
const DECIMAL = /^(-?)(\d{1,15})(?:\.(\d+))?$/

export function digitsOf(currency: string): number {
  return DIGITS.get(currency) ?? 2
}

/** "12.3" -> 1230n; null for anything but a decimal with at most `digits` decimals. */
export function parseMinor(text: string, digits = 2): bigint | null {
  const match = DECIMAL.exec(text.trim())
  if (!match) return null
  const fraction = match[3] ?? ''
  if (fraction.length > digits) return null
  const minor = BigInt(match[2] + fraction.padEnd(digits, '0'))
  return match[1] ? -minor : minor
}

/** 1230n -> "12.30", the form of the API. */
export function formatMinor(minor: bigint, digits = 2): string {
  const sign = minor < 0n ? '-' : ''
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0')
  if (digits === 0) return sign + text
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}

export function moneyOf(minor: bigint, currency = 'CNY'): Money {
  return { amount: formatMinor(minor, digitsOf(currency)), currency }
}

/** Minor units of an amount of the API; throws on malformed text, which only a faulty server sends. */
export function minorOf(money: Money): bigint {
  const minor = parseMinor(money.amount, digitsOf(money.currency))
  if (minor === null) throw new RangeError(`not an amount of ${money.currency}`)
  return minor
}

/** The smaller amount; for "the most that you can pay now". */
export function leastOf(first: bigint, ...rest: bigint[]): bigint {
  return rest.reduce((least, one) => (one < least ? one : least), first)
}

/** Share of max that is used, in whole percent 0..100; for bars only, never for arithmetic. */
export function percentOf(used: Money, max: Money): number {
  const whole = minorOf(max)
  if (whole <= 0n) return 100
  const percent = Number((minorOf(used) * 100n) / whole)
  return Math.min(100, Math.max(0, percent))
}

/**
 * Content of an amount field after a key stroke: the text if it may still become an amount of at most
 * `digits` decimals and 12 whole digits, else null (the stroke is refused). Full-width digits and
 * separators, which Chinese keyboards send, count as plain ones. A comma groups only before three digits
 * ("1,234.5" is 1234.5); another comma stays in the text, and parseMinor then returns null: "12,50" is
 * reported to the user, never guessed.
 */
export function editAmount(text: string, digits = 2): string | null {
  const signs = foldText(text).replace(/[ ¥￥]/g, '')
  const grouped = digits < 3 && /^\d{1,3}(,\d{3})+(\.\d*)?$/.test(signs)
  const plain = grouped ? signs.replaceAll(',', '') : signs
  if (plain === '') return ''
  if (plain.includes(',')) return /^\d{1,12}(,\d{1,12})*,?(\.\d{0,3})?$/.test(plain) ? plain : null
  const pattern = digits === 0 ? /^\d{1,12}$/ : new RegExp(`^\\d{0,12}(\\.\\d{0,${digits}})?$`)
  if (!pattern.test(plain)) return null
  const withZero = plain.startsWith('.') ? `0${plain}` : plain
  return withZero.replace(/^0+(?=\d)/, '')
}

/** Formats an amount in a language: grouped, with the currency's narrow sign, exact at any size. */
export function showMoney(
  money: Money,
  language: string,
  options: { sign?: boolean } = {},
): string {
  const minor = minorOf(money)
  const mark = minor < 0n ? '−' : options.sign && minor > 0n ? '+' : ''
  const size = minor < 0n ? -minor : minor
  return `${mark}${currencySign(money.currency, language)}${showDecimal(size, digitsOf(money.currency), language)}`
}

/** The digits alone, grouped; used where the sign of the currency has its own type size. */
export function showDecimal(minor: bigint, digits: number, language: string): string {
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 0 })
  const text = formatMinor(minor, digits)
  const [whole = '0', fraction] = text.split('.')
  const grouped = format.format(BigInt(whole))
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

export function currencySign(currency: string, language: string): string {
  const parts = new Intl.NumberFormat(language, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
  }).formatToParts(0)
  return parts.find((part) => part.type === 'currency')?.value ?? currency
}
