/* The bank's stored time, from which a restart continues, and approved changes of it. */
#include "base/check.h"
#include "engine/engine_private.h"

#include "sys/log.h"
#include "sys/metrics.h"

#include <stdio.h>
#include <string.h>

#define KEEP_US       INT64_C(5000000) /* minimum interval between two updates */
#define ID_FLOOR_US   (7 * DAY_US)     /* within this distance ids begin above the stored instant */
#define US_PER_SECOND INT64_C(1000000)

DB_STMT(engine_clock_load,
        "SELECT boot_id, offset_us, largest_at, newest_id_at, followed_at FROM engine_clocks"
        " WHERE bucket = 0 AND node = $1");
DB_STMT(engine_clock_newest_id,
        "SELECT coalesce(max(newest_id_at), 0) FROM engine_clocks WHERE bucket = 0");
DB_STMT(engine_clock_put,
        "INSERT INTO engine_clocks (bucket, node, boot_id, offset_us, largest_at, newest_id_at,"
        " state, ahead_us, changed_at, followed_at) VALUES (0, $1, $2, $3, $4, $5, $6, $7, $8, 0)"
        " ON CONFLICT (bucket, node) DO UPDATE SET boot_id = excluded.boot_id,"
        " offset_us = excluded.offset_us, largest_at = excluded.largest_at,"
        " newest_id_at = excluded.newest_id_at, state = excluded.state,"
        " ahead_us = excluded.ahead_us, changed_at = excluded.changed_at");
DB_STMT(engine_clock_agree,
        "UPDATE engine_clocks SET followed_at = $1 WHERE bucket = 0 AND state <> 0");

struct kept_clock {
    struct clock_memory memory;
    int64_t newest_id_at, followed_at;
};

static enum err clock_load(struct db_conn *conn, int node, struct kept_clock *out)
{
    CHECK(node >= 0);
    *out = (struct kept_clock){.newest_id_at = 0};
    struct db_rows rows = db_read(conn, &engine_clock_load, DB_ARGS(db_int(node)));
    if (db_rows_next(&rows)) {
        snprintf(out->memory.boot_id, sizeof out->memory.boot_id, "%s", db_rows_text(&rows, 0));
        out->memory.offset_us = db_rows_int(&rows, 1);
        out->memory.largest_us = db_rows_int(&rows, 2);
        out->newest_id_at = db_rows_int(&rows, 3);
        out->followed_at = db_rows_int(&rows, 4);
    }
    return db_rows_close(&rows);
}

static enum err newest_id_load(struct db_conn *conn, int64_t *out_at)
{
    return db_number(conn, &engine_clock_newest_id, DB_NO_ARGS, out_at);
}

enum err engine_clock_resume(struct engine *engine, struct db_conn *conn)
{
    struct kept_clock kept;
    int64_t newest_id_at = 0;
    if (engine->guard == NULL) {
        return ERR_OK;
    }
    enum err err = clock_load(conn, engine->node, &kept);
    err = err ? err : newest_id_load(conn, &newest_id_at);
    if (err) {
        return err;
    }
    clock_guard_resume(engine->guard, &kept.memory);
    struct clock_reading reading = clock_guard_read(engine->guard);
    /* An instant years ahead was a mistake; ids do not follow it. */
    bool is_near = newest_id_at - reading.now_us < ID_FLOOR_US;
    engine->id_floor_us = is_near ? newest_id_at : 0;
    return ERR_OK;
}

struct clock_reading engine_clock_read(struct engine *engine)
{
    if (engine->guard == NULL) {
        return (struct clock_reading){.now_us = clock_now_us(engine->clock), .state = CLOCK_STEADY};
    }
    return clock_guard_read(engine->guard);
}

struct keeping {
    struct engine *engine;
    struct clock_reading reading;
    struct kept_clock kept;
};

