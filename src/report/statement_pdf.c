/* Statements on paper: A4, the table's head on every page. */
#include "report/pdf.h"
#include "report/statement.h"
#include "report/text.h"

#include <stdio.h>
#include <string.h>

#define LEFT       450
#define WIDTH      (PDF_A4_WIDTH - 2 * LEFT)
#define TOP        420
#define HEAD_FIRST 2330 /* top of the table on the first page */
#define HEAD_NEXT  900
#define HEAD_SIZE  210
#define BOTTOM     7800 /* lowest line of the table */
#define TOTALS     1150 /* height of what follows the last line */
#define ROW_GAP    65
#define PAD        40

enum column {
    COLUMN_DATE,
    COLUMN_KIND,
    COLUMN_OTHER,
    COLUMN_OUT,
    COLUMN_IN,
    COLUMN_BALANCE,
    COLUMN_COUNT
};
static const struct {
    int x, width;
    enum text head;
    enum pdf_align align;
} columns[COLUMN_COUNT] = {
    [COLUMN_DATE] = {0, 620, TEXT_DATE, PDF_LEFT},
    [COLUMN_KIND] = {620, 800, TEXT_KIND, PDF_LEFT},
    [COLUMN_OTHER] = {1420, 1513, TEXT_OTHER, PDF_LEFT},
    [COLUMN_OUT] = {2933, 680, TEXT_OUT, PDF_RIGHT},
    [COLUMN_IN] = {3613, 680, TEXT_IN, PDF_RIGHT},
    [COLUMN_BALANCE] = {4293, 760, TEXT_BALANCE, PDF_RIGHT},
};

struct paper {
    struct pdf pdf;
    const struct statement *statement;
    enum lang lang;
    int page, page_count;
    int y;
};

static const struct pdf_style plain = {.size = 85};
static const struct pdf_style small_grey = {.size = 70, .ink = PDF_GREY};

static int cell(struct paper *p, enum column column, int y, struct pdf_style style,
                const char *text)
{
    style.align = columns[column].align;
    style.shrink = style.align == PDF_RIGHT;
    return pdf_text(&p->pdf, LEFT + columns[column].x + PAD, y, columns[column].width - 2 * PAD,
                    style, text);
}

static void amount_cell(struct paper *p, enum column column, int y, struct pdf_style style,
                        int64_t minor)
{
    char text[TEXT_AMOUNT_SIZE];
    text_amount((struct money){minor, p->statement->order->account->ccy}, text);
    cell(p, column, y, style, text);
}

/* --- heads and feet ----------------------------------------------------------------------------
 */

/* "8812 **** **** 1234": enough to know one's own account by. */
static void account_tail(const char *number, char *out, size_t size)
{
    size_t length = strlen(number);
    const char *tail = number + (length > 4 ? length - 4 : 0);
    snprintf(out, size, "%.4s **** **** %s", number, tail);
}

static void fact(struct paper *p, int x, int y, int width, enum text name, const char *value)
{
    struct pdf_style style = {.size = 95, .line_max = 1};
    pdf_text(&p->pdf, x, y, width, small_grey, text_of(name, p->lang));
    pdf_text(&p->pdf, x, y + 110, width, style, value);
}

static void figure(struct paper *p, int place, enum text name, int64_t minor)
{
    char text[TEXT_AMOUNT_SIZE];
    int width = WIDTH / 4;
    int x = LEFT + place * width;
    struct pdf_style style = {.size = 115, .bold = true, .shrink = true};
    text_amount((struct money){minor, p->statement->order->account->ccy}, text);
    pdf_text(&p->pdf, x + 100, 1850, width - 140, small_grey, text_of(name, p->lang));
    pdf_text(&p->pdf, x + 100, 1965, width - 140, style, text);
}

static void first_head(struct paper *p)
{
    const struct report_order *order = p->statement->order;
    struct pdf_style bank = {.size = 130, .ink = PDF_BRAND, .bold = true};
    struct pdf_style title = {.size = 190, .bold = true};
    char from[DATE_TEXT_SIZE];
    char to[DATE_TEXT_SIZE];
    char period[64];
    char account[64];
    char made[TEXT_INSTANT_SIZE];
    date_format(order->from, from);
    date_format(order->to, to);
    snprintf(period, sizeof period, p->lang == LANG_ZH ? "%s 至 %s" : "%s to %s", from, to);
    account_tail(order->account->number, account, sizeof account);
    text_instant(order->now_us, order->zone, made);
    pdf_mark(&p->pdf, LEFT, TOP, 200);
    pdf_text(&p->pdf, LEFT + 260, TOP + 10, 2500, bank, text_of(TEXT_BANK, p->lang));
    pdf_text(&p->pdf, LEFT, TOP + 290, WIDTH, title, text_of(TEXT_STATEMENT, p->lang));
    int half = WIDTH / 2;
    fact(p, LEFT, 1080, half - 100, TEXT_HOLDER, order->holder_name);
    fact(p, LEFT + half, 1080, half, TEXT_ACCOUNT, account);
    fact(p, LEFT, 1420, half - 100, TEXT_PERIOD, period);
    fact(p, LEFT + half, 1420, half / 2, TEXT_CURRENCY, order->account->ccy.code);
    fact(p, LEFT + half + half / 3, 1420, half * 2 / 3, TEXT_MADE, made);
    pdf_box(&p->pdf, LEFT, 1760, WIDTH, 420, PDF_SHADE);
    figure(p, 0, TEXT_OPENING, p->statement->opening_minor);
    figure(p, 1, TEXT_IN, p->statement->in_minor);
    figure(p, 2, TEXT_OUT, p->statement->out_minor);
    figure(p, 3, TEXT_CLOSING, p->statement->closing_minor);
    p->y = HEAD_FIRST;
}

