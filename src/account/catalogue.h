/*
 * The product catalogue: every figure that a rule of the bank uses, as data with an effective date.
 * The figures in force on a date are an edition; its stored number is recorded with each decision made
 * under it, and shown to the customer. Figures and sources: schema/0002_catalogue.sql.
 *
 * Any thread may look up at any time. What it finds (an edition, its texts, a product) stays valid for
 * as long as a request or a job's round lasts, also when the catalogue is refreshed meanwhile.
 * Amounts are minor units of CNY, counts are plain; CATALOGUE_NO_LIMIT where a rule sets no limit.
 */
#ifndef ACCOUNT_CATALOGUE_H
#define ACCOUNT_CATALOGUE_H

#include "base/date.h"
#include "base/err.h"
#include "base/id.h"
#include "base/rate.h"
#include "db/db.h"
#include "engine/engine.h"

#define CATALOGUE_NO_LIMIT     INT64_C(-1)
#define CATALOGUE_AMOUNT_MAX   INT64_C(100000000000) /* a milliard yuan */
#define CATALOGUE_VERSION_SIZE 24                    /* "2026-01-01/3" and its NUL, with room */

enum account_class {
    ACCOUNT_CLASS_I = 1,
    ACCOUNT_CLASS_II = 2,
    ACCOUNT_CLASS_III = 3,
    ACCOUNT_CLASS_PAYMENT = 4 /* of the payment institution: no deposit, bears no interest */
};
const char *account_class_name(enum account_class class); /* "I", "II", "III", "payment" */
/* ERR_INVALID_FIELD. */
enum err account_class_parse(const char *text, enum account_class *out);

