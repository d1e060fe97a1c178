#include "server/rooms.h"

#include "account/parameters.h"
#include "company/parameters.h"
#include "customer/parameters.h"
#include "customer/security.h"
#include "server/keys.h"
#include "sys/file.h"
#include "sys/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The parameters that the rooms bring. */
static const struct parameter_list *const ROOM_PARAMETERS[] = {
    &CUSTOMER_PARAMETER_LIST, &ACCOUNT_PARAMETER_LIST, &COMPANY_PARAMETER_LIST, NULL};

void rooms_share_folder(const struct config *config, char *out, size_t size)
{
    const char *stated = config_string(config, "server", "share");
    snprintf(out, size, "%s", stated[0] != '\0' ? stated : "share");
}

enum err rooms_open_tables(const struct config *config, struct rooms *rooms,
                           struct fault *out_fault)
{
    char path[FILE_PATH_MAX];
    rooms_share_folder(config, rooms->share, sizeof rooms->share);
    enum err err = file_join(rooms->share, "regions.tsv", path);
    err = err ? err : regions_load(path, &rooms->regions);
    if (!err) {
        err = file_join(rooms->share, "bins.tsv", path);
        err = err ? err : bins_load(path, &rooms->bins);
    }
    if (!err) {
        err = file_join(rooms->share, "places.tsv", path);
        err = err ? err : places_load(path, &rooms->places);
    }
    if (!err) {
        err = file_join(rooms->share, "consents", path);
        err = err ? err : consent_texts_load(path, &rooms->consents);
    }
    if (err) {
        fault_write_setting(out_fault, "%s: could not be loaded: %s (server.share)", path,
                            err == ERR_NOT_FOUND ? "no such file" : err_slug(err));
    }
    return err;
}

/* The clock of the machine, guarded; beside a sandbox a file may shift it. */
static enum err open_clock(struct rooms *rooms, struct fault *out_fault)
{
    char boot_id[CLOCK_BOOT_ID_SIZE];
    struct clock *wall = clock_system(), *count = clock_count();
    const char *path = config_string(rooms->config, "bank", "test_clock");
    enum err err = clock_boot_id(boot_id);
    if (err) {
        fault_write(out_fault, "/proc/sys/kernel/random/boot_id: cannot be read");
        return err;
    }
    if (path[0] != '\0' && !config_bool(rooms->config, "outside", "is_sandbox")) {
        fault_write_setting(out_fault, "bank.test_clock: only beside a sandbox");
        return ERR_INVALID_FIELD;
    }
    if (path[0] != '\0') {
        err = clock_shifted(path, &wall, &count);
        if (err) {
            fault_write_setting(out_fault, "bank.test_clock: %.200s holds no two numbers", path);
            return err;
        }
    }
    clock_guard_init(&rooms->clock, wall, count, boot_id);
    return ERR_OK;
}

static enum err open_engine(struct rooms *rooms, struct fault *out_fault)
{
    struct engine_options options = {
        .database_url = config_string(rooms->config, "database", "url"),
        .guard = &rooms->clock,
        .workers = (int)config_int(rooms->config, "database", "workers"),
        .readers = (int)config_int(rooms->config, "database", "readers"),
        .node = (int)config_int(rooms->config, "bank", "node"),
        .zone = &rooms->zone,
        .fault = out_fault};
    const char *zone = config_string(rooms->config, "bank", "zone");
    enum err err = zone_load(zone, &rooms->zone);
    if (err) {
        fault_write_setting(out_fault,
                            "bank.zone: \"%.100s\" is no time zone that this machine has", zone);
        return err;
    }
    err = open_clock(rooms, out_fault);
    if (err) {
        return err;
    }
    err = engine_start(&options, &rooms->engine);
    if (err) {
        return err;
    }
    struct db_conn *conn;
    err = engine_read_begin(rooms->engine, &conn);
    if (!err) {
        err = catalogue_open(conn, ROOM_PARAMETERS, &rooms->catalogue);
        err = err || catalogue_stray_count(rooms->catalogue) == 0 ? err : ERR_DB_SCHEMA;
        engine_read_end(rooms->engine, conn);
    }
    if (err) {
        fault_write(out_fault, "product catalogue: %s", err_slug(err));
    }
    return err;
}

static enum err open_vault(struct rooms *rooms, struct fault *out_fault)
{
    struct db_conn *conn = NULL;
    enum err err = db_connect(engine_db(rooms->engine), DB_READ_WRITE, &conn);
    if (err) {
        fault_write(out_fault, "database: %s", db_open_message(engine_db(rooms->engine)));
        return err;
    }
    err = keys_open_or_make(conn, config_string(rooms->config, "security", "key_file"),
                            clock_now_us(clock_system()), &rooms->vault, out_fault);
    db_disconnect(conn);
    return err;
}

