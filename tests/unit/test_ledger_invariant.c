/*
 * The invariants of a group: each is broken on purpose, in plain states, in the memory of the
 * embedded store and in the rows of both engines, and must be noticed. A build without SYCEE_FAULTS
 * looks at plain states only.
 */
#include "ledger_fixture.h"

#include "ledger/invariant.h"

#include <sys/wait.h>
#include <unistd.h>

/* --- plain states --------------------------------------------------------------------------------
 */

/* Yuan accounts: the bank's 1, customers' 2 and 3; 4 is in yen and the bank's. */
struct pair {
    struct ledger_account before[4], after[4];
};

static struct pair pair_of_states(void)
{
    struct pair p;
    for (int i = 0; i < 4; i++) {
        p.before[i] = (struct ledger_account){.id = i + 1,
                                              .debits_posted = 100,
                                              .credits_posted = 300,
                                              .debits_pending = 50,
                                              .credits_pending = 10,
                                              .newest_id = 7 * ID_STEP,
                                              .posting_count = 7,
                                              .gl_code = GL_DEPOSITS_DEMAND,
                                              .ccy_number = i == 3 ? 392 : 156,
                                              .floor = i == 0 || i == 3 ? LEDGER_FLOOR_NONE
                                                                        : LEDGER_FLOOR_CREDIT};
        p.after[i] = p.before[i];
    }
    /* 2 pays 3 twenty; of a hold from 2 to 1 ten are given back. */
    p.after[1].debits_posted += 20;
    p.after[2].credits_posted += 20;
    p.after[1].debits_pending -= 10;
    p.after[0].credits_pending -= 10;
    for (int i = 0; i < 3; i++) {
        p.after[i].posting_count++;
        p.after[i].newest_id += ID_STEP;
    }
    return p;
}

static void lose_a_fen(struct pair *p)
{
    p->after[2].credits_posted--;
}
static void cross_currencies(struct pair *p)
{
    p->after[2].credits_posted -= 20;
    p->after[3].credits_posted += 20;
    p->after[3].posting_count++;
    p->after[3].newest_id += ID_STEP;
}
static void hold_one_side(struct pair *p)
{
    p->after[1].debits_pending++;
}
static void pass_the_floor(struct pair *p)
{
    p->after[1].debits_posted += 200;
    p->after[2].credits_posted += 200;
}
static void hold_more_than_is_there(struct pair *p)
{
    p->after[1].debits_pending += 200;
    p->after[2].credits_pending += 200;
}
static void release_twice(struct pair *p)
{
    p->after[1].debits_pending -= 50;
    p->after[0].credits_pending -= 50;
}
static void take_a_posting_back(struct pair *p)
{
    p->after[1].debits_posted -= 30;
    p->after[2].credits_posted -= 30;
}
static void post_to_a_closed_account(struct pair *p)
{
    p->before[2].closed = p->after[2].closed = 1;
}
static void open_a_closed_account(struct pair *p)
{
    p->before[0].closed = 1;
}
static void stand_still_with_the_id(struct pair *p)
{
    p->after[2].newest_id = p->before[2].newest_id;
}
static void lower_an_id(struct pair *p)
{
    p->after[2].newest_id = p->before[2].newest_id - ID_STEP;
}
static void change_the_currency(struct pair *p)
{
    p->after[2].ccy_number = 392;
}
static void change_nothing(struct pair *p)
{
    (void)p;
}

