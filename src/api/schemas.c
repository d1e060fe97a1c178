/* Tables of the named objects; what each member is, in one sentence where the name does not say. */
#include "api/schemas.h"

const char *const values_language[] = {"zh", "en", NULL};
const char *const values_direction[] = {"in", "out", NULL};
const char *const values_activity_kind[] = {"transfer", "topUp", "withdrawal", "interest",
                                            "reversal", "other", NULL};
const char *const values_payment_kind[] = {"transfer", "topUp", "withdrawal", NULL};
const char *const values_payment_status[] = {"RCVD", "PDNG", "ACSC", "RJCT", NULL};

static const char *const values_step[] = {"phone", "identity", "consents", "passCode", "idPictures",
                                          "face",  "place",    "card",     NULL};
static const char *const values_next[] = {"phone", "consents", "idPictures", "identity", "passCode",
                                          "face",  "place",    "card",       "done",     NULL};
static const char *const values_step_state[] = {"done",    "todo",        "review",
                                                "refused", "notRequired", NULL};
static const char *const values_customer_state[] = {"onboarding", "active", "suspended", "closed",
                                                    NULL};
static const char *const values_card_kind[] = {"debit", "credit", NULL};
static const char *const values_card_state[] = {"bound", "unbound", NULL};
static const char *const values_class[] = {"I", "II", "III", "payment", NULL};
static const char *const values_account_state[] = {"active", "frozen", "closed", "closing", NULL};
static const char *const values_balance_type[] = {"interimBooked", "interimAvailable", NULL};
static const char *const values_limit[] = {"outflowNonBoundDay",
                                           "outflowNonBoundYear",
                                           "inflowNonBoundDay",
                                           "inflowNonBoundYear",
                                           "balanceMax",
                                           "paymentsSmallDay",
                                           "topUpPayment",
                                           "topUpDay",
                                           "tierTotal",
                                           "tierYear",
                                           "tierDay",
                                           NULL};
static const char *const values_environment[] = {"sandbox", "production", NULL};
static const char *const values_check[] = {"format", "region",   "birthDate", "checkDigit",
                                           "age",    "registry", NULL};
static const char *const values_check_result[] = {"passed", "failed", "unavailable", NULL};
static const char *const values_match[] = {"match", "closeMatch", "noMatch", "unknownPayee", NULL};

/* --- Customer --------------------------------------------------------------------------------- */

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

/* --- Cards ------------------------------------------------------------------------------------ */

static const struct field issuer_fields[] = {FIELD_MUST("code", FIELD_TEXT),
                                             FIELD_MUST("name", FIELD_BILINGUAL), FIELD_END};
const struct schema schema_issuer = {"Issuer", issuer_fields, "The bank that issued a card."};

static const struct field card_fields[] = {
    FIELD_MUST("cardId", FIELD_ID),
    FIELD_MUST("issuer", FIELD_OBJECT, .schema = &schema_issuer),
    FIELD_MUST("maskedPan", FIELD_TEXT),
    FIELD_MUST("cardKind", FIELD_ENUM, .values = values_card_kind),
    FIELD_MUST("accountClass", FIELD_ENUM, .values = values_class,
               .text = "of the account behind the card"),
    FIELD_MUST("state", FIELD_ENUM, .values = values_card_state),
    FIELD_MUST("boundAt", FIELD_INSTANT),
    FIELD_MUST("perPaymentLimit", FIELD_MONEY),
    FIELD_MUST("perDayLimit", FIELD_MONEY),
    FIELD_END};
const struct schema schema_card = {"Card", card_fields,
                                   "A debit card of another bank in the customer's name."};
SCHEMA_WHOLE_LIST(schema_card_list, schema_card, "CardList");

static const struct field card_binding_fields[] = {
    FIELD_MUST("cardBindingId", FIELD_ID),
    FIELD_MUST("issuer", FIELD_OBJECT, .schema = &schema_issuer),
    FIELD_MUST("maskedPan", FIELD_TEXT),
    FIELD_MUST("cardKind", FIELD_ENUM, .values = values_card_kind),
    FIELD_MUST("expiresAt", FIELD_INSTANT, .text = "of the issuer's code"),
    FIELD_END};
const struct schema schema_card_binding = {"CardBinding", card_binding_fields,
                                           "A card whose issuer has sent a code."};

static const struct field card_bound_fields[] = {
    FIELD_MUST("card", FIELD_OBJECT, .schema = &schema_card),
    FIELD_MUST("account", FIELD_OBJECT, .schema = &schema_account,
               .text = "opened by the customer's first card"),
    FIELD_END};
