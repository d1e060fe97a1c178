/* Time codes: each once, few wrong ones, sealed; both engines. EVIDENCE: REQ-KYC-03 */
#include "unit/customer_fixture.h"

#include <liboath/oath.h>

struct totp_step {
    struct customer_id customer;
    struct session_id session;
    struct totp_begun begun;
    const char *code;
    struct verdict verdict;
    int64_t until;
};
static enum err do_begin(struct uow *uow, void *context)
{
    struct totp_step *s = context;
    return totp_begin(room, uow, s->customer, &s->begun);
}
static enum err do_confirm(struct uow *uow, void *context)
{
    struct totp_step *s = context;
    return totp_confirm(room, uow, s->customer, s->code, &s->verdict);
}
static enum err do_assert(struct uow *uow, void *context)
{
    struct totp_step *s = context;
    return totp_assert(room, uow, s->customer, s->session, s->code, &s->verdict, &s->until);
}
static enum err do_remove(struct uow *uow, void *context)
{
    return totp_remove(uow, ((struct totp_step *)context)->customer);
}

static void code_at(const char *base32, int64_t at_us, char out[CODE_TEXT_SIZE])
{
    char *secret = NULL;
    size_t size = 0;
    assert_int_equal(oath_base32_decode(base32, strlen(base32), &secret, &size), OATH_OK);
    assert_int_equal(size, 20);
    assert_int_equal(oath_totp_generate(secret, size, (time_t)(at_us / SECOND), 30, 0, 6, out),
                     OATH_OK);
    free(secret);
}

static enum totp_state state_of(struct customer_id customer)
{
    struct db_conn *conn = NULL;
    enum totp_state totp;
    int64_t since = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(totp_load(conn, customer, &totp, &since));
    engine_read_end(bank.engine, conn);
    assert_true((totp == TOTP_NONE) == (since == 0));
    return totp;
}

