/* sycee audit: runs the auditor, a separate program beside this one. */
#include "cli/cli.h"
#include "command/command.h"
#include "command/terminal.h"

#include "base/zone.h"
#include "sys/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { OPT_SINCE = 256 };

struct options {
    struct settings settings;
    const char *since;
    bool as_json;
};

static const struct argp_option option_rows[] = {
    {"json", 'j', NULL, 0, "print one JSON object", 1},
    {"since", OPT_SINCE, "YYYY-MM-DD", 0,
     "trust seals, client ids and payments from before that day", 1},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state, void *own)
{
    struct options *options = own;
    (void)state;
    switch (key) {
    case 'j':
        options->as_json = true;
        return 0;
    case OPT_SINCE:
        options->since = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool find_auditor(char out[FILE_PATH_MAX])
{
    char own[FILE_PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", own, sizeof own - 1);
    if (size <= 0) {
        return false;
    }
    own[size] = '\0';
    char *slash = strrchr(own, '/');
    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    return file_join(own, "auditor", out) == ERR_OK && file_exists(out);
}

/* The auditor takes this process's place, so that its exit code is ours. */
static int become_auditor(const struct config *config, const void *own)
{
    const struct options *options = own;
    char path[FILE_PATH_MAX];
    char url[CONFIG_VALUE_MAX];
    char zone[ZONE_NAME_SIZE];
    if (!find_auditor(path)) {
        fprintf(stderr, "sycee: audit: %s\n",
                terminal_lang() == LANG_ZH
                    ? "找不到 auditor 程序，它应与 sycee 在同一目录"
                    : "the program \"auditor\" is not beside sycee; build or "
                      "install it there");
        return EX_UNAVAILABLE;
    }
    snprintf(url, sizeof url, "%s", config_string(config, "database", "url"));
    snprintf(zone, sizeof zone, "%s", config_string(config, "bank", "zone"));
    char *since = options->since ? strdup(options->since) : NULL;
    char name[] = "auditor", database[] = "--database", place[] = "--zone", json[] = "--json",
         from[] = "--since";
    char *arguments[9] = {name, database, url, place, zone};
    size_t count = 5;
    if (options->as_json) {
        arguments[count++] = json;
    }
    if (since != NULL) {
        arguments[count++] = from;
        arguments[count++] = since;
    }
    (void)execv(path, arguments);
    fprintf(stderr, "sycee: audit: %s: %s\n", path, strerror(errno));
    free(since);
    return EX_UNAVAILABLE;
}

int cli_audit(int argc, char **argv)
{
    static const struct command command = {
        .text =
            "Recomputes the books from the journal with a program that shares no code with the "
            "bank, and lists every fault. Changes nothing; the bank may be serving.\vExit code: 0 "
            "in order, 1 faults found, 64 wrong usage, 66 no readable database, 69 the server or "
            "the auditor is missing, 78 wrong settings.",
        .options = option_rows,
        .parse = parse_option,
        .run = become_auditor};
    struct options options = {.as_json = false};
    return command_run(&command, &options, argc, argv);
}
