#include "command/terminal.h"

#include "sys/process.h"
#include "sys/thread.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static void print_table(FILE *file, const char *program, const char *purpose,
                        const struct terminal_command *commands)
{
    fprintf(file, "%s: %s\n\nUsage: %s COMMAND [OPTION...]\n\n", program, purpose, program);
    for (const struct terminal_command *c = commands; c->name != NULL; c++) {
        if (c->run == NULL) {
            fprintf(file, "%s%s\n", c == commands ? "" : "\n", c->name);
        } else {
            fprintf(file, "  %-10s %s\n", c->name, c->text);
        }
    }
    fprintf(file, "\n\"%s COMMAND --help\" lists a command's options.\n", program);
}

int terminal_dispatch(const char *program, const char *purpose,
                      const struct terminal_command *commands, int argc, char **argv)
{
    if (argc < 2) {
        print_table(stderr, program, purpose, commands);
        return EX_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0 ||
        strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_table(stdout, program, purpose, commands);
        return 0;
    }
    for (const struct terminal_command *c = commands; c->name != NULL; c++) {
        if (c->run != NULL && strcmp(argv[1], c->name) == 0) {
            char name[64]; /* what usage lines begin with: "sycee staff town" */
            snprintf(name, sizeof name, "%s %s", program, c->name);
            argv[1] = name;
            return c->run(argc - 1, argv + 1);
        }
    }
    fprintf(stderr, "sycee: unknown command \"%s\"; \"%s help\" lists them\n", argv[1], program);
    return EX_USAGE;
}

enum lang terminal_lang(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return strncmp(value, "zh", 2) == 0 ? LANG_ZH : LANG_EN;
        }
    }
    return LANG_EN;
}

static int exit_code(enum err err)
{
    switch (err_http_status(err)) {
    case 500:
        return EX_SOFTWARE;
    case 503:
        return EX_UNAVAILABLE;
    case 507:
        return EX_IOERR;
    case 404:
        return EX_NOINPUT;
    default:
        return EX_DATAERR;
    }
}

/* The system refused memory or a thread: adds the limits that are in force. */
static void explain_shortage(enum err err)
{
    char limits[FAULT_SIZE];
    bool is_memory = err == ERR_NO_MEMORY;
    if (!is_memory && (err != ERR_UNAVAILABLE || thread_refused_after() == 0)) {
        return;
    }
    process_limits_text(limits, sizeof limits);
    if (is_memory) {
        fprintf(stderr, ": memory ran out at %" PRId64 " MiB", process_memory_bytes() >> 20);
    } else {
        fprintf(stderr, ": the system gave no thread beside %d", thread_refused_after());
    }
    fprintf(stderr, "; its limits: %s", limits);
}

int terminal_fault(const struct fault *fault, enum err err)
{
    fprintf(stderr, "sycee: %s", fault->text[0] != '\0' ? fault->text : err_slug(err));
    if (!fault->is_setting) {
        explain_shortage(err);
    }
    fputc('\n', stderr);
    if (fault->is_setting || err == ERR_DB_URL || err == ERR_DB_ABSENT) {
        return EX_CONFIG;
    }
    if (err == ERR_VAULT_IN_USE) {
        return EX_TEMPFAIL;
    }
    bool is_data = err == ERR_DB_STALE || err == ERR_DB_CHANGED || err == ERR_DB_BASELINE ||
                   err == ERR_DB_NEWER || err == ERR_DB_SCHEMA;
    return is_data ? EX_DATAERR : exit_code(err);
}

int terminal_fail(const char *what, enum err err)
{
    fprintf(stderr, "sycee: %s: %s (%s)\n", what, err_text(err, terminal_lang()), err_slug(err));
    return exit_code(err);
}
