#include "payment/payment_render.h"

#include "account/account_api.h"

void render_transaction_members(struct call *call, const struct activity_line *line, struct ccy ccy)
{
    const struct ledger_line *entry = &line->line;
    out_id(call, "transactionId", entry->journal.value);
    out_date(call, "bookingDate", entry->booking_date);
    out_date(call, "valueDate", entry->value_date);
    out_instant(call, "bookedAt", entry->created_at);
    out_text(call, "kind", activity_kind_name(line->kind));
    out_text(call, "direction", entry->side == LEDGER_CREDIT ? "in" : "out");
    out_money(call, "transactionAmount", (struct money){entry->amount_minor, ccy});
    out_money(call, "balanceAfter", (struct money){entry->balance_minor, ccy});
    out_text(call, "counterpartyName", line->other_name);
    out_optional_text(call, "counterpartyAccount", line->other_masked);
    if (line->has_payment) {
        out_optional_text(call, "remittanceInformationUnstructured", line->payment.text);
        out_id(call, "paymentId", line->payment.id.value);
    }
    /* What is in the books is settled; the rest are holds. */
    out_text(call, "transactionStatus", payment_status_name(PAYMENT_ACSC));
}

void render_transaction(struct call *call, const char *name, const struct activity_line *line,
                        struct ccy ccy)
{
    out_open(call, name, '{');
    render_transaction_members(call, line, ccy);
    out_close(call, '}');
}

enum err render_payment_load(struct db_conn *conn, struct payment_view *view)
{
    const struct payment *payment = &view->payment;
    view->has_card = payment->card.value != 0;
    if (!view->has_card) {
        return ERR_OK;
    }
    struct customer_id holder =
        payment->kind == PAYMENT_TOP_UP ? payment->debtor_customer : payment->creditor_customer;
    return card_load_own(conn, holder, payment->card, &view->card);
}

static void render_outcome(struct call *call, const struct payment *payment)
{
    out_optional_instant(call, "settledAt", payment->settled_at);
    if (payment->reason[0] == '\0') {
        return;
    }
    out_text(call, "reasonCode", payment->reason);
    const char *en = payment_reason_text(payment->reason, LANG_EN);
    const char *zh = payment_reason_text(payment->reason, LANG_ZH);
    if (en != NULL && zh != NULL) {
        out_bilingual(call, "statusReason", en, zh);
    }
}

void render_payment_members(struct call *call, const struct payment_view *view)
{
    const struct payment *payment = &view->payment;
    out_id(call, "paymentId", payment->id.value);
    out_text(call, "kind", payment_kind_name(payment->kind));
    out_text(call, "transactionStatus", payment_status_name(payment->status));
    out_money(call, "instructedAmount", payment->amount);
    out_text(call, "debtorName", payment->debtor_name);
    out_text(call, "debtorAccount", payment->debtor_masked);
    out_text(call, "creditorName", payment->creditor_name);
    out_text(call, "creditorAccount", payment->creditor_masked);
    if (view->has_card) {
        out_open(call, "card", '{');
        out_id(call, "cardId", view->card.id.value);
        render_issuer(call, "issuer", &view->card.issuer);
        out_text(call, "maskedPan", view->card.masked_pan);
        out_close(call, '}');
    }
    out_optional_text(call, "remittanceInformationUnstructured", payment->text);
    out_instant(call, "createdAt", payment->created_at);
    render_outcome(call, payment);
    out_text(call, "endToEndIdentification", payment->end_to_end);
    out_open(call, "journalIds", '[');
    if (payment->journal.value != 0) {
        out_id(call, NULL, payment->journal.value);
    }
    out_close(call, ']');
    render_rule_version(call, "ruleVersion", payment->rule_version);
    out_int(call, "channelQueries", payment->query_count);
}

void render_payment(struct call *call, const char *name, const struct payment_view *view)
{
    out_open(call, name, '{');
    render_payment_members(call, view);
    out_close(call, '}');
}
