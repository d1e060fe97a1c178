#include "customer/security_schemas.h"

#include "customer/customer_routes.h"

#include <string.h>

#define BASE64_MAX  10923 /* of 8,192 bytes */
#define ID_TEXT_MAX 1364  /* of 1,023 bytes */

static bool is_base64url(const char *text)
{
    return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")] ==
               '\0' &&
           strlen(text) % 4 != 1;
}

#define FIELD_BASE64URL(name_, ...)                                                                \
    FIELD_MUST(name_, FIELD_TEXT, .pattern = "^[A-Za-z0-9_-]+$", .check = is_base64url, .min = 2,  \
               __VA_ARGS__)

const char *const values_step_up_action[] = {
    "view",       "changePhone", "changePassCode", "addPasskey",   "removePasskey",  "addTotp",
    "removeTotp", "removeFace",  "removeDevice",   "closeAccount", "exportAll",      "bindCard",
    "unbindCard", "payment",     "paymentLarge",   "companyUsers", "companyApprove", "companyAlone",
    NULL};
static const char *const values_factor[] = {"passCode", "face", "passkeyOrTotp", "passkey", NULL};
static const char *const values_one_factor[] = {"face", "passkey", "totp", NULL};
static const char *const values_reason[] = {
    "sensitive", "newDevice", "unknownDevice", "strongSet", "factor", "passCodeReset", NULL};
static const char *const values_totp_state[] = {"none", "pending", "active", NULL};
static const char *const values_event[] = {
    "signedUp",       "signedIn",        "signInFailed",
    "newDevice",      "deviceRemoved",   "signedOutEverywhere",
    "passCodeSet",    "passCodeChanged", "passkeyAdded",
    "passkeyRemoved", "passkeyCloned",   "totpAdded",
    "totpRemoved",    "totpLocked",      "phoneChanged",
    "phoneDetached",  "exported",        NULL};
static const char *const values_credential_type[] = {"public-key", NULL};

static const struct field device_fields[] = {
    FIELD_MUST("deviceId", FIELD_ID),
    FIELD_MUST("name", FIELD_TEXT, .text = "as the device calls itself"),
    FIELD_MUST("firstSeenAt", FIELD_INSTANT),
    FIELD_MUST("lastSeenAt", FIELD_INSTANT, .text = "the last sign-in"),
    FIELD_MUST("isCurrent", FIELD_BOOL, .text = "the device that asks"),
    FIELD_MUST("isTrusted", FIELD_BOOL, .text = "known for more than a day"),
    FIELD_MUST("sessionCount", FIELD_INT, .text = "sessions that are live on it"),
    FIELD_END};
const struct schema schema_device = {"Device", device_fields,
                                     "A phone or browser on which the customer signed in."};

static const struct field device_list_fields[] = {
    FIELD_MUST("items", FIELD_LIST, .schema = &schema_device, .text = "all of them"), FIELD_END};
const struct schema schema_device_list = {"DeviceList", device_list_fields,
                                          "A list that comes whole."};

static const struct field event_fields[] = {
    FIELD_MUST("kind", FIELD_ENUM, .values = values_event),
    FIELD_MUST("at", FIELD_INSTANT),
    FIELD_MAY("device", FIELD_TEXT, .text = "or the name of the passkey"),
    FIELD_MAY("times", FIELD_INT, .text = "on that day, where more than once"),
    FIELD_MAY("lastAt", FIELD_INSTANT, .text = "with times: the last of them"),
    FIELD_END};
static const struct schema schema_event = {"SecurityEvent", event_fields,
                                           "Something that happened to the customer's security."};

