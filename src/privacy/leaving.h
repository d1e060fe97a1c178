/*
 * A customer leaves the bank: every account is closed and its money paid out, cards are unbound at
 * their issuers, sessions end, the phone number becomes free. Identifying data stay sealed for ten
 * years (Anti-Money-Laundering Law as revised in 2024, art. 34: at least ten), then they are erased.
 *
 *           all accounts closed            ten years
 *   OPEN ------------------------> CLOSED -----------> ERASED
 *    | \-- a payout was refused, or an account opened meanwhile --> FAILED: a customer as before
 *    +--- a payout is pending: stays OPEN; a job tries again, also after a restart of the process
 */
#ifndef PRIVACY_LEAVING_H
#define PRIVACY_LEAVING_H

#include "frame/person.h"
#include "payment/closure.h"
#include "payment/payment.h"

#define LEAVING_KEPT_MONTHS 120

extern const struct room_parts PRIVACY_PARTS; /* frame/room.h */

enum leaving_state { LEAVING_OPEN = 1, LEAVING_CLOSED = 2, LEAVING_FAILED = 3, LEAVING_ERASED = 4 };
struct leaving {
    int64_t id; /* 0: none */
    struct customer_id customer;
    enum leaving_state state;
    struct card_id card;
    int64_t begun_at, ended_at;
    struct date erase_date;
};
/* read: the newest; id 0 if there is none. */
enum err leaving_load(struct db_conn *conn, struct customer_id customer, struct leaving *out);

struct leaving_request {
    struct customer_id customer;
    struct card_id card; /* 0: none; needed if there is money */
    struct payment_proof proof;
};
struct leaving_result {
    struct leaving leaving;
    const struct obstacle_row *obstacles[OBSTACLES_MAX]; /* with ERR_LEAVING_BLOCKED, by place */
    size_t obstacle_count;
    struct limit_report limit; /* with ERR_LIMIT_EXCEEDED */
    size_t attempt_count;      /* the caller makes these; else the outbox does */
    struct quickpay_result attempts[ACCOUNT_PER_PERSON_MAX];
};
/* commit: the caller has asked for a step-up. Who is leaving already gets the same again, and nothing
 * moves. ERR_NOT_FOUND, ERR_CUSTOMER_STATE (suspended, closed), ERR_LEAVING_BLOCKED,
 * ERR_CLOSURE_TARGET (money, and no card), then those of closure_begin. */
enum err leaving_begin(const struct house *house, struct uow *uow,
                       const struct leaving_request *request, struct leaving_result *out);
/* commit: continues an open leaving. After LEAVING_CLOSED is durable: leaving_forget. */
enum err leaving_follow(const struct house *house, struct uow *uow, struct customer_id customer,
                        struct leaving *out);
/* Sessions and face in memory. */
void leaving_forget(const struct house *house, struct customer_id customer);

/* Job: follows all open leavings, `limit` at a time; those that wait for a pay-out, or fail, hold up no
 * other. The first error is given at the end. Not inside a unit of work. */
enum err leaving_follow_due(const struct house *house, size_t limit, size_t *out_count);
/* Job: erases the customers of the bucket whose retention has ended on `today`. A repeated or
 * interrupted run does the rest. */
enum err leaving_erase_due(const struct house *house, int bucket, struct date today,
                           size_t *out_count);

#endif
