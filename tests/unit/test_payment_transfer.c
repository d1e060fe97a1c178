/* Transfers on both engines: order of refusals, limits, payees by phone and name, races, faults. */
#include "payment_fixture.h"

static struct customer_room *room;

static void test_payment_transfer__transfer_is_booked_once(void **state)
{
    (void)state;
    struct account a = bank_account(&bank, 1, ACCOUNT_CLASS_II, 100000);
    struct account b = bank_account(&bank, 2, ACCOUNT_CLASS_II, 0);
    struct transfer t = transfer_of(&a, &b, 30000);
    assert_ok(engine_run(bank.engine, transfer_work, &t));
    assert_int_equal(70000, bank_balance(&bank, a.id));
    assert_int_equal(30000, bank_balance(&bank, b.id));
    assert_int_equal(30000, bank_usage(&bank, a.id.value, LIMIT_KIND_OUTFLOW).day_minor);
    assert_int_equal(30000, bank_usage(&bank, b.id.value, LIMIT_KIND_INFLOW).day_minor);
    assert_int_equal(0, bank_usage(&bank, a.customer.value, LIMIT_KIND_SMALL).day_minor);
    struct payment p = loaded(t.result.payment.id);
    assert_int_equal(PAYMENT_ACSC, p.status);
    assert_int_equal(t.result.payment.journal.value, p.journal.value);
    assert_string_equal("lunch 午饭", p.text);
    assert_string_equal(t.result.payment.end_to_end, p.end_to_end);
    assert_int_equal(3, p.rule_version);
    struct db_conn *conn;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(payment_load_own(conn, a.customer, p.id, &p));
    assert_ok(payment_load_own(conn, b.customer, p.id, &p));
    assert_err(ERR_NOT_FOUND, payment_load_own(conn, bank_person(3), p.id, &p));
    engine_read_end(bank.engine, conn);
}

static enum err freeze_work(struct uow *uow, void *context)
{
    struct account_freeze_order order = {.account = *(struct account_id *)context,
                                         .reason = "risk"};
    int64_t id;
    return account_freeze(uow, &order, &id);
}

static void test_payment_transfer__refusals_in_order(void **state)
{
    (void)state;
    struct account a = bank_account(&bank, 3, ACCOUNT_CLASS_II, 100000);
    struct account b = bank_account(&bank, 4, ACCOUNT_CLASS_II, 0);
    struct account closed = bank_account(&bank, 5, ACCOUNT_CLASS_II, 0);
    assert_ok(engine_run(bank.engine, close_work, &closed.id));
    struct transfer t = transfer_of(&a, &b, 200000001);
    t.order.stepped_up = false;
    t.order.payee_err = ERR_PAYEE_NAME_MISMATCH;
    struct transfer foreign = t;
    foreign.order.customer = bank_person(9);
    assert_err(ERR_NOT_FOUND, engine_run(bank.engine, transfer_work, &foreign));
    assert_err(ERR_PAYEE_NAME_MISMATCH, engine_run(bank.engine, transfer_work, &t));
    t.order.payee_err = ERR_OK;
    struct transfer same = t;
    same.order.creditor_account = a.id;
    assert_err(ERR_SAME_ACCOUNT, engine_run(bank.engine, transfer_work, &same));
    struct transfer usd = t;
    assert_ok(ccy_parse("USD", &usd.order.ccy));
    assert_err(ERR_CURRENCY_MISMATCH, engine_run(bank.engine, transfer_work, &usd));
    struct transfer gone = transfer_of(&a, &closed, 1);
    assert_err(ERR_PAYEE_UNKNOWN, engine_run(bank.engine, transfer_work, &gone));
    assert_err(ERR_STEP_UP_REQUIRED, engine_run(bank.engine, transfer_work, &t));
    t.order.stepped_up = true;
    assert_err(ERR_LIMIT_EXCEEDED, engine_run(bank.engine, transfer_work, &t));
    assert_false(t.result.limit_is_payees);
    assert_int_equal(1000000, t.result.limit.left_minor);
    t.order.amount_minor = 100001;
    assert_err(ERR_INSUFFICIENT_FUNDS, engine_run(bank.engine, transfer_work, &t));
    /* Nothing was counted. */
    assert_int_equal(0, bank_usage(&bank, a.id.value, LIMIT_KIND_OUTFLOW).day_minor);
    assert_int_equal(0, bank_usage(&bank, b.id.value, LIMIT_KIND_INFLOW).day_minor);
    assert_int_equal(100000, bank_balance(&bank, a.id));
    /* A frozen account gives nothing and takes all. */
    assert_ok(engine_run(bank.engine, freeze_work, &a.id));
    assert_err(ERR_ACCOUNT_NOT_ACTIVE, pay(&a, &b, 1));
    struct account c = bank_account(&bank, 6, ACCOUNT_CLASS_II, 10);
    assert_ok(pay(&c, &a, 10));
}

