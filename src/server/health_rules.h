/*
 * What the bank's facts mean for a load balancer: pure. "unavailable" (503) takes the process out, since
 * its requests would fail or their effect is in danger; "attention" (200) asks for people while requests
 * are served as always. A job that failed is a metric only: most are tried again within seconds.
 */
#ifndef SERVER_HEALTH_RULES_H
#define SERVER_HEALTH_RULES_H

#include "frame/doors.h"

#define HEALTH_STALE_US           INT64_C(2500000)
#define HEALTH_CHECKPOINT_LATE_US INT64_C(60000000)
#define HEALTH_DISK_SHORT_BYTES   (INT64_C(1024) * 1024 * 1024)

struct health_facts {
    int64_t commit_age_us;
    enum err commit_error;         /* of the newest probe */
    int64_t checkpoint_failing_us; /* 0: the last checkpoint succeeded */
    int64_t disk_free_bytes;       /* -1: unknown */
    struct health_view view;
};

/*
 *   unavailable   a commit older than HEALTH_STALE_US     its error's name, or no-commit
 *                 steps of a date owed for an hour        end-of-day-late
 *                 checkpoints that fail for a minute      checkpoint-failing: the log grows until the disk
 *                                                         is full, and a crash would replay all of it
 *   attention     a checkpoint that failed                checkpoint-failing
 *                 a wall clock that is not followed       clock-in-doubt
 *                 customers' money not covered            reserve-short
 *                 less than HEALTH_DISK_SHORT_BYTES       disk-short
 *
 * Gives whether the bank is ready; `out` gets {"status":…} with every reason that holds.
 */
bool health_decide(const struct health_facts *facts, char out[READINESS_TEXT_MAX]);

#endif
