/*
 * Token buckets for many principals in a table of fixed size: keyed by a 64-bit hash (address,
 * session, client), thread-safe, without allocation after the start. When the table is full the
 * longest-unused bucket of the key's row is forgotten, which can only let a caller through.
 */
#ifndef SYS_RATELIMIT_H
#define SYS_RATELIMIT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ratelimit;

/* At most `burst` at once, refilled evenly at `burst` per `window_us`. */
struct ratelimit_policy {
    int64_t burst;
    int64_t window_us;
};

/* For the fields of draft-ietf-httpapi-ratelimit-headers: RateLimit:
 * "default";r=<remaining>;t=<reset_s>. */
struct ratelimit_verdict {
    bool allowed;
    int64_t remaining; /* whole tokens left */
    int64_t reset_s;   /* seconds until the bucket is full again, rounded up */
    int64_t retry_s;   /* refused: seconds until this request would pass, at least 1; otherwise 0 */
};

/* `entries` is rounded up to a power of two. ERR_NO_MEMORY. */
enum err ratelimit_open(size_t entries, struct ratelimit **out);
void ratelimit_close(struct ratelimit *ratelimit);
/* Takes `cost` tokens, or none where they do not suffice; 0 looks only. A clock that steps back neither
 * refills nor locks out.
 * One key must always be used with one policy (mix the policy's name into the hash). */
struct ratelimit_verdict ratelimit_take(struct ratelimit *ratelimit, uint64_t key,
                                        const struct ratelimit_policy *policy, int64_t cost,
                                        int64_t now_us);
/* SipHash of bytes with a key drawn at start-up, so that nobody can aim at another's bucket. */
uint64_t ratelimit_hash(const struct ratelimit *ratelimit, const char *policy, const void *bytes,
                        size_t size);

#endif
