/*
 * The jobs of the serving bank: the frame's jobs and lanes with the rows of all rooms, the end of day,
 * the delivery of the outbox, and what the console asks of them.
 */
#ifndef SERVER_JOBS_H
#define SERVER_JOBS_H

#include "api/doors.h"
#include "frame/room.h"

struct server_jobs;
extern const struct room_parts SERVER_PARTS; /* the last of the list */

/* Starts lanes and jobs of an open house; once. ERR_NO_MEMORY, ERR_UNAVAILABLE. */
enum err jobs_start(struct house *house, struct server_jobs **out);
/* Ends them, before the house closes. */
void jobs_stop(struct server_jobs *jobs);
/* What the console asks for. Valid until the house closes. */
struct server_doors *jobs_doors(struct server_jobs *jobs);
/* The end of day of an open house. */
struct eod *jobs_eod(const struct house *house);

/* Delivers due outbox rows once, of all topics, waiting for each (tests). *out_count: rows handled. */
enum err outbox_deliver(const struct house *house, size_t limit, size_t *out_count);
/* News that stay inside the bank, many in one transaction. */
enum err outbox_deliver_news(const struct house *house, size_t *out_count);
/* Claims what is due for outside parties and gives it to their lanes. */
enum err outbox_hand_out(const struct house *house, struct lanes *lanes);
/* Age and number of what waits, as metrics. */
enum err outbox_show(const struct house *house);

#endif
