#include "frame/delivery.h"

#include "base/check.h"
#include "db/outbox.h"
#include "frame/room.h"
#include "sys/log.h"
#include "sys/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DELIVERY_LEASE_US INT64_C(60000000) /* longer than waiting for a lane and a call last */
#define DELIVERIES_MAX    64
#define YIELD_AT          8
#define US_PER_SECOND     INT64_C(1000000)

/* --- reactions -------------------------------------------------------------------------------- */

static const struct reaction *reaction_of(const struct house *house, const char *topic)
{
    const struct reaction *reactions[REACTIONS_MAX];
    size_t count = house_reactions(house->rooms, reactions);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(reactions[i]->topic, topic) == 0) {
            return reactions[i];
        }
    }
    return NULL;
}

/* The topics of one lane, or of those who need none. */
static size_t topics_of(const struct house *house, const char *lane,
                        const char *out[OUTBOX_TOPICS_MAX])
{
    const struct reaction *reactions[REACTIONS_MAX];
    size_t reaction_count = house_reactions(house->rooms, reactions);
    size_t count = 0;
    for (size_t i = 0; i < reaction_count; i++) {
        const char *its = reactions[i]->lane;
        if (lane == NULL ? its == NULL : its != NULL && strcmp(its, lane) == 0) {
            CHECK(count < OUTBOX_TOPICS_MAX);
            out[count++] = reactions[i]->topic;
        }
    }
    return count;
}

/* --- one at a time ------------------------------------------------------------------------------ */

struct outcome {
    const struct delivery *delivery;
    enum err err;
    bool claimed;
    int64_t until_at; /* of the claim */
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
    CHECK(outcome->delivery->body != NULL);
    outcome->until_at = uow->now_us + DELIVERY_LEASE_US;
    return outbox_claim(uow->conn, &message, outcome->until_at, &outcome->claimed);
}

static enum err record_outcome(struct uow *uow, void *context)
{
    const struct outcome *outcome = context;
    struct outbox_message message = message_of(outcome->delivery);
    return outcome->err == ERR_OK
               ? outbox_done(uow->conn, outcome->delivery->id)
               : outbox_retry(uow->conn, &message, uow->now_us, err_slug(outcome->err));
}

/* --- news: the act and the end of the row are one transaction ---------------------------------- */

struct news {
    const struct news_kind *kind; /* of all rows */
    const struct delivery *rows[DB_BATCH_MAX];
    size_t count;
    char *loaded; /* count * kind->loaded_size bytes */
};

static enum err write_news(struct uow *uow, void *context)
{
    const struct news *news = context;
    CHECK(news->count > 0 && news->count <= DB_BATCH_MAX);
    CHECK(news->loaded != NULL);
    struct outbox_message messages[DB_BATCH_MAX];
    bool taken[DB_BATCH_MAX] = {false};
    for (size_t i = 0; i < news->count; i++) {
        messages[i] = message_of(news->rows[i]);
    }
    enum err err = outbox_done_many(uow->conn, messages, news->count, taken);
    for (size_t i = 0; !err && i < news->count; i++) {
        const void *loaded = news->loaded + i * news->kind->loaded_size;
        err = taken[i] ? news->kind->write(uow, news->rows[i], loaded) : ERR_OK;
    }
    return err;
}

static enum err load_news(const struct house *house, struct news *news)
{
    struct db_conn *conn;
    CHECK(news->kind->loaded_size > 0);
    enum err err = engine_read_begin(house->engine, &conn);
    if (err) {
        return err;
    }
    err = news->kind->load(conn, news->rows, news->count, news->loaded);
    engine_read_end(house->engine, conn);
    return err;
}

