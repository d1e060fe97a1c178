#include "base/calendar.h"
#include "base/daycount.h"
#include "base/money.h"
#include "base_fixture.h"

#include <string.h>

static struct date date(const char *text)
{
    struct date date = {0};
    assert_int_equal(date_parse(text, &date), ERR_OK);
    return date;
}

static struct calendar *load_china(void)
{
    char path[512];
    struct calendar *calendar = NULL;
    snprintf(path, sizeof path, "%s/calendars/cn", unit_share());
    assert_int_equal(calendar_load(path, &calendar), ERR_OK);
    return calendar;
}

/* ISDA, "30/360 day count examples" (30-360-2006ISDADefs): days by bond basis, Eurobond basis and
 * 30E/360 (ISDA); the US column by the SIFMA end-of-February rule. */
static void test_base_daycount__counts_30_360_as_isda_does(void **state)
{
    (void)state;
    static const struct {
        const char *start, *end;
        int bond, us, euro, isda;
    } rows[] = {
        {"2007-01-15", "2007-01-30", 15, 15, 15, 15},
        {"2007-01-15", "2007-02-15", 30, 30, 30, 30},
        {"2007-01-15", "2007-07-15", 180, 180, 180, 180},
        {"2007-09-30", "2008-03-31", 180, 180, 180, 180},
        {"2007-09-30", "2007-10-31", 30, 30, 30, 30},
        {"2007-09-30", "2008-09-30", 360, 360, 360, 360},
        {"2007-01-15", "2007-01-31", 16, 16, 15, 15},
        {"2007-01-31", "2007-02-28", 28, 28, 28, 30},
        {"2007-02-28", "2007-03-31", 33, 30, 32, 30},
        {"2006-08-31", "2007-02-28", 178, 178, 178, 180},
        {"2007-02-28", "2007-08-31", 183, 180, 182, 180},
        {"2007-02-14", "2007-02-28", 14, 14, 14, 16},
        {"2007-02-26", "2008-02-29", 363, 363, 363, 364},
        {"2008-02-29", "2009-02-28", 359, 360, 359, 360},
        {"2008-02-29", "2008-03-30", 31, 30, 31, 30},
        {"2008-02-29", "2008-03-31", 32, 30, 31, 30},
        {"2007-02-28", "2007-03-05", 7, 5, 7, 5},
        {"2007-10-31", "2007-11-28", 28, 28, 28, 28},
        {"2007-08-31", "2008-02-29", 179, 179, 179, 180},
        {"2008-02-29", "2008-08-31", 182, 180, 181, 180},
        {"2008-08-31", "2009-02-28", 178, 178, 178, 180},
        {"2009-02-28", "2009-08-31", 183, 180, 182, 180},
    };
    UNIT_ROWS(rows, row)
    {
        const enum daycount conventions[] = {DAYCOUNT_30_360, DAYCOUNT_30U_360, DAYCOUNT_30E_360,
                                             DAYCOUNT_30E_360_ISDA};
        const int wanted[] = {row->bond, row->us, row->euro, row->isda};
        for (int i = 0; i < 4; i++) {
            struct daycount_fraction got;
            UNIT_SAY("%s to %s %s", row->start, row->end, daycount_name(conventions[i]));
            assert_int_equal(
                daycount_between(conventions[i], date(row->start), date(row->end), NULL, &got),
                ERR_OK);
            assert_int_equal(got.days, wanted[i]);
            assert_int_equal(got.numerator, wanted[i]);
            assert_int_equal(got.denominator, 360);
        }
    }
    /* the maturity in February keeps its day */
    struct daycount_terms terms = {.has_maturity = true, .maturity = date("2009-02-28")};
    struct daycount_fraction got;
    assert_int_equal(daycount_between(DAYCOUNT_30E_360_ISDA, date("2008-02-29"), date("2009-02-28"),
                                      &terms, &got),
                     ERR_OK);
    assert_int_equal(got.days, 358);
    assert_int_equal(daycount_between(DAYCOUNT_30E_360_ISDA, date("2009-02-28"), date("2009-02-28"),
                                      &terms, &got),
                     ERR_OK);
    assert_int_equal(got.days, 0);
}

/* The periods of ISDA, "EMU and market conventions: recent developments" (1998), section 4, with
 * the exact fractions that its counts of days give. */
