/*
 * Facts stored in a database about itself, the mark beside an embedded database,
 * and check values of the keys that seal its fields.
 *
 * The mark is a number that the writer raises in the database and then writes into the file PATH.mark,
 * never the other way round: a database whose number is below its file's has lost commits (its
 * write-ahead log was deleted, or an older copy was put in its place). It is read at the start.
 */
#ifndef DB_FACTS_H
#define DB_FACTS_H

#include "db/db.h"

#define FACT_MARK     "mark"
#define FACT_TOWN     "town"
#define FACT_RESTORED "restored"

/* 0 and ERR_OK if the fact was never stored. */
enum err db_fact_load(struct db_conn *conn, const char *name, int64_t *out_number);
enum err db_fact_store(struct db_conn *conn, const char *name, int64_t number, int64_t now_us);

/* In the caller's transaction. */
enum err db_mark_raise(struct db_conn *conn, int64_t now_us, int64_t *out_number);
/* After its commit. A file that cannot be written is logged once and stays behind, which is safe. */
void db_mark_keep(struct db *db, int64_t number);
/* ERR_DB_STALE: the database is behind its mark; db_message says by how much. A missing file is no
 * fault. PostgreSQL: always ERR_OK. */
enum err db_mark_check(struct db_conn *conn);
/* Forgets the file: a copy was put in the database's place on purpose. ERR_IO. */
enum err db_mark_forget(struct db *db);

#define KEY_CHECK_SIZE 32
#define KEY_CHECKS_MAX 16

struct db_key_check {
    int version;
    uint8_t value[KEY_CHECK_SIZE];
};
/* Rising versions. ERR_OVERFLOW. */
enum err db_key_checks_load(struct db_conn *conn, struct db_key_check out[KEY_CHECKS_MAX],
                            size_t *out_count);
/* An existing row stays. */
enum err db_key_check_store(struct db_conn *conn, const struct db_key_check *check, int64_t now_us);
/* Forgets the master keys below `version`, which seal nothing any more; not the look-up key. */
enum err db_key_checks_drop(struct db_conn *conn, int version);

#endif
