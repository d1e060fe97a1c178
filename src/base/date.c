#include "date.h"

#include "check.h"

#include <string.h>

#define DATE_MIN_DAYS    (-25567) /* 1900-01-01 */
#define DATE_MAX_DAYS    84370    /* 2200-12-31 */
#define DATE_YEAR_MIN    1900
#define DATE_YEAR_MAX    2200
#define MINUTE_US        INT64_C(60000000)
#define SECOND_US        INT64_C(1000000)
#define DAYS_PER_ERA     146097 /* 400 Gregorian years */
#define DAYS_BEFORE_1970 719468 /* from 0000-03-01 */

bool date_is_leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int date_days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    CHECK(month >= 1 && month <= 12);
    return month == 2 && date_is_leap_year(year) ? 29 : days[month - 1];
}

/* Years that begin in March end with the leap day, so the day of year needs no table (H. Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms"). Years here are never negative. */
static int32_t days_from_parts(int year, int month, int day)
{
    int shifted_year = month <= 2 ? year - 1 : year;
    int era = shifted_year / 400;
    int year_of_era = shifted_year % 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_BEFORE_1970;
}

enum err date_from_parts(int year, int month, int day, struct date *out)
{
    if (year < DATE_YEAR_MIN || year > DATE_YEAR_MAX || month < 1 || month > 12 || day < 1 ||
        day > date_days_in_month(year, month)) {
        return ERR_INVALID_DATE;
    }
    out->days = days_from_parts(year, month, day);
    return ERR_OK;
}

struct date_parts date_parts(struct date date)
{
    CHECK(date.days >= DATE_MIN_DAYS && date.days <= DATE_MAX_DAYS);
    int shifted = date.days + DAYS_BEFORE_1970;
    int era = shifted / DAYS_PER_ERA;
    int day_of_era = shifted % DAYS_PER_ERA;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (5 * day_of_year + 2) / 153;
    struct date_parts parts = {
        .year = era * 400 + year_of_era,
        .month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9,
        .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
    };
    parts.year += parts.month <= 2 ? 1 : 0;
    return parts;
}

