/* Which listener serves what, where the console has an address of its own. */
#include "web/web_private.h"

#include <string.h>

/* `folder` itself, or something in it. */
static bool is_under(const char *path, const char *folder)
{
    size_t size = strlen(folder);
    return strncmp(path, folder, size) == 0 && (path[size] == '\0' || path[size] == '/');
}

static bool is_any(const char *path, const char *const *folders)
{
    for (; *folders != NULL; folders++) {
        if (is_under(path, *folders)) {
            return true;
        }
    }
    return false;
}

static const char *const of_staff[] = {"/v1/staff", "/console", NULL};
/* What the console asks besides, and what watches the server. */
static const char *const of_both[] = {"/v1/bank", "/problems", "/static",
                                      "/healthz", "/readyz",   NULL};

static void listener_answer(struct http_request *request, bool is_here)
{
    if (is_here) {
        web_handle(request);
    } else {
        problem_respond(request, ERR_NOT_FOUND, request_lang(request), 0);
    }
}

void web_handle_public(struct http_request *request)
{
    listener_answer(request, !is_any(request->path, of_staff));
}

void web_handle_console(struct http_request *request)
{
    listener_answer(request, is_any(request->path, of_staff) || is_any(request->path, of_both));
}
