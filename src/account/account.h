/*
 * Customers' accounts: classes I, II and III with their limits, bound cards, daily interest, freeze
 * and close. The front door of the room; it includes the room's other public headers.
 *
 * An account has a ledger account of the same id, in its customer's bucket. Functions with
 * a `uow` run inside the caller's transaction; those with a `conn` only read, on any connection.
 */
#ifndef ACCOUNT_ACCOUNT_H
#define ACCOUNT_ACCOUNT_H

#include "account/card.h"
#include "account/interest.h"
#include "account/limit.h"
#include "account/parameters.h"
#include "account/tier.h"
#include "base/money.h"
#include "engine/engine.h"

extern const struct room_parts ACCOUNT_PARTS; /* frame/room.h */

#define ACCOUNT_NUMBER_SIZE 17 /* 16 digits, the last a Luhn check digit, and a NUL */
/* Of all classes that are not closed; a list has the newest closed ones too. */
#define ACCOUNT_PER_PERSON_MAX 16
#define ACCOUNT_GROUND_SIZE    256
#define ACCOUNT_REASON_SIZE    32

/*           freeze                      end              close
 *   active ────────► frozen     active ───────► closing ───────► closed (terminal)
 *    ▲  ▲               │          ▲               │                ▲
 *    │  └── unfreeze ───┘          └──── resume ───┘                │
 *    └───────────────────────── close, if it is empty ────────────┘
 *   A frozen account takes money in and gives none out but what its freeze allows; one that is closing
 *   does neither but for its own last payment (payment/closure.h), and can be frozen. */
enum account_state {
    ACCOUNT_ACTIVE = 1,
    ACCOUNT_FROZEN = 2,
    ACCOUNT_CLOSED = 3,
    ACCOUNT_CLOSING = 4
};
enum account_event {
    ACCOUNT_FREEZE = 1,
    ACCOUNT_UNFREEZE = 2,
    ACCOUNT_CLOSE = 3,
    ACCOUNT_END = 4,   /* closure begun */
    ACCOUNT_RESUME = 5 /* closure failed */
};
const char *account_state_name(enum account_state state); /* "active", … */

struct account {
    struct account_id id;
    struct customer_id customer;
    enum account_class class;
    enum account_state state;
    int32_t product;
    struct ccy ccy;
    char number[ACCOUNT_NUMBER_SIZE];
    int64_t opened_at;
    int64_t version; /* rises with each change: the ETag */
};

/* ERR_NOT_FOUND. */
enum err account_load(struct db_conn *conn, struct account_id id, struct account *out);
/* As account_load, but holds the row against changes of others until the transaction ends. */
enum err account_lock(struct uow *uow, struct account_id id, struct account *out);
/* As account_load, but ERR_NOT_FOUND also if it is another customer's. */
enum err account_load_own(struct db_conn *conn, struct customer_id customer, struct account_id id,
                          struct account *out);
/* Accounts of a customer, oldest first: all that are not closed, and of the closed ones the newest,
 * as many as fit into `max`. */
enum err account_list(struct db_conn *conn, struct customer_id customer, struct account *out,
                      size_t max, size_t *out_count);
/* The account that takes what is sent to the customer's phone: the oldest deposit account that takes
 * money, else the payment account. ERR_NOT_FOUND. */
enum err account_receiving(struct db_conn *conn, struct customer_id customer, struct account *out);
/* The same in a batch of the caller's: queued, then read in its turn. */
enum err account_receiving_queue(struct db_conn *conn, struct customer_id customer);
enum err account_receiving_read(struct db_conn *conn, struct account *out);
/* By its 16 digits. ERR_NOT_FOUND. */
enum err account_find_by_number(struct db_conn *conn, const char *number, struct account *out);
/* "8812********1234". */
void account_mask_number(const char *number, char out[ACCOUNT_NUMBER_SIZE]);
/* 16 digits with the right prefix and check digit. */
bool account_number_is_valid(const char *number);

/* Number of accounts that are not closed; a report over all buckets. */
enum err account_report_count(struct db_conn *conn, int64_t *out_count);

/* Opens an account of the class with its ledger account (GL_DEPOSITS_DEMAND, GL_PAYMENT_ACCOUNTS), its
 * number and, for deposits, its interest row. ERR_ACCOUNT_COUNT: the person has as many of that class
 * as is allowed. */
enum err account_open(struct uow *uow, const struct catalogue *catalogue,
                      struct customer_id customer, enum account_class class, struct account *out);
/* A company's demand account: rules of class I, but as many as ACCOUNT_PER_PERSON_MAX. Its class never
 * changes and the review of persons leaves it alone. ERR_ACCOUNT_COUNT. */
enum err account_open_corporate(struct uow *uow, const struct catalogue *catalogue,
                                struct customer_id company, struct account *out);

/* What a person has shown before another account is opened. */
struct account_opening_facts {
    bool is_verified;     /* all layers of the identity */
    bool has_identity;    /* name and number */
    bool has_card;        /* a bound card: with name, number and phone the four elements */
    size_t channel_count; /* independent parties that confirmed the identity */
};
/* Pure. A further account that a customer opens alone: Class III or a payment account.
 * ERR_CLASS_BY_STAFF (I and II are not opened so), ERR_POLICY_REFUSED (early rule set: no payment
 * accounts), ERR_TIER_MISSING, ERR_ONBOARDING_INCOMPLETE. */
