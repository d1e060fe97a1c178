/*
 * Does the reserve cover customers' money: by currency, with a gauge and a line in the log for each
 * shortage. A shortage stops no payment (a payment moves no reserve) and asks for people at once.
 */
#ifndef REPORT_RESERVE_H
#define REPORT_RESERVE_H

#include "engine/engine.h"
#include "frame/doors.h"

struct reserve_view {
    struct money shortages[SHORTAGES_MAX]; /* > 0 */
    size_t count;
};

/* One caller at a time. Sets the gauges reserve_shortage_minor{ccy}. ERR_RESERVE_SHORT (with *out
 * written), ERR_OVERFLOW, errors of report_funds_each. */
enum err reserve_watch(struct engine *engine, struct reserve_view *out);

#endif
