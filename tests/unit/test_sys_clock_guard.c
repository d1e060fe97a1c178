/* The guarded clock: steps of the wall clock, small and large, in a run and between two. */
#include "sys/clock_guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)
#define NOON   INT64_C(1795248000000000)

static struct clock_manual wall, count;
static struct clock_guard guard;

static void start_at(int64_t wall_us, int64_t count_us, const char *boot_id,
                     const struct clock_memory *memory)
{
    clock_manual_init(&wall, wall_us);
    clock_manual_init(&count, count_us);
    clock_guard_init(&guard, &wall.clock, &count.clock, boot_id);
    if (memory != NULL) {
        clock_guard_resume(&guard, memory);
    }
}

static void pass(int64_t by_us)
{
    clock_manual_advance(&wall, by_us);
    clock_manual_advance(&count, by_us);
}

static void test_sys_clock_guard__steps_of_the_wall_clock(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int64_t step_us;
        int64_t ahead_us; /* of the bank's time against true time, a second after the step */
        enum clock_state wanted;
    } rows[] = {
        {"none", 0, 0, CLOCK_STEADY},
        {"a second forward", SECOND, SECOND, CLOCK_STEADY},
        {"a pause of ten minutes", 600 * SECOND, 600 * SECOND, CLOCK_STEADY},
        {"an hour forward", HOUR, 0, CLOCK_JUMPED},
        {"twenty days forward", 20 * DAY, 0, CLOCK_JUMPED},
        {"ten years forward", 3650 * DAY, 0, CLOCK_JUMPED},
        {"half a second back", -SECOND / 2, -SECOND / 2, CLOCK_STEADY},
        {"half a minute back", -30 * SECOND, -SECOND / 2, CLOCK_STEADY},
        {"an hour back", -HOUR, 0, CLOCK_JUMPED},
        {"a day back", -DAY, 0, CLOCK_JUMPED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].what);
        start_at(NOON, 5 * DAY, "a", NULL);
        pass(10 * SECOND);
        assert_int_equal(clock_now_us(&guard.clock), NOON + 10 * SECOND);
        clock_manual_advance(&wall, rows[i].step_us);
        int64_t at_step = clock_now_us(&guard.clock);
        assert_true(at_step >= NOON + 10 * SECOND); /* never back */
        pass(SECOND);
        struct clock_reading reading = clock_guard_read(&guard);
        assert_int_equal(reading.now_us - (NOON + 11 * SECOND), rows[i].ahead_us);
        assert_int_equal(reading.state, rows[i].wanted);
        assert_int_equal(reading.jump_count, rows[i].wanted == CLOCK_JUMPED);
        assert_int_equal(reading.ahead_us, rows[i].step_us - rows[i].ahead_us);
    }
}

static void test_sys_clock_guard__comes_back_by_itself(void **state)
{
    (void)state;
    start_at(NOON, 0, "a", NULL);
    clock_manual_advance(&wall, 3650 * DAY);
    pass(120 * SECOND);
    assert_int_equal(clock_guard_read(&guard).state, CLOCK_JUMPED);
    clock_manual_advance(&wall, -3650 * DAY);
    pass(SECOND);
    struct clock_reading reading = clock_guard_read(&guard);
    assert_int_equal(reading.state, CLOCK_STEADY);
    assert_int_equal(reading.now_us, NOON + 121 * SECOND);
    assert_int_equal(reading.ahead_us, 0);
}

/* A small step back is compensated at half the pace and never appears as a step. */
static void test_sys_clock_guard__small_step_back_is_made_up(void **state)
{
    (void)state;
    start_at(NOON, 0, "a", NULL);
    clock_manual_advance(&wall, -40 * SECOND);
    int64_t last = clock_now_us(&guard.clock);
    for (int i = 0; i < 100; i++) {
        pass(SECOND);
        int64_t now = clock_now_us(&guard.clock);
        assert_true(now >= last + SECOND / 2 && now <= last + SECOND);
        last = now;
    }
    assert_int_equal(last, clock_now_us(&wall.clock));
}

static void test_sys_clock_guard__follows_when_told(void **state)
{
    (void)state;
    static const int64_t steps[] = {20 * DAY, -DAY};
    for (size_t i = 0; i < 2; i++) {
        start_at(NOON, 0, "a", NULL);
        clock_manual_advance(&wall, steps[i]);
        pass(SECOND);
        assert_int_equal(clock_guard_read(&guard).state, CLOCK_JUMPED);
        clock_guard_follow(&guard);
        pass(SECOND);
        struct clock_reading reading = clock_guard_read(&guard);
        assert_int_equal(reading.state, CLOCK_STEADY);
        assert_int_equal(reading.now_us, NOON + 2 * SECOND + steps[i]);
    }
}

