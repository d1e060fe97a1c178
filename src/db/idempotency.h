/*
 * The answer to a command under its Idempotency-Key, refusals too, stored in the command's own
 * transaction: so a repeat gets the first answer, and after a lost connection the bank finds out
 * whether the command was done. The key belongs to the principal.
 */
#ifndef DB_IDEMPOTENCY_H
#define DB_IDEMPOTENCY_H

#include "base/arena.h"
#include "db/db.h"

#define IDEMPOTENCY_HASH_SIZE 32

struct idempotency_key {
    int bucket;           /* the principal's */
    int64_t principal_id; /* customer, merchant or staff */
    const char *text;     /* the client's key */
};

struct idempotency_answer {
    const char *route;                          /* operation of the document: "makeTransfer" */
    uint8_t fingerprint[IDEMPOTENCY_HASH_SIZE]; /* keyed hash of the whole request */
    int status;                                 /* HTTP */
    int64_t result_id;    /* what was made, if the answer is rendered anew; otherwise 0 */
    const void *response; /* as the caller sealed it */
    size_t response_size;
    int64_t created_at;
};

/* ERR_NOT_FOUND. Route and response are put into the arena, with a NUL behind the response. */
enum err idempotency_load(struct db_conn *conn, const struct idempotency_key *key,
                          struct arena *arena, struct idempotency_answer *out);
/* Deferred. A twin that committed first shows as ERR_DB_CONFLICT, here or at the commit: run the
 * command again and its answer is found. */
enum err idempotency_store(struct db_conn *conn, const struct idempotency_key *key,
                           const struct idempotency_answer *answer);
/* Forgets answers of one bucket from before an instant. */
enum err idempotency_purge(struct db_conn *conn, int bucket, int64_t before_us,
                           int64_t *out_deleted);

#endif
