/*
 * Slow routes and their lanes: what waits for the processor holds up nobody who waits for the clearing
 * house, and one customer has a bounded part of each lane. What cannot be served soon is refused (503
 * with Retry-After) and never piles up.
 */
#include "web/web_private.h"

#include "base/check.h"

#include <string.h>

#define SECONDS(n) (INT64_C(1000000) * (n))

/* Threads, then how much may wait and for how long, and one principal's part of it. */
static const struct lane_row rows[] = {
    /* Argon2id of strangers: sign-in. The principal is the address, many may share it. */
    {LANE("sign-in"), .threads = 4, .waiting_max = 256, .principal_max = 64,
     .wait_max_us = SECONDS(8)},
    /* Argon2id of who is signed in. */
    {LANE("proof"), .threads = 2, .waiting_max = 128, .principal_max = 4,
     .wait_max_us = SECONDS(8)},
    {LANE("pictures"), .threads = 2, .waiting_max = 64, .principal_max = 4,
     .wait_max_us = SECONDS(15)},
    /* PDF, CSV, export. */
    {LANE("documents"), .threads = 2, .waiting_max = 64, .principal_max = 4,
     .wait_max_us = SECONDS(8)},
    {LANE("read"), .threads = 6, .waiting_max = 512, .principal_max = 24,
     .wait_max_us = SECONDS(5)},
    /* The clearing house, and the issuers behind it. */
    {LANE("clearing"), .threads = 16, .waiting_max = 128, .principal_max = 12,
     .wait_max_us = SECONDS(5)},
    /* Registries, and all else that is neither quick nor a reading. */
    {LANE("outside"), .threads = 8, .waiting_max = 128, .principal_max = 12,
     .wait_max_us = SECONDS(8)},
    {.name = NULL}};

static const char *lane_of(const struct route *route)
{
    if (route->lane != NULL) {
        return route->lane;
    }
    if (route->flags & ROUTE_PICTURE) {
        return "pictures";
    }
    if (route->flags & ROUTE_RAW) {
        return "documents";
    }
    if (route->scope->authorise == NULL) {
        return "sign-in";
    }
    if (route->rate != NULL && strcmp(route->rate, "proof") == 0) {
        return "proof";
    }
    if (route->method == HTTP_GET) {
        return "read";
    }
    return route->flags & ROUTE_RENDER_LATER ? "clearing" : "outside";
}

static uint64_t principal_of(const struct call *call)
{
    struct ratelimit *ratelimit = call->web->ratelimit;
    const char *address = http_remote_key(call->request);
    if (call->principal_id != 0) {
        return (uint64_t)call->principal_id;
    }
    return call->web->options.rate_limits
               ? ratelimit_hash(ratelimit, "lane", address, strlen(address)) | 1
               : 0;
}

static void run_work(struct lane_work *work)
{
    struct call *call = work->context;
    call->run(call);
}

static void shed_work(struct lane_work *work, enum err err)
{
    struct call *call = work->context;
    call->shed(call, err);
}

enum err slow_submit(struct call *call, void (*run)(struct call *call),
                     void (*shed)(struct call *call, enum err err))
{
    struct lane *lane = lanes_find(call->web->lanes, lane_of(call->route));
    CHECK(lane != NULL);
    call->run = run;
    call->shed = shed;
    call->lane_work = (struct lane_work){
        .run = run_work, .shed = shed_work, .context = call, .principal = principal_of(call)};
    return lane_submit(lane, &call->lane_work);
}

enum err slow_open(struct web *web)
{
    return lanes_open(rows, &web->lanes);
}

void slow_close(struct web *web)
{
    lanes_close(web->lanes);
}
