/* Readings whose errors stay in the rows: one row, each row, numbers; on both engines. */
#include "db/db_fault.h"
#include "unit/db_fixture.h"

static enum db_engine engine;
static struct db_fixture fixture;
static struct db_conn *conn;

DB_STMT(thing_store, "INSERT INTO db_test_things (bucket, id, name) VALUES ($1, $2, $3)");
DB_STMT(thing_load, "SELECT id, name FROM db_test_things WHERE bucket = $1 AND id = $2");
DB_STMT(thing_list, "SELECT id FROM db_test_things WHERE bucket = $1 ORDER BY id");
DB_STMT(thing_size, "SELECT abs(id) FROM db_test_things WHERE bucket = $1 ORDER BY id DESC");
DB_STMT(thing_count, "SELECT count(*) FROM db_test_things WHERE bucket = $1");
DB_STMT(thing_rename, "UPDATE db_test_things SET name = $1 WHERE bucket = $2 AND id = $3 "
                      "RETURNING id, name");
DB_STMT(thing_wrong, "SELECT nothing FROM db_test_things WHERE bucket = $1");

static int suite_open(void **state)
{
    (void)state;
    fixture_open(&fixture, engine, "sycee_test_rows");
    conn = fixture.conn;
    assert_ok(db_script(conn, "CREATE TABLE db_test_things ("
                              "bucket INTEGER NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, "
                              "PRIMARY KEY (bucket, id)) WITHOUT ROWID;"));
    static const char *const names[] = {"one", "two", "three"};
    for (int i = 0; i < 3; i++) {
        assert_ok(db_exec(conn, &thing_store, DB_ARGS(db_int(7), db_int(i + 1), db_text(names[i])),
                          NULL));
    }
    assert_ok(db_exec(conn, &thing_store, DB_ARGS(db_int(8), db_int(5), db_text("fits")), NULL));
    assert_ok(db_exec(conn, &thing_store,
                      DB_ARGS(db_int(8), db_int(INT64_MIN), db_text("has no abs")), NULL));
    return 0;
}

