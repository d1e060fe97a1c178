/* Registration and assertion of passkeys, verified. */
#include "customer/webauthn.h"

#include "base/check.h"
#include "base/json.h"

#include <cbor.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <sodium.h>
#include <string.h>

#define FLAG_PRESENT  0x01
#define FLAG_VERIFIED 0x04
#define FLAG_KEY      0x40
#define DATA_SIZE_MIN 37 /* hash of the party's id, flags, counter */
#define DATA_KEY_AT   55 /* after AAGUID and the size of the credential's id */
#define ITEMS_MAX     64 /* members or items of any one container */

static const int ALGORITHMS[] = {COSE_ES256, COSE_EDDSA, COSE_RS256};
#define ALGORITHM_COUNT (sizeof(ALGORITHMS) / sizeof(ALGORITHMS[0]))

/* --- What the browser signed over --------------------------------------------------------------
 */

static bool is_text(json_t *object, const char *name, const char *wanted)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL && strcmp(text, wanted) == 0;
}

static enum err check_client(const struct webauthn_wanted *wanted, struct passkey_bytes client_data,
                             const char *type)
{
    json_t *json = NULL;
    char challenge[VAULT_BASE64_SIZE(PASSKEY_CHALLENGE_SIZE)];
    if (json_parse_object((const char *)client_data.bytes, client_data.size, WEBAUTHN_BYTES_MAX,
                          &json) != ERR_OK) {
        return ERR_PASSKEY_INVALID;
    }
    vault_base64(wanted->challenge, PASSKEY_CHALLENGE_SIZE, challenge);
    bool is_right = is_text(json, "type", type) && is_text(json, "challenge", challenge) &&
                    is_text(json, "origin", wanted->party.origin) &&
                    !json_is_true(json_object_get(json, "crossOrigin"));
    json_decref(json);
    return is_right ? ERR_OK : ERR_PASSKEY_INVALID;
}

/* The party's hash and the two flags: a person was there, and was verified by the authenticator. */
static bool is_for_us(const struct webauthn_wanted *wanted, struct passkey_bytes data)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    if (data.size < DATA_SIZE_MIN || data.size > WEBAUTHN_BYTES_MAX) {
        return false;
    }
    crypto_hash_sha256(hash, (const uint8_t *)wanted->party.id, strlen(wanted->party.id));
    uint8_t flags = data.bytes[sizeof(hash)];
    return memcmp(hash, data.bytes, sizeof(hash)) == 0 && (flags & FLAG_PRESENT) != 0 &&
           (flags & FLAG_VERIFIED) != 0;
}

