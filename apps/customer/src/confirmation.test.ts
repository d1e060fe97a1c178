import { describe, expect, it } from 'vitest'
import { confirmationOf, draftOf, missingIn } from './confirmation.ts'

const front = {
  name: '林若曦',
  sex: 'female',
  nation: '汉',
  birthDate: '1986-03-07',
  address: '南京市玄武区',
  idNumber: '11010519491231002X',
} as const
const back = { issuer: '南京市公安局', validFrom: '2015-03-07', validUntil: '2035-03-07' }

describe('confirmation of a card', () => {
  it('sends what was read, without what the bank does not ask back', () => {
    const body = confirmationOf(draftOf(front, back))
    expect(body).toEqual({
      name: '林若曦',
      sex: 'female',
      birthDate: '1986-03-07',
      address: '南京市玄武区',
      idNumber: '11010519491231002X',
      issuer: '南京市公安局',
      validFrom: '2015-03-07',
      validUntil: '2035-03-07',
      isLongTerm: false,
    })
  })

  it('has no last day where the card is long-term', () => {
    const draft = draftOf(front, { issuer: 'x', validFrom: '2015-03-07', isLongTerm: true })
    expect(missingIn(draft)).toEqual([])
    expect(confirmationOf(draft)).not.toHaveProperty('validUntil')
  })

  it('names what could not be read, and waits for it', () => {
    const draft = draftOf({ name: '林若曦' }, {})
    expect(missingIn(draft)).toEqual([
      'sex',
      'birthDate',
      'address',
      'idNumber',
      'issuer',
      'validFrom',
      'validUntil',
    ])
    expect(confirmationOf(draft)).toBeNull()
  })

  it('waits for a letter that the bank could not read', () => {
    const draft = draftOf({ ...front, name: '林□曦' }, back)
    expect(missingIn(draft)).toEqual(['name'])
    expect(confirmationOf(draft)).toBeNull()
    expect(confirmationOf({ ...draft, name: '林翀曦' })?.name).toBe('林翀曦')
  })

  it('does not send a number that cannot be one, nor blanks as a name', () => {
    const draft = draftOf(front, back)
    expect(confirmationOf({ ...draft, idNumber: '110105194912310021' })).toBeNull()
    expect(confirmationOf({ ...draft, name: '  ' })).toBeNull()
    expect(confirmationOf({ ...draft, name: ' 林若曦 ' })?.name).toBe('林若曦')
  })
})
