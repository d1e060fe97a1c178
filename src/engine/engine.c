/* The engine's threads: one writer with group commit (SQLite), or N workers (PostgreSQL). */
#include "engine/engine_private.h"

#include "base/check.h"
#include "db/facts.h"
#include "sys/log.h"
#include "sys/thread.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_MAX       65536
#define GROUP_MAX       1024
#define WORKERS_DEFAULT 12
#define WORKERS_MAX     16 /* 4 bits of an id's counter distinguish workers, 2 more the processes */
#define NODE_BITS       6  /* leaves 64 ids a millisecond for a worker: LEDGER_LEGS_MAX */
#define READERS_DEFAULT 8
#define ATTEMPTS_MAX    30
#define DATE_CACHE_US   INT64_C(500000)
#define MARK_US         INT64_C(1000000) /* interval of the mark's updates while commands run */
#define DATE_LOCK       1 /* shared by committers, exclusive for the mover of the business date */

struct worker {
    struct engine *engine;
    struct thread thread;
    struct db_conn *conn;
    struct id_maker ids;
    struct date new_date; /* set by a command of this transaction; days 0: none */
    int64_t marked_us;    /* monotonic; time of the mark's last update */
    bool commit_asked;    /* if the connection is lost from here on, the outcome is unknown */
};

/* Context by which engine_business_date_set finds the engine from a uow. */
struct running {
    struct uow uow;
    struct worker *worker;
};

DB_STMT(engine_date_select, "SELECT business_date FROM engine_business_date WHERE bucket = 0");
DB_STMT(engine_date_is,
        "SELECT 1 FROM engine_business_date WHERE bucket = 0 AND business_date = $1");
DB_STMT(engine_date_put,
        "INSERT INTO engine_business_date (bucket, business_date) VALUES (0, $1)"
        " ON CONFLICT (bucket) DO UPDATE SET business_date = excluded.business_date");

int64_t uow_id(struct uow *uow, int bucket)
{
    CHECK(uow->now_us > 0);
    CHECK(bucket >= 0 && bucket < BUCKET_COUNT);
    return id_make(uow->ids, uow->now_us, bucket);
}

struct ledger *engine_ledger(struct engine *engine)
{
    return engine->ledger;
}

struct clock *engine_clock(struct engine *engine)
{
    return engine->clock;
}

struct db *engine_db(struct engine *engine)
{
    return engine->db;
}

const struct zone *engine_zone(const struct engine *engine)
{
    return &engine->zone;
}

struct date engine_civil_date(const struct engine *engine, int64_t instant_us)
{
    return zone_date(&engine->zone, instant_us);
}

struct date engine_business_date(struct engine *engine)
{
    return (struct date){atomic_load(&engine->business_days)};
}

size_t engine_waiting(struct engine *engine)
{
    return queue_count(&engine->queue);
}

struct engine_counts engine_counts(const struct engine *engine)
{
    return (struct engine_counts){.commands = atomic_load(&engine->commands),
                                  .refused = atomic_load(&engine->refused),
                                  .groups = atomic_load(&engine->groups),
                                  .retries = atomic_load(&engine->retries)};
}

enum err engine_business_date_set(struct uow *uow, struct date date)
{
    CHECK(date.days > 0);
    CHECK(date.days >= uow->business_date.days);
    struct running *running = (struct running *)uow;
    /* Waits for commits under the old date; later ones find the new date. */
    enum err err = db_lock(uow->conn, DATE_LOCK, DB_LOCK_EXCLUSIVE);
    if (!err && db_engine_of_conn(uow->conn) == DB_POSTGRESQL) {
        err = db_defer(uow->conn, &engine_date_is, DB_ARGS(db_int(uow->business_date.days)), 1);
    }
    err = err ? err : db_exec(uow->conn, &engine_date_put, DB_ARGS(db_int(date.days)), NULL);
    if (!err) {
        running->worker->new_date = date;
        uow->business_date = date;
    }
    return err;
}

