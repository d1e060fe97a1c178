/* The engine: order, refusals, groups, dates, many threads, retries, and its end. */
#include "engine/engine.h"
#include "ledger/recipe.h"
#include "sys/thread.h"

#include "db_fixture.h"

#include "db/db_fault.h"

#define THREADS     64
#define A_THREAD    20
#define WAITING_MAX 200

struct bank {
    struct db_fixture db;
    struct clock_manual clock;
    struct engine *engine;
};

static struct account_id account(int number)
{
    return (struct account_id){(INT64_C(1) << 41) + number * ID_STEP + number};
}

static struct engine_options options_of(struct bank *b)
{
    return (struct engine_options){
        .database_url = b->db.url, .clock = &b->clock.clock, .workers = 8, .readers = 2};
}

static enum err open_accounts(struct uow *uow, void *context)
{
    enum err err = ERR_OK;
    for (int i = 0; !err && i < *(int *)context; i++) {
        struct ledger_account_spec spec = {
            .id = account(i), .ccy = CCY_CNY, .gl_code = GL_DEPOSITS_DEMAND};
        err = ledger_account_open(uow->ledger, &spec);
    }
    return err;
}

static void bank_open(struct bank *b, enum db_engine engine)
{
    int accounts = 4;
    memset(b, 0, sizeof *b);
    fixture_open(&b->db, engine, "engine_run");
    db_disconnect(b->db.conn);
    b->db.conn = NULL;
    clock_manual_init(&b->clock, DB_FIXTURE_NOW);
    struct engine_options options = options_of(b);
    assert_ok(engine_start(&options, &b->engine));
    assert_ok(engine_run(b->engine, open_accounts, &accounts));
}

static void bank_close(struct bank *b)
{
    engine_stop(b->engine);
    b->db.conn = fixture_connect(&b->db, DB_READ_WRITE);
    fixture_close(&b->db);
}

struct payment {
    struct ledger_transfer transfer;
    struct client_id client;
    struct journal_result result;
    enum err err;
    int runs;
    struct date date;
};

static enum err pay(struct uow *uow, void *context)
{
    struct payment *p = context;
    struct journal_draft draft = {.client_id = p->client,
                                  .recipe = RECIPE_BULK,
                                  .recipe_version = 1,
                                  .booking_date = uow->business_date,
                                  .value_date = uow->business_date,
                                  .transfers = &p->transfer,
                                  .count = 1};
    p->runs++;
    p->date = uow->business_date;
    p->err = ledger_post(uow->ledger, &draft, &p->result);
    return p->err;
}

static enum err keep_refusal(struct uow *uow, void *context)
{
    struct payment *p = context;
    return ledger_refuse(uow->ledger, &p->client, &p->result, p->err);
}

static enum err pay_kept(struct bank *b, struct payment *p)
{
    struct engine_command command = {
        .work = pay, .refused = keep_refusal, .repeatable = true, .context = p};
    return engine_run_prepared(b->engine, &command);
}

static struct payment payment(int debit, int credit, int64_t amount)
{
    struct account_id reserve = ledger_internal_account(GL_RESERVE, CCY_CNY, 0);
    return (struct payment){
        .transfer = {debit < 0 ? reserve : account(debit), account(credit), amount}};
}

static struct ledger_account state_of(struct bank *b, int number)
{
    struct db_conn *conn;
    struct ledger_account state = {0};
    assert_ok(engine_read_begin(b->engine, &conn));
    assert_ok(ledger_account_load(engine_ledger(b->engine), conn, account(number), &state));
    engine_read_end(b->engine, conn);
    return state;
}

static enum db_engine tested;

