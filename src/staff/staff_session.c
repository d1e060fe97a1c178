/* Staff sign in with password and time code; their sessions. */
#include "base/check.h"
#include "staff/staff_private.h"
#include "staff/staff_rules.h"

#include <endian.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define TOKEN_KIND   "staffToken"
#define BROWSER_KIND "staffBrowser"
#define TOKEN_BYTES  40 /* id in big endian, then 32 random bytes */
#define BROWSERS_MAX 10 /* of a user; the one that was not seen for longest makes room */

DB_STMT(staff_session_stmt_password, "SELECT id, password_hash, password_version FROM staff_users"
                                     " WHERE bucket = 0 AND login = $1 AND state = 1"
                                     " AND password_hash <> ''");
DB_STMT(staff_session_stmt_lock,
        "UPDATE staff_users SET version = version + 1 WHERE bucket = 0 AND id = $1 AND state = 1"
        " AND password_hash <> '' RETURNING password_version, totp_sealed, totp_step, failures, "
        "locked_until");
DB_STMT(staff_session_stmt_count,
        "UPDATE staff_users SET failures = $1, locked_until = $2, totp_step = $3"
        " WHERE bucket = 0 AND id = $4");
DB_STMT(staff_session_stmt_step,
        "UPDATE staff_users SET totp_step = $1 WHERE bucket = 0 AND id = $2");
DB_STMT(staff_browser_stmt_load,
        "SELECT failures, locked_until FROM staff_browsers WHERE bucket = 0 AND id = $1"
        " AND staff_id = $2 AND token_hash = $3 AND last_seen_at > $4");
DB_STMT(staff_browser_stmt_count, "UPDATE staff_browsers SET failures = $1, locked_until = $2"
                                  " WHERE bucket = 0 AND id = $3");
DB_STMT(staff_browser_stmt_seen,
        "UPDATE staff_browsers SET failures = 0, locked_until = 0, last_seen_at = $1"
        " WHERE bucket = 0 AND id = $2");
DB_STMT(staff_browser_stmt_insert,
        "INSERT INTO staff_browsers (bucket, id, staff_id, token_hash, failures, locked_until,"
        " created_at, last_seen_at) VALUES (0, $1, $2, $3, 0, 0, $4, $5)");
DB_STMT(staff_browser_stmt_prune,
        "DELETE FROM staff_browsers WHERE bucket = 0 AND staff_id = $1 AND id NOT IN (SELECT id"
        " FROM staff_browsers WHERE bucket = 0 AND staff_id = $1"
        " ORDER BY last_seen_at DESC, id DESC LIMIT $2)");
DB_STMT(staff_session_stmt_failures,
        "SELECT failures FROM staff_sessions WHERE bucket = 0 AND id = $1 AND ended_at = 0");
DB_STMT(staff_session_stmt_fail, "UPDATE staff_sessions SET failures = $1, ended_at = $2"
                                 " WHERE bucket = 0 AND id = $3");
DB_STMT(staff_session_stmt_insert,
        "INSERT INTO staff_sessions (bucket, id, staff_id, token_hash, created_at, last_seen_at,"
        " ended_at, failures) VALUES (0, $1, $2, $3, $4, $5, 0, 0)");
DB_STMT(staff_session_stmt_check,
        "SELECT s.staff_id, s.token_hash, s.created_at, s.last_seen_at FROM staff_sessions s"
        " WHERE s.bucket = 0 AND s.id = $1 AND s.ended_at = 0");
DB_STMT(staff_session_stmt_touch, "UPDATE staff_sessions SET last_seen_at = $1 WHERE bucket = 0"
                                  " AND id = $2 AND last_seen_at <= $3");
DB_STMT(staff_session_stmt_end, "UPDATE staff_sessions SET ended_at = $1 WHERE bucket = 0"
                                " AND id = $2 AND staff_id = $3 AND ended_at = 0");

/* --- Tokens --------------------------------------------------------------------------------------
 */

