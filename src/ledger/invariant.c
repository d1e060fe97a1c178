#include "ledger/invariant.h"

#include "base/check.h"
#include "base/int128.h"
#include "db/db_fault.h"
#include "sys/log.h"

#include <stdlib.h>
#include <string.h>

#define CURRENCIES_MAX 16  /* of one group; those beyond are summed up together */
#define EXACT_ROWS     256 /* a larger group is compared by its totals only */
#define LOOKED_UP_MAX  4   /* accounts of a group whose rows are read back */

void invariant_require(const char *broken, int64_t account_id)
{
    if (broken != NULL) {
        log_event(LOG_ERROR, "ledger_invariant_broken", log_string("invariant", broken),
                  log_int("account", account_id));
    }
    CHECK(broken == NULL);
}

/* --- states ----------------------------------------------------------------------------------- */

static int128 debits_minus_credits(const struct ledger_account *a, bool pending)
{
    return pending ? (int128)a->debits_pending - a->credits_pending
                   : (int128)a->debits_posted - a->credits_posted;
}

static bool is_balanced(const struct ledger_account *before, const struct ledger_account *after,
                        size_t count)
{
    struct {
        uint16_t ccy_number;
        int128 posted, pending;
    } sums[CURRENCIES_MAX] = {{0, 0, 0}};
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        size_t place = 0;
        while (place < known && sums[place].ccy_number != after[i].ccy_number) {
            place++;
        }
        if (place == known && known < CURRENCIES_MAX) {
            sums[known++].ccy_number = after[i].ccy_number;
        }
        place = place < CURRENCIES_MAX ? place : CURRENCIES_MAX - 1;
        sums[place].posted +=
            debits_minus_credits(&after[i], false) - debits_minus_credits(&before[i], false);
        sums[place].pending +=
            debits_minus_credits(&after[i], true) - debits_minus_credits(&before[i], true);
    }
    for (size_t i = 0; i < known; i++) {
        if (sums[i].posted != 0 || sums[i].pending != 0) {
            return false;
        }
    }
    return true;
}

static bool is_above_floor(const struct ledger_account *a)
{
    int128 debits = (int128)a->debits_posted + a->debits_pending;
    int128 credits = (int128)a->credits_posted + a->credits_pending;
    switch ((enum ledger_floor)a->floor) {
    case LEDGER_FLOOR_NONE:
        return true;
    case LEDGER_FLOOR_CREDIT:
        return debits <= a->credits_posted;
    case LEDGER_FLOOR_DEBIT:
        return credits <= a->debits_posted;
    }
    return false;
}

static const char *state_invariant(const struct ledger_account *before,
                                   const struct ledger_account *after)
{
    if (before->id != after->id || before->ccy_number != after->ccy_number ||
        before->gl_code != after->gl_code) {
        return "an account stays what it is";
    }
    if (after->debits_pending < 0 || after->credits_pending < 0) {
        return "nothing pending is below zero";
    }
    if (!is_above_floor(after)) {
        return "holds and postings stay above the floor";
    }
    if (after->debits_posted < before->debits_posted ||
        after->credits_posted < before->credits_posted) {
        return "what is posted never falls";
    }
    if (before->closed && (!after->closed || after->debits_posted != before->debits_posted ||
                           after->credits_posted != before->credits_posted)) {
        return "a closed account is not posted to";
    }
    if (after->posting_count < before->posting_count ||
        (after->posting_count > before->posting_count) != (after->newest_id > before->newest_id)) {
        return "ids rise along an account's history";
    }
    return NULL;
}

const char *invariant_states(const struct ledger_account *before,
                             const struct ledger_account *after, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *broken = state_invariant(&before[i], &after[i]);
        if (broken != NULL) {
            return broken;
        }
    }
    return is_balanced(before, after, count) ? NULL : "debits equal credits";
}

/* --- rows ------------------------------------------------------------------------------------- */

/* What the rows add to the counters of one account, or (id 0) of all accounts together. */
struct moved {
    int128 debits_posted, credits_posted, debits_pending, credits_pending;
    int64_t postings;
};

static void add_row_side(struct moved *moved, const struct transfer_row *row, bool is_debit)
{
    int128 *posted = is_debit ? &moved->debits_posted : &moved->credits_posted;
    int128 *pending = is_debit ? &moved->debits_pending : &moved->credits_pending;
    if (row->kind == LEDGER_POST || row->kind == LEDGER_CAPTURE) {
        *posted += row->amount_minor;
    }
    if (row->kind == LEDGER_HOLD) {
        *pending += row->amount_minor;
    } else if (row->kind != LEDGER_POST) {
        *pending -= row->amount_minor;
    }
    moved->postings++;
}

