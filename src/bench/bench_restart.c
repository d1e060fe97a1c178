/* sycee bench restart: how long the bank takes to start after it was killed. */
#include "bench/bench_private.h"
#include "bench/bench_tool.h"
#include "command/terminal.h"

#include "base/check.h"
#include "base/str.h"
#include "ledger/recipe.h"
#include "sys/clock.h"
#include "sys/progress.h"

#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define BATCH       8190
#define START_MINOR INT64_C(100000000000)
#define ROUNDS      3

struct options {
    int64_t transfers, accounts;
    bool json;
};

struct batch {
    struct chooser chooser;
    struct ledger_transfer transfers[BATCH];
    enum err errs[BATCH];
    int64_t count;
};

static enum err bench_restart_post(struct uow *uow, void *context)
{
    struct batch *batch = context;
    struct journal_draft draft = {.recipe = RECIPE_BULK,
                                  .recipe_version = recipe_version(RECIPE_BULK),
                                  .booking_date = uow->business_date,
                                  .value_date = uow->business_date};
    return ledger_post_many(uow->ledger, &draft, batch->transfers, NULL, (size_t)batch->count,
                            batch->errs);
}

static void bench_restart_fill(struct batch *batch, int64_t accounts)
{
    for (int64_t i = 0; i < batch->count; i++) {
        int64_t debit = chooser_next(&batch->chooser);
        int64_t credit = (debit + 1 + chooser_next(&batch->chooser) % (accounts - 1)) % accounts;
        batch->transfers[i] = (struct ledger_transfer){bench_account(debit), bench_account(credit),
                                                       1 + (int64_t)(i % 100)};
    }
}

static enum err post_all(struct bench_bank *bank, const struct options *options, int64_t count,
                         bool show)
{
    struct batch *batch = calloc(1, sizeof *batch);
    struct progress progress;
    CHECK(batch != NULL);
    chooser_init(&batch->chooser, options->accounts, false, 42);
    if (show) {
        progress_start(&progress, "transfers", count, terminal_lang());
    }
    enum err err = ERR_OK;
    for (int64_t done = 0; !err && done < count; done += batch->count) {
        batch->count = count - done < BATCH ? count - done : BATCH;
        bench_restart_fill(batch, options->accounts);
        err = engine_run(bank->engine, bench_restart_post, batch);
        if (show) {
            progress_update(&progress, done + batch->count);
        }
    }
    if (show) {
        progress_finish(&progress);
    }
    free(batch);
    return err;
}

/* A child opens the bank, posts, and is killed before any checkpoint of its log. */
static enum err post_and_die(struct bench_bank *bank, const struct options *options, int64_t count,
                             bool show)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        enum err err = bench_bank_reopen(bank);
        if (!err && show) {
            err = bench_accounts(bank, options->accounts, START_MINOR);
        }
        if (!err) {
            err = post_all(bank, options, count, show);
        }
        if (err) {
            _exit(terminal_fail("bench restart", err));
        }
        (void)kill(getpid(), SIGKILL);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? ERR_OK : ERR_INTERNAL;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int bench_restart_measure(const struct options *options)
{
    struct bench_bank bank;
    int64_t elapsed[ROUNDS] = {0};
    enum err err = bench_bank_open(&bank, NULL);
    if (!err) {
        engine_stop(bank.engine);
        bank.engine = NULL;
        err = post_and_die(&bank, options, options->transfers, true);
    }
    for (int round = 0; !err && round < ROUNDS; round++) {
        int64_t started = clock_monotonic_us();
        err = bench_bank_reopen(&bank);
        elapsed[round] = clock_monotonic_us() - started;
        if (bank.engine != NULL) {
            engine_stop(bank.engine);
            bank.engine = NULL;
        }
        if (!err && round + 1 < ROUNDS) {
            err = post_and_die(&bank, options, BATCH, false);
        }
    }
    bench_bank_close(&bank);
    if (err) {
        return terminal_fail("bench restart", err);
    }
    qsort(elapsed, ROUNDS, sizeof elapsed[0], by_value);
    double seconds = (double)elapsed[ROUNDS / 2] / 1e6;
    if (options->json) {
        printf("{\"transfers\":%lld,\"accounts\":%lld,\"restart_s\":%.3f}\n",
               (long long)options->transfers, (long long)options->accounts, seconds);
    } else {
        printf("%.3f s from a kill at %lld transfers, %lld accounts, to a bank that answers\n",
               seconds, (long long)options->transfers, (long long)options->accounts);
    }
    return 0;
}

static const struct argp_option option_rows[] = {
    {"transfers", 't', "N", 0, "transfers in the bank (default 10,000,000)", 0},
    {"accounts", 'a', "N", 0, "accounts (default 1,000,000)", 0},
    {"json", 'j', NULL, 0, "print one JSON object", 0},
    {0}};

static int64_t bench_restart_number(const char *text, int64_t min, struct argp_state *state)
{
    int64_t value;
    if (!str_to_int(text, &value) || value < min || value > INT64_C(1000000000)) {
        argp_error(state, "\"%s\" is not a number from %lld to 1000000000", text, (long long)min);
    }
    return value;
}

static error_t bench_restart_parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 't':
        options->transfers = bench_restart_number(arg, 1, state);
        return 0;
    case 'a':
        options->accounts = bench_restart_number(arg, 2, state);
        return 0;
    case 'j':
        options->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int bench_restart_command(int argc, char **argv)
{
    static const struct argp argp = {
        option_rows,
        bench_restart_parse,
        NULL,
        "Fills a bank in a temporary file, kills it as a power cut would, and measures how long it "
        "takes until it answers again (median of 3).",
        NULL,
        NULL,
        NULL};
    struct options options = {.transfers = 10000000, .accounts = 1000000};
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    return bench_restart_measure(&options);
}
