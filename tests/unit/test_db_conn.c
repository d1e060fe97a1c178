/* The front door on both engines: values, errors, transactions, deferred work, time-outs. */
#include "unit/db_fixture.h"

static enum db_engine engine;
static struct db_fixture fixture;
static struct db_conn *conn;

DB_STMT(item_store, "INSERT INTO db_test_items (bucket, id, small, day, name, bytes) "
                    "VALUES ($1, $2, $3, $4, $5, $6)");
DB_STMT(item_load, "SELECT bucket, id, small, day, name, bytes, id IS NULL "
                   "FROM db_test_items WHERE bucket = $1 AND id = $2");
DB_STMT(item_touch, "UPDATE db_test_items SET day = day + 1 WHERE bucket = $1 AND id = $2");
DB_STMT(item_bump, "UPDATE db_test_items SET day = day + $1 WHERE bucket = $2 AND id = $3 "
                   "RETURNING day");
DB_STMT(item_lock, "SELECT day FROM db_test_items WHERE bucket = $1 AND id = $2 FOR UPDATE");
DB_STMT(item_list, "SELECT id FROM db_test_items WHERE bucket = $1 ORDER BY id");
DB_STMT(item_named, "SELECT id FROM db_test_items WHERE bucket = $1 AND name = $2 ORDER BY id");
DB_STMT(item_fresh, "UPDATE db_test_items SET small = 2 WHERE bucket = $1 AND id = $2");
DB_STMT(item_count, "SELECT count(*) FROM db_test_items WHERE bucket = $1");
DB_STMT(item_clear, "DELETE FROM db_test_items WHERE bucket >= $1");
DB_STMT(child_store, "INSERT INTO db_test_children (bucket, id, item_id) VALUES ($1, $2, $3)");
DB_STMT(child_clear, "DELETE FROM db_test_children WHERE bucket >= $1");
DB_STMT(item_wrong, "SELECT nothing FROM db_test_items WHERE bucket = $1");
DB_STMT(db_sleep, "SELECT count(*) FROM generate_series(1, $1) AS a");
DB_STMT(db_echo, "SELECT CAST($1 AS TEXT)");
DB_STMT(db_pid, "SELECT pg_backend_pid()");
DB_STMT(db_terminate, "SELECT pg_terminate_backend(CAST($1 AS INTEGER))");

static int suite_open(void **state)
{
    (void)state;
    fixture_open(&fixture, engine, "sycee_test_conn");
    conn = fixture.conn;
    assert_ok(db_script(conn,
                        "CREATE TABLE db_test_items ("
                        "bucket INTEGER NOT NULL, id BIGINT NOT NULL, small SMALLINT, "
                        "day INTEGER CHECK (day > 0), name TEXT, bytes BLOB, "
                        "PRIMARY KEY (bucket, id)) WITHOUT ROWID;"
                        "CREATE TABLE db_test_children ("
                        "bucket INTEGER NOT NULL, id BIGINT NOT NULL, "
                        "item_id BIGINT NOT NULL, PRIMARY KEY (bucket, id), "
                        "FOREIGN KEY (bucket, item_id) REFERENCES db_test_items (bucket, id));"));
    return 0;
}

static int suite_close(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    assert_ok(db_exec(conn, &child_clear, DB_ARGS(db_int(0)), NULL));
    assert_ok(db_exec(conn, &item_clear, DB_ARGS(db_int(0)), NULL));
    return 0;
}

#define ITEM(id)                                                                                   \
    DB_ARGS(db_int(7), db_int(id), db_int(1), db_int(20261121), db_text("n"), db_null())
#define BAD_ITEM(id) DB_ARGS(db_int(7), db_int(id), db_int(1), db_int(-1), db_text("n"), db_null())

static int64_t count_items(struct db_conn *on)
{
    struct db_rows rows;
    assert_ok(db_query(on, &item_count, DB_ARGS(db_int(7)), &rows));
    assert_true(db_rows_next(&rows));
    int64_t count = db_rows_int(&rows, 0);
    assert_false(db_rows_next(&rows));
    assert_ok(db_rows_close(&rows));
    return count;
}

