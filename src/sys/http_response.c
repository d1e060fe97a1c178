#include "base/check.h"
#include "sys/http_internal.h"
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
    if (response->close) {
        add_header(answer, MHD_HTTP_HEADER_CONNECTION, "close");
    }
    return answer;
}

enum lang http_language(const char *accept_language)
{
    if (accept_language == NULL) {
        return LANG_ZH;
    }
    const char *zh = strstr(accept_language, "zh");
    const char *en = strstr(accept_language, "en");
    return en != NULL && (zh == NULL || en < zh) ? LANG_EN : LANG_ZH;
}

/* The same document that the API writes for its own refusals; the sentences need no escape. */
struct MHD_Response *http_response_refusal(struct MHD_Connection *connection, enum err err)
{
    char text[1024];
    enum lang lang = http_language(
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_LANGUAGE));
    int size =
        snprintf(text, sizeof text,
                 "{\"type\":\"/problems/%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}",
                 err_slug(err), err_text(err, lang), err_http_status(err), err_text(err, lang));
    CHECK(size > 0 && (size_t)size < sizeof text);
    struct MHD_Response *answer =
        MHD_create_response_from_buffer((size_t)size, text, MHD_RESPMEM_MUST_COPY);
    if (answer != NULL) {
        add_header(answer, MHD_HTTP_HEADER_CONTENT_TYPE, "application/problem+json");
        add_header(answer, MHD_HTTP_HEADER_CONTENT_LANGUAGE, lang == LANG_ZH ? "zh" : "en");
        add_header(answer, MHD_HTTP_HEADER_CONNECTION, "close");
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
