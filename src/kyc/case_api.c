/* Review: cases that a person at the bank decides. Whatever is looked at is logged with the look. */
#include "kyc/kyc_render.h"
#include "kyc/kyc_routes.h"
#include "kyc/kyc_schemas.h"
#include "staff/staff_api.h"

#include <stdlib.h>
#include <string.h>

#define CASES_SCANNED_MAX 1000 /* rows looked at for one page */

/* --- List ------------------------------------------------------------------------------------- */

static const struct field cases_query[] = {
    FIELD_MAY("state", FIELD_ENUM, .values = values_case_filter,
              .text = "absent: all that are not decided"),
    FIELD_MAY("mine", FIELD_BOOL, .text = "true: those that the caller has claimed"), FIELD_END};

struct case_list {
    struct call *call;
    struct db_conn *conn;
    const char *state;
    bool mine;
    struct kyc_case *rows;
    size_t count, limit;
    int64_t last_seen; /* id */
    size_t seen;
    enum err err;
};

static bool collect_case(const struct kyc_case *row, void *context)
{
    struct case_list *list = context;
    struct staff_claim claim = {.staff = {0}};
    list->last_seen = row->id;
    list->seen++;
    enum err err = staff_claim_load(list->conn, KYC_QUEUE, row->id, list->call->now_us, &claim);
    if (err && err != ERR_NOT_FOUND) {
        list->err = err;
        return false;
    }
    bool is_claimed = err == ERR_OK;
    const char *state = case_state_name(row->state, is_claimed);
    bool is_wanted = list->state == NULL || strcmp(list->state, "decided") == 0 ||
                     strcmp(list->state, state) == 0;
    bool is_mine = is_claimed && claim.staff.value == staff_of(list->call)->staff.id.value;
    if (is_wanted && (!list->mine || is_mine)) {
        list->rows[list->count++] = *row;
    }
    return list->count < list->limit;
}

static enum err render_cases(struct call *call, struct db_conn *conn)
{
    struct case_list list = {
        .call = call, .conn = conn, .state = call_query(call, "state"), .limit = call_limit(call)};
    const char *mine = call_query(call, "mine");
    enum case_filter filter = CASES_UNDECIDED;
    list.mine = mine != NULL && strcmp(mine, "true") == 0;
    if (list.state != NULL) {
        filter = strcmp(list.state, "decided") == 0  ? CASES_DECIDED
                 : strcmp(list.state, "second") == 0 ? CASES_SECOND
                                                     : CASES_OPEN;
    }
    list.rows = arena_alloc(call->arena, list.limit * sizeof *list.rows);
    if (list.rows == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err =
        kyc_cases_each(conn, filter, call_cursor(call), CASES_SCANNED_MAX, collect_case, &list);
    err = err ? err : list.err;
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; !err && i < list.count; i++) {
        err = render_case(call, NULL, conn, &list.rows[i]);
    }
    out_close(call, ']');
    out_close(call, '}');
    if (!err && (list.count == list.limit || list.seen == CASES_SCANNED_MAX)) {
        call_next(call, list.last_seen);
    }
    return err;
}

/* One audit entry that names the customers shown in the list. */
static enum err cases_commit(struct call *call, struct uow *uow)
{
    return audit_search(call, uow, "case.list", "");
}

static enum err cases_finish(struct call *call)
{
    return call_read(call, render_cases);
}

/* --- One case --------------------------------------------------------------------------------- */

static enum err path_case(struct call *call, struct db_conn *conn, struct kyc_case *out)
{
    int64_t id;
    enum err err = call_path_id(call, 0, &id);
    return err ? err : kyc_case_load(conn, id, out);
}

static enum err case_commit(struct call *call, struct uow *uow)
{
    struct kyc_case row;
    enum err err = path_case(call, uow->conn, &row);
    return err ? err : audit_call(call, uow, "case.view", "case", row.id, "");
}

static enum err render_file(struct call *call, struct db_conn *conn)
{
    struct kyc_case row;
    enum err err = path_case(call, conn, &row);
    return err ? err : render_case_file(call, conn, &row);
}

static enum err case_finish(struct call *call)
{
    return call_read(call, render_file);
}

static enum err claim_commit(struct call *call, struct uow *uow)
{
    struct kyc_case row;
    struct staff_claim claim;
    enum err err = path_case(call, uow->conn, &row);
    if (!err && row.state > CASE_SECOND) {
        err = ERR_CASE_DECIDED;
    }
    err = err ? err
              : staff_claim_take(uow, KYC_QUEUE, row.id, staff_of(call)->staff.id,
                                 kyc_room_rules(kyc_room_of(call_house(call)))->case_claim_us,
                                 &claim);
    return err ? err : render_case(call, NULL, uow->conn, &row);
}

