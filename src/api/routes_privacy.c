/* What the bank keeps of a customer, and the customer's say in it: consents, retention, leaving. */
#include "account/account_api.h"
#include "api/routes.h"
#include "api/schemas_privacy.h"
#include "customer/customer_api.h"
#include "privacy/retention.h"
#include "report/export_person.h"

#include <string.h>

/* --- Consents ----------------------------------------------------------------------------------- */

static bool list_consent(const struct consent *consent, void *context)
{
    render_consent(context, NULL, consent);
    return true;
}

struct wanted_consent {
    const struct consent_text *text;
    struct consent consent;
};

static bool find_consent(const struct consent *consent, void *context)
{
    struct wanted_consent *wanted = context;
    if (strcmp(consent->purpose, wanted->text->purpose) != 0) {
        return true;
    }
    wanted->consent = *consent;
    return false;
}

/* Purposes of which nothing was said are listed too, as not granted. */
static enum err read_consents(struct call *call, struct db_conn *conn)
{
    const struct consent_texts *texts = consent_texts_of(call_house(call));
    enum err err = ERR_OK;
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; err == ERR_OK && i < consent_texts_count(texts); i++) {
        struct wanted_consent wanted = {.text = consent_texts_at(texts, i)};
        memcpy(wanted.consent.purpose, wanted.text->purpose, CONSENT_PURPOSE_SIZE);
        memcpy(wanted.consent.version, wanted.text->version, CONSENT_VERSION_SIZE);
        err = consent_each(conn, customer_of(call)->customer, false, find_consent, &wanted);
        render_consent(call, NULL, &wanted.consent);
    }
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static enum err read_history(struct call *call, struct db_conn *conn)
{
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    enum err err = consent_each(conn, customer_of(call)->customer, true, list_consent, call);
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

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

static enum err list_consents(struct call *call)
{
    return with_reader(call, read_consents);
}

static enum err list_history(struct call *call)
{
    return with_reader(call, read_history);
}

static const struct field consent_body[] = {
    FIELD_MUST("purpose", FIELD_TEXT, .min = 1, .max = CONSENT_PURPOSE_SIZE - 1),
    FIELD_MUST("textVersion", FIELD_TEXT, .min = 1, .max = CONSENT_VERSION_SIZE - 1),
    FIELD_MUST("granted", FIELD_BOOL), FIELD_END};

static bool withdraws(const struct call *call, const char *purpose)
{
    return !call_bool(call, "granted", false) && strcmp(call_text(call, "purpose"), purpose) == 0;
}

/* With the consent goes what was kept under it, in the same transaction. */
static enum err erase_withdrawn(struct call *call, struct uow *uow)
{
    struct customer_id customer = customer_of(call)->customer;
    enum err err = ERR_OK;
    if (withdraws(call, "biometrics")) {
        err = kyc_erase_biometrics(kyc_room_of(call_house(call)), uow, customer);
        err = err ? err : session_face_forget(uow, customer);
    } else if (withdraws(call, "location")) {
        err = kyc_erase_places(uow, customer);
    }
    return err;
}

/* Consents without which a limited session could not prove more: it gives these, and no others. */
static bool is_for_proof(const struct call *call)
{
    const char *purpose = call_text(call, "purpose");
    return strcmp(purpose, "biometrics") == 0 || strcmp(purpose, "identityCheck") == 0 ||
           strcmp(purpose, "location") == 0;
}

static enum err commit_consent(struct call *call, struct uow *uow)
{
    struct consent consent;
    bool is_granted = call_bool(call, "granted", false);
    enum err err = is_granted && is_for_proof(call) ? ERR_OK : step_up_check_view(call);
    if (!err && withdraws(call, "biometrics")) {
        /* The face on file is a factor: who holds a session alone does not take it away. */
        err = step_up_check(call, uow->conn, ACTION_REMOVE_FACE);
    }
    err = err ? err
              : consent_record(customer_room_of(call_house(call)), uow, customer_of(call)->customer,
                               call_text(call, "purpose"), call_text(call, "textVersion"),
                               is_granted, &consent);
    err = err ? err : erase_withdrawn(call, uow);
    if (err == ERR_OK) {
        render_consent(call, NULL, &consent);
    }
    return err;
}

static enum err finish_consent(struct call *call)
{
    if (withdraws(call, "biometrics")) {
        kyc_forget_face(kyc_room_of(call_house(call)), customer_of(call)->customer);
        session_forget_customer(customer_room_of(call_house(call)), customer_of(call)->customer);
    }
    return ERR_OK;
}

/* --- Retention ---------------------------------------------------------------------------------- */

static enum err list_retention(struct call *call)
{
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; i < RETENTION_COUNT; i++) {
        const struct retention_row *row = retention_at(i);
        out_open(call, NULL, '{');
        out_text(call, "kind", row->kind);
        out_bilingual(call, "name", row->name[LANG_EN], row->name[LANG_ZH]);
        out_text(call, "keptFor", row->kept_for);
        out_bilingual(call, "ground", row->ground[LANG_EN], row->ground[LANG_ZH]);
        out_close(call, '}');
    }
    out_close(call, ']');
    out_close(call, '}');
    return ERR_OK;
}

