/* Staff users and their credentials: invitations, enrolment, one's own password and time codes. */
#include "staff/credential.h"
#include "staff/staff_api.h"
#include "staff/staff_routes.h"

#include <string.h>

/* --- Users ------------------------------------------------------------------------------------ */

struct user_page {
    struct call *call;
    size_t limit;
    size_t seen;
    int64_t after; /* the list goes on behind this user; 0: shows */
    int64_t last;
};

static bool list_user(const struct staff *staff, void *context)
{
    struct user_page *page = context;
    if (page->after != 0) {
        page->after = page->after == staff->id.value ? 0 : page->after;
        return true;
    }
    page->seen++;
    if (page->seen <= page->limit) {
        out_open(page->call, NULL, '{');
        render_staff_user_members(page->call, staff);
        out_close(page->call, '}');
        page->last = staff->id.value;
    }
    return page->seen <= page->limit;
}

static enum err users_render(struct call *call, struct db_conn *conn)
{
    struct user_page page = {.call = call, .limit = call_limit(call), .after = call_cursor(call)};
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    enum err err = staff_each(conn, list_user, &page);
    out_close(call, ']');
    out_close(call, '}');
    if (!err && page.seen > page.limit) {
        call_next(call, page.last);
    }
    return err;
}

static enum err users_finish(struct call *call)
{
    return call_read(call, users_render);
}

static enum err body_roles(const struct call *call, uint32_t *out)
{
    const json_t *roles = json_object_get(call->body, "roles");
    *out = 0;
    for (size_t i = 0; i < json_array_size(roles); i++) {
        enum staff_role role;
        enum err err = staff_role_parse(json_string_value(json_array_get(roles, i)), &role);
        if (err) {
            return err;
        }
        *out |= 1u << role;
    }
    return ERR_OK;
}

static void render_invitation(struct call *call, const char *name,
                              const struct staff_invitation *invitation)
{
    out_open(call, name, '{');
    if (invitation->link[0] != '\0') {
        out_text(call, "link", invitation->link);
    }
    if (invitation->code[0] != '\0') {
        out_text(call, "code", invitation->code);
    }
    out_instant(call, "expiresAt", invitation->expires_at);
    out_close(call, '}');
}

/* A user is made without credentials; who made them gets the link of the invitation. */
static enum err user_make_commit(struct call *call, struct uow *uow)
{
    struct staff_draft draft = {.login = call_text(call, "login"), .name = call_text(call, "name")};
    struct staff_id by = staff_of(call)->staff.id;
    struct staff staff;
    struct staff_invitation invitation;
    enum err err = body_roles(call, &draft.roles);
    err = err ? err : staff_draft_check(&draft);
    err = err ? err : staff_needs_four_eyes(uow->conn, &draft.is_disabled);
    err = err ? err : staff_create(staff_room_of(call_house(call)), uow, &draft, by, &staff);
    if (err) {
        return err == ERR_LOGIN_TAKEN ? call_blame(call, err, "#/login") : err;
    }
    err = staff_invite(staff_room_of(call_house(call)), uow, staff.id, by, !draft.is_disabled,
                       &invitation);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    render_staff_user_members(call, &staff);
    render_invitation(call, "invitation", &invitation);
    out_close(call, '}');
    vault_wipe(&invitation, sizeof invitation);
    return ERR_OK;
}

static enum err invite_commit(struct call *call, struct uow *uow)
{
    struct staff_id id;
    struct staff_invitation invitation;
    bool needs_two = true;
    enum err err = call_path_id(call, 0, &id.value);
    err = err ? err : staff_needs_four_eyes(uow->conn, &needs_two);
    err = err ? err
              : staff_invite(staff_room_of(call_house(call)), uow, id, staff_of(call)->staff.id,
                             !needs_two, &invitation);
    if (err) {
        return err;
    }
    render_invitation(call, NULL, &invitation);
    vault_wipe(&invitation, sizeof invitation);
    return ERR_OK;
}

