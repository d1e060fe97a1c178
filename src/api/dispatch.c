/*
 * The way of a request: route, session, rate, fields, then its handlers. A quick route's command is
 * handed to the engine and answered from its thread once durable; a slow one runs on a worker.
 */
#include "api/api_private.h"
#include "api/step_up.h"

#include "base/check.h"
#include "base/hash.h"
#include "db/idempotency.h"
#include "sys/log.h"
#include "vision/vision.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDEMPOTENCY_KEY_MAX 64
#define SLOW_QUEUE_MAX      8192
#define WORKERS_DEFAULT     8
#define RATELIMIT_ENTRIES   16384

/* --- answers ---------------------------------------------------------------------------------- */

static void release_key(struct call *call)
{
    struct api *api = call->api;
    if (call->running_key == 0) {
        return;
    }
    mutex_lock(&api->running_mutex);
    for (size_t i = 0; i < RUNNING_KEYS_MAX; i++) {
        size_t place = (call->running_key + i) % RUNNING_KEYS_MAX;
        if (api->running[place] == call->running_key) {
            api->running[place] = 0;
            break;
        }
    }
    mutex_unlock(&api->running_mutex);
    call->running_key = 0;
}

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
    release_key(call);
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
    if (call->route->scope != SCOPE_OPEN || call->request->method == HTTP_POST) {
        http_response_add(response, "Cache-Control", "no-store");
    }
    http_respond(call->request, response);
}

/* --- idempotency ------------------------------------------------------------------------------ */

static int64_t principal_id(const struct call *call)
{
    return call->route->scope == SCOPE_STAFF ? call->staff.staff.id.value
                                             : call->customer.customer.value;
}

static struct idempotency_key key_of(const struct call *call)
{
    return (struct idempotency_key){.bucket = id_bucket(principal_id(call)),
                                    .principal_id = principal_id(call),
                                    .text = call->idempotency_key};
}

/* 409 while the first of two equal requests runs in this process; over several processes the second
 * waits in the database and gets the first's answer. */
static enum err take_key(struct call *call)
{
    struct api *api = call->api;
    uint8_t bytes[8 + IDEMPOTENCY_KEY_MAX] = {0};
    int64_t id = principal_id(call);
    memcpy(bytes, &id, sizeof id);
    memcpy(bytes + 8, call->idempotency_key, strlen(call->idempotency_key));
    uint64_t hash = ratelimit_hash(api->ratelimit, "idempotency", bytes, sizeof bytes) | 1;
    enum err err = ERR_BUSY;
    mutex_lock(&api->running_mutex);
    size_t place = RUNNING_KEYS_MAX;
    for (size_t i = 0; i < RUNNING_KEYS_MAX && err == ERR_BUSY; i++) {
        size_t at = (hash + i) % RUNNING_KEYS_MAX;
        if (api->running[at] == hash) {
            err = ERR_IDEMPOTENCY_KEY_IN_USE;
        } else if (api->running[at] == 0 && place == RUNNING_KEYS_MAX) {
            place = at;
        }
        if (i > 64 && place != RUNNING_KEYS_MAX) {
            break;
        }
    }
    if (err == ERR_BUSY && place != RUNNING_KEYS_MAX) {
        api->running[place] = hash;
        call->running_key = hash;
        err = ERR_OK;
    }
    mutex_unlock(&api->running_mutex);
    return err;
}

static enum err read_key(struct call *call)
{
    if (!(call->route->flags & ROUTE_IDEMPOTENT)) {
        return ERR_OK;
    }
    const char *key = http_header(call->request, "Idempotency-Key");
    size_t size = key ? strlen(key) : 0;
    if (size == 0 || size > IDEMPOTENCY_KEY_MAX ||
        http_header_count(call->request, "Idempotency-Key") != 1) {
        return ERR_IDEMPOTENCY_KEY_MISSING;
    }
    for (size_t i = 0; i < size; i++) {
        if (key[i] <= ' ' || key[i] > '~') {
            return ERR_IDEMPOTENCY_KEY_MISSING;
        }
    }
    call->idempotency_key = key;
    struct hash hash = hash_of(call->request->body, call->request->body_size);
    memcpy(call->body_hash, hash.bytes, sizeof call->body_hash);
    return take_key(call);
}

/* Answers from what an earlier run stored; ERR_NOT_FOUND where this is the first. */
static enum err replay(struct call *call, struct uow *uow)
{
    struct idempotency_answer stored;
    struct idempotency_key key = key_of(call);
    enum err err = idempotency_load(uow->conn, &key, call->arena, &stored);
    if (err) {
        return err;
    }
    if (strcmp(stored.route, call->route->operation) != 0 ||
        memcmp(stored.body_hash, call->body_hash, sizeof call->body_hash) != 0) {
        return ERR_IDEMPOTENCY_KEY_REUSED;
    }
    call->replayed = true;
    call->status = stored.status;
    if ((call->route->flags & ROUTE_RENDER_LATER) && stored.status < 300) {
        CHECK(id_parse(stored.response, &call->result_id) == ERR_OK);
        return ERR_OK;
    }
    if (stored.status >= 300) {
        call->content_type = "application/problem+json";
    }
    str_append_bytes(&call->out, stored.response, stored.response_size);
    return ERR_OK;
}

