/*
 * A growing text or byte buffer with a named maximum, and the few text functions that C lacks.
 * A buffer that exceeds its maximum, or runs out of memory, sets `failed` for good: one check
 * at the end is enough. The buffer always ends in a NUL that size does not count.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    char *bytes;
    size_t size;
    size_t capacity;
    size_t max;
    bool failed;
};

void str_init(struct str *str, size_t max);
void str_release(struct str *str);
void str_clear(struct str *str);
void str_append(struct str *str, const char *text);
void str_append_bytes(struct str *str, const void *bytes, size_t size);
void str_append_char(struct str *str, char c);
void str_append_int(struct str *str, int64_t value);
void str_printf(struct str *str, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As a JSON string with its quotes; control characters escaped. Text must be UTF-8. */
void str_append_json(struct str *str, const char *text);
/* As one RFC 4180 field, quoted where needed. */
void str_append_csv(struct str *str, const char *text);

bool str_is_utf8(const char *bytes, size_t size);
/* Code points of valid UTF-8 text. */
size_t str_length_utf8(const char *text);
/* The whole text is a decimal int64_t; false otherwise (also on overflow). */
bool str_to_int(const char *text, int64_t *out);
void str_to_hex(const uint8_t *bytes, size_t size, char *out); /* out: 2*size+1 */
bool str_from_hex(const char *hex, uint8_t *out, size_t size); /* exactly 2*size digits */

#endif
