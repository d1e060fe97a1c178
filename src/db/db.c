/* The front door: what is common to both engines, before and after the engine's own part. */
#include "db/conn.h"

#include "base/check.h"
#include "db/db_fault.h"
#include "db/dialect.h"
#include "sys/clock.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DB_LOCK_MS = 5000,       /* default wait for a lock */
    DB_STATEMENT_MS = 30000, /* default limit of a statement on PostgreSQL */
    DB_SCRIPT_MAX = 4 << 20
};

/* --- values ------------------------------------------------------------------------------------
 */

struct db_value db_int(int64_t value)
{
    return (struct db_value){.type = DB_INT, .integer = value};
}

struct db_value db_text(const char *text)
{
    if (text == NULL) {
        return db_null();
    }
    return (struct db_value){.type = DB_TEXT, .bytes = text, .size = strlen(text)};
}

struct db_value db_blob(const void *bytes, size_t size)
{
    if (bytes == NULL && size == 0) {
        bytes = "";
    }
    return (struct db_value){.type = DB_BLOB, .bytes = bytes, .size = size};
}

struct db_value db_null(void)
{
    return (struct db_value){.type = DB_NULL};
}

/* --- statements --------------------------------------------------------------------------------
 */

int db_stmt_slot(struct db_stmt *stmt)
{
    static atomic_int last_slot;
    int slot = __atomic_load_n(&stmt->slot, __ATOMIC_ACQUIRE);
    if (slot != 0) {
        return slot;
    }
    int fresh = atomic_fetch_add(&last_slot, 1) + 1;
    /* Another thread may have been first: its number is used and ours is dropped. */
    if (__atomic_compare_exchange_n(&stmt->slot, &slot, fresh, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE)) {
        return fresh;
    }
    return slot;
}

void db_stmt_check(const struct db_stmt *stmt)
{
    bool names_bucket = strstr(stmt->sql, "bucket") != NULL;
    bool exempt = strncmp(stmt->name, "db_", 3) == 0 || strstr(stmt->name, "_batch_") != NULL ||
                  strstr(stmt->name, "_report_") != NULL;
    if (!names_bucket && !exempt) {
        fprintf(stderr, "statement %s does not name its bucket\n", stmt->name);
    }
    CHECK(names_bucket || exempt);
}

extern struct db_stmt *const __start_db_stmts[] __attribute__((weak));
extern struct db_stmt *const __stop_db_stmts[] __attribute__((weak));

enum err db_prepare_all(struct db_conn *conn, const struct db_stmt **out_bad)
{
    for (struct db_stmt *const *at = __start_db_stmts; at < __stop_db_stmts; at++) {
        enum err err = conn->lost ? ERR_DB_LOST : conn->ops->prepare(conn, *at);
        if (err != ERR_OK) {
            *out_bad = *at;
            return err;
        }
    }
    return ERR_OK;
}

/* --- databases and connections -----------------------------------------------------------------
 */

static const struct db_ops *ops_of_url(const char *url, enum db_engine *out_engine)
{
    if (strncmp(url, "sqlite:", 7) == 0) {
        *out_engine = DB_SQLITE;
        return &db_sqlite_ops;
    }
    if (strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0 ||
        strncmp(url, "host=", 5) == 0) {
        *out_engine = DB_POSTGRESQL;
        return &db_pg_ops;
    }
    return NULL;
}

enum err db_open(const char *url, struct db **out)
{
    enum db_engine engine = DB_SQLITE;
    const struct db_ops *ops = ops_of_url(url, &engine);
    if (ops == NULL) {
        return ERR_DB_URL;
    }
    struct db *db = malloc(sizeof(*db));
    char *address = strdup(engine == DB_SQLITE ? url + 7 : url);
    if (db == NULL || address == NULL) {
        free(db);
        free(address);
        return ERR_NO_MEMORY;
    }
    *db = (struct db){.engine = engine,
                      .ops = ops,
                      .address = address,
                      .lock_ms = DB_LOCK_MS,
                      .statement_ms = DB_STATEMENT_MS,
                      .lock_file = -1,
                      .mark_file = -1};
    enum err err = ops->open(db);
    if (err != ERR_OK) {
        free(address);
        free(db);
        return err;
    }
    *out = db;
    return ERR_OK;
}

void db_close(struct db *db)
{
    if (db != NULL) {
        db->ops->close(db);
        free(db->address);
        free(db);
    }
}

enum db_engine db_engine_of(const struct db *db)
{
    return db->engine;
}

