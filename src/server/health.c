#include "server/health.h"

#include "base/check.h"
#include "server/health_rules.h"
#include "sys/file.h"
#include "sys/log.h"
#include "sys/metrics.h"
#include "sys/process.h"
#include "sys/thread.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_EVERY_US INT64_C(500000)

DB_STMT(server_probe_write, "INSERT INTO server_probe (bucket, probed_at) VALUES (0, $1) "
                            "ON CONFLICT (bucket) DO UPDATE SET probed_at = excluded.probed_at");

struct job_gauges {
    char labels[64];
    struct metric *failed, *age_seconds;
};

struct health {
    struct engine *engine;
    struct server_doors *doors;
    const char *sqlite_path;
    struct thread thread;
    struct mutex mutex;
    struct cond cond;
    bool ends;
    struct engine_command command;
    atomic_bool is_probing;
    _Atomic int64_t committed_us; /* monotonic */
    atomic_int last_error;
    _Atomic int64_t disk_free_bytes; /* -1: unknown */
    bool was_ready, was_disk_short;
    struct metric *commit_age, *memory, *wal, *disk_free, *checkpoint_failing, *dropped;
    struct job_gauges jobs[JOB_VIEWS_MAX];
};

/* --- the probe -------------------------------------------------------------------------------- */

static enum err probe_work(struct uow *uow, void *context)
{
    (void)context;
    return db_exec(uow->conn, &server_probe_write, DB_ARGS(db_int(uow->now_us)), NULL);
}

static void probe_done(struct engine_command *command, enum err err)
{
    struct health *health = command->context;
    if (err == ERR_OK) {
        atomic_store(&health->committed_us, clock_monotonic_us());
    }
    atomic_store(&health->last_error, (int)err);
    atomic_store(&health->is_probing, false);
}

/* Age of the newest commit that the health itself made, in microseconds. */
static int64_t health_commit_age(const struct health *health)
{
    return clock_monotonic_us() - atomic_load(&health->committed_us);
}

static bool is_ready(void *context, char out[READINESS_TEXT_MAX])
{
    const struct health *health = context;
    struct health_facts facts = {.commit_age_us = health_commit_age(health),
                                 .commit_error = (enum err)atomic_load(&health->last_error),
                                 .checkpoint_failing_us =
                                     db_health(engine_db(health->engine)).checkpoint_failing_us,
                                 .disk_free_bytes = atomic_load(&health->disk_free_bytes)};
    health->doors->health(health->doors->context, &facts.view);
    return health_decide(&facts, out);
}

static void log_change(struct health *health)
{
    char text[READINESS_TEXT_MAX];
    bool ready = is_ready(health, text);
    if (ready != health->was_ready) {
        log_event(ready ? LOG_INFO : LOG_ERROR, ready ? "ready" : "not_ready",
                  log_err((enum err)atomic_load(&health->last_error)),
                  log_int("commit_age_us", health_commit_age(health)), log_string("state", text));
        health->was_ready = ready;
    }
}

/* --- gauges ----------------------------------------------------------------------------------- */

static void refresh_disk(struct health *health)
{
    int64_t wal = 0;
    int64_t free_bytes = 0;
    char path[FILE_PATH_MAX];
    if (health->sqlite_path == NULL) {
        return;
    }
    snprintf(path, sizeof path, "%s-wal", health->sqlite_path);
    if (file_size(path, &wal) != ERR_OK) {
        wal = 0;
    }
    if (file_free_bytes(health->sqlite_path, &free_bytes) != ERR_OK) {
        free_bytes = -1;
    }
    metrics_set(health->wal, wal);
    metrics_set(health->disk_free, free_bytes);
    metrics_set(health->checkpoint_failing,
                db_health(engine_db(health->engine)).checkpoint_failing_us / 1000000);
    atomic_store(&health->disk_free_bytes, free_bytes);
    bool is_short = free_bytes >= 0 && free_bytes < HEALTH_DISK_SHORT_BYTES;
    if (is_short && !health->was_disk_short) {
        log_event(LOG_WARN, "disk_is_short", log_int("wal_bytes", wal),
                  log_int("free_bytes", free_bytes));
    }
    health->was_disk_short = is_short;
}