static enum err unclaim_commit(struct call *call, struct uow *uow)
{
    struct kyc_case row;
    enum err err = path_case(call, uow->conn, &row);
    return err ? err : staff_claim_release(uow, KYC_QUEUE, row.id, staff_of(call)->staff.id);
}

/* --- Pictures --------------------------------------------------------------------------------- */

static enum err picture_commit(struct call *call, struct uow *uow)
{
    struct customer_id customer;
    uint8_t *jpeg = NULL;
    size_t size = 0;
    int64_t id;
    enum err err = call_path_id(call, 0, &id);
    err =
        err ? err
            : kyc_picture_may_see(uow->conn, id, staff_of(call)->staff.id, uow->now_us, &customer);
    err = err ? err : audit_call(call, uow, "picture.view", "picture", id, "");
    err = err ? err
              : kyc_picture_load(kyc_room_of(call_house(call)), uow->conn, customer, id, &jpeg,
                                 &size);
    if (!err) {
        str_append_bytes(&call->out, jpeg, size);
        call->content_type = "image/jpeg";
        vault_wipe(jpeg, size);
        free(jpeg);
    }
    return err;
}

/* --- Decisions -------------------------------------------------------------------------------- */

static const struct field decision_body[] = {
    FIELD_MUST("decision", FIELD_ENUM, .values = values_decision),
    FIELD_MUST("reason", FIELD_ENUM, .values = values_decision_reason),
    FIELD_MUST("note", FIELD_TEXT, .min = 10, .max = 500, .text = "what was seen; sealed"),
    FIELD_END};

static enum err decision_commit(struct call *call, struct uow *uow)
{
    struct kyc_case row;
    struct kyc_decision decision = {.is_approval =
                                        strcmp(call_text(call, "decision"), "approve") == 0,
                                    .note = call_text(call, "note")};
    struct session_id *session = arena_zero(call->arena, sizeof *session);
    int64_t id;
    if (session == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = session;
    enum err err = call_path_id(call, 0, &id);
    err = err ? err : decision_reason_parse(call_text(call, "reason"), &decision.reason);
    err = err ? err
              : kyc_case_decide(kyc_room_of(call_house(call)), uow, &staff_of(call)->staff, id,
                                &decision, &row, session);
    return err ? err : render_case(call, NULL, uow->conn, &row);
}

static enum err decision_finish(struct call *call)
{
    const struct session_id *session = call->state;
    if (session->value != 0) {
        session_forget(customer_room_of(call_house(call)), *session);
    }
    return ERR_OK;
}

/* --- Table ------------------------------------------------------------------------------------ */

#define CASES(permission_) .scope = &staff_scope, .permission = (permission_), .tag = "Staff: cases"

const struct route case_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/staff/cases",
     .operation = "staffListCases",
     CASES(PERMIT_CASES),
     .text = "Cases, newest first.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW | ROUTE_LIST,
     .query = cases_query,
     .status = 200,
     .answer = &schema_case,
     .commit = cases_commit,
     .finish = cases_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/cases/{caseId}",
     .operation = "staffGetCase",
     CASES(PERMIT_CASES),
     .text = "A case with all that was read, checked and decided; the look is logged.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW,
     .status = 200,
     .answer = &schema_case_file,
     .commit = case_commit,
     .finish = case_finish},
    {.method = HTTP_POST,
     .path = "/v1/staff/cases/{caseId}/claims",
     .operation = "staffClaimCase",
     CASES(PERMIT_CASES_DECIDE),
     .text = "Takes a case for a quarter of an hour, or a quarter longer.",
     .status = 200,
     .answer = &schema_case,
     .commit = claim_commit},
    {.method = HTTP_DELETE,
     .path = "/v1/staff/cases/{caseId}/claims/current",
     .operation = "staffReleaseCase",
     CASES(PERMIT_CASES_DECIDE),
     .text = "Gives a case back.",
     .status = 204,
     .commit = unclaim_commit},
    {.method = HTTP_GET,
     .path = "/v1/staff/pictures/{pictureId}",
     .operation = "staffGetPicture",
     CASES(PERMIT_CASES_DECIDE),
     .text = "A picture of a case that the caller has claimed; the look is logged.",
     .flags = ROUTE_LOGGED | ROUTE_SLOW | ROUTE_PICTURE,
     .status = 200,
     .commit = picture_commit},
    {.method = HTTP_POST,
     .path = "/v1/staff/cases/{caseId}/decisions",
     .operation = "staffDecideCase",
     CASES(PERMIT_CASES_DECIDE),
     .text = "Decides a case under the caller's claim; some need two people.",
     .flags = ROUTE_SLOW | ROUTE_IDEMPOTENT,
     .body = decision_body,
     .status = 200,
     .answer = &schema_case,
     .commit = decision_commit,
     .finish = decision_finish},
    {.path = NULL}};
