/* sycee bench: the measurements, each a command of its own. */
#include "cli/cli.h"

int cli_bench(int argc, char **argv)
{
    static const struct cli_command commands[] = {
        {"ledger", cli_bench_ledger, "durable transfers a second"},
        {"restart", cli_bench_restart, "start after a kill, at a number of transfers"},
        {"face", cli_bench_face, "one comparison of two faces"},
        {"payment", cli_bench_payment, "whole payments over HTTP a second"},
        {0},
    };
    return cli_dispatch("sycee bench", "measure the bank on this machine", commands, argc, argv);
}
