/* Devices: recognised by a key that the app keeps; the bank stores its keyed hash. */
#include "base/check.h"
#include "customer/customer_private.h"
#include "customer/customer_rules.h"
#include "customer/message_rows.h"

#include <stdio.h>
#include <string.h>

#define DEVICE_KEY_KIND "deviceKey"

DB_STMT(device_stmt_find, "SELECT id, removed_at, trusted_at FROM customer_devices"
                          " WHERE bucket = $1 AND customer_id = $2 AND key_hash = $3");
DB_STMT(device_stmt_see,
        "INSERT INTO customer_devices (bucket, customer_id, id, key_bucket, key_hash, name,"
        " first_seen_at, last_seen_at, trusted_at, removed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, 0)"
        " ON CONFLICT (bucket, customer_id, key_hash) DO UPDATE SET name = excluded.name,"
        " last_seen_at = excluded.last_seen_at,"
        " first_seen_at = CASE WHEN customer_devices.removed_at = 0"
        " THEN customer_devices.first_seen_at ELSE excluded.first_seen_at END,"
        /* An unvouched one begins to count with the first sign-in that vouches for it. */
        " trusted_at = CASE WHEN customer_devices.removed_at = 0"
        " AND customer_devices.trusted_at < 9223372036854775807"
        " THEN customer_devices.trusted_at ELSE excluded.trusted_at END,"
        " removed_at = 0 RETURNING id");
DB_STMT(device_stmt_key, "INSERT INTO customer_device_keys (bucket, key_hash, persons, version)"
                         " VALUES ($1, $2, 0, 1) ON CONFLICT (bucket, key_hash) DO NOTHING");
DB_STMT(device_stmt_key_lock, "UPDATE customer_device_keys SET version = version + 1"
                              " WHERE bucket = $1 AND key_hash = $2 RETURNING persons");
DB_STMT(device_stmt_key_count, "UPDATE customer_device_keys SET persons = persons + 1"
                               " WHERE bucket = $1 AND key_hash = $2");
DB_STMT(device_stmt_list,
        "SELECT d.id, d.name, d.first_seen_at, d.last_seen_at, d.trusted_at, k.persons,"
        " (SELECT COUNT(*) FROM customer_sessions s WHERE s.bucket = d.bucket"
        " AND s.customer_id = d.customer_id AND s.device_id = d.id AND s.ended_at = 0)"
        " FROM customer_devices d LEFT JOIN customer_device_keys k"
        " ON k.bucket = d.key_bucket AND k.key_hash = d.key_hash"
        " WHERE d.bucket = $1 AND d.customer_id = $2 AND d.removed_at = 0"
        " ORDER BY d.last_seen_at DESC, d.id DESC LIMIT $3");
DB_STMT(device_stmt_remove,
        "UPDATE customer_devices SET removed_at = $1 WHERE bucket = $2 AND customer_id = $3"
        " AND id = $4 AND removed_at = 0 RETURNING name");
DB_STMT(device_stmt_end_sessions,
        "UPDATE customer_sessions SET ended_at = $1 WHERE bucket = $2 AND customer_id = $3"
        " AND device_id = $4 AND ended_at = 0");

bool device_key_is_valid(const char *text)
{
    size_t size = strlen(text);
    return size >= DEVICE_KEY_MIN && size <= DEVICE_KEY_MAX &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == size;
}

struct device_key {
    uint8_t hash[VAULT_HASH_SIZE];
    int bucket;
};

static struct device_key key_of(const struct customer_room *room, const char *text)
{
    struct device_key key;
    vault_lookup_hash(room->vault, DEVICE_KEY_KIND, text, key.hash);
    key.bucket = bucket_of_hash(key.hash, sizeof(key.hash));
    return key;
}

/* *out_id 0: never seen. *out_is_removed: or nothing vouched for it yet. */
static enum err find(struct db_conn *conn, struct customer_id customer,
                     const struct device_key *key, int64_t *out_id, bool *out_is_removed)
{
    *out_id = 0;
    struct db_rows rows = db_read(conn, &device_stmt_find,
                                  DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value),
                                          db_blob(key->hash, sizeof(key->hash))));
    if (db_rows_next(&rows)) {
        *out_id = db_rows_int(&rows, 0);
        *out_is_removed = db_rows_int(&rows, 1) != 0 || db_rows_int(&rows, 2) == DEVICE_UNVOUCHED;
    }
    return db_rows_close(&rows);
}

enum err device_is_known(const struct customer_room *room, struct db_conn *conn,
                         struct customer_id customer, const char *key, bool *out)
{
    int64_t id = 0;
    enum err err = device_known_id(room, conn, customer, key, &id);
    *out = id != 0;
    return err;
}

enum err device_known_id(const struct customer_room *room, struct db_conn *conn,
                         struct customer_id customer, const char *key, int64_t *out)
{
    bool is_removed = false;
    *out = 0;
    if (key == NULL) {
        return ERR_OK; /* the worst case: nothing is known of it */
    }
    struct device_key hashed = key_of(room, key);
    enum err err = find(conn, customer, &hashed, out, &is_removed);
    if (is_removed) {
        *out = 0;
    }
    return err;
}

