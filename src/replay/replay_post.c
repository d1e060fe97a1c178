/* Operations of a replay that change the books: read from a line, sent to the engine, answered. */
#include "replay/replay_private.h"

#include "base/json.h"

#include <string.h>

/* --- the engine's side ------------------------------------------------------------------------ */

static struct journal_draft draft_of(const struct uow *uow, const struct replay_change *change)
{
    return (struct journal_draft){.client_id = change->client_id,
                                  .recipe = RECIPE_BULK,
                                  .recipe_version = recipe_version(RECIPE_BULK),
                                  .booking_date = uow->business_date,
                                  .value_date = uow->business_date,
                                  .transfers = change->transfers,
                                  .count = change->count};
}

static enum err place_hold(struct uow *uow, struct replay_change *change)
{
    struct hold_draft draft = {.client_id = change->client_id,
                               .recipe = RECIPE_WITHDRAWAL,
                               .recipe_version = recipe_version(RECIPE_WITHDRAWAL),
                               .booking_date = uow->business_date,
                               .transfer = change->transfers[0],
                               .expires_at = change->expires_at};
    return ledger_hold(uow->ledger, &draft, &change->result);
}

static enum err end_hold(struct uow *uow, struct replay_change *change)
{
    struct hold_end end = change->end;
    end.client_id = change->client_id;
    end.recipe = RECIPE_WITHDRAWAL;
    end.recipe_version = recipe_version(RECIPE_WITHDRAWAL);
    end.booking_date = uow->business_date;
    return ledger_hold_end(uow->ledger, &end, &change->result);
}

static enum err replay_post_apply(struct uow *uow, struct replay_change *change)
{
    struct journal_draft draft = draft_of(uow, change);
    switch (change->kind) {
    case REPLAY_OPEN:
        return ledger_account_open(uow->ledger, &change->spec);
    case REPLAY_CLOSE:
        return ledger_account_close(uow->ledger, change->account);
    case REPLAY_JOURNAL:
        return ledger_post(uow->ledger, &draft, &change->result);
    case REPLAY_HOLD:
        return place_hold(uow, change);
    case REPLAY_END:
        return end_hold(uow, change);
    case REPLAY_REVERSE:
        return ledger_reverse(uow->ledger, change->journal, &draft, &change->result);
    }
    return ERR_INTERNAL;
}

static enum err replay_post_work(struct uow *uow, void *context)
{
    struct replay_change *change = context;
    change->result = (struct journal_result){0};
    change->err = replay_post_apply(uow, change);
    return change->err;
}

/* A refusal is kept with its id: the same answer for ever. */
static enum err replay_post_refused(struct uow *uow, void *context)
{
    struct replay_change *change = context;
    return ledger_refuse(uow->ledger, &change->client_id, &change->result, change->err);
}

static void replay_post_done(struct engine_command *command, enum err err)
{
    struct replay_change *change = command->context;
    change->err = err;
    semaphore_post(change->done, 1);
}

void replay_change_submit(struct replay_bank *bank, struct replay_change *change,
                          struct semaphore *finished)
{
    change->done = finished;
    change->command = (struct engine_command){.work = replay_post_work,
                                              .refused = replay_post_refused,
                                              .done = replay_post_done,
                                              .context = change,
                                              .repeatable = !client_id_is_none(&change->client_id)};
    engine_submit(bank->engine, &change->command);
}

/* --- reading a line --------------------------------------------------------------------------- */

struct op {
    const char *name;
    enum replay_kind kind;
    enum ledger_kind end;
    const char *members[10];
};
#define COMMON "op", "id", "as", "expect"
static const struct op ops[] = {
    {"openAccount", REPLAY_OPEN, 0, {"op", "expect", "account", "currency", "glCode"}},
    {"closeAccount", REPLAY_CLOSE, 0, {"op", "expect", "account"}},
    {"transfer", REPLAY_JOURNAL, 0, {COMMON, "debit", "credit", "amount"}},
    {"journal", REPLAY_JOURNAL, 0, {COMMON, "transfers"}},
    {"hold", REPLAY_HOLD, 0, {COMMON, "debit", "credit", "amount", "expiresInSeconds"}},
    {"capture", REPLAY_END, LEDGER_CAPTURE, {COMMON, "hold", "amount", "last"}},
    {"release", REPLAY_END, LEDGER_RELEASE, {COMMON, "hold"}},
    {"expire", REPLAY_END, LEDGER_EXPIRE, {COMMON, "hold"}},
    {"reverse", REPLAY_REVERSE, 0, {COMMON, "journal"}},
};

static const struct op *find_op(const char *name)
{
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        if (strcmp(ops[i].name, name) == 0) {
            return &ops[i];
        }
    }
    return NULL;
}

bool replay_is_change(const char *op)
{
    return find_op(op) != NULL;
}