static enum err open_outside(struct rooms *rooms, struct fault *out_fault)
{
    struct http_client_options options = {0};
    enum err err = http_client_open(&options, &rooms->transport);
    if (err) {
        fault_write(out_fault, "calls to the outside: %s", err_slug(err));
        return err;
    }
    err = partner_init(&rooms->outside, "outside", config_string(rooms->config, "outside", "url"),
                       config_string(rooms->config, "outside", "key_id"),
                       config_string(rooms->config, "outside", "secret"), rooms->transport,
                       clock_system());
    if (err) {
        fault_write_setting(out_fault, "outside.url, outside.key_id or outside.secret: %s",
                            err_slug(err));
        return err;
    }
    rooms->outside.timeout_ms = config_ms(rooms->config, "outside", "timeout");
    registry_partner_init(&rooms->registry, &rooms->outside);
    quickpay_channel_init(&rooms->channel, &rooms->outside);
    kyc_partner_init(&rooms->parties, &rooms->outside);
    business_partner_init(&rooms->business, &rooms->outside);
    return ERR_OK;
}

enum err rooms_refresh_figures(struct rooms *rooms)
{
    struct db_conn *conn;
    bool changed = false;
    enum err err = engine_read_begin(rooms->engine, &conn);
    if (err) {
        return err;
    }
    err = catalogue_refresh(rooms->catalogue, conn, &changed);
    engine_read_end(rooms->engine, conn);
    return err;
}

static enum err open_kyc(struct rooms *rooms)
{
    kyc_eyes_vision_init(&rooms->eyes, NULL);
    struct kyc_room_options options = {.customers = rooms->customers,
                                       .vault = rooms->vault,
                                       .regions = rooms->regions,
                                       .places = rooms->places,
                                       .eyes = &rooms->eyes.eyes,
                                       .parties = &rooms->parties.parties};
    return kyc_room_open(&options, &rooms->kyc);
}

static enum err open_companies(struct rooms *rooms)
{
    struct company_room_options options = {.customers = rooms->customers,
                                           .catalogue = rooms->catalogue,
                                           .vault = rooms->vault,
                                           .regions = rooms->regions,
                                           .eyes = &rooms->eyes.eyes,
                                           .registry = &rooms->business.registry};
    return company_room_open(&options, &rooms->companies);
}

enum err rooms_open_vision(struct rooms *rooms)
{
    struct vision_options options = {.models = config_string(rooms->config, "vision", "models"),
                                     .program = "/proc/self/exe"};
    enum err err = vision_open(&options, &rooms->vision);
    if (err == ERR_MODEL_MISSING) {
        log_event(LOG_WARN, "no_models", log_string("folder", options.models), log_err(err));
        return ERR_OK;
    }
    if (!err) {
        kyc_eyes_vision_init(&rooms->eyes, rooms->vision);
    }
    return err;
}

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

static enum err open_customers(struct rooms *rooms)
{
    struct customer_room_options options = {.vault = rooms->vault,
                                            .regions = rooms->regions,
                                            .registry = &rooms->registry.registry,
                                            .consents = rooms->consents,
                                            .catalogue = rooms->catalogue};
    return customer_room_open(&options, &rooms->customers);
}

/* Opens the rooms that need tables, database, vault and outside. */
static enum err open_domains(struct rooms *rooms, struct fault *out_fault)
{
    const char *room = "customers";
    enum err err = open_customers(rooms);
    if (!err) {
        room = "staff";
        err = staff_room_init(&rooms->staff, rooms->vault, NULL);
    }
    if (!err) {
        room = "verification";
        err = open_kyc(rooms);
    }
    if (!err) {
        room = "companies";
        err = open_companies(rooms);
    }
    if (err) {
        fault_write(out_fault, "%s: could not be opened: %s", room, err_slug(err));
    }
    rooms->privacy = (struct privacy_room){.customers = rooms->customers,
                                           .kyc = rooms->kyc,
                                           .catalogue = rooms->catalogue,
                                           .represents = represents_company};
    return err;
}

enum err rooms_open(const struct config *config, struct rooms *out, struct fault *out_fault)
{
    *out = (struct rooms){.config = config};
    enum err err = rooms_open_tables(config, out, out_fault);
    err = err ? err : open_engine(out, out_fault);
    err = err ? err : open_vault(out, out_fault);
    err = err ? err : open_outside(out, out_fault);
    err = err ? err : open_domains(out, out_fault);
    if (err) {
        rooms_close(out);
    }
    return err;
}

void rooms_close(struct rooms *rooms)
{
    if (rooms->engine != NULL) {
        engine_stop(rooms->engine);
    }
    if (rooms->catalogue != NULL) {
        catalogue_close(rooms->catalogue);
    }
    company_room_close(rooms->companies);
    kyc_room_close(rooms->kyc);
    vision_close(rooms->vision);
    places_release(rooms->places);
    if (rooms->customers != NULL) {
        customer_room_close(rooms->customers);
    }
    if (rooms->transport != NULL) {
        partner_release(&rooms->outside);
        http_client_close(rooms->transport);
    }
    if (rooms->consents != NULL) {
        consent_texts_release(rooms->consents);
    }
    if (rooms->bins != NULL) {
        bins_release(rooms->bins);
    }
    if (rooms->regions != NULL) {
        regions_release(rooms->regions);
    }
    vault_close(rooms->vault);
    *rooms = (struct rooms){0};
}
