import { faultOfIdNumber } from '../../shared/identifiers.ts'
import type { CardFields, Confirmation } from './routes-identity.ts'

/** What was read of both sides as a form holds it: '' where nothing was read. Pure. */
export interface Draft {
  name: string
  sex: 'female' | 'male' | ''
  nation: string
  birthDate: string
  address: string
  idNumber: string
  issuer: string
  validFrom: string
  validUntil: string
  isLongTerm: boolean
}

export function draftOf(front: CardFields, back: CardFields): Draft {
  return {
    name: front.name ?? '',
    sex: front.sex ?? '',
    nation: front.nation ?? '',
    birthDate: front.birthDate ?? '',
    address: front.address ?? '',
    idNumber: front.idNumber ?? '',
    issuer: back.issuer ?? '',
    validFrom: back.validFrom ?? '',
    validUntil: back.validUntil ?? '',
    isLongTerm: back.isLongTerm ?? false,
  }
}

/** What the bank writes for one letter that it could not read; the person puts the letter there. */
export const UNREAD = '□'

/** Names of the fields that are empty or have an unread letter. */
export function missingIn(draft: Draft): string[] {
  const named = ['name', 'sex', 'birthDate', 'address', 'idNumber', 'issuer', 'validFrom'] as const
  const missing: string[] = named.filter((name) => draft[name].trim() === '' || draft[name].includes(UNREAD))
  if (!draft.isLongTerm && draft.validUntil === '') missing.push('validUntil')
  return missing
}

/** The body that the bank takes; null while something is missing or the number cannot be one. */
export function confirmationOf(draft: Draft): Confirmation | null {
  if (missingIn(draft).length > 0 || draft.sex === '') return null
  if (faultOfIdNumber(draft.idNumber) !== null) return null
  const { nation: _, validUntil, isLongTerm, sex, ...rest } = draft
  return {
    ...rest,
    name: rest.name.trim(),
    address: rest.address.trim(),
    issuer: rest.issuer.trim(),
    sex,
    ...(isLongTerm ? {} : { validUntil }),
    isLongTerm,
  }
}
