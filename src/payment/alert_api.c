/* Alerts of payments: the queue, and what was done about each. */
#include "payment/payment.h"
#include "payment/payment_routes.h"
#include "payment/payment_schemas.h"
#include "staff/staff_api.h"

#include <string.h>

struct alert_page {
    struct call *call;
    size_t limit, seen;
    int64_t last;
};

static bool list_alert(const struct payment_alert *alert, void *context)
{
    struct alert_page *page = context;
    struct call *call = page->call;
    if (page->seen++ == page->limit) {
        return false;
    }
    page->last = alert->id;
    out_open(call, NULL, '{');
    out_id(call, "alertId", alert->id);
    out_id(call, "paymentId", alert->payment.value);
    out_text(call, "kind", alert->kind);
    out_instant(call, "raisedAt", alert->raised_at);
    if (alert->closed_at != 0) {
        out_instant(call, "closedAt", alert->closed_at);
        out_id(call, "closedBy", alert->closed_by.value);
        out_text(call, "note", alert->note);
    }
    out_close(call, '}');
    return true;
}

static enum err alerts_render(struct call *call, struct db_conn *conn)
{
    struct alert_page page = {.call = call, .limit = call_limit(call)};
    const char *state = call_query(call, "state");
    bool closed = state != NULL && strcmp(state, "closed") == 0;
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    enum err err =
        payment_report_alerts(conn, closed, call_cursor(call), page.limit + 1, list_alert, &page);
    out_close(call, ']');
    out_close(call, '}');
    if (err == ERR_OK && page.seen > page.limit) {
        call_next(call, page.last);
    }
    return err;
}

static enum err alerts_finish(struct call *call)
{
    return call_read(call, alerts_render);
}

static enum err alert_close_commit(struct call *call, struct uow *uow)
{
    int64_t id = 0;
    const char *note = call_text(call, "note");
    enum err err = call_path_id(call, 0, &id);
    err = err ? err : payment_alert_close(uow, id, staff_of(call)->staff.id, note);
    return err ? err : audit_call(call, uow, "paymentAlert.close", "paymentAlert", id, note);
}

static const char *const values_alert_state[] = {"open", "closed", NULL};

static const struct field alerts_query[] = {
    FIELD_MAY("state", FIELD_ENUM, .values = values_alert_state, .text = "absent: open"),
    FIELD_END};

static const struct field alert_close_body[] = {
    FIELD_MUST("note", FIELD_TEXT, .min = 10, .max = 250,
               .text = "what was done about it, no personal data"),
    FIELD_END};

const struct route alert_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/staff/payment-alerts",
     .operation = "staffListPaymentAlerts",
     .scope = &staff_scope,
     .permission = PERMIT_PAYMENTS,
     .tag = "Staff: payments",
     .text = "Alerts of payments, newest first: those that wait for somebody, or those that were "
             "closed.",
     .flags = ROUTE_SLOW | ROUTE_LIST,
     .query = alerts_query,
     .status = 200,
     .answer = &schema_payment_alert,
     .finish = alerts_finish},
    {.method = HTTP_POST,
     .path = "/v1/staff/payment-alerts/{alertId}/closure",
     .operation = "staffClosePaymentAlert",
     .scope = &staff_scope,
     .permission = PERMIT_PAYMENT_QUERY,
     .tag = "Staff: payments",
     .text = "Closes an alert with a note of what was done about it, once.",
     .body = alert_close_body,
     .status = 204,
     .commit = alert_close_commit},
    {.path = NULL}};
