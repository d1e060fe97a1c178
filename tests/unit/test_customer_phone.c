/* Another phone number for a customer, guesses at codes, numbers that start too many customers, and
 * names in Latin letters; both engines. EVIDENCE: REQ-KYC-01, REQ-KYC-03 */
#include "unit/customer_fixture.h"

struct move {
    struct phone_change change;
    struct verdict verdict;
};
static enum err do_change(struct uow *uow, void *context)
{
    struct move *move = context;
    return phone_change(room, uow, &move->change, &move->verdict);
}

static struct verdict change_phone(struct session_opened opened, const struct customer_phone *phone)
{
    char code[CODE_TEXT_SIZE];
    struct move move = {
        .change = {.customer = opened.customer, .session = opened.session, .phone = *phone}};
    move.change.phone_code_id = send_code(phone, CODE_CHANGE_PHONE, code);
    move.change.code = code;
    assert_ok(engine_run(bank.engine, do_change, &move));
    session_forget_customer(room, opened.customer);
    return move.verdict;
}

/* A number whose bucket is another than that of `phone`. */
static struct customer_phone elsewhere(const struct customer_phone *phone)
{
    struct customer_phone other = new_phone();
    while (other.bucket == phone->bucket) {
        other = new_phone();
    }
    return other;
}

static void test_customer_phone__moves_with_its_customer(void **state)
{
    (void)state;
    struct principal who;
    char code[CODE_TEXT_SIZE];
    struct customer_phone old = new_phone(), new = elsewhere(&old);
    struct session_opened opened = sign_up(&old);
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    struct session_opened other = sign_in(&old, "283915");
    assert_int_equal(load(opened.customer).phone_changed_at, 0);
    assert_err(ERR_OK, change_phone(opened, &new).refusal);
    assert_int_equal(load(opened.customer).phone_changed_at, now());
    assert_memory_equal(load(opened.customer).masked_phone + 10, new.text + 10, 4);
    (void)check(opened.token);
    assert_err(ERR_NOT_SIGNED_IN, session_check(room, bank.engine, other.token, now(), &who));
    /* The new number signs in, by pass code and by code; the old one no longer. */
    assert_err(ERR_SIGN_IN_FAILED, sign_in(&old, "283915").verdict.refusal);
    struct step moved = {.phone = new,
                         .device_key = device_of(&old)}; /* the phone stays the same */
    assert_ok(sign_in_prove(room, bank.engine, &new, "283915", &moved.proof));
    assert_ok(engine_run(bank.engine, do_by_passcode, &moved));
    struct session_opened again = moved.opened;
    assert_err(ERR_OK, again.verdict.refusal);
    assert_int_equal(again.customer.value, opened.customer.value);
    assert_int_equal(id_bucket(again.session.value), id_bucket(opened.customer.value));
    clock_manual_advance(&bank.clock, 61 * SECOND);
    struct step s = {.by_code = {.phone = new, .device_name = "test", .code = code}};
    s.by_code.phone_code_id = send_code(&new, CODE_RESET_PASSCODE, code);
    assert_ok(engine_run(bank.engine, do_by_code, &s));
    assert_err(ERR_OK, s.opened.verdict.refusal);
    assert_int_equal(s.opened.customer.value, opened.customer.value);
    /* The old number gets a notice, and may start another customer. */
    clock_manual_advance(&bank.clock, 61 * SECOND);
    struct session_opened stranger = sign_up(&old);
    assert_true(stranger.customer.value != opened.customer.value);
}

