/*
 * How long the bank keeps what it knows of people, and why: one table, which customers read
 * (GET /v1/retention) and the jobs follow.
 */
#ifndef PRIVACY_RETENTION_H
#define PRIVACY_RETENTION_H

#include "privacy/leaving.h"

struct retention_row {
    const char *kind;      /* "idPictures" */
    const char *kept_for;  /* ISO 8601: "P180D" */
    const char *name[2];   /* by enum lang */
    const char *ground[2]; /* the law, and from when it counts */
};
#define RETENTION_COUNT 11
const struct retention_row *retention_at(size_t index);
/* Pure: the days of a row that is counted in days; 0: of months or years. CHECK: no such kind. */
int retention_days(const char *kind);

struct retention_count {
    int64_t swept;  /* rows */
    size_t persons; /* erased for good */
};
/* Job: all that is due in a bucket, in transactions of their own. A second run finds nothing. Not
 * inside a unit of work; *out is added to. What the rooms sweep by themselves (pictures, places,
 * codes, sessions) is theirs. */
enum err retention_run(const struct privacy_room *room, struct engine *engine, int bucket,
                       struct retention_count *out);

#endif
