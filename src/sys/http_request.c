#include "sys/http_internal.h"

#include "base/check.h"
#include "sys/http_guard.h"
#include "sys/http_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char *copy_bytes(struct arena *arena, const char *bytes, size_t size)
{
    char *copy = arena_alloc(arena, size + 1);
    if (copy != NULL) {
        memcpy(copy, bytes, size);
        copy[size] = 0;
    }
    return copy;
}

/* libmicrohttpd 0.9.75 cuts lines in place, so a header is in memory as "name\0 value\0\0". It
 * glues a folded line (RFC 9112, 5.2) to the name instead of the value: "Transfer-Encoding:\r\n
 * chunked" would pass as a header "Transfer-Encodingchunked" that means nothing. A folded name was
 * moved or has grown over its value, and that shows here. A line that ended in a bare LF left one
 * NUL only. Both are refused: another parser in front may have read them differently. */
static bool is_written_plainly(const char *name, size_t name_size, const char *value,
                               size_t value_size)
{
    uintptr_t name_end = (uintptr_t)name + name_size;
    uintptr_t value_start = (uintptr_t)value;
    if (value_start <= name_end || value_start - name_end > HTTP_CONNECTION_MEMORY) {
        return false;
    }
    for (const char *at = name + name_size + 1; at < value; at++) {
        if (*at != ' ' && *at != '\t') {
            return false;
        }
    }
    return value[value_size + 1] == 0;
}

/* The head must end in two line ends, by now NULs: 0.9.75 also ends it after a line that begins
 * with a colon, and would take the headers behind for the next request. */
static bool is_head_whole(struct MHD_Connection *connection, const char *method)
{
    const union MHD_ConnectionInfo *facts =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return facts != NULL && facts->header_size >= 4 &&
           memcmp(method + facts->header_size - 4, "\0\0\0\0", 4) == 0;
}

/* Headers are copied: libmicrohttpd's memory may end before an abandoned request's owner does. */
static enum MHD_Result take_header(void *pointer, enum MHD_ValueKind kind, const char *name,
                                   size_t name_size, const char *value, size_t value_size)
{
    struct http_internal *internal = pointer;
    (void)kind;
    internal->header_bytes += name_size + value_size + 4;
    if (internal->header_count == HTTP_HEADERS_MAX ||
        internal->header_bytes > internal->server->options.header_bytes_max) {
        internal->refusal = ERR_HEADERS_TOO_LARGE;
        return MHD_NO;
    }
    if (value == NULL || !is_written_plainly(name, name_size, value, value_size)) {
        internal->refusal = ERR_BAD_REQUEST;
        return MHD_NO;
    }
    struct http_param *header = &internal->headers[internal->header_count];
    header->name = copy_bytes(&internal->arena, name, name_size);
    struct http_part trimmed = http_part_trim(value, value_size);
    header->value = copy_bytes(&internal->arena, trimmed.text, trimmed.size);
    if (header->name == NULL || header->value == NULL) {
        internal->refusal = ERR_NO_MEMORY;
        return MHD_NO;
    }
    internal->header_count++;
    return MHD_YES;
}

static enum err read_query(struct http_internal *internal)
{
    const char *query = internal->request.query;
    if (query[0] == 0) {
        return ERR_OK;
    }
    size_t count = 1;
    for (const char *at = strchr(query, '&'); at != NULL; at = strchr(at + 1, '&')) {
        count++;
    }
    if (count > HTTP_QUERY_MAX) {
        return ERR_BAD_REQUEST;
    }
    char *copy = arena_strdup(&internal->arena, query);
    internal->params = arena_alloc(&internal->arena, count * sizeof *internal->params);
    if (copy == NULL || internal->params == NULL) {
        return ERR_NO_MEMORY;
    }
    return http_guard_query(copy, internal->params, count, &internal->param_count);
}

/* Address and scheme of the client, where a proxy that is trusted states them. */
static void find_client(struct http_internal *internal, bool by_proxy)
{
    struct http_request *request = &internal->request;
    if (by_proxy) {
        const char *forwarded = http_header_list(request, "Forwarded");
        internal->client =
            http_address_behind(&internal->server->trusted, internal->client, forwarded,
                                http_header_list(request, "X-Forwarded-For"));
        request->is_tls =
            request->is_tls ||
            http_proxy_has_tls(forwarded, http_header_list(request, "X-Forwarded-Proto"));
    }
    http_address_format(internal->client, internal->remote);
    http_address_format_key(internal->client, internal->remote_key);
}