static void test_customer_phone__counts_wrong_pass_codes_at_the_new_number(void **state)
{
    (void)state;
    struct customer_phone old = new_phone(), new = elsewhere(&old);
    struct session_opened opened = sign_up(&old);
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    assert_err(ERR_OK, change_phone(opened, &new).refusal);
    for (int i = 0; i < 3; i++) {
        assert_err(ERR_SIGN_IN_FAILED, sign_in(&new, "111112").verdict.refusal);
    }
    /* Wrong answers in a step-up belong to the session, and lock it alone. */
    struct step s = {.session = opened.session, .customer = opened.customer};
    assert_ok(passcode_prove(room, bank.engine, opened.customer, "111112", &s.proof));
    assert_ok(engine_run(bank.engine, do_step_up, &s));
    assert_err(ERR_PASSCODE_WRONG, s.verdict.refusal);
    assert_int_equal(s.verdict.tries_left, 4);
    for (int i = 0; i < 2; i++) {
        assert_err(i < 1 ? ERR_SIGN_IN_FAILED : ERR_SIGN_IN_LOCKED,
                   sign_in(&new, "111112").verdict.refusal);
    }
    assert_err(ERR_SIGN_IN_LOCKED, sign_in(&new, "283915").verdict.refusal);
    assert_ok(passcode_prove(room, bank.engine, opened.customer, "283915", &s.proof));
    assert_ok(engine_run(bank.engine, do_step_up, &s));
    assert_err(ERR_OK, s.verdict.refusal);
}

static void test_customer_phone__refuses_a_number_that_is_somebodys(void **state)
{
    (void)state;
    struct customer_phone mine = new_phone(), theirs = new_phone();
    struct session_opened me = sign_up(&mine);
    (void)sign_up(&theirs);
    clock_manual_advance(&bank.clock, 61 * SECOND);
    assert_err(ERR_PHONE_TAKEN, change_phone(me, &theirs).refusal);
    assert_err(ERR_PHONE_TAKEN, change_phone(me, &mine).refusal);
    assert_int_equal(load(me.customer).phone_changed_at, 0);
    (void)check(me.token);
}

static void test_customer_phone__takes_only_its_own_codes(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct customer_phone old = new_phone(), new = new_phone();
    struct session_opened opened = sign_up(&old);
    struct move move = {
        .change = {.customer = opened.customer, .session = opened.session, .phone = new}};
    move.change.phone_code_id = send_code(&new, CODE_SIGN_IN, code);
    move.change.code = code;
    assert_ok(engine_run(bank.engine, do_change, &move));
    assert_err(ERR_CODE_EXPIRED, move.verdict.refusal);
    /* A code sent to the old number proves nothing of the new one. */
    clock_manual_advance(&bank.clock, 61 * SECOND);
    move.change.phone_code_id = send_code(&old, CODE_CHANGE_PHONE, code);
    assert_ok(engine_run(bank.engine, do_change, &move));
    assert_err(ERR_CODE_EXPIRED, move.verdict.refusal);
}

static void test_customer_phone__answers_guesses_with_locks(void **state)
{
    (void)state;
    enum { GUESSES = 200 };
    char code[CODE_TEXT_SIZE];
    int judged = 0, sent = 0, refused = 0;
    struct customer_phone old = new_phone(), new = new_phone();
    struct session_opened opened = sign_up(&old);
    struct move move = {
        .change = {.customer = opened.customer, .session = opened.session, .phone = new}};
    for (int guess = 0; guess < GUESSES; guess++) {
        if (guess % 5 == 0) {
            struct step s = {.phone = new, .purpose = CODE_CHANGE_PHONE, .lang = LANG_ZH};
            enum err err = engine_run(bank.engine, do_send, &s);
            assert_true(err == ERR_OK || err == ERR_TOO_MANY_REQUESTS);
            if (err == ERR_OK) {
                struct sms sms;
                sent++;
                move.change.phone_code_id = s.sent.phone_code_id;
                newest_sms(&new, code, &sms);
            }
        }
        char wrong[CODE_TEXT_SIZE];
        snprintf(wrong, sizeof(wrong), "%06d", guess * 4999);
        move.change.code = strcmp(wrong, code) == 0 ? "999998" : wrong;
        assert_ok(engine_run(bank.engine, do_change, &move));
        assert_true(move.verdict.refusal == ERR_CODE_WRONG ||
                    move.verdict.refusal == ERR_CODE_EXHAUSTED ||
                    move.verdict.refusal == ERR_CODE_EXPIRED);
        judged += move.verdict.refusal == ERR_CODE_WRONG ? 1 : 0;
        refused += move.verdict.refusal == ERR_CODE_WRONG ? 0 : 1;
        clock_manual_advance(&bank.clock, 13 * SECOND);
    }
    assert_int_equal(sent, 5); /* an hour's codes, in forty minutes */
    assert_int_equal(judged, 25);
    assert_int_equal(refused, GUESSES - 25);
    assert_int_equal(load(opened.customer).phone_changed_at, 0);
}

