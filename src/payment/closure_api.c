/* Tier of payment accounts; further accounts opened; an account closed with its money paid out. */
#include "account/account_api.h"
#include "account/message_rows.h"
#include "customer/customer_api.h"
#include "payment/closure.h"
#include "payment/payment_render.h"
#include "payment/payment_routes.h"
#include "payment/payment_schemas.h"

#include <string.h>

/* --- Tier --------------------------------------------------------------------------------------- */

static void render_next(struct call *call, const struct catalogue_edition *edition,
                        enum payment_tier tier)
{
    static const enum account_parameter parameters[] = {PARAMETER_TIER_I_CHANNELS_MIN,
                                                        PARAMETER_TIER_II_CHANNELS_MIN,
                                                        PARAMETER_TIER_III_CHANNELS_MIN};
    if (tier == TIER_III) {
        return;
    }
    out_open(call, "next", '{');
    out_text(call, "tier", payment_tier_name((enum payment_tier)(tier + 1)));
    out_int(call, "channelsMin", account_figure(edition, parameters[tier]));
    out_bilingual(
        call, "text",
        "Bind a card of another bank, or let yourself be seen by video or at a counter: each "
        "party that confirms you counts once.",
        "绑定其他银行的银行卡，或通过视频、柜面核实身份：每个独立渠道计一次。");
    out_close(call, '}');
}

static enum err show_tier(struct call *call)
{
    struct date day = engine_civil_date(call_engine(call), call->now_us);
    const struct catalogue_edition *edition = catalogue_on(call_house(call)->catalogue, day);
    struct identity_channel channels[CHANNELS_MAX];
    size_t count = 0;
    struct db_conn *conn;
    enum err err = engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    err = customer_channels(conn, customer_of(call)->customer, channels, &count);
    engine_read_end(call_engine(call), conn);
    if (err) {
        return err;
    }
    enum payment_tier tier = tier_of(edition, count);
    out_open(call, NULL, '{');
    out_text(call, "tier", payment_tier_name(tier));
    out_open(call, "channels", '[');
    for (size_t i = 0; i < count; i++) {
        out_open(call, NULL, '{');
        out_text(call, "channel", channel_kind_name(channels[i].kind));
        if (channels[i].detail[0] != '\0') {
            out_text(call, "detail", channels[i].detail);
        }
        out_instant(call, "at", channels[i].at);
        out_close(call, '}');
    }
    out_close(call, ']');
    out_int(call, "count", (int64_t)count);
    out_bool(call, "investment", tier_allows_investment(tier));
    render_next(call, edition, tier);
    out_close(call, '}');
    return ERR_OK;
}

/* --- A further account -------------------------------------------------------------------------- */

static const char *const values_opened_class[] = {"payment", "III", NULL};
static const struct field opening_body[] = {
    FIELD_MUST("class", FIELD_ENUM, .values = values_opened_class,
               .text = "payment: one a person; III: small change, up to its balance cap"),
    FIELD_END};

static enum err prepare_opening(struct call *call)
{
    return customer_need_active(call);
}

static enum err commit_opening(struct call *call, struct uow *uow)
{
    enum account_class class;
    struct customer customer;
    struct account account;
    struct account_view view;
    enum err err = account_class_parse(call_text(call, "class"), &class);
    err = err ? err
              : customer_load(customer_room_of(call_house(call)), uow->conn,
                              customer_of(call)->customer, &customer);
    err = err ? err
              : account_open_further(uow, call_house(call)->catalogue, &customer, class, &account);
    if (err) {
        return err;
    }
    char masked[ACCOUNT_NUMBER_SIZE];
    account_mask_number(account.number, masked);
    struct message_params params = {.account = masked};
    err = message_add(uow, customer.id, &MESSAGE_ACCOUNT_OPENED, &params, 0);
    err = err ? err : render_account_read(uow, &account, &view);
    if (err == ERR_OK) {
        render_account(call, NULL, &view);
    }
    return err;
}

/* --- Closure ------------------------------------------------------------------------------------ */

static const struct field closure_body[] = {
    FIELD_MAY("cardId", FIELD_ID, .text = "an own bound card that the money goes to"),
    FIELD_MAY("toAccountId", FIELD_ID, .text = "or an own account; neither where nothing is left"),
    FIELD_END};

struct closure_order {
    struct customer customer;
    struct closure_result result;
};

