/*
 * The product catalogue: every figure that a rule of the bank uses, as data with an effective date.
 * The figures in force on a date are an edition; its version is recorded with each decision made
 * under it, and shown to the customer. Figures and sources: schema/0002_catalogue.sql.
 *
 * Read once at start, never changed afterwards: any thread may look up. Amounts are minor units of
 * CNY, counts are plain; CATALOGUE_NO_LIMIT where a rule sets no limit.
 */
#ifndef ACCOUNT_CATALOGUE_H
#define ACCOUNT_CATALOGUE_H

#include "base/date.h"
#include "base/err.h"
#include "base/rate.h"
#include "db/db.h"

#define CATALOGUE_NO_LIMIT     INT64_C(-1)
#define CATALOGUE_VERSION_SIZE 24 /* "2026-01-01/3" and its NUL, with room */

enum account_class { ACCOUNT_CLASS_I = 1, ACCOUNT_CLASS_II = 2, ACCOUNT_CLASS_III = 3 };
const char *account_class_name(enum account_class class); /* "I", "II", "III" */

/* Each parameter: enumerator, name of its rows. */
#define CATALOGUE_PARAMETERS(X)                                                                    \
    X(CLASS_I_COUNT_MAX, "classI.countMax")                                                        \
    X(CLASS_I_BALANCE_MAX, "classI.balanceMax")                                                    \
    X(CLASS_I_OUTFLOW_DAY_MAX, "classI.outflowNonBoundDayMax")                                     \
    X(CLASS_I_OUTFLOW_YEAR_MAX, "classI.outflowNonBoundYearMax")                                   \
    X(CLASS_I_INFLOW_DAY_MAX, "classI.inflowNonBoundDayMax")                                       \
    X(CLASS_I_INFLOW_YEAR_MAX, "classI.inflowNonBoundYearMax")                                     \
    X(CLASS_II_COUNT_MAX, "classII.countMax")                                                      \
    X(CLASS_II_BALANCE_MAX, "classII.balanceMax")                                                  \
    X(CLASS_II_OUTFLOW_DAY_MAX, "classII.outflowNonBoundDayMax")                                   \
    X(CLASS_II_OUTFLOW_YEAR_MAX, "classII.outflowNonBoundYearMax")                                 \
    X(CLASS_II_INFLOW_DAY_MAX, "classII.inflowNonBoundDayMax")                                     \
    X(CLASS_II_INFLOW_YEAR_MAX, "classII.inflowNonBoundYearMax")                                   \
    X(CLASS_III_COUNT_MAX, "classIII.countMax")                                                    \
    X(CLASS_III_BALANCE_MAX, "classIII.balanceMax")                                                \
    X(CLASS_III_OUTFLOW_DAY_MAX, "classIII.outflowNonBoundDayMax")                                 \
    X(CLASS_III_OUTFLOW_YEAR_MAX, "classIII.outflowNonBoundYearMax")                               \
    X(CLASS_III_INFLOW_DAY_MAX, "classIII.inflowNonBoundDayMax")                                   \
    X(CLASS_III_INFLOW_YEAR_MAX, "classIII.inflowNonBoundYearMax")                                 \
    X(TIER_I_CHANNELS_MIN, "tierI.channelsMin")                                                    \
    X(TIER_I_TOTAL_MAX, "tierI.totalMax")                                                          \
    X(TIER_II_CHANNELS_MIN, "tierII.channelsMin")                                                  \
    X(TIER_II_YEAR_MAX, "tierII.yearMax")                                                          \
    X(TIER_III_CHANNELS_MIN, "tierIII.channelsMin")                                                \
    X(TIER_III_YEAR_MAX, "tierIII.yearMax")                                                        \
    X(TIER_TWO_FACTORS_DAY_MAX, "tier.twoFactorsDayMax")                                           \
    X(TIER_ONE_FACTOR_DAY_MAX, "tier.oneFactorDayMax")                                             \
    X(CARDS_MAX, "cards.countMax")                                                                 \
    X(PHASE_ONE, "policy.phaseOne") /* 1: deposits and same-name transfers only */                 \
    X(SMALL_PAYMENT_MAX, "smallPayment.paymentMax")                                                \
    X(SMALL_PAYMENT_DAY_MAX, "smallPayment.dayMax")                                                \
    X(QUICK_PAY_PAYMENT_MAX, "quickPay.paymentMax")                                                \
    X(QUICK_PAY_DAY_MAX, "quickPay.dayMax")                                                        \
    X(DEMAND_RATE_PPB, "demand.ratePpb")                                                           \
    X(DEMAND_YEAR_DAYS, "demand.yearDays")                                                         \
    X(DEMAND_SETTLEMENT_DAY, "demand.settlementDay")                                               \
    X(DEMAND_SETTLEMENT_MONTHS, "demand.settlementMonths")

enum parameter {
#define CATALOGUE_ENUM(name, text) PARAMETER_##name,
    CATALOGUE_PARAMETERS(CATALOGUE_ENUM)
#undef CATALOGUE_ENUM
        PARAMETER_COUNT
};

/* All parameters as they stand from a date on. */
struct catalogue_edition {
    struct date effective_date;
    int32_t version; /* highest version among the rows in force */
    int64_t values[PARAMETER_COUNT];
    const char *source_en[PARAMETER_COUNT]; /* law or contract that sets the figure */
    const char *source_zh[PARAMETER_COUNT];
};

/* What a customer's account is called. */
struct catalogue_product {
    int32_t id;
    enum account_class class;
    const char *name_en;
    const char *name_zh;
};

struct catalogue;

/* Reads the catalogue. ERR_DB_SCHEMA where a parameter has no row or a row no parameter. */
enum err catalogue_open(struct db_conn *conn, struct catalogue **out);
void catalogue_close(struct catalogue *catalogue);
/* The edition in force on a date; the oldest one for dates before it. */
const struct catalogue_edition *catalogue_on(const struct catalogue *catalogue, struct date date);
/* The edition with the highest version that does not pass `version` (what a stored decision used).
 */
const struct catalogue_edition *catalogue_of_version(const struct catalogue *catalogue,
                                                     int32_t version);
/* NULL where there is none. */
const struct catalogue_product *catalogue_product(const struct catalogue *catalogue, int32_t id);
/* The demand product of a class. */
const struct catalogue_product *catalogue_product_of(const struct catalogue *catalogue,
                                                     enum account_class class);
/* "2018-01-10/2": effective date and version. */
void catalogue_version_format(const struct catalogue_edition *edition,
                              char out[CATALOGUE_VERSION_SIZE]);

#endif
