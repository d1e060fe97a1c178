/* The common half of the ledger: checks, ids, client ids, start and stop of the store. */
#include "ledger/ledger.h"

#include "base/check.h"
#include "ledger/invariant.h"
#include "ledger/recipe.h"

#include <stdlib.h>
#include <string.h>

#define CLIENT_ID_AHEAD_US INT64_C(300000000) /* five minutes of clock difference */
#define INTERNAL_ID_MAX    (INT64_C(1) << 40)
#define MS_OF_ID           (ID_STEP << ID_COUNTER_BITS) /* distance of two ids a millisecond apart */

enum err ledger_start(struct db_conn *conn, struct ledger **out)
{
    CHECK(conn != NULL && out != NULL);
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL) {
        return ERR_NO_MEMORY;
    }
    ledger->engine = db_engine_of_conn(conn);
    int64_t newest_id = 0;
    enum err err = ledger->engine == DB_SQLITE ? embedded_start(conn, &ledger->embedded)
                                               : postgres_newest_transfer(conn, &newest_id);
    /* A worker of an earlier run may have used its share of that millisecond. */
    atomic_store(&ledger->newest_id, newest_id ? newest_id + MS_OF_ID : 0);
    if (err) {
        free(ledger);
        return err;
    }
    *out = ledger;
    return ERR_OK;
}

void ledger_stop(struct ledger *ledger)
{
    CHECK(ledger != NULL);
    CHECK((ledger->engine == DB_SQLITE) == (ledger->embedded != NULL));
    if (ledger->embedded != NULL) {
        embedded_free(ledger->embedded);
    }
    free(ledger);
}

/* Ids rise with every row, even over a restart with a clock set back: the maker continues after the
 * millisecond of the newest row, in its own share of the next. */
static void raise_ids(struct id_maker *ids, int64_t newest_id)
{
    CHECK(newest_id >= 0);
    CHECK(ids->last >= 0);
    int64_t floor = newest_id / ID_STEP;
    if (ids->last < floor) {
        int64_t counter_max = (INT64_C(1) << (ID_COUNTER_BITS - ids->node_bits)) - 1;
        int64_t share = (int64_t)ids->node * (counter_max + 1) | counter_max;
        int64_t node_mask = (INT64_C(1) << ID_COUNTER_BITS) - 1;
        ids->last = ids->node_bits ? (floor & ~node_mask) | share : floor;
    }
    CHECK((ids->last | ((INT64_C(1) << ID_COUNTER_BITS) - 1)) >=
          floor); /* of no earlier millisecond */
}

/* Several workers: a maker whose clock is behind the newest id of the process continues in that id's
 * millisecond, in its own share, which it has not used. So ids run ahead of a clock that stepped back
 * by no more than the step. */
static void follow_newest(struct id_maker *ids, int64_t now_us, int64_t newest_id)
{
    CHECK(now_us > 0);
    CHECK(newest_id >= 0);
    int64_t newest_us = newest_id ? id_instant_us(newest_id) : 0;
    int64_t last_us = ids->last ? id_instant_us(ids->last * ID_STEP) : 0;
    if (newest_us > now_us && newest_us > last_us) {
        int64_t node_mask = (INT64_C(1) << ID_COUNTER_BITS) - 1;
        int64_t share = (int64_t)ids->node << (ID_COUNTER_BITS - ids->node_bits);
        ids->last = (newest_id / ID_STEP & ~node_mask) | share;
    }
}

static void raise_newest(struct ledger *ledger, int64_t newest_id)
{
    int64_t known = atomic_load(&ledger->newest_id);
    while (known < newest_id &&
           !atomic_compare_exchange_weak(&ledger->newest_id, &known, newest_id)) {
    }
    CHECK(atomic_load(&ledger->newest_id) >= newest_id);
}

void ledger_raise(struct ledger_unit *unit, int64_t newest_id)
{
    CHECK(newest_id > 0);
    raise_ids(unit->ids, newest_id);
    raise_newest(unit->ledger, newest_id);
}

