#include "server/jobs.h"

#include "account/review.h"
#include "company/order.h"
#include "db/idempotency.h"
#include "privacy/retention.h"
#include "report/report.h"
#include "server/eod.h"
#include "staff/change.h"
#include "sys/log.h"
#include "sys/metrics.h"
#include "sys/thread.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_US INT64_C(100000)
/* Between two full hands, so that payments come first: 3,200 messages a second at most while the bank has
 * room, 640 while commands wait. */
#define DELIVERY_PAUSE_US INT64_C(20000)
#define DELIVERY_YIELD_US INT64_C(100000)
#define DELIVERY_YIELD_AT 8
#define HOLDS_A_RUN       200
#define QUERIES_A_RUN     50
#define SWEEP_ROWS        500
#define SWEEP_BUCKETS     32 /* buckets swept a minute: all of them in half an hour */
#define ANSWERS_KEPT_US   (2 * DAY_US)
#define CHECKPOINT_CHUNKS 8
#define KYC_ROWS          20
#define COMPANIES_A_RUN   10
#define REVIEW_BUCKETS    32 /* reviewed a minute, in the same way */
#define LEAVINGS_A_RUN    20
#define RETENTION_BUCKETS 32 /* looked at a minute, in the same way */
#define JOB_COUNT         19

struct job_state {
    _Atomic int64_t last_run_at, next_run_at, run_count;
    _Atomic int last_error; /* enum err */
};

struct jobs {
    struct rooms *rooms;
    struct thread thread, eod_thread;
    struct thread delivery_thread;
    atomic_bool stopping;
    bool automatic_eod;
    struct job_state states[JOB_COUNT];
    int next_sweep_bucket, next_review_bucket, next_retention_bucket;
    struct date reviewed_on[BUCKET_COUNT]; /* when all accounts of a bucket were looked at */
    int64_t kyc_count;                     /* of the last run of a job of verification */
    /* End of day: one at a time, started by the clock or by staff. */
    struct mutex eod_mutex;
    bool eod_running, eod_joinable, eod_dry;
    struct date eod_date;
    struct eod_progress eod_progress[EOD_STEPS_MAX];
    size_t eod_progress_count;
    struct server_doors doors;
};

/* --- the jobs --------------------------------------------------------------------------------- */

/* Alerts that nobody has dealt with, for who watches the bank from outside. */
static enum err show_alerts(struct jobs *jobs)
{
    struct db_conn *conn;
    struct payment_alert_counts counts = {0};
    struct engine *engine = jobs->rooms->engine;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    int64_t now_us = clock_now_us(engine_clock(engine));
    err = payment_alert_counts(conn, now_us, &counts);
    engine_read_end(engine, conn);
    if (!err) {
        metrics_set(metrics_gauge("payment_alerts_open",
                                  "Alerts of payments that nobody has dealt with.", ""),
                    counts.open);
        metrics_set(metrics_gauge("payment_alert_oldest_seconds",
                                  "Age of the oldest open alert of a payment, 0: none.", ""),
                    counts.open == 0 ? 0 : (now_us - counts.oldest_at) / 1000000);
    }
    return err;
}

static enum err ask_channel(struct jobs *jobs)
{
    size_t count;
    enum err err = payment_query_due(jobs->rooms->engine, &jobs->rooms->channel.channel,
                                     QUERIES_A_RUN, &count);
    enum err shown = show_alerts(jobs);
    return err ? err : shown;
}

struct due_holds {
    struct hold_id ids[HOLDS_A_RUN];
    uint16_t recipes[HOLDS_A_RUN];
    int64_t refs[HOLDS_A_RUN];
    size_t count, next;
};

static bool collect_hold(const struct ledger_hold_row *hold, void *context)
{
    struct due_holds *due = context;
    due->ids[due->count] = (struct hold_id){hold->id};
    due->recipes[due->count] = hold->recipe;
    due->refs[due->count++] = hold->ref_id;
    return due->count < HOLDS_A_RUN;
}

static enum err expire_one(struct uow *uow, void *context)
{
    const struct due_holds *due = context;
    struct journal_result result;
    struct hold_end end = {.hold = due->ids[due->next],
                           .kind = LEDGER_EXPIRE,
                           .recipe = due->recipes[due->next],
                           .recipe_version = 1,
                           .booking_date = uow->business_date,
                           .ref_id = due->refs[due->next]};
    enum err err = ledger_hold_end(uow->ledger, &end, &result);
    return err == ERR_HOLD_ENDED ? ERR_OK : err; /* captured meanwhile */
}

