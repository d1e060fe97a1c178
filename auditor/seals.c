/* The chain of seals: each hash covers the previous one and its transfers, every transfer once. */
#include "audit.h"

#include <inttypes.h>
#include <string.h>

#define SEALED_BYTES 80

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

/* The stored hash is used as the previous one: a bad seal is reported once, not in all that
 * follow. */
static void seals_do_finish(struct audit *audit)
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

static void seals_put(uint8_t *out, uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

/* docs/LEDGER.md, "Seals": eight little-endian words, then the order hash. */
void seal_bytes_add(struct hash_stream *stream, const struct row *row)
{
    uint8_t bytes[SEALED_BYTES] = {0};
    seals_put(bytes, (uint64_t)row->id);
    seals_put(bytes + 8, (uint64_t)row->account[0]);
    seals_put(bytes + 16, (uint64_t)row->account[1]);
    seals_put(bytes + 24, (uint64_t)row->amount);
    seals_put(bytes + 32, (uint64_t)row->recipe << 32 | (uint64_t)row->version << 16 |
                              (uint64_t)row->kind << 8 | (uint64_t)row->leg);
    seals_put(bytes + 40, (uint64_t)row->booking << 32 | (uint32_t)row->value_days);
    seals_put(bytes + 48, (uint64_t)row->ref);
    seals_put(bytes + 56, (uint64_t)row->of);
    if (row->order_size == ORDER_SIZE) {
        memcpy(bytes + 64, row->order, ORDER_SIZE);
    }
    hash_stream_add(stream, bytes, sizeof bytes);
}

static void seals_unsealed(struct audit *audit, const struct row *row)
{
    audit->seals.unsealed++;
    find(&audit->findings, CHECK_SEALS, row->id, "transfer %" PRId64 ": no seal covers it",
         "转账 %" PRId64 "：没有封印覆盖", row->id);
}

void seals_begin(struct audit *audit)
{
    if (audit->is_pg) {
        bucket_seals_begin(audit);
        return;
    }
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
    if (audit->is_pg) {
        bucket_seals_row(audit, row);
        return;
    }
    while (walk->has && walk->last_id < row->id) {
        seals_do_finish(audit);
        load_next(audit);
    }
    if (!walk->has || row->id < walk->first_id) {
        seals_unsealed(audit, row);
        return;
    }
    if (walk->last_id >= audit->since_id) {
        seal_bytes_add(&walk->stream, row);
    }
    walk->seen_first = walk->seen ? walk->seen_first : row->id;
    walk->seen_last = row->id;
    walk->seen++;
}

void seals_end(struct audit *audit)
{
    struct seal_walk *walk = &audit->seals;
    if (audit->is_pg) {
        bucket_seals_end(audit);
    }
    while (walk->has) {
        seals_do_finish(audit);
        load_next(audit);
    }
    if (walk->cursor != NULL) {
        cursor_close(walk->cursor);
    }
    summarise(&audit->findings, CHECK_SEALS, "%s transfers in %s seals, %s not sealed yet",
              "%s 笔转账，%s 个封印，%s 笔尚未封印", GROUPED(audit->transfer_count),
              GROUPED(walk->seal_count), GROUPED(walk->unsealed));
}
