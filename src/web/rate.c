/* Who asks, from where, how often. */
#include "api/api_private.h"
#include "sys/http_value.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

/* A cookie is sent by any page that the browser shows; an unsafe request by cookie must therefore
 * show that a page of ours made it (Fetch Metadata, RFC 6454). */
static enum err same_origin(const struct call *call)
{
    enum http_method method = call->request->method;
    if (method == HTTP_GET || method == HTTP_HEAD || method == HTTP_OPTIONS) {
        return ERR_OK;
    }
    const char *origin = http_header(call->request, "Origin");
    const char *site = http_header(call->request, "Sec-Fetch-Site");
    const char *host = http_header(call->request, "Host");
    if ((origin == NULL && site == NULL) || host == NULL) {
        return ERR_CROSS_ORIGIN;
    }
    if (site != NULL && strcmp(site, "same-origin") != 0) {
        return ERR_CROSS_ORIGIN;
    }
    if (origin != NULL && !http_origin_is(origin, true, host) &&
        (call->request->is_tls || !http_origin_is(origin, false, host))) {
        return ERR_CROSS_ORIGIN;
    }
    return ERR_OK;
}

bool call_is_browser(const struct call *call)
{
    return http_header(call->request, "Origin") != NULL ||
           http_header(call->request, "Sec-Fetch-Site") != NULL;
}

enum err call_same_origin(const struct call *call)
{
    return call_is_browser(call) ? same_origin(call) : ERR_OK;
}

/* A session of staff is a cookie alone, which no script reads and no program carries about. */
static enum err find_token(struct call *call)
{
    const char *authorization = http_header(call->request, "Authorization");
    if (authorization != NULL && call->route->scope == SCOPE_STAFF) {
        return ERR_NOT_SIGNED_IN;
    }
    if (authorization != NULL) {
        call->token = http_bearer(authorization);
        bool is_one = http_header_count(call->request, "Authorization") == 1;
        return call->token != NULL && is_one ? ERR_OK : ERR_NOT_SIGNED_IN;
    }
    size_t count = 0;
    call->token =
        http_cookie(call->request,
                    call->route->scope == SCOPE_STAFF ? "__Host-staff" : "__Host-session", &count);
    call->by_cookie = true;
    return call->token != NULL && count == 1 ? same_origin(call) : ERR_NOT_SIGNED_IN;
}

enum err authorise(struct call *call)
{
    const struct api_options *options = &call->api->options;
    if (call->route->scope == SCOPE_OPEN) {
        return ERR_OK;
    }
    enum err err = find_token(call);
    if (err) {
        return err;
    }
    if (call->route->scope == SCOPE_CUSTOMER) {
        err = session_check(options->customers, options->engine, call->token, call->now_us,
                            &call->customer);
        if (!err && http_header(call->request, "Accept-Language") == NULL) {
            call->lang = call->customer.language;
        }
        return err;
    }
    err = staff_session_check(options->staff, options->engine, call->token, call->now_us,
                              &call->staff);
    if (err) {
        return err;
    }
    return staff_may(call->staff.permissions, call->route->permission) ? ERR_OK : ERR_NOT_PERMITTED;
}

enum err call_need_active(struct call *call)
{
    call->needs_active = true;
    switch (call->customer.state) {
    case CUSTOMER_ACTIVE:
        return ERR_OK;
    case CUSTOMER_ONBOARDING:
        return ERR_ONBOARDING_INCOMPLETE;
    case CUSTOMER_SUSPENDED:
    case CUSTOMER_CLOSED:
        break;
    }
    return ERR_CUSTOMER_STATE;
}

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
    CHECK(policy != NULL); /* api_open has looked at every route */
    const char *address = http_remote_key(call->request);
    int64_t principal = call->route->scope == SCOPE_CUSTOMER ? call->customer.customer.value
                                                             : call->staff.staff.id.value;
    uint64_t key = call->route->scope == SCOPE_OPEN
                       ? ratelimit_hash(call->api->ratelimit, name, address, strlen(address))
                       : ratelimit_hash(call->api->ratelimit, name, &principal, sizeof principal);
    struct ratelimit_verdict verdict =
        ratelimit_take(call->api->ratelimit, key, policy, 1, call->now_us);
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

#define PAYEE_POLICY "payee-check"

static struct ratelimit_verdict take_payee(const struct call *call, int64_t cost)
{
    int64_t principal = call->customer.customer.value;
    uint64_t key = ratelimit_hash(call->api->ratelimit, PAYEE_POLICY, &principal, sizeof principal);
    return ratelimit_take(call->api->ratelimit, key, find_policy(PAYEE_POLICY), cost, call->now_us);
}

enum err call_payee_allowed(struct call *call)
{
    if (!call->api->options.rate_limits || call->has_guessed) {
        return ERR_OK;
    }
    struct ratelimit_verdict verdict = take_payee(call, 0);
    if (verdict.remaining > 0) {
        return ERR_OK;
    }
    call_retry_at(call,
                  call->now_us + verdict.reset_s * 1000000 / find_policy(PAYEE_POLICY)->burst);
    return ERR_TOO_MANY_REQUESTS;
}

void call_payee_revealed(struct call *call)
{
    if (call->api->options.rate_limits && !call->has_guessed) {
        (void)take_payee(call, 1);
    }
    call->has_guessed = true;
}

enum err rate_limit_number(struct call *call, const char *number)
{
    char text[API_NUMBER_MAX];
    if (!call->api->options.rate_limits) {
        return ERR_OK;
    }
    int size = snprintf(text, sizeof text, "%s %s", http_remote_key(call->request), number);
    size = size < 0 ? 0 : size < (int)sizeof text ? size : (int)sizeof text - 1;
    uint64_t key = ratelimit_hash(call->api->ratelimit, "number", text, (size_t)size);
    struct ratelimit_verdict verdict =
        ratelimit_take(call->api->ratelimit, key, find_policy("number"), 1, call->now_us);
    if (verdict.allowed) {
        return ERR_OK;
    }
    call_retry_at(call, call->now_us + verdict.retry_s * 1000000);
    return ERR_TOO_MANY_REQUESTS;
}

enum err rate_limit(struct call *call)
{
    if (!call->api->options.rate_limits) {
        return ERR_OK;
    }
    if (call->route->rate != NULL) {
        return take(call, call->route->rate);
    }
    return take(call, call->route->scope == SCOPE_OPEN       ? "address"
                      : call->route->scope == SCOPE_CUSTOMER ? "customer"
                                                             : "staff");
}
