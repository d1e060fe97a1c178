/*
 * Sealing the bank's stored fields anew under the newest master key: the sealed columns of all
 * rooms together, for the job of a serving bank, for `sycee keys reseal` and for `sycee keys
 * retire`.
 */
#ifndef SERVER_RESEAL_H
#define SERVER_RESEAL_H

#include "db/sealed.h"
#include "engine/engine.h"

#define RESEAL_COLUMNS_MAX 64

/* All rooms' columns; `out` takes RESEAL_COLUMNS_MAX. */
size_t reseal_columns(const struct sealed_column *out[RESEAL_COLUMNS_MAX]);

/* What is not under the newest master key. */
struct reseal_count {
    int64_t left;    /* values that are sealed anew by a run */
    int64_t passing; /* kept answers and waiting messages, which go by themselves within two days */
};
/* Reads every sealed table whole. */
enum err reseal_left(struct db_conn *conn, const struct vault *vault, struct reseal_count *out);
/* May all keys but the newest go? ERR_VAULT_IN_USE with *out: something is still sealed under
 * them; errors of db. */
enum err reseal_may_retire(struct db_conn *conn, const struct vault *vault,
                           struct reseal_count *out);
/* One step inside of a transaction; `from` and `out` may not be the same. */
enum err reseal_step(struct db_conn *conn, const struct vault *vault,
                     const struct sealed_walk *from, struct sealed_walk *out);
/* The walk has come to its end. */
bool reseal_is_done(const struct sealed_walk *walk);

/* A job: at most `steps` steps while no command waits, one walk for each process; nothing after
 * its end. Shows the metrics sealed_anew_done and sealed_anew_values. */
enum err reseal_run(struct engine *engine, const struct vault *vault, size_t steps,
                    struct sealed_walk *walk);

#endif
