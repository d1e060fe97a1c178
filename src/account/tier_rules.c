/* Tiers of payment accounts and what they allow: pure. */
#include "account/limit_store.h"
#include "account/tier.h"
#include "account/tier_store.h"
#include "base/check.h"

const char *payment_tier_name(enum payment_tier tier)
{
    static const char *const names[] = {NULL, "I", "II", "III"};
    CHECK(tier >= TIER_NONE && tier <= TIER_III);
    return names[tier];
}

enum auth_strength auth_strength_of(const struct principal *principal, int64_t now_us)
{
    if (!principal_is_stepped_up(principal, now_us)) {
        return AUTH_ONE_FACTOR;
    }
    if (principal->passkey_until > now_us) {
        return AUTH_CERTIFICATE;
    }
    return principal->face_until > now_us || principal->totp_until > now_us ? AUTH_TWO_FACTORS
                                                                            : AUTH_ONE_FACTOR;
}

enum payment_tier tier_of(const struct catalogue_edition *edition, size_t channel_count)
{
    static const struct {
        enum payment_tier tier;
        enum account_parameter parameter;
    } steps[] = {{TIER_III, PARAMETER_TIER_III_CHANNELS_MIN},
                 {TIER_II, PARAMETER_TIER_II_CHANNELS_MIN},
                 {TIER_I, PARAMETER_TIER_I_CHANNELS_MIN}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if ((int64_t)channel_count >= account_figure(edition, steps[i].parameter)) {
            return steps[i].tier;
        }
    }
    return TIER_NONE;
}

bool tier_allows_investment(enum payment_tier tier)
{
    return tier == TIER_III;
}

static enum account_parameter day_parameter(enum auth_strength strength)
{
    switch (strength) {
    case AUTH_CERTIFICATE:
        return PARAMETER_TIER_CERTIFICATE_DAY_MAX;
    case AUTH_TWO_FACTORS:
        return PARAMETER_TIER_TWO_FACTORS_DAY_MAX;
    case AUTH_ONE_FACTOR:
        break;
    }
    return PARAMETER_TIER_ONE_FACTOR_DAY_MAX;
}

size_t tier_describe(const struct catalogue_edition *edition, enum payment_tier tier,
                     enum auth_strength strength, const struct tier_usage *used,
                     struct limit_report out[TIER_LIMITS_MAX])
{
    if (tier == TIER_NONE) {
        return 0;
    }
    if (tier == TIER_I) {
        limit_fill(edition, PARAMETER_TIER_I_TOTAL_MAX, LIMIT_TIER_TOTAL, used->total_minor,
                   &out[0]);
    } else {
        enum account_parameter year =
            tier == TIER_II ? PARAMETER_TIER_II_YEAR_MAX : PARAMETER_TIER_III_YEAR_MAX;
        limit_fill(edition, year, LIMIT_TIER_YEAR, used->year_minor, &out[0]);
    }
    limit_fill(edition, day_parameter(strength), LIMIT_TIER_DAY, used->day_minor, &out[1]);
    return TIER_LIMITS_MAX;
}

enum err tier_decide(const struct catalogue_edition *edition, enum payment_tier tier,
                     enum auth_strength strength, const struct tier_usage *after,
                     int64_t amount_minor, struct limit_report *out)
{
    struct tier_usage before = {.total_minor = after->total_minor - amount_minor,
                                .year_minor = after->year_minor - amount_minor,
                                .day_minor = after->day_minor - amount_minor};
    struct limit_report limits[TIER_LIMITS_MAX];
    size_t count = tier_describe(edition, tier, strength, &before, limits);
    for (size_t i = 0; i < count; i++) {
        if (amount_minor > limits[i].left_minor) {
            *out = limits[i];
            return ERR_LIMIT_EXCEEDED;
        }
    }
    return count == 0 ? ERR_TIER_MISSING : ERR_OK;
}
