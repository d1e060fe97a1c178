/* Inside of the room: its state, and calls between its files. */
#ifndef API_PRIVATE_H
#define API_PRIVATE_H

#include "api/api.h"
#include "api/call.h"
#include "sys/metrics.h"
#include "sys/thread.h"

#define RUNNING_KEYS_MAX  4096 /* idempotency keys whose command runs now */
#define API_BODY_TEXT_MAX (4u << 20)
#define API_WORKERS_MAX   32

struct api {
    struct api_options options;
    struct ratelimit *ratelimit;
    struct queue slow;
    struct thread workers[API_WORKERS_MAX];
    int worker_count;
    struct mutex running_mutex;
    uint64_t running[RUNNING_KEYS_MAX]; /* hashes; 0 free */
    struct str openapi;
    struct partner_channel channel;           /* the clearing house: debits and credits */
    struct card_partner_channel card_channel; /* the same: signing of cards */
};

/* --- validate.c: ERR_INVALID_FIELD with the call's field errors, ERR_INVALID_JSON ------------- */
enum err validate_query(struct call *call);
enum err validate_body(struct call *call);

/* --- problem.c -------------------------------------------------------------------------------- */
/* Turns the call's err and what was added to it into a problem document in call->out. */
void problem_render(struct call *call);
/* A problem without a call: unknown path, wrong method. */
void problem_respond(struct http_request *request, enum err err, enum lang lang,
                     unsigned allowed_methods);
enum lang request_lang(const struct http_request *request);

/* --- session.c -------------------------------------------------------------------------------- */
/* Who asks: token, origin, session, permission. ERR_NOT_SIGNED_IN, ERR_CROSS_ORIGIN,
 * ERR_FORBIDDEN. */
enum err authorise(struct call *call);
/* Takes one token of the principal's (or address's) rate; sets the RateLimit headers.
 * ERR_TOO_MANY_REQUESTS. */
enum err rate_limit(struct call *call);
/* Whether the table of rate policies has that name: a route that names another is never opened. */
bool rate_policy_exists(const char *name);

/* --- openapi.c, pages.c ----------------------------------------------------------------------- */
enum err openapi_build(struct str *out);
/* Static files of the apps and other pages that are no route; false where the path is none. */
bool pages_respond(struct api *api, struct http_request *request);

#endif
