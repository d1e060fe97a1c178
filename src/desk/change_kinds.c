#include "desk/change_kinds.h"

#include "account/class.h"
#include "base/check.h"
#include "customer/security.h"
#include "ledger/recipe.h"
#include "staff/credential.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAYS_AHEAD_MAX 3650

static struct call *call_of(void *context)
{
    const struct change_context *at = context;
    return at->call;
}

static struct date today(void *context)
{
    const struct change_context *at = context;
    return engine_civil_date(call_engine(call_of(context)), at->call->now_us);
}

/* A wrong member of the wish. What was right when it was proposed and is not any more is stale. */
static enum err blame(void *context, const char *member, const char *en, const char *zh)
{
    struct change_context *at = context;
    char pointer[64];
    if (!at->is_proposal) {
        return ERR_CHANGE_STALE;
    }
    snprintf(pointer, sizeof pointer, "#/after/%.40s", member);
    call_field_error(at->call, pointer, en, zh);
    return ERR_INVALID_FIELD;
}

static bool is_in(const char *const *names, const char *name)
{
    for (; *names != NULL; names++) {
        if (strcmp(*names, name) == 0) {
            return true;
        }
    }
    return false;
}

/* The members that a kind takes; all of `must` are there. Lists end with NULL. */
static enum err check_members(void *context, json_t *after, const char *const *must,
                              const char *const *may)
{
    enum err err = ERR_OK;
    json_t *value;
    const char *name;
    json_object_foreach(after, name, value)
    {
        if (!is_in(must, name) && !is_in(may, name)) {
            err = blame(context, name, "is no member of this kind", "该类变更不含此字段");
        }
    }
    for (; *must != NULL; must++) {
        if (json_object_get(after, *must) == NULL) {
            err = blame(context, *must, "is missing", "缺少该字段");
        }
    }
    return err;
}

static const char *const none[] = {NULL};

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text ? text : "";
}

static enum err packed(json_t *json, json_t **out)
{
    *out = json;
    return json != NULL ? ERR_OK : ERR_NO_MEMORY;
}

static enum err parse_object(const char *object, int64_t *out)
{
    return id_parse(object, out) == ERR_OK ? ERR_OK : ERR_NOT_FOUND;
}

/* --- A figure of the catalogue ----------------------------------------------------------------- */

/* From the tables, not from memory: a figure that was set a moment ago counts. */
static enum err parameter_read(void *context, struct db_conn *conn, const char *object,
                               json_t **out)
{
    size_t number;
    struct catalogue *catalogue;
    struct catalogue_figure figure;
    char from[DATE_TEXT_SIZE], next[DATE_TEXT_SIZE];
    enum err err =
        catalogue_parameter_find(call_house(call_of(context))->catalogue, object, &number);
    err =
        err ? err : catalogue_open_again(call_house(call_of(context))->catalogue, conn, &catalogue);
    if (err) {
        return err;
    }
    catalogue_figure(catalogue, number, today(context), &figure);
    date_format(figure.effective_date, from);
    err = packed(json_pack("{s:I, s:s}", "value", (json_int_t)figure.value, "effectiveDate", from),
                 out);
    if (!err && figure.has_next) {
        date_format(figure.next_date, next);
        json_object_set_new(
            *out, "next",
            json_pack("{s:I, s:s}", "value", (json_int_t)figure.next_value, "effectiveDate", next));
    }
    catalogue_close(catalogue);
    return err;
}

static enum err parameter_check(void *context, struct db_conn *conn, const char *object,
                                const json_t *now, json_t *after)
{
    static const char *const must[] = {"value", "effectiveDate", NULL};
    const struct catalogue *catalogue = call_house(call_of(context))->catalogue;
    size_t number;
    struct date date;
    int64_t value = 0;
    (void)conn, (void)now;
    enum err err = check_members(context, after, must, none);
    err = err ? err : catalogue_parameter_find(catalogue, object, &number);
    err = err ? err : json_get_int(after, "value", &value);
    err = err ? err : json_get_date(after, "effectiveDate", &date);
    if (err) {
        return err;
    }
    if (parameter_decide(catalogue_parameter(catalogue, number), value) != ERR_OK) {
        return blame(context, "value", "lies outside of what the rule allows", "超出允许范围");
    }
    int32_t ahead = date.days - today(context).days;
    return ahead < 0 || ahead > DAYS_AHEAD_MAX
               ? blame(context, "effectiveDate", "must be from today to ten years ahead",
                       "应在今天至十年之内")
               : ERR_OK;
}