static const struct field security_fields[] = {
    FIELD_MUST("passCodeAt", FIELD_INSTANT, .nullable = true, .text = "null: none is set"),
    FIELD_MUST("devices", FIELD_INT),
    FIELD_MUST("passkeys", FIELD_INT),
    FIELD_MUST("totp", FIELD_BOOL, .text = "time codes are active"),
    FIELD_MUST("lastSignInAt", FIELD_INSTANT, .nullable = true),
    FIELD_MUST("phoneChangedAt", FIELD_INSTANT, .nullable = true, .text = "null: never"),
    FIELD_MUST("events", FIELD_LIST, .schema = &schema_event, .text = "the newest 50"),
    FIELD_END};
const struct schema schema_security = {"Security", security_fields,
                                       "How the customer's sign-in is protected."};

static const struct field reason_fields[] = {
    FIELD_MUST("code", FIELD_ENUM, .values = values_reason), FIELD_MUST("text", FIELD_BILINGUAL),
    FIELD_END};
static const struct schema schema_reason = {"StepUpReason", reason_fields, "Why it is asked for."};

static const struct field needs_fields[] = {
    FIELD_MUST("action", FIELD_ENUM, .values = values_step_up_action),
    FIELD_MUST("factors", FIELD_LIST, .values = values_factor, .text = "all that it needs"),
    FIELD_MUST("missing", FIELD_LIST, .values = values_factor,
               .text = "of these, what this session has not proven"),
    FIELD_MUST("alternatives", FIELD_LIST, .values = values_one_factor,
               .text = "where the last one missing is one of several: all of these"),
    FIELD_MUST("reasons", FIELD_LIST, .schema = &schema_reason),
    FIELD_END};
const struct schema schema_step_up_needs = {"StepUpNeeds", needs_fields,
                                            "What an action asks for, by its risk."};

static const struct field totp_fields[] = {
    FIELD_MUST("state", FIELD_ENUM, .values = values_totp_state), FIELD_MAY("since", FIELD_INSTANT),
    FIELD_END};
const struct schema schema_totp = {"TimeCodes", totp_fields,
                                   "Time codes (RFC 6238) of a customer."};

static const struct field totp_begun_fields[] = {
    FIELD_MUST("secret", FIELD_TEXT, .text = "Base32; shown this once"),
    FIELD_MUST("uri", FIELD_TEXT, .text = "otpauth:, for a QR code"), FIELD_END};
const struct schema schema_totp_begun = {"TimeCodesBegun", totp_begun_fields,
                                         "A secret that is active once a code of it was given."};

static const struct field totp_until_fields[] = {FIELD_MUST("totpUntil", FIELD_INSTANT), FIELD_END};
const struct schema schema_totp_until = {"TimeCodeProof", totp_until_fields,
                                         "How long the time code counts as just given."};

static const struct field passkey_fields[] = {
    FIELD_MUST("passkeyId", FIELD_ID), FIELD_MUST("name", FIELD_TEXT),
    FIELD_MUST("createdAt", FIELD_INSTANT), FIELD_MAY("lastUsedAt", FIELD_INSTANT), FIELD_END};
const struct schema schema_passkey = {"Passkey", passkey_fields, "A passkey of the customer."};

static const struct field passkey_list_fields[] = {
    FIELD_MUST("items", FIELD_LIST, .schema = &schema_passkey, .text = "all of them"), FIELD_END};
const struct schema schema_passkey_list = {"PasskeyList", passkey_list_fields,
                                           "A list that comes whole."};

static const struct field passkey_until_fields[] = {FIELD_MUST("passkeyUntil", FIELD_INSTANT),
                                                    FIELD_END};
const struct schema schema_passkey_until = {"PasskeyProof", passkey_until_fields,
                                            "How long the passkey counts as just used."};

static const struct field party_fields[] = {FIELD_MUST("id", FIELD_TEXT),
                                            FIELD_MUST("name", FIELD_TEXT), FIELD_END};
static const struct schema schema_party = {"PasskeyParty", party_fields, "The bank."};

static const struct field user_fields[] = {
    FIELD_MUST("id", FIELD_TEXT, .text = "base64url; says nothing of the customer"),
    FIELD_MUST("name", FIELD_TEXT), FIELD_MUST("displayName", FIELD_TEXT), FIELD_END};
