/* The job endOfDay, what staff asked of it, and how far it is. */
#include "server/jobs_private.h"

#include "sys/metrics.h"

#include <stdio.h>
#include <string.h>

static void keep_progress(void *context, const struct eod_progress *progress)
{
    struct server_jobs *jobs = context;
    mutex_lock(&jobs->mutex);
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
    mutex_unlock(&jobs->mutex);
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
    mutex_lock(&jobs->mutex);
    jobs->is_eod_running = true;
    jobs->eod_progress_count = 0;
    mutex_unlock(&jobs->mutex);
}

static void eod_ended(struct server_jobs *jobs, bool was_asked)
{
    mutex_lock(&jobs->mutex);
    jobs->is_eod_running = false;
    jobs->is_eod_asked = was_asked ? false : jobs->is_eod_asked;
    mutex_unlock(&jobs->mutex);
}

static enum err run_asked(struct server_jobs *jobs)
{
    mutex_lock(&jobs->mutex);
    struct date date = jobs->eod_date;
    bool dry_run = jobs->is_eod_dry;
    mutex_unlock(&jobs->mutex);
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
    if (!config_bool(jobs->house->config, "bank", "automatic_end_of_day") ||
        open.days >= engine_civil_date(engine, reading.now_us).days) {
        return ERR_OK;
    }
    return eod_close(jobs->eod, open);
}

static void show_owed(const struct house *house, const struct eod_status *status)
{
    int64_t age_us =
        status->unfinished > 0 ? clock_now_us(engine_clock(house->engine)) - status->begun_at : 0;
    metrics_set(metrics_gauge("end_of_day_unfinished_dates",
                              "Business dates that are closed and whose steps have not ended.", ""),
                status->unfinished);
    metrics_set(metrics_gauge("end_of_day_oldest_seconds",
                              "How long the oldest of them has been owed.", ""),
                age_us / INT64_C(1000000));
    metrics_set(metrics_gauge("end_of_day_failures", "Failed runs of the oldest of them.", ""),
                status->failure_count);
}

/* What is owed is taken up again, oldest first, for ever; its error stays the job's until it is mended,
 * whatever became of other dates. */
enum err day_close_due(const struct house *house)
{
    struct server_jobs *jobs = house_room(house, &SERVER_PARTS);
    struct eod_status status = {.unfinished = 0};
    struct date worked;
    mutex_lock(&jobs->mutex);
    bool is_asked = jobs->is_eod_asked;
    mutex_unlock(&jobs->mutex);
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
        mutex_lock(&jobs->mutex);
        jobs->owed = status;
        mutex_unlock(&jobs->mutex);
        show_owed(house, &status);
    }
    if (!err && status.unfinished > 0 && status.error[0] != '\0') {
        err = err_from_slug(status.error);
    }
    return err ? err : closed ? closed : asked;
}

/* --- what the console asks -------------------------------------------------------------------- */

enum err day_ask(void *context, struct date date, bool dry_run)
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
    mutex_lock(&jobs->mutex);
    if (jobs->is_eod_running || jobs->is_eod_asked || atomic_load(&jobs->house->is_closing)) {
        err = ERR_BUSY;
    } else {
        jobs->is_eod_asked = true;
        jobs->eod_date = date;
        jobs->is_eod_dry = dry_run;
        jobs->eod_progress_count = 0;
    }
    mutex_unlock(&jobs->mutex);
    if (!err) {
        jobs_hasten(jobs->jobs, "endOfDay");
    }
    return err;
}

size_t day_view_steps(void *context, struct eod_step_view *out, size_t max, bool *out_running)
{
    struct server_jobs *jobs = context;
    struct eod_progress steps[EOD_STEPS_MAX];
    struct db_conn *conn;
    size_t count = 0;
    mutex_lock(&jobs->mutex);
    *out_running = jobs->is_eod_running || jobs->is_eod_asked;
    if (*out_running) {
        count = jobs->eod_progress_count;
        memcpy(steps, jobs->eod_progress, sizeof steps);
    }
    mutex_unlock(&jobs->mutex);
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
