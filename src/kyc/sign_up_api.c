/* Sign-up: the phone operator is asked if the number had another customer. */
#include "customer/customer_api.h"
#include "kyc/kyc.h"
#include "kyc/kyc_routes.h"

#include <stdio.h>
#include <string.h>

static const struct field sign_up_body[] = {
    FIELD_PHONE("phone"),
    FIELD_MUST("phoneCodeId", FIELD_ID),
    FIELD_SIX_DIGITS(.name = "code", .required = true),
    FIELD_MUST("language", FIELD_ENUM, .values = values_language),
    FIELD_MUST("deviceName", FIELD_TEXT, .max = DEVICE_NAME_MAX,
               .text = "how the list of sessions shall call this device"),
    FIELD_DEVICE_KEY,
    FIELD_END};

/* The number has a customer, and a right code shows that somebody else holds it: the operator is asked whose
 * it is. Without an answer nothing changes. */
static enum err prepare_sign_up(struct call *call)
{
    struct phone_holder holder;
    char request[48];
    enum err err = sign_in_prepare_phone(call);
    if (err) {
        return err;
    }
    struct sign_in_entry *entry = call->state;
    err = phone_holder_load(customer_room_of(call_house(call)), call_engine(call), &entry->phone,
                            call_id(call, "phoneCodeId"), call_text(call, "code"), &holder);
    if (err) {
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    snprintf(request, sizeof request, "signup-%lld", (long long)call_id(call, "phoneCodeId"));
    enum operator_result result = kyc_ask_operator(
        kyc_room_of(call_house(call)), request, entry->phone.text, holder.name, holder.id_number);
    if (phone_is_recycled(&holder, result == OPERATOR_MISMATCH, call->now_us)) {
        entry->gone = holder.customer;
    }
    vault_wipe(&holder, sizeof holder);
    return ERR_OK;
}

static enum err commit_sign_up(struct call *call, struct uow *uow)
{
    struct sign_in_entry *entry = call->state;
    struct sign_up request = {.phone = entry->phone,
                              .phone_code_id = call_id(call, "phoneCodeId"),
                              .code = call_text(call, "code"),
                              .language = strcmp(call_text(call, "language"), "zh") == 0 ? LANG_ZH
                                                                                         : LANG_EN,
                              .device_name = call_text(call, "deviceName"),
                              .device_key = call_text(call, "deviceKey"),
                              .gone = entry->gone};
    enum err err =
        customer_sign_up(customer_room_of(call_house(call)), uow, &request, &entry->opened);
    return sign_in_answer(call, uow, err);
}

const struct route sign_up_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/sign-ups",
     .operation = "signUp",
     .tag = "Sign-in",
     .text = "Makes a customer of the holder of a phone, and opens a session.",
     .scope = &open_scope,
     .flags = ROUTE_SLOW,
     .body = sign_up_body,
     .status = 201,
     .answer = &schema_signed_in,
     .prepare = prepare_sign_up,
     .commit = commit_sign_up,
     .finish = sign_in_finish,
     .rate = "sign-in"},
    {.path = NULL}};
