/* The books and the payments behind them, as staff see them. */
#include "api/render_staff.h"
#include "api/routes.h"
#include "api/schemas_staff.h"
#include "payment/payment_api.h"
#include "staff/staff_api.h"
#include "web/list.h"

#include <stdio.h>
#include <string.h>

#define PAYMENT_PAGE     50   /* payments read at a time where a text is searched */
#define PAYMENT_SCAN_MAX 2000 /* payments read by one call, however few match */
#define JOURNAL_PAGE     100
#define JOURNAL_PAGES    20 /* pages read by one call where a GL code is searched */

static struct engine *engine_of(const struct call *call)
{
    return call_engine(call);
}

/* --- Payments --------------------------------------------------------------------------------- */

struct payment_search {
    struct call *call;
    struct db_conn *conn;
    struct payment_filter filter;
    const char *text; /* NULL: all that the filter lets through */
    size_t limit;
    size_t count;    /* shown */
    int64_t last_id; /* newest read */
    enum err err;
};

static bool payment_matches(const struct payment *payment, const char *text)
{
    const char *const places[] = {payment->debtor_name,   payment->creditor_name,
                                  payment->debtor_masked, payment->creditor_masked,
                                  payment->text,          payment->end_to_end};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (strcasestr(places[i], text) != NULL) {
            return true;
        }
    }
    return false;
}

/* False where the page is full: the payment is left for the next one. */
static bool show_payment(struct payment_search *search, const struct payment *payment)
{
    if (search->text != NULL && !payment_matches(payment, search->text)) {
        search->last_id = payment->id.value;
        return true;
    }
    if (search->count == search->limit) {
        return false;
    }
    out_open(search->call, NULL, '{');
    search->err = render_staff_payment_members(search->call, search->conn, payment);
    out_close(search->call, '}');
    search->last_id = payment->id.value;
    search->count++;
    return search->err == ERR_OK;
}

/* Reads page by page until enough are shown, none is left, or the bound of one call is met. */
static enum err scan_payments(struct payment_search *search)
{
    struct payment *page = arena_alloc(search->call->arena, PAYMENT_PAGE * sizeof *page);
    if (page == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t scanned = 0; scanned < PAYMENT_SCAN_MAX; scanned += PAYMENT_PAGE) {
        size_t count = 0;
        enum err err =
            payment_report_list(search->conn, &search->filter, page, PAYMENT_PAGE, &count);
        if (err) {
            return err;
        }
        for (size_t i = 0; i < count; i++) {
            if (!show_payment(search, &page[i])) {
                call_next(search->call, search->last_id);
                return search->err;
            }
        }
        if (count < PAYMENT_PAGE) {
            return ERR_OK;
        }
        search->filter.before_id = search->last_id;
    }
    call_next(search->call, search->last_id);
    return ERR_OK;
}

/* What the text of the query names: one payment (*out_one), a customer, or anything in it. */
static enum err read_search(struct payment_search *search, struct payment *out_one,
                            bool *out_is_one)
{
    struct customer customer;
    struct payment_id id;
    const char *text = call_query_search(search->call);
    *out_is_one = false;
    if (text == NULL) {
        return ERR_OK;
    }
    enum err err =
        id_parse(text, &id.value) ? ERR_NOT_FOUND : payment_load(search->conn, id, out_one);
    *out_is_one = err == ERR_OK;
    if (err != ERR_NOT_FOUND) {
        return err;
    }
    err = customer_find(search->call, search->conn, text, &customer);
    if (err == ERR_OK) {
        search->filter.customer = customer.id;
    } else if (err == ERR_NOT_FOUND) {
        search->text = text;
        err = ERR_OK;
    }
    return err;
}

static enum err payments_render(struct call *call, struct db_conn *conn)
{
    const char *status = call_query(call, "status");
    const char *kind = call_query(call, "kind");
    struct payment_search search = {.call = call,
                                    .conn = conn,
                                    .filter = {.before_id = call_cursor(call)},
                                    .limit = call_limit(call)};
    struct payment one;
    bool is_one;
    call_query_days(call, &search.filter.from_us, &search.filter.to_us);
    enum err err = status ? payment_status_parse(status, &search.filter.status) : ERR_OK;
    err = err || kind == NULL ? err : payment_kind_parse(kind, &search.filter.kind);
    err = err ? err : read_search(&search, &one, &is_one);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    if (is_one) {
        show_payment(&search, &one);
        err = search.err;
    } else {
        err = scan_payments(&search);
    }
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

/* Which filters were used, not what stood in them. */
static enum err payments_view_commit(struct call *call, struct uow *uow)
{
    static const char *const names[] = {"q", "status", "kind", "from", "to"};
    char detail[64] = "by=";
    size_t used = strlen(detail);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (call_query(call, names[i]) != NULL) {
            used += (size_t)snprintf(detail + used, sizeof detail - used, "%s%s",
                                     used > 3 ? "," : "", names[i]);
        }
    }
    return audit_search(call, uow, "payment.search", detail);
}

static enum err payments_finish(struct call *call)
{
    return call_read(call, payments_render);
}

static bool list_event(const struct payment_event_row *row, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_instant(call, "at", row->at);
    out_text(call, "event", row->event);
    out_text(call, "detail", row->detail);
    out_close(call, '}');
    return true;
}

