import { Problem } from '../../shared/problem.ts'
import type { Factor } from './routes-security.ts'

/** The order in which a person is asked: the quickest first, the camera last. Pure. */
const ORDER: Factor[] = ['passCode', 'passkeyOrTotp', 'passkey', 'face']

/**
 * What the bank still asks for before it does a thing; null where the refusal is another one. A
 * bank that names no factors means the pass code.
 */
export function missingFactors(error: unknown): Factor[] | null {
  if (!(error instanceof Problem)) return null
  if (error.slug === 'face-check-required') return ['face']
  // a session that rests asks for no more than the pass code
  if (error.slug === 'session-rests') return ['passCode']
  if (error.slug !== 'step-up-required') return null
  const named = error.body.missing ?? error.body.factors
  if (!Array.isArray(named)) return ['passCode']
  const known = ORDER.filter((factor) => named.includes(factor))
  return known.length > 0 ? known : ['passCode']
}

/** Whether the face will do as well, for one whose passkey or authenticator app is out of reach. Pure. */
export function faceWillDo(error: unknown): boolean {
  if (!(error instanceof Problem)) return false
  const named = error.body.alternatives
  return Array.isArray(named) && named.length > 1 && named.includes('face')
}
