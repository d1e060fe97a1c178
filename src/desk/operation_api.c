/* Operation: jobs, business date and end of day, outbox, audit log. */
#include "base/check.h"
#include "db/outbox.h"
#include "desk/desk_routes.h"
#include "desk/desk_schemas.h"
#include "staff/change.h"
#include "staff/staff_api.h"
#include "web/list.h"

#include <string.h>

/* --- Jobs and business date ------------------------------------------------------------------- */

static void render_job(struct call *call, const struct job_view *job)
{
    out_open(call, NULL, '{');
    out_text(call, "job", job->name);
    out_text(call, "schedule", job->schedule);
    out_instant(call, "lastRunAt", job->last_run_at);
    out_text(call, "lastResult",
             job->last_run_at == 0        ? NULL
             : job->last_error[0] != '\0' ? job->last_error
                                          : "ok");
    out_instant(call, "nextRunAt", job->next_run_at);
    out_int(call, "runCount", job->run_count);
    out_close(call, '}');
}

static enum err jobs_finish(struct call *call)
{
    const struct server_doors *doors = call_doors(call);
    struct job_view *jobs = arena_zero(call->arena, JOB_VIEWS_MAX * sizeof *jobs);
    if (jobs == NULL) {
        return ERR_NO_MEMORY;
    }
    size_t count = doors ? doors->jobs(doors->context, jobs, JOB_VIEWS_MAX) : 0;
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; i < count; i++) {
        render_job(call, &jobs[i]);
    }
    out_close(call, ']');
    out_close(call, '}');
    return ERR_OK;
}

static void render_step(struct call *call, const struct eod_step_view *step)
{
    out_open(call, NULL, '{');
    out_text(call, "step", step->step);
    out_text(call, "state", strcmp(step->state, "todo") == 0 ? "open" : step->state);
    out_int(call, "done", step->done);
    out_int(call, "total", step->total);
    out_instant(call, "startedAt", step->started_at);
    out_instant(call, "endedAt", step->ended_at);
    out_close(call, '}');
}

static bool are_done(const struct eod_step_view *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(steps[i].state, "done") != 0) {
            return false;
        }
    }
    return count > 0;
}

static enum err business_date_finish(struct call *call)
{
    const struct server_doors *doors = call_doors(call);
    struct eod_step_view steps[EOD_STEP_VIEWS_MAX] = {0};
    bool is_running = false;
    size_t count =
        doors ? doors->eod_steps(doors->context, steps, EOD_STEP_VIEWS_MAX, &is_running) : 0;
    out_open(call, NULL, '{');
    out_date(call, "businessDate", engine_business_date(call_engine(call)));
    out_open(call, "endOfDay", '{');
    out_text(call, "state", is_running ? "running" : are_done(steps, count) ? "done" : "open");
    out_open(call, "steps", '[');
    for (size_t i = 0; i < count; i++) {
        render_step(call, &steps[i]);
    }
    out_close(call, ']');
    out_close(call, '}');
    out_close(call, '}');
    return ERR_OK;
}

static struct date body_date(const struct call *call)
{
    struct date date = {0};
    CHECK(date_parse(call_text(call, "businessDate"), &date) == ERR_OK); /* checked by the row */
    return date;
}

/* A day closes after its last instant by the bank's clock; earlier only where two people agreed. */
static enum err check_has_ended(struct call *call, struct uow *uow, struct date date)
{
    struct date today = zone_date(engine_zone(call_engine(call)), uow->now_us);
    bool is_agreed = false;
    if (date_compare(date, today) < 0) {
        return ERR_OK;
    }
    enum err err = change_is_approved(uow->conn, CHANGE_CLOSE_EARLY,
                                      call_text(call, "businessDate"), &is_agreed);
    return err ? err : is_agreed ? ERR_OK : ERR_DAY_NOT_ENDED;
}

/* Refuses here what the server would refuse, so that the refusal is kept under the key and no entry
 * of the log names a run that did not happen. */
static enum err end_of_day_commit(struct call *call, struct uow *uow)
{
    const struct server_doors *doors = call_doors(call);
    struct eod_step_view steps[EOD_STEP_VIEWS_MAX];
    struct date date = body_date(call);
    bool dry_run = call_bool(call, "dryRun", false);
    bool is_running = false;
    if (doors == NULL) {
        return ERR_UNAVAILABLE;
    }
    if (date_compare(date, uow->business_date) > 0) {
        call_field_error(call, "#/businessDate", "is not the date that the books are on",
                         "不是当前营业日期");
        return ERR_INVALID_DATE;
    }
    struct health_view health;
    doors->health(doors->context, &health);
    if (!dry_run && health.is_clock_in_doubt) {
        return ERR_CLOCK_IN_DOUBT;
    }
    /* A date whose steps are owed is asked for again; any other that was closed is over. */
    bool is_owed = health.unfinished_dates > 0 && date_compare(health.oldest_unfinished, date) <= 0;
    if (date_compare(date, uow->business_date) < 0 && !is_owed) {
        return ERR_DAY_CLOSED;
    }
    enum err err = dry_run ? ERR_OK : check_has_ended(call, uow, date);
    if (err) {
        return err;
    }
    doors->eod_steps(doors->context, steps, EOD_STEP_VIEWS_MAX, &is_running);
    if (is_running) {
        return ERR_BUSY;
    }
    out_open(call, NULL, '{');
    out_date(call, "businessDate", date);
    out_bool(call, "dryRun", dry_run);
    out_close(call, '}');
    const char *object =
        arena_printf(call->arena, "businessDate:%s", call_text(call, "businessDate"));
    return audit_append(uow, staff_of(call)->staff.id, "endOfDay.start", object,
                        dry_run ? "dry run" : "");
}

