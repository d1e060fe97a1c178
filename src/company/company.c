/* Companies and their users: load, store, find; the room's opening and closing. */
#include "base/check.h"
#include "base/str.h"
#include "company/company_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_FIELD  "company.record"
#define EVIDENCE_KIND "company.check"
#define RECORD_MAX    VAULT_PLAIN_MAX

#define COLUMNS                                                                                    \
    "id, uscc, name, kind, state, licence_number, representative_id, registered_date, scope,"      \
    " licence_state, owners_state, created_at, submitted_at, active_at, checked_at,"               \
    " suspended_for, version FROM company_companies"
#define USER_COLUMNS "id, company_id, customer_id, roles, limit_minor, added_at FROM company_users"

DB_STMT(company_stmt_load, "SELECT " COLUMNS " WHERE bucket = $1 AND id = $2");
DB_STMT(company_stmt_lock, "SELECT " COLUMNS " WHERE bucket = $1 AND id = $2 FOR UPDATE");
DB_STMT(company_stmt_store,
        "UPDATE company_companies SET state = $1, licence_state = $2, owners_state = $3,"
        " submitted_at = $4, active_at = $5, suspended_for = $6, version = version + 1"
        " WHERE bucket = $7 AND id = $8 AND version = $9");
DB_STMT(company_stmt_record, "SELECT record_sealed FROM company_companies"
                             " WHERE bucket = $1 AND id = $2");
DB_STMT(company_stmt_record_store, "UPDATE company_companies SET record_sealed = $1"
                                   " WHERE bucket = $2 AND id = $3");
DB_STMT(company_stmt_checked, "UPDATE company_companies SET checked_at = $1"
                              " WHERE bucket = $2 AND id = $3");
DB_STMT(company_stmt_check_add,
        "INSERT INTO company_checks (bucket, company_id, id, result, version, evidence_hash, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)");
DB_STMT(company_stmt_checks, "SELECT result, version, at FROM company_checks WHERE bucket = $1"
                             " AND company_id = $2 ORDER BY id DESC LIMIT 50");
DB_STMT(company_stmt_report_newest, "SELECT " COLUMNS " WHERE id < $1 ORDER BY id DESC LIMIT $2");
DB_STMT(company_stmt_report_named,
        "SELECT " COLUMNS " WHERE (uscc = $1 OR name LIKE $2 ESCAPE '\\') AND id < $3"
        " ORDER BY id DESC LIMIT $4");
DB_STMT(company_stmt_user, "SELECT " USER_COLUMNS " WHERE bucket = $1 AND company_id = $2"
                           " AND customer_id = $3");
DB_STMT(company_stmt_users, "SELECT " USER_COLUMNS " WHERE bucket = $1 AND company_id = $2"
                            " AND roles > 0 ORDER BY id LIMIT $3");
DB_STMT(company_stmt_report_of, "SELECT " USER_COLUMNS " WHERE customer_id = $1 AND roles > 0"
                                " ORDER BY company_id LIMIT $2");
DB_STMT(company_stmt_user_store,
        "INSERT INTO company_users (bucket, company_id, customer_id, id, roles, limit_minor,"
        " added_by, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (bucket, company_id, customer_id) DO UPDATE SET roles = excluded.roles,"
        " limit_minor = excluded.limit_minor, added_by = excluded.added_by,"
        " added_at = excluded.added_at");

/* --- The room --------------------------------------------------------------------------------- */

enum err company_room_open(const struct company_room_options *options, struct company_room **out)
{
    struct company_room *room = calloc(1, sizeof *room);
    if (room == NULL) {
        return ERR_NO_MEMORY;
    }
    room->options = *options;
    room->rules = options->rules != NULL ? *options->rules : COMPANY_RULES;
    *out = room;
    return ERR_OK;
}

void company_room_close(struct company_room *room)
{
    free(room);
}

const struct company_rules *company_room_rules(const struct company_room *room)
{
    return &room->rules;
}

/* --- Rows ------------------------------------------------------------------------------------- */

static void copy(char *out, size_t size, const char *text)
{
    CHECK(strlen(text) < size);
    memcpy(out, text, strlen(text) + 1);
}

