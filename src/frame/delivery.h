/*
 * Delivery of the outbox: each topic has one reaction, which a room brings.
 *
 * What goes outside is claimed, sent on the lane of whom it waits for, then recorded, row by row. News
 * that stay inside of the bank are acted on many at a time, in the transaction that ends their rows;
 * where that fails they are delivered one by one, so that a row that cannot be delivered (it is
 * tried again, later it is dead) holds up no other.
 *
 *   due --claim--> leased --react--> ended (row gone)
 *    ^               |  |
 *    |  lease over   |  +--failed--> due later, or dead (db/outbox.h)
 *    +---------------+  the process died, or the lane shed it
 */
#ifndef FRAME_DELIVERY_H
#define FRAME_DELIVERY_H

#include "engine/engine.h"
#include "frame/lane.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DELIVERY_TOPIC_SIZE 48
#define REACTIONS_MAX       64

struct house; /* frame/room.h */

/* A row of the outbox, copied out of its reading transaction. */
struct delivery {
    int64_t id, ref_id, created_at, next_at;
    int attempts;
    char topic[DELIVERY_TOPIC_SIZE];
    char *body; /* whole JSON text, owned by the machinery */
};

/* How a room acts on news inside of the bank, many at a time. `loaded` is an array of `loaded_size`
 * bytes for each delivery, of the machinery's memory. */
struct news_kind {
    size_t loaded_size;
    /* Reads what `write` needs of `count` (at most DB_BATCH_MAX) deliveries. ERR_NOT_FOUND if one of them
     * is about nothing. */
    enum err (*load)(struct db_conn *conn, const struct delivery *const *deliveries, size_t count,
                     void *out_loaded);
    /* Acts on one of them, in the transaction that ends its row: once. */
    enum err (*write)(struct uow *uow, const struct delivery *delivery, const void *loaded);
};

/* A topic and who reacts; rows end with a NULL topic. Either `lane` and `react`, or `news`. */
struct reaction {
    const char *topic;
    const char *lane; /* of the outside party; NULL: it stays inside */
    /* Outside of a transaction, at least once: the delivery's id is the receiver's idempotency key. An
     * error: tried again later. */
    enum err (*react)(const struct house *house, const struct delivery *delivery);
    const struct news_kind *news;
};

/* Delivers due rows once, of all topics, waiting for each (tests). *out_count: rows handled. */
enum err delivery_run(const struct house *house, size_t limit, size_t *out_count);
/* News that stay inside of the bank; nothing while commands wait. */
enum err delivery_run_news(const struct house *house, size_t *out_count);
/* Claims what is due for outside parties and gives it to their lanes. */
enum err delivery_hand_out(const struct house *house, struct lanes *lanes);
/* Age and number of what waits, as metrics. */
enum err delivery_show(const struct house *house);

#endif
