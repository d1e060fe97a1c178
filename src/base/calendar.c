#include "calendar.h"

#include "check.h"
#include "tsv.h"

#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define YEAR_MIN       1900
#define YEAR_COUNT     301
#define DAY_COUNT      (YEAR_COUNT * 366)
#define NAME_MAX_COUNT 127
#define NAME_SIZE      160
#define FILE_SIZE_MAX  ((size_t)1 << 20)
#define EVENT_DAYS_MAX 366
#define PATH_SIZE      512

#define DAY_WORKED   0x80 /* a make-up workday, else a holiday */
#define DAY_NAME     0x7f /* number of its name, from 1; 0 is an ordinary day */
#define MARK_HOLIDAY "(休)"
#define MARK_WORKED  "(班)"

struct calendar {
    struct date first; /* of days[0] */
    uint8_t days[DAY_COUNT];
    bool knows_year[YEAR_COUNT];
    struct tsv names; /* columns: Chinese, English */
    int name_count;
    char name_zh[NAME_MAX_COUNT][NAME_SIZE];
};

static uint8_t day_entry(const struct calendar *calendar, struct date date)
{
    int32_t index = date.days - calendar->first.days;
    CHECK(index >= 0 && index < DAY_COUNT);
    return calendar->days[index];
}

enum calendar_day calendar_day(const struct calendar *calendar, struct date date)
{
    uint8_t entry = day_entry(calendar, date);
    bool is_weekend = date_weekday(date) >= 6;
    if (entry == 0) {
        return is_weekend ? CALENDAR_DAY_WEEKEND : CALENDAR_DAY_WORKDAY;
    }
    return (entry & DAY_WORKED) != 0 ? CALENDAR_DAY_MAKE_UP : CALENDAR_DAY_HOLIDAY;
}

bool calendar_is_business_day(const struct calendar *calendar, struct date date)
{
    enum calendar_day day = calendar_day(calendar, date);
    return day == CALENDAR_DAY_WORKDAY || day == CALENDAR_DAY_MAKE_UP;
}

bool calendar_knows_year(const struct calendar *calendar, int year)
{
    return year >= YEAR_MIN && year < YEAR_MIN + YEAR_COUNT &&
           calendar->knows_year[year - YEAR_MIN];
}

const char *calendar_name(const struct calendar *calendar, struct date date, enum lang lang)
{
    int number = day_entry(calendar, date) & DAY_NAME;
    if (number == 0) {
        return "";
    }
    const char *name_zh = calendar->name_zh[number - 1];
    for (size_t i = 0; lang == LANG_EN && i < calendar->names.row_count; i++) {
        if (strcmp(calendar->names.rows[i].columns[0], name_zh) == 0) {
            return calendar->names.rows[i].columns[1];
        }
    }
    return name_zh;
}

/* The next business day in steps of +1 or -1, starting with the date itself. At the end of date.h's
 * range the step has no effect, and the search ends. */
static struct date next_business_day(const struct calendar *calendar, struct date date, int step)
{
    while (!calendar_is_business_day(calendar, date)) {
        struct date next = date_add_days(date, step);
        if (date_compare(next, date) == 0) {
            break;
        }
        date = next;
    }
    return date;
}

static bool is_same_month(struct date a, struct date b)
{
    struct date_parts first = date_parts(a);
    struct date_parts second = date_parts(b);
    return first.year == second.year && first.month == second.month;
}

struct date calendar_roll(const struct calendar *calendar, struct date date, enum roll roll)
{
    if (roll == ROLL_NONE) {
        return date;
    }
    int step = roll == ROLL_FOLLOWING || roll == ROLL_MODIFIED_FOLLOWING ? 1 : -1;
    bool is_modified = roll == ROLL_MODIFIED_FOLLOWING || roll == ROLL_MODIFIED_PRECEDING;
    struct date rolled = next_business_day(calendar, date, step);
    return is_modified && !is_same_month(rolled, date) ? next_business_day(calendar, date, -step)
                                                       : rolled;
}

