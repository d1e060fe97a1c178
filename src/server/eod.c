#include "server/eod.h"

#include "report/report.h"

#include <stdio.h>
#include <string.h>

DB_STMT(eod_bucket_done_find,
        "SELECT done_at FROM server_eod_buckets WHERE bucket = $1 AND business_date = $2"
        " AND step = $3");
DB_STMT(eod_bucket_done_insert,
        "INSERT INTO server_eod_buckets (bucket, business_date, step, done_at)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT (bucket, business_date, step) DO NOTHING");
DB_STMT(eod_step_put,
        "INSERT INTO server_eod_steps (bucket, business_date, step, started_at, ended_at,"
        " bucket_total) VALUES (0, $1, $2, $3, $4, $5) ON CONFLICT (bucket, business_date, step)"
        " DO UPDATE SET ended_at = excluded.ended_at, bucket_total = excluded.bucket_total");
DB_STMT(eod_steps_newest,
        "SELECT step, started_at, ended_at, bucket_total FROM server_eod_steps WHERE bucket = 0"
        " AND business_date = (SELECT max(business_date) FROM server_eod_steps WHERE bucket = 0)"
        " ORDER BY started_at, step");
DB_STMT(eod_report_done_count,
        "SELECT count(*) FROM server_eod_buckets WHERE step = $1"
        " AND business_date = (SELECT max(business_date) FROM server_eod_steps)");

/* One bucket of a step, on a job's thread; repeats do no harm. */
typedef enum err eod_work(struct rooms *rooms, struct date date, int bucket);

static enum err accrue(struct rooms *rooms, struct date date, int bucket)
{
    size_t count;
    return account_eod_accrue(rooms->engine, rooms->catalogue, date, bucket, &count);
}

static enum err capitalise(struct rooms *rooms, struct date date, int bucket)
{
    size_t count;
    return account_eod_capitalise(rooms->engine, rooms->catalogue, date, bucket, &count);
}

static enum err settle(struct rooms *rooms, struct date date, int bucket)
{
    int64_t moved;
    return payment_eod_settle(rooms->engine, date, bucket, &moved);
}

/* The report room sums whole dates at once. */
static enum err totals(struct rooms *rooms, struct date date, int bucket)
{
    (void)date;
    (void)bucket;
    int64_t count;
    return report_eod_gl_days(rooms->engine, &count);
}

/* What settle and capitalise book after the date has moved on belongs to the next date, so totals of
 * the closed date may come last. */
static const struct {
    const char *name;
    eod_work *work;
    bool is_whole; /* one piece of work for all buckets */
} steps[] = {
    {"accrueInterest", accrue, false},
    {"capitaliseInterest", capitalise, false},
    {"settleClearing", settle, false},
    {"closeTotals", totals, true},
};
#define STEP_COUNT (sizeof steps / sizeof steps[0])

struct run {
    struct rooms *rooms;
    struct date date;
    bool dry;
    eod_listener *listener;
    void *context;
    int buckets[BUCKET_COUNT];
    int bucket_count;
};

static enum err find_buckets(struct run *run)
{
    struct db_conn *conn;
    bool has[BUCKET_COUNT] = {false};
    enum err err = engine_read_begin(run->rooms->engine, &conn);
    if (err) {
        return err;
    }
    err = ledger_buckets(conn, has);
    engine_read_end(run->rooms->engine, conn);
    for (int bucket = 0; !err && bucket < BUCKET_COUNT; bucket++) {
        if (has[bucket]) {
            run->buckets[run->bucket_count++] = bucket;
        }
    }
    return err;
}

struct mark {
    struct date date;
    const char *step;
    int bucket;
    int64_t started_at, ended_at;
    int total;
};

static enum err mark_step(struct uow *uow, void *context)
{
    const struct mark *mark = context;
    return db_exec(uow->conn, &eod_step_put,
                   DB_ARGS(db_int(mark->date.days), db_text(mark->step), db_int(mark->started_at),
                           db_int(mark->ended_at), db_int(mark->total)),
                   NULL);
}

static enum err mark_bucket(struct uow *uow, void *context)
{
    const struct mark *mark = context;
    return db_exec(uow->conn, &eod_bucket_done_insert,
                   DB_ARGS(db_int(mark->bucket), db_int(mark->date.days), db_text(mark->step),
                           db_int(uow->now_us)),
                   NULL);
}

