/* Operations of a replay that read, wait or stop: and the table that finds each by its name. */
#include "replay/replay_private.h"

#include "base/check.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#define HISTORY_MAX 1000

typedef json_t *run_op(struct replay_bank *bank, const json_t *line, const char **out_problem);

static json_t *replay_ops_good(void)
{
    json_t *result = json_object();
    json_object_set_new(result, "ok", json_true());
    return result;
}

static void set_instant(json_t *object, const char *name, int64_t instant_us)
{
    char text[INSTANT_TEXT_SIZE];
    instant_format(instant_us, text);
    json_object_set_new(object, name, json_string(text));
}

static json_t *account_name(const struct replay_bank *bank, int64_t id)
{
    char text[REPLAY_TEXT_MAX];
    replay_account_text(bank, id, text);
    return json_string(text);
}

static json_t *journal_name(const struct replay_bank *bank, int64_t id)
{
    char text[REPLAY_TEXT_MAX];
    replay_journal_text(bank, id, text);
    return json_string(text);
}

#define CLOCK_END_US INT64_C(3944678400000000) /* 2095-01-01; ids reach to September of that year */

/* --- clock and restart ------------------------------------------------------------------------ */

static json_t *run_clock(struct replay_bank *bank, const json_t *line, const char **out_problem)
{
    int64_t value;
    const char *text;
    bool is_instant =
        json_get_text(line, "at", &text) == ERR_OK && instant_parse(text, &value) == ERR_OK;
    if (!is_instant) {
        if (json_get_int(line, "advanceSeconds", &value) != ERR_OK || value < -INT32_MAX ||
            value > INT32_MAX) {
            *out_problem = "clock needs \"at\" (an instant, RFC 3339) or \"advanceSeconds\"";
            return NULL;
        }
        value = clock_now_us(&bank->clock.clock) + value * 1000000;
    }
    if (value / 1000 < ID_EPOCH_MS || value >= CLOCK_END_US) {
        *out_problem = "the clock of a bank stands between 2026-01-01 and 2095-01-01";
        return NULL;
    }
    clock_manual_set(&bank->clock, value);
    json_t *result = replay_ops_good();
    set_instant(result, "now", clock_now_us(&bank->clock.clock));
    return result;
}

static json_t *run_restart(struct replay_bank *bank, const json_t *line, const char **out_problem)
{
    (void)line;
    (void)out_problem;
    enum err err = replay_bank_restart(bank);
    return err ? replay_refusal(err) : replay_ops_good();
}

static json_t *run_check(struct replay_bank *bank, const json_t *line, const char **out_problem)
{
    (void)line;
    (void)out_problem;
    return replay_check(bank->engine);
}

/* --- look-ups --------------------------------------------------------------------------------- */

static void set_account(json_t *result, const struct ledger_account *a)
{
    struct ccy ccy = ccy_from_number(a->ccy_number);
    json_object_set_new(result, "currency", json_string(ccy.code));
    json_object_set_new(result, "glCode", json_integer(a->gl_code));
    json_object_set_new(result, "balance", replay_amount(ledger_balance(a), ccy));
    json_object_set_new(result, "available", replay_amount(ledger_available(a), ccy));
    json_object_set_new(result, "pendingDebits", replay_amount(a->debits_pending, ccy));
    json_object_set_new(result, "pendingCredits", replay_amount(a->credits_pending, ccy));
    json_object_set_new(result, "postings", json_integer(a->posting_count));
    json_object_set_new(result, "closed", json_boolean(a->closed));
}

static json_t *look_up_account(struct replay_bank *bank, const json_t *line,
                               const char **out_problem)
{
    const char *name;
    const char *at;
    struct replay_name *row = NULL;
    int64_t instant = 0;
    if (json_get_text(line, "account", &name) == ERR_OK) {
        row = replay_account(bank, name, CCY_CNY);
    }
    bool past = json_has(line, "at");
    if (row == NULL || (past && (json_get_text(line, "at", &at) != ERR_OK ||
                                 instant_parse(at, &instant) != ERR_OK))) {
        *out_problem = "\"account\" is an account's name, \"at\" an instant (RFC 3339)";
        return NULL;
    }
    struct ledger *ledger = engine_ledger(bank->engine);
    struct ledger_account state = {0};
    int64_t balance = 0;
    struct db_conn *conn;
    enum err err = engine_read_begin(bank->engine, &conn);
    if (err) {
        return replay_refusal(err);
    }
    struct account_id id = {row->id};
    err = ledger_account_load(ledger, conn, id, &state);
    if (!err && past) {
        err = ledger_balance_at(ledger, conn, id, instant, &balance);
    }
    engine_read_end(bank->engine, conn);
    if (err) {
        return replay_refusal(err);
    }
    json_t *result = replay_ops_good();
    json_object_set_new(result, "account", account_name(bank, row->id));
    if (past) {
        set_instant(result, "at", instant);
        json_object_set_new(result, "balance",
                            replay_amount(balance, ccy_from_number(state.ccy_number)));
    } else {
        set_account(result, &state);
    }
    return result;
}