static enum err read_date(struct db_conn *conn, struct date *out)
{
    CHECK(conn != NULL);
    struct db_rows rows = db_read(conn, &engine_date_select, DB_NO_ARGS);
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        out->days = (int32_t)db_rows_int(&rows, 0);
    }
    return db_rows_close(&rows);
}

/* A reading may be older than one published by another thread: the date only rises. */
static void raise_date(struct engine *engine, int32_t days)
{
    CHECK(days > 0);
    int32_t known = atomic_load(&engine->business_days);
    while (known < days && !atomic_compare_exchange_weak(&engine->business_days, &known, days)) {
    }
    CHECK(atomic_load(&engine->business_days) >= days);
}

static void publish_date(struct worker *worker)
{
    if (worker->new_date.days != 0) {
        raise_date(worker->engine, worker->new_date.days);
        worker->new_date.days = 0;
    }
}

/* A refusal is an answer: returned to the customer and stored with its key. An error that may succeed
 * later, or is our own mistake, is not. */
static bool is_refusal(enum err err)
{
    return err != ERR_OK && !err_is_retryable(err) && err_http_status(err) < 500 &&
           err != ERR_DB_CONFLICT;
}

static struct running uow_begin(struct worker *worker, int64_t now_us)
{
    CHECK(now_us > 0);
    CHECK(worker->conn != NULL);
    struct engine *engine = worker->engine;
    return (struct running){
        .uow = {.engine = engine,
                .conn = worker->conn,
                .ledger = ledger_unit_begin(engine->ledger, worker->conn, &worker->ids, now_us),
                .now_us = now_us,
                .business_date = {atomic_load(&engine->business_days)},
                .ids = &worker->ids},
        .worker = worker};
}

static void answer(struct engine *engine, struct engine_command *command)
{
    CHECK(command->done != NULL);
    atomic_fetch_add_explicit(&engine->commands, 1, memory_order_relaxed);
    if (command->err) {
        atomic_fetch_add_explicit(&engine->refused, 1, memory_order_relaxed);
    }
    command->done(command, command->err);
}

/* --- SQLite: one writer, group commit --------------------------------------------------------- */

/* Runs one function of a command in its own savepoint, which is rolled back on an error. */
static enum err run_in_savepoint(struct worker *worker, engine_work *work, void *context,
                                 int64_t now_us)
{
    CHECK(work != NULL);
    enum err err = db_savepoint(worker->conn);
    if (err) {
        return err;
    }
    struct running running = uow_begin(worker, now_us);
    err = work(&running.uow, context);
    if (!err) {
        err = db_savepoint_release(worker->conn);
    }
    if (err) { /* also if the savepoint could not be released: then it still exists */
        ledger_unit_undo(running.uow.ledger);
        worker->new_date.days = 0;
        (void)db_savepoint_rollback(worker->conn); /* its error stays with the group */
    }
    ledger_unit_end(running.uow.ledger);
    CHECK(err == ERR_OK || worker->new_date.days == 0);
    return err;
}

static void run_embedded(struct worker *worker, struct engine_command *command, int64_t now_us)
{
    command->err = run_in_savepoint(worker, command->work, command->context, now_us);
    if (is_refusal(command->err) && command->refused != NULL) {
        enum err err = run_in_savepoint(worker, command->refused, command->context, now_us);
        command->err = err ? err : command->err;
    }
}