/* What stood before is what the two people looked at: apply would have been stale otherwise. */
static enum err audit_parameter(struct uow *uow, const struct change *change,
                                const struct catalogue_change *figure, int32_t version,
                                struct staff_id checker)
{
    char object[AUDIT_OBJECT_SIZE], detail[160], from[DATE_TEXT_SIZE];
    int64_t before = 0;
    json_t *was = json_loads(change->before, JSON_REJECT_DUPLICATES, NULL);
    enum err err = was == NULL ? ERR_NO_MEMORY : json_get_int(was, "value", &before);
    json_decref(was);
    date_format(figure->effective_date, from);
    snprintf(object, sizeof object, "parameter:%.60s", change->object);
    snprintf(detail, sizeof detail, "value=%" PRId64 "->%" PRId64 " effectiveDate=%s version=%d",
             before, figure->value, from, (int)version);
    return err ? err : audit_append(uow, checker, "parameter.set", object, detail);
}

static enum err parameter_apply(void *context, struct uow *uow, const struct change *change,
                                const json_t *after, struct staff_id checker)
{
    char en[80], zh[80];
    int32_t version = 0;
    struct catalogue_change figure = {
        .name = change->object, .staff = checker, .source_en = en, .source_zh = zh};
    snprintf(en, sizeof en, "Decided in the bank by two people: change %" PRId64, change->id);
    snprintf(zh, sizeof zh, "本行双人审批决定：变更 %" PRId64, change->id);
    enum err err = json_get_int(after, "value", &figure.value);
    err = err ? err : json_get_date(after, "effectiveDate", &figure.effective_date);
    err = err ? err
              : catalogue_parameter_set(call_house(call_of(context))->catalogue, uow, &figure,
                                        &version);
    return err ? err : audit_parameter(uow, change, &figure, version, checker);
}

/* --- A customer's state ------------------------------------------------------------------------ */

static enum err customer_read(void *context, struct db_conn *conn, const char *object, json_t **out)
{
    struct customer_id id;
    struct customer customer;
    enum err err = parse_object(object, &id.value);
    err = err ? err
              : customer_load(customer_room_of(call_house(call_of(context))), conn, id, &customer);
    return err ? err
               : packed(json_pack("{s:s}", "state", customer_state_name(customer.state)), out);
}

static enum err customer_check(void *context, struct db_conn *conn, const char *object,
                               const json_t *now, json_t *after)
{
    static const char *const must[] = {"state", NULL};
    (void)conn, (void)object;
    enum err err = check_members(context, after, must, none);
    if (err) {
        return err;
    }
    if (strcmp(text_of(after, "state"), "disabled") == 0) {
        return blame(context, "state", "is no state of a customer", "不是客户状态");
    }
    bool is_open = strcmp(text_of(now, "state"), "active") == 0 ||
                   strcmp(text_of(now, "state"), "suspended") == 0;
    return is_open ? ERR_OK : ERR_CUSTOMER_STATE;
}

static enum err customer_apply(void *context, struct uow *uow, const struct change *change,
                               const json_t *after, struct staff_id checker)
{
    struct customer_id id;
    char object[AUDIT_OBJECT_SIZE];
    bool is_active = strcmp(text_of(after, "state"), "active") == 0;
    enum err err = parse_object(change->object, &id.value);
    err = err ? err
              : customer_set_state(customer_room_of(call_house(call_of(context))), uow, id,
                                   is_active ? CUSTOMER_ACTIVE : CUSTOMER_SUSPENDED);
    snprintf(object, sizeof object, "customer:%s", change->object);
    return err ? err
               : audit_append(uow, checker, is_active ? "customer.resume" : "customer.suspend",
                              object,
                              is_active ? "state=suspended->active" : "state=active->suspended");
}

