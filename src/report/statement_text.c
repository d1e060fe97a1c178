/* Statements as JSON (docs of the API) and as CSV (RFC 4180, UTF-8 with a byte order mark, so that
 * spreadsheets read Chinese). */
#include "report/statement.h"
#include "report/text.h"

#include <stdio.h>
#include <string.h>

static struct money money_of(const struct statement *statement, int64_t minor)
{
    return (struct money){minor, statement->order->account->ccy};
}

/* --- JSON --------------------------------------------------------------------------------------
 */

static void json_text(struct str *out, const char *name, const char *value)
{
    str_append_json(out, name);
    str_append_char(out, ':');
    str_append_json(out, value);
}

static void json_money(struct str *out, const char *name, struct money amount)
{
    char text[MONEY_TEXT_SIZE];
    money_format(amount, text);
    str_append_json(out, name);
    str_printf(out, ":{\"amount\":\"%s\",\"currency\":\"%s\"}", text, amount.ccy.code);
}

static void json_date(struct str *out, const char *name, struct date date)
{
    char text[DATE_TEXT_SIZE];
    date_format(date, text);
    json_text(out, name, text);
}

static void json_instant(struct str *out, const char *name, int64_t instant_us)
{
    char text[INSTANT_TEXT_SIZE];
    instant_format(instant_us, text);
    json_text(out, name, text);
}

static void json_id(struct str *out, const char *name, int64_t id)
{
    char text[ID_TEXT_SIZE];
    id_format(id, text);
    json_text(out, name, text);
}

static void json_line(const struct statement *statement, const struct statement_line *line,
                      struct str *out)
{
    str_append_char(out, '{');
    json_id(out, "transactionId", line->journal.value);
    str_append_char(out, ',');
    json_date(out, "bookingDate", line->booking_date);
    str_append_char(out, ',');
    json_date(out, "valueDate", line->value_date);
    str_append_char(out, ',');
    json_instant(out, "bookedAt", line->created_at);
    str_append_char(out, ',');
    json_text(out, "kind", activity_kind_name(line->kind));
    str_append_char(out, ',');
    json_text(out, "direction", line->side == LEDGER_CREDIT ? "in" : "out");
    str_append_char(out, ',');
    json_money(out, "transactionAmount", money_of(statement, line->amount_minor));
    str_append_char(out, ',');
    json_money(out, "balanceAfter", money_of(statement, line->balance_minor));
    str_append_char(out, ',');
    json_text(out, "counterpartyName", line->other_name);
    const struct {
        const char *name;
        const char *value;
    } optional[] = {{"counterpartyAccount", line->other_masked},
                    {"remittanceInformationUnstructured", line->text}};
    for (size_t i = 0; i < sizeof optional / sizeof optional[0]; i++) {
        if (optional[i].value[0] != '\0') {
            str_append_char(out, ',');
            json_text(out, optional[i].name, optional[i].value);
        }
    }
    if (line->payment.value != 0) {
        str_append_char(out, ',');
        json_id(out, "paymentId", line->payment.value);
    }
    str_append(out, ",\"transactionStatus\":\"ACSC\"}");
}

void statement_write_json(const struct statement *statement, struct str *out)
{
    const struct report_order *order = statement->order;
    str_append(out, "{\"account\":{");
    json_id(out, "accountId", order->account->id.value);
    str_append_char(out, ',');
    json_text(out, "accountNumber", order->account->number);
    str_append_char(out, ',');
    json_text(out, "currency", order->account->ccy.code);
    str_append(out, "},");
    json_text(out, "holderName", order->holder_name);
    str_append_char(out, ',');
    json_date(out, "from", order->from);
    str_append_char(out, ',');
    json_date(out, "to", order->to);
    str_append_char(out, ',');
    json_money(out, "opening", money_of(statement, statement->opening_minor));
    str_append_char(out, ',');
    json_money(out, "closing", money_of(statement, statement->closing_minor));
    str_append_char(out, ',');
    json_money(out, "debits", money_of(statement, statement->out_minor));
    str_append_char(out, ',');
    json_money(out, "credits", money_of(statement, statement->in_minor));
    str_append_char(out, ',');
    json_text(out, "checkCode", statement->check_code);
    str_append_char(out, ',');
    json_instant(out, "createdAt", order->now_us);
    str_append(out, ",\"items\":[");
    for (size_t i = 0; i < statement->count && !out->failed; i++) {
        if (i > 0) {
            str_append_char(out, ',');
        }
        json_line(statement, &statement->lines[i], out);
    }
    str_append(out, "]}");
}

