/* The bytes of an order that its journal keeps a digest of (docs/LEDGER.md, "Orders"). */
#include "base/hash.h"
#include "payment/payment.h"

#include <string.h>

static void add_number(struct hash_stream *stream, int64_t number)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)((uint64_t)number >> (8 * i));
    }
    hash_stream_add(stream, bytes, sizeof bytes);
}

static void add_text(struct hash_stream *stream, const char *text)
{
    size_t size = strlen(text);
    add_number(stream, (int64_t)size);
    hash_stream_add(stream, text, size);
}

struct order_hash payment_order_hash(const struct payment *p, int64_t settled_at)
{
    struct hash_stream stream;
    struct order_hash order;
    hash_stream_init(&stream);
    const int64_t numbers[] = {p->id.value,
                               p->kind,
                               p->debtor_customer.value,
                               p->creditor_customer.value,
                               p->debtor_account.value,
                               p->creditor_account.value,
                               p->card.value,
                               p->amount.minor,
                               p->rule_version,
                               p->counted_small ? 1 : 0,
                               p->created_at,
                               settled_at};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        add_number(&stream, numbers[i]);
    }
    add_text(&stream, p->amount.ccy.code);
    add_text(&stream, p->debtor_name);
    add_text(&stream, p->creditor_name);
    add_text(&stream, p->debtor_masked);
    add_text(&stream, p->creditor_masked);
    add_text(&stream, p->text);
    add_text(&stream, p->end_to_end);
    struct hash hash = hash_stream_final(&stream);
    memcpy(order.bytes, hash.bytes, sizeof order.bytes);
    return order;
}