/* Runs commands until the group is full, a new business date begins, or the queue is empty. */
static size_t run_group(struct worker *worker, void **items, size_t count)
{
    CHECK(count >= 1 && count <= GROUP_MAX);
    CHECK(ledger_group_size(worker->engine->ledger) == 0);
    struct engine *engine = worker->engine;
    int64_t now_us = clock_now_us(engine->clock);
    size_t ran = 0;
    enum err err = db_begin(worker->conn);
    while (!err && ran < count && worker->new_date.days == 0 &&
           ledger_group_size(engine->ledger) < LEDGER_GROUP_MAX) {
        run_embedded(worker, items[ran++], now_us);
    }
    if (!err) {
        err = ledger_group_flush(engine->ledger, worker->conn, now_us);
    }
    int64_t mark = 0;
    if (!err && clock_monotonic_us() - worker->marked_us >= MARK_US) {
        err = db_mark_raise(worker->conn, now_us, &mark);
    }
    bool is_committing = !err;
    if (!err) {
        err = db_commit(worker->conn);
    }
    if (err) {
        log_event(LOG_ERROR, "engine_group_failed", log_err(err),
                  log_string("database", db_message(worker->conn)));
        /* After a failed sync the content of the disk is undefined: stop, and recover at the start. */
        CHECK(!is_committing || err == ERR_DB_FULL || err == ERR_DB_RETRY);
        db_rollback(worker->conn);
        ledger_group_forget(engine->ledger);
        worker->new_date.days = 0;
        ran = ran ? ran : count;
    } else {
        ledger_group_check(engine->ledger, worker->conn);
        ledger_group_publish(engine->ledger);
        publish_date(worker);
        if (mark != 0) {
            db_mark_keep(engine->db, mark);
            worker->marked_us = clock_monotonic_us();
        }
    }
    CHECK(ran >= 1 && ran <= count);
    CHECK(worker->new_date.days == 0 && ledger_group_size(engine->ledger) == 0);
    atomic_fetch_add_explicit(&engine->groups, 1, memory_order_relaxed);
    for (size_t i = 0; i < ran; i++) {
        struct engine_command *command = items[i];
        command->err = err ? err : command->err;
        answer(engine, command);
    }
    return ran;
}

static void writer_main(void *argument)
{
    struct worker *worker = argument;
    static void *items[GROUP_MAX];
    size_t count;
    while ((count = queue_take(&worker->engine->queue, items, GROUP_MAX, -1)) > 0) {
        size_t done = 0;
        while (done < count) {
            done += run_group(worker, items + done, count - done);
        }
        CHECK(done == count); /* each was answered once */
    }
}

/* --- PostgreSQL: workers, one transaction a command ------------------------------------------- */

static enum err refresh_date(struct worker *worker)
{
    struct engine *engine = worker->engine;
    int64_t read_at = atomic_load(&engine->date_read_at);
    int64_t now_us = clock_monotonic_us();
    if (read_at != 0 && now_us - read_at < DATE_CACHE_US) {
        return ERR_OK;
    }
    struct date date = {0};
    enum err err = read_date(worker->conn, &date);
    if (!err) {
        raise_date(engine, date.days);
        atomic_store(&engine->date_read_at, now_us);
    }
    return err;
}

/* Sent with COMMIT: nothing is booked on a date that was closed meanwhile. If it was, the transaction
 * fails with ERR_DB_ROW_COUNT and runs again under the new date. */
static enum err assert_date(struct db_conn *conn, struct date date)
{
    CHECK(date.days > 0);
    enum err err = db_lock(conn, DATE_LOCK, DB_LOCK_SHARED);
    return err ? err : db_defer(conn, &engine_date_is, DB_ARGS(db_int(date.days)), 1);
}

static enum err run_transaction(struct worker *worker, engine_work *work, void *context)
{
    CHECK(work != NULL);
    int64_t now_us = clock_now_us(worker->engine->clock);
    worker->new_date.days = 0;
    worker->commit_asked = false;
    enum err err = db_begin(worker->conn);
    if (!err) {
        err = refresh_date(worker);
    }
    if (!err) {
        struct running running = uow_begin(worker, now_us);
        err = work(&running.uow, context);
        ledger_unit_end(running.uow.ledger);
        err = err ? err : assert_date(worker->conn, running.uow.business_date);
    }
    if (!err) {
        worker->commit_asked = true;
        err = db_commit(worker->conn);
    }
    if (err) {
        db_rollback(worker->conn);
        if (err == ERR_DB_ROW_COUNT) {
            atomic_store(&worker->engine->date_read_at, 0); /* the date may have moved */
        }
    } else {
        ledger_group_check(worker->engine->ledger, worker->conn);
        publish_date(worker);
    }
    return err;
}

