/* sycee keys: the master keys that seal stored fields. */
#include "cli/cli.h"
#include "cli/settings.h"

#include "db/db.h"
#include "server/keys.h"
#include "sys/clock.h"

#include <argp.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

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

/* The file first, then the database's check value: a stop in between leaves a file that has more than
 * the database knows, which the next opening records. */
static enum err add_key(struct db_conn *conn, const char *path, struct fault *out_fault)
{
    struct vault *vault = NULL;
    int64_t now_us = clock_now_us(clock_system());
    enum err err = keys_open_or_make(conn, path, now_us, &vault, out_fault);
    if (err) {
        return err;
    }
    err = vault_add_key(vault, path);
    vault_close(vault);
    if (err) {
        fault_write(out_fault, "key file %s: no key could be added: %s (security.key_file)", path,
                    err == ERR_OVERFLOW ? "it is full"
                    : err == ERR_VAULT_KEY
                        ? "a credential is not this command's to write; name the "
                          "original file"
                        : err_slug(err));
        return err;
    }
    err = keys_open_or_make(conn, path, now_us, &vault, out_fault);
    if (!err) {
        printf("key %d seals from now on; what older keys sealed stays readable\n"
               "copy the key file anew: copies of before lack key %d\n",
               vault_version(vault), vault_version(vault));
        vault_close(vault);
    }
    return err;
}

static enum err open_and_add(const struct config *config, struct fault *out_fault)
{
    struct db *db = NULL;
    struct db_conn *conn = NULL;
    enum err err = db_open(config_string(config, "database", "url"), &db);
    if (err) {
        fault_write_setting(out_fault, "database.url: must be sqlite:PATH or postgresql://...");
        return err;
    }
    err = db_lock_exclusive(db);
    err = err ? err : db_connect(db, DB_READ_WRITE, &conn);
    if (err) {
        fault_write(out_fault, "database: %s", db_open_message(db));
    } else {
        err = db_schema_check(conn);
        if (err) {
            fault_write(out_fault, "database %s: %s", db_shown(db), db_message(conn));
        }
    }
    err = err ? err : add_key(conn, config_string(config, "security", "key_file"), out_fault);
    db_disconnect(conn);
    db_close(db);
    return err;
}

static int keys_add(int argc, char **argv)
{
    static const struct argp_child children[] = {{&settings_argp, 0, "Settings:", 0}, {0}};
    static const struct argp argp = {
        NULL,
        parse,
        NULL,
        "Adds a master key to the bank's key file: it seals from the next start on, while what "
        "older "
        "keys sealed stays readable. No process of the bank may be running.",
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
    enum err err = open_and_add(config, &fault);
    config_release(config);
    return err ? cli_fault(&fault, err) : 0;
}

int cli_keys(int argc, char **argv)
{
    static const struct cli_command commands[] = {
        {"add", keys_add, "add a master key, which seals from then on"},
        {NULL, NULL, NULL},
    };
    return cli_dispatch("sycee keys", "the keys that seal stored fields", commands, argc, argv);
}
