/* Accounts: balances, limits, holds; and what a payment asks of a new device. */
#include "account/account_api.h"

#include "account/account_routes.h"
#include "customer/customer_api.h"

/* The account of the path, which must be the customer's own. ERR_NOT_FOUND. */
static enum err account_of_path(struct call *call, struct db_conn *conn, struct account *out)
{
    struct account_id id;
    enum err err = call_path_id(call, 0, &id.value);
    return err ? err : account_load_own(conn, customer_of(call)->customer, id, out);
}

enum err account_read_own(struct call *call, account_reading *reader)
{
    struct engine *engine = call_engine(call);
    struct db_conn *conn;
    struct account account;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    err = account_of_path(call, conn, &account);
    err = err ? err : reader(call, conn, &account);
    engine_read_end(engine, conn);
    return err;
}

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
    return account_read_own(call, read_account);
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
    return account_read_own(call, read_balances);
}

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
    return account_read_own(call, read_limits);
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
    return account_read_own(call, read_holds);
}

const struct route account_routes[] = {
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
    {.path = NULL}};

enum err step_up_check_payment(struct call *call, struct uow *uow, struct money amount)
{
    const struct customer_rules *rules = customer_room_rules(customer_room_of(call_house(call)));
    struct step_up_signals signals = step_up_signals_of(customer_of(call), call->now_us);
    struct limit_usage usage;
    if (!signals.device_is_new && !signals.device_is_unknown) {
        return ERR_OK;
    }
    /* The person's row queues their payments, so that of many at once no two see the same sum. A larger
     * amount passes the maximum by itself, and no sum of such overflows. */
    int64_t counted_minor =
        amount.minor > rules->payment_large_minor ? rules->payment_large_minor + 1 : amount.minor;
    enum err err = limit_reserve(uow, customer_of(call)->customer.value, LIMIT_KIND_NEW_DEVICE,
                                 counted_minor, &usage);
    bool is_large = usage.day_minor > rules->payment_large_minor;
    return err ? err : is_large ? step_up_check(call, uow->conn, ACTION_PAYMENT_LARGE) : ERR_OK;
}
