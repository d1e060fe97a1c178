/* Customers as staff see them: search, the file of one, accounts, what is revealed; and the dashboard. */
#include "customer/customer_api.h"
#include "account/account_api.h"
#include "desk/desk_render.h"
#include "desk/desk_routes.h"
#include "desk/desk_schemas.h"
#include "payment/payment_api.h"
#include "staff/staff_api.h"

#include <stdio.h>
#include <string.h>

/* --- Sessions --------------------------------------------------------------------------------- */

/* --- Dashboard -------------------------------------------------------------------------------- */

static enum err dashboard_finish(struct call *call)
{
    return call_read(call, render_dashboard);
}

/* --- Customers -------------------------------------------------------------------------------- */

/* The rows are read first, then the entry is written, then they are shown. */
struct customer_page {
    size_t limit;
    size_t seen;
    struct customer *rows; /* limit of them */
};

static bool keep_customer(const struct customer *customer, void *context)
{
    struct customer_page *page = context;
    if (page->seen < page->limit) {
        page->rows[page->seen] = *customer;
    }
    page->seen++;
    return page->seen <= page->limit;
}

static enum err customers_read(struct call *call, struct db_conn *conn)
{
    struct customer_page *page = call->state;
    const char *text = call_query_search(call);
    struct customer customer;
    enum err err = text ? customer_find(call, conn, text, &customer) : ERR_NOT_FOUND;
    if (err == ERR_OK && call_cursor(call) == 0) {
        keep_customer(&customer, page);
    } else if (err == ERR_NOT_FOUND) {
        err = customer_search(customer_room_of(call_house(call)), conn, text, call_cursor(call),
                              page->limit + 1, keep_customer, page);
        err = err == ERR_INVALID_FIELD ? call_blame(call, err, "?q") : err;
    }
    return err;
}

static enum err customers_prepare(struct call *call)
{
    struct customer_page *page = arena_zero(call->arena, sizeof *page);
    if (page == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = page;
    page->limit = call_limit(call);
    page->rows = arena_alloc(call->arena, page->limit * sizeof *page->rows);
    return page->rows == NULL ? ERR_NO_MEMORY : call_read(call, customers_read);
}

static enum err customers_commit(struct call *call, struct uow *uow)
{
    const struct customer_page *page = call->state;
    char detail[64];
    snprintf(detail, sizeof detail, "by=%s rows=%zu",
             customer_search_kind(call, call_query_search(call)),
             page->seen < page->limit ? page->seen : page->limit);
    return audit_search(call, uow, "customer.search", detail);
}

static enum err customers_finish(struct call *call)
{
    const struct customer_page *page = call->state;
    size_t shown = page->seen < page->limit ? page->seen : page->limit;
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; i < shown; i++) {
        render_customer_row(call, NULL, &page->rows[i]);
    }
    out_close(call, ']');
    out_close(call, '}');
    if (page->seen > page->limit) {
        call_next(call, page->rows[shown - 1].id.value);
    }
    return ERR_OK;
}

/* Who looked at whom is kept: the entry is durable before anything is shown. */
static enum err customer_view_commit(struct call *call, struct uow *uow)
{
    struct customer_id id;
    struct customer customer;
    enum err err = call_path_id(call, 0, &id.value);
    err = err ? err : customer_load(customer_room_of(call_house(call)), uow->conn, id, &customer);
    return err ? err : audit_call(call, uow, "customer.view", "customer", id.value, "");
}

static enum err file_accounts(struct call *call, struct db_conn *conn, struct customer_id id)
{
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    size_t count = 0;
    enum err err = account_list(conn, id, accounts, ACCOUNT_PER_PERSON_MAX, &count);
    out_open(call, "accounts", '[');
    for (size_t i = 0; !err && i < count; i++) {
        struct account_view view;
        err = render_account_load(call, conn, &accounts[i], &view);
        if (!err) {
            render_account(call, NULL, &view);
        }
    }
    out_close(call, ']');
    return err;
}

