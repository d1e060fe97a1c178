/* Invitations, enrolment, one's own credentials, resets. */
#include "staff/credential.h"

#include "base/check.h"
#include "staff/staff_private.h"
#include "staff/staff_rules.h"

#include <endian.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define LINK_KIND   "staffInvitation"
#define CODE_KIND   "staffInvitationCode"
#define CODE_DIGITS 8

DB_STMT(credential_stmt_invitation_of,
        "SELECT id, link_by, expires_at, tries FROM staff_invitations"
        " WHERE bucket = 0 AND staff_id = $1");
DB_STMT(credential_stmt_invite,
        "INSERT INTO staff_invitations (bucket, staff_id, id, link_hash, link_by, code_hash,"
        " code_by, totp_sealed, tries, created_at, expires_at)"
        " VALUES (0, $1, $2, $3, $4, $5, $6, $7, 0, $8, $9)"
        " ON CONFLICT (bucket, staff_id) DO UPDATE SET id = excluded.id,"
        " link_hash = excluded.link_hash, link_by = excluded.link_by,"
        " code_hash = excluded.code_hash, code_by = excluded.code_by,"
        " totp_sealed = excluded.totp_sealed, tries = 0, created_at = excluded.created_at,"
        " expires_at = excluded.expires_at");
DB_STMT(credential_stmt_code, "UPDATE staff_invitations SET code_hash = $1, code_by = $2, tries = 0"
                              " WHERE bucket = 0 AND staff_id = $3");
/* Two redeemers of one invitation follow each other. */
DB_STMT(credential_stmt_lock,
        "UPDATE staff_invitations SET tries = tries WHERE bucket = 0 AND id = $1"
        " RETURNING staff_id, link_hash, code_hash, totp_sealed, tries, expires_at");
DB_STMT(credential_stmt_tries, "UPDATE staff_invitations SET tries = $1"
                               " WHERE bucket = 0 AND staff_id = $2");
DB_STMT(credential_stmt_begun, "UPDATE staff_invitations SET totp_sealed = $1"
                               " WHERE bucket = 0 AND staff_id = $2");
DB_STMT(credential_stmt_end, "DELETE FROM staff_invitations WHERE bucket = 0 AND staff_id = $1");
DB_STMT(credential_stmt_set,
        "UPDATE staff_users SET password_hash = $1, totp_sealed = $2, totp_next = $3,"
        " totp_step = $4, password_version = password_version + 1, failures = 0,"
        " locked_until = 0, version = version + 1 WHERE bucket = 0 AND id = $5");
DB_STMT(credential_stmt_password,
        "UPDATE staff_users SET password_hash = $1, password_version = password_version + 1,"
        " version = version + 1 WHERE bucket = 0 AND id = $2");
DB_STMT(credential_stmt_next, "UPDATE staff_users SET totp_next = $1, version = version + 1"
                              " WHERE bucket = 0 AND id = $2");
DB_STMT(credential_stmt_next_load,
        "SELECT totp_next FROM staff_users WHERE bucket = 0 AND id = $1");
DB_STMT(credential_stmt_totp,
        "UPDATE staff_users SET totp_sealed = $1, totp_next = $2, totp_step = $3,"
        " version = version + 1 WHERE bucket = 0 AND id = $4");
DB_STMT(credential_stmt_end_others,
        "UPDATE staff_sessions SET ended_at = $1 WHERE bucket = 0 AND staff_id = $2"
        " AND ended_at = 0 AND id <> $3");
DB_STMT(credential_stmt_forget_browsers,
        "DELETE FROM staff_browsers WHERE bucket = 0 AND staff_id = $1");
DB_STMT(credential_stmt_find, "SELECT id FROM staff_users WHERE bucket = 0 AND login = $1");
DB_STMT(credential_stmt_enable, "UPDATE staff_users SET state = 1, version = version + 1"
                                " WHERE bucket = 0 AND id = $1");
DB_STMT(credential_stmt_deciders,
        "SELECT COUNT(*) FROM staff_users WHERE bucket = 0 AND state = 1 AND (roles & 16) <> 0"
        " AND password_hash <> '' AND id <> $1");

_Static_assert(1 << ROLE_ADMIN == 16, "the bit in the statements");

static enum err audit_of(struct uow *uow, struct staff_id by, const char *action,
                         struct staff_id id, const char *detail)
{
    char object[AUDIT_OBJECT_SIZE];
    snprintf(object, sizeof(object), "staff:%" PRId64, id.value);
    return audit_append(uow, by, action, object, detail);
}

static struct vault_place waiting_place(struct staff_id id)
{
    return (struct vault_place){STAFF_BUCKET, id.value, "staff.totp.next"};
}

