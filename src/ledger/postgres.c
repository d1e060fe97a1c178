/*
 * The PostgreSQL store: no state of its own. One UPDATE locks and changes an account row with
 * the journal's deltas, in ascending account id; the deltas are subtracted from the returned state, which
 * the same pure rules then decide; a refusal undoes the transaction.
 */
#include "ledger/invariant.h"

#include "base/check.h"

#include <stdlib.h>

DB_STMT(ledger_account_move,
        "UPDATE ledger_accounts SET debits_posted = debits_posted + $3,"
        " credits_posted = credits_posted + $4, debits_pending = debits_pending + $5,"
        " credits_pending = credits_pending + $6, posting_count = posting_count + $7,"
        " prior_id = newest_id, newest_id = $8 WHERE bucket = $1 AND id = $2"
        " RETURNING id, debits_posted, credits_posted, debits_pending, credits_pending, prior_id,"
        " posting_count, gl_code, ccy_number, floor, closed");
/* Results of an UPDATE in this file: prior_id is the newest transfer before the journal. */
#define STATE                                                                                      \
    "id, debits_posted, credits_posted, debits_pending, credits_pending, prior_id,"                \
    " posting_count, gl_code, ccy_number, floor, closed"
/* Most journals: one transfer between two accounts. Both are moved, the lower id first. If both
 * exist and have no newer transfer, the same statement writes the transfer and its lines: the fixed
 * cost per statement dominates. */
#define IS_NEWEST " WHERE low.prior_id < $14 AND high.prior_id < $14"
DB_STMT(
    ledger_pg_pair_book,
    "WITH low AS (UPDATE ledger_accounts SET debits_posted = debits_posted + $3,"
    " credits_posted = credits_posted + $4, debits_pending = debits_pending + $5,"
    " credits_pending = credits_pending + $6, posting_count = posting_count + 1,"
    " prior_id = newest_id, newest_id = $14 WHERE bucket = $1 AND id = $2 RETURNING bucket, " STATE
    "),"
    " high AS (UPDATE ledger_accounts SET debits_posted = debits_posted + $9,"
    " credits_posted = credits_posted + $10, debits_pending = debits_pending + $11,"
    " credits_pending = credits_pending + $12, posting_count = posting_count + 1,"
    " prior_id = newest_id, newest_id = $14 WHERE bucket = $7 AND id = $8 RETURNING bucket, " STATE
    "),"
    " booked AS (INSERT INTO ledger_transfers (bucket, id, debit_id, credit_id, amount_minor,"
    " recipe, recipe_version, kind, leg, booking_date, value_days, ref_id, of_id, order_hash)"
    " SELECT $13, $14, $15, $16, $17, $18, $19, $20, 0, $21, $22, $23, $24, $25 FROM low, "
    "high" IS_NEWEST "),"
    " due AS (INSERT INTO ledger_unsealed (bucket, id) SELECT $13, $14 FROM low, high" IS_NEWEST
    "), lines AS (INSERT INTO ledger_postings (bucket, account_id, seq, transfer_id, side,"
    " net_minor) SELECT low.bucket, low.id, low.posting_count, $14, $26,"
    " low.credits_posted - low.debits_posted FROM low, high" IS_NEWEST " UNION ALL"
    " SELECT high.bucket, high.id, high.posting_count, $14, $27,"
    " high.credits_posted - high.debits_posted FROM low, high" IS_NEWEST ")"
    " SELECT " STATE " FROM low UNION ALL SELECT " STATE " FROM high");
DB_STMT(ledger_account_select,
        "SELECT id, debits_posted, credits_posted, debits_pending, credits_pending, newest_id,"
        " posting_count, gl_code, ccy_number, floor, closed FROM ledger_accounts"
        " WHERE bucket = $1 AND id = $2");
DB_STMT(ledger_account_lock,
        "SELECT id, debits_posted, credits_posted, debits_pending, credits_pending, newest_id,"
        " posting_count, gl_code, ccy_number, floor, closed FROM ledger_accounts"
        " WHERE bucket = $1 AND id = $2 FOR UPDATE");
DB_STMT(ledger_account_put,
        "UPDATE ledger_accounts SET debits_posted = $3, credits_posted = $4, debits_pending = $5,"
        " credits_pending = $6, posting_count = $7, prior_id = newest_id, newest_id = $8"
        " WHERE bucket = $1 AND id = $2");
