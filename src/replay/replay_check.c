/* Compares transfers, states, holds and seals with each other. */
#include "replay/replay_private.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/int128.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBLEMS_MAX 20

/* Sums of an account, computed from transfers and holds. */
struct account_sums {
    int64_t id;
    struct ccy ccy;
    uint16_t gl_code;
    int64_t debits_posted, credits_posted, debits_pending, credits_pending, postings;
    int64_t debits_held, credits_held;
};

struct sealed_row {
    int64_t id;
    bool is_sealed;
    uint8_t bytes[LEDGER_CANONICAL_SIZE];
};

struct checking {
    struct engine *engine;
    struct db_conn *conn;
    struct account_sums *told;
    size_t told_count, told_capacity;
    struct sealed_row *rows;
    size_t row_count, row_capacity;
    struct ledger_seal *seals;
    size_t seal_count, seal_capacity;
    int64_t hold_count;
    json_t *problems;
};

static void replay_check_problem(struct checking *c, const char *what, int64_t id)
{
    char text[160];
    snprintf(text, sizeof text, "%s: %lld", what, (long long)id);
    if (json_array_size(c->problems) < PROBLEMS_MAX) {
        json_array_append_new(c->problems, json_string(text));
    }
}

static void *grow_rows(void *rows, size_t count, size_t *capacity, size_t size)
{
    if (count == *capacity) {
        *capacity = *capacity ? *capacity * 2 : 1024;
        rows = realloc(rows, *capacity * size);
        CHECK(rows != NULL);
    }
    return rows;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = ((const struct account_sums *)a)->id;
    int64_t y = ((const struct account_sums *)b)->id;
    return (x > y) - (x < y);
}

static struct account_sums *told_of(struct checking *c, int64_t id)
{
    struct account_sums key = {.id = id};
    struct account_sums *found = bsearch(&key, c->told, c->told_count, sizeof key, by_id);
    if (found == NULL) {
        replay_check_problem(c, "a transfer names an account that does not exist", id);
    }
    return found;
}

static bool visit_account(const struct ledger_account_row *account, void *context)
{
    struct checking *c = context;
    c->told = grow_rows(c->told, c->told_count, &c->told_capacity, sizeof *c->told);
    c->told[c->told_count++] = (struct account_sums){
        .id = account->id.value, .ccy = account->ccy, .gl_code = account->gl_code};
    return true;
}

/* Sums of a valid ledger fit 63 bits; a corrupt file may wrap and then fails the comparison. */
static void replay_check_add(int64_t *sum, int64_t amount)
{
    *sum = (int64_t)((uint64_t)*sum + (uint64_t)amount);
}

static void add_transfer(struct account_sums *told, const struct ledger_line *line, bool debit)
{
    int64_t *posted = debit ? &told->debits_posted : &told->credits_posted;
    int64_t *pending = debit ? &told->debits_pending : &told->credits_pending;
    if (line->kind == LEDGER_POST || line->kind == LEDGER_CAPTURE) {
        replay_check_add(posted, line->amount_minor);
    }
    if (line->kind != LEDGER_POST) {
        replay_check_add(pending,
                         line->kind == LEDGER_HOLD ? line->amount_minor : -line->amount_minor);
    }
    told->postings++;
}

static bool visit_transfer(const struct ledger_line *line, void *context)
{
    struct checking *c = context;
    struct account_sums *debit = told_of(c, line->debit.value);
    struct account_sums *credit = told_of(c, line->credit.value);
    if (debit != NULL && credit != NULL) {
        add_transfer(debit, line, true);
        add_transfer(credit, line, false);
        if (!ccy_equal(debit->ccy, credit->ccy)) {
            replay_check_problem(c, "a transfer joins two currencies", line->id);
        }
    }
    c->rows = grow_rows(c->rows, c->row_count, &c->row_capacity, sizeof *c->rows);
    struct sealed_row *row = &c->rows[c->row_count++];
    row->id = line->id;
    row->is_sealed = false;
    ledger_canonical(line, (int)((line->id - line->journal.value) / ID_STEP), row->bytes);
    return true;
}

