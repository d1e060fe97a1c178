/* Companies, as the people who act for them see them: registration, accounts. */
#include "account/account_api.h"
#include "company/company_render.h"
#include "company/company_routes.h"
#include "company/company_schemas.h"
#include "customer/customer_api.h"
#include "payment/payment_api.h"

#include <stdlib.h>
#include <string.h>

/* The path's company, where the caller has one of the roles (0: any). */
static enum err path_company(struct call *call, struct db_conn *conn, unsigned roles,
                             struct company *out, struct company_user *out_user)
{
    struct customer_id id;
    enum err err = call_path_id(call, 0, &id.value);
    return err ? err : company_access(conn, id, customer_of(call)->customer, roles, out, out_user);
}

/* --- Look-up ---------------------------------------------------------------------------------- */

#define FIELD_CODE                                                                                 \
    FIELD_MUST("uscc", FIELD_TEXT, .form = FORM_NUMBER, .min = 18, .max = 18,                      \
               .check = schema_is_credit_code, .text = "unified social credit code (GB 32100)")

static const struct field check_query[] = {FIELD_CODE, FIELD_END};

static enum err finish_check(struct call *call)
{
    const char *code = call_query(call, "uscc");
    struct business_record record = {.result = BUSINESS_NOT_FOUND};
    enum err err = company_look_up(company_room_of(call_house(call)), code, &record);
    bool is_valid = err == ERR_OK;
    bool is_found = is_valid && record.result == BUSINESS_FOUND;
    out_open(call, NULL, '{');
    out_text(call, "uscc", code);
    out_bool(call, "isValid", is_valid);
    if (is_found) {
        out_text(call, "name", record.name);
        out_text(call, "kind", company_kind_name(record.kind));
        out_date(call, "registeredAt", record.registered);
    }
    out_text(call, "state",
             is_found                              ? record.is_registered ? "registered" : "revoked"
             : !is_valid                           ? "invalid"
             : record.result == BUSINESS_NO_ANSWER ? "unavailable"
                                                   : "notFound");
    out_close(call, '}');
    vault_wipe(&record, sizeof record);
    return ERR_OK;
}

/* --- Registering ------------------------------------------------------------------------------ */

static const struct field register_body[] = {
    FIELD_CODE,
    FIELD_MUST("name", FIELD_TEXT, .min = 2, .max = 50, .text = "as at the business registry"),
    FIELD_MUST("kind", FIELD_ENUM, .values = values_company_kind),
    FIELD_MAY("licenceNumber", FIELD_TEXT, .min = 1, .max = 30), FIELD_END};

/* What the registry contradicts, at its member. */
static void explain_fault(struct call *call, enum company_fault fault)
{
    static const struct {
        const char *pointer, *en, *zh;
    } TEXTS[] = {
        [FAULT_UNKNOWN] = {"#/uscc", "is not known to the business registry",
                           "工商登记中查无此企业"},
        [FAULT_REVOKED] = {"#/uscc", "belongs to a company whose registration was revoked",
                           "该企业的登记已被吊销"},
        [FAULT_NAME] = {"#/name", "is not the registered name", "与登记的名称不一致"},
        [FAULT_KIND] = {"#/kind", "is not the registered kind", "与登记的类型不一致"},
        [FAULT_REPRESENTATIVE] = {"#/uscc", "has another legal representative now",
                                  "法定代表人已变更"},
        [FAULT_OWNERS] = {"#/owners", "have changed at the business registry", "登记的股东已变更"},
    };
    if (fault != FAULT_NONE && call->field_error_count == 0) {
        call_field_error(call, TEXTS[fault].pointer, TEXTS[fault].en, TEXTS[fault].zh);
    }
}

/* As with a submission: a repeat finds its first answer also when the face check is too old by then. */
struct registration_work {
    enum err refusal;
    struct company_registration registration;
};

