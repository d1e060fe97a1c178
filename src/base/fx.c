#include "fx.h"

#include "check.h"
#include "decimal.h"
#include "int128.h"

#include <string.h>

#define RATE_DIGITS 9

enum err fx_rate_parse(const char *text, struct ccy from, struct ccy to, struct fx_rate *out)
{
    int64_t ppb;
    enum err err = decimal_parse(text, strlen(text), RATE_DIGITS, ERR_INVALID_RATE, &ppb);
    if (err != ERR_OK) {
        return err;
    }
    if (ppb <= 0) {
        return ERR_INVALID_RATE;
    }
    *out = (struct fx_rate){.from = from, .to = to, .ppb = ppb};
    return ERR_OK;
}

void fx_rate_format(struct fx_rate rate, char out[FX_RATE_TEXT_SIZE])
{
    _Static_assert(FX_RATE_TEXT_SIZE >= DECIMAL_TEXT_SIZE, "a decimal fits");
    decimal_trim(out, decimal_format(rate.ppb, RATE_DIGITS, out), 0);
}

enum err fx_convert(struct money amount, struct fx_rate rate, enum rounding rounding,
                    struct money *out)
{
    int64_t minor;
    if (!ccy_equal(amount.ccy, rate.from)) {
        return ERR_CURRENCY_MISMATCH;
    }
    CHECK(rate.ppb > 0);
    int128 numerator = (int128)amount.minor * rate.ppb;
    int128 to_scale = decimal_power_of_ten(ccy_digits(rate.to));
    int128 from_scale = decimal_power_of_ten(ccy_digits(rate.from));
    if (__builtin_mul_overflow(numerator, to_scale, &numerator)) {
        return ERR_OVERFLOW;
    }
    enum err err = int128_divide(numerator, from_scale * RATE_ONE_PPB, rounding, &minor);
    if (err != ERR_OK) {
        return err;
    }
    *out = (struct money){.minor = minor, .ccy = rate.to};
    return ERR_OK;
}

/* numerator / denominator as a rate that is above zero. */
static enum err rate_of(int128 numerator, int128 denominator, enum rounding rounding,
                        struct ccy from, struct ccy to, struct fx_rate *out)
{
    int64_t ppb;
    enum err err = int128_divide(numerator, denominator, rounding, &ppb);
    if (err != ERR_OK) {
        return err;
    }
    if (ppb <= 0) {
        return ERR_INVALID_RATE;
    }
    *out = (struct fx_rate){.from = from, .to = to, .ppb = ppb};
    return ERR_OK;
}

enum err fx_spread(struct fx_rate rate, struct rate spread, enum rounding rounding,
                   struct fx_rate *out)
{
    if (spread.ppb <= -RATE_ONE_PPB || spread.ppb >= RATE_ONE_PPB) {
        return ERR_INVALID_RATE;
    }
    return rate_of((int128)rate.ppb * (RATE_ONE_PPB - spread.ppb), RATE_ONE_PPB, rounding,
                   rate.from, rate.to, out);
}

enum err fx_inverse(struct fx_rate rate, enum rounding rounding, struct fx_rate *out)
{
    CHECK(rate.ppb > 0);
    return rate_of((int128)RATE_ONE_PPB * RATE_ONE_PPB, rate.ppb, rounding, rate.to, rate.from,
                   out);
}

enum err fx_cross(struct fx_rate first, struct fx_rate second, enum rounding rounding,
                  struct fx_rate *out)
{
    if (!ccy_equal(first.to, second.from)) {
        return ERR_CURRENCY_MISMATCH;
    }
    return rate_of((int128)first.ppb * second.ppb, RATE_ONE_PPB, rounding, first.from, second.to,
                   out);
}
