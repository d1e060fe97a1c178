/* Which payment passes which limit: pure. */
#include "account/limit.h"
#include "account/limit_store.h"
#include "base/check.h"

#include <stddef.h>

/* Parameters of a class's limits, in the order of enum limit_name. */
static const enum account_parameter class_parameters[3][5] = {
    {PARAMETER_CLASS_I_OUTFLOW_DAY_MAX, PARAMETER_CLASS_I_OUTFLOW_YEAR_MAX,
     PARAMETER_CLASS_I_INFLOW_DAY_MAX, PARAMETER_CLASS_I_INFLOW_YEAR_MAX,
     PARAMETER_CLASS_I_BALANCE_MAX},
    {PARAMETER_CLASS_II_OUTFLOW_DAY_MAX, PARAMETER_CLASS_II_OUTFLOW_YEAR_MAX,
     PARAMETER_CLASS_II_INFLOW_DAY_MAX, PARAMETER_CLASS_II_INFLOW_YEAR_MAX,
     PARAMETER_CLASS_II_BALANCE_MAX},
    {PARAMETER_CLASS_III_OUTFLOW_DAY_MAX, PARAMETER_CLASS_III_OUTFLOW_YEAR_MAX,
     PARAMETER_CLASS_III_INFLOW_DAY_MAX, PARAMETER_CLASS_III_INFLOW_YEAR_MAX,
     PARAMETER_CLASS_III_BALANCE_MAX},
};

static enum account_parameter parameter_of(enum account_class class, enum limit_name name)
{
    CHECK(class >= ACCOUNT_CLASS_I && class <= ACCOUNT_CLASS_PAYMENT);
    CHECK(class != ACCOUNT_CLASS_PAYMENT || name > LIMIT_BALANCE_MAX);
    switch (name) {
    case LIMIT_OUTFLOW_NON_BOUND_DAY:
    case LIMIT_OUTFLOW_NON_BOUND_YEAR:
    case LIMIT_INFLOW_NON_BOUND_DAY:
    case LIMIT_INFLOW_NON_BOUND_YEAR:
    case LIMIT_BALANCE_MAX:
        return class_parameters[class - ACCOUNT_CLASS_I][name];
    case LIMIT_PAYMENTS_SMALL_DAY:
        return PARAMETER_SMALL_PAYMENT_DAY_MAX;
    case LIMIT_TOP_UP_PAYMENT:
        return PARAMETER_QUICK_PAY_PAYMENT_MAX;
    case LIMIT_TOP_UP_DAY:
        return PARAMETER_QUICK_PAY_DAY_MAX;
    case LIMIT_TIER_TOTAL:
    case LIMIT_TIER_YEAR:
    case LIMIT_TIER_DAY:
    case LIMIT_NAME_COUNT:
        break;
    }
    CHECK(!"a limit that there is");
    return ACCOUNT_PARAMETER_COUNT;
}

const char *limit_name(enum limit_name name)
{
    static const char *const names[LIMIT_NAME_COUNT] = {"outflowNonBoundDay",
                                                        "outflowNonBoundYear",
                                                        "inflowNonBoundDay",
                                                        "inflowNonBoundYear",
                                                        "balanceMax",
                                                        "paymentsSmallDay",
                                                        "topUpPayment",
                                                        "topUpDay",
                                                        "tierTotal",
                                                        "tierYear",
                                                        "tierDay"};
    CHECK((unsigned)name < LIMIT_NAME_COUNT);
    return names[name];
}

static void report(const struct catalogue_edition *edition, enum account_parameter parameter,
                   enum limit_name name, int64_t max_minor, int64_t used_minor,
                   struct limit_report *out)
{
    const struct catalogue_setting *setting = account_setting(edition, parameter);
    int64_t left = INT64_MAX;
    if (max_minor != CATALOGUE_NO_LIMIT) {
        left = used_minor < max_minor ? max_minor - used_minor : 0;
    }
    *out = (struct limit_report){.name = name,
                                 .max_minor = max_minor,
                                 .used_minor = used_minor,
                                 .left_minor = left,
                                 .rule_version = edition->version,
                                 .source_en = setting->source_en,
                                 .source_zh = setting->source_zh};
}