static enum err expire_holds(struct jobs *jobs)
{
    struct due_holds due = {.count = 0};
    struct db_conn *conn;
    enum err err = engine_read_begin(jobs->rooms->engine, &conn);
    if (err) {
        return err;
    }
    err = ledger_holds_due(conn, clock_now_us(engine_clock(jobs->rooms->engine)), HOLDS_A_RUN,
                           collect_hold, &due);
    engine_read_end(jobs->rooms->engine, conn);
    for (; !err && due.next < due.count; due.next++) {
        err = engine_run(jobs->rooms->engine, expire_one, &due);
    }
    return err;
}

static enum err unfreeze_some(struct uow *uow, void *context)
{
    return account_unfreeze_due(uow, 100, context);
}

static enum err unfreeze(struct jobs *jobs)
{
    size_t count = 100;
    enum err err = ERR_OK;
    while (!err && count == 100) {
        err = engine_run(jobs->rooms->engine, unfreeze_some, &count);
    }
    return err;
}

/* Changes that nobody decided in time. */
static enum err expire_changes_some(struct uow *uow, void *context)
{
    return change_expire(uow, context);
}

static enum err expire_changes(struct jobs *jobs)
{
    size_t count = CHANGE_DUE_BATCH;
    enum err err = ERR_OK;
    while (!err && count == CHANGE_DUE_BATCH) {
        err = engine_run(jobs->rooms->engine, expire_changes_some, &count);
    }
    return err;
}

static enum err seal_some(struct uow *uow, void *context)
{
    (void)context;
    return ledger_seal_due(engine_ledger(uow->engine), uow->conn, uow->now_us);
}

static enum err seal(struct jobs *jobs)
{
    return engine_run(jobs->rooms->engine, seal_some, NULL);
}

static enum err checkpoint_some(struct uow *uow, void *context)
{
    (void)context;
    return ledger_checkpoint(engine_ledger(uow->engine), uow->conn, CHECKPOINT_CHUNKS);
}

static enum err checkpoint(struct jobs *jobs)
{
    return engine_run(jobs->rooms->engine, checkpoint_some, NULL);
}

struct sweep {
    struct customer_room *customers;
    int bucket;
};

static enum err sweep_bucket(struct uow *uow, void *context)
{
    struct sweep *sweep = context;
    int64_t count;
    enum err err = customer_sweep(sweep->customers, uow, sweep->bucket, SWEEP_ROWS, &count);
    return err ? err
               : idempotency_purge(uow->conn, sweep->bucket, uow->now_us - ANSWERS_KEPT_US, &count);
}

static enum err sweep(struct jobs *jobs)
{
    struct sweep sweep = {.customers = jobs->rooms->customers};
    enum err err = ERR_OK;
    for (int i = 0; !err && i < SWEEP_BUCKETS; i++) {
        sweep.bucket = jobs->next_sweep_bucket++ % BUCKET_COUNT;
        err = engine_run(jobs->rooms->engine, sweep_bucket, &sweep);
    }
    return err;
}

static enum err refresh_figures(struct jobs *jobs)
{
    return rooms_refresh_figures(jobs->rooms);
}

static enum err review_accounts(struct jobs *jobs)
{
    struct review_count count = {.seen = 0};
    struct engine *engine = jobs->rooms->engine;
    struct date today = engine_civil_date(engine, clock_now_us(engine_clock(engine)));
    enum err err = ERR_OK;
    for (int i = 0; !err && i < REVIEW_BUCKETS; i++) {
        int bucket = jobs->next_review_bucket++ % BUCKET_COUNT;
        bool is_new_day = date_compare(jobs->reviewed_on[bucket], today) != 0;
        err = account_review_bucket(jobs->rooms->engine, jobs->rooms->customers,
                                    jobs->rooms->catalogue, bucket,
                                    is_new_day ? REVIEW_ALL : REVIEW_PENDING, &count);
        jobs->reviewed_on[bucket] = err ? jobs->reviewed_on[bucket] : today;
    }
    if (count.suspended + count.lifted > 0) {
        log_event(LOG_INFO, "accounts_reviewed", log_int("suspended", (int64_t)count.suspended),
                  log_int("lifted", (int64_t)count.lifted));
    }
    return err;
}

/* What the verification of people keeps goes when its time is over. */
static enum err erase_some(struct uow *uow, void *context)
{
    struct jobs *jobs = context;
    return kyc_sweep(jobs->rooms->kyc, uow, KYC_ROWS, &jobs->kyc_count);
}

