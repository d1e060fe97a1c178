/* Devices, the requirements of a new one, the number of customers started on one; both engines.
 * EVIDENCE: REQ-KYC-03 */
#include "unit/customer_fixture.h"

#define KEY_A "AAAAAAAAAAAAAAAAAAAAAA_a"
#define KEY_B "BBBBBBBBBBBBBBBBBBBBBB-b"

/* Keys of a test's own: the database is shared by all tests of a program. */
static const char *own_key(const char *text)
{
    static char keys[8][40];
    static int next;
    char *key = keys[next++ % 8];
    snprintf(key, sizeof(keys[0]), "%s%06d", text, next);
    return key;
}

static struct session_opened sign_up_on(const struct customer_phone *phone, const char *key)
{
    char code[CODE_TEXT_SIZE];
    struct step s = {.sign_up = {.phone = *phone, .device_name = "手机", .device_key = key}};
    s.sign_up.phone_code_id = send_code(phone, CODE_SIGN_UP, code);
    s.sign_up.code = code;
    assert_ok(engine_run(bank.engine, do_sign_up, &s));
    return s.opened;
}

static struct session_opened sign_in_on(const struct customer_phone *phone, const char *passcode,
                                        const char *key, int64_t code_id, const char *code)
{
    struct step s = {.phone = *phone, .device_key = key, .number = code_id, .text = code};
    assert_ok(sign_in_prove(room, bank.engine, phone, passcode, &s.proof));
    assert_ok(engine_run(bank.engine, do_by_passcode, &s));
    return s.opened;
}

struct devices {
    struct device rows[8];
    int count;
};
static bool take_device(const struct device *device, void *context)
{
    struct devices *devices = context;
    devices->rows[devices->count++] = *device;
    return devices->count < 8;
}
static struct devices list(struct customer_id customer)
{
    struct db_conn *conn = NULL;
    struct devices devices = {.count = 0};
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(device_each(conn, customer, take_device, &devices));
    engine_read_end(bank.engine, conn);
    return devices;
}

static enum err do_remove(struct uow *uow, void *context)
{
    struct step *s = context;
    return device_remove(uow, s->customer, (struct device_id){s->number});
}
static enum err do_everywhere(struct uow *uow, void *context)
{
    struct step *s = context;
    return session_end_everywhere(uow, s->customer, s->session);
}

struct events {
    enum security_event rows[32];
    int count;
};
static bool take_event(const struct security_event_row *row, void *context)
{
    struct events *events = context;
    events->rows[events->count++] = row->event;
    return events->count < 32;
}
static int count_events(struct customer_id customer, enum security_event event)
{
    struct db_conn *conn = NULL;
    struct events events = {.count = 0};
    int count = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(security_event_each(conn, customer, 0, 32, take_event, &events));
    engine_read_end(bank.engine, conn);
    for (int i = 0; i < events.count; i++) {
        count += events.rows[i] == event ? 1 : 0;
    }
    return count;
}

static void test_customer_device__keys_have_a_shape(void **state)
{
    (void)state;
    assert_true(device_key_is_valid("0123456789abcdefghijkl"));
    assert_true(
        device_key_is_valid("0123456789abcdefghijkl0123456789abcdefghijkl0123456789abcdefghij"));
    assert_false(device_key_is_valid("0123456789abcdefghijk"));
    assert_false(
        device_key_is_valid("0123456789abcdefghijkl0123456789abcdefghijkl0123456789abcdefghijk"));
    assert_false(device_key_is_valid("0123456789abcdefghijk+"));
    assert_false(device_key_is_valid("0123456789abcdefghijk "));
}

static void test_customer_device__a_new_one_asks_for_both(void **state)
{
    (void)state;
    const char *known = own_key(KEY_A), *other = own_key(KEY_B);
    char code[CODE_TEXT_SIZE];
    struct customer_phone phone = new_phone();
    struct session_opened first = sign_up_on(&phone, known);
    assert_err(ERR_OK, first.verdict.refusal);
    assert_true(first.device.value != 0 && first.is_new_device);
    assert_err(ERR_OK, set_passcode(first.token, "283915", NULL).refusal);
    struct session_opened again = sign_in_on(&phone, "283915", known, 0, NULL);
    assert_err(ERR_OK, again.verdict.refusal);
    assert_false(again.is_new_device);
    assert_int_equal(again.device.value, first.device.value);
    /* The pass code alone, right or wrong, on a device never used. */
    assert_err(ERR_SIGN_IN_FAILED, sign_in_on(&phone, "111112", other, 0, NULL).verdict.refusal);
    assert_err(ERR_CODE_NEEDED, sign_in_on(&phone, "283915", other, 0, NULL).verdict.refusal);
    /* The code alone: stays good. */
    clock_manual_advance(&bank.clock, 61 * SECOND);
    int64_t code_id = send_code(&phone, CODE_SIGN_IN, code);
    struct step s = {.by_code = {.phone = phone,
                                 .phone_code_id = code_id,
                                 .code = code,
                                 .device_name = "test",
                                 .device_key = other}};
    assert_err(ERR_PASSCODE_NEEDED, engine_run(bank.engine, do_by_code, &s));
    struct session_opened both = sign_in_on(&phone, "283915", other, code_id, code);
    assert_err(ERR_OK, both.verdict.refusal);
    assert_true(both.is_new_device);
    assert_err(ERR_CODE_EXPIRED,
               sign_in_on(&phone, "283915", other, code_id, code).verdict.refusal);
    assert_err(ERR_OK, sign_in_on(&phone, "283915", other, 0, NULL).verdict.refusal);
    assert_int_equal(count_events(first.customer, EVENT_NEW_DEVICE), 1);
    assert_int_equal(count_events(first.customer, EVENT_SIGN_IN_FAILED), 1);
    /* Without a key the device is new each time (ASVS 1.2.4): a client cannot weaken its check by
     * omitting it. */
    assert_err(ERR_CODE_NEEDED, sign_in_on(&phone, "283915", NULL, 0, NULL).verdict.refusal);
    assert_int_equal(list(first.customer).count, 2);
}

