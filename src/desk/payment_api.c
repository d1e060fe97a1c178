/* Payments as staff see them: search, the file of one, a question to the clearing house. */
#include "payment/payment_api.h"
#include "desk/desk_render.h"
#include "desk/desk_routes.h"
#include "desk/desk_schemas.h"
#include "staff/staff_api.h"

#include <stdio.h>
#include <string.h>

#define PAYMENT_PAGE     50   /* payments read at a time where a text is searched */
#define PAYMENT_SCAN_MAX 2000 /* payments read by one call, however few match */

struct payment_search {
    struct call *call;
    struct db_conn *conn;
    struct payment_filter filter;
    const char *text; /* NULL: all that the filter lets through */
    size_t limit;
    size_t count;    /* shown */
    int64_t last_id; /* newest read */
    enum err err;
};

static bool payment_matches(const struct payment *payment, const char *text)
{
    const char *const places[] = {payment->debtor_name,   payment->creditor_name,
                                  payment->debtor_masked, payment->creditor_masked,
                                  payment->text,          payment->end_to_end};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (strcasestr(places[i], text) != NULL) {
            return true;
        }
    }
    return false;
}

/* False where the page is full: the payment is left for the next one. */
static bool show_payment(struct payment_search *search, const struct payment *payment)
{
    if (search->text != NULL && !payment_matches(payment, search->text)) {
        search->last_id = payment->id.value;
        return true;
    }
    if (search->count == search->limit) {
        return false;
    }
    out_open(search->call, NULL, '{');
    search->err = render_staff_payment_members(search->call, search->conn, payment);
    out_close(search->call, '}');
    search->last_id = payment->id.value;
    search->count++;
    return search->err == ERR_OK;
}

/* Reads page by page until enough are shown, none is left, or the bound of one call is met. */
static enum err scan_payments(struct payment_search *search)
{
    struct payment *page = arena_alloc(search->call->arena, PAYMENT_PAGE * sizeof *page);
    if (page == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t scanned = 0; scanned < PAYMENT_SCAN_MAX; scanned += PAYMENT_PAGE) {
        size_t count = 0;
        enum err err =
            payment_report_list(search->conn, &search->filter, page, PAYMENT_PAGE, &count);
        if (err) {
            return err;
        }
        for (size_t i = 0; i < count; i++) {
            if (!show_payment(search, &page[i])) {
                call_next(search->call, search->last_id);
                return search->err;
            }
        }
        if (count < PAYMENT_PAGE) {
            return ERR_OK;
        }
        search->filter.before_id = search->last_id;
    }
    call_next(search->call, search->last_id);
    return ERR_OK;
}

/* What the text of the query names: one payment (*out_one), a customer, or anything in it. */
static enum err read_search(struct payment_search *search, struct payment *out_one,
                            bool *out_is_one)
{
    struct customer customer;
    struct payment_id id;
    const char *text = call_query_search(search->call);
    *out_is_one = false;
    if (text == NULL) {
        return ERR_OK;
    }
    enum err err =
        id_parse(text, &id.value) ? ERR_NOT_FOUND : payment_load(search->conn, id, out_one);
    *out_is_one = err == ERR_OK;
    if (err != ERR_NOT_FOUND) {
        return err;
    }
    err = customer_find(search->call, search->conn, text, &customer);
    if (err == ERR_OK) {
        search->filter.customer = customer.id;
    } else if (err == ERR_NOT_FOUND) {
        search->text = text;
        err = ERR_OK;
    }
    return err;
}

static enum err payments_render(struct call *call, struct db_conn *conn)
{
    const char *status = call_query(call, "status");
    const char *kind = call_query(call, "kind");
    struct payment_search search = {.call = call,
                                    .conn = conn,
                                    .filter = {.before_id = call_cursor(call)},
                                    .limit = call_limit(call)};
    struct payment one;
    bool is_one;
    call_query_days(call, &search.filter.from_us, &search.filter.to_us);
    enum err err = status ? payment_status_parse(status, &search.filter.status) : ERR_OK;
    err = err || kind == NULL ? err : payment_kind_parse(kind, &search.filter.kind);
    err = err ? err : read_search(&search, &one, &is_one);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    if (is_one) {
        show_payment(&search, &one);
        err = search.err;
    } else {
        err = scan_payments(&search);
    }
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

/* Which filters were used, not what stood in them. */
static enum err payments_view_commit(struct call *call, struct uow *uow)
{
    static const char *const names[] = {"q", "status", "kind", "from", "to"};
    char detail[64] = "by=";
    size_t used = strlen(detail);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (call_query(call, names[i]) != NULL) {
            used += (size_t)snprintf(detail + used, sizeof detail - used, "%s%s",
                                     used > 3 ? "," : "", names[i]);
        }
    }
    return audit_search(call, uow, "payment.search", detail);
}

