/*
 * Private to the ledger room: shared by its files. The common half (ledger.c) checks, makes ids and
 * handles holds, reversals and client ids; a store applies one decided unit of work.
 */
#ifndef LEDGER_STORE_H
#define LEDGER_STORE_H

#include "base/hash.h"
#include "ledger/ledger_rules.h"
#include "sys/thread.h"

#include <stdatomic.h>

#define CHUNK_ACCOUNTS 512

struct ledger_unit {
    struct ledger *ledger;
    struct db_conn *conn;
    struct id_maker *ids;
    int64_t now_us;
    size_t undo_mark; /* embedded: positions in the group's logs at the start of this unit */
    size_t row_mark;
    size_t id_mark;
    int64_t account_mark;
};

/* One journal on its way to a store. */
struct posting_work {
    int64_t first_id;
    enum ledger_kind kind;
    uint16_t recipe;
    uint8_t recipe_version;
    int32_t booking_days;
    int32_t value_days;
    int64_t ref_id;
    int64_t of_id;
    struct order_hash order;
    const struct ledger_transfer *transfers;
    const uint16_t *ccy_numbers; /* of each amount; NULL: whatever the accounts have */
    size_t count;
};

/* A row of ledger_transfers pending in the group's flush. */
struct transfer_row {
    int64_t id, debit_id, credit_id, amount_minor;
    int64_t ref_id, of_id;
    struct ledger_leg_result result;
    int32_t booking_days, value_days;
    uint16_t recipe;
    uint8_t recipe_version, kind, leg;
    struct order_hash order; /* leg 0 only */
};

struct undo_entry {
    uint32_t slot;
    struct ledger_account before;
};

/* Recent client ids in memory: two generations, the older one dropped as a whole. An id older than
 * `floor_us` may be in the table only. */
struct id_entry {
    struct client_id id;
    int64_t transfer_id; /* 0: refused */
    bool used;
    bool dead; /* removed by an undo */
};
struct id_generation {
    struct id_entry *entries;
    size_t count;
    int64_t newest_us;
};
struct id_window {
    struct id_generation current, previous;
    int64_t floor_us;
};

struct client_row {
    struct client_id id;
    int64_t transfer_id;
};

/* End of the stored books; advances with every flush, goes back if a COMMIT fails. */
struct embedded_tail {
    int64_t newest_id;         /* of the last row flushed */
    int64_t checkpoint_credit; /* rows times chunks not yet paid for by written chunks */
    int64_t checkpoint_next;   /* chunk to write next */
    struct hash seal;          /* of the last seal */
    int64_t seal_seq;
};

/* The embedded store's memory. `mutex` protects accounts, index and undo log against readers; only the
 * writer's thread changes them. */
struct embedded {
    struct mutex mutex;
    struct ledger_account **chunks;
    size_t chunk_capacity;
    int64_t account_count;
    int64_t published_accounts; /* of those, opened by committed groups */
    uint32_t *index;            /* open addressing: slot + 1, 0 empty */
    size_t index_size;
    struct undo_entry *undo;
    size_t undo_count, undo_capacity;
    struct transfer_row *rows;
    size_t row_count, row_capacity;
    struct client_row *client_rows;
    size_t client_row_count, client_row_capacity;
    struct id_window window;
    int64_t group_first_new_account; /* -1: none opened in this group */
    struct embedded_tail tail, committed;
};

struct ledger {
    enum db_engine engine;
    _Atomic int64_t newest_id; /* PostgreSQL: greatest id made or read by a worker of this
                                * process */
    struct embedded *embedded; /* NULL on PostgreSQL */
};

/* --- embedded.c ------------------------------------------------------------------------------- */
enum err embedded_index_init(struct embedded *store);
int64_t embedded_slot(const struct embedded *store, int64_t id); /* -1: unknown */
struct ledger_account *embedded_find(struct embedded *store, int64_t id);
enum err embedded_add(struct embedded *store, const struct ledger_account *account,
                      int64_t *out_slot);
enum err embedded_account_open(struct ledger_unit *unit, const struct ledger_account *account);
enum err embedded_apply(struct ledger_unit *unit, const struct posting_work *work);
/* One transfer without client id, the shortest path (bulk posting): caller holds the mutex. */
enum err embedded_apply_one(struct ledger_unit *unit, const struct posting_work *work,
                            const struct ledger_transfer *transfer, int64_t id);
enum err embedded_load(struct embedded *store, int64_t id, struct ledger_account *out);
void embedded_publish(struct embedded *store);
void embedded_forget(struct embedded *store);
void embedded_touch(struct embedded *store, const struct ledger_account *account);
/* Lines of a journal among the rows not yet flushed; false if there are none. */
bool embedded_group_lines(const struct embedded *store, int64_t journal, struct ledger_line *out,
                          size_t *out_count);
void embedded_prefetch_state(const struct embedded *store, int64_t id);
void embedded_prefetch_index(const struct embedded *store, int64_t id);
void embedded_undo_to(struct embedded *store, size_t undo_mark, size_t row_mark, size_t id_mark,
                      int64_t account_mark);
