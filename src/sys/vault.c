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

/* The key file: a line for each master key, "sycee-vault-N HEX", N from 1; the largest N seals. Once
 * the first key is gone, "sycee-lookup-1 HEX" keeps what the look-up hashes are made with. */
#define VAULT_HEAD     "sycee-vault-"
#define LOOKUP_HEAD    "sycee-lookup-1 "
#define KEY_FILE_MAX   4096
#define KEY_LINE_MAX   96
#define KEY_CONTEXT    "syceevlt" /* crypto_kdf_CONTEXTBYTES */
#define CREDENTIAL     "credential:"
#define NONCE_SIZE     crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE       crypto_aead_xchacha20poly1305_ietf_ABYTES
#define PLACE_SIZE     (4 + 8 + VAULT_FIELD_MAX)
#define KEY_CHECK_TEXT "sycee key check"

_Static_assert(VAULT_OVERHEAD == 1 + NONCE_SIZE + TAG_SIZE, "version, nonce, tag");

/* Numbers of the subkeys; never given to another use. */
enum { SUBKEY_SEAL = 1, SUBKEY_LOOKUP = 2, SUBKEY_CHECK = 3 };

struct master {
    uint8_t bytes[crypto_kdf_KEYBYTES];
    uint8_t seal[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    int version; /* 1..VAULT_VERSION_MAX; the first byte of what it seals */
};

struct keys {
    struct master masters[VAULT_KEYS_MAX]; /* rising versions */
    size_t count;
    uint8_t lookup[crypto_generichash_KEYBYTES];
    bool has_lookup; /* of the file; else the first key's */
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

static bool parse_version(const char *digits, size_t size, int *out)
{
    int version = 0;
    for (size_t i = 0; i < size; i++) {
        if (digits[i] < '0' || digits[i] > '9' || i == 3) {
            return false;
        }
        version = version * 10 + (digits[i] - '0');
    }
    *out = version;
    return version >= 1 && version <= VAULT_VERSION_MAX && digits[0] != '0';
}

/* One line of the file without its end. */
static bool parse_key_line(const char *line, struct keys *keys)
{
    size_t head = sizeof(LOOKUP_HEAD) - 1;
    if (strncmp(line, LOOKUP_HEAD, head) == 0) {
        bool is_first = !keys->has_lookup;
        keys->has_lookup = strlen(line + head) == 2 * sizeof(keys->lookup) &&
                           str_from_hex(line + head, keys->lookup, sizeof(keys->lookup));
        return is_first && keys->has_lookup;
    }
    head = sizeof(VAULT_HEAD) - 1;
    const char *blank = strchr(line, ' ');
    if (strncmp(line, VAULT_HEAD, head) != 0 || blank == NULL || keys->count == VAULT_KEYS_MAX) {
        return false;
    }
    struct master *master = &keys->masters[keys->count];
    bool is_later = parse_version(line + head, (size_t)(blank - line) - head, &master->version) &&
                    (keys->count == 0 || master->version > master[-1].version);
    bool is_key = is_later && strlen(blank + 1) == 2 * sizeof(master->bytes) &&
                  str_from_hex(blank + 1, master->bytes, sizeof(master->bytes));
    keys->count += is_key ? 1 : 0;
    return is_key;
}

static bool parse_keys(char *text, struct keys *keys)
{
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        size_t size = strlen(line);
        if (size > 0 && line[size - 1] == '\r') {
            line[--size] = '\0';
        }
        if (size > 0 && !parse_key_line(line, keys)) {
            return false;
        }
    }
    /* Look-up hashes come from the first key; a file without it must name what they came from. */
    return keys->count > 0 && (keys->has_lookup || keys->masters[0].version == 1);
}

/* A key that others can read is no key. systemd gives its credentials mode 0400 or, with an ACL for
 * the service's user, 0440: the folder itself is private, so only the bits of "other" count there.
 */
static enum err read_keys(const char *path, bool is_credential, struct keys *keys)
{
    struct stat stat_now;
    if (stat(path, &stat_now) != 0) {
        return errno == ENOENT || errno == ENOTDIR ? ERR_VAULT_ABSENT : ERR_IO;
    }
    if (stat_now.st_mode & (is_credential ? 0007U : 0077U)) {
        return ERR_VAULT_KEY;
    }
    char *text = NULL;
    size_t size = 0;
    enum err err = file_read(path, KEY_FILE_MAX, &text, &size);
    if (err != ERR_OK) {
        return err == ERR_OVERFLOW ? ERR_VAULT_KEY : err;
    }
    bool is_file = strlen(text) == size && parse_keys(text, keys);
    sodium_memzero(text, size);
    free(text);
    return is_file ? ERR_OK : ERR_VAULT_KEY;
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
enum err vault_make(const char *path, struct entropy *entropy)
{
    char real[FILE_PATH_MAX];
    char beside[FILE_PATH_MAX + 32];
    bool is_credential = false;
    enum err err = resolve_path(path, real, &is_credential);
    if (err != ERR_OK) {
        return err;
    }
    if (is_credential) {
        return ERR_VAULT_ABSENT;
    }
    snprintf(beside, sizeof(beside), "%s.XXXXXX", real);
    char text[KEY_LINE_MAX];
    uint8_t master[crypto_kdf_KEYBYTES];
    entropy_fill(entropy, master, sizeof(master));
    size_t head = (size_t)snprintf(text, sizeof(text), VAULT_HEAD "1 ");
    str_to_hex(master, sizeof(master), text + head);
    size_t size = head + 2 * sizeof(master);
    text[size++] = '\n';
    sodium_memzero(master, sizeof(master));

