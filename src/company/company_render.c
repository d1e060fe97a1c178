#include "company/company_render.h"

#include "account/account_api.h"
#include "company/company_schemas.h"
#include "web/member.h"

#include <string.h>

void render_company_roles(struct call *call, const char *name, unsigned roles)
{
    out_open(call, name, '[');
    for (int bit = 0; bit < COMPANY_ROLE_COUNT; bit++) {
        if (roles >> bit & 1U) {
            out_text(call, NULL, company_role_name(bit));
        }
    }
    out_close(call, ']');
}

static const char *highest_role(unsigned roles)
{
    int bit = COMPANY_ROLE_COUNT - 1;
    while (bit > 0 && !(roles >> bit & 1U)) {
        bit--;
    }
    return company_role_name(bit);
}

static void render_step(struct call *call, const char *step, enum company_step_state state)
{
    out_open(call, NULL, '{');
    out_text(call, "step", step);
    out_text(call, "state", company_step_state_name(state));
    out_close(call, '}');
}

/* The registration's steps. */
static void render_company_steps(struct call *call, const struct company *company)
{
    out_open(call, "steps", '[');
    render_step(call, "registry",
                company->suspended_for[0] != '\0' ? STEP_IS_FAILED : STEP_IS_PASSED);
    render_step(call, "licence", company->licence);
    render_step(call, "representative", STEP_IS_PASSED);
    render_step(call, "owners", company->owners);
    render_step(call, "agreement", company->submitted_at != 0 ? STEP_IS_PASSED : STEP_IS_TODO);
    out_close(call, ']');
}

static enum err render_accounts(struct call *call, struct db_conn *conn, struct customer_id company)
{
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    size_t count = 0;
    enum err err = account_list(conn, company, accounts, ACCOUNT_PER_PERSON_MAX, &count);
    out_open(call, "accounts", '[');
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct account_view view;
        err = render_account_load(call, conn, &accounts[i], &view);
        if (err == ERR_OK) {
            render_account(call, NULL, &view);
        }
    }
    out_close(call, ']');
    return err;
}

enum err render_company(struct call *call, const char *name, struct db_conn *conn,
                        const struct company *company, const struct company_user *user)
{
    out_open(call, name, '{');
    out_id(call, "companyId", company->id.value);
    out_text(call, "uscc", company->code);
    out_text(call, "name", company->name);
    out_text(call, "kind", company_kind_name(company->kind));
    out_text(call, "state", company_state_name(company->state));
    out_text(call, "role", highest_role(user->roles));
    render_company_roles(call, "roles", user->roles);
    render_company_steps(call, company);
    enum err err = render_accounts(call, conn, company->id);
    out_close(call, '}');
    return err;
}

/* --- Staff ------------------------------------------------------------------------------------ */

void render_staff_company(struct call *call, const char *name, const struct company *company)
{
    OUT_OBJECT(call, name, &schema_staff_company, company);
}

static void render_person(struct call *call, const char *name, const struct company_person *person,
                          bool is_owner)
{
    char masked[ID_NUMBER_SIZE];
    size_t size = strlen(person->id_number);
    memcpy(masked, person->id_number, size + 1);
    for (size_t i = 2; i + 2 < size; i++) {
        masked[i] = '*';
    }
    out_open(call, name, '{');
    out_text(call, "name", person->name);
    out_text(call, "maskedIdNumber", masked);
    if (is_owner) {
        out_int(call, "sharePpm", person->share_ppm);
    }
    out_close(call, '}');
}

static void render_people(struct call *call, const char *name, const struct company_person *people,
                          size_t count)
{
    out_open(call, name, '[');
    for (size_t i = 0; i < count; i++) {
        render_person(call, NULL, &people[i], true);
    }
    out_close(call, ']');
}

static enum err render_registry(struct call *call, struct db_conn *conn,
                                const struct company *company)
{
    struct business_record record;
    enum err err =
        company_record_load(company_room_of(call_house(call)), conn, company->id, &record);
    if (err != ERR_OK) {
        return err;
    }
    out_open(call, "registry", '{');
    render_person(call, "representative", &record.representative, false);
    render_people(call, "owners", record.owners, record.owner_count);
    out_date(call, "registeredAt", record.registered);
    out_text(call, "scope", record.scope);
    out_instant(call, "checkedAt", company->checked_at);
    out_close(call, '}');
    vault_wipe(&record, sizeof record);
    return ERR_OK;
}

