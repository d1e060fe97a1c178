/* Stored pictures, sealed in pieces because the vault seals at most 4 KB; each piece contains its
 * number and the count, so that none can be moved or omitted. */
#include "base/check.h"
#include "kyc/kyc_private.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_HEAD    4
#define CHUNK_CONTENT (VAULT_PLAIN_MAX - CHUNK_HEAD)
#define PICTURE_FIELD "kyc.picture"
#define UPLOAD_KIND   "kyc.upload"

DB_STMT(picture_stmt_add,
        "INSERT INTO kyc_pictures (bucket, id, customer_id, kind, check_id, size, chunk_count, at,"
        " expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
DB_STMT(picture_stmt_chunk_add, "INSERT INTO kyc_chunks (bucket, picture_id, number, sealed)"
                                " VALUES ($1, $2, $3, $4)");
DB_STMT(picture_stmt_load,
        "SELECT size, chunk_count FROM kyc_pictures WHERE bucket = $1 AND id = $2"
        " AND customer_id = $3");
DB_STMT(picture_stmt_owner, "SELECT customer_id FROM kyc_pictures WHERE bucket = $1 AND id = $2");
DB_STMT(picture_stmt_chunks, "SELECT sealed FROM kyc_chunks WHERE bucket = $1 AND picture_id = $2"
                             " ORDER BY number");
DB_STMT(picture_stmt_list, "SELECT id, kind, at, expires_at FROM kyc_pictures WHERE bucket = $1"
                           " AND customer_id = $2 ORDER BY id");
DB_STMT(picture_stmt_expire,
        "UPDATE kyc_pictures SET expires_at = $1 WHERE bucket = $2 AND customer_id = $3"
        " AND kind = $4 AND expires_at > $1");
DB_STMT(picture_stmt_keep, "UPDATE kyc_pictures SET expires_at = $1 WHERE bucket = $2"
                           " AND customer_id = $3");
DB_STMT(picture_stmt_erase_chunks,
        "DELETE FROM kyc_chunks WHERE bucket = $1 AND picture_id IN (SELECT id FROM kyc_pictures"
        " WHERE bucket = $1 AND customer_id = $2 AND kind >= $3)");
DB_STMT(picture_stmt_erase,
        "DELETE FROM kyc_pictures WHERE bucket = $1 AND customer_id = $2 AND kind >= $3");
DB_STMT(picture_stmt_report_due, "SELECT bucket, id FROM kyc_pictures WHERE expires_at <= $1"
                                 " ORDER BY expires_at LIMIT $2");
DB_STMT(picture_stmt_drop_chunks, "DELETE FROM kyc_chunks WHERE bucket = $1 AND picture_id = $2");
DB_STMT(picture_stmt_drop, "DELETE FROM kyc_pictures WHERE bucket = $1 AND id = $2");
DB_STMT(upload_stmt_note, "INSERT INTO kyc_uploads (bucket, hash, customer_id, check_id, at)"
                          " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (bucket, hash) DO NOTHING");
DB_STMT(upload_stmt_load, "SELECT customer_id, check_id FROM kyc_uploads WHERE bucket = $1"
                          " AND hash = $2");

/* --- Storing ---------------------------------------------------------------------------------- */

static void put_head(uint8_t *out, size_t number, size_t count)
{
    out[0] = (uint8_t)(number >> 8);
    out[1] = (uint8_t)number;
    out[2] = (uint8_t)(count >> 8);
    out[3] = (uint8_t)count;
}

static enum err store_chunk(const struct kyc_room *room, struct uow *uow, int64_t id, size_t number,
                            size_t count, const uint8_t *bytes, size_t size)
{
    uint8_t plain[VAULT_PLAIN_MAX];
    uint8_t sealed[VAULT_SEALED_MAX];
    put_head(plain, number, count);
    memcpy(plain + CHUNK_HEAD, bytes, size);
    vault_seal(room->options.vault, (struct vault_place){id_bucket(id), id, PICTURE_FIELD}, plain,
               size + CHUNK_HEAD, sealed);
    vault_wipe(plain, sizeof plain);
    return db_defer(uow->conn, &picture_stmt_chunk_add,
                    DB_ARGS(db_int(id_bucket(id)), db_int(id), db_int((int64_t)number),
                            db_blob(sealed, size + CHUNK_HEAD + VAULT_OVERHEAD)),
                    1);
}

enum err picture_store(const struct kyc_room *room, struct uow *uow, struct customer_id customer,
                       enum picture_kind kind, int64_t check_id, const uint8_t *jpeg, size_t size,
                       int64_t *out_id)
{
    CHECK(size > 0 && size <= KYC_PICTURE_MAX);
    int bucket = id_bucket(customer.value);
    int64_t id = uow_id(uow, bucket);
    size_t count = (size + CHUNK_CONTENT - 1) / CHUNK_CONTENT;
    enum err err =
        db_defer(uow->conn, &picture_stmt_add,
                 DB_ARGS(db_int(bucket), db_int(id), db_int(customer.value), db_int(kind),
                         db_int(check_id), db_int((int64_t)size), db_int((int64_t)count),
                         db_int(uow->now_us), db_int(uow->now_us + room->rules.picture_kept_us)),
                 1);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        size_t at = i * CHUNK_CONTENT;
        size_t part = size - at < CHUNK_CONTENT ? size - at : CHUNK_CONTENT;
        err = store_chunk(room, uow, id, i, count, jpeg + at, part);
    }
    *out_id = id;
    return err;
}

