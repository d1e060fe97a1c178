import { describe, expect, it } from 'vitest'
import {
  assertionOf,
  base64url,
  bytesOf,
  creationOf,
  registrationOf,
  requestOf,
} from './passkeys.ts'

const buffer = (...bytes: number[]) => new Uint8Array(bytes).buffer

describe('passkeys', () => {
  it('turn bytes into base64url and back, with every length of the rest', () => {
    for (const bytes of [[], [255], [251, 255], [251, 255, 190], [0, 1, 2, 3]]) {
      const text = base64url(buffer(...bytes))
      expect(text).toMatch(/^[A-Za-z0-9_-]*$/)
      expect([...bytesOf(text)]).toEqual(bytes)
    }
    expect(base64url(buffer(251, 255, 190))).toBe('-_--')
  })

  it('make the browser’s options from the bank’s', () => {
    const options = creationOf({
      challenge: 'AQI',
      rp: { id: 'localhost', name: 'Sycee' },
      user: { id: 'Aw', name: '+86138****0000', displayName: '+86138****0000' },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      excludeCredentials: [{ type: 'public-key', id: 'BA' }],
    })
    expect(options.challenge).toEqual(new Uint8Array([1, 2]))
    expect(options.user.id).toEqual(new Uint8Array([3]))
    expect(options.excludeCredentials?.[0]?.id).toEqual(new Uint8Array([4]))
    expect(options.rp.id).toBe('localhost')
    const request = requestOf({ challenge: 'AQI', userVerification: 'required' })
    expect(request).toEqual({
      challenge: new Uint8Array([1, 2]),
      allowCredentials: [],
      userVerification: 'required',
    })
  })

  it('send back what the bank names, and nothing else', () => {
    const made = registrationOf({
      id: 'BA',
      rawId: buffer(4),
      type: 'public-key',
      response: { attestationObject: buffer(5), clientDataJSON: buffer(6) },
      getClientExtensionResults: () => ({}),
    } as never)
    expect(made).toEqual({
      id: 'BA',
      rawId: 'BA',
      type: 'public-key',
      response: { attestationObject: 'BQ', clientDataJSON: 'Bg' },
    })
    const response = {
      authenticatorData: buffer(1),
      clientDataJSON: buffer(2),
      signature: buffer(3),
      userHandle: null,
    }
    expect(
      assertionOf({ id: 'BA', rawId: buffer(4), type: 'public-key', response } as never),
    ).toEqual({
      id: 'BA',
      rawId: 'BA',
      type: 'public-key',
      response: { authenticatorData: 'AQ', clientDataJSON: 'Ag', signature: 'Aw' },
    })
  })
})
