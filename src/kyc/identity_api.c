/* Name and ID number: after the ID card was examined, if that is required. */
#include "customer/customer_api.h"
#include "kyc/kyc.h"
#include "kyc/kyc_routes.h"

static const struct field identity_body[] = {
    FIELD_MUST("name", FIELD_TEXT, .form = FORM_NAME, .min = 2, .max = 50,
               .text = "as on the ID card"),
    FIELD_MUST("idNumber", FIELD_TEXT, .form = FORM_NUMBER, .min = 15, .max = 18,
               .text = "of the resident ID card (GB 11643), 18 characters"),
    FIELD_END};

/* Where layers are required, the ID card is seen before name and number are asked about. */
static enum err check_pictures(struct call *call)
{
    struct db_conn *conn;
    if (!customer_room_layers_required(customer_room_of(call_house(call)),
                                       engine_civil_date(call_engine(call), call->now_us))) {
        return ERR_OK;
    }
    enum err err = engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    err = kyc_id_pictures_check(kyc_room_of(call_house(call)), conn, customer_of(call)->customer);
    engine_read_end(call_engine(call), conn);
    return err;
}

static enum err prepare_identity(struct call *call)
{
    struct identity_evidence *evidence = arena_zero(call->arena, sizeof *evidence);
    if (evidence == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = evidence;
    int64_t retry_at = 0;
    enum err err = check_pictures(call);
    err = err ? err
              : identity_prepare(customer_room_of(call_house(call)), call_engine(call),
                                 customer_of(call)->customer, call_text(call, "name"),
                                 call_text(call, "idNumber"), evidence, &retry_at);
    if (err == ERR_TOO_MANY_REQUESTS) {
        call_retry_at(call, retry_at);
    }
    /* A registry that did not answer is evidence too: commit keeps it, then refuses. */
    return err == ERR_REGISTRY_UNAVAILABLE ? ERR_OK : err;
}

/* The checks as a member of the problem, and which field is to blame. */
static enum err explain_identity(struct call *call, const struct identity_evidence *evidence)
{
    const struct check_outcome *last = &evidence->checks[evidence->count - 1];
    if (evidence->name_refused) {
        call_field_error(call, "#/name", last->reason_en, last->reason_zh);
    }
    if (evidence->number_refused) {
        call_field_error(call, "#/idNumber", last->reason_en, last->reason_zh);
    }
    /* The writer writes to `out`, which the problem document starts anew. */
    str_clear(&call->out);
    render_identity_checks(call, NULL, evidence);
    const char *checks = call->out.failed ? NULL : arena_strdup(call->arena, call->out.bytes);
    str_clear(&call->out);
    if (checks == NULL || call->member_count == CALL_MEMBERS_MAX) {
        return ERR_NO_MEMORY;
    }
    call->members[call->member_count++] = (struct problem_member){"checks", checks};
    return ERR_OK;
}

static enum err commit_identity(struct call *call, struct uow *uow)
{
    const struct identity_evidence *evidence = call->state;
    struct verdict verdict;
    enum err err = identity_commit(customer_room_of(call_house(call)), uow,
                                   customer_of(call)->customer, evidence, &verdict);
    if (err) {
        return err;
    }
    if (customer_refused(call, &verdict)) {
        return verdict.refusal == ERR_IDENTITY_REFUSED ? explain_identity(call, evidence) : ERR_OK;
    }
    out_open(call, NULL, '{');
    err = render_customer_of(call, "customer", uow->conn, customer_of(call)->customer, NULL);
    render_identity_checks(call, "checks", evidence);
    out_close(call, '}');
    return err;
}

static enum err finish_identity(struct call *call)
{
    identity_evidence_wipe(call->state);
    return ERR_OK;
}

const struct route identity_routes[] = {
    {.method = HTTP_PUT,
     .path = "/v1/me/identity",
     .operation = "checkIdentity",
     .tag = "Customer",
     .text = "Checks name and ID number, layer by layer, the registry last.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_NO_STEP,
     .body = identity_body,
     .status = 200,
     .answer = &schema_identity_answer,
     .prepare = prepare_identity,
     .commit = commit_identity,
     .finish = finish_identity},
    {.path = NULL}};