static void test_payment_transfer__small_payments_need_no_step_up(void **state)
{
    (void)state;
    struct account a = bank_account(&bank, 7, ACCOUNT_CLASS_II, 1000000);
    struct account b = bank_account(&bank, 8, ACCOUNT_CLASS_II, 0);
    struct transfer t = transfer_of(&a, &b, 20001);
    t.order.stepped_up = false;
    assert_err(ERR_STEP_UP_REQUIRED, engine_run(bank.engine, transfer_work, &t));
    t.order.amount_minor = 20000;
    for (int i = 0; i < 5; i++) {
        assert_ok(engine_run(bank.engine, transfer_work, &t));
    }
    t.order.amount_minor = 1;
    assert_err(ERR_STEP_UP_REQUIRED, engine_run(bank.engine, transfer_work, &t));
    t.order.stepped_up = true;
    assert_ok(engine_run(bank.engine, transfer_work, &t));
    t.order.stepped_up = false;
    clock_manual_advance(&bank.clock, DAY_US);
    assert_ok(engine_run(bank.engine, transfer_work, &t));
    clock_manual_set(&bank.clock, BANK_NOW);
}

/* The allowance belongs to the person: a second account or a withdrawal adds no second one. */
static void test_payment_transfer__small_payments_count_for_the_person(void **state)
{
    (void)state;
    struct account first = bank_account(&bank, 48, ACCOUNT_CLASS_II, 1000000);
    struct account second = bank_account(&bank, 48, ACCOUNT_CLASS_II, 1000000);
    struct account payee = bank_account(&bank, 49, ACCOUNT_CLASS_II, 0);
    for (int i = 0; i < 6; i++) {
        struct transfer t = transfer_of(i % 2 ? &first : &second, &payee, 20000);
        t.order.stepped_up = false;
        assert_err(i < 5 ? ERR_OK : ERR_STEP_UP_REQUIRED,
                   engine_run(bank.engine, transfer_work, &t));
    }
    assert_int_equal(100000, bank_usage(&bank, first.customer.value, LIMIT_KIND_SMALL).day_minor);
    struct db_conn *conn;
    struct limit_report reports[LIMIT_NAME_COUNT];
    size_t count = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(account_limits(conn, bank.catalogue, &second, 0, date_of_instant(BANK_NOW, 480),
                             reports, &count));
    engine_read_end(bank.engine, conn);
    for (size_t i = 0; i < count; i++) {
        if (reports[i].name == LIMIT_PAYMENTS_SMALL_DAY) {
            assert_int_equal(100000, reports[i].used_minor);
        }
    }
}

/* EVIDENCE: REQ-KYC-04 */
static void test_payment_transfer__limits_of_both_sides(void **state)
{
    (void)state;
    struct account a = bank_account(&bank, 10, ACCOUNT_CLASS_I, 100000000);
    struct account b = bank_account(&bank, 11, ACCOUNT_CLASS_II, 0);
    struct account c = bank_account(&bank, 12, ACCOUNT_CLASS_III, 0);
    struct account own = bank_account(&bank, 10, ACCOUNT_CLASS_II, 0);
    assert_ok(pay(&a, &b, 1000000));
    struct transfer t = transfer_of(&a, &b, 1);
    assert_err(ERR_LIMIT_EXCEEDED, engine_run(bank.engine, transfer_work, &t));
    assert_int_equal(LIMIT_INFLOW_NON_BOUND_DAY, t.result.limit.name);
    assert_true(t.result.limit_is_payees);
    assert_int_equal(0, t.result.limit.left_minor); /* the payee's secret */
    assert_ok(pay(&a, &c, 199999));
    assert_ok(pay(&a, &c, 1));
    t = transfer_of(&a, &c, 1);
    assert_err(ERR_LIMIT_EXCEEDED, engine_run(bank.engine, transfer_work, &t));
    assert_int_equal(LIMIT_BALANCE_MAX, t.result.limit.name);
    /* Between accounts of one person nothing counts. */
    assert_ok(pay(&a, &own, 5000000));
    assert_int_equal(0, bank_usage(&bank, own.id.value, LIMIT_KIND_INFLOW).day_minor);
    assert_ok(pay(&own, &a, 4000000));
}

