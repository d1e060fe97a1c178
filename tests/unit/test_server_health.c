/* Readiness: what each fact of the bank means for a load balancer. */
#include "server/health_rules.h"

#include "base_fixture.h"

#define SECOND INT64_C(1000000)

static void test_server_health__each_fact_has_its_status(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        struct health_facts facts;
        bool is_ready;
        const char *text;
    } rows[] = {
        {"well", {.disk_free_bytes = -1}, true, "{\"status\":\"ok\"}"},
        {"an error that a commit has followed",
         {.commit_error = ERR_BUSY, .disk_free_bytes = -1},
         true,
         "{\"status\":\"ok\"}"},
        {"no commit",
         {.commit_age_us = 3 * SECOND, .disk_free_bytes = -1},
         false,
         "{\"status\":\"unavailable\",\"reasons\":[\"no-commit\"]}"},
        {"a full disk",
         {.commit_age_us = 3 * SECOND, .commit_error = ERR_DB_FULL, .disk_free_bytes = 0},
         false,
         "{\"status\":\"unavailable\",\"reasons\":[\"db-full\",\"disk-short\"]}"},
        {"a checkpoint that failed",
         {.checkpoint_failing_us = 1, .disk_free_bytes = -1},
         true,
         "{\"status\":\"attention\",\"reasons\":[\"checkpoint-failing\"]}"},
        {"just under a minute of failing checkpoints",
         {.checkpoint_failing_us = 60 * SECOND - 1, .disk_free_bytes = -1},
         true,
         "{\"status\":\"attention\",\"reasons\":[\"checkpoint-failing\"]}"},
        {"a minute of failing checkpoints",
         {.checkpoint_failing_us = 60 * SECOND, .disk_free_bytes = -1},
         false,
         "{\"status\":\"unavailable\",\"reasons\":[\"checkpoint-failing\"]}"},
        {"a date owed for an hour",
         {.disk_free_bytes = -1, .view = {.is_end_of_day_late = true}},
         false,
         "{\"status\":\"unavailable\",\"reasons\":[\"end-of-day-late\"]}"},
        {"a clock in doubt",
         {.disk_free_bytes = -1, .view = {.is_clock_in_doubt = true}},
         true,
         "{\"status\":\"attention\",\"reasons\":[\"clock-in-doubt\"]}"},
        {"a short reserve",
         {.disk_free_bytes = -1, .view = {.shortage_count = 1}},
         true,
         "{\"status\":\"attention\",\"reasons\":[\"reserve-short\"]}"},
        {"a short disk",
         {.disk_free_bytes = HEALTH_DISK_SHORT_BYTES - 1},
         true,
         "{\"status\":\"attention\",\"reasons\":[\"disk-short\"]}"},
        {"just enough disk",
         {.disk_free_bytes = HEALTH_DISK_SHORT_BYTES},
         true,
         "{\"status\":\"ok\"}"},
        {"everything at once",
         {.commit_age_us = 3 * SECOND,
          .checkpoint_failing_us = 61 * SECOND,
          .view = {.is_clock_in_doubt = true, .is_end_of_day_late = true, .shortage_count = 2}},
         false,
         "{\"status\":\"unavailable\",\"reasons\":[\"no-commit\",\"end-of-day-late\","
         "\"checkpoint-failing\",\"clock-in-doubt\",\"reserve-short\",\"disk-short\"]}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[READINESS_TEXT_MAX];
        print_message("%s\n", rows[i].what);
        assert_int_equal(rows[i].is_ready, health_decide(&rows[i].facts, text));
        assert_string_equal(rows[i].text, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_health__each_fact_has_its_status),
    };
    return cmocka_run_group_tests_name("server_health", tests, NULL, NULL);
}