struct value_case {
    const char *what;
    int64_t id;
    struct db_value small;
    struct db_value day;
    const char *name;
    const char *bytes;
    size_t size;
};

static const struct value_case value_cases[] = {
    {"null, before the types are known", 1, {.type = DB_NULL}, {.type = DB_NULL}, NULL, NULL, 0},
    {"largest",
     INT64_MAX,
     {.type = DB_INT, .integer = 32767},
     {.type = DB_INT, .integer = 2147483647},
     "a",
     "\0x\0\xff",
     4},
    {"smallest",
     INT64_MIN,
     {.type = DB_INT, .integer = -32768},
     {.type = DB_INT, .integer = 1},
     "中文 'quoted' $1 -- not a comment",
     "x",
     1},
    {"empty", 0, {.type = DB_INT, .integer = 0}, {.type = DB_INT, .integer = 1}, "", "", 0},
    {"typed again",
     2,
     {.type = DB_INT, .integer = -1},
     {.type = DB_INT, .integer = 5},
     "b",
     "y\0",
     2},
};

static void check_round_trip(const struct value_case *c)
{
    struct db_value bytes = c->bytes == NULL ? db_null() : db_blob(c->bytes, c->size);
    int64_t changed = 0;
    assert_ok(db_exec(conn, &item_store,
                      DB_ARGS(db_int(7), db_int(c->id), c->small, c->day, db_text(c->name), bytes),
                      &changed));
    assert_int_equal(1, changed);
    struct db_rows rows;
    assert_ok(db_query(conn, &item_load, DB_ARGS(db_int(7), db_int(c->id)), &rows));
    assert_true(db_rows_next(&rows));
    assert_int_equal(7, db_rows_int(&rows, 0));
    assert_true(c->id == db_rows_int(&rows, 1));
    assert_int_equal(c->small.type == DB_NULL, db_rows_is_null(&rows, 2));
    assert_int_equal(c->small.integer, db_rows_int(&rows, 2));
    assert_int_equal(c->day.integer, db_rows_int(&rows, 3));
    size_t size = 99;
    const void *found = db_rows_blob(&rows, 5, &size);
    if (c->name == NULL) {
        assert_null(db_rows_text(&rows, 4));
        assert_null(found);
        assert_true(db_rows_is_null(&rows, 5));
    } else {
        assert_string_equal(c->name, db_rows_text(&rows, 4));
        assert_int_equal(c->size, size);
        assert_non_null(found);
        assert_memory_equal(c->bytes, found, size);
    }
    assert_int_equal(0, db_rows_int(&rows, 6)); /* a boolean of PostgreSQL */
    assert_ok(db_rows_close(&rows));
}

static void test_db_conn__values_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(value_cases) / sizeof(value_cases[0]); i++) {
        check_round_trip(&value_cases[i]);
    }
}

static void test_db_conn__errors_are_values(void **state)
{
    (void)state;
    assert_ok(db_exec(conn, &item_store, ITEM(1), NULL));
    assert_err(ERR_DB_CONFLICT, db_exec(conn, &item_store, ITEM(1), NULL));
    assert_err(ERR_DB_CONSTRAINT, db_exec(conn, &item_store, BAD_ITEM(2), NULL));
    assert_err(ERR_DB_CONSTRAINT,
               db_exec(conn, &item_store,
                       DB_ARGS(db_int(7), db_null(), db_int(1), db_int(1), db_null(), db_null()),
                       NULL));
    assert_err(ERR_DB_CONSTRAINT,
               db_exec(conn, &child_store, DB_ARGS(db_int(7), db_int(1), db_int(99)), NULL));
    struct db_rows rows;
    assert_err(ERR_DB, db_query(conn, &item_wrong, DB_ARGS(db_int(7)), &rows));
    assert_true(strlen(db_message(conn)) > 5);
    assert_false(db_rows_next(&rows));
    assert_err(ERR_DB, db_rows_close(&rows));
    assert_int_equal(1, count_items(conn)); /* and the connection lives */
}

