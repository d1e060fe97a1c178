/* Staff users: made, changed, listed; the first admin and the invented town's staff. */
#include "base/check.h"
#include "staff/staff_private.h"
#include "staff/staff_rules.h"

#include <inttypes.h>
#include <liboath/oath.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

_Static_assert(STAFF_HASH_SIZE >= crypto_pwhash_STRBYTES, "room for libsodium's text");

#define COLUMNS                                                                                    \
    "id, login, name, roles, state, created_at, locked_until, version,"                            \
    " CASE WHEN password_hash <> '' THEN 1 ELSE 0 END"

DB_STMT(staff_stmt_insert,
        "INSERT INTO staff_users (bucket, id, login, name, roles, state, password_hash,"
        " password_version, totp_sealed, totp_next, totp_step, failures, locked_until, created_at,"
        " version) VALUES (0, $1, $2, $3, $4, $5, $6, $7, $8, $9, -1, 0, 0, $10, 1)"
        " ON CONFLICT (bucket, login) DO NOTHING");
DB_STMT(staff_stmt_load, "SELECT " COLUMNS " FROM staff_users WHERE bucket = 0 AND id = $1");
DB_STMT(staff_stmt_list, "SELECT " COLUMNS " FROM staff_users WHERE bucket = 0 ORDER BY login");
DB_STMT(staff_stmt_change, "UPDATE staff_users SET roles = $1, state = $2, version = version + 1"
                           " WHERE bucket = 0 AND id = $3");
DB_STMT(staff_stmt_end_sessions, "UPDATE staff_sessions SET ended_at = $1"
                                 " WHERE bucket = 0 AND staff_id = $2 AND ended_at = 0");
DB_STMT(staff_stmt_count,
        "SELECT COUNT(*) FROM staff_users WHERE bucket = 0 AND password_version > 0");
DB_STMT(staff_stmt_find, "SELECT id FROM staff_users WHERE bucket = 0 AND login = $1");
DB_STMT(staff_stmt_admins, "SELECT COUNT(*) FROM staff_users WHERE bucket = 0 AND state = 1"
                           " AND (roles & 16) <> 0 AND password_hash <> '' AND id <> $1");

DB_STMT(staff_stmt_admins_ever,
        "SELECT COUNT(*) FROM staff_users WHERE bucket = 0 AND (roles & 16) <> 0"
        " AND password_version > 0");

_Static_assert(1 << ROLE_ADMIN == 16, "the bit in the statements");

enum err staff_password_hash(const struct staff_room *room, const char *password,
                             char out[STAFF_HASH_SIZE])
{
    memset(out, 0, STAFF_HASH_SIZE);
    return crypto_pwhash_str_alg(out, password, strlen(password), room->rules.password_passes,
                                 room->rules.password_memory, crypto_pwhash_ALG_ARGON2ID13)
               ? ERR_NO_MEMORY
               : ERR_OK;
}

enum err staff_room_init(struct staff_room *room, const struct vault *vault,
                         const struct staff_rules *rules)
{
    CHECK(sodium_init() >= 0);
    CHECK(oath_init() == OATH_OK);
    memset(room, 0, sizeof(*room));
    room->vault = vault;
    room->rules = rules ? *rules : STAFF_RULES;
    return staff_password_hash(room, "nobody has this password", room->dummy_hash);
}

/* --- Reading -------------------------------------------------------------------------------------
 */

static void read_staff(const struct db_rows *rows, struct staff *out)
{
    memset(out, 0, sizeof(*out));
    out->id.value = db_rows_int(rows, 0);
    snprintf(out->login, sizeof(out->login), "%s", db_rows_text(rows, 1));
    snprintf(out->name, sizeof(out->name), "%s", db_rows_text(rows, 2));
    out->roles = (uint32_t)db_rows_int(rows, 3);
    out->state = (enum staff_state)db_rows_int(rows, 4);
    out->created_at = db_rows_int(rows, 5);
    out->locked_until = db_rows_int(rows, 6);
    out->version = db_rows_int(rows, 7);
    out->is_enrolled = db_rows_int(rows, 8) == 1;
}

