/* Registration: who may, the registry's answer, owners, submission. */
#include "company/company_private.h"

#include "base/check.h"
#include "company/message_rows.h"

#include <stdio.h>
#include <string.h>

#define OWNER_FIELD     "company.owner"
#define OWNER_TEXT_SIZE (CUSTOMER_NAME_SIZE + ID_NUMBER_SIZE)

DB_STMT(register_stmt_add,
        "INSERT INTO company_companies (bucket, id, uscc, name, kind, state, licence_number,"
        " representative_id, registered_date, scope, record_sealed, licence_state, owners_state,"
        " created_at, submitted_at, active_at, checked_at, suspended_for, version)"
        " VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10, 0, 0, $11, 0, 0, $11, '', 1)");
DB_STMT(register_stmt_anew,
        "UPDATE company_companies SET name = $1, kind = $2, state = 1, licence_number = $3,"
        " registered_date = $4, scope = $5, record_sealed = $6, licence_state = 0,"
        " owners_state = 0, submitted_at = 0, version = version + 1"
        " WHERE bucket = $7 AND id = $8");
DB_STMT(owner_stmt_clear, "DELETE FROM company_owners WHERE bucket = $1 AND company_id = $2");
DB_STMT(owner_stmt_add, "INSERT INTO company_owners (bucket, company_id, number, person_sealed,"
                        " share_ppm) VALUES ($1, $2, $3, $4, $5)");
DB_STMT(owner_stmt_list, "SELECT person_sealed, share_ppm FROM company_owners WHERE bucket = $1"
                         " AND company_id = $2 ORDER BY number");

/* --- Registering ------------------------------------------------------------------------------ */

enum err company_look_up(const struct company_room *room, const char *code,
                         struct business_record *out)
{
    struct uscc uscc;
    if (identifier_parse_uscc(room->options.regions, code, &uscc) != IDENTIFIER_VALID) {
        return ERR_INVALID_FIELD;
    }
    business_ask(room, code, out);
    return ERR_OK;
}

/* The person as checked with the registry of citizens. */
static enum err load_me(const struct company_room *room, struct engine *engine,
                        struct customer_id id, struct company_person *out)
{
    struct customer customer;
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = customer_load(room->options.customers, conn, id, &customer);
    bool is_verified = err == ERR_OK && customer.state == CUSTOMER_ACTIVE &&
                       customer.layers.verified_at != 0 && customer.has_identity;
    if (is_verified) {
        snprintf(out->name, sizeof out->name, "%s", customer.name);
        err = customer_reveal_id_number(room->options.customers, conn, id, out->id_number);
    }
    engine_read_end(engine, conn);
    return err ? err : is_verified ? ERR_OK : ERR_NOT_VERIFIED;
}

enum err company_register_prepare(const struct company_room *room, struct engine *engine,
                                  const struct principal *who, int64_t now_us,
                                  struct company_registration *registration)
{
    struct company_person me;
    enum err err = load_me(room, engine, who->customer, &me);
    if (err == ERR_OK && who->face_until <= now_us) {
        err = ERR_FACE_CHECK_REQUIRED;
    }
    err = err ? err : company_look_up(room, registration->code, &registration->record);
    if (err == ERR_OK && registration->record.result == BUSINESS_NO_ANSWER) {
        err = ERR_BUSINESS_UNAVAILABLE;
    }
    if (err == ERR_OK) {
        registration->customer = who->customer;
        registration->fault = company_register_fault(registration, &me);
        err = registration->fault == FAULT_NONE             ? ERR_OK
              : registration->fault == FAULT_REPRESENTATIVE ? ERR_NOT_REPRESENTATIVE
                                                            : ERR_COMPANY_REFUSED;
    }
    if (err == ERR_OK) { /* kept as the registry writes it */
        snprintf(registration->name, sizeof registration->name, "%.*s",
                 (int)sizeof registration->name - 1, registration->record.name);
    }
    vault_wipe(&me, sizeof me);
    return err;
}

static enum err store_new(const struct company_room *room, struct uow *uow, struct customer_id id,
                          const struct company_registration *r)
{
    uint8_t sealed[VAULT_SEALED_MAX];
    size_t size = company_record_seal(room, id, &r->record, sealed);
    return db_exec(uow->conn, &register_stmt_add,
                   DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value), db_text(r->code),
                           db_text(r->name), db_int(r->kind), db_text(r->licence_number),
                           db_int(r->customer.value), db_int(r->record.registered.days),
                           db_text(r->record.scope), db_blob(sealed, size), db_int(uow->now_us)),
                   NULL);
}

