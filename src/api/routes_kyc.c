/* Verification: pictures of the ID card, what is confirmed, face checks, places, the way of review. */
#include "api/render_kyc.h"
#include "api/routes.h"
#include "api/schemas_kyc.h"
#include "customer/customer_api.h"

#include <ctype.h>
#include <string.h>

/* --- Verification ----------------------------------------------------------------------------- */

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

/* --- Pictures of the ID card ------------------------------------------------------------------ */

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
static enum err tell_retry(struct call *call, enum err err, int64_t retry_at)
{
    if (err == ERR_TOO_MANY_REQUESTS && retry_at != 0) {
        call_retry_at(call, retry_at);
    }
    return err;
}

/* A repeat under its key is to find its first answer, also where a limit is reached or the check is
 * over by now: what prepare refused is said by commit, which looks for that answer first. */
struct later {
    enum err refusal;
    int64_t retry_at;
};

static enum err refuse_later(struct later *later, enum err err, int64_t retry_at)
{
    if (err == ERR_TOO_MANY_REQUESTS || err == ERR_FACE_CHECK_OVER) {
        *later = (struct later){err, retry_at};
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
        return tell_retry(call, err, retry_at);
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

/* --- Confirmation ----------------------------------------------------------------------------- */

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
    struct later later;
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
        return refuse_later(&work->later, err, retry_at);
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
        return tell_retry(call, work->later.refusal, work->later.retry_at);
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

/* --- Face checks ------------------------------------------------------------------------------ */

static const struct field face_check_body[] = {
    FIELD_MUST("purpose", FIELD_ENUM, .values = values_face_purpose), FIELD_END};

static enum face_purpose purpose_of(const struct call *call)
{
    enum face_purpose purpose = FACE_OPENING;
    (void)face_purpose_parse(call_text(call, "purpose"), &purpose);
    return purpose;
}

static enum err prepare_face_check(struct call *call)
{
    struct later *later = arena_zero(call->arena, sizeof *later);
    int64_t retry_at = 0;
    if (later == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = later;
    enum err err = face_check_prepare(kyc_room_of(call_house(call)), call_engine(call),
                                      customer_of(call), purpose_of(call), &retry_at);
    return refuse_later(later, err, retry_at);
}

static enum err commit_face_check(struct call *call, struct uow *uow)
{
    const struct later *later = call->state;
    struct face_check check;
    struct verdict verdict;
    if (later->refusal) {
        return tell_retry(call, later->refusal, later->retry_at);
    }
    enum err err = face_check_open(kyc_room_of(call_house(call)), uow, customer_of(call),
                                   purpose_of(call), &check, &verdict);
    if (!err && !customer_refused(call, &verdict)) {
        render_face_check(call, NULL, &check);
    }
    return err;
}

static enum err finish_face_check(struct call *call)
{
    struct face_check check;
    struct db_conn *conn;
    int64_t id;
    enum err err = call_path_id(call, 0, &id);
    err = err ? err : engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    err = face_check_load(conn, customer_of(call)->customer, id, call->now_us, &check);
    engine_read_end(call_engine(call), conn);
    if (!err) {
        render_face_check(call, NULL, &check);
    }
    return err;
}

struct frame_work {
    struct kyc_room *room;
    struct face_frame frame;
    struct verdict verdict;
};

static enum err keep_frame(struct uow *uow, void *context)
{
    struct frame_work *work = context;
    return face_frame_commit(work->room, uow, &work->frame, &work->verdict);
}

static const char *quality_text(enum face_quality quality, enum lang lang)
{
    static const char *const TEXTS[][2] = {
        [FACE_GOOD] = {"Good.", "照片合格。"},
        [FACE_NONE] = {"No face was found. Look into the camera.", "未找到人脸，请正对摄像头。"},
        [FACE_SEVERAL] = {"There is more than one face. Be alone before the camera.",
                          "画面中有多张人脸，请独自面对摄像头。"},
        [FACE_SMALL] = {"Come closer.", "请靠近一些。"},
        [FACE_TURNED] = {"Look straight into the camera.", "请正视摄像头。"},
        [FACE_DARK] = {"It is too dark. Turn towards the light.", "光线太暗，请面向光源。"},
        [FACE_BRIGHT] = {"It is too bright. Turn away from the light.", "光线太强，请避开强光。"},
        [FACE_BLURRED] = {"The picture is blurred. Hold still and clean the lens.",
                          "照片模糊，请保持稳定并清洁镜头。"},
        [FACE_COVERED] = {"Eyes or mouth cannot be seen. Take off mask and sunglasses.",
                          "眼睛或嘴部被遮挡，请摘下口罩和墨镜。"},
    };
    return TEXTS[quality][lang];
}

static enum err answer_frame(struct call *call, const struct frame_work *work)
{
    const struct face_frame *frame = &work->frame;
    if (customer_refused(call, &work->verdict)) {
        if (work->verdict.refusal == ERR_FACE_QUALITY) {
            call_member_text(call, "quality", face_quality_name(frame->quality));
            call_member_text(call, "hint", quality_text(frame->quality, call->lang));
        }
        return work->verdict.refusal;
    }
    out_open(call, NULL, '{');
    out_int(call, "frame", frame->number);
    out_text(call, "quality", "good");
    out_bilingual(call, "text", quality_text(FACE_GOOD, LANG_EN), quality_text(FACE_GOOD, LANG_ZH));
    out_close(call, '}');
    return ERR_OK;
}

/* A challenge belongs to the session that opened it: another one of the customer, which may be a stranger's
 * with a text code alone, neither fills nor ends it. */
static enum err check_opener(struct call *call, int64_t id)
{
    struct face_check check;
    struct db_conn *conn;
    enum err err = engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    err = face_check_load(conn, customer_of(call)->customer, id, call->now_us, &check);
    engine_read_end(call_engine(call), conn);
    bool is_other = !err && check.session.value != customer_of(call)->session.value;
    return is_other ? ERR_NOT_FOUND : err;
}

static enum err finish_frame(struct call *call)
{
    const char *number = call_path_text(call, 1);
    struct frame_work *work = arena_zero(call->arena, sizeof *work);
    size_t size = 0;
    int64_t id;
    enum err err = call_path_id(call, 0, &id);
    if (err || strlen(number) != 1 || number[0] < '0' || number[0] > '3') {
        return ERR_NOT_FOUND;
    }
    if (work == NULL) {
        return ERR_NO_MEMORY;
    }
    work->room = kyc_room_of(call_house(call));
    err = check_opener(call, id);
    if (err) {
        return err;
    }
    const void *bytes = call_picture(call, &size);
    err = face_frame_prepare(work->room, call_engine(call), customer_of(call)->customer, id,
                             number[0] - '0', bytes, size, &work->frame);
    if (err) {
        return err;
    }
    err = engine_run(call_engine(call), keep_frame, work);
    err = err ? err : answer_frame(call, work);
    face_frame_release(&work->frame);
    return err;
}

struct completion_work {
    struct later later;
    struct face_completion completion;
};

static enum err prepare_completion(struct call *call)
{
    struct completion_work *work = arena_zero(call->arena, sizeof *work);
    int64_t id;
    enum err err = call_path_id(call, 0, &id);
    if (err || work == NULL) {
        return err ? err : ERR_NO_MEMORY;
    }
    call->state = work;
    err = check_opener(call, id);
    if (err) {
        return err;
    }
    err = face_completion_prepare(kyc_room_of(call_house(call)), call_engine(call),
                                  customer_of(call)->customer, id, &work->completion);
    return refuse_later(&work->later, err, 0);
}

static enum err commit_completion(struct call *call, struct uow *uow)
{
    struct face_check check;
    const struct completion_work *work = call->state;
    if (work->later.refusal) {
        return work->later.refusal;
    }
    enum err err =
        face_completion_commit(kyc_room_of(call_house(call)), uow, &work->completion, &check);
    if (!err) {
        render_face_check(call, NULL, &check);
    }
    return err;
}

static enum err finish_completion(struct call *call)
{
    struct completion_work *work = call->state;
    session_forget(customer_room_of(call_house(call)), customer_of(call)->session);
    session_forget(customer_room_of(call_house(call)), work->completion.check.session);
    face_completion_wipe(&work->completion);
    return ERR_OK;
}

/* --- Place ------------------------------------------------------------------------------------ */

static bool is_degrees(const char *text)
{
    int64_t e6;
    return place_degrees_parse(text, 999, &e6) == ERR_OK;
}

#define FIELD_DEGREES(name_, text_)                                                                \
    FIELD_MUST(name_, FIELD_TEXT, .min = 1, .max = 12,                                             \
               .pattern = "^-?[0-9]{1,3}(\\.[0-9]{1,7})?$", .check = is_degrees, .text = text_)

static const struct field place_body[] = {
    FIELD_DEGREES("latitude", "degrees north, -90 to 90"),
    FIELD_DEGREES("longitude", "degrees east, -180 to 180"),
    FIELD_MUST("accuracyMeters", FIELD_INT, .min = 0, .max = 1000000,
               .text = "as the device states it; 0 is as good as exact"),
    FIELD_END};

static enum err prepare_place(struct call *call)
{
    struct kyc_place *place = arena_zero(call->arena, sizeof *place);
    int64_t retry_at = 0;
    if (place == NULL) {
        return ERR_NO_MEMORY;
    }
    place->customer = customer_of(call)->customer;
    place->is_strangers = kyc_is_stranger(customer_of(call));
    place->accuracy_m = (int)call_int(call, "accuracyMeters", 0);
    snprintf(place->ip, sizeof place->ip, "%s", http_remote(call->request));
    if (place_degrees_parse(call_text(call, "latitude"), 90, &place->latitude_e6)) {
        call_field_error(call, "#/latitude", "is out of range", "超出范围");
    }
    if (place_degrees_parse(call_text(call, "longitude"), 180, &place->longitude_e6)) {
        call_field_error(call, "#/longitude", "is out of range", "超出范围");
    }
    if (call->err) {
        return call->err;
    }
    call->state = place;
    enum err err =
        kyc_place_prepare(kyc_room_of(call_house(call)), call_engine(call), place, &retry_at);
    return tell_retry(call, err, retry_at);
}

static enum err commit_place(struct call *call, struct uow *uow)
{
    const struct kyc_place *place = call->state;
    struct verdict verdict;
    enum err err = kyc_place_commit(kyc_room_of(call_house(call)), uow, place, &verdict);
    if (!err && !customer_refused(call, &verdict)) {
        render_place(call, place);
    }
    return err;
}

static enum err commit_declined(struct call *call, struct uow *uow)
{
    struct kyc_place place = {.customer = customer_of(call)->customer,
                              .is_strangers = kyc_is_stranger(customer_of(call)),
                              .is_declined = true,
                              .state = PLACE_UNSURE};
    struct verdict verdict;
    enum err err = kyc_place_commit(kyc_room_of(call_house(call)), uow, &place, &verdict);
    if (!err && !customer_refused(call, &verdict)) {
        render_place(call, &place);
    }
    return err;
}

/* --- The way of review ------------------------------------------------------------------------ */

static enum err finish_slots(struct call *call)
{
    struct db_conn *conn;
    int64_t slots[KYC_SLOTS_MAX];
    size_t count = 0;
    enum err err = engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    err = kyc_slots(kyc_room_of(call_house(call)), conn, call->now_us,
                    engine_zone(call_engine(call)), slots, &count);
    engine_read_end(call_engine(call), conn);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; !err && i < count; i++) {
        out_open(call, NULL, '{');
        out_instant(call, "startsAt", slots[i]);
        out_close(call, '}');
    }
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static const struct field path_body[] = {
    FIELD_MUST("path", FIELD_ENUM, .values = values_case_path),
    FIELD_MAY("appointmentAt", FIELD_INSTANT, .text = "a start of a free video call; video only"),
    FIELD_END};

static enum err commit_path(struct call *call, struct uow *uow)
{
    enum case_path path = CASE_WAIT;
    int64_t at = 0;
    const char *text = call_text(call, "appointmentAt");
    enum err err = case_path_parse(call_text(call, "path"), &path);
    err = err || text == NULL ? err : instant_parse(text, &at);
    if (err) {
        return err;
    }
    err =
        kyc_path_choose(kyc_room_of(call_house(call)), uow, customer_of(call)->customer, path, at);
    if (err == ERR_INVALID_FIELD) {
        call_field_error(call, "#/appointmentAt",
                         "must be the start of a video call of ours, and is for video only",
                         "须为本行视频时段的开始时间，且仅用于视频核实");
    }
    return err ? err : render_verification(call, uow->conn, customer_of(call)->customer);
}

/* --- Table ------------------------------------------------------------------------------------ */

#define VERIFICATION .scope = &customer_scope, .tag = "Verification"

const struct route routes_kyc[] = {
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
    {.method = HTTP_POST,
     .path = "/v1/face-checks",
     .operation = "openFaceCheck",
     VERIFICATION,
     .text = "Begins a challenge before the camera; an open one ends.",
     .flags = ROUTE_LIMITED | ROUTE_SLOW | ROUTE_NO_STEP | ROUTE_IDEMPOTENT,
     .body = face_check_body,
     .status = 201,
     .answer = &schema_face_check,
     .prepare = prepare_face_check,
     .commit = commit_face_check},
    {.method = HTTP_GET,
     .path = "/v1/face-checks/{faceCheckId}",
     .operation = "getFaceCheck",
     VERIFICATION,
     .text = "A challenge and what became of it.",
     .flags = ROUTE_LIMITED | ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_face_check,
     .finish = finish_face_check},
    {.method = HTTP_PUT,
     .path = "/v1/face-checks/{faceCheckId}/frames/{frame}",
     .operation = "putFaceFrame",
     VERIFICATION,
     .text = "Gives a frame of a challenge: 0 looking straight, 1 to 3 the actions in their order.",
     .flags = ROUTE_LIMITED | ROUTE_SLOW | ROUTE_NO_STEP | ROUTE_PICTURE,
     .status = 200,
     .answer = &schema_face_frame,
     .finish = finish_frame},
    {.method = HTTP_POST,
     .path = "/v1/face-checks/{faceCheckId}/completion",
     .operation = "completeFaceCheck",
     VERIFICATION,
     .text = "Judges the frames and compares the face.",
     .flags = ROUTE_LIMITED | ROUTE_SLOW | ROUTE_NO_STEP | ROUTE_IDEMPOTENT,
     .status = 200,
     .answer = &schema_face_check,
     .prepare = prepare_completion,
     .commit = commit_completion,
     .finish = finish_completion},
    {.method = HTTP_PUT,
     .path = "/v1/me/place",
     .operation = "putPlace",
     VERIFICATION,
     .text = "Says where the device is.",
     .flags = ROUTE_LIMITED | ROUTE_LIMITED_FACELESS | ROUTE_SLOW | ROUTE_NO_STEP,
     .body = place_body,
     .status = 200,
     .answer = &schema_place,
     .prepare = prepare_place,
     .commit = commit_place},
    {.method = HTTP_POST,
     .path = "/v1/me/place/declined",
     .operation = "declinePlace",
     VERIFICATION,
     .text = "Does not say where the device is: a person at the bank decides.",
     .flags = ROUTE_LIMITED | ROUTE_LIMITED_FACELESS | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_place,
     .commit = commit_declined},
    {.method = HTTP_GET,
     .path = "/v1/video-slots",
     .operation = "listVideoSlots",
     VERIFICATION,
     .text = "Video calls with a free seat, soonest first.",
     .flags = ROUTE_LIMITED | ROUTE_LIMITED_FACELESS | ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_slot_list,
     .finish = finish_slots},
    {.method = HTTP_POST,
     .path = "/v1/me/verification/path",
     .operation = "chooseReviewPath",
     VERIFICATION,
     .text = "Chooses how a person looks at it: wait, a video call, or a counter.",
     .flags = ROUTE_LIMITED | ROUTE_LIMITED_FACELESS | ROUTE_NO_STEP,
     .body = path_body,
     .status = 200,
     .answer = &schema_verification,
     .commit = commit_path},
    {.path = NULL}};
