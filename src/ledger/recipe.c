/* Posting recipes: for each product event its journal, as data. */
#include "ledger/recipe.h"

#include "base/check.h"

/* A party of an event: the customer, the payee, or the bank's own account of a GL code. */
enum party { PARTY_NONE, PARTY_CUSTOMER, PARTY_PAYEE, PARTY_GL };

struct recipe_side {
    enum party party;
    enum gl gl;
};

struct recipe_row {
    enum recipe recipe;
    uint8_t version;
    const char *name;
    const char *text_en;
    const char *text_zh;
    struct recipe_side debit;
    struct recipe_side credit;
};

#define CUSTOMER                                                                                   \
    {                                                                                              \
        PARTY_CUSTOMER, GL_RESERVE                                                                 \
    }
#define PAYEE                                                                                      \
    {                                                                                              \
        PARTY_PAYEE, GL_RESERVE                                                                    \
    }
#define NOBODY                                                                                     \
    {                                                                                              \
        PARTY_NONE, GL_RESERVE                                                                     \
    }
#define BANK(gl)                                                                                   \
    {                                                                                              \
        PARTY_GL, gl                                                                               \
    }

static const struct recipe_row rows[] = {
    {RECIPE_TRANSFER, 1, "transfer", "Transfer", "转账", CUSTOMER, PAYEE},
    {RECIPE_TOP_UP, 1, "topUp", "Top-up from card", "银行卡充值", BANK(GL_CLEARING_RECEIVABLE),
     CUSTOMER},
    {RECIPE_WITHDRAWAL, 1, "withdrawal", "Withdrawal to card", "提现到银行卡", CUSTOMER,
     BANK(GL_CLEARING_PAYABLE)},
    {RECIPE_SETTLE_IN, 1, "settleIn", "Clearing received", "清算资金到账", BANK(GL_RESERVE),
     BANK(GL_CLEARING_RECEIVABLE)},
    {RECIPE_SETTLE_OUT, 1, "settleOut", "Clearing paid", "清算资金付出", BANK(GL_CLEARING_PAYABLE),
     BANK(GL_RESERVE)},
    {RECIPE_INTEREST_ACCRUAL, 1, "interestAccrual", "Interest accrued", "计提利息",
     BANK(GL_INTEREST_EXPENSE), BANK(GL_INTEREST_PAYABLE)},
    {RECIPE_INTEREST_CREDIT, 1, "interest", "Interest", "结息", BANK(GL_INTEREST_PAYABLE),
     CUSTOMER},
    {RECIPE_CAPITAL_PAID_IN, 1, "capitalPaidIn", "Capital paid in", "实收资本入账",
     BANK(GL_RESERVE), BANK(GL_CAPITAL)},
    {RECIPE_REVERSAL, 1, "reversal", "Reversal", "冲正", NOBODY, NOBODY},
    {RECIPE_BULK, 1, "bulk", "Bulk transfer", "批量转账", CUSTOMER, PAYEE},
    {RECIPE_TOP_UP_RETURN, 1, "topUpReturn", "Card money awaiting its owner", "待查银行卡款项",
     BANK(GL_CLEARING_RECEIVABLE), BANK(GL_SUSPENSE)},
};

static const struct recipe_row *find(enum recipe recipe)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].recipe == recipe) {
            return &rows[i];
        }
    }
    return NULL;
}

const char *recipe_name(enum recipe recipe)
{
    const struct recipe_row *row = find(recipe);
    return row ? row->name : "unknown";
}

const char *recipe_text(enum recipe recipe, enum lang lang)
{
    const struct recipe_row *row = find(recipe);
    if (row == NULL) {
        return "";
    }
    return lang == LANG_ZH ? row->text_zh : row->text_en;
}

uint8_t recipe_version(enum recipe recipe)
{
    const struct recipe_row *row = find(recipe);
    CHECK(row != NULL);
    return row->version;
}

static struct account_id party_account(struct recipe_side side, const struct recipe_event *event)
{
    switch (side.party) {
    case PARTY_CUSTOMER:
        return event->customer;
    case PARTY_PAYEE:
        return event->payee;
    case PARTY_GL: {
        int bucket = event->bucket >= 0 ? event->bucket : id_bucket(event->customer.value);
        return ledger_internal_account(side.gl, event->ccy, bucket);
    }
    case PARTY_NONE:
        break;
    }
    CHECK(!"a recipe without parties is not posted by name");
    return (struct account_id){0};
}

static struct ledger_transfer transfer_of(const struct recipe_event *event)
{
    const struct recipe_row *row = find(event->recipe);
    CHECK(row != NULL);
    return (struct ledger_transfer){.debit = party_account(row->debit, event),
                                    .credit = party_account(row->credit, event),
                                    .amount_minor = event->amount_minor};
}

enum err recipe_post(struct ledger_unit *unit, const struct recipe_event *event,
                     struct journal_result *out)
{
    struct ledger_transfer transfer = transfer_of(event);
    struct journal_draft draft = {.client_id = event->client_id,
                                  .recipe = (uint16_t)event->recipe,
                                  .recipe_version = recipe_version(event->recipe),
                                  .booking_date = event->booking_date,
                                  .value_date = event->value_date.days ? event->value_date
                                                                       : event->booking_date,
                                  .ref_id = event->ref_id,
                                  .order = event->order,
                                  .transfers = &transfer,
                                  .count = 1};
    return ledger_post(unit, &draft, out);
}

enum err recipe_hold(struct ledger_unit *unit, const struct recipe_event *event, int64_t expires_at,
                     struct journal_result *out)
{
    struct hold_draft draft = {.client_id = event->client_id,
                               .recipe = (uint16_t)event->recipe,
                               .recipe_version = recipe_version(event->recipe),
                               .booking_date = event->booking_date,
                               .ref_id = event->ref_id,
                               .order = event->order,
                               .transfer = transfer_of(event),
                               .expires_at = expires_at};
    return ledger_hold(unit, &draft, out);
}

static enum err end_hold(struct ledger_unit *unit, enum ledger_kind kind,
                         const struct recipe_end *end, struct journal_result *out)
{
    struct hold_end ending = {.hold = end->hold,
                              .kind = kind,
                              .last = true,
                              .recipe = (uint16_t)end->recipe,
                              .recipe_version = recipe_version(end->recipe),
                              .booking_date = end->booking_date,
                              .ref_id = end->ref_id,
                              .order = end->order};
    return ledger_hold_end(unit, &ending, out);
}

enum err recipe_capture(struct ledger_unit *unit, const struct recipe_end *end,
                        struct journal_result *out)
{
    return end_hold(unit, LEDGER_CAPTURE, end, out);
}

enum err recipe_release(struct ledger_unit *unit, const struct recipe_end *end,
                        struct journal_result *out)
{
    return end_hold(unit, LEDGER_RELEASE, end, out);
}