/* Before the first pass code a text code alone signs in. Such a session elsewhere ends once the pass
 * code is set, and its device counts as new. */
static void test_customer_device__of_a_text_code_alone_is_not_kept(void **state)
{
    (void)state;
    const char *own = own_key(KEY_A), *thiefs = own_key(KEY_B);
    char code[CODE_TEXT_SIZE];
    struct principal who;
    struct customer_phone phone = new_phone();
    struct session_opened owner = sign_up_on(&phone, own);
    clock_manual_advance(&bank.clock, 61 * SECOND);
    struct step s = {.by_code = {.phone = phone, .device_name = "thief", .device_key = thiefs}};
    s.by_code.phone_code_id = send_code(&phone, CODE_SIGN_IN, code);
    s.by_code.code = code;
    assert_ok(engine_run(bank.engine, do_by_code, &s));
    struct session_opened thief = s.opened;
    assert_err(ERR_OK, thief.verdict.refusal);
    assert_int_equal(check(thief.token).device.value, thief.device.value);
    assert_err(ERR_OK, set_passcode(owner.token, "283915", NULL).refusal);
    (void)check(owner.token);
    assert_err(ERR_NOT_SIGNED_IN, session_check(room, bank.engine, thief.token, now(), &who));
    assert_err(ERR_CODE_NEEDED, sign_in_on(&phone, "283915", thiefs, 0, NULL).verdict.refusal);
    assert_err(ERR_OK, sign_in_on(&phone, "283915", own, 0, NULL).verdict.refusal);
    /* With pass code and text code it becomes an ordinary device. */
    clock_manual_advance(&bank.clock, 61 * SECOND);
    int64_t code_id = send_code(&phone, CODE_SIGN_IN, code);
    struct session_opened both = sign_in_on(&phone, "283915", thiefs, code_id, code);
    assert_err(ERR_OK, both.verdict.refusal);
    who = check(both.token);
    assert_int_equal(who.device_trusted_at, now() + DAY_US);
}

static void test_customer_device__is_trusted_after_a_day(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up_on(&phone, own_key(KEY_A));
    struct principal who = check(opened.token);
    struct step_up_signals signals;
    struct db_conn *conn = NULL;
    assert_int_equal(who.device.value, opened.device.value);
    assert_int_equal(who.device_trusted_at, now() + DAY_US);
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(step_up_signals_load(conn, &who, now(), &signals));
    assert_true(signals.device_is_new && !signals.device_is_unknown);
    assert_ok(step_up_signals_load(conn, &who, now() + DAY_US, &signals));
    assert_false(signals.device_is_new);
    who.device.value = 0;
    assert_ok(step_up_signals_load(conn, &who, now(), &signals));
    assert_true(!signals.device_is_new && signals.device_is_unknown);
    assert_false(signals.has_face || signals.has_passkey || signals.has_totp);
    engine_read_end(bank.engine, conn);
}

