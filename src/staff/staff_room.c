/* The parts that this room brings to the house. */
#include "base/check.h"
#include "frame/room.h"
#include "staff/staff.h"

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

const struct room_parts STAFF_PARTS = {.name = "staff", .open = open_staff, .close = free};

struct staff_room *staff_room_of(const struct house *house)
{
    struct staff_room *room = house_room(house, &STAFF_PARTS);
    CHECK(room != NULL);
    return room;
}
