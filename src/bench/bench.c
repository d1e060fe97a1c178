/* sycee bench: the measurements, each a command of its own. */
#include "bench/bench.h"
#include "bench/bench_private.h"
#include "command/terminal.h"

int bench_command(int argc, char **argv)
{
    static const struct terminal_command commands[] = {
        {"ledger", bench_ledger_command, "durable transfers a second"},
        {"restart", bench_restart_command, "start after a kill, at a number of transfers"},
        {"face", bench_face_command, "one comparison of two faces"},
        {"payment", bench_payment_command, "whole payments over HTTP a second"},
        {0},
    };
    return terminal_dispatch("sycee bench", "measure the bank on this machine", commands, argc,
                             argv);
}
