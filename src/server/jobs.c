#include "server/jobs.h"

#include "base/check.h"
#include "server/jobs_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what the console asks -------------------------------------------------------------------- */

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
    mutex_lock(&jobs->mutex);
    struct eod_status status = jobs->owed;
    mutex_unlock(&jobs->mutex);
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
    const struct room_parts *const *rooms = jobs->house->rooms;
    for (size_t i = 0; rooms[i] != NULL; i++) {
        if (rooms[i]->shortages != NULL) {
            out->shortage_count +=
                rooms[i]->shortages(jobs->house, out->shortages + out->shortage_count,
                                    SHORTAGES_MAX - out->shortage_count);
            CHECK(out->shortage_count <= SHORTAGES_MAX);
        }
    }
}

/* --- life ------------------------------------------------------------------------------------- */

struct server_doors *jobs_doors(struct server_jobs *jobs)
{
    return &jobs->doors;
}

static void close_jobs(void *context)
{
    struct server_jobs *jobs = context;
    eod_release(jobs->eod);
    mutex_release(&jobs->mutex);
    free(jobs);
}

static enum err open_jobs(struct house *house, void **out_state, struct fault *out_fault)
{
    struct server_jobs *jobs = calloc(1, sizeof *jobs);
    (void)out_fault;
    if (jobs == NULL) {
        return ERR_NO_MEMORY;
    }
    jobs->house = house;
    mutex_init(&jobs->mutex);
    jobs->doors = (struct server_doors){.context = jobs,
                                        .end_of_day = day_ask,
                                        .jobs = view_jobs,
                                        .eod_steps = day_view_steps,
                                        .health = view_health};
    enum err err = eod_open(house, &jobs->eod);
    if (err) {
        close_jobs(jobs);
        return err;
    }
    *out_state = jobs;
    return ERR_OK;
}

static const struct lane_row lanes[] = {{LANE(LANE_BOOKS), .threads = 3, .waiting_max = JOBS_MAX},
                                        {LANE(LANE_END_OF_DAY), .threads = 1, .waiting_max = 4},
                                        {0}};

const struct room_parts SERVER_PARTS = {
    .name = "server", .jobs = SERVER_JOBS, .lanes = lanes, .open = open_jobs, .close = close_jobs};

struct eod *jobs_eod(const struct house *house)
{
    const struct server_jobs *jobs = house_room(house, &SERVER_PARTS);
    CHECK(jobs != NULL);
    return jobs->eod;
}

enum err jobs_start(struct house *house, struct server_jobs **out)
{
    struct server_jobs *jobs = house_room(house, &SERVER_PARTS);
    CHECK(jobs != NULL);
    CHECK(jobs->jobs == NULL);
    (void)house_lanes(house->rooms, jobs->lane_rows);
    enum err err = lanes_open(jobs->lane_rows, &jobs->lanes);
    err = err ? err : jobs_open(house, jobs->lanes, &jobs->jobs);
    if (err) {
        jobs_stop(jobs);
        return err;
    }
    *out = jobs;
    return ERR_OK;
}

void jobs_stop(struct server_jobs *jobs)
{
    atomic_store(&jobs->house->is_closing, true);
    eod_stop(jobs->eod);
    if (jobs->jobs != NULL) {
        jobs_close(jobs->jobs);
    }
    lanes_close(jobs->lanes);
    jobs_release(jobs->jobs);
    jobs->lanes = NULL;
    jobs->jobs = NULL;
}