static struct vault_place invited_place(struct staff_id id)
{
    return (struct vault_place){STAFF_BUCKET, id.value, "staff.totp.invited"};
}

/* --- Inviting ------------------------------------------------------------------------------------
 */

static void hash_code(const struct staff_room *room, int64_t invitation, const char *code,
                      uint8_t out[VAULT_HASH_SIZE])
{
    char text[ID_TEXT_SIZE + INVITATION_CODE_SIZE + 2];
    snprintf(text, sizeof(text), "%" PRId64 ":%.8s", invitation, code);
    vault_lookup_hash(room->vault, CODE_KIND, text, out);
    vault_wipe(text, sizeof(text));
}

static enum err give_link(const struct staff_room *room, struct uow *uow, struct staff_id id,
                          struct staff_id by, bool with_code, struct staff_invitation *out)
{
    uint8_t link_hash[VAULT_HASH_SIZE], code_hash[VAULT_HASH_SIZE];
    int64_t invitation = uow_id(uow, STAFF_BUCKET);
    staff_token_make(room, LINK_KIND, invitation, out->link, link_hash);
    out->expires_at = uow->now_us + INVITATION_LIFE_US;
    if (with_code) {
        vault_make_code(room->vault, CODE_DIGITS, out->code);
        hash_code(room, invitation, out->code, code_hash);
    }
    return db_exec(uow->conn, &credential_stmt_invite,
                   DB_ARGS(db_int(id.value), db_int(invitation),
                           db_blob(link_hash, sizeof(link_hash)), db_int(by.value),
                           db_blob(code_hash, with_code ? sizeof(code_hash) : 0),
                           db_int(with_code ? by.value : 0), db_blob("", 0), db_int(uow->now_us),
                           db_int(out->expires_at)),
                   NULL);
}

enum err staff_invite(const struct staff_room *room, struct uow *uow, struct staff_id id,
                      struct staff_id by, bool is_alone, struct staff_invitation *out)
{
    struct staff staff;
    int64_t invitation = 0, link_by = -1;
    memset(out, 0, sizeof(*out));
    enum err err = staff_load(uow->conn, id, &staff);
    if (err == ERR_OK && staff.is_enrolled) {
        err = ERR_STAFF_ENROLLED;
    }
    if (err != ERR_OK) {
        return err;
    }
    struct db_rows rows =
        db_read(uow->conn, &credential_stmt_invitation_of, DB_ARGS(db_int(id.value)));
    if (db_rows_next(&rows) && db_rows_int(&rows, 2) > uow->now_us &&
        db_rows_int(&rows, 3) < INVITATION_TRIES_MAX) {
        invitation = db_rows_int(&rows, 0);
        link_by = db_rows_int(&rows, 1);
        out->expires_at = db_rows_int(&rows, 2);
    }
    err = db_rows_close(&rows);
    if (err != ERR_OK) {
        return err;
    }
    if (is_alone || link_by == -1 || link_by == by.value) {
        err = give_link(room, uow, id, by, is_alone, out);
    } else {
        uint8_t hash[VAULT_HASH_SIZE];
        vault_make_code(room->vault, CODE_DIGITS, out->code);
        hash_code(room, invitation, out->code, hash);
        err =
            db_exec(uow->conn, &credential_stmt_code,
                    DB_ARGS(db_blob(hash, sizeof(hash)), db_int(by.value), db_int(id.value)), NULL);
    }
    return err ? err
               : audit_of(uow, by, "staff.invite", id,
                          is_alone       ? "part=both"
                          : out->link[0] ? "part=link"
                                         : "part=code");
}

/* --- Enrolling -----------------------------------------------------------------------------------
 */

struct redeemed {
    struct staff staff;
    uint8_t totp[STAFF_TOTP_BYTES];
    bool has_begun;
};

