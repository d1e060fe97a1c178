/*
 * The double-entry ledger: accounts, transfers, journals, holds. All money of the bank moves here.
 *
 * A transfer debits one account and credits another by one positive amount in one currency, so the
 * books balance by construction. A journal is 1..LEDGER_LEGS_MAX transfers that happen together or
 * not at all. A hold is a pending transfer: captured (wholly or in parts), released or expired,
 * once. Nothing is updated or deleted; a mistake is corrected by a reversal.
 *
 * Two stores share one pure decision (ledger_rules.h): the embedded store keeps account
 * states in memory and appends rows to SQLite; the PostgreSQL store keeps no state of its own.
 *
 * Units: minor units of the account's currency. Ids: base/id.h; a journal's id is the id of its
 * first transfer, the k-th transfer's id is journal + k * ID_STEP. Instants: UTC microseconds.
 * Threads: a unit belongs to one thread; ledger_account_load may be called by any.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "base/date.h"
#include "base/err.h"
#include "base/id.h"
#include "base/money.h"
#include "db/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEDGER_LEGS_MAX 64

enum ledger_class {
    LEDGER_ASSET = 1,
    LEDGER_LIABILITY,
    LEDGER_EQUITY,
    LEDGER_INCOME,
    LEDGER_EXPENSE
};
enum ledger_side { LEDGER_DEBIT = 1, LEDGER_CREDIT = 2 };

/* The bound of the account's balance, pending amounts included. */
enum ledger_floor {
    LEDGER_FLOOR_NONE = 0,
    LEDGER_FLOOR_CREDIT = 1, /* debits may not exceed credits: customers' money */
    LEDGER_FLOOR_DEBIT = 2   /* credits may not exceed debits */
};

/* State of one account: the inputs of a decision (64 bytes, kept in memory by the embedded store).
 * Balance of a liability is credits_posted - debits_posted. */
struct ledger_account {
    int64_t id;
    int64_t debits_posted;
    int64_t credits_posted;
    int64_t debits_pending;
    int64_t credits_pending;
    int64_t newest_id;     /* newest transfer that touched it, 0 for none: head of its history */
    int64_t posting_count; /* number of postings: the number of the newest line */
    uint16_t gl_code;
    uint16_t ccy_number;
    uint8_t floor;       /* enum ledger_floor */
    uint8_t closed;      /* 1: takes no further posting */
    uint8_t uncommitted; /* embedded store: changed by the running group */
    uint8_t spare;
};

enum ledger_kind {
    LEDGER_POST = 0,    /* moves money at once */
    LEDGER_HOLD = 1,    /* reserves it */
    LEDGER_CAPTURE = 2, /* moves part or all of a hold's money */
    LEDGER_RELEASE = 3, /* gives the rest of a hold back */
    LEDGER_EXPIRE = 4   /* as release, by the deadline */
};

struct ledger_transfer {
    struct account_id debit;
    struct account_id credit;
    int64_t amount_minor; /* > 0 */
};

/* A client-chosen id: 128 bits, UUIDv7 order (RFC 9562). All zero means none. Same id and same body
 * always get the same answer; same id and another body is ERR_ID_REUSED. */
struct client_id {
    uint8_t bytes[16];
};
bool client_id_is_none(const struct client_id *id);

/* Digest of a journal's order, stored with its first transfer and sealed with it; the room of the order
 * computes it (docs/LEDGER.md, "Orders"). All zero: none. */
#define ORDER_HASH_SIZE 16
struct order_hash {
    uint8_t bytes[ORDER_HASH_SIZE];
};

/* Input of a posting, from a recipe (ledger/recipe.h) or the bulk functions. */
struct journal_draft {
    struct client_id client_id;
    uint16_t recipe;        /* enum recipe: which product event */
    uint8_t recipe_version; /* the version of its posting recipe */
    struct date booking_date;
    struct date value_date;
    int64_t ref_id; /* the domain row this journal belongs to, 0 for none */
    int64_t of_id;  /* journal that this one reverses, 0 for none */
    struct order_hash order;
    const struct ledger_transfer *transfers;
    const uint16_t *ccy_numbers; /* of each transfer's amount; NULL: whatever its accounts have */
    size_t count;
};

