/* Checks of a face. */
#include "customer/customer_api.h"
#include "kyc/kyc_api.h"
#include "kyc/kyc_routes.h"

#include <string.h>

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
    struct kyc_later *later = arena_zero(call->arena, sizeof *later);
    int64_t retry_at = 0;
    if (later == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = later;
    enum err err = face_check_prepare(kyc_room_of(call_house(call)), call_engine(call),
                                      customer_of(call), purpose_of(call), &retry_at);
    return kyc_refuse_later(later, err, retry_at);
}

static enum err commit_face_check(struct call *call, struct uow *uow)
{
    const struct kyc_later *later = call->state;
    struct face_check check;
    struct verdict verdict;
    if (later->refusal) {
        return kyc_add_retry(call, later->refusal, later->retry_at);
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
    struct kyc_later later;
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
    return kyc_refuse_later(&work->later, err, 0);
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

#define VERIFICATION .scope = &customer_scope, .tag = "Verification"

const struct route face_routes[] = {
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
    {.path = NULL}};
