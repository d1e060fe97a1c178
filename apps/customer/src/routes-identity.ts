import type { Customer, Text } from '../../shared/api.ts'

/** Proving who one is: ID pictures, confirmation, face, place, and the person who decides. */
export interface IdentityRoutes {
  'GET /v1/me/verification': { answer: Verification }
  'PUT /v1/me/id-pictures/{side}': { params: { side: CardSide }; body: Blob; answer: IdPicture }
  'POST /v1/me/id-confirmation': {
    body: Confirmation
    answer: { customer: Customer; checks: Check[]; corrections: string[] }
  }
  'POST /v1/face-checks': { body: { purpose: FacePurpose }; answer: FaceCheck }
  'GET /v1/face-checks/{faceCheckId}': { params: { faceCheckId: string }; answer: FaceCheck }
  'PUT /v1/face-checks/{faceCheckId}/frames/{frame}': {
    params: { faceCheckId: string; frame: string }
    body: Blob
    answer: { frame: number; quality: string; text?: Partial<Text> }
  }
  'POST /v1/face-checks/{faceCheckId}/completion': {
    params: { faceCheckId: string }
    answer: FaceCheck
  }
  'PUT /v1/me/place': {
    body: { latitude: string; longitude: string; accuracyMeters: number }
    answer: Place
  }
  'POST /v1/me/place/declined': { answer: Place }
  'GET /v1/video-slots': { answer: { items: { startsAt: string }[] } }
  'POST /v1/me/verification/path': {
    body: { path: ReviewPath; appointmentAt?: string }
    answer: Verification
  }
}

export type CardSide = 'front' | 'back'
export type FacePurpose = 'opening' | 'card' | 'stepUp'
export type ReviewPath = 'wait' | 'video' | 'counter'
export type LayerState = 'todo' | 'passed' | 'unsure' | 'failed'

export interface Verification {
  level: 'none' | 'basic' | 'verified'
  state: 'incomplete' | 'review' | 'verified' | 'refused'
  layersRequired: boolean
  layers: { layer: string; state: LayerState; at?: string | null; text?: Text | null }[]
  documentValidUntil?: string | null
  isLongTerm?: boolean
  review?: Review | null
  attempts: { leftNow: number; leftToday: number; retryAt?: string | null }
}

export interface Review {
  caseId: string
  state: 'open' | 'claimed' | 'second' | 'approved' | 'refused'
  openedAt: string
  expectedBy: string
  path: ReviewPath
  appointmentAt?: string | null
  text?: Text | null
}

export interface CardFields {
  name?: string
  sex?: 'female' | 'male'
  nation?: string
  birthDate?: string
  address?: string
  idNumber?: string
  issuer?: string
  validFrom?: string
  validUntil?: string
  isLongTerm?: boolean
}

export interface IdPicture {
  side: CardSide
  findings: string[]
  fields: CardFields
  portraitFound: boolean
}

export interface Confirmation {
  name: string
  sex: 'female' | 'male'
  birthDate: string
  address: string
  idNumber: string
  issuer: string
  validFrom: string
  validUntil?: string
  isLongTerm: boolean
}

export interface Check {
  check: string
  result: 'passed' | 'failed' | 'unavailable' | 'unsure'
  reason?: Text
}

export interface FaceCheck {
  faceCheckId: string
  purpose: FacePurpose
  state: 'open' | 'accepted' | 'unsure' | 'refused' | 'expired'
  actions: string[]
  expiresAt: string
  framesDone: number[]
  text?: Text | null
  faceUntil?: string | null
  caseId?: string | null
}

export interface Place {
  state: 'passed' | 'unsure' | 'refused'
  region?: Text | null
  findings: string[]
  text?: Text | null
}