struct journal_result {
    struct journal_id id;
    bool replayed;     /* the client id was known: nothing new was posted */
    int64_t body_hash; /* of the client id's request, 0 if it was not checked */
};

struct ledger;
struct ledger_unit;

/* --- Posting, inside a unit of work (engine/engine.h gives uow->ledger) -------------------------
 * Errors in the order tested: ERR_LEDGER_DRAFT (no transfer, too many, an amount <= 0, both sides
 * one account), ERR_ID_TIME (client id from the future), ERR_ID_REUSED, the stored refusal of that
 * id, ERR_LEDGER_ACCOUNT (unknown), ERR_ACCOUNT_CLOSED, ERR_CURRENCY_MISMATCH, ERR_OVERFLOW,
 * ERR_INSUFFICIENT_FUNDS (a floor would be passed), then errors of db. */
enum err ledger_post(struct ledger_unit *unit, const struct journal_draft *draft,
                     struct journal_result *out);

struct hold_draft {
    struct client_id client_id;
    uint16_t recipe;
    uint8_t recipe_version;
    struct date booking_date;
    int64_t ref_id;
    struct order_hash order;
    struct ledger_transfer transfer;
    uint16_t ccy_number; /* of the amount; 0: whatever the accounts have */
    int64_t expires_at;  /* 0: never */
};
enum err ledger_hold(struct ledger_unit *unit, const struct hold_draft *draft,
                     struct journal_result *out); /* out->id.value is the hold's id */

enum hold_state { HOLD_OPEN = 1, HOLD_CAPTURED = 2, HOLD_RELEASED = 3, HOLD_EXPIRED = 4 };
struct ledger_hold_row {
    int64_t id;
    struct account_id debit;
    struct account_id credit;
    int64_t amount_minor;
    int64_t captured_minor;
    enum hold_state state;
    int64_t expires_at;
    int64_t ref_id;
    uint16_t recipe;
};

/* Ends a hold, or captures a part of it. `amount_minor` 0 captures all that is left; `last` releases
 * the rest after this capture. ERR_HOLD_ENDED if it was captured, released or expired before (also past
 * its deadline), ERR_HOLD_AMOUNT if the amount exceeds the rest; else as ledger_post. */
struct hold_end {
    struct hold_id hold;
    enum ledger_kind kind; /* LEDGER_CAPTURE, LEDGER_RELEASE or LEDGER_EXPIRE */
    int64_t amount_minor;  /* capture only */
    bool last;             /* capture only */
    uint16_t ccy_number;   /* of the amount; 0: the hold's */
    struct client_id client_id;
    uint16_t recipe;
    uint8_t recipe_version;
    struct date booking_date;
    int64_t ref_id;
    struct order_hash order;
};
enum err ledger_hold_end(struct ledger_unit *unit, const struct hold_end *end,
                         struct journal_result *out);
enum err ledger_hold_load(struct ledger_unit *unit, struct hold_id hold,
                          struct ledger_hold_row *out);

/* Posts the mirror image of a journal, once: ERR_ALREADY_REVERSED, ERR_LEDGER_JOURNAL (unknown, or a
 * hold's), else as ledger_post. */
enum err ledger_reverse(struct ledger_unit *unit, struct journal_id journal,
                        const struct journal_draft *draft_without_transfers,
                        struct journal_result *out);

/* Stores the refusal of a client id, so that a repetition gets the same answer even if the account
 * could pay by then. Called in a unit of its own after the refused one was undone, with the result of
 * the refused call. Not stored: a malformed draft, an id from the future or used before, a missing hold
 * or journal. ERR_DB_RETRY if another worker accepted the same id meanwhile: the whole command is to
 * run again. */
enum err ledger_refuse(struct ledger_unit *unit, const struct client_id *client_id,
                       const struct journal_result *refused, enum err refusal);

/* Many single transfers, each decided separately (bulk posting): result k in out_errs[k]. All share
 * recipe, dates and ref; client_ids may be NULL. Refusals of client ids are stored too. */
