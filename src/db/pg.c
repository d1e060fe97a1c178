/*
 * PostgreSQL behind db.h. A connection stays in libpq's pipeline mode: db_begin and db_defer cost
 * no round trip, db_commit is one for all of them, a reading takes what was deferred along.
 */
#include "db/pg_queue.h"

#include "base/check.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Types of results, from pg_type.dat. */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_OID = 26,
    OID_BPCHAR = 1042,
    OID_VARCHAR = 1043
};

#define FIXED(var, text) static struct db_stmt var = {.name = "db_txn", .sql = text, .slot = 0}
FIXED(txn_begin, "BEGIN");
FIXED(txn_commit, "COMMIT");
FIXED(txn_rollback, "ROLLBACK");
FIXED(txn_save, "SAVEPOINT unit");
FIXED(txn_release, "RELEASE SAVEPOINT unit");
FIXED(txn_back, "ROLLBACK TO SAVEPOINT unit");
FIXED(lock_shared, "SELECT pg_advisory_xact_lock_shared($1)");
FIXED(lock_exclusive, "SELECT pg_advisory_xact_lock($1)");
FIXED(lock_hold, "SELECT pg_try_advisory_lock($1)");

/* --- connections -------------------------------------------------------------------------------
 */

static const char *option_of(const PQconninfoOption *options, const char *name)
{
    for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++) {
        if (strcmp(o->keyword, name) == 0 && o->val != NULL) {
            return o->val;
        }
    }
    return "";
}

static enum err pg_open(struct db *db)
{
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(db->address, &why);
    const char *port = option_of(options, "port");
    snprintf(db->shown, sizeof(db->shown), "postgresql %s%s%s/%s", option_of(options, "host"),
             port[0] != '\0' ? ":" : "", port, option_of(options, "dbname"));
    PQconninfoFree(options);
    PQfreemem(why);
    return options != NULL ? ERR_OK : ERR_DB_URL;
}

static void pg_close(struct db *db)
{
    (void)db;
}

static void ignore_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

static enum err set_session(struct pg_conn *c)
{
    char sql[256];
    snprintf(sql, sizeof(sql),
             "SET lock_timeout = %d; SET statement_timeout = %d; "
             "SET idle_in_transaction_session_timeout = 60000; "
             "SET default_transaction_isolation = 'read committed'; "
             "SET default_transaction_read_only = %s; SET TimeZone = 'UTC'",
             c->base.db->lock_ms, c->base.db->statement_ms,
             c->base.mode == DB_READ_ONLY ? "on" : "off");
    PGresult *result = PQexec(c->link, sql);
    enum err err = PQresultStatus(result) == PGRES_COMMAND_OK ? ERR_OK : pg_err(c, result);
    PQclear(result);
    return err;
}

/* A hot standby answers readings and refuses every change. */
static enum err refuse_standby(struct pg_conn *c)
{
    PGresult *result = PQexec(c->link, "SELECT pg_is_in_recovery()");
    enum err err = ERR_OK;
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        err = pg_err(c, result);
    } else if (PQgetvalue(result, 0, 0)[0] == 't') {
        db_conn_say(&c->base, "the server is a standby, which cannot be written");
        err = ERR_DB_STANDBY;
    }
    PQclear(result);
    return err;
}

static enum err pg_attach(struct pg_conn *c)
{
    /* Options before the address may be overruled by those in it. */
    static const char *const keys[] = {"connect_timeout",
                                       "keepalives_idle",
                                       "tcp_user_timeout",
                                       "application_name",
                                       "dbname",
                                       "client_encoding",
                                       NULL};
    const char *values[] = {"10", "30", "30000", "sycee", c->base.db->address, "UTF8", NULL};
    c->link = PQconnectdbParams(keys, values, 1);
    if (c->link == NULL) {
        return ERR_NO_MEMORY;
    }
    if (PQstatus(c->link) != CONNECTION_OK) {
        return pg_lost(c);
    }
    c->base.lost = false;
    (void)PQsetNoticeProcessor(c->link, ignore_notice, NULL);
    enum err err = set_session(c);
    if (err == ERR_OK && c->base.mode == DB_READ_WRITE) {
        err = refuse_standby(c);
    }
    if (err == ERR_OK && PQenterPipelineMode(c->link) != 1) {
        err = pg_lost(c);
    }
    return err;
}

static void pg_detach(struct pg_conn *c)
{
    pg_forget_rows(c);
    pg_forget_prepared(c);
    PQfinish(c->link);
    c->link = NULL;
    c->queue_count = 0;
    c->deferred = 0;
    c->batch_count = 0;
    c->begin_waits = false;
}