static enum err lock_invitation(const struct staff_room *room, struct uow *uow,
                                const struct staff_enrolment *enrolment, struct redeemed *out,
                                bool *out_fits, int64_t *out_tries)
{
    int64_t id = 0;
    uint8_t link_hash[VAULT_HASH_SIZE], code_hash[VAULT_HASH_SIZE];
    *out_fits = false;
    *out_tries = -1; /* nothing to count */
    if (!staff_token_read(room, LINK_KIND, enrolment->link, &id, link_hash)) {
        return ERR_OK;
    }
    struct db_rows rows = db_read(uow->conn, &credential_stmt_lock, DB_ARGS(db_int(id)));
    if (db_rows_next(&rows)) {
        size_t link_size = 0, code_size = 0, totp_size = 0, plain = 0;
        const void *link = db_rows_blob(&rows, 1, &link_size);
        const void *code = db_rows_blob(&rows, 2, &code_size);
        const void *totp = db_rows_blob(&rows, 3, &totp_size);
        int64_t tries = db_rows_int(&rows, 4);
        bool is_live = db_rows_int(&rows, 5) > uow->now_us && tries < INVITATION_TRIES_MAX &&
                       code_size == VAULT_HASH_SIZE;
        bool knows_link =
            link_size == VAULT_HASH_SIZE && vault_equal(link, link_hash, VAULT_HASH_SIZE);
        out->staff.id.value = db_rows_int(&rows, 0);
        hash_code(room, id, enrolment->code, code_hash);
        *out_fits = is_live && knows_link && strlen(enrolment->code) == CODE_DIGITS &&
                    vault_equal(code, code_hash, VAULT_HASH_SIZE);
        *out_tries = is_live && knows_link && !*out_fits ? tries + 1 : -1;
        out->has_begun = totp_size > 0;
        if (*out_fits && out->has_begun) {
            db_rows_fail(&rows, vault_unseal(room->vault, invited_place(out->staff.id), totp,
                                             totp_size, out->totp, sizeof(out->totp), &plain));
        }
    }
    return db_rows_close(&rows);
}

/* Link and code of a live invitation of somebody who may work here. A wrong code counts. */
static enum err redeem(const struct staff_room *room, struct uow *uow,
                       const struct staff_enrolment *enrolment, struct redeemed *out,
                       struct staff_verdict *out_verdict)
{
    bool fits = false;
    int64_t tries = -1;
    memset(out, 0, sizeof(*out));
    *out_verdict = (struct staff_verdict){.refusal = ERR_INVITATION_INVALID};
    enum err err = lock_invitation(room, uow, enrolment, out, &fits, &tries);
    if (err == ERR_OK && tries >= 0) {
        err = db_defer(uow->conn, &credential_stmt_tries,
                       DB_ARGS(db_int(tries), db_int(out->staff.id.value)), 1);
        return err ? err
                   : audit_of(uow, (struct staff_id){0}, "staff.enrolFailed", out->staff.id,
                              tries == INVITATION_TRIES_MAX ? "void" : "");
    }
    if (err != ERR_OK || !fits) {
        return err;
    }
    err = staff_load(uow->conn, out->staff.id, &out->staff);
    if (err == ERR_OK && out->staff.state == STAFF_ACTIVE && !out->staff.is_enrolled) {
        out_verdict->refusal = ERR_OK;
    }
    return err;
}

enum err staff_enrol_begin(const struct staff_room *room, struct uow *uow,
                           const struct staff_enrolment *enrolment, struct staff_enrolling *out)
{
    struct redeemed redeemed;
    uint8_t secret[STAFF_TOTP_BYTES], sealed[STAFF_TOTP_BYTES + VAULT_OVERHEAD];
    memset(out, 0, sizeof(*out));
    enum err err = redeem(room, uow, enrolment, &redeemed, &out->verdict);
    if (err != ERR_OK || out->verdict.refusal != ERR_OK) {
        return err;
    }
    out->staff = redeemed.staff;
    vault_random(room->vault, secret, sizeof(secret));
    vault_seal(room->vault, invited_place(out->staff.id), secret, sizeof(secret), sealed);
    staff_totp_uri(out->staff.login, secret, out->totp_uri);
    vault_wipe(secret, sizeof(secret));
    vault_wipe(&redeemed, sizeof(redeemed));
    return db_defer(uow->conn, &credential_stmt_begun,
                    DB_ARGS(db_blob(sealed, sizeof(sealed)), db_int(out->staff.id.value)), 1);
}

enum err staff_enrol_prepare(const struct staff_room *room, struct staff_enrolment *enrolment)
{
    enum err err = staff_password_check(enrolment->password, NULL, NULL);
    return err ? err : staff_password_hash(room, enrolment->password, enrolment->password_hash);
}

static enum err store_enrolled(const struct staff_room *room, struct uow *uow,
                               const struct staff_enrolment *enrolment,
                               const struct redeemed *redeemed, int64_t step)
{
    uint8_t sealed[STAFF_TOTP_BYTES + VAULT_OVERHEAD];
    struct staff_id id = redeemed->staff.id;
    vault_seal(room->vault, staff_totp_place(id), redeemed->totp, sizeof(redeemed->totp), sealed);
    enum err err =
        db_defer(uow->conn, &credential_stmt_set,
                 DB_ARGS(db_text(enrolment->password_hash), db_blob(sealed, sizeof(sealed)),
                         db_blob("", 0), db_int(step), db_int(id.value)),
                 1);
    err = err ? err : db_defer(uow->conn, &credential_stmt_end, DB_ARGS(db_int(id.value)), 1);
    return err ? err : audit_of(uow, id, "staff.enrol", id, "");
}