static enum err deliver_claimed_news(const struct house *house, const struct news_kind *kind,
                                     const struct delivery *delivery)
{
    struct news news = {.kind = kind, .rows = {delivery}, .count = 1};
    news.loaded = malloc(kind->loaded_size);
    if (news.loaded == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = load_news(house, &news);
    err = err ? err : engine_run(house->engine, write_news, &news);
    free(news.loaded);
    return err;
}

/* A row that is this deliverer's: reacts, and records what came of it. */
static enum err deliver_claimed(const struct house *house, const struct delivery *delivery)
{
    const struct reaction *reaction = reaction_of(house, delivery->topic);
    struct outcome outcome = {.delivery = delivery, .err = ERR_NOT_FOUND};
    if (reaction != NULL) {
        outcome.err = reaction->news ? deliver_claimed_news(house, reaction->news, delivery)
                                     : reaction->react(house, delivery);
    }
    if (outcome.err) {
        log_event(LOG_WARN, "outbox_delivery_failed", log_string("topic", delivery->topic),
                  log_int("outbox_id", delivery->id), log_err(outcome.err));
    }
    if (!outcome.err && reaction->news) {
        return ERR_OK; /* the row ended with the act, or is another deliverer's by now */
    }
    return engine_run(house->engine, record_outcome, &outcome);
}

static enum err deliver_one(const struct house *house, const struct delivery *delivery)
{
    struct outcome outcome = {.delivery = delivery};
    enum err err = engine_run(house->engine, claim, &outcome);
    if (err || !outcome.claimed) {
        return err;
    }
    struct delivery mine = *delivery;
    mine.next_at = outcome.until_at; /* news are written only while the claim is ours */
    return deliver_claimed(house, &mine);
}

/* --- many at a time --------------------------------------------------------------------------- */

static enum err deliver_news(const struct house *house, struct news *news)
{
    enum err err = ERR_OK;
    if (news->count > 0) {
        news->loaded = malloc(news->count * news->kind->loaded_size);
        err = news->loaded ? load_news(house, news) : ERR_NO_MEMORY;
        err = err ? err : engine_run(house->engine, write_news, news);
        free(news->loaded);
        news->loaded = NULL;
    }
    enum err single = ERR_OK;
    for (size_t i = 0; err && !single && i < news->count; i++) {
        single = deliver_one(house, news->rows[i]);
    }
    news->count = 0;
    return single;
}

/* All that is due if there are no topics. */
static enum err read_due(const struct house *house, const char *const *topics, size_t topic_count,
                         size_t limit, struct delivery *out, size_t *out_count)
{
    struct db_conn *conn;
    *out_count = 0;
    enum err err = engine_read_begin(house->engine, &conn);
    if (err) {
        return err;
    }
    int64_t now_us = clock_now_us(engine_clock(house->engine));
    struct db_rows rows = topic_count > 0
                              ? outbox_due_of(conn, now_us, topics, topic_count, (int)limit)
                              : outbox_due(conn, now_us, (int)limit);
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
        db_rows_fail(&rows, delivery->body == NULL ? ERR_NO_MEMORY : ERR_OK);
    }
    err = db_rows_close(&rows);
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

/* News of one kind that follow each other go together, so that all rows keep their order. */
static enum err deliver_all(const struct house *house, const struct delivery *due, size_t count)
{
    struct news news = {.count = 0};
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < count; i++) {
        const struct reaction *reaction = reaction_of(house, due[i].topic);
        const struct news_kind *kind = reaction ? reaction->news : NULL;
        if (kind == NULL) {
            err = deliver_one(house, &due[i]);
            continue;
        }
        if (news.count == DB_BATCH_MAX || (news.count > 0 && news.kind != kind)) {
            err = deliver_news(house, &news);
        }
        news.kind = kind;
        news.rows[news.count++] = &due[i];
    }
    return err ? err : deliver_news(house, &news);
}

enum err delivery_run(const struct house *house, size_t limit, size_t *out_count)
{
    static _Thread_local struct delivery due[DELIVERIES_MAX];
    limit = limit < DELIVERIES_MAX ? limit : DELIVERIES_MAX;
    enum err err = read_due(house, NULL, 0, limit, due, out_count);
    err = err ? err : deliver_all(house, due, *out_count);
    release_due(due, *out_count);
    return err;
}

enum err delivery_run_news(const struct house *house, size_t *out_count)
{
    static _Thread_local struct delivery due[DELIVERIES_MAX];
    const char *topics[OUTBOX_TOPICS_MAX];
    *out_count = 0;
    if (engine_waiting(house->engine) >= YIELD_AT) {
        return ERR_OK; /* payments come first */
    }
    size_t topic_count = topics_of(house, NULL, topics);
    if (topic_count == 0) {
        return ERR_OK; /* no topics would mean all */
    }
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
    handed->delivery.next_at = outcome.until_at;
    delivery->body = NULL;
    if (lane_submit(lane, &handed->work)) {
        drop_handed(&handed->work, ERR_BUSY);
    }
    return ERR_OK;
}

static enum err hand_out_lane(const struct house *house, struct lane *lane, const char *name)
{
    static _Thread_local struct delivery due[DELIVERIES_MAX];
    const char *topics[OUTBOX_TOPICS_MAX];
    size_t room = lane_room(lane), count = 0;
    size_t topic_count = topics_of(house, name, topics);
    enum err err = ERR_OK;
    if (room > 0 && topic_count > 0) {
        err = read_due(house, topics, topic_count, room < DELIVERIES_MAX ? room : DELIVERIES_MAX,
                       due, &count);
    }
    for (size_t i = 0; !err && i < count; i++) {
        err = hand_out(house, lane, &due[i]);
    }
    release_due(due, count);
    return err;
}

enum err delivery_hand_out(const struct house *house, struct lanes *lanes)
{
    struct lane_row rows[LANES_MAX + 1];
    size_t count = house_lanes(house->rooms, rows);
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < count; i++) {
        struct lane *lane = lanes_find(lanes, rows[i].name);
        CHECK(lane != NULL);
        err = hand_out_lane(house, lane, rows[i].name);
    }
    return err;
}

/* --- figures ---------------------------------------------------------------------------------- */

enum err delivery_show(const struct house *house)
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