void staff_token_make(const struct staff_room *room, const char *kind, int64_t id,
                      char out[STAFF_TOKEN_SIZE], uint8_t out_hash[VAULT_HASH_SIZE])
{
    uint8_t token[TOKEN_BYTES];
    uint64_t big_endian = htobe64((uint64_t)id);
    memcpy(token, &big_endian, sizeof(big_endian));
    vault_random(room->vault, token + sizeof(big_endian), sizeof(token) - sizeof(big_endian));
    vault_hash_bytes(room->vault, kind, token, sizeof(token), out_hash);
    vault_base64(token, sizeof(token), out);
    vault_wipe(token, sizeof(token));
}

bool staff_token_read(const struct staff_room *room, const char *kind, const char *token,
                      int64_t *out_id, uint8_t out_hash[VAULT_HASH_SIZE])
{
    uint8_t bytes[TOKEN_BYTES];
    uint64_t big_endian;
    if (token == NULL || !vault_from_base64(token, bytes, sizeof(bytes))) {
        return false;
    }
    memcpy(&big_endian, bytes, sizeof(big_endian));
    *out_id = (int64_t)be64toh(big_endian);
    vault_hash_bytes(room->vault, kind, bytes, sizeof(bytes), out_hash);
    vault_wipe(bytes, sizeof(bytes));
    return *out_id > 0;
}

/* --- Signing in ----------------------------------------------------------------------------------
 */

enum err staff_sign_in_prove(const struct staff_room *room, struct engine *engine,
                             const char *login, const char *password, struct staff_proof *out)
{
    struct db_conn *conn = NULL;
    char hash[STAFF_HASH_SIZE];
    memset(out, 0, sizeof(*out));
    memcpy(hash, room->dummy_hash, sizeof(hash));
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    struct db_rows rows = db_read(conn, &staff_session_stmt_password, DB_ARGS(db_text(login)));
    if (db_rows_next(&rows)) {
        out->staff.value = db_rows_int(&rows, 0);
        snprintf(hash, sizeof(hash), "%s", db_rows_text(&rows, 1));
        out->version = db_rows_int(&rows, 2);
    }
    err = db_rows_close(&rows);
    engine_read_end(engine, conn);
    if (err != ERR_OK) {
        return err;
    }
    bool matches = crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
    out->password_matches = matches && out->staff.value != 0;
    return ERR_OK;
}

struct locked_user {
    int64_t password_version;
    uint8_t totp[STAFF_TOTP_BYTES];
    int64_t totp_step;
    struct staff_failures failures;
};

