/* The hash of an audit entry. Pure. */
#include "staff/audit_rules.h"

#include "base/hash.h"

#include <string.h>

static void add_number(struct hash_stream *stream, uint64_t number, int size)
{
    uint8_t bytes[8];
    for (int i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(number >> (8 * (size - 1 - i)));
    }
    hash_stream_add(stream, bytes, (size_t)size);
}

static void add_text(struct hash_stream *stream, const char *text)
{
    size_t size = strlen(text);
    add_number(stream, size, 4);
    hash_stream_add(stream, text, size);
}

void audit_hash(const uint8_t previous[32], const struct audit_entry *entry, uint8_t out[32])
{
    struct hash_stream stream;
    hash_stream_init(&stream);
    hash_stream_add(&stream, previous, 32);
    add_number(&stream, (uint64_t)entry->sequence, 8);
    add_number(&stream, (uint64_t)entry->at, 8);
    add_number(&stream, (uint64_t)entry->staff.value, 8);
    add_text(&stream, entry->action);
    add_text(&stream, entry->object);
    add_text(&stream, entry->detail);
    struct hash hash = hash_stream_final(&stream);
    memcpy(out, hash.bytes, sizeof(hash.bytes));
}

void audit_copy_text(const char *text, char *out, size_t capacity)
{
    size_t size = strlen(text);
    if (size >= capacity) {
        size = capacity - 1;
        while (size > 0 && ((uint8_t)text[size] & 0xC0) == 0x80) {
            size--;
        }
    }
    memcpy(out, text, size);
    out[size] = '\0';
}
