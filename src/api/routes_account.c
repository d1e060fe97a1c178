/* Accounts: balances, limits, transactions, holds, statements. */
#include "api/render.h"
#include "api/routes.h"
#include "api/schemas.h"
#include "customer/customer_api.h"
#include "report/report.h"

#include <string.h>

#define SEARCH_TEXT_MAX 60

/* The account of the path, which must be the customer's own. */
static enum err own_account(struct call *call, struct db_conn *conn, struct account *out)
{
    struct account_id id;
    enum err err = call_path_id(call, 0, &id.value);
    return err ? err : account_load_own(conn, customer_of(call)->customer, id, out);
}

/* A handler that reads one account of the customer, on a connection that run_on_account holds. */
typedef enum err account_reader(struct call *call, struct db_conn *conn,
                                const struct account *account);

static enum err run_on_account(struct call *call, account_reader *reader)
{
    struct engine *engine = call_engine(call);
    struct db_conn *conn;
    struct account account;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    err = own_account(call, conn, &account);
    err = err ? err : reader(call, conn, &account);
    engine_read_end(engine, conn);
    return err;
}

/* --- Accounts and balances -------------------------------------------------------------------- */

static enum err list_accounts(struct call *call)
{
    struct engine *engine = call_engine(call);
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    size_t count = 0;
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    err = account_list(conn, customer_of(call)->customer, accounts, ACCOUNT_PER_PERSON_MAX, &count);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct account_view view;
        err = render_account_load(call, conn, &accounts[i], &view);
        if (err == ERR_OK) {
            render_account(call, NULL, &view);
        }
    }
    out_close(call, ']');
    out_close(call, '}');
    engine_read_end(engine, conn);
    return err;
}

static enum err read_account(struct call *call, struct db_conn *conn, const struct account *account)
{
    struct account_view view;
    enum err err = render_account_load(call, conn, account, &view);
    if (err == ERR_OK) {
        render_account(call, NULL, &view);
    }
    return err;
}

static enum err show_account(struct call *call)
{
    return run_on_account(call, read_account);
}

static const struct field balances_query[] = {
    FIELD_MAY("at", FIELD_INSTANT, .text = "an instant that has passed; absent: now"), FIELD_END};

static enum err read_balances(struct call *call, struct db_conn *conn,
                              const struct account *account)
{
    struct ledger *ledger = engine_ledger(call_engine(call));
    struct ledger_account state = {0};
    int64_t at = call->now_us;
    int64_t booked_minor = 0;
    bool is_past = call_query_instant(call, "at", &at);
    if (at > call->now_us) {
        call_field_error(call, "?at", "must not be in the future", "不能晚于当前时间");
        return ERR_INVALID_FIELD;
    }
    enum err err = is_past ? ledger_balance_at(ledger, conn, account->id, at, &booked_minor)
                           : ledger_account_load(ledger, conn, account->id, &state);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "balances", '[');
    render_balance(call, "interimBooked", is_past ? booked_minor : ledger_balance(&state),
                   account->ccy);
    if (!is_past) {
        render_balance(call, "interimAvailable", ledger_available(&state), account->ccy);
    }
    out_close(call, ']');
    out_instant(call, "asOf", at);
    out_close(call, '}');
    return ERR_OK;
}

static enum err show_balances(struct call *call)
{
    return run_on_account(call, read_balances);
}

/* --- Limits and holds ------------------------------------------------------------------------- */

static enum err read_limits(struct call *call, struct db_conn *conn, const struct account *account)
{
    struct limit_report limits[LIMIT_NAME_COUNT];
    struct ledger_account state;
    size_t count = 0;
    struct date day = engine_civil_date(call_engine(call), call->now_us);
    enum err err = ledger_account_load(engine_ledger(call_engine(call)), conn, account->id, &state);
    err = err ? err
              : account_limits_of(
                    conn, call_house(call)->catalogue, account, ledger_balance(&state), day,
                    auth_strength_of(customer_of(call), call->now_us), limits, &count);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; i < count; i++) {
        render_limit(call, NULL, &limits[i], account->ccy);
    }
    out_close(call, ']');
    out_close(call, '}');
    return ERR_OK;
}

static enum err list_limits(struct call *call)
{
    return run_on_account(call, read_limits);
}

struct line_context {
    struct call *call;
    struct ccy ccy;
};

static bool list_hold(const struct ledger_hold_row *hold, void *context)
{
    const struct line_context *list = context;
    render_hold(list->call, NULL, hold, list->ccy);
    return true;
}

static enum err read_holds(struct call *call, struct db_conn *conn, const struct account *account)
{
    struct line_context list = {call, account->ccy};
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    enum err err = ledger_holds_open(conn, account->id, list_hold, &list);
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static enum err list_holds(struct call *call)
{
    return run_on_account(call, read_holds);
}

/* --- Transactions ----------------------------------------------------------------------------- */

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
    return run_on_account(call, read_transactions);
}

/* --- Statement -------------------------------------------------------------------------------- */

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
    return run_on_account(call, read_statement);
}

/* --- Table ------------------------------------------------------------------------------------ */

const struct route routes_account[] = {
    {.method = HTTP_GET,
     .path = "/v1/accounts",
     .operation = "listAccounts",
     .tag = "Accounts",
     .text = "The customer's accounts with their balances, oldest first.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_account_list,
     .finish = list_accounts},
    {.method = HTTP_GET,
     .path = "/v1/accounts/{accountId}",
     .operation = "getAccount",
     .tag = "Accounts",
     .text = "An account with its balances.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_account,
     .finish = show_account},
    {.method = HTTP_GET,
     .path = "/v1/accounts/{accountId}/balances",
     .operation = "getBalances",
     .tag = "Accounts",
     .text = "Balances of now, or the booked balance at an instant that has passed.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW,
     .query = balances_query,
     .status = 200,
     .answer = &schema_balances,
     .finish = show_balances},
    {.method = HTTP_GET,
     .path = "/v1/accounts/{accountId}/limits",
     .operation = "listLimits",
     .tag = "Accounts",
     .text = "Each limit with what is used, what is left, and the rule it comes from.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_limit_list,
     .finish = list_limits},
    {.method = HTTP_GET,
     .path = "/v1/accounts/{accountId}/holds",
     .operation = "listHolds",
     .tag = "Accounts",
     .text = "Money set aside for payments that are not settled.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_hold_list,
     .finish = list_holds},
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
