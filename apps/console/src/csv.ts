// A table as comma-separated text (RFC 4180) with a byte-order mark, so that spreadsheets read
// Chinese names; and the download of it. A text cell that a spreadsheet would run as a formula
// gets an apostrophe in front; a cell that is a plain decimal number stays a number.

const number = /^-?\d+(\.\d+)?$/

function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) && !number.test(value) ? `'${value}` : value
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
