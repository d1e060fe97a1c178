/*
 * Books for tests of the room ledger: a new database, the ledger on it, and the engine's part round a
 * unit of work, so that a test can stop anywhere. Include once per program.
 */
#ifndef TESTS_UNIT_LEDGER_FIXTURE_H
#define TESTS_UNIT_LEDGER_FIXTURE_H

#include "ledger/recipe.h"
#include "ledger/store.h"

#include "db_fixture.h"

struct books {
    struct db_fixture db;
    struct ledger *ledger;
    struct id_maker ids;
    int64_t now_us;
};

static inline void books_open(struct books *b, enum db_engine engine, const char *name)
{
    memset(b, 0, sizeof *b);
    fixture_open(&b->db, engine, name);
    b->now_us = DB_FIXTURE_NOW;
    id_maker_init(&b->ids, 0, engine == DB_SQLITE ? 0 : 6);
    assert_ok(ledger_start(b->db.conn, &b->ledger));
}

static inline void books_close(struct books *b)
{
    ledger_stop(b->ledger);
    fixture_close(&b->db);
}

/* A start after a stop; the maker of ids begins anew, as in a new process. */
static inline enum err books_restart(struct books *b)
{
    ledger_stop(b->ledger);
    b->ledger = NULL;
    id_maker_init(&b->ids, 0, b->ids.node_bits);
    return ledger_start(b->db.conn, &b->ledger);
}

typedef enum err books_work(struct ledger_unit *unit, void *context);

/* One unit in its savepoint, inside a group that is open. */
static inline enum err books_unit(struct books *b, books_work *work, void *context)
{
    bool embedded = b->ledger->embedded != NULL;
    if (embedded) {
        assert_ok(db_savepoint(b->db.conn));
    }
    struct ledger_unit *unit = ledger_unit_begin(b->ledger, b->db.conn, &b->ids, b->now_us);
    enum err err = work(unit, context);
    if (err) {
        ledger_unit_undo(unit);
    }
    ledger_unit_end(unit);
    if (embedded && err) {
        (void)db_savepoint_rollback(b->db.conn);
    } else if (embedded) {
        assert_ok(db_savepoint_release(b->db.conn));
    }
    return err;
}

static inline enum err books_commit(struct books *b)
{
    enum err err = ledger_group_flush(b->ledger, b->db.conn, b->now_us);
    err = err ? err : db_commit(b->db.conn);
    if (err) {
        db_rollback(b->db.conn);
        ledger_group_forget(b->ledger);
    } else {
        ledger_group_check(b->ledger, b->db.conn);
        ledger_group_publish(b->ledger);
    }
    return err;
}

/* One unit, one commit. */
static inline enum err books_run(struct books *b, books_work *work, void *context)
{
    assert_ok(db_begin(b->db.conn));
    enum err err = books_unit(b, work, context);
    if (err && b->ledger->embedded == NULL) {
        db_rollback(b->db.conn);
        return err;
    }
    enum err ending = books_commit(b);
    return err ? err : ending;
}

static inline struct account_id books_account(int number)
{
    return (struct account_id){(INT64_C(1) << 41) + number * ID_STEP + number * 37 % BUCKET_COUNT};
}

/* Opens accounts first .. first + count - 1 of demand deposits. */
struct books_opening {
    int first, count;
};
static inline enum err books_open_some(struct ledger_unit *unit, void *context)
{
    struct books_opening *opening = context;
    enum err err = ERR_OK;
    for (int i = 0; !err && i < opening->count; i++) {
        struct ledger_account_spec spec = {
            .id = books_account(opening->first + i), .ccy = CCY_CNY, .gl_code = GL_DEPOSITS_DEMAND};
        err = ledger_account_open(unit, &spec);
    }
    return err;
}

/* One transfer, with an id where client[15] is not 0. */
struct books_transfer {
    struct ledger_transfer transfer;
    struct client_id client;
    struct journal_result result;
};
static inline enum err books_post(struct ledger_unit *unit, void *context)
{
    struct books_transfer *t = context;
    struct journal_draft draft = {.client_id = t->client,
                                  .recipe = RECIPE_BULK,
                                  .recipe_version = 1,
                                  .booking_date = {20000},
                                  .value_date = {20000},
                                  .transfers = &t->transfer,
                                  .count = 1};
    return ledger_post(unit, &draft, &t->result);
}

static inline struct books_transfer books_pay(struct account_id debit, struct account_id credit,
                                              int64_t amount)
{
    return (struct books_transfer){.transfer = {debit, credit, amount}};
}

static inline struct account_id books_reserve(void)
{
    return ledger_internal_account(GL_RESERVE, CCY_CNY, 0);
}

/* A client id of that instant, told apart by its number. */
static inline struct client_id books_client(int64_t now_us, int number)
{
    struct client_id id = {{0}};
    uint64_t ms = (uint64_t)now_us / 1000;
    for (int i = 0; i < 6; i++) {
        id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    }
    id.bytes[6] = 0x70;
    id.bytes[8] = 0x80;
    id.bytes[13] = (uint8_t)(number >> 16);
    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

/* Committed state, as readers see it. */
static inline struct ledger_account books_state(struct books *b, struct account_id account)
{
    struct ledger_account state = {0};
    enum err err = ledger_account_load(b->ledger, b->db.conn, account, &state);
    if (err != ERR_LEDGER_ACCOUNT) {
        assert_ok(err);
    }
    return state;
}

#endif
