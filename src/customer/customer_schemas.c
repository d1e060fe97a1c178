/* Tables of the named objects; what each member is, in one sentence where the name is not enough. */
#include "customer/customer_schemas.h"

const char *const values_language[] = {"zh", "en", NULL};
static const char *const values_step[] = {"phone", "identity", "consents", "passCode", "idPictures",
                                          "face",  "place",    "card",     NULL};
static const char *const values_next[] = {"phone", "consents", "idPictures", "identity", "passCode",
                                          "face",  "place",    "card",       "done",     NULL};
static const char *const values_step_state[] = {"done",    "todo",        "review",
                                                "refused", "notRequired", NULL};
static const char *const values_customer_state[] = {"onboarding", "active", "suspended", "closed",
                                                    NULL};
static const char *const values_environment[] = {"sandbox", "production", NULL};
static const char *const values_check[] = {"format", "region",   "birthDate", "checkDigit",
                                           "age",    "registry", NULL};
static const char *const values_check_result[] = {"passed", "failed", "unavailable", NULL};

static const struct field onboarding_step_fields[] = {
    FIELD_MUST("step", FIELD_ENUM, .values = values_step),
    FIELD_MUST(
        "state", FIELD_ENUM, .values = values_step_state,
        .text =
            "review: a person at the bank decides; notRequired: the policy does not ask for it"),
    FIELD_MAY("at", FIELD_INSTANT, .text = "when it was done; not for a limited session"),
    FIELD_END};
const struct schema schema_onboarding_step = {"OnboardingStep", onboarding_step_fields,
                                              "A step on the way to the first account."};

static const struct field onboarding_fields[] = {
    FIELD_MUST("next", FIELD_ENUM, .values = values_next, .text = "what is to be done now"),
    FIELD_MUST("steps", FIELD_LIST, .schema = &schema_onboarding_step,
               .text = "all steps, in order"),
    FIELD_END};
const struct schema schema_onboarding = {"Onboarding", onboarding_fields,
                                         "How far a customer is on the way to an account."};

static const struct field customer_fields[] = {
    FIELD_MAY("customerId", FIELD_ID, .text = "not for a limited session"),
    FIELD_MUST("phone", FIELD_TEXT, .text = "masked: +86138****0000"),
    FIELD_MUST("name", FIELD_TEXT, .nullable = true,
               .text = "null until the identity is checked; masked for a limited session"),
    FIELD_MUST(
        "maskedIdNumber", FIELD_TEXT, .nullable = true,
        .text =
            "11**************1X; null until the identity is checked, and for a limited session"),
    FIELD_MUST("language", FIELD_ENUM, .values = values_language),
    FIELD_MUST("state", FIELD_ENUM, .values = values_customer_state),
    FIELD_MAY("createdAt", FIELD_INSTANT, .text = "not for a limited session"),
    FIELD_MUST("onboarding", FIELD_OBJECT, .schema = &schema_onboarding),
    FIELD_END};
const struct schema schema_customer = {"Customer", customer_fields, "A customer of the bank."};

static const struct field session_fields[] = {
    FIELD_MUST("sessionId", FIELD_ID),
    FIELD_MUST("deviceName", FIELD_TEXT),
    FIELD_MUST("createdAt", FIELD_INSTANT),
    FIELD_MUST("lastSeenAt", FIELD_INSTANT, .text = "to within some minutes"),
    FIELD_MUST("current", FIELD_BOOL, .text = "the session that asks"),
    FIELD_MUST("stepUpUntil", FIELD_INSTANT, .nullable = true,
               .text = "until then the pass code counts as just given"),
    FIELD_MAY("deviceId", FIELD_ID, .text = "where the app keeps a key"),
    FIELD_END};
const struct schema schema_session = {"Session", session_fields, "A device that is signed in."};
SCHEMA_WHOLE_LIST(schema_session_list, schema_session, "SessionList");

static const struct field signed_in_fields[] = {
    FIELD_MAY("token", FIELD_TEXT,
              .text =
                  "for Authorization: Bearer; shown this once; a browser gets a cookie instead"),
    FIELD_MUST("session", FIELD_OBJECT, .schema = &schema_session),
    FIELD_MUST("isNewDevice", FIELD_BOOL, .text = "true where the app named no device"),
    FIELD_MUST("isLimited", FIELD_BOOL,
               .text = "rests on a text code alone: sets a pass code, proves more, sees nothing"),
    FIELD_MUST("customer", FIELD_OBJECT, .schema = &schema_customer),
    FIELD_END};
