#include "account/account_render.h"

#include "account/account_schemas.h"
#include "ledger/recipe.h"
#include "web/member.h"

#include <stdio.h>

void render_issuer(struct call *call, const char *name, const struct card_issuer *issuer)
{
    OUT_OBJECT(call, name, &schema_issuer, issuer);
}

void render_card(struct call *call, const char *name, const struct card *card)
{
    out_open(call, name, '{');
    out_id(call, "cardId", card->id.value);
    render_issuer(call, "issuer", &card->issuer);
    out_text(call, "maskedPan", card->masked_pan);
    out_text(call, "cardKind", card_kind_name(card->kind));
    out_text(call, "accountClass", account_class_name(card->account_class));
    out_text(call, "state", card_state_name(card->state));
    out_instant(call, "boundAt", card->bound_at);
    out_money(call, "perPaymentLimit", (struct money){card->payment_max_minor, CCY_CNY});
    out_money(call, "perDayLimit", (struct money){card->day_max_minor, CCY_CNY});
    out_close(call, '}');
}

enum err render_account_load(struct call *call, struct db_conn *conn, const struct account *account,
                             struct account_view *out)
{
    struct account_view view = {.account = *account};
    struct ledger *ledger = engine_ledger(call_engine(call));
    enum err err = ledger_account_load(ledger, conn, account->id, &view.state);
    err = err ? err : interest_accrued(conn, account->id, &view.accrued_micro);
    if (err == ERR_OK) {
        *out = view;
    }
    return err;
}

enum err render_account_read(struct uow *uow, const struct account *account,
                             struct account_view *out)
{
    struct account_view view = {.account = *account};
    enum err err = ledger_account_read(uow->ledger, account->id, &view.state);
    err = err ? err : interest_accrued(uow->conn, account->id, &view.accrued_micro);
    if (err == ERR_OK) {
        *out = view;
    }
    return err;
}

void render_rule_version(struct call *call, const char *name, int32_t version)
{
    char text[CATALOGUE_VERSION_SIZE];
    const struct catalogue_edition *edition =
        catalogue_of_version(call_house(call)->catalogue, version);
    if (edition != NULL) {
        catalogue_version_format(edition, text);
    } else {
        snprintf(text, sizeof text, "%d", (int)version); /* another process's, seconds old */
    }
    out_text(call, name, text);
}

void render_balance(struct call *call, const char *type, int64_t minor, struct ccy ccy)
{
    out_open(call, NULL, '{');
    out_text(call, "balanceType", type);
    out_money(call, "balanceAmount", (struct money){minor, ccy});
    out_close(call, '}');
}

static void render_product(struct call *call, const struct account *account)
{
    const struct catalogue *catalogue = call_house(call)->catalogue;
    const struct catalogue_product *product = catalogue_product(catalogue, account->product);
    const struct catalogue_edition *edition =
        catalogue_on(catalogue, engine_business_date(call_engine(call)));
    char rate[RATE_TEXT_SIZE];
    bool is_deposit = account->class != ACCOUNT_CLASS_PAYMENT; /* the others bear no interest */
    rate_format((struct rate){is_deposit ? account_figure(edition, PARAMETER_DEMAND_RATE_PPB) : 0},
                rate);
    out_open(call, "product", '{');
    out_bilingual(call, "name", product->name_en, product->name_zh);
    out_text(call, "interestRate", rate);
    render_rule_version(call, "ruleVersion", edition->version);
    out_close(call, '}');
}

void render_account_members(struct call *call, const struct account_view *view)
{
    const struct account *account = &view->account;
    char accrued[INTEREST_TEXT_SIZE];
    interest_format(view->accrued_micro, accrued);
    out_id(call, "accountId", account->id.value);
    out_text(call, "accountNumber", account->number);
    out_text(call, "class", account_class_name(account->class));
    out_text(call, "currency", account->ccy.code);
    out_text(call, "state", account_state_name(account->state));
    out_instant(call, "openedAt", account->opened_at);
    render_product(call, account);
    out_open(call, "balances", '[');
    render_balance(call, "interimBooked", ledger_balance(&view->state), account->ccy);
    render_balance(call, "interimAvailable", ledger_available(&view->state), account->ccy);
    out_close(call, ']');
    out_text(call, "accruedInterest", accrued);
}

void render_account(struct call *call, const char *name, const struct account_view *view)
{
    out_open(call, name, '{');
    render_account_members(call, view);
    out_close(call, '}');
}

void render_limit(struct call *call, const char *name, const struct limit_report *limit,
                  struct ccy ccy)
{
    bool is_bounded = limit->max_minor != CATALOGUE_NO_LIMIT;
    out_open(call, name, '{');
    out_text(call, "limit", limit_name(limit->name));
    if (is_bounded) {
        out_money(call, "max", (struct money){limit->max_minor, ccy});
    } else {
        out_text(call, "max", NULL);
    }
    out_money(call, "used", (struct money){limit->used_minor, ccy});
    if (is_bounded) {
        out_money(call, "left", (struct money){limit->left_minor, ccy});
    } else {
        out_text(call, "left", NULL);
    }
    render_rule_version(call, "ruleVersion", limit->rule_version);
    out_bilingual(call, "source", limit->source_en, limit->source_zh);
    out_close(call, '}');
}

void render_limit_problem(struct call *call, const struct limit_report *limit, struct ccy ccy)
{
    call_member_text(call, "limit", limit_name(limit->name));
    call_member_money(call, "max", (struct money){limit->max_minor, ccy});
    call_member_money(call, "left", (struct money){limit->left_minor, ccy});
}

void render_hold(struct call *call, const char *name, const struct ledger_hold_row *hold,
                 struct ccy ccy)
{
    int64_t left_minor = hold->amount_minor - hold->captured_minor;
    out_open(call, name, '{');
    out_id(call, "holdId", hold->id);
    out_money(call, "amount", (struct money){left_minor, ccy});
    out_text(call, "purpose", recipe_name((enum recipe)hold->recipe));
    out_optional_id(call, "paymentId", hold->ref_id);
    out_optional_instant(call, "expiresAt", hold->expires_at);
    out_close(call, '}');
}
