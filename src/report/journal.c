/* Journals as staff see them: one at a time with balances, and lists of them. */
#include "report/gl_sums.h"
#include "report/report.h"

#include <stdlib.h>

#define PAGE_MAX 100

/* The first line older than the one asked for. */
struct before {
    bool found;
    int64_t balance_minor;
};

static bool take_first(const struct ledger_line *line, void *context)
{
    struct before *before = context;
    *before = (struct before){true, line->balance_minor};
    return false;
}

/* One side of a transfer with its account's balance after it: the balance of the line before it on
 * that account, which history finds at once, and the amount. */
static enum err load_posting(struct ledger *ledger, struct db_conn *conn,
                             const struct ledger_line *line, enum ledger_side side,
                             struct report_posting *out)
{
    struct account_id account = side == LEDGER_DEBIT ? line->debit : line->credit;
    struct ledger_account state;
    struct before before = {0};
    enum err err = ledger_account_load(ledger, conn, account, &state);
    if (!err) {
        err = ledger_history(ledger, conn, account, line->id, take_first, &before);
    }
    if (err) {
        return err;
    }
    const struct gl_account *gl = chart_find(state.gl_code);
    bool raises = gl != NULL && chart_normal_side(gl->class) == side;
    *out = (struct report_posting){.account = account,
                                   .gl_code = state.gl_code,
                                   .side = side,
                                   .amount_minor = line->amount_minor,
                                   .ccy = ccy_from_number(state.ccy_number),
                                   .balance_minor =
                                       before.balance_minor +
                                       (raises ? line->amount_minor : -line->amount_minor)};
    return ERR_OK;
}

static void head_of(const struct ledger_line *line, struct report_journal *out)
{
    bool captured = line->kind == LEDGER_CAPTURE;
    out->id = line->journal;
    out->recipe = (enum recipe)line->recipe;
    out->recipe_version = line->recipe_version;
    out->booking_date = line->booking_date;
    out->value_date = line->value_date;
    out->created_at = line->created_at;
    out->ref_id = line->ref_id;
    out->reversal_of.value = captured ? 0 : line->of_id;
    out->captured_from.value = captured ? line->of_id : 0;
    out->count = 0;
}

enum err report_journal_load(struct ledger *ledger, struct db_conn *conn, struct journal_id id,
                             struct report_journal *out)
{
    struct ledger_line lines[LEDGER_LEGS_MAX];
    size_t count = 0;
    enum err err = ledger_journal_load(conn, id, lines, &count);
    if (err) {
        return err;
    }
    if (!gl_sums_counts(lines[0].kind)) {
        return ERR_LEDGER_JOURNAL;
    }
    head_of(&lines[0], out);
    for (size_t i = 0; !err && i < 2 * count; i++) {
        err = load_posting(ledger, conn, &lines[i / 2], i % 2 ? LEDGER_CREDIT : LEDGER_DEBIT,
                           &out->postings[i]);
    }
    out->count = err ? 0 : 2 * count;
    return err;
}

/* --- lists -------------------------------------------------------------------------------------
 */

/* What one call finds: ids first, for their postings are read by further statements. */
struct page {
    const struct report_journal_filter *filter;
    size_t limit;
    size_t count;
    int64_t scanned;
    int64_t cursor; /* of the last line that is done with */
    bool more;
    struct journal_id ids[PAGE_MAX];
};

static bool matches(const struct report_journal_filter *filter, const struct ledger_line *line)
{
    return gl_sums_counts(line->kind) &&
           (filter->recipe == 0 || line->recipe == (uint16_t)filter->recipe) &&
           (!filter->has_from || date_compare(line->booking_date, filter->from) >= 0) &&
           (!filter->has_to || date_compare(line->booking_date, filter->to) <= 0);
}

/* All books: a journal is taken at its first leg, the last that is met on the way back. */
static bool collect(const struct ledger_line *line, void *context)
{
    struct page *page = context;
    if (page->scanned == REPORT_SCAN_MAX || page->count == page->limit) {
        page->more = true;
        return false;
    }
    page->scanned++;
    page->cursor = line->id;
    if (line->id == line->journal.value && matches(page->filter, line)) {
        page->ids[page->count++] = line->journal;
    }
    return true;
}

/* One account: the legs of a journal that touch it stand together; the page ends between two
 * journals, so that the next one does not begin with a leg of the same. */
static bool collect_of_account(const struct ledger_line *line, void *context)
{
    struct page *page = context;
    bool same = page->count > 0 && page->ids[page->count - 1].value == line->journal.value;
    if (!same && (page->scanned >= REPORT_SCAN_MAX || page->count == page->limit)) {
        page->more = true;
        return false;
    }
    page->scanned++;
    page->cursor = line->id;
    if (!same && matches(page->filter, line)) {
        page->ids[page->count++] = line->journal;
    }
    return true;
}

static enum err give(struct ledger *ledger, struct db_conn *conn, const struct page *page,
                     report_journal_visit *visit, void *context, int64_t *out_next)
{
    struct report_journal *journal = malloc(sizeof *journal);
    if (journal == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = ERR_OK;
    int64_t next = page->more ? page->cursor : 0;
    for (size_t i = 0; !err && i < page->count; i++) {
        err = report_journal_load(ledger, conn, page->ids[i], journal);
        if (!err && !visit(journal, context)) {
            next = page->ids[i].value;
            break;
        }
    }
    free(journal);
    if (!err) {
        *out_next = next;
    }
    return err;
}

enum err report_journals(struct ledger *ledger, struct db_conn *conn,
                         const struct report_journal_filter *filter, int64_t before_id,
                         size_t limit, report_journal_visit *visit, void *context,
                         int64_t *out_next)
{
    struct page page = {.filter = filter, .limit = limit < PAGE_MAX ? limit : PAGE_MAX};
    page.cursor = before_id;
    enum err err =
        filter->account.value != 0
            ? ledger_history(ledger, conn, filter->account, before_id, collect_of_account, &page)
            : ledger_transfers_before(conn, before_id, collect, &page);
    return err ? err : give(ledger, conn, &page, visit, context, out_next);
}
