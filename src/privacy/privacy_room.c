/* The parts that this room brings to the house. */
#include "base/check.h"
#include "company/company.h"
#include "frame/room.h"
#include "privacy/privacy_routes.h"
#include "privacy/retention.h"
#include "sys/log.h"

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

/* --- jobs ------------------------------------------------------------------------------------- */

#define LEAVINGS_A_RUN    20
#define RETENTION_BUCKETS 32 /* looked at a minute: all of them in half an hour */

struct privacy_room_state {
    struct privacy_room room;
    int next_retention_bucket;
};

/* Those whose last payment has arrived, however the process ended that asked for it. */
static enum err finish_leavings(const struct house *house)
{
    size_t count = 0;
    return leaving_follow_due(privacy_room_of(house), house->engine, LEAVINGS_A_RUN, &count);
}

static enum err keep_retention(const struct house *house)
{
    struct privacy_room_state *state = house_room(house, &PRIVACY_PARTS);
    struct retention_count count = {.swept = 0};
    enum err err = ERR_OK;
    for (int i = 0; !err && i < RETENTION_BUCKETS; i++) {
        int bucket = state->next_retention_bucket++ % BUCKET_COUNT;
        err = retention_run(&state->room, house->engine, bucket, &count);
    }
    if (count.persons > 0) {
        log_event(LOG_INFO, "persons_erased", log_int("count", (int64_t)count.persons));
    }
    return err;
}

static const struct job_row jobs[] = {
    {"finishLeavings", "every 2 s", 2000000, LANE_BOOKS, finish_leavings, 150},
    {"retention", "every minute", 60000000, LANE_BOOKS, keep_retention, 160},
    {0}};

/* --- parts ------------------------------------------------------------------------------------ */

static enum err open_privacy(struct house *house, void **out_state, struct fault *out_fault)
{
    struct privacy_room_state *state = calloc(1, sizeof *state);
    (void)out_fault;
    if (state == NULL) {
        return ERR_NO_MEMORY;
    }
    state->room = (struct privacy_room){.customers = customer_room_of(house),
                                        .kyc = kyc_room_of(house),
                                        .catalogue = house->catalogue,
                                        .represents = represents_company};
    *out_state = state;
    return ERR_OK;
}

static const struct route_table routes[] = {{500, consent_routes}, {501, leaving_routes}, {0}};

const struct room_parts PRIVACY_PARTS = {
    .name = "privacy", .routes = routes, .jobs = jobs, .open = open_privacy, .close = free};

struct privacy_room *privacy_room_of(const struct house *house)
{
    struct privacy_room_state *state = house_room(house, &PRIVACY_PARTS);
    CHECK(state != NULL);
    return &state->room;
}
