#include "server/jobs.h"

#include "account/review.h"
#include "company/order.h"
#include "db/idempotency.h"
#include "frame/job.h"
#include "privacy/retention.h"
#include "report/report.h"
#include "server/reseal.h"
#include "server/reserve.h"
#include "server/steps.h"
#include "staff/change.h"
#include "sys/log.h"
#include "sys/metrics.h"
#include "sys/thread.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
#define RESEAL_STEPS      8
#define RETENTION_BUCKETS 32 /* looked at a minute, in the same way */

struct server_jobs {
    struct house *house;
    struct lanes *lanes;
    struct jobs *jobs;
    struct eod *eod;
    atomic_bool is_stopping;
    bool automatic_eod;
    int next_sweep_bucket, next_review_bucket, next_retention_bucket;
    struct date reviewed_on[BUCKET_COUNT]; /* when all accounts of a bucket were looked at */
    struct sealed_walk resealing;
    int64_t erased_count, late_count, asked_count; /* of the last run of a job of verification */
    /* What staff asked of the end of day, and how far it is. */
    struct mutex eod_mutex;
    bool is_eod_asked, is_eod_dry;
    bool is_eod_running;
    struct eod_status owed;      /* as last seen */
    struct reserve_view reserve; /* as last seen */
    struct date eod_date;
    struct eod_progress eod_progress[EOD_STEPS_MAX];
    size_t eod_progress_count;
    struct server_doors doors;
};

/* --- the jobs --------------------------------------------------------------------------------- */

