/* Verification and review as JSON. */
#include "kyc/kyc_render.h"

#include "customer/customer_api.h"

#include <string.h>

#define ATTEMPTS_SHOWN 50

/* --- Parts ------------------------------------------------------------------------------------ */

const char *render_finding_name(int bit)
{
    return kyc_finding_name((enum card_finding)(1 << bit));
}

const char *render_field_name(int bit)
{
    return kyc_field_name((enum kyc_field)bit);
}

static const char *place_name(int bit)
{
    return place_finding_name((enum place_finding)(1 << bit));
}

static const char *reason_name(int bit)
{
    return case_reason_name((enum case_reason)bit);
}

void render_bits(struct call *call, const char *name, uint32_t bits, render_bit_name *name_of)
{
    out_open(call, name, '[');
    for (int bit = 0; bit < 31; bit++) {
        if (bits >> bit & 1U) {
            out_text(call, NULL, name_of(bit));
        }
    }
    out_close(call, ']');
}

static void optional_date(struct call *call, const char *name, struct date value)
{
    if (value.days != 0) {
        out_date(call, name, value);
    }
}

void render_card_fields(struct call *call, const char *name, const struct kyc_fields *fields)
{
    out_open(call, name, '{');
    out_optional_text(call, "name", fields->name);
    if (fields->sex >= 0) {
        out_text(call, "sex", fields->sex == SEX_MALE ? "male" : "female");
    }
    out_optional_text(call, "nation", fields->nation);
    optional_date(call, "birthDate", fields->birth_date);
    out_optional_text(call, "address", fields->address);
    out_optional_text(call, "idNumber", fields->number);
    out_optional_text(call, "issuer", fields->issuer);
    optional_date(call, "validFrom", fields->valid_from);
    if (fields->valid_from.days != 0) {
        optional_date(call, "validUntil", fields->valid_until);
        out_bool(call, "isLongTerm", fields->is_long_term);
    }
    out_close(call, '}');
}

/* --- Verification ----------------------------------------------------------------------------- */

/* When consent to what a layer rests on was withdrawn; 0: never. */
struct withdrawals {
    int64_t biometrics, location;
};

static bool is_erased(const struct kyc_verification *v, enum kyc_layer layer,
                      const struct withdrawals *w)
{
    int64_t at = layer == KYC_FACE ? w->biometrics : layer == KYC_PLACE ? w->location : 0;
    return at != 0 && v->layers[layer].at <= at;
}

static void render_layer(struct call *call, const struct kyc_verification *v, enum kyc_layer layer,
                         const struct withdrawals *w)
{
    out_open(call, NULL, '{');
    out_text(call, "layer", kyc_layer_name(layer));
    out_text(call, "state", kyc_state_name(v->layers[layer].state));
    out_optional_instant(call, "at", v->layers[layer].at);
    if (v->layers[layer].state == KYC_STATE_UNSURE) {
        if (layer == KYC_REGISTRY || layer == KYC_OPERATOR) {
            out_bilingual(call, "text", "There is no answer yet; nothing is needed from you.",
                          "尚未得到答复，您无需操作。");
        } else {
            out_bilingual(call, "text", "A person at the bank looks at it.",
                          "将由银行工作人员审核。");
        }
    } else if (v->layers[layer].state == KYC_STATE_FAILED) {
        out_bilingual(call, "text", "This did not pass. Try again, or choose another way.",
                      "未通过，请重试或选择其他方式。");
    } else if (v->layers[layer].state == KYC_STATE_PASSED && is_erased(v, layer, w)) {
        out_bilingual(call, "text",
                      "This passed then. What was kept of it is erased, as you withdrew your "
                      "consent.",
                      "当时已通过。您撤回授权后，相关资料已删除。");
    }
    out_close(call, '}');
}

static void render_review(struct call *call, const struct kyc_verification *v)
{
    out_open(call, "review", '{');
    out_id(call, "caseId", v->case_id);
    out_text(call, "state", case_state_name(v->case_state, v->case_is_claimed));
    out_instant(call, "openedAt", v->opened_at);
    out_instant(call, "expectedBy", v->due_at);
    out_text(call, "path", case_path_name(v->path));
    out_optional_instant(call, "appointmentAt", v->appointment_at);
    if (v->case_state == CASE_REFUSED) {
        out_bilingual(call, "text",
                      "It could not be confirmed. You may come to a counter with your ID card.",
                      "未能确认，您可携带身份证到柜台办理。");
    } else if (v->case_state != CASE_APPROVED) {
        out_bilingual(call, "text", "A person at the bank looks at it and answers by then.",
                      "银行工作人员正在审核，将在预计时间前答复。");
    }
    out_close(call, '}');
}

