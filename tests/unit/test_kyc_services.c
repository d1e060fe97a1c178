/* Services of the kyc room on both engines, with scripted picture analysis and outside parties. */
#include "kyc/message_rows.h"
#include "unit/kyc_fixture.h"

#include <stdlib.h>

/* --- Pictures of the ID card ------------------------------------------------------------------ */

static void test_kyc_card__is_read_and_kept_sealed(void **state)
{
    struct person p = new_person(1000, 0);
    struct db_conn *conn = NULL;
    struct kyc_fields fields;
    (void)state;
    struct kyc_verification v = standing(p.id);
    assert_int_equal(v.level, KYC_LEVEL_NONE);
    assert_int_equal(v.standing, KYC_INCOMPLETE);
    assert_int_equal(v.attempts.now, 3);
    assert_int_equal(v.attempts.today, 15);
    give_cards(&p);
    v = standing(p.id);
    assert_int_equal(v.layers[KYC_ID_FRONT].state, KYC_STATE_PASSED);
    assert_int_equal(v.layers[KYC_ID_BACK].state, KYC_STATE_PASSED);
    assert_int_equal(v.attempts.now, 3); /* what was read does not count */
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(kyc_read_load(kyc, conn, p.id, &fields));
    assert_string_equal(fields.number, p.number);
    assert_string_equal(fields.issuer, "北京市公安局东城分局");
    engine_read_end(bank.engine, conn);
}

struct picture_list {
    int64_t ids[32];
    enum picture_kind kinds[32];
    int64_t expires_at[32];
    size_t count;
};
static bool collect_picture(const struct kyc_picture *picture, void *context)
{
    struct picture_list *list = context;
    list->ids[list->count] = picture->id;
    list->expires_at[list->count] = picture->expires_at;
    list->kinds[list->count++] = picture->kind;
    return true;
}

static struct picture_list pictures_of(struct customer_id id)
{
    struct picture_list list = {.count = 0};
    struct db_conn *conn = NULL;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(kyc_pictures_each(conn, id, collect_picture, &list));
    engine_read_end(bank.engine, conn);
    return list;
}

DB_STMT(kyc_test_chunk, "SELECT sealed FROM kyc_chunks WHERE bucket = $1 AND picture_id = $2"
                        " AND number = $3");
DB_STMT(kyc_test_report_lose,
        "DELETE FROM kyc_chunks WHERE bucket = $1 AND picture_id = $2 AND number = 2");

static enum err lose_chunk(struct uow *uow, void *context)
{
    int64_t id = *(int64_t *)context;
    return db_exec(uow->conn, &kyc_test_report_lose, DB_ARGS(db_int(id_bucket(id)), db_int(id)),
                   NULL);
}

static void test_kyc_picture__comes_back_whole_or_not_at_all(void **state)
{
    struct person p = new_person(1001, 0);
    struct person q = new_person(1002, 2);
    struct db_conn *conn = NULL;
    uint8_t *jpeg = NULL;
    size_t size = 0;
    (void)state;
    give_cards(&p);
    struct picture_list list = pictures_of(p.id);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.kinds[0], PICTURE_ID_FRONT);
    assert_int_equal(list.kinds[1], PICTURE_CARD_PORTRAIT);
    assert_int_equal(list.kinds[2], PICTURE_ID_BACK);
    assert_true(list.expires_at[2] == now() + KYC_RULES.picture_kept_us);
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(kyc_picture_load(kyc, conn, p.id, list.ids[0], &jpeg, &size));
    assert_int_equal(size, FAKE_JPEG);
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(jpeg[i], (uint8_t)(i * 7 + i / 256 + '0'));
    }
    struct db_rows rows;
    size_t sealed_size = 0;
    assert_ok(db_query(conn, &kyc_test_chunk,
                       DB_ARGS(db_int(id_bucket(p.id.value)), db_int(list.ids[0]), db_int(0)),
                       &rows));
    assert_true(db_rows_next(&rows));
    const uint8_t *sealed = db_rows_blob(&rows, 0, &sealed_size);
    assert_int_equal(sealed_size, VAULT_SEALED_MAX);
    assert_null(memmem(sealed, sealed_size, jpeg, 16));
    assert_ok(db_rows_close(&rows));
    free(jpeg);
    /* Not another customer's. */
    assert_err(ERR_NOT_FOUND, kyc_picture_load(kyc, conn, q.id, list.ids[0], &jpeg, &size));
    engine_read_end(bank.engine, conn);
    assert_ok(engine_run(bank.engine, lose_chunk, &list.ids[0]));
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_err(ERR_VAULT_SEAL, kyc_picture_load(kyc, conn, p.id, list.ids[0], &jpeg, &size));
    engine_read_end(bank.engine, conn);
}

static void test_kyc_card__needs_consent(void **state)
{
    struct person p = new_person(1003, 0);
    (void)state;
    clock_manual_advance(&bank.clock, SECOND); /* ids of two workers rise with time only */
    agree(p.id, "biometrics", false);
    struct face_check check_of;
    assert_err(ERR_CONSENT_NEEDED, open_face(&p, FACE_OPENING, &check_of));
    struct customer_phone phone = new_phone();
    struct session_opened stranger = sign_up(&phone);
    assert_err(ERR_CONSENT_NEEDED, give_card(stranger.customer, CARD_FRONT, "card 0", NULL));
    assert_int_equal(standing(stranger.customer).attempts.now, 3); /* nothing was looked at */
}

static void test_kyc_card__refusals_count_against_the_limits(void **state)
{
    struct person p = new_person(1004, 0);
    struct verdict verdict;
    (void)state;
    cards[0].findings = CARD_FINDING_SCREEN;
    for (int i = 0; i < 3; i++) {
        assert_err(ERR_CARD_RECAPTURED,
                   give_card(p.id, CARD_FRONT, card_text(&p, CARD_FRONT, i), NULL));
    }
    assert_err(ERR_TOO_MANY_REQUESTS,
               give_card(p.id, CARD_FRONT, card_text(&p, CARD_FRONT, 9), &verdict));
    assert_true(verdict.retry_at == now() + 60 * SECOND);
    assert_int_equal(standing(p.id).attempts.now, 0);
    assert_int_equal(standing(p.id).attempts.today, 12);
    clock_manual_advance(&bank.clock, 60 * SECOND);
    cards[0].findings = 0;
    assert_err(ERR_CARD_SIDE_WRONG,
               give_card(p.id, CARD_BACK, card_text(&p, CARD_FRONT, 10), NULL));
    assert_err(ERR_PICTURE_UNREADABLE, give_card(p.id, CARD_BACK, "GIF89a", NULL));
    assert_int_equal(standing(p.id).layers[KYC_ID_FRONT].state, KYC_STATE_TODO);
    assert_int_equal(pictures_of(p.id).count, 0);
}

