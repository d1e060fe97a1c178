/* Sealed fields and look-up hashes over libsodium; the key file. */
#include "sys/vault.h"

#include "base/check.h"
#include "base/str.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The key file: this line, the master key in hex, a line end. */
#define KEY_FILE_HEAD  "sycee-vault-1 "
#define KEY_FILE_SIZE  (sizeof(KEY_FILE_HEAD) - 1 + 64 + 1)
#define KEY_CONTEXT    "syceevlt" /* crypto_kdf_CONTEXTBYTES */
#define CREDENTIAL     "credential:"
#define SEALED_VERSION 1
#define NONCE_SIZE     crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE       crypto_aead_xchacha20poly1305_ietf_ABYTES
#define PLACE_SIZE     (4 + 8 + VAULT_FIELD_MAX)

_Static_assert(VAULT_OVERHEAD == 1 + NONCE_SIZE + TAG_SIZE, "version, nonce, tag");

/* Numbers of the subkeys; never given to another use. */
enum { SUBKEY_SEAL = 1, SUBKEY_LOOKUP = 2 };

struct keys {
    uint8_t master[crypto_kdf_KEYBYTES];
    uint8_t seal[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    uint8_t lookup[crypto_generichash_KEYBYTES];
};

struct vault {
    struct keys *keys; /* locked, read-only after the start */
    struct entropy *entropy;
};

/* --- The key file ------------------------------------------------------------------------------
 */

static enum err resolve_path(const char *path, char out[FILE_PATH_MAX], bool *out_is_credential)
{
    *out_is_credential = strncmp(path, CREDENTIAL, sizeof(CREDENTIAL) - 1) == 0;
    if (!*out_is_credential) {
        int size = snprintf(out, FILE_PATH_MAX, "%s", path);
        return size > 0 && size < FILE_PATH_MAX ? ERR_OK : ERR_VAULT_KEY;
    }
    const char *name = path + sizeof(CREDENTIAL) - 1;
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (!folder || !*name || strchr(name, '/')) {
        return ERR_VAULT_KEY;
    }
    return file_join(folder, name, out) == ERR_OK ? ERR_OK : ERR_VAULT_KEY;
}

/* A key that others can read is no key. systemd gives its credentials mode 0400 or, with an ACL for
 * the service's user, 0440: the folder itself is private, so only the bits of "other" count there.
 */
static enum err read_key(const char *path, bool is_credential, uint8_t master[crypto_kdf_KEYBYTES])
{
    struct stat stat_now;
    if (stat(path, &stat_now) != 0) {
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    }
    if (stat_now.st_mode & (is_credential ? 0007U : 0077U)) {
        return ERR_VAULT_KEY;
    }
    char *text = NULL;
    size_t size = 0;
    enum err err = file_read(path, 4096, &text, &size);
    if (err != ERR_OK) {
        return err == ERR_OVERFLOW ? ERR_VAULT_KEY : err;
    }
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r')) {
        text[--size] = '\0';
    }
    bool is_key = size == KEY_FILE_SIZE - 1 &&
                  memcmp(text, KEY_FILE_HEAD, sizeof(KEY_FILE_HEAD) - 1) == 0 &&
                  str_from_hex(text + sizeof(KEY_FILE_HEAD) - 1, master, crypto_kdf_KEYBYTES);
    sodium_memzero(text, size);
    free(text);
    return is_key ? ERR_OK : ERR_VAULT_KEY;
}

static enum err write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return ERR_IO;
        }
        bytes += written;
        size -= (size_t)written;
    }
    return ERR_OK;
}

static enum err sync_folder_of(const char *path)
{
    char folder[FILE_PATH_MAX];
    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash) {
        slash[slash == folder ? 1 : 0] = '\0';
    }
    int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return ERR_IO;
    }
    enum err err = fsync(fd) == 0 ? ERR_OK : ERR_IO;
    close(fd);
    return err;
}

/* Written beside its place and linked there whole: of two first starts at once one wins and both
 * read the same key; a crash leaves no half key. */
