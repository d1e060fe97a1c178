/* Trial balance, chart and funds against a model computed by the test; daily sums against reading every
 * transfer; on both engines. */
#include "bank_fixture.h"

#include "db/db_fault.h"
#include "report/gl_sums.h"
#include "report/report.h"
#include "sys/thread.h"

#define ACCOUNTS 6
#define DAYS     8

static struct bank bank;

/* The expected values: turnover by day from the base date, and place in the chart. */
struct model {
    int64_t debit[DAYS][16], credit[DAYS][16];
};

static struct date base_date(void)
{
    return bank_date(2026, 11, 10);
}

static size_t chart_place(uint16_t code)
{
    for (size_t i = 0; i < chart_count; i++) {
        if (chart[i].code == code) {
            return i;
        }
    }
    fail();
    return 0;
}

struct posting {
    struct recipe_event event;
    bool hold_only; /* placed and released: moves nothing */
    bool by_hold;   /* placed and captured */
};

static enum err post_work(struct uow *uow, void *context)
{
    struct posting *p = context;
    struct journal_result result = {0};
    if (!p->hold_only && !p->by_hold) {
        return recipe_post(uow->ledger, &p->event, &result);
    }
    enum err err = recipe_hold(uow->ledger, &p->event, 0, &result);
    struct recipe_end end = {.recipe = p->event.recipe,
                             .hold = {result.id.value},
                             .booking_date = p->event.booking_date};
    struct journal_result ended = {0};
    if (err) {
        return err;
    }
    return p->by_hold ? recipe_capture(uow->ledger, &end, &ended)
                      : recipe_release(uow->ledger, &end, &ended);
}

static void note(struct model *m, int day, uint16_t debit, uint16_t credit, int64_t amount_minor)
{
    m->debit[day][chart_place(debit)] += amount_minor;
    m->credit[day][chart_place(credit)] += amount_minor;
}

/* Forty events on shuffled days, back-dated ones among them. */
static void play(struct model *m, const struct account *accounts, int from, int to)
{
    for (int k = from; k < to; k++) {
        int day = (k * 5 + k / 3) % DAYS;
        const struct account *a = &accounts[k % ACCOUNTS];
        const struct account *b = &accounts[(k + 1 + k % 4) % ACCOUNTS];
        int64_t amount = 100 + 7 * k;
        struct posting p = {.event = {.accounts = {[ROLE_CUSTOMER] = a->id},
                                      .amounts = {[SLOT_AMOUNT] = {amount, CCY_CNY}},
                                      .booking_date = date_add_days(base_date(), day),
                                      .bucket = -1}};
        switch (k % 5) {
        case 0:
            p.event.recipe = RECIPE_TOP_UP;
            note(m, day, GL_CLEARING_RECEIVABLE, GL_DEPOSITS_DEMAND, amount);
            break;
        case 1:
            p.event.recipe = RECIPE_TRANSFER;
            p.event.accounts[ROLE_PAYEE] = b->id;
            note(m, day, GL_DEPOSITS_DEMAND, GL_DEPOSITS_DEMAND, amount);
            break;
        case 2:
            p.event.recipe = RECIPE_WITHDRAWAL;
            p.by_hold = true;
            note(m, day, GL_DEPOSITS_DEMAND, GL_CLEARING_PAYABLE, amount);
            break;
        case 3:
            p.event.recipe = RECIPE_SETTLE_IN;
            note(m, day, GL_RESERVE, GL_CLEARING_RECEIVABLE, amount);
            break;
        default:
            p.event.recipe = RECIPE_WITHDRAWAL;
            p.hold_only = true;
        }
        assert_ok(engine_run(bank.engine, post_work, &p));
        clock_manual_advance(&bank.clock, 1000000);
    }
}

static int64_t sum_to(int64_t column[DAYS][16], int day, size_t place)
{
    int64_t sum = 0;
    for (int d = 0; d < day && d < DAYS; d++) {
        sum += column[d][place];
    }
    return sum;
}

