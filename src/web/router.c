/* Finds the row of a request: a few dozen paths, compared segment by segment after a first cut by
 * the number of segments. */
#include "web/route.h"

#include "base/check.h"
#include "frame/room.h"

#include <string.h>

#define SEGMENTS_MAX 8
const struct web_scope open_scope = {.name = "open",
                                     .rate = "address",
                                     .security = "[]",
                                     .audience = "For customers and their apps."};

/* The table that follows `chapter`; NULL: that was the last. */
static const struct route_table *next_table(const struct room_parts *const *rooms, int chapter)
{
    const struct route_table *next = NULL;
    for (; *rooms != NULL; rooms++) {
        for (const struct route_table *table = (*rooms)->routes;
             table != NULL && table->rows != NULL; table++) {
            if (table->chapter > chapter && (next == NULL || table->chapter < next->chapter)) {
                next = table;
            } else {
                CHECK(next == NULL || table->chapter != next->chapter);
            }
        }
    }
    return next;
}

void router_init(struct router *out, const struct room_parts *const *rooms)
{
    *out = (struct router){.count = 0};
    for (const struct route_table *table = next_table(rooms, 0); table != NULL;
         table = next_table(rooms, table->chapter)) {
        for (const struct route *row = table->rows; row->path != NULL; row++) {
            CHECK(row->scope != NULL);
            CHECK(out->count + 1 < ROUTES_MAX);
            out->rows[out->count++] = row;
        }
    }
}

/* Compares a template with a path; copies what stands for parameters into `params`. Without an arena
 * it only compares. */
static bool path_matches(const char *template, const char *path, struct arena *arena,
                         const char **params)
{
    size_t param = 0;
    while (*template != '\0') {
        if (*template != '{') {
            if (*template ++ != *path++) {
                return false;
            }
            continue;
        }
        size_t size = strcspn(path, "/");
        if (size == 0 || param == ROUTE_PATH_PARAMS_MAX) {
            return false;
        }
        if (arena != NULL) {
            char *text = arena_alloc(arena, size + 1);
            if (text == NULL) {
                return false;
            }
            memcpy(text, path, size);
            text[size] = '\0';
            params[param++] = text;
        }
        path += size;
        template = strchr(template, '}') + 1;
    }
    return *path == '\0';
}

void route_match(const struct router *router, struct http_request *request, struct route_match *out)
{
    *out = (struct route_match){0};
    enum http_method method = request->method == HTTP_HEAD ? HTTP_GET : request->method;
    for (size_t i = 0; i < router->count; i++) {
        const struct route *row = router->rows[i];
        const char *params[ROUTE_PATH_PARAMS_MAX] = {0};
        if (!path_matches(row->path, request->path, request->arena, params)) {
            continue;
        }
        out->allowed |= 1u << row->method;
        /* A literal path stands before a template in its table and so wins. */
        if (row->method == method && out->route == NULL) {
            out->route = row;
            memcpy(out->params, params, sizeof params);
        }
    }
}

const struct route *route_find(const struct router *router, enum http_method method,
                               const char *path)
{
    for (size_t i = 0; i < router->count; i++) {
        const struct route *row = router->rows[i];
        if (row->method == method && path_matches(row->path, path, NULL, NULL)) {
            return row;
        }
    }
    return NULL;
}