/* --- The phone number of a customer at the counter --------------------------------------------- */

static enum err phone_read(void *context, struct db_conn *conn, const char *object, json_t **out)
{
    struct customer_id id;
    struct customer customer;
    enum err err = parse_object(object, &id.value);
    err = err ? err
              : customer_load(customer_room_of(call_house(call_of(context))), conn, id, &customer);
    return err ? err
               : packed(json_pack("{s:s, s:s}", "phone", customer.masked_phone, "state",
                                  customer_state_name(customer.state)),
                        out);
}

/* The wish names the proof; what it shows of the number is masked. */
static enum err phone_check(void *context, struct db_conn *conn, const char *object,
                            const json_t *now, json_t *after)
{
    static const char *const must[] = {"phoneProofId", "document", NULL};
    static const char *const may[] = {"phone", NULL};
    const struct change_context *at = context;
    struct customer_id id;
    char masked[PHONE_TEXT_SIZE];
    int64_t proof = 0;
    enum err err = check_members(context, after, must, may);
    err = err ? err : parse_object(object, &id.value);
    if (!err && strcmp(text_of(now, "state"), "closed") == 0) {
        err = ERR_CUSTOMER_STATE;
    }
    err = err ? err : id_parse(text_of(after, "phoneProofId"), &proof);
    err = err ? err
              : phone_proof_load(customer_room_of(call_house(call_of(context))), conn, id, proof,
                                 at->call->now_us, masked);
    if (err == ERR_NOT_FOUND) {
        return blame(context, "phoneProofId", "is no proof of this customer's, or older than a day",
                     "不是该客户的号码证明，或已超过一天");
    }
    return err || json_object_set_new(after, "phone", json_string(masked)) == 0 ? err
                                                                                : ERR_NO_MEMORY;
}

static enum err phone_apply(void *context, struct uow *uow, const struct change *change,
                            const json_t *after, struct staff_id checker)
{
    struct customer_id id;
    char object[AUDIT_OBJECT_SIZE], detail[AUDIT_DETAIL_SIZE];
    int64_t proof = 0;
    enum err err = parse_object(change->object, &id.value);
    err = err ? err : id_parse(text_of(after, "phoneProofId"), &proof);
    err = err ? err : phone_replace(customer_room_of(call_house(call_of(context))), uow, id, proof);
    snprintf(object, sizeof object, "customer:%s", change->object);
    snprintf(detail, sizeof detail, "document=%s proof=%" PRId64, text_of(after, "document"),
             proof);
    return err ? err : audit_append(uow, checker, "customer.phone", object, detail);
}

/* --- The class of an account -------------------------------------------------------------------- */

static enum err class_read(void *context, struct db_conn *conn, const char *object, json_t **out)
{
    struct account_id id;
    struct account account;
    (void)context;
    enum err err = parse_object(object, &id.value);
    err = err ? err : account_load(conn, id, &account);
    return err ? err
               : packed(json_pack("{s:s, s:s}", "class", account_class_name(account.class), "state",
                                  account_state_name(account.state)),
                        out);
}

static enum err class_order(const char *object, const json_t *after,
                            struct account_class_order *out)
{
    enum err err = parse_object(object, &out->account.value);
    return err ? err : account_class_parse(text_of(after, "class"), &out->class);
}

static enum err class_check(void *context, struct db_conn *conn, const char *object,
                            const json_t *now, json_t *after)
{
    static const char *const must[] = {"class", NULL};
    struct account_class_order order = {.staff = {0}};
    struct account_class_view before, afterwards;
    (void)now;
    enum err err = check_members(context, after, must, none);
    err = err ? err : class_order(object, after, &order);
    return err ? err
               : account_class_look(customer_room_of(call_house(call_of(context))),
                                    engine_ledger(call_engine(call_of(context))), conn,
                                    call_house(call_of(context))->catalogue, today(context), &order,
                                    &before, &afterwards);
}

