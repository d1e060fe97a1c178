/* sycee migrate: bring a database to this program's schema. */
#include "cli/migrate.h"
#include "cli/cli.h"
#include "cli/command.h"

#include "sys/clock.h"

#include <stdio.h>

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

static int migrate_run(const struct config *config, const void *own)
{
    struct fault fault = {0};
    int applied = 0;
    (void)own;
    enum err err =
        migrate_database(config_string(config, "database", "url"), true, &applied, &fault);
    if (err) {
        return cli_fault(&fault, err);
    }
    printf("%d migration%s applied; the schema is current\n", applied, applied == 1 ? "" : "s");
    return 0;
}

int cli_migrate(int argc, char **argv)
{
    static const struct command command = {
        .text =
            "Brings the bank's database (database.url) to this program's schema; makes a new bank "
            "where there is none.",
        .run = migrate_run};
    struct settings settings = {.set_count = 0};
    return command_run(&command, &settings, argc, argv);
}
