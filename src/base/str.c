#include "str.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STR_CAPACITY_MIN 64

/* An empty buffer points here, so that `bytes` is always a valid text. */
static char empty_text[1];

void str_init(struct str *str, size_t max)
{
    CHECK(max < SIZE_MAX);
    *str = (struct str){.bytes = empty_text, .max = max};
}

void str_release(struct str *str)
{
    if (str->capacity > 0) {
        free(str->bytes);
    }
    *str = (struct str){.bytes = empty_text, .max = str->max};
}

void str_clear(struct str *str)
{
    str->size = 0;
    str->failed = false;
    if (str->capacity > 0) {
        str->bytes[0] = '\0';
    }
}

/* Room for `size` more bytes and the NUL; without it false, and `failed` from then on. */
static bool str_reserve(struct str *str, size_t size)
{
    if (str->failed) {
        return false;
    }
    if (size > str->max - str->size) {
        str->failed = true;
        return false;
    }
    size_t needed = str->size + size + 1;
    if (needed <= str->capacity) {
        return true;
    }
    size_t doubled = str->capacity > SIZE_MAX / 2 ? SIZE_MAX : str->capacity * 2;
    size_t capacity = doubled < STR_CAPACITY_MIN ? STR_CAPACITY_MIN : doubled;
    capacity = capacity > str->max ? str->max + 1 : capacity;
    capacity = capacity < needed ? needed : capacity;
    char *bytes = realloc(str->capacity > 0 ? str->bytes : NULL, capacity);
    if (bytes == NULL) {
        str->failed = true;
        return false;
    }
    str->bytes = bytes;
    str->capacity = capacity;
    return true;
}

void str_append_bytes(struct str *str, const void *bytes, size_t size)
{
    if (size == 0 || !str_reserve(str, size)) {
        return;
    }
    memcpy(str->bytes + str->size, bytes, size);
    str->size += size;
    str->bytes[str->size] = '\0';
}

void str_append(struct str *str, const char *text)
{
    str_append_bytes(str, text, strlen(text));
}

void str_append_char(struct str *str, char c)
{
    str_append_bytes(str, &c, 1);
}

void str_append_int(struct str *str, int64_t value)
{
    char digits[20];
    size_t first = sizeof digits;
    uint64_t rest = value < 0 ? UINT64_C(0) - (uint64_t)value : (uint64_t)value;

    do {
        digits[--first] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (value < 0) {
        digits[--first] = '-';
    }
    str_append_bytes(str, digits + first, sizeof digits - first);
}

void str_printf(struct str *str, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (size < 0) {
        str->failed = true;
        return;
    }
    if (!str_reserve(str, (size_t)size)) {
        return;
    }
    va_start(args, format);
    vsnprintf(str->bytes + str->size, (size_t)size + 1, format, args);
    va_end(args);
    str->size += (size_t)size;
}

/* Bytes of the UTF-8 sequence at the start (RFC 3629: shortest form, no surrogates, at most U+10FFFF);
 * 0 if there is none. */
static size_t utf8_sequence(const unsigned char *bytes, size_t size)
{
    unsigned char first = bytes[0];
    unsigned char second_min = 0x80;
    unsigned char second_max = 0xbf;
    size_t length;

    if (first < 0x80) {
        return 1;
    } else if (first >= 0xc2 && first <= 0xdf) {
        length = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
        length = 3;
        second_min = first == 0xe0 ? 0xa0 : 0x80;
        second_max = first == 0xed ? 0x9f : 0xbf;
    } else if (first >= 0xf0 && first <= 0xf4) {
        length = 4;
        second_min = first == 0xf0 ? 0x90 : 0x80;
        second_max = first == 0xf4 ? 0x8f : 0xbf;
    } else {
        return 0;
    }
    if (size < length || bytes[1] < second_min || bytes[1] > second_max) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

static void append_json_char(struct str *str, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    switch (c) {
    case '"':
        str_append(str, "\\\"");
        break;
    case '\\':
        str_append(str, "\\\\");
        break;
    case '\n':
        str_append(str, "\\n");
        break;
    case '\r':
        str_append(str, "\\r");
        break;
    case '\t':
        str_append(str, "\\t");
        break;
    default:
        str_append(str, "\\u00");
        str_append_char(str, hex[c >> 4]);
        str_append_char(str, hex[c & 15]);
        break;
    }
}

void str_append_json(struct str *str, const char *text)
{
    size_t left = strlen(text);
    str_append_char(str, '"');
    while (left > 0) {
        unsigned char c = (unsigned char)*text;
        size_t length = utf8_sequence((const unsigned char *)text, left);
        if (length == 0) {
            /* a stray byte must not make the whole answer unreadable */
            str_append(str, "\xef\xbf\xbd");
            length = 1;
        } else if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f) {
            append_json_char(str, c);
        } else {
            str_append_bytes(str, text, length);
        }
        text += length;
        left -= length;
    }
    str_append_char(str, '"');
}

void str_append_csv(struct str *str, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        str_append(str, text);
        return;
    }
    str_append_char(str, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            str_append_char(str, '"');
        }
        str_append_char(str, *text);
    }
    str_append_char(str, '"');
}

bool str_is_utf8(const char *bytes, size_t size)
{
    const unsigned char *at = (const unsigned char *)bytes;
    while (size > 0) {
        size_t length = utf8_sequence(at, size);
        if (length == 0) {
            return false;
        }
        at += length;
        size -= length;
    }
    return true;
}

size_t str_length_utf8(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += ((unsigned char)*text & 0xc0) != 0x80 ? 1 : 0;
    }
    return count;
}

bool str_to_int(const char *text, int64_t *out)
{
    bool is_negative = *text == '-';
    int64_t negative = 0;

    text += is_negative ? 1 : 0;
    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' ||
            __builtin_mul_overflow(negative, INT64_C(10), &negative) ||
            __builtin_sub_overflow(negative, (int64_t)(*text - '0'), &negative)) {
            return false;
        }
    }
    if (!is_negative && negative == INT64_MIN) {
        return false;
    }
    *out = is_negative ? negative : -negative;
    return true;
}

void str_to_hex(const uint8_t *bytes, size_t size, char *out)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        *out++ = hex[bytes[i] >> 4];
        *out++ = hex[bytes[i] & 15];
    }
    *out = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool str_from_hex(const char *hex, uint8_t *out, size_t size)
{
    if (strlen(hex) != 2 * size) {
        return false;
    }
    for (size_t i = 0; i < 2 * size; i++) {
        if (hex_value(hex[i]) < 0) {
            return false;
        }
    }
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(hex_value(hex[2 * i]) * 16 + hex_value(hex[2 * i + 1]));
    }
    return true;
}