static uint32_t counter_of(struct passkey_bytes data)
{
    const uint8_t *at = data.bytes + crypto_hash_sha256_BYTES + 1;
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* --- The attestation object --------------------------------------------------------------------
 */

/* A container begins with its number of items, and libcbor allocates all of them at once. So
 * sizes are looked at first, without making anything. */
struct shape {
    bool is_tame;
};

static void see_container(void *context, size_t count)
{
    struct shape *shape = context;
    shape->is_tame = shape->is_tame && count <= ITEMS_MAX;
}

static void see_open_end(void *context)
{
    ((struct shape *)context)->is_tame = false; /* canonical CBOR has none */
}

static bool is_tame(const uint8_t *bytes, size_t size)
{
    struct cbor_callbacks callbacks = cbor_empty_callbacks;
    struct shape shape = {.is_tame = true};
    callbacks.array_start = see_container;
    callbacks.map_start = see_container;
    callbacks.indef_array_start = see_open_end;
    callbacks.indef_map_start = see_open_end;
    callbacks.byte_string_start = see_open_end;
    callbacks.string_start = see_open_end;
    while (size > 0 && shape.is_tame) {
        struct cbor_decoder_result result = cbor_stream_decode(bytes, size, &callbacks, &shape);
        if (result.status != CBOR_DECODER_FINISHED || result.read == 0 || result.read > size) {
            return false;
        }
        bytes += result.read;
        size -= result.read;
    }
    return shape.is_tame;
}

struct attestation {
    bool is_packed; /* signed by the key itself; else "none" */
    struct passkey_bytes data;
    struct passkey_bytes signature; /* if packed */
    int algorithm;                  /* if packed */
};

static bool is_name(const cbor_item_t *item, const char *name)
{
    return cbor_isa_string(item) && cbor_string_is_definite(item) &&
           cbor_string_length(item) == strlen(name) &&
           memcmp(cbor_string_handle(item), name, strlen(name)) == 0;
}

static const cbor_item_t *member(const cbor_item_t *map, const char *name)
{
    struct cbor_pair *pairs = cbor_map_handle(map);
    for (size_t i = 0; i < cbor_map_size(map); i++) {
        if (is_name(pairs[i].key, name)) {
            return pairs[i].value;
        }
    }
    return NULL;
}

static bool read_bytes(const cbor_item_t *item, struct passkey_bytes *out)
{
    if (item == NULL || !cbor_isa_bytestring(item) || !cbor_bytestring_is_definite(item)) {
        return false;
    }
    *out = (struct passkey_bytes){cbor_bytestring_handle(item), cbor_bytestring_length(item)};
    return true;
}

static bool read_statement(const cbor_item_t *statement, struct attestation *out)
{
    const cbor_item_t *alg = member(statement, "alg");
    if (!out->is_packed) {
        return cbor_map_size(statement) == 0;
    }
    if (alg == NULL || !cbor_isa_negint(alg) || member(statement, "x5c") != NULL ||
        !read_bytes(member(statement, "sig"), &out->signature)) {
        return false;
    }
    uint64_t value = cbor_get_int(alg); /* encodes -1 - value */
    out->algorithm = value <= 256 ? -1 - (int)value : 0;
    return true;
}

/* The parts point into `root`. */
static bool read_attestation(const cbor_item_t *root, struct attestation *out)
{
    if (root == NULL || !cbor_isa_map(root)) {
        return false;
    }
    const cbor_item_t *format = member(root, "fmt");
    const cbor_item_t *statement = member(root, "attStmt");
    if (format == NULL || statement == NULL || !cbor_isa_map(statement)) {
        return false;
    }
    out->is_packed = is_name(format, "packed");
    return (out->is_packed || is_name(format, "none")) &&
           read_bytes(member(root, "authData"), &out->data) && read_statement(statement, out);
}

/* --- libfido2 ----------------------------------------------------------------------------------
 */

/* The credential if its key is of this algorithm; NULL otherwise. */
static fido_cred_t *open_credential(struct passkey_bytes data, int algorithm)
{
    fido_cred_t *credential = fido_cred_new();
    if (credential != NULL &&
        (fido_cred_set_type(credential, algorithm) != FIDO_OK ||
         fido_cred_set_authdata_raw(credential, data.bytes, data.size) != FIDO_OK)) {
        fido_cred_free(&credential);
    }
    return credential;
}

static bool is_signed_by_itself(fido_cred_t *credential, const struct webauthn_wanted *wanted,
                                const struct attestation *attestation,
                                struct passkey_bytes client_data)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, client_data.bytes, client_data.size);
    return attestation->algorithm == fido_cred_type(credential) &&
           fido_cred_set_fmt(credential, "packed") == FIDO_OK &&
           fido_cred_set_rp(credential, wanted->party.id, NULL) == FIDO_OK &&
           fido_cred_set_uv(credential, FIDO_OPT_TRUE) == FIDO_OK &&
           fido_cred_set_clientdata_hash(credential, hash, sizeof(hash)) == FIDO_OK &&
           fido_cred_set_sig(credential, attestation->signature.bytes,
                             attestation->signature.size) == FIDO_OK &&
           fido_cred_verify_self(credential) == FIDO_OK;
}

static bool copy_key(const fido_cred_t *credential, struct webauthn_key *out)
{
    size_t id_size = fido_cred_id_len(credential);
    size_t key_size = fido_cred_pubkey_len(credential);
    if (id_size == 0 || id_size > sizeof(out->credential_id) || key_size == 0 ||
        key_size > sizeof(out->public_key)) {
        return false;
    }
    memcpy(out->credential_id, fido_cred_id_ptr(credential), id_size);
    memcpy(out->public_key, fido_cred_pubkey_ptr(credential), key_size);
    out->credential_id_size = id_size;
    out->public_key_size = key_size;
    out->algorithm = fido_cred_type(credential);
    out->sign_count = fido_cred_sigcount(credential);
    return true;
}

/* The key within the authenticator's data is CBOR too, of the same making. */
static bool has_tame_key(struct passkey_bytes data)
{
    if (data.size < DATA_KEY_AT || (data.bytes[crypto_hash_sha256_BYTES] & FLAG_KEY) == 0) {
        return false;
    }
    size_t id_size = (size_t)data.bytes[DATA_KEY_AT - 2] << 8 | data.bytes[DATA_KEY_AT - 1];
    return data.size > DATA_KEY_AT + id_size &&
           is_tame(data.bytes + DATA_KEY_AT + id_size, data.size - DATA_KEY_AT - id_size);
}

static bool take_key(const struct webauthn_wanted *wanted, const struct attestation *attestation,
                     struct passkey_bytes client_data, struct webauthn_key *out)
{
    bool is_taken = false;
    if (!is_for_us(wanted, attestation->data) || !has_tame_key(attestation->data)) {
        return false;
    }
    for (size_t i = 0; i < ALGORITHM_COUNT && !is_taken; i++) {
        fido_cred_t *credential = open_credential(attestation->data, ALGORITHMS[i]);
        is_taken = credential != NULL &&
                   (!attestation->is_packed ||
                    is_signed_by_itself(credential, wanted, attestation, client_data)) &&
                   copy_key(credential, out);
        if (credential != NULL) {
            fido_cred_free(&credential);
        }
    }
    return is_taken;
}