const struct schema schema_card_bound = {"CardBound", card_bound_fields,
                                         "A card just bound, and the account it goes with."};

/* --- Accounts --------------------------------------------------------------------------------- */

static const struct field product_fields[] = {
    FIELD_MUST("name", FIELD_BILINGUAL), FIELD_MUST("interestRate", FIELD_TEXT, .text = "0.35%"),
    FIELD_MUST("ruleVersion", FIELD_TEXT, .text = "edition of the bank's rules: 2018-01-10/2"),
    FIELD_END};
const struct schema schema_product = {"Product", product_fields, "What an account is."};

static const struct field balance_fields[] = {
    FIELD_MUST("balanceType", FIELD_ENUM, .values = values_balance_type,
               .text = "booked, or booked less what is held"),
    FIELD_MUST("balanceAmount", FIELD_MONEY), FIELD_END};
const struct schema schema_balance = {"Balance", balance_fields, "A balance."};

static const struct field account_fields[] = {
    FIELD_MUST("accountId", FIELD_ID),
    FIELD_MUST("accountNumber", FIELD_TEXT, .min = 16, .max = 16),
    FIELD_MUST("class", FIELD_ENUM, .values = values_class),
    FIELD_MUST("currency", FIELD_TEXT, .min = 3, .max = 3),
    FIELD_MUST("state", FIELD_ENUM, .values = values_account_state),
    FIELD_MUST("openedAt", FIELD_INSTANT),
    FIELD_MUST("product", FIELD_OBJECT, .schema = &schema_product),
    FIELD_MUST("balances", FIELD_LIST, .schema = &schema_balance, .text = "one of each type"),
    FIELD_MUST("accruedInterest", FIELD_TEXT,
               .text = "not yet credited, in major units with six or more digits: 0.012345"),
    FIELD_END};
const struct schema schema_account = {"Account", account_fields, "A customer's account."};
SCHEMA_WHOLE_LIST(schema_account_list, schema_account, "AccountList");

static const struct field balances_fields[] = {
    FIELD_MUST("balances", FIELD_LIST, .schema = &schema_balance,
               .text = "booked and available now; booked only at an instant that has passed"),
    FIELD_MUST("asOf", FIELD_INSTANT), FIELD_END};
const struct schema schema_balances = {"Balances", balances_fields, "Balances at an instant."};

static const struct field limit_fields[] = {
    FIELD_MUST("limit", FIELD_ENUM, .values = values_limit),
    FIELD_MUST("max", FIELD_MONEY, .nullable = true, .text = "null: there is no limit"),
    FIELD_MUST("used", FIELD_MONEY),
    FIELD_MUST("left", FIELD_MONEY, .nullable = true, .text = "null: there is no limit"),
    FIELD_MUST("ruleVersion", FIELD_TEXT),
    FIELD_MUST("source", FIELD_BILINGUAL, .text = "the law or contract that sets it"),
    FIELD_END};
const struct schema schema_limit = {"Limit", limit_fields,
                                    "A limit, what is used of it and what is left."};
SCHEMA_WHOLE_LIST(schema_limit_list, schema_limit, "LimitList");

static const struct field hold_fields[] = {FIELD_MUST("holdId", FIELD_ID),
                                           FIELD_MUST("amount", FIELD_MONEY),
                                           FIELD_MUST("purpose", FIELD_TEXT, .text = "withdrawal"),
                                           FIELD_MAY("paymentId", FIELD_ID),
                                           FIELD_MAY("expiresAt", FIELD_INSTANT),
                                           FIELD_END};
const struct schema schema_hold = {"Hold", hold_fields, "Money set aside for a payment."};
SCHEMA_WHOLE_LIST(schema_hold_list, schema_hold, "HoldList");

static const struct field transaction_fields[] = {
    FIELD_MUST("transactionId", FIELD_ID, .text = "of its journal"),
    FIELD_MUST("bookingDate", FIELD_DATE),
    FIELD_MUST("valueDate", FIELD_DATE),
    FIELD_MUST("bookedAt", FIELD_INSTANT),
    FIELD_MUST("kind", FIELD_ENUM, .values = values_activity_kind),
    FIELD_MUST("direction", FIELD_ENUM, .values = values_direction),
    FIELD_MUST("transactionAmount", FIELD_MONEY),
    FIELD_MUST("balanceAfter", FIELD_MONEY),
    FIELD_MUST("counterpartyName", FIELD_TEXT, .text = "empty where there is no other party"),
    FIELD_MAY("counterpartyAccount", FIELD_TEXT, .text = "masked"),
    FIELD_MAY("remittanceInformationUnstructured", FIELD_TEXT),
    FIELD_MAY("paymentId", FIELD_ID),
    FIELD_MUST("transactionStatus", FIELD_ENUM, .values = values_payment_status),
    FIELD_END};
