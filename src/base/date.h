/*
 * Calendar dates as days since 1970-01-01 (proleptic Gregorian), range 1900-01-01 to 2200-12-31.
 * Arithmetic that would leave the range stops at its end.
 * Instants are int64_t microseconds since the epoch in UTC and are named `_us` or `_at`.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

struct date {
    int32_t days;
};

#define DATE_TEXT_SIZE    11 /* "2026-11-21" and its NUL */
#define INSTANT_TEXT_SIZE 28 /* "2026-11-21T08:00:00.000000Z" and its NUL */
#define DAY_US            INT64_C(86400000000)

struct date_parts {
    int year;
    int month; /* 1..12 */
    int day;   /* 1..31 */
};

/* ERR_INVALID_DATE if the parts are not a date or are outside the range. */
enum err date_from_parts(int year, int month, int day, struct date *out);
struct date_parts date_parts(struct date date);
/* Strictly YYYY-MM-DD. ERR_INVALID_DATE. */
enum err date_parse(const char *text, struct date *out);
void date_format(struct date date, char out[DATE_TEXT_SIZE]);
int date_compare(struct date a, struct date b);
struct date date_add_days(struct date date, int days);
/* Same day of month `months` later; the month's last day if that day does not exist. */
struct date date_add_months(struct date date, int months);
/* False: the date that many months away is outside the range of a struct date. */
bool date_holds_months(struct date date, int months);
int date_weekday(struct date date); /* 1 Monday .. 7 Sunday */
bool date_is_leap_year(int year);
int date_days_in_month(int year, int month);

/* Date of an instant at a fixed offset from UTC (the bank's zone has no summer time: +08:00 is
 * 480). */
struct date date_of_instant(int64_t instant_us, int offset_minutes);
/* First instant of the date at that offset. */
int64_t date_start_us(struct date date, int offset_minutes);
/* RFC 3339 with "Z" or a numeric offset, up to six fraction digits. ERR_INVALID_DATE. */
enum err instant_parse(const char *text, int64_t *out_us);
/* RFC 3339 in UTC; fraction digits only if not zero (3 or 6). */
void instant_format(int64_t instant_us, char out[INSTANT_TEXT_SIZE]);

#endif
