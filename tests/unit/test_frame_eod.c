/* The durable end of day: oldest first, failures that stay until mended, one run at a time. */
#include "frame/room.h"
#include "ledger/recipe.h"

#include "db_fixture.h"

#define STEPS 2

struct bank {
    struct db_fixture db;
    struct clock_manual wall, machine;
    struct clock_guard guard;
    struct engine *engine;
    struct house house;
    struct eod *eod;
};
static struct bank bank;
static enum db_engine tested;

/* Records of the steps in order, and their scripted failures. */
static struct {
    struct date date;
    int step, bucket;
} done[400];
static size_t done_count;
static int failing_bucket = -1;
static struct date early_date;

static enum err work(int step, struct date date, int bucket)
{
    if (step == 0 && bucket == failing_bucket) {
        return ERR_DB;
    }
    assert_true(done_count < sizeof done / sizeof done[0]);
    done[done_count].date = date;
    done[done_count].step = step;
    done[done_count++].bucket = bucket;
    return ERR_OK;
}

static enum err first_step(const struct house *house, struct date date, int bucket)
{
    assert_ptr_equal(&bank.house, house);
    return work(0, date, bucket);
}

static enum err second_step(const struct house *house, struct date date, int bucket)
{
    assert_ptr_equal(&bank.house, house);
    return work(1, date, bucket);
}

static enum err is_agreed(struct db_conn *conn, struct date date, bool *out)
{
    (void)conn;
    *out = date.days == early_date.days;
    return ERR_OK;
}

static const struct eod_step steps[] = {
    {"first", first_step, false}, {"second", second_step, true}, {NULL, NULL, false}};
static const struct room_parts ROOM = {.name = "tested", .steps = steps};
static const struct room_parts AGREEING = {.name = "agreeing", .is_early_agreed = is_agreed};
static const struct room_parts *const rooms[] = {&AGREEING, &ROOM, NULL};

static enum err open_accounts(struct uow *uow, void *context)
{
    enum err err = ERR_OK;
    (void)context;
    for (int i = 0; !err && i < 4; i++) {
        struct ledger_account_spec spec = {.id = {(INT64_C(1) << 41) + (INT64_C(1) << 22) * i + i},
                                           .ccy = CCY_CNY,
                                           .gl_code = GL_DEPOSITS_DEMAND};
        err = ledger_account_open(uow->ledger, &spec);
    }
    return err;
}

static void engine_open(void)
{
    struct engine_options options = {
        .database_url = bank.db.url, .guard = &bank.guard, .workers = 4, .readers = 2};
    clock_guard_init(&bank.guard, &bank.wall.clock, &bank.machine.clock, "boot");
    assert_ok(engine_start(&options, &bank.engine));
    assert_ok(engine_clock_keep(bank.engine));
    bank.house = (struct house){.rooms = rooms, .engine = bank.engine};
    assert_ok(eod_open(&bank.house, &bank.eod));
}

static void engine_close(void)
{
    eod_release(bank.eod);
    engine_stop(bank.engine);
}

static int bank_open(void **state)
{
    (void)state;
    memset(&bank, 0, sizeof bank);
    done_count = 0;
    failing_bucket = -1;
    early_date.days = 0;
    fixture_open(&bank.db, tested, "frame_eod");
    db_disconnect(bank.db.conn);
    bank.db.conn = NULL;
    clock_manual_init(&bank.wall, DB_FIXTURE_NOW);
    clock_manual_init(&bank.machine, DAY_US);
    engine_open();
    assert_ok(engine_run(bank.engine, open_accounts, NULL));
    return 0;
}

static int bank_close(void **state)
{
    (void)state;
    engine_close();
    bank.db.conn = fixture_connect(&bank.db, DB_READ_WRITE);
    fixture_close(&bank.db);
    return 0;
}

static void pass_days(int days)
{
    clock_manual_advance(&bank.wall, days * DAY_US);
    clock_manual_advance(&bank.machine, days * DAY_US);
}

static struct eod_status status(void)
{
    struct db_conn *conn;
    struct eod_status out;
    assert_ok(engine_read_begin(bank.engine, &conn));
    assert_ok(eod_status_load(conn, &out));
    engine_read_end(bank.engine, conn);
    return out;
}