static void test_base_daycount__counts_act_act_of_the_isda_paper(void **state)
{
    (void)state;
    static const struct {
        const char *what, *start, *end, *period_start, *period_end;
        int frequency;
        int64_t isda_numerator, isda_denominator, isda_e12; /* the fraction in 10^-12 */
        int64_t icma_e12;
    } rows[] = {
        {"regular semi-annual", "2003-11-01", "2004-05-01", "2003-11-01", "2004-05-01", 2,
         61 * 366 + 121 * 365, 365 * 366, 497724380567, 500000000000},
        {"short first, annual", "1999-02-01", "1999-07-01", "1998-07-01", "1999-07-01", 1, 150, 365,
         410958904110, 410958904110},
        {"regular annual", "1999-07-01", "2000-07-01", "1999-07-01", "2000-07-01", 1,
         184 * 366 + 182 * 365, 365 * 366, 1001377348604, 1000000000000},
        {"long first, semi-annual", "2002-08-15", "2003-07-15", "2003-01-15", "2003-07-15", 2, 334,
         365, 915068493151, 915760869565},
        {"after it", "2003-07-15", "2004-01-15", "2003-07-15", "2004-01-15", 2,
         170 * 366 + 14 * 365, 365 * 366, 504004790778, 500000000000},
        {"before a short final", "1999-07-30", "2000-01-30", "1999-07-30", "2000-01-30", 2,
         155 * 366 + 29 * 365, 365 * 366, 503892506924, 500000000000},
        {"short final", "2000-01-30", "2000-06-30", "2000-01-30", "2000-07-30", 2, 152, 366,
         415300546448, 417582417582},
        {"long final, quarterly, month ends", "1999-11-30", "2000-04-30", "1999-11-30",
         "2000-02-29", 4, 32 * 366 + 120 * 365, 365 * 366, 415540085336, 415760869565},
    };
    UNIT_ROWS(rows, row)
    {
        struct daycount_fraction got;
        struct daycount_terms terms = {.has_period = true,
                                       .period_start = date(row->period_start),
                                       .period_end = date(row->period_end),
                                       .frequency = row->frequency};
        UNIT_SAY("%s", row->what);
        assert_int_equal(
            daycount_between(DAYCOUNT_ACT_ACT_ISDA, date(row->start), date(row->end), NULL, &got),
            ERR_OK);
        assert_int_equal(got.numerator, row->isda_numerator);
        assert_int_equal(got.denominator, row->isda_denominator);
        int64_t scaled = 0;
        assert_int_equal(money_scale(INT64_C(1000000000000), got.numerator, got.denominator,
                                     ROUNDING_HALF_UP, &scaled),
                         ERR_OK);
        assert_int_equal(scaled, row->isda_e12);
        assert_int_equal(
            daycount_between(DAYCOUNT_ACT_ACT_ICMA, date(row->start), date(row->end), &terms, &got),
            ERR_OK);
        assert_int_equal(money_scale(INT64_C(1000000000000), got.numerator, got.denominator,
                                     ROUNDING_HALF_UP, &scaled),
                         ERR_OK);
        assert_int_equal(scaled, row->icma_e12);
        assert_int_equal(got.days, date(row->end).days - date(row->start).days);
    }
}

static void test_base_daycount__counts_actual_days(void **state)
{
    (void)state;
    static const struct {
        enum daycount daycount;
        const char *start, *end;
        int numerator, denominator;
    } rows[] = {
        {DAYCOUNT_ACT_360, "2026-01-31", "2026-03-31", 59, 360},
        {DAYCOUNT_ACT_365F, "2026-01-31", "2026-03-31", 59, 365},
        {DAYCOUNT_ACT_365F, "2024-01-01", "2025-01-01", 366, 365},
        {DAYCOUNT_ACT_365F, "2026-01-31", "2026-01-31", 0, 365},
        {DAYCOUNT_ACT_365L, "2024-01-01", "2025-01-01", 366, 366},
        {DAYCOUNT_ACT_365L, "2024-02-29", "2025-02-28", 365, 365}, /* the 29th is the start */
        {DAYCOUNT_ACT_365L, "2023-03-01", "2024-02-29", 365, 366},
        {DAYCOUNT_NL_365, "2024-01-01", "2025-01-01", 365, 365},
        {DAYCOUNT_NL_365, "2024-02-28", "2024-03-01", 1, 365},
        {DAYCOUNT_NL_365, "2024-02-28", "2024-02-29", 0, 365},
        {DAYCOUNT_NL_365, "2024-02-29", "2024-03-01", 1, 365},
        {DAYCOUNT_NL_365, "2020-01-01", "2025-01-01", 1825, 365},
        {DAYCOUNT_ACT_ACT_ISDA, "2024-01-01", "2025-01-01", 366, 366},
        {DAYCOUNT_ACT_ACT_ISDA, "2024-03-01", "2024-06-01", 92, 366},
    };
    UNIT_ROWS(rows, row)
    {
        struct daycount_fraction got;
        UNIT_SAY("%s %s", daycount_name(row->daycount), row->start);
        assert_int_equal(
            daycount_between(row->daycount, date(row->start), date(row->end), NULL, &got), ERR_OK);
        assert_int_equal(got.numerator, row->numerator);
        assert_int_equal(got.denominator, row->denominator);
    }
    /* a half-yearly coupon that ends in a leap year counts 366, whatever lies in it */
    struct daycount_terms terms = {.has_period = true,
                                   .period_start = date("2024-07-01"),
                                   .period_end = date("2024-12-31"),
                                   .frequency = 2};
    struct daycount_fraction got;
    assert_int_equal(
        daycount_between(DAYCOUNT_ACT_365L, date("2024-07-01"), date("2024-08-01"), &terms, &got),
        ERR_OK);
    assert_int_equal(got.denominator, 366);
}

