/*
 * The nth call fails, for every n until none does: afterwards the whole transaction is stored or
 * nothing of it. And every statement linked into this program is valid on both engines.
 */
#ifdef SYCEE_FAULTS

#include "base/id.h"
#include "db/db_fault.h"
#include "db/directory.h"
#include "db/idempotency.h"
#include "db/inbox.h"
#include "db/outbox.h"
#include "unit/db_fixture.h"

static enum db_engine engine;
static struct db_fixture fixture;
static struct db_conn *conn;

DB_STMT(db_fault_count, "SELECT (SELECT count(*) FROM db_outbox), "
                        "(SELECT count(*) FROM db_idempotency), "
                        "(SELECT count(*) FROM db_directory)");

static int suite_open(void **state)
{
    (void)state;
    fixture_open(&fixture, engine, "sycee_test_fault");
    conn = fixture.conn;
    return 0;
}

static int suite_close(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

/* A transaction of every kind of call. */
static enum err unit_of_work(void)
{
    static const uint8_t hash[16] = {4, 2};
    const struct directory_name name = {DIRECTORY_LOGIN, hash, sizeof(hash)};
    const struct idempotency_key key = {.bucket = 1, .principal_id = 1, .text = "k"};
    const struct idempotency_answer answer = {
        .route = "POST /x", .status = 200, .response = "", .response_size = 0};
    struct outbox_message message = {
        .id = INT64_C(1) << 41, .topic = "t", .body = "{}", .created_at = 1};
    int64_t owner = 0;
    enum err err = db_begin(conn);
    if (err != ERR_OK) {
        return err;
    }
    err = idempotency_store(conn, &key, &answer);
    err = err != ERR_OK ? err : outbox_put(conn, &message);
    err = err != ERR_OK ? err : db_savepoint(conn);
    err = err != ERR_OK ? err : directory_claim(conn, &name, 7, &owner);
    err = err != ERR_OK ? err : directory_find(conn, &name, &owner);
    err = err != ERR_OK ? err : db_savepoint_release(conn);
    if (err != ERR_OK) {
        db_rollback(conn);
        return err;
    }
    return db_commit(conn);
}

/* 3 rows or none; anything between is a broken promise. */
static bool work_is_there(void)
{
    struct db_rows rows;
    assert_ok(db_query(conn, &db_fault_count, DB_NO_ARGS, &rows));
    assert_true(db_rows_next(&rows));
    int64_t first = db_rows_int(&rows, 0);
    assert_int_equal(first, db_rows_int(&rows, 1));
    assert_int_equal(first, db_rows_int(&rows, 2));
    assert_ok(db_rows_close(&rows));
    return first != 0;
}

static void forget_work(void)
{
    assert_ok(db_script(conn, "DELETE FROM db_outbox; DELETE FROM db_idempotency; "
                              "DELETE FROM db_directory;"));
}

static void test_db_fault__every_call_may_fail(void **state)
{
    (void)state;
    static const enum err kinds[] = {ERR_DB, ERR_DB_RETRY, ERR_DB_FULL, ERR_DB_LOST};
    for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
        int64_t nth = 0;
        enum err err = ERR_DB;
        while (err != ERR_OK) {
            db_fault_arm(conn, ++nth, kinds[kind]);
            err = unit_of_work();
            bool fired = db_fault_fired(conn);
            db_fault_arm(conn, 0, ERR_OK);
            assert_int_equal(fired, err != ERR_OK);
            if (fired) {
                assert_err(kinds[kind], err);
            }
            if (err == ERR_DB_LOST) {
                assert_err(ERR_DB_LOST, db_begin(conn));
                assert_ok(db_reconnect(conn));
            }
            assert_int_equal(err == ERR_OK, work_is_there());
        }
        assert_int_equal(9, nth); /* eight calls, and the run without a fault */
        forget_work();
    }
}

static void test_db_fault__a_lost_answer_to_commit(void **state)
{
    (void)state;
    db_fault_arm_after_commit(conn, 8);
    assert_err(ERR_DB_LOST, unit_of_work());
    assert_true(db_fault_fired(conn));
    db_fault_arm(conn, 0, ERR_OK);
    assert_ok(db_reconnect(conn));
    assert_true(work_is_there()); /* and the second try finds the first */
    assert_err(ERR_DB_CONFLICT, unit_of_work());
    forget_work();
    db_fault_arm_after_commit(conn, 2); /* not a commit: an ordinary loss */
    assert_err(ERR_DB_LOST, unit_of_work());
    assert_ok(db_reconnect(conn));
    assert_false(work_is_there());
}

static void test_db_fault__any_connection(void **state)
{
    (void)state;
    struct db_conn *other = fixture_connect(&fixture, DB_READ_WRITE);
    db_fault_arm_all(2, ERR_DB_RETRY);
    assert_ok(db_begin(conn));
    assert_false(db_fault_fired_all());
    assert_err(ERR_DB_RETRY, db_begin(other));
    assert_true(db_fault_fired_all());
    db_rollback(conn);
    assert_ok(db_begin(other));
    db_rollback(other);
    db_disconnect(other);
    db_fault_arm_all(0, ERR_OK);
}

static void test_db_fault__every_statement_can_be_prepared(void **state)
{
    (void)state;
    struct db_rows rows; /* links the inbox too */
    rows = inbox_new(conn, 1);
    assert_ok(db_rows_close(&rows));
    const struct db_stmt *bad = NULL;
    enum err err = db_prepare_all(conn, &bad);
    if (err != ERR_OK) {
        fail_msg("%s: %s", bad->name, db_message(conn));
    }
}

static int run(enum db_engine on)
{
    engine = on;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_db_fault__every_call_may_fail),
        cmocka_unit_test(test_db_fault__a_lost_answer_to_commit),
        cmocka_unit_test(test_db_fault__any_connection),
        cmocka_unit_test(test_db_fault__every_statement_can_be_prepared),
    };
    return cmocka_run_group_tests_name(on == DB_SQLITE ? "db_fault sqlite" : "db_fault postgresql",
                                       tests, suite_open, suite_close);
}

int main(void)
{
    return fixture_run(run);
}

#else

#include <stdio.h>

int main(void)
{
    puts("faults on order need a build with SYCEE_FAULTS (MODE=debug)");
    return 0;
}

#endif