static enum err store(struct call *call, struct uow *uow)
{
    char id[ID_TEXT_SIZE];
    struct idempotency_key key = key_of(call);
    struct idempotency_answer answer = {.route = call->route->operation,
                                        .status = call->status,
                                        .response = call->out.bytes ? call->out.bytes : "",
                                        .response_size = call->out.size,
                                        .created_at = uow->now_us};
    memcpy(answer.body_hash, call->body_hash, sizeof answer.body_hash);
    if ((call->route->flags & ROUTE_RENDER_LATER) && call->status < 300) {
        id_format(call->result_id, id);
        answer.response = id;
        answer.response_size = strlen(id);
    }
    return idempotency_store(uow->conn, &key, &answer);
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
    struct idempotency_answer stored;
    struct idempotency_key key = key_of(call);
    enum err err = idempotency_load(uow->conn, &key, call->arena, &stored);
    return err == ERR_OK ? ERR_DB_CONFLICT : refusal;
}

/* A session that rests on a text code alone comes in to prove more, and sees nothing until then. */
static enum err check_limited(struct call *call)
{
    bool is_shut = call->route->scope == SCOPE_CUSTOMER && call->customer.is_limited &&
                   !(call->route->flags & ROUTE_LIMITED);
    return is_shut ? step_up_check_view(call) : ERR_OK;
}

/* Who asks was read from a cache: what the transaction does, it does for who they are now. */
static enum err judge_customer(struct call *call, struct uow *uow)
{
    if (call->route->scope != SCOPE_CUSTOMER) {
        return ERR_OK;
    }
    enum err err = session_judge(call->api->options.customers, uow, &call->customer);
    err = err ? err : check_limited(call);
    bool is_active = call->customer.state == CUSTOMER_ACTIVE;
    return err || !call->needs_active || is_active ? err : ERR_CUSTOMER_STATE;
}

static enum err run_commit(struct uow *uow, void *context)
{
    struct call *call = context;
    call_start_run(call);
    if (call->idempotency_key != NULL && looks_first(call, uow)) {
        enum err err = replay(call, uow);
        if (err != ERR_NOT_FOUND) {
            call->err = err;
            return err;
        }
    }
    enum err err = judge_customer(call, uow);
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
    return call->idempotency_key != NULL ? store(call, uow) : ERR_OK;
}

