/* Changes that need two people, on both engines. EVIDENCE: REQ-RSK-03 */
#include "staff/change.h"
#include "unit/room_fixture.h"

#define HOUR INT64_C(3600000000)

static enum db_engine which;
static struct room_fixture bank;
static struct staff_room room;

/* The only object of a change in this test: a lamp. */
static struct lamp {
    int64_t brightness;
    int applied;
    struct staff_id by;
    enum err apply_err;
} lamp;

static enum err lamp_read(void *context, struct db_conn *conn, const char *object, json_t **out)
{
    (void)context, (void)conn;
    if (strcmp(object, "lamp") != 0) {
        return ERR_NOT_FOUND;
    }
    *out = json_pack("{s:I, s:s}", "brightness", (json_int_t)lamp.brightness, "about", "a lamp");
    return *out ? ERR_OK : ERR_NO_MEMORY;
}

static enum err lamp_check(void *context, struct db_conn *conn, const char *object,
                           const json_t *now, json_t *after)
{
    int64_t brightness = 0;
    (void)context, (void)conn, (void)object, (void)now;
    enum err err = json_get_int(after, "brightness", &brightness);
    return err ? err : brightness < 0 || brightness > 9 ? ERR_INVALID_FIELD : ERR_OK;
}

static enum err lamp_apply(void *context, struct uow *uow, const struct change *change,
                           const json_t *after, struct staff_id checker)
{
    (void)context, (void)uow;
    assert_string_equal(change->object, "lamp");
    if (lamp.apply_err != ERR_OK) {
        return lamp.apply_err;
    }
    lamp.applied++;
    lamp.by = checker;
    return json_get_int(after, "brightness", &lamp.brightness);
}

static const struct change_kind rows[] = {
    {"lamp", PERMIT_CUSTOMER_CHANGE, lamp_read, lamp_check, lamp_apply}};
static const struct change_kinds kinds = {rows, 1, NULL};

struct step {
    struct staff_draft draft;
    struct staff staff;
    struct change_draft wish;
    const struct staff_principal *by;
    struct change change;
    enum change_decision decision;
    size_t count;
};

static enum err run_create(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_create(&room, uow, &s->draft, (struct staff_id){0}, &s->staff);
}
static enum err run_propose(struct uow *uow, void *context)
{
    struct step *s = context;
    return change_propose(&kinds, uow, &s->wish, s->by, &s->change);
}
static enum err run_decide(struct uow *uow, void *context)
{
    struct step *s = context;
    return change_decide(&kinds, uow, s->change.id, s->decision, "looked at it", s->by, &s->change);
}
static enum err run_expire(struct uow *uow, void *context)
{
    return change_expire(uow, &((struct step *)context)->count);
}

static struct staff_principal person(const char *stem, enum staff_role role)
{
    char login[STAFF_LOGIN_SIZE];
    snprintf(login, sizeof(login), "%s%u", stem,
             (unsigned)entropy_below(entropy_system(), 1000000000));
    struct step s = {.draft = {.login = login, .name = "A Person", .roles = 1U << role}};
    assert_ok(staff_draft_check(&s.draft));
    assert_ok(engine_run(bank.engine, run_create, &s));
    return (struct staff_principal){.staff = s.staff,
                                    .permissions = staff_permissions_of(s.staff.roles)};
}

static struct staff_principal maker, checker, accountant;

static int suite_open(void **state)
{
    (void)state;
    struct staff_rules rules = STAFF_RULES;
    rules.password_passes = ROOM_FIXTURE_PASSES;
    rules.password_memory = ROOM_FIXTURE_MEMORY;
    room_fixture_open(&bank, which, "sycee_test_staff_change");
    assert_ok(staff_room_init(&room, bank.vault, &rules));
    maker = person("maker", ROLE_TELLER);
    checker = person("checker", ROLE_TELLER);
    accountant = person("acc", ROLE_ACCOUNTANT);
    return 0;
}

static int suite_close(void **state)
{
    (void)state;
    room_fixture_close(&bank);
    return 0;
}

static int begin_dark(void **state)
{
    (void)state;
    lamp = (struct lamp){.brightness = 0};
    return 0;
}

static enum err propose_as(const struct staff_principal *by, const char *object, int64_t brightness,
                           struct change *out)
{
    struct step s = {.wish = {.kind = "lamp", .object = object, .reason = "it is dark here"},
                     .by = by};
    s.wish.after = json_pack("{s:I}", "brightness", (json_int_t)brightness);
    enum err err = engine_run(bank.engine, run_propose, &s);
    json_decref(s.wish.after);
    *out = s.change;
    return err;
}

