/*
 * Names that must be unique in the whole bank, though its rows are spread over buckets: each name
 * is claimed in the bucket of its own keyed hash. The clear text of a name never comes here.
 */
#ifndef DB_DIRECTORY_H
#define DB_DIRECTORY_H

#include "db/db.h"

/* Stored: never renumber. */
enum directory_kind {
    DIRECTORY_PHONE = 1,
    DIRECTORY_CARD = 2,
    DIRECTORY_ID_NUMBER = 3,
    DIRECTORY_LOGIN = 4,
    DIRECTORY_CLIENT_ORDER = 5,
    DIRECTORY_ACCOUNT_NUMBER = 6,
    DIRECTORY_COMPANY = 7, /* credit code */
    DIRECTORY_PASSKEY = 8  /* an authenticator's name of a key */
};

struct directory_name {
    enum directory_kind kind;
    const uint8_t *hash; /* keyed hash of the folded name, 16 to 64 bytes */
    size_t hash_size;
};

/* Takes the name in the caller's transaction; waits for another that is about to take it. Taken:
 * ERR_EXISTS and the present owner (maybe the same) in *out_owner_id; the transaction goes on. */
enum err directory_claim(struct db_conn *conn, const struct directory_name *name, int64_t owner_id,
                         int64_t *out_owner_id);
/* ERR_NOT_FOUND. */
enum err directory_find(struct db_conn *conn, const struct directory_name *name,
                        int64_t *out_owner_id);
/* The same in two halves, for a batch of the caller's: queued, then read in its turn. */
enum err directory_queue(struct db_conn *conn, const struct directory_name *name);
enum err directory_read(struct db_conn *conn, int64_t *out_owner_id);
/* ERR_NOT_FOUND if this owner does not hold it. */
enum err directory_release(struct db_conn *conn, const struct directory_name *name,
                           int64_t owner_id);

#endif
