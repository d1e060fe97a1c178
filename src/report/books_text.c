/*
 * The plain-text forms: hledger (hledger.org/hledger.html, journal), Ledger (ledger-cli.org), and
 * Beancount 2 (beancount.github.io). Debits are positive. The journal's id is the transaction's
 * code (a metadata entry in Beancount, which has no codes).
 */
#include "base/check.h"
#include "report/books.h"

#include <stdio.h>
#include <string.h>

#define OPENING "Opening balances"
#define PROOF   "Balances of the bank's accounts"

/* Names never change, also if the chart of accounts is reworded. */
static const struct {
    enum gl gl;
    const char *name;
} names[] = {
    {GL_RESERVE, "Assets:Reserve"},
    {GL_CLEARING_RECEIVABLE, "Assets:Clearing"},
    {GL_IN_TRANSIT, "Assets:InTransit"},
    {GL_DEPOSITS_DEMAND, "Liabilities:Deposits"},
    {GL_PAYMENT_ACCOUNTS, "Liabilities:PaymentAccounts"},
    {GL_CLEARING_PAYABLE, "Liabilities:Clearing"},
    {GL_INTEREST_PAYABLE, "Liabilities:Interest"},
    {GL_SUSPENSE, "Liabilities:Suspense"},
    {GL_CAPITAL, "Equity:Capital"},
    {GL_FEE_INCOME, "Income:Fees"},
    {GL_INTEREST_EXPENSE, "Expenses:Interest"},
};

void report_books_name(uint16_t gl_code, char out[REPORT_BOOKS_NAME_SIZE])
{
    static const char *const roots[] = {[LEDGER_ASSET] = "Assets",
                                        [LEDGER_LIABILITY] = "Liabilities",
                                        [LEDGER_EQUITY] = "Equity",
                                        [LEDGER_INCOME] = "Income",
                                        [LEDGER_EXPENSE] = "Expenses"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].gl == gl_code) {
            snprintf(out, REPORT_BOOKS_NAME_SIZE, "%s", names[i].name);
            return;
        }
    }
    const struct gl_account *gl = chart_find(gl_code);
    CHECK(gl != NULL);
    snprintf(out, REPORT_BOOKS_NAME_SIZE, "%s:Code%d", roots[gl->class], gl_code);
}

static const char *const format_names[] = {
    [REPORT_HLEDGER] = "hledger", [REPORT_LEDGER] = "ledger", [REPORT_BEANCOUNT] = "beancount"};

