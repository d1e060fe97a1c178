/*
 * Writes the named objects of payment_schemas.h. `name` is the member's name, NULL in a list or at the top.
 * What takes an `enum err` reads (a reading connection, or the unit's own); the rest cannot fail. A
 * customer's and a staff member's answer come from the same functions: both see the same figures.
 */
#ifndef PAYMENT_PAYMENT_RENDER_H
#define PAYMENT_PAYMENT_RENDER_H

#include "account/card.h"
#include "payment/activity.h"
#include "payment/payment.h"
#include "web/call.h"

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

#endif
