/*
 * An HTTP/1.1 server (libmicrohttpd behind it). One callback gets each request once its headers and
 * whole body have arrived; the answer is given at once, or later by any other thread.
 *
 * Threads: the callback runs on one of the server's threads and must not block. A request belongs
 * to whoever was handed it; its texts live in its arena until http_respond, which takes the request
 * away: afterwards the pointer is dead. Each request is answered exactly once.
 *
 * Refused before the callback, with the connection closed (problem+json, no personal data):
 * 400 duplicate or malformed Content-Length, Transfer-Encoding that is not one "chunked" or stands
 * beside Content-Length or in HTTP/1.0, not exactly one Host in HTTP/1.1, a header name that is no
 * token, a folded line, a bare CR, LF or NUL in the head, a target that does not decode (bad escape,
 * NUL, control character, "/../", "%2F"); 411 a body in chunks: each body states its length, so that
 * nobody reads two requests where another reads one (RFC 9112, 6.3), and memory is reserved before it
 * comes; 413 body, 414 target, 431 headers too large; 501 unknown method; 503 no memory for a body.
 *
 * Shared things are bounded: connections in all and of one address (IPv4, or the /64 of IPv6), where the
 * one that has waited longest makes room; time for a head; least rates of a body and of an answer's
 * reader; memory for bodies.
 */
#ifndef SYS_HTTP_SERVER_H
#define SYS_HTTP_SERVER_H

#include "base/arena.h"
#include "base/err.h"
#include "sys/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_BODY_MAX_DEFAULT (256 * 1024)
#define HTTP_TARGET_MAX       8192
#define HTTP_QUERY_MAX        64 /* parameters */
#define HTTP_HEADERS_MAX      96 /* headers of a request */
#define HTTP_EXTRA_MAX        12 /* extra headers of a response */
#define HTTP_REMOTE_SIZE      50 /* textual address, "/64" and its NUL */
#define HTTP_ADMIT_MIN        4096

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_METHOD_COUNT
};

struct http_server;
struct http_internal;

struct http_param {
    const char *name;  /* decoded */
    const char *value; /* decoded; "" where there is no "=" */
};

struct http_request {
    enum http_method method;
    const char *path;  /* decoded UTF-8, begins with "/", no "." or ".." segment */
    const char *query; /* raw, without "?"; "" if there is none */
    const char *body;  /* NUL-terminated for convenience; may hold NULs */
    size_t body_size;
    int64_t arrived_us; /* server's clock, headers complete */
    int64_t started_us; /* monotonic, the same moment: for durations */
    bool is_tls;
    struct arena *arena; /* recycled when the request ends */
    void *user;          /* of the options */
    void *state;         /* the owner's, NULL at first */
    struct http_internal *internal;
};

/* Value of a header, name in any case, without white space around it; NULL where absent. Of several,
 * the first. http_value.h reads values. */
const char *http_header(const struct http_request *request, const char *name);
/* The same for a list that may come in several lines (RFC 9110, 5.3): joined by commas. */
const char *http_header_list(struct http_request *request, const char *name);
size_t http_header_count(const struct http_request *request, const char *name);
/* Value of a cookie (RFC 6265 pairs, surrounding quotes taken off); NULL where absent. *out_count
 * (may be NULL) is how many of that name came: two are suspicious. */
const char *http_cookie(struct http_request *request, const char *name, size_t *out_count);
/* Decoded value of a query parameter; NULL where absent. *out_count (may be NULL) as above. */
const char *http_query(const struct http_request *request, const char *name, size_t *out_count);
/* All parameters in order of arrival. */
size_t http_query_params(const struct http_request *request, const struct http_param **out_params);
/* Textual address of the client ("127.0.0.1", "::1"): of the peer, or what trusted proxies state. */
const char *http_remote(struct http_request *request);
/* The same as a key for limits: IPv6 is cut to the /64 that one line has ("2001:db8:1:2::/64"). */
const char *http_remote_key(struct http_request *request);
const char *http_method_name(enum http_method method);

/* What the callback reader of a stream gives back. */
#define HTTP_STREAM_WAIT  0  /* nothing now: asked again after http_stream_wake */
#define HTTP_STREAM_END   -1 /* the body is complete */
#define HTTP_STREAM_ERROR -2 /* cut off, so that the client can tell that it is not complete */

struct http_stream;
/* Fills at most `size` bytes; returns how many, or one of the above. Runs on a server thread. */
typedef int64_t (*http_stream_read)(void *context, char *out, size_t size);

/* Makes a stream to be put into a response. `close` (may be NULL) is called once when the answer
 * has ended for whatever reason. The caller owns one reference. NULL where memory is short. */
struct http_stream *http_stream_create(http_stream_read read, void (*close)(void *context),
                                       void *context);
/* There is something to read again. Any thread, any time while a reference is held. */
void http_stream_wake(struct http_stream *stream);
/* True once the client has gone or the answer has ended. */
bool http_stream_is_closed(struct http_stream *stream);
void http_stream_release(struct http_stream *stream);

enum http_body_kind {
    HTTP_BODY_NONE,
    HTTP_BODY_STATIC, /* lives until the server has stopped */
    HTTP_BODY_OWNED,  /* malloc'd; http_respond takes it and frees it, also when it fails */
    HTTP_BODY_FILE,   /* fd; http_respond takes it and closes it */
    HTTP_BODY_STREAM  /* http_respond takes its own reference */
};