static bool may_run_again(const struct worker *worker, const struct engine_command *command,
                          enum err err)
{
    CHECK(command->err == err);
    return err == ERR_DB_RETRY || err == ERR_DB_ROW_COUNT || err == ERR_DB_CONFLICT ||
           (err == ERR_DB_LOST && (command->repeatable || !worker->commit_asked));
}

static void run_postgres(struct worker *worker, struct engine_command *command)
{
    CHECK(command->work != NULL);
    command->err = command->prepare ? command->prepare(command->context) : ERR_OK;
    if (command->err) {
        answer(worker->engine, command);
        return;
    }
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        command->err = run_transaction(worker, command->work, command->context);
        if (is_refusal(command->err) && command->refused != NULL) {
            enum err err = run_transaction(worker, command->refused, command->context);
            command->err = err ? err : command->err;
        }
        if (command->err == ERR_DB_LOST) {
            enum err err = db_reconnect(worker->conn);
            if (err) {
                log_event(LOG_ERROR, "engine_database_lost", log_err(err));
                thread_sleep_us(200000);
            }
        }
        if (!may_run_again(worker, command, command->err)) {
            break;
        }
        atomic_fetch_add_explicit(&worker->engine->retries, 1, memory_order_relaxed);
        thread_sleep_us((int64_t)attempt * 300 * (1 + worker->ids.node % 7));
    }
    if (command->err != ERR_OK && err_http_status(command->err) >= 500) {
        log_event(LOG_ERROR, "engine_command_failed", log_err(command->err),
                  log_string("database", db_message(worker->conn)));
    }
    atomic_fetch_add_explicit(&worker->engine->groups, 1, memory_order_relaxed);
    answer(worker->engine, command);
}

static void worker_main(void *argument)
{
    struct worker *worker = argument;
    void *item;
    while (queue_take(&worker->engine->queue, &item, 1, -1) > 0) {
        run_postgres(worker, item);
    }
}

/* --- submitting ------------------------------------------------------------------------------- */

void engine_submit(struct engine *engine, struct engine_command *command)
{
    CHECK(command->work != NULL && command->done != NULL);
    CHECK(command->prepare == NULL || db_engine_of(engine->db) == DB_POSTGRESQL);
    if (queue_put(&engine->queue, command, 0) != ERR_OK) {
        command->err = ERR_BUSY;
        command->done(command, ERR_BUSY);
    }
}

struct waiter {
    struct mutex mutex;
    struct cond cond;
    bool is_done;
};

/* Shadow of a command whose submitter waits; the engine runs the shadow. */
struct waited {
    struct engine_command shadow; /* must be first: done() casts the command to its shadow */
    struct engine_command *command;
    struct waiter waiter;
};

static void wake(struct engine_command *shadow, enum err err)
{
    struct waited *waited = (struct waited *)shadow;
    CHECK(!waited->waiter.is_done);
    waited->command->err = err;
    mutex_lock(&waited->waiter.mutex);
    waited->waiter.is_done = true;
    cond_signal(&waited->waiter.cond);
    mutex_unlock(&waited->waiter.mutex);
}

enum err engine_run_prepared(struct engine *engine, struct engine_command *command)
{
    CHECK(command->work != NULL);
    struct waited waited = {.shadow = *command, .command = command};
    waited.shadow.done = wake;
    mutex_init(&waited.waiter.mutex);
    cond_init(&waited.waiter.cond);
    engine_submit(engine, &waited.shadow);
    mutex_lock(&waited.waiter.mutex);
    while (!waited.waiter.is_done) {
        cond_wait(&waited.waiter.cond, &waited.waiter.mutex, -1);
    }
    mutex_unlock(&waited.waiter.mutex);
    CHECK(waited.waiter.is_done);
    cond_release(&waited.waiter.cond);
    mutex_release(&waited.waiter.mutex);
    return command->err;
}

enum err engine_run(struct engine *engine, engine_work *work, void *context)
{
    CHECK(work != NULL);
    struct engine_command command = {.work = work, .context = context};
    return engine_run_prepared(engine, &command);
}

/* --- reading ---------------------------------------------------------------------------------- */

