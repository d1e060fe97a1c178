/* Codes, sign-up, sign-in, pass codes and sessions, on both engines. EVIDENCE: REQ-KYC-01 */
#include "unit/customer_fixture.h"

/* --- Codes and sign-up --------------------------------------------------------------------------- */

static void test_customer_code__is_limited_per_phone(void **state)
{
    (void)state;
    struct step s = {.phone = new_phone(), .purpose = CODE_SIGN_IN, .lang = LANG_EN};
    assert_ok(engine_run(bank.engine, do_send, &s));
    assert_int_equal(s.sent.resend_at, now() + 60 * SECOND);
    assert_int_equal(s.sent.expires_at, now() + 300 * SECOND);
    clock_manual_advance(&bank.clock, 59 * SECOND);
    assert_err(ERR_TOO_MANY_REQUESTS, engine_run(bank.engine, do_send, &s));
    assert_int_equal(s.retry_at, now() + SECOND);
    for (int i = 0; i < 4; i++) {
        clock_manual_advance(&bank.clock, 60 * SECOND);
        assert_ok(engine_run(bank.engine, do_send, &s));
    }
    clock_manual_advance(&bank.clock, 60 * SECOND);
    assert_err(ERR_TOO_MANY_REQUESTS, engine_run(bank.engine, do_send, &s));
    assert_true(s.retry_at > now() + 50 * 60 * SECOND);
    for (int i = 0; i < 5; i++) {
        clock_manual_advance(&bank.clock, 3600 * SECOND);
        assert_ok(engine_run(bank.engine, do_send, &s));
    }
    clock_manual_advance(&bank.clock, 3600 * SECOND);
    assert_err(ERR_TOO_MANY_REQUESTS, engine_run(bank.engine, do_send, &s)); /* ten a day */
    struct step other = {.phone = new_phone(), .purpose = CODE_SIGN_IN};
    assert_ok(engine_run(bank.engine, do_send, &other));
}

static void test_customer_code__counts_wrong_ones(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE], wrong[CODE_TEXT_SIZE];
    struct step s = {.sign_up = {.phone = new_phone(), .device_name = "test"}};
    s.sign_up.phone_code_id = send_code(&s.sign_up.phone, CODE_SIGN_UP, code);
    memcpy(wrong, code, sizeof(code));
    wrong[5] = wrong[5] == '9' ? '0' : (char)(wrong[5] + 1);
    s.sign_up.code = wrong;
    for (int left = 4; left >= 0; left--) {
        assert_ok(engine_run(bank.engine, do_sign_up, &s));
        assert_err(ERR_CODE_WRONG, s.opened.verdict.refusal);
        assert_int_equal(s.opened.verdict.tries_left, left);
    }
    s.sign_up.code = code;
    assert_ok(engine_run(bank.engine, do_sign_up, &s));
    assert_err(ERR_CODE_EXHAUSTED, s.opened.verdict.refusal);
    assert_string_equal(s.opened.token, "");
}

static void test_customer_code__opens_only_its_own_door(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct customer_phone phone = new_phone();
    struct step s = {.sign_up = {.phone = phone, .device_name = "test"}};
    s.sign_up.code = code;
    /* Another purpose. */
    s.sign_up.phone_code_id = send_code(&phone, CODE_SIGN_IN, code);
    assert_ok(engine_run(bank.engine, do_sign_up, &s));
    assert_err(ERR_CODE_EXPIRED, s.opened.verdict.refusal);
    /* Another phone. */
    clock_manual_advance(&bank.clock, 61 * SECOND);
    s.sign_up.phone_code_id = send_code(&phone, CODE_SIGN_UP, code);
    s.sign_up.phone = new_phone();
    assert_ok(engine_run(bank.engine, do_sign_up, &s));
    assert_err(ERR_CODE_EXPIRED, s.opened.verdict.refusal);
    /* Too late. */
    s.sign_up.phone = phone;
    clock_manual_advance(&bank.clock, 300 * SECOND);
    assert_ok(engine_run(bank.engine, do_sign_up, &s));
    assert_err(ERR_CODE_EXPIRED, s.opened.verdict.refusal);
    /* Twice. */
    s.sign_up.phone_code_id = send_code(&phone, CODE_SIGN_UP, code);
    assert_ok(engine_run(bank.engine, do_sign_up, &s));
    assert_err(ERR_OK, s.opened.verdict.refusal);
    assert_ok(engine_run(bank.engine, do_sign_up, &s));
    assert_err(ERR_CODE_EXPIRED, s.opened.verdict.refusal);
}

