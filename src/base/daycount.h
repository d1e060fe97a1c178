/*
 * Day-count conventions: the number of days of interest between two dates, and the length of the year
 * of which they are a fraction. Results are exact fractions, never floats; pure, any thread.
 *
 * Sources: 2006 ISDA Definitions, section 4.16; ICMA Rule 251; ISDA, "EMU and market conventions"
 * (1998) for the two Act/Act; ISO 20022 external code set InterestComputationMethod2Code.
 */
#ifndef BASE_DAYCOUNT_H
#define BASE_DAYCOUNT_H

#include "calendar.h"
#include "date.h"
#include "err.h"

enum daycount {                        /* text, aliases, ISO 20022 code */
                DAYCOUNT_ACT_360,      /* "ACT/360", A004 */
                DAYCOUNT_ACT_365F,     /* "ACT/365F", A005 */
                DAYCOUNT_ACT_ACT_ISDA, /* "ACT/ACT-ISDA", A008: days of leap years over 366, others
                                          over 365; denominator 365 * 366 where the period has both
                                        */
                DAYCOUNT_ACT_ACT_ICMA, /* "ACT/ACT-ICMA", A006: over frequency times days of the
                                          coupon period; needs the period and the frequency */
                DAYCOUNT_30_360,  /* "30/360", bond basis, A001: 31 -> 30, at the end only where the
                                     start is 30 too; February as it is */
                DAYCOUNT_30U_360, /* "30U/360": the same with the US end-of-February rule */
                DAYCOUNT_30E_360, /* "30E/360", Eurobond basis, A011: 31 -> 30 at both ends */
                DAYCOUNT_30E_360_ISDA, /* "30E/360-ISDA", A007: the last of a month -> 30, but not
                                          the maturity in February */
                DAYCOUNT_ACT_365L,     /* "ACT/365L", A009: 366 where an annual period holds a 29
                                          February     or another ends in a leap year */
                DAYCOUNT_NL_365,       /* "NL/365", A014: 29 February not counted */
                DAYCOUNT_BUS_252       /* "BUS/252": business days; needs a calendar */
};

/* Terms that some conventions need besides the two dates; zeros and NULL if unknown. */
struct daycount_terms {
    bool has_period;
    struct date period_start; /* the regular coupon period of the interest */
    struct date period_end;
    int frequency; /* coupons a year: 1, 2, 3, 4, 6 or 12 */
    bool has_maturity;
    struct date maturity;
    const struct calendar *calendar;
};

struct daycount_fraction {
    int64_t days; /* by the convention; may differ from the distance of the dates */
    int64_t numerator;
    int64_t denominator; /* > 0; the fraction is not reduced */
};

/* From `start` (included) to `end` (excluded). `terms` may be NULL. ERR_INVALID_PERIOD if the end is
 * before the start, ERR_INVALID_FIELD if the convention lacks a term. */
enum err daycount_between(enum daycount daycount, struct date start, struct date end,
                          const struct daycount_terms *terms, struct daycount_fraction *out);
/* A name or an ISO 20022 code, as above; "ACT/ACT" is ISDA's. ERR_INVALID_FIELD. */
enum err daycount_parse(const char *text, enum daycount *out);
const char *daycount_name(enum daycount daycount);

#endif
