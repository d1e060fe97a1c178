/* Identity, onboarding, messages, search, many at once, faults; on both engines.
 * EVIDENCE: REQ-KYC-01, REQ-KYC-06 */
#include "customer/message_rows.h"
#include "frame/room.h"

/* A room above, which writes a message of its own. */
static const struct message_row PAID_IN = {
    9001,
    "paidIn",
    {"Money received", "到账"},
    {"{name} sent you ¥{amount}.", "{name}向您转账¥{amount}，已到账。"}};
static const struct message_row *const paying_messages[] = {&PAID_IN, NULL};
static const struct room_parts PAYING = {.name = "paying", .messages = paying_messages};
#define FIXTURE_ROOMS &CUSTOMER_PARTS, &PAYING

#include "unit/customer_fixture.h"

/* --- Identity and onboarding ------------------------------------------------------------------------ */

struct check_tally {
    int rows, failed;
};
static bool tally_check(const struct check_row *row, void *context)
{
    struct check_tally *tally = context;
    static const uint8_t zeros[32];
    tally->rows++;
    tally->failed += row->result == CHECK_FAILED ? 1 : 0;
    assert_memory_not_equal(row->evidence_hash, zeros, 32);
    return true;
}

static struct check_tally tally_checks(struct customer_id id)
{
    struct db_conn *conn = NULL;
    struct check_tally tally = {0};
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(identity_checks_each(conn, id, tally_check, &tally));
    engine_read_end(bank.engine, conn);
    return tally;
}

static void test_customer_identity__keeps_evidence_of_refusals(void **state)
{
    (void)state;
    char number[ID_NUMBER_SIZE];
    struct customer_phone phone = new_phone();
    struct customer_id id = sign_up(&phone).customer;
    number_for(1, number);
    registry.result = REGISTRY_MISMATCH;
    assert_err(ERR_IDENTITY_REFUSED, prove_identity(id, "林若溪", number, NULL).refusal);
    struct check_tally tally = tally_checks(id);
    assert_int_equal(tally.rows, 6);
    assert_int_equal(tally.failed, 1);
    registry.result = REGISTRY_UNAVAILABLE;
    assert_err(ERR_REGISTRY_UNAVAILABLE, prove_identity(id, "林若溪", number, NULL).refusal);
    assert_false(load(id).has_identity);
    assert_int_equal(registry.calls, 2);
    assert_err(ERR_IDENTITY_REFUSED, prove_identity(id, "林若溪", "123", NULL).refusal);
    assert_int_equal(registry.calls, 2); /* not asked about a typing error, which costs no try */
    assert_err(ERR_REGISTRY_UNAVAILABLE, prove_identity(id, "林若溪", number, NULL).refusal);
    /* Three questions a minute. */
    struct verdict verdict = prove_identity(id, "林若溪", number, NULL);
    assert_err(ERR_TOO_MANY_REQUESTS, verdict.refusal);
    assert_int_equal(verdict.retry_at, now() + 60 * SECOND);
}

static void test_customer_identity__one_person_one_customer(void **state)
{
    (void)state;
    char number[ID_NUMBER_SIZE], other[ID_NUMBER_SIZE];
    struct customer_phone phones[2] = {new_phone(), new_phone()};
    struct customer_id first = sign_up(&phones[0]).customer, second = sign_up(&phones[1]).customer;
    number_for(2, number);
    number_for(3, other);
    assert_err(ERR_OK, prove_identity(first, " 林若溪", number, NULL).refusal);
    struct customer customer = load(first);
    assert_true(customer.has_identity);
    assert_string_equal(customer.name, "林若溪");
    assert_memory_equal(customer.masked_id_number, "11**************", 16);
    assert_string_equal(customer.region, "110101");
    assert_err(ERR_IDENTITY_TAKEN, prove_identity(second, "林若溪", number, NULL).refusal);
    assert_false(load(second).has_identity);
    assert_err(ERR_OK, prove_identity(first, "林若溪", number, NULL).refusal);
    assert_err(ERR_IDENTITY_FIXED, prove_identity(first, "林若溪", other, NULL).refusal);
    /* A number refused to the second customer is free for them under their own number. */
    assert_err(ERR_OK, prove_identity(second, "陈大文", other, NULL).refusal);

    struct db_conn *conn = NULL;
    struct customer_id found;
    char text[ID_NUMBER_SIZE];
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(customer_by_id_number(room, conn, number, &found));
    assert_int_equal(found.value, first.value);
    assert_ok(customer_by_phone(conn, &phones[1], &found));
    assert_int_equal(found.value, second.value);
    assert_ok(customer_reveal_id_number(room, conn, first, text));
    assert_string_equal(text, number);
    assert_ok(customer_reveal_phone(room, conn, first, text));
    assert_string_equal(text, phones[0].text);
    engine_read_end(bank.engine, conn);
}

