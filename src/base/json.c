#include "json.h"

#include "id.h"

#include <string.h>

/* Deepest nesting of the text, counted before jansson recurses into it. */
static size_t nesting_of(const char *bytes, size_t size)
{
    size_t depth = 0;
    size_t deepest = 0;
    bool in_string = false;

    for (size_t i = 0; i < size; i++) {
        char c = bytes[i];
        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
            deepest = depth > deepest ? depth : deepest;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return deepest;
}

enum err json_parse_object(const char *bytes, size_t size, size_t size_max, json_t **out)
{
    json_error_t error;
    if (size > size_max || nesting_of(bytes, size) > JSON_DEPTH_MAX) {
        return ERR_INVALID_JSON;
    }
    json_t *value = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
    if (value == NULL) {
        return json_error_code(&error) == json_error_out_of_memory ? ERR_NO_MEMORY
                                                                   : ERR_INVALID_JSON;
    }
    if (!json_is_object(value)) {
        json_decref(value);
        return ERR_INVALID_JSON;
    }
    *out = value;
    return ERR_OK;
}

bool json_has(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return value != NULL && !json_is_null(value);
}

enum err json_get_text(const json_t *object, const char *name, const char **out)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value)) {
        return ERR_INVALID_FIELD;
    }
    *out = json_string_value(value);
    return ERR_OK;
}

enum err json_get_int(const json_t *object, const char *name, int64_t *out)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_integer(value)) {
        return ERR_INVALID_FIELD;
    }
    *out = json_integer_value(value);
    return ERR_OK;
}

enum err json_get_bool(const json_t *object, const char *name, bool *out)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_boolean(value)) {
        return ERR_INVALID_FIELD;
    }
    *out = json_is_true(value);
    return ERR_OK;
}

enum err json_get_object(const json_t *object, const char *name, json_t **out)
{
    json_t *value = json_object_get(object, name);
    if (!json_is_object(value)) {
        return ERR_INVALID_FIELD;
    }
    *out = value;
    return ERR_OK;
}

enum err json_get_array(const json_t *object, const char *name, json_t **out)
{
    json_t *value = json_object_get(object, name);
    if (!json_is_array(value)) {
        return ERR_INVALID_FIELD;
    }
    *out = value;
    return ERR_OK;
}

enum err json_get_id(const json_t *object, const char *name, int64_t *out)
{
    const char *text = NULL;
    enum err err = json_get_text(object, name, &text);
    return err != ERR_OK ? err : id_parse(text, out);
}

enum err json_get_date(const json_t *object, const char *name, struct date *out)
{
    const char *text = NULL;
    enum err err = json_get_text(object, name, &text);
    return err != ERR_OK ? err : date_parse(text, out);
}

enum err json_get_money(const json_t *object, const char *name, struct money *out)
{
    static const char *const names[] = {"amount", "currency"};
    const char *amount = NULL;
    const char *currency = NULL;
    struct ccy ccy;
    json_t *value = NULL;

    enum err err = json_get_object(object, name, &value);
    if (err == ERR_OK) {
        err = json_get_text(value, "amount", &amount);
    }
    if (err == ERR_OK) {
        err = json_get_text(value, "currency", &currency);
    }
    if (err == ERR_OK && json_unknown_member(value, names, 2) != NULL) {
        err = ERR_INVALID_FIELD;
    }
    if (err == ERR_OK) {
        err = ccy_parse(currency, &ccy);
    }
    return err != ERR_OK ? err : money_parse(amount, ccy, out);
}

json_t *json_from_money(struct money amount)
{
    char text[MONEY_TEXT_SIZE];
    money_format(amount, text);
    return json_pack("{s:s, s:s}", "amount", text, "currency", amount.ccy.code);
}

const char *json_unknown_member(const json_t *object, const char *const *names, size_t count)
{
    const char *name;
    json_t *value;
    /* the macro needs a non-const object but does not change it */
    json_t *members = (json_t *)(uintptr_t)object;
    const char *unknown = NULL;

    json_object_foreach(members, name, value)
    {
        size_t i = 0;
        while (i < count && strcmp(names[i], name) != 0) {
            i++;
        }
        if (i == count) {
            unknown = name;
            break;
        }
    }
    return unknown;
}
