/*
 * Where instants come from. A room never asks the operating system for the time: it is handed a
 * `struct clock`, the system's when the bank runs and a manual one in tests.
 * Unit: microseconds since 1970-01-01T00:00:00Z. Safe for any number of threads.
 */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>

struct clock {
    int64_t (*now_us)(struct clock *clock);
};

int64_t clock_now_us(struct clock *clock);
/* The system's wall clock; lives for ever. It may step back: never measure with it. */
struct clock *clock_system(void);

/* A clock that moves only when set or advanced. Pass `&manual.clock` where a clock is wanted. */
struct clock_manual {
    struct clock clock;
    _Atomic int64_t instant_us;
};

void clock_manual_init(struct clock_manual *manual, int64_t instant_us);
void clock_manual_set(struct clock_manual *manual, int64_t instant_us);
void clock_manual_advance(struct clock_manual *manual, int64_t by_us);

/* Time that only rises, from an arbitrary zero: for measuring and for time-outs. */
int64_t clock_monotonic_us(void);

#endif
