/*
 * What every command that opens a bank begins and ends with: options of its own and those of the
 * settings, the configuration, the bank or its database, one line for an error, an exit code.
 */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include "command/settings.h"
#include "db/db.h"
#include "server/rooms.h"

/* `own` below is the command's struct of options; its first member is a `struct settings`. */
struct command {
    const char *text;                  /* of --help */
    const struct argp_option *options; /* NULL: none of its own */
    /* An option of its own, or ARGP_KEY_END after the last; ARGP_ERR_UNKNOWN for others. NULL: none. */
    error_t (*parse)(int key, char *arg, struct argp_state *state, void *own);
    /* True where the command ended without the settings. NULL: never. */
    bool (*without_settings)(const void *own);
    /* One of the two; gives the exit code. */
    int (*run)(const struct config *config, const void *own);
    int (*run_rooms)(struct house *house, const void *own); /* with all rooms open */
};

/* Parses, loads the settings, opens, runs, closes. A wrong word ends the process with EX_USAGE. */
int command_run(const struct command *command, void *own, int argc, char **argv);

/* The database at `url` (database.url), not connected yet. ERR_DB_URL. */
enum err command_database(const char *url, struct db **out, struct fault *out_fault);

typedef enum err command_work(const struct config *config, struct db_conn *conn,
                              struct fault *out_fault);
/* The database of the configuration: this is its only process, connected for writing, and the schema is
 * current; `work` writes its own fault. */
enum err command_alone(const struct config *config, command_work *work, struct fault *out_fault);

#endif
