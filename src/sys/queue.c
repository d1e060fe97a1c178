#include "base/check.h"
#include "sys/thread.h"

#include <stdlib.h>
#include <time.h>

enum err queue_init(struct queue *queue, size_t capacity)
{
    CHECK(capacity > 0);
    *queue = (struct queue){.capacity = capacity};
    queue->items = calloc(capacity, sizeof *queue->items);
    if (queue->items == NULL) {
        return ERR_NO_MEMORY;
    }
    mutex_init(&queue->mutex);
    cond_init(&queue->not_empty);
    cond_init(&queue->not_full);
    return ERR_OK;
}

void queue_release(struct queue *queue)
{
    cond_release(&queue->not_full);
    cond_release(&queue->not_empty);
    mutex_release(&queue->mutex);
    free(queue->items);
    queue->items = NULL;
}

/* Waits on `cond` until `is_ready` holds, the queue is closed or the time-out has passed. */
static void queue_wait(struct queue *queue, struct cond *cond, size_t *waiting,
                       bool (*is_ready)(const struct queue *queue), int64_t timeout_us)
{
    int64_t left_us = timeout_us;
    struct timespec started;
    clock_gettime(CLOCK_MONOTONIC, &started);
    while (!is_ready(queue) && !queue->closed && left_us != 0) {
        (*waiting)++;
        bool in_time = cond_wait(cond, &queue->mutex, left_us);
        (*waiting)--;
        if (timeout_us > 0) {
            struct timespec now;
            clock_gettime(CLOCK_MONOTONIC, &now);
            int64_t passed_us = (now.tv_sec - started.tv_sec) * INT64_C(1000000) +
                                (now.tv_nsec - started.tv_nsec) / 1000;
            left_us = in_time && passed_us < timeout_us ? timeout_us - passed_us : 0;
        }
    }
}

static bool has_room(const struct queue *queue)
{
    return queue->count < queue->capacity;
}

static bool has_items(const struct queue *queue)
{
    return queue->count > 0;
}

enum err queue_put(struct queue *queue, void *item, int64_t timeout_us)
{
    mutex_lock(&queue->mutex);
    if (!has_room(queue) && timeout_us != 0) {
        queue_wait(queue, &queue->not_full, &queue->waiting_putters, has_room, timeout_us);
    }
    if (queue->closed || !has_room(queue)) {
        mutex_unlock(&queue->mutex);
        return ERR_UNAVAILABLE;
    }
    size_t place = queue->first + queue->count;
    queue->items[place < queue->capacity ? place : place - queue->capacity] = item;
    queue->count++;
    /* Nobody asleep, nobody to wake: a busy consumer costs no system call. */
    bool wakes = queue->waiting_takers > 0;
    mutex_unlock(&queue->mutex);
    if (wakes) {
        cond_signal(&queue->not_empty);
    }
    return ERR_OK;
}

size_t queue_take(struct queue *queue, void **out_items, size_t max, int64_t timeout_us)
{
    mutex_lock(&queue->mutex);
    if (!has_items(queue) && timeout_us != 0) {
        queue_wait(queue, &queue->not_empty, &queue->waiting_takers, has_items, timeout_us);
    }
    size_t taken = queue->count < max ? queue->count : max;
    for (size_t i = 0; i < taken; i++) {
        out_items[i] = queue->items[queue->first];
        queue->first = queue->first + 1 < queue->capacity ? queue->first + 1 : 0;
    }
    queue->count -= taken;
    bool wakes_putters = taken > 0 && queue->waiting_putters > 0;
    /* A signal may have been eaten by this thread while more items and sleepers remain. */
    bool wakes_taker = queue->count > 0 && queue->waiting_takers > 0;
    mutex_unlock(&queue->mutex);
    if (wakes_putters) {
        cond_broadcast(&queue->not_full);
    }
    if (wakes_taker) {
        cond_signal(&queue->not_empty);
    }
    return taken;
}

void queue_close(struct queue *queue)
{
    mutex_lock(&queue->mutex);
    queue->closed = true;
    cond_broadcast(&queue->not_empty);
    cond_broadcast(&queue->not_full);
    mutex_unlock(&queue->mutex);
}

bool queue_is_closed(struct queue *queue)
{
    mutex_lock(&queue->mutex);
    bool closed = queue->closed;
    mutex_unlock(&queue->mutex);
    return closed;
}

size_t queue_count(struct queue *queue)
{
    mutex_lock(&queue->mutex);
    size_t count = queue->count;
    mutex_unlock(&queue->mutex);
    return count;
}
