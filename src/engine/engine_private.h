/* Private to the room: the engine's state, shared by engine.c and engine_clock.c. */
#ifndef ENGINE_ENGINE_PRIVATE_H
#define ENGINE_ENGINE_PRIVATE_H

#include "engine/engine.h"
#include "sys/thread.h"

#include <stdatomic.h>

#define READERS_MAX 64

struct engine {
    struct db *db;
    struct clock *clock;
    struct clock_guard *guard; /* of the clock; NULL: the clock is used unguarded */
    struct ledger *ledger;
    struct queue queue;
    struct zone zone;
    int node;                                         /* 0 … 3 */
    struct db_conn *node_conn;                        /* holds the lock of the node; NULL: SQLite */
    _Atomic int32_t business_days;                    /* last committed one read; only rises */
    _Atomic int64_t date_read_at;                     /* monotonic; 0: read it again */
    int64_t id_floor_us;                              /* ids are above those of this instant */
    int64_t clock_changed_at_us, clock_kept_count_us; /* of the last engine_clock_keep */
    struct worker *workers;
    int worker_count;
    struct mutex reader_mutex;
    struct cond reader_free;
    struct db_conn *readers[READERS_MAX];
    int reader_count;
    _Atomic uint64_t commands, refused, groups, retries;
};

enum err engine_node_take(struct engine *engine, int stated);
/* Called periodically: takes the lock again after a lost connection. */
enum err engine_node_keep(struct engine *engine);
/* At the start: the guard continues from the stored time. */
enum err engine_clock_resume(struct engine *engine, struct db_conn *conn);

#endif
