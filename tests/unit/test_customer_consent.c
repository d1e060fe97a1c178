/* Consents: a customer's decisions on each purpose, and the effects of a withdrawal. */
#include "unit/customer_fixture.h"

static enum err say(struct customer_id id, const char *purpose, const char *version, bool granted)
{
    struct step s = {.customer = id, .text = purpose, .text2 = version, .flag = granted};
    return engine_run(bank.engine, do_consent, &s);
}

struct words {
    struct consent list[16];
    size_t count;
};

static bool collect(const struct consent *consent, void *context)
{
    struct words *words = context;
    assert_true(words->count < 16);
    words->list[words->count++] = *consent;
    return true;
}

static struct words words_of(struct customer_id id, bool all)
{
    struct db_conn *conn = NULL;
    struct words words = {.count = 0};
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(consent_each(conn, id, all, collect, &words));
    engine_read_end(bank.engine, conn);
    return words;
}

static int64_t withdrawn_at(struct customer_id id, const char *purpose)
{
    struct db_conn *conn = NULL;
    int64_t at = -1;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(consent_withdrawn_at(conn, id, purpose, &at));
    engine_read_end(bank.engine, conn);
    return at;
}

/* EVIDENCE: REQ-KYC-06 */
static void test_customer_consent__every_word_is_kept(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct customer_id id = sign_up(&phone).customer;
    assert_int_equal(0, words_of(id, true).count);
    assert_int_equal(0, withdrawn_at(id, "marketing"));
    for (int i = 0; i < 3; i++) {
        clock_manual_advance(&bank.clock, SECOND);
        assert_ok(say(id, "marketing", "1", i % 2 == 0));
    }
    int64_t refused_at = now() - SECOND;
    struct words newest = words_of(id, false);
    struct words all = words_of(id, true);
    assert_int_equal(1, newest.count);
    assert_true(newest.list[0].granted);
    assert_int_equal(3, all.count);
    assert_false(all.list[1].granted);
    assert_int_equal(refused_at, all.list[1].at);
    assert_int_equal(refused_at, withdrawn_at(id, "marketing"));
    assert_int_equal(0, withdrawn_at(id, "location"));
}

static void test_customer_consent__refusals(void **state)
{
    (void)state;
    static const struct {
        const char *purpose, *version;
        bool granted;
        enum err wanted;
    } rows[] = {
        {"biometrics", "1", true, ERR_OK},
        {"biometrics", "1", false, ERR_OK},
        {"location", "2", true, ERR_CONSENT_UNKNOWN},
        {"nothing", "1", true, ERR_CONSENT_UNKNOWN},
        {"terms", "1", true, ERR_OK},
        {"terms", "1", false, ERR_CONSENT_REQUIRED},
        {"privacy", "1", false, ERR_CONSENT_REQUIRED},
        {"identityCheck", "1", false, ERR_CONSENT_REQUIRED},
    };
    struct customer_phone phone = new_phone();
    struct customer_id id = sign_up(&phone).customer;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_err(rows[i].wanted, say(id, rows[i].purpose, rows[i].version, rows[i].granted));
    }
}

static enum err do_face(struct uow *uow, void *context)
{
    const struct session_opened *opened = context;
    enum err err = customer_set_layer(uow, opened->customer, LAYER_FACE, LAYER_PASSED);
    return err ? err : session_face_confirm(uow, opened->session, uow->now_us + SECOND);
}

static enum err do_face_forget(struct uow *uow, void *context)
{
    return session_face_forget(uow, *(struct customer_id *)context);
}

#define WEEK (INT64_C(7) * 24 * 3600 * SECOND)

static struct step_up_signals signals_of(const struct principal *who)
{
    struct db_conn *conn = NULL;
    struct step_up_signals signals;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(step_up_signals_load(conn, who, now(), &signals));
    engine_read_end(bank.engine, conn);
    return signals;
}

static void assert_face(const struct principal *who, bool guards, bool is_withdrawn)
{
    struct step_up_signals signals = signals_of(who);
    assert_int_equal(guards, signals.has_face);
    assert_int_equal(is_withdrawn, signals.face_is_withdrawn);
}

/* A withdrawn face protects for a week: the person who withdrew it may not be its owner. Afterwards no
 * step-up needs it until it is shown again. */
static void test_customer_consent__withdrawn_face_guards_for_a_week(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up(&phone);
    struct principal who = check(opened.token);
    assert_face(&who, false, false); /* there never was one */
    assert_ok(say(opened.customer, "biometrics", "1", false));
    assert_face(&who, false, false);
    assert_ok(say(opened.customer, "biometrics", "1", true));
    clock_manual_advance(&bank.clock, SECOND);
    assert_ok(engine_run(bank.engine, do_face, &opened));
    session_forget_customer(room, opened.customer);
    who = check(opened.token);
    assert_true(who.face_until > 0);
    assert_face(&who, true, false);
    clock_manual_advance(&bank.clock, SECOND / 2);
    assert_ok(say(opened.customer, "biometrics", "1", false));
    assert_ok(engine_run(bank.engine, do_face_forget, &opened.customer));
    session_forget_customer(room, opened.customer);
    who = check(opened.token);
    assert_int_equal(0, who.face_until);
    assert_face(&who, true, true);
    assert_ok(say(opened.customer, "biometrics", "1", true)); /* the face itself is still gone */
    assert_face(&who, true, true);
    clock_manual_advance(&bank.clock, WEEK - SECOND);
    assert_face(&who, true, true);
    clock_manual_advance(&bank.clock, SECOND);
    assert_face(&who, false, false);
    assert_ok(engine_run(bank.engine, do_face, &opened));
    assert_face(&who, true, false);
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_customer_consent__every_word_is_kept, fresh),
        cmocka_unit_test_setup(test_customer_consent__refusals, fresh),
        cmocka_unit_test_setup(test_customer_consent__withdrawn_face_guards_for_a_week, fresh),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       suite_open, suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
