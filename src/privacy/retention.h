/*
 * How long the bank keeps what it knows of people, and why: the rows of all rooms (frame/person.h),
 * which customers read (GET /v1/retention) and the jobs follow.
 */
#ifndef PRIVACY_RETENTION_H
#define PRIVACY_RETENTION_H

#include "privacy/leaving.h"

/* Days of a row of the house that is counted in days; 0: of months or years. CHECK: no such kind. */
int retention_days(const struct house *house, const char *kind);

struct retention_count {
    int64_t swept;  /* rows */
    size_t persons; /* erased for good */
};
/* Job: all that is due in a bucket, in transactions of their own. A second run finds nothing. Not
 * inside a unit of work; *out is added to. What the rooms sweep by themselves (pictures, places,
 * codes, sessions) is theirs. */
enum err retention_run(const struct house *house, int bucket, struct retention_count *out);

#endif
