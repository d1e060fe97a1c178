/* The books: chart, trial balance, journals, seals. */
#include "desk/desk_render.h"
#include "desk/desk_routes.h"
#include "desk/desk_schemas.h"
#include "staff/staff_api.h"
#include "web/list.h"

#include <stdio.h>
#include <string.h>

#define JOURNAL_PAGE  100
#define JOURNAL_PAGES 20 /* pages read by one call where a GL code is searched */

static const char *class_name(enum ledger_class class)
{
    static const char *const names[] = {
        [LEDGER_ASSET] = "asset",   [LEDGER_LIABILITY] = "liability", [LEDGER_EQUITY] = "equity",
        [LEDGER_INCOME] = "income", [LEDGER_EXPENSE] = "expense",
    };
    return names[class];
}

static const char *side_name(enum ledger_side side)
{
    return side == LEDGER_DEBIT ? "debit" : "credit";
}

/* Members code, name, class. */
static void render_gl(struct call *call, const struct gl_account *gl)
{
    char code[8];
    snprintf(code, sizeof code, "%u", gl->code);
    out_text(call, "code", code);
    out_bilingual(call, "name", gl->name_en, gl->name_zh);
    out_text(call, "class", class_name(gl->class));
}

static enum err gl_accounts_render(struct call *call, struct db_conn *conn)
{
    size_t count = 0;
    struct report_chart_row *rows = arena_alloc(call->arena, REPORT_CHART_MAX * sizeof *rows);
    if (rows == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = report_chart(engine_ledger(call_engine(call)), conn, CCY_CNY, rows, &count);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; i < count; i++) {
        const struct report_chart_row *row = &rows[i];
        out_open(call, NULL, '{');
        render_gl(call, row->gl);
        out_text(call, "normalSide", side_name(row->normal_side));
        out_text(call, "currency", row->ccy.code);
        out_money(call, "balance", (struct money){row->balance_minor, row->ccy});
        out_text(call, "side", side_name(row->side));
        out_int(call, "accountCount", row->account_count);
        out_close(call, '}');
    }
    out_close(call, ']');
    out_close(call, '}');
    return ERR_OK;
}

static enum err gl_accounts_finish(struct call *call)
{
    return call_read(call, gl_accounts_render);
}

static void out_amount(struct call *call, const char *name, int64_t minor, struct ccy ccy)
{
    char text[MONEY_TEXT_SIZE];
    money_format((struct money){minor, ccy}, text);
    out_text(call, name, text);
}

/* A balance stands in the column of its side; the other column is zero. */
static void out_balance(struct call *call, const char *debit, const char *credit, int64_t minor,
                        struct ccy ccy)
{
    out_amount(call, debit, minor > 0 ? minor : 0, ccy);
    out_amount(call, credit, minor < 0 ? -minor : 0, ccy);
}

static void render_trial_totals(struct call *call, const struct report_trial_balance *trial)
{
    out_open(call, "totals", '{');
    out_amount(call, "openingDebit", trial->opening_debit_minor, trial->ccy);
    out_amount(call, "openingCredit", trial->opening_credit_minor, trial->ccy);
    out_amount(call, "debitTurnover", trial->debit_minor, trial->ccy);
    out_amount(call, "creditTurnover", trial->credit_minor, trial->ccy);
    out_amount(call, "closingDebit", trial->closing_debit_minor, trial->ccy);
    out_amount(call, "closingCredit", trial->closing_credit_minor, trial->ccy);
    out_close(call, '}');
}

