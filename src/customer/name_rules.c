/* Names of persons and devices, and what is shown of them and of numbers. Pure. */
#include "base/check.h"
#include "base/str.h"
#include "customer/customer_rules.h"

#include <stdio.h>
#include <string.h>

#define NAME_LENGTH_MIN   2
#define NAME_LENGTH_MAX   50
#define DEVICE_LENGTH_MAX 40
#define MIDDLE_DOT        0xB7U

/* The next code point of valid UTF-8; 0 at the end. */
static uint32_t next_point(const char **text)
{
    const uint8_t *at = (const uint8_t *)*text;
    if (!at[0]) {
        return 0;
    }
    int more = at[0] < 0x80 ? 0 : at[0] < 0xE0 ? 1 : at[0] < 0xF0 ? 2 : 3;
    static const uint8_t masks[] = {0x7F, 0x1F, 0x0F, 0x07};
    uint32_t point = at[0] & masks[more];
    for (int i = 1; i <= more; i++) {
        point = point << 6 | (at[i] & 0x3F);
    }
    *text += more + 1;
    return point;
}

static bool is_chinese(uint32_t point)
{
    return (point >= 0x4E00 && point <= 0x9FFF) || (point >= 0x3400 && point <= 0x4DBF) ||
           (point >= 0x20000 && point <= 0x323AF) || point == 0x3007;
}

static bool is_latin(uint32_t point)
{
    return (point >= 'A' && point <= 'Z') || (point >= 'a' && point <= 'z') ||
           (point >= 0xC0 && point <= 0x24F && point != 0xD7 && point != 0xF7) ||
           (point >= 0x1E00 && point <= 0x1EFF);
}

/* Dots that keyboards offer for the one of GB 18030 names. */
static bool is_dot(uint32_t point)
{
    return point == MIDDLE_DOT || point == 0x2022 || point == 0x2027 || point == 0x30FB ||
           point == 0xFF0E;
}

static bool is_latin_joint(uint32_t point)
{
    return point == ' ' || point == '-' || point == '\'' || point == '.' || point == 0x2019;
}

enum err name_parse(const char *text, char out[CUSTOMER_NAME_SIZE])
{
    size_t size = strlen(text);
    if (!str_is_utf8(text, size)) {
        return ERR_INVALID_FIELD;
    }
    while (size > 0 && text[size - 1] == ' ') {
        size--;
    }
    const char *end = text + size;
    while (text < end && *text == ' ') {
        text++;
    }
    bool has_chinese = false, has_latin = false, after_joint = true;
    size_t length = 0, used = 0;
    while (text < end) {
        const char *from = text;
        uint32_t point = next_point(&text);
        bool is_letter = is_chinese(point) || is_latin(point);
        has_chinese = has_chinese || is_chinese(point);
        has_latin = has_latin || is_latin(point);
        bool is_joint = (has_chinese && is_dot(point)) || (has_latin && is_latin_joint(point));
        /* "Mary-J. O'Neil": a point may be followed by a joint, nothing else may double. */
        bool doubles = after_joint && !(used > 0 && out[used - 1] == '.' && point != '.');
        if ((!is_letter && !is_joint) || (is_joint && doubles) || ++length > NAME_LENGTH_MAX) {
            return ERR_INVALID_FIELD;
        }
        size_t piece = (size_t)(text - from);
        memcpy(out + used, is_dot(point) ? "·" : from, is_dot(point) ? 2 : piece);
        used += is_dot(point) ? 2 : piece;
        after_joint = is_joint;
    }
    out[used] = '\0';
    bool ends_well = used > 0 && (!after_joint || out[used - 1] == '.');
    return length >= NAME_LENGTH_MIN && ends_well && has_chinese != has_latin ? ERR_OK
                                                                              : ERR_INVALID_FIELD;
}

void name_clean_device(const char *text, char out[DEVICE_NAME_SIZE])
{
    size_t used = 0;
    size_t length = 0;
    if (str_is_utf8(text, strlen(text))) {
        while (*text && length < DEVICE_LENGTH_MAX) {
            const char *from = text;
            uint32_t point = next_point(&text);
            size_t piece = (size_t)(text - from);
            if (used + piece >= DEVICE_NAME_SIZE) {
                break;
            }
            bool is_control = point < 0x20 || (point >= 0x7F && point < 0xA0);
            memcpy(out + used, is_control ? " " : from, is_control ? 1 : piece);
            used += is_control ? 1 : piece;
            length++;
        }
    }
    if (used == 0) {
        out[used++] = '?';
    }
    out[used] = '\0';
}

void customer_mask_name(const char *name, char out[CUSTOMER_NAME_SIZE])
{
    size_t used = 0;
    bool at_start = true;
    while (*name && used + 5 < CUSTOMER_NAME_SIZE) {
        const char *from = name;
        uint32_t point = next_point(&name);
        bool is_kept = at_start || is_latin_joint(point) || is_dot(point);
        size_t piece = (size_t)(name - from);
        memcpy(out + used, is_kept ? from : "*", is_kept ? piece : 1);
        used += is_kept ? piece : 1;
        at_start = point == ' '; /* the first letter of each Latin part, of a Chinese name one */
    }
    out[used] = '\0';
}

void phone_mask(const char *phone, char out[PHONE_TEXT_SIZE])
{
    size_t size = strlen(phone);
    CHECK(size < PHONE_TEXT_SIZE);
    memcpy(out, phone, size + 1);
    /* "+86138****0000": the four before the last four. */
    for (size_t i = size > 8 ? size - 8 : 0; i + 4 < size; i++) {
        out[i] = '*';
    }
}

void name_mask_id_number(const char *id_number, char out[ID_NUMBER_SIZE])
{
    size_t size = strlen(id_number);
    CHECK(size < ID_NUMBER_SIZE);
    memcpy(out, id_number, size + 1);
    for (size_t i = 2; i + 2 < size; i++) {
        out[i] = '*';
    }
}
