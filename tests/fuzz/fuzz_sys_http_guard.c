/* First byte: target, query or head; the rest is the raw input from the network. */
#include "fuzz.h"
#include "sys/http_guard.h"

#define PARAMS_MAX 64

static void try_target(char *text)
{
    const char *path, *query;
    if (http_guard_target(text, &path, &query) == ERR_OK) {
        CHECK(path[0] == '/' && strstr(path, "/../") == NULL);
    }
}

static void try_query(char *text)
{
    struct http_param params[PARAMS_MAX];
    size_t count = 0;
    if (http_guard_query(text, params, PARAMS_MAX, &count) == ERR_OK) {
        CHECK(count <= PARAMS_MAX);
        for (size_t i = 0; i < count; i++) {
            CHECK(params[i].name != NULL && params[i].value != NULL);
        }
    }
}

/* Lines "name:value" become headers. */
static void try_head(char *text)
{
    struct http_param headers[PARAMS_MAX];
    size_t count = 0;
    for (char *rest = text, *line; count < PARAMS_MAX && (line = strsep(&rest, "\n")) != NULL;) {
        char *name = strsep(&line, ":");
        headers[count++] = (struct http_param){.name = name, .value = line ? line : ""};
    }
    uint64_t length;
    for (size_t i = 0; i < count; i++) {
        (void)http_guard_length(headers[i].value, &length);
        (void)http_guard_method(headers[i].name);
    }
    (void)http_guard_headers(headers, count, false);
    (void)http_guard_headers(headers, count, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static void (*const tries[])(char *) = {try_target, try_query, try_head};
    if (size > 0) {
        char *text = fuzz_text(bytes + 1, size - 1);
        tries[bytes[0] % 3](text);
        free(text);
    }
    return 0;
}