static enum err file_cards(struct call *call, struct db_conn *conn, struct customer_id id)
{
    size_t count = 0;
    struct card *cards = arena_alloc(call->arena, CARD_PER_PERSON_MAX * sizeof *cards);
    if (cards == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = card_list(conn, id, cards, CARD_PER_PERSON_MAX, &count);
    out_open(call, "cards", '[');
    for (size_t i = 0; !err && i < count; i++) {
        render_card(call, NULL, &cards[i]);
    }
    out_close(call, ']');
    return err;
}

static bool list_consent(const struct consent *consent, void *context)
{
    render_consent(context, NULL, consent);
    return true;
}

static bool list_check(const struct check_row *row, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_text(call, "check", identity_check_name(row->check));
    out_text(call, "result", check_result_name(row->result));
    if (row->score >= 0) {
        out_int(call, "score", row->score);
    }
    out_text(call, "version", row->version);
    out_instant(call, "at", row->at);
    out_hash(call, "evidenceHash", row->evidence_hash);
    out_close(call, '}');
    return true;
}

static bool list_session(const struct session *session, void *context)
{
    render_session(context, NULL, session, (struct session_id){0});
    return true;
}

static enum err customer_render(struct call *call, struct db_conn *conn)
{
    struct customer_id id;
    enum err err = call_path_id(call, 0, &id.value);
    out_open(call, NULL, '{');
    err = err ? err : render_customer_of(call, "customer", conn, id, NULL);
    err = err ? err : file_accounts(call, conn, id);
    err = err ? err : file_cards(call, conn, id);
    out_open(call, "consents", '[');
    err = err ? err : consent_each(conn, id, false, list_consent, call);
    out_close(call, ']');
    out_open(call, "checks", '[');
    err = err ? err : identity_checks_each(conn, id, list_check, call);
    out_close(call, ']');
    out_open(call, "sessions", '[');
    err = err ? err
              : session_each(customer_room_of(call_house(call)), conn, id, call->now_us,
                             list_session, call);
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static enum err customer_finish(struct call *call)
{
    return call_read(call, customer_render);
}

/* The value leaves only with its entry in the log: both are of one transaction. */
static enum err reveal_commit(struct call *call, struct uow *uow)
{
    const struct customer_room *room = customer_room_of(call_house(call));
    const char *field = call_text(call, "field");
    char value[ID_NUMBER_SIZE > PHONE_TEXT_SIZE ? ID_NUMBER_SIZE : PHONE_TEXT_SIZE] = "";
    struct customer_id id;
    enum err err = call_path_id(call, 0, &id.value);
    if (!err) {
        err = strcmp(field, "phone") == 0 ? customer_reveal_phone(room, uow->conn, id, value)
                                          : customer_reveal_id_number(room, uow->conn, id, value);
    }
    err = err ? err
              : audit_call(call, uow, "customer.reveal", "customer", id.value,
                           arena_printf(call->arena, "%s: %s", field, call_text(call, "reason")));
    if (!err) {
        out_open(call, NULL, '{');
        out_text(call, "value", value);
        out_close(call, '}');
    }
    vault_wipe(value, sizeof value);
    return err;
}

/* --- Accounts --------------------------------------------------------------------------------- */

static enum err path_account(struct call *call, struct db_conn *conn, struct account *out)
{
    struct account_id id;
    enum err err = call_path_id(call, 0, &id.value);
    return err ? err : account_load(conn, id, out);
}

static enum err account_view_commit(struct call *call, struct uow *uow)
{
    struct account account;
    enum err err = path_account(call, uow->conn, &account);
    return err ? err : audit_call(call, uow, "account.view", "account", account.id.value, "");
}

static enum err account_render(struct call *call, struct db_conn *conn)
{
    struct account account;
    struct account_view view;
    struct customer owner;
    enum err err = path_account(call, conn, &account);
    err = err ? err : render_account_load(call, conn, &account, &view);
    err = err ? err
              : customer_load(customer_room_of(call_house(call)), conn, account.customer, &owner);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    render_account_members(call, &view);
    render_customer_row(call, "owner", &owner);
    out_close(call, '}');
    call_etag(call, account.version);
    return ERR_OK;
}

static enum err account_finish(struct call *call)
{
    return call_read(call, account_render);
}

static enum err balances_view_commit(struct call *call, struct uow *uow)
{
    struct account account;
    enum err err = path_account(call, uow->conn, &account);
    return err ? err : audit_call(call, uow, "account.balances", "account", account.id.value, "");
}

static enum err balances_render(struct call *call, struct db_conn *conn)
{
    struct ledger *ledger = engine_ledger(call_engine(call));
    struct account account;
    struct ledger_account state = {0};
    int64_t booked_minor = 0;
    int64_t at_us = call->now_us;
    bool is_past = call_query_instant(call, "at", &at_us);
    if (at_us > call->now_us) {
        call_field_error(call, "?at", "must not be in the future", "不能晚于当前时间");
        return ERR_INVALID_FIELD;
    }
    enum err err = path_account(call, conn, &account);
    if (!err) {
        err = is_past ? ledger_balance_at(ledger, conn, account.id, at_us, &booked_minor)
                      : ledger_account_load(ledger, conn, account.id, &state);
    }
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "balances", '[');
    render_balance(call, "interimBooked", is_past ? booked_minor : ledger_balance(&state),
                   account.ccy);
    if (!is_past) {
        render_balance(call, "interimAvailable", ledger_available(&state), account.ccy);
    }
    out_close(call, ']');
    out_instant(call, "asOf", at_us);
    out_close(call, '}');
    return ERR_OK;
}

static enum err balances_finish(struct call *call)
{
    return call_read(call, balances_render);
}

static enum err limits_view_commit(struct call *call, struct uow *uow)
{
    struct account account;
    enum err err = path_account(call, uow->conn, &account);
    return err ? err : audit_call(call, uow, "account.limits", "account", account.id.value, "");
}

static enum err limits_render(struct call *call, struct db_conn *conn)
{
    struct limit_report limits[LIMIT_NAME_COUNT];
    struct account account;
    struct ledger_account state;
    size_t count = 0;
    struct date day = engine_civil_date(call_engine(call), call->now_us);
    enum err err = path_account(call, conn, &account);
    err =
        err ? err : ledger_account_load(engine_ledger(call_engine(call)), conn, account.id, &state);
    err = err ? err
              : account_limits(conn, call_house(call)->catalogue, &account, ledger_balance(&state),
                               day, limits, &count);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; i < count; i++) {
        render_limit(call, NULL, &limits[i], account.ccy);
    }
    out_close(call, ']');
    out_close(call, '}');
    return ERR_OK;
}

