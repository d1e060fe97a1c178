#include "payment/payment_schemas.h"

#include "account/account_api.h"
#include "payment/payment.h"

const char *const values_direction[] = {"in", "out", NULL};

const char *const values_activity_kind[] = {"transfer", "topUp", "withdrawal", "interest",
                                            "reversal", "other", NULL};

const char *const values_payment_kind[] = {"transfer", "topUp", "withdrawal", NULL};

const char *const values_payment_status[] = {"RCVD", "PDNG", "ACSC", "RJCT", NULL};

static const char *const values_match[] = {"match", "closeMatch", "noMatch", "unknownPayee", NULL};

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

static const char *const values_tier[] = {"I", "II", "III", NULL};

static const char *const values_channel[] = {"registry", "operator", "issuer", "counter", NULL};

static const struct field channel_fields[] = {
    FIELD_MUST("channel", FIELD_ENUM, .values = values_channel),
    FIELD_MAY("detail", FIELD_TEXT, .text = "of an issuer: its code"),
    FIELD_MUST("at", FIELD_INSTANT), FIELD_END};

static const struct schema schema_channel = {
    "Channel", channel_fields, "An independent party that confirmed who the customer is."};

static const struct field next_fields[] = {
    FIELD_MUST("tier", FIELD_ENUM, .values = values_tier),
    FIELD_MUST("channelsMin", FIELD_INT, .text = "so many channels it takes"),
    FIELD_MUST("text", FIELD_BILINGUAL, .text = "how to get there"), FIELD_END};

static const struct schema schema_next_tier = {"NextTier", next_fields, "The tier above."};

static const struct field tier_fields[] = {
    FIELD_MUST("tier", FIELD_ENUM, .nullable = true, .values = values_tier,
               .text = "of payment accounts; null: no channel yet"),
    FIELD_MUST("channels", FIELD_LIST, .schema = &schema_channel, .text = "oldest first"),
    FIELD_MUST("count", FIELD_INT),
    FIELD_MUST("investment", FIELD_BOOL, .text = "may the balance buy investment products?"),
    FIELD_MAY("next", FIELD_OBJECT, .schema = &schema_next_tier),
    FIELD_END};

const struct schema schema_tier = {"Tier", tier_fields,
                                   "What payment accounts of the customer may do, and why."};

static const struct field closure_fields[] = {
    FIELD_MUST("account", FIELD_OBJECT, .schema = &schema_account,
               .text = "closed, or closing while the payment's end is not known"),
    FIELD_MAY("payment", FIELD_OBJECT, .schema = &schema_payment, .text = "of what was in it"),
    FIELD_END};

const struct schema schema_closure = {"Closure", closure_fields, "An account that ends."};

static const char *const values_alert_kind[] = {
    PAYMENT_ALERT_SETTLED_LATE, PAYMENT_ALERT_REJECTED_LATE, PAYMENT_ALERT_ACCOUNT_CLOSED,
    PAYMENT_ALERT_OTHER,        PAYMENT_ALERT_LONG,          NULL};

static const struct field payment_alert_fields[] = {
    FIELD_MUST("alertId", FIELD_ID),
    FIELD_MUST("paymentId", FIELD_ID),
    FIELD_MUST("kind", FIELD_ENUM, .values = values_alert_kind),
    FIELD_MUST("raisedAt", FIELD_INSTANT),
    FIELD_MAY("closedAt", FIELD_INSTANT, .text = "absent: open"),
    FIELD_MAY("closedBy", FIELD_ID, .text = "member of staff"),
    FIELD_MAY("note", FIELD_TEXT, .text = "what was done about it"),
    FIELD_END};

const struct schema schema_payment_alert = {"PaymentAlert", payment_alert_fields,
                                            "What people must look at: money or an answer that "
                                            "came when its payment had ended, an answer about "
                                            "something else, a payment undecided for a day."};
