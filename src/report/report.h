/*
 * What the bank shows of its books: statements, receipts, trial balance, chart with balances,
 * journals. Reads only, but for report_eod_gl_days, which sums closed days for later reading.
 *
 * Only money that moved counts (posts and captures); holds are no part of any report here. Amounts:
 * minor units. Dates: booking dates. `conn` is a reading connection of the caller's
 * (engine_read_begin), so that all statements of one report see one state. `ledger` is
 * engine_ledger(engine). Any thread. Errors of db come last everywhere.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "account/account.h"
#include "base/date.h"
#include "base/err.h"
#include "base/money.h"
#include "base/str.h"
#include "engine/engine.h"
#include "ledger/ledger.h"
#include "ledger/recipe.h"
#include "payment/payment.h"

extern const struct room_parts REPORT_PARTS; /* frame/room.h */

enum report_format { REPORT_JSON, REPORT_CSV, REPORT_PDF };
/* "json", "csv", "pdf". ERR_INVALID_FIELD. */
enum err report_format_parse(const char *text, enum report_format *out);
const char *report_content_type(enum report_format format); /* text types with their charset */

/* --- Statement of an account -------------------------------------------------------------------
 */

#define REPORT_LINES_MAX          20000
#define REPORT_STATEMENT_SIZE_MAX ((size_t)32 << 20) /* str_init the output with at least this */
#define REPORT_FILE_NAME_SIZE     64

struct report_order {
    const struct account *account;
    const char *holder_name; /* printed; "" for none */
    struct date from, to;    /* booking dates, both included */
    enum report_format format;
    enum lang lang;
    int64_t now_us; /* printed as the instant of making */
    const struct zone *zone;
};
/* Opening and closing balance, sums, and each line in the order of booking dates with its running
 * balance; the account's journals may be booked up to REPORT_BACKDATE_DAYS before the day they were
 * made. Appends to `out`. Each output bears a check code over all its facts: the same account and
 * period always give the same one, so a paper can be compared with the bank.
 * ERR_REPORT_PERIOD (from after to), ERR_REPORT_TOO_LONG (more than REPORT_LINES_MAX lines),
 * ERR_LEDGER_ACCOUNT, ERR_NO_MEMORY (also if `out` is full). */
#define REPORT_BACKDATE_DAYS 40
enum err report_statement(struct ledger *ledger, struct db_conn *conn,
                          const struct report_order *order, struct str *out);
/* "sycee-1234-2026-11-01-2026-11-30.pdf": for Content-Disposition. */
void report_file_name(const struct report_order *order, char out[REPORT_FILE_NAME_SIZE]);

/* --- Receipt of a payment ----------------------------------------------------------------------
 */

struct report_receipt_order {
    const struct payment *payment;
    enum lang lang;
    int64_t now_us;
    const struct zone *zone;
};
/* One page A5 (PDF): who paid whom, how much, when, in what state, under which numbers. Appends to
 * `out`. ERR_NO_MEMORY. */
enum err report_receipt(const struct report_receipt_order *order, struct str *out);

/* --- General ledger ----------------------------------------------------------------------------
 */

#define REPORT_GL_MAX 64 /* GL codes of one currency */

/* A GL code on a date: all its accounts and the bank's sub-accounts of all buckets together.
 * Opening and closing are debits less credits of all time before, and through, the date. */
struct report_gl_row {
    const struct gl_account *gl;
    int64_t opening_minor; /* > 0: a debit balance, < 0: a credit balance */
    int64_t debit_minor;   /* turnover of the date, >= 0 */
    int64_t credit_minor;
    int64_t closing_minor;
};
struct report_trial_balance {
    struct date date;
    struct ccy ccy;
    size_t count;
    struct report_gl_row rows[REPORT_GL_MAX]; /* by code; the whole chart, zeros too */
    /* Sums of the columns: opening and closing of rows in debit and of rows in credit. */
    int64_t opening_debit_minor, opening_credit_minor;
    int64_t debit_minor, credit_minor;
    int64_t closing_debit_minor, closing_credit_minor;
    bool balanced; /* the three pairs of sums are equal */
};
/* Computed from transfers by booking date: sums kept by report_eod_gl_days, and every transfer
 * after those one by one; exact for any date, also while the bank is open. `ledger` NULL: account
 * facts are read from the database alone (CLI). ERR_OVERFLOW, ERR_NO_MEMORY. */
enum err report_trial_balance(struct ledger *ledger, struct db_conn *conn, struct date date,
                              struct ccy ccy, struct report_trial_balance *out);

/* The chart with its balances of now; one row for each GL code and currency in use, and one in
 * `home` for each code that is not. */
struct report_chart_row {
    const struct gl_account *gl;
    struct ccy ccy;
    enum ledger_side normal_side;
    enum ledger_side side; /* on which the balance is; the normal side if it is zero */
    int64_t balance_minor; /* >= 0 */
    int64_t account_count; /* open or closed, the bank's sub-accounts included */
};
#define REPORT_CHART_MAX 256
enum err report_chart(struct ledger *ledger, struct db_conn *conn, struct ccy home,
                      struct report_chart_row out[REPORT_CHART_MAX], size_t *out_count);

/* Customers' money and its cover: the reserve and, between two ends of day, the amounts that the
 * clearing house has not settled yet. */
