#include "payment/activity.h"

#include "base/check.h"
#include "ledger/recipe.h"
#include "payment/payment_store.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#define CHUNK_LINES    DB_BATCH_MAX
#define NEEDLE_UNITS   256
#define HAYSTACK_UNITS 4096

static const char *const kind_names[] = {"transfer", "topUp",    "withdrawal",
                                         "interest", "reversal", "other"};

const char *activity_kind_name(enum activity_kind kind)
{
    CHECK(kind >= ACTIVITY_TRANSFER && kind <= ACTIVITY_OTHER);
    return kind_names[kind - ACTIVITY_TRANSFER];
}

enum err activity_kind_parse(const char *text, enum activity_kind *out)
{
    for (int i = 0; i < (int)(sizeof kind_names / sizeof kind_names[0]); i++) {
        if (strcmp(kind_names[i], text) == 0) {
            *out = (enum activity_kind)(i + ACTIVITY_TRANSFER);
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

static enum activity_kind kind_of(uint16_t recipe)
{
    switch (recipe) {
    case RECIPE_TRANSFER:
        return ACTIVITY_TRANSFER;
    case RECIPE_TOP_UP:
        return ACTIVITY_TOP_UP;
    case RECIPE_WITHDRAWAL:
        return ACTIVITY_WITHDRAWAL;
    case RECIPE_INTEREST_CREDIT:
        return ACTIVITY_INTEREST;
    case RECIPE_REVERSAL:
        return ACTIVITY_REVERSAL;
    default:
        return ACTIVITY_OTHER;
    }
}

/* Lines of one stretch of history with their payments. */
struct chunk {
    struct activity_line lines[CHUNK_LINES];
    size_t count;
    size_t max;
    size_t scanned;
    int64_t last_id; /* of the newest line not yet given */
    bool more;
    struct payment_id ids[CHUNK_LINES];
    struct payment payments[CHUNK_LINES];
    bool found[CHUNK_LINES];
};

/* Holds and their releases move no money and are no activity. */
static bool moves_money(enum ledger_kind kind)
{
    return kind == LEDGER_POST || kind == LEDGER_CAPTURE;
}

static bool collect(const struct ledger_line *line, void *context)
{
    struct chunk *chunk = context;
    CHECK(chunk->count <= CHUNK_LINES);
    if (chunk->count == CHUNK_LINES || chunk->scanned == chunk->max) {
        chunk->more = true;
        return false;
    }
    chunk->scanned++;
    chunk->last_id = line->id;
    if (moves_money(line->kind)) {
        struct activity_line *out = &chunk->lines[chunk->count++];
        out->line = *line;
        out->kind = kind_of(line->recipe);
        out->has_payment = false;
        out->other_name = "";
        out->other_masked = "";
    }
    return true;
}

static enum err chunk_join(struct db_conn *conn, struct chunk *chunk)
{
    CHECK(chunk->count <= CHUNK_LINES);
    size_t of_line[CHUNK_LINES];
    size_t count = 0;
    for (size_t i = 0; i < chunk->count; i++) {
        if (chunk->lines[i].line.ref_id != 0) {
            chunk->ids[count].value = chunk->lines[i].line.ref_id;
            of_line[count++] = i;
        }
    }
    enum err err = payment_load_many(conn, chunk->ids, count, chunk->payments, chunk->found);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        if (!chunk->found[i]) {
            continue;
        }
        struct activity_line *line = &chunk->lines[of_line[i]];
        bool in = line->line.side == LEDGER_CREDIT;
        line->has_payment = true;
        line->payment = chunk->payments[i];
        line->other_name = in ? line->payment.debtor_name : line->payment.creditor_name;
        line->other_masked = in ? line->payment.debtor_masked : line->payment.creditor_masked;
    }
    return err;
}

/* --- filter ----------------------------------------------------------------------------------- */

struct needle {
    UChar units[NEEDLE_UNITS];
    bool wanted;
    bool impossible; /* longer than any text here */
};

static int32_t fold(const char *text, UChar *out, int32_t max)
{
    CHECK(max > 0);
    UChar raw[HAYSTACK_UNITS];
    int32_t size = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(raw, HAYSTACK_UNITS, &size, text, -1, &status);
    int32_t folded = u_strFoldCase(out, max - 1, raw, size, U_FOLD_CASE_DEFAULT, &status);
    if (U_FAILURE(status)) {
        return -1;
    }
    out[folded] = 0;
    return folded;
}

static void needle_init(struct needle *needle, const char *text)
{
    needle->wanted = text != NULL && text[0] != '\0';
    needle->impossible = needle->wanted && fold(text, needle->units, NEEDLE_UNITS) < 0;
}

static bool contains(const struct needle *needle, const char *text)
{
    UChar folded[HAYSTACK_UNITS];
    return fold(text, folded, HAYSTACK_UNITS) >= 0 && u_strstr(folded, needle->units) != NULL;
}

static bool matches_text(const struct needle *needle, const struct activity_line *line)
{
    if (!needle->wanted) {
        return true;
    }
    if (needle->impossible) {
        return false;
    }
    char amount[MONEY_TEXT_SIZE];
    money_format((struct money){line->line.amount_minor, CCY_CNY}, amount);
    return contains(needle, line->other_name) || contains(needle, line->other_masked) ||
           contains(needle, amount) || (line->has_payment && contains(needle, line->payment.text));
}

static bool matches(const struct activity_filter *filter, const struct needle *needle,
                    const struct activity_line *line)
{
    const struct ledger_line *l = &line->line;
    return (filter->side == 0 || l->side == filter->side) &&
           (!filter->has_from || date_compare(l->booking_date, filter->from) >= 0) &&
           (!filter->has_to || date_compare(l->booking_date, filter->to) <= 0) &&
           (filter->min_minor == 0 || l->amount_minor >= filter->min_minor) &&
           (filter->max_minor == 0 || l->amount_minor <= filter->max_minor) &&
           (filter->kind == 0 || line->kind == filter->kind) && matches_text(needle, line);
}

/* --- pages ------------------------------------------------------------------------------------ */

struct page {
    const struct activity_filter *filter;
    struct needle needle;
    size_t limit;
    size_t given;
    size_t scanned;
    int64_t cursor; /* id of the last line that the caller has seen or that did not match */
    bool more;
    activity_visit *visit;
    void *context;
};

/* True while the caller wants more of this chunk. */
static bool give(struct page *page, const struct chunk *chunk)
{
    CHECK(page->given <= page->limit);
    for (size_t i = 0; i < chunk->count; i++) {
        const struct activity_line *line = &chunk->lines[i];
        if (!matches(page->filter, &page->needle, line)) {
            continue;
        }
        if (page->given == page->limit) {
            page->more = true;
            return false;
        }
        page->given++;
        page->cursor = line->line.id;
        if (!page->visit(line, page->context)) {
            page->more = true;
            return false;
        }
    }
    page->cursor = chunk->last_id;
    page->more = chunk->more;
    return chunk->more;
}

static enum err read_page(struct ledger *ledger, struct db_conn *conn, struct account_id account,
                          struct page *page, struct chunk *chunk)
{
    CHECK(page->scanned <= ACTIVITY_SCAN_MAX);
    for (;;) {
        chunk->count = 0;
        chunk->scanned = 0;
        chunk->max = ACTIVITY_SCAN_MAX - page->scanned;
        chunk->last_id = page->cursor;
        chunk->more = false;
        enum err err = ledger_history(ledger, conn, account, page->cursor, collect, chunk);
        if (err == ERR_OK) {
            err = chunk_join(conn, chunk);
        }
        if (err != ERR_OK) {
            return err;
        }
        page->scanned += chunk->scanned;
        if (!give(page, chunk) || page->scanned >= ACTIVITY_SCAN_MAX) {
            return ERR_OK;
        }
    }
}

enum err activity_each(struct ledger *ledger, struct db_conn *conn, struct account_id account,
                       const struct activity_filter *filter, int64_t before_id, size_t limit,
                       activity_visit *visit, void *context, int64_t *out_next)
{
    CHECK(visit != NULL && limit > 0);
    struct page page = {.filter = filter,
                        .limit = limit < ACTIVITY_PAGE_MAX ? limit : ACTIVITY_PAGE_MAX,
                        .cursor = before_id,
                        .visit = visit,
                        .context = context};
    needle_init(&page.needle, filter->text);
    struct chunk *chunk = malloc(sizeof *chunk);
    if (chunk == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = read_page(ledger, conn, account, &page, chunk);
    free(chunk);
    if (err == ERR_OK) {
        *out_next = page.more ? page.cursor : 0;
    }
    return err;
}
