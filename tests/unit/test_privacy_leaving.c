/* A customer leaves: money first, then cards, sessions and names; years later nothing is left. */
#include "unit/privacy_fixture.h"

static size_t unsign_rows(void)
{
    struct db_conn *conn = NULL;
    struct db_rows rows;
    size_t count = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    rows = outbox_due(conn, INT64_MAX / 2, 1000);
    while (db_rows_next(&rows)) {
        count += strcmp(outbox_message_of(&rows).topic, CARD_TOPIC_UNSIGN) == 0;
    }
    assert_ok(db_rows_close(&rows));
    engine_read_end(bank.engine, conn);
    return count;
}

static enum err sessions_alive(const struct leaver *l)
{
    struct principal principal;
    session_forget_customer(room, l->person.id);
    return session_check(room, bank.engine, l->person.session.token, now(), &principal);
}

/* EVIDENCE: REQ-KYC-06 */
static void test_privacy_leaving__waits_for_the_money_then_ends_all(void **state)
{
    (void)state;
    struct leaver l = leaver_of("林若溪", 1100, 5000);
    size_t before = unsign_rows();
    struct card_id card = l.card;
    l.card.value = 0;
    assert_err(ERR_CLOSURE_TARGET, engine_run(bank.engine, do_leave, &l));
    l.card = card;
    assert_ok(engine_run(bank.engine, do_leave, &l));
    assert_int_equal(LEAVING_OPEN, l.result.leaving.state);
    assert_int_equal(1, l.result.attempt_count);
    struct payment_id payout = l.result.attempts[0].payment.id;
    assert_ok(engine_run(bank.engine, do_leave, &l)); /* asked again: nothing moves */
    assert_int_equal(0, l.result.attempt_count);
    assert_ok(engine_run(bank.engine, do_follow, &l));
    assert_int_equal(LEAVING_OPEN, l.leaving.state);
    assert_ok(sessions_alive(&l));
    /* The process died; the channel's answer comes later, and the job goes on. */
    channel_says(payout, PAYMENT_EVENT_ACCEPTED);
    size_t done = 0;
    assert_ok(leaving_follow_due(&house, 64, &done));
    assert_true(done >= 1);
    assert_int_equal(ACCOUNT_CLOSED, account_of(&l).state);
    struct customer customer = load(l.person.id);
    assert_int_equal(CUSTOMER_CLOSED, customer.state);
    assert_false(customer.has_passcode);
    assert_string_equal("林若溪", customer.name); /* for as long as the law wants it */
    assert_err(ERR_NOT_SIGNED_IN, sessions_alive(&l));
    assert_int_equal(before + 1, unsign_rows());
    assert_err(ERR_CUSTOMER_STATE, engine_run(bank.engine, do_leave, &l));
    /* Phone and number are free. */
    struct customer_phone phone;
    struct identity_evidence evidence;
    assert_ok(customer_phone_parse(room, l.phone, &phone));
    clock_manual_advance(&bank.clock, DAY_US);
    struct customer_id again = sign_up(&phone).customer;
    assert_true(again.value != l.person.id.value);
    assert_err(ERR_OK, prove_identity(again, "林若溪", l.person.number, &evidence).refusal);
}

static void test_privacy_leaving__a_refused_pay_out_keeps_the_customer(void **state)
{
    (void)state;
    struct leaver l = leaver_of("林若溪", 1200, 5000);
    assert_ok(engine_run(bank.engine, do_leave, &l));
    channel_says(l.result.attempts[0].payment.id, PAYMENT_EVENT_REJECTED);
    assert_ok(engine_run(bank.engine, do_follow, &l));
    assert_int_equal(LEAVING_FAILED, l.leaving.state);
    assert_int_equal(CUSTOMER_ACTIVE, load(l.person.id).state);
    assert_int_equal(ACCOUNT_ACTIVE, account_of(&l).state);
    assert_ok(sessions_alive(&l));
    clock_manual_advance(&bank.clock, SECOND);
    assert_ok(engine_run(bank.engine, do_leave, &l)); /* another try */
    assert_int_equal(LEAVING_OPEN, l.result.leaving.state);
}

static enum err do_freeze(struct uow *uow, void *context)
{
    const struct leaver *l = context;
    struct account_freeze_order order = {.account = l->account.id, .reason = "risk"};
    int64_t id;
    return account_freeze(uow, &order, &id);
}

static void test_privacy_leaving__says_what_stands_in_the_way(void **state)
{
    (void)state;
    struct leaver l = leaver_of("林若溪", 1300, 5000);
    struct leaver reviewed = {.person = identified(1301, 4)};
    struct kyc_step s = {.customer = reviewed.person.id, .path = CASE_COUNTER};
    assert_ok(engine_run(bank.engine, do_path, &s));
    assert_err(ERR_LEAVING_BLOCKED, engine_run(bank.engine, do_leave, &reviewed));
    assert_int_equal(1, reviewed.result.obstacle_count);
    assert_string_equal("openCase", reviewed.result.obstacles[0]->name);
    assert_ok(engine_run(bank.engine, do_freeze, &l));
    is_kept = true;
    assert_err(ERR_LEAVING_BLOCKED, engine_run(bank.engine, do_leave, &l));
    is_kept = false;
    assert_int_equal(2, l.result.obstacle_count);
    assert_string_equal("accountFrozen", l.result.obstacles[0]->name);
    assert_string_equal("keptByTest", l.result.obstacles[1]->name);
    assert_int_equal(CUSTOMER_ACTIVE, load(l.person.id).state);
}

