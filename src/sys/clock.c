#include "sys/clock.h"

#include "base/check.h"

#include <time.h>

static int64_t read_us(clockid_t id)
{
    struct timespec now;
    CHECK(clock_gettime(id, &now) == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t system_now_us(struct clock *clock)
{
    (void)clock;
    return read_us(CLOCK_REALTIME);
}

int64_t clock_now_us(struct clock *clock)
{
    return clock->now_us(clock);
}

struct clock *clock_system(void)
{
    static struct clock clock = {system_now_us};
    return &clock;
}

static int64_t manual_now_us(struct clock *clock)
{
    /* The clock is the first member of the manual one. */
    return atomic_load(&((struct clock_manual *)clock)->instant_us);
}

void clock_manual_init(struct clock_manual *manual, int64_t instant_us)
{
    manual->clock.now_us = manual_now_us;
    atomic_init(&manual->instant_us, instant_us);
}

void clock_manual_set(struct clock_manual *manual, int64_t instant_us)
{
    atomic_store(&manual->instant_us, instant_us);
}

void clock_manual_advance(struct clock_manual *manual, int64_t by_us)
{
    atomic_fetch_add(&manual->instant_us, by_us);
}

int64_t clock_monotonic_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}
