/*
 * sycee ledger storm: the load of the crash test (tests/fault/kill_ledger). Posts transfers, each
 * with an id of its own; writes the id to FILE.sent before it is sent and to FILE after it was
 * answered. Started again it first repeats what was sent and not answered, as a client would. What
 * an id stands for follows from the id, so a later look can tell what must be there. One id in four
 * stands for the life of a hold: placed, captured in part, captured in part again with the rest given
 * back, each step a command of its own under an id of its own.
 */
#include "replay/replay_private.h"

#include "base/check.h"
#include "base/str.h"
#include "bench/bench_tool.h"
#include "command/migrate.h"
#include "command/terminal.h"

#include <argp.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define RECORD_SIZE 33 /* 32 digits and a newline */
#define NEWEST      65536
#define START_MINOR INT64_C(100000000)

struct options {
    const char *database, *acks;
    int64_t clients, accounts, seconds;
    bool verify;
};

struct sending {
    struct engine_command command;
    struct storm *storm;
    struct client_id id;
    enum { STEP_HOLD, STEP_PART, STEP_LAST } step; /* of a held one */
    struct hold_id hold;
    struct journal_result result;
};

struct storm {
    const struct options *options;
    struct bench_bank bank;
    struct queue completed;
    struct sending *sendings;
    int acks, sent;
    uint64_t random;
    struct client_id *again; /* sent by an earlier run, not answered */
    size_t again_count;
};

/* The object behind an id: the same for every run. */
static int64_t ref_of(const struct client_id *id)
{
    uint64_t value;
    memcpy(&value, id->bytes + 8, sizeof value);
    return (int64_t)(value >> 1) | 1;
}

static struct ledger_transfer transfer_of(const struct client_id *id, int64_t accounts)
{
    uint64_t state = (uint64_t)ref_of(id);
    int64_t debit = (int64_t)(bench_random(&state) % (uint64_t)accounts);
    int64_t step = 1 + (int64_t)(bench_random(&state) % (uint64_t)(accounts - 1));
    return (struct ledger_transfer){bench_account(debit), bench_account((debit + step) % accounts),
                                    1 + (int64_t)(bench_random(&state) % 100)};
}

static bool is_held(const struct client_id *id)
{
    return ref_of(id) % 8 == 1;
}

/* A third of the hold moves with each part; the last third goes back. */
static enum err post_step(struct uow *uow, struct sending *sending,
                          const struct ledger_transfer *third)
{
    struct client_id id = sending->id;
    id.bytes[7] ^= (uint8_t)sending->step;
    struct hold_draft draft = {.client_id = id,
                               .recipe = RECIPE_WITHDRAWAL,
                               .recipe_version = recipe_version(RECIPE_WITHDRAWAL),
                               .booking_date = uow->business_date,
                               .ref_id = ref_of(&sending->id),
                               .transfer = *third};
    draft.transfer.amount_minor *= 3;
    if (sending->step == STEP_HOLD) {
        return ledger_hold(uow->ledger, &draft, &sending->result);
    }
    struct recipe_end end = {.recipe = RECIPE_WITHDRAWAL,
                             .hold = sending->hold,
                             .booking_date = uow->business_date,
                             .ref_id = ref_of(&sending->id),
                             .client_id = id};
    return recipe_capture_part(uow->ledger, &end, (struct money){third->amount_minor, CCY_CNY},
                               sending->step == STEP_LAST ? REST_RELEASED : REST_STAYS_HELD,
                               &sending->result);
}

static enum err replay_storm_post(struct uow *uow, void *context)
{
    struct sending *sending = context;
    struct ledger_transfer transfer = transfer_of(&sending->id, sending->storm->options->accounts);
    if (is_held(&sending->id)) {
        return post_step(uow, sending, &transfer);
    }
    struct journal_draft draft = {.client_id = sending->id,
                                  .recipe = RECIPE_BULK,
                                  .recipe_version = recipe_version(RECIPE_BULK),
                                  .booking_date = uow->business_date,
                                  .value_date = uow->business_date,
                                  .ref_id = ref_of(&sending->id),
                                  .transfers = &transfer,
                                  .count = 1};
    return ledger_post(uow->ledger, &draft, &sending->result);
}