static void test_db_conn__commit_keeps_and_rollback_forgets(void **state)
{
    (void)state;
    assert_ok(db_begin(conn));
    assert_ok(db_exec(conn, &item_store, ITEM(1), NULL));
    assert_ok(db_defer(conn, &item_store, ITEM(2), 1));
    assert_int_equal(2, count_items(conn)); /* a reading sees what was deferred */
    assert_ok(db_commit(conn));
    assert_int_equal(2, count_items(conn));
    assert_ok(db_begin(conn));
    assert_ok(db_exec(conn, &item_store, ITEM(3), NULL));
    assert_ok(db_defer(conn, &item_store, ITEM(4), 1));
    db_rollback(conn);
    assert_int_equal(2, count_items(conn));
    assert_ok(db_begin(conn)); /* and empty ones */
    db_rollback(conn);
    assert_ok(db_begin(conn));
    assert_ok(db_commit(conn));
}

static void test_db_conn__an_error_dooms_the_transaction(void **state)
{
    (void)state;
    assert_ok(db_begin(conn));
    assert_ok(db_exec(conn, &item_store, ITEM(1), NULL));
    assert_err(ERR_DB_CONFLICT, db_exec(conn, &item_store, ITEM(1), NULL));
    assert_err(ERR_DB_CONFLICT, db_exec(conn, &item_store, ITEM(2), NULL));
    struct db_rows rows;
    assert_err(ERR_DB_CONFLICT, db_query(conn, &item_count, DB_ARGS(db_int(7)), &rows));
    assert_false(db_rows_next(&rows));
    assert_err(ERR_DB_CONFLICT, db_rows_close(&rows));
    assert_err(ERR_DB_CONFLICT, db_commit(conn));
    assert_int_equal(0, count_items(conn));
}

/* The first error of deferred work: at once, or at the latest from the commit. */
static enum err defer_and_commit(struct db_stmt *stmt, const struct db_value *args, size_t count,
                                 int64_t expected)
{
    assert_ok(db_begin(conn));
    assert_ok(db_defer(conn, &item_store, ITEM(10), 1));
    enum err first = db_defer(conn, stmt, args, count, expected);
    enum err second = db_defer(conn, &item_store, ITEM(11), 1);
    enum err last = db_commit(conn);
    if (first != ERR_OK) {
        assert_err(first, second);
        assert_err(first, last);
    }
    return last;
}

static void test_db_conn__deferred_work_holds_wholly_or_not_at_all(void **state)
{
    (void)state;
    assert_ok(db_exec(conn, &item_store, ITEM(1), NULL));
    assert_err(ERR_DB_ROW_COUNT, defer_and_commit(&item_touch, DB_ARGS(db_int(7), db_int(404)), 1));
    assert_err(ERR_DB_ROW_COUNT, defer_and_commit(&item_touch, DB_ARGS(db_int(7), db_int(1)), 0));
    assert_err(ERR_DB_ROW_COUNT,
               defer_and_commit(&item_bump, DB_ARGS(db_int(1), db_int(7), db_int(404)), 1));
    assert_err(ERR_DB_CONFLICT, defer_and_commit(&item_store, ITEM(1), 1));
    assert_err(ERR_DB_CONSTRAINT, defer_and_commit(&item_store, BAD_ITEM(2), 1));
    assert_int_equal(1, count_items(conn));
    assert_ok(defer_and_commit(&item_touch, DB_ARGS(db_int(7), db_int(404)), -1));
    assert_int_equal(3, count_items(conn));
    assert_ok(db_exec(conn, &item_clear, DB_ARGS(db_int(0)), NULL));
    assert_ok(db_exec(conn, &item_store, ITEM(1), NULL));
    assert_ok(defer_and_commit(&item_bump, DB_ARGS(db_int(1), db_int(7), db_int(1)), 1));
}