const struct schema schema_signed_in = {"SignedIn", signed_in_fields, "A session just opened."};

static const struct field step_up_fields[] = {FIELD_MUST("stepUpUntil", FIELD_INSTANT), FIELD_END};
const struct schema schema_step_up = {"StepUp", step_up_fields,
                                      "How long the session may do what needs the pass code."};

static const struct field phone_code_fields[] = {
    FIELD_MUST("phoneCodeId", FIELD_ID, .text = "to be given back with the code"),
    FIELD_MUST("phone", FIELD_TEXT, .text = "masked"), FIELD_MUST("expiresAt", FIELD_INSTANT),
    FIELD_MUST("resendAt", FIELD_INSTANT, .text = "when another code may be asked for"), FIELD_END};
const struct schema schema_phone_code = {"PhoneCode", phone_code_fields,
                                         "A code on its way to a phone."};

static const struct field identity_check_fields[] = {
    FIELD_MUST("check", FIELD_ENUM, .values = values_check),
    FIELD_MUST("result", FIELD_ENUM, .values = values_check_result),
    FIELD_MAY("reason", FIELD_BILINGUAL, .text = "why it did not pass"), FIELD_END};
const struct schema schema_identity_check = {"IdentityCheck", identity_check_fields,
                                             "One check of name and ID number."};

static const struct field identity_answer_fields[] = {
    FIELD_MUST("customer", FIELD_OBJECT, .schema = &schema_customer),
    FIELD_MUST("checks", FIELD_LIST, .schema = &schema_identity_check, .text = "made, in order"),
    FIELD_END};
const struct schema schema_identity_answer = {"IdentityAnswer", identity_answer_fields,
                                              "The customer with a checked identity."};

static const struct field consent_text_fields[] = {
    FIELD_MUST("purpose", FIELD_TEXT, .text = "terms, privacy, identityCheck, marketing"),
    FIELD_MUST("version", FIELD_TEXT),
    FIELD_MUST("required", FIELD_BOOL),
    FIELD_MUST("title", FIELD_BILINGUAL),
    FIELD_MUST("text", FIELD_BILINGUAL),
    FIELD_END};
const struct schema schema_consent_text = {"ConsentText", consent_text_fields,
                                           "A text to agree to."};
SCHEMA_WHOLE_LIST(schema_consent_text_list, schema_consent_text, "ConsentTextList");

static const struct field consent_fields[] = {
    FIELD_MUST("purpose", FIELD_TEXT), FIELD_MUST("textVersion", FIELD_TEXT),
    FIELD_MUST("granted", FIELD_BOOL),
    FIELD_MUST("at", FIELD_INSTANT, .nullable = true, .text = "null: nothing was ever said"),
    FIELD_END};
const struct schema schema_consent = {"Consent", consent_fields,
                                      "The customer's word on a purpose."};
SCHEMA_WHOLE_LIST(schema_consent_list, schema_consent, "ConsentList");

static const struct field message_fields[] = {
    FIELD_MUST("messageId", FIELD_ID),
    FIELD_MUST("kind", FIELD_TEXT, .text = "signedIn, transferIn, topUpDone, …"),
    FIELD_MUST("title", FIELD_BILINGUAL),
    FIELD_MUST("text", FIELD_BILINGUAL),
    FIELD_MUST("createdAt", FIELD_INSTANT),
    FIELD_MAY("readAt", FIELD_INSTANT),
    FIELD_MAY("paymentId", FIELD_ID),
    FIELD_END};
const struct schema schema_message = {"Message", message_fields, "News for the customer."};

static const struct field bank_fields[] = {
    FIELD_MUST("name", FIELD_BILINGUAL),
    FIELD_MUST("businessDate", FIELD_DATE),
    FIELD_MUST("currency", FIELD_TEXT, .min = 3, .max = 3),
    FIELD_MUST("environment", FIELD_ENUM, .values = values_environment),
    FIELD_MUST("timeZone", FIELD_TEXT, .text = "IANA name; dates and times are shown in it"),
    FIELD_MAY("sandboxUrl", FIELD_TEXT, .text = "page of the invented town's phones"),
    FIELD_MUST("version", FIELD_TEXT),
    FIELD_MUST("passCodeLength", FIELD_INT, .min = 6, .max = 6),
    FIELD_END};
const struct schema schema_bank = {"Bank", bank_fields, "What an app asks first."};
