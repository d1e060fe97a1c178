import { Problem } from '../../shared/problem.ts'
import type { Factor } from './routes-security.ts'

/** Order in which factors are requested: the quickest first, the camera last. Pure. */
const ORDER: Factor[] = ['passCode', 'passkeyOrTotp', 'passkey', 'face']

/**
 * Factors that the bank requires before the action; null if the refusal has another reason. No named
 * factors means the pass code.
 */
export function missingFactors(error: unknown): Factor[] | null {
  if (!(error instanceof Problem)) return null
  if (error.slug === 'face-check-required') return ['face']
  // A resting session needs only the pass code.
  if (error.slug === 'session-rests') return ['passCode']
  if (error.slug !== 'step-up-required') return null
  const named = error.body.missing ?? error.body.factors
  if (!Array.isArray(named)) return ['passCode']
  const known = ORDER.filter((factor) => named.includes(factor))
  return known.length > 0 ? known : ['passCode']
}

/** Whether a face check is accepted instead of an unavailable passkey or authenticator app. Pure. */
export function faceWillDo(error: unknown): boolean {
  if (!(error instanceof Problem)) return false
  const named = error.body.alternatives
  return Array.isArray(named) && named.length > 1 && named.includes('face')
}
