/* Templates of faces, sealed; comparable only within one version of the models. */
#include "base/check.h"
#include "kyc/kyc_private.h"

#include <stdio.h>
#include <string.h>

DB_STMT(template_stmt_store,
        "INSERT INTO kyc_templates (bucket, customer_id, kind, sealed, version, sequence, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (bucket, customer_id, kind) DO UPDATE"
        " SET sealed = excluded.sealed, version = excluded.version,"
        " sequence = excluded.sequence, at = excluded.at");
DB_STMT(template_stmt_load, "SELECT sealed, version FROM kyc_templates WHERE bucket = $1"
                            " AND customer_id = $2 AND kind = $3");
DB_STMT(template_stmt_drop, "DELETE FROM kyc_templates WHERE bucket = $1 AND customer_id = $2"
                            " AND kind = $3");

/* The kind is part of the seal: a card's portrait cannot be used as an accepted face. */
static struct vault_place place_of(struct customer_id id, enum template_kind kind)
{
    static const char *const FIELDS[] = {NULL, "kyc.template.card", "kyc.template.registry",
                                         "kyc.template.pending", "kyc.template.accepted"};
    CHECK(kind >= TEMPLATE_CARD && kind <= TEMPLATE_ACCEPTED);
    return (struct vault_place){id_bucket(id.value), id.value, FIELDS[kind]};
}

enum err template_store(const struct kyc_room *room, struct uow *uow, struct customer_id id,
                        enum template_kind kind, const struct face_template *face, int64_t sequence)
{
    uint8_t sealed[FACE_TEMPLATE_SIZE + VAULT_OVERHEAD];
    vault_seal(room->options.vault, place_of(id, kind), face->bytes, FACE_TEMPLATE_SIZE, sealed);
    return db_defer(uow->conn, &template_stmt_store,
                    DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value), db_int(kind),
                            db_blob(sealed, sizeof sealed),
                            db_text(room->options.eyes->face_version), db_int(sequence),
                            db_int(uow->now_us)),
                    1);
}

enum err template_unseal(const struct kyc_room *room, const struct db_rows *rows,
                         struct customer_id id, enum template_kind kind, int column,
                         struct face_template *out)
{
    size_t sealed_size = 0;
    size_t size = 0;
    const void *sealed = db_rows_blob(rows, column, &sealed_size);
    enum err err = vault_unseal(room->options.vault, place_of(id, kind), sealed, sealed_size,
                                out->bytes, sizeof out->bytes, &size);
    return err != ERR_OK ? err : size == sizeof out->bytes ? ERR_OK : ERR_VAULT_SEAL;
}

enum err template_load(const struct kyc_room *room, struct db_conn *conn, struct customer_id id,
                       enum template_kind kind, struct face_template *out)
{
    struct db_rows rows =
        db_read(conn, &template_stmt_load,
                DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value), db_int(kind)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        /* Numbers of another version are not comparable: treated as absent. */
        bool is_ours = strcmp(db_rows_text(&rows, 1), room->options.eyes->face_version) == 0;
        db_rows_fail(&rows,
                     is_ours ? template_unseal(room, &rows, id, kind, 0, out) : ERR_NOT_FOUND);
    }
    return db_rows_close(&rows);
}

enum err template_drop(struct uow *uow, struct customer_id id, enum template_kind kind)
{
    return db_defer(uow->conn, &template_stmt_drop,
                    DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value), db_int(kind)), -1);
}

enum err template_accept(const struct kyc_room *room, struct uow *uow, struct customer_id id,
                         const struct face_template *face)
{
    struct face_template pending;
    struct gallery_hits hits = {.best_ppm = 0};
    int64_t sequence = 0;
    enum err err = ERR_OK;
    if (face == NULL) {
        err = template_load(room, uow->conn, id, TEMPLATE_PENDING, &pending);
        face = &pending;
    }
    if (err == ERR_OK) {
        err = gallery_close_up(room, uow, id, face, INT64_MAX, &hits, &sequence);
    }
    if (err == ERR_OK) {
        err = template_store(room, uow, id, TEMPLATE_ACCEPTED, face, sequence);
    }
    if (err == ERR_OK) {
        err = template_drop(uow, id, TEMPLATE_PENDING);
    }
    vault_wipe(&pending, sizeof pending);
    return err;
}
