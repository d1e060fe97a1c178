/* The server's life: socket, threads, connections, the stop. */
#include "base/check.h"
#include "sys/http_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define THREADS_MAX      8
#define LISTEN_BACKLOG   1024
#define REAPER_PERIOD_US 1000000
#define STOP_POLL_US     1000
#define BODY_BUDGET      ((size_t)64 * 1024 * 1024)
#define SPARE_MIN        64   /* connections beyond the bound, for those that are being closed */
#define STOP_SENDING_MS  2000 /* for what the stop itself answered */

void http_options_init(struct http_options *options)
{
    *options = (struct http_options){.socket = -1};
}

static void fill_options(struct http_options *options)
{
    int processors = thread_processor_count();
    options->address = options->address == NULL ? "127.0.0.1" : options->address;
    if (options->thread_count <= 0) {
        options->thread_count = processors < THREADS_MAX ? processors : THREADS_MAX;
    }
    options->connection_max = options->connection_max == 0 ? 1024 : options->connection_max;
    options->idle_timeout_s = options->idle_timeout_s <= 0 ? 30 : options->idle_timeout_s;
    options->head_timeout_ms = options->head_timeout_ms <= 0 ? 10000 : options->head_timeout_ms;
    options->rate_grace_ms = options->rate_grace_ms <= 0 ? 10000 : options->rate_grace_ms;
    options->rate_min = options->rate_min <= 0 ? 1024 : options->rate_min;
    options->body_budget = options->body_budget == 0 ? BODY_BUDGET : options->body_budget;
    options->body_max = options->body_max == 0 ? HTTP_BODY_MAX_DEFAULT : options->body_max;
    options->header_bytes_max = options->header_bytes_max == 0 ? 16384 : options->header_bytes_max;
    options->arena_max = options->arena_max == 0 ? 4 * 1024 * 1024 : options->arena_max;
    options->clock = options->clock == NULL ? clock_system() : options->clock;
}

static void run_reaper(void *pointer)
{
    struct http_server *server = pointer;
    int64_t shortest_ms = server->options.head_timeout_ms < server->options.rate_grace_ms
                              ? server->options.head_timeout_ms
                              : server->options.rate_grace_ms;
    int64_t period_us = shortest_ms * 1000 / 4;
    period_us = period_us < REAPER_PERIOD_US ? period_us : REAPER_PERIOD_US;
    mutex_lock(&server->reaper_mutex);
    while (!server->reaper_ends) {
        cond_wait(&server->reaper_cond, &server->reaper_mutex, period_us);
        mutex_unlock(&server->reaper_mutex);
        http_peer_reap(server);
        mutex_lock(&server->reaper_mutex);
    }
    mutex_unlock(&server->reaper_mutex);
}

static void end_reaper(struct http_server *server)
{
    mutex_lock(&server->reaper_mutex);
    server->reaper_ends = true;
    cond_signal(&server->reaper_cond);
    mutex_unlock(&server->reaper_mutex);
    thread_join(&server->reaper);
}

/* --- start ------------------------------------------------------------------------------------ */

static enum err parse_address(const struct http_options *options, struct sockaddr_storage *out,
                              socklen_t *out_size)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)out;
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, options->address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(options->port);
        *out_size = sizeof *v4;
        return ERR_OK;
    }
    if (inet_pton(AF_INET6, options->address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(options->port);
        *out_size = sizeof *v6;
        return ERR_OK;
    }
    return ERR_INVALID_FIELD;
}

static enum err open_socket(const struct http_options *options, int *out_fd)
{
    struct sockaddr_storage address;
    socklen_t size = 0;
    int on = 1;
    enum err err = parse_address(options, &address, &size);
    if (err != ERR_OK) {
        return err;
    }
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return ERR_UNAVAILABLE;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)(void *)&address, size) != 0 ||
        listen(fd, LISTEN_BACKLOG) != 0) {
        close(fd);
        return ERR_UNAVAILABLE;
    }
    *out_fd = fd;
    return ERR_OK;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    if (getsockname(fd, (struct sockaddr *)(void *)&address, &size) != 0) {
        return 0;
    }
    return address.ss_family == AF_INET6
               ? ntohs(((struct sockaddr_in6 *)(void *)&address)->sin6_port)
               : ntohs(((struct sockaddr_in *)(void *)&address)->sin_port);
}

/* Escapes are decoded by us, strictly, after the guard has seen the target. */
static size_t leave_escapes(void *pointer, struct MHD_Connection *connection, char *text)
{
    (void)pointer;
    (void)connection;
    return strlen(text);
}

/* TLS 1.3, and of 1.2 only what authenticates as it encrypts (BCP 195, RFC 9325 4.2). */
static const char tls_priorities[] =
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:"
    "+AES-128-GCM:-MAC-ALL:+AEAD:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA";

/* Strictness 1 would add two checks, both made by our guard: a space in the target (the library
 * only drops the connection) and a missing Host (0.9.75 then sends the head of its 400 twice). */
