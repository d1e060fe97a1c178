/* A company's payment orders. Its people: user_api.c. */
#include "account/account_api.h"
#include "company/company_routes.h"
#include "company/order.h"
#include "company/order_schemas.h"
#include "customer/customer_api.h"
#include "payment/payment_api.h"

#include <stdio.h>
#include <string.h>

static enum err path_company(struct call *call, struct db_conn *conn, struct company *out,
                             struct company_user *out_user)
{
    struct customer_id id;
    enum err err = call_path_id(call, 0, &id.value);
    return err ? err : company_access(conn, id, customer_of(call)->customer, 0, out, out_user);
}

/* A suspended person acts for no company either. */
static enum err prepare_active(struct call *call)
{
    return customer_need_active(call);
}

/* --- Orders ----------------------------------------------------------------------------------- */

static enum err load_name(struct call *call, struct db_conn *conn, struct customer_id id,
                          const char **out)
{
    struct customer customer;
    enum err err = customer_load(customer_room_of(call_house(call)), conn, id, &customer);
    *out = err ? NULL : arena_strdup(call->arena, customer.name);
    return err ? err : *out == NULL ? ERR_NO_MEMORY : ERR_OK;
}

static enum err load_approvals(struct call *call, struct db_conn *conn, int64_t order,
                               struct member_rows *out)
{
    struct order_approval *words = arena_alloc(call->arena, ORDER_APPROVALS_MAX * sizeof *words);
    struct order_approval_view *views =
        arena_alloc(call->arena, ORDER_APPROVALS_MAX * sizeof *views);
    size_t count = 0;
    enum err err = words == NULL || views == NULL ? ERR_NO_MEMORY
                                                  : order_approvals(conn, order, words, &count);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        views[i] = (struct order_approval_view){
            .at = words[i].at, .decision = words[i].decision, .reason = words[i].reason};
        err = load_name(call, conn, words[i].customer, &views[i].by);
    }
    *out = (struct member_rows){views, err ? 0 : count};
    return err;
}

static enum err render_order(struct call *call, struct db_conn *conn,
                             const struct company_order *order)
{
    bool is_by_phone = order->by == CREDITOR_BY_PHONE;
    struct order_view view = {.order = *order,
                              .phone = is_by_phone ? order->creditor : NULL,
                              .number = is_by_phone ? NULL : order->creditor,
                              .amount = {order->amount_minor, CCY_CNY},
                              .has_payment = order->payment.value != 0};
    enum err err = load_name(call, conn, order->maker, &view.maker);
    err = err ? err : load_approvals(call, conn, order->id, &view.approvals);
    if (!err && view.has_payment) {
        err = payment_load(conn, order->payment, &view.payment.payment);
    }
    if (!err) {
        OUT_OBJECT(call, NULL, &schema_order, &view);
    }
    return err;
}

static enum err render_orders(struct call *call, struct db_conn *conn)
{
    struct company company;
    struct company_user me;
    size_t count = 0;
    size_t limit = call_limit(call);
    struct company_order *orders = arena_alloc(call->arena, (limit + 1) * sizeof *orders);
    enum err err = orders == NULL ? ERR_NO_MEMORY : path_company(call, conn, &company, &me);
    err = err ? err
              : order_list(company_room_of(call_house(call)), conn, company.id, call_cursor(call),
                           limit + 1, orders, &count);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; err == ERR_OK && i < count && i < limit; i++) {
        err = render_order(call, conn, &orders[i]);
    }
    out_close(call, ']');
    out_close(call, '}');
    if (!err && count > limit) {
        call_next(call, orders[limit - 1].id);
    }
    return err;
}

static enum err finish_orders(struct call *call)
{
    return call_read(call, render_orders);
}

struct order_wish {
    struct account_id account;
    const char *phone;  /* NULL where number is given */
    const char *number; /* the receiving account's 16 digits */
    const char *name;   /* of the creditor */
    struct money amount;
    const char *text; /* NULL: none */
};

static const struct field order_body[] = {
    FIELD_MUST("debtorAccountId", MEMBER_ID(struct order_wish, account.value)),
    FIELD_MAY("creditorPhone", MEMBER_TEXT(struct order_wish, phone), .form = FORM_PHONE, .min = 11,
              .max = 20, .text = "mobile number; or creditorAccountNumber"),
    FIELD_MAY("creditorAccountNumber", MEMBER_TEXT(struct order_wish, number), .form = FORM_NUMBER,
              .min = 16, .max = 16),
    FIELD_MUST("creditorName", MEMBER_TEXT(struct order_wish, name), .min = 1, .max = 50),
    FIELD_MUST("instructedAmount", MEMBER_AMOUNT(struct order_wish, amount)),
    FIELD_MAY("remittanceInformationUnstructured", MEMBER_TEXT(struct order_wish, text),
              .max = PAYMENT_TEXT_MAX),
    FIELD_END};

