/* Names of persons and devices, and what is shown of them and of numbers. Pure. */
#include "base/check.h"
#include "base/str.h"
#include "base/text.h"
#include "customer/customer_rules.h"

#include <stdio.h>
#include <string.h>

#define DEVICE_LENGTH_MAX 40

static bool is_joint(uint32_t point)
{
    enum text_kind kind = text_kind_of(point);
    return kind == TEXT_DOT || kind == TEXT_DASH || kind == TEXT_SPACE || point == '\'';
}

void name_clean_device(const char *text, char out[DEVICE_NAME_SIZE])
{
    size_t used = 0;
    size_t length = 0;
    if (str_is_utf8(text, strlen(text))) {
        while (*text && length < DEVICE_LENGTH_MAX) {
            char piece[5] = "";
            size_t size = text_put(text_next(&text), piece);
            if (used + size >= DEVICE_NAME_SIZE) {
                break;
            }
            bool is_taken = text_refused(piece) == TEXT_ALL_TAKEN;
            memcpy(out + used, is_taken ? piece : " ", is_taken ? size : 1);
            used += is_taken ? size : 1;
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
        uint32_t point = text_next(&name);
        bool is_kept = at_start || is_joint(point);
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
