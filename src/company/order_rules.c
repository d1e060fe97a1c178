/* Names of orders, and which decisions on one are refused: pure. */
#include "company/order_rules.h"

#include <string.h>

static const char *const STATES[] = {NULL,        "awaitingApproval", "executed", "refused",
                                     "withdrawn", "expired",          "failed"};
static const char *const DECISIONS[] = {NULL, "approve", "refuse", "withdraw"};

const char *order_state_name(enum order_state state)
{
    return STATES[state];
}

const char *order_decision_name(enum order_decision decision)
{
    return DECISIONS[decision];
}

enum err order_decision_parse(const char *text, enum order_decision *out)
{
    for (int i = ORDER_APPROVE; i <= ORDER_WITHDRAW; i++) {
        if (strcmp(text, DECISIONS[i]) == 0) {
            *out = (enum order_decision)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

int order_needed(int64_t amount_minor, int64_t two_above_minor, bool is_alone)
{
    return is_alone ? 0 : amount_minor > two_above_minor ? 2 : 1;
}

enum err order_word_check(const struct order_facts *facts, enum order_decision decision)
{
    bool is_withdrawal = decision == ORDER_WITHDRAW;
    if (is_withdrawal ? !facts->is_maker : !(facts->roles & COMPANY_CHECKER)) {
        return ERR_COMPANY_ROLE;
    }
    if (facts->state != ORDER_AWAITING || facts->is_expired) {
        return ERR_ORDER_DECIDED;
    }
    if (is_withdrawal || decision == ORDER_REFUSE) {
        return ERR_OK;
    }
    if (facts->is_maker || facts->has_spoken) {
        return ERR_FOUR_EYES;
    }
    if (!facts->company_is_active) {
        return ERR_COMPANY_STATE;
    }
    if (facts->limit_minor >= 0 && facts->amount_minor > facts->limit_minor) {
        return ERR_ORDER_LIMIT;
    }
    return facts->stepped_up ? ERR_OK : ERR_STEP_UP_REQUIRED;
}

/* Everything else is the database's business and undoes the decision. */
bool order_error_is_refusal(enum err err)
{
    static const enum err refusals[] = {
        ERR_ACCOUNT_NOT_ACTIVE, ERR_PAYEE_UNKNOWN, ERR_PAYEE_NAME_MISMATCH, ERR_SAME_ACCOUNT,
        ERR_CURRENCY_MISMATCH,  ERR_CLASS_REFUSED, ERR_LIMIT_EXCEEDED,      ERR_TIER_MISSING,
        ERR_INSUFFICIENT_FUNDS, ERR_INVALID_PHONE};
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (refusals[i] == err) {
            return true;
        }
    }
    return false;
}