static void test_db_conn__deferred_errors_show_at_the_next_reading(void **state)
{
    (void)state;
    assert_ok(db_begin(conn));
    (void)db_defer(conn, &item_touch, DB_ARGS(db_int(7), db_int(404)), 1);
    struct db_rows rows;
    assert_err(ERR_DB_ROW_COUNT, db_query(conn, &item_count, DB_ARGS(db_int(7)), &rows));
    assert_err(ERR_DB_ROW_COUNT, db_rows_close(&rows));
    db_rollback(conn);
    assert_int_equal(0, count_items(conn));
}

static void test_db_conn__many_deferred(void **state)
{
    (void)state;
    assert_ok(db_begin(conn));
    for (int64_t i = 0; i < 3000; i++) {
        assert_ok(db_defer(conn, &item_store, ITEM(i), 1));
    }
    assert_ok(db_commit(conn));
    assert_int_equal(3000, count_items(conn));
}

static void test_db_conn__savepoints(void **state)
{
    (void)state;
    assert_ok(db_begin(conn));
    assert_ok(db_defer(conn, &item_store, ITEM(1), 1));
    assert_ok(db_savepoint(conn));
    assert_ok(db_defer(conn, &item_store, ITEM(2), 1));
    assert_ok(db_savepoint_release(conn));
    assert_ok(db_savepoint(conn));
    assert_ok(db_defer(conn, &item_store, ITEM(3), 1));
    assert_ok(db_savepoint_rollback(conn));
    assert_ok(db_savepoint(conn)); /* errors inside end with it */
    assert_err(ERR_DB_CONFLICT, db_exec(conn, &item_store, ITEM(1), NULL));
    assert_err(ERR_DB_CONFLICT, db_savepoint_release(conn));
    assert_ok(db_savepoint_rollback(conn));
    assert_ok(db_savepoint(conn)); /* also deferred ones */
    (void)db_defer(conn, &item_touch, DB_ARGS(db_int(7), db_int(404)), 1);
    assert_err(ERR_DB_ROW_COUNT, db_savepoint_release(conn));
    assert_ok(db_savepoint_rollback(conn));
    assert_ok(db_savepoint(conn)); /* also those nobody waited for */
    (void)db_defer(conn, &item_touch, DB_ARGS(db_int(7), db_int(404)), 1);
    assert_ok(db_savepoint_rollback(conn));
    assert_ok(db_defer(conn, &item_store, ITEM(4), 1));
    assert_ok(db_commit(conn));
    assert_int_equal(3, count_items(conn));
}

static void test_db_conn__an_error_before_the_savepoint_stays_before_it(void **state)
{
    (void)state;
    assert_ok(db_begin(conn));
    (void)db_defer(conn, &item_touch, DB_ARGS(db_int(7), db_int(404)), 1);
    assert_err(ERR_DB_ROW_COUNT, db_savepoint(conn));
    assert_err(ERR_DB_ROW_COUNT, db_commit(conn));
}

static void test_db_conn__survives_each_kind_of_error(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++) {
        assert_ok(db_begin(conn));
        assert_ok(db_defer(conn, &item_store, ITEM(100), 1));
        struct db_rows rows;
        switch (kind) {
        case 0:
            assert_err(ERR_DB_CONFLICT, db_exec(conn, &item_store, ITEM(100), NULL));
            break;
        case 1:
            assert_err(ERR_DB_CONSTRAINT, db_exec(conn, &item_store, BAD_ITEM(101), NULL));
            break;
        case 2:
            (void)db_defer(conn, &item_touch, DB_ARGS(db_int(7), db_int(404)), 1);
            break; /* rolled back before anybody looked */
        case 3:
            assert_err(ERR_DB, db_query(conn, &item_wrong, DB_ARGS(db_int(7)), &rows));
            break;
        case 4:
            (void)db_defer(conn, &item_wrong, DB_ARGS(db_int(7)), -1);
            break;
        default:
            assert_ok(db_batch_begin(conn));
            (void)db_batch_query(conn, &item_wrong, DB_ARGS(db_int(7)));
            (void)db_batch_query(conn, &item_count, DB_ARGS(db_int(7)));
            assert_err(ERR_DB, db_batch_rows(conn, &rows));
            assert_err(ERR_DB, db_rows_close(&rows));
            assert_err(ERR_DB, db_batch_end(conn));
            break;
        }
        db_rollback(conn);
        assert_int_equal(0, count_items(conn));
    }
    assert_ok(db_exec(conn, &item_store, ITEM(100), NULL));
    assert_int_equal(1, count_items(conn));
}