const struct schema schema_transaction = {"Transaction", transaction_fields,
                                          "A line of an account."};

static const struct field statement_account_fields[] = {
    FIELD_MUST("accountId", FIELD_ID),
    FIELD_MUST("accountNumber", FIELD_TEXT, .min = 16, .max = 16),
    FIELD_MUST("currency", FIELD_TEXT, .min = 3, .max = 3), FIELD_END};
static const struct schema schema_statement_account = {"StatementAccount", statement_account_fields,
                                                       "The account of a statement."};

static const struct field statement_fields[] = {
    FIELD_MUST("account", FIELD_OBJECT, .schema = &schema_statement_account),
    FIELD_MUST("holderName", FIELD_TEXT),
    FIELD_MUST("from", FIELD_DATE),
    FIELD_MUST("to", FIELD_DATE),
    FIELD_MUST("opening", FIELD_MONEY, .text = "booked balance before the first day"),
    FIELD_MUST("closing", FIELD_MONEY, .text = "booked balance after the last day"),
    FIELD_MUST("debits", FIELD_MONEY, .text = "all that went out"),
    FIELD_MUST("credits", FIELD_MONEY, .text = "all that came in"),
    FIELD_MUST("checkCode", FIELD_TEXT,
               .text = "over all facts of the statement: the same on every print of it"),
    FIELD_MUST("createdAt", FIELD_INSTANT),
    FIELD_MUST("items", FIELD_LIST, .schema = &schema_transaction,
               .text = "by booking date, oldest first"),
    FIELD_END};
const struct schema schema_statement = {"Statement", statement_fields,
                                        "An account over some days."};

/* --- Payments --------------------------------------------------------------------------------- */

static const struct field payee_check_fields[] = {
    FIELD_MUST("result", FIELD_ENUM, .values = values_match),
    FIELD_MUST("maskedName", FIELD_TEXT, .text = "empty where the payee is unknown"),
    FIELD_MAY("suggestedName", FIELD_TEXT, .text = "the payee's name, after a close match only"),
    FIELD_END};
const struct schema schema_payee_check = {"PayeeCheck", payee_check_fields,
                                          "Whether the name is that of the phone's owner."};

static const struct field payment_card_fields[] = {
    FIELD_MUST("cardId", FIELD_ID), FIELD_MUST("issuer", FIELD_OBJECT, .schema = &schema_issuer),
    FIELD_MUST("maskedPan", FIELD_TEXT), FIELD_END};
const struct schema schema_payment_card = {"PaymentCard", payment_card_fields,
                                           "The card of a top-up or withdrawal."};

static const struct field payment_fields[] = {
    FIELD_MUST("paymentId", FIELD_ID),
    FIELD_MUST("kind", FIELD_ENUM, .values = values_payment_kind),
    FIELD_MUST("transactionStatus", FIELD_ENUM, .values = values_payment_status,
               .text = "ISO 20022: PDNG is being checked, ACSC settled, RJCT rejected"),
    FIELD_MUST("instructedAmount", FIELD_MONEY),
    FIELD_MUST("debtorName", FIELD_TEXT),
    FIELD_MUST("debtorAccount", FIELD_TEXT, .text = "masked account or card"),
    FIELD_MUST("creditorName", FIELD_TEXT),
    FIELD_MUST("creditorAccount", FIELD_TEXT, .text = "masked account or card"),
    FIELD_MAY("card", FIELD_OBJECT, .schema = &schema_payment_card),
    FIELD_MAY("remittanceInformationUnstructured", FIELD_TEXT),
    FIELD_MUST("createdAt", FIELD_INSTANT),
    FIELD_MAY("settledAt", FIELD_INSTANT, .text = "when it was settled or rejected"),
    FIELD_MAY("reasonCode", FIELD_TEXT, .text = "ISO 20022 reason of a rejection"),
    FIELD_MAY("statusReason", FIELD_BILINGUAL, .text = "the same in words"),
    FIELD_MUST("endToEndIdentification", FIELD_TEXT),
    FIELD_MUST("journalIds", FIELD_LIST, .text = "its entries in the books"),
    FIELD_MUST("ruleVersion", FIELD_TEXT, .text = "edition of the rules it was decided under"),
    FIELD_MUST("channelQueries", FIELD_INT, .text = "how often the card's side was asked"),
    FIELD_END};
const struct schema schema_payment = {"Payment", payment_fields,
                                      "A transfer, top-up or withdrawal."};

/* --- The bank --------------------------------------------------------------------------------- */

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
