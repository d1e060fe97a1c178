#include "rate.h"

#include "check.h"
#include "decimal.h"
#include "int128.h"

#include <string.h>

#define FRACTION_DIGITS 9
#define PERCENT_DIGITS  7

enum err rate_parse(const char *text, struct rate *out)
{
    size_t size = strlen(text);
    bool is_percent = size > 0 && text[size - 1] == '%';
    int64_t ppb;
    enum err err = is_percent
                       ? decimal_parse(text, size - 1, PERCENT_DIGITS, ERR_INVALID_RATE, &ppb)
                       : decimal_parse(text, size, FRACTION_DIGITS, ERR_INVALID_RATE, &ppb);
    if (err != ERR_OK) {
        return err;
    }
    out->ppb = ppb;
    return ERR_OK;
}

void rate_format(struct rate rate, char out[RATE_TEXT_SIZE])
{
    _Static_assert(RATE_TEXT_SIZE >= DECIMAL_TEXT_SIZE, "a decimal fits");
    size_t size = decimal_trim(out, decimal_format(rate.ppb, PERCENT_DIGITS, out), 2);
    CHECK(size + 2 <= RATE_TEXT_SIZE);
    memcpy(out + size, "%", 2);
}

enum err rate_accrue(int64_t balance_minor, struct rate rate, int64_t days, int64_t basis_days,
                     int64_t *out_micro)
{
    CHECK(basis_days > 0);
    /* 10^6 millionths over 10^9 parts leave a denominator of a thousand */
    int128 product = (int128)balance_minor * rate.ppb;
    if (__builtin_mul_overflow(product, (int128)days, &product)) {
        return ERR_OVERFLOW;
    }
    return int128_divide(product, (int128)basis_days * (RATE_ONE_PPB / MICRO_PER_MINOR),
                         ROUNDING_HALF_EVEN, out_micro);
}

enum err rate_interest(int64_t balance_minor, struct rate rate, int64_t days, int64_t basis_days,
                       enum rounding rounding, int64_t *out_minor)
{
    CHECK(basis_days > 0);
    int128 product = (int128)balance_minor * rate.ppb;
    if (__builtin_mul_overflow(product, (int128)days, &product)) {
        return ERR_OVERFLOW;
    }
    return int128_divide(product, (int128)basis_days * RATE_ONE_PPB, rounding, out_minor);
}

int64_t rate_capitalise(int64_t accrued_micro, enum rounding rounding)
{
    int64_t minor = 0;
    enum err err = int128_divide(accrued_micro, MICRO_PER_MINOR, rounding, &minor);
    CHECK(err == ERR_OK);
    return minor;
}
