#include "base/date.h"
#include "base/id.h"
#include "base_fixture.h"

#include <string.h>

static struct date date(const char *text)
{
    struct date date = {0};
    assert_int_equal(date_parse(text, &date), ERR_OK);
    return date;
}

static void test_base_date__parses_real_days_only(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err wanted;
        int days;
    } rows[] = {
        {"1970-01-01", ERR_OK, 0},
        {"2000-02-29", ERR_OK, 11016},
        {"1900-01-01", ERR_OK, -25567},
        {"2200-12-31", ERR_OK, 84370},
        {"1899-12-31", ERR_INVALID_DATE, 0},
        {"2201-01-01", ERR_INVALID_DATE, 0},
        {"1900-02-29", ERR_INVALID_DATE, 0},
        {"2026-02-29", ERR_INVALID_DATE, 0},
        {"2026-00-10", ERR_INVALID_DATE, 0},
        {"2026-13-10", ERR_INVALID_DATE, 0},
        {"2026-04-31", ERR_INVALID_DATE, 0},
        {"2026-04-00", ERR_INVALID_DATE, 0},
        {"2026-4-03", ERR_INVALID_DATE, 0},
        {"2026-04-3", ERR_INVALID_DATE, 0},
        {"20260403", ERR_INVALID_DATE, 0},
        {"2026/04/03", ERR_INVALID_DATE, 0},
        {"2026-04-03 ", ERR_INVALID_DATE, 0},
        {" 2026-04-03", ERR_INVALID_DATE, 0},
        {"", ERR_INVALID_DATE, 0},
        {"2026", ERR_INVALID_DATE, 0},
        {"2026-", ERR_INVALID_DATE, 0},
        {"-026-04-03", ERR_INVALID_DATE, 0},
    };
    UNIT_ROWS(rows, row)
    {
        struct date out = {7};
        UNIT_SAY("%s", row->text);
        assert_int_equal(date_parse(row->text, &out), row->wanted);
        assert_int_equal(out.days, row->wanted == ERR_OK ? row->days : 7);
    }
}

static void test_base_date__round_trips_every_day(void **state)
{
    (void)state;
    int previous_year = 1899;
    int weekday = 1; /* 1900-01-01 was a Monday */
    for (struct date day = date("1900-01-01"); day.days <= date("2200-12-31").days; day.days++) {
        char text[DATE_TEXT_SIZE];
        struct date_parts parts = date_parts(day);
        date_format(day, text);
        assert_int_equal(date(text).days, day.days);
        assert_int_equal(date_weekday(day), weekday);
        weekday = weekday % 7 + 1;
        if (parts.month == 1 && parts.day == 1) {
            assert_int_equal(parts.year, previous_year + 1);
            previous_year = parts.year;
        }
    }
    assert_int_equal(previous_year, 2200);
}

static void test_base_date__adds_months_and_days(void **state)
{
    (void)state;
    static const struct {
        const char *start;
        int months, days;
        const char *wanted;
    } rows[] = {
        {"2026-01-31", 1, 0, "2026-02-28"},         {"2024-01-31", 1, 0, "2024-02-29"},
        {"2024-02-29", 12, 0, "2025-02-28"},        {"2026-03-31", -1, 0, "2026-02-28"},
        {"2026-01-15", -1, 0, "2025-12-15"},        {"2026-12-31", 2, 0, "2027-02-28"},
        {"2026-01-01", 0, -1, "2025-12-31"},        {"2026-02-28", 0, 1, "2026-03-01"},
        {"2200-12-01", 1, 0, "2200-12-31"},         {"2200-12-31", 0, 1, "2200-12-31"},
        {"1900-01-01", 0, -1, "1900-01-01"},        {"1900-01-31", -1, 0, "1900-01-01"},
        {"2026-01-01", 0, INT32_MAX, "2200-12-31"}, {"2026-01-01", INT32_MIN, 0, "1900-01-01"},
    };
    UNIT_ROWS(rows, row)
    {
        char text[DATE_TEXT_SIZE];
        UNIT_SAY("%s", row->start);
        date_format(date_add_days(date_add_months(date(row->start), row->months), row->days), text);
        assert_string_equal(text, row->wanted);
    }
    assert_true(date_compare(date("2026-01-01"), date("2026-01-02")) < 0);
    assert_true(date_compare(date("2026-01-02"), date("2026-01-01")) > 0);
    assert_true(date_compare(date("2026-01-02"), date("2026-01-02")) == 0);
}