/* A draft that was left, or one that was refused. */
static enum err store_anew(const struct company_room *room, struct uow *uow, struct customer_id id,
                           const struct company_registration *r)
{
    struct company company;
    uint8_t sealed[VAULT_SEALED_MAX];
    enum err err = company_lock(uow, id, &company);
    if (err != ERR_OK) {
        return err;
    }
    bool is_mine = company.representative.value == r->customer.value &&
                   (company.state == COMPANY_DRAFT || company.state == COMPANY_REFUSED);
    if (!is_mine) {
        return ERR_COMPANY_TAKEN;
    }
    size_t size = company_record_seal(room, id, &r->record, sealed);
    return db_exec(uow->conn, &register_stmt_anew,
                   DB_ARGS(db_text(r->name), db_int(r->kind), db_text(r->licence_number),
                           db_int(r->record.registered.days), db_text(r->record.scope),
                           db_blob(sealed, size), db_int(id_bucket(id.value)), db_int(id.value)),
                   NULL);
}

enum err company_register(const struct company_room *room, struct uow *uow,
                          const struct company_registration *registration, struct company *out)
{
    struct customer_id id = {0};
    struct company_user user = {
        .customer = registration->customer, .roles = COMPANY_ROLES_ALL, .limit_minor = -1};
    enum err err = customer_company_claim(room->options.customers, uow, registration->code, &id);
    bool is_new = err == ERR_OK;
    if (err == ERR_OK || err == ERR_EXISTS) {
        err = is_new ? store_new(room, uow, id, registration)
                     : store_anew(room, uow, id, registration);
    }
    if (err == ERR_OK && is_new) {
        user.company = id;
        err = company_user_store(uow, &user, registration->customer);
    }
    err = err ? err : company_check_add(room, uow, id, &registration->record, FAULT_NONE, false);
    return err ? err : company_load(uow->conn, id, out);
}

/* --- Owners ----------------------------------------------------------------------------------- */

static enum err store_owner(const struct company_room *room, struct uow *uow,
                            struct customer_id company, size_t number,
                            const struct company_person *owner)
{
    char text[OWNER_TEXT_SIZE];
    uint8_t sealed[OWNER_TEXT_SIZE + VAULT_OVERHEAD];
    int bucket = id_bucket(company.value);
    int size = snprintf(text, sizeof text, "%s\t%s", owner->name, owner->id_number);
    CHECK(size > 0 && (size_t)size < sizeof text);
    vault_seal(room->options.vault, (struct vault_place){bucket, company.value, OWNER_FIELD}, text,
               (size_t)size, sealed);
    vault_wipe(text, sizeof text);
    return db_defer(uow->conn, &owner_stmt_add,
                    DB_ARGS(db_int(bucket), db_int(company.value), db_int((int64_t)number),
                            db_blob(sealed, (size_t)size + VAULT_OVERHEAD),
                            db_int(owner->share_ppm)),
                    1);
}

enum err company_owners_store(const struct company_room *room, struct uow *uow,
                              struct customer_id customer, struct customer_id company,
                              const struct company_person *owners, size_t count,
                              enum owner_fault *out_fault, size_t *out_number, struct company *out)
{
    struct business_record record;
    struct company_user user;
    bool has_number[COMPANY_OWNERS_MAX] = {false};
    *out_fault = OWNER_FINE;
    enum err err = company_lock_for(uow, company, customer, COMPANY_ADMIN, out, &user);
    if (err == ERR_OK && out->state != COMPANY_DRAFT) {
        err = ERR_COMPANY_STATE;
    }
    err = err ? err : company_record_load(room, uow->conn, company, &record);
    if (err != ERR_OK) {
        return err;
    }
    for (size_t i = 0; i < count; i++) {
        struct resident_id parsed;
        has_number[i] =
            identifier_parse_resident_id(room->options.regions, owners[i].id_number,
                                         uow->business_date, &parsed) == IDENTIFIER_VALID;
    }
    *out_fault =
        company_owners_decide(&record, owners, count, has_number, out_number, &out->owners);
    vault_wipe(&record, sizeof record);
    if (*out_fault != OWNER_FINE) {
        return ERR_OWNERS_REFUSED;
    }
    err = db_exec(uow->conn, &owner_stmt_clear,
                  DB_ARGS(db_int(id_bucket(company.value)), db_int(company.value)), NULL);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = store_owner(room, uow, company, i, &owners[i]);
    }
    return err ? err : company_store(uow, out);
}

