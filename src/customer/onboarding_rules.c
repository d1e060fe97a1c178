/* The steps of opening an account, computed from facts. Pure. */
#include "base/check.h"
#include "customer/customer.h"

static const struct {
    const char *name;
    enum identity_layer layer; /* 0: no layer of its own, open under every policy */
} STEPS[ONBOARDING_STEP_COUNT] = {
    [STEP_PHONE] = {"phone", 0},
    [STEP_CONSENTS] = {"consents", 0},
    [STEP_ID_PICTURES] = {"idPictures", LAYER_PICTURES},
    [STEP_IDENTITY] = {"identity", 0},
    [STEP_PASSCODE] = {"passCode", 0},
    [STEP_FACE] = {"face", LAYER_FACE},
    [STEP_PLACE] = {"place", LAYER_PLACE},
    [STEP_CARD] = {"card", 0},
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
    case STEP_REVIEW:
        return "review";
    case STEP_REFUSED:
        return "refused";
    case STEP_NOT_REQUIRED:
        break;
    }
    return "notRequired";
}

static enum step_state state_of_layer(enum layer_state state, bool is_required)
{
    switch (state) {
    case LAYER_PASSED:
        return STEP_DONE;
    case LAYER_REVIEW:
        return STEP_REVIEW;
    case LAYER_REFUSED:
        return STEP_REFUSED;
    case LAYER_TODO:
        break;
    }
    return is_required ? STEP_TODO : STEP_NOT_REQUIRED;
}

struct onboarding onboarding_of(const struct onboarding_facts *facts)
{
    const int64_t at[ONBOARDING_STEP_COUNT] = {
        [STEP_PHONE] = facts->phone_at,       [STEP_IDENTITY] = facts->identity_at,
        [STEP_CONSENTS] = facts->consents_at, [STEP_PASSCODE] = facts->passcode_at,
        [STEP_CARD] = facts->card_at,
    };
    struct onboarding onboarding = {.next = ONBOARDING_STEP_COUNT};
    bool is_open = true; /* no layer waits for a person at the bank */
    for (int i = ONBOARDING_STEP_COUNT - 1; i >= 0; i--) {
        enum identity_layer layer = STEPS[i].layer;
        enum step_state state = at[i] > 0 ? STEP_DONE : STEP_TODO;
        if (layer != 0) {
            state = state_of_layer(facts->layers.state[layer], facts->layers_required);
        }
        bool is_over = state == STEP_DONE || state == STEP_REVIEW;
        onboarding.steps[i].at = !is_over ? 0 : layer ? facts->layers.at[layer] : at[i];
        onboarding.steps[i].state = state;
        if (state == STEP_TODO || state == STEP_REFUSED) {
            onboarding.next = (enum onboarding_step)i;
        }
        is_open = is_open && state != STEP_REVIEW;
    }
    onboarding.waits = facts->layers_required && !is_open;
    return onboarding;
}