void db_set_timeouts(struct db *db, int lock_ms, int statement_ms)
{
    db->lock_ms = lock_ms;
    db->statement_ms = statement_ms;
}

struct db *db_for_bucket(struct db *db, int bucket)
{
    (void)bucket;
    return db;
}

enum err db_connect(struct db *db, enum db_mode mode, struct db_conn **out)
{
    return db->ops->connect(db, mode, out);
}

const char *db_open_message(const struct db *db)
{
    return db->message;
}

const char *db_shown(const struct db *db)
{
    return db->shown;
}

void db_open_say(struct db *db, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(db->message, sizeof(db->message), format, args);
    va_end(args);
    db->message[strcspn(db->message, "\n")] = '\0';
}

struct db_health db_health(const struct db *db)
{
    int64_t since_us = atomic_load(&db->checkpoint_failing_since);
    return (struct db_health){.wal_bytes = atomic_load(&db->wal_bytes),
                              .checkpoint_failures = atomic_load(&db->checkpoint_failures),
                              .checkpoint_failing_us =
                                  since_us == 0 ? 0 : clock_monotonic_us() - since_us + 1};
}

void db_disconnect(struct db_conn *conn)
{
    if (conn != NULL) {
        conn->ops->disconnect(conn);
    }
}

enum db_engine db_engine_of_conn(const struct db_conn *conn)
{
    return conn->db->engine;
}

enum err db_reconnect(struct db_conn *conn)
{
    conn->in_txn = false;
    conn->in_savepoint = false;
    conn->in_batch = false;
    conn->failed = ERR_OK;
    enum err err = conn->ops->reconnect(conn);
    conn->lost = err != ERR_OK;
    return err;
}

const char *db_message(const struct db_conn *conn)
{
    return conn->message;
}

void db_conn_say(struct db_conn *conn, const char *message)
{
    snprintf(conn->message, sizeof(conn->message), "%s", message);
    /* Engines end their messages in a line break and add hints below it. */
    conn->message[strcspn(conn->message, "\n")] = '\0';
}

/* --- faults ------------------------------------------------------------------------------------
 */

#ifdef SYCEE_FAULTS

static _Atomic int64_t all_countdown;
static atomic_int all_err;

void db_fault_arm(struct db_conn *conn, int64_t nth, enum err err)
{
    conn->fault_countdown = nth;
    conn->fault_err = err;
    conn->fault_after_commit = false;
    conn->fault_fired = false;
}

void db_fault_arm_after_commit(struct db_conn *conn, int64_t nth)
{
    db_fault_arm(conn, nth, ERR_DB_LOST);
    conn->fault_after_commit = true;
}

void db_fault_pause(struct db_conn *conn, bool paused)
{
    conn->fault_paused = paused;
}

bool db_fault_fired(const struct db_conn *conn)
{
    return conn->fault_fired;
}

void db_fault_arm_all(int64_t nth, enum err err)
{
    atomic_store(&all_err, (int)err);
    atomic_store(&all_countdown, nth);
}

bool db_fault_fired_all(void)
{
    return atomic_load(&all_countdown) < 0;
}

static enum err fault_due(struct db_conn *conn)
{
    if (conn->fault_paused) {
        return ERR_OK;
    }
    if (conn->fault_countdown > 0 && --conn->fault_countdown == 0) {
        conn->fault_fired = true;
        return conn->fault_err;
    }
    int64_t left = atomic_load(&all_countdown);
    while (left > 0) {
        int64_t next = left == 1 ? -1 : left - 1;
        if (atomic_compare_exchange_weak(&all_countdown, &left, next)) {
            return next == -1 ? (enum err)atomic_load(&all_err) : ERR_OK;
        }
    }
    return ERR_OK;
}

#else

static inline enum err fault_due(struct db_conn *conn)
{
    (void)conn;
    return ERR_OK;
}

#endif

/* --- transactions ------------------------------------------------------------------------------
 */

/* The error that keeps a call from the engine, if any. */
static enum err conn_enter(struct db_conn *conn)
{
    if (conn->lost) {
        return ERR_DB_LOST;
    }
    if (conn->in_txn && conn->failed != ERR_OK) {
        return conn->failed;
    }
    enum err err = fault_due(conn);
    if (err != ERR_OK) {
        db_conn_say(conn, "fault on order");
    }
    return err;
}

/* After: an error stays with the transaction until it is rolled back. */
static enum err conn_leave(struct db_conn *conn, enum err err)
{
    if (err == ERR_OK) {
        return ERR_OK;
    }
    if (err == ERR_DB_LOST) {
        conn->lost = true;
    }
    if (conn->in_txn && conn->failed == ERR_OK) {
        conn->failed = err;
    }
    return err;
}

