/*
 * What commands print on the terminal: the table of a command's commands, one line for a fault, the
 * language. Exit codes are those of sysexits.h.
 */
#ifndef COMMAND_TERMINAL_H
#define COMMAND_TERMINAL_H

#include "base/err.h"
#include "sys/fault.h"

/* One command of a table: its name, what runs it, what it is for; without `run`, a heading. */
struct terminal_command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *text;
};
/* Runs the command that argv[1] names, or prints the table (--help: exit 0, else 64). */
int terminal_dispatch(const char *program, const char *purpose,
                      const struct terminal_command *commands, int argc, char **argv);

/* Prints "sycee: " and the fault's line on stderr, the error's name if it is empty; gives the exit
 * code that fits (78 for a fault of the settings). */
int terminal_fault(const struct fault *fault, enum err err);
/* Prints "sycee: <what>: <sentence of the error>" on stderr; gives the exit code that fits. */
int terminal_fail(const char *what, enum err err);
/* Language of the terminal: LC_ALL, LC_MESSAGES, LANG. */
enum lang terminal_lang(void);

#endif
