/* Life cycle of an account and what its state and class allow: pure. */
#include "account/account.h"

#include "account/account_store.h"
#include "base/check.h"

#include <string.h>

#define NUMBER_PREFIX      "8812"
#define NUMBER_PREFIX_SIZE (sizeof NUMBER_PREFIX - 1)

const char *account_state_name(enum account_state state)
{
    static const char *const names[] = {"active", "frozen", "closed"};
    CHECK(state >= ACCOUNT_ACTIVE && state <= ACCOUNT_CLOSED);
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
    return state == ACCOUNT_CLOSED ? ERR_ACCOUNT_NOT_ACTIVE : ERR_OK;
}

enum err account_decide_class(const struct catalogue_edition *edition, bool same_owner)
{
    return edition->values[PARAMETER_PHASE_ONE] != 0 && !same_owner ? ERR_CLASS_REFUSED : ERR_OK;
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
