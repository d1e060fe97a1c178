/* A company's people: roles and limits, which two of them give. */
#include "company/company_render.h"
#include "company/company_routes.h"
#include "company/order.h"
#include "company/order_schemas.h"
#include "customer/customer_api.h"

static enum err path_company(struct call *call, struct db_conn *conn, struct company *out,
                             struct company_user *out_user)
{
    struct customer_id id;
    enum err err = call_path_id(call, 0, &id.value);
    return err ? err : company_access(conn, id, customer_of(call)->customer, 0, out, out_user);
}

/* --- People ----------------------------------------------------------------------------------- */

static enum err render_user(struct call *call, struct db_conn *conn,
                            const struct company_user *user)
{
    struct customer customer;
    enum err err =
        customer_load(customer_room_of(call_house(call)), conn, user->customer, &customer);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_id(call, "userId", user->id);
    out_text(call, "name", customer.name);
    out_text(call, "phone", customer.masked_phone);
    render_company_roles(call, "roles", user->roles);
    if (user->limit_minor >= 0) {
        out_money(call, "limit", (struct money){user->limit_minor, CCY_CNY});
    }
    out_bool(call, "isMe", user->customer.value == customer_of(call)->customer.value);
    out_close(call, '}');
    return ERR_OK;
}

static enum err render_users(struct call *call, struct db_conn *conn)
{
    struct company company;
    struct company_user me;
    struct company_user users[COMPANY_USERS_MAX];
    size_t count = 0;
    enum err err = path_company(call, conn, &company, &me);
    err = err ? err : company_users(conn, company.id, users, &count);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = render_user(call, conn, &users[i]);
    }
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static enum err finish_users(struct call *call)
{
    return call_read(call, render_users);
}

static enum err render_rights(struct call *call, const char *name, unsigned roles,
                              int64_t limit_minor)
{
    out_open(call, name, '{');
    render_company_roles(call, "roles", roles);
    if (roles != 0 && limit_minor >= 0) {
        out_money(call, "limit", (struct money){limit_minor, CCY_CNY});
    }
    out_close(call, '}');
    return ERR_OK;
}

static enum err render_change(struct call *call, struct db_conn *conn,
                              const struct company_user_change *change)
{
    struct customer person, maker;
    const struct customer_room *room = customer_room_of(call_house(call));
    enum err err = customer_load(room, conn, change->customer, &person);
    err = err ? err : customer_load(room, conn, change->maker, &maker);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_id(call, "changeId", change->id);
    out_text(call, "state", user_change_state_name(change->state));
    out_id(call, "userId", change->user_id);
    out_text(call, "name", person.name);
    out_text(call, "phone", person.masked_phone);
    err = render_rights(call, "before", change->roles_before, change->limit_before);
    err = err ? err : render_rights(call, "after", change->roles_after, change->limit_after);
    out_text(call, "maker", maker.name);
    out_bool(call, "isMine", change->maker.value == customer_of(call)->customer.value);
    out_instant(call, "createdAt", change->created_at);
    out_instant(call, "expiresAt", change->expires_at);
    out_close(call, '}');
    return err;
}

static enum err render_changes(struct call *call, struct db_conn *conn)
{
    struct company company;
    struct company_user me;
    struct company_user_change changes[COMPANY_CHANGES_MAX];
    size_t count = 0;
    enum err err = path_company(call, conn, &company, &me);
    err = err ? err : company_user_changes(conn, company.id, call->now_us, changes, &count);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = render_change(call, conn, &changes[i]);
    }
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static enum err finish_changes(struct call *call)
{
    return call_read(call, render_changes);
}

static const char *const values_user_role[] = {"viewer", "maker", "checker", "admin", NULL};
static const struct field user_body[] = {
    FIELD_PHONE("phone"),
    FIELD_MUST("roles", FIELD_LIST, .min = 1, .max = COMPANY_ROLE_COUNT,
               .values = values_user_role),
    FIELD_MAY("limit", FIELD_MONEY, .text = "of one payment"), FIELD_END};

/* What the session proved, by the one table of factors. What is missing stays for the refusal. */
static enum err load_proof(struct call *call, struct db_conn *conn, enum company_proof *out)
{
    enum err err = step_up_check(call, conn, ACTION_COMPANY_USERS);
    *out = COMPANY_PROOF_NONE;
    if (err) {
        return err == ERR_STEP_UP_REQUIRED ? ERR_OK : err;
    }
    err = step_up_check(call, conn, ACTION_COMPANY_ALONE);
    *out = err ? COMPANY_PROOF_PASSCODE : COMPANY_PROOF_STRONG;
    return err == ERR_STEP_UP_REQUIRED ? ERR_OK : err;
}

static enum err answer_change(struct call *call, struct uow *uow, enum err err,
                              const struct company_user_change *change)
{
    if (err != ERR_STEP_UP_REQUIRED) {
        call->member_count = 0; /* of a step-up that nobody asked for */
    }
    return err ? err : render_change(call, uow->conn, change);
}

