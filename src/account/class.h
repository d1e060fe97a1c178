/*
 * The class of an account, changed by staff (two of them: the change kind accountClass).
 *
 *   up to I      the person was seen at a counter or by video, and is verified; the Class I account that
 *                the person had goes down to II (one Class I a person)
 *   up to II     the person is verified and has a bound card (five elements)
 *   down         what the lower class allows must hold at once: number of accounts, balance cap
 * Payment accounts have a tier instead, and never change.
 */
#ifndef ACCOUNT_CLASS_H
#define ACCOUNT_CLASS_H

#include "account/account.h"

struct account_class_facts {
    enum account_state state;
    enum account_class from;
    bool is_verified;
    bool was_seen;         /* counter or video */
    bool has_card;         /* a bound one, of a Class I account elsewhere */
    int32_t held[5];       /* other accounts of the person that are not closed, by class */
    int64_t balance_minor; /* with what is on its way in */
};
/* Pure. ERR_CLASS_CHANGE (the same class; from or to payment), ERR_ACCOUNT_STATE (not active),
 * ERR_CLASS_EVIDENCE, ERR_ACCOUNT_COUNT, ERR_LIMIT_EXCEEDED (the cap of Class III). */
enum err account_class_decide(const struct catalogue_edition *edition,
                              const struct account_class_facts *facts, enum account_class to);

struct account_class_order {
    struct account_id account;
    enum account_class class;
    struct staff_id staff; /* who approved it */
};
/* What the change makes of the person's accounts: "before" and "after" of a proposal. */
struct account_class_view {
    enum account_class class;
    struct account_id surplus; /* the Class I account that goes down, 0: none */
    enum account_class surplus_class;
};
/* read: the views of a change that could be made now; errors of account_class_decide,
 * ERR_NOT_FOUND. */
enum err account_class_look(const struct customer_room *room, struct ledger *ledger,
                            struct db_conn *conn, const struct catalogue *catalogue,
                            struct date day, const struct account_class_order *order,
                            struct account_class_view *out_before,
                            struct account_class_view *out_after);
/* commit: the same, and makes it so; the owner gets a message. */
enum err account_class_change(const struct customer_room *room, struct uow *uow,
                              const struct catalogue *catalogue,
                              const struct account_class_order *order,
                              struct account_class_view *out_before,
                              struct account_class_view *out_after);

#endif