static void test_db_conn__batch_gives_rows_in_order(void **state)
{
    (void)state;
    assert_ok(db_begin(conn));
    for (int64_t i = 1; i <= 3; i++) {
        assert_ok(db_defer(conn, &item_store, ITEM(i), 1));
    }
    assert_ok(db_batch_begin(conn));
    for (int64_t i = 4; i >= 1; i--) {
        assert_ok(db_batch_query(conn, &item_load, DB_ARGS(db_int(7), db_int(i))));
    }
    assert_ok(db_batch_query(conn, &item_list, DB_ARGS(db_int(7))));
    struct db_rows rows;
    for (int64_t i = 4; i >= 1; i--) {
        assert_ok(db_batch_rows(conn, &rows));
        assert_int_equal(i < 4, db_rows_next(&rows));
        if (i < 4) {
            assert_int_equal(i, db_rows_int(&rows, 1));
        }
        assert_ok(db_rows_close(&rows));
    }
    assert_ok(db_batch_rows(conn, &rows));
    for (int64_t i = 1; i <= 3; i++) {
        assert_true(db_rows_next(&rows));
        assert_int_equal(i, db_rows_int(&rows, 0));
    }
    assert_false(db_rows_next(&rows));
    assert_ok(db_rows_close(&rows));
    assert_ok(db_batch_end(conn));
    assert_ok(db_batch_begin(conn)); /* changes too, where each gives its row */
    assert_ok(db_batch_query(conn, &item_bump, DB_ARGS(db_int(5), db_int(7), db_int(1))));
    assert_ok(db_batch_query(conn, &item_bump, DB_ARGS(db_int(1), db_int(7), db_int(1))));
    for (int64_t day = 20261126; day <= 20261127; day++) {
        assert_ok(db_batch_rows(conn, &rows));
        assert_true(db_rows_next(&rows));
        assert_int_equal(day, db_rows_int(&rows, 0));
        assert_ok(db_rows_close(&rows));
    }
    assert_ok(db_batch_end(conn));
    assert_ok(db_batch_begin(conn)); /* one that nobody reads */
    assert_ok(db_batch_query(conn, &item_list, DB_ARGS(db_int(7))));
    assert_ok(db_batch_end(conn));
    assert_ok(db_commit(conn));
    assert_int_equal(3, count_items(conn));
}

static void test_db_conn__arguments_are_borrowed_for_the_call_only(void **state)
{
    (void)state;
    for (int64_t i = 1; i <= 3; i++) {
        assert_ok(db_exec(conn, &item_store, ITEM(i), NULL));
    }
    char name[] = "n";
    struct db_rows rows;
    assert_ok(db_query(conn, &item_named, DB_ARGS(db_int(7), db_text(name)), &rows));
    name[0] = 'x';
    for (int64_t i = 1; i <= 3; i++) {
        assert_true(db_rows_next(&rows));
        assert_int_equal(i, db_rows_int(&rows, 0));
    }
    assert_false(db_rows_next(&rows));
    assert_ok(db_rows_close(&rows));
}

static void test_db_conn__a_statement_first_met_behind_an_error(void **state)
{
    (void)state;
    assert_ok(db_begin(conn));
    (void)db_defer(conn, &item_touch, DB_ARGS(db_int(7), db_int(404)), 1);
    (void)db_defer(conn, &item_fresh, DB_ARGS(db_int(7), db_int(1)), -1);
    db_rollback(conn);
    int64_t changed = 0;
    assert_ok(db_exec(conn, &item_store, ITEM(1), NULL));
    assert_ok(db_exec(conn, &item_fresh, DB_ARGS(db_int(7), db_int(1)), &changed));
    assert_int_equal(1, changed);
}