static void test_engine_run__keeps_a_refusal(void **state)
{
    (void)state;
    struct bank b;
    bank_open(&b, tested);
    struct payment p = payment(0, 1, 10);
    p.client.bytes[15] = 7;
    assert_err(ERR_INSUFFICIENT_FUNDS, pay_kept(&b, &p));
    struct payment in = payment(-1, 0, 100);
    assert_ok(engine_run(b.engine, pay, &in));
    assert_err(ERR_INSUFFICIENT_FUNDS, pay_kept(&b, &p));
    assert_true(p.result.replayed);
    p.client.bytes[15] = 8; /* another id, never refused before */
    assert_ok(pay_kept(&b, &p));
    struct engine_counts counts = engine_counts(b.engine);
    assert_int_equal(2, counts.refused);
    assert_int_equal(5, counts.commands);
    bank_close(&b);
}

/* --- many at once ------------------------------------------------------------------------------- */

struct burst {
    struct engine_command command;
    struct payment payment;
    struct semaphore *finished;
    int place, *order, *next;
    int answers;
};

static void burst_done(struct engine_command *command, enum err err)
{
    struct burst *burst = (struct burst *)command;
    assert_int_equal(err, command->err);
    burst->answers++;
    if (burst->next != NULL) {
        burst->order[(*burst->next)++] = burst->place;
    }
    semaphore_post(burst->finished, 1);
}

static enum err burst_pay(struct uow *uow, void *context)
{
    return pay(uow, &((struct burst *)context)->payment);
}

static void submit_all(struct bank *b, struct burst *bursts, int count, int *order)
{
    struct semaphore finished;
    int next = 0;
    semaphore_init(&finished, 0);
    for (int i = 0; i < count; i++) {
        bursts[i].command =
            (struct engine_command){.work = burst_pay, .done = burst_done, .context = &bursts[i]};
        bursts[i].finished = &finished;
        bursts[i].place = i;
        bursts[i].order = order;
        bursts[i].next = order != NULL ? &next : NULL;
        engine_submit(b->engine, &bursts[i].command);
    }
    for (int i = 0; i < count; i++) {
        assert_true(semaphore_wait(&finished, -1));
    }
    semaphore_release(&finished);
}

/* SQLite: commands run in the order submitted; on both engines each is answered once. */
static void test_engine_run__answers_each_once(void **state)
{
    (void)state;
    struct bank b;
    static struct burst bursts[WAITING_MAX];
    static int order[WAITING_MAX];
    bank_open(&b, tested);
    memset(bursts, 0, sizeof bursts);
    for (int i = 0; i < WAITING_MAX; i++) {
        bursts[i].payment = payment(i % 3 ? 0 : -1, i % 3 ? 1 : 0, i % 3 ? 1 : 1 + i % 2);
    }
    submit_all(&b, bursts, WAITING_MAX, tested == DB_SQLITE ? order : NULL);
    int64_t in = 0;
    int64_t out = 0;
    for (int i = 0; i < WAITING_MAX; i++) {
        assert_int_equal(1, bursts[i].answers);
        if (tested == DB_SQLITE) {
            assert_int_equal(i, order[i]);
        }
        in += i % 3 == 0 && !bursts[i].command.err ? bursts[i].payment.transfer.amount_minor : 0;
        out += i % 3 != 0 && !bursts[i].command.err ? 1 : 0;
        assert_true(bursts[i].command.err == ERR_OK ||
                    bursts[i].command.err == ERR_INSUFFICIENT_FUNDS);
    }
    assert_true(out > 0 && out <= in);
    assert_int_equal(in, state_of(&b, 0).credits_posted);
    assert_int_equal(out, state_of(&b, 0).debits_posted);
    if (tested == DB_SQLITE) {
        assert_true(engine_counts(b.engine).groups < WAITING_MAX);
    }
    bank_close(&b);
}

struct runner {
    struct bank *bank;
    struct thread thread;
    int number, posted;
};