static void test_base_daycount__refuses_what_it_cannot_count(void **state)
{
    (void)state;
    struct daycount_fraction got = {-1, -1, -1};
    struct daycount_terms terms = {.has_period = true,
                                   .period_start = date("2026-01-01"),
                                   .period_end = date("2026-07-01"),
                                   .frequency = 5};
    struct date start = date("2026-01-02");
    struct date end = date("2026-02-02");
    assert_int_equal(daycount_between(DAYCOUNT_ACT_360, end, start, NULL, &got),
                     ERR_INVALID_PERIOD);
    assert_int_equal(daycount_between(DAYCOUNT_BUS_252, start, end, NULL, &got), ERR_INVALID_FIELD);
    assert_int_equal(daycount_between(DAYCOUNT_ACT_ACT_ICMA, start, end, NULL, &got),
                     ERR_INVALID_FIELD);
    assert_int_equal(daycount_between(DAYCOUNT_ACT_ACT_ICMA, start, end, &terms, &got),
                     ERR_INVALID_FIELD);
    terms.frequency = 4; /* beyond a period that is no quarter, no schedule can be told */
    assert_int_equal(
        daycount_between(DAYCOUNT_ACT_ACT_ICMA, start, date("2026-08-01"), &terms, &got),
        ERR_INVALID_FIELD);
    assert_int_equal(got.days, -1);
}

/* a..b and b..c sum to a..c where the denominator is the same for all. */
static void test_base_daycount__adds_up(void **state)
{
    (void)state;
    static const enum daycount additive[] = {DAYCOUNT_ACT_360,      DAYCOUNT_ACT_365F,
                                             DAYCOUNT_NL_365,       DAYCOUNT_30E_360,
                                             DAYCOUNT_30E_360_ISDA, DAYCOUNT_BUS_252};
    struct calendar *calendar = load_china();
    struct daycount_terms terms = {.calendar = calendar};
    uint64_t seed = 5;
    for (int i = 0; i < 6000; i++) {
        struct date a = {10957 + (int)(unit_random(&seed) % 9000)};
        struct date b = {a.days + (int)(unit_random(&seed) % 400)};
        struct date c = {b.days + (int)(unit_random(&seed) % 400)};
        enum daycount daycount = additive[i % 6];
        struct daycount_fraction ab;
        struct daycount_fraction bc;
        struct daycount_fraction ac;
        assert_int_equal(daycount_between(daycount, a, b, &terms, &ab), ERR_OK);
        assert_int_equal(daycount_between(daycount, b, c, &terms, &bc), ERR_OK);
        assert_int_equal(daycount_between(daycount, a, c, &terms, &ac), ERR_OK);
        assert_int_equal(ab.numerator + bc.numerator, ac.numerator);
        assert_int_equal(ab.denominator, ac.denominator);

        assert_int_equal(daycount_between(DAYCOUNT_ACT_ACT_ISDA, a, b, NULL, &ab), ERR_OK);
        assert_int_equal(daycount_between(DAYCOUNT_ACT_ACT_ISDA, b, c, NULL, &bc), ERR_OK);
        assert_int_equal(daycount_between(DAYCOUNT_ACT_ACT_ISDA, a, c, NULL, &ac), ERR_OK);
        int64_t whole = 365 * 366;
        assert_int_equal(ab.numerator * (whole / ab.denominator) +
                             bc.numerator * (whole / bc.denominator),
                         ac.numerator * (whole / ac.denominator));
    }
    calendar_release(calendar);
}

