/* The life cycle of a payment: its row against the chain of its events. */
#include "audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { STATUS_RCVD = 1, STATUS_PDNG, STATUS_ACSC, STATUS_RJCT };

static const char events_sql[] = "SELECT id, at, event, detail, hash FROM payment_events"
                                 " WHERE bucket = $1 AND payment_id = $2 ORDER BY id";
static const char alerts_sql[] =
    "SELECT count(*) FROM payment_alerts WHERE bucket = $1 AND payment_id = $2";

/* Totals of a payment's events. */
struct events {
    int64_t count, begun, accepted, refused, pending, takeovers, ends, begun_at;
    bool is_chain, was_asked; /* was_asked: asked_at is the instant of an event */
    char end_event[24], end_detail[64];
};

static void count_event(struct events *events, const struct payment_life *life,
                        struct cursor *cursor)
{
    const char *event = cursor_text(cursor, 2);
    int64_t at = cursor_int(cursor, 1);
    bool is_begun = strcmp(event, "begun") == 0;
    events->count++;
    events->begun += is_begun;
    events->begun_at = is_begun ? at : events->begun_at;
    events->accepted += strcmp(event, "accepted") == 0;
    events->pending += strcmp(event, "pending") == 0;
    events->takeovers += strcmp(event, "takeover") == 0;
    events->refused += strcmp(event, "rejected") == 0 || strcmp(event, "void") == 0 ||
                       strcmp(event, "notSent") == 0;
    events->was_asked |= !is_begun && at == life->asked_at;
    if (!is_begun && at == life->settled_at) {
        events->ends++;
        snprintf(events->end_event, sizeof events->end_event, "%s", event);
        snprintf(events->end_detail, sizeof events->end_detail, "%s", cursor_text(cursor, 3));
    }
}

/* Each event's hash covers the hash before it; that of the first covers the order. */
static bool events_follows(struct cursor *cursor, uint8_t before[ORDER_SIZE], bool is_known)
{
    struct hash_stream stream;
    size_t size;
    hash_stream_init(&stream);
    hash_stream_add(&stream, before, ORDER_SIZE);
    order_number_add(&stream, cursor_int(cursor, 0));
    order_number_add(&stream, cursor_int(cursor, 1));
    order_text_add(&stream, cursor_text(cursor, 2));
    order_text_add(&stream, cursor_text(cursor, 3));
    struct hash hash = hash_stream_final(&stream);
    const uint8_t *kept = cursor_blob(cursor, 4, &size);
    if (size != ORDER_SIZE) {
        return false;
    }
    bool is_next = !is_known || memcmp(kept, hash.bytes, ORDER_SIZE) == 0;
    memcpy(before, kept, ORDER_SIZE);
    return is_next;
}

static struct events read_events(struct audit *audit, const struct payment_life *life)
{
    struct events events = {.is_chain = true};
    uint8_t before[ORDER_SIZE];
    memcpy(before, life->order, ORDER_SIZE);
    struct cursor *cursor = reader_look(audit->reader, events_sql, bucket_of(life->id), life->id);
    while (cursor_next(cursor)) {
        bool is_known = life->has_order || events.count > 0;
        events.is_chain = events_follows(cursor, before, is_known) && events.is_chain;
        count_event(&events, life, cursor);
    }
    cursor_close(cursor);
    return events;
}

/* An end has its event, created at the same instant; without an alert there is one conclusive
 * event. */
static bool status_follows(const struct payment_life *life, const struct events *events,
                           int64_t alerts)
{
    switch (life->status) {
    case STATUS_ACSC:
        return events->ends >= 1 && (events->accepted == 1 || (alerts > 0 && events->accepted > 0));
    case STATUS_RJCT:
        return events->ends >= 1 && events->accepted + events->refused > 0 &&
               (events->accepted == 0 || alerts > 0);
    default:
        return events->accepted == 0;
    }
}

static bool reason_follows(const struct payment_life *life, const struct events *events)
{
    if (life->status != STATUS_RJCT) {
        return life->reason[0] == '\0';
    }
    bool was_accepted = strcmp(events->end_event, "accepted") == 0; /* the account was closed */
    return strcmp(life->reason, was_accepted ? "AC04" : events->end_detail) == 0;
}

/* Each change of the row has an event or counts a query. */
static bool counts_follow(const struct payment_life *life, const struct events *events)
{
    bool is_over = life->status == STATUS_ACSC || life->status == STATUS_RJCT;
    return life->created_at == events->begun_at && life->attempts == 1 + events->takeovers &&
           life->version == events->count + life->queries &&
           life->is_answered == (events->pending > 0) && life->is_asked_again == !is_over &&
           (life->asked_at == 0 || life->queries > 0 || events->was_asked);
}

static void check_transfer(struct audit *audit, const struct payment_life *life)
{
    if (life->attempts != 0 || life->queries != 0 || life->asked_at != 0 || life->is_answered ||
        life->is_asked_again || life->version != 1 || life->reason[0] != '\0') {
        find(&audit->findings, CHECK_PAYMENTS, life->id,
             "payment %" PRId64 ": is a transfer and has the life of a channel payment",
             "支付 %" PRId64 "：为行内转账，却有通道支付的经过", life->id);
    }
}

void events_check(struct audit *audit, const struct payment_life *life)
{
    if (life->kind == TRANSFER) {
        check_transfer(audit, life);
        return;
    }
    struct events events = read_events(audit, life);
    int64_t alerts = reader_number(audit->reader, alerts_sql, bucket_of(life->id), life->id, 0);
    if (events.begun != 1 || !status_follows(life, &events, alerts)) {
        find(&audit->findings, CHECK_PAYMENTS, life->id,
             "payment %" PRId64 ": status %" PRId64 " does not follow from its %s events",
             "支付 %" PRId64 "：状态 %" PRId64 " 与其 %s 条经过不符", life->id, life->status,
             GROUPED(events.count));
    }
    if (!events.is_chain) {
        find(&audit->findings, CHECK_PAYMENTS, life->id,
             "payment %" PRId64 ": its events or its order are not those that were hashed",
             "支付 %" PRId64 "：经过或指令与哈希链不符", life->id);
    }
    if (!reason_follows(life, &events) || !counts_follow(life, &events)) {
        find(&audit->findings, CHECK_PAYMENTS, life->id,
             "payment %" PRId64 ": reason, counts or instants do not follow from its events",
             "支付 %" PRId64 "：原因、次数或时刻与其经过不符", life->id);
    }
}
