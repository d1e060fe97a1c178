/*
 * What was sent to a PostgreSQL server and is not answered yet (libpq pipeline mode). Commands are
 * put into libpq's buffer and noted here; pg_round sends them with a Sync behind them and takes
 * every answer up to it, so that the protocol is in step again whatever failed.
 */
#ifndef DB_PG_QUEUE_H
#define DB_PG_QUEUE_H

#include "db/conn.h"

#include <libpq-fe.h>

#define PG_QUEUE_MAX 1024 /* commands on their way; more are sent in several rounds */

/* One prepared statement. */
struct pg_prepared {
    struct db_stmt *stmt;
    char *sql;      /* text for PostgreSQL; NULL: the statement's own */
    uint8_t *types; /* enum db_type of each parameter; DB_NULL: not known yet */
    size_t param_count;
    int slot;    /* part of its name */
    int version; /* part of its name: rises when a type becomes known */
    bool ready;
};

enum pg_kind {
    PG_PREPARE,
    PG_EFFECT, /* a count of rows is wanted, or nothing */
    PG_ROWS,   /* an answer that somebody waits for */
    PG_SYNC
};

struct pg_command {
    enum pg_kind kind;
    struct pg_prepared *prepared;
    int64_t expected; /* rows to be changed; -1: any */
    bool checked;     /* the server raises an error if the row count differs */
    bool ignored;     /* its transaction was rolled back: its answer is dropped */
};

struct pg_conn {
    struct db_conn base;
    PGconn *link;
    struct pg_prepared **slots; /* two for each statement: as it is, and checked */
    int slot_count;
    bool begin_waits; /* BEGIN goes out with the first statement */
    bool holds;       /* a lock of db_hold */
    int deferred;     /* since the last answer */
    struct pg_command queue[PG_QUEUE_MAX];
    int queue_count;
    int64_t changed;              /* of the last PG_EFFECT answered */
    bool rolled_back;             /* the last answer was ROLLBACK, to a COMMIT */
    PGresult *rows[DB_BATCH_MAX]; /* answers to PG_ROWS in order */
    int rows_count;
    int rows_turn;
    int batch_count; /* readings queued in the open batch */
    bool batch_sent;
    const char **values; /* room for the parameters of one statement */
    int *sizes;
    int *formats;
    int64_t *integers;
    size_t param_room;
};

static inline struct pg_conn *pg_own(struct db_conn *conn)
{
    return (struct pg_conn *)conn;
}

/* Puts a statement into the queue, and its preparation before it if it is new. */
enum err pg_send(struct pg_conn *c, struct db_stmt *stmt, const struct db_value *args,
                 size_t arg_count, enum pg_kind kind, int64_t expected);
/* Sends all and takes every answer. The first error of a command that is not ignored. */
enum err pg_round(struct pg_conn *c);
/* A Sync that nobody waits for: sent at once. */
enum err pg_sync(struct pg_conn *c);
/* Errors of what is on its way shall not matter. */
void pg_ignore_queue(struct pg_conn *c);
void pg_forget_rows(struct pg_conn *c);
void pg_forget_prepared(struct pg_conn *c);
/* The value of a result's SQLSTATE; of the link if it has none. */
enum err pg_err(struct pg_conn *c, const PGresult *result);
enum err pg_lost(struct pg_conn *c);
enum err pg_describe(struct pg_conn *c, const char *sql); /* prepares, to see if it can be */

#endif