/* Pays round in a ring, so that accounts are met in every order; reads between. */
static void run_many(void *argument)
{
    struct runner *runner = argument;
    for (int i = 0; i < A_THREAD; i++) {
        int from = (runner->number + i) % 4;
        struct payment p = payment(from, (from + 1 + i % 3) % 4, 1);
        enum err err = engine_run(runner->bank->engine, pay, &p);
        runner->posted += err ? 0 : 1;
        struct ledger_account seen = state_of(runner->bank, from);
        if (seen.debits_posted > seen.credits_posted) {
            runner->posted = -100000; /* a reader saw an overdraft */
        }
    }
}

static void test_engine_run__many_threads(void **state)
{
    (void)state;
    struct bank b;
    static struct runner runners[THREADS];
    bank_open(&b, tested);
    for (int i = 0; i < 4; i++) {
        struct payment in = payment(-1, i, 1000000);
        assert_ok(engine_run(b.engine, pay, &in));
    }
    for (int i = 0; i < THREADS; i++) {
        runners[i] = (struct runner){.bank = &b, .number = i};
        assert_ok(thread_start(&runners[i].thread, "runner", run_many, &runners[i]));
    }
    int posted = 0;
    for (int i = 0; i < THREADS; i++) {
        thread_join(&runners[i].thread);
        posted += runners[i].posted;
    }
    assert_int_equal(THREADS * A_THREAD, posted);
    int64_t debits = 0;
    int64_t credits = 0;
    for (int i = 0; i < 4; i++) {
        debits += state_of(&b, i).debits_posted;
        credits += state_of(&b, i).credits_posted;
    }
    assert_int_equal(posted, debits);
    assert_int_equal(posted + 4000000, credits);
    bank_close(&b);
}

/* --- dates -------------------------------------------------------------------------------------- */

static enum err move_date(struct uow *uow, void *context)
{
    return engine_business_date_set(uow, date_add_days(uow->business_date, *(int *)context));
}

static enum err move_date_and_fail(struct uow *uow, void *context)
{
    enum err err = move_date(uow, context);
    return err ? err : ERR_NOT_FOUND;
}

static enum err burst_date(struct uow *uow, void *context)
{
    (void)context;
    int days = 1;
    return move_date(uow, &days);
}

static void test_engine_run__date_ends_a_group(void **state)
{
    (void)state;
    struct bank b;
    static struct burst bursts[40];
    int days = 1;
    bank_open(&b, tested);
    struct date first = engine_business_date(b.engine);
    assert_int_equal(date_of_instant(DB_FIXTURE_NOW, 480).days, first.days);
    assert_err(ERR_NOT_FOUND, engine_run(b.engine, move_date_and_fail, &days));
    assert_int_equal(first.days, engine_business_date(b.engine).days);
    memset(bursts, 0, sizeof bursts);
    struct semaphore finished;
    semaphore_init(&finished, 0);
    for (int i = 0; i < 40; i++) {
        bursts[i].payment = payment(-1, 0, 1);
        bursts[i].finished = &finished;
        bursts[i].command = (struct engine_command){
            .work = i == 20 ? burst_date : burst_pay, .done = burst_done, .context = &bursts[i]};
        if (tested == DB_SQLITE) {
            engine_submit(b.engine, &bursts[i].command);
        } else {
            assert_ok(engine_run(b.engine, bursts[i].command.work, &bursts[i]));
            semaphore_post(&finished, 1);
        }
    }
    for (int i = 0; i < 40; i++) {
        assert_true(semaphore_wait(&finished, -1));
    }
    semaphore_release(&finished);
    for (int i = 0; i < 40; i++) {
        if (i != 20) {
            assert_int_equal(first.days + (i > 20 ? 1 : 0), bursts[i].payment.date.days);
        }
    }
    engine_stop(b.engine);
    struct engine_options options = options_of(&b);
    assert_ok(engine_start(&options, &b.engine));
    assert_int_equal(first.days + 1, engine_business_date(b.engine).days);
    bank_close(&b);
}

/* --- faults: the nth call to the database fails, until none does --------------------------------- */