/* Alerts that nobody has dealt with, for who watches the bank from outside. */
static enum err show_alerts(struct server_jobs *jobs)
{
    struct db_conn *conn;
    struct payment_alert_counts counts = {0};
    struct engine *engine = jobs->house->engine;
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

static enum err ask_channel(void *context)
{
    struct server_jobs *jobs = context;
    size_t count;
    enum err err = payment_query_due(jobs->house->engine, payment_channel_of(jobs->house),
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

static enum err expire_holds(void *context)
{
    struct server_jobs *jobs = context;
    struct due_holds due = {.count = 0};
    struct db_conn *conn;
    enum err err = engine_read_begin(jobs->house->engine, &conn);
    if (err) {
        return err;
    }
    err = ledger_holds_due(conn, clock_now_us(engine_clock(jobs->house->engine)), HOLDS_A_RUN,
                           collect_hold, &due);
    engine_read_end(jobs->house->engine, conn);
    for (; !err && due.next < due.count; due.next++) {
        err = engine_run(jobs->house->engine, expire_one, &due);
    }
    return err;
}

static enum err unfreeze_some(struct uow *uow, void *context)
{
    return account_unfreeze_due(uow, 100, context);
}

static enum err unfreeze(void *context)
{
    struct server_jobs *jobs = context;
    size_t count = 100;
    enum err err = ERR_OK;
    while (!err && count == 100) {
        err = engine_run(jobs->house->engine, unfreeze_some, &count);
    }
    return err;
}

/* Changes that nobody decided in time. */
static enum err expire_changes_some(struct uow *uow, void *context)
{
    return change_expire(uow, context);
}

static enum err expire_changes(void *context)
{
    struct server_jobs *jobs = context;
    size_t count = CHANGE_DUE_BATCH;
    enum err err = ERR_OK;
    while (!err && count == CHANGE_DUE_BATCH) {
        err = engine_run(jobs->house->engine, expire_changes_some, &count);
    }
    return err;
}

static enum err seal_some(struct uow *uow, void *context)
{
    (void)context;
    return ledger_seal_due(engine_ledger(uow->engine), uow->conn, uow->now_us);
}

static enum err seal(void *context)
{
    struct server_jobs *jobs = context;
    return engine_run(jobs->house->engine, seal_some, NULL);
}

static enum err checkpoint_some(struct uow *uow, void *context)
{
    (void)context;
    return ledger_checkpoint(engine_ledger(uow->engine), uow->conn, CHECKPOINT_CHUNKS);
}

static enum err checkpoint(void *context)
{
    struct server_jobs *jobs = context;
    return engine_run(jobs->house->engine, checkpoint_some, NULL);
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

static enum err sweep(void *context)
{
    struct server_jobs *jobs = context;
    struct sweep sweep = {.customers = customer_room_of(jobs->house)};
    enum err err = ERR_OK;
    for (int i = 0; !err && i < SWEEP_BUCKETS; i++) {
        sweep.bucket = jobs->next_sweep_bucket++ % BUCKET_COUNT;
        err = engine_run(jobs->house->engine, sweep_bucket, &sweep);
    }
    return err;
}

/* Figures that changed, also by another process. */
static enum err refresh_figures(void *context)
{
    struct server_jobs *jobs = context;
    struct db_conn *conn;
    bool changed = false;
    enum err err = engine_read_begin(jobs->house->engine, &conn);
    if (err) {
        return err;
    }
    err = catalogue_refresh(jobs->house->catalogue, conn, &changed);
    engine_read_end(jobs->house->engine, conn);
    return err;
}

static enum err review_accounts(void *context)
{
    struct server_jobs *jobs = context;
    struct review_count count = {.seen = 0};
    struct engine *engine = jobs->house->engine;
    struct date today = engine_civil_date(engine, clock_now_us(engine_clock(engine)));
    enum err err = ERR_OK;
    for (int i = 0; !err && i < REVIEW_BUCKETS; i++) {
        int bucket = jobs->next_review_bucket++ % BUCKET_COUNT;
        bool is_new_day = date_compare(jobs->reviewed_on[bucket], today) != 0;
        err = account_review_bucket(jobs->house->engine, customer_room_of(jobs->house),
                                    jobs->house->catalogue, bucket,
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
    struct server_jobs *jobs = context;
    return kyc_sweep(kyc_room_of(jobs->house), uow, KYC_ROWS, &jobs->erased_count);
}

static enum err erase_verification(void *context)
{
    struct server_jobs *jobs = context;
    enum err err = ERR_OK;
    do {
        err = engine_run(jobs->house->engine, erase_some, jobs);
    } while (!err && jobs->erased_count >= KYC_ROWS && !atomic_load(&jobs->is_stopping));
    return err;
}

static enum err tell_some(struct uow *uow, void *context)
{
    struct server_jobs *jobs = context;
    return kyc_tell_late(kyc_room_of(jobs->house), uow, KYC_ROWS, &jobs->late_count);
}

static enum err tell_late(void *context)
{
    struct server_jobs *jobs = context;
    return engine_run(jobs->house->engine, tell_some, jobs);
}

/* The registry is slow or silent at times: those it left open are asked about again. */
static enum err ask_registry(void *context)
{
    struct server_jobs *jobs = context;
    return kyc_registry_retry(kyc_room_of(jobs->house), jobs->house->engine, KYC_ROWS,
                              &jobs->asked_count);
}

/* Those whose last payment has arrived, however the process ended that asked for it. */
static enum err finish_leavings(void *context)
{
    struct server_jobs *jobs = context;
    size_t count = 0;
    return leaving_follow_due(privacy_room_of(jobs->house), jobs->house->engine, LEAVINGS_A_RUN,
                              &count);
}

static enum err keep_retention(void *context)
{
    struct server_jobs *jobs = context;
    struct retention_count count = {.swept = 0};
    enum err err = ERR_OK;
    for (int i = 0; !err && i < RETENTION_BUCKETS; i++) {
        int bucket = jobs->next_retention_bucket++ % BUCKET_COUNT;
        err = retention_run(privacy_room_of(jobs->house), jobs->house->engine, bucket, &count);
    }
    if (count.persons > 0) {
        log_event(LOG_INFO, "persons_erased", log_int("count", (int64_t)count.persons));
    }
    return err;
}

/* What older master keys sealed is sealed under the newest one. */
static enum err reseal_fields(void *context)
{
    struct server_jobs *jobs = context;
    return reseal_run(jobs->house->engine, jobs->house->vault, RESEAL_STEPS, &jobs->resealing);
}

/* Payments of companies that nobody approved in time. */
static enum err expire_orders(struct uow *uow, void *context)
{
    return order_expire(uow, HOLDS_A_RUN, context);
}

/* The business registry is asked about each company once a month. */
static enum err recheck_companies(void *context)
{
    struct server_jobs *jobs = context;
    size_t count = 0;
    enum err err = engine_run(jobs->house->engine, expire_orders, &count);
    return err ? err
               : company_recheck(company_room_of(jobs->house), jobs->house->engine, COMPANIES_A_RUN,
                                 &count);
}

/* Keeps the sums that the trial balance and the dashboard start from. */
static enum err sum_books(void *context)
{
    struct server_jobs *jobs = context;
    return report_eod_gl_days(jobs->house->engine, NULL);
}

static enum err watch_reserve(void *context)
{
    struct server_jobs *jobs = context;
    struct reserve_view seen;
    enum err err = reserve_watch(jobs->house->engine, &seen);
    if (err && err != ERR_RESERVE_SHORT) {
        return err;
    }
    mutex_lock(&jobs->eod_mutex);
    jobs->reserve = seen;
    mutex_unlock(&jobs->eod_mutex);
    return err;
}

static enum err watch_clock(void *context)
{
    struct server_jobs *jobs = context;
    return engine_clock_keep(jobs->house->engine);
}

/* --- delivery --------------------------------------------------------------------------------- */

static enum err deliver_news(void *context)
{
    struct server_jobs *jobs = context;
    size_t count = 0;
    return outbox_deliver_news(jobs->house, &count);
}

static enum err deliver_outside(void *context)
{
    struct server_jobs *jobs = context;
    return outbox_hand_out(jobs->house, jobs->lanes);
}

/* --- end of day ------------------------------------------------------------------------------- */

static void keep_progress(void *context, const struct eod_progress *progress)
{
    struct server_jobs *jobs = context;
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

static enum err load_owed(struct server_jobs *jobs, struct eod_status *out)
{
    struct db_conn *conn;
    enum err err = engine_read_begin(jobs->house->engine, &conn);
    if (err) {
        return err;
    }
    err = eod_status_load(conn, out);
    engine_read_end(jobs->house->engine, conn);
    return err;
}

static void eod_began(struct server_jobs *jobs)
{
    mutex_lock(&jobs->eod_mutex);
    jobs->is_eod_running = true;
    jobs->eod_progress_count = 0;
    mutex_unlock(&jobs->eod_mutex);
}

static void eod_ended(struct server_jobs *jobs, bool was_asked)
{
    mutex_lock(&jobs->eod_mutex);
    jobs->is_eod_running = false;
    jobs->is_eod_asked = was_asked ? false : jobs->is_eod_asked;
    mutex_unlock(&jobs->eod_mutex);
}

static enum err run_asked(struct server_jobs *jobs)
{
    mutex_lock(&jobs->eod_mutex);
    struct date date = jobs->eod_date;
    bool dry_run = jobs->is_eod_dry;
    mutex_unlock(&jobs->eod_mutex);
    eod_began(jobs);
    enum err err = eod_run(jobs->eod, date, dry_run, keep_progress, jobs);
    eod_ended(jobs, true);
    return err;
}

/* One date on, if its civil day has ended. */
static enum err close_due(struct server_jobs *jobs)
{
    struct engine *engine = jobs->house->engine;
    struct date open = engine_business_date(engine);
    struct clock_reading reading = engine_clock_read(engine);
    if (!jobs->automatic_eod || open.days >= engine_civil_date(engine, reading.now_us).days) {
        return ERR_OK;
    }
    return eod_close(jobs->eod, open);
}

/* What is owed is taken up again, oldest first, for ever; its error stays the job's until it is mended,
 * whatever became of other dates. */
static enum err end_of_day(void *context)
{
    struct server_jobs *jobs = context;
    struct eod_status status = {.unfinished = 0};
    struct date worked;
    mutex_lock(&jobs->eod_mutex);
    bool is_asked = jobs->is_eod_asked;
    mutex_unlock(&jobs->eod_mutex);
    enum err asked = is_asked ? run_asked(jobs) : ERR_OK;
    enum err closed = close_due(jobs);
    enum err err = load_owed(jobs, &status);
    if (!err && status.unfinished > 0 &&
        clock_now_us(engine_clock(jobs->house->engine)) >= eod_next_try_at(&status)) {
        eod_began(jobs);
        err = eod_work_oldest(jobs->eod, keep_progress, jobs, &worked);
        eod_ended(jobs, false);
        err = err == ERR_BUSY || err == ERR_NOT_FOUND ? ERR_OK : err;
        enum err again = load_owed(jobs, &status);
        err = err ? err : again;
    }
    if (!err || status.unfinished > 0) {
        mutex_lock(&jobs->eod_mutex);
        jobs->owed = status;
        mutex_unlock(&jobs->eod_mutex);
        rooms_show_owed(jobs->house, &status);
    }
    if (!err && status.unfinished > 0 && status.error[0] != '\0') {
        err = err_from_slug(status.error);
    }
    return err ? err : closed ? closed : asked;
}

static enum err show_outbox(void *context)
{
    struct server_jobs *jobs = context;
    return outbox_show(jobs->house);
}

#define LANE_BOOKS    "books"
#define LANE_CLEARING "clearing"
#define LANE_REGISTRY "registry"

static const struct lane_row lane_rows[] = {
    /* Never calls outside. */
    {LANE(LANE_BOOKS), .threads = 3, .waiting_max = JOBS_MAX},
    {LANE("end-of-day"), .threads = 1, .waiting_max = 4},
    /* One for each outside party. */
    {LANE(LANE_CLEARING), .threads = 8, .waiting_max = 64, .wait_max_us = 15000000},
    {LANE("sms"), .threads = 4, .waiting_max = 64, .wait_max_us = 15000000},
    {LANE(LANE_REGISTRY), .threads = 2, .waiting_max = 16, .wait_max_us = 15000000},
    {LANE("business"), .threads = 1, .waiting_max = 16, .wait_max_us = 15000000},
    {0}};

static const struct job_row job_rows[] = {
    {"deliverNews", "every 0.1 s", 20000, LANE_BOOKS, deliver_news},
    {"deliverOutbox", "every 0.2 s", 200000, LANE_BOOKS, deliver_outside},
    {"queryPayments", "every second", 1000000, LANE_CLEARING, ask_channel},
    {"expireHolds", "every 5 s", 5000000, LANE_BOOKS, expire_holds},
    {"liftFreezes", "every minute", 60000000, LANE_BOOKS, unfreeze},
    {"expireChanges", "every minute", 60000000, LANE_BOOKS, expire_changes},
    {"sealBooks", "every 5 s", 5000000, LANE_BOOKS, seal},
    {"checkpointBalances", "every minute", 60000000, LANE_BOOKS, checkpoint},
    {"sweep", "every minute", 60000000, LANE_BOOKS, sweep},
    {"refreshFigures", "every 2 s", 2000000, LANE_BOOKS, refresh_figures},
    {"accountsReview", "every minute", 60000000, LANE_BOOKS, review_accounts},
    {"eraseVerification", "every minute", 60000000, LANE_BOOKS, erase_verification},
    {"tellLateReviews", "every minute", 60000000, LANE_BOOKS, tell_late},
    {"askRegistry", "every 10 s", 10000000, LANE_REGISTRY, ask_registry},
    {"finishLeavings", "every 2 s", 2000000, LANE_BOOKS, finish_leavings},
    {"retention", "every minute", 60000000, LANE_BOOKS, keep_retention},
    {"recheckCompanies", "every minute", 60000000, "business", recheck_companies},
    {"sumBooks", "every minute", 60000000, LANE_BOOKS, sum_books},
    {"watchReserve", "every 15 s", 15000000, LANE_BOOKS, watch_reserve},
    {"watchClock", "every second", 1000000, LANE_BOOKS, watch_clock},
    {"watchOutbox", "every 15 s", 15000000, LANE_BOOKS, show_outbox},
    {"resealFields", "every second", 1000000, LANE_BOOKS, reseal_fields},
    {"endOfDay", "when the day has ended", 1000000, "end-of-day", end_of_day},
    {0}};

/* --- doors ------------------------------------------------------------------------------------ */

static enum err ask_eod(void *context, struct date date, bool dry_run)
{
    struct server_jobs *jobs = context;
    enum err err = dry_run ? ERR_OK : eod_check(jobs->eod, date);
    struct eod_status status;
    if (err == ERR_DAY_CLOSED && load_owed(jobs, &status) == ERR_OK && status.unfinished > 0 &&
        status.oldest.days <= date.days) {
        err = ERR_OK; /* asking again finishes it */
    }
    if (err) {
        return err;
    }
    mutex_lock(&jobs->eod_mutex);
    if (jobs->is_eod_running || jobs->is_eod_asked || atomic_load(&jobs->is_stopping)) {
        err = ERR_BUSY;
    } else {
        jobs->is_eod_asked = true;
        jobs->eod_date = date;
        jobs->is_eod_dry = dry_run;
        jobs->eod_progress_count = 0;
    }
    mutex_unlock(&jobs->eod_mutex);
    if (!err) {
        jobs_hasten(jobs->jobs, "endOfDay");
    }
    return err;
}

static size_t view_steps(void *context, struct eod_step_view *out, size_t max, bool *out_running)
{
    struct server_jobs *jobs = context;
    struct eod_progress steps[EOD_STEPS_MAX];
    struct db_conn *conn;
    size_t count = 0;
    mutex_lock(&jobs->eod_mutex);
    *out_running = jobs->is_eod_running || jobs->is_eod_asked;
    if (*out_running) {
        count = jobs->eod_progress_count;
        memcpy(steps, jobs->eod_progress, sizeof steps);
    }
    mutex_unlock(&jobs->eod_mutex);
    if (!*out_running && engine_read_begin(jobs->house->engine, &conn) == ERR_OK) {
        if (eod_steps_load(conn, steps, &count)) {
            count = 0;
        }
        engine_read_end(jobs->house->engine, conn);
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
    struct server_jobs *jobs = context;
    struct job_status statuses[JOBS_MAX];
    size_t count = jobs_view(jobs->jobs, statuses, max < JOBS_MAX ? max : JOBS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct job_status *status = &statuses[i];
        out[i] = (struct job_view){.last_run_at = status->last_run_at,
                                   .next_run_at = status->next_run_at,
                                   .run_count = status->run_count};
        snprintf(out[i].name, sizeof out[i].name, "%s", status->name);
        snprintf(out[i].schedule, sizeof out[i].schedule, "%s", status->schedule);
        snprintf(out[i].last_error, sizeof out[i].last_error, "%s",
                 status->last_error ? err_slug(status->last_error) : "");
    }
    return count;
}

static void view_health(void *context, struct health_view *out)
{
    struct server_jobs *jobs = context;
    struct engine *engine = jobs->house->engine;
    struct clock_reading reading = engine_clock_read(engine);
    mutex_lock(&jobs->eod_mutex);
    struct eod_status status = jobs->owed;
    struct reserve_view reserve = jobs->reserve;
    mutex_unlock(&jobs->eod_mutex);
    *out =
        (struct health_view){.clock = reading.state == CLOCK_STEADY   ? "steady"
                                      : reading.state == CLOCK_JUMPED ? "jumped"
                                                                      : "unsure",
                             .is_clock_in_doubt = reading.state != CLOCK_STEADY,
                             .clock_ahead_us = reading.ahead_us,
                             .unfinished_dates = status.unfinished,
                             .oldest_unfinished = status.oldest,
                             .is_end_of_day_late = status.unfinished > 0 &&
                                                   reading.now_us - status.begun_at > EOD_LATE_US};
    snprintf(out->end_of_day_error, sizeof out->end_of_day_error, "%s", status.error);
    memcpy(out->shortages, reserve.shortages, sizeof out->shortages);
    out->shortage_count = reserve.count;
}

/* --- life ------------------------------------------------------------------------------------- */

struct server_doors *jobs_doors(struct server_jobs *jobs)
{
    return &jobs->doors;
}

struct lanes *jobs_lanes(struct server_jobs *jobs)
{
    return jobs->lanes;
}

enum err jobs_start(struct house *house, bool automatic_eod, struct server_jobs **out)
{
    struct server_jobs *jobs = calloc(1, sizeof *jobs);
    if (jobs == NULL) {
        return ERR_NO_MEMORY;
    }
    jobs->house = house;
    jobs->automatic_eod = automatic_eod;
    mutex_init(&jobs->eod_mutex);
    jobs->doors = (struct server_doors){.context = jobs,
                                        .end_of_day = ask_eod,
                                        .jobs = view_jobs,
                                        .eod_steps = view_steps,
                                        .health = view_health};
    enum err err = steps_open(house, &jobs->eod);
    err = err ? err : lanes_open(lane_rows, &jobs->lanes);
    if (!err) {
        err = jobs_open(job_rows, jobs->lanes, engine_clock(house->engine), jobs, &jobs->jobs);
    }
    if (err) {
        jobs_stop(jobs);
        return err;
    }
    *out = jobs;
    return ERR_OK;
}

void jobs_stop(struct server_jobs *jobs)
{
    atomic_store(&jobs->is_stopping, true);
    if (jobs->eod != NULL) {
        eod_stop(jobs->eod);
    }
    if (jobs->jobs != NULL) {
        jobs_close(jobs->jobs);
    }
    lanes_close(jobs->lanes);
    jobs_release(jobs->jobs);
    eod_release(jobs->eod);
    mutex_release(&jobs->eod_mutex);
    free(jobs);
}
