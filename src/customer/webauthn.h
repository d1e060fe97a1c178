/*
 * What a browser brings back from an authenticator, held against what was asked (W3C WebAuthn
 * level 3, 7.1 and 7.2). Pure: no database, no clock. Parsing of CBOR is libcbor's, signatures are
 * libfido2's; both see only input of bounded size and shape.
 */
#ifndef CUSTOMER_WEBAUTHN_H
#define CUSTOMER_WEBAUTHN_H

#include "customer/security.h"

#define WEBAUTHN_BYTES_MAX 8192 /* of any one part */

struct webauthn_wanted {
    const uint8_t *challenge; /* PASSKEY_CHALLENGE_SIZE */
    struct passkey_party party;
};
struct webauthn_key {
    uint8_t credential_id[PASSKEY_CREDENTIAL_ID_MAX];
    size_t credential_id_size;
    int algorithm; /* COSE: -7 ES256, -8 EdDSA, -257 RS256 */
    uint8_t public_key[PASSKEY_KEY_MAX];
    size_t public_key_size;
    uint32_t sign_count;
};
/* ERR_PASSKEY_INVALID. */
enum err webauthn_register(const struct webauthn_wanted *wanted,
                           struct passkey_bytes attestation_object,
                           struct passkey_bytes client_data, struct webauthn_key *out);
/* Looks at algorithm and public key of `key` only. ERR_PASSKEY_INVALID. */
enum err webauthn_assert(const struct webauthn_wanted *wanted, const struct webauthn_key *key,
                         struct passkey_bytes authenticator_data, struct passkey_bytes client_data,
                         struct passkey_bytes signature, uint32_t *out_sign_count);

#endif
