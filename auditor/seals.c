/* The chain of seals: each hash covers the one before it and its transfers, every transfer once. */
#include "audit.h"

#include "base/id.h"

#include <inttypes.h>
#include <string.h>

#define TAIL_US      INT64_C(60000000) /* PostgreSQL seals in arrears, within a minute */
#define SEALED_BYTES 64

static void load_next(struct audit *audit)
{
    struct seal_walk *walk = &audit->seals;
    int64_t bucket_before = walk->has ? walk->bucket : -1;
    walk->has = cursor_next(walk->cursor);
    if (!walk->has) {
        return;
    }
    walk->bucket = cursor_int(walk->cursor, 0);
    walk->seq = cursor_int(walk->cursor, 1);
    walk->first_id = cursor_int(walk->cursor, 3);
    walk->last_id = cursor_int(walk->cursor, 4);
    walk->count = cursor_int(walk->cursor, 5);
    size_t size;
    const uint8_t *hash = cursor_blob(walk->cursor, 6, &size);
    memset(walk->hash, 0, sizeof walk->hash);
    if (size == sizeof walk->hash) {
        memcpy(walk->hash, hash, size);
    }
    if (walk->bucket != bucket_before) {
        memset(walk->before, 0, sizeof walk->before);
        walk->previous_seq = walk->previous_last = 0;
    }
    if (walk->seq != walk->previous_seq + 1 || walk->first_id <= walk->previous_last ||
        walk->last_id < walk->first_id) {
        find(&audit->findings, CHECK_SEALS, walk->seq,
             "seal %" PRId64 " of bucket %" PRId64 ": does not follow seal %" PRId64,
             "封印 %" PRId64 "（桶 %" PRId64 "）：未接在封印 %" PRId64 " 之后", walk->seq,
             walk->bucket, walk->previous_seq);
    }
    walk->seen = walk->seen_first = walk->seen_last = 0;
    walk->seal_count++;
    hash_stream_init(&walk->stream);
    hash_stream_add(&walk->stream, walk->before, sizeof walk->before);
}

/* The stored hash goes on as the one before: a bad seal is found once, not in all that follow. */
static void finish(struct audit *audit)
{
    struct seal_walk *walk = &audit->seals;
    bool trusted = walk->last_id < audit->since_id;
    struct hash hash = hash_stream_final(&walk->stream);
    if (walk->seen != walk->count || walk->seen_first != walk->first_id ||
        walk->seen_last != walk->last_id) {
        find(&audit->findings, CHECK_SEALS, walk->seq,
             "seal %" PRId64 " of bucket %" PRId64 ": says %s transfers %" PRId64 "..%" PRId64
             ", there are %s",
             "封印 %" PRId64 "（桶 %" PRId64 "）：记载 %s 笔转账 %" PRId64 "..%" PRId64
             "，实有 %s 笔",
             walk->seq, walk->bucket, GROUPED(walk->count), walk->first_id, walk->last_id,
             GROUPED(walk->seen));
    } else if (!trusted && memcmp(hash.bytes, walk->hash, sizeof walk->hash) != 0) {
        find(&audit->findings, CHECK_SEALS, walk->seq,
             "seal %" PRId64 " of bucket %" PRId64 ": its hash is not that of its %s transfers"
             " from %" PRId64,
             "封印 %" PRId64 "（桶 %" PRId64 "）：哈希与其 %s 笔转账（自 %" PRId64 " 起）不符",
             walk->seq, walk->bucket, GROUPED(walk->count), walk->first_id);
    }
    memcpy(walk->before, walk->hash, sizeof walk->before);
    walk->previous_seq = walk->seq;
    walk->previous_last = walk->last_id;
}

static void put(uint8_t *out, uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

/* docs/LEDGER.md, "sealed bytes": eight little-endian words. */
static void add(struct seal_walk *walk, const struct row *row)
{
    uint8_t bytes[SEALED_BYTES];
    put(bytes, (uint64_t)row->id);
    put(bytes + 8, (uint64_t)row->account[0]);
    put(bytes + 16, (uint64_t)row->account[1]);
    put(bytes + 24, (uint64_t)row->amount);
    put(bytes + 32, (uint64_t)row->recipe << 32 | (uint64_t)row->version << 16 |
                        (uint64_t)row->kind << 8 | (uint64_t)row->leg);
    put(bytes + 40, (uint64_t)row->booking << 32 | (uint32_t)row->value_days);
    put(bytes + 48, (uint64_t)row->ref);
    put(bytes + 56, (uint64_t)row->of);
    hash_stream_add(&walk->stream, bytes, sizeof bytes);
}

static void unsealed(struct audit *audit, const struct row *row, bool is_tail)
{
    audit->seals.unsealed++;
    if (audit->is_pg && is_tail && id_instant_us(row->id) + TAIL_US >= audit->bank_now_us) {
        return;
    }
    find(&audit->findings, CHECK_SEALS, row->id, "transfer %" PRId64 ": no seal covers it",
         "转账 %" PRId64 "：没有封印覆盖", row->id);
}

void seals_begin(struct audit *audit)
{
    audit->seals.cursor =
        reader_stream(audit->reader,
                      "SELECT bucket, seq, sealed_at, first_id, last_id, transfer_count, hash"
                      " FROM ledger_seals ORDER BY bucket, seq",
                      0, 0);
    audit->seals.bucket = -1;
    load_next(audit);
}

void seals_row(struct audit *audit, const struct row *row)
{
    struct seal_walk *walk = &audit->seals;
    int64_t bucket = audit->is_pg ? bucket_of(row->id) : 0;
    while (walk->has &&
           (walk->bucket < bucket || (walk->bucket == bucket && walk->last_id < row->id))) {
        finish(audit);
        load_next(audit);
    }
    bool is_of_chain = walk->has && walk->bucket == bucket;
    if (!is_of_chain || row->id < walk->first_id) {
        unsealed(audit, row, !is_of_chain);
        return;
    }
    if (walk->last_id >= audit->since_id) {
        add(walk, row);
    }
    walk->seen_first = walk->seen ? walk->seen_first : row->id;
    walk->seen_last = row->id;
    walk->seen++;
}

void seals_end(struct audit *audit)
{
    struct seal_walk *walk = &audit->seals;
    while (walk->has) {
        finish(audit);
        load_next(audit);
    }
    cursor_close(walk->cursor);
    summarise(&audit->findings, CHECK_SEALS, "%s transfers in %s seals, %s not sealed yet",
              "%s 笔转账，%s 个封印，%s 笔尚未封印", GROUPED(audit->transfer_count),
              GROUPED(walk->seal_count), GROUPED(walk->unsealed));
}
