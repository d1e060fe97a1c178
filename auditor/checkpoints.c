/* Balance chunks of the embedded engine: each compared with the books after its transfer. */
#include "audit.h"

#include <inttypes.h>
#include <string.h>

#define WORDS 7

static int64_t word_at(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) {
        value = value << 8 | bytes[i];
    }
    return (int64_t)value;
}

static void add_word(struct hash_stream *stream, int64_t value)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)((uint64_t)value >> (8 * i));
    }
    hash_stream_add(stream, bytes, sizeof bytes);
}

void checkpoints_begin(struct audit *audit)
{
    int64_t wanted = ((int64_t)audit->slot_count + CHUNK_ACCOUNTS - 1) / CHUNK_ACCOUNTS;
    struct cursor *cursor = reader_stream(
        audit->reader, "SELECT chunk, as_of_id FROM ledger_balance_chunks ORDER BY as_of_id, chunk",
        0, 0);
    while (cursor_next(cursor)) {
        audit->chunks = array_reserve(audit->chunks, &audit->chunk_capacity, audit->chunk_count,
                                      sizeof *audit->chunks);
        audit->chunks[audit->chunk_count++] =
            (struct chunk){cursor_int(cursor, 0), cursor_int(cursor, 1)};
    }
    cursor_close(cursor);
    if (audit->chunk_count != wanted) {
        find(&audit->findings, CHECK_CHECKPOINTS, 0, "%u chunks for %u accounts, expected %" PRId64,
             "%u 个检查点对应 %u 个账户，应为 %" PRId64 " 个", audit->chunk_count,
             audit->slot_count, wanted);
    }
}

static void check_state(struct audit *audit, const struct chunk *chunk, int64_t place,
                        const uint8_t *state)
{
    int64_t slot = chunk->chunk * CHUNK_ACCOUNTS + place;
    uint32_t number =
        slot >= 0 && slot < (int64_t)audit->slot_count ? audit->slots[slot] : MAP_NONE;
    if (number == MAP_NONE) {
        if (state != NULL) {
            find(&audit->findings, CHECK_CHECKPOINTS, chunk->chunk,
                 "chunk %" PRId64 ": place %" PRId64 " holds no account",
                 "检查点 %" PRId64 "：第 %" PRId64 " 位没有账户", chunk->chunk, place);
        }
        return;
    }
    const struct book *book = &audit->books[number];
    const int64_t expected[WORDS] = {book->id,         book->posted[0],  book->posted[1],
                                     book->pending[0], book->pending[1], book->newest_id,
                                     book->count};
    for (int i = 0; i < WORDS; i++) {
        int64_t written = state ? word_at(state + 8 * i) : i ? 0 : book->id;
        if (written != expected[i]) {
            find(&audit->findings, CHECK_CHECKPOINTS, chunk->chunk,
                 "chunk %" PRId64 " as of %" PRId64 ": account %" PRId64 " word %d is %" PRId64
                 ", expected %" PRId64,
                 "检查点 %" PRId64 "（截至 %" PRId64 "）：账户 %" PRId64 " 第 %d 项为 %" PRId64
                 "，应为 %" PRId64,
                 chunk->chunk, chunk->as_of, book->id, i, written, expected[i]);
            return;
        }
    }
}

static void check_chunk(struct audit *audit, const struct chunk *chunk)
{
    struct cursor *cursor = reader_look(
        audit->reader, "SELECT checksum, states FROM ledger_balance_chunks WHERE chunk = $1",
        chunk->chunk, 0);
    uint8_t checksum[HASH_SIZE] = {0};
    if (cursor_next(cursor)) {
        size_t size;
        const uint8_t *bytes = cursor_blob(cursor, 0, &size);
        memcpy(checksum, bytes, size < sizeof checksum ? size : sizeof checksum);
        bytes = cursor_blob(cursor, 1, &size);
        struct hash_stream stream;
        hash_stream_init(&stream);
        add_word(&stream, chunk->chunk);
        add_word(&stream, chunk->as_of);
        hash_stream_add(&stream, bytes, size);
        struct hash hash = hash_stream_final(&stream);
        if (memcmp(hash.bytes, checksum, sizeof checksum) != 0 || size % (8 * WORDS) != 0) {
            find(&audit->findings, CHECK_CHECKPOINTS, chunk->chunk,
                 "chunk %" PRId64 ": its checksum is not that of its content",
                 "检查点 %" PRId64 "：校验和与内容不符", chunk->chunk);
        }
        for (int64_t i = 0; i < CHUNK_ACCOUNTS; i++) {
            bool is_there = (size_t)(i + 1) * 8 * WORDS <= size;
            check_state(audit, chunk, i, is_there ? bytes + i * 8 * WORDS : NULL);
        }
    }
    cursor_close(cursor);
}

void checkpoints_before(struct audit *audit, int64_t id)
{
    while (audit->chunk_next < audit->chunk_count && audit->chunks[audit->chunk_next].as_of < id) {
        check_chunk(audit, &audit->chunks[audit->chunk_next++]);
    }
}

void checkpoints_end(struct audit *audit)
{
    checkpoints_before(audit, audit->previous.id + 1);
    for (; audit->chunk_next < audit->chunk_count; audit->chunk_next++) {
        const struct chunk *chunk = &audit->chunks[audit->chunk_next];
        find(&audit->findings, CHECK_CHECKPOINTS, chunk->chunk,
             "chunk %" PRId64 ": stands at transfer %" PRId64 ", newer than the newest, %" PRId64,
             "检查点 %" PRId64 "：截至转账 %" PRId64 "，晚于最新一笔 %" PRId64, chunk->chunk,
             chunk->as_of, audit->previous.id);
    }
    summarise(&audit->findings, CHECK_CHECKPOINTS, "%s chunks as of their transfers",
              "%s 个检查点与当时账目一致", GROUPED(audit->chunk_count));
}
