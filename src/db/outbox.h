/*
 * News that must reach somebody once its transaction is committed: a row of the same transaction,
 * delivered afterwards at least once. The id is time-ordered (base/id.h), carries the bucket, and
 * is the receiver's idempotency key. All calls run in the caller's transaction or each in its own.
 *
 *   put --> waiting --deliver--> done (row deleted)
 *             |  ^
 *   retry: later |  requeue (staff)
 *             v  |
 *            dead (after OUTBOX_ATTEMPTS_MAX attempts; kept)
 */
#ifndef DB_OUTBOX_H
#define DB_OUTBOX_H

#include "db/db.h"

#define OUTBOX_BODY_MAX       65536 /* bytes of a body; delivered whole */
#define OUTBOX_ATTEMPTS_MAX   20
#define OUTBOX_BACKOFF_MIN_US INT64_C(1000000)    /* 1 s, doubled each time */
#define OUTBOX_BACKOFF_MAX_US INT64_C(3600000000) /* 1 h */

struct outbox_message {
    int64_t id;
    const char *topic; /* "payment.submitted" */
    int64_t ref_id;    /* the domain row */
    const char *body;  /* JSON */
    int64_t created_at;
    int64_t next_at; /* 0 in outbox_put: at once */
    int attempts;
    const char *last_error; /* NULL before the first failure */
};

/* Deferred: an error shows at the commit. */
enum err outbox_put(struct db_conn *conn, const struct outbox_message *message);

/* Due messages of all buckets by (next_at, id): new ones in the order of their ids. Rows are closed
 * by the caller; the texts of a message hold until the next row. */
struct db_rows outbox_due(struct db_conn *conn, int64_t now_us, int limit);
/* The same of some topics only. */
#define OUTBOX_TOPICS_MAX 12
struct db_rows outbox_due_of(struct db_conn *conn, int64_t now_us, const char *const *topics,
                             size_t topic_count, int limit);
/* When the oldest message that waits was put; 0: none waits. */
enum err outbox_oldest(struct db_conn *conn, int64_t *out_created_at);
struct outbox_message outbox_message_of(const struct db_rows *rows);
/* Takes the message off the others until `until_us`; false if another deliverer was faster. */
enum err outbox_claim(struct db_conn *conn, const struct outbox_message *message, int64_t until_us,
                      bool *out_claimed);
/* Delivered. No harm if it is gone already. */
enum err outbox_done(struct db_conn *conn, int64_t id);
/* For a receiver that acts in the caller's own transaction: takes messages (at most DB_BATCH_MAX) and
 * ends them, in one round trip. out_taken[k] is false if another deliverer has it or had it. */
enum err outbox_done_many(struct db_conn *conn, const struct outbox_message *messages, size_t count,
                          bool *out_taken);
/* Not delivered: later again, or dead after the last attempt. `error`: for staff, no personal data.
 */
enum err outbox_retry(struct db_conn *conn, const struct outbox_message *message, int64_t now_us,
                      const char *error);
/* Pure: the pause after so many failed attempts (1 or more). */
int64_t outbox_backoff_us(int attempts);

/* Dead messages, oldest first, like outbox_due. */
struct db_rows outbox_dead(struct db_conn *conn, int limit);
/* ERR_NOT_FOUND if no dead message has this id. */
enum err outbox_requeue(struct db_conn *conn, int64_t id, int64_t now_us);
enum err outbox_count(struct db_conn *conn, int64_t *out_waiting, int64_t *out_dead);

#endif
