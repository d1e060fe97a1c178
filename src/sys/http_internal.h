/*
 * What the files of the HTTP server share. No other room includes it.
 *
 * A request has two holders: libmicrohttpd's side (until the answer was sent or the client is gone)
 * and the owner (until http_respond). Its state:
 *
 *            callback returned, not answered
 *   CALLBACK --------------------------------> SUSPENDED
 *      |                                        |      |
 *      | http_respond              http_respond |      | the server stops and waits no longer
 *      v                             + resume   v      v  + resume
 *   ANSWERED <----------------------------------+    ABANDONED (503; the owner's answer is dropped)
 *
 * Whoever moves it out of SUSPENDED resumes the connection, and nobody else does.
 */
#ifndef SYS_HTTP_INTERNAL_H
#define SYS_HTTP_INTERNAL_H

#include "sys/http_address.h"
#include "sys/http_server.h"
#include "sys/thread.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdatomic.h>

#define HTTP_CONNECTION_MEMORY (64 * 1024) /* libmicrohttpd's pool for each connection */
#define HTTP_BODY_KEEP_MAX     (64 * 1024) /* a recycled request keeps a body buffer up to this */
#define HTTP_DISCARD_MAX                                                                           \
    (1024 *                                                                                        \
     1024) /* too large by less: read and dropped, so that the client                       \
                     can read its 413 */

enum http_state {
    HTTP_STATE_CALLBACK,
    HTTP_STATE_SUSPENDED,
    HTTP_STATE_ANSWERED,
    HTTP_STATE_ABANDONED
};

struct http_internal {
    struct http_request request;
    struct http_server *server;
    struct MHD_Connection *connection;
    atomic_int state;
    atomic_int holders;
    atomic_bool is_owned;      /* delivered and not yet given to http_respond */
    atomic_bool is_responding; /* its owner is inside http_respond and may touch the server */
    struct http_internal *next_free;
    struct http_internal *prev_all, *next_all;

    struct arena arena;
    char *target; /* raw, copied; NULL: too long */
    struct http_param headers[HTTP_HEADERS_MAX];
    size_t header_count, header_bytes;
    struct http_param *params;
    size_t param_count;
    char *body;
    size_t body_capacity, body_max;
    struct http_address client;
    char remote[HTTP_REMOTE_SIZE];
    char remote_key[HTTP_REMOTE_SIZE];
    _Atomic uintptr_t thread; /* that serves its connection */
    uintptr_t target_at;      /* where the raw target was seen, and its length */
    size_t target_size;
    size_t reserved;     /* bytes of the budget for bodies */
    size_t length;       /* Content-Length */
    bool is_turned_away; /* admit refused: delivered without its body */
    bool has_begun;      /* headers were seen */
    bool is_counted;
    enum err refusal; /* answered once the body has gone by */
    size_t discarded;
    bool was_delivered;

    /* Set by http_respond before the state becomes ANSWERED. */
    struct MHD_Response *owner_answer;
    size_t answer_size; /* 0: small, or not known */
    int owner_status;
    /* What is or was sent; only libmicrohttpd's thread (or the stop, when abandoned) touches it. */
    struct MHD_Response *answer;
    int status;
};

/* One connection: WAITING (idle, or a head on its way) -> BODY -> OWNED -> SENDING -> WAITING. */
enum http_phase { HTTP_PHASE_WAITING, HTTP_PHASE_BODY, HTTP_PHASE_OWNED, HTTP_PHASE_SENDING };

struct http_peer {
    struct http_peer *prev, *next;
    int fd;
    struct http_address address;
    uint64_t key;    /* of its address, for counts */
    bool is_trusted; /* a proxy: others' requests, no bound of its own */
    bool is_doomed;  /* shut down already; under the mutex */
    atomic_int phase;
    _Atomic int64_t since_us; /* of the phase */
    _Atomic int64_t until_us; /* BODY: all must have come; SENDING: gone; 0: none */
    _Atomic int64_t turn;     /* rises with each phase */
    atomic_bool is_first;     /* no request has come yet */
    /* The reaper's own. */
    int64_t seen_turn, mark_us;
    uint64_t mark_bytes;
};

