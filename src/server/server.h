/*
 * The serving bank: rooms, jobs, API and HTTP server wired together, from start to a clean stop.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "sys/config.h"
#include "sys/fault.h"

/* Serves until SIGINT or SIGTERM (process_init was called). `announce` is called once when requests
 * are answered. `out_fault` gets a line if an error comes back. */
typedef void server_announce(void *context, const char *base_url);
enum err server_run(const struct config *config, server_announce *announce, void *context,
                    struct fault *out_fault);

#endif
