/* Inside of the room: the measurements, each a command of its own. */
#ifndef BENCH_PRIVATE_H
#define BENCH_PRIVATE_H

int bench_face_command(int argc, char **argv);
int bench_ledger_command(int argc, char **argv);
int bench_payment_command(int argc, char **argv);
int bench_restart_command(int argc, char **argv);

#endif
