#include "frame/eod.h"

#include "base/check.h"
#include "frame/eod_store.h"
#include "frame/room.h"
#include "sys/log.h"
#include "sys/thread.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EOD_LOCK 2 /* number of the lock of who does the steps, in any process */

struct eod {
    const struct house *house;
    const struct eod_step *steps[EOD_STEPS_MAX];
    size_t step_count;
    struct mutex mutex;
    bool is_running;
    atomic_bool is_stopping;
};

enum err eod_open(const struct house *house, struct eod **out)
{
    CHECK(house->engine != NULL);
    struct eod *eod = calloc(1, sizeof *eod);
    if (eod == NULL) {
        return ERR_NO_MEMORY;
    }
    eod->house = house;
    eod->step_count = house_steps(house->rooms, eod->steps);
    mutex_init(&eod->mutex);
    *out = eod;
    return ERR_OK;
}

void eod_release(struct eod *eod)
{
    if (eod != NULL) {
        mutex_release(&eod->mutex);
        free(eod);
    }
}

void eod_stop(struct eod *eod)
{
    atomic_store(&eod->is_stopping, true);
}

/* --- closing a date --------------------------------------------------------------------------- */

/* Two people agreed to close the date before it has ended: one room with whom that is kept is enough. */
static enum err is_early_agreed(struct eod *eod, struct db_conn *conn, struct date date, bool *out)
{
    const struct room_parts *const *rooms = eod->house->rooms;
    enum err err = ERR_OK;
    *out = false;
    for (size_t i = 0; !err && !*out && rooms[i] != NULL; i++) {
        err = rooms[i]->is_early_agreed ? rooms[i]->is_early_agreed(conn, date, out) : ERR_OK;
    }
    return err;
}

static enum err check_due(struct eod *eod, struct db_conn *conn, struct date business_date,
                          struct date date)
{
    struct engine *engine = eod->house->engine;
    struct clock_reading reading = engine_clock_read(engine);
    bool is_agreed = false;
    if (date.days < business_date.days) {
        return ERR_DAY_CLOSED;
    }
    if (reading.state != CLOCK_STEADY) {
        return ERR_CLOCK_IN_DOUBT;
    }
    if (date.days < engine_civil_date(engine, reading.now_us).days) {
        return ERR_OK;
    }
    enum err err = is_early_agreed(eod, conn, date, &is_agreed);
    return err ? err : is_agreed ? ERR_OK : ERR_DAY_NOT_ENDED;
}

enum err eod_check(struct eod *eod, struct date date)
{
    struct db_conn *conn;
    enum err err = engine_read_begin(eod->house->engine, &conn);
    if (err) {
        return err;
    }
    err = check_due(eod, conn, engine_business_date(eod->house->engine), date);
    engine_read_end(eod->house->engine, conn);
    return err;
}

struct closing {
    struct eod *eod;
    struct date date;
};

/* The move of the date and the row that its steps are owed are one transaction. */
static enum err close_work(struct uow *uow, void *context)
{
    const struct closing *closing = context;
    enum err err = check_due(closing->eod, uow->conn, uow->business_date, closing->date);
    if (!err && closing->date.days != uow->business_date.days) {
        err = ERR_DAY_NOT_ENDED; /* an earlier date comes first */
    }
    CHECK(err || closing->date.days == uow->business_date.days); /* one date on, never two */
    err = err ? err : engine_business_date_set(uow, date_add_days(closing->date, 1));
    return err ? err : eod_store_begin_date(uow, closing->date);
}

enum err eod_close(struct eod *eod, struct date date)
{
    struct closing closing = {.eod = eod, .date = date};
    enum err err = engine_run(eod->house->engine, close_work, &closing);
    return err == ERR_DAY_CLOSED ? ERR_OK : err;
}

/* --- the steps of a date ---------------------------------------------------------------------- */

struct run {
    struct eod *eod;
    struct date date;
    struct db_conn *lock; /* holds the lock of the run; lost, the run is over */
    eod_listener *listener;
    void *context;
    bool is_dry;
    int buckets[BUCKET_COUNT];
    int bucket_count;
};