static const char *read_open(struct replay_bank *bank, const json_t *line,
                             struct replay_change *out)
{
    const char *name;
    const char *code = "CNY";
    int64_t gl = GL_DEPOSITS_DEMAND;
    struct ccy ccy;
    if (json_get_text(line, "account", &name) != ERR_OK || strncmp(name, "gl:", 3) == 0) {
        return "\"account\" is the account's new name";
    }
    if ((json_has(line, "currency") && json_get_text(line, "currency", &code) != ERR_OK) ||
        ccy_parse(code, &ccy) != ERR_OK) {
        return "\"currency\" is a code of ISO 4217";
    }
    if (json_has(line, "glCode") &&
        (json_get_int(line, "glCode", &gl) != ERR_OK || gl < 0 || gl > UINT16_MAX)) {
        return "\"glCode\" is a code of the chart of accounts";
    }
    bool known = replay_find(&bank->accounts, name) != NULL;
    struct replay_name *row = replay_account(bank, name, ccy);
    if (row == NULL) {
        return "\"account\" is a name of 1 to 63 bytes, and there are 65536 at most";
    }
    row->ccy = known && row->ccy.code[0] ? row->ccy : ccy;
    out->spec = (struct ledger_account_spec){.id = {row->id}, .ccy = ccy, .gl_code = (uint16_t)gl};
    return NULL;
}

static const char *read_transfer(struct replay_bank *bank, const json_t *line,
                                 struct ledger_transfer *out)
{
    const char *debit;
    const char *credit;
    const char *text;
    if (json_get_text(line, "debit", &debit) != ERR_OK ||
        json_get_text(line, "credit", &credit) != ERR_OK) {
        return "\"debit\" and \"credit\" are names of accounts";
    }
    /* A bank's account takes the currency of the other side. */
    bool bank_debits = strncmp(debit, "gl:", 3) == 0;
    struct replay_name *first = replay_account(bank, bank_debits ? credit : debit, CCY_CNY);
    struct replay_name *second =
        first ? replay_account(bank, bank_debits ? debit : credit, first->ccy) : NULL;
    if (second == NULL) {
        return "this is no account: a name of 1 to 63 bytes, gl:1001 or gl:1001:USD";
    }
    struct ccy ccy = bank_debits ? second->ccy : first->ccy;
    struct money money;
    if (json_get_text(line, "amount", &text) != ERR_OK ||
        money_parse(text, ccy, &money) != ERR_OK) {
        return "\"amount\" is a decimal text such as \"12.34\" in the debit account's currency";
    }
    *out = (struct ledger_transfer){.debit = {bank_debits ? second->id : first->id},
                                    .credit = {bank_debits ? first->id : second->id},
                                    .amount_minor = money.minor};
    return NULL;
}

static const char *read_journal(struct replay_bank *bank, const json_t *line,
                                struct replay_change *out)
{
    json_t *transfers;
    if (!json_has(line, "transfers")) {
        out->count = 1;
        return read_transfer(bank, line, &out->transfers[0]);
    }
    if (json_get_array(line, "transfers", &transfers) != ERR_OK ||
        json_array_size(transfers) > LEDGER_LEGS_MAX + 1) {
        return "\"transfers\" is an array of at most 65 transfers";
    }
    out->count = json_array_size(transfers);
    for (size_t i = 0; i < out->count; i++) {
        const char *problem = read_transfer(bank, json_array_get(transfers, i), &out->transfers[i]);
        if (problem != NULL) {
            return problem;
        }
    }
    return NULL;
}

static const char *read_hold(struct replay_bank *bank, const json_t *line,
                             struct replay_change *out)
{
    int64_t seconds = 0;
    if (json_has(line, "expiresInSeconds") &&
        (json_get_int(line, "expiresInSeconds", &seconds) != ERR_OK || seconds <= 0 ||
         seconds > INT32_MAX)) {
        return "\"expiresInSeconds\" is a number of seconds";
    }
    if (seconds) {
        out->expires_at = clock_now_us(&bank->clock.clock) + seconds * 1000000;
    }
    return read_transfer(bank, line, &out->transfers[0]);
}

/* A journal's or hold's name, or its id in digits. */
static bool read_reference(struct replay_bank *bank, const json_t *line, const char *member,
                           int64_t *out)
{
    const char *text;
    if (json_get_text(line, member, &text) != ERR_OK) {
        return false;
    }
    const struct replay_name *row = replay_find(&bank->journals, text);
    if (row != NULL) {
        *out = row->id;
        return true;
    }
    return id_parse(text, out) == ERR_OK;
}

