#include "text.h"

#include "check.h"
#include "str.h"

#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

struct fold {
    uint32_t first, last, target;
};
struct range {
    uint32_t first, last;
    enum text_kind kind;
};
#include "characters.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* --- code points ------------------------------------------------------------------------------ */

uint32_t text_next(const char **text)
{
    static const uint8_t masks[] = {0x7F, 0x1F, 0x0F, 0x07};
    const uint8_t *at = (const uint8_t *)*text;
    if (at[0] == 0) {
        return 0;
    }
    int more = at[0] < 0x80 ? 0 : at[0] < 0xE0 ? 1 : at[0] < 0xF0 ? 2 : 3;
    uint32_t point = at[0] & masks[more];
    for (int i = 1; i <= more; i++) {
        point = point << 6 | (at[i] & 0x3F);
    }
    *text += more + 1;
    return point;
}

size_t text_put(uint32_t point, char out[4])
{
    CHECK(point <= 0x10FFFF);
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    out[0] = (char)((0xF0 << (4 - size) & 0xF0) | point);
    return size;
}

enum text_kind text_kind_of(uint32_t point)
{
    size_t low = 0, high = COUNT_OF(ranges);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (point < ranges[middle].first) {
            high = middle;
        } else if (point > ranges[middle].last) {
            low = middle + 1;
        } else {
            return ranges[middle].kind;
        }
    }
    return TEXT_OTHER;
}

static uint32_t folded_point(uint32_t point)
{
    size_t low = 0, high = COUNT_OF(folds);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (point < folds[middle].first) {
            high = middle;
        } else if (point > folds[middle].last) {
            low = middle + 1;
        } else {
            return folds[middle].target + (point - folds[middle].first);
        }
    }
    return point;
}

/* --- input text ------------------------------------------------------------------------------- */

static bool is_refused(uint32_t point, bool is_dropped_refused)
{
    enum text_kind kind = text_kind_of(point);
    bool is_dropped = kind == TEXT_TURN || kind == TEXT_BREAK;
    return kind == TEXT_CONTROL || kind == TEXT_NOTHING || (is_dropped && is_dropped_refused) ||
           (kind == TEXT_PRIVATE && folded_point(point) == point);
}

static uint32_t first_refused(const char *text, bool is_dropped_refused)
{
    if (!str_is_utf8(text, strlen(text))) {
        return 0xFFFD;
    }
    for (uint32_t point; (point = text_next(&text)) != 0;) {
        if (is_refused(point, is_dropped_refused)) {
            return point;
        }
    }
    return TEXT_ALL_TAKEN;
}

uint32_t text_refused(const char *text)
{
    return first_refused(text, true);
}

uint32_t text_refused_typed(const char *text)
{
    return first_refused(text, false);
}

static const UNormalizer2 *composer(bool is_compatible)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *found =
        is_compatible ? unorm2_getNFKCInstance(&status) : unorm2_getNFCInstance(&status);
    CHECK(U_SUCCESS(status)); /* ICU's own tables, built in */
    return found;
}

enum err text_compose(const char *text, char *out, size_t out_size)
{
    enum { UNITS_MAX = 2048 };
    UChar raw[UNITS_MAX], composed[UNITS_MAX];
    UErrorCode status = U_ZERO_ERROR;
    int32_t size = 0;
    CHECK(out_size > 0 && out_size <= INT32_MAX);
    u_strFromUTF8(raw, UNITS_MAX, &size, text, -1, &status);
    size = unorm2_normalize(composer(false), raw, size, composed, UNITS_MAX, &status);
    u_strToUTF8(out, (int32_t)out_size, NULL, composed, size, &status);
    /* a text that fills `out` to the last byte has no NUL */
    return status == U_ZERO_ERROR ? ERR_OK : ERR_OVERFLOW;
}

/* --- names and numbers ------------------------------------------------------------------------ */

static bool compose_points(struct text_points *points)
{
    enum { UNITS_MAX = 4 * TEXT_POINTS_MAX };
    UChar raw[UNITS_MAX], composed[UNITS_MAX];
    UErrorCode status = U_ZERO_ERROR;
    int32_t size = 0, count = 0;
    UChar32 in[TEXT_POINTS_MAX], back[TEXT_POINTS_MAX];
    for (size_t i = 0; i < points->count; i++) {
        in[i] = (UChar32)points->at[i];
    }
    u_strFromUTF32(raw, UNITS_MAX, &size, in, (int32_t)points->count, &status);
    size = unorm2_normalize(composer(false), raw, size, composed, UNITS_MAX, &status);
    u_strToUTF32(back, TEXT_POINTS_MAX, &count, composed, size, &status);
    if (U_FAILURE(status)) {
        return false;
    }
    for (int32_t i = 0; i < count; i++) {
        points->at[i] = (uint32_t)back[i];
    }
    points->count = (size_t)count;
    return true;
}

/* A Kangxi radical as its unified letter. */
static uint32_t radical_letter(uint32_t point)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar raw = (UChar)point, letter[4];
    int32_t size = unorm2_normalize(composer(true), &raw, 1, letter, 4, &status);
    return U_SUCCESS(status) && size == 1 ? letter[0] : point;
}

bool text_fold(const char *text, struct text_points *out)
{
    out->count = 0;
    if (!str_is_utf8(text, strlen(text))) {
        return false;
    }
    for (uint32_t point; (point = text_next(&text)) != 0;) {
        point = folded_point(point);
        enum text_kind kind = text_kind_of(point);
        if (kind == TEXT_UNSEEN || kind == TEXT_TURN) {
            continue;
        }
        if (out->count == TEXT_POINTS_MAX) {
            return false;
        }
        bool is_blank = kind == TEXT_SPACE || kind == TEXT_BREAK;
        point = is_blank ? ' ' : kind == TEXT_RADICAL ? radical_letter(point) : point;
        out->at[out->count++] = point;
    }
    return out->count == 0 || compose_points(out);
}

/* Drops blanks and the case of ASCII letters. */
static void reduce_points(struct text_points *points)
{
    size_t kept = 0;
    for (size_t i = 0; i < points->count; i++) {
        uint32_t point = points->at[i];
        if (point != ' ') {
            points->at[kept++] = point >= 'A' && point <= 'Z' ? point - 'A' + 'a' : point;
        }
    }
    points->count = kept;
}

bool text_same(const char *a, const char *b)
{
    struct text_points first, second;
    if (!text_fold(a, &first) || !text_fold(b, &second)) {
        return false;
    }
    reduce_points(&first);
    reduce_points(&second);
    return first.count == second.count &&
           memcmp(first.at, second.at, first.count * sizeof first.at[0]) == 0;
}