DB_STMT(ledger_pg_account_newest_put,
        "UPDATE ledger_accounts SET newest_id = $3 WHERE bucket = $1 AND id = $2");
DB_STMT(ledger_pg_account_insert,
        "INSERT INTO ledger_accounts (bucket, id, gl_code, ccy_number, floor, closed, opened_at,"
        " debits_posted, credits_posted, debits_pending, credits_pending, newest_id, prior_id,"
        " posting_count) VALUES ($1, $2, $3, $4, $5, 0, $6, 0, 0, 0, 0, 0, 0, 0)"
        " ON CONFLICT (bucket, id) DO NOTHING");
DB_STMT(ledger_pg_account_close,
        "UPDATE ledger_accounts SET closed = 1 WHERE bucket = $1 AND id = $2 AND closed = 0"
        " AND debits_posted = credits_posted AND debits_pending = 0 AND credits_pending = 0");
DB_STMT(ledger_pg_transfer_insert,
        "INSERT INTO ledger_transfers (bucket, id, debit_id, credit_id, amount_minor, recipe,"
        " recipe_version, kind, leg, booking_date, value_days, ref_id, of_id, order_hash)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)");
DB_STMT(ledger_pg_unsealed_insert, "INSERT INTO ledger_unsealed (bucket, id) VALUES ($1, $2)");
DB_STMT(ledger_posting_pair_insert,
        "INSERT INTO ledger_postings (bucket, account_id, seq, transfer_id, side, net_minor)"
        " VALUES ($1, $2, $3, $4, 1, $5), ($6, $7, $8, $4, 2, $9)");

static void read_account(const struct db_rows *rows, struct ledger_account *out)
{
    *out = (struct ledger_account){.id = db_rows_int(rows, 0),
                                   .debits_posted = db_rows_int(rows, 1),
                                   .credits_posted = db_rows_int(rows, 2),
                                   .debits_pending = db_rows_int(rows, 3),
                                   .credits_pending = db_rows_int(rows, 4),
                                   .newest_id = db_rows_int(rows, 5),
                                   .posting_count = db_rows_int(rows, 6),
                                   .gl_code = (uint16_t)db_rows_int(rows, 7),
                                   .ccy_number = (uint16_t)db_rows_int(rows, 8),
                                   .floor = (uint8_t)db_rows_int(rows, 9),
                                   .closed = (uint8_t)db_rows_int(rows, 10)};
}

static enum err insert_account(struct ledger_unit *unit, const struct ledger_account *account,
                               int64_t *out_changed)
{
    CHECK(account->id > 0);
    return db_exec(unit->conn, &ledger_pg_account_insert,
                   DB_ARGS(db_int(id_bucket(account->id)), db_int(account->id),
                           db_int(account->gl_code), db_int(account->ccy_number),
                           db_int(account->floor), db_int(unit->now_us)),
                   out_changed);
}

enum err postgres_account_open(struct ledger_unit *unit, const struct ledger_account *account)
{
    int64_t changed = 0;
    enum err err = insert_account(unit, account, &changed);
    return err ? err : changed == 1 ? ERR_OK : ERR_EXISTS;
}

enum err postgres_account_read(struct db_conn *conn, int64_t id, struct ledger_account *out)
{
    struct db_rows rows;
    enum err err =
        db_query(conn, &ledger_account_select, DB_ARGS(db_int(id_bucket(id)), db_int(id)), &rows);
    if (err) {
        return err;
    }
    bool found = db_rows_next(&rows);
    if (found) {
        read_account(&rows, out);
    }
    err = db_rows_close(&rows);
    CHECK(err || !found || out->id == id);
    return err ? err : found ? ERR_OK : ERR_LEDGER_ACCOUNT;
}

enum err postgres_account_close(struct ledger_unit *unit, int64_t id)
{
    CHECK(!ledger_is_internal((struct account_id){id}));
    int64_t changed = 0;
    enum err err = db_exec(unit->conn, &ledger_pg_account_close,
                           DB_ARGS(db_int(id_bucket(id)), db_int(id)), &changed);
    if (err || changed == 1) {
        return err;
    }
    struct ledger_account state;
    err = postgres_account_read(unit->conn, id, &state);
    return err ? err : state.closed ? ERR_ACCOUNT_CLOSED : ERR_ACCOUNT_NOT_EMPTY;
}

