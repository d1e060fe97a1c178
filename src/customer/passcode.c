/* Pass codes: hashed and compared outside of transactions, counted inside. */
#include "base/check.h"
#include "customer/customer_private.h"
#include "customer/customer_rules.h"
#include "customer/message_rows.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define PASSCODE_KIND "passCode"

_Static_assert(PASSCODE_HASH_SIZE >= crypto_pwhash_STRBYTES, "room for libsodium's text");

DB_STMT(passcode_stmt_load, "SELECT hash, version FROM customer_passcodes"
                            " WHERE bucket = $1 AND customer_id = $2");
DB_STMT(passcode_stmt_version, "SELECT version, basis FROM customer_passcodes"
                               " WHERE bucket = $1 AND customer_id = $2");
DB_STMT(passcode_stmt_store,
        "INSERT INTO customer_passcodes (bucket, customer_id, hash, set_at, basis, version)"
        " VALUES ($1, $2, $3, $4, $5, 1) ON CONFLICT (bucket, customer_id) DO UPDATE"
        " SET hash = excluded.hash, set_at = excluded.set_at, basis = excluded.basis,"
        " version = customer_passcodes.version + 1");
DB_STMT(passcode_stmt_reset, "SELECT reset_until, basis FROM customer_sessions"
                             " WHERE bucket = $1 AND id = $2 AND ended_at = 0");
DB_STMT(passcode_stmt_known,
        "UPDATE customer_sessions SET reset_until = 0, passcode_version = $1, basis = basis | $2"
        " WHERE bucket = $3 AND id = $4");
DB_STMT(passcode_stmt_device, "SELECT failures, locked_until FROM customer_devices"
                              " WHERE bucket = $1 AND id = $2");
DB_STMT(passcode_stmt_device_store, "UPDATE customer_devices SET failures = $1, locked_until = $2"
                                    " WHERE bucket = $3 AND id = $4");
DB_STMT(passcode_stmt_session, "SELECT failures, locked_until FROM customer_sessions"
                               " WHERE bucket = $1 AND id = $2");
DB_STMT(passcode_stmt_session_store, "UPDATE customer_sessions SET failures = $1, locked_until = $2"
                                     " WHERE bucket = $3 AND id = $4");
/* Whether the session gave or set a pass code, and its device; 0: none that is known. */
DB_STMT(passcode_stmt_guesser,
        "SELECT s.passcode_version, COALESCE(d.id, 0) FROM customer_sessions s"
        " LEFT JOIN customer_devices d ON d.bucket = s.bucket AND d.customer_id = s.customer_id"
        " AND d.id = s.device_id AND d.removed_at = 0 AND d.trusted_at <> 9223372036854775807"
        " WHERE s.bucket = $1 AND s.id = $2");
DB_STMT(passcode_stmt_unlock, "UPDATE customer_devices SET failures = 0, locked_until = 0"
                              " WHERE bucket = $1 AND customer_id = $2");
/* Until the first pass code a device is known by a text code alone. */
DB_STMT(passcode_stmt_unvouch_others,
        "UPDATE customer_devices SET trusted_at = 9223372036854775807 WHERE bucket = $1"
        " AND customer_id = $2 AND id <> (SELECT s.device_id FROM customer_sessions s"
        " WHERE s.bucket = $1 AND s.id = $3)");
DB_STMT(passcode_stmt_raise, "UPDATE customer_customers SET version = version + 1"
                             " WHERE bucket = $1 AND id = $2");

/* --- Hashing -----------------------------------------------------------------------------------
 */

/* A million pass codes are soon tried, whatever each costs. So what Argon2id sees is the keyed hash
 * of customer and pass code: without the key file a stolen table cannot be searched at all. */
static void pepper(const struct customer_room *room, struct customer_id customer,
                   const char *passcode, uint8_t out[VAULT_HASH_SIZE])
{
    char text[ID_TEXT_SIZE + 64];
    snprintf(text, sizeof(text), "%" PRId64 ".%.32s", customer.value, passcode);
    vault_lookup_hash(room->vault, PASSCODE_KIND, text, out);
    vault_wipe(text, sizeof(text));
}

