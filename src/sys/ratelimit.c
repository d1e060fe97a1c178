#include "sys/ratelimit.h"

#include "base/check.h"
#include "base/int128.h"
#include "sys/entropy.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define ROW_ENTRIES 8  /* possible places of a key */
#define LOCK_COUNT  64 /* rows share locks */
#define ENTRIES_MIN 64
#define ENTRIES_MAX (1U << 24)

struct bucket {
    uint64_t key;       /* 0: free */
    int64_t full_at_us; /* instant at which it is full again; its level follows from that */
    int64_t used_us;
};

struct ratelimit {
    uint8_t key[crypto_shorthash_KEYBYTES];
    size_t row_count;
    pthread_mutex_t locks[LOCK_COUNT];
    struct bucket *buckets;
};

enum err ratelimit_open(size_t entries, struct ratelimit **out)
{
    size_t count = ENTRIES_MIN;
    while (count < entries && count < ENTRIES_MAX) {
        count *= 2;
    }
    struct ratelimit *ratelimit = calloc(1, sizeof *ratelimit);
    if (ratelimit == NULL) {
        return ERR_NO_MEMORY;
    }
    ratelimit->buckets = calloc(count, sizeof *ratelimit->buckets);
    if (ratelimit->buckets == NULL) {
        free(ratelimit);
        return ERR_NO_MEMORY;
    }
    ratelimit->row_count = count / ROW_ENTRIES;
    entropy_fill(entropy_system(), ratelimit->key, sizeof ratelimit->key);
    for (size_t i = 0; i < LOCK_COUNT; i++) {
        pthread_mutex_init(&ratelimit->locks[i], NULL);
    }
    *out = ratelimit;
    return ERR_OK;
}

void ratelimit_close(struct ratelimit *ratelimit)
{
    if (ratelimit == NULL) {
        return;
    }
    for (size_t i = 0; i < LOCK_COUNT; i++) {
        pthread_mutex_destroy(&ratelimit->locks[i]);
    }
    free(ratelimit->buckets);
    free(ratelimit);
}

/* The key's bucket, or the longest-unused place of its row, emptied for it. */
static struct bucket *bucket_find(struct bucket *row, uint64_t key)
{
    struct bucket *oldest = &row[0];
    for (size_t i = 0; i < ROW_ENTRIES; i++) {
        if (row[i].key == key) {
            return &row[i];
        }
        bool is_free = row[i].key == 0;
        if ((is_free && oldest->key != 0) ||
            (is_free == (oldest->key == 0) && row[i].used_us < oldest->used_us)) {
            oldest = &row[i];
        }
    }
    *oldest = (struct bucket){.key = key};
    return oldest;
}

static int64_t ceil_seconds(int64_t us)
{
    return us <= 0 ? 0 : (us + 999999) / 1000000;
}

/* A bucket is kept as the instant at which it will be full (generic cell rate algorithm): taking
 * `cost` moves that instant by cost * window / burst, and it may not pass now + window. */
static struct ratelimit_verdict bucket_take(struct bucket *bucket,
                                            const struct ratelimit_policy *policy, int64_t cost,
                                            int64_t now_us)
{
    struct ratelimit_verdict verdict = {0};
    if (now_us < bucket->used_us) {
        /* The clock stepped back: the level stays, neither refilled nor locked for longer. */
        bucket->full_at_us -= bucket->used_us - now_us;
    }
    int128 step = (int128)cost * policy->window_us;
    int64_t step_us = (int64_t)((step + policy->burst - 1) / policy->burst);
    int64_t full_at = bucket->full_at_us > now_us ? bucket->full_at_us : now_us;
    int64_t over_us = full_at + step_us - (now_us + policy->window_us);
    verdict.allowed = over_us <= 0 && cost <= policy->burst;
    if (verdict.allowed) {
        full_at += step_us;
    } else {
        verdict.retry_s = ceil_seconds(over_us) > 0 ? ceil_seconds(over_us) : 1;
    }
    bucket->full_at_us = full_at;
    bucket->used_us = now_us;
    int128 level = (int128)(policy->window_us - (full_at - now_us)) * policy->burst;
    verdict.remaining = (int64_t)(level / policy->window_us);
    verdict.reset_s = ceil_seconds(full_at - now_us);
    return verdict;
}

struct ratelimit_verdict ratelimit_take(struct ratelimit *ratelimit, uint64_t key,
                                        const struct ratelimit_policy *policy, int64_t cost,
                                        int64_t now_us)
{
    CHECK(policy->burst > 0 && policy->window_us > 0 && cost >= 0);
    key = key == 0 ? 1 : key;
    size_t row = (size_t)(key % ratelimit->row_count);
    pthread_mutex_t *lock = &ratelimit->locks[row % LOCK_COUNT];
    pthread_mutex_lock(lock);
    struct bucket *bucket = bucket_find(&ratelimit->buckets[row * ROW_ENTRIES], key);
    struct ratelimit_verdict verdict = bucket_take(bucket, policy, cost, now_us);
    pthread_mutex_unlock(lock);
    return verdict;
}

uint64_t ratelimit_hash(const struct ratelimit *ratelimit, const char *policy, const void *bytes,
                        size_t size)
{
    /* hash(hash(policy) || hash(bytes)): no text can run into another. */
    uint8_t parts[2 * crypto_shorthash_BYTES];
    uint8_t whole[crypto_shorthash_BYTES];
    uint64_t hash = 0;
    crypto_shorthash(parts, (const uint8_t *)policy, strlen(policy), ratelimit->key);
    crypto_shorthash(parts + crypto_shorthash_BYTES, bytes, size, ratelimit->key);
    crypto_shorthash(whole, parts, sizeof parts, ratelimit->key);
    memcpy(&hash, whole, sizeof hash);
    return hash;
}
