#include "base/check.h"
#include "sys/http_internal.h"

#include <stdlib.h>
#include <string.h>

static struct http_internal *pool_grow(struct http_server *server)
{
    struct http_internal *internal = calloc(1, sizeof *internal);
    if (internal == NULL) {
        return NULL;
    }
    internal->server = server;
    arena_init(&internal->arena, server->options.arena_max);
    mutex_lock(&server->pool_mutex);
    internal->next_all = server->all;
    if (server->all != NULL) {
        server->all->prev_all = internal;
    }
    server->all = internal;
    mutex_unlock(&server->pool_mutex);
    return internal;
}

struct http_internal *http_pool_take(struct http_server *server)
{
    mutex_lock(&server->pool_mutex);
    struct http_internal *internal = server->free_list;
    if (internal != NULL) {
        server->free_list = internal->next_free;
    }
    mutex_unlock(&server->pool_mutex);
    if (internal == NULL) {
        internal = pool_grow(server);
    }
    if (internal == NULL) {
        return NULL;
    }
    internal->request = (struct http_request){.arena = &internal->arena,
                                              .user = server->options.user,
                                              .query = "",
                                              .body = "",
                                              .path = "",
                                              .internal = internal};
    atomic_store(&internal->state, HTTP_STATE_CALLBACK);
    atomic_store(&internal->holders, 1);
    atomic_store(&internal->is_owned, false);
    atomic_fetch_add(&server->live_count, 1);
    internal->connection = NULL;
    internal->target = NULL;
    internal->header_count = 0;
    internal->header_bytes = 0;
    internal->param_count = 0;
    internal->client = (struct http_address){{0}};
    internal->remote[0] = 0;
    internal->remote_key[0] = 0;
    atomic_store(&internal->thread, (uintptr_t)pthread_self());
    internal->length = 0;
    internal->is_turned_away = false;
    internal->has_begun = false;
    internal->is_counted = false;
    internal->discarded = 0;
    internal->refusal = ERR_OK;
    internal->was_delivered = false;
    internal->owner_answer = NULL;
    internal->answer_size = 0;
    internal->answer = NULL;
    internal->status = 0;
    return internal;
}

static void internal_free(struct http_internal *internal)
{
    if (internal->answer != NULL) {
        MHD_destroy_response(internal->answer);
    }
    if (internal->owner_answer != NULL) {
        MHD_destroy_response(internal->owner_answer);
    }
    arena_release(&internal->arena);
    free(internal->body);
    free(internal);
}

void http_pool_forget(struct http_internal *internal)
{
    struct http_server *server = internal->server;
    if (internal->prev_all != NULL) {
        internal->prev_all->next_all = internal->next_all;
    } else {
        server->all = internal->next_all;
    }
    if (internal->next_all != NULL) {
        internal->next_all->prev_all = internal->prev_all;
    }
    atomic_fetch_sub(&server->body_bytes, (int64_t)internal->reserved);
    internal->reserved = 0;
    atomic_fetch_sub(&server->live_count, 1);
}

void http_pool_drop(struct http_internal *internal)
{
    if (atomic_fetch_sub(&internal->holders, 1) != 1) {
        return;
    }
    if (atomic_load(&internal->state) == HTTP_STATE_ABANDONED) {
        /* The server may be gone. */
        internal_free(internal);
        return;
    }
    struct http_server *server = internal->server;
    arena_reset(&internal->arena);
    atomic_store(&internal->thread, 0);
    if (internal->owner_answer != NULL) {
        /* The connection ended before the answer could be queued. */
        MHD_destroy_response(internal->owner_answer);
        internal->owner_answer = NULL;
    }
    if (internal->body_capacity > HTTP_BODY_KEEP_MAX) {
        free(internal->body);
        internal->body = NULL;
        internal->body_capacity = 0;
    }
    mutex_lock(&server->pool_mutex);
    atomic_fetch_sub(&server->body_bytes, (int64_t)internal->reserved);
    internal->reserved = 0;
    internal->next_free = server->free_list;
    server->free_list = internal;
    mutex_unlock(&server->pool_mutex);
    /* The last touch: the stop frees the server once nothing is live. */
    atomic_fetch_sub(&server->live_count, 1);
}

void http_pool_release(struct http_server *server)
{
    while (server->all != NULL) {
        struct http_internal *internal = server->all;
        server->all = internal->next_all;
        internal_free(internal);
    }
}
