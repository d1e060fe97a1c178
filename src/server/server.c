#include "server/server.h"

#include "db/facts.h"
#include "server/health.h"
#include "server/jobs.h"
#include "server/rooms.h"
#include "server/settings_rules.h"
#include "sys/file.h"
#include "sys/http_server.h"
#include "sys/log.h"
#include "sys/metrics.h"
#include "sys/process.h"
#include "sys/thread.h"
#include "web/web.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEM_MAX (256 * 1024)

struct serving {
    const struct config *config;
    struct house house;
    struct server_jobs *jobs;
    struct web *web;
    struct http_server *http;
    struct http_server *console; /* NULL: the console is served by `http` too */
    struct health *health;
    char *certificate, *key;
};

#define STATUS_MAX 600

static struct metric *request_seconds[6]; /* by the first digit of the status */
static _Atomic(struct metric *) answers[STATUS_MAX];

/* Route and person stay out: status and time are what an operator watches. */
static void count_answer(int status)
{
    static char labels[STATUS_MAX][16];
    static struct mutex mutex = MUTEX_INITIALIZER;
    struct metric *metric = atomic_load(&answers[status]);
    if (metric == NULL) {
        mutex_lock(&mutex);
        snprintf(labels[status], sizeof labels[status], "status=\"%d\"", status);
        metric = metrics_counter("http_server_answers_total", "Answers by status.", labels[status]);
        atomic_store(&answers[status], metric);
        mutex_unlock(&mutex);
    }
    metrics_add(metric, 1);
}

static void answered(const struct http_request *request, int status, int64_t duration_us)
{
    int kind = status >= 100 && status < STATUS_MAX ? status / 100 : 5;
    metrics_observe(request_seconds[kind], duration_us);
    count_answer(status >= 100 && status < STATUS_MAX ? status : 500);
    log_event(LOG_DEBUG, "request", log_string("method", http_method_name(request->method)),
              log_int("status", status), log_int("duration_us", duration_us));
}

static enum err open_metrics(void)
{
    static const char *const labels[] = {"status=\"0xx\"", "status=\"1xx\"", "status=\"2xx\"",
                                         "status=\"3xx\"", "status=\"4xx\"", "status=\"5xx\""};
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        request_seconds[i] = metrics_histogram(
            "http_server_request_duration_seconds", "Time from a request's headers to its answer.",
            labels[i], METRICS_LATENCY_US, METRICS_LATENCY_COUNT);
        if (request_seconds[i] == NULL) {
            return ERR_NO_MEMORY;
        }
    }
    return ERR_OK;
}

static enum err open_web(struct serving *s)
{
    const struct config *config = s->config;
    struct web_options options = {.house = &s->house,
                                  .doors = jobs_doors(s->jobs),
                                  .customer_app = config_string(config, "server", "customer_app"),
                                  .console_app = config_string(config, "server", "console_app"),
                                  .rate_limits = config_bool(config, "server", "rate_limits"),
                                  .hosts = config_string(config, "server", "hosts"),
                                  .metrics_token =
                                      config_string(config, "server", "metrics_token")};
    return web_open(&options, &s->web);
}

static enum err read_pem(const struct config *config, const char *key, char **out,
                         struct fault *out_fault)
{
    size_t size;
    const char *path = config_string(config, "tls", key);
    enum err err = path[0] == '\0' ? ERR_OK : file_read(path, PEM_MAX, out, &size);
    if (err) {
        fault_write_setting(out_fault, "%s: could not be read: %s (tls.%s)", path, strerror(errno),
                            key);
    }
    return err;
}

static size_t body_max;

static size_t body_limit(const struct http_request *request)
{
    return web_body_limit(request, body_max);
}

/* Staff sign in where customers cannot reach: the same server on an address of its own. */
static enum err open_console(struct serving *s, struct http_options *options,
                             struct fault *out_fault)
{
    int64_t port = config_int(s->config, "server", "console_port");
    if (port < 0) {
        return ERR_OK;
    }
    options->address = config_string(s->config, "server", "console_address");
    options->port = (uint16_t)port;
    options->socket = -1;
    options->callback = web_handle_console;
    errno = 0;
    enum err err = http_server_start(options, &s->console);
    if (err) {
        fault_write(out_fault,
                    "console on %s port %u: %s: %s (server.console_address, server.console_port)",
                    options->address, options->port, err_slug(err),
                    errno != 0 ? strerror(errno) : "refused");
        return err;
    }
    log_event(LOG_INFO, "serving_console", log_int("port", http_server_port(s->console)));
    return ERR_OK;
}