enum err embedded_reserve(struct embedded *store, size_t rows);
void embedded_free(struct embedded *store);

/* --- embedded_flush.c ---------------------------------------------------------------------------
 */
enum err embedded_flush(struct embedded *store, struct db_conn *conn, int64_t now_us);
/* Number of transfers in which every chunk is rewritten once: bounds the replay of a restart. A test
 * hook. */
extern int64_t embedded_checkpoint_cycle;
enum err embedded_write_chunk(struct embedded *store, struct db_conn *conn, int64_t chunk);
struct hash chunk_checksum(int64_t chunk, int64_t as_of_id, const void *states, size_t size);

/* --- embedded_start.c ------------------------------------------------------------------------- */
enum err embedded_start(struct db_conn *conn, struct embedded **out);

/* --- client_ids.c -------------------------------------------------------------------------------
 */
enum id_answer { ID_NEW, ID_ACCEPTED, ID_REFUSED };
extern size_t client_id_generation; /* a test hook: power of 2, before a ledger starts */
enum err client_id_look_up(struct ledger_unit *unit, const struct client_id *id,
                           enum id_answer *out_answer, int64_t *out_transfer);
/* Stores an id whose transfers contain the whole request. */
enum err client_id_remember(struct ledger_unit *unit, const struct client_id *id,
                            int64_t transfer_id);
/* Stores an id with its request and answer (ERR_OK: accepted). */
enum err client_id_answer(struct ledger_unit *unit, const struct client_id *id, int64_t transfer_id,
                          int64_t body_hash, enum err answer);
/* The stored answer to this body; ERR_ID_REUSED in *out_answer if another body was stored. */
enum err client_id_answer_load(struct ledger_unit *unit, const struct client_id *id,
                               int64_t body_hash, enum err *out_answer);
enum err client_id_start(struct id_window *window, struct db_conn *conn);
void client_id_undo(struct embedded *store, size_t mark);
void client_id_free(struct id_window *window);

/* --- read.c -------------------------------------------------------------------------------------
 */
/* The content of the column order_hash: empty for none. */
struct db_value ledger_order_value(const struct order_hash *order);

/* --- read.c, postgres_read.c: columns in the order of LINE_COLUMNS ------------------------------
 */
struct ledger_line ledger_line_read(const struct db_rows *rows);

/* --- postgres.c ---------------------------------------------------------------------------------
 */
enum err postgres_account_open(struct ledger_unit *unit, const struct ledger_account *account);
enum err postgres_account_read(struct db_conn *conn, int64_t id, struct ledger_account *out);
/* Moves work->first_id above every transfer of the accounts. */
enum err postgres_apply(struct ledger_unit *unit, struct posting_work *work);
enum err postgres_apply_many(struct ledger_unit *unit, const struct posting_work *shared,
                             const struct ledger_transfer *transfers, size_t count, int64_t *ids,
                             enum err *errs);
enum err postgres_account_close(struct ledger_unit *unit, int64_t id);
enum err postgres_history(struct db_conn *conn, struct account_id account, int64_t before_id,
                          ledger_visit *visit, void *context);
enum err postgres_balance_at(struct db_conn *conn, struct account_id account, int64_t last_id,
                             int64_t *out_net);
enum err postgres_seal_due(struct db_conn *conn, int64_t now_us);
enum err postgres_newest_seal(struct db_conn *conn, struct ledger_seal *out);
enum err postgres_newest_transfer(struct db_conn *conn, int64_t *out_id);

/* --- ledger.c --------------------------------------------------------------------------------- */
/* Later ids of this unit are above `newest_id`, and those of later units of every worker of the process
 * are not of an earlier millisecond. */
void ledger_raise(struct ledger_unit *unit, int64_t newest_id);
/* Ids of `count` transfers, ID_STEP apart. */
int64_t ledger_ids(struct ledger_unit *unit, int bucket, size_t count);
/* State of an internal account that opens itself. ERR_LEDGER_ACCOUNT if the id is not one. */
enum err ledger_internal_state(int64_t id, struct ledger_account *out);
/* The work of a posted journal, without its first id. */
struct posting_work ledger_work_of(const struct journal_draft *draft);
/* The journal's first id is then in work->first_id. */
enum err ledger_apply(struct ledger_unit *unit, struct posting_work *work);
/* Whether the client id was used. Out: replayed, with its journal; a stored refusal is returned as the
 * error. `kept`: an accepted id of this kind was stored with its body, which is then compared; else the
 * caller compares. ERR_ID_TIME, ERR_ID_REUSED. */
enum err ledger_repetition(struct ledger_unit *unit, const struct client_id *client_id, bool kept,
                           int64_t body_hash, struct journal_result *out);
/* The same for a draft of a journal or a hold, bodies compared. */
enum err ledger_draft_repetition(struct ledger_unit *unit, const struct journal_draft *draft,
                                 enum ledger_kind kind, int64_t expires_at,
                                 struct journal_result *out);
/* As ledger_journal_load, this group's unwritten rows included. */
enum err ledger_journal_read(struct ledger_unit *unit, struct journal_id journal,
                             struct ledger_line *out, size_t *out_count);

#endif
