#include "sys/http_client.h"

#include "base/check.h"
#include "base/str.h"
#include "sys/clock.h"

#include <ctype.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_TEXT_MAX   (64 * 1024)
#define HEADER_LINE_MAX   4096
#define IDLE_CONNECTION_S 20L /* older kept-alive connections are not trusted to be alive */

struct http_client {
    struct transport transport;
    char *user_agent, *ca_file, *certificate_file, *key_file;
    pthread_key_t handle_key; /* each thread's own handle, with its kept-alive connections */
    pthread_mutex_t mutex;
    CURL **handles; /* all that were made, for the end */
    size_t handle_count;
};

/* One call while it runs. */
struct exchange {
    const struct http_call *call;
    struct str body, headers;
    int sends; /* how often libcurl was about to send the request */
    bool is_too_large;
};

void transport_send(struct transport *transport, const struct http_call *call,
                    struct http_answer *out)
{
    transport->send(transport, call, out);
}

void http_call_add_header(struct http_call *call, const char *name, const char *value)
{
    CHECK(call->header_count < HTTP_CALL_HEADERS_MAX);
    call->headers[call->header_count++] = (struct http_call_header){name, value};
}

const char *http_fault_name(enum http_fault fault)
{
    static const char *const names[] = {"none",    "address",   "resolve", "connect", "tls",
                                        "timeout", "too_large", "broken",  "memory"};
    return names[fault];
}

void http_answer_release(struct http_answer *answer)
{
    free(answer->body);
    free(answer->header_text);
    *answer = (struct http_answer){0};
}

const char *http_answer_header(const struct http_answer *answer, const char *name)
{
    for (size_t i = 0; i < answer->header_count; i++) {
        if (strcasecmp(answer->headers[i].name, name) == 0) {
            return answer->headers[i].value;
        }
    }
    return NULL;
}

void http_answer_set(struct http_answer *answer, int status, const char *content_type,
                     const void *body, size_t size)
{
    *answer = (struct http_answer){.outcome = HTTP_ANSWERED, .status = status, .size = size};
    answer->body = malloc(size + 1);
    answer->header_text = content_type == NULL ? NULL : strdup(content_type);
    CHECK(answer->body != NULL);
    if (size > 0) {
        memcpy(answer->body, body, size);
    }
    answer->body[size] = 0;
    if (answer->header_text != NULL) {
        answer->headers[answer->header_count++] =
            (struct http_answer_header){"content-type", answer->header_text};
    }
}

/* --- libcurl's callbacks ---------------------------------------------------------------------- */

static size_t take_body(char *bytes, size_t one, size_t size, void *pointer)
{
    struct exchange *exchange = pointer;
    (void)one;
    str_append_bytes(&exchange->body, bytes, size);
    exchange->is_too_large = exchange->body.failed;
    return exchange->body.failed ? 0 : size;
}

/* One header line at a time; a new status line (after 100 Continue) begins anew. */
static size_t take_header(char *bytes, size_t one, size_t size, void *pointer)
{
    struct exchange *exchange = pointer;
    (void)one;
    if (size >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
        str_clear(&exchange->headers);
        return size;
    }
    str_append_bytes(&exchange->headers, bytes, size);
    exchange->is_too_large = exchange->headers.failed;
    return exchange->headers.failed ? 0 : size;
}

/* Called when a connection is open and the request is about to be sent. libcurl sends again by itself
 * where a kept-alive connection turned out dead; a call that may have effect is not sent twice. */
static int before_send(void *pointer, char *remote, char *local, int remote_port, int local_port)
{
    struct exchange *exchange = pointer;
    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    if (exchange->sends > 0 && !exchange->call->may_repeat) {
        return CURL_PREREQFUNC_ABORT;
    }
    exchange->sends++;
    return CURL_PREREQFUNC_OK;
}

/* --- handles ---------------------------------------------------------------------------------- */

static CURL *thread_handle(struct http_client *client)
{
    CURL *handle = pthread_getspecific(client->handle_key);
    if (handle != NULL) {
        return handle;
    }
    handle = curl_easy_init();
    if (handle == NULL) {
        return NULL;
    }
    pthread_mutex_lock(&client->mutex);
    CURL **grown = realloc(client->handles, (client->handle_count + 1) * sizeof *grown);
    if (grown != NULL) {
        client->handles = grown;
        client->handles[client->handle_count++] = handle;
    }
    pthread_mutex_unlock(&client->mutex);
    if (grown == NULL || pthread_setspecific(client->handle_key, handle) != 0) {
        if (grown == NULL) {
            curl_easy_cleanup(handle);
        }
        return NULL;
    }
    return handle;
}