static enum err trial_balance_render(struct call *call, struct db_conn *conn)
{
    struct ledger *ledger = engine_ledger(call_engine(call));
    struct date date = engine_business_date(call_engine(call));
    struct ccy ccy = CCY_CNY;
    const char *currency = call_query(call, "currency");
    struct report_trial_balance *trial = arena_zero(call->arena, sizeof *trial);
    if (trial == NULL) {
        return ERR_NO_MEMORY;
    }
    call_query_date(call, "date", &date);
    enum err err = currency ? ccy_parse(currency, &ccy) : ERR_OK;
    if (err) {
        return call_blame(call, err, "?currency");
    }
    err = report_trial_balance(ledger, conn, date, ccy, trial);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_date(call, "date", trial->date);
    out_text(call, "currency", trial->ccy.code);
    out_open(call, "rows", '[');
    for (size_t i = 0; i < trial->count; i++) {
        const struct report_gl_row *row = &trial->rows[i];
        out_open(call, NULL, '{');
        render_gl(call, row->gl);
        out_balance(call, "openingDebit", "openingCredit", row->opening_minor, ccy);
        out_amount(call, "debitTurnover", row->debit_minor, ccy);
        out_amount(call, "creditTurnover", row->credit_minor, ccy);
        out_balance(call, "closingDebit", "closingCredit", row->closing_minor, ccy);
        out_close(call, '}');
    }
    out_close(call, ']');
    render_trial_totals(call, trial);
    out_bool(call, "balanced", trial->balanced);
    out_close(call, '}');
    return ERR_OK;
}

static enum err trial_balance_finish(struct call *call)
{
    return call_read(call, trial_balance_render);
}

struct journal_search {
    struct call *call;
    struct report_journal_filter filter;
    uint16_t gl_code; /* 0: any */
    size_t limit;
    size_t count;    /* shown */
    int64_t last_id; /* newest read */
};

static bool touches_gl(const struct report_journal *journal, uint16_t gl_code)
{
    for (size_t i = 0; i < journal->count; i++) {
        if (journal->postings[i].gl_code == gl_code) {
            return true;
        }
    }
    return false;
}

static bool list_journal(const struct report_journal *journal, void *context)
{
    struct journal_search *search = context;
    search->last_id = journal->id.value;
    if (search->gl_code == 0 || touches_gl(journal, search->gl_code)) {
        render_journal(search->call, NULL, journal);
        search->count++;
    }
    return search->count < search->limit;
}

static enum recipe recipe_of(const char *name)
{
    for (int recipe = RECIPE_TRANSFER; recipe < RECIPE_COUNT_MAX; recipe++) {
        if (strcmp(recipe_name((enum recipe)recipe), name) == 0) {
            return (enum recipe)recipe;
        }
    }
    return 0;
}

/* The filter's account: a GL code, an account number, or an id. */
static enum err read_account(struct journal_search *search, struct db_conn *conn, const char *text)
{
    struct account account;
    int64_t number;
    if (strlen(text) == 4 && str_to_int(text, &number) && number > 0 &&
        chart_find((uint16_t)number) != NULL) {
        search->gl_code = (uint16_t)number;
        return ERR_OK;
    }
    if (account_number_is_valid(text)) {
        enum err err = account_find_by_number(conn, text, &account);
        if (err != ERR_NOT_FOUND) {
            search->filter.account = account.id;
            return err;
        }
    }
    if (id_parse(text, &search->filter.account.value) == ERR_OK) {
        return ERR_OK;
    }
    call_field_error(search->call, "?account", "is not a GL code, account number or account id",
                     "不是科目代码、账号或账户编号");
    return ERR_INVALID_FIELD;
}

/* With a GL code journals are read and those that do not touch it left out. */
static enum err scan_journals(struct journal_search *search, struct db_conn *conn)
{
    struct ledger *ledger = engine_ledger(call_engine(search->call));
    int64_t before = call_cursor(search->call);
    int64_t next = 0;
    int pages = search->gl_code == 0 ? 1 : JOURNAL_PAGES;
    for (int i = 0; i < pages; i++) {
        size_t limit = search->gl_code == 0 ? search->limit : JOURNAL_PAGE;
        enum err err = report_journals(ledger, conn, &search->filter, before, limit, list_journal,
                                       search, &next);
        if (err) {
            return err == ERR_LEDGER_ACCOUNT ? ERR_OK : err; /* no such account: no journals */
        }
        bool is_full = search->count == search->limit;
        if (is_full && search->gl_code != 0) {
            next = search->last_id;
        }
        if (is_full || next == 0) {
            break;
        }
        before = next;
    }
    call_next(search->call, next);
    return ERR_OK;
}