enum err webauthn_register(const struct webauthn_wanted *wanted,
                           struct passkey_bytes attestation_object,
                           struct passkey_bytes client_data, struct webauthn_key *out)
{
    struct cbor_load_result loaded;
    struct attestation attestation = {.is_packed = false};
    memset(out, 0, sizeof(*out));
    enum err err = check_client(wanted, client_data, "webauthn.create");
    if (err != ERR_OK) {
        return err;
    }
    if (attestation_object.size > WEBAUTHN_BYTES_MAX ||
        !is_tame(attestation_object.bytes, attestation_object.size)) {
        return ERR_PASSKEY_INVALID;
    }
    cbor_item_t *root = cbor_load(attestation_object.bytes, attestation_object.size, &loaded);
    bool is_taken = loaded.read == attestation_object.size &&
                    read_attestation(root, &attestation) &&
                    take_key(wanted, &attestation, client_data, out);
    if (root != NULL) {
        cbor_decref(&root);
    }
    return is_taken ? ERR_OK : ERR_PASSKEY_INVALID;
}

/* --- Assertions --------------------------------------------------------------------------------
 */

/* A key as libfido2 wants it for verifying; the caller frees it. NULL: not a key. */
static void *open_key(const struct webauthn_key *key)
{
    const uint8_t *bytes = key->public_key;
    size_t size = key->public_key_size;
    if (key->algorithm == COSE_ES256) {
        es256_pk_t *es256 = es256_pk_new();
        if (es256 != NULL && es256_pk_from_ptr(es256, bytes, size) != FIDO_OK) {
            es256_pk_free(&es256);
        }
        return es256;
    }
    if (key->algorithm == COSE_EDDSA) {
        eddsa_pk_t *eddsa = eddsa_pk_new();
        if (eddsa != NULL && eddsa_pk_from_ptr(eddsa, bytes, size) != FIDO_OK) {
            eddsa_pk_free(&eddsa);
        }
        return eddsa;
    }
    rs256_pk_t *rs256 = rs256_pk_new();
    if (rs256 != NULL && rs256_pk_from_ptr(rs256, bytes, size) != FIDO_OK) {
        rs256_pk_free(&rs256);
    }
    return rs256;
}

static void close_key(const struct webauthn_key *key, void *opened)
{
    if (key->algorithm == COSE_ES256) {
        es256_pk_t *es256 = opened;
        es256_pk_free(&es256);
    } else if (key->algorithm == COSE_EDDSA) {
        eddsa_pk_t *eddsa = opened;
        eddsa_pk_free(&eddsa);
    } else {
        rs256_pk_t *rs256 = opened;
        rs256_pk_free(&rs256);
    }
}

static bool is_signed(const struct webauthn_wanted *wanted, const struct webauthn_key *key,
                      struct passkey_bytes data, struct passkey_bytes client_data,
                      struct passkey_bytes signature)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    void *opened = open_key(key);
    fido_assert_t *assertion = fido_assert_new();
    crypto_hash_sha256(hash, client_data.bytes, client_data.size);
    bool is_right = opened != NULL && assertion != NULL &&
                    fido_assert_set_count(assertion, 1) == FIDO_OK &&
                    fido_assert_set_clientdata_hash(assertion, hash, sizeof(hash)) == FIDO_OK &&
                    fido_assert_set_rp(assertion, wanted->party.id) == FIDO_OK &&
                    fido_assert_set_up(assertion, FIDO_OPT_TRUE) == FIDO_OK &&
                    fido_assert_set_uv(assertion, FIDO_OPT_TRUE) == FIDO_OK &&
                    fido_assert_set_authdata_raw(assertion, 0, data.bytes, data.size) == FIDO_OK &&
                    fido_assert_set_sig(assertion, 0, signature.bytes, signature.size) == FIDO_OK &&
                    fido_assert_verify(assertion, 0, key->algorithm, opened) == FIDO_OK;
    if (assertion != NULL) {
        fido_assert_free(&assertion);
    }
    if (opened != NULL) {
        close_key(key, opened);
    }
    return is_right;
}

enum err webauthn_assert(const struct webauthn_wanted *wanted, const struct webauthn_key *key,
                         struct passkey_bytes authenticator_data, struct passkey_bytes client_data,
                         struct passkey_bytes signature, uint32_t *out_sign_count)
{
    enum err err = check_client(wanted, client_data, "webauthn.get");
    if (err != ERR_OK) {
        return err;
    }
    /* Extensions were not asked for; what comes after the counter must still be of bounded shape. */
    bool is_right = signature.size > 0 && signature.size <= WEBAUTHN_BYTES_MAX &&
                    is_for_us(wanted, authenticator_data) &&
                    is_tame(authenticator_data.bytes + DATA_SIZE_MIN,
                            authenticator_data.size - DATA_SIZE_MIN) &&
                    is_signed(wanted, key, authenticator_data, client_data, signature);
    if (!is_right) {
        return ERR_PASSKEY_INVALID;
    }
    *out_sign_count = counter_of(authenticator_data);
    return ERR_OK;
}
