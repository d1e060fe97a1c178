/* Receipts: one payment on one page. */
#include "base/check.h"
#include "report/pdf.h"
#include "report/report.h"
#include "report/text.h"

#include <stdio.h>
#include <string.h>

#define LEFT   380
#define WIDTH  (PDF_A5_WIDTH - 2 * LEFT)
#define LABELS 1050 /* width of the names' column */

struct sheet {
    struct pdf pdf;
    const struct report_receipt_order *order;
    enum lang lang;
    int y;
};

static const struct pdf_style label = {.size = 80, .ink = PDF_GREY, .line_max = 2};

static void entry(struct sheet *s, enum text name, const char *value, const char *below)
{
    struct pdf_style style = {.size = 90, .line_max = 6};
    struct pdf_style second = {.size = 80, .ink = PDF_GREY};
    if (value[0] == '\0') {
        return;
    }
    pdf_text(&s->pdf, LEFT, s->y + 8, LABELS - 60, label, text_of(name, s->lang));
    s->y += pdf_text(&s->pdf, LEFT + LABELS, s->y, WIDTH - LABELS, style, value);
    if (below[0] != '\0') {
        s->y += pdf_text(&s->pdf, LEFT + LABELS, s->y, WIDTH - LABELS, second, below);
    }
    s->y += 62;
}

static void entry_id(struct sheet *s, enum text name, int64_t id)
{
    char text[ID_TEXT_SIZE];
    if (id != 0) {
        id_format(id, text);
        entry(s, name, text, "");
    }
}

static void entry_instant(struct sheet *s, enum text name, int64_t instant_us)
{
    char text[TEXT_INSTANT_SIZE];
    if (instant_us != 0) {
        text_instant(instant_us, s->order->zone, text);
        entry(s, name, text, "");
    }
}

static void separate(struct sheet *s)
{
    pdf_rule(&s->pdf, LEFT, s->y, WIDTH, 5, PDF_RULE);
    s->y += 80;
}

static const struct {
    enum text text;
    enum pdf_ink ink;
} statuses[] = {
    [PAYMENT_RCVD] = {TEXT_STATUS_RCVD, PDF_AMBER},
    [PAYMENT_PDNG] = {TEXT_STATUS_PDNG, PDF_AMBER},
    [PAYMENT_ACSC] = {TEXT_STATUS_ACSC, PDF_GREEN},
    [PAYMENT_RJCT] = {TEXT_STATUS_RJCT, PDF_RED},
};

static enum recipe recipe_of(enum payment_kind kind)
{
    switch (kind) {
    case PAYMENT_TOP_UP:
        return RECIPE_TOP_UP;
    case PAYMENT_WITHDRAWAL:
        return RECIPE_WITHDRAWAL;
    case PAYMENT_TRANSFER:
        break;
    }
    return RECIPE_TRANSFER;
}

static void head(struct sheet *s)
{
    const struct payment *payment = s->order->payment;
    struct pdf_style bank = {.size = 110, .ink = PDF_BRAND, .bold = true};
    struct pdf_style title = {.size = 110, .ink = PDF_GREY, .align = PDF_RIGHT};
    struct pdf_style figure = {.size = 240, .bold = true, .align = PDF_CENTRE, .shrink = true};
    struct pdf_style status = {.size = 105, .bold = true, .align = PDF_CENTRE};
    struct pdf_style kind = {.size = 90, .ink = PDF_GREY, .align = PDF_CENTRE};
    char amount[TEXT_AMOUNT_SIZE];
    char shown[TEXT_AMOUNT_SIZE + 8];
    text_amount(payment->amount, amount);
    bool cny = ccy_equal(payment->amount.ccy, CCY_CNY);
    snprintf(shown, sizeof shown, "%s %s", cny ? "¥" : payment->amount.ccy.code, amount);
    status.ink = statuses[payment->status].ink;
    pdf_mark(&s->pdf, LEFT, 330, 170);
    pdf_text(&s->pdf, LEFT + 225, 340, 1500, bank, text_of(TEXT_BANK, s->lang));
    pdf_text(&s->pdf, LEFT + WIDTH / 2, 340, WIDTH / 2, title, text_of(TEXT_RECEIPT, s->lang));
    pdf_rule(&s->pdf, LEFT, 570, WIDTH, 10, PDF_BRAND);
    pdf_text(&s->pdf, LEFT, 650, WIDTH, kind, recipe_text(recipe_of(payment->kind), s->lang));
    pdf_text(&s->pdf, LEFT, 780, WIDTH, figure, shown);
    pdf_text(&s->pdf, LEFT, 1140, WIDTH, status, text_of(statuses[payment->status].text, s->lang));
    s->y = 1380;
}

static void body(struct sheet *s)
{
    const struct payment *payment = s->order->payment;
    const char *reason = payment_reason_text(payment->reason, s->lang);
    bool rejected = payment->status == PAYMENT_RJCT;
    separate(s);
    entry(s, TEXT_PAYER, payment->debtor_name, payment->debtor_masked);
    entry(s, TEXT_PAYEE, payment->creditor_name, payment->creditor_masked);
    if (s->lang == LANG_ZH && ccy_equal(payment->amount.ccy, CCY_CNY)) {
        char capitals[TEXT_CAPITALS_SIZE + 16] = "人民币";
        text_capitals(payment->amount.minor, capitals + strlen(capitals));
        entry(s, TEXT_AMOUNT_WORDS, capitals, "");
    }
    entry(s, TEXT_REMITTANCE, payment->text, "");
    if (rejected && reason != NULL) {
        entry(s, TEXT_REASON, reason, payment->reason);
    }
    separate(s);
    entry_instant(s, TEXT_ORDERED_AT, payment->created_at);
    entry_instant(s, rejected ? TEXT_REJECTED_AT : TEXT_SETTLED_AT, payment->settled_at);
    entry_id(s, TEXT_PAYMENT_ID, payment->id.value);
    entry(s, TEXT_END_TO_END, payment->end_to_end, "");
    entry_id(s, TEXT_JOURNAL_ID, payment->journal.value);
}

static void foot(struct sheet *s)
{
    struct pdf_style note = {.size = 70, .ink = PDF_GREY, .line_max = 3};
    char made[TEXT_INSTANT_SIZE];
    struct pdf_style right = note;
    right.align = PDF_RIGHT;
    text_instant(s->order->now_us, s->order->zone, made);
    pdf_rule(&s->pdf, LEFT, 5180, WIDTH, 5, PDF_RULE);
    pdf_text(&s->pdf, LEFT, 5230, WIDTH, note, text_of(TEXT_VERIFY_RECEIPT, s->lang));
    pdf_text(&s->pdf, LEFT, 5530, WIDTH / 2, note, text_of(TEXT_MADE, s->lang));
    pdf_text(&s->pdf, LEFT + WIDTH / 2, 5530, WIDTH / 2, right, made);
}

enum err report_receipt(const struct report_receipt_order *order, struct str *out)
{
    struct sheet s = {.order = order, .lang = order->lang};
    CHECK(order->payment->status >= PAYMENT_RCVD && order->payment->status <= PAYMENT_RJCT);
    enum err err =
        pdf_open(out, PDF_A5_WIDTH, PDF_A5_HEIGHT, s.lang, text_of(TEXT_RECEIPT, s.lang), &s.pdf);
    if (err) {
        return err;
    }
    head(&s);
    body(&s);
    foot(&s);
    pdf_page_end(&s.pdf);
    return pdf_close(&s.pdf);
}
