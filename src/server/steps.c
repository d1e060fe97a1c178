/* The steps of the end of day, in their order, from the rooms that own them. */
#include "server/steps.h"

#include "report/report.h"

static enum err accrue(void *context, struct date date, int bucket)
{
    struct house *house = context;
    size_t count;
    return account_eod_accrue(house->engine, house->catalogue, date, bucket, &count);
}

static enum err capitalise(void *context, struct date date, int bucket)
{
    struct house *house = context;
    size_t count;
    return account_eod_capitalise(house->engine, house->catalogue, date, bucket, &count);
}

static enum err settle_clearing(void *context, struct date date, int bucket)
{
    struct house *house = context;
    int64_t moved;
    return payment_eod_settle(house->engine, date, bucket, &moved);
}

/* The report room sums whole dates at once. */
static enum err close_totals(void *context, struct date date, int bucket)
{
    struct house *house = context;
    int64_t count;
    (void)date, (void)bucket;
    return report_eod_gl_days(house->engine, &count);
}

/* What settleClearing and capitaliseInterest book belongs to the next date, so the totals of the closed
 * date may come last. */
static const struct eod_step steps[] = {
    {"accrueInterest", accrue, false},
    {"capitaliseInterest", capitalise, false},
    {"settleClearing", settle_clearing, false},
    {"closeTotals", close_totals, true},
    {NULL, NULL, false},
};

static enum err early_agreed(void *context, struct db_conn *conn, struct date date, bool *out)
{
    char text[DATE_TEXT_SIZE];
    (void)context;
    date_format(date, text);
    return change_is_approved(conn, CHANGE_CLOSE_EARLY, text, out);
}

enum err steps_open(struct house *house, struct eod **out)
{
    struct eod_options options = {
        .engine = house->engine, .steps = steps, .context = house, .is_early_agreed = early_agreed};
    return eod_open(&options, out);
}