static enum err payments_finish(struct call *call)
{
    return call_read(call, payments_render);
}

static bool list_event(const struct payment_event_row *row, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_instant(call, "at", row->at);
    out_text(call, "event", row->event);
    out_text(call, "detail", row->detail);
    out_close(call, '}');
    return true;
}

/* A transfer is made settled and keeps no events of its own. */
static enum err render_trail(struct call *call, struct db_conn *conn, const struct payment *payment)
{
    enum err err = ERR_OK;
    out_open(call, "trail", '[');
    if (payment->kind == PAYMENT_TRANSFER) {
        struct payment_event_row row = {.at = payment->created_at, .event = "settled"};
        list_event(&row, call);
    } else {
        err = payment_events_each(conn, payment->id, list_event, call);
    }
    out_close(call, ']');
    return err;
}

static enum err render_journals(struct call *call, struct db_conn *conn,
                                const struct payment *payment)
{
    enum err err = ERR_OK;
    out_open(call, "journals", '[');
    if (payment->journal.value != 0) {
        struct report_journal journal;
        err =
            report_journal_load(engine_ledger(call_engine(call)), conn, payment->journal, &journal);
        if (!err) {
            render_journal(call, NULL, &journal);
        }
    }
    out_close(call, ']');
    return err;
}

static enum err payment_render(struct call *call, struct db_conn *conn)
{
    struct payment payment;
    struct payment_id id;
    enum err err = call_path_id(call, 0, &id.value);
    err = err ? err : payment_load(conn, id, &payment);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    err = render_staff_payment_members(call, conn, &payment);
    err = err ? err : render_trail(call, conn, &payment);
    err = err ? err : render_journals(call, conn, &payment);
    out_close(call, '}');
    call_etag(call, payment.version);
    return err;
}

static enum err payment_finish(struct call *call)
{
    return call_read(call, payment_render);
}

static enum err payment_view_commit(struct call *call, struct uow *uow)
{
    struct payment payment;
    struct payment_id id;
    enum err err = call_path_id(call, 0, &id.value);
    err = err ? err : payment_load(uow->conn, id, &payment);
    return err ? err : audit_call(call, uow, "payment.view", "payment", id.value, "");
}

static enum err query_commit(struct call *call, struct uow *uow)
{
    struct payment payment;
    struct payment_id id;
    enum err err = call_path_id(call, 0, &id.value);
    err = err ? err : payment_load(uow->conn, id, &payment);
    return err ? err : audit_call(call, uow, "payment.query", "payment", id.value, "");
}

static enum err query_finish(struct call *call)
{
    struct payment payment;
    struct payment_id id;
    bool asked;
    enum err err = call_path_id(call, 0, &id.value);
    err = err ? err
              : payment_query(call_engine(call), payment_channel_of(call_house(call)), id, &payment,
                              &asked);
    return err ? err : call_read(call, payment_render);
}

static const struct field payments_query[] = {
    FIELD_MAY("q", FIELD_TEXT, .min = 1, .max = 64,
              .text = "payment id; customer id, phone or account number of either side; or a part "
                      "of names, numbers, text or reference"),
    FIELD_MAY("status", FIELD_ENUM, .values = values_payment_status),
    FIELD_MAY("kind", FIELD_ENUM, .values = values_payment_kind),
    FIELD_MAY("from", FIELD_DATE, .text = "first day it was made on"),
    FIELD_MAY("to", FIELD_DATE, .text = "last day it was made on"),
    FIELD_END};

/* What the rows of one group share. */
#define STAFF(permission_, tag_) .scope = &staff_scope, .permission = (permission_), .tag = tag_

const struct route desk_payment_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/staff/payments",
     .operation = "staffListPayments",
     STAFF(PERMIT_PAYMENTS, "Staff: payments"),
     .text = "Payments of all customers, newest first. A page may be short and still have a next.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW | ROUTE_LIST,
     .query = payments_query,
     .status = 200,
     .answer = &schema_staff_payment,
     .commit = payments_view_commit,
     .finish = payments_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/payments/{paymentId}",
     .operation = "staffGetPayment",
     STAFF(PERMIT_PAYMENTS, "Staff: payments"),
     .text = "A payment with its trail and its journals.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW,
     .status = 200,
     .answer = &schema_payment_file,
     .commit = payment_view_commit,
     .finish = payment_finish},
    {.method = HTTP_POST,
     .path = "/v1/staff/payments/{paymentId}/queries",
     .operation = "staffQueryPayment",
     STAFF(PERMIT_PAYMENT_QUERY, "Staff: payments"),
     .text = "Asks the card's side about a payment now, where it may be asked; the payment after.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW,
     .status = 200,
     .answer = &schema_payment_file,
     .commit = query_commit,
     .finish = query_finish,
     .rate = "proof"},
    {.path = NULL}};