/* The key's row, locked until the transaction's end: persons are counted one after another. */
static enum err lock_key(struct uow *uow, const struct device_key *key, int64_t *out_persons)
{
    enum err err =
        db_exec(uow->conn, &device_stmt_key,
                DB_ARGS(db_int(key->bucket), db_blob(key->hash, sizeof(key->hash))), NULL);
    if (err != ERR_OK) {
        return err;
    }
    err = db_one_number(uow->conn, &device_stmt_key_lock,
                        DB_ARGS(db_int(key->bucket), db_blob(key->hash, sizeof(key->hash))),
                        out_persons);
    return err == ERR_NOT_FOUND ? ERR_DB_RETRY : err;
}

enum err device_may_begin(struct customer_room *room, struct uow *uow, const char *key)
{
    int64_t persons = 0;
    struct device_key hashed = key_of(room, key);
    enum err err = lock_key(uow, &hashed, &persons);
    bool is_full = persons >= customer_room_figure(room, PARAMETER_DEVICE_PERSONS_MAX,
                                                   engine_civil_date(uow->engine, uow->now_us));
    return err == ERR_OK && is_full ? ERR_DEVICE_PERSONS : err;
}

/* One more person on the device, once, however many sign-ins run at once. */
static enum err count_person(struct uow *uow, struct customer_id customer,
                             const struct device_key *key, int64_t *id, bool *is_removed)
{
    int64_t persons = 0;
    enum err err = lock_key(uow, key, &persons);
    if (err == ERR_OK) {
        err = find(uow->conn, customer, key, id, is_removed);
    }
    if (err != ERR_OK || *id != 0) {
        return err;
    }
    return db_defer(uow->conn, &device_stmt_key_count,
                    DB_ARGS(db_int(key->bucket), db_blob(key->hash, sizeof(key->hash))), 1);
}

enum err device_see(struct customer_room *room, struct uow *uow, struct customer_id customer,
                    const struct device_sight *sight, struct session_opened *out)
{
    int64_t id = 0;
    bool is_removed = false;
    out->is_new_device = true;
    if (sight->key == NULL) {
        return ERR_OK;
    }
    struct device_key hashed = key_of(room, sight->key);
    int64_t trusted_at =
        sight->is_vouched ? uow->now_us + room->rules.device_trust_us : DEVICE_UNVOUCHED;
    enum err err = find(uow->conn, customer, &hashed, &id, &is_removed);
    if (err == ERR_OK && id == 0) {
        err = count_person(uow, customer, &hashed, &id, &is_removed);
    }
    if (err != ERR_OK) {
        return err;
    }
    char cleaned[DEVICE_NAME_SIZE];
    int bucket = id_bucket(customer.value);
    name_clean_device(sight->name ? sight->name : "", cleaned);
    out->is_new_device = id == 0 || is_removed;
    return db_one_number(uow->conn, &device_stmt_see,
                         DB_ARGS(db_int(bucket), db_int(customer.value),
                                 db_int(uow_id(uow, bucket)), db_int(hashed.bucket),
                                 db_blob(hashed.hash, sizeof(hashed.hash)), db_text(cleaned),
                                 db_int(uow->now_us), db_int(trusted_at)),
                         &out->device.value);
}

enum err device_each(struct db_conn *conn, struct customer_id customer, device_visit *visit,
                     void *context)
{
    struct db_rows rows = db_read(
        conn, &device_stmt_list,
        DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value), db_int(DEVICES_MAX)));
    while (db_rows_next(&rows)) {
        struct device device = {.id = {db_rows_int(&rows, 0)},
                                .first_seen_at = db_rows_int(&rows, 2),
                                .last_seen_at = db_rows_int(&rows, 3),
                                .trusted_at = db_rows_int(&rows, 4),
                                .persons =
                                    db_rows_is_null(&rows, 5) ? 1 : (int)db_rows_int(&rows, 5),
                                .session_count = (int)db_rows_int(&rows, 6)};
        snprintf(device.name, sizeof(device.name), "%s", db_rows_text(&rows, 1));
        if (!visit(&device, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

enum err device_remove(struct uow *uow, struct customer_id customer, struct device_id id)
{
    int bucket = id_bucket(customer.value);
    char name[DEVICE_NAME_SIZE] = "";
    struct db_rows rows = db_read(
        uow->conn, &device_stmt_remove,
        DB_ARGS(db_int(uow->now_us), db_int(bucket), db_int(customer.value), db_int(id.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        snprintf(name, sizeof(name), "%s", db_rows_text(&rows, 0));
    }
    enum err err = db_rows_close(&rows);
    if (err != ERR_OK) {
        return err;
    }
    err = db_defer(
        uow->conn, &device_stmt_end_sessions,
        DB_ARGS(db_int(uow->now_us), db_int(bucket), db_int(customer.value), db_int(id.value)), -1);
    if (err == ERR_OK) {
        err = security_event_add(uow, customer, EVENT_DEVICE_REMOVED, name);
    }
    return err == ERR_OK ? message_add(uow, customer, &MESSAGE_DEVICE_REMOVED,
                                       &(struct message_params){.device = name}, 0)
                         : err;
}