static enum err prepare_closure(struct call *call)
{
    struct closure_order *order = arena_zero(call->arena, sizeof *order);
    struct db_conn *conn;
    enum err err = order == NULL ? ERR_NO_MEMORY : customer_need_active(call);
    if (err) {
        return err;
    }
    call->state = order;
    if (call_has(call, "cardId") && call_has(call, "toAccountId")) {
        call_field_error(call, "#/toAccountId", "a card or an account, not both",
                         "银行卡与账户只能选择其一");
        return ERR_INVALID_FIELD;
    }
    err = engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    err = customer_load(customer_room_of(call_house(call)), conn, customer_of(call)->customer,
                        &order->customer);
    engine_read_end(call_engine(call), conn);
    return err;
}

static enum err commit_closure(struct call *call, struct uow *uow)
{
    struct closure_order *order = call->state;
    struct closure_request request = {.customer = customer_of(call)->customer,
                                      .card = {call_id(call, "cardId")},
                                      .to_account = {call_id(call, "toAccountId")},
                                      .customer_name = order->customer.name,
                                      .stepped_up = true,
                                      .proof = payment_proof_of(customer_of(call), call->now_us)};
    struct account account;
    enum err err = call_path_id(call, 0, &request.account.value);
    err = err ? err : account_load_own(uow->conn, request.customer, request.account, &account);
    err = err ? err : step_up_check(call, uow->conn, ACTION_CLOSE_ACCOUNT);
    err = err ? err : closure_begin(uow, call_house(call)->catalogue, &request, &order->result);
    if (err == ERR_LIMIT_EXCEEDED) {
        render_limit_problem(call, &order->result.limit, account.ccy);
    }
    call->result_id = err ? 0 : request.account.value;
    return err;
}

/* As things stand now: an answer that was lost is told anew. */
static enum err render_closure(struct call *call, struct db_conn *conn)
{
    struct account account;
    struct account_view account_view;
    struct payment_view payment_view;
    struct payment_id payment = {0};
    enum err err = account_load_own(conn, customer_of(call)->customer,
                                    (struct account_id){call->result_id}, &account);
    err = err ? err : render_account_load(call, conn, &account, &account_view);
    err = err ? err : closure_payment(conn, account.id, &payment);
    if (err == ERR_OK && payment.value != 0) {
        err = payment_load_own(conn, customer_of(call)->customer, payment, &payment_view.payment);
        err = err ? err : render_payment_load(conn, &payment_view);
    }
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    render_account(call, "account", &account_view);
    if (payment.value != 0) {
        render_payment(call, "payment", &payment_view);
    }
    out_close(call, '}');
    return ERR_OK;
}

static enum err finish_closure(struct call *call)
{
    struct closure_order *order = call->state;
    struct db_conn *conn;
    if (!call->replayed && order->result.has_attempt) {
        struct payment payment; /* whatever becomes of the attempt, jobs find out */
        (void)quickpay_attempt(call_engine(call), payment_channel_of(call_house(call)),
                               &order->result.begun, &payment);
    }
    enum err err = engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    err = render_closure(call, conn);
    engine_read_end(call_engine(call), conn);
    return err;
}

/* --- Table -------------------------------------------------------------------------------------- */

const struct route closure_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/me/tier",
     .operation = "getTier",
     .tag = "Accounts",
     .text = "The tier of payment accounts, the parties that confirmed the customer, and the next "
             "tier.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_tier,
     .finish = show_tier},
    {.method = HTTP_POST,
     .path = "/v1/accounts",
     .operation = "openAccount",
     .tag = "Accounts",
     .text = "Opens a payment account or a Class III account.",
     .scope = &customer_scope,
     .flags = ROUTE_IDEMPOTENT,
     .body = opening_body,
     .status = 201,
     .answer = &schema_account,
     .prepare = prepare_opening,
     .commit = commit_opening},
    {.method = HTTP_POST,
     .path = "/v1/accounts/{accountId}/closure",
     .operation = "closeAccount",
     .tag = "Accounts",
     .text = "Pays interest and the balance out, then closes the account.",
     .scope = &customer_scope,
     .flags = ROUTE_IDEMPOTENT | ROUTE_SLOW | ROUTE_RENDER_LATER,
     .body = closure_body,
     .status = 200,
     .answer = &schema_closure,
     .prepare = prepare_closure,
     .commit = commit_closure,
     .finish = finish_closure},
    {.path = NULL}};
