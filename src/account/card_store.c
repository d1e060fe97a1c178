#include "account/card_store.h"

#include "account/account.h"
#include "account/account_store.h"
#include "base/check.h"
#include "db/directory.h"

#include <string.h>

#define PAN_FIELD     "account.pan"
#define BINDING_FIELD "account.binding"

#define CARD_COLUMNS                                                                               \
    "id, customer_id, issuer, issuer_name_en, issuer_name_zh, masked_pan, agreement_number, "      \
    "account_class, kind, payment_max_minor, day_max_minor, state, bound_at, unbound_at"
#define BINDING_COLUMNS                                                                            \
    "id, customer_id, state, issuer, issuer_name_en, issuer_name_zh, masked_pan, kind, "           \
    "created_at, expires_at, tries_left, card_id, face_checked"

DB_STMT(account_card_insert,
        "INSERT INTO account_cards (bucket, id, customer_id, issuer, issuer_name_en, "
        "issuer_name_zh, masked_pan, pan, pan_hash, agreement_number, account_class, kind, "
        "payment_max_minor, day_max_minor, state, bound_at, unbound_at) VALUES "
        "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, 0)");
DB_STMT(account_card_load,
        "SELECT " CARD_COLUMNS " FROM account_cards WHERE bucket = $1 AND id = $2");
/* Bound ones first, so that a list that ends early has them all. */
DB_STMT(account_card_list,
        "SELECT " CARD_COLUMNS " FROM (SELECT " CARD_COLUMNS
        " FROM account_cards WHERE bucket = $1 "
        "AND customer_id = $2 ORDER BY state, id DESC LIMIT $3) AS newest ORDER BY id DESC");
DB_STMT(account_card_count,
        "SELECT COALESCE(SUM(CASE WHEN state = 1 THEN 1 ELSE 0 END), 0), "
        "COALESCE(SUM(CASE WHEN pan_hash = $1 THEN 1 ELSE 0 END), 0), "
        "COALESCE(SUM(CASE WHEN pan_hash = $2 AND state = 1 THEN 1 ELSE 0 END), 0) "
        "FROM account_cards WHERE bucket = $3 AND customer_id = $4");
DB_STMT(account_card_hash, "SELECT pan_hash FROM account_cards WHERE bucket = $1 AND id = $2");
DB_STMT(account_card_former_usage,
        "SELECT COALESCE(CAST(SUM(u.day_minor) AS BIGINT), 0),"
        " COALESCE(CAST(SUM(u.day_count) AS BIGINT), 0)"
        " FROM account_cards c JOIN account_cards o ON o.bucket = c.bucket"
        " AND o.customer_id = c.customer_id AND o.pan_hash = c.pan_hash AND o.id <> c.id"
        " JOIN account_usages u ON u.bucket = o.bucket AND u.owner_id = o.id AND u.limit_kind = 4"
        " AND u.day_date >= $1 WHERE c.bucket = $2 AND c.id = $3");
DB_STMT(account_card_unbind, "UPDATE account_cards SET state = 2, unbound_at = $1 "
                             "WHERE bucket = $2 AND id = $3 AND state = 1");
DB_STMT(account_binding_insert,
        "INSERT INTO account_card_bindings (bucket, id, customer_id, state, issuer, "
        "issuer_name_en, issuer_name_zh, masked_pan, pan, pan_hash, kind, created_at, expires_at, "
        "tries_left, card_id, face_checked) "
        "VALUES ($1, $2, $3, 1, '', '', '', $4, $5, $6, $7, $8, $9, $10, 0, $11)");
DB_STMT(account_binding_load, "SELECT " BINDING_COLUMNS " FROM account_card_bindings "
                              "WHERE bucket = $1 AND id = $2");
DB_STMT(account_binding_lock,
        "SELECT " BINDING_COLUMNS ", pan, pan_hash FROM account_card_bindings "
        "WHERE bucket = $1 AND id = $2 FOR UPDATE");
DB_STMT(account_binding_update,
        "UPDATE account_card_bindings SET state = $1, issuer = $2, issuer_name_en = $3, "
        "issuer_name_zh = $4, masked_pan = $5, kind = $6, expires_at = $7, tries_left = $8, "
        "card_id = $9 WHERE bucket = $10 AND id = $11");

static void copy_text(char *out, size_t size, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    CHECK(length < size);
    memcpy(out, text ? text : "", length + 1);
}

static void read_issuer(const struct db_rows *rows, int column, struct card_issuer *out)
{
    copy_text(out->code, sizeof out->code, db_rows_text(rows, column));
    copy_text(out->name_en, sizeof out->name_en, db_rows_text(rows, column + 1));
    copy_text(out->name_zh, sizeof out->name_zh, db_rows_text(rows, column + 2));
}