/* A customer with active time codes; the code of now is used. */
static struct totp_step with_totp(void)
{
    static char code[CODE_TEXT_SIZE];
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    struct totp_step s = {.customer = opened.customer, .session = opened.session, .code = code};
    assert_ok(engine_run(bank.engine, do_begin, &s));
    code_at(s.begun.secret, now(), code);
    assert_ok(engine_run(bank.engine, do_confirm, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    return s;
}

static void test_customer_totp__is_active_after_its_first_code(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    struct totp_step s = {.customer = opened.customer, .session = opened.session, .code = code};
    assert_int_equal(state_of(s.customer), TOTP_NONE);
    snprintf(code, sizeof(code), "123456");
    assert_err(ERR_TOTP_STATE, engine_run(bank.engine, do_confirm, &s));
    assert_ok(engine_run(bank.engine, do_begin, &s));
    assert_int_equal(strlen(s.begun.secret), 32);
    assert_non_null(strstr(s.begun.uri, s.begun.secret));
    assert_null(strstr(s.begun.uri, phone.text + 3));
    /* The label names the account: two of one household are distinct in an authenticator. */
    char masked[PHONE_TEXT_SIZE], label[64];
    phone_mask(phone.text, masked);
    snprintf(label, sizeof(label), "otpauth://totp/Sycee:%s?", masked + 3);
    assert_memory_equal(s.begun.uri, label, strlen(label));
    char first[TOTP_SECRET_SIZE];
    memcpy(first, s.begun.secret, sizeof(first));
    assert_ok(engine_run(bank.engine, do_begin, &s)); /* begun anew: another secret */
    assert_string_not_equal(first, s.begun.secret);
    assert_int_equal(state_of(s.customer), TOTP_PENDING);
    code_at(first, now(), code);
    assert_ok(engine_run(bank.engine, do_confirm, &s));
    assert_err(ERR_TOTP_WRONG, s.verdict.refusal);
    assert_int_equal(s.verdict.tries_left, 4);
    code_at(s.begun.secret, now(), code);
    assert_err(ERR_TOTP_STATE, engine_run(bank.engine, do_assert, &s)); /* not active yet */
    assert_ok(engine_run(bank.engine, do_confirm, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    assert_int_equal(state_of(s.customer), TOTP_ACTIVE);
    assert_err(ERR_TOTP_STATE, engine_run(bank.engine, do_begin, &s));
    assert_ok(engine_run(bank.engine, do_remove, &s));
    assert_int_equal(state_of(s.customer), TOTP_NONE);
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, do_remove, &s));
}

static void test_customer_totp__each_code_counts_once(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct totp_step s = with_totp();
    assert_ok(engine_run(bank.engine, do_assert, &s)); /* the confirming one again */
    assert_err(ERR_TOTP_WRONG, s.verdict.refusal);
    s.code = code;
    clock_manual_advance(&bank.clock, 60 * SECOND);
    code_at(s.begun.secret, now() - 30 * SECOND, code); /* a clock that is behind */
    assert_ok(engine_run(bank.engine, do_assert, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    assert_int_equal(s.until, now() + 300 * SECOND);
    assert_ok(engine_run(bank.engine, do_assert, &s));
    assert_err(ERR_TOTP_WRONG, s.verdict.refusal);
    code_at(s.begun.secret, now() + 30 * SECOND, code); /* ahead */
    assert_ok(engine_run(bank.engine, do_assert, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    code_at(s.begun.secret, now(), code); /* older than the last one taken */
    assert_ok(engine_run(bank.engine, do_assert, &s));
    assert_err(ERR_TOTP_WRONG, s.verdict.refusal);
    code_at(s.begun.secret, now() + 60 * SECOND, code); /* too far ahead */
    assert_ok(engine_run(bank.engine, do_assert, &s));
    assert_err(ERR_TOTP_WRONG, s.verdict.refusal);
}

/* An hour back: the codes of the customer's phone continue, the bank's clock does not. */
static void test_customer_totp__outlives_a_clock_that_steps_back(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct totp_step s = with_totp();
    int64_t taken_at = now();
    clock_manual_advance(&bank.clock, -3600 * SECOND);
    s.code = code;
    code_at(s.begun.secret, taken_at + 30 * SECOND, code);
    assert_ok(engine_run(bank.engine, do_assert, &s));
    assert_err(ERR_OK, s.verdict.refusal);
    code_at(s.begun.secret, taken_at + 30 * SECOND, code); /* but once */
    for (int i = 0; i < 6; i++) {                          /* never counted: nobody is locked out */
        assert_err(ERR_TOTP_CLOCK, engine_run(bank.engine, do_assert, &s));
    }
    code_at(s.begun.secret, now(), code); /* older than the last one taken: may be a repeat */
    assert_err(ERR_TOTP_CLOCK, engine_run(bank.engine, do_assert, &s));
    clock_manual_advance(&bank.clock, 3600 * SECOND + 60 * SECOND);
    code_at(s.begun.secret, now(), code);
    assert_ok(engine_run(bank.engine, do_assert, &s));
    assert_err(ERR_OK, s.verdict.refusal);
}

static void test_customer_totp__locks_after_five(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct totp_step s = with_totp();
    for (int i = 0; i < 5; i++) {
        s.code = "12345"; /* never a code */
        assert_ok(engine_run(bank.engine, do_assert, &s));
        assert_err(i < 4 ? ERR_TOTP_WRONG : ERR_TOTP_LOCKED, s.verdict.refusal);
        assert_int_equal(s.verdict.tries_left, 4 - i);
    }
    s.code = code;
    clock_manual_advance(&bank.clock, 899 * SECOND);
    code_at(s.begun.secret, now(), code);
    assert_ok(engine_run(bank.engine, do_assert, &s));
    assert_err(ERR_TOTP_LOCKED, s.verdict.refusal);
    assert_int_equal(s.verdict.retry_at, now() + SECOND);
    clock_manual_advance(&bank.clock, SECOND);
    code_at(s.begun.secret, now(), code);
    assert_ok(engine_run(bank.engine, do_assert, &s));
    assert_err(ERR_OK, s.verdict.refusal);
}

static void test_customer_totp__proves_its_session(void **state)
{
    (void)state;
    char code[CODE_TEXT_SIZE];
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    struct totp_step s = {.customer = opened.customer, .session = opened.session, .code = code};
    assert_int_equal(check(opened.token).totp_until, 0);
    assert_ok(engine_run(bank.engine, do_begin, &s));
    code_at(s.begun.secret, now(), code);
    assert_ok(engine_run(bank.engine, do_confirm, &s));
    clock_manual_advance(&bank.clock, 30 * SECOND);
    code_at(s.begun.secret, now(), code);
    assert_ok(engine_run(bank.engine, do_assert, &s));
    session_forget_customer(room, opened.customer);
    struct principal who = check(opened.token);
    assert_int_equal(who.totp_until, s.until);
    struct step_up_signals signals;
    struct db_conn *conn = NULL;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(step_up_signals_load(conn, &who, now(), &signals));
    engine_read_end(bank.engine, conn);
    assert_true(signals.has_totp);
    struct step_up_missing missing =
        step_up_missing(&who, step_up_needs_of(ACTION_EXPORT_ALL, &signals), now());
    assert_int_equal(missing.factors, FACTOR_PASSCODE);
    assert_int_equal(missing.any, 0);
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_customer_totp__is_active_after_its_first_code, fresh),
        cmocka_unit_test_setup(test_customer_totp__each_code_counts_once, fresh),
        cmocka_unit_test_setup(test_customer_totp__outlives_a_clock_that_steps_back, fresh),
        cmocka_unit_test_setup(test_customer_totp__locks_after_five, fresh),
        cmocka_unit_test_setup(test_customer_totp__proves_its_session, fresh),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       suite_open, suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
