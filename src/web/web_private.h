/* Inside of the room: its state, and calls between its files. */
#ifndef WEB_PRIVATE_H
#define WEB_PRIVATE_H

#include "db/idempotency.h"
#include "engine/engine.h"
#include "frame/lane.h"
#include "frame/room.h"
#include "sys/metrics.h"
#include "sys/ratelimit.h"
#include "sys/thread.h"
#include "sys/vault.h"
#include "web/call.h"
#include "web/web.h"

#define RUNNING_KEYS_MAX  4096 /* idempotency keys whose command runs now */
#define WEB_BODY_TEXT_MAX (4u << 20)
#define WEB_NUMBER_MAX    256

struct web {
    struct web_options options;
    struct router router;
    struct ratelimit *ratelimit;
    struct lanes *lanes; /* of slow routes */
    struct mutex running_mutex;
    uint64_t running[RUNNING_KEYS_MAX]; /* hashes; 0 free */
    struct str openapi;
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
enum lang request_lang(struct http_request *request);

/* --- scope.c ---------------------------------------------------------------------------------- */
/* Who asks: token, origin, session, permission. ERR_NOT_SIGNED_IN, ERR_CROSS_ORIGIN,
 * ERR_FORBIDDEN. */
enum err authorise(struct call *call);
/* Notes that a session is in use, once in a while and behind the answer's back. */
void touch_session(const struct call *call);

/* --- rate.c ----------------------------------------------------------------------------------- */
/* Takes one token of the principal's (or address's) rate; sets the RateLimit headers.
 * ERR_TOO_MANY_REQUESTS. */
enum err rate_limit(struct call *call);
/* The policy of that name, of web or of a room; NULL: none. A route that names such a one is never opened. */
const struct ratelimit_policy *rate_find(const struct room_parts *const *rooms, const char *name);

/* --- fingerprint.c ----------------------------------------------------------------------------- */
/* Keyed hash of what the request asks: method, path, query, and the checked members by their meaning,
 * so that order, white space, escapes and zeros behind the point do not count. */
void fingerprint(const struct call *call, uint8_t out[IDEMPOTENCY_HASH_SIZE]);

/* --- keyed.c: answers under an Idempotency-Key ------------------------------------------------ */
/* Reads the key of a route that asks for one, and takes it for this process: 409 while the first of two
 * equal requests runs. ERR_IDEMPOTENCY_KEY_MISSING, _INVALID, _IN_USE, ERR_BUSY. */
enum err keyed_begin(struct call *call);
void keyed_end(struct call *call);
/* Answers from what an earlier run stored. ERR_NOT_FOUND where this is the first,
 * ERR_IDEMPOTENCY_KEY_REUSED, ERR_VAULT_SEAL. */
enum err keyed_replay(struct call *call, struct uow *uow);
/* Keeps the answer, or the refusal, in the command's own transaction. */
enum err keyed_store(struct call *call, struct uow *uow);
/* Is there an answer already? */
enum err keyed_find(const struct call *call, struct uow *uow);

/* --- refusal_log.c ----------------------------------------------------------------------------- */
/* One line for each refusal that concerns security, and for each failure of ours: with the trace id that
 * the answer shows. */
void refusal_log(const struct call *call);

/* --- slow.c: routes that wait for others, or for the processor --------------------------------- */
/* Starts the lanes. */
enum err slow_open(struct web *api);
void slow_close(struct web *api);
/* Runs the call on its route's lane. ERR_BUSY, ERR_UNAVAILABLE: the lane does not take it. */
enum err slow_submit(struct call *call, void (*run)(struct call *call),
                     void (*shed)(struct call *call, enum err err));

/* --- pages.c ------------------------------------------------------------------------------------ */
/* Static files of the apps and other pages that are no route; false where the path is none. */
bool pages_respond(struct web *api, struct http_request *request);

#endif
