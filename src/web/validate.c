/* Holds queries and bodies against the route's fields. Every wrong member is named, not just the
 * first, so that a person mends a form once. */
#include "web/web_private.h"

#include "base/check.h"
#include "base/identifier.h"
#include "base/name.h"
#include "base/text.h"
#include "sys/http_value.h"

#include <stdio.h>
#include <string.h>

static void validate_wrong(struct call *call, const char *pointer, const char *en, const char *zh)
{
    call_field_error(call, pointer, en, zh);
}

#define WRITTEN_SIZE 4096

static bool is_ascii(const char *text)
{
    while (*text > 0) {
        text++;
    }
    return *text == '\0';
}

/* The written form of what was typed. NULL: the member is wrong, and its error is added. */
static const char *written_form(struct call *call, const struct field *field, const char *text,
                                const char *pointer)
{
    char out[WRITTEN_SIZE] = "";
    struct phone phone;
    enum err err = ERR_OK;
    if (field->form == FORM_TEXT && is_ascii(text)) {
        return text; /* composed already, at any length */
    }
    if (field->form != FORM_TEXT && str_length_utf8(text) > FIELD_TYPED_MAX) {
        err = ERR_OVERFLOW;
    } else if (field->form == FORM_NAME) {
        err = name_parse(text, out);
    } else if (field->form == FORM_PHONE &&
               identifier_parse_phone(text, &phone) == IDENTIFIER_VALID) {
        snprintf(out, sizeof out, "%s", phone.number);
    } else if (field->form == FORM_NUMBER || field->form == FORM_PHONE) {
        err = identifier_tidy(text, out, sizeof out) ? ERR_OK : ERR_OVERFLOW;
    } else {
        err = text_compose(text, out, sizeof out);
    }
    if (err == ERR_INVALID_FIELD) {
        validate_wrong(call, pointer, "must be a name of 2 to 50 letters, all Chinese or all Latin",
                       "应为2至50个字的姓名，全部为汉字或全部为拉丁字母");
    } else if (err != ERR_OK) {
        validate_wrong(call, pointer, "has too many characters", "字符过多");
    }
    if (err != ERR_OK || strcmp(out, text) == 0) {
        return err != ERR_OK ? NULL : text;
    }
    const char *written = arena_printf(call->arena, "%s", out);
    call->err = written == NULL ? ERR_NO_MEMORY : call->err;
    return written;
}

static void refuse_character(struct call *call, uint32_t point, const char *pointer)
{
    char en[96];
    char zh[96];
    snprintf(en, sizeof en, "must not hold the character U+%04X", (unsigned)point);
    snprintf(zh, sizeof zh, "不能包含字符 U+%04X", (unsigned)point);
    validate_wrong(call, pointer, en, zh);
}

/* `holder`: the text of a body, which takes the written form; NULL: a query parameter. */
static void check_characters(struct call *call, const struct field *field, const char *text,
                             json_t *holder, const char *pointer)
{
    uint32_t refused = field->form == FORM_TEXT ? text_refused(text) : text_refused_typed(text);
    if (refused != TEXT_ALL_TAKEN) {
        refuse_character(call, refused, pointer);
        return;
    }
    const char *written = written_form(call, field, text, pointer);
    if (written == NULL) {
        return;
    }
    char en[96];
    char zh[96];
    long long length = (long long)str_length_utf8(written);
    if (length < field->min || (field->max && length > field->max)) {
        snprintf(en, sizeof en, "must have %lld to %lld characters", field->min, field->max);
        snprintf(zh, sizeof zh, "长度应为 %lld 至 %lld 个字符", field->min, field->max);
        validate_wrong(call, pointer, en, zh);
    } else if (field->check != NULL && !field->check(written)) {
        validate_wrong(call, pointer, "is not of the form that is asked for", "格式不正确");
    } else if (holder != NULL && written != text && json_string_set(holder, written) != 0) {
        call->err = ERR_NO_MEMORY;
    }
}

