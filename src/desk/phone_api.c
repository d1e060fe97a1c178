/* Another number for a customer at the counter: a code to it, and its proof. The change itself takes two. */
#include "customer/customer_api.h"
#include "desk/change_schemas.h"
#include "desk/desk_routes.h"
#include "staff/staff_api.h"

#include <inttypes.h>

static enum err prepare_phone(struct call *call)
{
    struct phone_change *change = arena_zero(call->arena, sizeof *change);
    if (change == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = change;
    enum err err = call_path_id(call, 0, &change->customer.value);
    if (err) {
        return err;
    }
    err = customer_phone_parse(customer_room_of(call_house(call)), call_text(call, "phone"),
                               &change->phone);
    return err ? call_blame(call, err, "#/phone") : ERR_OK;
}

static enum err commit_code(struct call *call, struct uow *uow)
{
    const struct phone_change *change = call->state;
    struct phone_code_sent sent;
    struct customer customer;
    int64_t retry_at = 0;
    struct phone_code_request request = {.phone = change->phone,
                                         .purpose = CODE_CHANGE_PHONE,
                                         .address = http_remote(call->request)};
    enum err err =
        customer_load(customer_room_of(call_house(call)), uow->conn, change->customer, &customer);
    request.language = customer.language;
    err =
        err ? err
            : phone_code_send(customer_room_of(call_house(call)), uow, &request, &sent, &retry_at);
    if (err == ERR_TOO_MANY_REQUESTS) {
        call_retry_at(call, retry_at);
    }
    err = err ? err
              : audit_call(call, uow, "customer.phoneCode", "customer", change->customer.value, "");
    if (err) {
        return err;
    }
    render_phone_code(call, &change->phone, &sent);
    return ERR_OK;
}

static enum err commit_proof(struct call *call, struct uow *uow)
{
    struct phone_change *change = call->state;
    struct verdict verdict = {.refusal = ERR_OK, .tries_left = -1};
    char masked[PHONE_TEXT_SIZE];
    int64_t id = 0;
    change->phone_code_id = call_id(call, "phoneCodeId");
    change->code = call_text(call, "code");
    enum err err = phone_proof_add(customer_room_of(call_house(call)), uow, change, &verdict, &id);
    if (err || customer_refused(call, &verdict)) {
        return err ? err
                   : audit_call(call, uow, "customer.phoneProofFailed", "customer",
                                change->customer.value, "");
    }
    err = audit_call(call, uow, "customer.phoneProof", "customer", change->customer.value,
                     arena_printf(call->arena, "proof=%" PRId64, id));
    if (err) {
        return err;
    }
    phone_mask(change->phone.text, masked);
    out_open(call, NULL, '{');
    out_id(call, "phoneProofId", id);
    out_text(call, "phone", masked);
    out_instant(call, "expiresAt", uow->now_us + PHONE_PROOF_LIFE_US);
    out_close(call, '}');
    return ERR_OK;
}

static const struct field code_body[] = {FIELD_PHONE("phone"), FIELD_END};
static const struct field proof_body[] = {
    FIELD_PHONE("phone"), FIELD_MUST("phoneCodeId", FIELD_ID),
    FIELD_SIX_DIGITS(.name = "code", .required = true, .text = "that the customer reads out"),
    FIELD_END};

const struct route desk_phone_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/staff/customers/{customerId}/phone-codes",
     .operation = "staffSendPhoneCode",
     .scope = &staff_scope,
     .permission = PERMIT_CUSTOMER_CHANGE,
     .tag = "Staff: customers",
     .text = "Sends a code to the new number of a customer who is at the counter.",
     .flags = ROUTE_LOGGED,
     .body = code_body,
     .status = 201,
     .answer = &schema_phone_code,
     .prepare = prepare_phone,
     .commit = commit_code},
    {.method = HTTP_POST,
     .path = "/v1/staff/customers/{customerId}/phone-proofs",
     .operation = "staffProvePhone",
     .scope = &staff_scope,
     .permission = PERMIT_CUSTOMER_CHANGE,
     .tag = "Staff: customers",
     .text = "Proves the new number by its code. A change of kind customerPhone names the proof "
             "within a "
             "day, and another person approves it.",
     .flags = ROUTE_LOGGED,
     .body = proof_body,
     .status = 201,
     .answer = &schema_phone_proof,
     .prepare = prepare_phone,
     .commit = commit_proof,
     .rate = "proof"},
    {.path = NULL}};
