#include "cli/cli.h"
int cli_ledger(int argc, char **argv)
{
    static const struct cli_command commands[] = {{0}};
    return cli_dispatch("sycee ledger", "replay a ledger scenario", commands, argc, argv);
}