static enum err make_key(const char *path, struct entropy *entropy)
{
    char beside[FILE_PATH_MAX + 32];
    snprintf(beside, sizeof(beside), "%s.XXXXXX", path);
    char text[KEY_FILE_SIZE + 1];
    uint8_t master[crypto_kdf_KEYBYTES];
    entropy_fill(entropy, master, sizeof(master));
    memcpy(text, KEY_FILE_HEAD, sizeof(KEY_FILE_HEAD) - 1);
    str_to_hex(master, sizeof(master), text + sizeof(KEY_FILE_HEAD) - 1);
    text[KEY_FILE_SIZE - 1] = '\n';
    sodium_memzero(master, sizeof(master));

    int fd = mkostemp(beside, O_CLOEXEC); /* mode 0600 */
    enum err err =
        fd >= 0 ? write_all(fd, text, KEY_FILE_SIZE) : (errno == ENOENT ? ERR_NOT_FOUND : ERR_IO);
    sodium_memzero(text, sizeof(text));
    if (fd >= 0) {
        if (err == ERR_OK && fsync(fd) != 0) {
            err = ERR_IO;
        }
        close(fd);
        if (err == ERR_OK && link(beside, path) != 0 && errno != EEXIST) {
            err = ERR_IO;
        }
        unlink(beside);
    }
    return err == ERR_OK ? sync_folder_of(path) : err;
}

static enum err load_or_make_key(const char *path, struct entropy *entropy,
                                 uint8_t master[crypto_kdf_KEYBYTES])
{
    char real[FILE_PATH_MAX];
    bool is_credential = false;
    enum err err = resolve_path(path, real, &is_credential);
    if (err != ERR_OK) {
        return err;
    }
    err = read_key(real, is_credential, master);
    if (err == ERR_NOT_FOUND && is_credential) {
        return ERR_VAULT_KEY;
    }
    if (err == ERR_NOT_FOUND) {
        err = make_key(real, entropy);
        return err == ERR_OK ? read_key(real, false, master) : err;
    }
    return err;
}

enum err vault_open(const char *path, struct entropy *entropy, struct vault **out)
{
    CHECK(sodium_init() >= 0);
    struct vault *vault = calloc(1, sizeof(*vault));
    struct keys *keys = sodium_malloc(sizeof(*keys));
    if (!vault || !keys) {
        free(vault);
        sodium_free(keys);
        return ERR_NO_MEMORY;
    }
    enum err err = load_or_make_key(path, entropy, keys->master);
    if (err != ERR_OK) {
        free(vault);
        sodium_free(keys);
        return err;
    }
    crypto_kdf_derive_from_key(keys->seal, sizeof(keys->seal), SUBKEY_SEAL, KEY_CONTEXT,
                               keys->master);
    crypto_kdf_derive_from_key(keys->lookup, sizeof(keys->lookup), SUBKEY_LOOKUP, KEY_CONTEXT,
                               keys->master);
    sodium_memzero(keys->master, sizeof(keys->master)); /* no further use */
    sodium_mprotect_readonly(keys);
    vault->keys = keys;
    vault->entropy = entropy;
    *out = vault;
    return ERR_OK;
}

void vault_close(struct vault *vault)
{
    if (vault) {
        sodium_free(vault->keys); /* wipes */
        free(vault);
    }
}

/* --- Sealing -----------------------------------------------------------------------------------
 */

/* bucket and id in big endian, then the field's name: no two places have the same bytes. */
static size_t write_place(struct vault_place place, uint8_t out[PLACE_SIZE])
{
    size_t name_size = strlen(place.field);
    CHECK(name_size > 0 && name_size <= VAULT_FIELD_MAX);
    uint32_t bucket = (uint32_t)place.bucket;
    uint64_t id = (uint64_t)place.id;
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)(bucket >> (24 - 8 * i));
    }
    for (int i = 0; i < 8; i++) {
        out[4 + i] = (uint8_t)(id >> (56 - 8 * i));
    }
    memcpy(out + 12, place.field, name_size);
    return 12 + name_size;
}

