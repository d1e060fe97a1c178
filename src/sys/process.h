/*
 * The process and its surroundings: stop signals as an event, readiness for systemd, the terminal.
 */
#ifndef SYS_PROCESS_H
#define SYS_PROCESS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes SIGINT and SIGTERM, and ignores SIGPIPE and SIGHUP (a terminal that goes is no reason to
 * stop). Call once, before threads start. A third stop
 * signal ends the process at once. ERR_UNAVAILABLE. */
enum err process_init(void);
/* Waits for a stop signal (negative: for ever); true where one has come. */
bool process_wait_stop(int64_t timeout_us);
bool process_is_stopping(void);
/* As if a stop signal had come; any thread. */
void process_stop(void);
/* Forgets a stop and gives the signals back: for tests. */
void process_release(void);

/* systemd: "READY=1", "STOPPING=1", a status line; nothing outside systemd. */
void process_notify_ready(const char *status);
void process_notify_stopping(void);
/* The n-th (0-based) listening socket that systemd handed over; -1 if there is none. */
int process_inherited_socket(size_t index);

/* Raises the limit of open files to what is wanted, if it may; *out_allowed is what now holds.
 * ERR_UNAVAILABLE if that is less than wanted. */
enum err process_want_files(int64_t wanted, int64_t *out_allowed);

bool process_is_terminal(int fd);
int process_terminal_width(int fd); /* columns; 80 if unknown */
int64_t process_id(void);
int64_t process_memory_bytes(void); /* resident; 0 if unknown */
/* The limits that the system puts on this process, for an operator: "64 threads of this user (ulimit -u),
 * 195 MiB of addresses (ulimit -v)"; "no limit is set" without any. Cut at `size`. */
void process_limits_text(char *out, size_t size);
/* The environment, ended by NULL, as config_load takes it. */
const char *const *process_environment(void);

#endif
