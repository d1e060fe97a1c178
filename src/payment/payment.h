/*
 * Payments: transfers between customers, top-ups from and withdrawals to bound cards. The front
 * door of the room; it includes the room's other public headers.
 *
 * A payment row lies in the bucket of the customer who made it; its id alone finds it. A payment
 * and its journal are written in one transaction. What the clearing house answers is kept as it
 * came; what it did not answer is asked, never guessed (quickpay.h).
 */
#ifndef PAYMENT_PAYMENT_H
#define PAYMENT_PAYMENT_H

#include "account/account.h"
#include "base/money.h"
#include "customer/customer.h"
#include "engine/engine.h"
#include "payment/payment_rules.h"

extern const struct room_parts PAYMENT_PARTS; /* frame/room.h */
/* The clearing house of an open house (quickpay.h). */
struct channel *payment_channel_of(const struct house *house);

#define PAYMENT_TEXT_MAX        140 /* characters of a remittance text */
#define PAYMENT_TEXT_SIZE       (4 * PAYMENT_TEXT_MAX + 1)
#define PAYMENT_MASKED_SIZE     20 /* of an account or card number */
#define PAYMENT_REASON_SIZE     8
#define PAYMENT_END_TO_END_SIZE 36
#define PAYMENT_AMOUNT_MAX      INT64_C(100000000000000) /* minor units: above is ERR_OVERFLOW */

#define PAYMENT_SALT_SIZE 16

/* Who ordered a payment. Stored. */
enum payment_source {
    PAYMENT_BY_SESSION = 1, /* a customer in a session */
    PAYMENT_BY_ORDER = 2,   /* the people of a company, by an order that they approved */
    PAYMENT_BY_BANK = 3     /* the bank: one more payout of an account that is closing */
};
/* What an order rests on, as it was when it was given. */
struct payment_proof {
    enum payment_source source;
    int64_t source_id; /* session, company order, or the payment that is repeated */
    unsigned factors;  /* bits of enum factor that the session had shown and that still counted */
};
/* Of a customer's session. Pure. */
struct payment_proof payment_proof_of(const struct principal *who, int64_t now_us);

/* Everything about a payment that anybody is shown: API, receipt, statement, console. */
struct payment {
    struct payment_id id;
    enum payment_kind kind;
    enum payment_status status;
    struct customer_id debtor_customer; /* a top-up has the same customer on both sides */
    struct customer_id creditor_customer;
    struct account_id debtor_account;     /* 0: a card */
    struct account_id creditor_account;   /* 0: a card */
    char debtor_name[CUSTOMER_NAME_SIZE]; /* as they were when the payment was made */
    char creditor_name[CUSTOMER_NAME_SIZE];
    char debtor_masked[PAYMENT_MASKED_SIZE]; /* account or card */
    char creditor_masked[PAYMENT_MASKED_SIZE];
    struct card_id card; /* 0: none */
    struct money amount;
    char text[PAYMENT_TEXT_SIZE];     /* remittance information, "" */
    char reason[PAYMENT_REASON_SIZE]; /* ISO 20022 reason code of a rejection, "" */
    int32_t rule_version;             /* of the catalogue */
    char end_to_end[PAYMENT_END_TO_END_SIZE];
    struct journal_id journal; /* 0: none (yet) */
    struct hold_id hold;       /* of a withdrawal */
    int64_t created_at;
    int64_t settled_at; /* 0; also the instant of a rejection */
    int32_t query_count;
    int32_t attempt_count;
    int64_t asked_at;      /* newest contact with the channel, 0: none */
    int64_t next_query_at; /* 0: none */
    bool answered;         /* the channel said PDNG: it knows the instruction */
    bool counted_small;    /* it used the day's small-payment limit: no step-up */
    int64_t version;       /* ETag */
    struct payment_proof proof;
    uint8_t
        salt[PAYMENT_SALT_SIZE]; /* of its digest: amounts and names cannot be guessed from that */
};

/* Outbox rows when a payment has ended; ref_id is the payment, the body is empty ("{}"). */
#define PAYMENT_TOPIC_BOOKED   "payment.booked"
#define PAYMENT_TOPIC_REJECTED "payment.rejected"

/* The reference of a payer who gave none: "SYCEE" and the id. */
void payment_end_to_end_make(struct payment_id id, char out[PAYMENT_END_TO_END_SIZE]);

/* Fresh random bytes for a new payment's digest. */
void payment_salt_make(uint8_t out[PAYMENT_SALT_SIZE]);
/* Salted digest of the order, of what it rests on and of the instant it settled (0: not yet), for its
 * journal. */
struct order_hash payment_order_hash(const struct payment *payment, int64_t settled_at);

/* ERR_NOT_FOUND. */
enum err payment_load(struct db_conn *conn, struct payment_id id, struct payment *out);
/* Several payments in as few round trips as the engine allows; found[k] says which there are. */
enum err payment_load_many(struct db_conn *conn, const struct payment_id *ids, size_t count,
                           struct payment *out, bool *out_found);
