#include "payment/payment_schemas.h"

#include "account/account_api.h"
#include "payment/payment_render.h"
#include "web/member.h"

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

static const char *name_of_match(int value)
{
    return payee_match_name((enum payee_match)value);
}

static const struct field payee_check_fields[] = {
    FIELD_MUST("result", MEMBER_NAMED(struct payee_check, result, name_of_match),
               .values = values_match),
    FIELD_MUST("maskedName", MEMBER_TEXT(struct payee_check, masked_name),
               .text = "empty where the payee is unknown"),
    FIELD_MAY("suggestedName", MEMBER_TEXT(struct payee_check, suggested_name),
              .text = "the payee's name, after a close match only"),
    FIELD_END};
const struct schema schema_payee_check = {"PayeeCheck", payee_check_fields,
                                          "Whether the name is that of the phone's owner."};

static const struct field payment_card_fields[] = {
    FIELD_MUST("cardId", MEMBER_ID(struct card, id.value)),
    FIELD_MUST("issuer", MEMBER_STRUCT(struct card, issuer, struct card_issuer, &schema_issuer)),
    FIELD_MUST("maskedPan", MEMBER_TEXT(struct card, masked_pan)), FIELD_END};
const struct schema schema_payment_card = {"PaymentCard", payment_card_fields,
                                           "The card of a top-up or withdrawal."};

static const char *name_of_kind(int value)
{
    return payment_kind_name((enum payment_kind)value);
}

static const char *name_of_status(int value)
{
    return payment_status_name((enum payment_status)value);
}

static void write_reason(struct call *call, const char *name, const void *from)
{
    const struct payment_view *view = from;
    const char *en = payment_reason_text(view->payment.reason, LANG_EN);
    const char *zh = payment_reason_text(view->payment.reason, LANG_ZH);
    if (en != NULL && zh != NULL) {
        out_bilingual(call, name, en, zh);
    }
}

static void write_journals(struct call *call, const char *name, const void *from)
{
    const struct payment_view *view = from;
    out_open(call, name, '[');
    if (view->payment.journal.value != 0) {
        out_id(call, NULL, view->payment.journal.value);
    }
    out_close(call, ']');
}

static void write_rule_version(struct call *call, const char *name, const void *from)
{
    const struct payment_view *view = from;
    render_rule_version(call, name, view->payment.rule_version);
}

static const struct field payment_fields[] = {
    FIELD_MUST("paymentId", MEMBER_ID(struct payment_view, payment.id.value)),
    FIELD_MUST("kind", MEMBER_NAMED(struct payment_view, payment.kind, name_of_kind),
               .values = values_payment_kind),
    FIELD_MUST("transactionStatus",
               MEMBER_NAMED(struct payment_view, payment.status, name_of_status),
               .values = values_payment_status,
               .text = "ISO 20022: PDNG is being checked, ACSC settled, RJCT rejected"),
    FIELD_MUST("instructedAmount", MEMBER_AMOUNT(struct payment_view, payment.amount)),
    FIELD_MUST("debtorName", MEMBER_TEXT(struct payment_view, payment.debtor_name)),
    FIELD_MUST("debtorAccount", MEMBER_TEXT(struct payment_view, payment.debtor_masked),
               .text = "masked account or card"),
    FIELD_MUST("creditorName", MEMBER_TEXT(struct payment_view, payment.creditor_name)),
    FIELD_MUST("creditorAccount", MEMBER_TEXT(struct payment_view, payment.creditor_masked),
               .text = "masked account or card"),
    FIELD_MAY("card", MEMBER_STRUCT_IF(struct payment_view, card, struct card, &schema_payment_card,
                                       has_card)),
    FIELD_MAY("remittanceInformationUnstructured", MEMBER_TEXT(struct payment_view, payment.text)),
    FIELD_MUST("createdAt", MEMBER_AT(struct payment_view, payment.created_at)),
    FIELD_MAY("settledAt", MEMBER_AT(struct payment_view, payment.settled_at),
              .text = "when it was settled or rejected"),
    FIELD_MAY("reasonCode", MEMBER_TEXT(struct payment_view, payment.reason),
              .text = "ISO 20022 reason of a rejection"),
    FIELD_MAY("statusReason", MEMBER_BY(struct payment_view, FIELD_BILINGUAL, write_reason),
              .text = "the same in words"),
    FIELD_MUST("endToEndIdentification", MEMBER_TEXT(struct payment_view, payment.end_to_end)),
    FIELD_MUST("journalIds", MEMBER_BY(struct payment_view, FIELD_LIST, write_journals),
               .text = "its entries in the books"),
    FIELD_MUST("ruleVersion", MEMBER_BY(struct payment_view, FIELD_TEXT, write_rule_version),
               .text = "edition of the rules it was decided under"),
    FIELD_MUST("channelQueries", MEMBER_INT(struct payment_view, payment.query_count),
               .text = "how often the card's side was asked"),
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