struct ledger_unit *ledger_unit_begin(struct ledger *ledger, struct db_conn *conn,
                                      struct id_maker *ids, int64_t now_us)
{
    CHECK(conn != NULL && ids != NULL);
    CHECK(now_us > 0);
    struct ledger_unit *unit = calloc(1, sizeof *unit);
    CHECK(unit != NULL);
    unit->ledger = ledger;
    unit->conn = conn;
    unit->ids = ids;
    unit->now_us = now_us;
    const struct embedded *store = ledger->embedded;
    if (store != NULL) {
        unit->undo_mark = store->undo_count;
        unit->row_mark = store->row_count;
        unit->id_mark = store->client_row_count;
        unit->account_mark = store->account_count;
    }
    if (store != NULL) {
        raise_ids(ids, store->tail.newest_id);
    } else {
        invariant_unit_begin();
        follow_newest(ids, now_us, atomic_load(&ledger->newest_id));
    }
    return unit;
}

void ledger_unit_undo(struct ledger_unit *unit)
{
    if (unit->ledger->embedded != NULL) {
        embedded_undo_to(unit->ledger->embedded, unit->undo_mark, unit->row_mark, unit->id_mark,
                         unit->account_mark);
        CHECK(unit->ledger->embedded->row_count == unit->row_mark);
    }
}

void ledger_unit_end(struct ledger_unit *unit)
{
    CHECK(unit->ids->last >= 0);
    if (unit->ledger->embedded == NULL && unit->ids->last != 0) {
        raise_newest(unit->ledger, unit->ids->last * ID_STEP);
    }
    free(unit);
}

enum err ledger_group_flush(struct ledger *ledger, struct db_conn *conn, int64_t now_us)
{
    CHECK(now_us > 0);
    return ledger->embedded != NULL ? embedded_flush(ledger->embedded, conn, now_us) : ERR_OK;
}

size_t ledger_group_size(const struct ledger *ledger)
{
    return ledger->embedded != NULL ? ledger->embedded->row_count : 0;
}

void ledger_group_publish(struct ledger *ledger)
{
    if (ledger->embedded != NULL) {
        embedded_publish(ledger->embedded);
    }
    CHECK(ledger_group_size(ledger) == 0);
}

void ledger_group_forget(struct ledger *ledger)
{
    if (ledger->embedded != NULL) {
        embedded_forget(ledger->embedded);
    }
    CHECK(ledger_group_size(ledger) == 0);
}

enum err ledger_seal_due(struct ledger *ledger, struct db_conn *conn, int64_t now_us)
{
    CHECK(now_us > 0);
    return ledger->embedded != NULL ? ERR_OK : postgres_seal_due(conn, now_us);
}

enum err ledger_checkpoint(struct ledger *ledger, struct db_conn *conn, size_t chunk_count)
{
    CHECK(conn != NULL);
    struct embedded *store = ledger->embedded;
    if (store == NULL || store->account_count == 0) {
        return ERR_OK;
    }
    int64_t chunks = (store->account_count + CHUNK_ACCOUNTS - 1) / CHUNK_ACCOUNTS;
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < chunk_count && (int64_t)i < chunks; i++) {
        store->tail.checkpoint_next %= chunks;
        err = embedded_write_chunk(store, conn, store->tail.checkpoint_next++);
    }
    return err;
}

struct ledger_memory ledger_memory(const struct ledger *ledger)
{
    const struct embedded *store = ledger->embedded;
    if (store == NULL) {
        return (struct ledger_memory){0};
    }
    int64_t chunks = (store->account_count + CHUNK_ACCOUNTS - 1) / CHUNK_ACCOUNTS;
    return (struct ledger_memory){
        .account_count = store->account_count,
        .bytes = chunks * CHUNK_ACCOUNTS * (int64_t)sizeof(struct ledger_account) +
                 (int64_t)(store->index_size * sizeof *store->index) +
                 (int64_t)(store->chunk_capacity * sizeof *store->chunks)};
}

