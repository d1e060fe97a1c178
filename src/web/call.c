/* What handlers ask of a call, and what they add to its answer. */
#include "base/check.h"
#include "web/web_private.h"

#include <stdio.h>
#include <string.h>

#define LIMIT_DEFAULT 20

enum err call_path_id(struct call *call, size_t k, int64_t *out)
{
    CHECK(k < ROUTE_PATH_PARAMS_MAX && call->params[k] != NULL);
    return id_parse(call->params[k], out) ? ERR_NOT_FOUND : ERR_OK;
}

const char *call_path_text(struct call *call, size_t k)
{
    CHECK(k < ROUTE_PATH_PARAMS_MAX && call->params[k] != NULL);
    return call->params[k];
}

bool call_has(const struct call *call, const char *name)
{
    return call->body != NULL && json_has(call->body, name);
}

const char *call_text(const struct call *call, const char *name)
{
    return call->body ? json_string_value(json_object_get(call->body, name)) : NULL;
}

int64_t call_int(const struct call *call, const char *name, int64_t otherwise)
{
    const json_t *value = call->body ? json_object_get(call->body, name) : NULL;
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

bool call_bool(const struct call *call, const char *name, bool otherwise)
{
    const json_t *value = call->body ? json_object_get(call->body, name) : NULL;
    return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

int64_t call_id(const struct call *call, const char *name)
{
    int64_t id = 0;
    return call->body != NULL && json_get_id(call->body, name, &id) == ERR_OK ? id : 0;
}

struct money call_money(const struct call *call, const char *name)
{
    struct money money = {0, CCY_CNY};
    CHECK(json_get_money(call->body, name, &money) == ERR_OK);
    return money;
}

const char *call_query(const struct call *call, const char *name)
{
    const char *value = http_query(call->request, name, NULL);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* 0: absent */
static int64_t call_query_id(const struct call *call, const char *name)
{
    int64_t id = 0;
    const char *text = call_query(call, name);
    return text != NULL && id_parse(text, &id) == ERR_OK ? id : 0;
}

const void *call_picture(const struct call *call, size_t *out_size)
{
    *out_size = call->request->body_size;
    return call->request->body;
}

bool call_query_date(const struct call *call, const char *name, struct date *out)
{
    const char *text = call_query(call, name);
    return text != NULL && date_parse(text, out) == ERR_OK;
}

bool call_query_instant(const struct call *call, const char *name, int64_t *out)
{
    const char *text = call_query(call, name);
    return text != NULL && instant_parse(text, out) == ERR_OK;
}

bool call_query_money(const struct call *call, const char *name, struct ccy ccy, int64_t *out_minor)
{
    struct money money;
    const char *text = call_query(call, name);
    if (text == NULL || money_parse(text, ccy, &money) != ERR_OK) {
        return false;
    }
    *out_minor = money.minor;
    return true;
}

size_t call_limit(const struct call *call)
{
    int64_t limit;
    const char *text = call_query(call, "limit");
    return text != NULL && str_to_int(text, &limit) ? (size_t)limit : LIMIT_DEFAULT;
}

int64_t call_cursor(const struct call *call)
{
    return call_query_id(call, "cursor");
}

enum err call_if_match(struct call *call, int64_t *out_version)
{
    const char *tag = http_header_list(call->request, "If-Match");
    *out_version = 0;
    if (tag == NULL || strcmp(tag, "*") == 0) {
        return ERR_OK;
    }
    /* One strong tag: a client has read one version. A list, or a weak tag, matches none. */
    char text[24] = "";
    size_t size = strlen(tag);
    if (size < 3 || size > sizeof text || tag[0] != '"' || tag[size - 1] != '"') {
        return ERR_VERSION_CHANGED;
    }
    memcpy(text, tag + 1, size - 2);
    return str_to_int(text, out_version) && *out_version > 0 ? ERR_OK : ERR_VERSION_CHANGED;
}

void call_query_days(const struct call *call, int64_t *out_from, int64_t *out_to)
{
    const struct zone *zone = engine_zone(call_engine(call));
    struct date date;
    *out_from = call_query_date(call, "from", &date) ? zone_start_us(zone, date) : 0;
    *out_to = call_query_date(call, "to", &date) ? zone_start_us(zone, date_add_days(date, 1)) : 0;
}

const char *call_query_search(struct call *call)
{
    const char *text = call_query(call, "q");
    if (text == NULL || text[strspn(text, "+0123456789Xx -")] != '\0') {
        return text; /* a name keeps its blanks */
    }
    char *digits = arena_strdup(call->arena, text);
    char *end = digits;
    for (const char *c = text; digits != NULL && *c != '\0'; c++) {
        if (*c != ' ' && *c != '-') {
            *end++ = *c;
        }
    }
    if (digits != NULL) {
        *end = '\0';
    }
    return digits != NULL && digits[0] != '\0' ? digits : text;
}

/* --- what the handlers work with -------------------------------------------------------------- */

const struct house *call_house(const struct call *call)
{
    return call->web->options.house;
}

const struct server_doors *call_doors(const struct call *call)
{
    return call->web->options.doors;
}

struct engine *call_engine(const struct call *call)
{
    return call->web->options.house->engine;
}

const struct vault *call_vault(const struct call *call)
{
    return call->web->options.house->vault;
}

enum err call_read(struct call *call, call_reading *reading)
{
    struct engine *engine = call_engine(call);
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    err = reading(call, conn);
    engine_read_end(engine, conn);
    return err;
}

/* --- answers ---------------------------------------------------------------------------------- */

void call_field_error(struct call *call, const char *pointer, const char *en, const char *zh)
{
    if (call->err == ERR_OK) {
        call->err = ERR_INVALID_FIELD;
    }
    if (call->field_error_count < CALL_FIELD_ERRORS_MAX) {
        call->field_errors[call->field_error_count++] =
            (struct field_error){arena_strdup(call->arena, pointer),
                                 arena_strdup(call->arena, call->lang == LANG_ZH ? zh : en)};
    }
}

void call_member_json(struct call *call, const char *name, const char *json)
{
    if (json != NULL && call->member_count < CALL_MEMBERS_MAX) {
        call->members[call->member_count++] = (struct problem_member){name, json};
    }
}

void call_member_int(struct call *call, const char *name, int64_t value)
{
    call_member_json(call, name, arena_printf(call->arena, "%lld", (long long)value));
}

void call_member_money(struct call *call, const char *name, struct money value)
{
    char text[MONEY_TEXT_SIZE];
    money_format(value, text);
    call_member_json(
        call, name,
        arena_printf(call->arena, "{\"amount\":\"%s\",\"currency\":\"%s\"}", text, value.ccy.code));
}

void call_member_text(struct call *call, const char *name, const char *value)
{
    struct str json;
    str_init(&json, 4096);
    str_append_json(&json, value);
    call_member_json(call, name, json.failed ? NULL : arena_strdup(call->arena, json.bytes));
    str_release(&json);
}

enum err call_blame(struct call *call, enum err err, const char *pointer)
{
    call->err = err;
    call_field_error(call, pointer, err_text(err, LANG_EN), err_text(err, LANG_ZH));
    return err;
}

void call_start_run(struct call *call)
{
    if (call->runs++ == 0) {
        call->before_runs = call->response;
    }
    call->response = call->before_runs;
    str_clear(&call->out);
    call->err = ERR_OK;
    call->status = call->route->status;
    call->content_type = "application/json";
    call->member_count = 0;
    call->field_error_count = 0;
    call->replayed = false;
    call->is_logged = false;
}

void call_retry_at(struct call *call, int64_t at_us)
{
    int64_t seconds = (at_us - call->now_us + 999999) / 1000000;
    seconds = seconds < 1 ? 1 : seconds;
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)seconds);
    http_response_add(&call->response, "Retry-After", arena_strdup(call->arena, text));
    call_member_int(call, "retryAfter", seconds);
}

void call_set_cookie(struct call *call, const char *name, const char *value, int64_t max_age_s)
{
    http_response_add(&call->response, "Set-Cookie",
                      arena_printf(call->arena,
                                   "%s=%s; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=%lld",
                                   name, value ? value : "", (long long)(value ? max_age_s : 0)));
}

void call_etag(struct call *call, int64_t version)
{
    call->response.etag = arena_printf(call->arena, "\"%lld\"", (long long)version);
}

void call_next(struct call *call, int64_t cursor)
{
    if (cursor == 0) {
        return;
    }
    /* The same query with another cursor: filters are never lost on the way. */
    struct str link;
    const struct http_param *params;
    size_t count = http_query_params(call->request, &params);
    str_init(&link, 8192);
    str_printf(&link, "<%s?cursor=%lld", call->request->path, (long long)cursor);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(params[i].name, "cursor") != 0) {
            str_printf(&link, "&%s=", params[i].name);
            for (const unsigned char *c = (const unsigned char *)params[i].value; *c; c++) {
                bool plain = (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') ||
                             (*c >= 'A' && *c <= 'Z') || strchr("-._~", *c) != NULL;
                str_printf(&link, plain ? "%c" : "%%%02X", *c);
            }
        }
    }
    str_append(&link, ">; rel=\"next\"");
    if (!link.failed) {
        http_response_add(&call->response, "Link", arena_strdup(call->arena, link.bytes));
    }
    str_release(&link);
}

void call_file_name(struct call *call, const char *name)
{
    http_response_add(&call->response, "Content-Disposition",
                      arena_printf(call->arena, "attachment; filename=\"%s\"", name));
}
