/* Lines of an account. */
#include "account/account_api.h"
#include "customer/customer_api.h"
#include "payment/payment_render.h"
#include "payment/payment_routes.h"
#include "payment/payment_schemas.h"

#include <string.h>

#define SEARCH_TEXT_MAX 60

struct line_context {
    struct call *call;
    struct ccy ccy;
};

static const struct field transactions_query[] = {
    FIELD_MAY("q", FIELD_TEXT, .max = SEARCH_TEXT_MAX,
              .text = "part of the other party's name or number, of the text, or the amount"),
    FIELD_MAY("direction", FIELD_ENUM, .values = values_direction),
    FIELD_MAY("from", FIELD_DATE, .text = "first booking date"),
    FIELD_MAY("to", FIELD_DATE, .text = "last booking date"),
    FIELD_MAY("minAmount", FIELD_DECIMAL),
    FIELD_MAY("maxAmount", FIELD_DECIMAL),
    FIELD_MAY("kind", FIELD_ENUM, .values = values_activity_kind),
    FIELD_END};

static struct activity_filter read_filter(struct call *call, struct ccy ccy)
{
    struct activity_filter filter = {.text = call_query(call, "q")};
    const char *direction = call_query(call, "direction");
    const char *kind = call_query(call, "kind");
    if (direction != NULL) {
        filter.side = strcmp(direction, "in") == 0 ? LEDGER_CREDIT : LEDGER_DEBIT;
    }
    filter.has_from = call_query_date(call, "from", &filter.from);
    filter.has_to = call_query_date(call, "to", &filter.to);
    call_query_money(call, "minAmount", ccy, &filter.min_minor);
    call_query_money(call, "maxAmount", ccy, &filter.max_minor);
    if (kind != NULL && activity_kind_parse(kind, &filter.kind) != ERR_OK) {
        filter.kind = ACTIVITY_OTHER;
    }
    return filter;
}

static bool list_transaction(const struct activity_line *line, void *context)
{
    const struct line_context *list = context;
    render_transaction(list->call, NULL, line, list->ccy);
    return true;
}

static enum err read_transactions(struct call *call, struct db_conn *conn,
                                  const struct account *account)
{
    struct line_context list = {call, account->ccy};
    struct activity_filter filter = read_filter(call, account->ccy);
    int64_t next = 0;
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    enum err err =
        activity_each(engine_ledger(call_engine(call)), conn, account->id, &filter,
                      call_cursor(call), call_limit(call), list_transaction, &list, &next);
    out_close(call, ']');
    out_close(call, '}');
    if (err == ERR_OK) {
        call_next(call, next);
    }
    return err;
}

static enum err list_transactions(struct call *call)
{
    return account_read_own(call, read_transactions);
}

const struct route activity_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/accounts/{accountId}/transactions",
     .operation = "listTransactions",
     .tag = "Accounts",
     .text = "What happened on the account, newest first; a page may be short and yet have a next.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_LIST,
     .query = transactions_query,
     .status = 200,
     .answer = &schema_transaction,
     .finish = list_transactions},
    {.path = NULL}};
