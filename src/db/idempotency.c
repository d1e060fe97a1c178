#include "db/idempotency.h"

#include <string.h>

DB_STMT(idempotency_find, "SELECT route, fingerprint, status, response, created_at, result_id "
                          "FROM db_idempotency "
                          "WHERE bucket = $1 AND principal_id = $2 AND idem_key = $3");
DB_STMT(idempotency_insert, "INSERT INTO db_idempotency (bucket, principal_id, idem_key, "
                            "created_at, status, route, fingerprint, result_id, response) "
                            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
DB_STMT(idempotency_delete, "DELETE FROM db_idempotency WHERE bucket = $1 AND created_at < $2");

static enum err answer_of(const struct db_rows *rows, struct arena *arena,
                          struct idempotency_answer *out)
{
    struct idempotency_answer answer = {.status = (int)db_rows_int(rows, 2),
                                        .created_at = db_rows_int(rows, 4),
                                        .result_id = db_rows_int(rows, 5)};
    size_t hash_size = 0;
    const void *hash = db_rows_blob(rows, 1, &hash_size);
    const void *response = db_rows_blob(rows, 3, &answer.response_size);
    char *copy = arena_alloc(arena, answer.response_size + 1);
    answer.route = arena_strdup(arena, db_rows_text(rows, 0));
    if (copy == NULL || answer.route == NULL) {
        return ERR_NO_MEMORY;
    }
    if (hash_size != sizeof(answer.fingerprint)) {
        return ERR_DB_CONSTRAINT;
    }
    memcpy(answer.fingerprint, hash, hash_size);
    memcpy(copy, response, answer.response_size);
    copy[answer.response_size] = '\0';
    answer.response = copy;
    *out = answer;
    return ERR_OK;
}

enum err idempotency_load(struct db_conn *conn, const struct idempotency_key *key,
                          struct arena *arena, struct idempotency_answer *out)
{
    struct db_rows rows =
        db_read(conn, &idempotency_find,
                DB_ARGS(db_int(key->bucket), db_int(key->principal_id), db_text(key->text)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        db_rows_fail(&rows, answer_of(&rows, arena, out));
    }
    return db_rows_close(&rows);
}

enum err idempotency_store(struct db_conn *conn, const struct idempotency_key *key,
                           const struct idempotency_answer *answer)
{
    return db_defer(
        conn, &idempotency_insert,
        DB_ARGS(db_int(key->bucket), db_int(key->principal_id), db_text(key->text),
                db_int(answer->created_at), db_int(answer->status), db_text(answer->route),
                db_blob(answer->fingerprint, sizeof(answer->fingerprint)),
                db_int(answer->result_id), db_blob(answer->response, answer->response_size)),
        1);
}

enum err idempotency_purge(struct db_conn *conn, int bucket, int64_t before_us,
                           int64_t *out_deleted)
{
    return db_exec(conn, &idempotency_delete, DB_ARGS(db_int(bucket), db_int(before_us)),
                   out_deleted);
}
