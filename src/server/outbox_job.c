/*
 * Delivers the outbox. One table says who reacts to which news: texts go to the SMS gateway, orders
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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DELIVERY_LEASE_US INT64_C(30000000)

/* A row copied out of its reading transaction. */
struct delivery {
    int64_t id, ref_id, created_at, next_at;
    int attempts;
    char topic[48];
    char *body; /* whole, owned */
};

typedef enum err delivery_react(struct rooms *rooms, const struct delivery *delivery);

static enum err send_sms(struct rooms *rooms, const struct delivery *delivery)
{
    struct sms sms;
    char id[ID_TEXT_SIZE];
    enum err err = sms_unseal(rooms->vault, delivery->id, delivery->body, &sms);
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
    partner_send(&rooms->outside, &call, &answer);
    err = answer.outcome == PARTNER_OK ? ERR_OK : ERR_UNAVAILABLE;
    partner_answer_release(&answer);
    json_decref(body);
    return err;
}

static enum err take_channel_order(struct rooms *rooms, const struct delivery *delivery)
{
    return payment_outbox_channel(rooms->engine, &rooms->channel.channel,
                                  (struct payment_id){delivery->ref_id});
}

/* A refusal ends it too: the issuer knows no such agreement any more. */
static enum err unsign_card(struct rooms *rooms, const struct delivery *delivery)
{
    struct card_partner_channel channel;
    struct card_answer answer;
    const char *agreement = NULL;
    json_t *body = NULL;
    enum err err =
        json_parse_object(delivery->body, strlen(delivery->body), OUTBOX_BODY_MAX, &body);
    err = err ? err : json_get_text(body, "agreement", &agreement);
    if (!err) {
        card_channel_init(&channel, &rooms->outside);
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

static enum err tell(struct uow *uow, const struct payment *payment, struct customer_id customer,
                     enum message_kind kind, const char *other)
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
        err = tell(uow, p, p->creditor_customer, MESSAGE_TRANSFER_IN, p->debtor_name);
        err = err ? err : tell(uow, p, p->debtor_customer, MESSAGE_TRANSFER_OUT, p->creditor_name);
        break;
    case PAYMENT_TOP_UP:
        err = tell(uow, p, p->creditor_customer,
                   settled ? MESSAGE_TOP_UP_DONE : MESSAGE_TOP_UP_REFUSED, p->debtor_masked);
        break;
    case PAYMENT_WITHDRAWAL:
        err = tell(uow, p, p->debtor_customer,
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
    /* In the same transaction, so that nobody is told twice. */
    return err ? err : outbox_done(uow->conn, notice->delivery->id);
}

static enum err notify(struct rooms *rooms, const struct delivery *delivery)
{
    struct notice notice = {.delivery = delivery};
    struct db_conn *conn;
    enum err err = engine_read_begin(rooms->engine, &conn);
    if (err) {
        return err;
    }
    err = payment_load(conn, (struct payment_id){delivery->ref_id}, &notice.payment);
    engine_read_end(rooms->engine, conn);
    return err ? err : engine_run(rooms->engine, write_messages, &notice);
}

/* Upward news: topic, who reacts. */
static const struct {
    const char *topic;
    delivery_react *react;
} reactions[] = {
    {SMS_TOPIC, send_sms},
    {QUICKPAY_TOPIC_DEBIT, take_channel_order},
    {QUICKPAY_TOPIC_CREDIT, take_channel_order},
    {LEAVING_TOPIC_UNSIGN, unsign_card},
    {PAYMENT_TOPIC_BOOKED, notify},
    {PAYMENT_TOPIC_REJECTED, notify},
};

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

static enum err record(struct uow *uow, void *context)
{
    const struct outcome *outcome = context;
    struct outbox_message message = message_of(outcome->delivery);
    return outcome->err == ERR_OK
               ? outbox_done(uow->conn, outcome->delivery->id)
               : outbox_retry(uow->conn, &message, uow->now_us, err_slug(outcome->err));
}

static enum err deliver_one(struct rooms *rooms, const struct delivery *delivery)
{
    struct outcome outcome = {.delivery = delivery, .err = ERR_NOT_FOUND};
    enum err err = engine_run(rooms->engine, claim, &outcome);
    if (err || !outcome.claimed) {
        return err;
    }
    for (size_t i = 0; i < sizeof reactions / sizeof reactions[0]; i++) {
        if (strcmp(reactions[i].topic, delivery->topic) == 0) {
            outcome.err = reactions[i].react(rooms, delivery);
        }
    }
    if (outcome.err) {
        log_event(LOG_WARN, "outbox_delivery_failed", log_string("topic", delivery->topic),
                  log_int("outbox_id", delivery->id), log_err(outcome.err));
    }
    return engine_run(rooms->engine, record, &outcome);
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

static enum err load_news(struct rooms *rooms, struct news *news)
{
    struct payment_id ids[DB_BATCH_MAX];
    bool found[DB_BATCH_MAX] = {false};
    struct db_conn *conn;
    for (size_t i = 0; i < news->count; i++) {
        ids[i] = (struct payment_id){news->rows[i]->ref_id};
    }
    enum err err = engine_read_begin(rooms->engine, &conn);
    if (err) {
        return err;
    }
    err = payment_load_many(conn, ids, news->count, news->payments, found);
    engine_read_end(rooms->engine, conn);
    for (size_t i = 0; !err && i < news->count; i++) {
        err = found[i] ? ERR_OK : ERR_NOT_FOUND;
    }
    return err;
}

static enum err deliver_news(struct rooms *rooms, struct news *news)
{
    enum err err = news->count > 0 ? load_news(rooms, news) : ERR_OK;
    if (!err && news->count > 0) {
        err = engine_run(rooms->engine, write_news, news);
    }
    enum err single = ERR_OK;
    for (size_t i = 0; err && !single && i < news->count; i++) {
        single = deliver_one(rooms, news->rows[i]);
    }
    news->count = 0;
    return single;
}

static enum err read_due(struct rooms *rooms, size_t limit, struct delivery *out, size_t *out_count)
{
    struct db_conn *conn;
    struct db_rows rows;
    *out_count = 0;
    enum err err = engine_read_begin(rooms->engine, &conn);
    if (err) {
        return err;
    }
    err = outbox_due(conn, clock_now_us(engine_clock(rooms->engine)), (int)limit, &rows);
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
    engine_read_end(rooms->engine, conn);
    return err;
}

enum err outbox_deliver(struct rooms *rooms, size_t limit, size_t *out_count)
{
    static _Thread_local struct delivery due[DELIVERIES_MAX];
    enum err err = read_due(rooms, limit < DELIVERIES_MAX ? limit : DELIVERIES_MAX, due, out_count);
    static _Thread_local struct news news;
    news.count = 0;
    for (size_t i = 0; !err && i < *out_count; i++) {
        if (!is_news(&due[i])) {
            err = deliver_one(rooms, &due[i]);
            continue;
        }
        news.rows[news.count++] = &due[i];
        if (news.count == DB_BATCH_MAX) {
            err = deliver_news(rooms, &news);
        }
    }
    err = err ? err : deliver_news(rooms, &news);
    for (size_t i = 0; i < *out_count; i++) {
        free(due[i].body);
        due[i].body = NULL;
    }
    return err;
}
