/* sycee restore: puts a copy in the place of an embedded bank's database, or accepts what is there. */
#include "cli/cli.h"
#include "cli/copies.h"
#include "command/command.h"
#include "command/terminal.h"

#include "db/facts.h"
#include "server/keys.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { OPT_FROM = 256, OPT_ACCEPT };

struct options {
    struct settings settings;
    const char *from;
    bool accept;
};

static const struct argp_option option_rows[] = {
    {"from", OPT_FROM, "FILE", 0, "the copy to put in the database's place", 1},
    {"accept", OPT_ACCEPT, NULL, 0, "accept the database although its mark shows lost commits", 1},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state, void *own)
{
    struct options *options = own;
    switch (key) {
    case OPT_FROM:
        options->from = arg;
        return 0;
    case OPT_ACCEPT:
        options->accept = true;
        return 0;
    case ARGP_KEY_END:
        if ((options->from != NULL) == options->accept) {
            argp_error(state, "give --from FILE or --accept");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Renames the present database and its log; nothing is deleted. */
static enum err set_aside(const char *path, int64_t now_us, struct fault *out_fault)
{
    static const char *const suffixes[] = {"-wal", "-shm", ".mark", ""};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char from[FILE_PATH_MAX + 16], to[FILE_PATH_MAX + 64];
        snprintf(from, sizeof from, "%s%s", path, suffixes[i]);
        snprintf(to, sizeof to, "%s.before-%" PRId64 "%s", path, now_us / 1000000, suffixes[i]);
        if (file_exists(from) && rename(from, to) != 0) {
            fault_write(out_fault, "%s: could not be set aside: %s", from, strerror(errno));
            return ERR_IO;
        }
        if (suffixes[i][0] == '\0' && file_exists(to)) {
            printf("set aside   %s\n", to);
        }
    }
    return ERR_OK;
}

static enum err put_copy(const char *from, const char *path, struct fault *out_fault)
{
    char part[FILE_PATH_MAX + 16];
    struct copy_state state = {0};
    enum err err = copy_verify(from, &state, out_fault);
    if (err) {
        return err;
    }
    printf("copy        %s: %" PRId64 " bytes, mark %" PRId64 ", whole\n", from, state.bytes,
           state.mark);
    snprintf(part, sizeof part, "%s.part", path);
    (void)remove(part);
    err = copy_bytes(from, part, out_fault);
    err = err ? err : set_aside(path, clock_now_us(clock_system()), out_fault);
    if (!err && rename(part, path) != 0) {
        fault_write(out_fault, "%s: could not be renamed: %s", part, strerror(errno));
        err = ERR_IO;
    }
    return err;
}

/* The database's own word of it, so that what it forgot can be asked for. */
static enum err record_restore(struct db_conn *conn, const char *key_path, struct fault *out_fault)
{
    struct vault *vault = NULL;
    bool is_new = false;
    int64_t now_us = clock_now_us(clock_system());
    enum err err = db_schema_check(conn);
    if (err) {
        fault_write(out_fault, "database: %s", db_message(conn));
        return err;
    }
    err = keys_open(conn, key_path, &vault, &is_new, out_fault);
    if (err) {
        return err;
    }
    vault_close(vault);
    err = db_begin(conn);
    err = err ? err : db_fact_store(conn, FACT_RESTORED, now_us, now_us);
    err = err ? err : db_commit(conn);
    if (err) {
        fault_write(out_fault, "database: %s", db_message(conn));
        db_rollback(conn);
    }
    return err;
}

static enum err accept_database(struct db *db, const char *key_path, struct fault *out_fault)
{
    struct db_conn *conn = NULL;
    enum err err = db_connect(db, DB_READ_WRITE, &conn);
    if (err) {
        fault_write(out_fault, "database: %s", db_open_message(db));
        return err;
    }
    err = record_restore(conn, key_path, out_fault);
    db_disconnect(conn);
    if (err) {
        return err;
    }
    err = db_mark_forget(db);
    if (err) {
        fault_write(out_fault, "database %s: its mark could not be removed: %s", db_shown(db),
                    strerror(errno));
    }
    return err;
}

static enum err restore_run(struct db *db, const struct options *options,
                            const struct config *config, struct fault *out_fault)
{
    enum err err = db_lock_exclusive(db);
    if (err && !(err == ERR_DB_ABSENT && options->from != NULL)) {
        fault_write(out_fault, "database: %s", db_open_message(db));
        return err;
    }
    if (options->from != NULL && db_engine_of(db) != DB_SQLITE) {
        fault_write(out_fault,
                    "%s: a server's database is put back by its own tools; then run "
                    "\"sycee restore --accept\"",
                    db_shown(db));
        return ERR_DB_URL;
    }
    if (options->from != NULL) {
        err = put_copy(options->from, db_shown(db), out_fault);
        if (err) {
            return err;
        }
    }
    return accept_database(db, config_string(config, "security", "key_file"), out_fault);
}

static int put_back(const struct config *config, const void *own)
{
    struct db *db;
    struct fault fault = {0};
    enum err err = command_database(config_string(config, "database", "url"), &db, &fault);
    if (err) {
        return terminal_fault(&fault, err);
    }
    err = restore_run(db, own, config, &fault);
    if (!err) {
        printf("accepted    %s\nnext        sycee check, sycee audit, then ask the outside what "
               "happened since (docs/OPERATIONS.md)\n",
               db_shown(db));
    }
    db_close(db);
    return err ? terminal_fault(&fault, err) : 0;
}

int cli_restore(int argc, char **argv)
{
    static const struct command command = {
        .text =
            "Replaces the bank's database by a copy (sycee backup), after verifying it page by "
            "page and comparing its key; the old database is moved aside. With --accept, accepts "
            "the database as it is, although its mark shows that it has lost commits. The bank "
            "must not be serving.",
        .options = option_rows,
        .parse = parse_option,
        .run = put_back};
    struct options options = {.accept = false};
    return command_run(&command, &options, argc, argv);
}
