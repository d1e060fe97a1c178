/*
 * Another number for a customer who cannot sign in any more, seen at the counter: the new number is proven by
 * a code, kept sealed for a day, and becomes theirs once two of staff agreed.
 */
#include "base/check.h"
#include "customer/customer_private.h"

#include <string.h>

#define PROOF_FIELD "customer.phoneProof"

/* One for a customer: a newer one takes the place of an older one. */
DB_STMT(phone_proof_stmt_store,
        "INSERT INTO customer_phone_proofs (bucket, customer_id, id, phone_sealed, proven_at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (bucket, customer_id) DO UPDATE"
        " SET id = excluded.id, phone_sealed = excluded.phone_sealed,"
        " proven_at = excluded.proven_at");
DB_STMT(phone_proof_stmt_load, "SELECT phone_sealed FROM customer_phone_proofs WHERE bucket = $1"
                               " AND customer_id = $2 AND id = $3 AND proven_at > $4");
DB_STMT(phone_proof_stmt_drop,
        "DELETE FROM customer_phone_proofs WHERE bucket = $1 AND customer_id = $2");
DB_STMT(phone_proof_stmt_lock, "UPDATE customer_customers SET version = version + 1"
                               " WHERE bucket = $1 AND id = $2");
/* Whoever has the lost phone has its key too. */
DB_STMT(phone_proof_stmt_unvouch,
        "UPDATE customer_devices SET trusted_at = 9223372036854775807 WHERE bucket = $1"
        " AND customer_id = $2");

static struct vault_place proof_place(struct customer_id customer)
{
    return (struct vault_place){id_bucket(customer.value), customer.value, PROOF_FIELD};
}

enum err phone_proof_add(struct customer_room *room, struct uow *uow,
                         const struct phone_change *change, struct verdict *out_verdict,
                         int64_t *out_id)
{
    enum code_purpose purpose = CODE_CHANGE_PHONE;
    uint8_t sealed[PHONE_TEXT_SIZE + VAULT_OVERHEAD];
    size_t size = strlen(change->phone.text);
    int bucket = id_bucket(change->customer.value);
    struct customer customer;
    enum err err = customer_load(room, uow->conn, change->customer, &customer);
    if (err == ERR_OK && (customer.state == CUSTOMER_CLOSED || customer.is_company)) {
        err = ERR_CUSTOMER_STATE;
    }
    err = err ? err
              : phone_code_check(room, uow, &change->phone, change->phone_code_id, change->code,
                                 1U << CODE_CHANGE_PHONE, out_verdict, &purpose);
    if (err != ERR_OK || out_verdict->refusal != ERR_OK) {
        return err;
    }
    *out_id = uow_id(uow, bucket);
    vault_seal(room->vault, proof_place(change->customer), change->phone.text, size, sealed);
    return db_defer(uow->conn, &phone_proof_stmt_store,
                    DB_ARGS(db_int(bucket), db_int(change->customer.value), db_int(*out_id),
                            db_blob(sealed, size + VAULT_OVERHEAD), db_int(uow->now_us)),
                    1);
}

static enum err load_proof(const struct customer_room *room, struct db_conn *conn,
                           struct customer_id customer, int64_t id, int64_t now_us,
                           char out[PHONE_TEXT_SIZE])
{
    struct db_rows rows = db_read(conn, &phone_proof_stmt_load,
                                  DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value),
                                          db_int(id), db_int(now_us - PHONE_PROOF_LIFE_US)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        size_t size = 0;
        const void *sealed = db_rows_blob(&rows, 0, &size);
        db_rows_fail(&rows, vault_unseal_text(room->vault, proof_place(customer), sealed, size, out,
                                              PHONE_TEXT_SIZE));
    }
    return db_rows_close(&rows);
}

enum err phone_proof_load(const struct customer_room *room, struct db_conn *conn,
                          struct customer_id customer, int64_t id, int64_t now_us,
                          char out_masked[PHONE_TEXT_SIZE])
{
    char phone[PHONE_TEXT_SIZE] = "";
    enum err err = load_proof(room, conn, customer, id, now_us, phone);
    if (err == ERR_OK) {
        phone_mask(phone, out_masked);
    }
    vault_wipe(phone, sizeof(phone));
    return err;
}

/* The number moves, everything that the old one opened ends, and the customer is told. */
static enum err move_phone(struct customer_room *room, struct uow *uow,
                           const struct customer *customer, const struct customer_phone *phone)
{
    char old_number[PHONE_TEXT_SIZE] = "";
    struct db_value args[] = {db_int(id_bucket(customer->id.value)), db_int(customer->id.value)};
    enum err err = customer_reveal_phone(room, uow->conn, customer->id, old_number);
    err = err ? err : customer_store_phone(room, uow, customer->id, phone);
    err = err == ERR_EXISTS ? ERR_PHONE_TAKEN : err;
    err = err ? err : session_revoke_others(uow, customer->id, (struct session_id){0});
    err = err ? err : db_defer(uow->conn, &phone_proof_stmt_unvouch, args, 2, -1);
    err = err ? err : db_defer(uow->conn, &phone_proof_stmt_drop, args, 2, -1);
    err = err ? err : phone_change_tell(room, uow, customer, old_number);
    vault_wipe(old_number, sizeof(old_number));
    return err;
}

enum err phone_replace(struct customer_room *room, struct uow *uow, struct customer_id id,
                       int64_t proof_id)
{
    struct customer customer;
    struct customer_phone phone;
    char text[PHONE_TEXT_SIZE] = "";
    /* The customer's row is raised first: two changes at once queue here. */
    enum err err = db_exec(uow->conn, &phone_proof_stmt_lock,
                           DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)), NULL);
    err = err ? err : customer_load(room, uow->conn, id, &customer);
    if (err == ERR_OK && customer.state == CUSTOMER_CLOSED) {
        err = ERR_CUSTOMER_STATE;
    }
    err = err ? err : load_proof(room, uow->conn, id, proof_id, uow->now_us, text);
    err = err ? err : customer_phone_parse(room, text, &phone);
    vault_wipe(text, sizeof(text));
    err = err ? err : move_phone(room, uow, &customer, &phone);
    vault_wipe(&phone, sizeof(phone));
    return err;
}
