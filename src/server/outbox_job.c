/*
 * Delivers the outbox. One table maps news to reactions: texts go to the SMS gateway, orders
 * to the clearing house, and what happened to a payment becomes messages to its customers.
 *
 * What goes outside is claimed, sent, then recorded, row by row. News of payments stay inside of the
 * bank: their messages are written and their rows ended many at a time, in one transaction. Where
 * that fails they are delivered one by one, so that a row that cannot be delivered (it is tried
 * again, later it is dead) holds up no other.
 */
#include "server/jobs.h"

#include "base/json.h"
#include "db/outbox.h"
#include "privacy/leaving.h"
#include "sys/log.h"
#include "sys/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DELIVERY_LEASE_US INT64_C(60000000) /* longer than waiting for a lane and a call last */
#define YIELD_AT          8
#define US_PER_SECOND     INT64_C(1000000)

/* A row copied out of its reading transaction. */
struct delivery {
    int64_t id, ref_id, created_at, next_at;
    int attempts;
    char topic[48];
    char *body; /* whole, owned */
};

typedef enum err delivery_react(const struct house *house, const struct delivery *delivery);

static enum err send_sms(const struct house *house, const struct delivery *delivery)
{
    struct sms sms;
    char id[ID_TEXT_SIZE];
    enum err err = sms_unseal(house->vault, delivery->id, delivery->body, &sms);
    if (err) {
        return err;
    }
    id_format(delivery->id, id);
    json_t *body = json_pack("{s:s, s:s, s:s}", "messageId", id, "to", sms.to, "text", sms.text);
    vault_wipe(&sms, sizeof sms);
    struct partner_call call = {.method = "POST",
                                .path = "/sms/v1/messages",
                                .body = body,
                                .may_repeat = true,
                                .echo_name = "messageId",
                                .echo_value = id};
    struct partner_answer answer;
    partner_send(&house->outside, &call, &answer);
    err = answer.outcome == PARTNER_OK ? ERR_OK : ERR_UNAVAILABLE;
    partner_answer_release(&answer);
    json_decref(body);
    return err;
}

static enum err take_channel_order(const struct house *house, const struct delivery *delivery)
{
    return payment_outbox_channel(house->engine, payment_channel_of(house),
                                  (struct payment_id){delivery->ref_id});
}

/* A refusal ends it too: the issuer has no such agreement any more. */
static enum err unsign_card(const struct house *house, const struct delivery *delivery)
{
    struct card_partner_channel channel;
    struct card_answer answer;
    const char *agreement = NULL;
    json_t *body = NULL;
    enum err err =
        json_parse_object(delivery->body, strlen(delivery->body), OUTBOX_BODY_MAX, &body);
    err = err ? err : json_get_text(body, "agreement", &agreement);
    if (!err) {
        card_channel_init(&channel, &house->outside);
        channel.channel.unsign(&channel.channel, agreement, &answer);
        err = answer.kind == CARD_ANSWER_UNAVAILABLE ? ERR_UNAVAILABLE : ERR_OK;
    }
    json_decref(body);
    return err;
}

/* --- messages to the customers of a payment --------------------------------------------------- */

struct notice {
    struct payment payment;
    const struct delivery *delivery;
};

static enum err put_message(struct uow *uow, const struct payment *payment,
                            struct customer_id customer, enum message_kind kind, const char *other)
{
    char amount[MONEY_TEXT_SIZE];
    money_format(payment->amount, amount);
    struct message_params params = {.amount = amount, .name = other, .card = other};
    return message_add(uow, customer, kind, &params, payment->id.value);
}

static enum err tell_all(struct uow *uow, const struct payment *p)
{
    bool settled = p->status == PAYMENT_ACSC;
    enum err err = ERR_OK;
    switch (p->kind) {
    case PAYMENT_TRANSFER:
        err = put_message(uow, p, p->creditor_customer, MESSAGE_TRANSFER_IN, p->debtor_name);
        err = err ? err
                  : put_message(uow, p, p->debtor_customer, MESSAGE_TRANSFER_OUT, p->creditor_name);
        break;
    case PAYMENT_TOP_UP:
        err = put_message(uow, p, p->creditor_customer,
                          settled ? MESSAGE_TOP_UP_DONE : MESSAGE_TOP_UP_REFUSED, p->debtor_masked);
        break;
    case PAYMENT_WITHDRAWAL:
        err = put_message(uow, p, p->debtor_customer,
                          settled ? MESSAGE_WITHDRAWAL_DONE : MESSAGE_WITHDRAWAL_REFUSED,
                          p->creditor_masked);
        break;
    }
    return err;
}