static enum err find_buckets(struct run *run)
{
    struct db_conn *conn;
    bool has[BUCKET_COUNT] = {false};
    enum err err = engine_read_begin(run->eod->house->engine, &conn);
    if (err) {
        return err;
    }
    err = ledger_buckets(conn, has);
    engine_read_end(run->eod->house->engine, conn);
    run->bucket_count = 0;
    for (int bucket = 0; !err && bucket < BUCKET_COUNT; bucket++) {
        if (has[bucket]) {
            run->buckets[run->bucket_count++] = bucket;
        }
    }
    return err;
}

static void show_progress(const struct run *run, const struct eod_mark *mark, int done)
{
    struct eod_progress progress = {.date = run->date,
                                    .done = done,
                                    .total = mark->total,
                                    .started_at = mark->begun_at,
                                    .ended_at = mark->ended_at};
    snprintf(progress.step, sizeof progress.step, "%s", mark->step);
    snprintf(progress.error, sizeof progress.error, "%s", mark->error);
    if (run->listener != NULL) {
        run->listener(run->context, &progress);
    }
}

/* Nobody else does this date's steps, and nobody asked this run to stop. */
static enum err may_go_on(struct run *run)
{
    bool is_held = true;
    if (atomic_load(&run->eod->is_stopping)) {
        return ERR_UNAVAILABLE;
    }
    enum err err = run->lock != NULL ? db_hold(run->lock, EOD_LOCK, &is_held) : ERR_OK;
    return err ? err : is_held ? ERR_OK : ERR_BUSY;
}

static enum err run_bucket(struct run *run, const struct eod_step *step, struct eod_mark *mark)
{
    struct engine *engine = run->eod->house->engine;
    bool is_done = false;
    CHECK(!run->is_dry);
    CHECK(mark->bucket >= 0 && mark->bucket < BUCKET_COUNT);
    enum err err = may_go_on(run);
    err = err ? err : eod_store_is_done(engine, mark, &is_done);
    if (err || is_done) {
        return err;
    }
    err = step->run(run->eod->house, run->date, mark->bucket);
    return err ? err : engine_run(engine, eod_store_bucket, mark);
}

/* A bucket that fails holds up no other; the step has not ended then, and the first failure is its. */
static enum err run_buckets(struct run *run, const struct eod_step *step, struct eod_mark *mark)
{
    enum err first = ERR_OK;
    CHECK(mark->total == (step->is_whole ? 1 : run->bucket_count));
    CHECK(mark->ended_at == 0);
    for (int i = 0; i < mark->total; i++) {
        mark->bucket = step->is_whole ? 0 : run->buckets[i];
        enum err err = run_bucket(run, step, mark);
        if (err == ERR_UNAVAILABLE || err == ERR_BUSY) {
            enum err over = may_go_on(run);
            if (over) {
                return over;
            }
        }
        if (err && !first) {
            log_event(LOG_ERROR, "end_of_day_bucket_failed", log_string("step", step->name),
                      log_int("bucket", mark->bucket), log_err(err));
            first = err;
        }
        show_progress(run, mark, i + 1);
    }
    return first;
}

static enum err run_step(struct run *run, const struct eod_step *step)
{
    struct engine *engine = run->eod->house->engine;
    struct eod_mark mark = {.date = run->date,
                            .step = step->name,
                            .error = "",
                            .begun_at = clock_now_us(engine_clock(engine)),
                            .total = step->is_whole ? 1 : run->bucket_count};
    if (run->is_dry) {
        show_progress(run, &mark, 0);
        return ERR_OK;
    }
    enum err err = engine_run(engine, eod_store_step, &mark);
    enum err failure = err ? err : run_buckets(run, step, &mark);
    if (failure) {
        mark.error = err_slug(failure);
        show_progress(run, &mark, 0);
    } else {
        mark.ended_at = clock_now_us(engine_clock(engine));
    }
    err = engine_run(engine, eod_store_step, &mark);
    if (!failure && !err) {
        show_progress(run, &mark, mark.total);
    }
    return failure ? failure : err;
}

static enum err run_steps(struct run *run)
{
    enum err err = find_buckets(run);
    for (size_t i = 0; !err && i < run->eod->step_count; i++) {
        err = run_step(run, run->eod->steps[i]);
    }
    return err;
}

/* --- one run at a time ------------------------------------------------------------------------ */

