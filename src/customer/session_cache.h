/*
 * Sessions just seen, so that a request costs no database read: a bounded table, cut by bucket into
 * shards with a lock each. An entry lives cache_life_us, or until session_cache_forget.
 *
 * A reader that misses takes a ticket, reads the database, and brings its entry with the ticket: if
 * anything of the shard was forgotten meanwhile the entry is dropped, so that a session revoked
 * between reading and storing cannot come back.
 */
#ifndef CUSTOMER_SESSION_CACHE_H
#define CUSTOMER_SESSION_CACHE_H

#include "base/err.h"
#include "sys/vault.h"

#include <stdbool.h>
#include <stdint.h>

struct session_cache;

/* A session as a request needs it. */
struct session_facts {
    int64_t session_id;
    int64_t customer_id;
    uint8_t token_hash[VAULT_HASH_SIZE];
    int64_t ends_at;  /* absolute or idle end, whichever comes first */
    int64_t rests_at; /* then a proof is asked for anew */
    int64_t last_seen_at;
    int64_t step_up_until;
    int64_t face_until;
    int64_t passkey_until;
    int64_t totp_until;
    int64_t device_id; /* 0: none */
    int64_t device_trusted_at;
    int64_t reset_until;
    uint8_t state;    /* enum customer_state */
    uint8_t language; /* enum lang */
    uint8_t basis;    /* bits of enum factor */
    uint8_t passcode_basis;
    bool has_passcode;
};

/* `touch_us`: how often a session's last_seen_at is worth a write. */
enum err session_cache_open(size_t entries, int64_t life_us, int64_t touch_us,
                            struct session_cache **out);
void session_cache_close(struct session_cache *cache);
/* False on a miss; then *out_ticket is for session_cache_store. *out_touch is true once per
 * touch_us. */
bool session_cache_find(struct session_cache *cache, int64_t session_id, int64_t now_us,
                        struct session_facts *out, bool *out_touch, uint64_t *out_ticket);
void session_cache_store(struct session_cache *cache, const struct session_facts *facts,
                         int64_t now_us, uint64_t ticket);
void session_cache_forget(struct session_cache *cache, int64_t session_id);
void session_cache_forget_customer(struct session_cache *cache, int64_t customer_id);

#endif
