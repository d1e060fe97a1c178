/* The customer room as its callers use it, on both engines. EVIDENCE: REQ-KYC-01, REQ-KYC-06 */
#include "customer/customer.h"
#include "db/db_fault.h"
#include "db/outbox.h"
#include "sys/thread.h"
#include "unit/room_fixture.h"

#include <inttypes.h>

#define SECOND INT64_C(1000000)

static enum db_engine which;
static struct room_fixture bank;
static struct customer_room *room;
static struct consent_texts *consents;
static struct regions *regions;
static int next_phone = 1;

/* A registry that says what it is told to. */
struct fake_registry {
    struct registry registry;
    enum registry_result result;
    int calls;
};
static enum registry_result fake_check(struct registry *registry, const char *request_id,
                                       const char *name, const char *id_number)
{
    struct fake_registry *fake = (struct fake_registry *)registry;
    assert_true(strlen(request_id) > 0 && strlen(request_id) < 40);
    assert_true(strlen(name) > 0 && strlen(id_number) == 18);
    fake->calls++;
    return fake->result;
}
static struct fake_registry registry = {.registry = {fake_check, "fake/1"},
                                        .result = REGISTRY_MATCH};

static int suite_open(void **state)
{
    (void)state;
    struct customer_rules rules = CUSTOMER_RULES;
    rules.passcode_passes = ROOM_FIXTURE_PASSES;
    rules.passcode_memory = ROOM_FIXTURE_MEMORY;
    rules.cache_entries = 1024;
    room_fixture_open(&bank, which, "sycee_test_customer");
    assert_ok(consent_texts_load("share/consents", &consents));
    assert_ok(regions_load("share/regions.tsv", &regions));
    assert_ok(customer_room_open(&(struct customer_room_options){.vault = bank.vault,
                                                                 .regions = regions,
                                                                 .registry = &registry.registry,
                                                                 .consents = consents,
                                                                 .rules = &rules},
                                 &room));
    return 0;
}

static int suite_close(void **state)
{
    (void)state;
    customer_room_close(room);
    regions_release(regions);
    consent_texts_release(consents);
    room_fixture_close(&bank);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    registry.result = REGISTRY_MATCH;
    registry.calls = 0;
    clock_manual_advance(&bank.clock, 2 * DAY_US); /* no test's limits reach into the next */
    return 0;
}

static int64_t now(void)
{
    return clock_now_us(&bank.clock.clock);
}

static struct customer_phone new_phone(void)
{
    static uint32_t base;
    struct customer_phone phone;
    char text[32];
    if (base == 0) {
        base = entropy_below(entropy_system(), 90000000); /* a shared database has others' phones */
    }
    snprintf(text, sizeof(text), "199%08u", base + (uint32_t)next_phone++);
    assert_ok(customer_phone_parse(room, text, &phone));
    return phone;
}

/* --- Commands ------------------------------------------------------------------------------------ */

struct step {
    struct customer_phone phone;
    enum code_purpose purpose;
    enum lang lang;
    int64_t retry_at;
    struct phone_code_sent sent;
    struct sign_up sign_up;
    struct sign_in_by_code by_code;
    struct passcode_proof proof;
    struct passcode_change change;
    struct session_opened opened;
    struct identity_evidence evidence;
    struct customer_id customer;
    struct session_id session;
    struct verdict verdict;
    struct consent consent;
    const char *text, *text2;
    bool flag;
    int64_t number;
    void *crowd; /* struct crowd, where many run at once */
    enum err err;
};

