/* Companies for staff: search, everything of one, the review of registrations. Each look is logged. */
#include "company/company_render.h"
#include "company/company_routes.h"
#include "company/company_schemas.h"
#include "kyc/kyc_api.h"
#include "staff/staff_api.h"

#include <stdlib.h>
#include <string.h>

static enum err path_company(struct call *call, struct db_conn *conn, struct company *out)
{
    struct customer_id id;
    enum err err = call_path_id(call, 0, &id.value);
    return err ? err : company_load(conn, id, out);
}

/* --- Search ----------------------------------------------------------------------------------- */

static const struct field search_query[] = {
    FIELD_MAY("q", FIELD_TEXT, .max = 50, .text = "credit code, or the beginning of a name"),
    FIELD_END};

struct company_page {
    struct call *call;
    size_t limit, seen;
    int64_t last;
};

static bool list_company(const struct company *company, void *context)
{
    struct company_page *page = context;
    if (page->seen++ == page->limit) {
        return false;
    }
    page->last = company->id.value;
    render_staff_company(page->call, NULL, company);
    return true;
}

static enum err commit_search(struct call *call, struct uow *uow)
{
    const char *text = call_query(call, "q");
    return audit_search(call, uow, "company.search",
                        text == NULL || text[0] == '\0' ? "all"
                        : schema_is_credit_code(text)   ? "creditCode"
                                                        : "name");
}

static enum err render_search(struct call *call, struct db_conn *conn)
{
    struct company_page page = {.call = call, .limit = call_limit(call)};
    const char *text = call_query(call, "q");
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    enum err err = company_search(conn, text != NULL ? text : "", call_cursor(call), page.limit + 1,
                                  list_company, &page);
    out_close(call, ']');
    out_close(call, '}');
    if (err == ERR_OK && page.seen > page.limit) {
        call_next(call, page.last);
    }
    return err;
}

static enum err finish_search(struct call *call)
{
    return call_read(call, render_search);
}

/* --- One company ------------------------------------------------------------------------------ */

static enum err commit_view(struct call *call, struct uow *uow)
{
    struct company company;
    enum err err = path_company(call, uow->conn, &company);
    return err ? err : audit_call(call, uow, "company.view", "company", company.id.value, "");
}

static enum err render_file(struct call *call, struct db_conn *conn)
{
    struct company company;
    enum err err = path_company(call, conn, &company);
    return err ? err : render_company_file(call, conn, &company);
}

static enum err finish_file(struct call *call)
{
    return call_read(call, render_file);
}

static enum err commit_claim(struct call *call, struct uow *uow)
{
    struct company company;
    struct company_case row;
    struct staff_claim claim;
    enum err err = path_company(call, uow->conn, &company);
    err = err ? err : company_case_load(uow->conn, company.id, &row);
    if (err == ERR_OK && row.state > COMPANY_CASE_SECOND) {
        err = ERR_CASE_DECIDED;
    }
    return err ? err
               : staff_claim_take(
                     uow, COMPANY_QUEUE, row.id, staff_of(call)->staff.id,
                     company_room_rules(company_room_of(call_house(call)))->case_claim_us, &claim);
}

static enum err commit_licence(struct call *call, struct uow *uow)
{
    struct company company;
    struct company_case row;
    uint8_t *jpeg = NULL;
    size_t size = 0;
    enum err err = path_company(call, uow->conn, &company);
    err = err ? err : company_case_load(uow->conn, company.id, &row);
    err = err ? err
              : staff_claim_check(uow->conn, COMPANY_QUEUE, row.id, staff_of(call)->staff.id,
                                  uow->now_us);
    err = err ? err : audit_call(call, uow, "licence.view", "company", company.id.value, "");
    err = err ? err
              : company_licence_load(company_room_of(call_house(call)), uow->conn, company.id,
                                     &jpeg, &size);
    if (err == ERR_OK) {
        str_append_bytes(&call->out, jpeg, size);
        call->content_type = "image/jpeg";
        vault_wipe(jpeg, size);
        free(jpeg);
    }
    return err;
}

static const struct field decision_body[] = {
    FIELD_MUST("decision", FIELD_ENUM, .values = values_decision),
    FIELD_MUST("note", FIELD_TEXT, .min = 10, .max = 500, .text = "what was seen; sealed"),
    FIELD_END};

static enum err commit_decision(struct call *call, struct uow *uow)
{
    struct company_case row;
    struct customer_id id;
    bool is_approval = strcmp(call_text(call, "decision"), "approve") == 0;
    enum err err = call_path_id(call, 0, &id.value);
    err = err ? err
              : company_case_decide(company_room_of(call_house(call)), uow, &staff_of(call)->staff,
                                    id, is_approval, call_text(call, "note"), &row);
    call->result_id = err ? 0 : id.value;
    return err;
}

/* --- Table ------------------------------------------------------------------------------------ */

#define COMPANIES(permission_)                                                                     \
    .scope = &staff_scope, .permission = (permission_), .tag = "Staff: companies"

const struct route company_case_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/staff/companies",
     .operation = "staffListCompanies",
     COMPANIES(PERMIT_CUSTOMERS),
     .text = "Companies, newest first.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW | ROUTE_LIST,
     .query = search_query,
     .status = 200,
     .answer = &schema_staff_company,
     .commit = commit_search,
     .finish = finish_search},
    {.method = HTTP_GET,
     .path = "/v1/staff/companies/{companyId}",
     .operation = "staffGetCompany",
     COMPANIES(PERMIT_CUSTOMERS),
     .text = "Everything of a company; the look is logged.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW,
     .status = 200,
     .answer = &schema_staff_company_file,
     .commit = commit_view,
     .finish = finish_file},
    {.method = HTTP_POST,
     .path = "/v1/staff/companies/{companyId}/claims",
     .operation = "staffClaimCompany",
     COMPANIES(PERMIT_CASES_DECIDE),
     .text = "Takes a company's registration for a quarter of an hour, or a quarter longer.",
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_staff_company_file,
     .commit = commit_claim,
     .finish = finish_file},
    {.method = HTTP_GET,
     .path = "/v1/staff/companies/{companyId}/licence",
     .operation = "staffGetLicence",
     COMPANIES(PERMIT_CASES_DECIDE),
     .text = "The picture of the licence, under the caller's claim; the look is logged.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW | ROUTE_PICTURE,
     .status = 200,
     .commit = commit_licence},
    {.method = HTTP_POST,
     .path = "/v1/staff/companies/{companyId}/decisions",
     .operation = "staffDecideCompany",
     COMPANIES(PERMIT_CASES_DECIDE),
     .text = "Decides a registration under the caller's claim; one whose owners differ needs two "
             "people.",
     .flags = ROUTE_SLOW | ROUTE_IDEMPOTENT | ROUTE_RENDER_LATER,
     .body = decision_body,
     .status = 200,
     .answer = &schema_staff_company_file,
     .commit = commit_decision,
     .finish = finish_file},
    {.path = NULL}};
