#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static void print_table(FILE *file, const char *program, const char *purpose,
                        const struct cli_command *commands)
{
    fprintf(file, "%s: %s\n\nUsage: %s COMMAND [OPTION...]\n\n", program, purpose, program);
    for (const struct cli_command *c = commands; c->name != NULL; c++) {
        fprintf(file, "  %-10s %s\n", c->name, c->text);
    }
    fprintf(file, "\n\"%s COMMAND --help\" tells a command's options.\n", program);
}

int cli_dispatch(const char *program, const char *purpose, const struct cli_command *commands,
                 int argc, char **argv)
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
    for (const struct cli_command *c = commands; c->name != NULL; c++) {
        if (strcmp(argv[1], c->name) == 0) {
            return c->run(argc - 1, argv + 1);
        }
    }
    fprintf(stderr, "sycee: unknown command \"%s\"; \"%s help\" lists them\n", argv[1], program);
    return EX_USAGE;
}

enum lang cli_lang(void)
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

int cli_fault(const struct fault *fault, enum err err)
{
    fprintf(stderr, "sycee: %s\n", fault->text[0] != '\0' ? fault->text : err_slug(err));
    if (fault->is_setting || err == ERR_DB_URL || err == ERR_DB_ABSENT) {
        return EX_CONFIG;
    }
    bool is_data = err == ERR_DB_STALE || err == ERR_DB_CHANGED || err == ERR_DB_BASELINE ||
                   err == ERR_DB_NEWER || err == ERR_DB_SCHEMA;
    return is_data ? EX_DATAERR : exit_code(err);
}

int cli_fail(const char *what, enum err err)
{
    fprintf(stderr, "sycee: %s: %s (%s)\n", what, err_text(err, cli_lang()), err_slug(err));
    return exit_code(err);
}