/* Starts only once its entry is durable, and never for a repetition of the key. */
static enum err end_of_day_finish(struct call *call)
{
    const struct server_doors *doors = call_doors(call);
    return doors->end_of_day(doors->context, body_date(call), call_bool(call, "dryRun", false));
}

/* --- Outbox ----------------------------------------------------------------------------------- */

static void render_message_row(struct call *call, const struct outbox_message *message,
                               bool is_dead)
{
    out_open(call, NULL, '{');
    out_id(call, "messageId", message->id);
    out_text(call, "topic", message->topic);
    out_int(call, "attempts", message->attempts);
    out_instant(call, "createdAt", message->created_at);
    out_instant(call, "nextAt", is_dead ? 0 : message->next_at);
    if (message->last_error != NULL) {
        out_text(call, "lastError", message->last_error);
    }
    out_close(call, '}');
}

/* All that wait, also those whose next attempt is still to come. */
static enum err outbox_render(struct call *call, struct db_conn *conn)
{
    struct list_page page = list_page_of(call);
    const char *state = call_query(call, "state");
    int limit = (int)list_page_rows(&page);
    bool is_dead = state != NULL && strcmp(state, "dead") == 0;
    struct db_rows rows = is_dead ? outbox_dead(conn, limit) : outbox_due(conn, INT64_MAX, limit);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    while (db_rows_next(&rows)) {
        if (list_page_shows(&page)) {
            struct outbox_message message = outbox_message_of(&rows);
            render_message_row(call, &message, is_dead);
        }
    }
    out_close(call, ']');
    out_close(call, '}');
    enum err err = db_rows_close(&rows);
    if (!err) {
        list_page_end(&page);
    }
    return err;
}

static enum err outbox_finish(struct call *call)
{
    return call_read(call, outbox_render);
}

static enum err retry_commit(struct call *call, struct uow *uow)
{
    int64_t id;
    enum err err = call_path_id(call, 0, &id);
    err = err ? err : outbox_requeue(uow->conn, id, uow->now_us);
    return err ? err : audit_call(call, uow, "outbox.retry", "outbox", id, "");
}

/* --- Audit log -------------------------------------------------------------------------------- */

/* --- The table -------------------------------------------------------------------------------- */

static const char *const values_outbox_state[] = {"due", "dead", NULL};

static const struct field end_of_day_body[] = {
    FIELD_MUST("businessDate", FIELD_DATE, .text = "the date to close: the one the books are on"),
    FIELD_MUST("dryRun", FIELD_BOOL, .text = "true: go through it and change nothing"), FIELD_END};
static const struct field outbox_query[] = {
    FIELD_MAY("state", FIELD_ENUM, .values = values_outbox_state,
              .text =
                  "due: waiting, next attempt first; dead: given up, oldest first. Absent: due"),
    FIELD_END};

/* What the rows of one group share. */
#define STAFF(permission_, tag_) .scope = &staff_scope, .permission = (permission_), .tag = tag_

const struct route desk_operation_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/staff/jobs",
     .operation = "staffListJobs",
     STAFF(PERMIT_JOBS, "Staff: operation"),
     .text = "The bank's jobs: when they ran, how they ended, when they run next.",
     .status = 200,
     .answer = &schema_job_list,
     .finish = jobs_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/business-date",
     .operation = "staffGetBusinessDate",
     STAFF(PERMIT_JOBS, "Staff: operation"),
     .text = "The business date, and how far its end of day is.",
     .status = 200,
     .answer = &schema_business_date,
     .finish = business_date_finish},
    {.method = HTTP_POST,
     .path = "/v1/staff/end-of-day-runs",
     .operation = "staffRunEndOfDay",
     STAFF(PERMIT_JOBS_RUN, "Staff: operation"),
     .text = "Starts the end of day in the background. A date that has not ended closes only where "
             "two people agreed: a change of kind closeEarly.",
     .flags = ROUTE_SLOW | ROUTE_IDEMPOTENT,
     .body = end_of_day_body,
     .status = 202,
     .answer = &schema_end_of_day_run,
     .commit = end_of_day_commit,
     .finish = end_of_day_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/outbox",
     .operation = "staffListOutbox",
     STAFF(PERMIT_JOBS, "Staff: operation"),
     .text = "News that is not yet delivered.",
     .flags = ROUTE_SLOW | ROUTE_LIST,
     .query = outbox_query,
     .status = 200,
     .answer = &schema_outbox_message,
     .finish = outbox_finish},
    {.method = HTTP_POST,
     .path = "/v1/staff/outbox/{messageId}/retries",
     .operation = "staffRetryMessage",
     STAFF(PERMIT_JOBS_RUN, "Staff: operation"),
     .text = "Takes a message up again that was given up.",
     .status = 204,
     .commit = retry_commit},
    {.path = NULL}};
