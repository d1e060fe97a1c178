/* Pure decisions: life cycle, retry limits, codes, locks, names. Pass codes: passcode_rules.c. */
#include "customer/customer_rules.h"

#include "base/check.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

#define MINUTE_US INT64_C(60000000)

const struct customer_rules CUSTOMER_RULES = {
    .code_life_us = 5 * MINUTE_US,
    .code_tries_max = 5,
    .codes_per_minute = 1,
    .codes_per_hour = 5,
    .codes_per_day = 10,
    .codes_strangers_hour = 10,
    .codes_strangers_day = 20,
    .failures_max = 5,
    .lock_us = 15 * MINUTE_US,
    .session_idle_us = 30 * DAY_US,
    .session_absolute_us = 90 * DAY_US,
    .session_rest_us = 30 * MINUTE_US,
    .session_proof_us = 12 * 60 * MINUTE_US,
    .session_touch_us = MINUTE_US,
    .step_up_us = 5 * MINUTE_US,
    .cache_life_us = 5000000,
    .cache_entries = 65536,
    .age_min = 16,
    .age_full = 18,
    .identity_per_minute = 3,
    .identity_per_hour = 10,
    .identity_per_day = 15,
    .passcode_passes = 3,
    .passcode_memory = 19 * 1024 * 1024,
    .device_trust_us = DAY_US,
    .payment_large_minor = 5000000,
};

bool customer_state_may_become(enum customer_state from, enum customer_state to)
{
    static const struct {
        enum customer_state from, to;
    } steps[] = {
        {CUSTOMER_ONBOARDING, CUSTOMER_ACTIVE}, {CUSTOMER_ONBOARDING, CUSTOMER_CLOSED},
        {CUSTOMER_ACTIVE, CUSTOMER_SUSPENDED},  {CUSTOMER_ACTIVE, CUSTOMER_CLOSED},
        {CUSTOMER_SUSPENDED, CUSTOMER_ACTIVE},  {CUSTOMER_SUSPENDED, CUSTOMER_CLOSED},
    };
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (steps[i].from == from && steps[i].to == to) {
            return true;
        }
    }
    return false;
}

const char *customer_state_name(enum customer_state state)
{
    switch (state) {
    case CUSTOMER_ONBOARDING:
        return "onboarding";
    case CUSTOMER_ACTIVE:
        return "active";
    case CUSTOMER_SUSPENDED:
        return "suspended";
    case CUSTOMER_CLOSED:
        break;
    }
    return "closed";
}

enum err code_purpose_parse(const char *text, enum code_purpose *out)
{
    static const char *const names[] = {"", "signUp", "signIn", "resetPassCode", "changePhone"};
    for (int i = CODE_SIGN_UP; i <= CODE_CHANGE_PHONE; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (enum code_purpose)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

enum err customer_retry_decide(const int64_t *newest, size_t count,
                               const struct retry_window *windows, size_t window_count,
                               int64_t now_us, int64_t *out_retry_at)
{
    int64_t retry_at = 0;
    size_t ahead = 0; /* made while the clock was ahead of now */
    while (ahead < count && newest[ahead] > now_us) {
        ahead++;
    }
    for (size_t i = 0; i < window_count; i++) {
        CHECK(windows[i].count_max > 0 && windows[i].count_max <= RETRY_NEWEST_MAX);
        size_t oldest = (size_t)windows[i].count_max - 1;
        /* The count_max-th newest must have left the span before one more fits into it. */
        size_t at = i + 1 == window_count ? oldest : oldest + ahead;
        if (count <= at) {
            continue;
        }
        int64_t since = newest[at] < now_us ? newest[at] : now_us;
        if (since + windows[i].span_us > now_us && since + windows[i].span_us > retry_at) {
            retry_at = since + windows[i].span_us;
        }
    }
    *out_retry_at = retry_at;
    return retry_at == 0 ? ERR_OK : ERR_TOO_MANY_REQUESTS;
}

enum err customer_code_decide(const struct code_facts *facts, int tries_max, int64_t now_us)
{
    if (!facts->is_found || facts->is_used) {
        return ERR_CODE_EXPIRED;
    }
    if (facts->tries >= tries_max) {
        return ERR_CODE_EXHAUSTED;
    }
    if (facts->expires_at <= now_us) {
        return ERR_CODE_EXPIRED;
    }
    return facts->matches ? ERR_OK : ERR_CODE_WRONG;
}

struct verdict customer_failures_decide(struct failures *failures, bool is_right, int failures_max,
                                        int64_t lock_us, enum err wrong, int64_t now_us)
{
    struct verdict verdict = {.refusal = ERR_OK, .tries_left = -1, .retry_at = 0};
    if (failures->locked_until > now_us + DAY_US) {
        failures->locked_until =
            now_us + lock_us; /* the clock was put back: no lock is that long */
    }
    if (failures->locked_until > now_us) {
        verdict.refusal = ERR_SIGN_IN_LOCKED;
        verdict.retry_at = failures->locked_until;
        return verdict;
    }
    failures->locked_until = 0;
    if (is_right) {
        failures->count = 0;
        return verdict;
    }
    failures->count++;
    int over = failures->count % failures_max;
    if (over != 0) {
        verdict.refusal = wrong;
        verdict.tries_left = failures_max - over;
        return verdict;
    }
    /* Each lock in a row is twice as long, up to a day: a hundred guesses take more than a week. */
    int doublings = failures->count / failures_max - 1;
    int64_t lock = lock_us << (doublings < 8 ? doublings : 8);
    failures->locked_until = now_us + (lock < DAY_US ? lock : DAY_US);
    verdict.refusal = ERR_SIGN_IN_LOCKED;
    verdict.retry_at = failures->locked_until;
    verdict.tries_left = 0;
    return verdict;
}

int64_t customer_session_ends_at(int64_t created_at, int64_t last_seen_at,
                                 const struct customer_rules *rules)
{
    int64_t idle = last_seen_at + rules->session_idle_us;
    int64_t absolute = created_at + rules->session_absolute_us;
    return idle < absolute ? idle : absolute;
}

/* ASVS 3.3.2, NIST SP 800-63B 4.2.3 (AAL2): 30 minutes unused, or 12 hours since the last proof. */
int64_t customer_session_rests_at(int64_t proven_at, int64_t last_seen_at,
                                  const struct customer_rules *rules)
{
    int64_t idle = last_seen_at + rules->session_rest_us;
    int64_t proof = proven_at + rules->session_proof_us;
    return idle < proof ? idle : proof;
}

bool phone_is_recycled(const struct phone_holder *holder, bool is_denied, int64_t now_us)
{
    return is_denied && (holder->was_confirmed || holder->last_seen_at + PHONE_REST_US <= now_us);
}

bool factors_vouch(unsigned factors)
{
    return (factors & FACTORS_VOUCHING) != 0;
}

bool principal_passcode_is_derived(const struct principal *principal)
{
    return principal->has_passcode && !factors_vouch(principal->passcode_basis);
}

bool principal_is_stepped_up(const struct principal *principal, int64_t now_us)
{
    return principal->step_up_until > now_us && !principal_passcode_is_derived(principal);
}
