/*
 * Civil time of one place: a zone of the IANA time zone database, expanded at the start into a
 * table of offsets from 1900 to 2200. The bank has one zone (setting bank.zone); its dates, days of
 * limits, ages and printed times all use it. Read-only after zone_load; any thread.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/date.h"
#include "base/err.h"

#define ZONE_DEFAULT   "Asia/Shanghai"
#define ZONE_NAME_SIZE 48
#define ZONE_SPANS_MAX 1024

/* An offset and the instant from which it applies. */
struct zone_span {
    int64_t from_us;
    int32_t offset_s; /* east of UTC */
};

struct zone {
    char name[ZONE_NAME_SIZE];
    size_t count;
    struct zone_span spans[ZONE_SPANS_MAX]; /* rising; the first applies from the beginning of
                                             * time */
};

/* By the IANA name, "Europe/Berlin". ERR_UNKNOWN_ZONE, ERR_NO_MEMORY. */
enum err zone_load(const char *name, struct zone *out);
/* Seconds east of UTC at that instant. */
int zone_offset_s(const struct zone *zone, int64_t instant_us);
/* The civil date of an instant. */
struct date zone_date(const struct zone *zone, int64_t instant_us);
/* The first instant of a date; if its midnight does not exist, the instant at which it begins. */
int64_t zone_start_us(const struct zone *zone, struct date date);

#endif
