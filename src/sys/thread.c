#include "sys/thread.h"

#include "base/check.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static _Atomic int running_count;
static _Atomic int refused_after; /* threads that ran when the system last refused one */

struct start {
    void (*run)(void *argument);
    void *argument;
    char name[THREAD_NAME_SIZE];
};

static void *thread_main(void *pointer)
{
    struct start start = *(struct start *)pointer;
    free(pointer);
    pthread_setname_np(pthread_self(), start.name);
    start.run(start.argument);
    return NULL;
}

enum err thread_start(struct thread *thread, const char *name, void (*run)(void *argument),
                      void *argument)
{
    struct start *start = malloc(sizeof *start);
    if (start == NULL || atomic_fetch_add(&running_count, 1) >= THREAD_COUNT_MAX) {
        if (start != NULL) {
            atomic_fetch_sub(&running_count, 1);
        }
        free(start);
        return ERR_UNAVAILABLE;
    }
    start->run = run;
    start->argument = argument;
    snprintf(start->name, sizeof start->name, "%s", name);

    /* Signals belong to the main thread: a new thread inherits this mask. */
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&thread->handle, NULL, thread_main, start);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        atomic_store(&refused_after, atomic_fetch_sub(&running_count, 1));
        free(start);
        return ERR_UNAVAILABLE;
    }
    return ERR_OK;
}

void thread_join(struct thread *thread)
{
    CHECK(pthread_join(thread->handle, NULL) == 0);
    atomic_fetch_sub(&running_count, 1);
}

int thread_count(void)
{
    return atomic_load(&running_count);
}

int thread_refused_after(void)
{
    return atomic_load(&refused_after);
}

int thread_processor_count(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) < 1) {
        return 1;
    }
    return CPU_COUNT(&set);
}

void thread_sleep_us(int64_t duration_us)
{
    struct timespec left = {.tv_sec = duration_us / 1000000,
                            .tv_nsec = (duration_us % 1000000) * 1000};
    while (duration_us > 0 && nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

void mutex_init(struct mutex *mutex)
{
    CHECK(pthread_mutex_init(&mutex->handle, NULL) == 0);
}

void mutex_release(struct mutex *mutex)
{
    CHECK(pthread_mutex_destroy(&mutex->handle) == 0);
}

void mutex_lock(struct mutex *mutex)
{
    CHECK(pthread_mutex_lock(&mutex->handle) == 0);
}

void mutex_unlock(struct mutex *mutex)
{
    CHECK(pthread_mutex_unlock(&mutex->handle) == 0);
}

void cond_init(struct cond *cond)
{
    pthread_condattr_t attributes;
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&cond->handle, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
}

void cond_release(struct cond *cond)
{
    CHECK(pthread_cond_destroy(&cond->handle) == 0);
}

static struct timespec deadline_after(int64_t timeout_us)
{
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    now.tv_sec += timeout_us / 1000000;
    now.tv_nsec += (timeout_us % 1000000) * 1000;
    if (now.tv_nsec >= 1000000000) {
        now.tv_sec++;
        now.tv_nsec -= 1000000000;
    }
    return now;
}

/* False once the deadline (NULL: none) has passed. */
static bool wait_until(struct cond *cond, struct mutex *mutex, const struct timespec *deadline)
{
    if (deadline == NULL) {
        CHECK(pthread_cond_wait(&cond->handle, &mutex->handle) == 0);
        return true;
    }
    int result = pthread_cond_timedwait(&cond->handle, &mutex->handle, deadline);
    CHECK(result == 0 || result == ETIMEDOUT);
    return result == 0;
}

bool cond_wait(struct cond *cond, struct mutex *mutex, int64_t timeout_us)
{
    if (timeout_us < 0) {
        return wait_until(cond, mutex, NULL);
    }
    struct timespec deadline = deadline_after(timeout_us);
    return wait_until(cond, mutex, &deadline);
}

void cond_signal(struct cond *cond)
{
    pthread_cond_signal(&cond->handle);
}

void cond_broadcast(struct cond *cond)
{
    pthread_cond_broadcast(&cond->handle);
}

void semaphore_init(struct semaphore *semaphore, int64_t value)
{
    mutex_init(&semaphore->mutex);
    cond_init(&semaphore->cond);
    semaphore->value = value;
}

void semaphore_release(struct semaphore *semaphore)
{
    cond_release(&semaphore->cond);
    mutex_release(&semaphore->mutex);
}

void semaphore_post(struct semaphore *semaphore, int64_t count)
{
    mutex_lock(&semaphore->mutex);
    semaphore->value += count;
    if (count > 1) {
        cond_broadcast(&semaphore->cond);
    } else {
        cond_signal(&semaphore->cond);
    }
    mutex_unlock(&semaphore->mutex);
}

bool semaphore_wait(struct semaphore *semaphore, int64_t timeout_us)
{
    struct timespec deadline = deadline_after(timeout_us < 0 ? 0 : timeout_us);
    mutex_lock(&semaphore->mutex);
    while (semaphore->value <= 0 &&
           wait_until(&semaphore->cond, &semaphore->mutex, timeout_us < 0 ? NULL : &deadline)) {
    }
    bool taken = semaphore->value > 0;
    semaphore->value -= taken ? 1 : 0;
    mutex_unlock(&semaphore->mutex);
    return taken;
}
