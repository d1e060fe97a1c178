/* sycee migrate: bring a database to this program's schema. */
#include "cli/migrate.h"
#include "cli/cli.h"

#include "db/db.h"
#include "sys/clock.h"

#include <argp.h>
#include <stdio.h>
#include <sysexits.h>

enum err migrate_database(const char *url, int *out_applied)
{
    struct db *db;
    struct db_conn *conn;
    enum err err = db_open(url, &db);
    if (err) {
        return err;
    }
    err = db_engine_of(db) == DB_SQLITE ? db_lock_exclusive(db) : ERR_OK;
    err = err ? err : db_connect(db, DB_READ_WRITE, &conn);
    if (!err) {
        err = db_migrate(conn, clock_now_us(clock_system()), out_applied);
        if (err) {
            fprintf(stderr, "sycee: database: %s\n", db_message(conn));
        }
        db_disconnect(conn);
    }
    db_close(db);
    return err;
}

struct options {
    const char *database;
};

static const struct argp_option option_rows[] = {
    {"database", 'd', "URL", 0, "sqlite:PATH or postgresql://… (default sqlite:var/sycee.db)", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'd':
        options->database = arg;
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
    static const struct argp argp = {
        option_rows, parse, NULL, "Brings a database to this program's schema.", NULL, NULL, NULL};
    struct options options = {.database = "sqlite:var/sycee.db"};
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    int applied = 0;
    enum err err = migrate_database(options.database, &applied);
    if (err) {
        return cli_fail("migrate", err);
    }
    printf("%d migration%s applied; the schema is current\n", applied, applied == 1 ? "" : "s");
    return 0;
}