enum err staff_enrol_complete(const struct staff_room *room, struct uow *uow,
                              const struct staff_enrolment *enrolment, struct staff_enrolling *out)
{
    struct redeemed redeemed;
    memset(out, 0, sizeof(*out));
    CHECK(enrolment->password_hash[0] == '$'); /* staff_enrol_prepare was called */
    enum err err = redeem(room, uow, enrolment, &redeemed, &out->verdict);
    if (err != ERR_OK || out->verdict.refusal != ERR_OK) {
        return err;
    }
    out->staff = redeemed.staff;
    err = staff_password_check(enrolment->password, out->staff.login, out->staff.name);
    int64_t step =
        redeemed.has_begun ? staff_totp_step(redeemed.totp, enrolment->totp, uow->now_us, -1) : -1;
    if (err == ERR_OK && step < 0) {
        out->verdict.refusal = ERR_TOTP_WRONG;
    } else if (err == ERR_OK) {
        err = store_enrolled(room, uow, enrolment, &redeemed, step);
    }
    vault_wipe(&redeemed, sizeof(redeemed));
    return err;
}

/* --- Taking away ---------------------------------------------------------------------------------
 */

static enum err count_deciders(struct db_conn *conn, struct staff_id id, int64_t *out)
{
    return db_one_number(conn, &credential_stmt_deciders, DB_ARGS(db_int(id.value)), out);
}

static enum err take_away(struct uow *uow, struct staff_id id)
{
    enum err err = db_defer(
        uow->conn, &credential_stmt_set,
        DB_ARGS(db_text(""), db_blob("", 0), db_blob("", 0), db_int(-1), db_int(id.value)), 1);
    err = err ? err : db_defer(uow->conn, &credential_stmt_end, DB_ARGS(db_int(id.value)), -1);
    err = err ? err
              : db_defer(uow->conn, &credential_stmt_end_others,
                         DB_ARGS(db_int(uow->now_us), db_int(id.value), db_int(0)), -1);
    return err ? err
               : db_defer(uow->conn, &credential_stmt_forget_browsers, DB_ARGS(db_int(id.value)),
                          -1);
}

enum err staff_reset(struct uow *uow, struct staff_id id, struct staff_id by, struct staff *out)
{
    int64_t deciders = 0;
    enum err err = staff_load(uow->conn, id, out);
    /* The head of the chain queues two resets at once, so that both see all admins. */
    err = err ? err : audit_of(uow, by, "staff.reset", id, "credentials=set->none");
    err = err ? err : count_deciders(uow->conn, id, &deciders);
    if (err == ERR_OK && deciders == 0) {
        err = ERR_STAFF_LAST_ADMIN;
    }
    err = err ? err : take_away(uow, id);
    return err ? err : staff_load(uow->conn, id, out);
}

/* Two of the bank's admins who disable each other, or one who is left alone, enable nobody: that takes
 * two. An admin comes back by the machine then, and the log names both steps. */
static enum err enable_admin(struct uow *uow, const struct staff *staff)
{
    char detail[AUDIT_DETAIL_SIZE];
    if (staff->state == STAFF_ACTIVE || (staff->roles >> ROLE_ADMIN & 1U) == 0) {
        return ERR_OK;
    }
    snprintf(detail, sizeof(detail), "roles=%u->%u state=%s->%s", staff->roles, staff->roles,
             staff_state_name(staff->state), staff_state_name(STAFF_ACTIVE));
    enum err err = audit_of(uow, (struct staff_id){0}, "staff.change", staff->id, detail);
    return err ? err
               : db_defer(uow->conn, &credential_stmt_enable, DB_ARGS(db_int(staff->id.value)), 1);
}

enum err staff_recover(const struct staff_room *room, struct uow *uow, const char *login,
                       struct staff_invitation *out)
{
    struct staff staff;
    int64_t deciders = 0;
    enum err err =
        db_one_number(uow->conn, &credential_stmt_find, DB_ARGS(db_text(login)), &staff.id.value);
    /* The head of the chain queues who changes admins at once. */
    err = err ? err
              : audit_of(uow, (struct staff_id){0}, "staff.recover", staff.id,
                         "credentials=set->none");
    err = err ? err : staff_load(uow->conn, staff.id, &staff);
    err = err ? err : count_deciders(uow->conn, staff.id, &deciders);
    if (err == ERR_OK && deciders >= 2) {
        err = ERR_FOUR_EYES;
    }
    err = err ? err : enable_admin(uow, &staff);
    err = err ? err : take_away(uow, staff.id);
    return err ? err : staff_invite(room, uow, staff.id, (struct staff_id){0}, true, out);
}