static void test_sys_clock_guard__starts_from_what_was_kept(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        const char *boot_id;
        int64_t wall_us, count_us;
        int64_t wanted_us;
        enum clock_state wanted;
    } rows[] = {
        /* The same start of the machine: an hour passed on its count, independent of the wall clock. */
        {"same machine, right", "a", NOON + HOUR, DAY + HOUR, NOON + HOUR, CLOCK_STEADY},
        {"same machine, ten years ahead", "a", NOON + 3650 * DAY, DAY + HOUR, NOON + HOUR,
         CLOCK_JUMPED},
        {"same machine, a day back", "a", NOON - DAY, DAY + HOUR, NOON + HOUR, CLOCK_JUMPED},
        /* Another start: only the newest stored instant is known. */
        {"an outage of six days", "b", NOON + 6 * DAY, HOUR, NOON + 6 * DAY, CLOCK_STEADY},
        {"an outage of a month", "b", NOON + 30 * DAY, HOUR, NOON + 30 * DAY, CLOCK_UNSURE},
        {"a clock that was ahead", "b", NOON - DAY, HOUR, NOON, CLOCK_JUMPED},
        {"a few seconds back", "b", NOON - 5 * SECOND, HOUR, NOON, CLOCK_STEADY},
    };
    const struct clock_memory memory = {
        .boot_id = "a", .offset_us = NOON - DAY, .largest_us = NOON};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].what);
        start_at(rows[i].wall_us, rows[i].count_us, rows[i].boot_id, &memory);
        struct clock_reading reading = clock_guard_read(&guard);
        assert_int_equal(reading.now_us, rows[i].wanted_us);
        assert_int_equal(reading.state, rows[i].wanted);
    }
    /* A new bank has no stored time. */
    const struct clock_memory nothing = {.largest_us = 0};
    start_at(NOON + 3650 * DAY, HOUR, "b", &nothing);
    assert_int_equal(clock_guard_read(&guard).state, CLOCK_STEADY);
}

static void test_sys_clock_guard__unsure_until_people_agree(void **state)
{
    (void)state;
    const struct clock_memory memory = {.boot_id = "a", .largest_us = NOON};
    start_at(NOON + 30 * DAY, 0, "b", &memory);
    pass(HOUR);
    assert_int_equal(clock_guard_read(&guard).state, CLOCK_UNSURE);
    clock_guard_follow(&guard);
    pass(HOUR);
    assert_int_equal(clock_guard_read(&guard).state, CLOCK_STEADY);
}

static void test_sys_clock_guard__shifted_by_a_file(void **state)
{
    (void)state;
    struct clock *shifted_wall, *shifted_count;
    char path[] = "/tmp/sycee-clock-XXXXXX", id[CLOCK_BOOT_ID_SIZE];
    int64_t shifts[2] = {DAY, HOUR};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(clock_shifted(path, &shifted_wall, &shifted_count), ERR_IO); /* empty */
    assert_int_equal(write(fd, shifts, sizeof shifts), (long)sizeof shifts);
    assert_int_equal(clock_shifted(path, &shifted_wall, &shifted_count), ERR_OK);
    int64_t wall_gap = clock_now_us(shifted_wall) - clock_now_us(clock_system());
    int64_t count_gap = clock_now_us(shifted_count) - clock_now_us(clock_count());
    assert_true(wall_gap > DAY - SECOND && wall_gap <= DAY);
    assert_true(count_gap > HOUR - SECOND && count_gap <= HOUR);
    assert_int_equal(clock_boot_id(id), ERR_OK);
    assert_int_equal(strlen(id), 36);
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sys_clock_guard__steps_of_the_wall_clock),
        cmocka_unit_test(test_sys_clock_guard__comes_back_by_itself),
        cmocka_unit_test(test_sys_clock_guard__small_step_back_is_made_up),
        cmocka_unit_test(test_sys_clock_guard__follows_when_told),
        cmocka_unit_test(test_sys_clock_guard__starts_from_what_was_kept),
        cmocka_unit_test(test_sys_clock_guard__unsure_until_people_agree),
        cmocka_unit_test(test_sys_clock_guard__shifted_by_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