/* Exactly `count` digits at the text; -1 if one is missing. Never reads past a NUL. */
static int digits_at(const char *text, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

static void put_digits(char *out, int count, int value)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* The ten characters YYYY-MM-DD at the start of the text; anything may follow. */
static enum err date_parse_prefix(const char *text, struct date *out)
{
    int year = digits_at(text, 4);
    if (year < 0 || text[4] != '-') {
        return ERR_INVALID_DATE;
    }
    int month = digits_at(text + 5, 2);
    if (month < 0 || text[7] != '-') {
        return ERR_INVALID_DATE;
    }
    int day = digits_at(text + 8, 2);
    return day < 0 ? ERR_INVALID_DATE : date_from_parts(year, month, day, out);
}

enum err date_parse(const char *text, struct date *out)
{
    return strlen(text) == DATE_TEXT_SIZE - 1 ? date_parse_prefix(text, out) : ERR_INVALID_DATE;
}

void date_format(struct date date, char out[DATE_TEXT_SIZE])
{
    struct date_parts parts = date_parts(date);
    put_digits(out, 4, parts.year);
    out[4] = '-';
    put_digits(out + 5, 2, parts.month);
    out[7] = '-';
    put_digits(out + 8, 2, parts.day);
    out[10] = '\0';
}

int date_compare(struct date a, struct date b)
{
    return (a.days > b.days) - (a.days < b.days);
}

static struct date date_saturated(int64_t days)
{
    days = days < DATE_MIN_DAYS ? DATE_MIN_DAYS : days;
    days = days > DATE_MAX_DAYS ? DATE_MAX_DAYS : days;
    return (struct date){(int32_t)days};
}

struct date date_add_days(struct date date, int days)
{
    return date_saturated((int64_t)date.days + days);
}

bool date_holds_months(struct date date, int months)
{
    struct date_parts parts = date_parts(date);
    int64_t month_count = (int64_t)parts.year * 12 + (parts.month - 1) + months;
    return month_count >= DATE_YEAR_MIN * 12 && month_count < (DATE_YEAR_MAX + 1) * 12;
}

struct date date_add_months(struct date date, int months)
{
    struct date_parts parts = date_parts(date);
    int64_t month_count = (int64_t)parts.year * 12 + (parts.month - 1) + months;
    if (month_count < DATE_YEAR_MIN * 12) {
        return date_saturated(DATE_MIN_DAYS);
    }
    if (month_count >= (DATE_YEAR_MAX + 1) * 12) {
        return date_saturated(DATE_MAX_DAYS);
    }
    int year = (int)(month_count / 12);
    int month = (int)(month_count % 12) + 1;
    int day_max = date_days_in_month(year, month);
    int day = parts.day < day_max ? parts.day : day_max;
    return (struct date){days_from_parts(year, month, day)};
}

int date_weekday(struct date date)
{
    int weekday = (date.days + 3) % 7; /* 1970-01-01 was a Thursday */
    return (weekday < 0 ? weekday + 7 : weekday) + 1;
}

static int64_t floor_divide(int64_t value, int64_t divisor)
{
    return value / divisor - (value % divisor < 0 ? 1 : 0);
}

struct date date_of_instant(int64_t instant_us, int offset_minutes)
{
    int64_t offset_us = offset_minutes * MINUTE_US;
    int64_t local_us;
    if (__builtin_add_overflow(instant_us, offset_us, &local_us)) {
        local_us = instant_us;
    }
    return date_saturated(floor_divide(local_us, DAY_US));
}

int64_t date_start_us(struct date date, int offset_minutes)
{
    return date.days * DAY_US - offset_minutes * MINUTE_US;
}

/* "HH:MM:SS" with an optional fraction; *text moves past it. -1 if it is not a time of day. */
static int64_t parse_time_of_day(const char **text)
{
    const char *at = *text;
    int hour = digits_at(at, 2);
    if (hour < 0 || hour > 23 || at[2] != ':') {
        return -1;
    }
    int minute = digits_at(at + 3, 2);
    if (minute < 0 || minute > 59 || at[5] != ':') {
        return -1;
    }
    int second = digits_at(at + 6, 2);
    if (second < 0 || second > 59) {
        return -1;
    }
    at += 8;
    int64_t fraction_us = 0;
    if (*at == '.') {
        int64_t place_us = SECOND_US / 10;
        for (at++; *at >= '0' && *at <= '9' && place_us > 0; at++, place_us /= 10) {
            fraction_us += (*at - '0') * place_us;
        }
        if (at[-1] == '.') {
            return -1;
        }
    }
    *text = at;
    return ((hour * INT64_C(60) + minute) * 60 + second) * SECOND_US + fraction_us;
}

/* "Z" or "+08:00" up to the end of the text. */
static bool parse_offset(const char *text, int *out_minutes)
{
    if (strcmp(text, "Z") == 0) {
        *out_minutes = 0;
        return true;
    }
    if (strlen(text) != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return false;
    }
    int hours = digits_at(text + 1, 2);
    int minutes = digits_at(text + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
        return false;
    }
    *out_minutes = (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

enum err instant_parse(const char *text, int64_t *out_us)
{
    struct date date;
    int offset_minutes = 0;
    if (date_parse_prefix(text, &date) != ERR_OK || text[10] != 'T') {
        return ERR_INVALID_DATE;
    }
    text += 11;
    int64_t time_us = parse_time_of_day(&text);
    if (time_us < 0 || !parse_offset(text, &offset_minutes)) {
        return ERR_INVALID_DATE;
    }
    int64_t instant_us = date_start_us(date, offset_minutes) + time_us;
    int64_t day = floor_divide(instant_us, DAY_US);
    if (day < DATE_MIN_DAYS || day > DATE_MAX_DAYS) {
        return ERR_INVALID_DATE;
    }
    *out_us = instant_us;
    return ERR_OK;
}

void instant_format(int64_t instant_us, char out[INSTANT_TEXT_SIZE])
{
    struct date date = {(int32_t)floor_divide(instant_us, DAY_US)};
    int64_t time_us = instant_us - date.days * DAY_US;
    int seconds = (int)(time_us / SECOND_US);
    int fraction_us = (int)(time_us % SECOND_US);

    date_format(date, out);
    out[10] = 'T';
    put_digits(out + 11, 2, seconds / 3600);
    out[13] = ':';
    put_digits(out + 14, 2, seconds / 60 % 60);
    out[16] = ':';
    put_digits(out + 17, 2, seconds % 60);
    out += 19;
    if (fraction_us != 0) {
        bool is_whole_ms = fraction_us % 1000 == 0;
        *out++ = '.';
        put_digits(out, is_whole_ms ? 3 : 6, is_whole_ms ? fraction_us / 1000 : fraction_us);
        out += is_whole_ms ? 3 : 6;
    }
    memcpy(out, "Z", 2);
}