struct report_funds {
    struct ccy ccy;
    int64_t customer_funds_minor; /* GL_DEPOSITS_DEMAND, GL_PAYMENT_ACCOUNTS */
    int64_t reserve_minor;        /* GL_RESERVE */
    int64_t in_clearing_minor;    /* GL_CLEARING_RECEIVABLE less GL_CLEARING_PAYABLE; may be < 0 */
    int64_t capital_minor;        /* GL_CAPITAL: part of the reserve */
};
enum err report_funds(struct ledger *ledger, struct db_conn *conn, struct ccy ccy,
                      struct report_funds *out);
/* One row for each currency that has customers' money, a reserve or amounts in clearing, in the order of
 * the table of currencies. */
enum err report_funds_each(struct ledger *ledger, struct db_conn *conn,
                           void (*row)(const struct report_funds *funds, void *context),
                           void *context);
/* Does the reserve, with what is in clearing, cover customers' money? ERR_RESERVE_SHORT. */
enum err report_funds_decide(const struct report_funds *funds);

/* End of day, and any time between (a job each minute keeps the reports above quick): adds all
 * transfers that are not yet counted to report_gl_days, by booking date, bucket, GL code and
 * currency. One call does all buckets and dates; it goes on where a stopped one ended; a further
 * call finds nothing to do. The newest REPORT_SETTLE_US are left for the next call. *out_count (may
 * be NULL): transfers counted now. */
#define REPORT_SETTLE_US INT64_C(120000000)
enum err report_eod_gl_days(struct engine *engine, int64_t *out_count);

/* --- Journals ----------------------------------------------------------------------------------
 */

struct report_posting {
    struct account_id account;
    uint16_t gl_code;
    enum ledger_side side;
    int64_t amount_minor;
    struct ccy ccy;
    int64_t balance_minor; /* of the account after it, in its natural sense (ledger_balance) */
};
struct report_journal {
    struct journal_id id;
    enum recipe recipe;
    uint8_t recipe_version;
    struct date booking_date;
    struct date value_date;
    int64_t created_at;
    int64_t ref_id;                /* domain row (a payment's id), 0: none */
    struct journal_id reversal_of; /* 0: none */
    struct hold_id captured_from;  /* 0: none */
    size_t count;                  /* two for each transfer: its debit, then its credit */
    struct report_posting postings[2 * LEDGER_LEGS_MAX];
};
/* ERR_LEDGER_JOURNAL (unknown, or the placing or release of a hold: those post nothing). */
enum err report_journal_load(struct ledger *ledger, struct db_conn *conn, struct journal_id id,
                             struct report_journal *out);

struct report_journal_filter {
    bool has_from, has_to;
    struct date from, to;      /* booking dates, both included */
    enum recipe recipe;        /* 0: any */
    struct account_id account; /* 0: any */
};
typedef bool report_journal_visit(const struct report_journal *journal, void *context);
/* Newest first, up to `limit`, older than `before_id` (0: from the newest). *out_next is the cursor
 * of the next page, 0 at the end; a page may be short, even empty, with a cursor: a call reads at
 * most REPORT_SCAN_MAX transfers. ERR_LEDGER_ACCOUNT (the filter's). */
#define REPORT_SCAN_MAX 20000
enum err report_journals(struct ledger *ledger, struct db_conn *conn,
                         const struct report_journal_filter *filter, int64_t before_id,
                         size_t limit, report_journal_visit *visit, void *context,
                         int64_t *out_next);

/* --- The books as plain text -------------------------------------------------------------------
 */

enum report_books_format { REPORT_HLEDGER, REPORT_LEDGER, REPORT_BEANCOUNT };
/* "hledger", "ledger", "beancount". ERR_INVALID_FIELD. */
enum err report_books_format_parse(const char *text, enum report_books_format *out);

/* Takes the next piece of text; false (ERR_IO) stops. */
typedef bool report_books_write(const char *bytes, size_t size, void *context);
typedef void report_books_progress(int64_t transfers_done, void *context);
struct report_books_order {
    enum report_books_format format;
    bool has_from, has_to;
    struct date from, to; /* booking dates, both included */
    report_books_write *write;
    report_books_progress *progress; /* NULL: none */
    void *context;
};
/* Declarations, one transaction for each journal, and at the end an assertion of every account's
 * balance, so that the tool that reads it proves our figures. A customer's account is an account of
 * its own; the bank's sub-accounts of all buckets are one account for each GL code. With `from` the
 * balances before it come first, as one transaction. Where `ledger` is given and `to` is not, what
 * is asserted are the balances that the accounts carry, which do not come from the transfers read
 * here: give it only if `conn` has a snapshot that was begun before the ledger was started, and
 * nothing is posted meanwhile or is not seen. ERR_REPORT_PERIOD, ERR_OVERFLOW, ERR_NO_MEMORY,
 * ERR_IO. */
enum err report_books(struct ledger *ledger, struct db_conn *conn,
                      const struct report_books_order *order);
#define REPORT_BOOKS_NAME_SIZE 96
/* "Assets:Reserve": name of a GL code's account, stable for ever. Customers' accounts are below
 * it. */
void report_books_name(uint16_t gl_code, char out[REPORT_BOOKS_NAME_SIZE]);

#endif