static enum err do_send(struct uow *uow, void *context)
{
    struct step *s = context;
    return phone_code_send(room, uow, &s->phone, s->purpose, s->lang, &s->sent, &s->retry_at);
}
static enum err do_sign_up(struct uow *uow, void *context)
{
    struct step *s = context;
    return customer_sign_up(room, uow, &s->sign_up, &s->opened);
}
static enum err do_by_code(struct uow *uow, void *context)
{
    struct step *s = context;
    return sign_in_by_code(room, uow, &s->by_code, &s->opened);
}
static enum err do_by_passcode(struct uow *uow, void *context)
{
    struct step *s = context;
    return sign_in_by_passcode(room, uow, &s->phone, &s->proof, "test", &s->opened);
}
static enum err do_set(struct uow *uow, void *context)
{
    struct step *s = context;
    return passcode_set(room, uow, &s->change, &s->verdict);
}
static enum err do_step_up(struct uow *uow, void *context)
{
    struct step *s = context;
    return session_step_up(room, uow, s->session, &s->proof, &s->verdict, &s->number);
}
static enum err do_identity(struct uow *uow, void *context)
{
    struct step *s = context;
    return identity_commit(room, uow, s->customer, &s->evidence, &s->verdict);
}
static enum err do_consent(struct uow *uow, void *context)
{
    struct step *s = context;
    return consent_record(room, uow, s->customer, s->text, s->text2, s->flag, &s->consent);
}
static enum err do_activate(struct uow *uow, void *context)
{
    return customer_activate(room, uow, ((struct step *)context)->customer);
}
static enum err do_revoke(struct uow *uow, void *context)
{
    struct step *s = context;
    return session_revoke(uow, s->customer, s->session);
}
static enum err do_language(struct uow *uow, void *context)
{
    struct step *s = context;
    return customer_set_language(uow, s->customer, LANG_EN, s->number);
}
static enum err do_touch(struct uow *uow, void *context)
{
    return session_touch(room, uow, ((struct step *)context)->session);
}
static enum err do_sweep(struct uow *uow, void *context)
{
    struct step *s = context;
    return customer_sweep(room, uow, s->phone.bucket, 100, &s->number);
}

/* The newest text message to a phone: its code, and the outbox row's body. */
static void newest_sms(const struct customer_phone *phone, char code[CODE_TEXT_SIZE],
                       struct sms *out)
{
    struct db_conn *conn = NULL;
    struct db_rows rows;
    bool is_found = false;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(outbox_due(conn, INT64_MAX / 2, 1000, &rows));
    while (db_rows_next(&rows)) {
        struct outbox_message message = outbox_message_of(&rows);
        struct sms sms;
        assert_string_equal(message.topic, SMS_TOPIC);
        if (sms_unseal(bank.vault, message.id, message.body, &sms) == ERR_OK &&
            strcmp(sms.to, phone->text) == 0) {
            size_t at = strcspn(sms.text, "0123456789");
            memcpy(code, sms.text + at, 6);
            code[6] = '\0';
            assert_int_equal(strspn(code, "0123456789"), 6);
            assert_null(strstr(message.body, code)); /* sealed in the database */
            assert_null(strstr(message.body, phone->text + 3));
            *out = sms;
            is_found = true;
        }
    }
    assert_ok(db_rows_close(&rows));
    engine_read_end(bank.engine, conn);
    assert_true(is_found);
}

static int64_t send_code(const struct customer_phone *phone, enum code_purpose purpose,
                         char code[CODE_TEXT_SIZE])
{
    struct sms sms;
    struct step s = {.phone = *phone, .purpose = purpose, .lang = LANG_ZH};
    assert_ok(engine_run(bank.engine, do_send, &s));
    newest_sms(phone, code, &sms);
    return s.sent.phone_code_id;
}

static struct session_opened sign_up(const struct customer_phone *phone)
{
    char code[CODE_TEXT_SIZE];
    struct step s = {.sign_up = {.phone = *phone, .language = LANG_ZH, .device_name = "test"}};
    s.sign_up.phone_code_id = send_code(phone, CODE_SIGN_UP, code);
    s.sign_up.code = code;
    assert_ok(engine_run(bank.engine, do_sign_up, &s));
    assert_err(ERR_OK, s.opened.verdict.refusal);
    return s.opened;
}

static struct principal check(const char *token)
{
    struct principal principal;
    assert_ok(session_check(room, bank.engine, token, now(), &principal));
    return principal;
}

static struct verdict set_passcode(const char *token, const char *passcode, const char *old)
{
    struct principal who = check(token);
    struct step s = {0};
    assert_ok(passcode_prepare(room, bank.engine, &who, passcode, old, &s.change));
    assert_ok(engine_run(bank.engine, do_set, &s));
    session_forget_customer(room, who.customer);
    return s.verdict;
}

static struct session_opened sign_in(const struct customer_phone *phone, const char *passcode)
{
    struct step s = {.phone = *phone};
    assert_ok(sign_in_prove(room, bank.engine, phone, passcode, &s.proof));
    assert_ok(engine_run(bank.engine, do_by_passcode, &s));
    return s.opened;
}

