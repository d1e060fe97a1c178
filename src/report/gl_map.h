/*
 * GL code and currency of accounts met while reading transfers. From the ledger one by one; past
 * GL_MAP_LOOKUPS_MAX of them, or without a ledger, all accounts are read at once (16 bytes each).
 */
#ifndef REPORT_GL_MAP_H
#define REPORT_GL_MAP_H

#include "ledger/ledger.h"

#define GL_MAP_LOOKUPS_MAX 4096

struct gl_map_entry {
    int64_t id; /* 0: free */
    uint16_t gl_code;
    uint16_t ccy_number;
};
struct gl_map {
    struct ledger *ledger; /* NULL: none */
    struct db_conn *conn;
    struct gl_map_entry *entries; /* capacity a power of two, at most half full */
    size_t count, capacity;
    size_t lookups;
    bool complete;
};

void gl_map_init(struct gl_map *map, struct ledger *ledger, struct db_conn *conn);
void gl_map_release(struct gl_map *map);
/* ERR_LEDGER_ACCOUNT, ERR_NO_MEMORY. */
enum err gl_map_find(struct gl_map *map, struct account_id account, struct gl_map_entry *out);

#endif
