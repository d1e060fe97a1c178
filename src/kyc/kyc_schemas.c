/* Tables of the objects of verification and review. */
#include "kyc/kyc_schemas.h"

#include "customer/customer_api.h"
#include "kyc/kyc_routes.h"

const char *const values_case_path[] = {"wait", "video", "counter", NULL};
const char *const values_case_filter[] = {"open", "claimed", "second", "decided", NULL};
const char *const values_face_purpose[] = {"opening", "card", "stepUp", NULL};
const char *const values_sex[] = {"female", "male", NULL};
const char *const values_decision[] = {"approve", "refuse", NULL};
const char *const values_decision_reason[] = {
    "samePerson",     "differentPerson", "documentGenuine", "documentNotGenuine",
    "placeExplained", "notReached",      "other",           NULL};

static const char *const values_level[] = {"none", "basic", "verified", NULL};
static const char *const values_standing[] = {"incomplete", "review", "verified", "refused", NULL};
static const char *const values_layer[] = {"idFront",  "idBack", "confirmation", "registry",
                                           "operator", "face",   "place",        NULL};
static const char *const values_layer_state[] = {"todo", "passed", "unsure", "failed", NULL};
static const char *const values_case_state[] = {"open",     "claimed", "second",
                                                "approved", "refused", NULL};
static const char *const values_side[] = {"front", "back", NULL};
static const char *const values_finding[] = {"screen", "copy",   "glare",  "blurred",  "small",
                                             "cut",    "edited", "number", "mismatch", NULL};
static const char *const values_corrected[] = {
    "name", "sex", "birthDate", "address", "idNumber", "issuer", "validFrom", "validUntil", NULL};
static const char *const values_confirmation_check[] = {
    "format",   "region",   "birthDate",        "checkDigit", "age",
    "registry", "operator", "registryPortrait", "validity",   NULL};
static const char *const values_result[] = {"passed", "failed", "unavailable", "unsure", NULL};
static const char *const values_face_state[] = {"open",    "accepted", "unsure",
                                                "refused", "expired",  NULL};
static const char *const values_action[] = {"turnLeft", "turnRight", "lookUp",
                                            "blink",    "openMouth", NULL};
static const char *const values_place_state[] = {"passed", "unsure", "refused", NULL};
static const char *const values_place_finding[] = {
    "ipMismatch", "phoneMismatch", "outsideServedArea", "proxy", "inaccurate", NULL};
static const char *const values_reason[] = {"faceUnsure",
                                            "livenessUnsure",
                                            "documentEdited",
                                            "nameCorrected",
                                            "placeUnsure",
                                            "placeDeclined",
                                            "registryUnavailable",
                                            "sameFace",
                                            "requestedByCustomer",
                                            "photographReplayed",
                                            NULL};
static const char *const values_picture[] = {"idFront",          "idBack", "cardPortrait",
                                             "registryPortrait", "selfie", "frame1",
                                             "frame2",           "frame3", NULL};
static const char *const values_kind[] = {"identity", NULL};
static const char *const values_good[] = {"good", NULL};
static const char *const values_band[] = {"refuse", "unsure", "accept", NULL};

/* --- Verification ----------------------------------------------------------------------------- */

static const struct field layer_fields[] = {
    FIELD_MUST("layer", FIELD_ENUM, .values = values_layer),
    FIELD_MUST("state", FIELD_ENUM, .values = values_layer_state,
               .text = "unsure: a person at the bank decides, or an outside party has no answer"),
    FIELD_MAY("at", FIELD_INSTANT), FIELD_MAY("text", FIELD_BILINGUAL, .text = "what to do"),
    FIELD_END};
static const struct schema schema_layer = {"VerificationLayer", layer_fields,
                                           "A layer of the verification of a person."};

static const struct field review_fields[] = {
    FIELD_MUST("caseId", FIELD_ID),
    FIELD_MUST("state", FIELD_ENUM, .values = values_case_state),
    FIELD_MUST("openedAt", FIELD_INSTANT),
    FIELD_MUST("expectedBy", FIELD_INSTANT, .text = "when an answer is promised"),
    FIELD_MUST("path", FIELD_ENUM, .values = values_case_path),
    FIELD_MAY("appointmentAt", FIELD_INSTANT, .text = "of the video call"),
    FIELD_MAY("text", FIELD_BILINGUAL),
    FIELD_END};
