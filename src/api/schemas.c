/* Tables of the named objects; what each member is, in one sentence where the name does not say. */
#include "api/schemas.h"

#include <stddef.h>

/* One row of a table: name, type (the member after the name), and what is special about it. */
#define MUST(...)                                                                                  \
    {                                                                                              \
        .required = true, .name = __VA_ARGS__                                                      \
    }
#define MAY(...)                                                                                   \
    {                                                                                              \
        .name = __VA_ARGS__                                                                        \
    }
/* A list that comes whole. */
#define WHOLE_LIST(variable, item, name_)                                                          \
    static const struct field variable##_fields[] = {                                              \
        MUST("items", FIELD_LIST, .schema = &(item), .text = "all of them"), FIELD_END};           \
    const struct schema variable = {name_, variable##_fields, "A list that comes whole."}

const char *const values_language[] = {"zh", "en", NULL};
const char *const values_direction[] = {"in", "out", NULL};
const char *const values_activity_kind[] = {"transfer", "topUp", "withdrawal", "interest",
                                            "reversal", "other", NULL};
const char *const values_payment_kind[] = {"transfer", "topUp", "withdrawal", NULL};
const char *const values_payment_status[] = {"RCVD", "PDNG", "ACSC", "RJCT", NULL};

static const char *const values_step[] = {"phone", "identity", "consents", "passCode", "idPictures",
                                          "face",  "place",    "card",     NULL};
static const char *const values_next[] = {"identity", "consents", "passCode", "card", "done", NULL};
static const char *const values_step_state[] = {"done", "todo", "notOpen", NULL};
static const char *const values_customer_state[] = {"onboarding", "active", "suspended", "closed",
                                                    NULL};
static const char *const values_card_kind[] = {"debit", "credit", NULL};
static const char *const values_card_state[] = {"bound", "unbound", NULL};
static const char *const values_class[] = {"I", "II", "III", NULL};
static const char *const values_account_state[] = {"active", "frozen", "closed", NULL};
static const char *const values_balance_type[] = {"interimBooked", "interimAvailable", NULL};
static const char *const values_limit[] = {"outflowNonBoundDay",
                                           "outflowNonBoundYear",
                                           "inflowNonBoundDay",
                                           "inflowNonBoundYear",
                                           "balanceMax",
                                           "paymentsSmallDay",
                                           "topUpPayment",
                                           "topUpDay",
                                           NULL};
static const char *const values_environment[] = {"sandbox", "production", NULL};
static const char *const values_check[] = {"format", "region",   "birthDate", "checkDigit",
                                           "age",    "registry", NULL};
static const char *const values_check_result[] = {"passed", "failed", "unavailable", NULL};
static const char *const values_match[] = {"match", "closeMatch", "noMatch", "unknownPayee", NULL};

/* --- Customer ----------------------------------------------------------------------------------- */

static const struct field onboarding_step_fields[] = {
    MUST("step", FIELD_ENUM, .values = values_step),
    MUST("state", FIELD_ENUM, .values = values_step_state,
         .text = "notOpen: the bank does not ask for it yet"),
    MAY("at", FIELD_INSTANT, .text = "when it was done"), FIELD_END};
const struct schema schema_onboarding_step = {"OnboardingStep", onboarding_step_fields,
                                              "A step on the way to the first account."};

static const struct field onboarding_fields[] = {
    MUST("next", FIELD_ENUM, .values = values_next, .text = "what is to be done now"),
    MUST("steps", FIELD_LIST, .schema = &schema_onboarding_step, .text = "all steps, in order"),
    FIELD_END};
const struct schema schema_onboarding = {"Onboarding", onboarding_fields,
                                         "How far a customer is on the way to an account."};

static const struct field customer_fields[] = {
    MUST("customerId", FIELD_ID),
    MUST("phone", FIELD_TEXT, .text = "masked: +86138****0000"),
    MUST("name", FIELD_TEXT, .nullable = true, .text = "null until the identity is checked"),
    MUST("maskedIdNumber", FIELD_TEXT, .nullable = true,
         .text = "11**************1X; null until the identity is checked"),
    MUST("language", FIELD_ENUM, .values = values_language),
    MUST("state", FIELD_ENUM, .values = values_customer_state),
    MUST("createdAt", FIELD_INSTANT),
    MUST("onboarding", FIELD_OBJECT, .schema = &schema_onboarding),
    FIELD_END};
const struct schema schema_customer = {"Customer", customer_fields, "A customer of the bank."};

static const struct field session_fields[] = {
    MUST("sessionId", FIELD_ID),
    MUST("deviceName", FIELD_TEXT),
    MUST("createdAt", FIELD_INSTANT),
    MUST("lastSeenAt", FIELD_INSTANT, .text = "to within some minutes"),
    MUST("current", FIELD_BOOL, .text = "the session that asks"),
    MUST("stepUpUntil", FIELD_INSTANT, .nullable = true,
         .text = "until then the pass code counts as just given"),
    FIELD_END};
const struct schema schema_session = {"Session", session_fields, "A device that is signed in."};
WHOLE_LIST(schema_session_list, schema_session, "SessionList");

static const struct field signed_in_fields[] = {
    MUST("token", FIELD_TEXT, .text = "for Authorization: Bearer; shown this once"),
    MUST("session", FIELD_OBJECT, .schema = &schema_session),
    MUST("customer", FIELD_OBJECT, .schema = &schema_customer), FIELD_END};
const struct schema schema_signed_in = {"SignedIn", signed_in_fields, "A session just opened."};

static const struct field step_up_fields[] = {MUST("stepUpUntil", FIELD_INSTANT), FIELD_END};
const struct schema schema_step_up = {"StepUp", step_up_fields,
                                      "How long the session may do what needs the pass code."};

static const struct field phone_code_fields[] = {
    MUST("phoneCodeId", FIELD_ID, .text = "to be given back with the code"),
    MUST("phone", FIELD_TEXT, .text = "masked"), MUST("expiresAt", FIELD_INSTANT),
    MUST("resendAt", FIELD_INSTANT, .text = "when another code may be asked for"), FIELD_END};
const struct schema schema_phone_code = {"PhoneCode", phone_code_fields,
                                         "A code on its way to a phone."};

static const struct field identity_check_fields[] = {
    MUST("check", FIELD_ENUM, .values = values_check),
    MUST("result", FIELD_ENUM, .values = values_check_result),
    MAY("reason", FIELD_BILINGUAL, .text = "why it did not pass"), FIELD_END};
const struct schema schema_identity_check = {"IdentityCheck", identity_check_fields,
                                             "One check of name and ID number."};

static const struct field identity_answer_fields[] = {
    MUST("customer", FIELD_OBJECT, .schema = &schema_customer),
    MUST("checks", FIELD_LIST, .schema = &schema_identity_check, .text = "made, in order"),
    FIELD_END};
const struct schema schema_identity_answer = {"IdentityAnswer", identity_answer_fields,
                                              "The customer with a checked identity."};

static const struct field consent_text_fields[] = {
    MUST("purpose", FIELD_TEXT, .text = "terms, privacy, identityCheck, marketing"),
    MUST("version", FIELD_TEXT),
    MUST("required", FIELD_BOOL),
    MUST("title", FIELD_BILINGUAL),
    MUST("text", FIELD_BILINGUAL),
    FIELD_END};
const struct schema schema_consent_text = {"ConsentText", consent_text_fields,
                                           "A text to agree to."};
WHOLE_LIST(schema_consent_text_list, schema_consent_text, "ConsentTextList");

static const struct field consent_fields[] = {
    MUST("purpose", FIELD_TEXT), MUST("textVersion", FIELD_TEXT), MUST("granted", FIELD_BOOL),
    MUST("at", FIELD_INSTANT), FIELD_END};
const struct schema schema_consent = {"Consent", consent_fields,
                                      "The customer's newest word on a purpose."};
WHOLE_LIST(schema_consent_list, schema_consent, "ConsentList");

static const struct field message_fields[] = {
    MUST("messageId", FIELD_ID),
    MUST("kind", FIELD_TEXT, .text = "signedIn, transferIn, topUpDone, …"),
    MUST("title", FIELD_BILINGUAL),
    MUST("text", FIELD_BILINGUAL),
    MUST("createdAt", FIELD_INSTANT),
    MAY("readAt", FIELD_INSTANT),
    MAY("paymentId", FIELD_ID),
    FIELD_END};
const struct schema schema_message = {"Message", message_fields, "News for the customer."};

/* --- Cards -------------------------------------------------------------------------------------- */

static const struct field issuer_fields[] = {MUST("code", FIELD_TEXT),
                                             MUST("name", FIELD_BILINGUAL), FIELD_END};
const struct schema schema_issuer = {"Issuer", issuer_fields, "The bank that issued a card."};

static const struct field card_fields[] = {MUST("cardId", FIELD_ID),
                                           MUST("issuer", FIELD_OBJECT, .schema = &schema_issuer),
                                           MUST("maskedPan", FIELD_TEXT),
                                           MUST("cardKind", FIELD_ENUM, .values = values_card_kind),
                                           MUST("accountClass", FIELD_ENUM, .values = values_class,
                                                .text = "of the account behind the card"),
                                           MUST("state", FIELD_ENUM, .values = values_card_state),
                                           MUST("boundAt", FIELD_INSTANT),
                                           MUST("perPaymentLimit", FIELD_MONEY),
                                           MUST("perDayLimit", FIELD_MONEY),
                                           FIELD_END};
const struct schema schema_card = {"Card", card_fields,
                                   "A debit card of another bank in the customer's name."};
WHOLE_LIST(schema_card_list, schema_card, "CardList");

static const struct field card_binding_fields[] = {
    MUST("cardBindingId", FIELD_ID),
    MUST("issuer", FIELD_OBJECT, .schema = &schema_issuer),
    MUST("maskedPan", FIELD_TEXT),
    MUST("cardKind", FIELD_ENUM, .values = values_card_kind),
    MUST("expiresAt", FIELD_INSTANT, .text = "of the issuer's code"),
    FIELD_END};
const struct schema schema_card_binding = {"CardBinding", card_binding_fields,
                                           "A card whose issuer has sent a code."};

static const struct field card_bound_fields[] = {
    MUST("card", FIELD_OBJECT, .schema = &schema_card),
    MUST("account", FIELD_OBJECT, .schema = &schema_account,
         .text = "opened by the customer's first card"),
    FIELD_END};
const struct schema schema_card_bound = {"CardBound", card_bound_fields,
                                         "A card just bound, and the account it goes with."};

/* --- Accounts ----------------------------------------------------------------------------------- */

static const struct field product_fields[] = {
    MUST("name", FIELD_BILINGUAL), MUST("interestRate", FIELD_TEXT, .text = "0.35%"),
    MUST("ruleVersion", FIELD_TEXT, .text = "edition of the bank's rules: 2018-01-10/2"),
    FIELD_END};
const struct schema schema_product = {"Product", product_fields, "What an account is."};

static const struct field balance_fields[] = {MUST("balanceType", FIELD_ENUM,
                                                   .values = values_balance_type,
                                                   .text = "booked, or booked less what is held"),
                                              MUST("balanceAmount", FIELD_MONEY), FIELD_END};
const struct schema schema_balance = {"Balance", balance_fields, "A balance."};

static const struct field account_fields[] = {
    MUST("accountId", FIELD_ID),
    MUST("accountNumber", FIELD_TEXT, .min = 16, .max = 16),
    MUST("class", FIELD_ENUM, .values = values_class),
    MUST("currency", FIELD_TEXT, .min = 3, .max = 3),
    MUST("state", FIELD_ENUM, .values = values_account_state),
    MUST("openedAt", FIELD_INSTANT),
    MUST("product", FIELD_OBJECT, .schema = &schema_product),
    MUST("balances", FIELD_LIST, .schema = &schema_balance, .text = "one of each type"),
    MUST("accruedInterest", FIELD_TEXT,
         .text = "not yet credited, in major units with six or more digits: 0.012345"),
    FIELD_END};
const struct schema schema_account = {"Account", account_fields, "A customer's account."};
WHOLE_LIST(schema_account_list, schema_account, "AccountList");

static const struct field balances_fields[] = {
    MUST("balances", FIELD_LIST, .schema = &schema_balance,
         .text = "booked and available now; booked only at an instant that has passed"),
    MUST("asOf", FIELD_INSTANT), FIELD_END};
const struct schema schema_balances = {"Balances", balances_fields, "Balances at an instant."};

static const struct field limit_fields[] = {
    MUST("limit", FIELD_ENUM, .values = values_limit),
    MUST("max", FIELD_MONEY, .nullable = true, .text = "null: there is no limit"),
    MUST("used", FIELD_MONEY),
    MUST("left", FIELD_MONEY, .nullable = true, .text = "null: there is no limit"),
    MUST("ruleVersion", FIELD_TEXT),
    MUST("source", FIELD_BILINGUAL, .text = "the law or contract that sets it"),
    FIELD_END};
const struct schema schema_limit = {"Limit", limit_fields,
                                    "A limit, what is used of it and what is left."};
WHOLE_LIST(schema_limit_list, schema_limit, "LimitList");

static const struct field hold_fields[] = {MUST("holdId", FIELD_ID),
                                           MUST("amount", FIELD_MONEY),
                                           MUST("purpose", FIELD_TEXT, .text = "withdrawal"),
                                           MAY("paymentId", FIELD_ID),
                                           MAY("expiresAt", FIELD_INSTANT),
                                           FIELD_END};
const struct schema schema_hold = {"Hold", hold_fields, "Money set aside for a payment."};
WHOLE_LIST(schema_hold_list, schema_hold, "HoldList");

static const struct field transaction_fields[] = {
    MUST("transactionId", FIELD_ID, .text = "of its journal"),
    MUST("bookingDate", FIELD_DATE),
    MUST("valueDate", FIELD_DATE),
    MUST("bookedAt", FIELD_INSTANT),
    MUST("kind", FIELD_ENUM, .values = values_activity_kind),
    MUST("direction", FIELD_ENUM, .values = values_direction),
    MUST("transactionAmount", FIELD_MONEY),
    MUST("balanceAfter", FIELD_MONEY),
    MUST("counterpartyName", FIELD_TEXT, .text = "empty where there is no other party"),
    MAY("counterpartyAccount", FIELD_TEXT, .text = "masked"),
    MAY("remittanceInformationUnstructured", FIELD_TEXT),
    MAY("paymentId", FIELD_ID),
    MUST("transactionStatus", FIELD_ENUM, .values = values_payment_status),
    FIELD_END};
const struct schema schema_transaction = {"Transaction", transaction_fields,
                                          "A line of an account."};

static const struct field statement_fields[] = {
    MUST("account", FIELD_OBJECT, .schema = &schema_account),
    MUST("from", FIELD_DATE),
    MUST("to", FIELD_DATE),
    MUST("opening", FIELD_MONEY, .text = "booked balance before the first day"),
    MUST("closing", FIELD_MONEY, .text = "booked balance after the last day"),
    MUST("debits", FIELD_MONEY, .text = "all that went out"),
    MUST("credits", FIELD_MONEY, .text = "all that came in"),
    MUST("items", FIELD_LIST, .schema = &schema_transaction, .text = "newest first"),
    FIELD_END};
const struct schema schema_statement = {"Statement", statement_fields,
                                        "An account over some days."};

/* --- Payments ----------------------------------------------------------------------------------- */

static const struct field payee_check_fields[] = {
    MUST("result", FIELD_ENUM, .values = values_match),
    MUST("maskedName", FIELD_TEXT, .text = "empty where the payee is unknown"),
    MAY("suggestedName", FIELD_TEXT, .text = "the payee's name, after a close match only"),
    FIELD_END};
const struct schema schema_payee_check = {"PayeeCheck", payee_check_fields,
                                          "Whether the name is that of the phone's owner."};

static const struct field payment_card_fields[] = {
    MUST("cardId", FIELD_ID), MUST("issuer", FIELD_OBJECT, .schema = &schema_issuer),
    MUST("maskedPan", FIELD_TEXT), FIELD_END};
const struct schema schema_payment_card = {"PaymentCard", payment_card_fields,
                                           "The card of a top-up or withdrawal."};

static const struct field payment_fields[] = {
    MUST("paymentId", FIELD_ID),
    MUST("kind", FIELD_ENUM, .values = values_payment_kind),
    MUST("transactionStatus", FIELD_ENUM, .values = values_payment_status,
         .text = "ISO 20022: PDNG is being checked, ACSC settled, RJCT rejected"),
    MUST("instructedAmount", FIELD_MONEY),
    MUST("debtorName", FIELD_TEXT),
    MUST("debtorAccount", FIELD_TEXT, .text = "masked account or card"),
    MUST("creditorName", FIELD_TEXT),
    MUST("creditorAccount", FIELD_TEXT, .text = "masked account or card"),
    MAY("card", FIELD_OBJECT, .schema = &schema_payment_card),
    MAY("remittanceInformationUnstructured", FIELD_TEXT),
    MUST("createdAt", FIELD_INSTANT),
    MAY("settledAt", FIELD_INSTANT, .text = "when it was settled or rejected"),
    MAY("reasonCode", FIELD_TEXT, .text = "ISO 20022 reason of a rejection"),
    MAY("statusReason", FIELD_BILINGUAL, .text = "the same in words"),
    MUST("endToEndIdentification", FIELD_TEXT),
    MUST("journalIds", FIELD_LIST, .text = "its entries in the books"),
    MUST("ruleVersion", FIELD_TEXT, .text = "edition of the rules it was decided under"),
    MUST("channelQueries", FIELD_INT, .text = "how often the card's side was asked"),
    FIELD_END};
const struct schema schema_payment = {"Payment", payment_fields,
                                      "A transfer, top-up or withdrawal."};

/* --- The bank ----------------------------------------------------------------------------------- */

static const struct field bank_fields[] = {
    MUST("name", FIELD_BILINGUAL),
    MUST("businessDate", FIELD_DATE),
    MUST("currency", FIELD_TEXT, .min = 3, .max = 3),
    MUST("environment", FIELD_ENUM, .values = values_environment),
    MAY("sandboxUrl", FIELD_TEXT, .text = "page of the invented town's phones"),
    MUST("version", FIELD_TEXT),
    MUST("passCodeLength", FIELD_INT, .min = 6, .max = 6),
    FIELD_END};
const struct schema schema_bank = {"Bank", bank_fields, "What an app asks first."};
