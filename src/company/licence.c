/* The picture of the licence: our own JPEG, sealed piece by piece, because the vault seals 4 KB at most; each
 * piece names its number and how many there are. */
#include "base/check.h"
#include "company/company_private.h"

#include <stdlib.h>
#include <string.h>

#define LICENCE_FIELD "company.licence"
#define LICENCE_SIDE  1600 /* pixels of its longer side, kept */
#define LICENCE_MAX   (2 * 1024 * 1024)
#define PIECE_HEAD    4
#define PIECE_CONTENT (VAULT_PLAIN_MAX - PIECE_HEAD)
#define PIECES_MAX    (LICENCE_MAX / PIECE_CONTENT + 1)

DB_STMT(licence_stmt_clear, "DELETE FROM company_licences WHERE bucket = $1 AND company_id = $2");
DB_STMT(licence_stmt_add, "INSERT INTO company_licences (bucket, company_id, number, sealed)"
                          " VALUES ($1, $2, $3, $4)");
DB_STMT(licence_stmt_list, "SELECT sealed FROM company_licences WHERE bucket = $1"
                           " AND company_id = $2 ORDER BY number");

static enum err decide_licence(const struct company *company)
{
    return company->state == COMPANY_DRAFT ? ERR_OK : ERR_COMPANY_STATE;
}

/* Does the licence show the company's code? Unsure if nobody can read it. */
static enum company_step_state compare(const struct company_room *room, const struct image *image,
                                       const char *code)
{
    char read[COMPANY_CODE_SIZE] = "";
    if (room->options.read_licence == NULL ||
        !room->options.read_licence(room->options.read_context, image, read)) {
        return STEP_IS_UNSURE;
    }
    return strcmp(read, code) == 0 ? STEP_IS_PASSED : STEP_IS_UNSURE;
}

enum err company_licence_prepare(const struct company_room *room, struct engine *engine,
                                 struct customer_id customer, struct customer_id company,
                                 const void *bytes, size_t size, struct company_licence *out)
{
    struct kyc_eyes *eyes = room->options.eyes;
    struct company row;
    struct company_user user;
    struct image image = {0};
    struct db_conn *conn;
    *out = (struct company_licence){.company = company, .customer = customer};
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = company_access(conn, company, customer, COMPANY_ADMIN, &row, &user);
    engine_read_end(engine, conn);
    err = err ? err : decide_licence(&row);
    err = err ? err : eyes->decode(eyes, bytes, size, &image);
    if (err != ERR_OK) {
        return err;
    }
    const int whole[4] = {0, 0, image.width, image.height};
    out->state = compare(room, &image, row.code);
    err = eyes->encode(eyes, &image, whole, LICENCE_SIDE, &out->jpeg, &out->size);
    image_release(&image);
    if (err == ERR_OK && out->size > LICENCE_MAX) {
        free(out->jpeg);
        out->jpeg = NULL;
        err = ERR_PICTURE_TOO_LARGE;
    }
    return err;
}

static void put_head(uint8_t *out, size_t number, size_t count)
{
    out[0] = (uint8_t)(number >> 8);
    out[1] = (uint8_t)number;
    out[2] = (uint8_t)(count >> 8);
    out[3] = (uint8_t)count;
}

static struct vault_place place_of(struct customer_id company)
{
    return (struct vault_place){id_bucket(company.value), company.value, LICENCE_FIELD};
}

static enum err store_piece(const struct company_room *room, struct uow *uow,
                            const struct company_licence *licence, size_t number, size_t count)
{
    uint8_t plain[VAULT_PLAIN_MAX];
    uint8_t sealed[VAULT_SEALED_MAX];
    size_t at = number * PIECE_CONTENT;
    size_t size = licence->size - at < PIECE_CONTENT ? licence->size - at : PIECE_CONTENT;
    struct vault_place place = place_of(licence->company);
    put_head(plain, number, count);
    memcpy(plain + PIECE_HEAD, licence->jpeg + at, size);
    vault_seal(room->options.vault, place, plain, size + PIECE_HEAD, sealed);
    vault_wipe(plain, sizeof plain);
    return db_defer(uow->conn, &licence_stmt_add,
                    DB_ARGS(db_int(place.bucket), db_int(place.id), db_int((int64_t)number),
                            db_blob(sealed, size + PIECE_HEAD + VAULT_OVERHEAD)),
                    1);
}

enum err company_licence_store(const struct company_room *room, struct uow *uow,
                               const struct company_licence *licence, struct company *out)
{
    struct company_user user;
    size_t count = (licence->size + PIECE_CONTENT - 1) / PIECE_CONTENT;
    CHECK(licence->size > 0 && licence->size <= LICENCE_MAX);
    enum err err =
        company_lock_for(uow, licence->company, licence->customer, COMPANY_ADMIN, out, &user);
    err = err ? err : decide_licence(out);
    err = err ? err
              : db_exec(uow->conn, &licence_stmt_clear,
                        DB_ARGS(db_int(id_bucket(out->id.value)), db_int(out->id.value)), NULL);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = store_piece(room, uow, licence, i, count);
    }
    out->licence = licence->state;
    return err ? err : company_store(uow, out);
}

/* The next piece at its place; *out_count: the count in the first one. */
static enum err read_piece(const struct company_room *room, const struct db_rows *rows,
                           struct customer_id company, size_t number, size_t *count, uint8_t *out,
                           size_t *out_size)
{
    uint8_t plain[VAULT_PLAIN_MAX];
    uint8_t head[PIECE_HEAD];
    size_t size = 0;
    size_t sealed_size = 0;
    const void *sealed = db_rows_blob(rows, 0, &sealed_size);
    enum err err = vault_unseal(room->options.vault, place_of(company), sealed, sealed_size, plain,
                                sizeof plain, &size);
    if (err != ERR_OK || size < PIECE_HEAD) {
        return ERR_VAULT_SEAL;
    }
    *count = number == 0 ? (size_t)plain[2] << 8 | plain[3] : *count;
    put_head(head, number, *count);
    if (number >= PIECES_MAX || memcmp(head, plain, PIECE_HEAD) != 0) {
        return ERR_VAULT_SEAL;
    }
    memcpy(out, plain + PIECE_HEAD, size - PIECE_HEAD);
    *out_size = size - PIECE_HEAD;
    vault_wipe(plain, sizeof plain);
    return ERR_OK;
}

enum err company_licence_load(const struct company_room *room, struct db_conn *conn,
                              struct customer_id company, uint8_t **out, size_t *out_size)
{
    size_t number = 0;
    size_t count = 0;
    size_t used = 0;
    uint8_t *bytes = malloc((size_t)PIECES_MAX * PIECE_CONTENT);
    if (bytes == NULL) {
        return ERR_NO_MEMORY;
    }
    struct db_rows rows = db_read(conn, &licence_stmt_list,
                                  DB_ARGS(db_int(id_bucket(company.value)), db_int(company.value)));
    while (db_rows_next(&rows)) {
        size_t size = 0;
        db_rows_fail(&rows,
                     read_piece(room, &rows, company, number++, &count, bytes + used, &size));
        used += size;
    }
    enum err err = db_rows_close(&rows);
    err = err ? err : number == 0 ? ERR_NOT_FOUND : number != count ? ERR_VAULT_SEAL : ERR_OK;
    if (err != ERR_OK) {
        free(bytes);
        return err;
    }
    *out = bytes;
    *out_size = used;
    return ERR_OK;
}