static enum err give(struct customer_id id, const char *purpose, const char *version, bool granted)
{
    struct step s = {.customer = id, .text = purpose, .text2 = version, .flag = granted};
    return engine_run(bank.engine, do_consent, &s);
}

static enum onboarding_step next_step(struct customer_id id)
{
    struct db_conn *conn = NULL;
    struct customer customer;
    struct onboarding onboarding;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(customer_load(room, conn, id, &customer));
    assert_ok(
        onboarding_load(room, conn, &customer, engine_civil_date(bank.engine, now()), &onboarding));
    engine_read_end(bank.engine, conn);
    return onboarding.next;
}

static void test_customer_onboarding__from_phone_to_active(void **state)
{
    (void)state;
    char number[ID_NUMBER_SIZE];
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    struct step s = {.customer = opened.customer};
    number_for(4, number);
    assert_int_equal(next_step(opened.customer), STEP_CONSENTS);
    assert_err(ERR_ONBOARDING_INCOMPLETE, engine_run(bank.engine, do_activate, &s));
    assert_err(ERR_OK, prove_identity(opened.customer, "林若溪", number, NULL).refusal);
    assert_int_equal(next_step(opened.customer), STEP_CONSENTS);
    assert_err(ERR_CONSENT_UNKNOWN, give(opened.customer, "terms", "2", true));
    assert_err(ERR_CONSENT_UNKNOWN, give(opened.customer, "everything", "1", true));
    assert_ok(give(opened.customer, "marketing", "1", true));
    assert_ok(give(opened.customer, "marketing", "1", false));
    assert_ok(give(opened.customer, "terms", "1", true));
    assert_ok(give(opened.customer, "privacy", "1", true));
    assert_int_equal(next_step(opened.customer), STEP_CONSENTS);
    assert_ok(give(opened.customer, "identityCheck", "1", true));
    assert_err(ERR_CONSENT_REQUIRED, give(opened.customer, "terms", "1", false));
    assert_int_equal(next_step(opened.customer), STEP_PASSCODE);
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    assert_int_equal(next_step(opened.customer), STEP_CARD);
    assert_ok(engine_run(bank.engine, do_activate, &s));
    assert_ok(engine_run(bank.engine, do_activate, &s)); /* a second account changes nothing */
    assert_int_equal(load(opened.customer).state, CUSTOMER_ACTIVE);
    assert_int_equal(next_step(opened.customer), ONBOARDING_STEP_COUNT);
}

static void test_customer_language__changes_under_its_version(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct customer_id id = sign_up(&phone).customer;
    int64_t version = load(id).version;
    struct step s = {.customer = id, .number = version + 1};
    assert_err(ERR_VERSION_CHANGED, engine_run(bank.engine, do_language, &s));
    s.number = version;
    assert_ok(engine_run(bank.engine, do_language, &s));
    assert_int_equal(load(id).language, LANG_EN);
    assert_int_equal(load(id).version, version + 1);
    s.customer.value += ID_STEP;
    s.number = 0;
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, do_language, &s));
}

/* --- Messages, search, sweep -------------------------------------------------------------------------- */

