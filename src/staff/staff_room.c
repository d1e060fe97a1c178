/* The parts that this room brings to the house. */
#include "base/check.h"
#include "frame/room.h"
#include "staff/change.h"
#include "staff/sealed.h"
#include "staff/staff.h"
#include "staff/staff_routes.h"

#include <stdlib.h>

static enum err open_staff(struct house *house, void **out_state, struct fault *out_fault)
{
    struct staff_room *room = calloc(1, sizeof *room);
    (void)out_fault;
    if (room == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = staff_room_init(room, house->vault, NULL);
    if (err) {
        free(room);
        return err;
    }
    *out_state = room;
    return ERR_OK;
}

static enum err expire_changes_some(struct uow *uow, void *context)
{
    return change_expire(uow, context);
}

/* Changes that nobody decided in time. */
static enum err expire_changes(const struct house *house)
{
    size_t count = CHANGE_DUE_BATCH;
    enum err err = ERR_OK;
    while (!err && count == CHANGE_DUE_BATCH) {
        err = engine_run(house->engine, expire_changes_some, &count);
    }
    return err;
}

static enum err is_early_close_agreed(struct db_conn *conn, struct date date, bool *out)
{
    char text[DATE_TEXT_SIZE];
    date_format(date, text);
    return change_is_approved(conn, CHANGE_CLOSE_EARLY, text, out);
}

static const struct job_row jobs[] = {
    {"expireChanges", "every minute", 60000000, LANE_BOOKS, expire_changes, 60}, {0}};

static const struct route_table routes[] = {
    {400, staff_routes}, {410, staff_user_routes}, {431, audit_routes}, {0}};

const struct room_parts STAFF_PARTS = {.name = "staff",
                                       .routes = routes,
                                       .rates = staff_rates,
                                       .jobs = jobs,
                                       .sealed = staff_sealed,
                                       .is_early_agreed = is_early_close_agreed,
                                       .open = open_staff,
                                       .close = free};

struct staff_room *staff_room_of(const struct house *house)
{
    struct staff_room *room = house_room(house, &STAFF_PARTS);
    CHECK(room != NULL);
    return room;
}