/* One person may take rights away at once; to give them, or to change them, takes two. */
static enum err user_change_commit(struct call *call, struct uow *uow)
{
    struct staff staff;
    struct staff_id id;
    enum staff_state state = 0;
    bool has_roles = call_has(call, "roles");
    enum err err = call_path_id(call, 0, &id.value);
    err = err ? err : staff_load(uow->conn, id, &staff);
    if (!err && call_has(call, "state")) {
        err = staff_state_parse(call_text(call, "state"), &state);
    }
    if (!err && !has_roles && state == 0) {
        call_field_error(call, "#", "says nothing to change", "没有要修改的内容");
        err = ERR_INVALID_FIELD;
    }
    if (!err && (has_roles || state == STAFF_ACTIVE)) {
        err = ERR_FOUR_EYES;
    }
    err = err ? err : staff_change(uow, id, NULL, state, staff_of(call)->staff.id, &staff);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    render_staff_user_members(call, &staff);
    out_close(call, '}');
    return ERR_OK;
}

/* --- Enrolling ---------------------------------------------------------------------------------- */

static enum err enrolment_commit(struct call *call, struct uow *uow)
{
    struct staff_enrolment enrolment = {.link = call_text(call, "link"),
                                        .code = call_text(call, "code")};
    struct staff_enrolling enrolling;
    enum err err = staff_enrol_begin(staff_room_of(call_house(call)), uow, &enrolment, &enrolling);
    if (err || staff_refused(call, &enrolling.verdict)) {
        return err;
    }
    out_open(call, NULL, '{');
    out_text(call, "login", enrolling.staff.login);
    out_text(call, "name", enrolling.staff.name);
    out_text(call, "totpUri", enrolling.totp_uri);
    out_close(call, '}');
    vault_wipe(&enrolling, sizeof enrolling);
    return ERR_OK;
}

