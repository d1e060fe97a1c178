#include "server/rooms.h"

#include "server/keys.h"
#include "server/room_list.h"
#include "sys/file.h"
#include "sys/http_client.h"

#include <stdio.h>
#include <string.h>

/* Folder `name` beside the share folder: the configured place, else ./name. */
static void rooms_share_folder(const struct config *config, char *out, size_t size)
{
    const char *stated = config_string(config, "server", "share");
    snprintf(out, size, "%s", stated[0] != '\0' ? stated : "share");
}

/* The tables that many rooms read. */
static enum err open_tables(struct house *house, struct fault *out_fault)
{
    char path[FILE_PATH_MAX];
    enum err err = house_share_path(house, "regions.tsv", path);
    err = err ? err : regions_load(path, &house->regions);
    if (!err) {
        err = house_share_path(house, "bins.tsv", path);
        err = err ? err : bins_load(path, &house->bins);
    }
    if (err) {
        house_share_fault(path, err, out_fault);
    }
    return err;
}

static void begin_house(const struct config *config, struct house *out)
{
    *out = (struct house){.config = config, .rooms = ROOM_LIST};
    rooms_share_folder(config, out->share, sizeof out->share);
}

enum err rooms_check_tables(const struct config *config, char out_share[HOUSE_SHARE_SIZE],
                            struct fault *out_fault)
{
    struct house house;
    begin_house(config, &house);
    enum err err = open_tables(&house, out_fault);
    for (size_t i = 0; !err && house.rooms[i] != NULL; i++) {
        const struct room_check *check = house.rooms[i]->checks;
        for (; !err && check != NULL && check->name != NULL; check++) {
            err = check->run(&house, out_fault);
        }
    }
    memcpy(out_share, house.share, HOUSE_SHARE_SIZE);
    rooms_close(&house);
    return err;
}

/* The clock of the machine, guarded; beside a sandbox a file may shift it. */
static enum err open_clock(struct house *house, struct fault *out_fault)
{
    char boot_id[CLOCK_BOOT_ID_SIZE];
    struct clock *wall = clock_system(), *count = clock_count();
    const char *path = config_string(house->config, "bank", "test_clock");
    enum err err = clock_boot_id(boot_id);
    if (err) {
        fault_write(out_fault, "/proc/sys/kernel/random/boot_id: cannot be read");
        return err;
    }
    if (path[0] != '\0' && !config_bool(house->config, "outside", "is_sandbox")) {
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
    clock_guard_init(&house->clock, wall, count, boot_id);
    return ERR_OK;
}

static enum err open_engine(struct house *house, struct fault *out_fault)
{
    struct engine_options options = {
        .database_url = config_string(house->config, "database", "url"),
        .guard = &house->clock,
        .workers = (int)config_int(house->config, "database", "workers"),
        .readers = (int)config_int(house->config, "database", "readers"),
        .node = (int)config_int(house->config, "bank", "node"),
        .zone = &house->zone,
        .fault = out_fault};
    const char *zone = config_string(house->config, "bank", "zone");
    enum err err = zone_load(zone, &house->zone);
    if (err) {
        fault_write_setting(out_fault,
                            "bank.zone: \"%.100s\" is no time zone that this machine has", zone);
        return err;
    }
    err = open_clock(house, out_fault);
    if (err) {
        return err;
    }
    err = engine_start(&options, &house->engine);
    if (err) {
        return err;
    }
    house_parameters(house->rooms, house->parameter_lists);
    struct db_conn *conn;
    err = engine_read_begin(house->engine, &conn);
    if (!err) {
        err = catalogue_open(conn, house->parameter_lists, &house->catalogue);
        err = err || catalogue_stray_count(house->catalogue) == 0 ? err : ERR_DB_SCHEMA;
        engine_read_end(house->engine, conn);
    }
    if (err) {
        fault_write(out_fault, "product catalogue: %s", err_slug(err));
    }
    return err;
}

static enum err open_vault(struct house *house, struct fault *out_fault)
{
    struct db_conn *conn = NULL;
    enum err err = db_connect(engine_db(house->engine), DB_READ_WRITE, &conn);
    if (err) {
        fault_write(out_fault, "database: %s", db_open_message(engine_db(house->engine)));
        return err;
    }
    err = keys_open_or_make(conn, config_string(house->config, "security", "key_file"),
                            clock_now_us(clock_system()), &house->vault, out_fault);
    db_disconnect(conn);
    return err;
}

static enum err open_outside(struct house *house, struct fault *out_fault)
{
    struct http_client_options options = {0};
    enum err err = http_client_open(&options, &house->transport);
    if (err) {
        fault_write(out_fault, "calls to the outside: %s", err_slug(err));
        return err;
    }
    err = partner_init(&house->outside, "outside", config_string(house->config, "outside", "url"),
                       config_string(house->config, "outside", "key_id"),
                       config_string(house->config, "outside", "secret"), house->transport,
                       clock_system());
    if (err) {
        fault_write_setting(out_fault, "outside.url, outside.key_id or outside.secret: %s",
                            err_slug(err));
        return err;
    }
    house->outside.timeout_ms = config_ms(house->config, "outside", "timeout");
    return ERR_OK;
}

enum err rooms_open(const struct config *config, bool has_vision, struct house *out,
                    struct fault *out_fault)
{
    begin_house(config, out);
    out->has_vision = has_vision;
    enum err err = open_tables(out, out_fault);
    err = err ? err : open_engine(out, out_fault);
    err = err ? err : open_vault(out, out_fault);
    err = err ? err : open_outside(out, out_fault);
    err = err ? err : house_open_rooms(out, out_fault);
    if (err) {
        rooms_close(out);
    }
    return err;
}

void rooms_close(struct house *house)
{
    if (house->engine != NULL) {
        engine_stop(house->engine);
    }
    house_close_rooms(house);
    if (house->catalogue != NULL) {
        catalogue_close(house->catalogue);
    }
    if (house->transport != NULL) {
        partner_release(&house->outside);
        http_client_close(house->transport);
    }
    if (house->bins != NULL) {
        bins_release(house->bins);
    }
    if (house->regions != NULL) {
        regions_release(house->regions);
    }
    vault_close(house->vault);
    *house = (struct house){0};
}
