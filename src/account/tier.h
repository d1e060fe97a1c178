/*
 * Payment accounts (PBOC Announcement 43 of 2015): the tier follows from how many independent outside
 * parties confirmed the person, and caps what is paid to others from the balance: tier I in all since
 * opening, II and III a year, and each day by how strongly the payer proved itself. The counters
 * belong to the person, over all payment accounts. Transfers to the person's own accounts and cards do
 * not count.
 */
#ifndef ACCOUNT_TIER_H
#define ACCOUNT_TIER_H

#include "account/limit.h"
#include "customer/customer.h"

enum payment_tier { TIER_NONE = 0, TIER_I = 1, TIER_II = 2, TIER_III = 3 };
const char *payment_tier_name(enum payment_tier tier); /* "I"; NULL for none */

/* How a payer proved itself for one payment. */
enum auth_strength {
    AUTH_ONE_FACTOR = 1,  /* a session, or the pass code alone */
    AUTH_TWO_FACTORS = 2, /* pass code and face or time code */
    AUTH_CERTIFICATE = 3  /* pass code and passkey: a key that never leaves its device */
};
/* Pure. */
enum auth_strength auth_strength_of(const struct principal *principal, int64_t now_us);

/* Pure: by the number of channels. */
enum payment_tier tier_of(const struct catalogue_edition *edition, size_t channel_count);
/* Pure: investment products may be bought from the balance of tier III only. */
bool tier_allows_investment(enum payment_tier tier);

struct tier_usage {
    int64_t total_minor; /* since opening */
    int64_t year_minor;
    int64_t day_minor;
};
/* Pure: judges counters that hold `amount_minor` already. ERR_TIER_MISSING; ERR_LIMIT_EXCEEDED with
 * *out: total or year before day. */
enum err tier_decide(const struct catalogue_edition *edition, enum payment_tier tier,
                     enum auth_strength strength, const struct tier_usage *after,
                     int64_t amount_minor, struct limit_report *out);

/* Counts a payment to somebody else from the person's payment account, and judges it. Errors of
 * tier_decide. */
enum err tier_reserve(struct uow *uow, const struct catalogue_edition *edition,
                      struct customer_id customer, enum auth_strength strength,
                      int64_t amount_minor, struct limit_report *out);
/* Gives a failed payment's reservation back; `day` is that of the reservation. */
enum err tier_release(struct uow *uow, struct customer_id customer, int64_t amount_minor,
                      struct date day);
/* The limits of the tier with what is used of them; two at most. */
#define TIER_LIMITS_MAX 2
enum err tier_limits(struct db_conn *conn, const struct catalogue_edition *edition,
                     struct customer_id customer, enum auth_strength strength, struct date day,
                     struct limit_report out[TIER_LIMITS_MAX], size_t *out_count);

#endif
