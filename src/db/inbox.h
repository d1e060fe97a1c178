/*
 * Messages from outside (web hooks, files), stored before anybody acts on them. The sender's id is
 * the key: a message that comes twice is there once.
 */
#ifndef DB_INBOX_H
#define DB_INBOX_H

#include "db/db.h"

enum inbox_state { INBOX_NEW, INBOX_DONE, INBOX_REFUSED };

struct inbox_message {
    int bucket;
    const char *source;     /* "clearing" */
    const char *message_id; /* the sender's */
    const char *body;       /* as received */
    int64_t received_at;
    enum inbox_state state;
};

/* `state` of the message is not read: it is stored as new. *out_fresh is false where it was there
 * already, in whatever state. */
enum err inbox_put(struct db_conn *conn, const struct inbox_message *message, bool *out_fresh);
/* New messages of all buckets, oldest first; texts hold until the next row. */
struct db_rows inbox_new(struct db_conn *conn, int limit);
struct inbox_message inbox_message_of(const struct db_rows *rows);
/* Acted on or refused, in the transaction of the act. ERR_DB_ROW_COUNT (now, or at the commit)
 * if another worker was faster: the act is then undone. */
enum err inbox_finish(struct db_conn *conn, const struct inbox_message *message,
                      enum inbox_state state);

#endif
