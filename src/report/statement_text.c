/* Statements as JSON (docs of the API) and as CSV (RFC 4180, UTF-8 with a byte order mark, so that
 * spreadsheets read Chinese). */
#include "report/statement.h"
#include "report/text.h"

#include <inttypes.h>
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

/* Characters with which a spreadsheet begins a formula (OWASP, CSV injection), and what it skips
 * before one: blanks, tabs, line ends, marks of no width. Full-width forms count as their plain ones. */
static bool is_formula(const char *text)
{
    static const char *const skipped[] = {" ",
                                          "\t",
                                          "\r",
                                          "\n",
                                          "\xC2\xA0",
                                          "\xE3\x80\x80",
                                          "\xEF\xBB\xBF",
                                          "\xE2\x80\x8B",
                                          "\xE2\x80\x8C",
                                          "\xE2\x80\x8D"};
    static const char *const starts[] = {"=",
                                         "+",
                                         "-",
                                         "@",
                                         "\xEF\xBC\x9D",
                                         "\xEF\xBC\x8B",
                                         "\xEF\xBC\x8D",
                                         "\xEF\xBC\xA0",
                                         "\xE2\x88\x92"};
    if (text[0] == '\t' || text[0] == '\r' || text[0] == '\n') {
        return true; /* the list names these themselves */
    }
    for (size_t i = 0; i < sizeof skipped / sizeof skipped[0]; i++) {
        size_t size = strlen(skipped[i]);
        if (strncmp(text, skipped[i], size) == 0) {
            text += size;
            i = (size_t)-1; /* again from the first */
        }
    }
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (strncmp(text, starts[i], strlen(starts[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* What a spreadsheet takes for a number or a date, and then changes: leading zeros, more than 15
 * digits, an exponent. */
static bool is_numeral(const char *text)
{
    return text[0] != '\0' && strspn(text, "0123456789.,eE+-/: ") == strlen(text) &&
           strpbrk(text, "0123456789") != NULL;
}

void statement_csv_text(struct str *out, const char *text)
{
    if (is_formula(text) || is_numeral(text)) {
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
    str_append_char(out, ',');
    statement_csv_text(out, recipe_text(line->recipe, statement->order->lang));
    str_append_char(out, ',');
    statement_csv_text(out, line->other_name);
    str_append_char(out, ',');
    statement_csv_text(out, line->other_masked);
    str_append_char(out, ',');
    statement_csv_text(out, line->text);
    csv_amount(statement, line->amount_minor, line->side == LEDGER_CREDIT, out);
    csv_amount(statement, line->amount_minor, line->side == LEDGER_DEBIT, out);
    csv_amount(statement, line->balance_minor, true, out);
    char journal[24];
    snprintf(journal, sizeof journal, "%" PRId64, line->journal.value);
    str_append_char(out, ',');
    statement_csv_text(out, journal);
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
    str_append_char(out, ',');
    statement_csv_text(out, text_of(TEXT_CHECK_CODE, order->lang));
    str_printf(out, " %s", statement->check_code);
    csv_amount(statement, statement->in_minor, true, out);
    csv_amount(statement, statement->out_minor, true, out);
    csv_amount(statement, statement->closing_minor, true, out);
    str_append(out, ",\r\n");
}