/* --- Reading ---------------------------------------------------------------------------------- */

static enum err read_chunks(const struct kyc_room *room, struct db_rows *rows, int64_t id,
                            size_t count, uint8_t *out, size_t size)
{
    uint8_t plain[VAULT_PLAIN_MAX];
    uint8_t head[CHUNK_HEAD];
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        size_t sealed_size = 0;
        size_t plain_size = 0;
        if (!db_rows_next(rows)) {
            return ERR_VAULT_SEAL;
        }
        const void *sealed = db_rows_blob(rows, 0, &sealed_size);
        enum err err = vault_unseal(room->options.vault,
                                    (struct vault_place){id_bucket(id), id, PICTURE_FIELD}, sealed,
                                    sealed_size, plain, sizeof plain, &plain_size);
        put_head(head, i, count);
        if (err != ERR_OK || plain_size < CHUNK_HEAD || memcmp(head, plain, CHUNK_HEAD) != 0 ||
            plain_size - CHUNK_HEAD > size - at) {
            return ERR_VAULT_SEAL;
        }
        memcpy(out + at, plain + CHUNK_HEAD, plain_size - CHUNK_HEAD);
        at += plain_size - CHUNK_HEAD;
    }
    vault_wipe(plain, sizeof plain);
    return at == size ? ERR_OK : ERR_VAULT_SEAL;
}

enum err kyc_picture_load(const struct kyc_room *room, struct db_conn *conn,
                          struct customer_id customer, int64_t picture, uint8_t **out,
                          size_t *out_size)
{
    int64_t bucket = id_bucket(customer.value);
    struct db_rows rows = db_read(conn, &picture_stmt_load,
                                  DB_ARGS(db_int(bucket), db_int(picture), db_int(customer.value)));
    size_t size = 0, count = 0;
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        size = (size_t)db_rows_int(&rows, 0);
        count = (size_t)db_rows_int(&rows, 1);
    }
    enum err err = db_rows_close(&rows);
    if (err != ERR_OK) {
        return err;
    }
    uint8_t *bytes = malloc(size);
    if (bytes == NULL) {
        return ERR_NO_MEMORY;
    }
    rows = db_read(conn, &picture_stmt_chunks, DB_ARGS(db_int(bucket), db_int(picture)));
    db_rows_fail(&rows, read_chunks(room, &rows, picture, count, bytes, size));
    err = db_rows_close(&rows);
    if (err != ERR_OK) {
        free(bytes);
        return err;
    }
    *out = bytes;
    *out_size = size;
    return ERR_OK;
}