static void test_customer_phone__starts_only_so_many(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct customer_phone phone = new_phone();
    for (int i = 0; i < 3; i++) {
        struct session_opened opened = sign_up(&phone);
        struct customer_phone next = new_phone();
        assert_err(ERR_OK, change_phone(opened, &next).refusal);
        clock_manual_advance(&bank.clock, 61 * SECOND);
    }
    struct step s = {.sign_up = {.phone = phone, .device_name = "test", .code = code}};
    s.sign_up.phone_code_id = send_code(&phone, CODE_SIGN_UP, code);
    assert_ok(engine_run(bank.engine, do_sign_up, &s));
    assert_err(ERR_PHONE_PERSONS, s.opened.verdict.refusal);
    /* A year of sweeps does not delete it. */
    clock_manual_advance(&bank.clock, 365 * DAY_US);
    s.phone = phone;
    assert_ok(engine_run(bank.engine, do_sweep, &s));
    s.sign_up.phone_code_id = send_code(&phone, CODE_SIGN_UP, code);
    assert_ok(engine_run(bank.engine, do_sign_up, &s));
    assert_err(ERR_PHONE_PERSONS, s.opened.verdict.refusal);
}

#ifdef SYCEE_FAULTS
static struct customer_id owner_of(const struct customer_phone *phone)
{
    struct db_conn *conn = NULL;
    struct customer_id owner = {0};
    assert_ok(engine_read_begin(bank.engine, &conn));
    enum err err = customer_by_phone(conn, phone, &owner);
    engine_read_end(bank.engine, conn);
    assert_true(err == ERR_OK || err == ERR_NOT_FOUND);
    return owner;
}

/* Whatever call fails, the customer has one number: the old one until all is done, then the new. */
static void test_customer_fault__a_phone_moves_wholly_or_not(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct customer_phone old = new_phone(), new = elsewhere(&old);
    struct session_opened opened = sign_up(&old);
    struct move move = {
        .change = {.customer = opened.customer, .session = opened.session, .phone = new}};
    move.change.phone_code_id = send_code(&new, CODE_CHANGE_PHONE, code);
    move.change.code = code;
    clock_manual_advance(&bank.clock, SECOND);
    struct db_conn *conn = bank.database.conn;
    struct id_maker ids;
    id_maker_init(&ids, 0, 0);
    bool fired = true;
    int64_t nth = 0;
    while (fired) {
        struct uow uow = {.engine = bank.engine, .conn = conn, .now_us = now(), .ids = &ids};
        assert_true(++nth < 200);
        db_fault_arm(conn, nth, ERR_DB_FULL);
        enum err err = db_begin(conn);
        if (err == ERR_OK) {
            err = do_change(&uow, &move);
            err = err == ERR_OK ? db_commit(conn) : err;
            if (err != ERR_OK) {
                db_rollback(conn);
            }
        }
        fired = db_fault_fired(conn);
        db_fault_arm(conn, 0, ERR_OK);
        assert_err(fired ? ERR_DB_FULL : ERR_OK, err);
        assert_int_equal(owner_of(&old).value, fired ? opened.customer.value : 0);
        assert_int_equal(owner_of(&new).value, fired ? 0 : opened.customer.value);
        assert_int_equal(load(opened.customer).phone_changed_at, fired ? 0 : now());
    }
    assert_true(nth > 10);
    assert_err(ERR_OK, move.verdict.refusal);
}
#endif

