#include "payment/payment_render.h"

#include "payment/payment_schemas.h"
#include "web/member.h"

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

void render_payment_members(struct call *call, const struct payment_view *view)
{
    OUT_MEMBERS(call, schema_payment.fields, view);
}

void render_payment(struct call *call, const char *name, const struct payment_view *view)
{
    OUT_OBJECT(call, name, &schema_payment, view);
}
