#include "db/inbox.h"

DB_STMT(inbox_store, "INSERT INTO db_inbox (bucket, source, message_id, received_at, state, body) "
                     "VALUES ($1, $2, $3, $4, 0, $5) "
                     "ON CONFLICT (bucket, source, message_id) DO NOTHING");
DB_STMT(db_inbox_list, "SELECT bucket, source, message_id, body, received_at, state "
                       "FROM db_inbox WHERE state = 0 ORDER BY received_at, message_id LIMIT $1");
DB_STMT(inbox_mark, "UPDATE db_inbox SET state = $1 "
                    "WHERE bucket = $2 AND source = $3 AND message_id = $4 AND state = 0");

enum err inbox_put(struct db_conn *conn, const struct inbox_message *message, bool *out_fresh)
{
    int64_t changed = 0;
    enum err err = db_exec(conn, &inbox_store,
                           DB_ARGS(db_int(message->bucket), db_text(message->source),
                                   db_text(message->message_id), db_int(message->received_at),
                                   db_text(message->body)),
                           &changed);
    if (err == ERR_OK) {
        *out_fresh = changed == 1;
    }
    return err;
}

struct db_rows inbox_new(struct db_conn *conn, int limit)
{
    return db_read(conn, &db_inbox_list, DB_ARGS(db_int(limit)));
}

struct inbox_message inbox_message_of(const struct db_rows *rows)
{
    return (struct inbox_message){
        .bucket = (int)db_rows_int(rows, 0),
        .source = db_rows_text(rows, 1),
        .message_id = db_rows_text(rows, 2),
        .body = db_rows_text(rows, 3),
        .received_at = db_rows_int(rows, 4),
        .state = (enum inbox_state)db_rows_int(rows, 5),
    };
}

enum err inbox_finish(struct db_conn *conn, const struct inbox_message *message,
                      enum inbox_state state)
{
    return db_defer(conn, &inbox_mark,
                    DB_ARGS(db_int((int64_t)state), db_int(message->bucket),
                            db_text(message->source), db_text(message->message_id)),
                    1);
}
