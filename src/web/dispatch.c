/*
 * The way of a request: route, session, rate, fields, then its handlers. A quick route's command is
 * handed to the engine and answered from its thread once durable; a slow one runs on its lane.
 */
#include "base/check.h"
#include "sys/http_value.h"
#include "sys/log.h"
#include "web/web_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATELIMIT_ENTRIES 16384

/* --- answers ---------------------------------------------------------------------------------- */

static void send_answer(struct call *call)
{
    if (call->err != ERR_OK && !call->replayed) {
        problem_render(call);
    }
    if (call->out.failed) {
        str_clear(&call->out);
        call->err = ERR_NO_MEMORY;
        call->status = err_http_status(call->err);
    }
    if (call->err != ERR_OK && !call->replayed) {
        refusal_log(call);
    }
    keyed_end(call);
    if (call->body != NULL) {
        json_decref(call->body);
    }
    struct http_response *response = &call->response;
    response->status = call->status;
    /* A stored problem is in the language of its first request, whichever that was. */
    if (!call->replayed || call->status < 300) {
        http_response_add(response, "Content-Language", call->lang == LANG_ZH ? "zh" : "en");
    }
    if (call->out.size > 0) {
        response->content_type = call->content_type;
        response->kind = HTTP_BODY_OWNED;
        response->body = call->out.bytes;
        response->size = call->out.size;
    } else {
        str_release(&call->out);
        response->kind = HTTP_BODY_NONE;
    }
    /* Sign-up and sign-in are open and answer with a token. */
    if (call->route->scope->authorise != NULL || call->request->method == HTTP_POST) {
        http_response_add(response, "Cache-Control", "no-store");
    }
    http_respond(call->request, response);
}

/* --- the command ------------------------------------------------------------------------------ */

/* On PostgreSQL the first run does not look for an earlier one's answer: where there is one, storing
 * ours conflicts, all is undone and the engine runs the command again, which then looks. Keys that
 * come twice are few, and each look is a statement. The embedded engine does not run again. */
static bool looks_first(const struct call *call, const struct uow *uow)
{
    return call->runs > 1 || db_engine_of_conn(uow->conn) == DB_SQLITE;
}

/* A refusal of a run that did not look first may be of a request that was answered before: then the
 * command is run again, and finds that answer. */
static enum err look_again(const struct call *call, struct uow *uow, enum err refusal)
{
    return keyed_find(call, uow) == ERR_OK ? ERR_DB_CONFLICT : refusal;
}

/* What prepare refused may have been answered before, when the bank's state was another: the stored
 * answer comes first. */
static enum err run_prepare_refused(struct call *call, struct uow *uow)
{
    str_clear(&call->out);
    call->replayed = false;
    enum err err = keyed_replay(call, uow);
    err = err == ERR_NOT_FOUND ? call->prepare_error : err;
    call->err = err;
    return err;
}

static enum err run_commit(struct uow *uow, void *context)
{
    struct call *call = context;
    if (call->prepare_error != ERR_OK) {
        return run_prepare_refused(call, uow);
    }
    call_start_run(call);
    if (call->idempotency_key != NULL && looks_first(call, uow)) {
        enum err err = keyed_replay(call, uow);
        if (err != ERR_NOT_FOUND) {
            call->err = err;
            return err;
        }
    }
    const struct web_scope *scope = call->route->scope;
    enum err err = scope->judge != NULL ? scope->judge(call, uow) : ERR_OK;
    err = err ? err : call->route->commit(call, uow);
    if (err && call->idempotency_key != NULL && !looks_first(call, uow)) {
        err = look_again(call, uow, err);
    }
    if (err) {
        call->err = err; /* run_refused keeps it */
        return err;
    }
    if (call->err != ERR_OK) {
        problem_render(call); /* a refusal that its transaction remembers */
    }
    CHECK(call->err != ERR_OK || call->is_logged || !(call->route->flags & ROUTE_LOGGED));
    return call->idempotency_key != NULL ? keyed_store(call, uow) : ERR_OK;
}

/* The database's own words, for the log; its lines carry the trace id meanwhile. */
static enum err with_cause(struct call *call, struct uow *uow, enum err err)
{
    if (err != ERR_OK && err_http_status(err) >= 500) {
        call->cause = arena_strdup(call->arena, db_message(uow->conn));
    }
    return err;
}

static enum err run_traced(struct uow *uow, void *context)
{
    struct call *call = context;
    log_trace_set(call->trace_id, "0000000000000001");
    enum err err = with_cause(call, uow, run_commit(uow, context));
    log_trace_clear();
    return err;
}

/* Refusals that the same request, sent again, can outlive, and those of its form: it may be repeated, or
 * mended, under its key. */