static void test_kyc_card__the_same_bytes_are_of_one_customer(void **state)
{
    struct person p = new_person(1005, 0);
    struct person q = new_person(1006, 2);
    (void)state;
    assert_err(ERR_OK, give_card(p.id, CARD_FRONT, "card 0 shared-1005", NULL));
    assert_err(ERR_OK, give_card(p.id, CARD_FRONT, "card 0 shared-1005", NULL)); /* a repeat */
    assert_err(ERR_PICTURE_REUSED, give_card(q.id, CARD_FRONT, "card 0 shared-1005", NULL));
    assert_int_equal(pictures_of(q.id).count, 0);
    /* A picture without a card belongs to no customer. */
    assert_err(ERR_PICTURE_UNREADABLE, give_card(p.id, CARD_FRONT, "junk", NULL));
    assert_err(ERR_PICTURE_UNREADABLE, give_card(q.id, CARD_FRONT, "junk", NULL));
}

/* --- Confirmation ----------------------------------------------------------------------------- */

static size_t channels_of(struct customer_id id)
{
    struct identity_channel channels[CHANNELS_MAX];
    struct db_conn *conn = NULL;
    size_t count = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(customer_channels(conn, id, channels, &count));
    engine_read_end(bank.engine, conn);
    return count;
}

static void test_kyc_confirmation__makes_the_identity(void **state)
{
    struct person p = new_person(1010, 0);
    struct kyc_fields fields = fields_of(&p);
    (void)state;
    assert_err(ERR_ID_PICTURES_MISSING, confirm(&p, &fields, NULL));
    give_cards(&p);
    assert_err(ERR_OK, confirm(&p, &fields, NULL));
    struct customer customer = load(p.id);
    assert_true(customer.has_identity);
    assert_string_equal(customer.name, "林若溪");
    assert_int_equal(customer.layers.state[LAYER_PICTURES], LAYER_PASSED);
    assert_int_equal(channels_of(p.id), 2); /* registry, operator */
    struct kyc_verification v = standing(p.id);
    assert_int_equal(v.level, KYC_LEVEL_BASIC);
    assert_int_equal(v.layers[KYC_CONFIRMATION].state, KYC_STATE_PASSED);
    assert_int_equal(v.layers[KYC_REGISTRY].state, KYC_STATE_PASSED);
    assert_int_equal(v.layers[KYC_OPERATOR].state, KYC_STATE_PASSED);
    assert_true(v.has_document);
    assert_int_equal(v.attempts.now, 2); /* a confirmation counts */
    assert_false(v.has_case);
}

static void test_kyc_confirmation__holds_to_what_was_read(void **state)
{
    struct person p = new_person(1011, 0);
    struct kyc_fields fields = fields_of(&p);
    uint32_t refused = 0;
    (void)state;
    give_cards(&p);
    fields.valid_until = date_add_days(fields.valid_until, 1);
    fields.is_long_term = false;
    assert_err(ERR_IDENTITY_REFUSED, confirm(&p, &fields, &refused));
    assert_int_equal(refused, 1U << KYC_FIELD_VALID_UNTIL);
    assert_int_equal(registry.calls, 0); /* nobody outside was told */
    assert_false(load(p.id).has_identity);
}

static void test_kyc_confirmation__a_corrected_name_is_for_a_person(void **state)
{
    struct person p = new_person(1012, 0);
    struct kyc_fields fields = fields_of(&p);
    (void)state;
    give_cards(&p);
    snprintf(fields.name, sizeof fields.name, "林若希");
    assert_err(ERR_OK, confirm(&p, &fields, NULL));
    struct kyc_verification v = standing(p.id);
    assert_int_equal(v.standing, KYC_REVIEW);
    assert_int_equal(v.layers[KYC_CONFIRMATION].state, KYC_STATE_UNSURE);
    assert_int_equal(case_by_id(v.case_id).reasons, 1U << CASE_NAME_CORRECTED);
    assert_true(v.due_at == now() + KYC_RULES.case_due_us);
    assert_int_equal(load(p.id).layers.state[LAYER_PICTURES], LAYER_REVIEW);
    struct kyc_case row;
    assert_err(ERR_OK, decide_case(v.case_id, 1, true, &row));
    assert_int_equal(row.state, CASE_APPROVED);
    assert_int_equal(load(p.id).layers.state[LAYER_PICTURES], LAYER_PASSED);
    assert_int_equal(standing(p.id).standing, KYC_INCOMPLETE);
}

static void test_kyc_confirmation__a_registry_without_answer_is_asked_again(void **state)
{
    struct person p = new_person(1013, 0);
    struct kyc_fields fields = fields_of(&p);
    int64_t count = 0;
    (void)state;
    give_cards(&p);
    registry.result = REGISTRY_UNAVAILABLE;
    assert_err(ERR_OK, confirm(&p, &fields, NULL));
    assert_false(load(p.id).has_identity);
    assert_int_equal(standing(p.id).layers[KYC_REGISTRY].state, KYC_STATE_UNSURE);
    assert_ok(kyc_registry_retry(kyc, bank.engine, 20, &count));
    assert_int_equal(count, 0); /* not yet */
    clock_manual_advance(&bank.clock, 60 * SECOND);
    registry.result = REGISTRY_MATCH;
    assert_ok(kyc_registry_retry(kyc, bank.engine, 20, &count));
    assert_int_equal(count, 1);
    assert_true(load(p.id).has_identity);
    assert_int_equal(standing(p.id).layers[KYC_REGISTRY].state, KYC_STATE_PASSED);
    assert_ok(kyc_registry_retry(kyc, bank.engine, 20, &count));
    assert_int_equal(count, 0);
}

