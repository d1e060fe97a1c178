/* Four eyes: changes proposed and decided; the parameters they change; the queues of work. */
#include "base/check.h"
#include "company/company.h"
#include "desk/change_kinds.h"
#include "desk/change_schemas.h"
#include "desk/desk_routes.h"
#include "payment/payment.h"
#include "staff/staff_api.h"

#include <string.h>

/* --- Changes ----------------------------------------------------------------------------------- */

static void render_change(struct call *call, const char *name, const struct change *change)
{
    out_open(call, name, '{');
    out_id(call, "changeId", change->id);
    out_text(call, "kind", change->kind);
    out_text(call, "object", change->object);
    out_text(call, "state", change_state_name(change->state));
    out_text(call, "maker", change->maker_login);
    if (change->checker.value != 0) {
        out_text(call, "checker", change->checker_login);
    }
    out_text(call, "reason", change->reason);
    if (change->checker.value != 0) {
        out_text(call, "decisionReason", change->decision_reason);
    }
    out_instant(call, "createdAt", change->created_at);
    out_instant(call, "expiresAt", change->expires_at);
    if (change->decided_at != 0) {
        out_instant(call, "decidedAt", change->decided_at);
    }
    out_raw(call, "before", change->before);
    out_raw(call, "after", change->after);
    out_close(call, '}');
}

struct change_page {
    struct call *call;
    size_t limit;
    size_t seen;
    int64_t last;
};

static bool list_change(const struct change *change, void *context)
{
    struct change_page *page = context;
    page->seen++;
    if (page->seen <= page->limit) {
        render_change(page->call, NULL, change);
        page->last = change->id;
    }
    return page->seen <= page->limit;
}

static enum err changes_render(struct call *call, struct db_conn *conn)
{
    struct change_page page = {.call = call, .limit = call_limit(call)};
    struct change_filter filter = {.before = call_cursor(call), .limit = page.limit + 1};
    const char *state = call_query(call, "state");
    if (state != NULL) {
        CHECK(change_state_parse(state, &filter.state) == ERR_OK); /* checked by the row */
    }
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    enum err err = change_each(conn, &filter, list_change, &page);
    out_close(call, ']');
    out_close(call, '}');
    if (!err && page.seen > page.limit) {
        call_next(call, page.last);
    }
    return err;
}

static enum err changes_finish(struct call *call)
{
    return call_read(call, changes_render);
}

static enum err change_render(struct call *call, struct db_conn *conn)
{
    int64_t id;
    struct change change;
    enum err err = call_path_id(call, 0, &id);
    err = err ? err : change_load(conn, id, &change);
    if (err) {
        return err;
    }
    render_change(call, NULL, &change);
    call_etag(call, change.version);
    return ERR_OK;
}

static enum err change_finish(struct call *call)
{
    return call_read(call, change_render);
}

static enum err propose_commit(struct call *call, struct uow *uow)
{
    struct change_context context = {.call = call, .is_proposal = true};
    struct change_kinds kinds = change_kinds_of(&context);
    struct change change;
    struct change_draft draft = {.kind = call_text(call, "kind"),
                                 .object = call_text(call, "object"),
                                 .after = json_object_get(call->body, "after"),
                                 .reason = call_text(call, "reason")};
    enum err err = change_propose(&kinds, uow, &draft, staff_of(call), &change);
    if (err == ERR_NOT_FOUND) {
        return call_blame(call, err, "#/object");
    }
    if (!err) {
        render_change(call, NULL, &change);
    }
    return err;
}

static enum err decide_commit(struct call *call, struct uow *uow)
{
    struct change_context context = {.call = call};
    struct change_kinds kinds = change_kinds_of(&context);
    struct change change;
    int64_t id;
    enum change_decision decision = 0;
    CHECK(change_decision_parse(call_text(call, "decision"), &decision) == ERR_OK);
    enum err err = call_path_id(call, 0, &id);
    err = err ? err
              : change_decide(&kinds, uow, id, decision, call_text(call, "reason"), staff_of(call),
                              &change);
    if (!err) {
        render_change(call, NULL, &change);
    }
    return err;
}

/* --- Parameters -------------------------------------------------------------------------------- */

static void render_parameter(struct call *call, size_t number, struct date day)
{
    struct catalogue_figure figure;
    catalogue_figure(call_house(call)->catalogue, number, day, &figure);
    out_open(call, NULL, '{');
    out_text(call, "name", figure.row->name);
    out_int(call, "value", figure.value);
    out_text(call, "unit", parameter_unit_name(figure.row->unit));
    out_int(call, "min", figure.row->least);
    out_int(call, "max", figure.row->most);
    out_date(call, "effectiveDate", figure.effective_date);
    out_int(call, "version", figure.version);
    out_bilingual(call, "source", figure.source_en, figure.source_zh);
    if (figure.has_next) {
        out_open(call, "next", '{');
        out_int(call, "value", figure.next_value);
        out_date(call, "effectiveDate", figure.next_date);
        out_close(call, '}');
    }
    out_close(call, '}');
}

static enum err parameters_finish(struct call *call)
{
    struct date day = engine_civil_date(call_engine(call), call->now_us);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; i < catalogue_parameter_count(call_house(call)->catalogue); i++) {
        render_parameter(call, i, day);
    }
    out_close(call, ']');
    out_close(call, '}');
    return ERR_OK;
}

/* --- Queues ------------------------------------------------------------------------------------ */

static enum err count_cases(struct db_conn *conn, struct staff_id staff, int64_t now_us,
                            struct work_count *out)
{
    struct kyc_queue_counts counts;
    enum err err = kyc_queue_counts(conn, staff, now_us, &counts);
    if (!err) {
        *out = (struct work_count){counts.open, counts.overdue, counts.mine, counts.oldest_at};
    }
    return err;
}

