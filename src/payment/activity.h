/*
 * What happened on an account, for its owner: lines of the ledger joined with their payments,
 * newest first, searched and filtered.
 */
#ifndef PAYMENT_ACTIVITY_H
#define PAYMENT_ACTIVITY_H

#include "payment/payment.h"

#define ACTIVITY_SCAN_MAX 500 /* lines read by one call, however few match */
#define ACTIVITY_PAGE_MAX 100

enum activity_kind {
    ACTIVITY_TRANSFER = 1,
    ACTIVITY_TOP_UP,
    ACTIVITY_WITHDRAWAL,
    ACTIVITY_INTEREST,
    ACTIVITY_REVERSAL,
    ACTIVITY_OTHER
};
const char *activity_kind_name(enum activity_kind kind); /* "topUp", "interest", … */
enum err activity_kind_parse(const char *text, enum activity_kind *out); /* ERR_INVALID_FIELD */

struct activity_filter {
    enum ledger_side side; /* LEDGER_CREDIT: in, LEDGER_DEBIT: out, 0: both */
    bool has_from, has_to;
    struct date from, to;    /* booking dates, both included */
    int64_t min_minor;       /* 0: any */
    int64_t max_minor;       /* 0: any */
    enum activity_kind kind; /* 0: any */
    const char *text;        /* NULL or "": any; else part of the other party's name, masked number,
                                remittance text or amount, in any case */
};

struct activity_line {
    struct ledger_line line; /* side and balance are the account's */
    enum activity_kind kind;
    bool has_payment;
    struct payment payment; /* where has_payment */
    const char *other_name; /* into `payment`; "" without */
    const char *other_masked;
};

typedef bool activity_visit(const struct activity_line *line, void *context);

/* Gives up to `limit` matching lines older than `before_id` (0: from the newest). *out_next is the
 * cursor of the next page, 0 at the end; a page may be short, even empty, with a cursor: the call
 * reads ACTIVITY_SCAN_MAX lines at most. Only booked lines: holds are ledger_holds_open. */
enum err activity_each(struct ledger *ledger, struct db_conn *conn, struct account_id account,
                       const struct activity_filter *filter, int64_t before_id, size_t limit,
                       activity_visit *visit, void *context, int64_t *out_next);

#endif
