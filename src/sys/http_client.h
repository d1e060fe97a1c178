/*
 * Calls to the outside over HTTP (libcurl behind it). What matters to payments is told apart: did
 * the other side surely not get it, or do we not know? A call that may have effect is never sent
 * twice by us, also not after a kept-alive connection turned out dead.
 *
 * Rooms take a `struct transport`, so that tests inject faults. Calls block; safe for any number of
 * threads, each keeps its own connections. Only http and https, no redirects, TLS verified.
 */
#ifndef SYS_HTTP_CLIENT_H
#define SYS_HTTP_CLIENT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_CALL_HEADERS_MAX   16
#define HTTP_ANSWER_HEADERS_MAX 64
#define HTTP_CALL_TIMEOUT_MS    10000
#define HTTP_ANSWER_MAX_DEFAULT (1024 * 1024)

enum http_outcome {
    HTTP_ANSWERED, /* a whole answer came, whatever its status */
    HTTP_NOT_SENT, /* not one byte of the request left: no effect on the other side */
    HTTP_UNKNOWN   /* sent wholly or partly and no whole answer: query, do not guess */
};

/* Why a call was not answered. */
enum http_fault {
    HTTP_FAULT_NONE,
    HTTP_FAULT_ADDRESS, /* bad URL, scheme or header */
    HTTP_FAULT_RESOLVE,
    HTTP_FAULT_CONNECT,
    HTTP_FAULT_TLS,
    HTTP_FAULT_TIMEOUT,
    HTTP_FAULT_TOO_LARGE, /* answer above the limit */
    HTTP_FAULT_BROKEN,    /* connection lost, or no HTTP */
    HTTP_FAULT_MEMORY
};

struct http_call_header {
    const char *name;
    const char *value;
};

struct http_call {
    const char *method; /* "GET", "POST", ...; NULL: GET without, POST with a body */
    const char *url;
    const void *body; /* NULL: none */
    size_t body_size;
    size_t header_count;
    struct http_call_header headers[HTTP_CALL_HEADERS_MAX];
    int64_t timeout_ms;         /* whole call; 0: HTTP_CALL_TIMEOUT_MS */
    int64_t connect_timeout_ms; /* 0: a third of timeout_ms */
    size_t answer_max;          /* 0: HTTP_ANSWER_MAX_DEFAULT */
    bool may_repeat;            /* without effect or idempotent at the other side: may be sent again
                                   by itself where a kept-alive connection was dead */
};

struct http_answer_header {
    const char *name; /* lower case */
    const char *value;
};

struct http_answer {
    enum http_outcome outcome;
    enum http_fault fault;
    int status; /* 0 unless answered */
    char *body; /* malloc'd, NUL-terminated; NULL unless answered */
    size_t size;
    size_t header_count;
    struct http_answer_header headers[HTTP_ANSWER_HEADERS_MAX];
    char *header_text; /* owns the headers */
    int64_t duration_us;
    int send_count; /* how often the request went out: above 1 where a dead connection was replaced */
};

/* The way out. An implementation fills *out always; the caller releases it always. */
struct transport {
    void (*send)(struct transport *transport, const struct http_call *call,
                 struct http_answer *out);
};

void transport_send(struct transport *transport, const struct http_call *call,
                    struct http_answer *out);
void http_answer_release(struct http_answer *answer);
/* Value of an answer's header, name in any case; NULL where absent. */
const char *http_answer_header(const struct http_answer *answer, const char *name);
void http_call_add_header(struct http_call *call, const char *name, const char *value);
const char *http_fault_name(enum http_fault fault); /* "connect": for logs and metrics */

struct http_client_options {
    const char *user_agent;                                /* NULL: "sycee" */
    const char *ca_file;                                   /* PEM; NULL: the system's */
    const char *client_certificate_file, *client_key_file; /* mutual TLS; NULL: none */
};

/* ERR_NO_MEMORY, ERR_UNAVAILABLE (libcurl). Close it after all threads have stopped calling. */
enum err http_client_open(const struct http_client_options *options, struct transport **out);
void http_client_close(struct transport *transport);

/* Answer for implementations of transport in tests: copies the body. */
void http_answer_set(struct http_answer *answer, int status, const char *content_type,
                     const void *body, size_t size);

#endif
