/* How long things are kept, and leaving the bank. */
#include "account/account_api.h"
#include "customer/customer_api.h"
#include "frame/room.h"
#include "privacy/privacy_routes.h"
#include "privacy/privacy_schemas.h"
#include "privacy/retention.h"

static enum err list_retention(struct call *call)
{
    const struct retention_row *rows[RETENTION_ROWS_MAX];
    size_t count = house_retention(call_house(call)->rooms, rows);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; i < count; i++) {
        const struct retention_row *row = rows[i];
        out_open(call, NULL, '{');
        out_text(call, "kind", row->kind);
        out_bilingual(call, "name", row->name[LANG_EN], row->name[LANG_ZH]);
        out_text(call, "keptFor", row->kept_for);
        out_bilingual(call, "ground", row->ground[LANG_EN], row->ground[LANG_ZH]);
        out_close(call, '}');
    }
    out_close(call, ']');
    out_close(call, '}');
    return ERR_OK;
}

static const struct field leaving_body[] = {
    FIELD_MAY("cardId", FIELD_ID, .text = "an own bound card that the money goes to"), FIELD_END};

static enum err prepare_leaving(struct call *call)
{
    call->state = arena_zero(call->arena, sizeof(struct leaving_result));
    return call->state == NULL ? ERR_NO_MEMORY : ERR_OK;
}

static void add_obstacles(struct call *call, const struct leaving_result *result)
{
    struct str text;
    str_init(&text, 4096);
    str_append_char(&text, '[');
    for (size_t i = 0; i < result->obstacle_count; i++) {
        const struct obstacle_row *row = result->obstacles[i];
        str_printf(&text, "%s{\"code\":\"%s\",\"text\":{\"en\":", text.size > 1 ? "," : "",
                   row->name);
        str_append_json(&text, row->text[LANG_EN]);
        str_append(&text, ",\"zh\":");
        str_append_json(&text, row->text[LANG_ZH]);
        str_append(&text, "}}");
    }
    str_append_char(&text, ']');
    const char *json = text.failed ? NULL : arena_printf(call->arena, "%s", text.bytes);
    if (json != NULL && call->member_count < CALL_MEMBERS_MAX) {
        call->members[call->member_count++] = (struct problem_member){"reasons", json};
    }
    str_release(&text);
}

static enum err commit_leaving(struct call *call, struct uow *uow)
{
    struct leaving_result *result = call->state;
    struct leaving_request request = {.customer = customer_of(call)->customer,
                                      .card = {call_id(call, "cardId")},
                                      .proof = payment_proof_of(customer_of(call), call->now_us)};
    enum err err = step_up_check(call, uow->conn, ACTION_CLOSE_ACCOUNT);
    err = err ? err : leaving_begin(call_house(call), uow, &request, result);
    if (err == ERR_LEAVING_BLOCKED) {
        add_obstacles(call, result);
    } else if (err == ERR_LIMIT_EXCEEDED) {
        render_limit_problem(call, &result->limit, CCY_CNY);
    }
    call->result_id = err ? 0 : customer_of(call)->customer.value;
    return err;
}

static enum err follow_leaving(struct uow *uow, void *context)
{
    const struct call *call = context;
    struct leaving leaving;
    return leaving_follow(call_house(call), uow, customer_of(call)->customer, &leaving);
}

static const char *leaving_state_text(enum leaving_state state)
{
    switch (state) {
    case LEAVING_OPEN:
        return "closing";
    case LEAVING_FAILED:
        return "failed";
    case LEAVING_CLOSED:
    case LEAVING_ERASED:
        break;
    }
    return "closed";
}

static enum err read_leaving(struct call *call, struct db_conn *conn)
{
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    struct leaving leaving;
    size_t count = 0;
    enum err err = leaving_load(conn, customer_of(call)->customer, &leaving);
    err = err ? err
              : account_list(conn, customer_of(call)->customer, accounts, ACCOUNT_PER_PERSON_MAX,
                             &count);
    if (err) {
        return err;
    }
    if (leaving.state == LEAVING_CLOSED) {
        leaving_forget(call_house(call), customer_of(call)->customer);
        if (call->by_cookie) {
            call_set_cookie(call, CUSTOMER_COOKIE, NULL, 0);
        }
    }
    out_open(call, NULL, '{');
    out_text(call, "state", leaving_state_text(leaving.state));
    out_open(call, "accounts", '[');
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        struct account_view view;
        err = render_account_load(call, conn, &accounts[i], &view);
        if (err == ERR_OK) {
            render_account(call, NULL, &view);
        }
    }
    out_close(call, ']');
    out_date(call, "eraseAfter", leaving.erase_date);
    out_close(call, '}');
    return err;
}

/* As things stand now: an answer that was lost is told anew. */
static enum err finish_leaving(struct call *call)
{
    struct engine *engine = call_engine(call);
    struct leaving_result *result = call->state;
    for (size_t i = 0; !call->replayed && i < result->attempt_count; i++) {
        struct payment payment; /* whatever becomes of the attempt, jobs find out */
        (void)quickpay_attempt(engine, payment_channel_of(call_house(call)), &result->attempts[i],
                               &payment);
    }
    enum err err = engine_run(engine, follow_leaving, call);
    return err ? err : call_read(call, read_leaving);
}

const struct route leaving_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/retention",
     .operation = "listRetention",
     .tag = "Privacy",
     .text = "How long the bank keeps what it knows of a customer, and why.",
     .scope = &open_scope,
     .status = 200,
     .answer = &schema_retention_list,
     .finish = list_retention},
    {.method = HTTP_POST,
     .path = "/v1/me/closure",
     .operation = "leaveBank",
     .tag = "Privacy",
     .text = "Ends the relation: all accounts closed with their money paid out, cards unbound, "
             "sessions ended.",
     .scope = &customer_scope,
     .flags = ROUTE_IDEMPOTENT | ROUTE_SLOW | ROUTE_RENDER_LATER | ROUTE_NO_STEP,
     .body = leaving_body,
     .status = 200,
     .answer = &schema_leaving,
     .prepare = prepare_leaving,
     .commit = commit_leaving,
     .finish = finish_leaving},
    {.path = NULL}};