static const struct schema schema_review = {"VerificationReview", review_fields,
                                            "A case that a person at the bank decides."};

static const struct field attempts_fields[] = {
    FIELD_MUST("leftNow", FIELD_INT), FIELD_MUST("leftToday", FIELD_INT),
    FIELD_MAY("retryAt", FIELD_INSTANT, .text = "where none is left now"), FIELD_END};
static const struct schema schema_attempts = {"VerificationAttempts", attempts_fields,
                                              "How often it may be tried: 3 a minute, 10 an hour, "
                                              "15 a day."};

static const struct field verification_fields[] = {
    FIELD_MUST("level", FIELD_ENUM, .values = values_level,
               .text = "basic: name and number; verified: all layers"),
    FIELD_MUST("state", FIELD_ENUM, .values = values_standing),
    FIELD_MUST("layersRequired", FIELD_BOOL, .text = "the policy of the day asks for all layers"),
    FIELD_MUST("layers", FIELD_LIST, .schema = &schema_layer),
    FIELD_MAY("documentValidUntil", FIELD_DATE),
    FIELD_MAY("isLongTerm", FIELD_BOOL, .text = "the ID card has no end"),
    FIELD_MAY("review", FIELD_OBJECT, .schema = &schema_review, .text = "the newest"),
    FIELD_MUST("attempts", FIELD_OBJECT, .schema = &schema_attempts),
    FIELD_END};
const struct schema schema_verification = {"Verification", verification_fields,
                                           "Where the verification of a customer stands."};

#define CARD_FIELDS                                                                                \
    FIELD_MAY("name", FIELD_TEXT), FIELD_MAY("sex", FIELD_ENUM, .values = values_sex),             \
        FIELD_MAY("nation", FIELD_TEXT), FIELD_MAY("birthDate", FIELD_DATE),                       \
        FIELD_MAY("address", FIELD_TEXT), FIELD_MAY("idNumber", FIELD_TEXT),                       \
        FIELD_MAY("issuer", FIELD_TEXT), FIELD_MAY("validFrom", FIELD_DATE),                       \
        FIELD_MAY("validUntil", FIELD_DATE), FIELD_MAY("isLongTerm", FIELD_BOOL)

static const struct field card_fields[] = {CARD_FIELDS, FIELD_END};
static const struct schema schema_card_fields = {"IdCardFields", card_fields,
                                                 "Fields of an ID card; what was not read is left "
                                                 "out."};

static const struct field id_picture_fields[] = {
    FIELD_MUST("side", FIELD_ENUM, .values = values_side),
    FIELD_MUST("findings", FIELD_LIST, .values = values_finding,
               .text = "what speaks against the picture and did not refuse it"),
    FIELD_MUST("fields", FIELD_OBJECT, .schema = &schema_card_fields),
    FIELD_MUST("portraitFound", FIELD_BOOL), FIELD_END};
const struct schema schema_id_picture = {"IdPicture", id_picture_fields,
                                         "What was read from a side of the ID card."};

static const struct field confirmation_check_fields[] = {
    FIELD_MUST("check", FIELD_ENUM, .values = values_confirmation_check),
    FIELD_MUST("result", FIELD_ENUM, .values = values_result), FIELD_MAY("reason", FIELD_BILINGUAL),
    FIELD_END};
static const struct schema schema_confirmation_check = {
    "ConfirmationCheck", confirmation_check_fields, "A check of what was confirmed."};

static const struct field confirmation_fields[] = {
    FIELD_MUST("customer", FIELD_OBJECT, .schema = &schema_customer),
    FIELD_MUST("checks", FIELD_LIST, .schema = &schema_confirmation_check),
    FIELD_MUST("corrections", FIELD_LIST, .values = values_corrected,
               .text = "fields that differ from what was read"),
    FIELD_END};
const struct schema schema_confirmation = {"IdConfirmation", confirmation_fields,
                                           "What became of a confirmation."};

/* --- Face and place --------------------------------------------------------------------------- */