/* One account of a journal: the journal's deltas of its counters. */
struct delta {
    int64_t id;
    int64_t debits_posted, credits_posted, debits_pending, credits_pending, postings;
    int64_t newest_id;
};
struct deltas {
    struct delta rows[2 * LEDGER_LEGS_MAX];
    size_t count;
};

static struct delta *delta_of(struct deltas *all, int64_t id)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->rows[i].id == id) {
            return &all->rows[i];
        }
    }
    CHECK(all->count < sizeof all->rows / sizeof all->rows[0]);
    all->rows[all->count] = (struct delta){.id = id};
    return &all->rows[all->count++];
}

static void add_side(struct delta *delta, enum ledger_kind kind, enum ledger_side side,
                     int64_t amount, int64_t transfer_id)
{
    CHECK(amount > 0 && transfer_id > 0);
    int64_t *posted = side == LEDGER_DEBIT ? &delta->debits_posted : &delta->credits_posted;
    int64_t *pending = side == LEDGER_DEBIT ? &delta->debits_pending : &delta->credits_pending;
    if (kind == LEDGER_POST || kind == LEDGER_CAPTURE) {
        *posted += amount;
    }
    if (kind == LEDGER_HOLD) {
        *pending += amount;
    } else if (kind != LEDGER_POST) {
        *pending -= amount;
    }
    delta->postings++;
    delta->newest_id = transfer_id;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = ((const struct delta *)a)->id;
    int64_t y = ((const struct delta *)b)->id;
    return (x > y) - (x < y);
}

/* Sums that may exceed 63 bits must not be added by the database: the slow path decides them. */
#define CAREFUL_MINOR (INT64_C(1) << 61)

static bool is_careful(const struct posting_work *work)
{
    int64_t total = 0;
    for (size_t i = 0; i < work->count; i++) {
        if (work->transfers[i].amount_minor > CAREFUL_MINOR - total) {
            return true;
        }
        total += work->transfers[i].amount_minor;
    }
    return false;
}

static void gather(const struct posting_work *work, struct deltas *all)
{
    CHECK(work->count >= 1);
    all->count = 0;
    for (size_t i = 0; i < work->count; i++) {
        const struct ledger_transfer *t = &work->transfers[i];
        int64_t id = work->first_id + (int64_t)i * ID_STEP;
        add_side(delta_of(all, t->debit.value), work->kind, LEDGER_DEBIT, t->amount_minor, id);
        add_side(delta_of(all, t->credit.value), work->kind, LEDGER_CREDIT, t->amount_minor, id);
    }
    qsort(all->rows, all->count, sizeof all->rows[0], by_id);
}

/* Changes one account; a missing internal one is opened first. */
static enum err move(struct ledger_unit *unit, const struct delta *d, struct ledger_account *out)
{
    CHECK(d->postings > 0);
    for (int attempt = 0; attempt < 2; attempt++) {
        struct db_rows rows;
        enum err err =
            db_query(unit->conn, &ledger_account_move,
                     DB_ARGS(db_int(id_bucket(d->id)), db_int(d->id), db_int(d->debits_posted),
                             db_int(d->credits_posted), db_int(d->debits_pending),
                             db_int(d->credits_pending), db_int(d->postings), db_int(d->newest_id)),
                     &rows);
        if (err) {
            return err;
        }
        bool found = db_rows_next(&rows);
        if (found) {
            read_account(&rows, out);
        }
        err = db_rows_close(&rows);
        if (err || found) {
            return err;
        }
        struct ledger_account state;
        err = ledger_internal_state(d->id, &state);
        if (!err) {
            err = insert_account(unit, &state, NULL);
        }
        if (err) {
            return err;
        }
    }
    return ERR_LEDGER_ACCOUNT;
}

/* All accounts of the journal in one round trip; false in *out_all if one was missing. */
static enum err move_all(struct ledger_unit *unit, const struct deltas *all,
                         struct ledger_account *states)
{
    CHECK(all->count >= 2 && all->count <= DB_BATCH_MAX);
    enum err err = db_batch_begin(unit->conn);
    for (size_t i = 0; !err && i < all->count; i++) {
        const struct delta *d = &all->rows[i];
        err = db_batch_query(unit->conn, &ledger_account_move,
                             DB_ARGS(db_int(id_bucket(d->id)), db_int(d->id),
                                     db_int(d->debits_posted), db_int(d->credits_posted),
                                     db_int(d->debits_pending), db_int(d->credits_pending),
                                     db_int(d->postings), db_int(d->newest_id)));
    }
    for (size_t i = 0; !err && i < all->count; i++) {
        struct db_rows rows;
        states[i] = (struct ledger_account){.id = 0};
        err = db_batch_rows(unit->conn, &rows);
        if (!err) {
            if (db_rows_next(&rows)) {
                read_account(&rows, &states[i]);
            }
            err = db_rows_close(&rows);
        }
    }
    enum err ending = db_batch_end(unit->conn);
    return err ? err : ending;
}