/* Around the number of commands that PostgreSQL's queue holds, one of them failing. */
static void test_db_conn__rollback_of_a_full_queue(void **state)
{
    (void)state;
    for (int64_t count = 1010; count <= 1024; count++) {
        assert_ok(db_begin(conn));
        enum err err = db_defer(conn, &item_touch, DB_ARGS(db_int(7), db_int(404)), 1);
        for (int64_t i = 0; i < count && err == ERR_OK; i++) {
            err = db_defer(conn, &item_store, ITEM(i), 1);
        }
        assert_true(err == ERR_OK || err == ERR_DB_ROW_COUNT);
        db_rollback(conn);
        assert_int_equal(0, count_items(conn));
    }
}

/* Both sides send at the same time more than any buffer holds: neither may wait for the other. */
static void test_db_conn__batch_of_large_values(void **state)
{
    (void)state;
    size_t size = 1 << 20;
    char *text = malloc(size + 1);
    assert_non_null(text);
    memset(text, 'x', size);
    text[size] = '\0';
    assert_ok(db_batch_begin(conn));
    for (int i = 0; i < DB_BATCH_MAX; i++) {
        text[0] = (char)('A' + i);
        assert_ok(db_batch_query(conn, &db_echo, DB_ARGS(db_text(text))));
    }
    for (int i = 0; i < DB_BATCH_MAX; i++) {
        struct db_rows rows;
        assert_ok(db_batch_rows(conn, &rows));
        assert_true(db_rows_next(&rows));
        assert_int_equal('A' + i, db_rows_text(&rows, 0)[0]);
        assert_int_equal(size, strlen(db_rows_text(&rows, 0)));
        assert_ok(db_rows_close(&rows));
    }
    assert_ok(db_batch_end(conn));
    free(text);
}

static void test_db_conn__exec_counts_rows(void **state)
{
    (void)state;
    int64_t changed = 99;
    assert_ok(db_exec(conn, &item_list, DB_ARGS(db_int(7)), &changed));
    assert_int_equal(0, changed);
    assert_ok(db_exec(conn, &item_store, ITEM(1), NULL));
    assert_ok(db_exec(conn, &item_store, ITEM(2), NULL));
    assert_ok(db_exec(conn, &item_bump, DB_ARGS(db_int(1), db_int(7), db_int(2)), &changed));
    assert_int_equal(1, changed);
    assert_ok(db_exec(conn, &item_list, DB_ARGS(db_int(7)), &changed));
    assert_int_equal(0, changed); /* a reading changes nothing */
    assert_ok(db_exec(conn, &item_clear, DB_ARGS(db_int(0)), &changed));
    assert_int_equal(2, changed);
    assert_ok(db_exec(conn, &item_clear, DB_ARGS(db_int(0)), &changed));
    assert_int_equal(0, changed);
}

static void test_db_conn__a_lock_held_elsewhere_means_retry(void **state)
{
    (void)state;
    assert_ok(db_exec(conn, &item_store, ITEM(1), NULL));
    struct db_conn *other = fixture_connect(&fixture, DB_READ_WRITE);
    assert_ok(db_begin(conn));
    assert_ok(db_exec(conn, &item_touch, DB_ARGS(db_int(7), db_int(1)), NULL));
    enum err err = db_begin(other);
    if (err == ERR_OK) {
        struct db_rows rows;
        err = db_query(other, &item_lock, DB_ARGS(db_int(7), db_int(1)), &rows);
        assert_err(err, db_rows_close(&rows));
    }
    assert_err(ERR_DB_RETRY, err);
    db_rollback(other);
    assert_ok(db_commit(conn));
    assert_ok(db_begin(other)); /* and then it is free */
    struct db_rows rows;
    assert_ok(db_query(other, &item_lock, DB_ARGS(db_int(7), db_int(1)), &rows));
    assert_true(db_rows_next(&rows));
    assert_int_equal(20261122, db_rows_int(&rows, 0));
    assert_ok(db_rows_close(&rows));
    assert_ok(db_commit(other));
    db_disconnect(other);
}