static void read_company(const struct db_rows *rows, struct company *out)
{
    *out = (struct company){.id = {db_rows_int(rows, 0)},
                            .kind = (enum company_kind)db_rows_int(rows, 3),
                            .state = (enum company_state)db_rows_int(rows, 4),
                            .representative = {db_rows_int(rows, 6)},
                            .registered = {(int32_t)db_rows_int(rows, 7)},
                            .licence = (enum company_step_state)db_rows_int(rows, 9),
                            .owners = (enum company_step_state)db_rows_int(rows, 10),
                            .created_at = db_rows_int(rows, 11),
                            .submitted_at = db_rows_int(rows, 12),
                            .active_at = db_rows_int(rows, 13),
                            .checked_at = db_rows_int(rows, 14),
                            .version = db_rows_int(rows, 16)};
    copy(out->code, sizeof out->code, db_rows_text(rows, 1));
    copy(out->name, sizeof out->name, db_rows_text(rows, 2));
    copy(out->licence_number, sizeof out->licence_number, db_rows_text(rows, 5));
    copy(out->scope, sizeof out->scope, db_rows_text(rows, 8));
    copy(out->suspended_for, sizeof out->suspended_for, db_rows_text(rows, 15));
}

static void read_user(const struct db_rows *rows, struct company_user *out)
{
    *out =
        (struct company_user){.id = db_rows_int(rows, 0),
                              .company = {db_rows_int(rows, 1)},
                              .customer = {db_rows_int(rows, 2)},
                              .roles = (unsigned)db_rows_int(rows, 3),
                              .limit_minor = db_rows_is_null(rows, 4) ? -1 : db_rows_int(rows, 4),
                              .added_at = db_rows_int(rows, 5)};
}

static enum err load_by(struct db_conn *conn, struct db_stmt *stmt, struct customer_id id,
                        struct company *out)
{
    struct db_rows rows =
        db_read(conn, stmt, DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        read_company(&rows, out);
    }
    return db_rows_close(&rows);
}

enum err company_load(struct db_conn *conn, struct customer_id id, struct company *out)
{
    return load_by(conn, &company_stmt_load, id, out);
}

enum err company_lock(struct uow *uow, struct customer_id id, struct company *out)
{
    return load_by(uow->conn, &company_stmt_lock, id, out);
}

enum err company_store(struct uow *uow, struct company *company)
{
    enum err err =
        db_defer(uow->conn, &company_stmt_store,
                 DB_ARGS(db_int(company->state), db_int(company->licence), db_int(company->owners),
                         db_int(company->submitted_at), db_int(company->active_at),
                         db_text(company->suspended_for), db_int(id_bucket(company->id.value)),
                         db_int(company->id.value), db_int(company->version)),
                 1);
    company->version++;
    return err;
}

/* --- Users ------------------------------------------------------------------------------------ */