/* --- Leaving ------------------------------------------------------------------------------------ */

static const struct field leaving_body[] = {
    FIELD_MAY("cardId", FIELD_ID, .text = "an own bound card that the money goes to"), FIELD_END};

static enum err prepare_leaving(struct call *call)
{
    call->state = arena_zero(call->arena, sizeof(struct leaving_result));
    return call->state == NULL ? ERR_NO_MEMORY : ERR_OK;
}

static void add_obstacles(struct call *call, unsigned obstacles)
{
    struct str text;
    str_init(&text, 4096);
    str_append_char(&text, '[');
    for (int i = 0; i < LEAVING_OBSTACLE_COUNT; i++) {
        enum leaving_obstacle obstacle = (enum leaving_obstacle)(1 << i);
        if (obstacles & (unsigned)obstacle) {
            str_printf(&text, "%s{\"code\":\"%s\",\"text\":{\"en\":", text.size > 1 ? "," : "",
                       leaving_obstacle_name(obstacle));
            str_append_json(&text, leaving_obstacle_text(obstacle, LANG_EN));
            str_append(&text, ",\"zh\":");
            str_append_json(&text, leaving_obstacle_text(obstacle, LANG_ZH));
            str_append(&text, "}}");
        }
    }
    str_append_char(&text, ']');
    const char *json = text.failed ? NULL : arena_printf(call->arena, "%s", text.bytes);
    if (json != NULL && call->member_count < CALL_MEMBERS_MAX) {
        call->members[call->member_count++] = (struct problem_member){"reasons", json};
    }
    str_release(&text);
}

static enum err commit_leaving(struct call *call, struct uow *uow)
{
    struct leaving_result *result = call->state;
    struct leaving_request request = {.customer = customer_of(call)->customer,
                                      .card = {call_id(call, "cardId")},
                                      .proof = payment_proof_of(customer_of(call), call->now_us)};
    enum err err = step_up_check(call, uow->conn, ACTION_CLOSE_ACCOUNT);
    err = err ? err : leaving_begin(privacy_room_of(call_house(call)), uow, &request, result);
    if (err == ERR_LEAVING_BLOCKED) {
        add_obstacles(call, result->obstacles);
    } else if (err == ERR_LIMIT_EXCEEDED) {
        render_limit_problem(call, &result->limit, CCY_CNY);
    }
    call->result_id = err ? 0 : customer_of(call)->customer.value;
    return err;
}

static enum err follow_leaving(struct uow *uow, void *context)
{
    const struct call *call = context;
    struct leaving leaving;
    return leaving_follow(privacy_room_of(call_house(call)), uow, customer_of(call)->customer,
                          &leaving);
}

static const char *leaving_state_text(enum leaving_state state)
{
    switch (state) {
    case LEAVING_OPEN:
        return "closing";
    case LEAVING_FAILED:
        return "failed";
    case LEAVING_CLOSED:
    case LEAVING_ERASED:
        break;
    }
    return "closed";
}

static enum err read_leaving(struct call *call, struct db_conn *conn)
{
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    struct leaving leaving;
    size_t count = 0;
    enum err err = leaving_load(conn, customer_of(call)->customer, &leaving);
    err = err ? err
              : account_list(conn, customer_of(call)->customer, accounts, ACCOUNT_PER_PERSON_MAX,
                             &count);
    if (err) {
        return err;
    }
    if (leaving.state == LEAVING_CLOSED) {
        leaving_forget(privacy_room_of(call_house(call)), customer_of(call)->customer);
        if (call->by_cookie) {
            call_set_cookie(call, CUSTOMER_COOKIE, NULL, 0);
        }
    }
    out_open(call, NULL, '{');
    out_text(call, "state", leaving_state_text(leaving.state));
    out_open(call, "accounts", '[');
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        struct account_view view;
        err = render_account_load(call, conn, &accounts[i], &view);
        if (err == ERR_OK) {
            render_account(call, NULL, &view);
        }
    }
    out_close(call, ']');
    out_date(call, "eraseAfter", leaving.erase_date);
    out_close(call, '}');
    return err;
}

