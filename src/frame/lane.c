#include "frame/lane.h"

#include "base/check.h"
#include "sys/clock.h"
#include "sys/metrics.h"
#include "sys/thread.h"

#include <stdlib.h>
#include <string.h>

#define WATCH_US INT64_C(50000)

struct lane_thread {
    struct lane *lane;
    struct thread thread;
    uint64_t principal; /* of the work that runs, under the lane's mutex */
    bool is_running;
};

struct lane {
    const struct lane_row *row;
    struct mutex mutex;
    struct cond not_empty;
    struct lane_work *first, *last; /* waiting, oldest first */
    size_t waiting, running;
    uint64_t run_count, shed_count;
    bool closing;
    struct lane_thread threads[LANE_THREADS_MAX];
    int thread_count;
    struct metric *waiting_gauge, *running_gauge, *shed_counter, *wait_seconds;
};

struct lanes {
    struct lane lanes[LANES_MAX];
    size_t count;
    struct thread watcher;
    bool has_watcher;
    struct mutex mutex;
    struct cond stop;
    bool stopping;
};

/* --- under the lane's mutex ------------------------------------------------------------------- */

/* The queue is whole, and nobody runs beside the threads. */
static void invariant_lane(const struct lane *lane)
{
    CHECK((lane->first == NULL) == (lane->waiting == 0));
    CHECK((lane->first == NULL) == (lane->last == NULL));
    CHECK(lane->last == NULL || lane->last->next == NULL);
    CHECK(lane->running <= LANE_THREADS_MAX);
#ifdef SYCEE_FAULTS
    size_t count = 0;
    for (const struct lane_work *work = lane->first; work != NULL; work = work->next) {
        count++;
    }
    CHECK(count == lane->waiting);
#endif
}

static void queue_append(struct lane *lane, struct lane_work *work)
{
    work->next = NULL;
    if (lane->last != NULL) {
        lane->last->next = work;
    } else {
        lane->first = work;
    }
    lane->last = work;
    lane->waiting++;
    metrics_add(lane->waiting_gauge, 1);
    invariant_lane(lane);
}

static struct lane_work *queue_remove_first(struct lane *lane)
{
    struct lane_work *work = lane->first;
    CHECK(work != NULL && lane->waiting > 0);
    lane->first = work->next;
    lane->last = lane->first == NULL ? NULL : lane->last;
    lane->waiting--;
    metrics_add(lane->waiting_gauge, -1);
    invariant_lane(lane);
    return work;
}

static int principal_count(const struct lane *lane, uint64_t principal)
{
    int count = 0;
    for (const struct lane_work *work = lane->first; work != NULL; work = work->next) {
        count += work->principal == principal;
    }
    for (int i = 0; i < lane->thread_count; i++) {
        count += lane->threads[i].is_running && lane->threads[i].principal == principal;
    }
    return count;
}

static bool has_room_for(const struct lane *lane, uint64_t principal)
{
    /* A work that a sleeping thread takes at once does not wait. */
    if (lane->waiting >= lane->row->waiting_max + ((size_t)lane->thread_count - lane->running)) {
        return false;
    }
    return principal == 0 || lane->row->principal_max == 0 ||
           principal_count(lane, principal) < lane->row->principal_max;
}

static bool is_overdue(const struct lane *lane, int64_t now_us)
{
    return lane->first != NULL && lane->row->wait_max_us != 0 &&
           now_us - lane->first->queued_at_us > lane->row->wait_max_us;
}

/* --- threads ---------------------------------------------------------------------------------- */

/* Ends what has waited for too long, or everything that waits. */
static void shed_waiting(struct lane *lane, bool all, enum err err)
{
    int64_t now_us = clock_monotonic_us();
    mutex_lock(&lane->mutex);
    while (all ? lane->first != NULL : is_overdue(lane, now_us)) {
        struct lane_work *work = queue_remove_first(lane);
        lane->shed_count++;
        mutex_unlock(&lane->mutex);
        metrics_add(lane->shed_counter, 1);
        work->shed(work, err);
        mutex_lock(&lane->mutex);
    }
    mutex_unlock(&lane->mutex);
}

static void watcher_main(void *argument)
{
    struct lanes *lanes = argument;
    mutex_lock(&lanes->mutex);
    while (!lanes->stopping) {
        (void)cond_wait(&lanes->stop, &lanes->mutex, WATCH_US);
        mutex_unlock(&lanes->mutex);
        for (size_t i = 0; i < lanes->count; i++) {
            shed_waiting(&lanes->lanes[i], false, ERR_BUSY);
        }
        mutex_lock(&lanes->mutex);
    }
    mutex_unlock(&lanes->mutex);
}

static void run_first(struct lane *lane, struct lane_thread *thread)
{
    struct lane_work *work = queue_remove_first(lane);
    thread->is_running = true;
    thread->principal = work->principal;
    lane->running++;
    lane->run_count++;
    mutex_unlock(&lane->mutex);
    metrics_add(lane->running_gauge, 1);
    metrics_observe(lane->wait_seconds, clock_monotonic_us() - work->queued_at_us);
    work->run(work); /* the work is the submitter's again */
    metrics_add(lane->running_gauge, -1);
    mutex_lock(&lane->mutex);
    CHECK(thread->is_running && lane->running > 0);
    thread->is_running = false;
    lane->running--;
}

static void lane_main(void *argument)
{
    struct lane_thread *thread = argument;
    struct lane *lane = thread->lane;
    mutex_lock(&lane->mutex);
    while (!lane->closing) {
        if (lane->first == NULL) {
            (void)cond_wait(&lane->not_empty, &lane->mutex, -1);
        } else {
            run_first(lane, thread);
        }
    }
    mutex_unlock(&lane->mutex);
}

