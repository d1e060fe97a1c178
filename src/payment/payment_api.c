/* Payments: transfers, top-ups, withdrawals, what became of them. */
#include "payment/payment_api.h"

#include "account/account_api.h"
#include "customer/customer_api.h"
#include "payment/payment_routes.h"
#include "web/member.h"

static void answer_payment(struct call *call, const struct payment_view *view)
{
    call_etag(call, view->payment.version);
    render_payment(call, NULL, view);
}

/* Writes a payment with its card, on a connection of its own where that needs one. */
static enum err answer_with_card(struct call *call, const struct payment *payment)
{
    struct engine *engine = call_engine(call);
    struct payment_view view = {.payment = *payment};
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    err = render_payment_load(conn, &view);
    engine_read_end(engine, conn);
    if (err == ERR_OK) {
        answer_payment(call, &view);
    }
    return err;
}

struct payee_question {
    const char *phone;
    const char *name; /* NULL: not given */
};

static const struct field payee_check_body[] = {
    FIELD_MUST("phone", MEMBER_TEXT(struct payee_question, phone), .form = FORM_PHONE, .min = 11,
               .max = 20, .text = "mobile number of mainland China, with or without +86"),
    FIELD_MAY("name", MEMBER_TEXT(struct payee_question, name), .min = 1, .max = 50,
              .text = "as the payer knows it"),
    FIELD_END};

static enum err check_payee(struct call *call)
{
    struct payee_check check;
    struct payee_question question = {.name = NULL};
    struct db_conn *conn;
    CALL_READ_BODY(call, &question);
    enum err err = engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    err = payee_check(customer_room_of(call_house(call)), conn, question.phone, question.name,
                      &check);
    engine_read_end(call_engine(call), conn);
    if (err) {
        return err == ERR_INVALID_PHONE ? call_blame(call, err, "#/phone") : err;
    }
    OUT_OBJECT(call, NULL, &schema_payee_check, &check);
    return ERR_OK;
}

static const struct field transfer_body[] = {
    FIELD_MUST("debtorAccountId", MEMBER_ID(struct transfer_request, debtor_account.value)),
    FIELD_MAY("creditorPhone", MEMBER_TEXT(struct transfer_request, creditor_phone),
              .form = FORM_PHONE, .min = 11, .max = 20,
              .text = "mobile number of mainland China; or creditorAccountNumber, not both"),
    FIELD_MAY("creditorAccountNumber", MEMBER_TEXT(struct transfer_request, creditor_number),
              .form = FORM_NUMBER, .min = 16, .max = 16,
              .text = "of an account of this bank, a company's too"),
    FIELD_MUST("creditorName", MEMBER_TEXT(struct transfer_request, creditor_name), .min = 1,
               .max = 50),
    FIELD_MUST("instructedAmount", MEMBER_AMOUNT(struct transfer_request, amount)),
    FIELD_MAY("remittanceInformationUnstructured", MEMBER_TEXT(struct transfer_request, text),
              .max = PAYMENT_TEXT_MAX),
    FIELD_END};

static enum err prepare_transfer(struct call *call)
{
    struct transfer_order *order = arena_alloc(call->arena, sizeof *order);
    enum err err = order == NULL ? ERR_NO_MEMORY : customer_need_active(call);
    if (err) {
        return err;
    }
    call->state = order;
    struct transfer_request request = {
        .customer = customer_of(call)->customer,
        .stepped_up = principal_is_stepped_up(customer_of(call), call->now_us),
        .strength = auth_strength_of(customer_of(call), call->now_us),
        .proof = payment_proof_of(customer_of(call), call->now_us)};
    const char *field = NULL;
    struct db_conn *conn;
    CALL_READ_BODY(call, &request);
    err = engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    err = transfer_prepare(customer_room_of(call_house(call)), conn, &request, order, &field);
    engine_read_end(call_engine(call), conn);
    bool is_field = err == ERR_INVALID_FIELD || err == ERR_INVALID_PHONE || err == ERR_OVERFLOW;
    return is_field ? call_blame(call, err, arena_printf(call->arena, "#/%s", field)) : err;
}