static enum err write_messages(struct uow *uow, void *context)
{
    const struct notice *notice = context;
    enum err err = tell_all(uow, &notice->payment);
    /* In the same transaction, so that each message goes out once. */
    return err ? err : outbox_done(uow->conn, notice->delivery->id);
}

static enum err notify(const struct house *house, const struct delivery *delivery)
{
    struct notice notice = {.delivery = delivery};
    struct db_conn *conn;
    enum err err = engine_read_begin(house->engine, &conn);
    if (err) {
        return err;
    }
    err = payment_load(conn, (struct payment_id){delivery->ref_id}, &notice.payment);
    engine_read_end(house->engine, conn);
    return err ? err : engine_run(house->engine, write_messages, &notice);
}

/* Upward news: topic, who reacts, and the lane of whom it waits for. NULL: news that stay inside. */
static const struct reaction {
    const char *topic;
    delivery_react *react;
    const char *lane;
} reactions[] = {
    {SMS_TOPIC, send_sms, "sms"},
    {QUICKPAY_TOPIC_DEBIT, take_channel_order, "clearing"},
    {QUICKPAY_TOPIC_CREDIT, take_channel_order, "clearing"},
    {LEAVING_TOPIC_UNSIGN, unsign_card, "clearing"},
    {PAYMENT_TOPIC_BOOKED, notify, NULL},
    {PAYMENT_TOPIC_REJECTED, notify, NULL},
};
#define REACTION_COUNT (sizeof reactions / sizeof reactions[0])

/* --- the delivery ----------------------------------------------------------------------------- */

struct outcome {
    const struct delivery *delivery;
    enum err err;
    bool claimed;
};

static struct outbox_message message_of(const struct delivery *delivery)
{
    return (struct outbox_message){.id = delivery->id,
                                   .topic = delivery->topic,
                                   .ref_id = delivery->ref_id,
                                   .body = delivery->body,
                                   .created_at = delivery->created_at,
                                   .next_at = delivery->next_at,
                                   .attempts = delivery->attempts};
}

static enum err claim(struct uow *uow, void *context)
{
    struct outcome *outcome = context;
    struct outbox_message message = message_of(outcome->delivery);
    return outbox_claim(uow->conn, &message, uow->now_us + DELIVERY_LEASE_US, &outcome->claimed);
}

static enum err record_outcome(struct uow *uow, void *context)
{
    const struct outcome *outcome = context;
    struct outbox_message message = message_of(outcome->delivery);
    return outcome->err == ERR_OK
               ? outbox_done(uow->conn, outcome->delivery->id)
               : outbox_retry(uow->conn, &message, uow->now_us, err_slug(outcome->err));
}

/* A row that is this deliverer's: reacts, and records what came of it. */
static enum err deliver_claimed(const struct house *house, const struct delivery *delivery)
{
    struct outcome outcome = {.delivery = delivery, .err = ERR_NOT_FOUND};
    for (size_t i = 0; i < REACTION_COUNT; i++) {
        if (strcmp(reactions[i].topic, delivery->topic) == 0) {
            outcome.err = reactions[i].react(house, delivery);
        }
    }
    if (outcome.err) {
        log_event(LOG_WARN, "outbox_delivery_failed", log_string("topic", delivery->topic),
                  log_int("outbox_id", delivery->id), log_err(outcome.err));
    }
    return engine_run(house->engine, record_outcome, &outcome);
}

static enum err deliver_one(const struct house *house, const struct delivery *delivery)
{
    struct outcome outcome = {.delivery = delivery};
    enum err err = engine_run(house->engine, claim, &outcome);
    return err || !outcome.claimed ? err : deliver_claimed(house, delivery);
}

/* --- many at a time --------------------------------------------------------------------------- */

#define DELIVERIES_MAX 64

struct news {
    const struct delivery *rows[DB_BATCH_MAX];
    struct payment payments[DB_BATCH_MAX];
    size_t count;
};

static bool is_news(const struct delivery *delivery)
{
    return strcmp(delivery->topic, PAYMENT_TOPIC_BOOKED) == 0 ||
           strcmp(delivery->topic, PAYMENT_TOPIC_REJECTED) == 0;
}