/* --- CSV ---------------------------------------------------------------------------------------
 */

/* Words that another person chose could be taken for a formula by a spreadsheet; an apostrophe
 * before them prevents that (OWASP, CSV injection). */
static void csv_words(struct str *out, const char *text)
{
    str_append_char(out, ',');
    if (text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL) {
        char guarded[2 * PAYMENT_TEXT_SIZE];
        snprintf(guarded, sizeof guarded, "'%s", text);
        str_append_csv(out, guarded);
    } else {
        str_append_csv(out, text);
    }
}

static void csv_amount(const struct statement *statement, int64_t minor, bool shown,
                       struct str *out)
{
    str_append_char(out, ',');
    if (shown) {
        char text[MONEY_TEXT_SIZE];
        money_format(money_of(statement, minor), text);
        str_append(out, text);
    }
}

static void csv_line(const struct statement *statement, const struct statement_line *line,
                     struct str *out)
{
    char date[DATE_TEXT_SIZE];
    date_format(line->booking_date, date);
    str_append(out, date);
    date_format(line->value_date, date);
    str_append_char(out, ',');
    str_append(out, date);
    csv_words(out, recipe_text(line->recipe, statement->order->lang));
    csv_words(out, line->other_name);
    csv_words(out, line->other_masked);
    csv_words(out, line->text);
    csv_amount(statement, line->amount_minor, line->side == LEDGER_CREDIT, out);
    csv_amount(statement, line->amount_minor, line->side == LEDGER_DEBIT, out);
    csv_amount(statement, line->balance_minor, true, out);
    str_append_char(out, ',');
    str_append_int(out, line->journal.value);
    str_append(out, "\r\n");
}

void statement_write_csv(const struct statement *statement, struct str *out)
{
    static const enum text heads[] = {TEXT_DATE,          TEXT_VALUE_DATE,    TEXT_KIND, TEXT_OTHER,
                                      TEXT_OTHER_ACCOUNT, TEXT_REMITTANCE,    TEXT_IN,   TEXT_OUT,
                                      TEXT_BALANCE,       TEXT_TRANSACTION_ID};
    const struct report_order *order = statement->order;
    char date[DATE_TEXT_SIZE];
    str_append(out, "\xEF\xBB\xBF");
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        str_append(out, i ? "," : "");
        str_append_csv(out, text_of(heads[i], order->lang));
    }
    date_format(order->from, date);
    str_printf(out, "\r\n%s,,", date);
    str_append_csv(out, text_of(TEXT_OPENING, order->lang));
    str_append(out, ",,,,,");
    csv_amount(statement, statement->opening_minor, true, out);
    str_append(out, ",\r\n");
    for (size_t i = 0; i < statement->count && !out->failed; i++) {
        csv_line(statement, &statement->lines[i], out);
    }
    date_format(order->to, date);
    str_printf(out, "%s,,", date);
    str_append_csv(out, text_of(TEXT_CLOSING, order->lang));
    str_append(out, ",,,");
    csv_words(out, text_of(TEXT_CHECK_CODE, order->lang));
    str_printf(out, " %s", statement->check_code);
    csv_amount(statement, statement->in_minor, true, out);
    csv_amount(statement, statement->out_minor, true, out);
    csv_amount(statement, statement->closing_minor, true, out);
    str_append(out, ",\r\n");
}