static void test_kyc_confirmation__a_registry_silent_for_hours_opens_a_case(void **state)
{
    struct person p = new_person(1014, 0);
    struct kyc_fields fields = fields_of(&p);
    int64_t count = 0;
    (void)state;
    give_cards(&p);
    registry.result = REGISTRY_UNAVAILABLE;
    assert_err(ERR_OK, confirm(&p, &fields, NULL));
    for (int64_t minutes = 1; minutes <= 256; minutes *= 4) {
        assert_false(standing(p.id).has_case);
        clock_manual_advance(&bank.clock, minutes * 60 * SECOND);
        assert_ok(kyc_registry_retry(kyc, bank.engine, 20, &count));
        assert_int_equal(count, 1);
    }
    struct kyc_verification v = standing(p.id);
    assert_true(v.has_case);
    assert_int_equal(case_by_id(v.case_id).reasons, 1U << CASE_REGISTRY_UNAVAILABLE);
    /* Staff cannot approve in place of the registry; it is queried further. */
    assert_err(ERR_REGISTRY_UNAVAILABLE, decide_case(v.case_id, 1, true, NULL));
    registry.result = REGISTRY_MATCH;
    clock_manual_advance(&bank.clock, 6 * 3600 * SECOND);
    assert_ok(kyc_registry_retry(kyc, bank.engine, 20, &count));
    assert_int_equal(count, 1);
    assert_err(ERR_OK, decide_case(v.case_id, 1, true, NULL));
    assert_true(load(p.id).has_identity);
}

static void test_kyc_confirmation__one_person_is_one_customer(void **state)
{
    struct person p = identified(1015, 0);
    struct person q = new_person(1016, 2);
    (void)state;
    memcpy(q.number, p.number, sizeof q.number);
    fill_cards(&q);
    struct kyc_fields fields = fields_of(&q);
    give_cards(&q);
    assert_err(ERR_IDENTITY_TAKEN, confirm(&q, &fields, NULL));
    assert_false(load(q.id).has_identity);
    registry.result = REGISTRY_MISMATCH;
    struct person r = new_person(1017, 4);
    fields = fields_of(&r);
    give_cards(&r);
    assert_err(ERR_IDENTITY_REFUSED, confirm(&r, &fields, NULL));
    assert_int_equal(standing(r.id).layers[KYC_REGISTRY].state, KYC_STATE_FAILED);
}

/* --- Face checks ------------------------------------------------------------------------------ */

static void test_kyc_face__accepts_the_person_of_the_card(void **state)
{
    struct person p = identified(1020, 0);
    (void)state;
    struct face_check done = show_face(&p, FACE_OPENING, 1020);
    assert_int_equal(done.state, FACE_STATE_ACCEPTED);
    assert_true(done.face_until == now() + SESSION_FACE_LIFE_US);
    assert_true(check(p.session.token).face_until == done.face_until);
    assert_int_equal(load(p.id).layers.state[LAYER_FACE], LAYER_PASSED);
    struct kyc_place place = say_place(p.id, "31.230416", "121.473701", 35);
    assert_int_equal(place.state, PLACE_PASSED);
    assert_string_equal(place.region, "310000");
    assert_true(load(p.id).layers.verified_at != 0);
    assert_int_equal(standing(p.id).level, KYC_LEVEL_VERIFIED);
    assert_int_equal(standing(p.id).standing, KYC_VERIFIED);
    /* From then on the face of the opening is the measure. */
    clock_manual_advance(&bank.clock, 3600 * SECOND);
    assert_int_equal(show_face(&p, FACE_STEP_UP, 1020).state, FACE_STATE_ACCEPTED);
    assert_int_equal(show_face(&p, FACE_CARD, 5555).state, FACE_STATE_REFUSED);
    assert_int_equal(standing(p.id).standing, KYC_VERIFIED);
}

static void test_kyc_face__compares_with_the_registry_too(void **state)
{
    (void)state;
    parties.portrait = PORTRAIT_HELD;
    parties.portrait_person = 7777; /* the card carries another portrait */
    struct person p = identified(1021, 0);
    struct face_check done = show_face(&p, FACE_OPENING, 1021);
    assert_int_equal(done.state, FACE_STATE_REFUSED);
    assert_int_equal(done.reason, FACE_REASON_NOT_ALIKE);
    assert_int_equal(standing(p.id).layers[KYC_FACE].state, KYC_STATE_FAILED);
    assert_int_equal(load(p.id).layers.state[LAYER_FACE], LAYER_TODO); /* may try again */
}

static void test_kyc_face__asks_for_the_identity_first(void **state)
{
    struct person p = new_person(1022, 0);
    struct face_check check_of;
    (void)state;
    assert_err(ERR_IDENTITY_MISSING, open_face(&p, FACE_OPENING, &check_of));
    struct person q = identified(1023, 2);
    assert_err(ERR_IDENTITY_MISSING, open_face(&q, FACE_STEP_UP, &check_of));
}

static void test_kyc_face__a_challenge_has_an_end(void **state)
{
    struct person p = identified(1024, 0);
    struct person q = identified(1025, 2);
    struct face_check first;
    struct face_check second;
    (void)state;
    assert_err(ERR_OK, open_face(&p, FACE_OPENING, &first));
    assert_err(ERR_FRAMES_MISSING, complete_face(p.id, first.id, &second));
    assert_err(ERR_NOT_FOUND, give_frame(q.id, first.id, 0, "face 1024 a"));
    assert_err(ERR_NOT_FOUND, give_frame(p.id, first.id, 4, "face 1024 a"));
    assert_err(ERR_FACE_QUALITY, give_frame(p.id, first.id, 0, "none a-1024"));
    assert_err(ERR_PICTURE_UNREADABLE, give_frame(p.id, first.id, 0, "GIF89a"));
    /* A new one ends it. */
    assert_err(ERR_OK, open_face(&p, FACE_OPENING, &second));
    assert_err(ERR_FACE_CHECK_OVER, give_frame(p.id, first.id, 0, "face 1024 b"));
    give_frames(&p, 1024, second.id);
    clock_manual_advance(&bank.clock, KYC_RULES.face_life_us);
    assert_err(ERR_FACE_CHECK_OVER, complete_face(p.id, second.id, &first));
    struct db_conn *conn = NULL;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(face_check_load(conn, p.id, second.id, now(), &first));
    engine_read_end(bank.engine, conn);
    assert_int_equal(first.state, FACE_STATE_EXPIRED);
}

