/* What an action asks for, and its refusal. */
#include "customer/customer_api.h"

#include <stdio.h>
#include <string.h>

static const char *const NAMES[] = {"sms", "device", "passCode", "face", "passkey", "totp"};
_Static_assert(sizeof NAMES / sizeof NAMES[0] == FACTOR_COUNT, "a name for each factor");

/* One of a set is named by the way that most people have at hand. */
static const char *name_of_any(unsigned any)
{
    return any & FACTOR_TOTP ? "passkeyOrTotp" : any & FACTOR_PASSKEY ? "passkey" : "face";
}

/* A list of the factors' names, and of one for the set of which any will do. */
static const char *list_factors(struct call *call, unsigned factors, unsigned any)
{
    char text[96] = "[";
    for (int i = 0; i < FACTOR_COUNT; i++) {
        size_t used = strlen(text);
        if (factors & 1U << i) {
            snprintf(text + used, sizeof(text) - used, "%s\"%s\"", used > 1 ? "," : "", NAMES[i]);
        }
    }
    size_t used = strlen(text);
    if (any != 0) {
        snprintf(text + used, sizeof(text) - used, "%s\"%s\"", used > 1 ? "," : "",
                 name_of_any(any));
    }
    return arena_printf(call->arena, "%s]", text);
}

static enum err refuse(struct call *call, struct step_up_needs needs,
                       struct step_up_missing missing)
{
    call_member_json(call, "factors", list_factors(call, needs.factors, needs.any));
    call_member_json(call, "missing", list_factors(call, missing.factors, missing.any));
    call_member_json(call, "alternatives", list_factors(call, missing.any, 0));
    return ERR_STEP_UP_REQUIRED;
}

static enum err judge(struct call *call, enum step_up_action action,
                      const struct step_up_signals *signals)
{
    struct step_up_needs needs = step_up_needs_of(action, signals);
    struct step_up_missing missing = step_up_missing(customer_of(call), needs, call->now_us);
    return (missing.factors | missing.any) == 0 ? ERR_OK : refuse(call, needs, missing);
}

enum err step_up_check(struct call *call, struct db_conn *conn, enum step_up_action action)
{
    struct step_up_signals signals;
    enum err err = step_up_signals_load(conn, customer_of(call), call->now_us, &signals);
    return err ? err : judge(call, action, &signals);
}

enum err step_up_check_view(struct call *call)
{
    struct step_up_signals signals = step_up_signals_of(customer_of(call), call->now_us);
    return judge(call, ACTION_VIEW, &signals);
}

void step_up_explain(struct call *call)
{
    for (size_t i = 0; i < call->member_count; i++) {
        if (strcmp(call->members[i].name, "factors") == 0) {
            return;
        }
    }
    struct step_up_signals signals = step_up_signals_of(customer_of(call), call->now_us);
    (void)judge(call, ACTION_PAYMENT, &signals);
}

void step_up_render_factors(struct call *call, const char *name, unsigned factors, unsigned any)
{
    out_raw(call, name, list_factors(call, factors, any));
}
