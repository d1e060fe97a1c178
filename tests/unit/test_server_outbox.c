/* Payment news become messages, many at a time; an undeliverable row does not delay the others. */
#include "payment_fixture.h"

#include "db/outbox.h"
#include "partner_fixture.h"
#include "server/room_list.h"

#define PAYMENTS 40
#define POISON   (INT64_C(1) << 41) /* no payment has this id */

static struct house house;

static enum err poison_work(struct uow *uow, void *context)
{
    (void)context;
    struct outbox_message message = {.id = uow_id(uow, 0),
                                     .topic = "payment.booked",
                                     .ref_id = POISON,
                                     .body = "{}",
                                     .created_at = uow->now_us};
    return outbox_put(uow->conn, &message);
}

static int64_t message_count(struct customer_id customer)
{
    struct db_conn *conn;
    DB_STMT(server_test_messages, "SELECT count(*) FROM customer_messages WHERE bucket = $1"
                                  " AND customer_id = $2");
    struct db_rows rows;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(db_query(conn, &server_test_messages,
                       DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)), &rows));
    assert_true(db_rows_next(&rows));
    int64_t count = db_rows_int(&rows, 0);
    assert_ok(db_rows_close(&rows));
    engine_read_end(bank.engine, conn);
    return count;
}

static int64_t waiting(void)
{
    struct db_conn *conn;
    int64_t left = 0, dead = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(outbox_count(conn, &left, &dead));
    engine_read_end(bank.engine, conn);
    assert_int_equal(0, dead);
    return left;
}

static void pay_many(const struct account *from, const struct account *to, int count)
{
    for (int i = 0; i < count; i++) {
        assert_ok(pay(from, to, 100));
    }
}

static void test_server_outbox__tells_both_sides_once(void **state)
{
    (void)state;
    struct account a = bank_account(&bank, 1, ACCOUNT_CLASS_II, 100000);
    struct account b = bank_account(&bank, 2, ACCOUNT_CLASS_II, 0);
    size_t count = 0;
    pay_many(&a, &b, PAYMENTS);
    assert_ok(delivery_run(&house, 64, &count));
    assert_int_equal(PAYMENTS, count);
    assert_int_equal(0, waiting());
    assert_int_equal(PAYMENTS, message_count(a.customer));
    assert_int_equal(PAYMENTS, message_count(b.customer));
    assert_ok(delivery_run(&house, 64, &count));
    assert_int_equal(0, count);
    assert_int_equal(PAYMENTS, message_count(b.customer));
}

static void test_server_outbox__a_poisoned_row_holds_up_none(void **state)
{
    (void)state;
    struct account a = bank_account(&bank, 3, ACCOUNT_CLASS_II, 100000);
    struct account b = bank_account(&bank, 4, ACCOUNT_CLASS_II, 0);
    size_t count = 0;
    pay_many(&a, &b, PAYMENTS / 2);
    assert_ok(engine_run(bank.engine, poison_work, NULL));
    pay_many(&a, &b, PAYMENTS / 2);
    assert_ok(delivery_run(&house, 64, &count));
    assert_int_equal(PAYMENTS + 1, count);
    assert_int_equal(1, waiting()); /* the poisoned one, for later */
    assert_int_equal(PAYMENTS, message_count(a.customer));
    assert_int_equal(PAYMENTS, message_count(b.customer));
    assert_ok(delivery_run(&house, 64, &count));
    assert_int_equal(0, count);
}

/* Whatever call fails: nothing is lost, and no customer is notified twice. */
static void test_server_outbox__every_call_may_fail(void **state)
{
    (void)state;
    struct account a = bank_account(&bank, 5, ACCOUNT_CLASS_II, 1000000);
    struct account b = bank_account(&bank, 6, ACCOUNT_CLASS_II, 0);
    int64_t told = 0, left = waiting();
    size_t count = 0;
    bool fired = true;
    for (int64_t nth = 1; fired; nth++) {
        pay_many(&a, &b, 3);
        told += 3;
        db_fault_arm_all(nth, ERR_DB_FULL);
        (void)delivery_run(&house, 64, &count);
        fired = db_fault_fired_all();
        db_fault_arm_all(0, ERR_OK);
        /* A row put off comes again when its time has come. */
        clock_manual_advance(&bank.clock, 2 * OUTBOX_BACKOFF_MAX_US);
        assert_ok(delivery_run(&house, 64, &count));
        clock_manual_advance(&bank.clock, 2 * OUTBOX_BACKOFF_MAX_US);
        assert_ok(delivery_run(&house, 64, &count));
        assert_int_equal(left, waiting());
        assert_int_equal(told, message_count(a.customer));
        assert_int_equal(told, message_count(b.customer));
        assert_true(nth < 200);
    }
}

/* --- bodies ------------------------------------------------------------------------------------- */

#define LONG_BODY 5000

struct seen {
    struct transport transport;
    char url[256];
};

static void seen_send(struct transport *transport, const struct http_call *call,
                      struct http_answer *out)
{
    struct seen *seen = (struct seen *)transport;
    snprintf(seen->url, sizeof seen->url, "%s", call->url);
    http_answer_set(out, 204, NULL, "", 0);
    partner_fixture_sign("secret", call, out);
}

static enum err long_work(struct uow *uow, void *context)
{
    char body[LONG_BODY + 64];
    (void)context;
    int size = snprintf(body, sizeof body, "{\"note\":\"%0*d\",\"agreement\":\"7000000000000017\"}",
                        LONG_BODY, 0);
    assert_true(size > LONG_BODY);
    struct outbox_message message = {.id = uow_id(uow, 0),
                                     .topic = CARD_TOPIC_UNSIGN,
                                     .ref_id = 1,
                                     .body = body,
                                     .created_at = uow->now_us};
    return outbox_put(uow->conn, &message);
}

/* A body is delivered whole, whatever its length. */
static void test_server_outbox__long_bodies_are_whole(void **state)
{
    (void)state;
    struct seen seen = {.transport = {.send = seen_send}};
    size_t count = 0;
    int64_t left = waiting();
    assert_ok(partner_init(&house.outside, "outside", "http://127.0.0.1:1", "sycee", "secret",
                           &seen.transport, &bank.clock.clock));
    assert_ok(engine_run(bank.engine, long_work, NULL));
    assert_ok(delivery_run(&house, 64, &count));
    assert_int_equal(1, count);
    assert_int_equal(left, waiting());
    assert_string_equal("http://127.0.0.1:1/clearing/v1/agreements/7000000000000017", seen.url);
    partner_release(&house.outside);
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_outbox__tells_both_sides_once),
        cmocka_unit_test(test_server_outbox__long_bodies_are_whole),
        cmocka_unit_test(test_server_outbox__every_call_may_fail),
        cmocka_unit_test(test_server_outbox__a_poisoned_row_holds_up_none),
    };
    bank_open(&bank, engine, "test_server_outbox");
    house = (struct house){.engine = bank.engine, .rooms = ROOM_LIST};
    int failed = cmocka_run_group_tests_name(engine == DB_SQLITE ? "server_outbox sqlite"
                                                                 : "server_outbox postgresql",
                                             tests, NULL, NULL);
    bank_close(&bank);
    return failed;
}

int main(void)
{
    return fixture_run(run);
}
