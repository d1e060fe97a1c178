/* sycee ledger: replays a ledger scenario. Takes its own argv, gives an exit code of sysexits.h. */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

int replay_command(int argc, char **argv);

#endif