/* The server ends a session some time after the connection is closed: whoever starts next would still
 * find the lock taken. */
static void pg_release_holds(struct pg_conn *c)
{
    if (c->holds && c->link != NULL && PQstatus(c->link) == CONNECTION_OK &&
        PQexitPipelineMode(c->link) == 1) {
        PQclear(PQexec(c->link, "SELECT pg_advisory_unlock_all()"));
    }
}

static void pg_disconnect(struct db_conn *conn)
{
    struct pg_conn *c = pg_own(conn);
    pg_release_holds(c);
    pg_detach(c);
    free(c->values);
    free(c->sizes);
    free(c->formats);
    free(c->integers);
    free(c);
}

static enum err pg_connect(struct db *db, enum db_mode mode, struct db_conn **out)
{
    struct pg_conn *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return ERR_NO_MEMORY;
    }
    c->base = (struct db_conn){.db = db, .ops = &db_pg_ops, .mode = mode};
    enum err err = pg_attach(c);
    if (err != ERR_OK) {
        db_open_say(db, "%s: %s", db->shown, c->base.message);
        pg_disconnect(&c->base);
        return err;
    }
    *out = &c->base;
    return ERR_OK;
}

static enum err pg_reconnect(struct db_conn *conn)
{
    pg_detach(pg_own(conn));
    return pg_attach(pg_own(conn));
}

/* --- transactions ------------------------------------------------------------------------------
 */

static enum err send_fixed(struct pg_conn *c, struct db_stmt *stmt)
{
    return pg_send(c, stmt, DB_NO_ARGS, PG_EFFECT, -1);
}

/* The first statement of a transaction takes BEGIN along. */
static enum err open_txn(struct pg_conn *c)
{
    if (!c->begin_waits) {
        return ERR_OK;
    }
    c->begin_waits = false;
    return send_fixed(c, &txn_begin);
}

/* A reading connection needs no BEGIN: under READ COMMITTED each statement sees its own snapshot
 * all the same, and two round trips are saved. */
static enum err pg_begin(struct db_conn *conn)
{
    pg_own(conn)->begin_waits = conn->mode == DB_READ_WRITE;
    return ERR_OK;
}

static enum err pg_commit(struct db_conn *conn)
{
    struct pg_conn *c = pg_own(conn);
    if (c->begin_waits) {
        c->begin_waits = false; /* nothing was done */
        return ERR_OK;
    }
    enum err err = ERR_OK;
    if (conn->mode == DB_READ_WRITE) {
        err = send_fixed(c, &txn_commit);
    }
    if (err == ERR_OK && c->queue_count > 0) {
        err = pg_round(c);
    }
    if (err == ERR_OK && c->rolled_back && conn->mode == DB_READ_WRITE) {
        err = ERR_DB; /* the server had an error that no answer showed */
    }
    return err;
}

/* Sent at once, for locks end with it; its answer is taken with the next one that is waited for. */
static void pg_rollback(struct db_conn *conn)
{
    struct pg_conn *c = pg_own(conn);
    if (c->base.lost || c->begin_waits) {
        c->begin_waits = false;
        return;
    }
    bool answered = c->queue_count == 0;
    pg_ignore_queue(c);
    if (answered && PQtransactionStatus(c->link) == PQTRANS_IDLE) {
        return;
    }
    enum err err = ERR_OK;
    if (!answered) {
        /* In pipeline mode the server skips everything after an error until the next Sync: ROLLBACK needs
         * a Sync before it. */
        err = c->queue_count > PG_QUEUE_MAX - 8 ? pg_round(c) : pg_sync(c);
    }
    if (err == ERR_OK) {
        err = send_fixed(c, &txn_rollback);
    }
    if (err == ERR_OK) {
        (void)pg_sync(c); /* a link that is gone is found by the next command */
    }
    pg_ignore_queue(c);
    c->deferred = 0;
}

static enum err pg_savepoint(struct db_conn *conn)
{
    struct pg_conn *c = pg_own(conn);
    enum err err = open_txn(c);
    if (err == ERR_OK && c->deferred > 0) {
        err = pg_round(c); /* an error from before the savepoint belongs before it */
    }
    return err == ERR_OK ? send_fixed(c, &txn_save) : err;
}

static enum err pg_savepoint_release(struct db_conn *conn)
{
    struct pg_conn *c = pg_own(conn);
    enum err err = send_fixed(c, &txn_release);
    return err == ERR_OK ? pg_round(c) : err;
}