static const struct schema schema_user = {"PasskeyUser", user_fields, "The customer."};

static const struct field parameter_fields[] = {
    FIELD_MUST("type", FIELD_ENUM, .values = values_credential_type),
    FIELD_MUST("alg", FIELD_INT, .text = "COSE: -7 ES256, -8 EdDSA, -257 RS256"), FIELD_END};
static const struct schema schema_parameter = {"PasskeyParameter", parameter_fields,
                                               "A kind of key that the bank takes."};

static const struct field descriptor_fields[] = {
    FIELD_MUST("type", FIELD_ENUM, .values = values_credential_type),
    FIELD_MUST("id", FIELD_TEXT, .text = "base64url"), FIELD_END};
static const struct schema schema_descriptor = {"PasskeyDescriptor", descriptor_fields,
                                                "A key of the customer."};

static const char *const values_verification[] = {"required", NULL};
static const char *const values_resident[] = {"preferred", NULL};
static const char *const values_attestation[] = {"none", NULL};

static const struct field selection_fields[] = {
    FIELD_MUST("residentKey", FIELD_ENUM, .values = values_resident),
    FIELD_MUST("userVerification", FIELD_ENUM, .values = values_verification), FIELD_END};
static const struct schema schema_selection = {"PasskeySelection", selection_fields,
                                               "What the authenticator must do."};

static const struct field creation_fields[] = {
    FIELD_MUST("rp", FIELD_OBJECT, .schema = &schema_party),
    FIELD_MUST("user", FIELD_OBJECT, .schema = &schema_user),
    FIELD_MUST("challenge", FIELD_TEXT, .text = "base64url; good for five minutes, once"),
    FIELD_MUST("pubKeyCredParams", FIELD_LIST, .schema = &schema_parameter),
    FIELD_MUST("timeout", FIELD_INT, .text = "milliseconds"),
    FIELD_MUST("excludeCredentials", FIELD_LIST, .schema = &schema_descriptor),
    FIELD_MUST("authenticatorSelection", FIELD_OBJECT, .schema = &schema_selection),
    FIELD_MUST("attestation", FIELD_ENUM, .values = values_attestation),
    FIELD_END};
static const struct schema schema_creation = {"PublicKeyCredentialCreationOptions", creation_fields,
                                              "As WebAuthn has it, in JSON."};

static const struct field creation_options_fields[] = {
    FIELD_MUST("publicKey", FIELD_OBJECT, .schema = &schema_creation), FIELD_END};
const struct schema schema_passkey_creation_options = {
    "PasskeyCreationOptions", creation_options_fields, "For navigator.credentials.create."};

static const struct field request_fields[] = {
    FIELD_MUST("challenge", FIELD_TEXT, .text = "base64url; good for five minutes, once"),
    FIELD_MUST("timeout", FIELD_INT, .text = "milliseconds"),
    FIELD_MUST("rpId", FIELD_TEXT),
    FIELD_MUST("allowCredentials", FIELD_LIST, .schema = &schema_descriptor),
    FIELD_MUST("userVerification", FIELD_ENUM, .values = values_verification),
    FIELD_END};
static const struct schema schema_request = {"PublicKeyCredentialRequestOptions", request_fields,
                                             "As WebAuthn has it, in JSON."};

static const struct field request_options_fields[] = {
    FIELD_MUST("publicKey", FIELD_OBJECT, .schema = &schema_request), FIELD_END};
const struct schema schema_passkey_request_options = {
    "PasskeyRequestOptions", request_options_fields, "For navigator.credentials.get."};

/* What PublicKeyCredential.toJSON() of a browser gives (WebAuthn level 3, 5.1): RegistrationResponseJSON
 * and AuthenticationResponseJSON. Members that the bank has no use for are taken and not kept. */
