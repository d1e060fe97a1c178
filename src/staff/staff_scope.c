/* The scope of signed-in staff. */
#include "base/check.h"
#include "staff/staff_api.h"
#include "staff/staff_routes.h"
#include "sys/log.h"

#include <inttypes.h>
#include <stdio.h>

const struct staff_principal *staff_of(const struct call *call)
{
    CHECK(call->principal_scope == &staff_scope);
    return call->principal;
}

static enum err authorise_staff(struct call *call)
{
    struct staff_principal *who = arena_zero(call->arena, sizeof *who);
    if (who == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = staff_session_check(staff_room_of(call_house(call)), call_engine(call),
                                       call->token, call->now_us, who);
    if (err) {
        return err;
    }
    call->principal = who;
    call->principal_id = who->staff.id.value;
    call->touch_session = who->touch_due ? who->session.value : 0;
    bool may = staff_may(who->permissions, (enum staff_permission)call->route->permission);
    return may ? ERR_OK : ERR_NOT_PERMITTED;
}

static enum err touch_staff(const struct house *house, struct uow *uow, int64_t session)
{
    return staff_session_touch(staff_room_of(house), uow, (struct session_id){session});
}

static const char *name_of_permission(int permission)
{
    return staff_permission_name((enum staff_permission)permission);
}

const struct web_scope staff_scope = {
    .name = "staff",
    .rate = "staff",
    .cookie = STAFF_COOKIE,
    .security = "[{\"staffCookie\":[]}]",
    .schemes =
        "\"staffCookie\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"" STAFF_COOKIE "\"}",
    .audience = "For the bank's staff.",
    .authorise = authorise_staff,
    .touch = touch_staff,
    .permission_name = name_of_permission};

const struct rate_row staff_rates[] = {{"staff", {1200, INT64_C(60000000)}}, {0}};

bool staff_refused(struct call *call, const struct staff_verdict *verdict)
{
    if (verdict->refusal == ERR_OK) {
        return false;
    }
    call->err = verdict->refusal;
    if (verdict->retry_at != 0) {
        call_retry_at(call, verdict->retry_at);
    }
    log_event(LOG_WARN, "staff_proof_refused", log_string("operation", call->route->operation),
              log_err(verdict->refusal));
    return true;
}

enum err audit_call(struct call *call, struct uow *uow, const char *action, const char *kind,
                    int64_t id, const char *detail)
{
    char object[AUDIT_OBJECT_SIZE];
    snprintf(object, sizeof object, "%s:%" PRId64, kind, id);
    call->is_logged = true;
    return audit_append(uow, staff_of(call)->staff.id, action, object, detail);
}

enum err audit_search(struct call *call, struct uow *uow, const char *action, const char *detail)
{
    call->is_logged = true;
    return audit_append(uow, staff_of(call)->staff.id, action, "", detail);
}