static int suite_close(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

/* As a room loads one thing: out is written only if it is there. */
static enum err name_load(int64_t id, char out[16])
{
    struct db_rows rows = db_read(conn, &thing_load, DB_ARGS(db_int(7), db_int(id)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        snprintf(out, 16, "%s", db_rows_text(&rows, 1));
    }
    return db_rows_close(&rows);
}

static void test_db_rows__one_row_or_the_named_error(void **state)
{
    (void)state;
    char name[16] = "before";
    assert_err(ERR_NOT_FOUND, name_load(4, name));
    assert_string_equal("before", name);
    assert_ok(name_load(2, name));
    assert_string_equal("two", name);
    struct db_rows rows = db_read(conn, &thing_load, DB_ARGS(db_int(7), db_int(4)));
    assert_false(db_rows_one(&rows, ERR_NOT_SIGNED_IN));
    assert_false(db_rows_next(&rows));
    assert_err(ERR_NOT_SIGNED_IN, db_rows_close(&rows));
}

/* That no row was found is the caller's error: what else the transaction does stays good. */
static void test_db_rows__none_dooms_no_transaction(void **state)
{
    (void)state;
    char name[16] = "";
    assert_ok(db_begin(conn));
    assert_err(ERR_NOT_FOUND, name_load(4, name));
    struct db_rows rows =
        db_read(conn, &thing_rename, DB_ARGS(db_text("drei"), db_int(7), db_int(3)));
    assert_true(db_rows_one(&rows, ERR_NOT_FOUND));
    assert_string_equal("drei", db_rows_text(&rows, 1));
    assert_ok(db_rows_close(&rows));
    assert_ok(db_commit(conn));
    assert_ok(name_load(3, name));
    assert_string_equal("drei", name);
}

static void test_db_rows__a_failing_statement_gives_no_rows(void **state)
{
    (void)state;
    struct db_rows rows = db_read(conn, &thing_wrong, DB_ARGS(db_int(7)));
    assert_false(db_rows_next(&rows));
    assert_err(ERR_DB, db_rows_close(&rows));
    rows = db_read(conn, &thing_wrong, DB_ARGS(db_int(7)));
    assert_false(db_rows_one(&rows, ERR_NOT_FOUND)); /* nobody knows whether there is one */
    assert_err(ERR_DB, db_rows_close(&rows));
    assert_ok(db_begin(conn)); /* inside a transaction it dooms all that follows */
    rows = db_read(conn, &thing_wrong, DB_ARGS(db_int(7)));
    assert_err(ERR_DB, db_rows_close(&rows));
    rows = db_read(conn, &thing_list, DB_ARGS(db_int(7)));
    assert_false(db_rows_next(&rows));
    assert_err(ERR_DB, db_rows_close(&rows));
    assert_err(ERR_DB, db_commit(conn));
}

/* A row that the caller cannot read ends the reading; the statement is free again and the
 * transaction goes on. */
static void test_db_rows__the_callers_error_ends_the_reading(void **state)
{
    (void)state;
    assert_ok(db_begin(conn));
    struct db_rows rows = db_read(conn, &thing_list, DB_ARGS(db_int(7)));
    int64_t seen = 0;
    while (db_rows_next(&rows)) {
        seen = db_rows_int(&rows, 0);
        db_rows_fail(&rows, seen == 2 ? ERR_VAULT_SEAL : ERR_OK);
    }
    assert_int_equal(2, seen);
    db_rows_fail(&rows, ERR_NO_MEMORY); /* the first one stays */
    assert_err(ERR_VAULT_SEAL, db_rows_close(&rows));
    rows = db_read(conn, &thing_list, DB_ARGS(db_int(7)));
    for (int64_t id = 1; id <= 3; id++) {
        assert_true(db_rows_next(&rows));
        assert_int_equal(id, db_rows_int(&rows, 0));
    }
    assert_false(db_rows_next(&rows));
    assert_ok(db_rows_close(&rows));
    assert_ok(db_commit(conn));
}

static void test_db_rows__an_early_end_frees_the_statement(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct db_rows rows = db_read(conn, &thing_list, DB_ARGS(db_int(7)));
        assert_true(db_rows_next(&rows));
        assert_ok(db_rows_close(&rows));
    }
}

static void test_db_rows__numbers(void **state)
{
    (void)state;
    int64_t number = 42, numbers[4] = {0};
    size_t count = 9;
    assert_ok(db_number(conn, &thing_count, DB_ARGS(db_int(7)), &number));
    assert_int_equal(3, number);
    assert_ok(db_number(conn, &thing_load, DB_ARGS(db_int(7), db_int(4)), &number));
    assert_int_equal(0, number); /* no row */
    number = 42;
    assert_err(ERR_NOT_FOUND,
               db_one_number(conn, &thing_load, DB_ARGS(db_int(7), db_int(4)), &number));
    assert_int_equal(42, number);
    assert_ok(db_one_number(conn, &thing_load, DB_ARGS(db_int(7), db_int(2)), &number));
    assert_int_equal(2, number);
    assert_ok(db_numbers(conn, &thing_list, DB_ARGS(db_int(7)), numbers, 4, &count));
    assert_int_equal(3, count);
    assert_int_equal(1, numbers[0]);
    assert_int_equal(3, numbers[2]);
    assert_ok(db_numbers(conn, &thing_list, DB_ARGS(db_int(7)), numbers, 2, &count));
    assert_int_equal(2, count);
    assert_ok(db_numbers(conn, &thing_list, DB_ARGS(db_int(9)), numbers, 4, &count));
    assert_int_equal(0, count);
}

/* SQLite finds the error when it comes to the second row, PostgreSQL at once. */
static void test_db_rows__an_error_behind_the_first_row_is_not_lost(void **state)
{
    (void)state;
    int64_t number = 42, numbers[4];
    size_t count = 9;
    struct db_rows rows = db_read(conn, &thing_size, DB_ARGS(db_int(8)));
    bool is_found = db_rows_next(&rows);
    assert_int_equal(engine == DB_SQLITE, is_found);
    assert_false(db_rows_next(&rows));
    assert_int_not_equal(ERR_OK, db_rows_close(&rows));
    assert_int_not_equal(ERR_OK,
                         db_numbers(conn, &thing_size, DB_ARGS(db_int(8)), numbers, 4, &count));
    assert_int_equal(9, count);
    assert_err(ERR_DB, db_number(conn, &thing_wrong, DB_ARGS(db_int(7)), &number));
    assert_int_equal(42, number);
}

static void test_db_rows__a_batch_reads_alike(void **state)
{
    (void)state;
    assert_ok(db_begin(conn));
    assert_ok(db_batch_begin(conn));
    for (int64_t id = 3; id <= 4; id++) {
        assert_ok(db_batch_query(conn, &thing_load, DB_ARGS(db_int(7), db_int(id))));
    }
    struct db_rows rows = db_batch_read(conn);
    assert_true(db_rows_one(&rows, ERR_NOT_FOUND));
    assert_int_equal(3, db_rows_int(&rows, 0));
    assert_ok(db_rows_close(&rows));
    rows = db_batch_read(conn);
    assert_false(db_rows_one(&rows, ERR_NOT_FOUND));
    assert_err(ERR_NOT_FOUND, db_rows_close(&rows));
    assert_ok(db_batch_end(conn));
    assert_ok(db_batch_begin(conn));
    assert_ok(db_batch_query(conn, &thing_wrong, DB_ARGS(db_int(7))));
    rows = db_batch_read(conn);
    assert_false(db_rows_next(&rows));
    assert_err(ERR_DB, db_rows_close(&rows));
    assert_err(ERR_DB, db_batch_end(conn));
    db_rollback(conn);
}

#ifdef SYCEE_FAULTS
static void test_db_rows__a_fault_on_order_shows_at_the_end(void **state)
{
    (void)state;
    static const enum err kinds[] = {ERR_DB, ERR_DB_RETRY, ERR_DB_LOST};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        int64_t number = 42;
        char name[16] = "before";
        db_fault_arm(conn, 1, kinds[i]);
        assert_err(kinds[i], name_load(2, name));
        assert_string_equal("before", name);
        db_fault_arm(conn, 0, ERR_OK);
        if (kinds[i] == ERR_DB_LOST) {
            assert_err(ERR_DB_LOST, db_number(conn, &thing_count, DB_ARGS(db_int(7)), &number));
            assert_int_equal(42, number);
            assert_ok(db_reconnect(conn));
        }
        assert_ok(db_number(conn, &thing_count, DB_ARGS(db_int(7)), &number));
        assert_int_equal(3, number);
    }
}
#endif

static int run(enum db_engine on)
{
    engine = on;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_db_rows__one_row_or_the_named_error),
        cmocka_unit_test(test_db_rows__none_dooms_no_transaction),
        cmocka_unit_test(test_db_rows__a_failing_statement_gives_no_rows),
        cmocka_unit_test(test_db_rows__the_callers_error_ends_the_reading),
        cmocka_unit_test(test_db_rows__an_early_end_frees_the_statement),
        cmocka_unit_test(test_db_rows__numbers),
        cmocka_unit_test(test_db_rows__an_error_behind_the_first_row_is_not_lost),
        cmocka_unit_test(test_db_rows__a_batch_reads_alike),
#ifdef SYCEE_FAULTS
        cmocka_unit_test(test_db_rows__a_fault_on_order_shows_at_the_end),
#endif
    };
    return cmocka_run_group_tests_name(on == DB_SQLITE ? "db_rows sqlite" : "db_rows postgresql",
                                       tests, suite_open, suite_close);
}

int main(void)
{
    return fixture_run(run);
}
