/* What an action asks for, and its refusal. */
#include "api/step_up.h"

#include "account/limit.h"

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

static void add_member(struct call *call, const char *name, const char *json)
{
    if (json != NULL && call->member_count < CALL_MEMBERS_MAX) {
        call->members[call->member_count++] = (struct problem_member){name, json};
    }
}

static enum err refuse(struct call *call, struct step_up_needs needs,
                       struct step_up_missing missing)
{
    add_member(call, "factors", list_factors(call, needs.factors, needs.any));
    add_member(call, "missing", list_factors(call, missing.factors, missing.any));
    add_member(call, "alternatives", list_factors(call, missing.any, 0));
    return ERR_STEP_UP_REQUIRED;
}

static enum err judge(struct call *call, enum step_up_action action,
                      const struct step_up_signals *signals)
{
    struct step_up_needs needs = step_up_needs_of(action, signals);
    struct step_up_missing missing = step_up_missing(&call->customer, needs, call->now_us);
    return (missing.factors | missing.any) == 0 ? ERR_OK : refuse(call, needs, missing);
}

enum err step_up_check(struct call *call, struct db_conn *conn, enum step_up_action action)
{
    struct step_up_signals signals;
    enum err err = step_up_signals_load(conn, &call->customer, call->now_us, &signals);
    return err ? err : judge(call, action, &signals);
}

enum err step_up_check_payment(struct call *call, struct uow *uow, struct money amount)
{
    const struct customer_rules *rules = customer_room_rules(call->api->options.customers);
    struct step_up_signals signals = step_up_signals_of(&call->customer, call->now_us);
    struct limit_usage usage;
    if (!signals.device_is_new && !signals.device_is_unknown) {
        return ERR_OK;
    }
    /* The person's row queues their payments, so that of many at once no two see the same sum. A larger
     * amount passes the maximum by itself, and no sum of such overflows. */
    int64_t counted_minor =
        amount.minor > rules->payment_large_minor ? rules->payment_large_minor + 1 : amount.minor;
    enum err err = limit_reserve(uow, call->customer.customer.value, LIMIT_KIND_NEW_DEVICE,
                                 counted_minor, &usage);
    bool is_large = usage.day_minor > rules->payment_large_minor;
    return err ? err : is_large ? step_up_check(call, uow->conn, ACTION_PAYMENT_LARGE) : ERR_OK;
}

enum err step_up_check_view(struct call *call)
{
    struct step_up_signals signals = step_up_signals_of(&call->customer, call->now_us);
    return judge(call, ACTION_VIEW, &signals);
}

void step_up_explain(struct call *call)
{
    for (size_t i = 0; i < call->member_count; i++) {
        if (strcmp(call->members[i].name, "factors") == 0) {
            return;
        }
    }
    struct step_up_signals signals = step_up_signals_of(&call->customer, call->now_us);
    (void)judge(call, ACTION_PAYMENT, &signals);
}

void step_up_render_factors(struct call *call, const char *name, unsigned factors, unsigned any)
{
    out_raw(call, name, list_factors(call, factors, any));
}
