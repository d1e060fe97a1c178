/* All that the bank holds of a person. */
#include "customer/customer_api.h"
#include "report/export_person.h"
#include "report/export_schemas.h"
#include "report/report_routes.h"

#include <string.h>

static const char *const values_export_format[] = {"json", "pdf", NULL};

static const struct field export_query[] = {
    FIELD_MAY("format", FIELD_ENUM, .values = values_export_format, .text = "absent: json"),
    FIELD_MAY("lang", FIELD_ENUM, .values = values_language,
              .text = "of the document; absent: the request's"),
    FIELD_END};

static enum err commit_export(struct call *call, struct uow *uow)
{
    enum err err = step_up_check(call, uow->conn, ACTION_EXPORT_ALL);
    return err ? err : security_event_add(uow, customer_of(call)->customer, EVENT_EXPORTED, NULL);
}

static enum err finish_export(struct call *call)
{
    const char *format = call_query(call, "format");
    const char *lang = call_query(call, "lang");
    struct export_order order = {.house = call_house(call),
                                 .customers = customer_room_of(call_house(call)),
                                 .kyc = kyc_room_of(call_house(call)),
                                 .customer = customer_of(call)->customer,
                                 .format = REPORT_JSON,
                                 .lang = call->lang,
                                 .now_us = call->now_us,
                                 .zone = engine_zone(call_engine(call))};
    enum err err = format ? report_format_parse(format, &order.format) : ERR_OK;
    if (err) {
        return err;
    }
    if (lang != NULL) {
        order.lang = strcmp(lang, "zh") == 0 ? LANG_ZH : LANG_EN;
    }
    str_release(&call->out);
    str_init(&call->out, EXPORT_SIZE_MAX);
    err = export_person(call_engine(call), &order, &call->out);
    if (err == ERR_OK) {
        call->content_type = report_content_type(order.format);
        call_file_name(call, order.format == REPORT_PDF ? "sycee-export.pdf" : "sycee-export.json");
    }
    return err;
}

const struct route export_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/me/export",
     .operation = "exportAll",
     .tag = "Privacy",
     .text = "Everything that the bank holds of the customer, as JSON or PDF.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_RAW | ROUTE_NO_STEP,
     .query = export_query,
     .status = 200,
     .answer = &schema_export,
     .commit = commit_export,
     .finish = finish_export,
     .rate = "proof"},
    {.path = NULL}};