static enum err do_message(struct uow *uow, void *context)
{
    struct step *s = context;
    return message_add(uow, s->customer, &PAID_IN,
                       &(struct message_params){.amount = "12.30", .name = "张\"三"}, 77);
}
static enum err do_read(struct uow *uow, void *context)
{
    struct step *s = context;
    return message_mark_read(uow, s->customer, s->number);
}
static bool take_message(const struct message *message, void *context)
{
    *(struct message *)context = *message;
    return false;
}
static struct message newest_message(struct customer_id id, int64_t before)
{
    struct db_conn *conn = NULL;
    struct message message = {0};
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(message_each(room, conn, id, before, 10, take_message, &message));
    engine_read_end(bank.engine, conn);
    return message;
}

static void test_customer_message__speaks_both_languages(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone(), other_phone = new_phone();
    struct step s = {.customer = sign_up(&phone).customer};
    clock_manual_advance(&bank.clock, SECOND);
    assert_ok(engine_run(bank.engine, do_message, &s));
    struct message message = newest_message(s.customer, 0);
    assert_string_equal(message.text[LANG_ZH], "张\"三向您转账¥12.30，已到账。");
    assert_string_equal(message.text[LANG_EN], "张\"三 sent you ¥12.30.");
    assert_int_equal(message.payment_id, 77);
    assert_int_equal(message.read_at, 0);
    s.number = message.id;
    assert_ok(engine_run(bank.engine, do_read, &s));
    int64_t read_at = now();
    clock_manual_advance(&bank.clock, SECOND);
    assert_ok(engine_run(bank.engine, do_read, &s));
    assert_int_equal(newest_message(s.customer, 0).read_at, read_at);
    struct message older = newest_message(s.customer, message.id);
    assert_ptr_equal(older.row, &MESSAGE_WELCOME);
    assert_string_equal(older.row->name, "welcome");
    s.customer = sign_up(&other_phone).customer;
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, do_read, &s));
}

static bool take_customer(const struct customer *customer, void *context)
{
    ((struct customer_id *)context)->value = customer->id.value;
    return false;
}
static struct customer_id search(const char *text)
{
    struct db_conn *conn = NULL;
    struct customer_id found = {0};
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(customer_search(room, conn, text, 0, 10, take_customer, &found));
    engine_read_end(bank.engine, conn);
    return found;
}

static void test_customer_search__finds_by_every_name(void **state)
{
    (void)state;
    char number[ID_NUMBER_SIZE], id_text[ID_TEXT_SIZE];
    struct customer_phone phone = new_phone();
    struct customer_id id = sign_up(&phone).customer;
    number_for(5, number);
    assert_err(ERR_OK, prove_identity(id, "欧阳寻", number, NULL).refusal);
    id_format(id.value, id_text);
    const char *const texts[] = {"", phone.text, phone.text + 3, number, id_text, "欧阳", "欧阳寻"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (search(texts[i]).value != id.value) {
            fail_msg("not found by \"%s\"", texts[i]);
        }
    }
    assert_int_equal(search("阳").value, 0);
    assert_int_equal(search("%").value, 0);
    assert_int_equal(search("_阳").value, 0);
    struct db_conn *conn = NULL;
    struct customer_id found = {0};
    char longest[CUSTOMER_NAME_SIZE + 1];
    memset(longest, 'a', CUSTOMER_NAME_SIZE);
    longest[CUSTOMER_NAME_SIZE] = '\0';
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_err(ERR_INVALID_FIELD,
               customer_search(room, conn, "\xe6\x9e", 0, 10, take_customer, &found));
    assert_err(ERR_INVALID_FIELD,
               customer_search(room, conn, longest, 0, 10, take_customer, &found));
    assert_ok(customer_search(room, conn, longest + 1, 0, 10, take_customer, &found));
    engine_read_end(bank.engine, conn);
}

static void test_customer_sweep__removes_what_is_over(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    struct principal who;
    struct step s = {.phone = phone};
    assert_ok(engine_run(bank.engine, do_sweep, &s)); /* what other tests left there */
    assert_ok(engine_run(bank.engine, do_sweep, &s));
    assert_int_equal(s.number, 0);
    assert_int_equal(check(opened.token).customer.value, opened.customer.value);
    clock_manual_advance(&bank.clock, 61 * DAY_US);
    assert_ok(engine_run(bank.engine, do_sweep, &s));
    assert_true(s.number >= 2); /* code, session, counters; others may share the bucket */
    assert_ok(engine_run(bank.engine, do_sweep, &s));
    assert_int_equal(s.number, 0);
    assert_err(ERR_NOT_SIGNED_IN, session_check(room, bank.engine, opened.token, now(), &who));
    assert_int_equal(load(opened.customer).state, CUSTOMER_ONBOARDING);
}

