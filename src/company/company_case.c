/* Registrations that a person at the bank decides. */
#include "base/check.h"
#include "company/company_private.h"
#include "company/message_rows.h"

#include <stdio.h>
#include <string.h>

#define NOTE_FIELD "company.note"

#define COLUMNS "id, company_id, state, reasons, opened_at, due_at, first_staff, decided_at"

DB_STMT(case_stmt_add, "INSERT INTO company_cases (bucket, id, company_id, state, reasons,"
                       " opened_at, due_at, first_staff, decided_at)"
                       " VALUES ($1, $2, $3, 1, $4, $5, $6, 0, 0)");
DB_STMT(case_stmt_newest, "SELECT " COLUMNS " FROM company_cases WHERE bucket = $1"
                          " AND company_id = $2 ORDER BY id DESC LIMIT 1");
DB_STMT(case_stmt_report_counts,
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN due_at < $1 THEN 1 ELSE 0 END), 0),"
        " COALESCE(MIN(opened_at), 0) FROM company_cases WHERE state <= 2");
DB_STMT(case_stmt_store, "UPDATE company_cases SET state = $1, first_staff = $2, decided_at = $3"
                         " WHERE bucket = $4 AND id = $5");
DB_STMT(decision_stmt_add, "INSERT INTO company_decisions (bucket, case_id, id, login, is_approval,"
                           " note_sealed, at) VALUES ($1, $2, $3, $4, $5, $6, $7)");
DB_STMT(decision_stmt_list, "SELECT id, login, is_approval, note_sealed, at FROM company_decisions"
                            " WHERE bucket = $1 AND case_id = $2 ORDER BY id LIMIT 20");

enum err company_case_open(const struct company_room *room, struct uow *uow,
                           struct customer_id company, unsigned reasons)
{
    int bucket = id_bucket(company.value);
    return db_defer(uow->conn, &case_stmt_add,
                    DB_ARGS(db_int(bucket), db_int(uow_id(uow, bucket)), db_int(company.value),
                            db_int(reasons), db_int(uow->now_us),
                            db_int(uow->now_us + room->rules.case_due_us)),
                    1);
}