static enum err read_owner(const struct company_room *room, const struct db_rows *rows,
                           struct customer_id id, struct company_person *out)
{
    char text[OWNER_TEXT_SIZE];
    size_t size = 0;
    const void *sealed = db_rows_blob(rows, 0, &size);
    enum err err = vault_unseal_text(
        room->options.vault, (struct vault_place){id_bucket(id.value), id.value, OWNER_FIELD},
        sealed, size, text, sizeof text);
    char *tab = err == ERR_OK ? strchr(text, '\t') : NULL;
    if (tab == NULL) {
        return err ? err : ERR_VAULT_SEAL;
    }
    *tab = '\0';
    snprintf(out->name, sizeof out->name, "%.*s", (int)sizeof out->name - 1, text);
    snprintf(out->id_number, sizeof out->id_number, "%.*s", ID_NUMBER_SIZE - 1, tab + 1);
    out->share_ppm = db_rows_int(rows, 1);
    vault_wipe(text, sizeof text);
    return ERR_OK;
}

enum err company_owners_load(const struct company_room *room, struct db_conn *conn,
                             struct customer_id id, struct company_person out[COMPANY_OWNERS_MAX],
                             size_t *out_count)
{
    size_t count = 0;
    struct db_rows rows =
        db_read(conn, &owner_stmt_list, DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
    while (count < COMPANY_OWNERS_MAX && db_rows_next(&rows)) {
        db_rows_fail(&rows, read_owner(room, &rows, id, &out[count++]));
    }
    *out_count = count;
    return db_rows_close(&rows);
}

/* --- Submission ------------------------------------------------------------------------------- */

static enum err decide_submission(const struct company *company)
{
    if (company->state != COMPANY_DRAFT) {
        return ERR_COMPANY_STATE;
    }
    bool is_whole = company->licence != STEP_IS_TODO && company->owners != STEP_IS_TODO;
    return is_whole ? ERR_OK : ERR_COMPANY_INCOMPLETE;
}

enum err company_submit_prepare(const struct company_room *room, struct engine *engine,
                                struct customer_id customer, struct customer_id company,
                                struct company_submission *out)
{
    struct company row;
    struct company_user user;
    struct db_conn *conn;
    *out = (struct company_submission){.company = company, .customer = customer};
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = company_access(conn, company, customer, COMPANY_ADMIN, &row, &user);
    engine_read_end(engine, conn);
    err = err ? err : decide_submission(&row);
    err = err ? err : company_look_up(room, row.code, &out->record);
    return err ? err : out->record.result == BUSINESS_NO_ANSWER ? ERR_BUSINESS_UNAVAILABLE : ERR_OK;
}

enum err company_activate(const struct company_room *room, struct uow *uow, struct company *company)
{
    struct account account;
    struct message_params params = {.name = company->name};
    enum err err = customer_company_open(room->options.customers, uow, company->id, company->code,
                                         company->name, company->registered);
    err = err ? err : account_open_corporate(uow, room->options.catalogue, company->id, &account);
    company->state = COMPANY_ACTIVE;
    company->active_at = uow->now_us;
    err = err ? err : company_store(uow, company);
    return err ? err : company_tell(uow, company, COMPANY_ADMIN, &MESSAGE_COMPANY_ACTIVE, &params);
}

enum err company_submit(const struct company_room *room, struct uow *uow,
                        const struct company_submission *submission, enum company_fault *out_fault,
                        struct company *out)
{
    struct business_record before;
    struct company_user user;
    *out_fault = FAULT_NONE;
    enum err err =
        company_lock_for(uow, submission->company, submission->customer, COMPANY_ADMIN, out, &user);
    err = err ? err : decide_submission(out);
    err = err ? err : company_record_load(room, uow->conn, out->id, &before);
    if (err != ERR_OK) {
        return err;
    }
    *out_fault = company_change_fault(&before, &submission->record);
    vault_wipe(&before, sizeof before);
    if (*out_fault != FAULT_NONE) {
        return ERR_COMPANY_REFUSED;
    }
    unsigned reasons = (out->licence == STEP_IS_PASSED ? 0U : REASON_LICENCE) |
                       (out->owners == STEP_IS_PASSED ? 0U : REASON_OWNERS);
    out->submitted_at = uow->now_us;
    err = company_check_add(room, uow, out->id, &submission->record, FAULT_NONE, false);
    if (err != ERR_OK || reasons == 0) {
        return err ? err : company_activate(room, uow, out);
    }
    struct message_params params = {.name = out->name};
    out->state = COMPANY_REVIEW;
    err = company_store(uow, out);
    err = err ? err : company_case_open(room, uow, out->id, reasons);
    return err ? err : company_tell(uow, out, COMPANY_ADMIN, &MESSAGE_COMPANY_REVIEW, &params);
}