static enum err render_owners(struct call *call, struct db_conn *conn,
                              const struct company *company)
{
    struct company_person owners[COMPANY_OWNERS_MAX];
    size_t count = 0;
    enum err err =
        company_owners_load(company_room_of(call_house(call)), conn, company->id, owners, &count);
    if (err == ERR_OK) {
        render_people(call, "owners", owners, count);
        vault_wipe(owners, sizeof owners);
    }
    return err;
}

static enum err render_members(struct call *call, struct db_conn *conn,
                               const struct company *company)
{
    struct company_user users[COMPANY_USERS_MAX];
    size_t count = 0;
    enum err err = company_users(conn, company->id, users, &count);
    out_open(call, "users", '[');
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct customer customer;
        err = customer_load(customer_room_of(call_house(call)), conn, users[i].customer, &customer);
        if (err != ERR_OK) {
            break;
        }
        out_open(call, NULL, '{');
        out_id(call, "customerId", users[i].customer.value);
        out_text(call, "name", customer.name);
        render_company_roles(call, "roles", users[i].roles);
        if (users[i].limit_minor >= 0) {
            out_money(call, "limit", (struct money){users[i].limit_minor, CCY_CNY});
        }
        out_instant(call, "addedAt", users[i].added_at);
        out_close(call, '}');
    }
    out_close(call, ']');
    return err;
}

static bool render_check(const struct company_check_row *row, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_text(call, "result", row->result);
    out_text(call, "version", row->version);
    out_instant(call, "at", row->at);
    out_close(call, '}');
    return true;
}

static bool render_decision(const struct company_decision_row *row, void *context)
{
    struct call *call = context;
    out_open(call, NULL, '{');
    out_text(call, "by", row->login);
    out_instant(call, "at", row->at);
    out_bool(call, "isApproval", row->is_approval);
    out_text(call, "note", row->note);
    out_close(call, '}');
    return true;
}

static enum err render_case_of(struct call *call, struct db_conn *conn,
                               const struct company *company)
{
    struct company_case row;
    struct staff_claim claim;
    enum err err = company_case_load(conn, company->id, &row);
    if (err != ERR_OK) {
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    err = staff_claim_load(conn, COMPANY_QUEUE, row.id, call->now_us, &claim);
    if (err != ERR_OK && err != ERR_NOT_FOUND) {
        return err;
    }
    bool is_claimed = err == ERR_OK;
    out_open(call, "case", '{');
    out_id(call, "caseId", row.id);
    out_text(call, "state", company_case_state_name(row.state));
    out_open(call, "reasons", '[');
    for (int bit = 0; bit < COMPANY_REASON_COUNT; bit++) {
        if (row.reasons >> bit & 1U) {
            out_text(call, NULL, company_reason_name(bit));
        }
    }
    out_close(call, ']');
    out_bool(call, "needsSecond", row.needs_second);
    out_instant(call, "openedAt", row.opened_at);
    out_instant(call, "dueAt", row.due_at);
    out_text(call, "claimedBy", is_claimed ? claim.login : NULL);
    if (is_claimed) {
        out_instant(call, "claimUntil", claim.until);
    }
    out_open(call, "decisions", '[');
    err = company_decisions_each(company_room_of(call_house(call)), conn, row.id, render_decision,
                                 call);
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

enum err render_company_file(struct call *call, struct db_conn *conn, const struct company *company)
{
    out_open(call, NULL, '{');
    render_staff_company(call, "company", company);
    render_company_steps(call, company);
    enum err err = render_registry(call, conn, company);
    err = err ? err : render_owners(call, conn, company);
    err = err ? err : render_members(call, conn, company);
    err = err ? err : render_accounts(call, conn, company->id);
    out_open(call, "checks", '[');
    err = err ? err : company_checks_each(conn, company->id, render_check, call);
    out_close(call, ']');
    err = err ? err : render_case_of(call, conn, company);
    out_close(call, '}');
    return err;
}
