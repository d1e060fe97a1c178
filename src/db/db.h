/*
 * One interface over SQLite and PostgreSQL: connections, prepared statements, transactions.
 *
 * One SQL text serves both engines (house rules: docs/ARCHITECTURE.md, "SQL"): parameters $1…$n,
 * each used in ascending order of first appearance; BIGINT, INTEGER, SMALLINT, TEXT, BLOB columns;
 * ON CONFLICT, RETURNING, CTEs for reading. A statement is a static object and is prepared once per
 * connection. A connection belongs to one thread at a time.
 *
 * Errors of every call: ERR_DB_CONFLICT (unique key taken: 23505), ERR_DB_CONSTRAINT (check,
 * foreign key, not null: our own data was wrong), ERR_OVERFLOW (PostgreSQL: a sum beyond 63 bits),
 * ERR_DB_RETRY (40001, 40P01, SQLITE_BUSY: run the whole transaction again), ERR_DB_LOST
 * (connection gone: the transaction's fate may be unknown), ERR_DB_FULL (no disk), ERR_IO (the disk
 * refused a sync: the embedded process must end and recover), ERR_DB (all else). After an error the
 * transaction can only be rolled back (or to its savepoint): every later call answers the same
 * error, db_commit too, and nothing of it stays. A count of rows given by db_exec is the caller's
 * to judge and is no error.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum db_engine { DB_SQLITE, DB_POSTGRESQL };

struct db;      /* one database by its URL; shared by threads, read-only after db_open */
struct db_conn; /* one connection */

/* A statement of the product. Declare with DB_STMT at file scope; never built at run time.
 * `slot` is given at first use and finds the prepared form in each connection's table. */
struct db_stmt {
    const char *name; /* unique, "customer_load" */
    const char *sql;
    int slot; /* 0 until first use; set atomically */
};
#define DB_STMT(var, text)                                                                         \
    static struct db_stmt var = {.name = #var, .sql = text, .slot = 0};                            \
    static struct db_stmt *const var##_listed __attribute__((used, section("db_stmts"))) = &var

enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BLOB };

/* A parameter. Text and bytes are borrowed for the call. */
struct db_value {
    enum db_type type;
    int64_t integer;
    const void *bytes;
    size_t size;
};
struct db_value db_int(int64_t value);
struct db_value db_text(const char *text); /* NULL gives SQL NULL */
struct db_value db_blob(const void *bytes, size_t size);
struct db_value db_null(void);
/* DB_ARGS(db_int(1), db_text("x")): an array and its length, for the calls below. */
#define DB_ARGS(...)                                                                               \
    (const struct db_value[]){__VA_ARGS__},                                                        \
        sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)
#define DB_NO_ARGS NULL, 0

/* Opens "sqlite:PATH" (":memory:" is not offered) or "postgresql://…" / "host=…". ERR_DB_URL. */
enum err db_open(const char *url, struct db **out);
void db_close(struct db *db);
enum db_engine db_engine_of(const struct db *db);
/* Makes the file of an embedded database (mode 0600) if there is none: no connection does it, so
 * that a wrong path is no new bank. PostgreSQL: nothing to do. ERR_IO. */
enum err db_create(struct db *db);
/* Keeps every other process out of an embedded database until db_close: by a lock on the file itself,
 * so that a symbolic or hard link is the same database. For the process that writes, before its first
 * DB_READ_WRITE connection. ERR_DB_ABSENT, ERR_DB_IN_USE (also: the file has several names), ERR_IO.
 * PostgreSQL: nothing to do, several processes may serve. */
enum err db_lock_exclusive(struct db *db);
/* Why the last db_create, db_lock_exclusive or db_connect failed, with path or server and the
 * system's reason, for an operator. Valid until the next of them. */
const char *db_open_message(const struct db *db);
/* The address without a password: path, or "postgresql HOST:PORT/NAME". */
const char *db_shown(const struct db *db);
/* How long a connection made later waits for a lock and (PostgreSQL) for one statement. */
void db_set_timeouts(struct db *db, int lock_ms, int statement_ms);
/* The database that owns a bucket (routing seam: today one database owns them all). */
struct db *db_for_bucket(struct db *db, int bucket);