/* Refusals that the same request, sent again, can outlive: it may be repeated under its key. */
static bool is_passing(enum err err)
{
    return err == ERR_STEP_UP_REQUIRED || err_is_retryable(err);
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
    return store(call, uow);
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

static bool prepared(struct call *call)
{
    if (call->route->prepare != NULL && call->err == ERR_OK) {
        enum err err = call->route->prepare(call);
        call->err = call->err ? call->err : err;
    }
    return call->err == ERR_OK;
}

static void run_slow(struct call *call)
{
    if (prepared(call)) {
        if (call->route->commit != NULL) {
            call->command.work = run_commit;
            call->command.refused = run_refused;
            call->command.repeatable = call->idempotency_key != NULL;
            call->command.context = call;
            after_commit(call, engine_run_prepared(call->api->options.engine, &call->command));
        } else if (call->route->finish != NULL) {
            call->err = call->route->finish(call);
        }
    }
    send_answer(call);
}

static enum err prepare_on_worker(void *context)
{
    struct call *call = context;
    return prepared(call) ? ERR_OK : call->err;
}

/* A round trip to a server on the few threads of HTTP would hold up every other connection, so
 * there the command's worker prepares; readings of the embedded database are shorter than a switch
 * between threads. */
static void run_quick(struct call *call)
{
    struct engine *engine = call->api->options.engine;
    bool by_worker = call->route->prepare != NULL && call->route->commit != NULL &&
                     db_engine_of(engine_db(engine)) == DB_POSTGRESQL;
    if (!by_worker && (!prepared(call) || call->route->commit == NULL)) {
        if (call->err == ERR_OK && call->route->finish != NULL) {
            call->err = call->route->finish(call);
        }
        send_answer(call);
        return;
    }
    call->command = (struct engine_command){.prepare = by_worker ? prepare_on_worker : NULL,
                                            .work = run_commit,
                                            .refused = run_refused,
                                            .repeatable = call->idempotency_key != NULL,
                                            .done = command_done,
                                            .context = call};
    engine_submit(engine, &call->command);
}

static void worker_main(void *argument)
{
    struct api *api = argument;
    void *item;
    while (queue_take(&api->slow, &item, 1, -1) > 0) {
        run_slow(item);
    }
}

static struct call *call_open(struct http_request *request, const struct route_match *match)
{
    struct api *api = request->user;
    struct call *call = arena_zero(request->arena, sizeof *call);
    if (call == NULL) {
        return NULL;
    }
    call->api = api;
    call->route = match->route;
    call->request = request;
    call->arena = request->arena;
    call->now_us = request->arrived_us;
    call->lang = request_lang(request);
    memcpy(call->params, match->params, sizeof call->params);
    call->status = match->route->status;
    call->content_type = "application/json";
    str_init(&call->out, API_BODY_TEXT_MAX);
    uint8_t bytes[16];
    vault_random(api->options.vault, bytes, sizeof bytes);
    str_to_hex(bytes, sizeof bytes, call->trace_id);
    return call;
}

/* Notes that a session is in use, once in a while and behind the answer's back. */
struct touch {
    struct engine_command command;
    struct api *api;
    struct session_id session;
    bool is_staff;
};

static enum err touch_work(struct uow *uow, void *context)
{
    const struct touch *touch = context;
    const struct api_options *options = &touch->api->options;
    return touch->is_staff ? staff_session_touch(options->staff, uow, touch->session)
                           : session_touch(options->customers, uow, touch->session);
}

static void touch_done(struct engine_command *command, enum err err)
{
    (void)err;
    free(command->context);
}

static void touch_session(const struct call *call)
{
    bool is_customer = call->route->scope == SCOPE_CUSTOMER && call->customer.touch_due;
    bool is_staff = call->route->scope == SCOPE_STAFF && call->staff.touch_due;
    struct touch *touch = is_customer || is_staff ? calloc(1, sizeof *touch) : NULL;
    if (touch == NULL) {
        return;
    }
    *touch = (struct touch){.command = {.work = touch_work, .done = touch_done, .context = touch},
                            .api = call->api,
                            .session = is_staff ? call->staff.session : call->customer.session,
                            .is_staff = is_staff};
    engine_submit(call->api->options.engine, &touch->command);
}

void api_handle(struct http_request *request)
{
    struct api *api = request->user;
    struct route_match match;
    route_match(request, &match);
    if (match.route == NULL) {
        if (match.allowed == 0 && pages_respond(api, request)) {
            return;
        }
        problem_respond(request, match.allowed ? ERR_METHOD_NOT_ALLOWED : ERR_NOT_FOUND,
                        request_lang(request), match.allowed);
        return;
    }
    struct call *call = call_open(request, &match);
    if (call == NULL) {
        problem_respond(request, ERR_NO_MEMORY, LANG_EN, 0);
        return;
    }
    enum err err = authorise(call);
    if (!err) {
        touch_session(call);
    }
    err = err ? err : rate_limit(call);
    err = err ? err : check_limited(call);
    err = err ? err : validate_query(call);
    err = err ? err : validate_body(call);
    err = err ? err : read_key(call);
    if (err) {
        call->err = err;
        send_answer(call);
        return;
    }
    if (!(call->route->flags & ROUTE_SLOW)) {
        run_quick(call);
    } else if (queue_put(&api->slow, call, 0) != ERR_OK) {
        call->err = ERR_BUSY;
        send_answer(call);
    }
}

size_t api_body_limit(const struct http_request *request, size_t otherwise)
{
    const struct route *route = route_find(request->method, request->path);
    bool is_picture = route != NULL && (route->flags & ROUTE_PICTURE);
    /* A little more, so that a picture just too large gets an answer in words of its own. */
    return is_picture ? IMAGE_BYTES_MAX + 65536 : otherwise;
}

enum err api_open(const struct api_options *options, struct api **out)
{
    struct api *api = calloc(1, sizeof *api);
    if (api == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; route_at(i) != NULL; i++) {
        CHECK(route_at(i)->rate == NULL || rate_policy_exists(route_at(i)->rate));
    }
    api->options = *options;
    mutex_init(&api->running_mutex);
    quickpay_channel_init(&api->channel, options->partner);
    card_channel_init(&api->card_channel, options->partner);
    enum err err = ratelimit_open(RATELIMIT_ENTRIES, &api->ratelimit);
    err = err ? err : openapi_build(&api->openapi);
    err = err ? err : queue_init(&api->slow, SLOW_QUEUE_MAX);
    int count = options->worker_count ? options->worker_count : WORKERS_DEFAULT;
    for (int i = 0; !err && i < count && i < API_WORKERS_MAX; i++) {
        err = thread_start(&api->workers[i], "api", worker_main, api);
        api->worker_count += err ? 0 : 1;
    }
    if (err) {
        api_close(api);
        return err;
    }
    *out = api;
    return ERR_OK;
}

void api_close(struct api *api)
{
    if (api->slow.items != NULL) {
        queue_close(&api->slow);
    }
    for (int i = 0; i < api->worker_count; i++) {
        thread_join(&api->workers[i]);
    }
    if (api->slow.items != NULL) {
        queue_release(&api->slow);
    }
    if (api->ratelimit != NULL) {
        ratelimit_close(api->ratelimit);
    }
    str_release(&api->openapi);
    mutex_release(&api->running_mutex);
    free(api);
}
