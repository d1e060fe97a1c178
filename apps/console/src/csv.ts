// A table as comma-separated text (RFC 4180) with a byte-order mark, so that spreadsheets read Chinese
// names; and its download. A cell that a spreadsheet would run as a formula, or change as a number (leading
// zeros, more than 15 digits, an exponent), gets an apostrophe in front; a plain decimal number stays a
// number. The bank's statements follow the same rule.

const plainNumber = /^-?(0|[1-9]\d{0,14})(\.\d{1,6})?$/
const formula = /^[\s\u200b-\u200d\ufeff]*[=+\-@＝＋－＠−]|^[\t\r\n]/
const numeral = /^(?=.*\d)[\d.,eE+\-/: ]+$/

function cell(value: string): string {
  const isGuarded = !plainNumber.test(value) && (formula.test(value) || numeral.test(value))
  const safe = isGuarded ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function csvText(rows: readonly (readonly string[])[]): string {
  return `\ufeff${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

export function download(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