static void test_customer_sign_up__makes_one_customer_per_phone(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    struct customer customer = load(opened.customer);
    assert_int_equal(customer.state, CUSTOMER_ONBOARDING);
    assert_int_equal(id_bucket(customer.id.value), phone.bucket);
    assert_memory_equal(customer.masked_phone + 6, "****", 4);
    assert_false(customer.has_identity);
    char code[CODE_TEXT_SIZE];
    clock_manual_advance(&bank.clock, 61 * SECOND);
    struct step s = {.sign_up = {.phone = phone, .device_name = "test"}};
    s.sign_up.phone_code_id = send_code(&phone, CODE_SIGN_UP, code);
    s.sign_up.code = code;
    assert_ok(engine_run(bank.engine, do_sign_up, &s));
    assert_err(ERR_PHONE_TAKEN, s.opened.verdict.refusal);
    assert_string_equal(s.opened.token, "");
}

/* --- Sign-in --------------------------------------------------------------------------------------- */

static void test_customer_sign_in__locks_known_and_unknown_alike(void **state)
{
    (void)state;
    struct customer_phone known = new_phone(), unknown = new_phone();
    struct session_opened opened = sign_up(&known);
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    for (int i = 0; i < 5; i++) {
        struct session_opened a = sign_in(&known, "111111"), b = sign_in(&unknown, "111111");
        assert_err(i < 4 ? ERR_SIGN_IN_FAILED : ERR_SIGN_IN_LOCKED, a.verdict.refusal);
        assert_err(a.verdict.refusal, b.verdict.refusal);
        assert_int_equal(a.verdict.tries_left, b.verdict.tries_left);
        assert_int_equal(a.verdict.retry_at, b.verdict.retry_at);
        assert_string_equal(a.token, "");
    }
    assert_err(ERR_SIGN_IN_LOCKED, sign_in(&known, "283915").verdict.refusal);
    clock_manual_advance(&bank.clock, 900 * SECOND);
    assert_err(ERR_OK, sign_in(&known, "283915").verdict.refusal);
}

static void test_customer_sign_in__a_code_unlocks(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    for (int i = 0; i < 5; i++) {
        (void)sign_in(&phone, "000000");
    }
    clock_manual_advance(&bank.clock, 61 * SECOND);
    assert_err(ERR_SIGN_IN_LOCKED, sign_in(&phone, "283915").verdict.refusal);
    struct step s = {.by_code = {.phone = phone, .device_name = "test", .code = code}};
    s.by_code.phone_code_id = send_code(&phone, CODE_RESET_PASSCODE, code);
    assert_ok(engine_run(bank.engine, do_by_code, &s));
    assert_err(ERR_OK, s.opened.verdict.refusal);
    assert_int_equal(s.opened.customer.value, opened.customer.value);
    assert_true(check(s.opened.token).may_reset_passcode && s.opened.is_limited);
    assert_err(ERR_SIGN_IN_LOCKED, sign_in(&phone, "283915").verdict.refusal);
    assert_err(ERR_OK, set_passcode(s.opened.token, "905172", NULL).refusal);
    assert_err(ERR_OK, sign_in(&phone, "905172").verdict.refusal); /* its tries begin anew */
    /* A right code for a phone that nobody has. */
    struct step none = {.by_code = {.phone = new_phone(), .device_name = "test", .code = code}};
    none.by_code.phone_code_id = send_code(&none.by_code.phone, CODE_SIGN_IN, code);
    assert_ok(engine_run(bank.engine, do_by_code, &none));
    assert_err(ERR_SIGN_IN_FAILED, none.opened.verdict.refusal);
}

static void test_customer_sign_in__a_proof_dies_with_its_pass_code(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    struct step s = {.phone = phone};
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    assert_ok(sign_in_prove(room, bank.engine, &phone, "283915", &s.proof));
    assert_true(s.proof.matches);
    assert_err(ERR_OK, set_passcode(opened.token, "905172", "283915").refusal);
    assert_ok(engine_run(bank.engine, do_by_passcode, &s));
    assert_err(ERR_SIGN_IN_FAILED, s.opened.verdict.refusal);
}