static void check_range(struct call *call, const struct field *field, long long value,
                        const char *pointer)
{
    char en[96];
    char zh[96];
    if (value < field->min || (field->max && value > field->max)) {
        snprintf(en, sizeof en, "must be from %lld to %lld", field->min, field->max);
        snprintf(zh, sizeof zh, "应在 %lld 至 %lld 之间", field->min, field->max);
        validate_wrong(call, pointer, en, zh);
    }
}

static bool one_of(const struct field *field, const char *text)
{
    for (size_t i = 0; field->values[i] != NULL; i++) {
        if (strcmp(field->values[i], text) == 0) {
            return true;
        }
    }
    return false;
}

/* A value that came as text: query parameters, and texts of a body (`holder`, else NULL). */
static void check_text(struct call *call, const struct field *field, const char *text,
                       json_t *holder, const char *pointer)
{
    int64_t number;
    struct date date;
    struct money money;
    switch (field->type) {
    case FIELD_TEXT:
        check_characters(call, field, text, holder, pointer);
        break;
    case FIELD_ENUM:
        if (!one_of(field, text)) {
            validate_wrong(call, pointer, "is not one of the values allowed", "不是允许的取值");
        }
        break;
    case FIELD_ID:
        if (id_parse(text, &number)) {
            validate_wrong(call, pointer, "is not an id", "不是有效的编号");
        }
        break;
    case FIELD_DATE:
        if (date_parse(text, &date)) {
            validate_wrong(call, pointer, "is not a date that exists (YYYY-MM-DD)",
                           "不是存在的日期（YYYY-MM-DD）");
        }
        break;
    case FIELD_INSTANT:
        if (instant_parse(text, &number)) {
            validate_wrong(call, pointer, "is not an instant (RFC 3339)",
                           "不是有效的时间（RFC 3339）");
        }
        break;
    case FIELD_DECIMAL:
        if (money_parse(text, CCY_CNY, &money) || money.minor < 0) {
            validate_wrong(call, pointer, "is not an amount", "不是有效的金额");
        }
        break;
    case FIELD_INT:
        if (!str_to_int(text, &number)) {
            validate_wrong(call, pointer, "is not a whole number", "不是整数");
        } else {
            check_range(call, field, number, pointer);
        }
        break;
    case FIELD_BOOL:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
            validate_wrong(call, pointer, "must be true or false", "应为 true 或 false");
        }
        break;
    case FIELD_MONEY:
    case FIELD_BILINGUAL:
    case FIELD_OBJECT:
    case FIELD_LIST:
    case FIELD_INT_LIST:
    case FIELD_ANY:
        CHECK(!"a query parameter or text of such a type");
    }
}

static const struct field *find_field(const struct field *fields, const char *name)
{
    for (const struct field *f = fields; f != NULL && f->name != NULL; f++) {
        if (strcmp(f->name, name) == 0) {
            return f;
        }
    }
    return NULL;
}

static const struct field list_fields[] = {
    {.name = "limit", .type = FIELD_INT, .min = 1, .max = 100},
    {.name = "cursor", .type = FIELD_ID},
    {.name = NULL}};

/* A span whose ends are the wrong way round is a mistake, not an empty answer. */
static void check_spans(struct call *call)
{
    struct date from;
    struct date to;
    int64_t least;
    int64_t most;
    if (call_query_date(call, "from", &from) && call_query_date(call, "to", &to) &&
        date_compare(from, to) > 0) {
        call->err = ERR_INVALID_PERIOD;
        validate_wrong(call, "?from", "lies after \"to\"", "晚于 to");
    }
    if (call_query_money(call, "minAmount", CCY_CNY, &least) &&
        call_query_money(call, "maxAmount", CCY_CNY, &most) && least > most) {
        validate_wrong(call, "?minAmount", "is above \"maxAmount\"", "大于 maxAmount");
    }
}