static enum err prepare_register(struct call *call)
{
    struct registration_work *work = arena_zero(call->arena, sizeof *work);
    const char *number = call_text(call, "licenceNumber");
    enum err err = work == NULL ? ERR_NO_MEMORY : customer_need_active(call);
    if (err) {
        return err;
    }
    call->state = work;
    struct company_registration *r = &work->registration;
    snprintf(r->code, sizeof r->code, "%s", call_text(call, "uscc"));
    snprintf(r->name, sizeof r->name, "%s", call_text(call, "name"));
    snprintf(r->licence_number, sizeof r->licence_number, "%s", number != NULL ? number : "");
    err = company_kind_parse(call_text(call, "kind"), &r->kind);
    err = err ? err
              : company_register_prepare(company_room_of(call_house(call)), call_engine(call),
                                         customer_of(call), call->now_us, r);
    if (err == ERR_INVALID_FIELD) {
        return call_blame(call, err, "#/uscc");
    }
    if (err == ERR_COMPANY_REFUSED) {
        call->err = err;
        explain_fault(call, r->fault);
    }
    if (err == ERR_FACE_CHECK_REQUIRED) {
        work->refusal = err;
        return ERR_OK;
    }
    return err;
}

static enum err commit_register(struct call *call, struct uow *uow)
{
    struct company company;
    const struct registration_work *work = call->state;
    struct company_user user = {.roles = COMPANY_ROLES_ALL};
    if (work->refusal) {
        return work->refusal;
    }
    enum err err =
        company_register(company_room_of(call_house(call)), uow, &work->registration, &company);
    return err ? err : render_company(call, NULL, uow->conn, &company, &user);
}

struct licence_work {
    const struct company_room *room;
    struct company_licence licence;
    struct company company;
};

static enum err keep_licence(struct uow *uow, void *context)
{
    struct licence_work *work = context;
    return company_licence_store(work->room, uow, &work->licence, &work->company);
}

/* Looked at, kept and answered here, because a picture is large. */
static enum err finish_licence(struct call *call)
{
    struct licence_work *work = arena_zero(call->arena, sizeof *work);
    struct company_user user = {.roles = COMPANY_ROLES_ALL};
    struct customer_id id;
    struct db_conn *conn;
    size_t size = 0;
    enum err err = work == NULL ? ERR_NO_MEMORY : call_path_id(call, 0, &id.value);
    if (err) {
        return err;
    }
    const void *bytes = call_picture(call, &size);
    work->room = company_room_of(call_house(call));
    err = company_licence_prepare(work->room, call_engine(call), customer_of(call)->customer, id,
                                  bytes, size, &work->licence);
    err = err ? err : engine_run(call_engine(call), keep_licence, work);
    free(work->licence.jpeg);
    err = err ? err : engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    err = path_company(call, conn, 0, &work->company, &user);
    err = err ? err : render_company(call, NULL, conn, &work->company, &user);
    engine_read_end(call_engine(call), conn);
    return err;
}

static const struct field owners_body[] = {
    FIELD_MUST("owners", FIELD_LIST, .max = COMPANY_OWNERS_MAX, .schema = &schema_company_owner,
               .text = "all who own a quarter or more"),
    FIELD_END};

static void explain_owner(struct call *call, enum owner_fault fault, size_t number)
{
    static const struct {
        const char *member, *en, *zh;
    } TEXTS[] = {
        [OWNER_NAME] = {"/name", "is missing", "不能为空"},
        [OWNER_NUMBER] = {"/idNumber", "is not an ID number", "不是有效的身份证号码"},
        [OWNER_SHARE] = {"/sharePpm", "adds up to more than all", "持股合计超过100%"},
        [OWNER_TWICE] = {"/idNumber", "is named twice: give one entry with the whole share",
                         "同一人重复填写，请合并持股比例"},
    };
    if (fault == OWNER_MISSING) {
        call_field_error(call, "#/owners",
                         "lacks somebody who owns a quarter or more by the business registry",
                         "工商登记显示还有持股25%以上的人员未填写");
    } else if (fault != OWNER_FINE) {
        call_field_error(call,
                         arena_printf(call->arena, "#/owners/%zu%s", number, TEXTS[fault].member),
                         TEXTS[fault].en, TEXTS[fault].zh);
    }
}

