/* The number of this process among those that serve one PostgreSQL database; it is unique. */
#include "engine/engine_private.h"

#include "base/check.h"
#include "sys/log.h"

#define NODE_LOCK  16 /* number of the lock of node 0; the others follow */
#define NODE_COUNT 4

/* Locks the given node (1 … 4), or any free one (0). ERR_DB_IN_USE. */
enum err engine_node_take(struct engine *engine, int stated)
{
    CHECK(stated >= 0 && stated <= NODE_COUNT);
    bool is_held = false;
    if (db_engine_of(engine->db) == DB_SQLITE) {
        return ERR_OK; /* the file is locked as a whole */
    }
    enum err err = db_connect(engine->db, DB_READ_WRITE, &engine->node_conn);
    int first = stated > 0 ? stated - 1 : 0;
    int last = stated > 0 ? stated - 1 : NODE_COUNT - 1;
    for (int node = first; !err && !is_held && node <= last; node++) {
        err = db_hold(engine->node_conn, NODE_LOCK + node, &is_held);
        engine->node = node;
    }
    return err ? err : is_held ? ERR_OK : ERR_DB_IN_USE;
}

enum err engine_node_keep(struct engine *engine)
{
    CHECK(engine->node >= 0 && engine->node < NODE_COUNT);
    bool is_held = false;
    if (engine->node_conn == NULL) {
        return ERR_OK;
    }
    enum err err = db_hold(engine->node_conn, NODE_LOCK + engine->node, &is_held);
    if (err == ERR_DB_LOST) {
        err = db_reconnect(engine->node_conn);
        err = err ? err : db_hold(engine->node_conn, NODE_LOCK + engine->node, &is_held);
    }
    if (!err && !is_held) {
        /* Its ids would collide with those of another process. */
        log_event(LOG_ERROR, "engine_node_taken", log_int("node", engine->node + 1));
        CHECK(!"another process has taken this one's node");
    }
    return err;
}