static bool is_passing(enum err err)
{
    return err == ERR_STEP_UP_REQUIRED || err == ERR_SESSION_RESTS || err_is_retryable(err) ||
           err_http_status(err) == 400;
}

/* The work was undone; its refusal is an answer all the same, and kept under the key. */
static enum err run_refused(struct uow *uow, void *context)
{
    struct call *call = context;
    if (call->idempotency_key == NULL || call->err == ERR_IDEMPOTENCY_KEY_REUSED) {
        return ERR_OK;
    }
    if (is_passing(call->err)) {
        return ERR_OK;
    }
    problem_render(call);
    return keyed_store(call, uow);
}

static void after_commit(struct call *call, enum err err)
{
    if (err) {
        call->err = err;
        call->replayed = false;
    } else if (call->replayed && call->status >= 300) {
        call->err = ERR_OK; /* the stored problem is the answer */
    }
    if (call->replayed) {
        http_response_add(&call->response, "Idempotency-Replayed", "true");
    }
    bool render = call->err == ERR_OK && call->status < 300 && call->route->finish != NULL &&
                  (!call->replayed || (call->route->flags & ROUTE_RENDER_LATER));
    if (render) {
        enum err finishing = call->route->finish(call);
        call->err = finishing;
        if (finishing) {
            call->replayed = false;
        }
    }
}

static void command_done(struct engine_command *command, enum err err)
{
    struct call *call = command->context;
    after_commit(call, err);
    send_answer(call);
}

/* --- running ---------------------------------------------------------------------------------- */

/* False where there is nothing left to run. A refusal under a key still has its command: it finds the
 * answer of an earlier run, or keeps this one. */
static bool dispatch_prepare(struct call *call)
{
    if (call->route->prepare != NULL && call->err == ERR_OK) {
        enum err err = call->route->prepare(call);
        call->err = call->err ? call->err : err;
    }
    if (call->err != ERR_OK && call->idempotency_key != NULL && call->route->commit != NULL) {
        call->prepare_error = call->err;
        return true;
    }
    return call->err == ERR_OK;
}

static void run_slow(struct call *call)
{
    if (dispatch_prepare(call)) {
        if (call->route->commit != NULL) {
            call->command.work = run_traced;
            call->command.refused = run_refused;
            call->command.repeatable = call->idempotency_key != NULL;
            call->command.context = call;
            after_commit(call,
                         engine_run_prepared(call->web->options.house->engine, &call->command));
        } else if (call->route->finish != NULL) {
            call->err = call->route->finish(call);
        }
    }
    send_answer(call);
}

static enum err prepare_on_worker(void *context)
{
    struct call *call = context;
    return dispatch_prepare(call) ? ERR_OK : call->err;
}

/* A round trip to a server on the few threads of HTTP would hold up every other connection, so
 * there the command's worker prepares; readings of the embedded database are shorter than a switch
 * between threads. */
static void run_quick(struct call *call)
{
    struct engine *engine = call->web->options.house->engine;
    bool by_worker = call->route->prepare != NULL && call->route->commit != NULL &&
                     db_engine_of(engine_db(engine)) == DB_POSTGRESQL;
    if (!by_worker && (!dispatch_prepare(call) || call->route->commit == NULL)) {
        if (call->err == ERR_OK && call->route->finish != NULL) {
            call->err = call->route->finish(call);
        }
        send_answer(call);
        return;
    }
    call->command = (struct engine_command){.prepare = by_worker ? prepare_on_worker : NULL,
                                            .work = run_traced,
                                            .refused = run_refused,
                                            .repeatable = call->idempotency_key != NULL,
                                            .done = command_done,
                                            .context = call};
    engine_submit(engine, &call->command);
}

/* Refused for want of room: nothing was begun. */
static void refuse_busy(struct call *call, enum err err)
{
    call->err = err;
    call_retry_at(call, call->now_us + LANE_RETRY_AFTER_S * INT64_C(1000000));
    send_answer(call);
}

static struct call *call_open(struct http_request *request, const struct route_match *match)
{
    struct web *web = request->user;
    struct call *call = arena_zero(request->arena, sizeof *call);
    if (call == NULL) {
        return NULL;
    }
    call->web = web;
    call->route = match->route;
    call->request = request;
    call->arena = request->arena;
    call->now_us = request->arrived_us;
    call->lang = request_lang(request);
    memcpy(call->params, match->params, sizeof call->params);
    call->status = match->route->status;
    call->content_type = "application/json";
    str_init(&call->out, WEB_BODY_TEXT_MAX);
    uint8_t bytes[16];
    vault_random(web->options.house->vault, bytes, sizeof bytes);
    str_to_hex(bytes, sizeof bytes, call->trace_id);
    return call;
}

