/*
 * Jobs of no room: holds, seals and checkpoints of the ledger, the catalogue's figures, the clock, the
 * outbox, sealing anew.
 */
#include "server/jobs_private.h"

#include "ledger/recipe.h"

#define HOLDS_A_RUN       200
#define CHECKPOINT_CHUNKS 8
#define RESEAL_STEPS      8

/* --- ledger ----------------------------------------------------------------------------------- */

struct due_holds {
    struct hold_id ids[HOLDS_A_RUN];
    uint16_t recipes[HOLDS_A_RUN];
    int64_t refs[HOLDS_A_RUN];
    size_t count, next;
};

static bool collect_hold(const struct ledger_hold_row *hold, void *context)
{
    struct due_holds *due = context;
    due->ids[due->count] = (struct hold_id){hold->id};
    due->recipes[due->count] = hold->recipe;
    due->refs[due->count++] = hold->ref_id;
    return due->count < HOLDS_A_RUN;
}

static enum err expire_one(struct uow *uow, void *context)
{
    const struct due_holds *due = context;
    struct journal_result result;
    struct recipe_end end = {.recipe = (enum recipe)due->recipes[due->next],
                             .hold = due->ids[due->next],
                             .booking_date = uow->business_date,
                             .ref_id = due->refs[due->next]};
    enum err err = recipe_expire(uow->ledger, &end, &result);
    return err == ERR_HOLD_ENDED ? ERR_OK : err; /* captured meanwhile */
}

static enum err expire_holds(const struct house *house)
{
    struct due_holds due = {.count = 0};
    struct db_conn *conn;
    enum err err = engine_read_begin(house->engine, &conn);
    if (err) {
        return err;
    }
    err = ledger_holds_due(conn, clock_now_us(engine_clock(house->engine)), HOLDS_A_RUN,
                           collect_hold, &due);
    engine_read_end(house->engine, conn);
    for (; !err && due.next < due.count; due.next++) {
        err = engine_run(house->engine, expire_one, &due);
    }
    return err;
}

static enum err seal_some(struct uow *uow, void *context)
{
    (void)context;
    return ledger_seal_due(engine_ledger(uow->engine), uow->conn, uow->now_us);
}

static enum err seal(const struct house *house)
{
    return engine_run(house->engine, seal_some, NULL);
}

static enum err checkpoint_some(struct uow *uow, void *context)
{
    (void)context;
    return ledger_checkpoint(engine_ledger(uow->engine), uow->conn, CHECKPOINT_CHUNKS);
}

static enum err checkpoint(const struct house *house)
{
    return engine_run(house->engine, checkpoint_some, NULL);
}

/* --- catalogue, clock ------------------------------------------------------------------------- */

/* Figures that changed, also by another process. */
static enum err refresh_figures(const struct house *house)
{
    struct db_conn *conn;
    bool changed = false;
    enum err err = engine_read_begin(house->engine, &conn);
    if (err) {
        return err;
    }
    err = catalogue_refresh(house->catalogue, conn, &changed);
    engine_read_end(house->engine, conn);
    return err;
}

static enum err watch_clock(const struct house *house)
{
    return engine_clock_keep(house->engine);
}

/* --- outbox, sealing anew --------------------------------------------------------------------- */

static enum err deliver_news(const struct house *house)
{
    size_t count = 0;
    return delivery_run_news(house, &count);
}

static enum err deliver_outside(const struct house *house)
{
    struct server_jobs *jobs = house_room(house, &SERVER_PARTS);
    return delivery_hand_out(house, jobs->lanes);
}

/* What older master keys sealed is sealed under the newest one. */
static enum err reseal_fields(const struct house *house)
{
    struct server_jobs *jobs = house_room(house, &SERVER_PARTS);
    return reseal_run(house->engine, house->vault, RESEAL_STEPS, &jobs->resealing);
}

const struct job_row SERVER_JOBS[] = {
    {"deliverNews", "every 0.1 s", 20000, LANE_BOOKS, deliver_news, 10},
    {"deliverOutbox", "every 0.2 s", 200000, LANE_BOOKS, deliver_outside, 20},
    {"expireHolds", "every 5 s", 5000000, LANE_BOOKS, expire_holds, 40},
    {"sealBooks", "every 5 s", 5000000, LANE_BOOKS, seal, 70},
    {"checkpointBalances", "every minute", 60000000, LANE_BOOKS, checkpoint, 80},
    {"refreshFigures", "every 2 s", 2000000, LANE_BOOKS, refresh_figures, 100},
    {"watchClock", "every second", 1000000, LANE_BOOKS, watch_clock, 200},
    {"watchOutbox", "every 15 s", 15000000, LANE_BOOKS, delivery_show, 210},
    {"resealFields", "every second", 1000000, LANE_BOOKS, reseal_fields, 220},
    {"endOfDay", "when the day has ended", 1000000, LANE_END_OF_DAY, day_close_due, 230},
    {0}};
