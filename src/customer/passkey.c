/* Passkeys: challenges used once, keys kept, assertions that prove a session strongly. */
#include "base/check.h"
#include "customer/customer_private.h"
#include "customer/customer_rules.h"
#include "customer/message_rows.h"
#include "customer/webauthn.h"
#include "db/directory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define USER_HANDLE_KIND "userHandle"
#define CREDENTIAL_KIND  "credentialId"

DB_STMT(passkey_stmt_challenge,
        "INSERT INTO customer_challenges (bucket, session_id, purpose, challenge, expires_at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (bucket, session_id, purpose) DO UPDATE"
        " SET challenge = excluded.challenge, expires_at = excluded.expires_at");
DB_STMT(passkey_stmt_use, "DELETE FROM customer_challenges WHERE bucket = $1 AND session_id = $2"
                          " AND purpose = $3 RETURNING challenge, expires_at");
/* Two keys at once queue here, so that both see the count. */
DB_STMT(passkey_stmt_lock,
        "UPDATE customer_customers SET version = version WHERE bucket = $1 AND id = $2");
DB_STMT(passkey_stmt_count, "SELECT COUNT(*) FROM customer_passkeys"
                            " WHERE bucket = $1 AND customer_id = $2");
DB_STMT(passkey_stmt_add,
        "INSERT INTO customer_passkeys (bucket, customer_id, id, credential_id, public_key,"
        " algorithm, sign_count, name, created_at, last_used_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)"
        " ON CONFLICT (bucket, customer_id, credential_id) DO NOTHING");
DB_STMT(passkey_stmt_list,
        "SELECT id, name, credential_id, created_at, last_used_at FROM customer_passkeys"
        " WHERE bucket = $1 AND customer_id = $2 ORDER BY id DESC");
/* Takes the row's lock: counters are judged one after another. */
DB_STMT(passkey_stmt_find, "UPDATE customer_passkeys SET sign_count = sign_count WHERE bucket = $1"
                           " AND customer_id = $2 AND credential_id = $3"
                           " RETURNING id, name, public_key, algorithm, sign_count");
DB_STMT(passkey_stmt_used, "UPDATE customer_passkeys SET sign_count = $1, last_used_at = $2"
                           " WHERE bucket = $3 AND customer_id = $4 AND id = $5");
DB_STMT(passkey_stmt_remove, "DELETE FROM customer_passkeys WHERE bucket = $1"
                             " AND customer_id = $2 AND id = $3 RETURNING name, credential_id");
DB_STMT(passkey_stmt_remove_all, "DELETE FROM customer_passkeys WHERE bucket = $1"
                                 " AND customer_id = $2 RETURNING credential_id");

void passkey_user_handle(const struct customer_room *room, struct customer_id customer,
                         uint8_t out[PASSKEY_USER_HANDLE_SIZE])
{
    char text[ID_TEXT_SIZE];
    id_format(customer.value, text);
    vault_lookup_hash(room->vault, USER_HANDLE_KIND, text, out);
}