static bool visit_hold(const struct ledger_hold_row *hold, void *context)
{
    struct checking *c = context;
    struct account_sums *debit = told_of(c, hold->debit.value);
    struct account_sums *credit = told_of(c, hold->credit.value);
    int64_t left = hold->amount_minor - hold->captured_minor;
    if (left <= 0) {
        replay_check_problem(c, "an open hold has nothing left", hold->id);
    }
    if (debit != NULL && credit != NULL) {
        replay_check_add(&debit->debits_held, left);
        replay_check_add(&credit->credits_held, left);
    }
    c->hold_count++;
    return true;
}

static bool visit_seal(const struct ledger_seal *seal, void *context)
{
    struct checking *c = context;
    c->seals = grow_rows(c->seals, c->seal_count, &c->seal_capacity, sizeof *c->seals);
    c->seals[c->seal_count++] = *seal;
    return true;
}

static int by_chain(const void *a, const void *b)
{
    const struct ledger_seal *x = a;
    const struct ledger_seal *y = b;
    if (x->bucket != y->bucket) {
        return (x->bucket > y->bucket) - (x->bucket < y->bucket);
    }
    return (x->seq > y->seq) - (x->seq < y->seq);
}

static int by_row_id(const void *a, const void *b)
{
    int64_t x = ((const struct sealed_row *)a)->id;
    int64_t y = ((const struct sealed_row *)b)->id;
    return (x > y) - (x < y);
}

/* PostgreSQL: the transfer with that id; NULL if there is none or another seal covers it. */
static struct sealed_row *find_sealed(struct checking *c, int64_t id)
{
    struct sealed_row key = {.id = id};
    struct sealed_row *row =
        c->row_count == 0 ? NULL : bsearch(&key, c->rows, c->row_count, sizeof key, by_row_id);
    bool is_free = row != NULL && !row->is_sealed;
    if (is_free) {
        row->is_sealed = true;
    }
    return is_free ? row : NULL;
}

/* Adds the transfers of a seal to its hash, in the seal's own order; returns how many were not
 * there. Embedded: the rows that follow those of the seal before. */
static int64_t add_rows(struct checking *c, const struct ledger_seal *seal, bool one_chain,
                        size_t *place, struct hash_stream *stream)
{
    int64_t left = seal->count;
    if (one_chain) {
        for (; left > 0 && *place < c->row_count; left--) {
            struct sealed_row *row = &c->rows[(*place)++];
            row->is_sealed = true;
            hash_stream_add(stream, row->bytes, sizeof row->bytes);
        }
        return left;
    }
    int64_t *ids = calloc((size_t)(seal->count > 0 ? seal->count : 1), sizeof *ids);
    CHECK(ids != NULL);
    enum err err = ledger_seal_members(c->conn, seal, ids);
    for (int64_t i = 0; !err && i < seal->count; i++) {
        const struct sealed_row *row = find_sealed(c, ids[i]);
        if (row != NULL && id_bucket(row->id) == seal->bucket) {
            hash_stream_add(stream, row->bytes, sizeof row->bytes);
            left--;
        }
    }
    free(ids);
    return left;
}

static void check_link(struct checking *c, const struct ledger_seal *seal, bool one_chain,
                       const uint8_t *before, size_t *place)
{
    struct hash_stream stream;
    hash_stream_init(&stream);
    hash_stream_add(&stream, before, HASH_SIZE);
    int64_t missing = add_rows(c, seal, one_chain, place, &stream);
    struct hash hash = hash_stream_final(&stream);
    if (missing != 0 || memcmp(hash.bytes, seal->hash, HASH_SIZE) != 0) {
        replay_check_problem(c, "a seal does not fit its transfers", seal->last_id);
    }
}

