/* sycee ledger: replay of JSON lines; its options, its lines, what was expected of them. */
#include "replay/replay.h"
#include "replay/replay_private.h"

#include "base/json.h"
#include "base/str.h"
#include "command/terminal.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define LINE_SIZE_MAX   65536
#define EXIT_UNEXPECTED 1

static const char replay_doc[] =
    "Runs operations on the ledger, one JSON object a line, from FILE or standard input, and "
    "prints "
    "one result a line. The bank is a temporary file with a clock that stands at 2026-01-05 until "
    "told otherwise.\v"
    "Operations (\"op\"), with their members:\n"
    "  openAccount   account, currency (CNY), glCode (2001, demand deposits)\n"
    "  closeAccount  account\n"
    "  transfer      debit, credit, amount [id] [as]\n"
    "  journal       transfers: a list of transfers, all or nothing [id] [as]\n"
    "  hold          debit, credit, amount [expiresInSeconds] [id] [as]\n"
    "  capture       hold [amount: else all that is left] [last: gives the rest back] [id] [as]\n"
    "  release       hold [id]        expire  hold [id]\n"
    "  reverse       journal [id] [as]\n"
    "  lookUp        account [at], journal, or hold\n"
    "  history       account [limit]\n"
    "  trialBalance  sums by code and currency\n"
    "  check         the books against themselves: balances, holds, seals\n"
    "  clock         at (an instant) or advanceSeconds\n"
    "  restart       stops the bank and starts it again\n"
    "  race          of: a list of operations sent at once, times\n"
    "\n"
    "An account is a name, or gl:1001 for the bank's own account of a code of the chart. \"as\" "
    "names "
    "a journal or hold for later lines. \"id\" makes an operation safe to repeat: a UUID, or any "
    "short name. \"expect\" is an object whose members the result must have.\n"
    "Lines that are empty or begin with # are skipped.\n"
    "\n"
    "Example:\n"
    "  sycee ledger replay <<'END'\n"
    "  {\"op\":\"openAccount\",\"account\":\"li\"}\n"
    "  {\"op\":\"transfer\",\"debit\":\"gl:1001\",\"credit\":\"li\",\"amount\":\"100.00\"}\n"
    "  "
    "{\"op\":\"hold\",\"debit\":\"li\",\"credit\":\"gl:2011\",\"amount\":\"30.00\",\"as\":\"h\"}\n"
    "  {\"op\":\"capture\",\"hold\":\"h\",\"amount\":\"20.00\",\"last\":true}\n"
    "  {\"op\":\"lookUp\",\"account\":\"li\",\"expect\":{\"balance\":\"80.00\"}}\n"
    "  END\n"
    "\n"
    "Exit code: 0 well, 1 a result was not as expected, 64 wrong usage, 65 a line was wrong, 66 "
    "FILE "
    "cannot be opened.";

struct options {
    const char *database;
    const char *path;
    bool quiet;
};

static const struct argp_option option_rows[] = {
    {"database", 'd', "URL", 0, "an empty database to use instead of a temporary file", 0},
    {"quiet", 'q', NULL, 0, "print only results that were not as expected", 0},
    {"json", 'j', NULL, 0, "results as JSON lines (the default)", 0},
    {0}};

static error_t replay_parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'd':
        options->database = arg;
        return 0;
    case 'q':
        options->quiet = true;
        return 0;
    case 'j':
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0) {
            argp_error(state, "too many arguments");
        }
        options->path = strcmp(arg, "-") == 0 ? NULL : arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Every member that is expected is there and equal; lists have the same length. */
static bool replay_matches(json_t *wanted, const json_t *got)
{
    if (json_is_object(wanted)) {
        bool all = json_is_object(got);
        for (void *at = json_object_iter(wanted); all && at != NULL;
             at = json_object_iter_next(wanted, at)) {
            all = replay_matches(json_object_iter_value(at),
                                 json_object_get(got, json_object_iter_key(at)));
        }
        return all;
    }
    if (json_is_array(wanted)) {
        bool all = json_is_array(got) && json_array_size(got) == json_array_size(wanted);
        for (size_t i = 0; all && i < json_array_size(wanted); i++) {
            all = replay_matches(json_array_get(wanted, i), json_array_get(got, i));
        }
        return all;
    }
    return json_equal(wanted, got) != 0;
}

struct replay {
    const struct options *options;
    struct replay_bank bank;
    int64_t line_number, wrong, unexpected;
};

