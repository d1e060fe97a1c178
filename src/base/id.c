#include "id.h"

#include "check.h"
#include "str.h"

#include <stdio.h>

#define BUCKET_BITS 10
#define MS_BITS     41
#define MS_MAX      ((INT64_C(1) << MS_BITS) - 1)
/* Ids below 2^40 belong to the bank's internal accounts, so a clock before this millisecond (the first
 * 262 seconds of 2026, or earlier) is treated as if it were at it. */
#define MS_MIN (INT64_C(1) << (40 - ID_COUNTER_BITS - BUCKET_BITS))

_Static_assert(MS_BITS + ID_COUNTER_BITS + BUCKET_BITS == 63, "an id is a positive int64_t");
_Static_assert(1 << BUCKET_BITS == BUCKET_COUNT && ID_STEP == BUCKET_COUNT, "one bucket layout");

void id_maker_init(struct id_maker *maker, int node, int node_bits)
{
    CHECK(node_bits >= 0 && node_bits < ID_COUNTER_BITS);
    CHECK(node >= 0 && node < 1 << node_bits);
    *maker = (struct id_maker){.last = 0, .node = node, .node_bits = node_bits};
}

static int64_t ms_since_epoch(int64_t instant_us)
{
    int64_t ms = instant_us / 1000 - (instant_us % 1000 < 0 ? 1 : 0);
    return ms < INT64_MIN + ID_EPOCH_MS ? INT64_MIN : ms - ID_EPOCH_MS;
}

int64_t id_make(struct id_maker *maker, int64_t now_us, int bucket)
{
    CHECK(bucket >= 0 && bucket < BUCKET_COUNT);
    int counter_bits = ID_COUNTER_BITS - maker->node_bits;
    int64_t counter_max = (INT64_C(1) << counter_bits) - 1;
    int64_t node = (int64_t)maker->node << counter_bits;
    int64_t now_ms = ms_since_epoch(now_us);
    int64_t ms = now_ms < MS_MIN ? MS_MIN : now_ms;
    int64_t counter = 0;
    int64_t last_ms = maker->last >> ID_COUNTER_BITS;

    if (ms <= last_ms) {
        ms = last_ms;
        counter = (maker->last & counter_max) + 1;
        if (counter > counter_max) {
            counter = 0;
            ms++;
        }
    }
    CHECK(ms <= MS_MAX);
    maker->last = ms << ID_COUNTER_BITS | node | counter;
    return maker->last << BUCKET_BITS | bucket;
}

int id_bucket(int64_t id)
{
    return (int)(id & (BUCKET_COUNT - 1));
}

int64_t id_instant_us(int64_t id)
{
    return ((id >> (ID_COUNTER_BITS + BUCKET_BITS)) + ID_EPOCH_MS) * 1000;
}

int64_t id_first_at(int64_t instant_us)
{
    int64_t ms = ms_since_epoch(instant_us);
    ms = ms < 0 ? 0 : ms;
    ms = ms > MS_MAX ? MS_MAX : ms;
    return ms << (ID_COUNTER_BITS + BUCKET_BITS);
}

void id_format(int64_t id, char out[ID_TEXT_SIZE])
{
    CHECK(id > 0);
    int size = snprintf(out, ID_TEXT_SIZE, "%lld", (long long)id);
    CHECK(size > 0 && size < ID_TEXT_SIZE);
}

enum err id_parse(const char *text, int64_t *out)
{
    int64_t value;
    if (text[0] < '1' || text[0] > '9' || !str_to_int(text, &value)) {
        return ERR_INVALID_ID;
    }
    *out = value;
    return ERR_OK;
}

int bucket_of_hash(const uint8_t *hash, size_t size)
{
    CHECK(size >= 2);
    return ((hash[0] << 8) | hash[1]) & (BUCKET_COUNT - 1);
}
