/* What is no endpoint: the two apps, the API's documentation, pages of problems, health, metrics. */
#include "web/web_private.h"

#include "sys/file.h"
#include "sys/http_value.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Scripts and styles are files of ours. The console's widget library writes styles into the page; the
 * customer app and the pages do without. */
#define POLICY(styles)                                                                             \
    "default-src 'self'; script-src 'self'; style-src " styles "; img-src 'self' data: blob:; "    \
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "            \
    "object-src 'none'"
#define STRICT_POLICY  POLICY("'self'")
#define CONSOLE_POLICY POLICY("'self' 'unsafe-inline'")
#define FEATURES       "camera=(self), geolocation=(self), microphone=()"

static void pages_secure(struct http_response *response, const struct http_request *request)
{
    bool is_console = strncmp(request->path, "/console/", 9) == 0;
    http_response_add(response, "Content-Security-Policy",
                      is_console ? CONSOLE_POLICY : STRICT_POLICY);
    http_response_add(response, "Referrer-Policy", "no-referrer");
    http_response_add(response, "Permissions-Policy", FEATURES);
    http_response_add(response, "Cross-Origin-Opener-Policy", "same-origin");
}

static void respond_text(struct http_request *request, int status, const char *type,
                         struct str *text)
{
    struct http_response response = {.status = status,
                                     .content_type = type,
                                     .kind = HTTP_BODY_OWNED,
                                     .body = text->bytes,
                                     .size = text->size};
    pages_secure(&response, request);
    http_respond(request, &response);
}

/* Sends folder/name, its .gz twin where the client takes it. False where there is no such file. */
static bool respond_file(struct http_request *request, const char *folder, const char *name,
                         bool immutable)
{
    char path[FILE_PATH_MAX];
    char packed[FILE_PATH_MAX + 4];
    int fd;
    int64_t size;
    if (file_join(folder, name, path)) {
        return false;
    }
    bool gzip = http_accepts_coding(http_header_list(request, "Accept-Encoding"), "gzip");
    snprintf(packed, sizeof packed, "%s.gz", path);
    bool is_packed = gzip && file_open(packed, &fd, &size) == ERR_OK;
    if (!is_packed && file_open(path, &fd, &size)) {
        return false;
    }
    struct http_response response = {.status = 200,
                                     .content_type = file_content_type(path),
                                     .kind = HTTP_BODY_FILE,
                                     .fd = fd,
                                     .size = (size_t)size,
                                     .encoding = is_packed ? "gzip" : NULL};
    http_response_add(&response, "Cache-Control",
                      immutable ? "public, max-age=31536000, immutable" : "no-cache");
    http_response_add(&response, "Vary", "Accept-Encoding");
    pages_secure(&response, request);
    http_respond(request, &response);
    return true;
}

/* An app: its files under `prefix`; any other path below it is one of its screens. */
static bool respond_app(struct http_request *request, const char *prefix, const char *folder)
{
    size_t size = strlen(prefix);
    if (folder == NULL || strncmp(request->path, prefix, size) != 0) {
        return false;
    }
    const char *name = request->path + size;
    bool immutable = strncmp(name, "assets/", 7) == 0;
    if (name[0] != '\0' && strchr(name, '.') != NULL) {
        return respond_file(request, folder, name, immutable);
    }
    return respond_file(request, folder, "index.html", false);
}

static bool pages_redirect(struct http_request *request, const char *from, const char *to)
{
    if (strcmp(request->path, from) != 0) {
        return false;
    }
    struct http_response response = {.status = 302, .kind = HTTP_BODY_NONE};
    http_response_add(&response, "Location", to);
    http_respond(request, &response);
    return true;
}

static bool respond_problem_page(struct http_request *request)
{
    if (strncmp(request->path, "/problems/", 10) != 0) {
        return false;
    }
    enum err err = err_from_slug(request->path + 10);
    if (err == ERR_COUNT || err == ERR_OK) {
        return false;
    }
    struct str page;
    str_init(&page, 16384);
    str_printf(
        &page,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
        "name=\"viewport\" content=\"width=device-width\"><title>%s</title><link "
        "rel=\"stylesheet\" href=\"/static/page.css\"></head><body><main><h1>%s</h1><p>%s</p>"
        "<p lang=\"zh\">%s</p><dl><dt>HTTP</dt><dd>%d</dd><dt>Try again unchanged? "
        "可否直接重试？</dt><dd>%s</dd>",
        err_slug(err), err_slug(err), err_text(err, LANG_EN), err_text(err, LANG_ZH),
        err_http_status(err), err_is_retryable(err) ? "yes 可以" : "no 否");
    if (err_reason_code(err)[0] != '\0') {
        str_printf(&page, "<dt>ISO 20022</dt><dd>%s</dd>", err_reason_code(err));
    }
    str_append(&page, "</dl><p><a href=\"/docs\">API</a></p></main></body></html>");
    respond_text(request, 200, "text/html; charset=utf-8", &page);
    return true;
}