enum err passcode_hash(const struct customer_room *room, struct customer_id customer,
                       const char *passcode, char out[PASSCODE_HASH_SIZE])
{
    uint8_t bytes[VAULT_HASH_SIZE];
    pepper(room, customer, passcode, bytes);
    memset(out, 0, PASSCODE_HASH_SIZE);
    int failed =
        crypto_pwhash_str_alg(out, (const char *)bytes, sizeof(bytes), room->rules.passcode_passes,
                              room->rules.passcode_memory, crypto_pwhash_ALG_ARGON2ID13);
    vault_wipe(bytes, sizeof(bytes));
    return failed ? ERR_NO_MEMORY : ERR_OK;
}

static bool passcode_verify(const struct customer_room *room, struct customer_id customer,
                            const char *passcode, const char *hash)
{
    uint8_t bytes[VAULT_HASH_SIZE];
    pepper(room, customer, passcode, bytes);
    bool matches = crypto_pwhash_str_verify(hash, (const char *)bytes, sizeof(bytes)) == 0;
    vault_wipe(bytes, sizeof(bytes));
    return matches;
}

/* --- Proving, outside of transactions -----------------------------------------------------------
 */

static enum err load_hash(struct engine *engine, struct customer_id customer,
                          char out_hash[PASSCODE_HASH_SIZE], int64_t *out_version)
{
    struct db_conn *conn = NULL;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    struct db_rows rows =
        db_read(conn, &passcode_stmt_load,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        snprintf(out_hash, PASSCODE_HASH_SIZE, "%s", db_rows_text(&rows, 0));
        *out_version = db_rows_int(&rows, 1);
    }
    err = db_rows_close(&rows);
    engine_read_end(engine, conn);
    return err;
}

/* The same work if there is no hash, so that the time reveals nothing. */
enum err passcode_prove(struct customer_room *room, struct engine *engine, struct customer_id id,
                        const char *passcode, struct passcode_proof *out)
{
    char hash[PASSCODE_HASH_SIZE];
    *out = (struct passcode_proof){.customer = id};
    enum err err = ERR_NOT_FOUND;
    if (id.value != 0) {
        err = load_hash(engine, id, hash, &out->passcode_version);
    }
    if (err != ERR_OK && err != ERR_NOT_FOUND) {
        return err;
    }
    bool matches = passcode_verify(room, id, passcode, err == ERR_OK ? hash : room->dummy_hash);
    out->matches = err == ERR_OK && matches;
    vault_wipe(hash, sizeof(hash));
    return ERR_OK;
}

enum err sign_in_prove(struct customer_room *room, struct engine *engine,
                       const struct customer_phone *phone, const char *passcode,
                       struct passcode_proof *out)
{
    struct db_conn *conn = NULL;
    struct customer_id id = {0};
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = customer_by_phone(conn, phone, &id);
    engine_read_end(engine, conn);
    if (err != ERR_OK && err != ERR_NOT_FOUND) {
        return err;
    }
    return passcode_prove(room, engine, err == ERR_OK ? id : (struct customer_id){0}, passcode,
                          out);
}

/* --- Counting, inside the transaction -----------------------------------------------------------
 */

struct standing {
    int64_t version; /* 0: none is set */
    unsigned basis;  /* bits of enum factor */
};

static enum err load_two(struct db_conn *conn, struct db_stmt *stmt, int64_t id, int64_t *out_first,
                         unsigned *out_basis, bool *out_is_found)
{
    struct db_rows rows = db_read(conn, stmt, DB_ARGS(db_int(id_bucket(id)), db_int(id)));
    *out_is_found = db_rows_next(&rows);
    if (*out_is_found) {
        *out_first = db_rows_int(&rows, 0);
        *out_basis = (unsigned)db_rows_int(&rows, 1);
    }
    return db_rows_close(&rows);
}

