#include "server/reseal.h"

#include "base/check.h"
#include "server/room_list.h"
#include "sys/log.h"
#include "sys/metrics.h"

#include <string.h>

size_t reseal_columns(const struct sealed_column *out[RESEAL_COLUMNS_MAX])
{
    size_t total = 0;
    for (size_t i = 0; ROOM_LIST[i] != NULL; i++) {
        size_t count = 0;
        if (ROOM_LIST[i]->sealed == NULL) {
            continue;
        }
        const struct sealed_column *const *list = ROOM_LIST[i]->sealed(&count);
        CHECK(total + count <= RESEAL_COLUMNS_MAX);
        memcpy(out + total, list, count * sizeof *list);
        total += count;
    }
    return total;
}

enum err reseal_left(struct db_conn *conn, const struct vault *vault, struct reseal_count *out)
{
    const struct sealed_column *columns[RESEAL_COLUMNS_MAX];
    size_t count = reseal_columns(columns);
    struct reseal_count found = {0};
    enum err err = sealed_count_passing(conn, vault, &found.passing);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        int64_t old = 0;
        err = sealed_count_old(conn, vault, columns[i], &old);
        found.left += old;
    }
    if (err == ERR_OK) {
        *out = found;
    }
    return err;
}

enum err reseal_may_retire(struct db_conn *conn, const struct vault *vault,
                           struct reseal_count *out)
{
    enum err err = reseal_left(conn, vault, out);
    return err ? err : out->left + out->passing > 0 ? ERR_VAULT_IN_USE : ERR_OK;
}

enum err reseal_step(struct db_conn *conn, const struct vault *vault,
                     const struct sealed_walk *from, struct sealed_walk *out)
{
    const struct sealed_column *columns[RESEAL_COLUMNS_MAX];
    size_t count = reseal_columns(columns);
    return sealed_step(conn, vault, columns, count, from, out);
}

bool reseal_is_done(const struct sealed_walk *walk)
{
    const struct sealed_column *columns[RESEAL_COLUMNS_MAX];
    return walk->column == reseal_columns(columns);
}

/* --- the job ---------------------------------------------------------------------------------- */

struct reseal_work {
    const struct vault *vault;
    struct sealed_walk from, to;
};

static enum err reseal_some(struct uow *uow, void *context)
{
    struct reseal_work *work = context;
    return reseal_step(uow->conn, work->vault, &work->from, &work->to);
}

static void show_walk(const struct sealed_walk *walk, int64_t resealed)
{
    metrics_set(metrics_gauge(
                    "sealed_anew_done",
                    "1: every stored field was looked at and the newest master key seals it.", ""),
                reseal_is_done(walk) && walk->broken == 0);
    metrics_add(metrics_counter("sealed_anew_values",
                                "Stored fields that were sealed anew under the newest master key.",
                                ""),
                resealed);
}

enum err reseal_run(struct engine *engine, const struct vault *vault, size_t steps,
                    struct sealed_walk *walk)
{
    struct reseal_work work = {.vault = vault, .from = *walk};
    enum err err = ERR_OK;
    bool was_done = reseal_is_done(walk);
    for (size_t i = 0; !err && i < steps && !reseal_is_done(&work.from); i++) {
        if (engine_waiting(engine) > 0) {
            break; /* customers go first */
        }
        err = engine_run(engine, reseal_some, &work);
        work.from = err ? work.from : work.to;
    }
    show_walk(&work.from, work.from.resealed - walk->resealed);
    *walk = work.from;
    if (!was_done && reseal_is_done(walk) && walk->resealed + walk->broken > 0) {
        log_event(LOG_INFO, "fields_sealed_anew", log_int("key", vault_version(vault)),
                  log_int("values", walk->resealed), log_int("broken", walk->broken));
    }
    return err;
}