struct racer {
    struct thread thread;
    struct account from, to;
    int64_t amount_minor;
    int count;
    int done;
    enum err other; /* an error that is no refusal */
};

static void racer_run(void *argument)
{
    struct racer *racer = argument;
    for (int i = 0; i < racer->count; i++) {
        enum err err = pay(&racer->from, &racer->to, racer->amount_minor);
        racer->done += err == ERR_OK;
        if (err != ERR_OK && err != ERR_LIMIT_EXCEEDED && err != ERR_INSUFFICIENT_FUNDS) {
            racer->other = err;
        }
    }
}

static int race(struct racer racers[8])
{
    int done = 0;
    for (int i = 0; i < 8; i++) {
        assert_ok(thread_start(&racers[i].thread, "racer", racer_run, &racers[i]));
    }
    for (int i = 0; i < 8; i++) {
        thread_join(&racers[i].thread);
        assert_ok(racers[i].other);
        done += racers[i].done;
    }
    return done;
}

static void test_payment_transfer__eight_threads_cannot_pass_one_limit(void **state)
{
    (void)state;
    struct account a = bank_account(&bank, 13, ACCOUNT_CLASS_II, 100000000);
    struct racer racers[8];
    for (int i = 0; i < 8; i++) {
        racers[i] = (struct racer){.from = a,
                                   .to = bank_account(&bank, 40 + i, ACCOUNT_CLASS_II, 0),
                                   .amount_minor = 90000,
                                   .count = 3};
    }
    assert_int_equal(11, race(racers)); /* 11 x 900.00 <= 10,000.00 < 12 x 900.00 */
    assert_int_equal(990000, bank_usage(&bank, a.id.value, LIMIT_KIND_OUTFLOW).day_minor);
    assert_int_equal(11, bank_usage(&bank, a.id.value, LIMIT_KIND_OUTFLOW).day_count);
    assert_int_equal(100000000 - 990000, bank_balance(&bank, a.id));
}

static void test_payment_transfer__eight_threads_cannot_overdraw(void **state)
{
    (void)state;
    struct account a = bank_account(&bank, 14, ACCOUNT_CLASS_II, 1000);
    struct account b = bank_account(&bank, 15, ACCOUNT_CLASS_II, 0);
    struct racer racers[8];
    for (int i = 0; i < 8; i++) {
        racers[i] = (struct racer){.from = a, .to = b, .amount_minor = 130, .count = 2};
    }
    assert_int_equal(7, race(racers));
    assert_int_equal(90, bank_balance(&bank, a.id));
    assert_int_equal(910, bank_balance(&bank, b.id));
}

static void test_payment_transfer__threads_that_cross_do_not_wait_for_ever(void **state)
{
    (void)state;
    struct account a = bank_account(&bank, 16, ACCOUNT_CLASS_II, 500000);
    struct account b = bank_account(&bank, 17, ACCOUNT_CLASS_II, 500000);
    struct racer racers[8];
    for (int i = 0; i < 8; i++) {
        racers[i] = (struct racer){
            .from = i % 2 ? a : b, .to = i % 2 ? b : a, .amount_minor = 100, .count = 6};
    }
    assert_int_equal(48, race(racers));
    assert_int_equal(500000, bank_balance(&bank, a.id));
}

/* --- by phone and name -------------------------------------------------------------------------------- */

