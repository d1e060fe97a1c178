/* Each step of a verification happens wholly or not at all: the 1st, 2nd, 3rd … call to the database
 * fails, until none does. On both engines. */
#include "unit/kyc_fixture.h"

#include <stdlib.h>

#ifdef SYCEE_FAULTS
static bool count_picture(const struct kyc_picture *picture, void *context)
{
    (void)picture;
    ++*(int *)context;
    return true;
}

static bool count_check(const struct kyc_check_row *row, void *context)
{
    (void)row;
    ++*(int *)context;
    return true;
}

static bool count_attempt(const struct kyc_attempt_row *row, void *context)
{
    (void)row;
    ++*(int *)context;
    return true;
}

struct counts {
    int pictures, checks, attempts;
};

static struct counts counts_of(struct customer_id id)
{
    struct counts counts = {.pictures = 0};
    struct db_conn *conn = NULL;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(kyc_pictures_each(conn, id, count_picture, &counts.pictures));
    assert_ok(kyc_checks_each(conn, id, count_check, &counts.checks));
    assert_ok(kyc_attempts_each(conn, id, 100, count_attempt, &counts.attempts));
    engine_read_end(bank.engine, conn);
    return counts;
}

static void assert_counts(struct counts a, struct counts b)
{
    assert_int_equal(a.pictures, b.pictures);
    assert_int_equal(a.checks, b.checks);
    assert_int_equal(a.attempts, b.attempts);
}

/* Runs `work` with faults until it passes; between them nothing of the customer may have moved.
 * Returns how many faults there were. */
static int run_with_faults(engine_work *work, struct kyc_step *step, struct customer_id id)
{
    struct counts before = counts_of(id);
    struct kyc_verification v = standing(id);
    for (int nth = 1;; nth++) {
        db_fault_arm_all(nth, ERR_DB_FULL);
        enum err err = engine_run(bank.engine, work, step);
        bool fired = db_fault_fired_all();
        db_fault_arm_all(0, ERR_OK);
        if (!fired) {
            assert_ok(err);
            return nth - 1;
        }
        assert_err(ERR_DB_FULL, err);
        struct kyc_verification after = standing(id);
        assert_counts(before, counts_of(id));
        assert_memory_equal(&v, &after, sizeof v);
    }
}

static void test_kyc_fault__a_picture_is_kept_wholly_or_not(void **state)
{
    struct person p = new_person(2000, 0);
    struct kyc_id_picture *picture = malloc(sizeof *picture);
    struct kyc_step s = {.picture = picture};
    struct principal who = owner_of(p.id);
    int64_t retry_at = 0;
    const char *text = card_text(&p, CARD_FRONT, 1);
    (void)state;
    assert_ok(kyc_id_picture_prepare(kyc, bank.engine, &who, CARD_FRONT, text, strlen(text),
                                     picture, &retry_at));
    assert_true(run_with_faults(do_picture, &s, p.id) > 5);
    assert_err(ERR_OK, s.verdict.refusal);
    assert_counts(counts_of(p.id), (struct counts){2, 1, 1});
    assert_int_equal(standing(p.id).layers[KYC_ID_FRONT].state, KYC_STATE_PASSED);
    kyc_id_picture_release(picture);
    free(picture);
}

static void test_kyc_fault__a_confirmation_happens_wholly_or_not(void **state)
{
    struct person p = new_person(2001, 0);
    struct kyc_confirmation *c = malloc(sizeof *c);
    struct kyc_step s = {.confirmation = c};
    struct kyc_fields fields = fields_of(&p);
    struct principal who = owner_of(p.id);
    int64_t retry_at = 0;
    (void)state;
    give_cards(&p);
    assert_ok(kyc_confirmation_prepare(kyc, bank.engine, &who, &fields, c, &retry_at));
    assert_true(run_with_faults(do_confirmation, &s, p.id) > 10);
    assert_err(ERR_OK, s.verdict.refusal);
    assert_true(load(p.id).has_identity);
    assert_int_equal(load(p.id).layers.state[LAYER_PICTURES], LAYER_PASSED);
    kyc_confirmation_release(c);
    free(c);
}

static void test_kyc_fault__a_face_is_decided_wholly_or_not(void **state)
{
    struct person p = identified(20100, 0);
    struct face_check check_of;
    struct face_completion *completion = malloc(sizeof *completion);
    struct kyc_step s = {.completion = completion};
    struct kyc_case row;
    (void)state;
    assert_err(ERR_OK, open_face(&p, FACE_OPENING, &check_of));
    give_frames(&p, 20101, check_of.id); /* like a brother: a case opens too */
    assert_ok(face_completion_prepare(kyc, bank.engine, p.id, check_of.id, completion));
    assert_true(run_with_faults(do_complete, &s, p.id) > 10);
    assert_int_equal(s.check.state, FACE_STATE_UNSURE);
    assert_true(standing(p.id).has_case);
    free(completion);
    /* And so does the decision on it. */
    struct kyc_step d = {.id = s.check.case_id,
                         .staff = reviewer(1),
                         .decision = {true, DECISION_SAME_PERSON, "seen and compared"}};
    assert_ok(engine_run(bank.engine, do_claim, &d));
    assert_true(run_with_faults(do_decide, &d, p.id) > 10);
    row = case_by_id(d.id);
    assert_int_equal(row.state, CASE_APPROVED);
    assert_int_equal(load(p.id).layers.state[LAYER_FACE], LAYER_PASSED);
}

/* The answer of the commit is lost: the customer asks again and finds it done. */
static void test_kyc_fault__a_completion_asked_twice_is_done_once(void **state)
{
    struct person p = identified(20200, 0);
    struct face_check check_of;
    struct face_completion *completion = malloc(sizeof *completion);
    struct kyc_step s = {.completion = completion};
    (void)state;
    assert_err(ERR_OK, open_face(&p, FACE_OPENING, &check_of));
    give_frames(&p, 20200, check_of.id);
    assert_ok(face_completion_prepare(kyc, bank.engine, p.id, check_of.id, completion));
    assert_ok(engine_run(bank.engine, do_complete, &s));
    struct counts before = counts_of(p.id);
    assert_err(ERR_FACE_CHECK_OVER, engine_run(bank.engine, do_complete, &s));
    assert_counts(before, counts_of(p.id));
    free(completion);
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_kyc_fault__a_picture_is_kept_wholly_or_not, kyc_fresh),
        cmocka_unit_test_setup(test_kyc_fault__a_confirmation_happens_wholly_or_not, kyc_fresh),
        cmocka_unit_test_setup(test_kyc_fault__a_face_is_decided_wholly_or_not, kyc_fresh),
        cmocka_unit_test_setup(test_kyc_fault__a_completion_asked_twice_is_done_once, kyc_fresh),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       kyc_suite_open, kyc_suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
#else
int main(void)
{
    return 0; /* a release has no faults on order */
}
#endif
