/* Sessions of staff. */
#include "staff/staff_api.h"

#include "staff/staff_routes.h"

struct sign_in {
    struct staff_proof proof;
    struct staff_session_opened opened;
};

static enum err staff_sign_in_prepare(struct call *call)
{
    struct sign_in *state = arena_zero(call->arena, sizeof *state);
    call->state = state;
    return state == NULL ? ERR_NO_MEMORY
                         : staff_sign_in_prove(staff_room_of(call_house(call)), call_engine(call),
                                               call_text(call, "login"),
                                               call_text(call, "password"), &state->proof);
}

static enum err staff_sign_in_commit(struct call *call, struct uow *uow)
{
    struct sign_in *state = call->state;
    size_t count = 0;
    const char *browser = http_cookie(call->request, STAFF_BROWSER_COOKIE, &count);
    enum err err =
        staff_sign_in(staff_room_of(call_house(call)), uow, &state->proof, call_text(call, "totp"),
                      count == 1 ? browser : NULL, &state->opened);
    if (!err) {
        (void)staff_refused(call, &state->opened.verdict);
    }
    return err;
}

static enum err staff_sign_in_finish(struct call *call)
{
    const struct sign_in *state = call->state;
    call_set_cookie(call, STAFF_COOKIE, state->opened.token,
                    staff_room_of(call_house(call))->rules.session_absolute_us / 1000000);
    if (state->opened.browser[0] != '\0') {
        call_set_cookie(call, STAFF_BROWSER_COOKIE, state->opened.browser,
                        staff_room_of(call_house(call))->rules.browser_life_us / 1000000);
    }
    out_open(call, NULL, '{');
    render_staff(call, "staff", &state->opened.staff);
    out_close(call, '}');
    return ERR_OK;
}

static enum err sign_out_commit(struct call *call, struct uow *uow)
{
    return staff_session_end(uow, staff_of(call)->staff.id, staff_of(call)->session);
}

static enum err sign_out_finish(struct call *call)
{
    call_set_cookie(call, STAFF_COOKIE, NULL, 0);
    return ERR_OK;
}

static enum err me_finish(struct call *call)
{
    render_staff(call, NULL, &staff_of(call)->staff);
    return ERR_OK;
}

static const struct field sign_in_body[] = {
    FIELD_MUST("login", FIELD_TEXT, .min = 1, .max = STAFF_LOGIN_SIZE - 1),
    FIELD_MUST("password", FIELD_TEXT, .min = 1, .max = STAFF_PASSWORD_MAX),
    FIELD_SIX_DIGITS(.name = "totp", .required = true,
                     .text = "time code (RFC 6238); each counts once"),
    FIELD_END};

/* What the rows of one group share. */
#define STAFF(permission_, tag_) .scope = &staff_scope, .permission = (permission_), .tag = tag_

const struct route staff_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/staff/sessions",
     .operation = "staffSignIn",
     .tag = "Staff",
     .text =
         "Signs a member of staff in with password and time code; the session is a cookie that no "
         "script reads.",
     .scope = &open_scope,
     .flags = ROUTE_SLOW,
     .body = sign_in_body,
     .status = 201,
     .answer = &schema_staff_signed_in,
     .prepare = staff_sign_in_prepare,
     .commit = staff_sign_in_commit,
     .finish = staff_sign_in_finish,
     .rate = "sign-in"},
    {.method = HTTP_DELETE,
     .path = "/v1/staff/sessions/current",
     .operation = "staffSignOut",
     STAFF(PERMIT_DASHBOARD, "Staff"),
     .text = "Ends the session.",
     .status = 204,
     .commit = sign_out_commit,
     .finish = sign_out_finish},
    {.method = HTTP_GET,
     .path = "/v1/staff/me",
     .operation = "staffMe",
     STAFF(PERMIT_DASHBOARD, "Staff"),
     .text = "Who is signed in, and what they may do.",
     .status = 200,
     .answer = &schema_staff,
     .finish = me_finish},
    {.path = NULL}};
