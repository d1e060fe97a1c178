/* How a customer's sign-in is protected: devices, sessions, time codes, phone, step-up, history.
 * Passkeys: passkey_api.c. */
#include "customer/customer_api.h"
#include "customer/customer_routes.h"
#include "customer/security_schemas.h"

#include <string.h>

#define EVENTS_SHOWN 50

/* Reads with a connection of the engine, then answers. */
static enum err with_reader(struct call *call, enum err (*read)(struct call *, struct db_conn *))
{
    struct engine *engine = call_engine(call);
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    err = read(call, conn);
    engine_read_end(engine, conn);
    return err;
}

static enum err finish_forget(struct call *call)
{
    session_forget_customer(customer_room_of(call_house(call)), customer_of(call)->customer);
    return ERR_OK;
}

/* --- Devices and sessions ----------------------------------------------------------------------- */

static bool list_device(const struct device *device, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_id(call, "deviceId", device->id.value);
    out_text(call, "name", device->name);
    out_instant(call, "firstSeenAt", device->first_seen_at);
    out_instant(call, "lastSeenAt", device->last_seen_at);
    out_bool(call, "isCurrent", device->id.value == customer_of(call)->device.value);
    out_bool(call, "isTrusted", device->trusted_at <= call->now_us);
    out_int(call, "sessionCount", device->session_count);
    out_close(call, '}');
    return true;
}