static size_t read_owners(const struct call *call, struct company_person out[COMPANY_OWNERS_MAX])
{
    const json_t *list = json_object_get(call->body, "owners");
    size_t count = json_array_size(list);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        out[i] = (struct company_person){.share_ppm =
                                             json_integer_value(json_object_get(item, "sharePpm"))};
        snprintf(out[i].name, sizeof out[i].name, "%s",
                 json_string_value(json_object_get(item, "name")));
        snprintf(out[i].id_number, sizeof out[i].id_number, "%s",
                 json_string_value(json_object_get(item, "idNumber")));
        if (out[i].id_number[ID_NUMBER_SIZE - 2] == 'x') {
            out[i].id_number[ID_NUMBER_SIZE - 2] = 'X';
        }
    }
    return count;
}

static enum err commit_owners(struct call *call, struct uow *uow)
{
    struct company_person owners[COMPANY_OWNERS_MAX];
    struct company company;
    struct company_user user;
    enum owner_fault fault = OWNER_FINE;
    size_t number = 0;
    size_t count = read_owners(call, owners);
    enum err err = path_company(call, uow->conn, 0, &company, &user);
    err = err ? err
              : company_owners_store(company_room_of(call_house(call)), uow,
                                     customer_of(call)->customer, company.id, owners, count, &fault,
                                     &number, &company);
    vault_wipe(owners, sizeof owners);
    if (err == ERR_OWNERS_REFUSED) {
        call->err = err;
        explain_owner(call, fault, number);
    }
    return err ? err : render_company(call, NULL, uow->conn, &company, &user);
}

/* commit returns the refusal of prepare, because the stored answer of an earlier request with this key is
 * looked up between the two. */
struct submission_work {
    enum err refusal;
    struct company_submission submission;
};

static enum err prepare_submission(struct call *call)
{
    struct submission_work *work = arena_zero(call->arena, sizeof *work);
    struct customer_id id;
    enum err err = work == NULL ? ERR_NO_MEMORY : call_path_id(call, 0, &id.value);
    call->state = work;
    err = err ? err
              : company_submit_prepare(company_room_of(call_house(call)), call_engine(call),
                                       customer_of(call)->customer, id, &work->submission);
    if (err == ERR_COMPANY_STATE) {
        work->refusal = err;
        return ERR_OK;
    }
    return err;
}

static enum err commit_submission(struct call *call, struct uow *uow)
{
    const struct submission_work *work = call->state;
    struct company company;
    enum company_fault fault = FAULT_NONE;
    if (work->refusal) {
        return work->refusal;
    }
    enum err err =
        company_submit(company_room_of(call_house(call)), uow, &work->submission, &fault, &company);
    if (err == ERR_COMPANY_REFUSED) {
        call->err = err;
        explain_fault(call, fault);
    }
    call->result_id = err ? 0 : company.id.value;
    return err;
}

/* The account that was just opened is seen once it is durable. */
static enum err render_one(struct call *call, struct db_conn *conn)
{
    struct company company;
    struct company_user user;
    enum err err = path_company(call, conn, 0, &company, &user);
    return err ? err : render_company(call, NULL, conn, &company, &user);
}

static enum err finish_company(struct call *call)
{
    return call_read(call, render_one);
}

/* --- Lists ------------------------------------------------------------------------------------ */

static enum err render_mine(struct call *call, struct db_conn *conn)
{
    struct company_user users[COMPANIES_MAX];
    size_t count = 0;
    enum err err = company_list_of(conn, customer_of(call)->customer, users, &count);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct company company;
        err = company_load(conn, users[i].company, &company);
        err = err ? err : render_company(call, NULL, conn, &company, &users[i]);
    }
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static enum err finish_list(struct call *call)
{
    return call_read(call, render_mine);
}

static enum err render_accounts(struct call *call, struct db_conn *conn)
{
    struct company company;
    struct company_user user;
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    size_t count = 0;
    enum err err = path_company(call, conn, 0, &company, &user);
    err = err ? err : account_list(conn, company.id, accounts, ACCOUNT_PER_PERSON_MAX, &count);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct account_view view;
        err = render_account_load(call, conn, &accounts[i], &view);
        if (err == ERR_OK) {
            render_account(call, NULL, &view);
        }
    }
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static enum err finish_accounts(struct call *call)
{
    return call_read(call, render_accounts);
}