/* --- One's own -----------------------------------------------------------------------------------
 */

enum err staff_own_prove(const struct staff_room *room, struct engine *engine, const char *password,
                         struct staff_own *own)
{
    enum err err =
        own->new_password ? staff_password_check(own->new_password, own->login, own->name) : ERR_OK;
    err = err ? err : staff_sign_in_prove(room, engine, own->login, password, &own->proof);
    return err || !own->new_password ? err
                                     : staff_password_hash(room, own->new_password, own->new_hash);
}

enum err staff_own_password(const struct staff_room *room, struct uow *uow,
                            const struct staff_own *own, struct staff_verdict *out)
{
    enum err err = staff_own_check(room, uow, own, out);
    if (err != ERR_OK || out->refusal != ERR_OK) {
        return err;
    }
    err = db_defer(uow->conn, &credential_stmt_password,
                   DB_ARGS(db_text(own->new_hash), db_int(own->staff.value)), 1);
    err = err ? err
              : db_defer(uow->conn, &credential_stmt_end_others,
                         DB_ARGS(db_int(uow->now_us), db_int(own->staff.value),
                                 db_int(own->session.value)),
                         -1);
    return err ? err : audit_of(uow, own->staff, "staff.password", own->staff, "own");
}

enum err staff_own_totp(const struct staff_room *room, struct uow *uow, const struct staff_own *own,
                        struct staff_verdict *out, char out_uri[STAFF_TOTP_URI_SIZE])
{
    uint8_t secret[STAFF_TOTP_BYTES], sealed[STAFF_TOTP_BYTES + VAULT_OVERHEAD];
    enum err err = staff_own_check(room, uow, own, out);
    if (err != ERR_OK || out->refusal != ERR_OK) {
        return err;
    }
    vault_random(room->vault, secret, sizeof(secret));
    vault_seal(room->vault, waiting_place(own->staff), secret, sizeof(secret), sealed);
    staff_totp_uri(own->login, secret, out_uri);
    vault_wipe(secret, sizeof(secret));
    err = db_defer(uow->conn, &credential_stmt_next,
                   DB_ARGS(db_blob(sealed, sizeof(sealed)), db_int(own->staff.value)), 1);
    return err ? err : audit_of(uow, own->staff, "staff.totpBegun", own->staff, "own");
}

static enum err load_waiting(const struct staff_room *room, struct db_conn *conn,
                             struct staff_id id, uint8_t out[STAFF_TOTP_BYTES], bool *out_found)
{
    *out_found = false;
    struct db_rows rows = db_read(conn, &credential_stmt_next_load, DB_ARGS(db_int(id.value)));
    if (db_rows_next(&rows)) {
        size_t size = 0, plain = 0;
        const void *sealed = db_rows_blob(&rows, 0, &size);
        if (size > 0) {
            *out_found = true;
            db_rows_fail(&rows, vault_unseal(room->vault, waiting_place(id), sealed, size, out,
                                             STAFF_TOTP_BYTES, &plain));
        }
    }
    return db_rows_close(&rows);
}

enum err staff_own_totp_confirm(const struct staff_room *room, struct uow *uow,
                                const struct staff_own *own, struct staff_verdict *out)
{
    struct staff_id staff = own->staff;
    uint8_t secret[STAFF_TOTP_BYTES] = {0}, sealed[STAFF_TOTP_BYTES + VAULT_OVERHEAD];
    bool is_found = false;
    *out = (struct staff_verdict){.refusal = ERR_OK};
    enum err err = load_waiting(room, uow->conn, staff, secret, &is_found);
    if (err != ERR_OK) {
        return err;
    }
    int64_t step = is_found ? staff_totp_step(secret, own->totp, uow->now_us, -1) : -1;
    if (step < 0) {
        vault_wipe(secret, sizeof(secret));
        out->refusal = ERR_TOTP_WRONG;
        return staff_own_failed(room, uow, own, out);
    }
    vault_seal(room->vault, staff_totp_place(staff), secret, sizeof(secret), sealed);
    vault_wipe(secret, sizeof(secret));
    err = db_defer(
        uow->conn, &credential_stmt_totp,
        DB_ARGS(db_blob(sealed, sizeof(sealed)), db_blob("", 0), db_int(step), db_int(staff.value)),
        1);
    return err ? err : audit_of(uow, staff, "staff.totp", staff, "own");
}
