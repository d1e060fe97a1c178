#include "command/migrate.h"

#include "command/command.h"
#include "sys/clock.h"

static enum err migrate_open(struct db *db, bool may_create, int *out_applied,
                             struct fault *out_fault)
{
    struct db_conn *conn = NULL;
    enum err err = may_create ? db_create(db) : ERR_OK;
    err = err ? err : db_lock_exclusive(db);
    err = err ? err : db_connect(db, DB_READ_WRITE, &conn);
    if (err) {
        fault_write(out_fault, "database: %s", db_open_message(db));
        return err;
    }
    if (!may_create) {
        err = db_schema_check(conn);
        err = err == ERR_DB_SCHEMA ? ERR_OK : err;
    }
    err = err ? err : db_migrate(conn, clock_now_us(clock_system()), out_applied);
    if (err) {
        fault_write(out_fault, "database %s: %s", db_shown(db), db_message(conn));
    }
    db_disconnect(conn);
    return err;
}

enum err migrate_database(const char *url, bool may_create, int *out_applied,
                          struct fault *out_fault)
{
    struct db *db;
    *out_applied = 0;
    enum err err = command_database(url, &db, out_fault);
    if (err) {
        return err;
    }
    err = migrate_open(db, may_create, out_applied, out_fault);
    db_close(db);
    return err;
}