static void test_payment_transfer__payee_by_phone_and_name(void **state)
{
    (void)state;
    struct account a = bank_account(&bank, 18, ACCOUNT_CLASS_II, 1000);
    struct account b = bank_account(&bank, 19, ACCOUNT_CLASS_II, 0);
    static const struct {
        const char *phone, *name;
        enum err wanted;
    } rows[] = {
        {"+8619900000019", "Ada Test19", ERR_OK},
        {"19900000019", "ada  test19", ERR_OK},
        {"19900000019", "Ada Test1", ERR_PAYEE_NAME_MISMATCH}, /* close is not the same */
        {"19900000019", "Bob", ERR_PAYEE_NAME_MISMATCH},
        {"19900009999", "Ada Test19", ERR_PAYEE_UNKNOWN},
        {"19900000059", "Ada Test59", ERR_PAYEE_UNKNOWN}, /* a customer without account */
        {"19900000018", "Ada Test18", ERR_SAME_ACCOUNT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct transfer t = {0};
        const char *field = NULL;
        struct transfer_request request = {.customer = a.customer,
                                           .debtor_account = a.id,
                                           .creditor_phone = rows[i].phone,
                                           .creditor_name = rows[i].name,
                                           .amount = {100, CCY_CNY},
                                           .text = "hello",
                                           .proof = {PAYMENT_BY_SESSION, 1, 0}};
        struct db_conn *conn;
        assert_ok(engine_read_begin(bank.engine, &conn));
        assert_ok(transfer_prepare(room, conn, &request, &t.order, &field));
        engine_read_end(bank.engine, conn);
        assert_err(rows[i].wanted, engine_run(bank.engine, transfer_work, &t));
        if (rows[i].wanted == ERR_OK) {
            assert_string_equal("Ada Test18", t.result.payment.debtor_name);
            assert_string_equal("Ada Test19", t.result.payment.creditor_name);
        }
    }
    assert_int_equal(200, bank_balance(&bank, b.id));
}

static void test_payment_transfer__fields_are_checked(void **state)
{
    (void)state;
    char long_text[PAYMENT_TEXT_MAX + 2];
    memset(long_text, 'x', sizeof long_text);
    long_text[PAYMENT_TEXT_MAX + 1] = '\0';
    static const char *const amount = "instructedAmount", *const name = "creditorName",
                             *const text = "remittanceInformationUnstructured";
    const struct {
        struct transfer_request request;
        enum err wanted;
        const char *field;
    } rows[] = {
        {{.creditor_name = "A", .creditor_phone = "19900000001", .amount = {0, CCY_CNY}},
         ERR_INVALID_FIELD,
         amount},
        {{.creditor_name = "A", .creditor_phone = "19900000001", .amount = {-1, CCY_CNY}},
         ERR_INVALID_FIELD,
         amount},
        {{.creditor_name = "A",
          .creditor_phone = "19900000001",
          .amount = {PAYMENT_AMOUNT_MAX + 1, CCY_CNY}},
         ERR_OVERFLOW,
         amount},
        {{.creditor_name = "", .creditor_phone = "19900000001", .amount = {1, CCY_CNY}},
         ERR_INVALID_FIELD,
         name},
        {{.creditor_phone = "19900000001", .amount = {1, CCY_CNY}}, ERR_INVALID_FIELD, name},
        {{.creditor_name = "A",
          .creditor_phone = "19900000001",
          .amount = {1, CCY_CNY},
          .text = long_text},
         ERR_INVALID_FIELD,
         text},
        {{.creditor_name = "A",
          .creditor_phone = "19900000001",
          .amount = {1, CCY_CNY},
          .text = "a\nb"},
         ERR_INVALID_FIELD,
         text},
        {{.creditor_name = "A", .amount = {1, CCY_CNY}}, ERR_INVALID_FIELD, "creditorPhone"},
    };
    struct db_conn *conn;
    assert_ok(engine_read_begin(bank.engine, &conn));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct transfer_order order;
        const char *field = NULL;
        assert_err(rows[i].wanted, transfer_prepare(room, conn, &rows[i].request, &order, &field));
        assert_string_equal(rows[i].field, field);
    }
    engine_read_end(bank.engine, conn);
}

static void test_payment_transfer__payee_check_tells_little(void **state)
{
    (void)state;
    bank_account(&bank, 20, ACCOUNT_CLASS_II, 0);
    struct db_conn *conn;
    struct payee_check check;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(payee_check(room, conn, "19900000020", "Ada Test20", &check));
    assert_string_equal("match", payee_match_name(check.result));
    assert_string_equal("", check.suggested_name);
    assert_ok(payee_check(room, conn, "19900000020", "Ada Test2", &check));
    assert_string_equal("closeMatch", payee_match_name(check.result));
    assert_string_equal("Ada Test20", check.suggested_name);
    assert_ok(payee_check(room, conn, "19900000020", "Zoe", &check));
    assert_string_equal("noMatch", payee_match_name(check.result));
    assert_string_equal("", check.suggested_name);
    assert_string_not_equal("Ada Test20", check.masked_name);
    assert_ok(payee_check(room, conn, "19900009998", "Zoe", &check));
    assert_string_equal("unknownPayee", payee_match_name(check.result));
    assert_string_equal("", check.masked_name);
    assert_err(ERR_INVALID_PHONE, payee_check(room, conn, "12345", "Zoe", &check));
    engine_read_end(bank.engine, conn);
}