static enum err begin_run(struct eod *eod, struct run *run)
{
    struct db *db = engine_db(eod->house->engine);
    bool is_held = false;
    mutex_lock(&eod->mutex);
    bool is_free = !eod->is_running;
    eod->is_running = true;
    mutex_unlock(&eod->mutex);
    if (!is_free) {
        return ERR_BUSY;
    }
    enum err err = ERR_OK;
    if (db_engine_of(db) == DB_POSTGRESQL) {
        err = db_connect(db, DB_READ_WRITE, &run->lock);
        err = err ? err : db_hold(run->lock, EOD_LOCK, &is_held);
        err = err || is_held ? err : ERR_BUSY;
    }
    return err;
}

static void end_run(struct eod *eod, struct run *run)
{
    if (run->lock != NULL) {
        db_disconnect(run->lock);
        run->lock = NULL;
    }
    mutex_lock(&eod->mutex);
    CHECK(eod->is_running);
    eod->is_running = false;
    mutex_unlock(&eod->mutex);
}

static enum err load_status(struct eod *eod, struct eod_status *out)
{
    struct db_conn *conn;
    enum err err = engine_read_begin(eod->house->engine, &conn);
    if (err) {
        return err;
    }
    err = eod_status_load(conn, out);
    engine_read_end(eod->house->engine, conn);
    return err;
}

/* A date that is owed has begun; one that failed has its instant. */
static void invariant_status(const struct eod_status *status)
{
    CHECK(status->unfinished >= 0);
    CHECK(status->unfinished == 0 || status->begun_at > 0);
    CHECK(status->failure_count >= 0);
    CHECK((status->failure_count == 0) == (status->failed_at == 0));
}

static enum err work_locked(struct run *run, struct date *out_date)
{
    struct engine *engine = run->eod->house->engine;
    struct eod_status status;
    /* Read under the lock: another process may have ended the date meanwhile. */
    enum err err = load_status(run->eod, &status);
    if (!err && status.unfinished == 0) {
        err = ERR_NOT_FOUND;
    }
    if (!err && engine_clock_read(engine).state != CLOCK_STEADY) {
        err = ERR_CLOCK_IN_DOUBT; /* interest is not undone */
    }
    if (err) {
        return err;
    }
    invariant_status(&status);
    run->date = *out_date = status.oldest;
    struct eod_outcome outcome = {.date = run->date, .err = run_steps(run)};
    bool is_stop = atomic_load(&run->eod->is_stopping) && outcome.err == ERR_UNAVAILABLE;
    char date[DATE_TEXT_SIZE];
    date_format(run->date, date);
    log_event(outcome.err ? LOG_ERROR : LOG_INFO, "end_of_day", log_string("date", date),
              log_err(outcome.err));
    err = is_stop ? ERR_OK : engine_run(engine, eod_store_outcome, &outcome);
    return outcome.err ? outcome.err : err;
}

enum err eod_work_oldest(struct eod *eod, eod_listener *listener, void *context,
                         struct date *out_date)
{
    static _Thread_local struct run run;
    run = (struct run){.eod = eod, .listener = listener, .context = context};
    enum err err = begin_run(eod, &run);
    if (err == ERR_BUSY && run.lock == NULL) {
        return err; /* this process runs it */
    }
    err = err ? err : work_locked(&run, out_date);
    end_run(eod, &run);
    return err;
}

static enum err run_dry(struct eod *eod, struct date date, eod_listener *listener, void *context)
{
    static _Thread_local struct run run;
    run = (struct run){
        .eod = eod, .date = date, .listener = listener, .context = context, .is_dry = true};
    return run_steps(&run);
}

enum err eod_run(struct eod *eod, struct date date, bool dry_run, eod_listener *listener,
                 void *context)
{
    struct engine *engine = eod->house->engine;
    struct date worked = {0};
    struct eod_status status;
    enum err err = load_status(eod, &status);
    bool is_owed = !err && status.unfinished > 0 && status.oldest.days <= date.days;
    if (!err && !is_owed) {
        err = eod_check(eod, date);
    }
    if (!err && dry_run) {
        return run_dry(eod, date, listener, context);
    }
    while (!err) {
        while (!err) {
            err = eod_work_oldest(eod, listener, context, &worked);
        }
        struct date open = engine_business_date(engine);
        if (err == ERR_NOT_FOUND && open.days <= date.days) {
            err = eod_close(eod, open);
        }
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}
