/* Pure: names of a change's states and decisions, and who may decide. */
#include "staff/change.h"

#include <string.h>

static const char *const STATES[] = {
    [CHANGE_PROPOSED] = "proposed",   [CHANGE_APPROVED] = "approved", [CHANGE_REFUSED] = "refused",
    [CHANGE_WITHDRAWN] = "withdrawn", [CHANGE_EXPIRED] = "expired",
};
static const char *const DECISIONS[] = {
    [DECISION_APPROVE] = "approve",
    [DECISION_REFUSE] = "refuse",
    [DECISION_WITHDRAW] = "withdraw",
};

const char *change_state_name(enum change_state state)
{
    return STATES[state];
}

enum err change_state_parse(const char *text, enum change_state *out)
{
    for (int state = CHANGE_PROPOSED; state <= CHANGE_EXPIRED; state++) {
        if (strcmp(text, STATES[state]) == 0) {
            *out = (enum change_state)state;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

enum err change_decision_parse(const char *text, enum change_decision *out)
{
    for (int decision = DECISION_APPROVE; decision <= DECISION_WITHDRAW; decision++) {
        if (strcmp(text, DECISIONS[decision]) == 0) {
            *out = (enum change_decision)decision;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

enum err change_rule(const struct change *change, enum change_decision decision,
                     struct staff_id checker, int64_t now_us)
{
    bool is_maker = change->maker.value == checker.value;
    if (change->state != CHANGE_PROPOSED || now_us >= change->expires_at) {
        return ERR_CHANGE_DECIDED;
    }
    if (decision == DECISION_WITHDRAW) {
        return is_maker ? ERR_OK : ERR_NOT_PERMITTED;
    }
    return is_maker ? ERR_FOUR_EYES : ERR_OK;
}
