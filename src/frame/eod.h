/*
 * End of day, durable. Closing a business date D is one command: the business date moves to D + 1
 * and a row for D is made. From then on nothing is booked on D, and its steps are owed until they
 * have ended: each (step, bucket) done is a row, so that a run that was killed or failed goes on
 * where it was. The oldest date that is not ended is always taken up first.
 *
 *   business date D --eod_close--> begun --all steps--> ended
 *                                    |  ^
 *                     a step fails   v  |  the next run
 *                                  failed (row, log, metric; not ready after an hour)
 *
 * A date closes after its last civil instant, earlier only if two people agreed; never while the
 * bank's clock is in doubt. Any number of processes may ask: one runs, the others get ERR_BUSY.
 */
#ifndef FRAME_EOD_H
#define FRAME_EOD_H

#include "engine/engine.h"

#define EOD_STEPS_MAX    32
#define EOD_NAME_SIZE    32
#define EOD_LATE_US      INT64_C(3600000000) /* owed for so long: the bank is not ready */
#define EOD_PAUSE_MIN_US INT64_C(1000000)    /* between two runs after a failure, doubled */
#define EOD_PAUSE_MAX_US INT64_C(60000000)

struct house; /* frame/room.h */

/* One step; rows end with a NULL name. A date's steps run in the order of the rooms, and of each room's
 * rows. */
struct eod_step {
    const char *name;
    /* One bucket of the date; repeats do no harm. */
    enum err (*run)(const struct house *house, struct date date, int bucket);
    bool is_whole; /* one piece of work for all buckets: called with bucket 0 */
};

struct eod;
/* With the steps of all rooms of the house, whose engine is open and which outlives it. ERR_NO_MEMORY. */
enum err eod_open(const struct house *house, struct eod **out);
void eod_release(struct eod *eod); /* NULL does no harm */
/* A run ends after the bucket that it is at, with ERR_UNAVAILABLE. For ever. */
void eod_stop(struct eod *eod);

struct eod_progress {
    char step[EOD_NAME_SIZE];
    struct date date;
    int done, total;
    int64_t started_at, ended_at; /* 0: not yet */
    char error[40];               /* name of the last failure, "" none */
};
/* Called on the running thread whenever something moved. */
typedef void eod_listener(void *context, const struct eod_progress *progress);

/* May this date be closed now? ERR_DAY_CLOSED, ERR_DAY_NOT_ENDED, ERR_CLOCK_IN_DOUBT. */
enum err eod_check(struct eod *eod, struct date date);
/* Closes the business date; no harm if it has moved on already. Errors of eod_check. */
enum err eod_close(struct eod *eod, struct date date);
/* Does what is owed of the oldest date that is not ended. ERR_NOT_FOUND: nothing is owed; ERR_BUSY:
 * it is being done; else the first failure of a step, which is also kept in the date's row. */
enum err eod_work_oldest(struct eod *eod, eod_listener *listener, void *context,
                         struct date *out_date);
/* Closes dates up to `date` and does what is owed up to it. ERR_DAY_CLOSED if nothing is. With
 * `dry_run` each step is shown with nothing done and nothing changes. */
enum err eod_run(struct eod *eod, struct date date, bool dry_run, eod_listener *listener,
                 void *context);

/* What is owed, for metrics, screens and readiness. */
struct eod_status {
    int unfinished;     /* dates begun and not ended */
    struct date oldest; /* of those */
    int64_t begun_at;   /* of the oldest */
    int64_t failed_at;  /* last failure of the oldest, 0 none */
    int64_t failure_count;
    char error[40]; /* of the oldest, "" none */
};
enum err eod_status_load(struct db_conn *conn, struct eod_status *out);
/* When a run that failed is worth another. */
int64_t eod_next_try_at(const struct eod_status *status);
/* Steps of the oldest date that is not ended, else of the newest; *out_count 0 if there is none. */
enum err eod_steps_load(struct db_conn *conn, struct eod_progress out[EOD_STEPS_MAX],
                        size_t *out_count);

#endif