static enum err clock_store(struct uow *uow, void *context)
{
    struct keeping *keeping = context;
    CHECK(keeping->reading.now_us > 0);
    struct engine *engine = keeping->engine;
    const struct clock_reading *reading = &keeping->reading;
    struct kept_clock *kept = &keeping->kept;
    enum err err = clock_load(uow->conn, engine->node, kept);
    if (err) {
        return err;
    }
    bool is_new = kept->memory.largest_us == 0;
    struct clock_memory memory = kept->memory;
    /* An uncertain instant is no reference for a later start. */
    if (is_new || reading->state != CLOCK_UNSURE) {
        snprintf(memory.boot_id, sizeof memory.boot_id, "%s", engine->guard->boot_id);
        memory.offset_us = reading->now_us - reading->count_us;
        memory.largest_us = reading->now_us;
    }
    int64_t newest_id_at =
        kept->newest_id_at > reading->now_us ? kept->newest_id_at : reading->now_us;
    return db_exec(uow->conn, &engine_clock_put,
                   DB_ARGS(db_int(engine->node), db_text(memory.boot_id), db_int(memory.offset_us),
                           db_int(memory.largest_us), db_int(newest_id_at), db_int(reading->state),
                           db_int(reading->ahead_us), db_int(reading->changed_at_us)),
                   NULL);
}

static const char *state_name(enum clock_state state)
{
    switch (state) {
    case CLOCK_STEADY:
        return "clock_steady";
    case CLOCK_JUMPED:
        return "clock_jumped";
    case CLOCK_UNSURE:
        return "clock_unsure";
    }
    return "clock";
}

static void clock_show(const struct clock_reading *reading, bool is_change)
{
    CHECK(reading->state >= CLOCK_STEADY && reading->state <= CLOCK_UNSURE);
    metrics_set(metrics_gauge("bank_clock_state",
                              "0: steady, 1: the wall clock was set and is not followed, 2: unsure "
                              "after the start.",
                              ""),
                reading->state);
    metrics_set(metrics_gauge("bank_clock_ahead_seconds", "Wall clock less the bank's time.", ""),
                reading->ahead_us / US_PER_SECOND);
    if (is_change) {
        log_event(reading->state == CLOCK_STEADY ? LOG_INFO : LOG_ERROR, state_name(reading->state),
                  log_int("ahead_s", reading->ahead_us / US_PER_SECOND));
    }
}

enum err engine_clock_keep(struct engine *engine)
{
    if (engine->guard == NULL) {
        return ERR_OK;
    }
    struct keeping keeping = {.engine = engine, .reading = clock_guard_read(engine->guard)};
    bool is_change = keeping.reading.changed_at_us != engine->clock_changed_at_us &&
                     (keeping.reading.state != CLOCK_STEADY || engine->clock_changed_at_us != 0);
    clock_show(&keeping.reading, is_change);
    engine->clock_changed_at_us = keeping.reading.changed_at_us;
    /* Until the clock is steady, each call may find an approval. */
    int64_t since_us = keeping.reading.count_us - engine->clock_kept_count_us;
    if (!is_change && keeping.reading.state == CLOCK_STEADY && since_us >= 0 &&
        since_us < KEEP_US) {
        return ERR_OK;
    }
    enum err err = engine_node_keep(engine);
    err = err ? err : engine_run(engine, clock_store, &keeping);
    if (err) {
        return err;
    }
    engine->clock_kept_count_us = keeping.reading.count_us;
    if (keeping.reading.state != CLOCK_STEADY &&
        keeping.kept.followed_at >= keeping.reading.changed_at_us) {
        clock_guard_follow(engine->guard);
        log_event(LOG_WARN, "clock_followed",
                  log_int("by_s", keeping.reading.ahead_us / US_PER_SECOND));
        keeping.reading = clock_guard_read(engine->guard);
        clock_show(&keeping.reading, false);
        engine->clock_changed_at_us = keeping.reading.changed_at_us;
        err = engine_run(engine, clock_store, &keeping);
    }
    return err;
}

enum err engine_clock_follow(struct uow *uow)
{
    CHECK(uow->now_us > 0);
    int64_t count = 0;
    enum err err = db_exec(uow->conn, &engine_clock_agree, DB_ARGS(db_int(uow->now_us)), &count);
    return err ? err : count > 0 ? ERR_OK : ERR_CLOCK_STEADY;
}
