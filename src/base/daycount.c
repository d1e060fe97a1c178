#include "daycount.h"

#include "check.h"

#include <string.h>

static const struct daycount_terms no_terms;

/* --- 30/360 ----------------------------------------------------------------------------------- */

static struct daycount_fraction daycount_over(int64_t days, int64_t denominator)
{
    return (struct daycount_fraction){days, days, denominator};
}

static bool is_end_of_february(struct date_parts parts)
{
    return parts.month == 2 && parts.day == date_days_in_month(parts.year, 2);
}

static int64_t days_of_30(struct date_parts start, struct date_parts end)
{
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + (end.day - start.day);
}

static struct daycount_fraction count_30_360(enum daycount daycount, struct date start_date,
                                             struct date end_date,
                                             const struct daycount_terms *terms)
{
    struct date_parts start = date_parts(start_date);
    struct date_parts end = date_parts(end_date);
    bool is_european = daycount == DAYCOUNT_30E_360 || daycount == DAYCOUNT_30E_360_ISDA;
    bool is_maturity = terms->has_maturity && date_compare(end_date, terms->maturity) == 0;

    if (daycount == DAYCOUNT_30E_360_ISDA) {
        end.day = is_end_of_february(end) && !is_maturity ? 30 : end.day;
        start.day = is_end_of_february(start) ? 30 : start.day;
    } else if (daycount == DAYCOUNT_30U_360 && is_end_of_february(start)) {
        end.day = is_end_of_february(end) ? 30 : end.day;
        start.day = 30;
    }
    if (end.day == 31 && (is_european || start.day >= 30)) {
        end.day = 30;
    }
    if (start.day == 31) {
        start.day = 30;
    }
    /* a maturity on that day must not precede a start moved to the 30th */
    bool is_empty = date_compare(start_date, end_date) == 0;
    return daycount_over(is_empty ? 0 : days_of_30(start, end), 360);
}

/* --- actual days ------------------------------------------------------------------------------ */

static struct date first_of_year(int year)
{
    struct date date;
    enum err err = date_from_parts(year, 1, 1, &date);
    CHECK(err == ERR_OK);
    return date;
}

/* 29ths of February after `start`, up to and with `end`. */
static int leap_day_count(struct date start, struct date end)
{
    int count = 0;
    int last_year = date_parts(end).year;
    for (int year = date_parts(start).year; year <= last_year; year++) {
        struct date leap_day;
        if (date_from_parts(year, 2, 29, &leap_day) == ERR_OK &&
            date_compare(leap_day, start) > 0 && date_compare(leap_day, end) <= 0) {
            count++;
        }
    }
    return count;
}

static struct daycount_fraction count_act_act_isda(struct date start, struct date end)
{
    int64_t leap_days = 0;
    int64_t all_days = end.days - start.days;
    int last_year = date_parts(end).year;

    for (int year = date_parts(start).year; year <= last_year; year++) {
        if (!date_is_leap_year(year)) {
            continue;
        }
        struct date from = first_of_year(year);
        struct date to = date_add_days(from, 366);
        from = date_compare(from, start) < 0 ? start : from;
        to = date_compare(to, end) > 0 ? end : to;
        leap_days += to.days - from.days;
    }
    int64_t common_days = all_days - leap_days;
    if (leap_days == 0) {
        return daycount_over(all_days, 365);
    }
    if (common_days == 0) {
        return daycount_over(all_days, 366);
    }
    return (struct daycount_fraction){all_days, common_days * 366 + leap_days * 365, 365 * 366};
}

static enum err count_act_365l(struct date start, struct date end,
                               const struct daycount_terms *terms, struct daycount_fraction *out)
{
    struct date period_start = terms->has_period ? terms->period_start : start;
    struct date period_end = terms->has_period ? terms->period_end : end;
    bool is_annual = terms->frequency <= 1;
    bool is_leap = is_annual ? leap_day_count(period_start, period_end) > 0
                             : date_is_leap_year(date_parts(period_end).year);
    *out = daycount_over(end.days - start.days, is_leap ? 366 : 365);
    return ERR_OK;
}

/* --- Act/Act ICMA ----------------------------------------------------------------------------- */

/* The regular schedule through the coupon period: boundary 0 is its start, 1 its end. */
struct schedule {
    const struct daycount_terms *terms;
    int months; /* between boundaries */
};

