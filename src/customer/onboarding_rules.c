/* The steps of opening an account, computed from facts. Pure. */
#include "base/check.h"
#include "customer/customer.h"

static const struct {
    const char *name;
    bool is_open; /* false: has its place, the check behind it is not there yet */
} STEPS[ONBOARDING_STEP_COUNT] = {
    [STEP_PHONE] = {"phone", true},
    [STEP_IDENTITY] = {"identity", true},
    [STEP_CONSENTS] = {"consents", true},
    [STEP_PASSCODE] = {"passCode", true},
    [STEP_ID_PICTURES] = {"idPictures", false},
    [STEP_FACE] = {"face", false},
    [STEP_PLACE] = {"place", false},
    [STEP_CARD] = {"card", true},
};

const char *onboarding_step_name(enum onboarding_step step)
{
    return step < ONBOARDING_STEP_COUNT ? STEPS[step].name : "done";
}

const char *step_state_name(enum step_state state)
{
    switch (state) {
    case STEP_TODO:
        return "todo";
    case STEP_DONE:
        return "done";
    case STEP_NOT_OPEN:
        break;
    }
    return "notOpen";
}

struct onboarding onboarding_of(const struct onboarding_facts *facts)
{
    const int64_t at[ONBOARDING_STEP_COUNT] = {
        [STEP_PHONE] = facts->phone_at,       [STEP_IDENTITY] = facts->identity_at,
        [STEP_CONSENTS] = facts->consents_at, [STEP_PASSCODE] = facts->passcode_at,
        [STEP_CARD] = facts->card_at,
    };
    struct onboarding onboarding = {.next = ONBOARDING_STEP_COUNT};
    for (int i = ONBOARDING_STEP_COUNT - 1; i >= 0; i--) {
        onboarding.steps[i].at = STEPS[i].is_open ? at[i] : 0;
        onboarding.steps[i].state = !STEPS[i].is_open ? STEP_NOT_OPEN
                                    : at[i] > 0       ? STEP_DONE
                                                      : STEP_TODO;
        if (onboarding.steps[i].state == STEP_TODO) {
            onboarding.next = (enum onboarding_step)i;
        }
    }
    return onboarding;
}