static void check_day(struct model *m, int day)
{
    struct report_trial_balance tb;
    struct db_conn *conn;
    struct date date = date_add_days(base_date(), day);
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(report_trial_balance(engine_ledger(bank.engine), conn, date, CCY_CNY, &tb));
    struct report_trial_balance bare;
    assert_ok(report_trial_balance(NULL, conn, date, CCY_CNY, &bare));
    engine_read_end(bank.engine, conn);
    assert_int_equal(chart_count, tb.count);
    assert_true(tb.balanced);
    for (size_t i = 0; i < tb.count; i++) {
        int64_t opening = sum_to(m->debit, day, i) - sum_to(m->credit, day, i);
        int64_t debit = day >= 0 && day < DAYS ? m->debit[day][i] : 0;
        int64_t credit = day >= 0 && day < DAYS ? m->credit[day][i] : 0;
        assert_int_equal(opening, tb.rows[i].opening_minor);
        assert_int_equal(debit, tb.rows[i].debit_minor);
        assert_int_equal(credit, tb.rows[i].credit_minor);
        assert_int_equal(opening + debit - credit, tb.rows[i].closing_minor);
        assert_memory_equal(&tb.rows[i], &bare.rows[i], sizeof tb.rows[i]);
    }
}

/* Daily sums and single transfers must agree. */
static void check_both_ways(int day)
{
    static struct gl_sums kept;
    static struct gl_sums read;
    struct db_conn *conn;
    struct date date = date_add_days(base_date(), day);
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(gl_sums_load(engine_ledger(bank.engine), conn, date, true, &kept));
    assert_ok(gl_sums_load(engine_ledger(bank.engine), conn, date, false, &read));
    engine_read_end(bank.engine, conn);
    for (size_t i = 0; i < chart_count; i++) {
        const struct gl_sum *a = gl_sums_find(&kept, chart[i].code, ccy_number(CCY_CNY));
        const struct gl_sum *b = gl_sums_find(&read, chart[i].code, ccy_number(CCY_CNY));
        struct gl_sum none = {.gl_code = chart[i].code,
                              .ccy_number = (uint16_t)ccy_number(CCY_CNY)};
        a = a ? a : &none;
        b = b ? b : &none;
        assert_memory_equal(a, b, sizeof none);
    }
}

static void check_all(struct model *m)
{
    for (int day = -1; day <= DAYS; day++) {
        check_day(m, day);
        check_both_ways(day);
    }
}

static int64_t through(void)
{
    int64_t id = -1;
    struct db_conn *conn;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(gl_days_through(conn, &id));
    engine_read_end(bank.engine, conn);
    return id;
}

static struct model model;
static struct account accounts[ACCOUNTS];

static void test_report_gl__trial_balance_is_exact_for_any_date(void **state)
{
    (void)state;
    for (int i = 0; i < ACCOUNTS; i++) {
        accounts[i] = bank_account(&bank, i + 1, ACCOUNT_CLASS_II, 0);
    }
    /* Money to begin with, on the first day. */
    for (int i = 0; i < ACCOUNTS; i++) {
        struct posting p = {.event = {.recipe = RECIPE_TOP_UP,
                                      .accounts = {[ROLE_CUSTOMER] = accounts[i].id},
                                      .amounts = {[SLOT_AMOUNT] = {1000000, CCY_CNY}},
                                      .booking_date = base_date(),
                                      .bucket = -1}};
        assert_ok(engine_run(bank.engine, post_work, &p));
        note(&model, 0, GL_CLEARING_RECEIVABLE, GL_DEPOSITS_DEMAND, 1000000);
    }
    play(&model, accounts, 0, 40);
    assert_int_equal(0, through());
    check_all(&model);
}