static struct date open_date(void)
{
    return engine_business_date(bank.engine);
}

/* Buckets 0 to 3 have accounts, and the bank's own accounts are somewhere: each once a date. */
static size_t done_of(struct date date, int step)
{
    size_t count = 0;
    for (size_t i = 0; i < done_count; i++) {
        count += done[i].date.days == date.days && done[i].step == step;
    }
    return count;
}

static void test_frame_eod__closes_what_has_ended(void **state)
{
    (void)state;
    struct date first = open_date();
    assert_err(ERR_DAY_NOT_ENDED, eod_close(bank.eod, first));
    assert_err(ERR_DAY_NOT_ENDED, eod_run(bank.eod, first, false, NULL, NULL));
    assert_int_equal(open_date().days, first.days);
    pass_days(1);
    assert_err(ERR_DAY_NOT_ENDED, eod_close(bank.eod, date_add_days(first, 1)));
    assert_ok(eod_run(bank.eod, first, false, NULL, NULL));
    assert_int_equal(open_date().days, first.days + 1);
    assert_true(done_of(first, 0) >= 4);
    assert_int_equal(done_of(first, 1), 1);
    assert_int_equal(status().unfinished, 0);
    /* A run too many changes nothing. */
    size_t before = done_count;
    assert_err(ERR_DAY_CLOSED, eod_run(bank.eod, first, false, NULL, NULL));
    assert_ok(eod_close(bank.eod, first));
    assert_int_equal(done_count, before);
    assert_int_equal(open_date().days, first.days + 1);
}

static void test_frame_eod__early_only_where_two_agreed(void **state)
{
    (void)state;
    struct date first = open_date();
    early_date = first;
    assert_ok(eod_run(bank.eod, first, false, NULL, NULL));
    assert_int_equal(open_date().days, first.days + 1);
    assert_err(ERR_DAY_NOT_ENDED, eod_run(bank.eod, open_date(), false, NULL, NULL));
}

static void test_frame_eod__dry_run_changes_nothing(void **state)
{
    (void)state;
    struct date first = open_date();
    pass_days(1);
    assert_ok(eod_run(bank.eod, first, true, NULL, NULL));
    assert_int_equal(open_date().days, first.days);
    assert_int_equal(done_count, 0);
}

/* A bucket that fails delays no other bucket, only its date: later dates wait for it, and the failure
 * stays until it is repaired. */
static void test_frame_eod__failure_stays_until_mended(void **state)
{
    (void)state;
    struct date first = open_date(), worked;
    pass_days(3);
    failing_bucket = 2;
    for (int i = 0; i < 3; i++) {
        assert_ok(eod_close(bank.eod, date_add_days(first, i)));
        assert_err(ERR_DB, eod_work_oldest(bank.eod, NULL, NULL, &worked));
        assert_int_equal(worked.days, first.days); /* always the oldest */
    }
    assert_true(done_of(first, 0) >= 3);
    assert_int_equal(done_of(first, 1), 0);
    assert_int_equal(done_of(date_add_days(first, 1), 0), 0);
    struct eod_status owed = status();
    assert_int_equal(owed.unfinished, 3);
    assert_int_equal(owed.oldest.days, first.days);
    assert_int_equal(owed.failure_count, 3);
    assert_string_equal(owed.error, "db");
    assert_int_equal(eod_next_try_at(&owed), owed.failed_at + 4000000);
    /* Another request does not repair it; a restart loses nothing. */
    engine_close();
    engine_open();
    assert_err(ERR_DB, eod_run(bank.eod, first, false, NULL, NULL));
    failing_bucket = -1;
    for (int i = 0; i < 3; i++) {
        assert_ok(eod_work_oldest(bank.eod, NULL, NULL, &worked));
        assert_int_equal(worked.days, first.days + i);
    }
    assert_err(ERR_NOT_FOUND, eod_work_oldest(bank.eod, NULL, NULL, &worked));
    assert_int_equal(status().unfinished, 0);
    for (int i = 0; i < 3; i++) {
        struct date date = date_add_days(first, i);
        assert_int_equal(done_of(date, 0), done_of(first, 0));
        assert_int_equal(done_of(date, 1), 1);
    }
    for (size_t i = 1; i < done_count; i++) { /* no date before an older one was through */
        assert_true(done[i].date.days >= done[i - 1].date.days);
    }
}