static void replay_print(FILE *file, const json_t *result)
{
    char *text = json_dumps(result, JSON_COMPACT | JSON_PRESERVE_ORDER);
    fprintf(file, "%s\n", text ? text : "");
    free(text);
}

static void print_result(struct replay *replay, const json_t *line, json_t *result)
{
    const char *op = "";
    json_t *expected = json_object_get(line, "expect");
    (void)json_get_text(line, "op", &op);
    json_t *out = json_object();
    json_object_set_new(out, "line", json_integer(replay->line_number));
    json_object_set_new(out, "op", json_string(op));
    json_object_update(out, result);
    bool good = expected == NULL || replay_matches(expected, result);
    if (!good) {
        replay->unexpected++;
        json_object_set_new(out, "expected", json_deep_copy(expected));
    }
    if (!good || !replay->options->quiet) {
        replay_print(stdout, out);
        fflush(stdout);
    }
    json_decref(out);
}

static void wrong_line(struct replay *replay, const char *what)
{
    json_t *out = json_object();
    replay->wrong++;
    json_object_set_new(out, "line", json_integer(replay->line_number));
    json_object_set_new(out, "wrong", json_string(what));
    replay_print(stdout, out);
    fflush(stdout);
    json_decref(out);
}

static void run_line(struct replay *replay, const char *text, size_t size)
{
    json_t *line;
    const char *what = NULL;
    replay->line_number++;
    if (size == 0 || text[0] == '#' || strspn(text, " \t\r") == size) {
        return;
    }
    if (json_parse_object(text, size, LINE_SIZE_MAX, &line) != ERR_OK) {
        wrong_line(replay, "this is not a JSON object");
        return;
    }
    if (json_has(line, "expect") && !json_is_object(json_object_get(line, "expect"))) {
        wrong_line(replay, "\"expect\" is an object");
        json_decref(line);
        return;
    }
    json_t *result = replay_run(&replay->bank, line, &what);
    if (result == NULL) {
        wrong_line(replay, what);
    } else {
        print_result(replay, line, result);
        json_decref(result);
    }
    json_decref(line);
}

static int run_lines(struct replay *replay, FILE *file)
{
    char *text = NULL;
    size_t capacity = 0;
    ssize_t size;
    enum err err = replay_bank_open(&replay->bank, replay->options->database);
    while (!err && replay->bank.engine != NULL && (size = getline(&text, &capacity, file)) >= 0) {
        while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r')) {
            text[--size] = '\0';
        }
        run_line(replay, text, (size_t)size);
    }
    free(text);
    if (err == ERR_EXISTS) {
        fprintf(stderr,
                "sycee: ledger replay: %s: this database is in use by a bank; replay takes"
                " an empty one\n",
                replay->bank.url);
        replay_bank_close(&replay->bank);
        return EX_CANTCREAT;
    }
    bool lost = !err && replay->bank.engine == NULL;
    replay_bank_close(&replay->bank);
    if (err || lost) {
        return terminal_fail("ledger replay", err ? err : ERR_LEDGER_CORRUPT);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "sycee: ledger replay: the results could not be written\n");
        return EX_IOERR;
    }
    return replay->wrong ? EX_DATAERR : replay->unexpected ? EXIT_UNEXPECTED : 0;
}

static int cli_ledger_replay(int argc, char **argv)
{
    static const struct argp argp = {option_rows, replay_parse, "[FILE]", replay_doc,
                                     NULL,        NULL,         NULL};
    struct options options = {0};
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    struct replay replay = {.options = &options};
    FILE *file = options.path ? fopen(options.path, "re") : stdin;
    if (file == NULL) {
        fprintf(stderr, "sycee: ledger replay: %s: %s\n", options.path, strerror(errno));
        return EX_NOINPUT;
    }
    int code = run_lines(&replay, file);
    if (file != stdin) {
        fclose(file);
    }
    return code;
}

int replay_command(int argc, char **argv)
{
    static const struct terminal_command commands[] = {
        {"replay", cli_ledger_replay, "run operations from JSON lines and print each result"}, {0}};
    /* Not for people, hence not in the table: the load of the crash test. */
    if (argc > 1 && strcmp(argv[1], "storm") == 0) {
        return replay_storm_command(argc - 1, argv + 1);
    }
    return terminal_dispatch("sycee ledger", "try the ledger", commands, argc, argv);
}