static void test_base_instant__parses_rfc_3339(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *wanted; /* NULL: refused */
    } rows[] = {
        {"2026-11-21T08:00:00Z", "2026-11-21T08:00:00Z"},
        {"2026-11-21T16:00:00+08:00", "2026-11-21T08:00:00Z"},
        {"2026-11-21T00:30:00.5+08:00", "2026-11-20T16:30:00.500Z"},
        {"2026-11-21T00:30:00.123456-00:30", "2026-11-21T01:00:00.123456Z"},
        {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
        {"1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z"},
        {"1900-01-01T00:00:00+00:01", NULL},
        {"2200-12-31T23:59:59-00:01", NULL},
        {"2026-11-21T08:00:00", NULL},
        {"2026-11-21 08:00:00Z", NULL},
        {"2026-11-21T24:00:00Z", NULL},
        {"2026-11-21T08:60:00Z", NULL},
        {"2026-11-21T08:00:60Z", NULL},
        {"2026-11-21T08:00:00.Z", NULL},
        {"2026-11-21T08:00:00.1234567Z", NULL},
        {"2026-11-21T08:00:00+8:00", NULL},
        {"2026-11-21T08:00:00+08:00Z", NULL},
        {"2026-02-30T08:00:00Z", NULL},
        {"2026-11-21T", NULL},
        {"", NULL},
    };
    UNIT_ROWS(rows, row)
    {
        int64_t at_us = 0;
        char text[INSTANT_TEXT_SIZE];
        UNIT_SAY("%s", row->text);
        assert_int_equal(instant_parse(row->text, &at_us),
                         row->wanted == NULL ? ERR_INVALID_DATE : ERR_OK);
        if (row->wanted != NULL) {
            instant_format(at_us, text);
            assert_string_equal(text, row->wanted);
        }
    }
}

static void test_base_date__finds_the_day_of_an_instant(void **state)
{
    (void)state;
    int64_t at_us = 0;
    assert_int_equal(instant_parse("2026-11-21T15:59:59.999999Z", &at_us), ERR_OK);
    assert_int_equal(date_of_instant(at_us, 480).days, date("2026-11-21").days);
    assert_int_equal(date_of_instant(at_us + 1, 480).days, date("2026-11-22").days);
    assert_int_equal(date_start_us(date("2026-11-22"), 480), at_us + 1);
    assert_int_equal(date_of_instant(-1, 0).days, -1);
}

static void test_base_id__rises_and_routes(void **state)
{
    (void)state;
    struct id_maker maker;
    int64_t now_us = (ID_EPOCH_MS + INT64_C(28000000000)) * 1000;
    int64_t last = 0;
    id_maker_init(&maker, 0, 0);
    for (int i = 0; i < 20000; i++) {
        /* a clock that stands, steps back and goes on */
        int64_t clock_us = now_us + (i % 7 - 3) * 1000;
        int64_t id = id_make(&maker, clock_us, i % BUCKET_COUNT);
        assert_true(id > last);
        assert_int_equal(id_bucket(id), i % BUCKET_COUNT);
        last = id;
    }
    assert_true(id_instant_us(last) - now_us < 10000);
    assert_true(id_first_at(now_us) <= last);
    assert_true(id_first_at(id_instant_us(last) + 1000) > last);
}

static void test_base_id__leaves_internal_ids_alone(void **state)
{
    (void)state;
    struct id_maker maker;
    id_maker_init(&maker, 0, 0);
    assert_true(id_make(&maker, 0, 0) >= INT64_C(1) << 40);
    id_maker_init(&maker, 0, 0);
    assert_true(id_make(&maker, INT64_MIN, 0) >= INT64_C(1) << 40);
    assert_int_equal(id_first_at(0), 0);
}

static void test_base_id__nodes_never_meet(void **state)
{
    (void)state;
    struct id_maker a;
    struct id_maker b;
    int64_t now_us = (ID_EPOCH_MS + INT64_C(28000000000)) * 1000;
    int64_t last_a = 0;
    id_maker_init(&a, 1, 4);
    id_maker_init(&b, 2, 4);
    for (int i = 0; i < 2000; i++) {
        int64_t id_a = id_make(&a, now_us, 5) >> 10;
        int64_t id_b = id_make(&b, now_us, 5) >> 10;
        assert_int_equal((id_a >> 8) & 15, 1);
        assert_int_equal((id_b >> 8) & 15, 2);
        assert_true(id_a > last_a);
        last_a = id_a;
    }
}

static void test_base_id__reads_strict_decimals(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t wanted; /* 0: refused */
    } rows[] = {
        {"1", 1},
        {"9223372036854775807", INT64_MAX},
        {"9223372036854775808", 0},
        {"0", 0},
        {"01", 0},
        {"-1", 0},
        {"+1", 0},
        {"", 0},
        {"1a", 0},
        {" 1", 0},
    };
    UNIT_ROWS(rows, row)
    {
        int64_t id = 0;
        char text[ID_TEXT_SIZE];
        UNIT_SAY("%s", row->text);
        assert_int_equal(id_parse(row->text, &id), row->wanted == 0 ? ERR_INVALID_ID : ERR_OK);
        assert_int_equal(id, row->wanted);
        if (row->wanted != 0) {
            id_format(id, text);
            assert_string_equal(text, row->text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(test_base_date__parses_real_days_only),
        UNIT_TEST(test_base_date__round_trips_every_day),
        UNIT_TEST(test_base_date__adds_months_and_days),
        UNIT_TEST(test_base_instant__parses_rfc_3339),
        UNIT_TEST(test_base_date__finds_the_day_of_an_instant),
        UNIT_TEST(test_base_id__rises_and_routes),
        UNIT_TEST(test_base_id__leaves_internal_ids_alone),
        UNIT_TEST(test_base_id__nodes_never_meet),
        UNIT_TEST(test_base_id__reads_strict_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
