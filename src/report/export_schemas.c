/* The export of a person, member by member. */
#include "report/export_schemas.h"

static const struct field x_customer_fields[] = {FIELD_MAY("customerId", FIELD_ID),
                                                 FIELD_MAY("state", FIELD_TEXT),
                                                 FIELD_MAY("language", FIELD_TEXT),
                                                 FIELD_MAY("name", FIELD_TEXT),
                                                 FIELD_MAY("phone", FIELD_TEXT),
                                                 FIELD_MAY("idNumber", FIELD_TEXT),
                                                 FIELD_MAY("birthDate", FIELD_DATE),
                                                 FIELD_MAY("sex", FIELD_TEXT),
                                                 FIELD_MAY("region", FIELD_TEXT),
                                                 FIELD_MAY("isMinor", FIELD_BOOL),
                                                 FIELD_MAY("createdAt", FIELD_INSTANT),
                                                 FIELD_MAY("identityAt", FIELD_INSTANT),
                                                 FIELD_MAY("activeAt", FIELD_INSTANT),
                                                 FIELD_MAY("phoneChangedAt", FIELD_INSTANT),
                                                 FIELD_MAY("verifiedAt", FIELD_INSTANT),
                                                 FIELD_MAY("documentUntil", FIELD_DATE),
                                                 FIELD_END};
static const struct schema x_customer_schema = {"ExportedCustomer", x_customer_fields,
                                                "Who the customer is, in full."};

static const struct field x_layer_fields[] = {FIELD_MAY("layer", FIELD_TEXT),
                                              FIELD_MAY("state", FIELD_TEXT),
                                              FIELD_MAY("at", FIELD_INSTANT), FIELD_END};
static const struct schema x_layer_schema = {"ExportedLayer", x_layer_fields,
                                             "Where a layer of the verification stands."};

static const struct field x_case_fields[] = {FIELD_MAY("state", FIELD_TEXT),
                                             FIELD_MAY("path", FIELD_TEXT),
                                             FIELD_MAY("openedAt", FIELD_INSTANT),
                                             FIELD_MAY("dueAt", FIELD_INSTANT),
                                             FIELD_MAY("appointmentAt", FIELD_INSTANT),
                                             FIELD_END};
static const struct schema x_case_schema = {"ExportedCase", x_case_fields,
                                            "The newest case that a person at the bank decides."};

static const struct field x_verification_fields[] = {
    FIELD_MAY("level", FIELD_TEXT), FIELD_MAY("state", FIELD_TEXT),
    FIELD_MUST("layers", FIELD_LIST, .schema = &x_layer_schema),
    FIELD_MAY("case", FIELD_OBJECT, .schema = &x_case_schema), FIELD_END};
static const struct schema x_verification_schema = {"ExportedVerification", x_verification_fields,
                                                    "Level, layers and the newest case."};

static const struct field x_channel_fields[] = {FIELD_MAY("kind", FIELD_TEXT),
                                                FIELD_MAY("detail", FIELD_TEXT),
                                                FIELD_MAY("at", FIELD_INSTANT), FIELD_END};
static const struct schema x_channel_schema = {"ExportedChannel", x_channel_fields,
                                               "Who confirmed the customer."};

static const struct field x_check_fields[] = {FIELD_MAY("kind", FIELD_TEXT),
                                              FIELD_MAY("result", FIELD_TEXT),
                                              FIELD_MAY("score", FIELD_INT),
                                              FIELD_MAY("threshold", FIELD_INT),
                                              FIELD_MAY("version", FIELD_TEXT),
                                              FIELD_MAY("at", FIELD_INSTANT),
                                              FIELD_END};
static const struct schema x_check_schema = {
    "ExportedCheck", x_check_fields, "A check with its result; scores in parts per million."};

static const struct field x_attempt_fields[] = {FIELD_MAY("kind", FIELD_TEXT),
                                                FIELD_MAY("result", FIELD_TEXT),
                                                FIELD_MAY("at", FIELD_INSTANT), FIELD_END};
static const struct schema x_attempt_schema = {"ExportedAttempt", x_attempt_fields,
                                               "An attempt of the verification."};

static const struct field x_card_fields_fields[] = {
    FIELD_MAY("name", FIELD_TEXT),       FIELD_MAY("sex", FIELD_TEXT),
    FIELD_MAY("nation", FIELD_TEXT),     FIELD_MAY("birthDate", FIELD_DATE),
    FIELD_MAY("address", FIELD_TEXT),    FIELD_MAY("idNumber", FIELD_TEXT),
    FIELD_MAY("issuer", FIELD_TEXT),     FIELD_MAY("validFrom", FIELD_DATE),
    FIELD_MAY("validUntil", FIELD_DATE), FIELD_END};
static const struct schema x_card_fields_schema = {"ExportedIdCard", x_card_fields_fields,
                                                   "Fields of the ID card."};

