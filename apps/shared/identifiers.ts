/** Local checks of identifiers for instant feedback; the bank checks them again and decides. */
import { numberOf } from './text.ts'

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECK = '10X98765432'

export type IdNumberFault = 'length' | 'characters' | 'birthDate' | 'checkDigit'

/** Resident ID number (GB 11643, check digit by ISO 7064 MOD 11-2); null if it is valid. */
export function faultOfIdNumber(text: string, today = new Date()): IdNumberFault | null {
  const id = numberOf(text)
  if (!/^[0-9X]*$/.test(id)) return 'characters'
  if (id.length !== 18) return 'length'
  if (!/^\d{17}[0-9X]$/.test(id)) return 'characters'
  const birth = dateOf(id.slice(6, 14))
  if (!birth || birth > today || birth.getUTCFullYear() < 1900) return 'birthDate'
  return checkDigitOf(id) === id[17] ? null : 'checkDigit'
}

/** The check character of the first 17 digits. */
export function checkDigitOf(id: string): string {
  let sum = 0
  WEIGHTS.forEach((weight, at) => (sum += weight * Number(id[at])))
  return CHECK[sum % 11] ?? ''
}

/** Date of "YYYYMMDD"; null if the calendar has no such day. */
function dateOf(text: string): Date | null {
  const [year, month, day] = [text.slice(0, 4), text.slice(4, 6), text.slice(6, 8)].map(Number)
  const date = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day))
  const same =
    date.getUTCFullYear() === year && date.getUTCMonth() + 1 === month && date.getUTCDate() === day
  return same ? date : null
}

/** Card number: 13 to 19 digits whose Luhn sum (ISO/IEC 7812) is a multiple of ten. */
export function isCardNumber(text: string): boolean {
  const digits = digitsIn(text)
  if (!/^\d{13,19}$/.test(digits)) return false
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at])
    const doubled = at % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** Mainland mobile number, with or without +86, as 11 digits; null if it is not one. */
export function mobileOf(text: string): string | null {
  const digits = numberOf(text, '/')
    .replace(/(?<=.)\(0\)/g, '') // E.123: a trunk zero.
    .replace(/[()]/g, '')
    .replace(/^(\+|00)?86(?=1)/, '')
  return /^1[3-9]\d{9}$/.test(digits) ? digits : null
}

export function digitsIn(text: string): string {
  return numberOf(text).replace(/\D/g, '')
}

/** "6228481234567890" -> "6228 4812 3456 7890"; mask stars count as characters. */
export function groupByFour(text: string): string {
  return text.replace(/\s/g, '').replace(/(.{4})(?=.)/g, '$1 ')
}

/** A masked number in the usual form: first four, stars, last four; others are returned unchanged. */
export function shortMask(text: string): string {
  const plain = text.replace(/\s/g, '')
  return /^\d{4,}\D+\d{4}$/.test(plain) ? `${plain.slice(0, 4)} **** ${plain.slice(-4)}` : text
}

/** The weakness of a new pass code; null if there is none. The bank also compares phone and birth date. */
export function faultOfPassCode(code: string, length = 6): 'length' | 'repeat' | 'sequence' | null {
  if (!new RegExp(`^\\d{${length}}$`).test(code)) return 'length'
  if (new Set(code).size <= 2) return 'repeat'
  const half = code.slice(0, length / 2)
  if (half + half === code) return 'repeat'
  return '01234567890'.includes(code) || '09876543210'.includes(code) ? 'sequence' : null
}

const USCC_SIGNS = '0123456789ABCDEFGHJKLMNPQRTUWXY'

/**
 * Unified social credit code (GB 32100): 18 characters without I, O, S, V, Z; the last is a check character
 * with weights 3^n modulo 31. null if it is valid.
 */
export function faultOfUscc(text: string): 'length' | 'characters' | 'checkDigit' | null {
  const code = numberOf(text)
  const values = [...code].map((sign) => USCC_SIGNS.indexOf(sign))
  if (values.includes(-1)) return 'characters'
  if (code.length !== 18) return 'length'
  let sum = 0
  let weight = 1
  for (const value of values.slice(0, 17)) {
    sum += value * weight
    weight = (weight * 3) % 31
  }
  return values[17] === (31 - (sum % 31)) % 31 ? null : 'checkDigit'
}
