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

/* First trip: the payer, and who has the phone. */
static enum err find_people(struct db_conn *conn, struct customer_id payer,
                            const struct customer_phone *phone, struct payee_search *out,
                            struct customer_id *out_payee)
{
    enum err err = db_batch_begin(conn);
    if (err != ERR_OK) {
        return err;
    }
    if (payer.value != 0) {
        err = customer_party_queue(conn, payer);
    }
    if (err == ERR_OK && phone != NULL) {
        err = customer_by_phone_queue(conn, phone);
    }
    if (err == ERR_OK && payer.value != 0) {
        err = customer_party_read(conn, &out->payer);
    }
    if (err == ERR_OK && phone != NULL) {
        err = customer_by_phone_read(conn, out_payee);
        out->err = err == ERR_NOT_FOUND ? err : out->err;
        err = err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    enum err ended = db_batch_end(conn);
    return err != ERR_OK ? err : ended;
}

/* Second: the payee and the account that receives. */
static enum err find_account(struct db_conn *conn, struct customer_id id, struct payee_search *out)
{
    enum err err = db_batch_begin(conn);
    if (err != ERR_OK) {
        return err;
    }
    err = customer_party_queue(conn, id);
    if (err == ERR_OK) {
        err = account_receiving_queue(conn, id);
    }
    if (err == ERR_OK) {
        err = customer_party_read(conn, &out->payee);
    }
    if (err == ERR_OK) {
        err = account_receiving_read(conn, &out->account);
    }
    bool is_able = err == ERR_OK && out->payee.state == CUSTOMER_ACTIVE && out->payee.name[0];
    out->err = err == ERR_NOT_FOUND || (err == ERR_OK && !is_able) ? ERR_NOT_FOUND : ERR_OK;
    enum err ended = db_batch_end(conn);
    return err != ERR_OK && err != ERR_NOT_FOUND ? err : ended;
}

enum err payee_find(const struct customer_room *room, struct db_conn *conn,
                    struct customer_id payer, const char *phone, struct payee_search *out)
{
    struct customer_phone parsed;
    struct customer_id payee = {0};
    *out = (struct payee_search){.err = customer_phone_parse(room, phone, &parsed)};
    enum err err = find_people(conn, payer, out->err == ERR_OK ? &parsed : NULL, out, &payee);
    return err != ERR_OK || out->err != ERR_OK ? err : find_account(conn, payee, out);
}

enum err payee_find_number(struct db_conn *conn, struct customer_id payer, const char *number,
                           struct payee_search *out)
{
    struct account account;
    struct customer_id nobody = {0};
    *out = (struct payee_search){.err = ERR_OK};
    enum err err = find_people(conn, payer, NULL, out, &nobody);
    if (err != ERR_OK) {
        return err;
    }
    err = account_find_by_number(conn, number, &account);
    if (err == ERR_OK) {
        err = find_account(conn, account.customer, out);
        out->account = account; /* that one, and no other of the owner's */
    }
    out->err = err == ERR_NOT_FOUND ? ERR_NOT_FOUND : out->err;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err payee_check(const struct customer_room *room, struct db_conn *conn, const char *phone,
                     const char *name, struct payee_check *out)
{
    struct payee_search found;
    enum err err = payee_find(room, conn, (struct customer_id){0}, phone, &found);
    err = err != ERR_OK || found.err == ERR_NOT_FOUND ? err : found.err;
    if (err != ERR_OK) {
        return err;
    }
    if (found.err == ERR_NOT_FOUND) {
        *out = (struct payee_check){.result = PAYEE_UNKNOWN};
        return ERR_OK;
    }
    const char *real = found.payee.name;
    *out = (struct payee_check){.result = name ? payee_compare(name, real) : PAYEE_NO_MATCH};
    customer_mask_name(real, out->masked_name);
    if (out->result == PAYEE_CLOSE_MATCH) {
        memcpy(out->suggested_name, real, sizeof out->suggested_name);
    }
    return ERR_OK;
}
