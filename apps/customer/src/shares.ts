/**
 * Shares of owners: per cent with at most four decimals as typed, parts per million as the bank takes them.
 * Pure; no floating point.
 */
const PPM_MAX = 1_000_000

export function ppmOf(text: string): number | null {
  const match = /^(\d{1,3})(?:[.,](\d{1,4}))?$/.exec(text.normalize('NFKC').trim().replace(/\s*%$/, ''))
  if (!match) return null
  const ppm = Number(match[1]) * 10_000 + Number((match[2] ?? '').padEnd(4, '0'))
  return ppm > 0 && ppm <= PPM_MAX ? ppm : null
}

export function percentOfPpm(ppm: number): string {
  const decimals = String(ppm % 10_000).padStart(4, '0').replace(/0+$/, '')
  return `${Math.floor(ppm / 10_000)}${decimals && `.${decimals}`}%`
}

/** The shares must not exceed 100 %. */
export function sumFits(shares: number[]): boolean {
  return shares.reduce((sum, ppm) => sum + ppm, 0) <= PPM_MAX
}