/* Each parameter: enumerator, name of its rows, unit, least and greatest value that staff may set. */
#define CATALOGUE_PARAMETERS(X)                                                                    \
    X(CLASS_I_COUNT_MAX, "classI.countMax", COUNT, CATALOGUE_NO_LIMIT, 100)                        \
    X(CLASS_I_BALANCE_MAX, "classI.balanceMax", AMOUNT, CATALOGUE_NO_LIMIT, CATALOGUE_AMOUNT_MAX)  \
    X(CLASS_I_OUTFLOW_DAY_MAX, "classI.outflowNonBoundDayMax", AMOUNT, CATALOGUE_NO_LIMIT,         \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(CLASS_I_OUTFLOW_YEAR_MAX, "classI.outflowNonBoundYearMax", AMOUNT, CATALOGUE_NO_LIMIT,       \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(CLASS_I_INFLOW_DAY_MAX, "classI.inflowNonBoundDayMax", AMOUNT, CATALOGUE_NO_LIMIT,           \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(CLASS_I_INFLOW_YEAR_MAX, "classI.inflowNonBoundYearMax", AMOUNT, CATALOGUE_NO_LIMIT,         \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(CLASS_II_COUNT_MAX, "classII.countMax", COUNT, CATALOGUE_NO_LIMIT, 100)                      \
    X(CLASS_II_BALANCE_MAX, "classII.balanceMax", AMOUNT, CATALOGUE_NO_LIMIT,                      \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(CLASS_II_OUTFLOW_DAY_MAX, "classII.outflowNonBoundDayMax", AMOUNT, CATALOGUE_NO_LIMIT,       \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(CLASS_II_OUTFLOW_YEAR_MAX, "classII.outflowNonBoundYearMax", AMOUNT, CATALOGUE_NO_LIMIT,     \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(CLASS_II_INFLOW_DAY_MAX, "classII.inflowNonBoundDayMax", AMOUNT, CATALOGUE_NO_LIMIT,         \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(CLASS_II_INFLOW_YEAR_MAX, "classII.inflowNonBoundYearMax", AMOUNT, CATALOGUE_NO_LIMIT,       \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(CLASS_III_COUNT_MAX, "classIII.countMax", COUNT, CATALOGUE_NO_LIMIT, 100)                    \
    X(CLASS_III_BALANCE_MAX, "classIII.balanceMax", AMOUNT, CATALOGUE_NO_LIMIT,                    \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(CLASS_III_OUTFLOW_DAY_MAX, "classIII.outflowNonBoundDayMax", AMOUNT, CATALOGUE_NO_LIMIT,     \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(CLASS_III_OUTFLOW_YEAR_MAX, "classIII.outflowNonBoundYearMax", AMOUNT, CATALOGUE_NO_LIMIT,   \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(CLASS_III_INFLOW_DAY_MAX, "classIII.inflowNonBoundDayMax", AMOUNT, CATALOGUE_NO_LIMIT,       \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(CLASS_III_INFLOW_YEAR_MAX, "classIII.inflowNonBoundYearMax", AMOUNT, CATALOGUE_NO_LIMIT,     \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(TIER_I_CHANNELS_MIN, "tierI.channelsMin", COUNT, 1, 10)                                      \
    X(TIER_I_TOTAL_MAX, "tierI.totalMax", AMOUNT, 0, CATALOGUE_AMOUNT_MAX)                         \
    X(TIER_II_CHANNELS_MIN, "tierII.channelsMin", COUNT, 1, 10)                                    \
    X(TIER_II_YEAR_MAX, "tierII.yearMax", AMOUNT, 0, CATALOGUE_AMOUNT_MAX)                         \
    X(TIER_III_CHANNELS_MIN, "tierIII.channelsMin", COUNT, 1, 10)                                  \
    X(TIER_III_YEAR_MAX, "tierIII.yearMax", AMOUNT, 0, CATALOGUE_AMOUNT_MAX)                       \
    X(TIER_TWO_FACTORS_DAY_MAX, "tier.twoFactorsDayMax", AMOUNT, CATALOGUE_NO_LIMIT,               \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(TIER_ONE_FACTOR_DAY_MAX, "tier.oneFactorDayMax", AMOUNT, CATALOGUE_NO_LIMIT,                 \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(CARDS_MAX, "cards.countMax", COUNT, 1, 30)                                                   \
    X(PHASE_ONE, "policy.phaseOne", SWITCH, 0, 1)                                                  \
    X(SMALL_PAYMENT_MAX, "smallPayment.paymentMax", AMOUNT, 0, CATALOGUE_AMOUNT_MAX)               \
    X(SMALL_PAYMENT_DAY_MAX, "smallPayment.dayMax", AMOUNT, 0, CATALOGUE_AMOUNT_MAX)               \
    X(QUICK_PAY_PAYMENT_MAX, "quickPay.paymentMax", AMOUNT, 1, CATALOGUE_AMOUNT_MAX)               \
    X(QUICK_PAY_DAY_MAX, "quickPay.dayMax", AMOUNT, 1, CATALOGUE_AMOUNT_MAX)                       \
    X(DEMAND_RATE_PPB, "demand.ratePpb", RATE, 0, 100000000)                                       \
    X(DEMAND_YEAR_DAYS, "demand.yearDays", DAYS, 360, 366)                                         \
    X(DEMAND_SETTLEMENT_DAY, "demand.settlementDay", DAYS, 1, 28)                                  \
    X(DEMAND_SETTLEMENT_MONTHS, "demand.settlementMonths", COUNT, 1, 12)                           \
    X(PAYMENT_COUNT_MAX, "payment.countMax", COUNT, 0, 1)                                          \
    X(TIER_CERTIFICATE_DAY_MAX, "tier.certificateDayMax", AMOUNT, CATALOGUE_NO_LIMIT,              \
      CATALOGUE_AMOUNT_MAX)                                                                        \
    X(IDENTITY_LAYERS, "policy.identityLayers", SWITCH, 0, 1)                                      \
    X(DEVICE_PERSONS_MAX, "device.personsMax", COUNT, 1, 100)                                      \
    X(PHONE_PERSONS_MAX, "phone.personsMax", COUNT, 1, 100)                                        \
    X(CARD_PERSONS_MAX, "cards.personsPerCardMax", COUNT, 1, 1)                                    \
    X(UNVERIFIED_GRACE_DAYS, "kyc.unverifiedGraceDays", DAYS, 0, 365)                              \
    X(DOCUMENT_GRACE_DAYS, "kyc.documentGraceDays", DAYS, 0, 365)                                  \
    X(DOCUMENT_REMINDER_DAYS, "kyc.documentReminderDays", DAYS, 1, 180)                            \
    X(FACE_CARD_MINUTES, "face.cardCheckMinutes", MINUTES, 1, 10)                                  \
    X(PAYMENT_APPROVAL_ABOVE, "payment.approvalAbove", AMOUNT, 0, CATALOGUE_AMOUNT_MAX)

enum parameter {
#define CATALOGUE_ENUM(name, text, unit, least, most) PARAMETER_##name,
    CATALOGUE_PARAMETERS(CATALOGUE_ENUM)
#undef CATALOGUE_ENUM
        PARAMETER_COUNT
};

enum parameter_unit {
    PARAMETER_UNIT_AMOUNT, /* minor units */
    PARAMETER_UNIT_COUNT,
    PARAMETER_UNIT_SWITCH, /* 0 off, 1 on */
    PARAMETER_UNIT_RATE,   /* parts per billion a year */
    PARAMETER_UNIT_DAYS,
    PARAMETER_UNIT_MINUTES
};
const char *parameter_unit_name(enum parameter_unit unit); /* "amount" */
const char *parameter_name(enum parameter parameter);      /* "classI.countMax" */
enum parameter_unit parameter_unit(enum parameter parameter);
/* Pure. ERR_NOT_FOUND. */
enum err parameter_find(const char *name, enum parameter *out);
/* Pure: a value that staff may set. ERR_PARAMETER_RANGE. */
enum err parameter_decide(enum parameter parameter, int64_t value);
void parameter_range(enum parameter parameter, int64_t *out_least, int64_t *out_most);

/* All parameters as they stand from a date on. A figure never begins in the past, so an edition keeps
 * its number once it has been in force. */
struct catalogue_edition {
    struct date effective_date;
    int32_t
        version; /* stored number, in the order in which changes were made: kept with decisions */
    int64_t values[PARAMETER_COUNT];
    const char *source_en[PARAMETER_COUNT]; /* law or contract that sets the figure */
    const char *source_zh[PARAMETER_COUNT];
    int32_t row_version[PARAMETER_COUNT];  /* of the row that set the figure */
    struct date row_date[PARAMETER_COUNT]; /* from which it holds */
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
/* Reads again what this or another process changed; *out_changed false: nothing was. One caller at a
 * time (a job, or the route that changed a figure). After an error all stands as before. */
#define CATALOGUE_RETIRED_MAX                                                                      \
    64 /* editions' readers outlive as many refreshes that found a change */
enum err catalogue_refresh(struct catalogue *catalogue, struct db_conn *conn, bool *out_changed);

/* A figure from a date on. Nothing is overwritten: a new row, with a version higher than all. */
struct catalogue_change {
    const char *name;
    int64_t value;
    struct date effective_date; /* today (limit_day) or later */
    struct staff_id staff;      /* who approved it */
    const char *source_en;      /* 1..CATALOGUE_SOURCE_MAX bytes each */
    const char *source_zh;
};
#define CATALOGUE_SOURCE_MAX 400
/* ERR_NOT_FOUND (no such parameter), ERR_PARAMETER_RANGE, ERR_INVALID_DATE (past, or beyond ten
 * years), ERR_INVALID_FIELD (a source text missing or too long). Seen by this process after
 * catalogue_refresh, by others within seconds. */
enum err catalogue_parameter_set(struct uow *uow, const struct catalogue_change *change,
                                 int32_t *out_version);

/* A figure as it stands on a date, and the next one that is known. */
struct catalogue_figure {
    const char *name;
    enum parameter_unit unit;
    int64_t value;
    struct date effective_date;
    int32_t version; /* of its row */
    const char *source_en;
    const char *source_zh;
    bool has_next;
    int64_t next_value;
    struct date next_date;
};
void catalogue_figure(const struct catalogue *catalogue, enum parameter parameter, struct date date,
                      struct catalogue_figure *out);
/* The edition in force on a date; the oldest one for dates before it. */
const struct catalogue_edition *catalogue_on(const struct catalogue *catalogue, struct date date);
/* The edition with that number, as a stored decision has it; NULL where this process has not seen it yet. */
const struct catalogue_edition *catalogue_of_version(const struct catalogue *catalogue,
                                                     int32_t version);
#define PRODUCT_CORPORATE 5 /* a company's demand account (schema/0020_company.sql) */
/* NULL where there is none. */
const struct catalogue_product *catalogue_product(const struct catalogue *catalogue, int32_t id);
/* The demand product of a class. */
const struct catalogue_product *catalogue_product_of(const struct catalogue *catalogue,
                                                     enum account_class class);
/* "2018-01-10/2": effective date and version. */
void catalogue_version_format(const struct catalogue_edition *edition,
                              char out[CATALOGUE_VERSION_SIZE]);

#endif