/* An attacker with the SIM alone, on another device. */
static struct person stranger_of(const struct person *p)
{
    struct db_conn *conn = NULL;
    char code[CODE_TEXT_SIZE], text[PHONE_TEXT_SIZE];
    struct step s = {.by_code = {.device_name = "thief", .device_key = "thiefs-device-0123456789"}};
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(customer_reveal_phone(room, conn, p->id, text));
    engine_read_end(bank.engine, conn);
    assert_ok(customer_phone_parse(room, text, &s.by_code.phone));
    clock_manual_advance(&bank.clock, 61 * SECOND);
    s.by_code.phone_code_id = send_code(&s.by_code.phone, CODE_RESET_PASSCODE, code);
    s.by_code.code = code;
    assert_ok(engine_run(bank.engine, do_by_code, &s));
    assert_true(s.opened.is_limited);
    struct person thief = *p;
    thief.session = s.opened;
    return thief;
}

/* EVIDENCE: attempts of strangers are counted separately, and end no check of the owner's. */
static void test_kyc_face__strangers_use_up_their_own_tries(void **state)
{
    struct person p = identified(20600, 0);
    struct face_check owners, thiefs;
    (void)state;
    assert_int_equal(show_face(&p, FACE_OPENING, 20600).state, FACE_STATE_ACCEPTED);
    assert_err(ERR_OK, set_passcode(p.session.token, "283915", NULL).refusal);
    struct person thief = stranger_of(&p);
    clock_manual_advance(&bank.clock, DAY_US);
    assert_err(ERR_OK, open_face(&p, FACE_STEP_UP, &owners));
    for (int i = 0; i < 3; i++) {
        assert_err(ERR_OK, open_face(&thief, FACE_STEP_UP, &thiefs));
    }
    assert_err(ERR_TOO_MANY_REQUESTS, open_face(&thief, FACE_STEP_UP, &thiefs));
    give_frames(&p, 20600, owners.id); /* the owner's check is open as it was */
    assert_err(ERR_OK, complete_face(p.id, owners.id, &owners));
    assert_int_equal(owners.state, FACE_STATE_ACCEPTED);
    for (int i = 0; i < 12; i++) { /* fifteen a day */
        clock_manual_advance(&bank.clock, 1000 * SECOND);
        assert_err(ERR_OK, open_face(&thief, FACE_STEP_UP, &thiefs));
    }
    clock_manual_advance(&bank.clock, 4000 * SECOND);
    assert_err(ERR_TOO_MANY_REQUESTS, open_face(&thief, FACE_STEP_UP, &thiefs));
    assert_int_equal(show_face(&p, FACE_STEP_UP, 20600).state, FACE_STATE_ACCEPTED);
}

/* EVIDENCE: bad pictures, confirmations and locations of a stranger use up none of the owner's
 * attempts. */
static void test_kyc_card__strangers_use_up_their_own_tries(void **state)
{
    struct person p = identified(20650, 0);
    struct kyc_attempts_left left;
    struct kyc_fields fields = fields_of(&p);
    struct kyc_step far = {.place = {.is_strangers = true, .ip = "127.0.0.1"}};
    int64_t retry_at = 0;
    (void)state;
    assert_err(ERR_OK, set_passcode(p.session.token, "283915", NULL).refusal);
    struct person thief = stranger_of(&p);
    struct principal who = check(thief.session.token);
    clock_manual_advance(&bank.clock, DAY_US);
    snprintf(fields.number, sizeof fields.number, "11010519491231002X");
    assert_err(ERR_IDENTITY_FIXED, confirm_as(&who, &fields, NULL));
    cards[0].findings = CARD_FINDING_COPY;
    for (int i = 0; i < 2; i++) {
        const char *text = card_text(&p, CARD_FRONT, 100 + i);
        assert_err(ERR_CARD_RECAPTURED, give_card_as(&who, CARD_FRONT, text, strlen(text), NULL));
    }
    assert_err(ERR_TOO_MANY_REQUESTS, confirm_as(&who, &fields, NULL));
    const char *text = card_text(&p, CARD_FRONT, 110);
    assert_err(ERR_TOO_MANY_REQUESTS, give_card_as(&who, CARD_FRONT, text, strlen(text), NULL));
    far.place.customer = p.id;
    assert_ok(place_degrees_parse("40.713", 90, &far.place.latitude_e6));
    for (int i = 0; i < 3; i++) {
        assert_ok(kyc_place_prepare(kyc, bank.engine, &far.place, &retry_at));
        assert_ok(engine_run(bank.engine, do_place, &far));
    }
    assert_err(ERR_TOO_MANY_REQUESTS, kyc_place_prepare(kyc, bank.engine, &far.place, &retry_at));
    cards[0].findings = 0;
    assert_int_equal(standing(p.id).attempts.now, 3); /* all of the owner's */
    struct db_conn *conn = NULL;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(kyc_attempts_left(kyc, conn, &who, now(), &left));
    engine_read_end(bank.engine, conn);
    assert_int_equal(left.now, 0);
    assert_err(ERR_OK, give_card(p.id, CARD_FRONT, card_text(&p, CARD_FRONT, 120), NULL));
    assert_int_equal(say_place(p.id, "31.23", "121.47", 10).state, PLACE_PASSED);
}

