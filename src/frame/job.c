#include "frame/job.h"

#include "base/check.h"
#include "frame/room.h"
#include "sys/log.h"
#include "sys/metrics.h"
#include "sys/thread.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define TICK_US INT64_C(100000)

struct job {
    struct lane_work work; /* first: the lane gives it back */
    const struct job_row *row;
    struct jobs *jobs;
    struct lane *lane;
    atomic_bool is_given;   /* to its lane, and not yet back */
    _Atomic int64_t due_us; /* monotonic */
    _Atomic int64_t last_run_at, next_run_at, run_count, failing_since_at;
    _Atomic int last_error;
};

struct jobs {
    struct job jobs[JOBS_MAX];
    size_t count;
    const struct house *house;
    struct clock *clock;
    struct thread scheduler;
    bool has_scheduler;
    struct mutex mutex;
    struct cond wake;
    bool is_stopping;
    struct metric *failing;
};

static void job_ended(struct job *job, enum err err)
{
    int64_t now_us = clock_now_us(job->jobs->clock);
    CHECK(atomic_load(&job->is_given)); /* given once, ended once */
    atomic_store(&job->last_run_at, now_us);
    atomic_store(&job->next_run_at, now_us + job->row->every_us);
    atomic_store(&job->last_error, (int)err);
    atomic_fetch_add(&job->run_count, 1);
    if (!err) {
        atomic_store(&job->failing_since_at, 0);
    } else if (atomic_load(&job->failing_since_at) == 0) {
        atomic_store(&job->failing_since_at, now_us);
    }
    if (err) {
        log_event(LOG_WARN, "job_failed", log_string("job", job->row->name), log_err(err));
    }
    atomic_store(&job->due_us, clock_monotonic_us() + job->row->every_us);
    atomic_store(&job->is_given, false);
}

static void run_job(struct lane_work *work)
{
    struct job *job = (struct job *)work;
    job_ended(job, job->row->run(job->jobs->house));
}

static void shed_job(struct lane_work *work, enum err err)
{
    job_ended((struct job *)work, err);
}

static void give_due(struct jobs *jobs)
{
    int64_t failing = 0;
    for (size_t i = 0; i < jobs->count; i++) {
        struct job *job = &jobs->jobs[i];
        failing += atomic_load(&job->failing_since_at) != 0;
        if (atomic_load(&job->is_given) || clock_monotonic_us() < atomic_load(&job->due_us)) {
            continue;
        }
        atomic_store(&job->is_given, true);
        if (lane_submit(job->lane, &job->work)) {
            atomic_store(&job->is_given, false); /* its lane is full: again at the next tick */
        }
    }
    metrics_set(jobs->failing, failing);
}

static void scheduler_main(void *argument)
{
    struct jobs *jobs = argument;
    mutex_lock(&jobs->mutex);
    while (!jobs->is_stopping) {
        mutex_unlock(&jobs->mutex);
        give_due(jobs);
        mutex_lock(&jobs->mutex);
        if (!jobs->is_stopping) {
            (void)cond_wait(&jobs->wake, &jobs->mutex, TICK_US);
        }
    }
    mutex_unlock(&jobs->mutex);
}

enum err jobs_open(const struct house *house, struct lanes *lanes, struct jobs **out)
{
    const struct job_row *rows[JOBS_MAX];
    struct jobs *jobs = calloc(1, sizeof *jobs);
    if (jobs == NULL) {
        return ERR_NO_MEMORY;
    }
    jobs->house = house;
    jobs->clock = engine_clock(house->engine);
    jobs->failing = metrics_gauge("jobs_failing", "Jobs whose last run failed.", "");
    mutex_init(&jobs->mutex);
    cond_init(&jobs->wake);
    jobs->count = house_jobs(house->rooms, rows);
    for (size_t i = 0; i < jobs->count; i++) {
        struct job *job = &jobs->jobs[i];
        job->work = (struct lane_work){.run = run_job, .shed = shed_job};
        job->row = rows[i];
        job->jobs = jobs;
        CHECK(rows[i]->run != NULL && rows[i]->every_us > 0);
        job->lane = lanes_find(lanes, rows[i]->lane);
        CHECK(job->lane != NULL);
    }
    enum err err = thread_start(&jobs->scheduler, "jobs", scheduler_main, jobs);
    jobs->has_scheduler = err == ERR_OK;
    if (err) {
        jobs_release(jobs);
        return err;
    }
    *out = jobs;
    return ERR_OK;
}

void jobs_close(struct jobs *jobs)
{
    mutex_lock(&jobs->mutex);
    jobs->is_stopping = true;
    cond_signal(&jobs->wake);
    mutex_unlock(&jobs->mutex);
    if (jobs->has_scheduler) {
        thread_join(&jobs->scheduler);
        jobs->has_scheduler = false;
    }
}

void jobs_release(struct jobs *jobs)
{
    if (jobs == NULL) {
        return;
    }
    jobs_close(jobs);
    for (size_t i = 0; i < jobs->count; i++) {
        CHECK(!atomic_load(&jobs->jobs[i].is_given));
    }
    cond_release(&jobs->wake);
    mutex_release(&jobs->mutex);
    free(jobs);
}

void jobs_hasten(struct jobs *jobs, const char *name)
{
    for (size_t i = 0; i < jobs->count; i++) {
        if (strcmp(jobs->jobs[i].row->name, name) == 0) {
            atomic_store(&jobs->jobs[i].due_us, 0);
        }
    }
    mutex_lock(&jobs->mutex);
    cond_signal(&jobs->wake);
    mutex_unlock(&jobs->mutex);
}

size_t jobs_view(struct jobs *jobs, struct job_status *out, size_t max)
{
    size_t count = jobs->count < max ? jobs->count : max;
    for (size_t i = 0; i < count; i++) {
        struct job *job = &jobs->jobs[i];
        out[i] = (struct job_status){.name = job->row->name,
                                     .schedule = job->row->schedule,
                                     .lane = job->row->lane,
                                     .last_run_at = atomic_load(&job->last_run_at),
                                     .next_run_at = atomic_load(&job->next_run_at),
                                     .run_count = atomic_load(&job->run_count),
                                     .last_error = (enum err)atomic_load(&job->last_error),
                                     .failing_since_at = atomic_load(&job->failing_since_at),
                                     .is_running = atomic_load(&job->is_given)};
    }
    return count;
}