/* The journal of one transfer in one statement; *out_booked if both accounts exist. A returned row was
 * changed; a missing one has state id 0. */
static enum err book_pair(struct ledger_unit *unit, const struct posting_work *work,
                          const struct deltas *all, struct ledger_account *states, bool *out_booked)
{
    CHECK(work->count == 1 && all->count == 2);
    const struct delta *low = &all->rows[0], *high = &all->rows[1];
    const struct ledger_transfer *t = &work->transfers[0];
    CHECK(low->id < high->id); /* one order of locks everywhere */
    bool low_is_debit = low->id == t->debit.value;
    struct db_rows rows;
    enum err err = db_query(
        unit->conn, &ledger_pg_pair_book,
        DB_ARGS(db_int(id_bucket(low->id)), db_int(low->id), db_int(low->debits_posted),
                db_int(low->credits_posted), db_int(low->debits_pending),
                db_int(low->credits_pending), db_int(id_bucket(high->id)), db_int(high->id),
                db_int(high->debits_posted), db_int(high->credits_posted),
                db_int(high->debits_pending), db_int(high->credits_pending),
                db_int(id_bucket(work->first_id)), db_int(work->first_id), db_int(t->debit.value),
                db_int(t->credit.value), db_int(t->amount_minor), db_int(work->recipe),
                db_int(work->recipe_version), db_int(work->kind), db_int(work->booking_days),
                db_int(work->value_days), db_int(work->ref_id), db_int(work->of_id),
                ledger_order_value(&work->order),
                db_int(low_is_debit ? LEDGER_DEBIT : LEDGER_CREDIT),
                db_int(low_is_debit ? LEDGER_CREDIT : LEDGER_DEBIT)),
        &rows);
    if (err) {
        return err;
    }
    states[0] = states[1] = (struct ledger_account){.id = 0};
    size_t found = 0;
    while (db_rows_next(&rows)) {
        size_t place = db_rows_int(&rows, 0) == low->id ? 0 : 1;
        read_account(&rows, &states[place]);
        found++;
    }
    err = db_rows_close(&rows);
    *out_booked = !err && found == 2 && states[0].newest_id < work->first_id &&
                  states[1].newest_id < work->first_id;
    return err;
}

/* Back to the state before the journal, so that the decision starts like the embedded one. */
static void take_back(struct ledger_account *state, const struct delta *d)
{
    CHECK(d->postings > 0);
    state->debits_posted -= d->debits_posted;
    state->credits_posted -= d->credits_posted;
    state->debits_pending -= d->debits_pending;
    state->credits_pending -= d->credits_pending;
    state->posting_count -= d->postings;
    CHECK(state->id == d->id && state->posting_count >= 0);
}

static size_t place_of(const struct deltas *all, int64_t id)
{
    size_t i = 0;
    while (all->rows[i].id != id) {
        i++;
        CHECK(i < all->count);
    }
    return i;
}

static enum err insert_leg(struct ledger_unit *unit, const struct posting_work *work, size_t leg,
                           const int64_t seqs[2], const struct ledger_leg_result *result)
{
    CHECK(leg < work->count);
    CHECK(seqs[0] > 0 && seqs[1] > 0);
    static const struct order_hash none;
    const struct ledger_transfer *t = &work->transfers[leg];
    int64_t id = work->first_id + (int64_t)leg * ID_STEP;
    enum err err =
        db_defer(unit->conn, &ledger_pg_transfer_insert,
                 DB_ARGS(db_int(id_bucket(id)), db_int(id), db_int(t->debit.value),
                         db_int(t->credit.value), db_int(t->amount_minor), db_int(work->recipe),
                         db_int(work->recipe_version), db_int(work->kind), db_int((int64_t)leg),
                         db_int(work->booking_days), db_int(work->value_days), db_int(work->ref_id),
                         db_int(work->of_id), ledger_order_value(leg == 0 ? &work->order : &none)),
                 1);
    err = err ? err
              : db_defer(unit->conn, &ledger_pg_unsealed_insert,
                         DB_ARGS(db_int(id_bucket(id)), db_int(id)), 1);
    if (err) {
        return err;
    }
    return db_defer(unit->conn, &ledger_posting_pair_insert,
                    DB_ARGS(db_int(id_bucket(t->debit.value)), db_int(t->debit.value),
                            db_int(seqs[0]), db_int(id), db_int(result->debit_net_minor),
                            db_int(id_bucket(t->credit.value)), db_int(t->credit.value),
                            db_int(seqs[1]), db_int(result->credit_net_minor)),
                    2);
}

