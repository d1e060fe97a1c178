/* Problem documents (RFC 9457), in the language of the request. */
#include "sys/http_value.h"
#include "web/web_private.h"

#include <string.h>

enum lang request_lang(struct http_request *request)
{
    return http_language(http_header_list(request, "Accept-Language"));
}

static void add_field_errors(struct call *call)
{
    out_open(call, "errors", '[');
    for (size_t i = 0; i < call->field_error_count; i++) {
        out_open(call, NULL, '{');
        out_text(call, "pointer", call->field_errors[i].pointer);
        out_text(call, "detail", call->field_errors[i].detail);
        out_close(call, '}');
    }
    out_close(call, ']');
}

void problem_render(struct call *call)
{
    char type[96] = "/problems/";
    if (call->route->scope->explain != NULL) {
        call->route->scope->explain(call);
    }
    strncat(type, err_slug(call->err), sizeof type - 16);
    call->status = err_http_status(call->err);
    call->content_type = "application/problem+json";
    str_clear(&call->out);
    out_open(call, NULL, '{');
    out_text(call, "type", type);
    out_text(call, "title", err_text(call->err, call->lang));
    out_int(call, "status", call->status);
    out_text(call, "detail",
             call->field_error_count ? call->field_errors[0].detail
                                     : err_text(call->err, call->lang));
    out_text(call, "instance", call->trace_id);
    if (err_reason_code(call->err)[0] != '\0') {
        out_text(call, "reasonCode", err_reason_code(call->err));
    }
    if (call->field_error_count > 0) {
        add_field_errors(call);
    }
    for (size_t i = 0; i < call->member_count; i++) {
        out_raw(call, call->members[i].name, call->members[i].json);
    }
    out_close(call, '}');
}

void problem_respond(struct http_request *request, enum err err, enum lang lang,
                     unsigned allowed_methods)
{
    struct str out;
    str_init(&out, 4096);
    str_append(&out, "{\"type\":\"/problems/");
    str_append(&out, err_slug(err));
    str_append(&out, "\",\"title\":");
    str_append_json(&out, err_text(err, lang));
    str_printf(&out, ",\"status\":%d,\"detail\":", err_http_status(err));
    str_append_json(&out, err_text(err, lang));
    str_append_char(&out, '}');
    struct http_response response = {.status = err_http_status(err),
                                     .content_type = "application/problem+json",
                                     .kind = HTTP_BODY_OWNED,
                                     .body = out.bytes,
                                     .size = out.size};
    http_response_add(&response, "Content-Language", lang == LANG_ZH ? "zh" : "en");
    char allow[96] = "";
    if (allowed_methods & 1u << HTTP_GET) {
        allowed_methods |= 1u << HTTP_HEAD;
    }
    for (int method = 0; method < HTTP_METHOD_COUNT; method++) {
        if (allowed_methods & 1u << method) {
            strncat(allow, allow[0] ? ", " : "", 3);
            strncat(allow, http_method_name((enum http_method)method), 10);
        }
    }
    if (allow[0] != '\0') {
        http_response_add(&response, "Allow", allow);
    }
    http_respond(request, &response);
}