#define HTTP_PEER_COUNTS 4096
/* A large answer holds its memory until it was taken: so long at most, and for each byte. */
#define HTTP_ANSWER_S    INT64_C(120)
#define HTTP_ANSWER_RATE 16384 /* bytes a second */

struct http_server {
    struct http_options options;
    struct http_networks trusted;
    struct MHD_Daemon *daemon;
    int listen_fd;
    uint16_t port;
    atomic_bool is_stopping;       /* no new connections; answers close theirs */
    atomic_bool is_refusing;       /* no new requests either */
    _Atomic int64_t running_count; /* headers seen, answer not ended */
    _Atomic int64_t live_count;    /* requests outside the pool, but for abandoned ones */

    struct mutex pool_mutex;
    struct http_internal *free_list;
    struct http_internal *all; /* but abandoned ones */

    struct mutex peer_mutex;
    struct http_peer *peers;
    unsigned peer_count;
    uint16_t peer_counts[HTTP_PEER_COUNTS]; /* by key; two keys may share one */
    _Atomic int64_t evicted_count;
    _Atomic int64_t body_bytes; /* reserved */

    struct mutex stream_mutex;
    struct http_stream *streams;

    struct mutex reaper_mutex;
    struct cond reaper_cond;
    bool reaper_ends;
    struct thread reaper;
};

/* http_peer.c */
struct http_peer *http_peer_of(struct MHD_Connection *connection);
void http_peer_notice(void *pointer, struct MHD_Connection *connection, void **context,
                      enum MHD_ConnectionNotificationCode code);
void http_peer_phase(struct http_peer *peer, enum http_phase phase, int64_t until_us);
void http_peer_reap(struct http_server *server);
/* False where the budget for bodies does not allow it. Given back by http_pool_drop. */
bool http_peer_reserve(struct http_internal *internal, size_t size);

/* http_pool.c */
struct http_internal *http_pool_take(struct http_server *server);
/* One of the two holders lets go; the last one recycles. */
void http_pool_drop(struct http_internal *internal);
/* Abandoned: leaves the server's list; the pool's mutex is held. */
void http_pool_forget(struct http_internal *internal);
void http_pool_release(struct http_server *server);

/* http_request.c: reads the head from the connection. What is wrong with it, or ERR_OK. */
enum err http_request_begin(struct http_internal *internal, const char *method, const char *version,
                            bool by_proxy);
/* False where memory is short. */
bool http_request_append_body(struct http_internal *internal, const char *bytes, size_t size);

/* http_response.c: NULL where memory is short; takes what the response owns in any case. */
struct MHD_Response *http_response_build(struct http_internal *internal,
                                         const struct http_response *response);
struct MHD_Response *http_response_refusal(struct MHD_Connection *connection, enum err err);
/* The problem document of an error; lives on the thread until the next call. */
const char *http_refusal_text(enum err err, enum lang lang);
void http_response_discard(const struct http_response *response);

/* http_request.c: what the library logs. A malformed Content-Length is answered by the library itself,
 * with its head twice (0.9.75): it is answered here instead, and the connection ended. */
void http_request_library_log(void *pointer, const char *format, va_list arguments);

/* http_server.c: with `abandon_suspended` answers every suspended request 503. Returns once no
 * owner is inside http_respond. */
void http_server_settle(struct http_server *server, bool abandon_suspended);
void *http_server_begin(void *pointer, const char *target, struct MHD_Connection *connection);
enum MHD_Result http_server_call(void *pointer, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *bytes,
                                 size_t *size, void **context);
void http_server_end(void *pointer, struct MHD_Connection *connection, void **context,
                     enum MHD_RequestTerminationCode code);

/* http_stream.c */
struct MHD_Response *http_stream_attach(struct http_stream *stream, struct http_internal *internal);
/* Closes a stream that was never attached. */
void http_stream_cancel(struct http_stream *stream);
void http_stream_wake_all(struct http_server *server);

#endif