static struct moved moved_by_rows(const struct transfer_row *rows, size_t row_count, int64_t id)
{
    struct moved moved = {0, 0, 0, 0, 0};
    for (size_t i = 0; i < row_count; i++) {
        if (id == 0 || rows[i].debit_id == id) {
            add_row_side(&moved, &rows[i], true);
        }
        if (id == 0 || rows[i].credit_id == id) {
            add_row_side(&moved, &rows[i], false);
        }
    }
    return moved;
}

static struct moved moved_by_states(const struct ledger_account *before,
                                    const struct ledger_account *after, size_t count)
{
    struct moved moved = {0, 0, 0, 0, 0};
    for (size_t i = 0; i < count; i++) {
        moved.debits_posted += (int128)after[i].debits_posted - before[i].debits_posted;
        moved.credits_posted += (int128)after[i].credits_posted - before[i].credits_posted;
        moved.debits_pending += (int128)after[i].debits_pending - before[i].debits_pending;
        moved.credits_pending += (int128)after[i].credits_pending - before[i].credits_pending;
        moved.postings += after[i].posting_count - before[i].posting_count;
    }
    return moved;
}

static bool is_same_move(const struct moved *a, const struct moved *b)
{
    return a->debits_posted == b->debits_posted && a->credits_posted == b->credits_posted &&
           a->debits_pending == b->debits_pending && a->credits_pending == b->credits_pending &&
           a->postings == b->postings;
}

const char *invariant_rows(const struct transfer_row *rows, size_t row_count, int64_t after_id,
                           const struct ledger_account *before, const struct ledger_account *after,
                           size_t count)
{
    for (size_t i = 0; i < row_count; i++) {
        if (rows[i].id <= after_id) {
            return "ids rise from row to row";
        }
        if (rows[i].amount_minor <= 0 || rows[i].debit_id == rows[i].credit_id) {
            return "a transfer moves a positive amount between two accounts";
        }
        after_id = rows[i].id;
    }
    struct moved by_rows = moved_by_rows(rows, row_count, 0);
    struct moved by_states = moved_by_states(before, after, count);
    bool same = is_same_move(&by_rows, &by_states);
    for (size_t i = 0; same && row_count <= EXACT_ROWS && i < count; i++) {
        by_rows = moved_by_rows(rows, row_count, after[i].id);
        by_states = moved_by_states(&before[i], &after[i], 1);
        same = is_same_move(&by_rows, &by_states);
    }
    return same ? NULL : "states move by what the rows say";
}

/* --- what the database has -------------------------------------------------------------------- */

#ifdef SYCEE_FAULTS

DB_STMT(ledger_batch_invariant_row,
        "SELECT debit_id, credit_id, debit_net_minor, credit_net_minor FROM ledger_transfers"
        " WHERE id = $1");
DB_STMT(ledger_invariant_holds,
        "SELECT CAST(coalesce(sum(amount_minor - captured_minor), 0) AS BIGINT) FROM ledger_holds"
        " WHERE bucket = $1 AND debit_id = $2 AND state = 1");
/* One statement, so that the account, its holds and its line are of one instant. */
DB_STMT(ledger_pg_invariant_account,
        "SELECT p.transfer_id, p.net_minor, a.debits_posted, a.credits_posted, a.debits_pending,"
        " a.credits_pending, a.floor, (SELECT CAST(coalesce(sum(h.amount_minor -"
        " h.captured_minor), 0) AS BIGINT) FROM ledger_holds h WHERE h.bucket = $1"
        " AND h.debit_id = $2 AND h.state = 1) FROM ledger_accounts a JOIN ledger_postings p"
        " ON p.bucket = a.bucket AND p.account_id = a.id AND p.seq = $3"
        " WHERE a.bucket = $1 AND a.id = $2");

/* The newest row of an account that the group posted to, and its open holds. An error of the
 * database is no broken invariant: nothing was read. */
static const char *embedded_rows_invariant(struct db_conn *conn, const struct ledger_account *a)
{
    struct db_rows rows;
    bool row_fits = true;
    if (db_query(conn, &ledger_batch_invariant_row, DB_ARGS(db_int(a->newest_id)), &rows)) {
        return NULL;
    }
    if (db_rows_next(&rows)) {
        int side = db_rows_int(&rows, 0) == a->id ? 0 : 1;
        row_fits = db_rows_int(&rows, side) == a->id &&
                   db_rows_int(&rows, 2 + side) == a->credits_posted - a->debits_posted;
    } else {
        row_fits = a->newest_id == 0;
    }
    if (db_rows_close(&rows)) {
        return NULL;
    }
    if (db_query(conn, &ledger_invariant_holds, DB_ARGS(db_int(id_bucket(a->id)), db_int(a->id)),
                 &rows)) {
        return NULL;
    }
    int64_t held = db_rows_next(&rows) ? db_rows_int(&rows, 0) : 0;
    if (db_rows_close(&rows)) {
        return NULL;
    }
    return !row_fits                   ? "the newest row tells the state in memory"
           : held != a->debits_pending ? "what is pending is what open holds hold"
                                       : NULL;
}

