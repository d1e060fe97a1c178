#include "money.h"

#include "check.h"
#include "decimal.h"
#include "int128.h"

#include <string.h>

const struct ccy CCY_CNY = {"CNY"};

struct ccy_row {
    struct ccy ccy;
    int16_t number;
    int8_t digits;
};

/* currencies.tsv, in the order of the codes. */
static const struct ccy_row ccy_rows[] = {
#define CCY_ROW(code, number, digits) {{#code}, number, digits},
#include "ccy_list.h"
#undef CCY_ROW
};
#define CCY_ROW_COUNT ((int)(sizeof ccy_rows / sizeof ccy_rows[0]))
_Static_assert(CCY_ROW_COUNT <= CCY_COUNT_MAX, "places must fit the arrays of them");

enum ccy_place_name {
#define CCY_ROW(code, number, digits) PLACE_##code,
#include "ccy_list.h"
#undef CCY_ROW
};

/* Index + 1 by number; 0: no currency has that number. */
static const uint16_t places[CCY_NUMBER_MAX + 1] = {
#define CCY_ROW(code, number, digits) [number] = PLACE_##code + 1,
#include "ccy_list.h"
#undef CCY_ROW
};

int ccy_count(void)
{
    return CCY_ROW_COUNT;
}

int ccy_place(struct ccy ccy)
{
    int low = 0;
    int high = CCY_ROW_COUNT - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        int order = memcmp(ccy_rows[middle].ccy.code, ccy.code, 3);
        if (order == 0) {
            return middle;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle - 1;
    }
    return -1;
}

struct ccy ccy_at(int place)
{
    CHECK(place >= 0 && place < CCY_ROW_COUNT);
    return ccy_rows[place].ccy;
}

int ccy_number(struct ccy ccy)
{
    int place = ccy_place(ccy);
    return place < 0 ? 0 : ccy_rows[place].number;
}

bool ccy_number_is_known(int64_t number)
{
    return number > 0 && number <= CCY_NUMBER_MAX && places[number] != 0;
}

struct ccy ccy_from_number(int number)
{
    CHECK(ccy_number_is_known(number));
    return ccy_rows[places[number] - 1].ccy;
}

bool ccy_equal(struct ccy a, struct ccy b)
{
    return memcmp(a.code, b.code, 3) == 0;
}

enum err ccy_parse(const char *text, struct ccy *out)
{
    if (strlen(text) != 3) {
        return ERR_UNKNOWN_CURRENCY;
    }
    struct ccy ccy = {{text[0], text[1], text[2], '\0'}};
    if (ccy_place(ccy) < 0) {
        return ERR_UNKNOWN_CURRENCY;
    }
    *out = ccy;
    return ERR_OK;
}

int ccy_digits(struct ccy ccy)
{
    int place = ccy_place(ccy);
    CHECK(place >= 0);
    return ccy_rows[place].digits;
}

enum err money_parse(const char *text, struct ccy ccy, struct money *out)
{
    int64_t minor;
    enum err err = decimal_parse(text, strlen(text), ccy_digits(ccy), ERR_INVALID_AMOUNT, &minor);
    if (err != ERR_OK) {
        return err;
    }
    *out = (struct money){.minor = minor, .ccy = ccy};
    return ERR_OK;
}

void money_format(struct money amount, char out[MONEY_TEXT_SIZE])
{
    _Static_assert(MONEY_TEXT_SIZE >= DECIMAL_TEXT_SIZE, "a decimal fits");
    decimal_format(amount.minor, ccy_digits(amount.ccy), out);
}

enum err money_add(struct money a, struct money b, struct money *out)
{
    int64_t sum;
    if (!ccy_equal(a.ccy, b.ccy)) {
        return ERR_CURRENCY_MISMATCH;
    }
    if (__builtin_add_overflow(a.minor, b.minor, &sum)) {
        return ERR_OVERFLOW;
    }
    *out = (struct money){.minor = sum, .ccy = a.ccy};
    return ERR_OK;
}

enum err money_sub(struct money a, struct money b, struct money *out)
{
    int64_t difference;
    if (!ccy_equal(a.ccy, b.ccy)) {
        return ERR_CURRENCY_MISMATCH;
    }
    if (__builtin_sub_overflow(a.minor, b.minor, &difference)) {
        return ERR_OVERFLOW;
    }
    *out = (struct money){.minor = difference, .ccy = a.ccy};
    return ERR_OK;
}

enum err money_negate(struct money a, struct money *out)
{
    if (a.minor == INT64_MIN) {
        return ERR_OVERFLOW;
    }
    *out = (struct money){.minor = -a.minor, .ccy = a.ccy};
    return ERR_OK;
}

enum err rounding_parse(const char *text, enum rounding *out)
{
    static const struct {
        const char *text;
        enum rounding rounding;
    } rows[] = {
        {"half-even", ROUNDING_HALF_EVEN},
        {"half-up", ROUNDING_HALF_UP},
        {"half-down", ROUNDING_HALF_DOWN},
        {"down", ROUNDING_DOWN},
        {"up", ROUNDING_UP},
        {"floor", ROUNDING_FLOOR},
        {"ceiling", ROUNDING_CEILING},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].text, text) == 0) {
            *out = rows[i].rounding;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

enum err money_scale(int64_t value, int64_t numerator, int64_t denominator, enum rounding rounding,
                     int64_t *out)
{
    return int128_divide((int128)value * numerator, denominator, rounding, out);
}

/* The greatest remainder that at least `wanted` of the remainders reach (wanted <= count). */
static int64_t threshold_of(const int64_t *remainders, size_t count, size_t wanted)
{
    int64_t low = 0;
    int64_t high = INT64_MAX;
    while (low < high) {
        int64_t middle = low + (high - low) / 2 + 1;
        size_t reached = 0;
        for (size_t i = 0; i < count; i++) {
            reached += remainders[i] >= middle ? 1 : 0;
        }
        if (reached >= wanted) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

enum err money_split(int64_t total, const int64_t *weights, size_t count, int64_t *out_parts)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        CHECK(weights[i] >= 0);
        if (__builtin_add_overflow(sum, weights[i], &sum)) {
            return ERR_OVERFLOW;
        }
    }
    CHECK(sum > 0);

    /* Cannot fail from here on. Magnitudes first, the sign at the end: a refund is split like its
     * charge. The out array holds the remainders until the threshold is known. */
    int128 magnitude = total < 0 ? -(int128)total : (int128)total;
    int128 given = 0;
    for (size_t i = 0; i < count; i++) {
        given += magnitude * weights[i] / sum;
        out_parts[i] = (int64_t)(magnitude * weights[i] % sum);
    }
    size_t left = (size_t)(magnitude - given); /* fewer than count */
    int64_t threshold = left == 0 ? INT64_MAX : threshold_of(out_parts, count, left);
    size_t above = 0;
    for (size_t i = 0; i < count; i++) {
        above += out_parts[i] > threshold ? 1 : 0;
    }
    size_t ties_left = left - (left == 0 ? 0 : above);
    for (size_t i = 0; i < count; i++) {
        int128 part = magnitude * weights[i] / sum;
        if (left > 0 && out_parts[i] > threshold) {
            part++;
        } else if (out_parts[i] == threshold && ties_left > 0) {
            part++;
            ties_left--;
        }
        out_parts[i] = (int64_t)(total < 0 ? -part : part);
    }
    return ERR_OK;
}
