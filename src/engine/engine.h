/*
 * The engine: every change of the bank is a command, run in one database transaction, durable
 * before it is answered.
 *
 * SQLite: one writer thread takes every waiting command (up to a bound), BEGIN IMMEDIATE, runs each
 * in a savepoint, commits once, then answers all. PostgreSQL: N workers, one transaction a command,
 * run again whole on ERR_DB_RETRY, ERR_DB_ROW_COUNT and ERR_DB_CONFLICT (a bounded number of
 * times). Hence a command's work must have no effect but its transaction, must be short, and may be
 * called more than once: it starts from its context's inputs each time.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/id.h"
#include "base/zone.h"
#include "db/db.h"
#include "ledger/ledger.h"
#include "sys/clock.h"
#include "sys/clock_guard.h"
#include "sys/fault.h"

struct engine;

/* One unit of work: the resources of a command. */
struct uow {
    struct engine *engine;
    struct db_conn *conn;
    struct ledger_unit *ledger;
    int64_t now_us;            /* read once */
    struct date business_date; /* of this transaction */
    struct id_maker *ids;
};

/* A new id in a bucket. */
int64_t uow_id(struct uow *uow, int bucket);

typedef enum err engine_work(struct uow *uow, void *context);

struct engine_command {
    /* Optional, PostgreSQL only: readings that would block the submitter's thread. Called once by the
     * worker before its first transaction; may use engine_read_begin. An error is the answer, and no
     * transaction is begun. The embedded writer must not wait: there it is a CHECK. */
    enum err (*prepare)(void *context);
    engine_work *work;
    /* Optional. Called if work returned a final refusal (not a db error), after all its effects were
     * undone, in the same group: stores the refusal with its idempotency key. */
    engine_work *refused;
    /* Called on the engine's thread once the transaction is durable, or certainly did not happen. Must
     * not block. `err` is the result of work, or the error of db. */
    void (*done)(struct engine_command *command, enum err err);
    void *context;
    bool repeatable; /* safe to repeat if a lost connection leaves the outcome unknown: a later
                       run first looks for the result stored by an earlier one (an idempotency
                       key) */
    enum err err;    /* private to the engine */
};

/* Submits a command; the engine answers by done() once. Never blocks long: a full queue is answered
 * with ERR_BUSY by done(). */
void engine_submit(struct engine *engine, struct engine_command *command);
/* Submit and wait (jobs, CLI, tests). */
enum err engine_run(struct engine *engine, engine_work *work, void *context);
/* The same for a command prepared by the caller (its done is not used). */
enum err engine_run_prepared(struct engine *engine, struct engine_command *command);

/* A reading connection from a small pool; snapshots should last well under a second. Between begin and
 * end all statements read one state (SQLite) or READ COMMITTED (PostgreSQL). */
enum err engine_read_begin(struct engine *engine, struct db_conn **out);
void engine_read_end(struct engine *engine, struct db_conn *conn);

struct engine_options {
    const char *database_url;
    struct clock *clock;
    /* Instead of `clock`: continues from the bank's stored time; engine_clock_keep stores it. */
    struct clock_guard *guard;
    int workers; /* PostgreSQL only; 0 for the default */
    int readers; /* reading connections; 0 for the default */
    int node;    /* 1 … 4: of this process, among those that serve one PostgreSQL database; 0: any
                       that is free */
    const struct zone *zone; /* of the bank's civil time, copied; NULL: ZONE_DEFAULT */
    struct fault *fault;     /* reason of a failed engine_start; NULL: not needed */
};
/* Opens the database, starts the ledger and threads. Errors of db_lock_exclusive, db_connect,
 * db_schema_check, db_mark_check and ledger_start; ERR_NO_MEMORY; ERR_DB_IN_USE also if another process
 * holds the node. */
enum err engine_start(const struct engine_options *options, struct engine **out);
/* Finishes submitted commands, stops the threads. */
void engine_stop(struct engine *engine);

struct ledger *engine_ledger(struct engine *engine);
struct clock *engine_clock(struct engine *engine);
struct db *engine_db(struct engine *engine);
/* The bank's civil time, and the civil date of an instant in it. */
const struct zone *engine_zone(const struct engine *engine);
struct date engine_civil_date(const struct engine *engine, int64_t instant_us);
/* The last committed business date. */
struct date engine_business_date(struct engine *engine);
/* Moves the business date (end of day only), inside a command. */
enum err engine_business_date_set(struct uow *uow, struct date date);

/* --- The bank's time --------------------------------------------------------------------------- */

/* Always steady if the engine was started without a guard. */
struct clock_reading engine_clock_read(struct engine *engine);
/* Stores the newest instant, publishes and logs a jump, applies an approved change. A job, once a
 * second. */
enum err engine_clock_keep(struct engine *engine);
/* Two people approved the wall clock: each process that is not steady follows it at its next
 * engine_clock_keep. ERR_CLOCK_STEADY if none is in doubt. */
enum err engine_clock_follow(struct uow *uow);

/* Counts since the start, for /metrics and the bench. */
struct engine_counts {
    uint64_t commands;
    uint64_t refused;
    uint64_t groups;
    uint64_t retries;
};
/* Number of queued commands; background jobs check it and yield. */
size_t engine_waiting(struct engine *engine);
struct engine_counts engine_counts(const struct engine *engine);

#endif