static void test_db_conn__readers_do_not_write_nor_see_the_open_transaction(void **state)
{
    (void)state;
    assert_ok(db_exec(conn, &item_store, ITEM(1), NULL));
    struct db_conn *reader = fixture_connect(&fixture, DB_READ_ONLY);
    assert_ok(db_begin(conn));
    assert_ok(db_exec(conn, &item_store, ITEM(2), NULL));
    assert_ok(db_begin(reader));
    assert_int_equal(1, count_items(reader));
    assert_ok(db_commit(reader));
    assert_ok(db_commit(conn));
    assert_int_equal(2, count_items(reader));
    assert_err(ERR_DB, db_exec(reader, &item_store, ITEM(3), NULL));
    assert_int_equal(2, count_items(reader));
    db_disconnect(reader);
}

/* Ends the server's side of `victim` through another connection. */
static void kill_backend(struct db_conn *victim)
{
    struct db_conn *killer = fixture_connect(&fixture, DB_READ_WRITE);
    struct db_rows rows;
    assert_ok(db_query(victim, &db_pid, DB_NO_ARGS, &rows));
    assert_true(db_rows_next(&rows));
    int64_t pid = db_rows_int(&rows, 0);
    assert_ok(db_rows_close(&rows));
    assert_ok(db_query(killer, &db_terminate, DB_ARGS(db_int(pid)), &rows));
    assert_ok(db_rows_close(&rows));
    db_disconnect(killer);
}

static void test_db_conn__lost_server_and_back(void **state)
{
    (void)state;
    if (engine != DB_POSTGRESQL) {
        return;
    }
    for (int at = 0; at < 3; at++) {
        struct db_conn *victim = fixture_connect(&fixture, DB_READ_WRITE);
        assert_ok(db_begin(victim));
        assert_ok(db_exec(victim, &item_store, ITEM(1), NULL));
        kill_backend(victim);
        struct db_rows rows;
        if (at == 0) {
            assert_err(ERR_DB_LOST, db_exec(victim, &item_store, ITEM(2), NULL));
        } else if (at == 1) {
            assert_err(ERR_DB_LOST, db_query(victim, &item_list, DB_ARGS(db_int(7)), &rows));
            assert_err(ERR_DB_LOST, db_rows_close(&rows));
        } else {
            for (int64_t i = 0; i < 5; i++) {
                (void)db_defer(victim, &item_store, ITEM(i + 10), 1);
            }
        }
        assert_err(ERR_DB_LOST, db_commit(victim));
        db_rollback(victim);
        assert_err(ERR_DB_LOST, db_begin(victim));
        assert_int_equal(0, count_items(conn));
        assert_ok(db_reconnect(victim));
        assert_ok(db_begin(victim));
        assert_ok(db_defer(victim, &item_store, ITEM(1), 1));
        assert_ok(db_commit(victim));
        assert_int_equal(1, count_items(conn));
        assert_ok(db_exec(conn, &item_clear, DB_ARGS(db_int(0)), NULL));
        db_disconnect(victim);
    }
}

static void test_db_conn__a_long_statement_is_stopped(void **state)
{
    (void)state;
    if (engine != DB_POSTGRESQL) {
        return;
    }
    db_set_timeouts(fixture.db, 200, 50);
    struct db_conn *hasty = fixture_connect(&fixture, DB_READ_WRITE);
    db_set_timeouts(fixture.db, 200, 5000);
    assert_err(ERR_DB, db_exec(hasty, &db_sleep, DB_ARGS(db_int(INT64_C(1000000000))), NULL));
    assert_int_equal(0, count_items(hasty));
    db_disconnect(hasty);
}

