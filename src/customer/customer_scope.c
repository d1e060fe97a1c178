/* The scope of signed-in customers. */
#include "base/check.h"
#include "customer/customer_api.h"
#include "customer/customer_routes.h"

#define GUESS_POLICY "payee-check"

/* What a call keeps of its customer. */
struct customer_call {
    struct principal principal;
    bool needs_active; /* customer_need_active was asked: judged again in the transaction */
    bool has_guessed;  /* customer_guess_revealed */
};

static struct customer_call *own(const struct call *call)
{
    CHECK(call->principal_scope == &customer_scope);
    return call->principal;
}

const struct principal *customer_of(const struct call *call)
{
    static const struct principal nobody;
    return call->principal_scope == &customer_scope ? &own(call)->principal : &nobody;
}

enum err customer_is_limited_set(struct call *call, bool is_limited)
{
    CHECK(call->route->scope == &open_scope);
    struct customer_call *mine = arena_zero(call->arena, sizeof *mine);
    if (mine == NULL) {
        return ERR_NO_MEMORY;
    }
    mine->principal.is_limited = is_limited;
    call->principal = mine;
    call->principal_scope = &customer_scope;
    return ERR_OK;
}

static enum err authorise_customer(struct call *call)
{
    struct customer_call *mine = arena_zero(call->arena, sizeof *mine);
    if (mine == NULL) {
        return ERR_NO_MEMORY;
    }
    struct principal *who = &mine->principal;
    enum err err = session_check(customer_room_of(call_house(call)), call_engine(call), call->token,
                                 call->now_us, who);
    if (err) {
        return err;
    }
    call->principal = mine;
    call->principal_id = who->customer.value;
    call->touch_session = who->touch_due ? who->session.value : 0;
    if (http_header(call->request, "Accept-Language") == NULL) {
        call->lang = who->language;
    }
    return ERR_OK;
}

/* A session that rests on a text code alone, or was not used for long, comes in to prove more, and sees
 * nothing until then. */
static enum err check_limited(struct call *call)
{
    const struct principal *who = customer_of(call);
    bool is_shut = who->is_limited && !(call->route->flags & ROUTE_LIMITED);
    return !is_shut ? ERR_OK : who->is_resting ? ERR_SESSION_RESTS : step_up_check_view(call);
}

static bool is_faceless_asked(const struct call *call)
{
    return customer_of(call)->is_limited && (call->route->flags & ROUTE_LIMITED_FACELESS);
}

/* With a text code alone nobody replaces the identity of a verified person: who has a face on file
 * shows it. */
static enum err check_faceless(struct call *call, struct db_conn *conn)
{
    if (!is_faceless_asked(call)) {
        return ERR_OK;
    }
    struct step_up_signals signals;
    enum err err = step_up_signals_load(conn, customer_of(call), call->now_us, &signals);
    bool is_on_file = !err && signals.has_face && !signals.face_is_withdrawn;
    return err ? err : is_on_file ? step_up_check_view(call) : ERR_OK;
}

/* Before a picture is looked at or an outside party asked; the transaction, if any, judges again. */
static enum err admit_customer(struct call *call)
{
    enum err err = check_limited(call);
    return err || !is_faceless_asked(call) ? err : call_read(call, check_faceless);
}

/* Who asks was read from a cache: what the transaction does, it does for who they are now. */
static enum err judge_customer(struct call *call, struct uow *uow)
{
    struct customer_call *mine = own(call);
    enum err err = session_judge(customer_room_of(call_house(call)), uow, &mine->principal);
    err = err ? err : check_limited(call);
    err = err ? err : check_faceless(call, uow->conn);
    bool is_active = mine->principal.state == CUSTOMER_ACTIVE;
    return err || !mine->needs_active || is_active ? err : ERR_CUSTOMER_STATE;
}

static enum err touch_customer(const struct house *house, struct uow *uow, int64_t session)
{
    return session_touch(customer_room_of(house), uow, (struct session_id){session});
}

static void explain_to_customer(struct call *call)
{
    if (call->err == ERR_STEP_UP_REQUIRED) {
        step_up_explain(call);
    }
}

const struct web_scope customer_scope = {
    .name = "customer",
    .rate = "customer",
    .cookie = CUSTOMER_COOKIE,
    .takes_bearer = true,
    .security = "[{\"bearer\":[]},{\"cookie\":[]}]",
    .schemes =
        "\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
        "\"cookie\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"" CUSTOMER_COOKIE "\"}",
    .audience = "For customers and their apps.",
    .authorise = authorise_customer,
    .admit = admit_customer,
    .judge = judge_customer,
    .touch = touch_customer,
    .explain = explain_to_customer};

const struct rate_row customer_rates[] = {
    {"customer", {600, INT64_C(60000000)}}, /* 10 a second on average */
    {"sign-in", {120, INT64_C(60000000)}}, /* codes, sign-up, sign-in, by address: many share one */
    {GUESS_POLICY, {20, INT64_C(3600000000)}}, /* names cannot be harvested */
    {"proof", {20, INT64_C(60000000)}},        /* Argon2id: costs us a tenth of a second */
    {0}};

enum err customer_need_active(struct call *call)
{
    struct customer_call *mine = own(call);
    mine->needs_active = true;
    switch (mine->principal.state) {
    case CUSTOMER_ACTIVE:
        return ERR_OK;
    case CUSTOMER_ONBOARDING:
        return ERR_ONBOARDING_INCOMPLETE;
    case CUSTOMER_SUSPENDED:
    case CUSTOMER_CLOSED:
        break;
    }
    return ERR_CUSTOMER_STATE;
}

bool customer_refused(struct call *call, const struct verdict *verdict)
{
    if (verdict->refusal == ERR_OK) {
        return false;
    }
    call->err = verdict->refusal;
    if (verdict->tries_left >= 0) {
        call_member_int(call, "triesLeft", verdict->tries_left);
    }
    if (verdict->retry_at != 0) {
        call_retry_at(call, verdict->retry_at);
    }
    return true;
}

enum err customer_guess_allowed(struct call *call)
{
    return own(call)->has_guessed ? ERR_OK : rate_check_left(call, GUESS_POLICY);
}

void customer_guess_revealed(struct call *call)
{
    if (!own(call)->has_guessed) {
        rate_take_one(call, GUESS_POLICY);
    }
    own(call)->has_guessed = true;
}
