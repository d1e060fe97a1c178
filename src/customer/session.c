/* Sessions: opened, checked by token, stepped up, listed, ended. */
#include "base/check.h"
#include "customer/customer_private.h"
#include "customer/customer_rules.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

#define TOKEN_KIND  "token"
#define TOKEN_BYTES 40 /* session id in big endian, then 32 random bytes */

DB_STMT(session_stmt_insert,
        "INSERT INTO customer_sessions (bucket, id, customer_id, token_hash, device_name,"
        " created_at, last_seen_at, proven_at, step_up_until, reset_until, ended_at, device_id,"
        " basis, passcode_version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $6, 0, $8, 0, $9, $10, $11)");
DB_STMT(session_stmt_oldest,
        "SELECT id FROM customer_sessions WHERE bucket = $1 AND customer_id = $2 AND ended_at = 0"
        " ORDER BY id DESC LIMIT 1 OFFSET $3");
DB_STMT(session_stmt_end_to,
        "UPDATE customer_sessions SET ended_at = $1 WHERE bucket = $2 AND customer_id = $3"
        " AND id <= $4 AND ended_at = 0");
DB_STMT(
    session_stmt_check,
    "SELECT s.customer_id, s.token_hash, s.created_at, s.last_seen_at, s.step_up_until,"
    " s.reset_until, c.state, c.language, s.face_until, s.passkey_until, s.totp_until, s.device_id,"
    " d.trusted_at, s.basis, p.basis, s.proven_at FROM customer_sessions s"
    " JOIN customer_customers c ON c.bucket = s.bucket AND c.id = s.customer_id"
    " LEFT JOIN customer_devices d ON d.bucket = s.bucket AND d.customer_id = s.customer_id"
    " AND d.id = s.device_id"
    " LEFT JOIN customer_passcodes p ON p.bucket = s.bucket AND p.customer_id = s.customer_id"
    " WHERE s.bucket = $1 AND s.id = $2 AND s.ended_at = 0");
DB_STMT(session_stmt_touch, "UPDATE customer_sessions SET last_seen_at = $1"
                            " WHERE bucket = $2 AND id = $3 AND last_seen_at <= $4");
DB_STMT(session_stmt_owner, "SELECT customer_id FROM customer_sessions"
                            " WHERE bucket = $1 AND id = $2 AND ended_at = 0");
DB_STMT(session_stmt_step_up,
        "UPDATE customer_sessions SET step_up_until = $1, passcode_version = $2, proven_at = $3,"
        " last_seen_at = $3 WHERE bucket = $4 AND id = $5 AND ended_at = 0");
DB_STMT(session_stmt_proven, "UPDATE customer_sessions SET proven_at = $1, last_seen_at = $1"
                             " WHERE bucket = $2 AND id = $3");
DB_STMT(session_stmt_basis, "UPDATE customer_sessions SET basis = basis | $1"
                            " WHERE bucket = $2 AND id = $3");
/* Only for the pass code that this session gave or set: another session may have set one since. */
DB_STMT(session_stmt_vouch_passcode,
        "UPDATE customer_passcodes SET basis = basis | $1 WHERE bucket = $2"
        " AND customer_id = (SELECT s.customer_id FROM customer_sessions s"
        " WHERE s.bucket = $2 AND s.id = $3)"
        " AND version = (SELECT s.passcode_version FROM customer_sessions s"
        " WHERE s.bucket = $2 AND s.id = $3)");
DB_STMT(session_stmt_vouch_device,
        "UPDATE customer_devices SET trusted_at = $1 WHERE bucket = $2"
        " AND customer_id = (SELECT s.customer_id FROM customer_sessions s"
        " WHERE s.bucket = $2 AND s.id = $3)"
        " AND id = (SELECT s.device_id FROM customer_sessions s WHERE s.bucket = $2 AND s.id = $3)"
        " AND trusted_at = 9223372036854775807");
DB_STMT(session_stmt_knows, "SELECT s.basis, p.basis FROM customer_sessions s"
                            " JOIN customer_passcodes p ON p.bucket = s.bucket"
                            " AND p.customer_id = s.customer_id WHERE s.bucket = $1 AND s.id = $2");
