#include "db/outbox.h"

#include "base/check.h"
#include "base/id.h"

#include <string.h>

enum { STATE_WAITING = 0, STATE_DEAD = 1 };

DB_STMT(outbox_store, "INSERT INTO db_outbox (bucket, id, topic, ref_id, created_at, next_at, "
                      "attempts, state, last_error, body) "
                      "VALUES ($1, $2, $3, $4, $5, $6, 0, 0, NULL, $7)");
DB_STMT(db_outbox_list, "SELECT id, topic, ref_id, body, created_at, next_at, attempts, last_error "
                        "FROM db_outbox WHERE state = $1 AND next_at <= $2 "
                        "ORDER BY next_at, id LIMIT $3");
DB_STMT(db_outbox_list_of,
        "SELECT id, topic, ref_id, body, created_at, next_at, attempts, last_error "
        "FROM db_outbox WHERE state = $1 AND next_at <= $2 AND topic IN ($3, $4, $5, $6, $7, $8, "
        "$9, $10, $11, $12, $13, $14) ORDER BY next_at, id LIMIT $15");
DB_STMT(db_outbox_first, "SELECT coalesce(min(created_at), 0) FROM db_outbox WHERE state = $1");
DB_STMT(outbox_take, "UPDATE db_outbox SET next_at = $1 "
                     "WHERE bucket = $2 AND id = $3 AND next_at = $4 AND state = 0");
DB_STMT(outbox_delete, "DELETE FROM db_outbox WHERE bucket = $1 AND id = $2");
DB_STMT(outbox_delete_due, "DELETE FROM db_outbox WHERE bucket = $1 AND id = $2 AND next_at = $3 "
                           "AND state = 0 RETURNING id");
DB_STMT(outbox_later, "UPDATE db_outbox SET next_at = $1, attempts = $2, state = $3, "
                      "last_error = $4 WHERE bucket = $5 AND id = $6 AND attempts = $7");
DB_STMT(outbox_revive, "UPDATE db_outbox SET next_at = $1, attempts = 0, state = 0 "
                       "WHERE bucket = $2 AND id = $3 AND state = 1");
DB_STMT(db_outbox_counts, "SELECT state, count(*) FROM db_outbox GROUP BY state");

enum err outbox_put(struct db_conn *conn, const struct outbox_message *message)
{
    CHECK(strlen(message->body) < OUTBOX_BODY_MAX);
    int64_t next_at = message->next_at != 0 ? message->next_at : message->created_at;
    return db_defer(conn, &outbox_store,
                    DB_ARGS(db_int(id_bucket(message->id)), db_int(message->id),
                            db_text(message->topic), db_int(message->ref_id),
                            db_int(message->created_at), db_int(next_at), db_text(message->body)),
                    1);
}

struct db_rows outbox_due(struct db_conn *conn, int64_t now_us, int limit)
{
    return db_read(conn, &db_outbox_list,
                   DB_ARGS(db_int(STATE_WAITING), db_int(now_us), db_int(limit)));
}

struct db_rows outbox_due_of(struct db_conn *conn, int64_t now_us, const char *const *topics,
                             size_t topic_count, int limit)
{
    const char *of[OUTBOX_TOPICS_MAX];
    CHECK(topic_count > 0 && topic_count <= OUTBOX_TOPICS_MAX);
    for (size_t i = 0; i < OUTBOX_TOPICS_MAX; i++) {
        of[i] = topics[i < topic_count ? i : 0];
    }
    return db_read(conn, &db_outbox_list_of,
                   DB_ARGS(db_int(STATE_WAITING), db_int(now_us), db_text(of[0]), db_text(of[1]),
                           db_text(of[2]), db_text(of[3]), db_text(of[4]), db_text(of[5]),
                           db_text(of[6]), db_text(of[7]), db_text(of[8]), db_text(of[9]),
                           db_text(of[10]), db_text(of[11]), db_int(limit)));
}

enum err outbox_oldest(struct db_conn *conn, int64_t *out_created_at)
{
    return db_number(conn, &db_outbox_first, DB_ARGS(db_int(STATE_WAITING)), out_created_at);
}