static enum err user_load(struct db_conn *conn, struct customer_id company,
                          struct customer_id customer, struct company_user *out)
{
    struct db_rows rows = db_read(
        conn, &company_stmt_user,
        DB_ARGS(db_int(id_bucket(company.value)), db_int(company.value), db_int(customer.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        read_user(&rows, out);
        db_rows_fail(&rows, out->roles != 0 ? ERR_OK : ERR_NOT_FOUND);
    }
    return db_rows_close(&rows);
}

static enum err decide_role(const struct company_user *user, unsigned roles)
{
    return roles == 0 || (user->roles & roles) != 0 ? ERR_OK : ERR_COMPANY_ROLE;
}

enum err company_access(struct db_conn *conn, struct customer_id company,
                        struct customer_id customer, unsigned roles, struct company *out_company,
                        struct company_user *out_user)
{
    enum err err = company_load(conn, company, out_company);
    err = err ? err : user_load(conn, company, customer, out_user);
    return err ? err : decide_role(out_user, roles);
}

enum err company_lock_for(struct uow *uow, struct customer_id company, struct customer_id customer,
                          unsigned roles, struct company *out, struct company_user *out_user)
{
    enum err err = company_lock(uow, company, out);
    err = err ? err : user_load(uow->conn, company, customer, out_user);
    return err ? err : decide_role(out_user, roles);
}

static enum err read_users(struct db_rows *rows, struct company_user *out, size_t max,
                           size_t *out_count)
{
    size_t count = 0;
    while (count < max && db_rows_next(rows)) {
        read_user(rows, &out[count++]);
    }
    *out_count = count;
    return db_rows_close(rows);
}

enum err company_users(struct db_conn *conn, struct customer_id company,
                       struct company_user out[COMPANY_USERS_MAX], size_t *out_count)
{
    struct db_rows rows = db_read(conn, &company_stmt_users,
                                  DB_ARGS(db_int(id_bucket(company.value)), db_int(company.value),
                                          db_int(COMPANY_USERS_MAX)));
    return read_users(&rows, out, COMPANY_USERS_MAX, out_count);
}

enum err company_list_of(struct db_conn *conn, struct customer_id customer,
                         struct company_user out[COMPANIES_MAX], size_t *out_count)
{
    struct db_rows rows = db_read(conn, &company_stmt_report_of,
                                  DB_ARGS(db_int(customer.value), db_int(COMPANIES_MAX)));
    return read_users(&rows, out, COMPANIES_MAX, out_count);
}

enum err company_user_store(struct uow *uow, const struct company_user *user, struct customer_id by)
{
    int bucket = id_bucket(user->company.value);
    return db_defer(
        uow->conn, &company_stmt_user_store,
        DB_ARGS(db_int(bucket), db_int(user->company.value), db_int(user->customer.value),
                db_int(user->id != 0 ? user->id : uow_id(uow, bucket)), db_int(user->roles),
                user->limit_minor < 0 ? db_null() : db_int(user->limit_minor), db_int(by.value),
                db_int(uow->now_us)),
        1);
}

enum err company_tell(struct uow *uow, const struct company *company, unsigned roles,
                      const struct message_row *kind, const struct message_params *params)
{
    struct company_user users[COMPANY_USERS_MAX];
    size_t count = 0;
    enum err err = company_users(uow->conn, company->id, users, &count);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        if (users[i].roles & roles) {
            err = message_add(uow, users[i].customer, kind, params, 0);
        }
    }
    return err;
}

/* --- The registry's people --------------------------------------------------------------------- */

static void write_person(struct str *out, const struct company_person *person)
{
    str_printf(out, "%s\t%s\t%lld\n", person->name, person->id_number,
               (long long)person->share_ppm);
}

/* The representative, then the owners, one a line. */
static void write_people(const struct business_record *record, struct str *out)
{
    str_init(out, RECORD_MAX);
    write_person(out, &record->representative);
    for (size_t i = 0; i < record->owner_count; i++) {
        write_person(out, &record->owners[i]);
    }
}

static bool read_person(char *line, struct company_person *out)
{
    char *rest = line;
    const char *name = strsep(&rest, "\t");
    const char *id_number = rest != NULL ? strsep(&rest, "\t") : NULL;
    if (id_number == NULL || rest == NULL || strlen(name) >= sizeof out->name ||
        strlen(id_number) >= sizeof out->id_number || !str_to_int(rest, &out->share_ppm)) {
        return false;
    }
    copy(out->name, sizeof out->name, name);
    copy(out->id_number, sizeof out->id_number, id_number);
    return true;
}

static enum err read_people(char *text, struct business_record *out)
{
    size_t count = 0;
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL && line[0] != '\0'; count++) {
        if (count > COMPANY_OWNERS_MAX ||
            !read_person(line, count == 0 ? &out->representative : &out->owners[count - 1])) {
            return ERR_VAULT_SEAL;
        }
    }
    out->owner_count = count == 0 ? 0 : count - 1;
    return count == 0 ? ERR_VAULT_SEAL : ERR_OK;
}

enum err company_record_load(const struct company_room *room, struct db_conn *conn,
                             struct customer_id id, struct business_record *out)
{
    struct company company;
    char text[RECORD_MAX + 1];
    enum err err = company_load(conn, id, &company);
    if (err != ERR_OK) {
        return err;
    }
    struct db_rows rows =
        db_read(conn, &company_stmt_record, DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        size_t size = 0;
        const void *sealed = db_rows_blob(&rows, 0, &size);
        db_rows_fail(&rows, vault_unseal_text(
                                room->options.vault,
                                (struct vault_place){id_bucket(id.value), id.value, RECORD_FIELD},
                                sealed, size, text, sizeof text));
    }
    err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out = (struct business_record){.result = BUSINESS_FOUND,
                                        .kind = company.kind,
                                        .is_registered = true,
                                        .registered = company.registered};
        copy(out->name, sizeof out->name, company.name);
        copy(out->scope, sizeof out->scope, company.scope);
        err = read_people(text, out);
        vault_wipe(text, sizeof text);
    }
    return err;
}

