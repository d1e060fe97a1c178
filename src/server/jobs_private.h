/* Inside of the room: what the serving bank's jobs keep. */
#ifndef SERVER_JOBS_PRIVATE_H
#define SERVER_JOBS_PRIVATE_H

#include "server/jobs.h"
#include "server/reseal.h"
#include "sys/thread.h"

#define LANE_END_OF_DAY "end-of-day"

struct server_jobs {
    struct house *house;
    struct eod *eod;
    struct lane_row lane_rows[LANES_MAX + 1];
    struct lanes *lanes; /* NULL until jobs_start */
    struct jobs *jobs;
    struct sealed_walk resealing;
    struct server_doors doors;
    struct mutex mutex; /* of what follows */
    /* What staff asked of the end of day, and how far it is. */
    bool is_eod_asked, is_eod_dry;
    bool is_eod_running;
    struct eod_status owed; /* as last seen */
    struct date eod_date;
    struct eod_progress eod_progress[EOD_STEPS_MAX];
    size_t eod_progress_count;
};

extern const struct job_row SERVER_JOBS[];

/* The job endOfDay: closes the business date whose civil day has ended, does what is owed. Its error is
 * that of the oldest date owed, until that is mended. */
enum err day_close_due(const struct house *house);
/* As struct server_doors has them. */
enum err day_ask(void *context, struct date date, bool dry_run);
size_t day_view_steps(void *context, struct eod_step_view *out, size_t max, bool *out_running);

#endif
