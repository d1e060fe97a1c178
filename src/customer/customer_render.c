#include "customer/customer_render.h"

#include "customer/customer_api.h"

#include <string.h>

static void render_onboarding(struct call *call, const char *name,
                              const struct onboarding *onboarding)
{
    out_open(call, name, '{');
    out_text(call, "next", onboarding_step_name(onboarding->next));
    out_open(call, "steps", '[');
    for (int step = 0; step < ONBOARDING_STEP_COUNT; step++) {
        out_open(call, NULL, '{');
        out_text(call, "step", onboarding_step_name((enum onboarding_step)step));
        out_text(call, "state", step_state_name(onboarding->steps[step].state));
        out_optional_instant(call, "at",
                             customer_of(call)->is_limited ? 0 : onboarding->steps[step].at);
        out_close(call, '}');
    }
    out_close(call, ']');
    out_close(call, '}');
}

static void render_customer_members(struct call *call, const struct customer *customer,
                                    const struct onboarding *onboarding)
{
    bool is_limited = customer_of(call)->is_limited;
    out_optional_id(call, "customerId", is_limited ? 0 : customer->id.value);
    out_text(call, "phone", customer->masked_phone);
    out_text(call, "name", out_null_if_empty(customer->name));
    out_text(call, "maskedIdNumber",
             is_limited ? NULL : out_null_if_empty(customer->masked_id_number));
    out_text(call, "language", customer->language == LANG_ZH ? "zh" : "en");
    out_text(call, "state", customer_state_name(customer->state));
    out_optional_instant(call, "createdAt", is_limited ? 0 : customer->created_at);
    render_onboarding(call, "onboarding", onboarding);
}

void render_customer(struct call *call, const char *name, const struct customer *customer,
                     const struct onboarding *onboarding)
{
    out_open(call, name, '{');
    render_customer_members(call, customer, onboarding);
    out_close(call, '}');
}

enum err render_customer_of(struct call *call, const char *name, struct db_conn *conn,
                            struct customer_id id, struct customer *out)
{
    struct customer customer;
    struct onboarding onboarding;
    const struct customer_room *room = customer_room_of(call_house(call));
    enum err err = customer_load(room, conn, id, &customer);
    err = err ? err
              : onboarding_load(room, conn, &customer,
                                engine_civil_date(call_engine(call), call->now_us), &onboarding);
    if (err) {
        return err;
    }
    if (customer_of(call)->is_limited && customer.has_identity) {
        char masked[CUSTOMER_NAME_SIZE];
        customer_mask_name(customer.name, masked);
        memcpy(customer.name, masked, sizeof customer.name);
    }
    render_customer(call, name, &customer, &onboarding);
    if (out != NULL) {
        *out = customer;
    }
    return ERR_OK;
}

void render_phone_code(struct call *call, const struct customer_phone *phone,
                       const struct phone_code_sent *sent)
{
    char masked[PHONE_TEXT_SIZE];
    phone_mask(phone->text, masked);
    out_open(call, NULL, '{');
    out_id(call, "phoneCodeId", sent->phone_code_id);
    out_text(call, "phone", masked);
    out_instant(call, "expiresAt", sent->expires_at);
    out_instant(call, "resendAt", sent->resend_at);
    out_close(call, '}');
}

void render_session(struct call *call, const char *name, const struct session *session,
                    struct session_id current)
{
    out_open(call, name, '{');
    out_id(call, "sessionId", session->id.value);
    out_text(call, "deviceName", session->device_name);
    out_instant(call, "createdAt", session->created_at);
    out_instant(call, "lastSeenAt", session->last_seen_at);
    out_bool(call, "current", session->id.value == current.value);
    out_instant(call, "stepUpUntil", session->step_up_until);
    if (session->device.value != 0) {
        out_id(call, "deviceId", session->device.value);
    }
    out_close(call, '}');
}

void render_consent(struct call *call, const char *name, const struct consent *consent)
{
    out_open(call, name, '{');
    out_text(call, "purpose", consent->purpose);
    out_text(call, "textVersion", consent->version);
    out_bool(call, "granted", consent->granted);
    out_instant(call, "at", consent->at);
    out_close(call, '}');
}

void render_identity_checks(struct call *call, const char *name,
                            const struct identity_evidence *evidence)
{
    out_open(call, name, '[');
    for (size_t i = 0; i < evidence->count; i++) {
        const struct check_outcome *check = &evidence->checks[i];
        out_open(call, NULL, '{');
        out_text(call, "check", identity_check_name(check->check));
        out_text(call, "result", check_result_name(check->result));
        if (check->result != CHECK_PASSED) {
            out_bilingual(call, "reason", check->reason_en, check->reason_zh);
        }
        out_close(call, '}');
    }
    out_close(call, ']');
}

void render_message(struct call *call, const char *name, const struct message *message)
{
    out_open(call, name, '{');
    out_id(call, "messageId", message->id);
    out_text(call, "kind", message->row->name);
    out_bilingual(call, "title", message->title[LANG_EN], message->title[LANG_ZH]);
    out_bilingual(call, "text", message->text[LANG_EN], message->text[LANG_ZH]);
    out_instant(call, "createdAt", message->created_at);
    out_optional_instant(call, "readAt", message->read_at);
    out_optional_id(call, "paymentId", message->payment_id);
    out_close(call, '}');
}