enum err report_books_format_parse(const char *text, enum report_books_format *out)
{
    for (size_t i = 0; i < sizeof format_names / sizeof format_names[0]; i++) {
        if (strcmp(format_names[i], text) == 0) {
            *out = (enum report_books_format)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

static bool is_beancount(const struct books *books)
{
    return books->order->format == REPORT_BEANCOUNT;
}

/* --- pieces ------------------------------------------------------------------------------------
 */

static void put_name(struct str *out, const struct books_account *account)
{
    char name[REPORT_BOOKS_NAME_SIZE];
    report_books_name(account->gl_code, name);
    str_append(out, name);
    if (account->number[0] != '\0') {
        str_printf(out, ":%s", account->number);
    } else if (account->id != 0) {
        str_printf(out, ":%lld", (long long)account->id);
    }
}

static void put_amount(struct str *out, const struct books_account *account, int64_t minor)
{
    char text[MONEY_TEXT_SIZE];
    struct ccy ccy = ccy_from_number(account->ccy_number);
    money_format((struct money){minor, ccy}, text);
    str_printf(out, "%s %s", text, ccy.code);
}

static void put_posting(struct str *out, const struct books_account *account, int64_t minor)
{
    str_append(out, "    ");
    put_name(out, account);
    str_append(out, "  ");
    put_amount(out, account, minor);
    str_append_char(out, '\n');
}

/* The first line of a transaction; `code` 0: none. */
static void put_title(struct books *books, struct date date, int64_t code, const char *payee)
{
    char text[DATE_TEXT_SIZE];
    date_format(date, text);
    if (is_beancount(books)) {
        str_printf(&books->out, "\n%s * \"%s\"\n", text, payee);
        if (code != 0) {
            str_printf(&books->out, "  journal: \"%lld\"\n", (long long)code);
        }
    } else if (code != 0) {
        str_printf(&books->out, "\n%s * (%lld) %s\n", text, (long long)code, payee);
    } else {
        str_printf(&books->out, "\n%s * %s\n", text, payee);
    }
}

static void put_tag(struct books *books, const char *name, const char *value)
{
    str_printf(&books->out, is_beancount(books) ? "  %s: \"%s\"\n" : "    ; %s: %s\n", name, value);
}

static void put_tag_id(struct books *books, const char *name, int64_t id)
{
    char text[ID_TEXT_SIZE];
    if (id != 0) {
        id_format(id, text);
        put_tag(books, name, text);
    }
}

/* --- head --------------------------------------------------------------------------------------
 */

static const char *const tag_names[] = {"event", "ref", "reverses", "hold", "valued"};

static void head_commodity(struct books *books, int index)
{
    struct str *out = &books->out;
    struct ccy ccy = ccy_from_number(index);
    char sample[MONEY_TEXT_SIZE];
    int64_t minor = 1000;
    for (int i = 0; i < ccy_digits(ccy); i++) {
        minor *= 10;
    }
    money_format((struct money){minor, ccy}, sample);
    /* hledger requires a decimal mark in a sample amount, even without decimals. */
    const char *mark = strchr(sample, '.') ? "" : ".";
    switch (books->order->format) {
    case REPORT_HLEDGER:
        str_printf(out, "commodity %s%s %s\n", sample, mark, ccy.code);
        break;
    case REPORT_LEDGER:
        str_printf(out, "commodity %s\n    format %s %s\n", ccy.code, sample, ccy.code);
        break;
    case REPORT_BEANCOUNT:
        str_printf(out, "option \"operating_currency\" \"%s\"\n1970-01-01 commodity %s\n", ccy.code,
                   ccy.code);
        break;
    }
}

static void head_commodities(struct books *books)
{
    bool seen[CCY_COUNT_MAX] = {false};
    for (size_t i = 0; i < books->count; i++) {
        int number = books->accounts[i].ccy_number;
        int place = ccy_place(ccy_from_number(number));
        if (!seen[place]) {
            head_commodity(books, number);
        }
        seen[place] = true;
    }
}

/* Says which words occur, so that the strict modes of the tools find slips. */
static void head_words(struct books *books)
{
    struct str *out = &books->out;
    for (int recipe = 1; recipe < RECIPE_COUNT_MAX; recipe++) {
        const char *text = recipe_text((enum recipe)recipe, LANG_EN);
        if (text[0] != '\0') {
            str_printf(out, "payee %s\n", text);
        }
    }
    str_append(out, "payee " OPENING "\npayee " PROOF "\n");
    for (size_t i = 0; i < sizeof tag_names / sizeof tag_names[0]; i++) {
        if (books->order->format == REPORT_LEDGER) {
            str_printf(out, "tag %s\n", tag_names[i]);
        }
    }
}

static void head_account(struct books *books, const struct books_account *account)
{
    static const char types[] = {[LEDGER_ASSET] = 'A',
                                 [LEDGER_LIABILITY] = 'L',
                                 [LEDGER_EQUITY] = 'E',
                                 [LEDGER_INCOME] = 'R',
                                 [LEDGER_EXPENSE] = 'X'};
    struct str *out = &books->out;
    const struct gl_account *gl = chart_find(account->gl_code);
    CHECK(gl != NULL);
    str_append(out, is_beancount(books) ? "1970-01-01 open " : "account ");
    put_name(out, account);
    switch (books->order->format) {
    case REPORT_HLEDGER:
        str_printf(out, "  ; type:%c, gl:%d, name:%s\n", types[gl->class], gl->code, gl->name_en);
        break;
    case REPORT_LEDGER:
        str_printf(out, "\n    note %d %s\n", gl->code, gl->name_en);
        break;
    case REPORT_BEANCOUNT:
        /* The bank's own accounts take every currency in use. */
        str_printf(out, "%s%s\n  gl: \"%d\"\n  name: \"%s\"\n", account->id ? " " : "",
                   account->id ? ccy_from_number(account->ccy_number).code : "", gl->code,
                   gl->name_en);
        break;
    }
}

/* One account may hold several currencies in hledger and Ledger; it is declared once. A GL code's
 * accounts of two currencies stand beside each other. */
static bool declared_before(const struct books *books, size_t place)
{
    const struct books_account *account = &books->accounts[place];
    for (size_t i = 0; account->id == 0 && i < place && books->accounts[i].id == 0; i++) {
        if (books->accounts[i].gl_code == account->gl_code) {
            return true;
        }
    }
    return false;
}

void books_write_head(struct books *books)
{
    struct str *out = &books->out;
    str_append(out, "; The books of the bank, written by sycee export. Debits are positive.\n");
    if (is_beancount(books)) {
        str_append(out, "option \"title\" \"Sycee\"\n");
    }
    head_commodities(books);
    if (!is_beancount(books)) {
        head_words(books);
    }
    for (size_t i = 0; i < books->count; i++) {
        if (!declared_before(books, i)) {
            head_account(books, &books->accounts[i]);
            books_flush(books, BOOKS_FLUSH_SIZE);
        }
    }
}

/* --- transactions ------------------------------------------------------------------------------
 */

void books_write_opening(struct books *books)
{
    bool begun = false;
    for (size_t i = 0; i < books->count; i++) {
        const struct books_account *account = &books->accounts[i];
        if (account->opening_minor == 0) {
            continue;
        }
        if (!begun) {
            put_title(books, books->order->from, 0, OPENING);
        }
        begun = true;
        put_posting(&books->out, account, account->opening_minor);
        books_flush(books, BOOKS_FLUSH_SIZE);
    }
}

void books_write_line(struct books *books, const struct ledger_line *line,
                      const struct books_account *debit, const struct books_account *credit)
{
    if (books->open.value != line->journal.value) {
        bool captured = line->kind == LEDGER_CAPTURE;
        enum recipe recipe = (enum recipe)line->recipe;
        const char *text = recipe_text(recipe, LANG_EN);
        put_title(books, line->booking_date, line->journal.value,
                  text[0] ? text : recipe_name(recipe));
        put_tag(books, "event", recipe_name(recipe));
        put_tag_id(books, "ref", line->ref_id);
        put_tag_id(books, captured ? "hold" : "reverses", line->of_id);
        if (date_compare(line->value_date, line->booking_date) != 0) {
            char date[DATE_TEXT_SIZE];
            date_format(line->value_date, date);
            put_tag(books, "valued", date);
        }
        books->open = line->journal;
    }
    put_posting(&books->out, debit, line->amount_minor);
    put_posting(&books->out, credit, -line->amount_minor);
}

/* --- proof -------------------------------------------------------------------------------------
 */

void books_write_assertions(struct books *books)
{
    struct str *out = &books->out;
    /* Beancount asserts the balance at the beginning of a day. */
    struct date date = is_beancount(books) ? date_add_days(books->newest, 1) : books->newest;
    char text[DATE_TEXT_SIZE];
    date_format(date, text);
    for (size_t i = 0; i < books->count; i++) {
        const struct books_account *account = &books->accounts[i];
        int64_t minor = books->ledger ? account->carried_minor : account->net_minor;
        if (minor == 0 && !account->used) {
            continue;
        }
        if (is_beancount(books)) {
            char figure[MONEY_TEXT_SIZE];
            struct ccy ccy = ccy_from_number(account->ccy_number);
            money_format((struct money){minor, ccy}, figure);
            /* Without a tolerance said, Beancount lets a balance be off by a minor unit. */
            str_printf(out, "\n%s balance ", text);
            put_name(out, account);
            str_printf(out, "  %s ~ 0 %s\n", figure, ccy.code);
        } else {
            put_title(books, date, 0, PROOF);
            str_append(out, "    ");
            put_name(out, account);
            str_append(out, "  ");
            put_amount(out, account, 0);
            str_append(out, " = ");
            put_amount(out, account, minor);
            str_append_char(out, '\n');
        }
        books_flush(books, BOOKS_FLUSH_SIZE);
    }
}