enum db_mode { DB_READ_WRITE, DB_READ_ONLY };
/* SQLite: WAL, synchronous=FULL, foreign_keys=ON; READ_ONLY connections read snapshots.
 * PostgreSQL: READ COMMITTED, statement and lock time-outs, client encoding UTF8.
 * ERR_DB_ABSENT (no file, or an empty one that db_create did not make), ERR_DB_STANDBY (READ_WRITE: the
 * server only reads), ERR_DB_LOST, ERR_DB, ERR_IO. */
enum err db_connect(struct db *db, enum db_mode mode, struct db_conn **out);
void db_disconnect(struct db_conn *conn);
enum db_engine db_engine_of_conn(const struct db_conn *conn);
/* Drops the broken connection behind `conn` and connects anew (after ERR_DB_LOST). */
enum err db_reconnect(struct db_conn *conn);

enum err db_begin(struct db_conn *conn); /* SQLite READ_WRITE: BEGIN IMMEDIATE; READ_ONLY: BEGIN */
enum err db_commit(struct db_conn *conn);
void db_rollback(struct db_conn *conn);
/* One level of savepoint, for the embedded writer's group. */
enum err db_savepoint(struct db_conn *conn);
enum err db_savepoint_release(struct db_conn *conn);
enum err db_savepoint_rollback(struct db_conn *conn); /* back to the savepoint, which ends */

/* Locks by number, for what several processes of one PostgreSQL database do one at a time. The
 * embedded engine has one writer in one process: there nothing happens and every lock is given.
 * db_lock: until the transaction ends, deferred as db_defer is. db_hold: until db_disconnect, outside
 * of transactions; *out_held false if another connection has it. */
enum db_lock_kind { DB_LOCK_SHARED, DB_LOCK_EXCLUSIVE };
enum err db_lock(struct db_conn *conn, int64_t number, enum db_lock_kind kind);
enum err db_hold(struct db_conn *conn, int64_t number, bool *out_held);

/* --- Running statements ----------------------------------------------------------------------- */

/* Rows of one statement; lives on the caller's stack. Column values are valid until the next row.
 */
struct db_rows {
    struct db_conn *conn;
    void *impl;
    int row;
    int row_count; /* PostgreSQL: of the answer; SQLite: 1 while a row found waits for its turn */
    enum err err;
};

/* Runs a statement that changes rows or that is wanted for its effect; its count of changed rows
 * goes to *out_changed if that is not NULL. */
enum err db_exec(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                 size_t arg_count, int64_t *out_changed);
/* Starts reading. An error of the statement stays in the rows: none are found then, and db_rows_close
 * gives it. So nothing is tested in between:
 *     struct db_rows rows = db_read(conn, &card_list, DB_ARGS(…));
 *     while (db_rows_next(&rows)) { … }
 *     return db_rows_close(&rows);
 * A statement is read once at a time on a connection (a CHECK): always pair with db_rows_close, which
 * gives the first error that occurred. */
struct db_rows db_read(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                       size_t arg_count);
/* The same; the statement's error is given at once too. */
enum err db_query(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                  size_t arg_count, struct db_rows *out);
bool db_rows_next(struct db_rows *rows); /* false at the end and on error */
int64_t db_rows_int(const struct db_rows *rows, int column);
const char *db_rows_text(const struct db_rows *rows, int column); /* NULL for SQL NULL */
const void *db_rows_blob(const struct db_rows *rows, int column, size_t *out_size);
bool db_rows_is_null(const struct db_rows *rows, int column);
enum err db_rows_close(struct db_rows *rows);
/* The row of a statement that gives one; without it db_rows_close gives `none`:
 *     if (db_rows_one(&rows, ERR_NOT_FOUND)) { … }
 *     return db_rows_close(&rows); */
bool db_rows_one(struct db_rows *rows, enum err none);
/* The caller's own error about a row (what was sealed cannot be opened): no row follows it, and
 * db_rows_close gives it. ERR_OK and an error after the first change nothing. */
void db_rows_fail(struct db_rows *rows, enum err err);

/* First column of the first row, 0 without a row; *out is written only on ERR_OK. */
enum err db_number(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                   size_t arg_count, int64_t *out);
/* The same; ERR_NOT_FOUND without a row. */
enum err db_one_number(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                       size_t arg_count, int64_t *out);
/* First column of each row, `max` at most. */
enum err db_numbers(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                    size_t arg_count, int64_t *out, size_t max, size_t *out_count);

