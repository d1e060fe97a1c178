/*
 * End of day: closes a business date by named steps, each resumable by bucket.
 *
 *   open date D --advance--> business date is D+1 --accrue--> --capitalise--> --settle-->
 *   --totals--> closed
 *
 * "advance" moves the business date in one command; from then on nothing is booked on D. The other
 * steps work on D bucket by bucket; a bucket done is a row (engine_eod_buckets) and is skipped by a
 * later run, so that a run that was killed is run again until it is through.
 */
#ifndef SERVER_EOD_H
#define SERVER_EOD_H

#include "server/rooms.h"

#include <stdatomic.h>

#define EOD_STEPS_MAX 8

struct eod_progress {
    char step[32];
    int done, total;
    int64_t started_at, ended_at; /* 0: not yet */
};
/* Called on the running thread whenever something moved. */
typedef void eod_listener(void *context, const struct eod_progress *progress);

/* Closes `date`, or goes on closing it. ERR_INVALID_DATE where it is neither the business date nor
 * the day before it (already closed, or not begun). A dry run says what each step would do and
 * changes nothing. */
enum err eod_run(struct rooms *rooms, struct date date, bool dry_run, eod_listener *listener,
                 void *context);
/* Steps of the newest end of day as stored; *out_count 0 where there was none. */
enum err eod_steps(struct engine *engine, struct eod_progress out[EOD_STEPS_MAX],
                   size_t *out_count);

#endif