struct date calendar_add_business_days(const struct calendar *calendar, struct date date, int count)
{
    int step = count < 0 ? -1 : 1;
    while (count != 0) {
        struct date next = date_add_days(date, step);
        if (date_compare(next, date) == 0) {
            break;
        }
        date = next;
        count -= calendar_is_business_day(calendar, date) ? step : 0;
    }
    return date;
}

static struct date last_day_of_month(struct date date)
{
    struct date_parts parts = date_parts(date);
    return date_add_days(date, date_days_in_month(parts.year, parts.month) - parts.day);
}

struct date calendar_last_business_day(const struct calendar *calendar, struct date month)
{
    return next_business_day(calendar, last_day_of_month(month), -1);
}

struct date calendar_add_months(const struct calendar *calendar, struct date date, int months,
                                enum roll roll, bool end_of_month)
{
    struct date moved = date_add_months(date, months);
    if (roll == ROLL_NONE) { /* unadjusted: the end of a month is its last day */
        bool is_last = date_compare(date, last_day_of_month(date)) == 0;
        return end_of_month && is_last ? last_day_of_month(moved) : moved;
    }
    /* the rule also holds for days after the last business day, such as a Sunday the 31st */
    if (end_of_month && date_compare(date, calendar_last_business_day(calendar, date)) >= 0) {
        return calendar_last_business_day(calendar, moved);
    }
    return calendar_roll(calendar, moved, roll);
}

int calendar_business_day_count(const struct calendar *calendar, struct date start, struct date end)
{
    int count = 0;
    for (; date_compare(start, end) < 0; start.days++) {
        count += calendar_is_business_day(calendar, start) ? 1 : 0;
    }
    return count;
}

