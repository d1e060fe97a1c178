/*
 * The auditor: recomputes a bank's books from its journal and compares. It shares no
 * code with the bank but src/base; the layout of tables and sealed bytes
 * comes from docs/LEDGER.md and the schema.
 * One pass over the transfers feeds every check; memory is bounded by
 * accounts, booking dates and open holds, not by transfers.
 */
#ifndef AUDITOR_AUDIT_H
#define AUDITOR_AUDIT_H

#include "base/hash.h"
#include "base/int128.h"
#include "base/zone.h"
#include "findings.h"
#include "map.h"
#include "reader.h"

/* Codes of the chart and numbers of recipes that the checks name (docs/LEDGER.md). */
enum {
    RESERVE = 1001,
    RECEIVABLE = 1011,
    DEPOSITS = 2001,
    PAYMENT_ACCOUNTS = 2005,
    PAYABLE = 2011,
    INTEREST_PAYABLE = 2101,
    SUSPENSE = 2901
};
enum {
    TRANSFER = 1,
    TOP_UP,
    WITHDRAWAL,
    SETTLE_IN,
    SETTLE_OUT,
    INTEREST_ACCRUAL,
    INTEREST_CREDIT,
    REVERSAL = 9,
    TOP_UP_RETURN = 11
};
enum { POST, HOLD, CAPTURE, RELEASE, EXPIRE }; /* kinds of a transfer */

#define ORDER_SIZE      16
#define CHUNK_ACCOUNTS  512
#define INTERNAL_ID_MAX (INT64_C(1) << 40)

/* A row of ledger_transfers. Index 0 is the debit side, 1 the credit side. */
struct row {
    int64_t id, account[2], amount, ref, of;
    int64_t recipe, version, kind, leg, booking, value_days;
    int64_t prev[2], net[2]; /* embedded engine */
    int order_size;          /* 0: no order hash */
    uint8_t order[ORDER_SIZE];
};

/* An account and its state after the transfers so far. */
struct book {
    int64_t id;
    int64_t posted[2], pending[2]; /* debits, credits */
    int64_t newest_id, count;
    uint64_t mark; /* PostgreSQL: sum over its transfers, to be compared with its posting lines */
    uint32_t interest;
    uint16_t gl, ccy;
    uint8_t floor, closed;
    uint8_t told; /* bits: kinds of findings reported once for the account */
};

struct gl_day { /* a booking date, GL code and currency */
    int128 debit, credit;
    int64_t debit_kept, credit_kept; /* up to the transfer through which the bank has summed */
};

struct settled {
    int64_t in, out, in_said, out_said;
};

struct open_hold {
    int64_t id, amount, ended, captured, account[2];
    bool is_seen, is_released, is_expired;
};

struct interest {
    int64_t account, stored_micro, expected_micro, balance, late_days;
    int64_t last_accrued, last_credited, next_day;
    int64_t credit_booking; /* of the newest credit, 0: none */
};

struct seal_walk {
    struct cursor *cursor;
    bool has;
    int64_t bucket, seq, first_id, last_id, count;
    uint8_t hash[32], before[32];
    int64_t previous_seq, previous_last;
    int64_t seen, seen_first, seen_last;
    struct hash_stream stream;
    int64_t seal_count, unsealed;
};

/* PostgreSQL: the seals of the current bucket, and the transfers that they cover. */
struct bucket_seal {
    int64_t seq, first_id, last_id, count, seen;
    uint8_t hash[32], before[32];
    struct hash_stream stream;
};
struct member {
    int64_t id;
    uint32_t seal;
};
struct bucket_seals {
    struct cursor *cursor;
    bool has; /* the cursor is on a row */
    int64_t bucket;
    struct bucket_seal *seals;
    uint32_t seal_count, seal_capacity;
    struct member *members; /* by id */
    uint32_t member_count, member_capacity, next;
    int64_t *waiting; /* ids of ledger_unsealed, of all buckets, rising */
    uint32_t waiting_count, waiting_capacity;
};

struct chunk {
    int64_t chunk, as_of;
};

struct payment_life { /* a payment's row, except the fields covered by its order digest */
    int64_t id, kind, status, created_at, settled_at;
    int64_t attempts, queries, asked_at, version;
    bool is_answered, is_asked_again;
    char reason[16];
    bool has_order; /* false: texts were erased with their person, so the digest cannot be
                    * computed */
    uint8_t order[ORDER_SIZE];
};

