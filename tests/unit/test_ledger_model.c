/*
 * The ledger against a model of plain arrays: one seeded stream of operations, on both engines,
 * with restarts in between. After every operation the answer, and every few the states, must be
 * the model's; since the model has no engine, both engines answer alike.
 */
#include "ledger_fixture.h"

#define ACCOUNTS 8 /* 0..5 customers, 6 and 7 the bank's */
#define LEGS     4
#define PAST_MAX 4000
#define STEPS    3000

struct leg {
    int debit, credit;
    int64_t amount;
};
struct balance {
    int64_t debits, credits, debits_pending, credits_pending;
};
enum what { POST, HOLD, END, REVERSE, WHATS };

/* A request and its answer: repeated later under its client id. */
struct request {
    enum what what;
    struct leg legs[LEGS];
    int count;
    int of; /* place of the hold or journal */
    enum ledger_kind end;
    int64_t amount;
    bool last;
    int64_t expires_at;
    struct client_id client;
    enum err err;
    int64_t id;
    /* what became of it */
    int64_t captured;
    enum hold_state state;
    bool reversed;
};

struct model {
    struct books books;
    struct balance balances[ACCOUNTS];
    struct request past[PAST_MAX];
    int count;
    uint64_t random;
};

static uint64_t chance(struct model *m, uint64_t below)
{
    m->random += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = m->random;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (z ^ (z >> 31)) % below;
}

static struct account_id account(int number)
{
    return number < 6 ? books_account(number)
                      : ledger_internal_account(number == 6 ? GL_RESERVE : GL_CLEARING_PAYABLE,
                                                CCY_CNY, number);
}

/* --- the model's own rules ---------------------------------------------------------------------- */

static void move(struct balance *balances, const struct leg *leg, int64_t posted, int64_t pending)
{
    balances[leg->debit].debits += posted;
    balances[leg->credit].credits += posted;
    balances[leg->debit].debits_pending += pending;
    balances[leg->credit].credits_pending += pending;
}

static bool overdrawn(const struct balance *balances)
{
    for (int i = 0; i < 6; i++) {
        if (balances[i].debits + balances[i].debits_pending > balances[i].credits) {
            return true;
        }
    }
    return false;
}

static enum err model_legs(struct model *m, const struct leg *legs, int count, bool pending)
{
    struct balance after[ACCOUNTS];
    memcpy(after, m->balances, sizeof after);
    for (int i = 0; i < count; i++) {
        move(after, &legs[i], pending ? 0 : legs[i].amount, pending ? legs[i].amount : 0);
    }
    if (overdrawn(after)) {
        return ERR_INSUFFICIENT_FUNDS;
    }
    memcpy(m->balances, after, sizeof after);
    return ERR_OK;
}

static enum err model_end(struct model *m, const struct request *r)
{
    struct request *hold = &m->past[r->of];
    int64_t left = hold->amount - hold->captured;
    bool past = hold->expires_at && m->books.now_us >= hold->expires_at;
    if (hold->state != HOLD_OPEN || (past && r->end == LEDGER_CAPTURE) ||
        (!past && r->end == LEDGER_EXPIRE)) {
        return ERR_HOLD_ENDED;
    }
    int64_t take = r->end == LEDGER_CAPTURE ? (r->amount ? r->amount : left) : 0;
    if (take > left) {
        return ERR_HOLD_AMOUNT;
    }
    bool ends = r->end != LEDGER_CAPTURE || r->last || take == left;
    move(m->balances, &hold->legs[0], take, ends ? -left : -take);
    hold->captured += take;
    hold->state = !ends                      ? HOLD_OPEN
                  : r->end == LEDGER_CAPTURE ? HOLD_CAPTURED
                  : r->end == LEDGER_RELEASE ? HOLD_RELEASED
                                             : HOLD_EXPIRED;
    return ERR_OK;
}

static enum err model_reverse(struct model *m, const struct request *r)
{
    struct request *journal = &m->past[r->of];
    struct leg mirror[LEGS];
    if (journal->reversed) {
        return ERR_ALREADY_REVERSED;
    }
    for (int i = 0; i < journal->count; i++) {
        mirror[i] =
            (struct leg){journal->legs[i].credit, journal->legs[i].debit, journal->legs[i].amount};
    }
    enum err err = model_legs(m, mirror, journal->count, false);
    journal->reversed = !err;
    return err;
}

static enum err model_run(struct model *m, const struct request *r)
{
    switch (r->what) {
    case POST:
        return model_legs(m, r->legs, r->count, false);
    case HOLD:
        return model_legs(m, r->legs, 1, true);
    case END:
        return model_end(m, r);
    case REVERSE:
        return model_reverse(m, r);
    case WHATS:
        break;
    }
    return ERR_INTERNAL;
}