#define ABSENT 2 /* mark in `closed`: no such account */

/* Opens a missing internal account; marks any other missing one. */
static enum err open_or_mark(struct ledger_unit *unit, struct ledger_account *state)
{
    struct ledger_account internal;
    if (ledger_internal_state(state->id, &internal) != ERR_OK) {
        state->closed = ABSENT;
        return ERR_OK;
    }
    enum err err = insert_account(unit, &internal, NULL);
    struct db_rows rows;
    if (!err) {
        err = db_query(unit->conn, &ledger_account_lock,
                       DB_ARGS(db_int(id_bucket(state->id)), db_int(state->id)), &rows);
    }
    if (err) {
        return err;
    }
    bool found = db_rows_next(&rows);
    if (found) {
        read_account(&rows, state);
    }
    err = db_rows_close(&rows);
    return err ? err : found ? ERR_OK : ERR_DB_RETRY;
}

static enum err lock_some(struct ledger_unit *unit, struct ledger_account *states, size_t count)
{
    CHECK(count <= DB_BATCH_MAX);
    bool found[DB_BATCH_MAX] = {false};
    enum err err = db_batch_begin(unit->conn);
    for (size_t i = 0; !err && i < count; i++) {
        err = db_batch_query(unit->conn, &ledger_account_lock,
                             DB_ARGS(db_int(id_bucket(states[i].id)), db_int(states[i].id)));
    }
    for (size_t i = 0; !err && i < count; i++) {
        struct db_rows rows;
        err = db_batch_rows(unit->conn, &rows);
        if (!err) {
            found[i] = db_rows_next(&rows);
            if (found[i]) {
                read_account(&rows, &states[i]);
            }
            err = db_rows_close(&rows);
        }
    }
    enum err ending = db_batch_end(unit->conn);
    err = err ? err : ending;
    for (size_t i = 0; !err && i < count; i++) {
        err = found[i] ? ERR_OK : open_or_mark(unit, &states[i]);
    }
    return err;
}

/* Locks accounts (their ids ascending in `states`) and reads their states. */
static enum err lock_states(struct ledger_unit *unit, struct ledger_account *states, size_t count)
{
    enum err err = ERR_OK;
    for (size_t start = 0; !err && start < count; start += DB_BATCH_MAX) {
        size_t some = count - start < DB_BATCH_MAX ? count - start : DB_BATCH_MAX;
        err = lock_some(unit, states + start, some);
    }
    return err;
}

/* The greatest of the accounts' newest transfers. */
static int64_t newest_of(const struct ledger_account *states, size_t count)
{
    int64_t newest = 0;
    for (size_t i = 0; i < count; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.*): every account of the journal was read or made */
        newest = states[i].newest_id > newest ? states[i].newest_id : newest;
    }
    return newest;
}

/* The accounts are locked and one has a transfer with a greater id: made by a process with a faster
 * clock, before this clock stepped back, or while this journal waited. The journal gets higher ids, so
 * that ids rise along every history. */
static void raise_first_id(struct ledger_unit *unit, struct posting_work *work, int64_t newest_id)
{
    CHECK(newest_id >= work->first_id);
    ledger_raise(unit, newest_id);
    work->first_id = ledger_ids(unit, id_bucket(work->first_id), work->count);
    CHECK(work->first_id > newest_id);
}

/* The rows of accounts moved with ids that were too low. */
static enum err put_newest(struct ledger_unit *unit, const struct ledger_account *states,
                           size_t count)
{
    CHECK(count >= 2);
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < count; i++) {
        err = db_defer(unit->conn, &ledger_pg_account_newest_put,
                       DB_ARGS(db_int(id_bucket(states[i].id)), db_int(states[i].id),
                               db_int(states[i].newest_id)),
                       1);
    }
    return err;
}