static void test_customer_passcode__needs_the_old_one_or_a_reset(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    struct principal who = check(opened.token);
    struct passcode_change change;
    assert_err(ERR_PASSCODE_WEAK,
               passcode_prepare(room, bank.engine, &who, "123456", NULL, &change));
    assert_err(ERR_PASSCODE_WEAK,
               passcode_prepare(room, bank.engine, &who, phone.text + 8, NULL, &change));
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    assert_err(ERR_PASSCODE_WRONG, set_passcode(opened.token, "905172", NULL).refusal);
    struct verdict verdict = set_passcode(opened.token, "905172", "604938");
    assert_err(ERR_PASSCODE_WRONG, verdict.refusal);
    assert_int_equal(verdict.tries_left, 4);
    /* A reset by code, once, from that session alone; it ends the others. */
    clock_manual_advance(&bank.clock, 61 * SECOND);
    struct step s = {.by_code = {.phone = phone, .device_name = "test", .code = code}};
    s.by_code.phone_code_id = send_code(&phone, CODE_RESET_PASSCODE, code);
    assert_ok(engine_run(bank.engine, do_by_code, &s));
    assert_true(check(s.opened.token).may_reset_passcode);
    assert_err(ERR_OK, set_passcode(s.opened.token, "905172", NULL).refusal);
    assert_err(ERR_PASSCODE_WRONG, set_passcode(s.opened.token, "604938", NULL).refusal);
    assert_err(ERR_NOT_SIGNED_IN, session_check(room, bank.engine, opened.token, now(), &who));
    assert_err(ERR_OK, sign_in(&phone, "905172").verdict.refusal);
}

/* --- Strangers -------------------------------------------------------------------------------------- */

static struct session_opened sign_in_on(const struct customer_phone *phone, const char *passcode,
                                        const char *key, int64_t code_id, const char *code)
{
    struct step s = {.phone = *phone, .device_key = key, .number = code_id, .text = code};
    assert_ok(sign_in_prove(room, bank.engine, phone, passcode, &s.proof));
    assert_ok(engine_run(bank.engine, do_by_passcode, &s));
    return s.opened;
}

static bool take_failed(const struct security_event_row *row, void *context)
{
    int64_t *sums = context;
    sums[0] += row->event == EVENT_SIGN_IN_FAILED ? 1 : 0;
    sums[1] += row->event == EVENT_SIGN_IN_FAILED ? row->times : 0;
    return true;
}

/* A lock cannot be used as a weapon: an attacker who knows the number alone locks out only others who
 * know it alone (ASVS 2.2.1). */
