/* Pure decisions on who may change the people of a company. */
#ifndef COMPANY_USER_RULES_H
#define COMPANY_USER_RULES_H

#include "company/order.h"

/* Would the company be without an administrator, were it not for `who`? */
bool user_is_last_admin(const struct company_user *users, size_t count, struct customer_id who);

enum user_change_way {
    USER_CHANGE_AT_ONCE,
    USER_CHANGE_WAITS,     /* for a second person */
    USER_CHANGE_PROVE_MORE /* one person may do it, with stronger proofs */
};
/* `users`: those of the company who may act now. Rights are given by two people if somebody else may
 * approve; they are taken from an administrator or a checker by two, or by the legal representative alone.
 * Whoever gives rights alone, or takes such rights away alone, proves more than a pass code. */
enum user_change_way user_change_decide(const struct company_user_change *change,
                                        struct customer_id representative,
                                        const struct company_user *users, size_t count,
                                        enum company_proof proof);
/* Not the proposer; and whom it is about only if nobody else can. */
bool user_change_may_approve(const struct company_user_change *change,
                             const struct company_user *users, size_t count,
                             struct customer_id who);

#endif
