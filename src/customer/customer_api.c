/* The customer and their devices: sessions, identity, pass code, messages. */
#include "customer/customer_api.h"

#include "customer/customer_routes.h"

#include <string.h>

struct list_context {
    struct call *call;
    size_t limit;
    size_t count;
    int64_t last_id; /* of the last item written */
    bool more;
};

static bool list_session(const struct session *session, void *context)
{
    struct call *call = context;
    render_session(call, NULL, session, customer_of(call)->session);
    return true;
}

static enum err list_sessions(struct call *call)
{
    struct db_conn *conn;
    enum err err = engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    err = session_each(customer_room_of(call_house(call)), conn, customer_of(call)->customer,
                       call->now_us, list_session, call);
    out_close(call, ']');
    out_close(call, '}');
    engine_read_end(call_engine(call), conn);
    return err;
}

/* "current" or an id. */
static enum err session_of_path(struct call *call, struct session_id *out)
{
    if (strcmp(call_path_text(call, 0), "current") == 0) {
        *out = customer_of(call)->session;
        return ERR_OK;
    }
    return call_path_id(call, 0, &out->value);
}

static enum err commit_session_end(struct call *call, struct uow *uow)
{
    struct session_id id;
    enum err err = session_of_path(call, &id);
    if (err == ERR_OK && id.value != customer_of(call)->session.value) {
        err = step_up_check_view(call); /* whoever has the SIM alone signs nobody else out */
    }
    return err ? err : session_revoke(uow, customer_of(call)->customer, id);
}

static enum err finish_session_end(struct call *call)
{
    struct session_id id;
    enum err err = session_of_path(call, &id);
    if (err) {
        return err;
    }
    session_forget(customer_room_of(call_house(call)), id);
    if (id.value == customer_of(call)->session.value && call->by_cookie) {
        call_set_cookie(call, CUSTOMER_COOKIE, NULL, 0);
    }
    return ERR_OK;
}

static const struct field step_up_body[] = {FIELD_SIX_DIGITS(.name = "passCode", .required = true),
                                            FIELD_END};

static enum err prepare_step_up(struct call *call)
{
    struct passcode_proof *proof = arena_zero(call->arena, sizeof *proof);
    call->state = proof;
    return proof == NULL
               ? ERR_NO_MEMORY
               : passcode_prove(customer_room_of(call_house(call)), call_engine(call),
                                customer_of(call)->customer, call_text(call, "passCode"), proof);
}

static enum err commit_step_up(struct call *call, struct uow *uow)
{
    struct verdict verdict;
    int64_t until = 0;
    enum err err = session_step_up(customer_room_of(call_house(call)), uow,
                                   customer_of(call)->session, call->state, &verdict, &until);
    if (err || customer_refused(call, &verdict)) {
        return err;
    }
    out_open(call, NULL, '{');
    out_instant(call, "stepUpUntil", until);
    out_close(call, '}');
    return ERR_OK;
}

static enum err finish_step_up(struct call *call)
{
    session_forget(customer_room_of(call_house(call)), customer_of(call)->session);
    return ERR_OK;
}

static enum err render_me(struct call *call, struct db_conn *conn)
{
    struct customer customer;
    enum err err = render_customer_of(call, NULL, conn, customer_of(call)->customer, &customer);
    if (err == ERR_OK) {
        call_etag(call, customer.version);
    }
    return err;
}

static enum err show_me(struct call *call)
{
    struct engine *engine = call_engine(call);
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    err = render_me(call, conn);
    engine_read_end(engine, conn);
    return err;
}

static const struct field me_body[] = {FIELD_MAY("language", FIELD_ENUM, .values = values_language),
                                       FIELD_END};

static enum err commit_me(struct call *call, struct uow *uow)
{
    int64_t version;
    const char *language = call_text(call, "language");
    enum err err = call_if_match(call, &version);
    if (err == ERR_OK && language != NULL) {
        err = customer_set_language(uow, customer_of(call)->customer,
                                    strcmp(language, "zh") == 0 ? LANG_ZH : LANG_EN, version);
    }
    return err ? err : render_me(call, uow->conn);
}

/* State and language of a customer are kept with their sessions. */
static enum err finish_forget(struct call *call)
{
    session_forget_customer(customer_room_of(call_house(call)), customer_of(call)->customer);
    return ERR_OK;
}

static const struct field passcode_body[] = {
    FIELD_SIX_DIGITS(.name = "passCode", .required = true,
                     .text = "not a sequence, a repetition, or part of phone or birth date"),
    FIELD_SIX_DIGITS(.name = "oldPassCode",
                     .text = "where one stands, unless the session came of a reset code"),
    FIELD_END};