/* Chains are whole: numbers from 1, every hash follows, no transfer without a seal. */
static void check_seals(struct checking *c, bool one_chain)
{
    static const uint8_t start[HASH_SIZE];
    size_t place = 0;
    int64_t unsealed = 0;
    qsort(c->seals, c->seal_count, sizeof *c->seals, by_chain);
    for (size_t i = 0; i < c->seal_count; i++) {
        const struct ledger_seal *seal = &c->seals[i];
        bool begins = i == 0 || c->seals[i - 1].bucket != seal->bucket;
        if (seal->seq != (begins ? 1 : c->seals[i - 1].seq + 1)) {
            replay_check_problem(c, "a seal is missing before", seal->seq);
        }
        check_link(c, seal, one_chain, begins ? start : c->seals[i - 1].hash, &place);
    }
    for (size_t i = 0; i < c->row_count; i++) {
        unsealed += c->rows[i].is_sealed ? 0 : 1;
    }
    if (unsealed != 0) {
        replay_check_problem(c, "transfers without a seal", unsealed);
    }
}

static void check_account(struct checking *c, const struct account_sums *told)
{
    struct ledger_account a;
    enum err err =
        ledger_account_load(engine_ledger(c->engine), c->conn, (struct account_id){told->id}, &a);
    if (err || a.debits_posted != told->debits_posted || a.credits_posted != told->credits_posted ||
        a.posting_count != told->postings) {
        replay_check_problem(c, "balance and postings differ on account", told->id);
        return;
    }
    if (a.debits_pending != told->debits_pending || a.credits_pending != told->credits_pending ||
        a.debits_pending != told->debits_held || a.credits_pending != told->credits_held) {
        replay_check_problem(c, "pending amounts and open holds differ on account", told->id);
    }
    if (a.floor == LEDGER_FLOOR_CREDIT && ledger_available(&a) < 0) {
        replay_check_problem(c, "overdrawn", told->id);
    }
}

static enum err replay_check_gather(struct checking *c)
{
    enum err err = ledger_accounts_each(c->conn, visit_account, c);
    qsort(c->told, c->told_count, sizeof *c->told, by_id);
    err = err ? err : ledger_transfers_after(c->conn, 0, visit_transfer, c);
    for (size_t i = 0; !err && i < c->told_count; i++) {
        err = ledger_holds_open(c->conn, (struct account_id){c->told[i].id}, visit_hold, c);
    }
    return err ? err : ledger_seals_newest(c->conn, INT32_MAX, visit_seal, c);
}

/* PostgreSQL seals by a job: here at once. */
static enum err seal_now(struct uow *uow, void *context)
{
    (void)context;
    return ledger_seal_due(engine_ledger(uow->engine), uow->conn, uow->now_us);
}

static enum err open_books(struct checking *c, struct engine *engine)
{
    *c = (struct checking){.engine = engine, .problems = json_array()};
    enum err err = engine_read_begin(engine, &c->conn);
    if (!err) {
        err = replay_check_gather(c);
        engine_read_end(engine, c->conn);
    }
    return err;
}

static void close_books(struct checking *c)
{
    free(c->told);
    free(c->rows);
    free(c->seals);
    json_decref(c->problems);
}

json_t *replay_check(struct engine *engine)
{
    struct checking c;
    int128 debits[CCY_COUNT_MAX] = {0};
    int128 credits[CCY_COUNT_MAX] = {0};
    enum err err = engine_run(engine, seal_now, NULL);
    err = err ? err : open_books(&c, engine);
    err = err ? err : engine_read_begin(engine, &c.conn);
    if (err) {
        return replay_refusal(err);
    }
    for (size_t i = 0; i < c.told_count; i++) {
        check_account(&c, &c.told[i]);
        debits[ccy_place(c.told[i].ccy)] += c.told[i].debits_posted;
        credits[ccy_place(c.told[i].ccy)] += c.told[i].credits_posted;
    }
    check_seals(&c, db_engine_of(engine_db(engine)) == DB_SQLITE);
    engine_read_end(engine, c.conn);
    for (int i = 0; i < ccy_count(); i++) {
        if (debits[i] != credits[i]) {
            replay_check_problem(&c, "debits and credits differ in currency",
                                 ccy_number(ccy_at(i)));
        }
    }
    json_t *result = json_object();
    json_object_set_new(result, "ok", json_boolean(json_array_size(c.problems) == 0));
    json_object_set_new(result, "accounts", json_integer((json_int_t)c.told_count));
    json_object_set_new(result, "transfers", json_integer((json_int_t)c.row_count));
    json_object_set_new(result, "openHolds", json_integer(c.hold_count));
    json_object_set_new(result, "problems", json_incref(c.problems));
    close_books(&c);
    return result;
}

