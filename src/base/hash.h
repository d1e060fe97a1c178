/*
 * BLAKE2b-256 (RFC 7693) through libsodium: whole buffers, streams, and the keyed hashes by which
 * sealed values (phone, card, ID number) are looked up. No state but the stream's own, any thread.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_SIZE     32
#define HASH_KEY_SIZE 32

struct hash {
    uint8_t bytes[HASH_SIZE];
};

/* A separate key for each purpose; its owner wipes it. */
struct hash_key {
    uint8_t bytes[HASH_KEY_SIZE];
};

struct hash_stream {
    crypto_generichash_state state;
};

struct hash hash_of(const void *bytes, size_t size);
/* Keyed: without the key a guess cannot be tested against it. */
struct hash hash_keyed(const struct hash_key *key, const void *bytes, size_t size);
/* In constant time. */
bool hash_equal(const struct hash *a, const struct hash *b);

void hash_stream_init(struct hash_stream *stream);
void hash_stream_add(struct hash_stream *stream, const void *bytes, size_t size);
/* Ends the stream. */
struct hash hash_stream_final(struct hash_stream *stream);

#endif
