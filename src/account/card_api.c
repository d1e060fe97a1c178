/* Bound cards: signed with the issuer, confirmed with its code, ended again. */
#include "account/account_render.h"
#include "account/account_routes.h"
#include "account/account_schemas.h"
#include "customer/customer_api.h"

#include <string.h>

/* What ties money to a card asks for more than the session, once there is money to tie. */
static enum err need_step_up(struct call *call, struct db_conn *conn, enum step_up_action action)
{
    bool is_new = customer_of(call)->state == CUSTOMER_ONBOARDING;
    return is_new ? ERR_OK : step_up_check(call, conn, action);
}

/* A refusal with the issuer's words, at the member that it is about. */
static enum err refuse_card(struct call *call, enum err refusal, const char *code)
{
    call->err = refusal;
    if (refusal == ERR_CARD_REFUSED) {
        call_field_error(call,
                         strcmp(code, "phoneMismatch") == 0 ? "#/reservedPhone" : "#/cardNumber",
                         card_refusal_text(code, LANG_EN), card_refusal_text(code, LANG_ZH));
    }
    return refusal;
}

/* --- List ------------------------------------------------------------------------------------- */

static enum err list_cards(struct call *call)
{
    struct engine *engine = call_engine(call);
    struct card cards[CARD_PER_PERSON_MAX];
    size_t count = 0;
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    err = card_list(conn, customer_of(call)->customer, cards, CARD_PER_PERSON_MAX, &count);
    engine_read_end(engine, conn);
    out_open(call, NULL, '{');
    out_open(call, "items", '[');
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        render_card(call, NULL, &cards[i]);
    }
    out_close(call, ']');
    out_close(call, '}');
    return err;
}

/* --- Binding, first half: the issuer sends its code ------------------------------------------- */

static const struct field binding_body[] = {
    FIELD_MUST("cardNumber", FIELD_TEXT, .form = FORM_NUMBER, .min = 12, .max = 30,
               .text = "12 to 19 digits; spaces and hyphens between them do not count"),
    FIELD_PHONE("reservedPhone"), FIELD_END};

struct binding_order {
    struct card_number number;
    struct customer_phone phone;
    struct card_answer answer;
    int64_t binding_id;
    struct card_binding binding;
    enum err refusal;
};

static enum err parse_card_number(struct call *call, struct card_number *out)
{
    enum identifier_reason reason =
        identifier_parse_card_number(call_house(call)->bins, call_text(call, "cardNumber"), out);
    if (reason != IDENTIFIER_VALID) {
        call->err = ERR_CARD_NUMBER_INVALID;
        call_field_error(call, "#/cardNumber", identifier_text(reason, LANG_EN),
                         identifier_text(reason, LANG_ZH));
        return ERR_CARD_NUMBER_INVALID;
    }
    return out->bin == NULL ? refuse_card(call, ERR_CARD_REFUSED, "binUnknown") : ERR_OK;
}

