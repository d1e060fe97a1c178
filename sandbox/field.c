/* Members of a request body, each with its range. */
#include "sandbox.h"

#include "base/str.h"

#include <string.h>

#define AMOUNT_MINOR_MAX INT64_C(9999999999999)
#define LIMIT_MAX        500
#define LIMIT_DEFAULT    50

static void field_note_bad(struct request *request, const char *name)
{
    if (!request->bad_field)
        request->bad_field = name;
}

const char *field_text(struct request *request, const char *name, size_t size_min, size_t size_max)
{
    const char *text = json_string_value(json_object_get(request->json, name));
    size_t size = text ? strlen(text) : 0;
    if (text && size >= size_min && size <= size_max)
        return text;
    field_note_bad(request, name);
    return "";
}

const char *field_text_optional(struct request *request, const char *name, size_t size_max)
{
    return json_object_get(request->json, name) ? field_text(request, name, 0, size_max) : "";
}

bool field_is_caller_id(const char *text)
{
    size_t size = strlen(text);
    return size >= 1 && size <= CALLER_ID_SIZE_MAX &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-") ==
               size;
}

const char *field_caller_id(struct request *request, const char *name)
{
    const char *text = field_text(request, name, 1, CALLER_ID_SIZE_MAX);
    if (!field_is_caller_id(text))
        field_note_bad(request, name);
    return text;
}

struct money field_amount(struct request *request, const char *name)
{
    json_t *object = json_object_get(request->json, name);
    const char *amount = json_string_value(json_object_get(object, "amount"));
    const char *code = json_string_value(json_object_get(object, "currency"));
    struct money money = {0};
    struct ccy ccy;
    if (!amount || !code || ccy_parse(code, &ccy) != ERR_OK ||
        money_parse(amount, ccy, &money) != ERR_OK || money.minor <= 0 ||
        money.minor > AMOUNT_MINOR_MAX)
        field_note_bad(request, name);
    return money;
}

int64_t field_int_optional(struct request *request, const char *name, int64_t min, int64_t max,
                           int64_t otherwise)
{
    json_t *value = json_object_get(request->json, name);
    if (!value)
        return otherwise;
    if (!json_is_integer(value) || json_integer_value(value) < min ||
        json_integer_value(value) > max) {
        field_note_bad(request, name);
        return otherwise;
    }
    return json_integer_value(value);
}

int64_t field_limit(struct request *request)
{
    const char *text = request->query_value(request, "limit");
    int64_t limit = LIMIT_DEFAULT;
    if (text && (!str_to_int(text, &limit) || limit < 1 || limit > LIMIT_MAX))
        field_note_bad(request, "limit");
    return limit;
}
