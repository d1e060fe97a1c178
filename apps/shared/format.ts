/** Dates and times by Intl, in the bank's time zone so that they agree with booking dates. */
let bankTimeZone = 'Asia/Shanghai'

/**
 * Time zone from GET /v1/bank; the default applies until it is loaded, and if the browser lacks that zone.
 */
export function setBankTimeZone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    bankTimeZone = zone
  } catch {
    // This browser does not have the zone.
  }
}

export function bankZone(): string {
  return bankTimeZone
}

export function showDate(date: string, language: string): string {
  return dateFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${date}T00:00:00Z`),
  )
}

/** "Saturday, 21 November" for the heads of day groups. */
export function showDay(date: string, language: string): string {
  const options = { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' } as const
  return dateFormat(language, options).format(new Date(`${date}T00:00:00Z`))
}

export function showInstant(instant: string, language: string): string {
  return dateFormat(language, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    timeZone: bankTimeZone,
  }).format(new Date(instant))
}

export function showTime(instant: string, language: string): string {
  return dateFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: bankTimeZone,
  }).format(new Date(instant))
}

/** Day and minute without the year, for lists of recent things. */
export function showMoment(instant: string, language: string): string {
  const options = {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  } as const
  return dateFormat(language, { ...options, timeZone: bankTimeZone }).format(new Date(instant))
}

/** Calendar date of an instant in the bank's time zone, as YYYY-MM-DD. */
export function bankDate(instant: Date): string {
  const parts = dateFormat('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    timeZone: bankTimeZone,
  }).formatToParts(instant)
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}`
}

/** First and last day of the month that is `back` months before that of `date`. */
export function monthOf(date: string, back = 0): { from: string; to: string } {
  const [year = 0, month = 1] = date.split('-').map(Number)
  const first = new Date(Date.UTC(year, month - 1 - back, 1))
  const last = new Date(Date.UTC(year, month - back, 0))
  return { from: first.toISOString().slice(0, 10), to: last.toISOString().slice(0, 10) }
}

const formats = new Map<string, Intl.DateTimeFormat>()

function dateFormat(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = language + JSON.stringify(options)
  let format = formats.get(name)
  if (!format) formats.set(name, (format = new Intl.DateTimeFormat(language, options)))
  return format
}