static const char *kind_name(enum ledger_kind kind)
{
    static const char *const names[] = {"post", "hold", "capture", "release", "expire"};
    return names[kind];
}

static struct ccy line_ccy(const struct replay_bank *bank, int64_t account)
{
    for (size_t i = 0; i < bank->accounts.count; i++) {
        if (bank->accounts.rows[i].id == account) {
            return bank->accounts.rows[i].ccy;
        }
    }
    return CCY_CNY;
}

static bool journal_id_of(struct replay_bank *bank, const json_t *line, const char *member,
                          int64_t *out)
{
    const char *text;
    if (json_get_text(line, member, &text) != ERR_OK) {
        return false;
    }
    const struct replay_name *row = replay_find(&bank->journals, text);
    *out = row ? row->id : 0;
    return row != NULL || id_parse(text, out) == ERR_OK;
}

static json_t *look_up_journal(struct replay_bank *bank, const json_t *line,
                               const char **out_problem)
{
    struct ledger_line lines[LEDGER_LEGS_MAX];
    size_t count = 0;
    int64_t id;
    struct db_conn *conn;
    if (!journal_id_of(bank, line, "journal", &id)) {
        *out_problem = "\"journal\" is the name that \"as\" gave to a journal, or its id";
        return NULL;
    }
    enum err err = engine_read_begin(bank->engine, &conn);
    if (!err) {
        err = ledger_journal_load(conn, (struct journal_id){id}, lines, &count);
        engine_read_end(bank->engine, conn);
    }
    if (err) {
        return replay_refusal(err);
    }
    json_t *result = replay_ops_good();
    json_t *legs = json_array();
    json_object_set_new(result, "journal", journal_name(bank, id));
    json_object_set_new(result, "recipe", json_string(recipe_name((enum recipe)lines[0].recipe)));
    if (lines[0].of_id) {
        json_object_set_new(result, "of", journal_name(bank, lines[0].of_id));
    }
    for (size_t i = 0; i < count; i++) {
        json_t *leg = json_object();
        json_object_set_new(leg, "kind", json_string(kind_name(lines[i].kind)));
        json_object_set_new(leg, "debit", account_name(bank, lines[i].debit.value));
        json_object_set_new(leg, "credit", account_name(bank, lines[i].credit.value));
        json_object_set_new(
            leg, "amount",
            replay_amount(lines[i].amount_minor, line_ccy(bank, lines[i].debit.value)));
        json_array_append_new(legs, leg);
    }
    json_object_set_new(result, "legs", legs);
    return result;
}

struct hold_look_up {
    struct hold_id id;
    struct ledger_hold_row hold;
};

static enum err load_hold(struct uow *uow, void *context)
{
    struct hold_look_up *look_up = context;
    return ledger_hold_load(uow->ledger, look_up->id, &look_up->hold);
}

static json_t *look_up_hold(struct replay_bank *bank, const json_t *line, const char **out_problem)
{
    static const char *const states[] = {"", "open", "captured", "released", "expired"};
    struct hold_look_up look_up = {0};
    if (!journal_id_of(bank, line, "hold", &look_up.id.value)) {
        *out_problem = "\"hold\" is the name that \"as\" gave to a hold, or its id";
        return NULL;
    }
    enum err err = engine_run(bank->engine, load_hold, &look_up);
    if (err) {
        return replay_refusal(err);
    }
    const struct ledger_hold_row *hold = &look_up.hold;
    struct ccy ccy = line_ccy(bank, hold->debit.value);
    json_t *result = replay_ops_good();
    json_object_set_new(result, "hold", journal_name(bank, hold->id));
    json_object_set_new(result, "state", json_string(states[hold->state]));
    json_object_set_new(result, "debit", account_name(bank, hold->debit.value));
    json_object_set_new(result, "credit", account_name(bank, hold->credit.value));
    json_object_set_new(result, "amount", replay_amount(hold->amount_minor, ccy));
    json_object_set_new(result, "captured", replay_amount(hold->captured_minor, ccy));
    if (hold->expires_at) {
        set_instant(result, "expiresAt", hold->expires_at);
    }
    return result;
}

