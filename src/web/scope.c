/* Who asks, and from where: the token of a request, and the scope that knows its session. */
#include "sys/http_value.h"
#include "web/web_private.h"

#include "base/check.h"

#include <stdlib.h>
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

static enum err find_token(struct call *call)
{
    const struct web_scope *scope = call->route->scope;
    const char *authorization = http_header(call->request, "Authorization");
    if (authorization != NULL && !scope->takes_bearer) {
        return ERR_NOT_SIGNED_IN;
    }
    if (authorization != NULL) {
        call->token = http_bearer(authorization);
        bool is_one = http_header_count(call->request, "Authorization") == 1;
        return call->token != NULL && is_one ? ERR_OK : ERR_NOT_SIGNED_IN;
    }
    size_t count = 0;
    call->token = http_cookie(call->request, scope->cookie, &count);
    call->by_cookie = true;
    return call->token != NULL && count == 1 ? same_origin(call) : ERR_NOT_SIGNED_IN;
}

enum err authorise(struct call *call)
{
    const struct web_scope *scope = call->route->scope;
    if (scope->authorise == NULL) {
        return ERR_OK;
    }
    enum err err = find_token(call);
    err = err ? err : scope->authorise(call);
    if (!err) {
        CHECK(call->principal != NULL && call->principal_id > 0);
        call->principal_scope = scope;
    }
    return err;
}

struct touch {
    struct engine_command command;
    const struct house *house;
    const struct web_scope *scope;
    int64_t session;
};

static enum err touch_work(struct uow *uow, void *context)
{
    const struct touch *touch = context;
    return touch->scope->touch(touch->house, uow, touch->session);
}

static void touch_done(struct engine_command *command, enum err err)
{
    (void)err;
    free(command->context);
}

void touch_session(const struct call *call)
{
    struct touch *touch = call->touch_session != 0 ? calloc(1, sizeof *touch) : NULL;
    if (touch == NULL) {
        return;
    }
    *touch = (struct touch){.command = {.work = touch_work, .done = touch_done, .context = touch},
                            .house = call_house(call),
                            .scope = call->route->scope,
                            .session = call->touch_session};
    engine_submit(call->web->options.house->engine, &touch->command);
}
