/* sycee migrate: bring a database to this program's schema. */
#include "command/migrate.h"
#include "cli/cli.h"
#include "command/command.h"
#include "command/terminal.h"

#include <stdio.h>

static int migrate_run(const struct config *config, const void *own)
{
    struct fault fault = {0};
    int applied = 0;
    (void)own;
    enum err err =
        migrate_database(config_string(config, "database", "url"), true, &applied, &fault);
    if (err) {
        return terminal_fault(&fault, err);
    }
    printf("%d migration%s applied; the schema is current\n", applied, applied == 1 ? "" : "s");
    return 0;
}

int cli_migrate(int argc, char **argv)
{
    static const struct command command = {
        .text =
            "Upgrades the bank's database (database.url) to this program's schema; creates a new "
            "bank if there is none.",
        .run = migrate_run};
    struct settings settings = {.set_count = 0};
    return command_run(&command, &settings, argc, argv);
}