/* EVIDENCE: a person who resembles the owner does not replace a face that has passed. */
static void test_kyc_face__an_unsure_one_takes_nothing_away(void **state)
{
    struct person p = identified(20700, 0);
    (void)state;
    assert_int_equal(show_face(&p, FACE_OPENING, 20700).state, FACE_STATE_ACCEPTED);
    clock_manual_advance(&bank.clock, 3600 * SECOND);
    struct face_check done = show_face(&p, FACE_OPENING, 20701); /* like a brother */
    assert_int_equal(done.state, FACE_STATE_UNSURE);
    assert_int_equal(load(p.id).layers.state[LAYER_FACE], LAYER_PASSED);
    assert_int_equal(standing(p.id).layers[KYC_FACE].state, KYC_STATE_PASSED);
    assert_int_equal(show_face(&p, FACE_STEP_UP, 20700).state, FACE_STATE_ACCEPTED);
}

static void test_kyc_face__a_frame_is_tried_five_times(void **state)
{
    struct person p = identified(1026, 0);
    struct face_check check_of;
    char text[40];
    (void)state;
    assert_err(ERR_OK, open_face(&p, FACE_OPENING, &check_of));
    for (int i = 0; i < 5; i++) {
        snprintf(text, sizeof text, "none %d 1026", i);
        assert_err(ERR_FACE_QUALITY, give_frame(p.id, check_of.id, 0, text));
    }
    assert_err(ERR_FACE_CHECK_OVER, give_frame(p.id, check_of.id, 0, "face 1026 good"));
    assert_err(ERR_FACE_CHECK_OVER, give_frame(p.id, check_of.id, 1, "face 1026 good2"));
}

static void test_kyc_face__a_replay_is_seen(void **state)
{
    struct person p = identified(1027, 0);
    struct person q = identified(1028, 2);
    struct face_check check_of;
    (void)state;
    assert_err(ERR_OK, open_face(&p, FACE_OPENING, &check_of));
    assert_err(ERR_OK, give_frame(p.id, check_of.id, 0, "face 1027 again"));
    assert_err(ERR_OK, give_frame(p.id, check_of.id, 0, "face 1027 again")); /* lost answer */
    assert_err(ERR_OK, open_face(&p, FACE_OPENING, &check_of));
    assert_err(ERR_PICTURE_REUSED, give_frame(p.id, check_of.id, 0, "face 1027 again"));
    assert_err(ERR_OK, open_face(&q, FACE_OPENING, &check_of));
    assert_err(ERR_PICTURE_REUSED, give_frame(q.id, check_of.id, 0, "face 1027 again"));
}

static void test_kyc_face__liveness_speaks_first(void **state)
{
    static const struct {
        enum live_result says;
        enum face_state wanted;
    } rows[] = {{LIVE_SPOOF, FACE_STATE_REFUSED},
                {LIVE_STILL, FACE_STATE_REFUSED},
                {LIVE_WRONG_ACTION, FACE_STATE_REFUSED},
                {LIVE_UNSURE, FACE_STATE_UNSURE}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct person p = identified(1030 + (int)i, 0);
        live_says = rows[i].says;
        struct face_check done = show_face(&p, FACE_OPENING, p.face);
        assert_int_equal(done.state, rows[i].wanted);
        assert_int_equal(check(p.session.token).face_until, 0);
    }
}

/* EVIDENCE: REQ-KYC-02 unsure: a person decides. */
static void test_kyc_face__unsure_goes_to_a_person(void **state)
{
    struct person p = identified(10400, 0);
    struct kyc_case row;
    (void)state;
    struct face_check done = show_face(&p, FACE_OPENING, 10401); /* like a brother */
    assert_int_equal(done.state, FACE_STATE_UNSURE);
    assert_true(done.case_id != 0);
    assert_int_equal(load(p.id).layers.state[LAYER_FACE], LAYER_REVIEW);
    row = case_by_id(done.case_id);
    assert_int_equal(row.reasons, 1U << CASE_FACE_UNSURE);
    assert_false(row.needs_second);
    assert_err(ERR_OK, decide_case(row.id, 1, true, &row));
    assert_int_equal(row.state, CASE_APPROVED);
    assert_int_equal(load(p.id).layers.state[LAYER_FACE], LAYER_PASSED);
    assert_true(check(p.session.token).face_until > now());
    /* The face that was approved is now the measure. */
    clock_manual_advance(&bank.clock, 3600 * SECOND);
    assert_int_equal(show_face(&p, FACE_STEP_UP, 10401).state, FACE_STATE_ACCEPTED);
    assert_err(ERR_CASE_DECIDED, decide_case(row.id, 2, true, NULL));
}

static void test_kyc_face__after_a_persons_no_nothing_passes_by_itself(void **state)
{
    struct person p = identified(10500, 0);
    (void)state;
    struct face_check done = show_face(&p, FACE_OPENING, 10501);
    assert_err(ERR_OK, decide_case(done.case_id, 1, false, NULL));
    assert_int_equal(standing(p.id).standing, KYC_REFUSED);
    assert_int_equal(load(p.id).layers.state[LAYER_FACE], LAYER_REFUSED);
    struct picture_list list = pictures_of(p.id);
    for (size_t i = 0; i < list.count; i++) {
        assert_true(list.expires_at[i] == now() + KYC_RULES.picture_refused_kept_us);
    }
    clock_manual_advance(&bank.clock, 3600 * SECOND);
    done = show_face(&p, FACE_OPENING, 10500);
    assert_int_equal(done.state, FACE_STATE_UNSURE);
}

/* Similar enough for one pair, which happens by chance among many. */
static void test_kyc_face__two_who_are_like_each_other_are_two(void **state)
{
    struct person p = identified(13790, 0);
    struct person q = identified(13791, 2);
    (void)state;
    assert_int_equal(show_face(&p, FACE_OPENING, 13790).state, FACE_STATE_ACCEPTED);
    struct face_check done = show_face(&q, FACE_OPENING, 13791);
    assert_int_equal(done.state, FACE_STATE_ACCEPTED);
    assert_int_equal(done.case_id, 0);
}

