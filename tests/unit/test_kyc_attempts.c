/* What is kept of a customer's tries, on both engines. */
#include "unit/kyc_fixture.h"

#include <stdio.h>
#include <string.h>

/* Result of the newest attempt at a face check, "" if there is none. */
static bool keep_face_attempt(const struct kyc_attempt_row *row, void *context)
{
    char *result = context;
    if (strcmp(kyc_attempt_name(row->kind), kyc_attempt_name(ATTEMPT_FACE)) != 0) {
        return true;
    }
    snprintf(result, sizeof row->result, "%s", row->result);
    return false;
}

static const char *face_attempt(struct customer_id id)
{
    static char result[sizeof((struct kyc_attempt_row *)0)->result];
    struct db_conn *conn = NULL;
    result[0] = '\0';
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(kyc_attempts_each(conn, id, 100, keep_face_attempt, result));
    engine_read_end(bank.engine, conn);
    return result;
}

static void test_kyc_attempts__a_face_check_is_passed_when_it_is_decided(void **state)
{
    struct person p = identified(91700, 0);
    struct person q = identified(91800, 0);
    struct face_check check_of;
    struct kyc_case row;
    (void)state;
    assert_string_equal(face_attempt(p.id), "");
    assert_err(ERR_OK, open_face(&p, FACE_OPENING, &check_of));
    assert_string_equal(face_attempt(p.id), "started");
    clock_manual_advance(&bank.clock, 3600 * SECOND);
    assert_string_equal(face_attempt(p.id), "started"); /* never completed */
    show_face(&p, FACE_OPENING, 91700);
    assert_string_equal(face_attempt(p.id), "passed");
    clock_manual_advance(&bank.clock, 3600 * SECOND);
    show_face(&p, FACE_CARD, 5555);
    assert_string_equal(face_attempt(p.id), "refused");
    struct face_check unsure = show_face(&q, FACE_OPENING, 91801);
    assert_string_equal(face_attempt(q.id), "unsure");
    assert_err(ERR_OK, decide_case(unsure.case_id, 1, true, &row));
    assert_string_equal(face_attempt(q.id), "passed");
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_kyc_attempts__a_face_check_is_passed_when_it_is_decided,
                               kyc_fresh),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       kyc_suite_open, kyc_suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
