/*
 * The review of accounts: who stays unverified beyond the grace, or whose ID card has expired beyond
 * its own, keeps the account for money that comes in, and gets money out to an own bound card only, until
 * things are put right; then the account opens again by itself.
 *
 *             found (told)            grace over                      put right
 *   fine ────────────────► wanting ────────────► frozen, "unverified" ─────────► fine
 *    │ ▲                      └── put right ► fine            documentExpired ◄┐
 *    │ └───────────────────────────────────────────────────────────────────────┘
 *    └── 30 days before the card's last day: a reminder, once
 */
#ifndef ACCOUNT_REVIEW_H
#define ACCOUNT_REVIEW_H

#include "account/account.h"

#define FREEZE_UNVERIFIED       "unverified"
#define FREEZE_DOCUMENT_EXPIRED "documentExpired"

enum review_action {
    REVIEW_NOTHING,
    REVIEW_NOTE,   /* message the owner; the grace begins */
    REVIEW_FORGET, /* put right in time */
    REVIEW_SUSPEND,
    REVIEW_LIFT
};
struct review_facts {
    enum account_state state;
    enum account_class class;
    bool frozen_by_review;
    bool is_verified;
    bool has_card, has_class_one_card; /* bound cards of the owner */
    struct date document_until;        /* {0}: unknown or long-term */
    int64_t found_at;                  /* 0: not wanting so far */
    int64_t now_us;
    struct date today;
};
/* Pure. *out_reason is FREEZE_… with REVIEW_SUSPEND. */
enum review_action account_review_decide(const struct catalogue_edition *edition,
                                         const struct review_facts *facts, const char **out_reason);
/* Pure: is a reminder of the card's last day due, if none was sent? */
bool account_review_reminds(const struct catalogue_edition *edition, struct date document_until,
                            struct date today);
/* Pure: a freeze that lets money out to an own bound card. */
bool account_freeze_is_soft(const char *reason);

struct review_count {
    size_t seen, noted, suspended, lifted, reminded;
};
enum review_scope {
    REVIEW_ALL,    /* every open account: once a day, as grace and documents end by the day */
    REVIEW_PENDING /* those found before, and the frozen: what a person may mend at any hour */
};
/* A job, on its own thread: looks at accounts of a bucket and does what is due, each in a transaction of
 * its own. A second run finds nothing to do. *out is added to. */
enum err account_review_bucket(struct engine *engine, const struct customer_room *room,
                               const struct catalogue *catalogue, int bucket,
                               enum review_scope scope, struct review_count *out);

#endif