enum err validate_query(struct call *call)
{
    const struct http_param *params;
    size_t count = http_query_params(call->request, &params);
    for (size_t i = 0; i < count; i++) {
        const char *pointer = arena_printf(call->arena, "?%.64s", params[i].name);
        const struct field *field = find_field(call->route->query, params[i].name);
        if (field == NULL && (call->route->flags & ROUTE_LIST)) {
            field = find_field(list_fields, params[i].name);
        }
        size_t times = 0;
        http_query(call->request, params[i].name, &times);
        if (field == NULL) {
            validate_wrong(call, pointer, "is not known here", "不支持该参数");
        } else if (times > 1) {
            validate_wrong(call, pointer, "is given twice", "参数重复");
        } else if (params[i].value[0] != '\0') {
            check_text(call, field, params[i].value, NULL, pointer);
        }
    }
    for (const struct field *f = call->route->query; f != NULL && f->name != NULL; f++) {
        if (f->required && call_query(call, f->name) == NULL) {
            validate_wrong(call, arena_printf(call->arena, "?%s", f->name), "is missing",
                           "缺少该参数");
        }
    }
    if (call->err == ERR_OK) {
        check_spans(call);
    }
    return call->err;
}

static void check_object(struct call *call, const struct field *fields, json_t *object,
                         const char *prefix);

static void check_money(struct call *call, const char *name, json_t *object, json_t *value,
                        const char *pointer)
{
    struct money money;
    if (!json_is_object(value)) {
        validate_wrong(call, pointer, "must be an object with amount and currency",
                       "应为包含 amount 与 currency 的对象");
        return;
    }
    switch ((int)json_get_money(object, name, &money)) {
    case ERR_OK:
        if (money.minor <= 0) {
            validate_wrong(call, arena_printf(call->arena, "%s/amount", pointer),
                           "must be above zero", "金额必须大于零");
        }
        break;
    case ERR_UNKNOWN_CURRENCY:
        validate_wrong(call, arena_printf(call->arena, "%s/currency", pointer),
                       "is not a currency that the bank knows", "不支持该币种");
        break;
    case ERR_OVERFLOW:
        validate_wrong(call, arena_printf(call->arena, "%s/amount", pointer), "is too large",
                       "金额过大");
        break;
    case ERR_INVALID_AMOUNT:
        validate_wrong(
            call, arena_printf(call->arena, "%s/amount", pointer),
            "must be a decimal text with no more digits than the currency has, such as \"12.34\"",
            "应为小数文本，小数位不超过币种规定，例如 \"12.34\"");
        break;
    default:
        validate_wrong(call, pointer, "must hold amount and currency as texts, and nothing else",
                       "只能包含文本 amount 与 currency");
        break;
    }
}

static void check_list(struct call *call, const struct field *field, json_t *value,
                       const char *pointer)
{
    if (!json_is_array(value)) {
        validate_wrong(call, pointer, "must be a list", "应为列表");
        return;
    }
    check_range(call, field, (long long)json_array_size(value), pointer);
    size_t i;
    json_t *item;
    json_array_foreach(value, i, item)
    {
        const char *place = arena_printf(call->arena, "%s/%zu", pointer, i);
        if (field->schema == NULL) {
            const char *text = json_string_value(item);
            if (text == NULL || (field->values != NULL && !one_of(field, text))) {
                validate_wrong(call, place, "is not one of the values allowed", "不是允许的取值");
            }
        } else if (json_is_object(item)) {
            check_object(call, field->schema->fields, item, place);
        } else {
            validate_wrong(call, place, "must be an object", "应为对象");
        }
    }
}

