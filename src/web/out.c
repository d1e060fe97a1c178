/* The JSON writer of answers: appends to call->out, knows its commas by the last character. */
#include "web/call.h"

static void out_begin(struct call *call, const char *name)
{
    struct str *out = &call->out;
    char last = out->size > 0 ? out->bytes[out->size - 1] : '[';
    if (last != '[' && last != '{') {
        str_append_char(out, ',');
    }
    if (name != NULL) {
        str_append_char(out, '"');
        str_append(out, name);
        str_append(out, "\":");
    }
}

void out_open(struct call *call, const char *name, char bracket)
{
    out_begin(call, name);
    str_append_char(&call->out, bracket);
}

void out_close(struct call *call, char bracket)
{
    str_append_char(&call->out, bracket);
}

void out_text(struct call *call, const char *name, const char *value)
{
    out_begin(call, name);
    if (value == NULL) {
        str_append(&call->out, "null");
    } else {
        str_append_json(&call->out, value);
    }
}

void out_int(struct call *call, const char *name, int64_t value)
{
    out_begin(call, name);
    str_append_int(&call->out, value);
}

void out_bool(struct call *call, const char *name, bool value)
{
    out_begin(call, name);
    str_append(&call->out, value ? "true" : "false");
}

void out_id(struct call *call, const char *name, int64_t value)
{
    out_begin(call, name);
    if (value == 0) {
        str_append(&call->out, "null");
        return;
    }
    str_append_char(&call->out, '"');
    str_append_int(&call->out, value);
    str_append_char(&call->out, '"');
}

void out_instant(struct call *call, const char *name, int64_t value_us)
{
    char text[INSTANT_TEXT_SIZE];
    if (value_us == 0) {
        out_text(call, name, NULL);
        return;
    }
    instant_format(value_us, text);
    out_text(call, name, text);
}

void out_date(struct call *call, const char *name, struct date value)
{
    char text[DATE_TEXT_SIZE];
    date_format(value, text);
    out_text(call, name, text);
}

void out_money(struct call *call, const char *name, struct money value)
{
    char text[MONEY_TEXT_SIZE];
    money_format(value, text);
    out_begin(call, name);
    str_append(&call->out, "{\"amount\":\"");
    str_append(&call->out, text);
    str_append(&call->out, "\",\"currency\":\"");
    str_append(&call->out, value.ccy.code);
    str_append(&call->out, "\"}");
}

void out_bilingual(struct call *call, const char *name, const char *en, const char *zh)
{
    out_open(call, name, '{');
    out_text(call, "en", en);
    out_text(call, "zh", zh);
    out_close(call, '}');
}

void out_raw(struct call *call, const char *name, const char *json)
{
    out_begin(call, name);
    str_append(&call->out, json);
}

void out_hash(struct call *call, const char *name, const uint8_t hash[32])
{
    char text[65];
    str_to_hex(hash, 32, text);
    out_text(call, name, text);
}

const char *out_null_if_empty(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

void out_optional_text(struct call *call, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        out_text(call, name, value);
    }
}

void out_optional_id(struct call *call, const char *name, int64_t value)
{
    if (value != 0) {
        out_id(call, name, value);
    }
}

void out_optional_instant(struct call *call, const char *name, int64_t value_us)
{
    if (value_us != 0) {
        out_instant(call, name, value_us);
    }
}