static void test_base_daycount__knows_names_and_codes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
    } rows[] = {
        {"A001", "30/360"},       {"A004", "ACT/360"},
        {"A005", "ACT/365F"},     {"A006", "ACT/ACT-ICMA"},
        {"A007", "30E/360-ISDA"}, {"A008", "ACT/ACT-ISDA"},
        {"A009", "ACT/365L"},     {"A011", "30E/360"},
        {"A014", "NL/365"},       {"ACT/ACT", "ACT/ACT-ISDA"},
        {"ACT/365", "ACT/365F"},  {"BUS/252", "BUS/252"},
        {"30U/360", "30U/360"},   {"ACT/ACT ICMA", "ACT/ACT-ICMA"},
    };
    UNIT_ROWS(rows, row)
    {
        enum daycount daycount;
        UNIT_SAY("%s", row->text);
        assert_int_equal(daycount_parse(row->text, &daycount), ERR_OK);
        assert_string_equal(daycount_name(daycount), row->name);
    }
    enum daycount unused;
    assert_int_equal(daycount_parse("act/360", &unused), ERR_INVALID_FIELD);
    assert_int_equal(daycount_parse("A002", &unused), ERR_INVALID_FIELD);
    assert_int_equal(daycount_parse("", &unused), ERR_INVALID_FIELD);
}

/* --- calendar ------------------------------------------------------------------------------ */

static void test_base_calendar__knows_china(void **state)
{
    (void)state;
    static const struct {
        const char *date;
        enum calendar_day wanted;
        const char *name_zh, *name_en;
    } rows[] = {
        {"2026-10-01", CALENDAR_DAY_HOLIDAY, "国庆节", "National Day"},
        {"2026-10-07", CALENDAR_DAY_HOLIDAY, "国庆节", "National Day"},
        {"2026-10-08", CALENDAR_DAY_WORKDAY, "", ""},
        {"2026-10-10", CALENDAR_DAY_MAKE_UP, "国庆节", "National Day"}, /* a Saturday */
        {"2026-10-11", CALENDAR_DAY_WEEKEND, "", ""},
        {"2026-09-20", CALENDAR_DAY_MAKE_UP, "国庆节", "National Day"}, /* a Sunday */
        {"2026-02-17", CALENDAR_DAY_HOLIDAY, "春节", "Spring Festival"},
        {"2025-10-06", CALENDAR_DAY_HOLIDAY, "中秋", "Mid-Autumn Festival"},
        {"2015-09-03", CALENDAR_DAY_HOLIDAY, "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日",
         NULL},
        {"2015-09-06", CALENDAR_DAY_MAKE_UP, "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日",
         NULL},
        {"2004-05-08", CALENDAR_DAY_MAKE_UP, "劳动节", "Labour Day"},
        {"2003-10-01", CALENDAR_DAY_WORKDAY, "", ""}, /* a year without a file */
        {"1900-01-01", CALENDAR_DAY_WORKDAY, "", ""},
        {"2200-12-31", CALENDAR_DAY_WORKDAY, "", ""},
    };
    struct calendar *calendar = load_china();
    UNIT_ROWS(rows, row)
    {
        UNIT_SAY("%s", row->date);
        assert_int_equal(calendar_day(calendar, date(row->date)), row->wanted);
        assert_string_equal(calendar_name(calendar, date(row->date), LANG_ZH), row->name_zh);
        if (row->name_en != NULL) {
            assert_string_equal(calendar_name(calendar, date(row->date), LANG_EN), row->name_en);
        }
    }
    assert_true(calendar_knows_year(calendar, 2004) && calendar_knows_year(calendar, 2026));
    assert_false(calendar_knows_year(calendar, 2003) || calendar_knows_year(calendar, 2027));
    assert_false(calendar_knows_year(calendar, -5) || calendar_knows_year(calendar, 9999));
    /* 2025 had 248 working days by the State Council's notice */
    assert_int_equal(calendar_business_day_count(calendar, date("2025-01-01"), date("2026-01-01")),
                     248);
    calendar_release(calendar);
}