static void check_value(struct call *call, const struct field *field, json_t *object, json_t *value,
                        const char *pointer)
{
    switch (field->type) {
    case FIELD_MONEY:
        check_money(call, field->name, object, value, pointer);
        break;
    case FIELD_INT:
        if (json_is_integer(value)) {
            check_range(call, field, json_integer_value(value), pointer);
        } else {
            validate_wrong(call, pointer, "must be a whole number", "应为整数");
        }
        break;
    case FIELD_BOOL:
        if (!json_is_boolean(value)) {
            validate_wrong(call, pointer, "must be true or false", "应为 true 或 false");
        }
        break;
    case FIELD_OBJECT:
        if (json_is_object(value)) {
            check_object(call, field->schema->fields, value, pointer);
        } else {
            validate_wrong(call, pointer, "must be an object", "应为对象");
        }
        break;
    case FIELD_LIST:
        check_list(call, field, value, pointer);
        break;
    case FIELD_ANY:
        if (!json_is_object(value)) {
            validate_wrong(call, pointer, "must be an object", "应为对象");
        }
        break;
    case FIELD_TEXT:
    case FIELD_ID:
    case FIELD_DATE:
    case FIELD_INSTANT:
    case FIELD_DECIMAL:
    case FIELD_ENUM:
    case FIELD_BILINGUAL:
    case FIELD_INT_LIST:
        if (json_is_string(value)) {
            check_text(call, field, json_string_value(value), value, pointer);
        } else {
            validate_wrong(call, pointer, "must be a text", "应为文本");
        }
        break;
    }
}

static void check_object(struct call *call, const struct field *fields, json_t *object,
                         const char *prefix)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        const char *pointer = arena_printf(call->arena, "%s/%.64s", prefix, name);
        const struct field *field = find_field(fields, name);
        if (field == NULL) {
            validate_wrong(call, pointer, "is not known here", "不支持该字段");
        } else if (json_is_null(value) && field->nullable) {
            continue; /* as if it were left out */
        } else if (json_is_null(value)) {
            validate_wrong(call, pointer, "must not be null; leave it out instead",
                           "不能为 null，可省略");
        } else {
            check_value(call, field, object, value, pointer);
        }
    }
    for (const struct field *f = fields; f->name != NULL; f++) {
        if (f->required && json_object_get(object, f->name) == NULL) {
            validate_wrong(call, arena_printf(call->arena, "%s/%s", prefix, f->name), "is missing",
                           "缺少该字段");
        }
    }
}

static bool is_json(const char *type)
{
    return http_media_type_is(type, "application/json");
}

/* The three formats that are decoded; what the bytes are is seen then. */
static bool is_picture(const char *type)
{
    static const char *const TYPES[] = {"image/jpeg", "image/png", "image/webp"};
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        if (http_media_type_is(type, TYPES[i])) {
            return true;
        }
    }
    return false;
}

static enum err validate_picture(struct call *call)
{
    if (call->request->method == HTTP_GET) {
        return call->err;
    }
    if (!is_picture(http_header(call->request, "Content-Type"))) {
        return ERR_UNSUPPORTED_PICTURE;
    }
    return call->request->body_size == 0 ? ERR_PICTURE_UNREADABLE : ERR_OK;
}

enum err validate_body(struct call *call)
{
    if (call->route->flags & ROUTE_PICTURE) {
        return validate_picture(call);
    }
    if (call->route->body == NULL) {
        if (call->request->body_size > 0 && call->request->method != HTTP_GET) {
            /* An empty object is taken as "nothing": clients send it by habit. */
            if (strcmp(call->request->body, "{}") != 0) {
                validate_wrong(call, "#", "this takes no body", "该请求不需要内容");
            }
        }
        return call->err;
    }
    if (call->request->body_size > 0 && !is_json(http_header(call->request, "Content-Type"))) {
        return ERR_UNSUPPORTED_MEDIA_TYPE;
    }
    enum err err = json_parse_object(call->request->body, call->request->body_size,
                                     HTTP_BODY_MAX_DEFAULT, &call->body);
    if (err) {
        return err;
    }
    check_object(call, call->route->body, call->body, "#");
    return call->err;
}
