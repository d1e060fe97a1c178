/*
 * Faults on order, for the loops of the fault tests: the 1st, 2nd, 3rd … call to the database
 * fails, until none does. Only in builds with SYCEE_FAULTS; a release has no trace of it.
 * Counted are: begin, commit, savepoint calls, exec, query, defer, batch_query, batch_rows, script.
 */
#ifndef DB_DB_FAULT_H
#define DB_DB_FAULT_H

#include "db/db.h"

#ifdef SYCEE_FAULTS

/* The nth call from now (1: the next) fails with `err` and has no effect. ERR_DB_LOST breaks the
 * connection as a lost server would. 0 disarms. */
void db_fault_arm(struct db_conn *conn, int64_t nth, enum err err);
/* The nth call, if it is a db_commit, takes effect and still answers ERR_DB_LOST: the answer was
 * lost on its way. Another call fails before its effect. */
void db_fault_arm_after_commit(struct db_conn *conn, int64_t nth);
bool db_fault_fired(const struct db_conn *conn);

/* Until it is taken back, calls of this connection neither count nor fail: for looks of the
 * program at itself, which are no part of what is tested. */
void db_fault_pause(struct db_conn *conn, bool paused);

/* The same over all connections of the process together, for tests that do not hold the
 * connection: the nth call of any of them fails. */
void db_fault_arm_all(int64_t nth, enum err err);
bool db_fault_fired_all(void);

#endif
#endif
