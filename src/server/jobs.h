/*
 * Jobs: what the bank does by itself. One thread looks every tenth of a second which are due and
 * runs them one after another; end of day has a thread of its own while it runs. Each job is
 * idempotent: killed in the middle, it does the rest next time.
 */
#ifndef SERVER_JOBS_H
#define SERVER_JOBS_H

#include "api/doors.h"
#include "server/rooms.h"

struct jobs;

/* `automatic_eod`: closes the business date when the civil day has ended. */
enum err jobs_start(struct rooms *rooms, bool automatic_eod, struct jobs **out);
void jobs_stop(struct jobs *jobs);
/* What the console asks for. Valid until jobs_stop. */
struct server_doors *jobs_doors(struct jobs *jobs);

/* Delivers due outbox rows once (a job, and tests). *out_count: rows handled. */
enum err outbox_deliver(struct rooms *rooms, size_t limit, size_t *out_count);

#endif