static enum err commit_transfer(struct call *call, struct uow *uow)
{
    const struct transfer_order *order = call->state;
    struct transfer_result result = {0};
    enum err err = ERR_OK;
    if (!order->own) {
        err = customer_guess_allowed(call);
        err = err ? err : step_up_check_payment(call, uow, call_money(call, "instructedAmount"));
    }
    err = err ? err : transfer_post(uow, call_house(call)->catalogue, order, &result);
    if (err == ERR_PAYEE_UNKNOWN || err == ERR_PAYEE_NAME_MISMATCH) {
        customer_guess_revealed(call);
    }
    if (err == ERR_LIMIT_EXCEEDED) {
        if (result.limit_is_payees) {
            call_member_text(call, "limit", limit_name(result.limit.name));
        } else {
            render_limit_problem(call, &result.limit, order->ccy);
        }
    }
    if (err) {
        return err;
    }
    /* A transfer has no card: nothing more is to be loaded. */
    struct payment_view view = {.payment = result.payment};
    answer_payment(call, &view);
    return ERR_OK;
}

static const struct field quickpay_body[] = {
    FIELD_MUST("cardId", MEMBER_ID(struct quickpay_request, card.value)),
    FIELD_MUST("accountId", MEMBER_ID(struct quickpay_request, account.value)),
    FIELD_MUST("instructedAmount", MEMBER_AMOUNT(struct quickpay_request, amount)), FIELD_END};

struct quickpay_order {
    struct customer customer;
    struct quickpay_result begun;
};

static enum err prepare_quickpay(struct call *call)
{
    struct quickpay_order *order = arena_zero(call->arena, sizeof *order);
    enum err err = order == NULL ? ERR_NO_MEMORY : customer_need_active(call);
    if (err) {
        return err;
    }
    call->state = order;
    struct db_conn *conn;
    err = engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    err = customer_load(customer_room_of(call_house(call)), conn, customer_of(call)->customer,
                        &order->customer);
    engine_read_end(call_engine(call), conn);
    return err;
}

typedef enum err quickpay_begin(struct uow *uow, const struct catalogue *catalogue,
                                const struct quickpay_request *request,
                                struct quickpay_result *out);

static enum err commit_quickpay(struct call *call, struct uow *uow, quickpay_begin *begin)
{
    struct quickpay_order *order = call->state;
    struct quickpay_request request = {.customer = customer_of(call)->customer,
                                       .stepped_up =
                                           principal_is_stepped_up(customer_of(call), call->now_us),
                                       .proof = payment_proof_of(customer_of(call), call->now_us),
                                       .customer_name = order->customer.name};
    CALL_READ_BODY(call, &request);
    enum err err = begin(uow, call_house(call)->catalogue, &request, &order->begun);
    if (err == ERR_LIMIT_EXCEEDED) {
        render_limit_problem(call, &order->begun.limit, request.amount.ccy);
    }
    call->result_id = err ? 0 : order->begun.payment.id.value;
    return err;
}

static enum err commit_top_up(struct call *call, struct uow *uow)
{
    return commit_quickpay(call, uow, topup_begin);
}

static enum err commit_withdrawal(struct call *call, struct uow *uow)
{
    enum err err = step_up_check_payment(call, uow, call_money(call, "instructedAmount"));
    return err ? err : commit_quickpay(call, uow, withdrawal_begin);
}

static enum err payment_load_for(struct call *call, struct payment_id id, struct payment *out)
{
    struct engine *engine = call_engine(call);
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    err = payment_load_own(conn, customer_of(call)->customer, id, out);
    engine_read_end(engine, conn);
    return err;
}

/* The first run makes the attempt; a repeat shows how things stand now and moves nothing. */
static enum err finish_quickpay(struct call *call)
{
    struct quickpay_order *order = call->state;
    struct payment payment;
    enum err err = call->replayed
                       ? payment_load_for(call, (struct payment_id){call->result_id}, &payment)
                       : quickpay_attempt(call_engine(call), payment_channel_of(call_house(call)),
                                          &order->begun, &payment);
    if (err && !call->replayed) {
        /* The payment exists whatever the outcome of the attempt; jobs query it. */
        err = payment_load_for(call, order->begun.payment.id, &payment);
    }
    return err ? err : answer_with_card(call, &payment);
}

enum err payment_of_path(struct call *call, struct payment *out)
{
    struct payment_id id;
    enum err err = call_path_id(call, 0, &id.value);
    return err ? err : payment_load_for(call, id, out);
}

static enum err show_payment(struct call *call)
{
    struct payment payment;
    enum err err = payment_of_path(call, &payment);
    return err ? err : answer_with_card(call, &payment);
}

