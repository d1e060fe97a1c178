/* Confirmation of payee: is the name that the payer typed the name of the phone's owner? */
#include "payment/payee.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#define NAME_MAX_UNITS   512
#define NAME_TOKENS_MAX  16
#define CLOSE_LENGTH_MIN 3

/* A name folded to what counts: code points of its letters and digits, and where its parts begin.
 */
struct folded {
    UChar32 points[NAME_MAX_UNITS];
    int size;
    int starts[NAME_TOKENS_MAX + 1]; /* of the parts, then the end */
    int parts;
};

/* Spaces, hyphens, apostrophes and the dots between the parts of a name. */
static bool is_gap(UChar32 c)
{
    if (u_isUWhiteSpace(c)) {
        return true;
    }
    int8_t type = u_charType(c);
    return type == U_DASH_PUNCTUATION || type == U_OTHER_PUNCTUATION ||
           type == U_CONNECTOR_PUNCTUATION || type == U_INITIAL_PUNCTUATION ||
           type == U_FINAL_PUNCTUATION || type == U_MODIFIER_SYMBOL;
}

/* NFKC with case folding, gaps dropped. False where the text is no UTF-8 or too long. */
static bool fold(const char *text, struct folded *out)
{
    UChar raw[NAME_MAX_UNITS], folded[NAME_MAX_UNITS];
    int32_t raw_size = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(raw, NAME_MAX_UNITS, &raw_size, text, -1, &status);
    const UNormalizer2 *normalizer = unorm2_getNFKCCasefoldInstance(&status);
    if (U_FAILURE(status)) {
        return false;
    }
    int32_t size = unorm2_normalize(normalizer, raw, raw_size, folded, NAME_MAX_UNITS, &status);
    UChar32 points[NAME_MAX_UNITS];
    int32_t count = 0;
    u_strToUTF32(points, NAME_MAX_UNITS, &count, folded, size, &status);
    if (U_FAILURE(status)) {
        return false;
    }
    out->size = 0;
    out->parts = 0;
    bool in_part = false;
    for (int32_t i = 0; i < count; i++) {
        if (is_gap(points[i])) {
            in_part = false;
            continue;
        }
        if (!in_part && out->parts < NAME_TOKENS_MAX) {
            out->starts[out->parts++] = out->size;
        }
        in_part = true;
        out->points[out->size++] = points[i];
    }
    out->starts[out->parts] = out->size;
    return true;
}

static bool points_equal(const UChar32 *a, const UChar32 *b, int size)
{
    return memcmp(a, b, (size_t)size * sizeof *a) == 0;
}

/* The same parts in any order: "SMITH JOHN" and "John Smith". */
static bool same_parts(const struct folded *a, const struct folded *b)
{
    if (a->parts < 2 || a->parts != b->parts || a->size != b->size) {
        return false;
    }
    bool taken[NAME_TOKENS_MAX] = {false};
    for (int i = 0; i < a->parts; i++) {
        int size = a->starts[i + 1] - a->starts[i];
        int found = -1;
        for (int k = 0; k < b->parts && found < 0; k++) {
            if (!taken[k] && b->starts[k + 1] - b->starts[k] == size &&
                points_equal(a->points + a->starts[i], b->points + b->starts[k], size)) {
                found = k;
            }
        }
        if (found < 0) {
            return false;
        }
        taken[found] = true;
    }
    return true;
}

/* One letter replaced, missing, too many, or two neighbours swapped. */
static bool one_edit_apart(const struct folded *a, const struct folded *b)
{
    const struct folded *shorter = a->size <= b->size ? a : b;
    const struct folded *longer = a->size <= b->size ? b : a;
    int gap = longer->size - shorter->size;
    if (gap > 1 || shorter->size < CLOSE_LENGTH_MIN) {
        return false;
    }
    int at = 0;
    while (at < shorter->size && shorter->points[at] == longer->points[at]) {
        at++;
    }
    int rest = shorter->size - at;
    if (gap == 1) {
        return points_equal(shorter->points + at, longer->points + at + 1, rest);
    }
    if (rest <= 1 || points_equal(shorter->points + at + 1, longer->points + at + 1, rest - 1)) {
        return true;
    }
    return shorter->points[at] == longer->points[at + 1] &&
           shorter->points[at + 1] == longer->points[at] &&
           points_equal(shorter->points + at + 2, longer->points + at + 2, rest - 2);
}

enum payee_match payee_compare(const char *typed, const char *real)
{
    struct folded a, b;
    if (!fold(typed, &a) || !fold(real, &b) || a.size == 0 || b.size == 0) {
        return PAYEE_NO_MATCH;
    }
    if (a.size == b.size && points_equal(a.points, b.points, a.size)) {
        return PAYEE_MATCH;
    }
    return same_parts(&a, &b) || one_edit_apart(&a, &b) ? PAYEE_CLOSE_MATCH : PAYEE_NO_MATCH;
}

const char *payee_match_name(enum payee_match match)
{
    switch (match) {
    case PAYEE_MATCH:
        return "match";
    case PAYEE_CLOSE_MATCH:
        return "closeMatch";
    case PAYEE_NO_MATCH:
        return "noMatch";
    case PAYEE_UNKNOWN:
        break;
    }
    return "unknownPayee";
}

enum err payee_find(const struct customer_room *room, struct db_conn *conn, const char *phone,
                    struct customer *out_customer, struct account *out_account)
{
    struct customer_phone parsed;
    struct customer_id id;
    enum err err = customer_phone_parse(room, phone, &parsed);
    if (err != ERR_OK || (err = customer_by_phone(conn, &parsed, &id)) != ERR_OK ||
        (err = customer_load(room, conn, id, out_customer)) != ERR_OK) {
        return err;
    }
    if (out_customer->state != CUSTOMER_ACTIVE || out_customer->name[0] == '\0') {
        return ERR_NOT_FOUND;
    }
    return account_receiving(conn, id, out_account);
}

enum err payee_check(const struct customer_room *room, struct db_conn *conn, const char *phone,
                     const char *name, struct payee_check *out)
{
    struct customer customer;
    struct account account;
    enum err err = payee_find(room, conn, phone, &customer, &account);
    if (err == ERR_NOT_FOUND) {
        *out = (struct payee_check){.result = PAYEE_UNKNOWN};
        return ERR_OK;
    }
    if (err != ERR_OK) {
        return err;
    }
    *out =
        (struct payee_check){.result = name ? payee_compare(name, customer.name) : PAYEE_NO_MATCH};
    customer_mask_name(customer.name, out->masked_name);
    if (out->result == PAYEE_CLOSE_MATCH) {
        memcpy(out->suggested_name, customer.name, sizeof out->suggested_name);
    }
    return ERR_OK;
}