struct audit {
    struct reader *reader;
    struct findings findings;
    bool is_pg;
    bool is_bare; /* a ledger without customers: replay, bench */
    bool shows_progress;
    int64_t since_id;    /* earlier transfers are trusted as audited */
    struct zone zone;    /* of the bank's dates */
    int64_t bank_now_us; /* newest instant in the books */
    int64_t transfer_count, journal_count, hold_count, end_count, reversal_count;

    struct map book_map;
    struct book *books;
    uint32_t book_capacity;
    uint32_t *slots; /* slot -> book, embedded engine */
    uint32_t slot_count;
    struct chunk *chunks;
    uint32_t chunk_count, chunk_capacity, chunk_next;
    uint32_t touched[128]; /* accounts of the current journal */
    int touched_count;
    struct row previous;

    struct map gl_map;
    struct gl_day *gl_days;
    uint32_t gl_capacity;
    int64_t gl_through;

    struct map settled_map; /* bucket and booking date */
    struct settled *settled;
    uint32_t settled_capacity;

    struct map hold_map;
    struct open_hold *holds;
    uint32_t hold_capacity;

    struct map interest_map;
    struct interest *interests;
    uint32_t interest_capacity;
    int64_t rate_days[64], rates[64], year_days[64];
    int rate_count;
    int64_t settlement_day; /* of a month */

    struct seal_walk seals;
    struct bucket_seals bucket_seals;
};

int64_t bucket_of(int64_t id);
struct book *book_of(struct audit *audit, int64_t account); /* NULL if there is none */
int64_t internal_id(int64_t gl, int64_t ccy, int64_t bucket);
const char *ccy_text(int64_t number); /* "?" for an unknown number; two buffers */
bool moves_money(int64_t kind);       /* posts and captures */

/* books.c: accounts, counters, floors, postings */
void books_load(struct audit *audit);
void books_row(struct audit *audit, const struct row *row);
void books_journal_end(struct audit *audit);
void books_postings(struct audit *audit);
void books_end(struct audit *audit);

/* seals.c */
void seals_begin(struct audit *audit);
void seals_row(struct audit *audit, const struct row *row);
void seals_end(struct audit *audit);
void seal_bytes_add(struct hash_stream *stream, const struct row *row);

/* seals_pg.c */
void bucket_seals_begin(struct audit *audit);
void bucket_seals_row(struct audit *audit, const struct row *row);
void bucket_seals_end(struct audit *audit);

/* checkpoints.c, embedded engine: compares chunks whose instant comes before transfer `id` */
void checkpoints_begin(struct audit *audit);
void checkpoints_before(struct audit *audit, int64_t id);
void checkpoints_end(struct audit *audit);

/* gl.c: sums by date, code and currency */
void gl_begin(struct audit *audit);
void gl_row(struct audit *audit, const struct row *row);
void gl_end(struct audit *audit);
void settlement_check(struct audit *audit);

/* holds.c */
void holds_row(struct audit *audit, const struct row *row);
void holds_end(struct audit *audit);
void reversals_row(struct audit *audit, const struct row *row);
void reversals_end(struct audit *audit);

/* names.c: client ids, customers' accounts */
void client_ids_check(struct audit *audit);
void accounts_check(struct audit *audit);

/* accounts.c: rows that must agree with others */
void accounts_facts_check(struct audit *audit);

/* payments.c */
void payments_check(struct audit *audit);
void limits_check(struct audit *audit);

/* orders.c */
void orders_check(struct audit *audit);
void order_number_add(struct hash_stream *stream, int64_t number);
void order_text_add(struct hash_stream *stream, const char *text);

/* events.c: the life cycle of one payment: its row against its events */
void events_check(struct audit *audit, const struct payment_life *life);

/* proofs.c: authorisation of orders */
void proofs_check(struct audit *audit);

/* people.c */
void people_check(struct audit *audit);
/* Each row of a query is a finding; its first column is the id that starts the text. */
void find_rows(struct audit *audit, enum check check, const char *sql, const char *en,
               const char *zh);

/* office.c */
void office_check(struct audit *audit);
void roles_check(struct audit *audit);

/* texts.c */
void texts_check(struct audit *audit);

/* interest.c */
void interest_begin(struct audit *audit);
void interest_side(struct audit *audit, struct book *book, bool is_credit, int64_t amount,
                   int64_t booking, int64_t recipe);
void interest_end(struct audit *audit);

/* staff.c */
void staff_check(struct audit *audit);

/* scan.c: the pass over the transfers */
void scan_transfers(struct audit *audit);

#endif
