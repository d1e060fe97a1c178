/* sycee bench ledger: durable transfers a second through the engine. */
#include "bench/bench_private.h"
#include "bench/bench_tool.h"
#include "command/terminal.h"

#include "base/check.h"
#include "db/outbox.h"
#include "ledger/recipe.h"
#include "sys/clock.h"
#include "sys/progress.h"
#include "sys/thread.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define START_MINOR INT64_C(100000000) /* 1,000,000.00 each */

struct options {
    const char *database;
    int64_t accounts, batch, seconds, clients;
    bool json, zipf, client_ids, rows;
};

struct run;

/* One request in flight: a batch of transfers, made durable together. */
struct request {
    struct engine_command command;
    struct run *run;
    struct ledger_transfer *transfers;
    struct client_id *ids;
    enum err *errs;
    int64_t started_us;
};

struct run {
    const struct options *options;
    struct bench_bank bank;
    struct chooser chooser;
    struct queue completed;
    struct request *requests;
    struct latencies latencies;
    uint64_t id_state;
    int64_t id_count;
    int64_t transfers, refused, failed;
};

DB_STMT(bench_order_insert,
        "INSERT INTO bench_orders (bucket, id, account_id, amount_minor, state, created_at)"
        " VALUES ($1, $2, $3, $4, 1, $5)");

static enum err domain_rows(struct uow *uow, const struct ledger_transfer *transfer)
{
    int bucket = id_bucket(transfer->debit.value);
    int64_t id = uow_id(uow, bucket);
    enum err err = db_defer(uow->conn, &bench_order_insert,
                            DB_ARGS(db_int(bucket), db_int(id), db_int(transfer->debit.value),
                                    db_int(transfer->amount_minor), db_int(uow->now_us)),
                            1);
    struct outbox_message message = {.id = id,
                                     .topic = "bench.order",
                                     .ref_id = id,
                                     .body = "{\"state\":\"paid\"}",
                                     .created_at = uow->now_us,
                                     .next_at = uow->now_us};
    return err ? err : outbox_put(uow->conn, &message);
}

static enum err bench_ledger_post(struct uow *uow, void *context)
{
    struct request *request = context;
    const struct options *options = request->run->options;
    struct journal_draft draft = {.recipe = RECIPE_BULK,
                                  .recipe_version = 1,
                                  .booking_date = uow->business_date,
                                  .value_date = uow->business_date,
                                  .transfers = request->transfers,
                                  .count = 1};
    if (options->rows) {
        struct journal_result result;
        enum err err = domain_rows(uow, request->transfers);
        request->errs[0] = ERR_OK;
        return err ? err : ledger_post(uow->ledger, &draft, &result);
    }
    return ledger_post_many(uow->ledger, &draft, request->transfers,
                            options->client_ids ? request->ids : NULL, (size_t)options->batch,
                            request->errs);
}

static void bench_ledger_completed(struct engine_command *command, enum err err)
{
    (void)err;
    struct request *request = command->context;
    CHECK(queue_put(&request->run->completed, request, -1) == ERR_OK);
}

/* UUIDv7: milliseconds, then a counter, then randomness. */
static struct client_id next_id(struct run *run, int64_t now_us)
{
    struct client_id id;
    uint64_t ms = (uint64_t)now_us / 1000;
    for (int i = 0; i < 6; i++) {
        id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    }
    uint64_t random = bench_random(&run->id_state);
    uint64_t counter = (uint64_t)run->id_count++;
    id.bytes[6] = (uint8_t)(0x70 | (counter >> 20 & 0x0f));
    id.bytes[7] = (uint8_t)(counter >> 12);
    id.bytes[8] = (uint8_t)(0x80 | (counter >> 6 & 0x3f));
    id.bytes[9] = (uint8_t)counter;
    memcpy(id.bytes + 10, &random, 6);
    return id;
}

static void bench_ledger_fill(struct run *run, struct request *request)
{
    int64_t now_us = clock_now_us(clock_system());
    for (int64_t i = 0; i < run->options->batch; i++) {
        int64_t debit = chooser_next(&run->chooser);
        int64_t credit = chooser_next(&run->chooser);
        credit = credit == debit ? (credit + 1) % run->options->accounts : credit;
        request->transfers[i] =
            (struct ledger_transfer){bench_account(debit), bench_account(credit),
                                     (int64_t)(bench_random(&run->chooser.state) % 10000) + 1};
        if (run->options->client_ids) {
            request->ids[i] = next_id(run, now_us);
        }
    }
}