static void test_db_conn__lock_file_keeps_others_out(void **state)
{
    (void)state;
    struct db *second = NULL;
    assert_ok(db_open(fixture.url, &second));
    assert_ok(db_lock_exclusive(fixture.db));
    assert_ok(db_lock_exclusive(fixture.db));
    assert_err(engine == DB_SQLITE ? ERR_DB_IN_USE : ERR_OK, db_lock_exclusive(second));
    db_close(second);
}

static void test_db_conn__refuses_bad_addresses(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "sqlite",
                                      "sqlite:",
                                      "sqlite::memory:",
                                      "mysql://x",
                                      "postgresql://[::1/x",
                                      "host=a nonsense",
                                      "bank.db"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct db *db = NULL;
        assert_err(ERR_DB_URL, db_open(bad[i], &db));
        assert_null(db);
    }
    struct db *db = NULL;
    struct db_conn *none = NULL;
    assert_ok(db_open("sqlite:/nonexistent/bank.db", &db));
    assert_err(ERR_DB_ABSENT, db_connect(db, DB_READ_WRITE, &none));
    assert_err(ERR_DB_ABSENT, db_connect(db, DB_READ_ONLY, &none));
    assert_err(ERR_DB_ABSENT, db_lock_exclusive(db));
    assert_non_null(strstr(db_open_message(db), "no bank at /nonexistent/bank.db"));
    assert_err(ERR_IO, db_create(db));
    assert_non_null(strstr(db_open_message(db), "No such file"));
    assert_null(none);
    db_close(db);
    assert_ok(db_open("postgresql://nobody@127.0.0.1:1/none", &db));
    assert_err(ERR_DB_LOST, db_connect(db, DB_READ_WRITE, &none));
    db_close(db);
}

static int run(enum db_engine on)
{
    engine = on;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_db_conn__values_round_trip, clear),
        cmocka_unit_test_setup(test_db_conn__errors_are_values, clear),
        cmocka_unit_test_setup(test_db_conn__commit_keeps_and_rollback_forgets, clear),
        cmocka_unit_test_setup(test_db_conn__an_error_dooms_the_transaction, clear),
        cmocka_unit_test_setup(test_db_conn__deferred_work_holds_wholly_or_not_at_all, clear),
        cmocka_unit_test_setup(test_db_conn__deferred_errors_show_at_the_next_reading, clear),
        cmocka_unit_test_setup(test_db_conn__many_deferred, clear),
        cmocka_unit_test_setup(test_db_conn__savepoints, clear),
        cmocka_unit_test_setup(test_db_conn__an_error_before_the_savepoint_stays_before_it, clear),
        cmocka_unit_test_setup(test_db_conn__survives_each_kind_of_error, clear),
        cmocka_unit_test_setup(test_db_conn__batch_gives_rows_in_order, clear),
        cmocka_unit_test_setup(test_db_conn__arguments_are_borrowed_for_the_call_only, clear),
        cmocka_unit_test_setup(test_db_conn__a_statement_first_met_behind_an_error, clear),
        cmocka_unit_test_setup(test_db_conn__rollback_of_a_full_queue, clear),
        cmocka_unit_test_setup(test_db_conn__batch_of_large_values, clear),
        cmocka_unit_test_setup(test_db_conn__exec_counts_rows, clear),
        cmocka_unit_test_setup(test_db_conn__a_lock_held_elsewhere_means_retry, clear),
        cmocka_unit_test_setup(test_db_conn__readers_do_not_write_nor_see_the_open_transaction,
                               clear),
        cmocka_unit_test_setup(test_db_conn__lost_server_and_back, clear),
        cmocka_unit_test_setup(test_db_conn__a_long_statement_is_stopped, clear),
        cmocka_unit_test_setup(test_db_conn__lock_file_keeps_others_out, clear),
        cmocka_unit_test_setup(test_db_conn__refuses_bad_addresses, clear),
    };
    return cmocka_run_group_tests_name(on == DB_SQLITE ? "db_conn sqlite" : "db_conn postgresql",
                                       tests, suite_open, suite_close);
}

int main(void)
{
    return fixture_run(run);
}
