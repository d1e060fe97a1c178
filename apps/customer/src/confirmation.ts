import { faultOfIdNumber } from '../../shared/identifiers.ts'
import type { CardFields, Confirmation } from './routes-identity.ts'

/** The card reading of both sides as form values: '' for a field that was not read. Pure. */
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

/** The bank's placeholder for an unread character; the customer replaces it. */
export const UNREAD = '□'

/** Names of the fields that are empty or contain an unread character. */
export function missingIn(draft: Draft): string[] {
  const named = ['name', 'sex', 'birthDate', 'address', 'idNumber', 'issuer', 'validFrom'] as const
  const missing: string[] = named.filter((name) => draft[name].trim() === '' || draft[name].includes(UNREAD))
  if (!draft.isLongTerm && draft.validUntil === '') missing.push('validUntil')
  return missing
}

/** Request body for the bank; null while a field is missing or the number is invalid. */
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