static enum err read_devices(struct call *call, struct db_conn *conn)
{
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    enum err err = device_each(conn, customer_of(call)->customer, list_device, call);
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static enum err list_devices(struct call *call)
{
    return with_reader(call, read_devices);
}

static enum err commit_device_end(struct call *call, struct uow *uow)
{
    struct device_id id;
    enum err err = call_path_id(call, 0, &id.value);
    /* What is not theirs is not found, whatever they proved; a refusal after it undoes the removal. */
    err = err ? err : device_remove(uow, customer_of(call)->customer, id);
    return err ? err : step_up_check(call, uow->conn, ACTION_REMOVE_DEVICE);
}

static const struct field sessions_end_query[] = {
    FIELD_MAY("keepCurrent", FIELD_BOOL, .text = "the session that asks stays; default false"),
    FIELD_END};

static bool keeps_current(const struct call *call)
{
    const char *keep = call_query(call, "keepCurrent");
    return keep != NULL && strcmp(keep, "true") == 0;
}

static enum err commit_sessions_end(struct call *call, struct uow *uow)
{
    struct session_id keep = {keeps_current(call) ? customer_of(call)->session.value : 0};
    return session_end_everywhere(uow, customer_of(call)->customer, keep);
}

static enum err finish_sessions_end(struct call *call)
{
    if (!keeps_current(call) && call->by_cookie) {
        call_set_cookie(call, CUSTOMER_COOKIE, NULL, 0);
    }
    return finish_forget(call);
}

/* --- Overview ----------------------------------------------------------------------------------- */

static bool list_event(const struct security_event_row *row, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_text(call, "kind", security_event_name(row->event));
    out_instant(call, "at", row->at);
    if (row->times > 1) {
        out_int(call, "times", row->times);
        out_instant(call, "lastAt", row->last_at);
    }
    if (row->device_name[0] != '\0') {
        out_text(call, "device", row->device_name);
    }
    out_close(call, '}');
    return true;
}

static enum err read_security(struct call *call, struct db_conn *conn)
{
    struct security_overview overview;
    enum err err = security_overview_load(conn, customer_of(call)->customer, &overview);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_instant(call, "passCodeAt", overview.passcode_at);
    out_int(call, "devices", overview.devices);
    out_int(call, "passkeys", overview.passkeys);
    out_bool(call, "totp", overview.has_totp);
    out_instant(call, "lastSignInAt", overview.last_sign_in_at);
    out_instant(call, "phoneChangedAt", overview.phone_changed_at);
    out_open(call, "events", '[');
    err = security_event_each(conn, customer_of(call)->customer, 0, EVENTS_SHOWN, list_event, call);
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static enum err show_security(struct call *call)
{
    return with_reader(call, read_security);
}

/* --- Step-up ------------------------------------------------------------------------------------ */

static const struct field needs_query[] = {
    FIELD_MUST("action", FIELD_ENUM, .values = values_step_up_action), FIELD_END};

static void render_reasons(struct call *call, unsigned reasons)
{
    out_open(call, "reasons", '[');
    for (int i = 0; i < STEP_UP_REASON_COUNT; i++) {
        enum step_up_reason reason = (enum step_up_reason)(1 << i);
        if (reasons & (unsigned)reason) {
            out_open(call, NULL, '{');
            out_text(call, "code", step_up_reason_name(reason));
            out_bilingual(call, "text", step_up_reason_text(reason, LANG_EN),
                          step_up_reason_text(reason, LANG_ZH));
            out_close(call, '}');
        }
    }
    out_close(call, ']');
}

static enum err read_needs(struct call *call, struct db_conn *conn)
{
    enum step_up_action action;
    struct step_up_signals signals;
    enum err err = step_up_action_parse(call_query(call, "action"), &action);
    err = err ? err : step_up_signals_load(conn, customer_of(call), call->now_us, &signals);
    if (err) {
        return err;
    }
    if (customer_of(call)->is_limited) {
        signals.has_totp =
            false; /* a time code opens nothing to this session, and is no news for it */
    }
    struct step_up_needs needs = step_up_needs_of(action, &signals);
    struct step_up_missing missing = step_up_missing(customer_of(call), needs, call->now_us);
    out_open(call, NULL, '{');
    out_text(call, "action", step_up_action_name(action));
    step_up_render_factors(call, "factors", needs.factors, needs.any);
    step_up_render_factors(call, "missing", missing.factors, missing.any);
    step_up_render_factors(call, "alternatives", missing.any, 0);
    render_reasons(call, needs.reasons);
    out_close(call, '}');
    return ERR_OK;
}

static enum err show_needs(struct call *call)
{
    return with_reader(call, read_needs);
}

/* --- Phone -------------------------------------------------------------------------------------- */

static const struct field phone_body[] = {
    FIELD_PHONE("phone"), FIELD_MUST("phoneCodeId", FIELD_ID),
    FIELD_SIX_DIGITS(.name = "code", .required = true, .text = "sent to the new number"),
    FIELD_END};

static enum err prepare_phone_change(struct call *call)
{
    struct phone_change *change = arena_zero(call->arena, sizeof *change);
    if (change == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = change;
    *change = (struct phone_change){.customer = customer_of(call)->customer,
                                    .session = customer_of(call)->session,
                                    .phone_code_id = call_id(call, "phoneCodeId"),
                                    .code = call_text(call, "code")};
    enum err err = customer_phone_parse(customer_room_of(call_house(call)),
                                        call_text(call, "phone"), &change->phone);
    return err ? call_blame(call, err, "#/phone") : ERR_OK;
}

static enum err commit_phone_change(struct call *call, struct uow *uow)
{
    struct verdict verdict;
    enum err err = step_up_check(call, uow->conn, ACTION_CHANGE_PHONE);
    err = err ? err : phone_change(customer_room_of(call_house(call)), uow, call->state, &verdict);
    if (err || customer_refused(call, &verdict)) {
        return err;
    }
    return render_customer_of(call, NULL, uow->conn, customer_of(call)->customer, NULL);
}

/* --- Time codes --------------------------------------------------------------------------------- */

static enum err read_totp(struct call *call, struct db_conn *conn)
{
    enum totp_state state;
    int64_t since = 0;
    enum err err = totp_load(conn, customer_of(call)->customer, &state, &since);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_text(call, "state", totp_state_name(state));
    if (since != 0) {
        out_instant(call, "since", since);
    }
    out_close(call, '}');
    return ERR_OK;
}

static enum err show_totp(struct call *call)
{
    return with_reader(call, read_totp);
}

static enum err commit_totp(struct call *call, struct uow *uow)
{
    struct totp_begun begun;
    enum err err = step_up_check(call, uow->conn, ACTION_ADD_TOTP);
    err = err ? err
              : totp_begin(customer_room_of(call_house(call)), uow, customer_of(call)->customer,
                           &begun);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_text(call, "secret", begun.secret);
    out_text(call, "uri", begun.uri);
    out_close(call, '}');
    vault_wipe(&begun, sizeof begun);
    return ERR_OK;
}

static const struct field totp_body[] = {FIELD_SIX_DIGITS(.name = "code", .required = true),
                                         FIELD_END};

static enum err commit_totp_confirmation(struct call *call, struct uow *uow)
{
    struct verdict verdict;
    enum err err = totp_confirm(customer_room_of(call_house(call)), uow,
                                customer_of(call)->customer, call_text(call, "code"), &verdict);
    if (err == ERR_OK) {
        (void)customer_refused(call, &verdict);
    }
    return err;
}

static enum err commit_totp_assertion(struct call *call, struct uow *uow)
{
    struct verdict verdict;
    int64_t until = 0;
    enum err err =
        totp_assert(customer_room_of(call_house(call)), uow, customer_of(call)->customer,
                    customer_of(call)->session, call_text(call, "code"), &verdict, &until);
    if (err || customer_refused(call, &verdict)) {
        return err;
    }
    out_open(call, NULL, '{');
    out_instant(call, "totpUntil", until);
    out_close(call, '}');
    return ERR_OK;
}

static enum err commit_totp_end(struct call *call, struct uow *uow)
{
    enum err err = step_up_check(call, uow->conn, ACTION_REMOVE_TOTP);
    return err ? err : totp_remove(uow, customer_of(call)->customer);
}

/* --- Table -------------------------------------------------------------------------------------- */

const struct route security_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/devices",
     .operation = "listDevices",
     .tag = "Security",
     .text = "The phones and browsers on which the customer signed in, newest first.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_device_list,
     .finish = list_devices},
    {.method = HTTP_DELETE,
     .path = "/v1/devices/{deviceId}",
     .operation = "removeDevice",
     .tag = "Security",
     .text = "Removes a device: its sessions end, and it is new when it comes again.",
     .scope = &customer_scope,
     .flags = ROUTE_NO_STEP,
     .status = 204,
     .commit = commit_device_end,
     .finish = finish_forget},
    {.method = HTTP_DELETE,
     .path = "/v1/sessions",
     .operation = "signOutEverywhere",
     .tag = "Security",
     .text = "Ends all sessions of the customer.",
     .scope = &customer_scope,
     .flags = ROUTE_NO_STEP,
     .query = sessions_end_query,
     .status = 204,
     .commit = commit_sessions_end,
     .finish = finish_sessions_end},
    {.method = HTTP_GET,
     .path = "/v1/security",
     .operation = "getSecurity",
     .tag = "Security",
     .text = "How the customer's sign-in is protected, and what happened lately.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_security,
     .finish = show_security},
    {.method = HTTP_GET,
     .path = "/v1/step-up-needs",
     .operation = "getStepUpNeeds",
     .tag = "Security",
     .text = "What an action asks for, by its risk, and what of it this session lacks.",
     .scope = &customer_scope,
     .flags = ROUTE_LIMITED | ROUTE_SLOW | ROUTE_NO_STEP,
     .query = needs_query,
     .status = 200,
     .answer = &schema_step_up_needs,
     .finish = show_needs},
    {.method = HTTP_PUT,
     .path = "/v1/me/phone",
     .operation = "changePhone",
     .tag = "Security",
     .text = "Another phone number, proven by a code sent to it; all other sessions end.",
     .scope = &customer_scope,
     .flags = ROUTE_NO_STEP,
     .body = phone_body,
     .status = 200,
     .answer = &schema_customer,
     .prepare = prepare_phone_change,
     .commit = commit_phone_change,
     .finish = finish_forget,
     .rate = "proof"},
    {.method = HTTP_GET,
     .path = "/v1/totp",
     .operation = "getTotp",
     .tag = "Security",
     .text = "Whether time codes are set up.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_totp,
     .finish = show_totp},
    {.method = HTTP_POST,
     .path = "/v1/totp",
     .operation = "beginTotp",
     .tag = "Security",
     .text = "A secret for an authenticator app; active after a code of it was given.",
     .scope = &customer_scope,
     .flags = ROUTE_NO_STEP,
     .status = 201,
     .answer = &schema_totp_begun,
     .commit = commit_totp,
     .rate = "proof"},
    {.method = HTTP_POST,
     .path = "/v1/totp/confirmation",
     .operation = "confirmTotp",
     .tag = "Security",
     .text = "The first code of the secret makes time codes active.",
     .scope = &customer_scope,
     .flags = ROUTE_NO_STEP,
     .body = totp_body,
     .status = 204,
     .commit = commit_totp_confirmation,
     .rate = "proof"},
    {.method = HTTP_DELETE,
     .path = "/v1/totp",
     .operation = "removeTotp",
     .tag = "Security",
     .text = "No more time codes.",
     .scope = &customer_scope,
     .flags = ROUTE_NO_STEP,
     .status = 204,
     .commit = commit_totp_end},
    {.method = HTTP_POST,
     .path = "/v1/totp/assertions",
     .operation = "assertTotp",
     .tag = "Security",
     .text = "Proves the session by a time code, each of which counts once.",
     .scope = &customer_scope,
     .flags = ROUTE_NO_STEP,
     .body = totp_body,
     .status = 200,
     .answer = &schema_totp_until,
     .commit = commit_totp_assertion,
     .finish = finish_forget,
     .rate = "proof"},
    {.path = NULL}};
