/* The monthly comparison of a company with the registry. */
#include "company/company_private.h"
#include "company/message_rows.h"

#include <stdio.h>
#include <string.h>

#define BATCH_MAX 64

DB_STMT(recheck_stmt_report_due, "SELECT id FROM company_companies WHERE state IN (3, 4)"
                                 " AND checked_at <= $1 ORDER BY checked_at LIMIT $2");

struct recheck {
    const struct company_room *room;
    struct customer_id company;
    struct business_record record;
};

/* Compares the company under its lock. */
static enum err apply(struct uow *uow, void *context)
{
    const struct recheck *work = context;
    struct company company;
    struct business_record before;
    enum err err = company_lock(uow, work->company, &company);
    if (err != ERR_OK || (company.state != COMPANY_ACTIVE && company.state != COMPANY_SUSPENDED)) {
        return err;
    }
    err = company_record_load(work->room, uow->conn, company.id, &before);
    if (err != ERR_OK) {
        return err;
    }
    enum company_fault fault = company_change_fault(&before, &work->record);
    enum company_state state = fault == FAULT_NONE ? COMPANY_ACTIVE : COMPANY_SUSPENDED;
    bool is_change = state != company.state;
    struct message_params params = {.name = company.name};
    vault_wipe(&before, sizeof before);
    company.state = state;
    snprintf(company.suspended_for, sizeof company.suspended_for, "%s",
             fault == FAULT_NONE ? "" : company_fault_name(fault));
    err = company_check_add(work->room, uow, company.id, &work->record, fault, false);
    err = err ? err : company_store(uow, &company);
    return err || !is_change ? err
                             : company_tell(uow, &company, COMPANY_ROLES_ALL,
                                            fault == FAULT_NONE ? &MESSAGE_COMPANY_RESUMED
                                                                : &MESSAGE_COMPANY_SUSPENDED,
                                            &params);
}

static enum err recheck_one(struct engine *engine, struct recheck *work)
{
    struct company company;
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = company_load(conn, work->company, &company);
    engine_read_end(engine, conn);
    if (err != ERR_OK) {
        return err;
    }
    business_ask(work->room, company.code, &work->record);
    return work->record.result == BUSINESS_NO_ANSWER ? ERR_OK : engine_run(engine, apply, work);
}

enum err company_recheck(const struct company_room *room, struct engine *engine, size_t limit,
                         size_t *out_count)
{
    int64_t ids[BATCH_MAX];
    size_t count = 0;
    struct db_conn *conn;
    int64_t before = clock_now_us(engine_clock(engine)) - room->rules.recheck_us;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = db_numbers(
        conn, &recheck_stmt_report_due,
        DB_ARGS(db_int(before), db_int((int64_t)(limit < BATCH_MAX ? limit : BATCH_MAX))), ids,
        BATCH_MAX, &count);
    engine_read_end(engine, conn);
    struct recheck work = {.room = room};
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        work.company = (struct customer_id){ids[i]};
        err = recheck_one(engine, &work);
    }
    vault_wipe(&work, sizeof work);
    *out_count = count;
    return err;
}
