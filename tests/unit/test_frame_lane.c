/* Lanes: bounds of the queue and of a principal, bounded waiting, a slow lane beside a quick one. */
#include "base/check.h"
#include "frame/lane.h"
#include "sys/clock.h"
#include "sys/metrics.h"
#include "sys/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "slow" is a party that answers when the test allows it. */
static const struct lane_row rows[] = {
    {LANE("slow"), .threads = 2, .waiting_max = 3, .principal_max = 3, .wait_max_us = 200000},
    {LANE("quick"), .threads = 1, .waiting_max = 1000},
    {0}};

static struct semaphore gate;
static _Atomic int ran, shed_count, last_shed;

static void run_at_once(struct lane_work *work)
{
    (void)work;
    atomic_fetch_add(&ran, 1);
}

static void run_behind_gate(struct lane_work *work)
{
    (void)work;
    CHECK(semaphore_wait(&gate, 20000000));
    atomic_fetch_add(&ran, 1);
}

static void count_shed(struct lane_work *work, enum err err)
{
    (void)work;
    atomic_store(&last_shed, (int)err);
    atomic_fetch_add(&shed_count, 1);
}

static bool reaches(const _Atomic int *counter, int wanted)
{
    int64_t until = clock_monotonic_us() + 10000000;
    while (atomic_load(counter) < wanted && clock_monotonic_us() < until) {
        thread_sleep_us(1000);
    }
    return atomic_load(counter) == wanted;
}

static struct lane_work slow_work(uint64_t principal)
{
    return (struct lane_work){.run = run_behind_gate, .shed = count_shed, .principal = principal};
}

static int open_lanes(void **state)
{
    struct lanes *lanes = NULL;
    semaphore_init(&gate, 0);
    atomic_store(&ran, 0);
    atomic_store(&shed_count, 0);
    assert_int_equal(lanes_open(rows, &lanes), ERR_OK);
    *state = lanes;
    return 0;
}

static int close_lanes(void **state)
{
    semaphore_post(&gate, 1000);
    lanes_close(*state);
    semaphore_release(&gate);
    return 0;
}

static void wait_running(struct lanes *lanes, size_t wanted)
{
    struct lane_view views[LANES_MAX];
    int64_t until = clock_monotonic_us() + 10000000;
    do {
        assert_int_equal(lanes_view(lanes, views, LANES_MAX), 2);
    } while (views[0].running != wanted && clock_monotonic_us() < until);
    assert_int_equal(views[0].running, wanted);
}

static void test_frame_lane__finds_by_name(void **state)
{
    assert_non_null(lanes_find(*state, "slow"));
    assert_ptr_equal(lanes_find(*state, "slow"), lanes_find(*state, "slow"));
    assert_ptr_not_equal(lanes_find(*state, "slow"), lanes_find(*state, "quick"));
    assert_null(lanes_find(*state, "none"));
}

static void test_frame_lane__slow_lane_holds_up_only_itself(void **state)
{
    struct lane *slow = lanes_find(*state, "slow"), *quick = lanes_find(*state, "quick");
    struct lane_work stuck[2] = {slow_work(1), slow_work(2)};
    static struct lane_work swift[500];
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(lane_submit(slow, &stuck[i]), ERR_OK);
    }
    for (size_t i = 0; i < 500; i++) {
        swift[i] = (struct lane_work){.run = run_at_once, .shed = count_shed};
        assert_int_equal(lane_submit(quick, &swift[i]), ERR_OK);
    }
    assert_true(reaches(&ran, 500));
    semaphore_post(&gate, 2);
    assert_true(reaches(&ran, 502));
    assert_int_equal(atomic_load(&shed_count), 0);
}

static void test_frame_lane__queue_and_principal_are_bounded(void **state)
{
    struct lane *slow = lanes_find(*state, "slow");
    struct lane_work works[6];
    for (size_t i = 0; i < 6; i++) {
        works[i] = slow_work(i < 4 ? 7 : 8);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(lane_submit(slow, &works[i]), ERR_OK);
    }
    wait_running(*state, 2);
    /* Two run and one waits: this customer's share is used up, another's is not. */
    assert_int_equal(lane_submit(slow, &works[3]), ERR_BUSY);
    assert_int_equal(lane_submit(slow, &works[4]), ERR_OK);
    assert_int_equal(lane_submit(slow, &works[5]), ERR_OK);
    struct lane_work nobody = slow_work(0);
    assert_int_equal(lane_submit(slow, &nobody), ERR_BUSY); /* the queue is full */
    semaphore_post(&gate, 5);
    assert_true(reaches(&ran, 5));
    assert_int_equal(lane_submit(slow, &works[3]), ERR_OK); /* the part is given back */
    semaphore_post(&gate, 1);
    assert_true(reaches(&ran, 6));
}