static const char *read_end(struct replay_bank *bank, const json_t *line, struct replay_change *out)
{
    if (!read_reference(bank, line, "hold", &out->end.hold.value)) {
        return "\"hold\" is the name that \"as\" gave to a hold, or its id";
    }
    if (json_has(line, "last") && json_get_bool(line, "last", &out->end.last) != ERR_OK) {
        return "\"last\" is true or false";
    }
    if (!json_has(line, "amount")) {
        return NULL;
    }
    const char *text;
    const char *of;
    struct money money;
    struct ccy ccy = CCY_CNY;
    if (json_get_text(line, "hold", &of) == ERR_OK) {
        const struct replay_name *row = replay_find(&bank->journals, of);
        ccy = row != NULL && row->ccy.code[0] != '\0' ? row->ccy : ccy;
    }
    if (json_get_text(line, "amount", &text) != ERR_OK ||
        money_parse(text, ccy, &money) != ERR_OK || money.minor == 0) {
        return "\"amount\" is a decimal text such as \"12.34\"; without it all that is left";
    }
    out->end.amount_minor = money.minor;
    return NULL;
}

static const char *read_body(struct replay_bank *bank, const json_t *line, const struct op *op,
                             struct replay_change *out)
{
    const char *name;
    switch (op->kind) {
    case REPLAY_OPEN:
        return read_open(bank, line, out);
    case REPLAY_CLOSE: {
        struct replay_name *row = NULL;
        if (json_get_text(line, "account", &name) == ERR_OK) {
            row = replay_account(bank, name, CCY_CNY);
        }
        out->account.value = row ? row->id : 0;
        return row ? NULL : "\"account\" is the name of an account";
    }
    case REPLAY_JOURNAL:
        return read_journal(bank, line, out);
    case REPLAY_HOLD:
        return read_hold(bank, line, out);
    case REPLAY_END:
        out->end.kind = op->end;
        return read_end(bank, line, out);
    case REPLAY_REVERSE:
        return read_reference(bank, line, "journal", &out->journal.value)
                   ? NULL
                   : "\"journal\" is the name that \"as\" gave to a journal, or its id";
    }
    return "unknown operation";
}

bool replay_change_read(struct replay_bank *bank, const json_t *line, struct replay_change *out,
                        const char **out_problem)
{
    const char *name = "";
    const char *id;
    (void)json_get_text(line, "op", &name);
    const struct op *op = find_op(name);
    *out = (struct replay_change){0};
    *out_problem = NULL;
    if (op == NULL) {
        *out_problem = "unknown operation; \"sycee ledger replay --help\" lists them";
        return false;
    }
    size_t members = 0;
    while (members < 10 && op->members[members] != NULL) {
        members++;
    }
    if (json_unknown_member(line, op->members, members) != NULL) {
        *out_problem = "a member that this operation does not have";
        return false;
    }
    out->kind = op->kind;
    if (json_has(line, "id") && (json_get_text(line, "id", &id) != ERR_OK ||
                                 replay_client_id(bank, id, &out->client_id) != ERR_OK)) {
        *out_problem = "\"id\" is a UUID or a short name";
    } else if (json_has(line, "as") && (json_get_text(line, "as", &out->as) != ERR_OK ||
                                        strlen(out->as) >= REPLAY_TEXT_MAX)) {
        *out_problem = "\"as\" is a short name";
    } else {
        *out_problem = read_body(bank, line, op, out);
    }
    return *out_problem == NULL;
}

/* --- the answer ------------------------------------------------------------------------------- */

json_t *replay_refusal(enum err err)
{
    json_t *result = json_object();
    json_object_set_new(result, "ok", json_false());
    json_object_set_new(result, "error", json_string(err_slug(err)));
    json_object_set_new(result, "text", json_string(err_text(err, LANG_EN)));
    return result;
}

static struct ccy ccy_of(const struct replay_bank *bank, int64_t account)
{
    for (size_t i = 0; i < bank->accounts.count; i++) {
        if (bank->accounts.rows[i].id == account) {
            return bank->accounts.rows[i].ccy;
        }
    }
    return CCY_CNY;
}

json_t *replay_change_result(struct replay_bank *bank, const struct replay_change *change)
{
    char text[REPLAY_TEXT_MAX];
    if (change->err) {
        return replay_refusal(change->err);
    }
    json_t *result = json_object();
    json_object_set_new(result, "ok", json_true());
    if (change->kind == REPLAY_OPEN || change->kind == REPLAY_CLOSE) {
        int64_t id = change->kind == REPLAY_OPEN ? change->spec.id.value : change->account.value;
        replay_account_text(bank, id, text);
        json_object_set_new(result, "account", json_string(text));
        return result;
    }
    if (change->as != NULL) {
        struct replay_name *row = replay_put(&bank->journals, change->as);
        if (row != NULL) {
            row->id = change->result.id.value;
            row->ccy = ccy_of(bank, change->transfers[0].debit.value);
        }
    }
    replay_journal_text(bank, change->result.id.value, text);
    json_object_set_new(result, change->kind == REPLAY_HOLD ? "hold" : "journal",
                        json_string(text));
    json_object_set_new(result, "replayed", json_boolean(change->result.replayed));
    return result;
}
