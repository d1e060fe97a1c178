/*
 * Limits as reservations: a payment adds its amount to the counters of both sides in its own
 * transaction, then compares. Two payments at once cannot pass one limit, because the second sees
 * what the first added; a refusal undoes the addition with the transaction.
 *
 * A day is a day of the bank's civil time (limit_day), a year a calendar year. Counters that belong
 * to an older day or year start anew at the first reservation of the new one.
 */
#ifndef ACCOUNT_LIMIT_H
#define ACCOUNT_LIMIT_H

#include "account/parameters.h"
#include "base/id.h"
#include "engine/engine.h"

/* What is counted, each in one row of account_usages. */
enum limit_kind {
    LIMIT_KIND_OUTFLOW = 1, /* of an account, to accounts not bound to it */
    LIMIT_KIND_INFLOW = 2,  /* of an account, from accounts not bound to it */
    LIMIT_KIND_SMALL = 3,  /* of a customer: payments without step-up, from all accounts together */
    LIMIT_KIND_TOP_UP = 4, /* of a card: debits by quick pay */
    LIMIT_KIND_OPENING = 5,    /* of a customer: accounts and cards added; its row is their lock */
    LIMIT_KIND_TIER = 6,       /* of a customer: paid to others from payment accounts */
    LIMIT_KIND_TIER_TOTAL = 7, /* the same since opening: its "year" never ends */
    LIMIT_KIND_INCOMING =
        8, /* of an account: top-ups on their way; no day and no year, see below */
    LIMIT_KIND_NEW_DEVICE = 9 /* of a customer: paid out from devices that are new or unknown */
};

/* Each limit that a customer can meet. */
enum limit_name {
    LIMIT_OUTFLOW_NON_BOUND_DAY,
    LIMIT_OUTFLOW_NON_BOUND_YEAR,
    LIMIT_INFLOW_NON_BOUND_DAY,
    LIMIT_INFLOW_NON_BOUND_YEAR,
    LIMIT_BALANCE_MAX,
    LIMIT_PAYMENTS_SMALL_DAY,
    LIMIT_TOP_UP_PAYMENT,
    LIMIT_TOP_UP_DAY,
    LIMIT_TIER_TOTAL,
    LIMIT_TIER_YEAR,
    LIMIT_TIER_DAY,
    LIMIT_NAME_COUNT
};
const char *limit_name(enum limit_name name); /* "outflowNonBoundDay", … */

/* A limit, what is used of it and what is left; goes into refusals and the list of limits. */
struct limit_report {
    enum limit_name name;
    int64_t max_minor; /* CATALOGUE_NO_LIMIT: none */
    int64_t used_minor;
    int64_t left_minor; /* never below 0; INT64_MAX if there is no limit */
    int32_t rule_version;
    const char *source_en;
    const char *source_zh;
};

/* Counters of one owner and kind as of a day. */
struct limit_usage {
    int64_t day_minor;
    int64_t day_count;
    int64_t year_minor;
};

struct date limit_day(const struct uow *uow);

/* Adds to the counters and gives them after the addition. amount > 0. Errors of db. */
enum err limit_reserve(struct uow *uow, int64_t owner_id, enum limit_kind kind,
                       int64_t amount_minor, struct limit_usage *out);
/* Takes a failed payment's reservation back, if its day (and year) is still the counted one.
 * `day` is the day of the reservation. */
enum err limit_release(struct uow *uow, int64_t owner_id, enum limit_kind kind,
                       int64_t amount_minor, struct date day);
/* Money on its way into an account, which the cap of its class counts: reserved when a top-up begins,
 * released when it has ended, whichever way. The row is held until the transaction ends, so that nothing else
 * comes in between; an amount of 0 only holds it. *out_minor: all that is on its way, this included.
 * Released before the ledger's accounts are touched. */
enum err limit_incoming_reserve(struct uow *uow, int64_t account_id, int64_t amount_minor,
                                int64_t *out_minor);
enum err limit_incoming_release(struct uow *uow, int64_t account_id, int64_t amount_minor);
/* Counters of a day without changing them; zeros if nothing was counted. */
enum err limit_usage_load(struct db_conn *conn, int64_t owner_id, enum limit_kind kind,
                          struct date day, struct limit_usage *out);

/* --- Pure rules (limit_rules.c) ----------------------------------------------------------------
 */

/* Judges counters that hold `amount_minor` already. ERR_LIMIT_EXCEEDED fills *out with the limit
 * that is passed (day before year) as it stood before this payment. */
enum err limit_decide(const struct catalogue_edition *edition, enum account_class class,
                      enum limit_kind kind, const struct limit_usage *after, int64_t amount_minor,
                      struct limit_report *out);
/* The same for a card's agreement, whose maxima are its own. */
enum err limit_decide_top_up(const struct catalogue_edition *edition, int64_t payment_max_minor,
                             int64_t day_max_minor, const struct limit_usage *after,
                             int64_t amount_minor, struct limit_report *out);
/* Has the class a balance cap? */
bool limit_has_cap(const struct catalogue_edition *edition, enum account_class class);
/* May a balance (pending credits and money on its way included) grow to `balance_after_minor`? */
enum err limit_decide_balance(const struct catalogue_edition *edition, enum account_class class,
                              int64_t balance_after_minor, int64_t amount_minor,
                              struct limit_report *out);
/* True if a payment may go without step-up: at most the small-payment maximum, and all of the
 * day's small payments, this one included, at most the day's. `day_minor_after` includes it. */
bool limit_is_small(const struct catalogue_edition *edition, int64_t amount_minor,
                    int64_t day_minor_after);
/* Fills max, left, version and source of a limit of a class (not those of tiers). */
void limit_describe(const struct catalogue_edition *edition, enum account_class class,
                    enum limit_name name, int64_t used_minor, struct limit_report *out);

#endif