enum err ledger_post_many(struct ledger_unit *unit, const struct journal_draft *shared,
                          const struct ledger_transfer *transfers,
                          const struct client_id *client_ids, size_t count, enum err *out_errs);

struct ledger_account_spec {
    struct account_id id;
    struct ccy ccy;
    uint16_t gl_code; /* of the chart */
};
/* ERR_EXISTS, ERR_LEDGER_GL (not in the chart). The floor comes from the chart. */
enum err ledger_account_open(struct ledger_unit *unit, const struct ledger_account_spec *spec);
/* ERR_LEDGER_GL (an account of the bank's own, which never closes), ERR_LEDGER_ACCOUNT,
 * ERR_ACCOUNT_CLOSED, ERR_ACCOUNT_NOT_EMPTY unless balance and holds are zero. */
enum err ledger_account_close(struct ledger_unit *unit, struct account_id account);
/* State within this unit, its own postings included. ERR_LEDGER_ACCOUNT. */
enum err ledger_account_read(struct ledger_unit *unit, struct account_id account,
                             struct ledger_account *out);

/* The bank's own account of a GL code in a bucket: its id is computed, and it is opened by its first
 * posting. */
struct account_id ledger_internal_account(uint16_t gl_code, struct ccy ccy, int bucket);
bool ledger_is_internal(struct account_id account);

/* Balance on the account's normal side: credits - debits for liability, equity and income, debits -
 * credits for asset and expense. Available: the amount that a debit (or credit) may still take. */
int64_t ledger_balance(const struct ledger_account *account);
int64_t ledger_available(const struct ledger_account *account);

/* --- Reading, on any thread, committed state only --------------------------------------------- */

/* ERR_LEDGER_ACCOUNT. `conn` is a reading connection of the caller's (not used by the embedded store);
 * a snapshot begun on it afterwards contains every posting counted in the state. */
enum err ledger_account_load(struct ledger *ledger, struct db_conn *conn, struct account_id account,
                             struct ledger_account *out);

/* One transfer, as history and journal views show it. */
struct ledger_line {
    int64_t id; /* of the transfer */
    struct journal_id journal;
    enum ledger_kind kind;
    struct account_id debit;
    struct account_id credit;
    int64_t amount_minor;
    int64_t balance_minor; /* of the requested account, after this line; history only */
    enum ledger_side side; /* of the requested account; history only */
    uint16_t recipe;
    uint8_t recipe_version;
    struct date booking_date;
    struct date value_date;
    int64_t created_at; /* to the millisecond */
    int64_t ref_id;
    int64_t of_id;
    struct order_hash order; /* first transfer of its journal only */
};

/* Reads an account's history from newest to oldest. `before_id` 0 starts at the newest, else lines with
 * id < before_id. `visit` returns false to stop. The history only grows between two calls. */
typedef bool ledger_visit(const struct ledger_line *line, void *context);
enum err ledger_history(struct ledger *ledger, struct db_conn *conn, struct account_id account,
                        int64_t before_id, ledger_visit *visit, void *context);
/* Booked balance at the end of that instant's millisecond; 0 before the first line. */
enum err ledger_balance_at(struct ledger *ledger, struct db_conn *conn, struct account_id account,
                           int64_t instant_us, int64_t *out_minor);
/* All transfers of a journal in order (at most LEDGER_LEGS_MAX). ERR_LEDGER_JOURNAL. */
enum err ledger_journal_load(struct db_conn *conn, struct journal_id journal,
                             struct ledger_line *out, size_t *out_count);
/* Transfers of all accounts in id order, id > after_id (reports, exports, the console's journal).
 */
enum err ledger_transfers_after(struct db_conn *conn, int64_t after_id, ledger_visit *visit,
                                void *context);
/* The same from newest to oldest, id < before_id (0: from the newest). */
enum err ledger_transfers_before(struct db_conn *conn, int64_t before_id, ledger_visit *visit,
                                 void *context);

/* Open holds of an account, and holds past their deadline (a job releases those). */
typedef bool ledger_hold_visit(const struct ledger_hold_row *hold, void *context);
enum err ledger_holds_open(struct db_conn *conn, struct account_id account,
                           ledger_hold_visit *visit, void *context);
