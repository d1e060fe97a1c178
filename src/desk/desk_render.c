#include "desk/desk_render.h"

#include "payment/payment_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- Objects ---------------------------------------------------------------------------------- */

static const char *text_or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

void render_customer_row(struct call *call, const char *name, const struct customer *customer)
{
    out_open(call, name, '{');
    out_id(call, "customerId", customer->id.value);
    out_text(call, "name", text_or_null(customer->name));
    out_text(call, "maskedPhone", customer->masked_phone);
    out_text(call, "maskedIdNumber", text_or_null(customer->masked_id_number));
    out_text(call, "state", customer_state_name(customer->state));
    out_instant(call, "createdAt", customer->created_at);
    out_close(call, '}');
}

static void render_posting(struct call *call, const struct report_posting *posting)
{
    char code[8];
    const struct gl_account *gl = chart_find(posting->gl_code);
    snprintf(code, sizeof code, "%u", posting->gl_code);
    out_open(call, NULL, '{');
    out_id(call, "accountId", posting->account.value);
    out_text(call, "glCode", code);
    out_bilingual(call, "glName", gl ? gl->name_en : code, gl ? gl->name_zh : code);
    out_text(call, "side", posting->side == LEDGER_DEBIT ? "debit" : "credit");
    out_money(call, "amount", (struct money){posting->amount_minor, posting->ccy});
    out_money(call, "balanceAfter", (struct money){posting->balance_minor, posting->ccy});
    out_close(call, '}');
}

void render_journal(struct call *call, const char *name, const struct report_journal *journal)
{
    char version[8];
    char reference[ID_TEXT_SIZE] = "";
    snprintf(version, sizeof version, "%u", journal->recipe_version);
    if (journal->ref_id > 0) {
        id_format(journal->ref_id, reference);
    }
    out_open(call, name, '{');
    out_id(call, "journalId", journal->id.value);
    out_text(call, "kind", recipe_name(journal->recipe));
    out_text(call, "recipeVersion", version);
    out_date(call, "bookingDate", journal->booking_date);
    out_date(call, "valueDate", journal->value_date);
    out_instant(call, "createdAt", journal->created_at);
    out_text(call, "reference", reference);
    if (journal->reversal_of.value != 0) {
        out_id(call, "reversalOf", journal->reversal_of.value);
    }
    out_open(call, "postings", '[');
    for (size_t i = 0; i < journal->count; i++) {
        render_posting(call, &journal->postings[i]);
    }
    out_close(call, ']');
    out_close(call, '}');
}

enum err render_staff_payment_members(struct call *call, struct db_conn *conn,
                                      const struct payment *payment)
{
    struct payment_view view = {.payment = *payment};
    enum err err = render_payment_load(conn, &view);
    if (err) {
        return err;
    }
    render_payment_members(call, &view);
    out_id(call, "debtorCustomerId", payment->debtor_customer.value);
    out_id(call, "creditorCustomerId", payment->creditor_customer.value);
    return ERR_OK;
}

/* --- Shared by the routes ------------------------------------------------------------------------
 */

/* By its shape: 18 digits whose middle is a date, the last perhaps an X. */
static bool looks_like_id_number(const char *text)
{
    char date[DATE_TEXT_SIZE];
    struct date birth;
    if (strlen(text) != 18 || strspn(text, "0123456789") < 17) {
        return false;
    }
    snprintf(date, sizeof date, "%.4s-%.2s-%.2s", text + 6, text + 10, text + 12);
    return date_parse(date, &birth) == ERR_OK;
}

const char *customer_search_kind(const struct call *call, const char *text)
{
    struct customer_phone phone;
    int64_t id;
    if (text == NULL) {
        return "newest";
    }
    if (account_number_is_valid(text)) {
        return "accountNumber";
    }
    if (customer_phone_parse(customer_room_of(call_house(call)), text, &phone) == ERR_OK) {
        return "phone";
    }
    if (looks_like_id_number(text)) {
        return "idNumber";
    }
    return id_parse(text, &id) == ERR_OK ? "customerId" : "name";
}

enum err customer_find(struct call *call, struct db_conn *conn, const char *text,
                       struct customer *out)
{
    const struct customer_room *room = customer_room_of(call_house(call));
    struct account account;
    struct customer_phone phone;
    struct customer_id id = {0};
    enum err err = ERR_NOT_FOUND;
    if (account_number_is_valid(text)) {
        err = account_find_by_number(conn, text, &account);
        id = account.customer;
    }
    if (err == ERR_NOT_FOUND && customer_phone_parse(room, text, &phone) == ERR_OK) {
        err = customer_by_phone(conn, &phone, &id);
    }
    if (err == ERR_NOT_FOUND) {
        err = customer_by_id_number(room, conn, text, &id);
        err = err == ERR_INVALID_FIELD ? ERR_NOT_FOUND : err;
    }
    if (err == ERR_NOT_FOUND && id_parse(text, &id.value) == ERR_OK) {
        err = ERR_OK;
    }
    return err ? err : customer_load(room, conn, id, out);
}