static enum err limits_finish(struct call *call)
{
    return call_read(call, limits_render);
}

static enum err transactions_view_commit(struct call *call, struct uow *uow)
{
    struct account account;
    enum err err = path_account(call, uow->conn, &account);
    return err ? err
               : audit_call(call, uow, "account.transactions", "account", account.id.value, "");
}

struct transactions {
    struct call *call;
    struct ccy ccy;
};

static bool list_transaction(const struct activity_line *line, void *context)
{
    struct transactions *list = context;
    out_open(list->call, NULL, '{');
    render_transaction_members(list->call, line, list->ccy);
    out_text(list->call, "recipe", recipe_name((enum recipe)line->line.recipe));
    out_close(list->call, '}');
    return true;
}

static void read_filter(struct call *call, struct ccy ccy, struct activity_filter *out)
{
    const char *direction = call_query(call, "direction");
    const char *kind = call_query(call, "kind");
    *out = (struct activity_filter){.text = call_query(call, "q")};
    if (direction != NULL) {
        out->side = strcmp(direction, "in") == 0 ? LEDGER_CREDIT : LEDGER_DEBIT;
    }
    if (kind != NULL && activity_kind_parse(kind, &out->kind) != ERR_OK) {
        out->kind = ACTIVITY_OTHER; /* the route's row lets no other through */
    }
    out->has_from = call_query_date(call, "from", &out->from);
    out->has_to = call_query_date(call, "to", &out->to);
    call_query_money(call, "minAmount", ccy, &out->min_minor);
    call_query_money(call, "maxAmount", ccy, &out->max_minor);
}

static enum err transactions_render(struct call *call, struct db_conn *conn)
{
    struct account account;
    struct activity_filter filter;
    int64_t next = 0;
    enum err err = path_account(call, conn, &account);
    if (err) {
        return err;
    }
    struct transactions list = {call, account.ccy};
    read_filter(call, account.ccy, &filter);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    err = activity_each(engine_ledger(call_engine(call)), conn, account.id, &filter,
                        call_cursor(call), call_limit(call), list_transaction, &list, &next);
    out_close(call, ']');
    out_close(call, '}');
    if (!err) {
        call_next(call, next);
    }
    return err;
}

static enum err transactions_finish(struct call *call)
{
    return call_read(call, transactions_render);
}

/* --- The table -------------------------------------------------------------------------------- */

static const char *const values_reveal[] = {"idNumber", "phone", NULL};