static bool is_our_host(const struct http_request *request, const char *hosts)
{
    const char *host = http_header(request, "Host");
    if (hosts == NULL || hosts[0] == '\0' || host == NULL) {
        return true;
    }
    /* Watchmen of a balancer ask by address. */
    if (strcmp(request->path, "/healthz") == 0 || strcmp(request->path, "/readyz") == 0) {
        return true;
    }
    const char *colon = strrchr(host, ':');
    bool has_port = colon != NULL && strspn(colon + 1, "0123456789") == strlen(colon + 1);
    size_t size = has_port ? (size_t)(colon - host) : strlen(host);
    struct http_part part;
    while (http_list_next(&hosts, &part)) {
        if (part.size == size && strncasecmp(part.text, host, size) == 0) {
            return true;
        }
    }
    return false;
}

/* Finds the route, or answers. */
static struct call *call_begin(struct http_request *request)
{
    struct web *web = request->user;
    struct route_match match;
    if (!is_our_host(request, web->options.hosts)) {
        problem_respond(request, ERR_MISDIRECTED_REQUEST, request_lang(request), 0);
        return NULL;
    }
    route_match(&web->router, request, &match);
    if (match.route == NULL) {
        if (match.allowed == 0 && pages_respond(web, request)) {
            return NULL;
        }
        problem_respond(request, match.allowed ? ERR_METHOD_NOT_ALLOWED : ERR_NOT_FOUND,
                        request_lang(request), match.allowed);
        return NULL;
    }
    struct call *call = call_open(request, &match);
    if (call == NULL) {
        problem_respond(request, ERR_NO_MEMORY, LANG_EN, 0);
    }
    return call;
}

/* Who asks, and how often. A body that took its time does not outlive its session. */
static enum err judge_principal(struct call *call)
{
    enum err err = authorise(call);
    if (!err && !call->is_admitted) {
        touch_session(call);
        err = rate_limit(call);
    }
    const struct web_scope *scope = call->route->scope;
    return err || scope->admit == NULL ? err : scope->admit(call);
}

bool web_admit(struct http_request *request)
{
    struct web *web = request->user;
    struct route_match match;
    route_match(&web->router, request, &match);
    if (match.route == NULL || !is_our_host(request, web->options.hosts)) {
        return false; /* web_handle states which */
    }
    struct call *call = call_open(request, &match);
    if (call == NULL) {
        return true; /* judged once the body is there */
    }
    request->state = call;
    call->err = judge_principal(call);
    call->is_admitted = true;
    return call->err == ERR_OK;
}

void web_handle(struct http_request *request)
{
    struct call *call = request->state != NULL ? request->state : call_begin(request);
    if (call == NULL) {
        return;
    }
    enum err err = call->err ? call->err : judge_principal(call);
    err = err ? err : validate_query(call);
    err = err ? err : validate_body(call);
    err = err ? err : keyed_begin(call);
    if (err) {
        call->err = err;
        send_answer(call);
        return;
    }
    if (!(call->route->flags & ROUTE_SLOW)) {
        run_quick(call);
        return;
    }
    err = slow_submit(call, run_slow, refuse_busy);
    if (err) {
        refuse_busy(call, err);
    }
}

size_t web_body_limit(const struct http_request *request, size_t otherwise)
{
    const struct web *web = request->user;
    const struct route *route = route_find(&web->router, request->method, request->path);
    bool is_picture = route != NULL && (route->flags & ROUTE_PICTURE);
    /* A little more, so that a picture just too large gets an answer in words of its own. */
    return is_picture ? PICTURE_BYTES_MAX + 65536 : otherwise;
}

enum err web_open(const struct web_options *options, struct web **out)
{
    struct web *web = calloc(1, sizeof *web);
    if (web == NULL) {
        return ERR_NO_MEMORY;
    }
    web->options = *options;
    router_init(&web->router, options->house->rooms);
    for (size_t i = 0; i < web->router.count; i++) {
        const struct route *row = web->router.rows[i];
        CHECK(rate_find(options->house->rooms, row->rate ? row->rate : row->scope->rate) != NULL);
    }
    mutex_init(&web->running_mutex);
    enum err err = ratelimit_open(RATELIMIT_ENTRIES, &web->ratelimit);
    err = err ? err : web_document(options->house->rooms, &web->openapi);
    err = err ? err : slow_open(web);
    if (err) {
        web_close(web);
        return err;
    }
    *out = web;
    return ERR_OK;
}

void web_close(struct web *web)
{
    slow_close(web);
    if (web->ratelimit != NULL) {
        ratelimit_close(web->ratelimit);
    }
    str_release(&web->openapi);
    mutex_release(&web->running_mutex);
    free(web);
}
