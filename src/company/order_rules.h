/* Pure decisions on orders. */
#ifndef COMPANY_ORDER_RULES_H
#define COMPANY_ORDER_RULES_H

#include "company/order.h"

/* Approvals by others than the maker. */
int order_needed(int64_t amount_minor, int64_t two_above_minor, bool is_alone);

struct order_facts {
    enum order_state state;
    unsigned roles; /* of who speaks */
    bool is_maker, has_spoken, is_expired, company_is_active, stepped_up;
    int64_t amount_minor, limit_minor; /* limit -1: none */
};
/* ERR_COMPANY_ROLE, ERR_ORDER_DECIDED; of an approval also ERR_FOUR_EYES, ERR_COMPANY_STATE,
 * ERR_ORDER_LIMIT, ERR_STEP_UP_REQUIRED. */
enum err order_word_check(const struct order_facts *facts, enum order_decision decision);
/* The transfer service's no: the order has failed. */
bool order_error_is_refusal(enum err err);

#endif