static enum err prepare_binding(struct call *call)
{
    struct binding_order *order = arena_zero(call->arena, sizeof *order);
    if (order == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = order;
    enum err err = parse_card_number(call, &order->number);
    if (err) {
        return err;
    }
    err = customer_phone_parse(customer_room_of(call_house(call)), call_text(call, "reservedPhone"),
                               &order->phone);
    return err ? call_blame(call, err, "#/reservedPhone") : ERR_OK;
}

static enum err commit_binding(struct call *call, struct uow *uow)
{
    const struct binding_order *order = call->state;
    struct card_binding binding;
    struct card_binding_request request = {.customer = customer_of(call)->customer,
                                           .pan = order->number.number,
                                           .kind = order->number.bin->kind,
                                           .face_until = customer_of(call)->face_until};
    enum err err = need_step_up(call, uow->conn, ACTION_BIND_CARD);
    err = err ? err
              : customer_may_open_account(customer_room_of(call_house(call)), uow->conn,
                                          customer_of(call)->customer,
                                          engine_civil_date(uow->engine, uow->now_us));
    err = err ? err
              : card_binding_begin(uow, call_house(call)->catalogue, call_vault(call), &request,
                                   &binding);
    if (err == ERR_OK) {
        call->result_id = binding.id;
    }
    return err;
}

/* Name and ID number of the customer go to the issuer with the card; nobody else sees them. */
static enum err sign_card(struct call *call, struct binding_order *order)
{
    struct customer customer;
    char id_number[ID_NUMBER_SIZE];
    struct db_conn *conn;
    enum err err = engine_read_begin(call_engine(call), &conn);
    if (err) {
        return err;
    }
    err = customer_load(customer_room_of(call_house(call)), conn, customer_of(call)->customer,
                        &customer);
    err = err ? err
              : customer_reveal_id_number(customer_room_of(call_house(call)), conn,
                                          customer_of(call)->customer, id_number);
    engine_read_end(call_engine(call), conn);
    if (err) {
        return err;
    }
    struct card_signing signing = {.binding_id = order->binding_id,
                                   .pan = order->number.number,
                                   .name = customer.name,
                                   .id_number = id_number,
                                   .reserved_phone = order->phone.text};
    struct card_channel *channel = card_channel_of(call_house(call));
    channel->sign(channel, &signing, &order->answer);
    vault_wipe(id_number, sizeof id_number);
    return ERR_OK;
}

static enum err keep_signing(struct uow *uow, void *context)
{
    struct call *call = context;
    struct binding_order *order = call->state;
    return card_binding_signed(uow, customer_of(call)->customer, order->binding_id, &order->answer,
                               &order->binding, &order->refusal);
}

static enum err load_binding(struct call *call, int64_t id, struct card_binding *out)
{
    struct engine *engine = call_engine(call);
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    err = card_binding_load(conn, customer_of(call)->customer, id, out);
    engine_read_end(engine, conn);
    return err;
}

/* Asks the issuer where that was not done yet: a repeat of a request whose answer was lost goes on
 * where the first one ended. */
static enum err finish_binding(struct call *call)
{
    struct binding_order *order = call->state;
    order->binding_id = call->result_id;
    enum err err = load_binding(call, order->binding_id, &order->binding);
    if (err == ERR_OK && order->binding.state == BINDING_ASKED && call->prepare_error != ERR_OK) {
        return call->prepare_error; /* the issuer is asked only by a request that may */
    }
    if (err == ERR_OK && order->binding.state == BINDING_ASKED) {
        err = sign_card(call, order);
        err = err ? err : engine_run(call_engine(call), keep_signing, call);
        err = err ? err : order->refusal;
    } else if (err == ERR_OK && order->binding.state == BINDING_ENDED) {
        err = ERR_CARD_REFUSED;
    }
    vault_wipe(&order->number, sizeof order->number);
    if (err) {
        return refuse_card(call, err, order->answer.code);
    }
    out_open(call, NULL, '{');
    out_id(call, "cardBindingId", order->binding.id);
    render_issuer(call, "issuer", &order->binding.issuer);
    out_text(call, "maskedPan", order->binding.masked_pan);
    out_text(call, "cardKind", card_kind_name(order->binding.kind));
    out_instant(call, "expiresAt", order->binding.expires_at);
    out_close(call, '}');
    return ERR_OK;
}

/* --- Binding, second half: the code ----------------------------------------------------------- */

static const struct field confirmation_body[] = {
    FIELD_SIX_DIGITS(.name = "code", .required = true, .text = "from the issuer's message"),
    FIELD_END};

static enum err prepare_confirmation(struct call *call)
{
    struct card_answer *answer = arena_zero(call->arena, sizeof *answer);
    struct card_binding binding;
    int64_t id;
    if (answer == NULL) {
        return ERR_NO_MEMORY;
    }
    call->state = answer;
    enum err err = call_path_id(call, 0, &id);
    err = err ? err : load_binding(call, id, &binding);
    if (err || binding.state != BINDING_SIGNED) {
        return err; /* done before, or never to be done: commit decides */
    }
    struct card_channel *channel = card_channel_of(call_house(call));
    channel->confirm(channel, id, call_text(call, "code"), answer);
    /* Nothing is known, so nothing is kept under the key: the same request may come again. */
    return answer->kind == CARD_ANSWER_UNAVAILABLE ? ERR_UNAVAILABLE : ERR_OK;
}

/* The refusal of a confirmation, as its transaction remembers it. */
static enum err answer_refusal(struct call *call, const struct card_bound *bound, const char *code)
{
    struct verdict verdict = {.refusal = bound->refusal, .tries_left = -1};
    if (bound->refusal == ERR_CODE_WRONG) {
        verdict.tries_left = bound->tries_left;
    }
    customer_refused(call, &verdict);
    if (bound->refusal == ERR_CARD_REFUSED) {
        refuse_card(call, bound->refusal, code);
    }
    return ERR_OK;
}

static enum err commit_confirmation(struct call *call, struct uow *uow)
{
    const struct card_answer *answer = call->state;
    struct account account;
    struct account_view view;
    struct card_bound bound = {.account = &account};
    int64_t id;
    enum err err = call_path_id(call, 0, &id);
    err = err ? err
              : card_bind(uow, call_house(call)->catalogue, call_vault(call),
                          customer_of(call)->customer, id, answer, &bound);
    if (err || bound.refusal) {
        return err ? err : answer_refusal(call, &bound, answer->code);
    }
    if (bound.opened) {
        err =
            customer_activate(customer_room_of(call_house(call)), uow, customer_of(call)->customer);
    }
    err = err ? err : render_account_read(uow, &account, &view);
    if (err) {
        return err;
    }
    out_open(call, NULL, '{');
    render_card(call, "card", &bound.card);
    render_account(call, "account", &view);
    out_close(call, '}');
    return ERR_OK;
}

static enum err finish_confirmation(struct call *call)
{
    session_forget_customer(customer_room_of(call_house(call)), customer_of(call)->customer);
    return ERR_OK;
}

/* --- Unbinding -------------------------------------------------------------------------------- */

static enum err prepare_unbinding(struct call *call)
{
    call->state = arena_zero(call->arena, sizeof(struct card));
    return call->state == NULL ? ERR_NO_MEMORY : ERR_OK;
}

static enum err commit_unbinding(struct call *call, struct uow *uow)
{
    struct card_id id;
    enum err err = call_path_id(call, 0, &id.value);
    err = err ? err : need_step_up(call, uow->conn, ACTION_UNBIND_CARD);
    return err ? err : card_unbind(uow, customer_of(call)->customer, id, call->state);
}

/* The issuer is told; an agreement that it still keeps is of no use to anybody, for the bank asks
 * for no money under it any more. */
static enum err finish_unbinding(struct call *call)
{
    const struct card *card = call->state;
    struct card_channel *channel = card_channel_of(call_house(call));
    struct card_answer answer;
    channel->unsign(channel, card->agreement, &answer);
    return ERR_OK;
}

/* --- Table ------------------------------------------------------------------------------------ */

const struct route card_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/cards",
     .operation = "listCards",
     .tag = "Cards",
     .text = "The customer's cards, newest first, unbound ones too.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW,
     .status = 200,
     .answer = &schema_card_list,
     .finish = list_cards},
    {.method = HTTP_POST,
     .path = "/v1/card-bindings",
     .operation = "beginCardBinding",
     .tag = "Cards",
     .text = "Signs a debit card with its issuer, which sends a code to the reserved phone.",
     .scope = &customer_scope,
     .flags = ROUTE_IDEMPOTENT | ROUTE_SLOW | ROUTE_RENDER_LATER | ROUTE_NO_STEP,
     .body = binding_body,
     .status = 201,
     .answer = &schema_card_binding,
     .prepare = prepare_binding,
     .commit = commit_binding,
     .finish = finish_binding},
    {.method = HTTP_POST,
     .path = "/v1/card-bindings/{cardBindingId}/confirmation",
     .operation = "confirmCardBinding",
     .tag = "Cards",
     .text = "Binds the card with the issuer's code; the first card opens the account.",
     .scope = &customer_scope,
     .flags = ROUTE_IDEMPOTENT | ROUTE_SLOW | ROUTE_NO_STEP,
     .body = confirmation_body,
     .status = 201,
     .answer = &schema_card_bound,
     .prepare = prepare_confirmation,
     .commit = commit_confirmation,
     .finish = finish_confirmation},
    {.method = HTTP_DELETE,
     .path = "/v1/cards/{cardId}",
     .operation = "unbindCard",
     .tag = "Cards",
     .text = "Ends the binding of a card.",
     .scope = &customer_scope,
     .flags = ROUTE_SLOW,
     .status = 204,
     .prepare = prepare_unbinding,
     .commit = commit_unbinding,
     .finish = finish_unbinding},
    {.path = NULL}};