/* --- Many at once ------------------------------------------------------------------------------------- */

#define AT_ONCE 12

struct crowd {
    struct step steps[AT_ONCE];
    struct engine_command commands[AT_ONCE];
    struct semaphore done;
};

static void crowd_done(struct engine_command *command, enum err err)
{
    struct crowd *crowd = (struct crowd *)((struct step *)command->context)->crowd;
    ((struct step *)command->context)->err = err;
    semaphore_post(&crowd->done, 1);
}

static void run_crowd(struct crowd *crowd, engine_work *work, int count)
{
    semaphore_init(&crowd->done, 0);
    for (int i = 0; i < count; i++) {
        crowd->steps[i].crowd = crowd;
        crowd->commands[i] =
            (struct engine_command){.work = work, .done = crowd_done, .context = &crowd->steps[i]};
        engine_submit(bank.engine, &crowd->commands[i]);
    }
    for (int i = 0; i < count; i++) {
        assert_true(semaphore_wait(&crowd->done, -1));
    }
    semaphore_release(&crowd->done);
}

static void test_customer_crowd__limits_hold(void **state)
{
    (void)state;
    struct crowd *crowd = calloc(1, sizeof(*crowd));
    assert_non_null(crowd);
    /* Codes: one of twelve is sent. */
    struct customer_phone phone = new_phone();
    int sent = 0;
    for (int i = 0; i < AT_ONCE; i++) {
        crowd->steps[i].phone = phone;
        crowd->steps[i].purpose = CODE_SIGN_UP;
    }
    run_crowd(crowd, do_send, AT_ONCE);
    for (int i = 0; i < AT_ONCE; i++) {
        assert_true(crowd->steps[i].err == ERR_OK || crowd->steps[i].err == ERR_TOO_MANY_REQUESTS);
        sent += crowd->steps[i].err == ERR_OK ? 1 : 0;
    }
    assert_int_equal(sent, 1);

    /* A right code: one of twelve signs up. */
    clock_manual_advance(&bank.clock, 61 * SECOND);
    char code[CODE_TEXT_SIZE];
    int64_t code_id = send_code(&phone, CODE_SIGN_UP, code);
    int opened = 0;
    for (int i = 0; i < AT_ONCE; i++) {
        crowd->steps[i].sign_up = (struct sign_up){
            .phone = phone, .phone_code_id = code_id, .code = code, .device_name = "test"};
    }
    run_crowd(crowd, do_sign_up, AT_ONCE);
    for (int i = 0; i < AT_ONCE; i++) {
        assert_ok(crowd->steps[i].err);
        opened += crowd->steps[i].opened.verdict.refusal == ERR_OK ? 1 : 0;
    }
    assert_int_equal(opened, 1);

    /* Wrong pass codes: four are refused as wrong, the others as locked. */
    int failed = 0;
    struct passcode_proof wrong;
    assert_ok(sign_in_prove(room, bank.engine, &phone, "111111", &wrong));
    for (int i = 0; i < AT_ONCE; i++) {
        crowd->steps[i].proof = wrong;
    }
    run_crowd(crowd, do_by_passcode, AT_ONCE);
    for (int i = 0; i < AT_ONCE; i++) {
        assert_ok(crowd->steps[i].err);
        failed += crowd->steps[i].opened.verdict.refusal == ERR_SIGN_IN_FAILED ? 1 : 0;
    }
    assert_int_equal(failed, 4);
    free(crowd);
}

