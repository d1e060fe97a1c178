/* The parts that this room brings to the house. */
#include "base/check.h"
#include "frame/room.h"
#include "payment/closure.h"
#include "payment/erase.h"
#include "payment/message_rows.h"
#include "payment/payment.h"
#include "payment/payment_routes.h"
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

/* --- orders to the clearing house --------------------------------------------------------------- */

static enum err take_channel_order(const struct house *house, const struct delivery *delivery)
{
    return payment_outbox_channel(house->engine, payment_channel_of(house),
                                  (struct payment_id){delivery->ref_id});
}

/* --- messages to the customers of a payment ----------------------------------------------------- */

static enum err put_message(struct uow *uow, const struct payment *payment,
                            struct customer_id customer, const struct message_row *kind,
                            const char *other)
{
    char amount[MONEY_TEXT_SIZE];
    money_format(payment->amount, amount);
    struct message_params params = {.amount = amount, .name = other, .card = other};
    return message_add(uow, customer, kind, &params, payment->id.value);
}

static enum err tell_both_sides(struct uow *uow, const struct payment *p)
{
    bool settled = p->status == PAYMENT_ACSC;
    enum err err = ERR_OK;
    switch (p->kind) {
    case PAYMENT_TRANSFER:
        err = put_message(uow, p, p->creditor_customer, &MESSAGE_TRANSFER_IN, p->debtor_name);
        err =
            err ? err
                : put_message(uow, p, p->debtor_customer, &MESSAGE_TRANSFER_OUT, p->creditor_name);
        break;
    case PAYMENT_TOP_UP:
        err =
            put_message(uow, p, p->creditor_customer,
                        settled ? &MESSAGE_TOP_UP_DONE : &MESSAGE_TOP_UP_REFUSED, p->debtor_masked);
        break;
    case PAYMENT_WITHDRAWAL:
        err = put_message(uow, p, p->debtor_customer,
                          settled ? &MESSAGE_WITHDRAWAL_DONE : &MESSAGE_WITHDRAWAL_REFUSED,
                          p->creditor_masked);
        break;
    }
    return err;
}

static enum err load_payments(struct db_conn *conn, const struct delivery *const *deliveries,
                              size_t count, void *out_loaded)
{
    struct payment_id ids[DB_BATCH_MAX] = {{0}};
    bool found[DB_BATCH_MAX] = {false};
    CHECK(count <= DB_BATCH_MAX);
    for (size_t i = 0; i < count; i++) {
        ids[i] = (struct payment_id){deliveries[i]->ref_id};
    }
    enum err err = payment_load_many(conn, ids, count, out_loaded, found);
    for (size_t i = 0; !err && i < count; i++) {
        err = found[i] ? ERR_OK : ERR_NOT_FOUND;
    }
    return err;
}

static enum err write_payment_news(struct uow *uow, const struct delivery *delivery,
                                   const void *loaded)
{
    const struct payment *payment = loaded;
    CHECK(payment->id.value == delivery->ref_id);
    return tell_both_sides(uow, payment);
}

static const struct news_kind payment_news = {
    .loaded_size = sizeof(struct payment), .load = load_payments, .write = write_payment_news};

static const struct reaction reactions[] = {
    {QUICKPAY_TOPIC_DEBIT, CARD_LANE_CLEARING, take_channel_order, NULL},
    {QUICKPAY_TOPIC_CREDIT, CARD_LANE_CLEARING, take_channel_order, NULL},
    {PAYMENT_TOPIC_BOOKED, NULL, NULL, &payment_news},
    {PAYMENT_TOPIC_REJECTED, NULL, NULL, &payment_news},
    {0}};

/* --- jobs, end of day ---------------------------------------------------------------------------- */

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

static const struct route_table routes[] = {
    {201, activity_routes}, {220, closure_routes}, {300, payment_routes}, {800, alert_routes}, {0}};

static enum err erase_received(const struct house *house, struct customer_id customer)
{
    return payment_erase_all_received(house->engine, customer);
}

static enum err erase_made(const struct house *house, struct uow *uow, struct customer_id customer)
{
    (void)house;
    return payment_erase_made(uow, customer);
}

static const struct room_erasure erasure = {.erase_elsewhere = erase_received, .erase = erase_made};

/* Found where the money is moved. */
static const struct obstacle_row obstacles[] = {
    {40,
     "paymentPending",
     {"Money is on its way; try again once it has arrived.", "有款项正在途中，到账后请再试。"},
     NULL},
    {0}};
const struct obstacle_row *const PAYMENT_PENDING = &obstacles[0];

static const struct export_table export_tables[] = {
    {"payment_payments", "payments", NULL},
    {"payment_closures", NULL, "its account and its payment are there"},
    {0}};

const struct room_parts PAYMENT_PARTS = {.name = "payment",
                                         .routes = routes,
                                         .jobs = jobs,
                                         .export_tables = export_tables,
                                         .erasure = &erasure,
                                         .obstacles = obstacles,
                                         .reactions = reactions,
                                         .messages = PAYMENT_MESSAGES,
                                         .steps = steps,
                                         .open = open_payments,
                                         .close = free};

struct channel *payment_channel_of(const struct house *house)
{
    struct partner_channel *channel = house_room(house, &PAYMENT_PARTS);
    CHECK(channel != NULL);
    return &channel->channel;
}