static void test_base_calendar__rolls(void **state)
{
    (void)state;
    static const struct {
        const char *date;
        const char *wanted[5]; /* none, following, modified, preceding, modified preceding */
    } rows[] = {
        {"2026-10-01", {"2026-10-01", "2026-10-08", "2026-10-08", "2026-09-30", "2026-10-08"}},
        {"2026-05-31", /* a Sunday */
         {"2026-05-31", "2026-06-01", "2026-05-29", "2026-05-29", "2026-05-29"}},
        {"2026-08-01", /* a Saturday */
         {"2026-08-01", "2026-08-03", "2026-08-03", "2026-07-31", "2026-08-03"}},
        {"2026-10-10", {"2026-10-10", "2026-10-10", "2026-10-10", "2026-10-10", "2026-10-10"}},
    };
    static const char *const names[] = {"none", "following", "modified-following", "preceding",
                                        "modified-preceding"};
    struct calendar *calendar = load_china();
    UNIT_ROWS(rows, row)
    {
        for (int i = 0; i < 5; i++) {
            enum roll roll;
            char text[DATE_TEXT_SIZE];
            UNIT_SAY("%s %s", row->date, names[i]);
            assert_int_equal(calendar_parse_roll(names[i], &roll), ERR_OK);
            date_format(calendar_roll(calendar, date(row->date), roll), text);
            assert_string_equal(text, row->wanted[i]);
        }
    }
    enum roll unused;
    assert_int_equal(calendar_parse_roll("nearest", &unused), ERR_INVALID_FIELD);
    calendar_release(calendar);
}

static void test_base_calendar__adds(void **state)
{
    (void)state;
    struct calendar *calendar = load_china();
    static const struct {
        const char *date;
        int days;
        const char *wanted;
    } rows[] = {
        {"2026-09-30", 1, "2026-10-08"}, {"2026-09-30", 3, "2026-10-10"},
        {"2026-10-01", 3, "2026-10-10"}, {"2026-10-10", -3, "2026-09-30"},
        {"2026-10-01", 0, "2026-10-01"}, {"2026-10-01", -1, "2026-09-30"},
        {"2200-12-31", 5, "2200-12-31"}, {"1900-01-01", -5, "1900-01-01"},
    };
    char text[DATE_TEXT_SIZE];
    UNIT_ROWS(rows, row)
    {
        UNIT_SAY("%s %d", row->date, row->days);
        date_format(calendar_add_business_days(calendar, date(row->date), row->days), text);
        assert_string_equal(text, row->wanted);
    }
    /* 27 February 2026 is the month's last business day but one: the 28th is a make-up Saturday */
    date_format(calendar_last_business_day(calendar, date("2026-02-10")), text);
    assert_string_equal(text, "2026-02-28");
    date_format(calendar_add_months(calendar, date("2026-02-28"), 1, ROLL_FOLLOWING, true), text);
    assert_string_equal(text, "2026-03-31");
    date_format(calendar_add_months(calendar, date("2026-02-28"), 1, ROLL_FOLLOWING, false), text);
    assert_string_equal(text, "2026-03-30");
    date_format(calendar_add_months(calendar, date("2026-02-27"), 1, ROLL_FOLLOWING, true), text);
    assert_string_equal(text, "2026-03-27");
    calendar_release(calendar);
}

static void test_base_calendar__refuses_bad_files(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text;
    } rows[] = {
        {"not a calendar", "hello\n"},
        {"no events", "BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n"},
        {"no start", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x(休)\nEND:VEVENT\nEND:VCALENDAR\n"},
        {"end before start", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20300102\n"
                             "DTEND;VALUE=DATE:20300101\nSUMMARY:x(休)\nEND:VEVENT\n"
                             "END:VCALENDAR\n"},
    };
    char directory[] = "/tmp/sycee-calendar-XXXXXX";
    char path[64];
    struct calendar *calendar = NULL;
    assert_non_null(mkdtemp(directory));
    assert_int_equal(calendar_load(directory, &calendar), ERR_NOT_FOUND);
    snprintf(path, sizeof path, "%s/2030.ics", directory);
    UNIT_ROWS(rows, row)
    {
        UNIT_SAY("%s", row->what);
        FILE *stream = fopen(path, "wb");
        assert_non_null(stream);
        fputs(row->text, stream);
        fclose(stream);
        assert_int_equal(calendar_load(directory, &calendar), ERR_INVALID_FIELD);
    }
    remove(path);
    remove(directory);
    assert_null(calendar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(test_base_daycount__counts_30_360_as_isda_does),
        UNIT_TEST(test_base_daycount__counts_act_act_of_the_isda_paper),
        UNIT_TEST(test_base_daycount__counts_actual_days),
        UNIT_TEST(test_base_daycount__refuses_what_it_cannot_count),
        UNIT_TEST(test_base_daycount__adds_up),
        UNIT_TEST(test_base_daycount__knows_names_and_codes),
        UNIT_TEST(test_base_calendar__knows_china),
        UNIT_TEST(test_base_calendar__rolls),
        UNIT_TEST(test_base_calendar__adds),
        UNIT_TEST(test_base_calendar__refuses_bad_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