static enum err pg_savepoint_rollback(struct db_conn *conn)
{
    struct pg_conn *c = pg_own(conn);
    pg_ignore_queue(c);
    enum err err = c->queue_count > 0 ? pg_round(c) : ERR_OK;
    if (err == ERR_OK) {
        err = send_fixed(c, &txn_back);
    }
    if (err == ERR_OK) {
        err = send_fixed(c, &txn_release);
    }
    return err == ERR_OK ? pg_round(c) : err;
}

/* --- statements --------------------------------------------------------------------------------
 */

/* Sends with all that waits, and waits for the answer. */
static enum err run_now(struct pg_conn *c, struct db_stmt *stmt, const struct db_value *args,
                        size_t arg_count, enum pg_kind kind)
{
    pg_forget_rows(c);
    enum err err = open_txn(c);
    if (err == ERR_OK) {
        err = pg_send(c, stmt, args, arg_count, kind, -1);
    }
    return err == ERR_OK ? pg_round(c) : err;
}

static enum err pg_exec(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                        size_t arg_count, int64_t *out_changed)
{
    struct pg_conn *c = pg_own(conn);
    enum err err = run_now(c, stmt, args, arg_count, PG_EFFECT);
    *out_changed = c->changed;
    return err;
}

/* Hands the next answer to the caller. */
static void give_rows(struct pg_conn *c, struct db_rows *out)
{
    CHECK(c->rows_turn < c->rows_count);
    out->impl = c->rows[c->rows_turn];
    out->row_count = PQntuples(out->impl);
    c->rows[c->rows_turn++] = NULL;
}

static enum err pg_query(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                         size_t arg_count, struct db_rows *out)
{
    struct pg_conn *c = pg_own(conn);
    enum err err = run_now(c, stmt, args, arg_count, PG_ROWS);
    if (err == ERR_OK) {
        give_rows(c, out);
    }
    return err;
}

static enum err pg_defer(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                         size_t arg_count, int64_t expected)
{
    struct pg_conn *c = pg_own(conn);
    enum err err = open_txn(c);
    if (err == ERR_OK) {
        err = pg_send(c, stmt, args, arg_count, PG_EFFECT, expected);
    }
    if (err == ERR_OK) {
        c->deferred++;
    }
    return err;
}

static bool pg_rows_next(struct db_rows *rows)
{
    if (rows->row + 1 >= rows->row_count) {
        rows->row = rows->row_count;
        return false;
    }
    rows->row++;
    return true;
}

static void pg_rows_close(struct db_rows *rows)
{
    PQclear(rows->impl);
}

static PGresult *row_of(const struct db_rows *rows, int column)
{
    CHECK(rows->impl != NULL && rows->row >= 0 && rows->row < rows->row_count);
    CHECK(column < PQnfields(rows->impl));
    return rows->impl;
}

static int64_t pg_rows_int(const struct db_rows *rows, int column)
{
    PGresult *result = row_of(rows, column);
    if (PQgetisnull(result, rows->row, column)) {
        return 0;
    }
    const char *bytes = PQgetvalue(result, rows->row, column);
    uint64_t wide;
    uint32_t middle;
    uint16_t narrow;
    switch (PQftype(result, column)) {
    case OID_INT8:
        memcpy(&wide, bytes, sizeof(wide));
        return (int64_t)be64toh(wide);
    case OID_INT4:
        memcpy(&middle, bytes, sizeof(middle));
        return (int32_t)be32toh(middle);
    case OID_OID:
        memcpy(&middle, bytes, sizeof(middle));
        return (int64_t)be32toh(middle);
    case OID_INT2:
        memcpy(&narrow, bytes, sizeof(narrow));
        return (int16_t)be16toh(narrow);
    case OID_BOOL:
        return bytes[0] != 0;
    default:
        CHECK(!"an integer column"); /* sum() of BIGINT is numeric: CAST(sum(x) AS BIGINT) */
        return 0;
    }
}

static const char *pg_rows_text(const struct db_rows *rows, int column)
{
    PGresult *result = row_of(rows, column);
    Oid type = PQftype(result, column);
    CHECK(type == OID_TEXT || type == OID_VARCHAR || type == OID_BPCHAR || type == OID_NAME);
    bool none = PQgetisnull(result, rows->row, column) != 0;
    return none ? NULL : PQgetvalue(result, rows->row, column);
}

static const void *pg_rows_blob(const struct db_rows *rows, int column, size_t *out_size)
{
    PGresult *result = row_of(rows, column);
    CHECK(PQftype(result, column) == OID_BYTEA);
    *out_size = (size_t)PQgetlength(result, rows->row, column);
    bool none = PQgetisnull(result, rows->row, column) != 0;
    return none ? NULL : PQgetvalue(result, rows->row, column);
}

static bool pg_rows_is_null(const struct db_rows *rows, int column)
{
    return PQgetisnull(row_of(rows, column), rows->row, column) != 0;
}