static enum err completion_prepare(struct call *call)
{
    struct staff_enrolment *enrolment = arena_zero(call->arena, sizeof *enrolment);
    if (enrolment == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = enrolment;
    enrolment->link = call_text(call, "link");
    enrolment->code = call_text(call, "code");
    enrolment->password = call_text(call, "password");
    enrolment->totp = call_text(call, "totp");
    enum err err = staff_enrol_prepare(staff_room_of(call_house(call)), enrolment);
    return err == ERR_PASSWORD_WEAK ? call_blame(call, err, "#/password") : err;
}

static enum err completion_commit(struct call *call, struct uow *uow)
{
    struct staff_enrolling enrolling;
    enum err err =
        staff_enrol_complete(staff_room_of(call_house(call)), uow, call->state, &enrolling);
    if (!err) {
        (void)staff_refused(call, &enrolling.verdict);
    }
    return err == ERR_PASSWORD_WEAK ? call_blame(call, err, "#/password") : err;
}

/* --- One's own credentials ---------------------------------------------------------------------- */

static enum err own_prepare(struct call *call)
{
    struct staff_own *own = arena_zero(call->arena, sizeof *own);
    if (own == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = own;
    *own = (struct staff_own){.staff = staff_of(call)->staff.id,
                              .session = staff_of(call)->session,
                              .totp = call_text(call, "totp"),
                              .login = staff_of(call)->staff.login,
                              .name = staff_of(call)->staff.name,
                              .new_password = call_text(call, "newPassword")};
    enum err err = staff_own_prove(staff_room_of(call_house(call)), call_engine(call),
                                   call_text(call, "password"), own);
    return err == ERR_PASSWORD_WEAK ? call_blame(call, err, "#/newPassword") : err;
}

static enum err own_password_commit(struct call *call, struct uow *uow)
{
    struct staff_verdict verdict;
    enum err err = staff_own_password(staff_room_of(call_house(call)), uow, call->state, &verdict);
    if (!err) {
        (void)staff_refused(call, &verdict);
    }
    return err;
}

static enum err own_totp_commit(struct call *call, struct uow *uow)
{
    struct staff_verdict verdict;
    char uri[STAFF_TOTP_URI_SIZE];
    enum err err = staff_own_totp(staff_room_of(call_house(call)), uow, call->state, &verdict, uri);
    if (err || staff_refused(call, &verdict)) {
        return err;
    }
    out_open(call, NULL, '{');
    out_text(call, "totpUri", uri);
    out_close(call, '}');
    vault_wipe(uri, sizeof uri);
    return ERR_OK;
}

static enum err own_totp_confirm_commit(struct call *call, struct uow *uow)
{
    struct staff_verdict verdict;
    struct staff_own own = {.staff = staff_of(call)->staff.id,
                            .session = staff_of(call)->session,
                            .totp = call_text(call, "totp")};
    enum err err = staff_own_totp_confirm(staff_room_of(call_house(call)), uow, &own, &verdict);
    if (!err) {
        (void)staff_refused(call, &verdict);
    }
    return err;
}

/* --- The table -------------------------------------------------------------------------------- */

static bool is_login(const char *text)
{
    return text[0] >= 'a' && text[0] <= 'z' &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0';
}

static bool is_invitation_code(const char *text)
{
    return strlen(text) == INVITATION_CODE_SIZE - 1 && text[strspn(text, "0123456789")] == '\0';
}

static const char *const values_state[] = {"active", "disabled", NULL};

static const struct field user_make_body[] = {
    FIELD_MUST("login", FIELD_TEXT, .min = 2, .max = STAFF_LOGIN_SIZE - 1,
               .pattern = "^[a-z][a-z0-9._-]*$", .check = is_login),
    FIELD_MUST("name", FIELD_TEXT, .min = 1, .max = 50),
    FIELD_MUST("roles", FIELD_LIST, .min = 1, .max = STAFF_ROLE_COUNT, .values = values_role),
    FIELD_END};
static const struct field user_change_body[] = {
    FIELD_MAY("roles", FIELD_LIST, .min = 1, .max = STAFF_ROLE_COUNT, .values = values_role),
    FIELD_MAY("state", FIELD_ENUM, .values = values_state), FIELD_END};
#define FIELDS_INVITATION                                                                          \
    FIELD_MUST("link", FIELD_TEXT, .min = 1, .max = STAFF_TOKEN_SIZE - 1,                          \
               .text = "the token behind # in the invitation's address"),                          \
        FIELD_MUST("code", FIELD_TEXT, .min = INVITATION_CODE_SIZE - 1,                            \
                   .max = INVITATION_CODE_SIZE - 1, .pattern = "^[0-9]{8}$",                       \
                   .check = is_invitation_code)
#define FIELD_TOTP                                                                                 \
    FIELD_SIX_DIGITS(.name = "totp", .required = true,                                             \
                     .text = "time code (RFC 6238); each counts once")

static const struct field enrolment_body[] = {FIELDS_INVITATION, FIELD_END};
static const struct field completion_body[] = {
    FIELDS_INVITATION,
    FIELD_MUST("password", FIELD_TEXT, .min = STAFF_PASSWORD_MIN, .max = STAFF_PASSWORD_MAX),
    FIELD_TOTP, FIELD_END};
static const struct field own_password_body[] = {
    FIELD_MUST("password", FIELD_TEXT, .min = 1, .max = STAFF_PASSWORD_MAX,
               .text = "the present one"),
    FIELD_TOTP,
    FIELD_MUST("newPassword", FIELD_TEXT, .min = STAFF_PASSWORD_MIN, .max = STAFF_PASSWORD_MAX),
    FIELD_END};
static const struct field own_totp_body[] = {
    FIELD_MUST("password", FIELD_TEXT, .min = 1, .max = STAFF_PASSWORD_MAX), FIELD_TOTP, FIELD_END};
static const struct field confirm_body[] = {FIELD_TOTP, FIELD_END};

/* What the rows of one group share. */
#define STAFF(permission_, tag_) .scope = &staff_scope, .permission = (permission_), .tag = tag_

const struct route staff_user_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/staff/users",
     .operation = "staffListUsers",
     STAFF(PERMIT_USERS, "Staff: users"),
     .text = "Those who work at the bank, by login.",
     .flags = ROUTE_SLOW | ROUTE_LIST,
     .status = 200,
     .answer = &schema_staff_user,
     .finish = users_finish},
    {.method = HTTP_POST,
     .path = "/v1/staff/users",
     .operation = "staffMakeUser",
     STAFF(PERMIT_USERS_CHANGE, "Staff: users"),
     .text = "Makes a user without credentials; the answer holds the link of their invitation, and "
             "where the bank has one admin its code too. Where it has a second one, the user is "
             "disabled until a change of kind staffRoles enables them.",
     .body = user_make_body,
     .status = 201,
     .answer = &schema_staff_user_made,
     .commit = user_make_commit},
    {.method = HTTP_POST,
     .path = "/v1/staff/users/{staffId}/invitations",
     .operation = "staffInviteUser",
     STAFF(PERMIT_USERS_CHANGE, "Staff: users"),
     .text = "The caller's half of the invitation of a user without credentials, shown once: the "
             "link for the first admin who asks, the code for another. Asking again for the link "
             "voids the code.",
     .status = 201,
     .answer = &schema_staff_invitation,
     .commit = invite_commit},
    {.method = HTTP_PATCH,
     .path = "/v1/staff/users/{staffId}",
     .operation = "staffChangeUser",
     STAFF(PERMIT_USERS_CHANGE, "Staff: users"),
     .text =
         "Disables a user and ends their sessions. To give rights, or to change them, takes two "
         "people: a change of kind staffRoles.",
     .body = user_change_body,
     .status = 200,
     .answer = &schema_staff_user,
     .commit = user_change_commit},
    {.method = HTTP_POST,
     .path = "/v1/staff/enrolments",
     .operation = "staffBeginEnrolment",
     .tag = "Staff",
     .text = "Link and code of an invitation give its user a secret for time codes.",
     .scope = &open_scope,
     .body = enrolment_body,
     .status = 201,
     .answer = &schema_staff_enrolment,
     .commit = enrolment_commit,
     .rate = "sign-in"},
    {.method = HTTP_POST,
     .path = "/v1/staff/enrolments/completion",
     .operation = "staffCompleteEnrolment",
     .tag = "Staff",
     .text = "Sets the user's password, with a first code of the secret; ends the invitation.",
     .scope = &open_scope,
     .flags = ROUTE_SLOW,
     .body = completion_body,
     .status = 204,
     .prepare = completion_prepare,
     .commit = completion_commit,
     .rate = "sign-in"},
    {.method = HTTP_PUT,
     .path = "/v1/staff/me/password",
     .operation = "staffChangePassword",
     STAFF(PERMIT_DASHBOARD, "Staff"),
     .text = "Sets one's own password; all other sessions end. Five wrong proofs end this one.",
     .flags = ROUTE_SLOW,
     .body = own_password_body,
     .status = 204,
     .prepare = own_prepare,
     .commit = own_password_commit,
     .rate = "proof"},
    {.method = HTTP_POST,
     .path = "/v1/staff/me/totp",
     .operation = "staffBeginTotp",
     STAFF(PERMIT_DASHBOARD, "Staff"),
     .text = "A new secret for one's own time codes; the present one works until it is confirmed.",
     .flags = ROUTE_SLOW,
     .body = own_totp_body,
     .status = 201,
     .answer = &schema_staff_totp,
     .prepare = own_prepare,
     .commit = own_totp_commit,
     .rate = "proof"},
    {.method = HTTP_POST,
     .path = "/v1/staff/me/totp/confirmation",
     .operation = "staffConfirmTotp",
     STAFF(PERMIT_DASHBOARD, "Staff"),
     .text =
         "The first code of the new secret puts it in the old one's place. Five wrong ones end the "
         "session.",
     .body = confirm_body,
     .status = 204,
     .commit = own_totp_confirm_commit,
     .rate = "proof"},
    {.path = NULL}};