enum err account_decide_opening(const struct catalogue_edition *edition, enum account_class class,
                                const struct account_opening_facts *facts);
/* Loads the facts, decides and opens. As above, and those of account_open. The customer is active:
 * the caller has looked. */
enum err account_open_further(struct uow *uow, const struct catalogue *catalogue,
                              const struct customer *customer, enum account_class class,
                              struct account *out);

struct account_freeze_order {
    struct account_id account;
    char reason[ACCOUNT_REASON_SIZE]; /* "court", "police", "risk", "owner"; review.h: its own */
    char legal_ground[ACCOUNT_GROUND_SIZE]; /* law, number of the order; "" only for risk, owner */
    int64_t ends_at;                        /* 0: until lifted */
    struct staff_id staff;                  /* 0: the customer or a rule */
};
/* ERR_NOT_FOUND, ERR_INVALID_FIELD (no such reason, ground missing, end in the past),
 * ERR_ACCOUNT_STATE (not active, closing, or frozen by the review). An order takes the place of the
 * review's own freeze. */
enum err account_freeze(struct uow *uow, const struct account_freeze_order *order,
                        int64_t *out_freeze_id);
/* Why the account is frozen: the reason of the freeze that is on; "" where none is. */
enum err account_freeze_reason(struct db_conn *conn, struct account_id account,
                               char out[ACCOUNT_REASON_SIZE]);
/* May money go out to an own bound card? Also from an account that the review has frozen.
 * ERR_ACCOUNT_NOT_ACTIVE. */
enum err account_may_withdraw(struct db_conn *conn, const struct account *account);
/* ERR_NOT_FOUND, ERR_ACCOUNT_STATE (not frozen). */
enum err account_unfreeze(struct uow *uow, struct account_id account, struct staff_id staff);
/* Lifts freezes whose end has come; a job calls it until *out_count is below `limit`. */
enum err account_unfreeze_due(struct uow *uow, size_t limit, size_t *out_count);
/* ACCOUNT_END or ACCOUNT_RESUME of an account that the caller has locked; *account follows.
 * ERR_ACCOUNT_STATE. */
enum err account_move(struct uow *uow, struct account *account, enum account_event event);
/* ERR_NOT_FOUND, ERR_ACCOUNT_STATE (neither active nor closing), ERR_ACCOUNT_NOT_EMPTY (a balance, a hold, or
 * accrued interest that rounds to a minor unit: interest_pay it first). */
enum err account_close(struct uow *uow, struct account_id account);

/* --- Both sides of an internal payment, loaded and reserved in one round trip ------------------
 */

/* What to load and to reserve. A side with id 0 is left out (a channel payment has one side). */
struct account_flow {
    struct account_id debtor;
    struct account_id creditor;
    struct customer_id payer; /* whose small payments are counted; 0 if `small` is false */
    int64_t amount_minor;
    bool non_bound; /* counts in the limits of non-bound flow of both sides */
    bool small;     /* counts as a small payment of the payer (no fresh step-up) */
};
struct account_flow_state {
    struct account debtor;
    struct account creditor;
    struct limit_usage outflow; /* after the addition; zeros if not counted */
    struct limit_usage small;
    struct limit_usage inflow;
};
/* ERR_NOT_FOUND: an account that there is not. Decides nothing else. */
enum err account_flow_reserve(struct uow *uow, const struct account_flow *flow,
                              struct account_flow_state *out);
/* Would the account's balance, with what is on its way and this amount, pass the cap of its class? Holds the
 * account's row of money on its way until the transaction ends. With `stays` the amount is reserved: for
 * money that comes later (limit_incoming_release), otherwise it is booked in this transaction.
 * ERR_LIMIT_EXCEEDED fills *out. */
enum err account_cap_reserve(struct uow *uow, const struct catalogue_edition *edition,
                             const struct account *account, int64_t amount_minor, bool stays,
                             struct limit_report *out);
/* Gives a failed payment's reservations back. */
enum err account_flow_release(struct uow *uow, const struct account_flow *flow, struct date day);

/* --- Pure rules (account_rules.c) ----------------------------------------------------------------
 */

/* The life cycle: ERR_ACCOUNT_STATE if the event does not fit the state. */
enum err account_next_state(enum account_state state, enum account_event event,
                            enum account_state *out);
/* ERR_ACCOUNT_NOT_ACTIVE if money may not leave (all but active) or enter (closed, closing). */
enum err account_decide_debit(enum account_state state);
enum err account_decide_credit(enum account_state state);
/* Class and policy: under the phase-one policy money goes only between accounts of one name. */
enum err account_decide_class(const struct catalogue_edition *edition, bool same_owner);

/* All limits of an account on a day with what is used and left, top-up of the newest bound card
 * included; of a payment account those of the person's tier, for a payment proved by `strength`.
 * *out_count at most LIMIT_NAME_COUNT. `balance_minor` is the booked balance. */
enum err account_limits_of(struct db_conn *conn, const struct catalogue *catalogue,
                           const struct account *account, int64_t balance_minor, struct date day,
                           enum auth_strength strength, struct limit_report out[LIMIT_NAME_COUNT],
                           size_t *out_count);
/* The same for staff, as of a payer with two factors. */
enum err account_limits(struct db_conn *conn, const struct catalogue *catalogue,
                        const struct account *account, int64_t balance_minor, struct date day,
                        struct limit_report out[LIMIT_NAME_COUNT], size_t *out_count);

#endif