static enum err erase_verification(struct jobs *jobs)
{
    enum err err = ERR_OK;
    do {
        err = engine_run(jobs->rooms->engine, erase_some, jobs);
    } while (!err && jobs->kyc_count >= KYC_ROWS && !atomic_load(&jobs->stopping));
    return err;
}

static enum err tell_some(struct uow *uow, void *context)
{
    struct jobs *jobs = context;
    return kyc_tell_late(jobs->rooms->kyc, uow, KYC_ROWS, &jobs->kyc_count);
}

static enum err tell_late(struct jobs *jobs)
{
    return engine_run(jobs->rooms->engine, tell_some, jobs);
}

/* The registry is slow or silent at times: those it left open are asked about again. */
static enum err ask_registry(struct jobs *jobs)
{
    return kyc_registry_retry(jobs->rooms->kyc, jobs->rooms->engine, KYC_ROWS, &jobs->kyc_count);
}

/* Those whose last payment has arrived, however the process ended that asked for it. */
static enum err finish_leavings(struct jobs *jobs)
{
    size_t count = 0;
    return leaving_follow_due(&jobs->rooms->privacy, jobs->rooms->engine, LEAVINGS_A_RUN, &count);
}

static enum err keep_retention(struct jobs *jobs)
{
    struct retention_count count = {.swept = 0};
    enum err err = ERR_OK;
    for (int i = 0; !err && i < RETENTION_BUCKETS; i++) {
        int bucket = jobs->next_retention_bucket++ % BUCKET_COUNT;
        err = retention_run(&jobs->rooms->privacy, jobs->rooms->engine, bucket, &count);
    }
    if (count.persons > 0) {
        log_event(LOG_INFO, "persons_erased", log_int("count", (int64_t)count.persons));
    }
    return err;
}

/* Payments of companies that nobody approved in time. */
static enum err expire_orders(struct uow *uow, void *context)
{
    return order_expire(uow, HOLDS_A_RUN, context);
}

/* The business registry is asked about each company once a month. */
static enum err recheck_companies(struct jobs *jobs)
{
    size_t count = 0;
    enum err err = engine_run(jobs->rooms->engine, expire_orders, &count);
    return err ? err
               : company_recheck(jobs->rooms->companies, jobs->rooms->engine, COMPANIES_A_RUN,
                                 &count);
}

/* Keeps the sums that the trial balance and the dashboard start from. */
static enum err sum_books(struct jobs *jobs)
{
    return report_eod_gl_days(jobs->rooms->engine, NULL);
}

/* Customers' money that the reserve does not cover: an error of this job until it does. */
static enum err watch_reserve(struct jobs *jobs)
{
    struct engine *engine = jobs->rooms->engine;
    struct db_conn *conn;
    struct report_funds funds;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    err = report_funds(engine_ledger(engine), conn, CCY_CNY, &funds);
    engine_read_end(engine, conn);
    err = err ? err : report_funds_decide(&funds);
    if (err == ERR_RESERVE_SHORT) {
        log_event(LOG_ERROR, "reserve_short",
                  log_int("customers_minor", funds.customer_funds_minor),
                  log_int("reserve_minor", funds.reserve_minor),
                  log_int("in_clearing_minor", funds.in_clearing_minor));
    }
    return err;
}

/* The day that the business date names has ended: close it. A bank that stood still for days closes
 * them one after another. */
static enum err close_days(struct jobs *jobs)
{
    struct engine *engine = jobs->rooms->engine;
    struct date today = engine_civil_date(engine, clock_now_us(engine_clock(engine)));
    if (!jobs->automatic_eod || engine_business_date(engine).days >= today.days) {
        return ERR_OK;
    }
    enum err err = jobs->doors.end_of_day(jobs, engine_business_date(engine), false);
    return err == ERR_BUSY ? ERR_OK : err;
}

