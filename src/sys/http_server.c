#include "sys/http_server.h"

#include "base/check.h"
#include "sys/http_internal.h"
#include "sys/log.h"

#include <stdlib.h>
#include <string.h>

#define SETTLE_POLL_US 50

/* The request line is there: the only moment at which the raw target can be seen. */
void *http_server_begin(void *pointer, const char *target, struct MHD_Connection *connection)
{
    struct http_server *server = pointer;
    struct http_internal *internal = http_pool_take(server);
    if (internal == NULL) {
        return NULL;
    }
    internal->connection = connection;
    if (target == NULL) {
        target = "";
    }
    internal->target_at = (uintptr_t)target;
    internal->target_size = strlen(target);
    if (internal->target_size <= HTTP_TARGET_MAX) {
        internal->target = arena_strdup(&internal->arena, target);
    }
    return internal;
}

static enum MHD_Result queue_answer(struct http_internal *internal)
{
    if (atomic_load(&internal->state) == HTTP_STATE_ANSWERED) {
        internal->answer = internal->owner_answer;
        internal->status = internal->owner_status;
        internal->owner_answer = NULL;
    }
    struct MHD_Response *answer = internal->answer;
    if (answer == NULL) {
        return MHD_NO;
    }
    if (atomic_load(&internal->server->is_stopping)) {
        /* Ignored if the header is set already. */
        MHD_add_response_header(answer, MHD_HTTP_HEADER_CONNECTION, "close");
    }
    int64_t size = (int64_t)internal->answer_size;
    http_peer_phase(
        http_peer_of(internal->connection), HTTP_PHASE_SENDING,
        size == 0 ? 0 : clock_monotonic_us() + (HTTP_ANSWER_S + size / HTTP_ANSWER_RATE) * 1000000);
    enum MHD_Result result =
        MHD_queue_response(internal->connection, (unsigned)internal->status, answer);
    MHD_destroy_response(answer);
    internal->answer = NULL;
    return result;
}

static enum MHD_Result refuse(struct http_internal *internal, enum err err)
{
    internal->status = err_http_status(err);
    internal->answer = http_response_refusal(internal->connection, err);
    return queue_answer(internal);
}

/* The pool's mutex is held. The caller resumes the connection where true is returned. */
static bool http_server_abandon(struct http_internal *internal)
{
    int state = HTTP_STATE_SUSPENDED;
    if (!atomic_compare_exchange_strong(&internal->state, &state, HTTP_STATE_ABANDONED)) {
        return false;
    }
    /* The owner has either seen ABANDONED and will not touch the server again, or is counted here. */
    while (atomic_load(&internal->is_responding)) {
        thread_sleep_us(SETTLE_POLL_US);
    }
    internal->status = err_http_status(ERR_UNAVAILABLE);
    internal->answer = http_response_refusal(internal->connection, ERR_UNAVAILABLE);
    http_pool_forget(internal);
    return true;
}

void http_server_settle(struct http_server *server, bool abandon_suspended)
{
    mutex_lock(&server->pool_mutex);
    for (struct http_internal *next, *internal = server->all; internal != NULL; internal = next) {
        next = internal->next_all;
        if (abandon_suspended && http_server_abandon(internal)) {
            /* Only now: a request that is not suspended may be getting its connection. */
            MHD_resume_connection(internal->connection);
            continue;
        }
        while (atomic_load(&internal->is_responding)) {
            thread_sleep_us(SETTLE_POLL_US); /* that owner needs no lock of the pool to get out */
        }
    }
    mutex_unlock(&server->pool_mutex);
}

/* Callback returned without an answer: the connection sleeps until http_respond. */
static enum MHD_Result suspend_request(struct http_internal *internal)
{
    struct http_server *server = internal->server;
    struct MHD_Connection *connection = internal->connection;
    /* First suspended, then made known: whoever sees SUSPENDED may resume at once. */
    MHD_suspend_connection(connection);
    int state = HTTP_STATE_CALLBACK;
    if (!atomic_compare_exchange_strong(&internal->state, &state, HTTP_STATE_SUSPENDED)) {
        /* Answered between the callback's return and here. */
        MHD_resume_connection(connection);
        return MHD_YES;
    }
    if (atomic_load(&server->is_refusing)) {
        /* The stop may have looked for suspended requests before this one was. */
        mutex_lock(&server->pool_mutex);
        bool is_abandoned = http_server_abandon(internal);
        mutex_unlock(&server->pool_mutex);
        if (is_abandoned) {
            MHD_resume_connection(connection);
        }
    }
    return MHD_YES;
}

static enum MHD_Result deliver(struct http_internal *internal)
{
    struct http_server *server = internal->server;
    if (atomic_load(&server->is_refusing)) {
        return refuse(internal, ERR_UNAVAILABLE);
    }
    http_peer_phase(http_peer_of(internal->connection), HTTP_PHASE_OWNED, 0);
    internal->was_delivered = true;
    atomic_store(&internal->holders, 2);
    atomic_store(&internal->is_owned, true);
    server->options.callback(&internal->request);
    CHECK(!internal->is_turned_away || atomic_load(&internal->state) == HTTP_STATE_ANSWERED);
    /* Answered in the callback: the usual case of a read. */
    if (atomic_load(&internal->state) == HTTP_STATE_ANSWERED) {
        return queue_answer(internal);
    }
    return suspend_request(internal);
}

/* Closing with unread bytes makes the client's system throw the answer away, so a body that is not much
 * too large is read to its end, and dropped, before the answer. */
