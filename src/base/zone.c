#include "base/zone.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#define SECOND_US INT64_C(1000000)
#define FIRST_MS  (-2208988800000.0) /* 1900-01-01 */
#define LAST_MS   7289654400000.0    /* 2201-01-01 */

static int32_t offset_at(UCalendar *calendar, UDate at_ms, UErrorCode *status)
{
    ucal_setMillis(calendar, at_ms, status);
    int32_t offset_ms =
        ucal_get(calendar, UCAL_ZONE_OFFSET, status) + ucal_get(calendar, UCAL_DST_OFFSET, status);
    return offset_ms / 1000;
}

static enum err zone_unfold(UCalendar *calendar, struct zone *out)
{
    UErrorCode status = U_ZERO_ERROR;
    UDate at_ms = FIRST_MS;
    out->spans[0] = (struct zone_span){INT64_MIN, offset_at(calendar, at_ms, &status)};
    out->count = 1;
    while (U_SUCCESS(status) && out->count < ZONE_SPANS_MAX) {
        ucal_setMillis(calendar, at_ms, &status);
        if (!ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &at_ms, &status) ||
            at_ms > LAST_MS) {
            break;
        }
        int32_t offset_s = offset_at(calendar, at_ms, &status);
        if (offset_s != out->spans[out->count - 1].offset_s) {
            out->spans[out->count++] = (struct zone_span){(int64_t)at_ms * 1000, offset_s};
        }
    }
    return U_SUCCESS(status) ? ERR_OK : ERR_NO_MEMORY;
}

enum err zone_load(const char *name, struct zone *out)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar id[ZONE_NAME_SIZE], canonical[ZONE_NAME_SIZE];
    UBool is_system = false;
    int32_t size = 0;
    if (strlen(name) >= ZONE_NAME_SIZE) {
        return ERR_UNKNOWN_ZONE;
    }
    u_strFromUTF8(id, ZONE_NAME_SIZE, &size, name, -1, &status);
    if (U_FAILURE(status)) {
        return ERR_UNKNOWN_ZONE;
    }
    /* Names such as "GMT+8" are accepted by the library but are not places. */
    ucal_getCanonicalTimeZoneID(id, -1, canonical, ZONE_NAME_SIZE, &is_system, &status);
    if (U_FAILURE(status) || !is_system) {
        return ERR_UNKNOWN_ZONE;
    }
    UCalendar *calendar = ucal_open(id, -1, "en", UCAL_GREGORIAN, &status);
    if (U_FAILURE(status)) {
        return ERR_NO_MEMORY;
    }
    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "%s", name);
    enum err err = zone_unfold(calendar, out);
    ucal_close(calendar);
    return err;
}

static size_t span_at(const struct zone *zone, int64_t instant_us)
{
    CHECK(zone->count > 0);
    size_t low = 0, high = zone->count; /* invariant: true at low, false at high */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->spans[middle].from_us <= instant_us) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

int zone_offset_s(const struct zone *zone, int64_t instant_us)
{
    return zone->spans[span_at(zone, instant_us)].offset_s;
}

struct date zone_date(const struct zone *zone, int64_t instant_us)
{
    int64_t local_us;
    int64_t offset_us = zone_offset_s(zone, instant_us) * SECOND_US;
    if (__builtin_add_overflow(instant_us, offset_us, &local_us)) {
        local_us = instant_us;
    }
    return date_of_instant(local_us, 0);
}

int64_t zone_start_us(const struct zone *zone, struct date date)
{
    int64_t midnight_us = date_start_us(date, 0);
    for (size_t i = span_at(zone, midnight_us - 2 * DAY_US); i + 1 < zone->count; i++) {
        int64_t start_us = midnight_us - zone->spans[i].offset_s * SECOND_US;
        if (start_us < zone->spans[i].from_us) {
            return zone->spans[i].from_us; /* the clock was put forward over midnight */
        }
        if (start_us < zone->spans[i + 1].from_us) {
            return start_us;
        }
    }
    int64_t start_us = midnight_us - zone->spans[zone->count - 1].offset_s * SECOND_US;
    int64_t from_us = zone->spans[zone->count - 1].from_us;
    return start_us < from_us ? from_us : start_us;
}