static bool is_month_end(struct date date)
{
    struct date_parts parts = date_parts(date);
    return parts.day == date_days_in_month(parts.year, parts.month);
}

/* Counted from the end with the later day of month, so that a 30th is kept across February; if both
 * ends are ends of months, all boundaries are. */
static struct date daycount_boundary(const struct schedule *schedule, int number)
{
    const struct daycount_terms *terms = schedule->terms;
    if (number == 0 || number == 1) {
        return number == 0 ? terms->period_start : terms->period_end;
    }
    bool from_end = date_parts(terms->period_end).day > date_parts(terms->period_start).day;
    struct date date = from_end
                           ? date_add_months(terms->period_end, (number - 1) * schedule->months)
                           : date_add_months(terms->period_start, number * schedule->months);
    if (is_month_end(terms->period_start) && is_month_end(terms->period_end)) {
        struct date_parts parts = date_parts(date);
        date = date_add_days(date, date_days_in_month(parts.year, parts.month) - parts.day);
    }
    return date;
}

/* Number of the boundary at or before the date. */
static int boundary_before(const struct schedule *schedule, struct date date)
{
    struct date_parts from = date_parts(schedule->terms->period_start);
    struct date_parts to = date_parts(date);
    int number = ((to.year - from.year) * 12 + to.month - from.month) / schedule->months;
    while (date_compare(daycount_boundary(schedule, number), date) > 0) {
        number--;
    }
    while (date_compare(daycount_boundary(schedule, number + 1), date) <= 0) {
        number++;
    }
    return number;
}

static bool is_regular(const struct schedule *schedule)
{
    const struct daycount_terms *terms = schedule->terms;
    struct date forward = date_add_months(terms->period_start, schedule->months);
    struct date backward = date_add_months(terms->period_end, -schedule->months);
    return date_compare(forward, terms->period_end) == 0 ||
           date_compare(backward, terms->period_start) == 0 ||
           (is_month_end(terms->period_start) && is_month_end(terms->period_end) &&
            is_month_end(forward) == is_month_end(terms->period_end) &&
            date_parts(forward).month == date_parts(terms->period_end).month &&
            date_parts(forward).year == date_parts(terms->period_end).year);
}

/* Except at the ends of the range, the boundaries next to the dates exist. */
static bool is_inside_range(struct date date)
{
    int year = date_parts(date).year;
    return year >= 1902 && year <= 2198;
}

static enum err count_act_act_icma(struct date start, struct date end,
                                   const struct daycount_terms *terms,
                                   struct daycount_fraction *out)
{
    int frequency = terms->frequency;
    if (!terms->has_period || frequency < 1 || frequency > 12 || 12 % frequency != 0 ||
        date_compare(terms->period_start, terms->period_end) >= 0) {
        return ERR_INVALID_FIELD;
    }
    int64_t period_days = terms->period_end.days - terms->period_start.days;
    if (date_compare(start, terms->period_start) >= 0 &&
        date_compare(end, terms->period_end) <= 0) {
        *out = daycount_over(end.days - start.days, period_days * frequency);
        return ERR_OK;
    }
    struct schedule schedule = {terms, 12 / frequency};
    if (!is_regular(&schedule) || !is_inside_range(start) || !is_inside_range(end)) {
        return ERR_INVALID_FIELD;
    }
    int first = boundary_before(&schedule, start);
    int last = boundary_before(&schedule, end);
    int64_t first_days =
        daycount_boundary(&schedule, first + 1).days - daycount_boundary(&schedule, first).days;
    int64_t last_days =
        daycount_boundary(&schedule, last + 1).days - daycount_boundary(&schedule, last).days;
    /* whole periods between the boundaries, less the part before the start, plus the part of the end */
    int64_t before_start = start.days - daycount_boundary(&schedule, first).days;
    int64_t before_end = end.days - daycount_boundary(&schedule, last).days;
    *out = (struct daycount_fraction){
        .days = end.days - start.days,
        .numerator = (last - first) * first_days * last_days - before_start * last_days +
                     before_end * first_days,
        .denominator = frequency * first_days * last_days,
    };
    return ERR_OK;
}

/* --- conventions ------------------------------------------------------------------------------ */