static bool respond_health(struct web *web, struct http_request *request)
{
    if (strcmp(request->path, "/healthz") == 0) {
        http_respond_text(request, 200, "application/json", "{\"status\":\"ok\"}");
        return true;
    }
    if (strcmp(request->path, "/readyz") == 0) {
        const struct server_doors *doors = web->options.doors;
        char text[READINESS_TEXT_MAX] = "{\"status\":\"ok\"}";
        bool ready =
            doors == NULL || doors->ready == NULL || doors->ready(doors->ready_context, text);
        struct str out;
        str_init(&out, sizeof text);
        str_append(&out, text);
        respond_text(request, ready ? 200 : 503, "application/json", &out);
        return true;
    }
    return false;
}

/* By token; without one, only this machine: its own addresses, and no proxy between. */
static bool may_read_metrics(const struct web *web, struct http_request *request)
{
    const char *token = web->options.metrics_token;
    const char *given = http_bearer(http_header(request, "Authorization"));
    if (token != NULL && token[0] != '\0') {
        return given != NULL && strlen(given) == strlen(token) &&
               vault_equal(given, token, strlen(token));
    }
    static const char *const marks[] = {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (http_header(request, marks[i]) != NULL) {
            return false;
        }
    }
    const char *remote = http_remote(request);
    return strncmp(remote, "127.", 4) == 0 || strcmp(remote, "::1") == 0;
}

static bool respond_metrics(struct web *web, struct http_request *request)
{
    if (strcmp(request->path, "/metrics") != 0 || !may_read_metrics(web, request)) {
        return false;
    }
    const struct server_doors *doors = web->options.doors;
    struct str text;
    struct engine_counts counts = engine_counts(web->options.house->engine);
    if (doors != NULL && doors->refresh_metrics != NULL) {
        doors->refresh_metrics(doors->ready_context);
    }
    str_init(&text, 1u << 20);
    metrics_write(&text);
    str_printf(&text,
               "# HELP engine_commands_total Commands answered.\n# TYPE engine_commands_total "
               "counter\nengine_commands_total %llu\n# HELP engine_refused_total Commands refused "
               "or failed.\n# TYPE engine_refused_total counter\nengine_refused_total %llu\n"
               "# HELP engine_groups_total Transactions committed.\n# TYPE engine_groups_total "
               "counter\nengine_groups_total %llu\n# HELP engine_retries_total Transactions run "
               "again.\n# TYPE engine_retries_total counter\nengine_retries_total %llu\n"
               "# HELP engine_waiting Commands that wait.\n# TYPE engine_waiting gauge\n"
               "engine_waiting %zu\n",
               (unsigned long long)counts.commands, (unsigned long long)counts.refused,
               (unsigned long long)counts.groups, (unsigned long long)counts.retries,
               engine_waiting(web->options.house->engine));
    respond_text(request, 200, "text/plain; version=0.0.4; charset=utf-8", &text);
    return true;
}

static bool respond_description(struct web *web, struct http_request *request)
{
    static const char catalog[] =
        "{\"linkset\":[{\"anchor\":\"/v1/\",\"service-desc\":[{\"href\":\"/v1/openapi.json\","
        "\"type\":\"application/json\"}],\"service-doc\":[{\"href\":\"/docs\",\"type\":\"text/"
        "html\"}"
        "],\"status\":[{\"href\":\"/healthz\"}]}]}";
    if (strcmp(request->path, "/v1/openapi.json") == 0) {
        struct http_response response = {.status = 200,
                                         .content_type = "application/json",
                                         .kind = HTTP_BODY_STATIC,
                                         .body = web->openapi.bytes,
                                         .size = web->openapi.size};
        http_respond(request, &response);
        return true;
    }
    if (strcmp(request->path, "/.well-known/api-catalog") == 0) {
        http_respond_text(request, 200, "application/linkset+json", catalog);
        return true;
    }
    return false;
}

bool pages_respond(struct web *web, struct http_request *request)
{
    const struct web_options *options = &web->options;
    if (request->method != HTTP_GET && request->method != HTTP_HEAD) {
        return false;
    }
    if (respond_health(web, request) || respond_metrics(web, request) ||
        respond_description(web, request) || respond_problem_page(request) ||
        pages_redirect(request, "/", "/app/") || pages_redirect(request, "/app", "/app/") ||
        pages_redirect(request, "/console", "/console/") ||
        pages_redirect(request, "/docs/", "/docs") ||
        pages_redirect(request, "/favicon.ico", "/static/icon.svg") ||
        pages_redirect(request, "/.well-known/change-password", "/app/me/security")) {
        return true;
    }
    if (strcmp(request->path, "/docs") == 0) {
        return respond_file(request, options->house->share, "pages/docs.html", false);
    }
    if (strcmp(request->path, "/.well-known/security.txt") == 0) {
        return respond_file(request, options->house->share, "pages/security.txt", false);
    }
    if (strncmp(request->path, "/static/", 8) == 0) {
        char name[160];
        snprintf(name, sizeof name, "pages/%.140s", request->path + 8);
        return respond_file(request, options->house->share, name, false);
    }
    return respond_app(request, "/app/", options->customer_app) ||
           respond_app(request, "/console/", options->console_app);
}
