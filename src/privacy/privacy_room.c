/* The parts that this room brings to the house. */
#include "base/check.h"
#include "company/company.h"
#include "frame/room.h"
#include "privacy/leaving.h"

#include <stdlib.h>

/* An obstacle to leaving: a company would have no member left. */
static enum err represents_company(struct db_conn *conn, struct customer_id customer, bool *out)
{
    struct company_user users[COMPANIES_MAX];
    size_t count = 0;
    enum err err = company_list_of(conn, customer, users, &count);
    *out = false;
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct company company;
        err = company_load(conn, users[i].company, &company);
        *out |= err == ERR_OK && company.representative.value == customer.value &&
                company.state != COMPANY_CLOSED && company.state != COMPANY_REFUSED;
    }
    return err;
}

static enum err open_privacy(struct house *house, void **out_state, struct fault *out_fault)
{
    struct privacy_room *room = calloc(1, sizeof *room);
    (void)out_fault;
    if (room == NULL) {
        return ERR_NO_MEMORY;
    }
    *room = (struct privacy_room){.customers = customer_room_of(house),
                                  .kyc = kyc_room_of(house),
                                  .catalogue = house->catalogue,
                                  .represents = represents_company};
    *out_state = room;
    return ERR_OK;
}

const struct room_parts PRIVACY_PARTS = {.name = "privacy", .open = open_privacy, .close = free};

struct privacy_room *privacy_room_of(const struct house *house)
{
    struct privacy_room *room = house_room(house, &PRIVACY_PARTS);
    CHECK(room != NULL);
    return room;
}
