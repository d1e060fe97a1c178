import { describe, expect, it } from 'vitest'
import { localProblem, Problem } from '../../shared/problem.ts'
import { faceWillDo, missingFactors } from './factors.ts'

const refusal = (slug: string, body: object = {}) =>
  new Problem({ type: `/problems/${slug}`, ...body }, 403)

describe('factors of a step-up', () => {
  it.each([
    ['nothing named', {}, ['passCode']],
    ['an empty list', { missing: [] }, ['passCode']],
    ['only what is missing', { factors: ['passCode', 'face'], missing: ['face'] }, ['face']],
    ['all, in the order of effort', { missing: ['face', 'passkeyOrTotp', 'passCode'] }, ['passCode', 'passkeyOrTotp', 'face']],
    ['a passkey where no time code will do', { missing: ['passkey', 'passCode'] }, ['passCode', 'passkey']],
    ['factors where nothing says what is missing', { factors: ['face', 'passCode'] }, ['passCode', 'face']],
    ['one of a later version', { missing: ['retina'] }, ['passCode']],
  ])('%s', (_what, body, wanted) => {
    expect(missingFactors(refusal('step-up-required', body))).toEqual(wanted)
  })

  it('a lost passkey leaves the face, where the bank takes it', () => {
    expect(faceWillDo(refusal('step-up-required', { alternatives: ['face', 'passkey'] }))).toBe(true)
    expect(faceWillDo(refusal('step-up-required', { alternatives: ['passkey'] }))).toBe(false)
    expect(faceWillDo(refusal('step-up-required', { alternatives: ['face'] }))).toBe(false)
    expect(faceWillDo(refusal('step-up-required'))).toBe(false)
  })

  it('a session that rests asks for the pass code', () => {
    expect(missingFactors(refusal('session-rests'))).toEqual(['passCode'])
  })

  it('a required face check is the face alone', () => {
    expect(missingFactors(refusal('face-check-required'))).toEqual(['face'])
  })

  it('other refusals are not asked away', () => {
    expect(missingFactors(refusal('customer-state'))).toBeNull()
    expect(missingFactors(localProblem('network'))).toBeNull()
    expect(missingFactors(new Error('x'))).toBeNull()
  })
})