static void test_ledger_invariant__states(void **state)
{
    (void)state;
    static const struct {
        void (*spoil)(struct pair *p);
        const char *want;
    } rows[] = {
        {change_nothing, NULL},
        {lose_a_fen, "debits equal credits"},
        {cross_currencies, "debits equal credits"},
        {hold_one_side, "debits equal credits"},
        {pass_the_floor, "holds and postings stay above the floor"},
        {hold_more_than_is_there, "holds and postings stay above the floor"},
        {release_twice, "nothing pending is below zero"},
        {take_a_posting_back, "what is posted never falls"},
        {post_to_a_closed_account, "a closed account is not posted to"},
        {open_a_closed_account, "a closed account is not posted to"},
        {stand_still_with_the_id, "ids rise along an account's history"},
        {lower_an_id, "ids rise along an account's history"},
        {change_the_currency, "an account stays what it is"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair p = pair_of_states();
        rows[i].spoil(&p);
        const char *broken = invariant_states(p.before, p.after, 4);
        if ((broken == NULL) != (rows[i].want == NULL) ||
            (broken != NULL && strcmp(broken, rows[i].want) != 0)) {
            fail_msg("row %zu: %s, wanted %s", i, broken ? broken : "all hold",
                     rows[i].want ? rows[i].want : "all hold");
        }
    }
}

static void test_ledger_invariant__rows(void **state)
{
    (void)state;
    struct pair p = pair_of_states();
    struct transfer_row rows[2] = {{.id = 8 * ID_STEP,
                                    .debit_id = 2,
                                    .credit_id = 1,
                                    .amount_minor = 10,
                                    .kind = LEDGER_RELEASE},
                                   {.id = 9 * ID_STEP,
                                    .debit_id = 2,
                                    .credit_id = 3,
                                    .amount_minor = 20,
                                    .kind = LEDGER_POST}};
    p.after[1].posting_count++;
    assert_null(invariant_rows(rows, 2, 7 * ID_STEP, p.before, p.after, 4));
    assert_string_equal("ids rise from row to row",
                        invariant_rows(rows, 2, 8 * ID_STEP, p.before, p.after, 4));
    rows[1].id = rows[0].id;
    assert_string_equal("ids rise from row to row",
                        invariant_rows(rows, 2, 7 * ID_STEP, p.before, p.after, 4));
    rows[1].id = 9 * ID_STEP;
    rows[1].amount_minor = 0;
    assert_string_equal("a transfer moves a positive amount between two accounts",
                        invariant_rows(rows, 2, 7 * ID_STEP, p.before, p.after, 4));
    rows[1].amount_minor = 21;
    assert_string_equal("states move by what the rows say",
                        invariant_rows(rows, 2, 7 * ID_STEP, p.before, p.after, 4));
    /* The totals agree, the accounts do not. */
    rows[1].amount_minor = 20;
    rows[1].credit_id = 1;
    assert_string_equal("states move by what the rows say",
                        invariant_rows(rows, 2, 7 * ID_STEP, p.before, p.after, 4));
}

/* --- faults planted in a running ledger ----------------------------------------------------------
 */

#ifdef SYCEE_FAULTS

DB_STMT(test_batch_row_spoil, "UPDATE ledger_transfers SET debit_net_minor = debit_net_minor + 1,"
                              " credit_net_minor = credit_net_minor - 1");
DB_STMT(test_batch_line_spoil, "UPDATE ledger_postings SET net_minor = net_minor + 1");
DB_STMT(test_batch_hold_spoil, "UPDATE ledger_holds SET captured_minor = captured_minor + 1");
DB_STMT(test_batch_account_spoil,
        "UPDATE ledger_accounts SET debits_pending = debits_pending + 1 WHERE gl_code = 2001");

enum fault { NO_FAULT, LOST_FEN, ROW_SPOILT, HOLD_SPOILT, ACCOUNT_SPOILT };
struct faulty {
    enum fault fault;
    bool is_hold;
};

static enum err post_and_spoil(struct ledger_unit *unit, void *context)
{
    const struct faulty *f = context;
    struct journal_result result;
    struct recipe_event event = {.recipe = RECIPE_WITHDRAWAL,
                                 .accounts = {[ROLE_CUSTOMER] = books_account(3)},
                                 .amounts = {[SLOT_AMOUNT] = {5, CCY_CNY}},
                                 .booking_date = {20000},
                                 .bucket = -1};
    enum err err =
        f->is_hold ? recipe_hold(unit, &event, 0, &result) : recipe_post(unit, &event, &result);
    if (f->fault == LOST_FEN) {
        embedded_find(unit->ledger->embedded, books_account(3).value)->credits_posted--;
    }
    return err;
}

/* A group whose rows are spoilt between flush and COMMIT; a COMMIT that fails is no answer here. */
static void run_group(struct books *b, struct faulty *f)
{
    bool embedded = b->ledger->embedded != NULL;
    struct db_stmt *stmt = f->fault == ROW_SPOILT
                               ? embedded ? &test_batch_row_spoil : &test_batch_line_spoil
                           : f->fault == HOLD_SPOILT    ? &test_batch_hold_spoil
                           : f->fault == ACCOUNT_SPOILT ? &test_batch_account_spoil
                                                        : NULL;
    assert_ok(db_begin(b->db.conn));
    assert_ok(books_unit(b, post_and_spoil, f));
    assert_ok(ledger_group_flush(b->ledger, b->db.conn, b->now_us));
    if (stmt != NULL) {
        assert_ok(db_exec(b->db.conn, stmt, DB_NO_ARGS, NULL));
    }
    assert_ok(db_commit(b->db.conn));
    ledger_group_check(b->ledger, b->db.conn);
    ledger_group_publish(b->ledger);
}

/* In a process of its own: true where it was aborted. */
static bool is_caught(struct books *b, struct faulty f)
{
    pid_t child = fork();
    if (child == 0) {
        run_group(b, &f);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void plant(enum db_engine engine)
{
    static const struct faulty faults[] = {
        {NO_FAULT, false},  {NO_FAULT, true},    {LOST_FEN, false},
        {ROW_SPOILT, true}, {HOLD_SPOILT, true}, {ACCOUNT_SPOILT, true},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        enum fault fault = faults[i].fault;
        if (engine == DB_SQLITE ? fault == ACCOUNT_SPOILT : fault == LOST_FEN) {
            continue; /* memory is the embedded store's, counters in rows are PostgreSQL's */
        }
        struct books b;
        struct books_opening opening = {3, 1};
        books_open(&b, engine, "ledger_invariant");
        assert_ok(books_run(&b, books_open_some, &opening));
        struct books_transfer rich = books_pay(books_reserve(), books_account(3), 100);
        assert_ok(books_run(&b, books_post, &rich));
        if (is_caught(&b, faults[i]) != (fault != NO_FAULT)) {
            fail_msg("fault %d of row %zu", fault, i);
        }
        /* The child's end has shut the sockets that it shared; the books are not looked at again. */
        books_close(&b);
    }
}

static void test_ledger_invariant__catches_a_planted_fault(void **state)
{
    (void)state;
    const char *server = getenv("SYCEE_TEST_PG_URL");
    plant(DB_SQLITE);
    if (server != NULL && server[0] != '\0') {
        plant(DB_POSTGRESQL);
    }
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger_invariant__states),
        cmocka_unit_test(test_ledger_invariant__rows),
#ifdef SYCEE_FAULTS
        cmocka_unit_test(test_ledger_invariant__catches_a_planted_fault),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