enum err render_verification(struct call *call, struct db_conn *conn, struct customer_id customer)
{
    struct kyc_verification v;
    struct withdrawals w;
    enum err err =
        kyc_verification_load(kyc_room_of(call_house(call)), conn, customer, call->now_us, &v);
    err = err ? err
              : kyc_attempts_left(kyc_room_of(call_house(call)), conn, customer_of(call),
                                  call->now_us, &v.attempts);
    err = err ? err : consent_withdrawn_at(conn, customer, "biometrics", &w.biometrics);
    err = err ? err : consent_withdrawn_at(conn, customer, "location", &w.location);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_text(call, "level", kyc_level_name(v.level));
    out_text(call, "state", kyc_standing_name(v.standing));
    out_bool(call, "layersRequired",
             customer_room_layers_required(customer_room_of(call_house(call)),
                                           engine_civil_date(call_engine(call), call->now_us)));
    out_open(call, "layers", '[');
    for (int layer = 0; layer < KYC_LAYER_COUNT; layer++) {
        render_layer(call, &v, (enum kyc_layer)layer, &w);
    }
    out_close(call, ']');
    if (v.has_document) {
        if (!v.is_long_term) {
            out_date(call, "documentValidUntil", v.document_until);
        }
        out_bool(call, "isLongTerm", v.is_long_term);
    }
    if (v.has_case) {
        render_review(call, &v);
    }
    out_open(call, "attempts", '{');
    out_int(call, "leftNow", v.attempts.now);
    out_int(call, "leftToday", v.attempts.today);
    out_optional_instant(call, "retryAt", v.attempts.retry_at);
    out_close(call, '}');
    out_close(call, '}');
    return ERR_OK;
}

void render_face_check(struct call *call, const char *name, const struct face_check *check)
{
    out_open(call, name, '{');
    out_id(call, "faceCheckId", check->id);
    out_text(call, "purpose", face_purpose_name(check->purpose));
    out_text(call, "state", face_state_name(check->state));
    out_open(call, "actions", '[');
    for (int i = 0; i < LIVE_STEPS; i++) {
        out_text(call, NULL, live_action_name(check->actions[i]));
    }
    out_close(call, ']');
    out_instant(call, "expiresAt", check->expires_at);
    out_open(call, "framesDone", '[');
    for (int i = 0; i <= LIVE_STEPS; i++) {
        if (check->is_frame_done[i]) {
            out_int(call, NULL, i);
        }
    }
    out_close(call, ']');
    if (check->reason != FACE_REASON_NONE) {
        out_bilingual(call, "text", face_reason_text(check->reason, LANG_EN),
                      face_reason_text(check->reason, LANG_ZH));
    }
    out_optional_instant(call, "faceUntil", check->face_until);
    if (check->case_id != 0) {
        out_id(call, "caseId", check->case_id);
    }
    out_close(call, '}');
}

void render_place(struct call *call, const struct kyc_place *place)
{
    const struct region *region =
        place->region[0] != '\0' ? regions_find(call_house(call)->regions, place->region) : NULL;
    out_open(call, NULL, '{');
    out_text(call, "state", place_state_name(place->state));
    if (region != NULL) {
        out_bilingual(call, "region",
                      region->name_en[0] != '\0' ? region->name_en : region->name_zh,
                      region->name_zh);
    }
    render_bits(call, "findings", place->findings, place_name);
    if (place->state == PLACE_UNSURE) {
        out_bilingual(call, "text", "A person at the bank looks at it and answers within a day.",
                      "将由银行工作人员审核，一天内给出结果。");
    } else if (place->state == PLACE_REFUSED) {
        out_bilingual(call, "text",
                      "The bank serves mainland China. Try again from there, or choose a counter.",
                      "本行服务区域为中国大陆，请在服务区域内重试或选择柜台办理。");
    }
    out_close(call, '}');
}

/* --- Review ----------------------------------------------------------------------------------- */

enum err render_case(struct call *call, const char *name, struct db_conn *conn,
                     const struct kyc_case *row)
{
    struct customer customer;
    struct staff_claim claim;
    enum err err =
        customer_load(customer_room_of(call_house(call)), conn, row->customer, &customer);
    if (err) {
        return err;
    }
    err = staff_claim_load(conn, KYC_QUEUE, row->id, call->now_us, &claim);
    bool is_claimed = err == ERR_OK;
    if (err && err != ERR_NOT_FOUND) {
        return err;
    }
    out_open(call, name, '{');
    out_id(call, "caseId", row->id);
    out_text(call, "kind", "identity");
    out_id(call, "customerId", row->customer.value);
    out_text(call, "name", customer.name[0] != '\0' ? customer.name : NULL);
    render_bits(call, "reasons", row->reasons, reason_name);
    out_text(call, "state", case_state_name(row->state, is_claimed));
    out_text(call, "path", case_path_name(row->path));
    out_instant(call, "appointmentAt", row->appointment_at);
    out_instant(call, "openedAt", row->opened_at);
    out_instant(call, "dueAt", row->due_at);
    out_bool(call, "isOverdue", row->state <= CASE_SECOND && row->due_at < call->now_us);
    if (is_claimed) {
        out_text(call, "claimedBy", claim.login);
        out_instant(call, "claimUntil", claim.until);
    }
    out_bool(call, "needsSecond", row->needs_second);
    out_close(call, '}');
    return ERR_OK;
}

