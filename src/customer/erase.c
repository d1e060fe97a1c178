#include "customer/erase.h"

#include "customer/customer_private.h"
#include "db/directory.h"

#include <string.h>

#define ID_NUMBER_KIND "idNumber"
#define PHONE_FIELD    "customer.phone"

DB_STMT(erase_stmt_passcodes,
        "DELETE FROM customer_passcodes WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_phone_proofs,
        "DELETE FROM customer_phone_proofs WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_totps, "DELETE FROM customer_totps WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_devices, "DELETE FROM customer_devices WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_sessions,
        "DELETE FROM customer_sessions WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_checks, "DELETE FROM customer_checks WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_evidence,
        "DELETE FROM customer_evidence WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_consents,
        "DELETE FROM customer_consents WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_messages,
        "DELETE FROM customer_messages WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_events, "DELETE FROM customer_events WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_channels,
        "DELETE FROM customer_channels WHERE bucket = $1 AND customer_id = $2");
DB_STMT(erase_stmt_spellings,
        "DELETE FROM customer_spellings WHERE bucket = $1 AND customer_id = $2");
DB_STMT(
    erase_stmt_customer,
    "UPDATE customer_customers SET name = NULL,"
    " phone_hash = $1, phone_sealed = $2, id_number_sealed = NULL, birth_date = NULL, sex = NULL,"
    " region = NULL, is_minor = NULL, identity_at = NULL, document_until = NULL,"
    " verified_at = 0, version = version + 1 WHERE bucket = $3 AND id = $4 AND state = 4");
DB_STMT(erase_stmt_old_events,
        "DELETE FROM customer_events WHERE bucket = $1 AND id IN (SELECT id FROM customer_events"
        " WHERE bucket = $1 AND at < $2 ORDER BY id LIMIT $3)");

static enum err erase_rows(struct uow *uow, struct customer_id id, struct db_stmt *const *stmts,
                           size_t count)
{
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = db_defer(uow->conn, stmts[i], DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)),
                       -1);
    }
    return err;
}

static enum err release_number(const struct customer_room *room, struct uow *uow,
                               struct customer_id id, uint8_t out_hash[VAULT_HASH_SIZE],
                               bool *out_has_number)
{
    char number[ID_NUMBER_SIZE];
    enum err err = customer_reveal_id_number(room, uow->conn, id, number);
    *out_has_number = err == ERR_OK;
    if (err != ERR_OK) {
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    vault_lookup_hash(room->vault, ID_NUMBER_KIND, number, out_hash);
    vault_wipe(number, sizeof number);
    return directory_release(
        uow->conn, &(struct directory_name){DIRECTORY_ID_NUMBER, out_hash, VAULT_HASH_SIZE},
        id.value);
}

enum err customer_close(const struct customer_room *room, struct uow *uow, struct customer_id id,
                        uint8_t out_number_hash[VAULT_HASH_SIZE], bool *out_has_number)
{
    struct db_stmt *const secrets[] = {&erase_stmt_passcodes, &erase_stmt_phone_proofs,
                                       &erase_stmt_totps, &erase_stmt_devices};
    uint8_t phone[VAULT_HASH_SIZE];
    enum err err = customer_phone_hash(uow->conn, id, phone);
    err = err ? err : customer_set_state(room, uow, id, CUSTOMER_CLOSED);
    err = err ? err : session_revoke_others(uow, id, (struct session_id){0});
    err = err ? err : passkey_remove_all(room, uow, id);
    err = err ? err : erase_rows(uow, id, secrets, sizeof secrets / sizeof secrets[0]);
    if (err == ERR_OK) {
        err = directory_release(
            uow->conn, &(struct directory_name){DIRECTORY_PHONE, phone, sizeof phone}, id.value);
    }
    return err ? err : release_number(room, uow, id, out_number_hash, out_has_number);
}

enum err customer_erase(const struct customer_room *room, struct uow *uow, struct customer_id id)
{
    struct db_stmt *const rows[] = {
        &erase_stmt_passcodes, &erase_stmt_phone_proofs, &erase_stmt_totps,
        &erase_stmt_devices,   &erase_stmt_sessions,     &erase_stmt_checks,
        &erase_stmt_evidence,  &erase_stmt_consents,     &erase_stmt_messages,
        &erase_stmt_events,    &erase_stmt_channels,     &erase_stmt_spellings};
    static const uint8_t nobody[VAULT_HASH_SIZE] = {0};
    uint8_t sealed[VAULT_OVERHEAD];
    uint8_t phone[VAULT_HASH_SIZE];
    int64_t changed = 0;
    int bucket = id_bucket(id.value);
    enum err err = customer_phone_hash(uow->conn, id, phone);
    if (err != ERR_OK) {
        return err;
    }
    vault_seal(room->vault, (struct vault_place){bucket, id.value, PHONE_FIELD}, "", 0, sealed);
    err = db_exec(uow->conn, &erase_stmt_customer,
                  DB_ARGS(db_blob(nobody, sizeof nobody), db_blob(sealed, sizeof sealed),
                          db_int(bucket), db_int(id.value)),
                  &changed);
    if (err == ERR_OK && changed == 0) {
        return ERR_CUSTOMER_STATE;
    }
    err = err ? err : passkey_remove_all(room, uow, id);
    return err ? err : erase_rows(uow, id, rows, sizeof rows / sizeof rows[0]);
}

enum err customer_events_sweep(struct uow *uow, int bucket, int64_t before_us, int limit,
                               int64_t *out_count)
{
    return db_exec(uow->conn, &erase_stmt_old_events,
                   DB_ARGS(db_int(bucket), db_int(before_us), db_int(limit)), out_count);
}