static void test_report_gl__kept_sums_and_transfers_agree(void **state)
{
    (void)state;
    int64_t counted = -1;
    clock_manual_advance(&bank.clock, REPORT_SETTLE_US / 2);
    play(&model, accounts, 40, 60);
    clock_manual_advance(&bank.clock, REPORT_SETTLE_US / 2 + 1000);
    /* What is younger than the settling time stays for later. */
    assert_ok(report_eod_gl_days(bank.engine, &counted));
    assert_true(counted >= 46 && counted < 70);
    assert_true(through() > 0);
    check_all(&model);
    assert_ok(report_eod_gl_days(bank.engine, &counted));
    assert_int_equal(0, counted);
    /* Journals booked on days that were counted before still count. */
    play(&model, accounts, 60, 90);
    check_all(&model);
    clock_manual_advance(&bank.clock, 2 * REPORT_SETTLE_US);
    assert_ok(report_eod_gl_days(bank.engine, &counted));
    assert_true(counted >= 30);
    check_all(&model);
    assert_ok(report_eod_gl_days(bank.engine, NULL));
    check_all(&model);
}

static void test_report_gl__a_fault_counts_nothing_twice(void **state)
{
    (void)state;
#ifdef SYCEE_FAULTS
    play(&model, accounts, 90, 110);
    clock_manual_advance(&bank.clock, 2 * REPORT_SETTLE_US);
    int64_t nth = 0;
    bool fired = true;
    int64_t before = through();
    while (fired) {
        nth++;
        assert_true(nth < 500);
        db_fault_arm_all(nth, ERR_DB_FULL);
        enum err err = report_eod_gl_days(bank.engine, NULL);
        fired = db_fault_fired_all();
        db_fault_arm_all(0, ERR_OK);
        assert_true(fired || err == ERR_OK);
        assert_true(err == ERR_OK || through() == before);
        check_both_ways(3);
        check_day(&model, 5);
    }
    assert_true(nth > 4);
    assert_true(through() > before);
    check_all(&model);
#endif
}

struct racer {
    struct thread thread;
    int64_t count;
    enum err err;
};

static void race(void *argument)
{
    struct racer *racer = argument;
    racer->err = report_eod_gl_days(bank.engine, &racer->count);
}

static void test_report_gl__counting_at_once_counts_once(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        struct racer racers[4] = {0};
        int64_t total = 0;
        play(&model, accounts, 110 + 20 * round, 130 + 20 * round);
        clock_manual_advance(&bank.clock, 2 * REPORT_SETTLE_US);
        for (int i = 0; i < 4; i++) {
            assert_ok(thread_start(&racers[i].thread, "racer", race, &racers[i]));
        }
        for (int i = 0; i < 4; i++) {
            thread_join(&racers[i].thread);
            assert_ok(racers[i].err);
            total += racers[i].count;
        }
        /* Of twenty events eight are a hold and its end: two transfers each. */
        assert_int_equal(28, total);
        check_all(&model);
    }
}

struct chart_sum {
    int64_t net[16];
    int64_t count[16];
};

static bool add_state(const struct ledger_account_row *row, void *context)
{
    struct chart_sum *sum = context;
    struct ledger_account s = bank_state(&bank, row->id);
    sum->net[chart_place(row->gl_code)] += s.debits_posted - s.credits_posted;
    sum->count[chart_place(row->gl_code)]++;
    return true;
}

struct funds_seen {
    struct report_funds rows[4];
    size_t count;
};

static void keep_funds(const struct report_funds *funds, void *context)
{
    struct funds_seen *seen = context;
    assert_true(seen->count < 4);
    seen->rows[seen->count++] = *funds;
}