/* All threads are in calls that do not return: waiting work is ended all the same. */
static void test_frame_lane__waiting_is_bounded(void **state)
{
    struct lane *slow = lanes_find(*state, "slow");
    struct lane_work works[4] = {slow_work(1), slow_work(2), slow_work(3), slow_work(4)};
    int64_t shed_before = metrics_value(metrics_counter("lane_shed_total", "", "lane=\"slow\""));
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(lane_submit(slow, &works[i]), ERR_OK);
    }
    assert_true(reaches(&shed_count, 2));
    assert_int_equal(atomic_load(&last_shed), ERR_BUSY);
    assert_int_equal(atomic_load(&ran), 0);
    assert_int_equal(metrics_value(metrics_counter("lane_shed_total", "", "lane=\"slow\"")),
                     shed_before + 2);
    semaphore_post(&gate, 2);
    assert_true(reaches(&ran, 2));
}

static void test_frame_lane__closing_ends_what_waits(void **state)
{
    (void)state;
    struct lanes *lanes;
    semaphore_init(&gate, 0);
    atomic_store(&ran, 0);
    atomic_store(&shed_count, 0);
    assert_int_equal(lanes_open(rows, &lanes), ERR_OK);
    struct lane *slow = lanes_find(lanes, "slow");
    struct lane_work works[3] = {slow_work(1), slow_work(2), slow_work(3)};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(lane_submit(slow, &works[i]), ERR_OK);
    }
    wait_running(lanes, 2);
    assert_int_equal(lane_submit(slow, &works[2]), ERR_OK);
    semaphore_post(&gate, 2);
    assert_true(reaches(&ran, 2) || atomic_load(&ran) == 3);
    semaphore_post(&gate, 1);
    lanes_close(lanes);
    assert_int_equal(atomic_load(&ran) + atomic_load(&shed_count), 3);
    semaphore_release(&gate);
}

/* Many submitters: each work is run or shed once. */
static struct lane *storm_lane;
static _Atomic int storm_refused;

static void storm(void *argument)
{
    struct lane_work *works = argument;
    for (size_t i = 0; i < 2000; i++) {
        works[i] = (struct lane_work){.run = run_at_once, .shed = count_shed, .principal = i % 5};
        atomic_fetch_add(&storm_refused, lane_submit(storm_lane, &works[i]) != ERR_OK);
    }
}

static void test_frame_lane__loses_and_doubles_nothing(void **state)
{
    static struct lane_work works[3][2000];
    struct thread threads[3];
    storm_lane = lanes_find(*state, "slow");
    atomic_store(&storm_refused, 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(thread_start(&threads[i], "storm", storm, works[i]), ERR_OK);
    }
    for (size_t i = 0; i < 3; i++) {
        thread_join(&threads[i]);
    }
    int64_t until = clock_monotonic_us() + 10000000;
    while (atomic_load(&ran) + atomic_load(&shed_count) + atomic_load(&storm_refused) < 6000 &&
           clock_monotonic_us() < until) {
        thread_sleep_us(1000);
    }
    assert_int_equal(atomic_load(&ran) + atomic_load(&shed_count) + atomic_load(&storm_refused),
                     6000);
    assert_true(atomic_load(&ran) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_frame_lane__finds_by_name, open_lanes, close_lanes),
        cmocka_unit_test_setup_teardown(test_frame_lane__slow_lane_holds_up_only_itself, open_lanes,
                                        close_lanes),
        cmocka_unit_test_setup_teardown(test_frame_lane__queue_and_principal_are_bounded,
                                        open_lanes, close_lanes),
        cmocka_unit_test_setup_teardown(test_frame_lane__waiting_is_bounded, open_lanes,
                                        close_lanes),
        cmocka_unit_test(test_frame_lane__closing_ends_what_waits),
        cmocka_unit_test_setup_teardown(test_frame_lane__loses_and_doubles_nothing, open_lanes,
                                        close_lanes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