    int fd = mkostemp(beside, O_CLOEXEC); /* mode 0600 */
    err = fd >= 0 ? write_all(fd, text, size) : (errno == ENOENT ? ERR_NOT_FOUND : ERR_IO);
    sodium_memzero(text, sizeof(text));
    if (fd >= 0) {
        if (err == ERR_OK && fsync(fd) != 0) {
            err = ERR_IO;
        }
        close(fd);
        if (err == ERR_OK && link(beside, real) != 0 && errno != EEXIST) {
            err = ERR_IO;
        }
        unlink(beside);
    }
    return err == ERR_OK ? sync_folder_of(real) : err;
}

static void derive_keys(struct keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        struct master *master = &keys->masters[i];
        crypto_kdf_derive_from_key(master->seal, sizeof(master->seal), SUBKEY_SEAL, KEY_CONTEXT,
                                   master->bytes);
    }
    if (!keys->has_lookup) {
        crypto_kdf_derive_from_key(keys->lookup, sizeof(keys->lookup), SUBKEY_LOOKUP, KEY_CONTEXT,
                                   keys->masters[0].bytes);
    }
}

enum err vault_open(const char *path, struct entropy *entropy, struct vault **out)
{
    char real[FILE_PATH_MAX];
    bool is_credential = false;
    CHECK(sodium_init() >= 0);
    struct vault *vault = calloc(1, sizeof(*vault));
    struct keys *keys = sodium_malloc(sizeof(*keys));
    if (!vault || !keys) {
        free(vault);
        sodium_free(keys);
        return ERR_NO_MEMORY;
    }
    memset(keys, 0, sizeof(*keys));
    enum err err = resolve_path(path, real, &is_credential);
    err = err != ERR_OK ? err : read_keys(real, is_credential, keys);
    if (err != ERR_OK) {
        free(vault);
        sodium_free(keys);
        return err;
    }
    derive_keys(keys);
    sodium_mprotect_readonly(keys);
    vault->keys = keys;
    vault->entropy = entropy;
    *out = vault;
    return ERR_OK;
}

int vault_version(const struct vault *vault)
{
    return vault->keys->masters[vault->keys->count - 1].version;
}

static const struct master *master_of(const struct vault *vault, int version)
{
    for (size_t i = 0; i < vault->keys->count; i++) {
        if (vault->keys->masters[i].version == version) {
            return &vault->keys->masters[i];
        }
    }
    return NULL;
}

bool vault_key_check(const struct vault *vault, int version, uint8_t out[VAULT_HASH_SIZE])
{
    /* Of the look-up key under 0: it outlives the master key that it came from. */
    uint8_t subkey[crypto_generichash_KEYBYTES];
    const struct master *master = master_of(vault, version);
    if (version != 0 && master == NULL) {
        return false;
    }
    if (version == 0) {
        memcpy(subkey, vault->keys->lookup, sizeof(subkey));
    } else {
        crypto_kdf_derive_from_key(subkey, sizeof(subkey), SUBKEY_CHECK, KEY_CONTEXT,
                                   master->bytes);
    }
    int refused = crypto_generichash(out, VAULT_HASH_SIZE, (const uint8_t *)KEY_CHECK_TEXT,
                                     sizeof(KEY_CHECK_TEXT) - 1, subkey, sizeof(subkey));
    sodium_memzero(subkey, sizeof(subkey));
    CHECK(refused == 0);
    return true;
}

/* --- Changing the keys ------------------------------------------------------------------------- */

static size_t write_key_line(char *out, size_t at, const char *head, const uint8_t *bytes,
                             size_t size)
{
    at += (size_t)snprintf(out + at, KEY_FILE_MAX - at, "%s", head);
    str_to_hex(bytes, size, out + at);
    at += 2 * size;
    out[at++] = '\n';
    return at;
}

/* `fresh` NULL: none is added. Keys below `version_min` are left out. */
static enum err rewrite_keys(const struct vault *vault, const char *path, int version_min,
                             const uint8_t *fresh)
{
    char real[FILE_PATH_MAX];
    char head[32];
    bool is_credential = false;
    enum err err = resolve_path(path, real, &is_credential);
    if (err != ERR_OK || is_credential) {
        return err != ERR_OK ? err : ERR_VAULT_KEY;
    }
    char *text = sodium_malloc(KEY_FILE_MAX);
    if (text == NULL) {
        return ERR_NO_MEMORY;
    }
    size_t size =
        write_key_line(text, 0, LOOKUP_HEAD, vault->keys->lookup, sizeof(vault->keys->lookup));
    for (size_t i = 0; i < vault->keys->count; i++) {
        const struct master *master = &vault->keys->masters[i];
        if (master->version >= version_min) {
            snprintf(head, sizeof(head), VAULT_HEAD "%d ", master->version);
            size = write_key_line(text, size, head, master->bytes, sizeof(master->bytes));
        }
    }
    if (fresh != NULL) {
        snprintf(head, sizeof(head), VAULT_HEAD "%d ", vault_version(vault) + 1);
        size = write_key_line(text, size, head, fresh, crypto_kdf_KEYBYTES);
    }
    err = file_replace(real, text, size, 0600);
    sodium_free(text);
    return err;
}

enum err vault_add_key(const struct vault *vault, const char *path)
{
    uint8_t fresh[crypto_kdf_KEYBYTES];
    if (vault->keys->count == VAULT_KEYS_MAX || vault_version(vault) == VAULT_VERSION_MAX) {
        return ERR_OVERFLOW;
    }
    entropy_fill(vault->entropy, fresh, sizeof(fresh));
    enum err err = rewrite_keys(vault, path, 0, fresh);
    sodium_memzero(fresh, sizeof(fresh));
    return err;
}

enum err vault_drop_old_keys(const struct vault *vault, const char *path)
{
    return rewrite_keys(vault, path, vault_version(vault), NULL);
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
    const struct master *master = &vault->keys->masters[vault->keys->count - 1];
    out[0] = (uint8_t)master->version;
    entropy_fill(vault->entropy, out + 1, NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + 1 + NONCE_SIZE, NULL, plain, size, at, at_size,
                                               NULL, out + 1, master->seal);
}

enum err vault_unseal(const struct vault *vault, struct vault_place place, const void *sealed,
                      size_t size, void *out, size_t max, size_t *out_size)
{
    const uint8_t *bytes = sealed;
    if (!sealed || size < VAULT_OVERHEAD || size - VAULT_OVERHEAD > max) {
        return ERR_VAULT_SEAL;
    }
    const struct master *master = master_of(vault, bytes[0]);
    if (master == NULL) {
        return ERR_VAULT_SEAL;
    }
    uint8_t at[PLACE_SIZE];
    size_t at_size = write_place(place, at);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, bytes + 1 + NONCE_SIZE,
                                                   size - 1 - NONCE_SIZE, at, at_size, bytes + 1,
                                                   master->seal) != 0) {
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