static void test_kyc_face__one_face_with_two_identities_is_for_two_people(void **state)
{
    struct person p = identified(10600, 0);
    struct person q = identified(10600, 2);
    struct kyc_case row;
    struct same_face same[SAME_FACES_MAX];
    size_t count = 0;
    struct db_conn *conn = NULL;
    (void)state;
    assert_int_equal(show_face(&p, FACE_OPENING, 10600).state, FACE_STATE_ACCEPTED);
    struct face_check done = show_face(&q, FACE_OPENING, 10600);
    assert_int_equal(done.state, FACE_STATE_UNSURE);
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(kyc_same_faces(conn, done.case_id, same, &count));
    engine_read_end(bank.engine, conn);
    assert_int_equal(count, 1);
    assert_int_equal(same[0].customer.value, p.id.value);
    assert_int_equal(same[0].score_ppm, ALIKE_PPM);
    assert_int_equal(case_by_id(done.case_id).reasons, 1U << CASE_SAME_FACE);
    assert_err(ERR_OK, decide_case(done.case_id, 1, true, &row));
    assert_int_equal(row.state, CASE_SECOND);
    assert_int_equal(load(q.id).layers.state[LAYER_FACE], LAYER_REVIEW);
    assert_err(ERR_FOUR_EYES, decide_case(done.case_id, 1, true, NULL));
    clock_manual_advance(&bank.clock, KYC_RULES.case_claim_us); /* the claim of the first */
    assert_err(ERR_OK, decide_case(done.case_id, 2, true, &row));
    assert_int_equal(row.state, CASE_APPROVED);
    assert_int_equal(load(q.id).layers.state[LAYER_FACE], LAYER_PASSED);
    /* Erased faces are no match. */
    struct kyc_step s = {.customer = p.id};
    assert_ok(engine_run(bank.engine, do_erase_biometrics, &s));
    s.customer = q.id;
    assert_ok(engine_run(bank.engine, do_erase_biometrics, &s));
    struct person r = identified(10600, 4);
    assert_int_equal(show_face(&r, FACE_OPENING, 10600).state, FACE_STATE_ACCEPTED);
}

#define CROWD 20

/* EVIDENCE: REQ-KYC-02 twenty openings at once with one face: one is accepted without a person. */
static void test_kyc_face__of_twenty_at_once_one_is_accepted(void **state)
{
    struct face_completion *completions = calloc(CROWD, sizeof *completions);
    int accepted = 0;
    int unsure = 0;
    (void)state;
    for (int i = 0; i < CROWD; i++) {
        struct person p = identified(10700, 0);
        struct face_check check_of;
        assert_err(ERR_OK, open_face(&p, FACE_OPENING, &check_of));
        give_frames(&p, 10700, check_of.id);
        /* All are compared before the first is decided: the gallery is still empty. */
        assert_ok(face_completion_prepare(kyc, bank.engine, p.id, check_of.id, &completions[i]));
        assert_int_equal(completions[i].same_count, 0);
    }
    for (int i = 0; i < CROWD; i++) {
        struct kyc_step s = {.completion = &completions[i]};
        assert_ok(engine_run(bank.engine, do_complete, &s));
        accepted += s.check.state == FACE_STATE_ACCEPTED;
        unsure += s.check.state == FACE_STATE_UNSURE;
        /* Another attempt is too late. */
        assert_err(ERR_FACE_CHECK_OVER, engine_run(bank.engine, do_complete, &s));
    }
    assert_int_equal(accepted, 1);
    assert_int_equal(unsure, CROWD - 1);
    free(completions);
}

static void complete_one(void *argument)
{
    struct kyc_step *s = argument;
    assert_ok(engine_run(bank.engine, do_complete, s));
}

static void test_kyc_face__of_twenty_in_parallel_one_is_accepted(void **state)
{
    struct face_completion *completions = calloc(CROWD, sizeof *completions);
    struct kyc_step *steps = calloc(CROWD, sizeof *steps);
    struct thread threads[CROWD];
    int accepted = 0;
    (void)state;
    for (int i = 0; i < CROWD; i++) {
        struct person p = identified(10800, 0);
        struct face_check check_of;
        assert_err(ERR_OK, open_face(&p, FACE_OPENING, &check_of));
        give_frames(&p, 10800, check_of.id);
        assert_ok(face_completion_prepare(kyc, bank.engine, p.id, check_of.id, &completions[i]));
        steps[i].completion = &completions[i];
    }
    for (int i = 0; i < CROWD; i++) {
        assert_ok(thread_start(&threads[i], "face", complete_one, &steps[i]));
    }
    for (int i = 0; i < CROWD; i++) {
        thread_join(&threads[i]);
        accepted += steps[i].check.state == FACE_STATE_ACCEPTED;
    }
    assert_int_equal(accepted, 1);
    free(completions);
    free(steps);
}

/* --- Places ----------------------------------------------------------------------------------- */

static void test_kyc_place__unsure_waits_for_the_identity(void **state)
{
    struct person p = new_person(1050, 0);
    struct kyc_fields fields = fields_of(&p);
    (void)state;
    parties.address.is_proxy = true;
    assert_int_equal(say_place(p.id, "31.23", "121.47", 10).state, PLACE_UNSURE);
    assert_false(standing(p.id).has_case);
    assert_int_equal(load(p.id).layers.state[LAYER_PLACE], LAYER_REVIEW);
    give_cards(&p);
    assert_err(ERR_OK, confirm(&p, &fields, NULL));
    struct kyc_verification v = standing(p.id);
    assert_true(v.has_case);
    assert_int_equal(case_by_id(v.case_id).reasons, 1U << CASE_PLACE_UNSURE);
    assert_err(ERR_OK, decide_case(v.case_id, 1, true, NULL));
    assert_int_equal(load(p.id).layers.state[LAYER_PLACE], LAYER_PASSED);
}

static void test_kyc_place__outside_and_declined(void **state)
{
    struct person p = identified(1051, 0);
    struct kyc_step s = {.place = {.customer = p.id, .is_declined = true, .state = PLACE_UNSURE}};
    (void)state;
    assert_int_equal(say_place(p.id, "40.713", "-74.006", 10).state, PLACE_REFUSED);
    assert_int_equal(load(p.id).layers.state[LAYER_PLACE], LAYER_TODO);
    assert_ok(engine_run(bank.engine, do_place, &s));
    assert_int_equal(case_by_id(standing(p.id).case_id).reasons, 1U << CASE_PLACE_DECLINED);
    agree(p.id, "location", false);
    int64_t retry_at = 0;
    s.place = (struct kyc_place){.customer = p.id, .ip = "127.0.0.1"};
    assert_err(ERR_CONSENT_NEEDED, kyc_place_prepare(kyc, bank.engine, &s.place, &retry_at));
}