static void test_customer_device__removed_is_new_again(void **state)
{
    (void)state;
    const char *key = own_key(KEY_A);
    char code[CODE_TEXT_SIZE];
    struct principal who;
    struct customer_phone phone = new_phone();
    struct session_opened opened = sign_up_on(&phone, key);
    assert_err(ERR_OK, set_passcode(opened.token, "283915", NULL).refusal);
    clock_manual_advance(&bank.clock, 61 * SECOND);
    int64_t unnamed_id = send_code(&phone, CODE_SIGN_IN, code);
    struct session_opened unnamed = sign_in_on(&phone, "283915", NULL, unnamed_id, code);
    assert_true(unnamed.is_new_device && unnamed.device.value == 0 && !unnamed.is_limited);
    struct step s = {.customer = opened.customer, .number = opened.device.value};
    struct customer_phone other_phone = new_phone();
    struct step stranger = {.customer = sign_up_on(&other_phone, own_key(KEY_B)).customer,
                            .number = opened.device.value};
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, do_remove, &stranger));
    assert_ok(engine_run(bank.engine, do_remove, &s));
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, do_remove, &s));
    session_forget_customer(room, opened.customer);
    assert_err(ERR_NOT_SIGNED_IN, session_check(room, bank.engine, opened.token, now(), &who));
    (void)check(unnamed.token); /* another device's session stays */
    assert_int_equal(list(opened.customer).count, 0);
    assert_err(ERR_CODE_NEEDED, sign_in_on(&phone, "283915", key, 0, NULL).verdict.refusal);
    clock_manual_advance(&bank.clock, 61 * SECOND);
    int64_t code_id = send_code(&phone, CODE_SIGN_IN, code);
    struct session_opened back = sign_in_on(&phone, "283915", key, code_id, code);
    assert_err(ERR_OK, back.verdict.refusal);
    assert_true(back.is_new_device);
    struct devices devices = list(opened.customer);
    assert_int_equal(devices.count, 1);
    assert_int_equal(devices.rows[0].first_seen_at, now());
    assert_int_equal(devices.rows[0].trusted_at, now() + DAY_US);
    assert_int_equal(devices.rows[0].session_count, 1);
    assert_int_equal(devices.rows[0].persons, 1); /* the same person */
}

static enum err do_persons_max(struct uow *uow, void *context)
{
    struct catalogue_change change = {.name = "device.personsMax",
                                      .value = *(int64_t *)context,
                                      .effective_date = engine_civil_date(uow->engine, uow->now_us),
                                      .source_en = "Decision of the board",
                                      .source_zh = "董事会决定"};
    int32_t version = 0;
    return catalogue_parameter_set(catalogue, uow, &change, &version);
}

static void set_persons_max(int64_t value)
{
    struct db_conn *conn = NULL;
    bool is_changed = false;
    assert_ok(engine_run(bank.engine, do_persons_max, &value));
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(catalogue_refresh(catalogue, conn, &is_changed));
    engine_read_end(bank.engine, conn);
    assert_true(is_changed);
}

static void test_customer_device__only_so_many_begin_on_one(void **state)
{
    (void)state;
    const char *key = own_key(KEY_A);
    struct session_opened opened = {0};
    for (int i = 0; i < 3; i++) {
        struct customer_phone phone = new_phone();
        opened = sign_up_on(&phone, key);
        assert_err(ERR_OK, opened.verdict.refusal);
    }
    assert_int_equal(list(opened.customer).rows[0].persons, 3);
    struct customer_phone fourth = new_phone();
    struct customer_id nobody;
    struct db_conn *conn = NULL;
    assert_err(ERR_DEVICE_PERSONS, sign_up_on(&fourth, key).verdict.refusal);
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_err(ERR_NOT_FOUND, customer_by_phone(conn, &fourth, &nobody));
    engine_read_end(bank.engine, conn);
    clock_manual_advance(&bank.clock, 61 * SECOND);
    set_persons_max(4);
    assert_err(ERR_OK, sign_up_on(&fourth, key).verdict.refusal);
    set_persons_max(3);
}

static void test_customer_device__sign_out_everywhere_ends_all_but_one(void **state)
{
    (void)state;
    struct principal who;
    struct customer_phone phone = new_phone();
    const char *key = own_key(KEY_A);
    struct session_opened first = sign_up_on(&phone, key);
    assert_err(ERR_OK, set_passcode(first.token, "283915", NULL).refusal);
    struct session_opened second = sign_in_on(&phone, "283915", key, 0, NULL);
    (void)check(second.token);
    struct step s = {.customer = first.customer, .session = first.session};
    assert_ok(engine_run(bank.engine, do_everywhere, &s));
    session_forget_customer(room, first.customer);
    (void)check(first.token);
    assert_err(ERR_NOT_SIGNED_IN, session_check(room, bank.engine, second.token, now(), &who));
    s.session.value = 0;
    assert_ok(engine_run(bank.engine, do_everywhere, &s));
    session_forget_customer(room, first.customer);
    assert_err(ERR_NOT_SIGNED_IN, session_check(room, bank.engine, first.token, now(), &who));
    assert_int_equal(count_events(first.customer, EVENT_SIGNED_OUT_EVERYWHERE), 2);
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_customer_device__keys_have_a_shape, fresh),
        cmocka_unit_test_setup(test_customer_device__a_new_one_asks_for_both, fresh),
        cmocka_unit_test_setup(test_customer_device__of_a_text_code_alone_is_not_kept, fresh),
        cmocka_unit_test_setup(test_customer_device__is_trusted_after_a_day, fresh),
        cmocka_unit_test_setup(test_customer_device__removed_is_new_again, fresh),
        cmocka_unit_test_setup(test_customer_device__only_so_many_begin_on_one, fresh),
        cmocka_unit_test_setup(test_customer_device__sign_out_everywhere_ends_all_but_one, fresh),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       suite_open, suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
