/*
 * A bank's database opened for reading beside a bank that may be serving: one connection on one
 * snapshot.
 */
#ifndef COMMAND_OPEN_BANK_H
#define COMMAND_OPEN_BANK_H

#include "db/db.h"
#include "sys/config.h"
#include "sys/fault.h"

struct open_bank {
    struct db *db;
    struct db_conn *conn; /* inside a transaction: on SQLite one snapshot */
};

/* Errors of db_open, db_connect and db_schema_check; `out_fault` gets a line. */
enum err open_bank(const struct config *config, struct open_bank *out, struct fault *out_fault);
void close_bank(struct open_bank *bank);

#endif