DB_STMT(session_stmt_face, "UPDATE customer_sessions SET face_until = $1"
                           " WHERE bucket = $2 AND id = $3 AND ended_at = 0");
DB_STMT(session_stmt_face_forget, "UPDATE customer_sessions SET face_until = 0"
                                  " WHERE bucket = $1 AND customer_id = $2 AND face_until > 0");
DB_STMT(session_stmt_passkey, "UPDATE customer_sessions SET passkey_until = $1"
                              " WHERE bucket = $2 AND id = $3 AND ended_at = 0");
DB_STMT(session_stmt_totp, "UPDATE customer_sessions SET totp_until = $1"
                           " WHERE bucket = $2 AND id = $3 AND ended_at = 0");
DB_STMT(session_stmt_end, "UPDATE customer_sessions SET ended_at = $1 WHERE bucket = $2"
                          " AND id = $3 AND customer_id = $4 AND ended_at = 0");
DB_STMT(session_stmt_end_others,
        "UPDATE customer_sessions SET ended_at = $1 WHERE bucket = $2 AND customer_id = $3"
        " AND id <> $4 AND ended_at = 0");
DB_STMT(session_stmt_list,
        "SELECT id, device_name, created_at, last_seen_at, step_up_until, device_id"
        " FROM customer_sessions"
        " WHERE bucket = $1 AND customer_id = $2 AND ended_at = 0 ORDER BY id DESC");

/* --- Opening -----------------------------------------------------------------------------------
 */

static enum err end_oldest(struct uow *uow, struct customer_id customer)
{
    int64_t oldest = 0;
    enum err err = db_one_number(uow->conn, &session_stmt_oldest,
                                 DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value),
                                         db_int(SESSIONS_MAX - 1)),
                                 &oldest);
    if (err != ERR_OK) {
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    return db_defer(uow->conn, &session_stmt_end_to,
                    DB_ARGS(db_int(uow->now_us), db_int(id_bucket(customer.value)),
                            db_int(customer.value), db_int(oldest)),
                    -1);
}

enum err session_open(struct customer_room *room, struct uow *uow, struct customer_id customer,
                      const struct session_start *start, struct session_opened *out)
{
    int bucket = id_bucket(customer.value);
    enum err err = end_oldest(uow, customer);
    if (err != ERR_OK) {
        return err;
    }
    int64_t id = uow_id(uow, bucket);
    uint8_t token[TOKEN_BYTES];
    uint8_t hash[VAULT_HASH_SIZE];
    uint64_t big_endian = htobe64((uint64_t)id);
    char device[DEVICE_NAME_SIZE];
    memcpy(token, &big_endian, sizeof(big_endian));
    vault_random(room->vault, token + sizeof(big_endian), sizeof(token) - sizeof(big_endian));
    vault_hash_bytes(room->vault, TOKEN_KIND, token, sizeof(token), hash);
    name_clean_device(start->device_name ? start->device_name : "", device);
    err = db_defer(
        uow->conn, &session_stmt_insert,
        DB_ARGS(db_int(bucket), db_int(id), db_int(customer.value), db_blob(hash, sizeof(hash)),
                db_text(device), db_int(uow->now_us), db_int(uow->now_us),
                db_int(start->may_reset ? uow->now_us + room->rules.step_up_us : 0),
                db_int(out->device.value), db_int(start->basis), db_int(start->passcode_version)),
        1);
    out->customer = customer;
    out->session.value = id;
    vault_base64(token, sizeof(token), out->token);
    vault_wipe(token, sizeof(token));
    return err;
}

/* --- Checking ----------------------------------------------------------------------------------
 */

