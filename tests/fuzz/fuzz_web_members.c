/* Members of a body and parameters of a query, against a table that has every type of field. First
 * byte: body or query; then the text. */
#include "fuzz.h"
#include "sys/http_guard.h"
#include "sys/http_internal.h"
#include "web/web_private.h"

#define PARAMS_MAX 64

static const char *const COLOURS[] = {"red", "green", NULL};
static const struct field INNER[] = {
    {.name = "name", .type = FIELD_TEXT, .required = true, .min = 1, .max = 8},
    {.name = NULL},
};
static const struct schema INNER_SCHEMA = {.name = "Inner", .fields = INNER};
static const struct field FIELDS[] = {
    {.name = "text", .type = FIELD_TEXT, .min = 1, .max = 20},
    {.name = "count", .type = FIELD_INT, .min = 1, .max = 100},
    {.name = "flag", .type = FIELD_BOOL},
    {.name = "id", .type = FIELD_ID},
    {.name = "instructedAmount", .type = FIELD_MONEY},
    {.name = "date", .type = FIELD_DATE},
    {.name = "at", .type = FIELD_INSTANT},
    {.name = "rate", .type = FIELD_DECIMAL},
    {.name = "colour", .type = FIELD_ENUM, .values = COLOURS},
    {.name = "inner", .type = FIELD_OBJECT, .schema = &INNER_SCHEMA},
    {.name = "list", .type = FIELD_LIST, .max = 4, .schema = &INNER_SCHEMA},
    {.name = "words", .type = FIELD_LIST, .max = 4, .values = COLOURS},
    {.name = NULL},
};
static const struct route ROUTE = {.body = FIELDS, .query = FIELDS};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct http_internal internal;
    if (size == 0) {
        return 0;
    }
    char *text = fuzz_text(bytes + 1, size - 1);
    struct http_param params[PARAMS_MAX];
    struct arena arena;
    arena_init(&arena, 1 << 20);
    memset(&internal, 0, sizeof internal);
    internal.headers[0] = (struct http_param){"Content-Type", "application/json"};
    internal.header_count = 1;
    internal.request = (struct http_request){
        .method = HTTP_POST, .arena = &arena, .internal = &internal, .path = "/", .query = ""};
    struct call call = {.route = &ROUTE, .request = &internal.request, .arena = &arena};
    if (bytes[0] % 2 == 0) {
        internal.request.body = text;
        internal.request.body_size = size - 1;
        enum err err = validate_body(&call);
        CHECK(err != ERR_OK || json_is_object(call.body));
        json_decref(call.body);
    } else if (http_guard_query(text, params, PARAMS_MAX, &internal.param_count) == ERR_OK) {
        internal.params = params;
        enum err err = validate_query(&call);
        CHECK(err == ERR_OK || call.field_error_count > 0);
    }
    arena_release(&arena);
    free(text);
    return 0;
}
