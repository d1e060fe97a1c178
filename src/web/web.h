/*
 * HTTP as typed calls: routes, sessions, checks, problems, idempotency, rate limits, the OpenAPI
 * document, and the apps as static files. A request becomes one typed call, and the call one command
 * of the engine. The rooms above bring their routes (web/route.h) and scopes; none is named here.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "base/err.h"
#include "base/str.h"
#include "sys/http_server.h"

#include <stdbool.h>
#include <stddef.h>

struct house;
struct room_parts;
struct server_doors;
struct web;

/* Everything pointed to outlives the web. */
struct web_options {
    const struct house *house;        /* open; its rooms bring the routes */
    const struct server_doors *doors; /* jobs, end of day, readiness: frame/doors.h; NULL: none */
    const char *customer_app;         /* folder of the built app, NULL: none */
    const char *console_app;
    const char *hosts;         /* under which the bank is asked; NULL or "": any */
    const char *metrics_token; /* of /metrics; NULL or "": only on this machine */
    bool rate_limits;          /* false only for benches */
};
/* CHECK: each route names a scope and a rate policy that exist. ERR_NO_MEMORY. */
enum err web_open(const struct web_options *options, struct web **out);
/* Callback of the HTTP server. */
void web_handle(struct http_request *request);
/* The same for a bank whose console has a listener of its own: the public one serves nothing of staff, the
 * console's nothing of customers. What is elsewhere is not found. */
void web_handle_public(struct http_request *request);
void web_handle_console(struct http_request *request);
/* Callback of the HTTP server before a large body is taken: session and rate first. False: refused, and
 * web_handle answers. */
bool web_admit(struct http_request *request);
/* Callback of the HTTP server before the body comes: how large it may be. Pictures have a limit of
 * their own; all else has `otherwise`. */
size_t web_body_limit(const struct http_request *request, size_t otherwise);
/* Finishes slow calls that are running; call after http_server_stop. */
void web_close(struct web *web);

/* Writes the OpenAPI 3.1 document of the rooms' routes: one line of JSON. `rooms` ends with NULL.
 * ERR_NO_MEMORY. */
enum err web_document(const struct room_parts *const *rooms, struct str *out);

#endif
