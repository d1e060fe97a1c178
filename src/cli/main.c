/* sycee: the whole bank in one program. */
#include "bench/bench.h"
#include "cli/calc.h"
#include "cli/cli.h"
#include "command/terminal.h"
#include "replay/replay.h"
#include "vision/vision.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static int main_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("sycee " SYCEE_VERSION);
    return 0;
}

static const struct terminal_command commands[] = {
    {"Set up a bank, in this order:", NULL, NULL},
    {"migrate", cli_migrate, "create the database, or upgrade it to this program's schema"},
    {"staff", cli_staff, "invite the first member of staff, or one with lost credentials"},
    {"check", cli_check, "check all requirements for serving, one line each"},
    {"serve", cli_serve, "serve the bank: API, apps, jobs"},
    {"Operate it:", NULL, NULL},
    {"eod", cli_eod, "close a business date by hand"},
    {"audit", cli_audit, "recompute the books from the journal"},
    {"backup", cli_backup, "copy an embedded bank's database while it serves"},
    {"restore", cli_restore, "replace the database by a copy"},
    {"payments", cli_payments, "query payments at the clearing house, after a restore"},
    {"keys", cli_keys, "add a key that seals stored fields"},
    {"export", cli_export, "write the books for hledger, ledger or beancount"},
    {"Test and measure it:", NULL, NULL},
    {"calc", cli_calc, "check the bank's arithmetic: JSON lines in, JSON lines out"},
    {"ledger", replay_command, "replay a ledger scenario from JSON lines"},
    {"face", cli_face, "compare faces; measure the accuracy of the comparison"},
    {"bench", bench_command, "measure the ledger, payments, and a restart"},
    {"openapi", cli_openapi, "print the OpenAPI document of the API"},
    {"version", main_version, "print the version"},
    {NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "vision-decoder") == 0) {
        return image_decoder_main(argc, argv); /* started by vision_open, not by people */
    }
    if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
        return main_version(argc, argv);
    }
    return terminal_dispatch("sycee", "an Internet bank that one team can run", commands, argc,
                             argv);
}
