/* Which account may take which class: pure. */
#include "account/class.h"

static bool is_full(const struct catalogue_edition *edition, enum account_class class, int32_t held)
{
    static const enum account_parameter parameters[] = {
        PARAMETER_CLASS_I_COUNT_MAX, PARAMETER_CLASS_II_COUNT_MAX, PARAMETER_CLASS_III_COUNT_MAX};
    int64_t max = account_figure(edition, parameters[class - ACCOUNT_CLASS_I]);
    return max != CATALOGUE_NO_LIMIT && held >= max;
}

/* One Class I account per person: an existing one is demoted to Class II. */
static enum err decide_first(const struct catalogue_edition *edition,
                             const struct account_class_facts *facts)
{
    if (!facts->was_seen || !facts->is_verified) {
        return ERR_CLASS_EVIDENCE;
    }
    int32_t held = facts->held[ACCOUNT_CLASS_I];
    if (held == 0) {
        return is_full(edition, ACCOUNT_CLASS_I, 0) ? ERR_ACCOUNT_COUNT : ERR_OK;
    }
    return held > 1 || is_full(edition, ACCOUNT_CLASS_II, facts->held[ACCOUNT_CLASS_II])
               ? ERR_ACCOUNT_COUNT
               : ERR_OK;
}

enum err account_class_decide(const struct catalogue_edition *edition,
                              const struct account_class_facts *facts, enum account_class to)
{
    if (facts->from == to || facts->from == ACCOUNT_CLASS_PAYMENT || to == ACCOUNT_CLASS_PAYMENT) {
        return ERR_CLASS_CHANGE;
    }
    if (facts->state != ACCOUNT_ACTIVE) {
        return ERR_ACCOUNT_STATE;
    }
    if (to == ACCOUNT_CLASS_I) {
        return decide_first(edition, facts);
    }
    bool goes_up = to < facts->from;
    if (goes_up && !(facts->is_verified && facts->has_card)) {
        return ERR_CLASS_EVIDENCE;
    }
    if (is_full(edition, to, facts->held[to])) {
        return ERR_ACCOUNT_COUNT;
    }
    struct limit_report unused;
    return limit_decide_balance(edition, to, facts->balance_minor, 0, &unused);
}
