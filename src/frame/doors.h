/*
 * What HTTP asks of the server, which stands above it: jobs, end of day, health. The server fills the
 * struct before web_open. Every call is quick and safe from any thread; a row
 * describes the moment of the call. Instants: UTC microseconds, 0 for "not yet".
 */
#ifndef FRAME_DOORS_H
#define FRAME_DOORS_H

#include "base/date.h"
#include "base/err.h"
#include "base/money.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOB_VIEWS_MAX      64
#define EOD_STEP_VIEWS_MAX 32

/* A job of the server: what it is called, when it runs, how its last run ended. */
struct job_view {
    char name[32];
    char schedule[48]; /* "every 10 s", "daily 03:00": for people */
    int64_t last_run_at;
    int64_t next_run_at;
    char last_error[40]; /* name of an error; "" where the last run went well */
    int64_t run_count;
};

/* A step of the end of day that runs, or of the last one that ran. */
struct eod_step_view {
    char step[32];
    char state[12]; /* "todo", "running", "done" */
    int done;
    int total;
    int64_t started_at;
    int64_t ended_at;
};

#define READINESS_TEXT_MAX 512
#define SHORTAGES_MAX      16

/* What an operator must know of: a clock in doubt, business dates whose steps are owed, customers' money
 * that the reserve does not cover. */
struct health_view {
    const char *clock; /* "steady", "jumped", "unsure" */
    bool is_clock_in_doubt;
    int64_t clock_ahead_us; /* wall clock less the bank's time */
    int unfinished_dates;
    struct date oldest_unfinished;
    bool is_end_of_day_late; /* owed for more than an hour: the bank is not ready */
    char end_of_day_error[40];
    struct money shortages[SHORTAGES_MAX]; /* of the reserve, > 0, one for each currency */
    size_t shortage_count;
};

struct server_doors {
    void *context;
    /* Starts the end of day of `date` in the background; with `dry_run` it changes nothing.
     * ERR_BUSY (one runs or is asked for), ERR_DAY_CLOSED, ERR_DAY_NOT_ENDED, ERR_CLOCK_IN_DOUBT. */
    enum err (*end_of_day)(void *context, struct date date, bool dry_run);
    /* Writes up to `max` rows and gives their number. */
    size_t (*jobs)(void *context, struct job_view *out, size_t max);
    /* Is the bank ready for requests: writes {"status":…} with the reasons. Never waits. NULL: always. */
    void *ready_context;
    bool (*ready)(void *context, char out[READINESS_TEXT_MAX]);
    /* Sets the gauges that are read rather than counted. Never waits. NULL: none. */
    void (*refresh_metrics)(void *context);
    size_t (*eod_steps)(void *context, struct eod_step_view *out, size_t max, bool *out_running);
    void (*health)(void *context, struct health_view *out);
};

#endif
