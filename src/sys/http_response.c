#include "base/check.h"
#include "sys/http_internal.h"
#include "sys/http_value.h"
#include "sys/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void http_response_add(struct http_response *response, const char *name, const char *value)
{
    CHECK(response->extra_count < HTTP_EXTRA_MAX);
    response->extra[response->extra_count++] = (struct http_extra){name, value};
}

void http_response_discard(const struct http_response *response)
{
    if (response->kind == HTTP_BODY_OWNED) {
        free((void *)(uintptr_t)response->body);
    } else if (response->kind == HTTP_BODY_FILE) {
        close(response->fd);
    } else if (response->kind == HTTP_BODY_STREAM) {
        http_stream_cancel(response->stream);
    }
}

static struct MHD_Response *make_body(struct http_internal *internal,
                                      const struct http_response *response)
{
    void *bytes = (void *)(uintptr_t)response->body;
    switch (response->kind) {
    case HTTP_BODY_OWNED:
        return MHD_create_response_from_buffer(response->size, bytes, MHD_RESPMEM_MUST_FREE);
    case HTTP_BODY_STATIC:
        return MHD_create_response_from_buffer(response->size, bytes, MHD_RESPMEM_PERSISTENT);
    case HTTP_BODY_FILE:
        return MHD_create_response_from_fd_at_offset64(response->size, response->fd,
                                                       (uint64_t)response->offset);
    case HTTP_BODY_STREAM:
        return http_stream_attach(response->stream, internal);
    case HTTP_BODY_NONE:
        break;
    }
    return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

static void add_header(struct MHD_Response *answer, const char *name, const char *value)
{
    /* libmicrohttpd refuses line breaks and empty values: nothing can be smuggled into a head. */
    if (value != NULL && MHD_add_response_header(answer, name, value) != MHD_YES) {
        log_event(LOG_ERROR, "http_header_refused", log_string("header", name));
    }
}

static void add_defaults(struct MHD_Response *answer, const struct http_response *response,
                         bool is_tls);

struct MHD_Response *http_response_build(struct http_internal *internal,
                                         const struct http_response *response)
{
    struct MHD_Response *answer = make_body(internal, response);
    if (answer == NULL) {
        http_response_discard(response);
        return NULL;
    }
    add_header(answer, MHD_HTTP_HEADER_CONTENT_TYPE, response->content_type);
    add_header(answer, "X-Content-Type-Options", "nosniff");
    add_header(answer, MHD_HTTP_HEADER_ETAG, response->etag);
    if (response->encoding != NULL) {
        add_header(answer, MHD_HTTP_HEADER_CONTENT_ENCODING, response->encoding);
        add_header(answer, MHD_HTTP_HEADER_VARY, "Accept-Encoding");
    }
    for (size_t i = 0; i < response->extra_count; i++) {
        add_header(answer, response->extra[i].name, response->extra[i].value);
    }
    add_defaults(answer, response, internal->request.is_tls);
    if (response->close) {
        add_header(answer, MHD_HTTP_HEADER_CONNECTION, "close");
    }
    return answer;
}

const char *http_refusal_text(enum err err, enum lang lang)
{
    static _Thread_local char text[1024];
    int size =
        snprintf(text, sizeof text,
                 "{\"type\":\"/problems/%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}",
                 err_slug(err), err_text(err, lang), err_http_status(err), err_text(err, lang));
    CHECK(size > 0 && (size_t)size < sizeof text);
    return text;
}

/* What a browser may do with an answer of ours, if the answer itself states nothing (OWASP REST
 * Security; ASVS 14.4). */
static void add_defaults(struct MHD_Response *answer, const struct http_response *response,
                         bool is_tls)
{
    static const struct {
        const char *name, *value;
    } rows[] = {{"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
                {"Cross-Origin-Resource-Policy", "same-origin"},
                {"Referrer-Policy", "no-referrer"},
                {"Strict-Transport-Security", "max-age=31536000; includeSubDomains"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool is_stated = strcmp(rows[i].name, "Strict-Transport-Security") == 0 && !is_tls;
        for (size_t k = 0; response != NULL && k < response->extra_count && !is_stated; k++) {
            is_stated = strcasecmp(response->extra[k].name, rows[i].name) == 0;
        }
        if (!is_stated) {
            add_header(answer, rows[i].name, rows[i].value);
        }
    }
}

/* The same document that the API writes for its own refusals; the sentences need no escape. */
struct MHD_Response *http_response_refusal(struct MHD_Connection *connection, enum err err)
{
    enum lang lang = http_language(
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_LANGUAGE));
    const char *text = http_refusal_text(err, lang);
    struct MHD_Response *answer = MHD_create_response_from_buffer(
        strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (answer != NULL) {
        add_header(answer, MHD_HTTP_HEADER_CONTENT_TYPE, "application/problem+json");
        add_header(answer, MHD_HTTP_HEADER_CONTENT_LANGUAGE, lang == LANG_ZH ? "zh" : "en");
        add_header(answer, MHD_HTTP_HEADER_CONNECTION, "close");
        add_header(answer, "X-Content-Type-Options", "nosniff");
        add_defaults(answer, NULL, false);
        if (err_is_retryable(err)) {
            add_header(answer, MHD_HTTP_HEADER_RETRY_AFTER, "1");
        }
    }
    return answer;
}

void http_respond_text(struct http_request *request, int status, const char *content_type,
                       const char *text)
{
    struct http_response response = {.status = status,
                                     .content_type = content_type,
                                     .kind = HTTP_BODY_STATIC,
                                     .body = text,
                                     .size = strlen(text)};
    http_respond(request, &response);
}
