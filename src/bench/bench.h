/* sycee bench: measures the bank on this machine. Takes its own argv, gives an exit code of sysexits.h. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

int bench_command(int argc, char **argv);

#endif
