/*
 * A bank's database opened for reading beside a bank that may be serving: one connection on one
 * snapshot.
 */
#ifndef CLI_OPEN_BANK_H
#define CLI_OPEN_BANK_H

#include "db/db.h"

struct open_bank {
    struct db *db;
    struct db_conn *conn; /* inside a transaction: on SQLite one snapshot */
};

/* ERR_DB_URL, ERR_DB_SCHEMA (not this program's schema), errors of db. */
enum err open_bank(const char *url, struct open_bank *out);
void close_bank(struct open_bank *bank);

#endif
