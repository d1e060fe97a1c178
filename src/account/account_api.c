#include "account/account_api.h"

#include "customer/customer_api.h"

enum err step_up_check_payment(struct call *call, struct uow *uow, struct money amount)
{
    const struct customer_rules *rules = customer_room_rules(customer_room_of(call_house(call)));
    struct step_up_signals signals = step_up_signals_of(customer_of(call), call->now_us);
    struct limit_usage usage;
    if (!signals.device_is_new && !signals.device_is_unknown) {
        return ERR_OK;
    }
    /* The person's row queues their payments, so that of many at once no two see the same sum. A larger
     * amount passes the maximum by itself, and no sum of such overflows. */
    int64_t counted_minor =
        amount.minor > rules->payment_large_minor ? rules->payment_large_minor + 1 : amount.minor;
    enum err err = limit_reserve(uow, customer_of(call)->customer.value, LIMIT_KIND_NEW_DEVICE,
                                 counted_minor, &usage);
    bool is_large = usage.day_minor > rules->payment_large_minor;
    return err ? err : is_large ? step_up_check(call, uow->conn, ACTION_PAYMENT_LARGE) : ERR_OK;
}