static bool list_transaction(const struct activity_line *line, void *context)
{
    render_transaction(context, NULL, line, CCY_CNY);
    return true;
}

static enum err render_transactions(struct call *call, struct db_conn *conn)
{
    struct company company;
    struct company_user user;
    struct account account;
    struct activity_filter filter = {.text = NULL};
    struct account_id id;
    int64_t next = 0;
    enum err err = path_company(call, conn, 0, &company, &user);
    err = err ? err : call_path_id(call, 1, &id.value);
    err = err ? err : account_load_own(conn, company.id, id, &account);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    err = activity_each(engine_ledger(call_engine(call)), conn, account.id, &filter,
                        call_cursor(call), call_limit(call), list_transaction, call, &next);
    out_close(call, ']');
    out_close(call, '}');
    if (err == ERR_OK) {
        call_next(call, next);
    }
    return err;
}

static enum err finish_transactions(struct call *call)
{
    return call_read(call, render_transactions);
}

/* --- Table ------------------------------------------------------------------------------------ */

#define COMPANIES .scope = &customer_scope, .tag = "Companies"

const struct route company_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/company-checks",
     .operation = "checkCompany",
     COMPANIES,
     .text = "What the business registry says of a credit code.",
     .flags = ROUTE_SLOW,
     .query = check_query,
     .status = 200,
     .answer = &schema_company_check,
     .finish = finish_check},
    {.method = HTTP_POST,
     .path = "/v1/companies",
     .operation = "registerCompany",
     COMPANIES,
     .text = "Begins the registration of a company by its legal representative, whose face was "
             "checked in "
             "the last ten minutes.",
     .flags = ROUTE_IDEMPOTENT | ROUTE_SLOW,
     .body = register_body,
     .status = 201,
     .answer = &schema_company,
     .prepare = prepare_register,
     .commit = commit_register},
    {.method = HTTP_GET,
     .path = "/v1/companies",
     .operation = "listCompanies",
     COMPANIES,
     .text = "The companies that the caller acts for.",
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_company_list,
     .finish = finish_list},
    {.method = HTTP_GET,
     .path = "/v1/companies/{companyId}",
     .operation = "getCompany",
     COMPANIES,
     .text = "A company that the caller acts for.",
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_company,
     .finish = finish_company},
    {.method = HTTP_PUT,
     .path = "/v1/companies/{companyId}/licence",
     .operation = "putCompanyLicence",
     COMPANIES,
     .text = "The picture of the business licence.",
     .flags = ROUTE_SLOW | ROUTE_PICTURE,
     .status = 200,
     .answer = &schema_company,
     .finish = finish_licence},
    {.method = HTTP_PUT,
     .path = "/v1/companies/{companyId}/owners",
     .operation = "putCompanyOwners",
     COMPANIES,
     .text = "The beneficial owners; all who own a quarter or more by the registry must be named.",
     .flags = ROUTE_SLOW,
     .body = owners_body,
     .status = 200,
     .answer = &schema_company,
     .commit = commit_owners},
    {.method = HTTP_POST,
     .path = "/v1/companies/{companyId}/submission",
     .operation = "submitCompany",
     COMPANIES,
     .text =
         "Agrees to the terms and submits: active at once where all agrees, else a person looks.",
     .flags = ROUTE_IDEMPOTENT | ROUTE_SLOW | ROUTE_RENDER_LATER,
     .status = 200,
     .answer = &schema_company,
     .prepare = prepare_submission,
     .commit = commit_submission,
     .finish = finish_company},
    {.method = HTTP_GET,
     .path = "/v1/companies/{companyId}/accounts",
     .operation = "listCompanyAccounts",
     COMPANIES,
     .text = "A company's accounts.",
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_account_list,
     .finish = finish_accounts},
    {.method = HTTP_GET,
     .path = "/v1/companies/{companyId}/accounts/{accountId}/transactions",
     .operation = "listCompanyTransactions",
     COMPANIES,
     .text = "What moved on a company's account, newest first.",
     .flags = ROUTE_SLOW | ROUTE_LIST,
     .status = 200,
     .answer = &schema_transaction,
     .finish = finish_transactions},
    {.path = NULL}};
