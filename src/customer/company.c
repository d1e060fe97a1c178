/* A company's row in customer_customers (kind 2), which owns its accounts. */
#include "base/check.h"
#include "customer/customer_private.h"
#include "db/directory.h"

#include <string.h>

#define COMPANY_KIND    "company"
#define PHONE_FIELD     "customer.phone"
#define ID_NUMBER_FIELD "customer.idNumber"
#define CODE_SIZE       18

DB_STMT(
    company_stmt_insert,
    "INSERT INTO customer_customers (bucket, id, state, language, name, phone_hash, phone_sealed,"
    " id_number_sealed, birth_date, identity_at, active_at, created_at, version, kind)"
    " VALUES ($1, $2, 2, 1, $3, $4, $5, $6, $7, $8, $8, $8, 1, 2)");

static void hash_code(const struct customer_room *room, const char *code,
                      uint8_t out[VAULT_HASH_SIZE])
{
    CHECK(strlen(code) == CODE_SIZE);
    vault_lookup_hash(room->vault, COMPANY_KIND, code, out);
}

enum err customer_company_claim(const struct customer_room *room, struct uow *uow, const char *code,
                                struct customer_id *out)
{
    uint8_t hash[VAULT_HASH_SIZE];
    hash_code(room, code, hash);
    int64_t id = uow_id(uow, bucket_of_hash(hash, sizeof hash));
    int64_t owner = 0;
    enum err err = directory_claim(
        uow->conn, &(struct directory_name){DIRECTORY_COMPANY, hash, sizeof hash}, id, &owner);
    if (err == ERR_OK || err == ERR_EXISTS) {
        out->value = err == ERR_OK ? id : owner;
    }
    return err;
}

enum err customer_company_open(const struct customer_room *room, struct uow *uow,
                               struct customer_id id, const char *code, const char *name,
                               struct date registered)
{
    uint8_t hash[VAULT_HASH_SIZE];
    uint8_t no_phone[VAULT_OVERHEAD];
    uint8_t sealed[CODE_SIZE + VAULT_OVERHEAD];
    int bucket = id_bucket(id.value);
    hash_code(room, code, hash);
    CHECK(bucket == bucket_of_hash(hash, sizeof hash));
    vault_seal(room->vault, (struct vault_place){bucket, id.value, PHONE_FIELD}, "", 0, no_phone);
    vault_seal(room->vault, (struct vault_place){bucket, id.value, ID_NUMBER_FIELD}, code,
               CODE_SIZE, sealed);
    return db_exec(uow->conn, &company_stmt_insert,
                   DB_ARGS(db_int(bucket), db_int(id.value), db_text(name),
                           db_blob(hash, sizeof hash), db_blob(no_phone, sizeof no_phone),
                           db_blob(sealed, sizeof sealed), db_int(registered.days),
                           db_int(uow->now_us)),
                   NULL);
}