size_t company_record_seal(const struct company_room *room, struct customer_id id,
                           const struct business_record *record, uint8_t out[VAULT_SEALED_MAX])
{
    struct str text;
    write_people(record, &text);
    CHECK(!text.failed); /* ten owners of the longest names fit */
    size_t size = text.size + VAULT_OVERHEAD;
    vault_seal(room->options.vault,
               (struct vault_place){id_bucket(id.value), id.value, RECORD_FIELD}, text.bytes,
               text.size, out);
    vault_wipe(text.bytes, text.size);
    str_release(&text);
    return size;
}

enum err company_check_add(const struct company_room *room, struct uow *uow,
                           struct customer_id company, const struct business_record *record,
                           enum company_fault fault, bool keep)
{
    int bucket = id_bucket(company.value);
    uint8_t hash[VAULT_HASH_SIZE];
    uint8_t sealed[VAULT_SEALED_MAX];
    struct str text;
    write_people(record, &text);
    vault_hash_bytes(room->options.vault, EVIDENCE_KIND, text.bytes, text.size, hash);
    vault_wipe(text.bytes, text.size);
    str_release(&text);
    enum err err = db_defer(uow->conn, &company_stmt_check_add,
                            DB_ARGS(db_int(bucket), db_int(company.value),
                                    db_int(uow_id(uow, bucket)), db_text(company_fault_name(fault)),
                                    db_text(room->options.registry->version),
                                    db_blob(hash, sizeof hash), db_int(uow->now_us)),
                            1);
    err = err ? err
              : db_defer(uow->conn, &company_stmt_checked,
                         DB_ARGS(db_int(uow->now_us), db_int(bucket), db_int(company.value)), 1);
    if (err != ERR_OK || !keep) {
        return err;
    }
    size_t size = company_record_seal(room, company, record, sealed);
    return db_defer(uow->conn, &company_stmt_record_store,
                    DB_ARGS(db_blob(sealed, size), db_int(bucket), db_int(company.value)), 1);
}

enum err company_checks_each(struct db_conn *conn, struct customer_id company,
                             company_check_visit *visit, void *context)
{
    struct db_rows rows = db_read(conn, &company_stmt_checks,
                                  DB_ARGS(db_int(id_bucket(company.value)), db_int(company.value)));
    while (db_rows_next(&rows)) {
        struct company_check_row row = {.at = db_rows_int(&rows, 2)};
        copy(row.result, sizeof row.result, db_rows_text(&rows, 0));
        copy(row.version, sizeof row.version, db_rows_text(&rows, 1));
        if (!visit(&row, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

/* --- Search ----------------------------------------------------------------------------------- */

/* "%" and "_" mean themselves. */
static void like_prefix(const char *text, char out[2 * CUSTOMER_NAME_SIZE + 2])
{
    size_t used = 0;
    for (; *text != '\0' && used < 2 * CUSTOMER_NAME_SIZE - 2; text++) {
        if (*text == '%' || *text == '_' || *text == '\\') {
            out[used++] = '\\';
        }
        out[used++] = *text;
    }
    out[used++] = '%';
    out[used] = '\0';
}

enum err company_search(struct db_conn *conn, const char *text, int64_t before_id, size_t limit,
                        company_visit *visit, void *context)
{
    struct db_rows rows;
    int64_t before = before_id != 0 ? before_id : INT64_MAX;
    if (!str_is_utf8(text, strlen(text)) || strlen(text) >= CUSTOMER_NAME_SIZE) {
        return ERR_INVALID_FIELD;
    }
    if (text[0] != '\0') {
        char pattern[2 * CUSTOMER_NAME_SIZE + 2];
        like_prefix(text, pattern);
        rows = db_read(
            conn, &company_stmt_report_named,
            DB_ARGS(db_text(text), db_text(pattern), db_int(before), db_int((int64_t)limit)));
    } else {
        rows = db_read(conn, &company_stmt_report_newest,
                       DB_ARGS(db_int(before), db_int((int64_t)limit)));
    }
    struct company company;
    while (db_rows_next(&rows)) {
        read_company(&rows, &company);
        if (!visit(&company, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}