static void test_privacy_leaving__nothing_in_it_closes_at_once(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct leaver fresh_one = {.person = {.id = sign_up(&phone).customer}};
    assert_ok(engine_run(bank.engine, do_leave, &fresh_one));
    assert_int_equal(LEAVING_CLOSED, fresh_one.result.leaving.state);
    struct leaver l = leaver_of("林若溪", 1400, 0);
    assert_ok(engine_run(bank.engine, do_leave, &l));
    assert_int_equal(LEAVING_CLOSED, l.result.leaving.state);
    assert_int_equal(0, l.result.attempt_count);
}

static void test_privacy_leaving__erased_after_five_years(void **state)
{
    (void)state;
    struct leaver l = leaver_of("林若溪", 1500, 5000);
    struct retention_count count = {.persons = 0};
    struct date early;
    assert_ok(engine_run(bank.engine, do_leave, &l));
    channel_says(l.result.attempts[0].payment.id, PAYMENT_EVENT_ACCEPTED);
    assert_ok(engine_run(bank.engine, do_follow, &l));
    assert_int_equal(LEAVING_CLOSED, l.leaving.state);
    /* Not a day too early. */
    size_t erased = 0;
    early = l.leaving.erase_date;
    int bucket = id_bucket(l.person.id.value);
    assert_ok(leaving_erase_due(&house, bucket, early, &erased));
    assert_int_equal(0, erased);
    let_time_erase(&l);
    struct customer customer = load(l.person.id);
    assert_false(customer.has_identity);
    assert_string_equal("", customer.name);
    assert_string_equal("", customer.masked_phone);
    assert_ok(retention_run(&house, bucket, &count)); /* once */
    assert_int_equal(0, count.persons);
    /* The books keep their accounts and amounts. */
    struct db_conn *conn = NULL;
    struct payment payment;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(payment_load(conn, l.result.attempts[0].payment.id, &payment));
    engine_read_end(bank.engine, conn);
    assert_int_equal(5000, payment.amount.minor);
    assert_string_equal("", payment.debtor_name);
    assert_string_equal("", payment.debtor_masked);
    assert_int_equal(ACCOUNT_CLOSED, account_of(&l).state);
}

/* The table that customers read says what the rooms do. */
static void test_privacy_retention__table_is_what_rooms_do(void **state)
{
    (void)state;
    const struct kyc_rules *rules = kyc_room_rules(kyc);
    assert_int_equal(rules->picture_kept_us, retention_days(&house, "idPictures") * DAY_US);
    assert_int_equal(rules->picture_refused_kept_us,
                     retention_days(&house, "refusedPictures") * DAY_US);
    assert_int_equal(rules->place_kept_us, retention_days(&house, "places") * DAY_US);
    assert_int_equal(0, retention_days(&house, "customers"));
    const struct retention_row *rows[RETENTION_ROWS_MAX];
    size_t count = house_retention(house.rooms, rows);
    assert_int_equal(11, count);
    for (size_t i = 0; i < count; i++) {
        const struct retention_row *row = rows[i];
        assert_int_equal('P', row->kept_for[0]);
        for (int lang = 0; lang < 2; lang++) {
            assert_true(strlen(row->name[lang]) > 0 && strlen(row->ground[lang]) > 0);
        }
    }
}

static void test_privacy_retention__old_events_go(void **state)
{
    (void)state;
    struct customer_phone phone = new_phone();
    struct customer_id id = sign_up(&phone).customer;
    struct retention_count count = {.swept = 0};
    int bucket = id_bucket(id.value);
    clock_manual_advance(&bank.clock, (retention_days(&house, "securityEvents") - 1) * DAY_US);
    assert_ok(retention_run(&house, bucket, &count));
    struct retention_count later = {.swept = 0};
    clock_manual_advance(&bank.clock, 2 * DAY_US);
    assert_ok(retention_run(&house, bucket, &later));
    assert_true(later.swept >= 1);
    later.swept = 0;
    assert_ok(retention_run(&house, bucket, &later));
    assert_int_equal(0, later.swept);
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_privacy_leaving__waits_for_the_money_then_ends_all, kyc_fresh),
        cmocka_unit_test_setup(test_privacy_leaving__a_refused_pay_out_keeps_the_customer,
                               kyc_fresh),
        cmocka_unit_test_setup(test_privacy_leaving__says_what_stands_in_the_way, kyc_fresh),
        cmocka_unit_test_setup(test_privacy_leaving__nothing_in_it_closes_at_once, kyc_fresh),
        cmocka_unit_test_setup(test_privacy_leaving__erased_after_five_years, kyc_fresh),
        cmocka_unit_test_setup(test_privacy_retention__table_is_what_rooms_do, kyc_fresh),
        cmocka_unit_test_setup(test_privacy_retention__old_events_go, kyc_fresh),
    };
    which = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests,
                                       privacy_suite_open, privacy_suite_close);
}

int main(void)
{
    return room_fixture_run(run);
}