static struct change propose(int64_t brightness)
{
    struct change change;
    clock_manual_advance(&bank.clock, 1000000); /* ids of several workers rise with time only */
    assert_ok(propose_as(&maker, "lamp", brightness, &change));
    return change;
}

static enum err decide(struct change *change, enum change_decision decision,
                       const struct staff_principal *by)
{
    struct step s = {.change = *change, .decision = decision, .by = by};
    enum err err = engine_run(bank.engine, run_decide, &s);
    if (err == ERR_OK) {
        *change = s.change;
    }
    return err;
}

static struct work_count count_for(const struct staff_principal *who)
{
    struct db_conn *conn = NULL;
    struct work_count count;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(change_count(conn, who->staff.id, clock_now_us(&bank.clock.clock), &count));
    engine_read_end(bank.engine, conn);
    return count;
}

static void test_staff_change__is_applied_by_another_person(void **state)
{
    (void)state;
    struct change change = propose(7);
    assert_string_equal(change.before, "{\"about\":\"a lamp\",\"brightness\":0}");
    assert_string_equal(change.after, "{\"brightness\":7}");
    assert_string_equal(change.maker_login, maker.staff.login);
    assert_string_equal(change.checker_login, "");
    assert_int_equal(change.state, CHANGE_PROPOSED);
    assert_int_equal(lamp.brightness, 0);
    assert_err(ERR_FOUR_EYES, decide(&change, DECISION_APPROVE, &maker));
    assert_err(ERR_FOUR_EYES, decide(&change, DECISION_REFUSE, &maker));
    assert_err(ERR_NOT_PERMITTED, decide(&change, DECISION_WITHDRAW, &checker));
    assert_int_equal(lamp.applied, 0);
    assert_ok(decide(&change, DECISION_APPROVE, &checker));
    assert_int_equal(change.state, CHANGE_APPROVED);
    assert_string_equal(change.checker_login, checker.staff.login);
    assert_string_equal(change.decision_reason, "looked at it");
    assert_int_equal(change.version, 2);
    assert_int_equal(lamp.brightness, 7);
    assert_int_equal(lamp.by.value, checker.staff.id.value);
    assert_err(ERR_CHANGE_DECIDED, decide(&change, DECISION_APPROVE, &checker));
    assert_int_equal(lamp.applied, 1);
}

static void test_staff_change__is_refused_or_withdrawn_without_effect(void **state)
{
    (void)state;
    struct change refused = propose(3), withdrawn = propose(4);
    assert_ok(decide(&refused, DECISION_REFUSE, &checker));
    assert_int_equal(refused.state, CHANGE_REFUSED);
    assert_ok(decide(&withdrawn, DECISION_WITHDRAW, &maker));
    assert_int_equal(withdrawn.state, CHANGE_WITHDRAWN);
    assert_err(ERR_CHANGE_DECIDED, decide(&refused, DECISION_APPROVE, &checker));
    assert_err(ERR_CHANGE_DECIDED, decide(&withdrawn, DECISION_APPROVE, &checker));
    assert_int_equal(lamp.applied, 0);
}

static void test_staff_change__is_stale_where_the_object_moved(void **state)
{
    (void)state;
    struct change change = propose(5);
    lamp.brightness = 2;
    assert_err(ERR_CHANGE_STALE, decide(&change, DECISION_APPROVE, &checker));
    assert_int_equal(lamp.applied, 0);
    lamp.brightness = 0;
    assert_ok(decide(&change, DECISION_APPROVE, &checker));
    struct change again;
    assert_err(ERR_CHANGE_STALE, propose_as(&maker, "lamp", 5, &again));
}

static void test_staff_change__stays_proposed_where_it_cannot_be_applied(void **state)
{
    (void)state;
    struct change change = propose(6);
    lamp.apply_err = ERR_CUSTOMER_STATE;
    assert_err(ERR_CUSTOMER_STATE, decide(&change, DECISION_APPROVE, &checker));
    lamp.apply_err = ERR_OK;
    assert_ok(decide(&change, DECISION_APPROVE, &checker));
    assert_int_equal(lamp.brightness, 6);
}

static void test_staff_change__needs_the_kinds_permission_and_a_good_figure(void **state)
{
    (void)state;
    struct change change;
    assert_err(ERR_NOT_PERMITTED, propose_as(&accountant, "lamp", 5, &change));
    assert_err(ERR_NOT_FOUND, propose_as(&maker, "stove", 5, &change));
    assert_err(ERR_INVALID_FIELD, propose_as(&maker, "lamp", 10, &change));
    struct step s = {.wish = {.kind = "stove", .object = "lamp", .reason = "cold"}, .by = &maker};
    s.wish.after = json_pack("{s:i}", "brightness", 1);
    assert_err(ERR_INVALID_FIELD, engine_run(bank.engine, run_propose, &s));
    json_decref(s.wish.after);
    change = propose(1);
    assert_err(ERR_NOT_PERMITTED, decide(&change, DECISION_APPROVE, &accountant));
    change.id = 1;
    assert_err(ERR_NOT_FOUND, decide(&change, DECISION_APPROVE, &checker));
}