static const struct field x_picture_fields[] = {
    FIELD_MAY("kind", FIELD_TEXT),         FIELD_MAY("at", FIELD_INSTANT),
    FIELD_MAY("expiresAt", FIELD_INSTANT), FIELD_MAY("hash", FIELD_TEXT),
    FIELD_MAY("jpeg", FIELD_TEXT),         FIELD_END};
static const struct schema x_picture_schema = {
    "ExportedPicture", x_picture_fields,
    "A picture that is still kept; hash: BLAKE2b-256 of the JPEG, which is base64url."};

static const struct field x_place_fields[] = {
    FIELD_MAY("state", FIELD_TEXT),         FIELD_MAY("region", FIELD_TEXT),
    FIELD_MAY("latitudeE6", FIELD_INT),     FIELD_MAY("longitudeE6", FIELD_INT),
    FIELD_MAY("accuracyMeters", FIELD_INT), FIELD_MAY("at", FIELD_INSTANT),
    FIELD_MAY("expiresAt", FIELD_INSTANT),  FIELD_END};
static const struct schema x_place_schema = {"ExportedPlace", x_place_fields,
                                             "Where the device was, in millionths of a degree."};

static const struct field x_consent_fields[] = {
    FIELD_MAY("purpose", FIELD_TEXT), FIELD_MAY("textVersion", FIELD_TEXT),
    FIELD_MAY("granted", FIELD_BOOL), FIELD_MAY("at", FIELD_INSTANT), FIELD_END};
static const struct schema x_consent_schema = {"ExportedConsent", x_consent_fields,
                                               "A word on a purpose."};

static const struct field x_security_fields[] = {
    FIELD_MAY("passCodeAt", FIELD_INSTANT), FIELD_MAY("timeCodes", FIELD_TEXT),
    FIELD_MAY("timeCodesSince", FIELD_INSTANT), FIELD_END};
static const struct schema x_security_schema = {"ExportedSecurity", x_security_fields,
                                                "Pass code and time codes."};

static const struct field x_device_fields[] = {FIELD_MAY("name", FIELD_TEXT),
                                               FIELD_MAY("firstSeenAt", FIELD_INSTANT),
                                               FIELD_MAY("lastSeenAt", FIELD_INSTANT), FIELD_END};
static const struct schema x_device_schema = {"ExportedDevice", x_device_fields, "A device."};

static const struct field x_passkey_fields[] = {FIELD_MAY("name", FIELD_TEXT),
                                                FIELD_MAY("createdAt", FIELD_INSTANT),
                                                FIELD_MAY("lastUsedAt", FIELD_INSTANT), FIELD_END};
static const struct schema x_passkey_schema = {"ExportedPasskey", x_passkey_fields, "A passkey."};

static const struct field x_session_fields[] = {FIELD_MAY("device", FIELD_TEXT),
                                                FIELD_MAY("createdAt", FIELD_INSTANT),
                                                FIELD_MAY("lastSeenAt", FIELD_INSTANT), FIELD_END};
static const struct schema x_session_schema = {"ExportedSession", x_session_fields,
                                               "A live session."};

static const struct field x_event_fields[] = {FIELD_MAY("kind", FIELD_TEXT),
                                              FIELD_MAY("device", FIELD_TEXT),
                                              FIELD_MAY("at", FIELD_INSTANT), FIELD_END};
static const struct schema x_event_schema = {"ExportedEvent", x_event_fields,
                                             "Something that happened to the security."};

static const struct field x_message_fields[] = {
    FIELD_MAY("kind", FIELD_TEXT),      FIELD_MAY("title", FIELD_TEXT),
    FIELD_MAY("text", FIELD_TEXT),      FIELD_MAY("createdAt", FIELD_INSTANT),
    FIELD_MAY("readAt", FIELD_INSTANT), FIELD_END};
static const struct schema x_message_schema = {"ExportedMessage", x_message_fields, "A message."};

static const struct field x_bank_card_fields[] = {
    FIELD_MAY("cardId", FIELD_ID),         FIELD_MAY("issuer", FIELD_TEXT),
    FIELD_MAY("number", FIELD_TEXT),       FIELD_MAY("kind", FIELD_TEXT),
    FIELD_MAY("state", FIELD_TEXT),        FIELD_MAY("boundAt", FIELD_INSTANT),
    FIELD_MAY("unboundAt", FIELD_INSTANT), FIELD_END};
static const struct schema x_bank_card_schema = {"ExportedCard", x_bank_card_fields,
                                                 "A bound card, as it is shown."};

static const struct field x_line_fields[] = {
    FIELD_MAY("transactionId", FIELD_ID),  FIELD_MAY("kind", FIELD_TEXT),
    FIELD_MAY("direction", FIELD_TEXT),    FIELD_MAY("amount", FIELD_MONEY),
    FIELD_MAY("balance", FIELD_MONEY),     FIELD_MAY("bookingDate", FIELD_DATE),
    FIELD_MAY("valueDate", FIELD_DATE),    FIELD_MAY("otherName", FIELD_TEXT),
    FIELD_MAY("otherAccount", FIELD_TEXT), FIELD_MAY("paymentId", FIELD_ID),
    FIELD_MAY("text", FIELD_TEXT),         FIELD_END};
