/* The books on their way into text: accounts, sums, the writer of each tool. Inside of the room. */
#ifndef REPORT_BOOKS_H
#define REPORT_BOOKS_H

#include "report/report.h"

/* An account of the text: a customer's, or a GL code's sub-accounts together. */
struct books_account {
    int64_t id; /* 0: of a GL code */
    uint16_t gl_code;
    uint16_t ccy_number;
    bool used;                        /* a transfer touched it */
    char number[ACCOUNT_NUMBER_SIZE]; /* "": an account of the ledger alone */
    int64_t opening_minor;            /* debits less credits before `from` */
    int64_t net_minor;                /* and through the end */
    int64_t carried_minor;            /* the same as the accounts themselves tell, with a ledger */
};

struct books_slot {
    int64_t id; /* 0: free */
    uint32_t place;
};

struct books {
    const struct report_books_order *order;
    struct ledger *ledger; /* NULL: assertions from the transfers */
    struct db_conn *conn;
    struct books_account *accounts;
    size_t count, capacity;
    struct books_slot *slots; /* of ledger accounts, by id; a power of two */
    size_t slot_count;
    struct ledger_account_row *rows; /* all ledger accounts */
    size_t row_count, row_capacity;
    struct date newest; /* of the bookings written */
    bool any;
    struct journal_id open; /* journal whose transaction is being written, 0: none */
    int64_t done;
    struct str out;
    enum err err;
};

/* Hands the text gathered on, once it has that size. */
#define BOOKS_FLUSH_SIZE ((size_t)64 << 10)
void books_flush(struct books *books, size_t at_least);

/* Writers (books_text.c). */
void books_write_head(struct books *books);
void books_write_opening(struct books *books);
void books_write_line(struct books *books, const struct ledger_line *line,
                      const struct books_account *debit, const struct books_account *credit);
void books_write_assertions(struct books *books);

#endif
