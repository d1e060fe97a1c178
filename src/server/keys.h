/*
 * The bank's key file and the database that it belongs to: compared at every opening. Only a database
 * that has never seen a key may get one made.
 */
#ifndef SERVER_KEYS_H
#define SERVER_KEYS_H

#include "db/db.h"
#include "sys/fault.h"
#include "sys/vault.h"

/* Opens the key file at `path` and compares it with the database of `conn` (reads only).
 * *out_is_new: the database has no check value of a key yet. ERR_VAULT_ABSENT,
 * ERR_VAULT_FOREIGN (a key with a check value in the database is not in the file, or is another), errors
 * of vault_open and db; `out_fault` gets a line. */
enum err keys_open(struct db_conn *conn, const char *path, struct vault **out, bool *out_is_new,
                   struct fault *out_fault);
/* The same for a process that writes: makes the file of a new bank, and records what the database has
 * not yet seen. `conn` may write and is in no transaction. */
enum err keys_open_or_make(struct db_conn *conn, const char *path, int64_t now_us,
                           struct vault **out, struct fault *out_fault);

#endif