#ifdef SYCEE_FAULTS
/* The 1st, 2nd, 3rd … call to the database fails, until none does: then all is as if once done. */
static void test_payment_transfer__a_fault_leaves_nothing_half_done(void **state)
{
    (void)state;
    struct account a = bank_account(&bank, 50, ACCOUNT_CLASS_II, 100000);
    struct account b = bank_account(&bank, 51, ACCOUNT_CLASS_II, 0);
    int done = 0;
    bool fired = true;
    for (int64_t nth = 1; fired; nth++) {
        assert_true(nth < 200);
        struct transfer t = transfer_of(&a, &b, 100);
        db_fault_arm_all(nth, ERR_DB_FULL);
        enum err err = engine_run(bank.engine, transfer_work, &t);
        fired = db_fault_fired_all();
        db_fault_arm_all(0, ERR_OK);
        done += err == ERR_OK;
        assert_int_equal(100 * done, bank_balance(&bank, b.id));
        assert_int_equal(100000 - 100 * done, bank_balance(&bank, a.id));
        assert_int_equal(100 * done, bank_usage(&bank, a.id.value, LIMIT_KIND_OUTFLOW).day_minor);
        assert_int_equal(100 * done, bank_usage(&bank, b.id.value, LIMIT_KIND_INFLOW).day_minor);
        assert_true(fired || err == ERR_OK);
    }
    assert_true(done >= 1);
}
#endif

static enum err channel_work(struct uow *uow, void *context)
{
    const struct account *account = context;
    return customer_add_channel(uow, account->customer, CHANNEL_REGISTRY, "");
}

/* From a payment account the tier of the person rules; to the own name nothing counts. */
/* EVIDENCE: REQ-KYC-04 */
static void test_payment_transfer__payment_account_is_capped_by_its_tier(void **state)
{
    (void)state;
    struct account from = bank_account(&bank, 57, ACCOUNT_CLASS_PAYMENT, 500000);
    struct account own = bank_account(&bank, 57, ACCOUNT_CLASS_I, 0);
    struct account to = bank_account(&bank, 58, ACCOUNT_CLASS_I, 0);
    struct transfer t = transfer_of(&from, &to, 60000);
    t.order.strength = AUTH_TWO_FACTORS;
    assert_err(ERR_TIER_MISSING, engine_run(bank.engine, transfer_work, &t));
    assert_ok(engine_run(bank.engine, channel_work, &from));
    assert_ok(engine_run(bank.engine, transfer_work, &t));
    t.order.amount_minor = 40001;
    assert_err(ERR_LIMIT_EXCEEDED, engine_run(bank.engine, transfer_work, &t));
    assert_int_equal(LIMIT_TIER_TOTAL, t.result.limit.name);
    assert_int_equal(40000, t.result.limit.left_minor);
    assert_ok(pay(&from, &own, 300000));
    t.order.amount_minor = 40000;
    assert_ok(engine_run(bank.engine, transfer_work, &t));
    /* A refusal counted nothing, and nothing is overdrawn. */
    assert_int_equal(100000,
                     bank_usage(&bank, from.customer.value, LIMIT_KIND_TIER_TOTAL).year_minor);
    assert_err(ERR_INSUFFICIENT_FUNDS, pay(&from, &own, 100001));
    assert_int_equal(100000, bank_balance(&bank, from.id));
    assert_ok(pay(&own, &from, 100)); /* and it takes money like any other */
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payment_transfer__payment_account_is_capped_by_its_tier),
        cmocka_unit_test(test_payment_transfer__transfer_is_booked_once),
        cmocka_unit_test(test_payment_transfer__refusals_in_order),
        cmocka_unit_test(test_payment_transfer__small_payments_need_no_step_up),
        cmocka_unit_test(test_payment_transfer__small_payments_count_for_the_person),
        cmocka_unit_test(test_payment_transfer__limits_of_both_sides),
        cmocka_unit_test(test_payment_transfer__eight_threads_cannot_pass_one_limit),
        cmocka_unit_test(test_payment_transfer__eight_threads_cannot_overdraw),
        cmocka_unit_test(test_payment_transfer__threads_that_cross_do_not_wait_for_ever),
        cmocka_unit_test(test_payment_transfer__payee_by_phone_and_name),
        cmocka_unit_test(test_payment_transfer__fields_are_checked),
        cmocka_unit_test(test_payment_transfer__payee_check_tells_little),
#ifdef SYCEE_FAULTS
        cmocka_unit_test(test_payment_transfer__a_fault_leaves_nothing_half_done),
#endif
    };
    bank_open(&bank, engine, "test_payment_transfer");
    struct registry registry = {0};
    struct customer_room_options options = {
        .vault = bank.vault, .registry = &registry, .catalogue = bank.catalogue};
    assert_ok(customer_room_open(&options, &room));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    customer_room_close(room);
    bank_close(&bank);
    return failed;
}

int main(void)
{
    return fixture_run(run);
}