enum err db_begin(struct db_conn *conn)
{
    CHECK(!conn->in_txn && !conn->in_batch);
    enum err err = conn_enter(conn);
    if (err == ERR_OK) {
        err = conn->ops->begin(conn);
    }
    if (err == ERR_OK) {
        conn->in_txn = true;
        conn->failed = ERR_OK;
    }
    return conn_leave(conn, err);
}

static void txn_over(struct db_conn *conn)
{
    conn->in_txn = false;
    conn->in_savepoint = false;
    conn->failed = ERR_OK;
}

enum err db_commit(struct db_conn *conn)
{
    CHECK(conn->in_txn && !conn->in_batch && !conn->in_savepoint);
    enum err err = conn_enter(conn);
#ifdef SYCEE_FAULTS
    if (err == ERR_DB_LOST && conn->fault_fired && conn->fault_after_commit && !conn->lost) {
        conn->fault_after_commit = false;
        (void)conn->ops->commit(conn);
    }
#endif
    if (err == ERR_OK) {
        err = conn->ops->commit(conn);
    }
    if (err != ERR_OK) {
        (void)conn_leave(conn, err);
        conn->ops->rollback(conn);
    }
    txn_over(conn);
    return err;
}

void db_rollback(struct db_conn *conn)
{
    CHECK(!conn->in_batch);
    if (conn->in_txn) {
        conn->ops->rollback(conn);
    }
    txn_over(conn);
}

enum err db_savepoint(struct db_conn *conn)
{
    CHECK(conn->in_txn && !conn->in_savepoint && !conn->in_batch);
    enum err err = conn_enter(conn);
    if (err == ERR_OK) {
        err = conn->ops->savepoint(conn);
    }
    conn->in_savepoint = err == ERR_OK;
    return conn_leave(conn, err);
}

enum err db_lock(struct db_conn *conn, int64_t number, enum db_lock_kind kind)
{
    CHECK(conn->in_txn && !conn->in_batch);
    if (conn->ops->lock == NULL) {
        return ERR_OK;
    }
    enum err err = conn_enter(conn);
    if (err == ERR_OK) {
        err = conn->ops->lock(conn, number, kind);
    }
    return conn_leave(conn, err);
}

enum err db_hold(struct db_conn *conn, int64_t number, bool *out_held)
{
    CHECK(!conn->in_txn && !conn->in_batch);
    *out_held = true;
    if (conn->ops->hold == NULL) {
        return ERR_OK;
    }
    return conn->lost ? ERR_DB_LOST : conn->ops->hold(conn, number, out_held);
}

enum err db_savepoint_release(struct db_conn *conn)
{
    CHECK(conn->in_savepoint && !conn->in_batch);
    enum err err = conn_enter(conn);
    if (err == ERR_OK) {
        err = conn->ops->savepoint_release(conn);
    }
    conn->in_savepoint = err != ERR_OK;
    return conn_leave(conn, err);
}

enum err db_savepoint_rollback(struct db_conn *conn)
{
    CHECK(conn->in_savepoint && !conn->in_batch);
    if (conn->lost) {
        return ERR_DB_LOST;
    }
    enum err err = conn->ops->savepoint_rollback(conn);
    conn->in_savepoint = false;
    if (err == ERR_OK) {
        conn->failed = ERR_OK;
    }
    return conn_leave(conn, err);
}

/* --- running statements ------------------------------------------------------------------------
 */

enum err db_exec(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                 size_t arg_count, int64_t *out_changed)
{
    CHECK(!conn->in_batch);
    int64_t changed = 0;
    enum err err = conn_enter(conn);
    if (err == ERR_OK) {
        err = conn->ops->exec(conn, stmt, args, arg_count, &changed);
    }
    if (err == ERR_OK && out_changed != NULL) {
        *out_changed = changed;
    }
    return conn_leave(conn, err);
}

enum err db_query(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                  size_t arg_count, struct db_rows *out)
{
    CHECK(!conn->in_batch);
    *out = (struct db_rows){.conn = conn, .row = -1};
    out->err = conn_enter(conn);
    if (out->err == ERR_OK) {
        out->err = conn->ops->query(conn, stmt, args, arg_count, out);
    }
    return conn_leave(conn, out->err);
}

struct db_rows db_read(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                       size_t arg_count)
{
    struct db_rows rows;
    (void)db_query(conn, stmt, args, arg_count, &rows); /* kept in the rows */
    return rows;
}