/* Only what has not ended is asked for so: the account's transactions show the rest. */
static const char *const values_open_status[] = {"PDNG", NULL};

static const struct field payments_query[] = {
    FIELD_MUST("status", FIELD_ENUM, .values = values_open_status,
               .text = "PDNG: those whose end is not known yet"),
    FIELD_END};

static enum err list_payments(struct call *call)
{
    struct engine *engine = call_engine(call);
    size_t limit = call_limit(call);
    size_t count = 0;
    struct payment *payments = arena_alloc(call->arena, (limit + 1) * sizeof *payments);
    struct db_conn *conn;
    enum err err = payments == NULL ? ERR_NO_MEMORY : engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    err = payment_open_list(conn, customer_of(call)->customer, call_cursor(call), payments,
                            limit + 1, &count);
    for (size_t i = 0; err == ERR_OK && i < count && i < limit; i++) {
        struct payment_view view = {.payment = payments[i]};
        err = render_payment_load(conn, &view);
        if (err == ERR_OK) {
            render_payment(call, NULL, &view);
        }
    }
    out_close(call, ']');
    out_close(call, '}');
    engine_read_end(engine, conn);
    if (err == ERR_OK && count > limit) {
        call_next(call, payments[limit - 1].id.value);
    }
    return err;
}

static enum err query_payment(struct call *call)
{
    struct payment payment;
    bool was_asked;
    enum err err = payment_of_path(call, &payment);
    err = err ? err
              : payment_query(call_engine(call), payment_channel_of(call_house(call)), payment.id,
                              &payment, &was_asked);
    return err ? err : answer_with_card(call, &payment);
}

const struct route payment_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/transfers",
     .operation = "makeTransfer",
     .tag = "Payments",
     .text = "Pays another customer by phone or account number, booked at once.",
     .scope = &customer_scope,
     .flags = ROUTE_IDEMPOTENT,
     .body = transfer_body,
     .status = 201,
     .answer = &schema_payment,
     .prepare = prepare_transfer,
     .commit = commit_transfer},
    {.method = HTTP_POST,
     .path = "/v1/payee-checks",
     .operation = "checkPayee",
     .tag = "Payments",
     .text = "Compares a name with that of the phone's owner, before money is sent.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW,
     .body = payee_check_body,
     .status = 200,
     .answer = &schema_payee_check,
     .finish = check_payee,
     .rate = "payee-check"},
    {.method = HTTP_POST,
     .path = "/v1/top-ups",
     .operation = "makeTopUp",
     .tag = "Payments",
     .text = "Takes money from a bound card; PDNG where the issuer has not answered yet.",
     .scope = &customer_scope,
     .flags = ROUTE_IDEMPOTENT | ROUTE_SLOW | ROUTE_RENDER_LATER,
     .body = quickpay_body,
     .status = 201,
     .answer = &schema_payment,
     .prepare = prepare_quickpay,
     .commit = commit_top_up,
     .finish = finish_quickpay},
    {.method = HTTP_POST,
     .path = "/v1/withdrawals",
     .operation = "makeWithdrawal",
     .tag = "Payments",
     .text = "Sends money to a bound card; held while the issuer has not answered.",
     .scope = &customer_scope,
     .flags = ROUTE_IDEMPOTENT | ROUTE_SLOW | ROUTE_RENDER_LATER,
     .body = quickpay_body,
     .status = 201,
     .answer = &schema_payment,
     .prepare = prepare_quickpay,
     .commit = commit_withdrawal,
     .finish = finish_quickpay},
    {.method = HTTP_GET,
     .path = "/v1/payments",
     .operation = "listPayments",
     .tag = "Payments",
     .text = "Payments of the customer that have not ended, newest first.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_LIST,
     .query = payments_query,
     .status = 200,
     .answer = &schema_payment,
     .finish = list_payments},
    {.method = HTTP_GET,
     .path = "/v1/payments/{paymentId}",
     .operation = "getPayment",
     .tag = "Payments",
     .text = "A payment as it stands, for either side of it.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_payment,
     .finish = show_payment},
    {.method = HTTP_POST,
     .path = "/v1/payments/{paymentId}/queries",
     .operation = "queryPayment",
     .tag = "Payments",
     .text = "Asks the card's side now, no more than once in two seconds, and shows the payment.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_payment,
     .finish = query_payment},
    {.path = NULL}};