static bool is_worth_reading(const struct http_internal *internal)
{
    bool asks_first = http_header(&internal->request, "expect") != NULL;
    return !asks_first && internal->length <= HTTP_DISCARD_MAX;
}

/* Who asks, and is there room for it? Before a byte of a large body is kept. */
static enum MHD_Result admit_body(struct http_internal *internal)
{
    const struct http_options *options = &internal->server->options;
    if (internal->length > HTTP_ADMIT_MIN && options->admit != NULL &&
        !options->admit(&internal->request)) {
        internal->is_turned_away = true;
        return is_worth_reading(internal) ? MHD_YES : deliver(internal);
    }
    if (internal->length > HTTP_BODY_KEEP_MAX && !http_peer_reserve(internal, internal->length)) {
        internal->refusal = ERR_BUSY;
        return is_worth_reading(internal) ? MHD_YES : refuse(internal, ERR_BUSY);
    }
    return MHD_YES;
}

static enum MHD_Result take_head(struct http_internal *internal, const char *method,
                                 const char *version)
{
    const struct http_options *options = &internal->server->options;
    struct http_peer *peer = http_peer_of(internal->connection);
    internal->has_begun = true;
    internal->is_counted = true;
    atomic_fetch_add(&internal->server->running_count, 1);
    if (peer != NULL) {
        atomic_store(&peer->is_first, false);
        internal->client = peer->address;
    }
    enum err err = http_request_begin(internal, method, version, peer != NULL && peer->is_trusted);
    if (internal->length > 0) {
        http_peer_phase(peer, HTTP_PHASE_BODY,
                        clock_monotonic_us() + options->rate_grace_ms * 1000 +
                            (int64_t)internal->length / options->rate_min * 1000000);
    }
    if (err == ERR_OK) {
        return admit_body(internal);
    }
    if (err == ERR_BODY_TOO_LARGE && internal->length <= internal->body_max + HTTP_DISCARD_MAX &&
        http_header(&internal->request, "expect") == NULL) {
        internal->refusal = err;
        return MHD_YES;
    }
    return refuse(internal, err);
}

static enum MHD_Result take_body(struct http_internal *internal, const char *bytes, size_t size)
{
    if (internal->is_turned_away) {
        return MHD_YES;
    }
    if (internal->refusal == ERR_OK && internal->request.body_size + size > internal->body_max) {
        internal->refusal = ERR_BODY_TOO_LARGE;
        internal->discarded = internal->request.body_size;
    }
    if (internal->refusal != ERR_OK) {
        internal->discarded += size;
        return internal->discarded <= internal->body_max + HTTP_DISCARD_MAX ? MHD_YES : MHD_NO;
    }
    return http_request_append_body(internal, bytes, size) ? MHD_YES : MHD_NO;
}

enum MHD_Result http_server_call(void *pointer, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *bytes,
                                 size_t *size, void **context)
{
    struct http_internal *internal = *context;
    (void)pointer;
    (void)url;
    if (internal == NULL) {
        return MHD_NO;
    }
    internal->connection = connection;
    if (!internal->has_begun) {
        return take_head(internal, method, version);
    }
    if (*size > 0) {
        enum MHD_Result result = take_body(internal, bytes, *size);
        *size = 0;
        return result;
    }
    if (internal->refusal != ERR_OK) {
        return refuse(internal, internal->refusal);
    }
    if (!internal->was_delivered) {
        return deliver(internal);
    }
    return queue_answer(internal);
}

/* The answer was sent, or the client has gone. */
void http_server_end(void *pointer, struct MHD_Connection *connection, void **context,
                     enum MHD_RequestTerminationCode code)
{
    struct http_server *server = pointer;
    struct http_internal *internal = *context;
    struct http_peer *peer = http_peer_of(connection);
    (void)code;
    http_peer_phase(peer, HTTP_PHASE_WAITING, 0);
    if (internal == NULL) {
        return;
    }
    *context = NULL;
    if (server->options.answered != NULL && internal->status != 0) {
        server->options.answered(&internal->request, internal->status,
                                 clock_monotonic_us() - internal->request.started_us);
    }
    bool is_counted = internal->is_counted;
    http_pool_drop(internal);
    if (is_counted) {
        atomic_fetch_sub(&server->running_count, 1);
    }
}

/* Wins the answer for the owner, or finds the request abandoned. */
static void settle_answer(struct http_internal *internal)
{
    struct MHD_Connection *connection = internal->connection;
    int state = HTTP_STATE_CALLBACK;
    if (atomic_compare_exchange_strong(&internal->state, &state, HTTP_STATE_ANSWERED)) {
        return;
    }
    state = HTTP_STATE_SUSPENDED;
    if (atomic_compare_exchange_strong(&internal->state, &state, HTTP_STATE_ANSWERED)) {
        MHD_resume_connection(connection);
        return;
    }
    CHECK(state == HTTP_STATE_ABANDONED);
}

void http_respond(struct http_request *request, const struct http_response *response)
{
    struct http_internal *internal = request->internal;
    CHECK(atomic_exchange(&internal->is_owned, false));
    atomic_store(&internal->is_responding, true);
    if (atomic_load(&internal->state) == HTTP_STATE_ABANDONED) {
        http_response_discard(response);
    } else {
        internal->owner_answer = http_response_build(internal, response);
        internal->answer_size = response->kind == HTTP_BODY_OWNED ? response->size : 0;
        internal->owner_status = response->status;
        /* Where it was abandoned meanwhile, the answer goes with the request. */
        settle_answer(internal);
    }
    atomic_store(&internal->is_responding, false);
    http_pool_drop(internal);
}
