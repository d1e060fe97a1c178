/*
 * Seals on PostgreSQL: one chain per bucket, each seal with the ids that it covers. Transfers come
 * in
 * rising ids and the ids of a seal rise too, so several seals may be open at once: one committed
 * late
 * belongs to a later seal than its neighbours.
 */
#include "audit.h"

#include "base/id.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WAITING_MAX_US INT64_C(600000000) /* the sealing job runs every second */

static int by_member_id(const void *a, const void *b)
{
    const struct member *x = a;
    const struct member *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void find_link(struct audit *audit, int64_t seq, int64_t bucket, int64_t previous)
{
    find(&audit->findings, CHECK_SEALS, seq,
         "seal %" PRId64 " of bucket %" PRId64 ": does not follow seal %" PRId64,
         "封印 %" PRId64 "（桶 %" PRId64 "）：未接在封印 %" PRId64 " 之后", seq, bucket, previous);
}

static void add_members(struct audit *audit, struct bucket_seal *seal, uint32_t number)
{
    struct bucket_seals *all = &audit->bucket_seals;
    size_t size;
    const uint8_t *bytes = cursor_blob(all->cursor, 6, &size);
    int64_t previous = 0;
    bool rises = size == (size_t)seal->count * 8;
    for (size_t at = 0; at + 8 <= size; at += 8) {
        uint64_t id = 0;
        for (int byte = 7; byte >= 0; byte--) {
            id = id << 8 | bytes[at + (size_t)byte];
        }
        rises = rises && (int64_t)id > previous && bucket_of((int64_t)id) == all->bucket;
        rises = rises && (at != 0 || (int64_t)id == seal->first_id);
        previous = (int64_t)id;
        all->members = array_reserve(all->members, &all->member_capacity, all->member_count,
                                     sizeof *all->members);
        all->members[all->member_count++] = (struct member){(int64_t)id, number};
    }
    if (!rises || previous != seal->last_id) {
        find(&audit->findings, CHECK_SEALS, seal->seq,
             "seal %" PRId64 " of bucket %" PRId64 ": its list of transfers cannot be",
             "封印 %" PRId64 "（桶 %" PRId64 "）：所列转账不合法", seal->seq, all->bucket);
    }
}

/* Reads the cursor's row as the next seal of the bucket. */
static void take_seal(struct audit *audit)
{
    struct bucket_seals *all = &audit->bucket_seals;
    uint32_t number = all->seal_count++;
    all->seals = array_reserve(all->seals, &all->seal_capacity, number, sizeof *all->seals);
    struct bucket_seal *seal = &all->seals[number];
    const struct bucket_seal *before = number > 0 ? seal - 1 : NULL;
    *seal = (struct bucket_seal){.seq = cursor_int(all->cursor, 1),
                                 .first_id = cursor_int(all->cursor, 2),
                                 .last_id = cursor_int(all->cursor, 3),
                                 .count = cursor_int(all->cursor, 4)};
    size_t size;
    const uint8_t *hash = cursor_blob(all->cursor, 5, &size);
    if (size == sizeof seal->hash) {
        memcpy(seal->hash, hash, size);
    }
    if (before != NULL) {
        memcpy(seal->before, before->hash, sizeof seal->before);
    }
    if (seal->seq != (before != NULL ? before->seq + 1 : 1)) {
        find_link(audit, seal->seq, all->bucket, before != NULL ? before->seq : 0);
    }
    hash_stream_init(&seal->stream);
    hash_stream_add(&seal->stream, seal->before, sizeof seal->before);
    add_members(audit, seal, number);
    audit->seals.seal_count++;
}

/* The seals of the next bucket that has any; bucket BUCKET_COUNT: none is left. */
static void load_bucket(struct audit *audit)
{
    struct bucket_seals *all = &audit->bucket_seals;
    all->seal_count = all->member_count = all->next = 0;
    all->bucket = all->has ? cursor_int(all->cursor, 0) : BUCKET_COUNT;
    while (all->has && cursor_int(all->cursor, 0) == all->bucket) {
        take_seal(audit);
        all->has = cursor_next(all->cursor);
    }
    if (all->member_count > 1) {
        qsort(all->members, all->member_count, sizeof *all->members, by_member_id);
    }
}

static void finish_bucket(struct audit *audit)
{
    struct bucket_seals *all = &audit->bucket_seals;
    for (uint32_t i = 0; i < all->seal_count; i++) {
        struct bucket_seal *seal = &all->seals[i];
        struct hash hash = hash_stream_final(&seal->stream);
        bool is_trusted = seal->last_id < audit->since_id;
        if (seal->seen != seal->count) {
            find(&audit->findings, CHECK_SEALS, seal->seq,
                 "seal %" PRId64 " of bucket %" PRId64 ": covers %s transfers, there are %s",
                 "封印 %" PRId64 "（桶 %" PRId64 "）：应覆盖 %s 笔转账，实有 %s 笔", seal->seq,
                 all->bucket, GROUPED(seal->count), GROUPED(seal->seen));
        } else if (!is_trusted && memcmp(hash.bytes, seal->hash, sizeof seal->hash) != 0) {
            find(&audit->findings, CHECK_SEALS, seal->seq,
                 "seal %" PRId64 " of bucket %" PRId64 ": its hash is not that of its %s transfers"
                 " from %" PRId64,
                 "封印 %" PRId64 "（桶 %" PRId64 "）：哈希与其 %s 笔转账（自 %" PRId64 " 起）不符",
                 seal->seq, all->bucket, GROUPED(seal->count), seal->first_id);
        }
    }
}

void bucket_seals_begin(struct audit *audit)
{
    struct bucket_seals *all = &audit->bucket_seals;
    struct cursor *cursor = reader_stream(audit->reader, "SELECT id FROM ledger_unsealed", 0, 0);
    while (cursor_next(cursor)) {
        all->waiting = array_reserve(all->waiting, &all->waiting_capacity, all->waiting_count,
                                     sizeof *all->waiting);
        all->waiting[all->waiting_count++] = cursor_int(cursor, 0);
    }
    cursor_close(cursor);
    if (all->waiting_count > 1) {
        qsort(all->waiting, all->waiting_count, sizeof *all->waiting, by_number);
    }
    all->cursor = reader_stream(audit->reader,
                                "SELECT bucket, seq, first_id, last_id, transfer_count, hash,"
                                " members FROM ledger_seals ORDER BY bucket, seq",
                                0, 0);
    all->has = cursor_next(all->cursor);
    load_bucket(audit);
}

/* In no seal: then the transfer must be unsealed, and only for a short time. */
static void seals_pg_unsealed(struct audit *audit, const struct row *row)
{
    const struct bucket_seals *all = &audit->bucket_seals;
    bool waits = all->waiting_count > 0 && bsearch(&row->id, all->waiting, all->waiting_count,
                                                   sizeof *all->waiting, by_number) != NULL;
    audit->seals.unsealed++;
    if (!waits) {
        find(&audit->findings, CHECK_SEALS, row->id, "transfer %" PRId64 ": no seal covers it",
             "转账 %" PRId64 "：没有封印覆盖", row->id);
    } else if (id_instant_us(row->id) + WAITING_MAX_US < audit->bank_now_us) {
        find(&audit->findings, CHECK_SEALS, row->id,
             "transfer %" PRId64 ": waits for its seal for more than ten minutes",
             "转账 %" PRId64 "：等待封印已逾十分钟", row->id);
    }
}

void bucket_seals_row(struct audit *audit, const struct row *row)
{
    struct bucket_seals *all = &audit->bucket_seals;
    while (all->bucket < bucket_of(row->id)) {
        finish_bucket(audit);
        load_bucket(audit);
    }
    if (all->bucket != bucket_of(row->id)) {
        seals_pg_unsealed(audit, row);
        return;
    }
    while (all->next < all->member_count && all->members[all->next].id < row->id) {
        all->next++;
    }
    bool is_sealed = false;
    for (; all->next < all->member_count && all->members[all->next].id == row->id; all->next++) {
        struct bucket_seal *seal = &all->seals[all->members[all->next].seal];
        if (is_sealed) {
            find(&audit->findings, CHECK_SEALS, row->id, "transfer %" PRId64 ": is in two seals",
                 "转账 %" PRId64 "：同时在两个封印中", row->id);
        }
        if (seal->last_id >= audit->since_id) {
            seal_bytes_add(&seal->stream, row);
        }
        seal->seen++;
        is_sealed = true;
    }
    if (!is_sealed) {
        seals_pg_unsealed(audit, row);
    }
}

void bucket_seals_end(struct audit *audit)
{
    struct bucket_seals *all = &audit->bucket_seals;
    while (all->bucket < BUCKET_COUNT) {
        finish_bucket(audit);
        load_bucket(audit);
    }
    cursor_close(all->cursor);
    free(all->seals);
    free(all->members);
    free(all->waiting);
}