static enum err class_apply(void *context, struct uow *uow, const struct change *change,
                            const json_t *after, struct staff_id checker)
{
    struct account_class_order order = {.staff = checker};
    struct account_class_view before, afterwards;
    char object[AUDIT_OBJECT_SIZE], detail[80];
    enum err err = class_order(change->object, after, &order);
    err = err ? err
              : account_class_change(customer_room_of(call_house(call_of(context))), uow,
                                     call_house(call_of(context))->catalogue, &order, &before,
                                     &afterwards);
    if (err) {
        return err;
    }
    snprintf(object, sizeof object, "account:%s", change->object);
    snprintf(detail, sizeof detail, "class=%s->%s surplus=%" PRId64,
             account_class_name(before.class), account_class_name(afterwards.class),
             afterwards.surplus.value);
    return audit_append(uow, checker, "account.class", object, detail);
}

/* --- A freeze ---------------------------------------------------------------------------------- */

static enum err freeze_read(void *context, struct db_conn *conn, const char *object, json_t **out)
{
    struct account_id id;
    struct account account;
    (void)context;
    enum err err = parse_object(object, &id.value);
    err = err ? err : account_load(conn, id, &account);
    return err ? err
               : packed(json_pack("{s:b, s:s}", "frozen", account.state == ACCOUNT_FROZEN, "state",
                                  account_state_name(account.state)),
                        out);
}

static enum err freeze_check(void *context, struct db_conn *conn, const char *object,
                             const json_t *now, json_t *after)
{
    static const char *const must[] = {"frozen", NULL};
    static const char *const must_freeze[] = {"frozen", "reason", NULL};
    static const char *const may_freeze[] = {"legalGround", "endsAt", NULL};
    const struct change_context *at = context;
    bool is_frozen = json_is_true(json_object_get(after, "frozen"));
    const char *reason = text_of(after, "reason");
    int64_t ends_at = 0;
    (void)conn, (void)object;
    enum err err = check_members(context, after, is_frozen ? must_freeze : must,
                                 is_frozen ? may_freeze : none);
    if (err) {
        return err;
    }
    if (strcmp(text_of(now, "state"), is_frozen ? "active" : "frozen") != 0) {
        return ERR_ACCOUNT_STATE;
    }
    bool needs_ground = strcmp(reason, "court") == 0 || strcmp(reason, "police") == 0;
    if (needs_ground && text_of(after, "legalGround")[0] == '\0') {
        return blame(context, "legalGround", "is missing: court and police freeze by an order",
                     "缺少法律依据：司法、公安冻结须有文书");
    }
    return instant_parse(text_of(after, "endsAt"), &ends_at) == ERR_OK &&
                   ends_at <= at->call->now_us
               ? blame(context, "endsAt", "must be in the future", "应晚于当前时间")
               : ERR_OK;
}

static enum err freeze_apply(void *context, struct uow *uow, const struct change *change,
                             const json_t *after, struct staff_id checker)
{
    struct account_freeze_order order = {.staff = checker};
    int64_t freeze_id = 0;
    char object[AUDIT_OBJECT_SIZE];
    bool is_frozen = json_is_true(json_object_get(after, "frozen"));
    enum err err = parse_object(change->object, &order.account.value);
    snprintf(order.reason, sizeof order.reason, "%s", text_of(after, "reason"));
    snprintf(order.legal_ground, sizeof order.legal_ground, "%s", text_of(after, "legalGround"));
    if (instant_parse(text_of(after, "endsAt"), &order.ends_at) != ERR_OK) {
        order.ends_at = 0;
    }
    if (!err) {
        err = is_frozen ? account_freeze(uow, &order, &freeze_id)
                        : account_unfreeze(uow, order.account, checker);
    }
    snprintf(object, sizeof object, "account:%s", change->object);
    return err ? err
               : audit_append(
                     uow, checker, is_frozen ? "account.freeze" : "account.unfreeze", object,
                     arena_printf(((struct change_context *)context)->call->arena,
                                  "frozen=%s reason=%s", is_frozen ? "false->true" : "true->false",
                                  order.reason));
}

