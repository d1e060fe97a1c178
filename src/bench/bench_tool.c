#include "bench/bench_tool.h"

#include "base/check.h"
#include "command/migrate.h"
#include "ledger/recipe.h"
#include "sys/clock.h"
#include "sys/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ACCOUNTS_A_COMMAND 8190

void latencies_add(struct latencies *all, int64_t us)
{
    if (all->count == all->capacity) {
        all->capacity = all->capacity ? all->capacity * 2 : 4096;
        all->us = realloc(all->us, all->capacity * sizeof *all->us);
        CHECK(all->us != NULL);
    }
    all->us[all->count++] = us;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t latencies_percentile(struct latencies *all, int percent)
{
    if (all->count == 0) {
        return 0;
    }
    qsort(all->us, all->count, sizeof *all->us, by_value);
    size_t place = all->count * (size_t)percent / 100;
    return all->us[place < all->count ? place : all->count - 1];
}

void latencies_release(struct latencies *all)
{
    free(all->us);
    *all = (struct latencies){0};
}

uint64_t bench_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Gray, Sundaresan, Englert, Baclawski, Weinberger: "Quickly Generating Billion-Record Synthetic
 * Databases" (SIGMOD 1994), the generator that most key-value benches use. */
void chooser_init(struct chooser *chooser, int64_t count, bool zipf, uint64_t seed)
{
    const double theta = 0.99;
    *chooser = (struct chooser){.count = count, .zipf = zipf, .state = seed};
    if (!zipf) {
        return;
    }
    for (int64_t i = 1; i <= count; i++) {
        chooser->zeta += 1.0 / pow((double)i, theta);
    }
    double zeta2 = 1.0 + pow(0.5, theta);
    chooser->alpha = 1.0 / (1.0 - theta);
    chooser->eta = (1.0 - pow(2.0 / (double)count, 1.0 - theta)) / (1.0 - zeta2 / chooser->zeta);
    chooser->half_power = 1.0 + pow(0.5, theta);
}

int64_t chooser_next(struct chooser *chooser)
{
    uint64_t random = bench_random(&chooser->state);
    if (!chooser->zipf) {
        return (int64_t)(random % (uint64_t)chooser->count);
    }
    double u = (double)(random >> 11) / 9007199254740992.0;
    double uz = u * chooser->zeta;
    int64_t rank;
    if (uz < 1.0) {
        rank = 0;
    } else if (uz < chooser->half_power) {
        rank = 1;
    } else {
        rank = (int64_t)((double)chooser->count *
                         pow(chooser->eta * u - chooser->eta + 1.0, chooser->alpha));
    }
    return (int64_t)((uint64_t)rank * UINT64_C(0x9E3779B97F4A7C15) % (uint64_t)chooser->count);
}

static enum err bench_tool_start(struct bench_bank *bank)
{
    struct engine_options options = {
        .database_url = bank->url, .clock = clock_system(), .workers = 16, .readers = 2};
    return engine_start(&options, &bank->engine);
}

enum err bench_bank_open(struct bench_bank *bank, const char *url)
{
    *bank = (struct bench_bank){.temporary = url == NULL};
    if (url == NULL) {
        snprintf(bank->folder, sizeof bank->folder, "var/bench-%d", (int)getpid());
        mkdir("var", 0755);
        mkdir(bank->folder, 0700);
        snprintf(bank->url, sizeof bank->url, "sqlite:%s/bank.db", bank->folder);
    } else {
        snprintf(bank->url, sizeof bank->url, "%s", url);
    }
    int applied = 0;
    enum err err = migrate_database(bank->url, true, &applied, NULL);
    return err ? err : bench_tool_start(bank);
}

enum err bench_bank_reopen(struct bench_bank *bank)
{
    if (bank->engine != NULL) {
        engine_stop(bank->engine);
    }
    bank->engine = NULL;
    return bench_tool_start(bank);
}

static const char *const suffixes[] = {"", "-wal", "-shm", ".mark"};

void bench_bank_close(struct bench_bank *bank)
{
    if (bank->engine != NULL) {
        engine_stop(bank->engine);
    }
    for (size_t i = 0; bank->temporary && i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char path[600];
        snprintf(path, sizeof path, "%s%s", bank->url + strlen("sqlite:"), suffixes[i]);
        unlink(path);
    }
    if (bank->temporary) {
        rmdir(bank->folder);
    }
}

int64_t bench_bank_bytes(const struct bench_bank *bank)
{
    int64_t bytes = 0;
    for (size_t i = 0; strncmp(bank->url, "sqlite:", 7) == 0 && i < 2; i++) {
        char path[600];
        struct stat status;
        snprintf(path, sizeof path, "%s%s", bank->url + strlen("sqlite:"), suffixes[i]);
        bytes += stat(path, &status) == 0 ? status.st_size : 0;
    }
    return bytes;
}

struct account_id bench_account(int64_t number)
{
    return (struct account_id){(INT64_C(1) << 41) + (number / BUCKET_COUNT) * ID_STEP +
                               number % BUCKET_COUNT};
}

struct opening {
    int64_t first, count, start_minor;
    struct ledger_transfer transfers[ACCOUNTS_A_COMMAND];
    enum err errs[ACCOUNTS_A_COMMAND];
};

static enum err open_some(struct uow *uow, void *context)
{
    struct opening *opening = context;
    struct account_id bank = ledger_internal_account(GL_CAPITAL, CCY_CNY, 0);
    struct ledger_transfer first = {ledger_internal_account(GL_RESERVE, CCY_CNY, 0), bank, 1};
    struct journal_draft draft = {.recipe = RECIPE_BULK,
                                  .recipe_version = 1,
                                  .booking_date = uow->business_date,
                                  .value_date = uow->business_date,
                                  .transfers = &first,
                                  .count = 1};
    struct journal_result result;
    enum err err = ledger_post(uow->ledger, &draft, &result);
    for (int64_t i = 0; !err && i < opening->count; i++) {
        struct ledger_account_spec spec = {
            .id = bench_account(opening->first + i), .ccy = CCY_CNY, .gl_code = GL_DEPOSITS_DEMAND};
        err = ledger_account_open(uow->ledger, &spec);
        opening->transfers[i] = (struct ledger_transfer){bank, spec.id, opening->start_minor};
    }
    if (!err) {
        err = ledger_post_many(uow->ledger, &draft, opening->transfers, NULL,
                               (size_t)opening->count, opening->errs);
    }
    return err ? err : opening->errs[0];
}

enum err bench_accounts(struct bench_bank *bank, int64_t count, int64_t start_minor)
{
    struct opening *opening = calloc(1, sizeof *opening);
    CHECK(opening != NULL);
    opening->start_minor = start_minor;
    struct progress progress;
    progress_start(&progress, "opening accounts", count, LANG_EN);
    enum err err = ERR_OK;
    for (opening->first = 0; !err && opening->first < count; opening->first += opening->count) {
        int64_t left = count - opening->first;
        opening->count = left < ACCOUNTS_A_COMMAND ? left : ACCOUNTS_A_COMMAND;
        err = engine_run(bank->engine, open_some, opening);
        progress_update(&progress, opening->first + opening->count);
    }
    progress_finish(&progress);
    free(opening);
    return err;
}
