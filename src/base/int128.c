#include "int128.h"

#include "check.h"

/* Whether the magnitude of a truncated quotient grows by one; the remainder is not zero. */
static bool int128_grows(bool is_negative, bool is_odd, int128 remainder, int128 denominator,
                         enum rounding rounding)
{
    /* compares the remainder with its complement, because doubling it could overflow */
    int128 rest = denominator - remainder;

    switch (rounding) {
    case ROUNDING_HALF_EVEN:
        return remainder > rest || (remainder == rest && is_odd);
    case ROUNDING_HALF_UP:
        return remainder >= rest;
    case ROUNDING_HALF_DOWN:
        return remainder > rest;
    case ROUNDING_DOWN:
        return false;
    case ROUNDING_UP:
        return true;
    case ROUNDING_FLOOR:
        return is_negative;
    case ROUNDING_CEILING:
        return !is_negative;
    }
    CHECK(!"a rounding mode of the enum");
    return false;
}

enum err int128_divide(int128 numerator, int128 denominator, enum rounding rounding, int64_t *out)
{
    CHECK(denominator > 0);
    bool is_negative = numerator < 0;
    int128 quotient = numerator / denominator;
    int128 remainder = numerator % denominator;
    if (remainder < 0) {
        remainder = -remainder;
    }
    if (remainder != 0 &&
        int128_grows(is_negative, quotient % 2 != 0, remainder, denominator, rounding)) {
        quotient += is_negative ? -1 : 1;
    }
    if (quotient > INT64_MAX || quotient < INT64_MIN) {
        return ERR_OVERFLOW;
    }
    *out = (int64_t)quotient;
    return ERR_OK;
}