static void test_kyc_place__is_limited_for_itself(void **state)
{
    struct person p = new_person(1052, 0);
    struct kyc_step s = {.place = {.customer = p.id, .ip = "127.0.0.1"}};
    int64_t retry_at = 0;
    (void)state;
    cards[0].findings = CARD_FINDING_COPY;
    for (int i = 0; i < 3; i++) {
        assert_err(ERR_CARD_RECAPTURED,
                   give_card(p.id, CARD_FRONT, card_text(&p, CARD_FRONT, i), NULL));
    }
    /* The card's limit is reached, the place's is not. */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(say_place(p.id, "40.713", "-74.006", 10).state, PLACE_REFUSED);
    }
    assert_err(ERR_TOO_MANY_REQUESTS, kyc_place_prepare(kyc, bank.engine, &s.place, &retry_at));
    assert_true(retry_at == now() + 60 * SECOND);
    clock_manual_advance(&bank.clock, 60 * SECOND);
    assert_int_equal(say_place(p.id, "31.23", "121.47", 10).state, PLACE_PASSED);
}

struct place_list {
    struct kyc_place_row rows[8];
    size_t count;
};
static bool collect_place(const struct kyc_place_row *row, void *context)
{
    struct place_list *list = context;
    list->rows[list->count++] = *row;
    return true;
}

static struct place_list places_of(struct customer_id id)
{
    struct place_list list = {.count = 0};
    struct db_conn *conn = NULL;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(kyc_places_each(kyc, conn, id, collect_place, &list));
    engine_read_end(bank.engine, conn);
    return list;
}

/* --- Cases ------------------------------------------------------------------------------------ */

static void test_kyc_case__another_way_of_equal_right(void **state)
{
    struct person p = identified(1060, 0);
    struct kyc_step s = {.customer = p.id, .path = CASE_WAIT};
    (void)state;
    size_t before = channels_of(p.id);
    assert_err(ERR_NO_REVIEW, engine_run(bank.engine, do_path, &s));
    s.path = CASE_COUNTER;
    s.at = now();
    assert_err(ERR_INVALID_FIELD, engine_run(bank.engine, do_path, &s));
    s.at = 0;
    assert_ok(engine_run(bank.engine, do_path, &s));
    struct kyc_verification v = standing(p.id);
    assert_int_equal(v.path, CASE_COUNTER);
    assert_int_equal(case_by_id(v.case_id).reasons, 1U << CASE_REQUESTED);
    assert_err(ERR_OK, decide_case(v.case_id, 1, true, NULL));
    /* Seen in person: no camera is needed. */
    assert_int_equal(standing(p.id).standing, KYC_VERIFIED);
    assert_int_equal(channels_of(p.id), before + 1);
    assert_err(ERR_NO_REVIEW, engine_run(bank.engine, do_path, &s));
}

static void test_kyc_case__video_calls_have_seats(void **state)
{
    int64_t slots[KYC_SLOTS_MAX];
    int64_t again[KYC_SLOTS_MAX];
    size_t count = 0;
    struct db_conn *conn = NULL;
    (void)state;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(kyc_slots(kyc, conn, now(), engine_zone(bank.engine), slots, &count));
    engine_read_end(bank.engine, conn);
    assert_true(count > 20);
    for (int i = 0; i <= KYC_RULES.slot_seats; i++) {
        struct person p = identified(1070 + i, 0);
        struct kyc_step s = {.customer = p.id, .path = CASE_VIDEO};
        assert_err(ERR_INVALID_FIELD, engine_run(bank.engine, do_path, &s));
        s.at = slots[0] + 60 * SECOND;
        assert_err(ERR_INVALID_FIELD, engine_run(bank.engine, do_path, &s));
        s.at = slots[0];
        bool has_seat = i < KYC_RULES.slot_seats;
        assert_err(has_seat ? ERR_OK : ERR_SLOT_TAKEN, engine_run(bank.engine, do_path, &s));
        assert_int_equal(standing(p.id).has_case, has_seat); /* all or nothing */
        /* Asked twice: one seat. */
        if (has_seat) {
            assert_ok(engine_run(bank.engine, do_path, &s));
            assert_true(standing(p.id).appointment_at == slots[0]);
        }
    }
    size_t left = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(kyc_slots(kyc, conn, now(), engine_zone(bank.engine), again, &left));
    engine_read_end(bank.engine, conn);
    assert_int_equal(left, count - 1);
    assert_true(again[0] == slots[1]);
}

static void test_kyc_case__is_decided_under_a_claim(void **state)
{
    struct person p = identified(10800 + 100, 0);
    struct face_check done = show_face(&p, FACE_OPENING, 10901);
    struct kyc_step one = {.id = done.case_id,
                           .staff = reviewer(1),
                           .decision = {true, DECISION_OTHER, "looked at it closely"}};
    struct kyc_step two = one;
    struct db_conn *conn = NULL;
    struct customer_id owner;
    (void)state;
    two.staff = reviewer(2);
    assert_err(ERR_CLAIM_NEEDED, engine_run(bank.engine, do_decide, &one));
    assert_ok(engine_run(bank.engine, do_claim, &one));
    assert_err(ERR_CASE_CLAIMED, engine_run(bank.engine, do_claim, &two));
    assert_err(ERR_CLAIM_NEEDED, engine_run(bank.engine, do_decide, &two));
    struct picture_list list = pictures_of(p.id);
    struct kyc_queue_counts counts;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(kyc_picture_may_see(conn, list.ids[0], one.staff.id, now(), &owner));
    assert_int_equal(owner.value, p.id.value);
    assert_err(ERR_CLAIM_NEEDED,
               kyc_picture_may_see(conn, list.ids[0], two.staff.id, now(), &owner));
    assert_ok(kyc_queue_counts(conn, one.staff.id, now(), &counts));
    assert_true(counts.open >= 1 && counts.mine == 1);
    engine_read_end(bank.engine, conn);
    /* A claim expires by itself. */
    clock_manual_advance(&bank.clock, KYC_RULES.case_claim_us);
    assert_err(ERR_CLAIM_NEEDED, engine_run(bank.engine, do_decide, &one));
    assert_ok(engine_run(bank.engine, do_claim, &two));
    assert_ok(engine_run(bank.engine, do_decide, &two));
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_err(ERR_CLAIM_NEEDED,
               kyc_picture_may_see(conn, list.ids[0], two.staff.id, now(), &owner));
    engine_read_end(bank.engine, conn);
}