/* --- Roles of staff ---------------------------------------------------------------------------- */

static json_t *role_names(uint32_t roles)
{
    json_t *names = json_array();
    for (int role = 0; names != NULL && role < STAFF_ROLE_COUNT; role++) {
        if (roles >> role & 1u) {
            json_array_append_new(names, json_string(staff_role_name((enum staff_role)role)));
        }
    }
    return names;
}

static uint32_t role_set(const json_t *names)
{
    uint32_t roles = 0;
    for (size_t i = 0; i < json_array_size(names); i++) {
        enum staff_role role;
        const char *name = json_string_value(json_array_get(names, i));
        if (name != NULL && staff_role_parse(name, &role) == ERR_OK) {
            roles |= 1u << role;
        }
    }
    return roles;
}

static enum err roles_read(void *context, struct db_conn *conn, const char *object, json_t **out)
{
    struct staff_id id;
    struct staff staff;
    (void)context;
    enum err err = parse_object(object, &id.value);
    err = err ? err : staff_load(conn, id, &staff);
    return err ? err
               : packed(json_pack("{s:s, s:o, s:s}", "login", staff.login, "roles",
                                  role_names(staff.roles), "state", staff_state_name(staff.state)),
                        out);
}

static enum err roles_check(void *context, struct db_conn *conn, const char *object,
                            const json_t *now, json_t *after)
{
    static const char *const may[] = {"roles", "state", NULL};
    const json_t *roles = json_object_get(after, "roles");
    const char *state = text_of(after, "state");
    (void)conn, (void)object;
    enum err err = check_members(context, after, none, may);
    if (err) {
        return err;
    }
    if (roles == NULL && state[0] == '\0') {
        return blame(context, "roles", "is missing, and so is \"state\"", "缺少 roles 或 state");
    }
    if (strcmp(state, "suspended") == 0) {
        return blame(context, "state", "is no state of a user", "不是员工状态");
    }
    bool same_roles = roles == NULL || role_set(roles) == role_set(json_object_get(now, "roles"));
    bool same_state = state[0] == '\0' || strcmp(state, text_of(now, "state")) == 0;
    return same_roles && same_state ? ERR_CHANGE_STALE : ERR_OK;
}

static enum err roles_apply(void *context, struct uow *uow, const struct change *change,
                            const json_t *after, struct staff_id checker)
{
    struct staff_id id;
    struct staff staff;
    uint32_t roles = role_set(json_object_get(after, "roles"));
    enum staff_state state = 0;
    (void)context;
    enum err err = parse_object(change->object, &id.value);
    if (!err && id.value == checker.value) {
        err = ERR_FOUR_EYES; /* nobody decides about their own rights */
    }
    if (!err && json_object_get(after, "state") != NULL) {
        err = staff_state_parse(text_of(after, "state"), &state);
    }
    return err ? err : staff_change(uow, id, roles ? &roles : NULL, state, checker, &staff);
}

/* --- Credentials of staff ---------------------------------------------------------------------- */

static enum err reset_read(void *context, struct db_conn *conn, const char *object, json_t **out)
{
    struct staff_id id;
    struct staff staff;
    (void)context;
    enum err err = parse_object(object, &id.value);
    err = err ? err : staff_load(conn, id, &staff);
    return err ? err
               : packed(json_pack("{s:s, s:b}", "login", staff.login, "enrolled",
                                  (int)staff.is_enrolled),
                        out);
}

static enum err reset_check(void *context, struct db_conn *conn, const char *object,
                            const json_t *now, json_t *after)
{
    static const char *const must[] = {"enrolled", NULL};
    (void)conn, (void)object, (void)now;
    enum err err = check_members(context, after, must, none);
    return err ? err
           : json_is_false(json_object_get(after, "enrolled"))
               ? ERR_OK
               : blame(context, "enrolled", "must be false: nobody sets another's credentials",
                       "应为 false：任何人不得为他人设置凭据");
}