static enum err read_facts(const struct customer_room *room, struct db_conn *conn, int64_t id,
                           struct session_facts *out)
{
    struct db_rows rows =
        db_read(conn, &session_stmt_check, DB_ARGS(db_int(id_bucket(id)), db_int(id)));
    if (db_rows_one(&rows, ERR_NOT_SIGNED_IN)) {
        size_t size = 0;
        const void *hash = db_rows_blob(&rows, 1, &size);
        CHECK(size == VAULT_HASH_SIZE);
        memset(out, 0, sizeof(*out));
        memcpy(out->token_hash, hash, VAULT_HASH_SIZE);
        out->session_id = id;
        out->customer_id = db_rows_int(&rows, 0);
        out->last_seen_at = db_rows_int(&rows, 3);
        out->ends_at =
            customer_session_ends_at(db_rows_int(&rows, 2), out->last_seen_at, &room->rules);
        out->rests_at =
            customer_session_rests_at(db_rows_int(&rows, 15), out->last_seen_at, &room->rules);
        out->step_up_until = db_rows_int(&rows, 4);
        out->reset_until = db_rows_int(&rows, 5);
        out->state = (uint8_t)db_rows_int(&rows, 6);
        out->language = (uint8_t)db_rows_int(&rows, 7);
        out->face_until = db_rows_int(&rows, 8);
        out->passkey_until = db_rows_int(&rows, 9);
        out->totp_until = db_rows_int(&rows, 10);
        out->device_id = db_rows_int(&rows, 11);
        out->device_trusted_at = db_rows_is_null(&rows, 12) ? 0 : db_rows_int(&rows, 12);
        out->basis = (uint8_t)db_rows_int(&rows, 13);
        out->has_passcode = !db_rows_is_null(&rows, 14);
        out->passcode_basis = out->has_passcode ? (uint8_t)db_rows_int(&rows, 14) : 0;
    }
    return db_rows_close(&rows);
}

static enum err load_facts(struct customer_room *room, struct engine *engine, int64_t id,
                           struct session_facts *out)
{
    struct db_conn *conn = NULL;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = read_facts(room, conn, id, out);
    engine_read_end(engine, conn);
    return err;
}

static struct principal principal_of(const struct session_facts *facts, int64_t now_us)
{
    /* Who has no pass code yet has nothing to show: only the end of the session ends it. */
    bool is_resting = facts->has_passcode && facts->rests_at <= now_us;
    return (struct principal){.customer = {facts->customer_id},
                              .session = {facts->session_id},
                              .state = (enum customer_state)facts->state,
                              .language = (enum lang)facts->language,
                              .step_up_until = facts->step_up_until,
                              .face_until = facts->face_until,
                              .passkey_until = facts->passkey_until,
                              .totp_until = facts->totp_until,
                              .device = {facts->device_id},
                              .device_trusted_at = facts->device_trusted_at,
                              .may_reset_passcode = facts->reset_until > now_us,
                              .has_passcode = facts->has_passcode,
                              .basis = facts->basis,
                              .passcode_basis = facts->passcode_basis,
                              .is_limited = is_resting ||
                                            (facts->has_passcode && !factors_vouch(facts->basis)),
                              .is_resting = is_resting};
}

enum err session_check(struct customer_room *room, struct engine *engine, const char *token,
                       int64_t now_us, struct principal *out)
{
    uint8_t bytes[TOKEN_BYTES];
    uint8_t hash[VAULT_HASH_SIZE];
    uint64_t big_endian;
    if (!vault_from_base64(token, bytes, sizeof(bytes))) {
        return ERR_NOT_SIGNED_IN;
    }
    memcpy(&big_endian, bytes, sizeof(big_endian));
    int64_t id = (int64_t)be64toh(big_endian);
    if (id <= 0) {
        return ERR_NOT_SIGNED_IN;
    }
    vault_hash_bytes(room->vault, TOKEN_KIND, bytes, sizeof(bytes), hash);
    struct session_facts facts;
    uint64_t ticket = 0;
    bool touch_due = false;
    if (!session_cache_find(room->cache, id, now_us, &facts, &touch_due, &ticket)) {
        enum err err = load_facts(room, engine, id, &facts);
        if (err != ERR_OK) {
            return err;
        }
        touch_due = facts.last_seen_at + room->rules.session_touch_us <= now_us;
        /* Only who has the token may fill the cache. */
        if (vault_equal(facts.token_hash, hash, sizeof(hash))) {
            session_cache_store(room->cache, &facts, now_us, ticket);
        }
    }
    if (!vault_equal(facts.token_hash, hash, sizeof(hash)) || facts.ends_at <= now_us ||
        facts.state == CUSTOMER_CLOSED) {
        return ERR_NOT_SIGNED_IN;
    }
    *out = principal_of(&facts, now_us);
    out->touch_due = touch_due && !out->is_resting; /* knocking wakes nobody */
    return ERR_OK;
}