enum err staff_load(struct db_conn *conn, struct staff_id id, struct staff *out)
{
    struct db_rows rows = db_read(conn, &staff_stmt_load, DB_ARGS(db_int(id.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        read_staff(&rows, out);
    }
    return db_rows_close(&rows);
}

enum err staff_each(struct db_conn *conn, staff_visit *visit, void *context)
{
    struct staff staff;
    struct db_rows rows = db_read(conn, &staff_stmt_list, DB_NO_ARGS);
    while (db_rows_next(&rows)) {
        read_staff(&rows, &staff);
        if (!visit(&staff, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

/* --- Making --------------------------------------------------------------------------------------
 */

enum err staff_draft_check(const struct staff_draft *draft)
{
    size_t name_size = strlen(draft->name);
    bool is_good = staff_login_check(draft->login) == ERR_OK && name_size > 0 &&
                   name_size < STAFF_NAME_SIZE && draft->roles != 0 &&
                   draft->roles >> STAFF_ROLE_COUNT == 0;
    return is_good ? ERR_OK : ERR_INVALID_FIELD;
}

void staff_totp_uri(const char *login, const uint8_t secret[STAFF_TOTP_BYTES],
                    char out[STAFF_TOTP_URI_SIZE])
{
    char base32[TOTP_BASE32_SIZE];
    staff_totp_base32(secret, base32);
    snprintf(out, STAFF_TOTP_URI_SIZE,
             "otpauth://totp/Sycee%%20console:%s?secret=%s&issuer=Sycee%%20console"
             "&algorithm=SHA1&digits=6&period=30",
             login, base32);
    vault_wipe(base32, sizeof(base32));
}

enum err staff_create(const struct staff_room *room, struct uow *uow,
                      const struct staff_draft *draft, struct staff_id by, struct staff *out)
{
    struct staff_id id = {uow_id(uow, STAFF_BUCKET)};
    uint8_t sealed[STAFF_TOTP_BYTES + VAULT_OVERHEAD];
    char object[AUDIT_OBJECT_SIZE], detail[AUDIT_DETAIL_SIZE];
    bool has_credentials = draft->password_hash != NULL;
    int64_t changed = 0;
    CHECK(has_credentials == (draft->totp_secret != NULL));
    if (has_credentials) {
        vault_seal(room->vault, staff_totp_place(id), draft->totp_secret, STAFF_TOTP_BYTES, sealed);
    }
    enum err err = db_exec(uow->conn, &staff_stmt_insert,
                           DB_ARGS(db_int(id.value), db_text(draft->login), db_text(draft->name),
                                   db_int(draft->roles),
                                   db_int(draft->is_disabled ? STAFF_DISABLED : STAFF_ACTIVE),
                                   db_text(has_credentials ? draft->password_hash : ""),
                                   db_int(has_credentials ? 1 : 0),
                                   db_blob(sealed, has_credentials ? sizeof(sealed) : 0),
                                   db_blob("", 0), db_int(uow->now_us)),
                           &changed);
    if (err == ERR_OK && changed == 0) {
        err = ERR_LOGIN_TAKEN;
    }
    if (err != ERR_OK) {
        return err;
    }
    snprintf(object, sizeof(object), "staff:%" PRId64, id.value);
    snprintf(detail, sizeof(detail), "login=%s roles=0->%u state=none->%s", draft->login,
             draft->roles, draft->is_disabled ? "disabled" : "active");
    err = audit_append(uow, by, "staff.create", object, detail);
    return err == ERR_OK ? staff_load(uow->conn, id, out) : err;
}

struct vault_place staff_totp_place(struct staff_id id)
{
    return (struct vault_place){STAFF_BUCKET, id.value, "staff.totp"};
}

/* --- Changing ------------------------------------------------------------------------------------
 */

enum err staff_needs_four_eyes(struct db_conn *conn, bool *out)
{
    int64_t admins = 0;
    enum err err = db_one_number(conn, &staff_stmt_admins_ever, DB_NO_ARGS, &admins);
    *out = admins > 1;
    return err;
}

enum err staff_change(struct uow *uow, struct staff_id id, const uint32_t *roles,
                      enum staff_state state, struct staff_id by, struct staff *out)
{
    struct staff staff;
    char object[AUDIT_OBJECT_SIZE], detail[AUDIT_DETAIL_SIZE];
    enum err err = staff_load(uow->conn, id, &staff);
    if (err != ERR_OK) {
        return err;
    }
    uint32_t new_roles = roles ? *roles : staff.roles;
    enum staff_state new_state = state ? state : staff.state;
    if (new_roles == 0 || new_roles >> STAFF_ROLE_COUNT != 0) {
        return ERR_INVALID_FIELD;
    }
    snprintf(object, sizeof(object), "staff:%" PRId64, id.value);
    snprintf(detail, sizeof(detail), "roles=%u->%u state=%s->%s", staff.roles, new_roles,
             staff_state_name(staff.state), staff_state_name(new_state));
    /* The head of the chain queues two changes at once, so that both see all admins. */
    err = audit_append(uow, by, "staff.change", object, detail);
    int64_t other_admins = 0;
    if (err == ERR_OK) {
        err =
            db_one_number(uow->conn, &staff_stmt_admins, DB_ARGS(db_int(id.value)), &other_admins);
    }
    bool was_admin = (staff.roles >> ROLE_ADMIN & 1U) && staff.state == STAFF_ACTIVE;
    bool stays_admin = (new_roles >> ROLE_ADMIN & 1U) && new_state == STAFF_ACTIVE;
    if (err == ERR_OK && other_admins == 0 && was_admin && !stays_admin) {
        err = ERR_STAFF_LAST_ADMIN;
    }
    if (err == ERR_OK) {
        err = db_defer(uow->conn, &staff_stmt_change,
                       DB_ARGS(db_int(new_roles), db_int(new_state), db_int(id.value)), 1);
    }
    if (err == ERR_OK) {
        err = db_defer(uow->conn, &staff_stmt_end_sessions,
                       DB_ARGS(db_int(uow->now_us), db_int(id.value)), -1);
    }
    return err == ERR_OK ? staff_load(uow->conn, id, out) : err;
}

/* --- The first ones ------------------------------------------------------------------------------
 */

enum err staff_bootstrap(const struct staff_room *room, struct uow *uow,
                         struct staff_invitation *out)
{
    int64_t count = 0;
    struct staff staff = {0};
    struct staff_draft draft = {
        .login = STAFF_FIRST_LOGIN, .name = "Administrator", .roles = 1U << ROLE_ADMIN};
    enum err err = db_one_number(uow->conn, &staff_stmt_count, DB_NO_ARGS, &count);
    if (err == ERR_OK && count > 0) {
        err = ERR_EXISTS;
    }
    err = err ? err
              : db_one_number(uow->conn, &staff_stmt_find, DB_ARGS(db_text(STAFF_FIRST_LOGIN)),
                              &staff.id.value);
    if (err == ERR_NOT_FOUND) {
        err = staff_create(room, uow, &draft, (struct staff_id){0}, &staff);
    }
    return err ? err : staff_invite(room, uow, staff.id, (struct staff_id){0}, true, out);
}

enum err staff_town(const struct staff_room *room, struct uow *uow, const char *password_hash,
                    const uint8_t totp_secret[STAFF_TOTP_BYTES])
{
    static const struct {
        const char *login, *name;
        enum staff_role role;
    } people[] = {
        {"teller", "Teller 柜员", ROLE_TELLER},
        {"accountant", "Accountant 会计", ROLE_ACCOUNTANT},
        {"operator", "Operator 运维", ROLE_OPERATOR},
        {"auditor", "Auditor 审计", ROLE_AUDITOR},
        {"admin", "Administrator 管理员", ROLE_ADMIN},
        {"reviewer", "Reviewer 审核", ROLE_REVIEWER},
        /* A second pair of eyes for what needs two. */
        {"teller2", "Second teller 柜员二", ROLE_TELLER},
        {"accountant2", "Second accountant 会计二", ROLE_ACCOUNTANT},
        {"admin2", "Second administrator 管理员二", ROLE_ADMIN},
        {"reviewer2", "Second reviewer 审核二", ROLE_REVIEWER},
        {"operator2", "Second operator 运维二", ROLE_OPERATOR},
    };
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof(people) / sizeof(people[0]) && err == ERR_OK; i++) {
        struct staff staff;
        struct staff_draft draft = {.login = people[i].login,
                                    .name = people[i].name,
                                    .roles = 1U << people[i].role,
                                    .password_hash = password_hash,
                                    .totp_secret = totp_secret};
        err = staff_create(room, uow, &draft, (struct staff_id){0}, &staff);
        err = err == ERR_LOGIN_TAKEN ? ERR_OK : err;
    }
    return err;
}