static struct verdict prove_identity(struct customer_id id, const char *name, const char *number,
                                     struct identity_evidence *out)
{
    struct step s = {.customer = id};
    int64_t retry_at = 0;
    enum err err = identity_prepare(room, bank.engine, id, name, number, &s.evidence, &retry_at);
    if (err == ERR_TOO_MANY_REQUESTS) {
        return (struct verdict){.refusal = err, .retry_at = retry_at};
    }
    assert_true(err == ERR_OK || err == ERR_REGISTRY_UNAVAILABLE);
    assert_ok(engine_run(bank.engine, do_identity, &s));
    if (out != NULL) {
        *out = s.evidence;
    }
    return s.verdict;
}

static void number_for(int person, char out[ID_NUMBER_SIZE])
{
    static uint32_t base;
    char digits[18];
    if (base == 0) {
        base = entropy_below(entropy_system(), 20000) + 1;
    }
    /* Days of 1950 to 2005 and a sequence number: few collisions in a shared database. */
    struct date born = {(int32_t)(-7300 + (int)(base + (uint32_t)person * 7) % 20000)};
    struct date_parts parts = date_parts(born);
    snprintf(digits, sizeof(digits), "110101%04d%02d%02d%03d", parts.year, parts.month, parts.day,
             100 + person);
    snprintf(out, ID_NUMBER_SIZE, "%s%c", digits, identifier_check_of(digits));
}

static struct customer load(struct customer_id id)
{
    struct db_conn *conn = NULL;
    struct customer customer;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(customer_load(room, conn, id, &customer));
    engine_read_end(bank.engine, conn);
    return customer;
}

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
    s.by_code.phone_code_id = send_code(&phone, CODE_SIGN_IN, code);
    assert_ok(engine_run(bank.engine, do_by_code, &s));
    assert_err(ERR_OK, s.opened.verdict.refusal);
    assert_int_equal(s.opened.customer.value, opened.customer.value);
    assert_false(check(s.opened.token).may_reset_passcode);
    assert_err(ERR_OK, sign_in(&phone, "283915").verdict.refusal);
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
    /* Revoked: at once where the cache was told, by anybody else's hand not at all. */
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
    assert_int_equal(registry.calls, 2); /* not asked about nonsense */
    /* Three a minute. */
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
    /* What was refused to the second is free for them under their own number. */
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
    assert_ok(onboarding_load(room, conn, &customer, &onboarding));
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
    assert_int_equal(next_step(opened.customer), STEP_IDENTITY);
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
    return message_add(uow, s->customer, MESSAGE_TRANSFER_IN,
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
    assert_ok(message_each(conn, id, before, 10, take_message, &message));
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
    assert_int_equal(older.kind, MESSAGE_WELCOME);
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
    assert_true(s.number >= 3); /* code, session, counters; others may share the bucket */
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

    /* Wrong pass codes: four are told that they failed, the others that it is locked. */
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

/* The 1st, 2nd, 3rd ... call to the database fails, until none does: nothing is half done, and the
 * same code works in the end. The unit of work is our own, so that the fault is all there is. */
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

#define ROW(name) cmocka_unit_test_setup(name, fresh)

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        ROW(test_customer_code__is_limited_per_phone),
        ROW(test_customer_code__counts_wrong_ones),
        ROW(test_customer_code__opens_only_its_own_door),
        ROW(test_customer_sign_up__makes_one_customer_per_phone),
        ROW(test_customer_sign_in__locks_known_and_unknown_alike),
        ROW(test_customer_sign_in__a_code_unlocks),
        ROW(test_customer_sign_in__a_proof_dies_with_its_pass_code),
        ROW(test_customer_passcode__needs_the_old_one_or_a_reset),
        ROW(test_customer_session__refuses_every_other_token),
        ROW(test_customer_session__ends_idle_absolute_or_revoked),
        ROW(test_customer_session__steps_up_for_five_minutes),
        ROW(test_customer_session__the_oldest_of_too_many_ends),
        ROW(test_customer_identity__keeps_evidence_of_refusals),
        ROW(test_customer_identity__one_person_one_customer),
        ROW(test_customer_onboarding__from_phone_to_active),
        ROW(test_customer_language__changes_under_its_version),
        ROW(test_customer_message__speaks_both_languages),
        ROW(test_customer_search__finds_by_every_name),
        ROW(test_customer_sweep__removes_what_is_over),
        ROW(test_customer_crowd__limits_hold),
        ROW(test_customer_crowd__one_person_becomes_one_customer),
#ifdef SYCEE_FAULTS
        ROW(test_customer_fault__sign_up_happens_wholly_or_not),
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