enum err engine_read_begin(struct engine *engine, struct db_conn **out)
{
    CHECK(out != NULL);
    mutex_lock(&engine->reader_mutex);
    while (engine->reader_count == 0) {
        cond_wait(&engine->reader_free, &engine->reader_mutex, -1);
    }
    struct db_conn *conn = engine->readers[--engine->reader_count];
    CHECK(conn != NULL);
    mutex_unlock(&engine->reader_mutex);
    enum err err = db_begin(conn);
    if (err == ERR_DB_LOST) {
        err = db_reconnect(conn);
        err = err ? err : db_begin(conn);
    }
    if (err) {
        engine_read_end(engine, conn);
        return err;
    }
    *out = conn;
    return ERR_OK;
}

void engine_read_end(struct engine *engine, struct db_conn *conn)
{
    CHECK(conn != NULL);
    db_rollback(conn);
    mutex_lock(&engine->reader_mutex);
    CHECK(engine->reader_count < READERS_MAX);
    engine->readers[engine->reader_count++] = conn;
    cond_signal(&engine->reader_free);
    mutex_unlock(&engine->reader_mutex);
}

/* --- start and stop --------------------------------------------------------------------------- */

static enum err start_readers(struct engine *engine, int count)
{
    CHECK(count >= 1 && count <= READERS_MAX);
    CHECK(engine->reader_count == 0);
    mutex_init(&engine->reader_mutex);
    cond_init(&engine->reader_free);
    enum err err = ERR_OK;
    for (int i = 0; !err && i < count; i++) {
        err = db_connect(engine->db, DB_READ_ONLY, &engine->readers[i]);
        engine->reader_count += err ? 0 : 1;
    }
    return err;
}

static enum err start_workers(struct engine *engine, int count)
{
    CHECK(count >= 1 && count <= WORKERS_MAX);
    CHECK(engine->worker_count == 0);
    bool embedded = db_engine_of(engine->db) == DB_SQLITE;
    enum err err = ERR_OK;
    for (int i = 0; !err && i < count; i++) {
        struct worker *worker = &engine->workers[i];
        if (worker->conn == NULL) {
            err = db_connect(engine->db, DB_READ_WRITE, &worker->conn);
        }
        worker->engine = engine;
        id_maker_init(&worker->ids, embedded ? 0 : engine->node * WORKERS_MAX + i,
                      embedded ? 0 : NODE_BITS);
        if (engine->id_floor_us != 0) {
            (void)id_make(&worker->ids, engine->id_floor_us, 0);
        }
        if (!err) {
            err = thread_start(&worker->thread, embedded ? "writer" : "worker",
                               embedded ? writer_main : worker_main, worker);
            engine->worker_count += err ? 0 : 1;
        }
    }
    return err;
}

/* The business date of a new bank is today's, in its own zone. */
static enum err first_date(struct engine *engine, struct db_conn *conn)
{
    struct date date = {0};
    enum err err = read_date(conn, &date);
    if (err == ERR_NOT_FOUND) {
        date = engine_civil_date(engine, clock_now_us(engine->clock));
        err = db_begin(conn);
        err = err ? err : db_exec(conn, &engine_date_put, DB_ARGS(db_int(date.days)), NULL);
        err = err ? err : db_commit(conn);
    }
    if (err == ERR_OK) {
        raise_date(engine, date.days);
    }
    return err;
}

static enum err open_books(struct engine *engine, struct db_conn *conn)
{
    CHECK(engine->ledger == NULL);
    enum err err = db_schema_check(conn);
    err = err ? err : engine_clock_resume(engine, conn);
    if (!err) {
        err = db_mark_check(conn);
    }
    if (!err) {
        err = first_date(engine, conn);
    }
    if (!err) {
        err = ledger_start(conn, &engine->ledger);
    }
    return err;
}