static void faults_of(enum err fault, int *out_faults)
{
    struct bank b;
    bank_open(&b, tested);
    struct payment in = payment(-1, 0, 1000000);
    assert_ok(engine_run(b.engine, pay, &in));
    bool fired = true;
    int64_t paid = 0;
    for (int64_t nth = 1; fired && nth < 60; nth++) {
        struct payment p = payment(0, 1, 10);
        p.client.bytes[14] = (uint8_t)(fault % 200);
        p.client.bytes[15] = (uint8_t)nth;
        db_fault_arm_all(nth, fault);
        enum err err = pay_kept(&b, &p);
        fired = db_fault_fired_all();
        db_fault_arm_all(0, ERR_OK);
        *out_faults += fired ? 1 : 0;
        paid += err ? 0 : 10;
        assert_int_equal(paid, state_of(&b, 0).debits_posted);
        /* asked again, all is well, once */
        assert_ok(pay_kept(&b, &p));
        assert_int_equal(err ? false : true, p.result.replayed);
        paid += err ? 10 : 0;
        assert_int_equal(paid, state_of(&b, 0).debits_posted);
    }
    assert_false(fired);
    bank_close(&b);
}

static void test_engine_run__survives_faults(void **state)
{
    (void)state;
    int faults = 0;
    faults_of(ERR_DB_RETRY, &faults);
    assert_true(faults >= 3);
    if (tested == DB_SQLITE) {
        faults_of(ERR_DB_FULL, &faults);
    } else {
        faults_of(ERR_DB_LOST, &faults);
        faults_of(ERR_DB_CONFLICT, &faults);
    }
}

/* A temporary fault is invisible to the customer on PostgreSQL: the command runs again. */
static void test_engine_run__runs_again_after_a_conflict(void **state)
{
    (void)state;
    struct bank b;
    if (tested == DB_SQLITE) {
        return;
    }
    bank_open(&b, tested);
    struct payment p = payment(-1, 0, 5);
    db_fault_arm_all(3, ERR_DB_RETRY);
    assert_ok(engine_run(b.engine, pay, &p));
    assert_true(db_fault_fired_all());
    assert_int_equal(2, p.runs);
    db_fault_arm_all(2, ERR_DB_LOST); /* before the commit: nothing can have stayed */
    p.runs = 0;
    assert_ok(engine_run(b.engine, pay, &p));
    assert_true(db_fault_fired_all());
    db_fault_arm_all(0, ERR_OK);
    assert_int_equal(10, state_of(&b, 0).credits_posted);
    assert_true(engine_counts(b.engine).retries >= 2);
    bank_close(&b);
}

/* One database, one embedded bank; and no bank on another schema. */
static void test_engine_run__starts_alone(void **state)
{
    (void)state;
    struct bank b;
    struct engine *second = NULL;
    bank_open(&b, tested);
    struct engine_options options = options_of(&b);
    enum err err = engine_start(&options, &second);
    assert_err(tested == DB_SQLITE ? ERR_DB_IN_USE : ERR_OK, err);
    if (second != NULL) {
        struct payment p = payment(-1, 2, 5);
        assert_ok(engine_run(second, pay, &p));
        engine_stop(second);
    }
    bank_close(&b);
    struct db_fixture empty;
    fixture_open_empty(&empty, tested, "engine_run");
    options.database_url = empty.url;
    db_disconnect(empty.conn);
    assert_err(ERR_DB_ABSENT, engine_start(&options, &second));
    empty.conn = fixture_connect(&empty, DB_READ_WRITE);
    fixture_close(&empty);
}

/* Each process has a node of its own, by number or the first free one. */
static void test_engine_run__nodes_are_taken_once(void **state)
{
    (void)state;
    struct bank b;
    struct engine *others[4] = {NULL};
    bank_open(&b, tested); /* takes node 1 */
    struct engine_options options = options_of(&b);
    options.workers = options.readers = 1;
    options.node = 1;
    assert_err(ERR_DB_IN_USE, engine_start(&options, &others[0]));
    if (tested == DB_POSTGRESQL) {
        options.node = 3;
        assert_ok(engine_start(&options, &others[0]));
        options.node = 0;
        assert_ok(engine_start(&options, &others[1]));
        assert_ok(engine_start(&options, &others[2]));
        assert_err(ERR_DB_IN_USE, engine_start(&options, &others[3]));
        for (int i = 0; i < 3; i++) {
            engine_stop(others[i]);
        }
        assert_ok(engine_start(&options, &others[0])); /* free again */
        engine_stop(others[0]);
    }
    bank_close(&b);
}