static enum err check_length(struct http_internal *internal)
{
    const struct http_server *server = internal->server;
    const char *text = http_header(&internal->request, "content-length");
    uint64_t length = 0;
    internal->body_max = server->options.body_limit != NULL
                             ? server->options.body_limit(&internal->request)
                             : server->options.body_max;
    if (text != NULL && http_guard_length(text, &length)) {
        internal->length = (size_t)length;
    }
    return internal->length > internal->body_max ? ERR_BODY_TOO_LARGE : ERR_OK;
}

/* Line ends and separators are NULs by now. Were there others, or fewer, then the head held a NUL of its
 * own, or a line ended in a bare LF: another parser in front may have read it differently. */
static bool has_own_nuls(struct http_internal *internal, const char *method, const char *version)
{
    const union MHD_ConnectionInfo *facts =
        MHD_get_connection_info(internal->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    uintptr_t method_end = (uintptr_t)method + strlen(method);
    if (method_end + 1 != internal->target_at ||
        internal->target_at + internal->target_size + 1 != (uintptr_t)version) {
        return true;
    }
    size_t count = 0;
    for (const char *at = version; at < method + facts->header_size; at++) {
        count += *at == 0 ? 1 : 0;
    }
    return count != 2 + 3 * internal->header_count + 2;
}

enum err http_request_begin(struct http_internal *internal, const char *method, const char *version,
                            bool by_proxy)
{
    struct http_request *request = &internal->request;
    request->arrived_us = clock_now_us(internal->server->options.clock);
    request->started_us = clock_monotonic_us();
    request->is_tls = internal->server->options.tls_certificate_pem != NULL;
    if (internal->target == NULL) {
        return ERR_TARGET_TOO_LONG;
    }
    MHD_get_connection_values_n(internal->connection, MHD_HEADER_KIND, take_header, internal);
    if (internal->refusal != ERR_OK) {
        return internal->refusal;
    }
    if (!is_head_whole(internal->connection, method) || has_own_nuls(internal, method, version)) {
        return ERR_BAD_REQUEST;
    }
    find_client(internal, by_proxy);
    bool is_http_1_0 = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
    enum err err = http_guard_headers(internal->headers, internal->header_count, is_http_1_0);
    if (err != ERR_OK) {
        return err;
    }
    request->method = http_guard_method(method);
    if (request->method == HTTP_METHOD_COUNT) {
        return ERR_METHOD_UNKNOWN;
    }
    err = http_guard_target(internal->target, &request->path, &request->query);
    if (err == ERR_OK) {
        err = read_query(internal);
    }
    return err == ERR_OK ? check_length(internal) : err;
}

bool http_request_append_body(struct http_internal *internal, const char *bytes, size_t size)
{
    struct http_request *request = &internal->request;
    size_t needed = request->body_size + size + 1;
    if (needed > internal->body_capacity) {
        size_t capacity = internal->length + 1 < needed ? needed : internal->length + 1;
        char *grown = realloc(internal->body, capacity);
        if (grown == NULL) {
            return false;
        }
        internal->body = grown;
        internal->body_capacity = capacity;
    }
    memcpy(internal->body + request->body_size, bytes, size);
    request->body_size += size;
    internal->body[request->body_size] = 0;
    request->body = internal->body;
    return true;
}

const char *http_header(const struct http_request *request, const char *name)
{
    const struct http_internal *internal = request->internal;
    for (size_t i = 0; i < internal->header_count; i++) {
        if (strcasecmp(internal->headers[i].name, name) == 0) {
            return internal->headers[i].value;
        }
    }
    return NULL;
}

const char *http_header_list(struct http_request *request, const char *name)
{
    const struct http_internal *internal = request->internal;
    const char *joined = http_header(request, name);
    bool is_first = true;
    if (http_header_count(request, name) < 2) {
        return joined;
    }
    for (size_t i = 0; i < internal->header_count; i++) {
        if (strcasecmp(internal->headers[i].name, name) != 0) {
            continue;
        }
        if (!is_first && joined != NULL) {
            joined = arena_printf(request->arena, "%s, %s", joined, internal->headers[i].value);
        }
        is_first = false;
    }
    return joined;
}

size_t http_header_count(const struct http_request *request, const char *name)
{
    const struct http_internal *internal = request->internal;
    size_t count = 0;
    for (size_t i = 0; i < internal->header_count; i++) {
        count += strcasecmp(internal->headers[i].name, name) == 0 ? 1 : 0;
    }
    return count;
}

/* Cuts the next pair from a Cookie header; false at its end. */
static bool next_cookie(const char **rest, const char **name, size_t *name_size, const char **value,
                        size_t *value_size)
{
    const char *at = *rest + strspn(*rest, " \t;");
    if (*at == 0) {
        return false;
    }
    size_t size = strcspn(at, ";");
    *rest = at + size;
    const char *equals = memchr(at, '=', size);
    *name = at;
    *name_size = equals == NULL ? size : (size_t)(equals - at);
    *value = equals == NULL ? at + size : equals + 1;
    *value_size = (size_t)(at + size - *value);
    while (*value_size > 0 && strchr(" \t", (*value)[*value_size - 1]) != NULL) {
        (*value_size)--;
    }
    if (*value_size >= 2 && (*value)[0] == '"' && (*value)[*value_size - 1] == '"') {
        (*value)++;
        *value_size -= 2;
    }
    return true;
}

const char *http_cookie(struct http_request *request, const char *name, size_t *out_count)
{
    const struct http_internal *internal = request->internal;
    const char *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < internal->header_count; i++) {
        const char *rest = internal->headers[i].value;
        const char *pair_name;
        const char *value;
        size_t name_size;
        size_t value_size;
        if (strcasecmp(internal->headers[i].name, "cookie") != 0) {
            continue;
        }
        while (next_cookie(&rest, &pair_name, &name_size, &value, &value_size)) {
            if (strlen(name) != name_size || memcmp(name, pair_name, name_size) != 0) {
                continue;
            }
            count++;
            found = found == NULL ? copy_bytes(request->arena, value, value_size) : found;
        }
    }
    if (out_count != NULL) {
        *out_count = count;
    }
    return found;
}

