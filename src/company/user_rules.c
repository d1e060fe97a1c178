/* Pure: who may change the people of a company, alone or with a second person. */
#include "company/user_rules.h"

static const char *const STATES[] = {NULL, "awaitingApproval", "applied", "refused", "withdrawn"};

#define DECIDERS (COMPANY_ADMIN | COMPANY_CHECKER)

const char *user_change_state_name(enum user_change_state state)
{
    return STATES[state];
}

bool user_is_last_admin(const struct company_user *users, size_t count, struct customer_id who)
{
    for (size_t i = 0; i < count; i++) {
        if (users[i].customer.value != who.value && (users[i].roles & COMPANY_ADMIN)) {
            return false;
        }
    }
    return true;
}

/* Somebody other than `not_a` and `not_b` who may decide. */
static bool has_decider(const struct company_user *users, size_t count, struct customer_id not_a,
                        struct customer_id not_b)
{
    for (size_t i = 0; i < count; i++) {
        if ((users[i].roles & DECIDERS) && users[i].customer.value != not_a.value &&
            users[i].customer.value != not_b.value) {
            return true;
        }
    }
    return false;
}

/* No role and no yuan more than before. */
static bool takes_away(const struct company_user_change *change)
{
    bool more_roles = (change->roles_after & ~change->roles_before) != 0;
    bool more_money = change->limit_before >= 0 &&
                      (change->limit_after < 0 || change->limit_after > change->limit_before);
    return !more_roles && !more_money;
}

enum user_change_way user_change_decide(const struct company_user_change *change,
                                        struct customer_id representative,
                                        const struct company_user *users, size_t count,
                                        enum company_proof proof)
{
    bool is_own = change->customer.value == change->maker.value;
    if (takes_away(change) && (is_own || !(change->roles_before & DECIDERS))) {
        return proof == COMPANY_PROOF_NONE ? USER_CHANGE_PROVE_MORE : USER_CHANGE_AT_ONCE;
    }
    bool is_alone = !has_decider(users, count, change->maker, change->maker);
    bool by_head = takes_away(change) && change->maker.value == representative.value;
    if (is_alone || by_head) {
        return proof == COMPANY_PROOF_STRONG ? USER_CHANGE_AT_ONCE : USER_CHANGE_PROVE_MORE;
    }
    return proof == COMPANY_PROOF_NONE ? USER_CHANGE_PROVE_MORE : USER_CHANGE_WAITS;
}

bool user_change_may_approve(const struct company_user_change *change,
                             const struct company_user *users, size_t count, struct customer_id who)
{
    bool is_decider = false;
    for (size_t i = 0; i < count; i++) {
        is_decider |= users[i].customer.value == who.value && (users[i].roles & DECIDERS) != 0;
    }
    if (!is_decider || who.value == change->maker.value) {
        return false;
    }
    return who.value != change->customer.value ||
           !has_decider(users, count, change->maker, change->customer);
}