int64_t ledger_ids(struct ledger_unit *unit, int bucket, size_t count)
{
    CHECK(count >= 1 && count <= LEDGER_LEGS_MAX);
    CHECK(bucket >= 0 && bucket < BUCKET_COUNT);
    for (;;) {
        int64_t first = id_make(unit->ids, unit->now_us, bucket);
        int64_t last = first;
        for (size_t i = 1; i < count; i++) {
            last = id_make(unit->ids, unit->now_us, bucket);
        }
        /* One of several processes jumps at the end of its share of a millisecond: it then starts at
         * its next share, which has room for LEDGER_LEGS_MAX. */
        if (last == first + (int64_t)(count - 1) * ID_STEP) {
            CHECK(first > 0 && id_bucket(first) == bucket);
            return first;
        }
        int64_t mask = (INT64_C(1) << (ID_COUNTER_BITS - unit->ids->node_bits)) - 1;
        CHECK(mask + 1 >= LEDGER_LEGS_MAX);
        while ((unit->ids->last & mask) != mask) {
            (void)id_make(unit->ids, unit->now_us, bucket);
        }
    }
}

struct account_id ledger_internal_account(uint16_t gl_code, struct ccy ccy, int bucket)
{
    CHECK(bucket >= 0 && bucket < BUCKET_COUNT);
    return (struct account_id){((int64_t)gl_code << CCY_NUMBER_BITS | ccy_number(ccy)) << 10 |
                               bucket};
}

bool ledger_is_internal(struct account_id account)
{
    return account.value > 0 && account.value < INTERNAL_ID_MAX;
}

enum err ledger_internal_state(int64_t id, struct ledger_account *out)
{
    int64_t code = id >> (CCY_NUMBER_BITS + 10);
    const struct gl_account *gl = ledger_is_internal((struct account_id){id}) && code <= UINT16_MAX
                                      ? chart_find((uint16_t)code)
                                      : NULL;
    uint16_t ccy = (uint16_t)(id >> 10 & CCY_NUMBER_MAX);
    if (gl == NULL || !ccy_number_is_known(ccy)) {
        return ERR_LEDGER_ACCOUNT;
    }
    *out = (struct ledger_account){
        .id = id, .gl_code = gl->code, .ccy_number = ccy, .floor = LEDGER_FLOOR_NONE};
    return ERR_OK;
}

int64_t ledger_balance(const struct ledger_account *account)
{
    CHECK(account->debits_posted >= 0 && account->credits_posted >= 0);
    const struct gl_account *gl = chart_find(account->gl_code);
    int64_t net = account->credits_posted - account->debits_posted;
    return gl != NULL && chart_normal_side(gl->class) == LEDGER_DEBIT ? -net : net;
}

int64_t ledger_available(const struct ledger_account *account)
{
    CHECK(account->debits_pending >= 0 && account->credits_pending >= 0);
    const struct gl_account *gl = chart_find(account->gl_code);
    bool debit_side = gl != NULL && chart_normal_side(gl->class) == LEDGER_DEBIT;
    int64_t pending = debit_side ? account->credits_pending : account->debits_pending;
    return ledger_balance(account) - pending;
}

/* --- accounts --------------------------------------------------------------------------------- */

enum err ledger_account_open(struct ledger_unit *unit, const struct ledger_account_spec *spec)
{
    const struct gl_account *gl = chart_find(spec->gl_code);
    CHECK(spec->id.value > 0);
    if (gl == NULL) {
        return ERR_LEDGER_GL;
    }
    struct ledger_account account = {.id = spec->id.value,
                                     .gl_code = spec->gl_code,
                                     .ccy_number = (uint16_t)ccy_number(spec->ccy),
                                     .floor = (uint8_t)gl->floor};
    return unit->ledger->embedded != NULL ? embedded_account_open(unit, &account)
                                          : postgres_account_open(unit, &account);
}

enum err ledger_account_read(struct ledger_unit *unit, struct account_id account,
                             struct ledger_account *out)
{
    CHECK(unit != NULL && out != NULL);
    if (unit->ledger->embedded == NULL) {
        return postgres_account_read(unit->conn, account.value, out);
    }
    const struct ledger_account *found = embedded_find(unit->ledger->embedded, account.value);
    if (found == NULL) {
        return ERR_LEDGER_ACCOUNT;
    }
    *out = *found;
    CHECK(out->id == account.value);
    return ERR_OK;
}

