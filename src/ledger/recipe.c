/* Posting recipes: for each product event its journal, as data; posting by name. */
#include "base/check.h"
#include "ledger/recipe_rules.h"
#include "sys/log.h"

#define CUSTOMER                                                                                   \
    {                                                                                              \
        ROLE_CUSTOMER, GL_RESERVE                                                                  \
    }
#define PAYEE                                                                                      \
    {                                                                                              \
        ROLE_PAYEE, GL_RESERVE                                                                     \
    }
#define BANK(gl)                                                                                   \
    {                                                                                              \
        ROLE_BANK, gl                                                                              \
    }
/* The one leg of most recipes. */
#define LEG(debit, credit) .legs = {{debit, credit, SLOT_AMOUNT, false}}

const struct recipe_row recipe_rows[] = {
    {RECIPE_TRANSFER, 1, "transfer", "Transfer", "转账", LEG(CUSTOMER, PAYEE)},
    {RECIPE_TOP_UP, 1, "topUp", "Top-up from card", "银行卡充值",
     LEG(BANK(GL_CLEARING_RECEIVABLE), CUSTOMER)},
    {RECIPE_WITHDRAWAL, 1, "withdrawal", "Withdrawal to card", "提现到银行卡",
     LEG(CUSTOMER, BANK(GL_CLEARING_PAYABLE)), .two_steps = true},
    {RECIPE_SETTLE_IN, 1, "settleIn", "Clearing received", "清算资金到账",
     LEG(BANK(GL_RESERVE), BANK(GL_CLEARING_RECEIVABLE))},
    {RECIPE_SETTLE_OUT, 1, "settleOut", "Clearing paid", "清算资金付出",
     LEG(BANK(GL_CLEARING_PAYABLE), BANK(GL_RESERVE))},
    {RECIPE_INTEREST_ACCRUAL, 1, "interestAccrual", "Interest accrued", "计提利息",
     LEG(BANK(GL_INTEREST_EXPENSE), BANK(GL_INTEREST_PAYABLE))},
    {RECIPE_INTEREST_CREDIT, 1, "interest", "Interest", "结息",
     LEG(BANK(GL_INTEREST_PAYABLE), CUSTOMER)},
    {RECIPE_CAPITAL_PAID_IN, 1, "capitalPaidIn", "Capital paid in", "实收资本入账",
     LEG(BANK(GL_RESERVE), BANK(GL_CAPITAL))},
    /* Its legs are those of the journal that it reverses. */
    {RECIPE_REVERSAL, 1, "reversal", "Reversal", "冲正", .total = SLOT_NONE},
    {RECIPE_BULK, 1, "bulk", "Bulk transfer", "批量转账", LEG(CUSTOMER, PAYEE)},
    {RECIPE_TOP_UP_RETURN, 1, "topUpReturn", "Card money awaiting its owner", "待查银行卡款项",
     LEG(BANK(GL_CLEARING_RECEIVABLE), BANK(GL_SUSPENSE))},
};
const size_t recipe_row_count = sizeof recipe_rows / sizeof recipe_rows[0];

const struct recipe_row *recipe_find(enum recipe recipe)
{
    for (size_t i = 0; i < recipe_row_count; i++) {
        if (recipe_rows[i].recipe == recipe) {
            return &recipe_rows[i];
        }
    }
    return NULL;
}

const char *recipe_name(enum recipe recipe)
{
    const struct recipe_row *row = recipe_find(recipe);
    return row ? row->name : "unknown";
}

const char *recipe_text(enum recipe recipe, enum lang lang)
{
    CHECK(lang == LANG_EN || lang == LANG_ZH);
    const struct recipe_row *row = recipe_find(recipe);
    if (row == NULL) {
        return "";
    }
    return lang == LANG_ZH ? row->text_zh : row->text_en;
}

uint8_t recipe_version(enum recipe recipe)
{
    const struct recipe_row *row = recipe_find(recipe);
    CHECK(row != NULL);
    return row->version;
}

/* What is wrong with an event is logged by name. */
static enum err build_journal(const struct recipe_row *row, const struct recipe_event *event,
                              struct recipe_journal *out)
{
    struct recipe_problem problem = {-1, ""};
    CHECK(event->booking_date.days > 0);
    enum err err = recipe_build(row, event, out, &problem);
    if (err) {
        log_event(LOG_ERROR, "recipe_refused", log_err(err), log_string("recipe", row->name),
                  log_int("leg", problem.leg), log_string("what", problem.what));
    }
    return err;
}

