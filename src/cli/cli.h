/*
 * The commands of `sycee`. Each takes its own argv (argv[0] is the command's name) and returns an
 * exit code of sysexits.h: 0 well, 64 usage, 65 wrong data, 66 no input, 69 unavailable, 70 our
 * fault, 74 input or output failed, 78 configuration.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/err.h"
#include "sys/fault.h"

int cli_audit(int argc, char **argv);
int cli_backup(int argc, char **argv);
int cli_bench(int argc, char **argv);
int cli_bench_face(int argc, char **argv);
int cli_bench_ledger(int argc, char **argv);
int cli_bench_payment(int argc, char **argv);
int cli_bench_restart(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_export(int argc, char **argv);
int cli_face(int argc, char **argv);
int cli_face_evaluate(int argc, char **argv);
int cli_face_replays(int argc, char **argv);
int cli_keys(int argc, char **argv);
int cli_ledger(int argc, char **argv);
int cli_openapi(int argc, char **argv);
int cli_migrate(int argc, char **argv);
int cli_restore(int argc, char **argv);
int cli_payments(int argc, char **argv);
int cli_staff(int argc, char **argv);
int cli_eod(int argc, char **argv);
int cli_serve(int argc, char **argv);

/* One command of a table: its name, what runs it, what it is for; without `run`, a heading. */
struct cli_command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *text;
};
/* Runs the command that argv[1] names, or prints the table (--help: exit 0, else 64). */
int cli_dispatch(const char *program, const char *purpose, const struct cli_command *commands,
                 int argc, char **argv);

/* Prints "sycee: " and the fault's line on stderr, the error's name if it is empty; gives the exit
 * code that fits (78 for a fault of the settings). */
int cli_fault(const struct fault *fault, enum err err);
/* Prints "sycee: <what>: <sentence of the error>" on stderr; gives the exit code that fits. */
int cli_fail(const char *what, enum err err);
/* Language of the terminal: LC_ALL, LC_MESSAGES, LANG. */
enum lang cli_lang(void);

#endif
