import { describe, expect, it } from 'vitest'
import { fieldFaults, localProblem, Problem, problemOf } from './problem.ts'

const refused = new Problem(
  {
    type: '/problems/invalid-field',
    title: 'A field is wrong',
    status: 400,
    detail: 'Look at the fields.',
    instance: '0af7651916cd43dd8448eb211c80319c',
    errors: [
      { pointer: '#/instructedAmount/amount', detail: 'at most 2 decimals' },
      { pointer: '#/creditorPhone', detail: 'not a phone number' },
      { pointer: '#/strange~1name', detail: 'unknown field' },
    ],
  },
  400,
)

describe('Problem', () => {
  it('takes slug, texts and reference from the body', () => {
    expect(refused.slug).toBe('invalid-field')
    expect(refused.reference).toBe('0af7651916cd43dd8448eb211c80319c')
    expect(refused.message).toBe('Look at the fields.')
    expect(refused.unknown).toBe(false)
  })

  it('takes absolute type addresses and survives rubbish', () => {
    expect(new Problem({ type: 'https://bank.example/problems/limit-exceeded' }, 422).slug).toBe(
      'limit-exceeded',
    )
    expect(new Problem({}, 502).slug).toBe('unreadable')
    expect(new Problem({ errors: 'no' as never }, 400).errors).toEqual([])
    expect(problemOf(new TypeError('boom')).slug).toBe('unreadable')
  })

  it('calls the outcome unknown only where it is', () => {
    expect(localProblem('network').unknown).toBe(true)
    expect(localProblem('time-out').temporary).toBe(true)
    expect(new Problem({}, 503).unknown).toBe(true)
    expect(new Problem({ type: '/problems/too-many-requests' }, 429).unknown).toBe(false)
    expect(new Problem({ type: '/problems/too-many-requests' }, 429).temporary).toBe(true)
  })

  it('gives numbers of extension members', () => {
    expect(new Problem({ triesLeft: 3 }, 422).number('triesLeft')).toBe(3)
    expect(new Problem({ triesLeft: 'x' }, 422).number('triesLeft')).toBeUndefined()
  })
})

describe('fieldFaults', () => {
  it('puts each fault beside its field and keeps the rest', () => {
    expect(fieldFaults(refused, ['instructedAmount', 'creditorPhone'])).toEqual({
      byField: { instructedAmount: 'at most 2 decimals', creditorPhone: 'not a phone number' },
      rest: ['unknown field'],
    })
  })

  it('prefers the most exact field', () => {
    const { byField } = fieldFaults(refused, ['instructedAmount', 'instructedAmount.amount'])
    expect(byField).toEqual({ 'instructedAmount.amount': 'at most 2 decimals' })
  })
})
