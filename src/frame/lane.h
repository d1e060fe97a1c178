/*
 * Lanes: named sets of threads, each with a bounded queue, so that a slow party holds up nothing but
 * itself. Work names the lane it waits on: one lane for each outside party, "cpu" (Argon2id,
 * pictures), "read" (long reads), "books" (never calls outside).
 *
 * A principal (customer, member of staff, address) has a bounded part of a lane, waiting and running
 * together. Work that cannot wait any longer is shed: a watcher ends it also while all threads of
 * its lane are inside slow calls. All calls are safe from any thread.
 *
 *   submit --> waiting --> running --> (run has returned)
 *     |           |
 *   ERR_BUSY      +--> shed (waited for too long, or the lanes close)
 */
#ifndef FRAME_LANE_H
#define FRAME_LANE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LANES_MAX          32
#define LANE_THREADS_MAX   32
#define LANE_RETRY_AFTER_S 2 /* what the Retry-After of shed work states */

/* One lane. `name` and `labels` are static: write LANE("clearing"). */
struct lane_row {
    const char *name;
    const char *labels;  /* of its metrics */
    int threads;         /* 1 to LANE_THREADS_MAX */
    size_t waiting_max;  /* works in the queue */
    int principal_max;   /* works of one principal, waiting and running; 0: no bound */
    int64_t wait_max_us; /* in the queue; 0: no bound */
};
#define LANE_BOOKS "books" /* the lane that never calls outside */
#define LANE(text) .name = text, .labels = "lane=\"" text "\""

/* Memory of the submitter, untouched by it from lane_submit until `run` or `shed` is called. Exactly
 * one of the two is called, once. */
struct lane_work {
    void (*run)(struct lane_work *work); /* on a thread of the lane */
    /* Instead of `run`: ERR_BUSY (waited for too long) or ERR_UNAVAILABLE (the lanes close). On any
     * thread; must not block. */
    void (*shed)(struct lane_work *work, enum err err);
    void *context;
    uint64_t principal; /* 0: nobody in particular, unbounded */
    /* The lane's own. */
    struct lane_work *next;
    int64_t queued_at_us; /* monotonic */
};

struct lanes;
struct lane;

/* Starts all threads. The rows end with a NULL name. ERR_NO_MEMORY, ERR_UNAVAILABLE (threads). */
enum err lanes_open(const struct lane_row *rows, struct lanes **out);
/* Sheds what waits, returns when what runs has ended. NULL does no harm. */
void lanes_close(struct lanes *lanes);
/* NULL if no row has this name. */
struct lane *lanes_find(struct lanes *lanes, const char *name);

/* ERR_BUSY: the queue is full or the principal has its part already; ERR_UNAVAILABLE: closing. Then
 * neither `run` nor `shed` is called. */
enum err lane_submit(struct lane *lane, struct lane_work *work);

/* Works that the queue would take now. */
size_t lane_room(struct lane *lane);

/* What happens on a lane, for screens; the same figures are metrics: lane_waiting, lane_running,
 * lane_shed_total, lane_wait_seconds. */
struct lane_view {
    const char *name;
    int threads;
    size_t waiting, running;
    uint64_t run_count, shed_count; /* since the start; shed: refused or waited for too long */
    int64_t oldest_wait_us;         /* of what waits now */
};
/* Writes up to `max` rows and returns their number. */
size_t lanes_view(struct lanes *lanes, struct lane_view *out, size_t max);

#endif
