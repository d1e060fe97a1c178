/* Layers of the identity, set by the kyc room, and the outside parties that confirmed it. */
#include "base/check.h"
#include "customer/customer_private.h"

#include <stdio.h>
#include <string.h>

DB_STMT(layer_stmt_pictures, "UPDATE customer_customers SET pictures_state = $1, pictures_at = $2,"
                             " version = version + 1 WHERE bucket = $3 AND id = $4");
DB_STMT(layer_stmt_face, "UPDATE customer_customers SET face_state = $1, face_at = $2,"
                         " version = version + 1 WHERE bucket = $3 AND id = $4");
DB_STMT(layer_stmt_place, "UPDATE customer_customers SET place_state = $1, place_at = $2,"
                          " version = version + 1 WHERE bucket = $3 AND id = $4");
/* The instant of verification stays while all layers stay passed. */
DB_STMT(layer_stmt_verified,
        "UPDATE customer_customers SET verified_at = CASE"
        " WHEN identity_at IS NULL OR pictures_state <> 2 OR face_state <> 2 OR place_state <> 2"
        " THEN 0 WHEN verified_at = 0 THEN $1 ELSE verified_at END"
        " WHERE bucket = $2 AND id = $3");
DB_STMT(layer_stmt_document, "UPDATE customer_customers SET document_until = $1,"
                             " version = version + 1 WHERE bucket = $2 AND id = $3");
DB_STMT(channel_stmt_add,
        "INSERT INTO customer_channels (bucket, customer_id, kind, detail, at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (bucket, customer_id, kind, detail) DO NOTHING");
DB_STMT(channel_stmt_list, "SELECT kind, detail, at FROM customer_channels WHERE bucket = $1"
                           " AND customer_id = $2 ORDER BY at, kind, detail LIMIT $3");

static enum err update_one(struct uow *uow, struct db_stmt *stmt, const struct db_value *args,
                           size_t count)
{
    int64_t changed = 0;
    enum err err = db_exec(uow->conn, stmt, args, count, &changed);
    return err != ERR_OK ? err : changed == 1 ? ERR_OK : ERR_NOT_FOUND;
}

enum err customer_set_layer(struct uow *uow, struct customer_id id, enum identity_layer layer,
                            enum layer_state state)
{
    static struct db_stmt *const STATEMENTS[IDENTITY_LAYER_COUNT + 1] = {
        [LAYER_PICTURES] = &layer_stmt_pictures,
        [LAYER_FACE] = &layer_stmt_face,
        [LAYER_PLACE] = &layer_stmt_place,
    };
    CHECK(layer >= LAYER_PICTURES && layer <= LAYER_PLACE);
    int64_t at = state == LAYER_TODO ? 0 : uow->now_us;
    enum err err = update_one(
        uow, STATEMENTS[layer],
        DB_ARGS(db_int(state), db_int(at), db_int(id_bucket(id.value)), db_int(id.value)));
    return err != ERR_OK ? err
                         : update_one(uow, &layer_stmt_verified,
                                      DB_ARGS(db_int(uow->now_us), db_int(id_bucket(id.value)),
                                              db_int(id.value)));
}

enum err customer_set_document(struct uow *uow, struct customer_id id, struct date valid_until)
{
    bool is_dated = valid_until.days != 0;
    return update_one(uow, &layer_stmt_document,
                      DB_ARGS(is_dated ? db_int(valid_until.days) : db_null(),
                              db_int(id_bucket(id.value)), db_int(id.value)));
}

/* --- Channels ---------------------------------------------------------------------------------- */

const char *channel_kind_name(enum channel_kind kind)
{
    static const char *const NAMES[] = {
        [CHANNEL_REGISTRY] = "registry",
        [CHANNEL_OPERATOR] = "operator",
        [CHANNEL_ISSUER] = "issuer",
        [CHANNEL_COUNTER] = "counter",
    };
    CHECK(kind >= CHANNEL_REGISTRY && kind <= CHANNEL_COUNTER);
    return NAMES[kind];
}

enum err customer_add_channel(struct uow *uow, struct customer_id id, enum channel_kind kind,
                              const char *detail)
{
    CHECK(strlen(detail) < CHANNEL_DETAIL_SIZE);
    return db_defer(uow->conn, &channel_stmt_add,
                    DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value), db_int(kind),
                            db_text(detail), db_int(uow->now_us)),
                    -1);
}

enum err customer_channels(struct db_conn *conn, struct customer_id id,
                           struct identity_channel out[CHANNELS_MAX], size_t *out_count)
{
    struct db_rows rows =
        db_read(conn, &channel_stmt_list,
                DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value), db_int(CHANNELS_MAX)));
    size_t count = 0;
    while (db_rows_next(&rows)) {
        out[count] = (struct identity_channel){.kind = (enum channel_kind)db_rows_int(&rows, 0),
                                               .at = db_rows_int(&rows, 2)};
        snprintf(out[count].detail, sizeof(out[count].detail), "%s", db_rows_text(&rows, 1));
        count++;
    }
    *out_count = count;
    return db_rows_close(&rows);
}
