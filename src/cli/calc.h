/*
 * `sycee calc`: the bank's arithmetic for anyone to check. JSON lines in, JSON lines out, one
 * answer for each line in order; no bank, no database, only the tables of the share directory.
 */
#ifndef CLI_CALC_H
#define CLI_CALC_H

/* argv[0] is the command's own name, argv[1] the kind of calculation. Returns the exit code:
 * 0 all lines answered, 64 usage, 65 a line was wrong, 66 a file is missing, 74 output failed. */
int cli_calc(int argc, char **argv);

#endif
