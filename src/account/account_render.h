/*
 * Writes the named objects of account_schemas.h. `name` is the member's name, NULL in a list or at the top.
 * What takes an `enum err` reads (a reading connection, or the unit's own); the rest cannot fail. A
 * customer's and a staff member's answer come from the same functions: both see the same figures.
 */
#ifndef ACCOUNT_ACCOUNT_RENDER_H
#define ACCOUNT_ACCOUNT_RENDER_H

#include "account/account.h"
#include "account/card.h"
#include "web/call.h"

void render_issuer(struct call *call, const char *name, const struct card_issuer *issuer);
void render_card(struct call *call, const char *name, const struct card *card);
/* An account with its state in the ledger. */
struct account_view {
    struct account account;
    struct ledger_account state;
    int64_t accrued_micro;
};
/* Committed state, on a reading connection. ERR_LEDGER_ACCOUNT, ERR_NOT_FOUND. */
enum err render_account_load(struct call *call, struct db_conn *conn, const struct account *account,
                             struct account_view *out);
/* As the unit sees it, an account that it just opened included. */
enum err render_account_read(struct uow *uow, const struct account *account,
                             struct account_view *out);
void render_account_members(struct call *call, const struct account_view *view);
void render_account(struct call *call, const char *name, const struct account_view *view);
void render_balance(struct call *call, const char *type, int64_t minor, struct ccy ccy);
void render_limit(struct call *call, const char *name, const struct limit_report *limit,
                  struct ccy ccy);
/* Members limit, max, left of a limit-exceeded problem. */
void render_limit_problem(struct call *call, const struct limit_report *limit, struct ccy ccy);
void render_hold(struct call *call, const char *name, const struct ledger_hold_row *hold,
                 struct ccy ccy);
/* "2018-01-10/2": the edition of the rules with that version. */
void render_rule_version(struct call *call, const char *name, int32_t version);

#endif