DB_STMT(test_report_booked, "SELECT count(*) FROM ledger_transfers WHERE booking_date = $1");

static int64_t booked_on(struct engine *engine, struct date date)
{
    struct db_conn *conn;
    struct db_rows rows;
    assert_ok(engine_read_begin(engine, &conn));
    assert_ok(db_query(conn, &test_report_booked, DB_ARGS(db_int(date.days)), &rows));
    assert_true(db_rows_next(&rows));
    int64_t count = db_rows_int(&rows, 0);
    assert_ok(db_rows_close(&rows));
    engine_read_end(engine, conn);
    return count;
}

struct traffic {
    struct engine *engine;
    _Atomic bool stopping;
    _Atomic int paid;
};

static void pay_on(void *argument)
{
    struct traffic *traffic = argument;
    while (!atomic_load(&traffic->stopping)) {
        struct payment p = payment(-1, 1, 1);
        if (engine_run(traffic->engine, pay, &p) == ERR_OK) {
            atomic_fetch_add(&traffic->paid, 1);
        }
    }
}

/* Two processes of one database: once the date has advanced neither books on the old one, and no
 * process reads an earlier date. */
static void test_engine_run__closed_date_stays_closed(void **state)
{
    (void)state;
    struct bank b;
    int days = 1;
    bank_open(&b, tested);
    struct engine *other = b.engine;
    if (tested == DB_POSTGRESQL) {
        struct engine_options options = options_of(&b);
        assert_ok(engine_start(&options, &other));
    }
    struct traffic traffic = {.engine = other};
    struct thread threads[4];
    for (int i = 0; i < 4; i++) {
        assert_ok(thread_start(&threads[i], "traffic", pay_on, &traffic));
    }
    for (int round = 0; round < 5; round++) {
        struct date date = engine_business_date(b.engine);
        int before = atomic_load(&traffic.paid);
        while (atomic_load(&traffic.paid) < before + 20) {
            thread_sleep_us(1000);
        }
        assert_ok(engine_run(b.engine, move_date, &days));
        int64_t closed = booked_on(b.engine, date);
        before = atomic_load(&traffic.paid);
        while (atomic_load(&traffic.paid) < before + 40) {
            assert_true(engine_business_date(b.engine).days == date.days + 1);
            thread_sleep_us(1000);
        }
        assert_int_equal(booked_on(b.engine, date), closed);
    }
    atomic_store(&traffic.stopping, true);
    for (int i = 0; i < 4; i++) {
        thread_join(&threads[i]);
    }
    if (other != b.engine) {
        engine_stop(other);
    }
    bank_close(&b);
}

static enum err make_id(struct uow *uow, void *context)
{
    *(int64_t *)context = uow_id(uow, 0);
    return ERR_OK;
}

static enum err follow(struct uow *uow, void *context)
{
    (void)context;
    return engine_clock_follow(uow);
}

/* A wall clock set forth and back has no effect; a restart continues from the stored time; the wall
 * clock is followed only if two people approved it. */