static void test_customer_sign_in__strangers_lock_only_strangers(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    for (int i = 0; i < 60; i++) {
        (void)sign_in_on(&phone, "000000", i % 2 ? "a-key-that-was-just-made" : NULL, 0, NULL);
    }
    assert_err(ERR_SIGN_IN_LOCKED, sign_in_on(&phone, "283915", NULL, 0, NULL).verdict.refusal);
    /* The owner's session, phone, and new phone with a text code. */
    struct step s = {.session = opened.session};
    assert_ok(passcode_prove(room, bank.engine, opened.customer, "283915", &s.proof));
    assert_ok(engine_run(bank.engine, do_step_up, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    assert_err(ERR_OK, sign_in(&phone, "283915").verdict.refusal);
    clock_manual_advance(&bank.clock, 61 * SECOND);
    int64_t code_id = send_code(&phone, CODE_SIGN_IN, code);
    /* A typing error does not cost the code. */
    assert_err(ERR_SIGN_IN_FAILED,
               sign_in_on(&phone, "283916", NULL, code_id, code).verdict.refusal);
    assert_err(ERR_OK, sign_in_on(&phone, "283915", NULL, code_id, code).verdict.refusal);
    assert_err(ERR_CODE_EXPIRED, sign_in_on(&phone, "283915", NULL, code_id, code).verdict.refusal);
    /* All of a day's wrong ones are one row of the history. */
    struct db_conn *conn = NULL;
    int64_t sums[2] = {0, 0};
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(security_event_each(conn, opened.customer, 0, 50, take_failed, sums));
    engine_read_end(bank.engine, conn);
    assert_true(sums[0] >= 1 && sums[0] <= 2); /* midnight may lie between */
    assert_int_equal(sums[1], 61);
}

/* Each holder is locked for their own wrong codes: a device, a session, the holder of the number. */
static void test_customer_sign_in__each_is_locked_apart(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    struct session_opened second = sign_in(&phone, "283915");
    struct step s = {.session = second.session};
    for (int i = 0; i < 5; i++) {
        assert_ok(passcode_prove(room, bank.engine, opened.customer, "111222", &s.proof));
        assert_ok(engine_run(bank.engine, do_step_up, &s));
        assert_err(i < 4 ? ERR_PASSCODE_WRONG : ERR_SIGN_IN_LOCKED, s.verdict.refusal);
    }
    assert_ok(passcode_prove(room, bank.engine, opened.customer, "283915", &s.proof));
    assert_ok(engine_run(bank.engine, do_step_up, &s));
    assert_err(ERR_SIGN_IN_LOCKED, s.verdict.refusal); /* a stolen session */
    s.session = opened.session;
    assert_ok(engine_run(bank.engine, do_step_up, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    clock_manual_advance(&bank.clock, 61 * SECOND);
    int64_t code_id = send_code(&phone, CODE_SIGN_IN, code);
    for (int i = 0; i < 5; i++) {
        assert_err(i < 4 ? ERR_SIGN_IN_FAILED : ERR_SIGN_IN_LOCKED,
                   sign_in_on(&phone, "000000", NULL, code_id, code).verdict.refusal);
    }
    /* The code has had its tries too; another one meets the lock of the number's holder. */
    assert_err(ERR_CODE_EXHAUSTED,
               sign_in_on(&phone, "283915", NULL, code_id, code).verdict.refusal);
    clock_manual_advance(&bank.clock, 61 * SECOND);
    code_id = send_code(&phone, CODE_SIGN_IN, code);
    assert_err(ERR_SIGN_IN_LOCKED,
               sign_in_on(&phone, "283915", NULL, code_id, code).verdict.refusal);
    assert_err(ERR_OK, sign_in(&phone, "283915").verdict.refusal);
}

/* Ten of a stranger's code requests leave the owner's codes of the day alone. */
static void test_customer_code__strangers_use_up_their_own(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    struct step stranger = {.phone = phone, .purpose = CODE_SIGN_IN, .address = "203.0.113.7"};
    enum err err = ERR_OK;
    int sent = 0;
    for (; err == ERR_OK && sent < 30; sent++) {
        clock_manual_advance(&bank.clock, 721 * SECOND); /* five an hour */
        err = engine_run(bank.engine, do_send, &stranger);
    }
    assert_err(ERR_TOO_MANY_REQUESTS, err);
    assert_int_equal(sent, 11);
    struct step elsewhere = {.phone = phone, .purpose = CODE_SIGN_IN, .address = "198.51.100.2"};
    assert_ok(engine_run(bank.engine, do_send, &elsewhere));
    for (int i = 0; i < 30 && err != ERR_OK; i++) { /* many addresses together have an end too */
        char address[32];
        snprintf(address, sizeof(address), "192.0.2.%d", i);
        elsewhere.address = address;
        clock_manual_advance(&bank.clock, 400 * SECOND);
        if (engine_run(bank.engine, do_send, &elsewhere) == ERR_TOO_MANY_REQUESTS) {
            err = ERR_OK;
        }
    }
    assert_ok(err);
    struct step owner = {.phone = phone,
                         .purpose = CODE_SIGN_IN,
                         .address = "203.0.113.7",
                         .device_key = "a-key-that-nobody-knows-of"};
    assert_err(ERR_TOO_MANY_REQUESTS, engine_run(bank.engine, do_send, &owner));
    owner.device_key = device_of(&phone);
    assert_ok(engine_run(bank.engine, do_send, &owner));
    assert_err(ERR_TOO_MANY_REQUESTS, engine_run(bank.engine, do_send, &owner)); /* one a minute */
}

static struct session_opened reset_session(const struct customer_phone *phone, const char *key)
{
    char code[CODE_TEXT_SIZE];
    clock_manual_advance(&bank.clock, 3601 * SECOND);
    struct step s = {
        .by_code = {.phone = *phone, .device_name = "thief", .code = code, .device_key = key}};
    s.by_code.phone_code_id = send_code(phone, CODE_RESET_PASSCODE, code);
    assert_ok(engine_run(bank.engine, do_by_code, &s));
    assert_err(ERR_OK, s.opened.verdict.refusal);
    return s.opened;
}

static enum err guess_passcode(const struct session_opened *opened, const char *passcode)
{
    struct step s = {.session = opened->session};
    assert_ok(passcode_prove(room, bank.engine, opened->customer, passcode, &s.proof));
    assert_ok(engine_run(bank.engine, do_step_up, &s));
    return s.verdict.refusal;
}

/* Five guesses for any number of text codes: the counter belongs to the number, and its lock doubles. */
static void test_customer_sign_in__a_new_text_code_brings_no_new_guesses(void **state)
{
    (void)state;
    static const char *const KEYS[] = {NULL, "a-device-of-the-thiefs", "another-of-the-thiefs"};
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    for (int i = 0; i < 4; i++) {
        struct session_opened thief = reset_session(&phone, KEYS[i % 3]);
        assert_err(ERR_PASSCODE_WRONG, i % 2
                                           ? guess_passcode(&thief, "111222")
                                           : set_passcode(thief.token, "905172", "111222").refusal);
    }
    struct session_opened thief = reset_session(&phone, NULL);
    assert_err(ERR_SIGN_IN_LOCKED, guess_passcode(&thief, "111222"));
    thief = reset_session(&phone, NULL); /* an hour later: the lock is over, its count is not */
    for (int i = 0; i < 5; i++) {
        assert_err(i < 4 ? ERR_PASSCODE_WRONG : ERR_SIGN_IN_LOCKED,
                   guess_passcode(&thief, "111222"));
    }
    clock_manual_advance(&bank.clock, CUSTOMER_RULES.lock_us + SECOND);
    assert_err(ERR_SIGN_IN_LOCKED, guess_passcode(&thief, "283915")); /* twice as long */
    /* The owner's device, and sign-ins on it. */
    assert_err(ERR_OK, guess_passcode(&opened, "283915"));
    assert_err(ERR_OK, sign_in(&phone, "283915").verdict.refusal);
    assert_err(ERR_OK, set_passcode(opened.token, "905172", "283915").refusal);
}

/* Device and text code: the guesses count for the device, like those of a sign-in on it. */
static void test_customer_sign_in__a_text_code_on_a_known_device_brings_no_new_guesses(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    for (int i = 0; i < 5; i++) {
        struct session_opened thief = reset_session(&phone, device_of(&phone));
        assert_err(i < 4 ? ERR_PASSCODE_WRONG : ERR_SIGN_IN_LOCKED,
                   guess_passcode(&thief, "111222"));
    }
    assert_err(ERR_SIGN_IN_LOCKED, sign_in(&phone, "283915").verdict.refusal);
    assert_err(ERR_OK, guess_passcode(&opened, "283915")); /* whose session gave the pass code */
}

/* A text code lifts no lock of an existing pass code: neither the strangers' nor the holder's. */
static void test_customer_sign_in__a_text_code_takes_no_lock_off(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    clock_manual_advance(&bank.clock, 61 * SECOND);
    int64_t code_id = send_code(&phone, CODE_SIGN_IN, code);
    for (int i = 0; i < 4; i++) {
        (void)sign_in_on(&phone, "000000", NULL, 0, NULL);
        (void)sign_in_on(&phone, "000000", NULL, code_id, code);
    }
    struct session_opened thief = reset_session(&phone, NULL);
    assert_err(ERR_SIGN_IN_LOCKED, sign_in_on(&phone, "000000", NULL, 0, NULL).verdict.refusal);
    assert_err(ERR_SIGN_IN_LOCKED, guess_passcode(&thief, "000000"));
    thief = reset_session(&phone, NULL);
    assert_err(ERR_OK,
               set_passcode(thief.token, "905172", NULL).refusal); /* the guessed one is gone */
    assert_err(ERR_CODE_NEEDED, sign_in_on(&phone, "905172", NULL, 0, NULL).verdict.refusal);
    assert_err(ERR_OK, guess_passcode(&thief, "905172"));
}

static void step_up(const struct session_opened *opened, const char *passcode)
{
    struct step s = {.session = opened->session};
    assert_ok(passcode_prove(room, bank.engine, opened->customer, passcode, &s.proof));
    assert_ok(engine_run(bank.engine, do_step_up, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    session_forget_customer(room, opened->customer);
}

static enum err do_show_face(struct uow *uow, void *context)
{
    return session_face_confirm(uow, ((struct step *)context)->session, uow->now_us + 600 * SECOND);
}

static void show_face(const struct session_opened *opened)
{
    struct step s = {.session = opened->session};
    assert_ok(engine_run(bank.engine, do_show_face, &s));
    session_forget_customer(room, opened->customer);
}

/* An attacker with the SIM alone: whatever the text code creates counts only as the text code. */
static void test_customer_factors__a_text_code_makes_no_more_than_itself(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    static const char THIEFS[] = "thiefs-device-0123456789";
    struct customer_phone phone = new_phone();
    struct session_opened owner = sign_up(&phone);
    assert_err(ERR_OK, set_passcode(owner.token, "283915", NULL).refusal);
    assert_false(check(owner.token).is_limited);
    struct session_opened thief = reset_session(&phone, THIEFS);
    struct principal who = check(thief.token);
    assert_true(thief.is_limited && who.is_limited && who.basis == FACTOR_SMS);
    assert_err(ERR_OK, set_passcode(thief.token, "905172", NULL).refusal);
    step_up(&thief, "905172");
    who = check(thief.token);
    assert_true(who.is_limited && who.step_up_until > now());
    assert_false(principal_is_stepped_up(&who, now()));
    assert_true(principal_passcode_is_derived(&who));
    /* Changed again with the "old" one, signed in again with pass code and text code: still that code. */
    assert_err(ERR_OK, set_passcode(thief.token, "604938", "905172").refusal);
    assert_true(principal_passcode_is_derived(&who));
    clock_manual_advance(&bank.clock, 3601 * SECOND);
    struct step s = {.phone = phone, .device_key = THIEFS, .text = code};
    s.number = send_code(&phone, CODE_SIGN_IN, code);
    assert_ok(sign_in_prove(room, bank.engine, &phone, "604938", &s.proof));
    assert_ok(engine_run(bank.engine, do_by_passcode, &s));
    assert_err(ERR_OK, s.opened.verdict.refusal);
    assert_true(s.opened.is_limited && check(s.opened.token).is_limited);
    /* And the thief's device never counts as used before. */
    s.text = NULL;
    assert_ok(engine_run(bank.engine, do_by_passcode, &s));
    assert_err(ERR_CODE_NEEDED, s.opened.verdict.refusal);
}

/* The owner returns: code, then the face, then a new pass code; or the pass code first. */
static void test_customer_factors__a_face_vouches_for_a_new_pass_code(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct session_opened first = sign_up(&phone);
    assert_err(ERR_OK, set_passcode(first.token, "283915", NULL).refusal);
    for (int face_first = 0; face_first <= 1; face_first++) {
        struct session_opened back = reset_session(&phone, "a-new-device-of-the-owner");
        assert_true(check(back.token).is_limited);
        if (face_first) {
            show_face(&back);
            assert_false(check(back.token).is_limited);
        }
        assert_err(ERR_OK,
                   set_passcode(back.token, face_first ? "604938" : "905172", NULL).refusal);
        if (!face_first) {
            show_face(&back);
        }
        step_up(&back, face_first ? "604938" : "905172");
        struct principal who = check(back.token);
        assert_false(who.is_limited || principal_passcode_is_derived(&who));
        assert_true(principal_is_stepped_up(&who, now()));
    }
}

/* A face shown in one session does not confirm a pass code set in another. */
static void test_customer_factors__a_face_vouches_for_its_own_session(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct session_opened first = sign_up(&phone);
    assert_err(ERR_OK, set_passcode(first.token, "283915", NULL).refusal);
    struct session_opened owner = reset_session(&phone, NULL);
    struct session_opened thief = reset_session(&phone, NULL);
    assert_err(ERR_OK, set_passcode(thief.token, "905172", NULL).refusal); /* ends the owner's */
    owner = reset_session(&phone, NULL);
    show_face(&owner);
    assert_false(check(owner.token).is_limited);
    step_up(&thief, "905172");
    struct principal who = check(thief.token);
    assert_true(who.is_limited && principal_passcode_is_derived(&who));
    assert_err(ERR_OK, set_passcode(owner.token, "604938", NULL).refusal);
    assert_err(ERR_NOT_SIGNED_IN, session_check(room, bank.engine, thief.token, now(), &who));
    who = check(owner.token);
    assert_false(principal_passcode_is_derived(&who));
}

/* --- Sessions -------------------------------------------------------------------------------------- */

static void test_customer_session__refuses_every_other_token(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    struct principal who;
    char token[TOKEN_SIZE];
    for (int round = 0; round < 2; round++) { /* against the database, then against the cache */
        for (size_t i = 0; i < strlen(opened.token); i++) {
            memcpy(token, opened.token, sizeof(token));
            token[i] = token[i] == 'A' ? 'B' : 'A';
            assert_err(ERR_NOT_SIGNED_IN, session_check(room, bank.engine, token, now(), &who));
        }
        assert_int_equal(check(opened.token).customer.value, opened.customer.value);
    }
    assert_err(ERR_NOT_SIGNED_IN, session_check(room, bank.engine, "", now(), &who));
    assert_err(ERR_NOT_SIGNED_IN, session_check(room, bank.engine, "%%%", now(), &who));
}

static void test_customer_session__ends_idle_absolute_or_revoked(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct session_opened first = sign_up(&phone);
    struct principal who;
    assert_err(ERR_OK,
               session_check(room, bank.engine, first.token, now() + 30 * DAY_US - 1, &who));
    assert_err(ERR_NOT_SIGNED_IN,
               session_check(room, bank.engine, first.token, now() + 30 * DAY_US, &who));
    /* Touched every day it still ends after 90. */
    struct step s = {.session = first.session};
    for (int day = 0; day < 89; day++) {
        clock_manual_advance(&bank.clock, DAY_US);
        assert_true(check(first.token).touch_due);
        assert_ok(engine_run(bank.engine, do_touch, &s));
        session_forget(room, first.session);
        assert_false(check(first.token).touch_due);
    }
    clock_manual_advance(&bank.clock, DAY_US);
    assert_err(ERR_NOT_SIGNED_IN, session_check(room, bank.engine, first.token, now(), &who));
    /* Revoked: at once if the cache is informed; a direct change of the database is not noticed. */
    struct customer_phone other_phone = new_phone();
    struct session_opened second = sign_up(&other_phone);
    (void)check(second.token);
    s = (struct step){.customer = first.customer, .session = second.session};
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, do_revoke, &s));
    s.customer = second.customer;
    assert_ok(engine_run(bank.engine, do_revoke, &s));
    session_forget(room, second.session);
    assert_err(ERR_NOT_SIGNED_IN, session_check(room, bank.engine, second.token, now(), &who));
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, do_revoke, &s));
}

static void test_customer_session__steps_up_for_five_minutes(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    struct step s = {.session = opened.session};
    assert_ok(passcode_prove(room, bank.engine, opened.customer, "111222", &s.proof));
    assert_ok(engine_run(bank.engine, do_step_up, &s));
    assert_err(ERR_PASSCODE_WRONG, s.verdict.refusal);
    assert_int_equal(s.verdict.tries_left, 4);
    assert_ok(passcode_prove(room, bank.engine, opened.customer, "283915", &s.proof));
    assert_ok(engine_run(bank.engine, do_step_up, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    session_forget(room, opened.session);
    struct principal who = check(opened.token);
    assert_true(principal_is_stepped_up(&who, now() + 299 * SECOND));
    assert_false(principal_is_stepped_up(&who, now() + 300 * SECOND));
}

static bool count_session(const struct session *session, void *context)
{
    (void)session;
    (*(int *)context)++;
    return true;
}

/* ASVS 3.3.2: half an hour unused, twelve hours in use. EVIDENCE: a session asks for a proof anew. */
static void test_customer_session__rests_until_a_proof(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    clock_manual_advance(&bank.clock, 1800 * SECOND);
    assert_false(check(opened.token).is_resting); /* no pass code yet: nothing to show */
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    struct principal who = check(opened.token);
    assert_true(who.is_resting && who.is_limited && !who.touch_due);
    step_up(&opened, "283915");
    assert_false(check(opened.token).is_resting);
    clock_manual_advance(&bank.clock, 1799 * SECOND);
    who = check(opened.token);
    assert_true(!who.is_resting && who.touch_due);
    struct step s = {.session = opened.session};
    for (int i = 0; i < 23; i++) { /* in use all the time */
        assert_ok(engine_run(bank.engine, do_touch, &s));
        session_forget_customer(room, opened.customer);
        assert_false(check(opened.token).is_resting);
        clock_manual_advance(&bank.clock, 1799 * SECOND);
    }
    assert_ok(engine_run(bank.engine, do_touch, &s));
    session_forget_customer(room, opened.customer);
    assert_false(check(opened.token).is_resting);
    clock_manual_advance(&bank.clock, 25 * SECOND);
    assert_true(check(opened.token).is_resting);
    show_face(&opened);
    assert_false(check(opened.token).is_resting);
}

static void test_customer_session__the_oldest_of_too_many_ends(void **state)
{
    (void)state;
    struct principal who;
    struct customer_phone phone = new_phone();
    struct session_opened first = sign_up(&phone);
    assert_err(ERR_OK, set_passcode(first.token, "283915", NULL).refusal);
    for (int i = 0; i < SESSIONS_MAX; i++) {
        clock_manual_advance(&bank.clock, SECOND); /* ids of two workers order by time only */
        assert_err(ERR_OK, sign_in(&phone, "283915").verdict.refusal);
    }
    session_forget_customer(room, first.customer);
    assert_err(ERR_NOT_SIGNED_IN, session_check(room, bank.engine, first.token, now(), &who));
    struct db_conn *conn = NULL;
    int count = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(session_each(room, conn, first.customer, now(), count_session, &count));
    engine_read_end(bank.engine, conn);
    assert_int_equal(count, SESSIONS_MAX);
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_customer_code__is_limited_per_phone, fresh),
        cmocka_unit_test_setup(test_customer_code__counts_wrong_ones, fresh),
        cmocka_unit_test_setup(test_customer_code__opens_only_its_own_door, fresh),
        cmocka_unit_test_setup(test_customer_sign_up__makes_one_customer_per_phone, fresh),
        cmocka_unit_test_setup(test_customer_sign_in__locks_known_and_unknown_alike, fresh),
        cmocka_unit_test_setup(test_customer_sign_in__a_code_unlocks, fresh),
        cmocka_unit_test_setup(test_customer_sign_in__a_proof_dies_with_its_pass_code, fresh),
        cmocka_unit_test_setup(test_customer_passcode__needs_the_old_one_or_a_reset, fresh),
        cmocka_unit_test_setup(test_customer_factors__a_text_code_makes_no_more_than_itself, fresh),
        cmocka_unit_test_setup(test_customer_factors__a_face_vouches_for_a_new_pass_code, fresh),
        cmocka_unit_test_setup(test_customer_factors__a_face_vouches_for_its_own_session, fresh),
        cmocka_unit_test_setup(test_customer_sign_in__strangers_lock_only_strangers, fresh),
        cmocka_unit_test_setup(test_customer_sign_in__each_is_locked_apart, fresh),
        cmocka_unit_test_setup(test_customer_sign_in__a_new_text_code_brings_no_new_guesses, fresh),
        cmocka_unit_test_setup(
            test_customer_sign_in__a_text_code_on_a_known_device_brings_no_new_guesses, fresh),
        cmocka_unit_test_setup(test_customer_sign_in__a_text_code_takes_no_lock_off, fresh),
        cmocka_unit_test_setup(test_customer_code__strangers_use_up_their_own, fresh),
        cmocka_unit_test_setup(test_customer_session__refuses_every_other_token, fresh),
        cmocka_unit_test_setup(test_customer_session__ends_idle_absolute_or_revoked, fresh),
        cmocka_unit_test_setup(test_customer_session__steps_up_for_five_minutes, fresh),
        cmocka_unit_test_setup(test_customer_session__rests_until_a_proof, fresh),
        cmocka_unit_test_setup(test_customer_session__the_oldest_of_too_many_ends, fresh),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       suite_open, suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