struct outbox_message outbox_message_of(const struct db_rows *rows)
{
    return (struct outbox_message){
        .id = db_rows_int(rows, 0),
        .topic = db_rows_text(rows, 1),
        .ref_id = db_rows_int(rows, 2),
        .body = db_rows_text(rows, 3),
        .created_at = db_rows_int(rows, 4),
        .next_at = db_rows_int(rows, 5),
        .attempts = (int)db_rows_int(rows, 6),
        .last_error = db_rows_text(rows, 7),
    };
}

enum err outbox_claim(struct db_conn *conn, const struct outbox_message *message, int64_t until_us,
                      bool *out_claimed)
{
    int64_t changed = 0;
    enum err err = db_exec(conn, &outbox_take,
                           DB_ARGS(db_int(until_us), db_int(id_bucket(message->id)),
                                   db_int(message->id), db_int(message->next_at)),
                           &changed);
    if (err == ERR_OK) {
        *out_claimed = changed == 1;
    }
    return err;
}

enum err outbox_done(struct db_conn *conn, int64_t id)
{
    return db_exec(conn, &outbox_delete, DB_ARGS(db_int(id_bucket(id)), db_int(id)), NULL);
}

enum err outbox_done_many(struct db_conn *conn, const struct outbox_message *messages, size_t count,
                          bool *out_taken)
{
    enum err err = db_batch_begin(conn);
    if (err != ERR_OK) {
        return err;
    }
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = db_batch_query(conn, &outbox_delete_due,
                             DB_ARGS(db_int(id_bucket(messages[i].id)), db_int(messages[i].id),
                                     db_int(messages[i].next_at)));
    }
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct db_rows rows = db_batch_read(conn);
        out_taken[i] = db_rows_next(&rows);
        err = db_rows_close(&rows);
    }
    enum err ended = db_batch_end(conn);
    return err != ERR_OK ? err : ended;
}

int64_t outbox_backoff_us(int attempts)
{
    int64_t pause = OUTBOX_BACKOFF_MIN_US;
    for (int i = 1; i < attempts && pause < OUTBOX_BACKOFF_MAX_US; i++) {
        pause *= 2;
    }
    return pause < OUTBOX_BACKOFF_MAX_US ? pause : OUTBOX_BACKOFF_MAX_US;
}

enum err outbox_retry(struct db_conn *conn, const struct outbox_message *message, int64_t now_us,
                      const char *error)
{
    int attempts = message->attempts + 1;
    bool last = attempts >= OUTBOX_ATTEMPTS_MAX;
    return db_exec(conn, &outbox_later,
                   DB_ARGS(db_int(now_us + outbox_backoff_us(attempts)), db_int(attempts),
                           db_int(last ? STATE_DEAD : STATE_WAITING), db_text(error),
                           db_int(id_bucket(message->id)), db_int(message->id),
                           db_int(message->attempts)),
                   NULL);
}

struct db_rows outbox_dead(struct db_conn *conn, int limit)
{
    return db_read(conn, &db_outbox_list,
                   DB_ARGS(db_int(STATE_DEAD), db_int(INT64_MAX), db_int(limit)));
}

enum err outbox_requeue(struct db_conn *conn, int64_t id, int64_t now_us)
{
    int64_t changed = 0;
    enum err err = db_exec(conn, &outbox_revive,
                           DB_ARGS(db_int(now_us), db_int(id_bucket(id)), db_int(id)), &changed);
    return err == ERR_OK && changed == 0 ? ERR_NOT_FOUND : err;
}

enum err outbox_count(struct db_conn *conn, int64_t *out_waiting, int64_t *out_dead)
{
    int64_t counts[2] = {0, 0};
    struct db_rows rows = db_read(conn, &db_outbox_counts, DB_NO_ARGS);
    while (db_rows_next(&rows)) {
        counts[db_rows_int(&rows, 0) == STATE_DEAD] = db_rows_int(&rows, 1);
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out_waiting = counts[STATE_WAITING];
        *out_dead = counts[STATE_DEAD];
    }
    return err;
}
