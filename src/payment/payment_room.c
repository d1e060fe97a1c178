/* The parts that this room brings to the house. */
#include "base/check.h"
#include "frame/room.h"
#include "payment/payment.h"
#include "payment/quickpay.h"
#include "sys/metrics.h"

#include <stdlib.h>

#define QUERIES_A_RUN 50

/* Alerts that nobody has dealt with, for who watches the bank from outside. */
static enum err show_alerts(struct engine *engine)
{
    struct db_conn *conn;
    struct payment_alert_counts counts = {0};
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    int64_t now_us = clock_now_us(engine_clock(engine));
    err = payment_alert_counts(conn, now_us, &counts);
    engine_read_end(engine, conn);
    if (!err) {
        metrics_set(metrics_gauge("payment_alerts_open",
                                  "Alerts of payments that nobody has dealt with.", ""),
                    counts.open);
        metrics_set(metrics_gauge("payment_alert_oldest_seconds",
                                  "Age of the oldest open alert of a payment, 0: none.", ""),
                    counts.open == 0 ? 0 : (now_us - counts.oldest_at) / 1000000);
    }
    return err;
}

static enum err query_payments(const struct house *house)
{
    size_t count;
    enum err err =
        payment_query_due(house->engine, payment_channel_of(house), QUERIES_A_RUN, &count);
    enum err shown = show_alerts(house->engine);
    return err ? err : shown;
}

static const struct job_row jobs[] = {
    {"queryPayments", "every second", 1000000, CARD_LANE_CLEARING, query_payments, 30}, {0}};

/* What this books belongs to the next date, so that the totals of the closed date may come after it. */
static enum err settle_clearing(const struct house *house, struct date date, int bucket)
{
    int64_t moved;
    return payment_eod_settle(house->engine, date, bucket, &moved);
}

static const struct eod_step steps[] = {{"settleClearing", settle_clearing, false}, {0}};

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

const struct room_parts PAYMENT_PARTS = {
    .name = "payment", .jobs = jobs, .steps = steps, .open = open_payments, .close = free};

struct channel *payment_channel_of(const struct house *house)
{
    struct partner_channel *channel = house_room(house, &PAYMENT_PARTS);
    CHECK(channel != NULL);
    return &channel->channel;
}