static enum err reset_apply(void *context, struct uow *uow, const struct change *change,
                            const json_t *after, struct staff_id checker)
{
    struct staff_id id;
    struct staff staff;
    (void)context, (void)after;
    enum err err = parse_object(change->object, &id.value);
    if (!err && id.value == checker.value) {
        err = ERR_FOUR_EYES; /* nobody decides about their own credentials */
    }
    return err ? err : staff_reset(uow, id, checker, &staff);
}

/* --- A day that is to close before it has ended ------------------------------------------------- */

/* The decision itself makes it so (the approved change is the permit), so what stands before is the same
 * until then; a date that two agreed on already is refused at the proposal. */
static enum err early_read(void *context, struct db_conn *conn, const char *object, json_t **out)
{
    const struct change_context *at = context;
    struct date date;
    bool is_agreed = false;
    if (date_parse(object, &date) != ERR_OK) {
        return ERR_NOT_FOUND;
    }
    enum err err =
        at->is_proposal ? change_is_approved(conn, CHANGE_CLOSE_EARLY, object, &is_agreed) : ERR_OK;
    return err ? err : packed(json_pack("{s:b}", "closesEarly", (int)is_agreed), out);
}

static enum err early_check(void *context, struct db_conn *conn, const char *object,
                            const json_t *now, json_t *after)
{
    static const char *const must[] = {"closesEarly", NULL};
    struct date date = {0};
    (void)conn, (void)now;
    enum err err = check_members(context, after, must, none);
    if (err || date_parse(object, &date) != ERR_OK) {
        return err ? err : ERR_NOT_FOUND;
    }
    if (!json_is_true(json_object_get(after, "closesEarly"))) {
        return blame(context, "closesEarly", "must be true", "应为 true");
    }
    return date_compare(date, engine_business_date(call_engine(call_of(context)))) == 0
               ? ERR_OK
               : blame(context, "closesEarly", "only the date that the books are on can close",
                       "只能提前结束当前营业日");
}

/* The approved change is the permit: change_is_approved. */
static enum err early_apply(void *context, struct uow *uow, const struct change *change,
                            const json_t *after, struct staff_id checker)
{
    char object[AUDIT_OBJECT_SIZE];
    (void)context, (void)after;
    snprintf(object, sizeof object, "businessDate:%.20s", change->object);
    return audit_append(uow, checker, "endOfDay.early", object, "closesEarly=false->true");
}

/* --- Capital paid in --------------------------------------------------------------------------- */

/* The object is a currency; "value" is all of the bank's own money in the reserve, minor units. It
 * covers what customers are paid as interest, so that the reserve covers customers' money. */
static struct account_id capital_account(struct ccy ccy)
{
    return ledger_internal_account(GL_CAPITAL, ccy, 0);
}

static enum err capital_read(void *context, struct db_conn *conn, const char *object, json_t **out)
{
    struct ccy ccy;
    struct ledger_account account = {0};
    enum err err = ccy_parse(object, &ccy) == ERR_OK ? ERR_OK : ERR_NOT_FOUND;
    err = err ? err
              : ledger_account_load(engine_ledger(call_engine(call_of(context))), conn,
                                    capital_account(ccy), &account);
    bool is_unopened = err == ERR_LEDGER_ACCOUNT;
    int64_t paid_in = is_unopened ? 0 : account.credits_posted - account.debits_posted;
    return err && !is_unopened ? err
                               : packed(json_pack("{s:I}", "value", (json_int_t)paid_in), out);
}

static enum err capital_check(void *context, struct db_conn *conn, const char *object,
                              const json_t *now, json_t *after)
{
    static const char *const must[] = {"value", NULL};
    (void)conn;
    (void)object;
    enum err err = check_members(context, after, must, none);
    json_int_t before = json_integer_value(json_object_get(now, "value"));
    json_int_t wished = json_integer_value(json_object_get(after, "value"));
    return err ? err
           : wished > before
               ? ERR_OK
               : blame(context, "value", "must be more than is paid in", "必须大于已实收资本");
}

