/*
 * Writes the named objects of schemas.h into an answer. `name` is the member's name, NULL in a list
 * or at the top. What takes an `enum err` reads (a reading connection, or the unit's own); the rest
 * cannot fail. A customer's and a staff member's answer come from the same functions, so that both
 * see the same figures.
 */
#ifndef API_RENDER_H
#define API_RENDER_H

#include "account/account.h"
#include "account/card.h"
#include "customer/customer.h"
#include "payment/payment.h"
#include "web/call.h"

void render_issuer(struct call *call, const char *name, const struct card_issuer *issuer);

/* The …_members functions write an object's members only, between the caller's own out_open and
 * out_close, so that more members can follow. */
void render_customer_members(struct call *call, const struct customer *customer,
                             const struct onboarding *onboarding);
void render_customer(struct call *call, const char *name, const struct customer *customer,
                     const struct onboarding *onboarding);
/* Loads the customer (into *out where not NULL) and writes it. ERR_NOT_FOUND. */
enum err render_customer_of(struct call *call, const char *name, struct db_conn *conn,
                            struct customer_id id, struct customer *out);
/* `current` 0: nobody's. */
/* The code that was sent: its id, the masked number, until when it is good. */
void render_phone_code(struct call *call, const struct customer_phone *phone,
                       const struct phone_code_sent *sent);
void render_session(struct call *call, const char *name, const struct session *session,
                    struct session_id current);
void render_consent(struct call *call, const char *name, const struct consent *consent);
/* A list of checks, each {check, result, reason?}. */
void render_identity_checks(struct call *call, const char *name,
                            const struct identity_evidence *evidence);
void render_message(struct call *call, const char *name, const struct message *message);

void render_card(struct call *call, const char *name, const struct card *card);

/* An account with what the ledger says of it. */
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
void render_transaction_members(struct call *call, const struct activity_line *line,
                                struct ccy ccy);
void render_transaction(struct call *call, const char *name, const struct activity_line *line,
                        struct ccy ccy);

/* A payment with its card's issuer, where it has a card. */
struct payment_view {
    struct payment payment;
    bool has_card;
    struct card card;
};
/* Completes *view from view->payment; asks nothing for a transfer. Errors of db. */
enum err render_payment_load(struct db_conn *conn, struct payment_view *view);
void render_payment_members(struct call *call, const struct payment_view *view);
void render_payment(struct call *call, const char *name, const struct payment_view *view);

/* "2018-01-10/2": the edition of the rules with that version. */
void render_rule_version(struct call *call, const char *name, int32_t version);

#endif
