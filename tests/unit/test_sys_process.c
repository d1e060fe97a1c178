/* Metrics, files, the process and the progress bar. */
#include "sys/file.h"
#include "sys/metrics.h"
#include "sys/process.h"
#include "sys/progress.h"
#include "sys/thread.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/sycee-file-XXXXXX";

static void test_sys_metrics__writes_text(void **state)
{
    (void)state;
    static const int64_t bounds[] = {1000, 2500000};
    struct str text;
    struct metric *ok = metrics_counter("calls_total", "Calls.", "status=\"2xx\"");
    struct metric *open = metrics_gauge("open", "Open.", "");
    struct metric *bad = metrics_counter("calls_total", "Calls.", "status=\"5xx\"");
    struct metric *took = metrics_histogram("took_seconds", "Took.", "door=\"a\"", bounds, 2);
    assert_ptr_equal(metrics_counter("calls_total", "Calls.", "status=\"5xx\""), bad);
    metrics_add(ok, 2);
    metrics_add(ok, 1);
    metrics_add(open, 5);
    metrics_add(open, -7);
    metrics_observe(took, 1000);
    metrics_observe(took, 1001);
    metrics_observe(took, 9000000);
    assert_int_equal(metrics_value(took), 3);
    str_init(&text, 4096);
    metrics_write(&text);
    assert_string_equal(text.bytes, "# HELP calls_total Calls.\n# TYPE calls_total counter\n"
                                    "calls_total{status=\"2xx\"} 3\ncalls_total{status=\"5xx\"} 0\n"
                                    "# HELP open Open.\n# TYPE open gauge\nopen -2\n"
                                    "# HELP took_seconds Took.\n# TYPE took_seconds histogram\n"
                                    "took_seconds_bucket{door=\"a\",le=\"0.001000\"} 1\n"
                                    "took_seconds_bucket{door=\"a\",le=\"2.500000\"} 2\n"
                                    "took_seconds_bucket{door=\"a\",le=\"+Inf\"} 3\n"
                                    "took_seconds_sum{door=\"a\"} 9.002001\n"
                                    "took_seconds_count{door=\"a\"} 3\n");
    str_release(&text);
}

static void test_sys_file__replaces_whole(void **state)
{
    (void)state;
    char path[FILE_PATH_MAX];
    char *bytes = NULL;
    size_t size = 0;
    struct stat facts;
    assert_int_equal(file_join(folder, "a", path), ERR_OK);
    assert_int_equal(file_read(path, 100, &bytes, &size), ERR_NOT_FOUND);
    assert_int_equal(file_replace(path, "one\0two", 7, 0600), ERR_OK);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_int_equal(file_replace(path, "second", 6, 0644), ERR_OK);
    assert_int_equal(file_read(path, 5, &bytes, &size), ERR_OVERFLOW);
    assert_int_equal(file_read(path, 6, &bytes, &size), ERR_OK);
    assert_int_equal(size, 6);
    assert_string_equal(bytes, "second");
    free(bytes);
    assert_int_equal(file_read(folder, 100, &bytes, &size), ERR_IO);
    assert_int_equal(file_replace("/no/such/folder/a", "x", 1, 0600), ERR_NOT_FOUND);
    /* No temporary file stays behind. */
    struct file_list list;
    assert_int_equal(file_list(folder, 10, &list), ERR_OK);
    assert_int_equal(list.count, 1);
    file_list_release(&list);
    assert_int_equal(file_remove(path), ERR_OK);
    assert_int_equal(file_remove(path), ERR_NOT_FOUND);
}

static void test_sys_file__makes_and_lists_folders(void **state)
{
    (void)state;
    char path[FILE_PATH_MAX];
    struct file_list list;
    assert_int_equal(file_join(folder, "b/c/d", path), ERR_OK);
    assert_int_equal(file_make_folder(path, 0700), ERR_OK);
    assert_int_equal(file_make_folder(path, 0700), ERR_OK);
    assert_true(file_exists(path));
    assert_int_equal(file_join(folder, "z", path), ERR_OK);
    assert_int_equal(file_replace(path, "x", 1, 0600), ERR_OK);
    assert_int_equal(file_make_folder(path, 0700), ERR_EXISTS);
    assert_int_equal(file_list(folder, 1, &list), ERR_OVERFLOW);
    assert_int_equal(file_list(folder, 2, &list), ERR_OK);
    assert_string_equal(list.names[0], "b");
    assert_string_equal(list.names[1], "z");
    file_list_release(&list);
    assert_int_equal(file_remove(path), ERR_OK);
    for (const char *const *part = (const char *const[]){"b/c/d", "b/c", "b", NULL}; *part != NULL;
         part++) {
        assert_int_equal(file_join(folder, *part, path), ERR_OK);
        assert_int_equal(rmdir(path), 0);
    }
}

static void test_sys_file__knows_content_types(void **state)
{
    (void)state;
    assert_string_equal(file_content_type("a/b.JS"), "text/javascript; charset=utf-8");
    assert_string_equal(file_content_type("index.html"), "text/html; charset=utf-8");
    assert_string_equal(file_content_type("a.svg"), "image/svg+xml");
    assert_string_equal(file_content_type("a.js/b"), "application/octet-stream");
    assert_string_equal(file_content_type("none"), "application/octet-stream");
}

static void test_sys_process__takes_stop_signals(void **state)
{
    (void)state;
    assert_int_equal(process_init(), ERR_OK);
    assert_false(process_is_stopping());
    assert_false(process_wait_stop(1000));
    assert_int_equal(raise(SIGHUP), 0);
    assert_false(process_is_stopping());
    assert_int_equal(raise(SIGTERM), 0);
    assert_true(process_is_stopping());
    assert_true(process_wait_stop(-1));
    process_release();
    assert_int_equal(process_init(), ERR_OK);
    assert_false(process_is_stopping());
    process_stop();
    assert_true(process_wait_stop(-1));
    process_release();
    assert_true(process_memory_bytes() > 0);
    assert_int_equal(process_inherited_socket(0), -1);
    assert_int_equal(process_id(), getpid());
}

static void test_sys_progress__formats_a_line(void **state)
{
    (void)state;
    char line[PROGRESS_LINE_MAX];
    struct progress progress = {.label = "replaying", .total = 1000, .done = 250};
    progress_format(&progress, 80, 10000000, line);
    assert_string_equal(
        line, "replaying  [########------------------------]   25 %  250/1000  25/s  0:30 left");
    progress.lang = LANG_ZH;
    progress.done = 1;
    progress.total = 100000;
    progress_format(&progress, 80, 1000000, line);
    assert_non_null(strstr(line, "剩余 27:46:39"));
    progress.done = 100000;
    progress_format(&progress, 20, 1000000, line);
    assert_string_equal(line, "replaying  [########]  100 %  100000/100000  100000/s");
    progress.total = 0;
    progress_format(&progress, 20, 1000000, line);
    assert_string_equal(line, "replaying  100000  100000/s");
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sys_metrics__writes_text),
        cmocka_unit_test(test_sys_file__replaces_whole),
        cmocka_unit_test(test_sys_file__makes_and_lists_folders),
        cmocka_unit_test(test_sys_file__knows_content_types),
        cmocka_unit_test(test_sys_process__takes_stop_signals),
        cmocka_unit_test(test_sys_progress__formats_a_line),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
