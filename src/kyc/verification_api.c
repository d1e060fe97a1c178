/* Verification: the pictures of the ID card, the confirmation of what was read. */
#include "customer/customer_api.h"
#include "kyc/kyc_api.h"
#include "kyc/kyc_routes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err finish_verification(struct call *call)
{
    struct db_conn *conn;
    enum err err = engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    err = render_verification(call, conn, customer_of(call)->customer);
    engine_read_end(call_engine(call), conn);
    return err;
}

/* The member "findings" of a refusal: which of those that speak against the picture. */
static void tell_findings(struct call *call, uint32_t findings)
{
    struct str json;
    str_init(&json, 512);
    str_append_char(&json, '[');
    for (int bit = 0; bit < CARD_FINDING_COUNT; bit++) {
        if (findings >> bit & 1U) {
            str_append(&json, json.size > 1 ? "," : "");
            str_append_json(&json, render_finding_name(bit));
        }
    }
    str_append_char(&json, ']');
    if (!json.failed && call->member_count < CALL_MEMBERS_MAX) {
        call->members[call->member_count++] =
            (struct problem_member){"findings", arena_strdup(call->arena, json.bytes)};
    }
    str_release(&json);
}

/* 429 with the moment at which it is worth another try. */
enum err kyc_add_retry(struct call *call, enum err err, int64_t retry_at)
{
    if (err == ERR_TOO_MANY_REQUESTS && retry_at != 0) {
        call_retry_at(call, retry_at);
    }
    return err;
}

/* A repeat under its key is to find its first answer, also where a limit is reached or the check is
 * over by now: what prepare refused is said by commit, which looks for that answer first. */
enum err kyc_refuse_later(struct kyc_later *later, enum err err, int64_t retry_at)
{
    if (err == ERR_TOO_MANY_REQUESTS || err == ERR_FACE_CHECK_OVER) {
        *later = (struct kyc_later){err, retry_at};
        return ERR_OK;
    }
    return err;
}

struct id_picture_work {
    struct kyc_room *room;
    struct kyc_id_picture picture;
    struct verdict verdict;
};

static enum err keep_id_picture(struct uow *uow, void *context)
{
    struct id_picture_work *work = context;
    return kyc_id_picture_commit(work->room, uow, &work->picture, &work->verdict);
}

static void render_id_picture(struct call *call, const struct kyc_id_picture *picture)
{
    out_open(call, NULL, '{');
    out_text(call, "side", picture->side == CARD_FRONT ? "front" : "back");
    render_bits(call, "findings", picture->findings, render_finding_name);
    render_card_fields(call, "fields", &picture->fields);
    out_bool(call, "portraitFound", picture->has_portrait);
    out_close(call, '}');
}

/* Looked at, kept and answered here, because a picture is large: nothing of it waits for the answer. */
static enum err finish_id_picture(struct call *call)
{
    const char *side = call_path_text(call, 0);
    bool is_front = strcmp(side, "front") == 0;
    struct id_picture_work *work = arena_zero(call->arena, sizeof *work);
    size_t size = 0;
    int64_t retry_at = 0;
    if (!is_front && strcmp(side, "back") != 0) {
        return ERR_NOT_FOUND;
    }
    if (work == NULL) {
        return ERR_NO_MEMORY;
    }
    work->room = kyc_room_of(call_house(call));
    const void *bytes = call_picture(call, &size);
    enum err err = kyc_id_picture_prepare(work->room, call_engine(call), customer_of(call),
                                          is_front ? CARD_FRONT : CARD_BACK, bytes, size,
                                          &work->picture, &retry_at);
    if (err) {
        return kyc_add_retry(call, err, retry_at);
    }
    err = engine_run(call_engine(call), keep_id_picture, work);
    if (!err && customer_refused(call, &work->verdict)) {
        bool is_of_findings = work->verdict.refusal == ERR_CARD_QUALITY ||
                              work->verdict.refusal == ERR_CARD_RECAPTURED;
        if (is_of_findings) {
            tell_findings(call, work->picture.findings);
        }
        err = work->verdict.refusal;
    } else if (!err) {
        render_id_picture(call, &work->picture);
    }
    kyc_id_picture_release(&work->picture);
    return err;
}