/* The last message of the database: of opening it, else of a statement. */
static void explain_opening(const struct engine *engine, const struct db_conn *conn, enum err err,
                            struct fault *fault)
{
    if (engine->db == NULL) {
        fault_write_setting(fault, "database.url: must be sqlite:PATH or postgresql://...");
    } else if (conn != NULL && db_message(conn)[0] != '\0') {
        fault_write(fault, "database: %s", db_message(conn));
    } else if (conn == NULL && db_open_message(engine->db)[0] != '\0') {
        fault_write(fault, "database: %s", db_open_message(engine->db));
    } else {
        fault_write(fault, "database %s: %s", db_shown(engine->db), err_slug(err));
    }
}

static enum err open_database(struct engine *engine, const struct engine_options *options)
{
    CHECK(engine->db == NULL);
    struct db_conn **conn = &engine->workers[0].conn;
    enum err err = db_open(options->database_url, &engine->db);
    if (!err && db_engine_of(engine->db) == DB_SQLITE) {
        err = db_lock_exclusive(engine->db);
    }
    if (!err) {
        err = engine_node_take(engine, options->node);
    }
    if (!err) {
        err = db_connect(engine->db, DB_READ_WRITE, conn);
    }
    if (!err) {
        err = open_books(engine, *conn);
    }
    if (err) {
        explain_opening(engine, *conn, err, options->fault);
    }
    return err;
}

enum err engine_start(const struct engine_options *options, struct engine **out)
{
    CHECK(options->database_url != NULL);
    CHECK(options->workers >= 0 && options->readers >= 0);
    struct engine *engine = calloc(1, sizeof *engine);
    struct worker *workers = calloc(WORKERS_MAX, sizeof *workers);
    CHECK(engine != NULL && workers != NULL);
    engine->guard = options->guard;
    engine->clock = options->guard ? &options->guard->clock : options->clock;
    engine->workers = workers;
    enum err err = ERR_OK;
    if (options->zone != NULL) {
        engine->zone = *options->zone;
    } else {
        err = zone_load(ZONE_DEFAULT, &engine->zone);
    }
    err = err ? err : queue_init(&engine->queue, QUEUE_MAX);
    if (!err) {
        err = open_database(engine, options);
    }
    int readers = options->readers ? options->readers : READERS_DEFAULT;
    if (!err) {
        err = start_readers(engine, readers < READERS_MAX ? readers : READERS_MAX);
        if (err) {
            fault_write(options->fault,
                        "database: reading connection %d of %d: %s (database.readers)",
                        engine->reader_count + 1, readers, db_open_message(engine->db));
        }
    }
    int count = options->workers ? options->workers : WORKERS_DEFAULT;
    count = !err && db_engine_of(engine->db) == DB_SQLITE ? 1 : count;
    if (!err) {
        err = start_workers(engine, count < WORKERS_MAX ? count : WORKERS_MAX);
        if (err) {
            fault_write(
                options->fault, "worker %d of %d could not start: %s%s%s (database.workers)",
                engine->worker_count + 1, count, err_slug(err),
                db_open_message(engine->db)[0] != '\0' ? ": " : "", db_open_message(engine->db));
        }
    }
    if (err) {
        engine_stop(engine);
        return err;
    }
    *out = engine;
    return ERR_OK;
}

void engine_stop(struct engine *engine)
{
    CHECK(engine->worker_count >= 0 && engine->worker_count <= WORKERS_MAX);
    if (engine->queue.items != NULL) {
        queue_close(&engine->queue);
    }
    for (int i = 0; i < engine->worker_count; i++) {
        thread_join(&engine->workers[i].thread);
    }
    for (int i = 0; i < WORKERS_MAX; i++) {
        if (engine->workers[i].conn != NULL) {
            db_disconnect(engine->workers[i].conn);
        }
    }
    for (int i = 0; i < engine->reader_count; i++) {
        db_disconnect(engine->readers[i]);
    }
    if (engine->node_conn != NULL) {
        db_disconnect(engine->node_conn);
    }
    if (engine->ledger != NULL) {
        ledger_stop(engine->ledger);
    }
    if (engine->db != NULL) {
        db_close(engine->db);
    }
    if (engine->queue.items != NULL) {
        queue_release(&engine->queue);
    }
    free(engine->workers);
    free(engine);
}