static enum err load_standing(struct db_conn *conn, struct customer_id customer,
                              struct standing *out)
{
    bool is_found = false;
    *out = (struct standing){0};
    return load_two(conn, &passcode_stmt_version, customer.value, &out->version, &out->basis,
                    &is_found);
}

static enum err load_failures(struct db_conn *conn, struct db_stmt *stmt, int64_t bucket,
                              int64_t id, struct failures *out)
{
    struct db_rows rows = db_read(conn, stmt, DB_ARGS(db_int(bucket), db_int(id)));
    if (db_rows_next(&rows)) {
        *out = (struct failures){(int)db_rows_int(&rows, 0), db_rows_int(&rows, 1)};
    }
    return db_rows_close(&rows);
}

/* The failure counter of the device, session or group that tries. */
static enum err load_counter(struct uow *uow, const struct passcode_try *by,
                             const struct phone_row *row, struct failures *out)
{
    *out = by->by == TRY_HOLDER ? row->holder : row->strangers;
    return by->by == TRY_DEVICE
               ? load_failures(uow->conn, &passcode_stmt_device, id_bucket(by->id), by->id, out)
           : by->by == TRY_SESSION
               ? load_failures(uow->conn, &passcode_stmt_session, id_bucket(by->id), by->id, out)
               : ERR_OK;
}

static enum err store_counter(struct uow *uow, const struct passcode_try *by,
                              const uint8_t phone_hash[VAULT_HASH_SIZE], struct phone_row *row,
                              const struct failures *failures)
{
    struct db_value args[] = {db_int(failures->count), db_int(failures->locked_until),
                              db_int(id_bucket(by->id)), db_int(by->id)};
    if (by->by == TRY_DEVICE || by->by == TRY_SESSION) {
        return db_defer(uow->conn,
                        by->by == TRY_DEVICE ? &passcode_stmt_device_store
                                             : &passcode_stmt_session_store,
                        args, 4, 1);
    }
    *(by->by == TRY_HOLDER ? &row->holder : &row->strangers) = *failures;
    return phone_row_store(uow, bucket_of_hash(phone_hash, VAULT_HASH_SIZE), phone_hash, row);
}

enum err passcode_try_of_session(struct uow *uow, struct session_id session,
                                 const uint8_t phone_hash[VAULT_HASH_SIZE],
                                 struct passcode_try *out)
{
    int64_t version = 0, device = 0;
    struct db_rows rows = db_read(uow->conn, &passcode_stmt_guesser,
                                  DB_ARGS(db_int(id_bucket(session.value)), db_int(session.value)));
    bool is_found = db_rows_next(&rows);
    if (is_found) {
        version = db_rows_int(&rows, 0);
        device = db_rows_int(&rows, 1);
    }
    bool is_holders = sodium_is_zero(phone_hash, VAULT_HASH_SIZE) == 0 && device == 0;
    *out = is_holders ? (struct passcode_try){TRY_HOLDER, 0, ERR_PASSCODE_WRONG}
           : version == 0 && device != 0
               ? (struct passcode_try){TRY_DEVICE, device, ERR_PASSCODE_WRONG}
               : (struct passcode_try){TRY_SESSION, session.value, ERR_PASSCODE_WRONG};
    enum err err = db_rows_close(&rows);
    return err != ERR_OK ? err : is_found ? ERR_OK : ERR_NOT_SIGNED_IN;
}

