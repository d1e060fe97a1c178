#include "hash.h"

#include "check.h"

/* libsodium's generic hash fails only on sizes that it does not offer; ours are constants. */

struct hash hash_of(const void *bytes, size_t size)
{
    struct hash hash;
    CHECK(crypto_generichash(hash.bytes, HASH_SIZE, bytes, size, NULL, 0) == 0);
    return hash;
}

struct hash hash_keyed(const struct hash_key *key, const void *bytes, size_t size)
{
    struct hash hash;
    CHECK(crypto_generichash(hash.bytes, HASH_SIZE, bytes, size, key->bytes, HASH_KEY_SIZE) == 0);
    return hash;
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
    return sodium_memcmp(a->bytes, b->bytes, HASH_SIZE) == 0;
}

void hash_stream_init(struct hash_stream *stream)
{
    CHECK(crypto_generichash_init(&stream->state, NULL, 0, HASH_SIZE) == 0);
}

void hash_stream_add(struct hash_stream *stream, const void *bytes, size_t size)
{
    CHECK(crypto_generichash_update(&stream->state, bytes, size) == 0);
}

struct hash hash_stream_final(struct hash_stream *stream)
{
    struct hash hash;
    CHECK(crypto_generichash_final(&stream->state, hash.bytes, HASH_SIZE) == 0);
    return hash;
}