struct http_extra {
    const char *name;  /* copied */
    const char *value; /* copied; without control characters */
};

struct http_response {
    int status;
    const char *content_type; /* NULL: none */
    enum http_body_kind kind;
    const void *body;
    size_t size;                /* of a static or owned body, or of the part of the file */
    int fd;                     /* HTTP_BODY_FILE */
    int64_t offset;             /* of the part of the file */
    struct http_stream *stream; /* HTTP_BODY_STREAM */
    const char *encoding;       /* "gzip", "br" for a pre-compressed body; NULL: none */
    const char *etag;           /* with its quotes; NULL: none. Not compared here */
    size_t extra_count;
    struct http_extra extra[HTTP_EXTRA_MAX]; /* Set-Cookie, Location, Cache-Control, ... */
    bool close;                              /* close the connection after this answer */
};

/* Adds an extra header; more than HTTP_EXTRA_MAX is a CHECK. */
void http_response_add(struct http_response *response, const char *name, const char *value);
/* Sends the answer. Any thread, exactly once for each request. The response itself may be on the
 * stack; every text in it is copied. A client that has gone is no error: nothing to report. */
void http_respond(struct http_request *request, const struct http_response *response);
/* Shorthand for a static text. */
void http_respond_text(struct http_request *request, int status, const char *content_type,
                       const char *text);
/* True where If-None-Match names the tag (weak comparison) or "*". */
bool http_etag_matches(struct http_request *request, const char *etag);

typedef void (*http_callback)(struct http_request *request);

struct http_options {
    const char *address;            /* NULL: 127.0.0.1; numeric IPv4 or IPv6 */
    uint16_t port;                  /* 0: any free one */
    int socket;                     /* inherited listening socket; -1: open one */
    int thread_count;               /* 0: one for each processor, at most 8 */
    unsigned connection_max;        /* 0: 1024 */
    unsigned connection_per_ip_max; /* of one address, or /64; 0: no limit. Proxies have none */
    int idle_timeout_s;             /* 0: 30; a connection on which nothing moves */
    int64_t head_timeout_ms;        /* 0: 10000; accept, or first byte of a further request, to the
                                       end of its head */
    int64_t rate_grace_ms;          /* 0: 10000; then the least rate counts */
    int64_t rate_min;               /* bytes a second of a body, and of an answer; 0: 1024 */
    size_t body_max;                /* 0: HTTP_BODY_MAX_DEFAULT */
    size_t body_budget;             /* 0: 64 MiB; all large bodies together, a quarter of it for one
                                       address */
    const char *trusted_proxies; /* "10.0.0.0/8, ::1": their Forwarded or X-Forwarded-For and -Proto
                                       count; NULL or "": none. Outlives the server */
    size_t header_bytes_max;     /* 0: 16 KiB, names and values together */
    size_t arena_max;            /* 0: 4 MiB for each request */
    /* Body limit of this request (headers and path are set, no body yet); NULL: body_max for all.
     */
    size_t (*body_limit)(const struct http_request *request);
    /* Before a body of more than HTTP_ADMIT_MIN bytes is taken. False: the callback gets the request
     * without its body, and must answer (a refusal) before it returns. NULL: all are taken. */
    bool (*admit)(struct http_request *request);
    /* Each answer after it was sent or lost, for logs and metrics; `request` without its body and
     * arena; NULL: none. */
    void (*answered)(const struct http_request *request, int status, int64_t duration_us);
    const char *tls_certificate_pem; /* text, not path; NULL: no TLS */
    const char *tls_key_pem;
    struct clock *clock; /* NULL: the system's */
    http_callback callback;
    void *user;
};

/* Is the text a list of addresses and networks, as trusted_proxies takes it? */
bool http_networks_are_valid(const char *list);
/* Sets the members whose default is not zero (socket -1, clock). */
void http_options_init(struct http_options *options);
/* ERR_UNAVAILABLE (address in use, no socket), ERR_INVALID_FIELD (address, certificate or key),
 * ERR_NO_MEMORY. */
enum err http_server_start(const struct http_options *options, struct http_server **out);
uint16_t http_server_port(const struct http_server *server);
/* Stops accepting at once; gives running requests up to `bound_ms` to be answered and sent; those
 * that are not get 503 or a closed connection. The owner of such a request still calls http_respond
 * on it (harmlessly, also after the server is gone). True where everything was answered. */
bool http_server_stop(struct http_server *server, int64_t bound_ms);
unsigned http_server_connection_count(const struct http_server *server);
/* Bytes reserved for large bodies. */
int64_t http_server_body_bytes(const struct http_server *server);
/* Connections that were closed for others' sake, since the start: too many, too slow. */
int64_t http_server_evicted_count(const struct http_server *server);
/* Requests handed to the callback and not yet ended. */
int64_t http_server_running_count(const struct http_server *server);

/* Decodes %XX in place; refuses bad escapes, NUL and control characters, and what is not UTF-8.
 * With `plus_is_space` for query parts. False where refused. */
bool http_percent_decode(char *text, bool plus_is_space);

#endif