enum err session_judge(const struct customer_room *room, struct uow *uow, struct principal *who)
{
    struct session_facts facts;
    enum err err = read_facts(room, uow->conn, who->session.value, &facts);
    if (err != ERR_OK) {
        return err;
    }
    if (facts.ends_at <= uow->now_us || facts.state == CUSTOMER_CLOSED) {
        return ERR_NOT_SIGNED_IN;
    }
    bool touch_due = who->touch_due;
    *who = principal_of(&facts, uow->now_us);
    who->touch_due = touch_due;
    return ERR_OK;
}

void session_forget(struct customer_room *room, struct session_id id)
{
    session_cache_forget(room->cache, id.value);
}

void session_forget_customer(struct customer_room *room, struct customer_id id)
{
    session_cache_forget_customer(room->cache, id.value);
}

/* --- Changes -----------------------------------------------------------------------------------
 */

enum err session_touch(struct customer_room *room, struct uow *uow, struct session_id id)
{
    return db_defer(uow->conn, &session_stmt_touch,
                    DB_ARGS(db_int(uow->now_us), db_int(id_bucket(id.value)), db_int(id.value),
                            db_int(uow->now_us - room->rules.session_touch_us)),
                    -1);
}

static enum err add_basis(struct uow *uow, struct session_id session, unsigned basis)
{
    return db_defer(uow->conn, &session_stmt_basis,
                    DB_ARGS(db_int(basis), db_int(id_bucket(session.value)), db_int(session.value)),
                    1);
}

static enum err vouch_device(struct uow *uow, struct session_id session)
{
    return db_defer(uow->conn, &session_stmt_vouch_device,
                    DB_ARGS(db_int(uow->now_us + CUSTOMER_RULES.device_trust_us),
                            db_int(id_bucket(session.value)), db_int(session.value)),
                    -1);
}

/* commit: the session showed `factor`. It vouches for the pass code given in this session, and for the
 * session's device, from now on. */
static enum err session_vouch(struct uow *uow, struct session_id session, enum factor factor)
{
    enum err err = add_basis(uow, session, factor);
    if (err == ERR_OK && factors_vouch(factor)) {
        err = db_defer(
            uow->conn, &session_stmt_vouch_passcode,
            DB_ARGS(db_int(factor), db_int(id_bucket(session.value)), db_int(session.value)), -1);
    }
    if (err == ERR_OK && factors_vouch(factor)) {
        err = db_defer(
            uow->conn, &session_stmt_proven,
            DB_ARGS(db_int(uow->now_us), db_int(id_bucket(session.value)), db_int(session.value)),
            1);
    }
    return err == ERR_OK && factors_vouch(factor) ? vouch_device(uow, session) : err;
}

/* The session gave the pass code: each vouches for the other. */
static enum err vouch_mutually(struct uow *uow, struct session_id session)
{
    unsigned shown = 0, passcode = 0;
    struct db_rows rows = db_read(uow->conn, &session_stmt_knows,
                                  DB_ARGS(db_int(id_bucket(session.value)), db_int(session.value)));
    if (db_rows_next(&rows)) {
        shown = (unsigned)db_rows_int(&rows, 0) & (FACTOR_FACE | FACTOR_PASSKEY);
        passcode = (unsigned)db_rows_int(&rows, 1);
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK && shown & FACTOR_FACE) {
        err = session_vouch(uow, session, FACTOR_FACE);
    }
    if (err == ERR_OK && shown & FACTOR_PASSKEY) {
        err = session_vouch(uow, session, FACTOR_PASSKEY);
    }
    if (err == ERR_OK && factors_vouch(passcode)) {
        err = add_basis(uow, session, FACTOR_PASSCODE);
        err = err == ERR_OK ? vouch_device(uow, session) : err;
    }
    return err;
}