struct message_list {
    int opened, late;
};
static bool count_message(const struct message *message, void *context)
{
    struct message_list *list = context;
    list->opened += message->row == &MESSAGE_REVIEW_OPENED;
    list->late += message->row == &MESSAGE_REVIEW_LATE;
    return true;
}

static void test_kyc_case__the_customer_hears_when_it_is_late(void **state)
{
    struct person p = identified(1080, 0);
    struct kyc_step s = {.customer = p.id, .path = CASE_COUNTER};
    struct message_list list = {.opened = 0};
    struct db_conn *conn = NULL;
    (void)state;
    assert_ok(engine_run(bank.engine, do_path, &s));
    clock_manual_advance(&bank.clock, KYC_RULES.case_due_us + 1);
    do {
        assert_ok(engine_run(bank.engine, do_late, &s));
    } while (s.count > 0);
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(message_each(room, conn, p.id, 0, 50, count_message, &list));
    engine_read_end(bank.engine, conn);
    assert_int_equal(list.opened, 1);
    assert_int_equal(list.late, 1);
}

/* --- Erasing ---------------------------------------------------------------------------------- */

static void test_kyc_erase__what_is_over_goes(void **state)
{
    struct person p = identified(1090, 0);
    struct kyc_step s = {.customer = p.id};
    (void)state;
    (void)say_place(p.id, "31.23", "121.47", 10);
    assert_int_equal(places_of(p.id).rows[0].latitude_e6, 31230000);
    assert_int_equal(pictures_of(p.id).count, 3);
    clock_manual_advance(&bank.clock, KYC_RULES.place_kept_us);
    do {
        assert_ok(engine_run(bank.engine, do_kyc_sweep, &s));
    } while (s.count > 0);
    assert_int_equal(places_of(p.id).count, 0);
    assert_int_equal(pictures_of(p.id).count, 3);
    clock_manual_advance(&bank.clock, KYC_RULES.picture_kept_us - KYC_RULES.place_kept_us);
    do {
        assert_ok(engine_run(bank.engine, do_kyc_sweep, &s));
    } while (s.count > 0);
    assert_int_equal(pictures_of(p.id).count, 0);
}

static void test_kyc_erase__a_withdrawn_consent_takes_the_face(void **state)
{
    struct person p = identified(1091, 0);
    struct kyc_step s = {.customer = p.id};
    struct face_check check_of;
    (void)state;
    assert_int_equal(show_face(&p, FACE_OPENING, 1091).state, FACE_STATE_ACCEPTED);
    assert_int_equal(pictures_of(p.id).count, 7);
    assert_ok(engine_run(bank.engine, do_erase_biometrics, &s));
    kyc_forget_face(kyc, p.id);
    struct picture_list list = pictures_of(p.id);
    assert_int_equal(list.count, 2); /* both sides of the card */
    assert_int_equal(load(p.id).layers.state[LAYER_FACE], LAYER_TODO);
    clock_manual_advance(&bank.clock, 3600 * SECOND);
    assert_err(ERR_IDENTITY_MISSING, open_face(&p, FACE_STEP_UP, &check_of));
    assert_ok(engine_run(bank.engine, do_erase_customer, &s));
    assert_int_equal(pictures_of(p.id).count, 0);
    assert_int_equal(standing(p.id).layers[KYC_ID_FRONT].state, KYC_STATE_TODO);
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, kyc_fresh)
        T(test_kyc_card__is_read_and_kept_sealed),
        T(test_kyc_picture__comes_back_whole_or_not_at_all),
        T(test_kyc_card__needs_consent),
        T(test_kyc_card__refusals_count_against_the_limits),
        T(test_kyc_card__the_same_bytes_are_of_one_customer),
        T(test_kyc_confirmation__makes_the_identity),
        T(test_kyc_confirmation__holds_to_what_was_read),
        T(test_kyc_confirmation__a_corrected_name_is_for_a_person),
        T(test_kyc_confirmation__a_registry_without_answer_is_asked_again),
        T(test_kyc_confirmation__a_registry_silent_for_hours_opens_a_case),
        T(test_kyc_confirmation__one_person_is_one_customer),
        T(test_kyc_face__accepts_the_person_of_the_card),
        T(test_kyc_face__compares_with_the_registry_too),
        T(test_kyc_face__asks_for_the_identity_first),
        T(test_kyc_face__a_challenge_has_an_end),
        T(test_kyc_face__strangers_use_up_their_own_tries),
        T(test_kyc_card__strangers_use_up_their_own_tries),
        T(test_kyc_face__an_unsure_one_takes_nothing_away),
        T(test_kyc_face__a_frame_is_tried_five_times),
        T(test_kyc_face__a_replay_is_seen),
        T(test_kyc_face__liveness_speaks_first),
        T(test_kyc_face__unsure_goes_to_a_person),
        T(test_kyc_face__after_a_persons_no_nothing_passes_by_itself),
        T(test_kyc_face__two_who_are_like_each_other_are_two),
        T(test_kyc_face__one_face_with_two_identities_is_for_two_people),
        T(test_kyc_face__of_twenty_at_once_one_is_accepted),
        T(test_kyc_face__of_twenty_in_parallel_one_is_accepted),
        T(test_kyc_place__unsure_waits_for_the_identity),
        T(test_kyc_place__outside_and_declined),
        T(test_kyc_place__is_limited_for_itself),
        T(test_kyc_case__another_way_of_equal_right),
        T(test_kyc_case__video_calls_have_seats),
        T(test_kyc_case__is_decided_under_a_claim),
        T(test_kyc_case__the_customer_hears_when_it_is_late),
        T(test_kyc_erase__what_is_over_goes),
        T(test_kyc_erase__a_withdrawn_consent_takes_the_face),
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
