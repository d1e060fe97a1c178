/*
 * Business-day calendars: weekends, public holidays, and weekend days worked in their place.
 * Loaded once from RFC 5545 files, read-only and safe for any number of threads thereafter. A year
 * without a file has weekends only; calendar_knows_year returns false for it.
 */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include "date.h"
#include "err.h"

struct calendar;

enum calendar_day {
    CALENDAR_DAY_WORKDAY,
    CALENDAR_DAY_WEEKEND,
    CALENDAR_DAY_HOLIDAY,
    CALENDAR_DAY_MAKE_UP /* a weekend day worked in place of a holiday: a business day */
};

/* Adjustment of a date that is not a business day (ISDA 2006 definitions, section 4.12). The modified
 * kinds reverse direction if they would leave the month. */
enum roll {
    ROLL_NONE,
    ROLL_FOLLOWING,
    ROLL_MODIFIED_FOLLOWING,
    ROLL_PRECEDING,
    ROLL_MODIFIED_PRECEDING
};

/* Reads <directory>/YYYY.ics for the years of date.h and <directory>/names.tsv (holiday names, Chinese
 * and English). The kind of a day comes from its X-APPLE-SPECIAL-DAY (WORK-HOLIDAY or
 * ALTERNATE-WORKDAY), else from the mark at the end of its summary (休 or 班), else it is a holiday.
 * ERR_NOT_FOUND if no year has a file, ERR_INVALID_FIELD for a malformed one, ERR_IO, ERR_NO_MEMORY. */
enum err calendar_load(const char *directory, struct calendar **out);
void calendar_release(struct calendar *calendar);

bool calendar_is_business_day(const struct calendar *calendar, struct date date);
/* The date itself if it is a business day. */
struct date calendar_roll(const struct calendar *calendar, struct date date, enum roll roll);
/* `count` business days later, or earlier if negative; 0 returns the date itself, not rolled. Stops at
 * the ends of date.h's range. */
struct date calendar_add_business_days(const struct calendar *calendar, struct date date,
                                       int count);
/* `months` later, rolled. With `end_of_month` the last business day of a month maps to the last
 * business day of the other. */
struct date calendar_add_months(const struct calendar *calendar, struct date date, int months,
                                enum roll roll, bool end_of_month);
struct date calendar_last_business_day(const struct calendar *calendar, struct date month);
/* Business days from `start` to the day before `end`. */
int calendar_business_day_count(const struct calendar *calendar, struct date start,
                                struct date end);

bool calendar_knows_year(const struct calendar *calendar, int year);
enum calendar_day calendar_day(const struct calendar *calendar, struct date date);
/* Name of the day's holiday, also for its make-up workday; "" for other days. */
const char *calendar_name(const struct calendar *calendar, struct date date, enum lang lang);

/* "none", "following", "modified-following", "preceding", "modified-preceding".
 * ERR_INVALID_FIELD. */
enum err calendar_parse_roll(const char *text, enum roll *out);

#endif