static enum err commit_user(struct call *call, struct uow *uow)
{
    const json_t *list = json_object_get(call->body, "roles");
    struct company_user_order order = {
        .by = customer_of(call)->customer, .phone = call_text(call, "phone"), .limit_minor = -1};
    struct company company;
    struct company_user me;
    struct company_user_change change;
    if (call_has(call, "limit") && !ccy_equal(call_money(call, "limit").ccy, CCY_CNY)) {
        return ERR_CURRENCY_MISMATCH;
    }
    enum err err = path_company(call, uow->conn, &company, &me);
    for (size_t i = 0; !err && i < json_array_size(list); i++) {
        unsigned role = 0;
        err = company_role_parse(json_string_value(json_array_get(list, i)), &role);
        order.roles |= role;
    }
    if (!err && call_has(call, "limit")) {
        order.limit_minor = call_money(call, "limit").minor;
    }
    order.company = company.id;
    err = err ? err : load_proof(call, uow->conn, &order.proof);
    if (!err && order.proof == COMPANY_PROOF_NONE) {
        return ERR_STEP_UP_REQUIRED; /* before anything is said of a phone */
    }
    err = err ? err : customer_guess_allowed(call);
    err = err ? err : company_user_set(company_room_of(call_house(call)), uow, &order, &change);
    if (err == ERR_OK || err == ERR_COMPANY_USER_UNKNOWN) {
        customer_guess_revealed(
            call); /* the answer names the phone's owner, or that there is none */
    }
    if (err == ERR_INVALID_PHONE || err == ERR_COMPANY_USER_UNKNOWN) {
        return call_blame(call, err, "#/phone");
    }
    return answer_change(call, uow, err, &change);
}

static enum err commit_user_remove(struct call *call, struct uow *uow)
{
    struct company company;
    struct company_user me;
    struct company_user_change change;
    int64_t user = 0;
    struct company_user_order order = {.by = customer_of(call)->customer};
    enum err err = path_company(call, uow->conn, &company, &me);
    err = err ? err : call_path_id(call, 1, &user);
    order.company = company.id;
    err = err ? err : load_proof(call, uow->conn, &order.proof);
    err = err ? err
              : company_user_remove(company_room_of(call_house(call)), uow, &order, user, &change);
    return answer_change(call, uow, err, &change);
}

static enum err commit_decision(struct call *call, struct uow *uow)
{
    struct company_user_word word = {.customer = customer_of(call)->customer};
    struct company_user_change change;
    enum err err = call_path_id(call, 0, &word.company.value);
    err = err ? err : call_path_id(call, 1, &word.change);
    err = err ? err : order_decision_parse(call_text(call, "decision"), &word.decision);
    err = err ? err : load_proof(call, uow->conn, &word.proof);
    err = err ? err : company_user_decide(company_room_of(call_house(call)), uow, &word, &change);
    return answer_change(call, uow, err, &change);
}

static const struct field user_decision_body[] = {
    FIELD_MUST("decision", FIELD_ENUM, .values = values_order_decision,
               .text = "approve, refuse: by another administrator or checker; withdraw: by the "
                       "proposer"),
    FIELD_END};

/* --- Table ------------------------------------------------------------------------------------ */

#define COMPANIES .scope = &customer_scope, .tag = "Companies"

const struct route company_user_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/companies/{companyId}/users",
     .operation = "listCompanyUsers",
     COMPANIES,
     .text = "All who act for a company.",
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_company_user_list,
     .finish = finish_users},
    {.method = HTTP_POST,
     .path = "/v1/companies/{companyId}/users",
     .operation = "setCompanyUser",
     COMPANIES,
     .text = "Proposes roles of a verified customer for a company, or a change of them. Another "
             "administrator or checker decides; where there is none, the change is made at once.",
     .flags = ROUTE_SLOW,
     .body = user_body,
     .status = 201,
     .answer = &schema_company_user_change,
     .commit = commit_user},
    {.method = HTTP_DELETE,
     .path = "/v1/companies/{companyId}/users/{userId}",
     .operation = "removeCompanyUser",
     COMPANIES,
     .text =
         "Takes all roles, and orders of theirs that wait are withdrawn; of an administrator or "
         "checker another one decides, unless the legal representative does it.",
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_company_user_change,
     .commit = commit_user_remove},
    {.method = HTTP_GET,
     .path = "/v1/companies/{companyId}/user-changes",
     .operation = "listCompanyUserChanges",
     COMPANIES,
     .text = "Changes of a company's people that wait for a second person, newest first.",
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_company_user_change_list,
     .finish = finish_changes},
    {.method = HTTP_POST,
     .path = "/v1/companies/{companyId}/user-changes/{changeId}/decisions",
     .operation = "decideCompanyUserChange",
     COMPANIES,
     .text = "The second person's word on a change of people; an approval makes it.",
     .flags = ROUTE_IDEMPOTENT | ROUTE_SLOW,
     .body = user_decision_body,
     .status = 200,
     .answer = &schema_company_user_change,
     .commit = commit_decision},
    {.path = NULL}};
