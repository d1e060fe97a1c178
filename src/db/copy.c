/* A copy of an embedded database as of one moment, while the bank serves. */
#include "db/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum err sync_file(struct db *db, const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fsync(file) != 0) {
        db_open_say(db, "%s: could not be made durable: %s", path, strerror(errno));
        if (file >= 0) {
            close(file);
        }
        return ERR_IO;
    }
    close(file);
    return ERR_OK;
}

/* VACUUM INTO reads in one snapshot and writes each page once, in order. */
static enum err copy_into(struct db *db, const char *path)
{
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(db->address, &handle, flags, NULL);
    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(handle, db->lock_ms);
        code = sqlite3_prepare_v2(handle, "VACUUM INTO ?1", -1, &statement, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
    }
    if (code != SQLITE_DONE) {
        int number = sqlite3_system_errno(handle);
        db_open_say(db, "%s: copy to %s: %s%s%s", db->shown, path, sqlite3_errmsg(handle),
                    number != 0 ? ": " : "", number != 0 ? strerror(number) : "");
    }
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    if (code == SQLITE_DONE) {
        return ERR_OK;
    }
    return (code & 0xff) == SQLITE_FULL ? ERR_DB_FULL : ERR_IO;
}

enum err db_copy(struct db *db, const char *path)
{
    if (db->engine != DB_SQLITE) {
        db_open_say(db, "%s: a server's database is copied by its own tools (pg_basebackup)",
                    db->shown);
        return ERR_DB_URL;
    }
    /* Made first: SQLite would give it the mode of the process. */
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        db_open_say(db, "%s: could not be made: %s", path, strerror(errno));
        return errno == EEXIST ? ERR_EXISTS : ERR_IO;
    }
    close(file);
    enum err err = copy_into(db, path);
    err = err != ERR_OK ? err : sync_file(db, path);
    if (err != ERR_OK) {
        (void)unlink(path);
    }
    return err;
}
