/* Threads, the semaphore and the queue; clock and entropy. */
#include "sys/clock.h"
#include "sys/entropy.h"
#include "sys/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PRODUCERS 3
#define ITEMS     20000

static struct queue queue;

static void run_producer(void *argument)
{
    uintptr_t base = (uintptr_t)argument;
    for (uintptr_t i = 0; i < ITEMS; i++) {
        if (queue_put(&queue, (void *)(base * ITEMS + i + 1), -1) != ERR_OK) {
            abort();
        }
    }
}

/* Every item arrives once, and those of one producer in their order. */
static void test_sys_thread__queue_loses_and_doubles_nothing(void **state)
{
    (void)state;
    struct thread threads[PRODUCERS];
    uintptr_t next[PRODUCERS] = {0};
    void *items[64];
    size_t total = 0;
    assert_int_equal(queue_init(&queue, 100), ERR_OK);
    for (uintptr_t i = 0; i < PRODUCERS; i++) {
        assert_int_equal(thread_start(&threads[i], "producer", run_producer, (void *)i), ERR_OK);
    }
    while (total < PRODUCERS * ITEMS) {
        size_t count = queue_take(&queue, items, 64, 5000000);
        assert_true(count > 0 && count <= 64);
        for (size_t i = 0; i < count; i++) {
            uintptr_t value = (uintptr_t)items[i] - 1;
            assert_int_equal(value % ITEMS, next[value / ITEMS]++);
        }
        total += count;
    }
    for (size_t i = 0; i < PRODUCERS; i++) {
        thread_join(&threads[i]);
    }
    assert_int_equal(queue_count(&queue), 0);
    queue_release(&queue);
}

static void test_sys_thread__queue_is_bounded_and_closes(void **state)
{
    (void)state;
    void *items[4];
    int value = 0;
    assert_int_equal(queue_init(&queue, 2), ERR_OK);
    assert_int_equal(queue_take(&queue, items, 4, 0), 0);
    assert_int_equal(queue_take(&queue, items, 4, 1000), 0);
    assert_int_equal(queue_put(&queue, &value, 0), ERR_OK);
    assert_int_equal(queue_put(&queue, &value, 0), ERR_OK);
    assert_int_equal(queue_put(&queue, &value, 0), ERR_UNAVAILABLE);
    assert_int_equal(queue_put(&queue, &value, 1000), ERR_UNAVAILABLE);
    queue_close(&queue);
    assert_true(queue_is_closed(&queue));
    assert_int_equal(queue_put(&queue, &value, -1), ERR_UNAVAILABLE);
    assert_int_equal(queue_take(&queue, items, 1, -1), 1);
    assert_int_equal(queue_take(&queue, items, 4, -1), 1);
    assert_int_equal(queue_take(&queue, items, 4, -1), 0);
    queue_release(&queue);
}

static void run_post(void *argument)
{
    semaphore_post(argument, 2);
}

static void test_sys_thread__semaphore_counts(void **state)
{
    (void)state;
    struct semaphore semaphore;
    struct thread thread;
    semaphore_init(&semaphore, 1);
    assert_true(semaphore_wait(&semaphore, 0));
    assert_false(semaphore_wait(&semaphore, 1000));
    int before = thread_count();
    assert_int_equal(thread_start(&thread, "a name that is far too long", run_post, &semaphore),
                     ERR_OK);
    assert_int_equal(thread_count(), before + 1);
    assert_true(semaphore_wait(&semaphore, -1));
    assert_true(semaphore_wait(&semaphore, -1));
    assert_false(semaphore_wait(&semaphore, 0));
    thread_join(&thread);
    assert_int_equal(thread_count(), before);
    semaphore_release(&semaphore);
}

static void run_wait(void *argument)
{
    semaphore_wait(argument, -1);
}

static void test_sys_thread__refuses_above_the_maximum(void **state)
{
    (void)state;
    static struct thread threads[THREAD_COUNT_MAX + 1];
    struct semaphore semaphore;
    int started = 0;
    semaphore_init(&semaphore, 0);
    while (started <= THREAD_COUNT_MAX &&
           thread_start(&threads[started], "waiter", run_wait, &semaphore) == ERR_OK) {
        started++;
    }
    assert_int_equal(started, THREAD_COUNT_MAX);
    semaphore_post(&semaphore, started);
    for (int i = 0; i < started; i++) {
        thread_join(&threads[i]);
    }
    assert_int_equal(thread_start(&threads[0], "again", run_post, &semaphore), ERR_OK);
    thread_join(&threads[0]);
    semaphore_release(&semaphore);
}

static void test_sys_clock__stands_until_told(void **state)
{
    (void)state;
    struct clock_manual manual;
    clock_manual_init(&manual, 1000);
    assert_int_equal(clock_now_us(&manual.clock), 1000);
    clock_manual_advance(&manual, 5);
    assert_int_equal(clock_now_us(&manual.clock), 1005);
    clock_manual_set(&manual, 3);
    assert_int_equal(clock_now_us(&manual.clock), 3);
    assert_true(clock_now_us(clock_system()) > INT64_C(1700000000000000));
    int64_t first = clock_monotonic_us();
    assert_true(clock_monotonic_us() >= first);
}

static void test_sys_entropy__seed_replays_however_it_is_cut(void **state)
{
    (void)state;
    struct entropy_seeded one;
    struct entropy_seeded two;
    struct entropy_seeded other;
    uint8_t whole[300];
    uint8_t parts[300];
    uint8_t different[300];
    entropy_seeded_init(&one, 7);
    entropy_seeded_init(&two, 7);
    entropy_seeded_init(&other, 8);
    entropy_fill(&one.entropy, whole, sizeof whole);
    for (size_t at = 0, size = 1; at < sizeof parts; at += size, size = size % 90 + 7) {
        size_t left = sizeof parts - at;
        entropy_fill(&two.entropy, parts + at, size < left ? size : left);
    }
    entropy_fill(&other.entropy, different, sizeof different);
    assert_memory_equal(whole, parts, sizeof whole);
    assert_memory_not_equal(whole, different, sizeof whole);
    assert_memory_not_equal(whole, whole + 64, 64);
    entropy_seeded_release(&one);
    entropy_seeded_release(&two);
    entropy_seeded_release(&other);
}

static void test_sys_entropy__bounds_are_even(void **state)
{
    (void)state;
    struct entropy_seeded seeded;
    int seen[3] = {0};
    entropy_seeded_init(&seeded, 1);
    for (int i = 0; i < 30000; i++) {
        seen[entropy_below(&seeded.entropy, 3)]++;
    }
    for (int i = 0; i < 3; i++) {
        assert_in_range(seen[i], 9600, 10400);
    }
    assert_int_equal(entropy_below(&seeded.entropy, 1), 0);
    assert_true(entropy_u64(entropy_system()) != entropy_u64(entropy_system()));
    entropy_seeded_release(&seeded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sys_thread__queue_loses_and_doubles_nothing),
        cmocka_unit_test(test_sys_thread__queue_is_bounded_and_closes),
        cmocka_unit_test(test_sys_thread__semaphore_counts),
        cmocka_unit_test(test_sys_thread__refuses_above_the_maximum),
        cmocka_unit_test(test_sys_clock__stands_until_told),
        cmocka_unit_test(test_sys_entropy__seed_replays_however_it_is_cut),
        cmocka_unit_test(test_sys_entropy__bounds_are_even),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
