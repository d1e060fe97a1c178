/* Photographs of faces submitted twice, on both engines. EVIDENCE: REQ-KYC-02. */
#include "unit/kyc_fixture.h"

#include <stdlib.h>

static struct kyc_case newest_case(struct customer_id id)
{
    struct kyc_verification v = standing(id);
    assert_true(v.has_case);
    return case_by_id(v.case_id);
}

static int64_t new_check(const struct person *p)
{
    struct face_check check_of;
    clock_manual_advance(&bank.clock, 120 * SECOND); /* four a minute are too many */
    assert_err(ERR_OK, open_face(p, FACE_OPENING, &check_of));
    return check_of.id;
}

static void test_kyc_prints__a_frame_of_an_earlier_check_is_refused(void **state)
{
    struct person p = identified(5000, 0);
    (void)state;
    int64_t first = new_check(&p);
    assert_err(ERR_OK, give_frame(p.id, first, 0, "face 5000 sofa"));
    assert_err(ERR_OK, give_frame(p.id, first, 0, "face 5000 sofa~again")); /* a lost answer */
    assert_false(standing(p.id).has_case);
    int64_t second = new_check(&p);
    assert_err(ERR_PICTURE_REUSED, give_frame(p.id, second, 0, "face 5000 sofa~jpeg 60"));
    struct kyc_case row = newest_case(p.id);
    assert_int_equal(row.reasons, 1U << CASE_REPLAYED);
    assert_true(row.needs_second);
    assert_int_equal(row.face_check_id, 0);
}

static void test_kyc_prints__a_frame_of_another_customer_is_refused(void **state)
{
    struct person p = identified(5001, 0);
    struct person q = identified(5002, 2);
    (void)state;
    assert_err(ERR_OK, give_frame(p.id, new_check(&p), 1, "face 5001 garden"));
    assert_err(ERR_PICTURE_REUSED, give_frame(q.id, new_check(&q), 2, "face 5001 garden~smaller"));
    assert_int_equal(newest_case(q.id).reasons, 1U << CASE_REPLAYED);
    assert_false(standing(p.id).has_case);
}

static void test_kyc_prints__the_same_bytes_are_for_a_person_too(void **state)
{
    struct person p = identified(5003, 0);
    (void)state;
    assert_err(ERR_OK, give_frame(p.id, new_check(&p), 0, "face 5003 bus"));
    assert_err(ERR_PICTURE_REUSED, give_frame(p.id, new_check(&p), 0, "face 5003 bus"));
    assert_int_equal(newest_case(p.id).reasons, 1U << CASE_REPLAYED);
}

static void test_kyc_prints__frames_of_a_refused_check_are_remembered(void **state)
{
    struct person p = identified(5004, 0);
    struct face_check done;
    char text[80];
    (void)state;
    int64_t first = new_check(&p);
    give_frames(&p, 5004, first);
    live_says = LIVE_WRONG_ACTION;
    assert_err(ERR_OK, complete_face(p.id, first, &done));
    assert_int_equal(done.state, FACE_STATE_REFUSED);
    snprintf(text, sizeof text, "face 5004 %" PRId64 "-2~brighter", first);
    assert_err(ERR_PICTURE_REUSED, give_frame(p.id, new_check(&p), 2, text));
}

static void test_kyc_prints__portraits_of_card_and_registry_are_no_faces(void **state)
{
    (void)state;
    parties.portrait = PORTRAIT_HELD;
    parties.portrait_person = 5005;
    struct person p = new_person(5005, 0);
    struct kyc_fields fields = fields_of(&p);
    fake_print("face 5005 printed", &cards[0].portrait_print);
    give_cards(&p);
    assert_err(ERR_OK, confirm(&p, &fields, NULL));
    assert_err(ERR_PICTURE_REUSED, give_frame(p.id, new_check(&p), 0, "face 5005 registry~larger"));
    assert_err(ERR_PICTURE_REUSED, give_frame(p.id, new_check(&p), 0, "face 5005 printed~cropped"));
    assert_int_equal(newest_case(p.id).reasons, 1U << CASE_REPLAYED);
}

static void test_kyc_prints__after_a_replay_two_people_decide(void **state)
{
    struct person p = identified(5006, 0);
    struct kyc_case row;
    (void)state;
    assert_err(ERR_OK, give_frame(p.id, new_check(&p), 0, "face 5006 desk"));
    assert_err(ERR_PICTURE_REUSED, give_frame(p.id, new_check(&p), 0, "face 5006 desk~2"));
    clock_manual_advance(&bank.clock, 120 * SECOND);
    struct face_check done = show_face(&p, FACE_OPENING, 5006);
    assert_int_equal(done.state, FACE_STATE_UNSURE);
    assert_int_equal(done.reason, FACE_REASON_REVIEW);
    assert_int_equal(newest_case(p.id).face_check_id, done.id);
    assert_err(ERR_OK, decide_case(done.case_id, 1, true, &row));
    assert_int_equal(row.state, CASE_SECOND);
    clock_manual_advance(&bank.clock, KYC_RULES.case_claim_us); /* the claim of the first */
    assert_err(ERR_OK, decide_case(done.case_id, 2, true, &row));
    assert_int_equal(row.state, CASE_APPROVED);
    clock_manual_advance(&bank.clock, 120 * SECOND);
    assert_int_equal(show_face(&p, FACE_STEP_UP, 5006).state, FACE_STATE_ACCEPTED);
}

