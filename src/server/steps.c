/* The steps of the end of day, in their order, from the rooms that own them. */
#include "server/steps.h"

#include "report/report.h"

static enum err accrue(void *context, struct date date, int bucket)
{
    struct rooms *rooms = context;
    size_t count;
    return account_eod_accrue(rooms->engine, rooms->catalogue, date, bucket, &count);
}

static enum err capitalise(void *context, struct date date, int bucket)
{
    struct rooms *rooms = context;
    size_t count;
    return account_eod_capitalise(rooms->engine, rooms->catalogue, date, bucket, &count);
}

static enum err settle_clearing(void *context, struct date date, int bucket)
{
    struct rooms *rooms = context;
    int64_t moved;
    return payment_eod_settle(rooms->engine, date, bucket, &moved);
}

/* The report room sums whole dates at once. */
static enum err close_totals(void *context, struct date date, int bucket)
{
    struct rooms *rooms = context;
    int64_t count;
    (void)date, (void)bucket;
    return report_eod_gl_days(rooms->engine, &count);
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

enum err steps_open(struct rooms *rooms, struct eod **out)
{
    struct eod_options options = {
        .engine = rooms->engine, .steps = steps, .context = rooms, .is_early_agreed = early_agreed};
    return eod_open(&options, out);
}
