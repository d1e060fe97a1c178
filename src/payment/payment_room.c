/* The parts that this room brings to the house. */
#include "base/check.h"
#include "frame/room.h"
#include "payment/payment.h"
#include "payment/quickpay.h"

#include <stdlib.h>

static enum err open_payments(struct house *house, void **out_state, struct fault *out_fault)
{
    struct partner_channel *channel = calloc(1, sizeof *channel);
    (void)out_fault;
    if (channel == NULL) {
        return ERR_NO_MEMORY;
    }
    quickpay_channel_init(channel, &house->outside);
    *out_state = channel;
    return ERR_OK;
}

const struct room_parts PAYMENT_PARTS = {.name = "payment", .open = open_payments, .close = free};

struct channel *payment_channel_of(const struct house *house)
{
    struct partner_channel *channel = house_room(house, &PAYMENT_PARTS);
    CHECK(channel != NULL);
    return &channel->channel;
}