static enum err commit_order(struct call *call, struct uow *uow)
{
    struct order_wish wish = {.text = ""};
    CALL_READ_BODY(call, &wish);
    struct company_order order = {.maker = customer_of(call)->customer, .account = wish.account};
    const char *field = "creditorPhone";
    enum err err = call_path_id(call, 0, &order.company.value);
    if (!err && (wish.phone == NULL) == (wish.number == NULL)) {
        return call_blame(call, ERR_INVALID_FIELD, "#/creditorPhone");
    }
    if (!err && !ccy_equal(wish.amount.ccy, CCY_CNY)) {
        return ERR_CURRENCY_MISMATCH;
    }
    order.by = wish.phone != NULL ? CREDITOR_BY_PHONE : CREDITOR_BY_NUMBER;
    order.amount_minor = wish.amount.minor;
    snprintf(order.creditor, sizeof order.creditor, "%s",
             wish.phone != NULL ? wish.phone : wish.number);
    snprintf(order.creditor_name, sizeof order.creditor_name, "%s", wish.name);
    snprintf(order.text, sizeof order.text, "%s", wish.text);
    /* Whoever orders proves the pass code; who pays alone proves face, passkey or time code too. */
    err = err ? err : step_up_check(call, uow->conn, ACTION_COMPANY_APPROVE);
    err = err ? err : step_up_check_payment(call, uow, wish.amount);
    err = err ? err : customer_guess_allowed(call);
    if (err) {
        return err;
    }
    enum err alone = step_up_check(call, uow->conn, ACTION_COMPANY_ALONE);
    if (alone && alone != ERR_STEP_UP_REQUIRED) {
        return alone;
    }
    err = order_make(company_room_of(call_house(call)), uow, &order, alone == ERR_OK, &field);
    if (err == ERR_PAYEE_UNKNOWN || err == ERR_PAYEE_NAME_MISMATCH) {
        customer_guess_revealed(call);
    }
    if (err != ERR_STEP_UP_REQUIRED) {
        call->member_count = 0; /* of a step-up that nobody asked for */
    }
    bool is_field = err == ERR_INVALID_FIELD || err == ERR_INVALID_PHONE || err == ERR_OVERFLOW;
    if (is_field) {
        return call_blame(call, err, arena_printf(call->arena, "#/%s", field));
    }
    call->result_id = err ? 0 : order.id;
    return err;
}

/* Rendered after the commit, and anew for a repeat: the key stores the order's id, not its payee. */
static enum err render_result(struct call *call, struct db_conn *conn)
{
    struct company_order order;
    struct customer_id company;
    enum err err = call_path_id(call, 0, &company.value);
    err =
        err ? err
            : order_load(company_room_of(call_house(call)), conn, company, call->result_id, &order);
    return err ? err : render_order(call, conn, &order);
}

static enum err finish_order(struct call *call)
{
    return call_read(call, render_result);
}

static const struct field decision_body[] = {
    FIELD_MUST("decision", FIELD_ENUM, .values = values_order_decision),
    FIELD_MAY("reason", FIELD_TEXT, .max = 200), FIELD_END};

static enum err commit_decision(struct call *call, struct uow *uow)
{
    const char *reason = call_text(call, "reason");
    struct company_order order;
    struct order_word word = {.customer = customer_of(call)->customer,
                              .reason = reason != NULL ? reason : ""};
    enum err approving = step_up_check(call, uow->conn, ACTION_COMPANY_APPROVE);
    if (approving && approving != ERR_STEP_UP_REQUIRED) {
        return approving;
    }
    word.stepped_up = approving == ERR_OK;
    enum err err = call_path_id(call, 0, &word.company.value);
    err = err ? err : call_path_id(call, 1, &word.order);
    err = err ? err : order_decision_parse(call_text(call, "decision"), &word.decision);
    err = err ? err : order_decide(company_room_of(call_house(call)), uow, &word, &order);
    if (err != ERR_STEP_UP_REQUIRED) {
        call->member_count = 0; /* of a step-up that nobody asked for */
    }
    call->result_id = err ? 0 : order.id;
    return err;
}

/* --- Table ------------------------------------------------------------------------------------ */

#define COMPANIES .scope = &customer_scope, .tag = "Companies"

const struct route order_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/companies/{companyId}/payment-orders",
     .operation = "listPaymentOrders",
     COMPANIES,
     .text = "A company's payment orders, newest first.",
     .flags = ROUTE_SLOW | ROUTE_LIST,
     .status = 200,
     .answer = &schema_order,
     .finish = finish_orders},
    {.method = HTTP_POST,
     .path = "/v1/companies/{companyId}/payment-orders",
     .operation = "makePaymentOrder",
     COMPANIES,
     .text = "Orders a payment that others approve; a sole trader alone pays at once.",
     .flags = ROUTE_IDEMPOTENT | ROUTE_SLOW | ROUTE_RENDER_LATER,
     .body = order_body,
     .status = 201,
     .answer = &schema_order,
     .prepare = prepare_active,
     .commit = commit_order,
     .finish = finish_order},
    {.method = HTTP_POST,
     .path = "/v1/companies/{companyId}/payment-orders/{orderId}/decisions",
     .operation = "decidePaymentOrder",
     COMPANIES,
     .text = "Approves or refuses as a checker, withdraws as the maker; the last approval pays.",
     .flags = ROUTE_IDEMPOTENT | ROUTE_SLOW | ROUTE_RENDER_LATER,
     .body = decision_body,
     .status = 200,
     .answer = &schema_order,
     .prepare = prepare_active,
     .commit = commit_decision,
     .finish = finish_order},
    {.path = NULL}};