static void test_staff_change__runs_out_after_a_week(void **state)
{
    (void)state;
    struct step s = {0};
    struct work_count before = count_for(&maker);
    struct change change = propose(8);
    struct work_count count = count_for(&maker);
    assert_int_equal(count.open, before.open + 1);
    assert_int_equal(count.mine, before.mine + 1);
    assert_int_equal(count_for(&accountant).mine, 0);
    clock_manual_advance(&bank.clock, 24 * HOUR);
    assert_int_equal(count_for(&maker).overdue, count.open);
    assert_true(count_for(&maker).oldest_at <= change.created_at);
    clock_manual_advance(&bank.clock, 6 * 24 * HOUR - 1);
    assert_int_equal(
        change_rule(&change, DECISION_APPROVE, checker.staff.id, clock_now_us(&bank.clock.clock)),
        ERR_OK);
    clock_manual_advance(&bank.clock, 1);
    assert_err(ERR_CHANGE_DECIDED, decide(&change, DECISION_APPROVE, &checker));
    assert_int_equal(count_for(&maker).open, 0);
    assert_ok(engine_run(bank.engine, run_expire, &s));
    assert_int_equal(s.count, count.open);
    assert_ok(engine_run(bank.engine, run_expire, &s));
    assert_int_equal(s.count, 0);
    struct db_conn *conn = NULL;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(change_load(conn, change.id, &change));
    struct audit_verification verification;
    assert_ok(audit_verify(conn, &verification));
    engine_read_end(bank.engine, conn);
    assert_int_equal(change.state, CHANGE_EXPIRED);
    assert_int_equal(change.checker.value, 0);
    assert_true(verification.intact);
}

static bool newest_first(const struct change *change, void *context)
{
    int64_t *last = context;
    assert_true(*last == 0 || change->id < *last);
    assert_int_equal(change->state, CHANGE_PROPOSED);
    *last = change->id;
    return true;
}

static void test_staff_change__lists_by_state(void **state)
{
    (void)state;
    struct db_conn *conn = NULL;
    int64_t last = 0;
    struct change first = propose(1), other = propose(2), gone = propose(3);
    assert_ok(decide(&gone, DECISION_WITHDRAW, &maker));
    struct change_filter filter = {.state = CHANGE_PROPOSED, .limit = 2};
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(change_each(conn, &filter, newest_first, &last));
    assert_int_equal(last, first.id);
    filter.before = other.id, last = 0, filter.limit = 1;
    assert_ok(change_each(conn, &filter, newest_first, &last));
    assert_int_equal(last, first.id);
    engine_read_end(bank.engine, conn);
}

static void test_staff_change__names_its_states_and_decisions(void **state)
{
    (void)state;
    enum change_state back;
    enum change_decision decision;
    for (int i = CHANGE_PROPOSED; i <= CHANGE_EXPIRED; i++) {
        assert_err(ERR_OK, change_state_parse(change_state_name((enum change_state)i), &back));
        assert_int_equal(back, i);
    }
    assert_err(ERR_INVALID_FIELD, change_state_parse("open", &back));
    assert_err(ERR_OK, change_decision_parse("withdraw", &decision));
    assert_int_equal(decision, DECISION_WITHDRAW);
    assert_err(ERR_INVALID_FIELD, change_decision_parse("", &decision));
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_staff_change__is_applied_by_another_person, begin_dark),
        cmocka_unit_test_setup(test_staff_change__is_refused_or_withdrawn_without_effect,
                               begin_dark),
        cmocka_unit_test_setup(test_staff_change__is_stale_where_the_object_moved, begin_dark),
        cmocka_unit_test_setup(test_staff_change__stays_proposed_where_it_cannot_be_applied,
                               begin_dark),
        cmocka_unit_test_setup(test_staff_change__needs_the_kinds_permission_and_a_good_figure,
                               begin_dark),
        cmocka_unit_test_setup(test_staff_change__runs_out_after_a_week, begin_dark),
        cmocka_unit_test_setup(test_staff_change__lists_by_state, begin_dark),
        cmocka_unit_test(test_staff_change__names_its_states_and_decisions),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       suite_open, suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
