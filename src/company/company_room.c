/* The parts that this room brings to the house. */
#include "base/check.h"
#include "company/company.h"
#include "company/company_routes.h"
#include "company/message_rows.h"
#include "company/order.h"
#include "company/parameters.h"
#include "company/sealed.h"
#include "frame/room.h"

#include <stdlib.h>

struct company_room_state {
    struct company_room *room;
    struct business_partner business;
};

/* --- jobs ------------------------------------------------------------------------------------- */

#define ORDERS_A_RUN    200
#define COMPANIES_A_RUN 10
#define BUSINESS_LANE   "business"

/* Payments of companies that nobody approved in time. */
static enum err expire_orders(struct uow *uow, void *context)
{
    return order_expire(uow, ORDERS_A_RUN, context);
}

/* The business registry is asked about each company once a month. */
static enum err recheck_companies(const struct house *house)
{
    size_t count = 0;
    enum err err = engine_run(house->engine, expire_orders, &count);
    return err ? err
               : company_recheck(company_room_of(house), house->engine, COMPANIES_A_RUN, &count);
}

static const struct job_row jobs[] = {
    {"recheckCompanies", "every minute", 60000000, BUSINESS_LANE, recheck_companies, 170}, {0}};

static const struct lane_row lanes[] = {
    {LANE(BUSINESS_LANE), .threads = 1, .waiting_max = 16, .wait_max_us = 15000000}, {0}};

/* --- parts ------------------------------------------------------------------------------------ */

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

static const struct route_table routes[] = {{700, company_routes},
                                            {710, company_user_routes},
                                            {720, company_case_routes},
                                            {730, order_routes},
                                            {0}};

/* A company would have no member left. */
static enum err find_represented(const struct house *house, struct uow *uow,
                                 struct customer_id customer, bool *out_found)
{
    struct company_user users[COMPANIES_MAX];
    size_t count = 0;
    (void)house;
    enum err err = company_list_of(uow->conn, customer, users, &count);
    *out_found = false;
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct company company;
        err = company_load(uow->conn, users[i].company, &company);
        *out_found |= err == ERR_OK && company.representative.value == customer.value &&
                      company.state != COMPANY_CLOSED && company.state != COMPANY_REFUSED;
    }
    return err;
}

static const struct obstacle_row obstacles[] = {
    {30,
     "companyRepresentative",
     {"You represent a company that is a customer; it must leave first, or name another person.",
      "您是本行企业客户的法定代表人，须先注销该企业账户或变更法定代表人。"},
     find_represented},
    {0}};

static enum err write_companies(const struct export_walk *w)
{
    struct company_user users[COMPANIES_MAX];
    const struct sink_verbs *to = w->verbs;
    struct sink *s = w->sink;
    size_t count = 0;
    enum err err = company_list_of(w->conn, w->customer, users, &count);
    to->open(s, "companies", '[');
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct company company;
        err = company_load(w->conn, users[i].company, &company);
        if (err) {
            break;
        }
        to->open(s, NULL, '{');
        to->id(s, "companyId", company.id.value);
        to->text(s, "name", company.name);
        to->text(s, "uscc", company.code);
        to->text(s, "state", company_state_name(company.state));
        to->boolean(s, "isRepresentative", company.representative.value == w->customer.value);
        to->integer(s, "roles", users[i].roles);
        to->instant(s, "at", users[i].added_at);
        to->close(s, '}');
    }
    to->close(s, ']');
    return err;
}

static const struct export_section exports[] = {{"companies", write_companies}, {0}};

static const struct export_table export_tables[] = {
    {"company_users", "companies", NULL},
    {"company_user_changes", NULL, "roles in a company: the company's; the present ones are there"},
    {"company_approvals", NULL, "decisions for a company: the company's, told to its users"},
    {0}};

const struct room_parts COMPANY_PARTS = {.name = "company",
                                         .routes = routes,
                                         .jobs = jobs,
                                         .export_tables = export_tables,
                                         .exports = exports,
                                         .sealed = company_sealed,
                                         .obstacles = obstacles,
                                         .messages = COMPANY_MESSAGES,
                                         .lanes = lanes,
                                         .parameters = &COMPANY_PARAMETER_LIST,
                                         .open = open_companies,
                                         .close = close_companies};

struct company_room *company_room_of(const struct house *house)
{
    const struct company_room_state *state = house_room(house, &COMPANY_PARTS);
    CHECK(state != NULL);
    return state->room;
}
