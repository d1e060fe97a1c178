/*
 * Interest rates and their daily accrual. A rate is a count of parts per billion (1 % is
 * 10,000,000), an accrual a count of millionths of a minor unit; rounding happens once, when
 * interest is capitalised. No state, any thread.
 */
#ifndef BASE_RATE_H
#define BASE_RATE_H

#include "money.h"

struct rate {
    int64_t ppb;
};

#define RATE_ONE_PPB    INT64_C(1000000000) /* a rate of 100 % */
#define RATE_TEXT_SIZE  24                  /* "-922337203685.4775808%" and its NUL */
#define MICRO_PER_MINOR INT64_C(1000000)

/* A percentage with at most 7 digits after the point ("0.35%") or a plain fraction with at most 9
 * ("0.0035"); optional minus, no exponent. ERR_INVALID_RATE, ERR_OVERFLOW. */
enum err rate_parse(const char *text, struct rate *out);
/* As a percentage with at least two digits after the point: "3.65%", "0.00%", "0.0125%". */
void rate_format(struct rate rate, char out[RATE_TEXT_SIZE]);

/* Interest on a balance for `days` of a year of `basis_days` (both may be any fraction of a year: see
 * daycount.h). A remainder below a millionth is rounded to the nearest, ties to even. basis_days > 0.
 * ERR_OVERFLOW. */
enum err rate_accrue(int64_t balance_minor, struct rate rate, int64_t days, int64_t basis_days,
                     int64_t *out_micro);
/* The same in one exact step, in minor units, for interest that is paid at once. ERR_OVERFLOW. */
enum err rate_interest(int64_t balance_minor, struct rate rate, int64_t days, int64_t basis_days,
                       enum rounding rounding, int64_t *out_minor);
/* Whole minor units of an accrual; the caller keeps the difference or drops it. */
int64_t rate_capitalise(int64_t accrued_micro, enum rounding rounding);

#endif