enum err recipe_post_row(struct ledger_unit *unit, const struct recipe_row *row,
                         const struct recipe_event *event, struct journal_result *out)
{
    struct recipe_journal journal;
    *out = (struct journal_result){0};
    enum err err = build_journal(row, event, &journal);
    if (err) {
        return err;
    }
    struct journal_draft draft = {.client_id = event->client_id,
                                  .recipe = (uint16_t)row->recipe,
                                  .recipe_version = row->version,
                                  .booking_date = event->booking_date,
                                  .value_date = event->value_date.days ? event->value_date
                                                                       : event->booking_date,
                                  .ref_id = event->ref_id,
                                  .order = event->order,
                                  .transfers = journal.transfers,
                                  .ccy_numbers = journal.ccy_numbers,
                                  .count = journal.count};
    err = ledger_post(unit, &draft, out);
    CHECK(err || out->id.value > 0);
    return err;
}

enum err recipe_post(struct ledger_unit *unit, const struct recipe_event *event,
                     struct journal_result *out)
{
    const struct recipe_row *row = recipe_find(event->recipe);
    CHECK(row != NULL);
    return recipe_post_row(unit, row, event, out);
}

enum err recipe_hold_row(struct ledger_unit *unit, const struct recipe_row *row,
                         const struct recipe_event *event, int64_t expires_at,
                         struct journal_result *out)
{
    struct recipe_journal journal;
    *out = (struct journal_result){0};
    CHECK(row->two_steps && expires_at >= 0);
    enum err err = build_journal(row, event, &journal);
    if (err) {
        return err;
    }
    CHECK(journal.count == 1);
    struct hold_draft draft = {.client_id = event->client_id,
                               .recipe = (uint16_t)row->recipe,
                               .recipe_version = row->version,
                               .booking_date = event->booking_date,
                               .ref_id = event->ref_id,
                               .order = event->order,
                               .transfer = journal.transfers[0],
                               .ccy_number = journal.ccy_numbers[0],
                               .expires_at = expires_at};
    err = ledger_hold(unit, &draft, out);
    CHECK(err || out->id.value > 0);
    return err;
}

enum err recipe_hold(struct ledger_unit *unit, const struct recipe_event *event, int64_t expires_at,
                     struct journal_result *out)
{
    const struct recipe_row *row = recipe_find(event->recipe);
    CHECK(row != NULL);
    return recipe_hold_row(unit, row, event, expires_at, out);
}

static struct hold_end hold_end_of(const struct recipe_end *end, enum ledger_kind kind)
{
    CHECK(end->hold.value > 0);
    CHECK(recipe_find(end->recipe) != NULL && recipe_find(end->recipe)->two_steps);
    return (struct hold_end){.hold = end->hold,
                             .kind = kind,
                             .last = kind == LEDGER_CAPTURE,
                             .client_id = end->client_id,
                             .recipe = (uint16_t)end->recipe,
                             .recipe_version = recipe_version(end->recipe),
                             .booking_date = end->booking_date,
                             .ref_id = end->ref_id,
                             .order = end->order};
}

enum err recipe_capture(struct ledger_unit *unit, const struct recipe_end *end,
                        struct journal_result *out)
{
    struct hold_end ending = hold_end_of(end, LEDGER_CAPTURE);
    return ledger_hold_end(unit, &ending, out);
}

enum err recipe_capture_part(struct ledger_unit *unit, const struct recipe_end *end,
                             struct money part, enum recipe_rest rest, struct journal_result *out)
{
    struct hold_end ending = hold_end_of(end, LEDGER_CAPTURE);
    *out = (struct journal_result){0};
    CHECK(rest == REST_STAYS_HELD || rest == REST_RELEASED);
    if (part.minor <= 0) { /* zero captures all in ledger_hold_end */
        return ERR_RECIPE_AMOUNT;
    }
    if (ccy_number(part.ccy) == 0) {
        return ERR_UNKNOWN_CURRENCY;
    }
    ending.amount_minor = part.minor;
    ending.ccy_number = (uint16_t)ccy_number(part.ccy);
    ending.last = rest == REST_RELEASED;
    return ledger_hold_end(unit, &ending, out);
}

enum err recipe_release(struct ledger_unit *unit, const struct recipe_end *end,
                        struct journal_result *out)
{
    struct hold_end ending = hold_end_of(end, LEDGER_RELEASE);
    return ledger_hold_end(unit, &ending, out);
}

enum err recipe_expire(struct ledger_unit *unit, const struct recipe_end *end,
                       struct journal_result *out)
{
    struct hold_end ending = hold_end_of(end, LEDGER_EXPIRE);
    return ledger_hold_end(unit, &ending, out);
}