/* --- the ledger --------------------------------------------------------------------------------- */

struct asked {
    struct model *model;
    const struct request *request;
    struct journal_result result;
    bool then_fail; /* a later error of the same unit undoes all */
};

static enum err ledger_run(struct ledger_unit *unit, struct asked *asked)
{
    const struct request *r = asked->request;
    struct ledger_transfer transfers[LEGS];
    struct journal_draft draft = {.client_id = r->client,
                                  .recipe = RECIPE_BULK,
                                  .recipe_version = 1,
                                  .transfers = transfers,
                                  .count = (size_t)r->count};
    for (int i = 0; i < r->count; i++) {
        transfers[i] = (struct ledger_transfer){account(r->legs[i].debit),
                                                account(r->legs[i].credit), r->legs[i].amount};
    }
    struct hold_draft hold = {.client_id = r->client,
                              .recipe = RECIPE_BULK,
                              .recipe_version = 1,
                              .transfer = transfers[0],
                              .expires_at = r->expires_at};
    struct hold_end end = {.hold = {asked->model->past[r->of].id},
                           .kind = r->end,
                           .amount_minor = r->amount,
                           .last = r->last,
                           .client_id = r->client,
                           .recipe = RECIPE_BULK,
                           .recipe_version = 1};
    switch (r->what) {
    case POST:
        return ledger_post(unit, &draft, &asked->result);
    case HOLD:
        return ledger_hold(unit, &hold, &asked->result);
    case END:
        return ledger_hold_end(unit, &end, &asked->result);
    case REVERSE:
        return ledger_reverse(unit, (struct journal_id){asked->model->past[r->of].id}, &draft,
                              &asked->result);
    case WHATS:
        break;
    }
    return ERR_INTERNAL;
}

static enum err work(struct ledger_unit *unit, void *context)
{
    struct asked *asked = context;
    enum err err = ledger_run(unit, asked);
    return err || !asked->then_fail ? err : ERR_NOT_FOUND;
}

static enum err refuse(struct ledger_unit *unit, void *context)
{
    struct asked *asked = context;
    return ledger_refuse(unit, &asked->request->client, &asked->result, asked->request->err);
}

/* As the engine does: the unit, and where it was refused a second one that keeps the refusal. */
static enum err ask(struct model *m, struct request *r, struct journal_result *out)
{
    struct asked asked = {.model = m, .request = r};
    r->err = books_run(&m->books, work, &asked);
    *out = asked.result;
    if (r->err) {
        assert_ok(books_run(&m->books, refuse, &asked));
    }
    return r->err;
}

/* --- the stream --------------------------------------------------------------------------------- */

/* A place in the past of that kind which went well; -1 where a few looks find none. */
static int some_past(struct model *m, enum what what)
{
    for (int tries = 0; tries < 12 && m->count > 0; tries++) {
        int back = (int)chance(m, 60);
        int place = tries < 8 ? m->count - 1 - back : (int)chance(m, (uint64_t)m->count);
        if (place >= 0 && m->past[place].what == what && !m->past[place].err) {
            return place;
        }
    }
    return -1;
}

static struct leg random_leg(struct model *m)
{
    struct leg leg = {.debit = (int)chance(m, ACCOUNTS), .amount = 1 + (int64_t)chance(m, 300)};
    leg.credit = (leg.debit + 1 + (int)chance(m, ACCOUNTS - 1)) % ACCOUNTS;
    return leg;
}

static bool random_request(struct model *m, struct request *out)
{
    static const enum what whats[] = {POST, POST, HOLD, HOLD, END, END, END, REVERSE};
    *out = (struct request){.what = whats[chance(m, 8)]};
    if (out->what == POST || out->what == HOLD) {
        out->count = out->what == POST ? 1 + (int)chance(m, LEGS) : 1;
        for (int i = 0; i < out->count; i++) {
            out->legs[i] = random_leg(m);
        }
    }
    if (out->what == HOLD) {
        out->amount = out->legs[0].amount;
        out->state = HOLD_OPEN;
        out->expires_at = chance(m, 2) ? m->books.now_us + (int64_t)chance(m, 200000) : 0;
    }
    if (out->what == END) {
        static const enum ledger_kind kinds[] = {LEDGER_CAPTURE, LEDGER_CAPTURE, LEDGER_CAPTURE,
                                                 LEDGER_RELEASE, LEDGER_EXPIRE};
        out->end = kinds[chance(m, 5)];
        out->of = some_past(m, HOLD);
        bool capture = out->end == LEDGER_CAPTURE;
        out->amount = capture && chance(m, 3) ? 1 + (int64_t)chance(m, 150) : 0;
        out->last = capture && chance(m, 4) == 0;
    }
    if (out->what == REVERSE) {
        out->of = some_past(m, POST);
    }
    if (chance(m, 3)) {
        out->client = books_client(m->books.now_us, m->count + 1);
    }
    return out->of >= 0;
}

