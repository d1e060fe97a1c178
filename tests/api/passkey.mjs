// A minimal authenticator (WebAuthn level 3): creates a key with node:crypto, and answers the bank's options like
// PublicKeyCredential.toJSON() of a browser. `node tests/api/passkey.mjs vectors` rewrites the header of
// tests/unit/test_customer_passkey.c.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const base64 = (bytes) => Buffer.from(bytes).toString('base64url');

// The necessary part of CBOR (RFC 8949): integers, texts, bytes, maps.
function head(major, n) {
  if (n < 24) return Buffer.from([(major << 5) | n]);
  if (n < 256) return Buffer.from([(major << 5) | 24, n]);
  return Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
}
export function cbor(value) {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([head(3, bytes.length), bytes]);
  }
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), Buffer.from(value)]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([k, v]) => [cbor(k), cbor(v)])]);
}

const field = (jwk, name) => Buffer.from(jwk[name], 'base64url');
const kinds = {
  ES256: {
    alg: -7,
    make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    cose: (jwk) => new Map([[1, 2], [3, -7], [-1, 1], [-2, field(jwk, 'x')], [-3, field(jwk, 'y')]]),
    sign: (key, bytes) => sign('sha256', bytes, key),
  },
  EdDSA: {
    alg: -8,
    make: () => generateKeyPairSync('ed25519'),
    cose: (jwk) => new Map([[1, 1], [3, -8], [-1, 6], [-2, field(jwk, 'x')]]),
    sign: (key, bytes) => sign(null, bytes, key),
  },
  RS256: {
    alg: -257,
    make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    cose: (jwk) => new Map([[1, 3], [3, -257], [-1, field(jwk, 'n')], [-2, field(jwk, 'e')]]),
    sign: (key, bytes) => sign('sha256', bytes, key),
  },
};

export class Passkey {
  constructor({ kind = 'ES256', packed = false, count = 1, resident = true } = {}) {
    const { publicKey, privateKey } = kinds[kind].make();
    this.kind = kinds[kind];
    this.key = privateKey;
    this.cose = cbor(this.kind.cose(publicKey.export({ format: 'jwk' })));
    this.id = randomBytes(32);
    this.packed = packed;
    this.resident = resident; // else it sends no user handle
    this.count = count; // counter of signatures; 0: does not count
  }

  data(rpId, flags, tail = Buffer.alloc(0)) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.count);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), counter, tail]);
  }

  // Answers {publicKey} of POST /v1/passkeys/options.
  create({ publicKey }, origin) {
    this.userHandle = publicKey.user.id;
    const client = Buffer.from(JSON.stringify(
      { type: 'webauthn.create', challenge: publicKey.challenge, origin, crossOrigin: false }));
    const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, 32]), this.id, this.cose]);
    const authData = this.data(publicKey.rp.id, 0x45, attested);
    const sig = this.packed ? this.kind.sign(this.key, Buffer.concat([authData, sha256(client)])) : null;
    const object = cbor(new Map([
      ['fmt', this.packed ? 'packed' : 'none'],
      ['attStmt', new Map(this.packed ? [['alg', this.kind.alg], ['sig', sig]] : [])],
      ['authData', authData],
    ]));
    return {
      id: base64(this.id), rawId: base64(this.id), type: 'public-key',
      authenticatorAttachment: 'platform', clientExtensionResults: { credProps: { rk: true } },
      response: {
        attestationObject: base64(object), clientDataJSON: base64(client), authenticatorData: base64(authData),
        transports: ['internal', 'hybrid'], publicKey: base64(this.cose), publicKeyAlgorithm: this.kind.alg,
      },
    };
  }

  // Answers {publicKey} of POST /v1/passkeys/assertion-options.
  get({ publicKey }, origin) {
    if (this.count > 0) this.count += 1;
    const client = Buffer.from(JSON.stringify(
      { type: 'webauthn.get', challenge: publicKey.challenge, origin, crossOrigin: false }));
    const authData = this.data(publicKey.rpId, 0x05);
    return {
      id: base64(this.id), rawId: base64(this.id), type: 'public-key',
      authenticatorAttachment: null, clientExtensionResults: {},
      response: {
        authenticatorData: base64(authData), clientDataJSON: base64(client),
        signature: base64(this.kind.sign(this.key, Buffer.concat([authData, sha256(client)]))),
        userHandle: this.resident ? this.userHandle : null,
      },
    };
  }
}

// Vectors: a creation and an assertion of each kind, for a challenge of 32 times 0x5a.
function vectors() {
  const challenge = base64(Buffer.alloc(32, 0x5a));
  const origin = 'https://bank.example';
  const user = { id: base64(Buffer.alloc(32, 1)) };
  const rows = [['ES256', false], ['ES256', true], ['EdDSA', true], ['RS256', false], ['RS256', true]];
  console.log('/* Made by "node tests/api/passkey.mjs vectors": keys of no use anywhere. */');
  console.log('static const struct vector VECTORS[] = {');
  const text = (name, value) => {
    const lines = Buffer.from(value, 'base64url').toString('base64url').match(/.{1,80}/g);
    console.log(`     .${name} =\n         ${lines.map((l) => `"${l}"`).join('\n         ')},`);
  };
  for (const [kind, packed] of rows) {
    const passkey = new Passkey({ kind, packed });
    const made = passkey.create({ publicKey: { challenge, rp: { id: 'bank.example' }, user } }, origin);
    const got = passkey.get({ publicKey: { challenge, rpId: 'bank.example' } }, origin);
    console.log(`    {.name = "${kind}${packed ? ' packed' : ''}",\n     .algorithm = ${kinds[kind].alg},`);
    text('attestation', made.response.attestationObject);
    text('created', made.response.clientDataJSON);
    text('data', got.response.authenticatorData);
    text('asserted', got.response.clientDataJSON);
    text('signature', got.response.signature);
    console.log('    },');
  }
  console.log('};');
}
if (process.argv[1]?.endsWith('passkey.mjs') && process.argv[2] === 'vectors') vectors();
