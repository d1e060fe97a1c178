/*
 * Inside of the room: what a connection is to both engines, and the calls an engine answers. db.c
 * does the common part (sticky errors, faults, who is in a transaction) and calls the engine.
 */
#ifndef DB_CONN_H
#define DB_CONN_H

#include "db/db.h"

#include <stdatomic.h>

#define DB_MESSAGE_MAX 400
#define DB_SHOWN_MAX   256
#define DB_WAL_LARGE   (INT64_C(256) << 20) /* a reader holds a snapshot for too long */

struct db_ops {
    enum err (*open)(struct db *db); /* the address is well formed */
    void (*close)(struct db *db);
    enum err (*connect)(struct db *db, enum db_mode mode, struct db_conn **out);
    void (*disconnect)(struct db_conn *conn);
    enum err (*reconnect)(struct db_conn *conn);
    enum err (*begin)(struct db_conn *conn);
    enum err (*commit)(struct db_conn *conn);
    void (*rollback)(struct db_conn *conn);
    enum err (*savepoint)(struct db_conn *conn);
    enum err (*savepoint_release)(struct db_conn *conn);
    enum err (*savepoint_rollback)(struct db_conn *conn);
    enum err (*exec)(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                     size_t arg_count, int64_t *out_changed);
    enum err (*query)(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                      size_t arg_count, struct db_rows *out);
    enum err (*defer)(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                      size_t arg_count, int64_t expected);
    bool (*rows_next)(struct db_rows *rows);
    int64_t (*rows_int)(const struct db_rows *rows, int column);
    const char *(*rows_text)(const struct db_rows *rows, int column);
    const void *(*rows_blob)(const struct db_rows *rows, int column, size_t *out_size);
    bool (*rows_is_null)(const struct db_rows *rows, int column);
    void (*rows_close)(struct db_rows *rows);
    void (*batch_begin)(struct db_conn *conn);
    enum err (*batch_query)(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                            size_t arg_count);
    enum err (*batch_rows)(struct db_conn *conn, struct db_rows *out);
    void (*batch_end)(struct db_conn *conn);
    enum err (*script)(struct db_conn *conn,
                       const char *sql); /* already in the engine's spelling */
    enum err (*prepare)(struct db_conn *conn, struct db_stmt *stmt);
    /* NULL: the engine has no locks by number. */
    enum err (*lock)(struct db_conn *conn, int64_t number, enum db_lock_kind kind);
    enum err (*hold)(struct db_conn *conn, int64_t number, bool *out_held);
};
extern const struct db_ops db_sqlite_ops;
extern const struct db_ops db_pg_ops;

struct db {
    enum db_engine engine;
    const struct db_ops *ops;
    char *address; /* SQLite: path; PostgreSQL: URL or key=value text */
    int lock_ms;
    int statement_ms;
    int lock_file; /* descriptor of the lock, -1 without */
    int mark_file; /* descriptor of the mark, -1 without */
    bool is_new;   /* db_create made it: the file may be empty */
    _Atomic int64_t wal_bytes, checkpoint_failures;
    _Atomic int64_t checkpoint_failing_since; /* monotonic; 0: the last one succeeded */
    char shown[DB_SHOWN_MAX];
    char message[DB_MESSAGE_MAX]; /* of the last failed opening */
};

struct db_conn {
    struct db *db;
    const struct db_ops *ops;
    enum db_mode mode;
    bool in_txn;
    bool in_savepoint;
    bool in_batch;
    bool lost;       /* nothing but db_reconnect helps */
    enum err failed; /* first error of the open transaction */
    char message[DB_MESSAGE_MAX];
#ifdef SYCEE_FAULTS
    int64_t fault_countdown; /* calls until the fault; 0: none armed */
    enum err fault_err;
    bool fault_after_commit;
    bool fault_fired;
    bool fault_paused;
#endif
};

/* The statement's number in every connection's table, from 1. */
int db_stmt_slot(struct db_stmt *stmt);
/* CHECK: the statement names its bucket, or its name exempts it. */
void db_stmt_check(const struct db_stmt *stmt);
void db_conn_say(struct db_conn *conn, const char *message);
/* Keeps why an opening failed. */
void db_open_say(struct db *db, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