static enum err open_http(struct serving *s, struct fault *out_fault)
{
    const struct config *config = s->config;
    struct http_options options;
    http_options_init(&options);
    enum err err = read_pem(config, "certificate", &s->certificate, out_fault);
    err = err ? err : read_pem(config, "key", &s->key, out_fault);
    if (err) {
        return err;
    }
    options.address = config_string(config, "server", "address");
    options.port = (uint16_t)config_int(config, "server", "port");
    options.socket = process_inherited_socket(0);
    options.thread_count = (int)config_int(config, "server", "threads");
    options.connection_max = (unsigned)config_int(config, "server", "connections_max");
    options.connection_per_ip_max =
        (unsigned)config_int(config, "server", "connections_per_ip_max");
    options.idle_timeout_s = (int)(config_ms(config, "server", "idle_timeout") / 1000);
    options.head_timeout_ms = config_ms(config, "server", "head_timeout");
    options.rate_min = config_int(config, "server", "rate_min");
    options.body_budget = (size_t)config_int(config, "server", "bodies_max");
    options.trusted_proxies = config_string(config, "server", "trusted_proxies");
    options.admit = web_admit;
    body_max = (size_t)config_int(config, "server", "body_max");
    options.body_max = body_max;
    options.tls_certificate_pem = s->certificate;
    options.tls_key_pem = s->key;
    options.answered = answered;
    options.body_limit = body_limit;
    options.clock = engine_clock(s->house.engine);
    options.callback =
        config_int(config, "server", "console_port") < 0 ? web_handle : web_handle_public;
    options.user = s->web;
    errno = 0;
    err = http_server_start(&options, &s->http);
    if (err) {
        fault_write(
            out_fault,
            "http server on %s port %u with %d threads: %s: %s (server.address, server.port, "
            "server.threads, tls.certificate)",
            options.address, options.port, options.thread_count, err_slug(err),
            errno != 0 ? strerror(errno) : "refused");
    }
    return err ? err : open_console(s, &options, out_fault);
}

static void stop(struct serving *s)
{
    if (s->console != NULL) {
        http_server_stop(s->console, config_ms(s->config, "server", "stop_timeout"));
    }
    if (s->http != NULL) {
        http_server_stop(s->http, config_ms(s->config, "server", "stop_timeout"));
    }
    if (s->web != NULL) {
        web_close(s->web);
    }
    health_stop(s->health);
    if (s->jobs != NULL) {
        jobs_stop(s->jobs);
    }
    rooms_close(&s->house);
    free(s->certificate);
    free(s->key);
}

/* Beside connections: spare ones, database, models, decoders, pages, calls to the outside, lanes. */
#define FILES_BESIDE 224

static enum err want_files(const struct config *config, struct fault *out_fault)
{
    int64_t connections = config_int(config, "server", "connections_max");
    int64_t wanted = connections + connections / 4 + 2 * config_int(config, "database", "readers") +
                     config_int(config, "database", "workers") + FILES_BESIDE;
    int64_t allowed;
    enum err err = process_want_files(wanted, &allowed);
    if (err) {
        fault_write_setting(
            out_fault,
            "%" PRId64 " open files are needed, %" PRId64 " are allowed: raise the "
            "limit (LimitNOFILE=, ulimit -n) or lower server.connections_max (%" PRId64 ")",
            wanted, allowed, connections);
    }
    return err;
}

/* The invented town's staff have credentials that everybody can read in this program's text. */
static enum err refuse_town(const struct serving *s, struct fault *out_fault)
{
    struct db_conn *conn;
    int64_t is_town = 0;
    enum err err = engine_read_begin(s->house.engine, &conn);
    if (!err) {
        err = db_fact_load(conn, FACT_TOWN, &is_town);
        engine_read_end(s->house.engine, conn);
    }
    if (!err && is_town != 0 && settings_is_production(s->config)) {
        fault_write_setting(out_fault,
                            "this bank's staff are the invented town's (sycee staff town): "
                            "it cannot serve real customers (outside.is_sandbox=false)");
        return ERR_UNAVAILABLE;
    }
    return err;
}

static enum err open_all(struct serving *s, struct fault *out_fault)
{
    const struct config *config = s->config;
    enum err err = want_files(config, out_fault);
    err = err ? err : rooms_open(config, true, &s->house, out_fault);
    err = err ? err : refuse_town(s, out_fault);
    if (err) {
        return err;
    }
    err = jobs_start(&s->house, &s->jobs);
    if (err) {
        fault_write(out_fault, "jobs: %s", err_slug(err));
        return err;
    }
    const char *url = config_string(config, "database", "url");
    err = health_start(s->house.engine, jobs_doors(s->jobs),
                       strncmp(url, "sqlite:", 7) == 0 ? url + 7 : NULL, &s->health);
    if (err) {
        fault_write(out_fault, "health: %s", err_slug(err));
        return err;
    }
    err = open_web(s);
    if (err) {
        fault_write(out_fault, "web: %s", err_slug(err));
        return err;
    }
    return open_http(s, out_fault);
}

enum err server_run(const struct config *config, server_announce *announce, void *context,
                    struct fault *out_fault)
{
    static struct serving s;
    s = (struct serving){.config = config};
    enum err err = open_metrics();
    err = err ? err : open_all(&s, out_fault);
    if (!err) {
        char base_url[128];
        snprintf(base_url, sizeof base_url, "%s://%s:%u", s.certificate ? "https" : "http",
                 config_string(config, "server", "address"), http_server_port(s.http));
        log_event(LOG_INFO, "serving", log_int("port", http_server_port(s.http)));
        process_notify_ready("serving");
        announce(context, base_url);
        process_wait_stop(-1);
        process_notify_stopping();
        log_line(LOG_INFO, "stopping");
    }
    stop(&s);
    return err;
}
