/*
 * Exchange rates between two currencies and the conversion of amounts at them. A rate is the number
 * of units of `to` for one unit of `from`, in parts per billion (nine decimals); every inexact
 * step names its rounding. No state, any thread.
 */
#ifndef BASE_FX_H
#define BASE_FX_H

#include "money.h"
#include "rate.h"

struct fx_rate {
    struct ccy from;
    struct ccy to;
    int64_t ppb; /* > 0; 20.123456 is 20,123,456,000 */
};

#define FX_RATE_TEXT_SIZE 24

/* Amount in `rate.from` -> amount in `rate.to`, for any numbers of minor digits. ERR_CURRENCY_MISMATCH,
 * ERR_OVERFLOW. */
enum err fx_convert(struct money amount, struct fx_rate rate, enum rounding rounding,
                    struct money *out);
/* Plain decimal above zero with at most nine digits after the point. ERR_INVALID_RATE,
 * ERR_OVERFLOW. */
enum err fx_rate_parse(const char *text, struct ccy from, struct ccy to, struct fx_rate *out);
/* Without trailing zeros: "20.123456". */
void fx_rate_format(struct fx_rate rate, char out[FX_RATE_TEXT_SIZE]);
/* The rate after the bank's margin: rate * (1 - spread). A positive spread gives the customer less of
 * `to`. ERR_INVALID_RATE if
 * spread
 *  >= 1 or nothing is left, ERR_OVERFLOW. */
enum err fx_spread(struct fx_rate rate, struct rate spread, enum rounding rounding,
                   struct fx_rate *out);
/* from/to -> to/from. ERR_INVALID_RATE if it rounds to zero, ERR_OVERFLOW. */
enum err fx_inverse(struct fx_rate rate, enum rounding rounding, struct fx_rate *out);
/* a -> b and b -> c give a -> c. ERR_CURRENCY_MISMATCH if b differs, ERR_INVALID_RATE if the product
 * rounds to zero, ERR_OVERFLOW. */
enum err fx_cross(struct fx_rate first, struct fx_rate second, enum rounding rounding,
                  struct fx_rate *out);

#endif
