#include "web/member.h"

#include "base/check.h"

#include <string.h>

static const void *place_of(const struct field *field, const void *from, size_t size)
{
    CHECK(field->member.kind != MEMBER_NONE && field->member.struct_size == size);
    return (const char *)from + field->member.offset;
}

static const char *text_of(const struct field *field, const void *place)
{
    return field->member.kind == MEMBER_CHARS ? place : *(const char *const *)place;
}

static int64_t number_of(const struct field *field, const void *place)
{
    return field->member.kind == MEMBER_INT32 ? *(const int32_t *)place : *(const int64_t *)place;
}

static bool is_none(const struct field *field, const void *from, const void *place)
{
    const char *text;
    const struct member *member = &field->member;
    if (member->flag != 0) {
        return !*(const bool *)((const char *)from + member->flag - 1);
    }
    switch (member->kind) {
    case MEMBER_CHARS:
    case MEMBER_POINTER:
        text = text_of(field, place);
        return text == NULL || text[0] == '\0';
    case MEMBER_INT64:
        return field->type != FIELD_INT && *(const int64_t *)place == 0;
    case MEMBER_MONEY:
        return ((const struct money *)place)->ccy.code[0] == '\0';
    case MEMBER_NONE:
    case MEMBER_INT32:
    case MEMBER_BOOL:
    case MEMBER_ENUM:
    case MEMBER_DATE:
    case MEMBER_BILINGUAL:
    case MEMBER_OBJECT:
    case MEMBER_LIST:
    case MEMBER_WRITTEN:
        break;
    }
    return false;
}

static void write_number(struct call *call, const struct field *field, int64_t value)
{
    if (field->type == FIELD_ID) {
        out_id(call, field->name, value);
    } else if (field->type == FIELD_INSTANT) {
        out_instant(call, field->name, value);
    } else {
        out_int(call, field->name, value);
    }
}

static void write_object(struct call *call, const char *name, const struct schema *schema,
                         const void *from)
{
    out_object(call, name, schema, from, schema->fields[0].member.struct_size);
}

static void write_rows(struct call *call, const struct field *field, const struct member_rows *rows)
{
    size_t size = field->schema->fields[0].member.struct_size;
    out_open(call, field->name, '[');
    for (size_t i = 0; i < rows->count; i++) {
        write_object(call, NULL, field->schema, (const char *)rows->items + i * size);
    }
    out_close(call, ']');
}

static void write_member(struct call *call, const struct field *field, const void *from,
                         const void *place)
{
    const struct member *member = &field->member;
    switch (member->kind) {
    case MEMBER_CHARS:
    case MEMBER_POINTER:
        out_text(call, field->name, text_of(field, place));
        break;
    case MEMBER_INT64:
    case MEMBER_INT32:
        write_number(call, field, number_of(field, place));
        break;
    case MEMBER_BOOL:
        out_bool(call, field->name, *(const bool *)place);
        break;
    case MEMBER_ENUM:
        out_text(call, field->name, member->name_of((int)*(const unsigned *)place));
        break;
    case MEMBER_MONEY:
        out_money(call, field->name, *(const struct money *)place);
        break;
    case MEMBER_DATE:
        out_date(call, field->name, *(const struct date *)place);
        break;
    case MEMBER_BILINGUAL:
        out_bilingual(call, field->name, place, (const char *)from + member->offset_zh);
        break;
    case MEMBER_OBJECT:
        write_object(call, field->name, field->schema, place);
        break;
    case MEMBER_LIST:
        write_rows(call, field, place);
        break;
    case MEMBER_WRITTEN:
        member->write(call, field->name, from);
        break;
    case MEMBER_NONE:
        break;
    }
}

void out_members(struct call *call, const struct field *fields, const void *from, size_t size)
{
    for (const struct field *field = fields; field->name != NULL; field++) {
        const void *place = place_of(field, from, size);
        bool is_absent = is_none(field, from, place);
        if (is_absent && field->nullable) {
            out_text(call, field->name, NULL);
        } else if (!is_absent || field->required) {
            write_member(call, field, from, place);
        }
    }
}

void out_object(struct call *call, const char *name, const struct schema *schema, const void *from,
                size_t size)
{
    out_open(call, name, '{');
    out_members(call, schema->fields, from, size);
    out_close(call, '}');
}

/* --- requests ---------------------------------------------------------------------------------- */

static void read_number(const struct call *call, const struct field *field, void *place)
{
    json_t *value = json_object_get(call->body, field->name);
    int64_t number = 0;
    if (field->type == FIELD_ID) {
        number = call_id(call, field->name);
    } else if (field->type == FIELD_INSTANT) {
        CHECK(instant_parse(json_string_value(value), &number) == ERR_OK);
    } else {
        number = json_integer_value(value);
    }
    if (field->member.kind == MEMBER_INT32) {
        CHECK(number >= INT32_MIN && number <= INT32_MAX);
        *(int32_t *)place = (int32_t)number;
    } else {
        *(int64_t *)place = number;
    }
}

static void read_member(const struct call *call, const struct field *field, void *place)
{
    switch (field->member.kind) {
    case MEMBER_POINTER:
        *(const char **)place = call_text(call, field->name);
        break;
    case MEMBER_INT64:
    case MEMBER_INT32:
        read_number(call, field, place);
        break;
    case MEMBER_BOOL:
        *(bool *)place = call_bool(call, field->name, false);
        break;
    case MEMBER_MONEY:
        *(struct money *)place = call_money(call, field->name);
        break;
    case MEMBER_DATE:
        CHECK(json_get_date(call->body, field->name, place) == ERR_OK);
        break;
    case MEMBER_NONE:
    case MEMBER_CHARS:
    case MEMBER_ENUM:
    case MEMBER_BILINGUAL:
    case MEMBER_OBJECT:
    case MEMBER_LIST:
    case MEMBER_WRITTEN:
        CHECK(!"a member of answers alone");
    }
}

void call_read_body(const struct call *call, void *to, size_t size)
{
    CHECK(call->body != NULL && call->route->body != NULL);
    for (const struct field *field = call->route->body; field->name != NULL; field++) {
        CHECK(field->member.kind != MEMBER_NONE && field->member.struct_size == size);
        json_t *value = json_object_get(call->body, field->name);
        if (value != NULL && !json_is_null(value)) {
            read_member(call, field, (char *)to + field->member.offset);
        }
    }
}
