/* The parts that this room brings to the house. */
#include "frame/room.h"
#include "report/report.h"
#include "report/report_routes.h"
#include "report/reserve.h"
#include "sys/thread.h"

#include <stdlib.h>
#include <string.h>

struct report_room_state {
    struct mutex mutex;
    struct reserve_view reserve; /* as last seen */
};

/* Keeps the sums that the trial balance and the dashboard start from. */
static enum err sum_books(const struct house *house)
{
    return report_eod_gl_days(house->engine, NULL);
}

static enum err watch_reserve(const struct house *house)
{
    struct report_room_state *state = house_room(house, &REPORT_PARTS);
    struct reserve_view seen;
    enum err err = reserve_watch(house->engine, &seen);
    if (err && err != ERR_RESERVE_SHORT) {
        return err;
    }
    mutex_lock(&state->mutex);
    state->reserve = seen;
    mutex_unlock(&state->mutex);
    return err;
}

static size_t reserve_shortages(const struct house *house, struct money *out, size_t max)
{
    struct report_room_state *state = house_room(house, &REPORT_PARTS);
    mutex_lock(&state->mutex);
    struct reserve_view seen = state->reserve;
    mutex_unlock(&state->mutex);
    size_t count = seen.count < max ? seen.count : max;
    memcpy(out, seen.shortages, count * sizeof *out);
    return count;
}

static const struct job_row jobs[] = {
    {"watchReserve", "every 15 s", 15000000, LANE_BOOKS, watch_reserve, 190},
    {"sumBooks", "every minute", 60000000, LANE_BOOKS, sum_books, 180},
    {0}};

/* Whole dates at once. */
static enum err close_totals(const struct house *house, struct date date, int bucket)
{
    int64_t count;
    (void)date, (void)bucket;
    return report_eod_gl_days(house->engine, &count);
}

static const struct eod_step steps[] = {{"closeTotals", close_totals, true}, {0}};

static const struct route_table routes[] = {
    {202, statement_routes}, {301, receipt_routes}, {502, export_routes}, {0}};

static void close_reports(void *context)
{
    struct report_room_state *state = context;
    mutex_release(&state->mutex);
    free(state);
}

static enum err open_reports(struct house *house, void **out_state, struct fault *out_fault)
{
    struct report_room_state *state = calloc(1, sizeof *state);
    (void)house, (void)out_fault;
    if (state == NULL) {
        return ERR_NO_MEMORY;
    }
    mutex_init(&state->mutex);
    *out_state = state;
    return ERR_OK;
}

const struct room_parts REPORT_PARTS = {.name = "report",
                                        .routes = routes,
                                        .jobs = jobs,
                                        .shortages = reserve_shortages,
                                        .open = open_reports,
                                        .close = close_reports,
                                        .steps = steps};