/* --- submitting ------------------------------------------------------------------------------- */

enum err lane_submit(struct lane *lane, struct lane_work *work)
{
    CHECK(work->run != NULL && work->shed != NULL);
    work->queued_at_us = clock_monotonic_us();
    mutex_lock(&lane->mutex);
    enum err err = lane->closing                         ? ERR_UNAVAILABLE
                   : has_room_for(lane, work->principal) ? ERR_OK
                                                         : ERR_BUSY;
    if (err) {
        lane->shed_count++;
    } else {
        queue_append(lane, work);
        cond_signal(&lane->not_empty);
    }
    mutex_unlock(&lane->mutex);
    if (err) {
        metrics_add(lane->shed_counter, 1);
    }
    return err;
}

size_t lane_room(struct lane *lane)
{
    mutex_lock(&lane->mutex);
    size_t max = lane->row->waiting_max + ((size_t)lane->thread_count - lane->running);
    size_t room = lane->closing || lane->waiting >= max ? 0 : max - lane->waiting;
    mutex_unlock(&lane->mutex);
    return room;
}

size_t lanes_view(struct lanes *lanes, struct lane_view *out, size_t max)
{
    int64_t now_us = clock_monotonic_us();
    size_t count = lanes->count < max ? lanes->count : max;
    for (size_t i = 0; i < count; i++) {
        struct lane *lane = &lanes->lanes[i];
        mutex_lock(&lane->mutex);
        out[i] = (struct lane_view){.name = lane->row->name,
                                    .threads = lane->thread_count,
                                    .waiting = lane->waiting,
                                    .running = lane->running,
                                    .run_count = lane->run_count,
                                    .shed_count = lane->shed_count,
                                    .oldest_wait_us =
                                        lane->first ? now_us - lane->first->queued_at_us : 0};
        mutex_unlock(&lane->mutex);
    }
    return count;
}

struct lane *lanes_find(struct lanes *lanes, const char *name)
{
    for (size_t i = 0; i < lanes->count; i++) {
        if (strcmp(lanes->lanes[i].row->name, name) == 0) {
            return &lanes->lanes[i];
        }
    }
    return NULL;
}

/* --- life ------------------------------------------------------------------------------------- */

static enum err lane_open(struct lane *lane, const struct lane_row *row)
{
    CHECK(row->threads >= 1 && row->threads <= LANE_THREADS_MAX);
    lane->row = row;
    mutex_init(&lane->mutex);
    cond_init(&lane->not_empty);
    lane->waiting_gauge = metrics_gauge("lane_waiting", "Works in a lane's queue.", row->labels);
    lane->running_gauge = metrics_gauge("lane_running", "Works on a lane's threads.", row->labels);
    lane->shed_counter = metrics_counter(
        "lane_shed_total", "Works refused or ended because a lane was full or slow.", row->labels);
    lane->wait_seconds =
        metrics_histogram("lane_wait_seconds", "Time that a work waited for a thread of its lane.",
                          row->labels, METRICS_LATENCY_US, METRICS_LATENCY_COUNT);
    enum err err = ERR_OK;
    for (int i = 0; !err && i < row->threads; i++) {
        struct lane_thread *thread = &lane->threads[i];
        thread->lane = lane;
        err = thread_start(&thread->thread, row->name, lane_main, thread);
        mutex_lock(&lane->mutex);
        lane->thread_count += err ? 0 : 1;
        mutex_unlock(&lane->mutex);
    }
    return err;
}

enum err lanes_open(const struct lane_row *rows, struct lanes **out)
{
    struct lanes *lanes = calloc(1, sizeof *lanes);
    if (lanes == NULL) {
        return ERR_NO_MEMORY;
    }
    mutex_init(&lanes->mutex);
    cond_init(&lanes->stop);
    enum err err = ERR_OK;
    for (const struct lane_row *row = rows; !err && row->name != NULL; row++) {
        CHECK(lanes->count < LANES_MAX && lanes_find(lanes, row->name) == NULL);
        err = lane_open(&lanes->lanes[lanes->count++], row);
    }
    if (!err) {
        err = thread_start(&lanes->watcher, "lanes", watcher_main, lanes);
        lanes->has_watcher = err == ERR_OK;
    }
    if (err) {
        lanes_close(lanes);
        return err;
    }
    *out = lanes;
    return ERR_OK;
}

static void lane_close(struct lane *lane)
{
    for (int i = 0; i < lane->thread_count; i++) {
        thread_join(&lane->threads[i].thread);
    }
    CHECK(lane->first == NULL && lane->running == 0);
    cond_release(&lane->not_empty);
    mutex_release(&lane->mutex);
}

void lanes_close(struct lanes *lanes)
{
    if (lanes == NULL) {
        return;
    }
    for (size_t i = 0; i < lanes->count; i++) {
        struct lane *lane = &lanes->lanes[i];
        mutex_lock(&lane->mutex);
        lane->closing = true;
        cond_broadcast(&lane->not_empty);
        mutex_unlock(&lane->mutex);
        shed_waiting(lane, true, ERR_UNAVAILABLE);
    }
    if (lanes->has_watcher) {
        mutex_lock(&lanes->mutex);
        lanes->stopping = true;
        cond_signal(&lanes->stop);
        mutex_unlock(&lanes->mutex);
        thread_join(&lanes->watcher);
    }
    for (size_t i = 0; i < lanes->count; i++) {
        lane_close(&lanes->lanes[i]);
    }
    cond_release(&lanes->stop);
    mutex_release(&lanes->mutex);
    free(lanes);
}
