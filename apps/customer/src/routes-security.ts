import type { Schemas } from '../../shared/routes.ts'

/** Devices, passkeys, time codes and the factors of a step-up. */
export type Device = Schemas['Device']
export type Passkey = Schemas['Passkey']
export type Totp = Schemas['TimeCodes']
export type StepUpNeeds = Schemas['StepUpNeeds']
export type Factor = StepUpNeeds['factors'][number]
