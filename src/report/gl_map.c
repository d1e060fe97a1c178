#include "report/gl_map.h"

#include <stdlib.h>

void gl_map_init(struct gl_map *map, struct ledger *ledger, struct db_conn *conn)
{
    *map = (struct gl_map){.ledger = ledger, .conn = conn};
}

void gl_map_release(struct gl_map *map)
{
    free(map->entries);
    *map = (struct gl_map){0};
}

/* The entry of the id, or the free entry to be used for it. */
static struct gl_map_entry *place_of(struct gl_map_entry *entries, size_t capacity, int64_t id)
{
    uint64_t hash = (uint64_t)id * UINT64_C(0x9E3779B97F4A7C15);
    size_t place = (size_t)(hash >> 32) & (capacity - 1);
    while (entries[place].id != 0 && entries[place].id != id) {
        place = (place + 1) & (capacity - 1);
    }
    return &entries[place];
}

static bool grow(struct gl_map *map)
{
    size_t capacity = map->capacity ? map->capacity * 2 : 1024;
    struct gl_map_entry *entries = calloc(capacity, sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->entries[i].id != 0) {
            *place_of(entries, capacity, map->entries[i].id) = map->entries[i];
        }
    }
    free(map->entries);
    map->entries = entries;
    map->capacity = capacity;
    return true;
}

static bool put(struct gl_map *map, struct gl_map_entry entry)
{
    if ((map->count + 1) * 2 > map->capacity && !grow(map)) {
        return false;
    }
    struct gl_map_entry *place = place_of(map->entries, map->capacity, entry.id);
    map->count += place->id == 0;
    *place = entry;
    return true;
}

struct preload {
    struct gl_map *map;
    bool failed;
};

static bool put_row(const struct ledger_account_row *row, void *context)
{
    struct preload *preload = context;
    preload->failed = !put(preload->map, (struct gl_map_entry){row->id.value, row->gl_code,
                                                               (uint16_t)ccy_number(row->ccy)});
    return !preload->failed;
}

static enum err preload_all(struct gl_map *map)
{
    struct preload preload = {.map = map};
    enum err err = ledger_accounts_each(map->conn, put_row, &preload);
    map->complete = !err && !preload.failed;
    return err ? err : preload.failed ? ERR_NO_MEMORY : ERR_OK;
}

static enum err look_up(struct gl_map *map, struct account_id account)
{
    struct ledger_account state;
    map->lookups++;
    enum err err = ledger_account_load(map->ledger, map->conn, account, &state);
    if (err) {
        return err;
    }
    struct gl_map_entry entry = {account.value, state.gl_code, state.ccy_number};
    return put(map, entry) ? ERR_OK : ERR_NO_MEMORY;
}

enum err gl_map_find(struct gl_map *map, struct account_id account, struct gl_map_entry *out)
{
    for (int tries = 0; tries < 2; tries++) {
        if (map->capacity > 0) {
            const struct gl_map_entry *entry = place_of(map->entries, map->capacity, account.value);
            if (entry->id != 0) {
                *out = *entry;
                return ERR_OK;
            }
        }
        if (map->complete) {
            break;
        }
        bool one = map->ledger != NULL && map->lookups < GL_MAP_LOOKUPS_MAX;
        enum err err = one ? look_up(map, account) : preload_all(map);
        if (err) {
            return err;
        }
    }
    return ERR_LEDGER_ACCOUNT;
}
