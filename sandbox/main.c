/* sandbox: simulates all outside parties. README.md holds its protocol. */
#include "cards.h"
#include "sandbox.h"

#include "base/str.h"

#include <argp.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_LIFE_S     300
#define CODE_LIFE_MAX_S 86400

/* fontconfig keeps its tables for the life of the process; read by the leak checker of debug
 * builds. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\nleak:libpango\n";
}

const char *argp_program_version = "sandbox " SYCEE_VERSION;

enum {
    KEY_PLAIN_AMOUNTS = 256,
    KEY_CODE_LIFE,
    KEY_SEED,
    KEY_STATE,
    KEY_LISTEN,
    KEY_DRAW,
    KEY_DRAW_ROWS
};

static const struct argp_option option_table[] = {
    {"listen", KEY_LISTEN, "HOST:PORT", 0, "IPv4 address; port 0 picks one (127.0.0.1:8090)", 0},
    {"state", KEY_STATE, "FILE", 0, "SQLite file that keeps everything (sandbox.db)", 0},
    {"seed", KEY_SEED, "N", 0, "whole number that issuer's codes follow from (1)", 0},
    {"plain-amounts", KEY_PLAIN_AMOUNTS, NULL, 0, "no magic amounts", 0},
    {"code-life", KEY_CODE_LIFE, "SECONDS", 0, "how long an issuer's code is valid (300)", 0},
    {"draw", KEY_DRAW, "FOLDER", 0, "write the pictures of /people/ to a folder and exit", 0},
    {"draw-rows", KEY_DRAW_ROWS, "N", 0, "of the first N residents only (all)", 0},
    {"quiet", 'q', NULL, 0, "no line for each request on standard error", 0},
    {0},
};

static bool read_listen(char *text, struct options *out)
{
    char *colon = strrchr(text, ':');
    int64_t port = -1;
    if (!colon || colon == text || (size_t)(colon - text) >= sizeof out->host ||
        !str_to_int(colon + 1, &port) || port < 0 || port > 65535)
        return false;
    snprintf(out->host, sizeof out->host, "%.*s", (int)(colon - text), text);
    out->port = (int)port;
    return true;
}

static error_t read_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case KEY_LISTEN:
        if (!read_listen(arg, options))
            argp_error(state, "--listen needs HOST:PORT, not '%s'", arg);
        return 0;
    case KEY_STATE:
        options->state_path = arg;
        return 0;
    case KEY_SEED:
        if (!str_to_int(arg, &options->seed))
            argp_error(state, "--seed needs a whole number, not '%s'", arg);
        return 0;
    case KEY_CODE_LIFE:
        if (!str_to_int(arg, &options->code_life_s) || options->code_life_s < 0 ||
            options->code_life_s > CODE_LIFE_MAX_S)
            argp_error(state, "--code-life needs seconds from 0 to %d, not '%s'", CODE_LIFE_MAX_S,
                       arg);
        return 0;
    case KEY_DRAW:
        options->draw_folder = arg;
        return 0;
    case KEY_DRAW_ROWS:
        if (!str_to_int(arg, &options->draw_rows) || options->draw_rows < 1)
            argp_error(state, "--draw-rows needs a number from 1, not '%s'", arg);
        return 0;
    case KEY_PLAIN_AMOUNTS:
        options->plain_amounts = true;
        return 0;
    case 'q':
        options->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = read_option,
    .doc = "Simulates the parties outside the bank: SMS gateway, registries, phone operators, "
           "issuing banks, clearing house, reserve account. SANDBOX_KEY_ID and SANDBOX_SECRET set "
           "the key of machine callers.\v"
           "Exit status: 0 stopped by a signal, 1 could not start, 64 wrong usage.",
};

static const char *environment_or(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && value[0] ? value : otherwise;
}

int main(int argc, char **argv)
{
    struct options options = {
        .host = "127.0.0.1",
        .port = 8090,
        .state_path = "sandbox.db",
        .seed = 1,
        .code_life_s = CODE_LIFE_S,
        .draw_rows = RESIDENT_COUNT_MAX,
        .key_id = environment_or("SANDBOX_KEY_ID", "sycee"),
        .secret = environment_or("SANDBOX_SECRET", "sandbox-secret"),
    };
    argp_err_exit_status = 64;
    argp_parse(&parser, argc, argv, 0, NULL, &options);
    documents_init();
    if (options.draw_folder)
        return cards_draw_all(options.draw_folder, (int)options.draw_rows);
    if (sodium_init() < 0) {
        fprintf(stderr, "sandbox: could not find entropy\n");
        return 1;
    }
    /* Before any thread starts, so that only sigwait receives them. */
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stops, NULL);
    signal(SIGPIPE, SIG_IGN);

    struct store store;
    int status = 1;
    if (store_open(&store, options.state_path, options.seed)) {
        store_begin(&store);
        people_seed(&store);
        if (store_end(&store))
            status = http_serve(&options, &store);
    }
    store_close(&store);
    return status;
}