/* Decides over the states before the journal and writes its rows, unless they are written already;
 * returns the states after it. */
static enum err decide_and_insert(struct ledger_unit *unit, const struct posting_work *work,
                                  const struct deltas *all, struct ledger_account *states,
                                  bool booked)
{
    CHECK(all->count >= 2 && work->first_id > 0);
    struct ledger_leg legs[LEDGER_LEGS_MAX];
    struct ledger_leg_result results[LEDGER_LEGS_MAX];
    int64_t seqs[2 * LEDGER_LEGS_MAX];
    struct ledger_account before[2 * LEDGER_LEGS_MAX];
    (void)before; /* used where invariants are */
    for (size_t i = 0; i < all->count; i++) {
        seqs[i] = states[i].posting_count;
        before[i] = states[i];
    }
    for (size_t i = 0; i < work->count; i++) {
        legs[i] =
            (struct ledger_leg){.debit = (uint16_t)place_of(all, work->transfers[i].debit.value),
                                .credit = (uint16_t)place_of(all, work->transfers[i].credit.value),
                                .amount_minor = work->transfers[i].amount_minor,
                                .ccy_number = work->ccy_numbers ? work->ccy_numbers[i] : 0};
    }
    enum err err =
        journal_decide(states, all->count, legs, work->count, work->kind, work->first_id, results);
    for (size_t i = 0; !err && !booked && i < work->count; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.*): place_of finds each of the journal's accounts */
        const int64_t pair[2] = {++seqs[legs[i].debit], ++seqs[legs[i].credit]};
        err = insert_leg(unit, work, i, pair, &results[i]);
    }
    if (!err) {
        INVARIANT(invariant_states(before, states, all->count));
        invariant_unit_left(states, all->count);
    }
    return err;
}

static enum err put_states(struct ledger_unit *unit, const struct ledger_account *states,
                           size_t count)
{
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < count; i++) {
        const struct ledger_account *a = &states[i];
        if (a->closed & ABSENT) {
            continue;
        }
        err = db_defer(unit->conn, &ledger_account_put,
                       DB_ARGS(db_int(id_bucket(a->id)), db_int(a->id), db_int(a->debits_posted),
                               db_int(a->credits_posted), db_int(a->debits_pending),
                               db_int(a->credits_pending), db_int(a->posting_count),
                               db_int(a->newest_id)),
                       1);
    }
    return err;
}

/* The slow path: lock, decide in memory, write. */
static enum err apply_locked(struct ledger_unit *unit, struct posting_work *work)
{
    struct deltas all;
    struct ledger_account states[2 * LEDGER_LEGS_MAX];
    all.count = 0;
    for (size_t i = 0; i < work->count; i++) {
        (void)delta_of(&all, work->transfers[i].debit.value);
        (void)delta_of(&all, work->transfers[i].credit.value);
    }
    qsort(all.rows, all.count, sizeof all.rows[0], by_id);
    for (size_t i = 0; i < all.count; i++) {
        states[i] = (struct ledger_account){.id = all.rows[i].id};
    }
    enum err err = lock_states(unit, states, all.count);
    for (size_t i = 0; !err && i < all.count; i++) {
        err = states[i].closed & ABSENT ? ERR_LEDGER_ACCOUNT : ERR_OK;
    }
    int64_t newest_id = newest_of(states, all.count);
    if (!err && newest_id >= work->first_id) {
        raise_first_id(unit, work, newest_id);
    }
    err = err ? err : decide_and_insert(unit, work, &all, states, false);
    return err ? err : put_states(unit, states, all.count);
}