static const struct field face_check_fields[] = {
    FIELD_MUST("faceCheckId", FIELD_ID),
    FIELD_MUST("purpose", FIELD_ENUM, .values = values_face_purpose),
    FIELD_MUST("state", FIELD_ENUM, .values = values_face_state),
    FIELD_MUST("actions", FIELD_LIST, .values = values_action,
               .text = "to be shown in frames 1, 2, 3; frame 0 looks straight"),
    FIELD_MUST("expiresAt", FIELD_INSTANT),
    FIELD_MUST("framesDone", FIELD_INT_LIST, .text = "numbers of the frames that are there"),
    FIELD_MAY("text", FIELD_BILINGUAL, .text = "what to do, where it was not accepted"),
    FIELD_MAY("faceUntil", FIELD_INSTANT, .text = "the session's face proof lasts until then"),
    FIELD_MAY("caseId", FIELD_ID, .text = "unsure: the case that decides"),
    FIELD_END};
const struct schema schema_face_check = {"FaceCheck", face_check_fields,
                                         "A challenge before the camera."};

static const struct field face_frame_fields[] = {
    FIELD_MUST("frame", FIELD_INT), FIELD_MUST("quality", FIELD_ENUM, .values = values_good),
    FIELD_MUST("text", FIELD_BILINGUAL), FIELD_END};
const struct schema schema_face_frame = {"FaceFrame", face_frame_fields, "A frame that was taken."};

static const struct field place_fields[] = {
    FIELD_MUST("state", FIELD_ENUM, .values = values_place_state),
    FIELD_MAY("region", FIELD_BILINGUAL, .text = "city or prefecture"),
    FIELD_MUST("findings", FIELD_LIST, .values = values_place_finding),
    FIELD_MAY("text", FIELD_BILINGUAL), FIELD_END};
const struct schema schema_place = {"Place", place_fields, "What became of a place."};

static const struct field slot_fields[] = {FIELD_MUST("startsAt", FIELD_INSTANT), FIELD_END};
static const struct schema schema_slot = {"VideoSlot", slot_fields, "A video call that is free."};
static const struct field slot_list_fields[] = {
    FIELD_MUST("items", FIELD_LIST, .schema = &schema_slot, .text = "all of them"), FIELD_END};
const struct schema schema_slot_list = {"VideoSlotList", slot_list_fields,
                                        "A list that comes whole."};

/* --- Review ----------------------------------------------------------------------------------- */

static const struct field case_fields[] = {
    FIELD_MUST("caseId", FIELD_ID),
    FIELD_MUST("kind", FIELD_ENUM, .values = values_kind),
    FIELD_MUST("customerId", FIELD_ID),
    FIELD_MUST("name", FIELD_TEXT, .nullable = true),
    FIELD_MUST("reasons", FIELD_LIST, .values = values_reason),
    FIELD_MUST("state", FIELD_ENUM, .values = values_case_state),
    FIELD_MUST("path", FIELD_ENUM, .values = values_case_path),
    FIELD_MUST("appointmentAt", FIELD_INSTANT, .nullable = true),
    FIELD_MUST("openedAt", FIELD_INSTANT),
    FIELD_MUST("dueAt", FIELD_INSTANT),
    FIELD_MUST("isOverdue", FIELD_BOOL),
    FIELD_MAY("claimedBy", FIELD_TEXT, .text = "login"),
    FIELD_MAY("claimUntil", FIELD_INSTANT),
    FIELD_MUST("needsSecond", FIELD_BOOL, .text = "two people approve"),
    FIELD_END};
const struct schema schema_case = {"Case", case_fields, "A case that a person decides."};

static const struct field case_picture_fields[] = {
    FIELD_MUST("pictureId", FIELD_ID), FIELD_MUST("kind", FIELD_ENUM, .values = values_picture),
    FIELD_MUST("at", FIELD_INSTANT), FIELD_MUST("expiresAt", FIELD_INSTANT), FIELD_END};
static const struct schema schema_case_picture = {"CasePicture", case_picture_fields,
                                                  "A picture that is kept."};

static const struct field case_check_fields[] = {
    FIELD_MUST("check", FIELD_TEXT),
    FIELD_MUST("result", FIELD_ENUM, .values = values_result),
    FIELD_MAY("score", FIELD_INT, .text = "parts per million"),
    FIELD_MAY("threshold", FIELD_INT, .text = "parts per million, of acceptance"),
    FIELD_MAY("band", FIELD_ENUM, .values = values_band),
    FIELD_MUST("version", FIELD_TEXT),
    FIELD_MUST("at", FIELD_INSTANT),
    FIELD_END};