enum err passcode_count(struct customer_room *room, struct uow *uow,
                        const uint8_t phone_hash[VAULT_HASH_SIZE], const struct passcode_try *by,
                        const struct passcode_proof *proof, struct verdict *out_verdict)
{
    struct phone_row row;
    struct standing standing = {0};
    struct failures failures;
    /* The number's own bucket, which is not the customer's once the number was changed. */
    enum err err =
        phone_row_lock(uow, bucket_of_hash(phone_hash, VAULT_HASH_SIZE), phone_hash, &row);
    if (err == ERR_OK && proof->customer.value != 0) {
        err = load_standing(uow->conn, proof->customer, &standing);
    }
    if (err == ERR_OK) {
        err = load_counter(uow, by, &row, &failures);
    }
    if (err != ERR_OK) {
        return err;
    }
    /* A pass code set since the comparison makes the proof worthless, right or wrong. */
    bool is_right =
        proof->matches && standing.version != 0 && proof->passcode_version == standing.version;
    *out_verdict = customer_failures_decide(&failures, is_right, room->rules.failures_max,
                                            room->rules.lock_us, by->wrong, uow->now_us);
    err = store_counter(uow, by, phone_hash, &row, &failures);
    if (err == ERR_OK && !is_right && standing.version != 0) {
        err = security_event_count(uow, proof->customer, EVENT_SIGN_IN_FAILED);
    }
    return err;
}

/* --- Setting ------------------------------------------------------------------------------------
 */

static enum err load_context(struct customer_room *room, struct engine *engine,
                             struct customer_id id, struct customer *out_customer,
                             char out_phone[PHONE_TEXT_SIZE], char out_id_number[ID_NUMBER_SIZE])
{
    struct db_conn *conn = NULL;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = customer_load(room, conn, id, out_customer);
    if (err == ERR_OK) {
        err = customer_reveal_phone(room, conn, id, out_phone);
    }
    if (err == ERR_OK && out_customer->has_identity) {
        err = customer_reveal_id_number(room, conn, id, out_id_number);
    }
    engine_read_end(engine, conn);
    return err;
}

enum err passcode_prepare(struct customer_room *room, struct engine *engine,
                          const struct principal *who, const char *passcode,
                          const char *old_passcode, struct passcode_change *out)
{
    struct customer customer;
    char phone[PHONE_TEXT_SIZE] = "";
    char id_number[ID_NUMBER_SIZE] = "";
    memset(out, 0, sizeof(*out));
    out->customer = who->customer;
    out->session = who->session;
    enum err err = load_context(room, engine, who->customer, &customer, phone, id_number);
    if (err == ERR_OK) {
        err = passcode_decide(passcode, &(struct passcode_context){
                                            .phone = phone,
                                            .id_number = customer.has_identity ? id_number : NULL,
                                            .has_birth_date = customer.has_identity,
                                            .birth_date = customer.birth_date});
    }
    vault_wipe(phone, sizeof(phone));
    vault_wipe(id_number, sizeof(id_number));
    if (err == ERR_OK && old_passcode) {
        out->old_given = true;
        err = passcode_prove(room, engine, who->customer, old_passcode, &out->old);
    }
    return err == ERR_OK ? passcode_hash(room, who->customer, passcode, out->new_hash) : err;
}

/* Whether this session may replace the present pass code, and what the new one then rests on: on the
 * old one if that was given, else on what this session of a reset code showed. Counts a wrong old
 * one. */
static enum err may_replace(struct customer_room *room, struct uow *uow,
                            const struct passcode_change *change, struct standing *standing,
                            struct verdict *out)
{
    int64_t reset_until = 0;
    unsigned shown = 0;
    bool is_found = false;
    enum err err = load_two(uow->conn, &passcode_stmt_reset, change->session.value, &reset_until,
                            &shown, &is_found);
    if (err != ERR_OK || !is_found) {
        return err != ERR_OK ? err : ERR_NOT_SIGNED_IN;
    }
    if (!change->old_given) {
        standing->basis = shown & ~(unsigned)FACTOR_PASSCODE;
        out->refusal = reset_until > uow->now_us ? ERR_OK : ERR_PASSCODE_WRONG;
        return ERR_OK; /* nothing was guessed: nothing is counted */
    }
    struct passcode_try by;
    uint8_t phone_hash[VAULT_HASH_SIZE];
    standing->basis |= shown & (FACTOR_FACE | FACTOR_PASSKEY);
    err = customer_phone_hash(uow->conn, change->customer, phone_hash);
    if (err == ERR_OK) {
        err = passcode_try_of_session(uow, change->session, phone_hash, &by);
    }
    return err != ERR_OK ? err : passcode_count(room, uow, phone_hash, &by, &change->old, out);
}