static enum err write_news(struct uow *uow, void *context)
{
    const struct news *news = context;
    struct outbox_message messages[DB_BATCH_MAX];
    bool taken[DB_BATCH_MAX] = {false};
    for (size_t i = 0; i < news->count; i++) {
        messages[i] = message_of(news->rows[i]);
    }
    enum err err = outbox_done_many(uow->conn, messages, news->count, taken);
    for (size_t i = 0; !err && i < news->count; i++) {
        err = taken[i] ? tell_all(uow, &news->payments[i]) : ERR_OK;
    }
    return err;
}

static enum err load_news(const struct house *house, struct news *news)
{
    struct payment_id ids[DB_BATCH_MAX];
    bool found[DB_BATCH_MAX] = {false};
    struct db_conn *conn;
    for (size_t i = 0; i < news->count; i++) {
        ids[i] = (struct payment_id){news->rows[i]->ref_id};
    }
    enum err err = engine_read_begin(house->engine, &conn);
    if (err) {
        return err;
    }
    err = payment_load_many(conn, ids, news->count, news->payments, found);
    engine_read_end(house->engine, conn);
    for (size_t i = 0; !err && i < news->count; i++) {
        err = found[i] ? ERR_OK : ERR_NOT_FOUND;
    }
    return err;
}

static enum err deliver_news(const struct house *house, struct news *news)
{
    enum err err = news->count > 0 ? load_news(house, news) : ERR_OK;
    if (!err && news->count > 0) {
        err = engine_run(house->engine, write_news, news);
    }
    enum err single = ERR_OK;
    for (size_t i = 0; err && !single && i < news->count; i++) {
        single = deliver_one(house, news->rows[i]);
    }
    news->count = 0;
    return single;
}

/* The topics of one lane, or of those who need none. */
static size_t topics_of(const char *lane, const char *out[OUTBOX_TOPICS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < REACTION_COUNT; i++) {
        bool is_its = lane == NULL ? reactions[i].lane == NULL
                                   : reactions[i].lane && strcmp(reactions[i].lane, lane) == 0;
        if (is_its) {
            out[count++] = reactions[i].topic;
        }
    }
    return count;
}

/* All that is due if there are no topics. */
static enum err read_due(const struct house *house, const char *const *topics, size_t topic_count,
                         size_t limit, struct delivery *out, size_t *out_count)
{
    struct db_conn *conn;
    struct db_rows rows;
    *out_count = 0;
    enum err err = engine_read_begin(house->engine, &conn);
    if (err) {
        return err;
    }
    int64_t now_us = clock_now_us(engine_clock(house->engine));
    err = topic_count > 0 ? outbox_due_of(conn, now_us, topics, topic_count, (int)limit, &rows)
                          : outbox_due(conn, now_us, (int)limit, &rows);
    if (!err) {
        while (*out_count < limit && db_rows_next(&rows)) {
            struct outbox_message message = outbox_message_of(&rows);
            struct delivery *delivery = &out[(*out_count)++];
            *delivery = (struct delivery){.id = message.id,
                                          .ref_id = message.ref_id,
                                          .created_at = message.created_at,
                                          .next_at = message.next_at,
                                          .attempts = message.attempts};
            snprintf(delivery->topic, sizeof delivery->topic, "%s", message.topic);
            delivery->body = strdup(message.body);
            err = delivery->body == NULL ? ERR_NO_MEMORY : err;
        }
        enum err closed = db_rows_close(&rows);
        err = err ? err : closed;
    }
    engine_read_end(house->engine, conn);
    return err;
}

static void release_due(struct delivery *due, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(due[i].body);
        due[i].body = NULL;
    }
}

static enum err deliver_all(const struct house *house, const struct delivery *due, size_t count)
{
    static _Thread_local struct news news;
    enum err err = ERR_OK;
    news.count = 0;
    for (size_t i = 0; !err && i < count; i++) {
        if (!is_news(&due[i])) {
            err = deliver_one(house, &due[i]);
            continue;
        }
        news.rows[news.count++] = &due[i];
        if (news.count == DB_BATCH_MAX) {
            err = deliver_news(house, &news);
        }
    }
    return err ? err : deliver_news(house, &news);
}

