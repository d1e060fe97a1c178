import type { Routes, Schemas } from '../../shared/routes.ts'

/** Identity verification: ID pictures, confirmation, face, location and review. */
export type CardSide = 'front' | 'back'
export type FacePurpose = Routes['POST /v1/face-checks']['body']['purpose']
export type ReviewPath = Schemas['VerificationReview']['path']
export type Verification = Schemas['Verification']
export type LayerState = Schemas['VerificationLayer']['state']
export type Review = Schemas['VerificationReview']
export type CardFields = Schemas['IdCardFields']
export type IdPicture = Schemas['IdPicture']
export type Confirmation = Routes['POST /v1/me/id-confirmation']['body']
export type Check = Schemas['ConfirmationCheck']
export type FaceCheck = Schemas['FaceCheck']
export type Place = Schemas['Place']
