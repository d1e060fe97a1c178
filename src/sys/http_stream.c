#include "base/check.h"
#include "sys/http_internal.h"

#include <stdlib.h>

#define STREAM_BLOCK (32 * 1024)

/* References: the maker's, and the answer's while it is being sent. */
struct http_stream {
    http_stream_read read;
    void (*close)(void *context);
    void *context;
    atomic_int references;
    atomic_bool is_closed;
    struct http_server *server; /* while attached */
    struct http_stream *prev, *next;

    struct mutex mutex;
    struct MHD_Connection *connection; /* while attached */
    bool is_waiting;                   /* the connection is suspended */
    bool is_woken;
};

struct http_stream *http_stream_create(http_stream_read read, void (*close)(void *context),
                                       void *context)
{
    struct http_stream *stream = calloc(1, sizeof *stream);
    if (stream != NULL) {
        stream->read = read;
        stream->close = close;
        stream->context = context;
        atomic_init(&stream->references, 1);
        atomic_init(&stream->is_closed, false);
        mutex_init(&stream->mutex);
    }
    return stream;
}

void http_stream_release(struct http_stream *stream)
{
    if (atomic_fetch_sub(&stream->references, 1) == 1) {
        mutex_release(&stream->mutex);
        free(stream);
    }
}

void http_stream_wake(struct http_stream *stream)
{
    mutex_lock(&stream->mutex);
    stream->is_woken = true;
    if (stream->is_waiting) {
        stream->is_waiting = false;
        MHD_resume_connection(stream->connection);
    }
    mutex_unlock(&stream->mutex);
}

bool http_stream_is_closed(struct http_stream *stream)
{
    return atomic_load(&stream->is_closed);
}

/* False where there is something to read after all, or the server stops. */
static bool stream_wait(struct http_stream *stream)
{
    mutex_lock(&stream->mutex);
    bool waits = !stream->is_woken && !atomic_load(&stream->server->is_stopping);
    if (waits) {
        MHD_suspend_connection(stream->connection);
        stream->is_waiting = true;
    }
    mutex_unlock(&stream->mutex);
    return waits;
}

static ssize_t stream_read(void *pointer, uint64_t position, char *out, size_t size)
{
    struct http_stream *stream = pointer;
    (void)position;
    for (;;) {
        mutex_lock(&stream->mutex);
        stream->is_woken = false;
        mutex_unlock(&stream->mutex);
        int64_t got = stream->read(stream->context, out, size);
        if (got > 0) {
            CHECK((size_t)got <= size);
            return (ssize_t)got;
        }
        if (got != HTTP_STREAM_WAIT) {
            return got == HTTP_STREAM_END ? MHD_CONTENT_READER_END_OF_STREAM
                                          : MHD_CONTENT_READER_END_WITH_ERROR;
        }
        if (stream_wait(stream)) {
            return 0;
        }
        if (atomic_load(&stream->server->is_stopping)) {
            return MHD_CONTENT_READER_END_OF_STREAM;
        }
    }
}

void http_stream_cancel(struct http_stream *stream)
{
    atomic_store(&stream->is_closed, true);
    if (stream->close != NULL) {
        stream->close(stream->context);
    }
}

static void stream_ended(void *pointer)
{
    struct http_stream *stream = pointer;
    struct http_server *server = stream->server;
    mutex_lock(&server->stream_mutex);
    if (stream->prev != NULL) {
        stream->prev->next = stream->next;
    } else {
        server->streams = stream->next;
    }
    if (stream->next != NULL) {
        stream->next->prev = stream->prev;
    }
    mutex_unlock(&server->stream_mutex);
    mutex_lock(&stream->mutex);
    stream->is_waiting = false;
    stream->connection = NULL;
    mutex_unlock(&stream->mutex);
    http_stream_cancel(stream);
    http_stream_release(stream);
}

struct MHD_Response *http_stream_attach(struct http_stream *stream, struct http_internal *internal)
{
    struct http_server *server = internal->server;
    stream->server = server;
    stream->connection = internal->connection;
    struct MHD_Response *answer = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read, stream, stream_ended);
    if (answer == NULL) {
        return NULL;
    }
    atomic_fetch_add(&stream->references, 1);
    mutex_lock(&server->stream_mutex);
    stream->prev = NULL;
    stream->next = server->streams;
    if (server->streams != NULL) {
        server->streams->prev = stream;
    }
    server->streams = stream;
    mutex_unlock(&server->stream_mutex);
    return answer;
}

void http_stream_wake_all(struct http_server *server)
{
    mutex_lock(&server->stream_mutex);
    for (struct http_stream *stream = server->streams; stream != NULL; stream = stream->next) {
        http_stream_wake(stream);
    }
    mutex_unlock(&server->stream_mutex);
}
