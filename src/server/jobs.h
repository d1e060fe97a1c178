/*
 * The jobs of the serving bank: rows of the frame's jobs and lanes, the end of day, the delivery of
 * the outbox, and what the console asks of them.
 */
#ifndef SERVER_JOBS_H
#define SERVER_JOBS_H

#include "api/doors.h"
#include "frame/eod.h"
#include "frame/lane.h"
#include "server/rooms.h"

struct server_jobs;

/* `automatic_eod`: closes the business date when the civil day has ended. */
enum err jobs_start(struct house *house, bool automatic_eod, struct server_jobs **out);
void jobs_stop(struct server_jobs *jobs);
/* What the console asks for. Valid until jobs_stop. */
struct server_doors *jobs_doors(struct server_jobs *jobs);
struct lanes *jobs_lanes(struct server_jobs *jobs);

/* Delivers due outbox rows once, of all topics, waiting for each (tests). *out_count: rows handled. */
enum err outbox_deliver(struct house *house, size_t limit, size_t *out_count);
/* News that stay inside the bank, many in one transaction. */
enum err outbox_deliver_news(struct house *house, size_t *out_count);
/* Claims what is due for outside parties and gives it to their lanes. */
enum err outbox_hand_out(struct house *house, struct lanes *lanes);
/* Age and number of what waits, as metrics. */
enum err outbox_show(struct house *house);
/* What is owed of ends of day, as metrics. */
void rooms_show_owed(struct house *house, const struct eod_status *status);

#endif
