import type { Customer, List, Text } from '../../shared/api.ts'
import type { CreationOptions, RequestOptions } from './passkeys.ts'

/** Devices, passkeys, time codes and what a step needs beyond the session. */
export interface SecurityRoutes {
  'GET /v1/devices': { answer: List<Device> }
  'DELETE /v1/devices/{deviceId}': { params: { deviceId: string }; answer: undefined }
  'DELETE /v1/sessions': { query: { keepCurrent: boolean }; answer: undefined }
  'POST /v1/passkeys/options': { answer: { publicKey: CreationOptions } }
  'POST /v1/passkeys': { body: { credential: object; name: string }; answer: Passkey }
  'GET /v1/passkeys': { answer: List<Passkey> }
  'DELETE /v1/passkeys/{passkeyId}': { params: { passkeyId: string }; answer: undefined }
  'POST /v1/passkeys/assertion-options': { answer: { publicKey: RequestOptions } }
  'POST /v1/passkeys/assertions': {
    body: { credential: object }
    answer: { passkeyUntil: string }
  }
  'POST /v1/totp': { answer: { secret: string; uri: string } }
  'POST /v1/totp/confirmation': { body: { code: string }; answer: undefined }
  'GET /v1/totp': { answer: Totp }
  'DELETE /v1/totp': { answer: undefined }
  'POST /v1/totp/assertions': { body: { code: string }; answer: { totpUntil: string } }
  'GET /v1/step-up-needs': { query: { action: string }; answer: StepUpNeeds }
  'PUT /v1/me/phone': {
    body: { phone: string; phoneCodeId: string; code: string }
    answer: Customer
  }
  'GET /v1/security': { answer: SecurityOverview }
}

export interface Device {
  deviceId: string
  name: string
  firstSeenAt: string
  lastSeenAt: string
  isCurrent: boolean
  isTrusted: boolean
  sessionCount: number
}

export interface Passkey {
  passkeyId: string
  name: string
  createdAt: string
  lastUsedAt?: string | null
}

export interface Totp {
  state: 'none' | 'pending' | 'active'
  since?: string | null
}

export type Factor = 'passCode' | 'face' | 'passkeyOrTotp' | 'passkey'

export interface StepUpNeeds {
  action: string
  factors: Factor[]
  missing: Factor[]
  alternatives: ('face' | 'passkey' | 'totp')[]
  reasons: { code: string; text: Text }[]
}

export interface SecurityOverview {
  passCodeAt?: string | null
  devices: number
  passkeys: number
  totp: boolean
  lastSignInAt?: string | null
  events: { kind: string; at: string; device?: string | null; times?: number }[]
}
