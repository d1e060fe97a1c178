/*
 * Sealed fields, keyed look-up hashes and the bank's key file. Whoever has the database but not the
 * key file can neither read a sealed field, nor test a guess against a look-up hash, nor move a
 * sealed value to another row: its place (bucket, id, field) is authenticated with it.
 *
 * Cipher: XChaCha20-Poly1305 with a random nonce (libsodium). Hashes: keyed BLAKE2b-256. Master keys
 * of 32 bytes, numbered; a subkey for each use by crypto_kdf. A sealed value begins with the number of
 * its master key, so that several are readable while the newest seals. Look-up hashes keep the key of
 * the bank's first day, for they cannot be made again without every plain text. Keys live in locked
 * memory behind guard pages and are wiped at the end. After vault_open a vault is read-only: any thread.
 */
#ifndef SYS_VAULT_H
#define SYS_VAULT_H

#include "base/err.h"
#include "sys/entropy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VAULT_HASH_SIZE   32
#define VAULT_OVERHEAD    41 /* number of the key, nonce and tag: a sealed value is this much larger */
#define VAULT_KEYS_MAX    4 /* master keys of one file */
#define VAULT_VERSION_MAX 255
#define VAULT_PLAIN_MAX   4096 /* longest value that is sealed */
#define VAULT_SEALED_MAX  (VAULT_PLAIN_MAX + VAULT_OVERHEAD)
#define VAULT_FIELD_MAX   40
#define VAULT_LOOKUP_MAX  512 /* longest text that is hashed */

struct vault;

/* Where a sealed value lives. `field` is a constant such as "customer.phone" and never changes. */
struct vault_place {
    int bucket;
    int64_t id;
    const char *field;
};

/* Reads the key file. A path "credential:NAME" means the file NAME in systemd's
 * $CREDENTIALS_DIRECTORY (LoadCredential=). `entropy` gives keys and nonces and must outlive the
 * vault. ERR_VAULT_ABSENT (no such file), ERR_VAULT_KEY (readable by others, malformed, or no folder of
 * credentials), ERR_IO, ERR_NO_MEMORY. */
enum err vault_open(const char *path, struct entropy *entropy, struct vault **out);
/* Makes a key file (mode 0600, durable) if there is none; an existing one stays. For a bank that
 * holds nothing yet. ERR_NOT_FOUND (no folder for it), ERR_VAULT_ABSENT (a credential is never made),
 * ERR_VAULT_KEY, ERR_IO. */
enum err vault_make(const char *path, struct entropy *entropy);
/* Number of the master key that seals. */
int vault_version(const struct vault *vault);
/* A value by which a database recognises a key without storing it: of a master key by its number,
 * of the look-up key under 0. False if the file has no such key. */
bool vault_key_check(const struct vault *vault, int version, uint8_t out[VAULT_HASH_SIZE]);
/* Writes the file anew with one more key, numbered after the newest; the open vault stays as it is.
 * ERR_OVERFLOW (VAULT_KEYS_MAX), ERR_VAULT_KEY (a credential is not ours to write), ERR_IO. */
enum err vault_add_key(const struct vault *vault, const char *path);
/* Writes the file anew with the newest key and the look-up key alone. Errors as above. */
enum err vault_drop_old_keys(const struct vault *vault, const char *path);
void vault_close(struct vault *vault); /* wipes the keys; NULL is fine */

/* `out` takes size + VAULT_OVERHEAD bytes; size <= VAULT_PLAIN_MAX (CHECK). Cannot fail. */
void vault_seal(const struct vault *vault, struct vault_place place, const void *plain, size_t size,
                uint8_t *out);
/* `out` takes size - VAULT_OVERHEAD bytes, *out_size says how many. ERR_VAULT_SEAL: another place,
 * another key, or changed bytes; also where it would pass `max`. */
enum err vault_unseal(const struct vault *vault, struct vault_place place, const void *sealed,
                      size_t size, void *out, size_t max, size_t *out_size);
/* The same for a NUL-terminated text. */
enum err vault_unseal_text(const struct vault *vault, struct vault_place place, const void *sealed,
                           size_t size, char *out, size_t out_capacity);

/* Keyed hash of a normalised text under a kind of its own ("phone", "idNumber", "card"): the same
 * text gives the same hash, and only with the key. */
void vault_lookup_hash(const struct vault *vault, const char *kind, const char *text,
                       uint8_t out[VAULT_HASH_SIZE]);
/* The same for bytes: tokens, codes. */
void vault_hash_bytes(const struct vault *vault, const char *kind, const void *bytes, size_t size,
                      uint8_t out[VAULT_HASH_SIZE]);
/* In constant time. */
bool vault_equal(const void *a, const void *b, size_t size);
/* Forgets a secret; never optimised away. */
void vault_wipe(void *bytes, size_t size);
/* A fair number of `digits` decimal digits (4..8) as text with its NUL: one-time codes. */
void vault_make_code(const struct vault *vault, int digits, char *out);
/* Random bytes of the vault's entropy: tokens, salts. */
void vault_random(const struct vault *vault, void *out, size_t size);

/* base64url without padding (RFC 4648 §5): 4 * size / 3 rounded up, and a NUL. */
#define VAULT_BASE64_SIZE(size) (((size)*4 + 2) / 3 + 1)
void vault_base64(const void *bytes, size_t size, char *out);
/* Exactly `size` bytes, in their only spelling; false otherwise. */
bool vault_from_base64(const char *text, void *out, size_t size);

#endif