enum err passkey_each(struct db_conn *conn, struct customer_id customer, passkey_visit *visit,
                      void *context)
{
    struct db_rows rows =
        db_read(conn, &passkey_stmt_list,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)));
    while (db_rows_next(&rows)) {
        struct passkey passkey = {.id = db_rows_int(&rows, 0),
                                  .created_at = db_rows_int(&rows, 3),
                                  .last_used_at = db_rows_int(&rows, 4)};
        const void *id = db_rows_blob(&rows, 2, &passkey.credential_id_size);
        CHECK(passkey.credential_id_size <= sizeof(passkey.credential_id));
        memcpy(passkey.credential_id, id, passkey.credential_id_size);
        snprintf(passkey.name, sizeof(passkey.name), "%s", db_rows_text(&rows, 1));
        if (!visit(&passkey, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

/* --- Challenges --------------------------------------------------------------------------------
 */

enum err passkey_challenge(struct customer_room *room, struct uow *uow, struct session_id session,
                           enum passkey_purpose purpose, uint8_t out[PASSKEY_CHALLENGE_SIZE])
{
    vault_random(room->vault, out, PASSKEY_CHALLENGE_SIZE);
    return db_defer(uow->conn, &passkey_stmt_challenge,
                    DB_ARGS(db_int(id_bucket(session.value)), db_int(session.value),
                            db_int(purpose), db_blob(out, PASSKEY_CHALLENGE_SIZE),
                            db_int(uow->now_us + PASSKEY_CHALLENGE_LIFE_US)),
                    1);
}

/* The session's challenge, gone from the database. *out_refusal ERR_PASSKEY_EXPIRED: none. */
static enum err use_challenge(struct uow *uow, struct session_id session,
                              enum passkey_purpose purpose, uint8_t out[PASSKEY_CHALLENGE_SIZE],
                              enum err *out_refusal)
{
    struct db_rows rows =
        db_read(uow->conn, &passkey_stmt_use,
                DB_ARGS(db_int(id_bucket(session.value)), db_int(session.value), db_int(purpose)));
    *out_refusal = ERR_PASSKEY_EXPIRED;
    if (db_rows_next(&rows)) {
        size_t size = 0;
        const void *challenge = db_rows_blob(&rows, 0, &size);
        CHECK(size == PASSKEY_CHALLENGE_SIZE);
        memcpy(out, challenge, size);
        *out_refusal = db_rows_int(&rows, 1) > uow->now_us ? ERR_OK : ERR_PASSKEY_EXPIRED;
    }
    return db_rows_close(&rows);
}

/* --- One key, one customer ----------------------------------------------------------------------
 */

static void hash_credential(const struct customer_room *room, const void *id, size_t size,
                            uint8_t out[VAULT_HASH_SIZE])
{
    vault_hash_bytes(room->vault, CREDENTIAL_KIND, id, size, out);
}

/* WebAuthn level 3, 7.1 step 26: a credential id that is registered, whoever's, is registered for nobody
 * else. It is claimed in the whole bank, as phone numbers are. ERR_PASSKEY_EXISTS. */
static enum err claim_credential(const struct customer_room *room, struct uow *uow,
                                 struct customer_id customer, const struct webauthn_key *key)
{
    uint8_t hash[VAULT_HASH_SIZE];
    int64_t owner = 0;
    hash_credential(room, key->credential_id, key->credential_id_size, hash);
    enum err err =
        directory_claim(uow->conn, &(struct directory_name){DIRECTORY_PASSKEY, hash, sizeof(hash)},
                        customer.value, &owner);
    return err == ERR_EXISTS ? ERR_PASSKEY_EXISTS : err;
}

static enum err release_credential(struct uow *uow, struct customer_id customer,
                                   const uint8_t hash[VAULT_HASH_SIZE])
{
    return directory_release(uow->conn,
                             &(struct directory_name){DIRECTORY_PASSKEY, hash, VAULT_HASH_SIZE},
                             customer.value);
}

/* --- A new one ---------------------------------------------------------------------------------
 */

static enum err store_key(const struct customer_room *room, struct uow *uow,
                          const struct passkey_creation *creation, const struct webauthn_key *key,
                          struct passkey *out)
{
    int bucket = id_bucket(creation->customer.value);
    int64_t changed = 0, count = 0;
    enum err err = db_exec(uow->conn, &passkey_stmt_lock,
                           DB_ARGS(db_int(bucket), db_int(creation->customer.value)), NULL);
    err = err ? err
              : db_one_number(uow->conn, &passkey_stmt_count,
                              DB_ARGS(db_int(bucket), db_int(creation->customer.value)), &count);
    if (err != ERR_OK || count >= PASSKEYS_MAX) {
        return err != ERR_OK ? err : ERR_PASSKEY_COUNT;
    }
    err = claim_credential(room, uow, creation->customer, key);
    if (err != ERR_OK) {
        return err;
    }
    *out = (struct passkey){.id = uow_id(uow, bucket), .created_at = uow->now_us};
    name_clean_device(creation->name, out->name);
    memcpy(out->credential_id, key->credential_id, key->credential_id_size);
    out->credential_id_size = key->credential_id_size;
    err = db_exec(uow->conn, &passkey_stmt_add,
                  DB_ARGS(db_int(bucket), db_int(creation->customer.value), db_int(out->id),
                          db_blob(key->credential_id, key->credential_id_size),
                          db_blob(key->public_key, key->public_key_size), db_int(key->algorithm),
                          db_int(key->sign_count), db_text(out->name), db_int(uow->now_us)),
                  &changed);
    return err == ERR_OK && changed != 1 ? ERR_PASSKEY_EXISTS : err;
}

static enum err tell(struct uow *uow, struct customer_id customer, enum security_event event,
                     const struct message_row *kind, const char *name)
{
    enum err err = security_event_add(uow, customer, event, name);
    return err == ERR_OK
               ? message_add(uow, customer, kind, &(struct message_params){.device = name}, 0)
               : err;
}

enum err passkey_add(struct customer_room *room, struct uow *uow,
                     const struct passkey_creation *creation, struct verdict *out_verdict,
                     struct passkey *out)
{
    uint8_t challenge[PASSKEY_CHALLENGE_SIZE];
    struct webauthn_key key;
    *out_verdict = (struct verdict){.refusal = ERR_OK, .tries_left = -1};
    enum err err =
        use_challenge(uow, creation->session, PASSKEY_CREATE, challenge, &out_verdict->refusal);
    if (err != ERR_OK || out_verdict->refusal != ERR_OK) {
        return err;
    }
    out_verdict->refusal =
        webauthn_register(&(struct webauthn_wanted){challenge, creation->party},
                          creation->attestation_object, creation->client_data, &key);
    bool is_other =
        out_verdict->refusal == ERR_OK &&
        (creation->credential_id.size != key.credential_id_size ||
         memcmp(creation->credential_id.bytes, key.credential_id, key.credential_id_size) != 0);
    if (is_other) {
        out_verdict->refusal = ERR_PASSKEY_INVALID;
    }
    if (out_verdict->refusal != ERR_OK) {
        return ERR_OK;
    }
    err = store_key(room, uow, creation, &key, out);
    return err == ERR_OK ? tell(uow, creation->customer, EVENT_PASSKEY_ADDED,
                                &MESSAGE_PASSKEY_ADDED, out->name)
                         : err;
}

/* --- Assertions --------------------------------------------------------------------------------
 */

struct stored_key {
    int64_t id; /* 0: the customer has none of this name */
    char name[PASSKEY_NAME_SIZE];
    struct webauthn_key key;
};

static enum err find_key(struct uow *uow, const struct passkey_assertion *assertion,
                         struct stored_key *out)
{
    memset(out, 0, sizeof(*out));
    struct db_rows rows = db_read(
        uow->conn, &passkey_stmt_find,
        DB_ARGS(db_int(id_bucket(assertion->customer.value)), db_int(assertion->customer.value),
                db_blob(assertion->credential_id.bytes, assertion->credential_id.size)));
    if (db_rows_next(&rows)) {
        const void *key = db_rows_blob(&rows, 2, &out->key.public_key_size);
        CHECK(out->key.public_key_size <= sizeof(out->key.public_key));
        memcpy(out->key.public_key, key, out->key.public_key_size);
        out->id = db_rows_int(&rows, 0);
        out->key.algorithm = (int)db_rows_int(&rows, 3);
        out->key.sign_count = (uint32_t)db_rows_int(&rows, 4);
        snprintf(out->name, sizeof(out->name), "%s", db_rows_text(&rows, 1));
    }
    return db_rows_close(&rows);
}

/* A handle that is given names this customer. */
static bool is_handle_right(const struct customer_room *room,
                            const struct passkey_assertion *assertion)
{
    uint8_t handle[PASSKEY_USER_HANDLE_SIZE];
    passkey_user_handle(room, assertion->customer, handle);
    return assertion->user_handle.size == 0 ||
           (assertion->user_handle.size == sizeof(handle) &&
            vault_equal(assertion->user_handle.bytes, handle, sizeof(handle)));
}

/* WebAuthn 7.2, step 22: a counter that does not rise is a sign of a copied key. */
static bool is_clone(uint32_t stored, uint32_t given)
{
    return (stored != 0 || given != 0) && given <= stored;
}

enum err passkey_assert(struct customer_room *room, struct uow *uow,
                        const struct passkey_assertion *assertion, struct verdict *out_verdict,
                        int64_t *out_until)
{
    uint8_t challenge[PASSKEY_CHALLENGE_SIZE];
    struct stored_key stored;
    uint32_t sign_count = 0;
    *out_verdict = (struct verdict){.refusal = ERR_OK, .tries_left = -1};
    enum err err =
        use_challenge(uow, assertion->session, PASSKEY_GET, challenge, &out_verdict->refusal);
    if (err != ERR_OK || out_verdict->refusal != ERR_OK) {
        return err;
    }
    err = find_key(uow, assertion, &stored);
    if (err != ERR_OK) {
        return err;
    }
    out_verdict->refusal =
        stored.id == 0 || !is_handle_right(room, assertion)
            ? ERR_PASSKEY_INVALID
            : webauthn_assert(&(struct webauthn_wanted){challenge, assertion->party}, &stored.key,
                              assertion->authenticator_data, assertion->client_data,
                              assertion->signature, &sign_count);
    if (out_verdict->refusal != ERR_OK) {
        return ERR_OK;
    }
    if (is_clone(stored.key.sign_count, sign_count)) {
        out_verdict->refusal = ERR_PASSKEY_CLONED;
        return tell(uow, assertion->customer, EVENT_PASSKEY_CLONED, &MESSAGE_PASSKEY_CLONED,
                    stored.name);
    }
    err = db_defer(uow->conn, &passkey_stmt_used,
                   DB_ARGS(db_int(sign_count), db_int(uow->now_us),
                           db_int(id_bucket(assertion->customer.value)),
                           db_int(assertion->customer.value), db_int(stored.id)),
                   1);
    *out_until = uow->now_us + room->rules.step_up_us;
    return err == ERR_OK ? session_prove(uow, assertion->session, PROOF_PASSKEY, *out_until) : err;
}

enum err passkey_remove(const struct customer_room *room, struct uow *uow,
                        struct customer_id customer, int64_t id)
{
    uint8_t hash[VAULT_HASH_SIZE];
    char name[PASSKEY_NAME_SIZE] = "";
    struct db_rows rows =
        db_read(uow->conn, &passkey_stmt_remove,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value), db_int(id)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        size_t size = 0;
        const void *credential = db_rows_blob(&rows, 1, &size);
        hash_credential(room, credential, size, hash);
        snprintf(name, sizeof(name), "%s", db_rows_text(&rows, 0));
    }
    enum err err = db_rows_close(&rows);
    if (err != ERR_OK) {
        return err;
    }
    err = release_credential(uow, customer, hash);
    return err != ERR_OK
               ? err
               : tell(uow, customer, EVENT_PASSKEY_REMOVED, &MESSAGE_PASSKEY_REMOVED, name);
}

enum err passkey_remove_all(const struct customer_room *room, struct uow *uow,
                            struct customer_id customer)
{
    uint8_t hashes[PASSKEYS_MAX][VAULT_HASH_SIZE];
    size_t count = 0;
    struct db_rows rows =
        db_read(uow->conn, &passkey_stmt_remove_all,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)));
    while (db_rows_next(&rows)) {
        size_t size = 0;
        const void *credential = db_rows_blob(&rows, 0, &size);
        CHECK(count < PASSKEYS_MAX);
        hash_credential(room, credential, size, hashes[count++]);
    }
    enum err err = db_rows_close(&rows);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = release_credential(uow, customer, hashes[i]);
    }
    return err;
}