static void read_card(const struct db_rows *rows, struct card *out)
{
    *out = (struct card){.id = {db_rows_int(rows, 0)},
                         .customer = {db_rows_int(rows, 1)},
                         .account_class = (enum account_class)db_rows_int(rows, 7),
                         .kind = (enum card_kind)db_rows_int(rows, 8),
                         .payment_max_minor = db_rows_int(rows, 9),
                         .day_max_minor = db_rows_int(rows, 10),
                         .state = (enum card_state)db_rows_int(rows, 11),
                         .bound_at = db_rows_int(rows, 12),
                         .unbound_at = db_rows_int(rows, 13)};
    read_issuer(rows, 2, &out->issuer);
    copy_text(out->masked_pan, sizeof out->masked_pan, db_rows_text(rows, 5));
    copy_text(out->agreement, sizeof out->agreement, db_rows_text(rows, 6));
}

enum err card_load(struct db_conn *conn, struct card_id id, struct card *out)
{
    struct db_rows rows =
        db_read(conn, &account_card_load, DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        read_card(&rows, out);
    }
    return db_rows_close(&rows);
}

enum err card_load_own(struct db_conn *conn, struct customer_id customer, struct card_id id,
                       struct card *out)
{
    struct card card;
    enum err err = card_load(conn, id, &card);
    if (err != ERR_OK) {
        return err;
    }
    if (card.customer.value != customer.value) {
        return ERR_NOT_FOUND;
    }
    *out = card;
    return ERR_OK;
}

enum err card_list(struct db_conn *conn, struct customer_id customer, struct card *out, size_t max,
                   size_t *out_count)
{
    struct db_rows rows = db_read(
        conn, &account_card_list,
        DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value), db_int((int64_t)max)));
    size_t count = 0;
    while (count < max && db_rows_next(&rows)) {
        read_card(&rows, &out[count++]);
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out_count = count;
    }
    return err;
}

enum err card_store(struct uow *uow, const struct vault *vault, const struct card *card,
                    const struct card_secret *secret)
{
    int bucket = id_bucket(card->id.value);
    uint8_t sealed[CARD_PAN_SIZE + VAULT_OVERHEAD];
    size_t size = strlen(secret->pan);
    vault_seal(vault, (struct vault_place){bucket, card->id.value, PAN_FIELD}, secret->pan, size,
               sealed);
    return db_defer(uow->conn, &account_card_insert,
                    DB_ARGS(db_int(bucket), db_int(card->id.value), db_int(card->customer.value),
                            db_text(card->issuer.code), db_text(card->issuer.name_en),
                            db_text(card->issuer.name_zh), db_text(card->masked_pan),
                            db_blob(sealed, size + VAULT_OVERHEAD),
                            db_blob(secret->pan_hash, sizeof secret->pan_hash),
                            db_text(card->agreement), db_int(card->account_class),
                            db_int(card->kind), db_int(card->payment_max_minor),
                            db_int(card->day_max_minor), db_int(card->bound_at)),
                    1);
}

enum err card_store_unbound(struct uow *uow, struct card_id id)
{
    int64_t changed = 0;
    enum err err = db_exec(
        uow->conn, &account_card_unbind,
        DB_ARGS(db_int(uow->now_us), db_int(id_bucket(id.value)), db_int(id.value)), &changed);
    return err == ERR_OK && changed == 0 ? ERR_NOT_FOUND : err;
}

static enum err read_hash(const struct db_rows *rows, int column, uint8_t out[VAULT_HASH_SIZE])
{
    size_t size = 0;
    const void *bytes = db_rows_blob(rows, column, &size);
    if (bytes == NULL || size != VAULT_HASH_SIZE) {
        return ERR_DB_CONSTRAINT;
    }
    memcpy(out, bytes, VAULT_HASH_SIZE);
    return ERR_OK;
}

enum err card_hash_load(struct db_conn *conn, struct card_id id, uint8_t out[VAULT_HASH_SIZE])
{
    struct db_rows rows =
        db_read(conn, &account_card_hash, DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        db_rows_fail(&rows, read_hash(&rows, 0, out));
    }
    return db_rows_close(&rows);
}

enum err card_usage_add_former(struct db_conn *conn, struct card_id id, struct date day,
                               struct limit_usage *usage)
{
    struct db_rows rows =
        db_read(conn, &account_card_former_usage,
                DB_ARGS(db_int(day.days), db_int(id_bucket(id.value)), db_int(id.value)));
    if (db_rows_next(&rows)) {
        usage->day_minor += db_rows_int(&rows, 0);
        usage->day_count += db_rows_int(&rows, 1);
    }
    return db_rows_close(&rows);
}