/* --- Names in Latin letters -------------------------------------------------------------------------- */

struct found {
    struct customer_id wanted;
    int count;
};
static bool count_wanted(const struct customer *customer, void *context)
{
    struct found *found = context;
    found->count += customer->id.value == found->wanted.value ? 1 : 0;
    return true;
}
static bool finds(struct customer_id wanted, const char *text)
{
    struct db_conn *conn = NULL;
    struct found found = {.wanted = wanted};
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(customer_search(room, conn, text, 0, 100, count_wanted, &found));
    engine_read_end(bank.engine, conn);
    assert_true(found.count <= 1);
    return found.count == 1;
}

static void test_customer_search__finds_pinyin_and_initials(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *found[6];
        const char *not_found[4];
    } ROWS[] = {
        {"林若溪",
         {"林若", "linruoxi", "Lin Ruo Xi", "lin ruo", "lrx", "LRX"},
         {"linruoxia", "rx", "ruoxi", "lr"}},
        {"欧阳娜娜", {"ouyangnana", "ou yang", "oynn"}, {"yang", "oyn"}},
        {"曾国强", {"zengguoqiang", "cengguoqiang", "zgq", "cgq", "曾国"}, {"guoqiang"}},
        {"单雄信", {"shanxiongxin", "shan xiong", "danxiongxin", "sxx"}, {"xiongxin"}},
        {"仇英", {"qiuying", "chouying", "qy"}, {"ying"}},
        {"尉迟恭", {"yuchigong", "weichigong", "ycg"}, {"chigong"}},
        {"吕布", {"lvbu", "lyubu", "lubu", "lübu", "LÜ BU", "lb"}, {"bu"}},
        {"José Núñez", {"josenunez", "jose nunez", "jn"}, {"nunez"}},
        {"Sean O'Neil", {"Sean", "sean oneil", "sean o'neil", "so"}, {"neil", "son"}},
    };
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        char number[ID_NUMBER_SIZE];
        struct customer_phone phone = new_phone();
        struct step s = {.phone = phone, .customer = sign_up(&phone).customer};
        number_for(700 + (int)i, number);
        assert_err(ERR_OK, prove_identity(s.customer, ROWS[i].name, number, NULL).refusal);
        for (size_t k = 0; k < 6 && ROWS[i].found[k]; k++) {
            if (!finds(s.customer, ROWS[i].found[k])) {
                fail_msg("%s is not found by %s", ROWS[i].name, ROWS[i].found[k]);
            }
        }
        for (size_t k = 0; k < 4 && ROWS[i].not_found[k]; k++) {
            if (finds(s.customer, ROWS[i].not_found[k])) {
                fail_msg("%s is found by %s", ROWS[i].name, ROWS[i].not_found[k]);
            }
        }
    }
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_customer_phone__moves_with_its_customer, fresh),
        cmocka_unit_test_setup(test_customer_phone__counts_wrong_pass_codes_at_the_new_number,
                               fresh),
        cmocka_unit_test_setup(test_customer_phone__refuses_a_number_that_is_somebodys, fresh),
        cmocka_unit_test_setup(test_customer_phone__takes_only_its_own_codes, fresh),
        cmocka_unit_test_setup(test_customer_phone__answers_guesses_with_locks, fresh),
        cmocka_unit_test_setup(test_customer_phone__starts_only_so_many, fresh),
#ifdef SYCEE_FAULTS
        cmocka_unit_test_setup(test_customer_fault__a_phone_moves_wholly_or_not, fresh),
#endif
        cmocka_unit_test_setup(test_customer_search__finds_pinyin_and_initials, fresh),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       suite_open, suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