/* Balances by transfers must be the sums of the balances that the accounts themselves carry. */
static void test_report_gl__chart_equals_account_states(void **state)
{
    (void)state;
    static struct report_chart_row rows[REPORT_CHART_MAX];
    struct chart_sum wanted = {0};
    struct report_funds funds;
    struct funds_seen seen = {.count = 0};
    struct db_conn *conn;
    size_t count = 0;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(ledger_accounts_each(conn, add_state, &wanted));
    assert_ok(report_chart(engine_ledger(bank.engine), conn, CCY_CNY, rows, &count));
    assert_ok(report_funds(engine_ledger(bank.engine), conn, CCY_CNY, &funds));
    assert_ok(report_funds_each(engine_ledger(bank.engine), conn, keep_funds, &seen));
    engine_read_end(bank.engine, conn);
    assert_int_equal(chart_count, count);
    for (size_t i = 0; i < count; i++) {
        size_t place = chart_place(rows[i].gl->code);
        int64_t net = rows[i].side == LEDGER_DEBIT ? rows[i].balance_minor : -rows[i].balance_minor;
        assert_int_equal(wanted.net[place], net);
        assert_int_equal(wanted.count[place], rows[i].account_count);
        assert_true(rows[i].balance_minor >= 0);
    }
    assert_int_equal(ACCOUNTS, wanted.count[chart_place(GL_DEPOSITS_DEMAND)]);
    assert_int_equal(-wanted.net[chart_place(GL_DEPOSITS_DEMAND)], funds.customer_funds_minor);
    assert_int_equal(wanted.net[chart_place(GL_RESERVE)], funds.reserve_minor);
    assert_int_equal(wanted.net[chart_place(GL_CLEARING_RECEIVABLE)] +
                         wanted.net[chart_place(GL_CLEARING_PAYABLE)],
                     funds.in_clearing_minor);
    assert_true(funds.customer_funds_minor > 0 && funds.reserve_minor > 0);
    assert_int_equal(1, seen.count);
    assert_int_equal(funds.customer_funds_minor, seen.rows[0].customer_funds_minor);
    assert_int_equal(funds.reserve_minor, seen.rows[0].reserve_minor);
    assert_int_equal(funds.in_clearing_minor, seen.rows[0].in_clearing_minor);
}

static enum db_engine engine_of_run;

static int open_bank(void **state)
{
    (void)state;
    model = (struct model){0};
    bank_open(&bank, engine_of_run, "report_gl");
    return 0;
}

static int close_bank(void **state)
{
    (void)state;
    bank_close(&bank);
    return 0;
}

static void test_report_gl__reserve_covers_customers(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int64_t customers, reserve, in_clearing;
        enum err wanted;
    } rows[] = {
        {"equal", 100, 100, 0, ERR_OK},
        {"more", 100, 101, 0, ERR_OK},
        {"on its way in", 100, 60, 40, ERR_OK},
        {"one fen short", 100, 99, 0, ERR_RESERVE_SHORT},
        {"owed to the clearing house", 100, 110, -11, ERR_RESERVE_SHORT},
        {"nothing", 0, 0, 0, ERR_OK},
        {"too much", 1, INT64_MAX, 1, ERR_OVERFLOW},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct report_funds funds = {.ccy = CCY_CNY,
                                     .customer_funds_minor = rows[i].customers,
                                     .reserve_minor = rows[i].reserve,
                                     .in_clearing_minor = rows[i].in_clearing};
        print_message("%s\n", rows[i].what);
        assert_int_equal(rows[i].wanted, report_funds_decide(&funds));
    }
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_gl__trial_balance_is_exact_for_any_date),
        cmocka_unit_test(test_report_gl__kept_sums_and_transfers_agree),
        cmocka_unit_test(test_report_gl__a_fault_counts_nothing_twice),
        cmocka_unit_test(test_report_gl__counting_at_once_counts_once),
        cmocka_unit_test(test_report_gl__chart_equals_account_states),
        cmocka_unit_test(test_report_gl__reserve_covers_customers),
    };
    engine_of_run = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "report_gl sqlite"
                                                           : "report_gl postgresql",
                                       tests, open_bank, close_bank);
}

int main(void)
{
    return fixture_run(run);
}