/* Runs a statement whose result nobody needs but that must change (PostgreSQL: or read) exactly
 * `expected` rows
 * (-1: any number). SQLite: at once. PostgreSQL: queued, and sent in one round trip with the next
 * statement that is waited for, or with db_commit; an error or a wrong row count (ERR_DB_ROW_COUNT)
 * surfaces there, and nothing of the transaction stays. Arguments are copied. */
enum err db_defer(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                  size_t arg_count, int64_t expected);

/* Queues several readings to go out in one round trip (PostgreSQL pipeline mode); on SQLite each is
 * run when its turn is read. It may hold changes with RETURNING too: then read all of it. Use:
 * db_batch_begin, db_batch_query × n (n <= DB_BATCH_MAX), then db_batch_rows in the order queued,
 * each closed before the next; db_batch_end. */
#define DB_BATCH_MAX 32
enum err db_batch_begin(struct db_conn *conn);
enum err db_batch_query(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                        size_t arg_count);
enum err db_batch_rows(struct db_conn *conn, struct db_rows *out);
struct db_rows db_batch_read(struct db_conn *conn); /* as db_read */
enum err db_batch_end(struct db_conn *conn);

/* Runs literal SQL text with no parameters, DDL in the spelling of the migrations (those and tests
 * only). */
enum err db_script(struct db_conn *conn, const char *sql);
/* Prepares every statement of the program (all DB_STMT linked in): a test that each means something
 * to the engine and names its bucket. The first that does not goes to *out_bad. */
enum err db_prepare_all(struct db_conn *conn, const struct db_stmt **out_bad);
/* Last error text of the engine, for the log of an operator; never shown to a customer. */
const char *db_message(const struct db_conn *conn);

/* --- Health of an embedded database ----------------------------------------------------------- */

struct db_health {
    int64_t wal_bytes;             /* of the write-ahead log, as of the last commit */
    int64_t checkpoint_failures;   /* since the start */
    int64_t checkpoint_failing_us; /* since the first of the failures that no success has followed;
                                      0: the last checkpoint succeeded */
};
/* Any thread. PostgreSQL: zeros, its server checkpoints by itself. */
struct db_health db_health(const struct db *db);
/* Copies an embedded database as of one moment into a new file (mode 0600, durable); the bank may be
 * serving. ERR_EXISTS, ERR_DB_FULL, ERR_IO, ERR_DB_URL (a server's); the reason is in db_open_message. */
enum err db_copy(struct db *db, const char *path);
/* Reads every page of an embedded database and compares tables with their indexes, a table at a time
 * in a snapshot of its own; the bank may be serving. `report` gets a line for each damage. PostgreSQL:
 * nothing (pg_amcheck does it). ERR_DB (could not be read at all). */
enum err db_scrub(const struct db *db, void (*report)(void *context, const char *line),
                  void *context);

/* --- Migrations ------------------------------------------------------------------------------- */

/* One step, from src/<room>/schema/NNNN_<name>.sql, compiled in by the build (tools/embed). Lines
 * "-- engine: sqlite", "-- engine: postgresql", "-- engine: both" open a section for that engine;
 * text before them is for both. Spelling: README.md. */
struct db_migration {
    const char *room; /* steps run in the order of LAYERS, then of numbers */
    int number;
    const char *name;
    const char *sql;
};
extern const struct db_migration db_migrations[];
extern const size_t db_migration_count;

/* Rises when the steps of all rooms are folded into one each: databases from before cannot follow. */
#define DB_BASELINE 1

/* Brings the database to the newest schema; each step in its own transaction, recorded with its
 * hash in db_migrations_done. ERR_DB_BASELINE (made before this baseline), ERR_DB_NEWER (a step or
 * baseline that the program does not know), ERR_DB_CHANGED (a step that was run has another text now);
 * db_message says which. */
enum err db_migrate(struct db_conn *conn, int64_t now_us, int *out_applied);
/* Whether the database has exactly this program's schema: errors as above, ERR_DB_SCHEMA (steps
 * are missing: migrate), ERR_DB_ABSENT (never migrated: no bank). */
enum err db_schema_check(struct db_conn *conn);

#endif