static struct MHD_Daemon *start_daemon(struct http_server *server)
{
    const struct http_options *options = &server->options;
    bool has_tls = options->tls_certificate_pem != NULL;
    unsigned spare = options->connection_max / 4;
    spare = spare < SPARE_MIN ? SPARE_MIN : spare;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
                     MHD_USE_ERROR_LOG | (has_tls ? MHD_USE_TLS : 0U);
    struct MHD_OptionItem items[16];
    size_t count = 0;
    if (options->thread_count > 1) {
        items[count++] =
            (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, options->thread_count, NULL};
    }
    if (has_tls) {
        items[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0,
                                                 (void *)(uintptr_t)options->tls_certificate_pem};
        items[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0,
                                                 (void *)(uintptr_t)options->tls_key_pem};
        items[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0,
                                                 (void *)(uintptr_t)tls_priorities};
    }
    items[count] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    return MHD_start_daemon(
        flags, server->port, NULL, NULL, http_server_call, server, MHD_OPTION_LISTEN_SOCKET,
        server->listen_fd, MHD_OPTION_EXTERNAL_LOGGER, http_request_library_log, server,
        MHD_OPTION_CONNECTION_LIMIT, options->connection_max + spare,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)options->idle_timeout_s,
        MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_UNESCAPE_CALLBACK, leave_escapes, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, http_server_begin, server, MHD_OPTION_NOTIFY_COMPLETED,
        http_server_end, server, MHD_OPTION_NOTIFY_CONNECTION, http_peer_notice, server,
        MHD_OPTION_ARRAY, items, MHD_OPTION_END);
}

static void server_init(struct http_server *server, const struct http_options *options)
{
    server->options = *options;
    server->listen_fd = -1;
    fill_options(&server->options);
    mutex_init(&server->pool_mutex);
    mutex_init(&server->peer_mutex);
    mutex_init(&server->stream_mutex);
    mutex_init(&server->reaper_mutex);
    cond_init(&server->reaper_cond);
}

static void server_free(struct http_server *server)
{
    http_pool_release(server);
    cond_release(&server->reaper_cond);
    mutex_release(&server->reaper_mutex);
    mutex_release(&server->stream_mutex);
    mutex_release(&server->peer_mutex);
    mutex_release(&server->pool_mutex);
    free(server);
}

static enum err server_open(struct http_server *server)
{
    enum err err = ERR_OK;
    if (server->options.socket >= 0) {
        server->listen_fd = server->options.socket;
    } else {
        err = open_socket(&server->options, &server->listen_fd);
    }
    if (err != ERR_OK) {
        return err;
    }
    server->port = port_of(server->listen_fd);
    err = thread_start(&server->reaper, "http-reaper", run_reaper, server);
    if (err != ERR_OK) {
        close(server->listen_fd);
        return err;
    }
    server->daemon = start_daemon(server);
    if (server->daemon == NULL) {
        end_reaper(server);
        close(server->listen_fd);
        return server->options.tls_certificate_pem != NULL ? ERR_INVALID_FIELD : ERR_UNAVAILABLE;
    }
    return ERR_OK;
}

enum err http_server_start(const struct http_options *options, struct http_server **out)
{
    CHECK(options->callback != NULL);
    struct http_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return ERR_NO_MEMORY;
    }
    server_init(server, options);
    enum err err = http_networks_parse(options->trusted_proxies, &server->trusted)
                       ? server_open(server)
                       : ERR_INVALID_FIELD;
    if (err != ERR_OK) {
        server_free(server);
        return err;
    }
    *out = server;
    return ERR_OK;
}

/* --- stop ------------------------------------------------------------------------------------- */

static bool wait_idle(struct http_server *server, int64_t bound_ms)
{
    int64_t until_us = clock_monotonic_us() + bound_ms * 1000;
    while (atomic_load(&server->running_count) > 0 && clock_monotonic_us() < until_us) {
        thread_sleep_us(STOP_POLL_US);
    }
    return atomic_load(&server->running_count) == 0;
}

bool http_server_stop(struct http_server *server, int64_t bound_ms)
{
    atomic_store(&server->is_stopping, true);
    int fd = MHD_quiesce_daemon(server->daemon);
    http_stream_wake_all(server);
    bool all_answered = wait_idle(server, bound_ms);
    atomic_store(&server->is_refusing, true);
    http_server_settle(server, true);
    http_stream_wake_all(server);
    wait_idle(server, all_answered ? bound_ms : STOP_SENDING_MS);
    /* An owner still inside http_respond is about to resume a connection of the daemon. */
    http_server_settle(server, true);
    end_reaper(server);
    MHD_stop_daemon(server->daemon);
    close(fd >= 0 ? fd : server->listen_fd);
    while (atomic_load(&server->live_count) > 0) {
        thread_sleep_us(STOP_POLL_US);
    }
    server_free(server);
    return all_answered;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->port;
}

unsigned http_server_connection_count(const struct http_server *server)
{
    struct http_server *changeable = (struct http_server *)(uintptr_t)server;
    mutex_lock(&changeable->peer_mutex);
    unsigned count = server->peer_count;
    mutex_unlock(&changeable->peer_mutex);
    return count;
}

bool http_networks_are_valid(const char *list)
{
    struct http_networks networks;
    return http_networks_parse(list, &networks);
}

int64_t http_server_body_bytes(const struct http_server *server)
{
    return atomic_load(&server->body_bytes);
}

int64_t http_server_evicted_count(const struct http_server *server)
{
    return atomic_load(&server->evicted_count);
}

int64_t http_server_running_count(const struct http_server *server)
{
    return atomic_load(&server->running_count);
}