static enum err prepare_passcode(struct call *call)
{
    struct passcode_change *change = arena_zero(call->arena, sizeof *change);
    if (change == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = change;
    enum err err =
        passcode_prepare(customer_room_of(call_house(call)), call_engine(call), customer_of(call),
                         call_text(call, "passCode"), call_text(call, "oldPassCode"), change);
    return err == ERR_PASSCODE_WEAK ? call_blame(call, err, "#/passCode") : err;
}

static enum err commit_passcode(struct call *call, struct uow *uow)
{
    struct verdict verdict;
    enum err err = passcode_set(customer_room_of(call_house(call)), uow, call->state, &verdict);
    if (err == ERR_OK && customer_refused(call, &verdict) &&
        verdict.refusal == ERR_PASSCODE_WRONG) {
        call_blame(call, verdict.refusal, "#/oldPassCode");
    }
    return err;
}

static bool list_message(const struct message *message, void *context)
{
    struct list_context *list = context;
    if (list->count == list->limit) {
        list->more = true;
        return false;
    }
    render_message(list->call, NULL, message);
    list->count++;
    list->last_id = message->id;
    return true;
}

static enum err list_messages(struct call *call)
{
    struct engine *engine = call_engine(call);
    struct list_context list = {.call = call, .limit = call_limit(call)};
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    err = message_each(customer_room_of(call_house(call)), conn, customer_of(call)->customer,
                       call_cursor(call), list.limit + 1, list_message, &list);
    out_close(call, ']');
    out_close(call, '}');
    engine_read_end(engine, conn);
    if (err == ERR_OK && list.more) {
        call_next(call, list.last_id);
    }
    return err;
}

static enum err commit_message_read(struct call *call, struct uow *uow)
{
    int64_t id;
    enum err err = call_path_id(call, 0, &id);
    return err ? err : message_mark_read(uow, customer_of(call)->customer, id);
}

const struct route customer_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/sessions",
     .operation = "listSessions",
     .tag = "Sign-in",
     .text = "The devices that are signed in, newest first.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_session_list,
     .finish = list_sessions},
    {.method = HTTP_DELETE,
     .path = "/v1/sessions/{sessionId}",
     .operation = "endSession",
     .tag = "Sign-in",
     .text = "Signs a device out; \"current\" stands for the one that asks.",
     .scope = &customer_scope,
     .flags = ROUTE_LIMITED | ROUTE_NO_STEP,
     .status = 204,
     .commit = commit_session_end,
     .finish = finish_session_end},
    {.method = HTTP_POST,
     .path = "/v1/step-ups",
     .operation = "stepUp",
     .tag = "Sign-in",
     .text = "Proves the pass code anew, for what needs it within the next minutes.",
     .scope = &customer_scope,
     .flags = ROUTE_LIMITED | ROUTE_SLOW | ROUTE_NO_STEP,
     .body = step_up_body,
     .status = 201,
     .answer = &schema_step_up,
     .prepare = prepare_step_up,
     .commit = commit_step_up,
     .finish = finish_step_up,
     .rate = "proof"},
    {.method = HTTP_GET,
     .path = "/v1/me",
     .operation = "getMe",
     .tag = "Customer",
     .text = "The customer who asks, and the steps of their onboarding.",
     .scope = &customer_scope,
     .flags = ROUTE_LIMITED | ROUTE_SLOW | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_customer,
     .finish = show_me},
    {.method = HTTP_PATCH,
     .path = "/v1/me",
     .operation = "changeMe",
     .tag = "Customer",
     .text = "Changes the customer's language; If-Match with the ETag is optional.",
     .scope = &customer_scope,
     .flags = ROUTE_NO_STEP | ROUTE_IF_MATCH,
     .body = me_body,
     .status = 200,
     .answer = &schema_customer,
     .commit = commit_me,
     .finish = finish_forget},
    {.path = NULL}};

const struct route customer_more_routes[] = {
    {.method = HTTP_PUT,
     .path = "/v1/me/pass-code",
     .operation = "setPassCode",
     .tag = "Customer",
     .text = "Sets or changes the pass code; a change ends all other sessions.",
     .scope = &customer_scope,
     .flags = ROUTE_LIMITED | ROUTE_SLOW | ROUTE_NO_STEP,
     .body = passcode_body,
     .status = 204,
     .prepare = prepare_passcode,
     .commit = commit_passcode,
     .finish = finish_forget,
     .rate = "proof"},
    {.method = HTTP_GET,
     .path = "/v1/messages",
     .operation = "listMessages",
     .tag = "Messages",
     .text = "News for the customer, newest first.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW | ROUTE_LIST | ROUTE_NO_STEP,
     .status = 200,
     .answer = &schema_message,
     .finish = list_messages},
    {.method = HTTP_POST,
     .path = "/v1/messages/{messageId}/read",
     .operation = "readMessage",
     .tag = "Messages",
     .text = "Marks a message as read.",
     .scope = &customer_scope,
     .flags = ROUTE_NO_STEP,
     .status = 204,
     .commit = commit_message_read},
    {.path = NULL}};