static void replay_storm_record(int file, const struct client_id *id)
{
    char text[RECORD_SIZE + 1];
    str_to_hex(id->bytes, sizeof id->bytes, text);
    text[RECORD_SIZE - 1] = '\n';
    CHECK(write(file, text, RECORD_SIZE) == RECORD_SIZE);
}

static void replay_storm_completed(struct engine_command *command, enum err err)
{
    (void)err;
    struct sending *sending = command->context;
    CHECK(queue_put(&sending->storm->completed, sending, -1) == ERR_OK);
}

static void next_id(struct storm *storm, struct client_id *out)
{
    uint64_t ms = (uint64_t)clock_now_us(clock_system()) / 1000;
    uint64_t high = bench_random(&storm->random);
    uint64_t low = bench_random(&storm->random);
    for (int i = 0; i < 6; i++) {
        out->bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    }
    memcpy(out->bytes + 6, &high, 2);
    memcpy(out->bytes + 8, &low, 8);
    out->bytes[6] = (uint8_t)(0x70 | (out->bytes[6] & 0x0f));
}

static void replay_storm_submit(struct storm *storm, struct sending *sending)
{
    sending->command = (struct engine_command){.work = replay_storm_post,
                                               .done = replay_storm_completed,
                                               .context = sending,
                                               .repeatable = true};
    engine_submit(storm->bank.engine, &sending->command);
}

static void send_new(struct storm *storm, struct sending *sending)
{
    if (storm->again_count > 0) {
        sending->id = storm->again[--storm->again_count];
    } else {
        next_id(storm, &sending->id);
    }
    sending->step = STEP_HOLD;
    replay_storm_record(storm->sent, &sending->id);
    replay_storm_submit(storm, sending);
}

/* --- the files -------------------------------------------------------------------------------- */

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct client_id));
}

/* The newest ids of a file (0: all), sorted. A last line cut short is left out. */
static struct client_id *read_ids(const char *path, long newest, size_t *out_count)
{
    FILE *file = fopen(path, "re");
    char line[RECORD_SIZE + 2];
    size_t capacity = 1024;
    struct client_id *ids = calloc(capacity, sizeof *ids);
    *out_count = 0;
    if (file != NULL && newest > 0 && fseek(file, 0, SEEK_END) == 0) {
        long records = ftell(file) / RECORD_SIZE;
        long first = records > newest ? records - newest : 0;
        CHECK(fseek(file, first * RECORD_SIZE, SEEK_SET) == 0);
    }
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (*out_count == capacity) {
            capacity *= 2;
            void *grown = realloc(ids, capacity * sizeof *ids);
            CHECK(grown != NULL);
            ids = grown;
        }
        CHECK(ids != NULL);
        *out_count += str_from_hex(line, ids[*out_count].bytes, sizeof ids->bytes) ? 1 : 0;
    }
    if (file != NULL) {
        fclose(file);
    }
    qsort(ids, *out_count, sizeof *ids, by_bytes);
    return ids;
}

/* What is unanswered was in flight at the kill, so it stands near the end of the file; what is sent
 * again is written again. */
static void find_unanswered(struct storm *storm, const char *sent_path)
{
    size_t ack_count;
    struct client_id *acks = read_ids(storm->options->acks, 2 * NEWEST, &ack_count);
    size_t sent_count;
    storm->again = read_ids(sent_path, NEWEST, &sent_count);
    for (size_t i = 0; i < sent_count; i++) {
        if (bsearch(&storm->again[i], acks, ack_count, sizeof *acks, by_bytes) == NULL) {
            storm->again[storm->again_count++] = storm->again[i];
        }
    }
    free(acks);
}

/* --- the run ---------------------------------------------------------------------------------- */

static enum err open_bank(struct storm *storm)
{
    enum err err = bench_bank_open(&storm->bank, storm->options->database);
    struct ledger_account state;
    struct db_conn *conn;
    err = err ? err : engine_read_begin(storm->bank.engine, &conn);
    if (err) {
        return err;
    }
    struct account_id last = bench_account(storm->options->accounts - 1);
    err = ledger_account_load(engine_ledger(storm->bank.engine), conn, last, &state);
    engine_read_end(storm->bank.engine, conn);
    return err == ERR_LEDGER_ACCOUNT
               ? bench_accounts(&storm->bank, storm->options->accounts, START_MINOR)
               : err;
}

