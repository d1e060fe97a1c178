/*
 * Threads, locks, a counting semaphore and a bounded queue. Locks fail only by our own mistake
 * (CHECK). Time-outs are relative, in microseconds of the monotonic clock; negative waits for ever.
 */
#ifndef SYS_THREAD_H
#define SYS_THREAD_H

#include "base/err.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define THREAD_COUNT_MAX 256 /* started here and not yet joined */
#define THREAD_NAME_SIZE 16

struct thread {
    pthread_t handle;
};

/* `name` shows in ps and debuggers; cut to 15 bytes. The thread has every signal blocked.
 * ERR_UNAVAILABLE above THREAD_COUNT_MAX or if the system gives none. */
enum err thread_start(struct thread *thread, const char *name, void (*run)(void *argument),
                      void *argument);
void thread_join(struct thread *thread);
int thread_count(void);
/* How many threads ran when the system last refused a further one; 0: it never did. */
int thread_refused_after(void);
/* Processors that this process may run on, at least 1. */
int thread_processor_count(void);
void thread_sleep_us(int64_t duration_us);

struct mutex {
    pthread_mutex_t handle;
};

#define MUTEX_INITIALIZER                                                                          \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER                                                                  \
    }

void mutex_init(struct mutex *mutex);
void mutex_release(struct mutex *mutex);
void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

struct cond {
    pthread_cond_t handle;
};

void cond_init(struct cond *cond);
void cond_release(struct cond *cond);
/* False after the time-out; may also wake for no reason. */
bool cond_wait(struct cond *cond, struct mutex *mutex, int64_t timeout_us);
void cond_signal(struct cond *cond);
void cond_broadcast(struct cond *cond);

struct semaphore {
    struct mutex mutex;
    struct cond cond;
    int64_t value;
};

void semaphore_init(struct semaphore *semaphore, int64_t value);
void semaphore_release(struct semaphore *semaphore);
void semaphore_post(struct semaphore *semaphore, int64_t count);
bool semaphore_wait(struct semaphore *semaphore, int64_t timeout_us); /* false after the time-out */

/* A bounded queue of pointers for any number of producers and consumers, first in first out. One
 * lock takes a whole batch; a consumer that is awake is never signalled. */
struct queue {
    struct mutex mutex;
    struct cond not_empty, not_full;
    void **items;
    size_t capacity, first, count;
    size_t waiting_takers, waiting_putters;
    bool closed;
};

enum err queue_init(struct queue *queue, size_t capacity); /* ERR_NO_MEMORY */
void queue_release(struct queue *queue);
/* ERR_UNAVAILABLE: full for the whole time-out (0: at once), or closed. */
enum err queue_put(struct queue *queue, void *item, int64_t timeout_us);
/* Waits for the first item, then takes what is there up to `max` and returns how many; 0 after the
 * time-out, or when the queue is closed and empty. */
size_t queue_take(struct queue *queue, void **out_items, size_t max, int64_t timeout_us);
/* No more items go in; what is inside can still be taken; everybody waiting wakes. */
void queue_close(struct queue *queue);
bool queue_is_closed(struct queue *queue);
size_t queue_count(struct queue *queue);

#endif