static void next_head(struct paper *p)
{
    struct pdf_style bank = {.size = 95, .ink = PDF_BRAND, .bold = true};
    struct pdf_style right = {.size = 80, .ink = PDF_GREY, .align = PDF_RIGHT};
    char account[64];
    char text[200];
    account_tail(p->statement->order->account->number, account, sizeof account);
    snprintf(text, sizeof text, "%s  ·  %s", text_of(TEXT_STATEMENT, p->lang), account);
    pdf_mark(&p->pdf, LEFT, TOP + 80, 140);
    pdf_text(&p->pdf, LEFT + 190, TOP + 85, 2000, bank, text_of(TEXT_BANK, p->lang));
    pdf_text(&p->pdf, LEFT + WIDTH / 2, TOP + 95, WIDTH / 2, right, text);
    p->y = HEAD_NEXT;
}

static void table_head(struct paper *p)
{
    struct pdf_style style = {.size = 80, .ink = PDF_GREY, .bold = true};
    for (int i = 0; i < COLUMN_COUNT; i++) {
        cell(p, (enum column)i, p->y, style, text_of(columns[i].head, p->lang));
    }
    pdf_rule(&p->pdf, LEFT, p->y + 150, WIDTH, 10, PDF_BRAND);
    p->y += HEAD_SIZE;
}

static void foot(struct paper *p)
{
    char text[120];
    struct pdf_style right = small_grey;
    right.align = PDF_RIGHT;
    snprintf(text, sizeof text, "%s %s", text_of(TEXT_CHECK_CODE, p->lang),
             p->statement->check_code);
    pdf_rule(&p->pdf, LEFT, 7960, WIDTH, 5, PDF_RULE);
    pdf_text(&p->pdf, LEFT, 8000, WIDTH / 2, small_grey, text);
    snprintf(text, sizeof text, p->lang == LANG_ZH ? "第 %d 页，共 %d 页" : "Page %d of %d",
             p->page, p->page_count);
    pdf_text(&p->pdf, LEFT + WIDTH / 2, 8000, WIDTH / 2, right, text);
}

static void page_begin(struct paper *p)
{
    p->page++;
    if (p->page == 1) {
        first_head(p);
    } else {
        next_head(p);
    }
    table_head(p);
}

static void page_end(struct paper *p)
{
    foot(p);
    pdf_page_end(&p->pdf);
}

/* --- lines -------------------------------------------------------------------------------------
 */

/* Short texts need one line and are not measured: pages are counted before they are drawn. */
#define NAME_BYTES  40
#define NAME_HEIGHT 125
#define MORE_BYTES  90
#define MORE_HEIGHT 110
#define MORE_SIZE   (PAYMENT_TEXT_SIZE + PAYMENT_MASKED_SIZE + 8)

static const struct pdf_style name_style = {.size = 85, .line_max = 4};
static const struct pdf_style more_style = {.size = 70, .ink = PDF_GREY, .line_max = 6};

static const char *other_name(const struct paper *p, const struct statement_line *line)
{
    return line->other_name[0] ? line->other_name : text_of(TEXT_BANK, p->lang);
}

/* Account and words of the other party: below its name, and as wide as the amounts allow. */
static void more_of(const struct statement_line *line, char out[MORE_SIZE])
{
    bool both = line->text[0] != '\0' && line->other_masked[0] != '\0';
    snprintf(out, MORE_SIZE, "%s%s%s", line->other_masked, both ? "  " : "", line->text);
}

static int more_width(void)
{
    return WIDTH - columns[COLUMN_OTHER].x - 2 * PAD;
}

static int name_height(struct paper *p, const char *name)
{
    int width = columns[COLUMN_OTHER].width - 2 * PAD;
    return strlen(name) <= NAME_BYTES ? NAME_HEIGHT
                                      : pdf_text_height(&p->pdf, width, name_style, name);
}

static int row_height(struct paper *p, const struct statement_line *line)
{
    char more[MORE_SIZE];
    int height = name_height(p, other_name(p, line)) + ROW_GAP;
    more_of(line, more);
    if (strlen(more) > MORE_BYTES) {
        height += pdf_text_height(&p->pdf, more_width(), more_style, more);
    } else if (more[0] != '\0') {
        height += MORE_HEIGHT;
    }
    return height;
}

