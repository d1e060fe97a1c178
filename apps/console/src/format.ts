// How the console shows numbers and times; the rules are those of both apps.

import { bankDate, showDate, showInstant } from '../../shared/format.ts'
import { LANGUAGES, type Language } from '../../shared/i18n.ts'
import { digitsOf, formatMinor, minorOf, showDecimal, type Money } from '../../shared/money.ts'

export const formatInstant = (at: string, lang: Language) => showInstant(at, LANGUAGES[lang])
export const formatDate = (date: string, lang: Language) => showDate(date, LANGUAGES[lang])
export const bankToday = () => bankDate(new Date())
export const formatCount = (count: number, lang: Language) => count.toLocaleString(LANGUAGES[lang])

// A duration in the largest unit of which it has two, or one hour: "90 minutes", "365 days"; without a
// sign.
export function formatSpan(seconds: number, lang: Language): string {
  const span = Math.abs(seconds)
  const [unit, size] =
    span >= 172_800
      ? (['day', 86_400] as const)
      : span >= 7_200 || Math.round(span / 60) === 60
        ? (['hour', 3_600] as const)
        : span >= 120
          ? (['minute', 60] as const)
          : (['second', 1] as const)
  return new Intl.NumberFormat(LANGUAGES[lang], { style: 'unit', unit, unitDisplay: 'long' }).format(Math.round(span / size))
}

// "1,234.56" with a real minus; the same in both languages.
export function groupedAmount(money: Money): string {
  const minor = minorOf(money)
  const text = showDecimal(minor < 0n ? -minor : minor, digitsOf(money.currency), 'en')
  return minor < 0n ? `−${text}` : text
}

// The instant of "2026-11-21" and "09:30:00" on the bank's clock (UTC+8, no summer time).
export function instantOf(date: string, time: string): string {
  return new Date(`${date}T${time}+08:00`).toISOString()
}

/** A figure of the catalogue with its unit; a count has no unit. */
export function parameterFigure(value: number, unit: string, t: (key: string) => string): string {
  if (value < 0) return t('parameter.unlimited')
  if (unit === 'amount') return `${formatMinor(BigInt(value))} CNY`
  if (unit === 'switch') return t(`switch.${value}`)
  return unit === 'count' ? String(value) : `${value} ${t(`unit.${unit}`)}`
}