enum err outbox_deliver(const struct house *house, size_t limit, size_t *out_count)
{
    static _Thread_local struct delivery due[DELIVERIES_MAX];
    limit = limit < DELIVERIES_MAX ? limit : DELIVERIES_MAX;
    enum err err = read_due(house, NULL, 0, limit, due, out_count);
    err = err ? err : deliver_all(house, due, *out_count);
    release_due(due, *out_count);
    return err;
}

enum err outbox_deliver_news(const struct house *house, size_t *out_count)
{
    static _Thread_local struct delivery due[DELIVERIES_MAX];
    const char *topics[OUTBOX_TOPICS_MAX];
    *out_count = 0;
    if (engine_waiting(house->engine) >= YIELD_AT) {
        return ERR_OK; /* payments come first */
    }
    size_t topic_count = topics_of(NULL, topics);
    enum err err = read_due(house, topics, topic_count, DELIVERIES_MAX, due, out_count);
    err = err ? err : deliver_all(house, due, *out_count);
    release_due(due, *out_count);
    return err;
}

/* --- to outside parties, each on its lane ------------------------------------------------------ */

/* A claimed row on its way through a lane; freed where it ends. */
struct handed {
    struct lane_work work; /* first: the lane gives it back */
    const struct house *house;
    struct delivery delivery;
};

static void deliver_handed(struct lane_work *work)
{
    struct handed *handed = (struct handed *)work;
    enum err err = deliver_claimed(handed->house, &handed->delivery);
    if (err) {
        log_event(LOG_WARN, "outbox_not_recorded", log_int("outbox_id", handed->delivery.id),
                  log_err(err));
    }
    free(handed->delivery.body);
    free(handed);
}

/* Its claim runs out, and it is due again. */
static void drop_handed(struct lane_work *work, enum err err)
{
    struct handed *handed = (struct handed *)work;
    (void)err;
    free(handed->delivery.body);
    free(handed);
}

/* The body goes with it. */
static enum err hand_out(const struct house *house, struct lane *lane, struct delivery *delivery)
{
    struct outcome outcome = {.delivery = delivery};
    enum err err = engine_run(house->engine, claim, &outcome);
    struct handed *handed = err || !outcome.claimed ? NULL : calloc(1, sizeof *handed);
    if (handed == NULL) {
        return err;
    }
    *handed = (struct handed){.work = {.run = deliver_handed, .shed = drop_handed},
                              .house = house,
                              .delivery = *delivery};
    delivery->body = NULL;
    if (lane_submit(lane, &handed->work)) {
        drop_handed(&handed->work, ERR_BUSY);
    }
    return ERR_OK;
}

enum err outbox_hand_out(const struct house *house, struct lanes *lanes)
{
    static const char *const names[] = {"clearing", "sms"};
    static _Thread_local struct delivery due[DELIVERIES_MAX];
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < sizeof names / sizeof names[0]; i++) {
        const char *topics[OUTBOX_TOPICS_MAX];
        struct lane *lane = lanes_find(lanes, names[i]);
        size_t room = lane_room(lane), count = 0;
        size_t topic_count = topics_of(names[i], topics);
        if (room > 0) {
            err = read_due(house, topics, topic_count,
                           room < DELIVERIES_MAX ? room : DELIVERIES_MAX, due, &count);
        }
        for (size_t k = 0; !err && k < count; k++) {
            err = hand_out(house, lane, &due[k]);
        }
        release_due(due, count);
    }
    return err;
}

/* --- figures ---------------------------------------------------------------------------------- */

enum err outbox_show(const struct house *house)
{
    struct db_conn *conn;
    int64_t waiting = 0, dead = 0, oldest_at = 0;
    enum err err = engine_read_begin(house->engine, &conn);
    if (err) {
        return err;
    }
    err = outbox_count(conn, &waiting, &dead);
    err = err ? err : outbox_oldest(conn, &oldest_at);
    engine_read_end(house->engine, conn);
    if (err) {
        return err;
    }
    int64_t age_us = oldest_at != 0 ? clock_now_us(engine_clock(house->engine)) - oldest_at : 0;
    metrics_set(metrics_gauge("outbox_waiting", "News not delivered yet.", ""), waiting);
    metrics_set(metrics_gauge("outbox_dead", "News given up after the last attempt.", ""), dead);
    metrics_set(metrics_gauge("outbox_oldest_seconds", "Age of the oldest news not delivered.", ""),
                age_us > 0 ? age_us / US_PER_SECOND : 0);
    return ERR_OK;
}
