/*
 * The server: libmicrohttpd with two threads. An exchange lives from request line to last byte; one
 * that must wait is suspended, so that a late answer does not delay the others.
 *
 *   BODY ── whole ──> run ──> SEND ──> queued or dropped
 *                      │ └── delay ──> suspended ──> SEND
 *                      └── again ────> suspended ──> run
 */
#include "sandbox.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define THREAD_COUNT         2
#define IDLE_MAX_S           30
#define CONNECTION_COUNT_MAX 1000
#define LISTEN_BACKLOG       256

enum stage { STAGE_BODY, STAGE_SEND, STAGE_SENT };

struct exchange {
    struct request request;
    struct answer answer;
    enum stage stage;
    char *raw_uri; /* owned */
    char *body;    /* owned */
    size_t body_size;
    bool is_too_large;
    bool out_of_memory;
    struct timespec started;
    struct timespec due; /* while suspended */
    struct MHD_Connection *connection;
    struct exchange *next_waiting;
};

struct server {
    const struct options *options;
    struct store *store;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    struct exchange *waiting;
    bool is_stopping;
};

static struct timespec http_monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now;
}

static int64_t realtime_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t us_between(struct timespec from, struct timespec to)
{
    return (int64_t)(to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000;
}

/* --- Waiting -------------------------------------------------------------------------------------
 */

/* Suspends the exchange; false while the server is stopping, when no exchange may wait. */
static bool wait_for(struct server *server, struct exchange *exchange, int64_t delay_ms)
{
    pthread_mutex_lock(&server->lock);
    bool waits = !server->is_stopping;
    if (waits) {
        exchange->due = http_monotonic();
        exchange->due.tv_sec += delay_ms / 1000;
        exchange->due.tv_nsec += delay_ms % 1000 * 1000000;
        if (exchange->due.tv_nsec >= 1000000000) {
            exchange->due.tv_sec++;
            exchange->due.tv_nsec -= 1000000000;
        }
        MHD_suspend_connection(exchange->connection);
        exchange->next_waiting = server->waiting;
        server->waiting = exchange;
        pthread_cond_signal(&server->changed);
    }
    pthread_mutex_unlock(&server->lock);
    return waits;
}

/* Resumes due exchanges, or all when stopping; the earliest of the rest goes to *out_next. */
static bool resume_due(struct server *server, struct timespec *out_next)
{
    bool any_left = false;
    struct timespec now = http_monotonic();
    for (struct exchange **link = &server->waiting; *link;) {
        struct exchange *exchange = *link;
        if (server->is_stopping || us_between(now, exchange->due) <= 0) {
            *link = exchange->next_waiting;
            MHD_resume_connection(exchange->connection);
            continue;
        }
        if (!any_left || us_between(exchange->due, *out_next) > 0)
            *out_next = exchange->due;
        any_left = true;
        link = &exchange->next_waiting;
    }
    return any_left;
}

static void *timer_run(void *arg)
{
    struct server *server = arg;
    pthread_mutex_lock(&server->lock);
    for (;;) {
        struct timespec next;
        bool any_left = resume_due(server, &next);
        if (server->is_stopping)
            break;
        if (any_left)
            pthread_cond_timedwait(&server->changed, &server->lock, &next);
        else
            pthread_cond_wait(&server->changed, &server->lock);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

/* --- One exchange ----------------------------------------------------------------------------- */

static const char *query_value(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

/* First call for a request: stores the text of the request line as received. */
static void *exchange_open(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct server *server = cls;
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return NULL;
    exchange->connection = connection;
    exchange->started = http_monotonic();
    exchange->raw_uri = strdup(uri);
    exchange->request = (struct request){.options = server->options,
                                         .store = server->store,
                                         .raw_uri = exchange->raw_uri,
                                         .query_value = query_value,
                                         .connection = connection};
    return exchange;
}

static void exchange_close(void *cls, struct MHD_Connection *connection, void **con_cls,
                           enum MHD_RequestTerminationCode code)
{
    (void)cls;
    (void)connection;
    (void)code;
    struct exchange *exchange = *con_cls;
    if (!exchange)
        return;
    answer_release(&exchange->answer);
    json_decref(exchange->request.json);
    free(exchange->raw_uri);
    free(exchange->body);
    free(exchange);
    *con_cls = NULL;
}

static void take_body(struct exchange *exchange, const char *bytes, size_t size)
{
    if (exchange->is_too_large || size > BODY_SIZE_MAX - exchange->body_size) {
        exchange->is_too_large = true;
        return;
    }
    char *grown = realloc(exchange->body, exchange->body_size + size);
    if (!grown) {
        exchange->out_of_memory = true;
        return;
    }
    memcpy(grown + exchange->body_size, bytes, size);
    exchange->body = grown;
    exchange->body_size += size;
}

static void http_run(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    struct MHD_Connection *connection = exchange->connection;
    request->now_us = realtime_us();
    request->body = exchange->body ? exchange->body : "";
    request->body_size = exchange->body_size;
    request->key_id = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Sandbox-Key-Id");
    request->timestamp =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Sandbox-Timestamp");
    request->signature =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Sandbox-Signature");
    request->content_type =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
    if (exchange->is_too_large)
        answer_refuse(&exchange->answer, REFUSE_bodyTooLarge);
    else if (exchange->out_of_memory || !exchange->raw_uri)
        answer_refuse(&exchange->answer, REFUSE_unavailable);
    else
        route_run(request, &exchange->answer);
}

/* A party signs its answer; a third party on the way cannot. */
static void add_signature(const struct request *request, const struct answer *answer,
                          struct MHD_Response *response, const char *text, size_t size)
{
    char signature[ANSWER_SIGNATURE_SIZE];
    if (answer->is_unsigned || answer->static_bytes)
        return;
    if (answer->is_signed_wrongly)
        size = 0;
    int status = answer->is_signed_wrongly ? 0 : answer->status;
    if (signature_of_answer(request, status, text ? text : "", size, signature))
        MHD_add_response_header(response, "Sandbox-Answer-Signature", signature);
}

static struct MHD_Response *make_response(const struct request *request, struct answer *answer)
{
    if (answer->static_bytes) {
        /* Never written to; libmicrohttpd requires a pointer without const. */
        return MHD_create_response_from_buffer(
            answer->size, (void *)(uintptr_t)answer->static_bytes, MHD_RESPMEM_PERSISTENT);
    }
    char *text = answer->text;
    size_t size = answer->size;
    if (!text && answer->json) {
        text = json_dumps(answer->json, JSON_COMPACT);
        size = text ? strlen(text) : 0;
    }
    answer->text = NULL;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
    if (response)
        add_signature(request, answer, response, text, size);
    return response;
}

static void log_line(const struct server *server, const struct exchange *exchange, int status)
{
    if (server->options->quiet)
        return;
    const struct request *request = &exchange->request;
    fprintf(stderr, "%.10s %s %d %lld us\n", request->method,
            route_name(request->method, request->url), status,
            (long long)us_between(exchange->started, http_monotonic()));
}

/* MHD_NO closes the connection. */
static enum MHD_Result send_answer(struct server *server, struct exchange *exchange)
{
    struct answer *answer = &exchange->answer;
    exchange->stage = STAGE_SENT;
    log_line(server, exchange, answer->is_dropped ? 0 : answer->status);
    if (answer->is_dropped)
        return MHD_NO;
    struct MHD_Response *response = make_response(&exchange->request, answer);
    if (!response)
        return MHD_NO;
    const char *type = answer->content_type ? answer->content_type : "application/json";
    if (answer->status != MHD_HTTP_NO_CONTENT)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (answer->static_bytes)
        MHD_add_response_header(
            response, "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            " connect-src 'self'; base-uri 'none'; form-action 'none';"
            " frame-ancestors 'none'");
    if (answer->status == MHD_HTTP_SERVICE_UNAVAILABLE)
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    if (answer->header_name)
        MHD_add_response_header(response, answer->header_name, answer->header_value);
    enum MHD_Result result =
        MHD_queue_response(exchange->connection, (unsigned)answer->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result exchange_step(void *cls, struct MHD_Connection *connection, const char *url,
                                     const char *method, const char *version,
                                     const char *upload_data, size_t *upload_data_size,
                                     void **con_cls)
{
    (void)version;
    (void)connection;
    struct server *server = cls;
    struct exchange *exchange = *con_cls;
    if (!exchange)
        return MHD_NO;
    bool is_first_call = exchange->request.url == NULL;
    exchange->request.url = url;
    exchange->request.method = method;
    if (is_first_call)
        return MHD_YES;
    if (*upload_data_size > 0) {
        take_body(exchange, upload_data, *upload_data_size);
        *upload_data_size = 0;
        return MHD_YES;
    }
    while (exchange->stage == STAGE_BODY) {
        struct answer *answer = &exchange->answer;
        answer->again_ms = 0;
        http_run(exchange);
        exchange->stage = answer->again_ms > 0 ? STAGE_BODY : STAGE_SEND;
        int64_t wait_ms = answer->again_ms > 0 ? answer->again_ms : answer->delay_ms;
        if (wait_ms > 0 && wait_for(server, exchange, wait_ms))
            return MHD_YES;
    }
    return send_answer(server, exchange);
}

/* --- Start and stop ------------------------------------------------------------------------------
 */

/* The listening socket and its port; -1 with a line on standard error. */
static int listen_on(const struct options *options, int *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)options->port)};
    if (inet_pton(AF_INET, options->host, &address.sin_addr) != 1) {
        fprintf(stderr, "sandbox: '%s' is not an IPv4 address\n", options->host);
        return -1;
    }
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    socklen_t size = sizeof address;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(fd, LISTEN_BACKLOG) < 0 || getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
        perror("sandbox: could not listen");
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *out_port = ntohs(address.sin_port);
    return fd;
}

static void wait_for_stop(void)
{
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    int signal_number;
    sigwait(&stops, &signal_number);
}

static void server_stop(struct server *server, pthread_t timer)
{
    pthread_mutex_lock(&server->lock);
    server->is_stopping = true;
    pthread_cond_signal(&server->changed);
    pthread_mutex_unlock(&server->lock);
    pthread_join(timer, NULL);
}

int http_serve(const struct options *options, struct store *store)
{
    struct server server = {.options = options, .store = store};
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&server.lock, NULL);
    pthread_cond_init(&server.changed, &clock);
    pthread_condattr_destroy(&clock);
    int port = 0;
    int fd = listen_on(options, &port);
    if (fd < 0)
        return 1;
    pthread_t timer;
    if (pthread_create(&timer, NULL, timer_run, &server) != 0) {
        fprintf(stderr, "sandbox: could not start a thread\n");
        close(fd);
        return 1;
    }
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, exchange_step,
        &server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREAD_COUNT,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_MAX_S, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTION_COUNT_MAX, MHD_OPTION_URI_LOG_CALLBACK, exchange_open, &server,
        MHD_OPTION_NOTIFY_COMPLETED, exchange_close, NULL, MHD_OPTION_END);
    if (!daemon) {
        fprintf(stderr, "sandbox: could not start the server\n");
        server_stop(&server, timer);
        close(fd);
        return 1;
    }
    printf("sandbox listening on http://%s:%d/\n", options->host, port);
    fflush(stdout);
    wait_for_stop();
    server_stop(&server, timer);
    MHD_stop_daemon(daemon); /* also closes fd */
    pthread_cond_destroy(&server.changed);
    pthread_mutex_destroy(&server.lock);
    return 0;
}
