/* The audit log and its verification. */
#include "staff/staff_api.h"
#include "staff/staff_routes.h"

struct audit_page {
    struct call *call;
    size_t limit;
    size_t seen;
    int64_t last; /* sequence of the newest shown */
};

static bool list_entry(const struct audit_entry *entry, void *context)
{
    struct audit_page *page = context;
    struct call *call = page->call;
    if (page->seen++ == page->limit) {
        return false;
    }
    page->last = entry->sequence;
    out_open(call, NULL, '{');
    out_int(call, "sequence", entry->sequence);
    out_instant(call, "at", entry->at);
    out_id(call, "staffId", entry->staff.value);
    out_text(call, "login", entry->login);
    out_text(call, "action", entry->action);
    out_text(call, "object", entry->object);
    out_text(call, "detail", entry->detail);
    out_hash(call, "hash", entry->hash);
    out_close(call, '}');
    return true;
}

static enum err audit_log_render(struct call *call, struct db_conn *conn)
{
    struct audit_page page = {.call = call, .limit = call_limit(call)};
    struct audit_filter filter = {
        .text = call_query(call, "q"), .before = call_cursor(call), .limit = page.limit + 1};
    call_query_days(call, &filter.from_us, &filter.to_us);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    int64_t next = 0;
    enum err err = audit_each(conn, &filter, list_entry, &page, &next);
    out_close(call, ']');
    out_close(call, '}');
    if (!err) { /* a search that saw its share of the log goes on behind it, found or not */
        call_next(call, page.seen > page.limit ? page.last : next);
    }
    return err == ERR_INVALID_FIELD ? call_blame(call, err, "?q") : err;
}

static enum err audit_log_finish(struct call *call)
{
    return call_read(call, audit_log_render);
}

static enum err verification_render(struct call *call, struct db_conn *conn)
{
    struct audit_verification result;
    enum err err = audit_verify(conn, &result);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_bool(call, "intact", result.intact);
    out_int(call, "entries", result.entries);
    out_hash(call, "head", result.head);
    if (!result.intact) {
        out_int(call, "brokenAt", result.broken_at);
    }
    out_close(call, '}');
    return ERR_OK;
}

static enum err verification_finish(struct call *call)
{
    return call_read(call, verification_render);
}

static const struct field audit_log_query[] = {
    FIELD_MAY("q", FIELD_TEXT, .min = 1, .max = 64,
              .text = "in action, object, detail or login; a page looks at 20,000 entries at most, "
                      "and may be empty with a link to the next"),
    FIELD_MAY("from", FIELD_DATE), FIELD_MAY("to", FIELD_DATE), FIELD_END};

/* What the rows of one group share. */
#define STAFF(permission_, tag_) .scope = &staff_scope, .permission = (permission_), .tag = tag_

const struct route audit_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/staff/audit-log",
     .operation = "staffListAuditLog",
     STAFF(PERMIT_AUDIT, "Staff: audit"),
     .text = "What members of staff did, newest first.",
     .flags = ROUTE_SLOW | ROUTE_LIST,
     .query = audit_log_query,
     .status = 200,
     .answer = &schema_audit_entry,
     .finish = audit_log_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/audit-log/verification",
     .operation = "staffVerifyAuditLog",
     STAFF(PERMIT_AUDIT, "Staff: audit"),
     .text = "Walks the whole log and says whether it is as it was written.",
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_audit_verification,
     .finish = verification_finish,
     .rate = "proof"},
    {.path = NULL}};
