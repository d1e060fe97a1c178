/* Names of the room's enumerations in JSON and in the console. */
#include "base/check.h"
#include "kyc/kyc.h"

#include <string.h>

/* The name at an index; CHECK if the table has none. */
static const char *name_at(const char *const *names, size_t count, size_t index)
{
    CHECK(index < count && names[index] != NULL);
    return names[index];
}
#define NAME_AT(names, index) name_at(names, sizeof(names) / sizeof((names)[0]), (size_t)(index))

/* ERR_INVALID_FIELD if the text is not one of the names. */
static enum err index_of(const char *const *names, size_t count, const char *text, int *out)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i] != NULL && strcmp(names[i], text) == 0) {
            *out = (int)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

const char *kyc_check_name(enum kyc_check check)
{
    static const char *const NAMES[KYC_CHECK_COUNT] = {
        [KYC_CHECK_CARD_FRONT] = "cardFront",       [KYC_CHECK_CARD_BACK] = "cardBack",
        [KYC_CHECK_CONFIRMATION] = "confirmation",  [KYC_CHECK_VALIDITY] = "validity",
        [KYC_CHECK_OPERATOR] = "operator",          [KYC_CHECK_PORTRAIT] = "registryPortrait",
        [KYC_CHECK_LIVENESS] = "liveness",          [KYC_CHECK_FACE_CARD] = "faceCard",
        [KYC_CHECK_FACE_REGISTRY] = "faceRegistry", [KYC_CHECK_FACE_ACCEPTED] = "faceAccepted",
        [KYC_CHECK_SAME_FACE] = "sameFace",         [KYC_CHECK_PLACE] = "place",
    };
    return NAME_AT(NAMES, check);
}

const char *kyc_result_name(enum kyc_result result)
{
    static const char *const NAMES[] = {
        NULL, "passed", "failed", "unavailable", "unsure",
    };
    return NAME_AT(NAMES, result);
}

const char *kyc_level_name(enum kyc_level level)
{
    static const char *const NAMES[] = {"none", "basic", "verified"};
    return NAME_AT(NAMES, level);
}

const char *kyc_standing_name(enum kyc_standing standing)
{
    static const char *const NAMES[] = {"incomplete", "review", "verified", "refused"};
    return NAME_AT(NAMES, standing);
}

const char *kyc_layer_name(enum kyc_layer layer)
{
    static const char *const NAMES[KYC_LAYER_COUNT] = {
        "idFront", "idBack", "confirmation", "registry", "operator", "face", "place"};
    return NAME_AT(NAMES, layer);
}

const char *kyc_state_name(enum kyc_state state)
{
    static const char *const NAMES[] = {"todo", "passed", "unsure", "failed"};
    return NAME_AT(NAMES, state);
}

static const char *const PATHS[] = {NULL, "wait", "video", "counter"};

const char *case_path_name(enum case_path path)
{
    return NAME_AT(PATHS, path);
}

enum err case_path_parse(const char *text, enum case_path *out)
{
    int index = 0;
    enum err err = index_of(PATHS, sizeof PATHS / sizeof PATHS[0], text, &index);
    if (err == ERR_OK) {
        *out = (enum case_path)index;
    }
    return err;
}

const char *picture_kind_name(enum picture_kind kind)
{
    static const char *const NAMES[PICTURE_KIND_COUNT] = {
        NULL,     "idFront", "idBack", "cardPortrait", "registryPortrait",
        "selfie", "frame1",  "frame2", "frame3"};
    return NAME_AT(NAMES, kind);
}

const char *kyc_field_name(enum kyc_field field)
{
    static const char *const NAMES[KYC_FIELD_COUNT] = {
        "name", "sex", "birthDate", "address", "idNumber", "issuer", "validFrom", "validUntil"};
    return NAME_AT(NAMES, field);
}

const char *kyc_finding_name(enum card_finding finding)
{
    static const char *const NAMES[CARD_FINDING_COUNT] = {
        "screen", "copy", "glare", "blurred", "small", "cut", "edited", "number", "mismatch"};
    int index = 0;
    while (index < CARD_FINDING_COUNT && 1 << index != (int)finding) {
        index++;
    }
    return NAME_AT(NAMES, index);
}

static const char *const PURPOSES[] = {NULL, "opening", "card", "stepUp"};

const char *face_purpose_name(enum face_purpose purpose)
{
    return NAME_AT(PURPOSES, purpose);
}

enum err face_purpose_parse(const char *text, enum face_purpose *out)
{
    int index = 0;
    enum err err = index_of(PURPOSES, sizeof PURPOSES / sizeof PURPOSES[0], text, &index);
    if (err == ERR_OK) {
        *out = (enum face_purpose)index;
    }
    return err;
}

const char *face_state_name(enum face_state state)
{
    static const char *const NAMES[] = {NULL, "open", "accepted", "unsure", "refused", "expired"};
    return NAME_AT(NAMES, state);
}

const char *face_reason_text(enum face_reason reason, enum lang lang)
{
    static const char *const TEXTS[FACE_REASON_COUNT][2] = {
        [FACE_REASON_NONE] = {"", ""},
        [FACE_REASON_WRONG_ACTION] = {"One of the pictures does not show what was asked. Please "
                                      "begin again and follow the words on the screen.",
                                      "有照片与要求的动作不符，请重新开始并按屏幕提示操作。"},
        [FACE_REASON_STILL] = {"The pictures repeat each other. Please begin again before the "
                               "camera, live.",
                               "照片内容重复，请面对摄像头重新开始。"},
        [FACE_REASON_SPOOF] = {"This looks like a screen or a print. Please begin again with your "
                               "own face before the camera, or choose another way.",
                               "疑似屏幕或打印照片，请本人面对摄像头重新开始，或选择其他方式。"},
        [FACE_REASON_OTHER_PERSON] = {"The pictures show different people. Please begin again, "
                                      "alone before the camera.",
                                      "照片中不是同一人，请独自面对摄像头重新开始。"},
        [FACE_REASON_NOT_ALIKE] =
            {"The face does not match the one that we know. Try again in good "
             "light, or choose a video call or a counter.",
             "人脸与留存照片不一致，请在光线充足处重试，或选择视频、柜台核实。"},
        [FACE_REASON_REPLAYED] =
            {"One of the pictures was shown before. Please begin again before "
             "the camera. A person at the bank looks at it, too.",
             "其中有图片此前已使用过。请重新在镜头前拍摄。银行工作人员也会查看。"},
        [FACE_REASON_REVIEW] = {"A person at the bank looks at it and answers within a day.",
                                "已转由银行工作人员审核，一天内给出结果。"},
    };
    CHECK(reason < FACE_REASON_COUNT);
    return TEXTS[reason][lang];
}

const char *place_finding_name(enum place_finding finding)
{
    static const char *const NAMES[PLACE_FINDING_COUNT] = {
        "ipMismatch", "phoneMismatch", "outsideServedArea", "proxy", "inaccurate"};
    int index = 0;
    while (index < PLACE_FINDING_COUNT && 1 << index != (int)finding) {
        index++;
    }
    return NAME_AT(NAMES, index);
}

const char *place_state_name(enum place_state state)
{
    static const char *const NAMES[] = {NULL, "passed", "unsure", "refused"};
    return NAME_AT(NAMES, state);
}

const char *case_reason_name(enum case_reason reason)
{
    static const char *const NAMES[CASE_REASON_COUNT] = {
        "faceUnsure",          "livenessUnsure",    "documentEdited",      "nameCorrected",
        "placeUnsure",         "placeDeclined",     "registryUnavailable", "sameFace",
        "requestedByCustomer", "photographReplayed"};
    return NAME_AT(NAMES, reason);
}

const char *case_state_name(enum case_state state, bool is_claimed)
{
    static const char *const NAMES[] = {NULL, "open", "second", "approved", "refused"};
    return state == CASE_OPEN && is_claimed ? "claimed" : NAME_AT(NAMES, state);
}

const char *kyc_attempt_name(enum kyc_attempt kind)
{
    static const char *const NAMES[ATTEMPT_KIND_COUNT] = {NULL,
                                                          "idFront",
                                                          "idBack",
                                                          "confirmation",
                                                          "faceCheck",
                                                          "faceFrame",
                                                          "place",
                                                          "faceCheckUnknownDevice",
                                                          "idFrontUnknownDevice",
                                                          "idBackUnknownDevice",
                                                          "confirmationUnknownDevice",
                                                          "placeUnknownDevice"};
    return NAME_AT(NAMES, kind);
}

static const char *const DECISIONS[DECISION_REASON_COUNT] = {NULL,
                                                             "samePerson",
                                                             "differentPerson",
                                                             "documentGenuine",
                                                             "documentNotGenuine",
                                                             "placeExplained",
                                                             "notReached",
                                                             "other"};

const char *decision_reason_name(enum decision_reason reason)
{
    return NAME_AT(DECISIONS, reason);
}

enum err decision_reason_parse(const char *text, enum decision_reason *out)
{
    int index = 0;
    enum err err = index_of(DECISIONS, DECISION_REASON_COUNT, text, &index);
    if (err == ERR_OK) {
        *out = (enum decision_reason)index;
    }
    return err;
}