static void next_step(struct storm *storm, struct sending *sending)
{
    if (sending->step == STEP_HOLD) {
        sending->hold.value = sending->result.id.value;
        sending->step = STEP_PART;
    } else {
        sending->step = STEP_LAST;
    }
    replay_storm_submit(storm, sending);
}

static void replay_storm_drive(struct storm *storm)
{
    int64_t end = clock_monotonic_us() + storm->options->seconds * 1000000;
    int64_t in_flight = storm->options->clients;
    for (int64_t i = 0; i < in_flight; i++) {
        storm->sendings[i].storm = storm;
        send_new(storm, &storm->sendings[i]);
    }
    while (in_flight > 0) {
        void *items[64];
        size_t count = queue_take(&storm->completed, items, 64, -1);
        for (size_t i = 0; i < count; i++) {
            struct sending *sending = items[i];
            if (sending->command.err && err_is_retryable(sending->command.err)) {
                thread_sleep_us(1000);
                replay_storm_submit(storm, sending); /* the fate is unknown: the same id again */
                continue;
            }
            CHECK(sending->command.err == ERR_OK);
            if (is_held(&sending->id) && sending->step != STEP_LAST) {
                next_step(storm, sending);
                continue;
            }
            replay_storm_record(storm->acks, &sending->id);
            if (clock_monotonic_us() < end) {
                send_new(storm, sending);
            } else {
                in_flight--;
            }
        }
    }
}

static int replay_storm_run(struct storm *storm)
{
    char sent_path[512];
    int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
    snprintf(sent_path, sizeof sent_path, "%s.sent", storm->options->acks);
    find_unanswered(storm, sent_path);
    storm->acks = open(storm->options->acks, flags, 0600);
    storm->sent = open(sent_path, flags, 0600);
    storm->sendings = calloc((size_t)storm->options->clients, sizeof *storm->sendings);
    CHECK(storm->acks >= 0 && storm->sent >= 0 && storm->sendings != NULL);
    storm->random = (uint64_t)clock_now_us(clock_system()) ^ (uint64_t)getpid() << 40;
    enum err err = queue_init(&storm->completed, (size_t)storm->options->clients + 1);
    err = err ? err : open_bank(storm);
    if (!err) {
        replay_storm_drive(storm);
        queue_release(&storm->completed);
    }
    bench_bank_close(&storm->bank);
    close(storm->acks);
    close(storm->sent);
    free(storm->again);
    free(storm->sendings);
    return err ? terminal_fail("ledger storm", err) : 0;
}

/* --- the look afterwards ---------------------------------------------------------------------- */

struct refs {
    int64_t *rows;
    size_t count, capacity;
};
/* What each id left: its posting, or the end of its hold; beside them the parts that were captured. */
struct found {
    struct refs ends, parts;
};