/* ERR_NOT_FOUND also where the customer is on neither side. */
enum err payment_load_own(struct db_conn *conn, struct customer_id customer, struct payment_id id,
                          struct payment *out);
/* The customer's payments that have not ended, newest first, older than `before_id` (0: all). */
enum err payment_open_list(struct db_conn *conn, struct customer_id customer, int64_t before_id,
                           struct payment *out, size_t max, size_t *out_count);
/* Why it was rejected, in words; NULL where it was not. */
const char *payment_reason_text(const char *reason, enum lang lang);

/* A step in the life of a channel payment, for staff. A transfer has none: it is made settled. */
struct payment_event_row {
    int64_t id;
    int64_t at;
    char event[24]; /* "begun", "attempt", "pending", "unknown", "notSent", "settled", "rejected", …
                     */
    char detail[64];
};
typedef bool payment_event_visit(const struct payment_event_row *row, void *context);
enum err payment_events_each(struct db_conn *conn, struct payment_id id, payment_event_visit *visit,
                             void *context);

/* For staff: newest first over all buckets. */
struct payment_filter {
    enum payment_status status;  /* 0: any */
    enum payment_kind kind;      /* 0: any */
    int64_t from_us;             /* created at or after; 0: any */
    int64_t to_us;               /* created before; 0: any */
    struct customer_id customer; /* on either side; 0: any */
    int64_t before_id;           /* cursor; 0: newest */
};
enum err payment_report_list(struct db_conn *conn, const struct payment_filter *filter,
                             struct payment *out, size_t max, size_t *out_count);
/* Counts and amounts by status of the payments made in [from, to). */
struct payment_report_row {
    enum payment_status status;
    int64_t count;
    int64_t amount_minor;
};
enum err payment_report_by_status(struct db_conn *conn, int64_t from_us, int64_t to_us,
                                  struct payment_report_row out[4], size_t *out_count);
/* Settled payments by hour of [from, to): `visit` per hour that has some. */
typedef bool payment_hour_visit(int64_t hour_us, int64_t count, int64_t amount_minor,
                                void *context);
enum err payment_report_hours(struct db_conn *conn, int64_t from_us, int64_t to_us,
                              payment_hour_visit *visit, void *context);

/* What staff must look at: money or an answer that came when its payment had ended, an answer about
 * something else, a payment undecided for long. */
#define PAYMENT_ALERT_SETTLED_LATE   "settledAfterRejection"
#define PAYMENT_ALERT_REJECTED_LATE  "rejectedAfterSettlement"
#define PAYMENT_ALERT_ACCOUNT_CLOSED "settledToClosedAccount"
#define PAYMENT_ALERT_OTHER          "answerNamesAnother" /* id, amount, currency or agreement */
#define PAYMENT_ALERT_LONG           "undecidedForADay"
#define PAYMENT_LONG_US              INT64_C(86400000000)
#define PAYMENT_ALERT_NOTE_SIZE      1001
#define PAYMENT_ALERT_DUE_US         INT64_C(86400000000) /* open for longer is overdue */
struct payment_alert {
    int64_t id;
    struct payment_id payment;
    char kind[32]; /* PAYMENT_ALERT_… */
    int64_t raised_at;
    int64_t closed_at; /* 0: open */
    struct staff_id closed_by;
    char note[PAYMENT_ALERT_NOTE_SIZE]; /* what was done about it */
};
typedef bool payment_alert_visit(const struct payment_alert *alert, void *context);
/* Open or closed ones over all buckets, newest first, older than `before_id` (0: all). */
enum err payment_report_alerts(struct db_conn *conn, bool closed, int64_t before_id, size_t limit,
                               payment_alert_visit *visit, void *context);
struct payment_alert_counts {
    int64_t open, overdue, oldest_at; /* oldest_at 0: none is open */
};
enum err payment_alert_counts(struct db_conn *conn, int64_t now_us,
                              struct payment_alert_counts *out);
/* `note`: 1 to PAYMENT_ALERT_NOTE_SIZE - 1 bytes. ERR_NOT_FOUND, ERR_CASE_DECIDED (closed already). */
enum err payment_alert_close(struct uow *uow, int64_t alert_id, struct staff_id staff,
                             const char *note);

/* --- End of day ----------------------------------------------------------------------------------
 */

/* After `date` has closed: settles the bucket's clearing accounts against the reserve, so that
 * customers' money equals the reserve at the close. Once for each (date, bucket); a repeated run
 * changes nothing. *out_minor: money that moved, both directions added.
 * ERR_INVALID_DATE where the date has not closed. */
enum err payment_eod_settle(struct engine *engine, struct date date, int bucket,
                            int64_t *out_minor);

#include "payment/activity.h"
#include "payment/quickpay.h"
#include "payment/transfer.h"

#endif