/* Outbox deliveries have a thread of their own: an outside party that is slow holds up nothing. */
static const struct {
    const char *name;
    const char *schedule;
    int64_t every_us;
    enum err (*run)(struct jobs *jobs);
} table[JOB_COUNT] = {
    {"deliverOutbox", "every 0.2 s", 0, NULL},
    {"queryPayments", "every second", 1000000, ask_channel},
    {"expireHolds", "every 5 s", 5000000, expire_holds},
    {"liftFreezes", "every minute", 60000000, unfreeze},
    {"expireChanges", "every minute", 60000000, expire_changes},
    {"sealBooks", "every 5 s", 5000000, seal},
    {"checkpointBalances", "every minute", 60000000, checkpoint},
    {"sweep", "every minute", 60000000, sweep},
    {"refreshFigures", "every 2 s", 2000000, refresh_figures},
    {"accountsReview", "every minute", 60000000, review_accounts},
    {"eraseVerification", "every minute", 60000000, erase_verification},
    {"tellLateReviews", "every minute", 60000000, tell_late},
    {"askRegistry", "every 10 s", 10000000, ask_registry},
    {"finishLeavings", "every 2 s", 2000000, finish_leavings},
    {"retention", "every minute", 60000000, keep_retention},
    {"recheckCompanies", "every minute", 60000000, recheck_companies},
    {"sumBooks", "every minute", 60000000, sum_books},
    {"watchReserve", "every minute", 60000000, watch_reserve},
    {"endOfDay", "when the day has ended", 1000000, close_days},
};

static void note_run(struct job_state *state, int64_t now_us, int64_t every_us, enum err err)
{
    atomic_store(&state->last_run_at, now_us);
    atomic_store(&state->next_run_at, now_us + every_us);
    atomic_store(&state->last_error, (int)err);
    atomic_fetch_add(&state->run_count, 1);
}

static void jobs_main(void *argument)
{
    struct jobs *jobs = argument;
    struct clock *clock = engine_clock(jobs->rooms->engine);
    while (!atomic_load(&jobs->stopping)) {
        for (size_t i = 0; i < JOB_COUNT && !atomic_load(&jobs->stopping); i++) {
            int64_t now_us = clock_now_us(clock);
            if (table[i].run == NULL || now_us < atomic_load(&jobs->states[i].next_run_at)) {
                continue;
            }
            enum err err = table[i].run(jobs);
            note_run(&jobs->states[i], now_us, table[i].every_us, err);
            if (err) {
                log_event(LOG_WARN, "job_failed", log_string("job", table[i].name), log_err(err));
            }
        }
        thread_sleep_us(TICK_US);
    }
}

static void delivery_main(void *argument)
{
    struct jobs *jobs = argument;
    while (!atomic_load(&jobs->stopping)) {
        size_t count = 0;
        enum err err = outbox_deliver(jobs->rooms, 64, &count);
        note_run(&jobs->states[0], clock_now_us(engine_clock(jobs->rooms->engine)), 2 * TICK_US,
                 err);
        bool is_busy = engine_waiting(jobs->rooms->engine) >= DELIVERY_YIELD_AT;
        thread_sleep_us(err || count == 0 ? 2 * TICK_US
                        : is_busy         ? DELIVERY_YIELD_US
                                          : DELIVERY_PAUSE_US);
    }
}

/* --- end of day ------------------------------------------------------------------------------- */

static void keep_progress(void *context, const struct eod_progress *progress)
{
    struct jobs *jobs = context;
    mutex_lock(&jobs->eod_mutex);
    size_t i = 0;
    while (i < jobs->eod_progress_count &&
           strcmp(jobs->eod_progress[i].step, progress->step) != 0) {
        i++;
    }
    if (i < EOD_STEPS_MAX) {
        jobs->eod_progress[i] = *progress;
        jobs->eod_progress_count =
            i + 1 > jobs->eod_progress_count ? i + 1 : jobs->eod_progress_count;
    }
    mutex_unlock(&jobs->eod_mutex);
}

static void eod_main(void *argument)
{
    struct jobs *jobs = argument;
    enum err err = eod_run(jobs->rooms, jobs->eod_date, jobs->eod_dry, keep_progress, jobs);
    char date[DATE_TEXT_SIZE];
    date_format(jobs->eod_date, date);
    log_event(err ? LOG_ERROR : LOG_INFO, "end_of_day", log_string("date", date),
              log_bool("dry_run", jobs->eod_dry), log_err(err));
    note_run(&jobs->states[JOB_COUNT - 1], clock_now_us(engine_clock(jobs->rooms->engine)), 1000000,
             err);
    mutex_lock(&jobs->eod_mutex);
    jobs->eod_running = false;
    mutex_unlock(&jobs->eod_mutex);
}

