#include "command/command.h"

#include "command/terminal.h"

#include <sysexits.h>

struct parsing {
    const struct command *command;
    void *own;
};

static error_t parse_word(int key, char *arg, struct argp_state *state)
{
    const struct parsing *parsing = state->input;
    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = parsing->own;
        return 0;
    }
    if (key == ARGP_KEY_ARG) {
        argp_error(state, "unexpected argument \"%s\"", arg);
        return 0;
    }
    return parsing->command->parse ? parsing->command->parse(key, arg, state, parsing->own)
                                   : ARGP_ERR_UNKNOWN;
}

static int run_with_rooms(const struct command *command, const struct config *config, void *own)
{
    struct house house;
    struct fault fault = {0};
    enum err err = rooms_open(config, false, &house, &fault);
    if (err) {
        return terminal_fault(&fault, err);
    }
    int code = command->run_rooms(&house, own);
    rooms_close(&house);
    return code;
}

int command_run(const struct command *command, void *own, int argc, char **argv)
{
    static const struct argp_child children[] = {{&settings_argp, 0, "Settings:", 5}, {0}};
    const struct argp argp = {command->options, parse_word, NULL, command->text,
                              children,         NULL,       NULL};
    struct parsing parsing = {command, own};
    struct config *config;
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &parsing);
    if (command->without_settings && command->without_settings(own)) {
        return 0;
    }
    int code = settings_load(own, &config);
    if (code == 0) {
        code = command->run ? command->run(config, own) : run_with_rooms(command, config, own);
        config_release(config);
    }
    return code;
}

enum err command_database(const char *url, struct db **out, struct fault *out_fault)
{
    enum err err = db_open(url, out);
    if (err) {
        fault_write_setting(out_fault, "database.url: must be sqlite:PATH or postgresql://...");
    }
    return err;
}

enum err command_alone(const struct config *config, command_work *work, struct fault *out_fault)
{
    struct db *db;
    struct db_conn *conn = NULL;
    enum err err = command_database(config_string(config, "database", "url"), &db, out_fault);
    if (err) {
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
    err = err ? err : work(config, conn, out_fault);
    db_disconnect(conn);
    db_close(db);
    return err;
}
