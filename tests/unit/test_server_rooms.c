/* What the rooms bring together, held word for word: jobs, lanes and steps of the end of day. */
#include "server/room_list.h"

#include "base_fixture.h"

#include <stdio.h>
#include <string.h>

#define S INT64_C(1000000)

static const struct {
    const char *name, *schedule, *lane;
    int64_t every_us;
} JOBS[] = {
    {"deliverNews", "every 0.1 s", "books", 20000},
    {"deliverOutbox", "every 0.2 s", "books", 200000},
    {"queryPayments", "every second", "clearing", S},
    {"expireHolds", "every 5 s", "books", 5 * S},
    {"liftFreezes", "every minute", "books", 60 * S},
    {"expireChanges", "every minute", "books", 60 * S},
    {"sealBooks", "every 5 s", "books", 5 * S},
    {"checkpointBalances", "every minute", "books", 60 * S},
    {"sweep", "every minute", "books", 60 * S},
    {"refreshFigures", "every 2 s", "books", 2 * S},
    {"accountsReview", "every minute", "books", 60 * S},
    {"eraseVerification", "every minute", "books", 60 * S},
    {"tellLateReviews", "every minute", "books", 60 * S},
    {"askRegistry", "every 10 s", "registry", 10 * S},
    {"finishLeavings", "every 2 s", "books", 2 * S},
    {"retention", "every minute", "books", 60 * S},
    {"recheckCompanies", "every minute", "business", 60 * S},
    {"sumBooks", "every minute", "books", 60 * S},
    {"watchReserve", "every 15 s", "books", 15 * S},
    {"watchClock", "every second", "books", S},
    {"watchOutbox", "every 15 s", "books", 15 * S},
    {"resealFields", "every second", "books", S},
    {"endOfDay", "when the day has ended", "end-of-day", S},
};

static void test_server_rooms__jobs_as_staff_read_them(void **state)
{
    const struct job_row *rows[JOBS_MAX];
    size_t count = house_jobs(ROOM_LIST, rows);
    (void)state;
    for (size_t i = 0; i < count && i < sizeof JOBS / sizeof JOBS[0]; i++) {
        assert_string_equal(JOBS[i].name, rows[i]->name);
        assert_string_equal(JOBS[i].schedule, rows[i]->schedule);
        assert_string_equal(JOBS[i].lane, rows[i]->lane);
        assert_int_equal(JOBS[i].every_us, rows[i]->every_us);
    }
    assert_int_equal(sizeof JOBS / sizeof JOBS[0], count);
}

static const struct lane_row LANES[] = {
    {.name = "books", .threads = 3, .waiting_max = JOBS_MAX},
    {.name = "end-of-day", .threads = 1, .waiting_max = 4},
    {.name = "clearing", .threads = 8, .waiting_max = 64, .wait_max_us = 15 * S},
    {.name = "sms", .threads = 4, .waiting_max = 64, .wait_max_us = 15 * S},
    {.name = "registry", .threads = 2, .waiting_max = 16, .wait_max_us = 15 * S},
    {.name = "business", .threads = 1, .waiting_max = 16, .wait_max_us = 15 * S},
};
#define LANE_COUNT (sizeof LANES / sizeof LANES[0])

static void test_server_rooms__one_lane_for_each_outside_party(void **state)
{
    struct lane_row rows[LANES_MAX + 1];
    (void)state;
    assert_int_equal(LANE_COUNT, house_lanes(ROOM_LIST, rows));
    for (size_t i = 0; i < LANE_COUNT; i++) {
        size_t at = 0;
        while (at < LANE_COUNT && strcmp(rows[at].name, LANES[i].name) != 0) {
            at++;
        }
        assert_true(at < LANE_COUNT);
        assert_int_equal(LANES[i].threads, rows[at].threads);
        assert_int_equal(LANES[i].waiting_max, rows[at].waiting_max);
        assert_int_equal(LANES[i].principal_max, rows[at].principal_max);
        assert_int_equal(LANES[i].wait_max_us, rows[at].wait_max_us);
    }
}

static void test_server_rooms__jobs_name_lanes_that_are_there(void **state)
{
    const struct job_row *jobs[JOBS_MAX];
    struct lane_row lanes[LANES_MAX + 1];
    size_t count = house_jobs(ROOM_LIST, jobs);
    size_t lane_count = house_lanes(ROOM_LIST, lanes);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < lane_count && strcmp(lanes[at].name, jobs[i]->lane) != 0) {
            at++;
        }
        assert_true(at < lane_count);
    }
}

static void test_server_rooms__steps_of_the_end_of_day(void **state)
{
    static const struct {
        const char *name;
        bool is_whole;
    } wanted[] = {{"accrueInterest", false},
                  {"capitaliseInterest", false},
                  {"settleClearing", false},
                  {"closeTotals", true}};
    const struct eod_step *steps[EOD_STEPS_MAX];
    (void)state;
    assert_int_equal(sizeof wanted / sizeof wanted[0], house_steps(ROOM_LIST, steps));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        assert_string_equal(wanted[i].name, steps[i]->name);
        assert_int_equal(wanted[i].is_whole, steps[i]->is_whole);
    }
}