static void compare_states(struct model *m)
{
    for (int i = 0; i < ACCOUNTS; i++) {
        struct ledger_account a = books_state(&m->books, account(i));
        assert_int_equal(m->balances[i].debits, a.debits_posted);
        assert_int_equal(m->balances[i].credits, a.credits_posted);
        assert_int_equal(m->balances[i].debits_pending, a.debits_pending);
        assert_int_equal(m->balances[i].credits_pending, a.credits_pending);
    }
}

/* An earlier request once more: the same answer, and no effect; another body: refused. */
static void repeat(struct model *m)
{
    int place = (int)chance(m, (uint64_t)m->count);
    struct request again = m->past[place];
    struct journal_result result;
    if (client_id_is_none(&again.client)) {
        return;
    }
    enum err before = again.err;
    assert_err(before, ask(m, &again, &result));
    assert_true(result.replayed);
    if (!before) {
        assert_int_equal(m->past[place].id, result.id.value);
    }
    again = m->past[place];
    if (again.what == END) {
        again.amount = again.end == LEDGER_CAPTURE ? again.amount + 1 : 0;
        again.end = again.end == LEDGER_CAPTURE  ? LEDGER_CAPTURE
                    : again.end == LEDGER_EXPIRE ? LEDGER_RELEASE
                                                 : LEDGER_EXPIRE;
    } else if (again.what == REVERSE) {
        return;
    } else {
        again.legs[0].amount++;
    }
    assert_err(ERR_ID_REUSED, ask(m, &again, &result));
}

/* A request that is undone by a later error of its own unit. */
static void undone(struct model *m, const struct request *r)
{
    struct asked asked = {.model = m, .request = r, .then_fail = true};
    assert_true(books_run(&m->books, work, &asked) != ERR_OK);
}

static void step(struct model *m)
{
    struct request request;
    struct journal_result result;
    m->books.now_us += (int64_t)chance(m, 4000);
    if (!random_request(m, &request)) {
        return;
    }
    if (chance(m, 10) == 0) {
        undone(m, &request);
    }
    enum err wanted = model_run(m, &request);
    assert_err(wanted, ask(m, &request, &result));
    request.id = result.id.value;
    m->past[m->count++] = request;
    if (chance(m, 4) == 0) {
        repeat(m);
    }
}

static void stream(enum db_engine engine, uint64_t seed)
{
    static struct model m;
    int64_t usual = embedded_checkpoint_cycle;
    struct books_opening opening = {0, 6};
    embedded_checkpoint_cycle = 5;
    memset(&m, 0, sizeof m);
    m.random = seed;
    books_open(&m.books, engine, "ledger_model");
    assert_ok(books_run(&m.books, books_open_some, &opening));
    for (int i = 0; i < ACCOUNTS; i++) {
        /* Every account is there, with something on it. */
        struct leg leg = {6, i == 6 ? 7 : i, 500};
        struct books_transfer t = books_pay(account(leg.debit), account(leg.credit), leg.amount);
        assert_ok(books_run(&m.books, books_post, &t));
        move(m.balances, &leg, leg.amount, 0);
    }
    int ok = 0;
    for (int i = 0; i < STEPS; i++) {
        step(&m);
        ok += m.count && !m.past[m.count - 1].err ? 1 : 0;
        if (i % 16 == 0) {
            compare_states(&m);
        }
        if (chance(&m, 70) == 0) {
            assert_ok(books_restart(&m.books));
            compare_states(&m);
        }
    }
    assert_true(ok > STEPS / 4 && ok < STEPS - STEPS / 10);
    assert_ok(books_restart(&m.books));
    compare_states(&m);
    books_close(&m.books);
    embedded_checkpoint_cycle = usual;
}

static enum db_engine tested;

static void test_ledger_model__agrees_with_plain_arrays(void **state)
{
    (void)state;
    stream(tested, 20260105);
    if (tested == DB_SQLITE) {
        stream(tested, 42);
        stream(tested, 7);
    }
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger_model__agrees_with_plain_arrays),
    };
    tested = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests, NULL,
                                       NULL);
}

int main(void)
{
    return fixture_run(run);
}