enum err kyc_pictures_each(struct db_conn *conn, struct customer_id customer,
                           kyc_picture_visit *visit, void *context)
{
    struct db_rows rows =
        db_read(conn, &picture_stmt_list,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)));
    while (db_rows_next(&rows)) {
        struct kyc_picture picture = {.id = db_rows_int(&rows, 0),
                                      .kind = (enum picture_kind)db_rows_int(&rows, 1),
                                      .at = db_rows_int(&rows, 2),
                                      .expires_at = db_rows_int(&rows, 3)};
        if (!visit(&picture, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

enum err kyc_picture_may_see(struct db_conn *conn, int64_t picture, struct staff_id staff,
                             int64_t now_us, struct customer_id *out_customer)
{
    struct kyc_case row;
    int64_t owner = 0;
    enum err err = db_one_number(conn, &picture_stmt_owner,
                                 DB_ARGS(db_int(id_bucket(picture)), db_int(picture)), &owner);
    if (err != ERR_OK) {
        return err;
    }
    *out_customer = (struct customer_id){owner};
    err = case_open_of(conn, *out_customer, &row);
    return err == ERR_NOT_FOUND ? ERR_CLAIM_NEEDED
           : err != ERR_OK      ? err
                                : staff_claim_check(conn, KYC_QUEUE, row.id, staff, now_us);
}

/* --- Erasing ---------------------------------------------------------------------------------- */

enum err picture_expire(struct uow *uow, struct customer_id id, enum picture_kind kind,
                        int64_t expires_at)
{
    return db_defer(
        uow->conn, &picture_stmt_expire,
        DB_ARGS(db_int(expires_at), db_int(id_bucket(id.value)), db_int(id.value), db_int(kind)),
        -1);
}

enum err picture_keep_until(struct uow *uow, struct customer_id id, int64_t expires_at)
{
    return db_defer(uow->conn, &picture_stmt_keep,
                    DB_ARGS(db_int(expires_at), db_int(id_bucket(id.value)), db_int(id.value)), -1);
}

enum err picture_erase(struct uow *uow, struct customer_id id, bool faces_only)
{
    /* Kinds are ordered: the two sides of the card come before all faces. */
    struct db_value args[] = {db_int(id_bucket(id.value)), db_int(id.value),
                              db_int(faces_only ? PICTURE_CARD_PORTRAIT : PICTURE_ID_FRONT)};
    enum err err = db_defer(uow->conn, &picture_stmt_erase_chunks, args, 3, -1);
    return err != ERR_OK ? err : db_defer(uow->conn, &picture_stmt_erase, args, 3, -1);
}

enum err picture_sweep(struct uow *uow, int limit, int64_t *out_count)
{
    int64_t found[64][2];
    int64_t count = 0;
    int64_t max = limit < 64 ? limit : 64;
    struct db_rows rows =
        db_read(uow->conn, &picture_stmt_report_due, DB_ARGS(db_int(uow->now_us), db_int(max)));
    while (count < max && db_rows_next(&rows)) {
        found[count][0] = db_rows_int(&rows, 0);
        found[count++][1] = db_rows_int(&rows, 1);
    }
    enum err err = db_rows_close(&rows);
    for (int64_t i = 0; err == ERR_OK && i < count; i++) {
        struct db_value args[] = {db_int(found[i][0]), db_int(found[i][1])};
        err = db_defer(uow->conn, &picture_stmt_drop_chunks, args, 2, -1);
        err = err != ERR_OK ? err : db_defer(uow->conn, &picture_stmt_drop, args, 2, -1);
    }
    *out_count = count;
    return err;
}

/* --- Uploader --------------------------------------------------------------------------------- */

void upload_hash(const struct kyc_room *room, const struct image *picture,
                 uint8_t out[VAULT_HASH_SIZE])
{
    vault_hash_bytes(room->options.vault, UPLOAD_KIND, picture->rgb,
                     (size_t)picture->width * (size_t)picture->height * 3, out);
}

enum err upload_note(struct uow *uow, const uint8_t hash[VAULT_HASH_SIZE], struct customer_id id,
                     int64_t check_id)
{
    int bucket = bucket_of_hash(hash, VAULT_HASH_SIZE);
    enum err err = db_exec(uow->conn, &upload_stmt_note,
                           DB_ARGS(db_int(bucket), db_blob(hash, VAULT_HASH_SIZE), db_int(id.value),
                                   db_int(check_id), db_int(uow->now_us)),
                           NULL);
    if (err != ERR_OK) {
        return err;
    }
    struct db_rows rows = db_read(uow->conn, &upload_stmt_load,
                                  DB_ARGS(db_int(bucket), db_blob(hash, VAULT_HASH_SIZE)));
    if (db_rows_one(&rows, ERR_PICTURE_REUSED)) {
        bool is_own = db_rows_int(&rows, 0) == id.value && db_rows_int(&rows, 1) == check_id;
        db_rows_fail(&rows, is_own ? ERR_OK : ERR_PICTURE_REUSED);
    }
    return db_rows_close(&rows);
}
