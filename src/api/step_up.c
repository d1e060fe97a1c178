/* What an action asks for, and its refusal. */
#include "api/step_up.h"

#include <stdio.h>
#include <string.h>

static const char *list_factors(struct call *call, unsigned factors)
{
    char text[64] = "[";
    for (int i = 0; i < STEP_UP_FACTOR_COUNT; i++) {
        enum step_up_factor factor = (enum step_up_factor)(1 << i);
        size_t used = strlen(text);
        if (factors & (unsigned)factor) {
            snprintf(text + used, sizeof(text) - used, "%s\"%s\"", used > 1 ? "," : "",
                     step_up_factor_name(factor));
        }
    }
    return arena_printf(call->arena, "%s]", text);
}

static void add_member(struct call *call, const char *name, unsigned factors)
{
    const char *json = list_factors(call, factors);
    if (json != NULL && call->member_count < CALL_MEMBERS_MAX) {
        call->members[call->member_count++] = (struct problem_member){name, json};
    }
}

static enum err refuse(struct call *call, unsigned factors, unsigned missing)
{
    add_member(call, "factors", factors);
    add_member(call, "missing", missing);
    return ERR_STEP_UP_REQUIRED;
}

enum err step_up_check(struct call *call, struct db_conn *conn, enum step_up_action action)
{
    struct step_up_signals signals;
    enum err err = step_up_signals_load(conn, &call->customer, call->now_us, &signals);
    if (err) {
        return err;
    }
    struct step_up_needs needs = step_up_needs_of(action, &signals);
    unsigned missing = step_up_missing(&call->customer, needs, call->now_us);
    return missing == 0 ? ERR_OK : refuse(call, needs.factors, missing);
}

enum err step_up_check_payment(struct call *call, struct db_conn *conn, struct money amount)
{
    const struct customer_rules *rules = customer_room_rules(call->api->options.customers);
    const struct principal *who = &call->customer;
    bool is_new = who->device.value != 0 && who->device_trusted_at > call->now_us;
    return is_new && amount.minor > rules->payment_large_minor
               ? step_up_check(call, conn, ACTION_PAYMENT_LARGE)
               : ERR_OK;
}

void step_up_explain(struct call *call)
{
    for (size_t i = 0; i < call->member_count; i++) {
        if (strcmp(call->members[i].name, "factors") == 0) {
            return;
        }
    }
    (void)refuse(call, FACTOR_PASSCODE, FACTOR_PASSCODE);
}

void step_up_render_factors(struct call *call, const char *name, unsigned factors)
{
    out_raw(call, name, list_factors(call, factors));
}
