/* Claims of work, on both engines. EVIDENCE: REQ-KYC-06 */
#include "staff/staff.h"
#include "unit/room_fixture.h"

#include <inttypes.h>

#define MINUTE INT64_C(60000000)
#define QUEUE  "identityCases"

static enum db_engine which;
static struct room_fixture bank;
static struct staff_room room;
static int next_object = 1000;

struct step {
    struct staff_draft draft;
    struct staff staff;
    int64_t object;
    struct staff_id by;
    struct staff_claim claim;
};

static enum err run_create(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_create(&room, uow, &s->draft, (struct staff_id){0}, &s->staff);
}
static enum err run_take(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_claim_take(uow, QUEUE, s->object, s->by, 15 * MINUTE, &s->claim);
}
static enum err run_release(struct uow *uow, void *context)
{
    struct step *s = context;
    return staff_claim_release(uow, QUEUE, s->object, s->by);
}
static enum err run_end(struct uow *uow, void *context)
{
    return staff_claim_end(uow, QUEUE, ((struct step *)context)->object);
}

static struct staff_id person(const char *login)
{
    struct step s = {.draft = {.login = login, .name = "A Person", .roles = 1U << ROLE_REVIEWER}};
    assert_ok(staff_draft_check(&s.draft));
    assert_ok(engine_run(bank.engine, run_create, &s));
    return s.staff.id;
}

static struct staff_id first, second;

static int suite_open(void **state)
{
    (void)state;
    char login[STAFF_LOGIN_SIZE];
    struct staff_rules rules = STAFF_RULES;
    rules.password_passes = ROOM_FIXTURE_PASSES;
    rules.password_memory = ROOM_FIXTURE_MEMORY;
    room_fixture_open(&bank, which, "sycee_test_staff_claim");
    assert_ok(staff_room_init(&room, bank.vault, &rules));
    snprintf(login, sizeof(login), "c%u", (unsigned)entropy_below(entropy_system(), 1000000000));
    first = person(login);
    login[0] = 'd';
    second = person(login);
    return 0;
}

static int suite_close(void **state)
{
    (void)state;
    room_fixture_close(&bank);
    return 0;
}

static enum err take(int64_t object, struct staff_id by, struct staff_claim *out)
{
    struct step s = {.object = object, .by = by};
    enum err err = engine_run(bank.engine, run_take, &s);
    if (err == ERR_OK && out != NULL) {
        *out = s.claim;
    }
    return err;
}

static enum err release(int64_t object, struct staff_id by)
{
    struct step s = {.object = object, .by = by};
    return engine_run(bank.engine, run_release, &s);
}

static enum err check(int64_t object, struct staff_id by)
{
    struct db_conn *conn = NULL;
    assert_ok(engine_read_begin(bank.engine, &conn));
    enum err err = staff_claim_check(conn, QUEUE, object, by, clock_now_us(&bank.clock.clock));
    engine_read_end(bank.engine, conn);
    return err;
}

static int64_t held(struct staff_id by)
{
    struct db_conn *conn = NULL;
    int64_t count = -1;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(staff_claim_count(conn, QUEUE, by, clock_now_us(&bank.clock.clock), &count));
    engine_read_end(bank.engine, conn);
    return count;
}

static void test_staff_claim__is_of_one_person_at_a_time(void **state)
{
    (void)state;
    struct staff_claim claim;
    int64_t object = next_object++, before = held(first);
    assert_err(ERR_CLAIM_NEEDED, check(object, first));
    assert_ok(take(object, first, &claim));
    assert_int_equal(claim.staff.value, first.value);
    assert_int_equal(claim.until - claim.claimed_at, 15 * MINUTE);
    assert_err(ERR_CASE_CLAIMED, take(object, second, NULL));
    assert_ok(check(object, first));
    assert_err(ERR_CLAIM_NEEDED, check(object, second));
    assert_int_equal(held(first), before + 1);
    assert_err(ERR_CLAIM_NEEDED, release(object, second));
    assert_ok(release(object, first));
    assert_err(ERR_CLAIM_NEEDED, release(object, first));
    assert_ok(take(object, second, NULL));
    assert_int_equal(held(first), before);
}

static void test_staff_claim__ends_by_itself_and_is_renewed(void **state)
{
    (void)state;
    struct staff_claim claim, renewed;
    int64_t object = next_object++;
    assert_ok(take(object, first, &claim));
    clock_manual_advance(&bank.clock, 14 * MINUTE);
    assert_ok(take(object, first, &renewed));
    assert_int_equal(renewed.until - claim.until, 14 * MINUTE);
    clock_manual_advance(&bank.clock, 15 * MINUTE - 1);
    assert_err(ERR_CASE_CLAIMED, take(object, second, NULL));
    assert_ok(check(object, first));
    clock_manual_advance(&bank.clock, 1);
    assert_err(ERR_CLAIM_NEEDED, check(object, first));
    assert_err(ERR_CLAIM_NEEDED, release(object, first));
    assert_ok(take(object, second, NULL));
    assert_ok(check(object, second));
}

static void test_staff_claim__is_gone_once_the_work_is(void **state)
{
    (void)state;
    struct step s = {.object = next_object++};
    assert_ok(take(s.object, first, NULL));
    assert_ok(engine_run(bank.engine, run_end, &s));
    assert_err(ERR_CLAIM_NEEDED, check(s.object, first));
    assert_ok(take(s.object, second, NULL));
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_staff_claim__is_of_one_person_at_a_time),
        cmocka_unit_test(test_staff_claim__ends_by_itself_and_is_renewed),
        cmocka_unit_test(test_staff_claim__is_gone_once_the_work_is),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       suite_open, suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
