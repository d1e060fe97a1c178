/*
 * Jobs: what the bank does by itself. A scheduler looks ten times a second which are due and gives
 * them to their lanes; a job runs once at a time and waits for nobody else's. Each is idempotent:
 * killed in the middle, it does the rest next time.
 */
#ifndef FRAME_JOB_H
#define FRAME_JOB_H

#include "frame/lane.h"
#include "sys/clock.h"

#define JOBS_MAX 96

struct house; /* frame/room.h */

/* One job; rows end with a NULL name. */
struct job_row {
    const char *name;
    const char *schedule; /* "every 10 s": for people */
    int64_t every_us;     /* from the end of a run to the next */
    const char *lane;
    enum err (*run)(const struct house *house); /* of one job by one thread at a time */
    int place; /* in the list that staff read; rows of one place follow the order of the rooms */
};

struct job_status {
    const char *name, *schedule, *lane;
    int64_t last_run_at, next_run_at; /* instants, 0: not yet */
    int64_t run_count;
    enum err last_error;
    int64_t failing_since_at; /* first failure since the last success, 0: none */
    bool is_running;
};

struct jobs;
/* The jobs of all rooms. `lanes` has every lane that they name; it is closed before jobs_release, the
 * house after it. ERR_NO_MEMORY, ERR_UNAVAILABLE. */
enum err jobs_open(const struct house *house, struct lanes *lanes, struct jobs **out);
/* No run begins any more. Then close the lanes, then release. */
void jobs_close(struct jobs *jobs);
void jobs_release(struct jobs *jobs); /* NULL does no harm */
/* Due now, whatever its schedule. */
void jobs_hasten(struct jobs *jobs, const char *name);
/* Writes up to `max` rows and gives their number. */
size_t jobs_view(struct jobs *jobs, struct job_status *out, size_t max);

#endif
