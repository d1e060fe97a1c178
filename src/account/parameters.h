/*
 * Figures of accounts, cards and interest: the parameters that this room brings to the catalogue, and the
 * classes that they are about.
 */
#ifndef ACCOUNT_PARAMETERS_H
#define ACCOUNT_PARAMETERS_H

#include "catalogue/catalogue.h"

enum account_class {
    ACCOUNT_CLASS_I = 1,
    ACCOUNT_CLASS_II = 2,
    ACCOUNT_CLASS_III = 3,
    ACCOUNT_CLASS_PAYMENT = 4 /* of the payment institution: no deposit, bears no interest */
};
const char *account_class_name(enum account_class class); /* "I", "II", "III", "payment" */
/* ERR_INVALID_FIELD. */
enum err account_class_parse(const char *text, enum account_class *out);

#define PRODUCT_CORPORATE 5 /* a company's demand account: a row of catalogue_products */

#define ACCOUNT_PARAMETERS(X)                                                                      \
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
    X(CARD_PERSONS_MAX, "cards.personsPerCardMax", COUNT, 1, 1)                                    \
    X(UNVERIFIED_GRACE_DAYS, "kyc.unverifiedGraceDays", DAYS, 0, 365)                              \
    X(DOCUMENT_GRACE_DAYS, "kyc.documentGraceDays", DAYS, 0, 365)                                  \
    X(DOCUMENT_REMINDER_DAYS, "kyc.documentReminderDays", DAYS, 1, 180)                            \
    X(FACE_CARD_MINUTES, "face.cardCheckMinutes", MINUTES, 1, 10)

enum account_parameter { ACCOUNT_PARAMETERS(PARAMETER_ENUM) ACCOUNT_PARAMETER_COUNT };
extern const struct parameter_list ACCOUNT_PARAMETER_LIST;

const struct catalogue_setting *account_setting(const struct catalogue_edition *edition,
                                                enum account_parameter parameter);
int64_t account_figure(const struct catalogue_edition *edition, enum account_parameter parameter);

#endif