static enum err start_eod(void *context, struct date date, bool dry_run)
{
    struct jobs *jobs = context;
    struct date today = engine_business_date(jobs->rooms->engine);
    if (date.days != today.days && date.days != today.days - 1) {
        return ERR_INVALID_DATE;
    }
    mutex_lock(&jobs->eod_mutex);
    if (jobs->eod_running || atomic_load(&jobs->stopping)) {
        mutex_unlock(&jobs->eod_mutex);
        return ERR_BUSY;
    }
    if (jobs->eod_joinable) {
        thread_join(&jobs->eod_thread);
    }
    jobs->eod_date = date;
    jobs->eod_dry = dry_run;
    jobs->eod_progress_count = 0;
    enum err err = thread_start(&jobs->eod_thread, "eod", eod_main, jobs);
    jobs->eod_running = jobs->eod_joinable = err == ERR_OK;
    mutex_unlock(&jobs->eod_mutex);
    return err;
}

static size_t view_steps(void *context, struct eod_step_view *out, size_t max, bool *out_running)
{
    struct jobs *jobs = context;
    struct eod_progress steps[EOD_STEPS_MAX];
    size_t count = 0;
    mutex_lock(&jobs->eod_mutex);
    *out_running = jobs->eod_running;
    if (jobs->eod_running) {
        count = jobs->eod_progress_count;
        memcpy(steps, jobs->eod_progress, sizeof steps);
    }
    mutex_unlock(&jobs->eod_mutex);
    if (!*out_running && eod_steps(jobs->rooms->engine, steps, &count)) {
        count = 0;
    }
    for (size_t i = 0; i < count && i < max; i++) {
        out[i] = (struct eod_step_view){.done = steps[i].done,
                                        .total = steps[i].total,
                                        .started_at = steps[i].started_at,
                                        .ended_at = steps[i].ended_at};
        snprintf(out[i].step, sizeof out[i].step, "%.31s", steps[i].step);
        snprintf(out[i].state, sizeof out[i].state, "%s",
                 steps[i].ended_at                     ? "done"
                 : steps[i].started_at && *out_running ? "running"
                                                       : "todo");
    }
    return count < max ? count : max;
}

static size_t view_jobs(void *context, struct job_view *out, size_t max)
{
    struct jobs *jobs = context;
    size_t count = max < JOB_COUNT ? max : JOB_COUNT;
    for (size_t i = 0; i < count; i++) {
        const struct job_state *state = &jobs->states[i];
        int error = atomic_load(&state->last_error);
        out[i] = (struct job_view){.last_run_at = atomic_load(&state->last_run_at),
                                   .next_run_at = atomic_load(&state->next_run_at),
                                   .run_count = atomic_load(&state->run_count)};
        snprintf(out[i].name, sizeof out[i].name, "%s", table[i].name);
        snprintf(out[i].schedule, sizeof out[i].schedule, "%s", table[i].schedule);
        snprintf(out[i].last_error, sizeof out[i].last_error, "%s",
                 error ? err_slug((enum err)error) : "");
    }
    return count;
}

/* --- life ------------------------------------------------------------------------------------- */

struct server_doors *jobs_doors(struct jobs *jobs)
{
    return &jobs->doors;
}

enum err jobs_start(struct rooms *rooms, bool automatic_eod, struct jobs **out)
{
    struct jobs *jobs = calloc(1, sizeof *jobs);
    if (jobs == NULL) {
        return ERR_NO_MEMORY;
    }
    jobs->rooms = rooms;
    jobs->automatic_eod = automatic_eod;
    mutex_init(&jobs->eod_mutex);
    jobs->doors = (struct server_doors){
        .context = jobs, .end_of_day = start_eod, .jobs = view_jobs, .eod_steps = view_steps};
    enum err err = thread_start(&jobs->thread, "jobs", jobs_main, jobs);
    if (!err) {
        err = thread_start(&jobs->delivery_thread, "outbox", delivery_main, jobs);
        if (err) {
            atomic_store(&jobs->stopping, true);
            thread_join(&jobs->thread);
        }
    }
    if (err) {
        mutex_release(&jobs->eod_mutex);
        free(jobs);
        return err;
    }
    *out = jobs;
    return ERR_OK;
}

void jobs_stop(struct jobs *jobs)
{
    mutex_lock(&jobs->eod_mutex);
    atomic_store(&jobs->stopping, true);
    mutex_unlock(&jobs->eod_mutex);
    thread_join(&jobs->thread);
    thread_join(&jobs->delivery_thread);
    if (jobs->eod_joinable) {
        thread_join(&jobs->eod_thread);
    }
    mutex_release(&jobs->eod_mutex);
    free(jobs);
}