static const struct schema x_line_schema = {"ExportedTransaction", x_line_fields,
                                            "A line of an account."};

static const struct field x_account_fields[] = {
    FIELD_MAY("accountId", FIELD_ID),
    FIELD_MAY("number", FIELD_TEXT),
    FIELD_MAY("class", FIELD_TEXT),
    FIELD_MAY("state", FIELD_TEXT),
    FIELD_MAY("openedAt", FIELD_INSTANT),
    FIELD_MAY("balance", FIELD_MONEY),
    FIELD_MUST("transactions", FIELD_LIST, .schema = &x_line_schema),
    FIELD_END};
static const struct schema x_account_schema = {"ExportedAccount", x_account_fields,
                                               "An account with all its lines, newest first."};

static const struct field x_payment_fields[] = {
    FIELD_MAY("paymentId", FIELD_ID),      FIELD_MAY("kind", FIELD_TEXT),
    FIELD_MAY("state", FIELD_TEXT),        FIELD_MAY("amount", FIELD_MONEY),
    FIELD_MAY("debtorName", FIELD_TEXT),   FIELD_MAY("debtorAccount", FIELD_TEXT),
    FIELD_MAY("otherName", FIELD_TEXT),    FIELD_MAY("otherAccount", FIELD_TEXT),
    FIELD_MAY("text", FIELD_TEXT),         FIELD_MAY("reason", FIELD_TEXT),
    FIELD_MAY("endToEndId", FIELD_TEXT),   FIELD_MAY("createdAt", FIELD_INSTANT),
    FIELD_MAY("settledAt", FIELD_INSTANT), FIELD_END};
static const struct schema x_payment_schema = {"ExportedPayment", x_payment_fields,
                                               "A payment that the customer ordered."};

static const struct field x_company_fields[] = {FIELD_MAY("companyId", FIELD_ID),
                                                FIELD_MAY("name", FIELD_TEXT),
                                                FIELD_MAY("uscc", FIELD_TEXT),
                                                FIELD_MAY("state", FIELD_TEXT),
                                                FIELD_MAY("isRepresentative", FIELD_BOOL),
                                                FIELD_MAY("roles", FIELD_INT),
                                                FIELD_MAY("at", FIELD_INSTANT),
                                                FIELD_END};
static const struct schema x_company_schema = {
    "ExportedCompany", x_company_fields,
    "A company that the customer acts for; roles: bits viewer, maker, checker, admin."};

static const struct field export_fields[] = {
    FIELD_MUST("format", FIELD_TEXT, .text = "sycee-person/1"),
    FIELD_MUST("madeAt", FIELD_INSTANT),
    FIELD_MUST("customer", FIELD_OBJECT, .schema = &x_customer_schema),
    FIELD_MUST("verification", FIELD_OBJECT, .schema = &x_verification_schema),
    FIELD_MUST("channels", FIELD_LIST, .schema = &x_channel_schema),
    FIELD_MUST("checks", FIELD_LIST, .schema = &x_check_schema),
    FIELD_MUST("attempts", FIELD_LIST, .schema = &x_attempt_schema),
    FIELD_MAY("idCardRead", FIELD_OBJECT, .schema = &x_card_fields_schema),
    FIELD_MAY("idCardConfirmed", FIELD_OBJECT, .schema = &x_card_fields_schema),
    FIELD_MUST("pictures", FIELD_LIST, .schema = &x_picture_schema),
    FIELD_MUST("places", FIELD_LIST, .schema = &x_place_schema),
    FIELD_MUST("consents", FIELD_LIST, .schema = &x_consent_schema),
    FIELD_MUST("security", FIELD_OBJECT, .schema = &x_security_schema),
    FIELD_MUST("devices", FIELD_LIST, .schema = &x_device_schema),
    FIELD_MUST("passkeys", FIELD_LIST, .schema = &x_passkey_schema),
    FIELD_MUST("sessions", FIELD_LIST, .schema = &x_session_schema),
    FIELD_MUST("securityEvents", FIELD_LIST, .schema = &x_event_schema),
    FIELD_MUST("messages", FIELD_LIST, .schema = &x_message_schema),
    FIELD_MUST("cards", FIELD_LIST, .schema = &x_bank_card_schema),
    FIELD_MUST("accounts", FIELD_LIST, .schema = &x_account_schema),
    FIELD_MUST("payments", FIELD_LIST, .schema = &x_payment_schema),
    FIELD_MUST("companies", FIELD_LIST, .schema = &x_company_schema),
    FIELD_END};
const struct schema schema_export = {"PersonExport", export_fields,
                                     "Everything that the bank holds of the customer."};
