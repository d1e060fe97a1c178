/* Log lines as they arrive at the other end of a pipe. */
#include "sys/log.h"
#include "sys/thread.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define WRITERS 4
#define LINES   100

static int ends[2];
static struct clock_manual manual;

static int open_pipe(void **state)
{
    (void)state;
    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) {
        return -1;
    }
    fcntl(ends[1], F_SETPIPE_SZ, 1024 * 1024);
    clock_manual_init(&manual, INT64_C(1795248000000000)); /* 2026-11-21T08:00:00Z */
    log_init(&(struct log_options){.clock = &manual.clock, .fd = ends[1], .level_min = LOG_INFO});
    return 0;
}

static int close_pipe(void **state)
{
    (void)state;
    log_init(&(struct log_options){.fd = STDERR_FILENO, .level_min = LOG_INFO});
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static char *read_lines(void)
{
    static char text[512 * 1024];
    size_t got = 0;
    for (;;) {
        ssize_t part = read(ends[0], text + got, sizeof text - 1 - got);
        if (part <= 0) {
            text[got] = 0;
            return text;
        }
        got += (size_t)part;
    }
}

static int count_of(const char *text, const char *part)
{
    int count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

static void test_sys_log__writes_typed_fields(void **state)
{
    (void)state;
    log_event(LOG_INFO, "started", log_string("name", "a\"b\n\xE9\x93\xB6"), log_int("port", -8),
              log_bool("tls", true), log_string("none", NULL), log_err(ERR_IO));
    assert_string_equal(
        read_lines(),
        "{\"timestamp\":\"2026-11-21T08:00:00Z\",\"severity\":\"INFO\",\"body\":\"started\","
        "\"attributes\":{\"name\":\"a\\\"b\\n\xE9\x93\xB6\",\"port\":-8,\"tls\":true,\"none\":null,"
        "\"error\":\"io\"}}\n");
    log_line(LOG_DEBUG, "unseen");
    assert_string_equal(read_lines(), "");
    log_event(LOG_INFO, "odd", log_string("bytes", "\xFF\xFE"));
    assert_non_null(strstr(read_lines(), "\"bytes\":\"(not utf-8)\""));
}

static void test_sys_log__cuts_what_is_too_long(void **state)
{
    (void)state;
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    log_event(LOG_INFO, "long", log_string("a", text));
    char *line = read_lines();
    assert_in_range(strlen(line), 1024, 1300);
    assert_int_equal(line[strlen(line) - 1], '\n');
    log_event(LOG_INFO, "longer", log_string("a", text), log_string("b", text),
              log_string("c", text), log_string("d", text));
    assert_non_null(strstr(read_lines(), "\"body\":\"longer\",\"attributes\":{\"cut\":true}}\n"));
}

static void test_sys_log__limits_repeated_errors(void **state)
{
    (void)state;
    for (int i = 0; i < LOG_BURST + 30; i++) {
        log_line(LOG_ERROR, "failing");
        log_line(LOG_INFO, "going_on");
    }
    char *lines = read_lines();
    assert_int_equal(count_of(lines, "\"failing\""), LOG_BURST);
    assert_int_equal(count_of(lines, "\"going_on\""), LOG_BURST + 30);
    clock_manual_advance(&manual, LOG_BURST_WINDOW_US);
    log_line(LOG_ERROR, "failing");
    log_line(LOG_ERROR, "failing");
    lines = read_lines();
    assert_int_equal(count_of(lines, "\"suppressed\":30"), 1);
    assert_int_equal(count_of(lines, "\"failing\""), 2);
}

static void test_sys_log__carries_the_trace(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                                      "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                      "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(log_trace_from_parent(bad[i]));
        assert_string_equal(log_trace_id(), "");
    }
    assert_true(log_trace_from_parent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    log_line(LOG_INFO, "traced");
    assert_non_null(strstr(read_lines(), ",\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\","
                                         "\"span_id\":\"00f067aa0ba902b7\","));
    log_trace_set("nonsense", "00f067aa0ba902b7");
    assert_string_equal(log_trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
    log_trace_clear();
    log_line(LOG_INFO, "untraced");
    assert_null(strstr(read_lines(), "trace_id"));
}

static void run_writer(void *argument)
{
    for (int i = 0; i < LINES; i++) {
        log_event(LOG_INFO, "line", log_string("who", argument), log_int("number", i));
    }
}

static void test_sys_log__never_mixes_lines(void **state)
{
    (void)state;
    static char names[WRITERS][2] = {"a", "b", "c", "d"};
    struct thread threads[WRITERS];
    int whole = 0;
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(thread_start(&threads[i], "writer", run_writer, names[i]), ERR_OK);
    }
    for (int i = 0; i < WRITERS; i++) {
        thread_join(&threads[i]);
    }
    char *rest = read_lines();
    for (char *line = strsep(&rest, "\n"); rest != NULL; line = strsep(&rest, "\n")) {
        assert_int_equal(strncmp(line, "{\"timestamp\":\"", 14), 0);
        assert_string_equal(line + strlen(line) - 2, "}}");
        whole++;
    }
    assert_int_equal(whole, WRITERS * LINES);
}

/* A reader that has stopped reading, at a pipe that waits: as a service manager that hangs. */
static void test_sys_log__drops_and_counts_where_nobody_reads(void **state)
{
    int slow[2];
    (void)state;
    assert_int_equal(pipe2(slow, O_CLOEXEC), 0);
    log_init(&(struct log_options){.clock = &manual.clock, .fd = slow[1], .level_min = LOG_INFO});
    int64_t before = log_dropped_count();
    alarm(20);
    for (int i = 0; i < 5000; i++) {
        log_event(LOG_INFO, "flood", log_int("n", i));
    }
    alarm(0);
    int64_t dropped = log_dropped_count() - before;
    assert_true(dropped > 0 && dropped < 5000);
    assert_int_equal(fcntl(slow[1], F_GETFL) & O_NONBLOCK, 0);
    static char text[256 * 1024];
    size_t got = 0;
    fcntl(slow[0], F_SETFL, O_NONBLOCK);
    for (ssize_t part; (part = read(slow[0], text + got, sizeof text - 1 - got)) > 0;) {
        got += (size_t)part;
    }
    text[got] = 0;
    assert_int_equal(count_of(text, "\n"), 5000 - dropped);
    log_line(LOG_INFO, "after");
    ssize_t size = read(slow[0], text, sizeof text - 1);
    assert_true(size > 0);
    text[size] = 0;
    char told[80];
    snprintf(told, sizeof told, "\"log_lines_dropped\",\"attributes\":{\"count\":%lld}}\n",
             (long long)dropped);
    assert_non_null(strstr(text, told));
    assert_non_null(strstr(text, "\"after\""));
    log_init(&(struct log_options){.clock = &manual.clock, .fd = ends[1], .level_min = LOG_INFO});
    close(slow[0]);
    close(slow[1]);
}

static void test_sys_log__each_has_a_larger_bound(void **state)
{
    (void)state;
    for (int i = 0; i < LOG_EACH_BURST + 5; i++) {
        log_each(LOG_WARN, "refused_one", log_int("n", i));
    }
    assert_int_equal(count_of(read_lines(), "refused_one"), LOG_EACH_BURST);
    clock_manual_advance(&manual, LOG_BURST_WINDOW_US);
    log_each(LOG_WARN, "refused_one", log_int("n", 0));
    assert_non_null(strstr(read_lines(), "\"suppressed\":5"));
}

static void test_sys_log__parses_levels(void **state)
{
    (void)state;
    enum log_level level = LOG_DEBUG;
    assert_int_equal(log_level_parse("warn", &level), ERR_OK);
    assert_int_equal(level, LOG_WARN);
    assert_int_equal(log_level_parse("WARN", &level), ERR_INVALID_FIELD);
    assert_true(log_is_enabled(LOG_ERROR));
    assert_false(log_is_enabled(LOG_DEBUG));
}

int main(void)
{
#define PIPED(test) cmocka_unit_test_setup_teardown(test, open_pipe, close_pipe)
    const struct CMUnitTest tests[] = {
        PIPED(test_sys_log__writes_typed_fields),
        PIPED(test_sys_log__cuts_what_is_too_long),
        PIPED(test_sys_log__limits_repeated_errors),
        PIPED(test_sys_log__carries_the_trace),
        PIPED(test_sys_log__never_mixes_lines),
        PIPED(test_sys_log__parses_levels),
        PIPED(test_sys_log__drops_and_counts_where_nobody_reads),
        PIPED(test_sys_log__each_has_a_larger_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
