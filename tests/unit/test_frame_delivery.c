/* Delivery of the outbox with reactions of the test's own: batches, failures, claims that are lost. */
#include "db/outbox.h"
#include "frame/room.h"
#include "sys/thread.h"

#include "db_fixture.h"

#include <stdio.h>
#include <string.h>

#define SEEN_MAX 64

static struct db_fixture db;
static struct clock_manual wall;
static struct house house;

/* What the reactions did, in order. */
static int64_t seen[SEEN_MAX];
static size_t seen_count, load_count, load_stolen; /* from which call of load on */
static int64_t failing_ref, stolen_ref;

static void see(int64_t ref_id)
{
    assert_true(seen_count < SEEN_MAX);
    seen[seen_count++] = ref_id;
}

/* Another deliverer takes the row as it is now: what happens when a claim has run out. */
static enum err steal(struct uow *uow, void *context)
{
    const struct delivery *delivery = context;
    DB_STMT(frame_test_steal, "UPDATE db_outbox SET next_at = $1 WHERE bucket = $2 AND id = $3");
    return db_exec(
        uow->conn, &frame_test_steal,
        DB_ARGS(db_int(uow->now_us + 7), db_int(id_bucket(delivery->id)), db_int(delivery->id)),
        NULL);
}

static enum err load_refs(struct db_conn *conn, const struct delivery *const *deliveries,
                          size_t count, void *out_loaded)
{
    int64_t *refs = out_loaded;
    (void)conn;
    load_count++;
    for (size_t i = 0; i < count; i++) {
        if (deliveries[i]->ref_id == stolen_ref && load_count >= load_stolen) {
            struct delivery copy = *deliveries[i];
            assert_ok(engine_run(house.engine, steal, &copy));
        }
        refs[i] = deliveries[i]->ref_id;
    }
    return ERR_OK;
}

static enum err write_ref(struct uow *uow, const struct delivery *delivery, const void *loaded)
{
    (void)uow;
    assert_int_equal(delivery->ref_id, *(const int64_t *)loaded);
    if (delivery->ref_id == failing_ref) {
        return ERR_NOT_FOUND;
    }
    see(delivery->ref_id);
    return ERR_OK;
}

static enum err call_out(const struct house *given, const struct delivery *delivery)
{
    assert_ptr_equal(&house, given);
    see(delivery->ref_id);
    return delivery->ref_id == failing_ref ? ERR_UNAVAILABLE : ERR_OK;
}

static const struct news_kind kind = {
    .loaded_size = sizeof(int64_t), .load = load_refs, .write = write_ref};
static const struct reaction reactions[] = {
    {"test.news", NULL, NULL, &kind}, {"test.call", "outside", call_out, NULL}, {0}};
static const struct lane_row lanes[] = {{LANE("outside"), .threads = 1, .waiting_max = 4}, {0}};
static const struct room_parts ROOM = {.name = "tested", .reactions = reactions, .lanes = lanes};
static const struct room_parts *const rooms[] = {&ROOM, NULL};

struct putting {
    const char *topic;
    int64_t ref_id;
};

static enum err put_row(struct uow *uow, void *context)
{
    const struct putting *putting = context;
    struct outbox_message message = {.id = uow_id(uow, 3),
                                     .topic = putting->topic,
                                     .ref_id = putting->ref_id,
                                     .body = "{}",
                                     .created_at = uow->now_us};
    return outbox_put(uow->conn, &message);
}

static void put(const char *topic, int64_t ref_id)
{
    struct putting putting = {topic, ref_id};
    assert_ok(engine_run(house.engine, put_row, &putting));
    clock_manual_advance(&wall, 1);
}

static int64_t waiting(void)
{
    struct db_conn *conn;
    int64_t left = 0, dead = 0;
    assert_ok(engine_read_begin(house.engine, &conn));
    assert_ok(outbox_count(conn, &left, &dead));
    engine_read_end(house.engine, conn);
    assert_int_equal(0, dead);
    return left;
}

static size_t run_once(void)
{
    size_t count = 0;
    assert_ok(delivery_run(&house, 64, &count));
    return count;
}

static int begin(void **state)
{
    (void)state;
    failing_ref = stolen_ref = 0;
    seen_count = load_count = load_stolen = 0;
    return 0;
}

/* Nothing is left for the next test. */
static int drain(void **state)
{
    (void)state;
    failing_ref = stolen_ref = 0;
    clock_manual_advance(&wall, 2 * OUTBOX_BACKOFF_MAX_US);
    while (run_once() > 0) {
    }
    return waiting() == 0 ? 0 : -1;
}