static const struct schema schema_case_check = {"CaseCheck", case_check_fields,
                                                "A check with its evidence."};

static const struct field case_device_fields[] = {
    FIELD_MUST("name", FIELD_TEXT), FIELD_MUST("firstSeenAt", FIELD_INSTANT),
    FIELD_MUST("lastSeenAt", FIELD_INSTANT),
    FIELD_MUST("persons", FIELD_INT, .text = "customers who ever signed in on it"), FIELD_END};
static const struct schema schema_case_device = {"CaseDevice", case_device_fields,
                                                 "A device of the customer."};

static const struct field case_attempt_fields[] = {
    FIELD_MUST("at", FIELD_INSTANT), FIELD_MUST("kind", FIELD_TEXT),
    FIELD_MUST("result", FIELD_TEXT,
               .text =
                   "passed, or the problem's name; of a face check started until it is decided, "
                   "then passed, unsure or refused"),
    FIELD_END};
static const struct schema schema_case_attempt = {"CaseAttempt", case_attempt_fields,
                                                  "A try of the customer."};

static const struct field case_history_fields[] = {
    FIELD_MUST("devices", FIELD_LIST, .schema = &schema_case_device),
    FIELD_MUST("attempts", FIELD_LIST, .schema = &schema_case_attempt),
    FIELD_MAY("phoneChangedAt", FIELD_INSTANT), FIELD_END};
static const struct schema schema_case_history = {"CaseHistory", case_history_fields,
                                                  "What went before."};

static const struct field same_face_fields[] = {FIELD_MUST("customerId", FIELD_ID),
                                                FIELD_MUST("score", FIELD_INT), FIELD_END};
static const struct schema schema_same_face = {"SameFace", same_face_fields,
                                               "Another customer with a face alike."};

static const struct field case_decision_fields[] = {
    FIELD_MUST("by", FIELD_TEXT, .text = "login"),
    FIELD_MUST("at", FIELD_INSTANT),
    FIELD_MUST("decision", FIELD_ENUM, .values = values_decision),
    FIELD_MUST("reason", FIELD_ENUM, .values = values_decision_reason),
    FIELD_MUST("note", FIELD_TEXT),
    FIELD_END};
static const struct schema schema_case_decision = {"CaseDecision", case_decision_fields,
                                                   "A decision, never changed."};

static const struct field case_file_fields[] = {
    FIELD_MUST("case", FIELD_OBJECT, .schema = &schema_case),
    FIELD_MUST("customer", FIELD_OBJECT, .schema = &schema_customer),
    FIELD_MUST("pictures", FIELD_LIST, .schema = &schema_case_picture),
    FIELD_MUST("read", FIELD_OBJECT, .schema = &schema_card_fields),
    FIELD_MUST("confirmed", FIELD_OBJECT, .schema = &schema_card_fields),
    FIELD_MUST("checks", FIELD_LIST, .schema = &schema_case_check),
    FIELD_MUST("history", FIELD_OBJECT, .schema = &schema_case_history),
    FIELD_MUST("sameFace", FIELD_LIST, .schema = &schema_same_face),
    FIELD_MUST("decisions", FIELD_LIST, .schema = &schema_case_decision),
    FIELD_END};
const struct schema schema_case_file = {"CaseFile", case_file_fields,
                                        "All that a reviewer decides from."};

/* Of pictures that are refused. */
const struct problem_members kyc_problems[] = {
    {30, "\"findings\":{\"type\":\"array\",\"description\":\"of card-quality and card-recaptured:"
         " what speaks against the picture\",\"items\":{\"type\":\"string\","
         "\"enum\":[\"screen\",\"copy\",\"glare\",\"blurred\",\"small\","
         "\"cut\",\"edited\",\"number\",\"mismatch\"]}},\"quality\":{\"type\":\"string\","
         "\"description\":\"of face-quality: what is wrong\",\"enum\":[\"none\","
         "\"several\",\"small\",\"turned\",\"dark\",\"bright\",\"blurred\","
         "\"covered\"]}"},
    {50, "\"hint\":{\"type\":\"string\",\"description\":\"of face-quality: what to do\"}"},
    {0}};