enum err calendar_parse_roll(const char *text, enum roll *out)
{
    static const char *const texts[] = {
        [ROLL_NONE] = "none",
        [ROLL_FOLLOWING] = "following",
        [ROLL_MODIFIED_FOLLOWING] = "modified-following",
        [ROLL_PRECEDING] = "preceding",
        [ROLL_MODIFIED_PRECEDING] = "modified-preceding",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(texts[i], text) == 0) {
            *out = (enum roll)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

/* --- loading ---------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
    size_t text_size = strlen(text);
    size_t end_size = strlen(end);
    return text_size >= end_size && strcmp(text + text_size - end_size, end) == 0;
}

static const char *special_day_of(icalcomponent *event)
{
    icalproperty *property = icalcomponent_get_first_property(event, ICAL_X_PROPERTY);
    for (; property != NULL; property = icalcomponent_get_next_property(event, ICAL_X_PROPERTY)) {
        if (strcmp(icalproperty_get_x_name(property), "X-APPLE-SPECIAL-DAY") == 0) {
            return icalproperty_get_x(property);
        }
    }
    return "";
}

static bool is_worked(icalcomponent *event, const char *summary)
{
    const char *special = special_day_of(event);
    if (strcmp(special, "ALTERNATE-WORKDAY") == 0) {
        return true;
    }
    return strcmp(special, "WORK-HOLIDAY") != 0 && ends_with(summary, MARK_WORKED);
}

/* Number of the name (from 1) without its mark, added if new; 0 if there is no room. */
static int name_number(struct calendar *calendar, const char *summary)
{
    size_t size = strlen(summary);
    if (ends_with(summary, MARK_HOLIDAY) || ends_with(summary, MARK_WORKED)) {
        size -= strlen(MARK_HOLIDAY);
    }
    if (size == 0 || size >= NAME_SIZE) {
        return 0;
    }
    for (int i = 0; i < calendar->name_count; i++) {
        if (strncmp(calendar->name_zh[i], summary, size) == 0 &&
            calendar->name_zh[i][size] == '\0') {
            return i + 1;
        }
    }
    if (calendar->name_count == NAME_MAX_COUNT) {
        return 0;
    }
    memcpy(calendar->name_zh[calendar->name_count], summary, size);
    return ++calendar->name_count;
}

static enum err date_of_ical(struct icaltimetype time, struct date *out)
{
    return icaltime_is_null_time(time) ? ERR_INVALID_DATE
                                       : date_from_parts(time.year, time.month, time.day, out);
}

/* Marks the days of an event: from DTSTART to the day before DTEND, or DTSTART alone. */
static enum err add_event(struct calendar *calendar, icalcomponent *event)
{
    struct date start;
    struct date end;
    const char *summary = icalcomponent_get_summary(event);
    if (summary == NULL || date_of_ical(icalcomponent_get_dtstart(event), &start) != ERR_OK) {
        return ERR_INVALID_FIELD;
    }
    if (icalcomponent_get_first_property(event, ICAL_DTEND_PROPERTY) == NULL) {
        end = date_add_days(start, 1);
    } else if (date_of_ical(icalcomponent_get_dtend(event), &end) != ERR_OK) {
        return ERR_INVALID_FIELD;
    }
    int number = name_number(calendar, summary);
    int days = end.days - start.days;
    if (number == 0 || days < 1 || days > EVENT_DAYS_MAX) {
        return ERR_INVALID_FIELD;
    }
    uint8_t entry = (uint8_t)(number | (is_worked(event, summary) ? DAY_WORKED : 0));
    for (int i = 0; i < days; i++) {
        calendar->days[start.days + i - calendar->first.days] = entry;
    }
    return ERR_OK;
}

static enum err add_events(struct calendar *calendar, icalcomponent *root)
{
    icalcomponent *event = icalcomponent_get_first_component(root, ICAL_VEVENT_COMPONENT);
    int count = 0;
    for (; event != NULL; event = icalcomponent_get_next_component(root, ICAL_VEVENT_COMPONENT)) {
        enum err err = add_event(calendar, event);
        if (err != ERR_OK) {
            return err;
        }
        count++;
    }
    return count > 0 ? ERR_OK : ERR_INVALID_FIELD;
}

static enum err load_year(struct calendar *calendar, const char *directory, int year)
{
    char path[PATH_SIZE];
    char *text = NULL;
    size_t text_size = 0;
    int size = snprintf(path, sizeof path, "%s/%d.ics", directory, year);
    if (size < 0 || (size_t)size >= sizeof path) {
        return ERR_IO;
    }
    enum err err = tsv_read_file(path, FILE_SIZE_MAX, &text, &text_size);
    if (err != ERR_OK) {
        return err;
    }
    icalcomponent *root = strlen(text) == text_size ? icalparser_parse_string(text) : NULL;
    free(text);
    if (root == NULL) {
        return ERR_INVALID_FIELD;
    }
    err = add_events(calendar, root);
    icalcomponent_free(root);
    calendar->knows_year[year - YEAR_MIN] = err == ERR_OK;
    return err;
}

static enum err load_names(struct calendar *calendar, const char *directory)
{
    char path[PATH_SIZE];
    int size = snprintf(path, sizeof path, "%s/names.tsv", directory);
    if (size < 0 || (size_t)size >= sizeof path) {
        return ERR_IO;
    }
    enum err err = tsv_load(path, 2, &calendar->names);
    return err == ERR_NOT_FOUND ? ERR_OK : err; /* then the one name is used in both languages */
}

static enum err load_years(struct calendar *calendar, const char *directory)
{
    int count = 0;
    for (int year = YEAR_MIN; year < YEAR_MIN + YEAR_COUNT; year++) {
        enum err err = load_year(calendar, directory, year);
        if (err == ERR_NOT_FOUND) {
            continue;
        }
        if (err != ERR_OK) {
            return err;
        }
        count++;
    }
    return count > 0 ? ERR_OK : ERR_NOT_FOUND;
}

enum err calendar_load(const char *directory, struct calendar **out)
{
    struct calendar *calendar = calloc(1, sizeof *calendar);
    if (calendar == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = date_from_parts(YEAR_MIN, 1, 1, &calendar->first);
    CHECK(err == ERR_OK);
    err = load_years(calendar, directory);
    if (err == ERR_OK) {
        err = load_names(calendar, directory);
    }
    if (err != ERR_OK) {
        calendar_release(calendar);
        return err;
    }
    *out = calendar;
    return ERR_OK;
}

void calendar_release(struct calendar *calendar)
{
    if (calendar != NULL) {
        tsv_release(&calendar->names);
        free(calendar);
    }
}
