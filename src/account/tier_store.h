/*
 * Inside of the room: a tier's limits as reports.
 */
#ifndef ACCOUNT_TIER_STORE_H
#define ACCOUNT_TIER_STORE_H

#include "account/tier.h"

/* Pure: the limits of a tier with what is used; gives their number, 0 without a tier. */
size_t tier_describe(const struct catalogue_edition *edition, enum payment_tier tier,
                     enum auth_strength strength, const struct tier_usage *used,
                     struct limit_report out[TIER_LIMITS_MAX]);

#endif
