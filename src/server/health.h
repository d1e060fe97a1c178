/*
 * A commit twice a second, whose age is half of the readiness (health_rules.h has the rest); gauges of the
 * disk, the log and the jobs. One thread; reading the state never waits.
 */
#ifndef SERVER_HEALTH_H
#define SERVER_HEALTH_H

#include "engine/engine.h"
#include "frame/doors.h"

struct health;

/* `doors` gets its ready and refresh_metrics; its jobs are read for the gauges. `sqlite_path` is the
 * database's file, NULL on PostgreSQL. All outlive the health. */
enum err health_start(struct engine *engine, struct server_doors *doors, const char *sqlite_path,
                      struct health **out);
void health_stop(struct health *health);

#endif
