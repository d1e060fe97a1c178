/* Finds the row of a request: a few dozen paths, compared segment by segment after a first cut by
 * the number of segments. */
#include "api/route.h"

#include "base/check.h"

#include <string.h>

#define SEGMENTS_MAX 8
#define ROUTES_MAX   240

static const struct route *const tables[] = {
    routes_open,         routes_customer,     routes_security,      routes_passkey,
    routes_account,      routes_card,         routes_account_life,  routes_payment,
    routes_staff,        routes_staff_user,   routes_staff_books,   routes_staff_operation,
    routes_staff_change, routes_privacy,      routes_kyc,           routes_staff_case,
    routes_company,      routes_company_user, routes_staff_company, routes_order,
    routes_staff_alert,  routes_staff_phone};

const struct route *route_at(size_t i)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (const struct route *row = tables[t]; row->path != NULL; row++) {
            if (i-- == 0) {
                return row;
            }
        }
    }
    return NULL;
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

void route_match(struct http_request *request, struct route_match *out)
{
    *out = (struct route_match){0};
    enum http_method method = request->method == HTTP_HEAD ? HTTP_GET : request->method;
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (const struct route *row = tables[t]; row->path != NULL; row++) {
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
}

const struct route *route_find(enum http_method method, const char *path)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (const struct route *row = tables[t]; row->path != NULL; row++) {
            if (row->method == method && path_matches(row->path, path, NULL, NULL)) {
                return row;
            }
        }
    }
    return NULL;
}
