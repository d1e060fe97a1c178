#include "sys/entropy.h"

#include "base/check.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/random.h>

#define CHACHA_BLOCK 64

void entropy_fill(struct entropy *entropy, void *out, size_t size)
{
    entropy->fill(entropy, out, size);
}

uint64_t entropy_u64(struct entropy *entropy)
{
    uint64_t value = 0;
    entropy_fill(entropy, &value, sizeof value);
    return value;
}

uint32_t entropy_below(struct entropy *entropy, uint32_t bound)
{
    CHECK(bound > 0);
    /* Values below 2^32 mod bound would come once too often: they are drawn again. */
    uint32_t skip = (uint32_t)(-bound) % bound;
    uint32_t value = 0;
    do {
        entropy_fill(entropy, &value, sizeof value);
    } while (value < skip);
    return value % bound;
}

static void system_fill(struct entropy *entropy, void *out, size_t size)
{
    (void)entropy;
    uint8_t *bytes = out;
    while (size > 0) {
        ssize_t got = getrandom(bytes, size, 0);
        if (got < 0) {
            CHECK(errno == EINTR);
            continue;
        }
        bytes += got;
        size -= (size_t)got;
    }
}

struct entropy *entropy_system(void)
{
    static struct entropy entropy = {system_fill};
    return &entropy;
}

static void seeded_fill(struct entropy *entropy, void *out, size_t size)
{
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    struct entropy_seeded *seeded = (struct entropy_seeded *)entropy;
    uint8_t *bytes = out;
    pthread_mutex_lock(&seeded->mutex);
    while (size > 0) {
        uint8_t block[CHACHA_BLOCK] = {0};
        size_t offset = seeded->position % CHACHA_BLOCK;
        size_t part = CHACHA_BLOCK - offset;
        crypto_stream_chacha20_xor_ic(block, block, sizeof block, nonce,
                                      seeded->position / CHACHA_BLOCK, seeded->key);
        if (part > size) {
            part = size;
        }
        memcpy(bytes, block + offset, part);
        bytes += part;
        size -= part;
        seeded->position += part;
    }
    pthread_mutex_unlock(&seeded->mutex);
}

void entropy_seeded_init(struct entropy_seeded *seeded, uint64_t seed)
{
    seeded->entropy.fill = seeded_fill;
    pthread_mutex_init(&seeded->mutex, NULL);
    memset(seeded->key, 0, sizeof seeded->key);
    for (size_t i = 0; i < sizeof seed; i++) {
        seeded->key[i] = (uint8_t)(seed >> (8 * i));
    }
    seeded->position = 0;
}

void entropy_seeded_release(struct entropy_seeded *seeded)
{
    pthread_mutex_destroy(&seeded->mutex);
}
