/* Brings the schema to the program's: forward only, each step once, known again by its hash. */
#include "db/conn.h"

#include "base/check.h"
#include "base/str.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define HASH_BYTES     16
#define HASH_TEXT_SIZE (2 * HASH_BYTES + 1)

static const char table_sql[] = "CREATE TABLE IF NOT EXISTS db_migrations_done ("
                                "room TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, "
                                "hash TEXT NOT NULL, applied_at BIGINT NOT NULL, "
                                "PRIMARY KEY (room, number));";

DB_STMT(db_migrations_load, "SELECT room, number, hash FROM db_migrations_done");
DB_STMT(db_migrations_find, "SELECT hash FROM db_migrations_done WHERE room = $1 AND number = $2");
DB_STMT(db_migrations_store,
        "INSERT INTO db_migrations_done (room, number, name, hash, applied_at) "
        "VALUES ($1, $2, $3, $4, $5)");

static void hash_text(const struct db_migration *step, char out[HASH_TEXT_SIZE])
{
    uint8_t hash[HASH_BYTES];
    int refused = crypto_generichash(hash, sizeof(hash), (const unsigned char *)step->sql,
                                     strlen(step->sql), NULL, 0);
    CHECK(refused == 0);
    str_to_hex(hash, sizeof(hash), out);
}

static const struct db_migration *step_of(const char *room, int64_t number)
{
    for (size_t i = 0; i < db_migration_count; i++) {
        if (db_migrations[i].number == number && strcmp(db_migrations[i].room, room) == 0) {
            return &db_migrations[i];
        }
    }
    return NULL;
}

/* The schema according to the database's own record. */
struct record {
    size_t count;     /* steps of ours that were run, with our text */
    int64_t baseline; /* of the program that made it; 0: from before baselines were recorded */
    bool is_empty;
    enum err err; /* why this program must not open it */
};

static void judge_step(struct db_conn *conn, struct record *record, const char *room,
                       int64_t number, const char *recorded)
{
    const struct db_migration *step = step_of(room, number);
    char hash[HASH_TEXT_SIZE];
    char text[128];
    if (step == NULL) {
        record->err = record->err != ERR_OK ? record->err : ERR_DB_NEWER;
        snprintf(text, sizeof(text), "step %.20s %04d is not known to this program", room,
                 (int)number);
        db_conn_say(conn, text);
        return;
    }
    hash_text(step, hash);
    if (strcmp(hash, recorded) != 0) {
        record->err = ERR_DB_CHANGED;
        snprintf(text, sizeof(text), "step %.20s %04d was run with another text", room,
                 (int)number);
        db_conn_say(conn, text);
        return;
    }
    record->count++;
}

/* Every step that was run is one of ours with the same text, under the same baseline. */
static enum err load_record(struct db_conn *conn, struct record *out)
{
    *out = (struct record){.is_empty = true};
    struct db_rows rows = db_read(conn, &db_migrations_load, DB_NO_ARGS);
    while (db_rows_next(&rows)) {
        const char *room = db_rows_text(&rows, 0);
        out->is_empty = false;
        if (room[0] == '\0') {
            out->baseline = db_rows_int(&rows, 1);
        } else {
            judge_step(conn, out, room, db_rows_int(&rows, 1), db_rows_text(&rows, 2));
        }
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK && !out->is_empty && out->baseline != DB_BASELINE) {
        bool is_older = out->baseline < DB_BASELINE;
        db_conn_say(conn, is_older ? "the database is from before this program's first schema; "
                                     "only the program that made it can open it"
                                   : "the database was made by a newer program");
        out->err = is_older ? ERR_DB_BASELINE : ERR_DB_NEWER;
    }
    return err;
}

static enum err check_done(struct db_conn *conn, size_t *out_count)
{
    struct record record;
    enum err err = load_record(conn, &record);
    if (err == ERR_OK) {
        *out_count = record.count;
        err = record.err;
    }
    return err;
}

static enum err is_done(struct db_conn *conn, const struct db_migration *step, bool *out)
{
    struct db_rows rows =
        db_read(conn, &db_migrations_find, DB_ARGS(db_text(step->room), db_int(step->number)));
    *out = db_rows_next(&rows);
    return db_rows_close(&rows);
}

/* The record goes in first: a second program that migrates at the same time waits on its key. */
static enum err run_step(struct db_conn *conn, const struct db_migration *step, int64_t now_us)
{
    char hash[HASH_TEXT_SIZE];
    hash_text(step, hash);
    enum err err = db_begin(conn);
    if (err != ERR_OK) {
        return err;
    }
    err = db_exec(conn, &db_migrations_store,
                  DB_ARGS(db_text(step->room), db_int(step->number), db_text(step->name),
                          db_text(hash), db_int(now_us)),
                  NULL);
    if (err == ERR_OK) {
        err = db_script(conn, step->sql);
    }
    if (err != ERR_OK) {
        db_rollback(conn);
        return err;
    }
    return db_commit(conn);
}

/* IF NOT EXISTS looks before it makes: of two programs at once one may get a conflict. */
static enum err make_table(struct db_conn *conn)
{
    enum err err = db_script(conn, table_sql);
    return err == ERR_DB_CONFLICT ? db_script(conn, table_sql) : err;
}

/* The baseline is recorded before the first step, by whichever program comes first. */
static enum err store_baseline(struct db_conn *conn, int64_t now_us)
{
    enum err err = db_exec(
        conn, &db_migrations_store,
        DB_ARGS(db_text(""), db_int(DB_BASELINE), db_text("baseline"), db_text(""), db_int(now_us)),
        NULL);
    return err == ERR_DB_CONFLICT ? ERR_OK : err;
}

enum err db_migrate(struct db_conn *conn, int64_t now_us, int *out_applied)
{
    *out_applied = 0;
    size_t done = 0;
    struct record record = {.is_empty = false};
    enum err err = make_table(conn);
    if (err == ERR_OK) {
        err = load_record(conn, &record);
    }
    if (err == ERR_OK && record.is_empty) {
        err = store_baseline(conn, now_us);
    } else if (err == ERR_OK) {
        err = record.err;
    }
    for (size_t i = 0; err == ERR_OK && i < db_migration_count; i++) {
        bool there = false;
        err = is_done(conn, &db_migrations[i], &there);
        if (err != ERR_OK || there) {
            continue;
        }
        err = run_step(conn, &db_migrations[i], now_us);
        if (err == ERR_DB_CONFLICT) {
            err = check_done(conn, &done); /* another program ran it meanwhile */
        } else if (err == ERR_OK) {
            (*out_applied)++;
        }
    }
    return err;
}

enum err db_schema_check(struct db_conn *conn)
{
    struct record record;
    enum err err = load_record(conn, &record);
    if (err == ERR_DB || (err == ERR_OK && record.is_empty)) {
        /* The table is missing or empty: never migrated. */
        char text[DB_MESSAGE_MAX];
        snprintf(text, sizeof(text), "no bank at %.250s (database.url): the database is empty",
                 conn->db->shown);
        db_conn_say(conn, text);
        return ERR_DB_ABSENT;
    }
    if (err != ERR_OK || record.err != ERR_OK) {
        return err != ERR_OK ? err : record.err;
    }
    if (record.count != db_migration_count) {
        db_conn_say(conn, "the database is older than this program: run \"sycee migrate\"");
        return ERR_DB_SCHEMA;
    }
    return ERR_OK;
}