static const struct field customers_query[] = {
    FIELD_MAY("q", FIELD_TEXT, .min = 1, .max = 50,
              .text = "phone, customer id, account number, ID number, or how a name begins, in "
                      "characters or pinyin, or its initials"),
    FIELD_END};
static const struct field reveal_body[] = {
    FIELD_MUST("field", FIELD_ENUM, .values = values_reveal),
    FIELD_MUST("reason", FIELD_TEXT, .min = 3, .max = 160, .text = "kept in the audit log"),
    FIELD_END};
static const struct field balances_query[] = {
    FIELD_MAY("at", FIELD_INSTANT, .text = "an instant that has passed; absent: now"), FIELD_END};
static const struct field transactions_query[] = {
    FIELD_MAY("q", FIELD_TEXT, .min = 1, .max = 64,
              .text = "in the other party's name or number, the text, the amount"),
    FIELD_MAY("direction", FIELD_ENUM, .values = values_direction),
    FIELD_MAY("kind", FIELD_ENUM, .values = values_activity_kind),
    FIELD_MAY("from", FIELD_DATE, .text = "first booking date"),
    FIELD_MAY("to", FIELD_DATE, .text = "last booking date"),
    FIELD_MAY("minAmount", FIELD_DECIMAL),
    FIELD_MAY("maxAmount", FIELD_DECIMAL),
    FIELD_END};

/* What the rows of one group share. */
#define STAFF(permission_, tag_) .scope = &staff_scope, .permission = (permission_), .tag = tag_

const struct route desk_customer_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/staff/dashboard",
     .operation = "staffDashboard",
     STAFF(PERMIT_DASHBOARD, "Staff: operation"),
     .text = "The bank at a glance.",
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_dashboard,
     .finish = dashboard_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/customers",
     .operation = "staffListCustomers",
     STAFF(PERMIT_CUSTOMERS, "Staff: customers"),
     .text =
         "Customers, newest first, or those that a text finds. The audit log keeps who searched.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW | ROUTE_LIST,
     .query = customers_query,
     .status = 200,
     .answer = &schema_customer_row,
     .prepare = customers_prepare,
     .commit = customers_commit,
     .finish = customers_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/customers/{customerId}",
     .operation = "staffGetCustomer",
     STAFF(PERMIT_CUSTOMERS, "Staff: customers"),
     .text = "All about a customer, masked. The audit log keeps who looked.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW,
     .status = 200,
     .answer = &schema_customer_file,
     .commit = customer_view_commit,
     .finish = customer_finish},
    {.method = HTTP_POST,
     .path = "/v1/staff/customers/{customerId}/reveals",
     .operation = "staffReveal",
     STAFF(PERMIT_REVEAL, "Staff: customers"),
     .text = "A phone or ID number in full. The audit log keeps who asked and why.",
     .flags = ROUTE_LOGGED,
     .body = reveal_body,
     .status = 200,
     .answer = &schema_reveal,
     .commit = reveal_commit},
    {.method = HTTP_GET,
     .path = "/v1/staff/accounts/{accountId}",
     .operation = "staffGetAccount",
     STAFF(PERMIT_CUSTOMERS, "Staff: customers"),
     .text = "An account and its owner. The audit log keeps who looked.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW,
     .status = 200,
     .answer = &schema_staff_account,
     .commit = account_view_commit,
     .finish = account_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/accounts/{accountId}/balances",
     .operation = "staffGetBalances",
     STAFF(PERMIT_CUSTOMERS, "Staff: customers"),
     .text = "Balances of an account now, or the booked one at an instant.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW,
     .query = balances_query,
     .status = 200,
     .answer = &schema_balances,
     .commit = balances_view_commit,
     .finish = balances_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/accounts/{accountId}/limits",
     .operation = "staffListLimits",
     STAFF(PERMIT_CUSTOMERS, "Staff: customers"),
     .text = "Limits of an account, and what is used of them.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW,
     .status = 200,
     .answer = &schema_limit_list,
     .commit = limits_view_commit,
     .finish = limits_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/accounts/{accountId}/transactions",
     .operation = "staffListTransactions",
     STAFF(PERMIT_CUSTOMERS, "Staff: customers"),
     .text = "Lines of an account, newest first. The audit log keeps who looked.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW | ROUTE_LIST,
     .query = transactions_query,
     .status = 200,
     .answer = &schema_staff_transaction,
     .commit = transactions_view_commit,
     .finish = transactions_finish},
    {.path = NULL}};