static enum err journals_render(struct call *call, struct db_conn *conn)
{
    const char *account = call_query(call, "account");
    const char *kind = call_query(call, "kind");
    struct journal_search search = {.call = call, .limit = call_limit(call)};
    search.filter.has_from = call_query_date(call, "from", &search.filter.from);
    search.filter.has_to = call_query_date(call, "to", &search.filter.to);
    search.filter.recipe = kind ? recipe_of(kind) : 0;
    enum err err = account ? read_account(&search, conn, account) : ERR_OK;
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    err = scan_journals(&search, conn);
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static enum err journals_finish(struct call *call)
{
    return call_read(call, journals_render);
}

static enum err journal_render(struct call *call, struct db_conn *conn)
{
    struct journal_id id;
    struct report_journal journal;
    enum err err = call_path_id(call, 0, &id.value);
    err = err ? err : report_journal_load(engine_ledger(call_engine(call)), conn, id, &journal);
    if (!err) {
        render_journal(call, NULL, &journal);
    }
    return err;
}

static enum err journal_finish(struct call *call)
{
    return call_read(call, journal_render);
}

static bool list_seal(const struct ledger_seal *seal, void *context)
{
    struct list_page *page = context;
    struct call *call = page->call;
    char id[40];
    if (!list_page_shows(page)) {
        return true;
    }
    snprintf(id, sizeof id, seal->bucket ? "%lld-%d" : "%lld", (long long)seal->seq, seal->bucket);
    out_open(call, NULL, '{');
    out_text(call, "sealId", id);
    out_instant(call, "at", seal->at);
    out_id(call, "firstTransferId", seal->first_id);
    out_id(call, "lastTransferId", seal->last_id);
    out_int(call, "count", seal->count);
    out_hash(call, "hash", seal->hash);
    out_close(call, '}');
    return true;
}

static enum err seals_render(struct call *call, struct db_conn *conn)
{
    struct list_page page = list_page_of(call);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    enum err err = ledger_seals_newest(conn, list_page_rows(&page), list_seal, &page);
    out_close(call, ']');
    out_close(call, '}');
    if (!err) {
        list_page_end(&page);
    }
    return err;
}

static enum err seals_finish(struct call *call)
{
    return call_read(call, seals_render);
}

static const struct field trial_balance_query[] = {
    FIELD_MAY("date", FIELD_DATE, .text = "booking date; absent: the business date"),
    FIELD_MAY("currency", FIELD_TEXT, .min = 3, .max = 3, .text = "absent: CNY"), FIELD_END};

static const struct field journals_query[] = {
    FIELD_MAY("from", FIELD_DATE, .text = "first booking date"),
    FIELD_MAY("to", FIELD_DATE, .text = "last booking date"),
    FIELD_MAY("kind", FIELD_ENUM, .values = values_recipe),
    FIELD_MAY("account", FIELD_TEXT, .min = 1, .max = 19,
              .text = "GL code, account number or account id"),
    FIELD_END};

/* What the rows of one group share. */
#define STAFF(permission_, tag_) .scope = &staff_scope, .permission = (permission_), .tag = tag_

const struct route desk_books_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/staff/gl-accounts",
     .operation = "staffListGlAccounts",
     STAFF(PERMIT_LEDGER, "Staff: books"),
     .text = "The chart of accounts with its balances of now.",
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_gl_account_list,
     .finish = gl_accounts_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/trial-balance",
     .operation = "staffGetTrialBalance",
     STAFF(PERMIT_LEDGER, "Staff: books"),
     .text = "Opening balances, turnover and closing balances of a date.",
     .flags = ROUTE_SLOW,
     .query = trial_balance_query,
     .status = 200,
     .answer = &schema_trial_balance,
     .finish = trial_balance_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/journals",
     .operation = "staffListJournals",
     STAFF(PERMIT_LEDGER, "Staff: books"),
     .text = "Journals, newest first. A page may be short and still have a next.",
     .flags = ROUTE_SLOW | ROUTE_LIST,
     .query = journals_query,
     .status = 200,
     .answer = &schema_journal,
     .finish = journals_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/journals/{journalId}",
     .operation = "staffGetJournal",
     STAFF(PERMIT_LEDGER, "Staff: books"),
     .text = "A journal.",
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_journal,
     .finish = journal_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/seals",
     .operation = "staffListSeals",
     STAFF(PERMIT_LEDGER, "Staff: books"),
     .text = "Seals of the ledger, newest first.",
     .flags = ROUTE_SLOW | ROUTE_LIST,
     .status = 200,
     .answer = &schema_seal,
     .finish = seals_finish},
    {.path = NULL}};
