/* Token buckets, by a manual clock. */
#include "sys/clock.h"
#include "sys/ratelimit.h"
#include "sys/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define START    INT64_C(1790000000000000)
#define SECOND   INT64_C(1000000)
#define TAKERS   4
#define ATTEMPTS 2000

static const struct ratelimit_policy ten_a_minute = {10, 60 * SECOND};

static void test_sys_ratelimit__follows_the_clock(void **state)
{
    (void)state;
    static const struct {
        int64_t advance_us, cost;
        bool allowed;
        int64_t remaining, reset_s, retry_s;
    } rows[] = {
        {0, 1, true, 9, 6, 0},
        {0, 8, true, 1, 54, 0},
        {0, 2, false, 1, 54, 6},
        {0, 1, true, 0, 60, 0},
        {0, 1, false, 0, 60, 6},
        {5 * SECOND, 1, false, 0, 55, 1},
        {1 * SECOND, 1, true, 0, 60, 0},
        {60 * SECOND, 1, true, 9, 6, 0},
        {600 * SECOND, 10, true, 0, 60, 0},
        {0, 11, false, 0, 60, 66},
        {-30 * SECOND, 1, false, 0, 60, 6},
        {6 * SECOND, 1, true, 0, 60, 0},
    };
    struct clock_manual clock;
    struct ratelimit *ratelimit = NULL;
    clock_manual_init(&clock, START);
    assert_int_equal(ratelimit_open(100, &ratelimit), ERR_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        clock_manual_advance(&clock, rows[i].advance_us);
        struct ratelimit_verdict got =
            ratelimit_take(ratelimit, 7, &ten_a_minute, rows[i].cost, clock_now_us(&clock.clock));
        if (got.allowed != rows[i].allowed || got.remaining != rows[i].remaining ||
            got.reset_s != rows[i].reset_s || got.retry_s != rows[i].retry_s) {
            fail_msg("row %zu: allowed %d, remaining %d, reset %d, retry %d", i, got.allowed,
                     (int)got.remaining, (int)got.reset_s, (int)got.retry_s);
        }
    }
    /* Another key has a bucket of its own. */
    assert_true(ratelimit_take(ratelimit, 8, &ten_a_minute, 10, START).allowed);
    ratelimit_close(ratelimit);
}

struct taker {
    struct thread thread;
    struct ratelimit *ratelimit;
    int allowed;
};

static void run_taker(void *argument)
{
    struct taker *taker = argument;
    static const struct ratelimit_policy policy = {1000, 60 * SECOND};
    for (int i = 0; i < ATTEMPTS; i++) {
        taker->allowed += ratelimit_take(taker->ratelimit, 42, &policy, 1, START).allowed ? 1 : 0;
    }
}

static void test_sys_ratelimit__holds_under_threads(void **state)
{
    (void)state;
    struct ratelimit *ratelimit = NULL;
    struct taker takers[TAKERS] = {0};
    int allowed = 0;
    assert_int_equal(ratelimit_open(100, &ratelimit), ERR_OK);
    for (int i = 0; i < TAKERS; i++) {
        takers[i].ratelimit = ratelimit;
        assert_int_equal(thread_start(&takers[i].thread, "taker", run_taker, &takers[i]), ERR_OK);
    }
    for (int i = 0; i < TAKERS; i++) {
        thread_join(&takers[i].thread);
        allowed += takers[i].allowed;
    }
    assert_int_equal(allowed, 1000);
    ratelimit_close(ratelimit);
}

static void test_sys_ratelimit__forgets_the_longest_unused(void **state)
{
    (void)state;
    struct ratelimit *ratelimit = NULL;
    assert_int_equal(ratelimit_open(64, &ratelimit), ERR_OK);
    /* Eight rows of eight: keys that are equal modulo 8 share a row. */
    for (uint64_t i = 0; i < 9; i++) {
        ratelimit_take(ratelimit, 8 * (i + 1), &ten_a_minute, 10, START + (int64_t)i);
    }
    assert_false(ratelimit_take(ratelimit, 16, &ten_a_minute, 1, START + 10).allowed);
    assert_true(ratelimit_take(ratelimit, 8, &ten_a_minute, 1, START + 10).allowed);
    ratelimit_close(ratelimit);
}

static void test_sys_ratelimit__hashes_policy_and_bytes_apart(void **state)
{
    (void)state;
    struct ratelimit *ratelimit = NULL;
    assert_int_equal(ratelimit_open(64, &ratelimit), ERR_OK);
    uint64_t hash = ratelimit_hash(ratelimit, "login", "1.2.3.4", 7);
    assert_true(hash == ratelimit_hash(ratelimit, "login", "1.2.3.4", 7));
    assert_true(hash != ratelimit_hash(ratelimit, "login1", ".2.3.4", 6));
    assert_true(hash != ratelimit_hash(ratelimit, "api", "1.2.3.4", 7));
    ratelimit_close(ratelimit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sys_ratelimit__follows_the_clock),
        cmocka_unit_test(test_sys_ratelimit__holds_under_threads),
        cmocka_unit_test(test_sys_ratelimit__forgets_the_longest_unused),
        cmocka_unit_test(test_sys_ratelimit__hashes_policy_and_bytes_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
