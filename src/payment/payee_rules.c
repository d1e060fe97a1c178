/*
 * Verification of payee (Regulation (EU) 2024/886, art. 5c): the typed name against the real one.
 * A match has the same letters in the same parts; a close match differs in script (traditional,
 * simplified), accents, the order or split of parts, or one letter. Pure.
 */
#include "base/check.h"
#include "base/name.h"
#include "base/text.h"
#include "payment/payee.h"

#include <string.h>
#include <threads.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#define NAME_UNITS_MAX   512
#define NAME_PARTS_MAX   16
#define CLOSE_LENGTH_MIN 3
#define LOOSE_RULE       "Traditional-Simplified; NFD; [:Mn:] Remove; Latin-ASCII; NFC; Lower"

/* A name as the code points of its letters and digits, and the places at which its parts begin. */
struct letters {
    UChar32 points[NAME_UNITS_MAX];
    int size;
    int starts[NAME_PARTS_MAX + 1]; /* of the parts, then the end */
    int parts;
};

/* --- letters of a name ------------------------------------------------------------------------ */

/* NFKC with case folding. -1: too long, or not UTF-8. */
static int32_t strict_form(const char *text, UChar out[NAME_UNITS_MAX])
{
    char name[NAME_SIZE];
    UChar raw[NAME_UNITS_MAX];
    int32_t size = 0;
    UErrorCode status = U_ZERO_ERROR;
    bool is_name = name_parse(text, name) == ERR_OK;
    u_strFromUTF8(raw, NAME_UNITS_MAX, &size, is_name ? name : text, -1, &status);
    const UNormalizer2 *normalizer = unorm2_getNFKCCasefoldInstance(&status);
    if (U_FAILURE(status)) {
        return -1;
    }
    size = unorm2_normalize(normalizer, raw, size, out, NAME_UNITS_MAX, &status);
    return U_SUCCESS(status) ? size : -1;
}

static once_flag loose_once = ONCE_FLAG_INIT;
static mtx_t loose_mutex; /* a transliterator serves one thread at a time */
static UTransliterator *loose;

static void open_loose(void)
{
    UChar rule[sizeof LOOSE_RULE];
    UErrorCode status = U_ZERO_ERROR;
    u_uastrcpy(rule, LOOSE_RULE);
    loose = utrans_openU(rule, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    loose = U_SUCCESS(status) && mtx_init(&loose_mutex, mtx_plain) == thrd_success ? loose : NULL;
}

/* Simplified, without accents, in place. -1: too long, or ICU has no memory. */
static int32_t loosen(UChar text[NAME_UNITS_MAX], int32_t size)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t limit = size;
    call_once(&loose_once, open_loose);
    if (loose == NULL) {
        return -1;
    }
    mtx_lock(&loose_mutex);
    utrans_transUChars(loose, text, &size, NAME_UNITS_MAX, 0, &limit, &status);
    mtx_unlock(&loose_mutex);
    return U_SUCCESS(status) ? size : -1;
}

/* Blanks, hyphens, apostrophes and the dots between the parts of a name. */
static bool is_gap(UChar32 c)
{
    int8_t type = u_charType(c);
    return u_isUWhiteSpace(c) || type == U_DASH_PUNCTUATION || type == U_OTHER_PUNCTUATION ||
           type == U_CONNECTOR_PUNCTUATION || type == U_INITIAL_PUNCTUATION ||
           type == U_FINAL_PUNCTUATION || type == U_MODIFIER_SYMBOL;
}

static bool split_letters(const UChar *text, int32_t size, struct letters *out)
{
    UChar32 points[NAME_UNITS_MAX];
    int32_t count = 0;
    UErrorCode status = U_ZERO_ERROR;
    bool in_part = false;
    if (size < 0) {
        return false;
    }
    u_strToUTF32(points, NAME_UNITS_MAX, &count, text, size, &status);
    if (U_FAILURE(status)) {
        return false;
    }
    out->size = out->parts = 0;
    for (int32_t i = 0; i < count; i++) {
        if (is_gap(points[i])) {
            in_part = false;
            continue;
        }
        if (!in_part && out->parts < NAME_PARTS_MAX) {
            out->starts[out->parts++] = out->size;
        }
        in_part = true;
        out->points[out->size++] = points[i];
    }
    out->starts[out->parts] = out->size;
    return out->size > 0;
}

/* --- comparing -------------------------------------------------------------------------------- */

static bool points_equal(const UChar32 *a, const UChar32 *b, int size)
{
    CHECK(size >= 0);
    return memcmp(a, b, (size_t)size * sizeof *a) == 0;
}

static bool same_letters(const struct letters *a, const struct letters *b)
{
    CHECK(a->size > 0 && b->size > 0);
    return a->size == b->size && points_equal(a->points, b->points, a->size);
}

/* The parts of a Chinese name may be written with or without the dot. */
static bool same_split(const struct letters *a, const struct letters *b)
{
    CHECK(a->size == b->size);
    int han = 0;
    while (han < a->size && text_kind_of((uint32_t)a->points[han]) == TEXT_HAN) {
        han++;
    }
    if (han == a->size) {
        return true;
    }
    return a->parts == b->parts &&
           memcmp(a->starts, b->starts, (size_t)a->parts * sizeof a->starts[0]) == 0;
}

/* The same parts in any order: "SMITH JOHN" and "John Smith". */
static bool same_parts(const struct letters *a, const struct letters *b)
{
    CHECK(a->parts >= 0 && a->parts <= NAME_PARTS_MAX);
    if (a->parts < 2 || a->parts != b->parts || a->size != b->size) {
        return false;
    }
    bool taken[NAME_PARTS_MAX] = {false};
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
static bool one_edit_apart(const struct letters *a, const struct letters *b)
{
    CHECK(a->size > 0 && b->size > 0);
    const struct letters *shorter = a->size <= b->size ? a : b;
    const struct letters *longer = a->size <= b->size ? b : a;
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
    CHECK(typed != NULL && real != NULL);
    UChar typed_text[NAME_UNITS_MAX], real_text[NAME_UNITS_MAX];
    struct letters a, b;
    int32_t typed_size = strict_form(typed, typed_text);
    int32_t real_size = strict_form(real, real_text);
    if (!split_letters(typed_text, typed_size, &a) || !split_letters(real_text, real_size, &b)) {
        return PAYEE_NO_MATCH;
    }
    if (same_letters(&a, &b) && same_split(&a, &b)) {
        return PAYEE_MATCH;
    }
    if (!split_letters(typed_text, loosen(typed_text, typed_size), &a) ||
        !split_letters(real_text, loosen(real_text, real_size), &b)) {
        return PAYEE_NO_MATCH;
    }
    return same_letters(&a, &b) || same_parts(&a, &b) || one_edit_apart(&a, &b) ? PAYEE_CLOSE_MATCH
                                                                                : PAYEE_NO_MATCH;
}