/* --- batches -----------------------------------------------------------------------------------
 */

static void pg_batch_begin(struct db_conn *conn)
{
    struct pg_conn *c = pg_own(conn);
    pg_forget_rows(c);
    c->batch_count = 0;
    c->batch_sent = false;
}

static enum err pg_batch_query(struct db_conn *conn, struct db_stmt *stmt,
                               const struct db_value *args, size_t arg_count)
{
    struct pg_conn *c = pg_own(conn);
    CHECK(c->batch_count < DB_BATCH_MAX && !c->batch_sent);
    enum err err = open_txn(c);
    if (err == ERR_OK) {
        err = pg_send(c, stmt, args, arg_count, PG_ROWS, -1);
    }
    if (err == ERR_OK) {
        c->batch_count++;
    }
    return err;
}

static enum err pg_batch_rows(struct db_conn *conn, struct db_rows *out)
{
    struct pg_conn *c = pg_own(conn);
    enum err err = c->batch_sent ? ERR_OK : pg_round(c);
    c->batch_sent = true;
    if (err == ERR_OK && c->rows_count < c->batch_count) {
        err = ERR_DB; /* outside of a transaction: the first reading had the reason */
    }
    if (err == ERR_OK) {
        give_rows(c, out);
    }
    return err;
}

static void pg_batch_end(struct db_conn *conn)
{
    struct pg_conn *c = pg_own(conn);
    if (!c->batch_sent && c->batch_count > 0 && !c->base.lost) {
        enum err err = pg_round(c); /* nobody read: the answers still come */
        if (err != ERR_OK && c->base.in_txn && c->base.failed == ERR_OK) {
            c->base.failed = err;
        }
    }
    pg_forget_rows(c);
    c->batch_count = 0;
}

/* --- scripts -----------------------------------------------------------------------------------
 */

static enum err pg_script(struct db_conn *conn, const char *sql)
{
    struct pg_conn *c = pg_own(conn);
    enum err err = open_txn(c);
    if (err == ERR_OK && c->queue_count > 0) {
        err = pg_round(c);
    }
    if (err != ERR_OK) {
        return err;
    }
    /* Several statements in one text go by the simple protocol, outside of pipeline mode. */
    if (PQexitPipelineMode(c->link) != 1) {
        return pg_lost(c);
    }
    PGresult *result = PQexec(c->link, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
        err = pg_err(c, result);
    }
    PQclear(result);
    if (!c->base.lost && PQenterPipelineMode(c->link) != 1) {
        err = pg_lost(c);
    }
    return err;
}

static enum err pg_prepare(struct db_conn *conn, struct db_stmt *stmt)
{
    db_stmt_check(stmt);
    return pg_describe(pg_own(conn), stmt->sql);
}

static enum err pg_lock(struct db_conn *conn, int64_t number, enum db_lock_kind kind)
{
    struct db_stmt *stmt = kind == DB_LOCK_SHARED ? &lock_shared : &lock_exclusive;
    return pg_defer(conn, stmt, DB_ARGS(db_int(number)), -1);
}

static enum err pg_hold(struct db_conn *conn, int64_t number, bool *out_held)
{
    struct db_rows rows = {.conn = conn, .row = -1};
    enum err err = pg_query(conn, &lock_hold, DB_ARGS(db_int(number)), &rows);
    if (err == ERR_OK) {
        *out_held = pg_rows_next(&rows) && pg_rows_int(&rows, 0) != 0;
        pg_own(conn)->holds |= *out_held;
        pg_rows_close(&rows);
    }
    return err;
}

const struct db_ops db_pg_ops = {
    .open = pg_open,
    .close = pg_close,
    .connect = pg_connect,
    .disconnect = pg_disconnect,
    .reconnect = pg_reconnect,
    .begin = pg_begin,
    .commit = pg_commit,
    .rollback = pg_rollback,
    .savepoint = pg_savepoint,
    .savepoint_release = pg_savepoint_release,
    .savepoint_rollback = pg_savepoint_rollback,
    .exec = pg_exec,
    .query = pg_query,
    .defer = pg_defer,
    .rows_next = pg_rows_next,
    .rows_int = pg_rows_int,
    .rows_text = pg_rows_text,
    .rows_blob = pg_rows_blob,
    .rows_is_null = pg_rows_is_null,
    .rows_close = pg_rows_close,
    .batch_begin = pg_batch_begin,
    .batch_query = pg_batch_query,
    .batch_rows = pg_batch_rows,
    .batch_end = pg_batch_end,
    .script = pg_script,
    .prepare = pg_prepare,
    .lock = pg_lock,
    .hold = pg_hold,
};