static json_t *run_look_up(struct replay_bank *bank, const json_t *line, const char **out_problem)
{
    if (json_has(line, "account")) {
        return look_up_account(bank, line, out_problem);
    }
    if (json_has(line, "journal")) {
        return look_up_journal(bank, line, out_problem);
    }
    if (json_has(line, "hold")) {
        return look_up_hold(bank, line, out_problem);
    }
    *out_problem = "lookUp needs \"account\", \"journal\" or \"hold\"";
    return NULL;
}

/* --- history ---------------------------------------------------------------------------------- */

struct walk {
    const struct replay_bank *bank;
    struct ccy ccy;
    json_t *lines;
    int64_t left;
};

static bool visit_line(const struct ledger_line *line, void *context)
{
    struct walk *walk = context;
    if (walk->left-- <= 0) {
        return false;
    }
    bool debit = line->side == LEDGER_DEBIT;
    json_t *row = json_object();
    json_object_set_new(row, "kind", json_string(kind_name(line->kind)));
    json_object_set_new(row, "side", json_string(debit ? "debit" : "credit"));
    json_object_set_new(row, "amount", replay_amount(line->amount_minor, walk->ccy));
    json_object_set_new(row, "balance", replay_amount(line->balance_minor, walk->ccy));
    json_object_set_new(row, "other",
                        account_name(walk->bank, debit ? line->credit.value : line->debit.value));
    json_object_set_new(row, "journal", journal_name(walk->bank, line->journal.value));
    set_instant(row, "at", line->created_at);
    json_array_append_new(walk->lines, row);
    return true;
}

static json_t *run_history(struct replay_bank *bank, const json_t *line, const char **out_problem)
{
    const char *name;
    struct walk walk = {.bank = bank, .left = 50};
    struct replay_name *row = NULL;
    if (json_get_text(line, "account", &name) == ERR_OK) {
        row = replay_account(bank, name, CCY_CNY);
    }
    if (row == NULL ||
        (json_has(line, "limit") && (json_get_int(line, "limit", &walk.left) != ERR_OK ||
                                     walk.left < 1 || walk.left > HISTORY_MAX))) {
        *out_problem = "\"account\" is an account's name, \"limit\" a number from 1 to 1000";
        return NULL;
    }
    struct db_conn *conn;
    walk.ccy = row->ccy;
    walk.lines = json_array();
    enum err err = engine_read_begin(bank->engine, &conn);
    if (!err) {
        err = ledger_history(engine_ledger(bank->engine), conn, (struct account_id){row->id}, 0,
                             visit_line, &walk);
        engine_read_end(bank->engine, conn);
    }
    if (err) {
        json_decref(walk.lines);
        return replay_refusal(err);
    }
    json_t *result = replay_ops_good();
    json_object_set_new(result, "account", account_name(bank, row->id));
    json_object_set_new(result, "lines", walk.lines);
    return result;
}

/* --- race ------------------------------------------------------------------------------------- */

/* How many answers there were of each kind: "ok", or the refusal's name. */
static void count_answer(json_t *counts, const char *name)
{
    json_int_t before = json_integer_value(json_object_get(counts, name));
    json_object_set_new(counts, name, json_integer(before + 1));
}

static json_t *race_result(struct replay_bank *bank, struct replay_change *changes, size_t count)
{
    json_t *result = replay_ops_good();
    json_t *errors = json_object();
    json_t *results = json_array();
    int64_t well = 0;
    int64_t replayed = 0;
    for (size_t i = 0; i < count; i++) {
        well += changes[i].err ? 0 : 1;
        replayed += !changes[i].err && changes[i].result.replayed ? 1 : 0;
        if (changes[i].err) {
            count_answer(errors, err_slug(changes[i].err));
        }
        json_array_append_new(results, replay_change_result(bank, &changes[i]));
    }
    json_object_set_new(result, "okCount", json_integer(well));
    json_object_set_new(result, "replayedCount", json_integer(replayed));
    json_object_set_new(result, "errors", errors);
    json_object_set_new(result, "results", results);
    return result;
}