const char *http_query(const struct http_request *request, const char *name, size_t *out_count)
{
    const struct http_internal *internal = request->internal;
    const char *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < internal->param_count; i++) {
        if (strcmp(internal->params[i].name, name) == 0) {
            found = count == 0 ? internal->params[i].value : found;
            count++;
        }
    }
    if (out_count != NULL) {
        *out_count = count;
    }
    return found;
}

size_t http_query_params(const struct http_request *request, const struct http_param **out_params)
{
    *out_params = request->internal->params;
    return request->internal->param_count;
}

const char *http_remote(struct http_request *request)
{
    return request->internal->remote;
}

const char *http_remote_key(struct http_request *request)
{
    return request->internal->remote_key;
}

/* --- what the library would answer itself ----------------------------------------------------------
 */

/* A Content-Length that the library does not take: no digits alone, or beyond 64 bits. */
static bool is_bad_length(struct MHD_Connection *connection)
{
    uint64_t length = 0;
    const char *text =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return text != NULL && !http_guard_length(text, &length);
}

static void end_with_refusal(const struct http_internal *internal)
{
    char text[2048];
    const struct http_peer *peer = http_peer_of(internal->connection);
    const char *body = http_refusal_text(
        ERR_BAD_REQUEST, http_language(MHD_lookup_connection_value(
                             internal->connection, MHD_HEADER_KIND, "Accept-Language")));
    int size = snprintf(text, sizeof text,
                        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
                        "Content-Type: application/problem+json\r\nContent-Length: %zu\r\n\r\n%s",
                        strlen(body), body);
    if (peer == NULL) {
        return;
    }
    if (internal->server->options.tls_certificate_pem == NULL && size > 0 &&
        (size_t)size < sizeof text) {
        (void)send(peer->fd, text, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    shutdown(peer->fd, SHUT_RDWR);
}

/* Called on the thread of the connection, just before the library answers; of this thread's heads that
 * are not complete, it is the one with such a length. */
void http_request_library_log(void *pointer, const char *format, va_list arguments)
{
    struct http_server *server = pointer;
    (void)arguments;
    if (strstr(format, "Content-Length") == NULL) {
        return;
    }
    mutex_lock(&server->pool_mutex);
    for (struct http_internal *at = server->all; at != NULL; at = at->next_all) {
        if (atomic_load(&at->thread) == (uintptr_t)pthread_self() && !at->has_begun &&
            at->connection != NULL && is_bad_length(at->connection)) {
            end_with_refusal(at);
        }
    }
    mutex_unlock(&server->pool_mutex);
}

bool http_etag_matches(struct http_request *request, const char *etag)
{
    return http_tags_match(http_header_list(request, "If-None-Match"), etag, false);
}