static enum err capital_apply(void *context, struct uow *uow, const struct change *change,
                              const json_t *after, struct staff_id checker)
{
    struct recipe_event event = {.recipe = RECIPE_CAPITAL_PAID_IN,
                                 .booking_date = uow->business_date,
                                 .ref_id = change->id,
                                 .bucket = 0};
    struct ledger_account account = {0};
    struct journal_result journal;
    char object[AUDIT_OBJECT_SIZE], detail[80];
    (void)context;
    struct money *amount = &event.amounts[SLOT_AMOUNT];
    CHECK(ccy_parse(change->object, &amount->ccy) == ERR_OK);
    enum err err = ledger_account_read(uow->ledger, capital_account(amount->ccy), &account);
    if (err && err != ERR_LEDGER_ACCOUNT) {
        return err;
    }
    amount->minor = json_integer_value(json_object_get(after, "value")) -
                    (account.credits_posted - account.debits_posted);
    err = recipe_post(uow->ledger, &event, &journal);
    snprintf(object, sizeof object, "journal:%" PRId64, journal.id.value);
    snprintf(detail, sizeof detail, "%s %" PRId64, change->object, amount->minor);
    return err ? err : audit_append(uow, checker, "capital.paidIn", object, detail);
}

/* --- A clock in doubt -------------------------------------------------------------------------- */

static enum err clock_read(void *context, struct db_conn *conn, const char *object, json_t **out)
{
    (void)context, (void)conn;
    return strcmp(object, "bank") == 0 ? packed(json_pack("{s:b}", "isFollowed", 0), out)
                                       : ERR_NOT_FOUND;
}

static enum err clock_check(void *context, struct db_conn *conn, const char *object,
                            const json_t *now, json_t *after)
{
    static const char *const must[] = {"isFollowed", NULL};
    (void)conn, (void)object, (void)now;
    enum err err = check_members(context, after, must, none);
    if (!err && !json_is_true(json_object_get(after, "isFollowed"))) {
        return blame(context, "isFollowed", "must be true", "应为 true");
    }
    return err ? err
           : engine_clock_read(call_engine(call_of(context))).state == CLOCK_STEADY
               ? ERR_CLOCK_STEADY
               : ERR_OK;
}

/* The wall clock is right: the bank's time follows it within a second. */
static enum err clock_apply(void *context, struct uow *uow, const struct change *change,
                            const json_t *after, struct staff_id checker)
{
    (void)context, (void)change, (void)after;
    enum err err = engine_clock_follow(uow);
    return err ? err : audit_append(uow, checker, "clock.follow", "bank", "isFollowed=false->true");
}

/* --- The table --------------------------------------------------------------------------------- */

static const struct change_kind rows[] = {
    {"parameter", PERMIT_PARAMETERS, parameter_read, parameter_check, parameter_apply},
    {"customerState", PERMIT_CUSTOMER_CHANGE, customer_read, customer_check, customer_apply},
    {"customerPhone", PERMIT_CUSTOMER_CHANGE, phone_read, phone_check, phone_apply},
    {"accountClass", PERMIT_CUSTOMER_CHANGE, class_read, class_check, class_apply},
    {"accountFreeze", PERMIT_CUSTOMER_CHANGE, freeze_read, freeze_check, freeze_apply},
    {"staffRoles", PERMIT_USERS_CHANGE, roles_read, roles_check, roles_apply},
    {"staffReset", PERMIT_USERS_CHANGE, reset_read, reset_check, reset_apply},
    {CHANGE_CLOSE_EARLY, PERMIT_JOBS_RUN, early_read, early_check, early_apply},
    {"capital", PERMIT_PARAMETERS, capital_read, capital_check, capital_apply},
    {"followClock", PERMIT_JOBS_RUN, clock_read, clock_check, clock_apply},
};

struct change_kinds change_kinds_of(struct change_context *context)
{
    return (struct change_kinds){rows, sizeof rows / sizeof rows[0], context};
}