static bool replay_storm_collect(const struct ledger_line *line, void *context)
{
    struct found *found = context;
    struct refs *refs = line->kind == LEDGER_CAPTURE ? &found->parts : &found->ends;
    if (line->ref_id == 0 || line->kind == LEDGER_HOLD) {
        return true;
    }
    if (refs->count == refs->capacity) {
        refs->capacity = refs->capacity ? refs->capacity * 2 : 4096;
        refs->rows = realloc(refs->rows, refs->capacity * sizeof *refs->rows);
        CHECK(refs->rows != NULL);
    }
    refs->rows[refs->count++] = line->ref_id;
    return true;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Parts of a hold that are more than two, or missing where its end was answered. */
static int64_t wrong_parts(const struct client_id *acks, size_t ack_count, struct refs *parts)
{
    int64_t wrong = 0;
    int64_t held = 0;
    qsort(parts->rows, parts->count, sizeof *parts->rows, by_value);
    for (size_t i = 2; i < parts->count; i++) {
        wrong += parts->rows[i] == parts->rows[i - 2] ? 1 : 0;
    }
    for (size_t i = 0; i < ack_count; i++) {
        int64_t ref = ref_of(&acks[i]);
        const int64_t *at = bsearch(&ref, parts->rows, parts->count, sizeof ref, by_value);
        bool twice = at != NULL && ((at > parts->rows && at[-1] == ref) ||
                                    (at + 1 < parts->rows + parts->count && at[1] == ref));
        held += is_held(&acks[i]) ? 1 : 0;
        wrong += is_held(&acks[i]) && !twice ? 1 : 0;
    }
    CHECK(ack_count < 1000 || held > 0);
    return wrong;
}

static int replay_storm_report(struct storm *storm, struct found *found)
{
    struct refs *refs = &found->ends;
    size_t ack_count;
    struct client_id *acks = read_ids(storm->options->acks, 0, &ack_count);
    int64_t lost = 0;
    int64_t doubled = 0;
    qsort(refs->rows, refs->count, sizeof *refs->rows, by_value);
    for (size_t i = 1; i < refs->count; i++) {
        doubled += refs->rows[i] == refs->rows[i - 1] ? 1 : 0;
    }
    for (size_t i = 0; i < ack_count; i++) {
        int64_t ref = ref_of(&acks[i]);
        lost += bsearch(&ref, refs->rows, refs->count, sizeof ref, by_value) ? 0 : 1;
    }
    int64_t parts = wrong_parts(acks, ack_count, &found->parts);
    free(acks);
    json_t *books = replay_check(storm->bank.engine);
    bool sound = json_is_true(json_object_get(books, "ok"));
    char *text = json_dumps(books, JSON_COMPACT | JSON_PRESERVE_ORDER);
    printf("{\"acknowledged\":%zu,\"posted\":%zu,\"parts\":%zu,\"lost\":%lld,\"doubled\":%lld,"
           "\"wrongParts\":%lld,\"books\":%s}\n",
           ack_count, refs->count, found->parts.count, (long long)lost, (long long)doubled,
           (long long)parts, text);
    free(text);
    json_decref(books);
    return lost || doubled || parts || !sound ? 1 : 0;
}

static int replay_storm_verify(struct storm *storm)
{
    struct found found = {{0}, {0}};
    struct db_conn *conn;
    int code = 0;
    enum err err = bench_bank_open(&storm->bank, storm->options->database);
    err = err ? err : engine_read_begin(storm->bank.engine, &conn);
    if (!err) {
        err = ledger_transfers_after(conn, 0, replay_storm_collect, &found);
        engine_read_end(storm->bank.engine, conn);
    }
    if (!err) {
        code = replay_storm_report(storm, &found);
    }
    bench_bank_close(&storm->bank);
    free(found.ends.rows);
    free(found.parts.rows);
    return err ? terminal_fail("ledger storm", err) : code;
}

enum { OPT_VERIFY = 256 };
static const struct argp_option option_rows[] = {
    {"database", 'd', "URL", 0, "the database (migrated and filled at the first start)", 0},
    {"acks", 'f', "FILE", 0, "where answered ids are written", 0},
    {"clients", 'c', "N", 0, "transfers in flight (default 64)", 0},
    {"accounts", 'a', "N", 0, "accounts (default 1000)", 0},
    {"seconds", 's', "N", 0, "length of the run (default 3600)", 0},
    {"verify", OPT_VERIFY, NULL, 0, "count what is there instead, and check the books", 0},
    {0}};

static int64_t replay_storm_number(const char *text, int64_t min, int64_t max,
                                   struct argp_state *state)
{
    int64_t value;
    if (!str_to_int(text, &value) || value < min || value > max) {
        argp_error(state, "\"%s\" is not a number from %lld to %lld", text, (long long)min,
                   (long long)max);
    }
    return value;
}

static error_t replay_storm_parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'd':
        options->database = arg;
        return 0;
    case 'f':
        options->acks = arg;
        return 0;
    case 'c':
        options->clients = replay_storm_number(arg, 1, 4096, state);
        return 0;
    case 'a':
        options->accounts = replay_storm_number(arg, 2, 1000000, state);
        return 0;
    case 's':
        options->seconds = replay_storm_number(arg, 1, 86400, state);
        return 0;
    case OPT_VERIFY:
        options->verify = true;
        return 0;
    case ARGP_KEY_END:
        if (options->database == NULL || options->acks == NULL) {
            argp_error(state, "--database and --acks are needed");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int replay_storm_command(int argc, char **argv)
{
    static const struct argp argp = {
        option_rows, replay_storm_parse, NULL, "Load of the crash test.", NULL, NULL, NULL};
    struct options options = {.clients = 64, .accounts = 1000, .seconds = 3600};
    argp_err_exit_status = EX_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    struct storm storm = {.options = &options};
    return options.verify ? replay_storm_verify(&storm) : replay_storm_run(&storm);
}