enum err session_step_up(struct customer_room *room, struct uow *uow, struct session_id session,
                         const struct passcode_proof *proof, struct verdict *out_verdict,
                         int64_t *out_until)
{
    int bucket = id_bucket(session.value);
    int64_t owner = 0;
    struct passcode_try by;
    uint8_t phone_hash[VAULT_HASH_SIZE];
    enum err err = db_one_number(uow->conn, &session_stmt_owner,
                                 DB_ARGS(db_int(bucket), db_int(session.value)), &owner);
    if (err != ERR_OK) {
        return err == ERR_NOT_FOUND ? ERR_NOT_SIGNED_IN : err;
    }
    CHECK(proof->customer.value == owner);
    err = customer_phone_hash(uow->conn, proof->customer, phone_hash);
    if (err == ERR_OK) {
        err = passcode_try_of_session(uow, session, phone_hash, &by);
    }
    if (err == ERR_OK) {
        err = passcode_count(room, uow, phone_hash, &by, proof, out_verdict);
    }
    if (err != ERR_OK || out_verdict->refusal != ERR_OK) {
        return err;
    }
    *out_until = uow->now_us + room->rules.step_up_us;
    err = db_defer(uow->conn, &session_stmt_step_up,
                   DB_ARGS(db_int(*out_until), db_int(proof->passcode_version), db_int(uow->now_us),
                           db_int(bucket), db_int(session.value)),
                   1);
    return err == ERR_OK ? vouch_mutually(uow, session) : err;
}

enum err session_face_confirm(struct uow *uow, struct session_id session, int64_t until_us)
{
    int64_t changed = 0;
    enum err err =
        db_exec(uow->conn, &session_stmt_face,
                DB_ARGS(db_int(until_us), db_int(id_bucket(session.value)), db_int(session.value)),
                &changed);
    if (err != ERR_OK || changed != 1) {
        return err != ERR_OK ? err : ERR_NOT_FOUND;
    }
    return session_vouch(uow, session, FACTOR_FACE);
}

enum err session_face_forget(struct uow *uow, struct customer_id customer)
{
    return db_defer(uow->conn, &session_stmt_face_forget,
                    DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)), -1);
}

enum err session_prove(struct uow *uow, struct session_id session, enum session_proof proof,
                       int64_t until_us)
{
    int64_t changed = 0;
    enum err err =
        db_exec(uow->conn, proof == PROOF_PASSKEY ? &session_stmt_passkey : &session_stmt_totp,
                DB_ARGS(db_int(until_us), db_int(id_bucket(session.value)), db_int(session.value)),
                &changed);
    if (err != ERR_OK || changed != 1) {
        return err != ERR_OK ? err : ERR_NOT_SIGNED_IN;
    }
    return session_vouch(uow, session, proof == PROOF_PASSKEY ? FACTOR_PASSKEY : FACTOR_TOTP);
}

enum err session_revoke(struct uow *uow, struct customer_id customer, struct session_id id)
{
    if (id_bucket(customer.value) != id_bucket(id.value)) {
        return ERR_NOT_FOUND;
    }
    int64_t changed = 0;
    enum err err = db_exec(uow->conn, &session_stmt_end,
                           DB_ARGS(db_int(uow->now_us), db_int(id_bucket(id.value)),
                                   db_int(id.value), db_int(customer.value)),
                           &changed);
    return err != ERR_OK ? err : changed == 1 ? ERR_OK : ERR_NOT_FOUND;
}

enum err session_revoke_others(struct uow *uow, struct customer_id customer, struct session_id keep)
{
    return db_defer(uow->conn, &session_stmt_end_others,
                    DB_ARGS(db_int(uow->now_us), db_int(id_bucket(customer.value)),
                            db_int(customer.value), db_int(keep.value)),
                    -1);
}

enum err session_each(const struct customer_room *room, struct db_conn *conn,
                      struct customer_id customer, int64_t now_us, session_visit *visit,
                      void *context)
{
    struct db_rows rows =
        db_read(conn, &session_stmt_list,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)));
    while (db_rows_next(&rows)) {
        struct session session = {.id = {db_rows_int(&rows, 0)},
                                  .created_at = db_rows_int(&rows, 2),
                                  .last_seen_at = db_rows_int(&rows, 3),
                                  .step_up_until = db_rows_int(&rows, 4),
                                  .device = {db_rows_int(&rows, 5)}};
        snprintf(session.device_name, sizeof(session.device_name), "%s", db_rows_text(&rows, 1));
        if (session.step_up_until <= now_us) {
            session.step_up_until = 0;
        }
        if (customer_session_ends_at(session.created_at, session.last_seen_at, &room->rules) >
                now_us &&
            !visit(&session, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}