void vault_seal(const struct vault *vault, struct vault_place place, const void *plain, size_t size,
                uint8_t *out)
{
    CHECK(size <= VAULT_PLAIN_MAX);
    uint8_t at[PLACE_SIZE];
    size_t at_size = write_place(place, at);
    out[0] = SEALED_VERSION;
    entropy_fill(vault->entropy, out + 1, NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + 1 + NONCE_SIZE, NULL, plain, size, at, at_size,
                                               NULL, out + 1, vault->keys->seal);
}

enum err vault_unseal(const struct vault *vault, struct vault_place place, const void *sealed,
                      size_t size, void *out, size_t max, size_t *out_size)
{
    const uint8_t *bytes = sealed;
    if (!sealed || size < VAULT_OVERHEAD || size - VAULT_OVERHEAD > max ||
        bytes[0] != SEALED_VERSION) {
        return ERR_VAULT_SEAL;
    }
    uint8_t at[PLACE_SIZE];
    size_t at_size = write_place(place, at);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, bytes + 1 + NONCE_SIZE,
                                                   size - 1 - NONCE_SIZE, at, at_size, bytes + 1,
                                                   vault->keys->seal) != 0) {
        return ERR_VAULT_SEAL;
    }
    *out_size = size - VAULT_OVERHEAD;
    return ERR_OK;
}

enum err vault_unseal_text(const struct vault *vault, struct vault_place place, const void *sealed,
                           size_t size, char *out, size_t out_capacity)
{
    CHECK(out_capacity > 0);
    size_t text_size = 0;
    enum err err = vault_unseal(vault, place, sealed, size, out, out_capacity - 1, &text_size);
    if (err == ERR_OK) {
        out[text_size] = '\0';
    }
    return err;
}

/* --- Hashes ------------------------------------------------------------------------------------
 */

void vault_hash_bytes(const struct vault *vault, const char *kind, const void *bytes, size_t size,
                      uint8_t out[VAULT_HASH_SIZE])
{
    /* The kind goes first with its NUL, so that no kind and text run into another pair. */
    crypto_generichash_state state;
    crypto_generichash_init(&state, vault->keys->lookup, sizeof(vault->keys->lookup),
                            VAULT_HASH_SIZE);
    crypto_generichash_update(&state, (const uint8_t *)kind, strlen(kind) + 1);
    crypto_generichash_update(&state, bytes, size);
    crypto_generichash_final(&state, out, VAULT_HASH_SIZE);
    sodium_memzero(&state, sizeof(state));
}

void vault_lookup_hash(const struct vault *vault, const char *kind, const char *text,
                       uint8_t out[VAULT_HASH_SIZE])
{
    size_t size = strlen(text);
    CHECK(size <= VAULT_LOOKUP_MAX);
    vault_hash_bytes(vault, kind, text, size, out);
}

bool vault_equal(const void *a, const void *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}

void vault_wipe(void *bytes, size_t size)
{
    sodium_memzero(bytes, size);
}

void vault_make_code(const struct vault *vault, int digits, char *out)
{
    CHECK(digits >= 4 && digits <= 8);
    uint32_t bound = 1;
    for (int i = 0; i < digits; i++) {
        bound *= 10;
    }
    uint32_t number = entropy_below(vault->entropy, bound);
    for (int i = digits - 1; i >= 0; i--) {
        out[i] = (char)('0' + number % 10);
        number /= 10;
    }
    out[digits] = '\0';
}

void vault_random(const struct vault *vault, void *out, size_t size)
{
    entropy_fill(vault->entropy, out, size);
}

/* --- base64url ---------------------------------------------------------------------------------
 */

void vault_base64(const void *bytes, size_t size, char *out)
{
    sodium_bin2base64(out,
                      sodium_base64_encoded_len(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                      bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool vault_from_base64(const char *text, void *out, size_t size)
{
    size_t got = 0;
    const char *end = NULL;
    size_t text_size = strnlen(text, VAULT_BASE64_SIZE(size) + 1);
    /* libsodium refuses unused bits that are set: each value has one spelling. */
    return text_size == VAULT_BASE64_SIZE(size) - 1 &&
           sodium_base642bin(out, size, text, text_size, NULL, &got, &end,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           got == size && end == text + text_size;
}