static void bench_ledger_submit(struct run *run, struct request *request)
{
    request->started_us = clock_monotonic_us();
    request->command = (struct engine_command){.work = bench_ledger_post,
                                               .done = bench_ledger_completed,
                                               .context = request,
                                               .repeatable = false};
    engine_submit(run->bank.engine, &request->command);
}

static void count_answers(struct run *run, struct request *request)
{
    latencies_add(&run->latencies, clock_monotonic_us() - request->started_us);
    for (int64_t i = 0; i < run->options->batch; i++) {
        if (request->command.err) {
            run->failed++;
        } else if (request->errs[i]) {
            run->refused++;
        } else {
            run->transfers++;
        }
    }
}

static enum err make_requests(struct run *run)
{
    size_t clients = (size_t)run->options->clients;
    size_t batch = (size_t)run->options->batch;
    run->requests = calloc(clients, sizeof *run->requests);
    CHECK(run->requests != NULL);
    for (size_t i = 0; i < clients; i++) {
        run->requests[i] =
            (struct request){.run = run,
                             .transfers = calloc(batch, sizeof(struct ledger_transfer)),
                             .ids = calloc(batch, sizeof(struct client_id)),
                             .errs = calloc(batch, sizeof(enum err))};
        CHECK(run->requests[i].transfers && run->requests[i].ids && run->requests[i].errs);
    }
    return queue_init(&run->completed, clients + 1);
}

static int64_t bench_ledger_drive(struct run *run)
{
    struct progress progress;
    progress_start(&progress, "transfers", 0, LANG_EN);
    int64_t started = clock_monotonic_us();
    int64_t end = started + run->options->seconds * 1000000;
    int64_t in_flight = run->options->clients;
    for (int64_t i = 0; i < in_flight; i++) {
        bench_ledger_fill(run, &run->requests[i]);
        bench_ledger_submit(run, &run->requests[i]);
    }
    while (in_flight > 0) {
        void *items[64];
        size_t count = queue_take(&run->completed, items, 64, -1);
        for (size_t i = 0; i < count; i++) {
            struct request *request = items[i];
            count_answers(run, request);
            if (clock_monotonic_us() < end) {
                bench_ledger_fill(run, request);
                bench_ledger_submit(run, request);
            } else {
                in_flight--;
            }
        }
        progress_update(&progress, run->transfers);
    }
    progress_finish(&progress);
    return clock_monotonic_us() - started;
}

static void bench_ledger_print(struct run *run, int64_t elapsed_us, int64_t bytes,
                               struct ledger_memory memory)
{
    double per_second = (double)run->transfers * 1e6 / (double)elapsed_us;
    int64_t p50 = latencies_percentile(&run->latencies, 50);
    int64_t p99 = latencies_percentile(&run->latencies, 99);
    double transfer_bytes = run->transfers ? (double)bytes / (double)run->transfers : 0;
    double account_bytes =
        memory.account_count ? (double)memory.bytes / (double)memory.account_count : 0;
    if (run->options->json) {
        printf("{\"transfers_per_s\":%.0f,\"p50_us\":%lld,\"p99_us\":%lld,"
               "\"bytes_per_transfer\":%.1f,\"bytes_per_account\":%.1f,\"transfers\":%lld,"
               "\"refused\":%lld,\"failed\":%lld,\"accounts\":%lld,\"batch\":%lld,"
               "\"clients\":%lld,\"seconds\":%.3f,\"distribution\":\"%s\"}\n",
               per_second, (long long)p50, (long long)p99, transfer_bytes, account_bytes,
               (long long)run->transfers, (long long)run->refused, (long long)run->failed,
               (long long)run->options->accounts, (long long)run->options->batch,
               (long long)run->options->clients, (double)elapsed_us / 1e6,
               run->options->zipf ? "zipf" : "uniform");
        return;
    }
    printf("%.0f transfers/s, durable; answer after %lld us (median), %lld us (99 of 100)\n",
           per_second, (long long)p50, (long long)p99);
    printf("%.1f bytes of disk a transfer, %.1f bytes of memory an account\n", transfer_bytes,
           account_bytes);
    printf("%lld posted, %lld refused, %lld failed\n", (long long)run->transfers,
           (long long)run->refused, (long long)run->failed);
}

