/* Life cycle of an account and what its state and class allow: pure. */
#include "account/account.h"

#include "account/account_store.h"
#include "base/check.h"

#include <string.h>

#define NUMBER_PREFIX      "8812"
#define NUMBER_PREFIX_SIZE (sizeof NUMBER_PREFIX - 1)

const char *account_state_name(enum account_state state)
{
    static const char *const names[] = {"active", "frozen", "closed", "closing"};
    CHECK(state >= ACCOUNT_ACTIVE && state <= ACCOUNT_CLOSING);
    return names[state - ACCOUNT_ACTIVE];
}

enum err account_next_state(enum account_state state, enum account_event event,
                            enum account_state *out)
{
    static const struct {
        enum account_state from;
        enum account_event event;
        enum account_state to;
    } steps[] = {
        {ACCOUNT_ACTIVE, ACCOUNT_FREEZE, ACCOUNT_FROZEN},
        {ACCOUNT_FROZEN, ACCOUNT_UNFREEZE, ACCOUNT_ACTIVE},
        {ACCOUNT_ACTIVE, ACCOUNT_CLOSE, ACCOUNT_CLOSED},
        {ACCOUNT_ACTIVE, ACCOUNT_END, ACCOUNT_CLOSING},
        {ACCOUNT_CLOSING, ACCOUNT_CLOSE, ACCOUNT_CLOSED},
        {ACCOUNT_CLOSING, ACCOUNT_RESUME, ACCOUNT_ACTIVE},
        {ACCOUNT_CLOSING, ACCOUNT_FREEZE, ACCOUNT_FROZEN},
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i].from == state && steps[i].event == event) {
            *out = steps[i].to;
            return ERR_OK;
        }
    }
    return ERR_ACCOUNT_STATE;
}

enum err account_decide_debit(enum account_state state)
{
    return state == ACCOUNT_ACTIVE ? ERR_OK : ERR_ACCOUNT_NOT_ACTIVE;
}

enum err account_decide_credit(enum account_state state)
{
    return state == ACCOUNT_CLOSED || state == ACCOUNT_CLOSING ? ERR_ACCOUNT_NOT_ACTIVE : ERR_OK;
}

enum err account_decide_class(const struct catalogue_edition *edition, bool same_owner)
{
    return account_figure(edition, PARAMETER_PHASE_ONE) != 0 && !same_owner ? ERR_CLASS_REFUSED
                                                                            : ERR_OK;
}

enum err account_decide_opening(const struct catalogue_edition *edition, enum account_class class,
                                const struct account_opening_facts *facts)
{
    switch (class) {
    case ACCOUNT_CLASS_PAYMENT:
        if (account_figure(edition, PARAMETER_PHASE_ONE) != 0) {
            return ERR_POLICY_REFUSED;
        }
        return tier_of(edition, facts->channel_count) == TIER_NONE ? ERR_TIER_MISSING : ERR_OK;
    case ACCOUNT_CLASS_III:
        return facts->is_verified || (facts->has_identity && facts->has_card)
                   ? ERR_OK
                   : ERR_ONBOARDING_INCOMPLETE;
    case ACCOUNT_CLASS_I:
    case ACCOUNT_CLASS_II:
        break;
    }
    return ERR_CLASS_BY_STAFF;
}

/* Luhn (ISO/IEC 7812-1 annex B): the digit that makes the weighted sum a multiple of ten. */
static char luhn_digit(const char *digits, size_t size)
{
    int sum = 0;
    for (size_t i = 0; i < size; i++) {
        int digit = digits[size - 1 - i] - '0';
        if (i % 2 == 0) {
            digit = digit < 5 ? 2 * digit : 2 * digit - 9;
        }
        sum += digit;
    }
    return (char)('0' + (10 - sum % 10) % 10);
}

void account_number_make(uint64_t seed, char out[ACCOUNT_NUMBER_SIZE])
{
    size_t size = ACCOUNT_NUMBER_SIZE - 2;
    memcpy(out, NUMBER_PREFIX, NUMBER_PREFIX_SIZE);
    for (size_t i = size; i > NUMBER_PREFIX_SIZE; i--) {
        out[i - 1] = (char)('0' + seed % 10);
        seed /= 10;
    }
    out[size] = luhn_digit(out, size);
    out[size + 1] = '\0';
}

bool account_number_is_valid(const char *number)
{
    if (strlen(number) != ACCOUNT_NUMBER_SIZE - 1 ||
        strspn(number, "0123456789") != ACCOUNT_NUMBER_SIZE - 1 ||
        strncmp(number, NUMBER_PREFIX, NUMBER_PREFIX_SIZE) != 0) {
        return false;
    }
    return number[ACCOUNT_NUMBER_SIZE - 2] == luhn_digit(number, ACCOUNT_NUMBER_SIZE - 2);
}

void account_mask_number(const char *number, char out[ACCOUNT_NUMBER_SIZE])
{
    CHECK(strlen(number) == ACCOUNT_NUMBER_SIZE - 1);
    memcpy(out, number, ACCOUNT_NUMBER_SIZE);
    memset(out + 4, '*', 8);
}
