/* The parts that this room brings to the house. */
#include "frame/room.h"
#include "report/report.h"
#include "report/report_routes.h"

/* Keeps the sums that the trial balance and the dashboard start from. */
static enum err sum_books(const struct house *house)
{
    return report_eod_gl_days(house->engine, NULL);
}

static const struct job_row jobs[] = {
    {"sumBooks", "every minute", 60000000, LANE_BOOKS, sum_books, 180}, {0}};

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

const struct room_parts REPORT_PARTS = {
    .name = "report", .routes = routes, .jobs = jobs, .steps = steps};
