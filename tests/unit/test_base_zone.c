/* Zones by their IANA names: dates and first instants, including nights that lose or repeat an hour. */
#include "base/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static int64_t instant(const char *text)
{
    int64_t out = 0;
    assert_int_equal(instant_parse(text, &out), ERR_OK);
    return out;
}

static struct date date_from(const char *text)
{
    struct date out = {0};
    assert_int_equal(date_parse(text, &out), ERR_OK);
    return out;
}

static void test_base_zone__names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum err wanted;
    } rows[] = {
        {"Asia/Shanghai", ERR_OK},
        {"Europe/Berlin", ERR_OK},
        {"UTC", ERR_OK},
        {"Asia/Kathmandu", ERR_OK},
        {"", ERR_UNKNOWN_ZONE},
        {"Asia/Peking", ERR_UNKNOWN_ZONE},
        {"GMT+08:00", ERR_UNKNOWN_ZONE},
        {"+08:00", ERR_UNKNOWN_ZONE},
        {"480", ERR_UNKNOWN_ZONE},
        {"Asia/Shanghai ", ERR_UNKNOWN_ZONE},
        {"\xff\xfe", ERR_UNKNOWN_ZONE},
        {"Asia/A_name_that_is_much_longer_than_any_zone_has_ever_been", ERR_UNKNOWN_ZONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct zone zone;
        print_message("%s\n", rows[i].name);
        assert_int_equal(zone_load(rows[i].name, &zone), rows[i].wanted);
    }
}

static void test_base_zone__dates_and_their_first_instants(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *at, *date, *start;
        int offset_minutes;
    } rows[] = {
        {"Asia/Shanghai", "2026-11-21T15:59:59.999999Z", "2026-11-21", "2026-11-20T16:00:00Z", 480},
        {"Asia/Shanghai", "2026-11-21T16:00:00Z", "2026-11-22", "2026-11-21T16:00:00Z", 480},
        {"Asia/Shanghai", "1988-07-01T15:00:00Z", "1988-07-02", "1988-07-01T15:00:00Z", 540},
        {"UTC", "2026-11-21T23:59:59Z", "2026-11-21", "2026-11-21T00:00:00Z", 0},
        {"Asia/Kathmandu", "2026-11-21T18:14:59Z", "2026-11-21", "2026-11-20T18:15:00Z", 345},
        {"Pacific/Kiritimati", "2026-11-21T10:00:00Z", "2026-11-22", "2026-11-21T10:00:00Z", 840},
        {"Etc/GMT+12", "2026-11-21T11:59:59Z", "2026-11-20", "2026-11-20T12:00:00Z", -720},
        /* 25 hours: the night in which summer time ends */
        {"Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-25", "2026-10-24T22:00:00Z", 60},
        {"Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25", "2026-10-24T22:00:00Z", 120},
        /* 23 hours */
        {"Europe/Berlin", "2026-03-29T21:59:59Z", "2026-03-29", "2026-03-28T23:00:00Z", 120},
        /* Summer time begins at midnight: the date has no 00:00 */
        {"Africa/Cairo", "2010-04-30T00:00:00Z", "2010-04-30", "2010-04-29T22:00:00Z", 180},
        /* A date that did not exist: 2011-12-30 in Samoa */
        {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31", "2011-12-30T10:00:00Z", 840},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct zone zone;
        char text[DATE_TEXT_SIZE], start[INSTANT_TEXT_SIZE];
        assert_int_equal(zone_load(rows[i].zone, &zone), ERR_OK);
        date_format(zone_date(&zone, instant(rows[i].at)), text);
        instant_format(zone_start_us(&zone, date_from(rows[i].date)), start);
        assert_string_equal(text, rows[i].date);
        assert_string_equal(start, rows[i].start);
        assert_int_equal(zone_offset_s(&zone, instant(rows[i].at)), rows[i].offset_minutes * 60);
    }
}

/* The first instant of each date is of that date, and the instant before it is of an earlier one. */
static void test_base_zone__dates_follow_each_other(void **state)
{
    (void)state;
    static const char *names[] = {"Asia/Shanghai", "Europe/Berlin",       "America/New_York",
                                  "Africa/Cairo",  "Australia/Lord_Howe", "America/Santiago"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        static struct zone zone;
        assert_int_equal(zone_load(names[i], &zone), ERR_OK);
        for (struct date date = date_from("2020-01-01"); date.days < date_from("2060-01-01").days;
             date.days++) {
            int64_t start_us = zone_start_us(&zone, date);
            assert_int_equal(zone_date(&zone, start_us).days, date.days);
            assert_int_equal(zone_date(&zone, start_us - 1).days, date.days - 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base_zone__names),
        cmocka_unit_test(test_base_zone__dates_and_their_first_instants),
        cmocka_unit_test(test_base_zone__dates_follow_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