static void test_frame_delivery__news_go_together_in_their_order(void **state)
{
    (void)state;
    for (int i = 1; i <= 5; i++) {
        put(i == 4 ? "test.call" : "test.news", i);
    }
    assert_int_equal(5, run_once());
    assert_int_equal(0, waiting());
    assert_int_equal(5, seen_count);
    assert_int_equal(1, load_count); /* one batch, written after the call */
    assert_int_equal(4, seen[0]);
    assert_int_equal(1, seen[1]);
    assert_int_equal(5, seen[4]);
}

static void test_frame_delivery__failure_holds_up_no_other(void **state)
{
    (void)state;
    failing_ref = 12;
    for (int i = 11; i <= 13; i++) {
        put("test.news", i);
    }
    put("test.call", 12);
    assert_int_equal(4, run_once());
    assert_int_equal(2, waiting()); /* the two that failed, for later */
    assert_int_equal(0, run_once());
    failing_ref = 0;
    clock_manual_advance(&wall, 2 * OUTBOX_BACKOFF_MIN_US);
    assert_int_equal(2, run_once());
    assert_int_equal(0, waiting());
}

static void test_frame_delivery__lost_claim_neither_acts_nor_ends_the_row(void **state)
{
    (void)state;
    stolen_ref = 21;
    put("test.news", 21);
    assert_int_equal(1, run_once());
    assert_int_equal(0, seen_count);
    assert_int_equal(1, waiting()); /* the other deliverer's */
    stolen_ref = 0;
    clock_manual_advance(&wall, 10);
    assert_int_equal(1, run_once());
    assert_int_equal(1, seen_count);
    assert_int_equal(0, waiting());
}

static void test_frame_delivery__lost_claim_of_a_single_row(void **state)
{
    (void)state;
    failing_ref = 31; /* so that the batch fails and rows go one by one */
    stolen_ref = 32;
    load_stolen = 2; /* after the row's own claim */
    put("test.news", 31);
    put("test.news", 32);
    assert_int_equal(2, run_once());
    assert_int_equal(0, seen_count);
    assert_int_equal(2, waiting());
}

static void test_frame_delivery__topic_without_reaction_waits(void **state)
{
    (void)state;
    put("test.nobody", 41);
    assert_int_equal(1, run_once());
    assert_int_equal(1, waiting());
    DB_STMT(frame_test_topic, "UPDATE db_outbox SET topic = 'test.call' WHERE bucket = 3"
                              " AND topic = 'test.nobody'");
    struct db_conn *conn = fixture_connect(&db, DB_READ_WRITE);
    assert_ok(db_exec(conn, &frame_test_topic, DB_NO_ARGS, NULL));
    db_disconnect(conn);
}

static void test_frame_delivery__calls_go_over_their_lane(void **state)
{
    struct lane_row rows[LANES_MAX + 1];
    struct lanes *open = NULL;
    (void)state;
    put("test.call", 51);
    put("test.news", 52);
    (void)house_lanes(house.rooms, rows);
    assert_ok(lanes_open(rows, &open));
    assert_ok(delivery_hand_out(&house, open));
    while (waiting() == 2) {
        thread_sleep_us(1000);
    }
    lanes_close(open);
    assert_int_equal(1, waiting()); /* news need no lane */
    assert_int_equal(51, seen[0]);
}

static int run(enum db_engine engine)
{
#define DELIVERY_TEST(name) cmocka_unit_test_setup_teardown(name, begin, drain)
    const struct CMUnitTest tests[] = {
        DELIVERY_TEST(test_frame_delivery__news_go_together_in_their_order),
        DELIVERY_TEST(test_frame_delivery__failure_holds_up_no_other),
        DELIVERY_TEST(test_frame_delivery__lost_claim_neither_acts_nor_ends_the_row),
        DELIVERY_TEST(test_frame_delivery__lost_claim_of_a_single_row),
        DELIVERY_TEST(test_frame_delivery__topic_without_reaction_waits),
        DELIVERY_TEST(test_frame_delivery__calls_go_over_their_lane),
    };
    fixture_open(&db, engine, "frame_delivery");
    db_disconnect(db.conn);
    db.conn = NULL;
    clock_manual_init(&wall, DB_FIXTURE_NOW);
    struct engine_options options = {
        .database_url = db.url, .clock = &wall.clock, .workers = 4, .readers = 2};
    house = (struct house){.rooms = rooms};
    assert_ok(engine_start(&options, &house.engine));
    int failed = cmocka_run_group_tests_name(engine == DB_SQLITE ? "frame_delivery sqlite"
                                                                 : "frame_delivery postgresql",
                                             tests, NULL, NULL);
    engine_stop(house.engine);
    db.conn = fixture_connect(&db, DB_READ_WRITE);
    fixture_close(&db);
    return failed;
}

int main(void)
{
    return fixture_run(run);
}