/* Is the card that holds this number in the directory another customer's? */
static enum err owner_load(struct uow *uow, struct customer_id customer, const uint8_t *pan_hash,
                           bool *out_elsewhere)
{
    struct directory_name name = {
        .kind = DIRECTORY_CARD, .hash = pan_hash, .hash_size = VAULT_HASH_SIZE};
    struct card_id owner = {0};
    enum err err = directory_find(uow->conn, &name, &owner.value);
    if (err != ERR_OK) {
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    struct card card;
    err = card_load(uow->conn, owner, &card);
    if (err == ERR_OK) {
        *out_elsewhere = card.customer.value != customer.value;
    }
    return err;
}

enum err card_facts_load(struct uow *uow, struct customer_id customer,
                         const uint8_t pan_hash[VAULT_HASH_SIZE], struct card_facts *out)
{
    struct card_facts facts = {0};
    struct db_rows rows =
        db_read(uow->conn, &account_card_count,
                DB_ARGS(db_blob(pan_hash, VAULT_HASH_SIZE), db_blob(pan_hash, VAULT_HASH_SIZE),
                        db_int(id_bucket(customer.value)), db_int(customer.value)));
    if (db_rows_next(&rows)) {
        facts.bound_count = (int32_t)db_rows_int(&rows, 0);
        facts.known = db_rows_int(&rows, 1) > 0;
        facts.bound_here = db_rows_int(&rows, 2) > 0;
    }
    enum err err = db_rows_close(&rows);
    if (err != ERR_OK) {
        return err;
    }
    struct account accounts[1];
    size_t account_count = 0;
    err = account_list(uow->conn, customer, accounts, 1, &account_count);
    facts.has_account = account_count > 0;
    if (err == ERR_OK) {
        err = owner_load(uow, customer, pan_hash, &facts.bound_elsewhere);
    }
    if (err == ERR_OK) {
        *out = facts;
    }
    return err;
}

/* --- bindings --------------------------------------------------------------------------------- */

static void read_binding(const struct db_rows *rows, struct card_binding *out)
{
    *out = (struct card_binding){.id = db_rows_int(rows, 0),
                                 .customer = {db_rows_int(rows, 1)},
                                 .state = (enum card_binding_state)db_rows_int(rows, 2),
                                 .kind = (enum card_kind)db_rows_int(rows, 7),
                                 .created_at = db_rows_int(rows, 8),
                                 .expires_at = db_rows_int(rows, 9),
                                 .tries_left = (int32_t)db_rows_int(rows, 10),
                                 .card = {db_rows_int(rows, 11)},
                                 .face_checked = db_rows_int(rows, 12) != 0};
    read_issuer(rows, 3, &out->issuer);
    copy_text(out->masked_pan, sizeof out->masked_pan, db_rows_text(rows, 6));
}

enum err card_binding_store(struct uow *uow, const struct vault *vault,
                            const struct card_binding *binding, const struct card_secret *secret)
{
    int bucket = id_bucket(binding->id);
    uint8_t sealed[CARD_PAN_SIZE + VAULT_OVERHEAD];
    size_t size = strlen(secret->pan);
    vault_seal(vault, (struct vault_place){bucket, binding->id, BINDING_FIELD}, secret->pan, size,
               sealed);
    return db_defer(uow->conn, &account_binding_insert,
                    DB_ARGS(db_int(bucket), db_int(binding->id), db_int(binding->customer.value),
                            db_text(binding->masked_pan), db_blob(sealed, size + VAULT_OVERHEAD),
                            db_blob(secret->pan_hash, sizeof secret->pan_hash),
                            db_int(binding->kind), db_int(binding->created_at),
                            db_int(binding->expires_at), db_int(binding->tries_left),
                            db_int(binding->face_checked)),
                    1);
}

enum err card_binding_load(struct db_conn *conn, struct customer_id customer, int64_t binding_id,
                           struct card_binding *out)
{
    struct db_rows rows = db_read(conn, &account_binding_load,
                                  DB_ARGS(db_int(id_bucket(binding_id)), db_int(binding_id)));
    struct card_binding binding;
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        read_binding(&rows, &binding);
        db_rows_fail(&rows, binding.customer.value == customer.value ? ERR_OK : ERR_NOT_FOUND);
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out = binding;
    }
    return err;
}

static enum err read_secret(const struct db_rows *rows, const struct vault *vault, int64_t id,
                            struct card_secret *out)
{
    size_t size = 0;
    const void *sealed = db_rows_blob(rows, 13, &size);
    enum err err = vault_unseal_text(vault, (struct vault_place){id_bucket(id), id, BINDING_FIELD},
                                     sealed, size, out->pan, sizeof out->pan);
    return err != ERR_OK ? err : read_hash(rows, 14, out->pan_hash);
}

enum err card_binding_lock(struct uow *uow, const struct vault *vault, struct customer_id customer,
                           int64_t binding_id, struct card_binding *out,
                           struct card_secret *out_secret)
{
    struct db_rows rows = db_read(uow->conn, &account_binding_lock,
                                  DB_ARGS(db_int(id_bucket(binding_id)), db_int(binding_id)));
    struct card_binding binding;
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        read_binding(&rows, &binding);
        db_rows_fail(&rows, binding.customer.value != customer.value ? ERR_NOT_FOUND
                            : out_secret ? read_secret(&rows, vault, binding.id, out_secret)
                                         : ERR_OK);
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out = binding;
    }
    return err;
}

enum err card_binding_update(struct uow *uow, const struct card_binding *binding)
{
    return db_defer(uow->conn, &account_binding_update,
                    DB_ARGS(db_int(binding->state), db_text(binding->issuer.code),
                            db_text(binding->issuer.name_en), db_text(binding->issuer.name_zh),
                            db_text(binding->masked_pan), db_int(binding->kind),
                            db_int(binding->expires_at), db_int(binding->tries_left),
                            db_int(binding->card.value), db_int(id_bucket(binding->id)),
                            db_int(binding->id)),
                    1);
}
