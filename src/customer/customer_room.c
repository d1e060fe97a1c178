/* The parts that this room brings to the house. */
#include "base/check.h"
#include "customer/customer.h"
#include "customer/parameters.h"
#include "frame/room.h"

#include <stdlib.h>

struct customer_room_state {
    struct customer_room *room;
    struct consent_texts *consents;
    struct registry_partner registry;
};

static enum err load_consents(const struct house *house, struct consent_texts **out,
                              struct fault *out_fault)
{
    char path[FILE_PATH_MAX];
    enum err err = house_share_path(house, "consents", path);
    err = err ? err : consent_texts_load(path, out);
    if (err) {
        house_share_fault(path, err, out_fault);
    }
    return err;
}

static enum err check_consents(const struct house *house, struct fault *out_fault)
{
    struct consent_texts *consents = NULL;
    enum err err = load_consents(house, &consents, out_fault);
    if (!err) {
        consent_texts_release(consents);
    }
    return err;
}

static void close_customers(void *context)
{
    struct customer_room_state *state = context;
    if (state->room != NULL) {
        customer_room_close(state->room);
    }
    if (state->consents != NULL) {
        consent_texts_release(state->consents);
    }
    free(state);
}

static enum err open_customers(struct house *house, void **out_state, struct fault *out_fault)
{
    struct customer_room_state *state = calloc(1, sizeof *state);
    if (state == NULL) {
        return ERR_NO_MEMORY;
    }
    registry_partner_init(&state->registry, &house->outside);
    enum err err = load_consents(house, &state->consents, out_fault);
    struct customer_room_options options = {.vault = house->vault,
                                            .regions = house->regions,
                                            .registry = &state->registry.registry,
                                            .consents = state->consents,
                                            .catalogue = house->catalogue};
    err = err ? err : customer_room_open(&options, &state->room);
    if (err) {
        close_customers(state);
        return err;
    }
    *out_state = state;
    return ERR_OK;
}

static const struct room_check checks[] = {{"consents", check_consents}, {0}};

const struct room_parts CUSTOMER_PARTS = {.name = "customer",
                                          .parameters = &CUSTOMER_PARAMETER_LIST,
                                          .checks = checks,
                                          .open = open_customers,
                                          .close = close_customers};

struct customer_room *customer_room_of(const struct house *house)
{
    const struct customer_room_state *state = house_room(house, &CUSTOMER_PARTS);
    CHECK(state != NULL);
    return state->room;
}

const struct consent_texts *consent_texts_of(const struct house *house)
{
    const struct customer_room_state *state = house_room(house, &CUSTOMER_PARTS);
    CHECK(state != NULL);
    return state->consents;
}
