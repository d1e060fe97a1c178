/*
 * The jobs of the serving bank: the frame's jobs and lanes with the rows of all rooms, the end of day,
 * the delivery of the outbox, and what the console asks of them.
 */
#ifndef SERVER_JOBS_H
#define SERVER_JOBS_H

#include "frame/doors.h"
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

#endif
