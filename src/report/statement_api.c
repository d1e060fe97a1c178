/* Papers of an account: statement and receipt. */
#include "account/account_api.h"
#include "customer/customer_api.h"
#include "payment/payment_api.h"
#include "report/report.h"
#include "report/report_routes.h"
#include "report/report_schemas.h"

#include <string.h>

static const char *const values_format[] = {"json", "csv", "pdf", NULL};

static const struct field statement_query[] = {
    FIELD_MAY("from", FIELD_DATE, .text = "first booking date; absent: the first of its month"),
    FIELD_MAY("to", FIELD_DATE, .text = "last booking date; absent: the business date"),
    FIELD_MAY("format", FIELD_ENUM, .values = values_format, .text = "absent: json"),
    FIELD_MAY("lang", FIELD_ENUM, .values = values_language,
              .text = "of the document; absent: the request's"),
    FIELD_END};

static void read_period(struct call *call, struct report_order *order)
{
    if (!call_query_date(call, "to", &order->to)) {
        order->to = engine_business_date(call_engine(call));
    }
    if (!call_query_date(call, "from", &order->from)) {
        order->from = date_add_days(order->to, 1 - date_parts(order->to).day);
    }
}

static enum err read_statement(struct call *call, struct db_conn *conn,
                               const struct account *account)
{
    const char *format = call_query(call, "format");
    const char *lang = call_query(call, "lang");
    struct customer holder;
    char file_name[REPORT_FILE_NAME_SIZE];
    struct report_order order = {.account = account,
                                 .format = REPORT_JSON,
                                 .lang = call->lang,
                                 .now_us = call->now_us,
                                 .zone = engine_zone(call_engine(call))};
    read_period(call, &order);
    if (lang != NULL) {
        order.lang = strcmp(lang, "zh") == 0 ? LANG_ZH : LANG_EN;
    }
    enum err err = format ? report_format_parse(format, &order.format) : ERR_OK;
    err = err ? err
              : customer_load(customer_room_of(call_house(call)), conn, account->customer, &holder);
    if (err) {
        return err;
    }
    order.holder_name = holder.name;
    /* Documents may be larger than other answers. */
    str_release(&call->out);
    str_init(&call->out, REPORT_STATEMENT_SIZE_MAX);
    err = report_statement(engine_ledger(call_engine(call)), conn, &order, &call->out);
    if (err) {
        return err;
    }
    call->content_type = report_content_type(order.format);
    if (order.format != REPORT_JSON) {
        report_file_name(&order, file_name);
        call_file_name(call, file_name);
    }
    return ERR_OK;
}

static enum err show_statement(struct call *call)
{
    return account_read_own(call, read_statement);
}

#define RECEIPT_SIZE_MAX ((size_t)4 << 20)

static const struct field receipt_query[] = {
    FIELD_MAY("lang", FIELD_ENUM, .values = values_language,
              .text = "of the document; absent: the request's"),
    FIELD_END};

static enum err show_receipt(struct call *call)
{
    const char *lang = call_query(call, "lang");
    struct payment payment;
    struct report_receipt_order order = {.payment = &payment,
                                         .lang = call->lang,
                                         .now_us = call->now_us,
                                         .zone = engine_zone(call_engine(call))};
    enum err err = payment_of_path(call, &payment);
    if (err) {
        return err;
    }
    if (lang != NULL) {
        order.lang = strcmp(lang, "zh") == 0 ? LANG_ZH : LANG_EN;
    }
    str_release(&call->out);
    str_init(&call->out, RECEIPT_SIZE_MAX);
    err = report_receipt(&order, &call->out);
    if (err == ERR_OK) {
        call->content_type = report_content_type(REPORT_PDF);
        call_file_name(
            call, arena_printf(call->arena, "sycee-receipt-%lld.pdf", (long long)payment.id.value));
    }
    return err;
}

const struct route statement_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/accounts/{accountId}/statement",
     .operation = "getStatement",
     .tag = "Accounts",
     .text = "A statement over some days, as JSON, CSV or PDF.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_RAW,
     .query = statement_query,
     .status = 200,
     .answer = &schema_statement,
     .finish = show_statement},
    {.path = NULL}};

const struct route receipt_routes[] = {{.method = HTTP_GET,
                                        .path = "/v1/payments/{paymentId}/receipt",
                                        .operation = "getReceipt",
                                        .tag = "Payments",
                                        .text = "A receipt of the payment, as PDF.",
                                        .scope = &customer_scope,
                                        .flags = ROUTE_SLOW | ROUTE_RAW,
                                        .query = receipt_query,
                                        .status = 200,
                                        .finish = show_receipt},
                                       {.path = NULL}};