enum err ledger_account_load(struct ledger *ledger, struct db_conn *conn, struct account_id account,
                             struct ledger_account *out)
{
    CHECK(ledger != NULL && out != NULL);
    return ledger->embedded != NULL ? embedded_load(ledger->embedded, account.value, out)
                                    : postgres_account_read(conn, account.value, out);
}

DB_STMT(ledger_account_close_update,
        "UPDATE ledger_accounts SET closed = 1 WHERE bucket = $1 AND id = $2 AND closed = 0");

enum err ledger_account_close(struct ledger_unit *unit, struct account_id account)
{
    CHECK(unit != NULL);
    struct ledger_account state;
    if (ledger_is_internal(account)) {
        return ERR_LEDGER_GL;
    }
    enum err err = ledger_account_read(unit, account, &state);
    if (err) {
        return err;
    }
    if (state.closed) {
        return ERR_ACCOUNT_CLOSED;
    }
    if (unit->ledger->embedded == NULL) {
        return postgres_account_close(unit, account.value);
    }
    if (state.debits_posted != state.credits_posted || state.debits_pending != 0 ||
        state.credits_pending != 0) {
        return ERR_ACCOUNT_NOT_EMPTY;
    }
    state.closed = 1;
    embedded_touch(unit->ledger->embedded, &state);
    return db_defer(unit->conn, &ledger_account_close_update,
                    DB_ARGS(db_int(id_bucket(account.value)), db_int(account.value)), 1);
}

/* --- client ids ---------------------------------------------------------------------------------
 */

enum err ledger_repetition(struct ledger_unit *unit, const struct client_id *client_id, bool kept,
                           int64_t body_hash, struct journal_result *out)
{
    CHECK(body_hash >= 0);
    *out = (struct journal_result){.body_hash = body_hash};
    if (client_id_is_none(client_id)) {
        return ERR_OK;
    }
    enum id_answer answer = ID_NEW;
    enum err err = client_id_look_up(unit, client_id, &answer, &out->id.value);
    if (err) {
        return err;
    }
    if (answer == ID_NEW) {
        return client_id_us(client_id) > unit->now_us + CLIENT_ID_AHEAD_US ? ERR_ID_TIME : ERR_OK;
    }
    out->replayed = true;
    if (answer == ID_ACCEPTED && !kept) {
        return ERR_OK;
    }
    enum err stored = ERR_OK;
    err = client_id_answer_load(unit, client_id, body_hash, &stored);
    return err ? err : stored;
}

enum err ledger_refuse(struct ledger_unit *unit, const struct client_id *client_id,
                       const struct journal_result *refused, enum err refusal)
{
    CHECK(refusal != ERR_OK);
    enum id_answer answer = ID_NEW;
    int64_t transfer = 0;
    if (client_id_is_none(client_id) || refused->body_hash == 0 || refused->replayed ||
        refusal == ERR_ID_REUSED || refusal == ERR_ID_TIME) {
        return ERR_OK;
    }
    enum err err = client_id_look_up(unit, client_id, &answer, &transfer);
    if (err || answer != ID_NEW) {
        return err ? err : ERR_DB_RETRY;
    }
    return client_id_answer(unit, client_id, 0, refused->body_hash, refusal);
}

enum err ledger_journal_read(struct ledger_unit *unit, struct journal_id journal,
                             struct ledger_line *out, size_t *out_count)
{
    CHECK(out != NULL && out_count != NULL);
    const struct embedded *store = unit->ledger->embedded;
    if (store != NULL && embedded_group_lines(store, journal.value, out, out_count)) {
        return ERR_OK;
    }
    return ledger_journal_load(unit->conn, journal, out, out_count);
}

