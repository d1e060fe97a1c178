#include "db/directory.h"

#include "base/check.h"
#include "base/id.h"

DB_STMT(directory_insert, "INSERT INTO db_directory (bucket, kind, name_hash, owner_id) "
                          "VALUES ($1, $2, $3, $4) "
                          "ON CONFLICT (bucket, kind, name_hash) DO NOTHING");
DB_STMT(directory_load, "SELECT owner_id FROM db_directory "
                        "WHERE bucket = $1 AND kind = $2 AND name_hash = $3");
DB_STMT(directory_delete, "DELETE FROM db_directory "
                          "WHERE bucket = $1 AND kind = $2 AND name_hash = $3 AND owner_id = $4");

static struct db_value bucket_of(const struct directory_name *name)
{
    CHECK(name->hash_size >= 16 && name->hash_size <= 64);
    return db_int(bucket_of_hash(name->hash, name->hash_size));
}

enum err directory_claim(struct db_conn *conn, const struct directory_name *name, int64_t owner_id,
                         int64_t *out_owner_id)
{
    int64_t changed = 0;
    enum err err = db_exec(conn, &directory_insert,
                           DB_ARGS(bucket_of(name), db_int((int64_t)name->kind),
                                   db_blob(name->hash, name->hash_size), db_int(owner_id)),
                           &changed);
    if (err != ERR_OK || changed == 1) {
        return err;
    }
    err = directory_find(conn, name, out_owner_id);
    if (err == ERR_NOT_FOUND) {
        return ERR_DB_RETRY; /* released between the two statements */
    }
    return err == ERR_OK ? ERR_EXISTS : err;
}

/* The one row of an answer, which is closed. */
enum err directory_find(struct db_conn *conn, const struct directory_name *name,
                        int64_t *out_owner_id)
{
    return db_one_number(
        conn, &directory_load,
        DB_ARGS(bucket_of(name), db_int((int64_t)name->kind), db_blob(name->hash, name->hash_size)),
        out_owner_id);
}

enum err directory_queue(struct db_conn *conn, const struct directory_name *name)
{
    return db_batch_query(conn, &directory_load,
                          DB_ARGS(bucket_of(name), db_int((int64_t)name->kind),
                                  db_blob(name->hash, name->hash_size)));
}

enum err directory_read(struct db_conn *conn, int64_t *out_owner_id)
{
    struct db_rows rows = db_batch_read(conn);
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        *out_owner_id = db_rows_int(&rows, 0);
    }
    return db_rows_close(&rows);
}

enum err directory_release(struct db_conn *conn, const struct directory_name *name,
                           int64_t owner_id)
{
    int64_t changed = 0;
    enum err err = db_exec(conn, &directory_delete,
                           DB_ARGS(bucket_of(name), db_int((int64_t)name->kind),
                                   db_blob(name->hash, name->hash_size), db_int(owner_id)),
                           &changed);
    return err == ERR_OK && changed == 0 ? ERR_NOT_FOUND : err;
}
