/*
 * Amounts of money: a count of minor units with its currency, passed by value.
 * Range: the whole of int64_t. Arithmetic happens here only; overflow and currency mismatch are
 * error results.
 */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

/* ISO 4217 alphabetic code, NUL-terminated. */
struct ccy {
    char code[4];
};

struct money {
    int64_t minor;
    struct ccy ccy;
};

#define MONEY_TEXT_SIZE 28 /* "-92233720368547758.08" with room */

extern const struct ccy CCY_CNY;

/* ERR_UNKNOWN_CURRENCY if currencies.tsv has no such code. */
enum err ccy_parse(const char *text, struct ccy *out);
bool ccy_equal(struct ccy a, struct ccy b);
/* Minor-unit digits of ISO 4217 (CNY 2, JPY 0, BHD 3). The currency must come from ccy_parse. */
int ccy_digits(struct ccy ccy);
/* The number stored in the books, fixed for ever: ISO 4217's numeric code (1..999), or from 1000 a unit
 * of the bank's own. 0: no currency. 11 bits in the ids of internal accounts. */
#define CCY_NUMBER_BITS 11
#define CCY_NUMBER_MAX  ((1 << CCY_NUMBER_BITS) - 1)
int ccy_number(struct ccy ccy);
bool ccy_number_is_known(int64_t number);
/* The number must exist. */
struct ccy ccy_from_number(int number);
/* Index in the alphabetical table (0..ccy_count()-1), -1 for no currency. For arrays of this program
 * only: another version may use other indexes. */
#define CCY_COUNT_MAX 384
int ccy_place(struct ccy ccy);
struct ccy ccy_at(int place);
int ccy_count(void);

/* Plain decimal, optional minus, at most the currency's digits after the point, no exponent, no leading
 * plus, no superfluous leading zeros. ERR_INVALID_AMOUNT, ERR_OVERFLOW. */
enum err money_parse(const char *text, struct ccy ccy, struct money *out);
/* Always with all minor digits: "12.30". */
void money_format(struct money amount, char out[MONEY_TEXT_SIZE]);
/* ERR_CURRENCY_MISMATCH, ERR_OVERFLOW. */
enum err money_add(struct money a, struct money b, struct money *out);
enum err money_sub(struct money a, struct money b, struct money *out);
enum err money_negate(struct money a, struct money *out);

/* Rounding of an inexact quotient. */
enum rounding {
    ROUNDING_HALF_EVEN,
    ROUNDING_HALF_UP,   /* ties away from zero */
    ROUNDING_HALF_DOWN, /* ties toward zero */
    ROUNDING_DOWN,      /* toward zero */
    ROUNDING_UP,        /* away from zero */
    ROUNDING_FLOOR,     /* toward minus infinity */
    ROUNDING_CEILING    /* toward plus infinity */
};
enum err rounding_parse(const char *text, enum rounding *out);

/* value * numerator / denominator with a 128-bit product. denominator > 0. ERR_OVERFLOW. */
enum err money_scale(int64_t value, int64_t numerator, int64_t denominator, enum rounding rounding,
                     int64_t *out);
/* Splits `total` in proportion to `weights` (each >= 0, their sum > 0) by largest remainder; the
 * parts sum to the total exactly. */
enum err money_split(int64_t total, const int64_t *weights, size_t count, int64_t *out_parts);

#endif