/* --- trial balance ---------------------------------------------------------------------------- */

/* Minor units of more than 63 bits as decimal text. */
static json_t *wide_amount(int128 minor, struct ccy ccy)
{
    char digits[64];
    char text[70];
    int count = 0;
    for (int128 rest = minor; rest > 0 || count <= ccy_digits(ccy); rest /= 10) {
        digits[count++] = (char)('0' + (int)(rest % 10));
    }
    int size = 0;
    while (count > 0) {
        if (count == ccy_digits(ccy) && size > 0) {
            text[size++] = '.';
        }
        text[size++] = digits[--count];
    }
    text[size] = '\0';
    return json_string(text);
}

struct total {
    uint16_t gl_code;
    struct ccy ccy;
    int128 debits, credits;
};

static json_t *total_row(const struct total *total)
{
    const struct gl_account *gl = chart_find(total->gl_code);
    json_t *row = json_object();
    json_object_set_new(row, "glCode", json_integer(total->gl_code));
    json_object_set_new(row, "name", json_string(gl ? gl->name_en : ""));
    json_object_set_new(row, "currency", json_string(total->ccy.code));
    json_object_set_new(row, "debits", wide_amount(total->debits, total->ccy));
    json_object_set_new(row, "credits", wide_amount(total->credits, total->ccy));
    return row;
}

static void add_total(struct total *totals, size_t *count, const struct account_sums *told)
{
    size_t at = 0;
    while (at < *count &&
           (totals[at].gl_code != told->gl_code || !ccy_equal(totals[at].ccy, told->ccy))) {
        at++;
    }
    if (at == *count) {
        totals[(*count)++] = (struct total){.gl_code = told->gl_code, .ccy = told->ccy};
    }
    totals[at].debits += told->debits_posted;
    totals[at].credits += told->credits_posted;
}

static int by_code(const void *a, const void *b)
{
    const struct total *x = a;
    const struct total *y = b;
    int order = (x->gl_code > y->gl_code) - (x->gl_code < y->gl_code);
    return order ? order : strcmp(x->ccy.code, y->ccy.code);
}

json_t *replay_trial_balance(struct engine *engine)
{
    struct checking c;
    struct total totals[1024];
    size_t count = 0;
    int128 difference[CCY_COUNT_MAX] = {0};
    bool balanced = true;
    enum err err = open_books(&c, engine);
    if (err) {
        close_books(&c);
        return replay_refusal(err);
    }
    for (size_t i = 0; i < c.told_count && count < 1024; i++) {
        add_total(totals, &count, &c.told[i]);
        difference[ccy_place(c.told[i].ccy)] +=
            (int128)c.told[i].debits_posted - c.told[i].credits_posted;
    }
    for (int i = 0; i < ccy_count(); i++) {
        balanced = balanced && difference[i] == 0;
    }
    qsort(totals, count, sizeof totals[0], by_code);
    json_t *result = json_object();
    json_t *rows = json_array();
    json_object_set_new(result, "ok", json_true());
    json_object_set_new(result, "balanced", json_boolean(balanced));
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(rows, total_row(&totals[i]));
    }
    json_object_set_new(result, "accounts", rows);
    close_books(&c);
    return result;
}