enum err postgres_apply(struct ledger_unit *unit, struct posting_work *work)
{
    CHECK(work->first_id > 0);
    CHECK(work->count >= 1 && work->count <= LEDGER_LEGS_MAX);
    struct deltas all;
    struct ledger_account states[2 * LEDGER_LEGS_MAX];
    if (is_careful(work)) {
        return apply_locked(unit, work);
    }
    gather(work, &all);
    enum err err = ERR_OK;
    bool booked = false;
    if (work->count == 1 && all.count == 2) {
        err = book_pair(unit, work, &all, states, &booked);
    } else if (all.count <= DB_BATCH_MAX) {
        err = move_all(unit, &all, states);
    }
    for (size_t i = 0; !err && i < all.count; i++) {
        if (all.count > DB_BATCH_MAX || states[i].id == 0) {
            err = move(unit, &all.rows[i], &states[i]);
        }
    }
    for (size_t i = 0; !err && i < all.count; i++) {
        take_back(&states[i], &all.rows[i]);
    }
    int64_t newest_id = newest_of(states, all.count);
    bool is_low = !err && newest_id >= work->first_id;
    if (is_low) {
        raise_first_id(unit, work, newest_id);
    }
    err = err ? err : decide_and_insert(unit, work, &all, states, booked);
    return !err && is_low ? put_newest(unit, states, all.count) : err;
}

/* --- bulk posting: lock every account once, decide in memory, write every account once -------- */

static int by_account_id(const void *a, const void *b)
{
    int64_t x = ((const struct ledger_account *)a)->id;
    int64_t y = ((const struct ledger_account *)b)->id;
    return (x > y) - (x < y);
}

static struct ledger_account *find_state(struct ledger_account *states, size_t count, int64_t id)
{
    struct ledger_account key = {.id = id};
    return bsearch(&key, states, count, sizeof key, by_account_id);
}

/* Distinct accounts of the transfers, ascending. */
static size_t distinct(const struct ledger_transfer *transfers, const int64_t *ids, size_t count,
                       struct ledger_account *out)
{
    size_t all = 0;
    for (size_t i = 0; i < count; i++) {
        if (ids[i] != 0) {
            out[all++] = (struct ledger_account){.id = transfers[i].debit.value};
            out[all++] = (struct ledger_account){.id = transfers[i].credit.value};
        }
    }
    qsort(out, all, sizeof *out, by_account_id);
    size_t kept = 0;
    for (size_t i = 0; i < all; i++) {
        if (kept == 0 || out[kept - 1].id != out[i].id) {
            out[kept++] = out[i];
        }
    }
    return kept;
}

static enum err many_one(struct ledger_unit *unit, struct posting_work *work,
                         const struct ledger_transfer *transfer, struct ledger_account *states,
                         size_t state_count, enum err *out_err)
{
    struct ledger_account *debit = find_state(states, state_count, transfer->debit.value);
    struct ledger_account *credit = find_state(states, state_count, transfer->credit.value);
    CHECK(debit != NULL && credit != NULL);
    if ((debit->closed | credit->closed) & ABSENT) {
        *out_err = ERR_LEDGER_ACCOUNT;
        return ERR_OK;
    }
    struct ledger_account pair[2] = {*debit, *credit};
    struct ledger_leg leg = {.debit = 0, .credit = 1, .amount_minor = transfer->amount_minor};
    struct ledger_leg_result result;
    *out_err = journal_decide(pair, 2, &leg, 1, work->kind, work->first_id, &result);
    if (*out_err) {
        return ERR_OK;
    }
    *debit = pair[0];
    *credit = pair[1];
    const int64_t seqs[2] = {pair[0].posting_count, pair[1].posting_count};
    work->transfers = transfer;
    work->count = 1;
    return insert_leg(unit, work, 0, seqs, &result);
}

enum err postgres_apply_many(struct ledger_unit *unit, const struct posting_work *shared,
                             const struct ledger_transfer *transfers, size_t count, int64_t *ids,
                             enum err *errs)
{
    struct ledger_account *states = calloc(2 * count + 1, sizeof *states);
    if (states == NULL) {
        return ERR_NO_MEMORY;
    }
    size_t state_count = distinct(transfers, ids, count, states);
    enum err err = lock_states(unit, states, state_count);
    int64_t newest_id = newest_of(states, state_count);
    for (size_t i = 0; !err && i < count; i++) {
        struct posting_work work = *shared;
        if (ids[i] != 0 && ids[i] <= newest_id) {
            ledger_raise(unit, newest_of(states, state_count));
            ids[i] = ledger_ids(unit, id_bucket(ids[i]), 1);
            newest_id = INT64_MAX; /* the ids that follow were made before this one */
        }
        work.first_id = ids[i];
        if (ids[i] != 0) {
            err = many_one(unit, &work, &transfers[i], states, state_count, &errs[i]);
        }
    }
    if (!err) {
        invariant_unit_left(states, state_count);
        err = put_states(unit, states, state_count);
    }
    free(states);
    return err;
}
