/*
 * A progress bar on stderr: label, bar, done of total, rate, time left. Silent where stderr is not
 * a terminal. Redrawn at most ten times a second. For one thread.
 *
 *     replaying  [#########-----------]  45 %  4500000/10000000  2100000/s  0:02 left
 */
#ifndef SYS_PROGRESS_H
#define SYS_PROGRESS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRESS_LINE_MAX 512

struct progress {
    const char *label;
    int64_t total; /* 0: unknown */
    int64_t done;
    int64_t started_us, drawn_us;
    int fd;
    enum lang lang;
    bool visible;
};

void progress_start(struct progress *progress, const char *label, int64_t total, enum lang lang);
void progress_update(struct progress *progress, int64_t done);
/* Draws the end and a newline. */
void progress_finish(struct progress *progress);
/* The line without drawing it: bar for `width` columns after `elapsed_us`. */
void progress_format(const struct progress *progress, int width, int64_t elapsed_us,
                     char out[PROGRESS_LINE_MAX]);

#endif