static void refresh_jobs(struct health *health)
{
    struct job_view views[JOB_VIEWS_MAX];
    size_t count = health->doors->jobs(health->doors->context, views, JOB_VIEWS_MAX);
    int64_t now_us = clock_now_us(engine_clock(health->engine));
    for (size_t i = 0; i < count; i++) {
        struct job_gauges *gauges = &health->jobs[i];
        if (gauges->failed == NULL) {
            snprintf(gauges->labels, sizeof gauges->labels, "job=\"%.32s\"", views[i].name);
            gauges->failed =
                metrics_gauge("job_failed", "1: the job's last run failed.", gauges->labels);
            gauges->age_seconds =
                metrics_gauge("job_last_run_age_seconds", "Since the job's last run; -1: none yet.",
                              gauges->labels);
        }
        metrics_set(gauges->failed, views[i].last_error[0] != '\0');
        metrics_set(gauges->age_seconds,
                    views[i].last_run_at == 0 ? -1 : (now_us - views[i].last_run_at) / 1000000);
    }
}

static void refresh_metrics(void *context)
{
    struct health *health = context;
    metrics_set(health->commit_age, health_commit_age(health) / 1000);
    metrics_set(health->memory, process_memory_bytes());
    metrics_set(health->dropped, log_dropped_count());
    mutex_lock(&health->mutex);
    refresh_jobs(health);
    mutex_unlock(&health->mutex);
}

/* --- life ------------------------------------------------------------------------------------- */

static void health_main(void *argument)
{
    struct health *health = argument;
    mutex_lock(&health->mutex);
    while (!health->ends) {
        if (!atomic_exchange(&health->is_probing, true)) {
            health->command = (struct engine_command){
                .work = probe_work, .done = probe_done, .context = health, .repeatable = true};
            engine_submit(health->engine, &health->command);
        }
        mutex_unlock(&health->mutex);
        refresh_disk(health); /* a dead disk keeps this thread only */
        log_change(health);
        mutex_lock(&health->mutex);
        if (health->ends) {
            break;
        }
        cond_wait(&health->cond, &health->mutex, PROBE_EVERY_US);
    }
    mutex_unlock(&health->mutex);
}

static void open_gauges(struct health *health)
{
    health->commit_age =
        metrics_gauge("commit_age_milliseconds", "Since the newest commit of the probe.", "");
    health->memory = metrics_gauge("process_memory_bytes", "Resident memory.", "");
    health->dropped =
        metrics_gauge("log_lines_dropped", "Lines that standard error did not take.", "");
    if (health->sqlite_path != NULL) {
        health->wal = metrics_gauge("database_wal_bytes", "Size of the write-ahead log.", "");
        health->disk_free = metrics_gauge("disk_free_bytes", "Free space beside the database.", "");
        health->checkpoint_failing = metrics_gauge(
            "database_checkpoint_failing_seconds",
            "Since the first of the checkpoints that fail; 0: the last one succeeded.", "");
    }
}

enum err health_start(struct engine *engine, struct server_doors *doors, const char *sqlite_path,
                      struct health **out)
{
    struct health *health = calloc(1, sizeof *health);
    if (health == NULL) {
        return ERR_NO_MEMORY;
    }
    health->engine = engine;
    health->doors = doors;
    health->sqlite_path = sqlite_path;
    health->was_ready = true;
    atomic_init(&health->committed_us, clock_monotonic_us());
    atomic_init(&health->disk_free_bytes, -1);
    mutex_init(&health->mutex);
    cond_init(&health->cond);
    open_gauges(health);
    enum err err = thread_start(&health->thread, "health", health_main, health);
    if (err) {
        cond_release(&health->cond);
        mutex_release(&health->mutex);
        free(health);
        return err;
    }
    doors->ready_context = health;
    doors->ready = is_ready;
    doors->refresh_metrics = refresh_metrics;
    *out = health;
    return ERR_OK;
}

void health_stop(struct health *health)
{
    if (health == NULL) {
        return;
    }
    mutex_lock(&health->mutex);
    health->ends = true;
    cond_signal(&health->cond);
    mutex_unlock(&health->mutex);
    thread_join(&health->thread);
    while (atomic_load(&health->is_probing)) {
        thread_sleep_us(1000); /* the engine still holds the command */
    }
    health->doors->ready = NULL;
    health->doors->refresh_metrics = NULL;
    cond_release(&health->cond);
    mutex_release(&health->mutex);
    free(health);
}