static void row(struct paper *p, const struct statement_line *line)
{
    char date[DATE_TEXT_SIZE];
    char more[MORE_SIZE];
    bool in = line->side == LEDGER_CREDIT;
    struct pdf_style amount = {.size = 85, .ink = in ? PDF_GREEN : PDF_BLACK};
    const char *name = other_name(p, line);
    date_format(line->booking_date, date);
    more_of(line, more);
    cell(p, COLUMN_DATE, p->y, plain, date);
    cell(p, COLUMN_KIND, p->y, plain, recipe_text(line->recipe, p->lang));
    cell(p, COLUMN_OTHER, p->y, name_style, name);
    amount_cell(p, in ? COLUMN_IN : COLUMN_OUT, p->y, amount, line->amount_minor);
    amount_cell(p, COLUMN_BALANCE, p->y, plain, line->balance_minor);
    pdf_text(&p->pdf, LEFT + columns[COLUMN_OTHER].x + PAD, p->y + name_height(p, name),
             more_width(), more_style, more);
    int height = row_height(p, line);
    pdf_rule(&p->pdf, LEFT, p->y + height - 35, WIDTH, 4, PDF_RULE);
    p->y += height;
}

static void totals(struct paper *p)
{
    char text[64];
    struct pdf_style bold = {.size = 85, .bold = true};
    struct pdf_style code = {.size = 95, .bold = true};
    struct pdf_style note = {.size = 75, .ink = PDF_GREY, .line_max = 3};
    if (p->statement->count == 0) {
        struct pdf_style centre = {.size = 95, .ink = PDF_GREY, .align = PDF_CENTRE};
        pdf_text(&p->pdf, LEFT, p->y + 60, WIDTH, centre, text_of(TEXT_NO_LINES, p->lang));
        p->y += 280;
    }
    snprintf(text, sizeof text, p->lang == LANG_ZH ? "共 %zu 笔" : "%zu transactions",
             p->statement->count);
    cell(p, COLUMN_DATE, p->y + 20, bold, text_of(TEXT_TOTALS, p->lang));
    cell(p, COLUMN_OTHER, p->y + 20, bold, text);
    amount_cell(p, COLUMN_OUT, p->y + 20, bold, p->statement->out_minor);
    amount_cell(p, COLUMN_IN, p->y + 20, bold, p->statement->in_minor);
    amount_cell(p, COLUMN_BALANCE, p->y + 20, bold, p->statement->closing_minor);
    pdf_rule(&p->pdf, LEFT, p->y + 190, WIDTH, 10, PDF_BRAND);
    p->y += 330;
    pdf_text(&p->pdf, LEFT, p->y, 700, small_grey, text_of(TEXT_CHECK_CODE, p->lang));
    pdf_text(&p->pdf, LEFT, p->y + 110, 1600, code, p->statement->check_code);
    pdf_text(&p->pdf, LEFT + 1700, p->y + 10, WIDTH - 1700, note,
             text_of(TEXT_VERIFY_STATEMENT, p->lang));
}

/* --- pages -------------------------------------------------------------------------------------
 */

/* First line of the page after the one that begins with line `first`; the totals stand on the last
 * page with at least what room they need. */
static size_t page_fill(struct paper *p, size_t first, bool first_page, bool *out_totals_fit)
{
    const struct statement *statement = p->statement;
    int y = (first_page ? HEAD_FIRST : HEAD_NEXT) + HEAD_SIZE;
    size_t i = first;
    while (i < statement->count) {
        int height = row_height(p, &statement->lines[i]);
        if (y + height > BOTTOM) {
            break;
        }
        y += height;
        i++;
    }
    *out_totals_fit = i == statement->count && y + TOTALS <= BOTTOM + 150;
    return i;
}

static int count_pages(struct paper *p)
{
    int pages = 0;
    size_t first = 0;
    bool last = false;
    while (!last) {
        first = page_fill(p, first, pages == 0, &last);
        pages++;
    }
    return pages;
}

enum err statement_write_pdf(const struct statement *statement, struct str *out)
{
    struct paper p = {.statement = statement, .lang = statement->order->lang};
    enum err err =
        pdf_open(out, PDF_A4_WIDTH, PDF_A4_HEIGHT, p.lang, text_of(TEXT_STATEMENT, p.lang), &p.pdf);
    if (err) {
        return err;
    }
    p.page_count = count_pages(&p);
    size_t first = 0;
    bool last = false;
    while (!last && !out->failed) {
        size_t end = page_fill(&p, first, p.page == 0, &last);
        page_begin(&p);
        for (; first < end; first++) {
            row(&p, &statement->lines[first]);
        }
        if (last) {
            totals(&p);
        }
        page_end(&p);
    }
    return pdf_close(&p.pdf);
}