static bool is_clean(const char *text)
{
    for (; *text != 0; text++) {
        if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7F) {
            return false;
        }
    }
    return true;
}

static struct curl_slist *make_headers(const struct http_call *call, bool *out_ok)
{
    struct curl_slist *list = NULL;
    *out_ok = true;
    /* No "Expect: 100-continue": it costs a round trip and blurs what was sent. */
    list = curl_slist_append(list, "Expect:");
    *out_ok = list != NULL;
    for (size_t i = 0; i < call->header_count && *out_ok; i++) {
        char line[HEADER_LINE_MAX];
        const char *value = call->headers[i].value;
        int size = snprintf(line, sizeof line, value[0] == 0 ? "%s;" : "%s: %s",
                            call->headers[i].name, value);
        struct curl_slist *grown = NULL;
        if (size > 0 && (size_t)size < sizeof line && is_clean(line)) {
            grown = curl_slist_append(list, line);
        }
        *out_ok = grown != NULL;
        list = grown != NULL ? grown : list;
    }
    return list;
}

static const char *method_of(const struct http_call *call)
{
    return call->method != NULL ? call->method : call->body != NULL ? "POST" : "GET";
}

static void set_client_options(const struct http_client *client, CURL *handle)
{
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, client->user_agent);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(handle, CURLOPT_MAXAGE_CONN, IDLE_CONNECTION_S);
    curl_easy_setopt(handle, CURLOPT_TCP_NODELAY, 1L);
    if (client->ca_file != NULL) {
        curl_easy_setopt(handle, CURLOPT_CAINFO, client->ca_file);
    }
    if (client->certificate_file != NULL) {
        curl_easy_setopt(handle, CURLOPT_SSLCERT, client->certificate_file);
        curl_easy_setopt(handle, CURLOPT_SSLKEY, client->key_file);
    }
}

static void set_call_options(CURL *handle, struct exchange *exchange, struct curl_slist *headers)
{
    const struct http_call *call = exchange->call;
    const char *method = method_of(call);
    int64_t timeout_ms = call->timeout_ms > 0 ? call->timeout_ms : HTTP_CALL_TIMEOUT_MS;
    int64_t connect_ms = call->connect_timeout_ms > 0 ? call->connect_timeout_ms : timeout_ms / 3;
    curl_easy_setopt(handle, CURLOPT_URL, call->url);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)(connect_ms > 0 ? connect_ms : 1));
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    if (strcmp(method, "HEAD") == 0) {
        curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    } else {
        if (call->body != NULL || strcmp(method, "POST") == 0) {
            curl_easy_setopt(handle, CURLOPT_POST, 1L);
            curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_size);
            curl_easy_setopt(handle, CURLOPT_POSTFIELDS, call->body != NULL ? call->body : "");
        }
        curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method);
    }
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, before_send);
    curl_easy_setopt(handle, CURLOPT_PREREQDATA, exchange);
}

/* --- outcome ---------------------------------------------------------------------------------- */

static enum http_fault fault_of(CURLcode code, const struct exchange *exchange)
{
    if (exchange->is_too_large) {
        return HTTP_FAULT_TOO_LARGE;
    }
    /* An if chain: CURLcode has a hundred values, and most of them mean "broken". An answer that is
     * no HTTP is an "unsupported protocol" too. */
    if (exchange->sends > 0 && code == CURLE_UNSUPPORTED_PROTOCOL) {
        return HTTP_FAULT_BROKEN;
    }
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
        code == CURLE_BAD_FUNCTION_ARGUMENT) {
        return HTTP_FAULT_ADDRESS;
    }
    if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY) {
        return HTTP_FAULT_RESOLVE;
    }
    if (code == CURLE_COULDNT_CONNECT) {
        return HTTP_FAULT_CONNECT;
    }
    if (code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
        code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE ||
        code == CURLE_SSL_CIPHER || code == CURLE_SSL_ISSUER_ERROR) {
        return HTTP_FAULT_TLS;
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return HTTP_FAULT_TIMEOUT;
    }
    return code == CURLE_OUT_OF_MEMORY ? HTTP_FAULT_MEMORY : HTTP_FAULT_BROKEN;
}

