/*
 * Debits and credits by GL code and currency, before a date and on it: the source of the trial
 * balance, the chart and the funds. Sums come from report_gl_days; transfers that it does not count
 * yet are read one by one.
 */
#ifndef REPORT_GL_SUMS_H
#define REPORT_GL_SUMS_H

#include "base/date.h"
#include "ledger/ledger.h"

#define GL_SUMS_MAX 2048 /* codes of the chart times currencies */

struct gl_sum {
    uint16_t gl_code;
    uint16_t ccy_number;
    int64_t before_debit_minor, before_credit_minor; /* booked before the date */
    int64_t on_debit_minor, on_credit_minor;         /* booked on it */
};
struct gl_sums {
    struct date date;
    struct gl_sum rows[GL_SUMS_MAX];
    size_t count;
};

extern const struct date GL_SUMS_ALL; /* a date after all bookings: everything lies before it */

/* `use_days` false reads every transfer: what the kept sums are tested against. ERR_OVERFLOW,
 * ERR_NO_MEMORY. */
enum err gl_sums_load(struct ledger *ledger, struct db_conn *conn, struct date date, bool use_days,
                      struct gl_sums *out);
/* NULL if nothing was booked. */
const struct gl_sum *gl_sums_find(const struct gl_sums *sums, uint16_t gl_code, int ccy_number);
/* True for a transfer that moved money, not for a hold's placing or release. */
bool gl_sums_counts(enum ledger_kind kind);

/* Where the kept sums end (gl_days.c). */
enum err gl_days_through(struct db_conn *conn, int64_t *out_through_id);
/* Adds the kept sums, by GL code and currency, to `sums`. */
enum err gl_days_add(struct db_conn *conn, struct gl_sums *sums);
/* One more debit and credit sum; `before` selects the pair of columns. */
enum err gl_sums_add(struct gl_sums *sums, uint16_t gl_code, int ccy_number, bool before,
                     int64_t debit_minor, int64_t credit_minor);

#endif