/* ERR_NOT_FOUND: disabled meanwhile. */
static enum err lock_user(const struct staff_room *room, struct uow *uow, struct staff_id id,
                          struct locked_user *out)
{
    struct db_rows rows = db_read(uow->conn, &staff_session_stmt_lock, DB_ARGS(db_int(id.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        size_t size = 0, secret_size = 0;
        const void *sealed = db_rows_blob(&rows, 1, &size);
        out->password_version = db_rows_int(&rows, 0);
        out->totp_step = db_rows_int(&rows, 2);
        out->failures.count = (int)db_rows_int(&rows, 3);
        out->failures.locked_until = db_rows_int(&rows, 4);
        db_rows_fail(&rows, vault_unseal(room->vault, staff_totp_place(id), sealed, size, out->totp,
                                         sizeof(out->totp), &secret_size));
    }
    return db_rows_close(&rows);
}

static enum err open_session(const struct staff_room *room, struct uow *uow, struct staff_id id,
                             struct staff_session_opened *out)
{
    uint8_t hash[VAULT_HASH_SIZE];
    char object[AUDIT_OBJECT_SIZE];
    out->session.value = uow_id(uow, STAFF_BUCKET);
    staff_token_make(room, TOKEN_KIND, out->session.value, out->token, hash);
    enum err err =
        db_defer(uow->conn, &staff_session_stmt_insert,
                 DB_ARGS(db_int(out->session.value), db_int(id.value), db_blob(hash, sizeof(hash)),
                         db_int(uow->now_us), db_int(uow->now_us)),
                 1);
    snprintf(object, sizeof(object), "session:%" PRId64, out->session.value);
    if (err == ERR_OK) {
        err = audit_append(uow, id, "staff.signIn", object, "");
    }
    return err == ERR_OK ? staff_load(uow->conn, id, &out->staff) : err;
}

/* --- Browsers ------------------------------------------------------------------------------------
 */

struct browser {
    int64_t id; /* 0: a stranger */
    struct staff_failures failures;
};

static enum err load_browser(const struct staff_room *room, struct uow *uow, struct staff_id staff,
                             const char *token, struct browser *out)
{
    uint8_t hash[VAULT_HASH_SIZE];
    int64_t id = 0;
    *out = (struct browser){.id = 0};
    if (!staff_token_read(room, BROWSER_KIND, token, &id, hash)) {
        return ERR_OK;
    }
    struct db_rows rows =
        db_read(uow->conn, &staff_browser_stmt_load,
                DB_ARGS(db_int(id), db_int(staff.value), db_blob(hash, sizeof(hash)),
                        db_int(uow->now_us - room->rules.browser_life_us)));
    if (db_rows_next(&rows)) {
        out->id = id;
        out->failures = (struct staff_failures){.count = (int)db_rows_int(&rows, 0),
                                                .locked_until = db_rows_int(&rows, 1)};
    }
    return db_rows_close(&rows);
}

/* Counts on the browser, or on what strangers share. */
static enum err store_failures(struct uow *uow, struct staff_id staff,
                               const struct browser *browser, const struct staff_failures *failures,
                               int64_t totp_step)
{
    if (browser->id == 0) {
        return db_defer(uow->conn, &staff_session_stmt_count,
                        DB_ARGS(db_int(failures->count), db_int(failures->locked_until),
                                db_int(totp_step), db_int(staff.value)),
                        1);
    }
    enum err err = db_defer(
        uow->conn, &staff_browser_stmt_count,
        DB_ARGS(db_int(failures->count), db_int(failures->locked_until), db_int(browser->id)), 1);
    return err ? err
               : db_defer(uow->conn, &staff_session_stmt_step,
                          DB_ARGS(db_int(totp_step), db_int(staff.value)), 1);
}

/* A browser that signed in is known from now on. */
static enum err remember_browser(const struct staff_room *room, struct uow *uow,
                                 struct staff_id staff, const struct browser *browser,
                                 char out[STAFF_TOKEN_SIZE])
{
    uint8_t hash[VAULT_HASH_SIZE];
    if (browser->id != 0) {
        return db_defer(uow->conn, &staff_browser_stmt_seen,
                        DB_ARGS(db_int(uow->now_us), db_int(browser->id)), 1);
    }
    int64_t id = uow_id(uow, STAFF_BUCKET);
    staff_token_make(room, BROWSER_KIND, id, out, hash);
    enum err err = db_exec(uow->conn, &staff_browser_stmt_insert,
                           DB_ARGS(db_int(id), db_int(staff.value), db_blob(hash, sizeof(hash)),
                                   db_int(uow->now_us), db_int(uow->now_us)),
                           NULL);
    return err ? err
               : db_defer(uow->conn, &staff_browser_stmt_prune,
                          DB_ARGS(db_int(staff.value), db_int(BROWSERS_MAX)), -1);
}

/* What a try deserves. Only who knows the password learns that the login exists and is locked, or that
 * time codes cannot be judged. */
static enum err judge(const struct staff_room *room, const struct staff_proof *proof,
                      const struct locked_user *user, const char *totp, int64_t now_us,
                      struct staff_failures *failures, int64_t *out_step, struct staff_verdict *out)
{
    bool knows_password = proof->password_matches && proof->version == user->password_version;
    bool is_late = staff_clock_is_behind(user->totp_step, now_us);
    *out_step = staff_totp_step(user->totp, totp, now_us, user->totp_step);
    if (knows_password && is_late && failures->locked_until <= now_us && *out_step < 0) {
        *out = (struct staff_verdict){.refusal = ERR_TOTP_CLOCK};
        return ERR_TOTP_CLOCK; /* nobody's failure: not counted */
    }
    enum err refusal =
        staff_failures_decide(failures, knows_password && *out_step >= 0, &room->rules, now_us);
    *out = (struct staff_verdict){.refusal = ERR_SIGN_IN_FAILED};
    if (refusal != ERR_SIGN_IN_LOCKED || knows_password) {
        out->refusal = refusal;
        out->retry_at = refusal == ERR_SIGN_IN_LOCKED ? failures->locked_until : 0;
    }
    return refusal;
}

enum err staff_sign_in(const struct staff_room *room, struct uow *uow,
                       const struct staff_proof *proof, const char *totp, const char *browser_token,
                       struct staff_session_opened *out)
{
    memset(out, 0, sizeof(*out));
    out->verdict = (struct staff_verdict){.refusal = ERR_SIGN_IN_FAILED};
    if (proof->staff.value == 0) {
        return ERR_OK;
    }
    struct locked_user user;
    struct browser browser;
    enum err err = lock_user(room, uow, proof->staff, &user);
    if (err != ERR_OK) {
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    err = load_browser(room, uow, proof->staff, browser_token, &browser);
    if (err != ERR_OK) {
        return err;
    }
    struct staff_failures failures = browser.id != 0 ? browser.failures : user.failures;
    bool was_locked = failures.locked_until > uow->now_us;
    int64_t step = -1;
    enum err refusal =
        judge(room, proof, &user, totp, uow->now_us, &failures, &step, &out->verdict);
    vault_wipe(user.totp, sizeof(user.totp));
    if (refusal == ERR_TOTP_CLOCK) {
        return audit_append(uow, proof->staff, "staff.signInFailed", "", "clock");
    }
    /* A code is used up by the sign-in that it opened: a wrong password does not burn it. */
    err = store_failures(uow, proof->staff, &browser, &failures,
                         refusal == ERR_OK ? step : user.totp_step);
    if (err == ERR_OK && refusal == ERR_OK) {
        err = remember_browser(room, uow, proof->staff, &browser, out->browser);
        return err ? err : open_session(room, uow, proof->staff, out);
    }
    return err || was_locked ? err /* said once, when it was locked */
                             : audit_append(uow, proof->staff, "staff.signInFailed", "",
                                            refusal == ERR_SIGN_IN_LOCKED ? "locked" : "");
}

static enum err load_session_failures(struct uow *uow, struct session_id session,
                                      struct staff_failures *out)
{
    int64_t count = 0;
    enum err err = db_one_number(uow->conn, &staff_session_stmt_failures,
                                 DB_ARGS(db_int(session.value)), &count);
    *out = (struct staff_failures){.count = (int)count};
    return err == ERR_NOT_FOUND ? ERR_NOT_SIGNED_IN : err;
}

/* Stores what was counted; `refusal` ERR_SIGN_IN_LOCKED ends the session. */
static enum err store_session_failures(struct uow *uow, const struct staff_own *own,
                                       const struct staff_failures *failures, enum err refusal,
                                       struct staff_verdict *out)
{
    bool is_over = refusal == ERR_SIGN_IN_LOCKED;
    enum err err = db_defer(uow->conn, &staff_session_stmt_fail,
                            DB_ARGS(db_int(failures->count), db_int(is_over ? uow->now_us : 0),
                                    db_int(own->session.value)),
                            1);
    out->refusal = is_over ? ERR_NOT_SIGNED_IN : out->refusal;
    out->retry_at = 0;
    return err || refusal == ERR_OK ? err
                                    : audit_append(uow, own->staff, "staff.proofFailed", "",
                                                   is_over ? "session ended" : "");
}

enum err staff_own_failed(const struct staff_room *room, struct uow *uow,
                          const struct staff_own *own, struct staff_verdict *out)
{
    struct staff_failures failures;
    enum err err = load_session_failures(uow, own->session, &failures);
    return err ? err
               : store_session_failures(
                     uow, own, &failures,
                     staff_failures_decide(&failures, false, &room->rules, uow->now_us), out);
}

/* Failures count on the session: whoever has it, and nobody else, is put out by them. */
enum err staff_own_check(const struct staff_room *room, struct uow *uow,
                         const struct staff_own *own, struct staff_verdict *out)
{
    struct locked_user user;
    struct staff_failures failures;
    int64_t step = -1;
    *out = (struct staff_verdict){.refusal = ERR_SIGN_IN_FAILED};
    enum err err = lock_user(room, uow, own->staff, &user);
    err = err ? err : load_session_failures(uow, own->session, &failures);
    if (err != ERR_OK) {
        return err == ERR_NOT_FOUND ? ERR_NOT_SIGNED_IN : err;
    }
    enum err refusal =
        judge(room, &own->proof, &user, own->totp, uow->now_us, &failures, &step, out);
    vault_wipe(user.totp, sizeof(user.totp));
    if (refusal == ERR_OK) {
        err = db_defer(uow->conn, &staff_session_stmt_step,
                       DB_ARGS(db_int(step), db_int(own->staff.value)), 1);
    }
    if (err != ERR_OK || refusal == ERR_TOTP_CLOCK) {
        return err;
    }
    return store_session_failures(uow, own, &failures, refusal, out);
}

/* --- Sessions ------------------------------------------------------------------------------------
 */

static enum err load_principal(const struct staff_room *room, struct db_conn *conn, int64_t id,
                               const uint8_t hash[VAULT_HASH_SIZE], int64_t now_us,
                               struct staff_principal *out)
{
    struct db_rows rows = db_read(conn, &staff_session_stmt_check, DB_ARGS(db_int(id)));
    struct staff_id staff = {0};
    bool is_live = false;
    if (db_rows_next(&rows)) {
        size_t size = 0;
        const void *stored = db_rows_blob(&rows, 1, &size);
        int64_t created_at = db_rows_int(&rows, 2), last_seen_at = db_rows_int(&rows, 3);
        staff.value = db_rows_int(&rows, 0);
        is_live = size == VAULT_HASH_SIZE && vault_equal(stored, hash, VAULT_HASH_SIZE) &&
                  last_seen_at + room->rules.session_idle_us > now_us &&
                  created_at + room->rules.session_absolute_us > now_us;
        out->touch_due = last_seen_at + room->rules.session_touch_us <= now_us;
    }
    enum err err = db_rows_close(&rows);
    if (err != ERR_OK || !is_live) {
        return err != ERR_OK ? err : ERR_NOT_SIGNED_IN;
    }
    out->session.value = id;
    err = staff_load(conn, staff, &out->staff);
    out->permissions = staff_permissions_of(out->staff.roles);
    return err != ERR_OK ? err : out->staff.state == STAFF_ACTIVE ? ERR_OK : ERR_NOT_SIGNED_IN;
}

enum err staff_session_check(const struct staff_room *room, struct engine *engine,
                             const char *token, int64_t now_us, struct staff_principal *out)
{
    uint8_t hash[VAULT_HASH_SIZE];
    int64_t id = 0;
    struct db_conn *conn = NULL;
    struct staff_principal principal = {0};
    if (!staff_token_read(room, TOKEN_KIND, token, &id, hash)) {
        return ERR_NOT_SIGNED_IN;
    }
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = load_principal(room, conn, id, hash, now_us, &principal);
    engine_read_end(engine, conn);
    if (err == ERR_OK) {
        *out = principal;
    }
    return err;
}

enum err staff_session_touch(const struct staff_room *room, struct uow *uow, struct session_id id)
{
    return db_defer(uow->conn, &staff_session_stmt_touch,
                    DB_ARGS(db_int(uow->now_us), db_int(id.value),
                            db_int(uow->now_us - room->rules.session_touch_us)),
                    -1);
}

enum err staff_session_end(struct uow *uow, struct staff_id staff, struct session_id id)
{
    int64_t changed = 0;
    char object[AUDIT_OBJECT_SIZE];
    enum err err =
        db_exec(uow->conn, &staff_session_stmt_end,
                DB_ARGS(db_int(uow->now_us), db_int(id.value), db_int(staff.value)), &changed);
    if (err != ERR_OK || changed == 0) {
        return err; /* ended already: nothing to say twice */
    }
    snprintf(object, sizeof(object), "session:%" PRId64, id.value);
    return audit_append(uow, staff, "staff.signOut", object, "");
}
