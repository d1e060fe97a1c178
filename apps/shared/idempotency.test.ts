import { describe, expect, it } from 'vitest'
import { FormKey, newKey } from './idempotency.ts'
import { localProblem, Problem } from './problem.ts'

describe('FormKey', () => {
  const body = { amount: '1.00' }

  it('is the same for the same body and new after an edit', () => {
    const form = new FormKey()
    const first = form.keyFor(body)
    expect(form.keyFor({ amount: '1.00' })).toBe(first)
    expect(form.keyFor({ amount: '1.01' })).not.toBe(first)
  })

  it.each([
    localProblem('network'),
    new Problem({}, 503),
    new Problem({ type: '/problems/step-up-required' }, 403),
    new Problem({ type: '/problems/idempotency-key-in-use' }, 409),
    new Problem({ type: '/problems/too-many-requests' }, 429),
  ])('is kept after $slug', (problem) => {
    const form = new FormKey()
    const first = form.keyFor(body)
    form.refused(problem)
    expect(form.keyFor(body)).toBe(first)
  })

  it('is new after a stated refusal', () => {
    const form = new FormKey()
    const first = form.keyFor(body)
    form.refused(new Problem({ type: '/problems/insufficient-funds' }, 422))
    expect(form.keyFor(body)).not.toBe(first)
  })

  it('never repeats', () => expect(new Set(Array.from({ length: 1000 }, newKey)).size).toBe(1000))
})
