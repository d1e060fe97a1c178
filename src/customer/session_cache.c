/* The table of sessions just seen: sets of four in shards by bucket. */
#include "customer/session_cache.h"

#include "base/check.h"
#include "base/id.h"
#include "sys/thread.h"

#include <stdlib.h>
#include <string.h>

#define SHARD_COUNT 64
#define SET_SIZE    4

struct entry {
    struct session_facts facts; /* session_id 0: empty */
    int64_t stored_at;          /* a clock that stepped back behind it makes the entry a miss */
    int64_t expires_at;
    int64_t touch_at; /* when last_seen_at is next worth a write */
};

struct shard {
    struct mutex mutex;
    uint64_t forgotten; /* rises with each forget: tickets */
    struct entry *entries;
};

struct session_cache {
    struct shard shards[SHARD_COUNT];
    size_t set_count; /* of a shard, a power of two */
    int64_t life_us;
    int64_t touch_us;
};

enum err session_cache_open(size_t entries, int64_t life_us, int64_t touch_us,
                            struct session_cache **out)
{
    struct session_cache *cache = calloc(1, sizeof(*cache));
    if (!cache) {
        return ERR_NO_MEMORY;
    }
    cache->life_us = life_us;
    cache->touch_us = touch_us;
    cache->set_count = 1;
    while (cache->set_count * SET_SIZE * SHARD_COUNT < entries) {
        cache->set_count *= 2;
    }
    for (size_t i = 0; i < SHARD_COUNT; i++) {
        mutex_init(&cache->shards[i].mutex);
        cache->shards[i].entries = calloc(cache->set_count * SET_SIZE, sizeof(struct entry));
        if (!cache->shards[i].entries) {
            session_cache_close(cache);
            return ERR_NO_MEMORY;
        }
    }
    *out = cache;
    return ERR_OK;
}

void session_cache_close(struct session_cache *cache)
{
    if (!cache) {
        return;
    }
    for (size_t i = 0; i < SHARD_COUNT; i++) {
        free(cache->shards[i].entries);
    }
    free(cache);
}

static struct shard *shard_of(struct session_cache *cache, int64_t id)
{
    return &cache->shards[id_bucket(id) % SHARD_COUNT];
}

static struct entry *set_of(struct session_cache *cache, struct shard *shard, int64_t session_id)
{
    /* Ids of one bucket differ above its bits; a multiplication spreads them over the sets. */
    uint64_t mixed = (uint64_t)session_id * UINT64_C(0x9E3779B97F4A7C15);
    return &shard->entries[(mixed >> 32 & (cache->set_count - 1)) * SET_SIZE];
}

bool session_cache_find(struct session_cache *cache, int64_t session_id, int64_t now_us,
                        struct session_facts *out, bool *out_touch, uint64_t *out_ticket)
{
    struct shard *shard = shard_of(cache, session_id);
    bool is_found = false;
    *out_touch = false;
    mutex_lock(&shard->mutex);
    *out_ticket = shard->forgotten;
    struct entry *set = set_of(cache, shard, session_id);
    for (int i = 0; i < SET_SIZE && !is_found; i++) {
        if (set[i].facts.session_id == session_id && set[i].stored_at <= now_us &&
            set[i].expires_at > now_us) {
            is_found = true;
            *out = set[i].facts;
            if (set[i].touch_at <= now_us) {
                *out_touch = true;
                set[i].touch_at = now_us + cache->touch_us;
            }
        }
    }
    mutex_unlock(&shard->mutex);
    return is_found;
}

void session_cache_store(struct session_cache *cache, const struct session_facts *facts,
                         int64_t now_us, uint64_t ticket)
{
    CHECK(facts->session_id > 0);
    struct shard *shard = shard_of(cache, facts->session_id);
    mutex_lock(&shard->mutex);
    if (shard->forgotten == ticket) {
        struct entry *set = set_of(cache, shard, facts->session_id);
        struct entry *place = &set[0];
        for (int i = 0; i < SET_SIZE; i++) {
            if (set[i].facts.session_id == facts->session_id) {
                place = &set[i];
                break;
            }
            if (set[i].expires_at < place->expires_at) {
                place = &set[i]; /* the one that ends first goes */
            }
        }
        int64_t touch_at = facts->last_seen_at + cache->touch_us;
        if (touch_at <= now_us) {
            touch_at = now_us + cache->touch_us; /* due: the reader asks for it now */
        }
        *place = (struct entry){.facts = *facts,
                                .stored_at = now_us,
                                .expires_at = now_us + cache->life_us,
                                .touch_at = touch_at};
    }
    mutex_unlock(&shard->mutex);
}

static void forget(struct shard *shard, size_t count, int64_t session_id, int64_t customer_id)
{
    for (size_t i = 0; i < count; i++) {
        struct entry *entry = &shard->entries[i];
        if (entry->facts.session_id != 0 &&
            (entry->facts.session_id == session_id || entry->facts.customer_id == customer_id)) {
            memset(entry, 0, sizeof(*entry));
        }
    }
}

void session_cache_forget(struct session_cache *cache, int64_t session_id)
{
    struct shard *shard = shard_of(cache, session_id);
    mutex_lock(&shard->mutex);
    shard->forgotten++;
    struct entry *set = set_of(cache, shard, session_id);
    for (int i = 0; i < SET_SIZE; i++) {
        if (set[i].facts.session_id == session_id) {
            memset(&set[i], 0, sizeof(set[i]));
        }
    }
    mutex_unlock(&shard->mutex);
}

void session_cache_forget_customer(struct session_cache *cache, int64_t customer_id)
{
    /* A customer's sessions share its bucket, hence its shard. */
    struct shard *shard = shard_of(cache, customer_id);
    mutex_lock(&shard->mutex);
    shard->forgotten++;
    forget(shard, cache->set_count * SET_SIZE, 0, customer_id);
    mutex_unlock(&shard->mutex);
}