enum err company_case_load(struct db_conn *conn, struct customer_id company,
                           struct company_case *out)
{
    struct db_rows rows = db_read(conn, &case_stmt_newest,
                                  DB_ARGS(db_int(id_bucket(company.value)), db_int(company.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        *out = (struct company_case){.id = db_rows_int(&rows, 0),
                                     .company = {db_rows_int(&rows, 1)},
                                     .state = (enum company_case_state)db_rows_int(&rows, 2),
                                     .reasons = (unsigned)db_rows_int(&rows, 3),
                                     .opened_at = db_rows_int(&rows, 4),
                                     .due_at = db_rows_int(&rows, 5),
                                     .first_staff = {db_rows_int(&rows, 6)},
                                     .decided_at = db_rows_int(&rows, 7)};
        out->needs_second = (out->reasons & REASON_OWNERS) != 0;
    }
    return db_rows_close(&rows);
}

static enum err add_decision(const struct company_room *room, struct uow *uow,
                             const struct staff *by, int64_t case_id, bool is_approval,
                             const char *note)
{
    uint8_t sealed[COMPANY_NOTE_SIZE + VAULT_OVERHEAD];
    int bucket = id_bucket(case_id);
    int64_t id = uow_id(uow, bucket);
    size_t size = strlen(note);
    CHECK(size < COMPANY_NOTE_SIZE);
    vault_seal(room->options.vault, (struct vault_place){bucket, id, NOTE_FIELD}, note, size,
               sealed);
    return db_defer(uow->conn, &decision_stmt_add,
                    DB_ARGS(db_int(bucket), db_int(case_id), db_int(id), db_text(by->login),
                            db_int(is_approval), db_blob(sealed, size + VAULT_OVERHEAD),
                            db_int(uow->now_us)),
                    1);
}

/* What becomes of the case; the first of two approvals is remembered. */
static enum err decide(struct company_case *row, const struct staff *by, bool is_approval,
                       int64_t now_us)
{
    if (row->state > COMPANY_CASE_SECOND) {
        return ERR_CASE_DECIDED;
    }
    if (is_approval && row->state == COMPANY_CASE_SECOND &&
        row->first_staff.value == by->id.value) {
        return ERR_FOUR_EYES;
    }
    if (is_approval && row->needs_second && row->state == COMPANY_CASE_OPEN) {
        row->state = COMPANY_CASE_SECOND;
        row->first_staff = by->id;
        return ERR_OK;
    }
    row->state = is_approval ? COMPANY_CASE_APPROVED : COMPANY_CASE_REFUSED;
    row->decided_at = now_us;
    return ERR_OK;
}

static enum err apply(const struct company_room *room, struct uow *uow, struct company *company,
                      const struct company_case *row)
{
    struct message_params params = {.name = company->name};
    if (row->state == COMPANY_CASE_SECOND) {
        return ERR_OK;
    }
    if (row->state == COMPANY_CASE_APPROVED) {
        company->licence = STEP_IS_PASSED;
        company->owners = STEP_IS_PASSED;
        return company_activate(room, uow, company);
    }
    company->state = COMPANY_REFUSED;
    enum err err = company_store(uow, company);
    return err ? err : company_tell(uow, company, COMPANY_ADMIN, &MESSAGE_COMPANY_REFUSED, &params);
}

enum err company_case_decide(const struct company_room *room, struct uow *uow,
                             const struct staff *by, struct customer_id company, bool is_approval,
                             const char *note, struct company_case *out)
{
    struct company row;
    char object[AUDIT_OBJECT_SIZE];
    enum err err = company_lock(uow, company, &row);
    err = err ? err : company_case_load(uow->conn, company, out);
    if (err == ERR_OK && out->state > COMPANY_CASE_SECOND) {
        err = ERR_CASE_DECIDED;
    }
    err = err ? err : staff_claim_check(uow->conn, COMPANY_QUEUE, out->id, by->id, uow->now_us);
    err = err ? err : decide(out, by, is_approval, uow->now_us);
    if (err != ERR_OK) {
        return err;
    }
    err = add_decision(room, uow, by, out->id, is_approval, note);
    err = err ? err
              : db_defer(uow->conn, &case_stmt_store,
                         DB_ARGS(db_int(out->state), db_int(out->first_staff.value),
                                 db_int(out->decided_at), db_int(id_bucket(out->id)),
                                 db_int(out->id)),
                         1);
    err = err ? err : apply(room, uow, &row, out);
    err = err ? err : staff_claim_end(uow, COMPANY_QUEUE, out->id);
    snprintf(object, sizeof object, "company:%lld", (long long)company.value);
    return err ? err
               : audit_append(uow, by->id, is_approval ? "company.approve" : "company.refuse",
                              object, company_case_state_name(out->state));
}

enum err company_decisions_each(const struct company_room *room, struct db_conn *conn,
                                int64_t case_id, company_decision_visit *visit, void *context)
{
    int bucket = id_bucket(case_id);
    struct db_rows rows =
        db_read(conn, &decision_stmt_list, DB_ARGS(db_int(bucket), db_int(case_id)));
    while (db_rows_next(&rows)) {
        size_t size = 0;
        struct company_decision_row row = {.is_approval = db_rows_int(&rows, 2) == 1,
                                           .at = db_rows_int(&rows, 4)};
        const void *sealed = db_rows_blob(&rows, 3, &size);
        snprintf(row.login, sizeof row.login, "%s", db_rows_text(&rows, 1));
        enum err reading = vault_unseal_text(
            room->options.vault, (struct vault_place){bucket, db_rows_int(&rows, 0), NOTE_FIELD},
            sealed, size, row.note, sizeof row.note);
        db_rows_fail(&rows, reading);
        if (reading == ERR_OK && !visit(&row, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

/* --- Queue ------------------------------------------------------------------------------------ */

enum err company_queue_counts(struct db_conn *conn, struct staff_id staff, int64_t now_us,
                              struct company_queue_counts *out)
{
    struct company_queue_counts counts = {.open = 0};
    struct db_rows rows = db_read(conn, &case_stmt_report_counts, DB_ARGS(db_int(now_us)));
    if (db_rows_next(&rows)) {
        counts.open = db_rows_int(&rows, 0);
        counts.overdue = db_rows_int(&rows, 1);
        counts.oldest_at = db_rows_int(&rows, 2);
    }
    enum err err = db_rows_close(&rows);
    err = err ? err : staff_claim_count(conn, COMPANY_QUEUE, staff, now_us, &counts.mine);
    if (err == ERR_OK) {
        *out = counts;
    }
    return err;
}