static bool list_picture(const struct kyc_picture *picture, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_id(call, "pictureId", picture->id);
    out_text(call, "kind", picture_kind_name(picture->kind));
    out_instant(call, "at", picture->at);
    out_instant(call, "expiresAt", picture->expires_at);
    out_close(call, '}');
    return true;
}

static bool list_check(const struct kyc_check_row *row, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_text(call, "check", kyc_check_name(row->check));
    out_text(call, "result", kyc_result_name(row->result));
    if (row->score >= 0) {
        out_int(call, "score", row->score);
    }
    if (row->threshold >= 0) {
        out_int(call, "threshold", row->threshold);
    }
    if (row->band != 0) {
        out_text(call, "band", face_band_name((enum face_band)row->band));
    }
    out_text(call, "version", row->version);
    out_instant(call, "at", row->at);
    out_close(call, '}');
    return true;
}

static bool list_identity_check(const struct check_row *row, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_text(call, "check", identity_check_name(row->check));
    out_text(call, "result", check_result_name(row->result));
    out_text(call, "version", row->version);
    out_instant(call, "at", row->at);
    out_close(call, '}');
    return true;
}

static bool list_device(const struct device *device, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_text(call, "name", device->name);
    out_instant(call, "firstSeenAt", device->first_seen_at);
    out_instant(call, "lastSeenAt", device->last_seen_at);
    out_int(call, "persons", device->persons);
    out_close(call, '}');
    return true;
}

static bool list_attempt(const struct kyc_attempt_row *row, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_instant(call, "at", row->at);
    out_text(call, "kind", kyc_attempt_name(row->kind));
    out_text(call, "result", row->result);
    out_close(call, '}');
    return true;
}

static bool list_decision(const struct kyc_decision_row *row, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_text(call, "by", row->login);
    out_instant(call, "at", row->at);
    out_text(call, "decision", row->is_approval ? "approve" : "refuse");
    out_text(call, "reason", decision_reason_name(row->reason));
    out_text(call, "note", row->note);
    out_close(call, '}');
    return true;
}

static enum err file_fields(struct call *call, struct db_conn *conn, struct customer_id id)
{
    const struct kyc_room *room = kyc_room_of(call_house(call));
    struct kyc_fields fields = {.sex = -1};
    uint32_t corrections = 0;
    enum err err = kyc_read_load(room, conn, id, &fields);
    if (err && err != ERR_NOT_FOUND) {
        return err;
    }
    render_card_fields(call, "read", &fields);
    fields = (struct kyc_fields){.sex = -1};
    err = kyc_confirmed_load(room, conn, id, &fields, &corrections);
    if (err && err != ERR_NOT_FOUND) {
        return err;
    }
    render_card_fields(call, "confirmed", &fields);
    kyc_fields_wipe(&fields);
    return ERR_OK;
}

static enum err file_history(struct call *call, struct db_conn *conn, struct customer_id id)
{
    struct security_overview overview;
    out_open(call, "history", '{');
    out_open(call, "devices", '[');
    enum err err = device_each(conn, id, list_device, call);
    out_close(call, ']');
    out_open(call, "attempts", '[');
    err = err ? err : kyc_attempts_each(conn, id, ATTEMPTS_SHOWN, list_attempt, call);
    out_close(call, ']');
    err = err ? err : security_overview_load(conn, id, &overview);
    if (!err) {
        out_optional_instant(call, "phoneChangedAt", overview.phone_changed_at);
    }
    out_close(call, '}');
    return err;
}

static enum err file_same_faces(struct call *call, struct db_conn *conn, int64_t case_id)
{
    struct same_face faces[SAME_FACES_MAX];
    size_t count = 0;
    enum err err = kyc_same_faces(conn, case_id, faces, &count);
    out_open(call, "sameFace", '[');
    for (size_t i = 0; i < count; i++) {
        out_open(call, NULL, '{');
        out_id(call, "customerId", faces[i].customer.value);
        out_int(call, "score", faces[i].score_ppm);
        out_close(call, '}');
    }
    out_close(call, ']');
    return err;
}

enum err render_case_file(struct call *call, struct db_conn *conn, const struct kyc_case *row)
{
    struct customer_id id = row->customer;
    out_open(call, NULL, '{');
    enum err err = render_case(call, "case", conn, row);
    err = err ? err : render_customer_of(call, "customer", conn, id, NULL);
    out_open(call, "pictures", '[');
    err = err ? err : kyc_pictures_each(conn, id, list_picture, call);
    out_close(call, ']');
    err = err ? err : file_fields(call, conn, id);
    out_open(call, "checks", '[');
    err = err ? err : kyc_checks_each(conn, id, list_check, call);
    err = err ? err : identity_checks_each(conn, id, list_identity_check, call);
    out_close(call, ']');
    err = err ? err : file_history(call, conn, id);
    err = err ? err : file_same_faces(call, conn, row->id);
    out_open(call, "decisions", '[');
    err =
        err ? err
            : kyc_decisions_each(kyc_room_of(call_house(call)), conn, row->id, list_decision, call);
    out_close(call, ']');
    out_close(call, '}');
    return err;
}