static enum err is_done(struct run *run, const char *step, int bucket, bool *out)
{
    struct db_conn *conn;
    struct db_rows rows;
    enum err err = engine_read_begin(run->rooms->engine, &conn);
    if (err) {
        return err;
    }
    err = db_query(conn, &eod_bucket_done_find,
                   DB_ARGS(db_int(bucket), db_int(run->date.days), db_text(step)), &rows);
    if (!err) {
        *out = db_rows_next(&rows);
        err = db_rows_close(&rows);
    }
    engine_read_end(run->rooms->engine, conn);
    return err;
}

static void tell(const struct run *run, const struct mark *mark, int done)
{
    struct eod_progress progress = {.done = done,
                                    .total = mark->total,
                                    .started_at = mark->started_at,
                                    .ended_at = mark->ended_at};
    snprintf(progress.step, sizeof progress.step, "%s", mark->step);
    if (run->listener != NULL) {
        run->listener(run->context, &progress);
    }
}

static enum err run_step(struct run *run, size_t index)
{
    struct engine *engine = run->rooms->engine;
    struct mark mark = {.date = run->date,
                        .step = steps[index].name,
                        .started_at = clock_now_us(engine_clock(engine)),
                        .total = steps[index].is_whole ? 1 : run->bucket_count};
    enum err err = run->dry ? ERR_OK : engine_run(engine, mark_step, &mark);
    for (int i = 0; !err && i < mark.total; i++) {
        bool done = false;
        mark.bucket = steps[index].is_whole ? 0 : run->buckets[i];
        err = is_done(run, mark.step, mark.bucket, &done);
        if (!err && !done && !run->dry) {
            err = steps[index].work(run->rooms, run->date, mark.bucket);
            err = err ? err : engine_run(engine, mark_bucket, &mark);
        }
        tell(run, &mark, i + 1);
    }
    if (!err && !run->dry) {
        mark.ended_at = clock_now_us(engine_clock(engine));
        err = engine_run(engine, mark_step, &mark);
    }
    if (!err) {
        tell(run, &mark, mark.total);
    }
    return err;
}

static enum err advance(struct uow *uow, void *context)
{
    const struct run *run = context;
    if (uow->business_date.days != run->date.days) {
        return ERR_OK; /* an earlier run did it */
    }
    return engine_business_date_set(uow, date_add_days(run->date, 1));
}

enum err eod_run(struct rooms *rooms, struct date date, bool dry_run, eod_listener *listener,
                 void *context)
{
    struct run run = {
        .rooms = rooms, .date = date, .dry = dry_run, .listener = listener, .context = context};
    struct date today = engine_business_date(rooms->engine);
    if (date.days != today.days && date.days != today.days - 1) {
        return ERR_INVALID_DATE;
    }
    enum err err = dry_run ? ERR_OK : engine_run(rooms->engine, advance, &run);
    if (!err && !dry_run) {
        /* Commands that began under the old date must have ended before it is read as closed. */
        err = engine_settle_date(rooms->engine);
    }
    err = err ? err : find_buckets(&run);
    for (size_t i = 0; !err && i < STEP_COUNT; i++) {
        err = run_step(&run, i);
    }
    return err;
}

enum err eod_steps(struct engine *engine, struct eod_progress out[EOD_STEPS_MAX], size_t *out_count)
{
    struct db_conn *conn;
    struct db_rows rows;
    size_t count = 0;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    err = db_query(conn, &eod_steps_newest, DB_NO_ARGS, &rows);
    while (!err && count < EOD_STEPS_MAX && db_rows_next(&rows)) {
        struct eod_progress *step = &out[count++];
        *step = (struct eod_progress){.started_at = db_rows_int(&rows, 1),
                                      .ended_at = db_rows_int(&rows, 2),
                                      .total = (int)db_rows_int(&rows, 3)};
        snprintf(step->step, sizeof step->step, "%s", db_rows_text(&rows, 0));
    }
    err = err ? err : db_rows_close(&rows);
    for (size_t i = 0; !err && i < count; i++) {
        err = db_query(conn, &eod_report_done_count, DB_ARGS(db_text(out[i].step)), &rows);
        if (!err) {
            out[i].done = db_rows_next(&rows) ? (int)db_rows_int(&rows, 0) : 0;
            err = db_rows_close(&rows);
        }
    }
    engine_read_end(engine, conn);
    *out_count = count;
    return err;
}