void limit_fill(const struct catalogue_edition *edition, enum account_parameter parameter,
                enum limit_name name, int64_t used_minor, struct limit_report *out)
{
    report(edition, parameter, name, account_figure(edition, parameter), used_minor, out);
}

void limit_describe(const struct catalogue_edition *edition, enum account_class class,
                    enum limit_name name, int64_t used_minor, struct limit_report *out)
{
    limit_fill(edition, parameter_of(class, name), name, used_minor, out);
}

/* `after_minor` holds the amount already. */
static bool is_passed(int64_t max_minor, int64_t after_minor)
{
    return max_minor != CATALOGUE_NO_LIMIT && after_minor > max_minor;
}

static enum err decide_one(const struct catalogue_edition *edition, enum account_class class,
                           enum limit_name name, int64_t after_minor, int64_t amount_minor,
                           struct limit_report *out)
{
    /* What is paid from payment accounts is limited by the tier of the person (tier.h). */
    if (class == ACCOUNT_CLASS_PAYMENT ||
        !is_passed(account_figure(edition, parameter_of(class, name)), after_minor)) {
        return ERR_OK;
    }
    limit_describe(edition, class, name, after_minor - amount_minor, out);
    return ERR_LIMIT_EXCEEDED;
}

enum err limit_decide(const struct catalogue_edition *edition, enum account_class class,
                      enum limit_kind kind, const struct limit_usage *after, int64_t amount_minor,
                      struct limit_report *out)
{
    CHECK(kind == LIMIT_KIND_OUTFLOW || kind == LIMIT_KIND_INFLOW);
    bool outflow = kind == LIMIT_KIND_OUTFLOW;
    enum err err = decide_one(edition, class,
                              outflow ? LIMIT_OUTFLOW_NON_BOUND_DAY : LIMIT_INFLOW_NON_BOUND_DAY,
                              after->day_minor, amount_minor, out);
    if (err != ERR_OK) {
        return err;
    }
    return decide_one(edition, class,
                      outflow ? LIMIT_OUTFLOW_NON_BOUND_YEAR : LIMIT_INFLOW_NON_BOUND_YEAR,
                      after->year_minor, amount_minor, out);
}

enum err limit_decide_top_up(const struct catalogue_edition *edition, int64_t payment_max_minor,
                             int64_t day_max_minor, const struct limit_usage *after,
                             int64_t amount_minor, struct limit_report *out)
{
    if (is_passed(payment_max_minor, amount_minor)) {
        report(edition, PARAMETER_QUICK_PAY_PAYMENT_MAX, LIMIT_TOP_UP_PAYMENT, payment_max_minor, 0,
               out);
        return ERR_LIMIT_EXCEEDED;
    }
    if (is_passed(day_max_minor, after->day_minor)) {
        report(edition, PARAMETER_QUICK_PAY_DAY_MAX, LIMIT_TOP_UP_DAY, day_max_minor,
               after->day_minor - amount_minor, out);
        return ERR_LIMIT_EXCEEDED;
    }
    return ERR_OK;
}

bool limit_has_cap(const struct catalogue_edition *edition, enum account_class class)
{
    return class != ACCOUNT_CLASS_PAYMENT &&
           account_figure(edition, parameter_of(class, LIMIT_BALANCE_MAX)) != CATALOGUE_NO_LIMIT;
}

enum err limit_decide_balance(const struct catalogue_edition *edition, enum account_class class,
                              int64_t balance_after_minor, int64_t amount_minor,
                              struct limit_report *out)
{
    return decide_one(edition, class, LIMIT_BALANCE_MAX, balance_after_minor, amount_minor, out);
}

bool limit_is_small(const struct catalogue_edition *edition, int64_t amount_minor,
                    int64_t day_minor_after)
{
    return amount_minor <= account_figure(edition, PARAMETER_SMALL_PAYMENT_MAX) &&
           day_minor_after <= account_figure(edition, PARAMETER_SMALL_PAYMENT_DAY_MAX);
}
