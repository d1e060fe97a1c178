import { describe, expect, it } from 'vitest'
import { localProblem, Problem } from '../../shared/problem.ts'
import type { FaceCheck } from './routes-identity.ts'
import { actionOf, afterFault, nextFrame, qualityOf } from './face-steps.ts'

const check: Pick<FaceCheck, 'actions'> = { actions: ['turnLeft', 'blink', 'openMouth'] }

describe('steps of a face check', () => {
  it.each([
    [[], 0],
    [[0], 1],
    [[0, 2], 1],
    [[0, 1, 2], 3],
    [[0, 1, 2, 3], null],
  ])('after the frames %j comes %s', (framesDone, wanted) => {
    expect(nextFrame({ ...check, framesDone })).toBe(wanted)
  })

  it('frame 0 looks straight, the others are the actions in their order', () => {
    expect([0, 1, 2, 3].map((frame) => actionOf(check, frame))).toEqual([
      'straight',
      'turnLeft',
      'blink',
      'openMouth',
    ])
    const later = { actions: ['somersault'] } as unknown as typeof check
    expect(actionOf(later, 1), 'an action of a later version').toBe('straight')
  })

  it.each([
    ['face-quality', 422, 'again'],
    ['face-check-over', 409, 'restart'],
    ['picture-reused', 422, 'restart'],
    ['too-many-requests', 429, 'stop'],
    ['consent-needed', 403, 'stop'],
    ['internal', 500, 'again'],
  ])('%s (%d): %s', (slug, status, wanted) => {
    expect(afterFault(new Problem({ type: `/problems/${slug}` }, status))).toBe(wanted)
  })

  it('a lost answer does not end the check', () => {
    expect(afterFault(localProblem('network'))).toBe('again')
  })

  it('knows the qualities that the bank names, and no other', () => {
    const problem = (quality: unknown) => new Problem({ quality } as never, 422)
    expect(qualityOf(problem('dark'))).toBe('dark')
    expect(qualityOf(problem('strange'))).toBeNull()
    expect(qualityOf(problem(undefined))).toBeNull()
  })
})