static const struct field confirmation_body[] = {
    FIELD_MUST("name", FIELD_TEXT, .form = FORM_NAME, .min = 2, .max = 50,
               .text = "as on the ID card"),
    FIELD_MUST("sex", FIELD_ENUM, .values = values_sex),
    FIELD_MUST("birthDate", FIELD_DATE),
    FIELD_MUST("address", FIELD_TEXT, .min = 1, .max = 100),
    FIELD_MUST("idNumber", FIELD_TEXT, .form = FORM_NUMBER, .min = 15, .max = 18),
    FIELD_MUST("issuer", FIELD_TEXT, .min = 1, .max = 40),
    FIELD_MUST("validFrom", FIELD_DATE),
    FIELD_MAY("validUntil", FIELD_DATE, .text = "left out where the card has no end"),
    FIELD_MUST("isLongTerm", FIELD_BOOL),
    FIELD_END};

static enum err read_confirmed(struct call *call, struct kyc_fields *out)
{
    bool is_long_term = call_bool(call, "isLongTerm", false);
    *out = (struct kyc_fields){.sex = strcmp(call_text(call, "sex"), "male") == 0 ? SEX_MALE
                                                                                  : SEX_FEMALE,
                               .is_long_term = is_long_term};
    if (call_has(call, "validUntil") == is_long_term) {
        call_field_error(call, "#/validUntil", "is given just where the card has an end",
                         "有期限的证件须填写到期日，长期证件不填");
        return call->err;
    }
    for (size_t i = 0; i < 2; i++) { /* the letter is the person's to fill in */
        const char *name = i == 0 ? "address" : "issuer";
        if (strstr(call_text(call, name), "□") != NULL) {
            call_field_error(call, arena_printf(call->arena, "#/%s", name),
                             "has a letter that could not be read; put it in",
                             "有未能识别的字，请补全");
        }
    }
    if (call->err != ERR_OK) {
        return call->err;
    }
    snprintf(out->name, sizeof out->name, "%s", call_text(call, "name"));
    snprintf(out->address, sizeof out->address, "%s", call_text(call, "address"));
    snprintf(out->issuer, sizeof out->issuer, "%s", call_text(call, "issuer"));
    snprintf(out->number, sizeof out->number, "%s", call_text(call, "idNumber"));
    for (char *c = out->number; *c != '\0'; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
    enum err err = json_get_date(call->body, "birthDate", &out->birth_date);
    err = err ? err : json_get_date(call->body, "validFrom", &out->valid_from);
    return err || is_long_term ? err : json_get_date(call->body, "validUntil", &out->valid_until);
}

struct confirmation_work {
    struct kyc_later later;
    struct kyc_confirmation confirmation;
};

static enum err prepare_confirmation(struct call *call)
{
    struct kyc_fields fields;
    struct confirmation_work *work = arena_zero(call->arena, sizeof *work);
    int64_t retry_at = 0;
    if (work == NULL) {
        return ERR_NO_MEMORY;
    }
    struct kyc_confirmation *c = &work->confirmation;
    call->state = work;
    enum err err = read_confirmed(call, &fields);
    err = err ? err
              : kyc_confirmation_prepare(kyc_room_of(call_house(call)), call_engine(call),
                                         customer_of(call), &fields, c, &retry_at);
    kyc_fields_wipe(&fields);
    if (err) {
        return kyc_refuse_later(&work->later, err, retry_at);
    }
    /* The picture moves into the arena: whatever becomes of the call, it goes with it. */
    struct registry_portrait *portrait = &c->portrait;
    if (portrait->jpeg != NULL) {
        uint8_t *copy = arena_alloc(call->arena, portrait->jpeg_size);
        if (copy != NULL) {
            memcpy(copy, portrait->jpeg, portrait->jpeg_size);
        }
        free(portrait->jpeg);
        portrait->jpeg = copy;
        portrait->jpeg_size = copy != NULL ? portrait->jpeg_size : 0;
    }
    return ERR_OK;
}

static void render_confirmation_check(struct call *call, const char *check, const char *result)
{
    out_open(call, NULL, '{');
    out_text(call, "check", check);
    out_text(call, "result", result);
    out_close(call, '}');
}

static void render_confirmation_checks(struct call *call, const struct kyc_confirmation *c)
{
    static const char *const PORTRAITS[] = {NULL, "passed", "unsure", "unavailable"};
    static const char *const OPERATORS[] = {NULL, "passed", "failed", "unsure", "unavailable"};
    out_open(call, "checks", '[');
    for (size_t i = 0; i < c->evidence.count; i++) {
        const struct check_outcome *check = &c->evidence.checks[i];
        render_confirmation_check(call, identity_check_name(check->check),
                                  check_result_name(check->result));
    }
    if (c->operator!= 0) {
        render_confirmation_check(call, "operator", OPERATORS[c->operator]);
    }
    if (c->portrait.result != 0) {
        render_confirmation_check(call, "registryPortrait", PORTRAITS[c->portrait.result]);
    }
    render_confirmation_check(call, "validity", c->is_validity_odd ? "unsure" : "passed");
    out_close(call, ']');
}

/* Each field that must be as read, at its pointer; or what the registry's checks blame. */
static void explain_refusal(struct call *call, const struct kyc_confirmation *c)
{
    for (int field = 0; field < KYC_FIELD_COUNT; field++) {
        if (c->refused >> field & 1U) {
            call_field_error(call, arena_printf(call->arena, "#/%s", render_field_name(field)),
                             "is not what the ID card says", "与身份证不一致");
        }
    }
    for (size_t i = 0; i < c->evidence.count; i++) {
        const struct check_outcome *check = &c->evidence.checks[i];
        if (check->result == CHECK_FAILED) {
            call_field_error(call, c->evidence.name_refused ? "#/name" : "#/idNumber",
                             check->reason_en, check->reason_zh);
        }
    }
}

static enum err commit_confirmation(struct call *call, struct uow *uow)
{
    const struct confirmation_work *work = call->state;
    const struct kyc_confirmation *c = &work->confirmation;
    struct verdict verdict;
    if (work->later.refusal) {
        return kyc_add_retry(call, work->later.refusal, work->later.retry_at);
    }
    enum err err = kyc_confirmation_commit(kyc_room_of(call_house(call)), uow, c, &verdict);
    if (err) {
        return err;
    }
    if (customer_refused(call, &verdict)) {
        if (verdict.refusal == ERR_IDENTITY_REFUSED) {
            explain_refusal(call, c);
        }
        return ERR_OK;
    }
    out_open(call, NULL, '{');
    err = render_customer_of(call, "customer", uow->conn, customer_of(call)->customer, NULL);
    render_confirmation_checks(call, c);
    render_bits(call, "corrections", c->corrections, render_field_name);
    out_close(call, '}');
    return err;
}

#define VERIFICATION .scope = &customer_scope, .tag = "Verification"

const struct route verification_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/me/verification",
     .operation = "getVerification",
     VERIFICATION,
     .text = "Where the verification stands, layer by layer.",
     .flags = ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_verification,
     .finish = finish_verification},
    {.method = HTTP_PUT,
     .path = "/v1/me/id-pictures/{side}",
     .operation = "putIdPicture",
     VERIFICATION,
     .text = "Gives a picture of a side of the ID card (front, back) and answers what was read.",
     .flags = ROUTE_LIMITED | ROUTE_LIMITED_FACELESS | ROUTE_SLOW | ROUTE_NO_STEP | ROUTE_PICTURE,
     .status = 200,
     .answer = &schema_id_picture,
     .finish = finish_id_picture},
    {.method = HTTP_POST,
     .path = "/v1/me/id-confirmation",
     .operation = "confirmIdentity",
     VERIFICATION,
     .text = "Confirms what was read; the registry and the phone operator are asked.",
     .flags =
         ROUTE_LIMITED | ROUTE_LIMITED_FACELESS | ROUTE_SLOW | ROUTE_NO_STEP | ROUTE_IDEMPOTENT,
     .body = confirmation_body,
     .status = 200,
     .answer = &schema_confirmation,
     .prepare = prepare_confirmation,
     .commit = commit_confirmation},
    {.path = NULL}};
