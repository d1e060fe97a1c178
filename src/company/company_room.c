/* The parts that this room brings to the house. */
#include "base/check.h"
#include "company/company.h"
#include "company/parameters.h"
#include "frame/room.h"

#include <stdlib.h>

struct company_room_state {
    struct company_room *room;
    struct business_partner business;
};

static void close_companies(void *context)
{
    struct company_room_state *state = context;
    company_room_close(state->room);
    free(state);
}

static enum err open_companies(struct house *house, void **out_state, struct fault *out_fault)
{
    struct company_room_state *state = calloc(1, sizeof *state);
    (void)out_fault;
    if (state == NULL) {
        return ERR_NO_MEMORY;
    }
    business_partner_init(&state->business, &house->outside);
    struct company_room_options options = {.customers = customer_room_of(house),
                                           .catalogue = house->catalogue,
                                           .vault = house->vault,
                                           .regions = house->regions,
                                           .eyes = kyc_eyes_of(house),
                                           .registry = &state->business.registry};
    enum err err = company_room_open(&options, &state->room);
    if (err) {
        close_companies(state);
        return err;
    }
    *out_state = state;
    return ERR_OK;
}

const struct room_parts COMPANY_PARTS = {.name = "company",
                                         .parameters = &COMPANY_PARAMETER_LIST,
                                         .open = open_companies,
                                         .close = close_companies};

struct company_room *company_room_of(const struct house *house)
{
    const struct company_room_state *state = house_room(house, &COMPANY_PARTS);
    CHECK(state != NULL);
    return state->room;
}
