/* Without a session: the bank itself, codes to a phone, sign-in. */
#include "customer/customer_api.h"
#include "customer/customer_routes.h"

static enum err show_bank(struct call *call)
{
    const struct config *config = call_house(call)->config;
    bool is_sandbox = config_bool(config, "outside", "is_sandbox");
    out_open(call, NULL, '{');
    out_bilingual(call, "name", "Sycee Bank", "元宝银行");
    out_date(call, "businessDate", engine_business_date(call_engine(call)));
    out_text(call, "currency", CCY_CNY.code);
    out_text(call, "environment", is_sandbox ? "sandbox" : "production");
    out_text(call, "timeZone", engine_zone(call_engine(call))->name);
    if (is_sandbox) {
        out_text(call, "sandboxUrl",
                 arena_printf(call->arena, "%s/", config_string(config, "outside", "url")));
    }
    out_text(call, "version", SYCEE_VERSION);
    out_int(call, "passCodeLength", PASSCODE_SIZE - 1);
    out_close(call, '}');
    return ERR_OK;
}

static enum err list_consent_texts(struct call *call)
{
    const struct consent_texts *texts = consent_texts_of(call_house(call));
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; i < consent_texts_count(texts); i++) {
        const struct consent_text *text = consent_texts_at(texts, i);
        out_open(call, NULL, '{');
        out_text(call, "purpose", text->purpose);
        out_text(call, "version", text->version);
        out_bool(call, "required", text->required);
        out_bilingual(call, "title", text->title[LANG_EN], text->title[LANG_ZH]);
        out_bilingual(call, "text", text->text[LANG_EN], text->text[LANG_ZH]);
        out_close(call, '}');
    }
    out_close(call, ']');
    out_close(call, '}');
    return ERR_OK;
}