/* As things stand now: an answer that was lost is told anew. */
static enum err finish_leaving(struct call *call)
{
    struct engine *engine = call_engine(call);
    struct leaving_result *result = call->state;
    for (size_t i = 0; !call->replayed && i < result->attempt_count; i++) {
        struct payment payment; /* whatever becomes of the attempt, jobs find out */
        (void)quickpay_attempt(engine, payment_channel_of(call_house(call)), &result->attempts[i],
                               &payment);
    }
    enum err err = engine_run(engine, follow_leaving, call);
    return err ? err : with_reader(call, read_leaving);
}

/* --- Export ------------------------------------------------------------------------------------- */

static const char *const values_export_format[] = {"json", "pdf", NULL};
static const struct field export_query[] = {
    FIELD_MAY("format", FIELD_ENUM, .values = values_export_format, .text = "absent: json"),
    FIELD_MAY("lang", FIELD_ENUM, .values = values_language,
              .text = "of the document; absent: the request's"),
    FIELD_END};

static enum err commit_export(struct call *call, struct uow *uow)
{
    enum err err = step_up_check(call, uow->conn, ACTION_EXPORT_ALL);
    return err ? err : security_event_add(uow, customer_of(call)->customer, EVENT_EXPORTED, NULL);
}

static enum err finish_export(struct call *call)
{
    const char *format = call_query(call, "format");
    const char *lang = call_query(call, "lang");
    struct export_order order = {.customers = customer_room_of(call_house(call)),
                                 .kyc = kyc_room_of(call_house(call)),
                                 .customer = customer_of(call)->customer,
                                 .format = REPORT_JSON,
                                 .lang = call->lang,
                                 .now_us = call->now_us,
                                 .zone = engine_zone(call_engine(call))};
    enum err err = format ? report_format_parse(format, &order.format) : ERR_OK;
    if (err) {
        return err;
    }
    if (lang != NULL) {
        order.lang = strcmp(lang, "zh") == 0 ? LANG_ZH : LANG_EN;
    }
    str_release(&call->out);
    str_init(&call->out, EXPORT_SIZE_MAX);
    err = export_person(call_engine(call), &order, &call->out);
    if (err == ERR_OK) {
        call->content_type = report_content_type(order.format);
        call_file_name(call, order.format == REPORT_PDF ? "sycee-export.pdf" : "sycee-export.json");
    }
    return err;
}

/* --- Table -------------------------------------------------------------------------------------- */

const struct route routes_privacy[] = {
    {.method = HTTP_GET,
     .path = "/v1/consents",
     .operation = "listConsents",
     .tag = "Privacy",
     .text = "The customer's newest word on each purpose; what was never answered is not granted.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_consent_list,
     .finish = list_consents},
    {.method = HTTP_GET,
     .path = "/v1/consents/history",
     .operation = "listConsentHistory",
     .tag = "Privacy",
     .text = "Every word of the customer on every purpose, newest first.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_consent_list,
     .finish = list_history},
    {.method = HTTP_POST,
     .path = "/v1/consents",
     .operation = "recordConsent",
     .tag = "Privacy",
     .text =
         "Gives or withdraws consent to the newest text of a purpose; what was kept under it is "
         "erased with it.",
     .scope = &customer_scope,
     .flags = ROUTE_LIMITED | ROUTE_NO_STEP,
     .body = consent_body,
     .status = 201,
     .answer = &schema_consent,
     .commit = commit_consent,
     .finish = finish_consent},
    {.method = HTTP_GET,
     .path = "/v1/retention",
     .operation = "listRetention",
     .tag = "Privacy",
     .text = "How long the bank keeps what it knows of a customer, and why.",
     .scope = &open_scope,
     .status = 200,
     .answer = &schema_retention_list,
     .finish = list_retention},
    {.method = HTTP_POST,
     .path = "/v1/me/closure",
     .operation = "leaveBank",
     .tag = "Privacy",
     .text = "Ends the relation: all accounts closed with their money paid out, cards unbound, "
             "sessions ended.",
     .scope = &customer_scope,
     .flags = ROUTE_IDEMPOTENT | ROUTE_SLOW | ROUTE_RENDER_LATER | ROUTE_NO_STEP,
     .body = leaving_body,
     .status = 200,
     .answer = &schema_leaving,
     .prepare = prepare_leaving,
     .commit = commit_leaving,
     .finish = finish_leaving},
    {.method = HTTP_GET,
     .path = "/v1/me/export",
     .operation = "exportAll",
     .tag = "Privacy",
     .text = "Everything that the bank holds of the customer, as JSON or PDF.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_RAW | ROUTE_NO_STEP,
     .query = export_query,
     .status = 200,
     .answer = &schema_export,
     .commit = commit_export,
     .finish = finish_export,
     .rate = "proof"},
    {.path = NULL}};