static void test_server_rooms__one_reaction_for_each_topic(void **state)
{
    static const struct {
        const char *topic, *lane;
    } wanted[] = {{"sms.send", "sms"},           {"card.unsign", "clearing"},
                  {"channel.debit", "clearing"}, {"channel.credit", "clearing"},
                  {"payment.booked", NULL},      {"payment.rejected", NULL}};
    const struct reaction *rows[REACTIONS_MAX];
    (void)state;
    assert_int_equal(sizeof wanted / sizeof wanted[0], house_reactions(ROOM_LIST, rows));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        assert_string_equal(wanted[i].topic, rows[i]->topic);
        assert_string_equal(wanted[i].lane ? wanted[i].lane : "",
                            rows[i]->lane ? rows[i]->lane : "");
    }
}

static const struct {
    int number;
    const char *name;
} MESSAGES[] = {
    {1, "welcome"},
    {2, "identityVerified"},
    {3, "passCodeChanged"},
    {4, "signedIn"},
    {5, "accountOpened"},
    {6, "cardBound"},
    {7, "cardUnbound"},
    {8, "transferIn"},
    {9, "transferOut"},
    {10, "topUpDone"},
    {11, "topUpRefused"},
    {12, "withdrawalDone"},
    {13, "withdrawalRefused"},
    {14, "interestPaid"},
    {15, "newDevice"},
    {16, "deviceRemoved"},
    {17, "passkeyAdded"},
    {18, "passkeyRemoved"},
    {19, "passkeyCloned"},
    {20, "totpAdded"},
    {21, "totpRemoved"},
    {22, "phoneChanged"},
    {23, "phoneDetached"},
    {24, "signedOutEverywhere"},
    {25, "reviewOpened"},
    {26, "reviewLate"},
    {27, "reviewPassed"},
    {28, "reviewRefused"},
    {29, "accountClosed"},
    {30, "closureFailed"},
    {31, "accountSuspended"},
    {32, "accountResumed"},
    {33, "accountClass"},
    {34, "verifyBy"},
    {35, "documentExpires"},
    {36, "companyActive"},
    {37, "companyReview"},
    {38, "companyRefused"},
    {39, "companySuspended"},
    {40, "companyResumed"},
    {41, "companyUserAdded"},
    {42, "companyUserRemoved"},
    {43, "companyChangeWaits"},
    {44, "orderWaits"},
    {45, "orderExecuted"},
    {46, "orderRefused"},
    {47, "orderFailed"},
};
#define MESSAGE_COUNT (sizeof MESSAGES / sizeof MESSAGES[0])

/* A number is stored with each message for ever. */
static void test_server_rooms__messages_keep_their_numbers(void **state)
{
    const struct message_row *rows[MESSAGE_ROWS_MAX];
    (void)state;
    assert_int_equal(MESSAGE_COUNT, house_messages(ROOM_LIST, rows));
    for (size_t i = 0; i < MESSAGE_COUNT; i++) {
        size_t at = 0;
        while (at < MESSAGE_COUNT && rows[at]->number != MESSAGES[i].number) {
            at++;
        }
        assert_true(at < MESSAGE_COUNT);
        assert_string_equal(MESSAGES[i].name, rows[at]->name);
    }
}

static void test_server_rooms__lists_that_customers_read(void **state)
{
    static const char *const kinds[] = {
        "idPictures", "refusedPictures", "places",         "attempts",  "phoneCodes", "sessions",
        "answers",    "cardBindings",    "securityEvents", "customers", "books"};
    static const char *const names[] = {"accountFrozen", "openCase", "companyRepresentative",
                                        "paymentPending"};
    const struct retention_row *rows[RETENTION_ROWS_MAX];
    const struct obstacle_row *obstacles[OBSTACLES_MAX];
    (void)state;
    assert_int_equal(sizeof kinds / sizeof kinds[0], house_retention(ROOM_LIST, rows));
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        assert_string_equal(kinds[i], rows[i]->kind);
    }
    assert_int_equal(sizeof names / sizeof names[0], house_obstacles(ROOM_LIST, obstacles));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_string_equal(names[i], obstacles[i]->name);
        assert_true(obstacles[i]->text[0][0] != '\0' && obstacles[i]->text[1][0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_rooms__jobs_as_staff_read_them),
        cmocka_unit_test(test_server_rooms__one_lane_for_each_outside_party),
        cmocka_unit_test(test_server_rooms__jobs_name_lanes_that_are_there),
        cmocka_unit_test(test_server_rooms__steps_of_the_end_of_day),
        cmocka_unit_test(test_server_rooms__one_reaction_for_each_topic),
        cmocka_unit_test(test_server_rooms__messages_keep_their_numbers),
        cmocka_unit_test(test_server_rooms__lists_that_customers_read),
    };
    return cmocka_run_group_tests_name("server_rooms", tests, NULL, NULL);
}
