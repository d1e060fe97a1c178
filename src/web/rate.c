/* How often: budgets of principals, of addresses, and of numbers from an address. */
#include "web/web_private.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

/* Policies by name: the common ones of a principal and of an address, and those that routes name. */
static const struct {
    const char *name;
    struct ratelimit_policy policy;
} policies[] = {
    {"customer", {600, INT64_C(60000000)}}, /* 10 a second on average */
    {"staff", {1200, INT64_C(60000000)}},
    {"address", {600, INT64_C(60000000)}}, /* open routes, by address */
    {"sign-in", {120, INT64_C(60000000)}}, /* codes, sign-up, sign-in, by address: many share one */
    {"number", {10, INT64_C(60000000)}},   /* the same, for one number from one address */
    {"payee-check", {20, INT64_C(3600000000)}}, /* names cannot be harvested */
    {"proof", {20, INT64_C(60000000)}},         /* Argon2id: costs us a tenth of a second */
};

static const struct ratelimit_policy *find_policy(const char *name)
{
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        if (strcmp(policies[i].name, name) == 0) {
            return &policies[i].policy;
        }
    }
    return NULL;
}

bool rate_policy_exists(const char *name)
{
    return find_policy(name) != NULL;
}

static enum err take(struct call *call, const char *name)
{
    const struct ratelimit_policy *policy = find_policy(name);
    CHECK(policy != NULL); /* web_open has looked at every route */
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

static struct ratelimit_verdict take_own(const struct call *call, const char *policy, int64_t cost)
{
    uint64_t key = ratelimit_hash(call->web->ratelimit, policy, &call->principal_id,
                                  sizeof call->principal_id);
    return ratelimit_take(call->web->ratelimit, key, find_policy(policy), cost, call->now_us);
}

enum err rate_check_left(struct call *call, const char *policy)
{
    CHECK(find_policy(policy) != NULL);
    if (!call->web->options.rate_limits) {
        return ERR_OK;
    }
    struct ratelimit_verdict verdict = take_own(call, policy, 0);
    if (verdict.remaining > 0) {
        return ERR_OK;
    }
    call_retry_at(call, call->now_us + verdict.reset_s * 1000000 / find_policy(policy)->burst);
    return ERR_TOO_MANY_REQUESTS;
}

void rate_take_one(struct call *call, const char *policy)
{
    CHECK(find_policy(policy) != NULL);
    if (call->web->options.rate_limits) {
        (void)take_own(call, policy, 1);
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
        ratelimit_take(call->web->ratelimit, key, find_policy("number"), 1, call->now_us);
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
    return take(call, call->route->rate != NULL ? call->route->rate : call->route->scope->rate);
}
