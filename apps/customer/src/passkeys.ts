import type { Schemas } from '../../shared/routes.ts'

/**
 * Converts passkeys between the bank's JSON and the browser's WebAuthn: byte fields are base64url. Newer
 * browsers have parse…FromJSON and toJSON; these functions work in all browsers with WebAuthn.
 */
interface Descriptor {
  id: string
  type: 'public-key'
  transports?: string[]
}

export interface CreationOptions {
  challenge: string
  rp: { id?: string; name: string }
  user: { id: string; name: string; displayName: string }
  pubKeyCredParams: { type: 'public-key'; alg: number }[]
  timeout?: number
  excludeCredentials?: Descriptor[]
  authenticatorSelection?: AuthenticatorSelectionCriteria
  attestation?: AttestationConveyancePreference
}

export interface RequestOptions {
  challenge: string
  rpId?: string
  timeout?: number
  allowCredentials?: Descriptor[]
  userVerification?: UserVerificationRequirement
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/')
  const binary = atob(plain)
  return Uint8Array.from(binary, (sign) => sign.charCodeAt(0))
}

export function base64url(bytes: ArrayBuffer | Uint8Array): string {
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)
  let binary = ''
  for (const byte of view) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function descriptor(one: Descriptor): PublicKeyCredentialDescriptor {
  return {
    type: one.type,
    id: bytesOf(one.id),
    ...(one.transports ? { transports: one.transports as AuthenticatorTransport[] } : {}),
  }
}

export function creationOf(options: CreationOptions): PublicKeyCredentialCreationOptions {
  const { challenge, user, excludeCredentials = [], ...rest } = options
  return {
    ...rest,
    challenge: bytesOf(challenge),
    user: { ...user, id: bytesOf(user.id) },
    excludeCredentials: excludeCredentials.map(descriptor),
  }
}

export function requestOf(options: RequestOptions): PublicKeyCredentialRequestOptions {
  const { challenge, allowCredentials = [], ...rest } = options
  return {
    ...rest,
    challenge: bytesOf(challenge),
    allowCredentials: allowCredentials.map(descriptor),
  }
}

/** Request body after a registration: exactly the members that the bank names. */
export function registrationOf(credential: PublicKeyCredential): Schemas['NewCredential'] {
  const response = credential.response as AuthenticatorAttestationResponse
  return {
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: 'public-key',
    response: {
      attestationObject: base64url(response.attestationObject),
      clientDataJSON: base64url(response.clientDataJSON),
    },
  }
}

/** Request body after an assertion. */
export function assertionOf(credential: PublicKeyCredential): Schemas['AssertedCredential'] {
  const response = credential.response as AuthenticatorAssertionResponse
  return {
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: 'public-key',
    response: {
      authenticatorData: base64url(response.authenticatorData),
      clientDataJSON: base64url(response.clientDataJSON),
      signature: base64url(response.signature),
      ...(response.userHandle ? { userHandle: base64url(response.userHandle) } : {}),
    },
  }
}

export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === 'function' && 'credentials' in navigator
}

/** The user closed the browser's window or a time-out passed: no error, nothing was done. */
export function isDeclined(error: unknown): boolean {
  return (
    error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError')
  )
}

/** This device already has a passkey for the customer (excludeCredentials). */
export function isAlreadyThere(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'InvalidStateError'
}

export async function createPasskey(options: CreationOptions): Promise<Schemas['NewCredential']> {
  const made = await navigator.credentials.create({ publicKey: creationOf(options) })
  return registrationOf(made as PublicKeyCredential)
}

export async function askPasskey(options: RequestOptions): Promise<Schemas['AssertedCredential']> {
  const found = await navigator.credentials.get({ publicKey: requestOf(options) })
  return assertionOf(found as PublicKeyCredential)
}
