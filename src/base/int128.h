/*
 * 128-bit intermediates between a product and its rounded quotient. Inside base/ they
 * carry money, rates and exchange; results leave as int64_t or as ERR_OVERFLOW.
 */
#ifndef BASE_INT128_H
#define BASE_INT128_H

#include "money.h"

__extension__ typedef __int128 int128;

/* numerator / denominator, rounded to a whole number. denominator > 0. ERR_OVERFLOW. */
enum err int128_divide(int128 numerator, int128 denominator, enum rounding rounding, int64_t *out);

#endif
