/*
 * Ids: 63 bits, made by the program: 41 bits of milliseconds since 2026-01-01T00:00:00Z, 12 of
 * node and counter, 10 low bits of bucket. An id alone routes; ids of one maker rise with time.
 * In JSON an id is a decimal string. Ids below 2^40 are reserved for the bank's internal accounts.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

#define BUCKET_COUNT    1024
#define ID_EPOCH_MS     INT64_C(1767225600000)
#define ID_TEXT_SIZE    20
#define ID_STEP         INT64_C(1024) /* distance of two consecutive ids in one bucket */
#define ID_COUNTER_BITS 12

/* Each kind of id has its own type, so that kinds cannot be confused. */
#define ID_TYPE(name)                                                                              \
    struct name {                                                                                  \
        int64_t value;                                                                             \
    }
ID_TYPE(customer_id);
ID_TYPE(account_id); /* a ledger account, and the customer's account of the same id */
ID_TYPE(journal_id); /* id of a journal: of its first transfer */
ID_TYPE(hold_id);
ID_TYPE(card_id);
ID_TYPE(payment_id);
ID_TYPE(session_id);
ID_TYPE(device_id); /* a customer's phone or browser */
ID_TYPE(staff_id);

/* A maker of ids, for one thread at a time. `node` (0 .. 2^node_bits - 1) keeps the ids of several
 * processes apart; the embedded engine has one maker and node_bits 0. */
struct id_maker {
    int64_t last; /* last id made, without its bucket: (ms << 12 | node and counter) */
    int node;
    int node_bits;
};

void id_maker_init(struct id_maker *maker, int node, int node_bits);
/* Greater than every earlier id of this maker; runs ahead of a clock that stops or steps back. */
int64_t id_make(struct id_maker *maker, int64_t now_us, int bucket);
int id_bucket(int64_t id);
/* Start of the id's millisecond. */
int64_t id_instant_us(int64_t id);
/* Smallest possible id of that instant (bucket 0, counter 0); 0 before 2026. */
int64_t id_first_at(int64_t instant_us);
void id_format(int64_t id, char out[ID_TEXT_SIZE]);
/* Strictly decimal, 1 .. 2^63-1, no sign, no leading zero. ERR_INVALID_ID. */
enum err id_parse(const char *text, int64_t *out);
/* Bucket of a global name (phone, card, ID number): by its keyed hash. */
int bucket_of_hash(const uint8_t *hash, size_t size);

#endif
