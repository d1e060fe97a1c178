/* What a request asks, as one keyed hash. Each value is hashed by its meaning and with its length, so
 * that no two requests of different meaning run together. */
#include "web/web_private.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#define MEMBERS_MAX 64

static void add_text(struct hash_stream *stream, char tag, const char *text, size_t size)
{
    uint64_t length = size;
    hash_stream_add(stream, &tag, 1);
    hash_stream_add(stream, &length, sizeof length);
    hash_stream_add(stream, text, size);
}

static void add_number(struct hash_stream *stream, char tag, int64_t number)
{
    hash_stream_add(stream, &tag, 1);
    hash_stream_add(stream, &number, sizeof number);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_object(struct hash_stream *stream, const struct field *fields, json_t *object);

static void add_list(struct hash_stream *stream, const struct field *field, json_t *list)
{
    size_t i;
    json_t *item;
    add_number(stream, 'l', (int64_t)json_array_size(list));
    json_array_foreach(list, i, item)
    {
        if (field->schema != NULL) {
            add_object(stream, field->schema->fields, item);
        } else {
            add_text(stream, 't', json_string_value(item), json_string_length(item));
        }
    }
}

/* Values whose text has several spellings; false where the text itself is to be hashed. */
static bool add_parsed(struct hash_stream *stream, const struct field *field, json_t *object)
{
    struct money money;
    struct date date;
    int64_t number;
    const char *text = json_string_value(json_object_get(object, field->name));
    switch (field->type) {
    case FIELD_MONEY:
        if (json_get_money(object, field->name, &money) == ERR_OK) {
            add_text(stream, 'c', money.ccy.code, strlen(money.ccy.code));
            add_number(stream, 'm', money.minor);
            return true;
        }
        return false;
    case FIELD_DECIMAL:
        if (text != NULL && money_parse(text, CCY_CNY, &money) == ERR_OK) {
            add_number(stream, 'd', money.minor);
            return true;
        }
        return false;
    case FIELD_ID:
        if (json_get_id(object, field->name, &number) == ERR_OK) {
            add_number(stream, 'i', number);
            return true;
        }
        return false;
    case FIELD_DATE:
        if (json_get_date(object, field->name, &date) == ERR_OK) {
            add_number(stream, 'D', date.days);
            return true;
        }
        return false;
    case FIELD_INSTANT:
        if (text != NULL && instant_parse(text, &number) == ERR_OK) {
            add_number(stream, 'I', number);
            return true;
        }
        return false;
    case FIELD_TEXT:
    case FIELD_INT:
    case FIELD_BOOL:
    case FIELD_ENUM:
    case FIELD_BILINGUAL:
    case FIELD_OBJECT:
    case FIELD_LIST:
    case FIELD_INT_LIST:
    case FIELD_ANY:
        break;
    }
    return false;
}

static void add_value(struct hash_stream *stream, const struct field *field, json_t *object,
                      json_t *value)
{
    if (add_parsed(stream, field, object)) {
        return;
    }
    if (json_is_object(value) && field->schema != NULL) {
        add_object(stream, field->schema->fields, value);
    } else if (json_is_array(value)) {
        add_list(stream, field, value);
    } else if (json_is_integer(value)) {
        add_number(stream, 'n', json_integer_value(value));
    } else if (json_is_boolean(value)) {
        add_number(stream, 'b', json_is_true(value));
    } else if (json_is_string(value)) {
        add_text(stream, 't', json_string_value(value), json_string_length(value));
    } else {
        add_number(stream, '?', 0);
    }
}

/* Members in the order of their names; all of them are in the table, or the request was refused. */
static void add_object(struct hash_stream *stream, const struct field *fields, json_t *object)
{
    const char *names[MEMBERS_MAX];
    size_t count = 0;
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        if (count < MEMBERS_MAX) {
            names[count++] = name;
        }
    }
    qsort(names, count, sizeof names[0], compare_names);
    add_number(stream, 'o', (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        for (const struct field *field = fields; field->name != NULL; field++) {
            if (strcmp(field->name, names[i]) == 0) {
                add_text(stream, 'N', names[i], strlen(names[i]));
                add_value(stream, field, object, json_object_get(object, names[i]));
            }
        }
    }
}

static int compare_params(const void *a, const void *b)
{
    return strcmp(((const struct http_param *)a)->name, ((const struct http_param *)b)->name);
}

/* No parameter comes twice: validate_query has refused that. */
static void add_query(struct hash_stream *stream, const struct call *call)
{
    const struct http_param *params;
    struct http_param sorted[HTTP_QUERY_MAX];
    size_t count = http_query_params(call->request, &params);
    if (count > 0) {
        memcpy(sorted, params, count * sizeof *params);
        qsort(sorted, count, sizeof sorted[0], compare_params);
    }
    for (size_t i = 0; i < count; i++) {
        if (sorted[i].value[0] != '\0') {
            add_text(stream, 'q', sorted[i].name, strlen(sorted[i].name));
            add_text(stream, 'v', sorted[i].value, strlen(sorted[i].value));
        }
    }
}

void fingerprint(const struct call *call, uint8_t out[IDEMPOTENCY_HASH_SIZE])
{
    struct hash_stream stream;
    const char *method = http_method_name(call->request->method);
    hash_stream_init(&stream);
    add_text(&stream, 'M', method, strlen(method));
    add_text(&stream, 'P', call->request->path, strlen(call->request->path));
    add_query(&stream, call);
    if (call->body != NULL) {
        add_object(&stream, call->route->body, call->body);
    } else if (call->route->flags & ROUTE_PICTURE) {
        add_text(&stream, 'B', call->request->body, call->request->body_size);
    }
    struct hash hash = hash_stream_final(&stream);
    vault_hash_bytes(call->web->options.house->vault, "idempotency", hash.bytes, sizeof hash.bytes,
                     out);
}