/* Takes the number's locks and the devices' off. A lost number has none: its row is nobody's. */
static enum err count_anew(struct uow *uow, struct customer_id customer)
{
    struct phone_row row;
    uint8_t hash[VAULT_HASH_SIZE];
    enum err err = customer_phone_hash(uow->conn, customer, hash);
    if (err == ERR_OK) {
        err = phone_row_lock(uow, bucket_of_hash(hash, VAULT_HASH_SIZE), hash, &row);
    }
    if (err == ERR_OK) {
        row.strangers = row.holder = (struct failures){0};
        err = phone_row_store(uow, bucket_of_hash(hash, VAULT_HASH_SIZE), hash, &row);
    }
    return err != ERR_OK
               ? err
               : db_defer(uow->conn, &passcode_stmt_unlock,
                          DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)), -1);
}

static enum err store(struct uow *uow, const struct passcode_change *change,
                      const struct standing *standing)
{
    int bucket = id_bucket(change->customer.value);
    unsigned known = factors_vouch(standing->basis) ? FACTOR_PASSCODE : 0;
    enum err err =
        db_defer(uow->conn, &passcode_stmt_store,
                 DB_ARGS(db_int(bucket), db_int(change->customer.value), db_text(change->new_hash),
                         db_int(uow->now_us), db_int(standing->basis)),
                 1);
    if (err == ERR_OK) { /* what was counted was tries at the old one */
        err = count_anew(uow, change->customer);
    }
    return err != ERR_OK ? err
                         : db_defer(uow->conn, &passcode_stmt_known,
                                    DB_ARGS(db_int(standing->version + 1), db_int(known),
                                            db_int(bucket), db_int(change->session.value)),
                                    1);
}

enum err passcode_set(struct customer_room *room, struct uow *uow,
                      const struct passcode_change *change, struct verdict *out_verdict)
{
    int bucket = id_bucket(change->customer.value);
    struct standing standing;
    *out_verdict = (struct verdict){.refusal = ERR_OK, .tries_left = -1};
    /* Raises the customer's row first: two settings at once queue here. */
    enum err err = db_exec(uow->conn, &passcode_stmt_raise,
                           DB_ARGS(db_int(bucket), db_int(change->customer.value)), NULL);
    if (err == ERR_OK) {
        err = load_standing(uow->conn, change->customer, &standing);
    }
    bool is_first = err == ERR_OK && standing.version == 0;
    if (is_first) {
        standing.basis = FACTOR_PASSCODE; /* nothing stood before that it could be made from */
    } else if (err == ERR_OK) {
        err = may_replace(room, uow, change, &standing, out_verdict);
    }
    if (err != ERR_OK || out_verdict->refusal != ERR_OK) {
        return err;
    }
    err = store(uow, change, &standing);
    if (err == ERR_OK) {
        err = session_revoke_others(uow, change->customer, change->session);
    }
    if (err == ERR_OK && is_first) {
        err = db_defer(
            uow->conn, &passcode_stmt_unvouch_others,
            DB_ARGS(db_int(bucket), db_int(change->customer.value), db_int(change->session.value)),
            -1);
    }
    if (err == ERR_OK && !is_first) {
        err = message_add(uow, change->customer, &MESSAGE_PASSCODE_CHANGED,
                          &(struct message_params){0}, 0);
    }
    return err != ERR_OK
               ? err
               : security_event_add(uow, change->customer,
                                    is_first ? EVENT_PASSCODE_SET : EVENT_PASSCODE_CHANGED, NULL);
}
