/* What the review does about an account: pure. */
#include "account/review.h"

#include "customer/parameters.h"

#include <string.h>

static bool is_expired(const struct catalogue_edition *edition, const struct review_facts *facts)
{
    return facts->document_until.days != 0 &&
           facts->today.days >
               facts->document_until.days + account_figure(edition, PARAMETER_DOCUMENT_GRACE_DAYS);
}

/* The owner is not verified though the policy asks for it, or no card behind the account was confirmed
 * to be of a Class I account. */
static bool is_wanting(const struct catalogue_edition *edition, const struct review_facts *facts)
{
    bool has_weak_card = facts->has_card && !facts->has_class_one_card;
    bool rests_on_card = facts->class == ACCOUNT_CLASS_II || facts->class == ACCOUNT_CLASS_III;
    return (customer_figure(edition, PARAMETER_IDENTITY_LAYERS) != 0 && !facts->is_verified) ||
           (rests_on_card && has_weak_card);
}

enum review_action account_review_decide(const struct catalogue_edition *edition,
                                         const struct review_facts *facts, const char **out_reason)
{
    bool expired = is_expired(edition, facts), wanting = is_wanting(edition, facts);
    int64_t grace_us = account_figure(edition, PARAMETER_UNVERIFIED_GRACE_DAYS) * DAY_US;
    bool over = facts->found_at != 0 && facts->now_us > facts->found_at + grace_us;
    if (facts->state == ACCOUNT_ACTIVE && (expired || (wanting && over))) {
        *out_reason = expired ? FREEZE_DOCUMENT_EXPIRED : FREEZE_UNVERIFIED;
        return REVIEW_SUSPEND;
    }
    if (wanting) {
        return facts->found_at == 0 && facts->state == ACCOUNT_ACTIVE ? REVIEW_NOTE
                                                                      : REVIEW_NOTHING;
    }
    if (facts->frozen_by_review && !expired) {
        return REVIEW_LIFT;
    }
    return facts->found_at != 0 ? REVIEW_FORGET : REVIEW_NOTHING;
}

bool account_review_reminds(const struct catalogue_edition *edition, struct date document_until,
                            struct date today)
{
    return document_until.days != 0 && today.days <= document_until.days &&
           today.days + account_figure(edition, PARAMETER_DOCUMENT_REMINDER_DAYS) >=
               document_until.days;
}

bool account_freeze_is_soft(const char *reason)
{
    return strcmp(reason, FREEZE_UNVERIFIED) == 0 || strcmp(reason, FREEZE_DOCUMENT_EXPIRED) == 0;
}