enum err ledger_holds_due(struct db_conn *conn, int64_t now_us, size_t limit,
                          ledger_hold_visit *visit, void *context);

/* Static facts of every account, in id order: reports and exports. */
struct ledger_account_row {
    struct account_id id;
    uint16_t gl_code;
    struct ccy ccy;
    bool closed;
    int64_t opened_at;
};
typedef bool ledger_account_visit(const struct ledger_account_row *account, void *context);
/* Buckets that hold accounts (end of day works bucket by bucket). */
enum err ledger_buckets(struct db_conn *conn, bool out_has[BUCKET_COUNT]);
enum err ledger_accounts_each(struct db_conn *conn, ledger_account_visit *visit, void *context);

/* A seal: hash over the transfers (first_id..last_id) and the previous seal. */
struct ledger_seal {
    int64_t seq;
    int bucket; /* PostgreSQL: each bucket has a chain; embedded: 0 */
    int64_t at;
    int64_t first_id;
    int64_t last_id;
    int64_t count;
    uint8_t hash[32];
};
typedef bool ledger_seal_visit(const struct ledger_seal *seal, void *context);
enum err ledger_seals_newest(struct db_conn *conn, size_t limit, ledger_seal_visit *visit,
                             void *context);

/* The newest seal: of the chain (embedded) or of all chains (PostgreSQL); seq 0 if there is none. */
enum err ledger_seal_newest(struct db_conn *conn, struct ledger_seal *out);
/* PostgreSQL: the ids covered by a seal, in the order of its hash, into out_ids[0..count-1].
 * ERR_LEDGER_CORRUPT if it stores another number of them. */
enum err ledger_seal_members(struct db_conn *conn, const struct ledger_seal *seal,
                             int64_t *out_ids);

/* Canonical 80 bytes of a transfer for the seals; layout in docs/LEDGER.md. */
#define LEDGER_CANONICAL_SIZE 80
void ledger_canonical(const struct ledger_line *line, int leg, uint8_t out[LEDGER_CANONICAL_SIZE]);

/* --- Start and stop (called by the engine) ------------------------------------------------------ */

/* Loads the state of the embedded store (checkpoint and replay); checks its checksums, the newest seal
 * and the running balances: ERR_LEDGER_CORRUPT. */
enum err ledger_start(struct db_conn *conn, struct ledger **out);
void ledger_stop(struct ledger *ledger);

/* One group of units in one database transaction. Embedded: unit_begin/unit_end per command inside a
 * savepoint, group_flush before COMMIT, group_publish after it, group_forget if COMMIT failed.
 * PostgreSQL: a group holds one unit. */
struct ledger_unit *ledger_unit_begin(struct ledger *ledger, struct db_conn *conn,
                                      struct id_maker *ids, int64_t now_us);
void ledger_unit_undo(struct ledger_unit *unit); /* the unit's savepoint was rolled back */
void ledger_unit_end(struct ledger_unit *unit);
/* Transfers pending in the group's flush; a group should end at LEDGER_GROUP_MAX. */
#define LEDGER_GROUP_MAX 16384
size_t ledger_group_size(const struct ledger *ledger);
enum err ledger_group_flush(struct ledger *ledger, struct db_conn *conn, int64_t now_us);
/* After COMMIT, before the group is published; only in builds with SYCEE_FAULTS: aborts where what
 * the group left in memory, in its rows and in its holds does not agree (invariant.h). */
void ledger_group_check(struct ledger *ledger, struct db_conn *conn);
void ledger_group_publish(struct ledger *ledger);
void ledger_group_forget(struct ledger *ledger);
/* PostgreSQL: seals every committed transfer without a seal (a job); embedded: nothing to do. */
enum err ledger_seal_due(struct ledger *ledger, struct db_conn *conn, int64_t now_us);
/* Writes balance checkpoints of an idle bank, so that a restart replays little. */
enum err ledger_checkpoint(struct ledger *ledger, struct db_conn *conn, size_t chunk_count);

struct ledger_memory {
    int64_t account_count;
    int64_t bytes; /* states and index */
};
struct ledger_memory ledger_memory(const struct ledger *ledger);

#endif
