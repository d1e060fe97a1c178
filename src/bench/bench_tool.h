/*
 * What the benches share: latencies, account choice, a bank in a temporary place. Floating point is
 * for statistics only; no amount of money passes through it.
 */
#ifndef BENCH_BENCH_TOOL_H
#define BENCH_BENCH_TOOL_H

#include "base/err.h"
#include "engine/engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct latencies {
    int64_t *us;
    size_t count, capacity;
};
void latencies_add(struct latencies *all, int64_t us);
/* The value below which `percent` of all lie; 0 if there are none. Sorts. */
int64_t latencies_percentile(struct latencies *all, int percent);
void latencies_release(struct latencies *all);

uint64_t bench_random(uint64_t *state); /* splitmix64 */

/* Chooses 0..count-1 evenly, or by Zipf's law with exponent 0.99 (scattered, so that the favourites
 * are not neighbours). */
struct chooser {
    int64_t count;
    bool zipf;
    double zeta, alpha, eta, half_power;
    uint64_t state;
};
void chooser_init(struct chooser *chooser, int64_t count, bool zipf, uint64_t seed);
int64_t chooser_next(struct chooser *chooser);

/* A bank for measuring: the database at `url`, or a new SQLite file in a temporary folder. */
struct bench_bank {
    char folder[64];
    char url[512];
    bool temporary;
    struct engine *engine;
};
enum err bench_bank_open(struct bench_bank *bank, const char *url);
enum err bench_bank_reopen(struct bench_bank *bank); /* stops the engine and starts it again */
void bench_bank_close(struct bench_bank *bank);
/* Bytes of the SQLite file and its log; 0 on PostgreSQL. */
int64_t bench_bank_bytes(const struct bench_bank *bank);
/* Opens accounts 0..count-1 (spread over the buckets) and pays in a start balance. */
enum err bench_accounts(struct bench_bank *bank, int64_t count, int64_t start_minor);
struct account_id bench_account(int64_t number);

#endif