/* The accounts that the group touched, each once: as they were before it and as they are. The mark
 * 2 in `uncommitted` says that an account was met; readers ask only whether it is 0. */
static size_t touched_accounts(struct embedded *store, struct ledger_account *before,
                               struct ledger_account *after)
{
    size_t count = 0;
    mutex_lock(&store->mutex);
    for (size_t i = 0; i < store->undo_count; i++) {
        struct ledger_account *live = embedded_find(store, store->undo[i].before.id);
        CHECK(live != NULL && live->uncommitted != 0);
        if (live->uncommitted == 1) {
            live->uncommitted = 2;
            before[count] = store->undo[i].before;
            after[count++] = *live;
        }
    }
    mutex_unlock(&store->mutex);
    return count;
}

static void embedded_check(struct embedded *store, struct db_conn *conn)
{
    struct ledger_account *before = calloc(store->undo_count + 1, sizeof *before);
    struct ledger_account *after = calloc(store->undo_count + 1, sizeof *after);
    if (before != NULL && after != NULL) {
        size_t count = touched_accounts(store, before, after);
        invariant_require(invariant_states(before, after, count), 0);
        invariant_require(invariant_rows(store->rows, store->row_count, store->committed.newest_id,
                                         before, after, count),
                          0);
        for (size_t i = 0; i < count && i < LOOKED_UP_MAX; i++) {
            invariant_require(embedded_rows_invariant(conn, &after[i]), after[i].id);
        }
    }
    free(before);
    free(after);
}

static _Thread_local struct {
    struct ledger_account states[LOOKED_UP_MAX];
    size_t count;
} left;

void invariant_unit_begin(void)
{
    left.count = 0;
}

/* A later journal of the unit that touches an account again replaces what it left. */
void invariant_unit_left(const struct ledger_account *states, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t place = 0;
        while (place < left.count && left.states[place].id != states[i].id) {
            place++;
        }
        if (place < LOOKED_UP_MAX && states[i].newest_id != 0) {
            left.states[place] = states[i];
            left.count = place == left.count ? left.count + 1 : left.count;
        }
    }
}

/* Others may have moved the account since COMMIT; the line that this unit wrote stays. */
static const char *postgres_row_invariant(const struct db_rows *rows,
                                          const struct ledger_account *a)
{
    struct ledger_account now = {.debits_posted = db_rows_int(rows, 2),
                                 .credits_posted = db_rows_int(rows, 3),
                                 .debits_pending = db_rows_int(rows, 4),
                                 .credits_pending = db_rows_int(rows, 5),
                                 .floor = (uint8_t)db_rows_int(rows, 6)};
    if (db_rows_int(rows, 0) != a->newest_id ||
        db_rows_int(rows, 1) != a->credits_posted - a->debits_posted) {
        return "the line of an account tells the state after it";
    }
    if (now.debits_pending < 0 || now.credits_pending < 0) {
        return "nothing pending is below zero";
    }
    if (!is_above_floor(&now)) {
        return "holds and postings stay above the floor";
    }
    return db_rows_int(rows, 7) == now.debits_pending ? NULL
                                                      : "what is pending is what open holds hold";
}

static void postgres_check(struct db_conn *conn)
{
    enum err err = left.count > 0 ? db_batch_begin(conn) : ERR_OK;
    for (size_t i = 0; !err && i < left.count; i++) {
        const struct ledger_account *a = &left.states[i];
        err = db_batch_query(
            conn, &ledger_pg_invariant_account,
            DB_ARGS(db_int(id_bucket(a->id)), db_int(a->id), db_int(a->posting_count)));
    }
    for (size_t i = 0; !err && i < left.count; i++) {
        struct db_rows rows;
        err = db_batch_rows(conn, &rows);
        if (!err) {
            bool found = db_rows_next(&rows);
            const char *broken = found ? postgres_row_invariant(&rows, &left.states[i]) : NULL;
            err = db_rows_close(&rows);
            invariant_require(!err && !found ? "an account has the line that was written" : broken,
                              left.states[i].id);
        }
    }
    if (left.count > 0) {
        (void)db_batch_end(conn);
    }
    left.count = 0;
}

void ledger_group_check(struct ledger *ledger, struct db_conn *conn)
{
    db_fault_pause(conn, true);
    if (ledger->embedded != NULL) {
        embedded_check(ledger->embedded, conn);
    } else {
        postgres_check(conn);
    }
    db_fault_pause(conn, false);
}

#else

void invariant_unit_begin(void)
{
}

void invariant_unit_left(const struct ledger_account *states, size_t count)
{
    (void)states, (void)count;
}

void ledger_group_check(struct ledger *ledger, struct db_conn *conn)
{
    (void)ledger, (void)conn;
}

#endif