/* Neither finds the other on arrival; both do at their end. */
static void test_kyc_prints__of_two_at_once_none_is_accepted(void **state)
{
    struct person p = identified(5007, 0);
    struct person q = identified(5107, 2);
    struct face_frame *frames = calloc(2, sizeof *frames);
    int64_t checks[2] = {new_check(&p), new_check(&q)};
    const struct person *people[2] = {&p, &q};
    struct face_check done;
    (void)state;
    clock_manual_advance(&bank.clock, -120 * SECOND);
    for (int i = 0; i < 2; i++) {
        const char *text = i == 0 ? "face 5007 twin" : "face 5007 twin~2";
        give_frames(people[i], people[i]->face, checks[i]);
        assert_ok(face_frame_prepare(kyc, bank.engine, people[i]->id, checks[i], 0, text,
                                     strlen(text), &frames[i]));
        assert_false(frames[i].is_seen);
    }
    for (int i = 0; i < 2; i++) {
        struct kyc_step s = {.frame = &frames[i]};
        assert_ok(engine_run(bank.engine, do_frame, &s));
        assert_err(ERR_OK, s.verdict.refusal);
        face_frame_release(&frames[i]);
    }
    free(frames);
    for (int i = 0; i < 2; i++) {
        assert_err(ERR_OK, complete_face(people[i]->id, checks[i], &done));
        assert_int_equal(done.state, FACE_STATE_REFUSED);
        assert_int_equal(done.reason, FACE_REASON_REPLAYED);
        assert_int_equal(newest_case(people[i]->id).reasons, 1U << CASE_REPLAYED);
    }
}

static void test_kyc_prints__go_with_the_consent(void **state)
{
    struct person p = identified(5008, 0);
    struct kyc_step s = {.customer = p.id};
    (void)state;
    assert_err(ERR_OK, give_frame(p.id, new_check(&p), 0, "face 5008 hall"));
    assert_ok(engine_run(bank.engine, do_erase_biometrics, &s));
    struct person q = identified(5108, 2);
    assert_err(ERR_OK, give_frame(q.id, new_check(&q), 0, "face 5008 hall~2"));
    assert_false(standing(q.id).has_case);
}

DB_STMT(prints_test_sealed, "SELECT sealed FROM kyc_prints WHERE bucket = $1 AND customer_id = $2"
                            " AND check_id = $3");

static void test_kyc_prints__are_sealed_and_known_to_a_new_process(void **state)
{
    struct person p = identified(5009, 0);
    struct kyc_room *mine = kyc;
    struct db_conn *conn = NULL;
    struct db_rows rows;
    size_t size = 0;
    (void)state;
    int64_t first = new_check(&p);
    assert_err(ERR_OK, give_frame(p.id, first, 0, "face 5009 lift"));
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(db_query(conn, &prints_test_sealed,
                       DB_ARGS(db_int(id_bucket(p.id.value)), db_int(p.id.value), db_int(first)),
                       &rows));
    assert_true(db_rows_next(&rows));
    const void *sealed = db_rows_blob(&rows, 0, &size);
    assert_int_equal(size, FACE_PRINT_SIZE + VAULT_OVERHEAD);
    assert_null(memmem(sealed, size, "face 5009", 9));
    assert_ok(db_rows_close(&rows));
    engine_read_end(bank.engine, conn);
    assert_ok(kyc_room_open(&(struct kyc_room_options){.customers = room,
                                                       .vault = bank.vault,
                                                       .regions = regions,
                                                       .places = places,
                                                       .eyes = &eyes,
                                                       .parties = &parties.parties},
                            &kyc));
    int64_t second = new_check(&p);
    assert_err(ERR_PICTURE_REUSED, give_frame(p.id, second, 0, "face 5009 lift~2"));
    kyc_room_close(kyc);
    kyc = mine;
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup(test, kyc_fresh)
        T(test_kyc_prints__a_frame_of_an_earlier_check_is_refused),
        T(test_kyc_prints__a_frame_of_another_customer_is_refused),
        T(test_kyc_prints__the_same_bytes_are_for_a_person_too),
        T(test_kyc_prints__frames_of_a_refused_check_are_remembered),
        T(test_kyc_prints__portraits_of_card_and_registry_are_no_faces),
        T(test_kyc_prints__after_a_replay_two_people_decide),
        T(test_kyc_prints__of_two_at_once_none_is_accepted),
        T(test_kyc_prints__go_with_the_consent),
        T(test_kyc_prints__are_sealed_and_known_to_a_new_process),
#undef T
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       kyc_suite_open, kyc_suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