/* A transfer is made settled and keeps no events of its own. */
static enum err render_trail(struct call *call, struct db_conn *conn, const struct payment *payment)
{
    enum err err = ERR_OK;
    out_open(call, "trail", '[');
    if (payment->kind == PAYMENT_TRANSFER) {
        struct payment_event_row row = {.at = payment->created_at, .event = "settled"};
        list_event(&row, call);
    } else {
        err = payment_events_each(conn, payment->id, list_event, call);
    }
    out_close(call, ']');
    return err;
}

static enum err render_journals(struct call *call, struct db_conn *conn,
                                const struct payment *payment)
{
    enum err err = ERR_OK;
    out_open(call, "journals", '[');
    if (payment->journal.value != 0) {
        struct report_journal journal;
        err = report_journal_load(engine_ledger(engine_of(call)), conn, payment->journal, &journal);
        if (!err) {
            render_journal(call, NULL, &journal);
        }
    }
    out_close(call, ']');
    return err;
}

static enum err payment_render(struct call *call, struct db_conn *conn)
{
    struct payment payment;
    struct payment_id id;
    enum err err = call_path_id(call, 0, &id.value);
    err = err ? err : payment_load(conn, id, &payment);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    err = render_staff_payment_members(call, conn, &payment);
    err = err ? err : render_trail(call, conn, &payment);
    err = err ? err : render_journals(call, conn, &payment);
    out_close(call, '}');
    call_etag(call, payment.version);
    return err;
}

static enum err payment_finish(struct call *call)
{
    return call_read(call, payment_render);
}

static enum err payment_view_commit(struct call *call, struct uow *uow)
{
    struct payment payment;
    struct payment_id id;
    enum err err = call_path_id(call, 0, &id.value);
    err = err ? err : payment_load(uow->conn, id, &payment);
    return err ? err : audit_call(call, uow, "payment.view", "payment", id.value, "");
}

static enum err query_commit(struct call *call, struct uow *uow)
{
    struct payment payment;
    struct payment_id id;
    enum err err = call_path_id(call, 0, &id.value);
    err = err ? err : payment_load(uow->conn, id, &payment);
    return err ? err : audit_call(call, uow, "payment.query", "payment", id.value, "");
}

static enum err query_finish(struct call *call)
{
    struct payment payment;
    struct payment_id id;
    bool asked;
    enum err err = call_path_id(call, 0, &id.value);
    err = err ? err
              : payment_query(engine_of(call), payment_channel_of(call_house(call)), id, &payment,
                              &asked);
    return err ? err : call_read(call, payment_render);
}

/* --- General ledger --------------------------------------------------------------------------- */

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
    enum err err = report_chart(engine_ledger(engine_of(call)), conn, CCY_CNY, rows, &count);
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

/* --- Trial balance ---------------------------------------------------------------------------- */

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
    struct ledger *ledger = engine_ledger(engine_of(call));
    struct date date = engine_business_date(engine_of(call));
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

/* --- Journals --------------------------------------------------------------------------------- */

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
    struct ledger *ledger = engine_ledger(engine_of(search->call));
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
    err = err ? err : report_journal_load(engine_ledger(engine_of(call)), conn, id, &journal);
    if (!err) {
        render_journal(call, NULL, &journal);
    }
    return err;
}

static enum err journal_finish(struct call *call)
{
    return call_read(call, journal_render);
}

/* --- Seals ------------------------------------------------------------------------------------ */

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

/* --- The table -------------------------------------------------------------------------------- */

static const struct field payments_query[] = {
    FIELD_MAY("q", FIELD_TEXT, .min = 1, .max = 64,
              .text = "payment id; customer id, phone or account number of either side; or a part "
                      "of names, numbers, text or reference"),
    FIELD_MAY("status", FIELD_ENUM, .values = values_payment_status),
    FIELD_MAY("kind", FIELD_ENUM, .values = values_payment_kind),
    FIELD_MAY("from", FIELD_DATE, .text = "first day it was made on"),
    FIELD_MAY("to", FIELD_DATE, .text = "last day it was made on"),
    FIELD_END};
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

const struct route routes_staff_books[] = {
    {.method = HTTP_GET,
     .path = "/v1/staff/payments",
     .operation = "staffListPayments",
     STAFF(PERMIT_PAYMENTS, "Staff: payments"),
     .text = "Payments of all customers, newest first. A page may be short and still have a next.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW | ROUTE_LIST,
     .query = payments_query,
     .status = 200,
     .answer = &schema_staff_payment,
     .commit = payments_view_commit,
     .finish = payments_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/payments/{paymentId}",
     .operation = "staffGetPayment",
     STAFF(PERMIT_PAYMENTS, "Staff: payments"),
     .text = "A payment with its trail and its journals.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW,
     .status = 200,
     .answer = &schema_payment_file,
     .commit = payment_view_commit,
     .finish = payment_finish},
    {.method = HTTP_POST,
     .path = "/v1/staff/payments/{paymentId}/queries",
     .operation = "staffQueryPayment",
     STAFF(PERMIT_PAYMENT_QUERY, "Staff: payments"),
     .text = "Asks the card's side about a payment now, where it may be asked; the payment after.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW,
     .status = 200,
     .answer = &schema_payment_file,
     .commit = query_commit,
     .finish = query_finish,
     .rate = "proof"},
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
