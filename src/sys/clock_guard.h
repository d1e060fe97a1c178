/*
 * A clock that nobody turns by accident. Its time is the wall clock's as long as that runs as the
 * machine's own count of time does; when somebody or something sets the wall clock, the bank's time
 * goes on by the count and the jump is shown, until the wall clock comes back or two people agree to
 * follow it. So a wall clock that is wrong for a while leaves no trace in the books.
 *
 *             wall clock set by more than the bounds
 *   STEADY ------------------------------------------> JUMPED   (bank's time: the count)
 *     ^  ^--------- comes back into the bounds, or follow -----'
 *     |
 *   UNSURE   after a start too long after the newest instant kept: the wall clock is used,
 *            but nobody knows that it is right; ended by follow or by a start in time
 *
 * The time given never steps back, but by follow. Unit: microseconds. Safe for any threads.
 */
#ifndef SYS_CLOCK_GUARD_H
#define SYS_CLOCK_GUARD_H

#include "base/err.h"
#include "sys/clock.h"
#include "sys/thread.h"

/* A step forward within this is taken at once: a machine that was paused, a correction. */
#define CLOCK_FORWARD_MAX_US INT64_C(900000000)
/* A step back within this is made up by running at half the pace. */
#define CLOCK_BACK_MAX_US INT64_C(60000000)
/* A start so long after the newest instant kept is an outage; after more, people are asked. */
#define CLOCK_OUTAGE_MAX_US INT64_C(604800000000)
#define CLOCK_BOOT_ID_SIZE  40

enum clock_state { CLOCK_STEADY = 0, CLOCK_JUMPED = 1, CLOCK_UNSURE = 2 };

struct clock_reading {
    int64_t now_us;   /* the bank's time */
    int64_t count_us; /* of the machine since its start */
    int64_t ahead_us; /* wall clock less the bank's time */
    enum clock_state state;
    int64_t changed_at_us; /* of the bank's time: when the state began */
    uint64_t jump_count;   /* since the start */
};

/* What is kept between two runs. `largest_us` 0: nothing yet. */
struct clock_memory {
    char boot_id[CLOCK_BOOT_ID_SIZE]; /* of the machine's start: the same, the same count */
    int64_t offset_us;                /* bank's time less the count */
    int64_t largest_us;               /* newest instant that the bank saw */
};

struct clock_guard {
    struct clock clock; /* first; hand out &guard.clock */
    struct clock *wall, *count;
    char boot_id[CLOCK_BOOT_ID_SIZE];
    struct mutex mutex;
    int64_t last_us, last_count_us, changed_at_us;
    enum clock_state state;
    uint64_t jump_count;
};

/* `count`: a clock that runs evenly from the machine's start, also while it sleeps. */
void clock_guard_init(struct clock_guard *guard, struct clock *wall, struct clock *count,
                      const char *boot_id);
/* Goes on from what an earlier run kept; once, before the clock is used. */
void clock_guard_resume(struct clock_guard *guard, const struct clock_memory *memory);
struct clock_reading clock_guard_read(struct clock_guard *guard);
/* Two people agreed: the wall clock is right. The only step back that there is. */
void clock_guard_follow(struct clock_guard *guard);

/* The machine's count since its start; lives for ever. */
struct clock *clock_count(void);
/* Names this start of the machine. ERR_IO. */
enum err clock_boot_id(char out[CLOCK_BOOT_ID_SIZE]);

/* For banks with a sandbox: wall clock and count shifted by two 64-bit numbers of microseconds
 * (little endian) in a file, which may change at any time: first the shift of the wall clock, then
 * the shift of the count. ERR_IO. Both live for ever. */
enum err clock_shifted(const char *path, struct clock **out_wall, struct clock **out_count);

#endif