/* Cuts the header text into names and values in place. */
static void index_headers(struct http_answer *answer)
{
    char *rest = answer->header_text;
    while (rest != NULL && *rest != 0 && answer->header_count < HTTP_ANSWER_HEADERS_MAX) {
        char *line = strsep(&rest, "\n");
        char *colon = strchr(line, ':');
        if (colon == NULL) {
            continue;
        }
        *colon = 0;
        for (char *c = line; *c != 0; c++) {
            *c = (char)tolower((unsigned char)*c);
        }
        char *value = colon + 1 + strspn(colon + 1, " \t");
        size_t size = strlen(value);
        while (size > 0 && strchr(" \t\r", value[size - 1]) != NULL) {
            value[--size] = 0;
        }
        answer->headers[answer->header_count++] = (struct http_answer_header){line, value};
    }
}

static void take_answer(CURL *handle, struct exchange *exchange, struct http_answer *out)
{
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    out->outcome = HTTP_ANSWERED;
    out->status = (int)status;
    out->size = exchange->body.size;
    out->body = malloc(out->size + 1);
    out->header_text = malloc(exchange->headers.size + 1);
    if (out->body == NULL || out->header_text == NULL) {
        http_answer_release(out);
        out->outcome = HTTP_UNKNOWN;
        out->fault = HTTP_FAULT_MEMORY;
        return;
    }
    if (out->size > 0) {
        memcpy(out->body, exchange->body.bytes, out->size);
    }
    out->body[out->size] = 0;
    if (exchange->headers.size > 0) {
        memcpy(out->header_text, exchange->headers.bytes, exchange->headers.size);
    }
    out->header_text[exchange->headers.size] = 0;
    index_headers(out);
}

static void client_send(struct transport *transport, const struct http_call *call,
                        struct http_answer *out)
{
    struct http_client *client = (struct http_client *)transport;
    struct exchange exchange = {.call = call};
    int64_t started_us = clock_monotonic_us();
    bool is_sound = false;
    *out = (struct http_answer){.outcome = HTTP_NOT_SENT};
    CURL *handle = thread_handle(client);
    struct curl_slist *headers = make_headers(call, &is_sound);
    if (handle == NULL || !is_sound) {
        out->fault = handle == NULL ? HTTP_FAULT_MEMORY : HTTP_FAULT_ADDRESS;
        curl_slist_free_all(headers);
        return;
    }
    str_init(&exchange.body, call->answer_max > 0 ? call->answer_max : HTTP_ANSWER_MAX_DEFAULT);
    str_init(&exchange.headers, HEADER_TEXT_MAX);
    curl_easy_reset(handle); /* keeps the connections */
    set_client_options(client, handle);
    set_call_options(handle, &exchange, headers);
    CURLcode code = curl_easy_perform(handle);
    if (code == CURLE_OK) {
        take_answer(handle, &exchange, out);
    } else {
        out->outcome = exchange.sends > 0 ? HTTP_UNKNOWN : HTTP_NOT_SENT;
        out->fault = fault_of(code, &exchange);
    }
    out->duration_us = clock_monotonic_us() - started_us;
    out->send_count = exchange.sends;
    curl_slist_free_all(headers);
    str_release(&exchange.body);
    str_release(&exchange.headers);
}

/* --- life ------------------------------------------------------------------------------------- */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_state;

static void init_curl(void)
{
    curl_state = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static char *copy_or_null(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

enum err http_client_open(const struct http_client_options *options, struct transport **out)
{
    static const struct http_client_options none;
    options = options == NULL ? &none : options;
    pthread_once(&curl_once, init_curl);
    if (curl_state != CURLE_OK) {
        return ERR_UNAVAILABLE;
    }
    struct http_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return ERR_NO_MEMORY;
    }
    if (pthread_key_create(&client->handle_key, NULL) != 0) {
        free(client);
        return ERR_UNAVAILABLE;
    }
    client->transport.send = client_send;
    client->user_agent = strdup(options->user_agent == NULL ? "sycee" : options->user_agent);
    client->ca_file = copy_or_null(options->ca_file);
    client->certificate_file = copy_or_null(options->client_certificate_file);
    client->key_file = copy_or_null(options->client_key_file);
    pthread_mutex_init(&client->mutex, NULL);
    *out = &client->transport;
    return ERR_OK;
}

void http_client_close(struct transport *transport)
{
    struct http_client *client = (struct http_client *)transport;
    if (client == NULL) {
        return;
    }
    for (size_t i = 0; i < client->handle_count; i++) {
        curl_easy_cleanup(client->handles[i]);
    }
    free(client->handles);
    pthread_key_delete(client->handle_key);
    pthread_mutex_destroy(&client->mutex);
    free(client->user_agent);
    free(client->ca_file);
    free(client->certificate_file);
    free(client->key_file);
    free(client);
}