enum err sign_in_prepare_phone(struct call *call)
{
    struct sign_in_entry *entry = arena_zero(call->arena, sizeof *entry);
    if (entry == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = entry;
    /* Another site's page signs nobody in here. */
    enum err err = call_same_origin(call);
    if (err) {
        return err;
    }
    err = customer_phone_parse(customer_room_of(call_house(call)), call_text(call, "phone"),
                               &entry->phone);
    return err ? call_blame(call, err, "#/phone") : rate_limit_number(call, entry->phone.text);
}

static const char *const values_code_purpose[] = {"signUp", "signIn", "resetPassCode",
                                                  "changePhone", NULL};

static const struct field phone_code_body[] = {
    FIELD_PHONE("phone"), FIELD_MUST("purpose", FIELD_ENUM, .values = values_code_purpose),
    FIELD_DEVICE_KEY, FIELD_END};

static enum err commit_phone_code(struct call *call, struct uow *uow)
{
    const struct sign_in_entry *entry = call->state;
    struct phone_code_sent sent;
    enum code_purpose purpose;
    int64_t retry_at = 0;
    enum err err = code_purpose_parse(call_text(call, "purpose"), &purpose);
    err = err ? err
              : phone_code_send(
                    customer_room_of(call_house(call)), uow,
                    &(struct phone_code_request){.phone = entry->phone,
                                                 .purpose = purpose,
                                                 .language = call->lang,
                                                 .address = http_remote(call->request),
                                                 .device_key = call_text(call, "deviceKey")},
                    &sent, &retry_at);
    if (err == ERR_TOO_MANY_REQUESTS) {
        call_retry_at(call, retry_at);
    }
    if (err) {
        return err;
    }
    render_phone_code(call, &entry->phone, &sent);
    return ERR_OK;
}

struct session_search {
    struct session_id wanted;
    struct session found;
};

static bool find_session(const struct session *session, void *context)
{
    struct session_search *search = context;
    if (session->id.value == search->wanted.value) {
        search->found = *session;
        return false;
    }
    return true;
}

/* {"token", "session", "customer"} of a session that this unit opened. */
static enum err render_opened(struct call *call, struct uow *uow,
                              const struct session_opened *opened)
{
    struct session_search search = {.wanted = opened->session};
    enum err err = session_each(customer_room_of(call_house(call)), uow->conn, opened->customer,
                                uow->now_us, find_session, &search);
    if (err || search.found.id.value == 0) {
        return err ? err : ERR_INTERNAL;
    }
    out_open(call, NULL, '{');
    if (!call_is_browser(call)) {
        out_text(call, "token", opened->token);
    }
    render_session(call, "session", &search.found, opened->session);
    out_bool(call, "isNewDevice", opened->is_new_device);
    out_bool(call, "isLimited", opened->is_limited);
    err = customer_is_limited_set(call, opened->is_limited);
    err = err ? err : render_customer_of(call, "customer", uow->conn, opened->customer, NULL);
    out_close(call, '}');
    return err;
}

/* The answer to a session that was asked for, or its refusal. */
enum err sign_in_answer(struct call *call, struct uow *uow, enum err err)
{
    const struct sign_in_entry *entry = call->state;
    if (err || customer_refused(call, &entry->opened.verdict)) {
        return err;
    }
    return render_opened(call, uow, &entry->opened);
}

enum err sign_in_finish(struct call *call)
{
    struct sign_in_entry *entry = call->state;
    const struct customer_rules *rules = customer_room_rules(customer_room_of(call_house(call)));
    if (call_is_browser(call)) {
        call_set_cookie(call, CUSTOMER_COOKIE, entry->opened.token,
                        rules->session_absolute_us / 1000000);
    }
    vault_wipe(entry, sizeof *entry);
    return ERR_OK;
}

static const struct field sign_in_body[] = {
    FIELD_PHONE("phone"),
    FIELD_SIX_DIGITS(.name = "passCode",
                     .text = "this, or phoneCodeId and code; a new device asks for both"),
    FIELD_MAY("phoneCodeId", FIELD_ID),
    FIELD_SIX_DIGITS(.name = "code"),
    FIELD_MUST("deviceName", FIELD_TEXT, .max = DEVICE_NAME_MAX),
    FIELD_DEVICE_KEY,
    FIELD_END};

static enum err prepare_sign_in(struct call *call)
{
    bool by_code = call_has(call, "phoneCodeId") && call_has(call, "code");
    bool half_code = call_has(call, "phoneCodeId") || call_has(call, "code");
    if (half_code ? !by_code : !call_has(call, "passCode")) {
        call_field_error(call, "#/passCode", "give passCode, or phoneCodeId and code, or all three",
                         "请提供 passCode，或 phoneCodeId 与 code，或三者");
        return ERR_INVALID_FIELD;
    }
    enum err err = sign_in_prepare_phone(call);
    if (err || !call_has(call, "passCode")) {
        return err;
    }
    struct sign_in_entry *entry = call->state;
    return sign_in_prove(customer_room_of(call_house(call)), call_engine(call), &entry->phone,
                         call_text(call, "passCode"), &entry->proof);
}

static enum err commit_sign_in(struct call *call, struct uow *uow)
{
    struct sign_in_entry *entry = call->state;
    struct customer_room *room = customer_room_of(call_house(call));
    const char *device_name = call_text(call, "deviceName");
    enum err err;
    if (call_has(call, "passCode")) {
        struct sign_in_by_passcode request = {.phone = entry->phone,
                                              .proof = &entry->proof,
                                              .phone_code_id = call_id(call, "phoneCodeId"),
                                              .code = call_text(call, "code"),
                                              .device_name = device_name,
                                              .device_key = call_text(call, "deviceKey")};
        err = sign_in_by_passcode(room, uow, &request, &entry->opened);
    } else {
        struct sign_in_by_code request = {.phone = entry->phone,
                                          .phone_code_id = call_id(call, "phoneCodeId"),
                                          .code = call_text(call, "code"),
                                          .device_name = device_name,
                                          .device_key = call_text(call, "deviceKey")};
        err = sign_in_by_code(room, uow, &request, &entry->opened);
    }
    return sign_in_answer(call, uow, err);
}

/* A new session by code may have ended a lock or another device's session. */
static enum err finish_sign_in(struct call *call)
{
    const struct sign_in_entry *entry = call->state;
    session_forget_customer(customer_room_of(call_house(call)), entry->opened.customer);
    return sign_in_finish(call);
}

const struct route open_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/bank",
     .operation = "getBank",
     .tag = "Bank",
     .text = "What an app asks first: name, business date, currency.",
     .scope = &open_scope,
     .status = 200,
     .answer = &schema_bank,
     .finish = show_bank},
    {.method = HTTP_GET,
     .path = "/v1/consent-texts",
     .operation = "listConsentTexts",
     .tag = "Bank",
     .text = "The texts that a customer agrees to, in both languages.",
     .scope = &open_scope,
     .status = 200,
     .answer = &schema_consent_text_list,
     .finish = list_consent_texts},
    {.method = HTTP_POST,
     .path = "/v1/phone-codes",
     .operation = "sendPhoneCode",
     .tag = "Sign-in",
     .text = "Sends a code of six digits to a phone.",
     .scope = &open_scope,
     .body = phone_code_body,
     .status = 201,
     .answer = &schema_phone_code,
     .prepare = sign_in_prepare_phone,
     .commit = commit_phone_code,
     .rate = "sign-in"},
    {.path = NULL}};

const struct route sign_in_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/sessions",
     .operation = "signIn",
     .tag = "Sign-in",
     .text = "Opens a session by pass code or by a code sent to the phone.",
     .scope = &open_scope,
     .flags = ROUTE_SLOW,
     .body = sign_in_body,
     .status = 201,
     .answer = &schema_signed_in,
     .prepare = prepare_sign_in,
     .commit = commit_sign_in,
     .finish = finish_sign_in,
     .rate = "sign-in"},
    {.path = NULL}};
