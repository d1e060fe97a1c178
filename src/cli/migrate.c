/* sycee migrate: bring a database to this program's schema. */
#include "cli/migrate.h"
#include "cli/cli.h"
#include "cli/settings.h"

#include "db/db.h"
#include "sys/clock.h"

#include <argp.h>
#include <stdio.h>
#include <sysexits.h>

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
    enum err err = db_open(url, &db);
    if (err) {
        fault_write_setting(out_fault, "database.url: must be sqlite:PATH or postgresql://...");
        return err;
    }
    err = migrate_open(db, may_create, out_applied, out_fault);
    db_close(db);
    return err;
}

struct options {
    struct settings settings;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->settings;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument \"%s\"", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int cli_migrate(int argc, char **argv)
{
    static const struct argp_child children[] = {{&settings_argp, 0, "Settings:", 0}, {0}};
    static const struct argp argp = {NULL,
                                     parse,
                                     NULL,
                                     "Brings the bank's database (database.url) to this program's "
                                     "schema; makes a new bank where there is none.",
                                     children,
                                     NULL,
                                     NULL};
    struct options options = {0};
    struct config *config;
    struct fault fault = {0};
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    int code = settings_load(&options.settings, &config);
    if (code != 0) {
        return code;
    }
    int applied = 0;
    const char *url = config_string(config, "database", "url");
    enum err err = migrate_database(url, true, &applied, &fault);
    config_release(config);
    if (err) {
        return cli_fault(&fault, err);
    }
    printf("%d migration%s applied; the schema is current\n", applied, applied == 1 ? "" : "s");
    return 0;
}