static void test_customer_crowd__one_person_becomes_one_customer(void **state)
{
    (void)state;
    char number[ID_NUMBER_SIZE];
    struct crowd *crowd = calloc(1, sizeof(*crowd));
    assert_non_null(crowd);
    number_for(6, number);
    for (int i = 0; i < 4; i++) {
        int64_t retry_at = 0;
        struct customer_phone phone = new_phone();
        crowd->steps[i].customer = sign_up(&phone).customer;
        assert_ok(identity_prepare(room, bank.engine, crowd->steps[i].customer, "林若溪", number,
                                   &crowd->steps[i].evidence, &retry_at));
    }
    run_crowd(crowd, do_identity, 4);
    int granted = 0;
    for (int i = 0; i < 4; i++) {
        assert_ok(crowd->steps[i].err);
        enum err refusal = crowd->steps[i].verdict.refusal;
        assert_true(refusal == ERR_OK || refusal == ERR_IDENTITY_TAKEN);
        granted += refusal == ERR_OK ? 1 : 0;
        assert_int_equal(load(crowd->steps[i].customer).has_identity, refusal == ERR_OK);
    }
    assert_int_equal(granted, 1);
    free(crowd);
}

/* --- Faults ------------------------------------------------------------------------------------------ */

#ifdef SYCEE_FAULTS
static bool has_customer(const struct customer_phone *phone)
{
    struct db_conn *conn = NULL;
    struct customer_id id;
    assert_ok(engine_read_begin(bank.engine, &conn));
    enum err err = customer_by_phone(conn, phone, &id);
    engine_read_end(bank.engine, conn);
    assert_true(err == ERR_OK || err == ERR_NOT_FOUND);
    return err == ERR_OK;
}

/* The 1st, 2nd, 3rd ... call to the database fails, until none does: nothing is half done, and the same
 * code works in the end. The test makes its own unit of work, so that the fault is the only one. */
static void test_customer_fault__sign_up_happens_wholly_or_not(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct customer_phone phone = new_phone();
    struct db_conn *conn = bank.database.conn;
    struct id_maker ids;
    struct step s = {.sign_up = {.phone = phone, .device_name = "test", .code = code}};
    s.sign_up.phone_code_id = send_code(&phone, CODE_SIGN_UP, code);
    clock_manual_advance(&bank.clock, SECOND);
    id_maker_init(&ids, 0, 0);
    bool fired = true;
    int64_t nth = 0;
    while (fired) {
        struct uow uow = {.engine = bank.engine, .conn = conn, .now_us = now(), .ids = &ids};
        assert_true(++nth < 200);
        db_fault_arm(conn, nth, ERR_DB_FULL);
        enum err err = db_begin(conn);
        if (err == ERR_OK) {
            err = do_sign_up(&uow, &s);
            err = err == ERR_OK ? db_commit(conn) : err;
            if (err != ERR_OK) {
                db_rollback(conn);
            }
        }
        fired = db_fault_fired(conn);
        db_fault_arm(conn, 0, ERR_OK);
        assert_err(fired ? ERR_DB_FULL : ERR_OK, err);
        assert_int_equal(has_customer(&phone), !fired);
    }
    assert_true(nth > 10); /* begin, a dozen statements, commit */
    assert_err(ERR_OK, s.opened.verdict.refusal);
    assert_int_equal(check(s.opened.token).customer.value, s.opened.customer.value);
}
#endif

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_customer_identity__keeps_evidence_of_refusals, fresh),
        cmocka_unit_test_setup(test_customer_identity__one_person_one_customer, fresh),
        cmocka_unit_test_setup(test_customer_onboarding__from_phone_to_active, fresh),
        cmocka_unit_test_setup(test_customer_language__changes_under_its_version, fresh),
        cmocka_unit_test_setup(test_customer_message__speaks_both_languages, fresh),
        cmocka_unit_test_setup(test_customer_search__finds_by_every_name, fresh),
        cmocka_unit_test_setup(test_customer_sweep__removes_what_is_over, fresh),
        cmocka_unit_test_setup(test_customer_crowd__limits_hold, fresh),
        cmocka_unit_test_setup(test_customer_crowd__one_person_becomes_one_customer, fresh),
#ifdef SYCEE_FAULTS
        cmocka_unit_test_setup(test_customer_fault__sign_up_happens_wholly_or_not, fresh),
#endif
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       suite_open, suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