bool db_rows_next(struct db_rows *rows)
{
    if (rows->err != ERR_OK || rows->impl == NULL) {
        return false;
    }
    bool found = rows->conn->ops->rows_next(rows);
    (void)conn_leave(rows->conn, rows->err);
    return found;
}

int64_t db_rows_int(const struct db_rows *rows, int column)
{
    return rows->conn->ops->rows_int(rows, column);
}

const char *db_rows_text(const struct db_rows *rows, int column)
{
    return rows->conn->ops->rows_text(rows, column);
}

const void *db_rows_blob(const struct db_rows *rows, int column, size_t *out_size)
{
    return rows->conn->ops->rows_blob(rows, column, out_size);
}

bool db_rows_is_null(const struct db_rows *rows, int column)
{
    return rows->conn->ops->rows_is_null(rows, column);
}

enum err db_rows_close(struct db_rows *rows)
{
    if (rows->impl != NULL) {
        rows->conn->ops->rows_close(rows);
        rows->impl = NULL;
    }
    return rows->err;
}

bool db_rows_one(struct db_rows *rows, enum err none)
{
    CHECK(none != ERR_OK && rows->row == -1);
    bool is_found = db_rows_next(rows);
    if (!is_found) {
        db_rows_fail(rows, none);
    }
    return is_found;
}

void db_rows_fail(struct db_rows *rows, enum err err)
{
    rows->err = rows->err != ERR_OK ? rows->err : err;
}

enum err db_number(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                   size_t arg_count, int64_t *out)
{
    struct db_rows rows = db_read(conn, stmt, args, arg_count);
    int64_t number = db_rows_next(&rows) ? db_rows_int(&rows, 0) : 0;
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out = number;
    }
    return err;
}

enum err db_one_number(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                       size_t arg_count, int64_t *out)
{
    struct db_rows rows = db_read(conn, stmt, args, arg_count);
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        *out = db_rows_int(&rows, 0);
    }
    return db_rows_close(&rows);
}

enum err db_numbers(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                    size_t arg_count, int64_t *out, size_t max, size_t *out_count)
{
    struct db_rows rows = db_read(conn, stmt, args, arg_count);
    size_t count = 0;
    while (count < max && db_rows_next(&rows)) {
        out[count++] = db_rows_int(&rows, 0);
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out_count = count;
    }
    return err;
}

enum err db_defer(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                  size_t arg_count, int64_t expected)
{
    CHECK(conn->in_txn && !conn->in_batch);
    enum err err = conn_enter(conn);
    if (err == ERR_OK) {
        err = conn->ops->defer(conn, stmt, args, arg_count, expected);
    }
    return conn_leave(conn, err);
}

enum err db_batch_begin(struct db_conn *conn)
{
    CHECK(!conn->in_batch);
    conn->in_batch = true;
    conn->ops->batch_begin(conn);
    return ERR_OK;
}

enum err db_batch_query(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                        size_t arg_count)
{
    CHECK(conn->in_batch);
    enum err err = conn_enter(conn);
    if (err == ERR_OK) {
        err = conn->ops->batch_query(conn, stmt, args, arg_count);
    }
    return conn_leave(conn, err);
}

enum err db_batch_rows(struct db_conn *conn, struct db_rows *out)
{
    CHECK(conn->in_batch);
    *out = (struct db_rows){.conn = conn, .row = -1};
    out->err = conn_enter(conn);
    if (out->err == ERR_OK) {
        out->err = conn->ops->batch_rows(conn, out);
    }
    return conn_leave(conn, out->err);
}

struct db_rows db_batch_read(struct db_conn *conn)
{
    struct db_rows rows;
    (void)db_batch_rows(conn, &rows); /* kept in the rows */
    return rows;
}

enum err db_batch_end(struct db_conn *conn)
{
    CHECK(conn->in_batch);
    conn->in_batch = false;
    conn->ops->batch_end(conn);
    if (conn->lost) {
        return ERR_DB_LOST;
    }
    return conn->in_txn ? conn->failed : ERR_OK;
}

enum err db_script(struct db_conn *conn, const char *sql)
{
    CHECK(!conn->in_batch);
    enum err err = conn_enter(conn);
    struct str text;
    str_init(&text, DB_SCRIPT_MAX);
    if (err == ERR_OK) {
        dialect_translate(conn->db->engine, sql, &text);
        err = text.failed ? ERR_NO_MEMORY : conn->ops->script(conn, text.bytes);
    }
    str_release(&text);
    return conn_leave(conn, err);
}
