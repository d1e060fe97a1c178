/* Payment accounts: tiers by channels, caps by tier and strength, opening; both engines. */
#include "bank_fixture.h"

#include "sys/thread.h"

static struct bank bank;

static struct catalogue_edition edition(void)
{
    return *catalogue_on(bank.catalogue, bank_date(2026, 11, 21));
}

/* EVIDENCE: REQ-KYC-04 */
static void test_account_tier__follows_the_number_of_channels(void **state)
{
    (void)state;
    struct catalogue_edition e = edition();
    static const enum payment_tier tiers[] = {TIER_NONE, TIER_I,   TIER_I,  TIER_II,
                                              TIER_II,   TIER_III, TIER_III};
    for (size_t count = 0; count < sizeof tiers / sizeof tiers[0]; count++) {
        assert_int_equal(tiers[count], tier_of(&e, count));
        assert_int_equal(count >= 5, tier_allows_investment(tier_of(&e, count)));
    }
    assert_null(payment_tier_name(TIER_NONE));
    assert_string_equal("III", payment_tier_name(TIER_III));
}

static void test_account_tier__strength_follows_the_proofs(void **state)
{
    (void)state;
    static const struct {
        int64_t pass_code, face, passkey, totp;
        enum auth_strength wanted;
    } rows[] = {
        {0, 0, 0, 0, AUTH_ONE_FACTOR},  {0, 9, 9, 9, AUTH_ONE_FACTOR},
        {9, 0, 0, 0, AUTH_ONE_FACTOR},  {9, 5, 5, 5, AUTH_ONE_FACTOR}, /* all over by now */
        {9, 9, 0, 0, AUTH_TWO_FACTORS}, {9, 0, 0, 9, AUTH_TWO_FACTORS},
        {9, 0, 9, 0, AUTH_CERTIFICATE}, {9, 9, 9, 9, AUTH_CERTIFICATE},
        {5, 9, 9, 9, AUTH_ONE_FACTOR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct principal p = {.step_up_until = rows[i].pass_code,
                              .face_until = rows[i].face,
                              .passkey_until = rows[i].passkey,
                              .totp_until = rows[i].totp};
        assert_int_equal(rows[i].wanted, auth_strength_of(&p, 6));
    }
}

/* EVIDENCE: REQ-KYC-04 */
static void test_account_tier__caps_hold_to_the_fen(void **state)
{
    (void)state;
    struct catalogue_edition e = edition();
    static const struct {
        enum payment_tier tier;
        enum auth_strength strength;
        struct tier_usage after;
        enum limit_name passed; /* LIMIT_NAME_COUNT: none */
    } rows[] = {
        {TIER_I, AUTH_TWO_FACTORS, {100000, 100000, 1}, LIMIT_NAME_COUNT},
        {TIER_I, AUTH_TWO_FACTORS, {100001, 1, 1}, LIMIT_TIER_TOTAL},
        {TIER_I, AUTH_ONE_FACTOR, {100000, 1, 100000}, LIMIT_NAME_COUNT},
        {TIER_I, AUTH_ONE_FACTOR, {1, 1, 100001}, LIMIT_TIER_DAY},
        {TIER_II, AUTH_TWO_FACTORS, {99000000, 10000000, 500000}, LIMIT_NAME_COUNT},
        {TIER_II, AUTH_TWO_FACTORS, {10000001, 10000001, 500001}, LIMIT_TIER_YEAR},
        {TIER_II, AUTH_TWO_FACTORS, {1, 1, 500001}, LIMIT_TIER_DAY},
        {TIER_II, AUTH_ONE_FACTOR, {1, 1, 100001}, LIMIT_TIER_DAY},
        {TIER_II, AUTH_CERTIFICATE, {1, 10000000, 10000000}, LIMIT_NAME_COUNT},
        {TIER_III, AUTH_CERTIFICATE, {1, 20000000, 20000000}, LIMIT_NAME_COUNT},
        {TIER_III, AUTH_CERTIFICATE, {1, 20000001, 1}, LIMIT_TIER_YEAR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct limit_report report;
        bool passed = rows[i].passed != LIMIT_NAME_COUNT;
        assert_err(passed ? ERR_LIMIT_EXCEEDED : ERR_OK,
                   tier_decide(&e, rows[i].tier, rows[i].strength, &rows[i].after, 1, &report));
        if (passed) {
            assert_int_equal(rows[i].passed, report.name);
            assert_int_equal(0, report.left_minor);
        }
    }
    struct limit_report unused;
    struct tier_usage usage = {1, 1, 1};
    assert_err(ERR_TIER_MISSING, tier_decide(&e, TIER_NONE, AUTH_CERTIFICATE, &usage, 1, &unused));
}

static void test_account_tier__opening_has_its_conditions(void **state)
{
    (void)state;
    struct catalogue_edition e = edition(), early = edition();
    edition_set(&early, &ACCOUNT_PARAMETER_LIST, PARAMETER_PHASE_ONE, 1);
    static const struct {
        enum account_class class;
        struct account_opening_facts facts;
        enum err wanted, wanted_early;
    } rows[] = {
        {ACCOUNT_CLASS_I, {true, true, true, 5}, ERR_CLASS_BY_STAFF, ERR_CLASS_BY_STAFF},
        {ACCOUNT_CLASS_II, {true, true, true, 5}, ERR_CLASS_BY_STAFF, ERR_CLASS_BY_STAFF},
        {ACCOUNT_CLASS_PAYMENT, {true, true, true, 0}, ERR_TIER_MISSING, ERR_POLICY_REFUSED},
        {ACCOUNT_CLASS_PAYMENT, {false, true, false, 1}, ERR_OK, ERR_POLICY_REFUSED},
        {ACCOUNT_CLASS_III,
         {false, true, false, 5},
         ERR_ONBOARDING_INCOMPLETE,
         ERR_ONBOARDING_INCOMPLETE},
        {ACCOUNT_CLASS_III, {false, true, true, 0}, ERR_OK, ERR_OK},
        {ACCOUNT_CLASS_III, {true, true, false, 0}, ERR_OK, ERR_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_err(rows[i].wanted, account_decide_opening(&e, rows[i].class, &rows[i].facts));
        assert_err(rows[i].wanted_early,
                   account_decide_opening(&early, rows[i].class, &rows[i].facts));
    }
}

/* --- services ------------------------------------------------------------------------------------- */

struct paying {
    struct customer_id customer;
    enum auth_strength strength;
    int64_t amount_minor;
    struct date day;
    struct limit_report limit;
};

static enum err reserve_work(struct uow *uow, void *context)
{
    struct paying *p = context;
    return tier_reserve(uow, catalogue_on(bank.catalogue, limit_day(uow)), p->customer, p->strength,
                        p->amount_minor, &p->limit);
}

static enum err release_work(struct uow *uow, void *context)
{
    const struct paying *p = context;
    return tier_release(uow, p->customer, p->amount_minor, p->day);
}

static enum err channel_work(struct uow *uow, void *context)
{
    static const struct {
        enum channel_kind kind;
        const char *detail;
    } channels[] = {{CHANNEL_REGISTRY, ""},
                    {CHANNEL_OPERATOR, ""},
                    {CHANNEL_ISSUER, "SAB"},
                    {CHANNEL_ISSUER, "SAB"}, /* each bank once */
                    {CHANNEL_ISSUER, "SBC"}};
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < sizeof channels / sizeof channels[0]; i++) {
        err = customer_add_channel(uow, *(struct customer_id *)context, channels[i].kind,
                                   channels[i].detail);
    }
    return err;
}

static enum err first_channel_work(struct uow *uow, void *context)
{
    return customer_add_channel(uow, *(struct customer_id *)context, CHANNEL_REGISTRY, "");
}

static enum err spend(int person, enum auth_strength strength, int64_t amount_minor)
{
    struct paying p = {
        .customer = bank_person(person), .strength = strength, .amount_minor = amount_minor};
    return engine_run(bank.engine, reserve_work, &p);
}

/* The total of tier I is never reset; the counters continue when the tier rises. */
static void test_account_tier__counters_follow_the_person(void **state)
{
    (void)state;
    struct customer_id person = bank_person(1);
    assert_err(ERR_TIER_MISSING, spend(1, AUTH_TWO_FACTORS, 100));
    assert_ok(engine_run(bank.engine, first_channel_work, &person));
    assert_ok(spend(1, AUTH_TWO_FACTORS, 60000));
    clock_manual_set(&bank.clock, BANK_NOW + 400 * DAY_US); /* another year */
    assert_err(ERR_LIMIT_EXCEEDED, spend(1, AUTH_TWO_FACTORS, 40001));
    assert_ok(spend(1, AUTH_TWO_FACTORS, 40000));
    assert_err(ERR_LIMIT_EXCEEDED, spend(1, AUTH_TWO_FACTORS, 1));
    assert_ok(engine_run(bank.engine, channel_work, &person));        /* four channels: tier II */
    assert_err(ERR_LIMIT_EXCEEDED, spend(1, AUTH_ONE_FACTOR, 60001)); /* 400 + 600 a day */
    assert_ok(spend(1, AUTH_TWO_FACTORS, 460000));
    assert_err(ERR_LIMIT_EXCEEDED, spend(1, AUTH_TWO_FACTORS, 1));
    assert_ok(spend(1, AUTH_CERTIFICATE, 9500000));
    assert_err(ERR_LIMIT_EXCEEDED, spend(1, AUTH_CERTIFICATE, 1));
    struct paying back = {.customer = person,
                          .amount_minor = 9500000,
                          .day = date_of_instant(BANK_NOW + 400 * DAY_US, 480)};
    assert_ok(engine_run(bank.engine, release_work, &back));
    assert_ok(spend(1, AUTH_CERTIFICATE, 9500000));
    struct limit_usage all = bank_usage(&bank, person.value, LIMIT_KIND_TIER_TOTAL);
    assert_int_equal(60000 + 40000 + 460000 + 9500000, all.year_minor);
    clock_manual_set(&bank.clock, BANK_NOW);
}

struct opener {
    struct thread thread;
    int person;
    enum account_class class;
    enum err err;
};

static void opener_run(void *argument)
{
    struct opener *o = argument;
    struct bank_opening opening = {
        .bank = &bank, .customer = bank_person(o->person), .class = o->class};
    o->err = engine_run(bank.engine, bank_open_work, &opening);
}

/* EVIDENCE: REQ-KYC-04 */
static void test_account_tier__twenty_openings_at_once_pass_no_count(void **state)
{
    (void)state;
    static const struct {
        enum account_class class;
        int max;
    } rows[] = {{ACCOUNT_CLASS_PAYMENT, 1}, {ACCOUNT_CLASS_I, 1}, {ACCOUNT_CLASS_III, 5}};
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct opener openers[20];
        int opened = 0;
        for (int i = 0; i < 20; i++) {
            openers[i] = (struct opener){.person = 2, .class = rows[row].class};
            assert_ok(thread_start(&openers[i].thread, "opener", opener_run, &openers[i]));
        }
        for (int i = 0; i < 20; i++) {
            thread_join(&openers[i].thread);
            assert_true(openers[i].err == ERR_OK || openers[i].err == ERR_ACCOUNT_COUNT);
            opened += openers[i].err == ERR_OK;
        }
        assert_int_equal(rows[row].max, opened);
    }
}

static void test_account_tier__payment_account_is_no_deposit(void **state)
{
    (void)state;
    struct account payment = bank_account(&bank, 3, ACCOUNT_CLASS_PAYMENT, 5000);
    assert_int_equal(GL_PAYMENT_ACCOUNTS, bank_state(&bank, payment.id).gl_code);
    struct db_conn *conn;
    struct account found;
    int64_t micro = 1;
    struct limit_report limits[LIMIT_NAME_COUNT];
    size_t count = 0, accrued = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_receiving(conn, bank_person(3), &found));
    assert_int_equal(payment.id.value, found.id.value); /* better than nothing */
    assert_ok(interest_accrued(conn, payment.id, &micro));
    assert_int_equal(0, micro);
    assert_ok(account_limits(conn, bank.catalogue, &payment, 5000, bank_date(2026, 11, 21), limits,
                             &count));
    assert_int_equal(1, count); /* without a tier: the day's small payments alone */
    engine_read_end(bank.engine, conn);
    struct customer_id person = bank_person(3);
    assert_ok(engine_run(bank.engine, first_channel_work, &person));
    struct account deposit = bank_account(&bank, 3, ACCOUNT_CLASS_II, 0);
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_receiving(conn, bank_person(3), &found));
    assert_int_equal(deposit.id.value, found.id.value);
    assert_ok(account_limits_of(conn, bank.catalogue, &payment, 5000, bank_date(2026, 11, 21),
                                AUTH_ONE_FACTOR, limits, &count));
    assert_int_equal(3, count);
    assert_string_equal("tierTotal", limit_name(limits[0].name));
    assert_int_equal(100000, limits[1].max_minor);
    engine_read_end(bank.engine, conn);
    /* The end of a day skips it. */
    struct date date = bank_date(2026, 11, 21);
    bank_set_date(&bank, date_add_days(date, 1));
    assert_ok(account_eod_accrue(bank.engine, bank.catalogue, date, id_bucket(payment.id.value),
                                 &accrued));
    assert_int_equal(1, accrued);
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_account_tier__follows_the_number_of_channels),
        cmocka_unit_test(test_account_tier__strength_follows_the_proofs),
        cmocka_unit_test(test_account_tier__caps_hold_to_the_fen),
        cmocka_unit_test(test_account_tier__opening_has_its_conditions),
        cmocka_unit_test(test_account_tier__counters_follow_the_person),
        cmocka_unit_test(test_account_tier__twenty_openings_at_once_pass_no_count),
        cmocka_unit_test(test_account_tier__payment_account_is_no_deposit),
    };
    bank_open(&bank, engine, "test_account_tier");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bank_close(&bank);
    return failed;
}

int main(void)
{
    return fixture_run(run);
}
