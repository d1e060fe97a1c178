/*
 * Where unguessable bytes come from: the system's generator when the bank runs, a seeded stream in
 * tests and simulations, so that a seed replays. Safe for any number of threads.
 */
#ifndef SYS_ENTROPY_H
#define SYS_ENTROPY_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct entropy {
    void (*fill)(struct entropy *entropy, void *out, size_t size);
};

/* Cannot fail: a system without entropy is a CHECK. */
void entropy_fill(struct entropy *entropy, void *out, size_t size);
uint64_t entropy_u64(struct entropy *entropy);
/* Uniform in 0 .. bound-1 without bias; bound > 0. */
uint32_t entropy_below(struct entropy *entropy, uint32_t bound);
/* The system's generator (getrandom); lives for ever. */
struct entropy *entropy_system(void);

/* The same seed gives the same bytes (ChaCha20 stream), however they are cut into calls.
 * Never for secrets. Pass `&seeded.entropy` where entropy is wanted. */
struct entropy_seeded {
    struct entropy entropy;
    pthread_mutex_t mutex;
    uint8_t key[32];
    uint64_t position; /* bytes given so far */
};

void entropy_seeded_init(struct entropy_seeded *seeded, uint64_t seed);
void entropy_seeded_release(struct entropy_seeded *seeded);

#endif
