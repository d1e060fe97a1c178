/* The bytes of an order that its journal keeps a digest of (docs/LEDGER.md, "Orders"). */
#include "payment/payment_store.h"

#include "base/check.h"
#include "base/hash.h"
#include "sys/entropy.h"

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
    CHECK(text != NULL);
    size_t size = strlen(text);
    add_number(stream, (int64_t)size);
    hash_stream_add(stream, text, size);
}

struct order_hash payment_order_hash(const struct payment *p, int64_t settled_at)
{
    CHECK(p->id.value > 0);
    CHECK(settled_at >= 0);
    struct hash_stream stream;
    struct order_hash order;
    CHECK(p->proof.source >= PAYMENT_BY_SESSION && p->proof.source <= PAYMENT_BY_BANK);
    CHECK(p->amount.minor > 0);
    hash_stream_init(&stream);
    hash_stream_add(&stream, p->salt, sizeof p->salt);
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
                               settled_at,
                               p->proof.source,
                               p->proof.source_id,
                               p->proof.factors};
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

struct order_hash payment_event_hash(const struct order_hash *before,
                                     const struct payment_event_row *event)
{
    struct hash_stream stream;
    struct order_hash out;
    CHECK(event->id > 0 && event->event[0] != '\0');
    hash_stream_init(&stream);
    hash_stream_add(&stream, before->bytes, sizeof before->bytes);
    add_number(&stream, event->id);
    add_number(&stream, event->at);
    add_text(&stream, event->event);
    add_text(&stream, event->detail);
    struct hash hash = hash_stream_final(&stream);
    memcpy(out.bytes, hash.bytes, sizeof out.bytes);
    return out;
}

void payment_salt_make(uint8_t out[PAYMENT_SALT_SIZE])
{
    entropy_fill(entropy_system(), out, PAYMENT_SALT_SIZE);
}

struct payment_proof payment_proof_of(const struct principal *who, int64_t now_us)
{
    CHECK(now_us > 0);
    unsigned factors = (principal_is_stepped_up(who, now_us) ? FACTOR_PASSCODE : 0U) |
                       (who->face_until > now_us ? FACTOR_FACE : 0U) |
                       (who->passkey_until > now_us ? FACTOR_PASSKEY : 0U) |
                       (who->totp_until > now_us ? FACTOR_TOTP : 0U);
    return (struct payment_proof){PAYMENT_BY_SESSION, who->session.value, factors};
}