/* Each bucket once, however often the run is stopped in the middle. */
static void test_frame_eod__goes_on_where_it_was(void **state)
{
    (void)state;
    struct date first = open_date(), worked;
    pass_days(1);
    assert_ok(eod_close(bank.eod, first));
    failing_bucket = 1;
    assert_err(ERR_DB, eod_work_oldest(bank.eod, NULL, NULL, &worked));
    eod_stop(bank.eod); /* the process is asked to end */
    assert_err(ERR_UNAVAILABLE, eod_work_oldest(bank.eod, NULL, NULL, &worked));
    assert_int_equal(status().failure_count, 1);
    engine_close();
    engine_open();
    failing_bucket = -1;
    assert_ok(eod_work_oldest(bank.eod, NULL, NULL, &worked));
    assert_true(done_of(first, 0) >= 4);
    for (size_t i = 0; i < done_count; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_false(done[i].step == done[k].step && done[i].bucket == done[k].bucket);
        }
    }
    assert_int_equal(status().unfinished, 0);
}

/* A clock that jumped closes no date and runs no step until it is corrected. */
static void test_frame_eod__not_by_a_clock_in_doubt(void **state)
{
    (void)state;
    struct date first = open_date(), worked;
    clock_manual_advance(&bank.wall, 3650 * DAY_US);
    assert_err(ERR_CLOCK_IN_DOUBT, eod_close(bank.eod, first));
    early_date = first;
    assert_err(ERR_CLOCK_IN_DOUBT, eod_run(bank.eod, first, false, NULL, NULL));
    clock_manual_advance(&bank.wall, -3650 * DAY_US);
    pass_days(1);
    assert_ok(eod_close(bank.eod, first));
    clock_manual_advance(&bank.wall, -2 * DAY_US);
    assert_err(ERR_CLOCK_IN_DOUBT, eod_work_oldest(bank.eod, NULL, NULL, &worked));
    assert_int_equal(done_count, 0);
    clock_manual_advance(&bank.wall, 2 * DAY_US);
    assert_ok(eod_work_oldest(bank.eod, NULL, NULL, &worked));
}

/* Another process of the same database runs the steps: this one does not interfere. */
static void test_frame_eod__one_run_at_a_time(void **state)
{
    (void)state;
    struct date first = open_date(), worked;
    bool is_held = false;
    if (tested == DB_SQLITE) {
        return;
    }
    pass_days(1);
    assert_ok(eod_close(bank.eod, first));
    struct db_conn *other = fixture_connect(&bank.db, DB_READ_WRITE);
    assert_ok(db_hold(other, 2, &is_held));
    assert_true(is_held);
    assert_err(ERR_BUSY, eod_work_oldest(bank.eod, NULL, NULL, &worked));
    assert_int_equal(done_count, 0);
    db_disconnect(other);
    assert_ok(eod_work_oldest(bank.eod, NULL, NULL, &worked));
}

static int run(enum db_engine engine)
{
#define BANK_TEST(name)                                                                            \
    cmocka_unit_test_setup_teardown(test_frame_eod__##name, bank_open, bank_close)
    const struct CMUnitTest tests[] = {
        BANK_TEST(closes_what_has_ended),   BANK_TEST(early_only_where_two_agreed),
        BANK_TEST(dry_run_changes_nothing), BANK_TEST(failure_stays_until_mended),
        BANK_TEST(goes_on_where_it_was),    BANK_TEST(not_by_a_clock_in_doubt),
        BANK_TEST(one_run_at_a_time),
    };
    tested = engine;
    return cmocka_run_group_tests_name(engine == DB_SQLITE ? "sqlite" : "postgresql", tests, NULL,
                                       NULL);
}

int main(void)
{
    return fixture_run(run);
}