/* The operations that can be raced. NULL as above. */
static json_t *replay_race(struct replay_bank *bank, const json_t *line, const char **out_problem)
{
    json_t *of;
    int64_t times = 1;
    if (json_get_array(line, "of", &of) != ERR_OK || json_array_size(of) == 0 ||
        (json_has(line, "times") && json_get_int(line, "times", &times) != ERR_OK) || times < 1 ||
        times > REPLAY_RACE_MAX || (int64_t)json_array_size(of) > REPLAY_RACE_MAX / times) {
        *out_problem = "race needs \"of\", a list of operations, 64 at most in all";
        return NULL;
    }
    size_t count = json_array_size(of) * (size_t)times;
    struct replay_change *changes = calloc(count, sizeof *changes);
    CHECK(changes != NULL);
    for (size_t i = 0; i < count; i++) {
        const json_t *op = json_array_get(of, i % json_array_size(of));
        if (!replay_change_read(bank, op, &changes[i], out_problem)) {
            free(changes);
            return NULL;
        }
    }
    struct semaphore finished;
    semaphore_init(&finished, 0);
    for (size_t i = 0; i < count; i++) {
        replay_change_submit(bank, &changes[i], &finished);
    }
    for (size_t i = 0; i < count; i++) {
        (void)semaphore_wait(&finished, -1);
    }
    semaphore_release(&finished);
    json_t *result = race_result(bank, changes, count);
    free(changes);
    return result;
}

static json_t *run_change(struct replay_bank *bank, const json_t *line, const char **out_problem)
{
    struct replay_change change;
    if (!replay_change_read(bank, line, &change, out_problem)) {
        return NULL;
    }
    struct semaphore finished;
    semaphore_init(&finished, 0);
    replay_change_submit(bank, &change, &finished);
    (void)semaphore_wait(&finished, -1);
    semaphore_release(&finished);
    return replay_change_result(bank, &change);
}

/* --- trial balance: replay_check.c gathers it; the table -------------------------------------- */

static json_t *run_trial_balance(struct replay_bank *bank, const json_t *line,
                                 const char **out_problem)
{
    (void)line;
    (void)out_problem;
    return replay_trial_balance(bank->engine);
}

static const struct {
    const char *name;
    run_op *run;
    const char *members[5];
} reading_ops[] = {
    {"clock", run_clock, {"op", "expect", "at", "advanceSeconds"}},
    {"lookUp", run_look_up, {"op", "expect", "account", "at", NULL}},
    {"lookUp", run_look_up, {"op", "expect", "journal"}},
    {"lookUp", run_look_up, {"op", "expect", "hold"}},
    {"history", run_history, {"op", "expect", "account", "limit"}},
    {"trialBalance", run_trial_balance, {"op", "expect"}},
    {"restart", run_restart, {"op", "expect"}},
    {"race", replay_race, {"op", "expect", "of", "times"}},
    {"check", run_check, {"op", "expect"}},
};

json_t *replay_run(struct replay_bank *bank, const json_t *line, const char **out_problem)
{
    const char *name = "";
    bool known = false;
    *out_problem = NULL;
    if (json_get_text(line, "op", &name) != ERR_OK) {
        *out_problem = "a line is an object with \"op\", the name of an operation";
        return NULL;
    }
    if (replay_is_change(name)) {
        return run_change(bank, line, out_problem);
    }
    for (size_t i = 0; i < sizeof reading_ops / sizeof reading_ops[0]; i++) {
        size_t members = 0;
        while (members < 5 && reading_ops[i].members[members] != NULL) {
            members++;
        }
        if (strcmp(reading_ops[i].name, name) == 0) {
            known = true;
            if (json_unknown_member(line, reading_ops[i].members, members) == NULL) {
                return reading_ops[i].run(bank, line, out_problem);
            }
        }
    }
    *out_problem = known ? "a member that this operation does not have"
                         : "unknown operation; \"sycee ledger replay --help\" lists them";
    return NULL;
}