enum err daycount_between(enum daycount daycount, struct date start, struct date end,
                          const struct daycount_terms *terms, struct daycount_fraction *out)
{
    int64_t days = end.days - start.days;
    terms = terms == NULL ? &no_terms : terms;
    if (days < 0) {
        return ERR_INVALID_PERIOD;
    }
    switch (daycount) {
    case DAYCOUNT_ACT_360:
        *out = daycount_over(days, 360);
        return ERR_OK;
    case DAYCOUNT_ACT_365F:
        *out = daycount_over(days, 365);
        return ERR_OK;
    case DAYCOUNT_ACT_ACT_ISDA:
        *out = count_act_act_isda(start, end);
        return ERR_OK;
    case DAYCOUNT_ACT_ACT_ICMA:
        return count_act_act_icma(start, end, terms, out);
    case DAYCOUNT_30_360:
    case DAYCOUNT_30U_360:
    case DAYCOUNT_30E_360:
    case DAYCOUNT_30E_360_ISDA:
        *out = count_30_360(daycount, start, end, terms);
        return ERR_OK;
    case DAYCOUNT_ACT_365L:
        return count_act_365l(start, end, terms, out);
    case DAYCOUNT_NL_365:
        *out = daycount_over(days - leap_day_count(start, end), 365);
        return ERR_OK;
    case DAYCOUNT_BUS_252:
        if (terms->calendar == NULL) {
            return ERR_INVALID_FIELD;
        }
        *out = daycount_over(calendar_business_day_count(terms->calendar, start, end), 252);
        return ERR_OK;
    }
    CHECK(!"a convention of the enum");
    return ERR_INTERNAL;
}

struct daycount_row {
    enum daycount daycount;
    const char *text;
};

/* The first row of a convention is its name. */
static const struct daycount_row daycount_rows[] = {
    {DAYCOUNT_ACT_360, "ACT/360"},
    {DAYCOUNT_ACT_360, "A004"},
    {DAYCOUNT_ACT_365F, "ACT/365F"},
    {DAYCOUNT_ACT_365F, "ACT/365"},
    {DAYCOUNT_ACT_365F, "A005"},
    {DAYCOUNT_ACT_ACT_ISDA, "ACT/ACT-ISDA"},
    {DAYCOUNT_ACT_ACT_ISDA, "ACT/ACT"},
    {DAYCOUNT_ACT_ACT_ISDA, "ACT/ACT ISDA"},
    {DAYCOUNT_ACT_ACT_ISDA, "A008"},
    {DAYCOUNT_ACT_ACT_ICMA, "ACT/ACT-ICMA"},
    {DAYCOUNT_ACT_ACT_ICMA, "ACT/ACT ICMA"},
    {DAYCOUNT_ACT_ACT_ICMA, "A006"},
    {DAYCOUNT_30_360, "30/360"},
    {DAYCOUNT_30_360, "A001"},
    {DAYCOUNT_30U_360, "30U/360"},
    {DAYCOUNT_30E_360, "30E/360"},
    {DAYCOUNT_30E_360, "A011"},
    {DAYCOUNT_30E_360_ISDA, "30E/360-ISDA"},
    {DAYCOUNT_30E_360_ISDA, "30E/360 ISDA"},
    {DAYCOUNT_30E_360_ISDA, "A007"},
    {DAYCOUNT_ACT_365L, "ACT/365L"},
    {DAYCOUNT_ACT_365L, "A009"},
    {DAYCOUNT_NL_365, "NL/365"},
    {DAYCOUNT_NL_365, "A014"},
    {DAYCOUNT_BUS_252, "BUS/252"},
};
#define DAYCOUNT_ROW_COUNT (sizeof daycount_rows / sizeof daycount_rows[0])

enum err daycount_parse(const char *text, enum daycount *out)
{
    for (size_t i = 0; i < DAYCOUNT_ROW_COUNT; i++) {
        if (strcmp(daycount_rows[i].text, text) == 0) {
            *out = daycount_rows[i].daycount;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

const char *daycount_name(enum daycount daycount)
{
    size_t i = 0;
    while (i < DAYCOUNT_ROW_COUNT && daycount_rows[i].daycount != daycount) {
        i++;
    }
    CHECK(i < DAYCOUNT_ROW_COUNT);
    return daycount_rows[i].text;
}