static enum err count_companies(struct db_conn *conn, struct staff_id staff, int64_t now_us,
                                struct work_count *out)
{
    struct company_queue_counts counts;
    enum err err = company_queue_counts(conn, staff, now_us, &counts);
    if (!err) {
        *out = (struct work_count){counts.open, counts.overdue, counts.mine, counts.oldest_at};
    }
    return err;
}

/* Nobody holds an alert: who has dealt with it closes it. */
static enum err count_alerts(struct db_conn *conn, struct staff_id staff, int64_t now_us,
                             struct work_count *out)
{
    struct payment_alert_counts counts;
    (void)staff;
    enum err err = payment_alert_counts(conn, now_us, &counts);
    if (!err) {
        *out = (struct work_count){counts.open, counts.overdue, 0, counts.oldest_at};
    }
    return err;
}

/* A queue of work: who sees it, and who counts it. */
static const struct {
    const char *name;
    enum staff_permission permission;
    enum err (*count)(struct db_conn *conn, struct staff_id staff, int64_t now_us,
                      struct work_count *out);
} queues[] = {
    {"identityCases", PERMIT_CASES, count_cases},
    {COMPANY_QUEUE, PERMIT_CASES, count_companies},
    {"changes", PERMIT_CHANGES, change_count},
    {"paymentAlerts", PERMIT_PAYMENTS, count_alerts},
};

static enum err work_render(struct call *call, struct db_conn *conn)
{
    enum err err = ERR_OK;
    out_open(call, NULL, '{');
    out_open(call, "queues", '[');
    for (size_t i = 0; !err && i < sizeof queues / sizeof queues[0]; i++) {
        struct work_count count = {0};
        if (!staff_may(staff_of(call)->permissions, queues[i].permission)) {
            continue;
        }
        err = queues[i].count(conn, staff_of(call)->staff.id, call->now_us, &count);
        out_open(call, NULL, '{');
        out_text(call, "queue", queues[i].name);
        out_int(call, "open", count.open);
        out_int(call, "overdue", count.overdue);
        out_int(call, "mine", count.mine);
        if (count.oldest_at != 0) {
            out_instant(call, "oldestAt", count.oldest_at);
        }
        out_close(call, '}');
    }
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

static enum err work_finish(struct call *call)
{
    return call_read(call, work_render);
}

/* --- The table --------------------------------------------------------------------------------- */

static const char *const values_decision[] = {"approve", "refuse", "withdraw", NULL};

static const struct field changes_query[] = {
    FIELD_MAY("state", FIELD_ENUM, .values = values_change_state, .text = "absent: all"),
    FIELD_END};
static const struct field propose_body[] = {
    FIELD_MUST("kind", FIELD_ENUM, .values = values_change_kind),
    FIELD_MUST("object", FIELD_TEXT, .min = 1, .max = 50,
               .text = "id of the customer, account or user; name of the parameter; business date"),
    FIELD_MUST("after", FIELD_OBJECT, .schema = &schema_change_after),
    FIELD_MUST("reason", FIELD_TEXT, .min = 10, .max = 500, .text = "no personal data"), FIELD_END};
static const struct field decide_body[] = {
    FIELD_MUST("decision", FIELD_ENUM, .values = values_decision,
               .text = "approve, refuse: by another person; withdraw: by who proposed"),
    FIELD_MUST("reason", FIELD_TEXT, .min = 3, .max = 500, .text = "no personal data"), FIELD_END};

/* What the rows of one group share. */
#define STAFF(permission_)                                                                         \
    .scope = &staff_scope, .permission = (permission_), .tag = "Staff: changes"

const struct route desk_change_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/staff/work",
     .operation = "staffGetWork",
     STAFF(PERMIT_DASHBOARD),
     .text = "How much work waits in the queues that the roles allow.",
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_work,
     .finish = work_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/changes",
     .operation = "staffListChanges",
     STAFF(PERMIT_CHANGES),
     .text = "Changes that need two people, newest first.",
     .flags = ROUTE_SLOW | ROUTE_LIST,
     .query = changes_query,
     .status = 200,
     .answer = &schema_change,
     .finish = changes_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/changes/{changeId}",
     .operation = "staffGetChange",
     STAFF(PERMIT_CHANGES),
     .text = "A change with what stood before and what is to stand after.",
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_change,
     .finish = change_finish},
    {.method = HTTP_POST,
     .path = "/v1/staff/changes",
     .operation = "staffProposeChange",
     STAFF(PERMIT_CHANGES_PROPOSE),
     .text = "Proposes a change; another person decides. The bank reads what stands before.",
     .flags = ROUTE_IDEMPOTENT,
     .body = propose_body,
     .status = 201,
     .answer = &schema_change,
     .commit = propose_commit},
    {.method = HTTP_POST,
     .path = "/v1/staff/changes/{changeId}/decisions",
     .operation = "staffDecideChange",
     STAFF(PERMIT_CHANGES_APPROVE),
     .text = "Decides a change; an approval applies it in the same transaction.",
     .flags = ROUTE_IDEMPOTENT,
     .body = decide_body,
     .status = 200,
     .answer = &schema_change,
     .commit = decide_commit},
    {.method = HTTP_GET,
     .path = "/v1/staff/parameters",
     .operation = "staffListParameters",
     STAFF(PERMIT_CHANGES),
     .text = "Figures that the bank's rules use, as they stand today, and the next known.",
     .status = 200,
     .answer = &schema_parameter_list,
     .finish = parameters_finish},
    {.path = NULL}};
