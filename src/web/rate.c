/* How often: budgets of principals, of addresses, and of numbers from an address. */
#include "web/web_private.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

/* What no room brings. */
static const struct rate_row common[] = {
    {"address", {600, INT64_C(60000000)}}, /* open routes, by address */
    {"number", {10, INT64_C(60000000)}}, /* codes, sign-up, sign-in: one number from one address */
    {0}};

static const struct ratelimit_policy *rate_find_in(const struct rate_row *rows, const char *name)
{
    for (; rows != NULL && rows->name != NULL; rows++) {
        if (strcmp(rows->name, name) == 0) {
            return &rows->policy;
        }
    }
    return NULL;
}

const struct ratelimit_policy *rate_find(const struct room_parts *const *rooms, const char *name)
{
    const struct ratelimit_policy *policy = rate_find_in(common, name);
    for (; policy == NULL && *rooms != NULL; rooms++) {
        policy = rate_find_in((*rooms)->rates, name);
    }
    return policy;
}

static const struct ratelimit_policy *rate_policy(const struct call *call, const char *name)
{
    const struct ratelimit_policy *policy = rate_find(call_house(call)->rooms, name);
    CHECK(policy != NULL); /* web_open has looked at every route */
    return policy;
}

static enum err rate_take(struct call *call, const char *name)
{
    const struct ratelimit_policy *policy = rate_policy(call, name);
    const char *address = http_remote_key(call->request);
    uint64_t key = call->route->scope->authorise == NULL
                       ? ratelimit_hash(call->web->ratelimit, name, address, strlen(address))
                       : ratelimit_hash(call->web->ratelimit, name, &call->principal_id,
                                        sizeof call->principal_id);
    struct ratelimit_verdict verdict =
        ratelimit_take(call->web->ratelimit, key, policy, 1, call->now_us);
    char limit[96];
    char stated[96];
    snprintf(limit, sizeof limit, "\"%s\";r=%lld;t=%lld", name, (long long)verdict.remaining,
             (long long)verdict.reset_s);
    snprintf(stated, sizeof stated, "\"%s\";q=%lld;w=%lld", name, (long long)policy->burst,
             (long long)(policy->window_us / 1000000));
    http_response_add(&call->response, "RateLimit", arena_strdup(call->arena, limit));
    http_response_add(&call->response, "RateLimit-Policy", arena_strdup(call->arena, stated));
    if (verdict.allowed) {
        return ERR_OK;
    }
    call_retry_at(call, call->now_us + verdict.retry_s * 1000000);
    return ERR_TOO_MANY_REQUESTS;
}

static struct ratelimit_verdict rate_take_own(const struct call *call, const char *policy,
                                              int64_t cost)
{
    uint64_t key = ratelimit_hash(call->web->ratelimit, policy, &call->principal_id,
                                  sizeof call->principal_id);
    return ratelimit_take(call->web->ratelimit, key, rate_policy(call, policy), cost, call->now_us);
}

enum err rate_check_left(struct call *call, const char *policy)
{
    if (!call->web->options.rate_limits) {
        return ERR_OK;
    }
    struct ratelimit_verdict verdict = rate_take_own(call, policy, 0);
    if (verdict.remaining > 0) {
        return ERR_OK;
    }
    call_retry_at(call,
                  call->now_us + verdict.reset_s * 1000000 / rate_policy(call, policy)->burst);
    return ERR_TOO_MANY_REQUESTS;
}

void rate_take_one(struct call *call, const char *policy)
{
    if (call->web->options.rate_limits) {
        (void)rate_take_own(call, policy, 1);
    }
}

enum err rate_limit_number(struct call *call, const char *number)
{
    char text[WEB_NUMBER_MAX];
    if (!call->web->options.rate_limits) {
        return ERR_OK;
    }
    int size = snprintf(text, sizeof text, "%s %s", http_remote_key(call->request), number);
    size = size < 0 ? 0 : size < (int)sizeof text ? size : (int)sizeof text - 1;
    uint64_t key = ratelimit_hash(call->web->ratelimit, "number", text, (size_t)size);
    struct ratelimit_verdict verdict =
        ratelimit_take(call->web->ratelimit, key, rate_policy(call, "number"), 1, call->now_us);
    if (verdict.allowed) {
        return ERR_OK;
    }
    call_retry_at(call, call->now_us + verdict.retry_s * 1000000);
    return ERR_TOO_MANY_REQUESTS;
}

enum err rate_limit(struct call *call)
{
    if (!call->web->options.rate_limits) {
        return ERR_OK;
    }
    return rate_take(call,
                     call->route->rate != NULL ? call->route->rate : call->route->scope->rate);
}
