/* The staff's audit log: every entry's hash covers its fields and the previous hash. */
#include "audit.h"

#include <inttypes.h>
#include <string.h>

static void add_number(struct hash_stream *stream, uint64_t number, int size)
{
    uint8_t bytes[8];
    for (int i = 0; i < size; i++) {
        bytes[size - 1 - i] = (uint8_t)(number >> (8 * i));
    }
    hash_stream_add(stream, bytes, (size_t)size);
}

static void read_hash(struct cursor *cursor, int column, uint8_t out[HASH_SIZE])
{
    size_t size;
    const uint8_t *bytes = cursor_blob(cursor, column, &size);
    memset(out, 0, HASH_SIZE);
    if (size == HASH_SIZE) {
        memcpy(out, bytes, size);
    }
}

static struct hash hash_entry(struct cursor *cursor, const uint8_t before[HASH_SIZE])
{
    struct hash_stream stream;
    hash_stream_init(&stream);
    hash_stream_add(&stream, before, HASH_SIZE);
    for (int column = 0; column < 3; column++) {
        add_number(&stream, (uint64_t)cursor_int(cursor, column), 8);
    }
    for (int column = 3; column < 6; column++) {
        const char *text = cursor_text(cursor, column);
        add_number(&stream, strlen(text), 4);
        hash_stream_add(&stream, text, strlen(text));
    }
    return hash_stream_final(&stream);
}

void staff_check(struct audit *audit)
{
    uint8_t before[HASH_SIZE] = {0};
    int64_t expected = 1, newest = 0;
    struct cursor *cursor = reader_stream(
        audit->reader,
        "SELECT sequence, at, staff_id, action, object, detail, prev_hash, hash FROM staff_audit"
        " WHERE bucket = 0 ORDER BY sequence",
        0, 0);
    while (cursor_next(cursor)) {
        uint8_t previous[HASH_SIZE], stored[HASH_SIZE];
        newest = cursor_int(cursor, 0);
        read_hash(cursor, 6, previous);
        struct hash hash = hash_entry(cursor, before);
        read_hash(cursor, 7, stored);
        if (newest != expected || memcmp(previous, before, HASH_SIZE) != 0 ||
            memcmp(hash.bytes, stored, HASH_SIZE) != 0) {
            find(&audit->findings, CHECK_STAFF, newest,
                 "entry %" PRId64 " (expected %" PRId64 "): its hash is not that of its fields",
                 "第 %" PRId64 " 条（应为第 %" PRId64 " 条）：哈希与内容不符", newest, expected);
        }
        memcpy(before, stored, HASH_SIZE);
        expected = newest + 1;
    }
    cursor_close(cursor);
    cursor = reader_stream(audit->reader,
                           "SELECT sequence, hash FROM staff_audit_head WHERE bucket = 0", 0, 0);
    int64_t head = 0;
    uint8_t hash[HASH_SIZE] = {0};
    if (cursor_next(cursor)) {
        head = cursor_int(cursor, 0);
        read_hash(cursor, 1, hash);
    }
    cursor_close(cursor);
    if (head != newest || memcmp(hash, before, HASH_SIZE) != 0) {
        find(&audit->findings, CHECK_STAFF, head,
             "the log ends at entry %" PRId64 ", its head says %" PRId64,
             "日志止于第 %" PRId64 " 条，头部记载为第 %" PRId64 " 条", newest, head);
    }
    summarise(&audit->findings, CHECK_STAFF, "%s entries in a chain", "%s 条连成一链",
              GROUPED(newest));
}
