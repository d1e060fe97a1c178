#include "server/server.h"

#include "api/api.h"
#include "server/jobs.h"
#include "sys/file.h"
#include "sys/http_server.h"
#include "sys/log.h"
#include "sys/metrics.h"
#include "sys/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEM_MAX (256 * 1024)

struct serving {
    const struct config *config;
    struct rooms rooms;
    struct jobs *jobs;
    struct api *api;
    struct http_server *http;
    char *certificate, *key;
    char sandbox_url[PARTNER_BASE_MAX + 2];
};

static struct metric *request_seconds;

/* Route and person stay out: status class and time are what an operator watches. */
static void answered(const struct http_request *request, int status, int64_t duration_us)
{
    (void)status;
    metrics_observe(request_seconds, duration_us);
    log_event(LOG_DEBUG, "request", log_string("method", http_method_name(request->method)),
              log_int("status", status), log_int("duration_us", duration_us));
}

static enum err open_metrics(void)
{
    request_seconds = metrics_histogram("http_server_request_duration_seconds",
                                        "Time from a request's headers to its answer.", "",
                                        METRICS_LATENCY_US, METRICS_LATENCY_COUNT);
    return request_seconds != NULL ? ERR_OK : ERR_NO_MEMORY;
}

static enum err open_api(struct serving *s)
{
    const struct config *config = s->config;
    bool is_sandbox = config_bool(config, "outside", "is_sandbox");
    snprintf(s->sandbox_url, sizeof s->sandbox_url, "%s/", config_string(config, "outside", "url"));
    struct api_options options = {.engine = s->rooms.engine,
                                  .customers = s->rooms.customers,
                                  .staff = &s->rooms.staff,
                                  .kyc = s->rooms.kyc,
                                  .companies = s->rooms.companies,
                                  .privacy = &s->rooms.privacy,
                                  .regions = s->rooms.regions,
                                  .catalogue = s->rooms.catalogue,
                                  .consents = s->rooms.consents,
                                  .vault = s->rooms.vault,
                                  .bins = s->rooms.bins,
                                  .partner = &s->rooms.outside,
                                  .share_folder = s->rooms.share,
                                  .customer_app = config_string(config, "server", "customer_app"),
                                  .console_app = config_string(config, "server", "console_app"),
                                  .sandbox_url = is_sandbox ? s->sandbox_url : NULL,
                                  .origin = config_string(config, "security", "origin"),
                                  .rate_limits = config_bool(config, "server", "rate_limits"),
                                  .doors = jobs_doors(s->jobs)};
    return api_open(&options, &s->api);
}

static enum err read_pem(const char *path, char **out)
{
    size_t size;
    return path[0] == '\0' ? ERR_OK : file_read(path, PEM_MAX, out, &size);
}

static size_t body_max;

static size_t body_limit(const struct http_request *request)
{
    return api_body_limit(request, body_max);
}

static enum err open_http(struct serving *s)
{
    const struct config *config = s->config;
    struct http_options options;
    http_options_init(&options);
    enum err err = read_pem(config_string(config, "tls", "certificate"), &s->certificate);
    err = err ? err : read_pem(config_string(config, "tls", "key"), &s->key);
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
    options.arrival_timeout_ms = config_ms(config, "server", "arrival_timeout");
    body_max = (size_t)config_int(config, "server", "body_max");
    options.body_max = body_max;
    options.tls_certificate_pem = s->certificate;
    options.tls_key_pem = s->key;
    options.answered = answered;
    options.body_limit = body_limit;
    options.callback = api_handle;
    options.user = s->api;
    return http_server_start(&options, &s->http);
}

static void stop(struct serving *s)
{
    if (s->http != NULL) {
        http_server_stop(s->http, config_ms(s->config, "server", "stop_timeout"));
    }
    if (s->api != NULL) {
        api_close(s->api);
    }
    if (s->jobs != NULL) {
        jobs_stop(s->jobs);
    }
    rooms_close(&s->rooms);
    free(s->certificate);
    free(s->key);
}

enum err server_run(const struct config *config, server_announce *announce, void *context,
                    const char **out_fault)
{
    static struct serving s;
    s = (struct serving){.config = config};
    enum err err = open_metrics();
    err = err ? err : rooms_open(config, &s.rooms, out_fault);
    if (err) {
        return err;
    }
    *out_fault = "models";
    err = rooms_open_vision(&s.rooms);
    if (err) {
        rooms_close(&s.rooms);
        return err;
    }
    *out_fault = "jobs";
    err = jobs_start(&s.rooms, config_bool(config, "bank", "automatic_end_of_day"), &s.jobs);
    if (!err) {
        *out_fault = "API";
        err = open_api(&s);
    }
    if (!err) {
        *out_fault = "HTTP server";
        err = open_http(&s);
    }
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