static enum err orders_table(struct bench_bank *bank)
{
    struct db_conn *conn;
    enum err err = db_connect(engine_db(bank->engine), DB_READ_WRITE, &conn);
    if (!err) {
        err = db_script(conn,
                        "CREATE TABLE bench_orders (bucket INTEGER NOT NULL, id BIGINT NOT NULL,"
                        " account_id BIGINT NOT NULL, amount_minor BIGINT NOT NULL,"
                        " state INTEGER NOT NULL, created_at BIGINT NOT NULL,"
                        " PRIMARY KEY (bucket, id));"
                        "CREATE INDEX bench_orders_account ON bench_orders (bucket, account_id)");
        db_disconnect(conn);
    }
    return err;
}

static int bench_ledger_measure(const struct options *options)
{
    struct run run = {.options = options, .id_state = 7};
    enum err err = bench_bank_open(&run.bank, options->database);
    err = err ? err : bench_accounts(&run.bank, options->accounts, START_MINOR);
    err = err || !options->rows ? err : orders_table(&run.bank);
    err = err ? err : bench_bank_reopen(&run.bank);
    err = err ? err : make_requests(&run);
    if (err) {
        bench_bank_close(&run.bank);
        return terminal_fail("bench ledger", err);
    }
    chooser_init(&run.chooser, options->accounts, options->zipf, 42);
    int64_t before = bench_bank_bytes(&run.bank);
    int64_t elapsed = bench_ledger_drive(&run);
    struct ledger_memory memory = ledger_memory(engine_ledger(run.bank.engine));
    err = bench_bank_reopen(&run.bank);
    bench_ledger_print(&run, elapsed, bench_bank_bytes(&run.bank) - before, memory);
    bench_bank_close(&run.bank);
    for (int64_t i = 0; i < options->clients; i++) {
        free(run.requests[i].transfers);
        free(run.requests[i].ids);
        free(run.requests[i].errs);
    }
    free(run.requests);
    queue_release(&run.completed);
    latencies_release(&run.latencies);
    return err ? terminal_fail("bench ledger: start again", err) : run.failed ? EX_SOFTWARE : 0;
}

enum { OPT_ZIPF = 256, OPT_IDS, OPT_ROWS };
static const struct argp_option option_rows[] = {
    {"accounts", 'a', "N", 0, "accounts to choose from (default 1,000,000)", 0},
    {"batch", 'b', "N", 0, "transfers made durable together (default 8190)", 0},
    {"clients", 'c', "N", 0, "requests in flight (default 2)", 0},
    {"seconds", 's', "N", 0, "length of the run (default 5)", 0},
    {"database", 'd', "URL", 0, "an empty database (default: a new SQLite file)", 0},
    {"zipf", OPT_ZIPF, NULL, 0, "choose accounts by Zipf's law instead of evenly", 0},
    {"client-ids", OPT_IDS, NULL, 0, "every transfer brings its own id, kept for ever", 0},
    {"rows", OPT_ROWS, NULL, 0, "with batch 1: an order row and an outbox row beside each", 0},
    {"json", 'j', NULL, 0, "print one JSON object", 0},
    {0}};

static int64_t bench_ledger_number(const char *text, int64_t max, struct argp_state *state)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    if (*end != '\0' || value < 1 || value > max) {
        argp_error(state, "\"%s\" is not a number from 1 to %lld", text, (long long)max);
    }
    return value;
}

static error_t bench_ledger_parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'a':
        options->accounts = bench_ledger_number(arg, 100000000, state);
        return 0;
    case 'b':
        options->batch = bench_ledger_number(arg, 8190, state);
        return 0;
    case 'c':
        options->clients = bench_ledger_number(arg, 4096, state);
        return 0;
    case 's':
        options->seconds = bench_ledger_number(arg, 3600, state);
        return 0;
    case 'd':
        options->database = arg;
        return 0;
    case OPT_ZIPF:
        options->zipf = true;
        return 0;
    case OPT_IDS:
        options->client_ids = true;
        return 0;
    case OPT_ROWS:
        options->rows = true;
        return 0;
    case 'j':
        options->json = true;
        return 0;
    case ARGP_KEY_END:
        if (options->rows && options->batch != 1) {
            argp_error(state, "--rows goes with --batch 1");
        }
        if (options->accounts < 2) {
            argp_error(state, "a transfer needs two accounts");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int bench_ledger_command(int argc, char **argv)
{
    static const struct argp argp = {
        option_rows,
        bench_ledger_parse,
        NULL,
        "Posts transfers as fast as it can for some seconds and prints what it measured: durable "
        "transfers a second, the time of one answer, disk and memory used.",
        NULL,
        NULL,
        NULL};
    struct options options = {.accounts = 1000000, .batch = 8190, .seconds = 5, .clients = 2};
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    return bench_ledger_measure(&options);
}