#define FIELD_MAY_BASE64URL(name_, max_)                                                           \
    FIELD_MAY(name_, FIELD_TEXT, .nullable = true, .pattern = "^[A-Za-z0-9_-]+$",                  \
              .check = is_base64url, .min = 2, .max = max_)
#define FIELDS_OF_CREDENTIAL                                                                       \
    FIELD_BASE64URL("id", .max = ID_TEXT_MAX), FIELD_BASE64URL("rawId", .max = ID_TEXT_MAX),       \
        FIELD_MUST("type", FIELD_ENUM, .values = values_credential_type),                          \
        FIELD_MAY("authenticatorAttachment", FIELD_TEXT, .nullable = true, .max = 32,              \
                  .text = "\"platform\" or \"cross-platform\"; not kept"),                         \
        FIELD_MAY("clientExtensionResults", FIELD_ANY, .nullable = true, .text = "not kept")

static const struct field created_fields[] = {
    FIELD_BASE64URL("attestationObject", .max = BASE64_MAX),
    FIELD_BASE64URL("clientDataJSON", .max = BASE64_MAX),
    FIELD_MAY_BASE64URL("authenticatorData", BASE64_MAX),
    FIELD_MAY("transports", FIELD_LIST, .nullable = true, .max = 16, .text = "not kept"),
    FIELD_MAY_BASE64URL("publicKey", BASE64_MAX),
    FIELD_MAY("publicKeyAlgorithm", FIELD_INT, .nullable = true, .min = INT32_MIN,
              .max = INT32_MAX),
    FIELD_END};
static const struct schema schema_created = {"PasskeyCreated", created_fields,
                                             "What the authenticator gave."};

static const struct field new_credential_fields[] = {
    FIELDS_OF_CREDENTIAL, FIELD_MUST("response", FIELD_OBJECT, .schema = &schema_created),
    FIELD_END};
const struct schema schema_new_credential = {
    "NewCredential", new_credential_fields,
    "Of navigator.credentials.create: RegistrationResponseJSON."};

static const struct field asserted_fields[] = {
    FIELD_BASE64URL("authenticatorData", .max = BASE64_MAX),
    FIELD_BASE64URL("clientDataJSON", .max = BASE64_MAX),
    FIELD_BASE64URL("signature", .max = BASE64_MAX),
    FIELD_MAY_BASE64URL("userHandle", 86),
    FIELD_MAY_BASE64URL("attestationObject", BASE64_MAX),
    FIELD_END};
static const struct schema schema_asserted = {"PasskeyAsserted", asserted_fields,
                                              "What the authenticator gave."};

static const struct field asserted_credential_fields[] = {
    FIELDS_OF_CREDENTIAL, FIELD_MUST("response", FIELD_OBJECT, .schema = &schema_asserted),
    FIELD_END};
const struct schema schema_asserted_credential = {
    "AssertedCredential", asserted_credential_fields,
    "Of navigator.credentials.get: AuthenticationResponseJSON."};

/* Of step-up-required, and of refused identities. */
const struct problem_members customer_problems[] = {
    {20, "\"factors\":{\"type\":\"array\",\"description\":\"of step-up-required: all that "
         "the action needs\",\"items\":{\"type\":\"string\",\"enum\":[\"passCode\","
         "\"face\",\"passkeyOrTotp\",\"passkey\"]}},\"missing\":{\"type\":\"array\","
         "\"description\":\"of these, what the session has not proven\","
         "\"items\":{\"type\":\"string\",\"enum\":[\"passCode\",\"face\","
         "\"passkeyOrTotp\",\"passkey\"]}},\"alternatives\":{\"type\":\"array\","
         "\"description\":\"step-up-required: where the last one missing is one of several:"
         " all of these\",\"items\":{\"type\":\"string\",\"enum\":[\"face\","
         "\"passkey\",\"totp\"]}}"},
    {60,
     "\"checks\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/IdentityCheck\"}}"},
    {0}};