static void test_engine_run__time_is_guarded(void **state)
{
    (void)state;
    const int64_t day_us = DAY_US, second_us = 1000000;
    struct bank b;
    struct clock_manual wall, machine;
    struct clock_guard guard;
    int64_t first = 0, later = 0;
    bank_open(&b, tested);
    engine_stop(b.engine);
    clock_manual_init(&wall, DB_FIXTURE_NOW);
    clock_manual_init(&machine, day_us);
    clock_guard_init(&guard, &wall.clock, &machine.clock, "boot-1");
    struct engine_options options = options_of(&b);
    options.guard = &guard;
    assert_ok(engine_start(&options, &b.engine));
    assert_ok(engine_clock_keep(b.engine));
    assert_int_equal(engine_clock_read(b.engine).state, CLOCK_STEADY);
    assert_err(ERR_CLOCK_STEADY, engine_run(b.engine, follow, NULL));

    clock_manual_advance(&wall, 3650 * day_us);
    clock_manual_advance(&machine, 10 * second_us);
    assert_ok(engine_clock_keep(b.engine));
    struct clock_reading reading = engine_clock_read(b.engine);
    assert_int_equal(reading.state, CLOCK_JUMPED);
    assert_int_equal(reading.now_us, DB_FIXTURE_NOW + 10 * second_us);
    assert_ok(engine_run(b.engine, make_id, &first));
    assert_true(id_instant_us(first) < DB_FIXTURE_NOW + day_us);
    engine_stop(b.engine);

    /* The machine has not restarted: the count continues, independent of the wall clock. */
    clock_manual_advance(&machine, 50 * second_us);
    clock_guard_init(&guard, &wall.clock, &machine.clock, "boot-1");
    assert_ok(engine_start(&options, &b.engine));
    reading = engine_clock_read(b.engine);
    assert_int_equal(reading.state, CLOCK_JUMPED);
    assert_int_equal(reading.now_us, DB_FIXTURE_NOW + 60 * second_us);
    assert_ok(engine_clock_keep(b.engine));
    engine_stop(b.engine);

    /* The machine has restarted with a clock a day behind the bank's: time continues from the stored
     * instant. */
    clock_manual_set(&wall, DB_FIXTURE_NOW - day_us);
    clock_manual_set(&machine, 0);
    clock_guard_init(&guard, &wall.clock, &machine.clock, "boot-2");
    assert_ok(engine_start(&options, &b.engine));
    reading = engine_clock_read(b.engine);
    assert_int_equal(reading.state, CLOCK_JUMPED);
    assert_true(reading.now_us >= DB_FIXTURE_NOW + 60 * second_us);
    assert_ok(engine_run(b.engine, make_id, &later));
    assert_true(later > first);
    assert_ok(engine_clock_keep(b.engine));

    /* Two people approve: the only possible step back. Ids rise all the same. */
    assert_ok(engine_run(b.engine, follow, NULL));
    assert_ok(engine_clock_keep(b.engine));
    reading = engine_clock_read(b.engine);
    assert_int_equal(reading.state, CLOCK_STEADY);
    assert_int_equal(reading.now_us, DB_FIXTURE_NOW - day_us);
    engine_stop(b.engine);
    clock_guard_init(&guard, &wall.clock, &machine.clock, "boot-3");
    assert_ok(engine_start(&options, &b.engine));
    assert_int_equal(engine_clock_read(b.engine).state, CLOCK_STEADY);
    assert_ok(engine_run(b.engine, make_id, &first));
    assert_true(first >> 22 >= later >> 22);
    bank_close(&b);
}

static int run(enum db_engine engine)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine_run__keeps_a_refusal),
        cmocka_unit_test(test_engine_run__answers_each_once),
        cmocka_unit_test(test_engine_run__many_threads),
        cmocka_unit_test(test_engine_run__date_ends_a_group),
        cmocka_unit_test(test_engine_run__survives_faults),
        cmocka_unit_test(test_engine_run__runs_again_after_a_conflict),
        cmocka_unit_test(test_engine_run__starts_alone),
        cmocka_unit_test(test_engine_run__nodes_are_taken_once),
        cmocka_unit_test(test_engine_run__closed_date_stays_closed),
        cmocka_unit_test(test_engine_run__time_is_guarded),
    };
    tested = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests, NULL,
                                       NULL);
}

int main(void)
{
    return fixture_run(run);
}