/* Same legs, recipe, reference and reversal? Dates may differ: a repetition may come a day later. */
static enum err same_body(struct ledger_unit *unit, const struct journal_draft *draft,
                          enum ledger_kind kind, struct journal_id journal)
{
    CHECK(kind == LEDGER_POST);
    CHECK(draft->count >= 1 && draft->count <= LEDGER_LEGS_MAX);
    struct ledger_line lines[LEDGER_LEGS_MAX];
    size_t count = 0;
    enum err err = ledger_journal_read(unit, journal, lines, &count);
    if (err) {
        return err;
    }
    CHECK(count >= 1 && count <= LEDGER_LEGS_MAX);
    bool same = count == draft->count && lines[0].kind == kind &&
                lines[0].recipe == draft->recipe && lines[0].ref_id == draft->ref_id &&
                lines[0].of_id == draft->of_id;
    for (size_t i = 0; !err && same && i < count; i++) {
        same = lines[i].debit.value == draft->transfers[i].debit.value &&
               lines[i].credit.value == draft->transfers[i].credit.value &&
               lines[i].amount_minor == draft->transfers[i].amount_minor;
        if (same && draft->ccy_numbers != NULL && draft->ccy_numbers[i] != 0) {
            struct ledger_account debit = {0};
            err = ledger_account_read(unit, lines[i].debit, &debit);
            same = debit.ccy_number == draft->ccy_numbers[i];
        }
    }
    return err ? err : same ? ERR_OK : ERR_ID_REUSED;
}

enum err ledger_draft_repetition(struct ledger_unit *unit, const struct journal_draft *draft,
                                 enum ledger_kind kind, int64_t expires_at,
                                 struct journal_result *out)
{
    CHECK(kind == LEDGER_POST || kind == LEDGER_HOLD);
    CHECK(expires_at >= 0);
    if (client_id_is_none(&draft->client_id)) {
        *out = (struct journal_result){0};
        return ERR_OK;
    }
    bool kept = kind != LEDGER_POST;
    enum err err = ledger_repetition(unit, &draft->client_id, kept,
                                     journal_body_hash(draft, kind, expires_at), out);
    return !err && out->replayed && !kept ? same_body(unit, draft, kind, out->id) : err;
}

/* --- posting ------------------------------------------------------------------------------------
 */

enum err ledger_apply(struct ledger_unit *unit, struct posting_work *work)
{
    int64_t asked_id = work->first_id;
    CHECK(work->count >= 1 && work->count <= LEDGER_LEGS_MAX && asked_id > 0);
    CHECK(work->kind >= LEDGER_POST && work->kind <= LEDGER_EXPIRE);
    enum err err =
        unit->ledger->embedded != NULL ? embedded_apply(unit, work) : postgres_apply(unit, work);
    CHECK(work->first_id >= asked_id); /* raised above newer transfers, never lowered */
    return err;
}

struct posting_work ledger_work_of(const struct journal_draft *draft)
{
    CHECK(draft->recipe != 0);
    return (struct posting_work){.kind = LEDGER_POST,
                                 .recipe = draft->recipe,
                                 .recipe_version = draft->recipe_version,
                                 .booking_days = draft->booking_date.days,
                                 .value_days = draft->value_date.days - draft->booking_date.days,
                                 .ref_id = draft->ref_id,
                                 .of_id = draft->of_id,
                                 .order = draft->order,
                                 .transfers = draft->transfers,
                                 .ccy_numbers = draft->ccy_numbers,
                                 .count = draft->count};
}

enum err ledger_post(struct ledger_unit *unit, const struct journal_draft *draft,
                     struct journal_result *out)
{
    CHECK(draft->recipe != 0);
    CHECK(draft->count == 0 || draft->transfers != NULL);
    *out = (struct journal_result){0};
    enum err err = journal_check_form(draft->transfers, draft->count);
    if (!err) {
        err = ledger_draft_repetition(unit, draft, LEDGER_POST, 0, out);
    }
    if (err || out->replayed) {
        return err;
    }
    int bucket = id_bucket(draft->transfers[0].debit.value);
    struct posting_work work = ledger_work_of(draft);
    work.first_id = ledger_ids(unit, bucket, draft->count);
    err = ledger_apply(unit, &work);
    if (!err && !client_id_is_none(&draft->client_id)) {
        err = client_id_remember(unit, &draft->client_id, work.first_id);
    }
    out->id = (struct journal_id){work.first_id};
    CHECK(err || !out->replayed);
    return err;
}
