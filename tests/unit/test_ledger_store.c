/* The embedded store: effects of a group, of an undo, and the checks of a start. */
#include "ledger_fixture.h"

#include "db/db_fault.h"
#include "sys/thread.h"

#define A books_account(0)
#define B books_account(1)

static void open_two(struct books *b, const char *name)
{
    struct books_opening opening = {0, 2};
    books_open(b, DB_SQLITE, name);
    assert_ok(books_run(b, books_open_some, &opening));
    struct books_transfer t = books_pay(books_reserve(), A, 1000);
    assert_ok(books_run(b, books_post, &t));
}

DB_STMT(count_transfers, "SELECT count(*) FROM ledger_transfers /* bucket */");
DB_STMT(count_holds, "SELECT count(*) FROM ledger_holds /* bucket */");
DB_STMT(count_client_ids, "SELECT count(*) FROM ledger_client_ids /* bucket */");
DB_STMT(count_accounts, "SELECT count(*) FROM ledger_accounts /* bucket */");

static int64_t count_of(struct books *b, const char *table)
{
    static const char *const tables[] = {"ledger_transfers", "ledger_holds", "ledger_client_ids",
                                         "ledger_accounts"};
    static struct db_stmt *const counts[] = {&count_transfers, &count_holds, &count_client_ids,
                                             &count_accounts};
    size_t place = 0;
    while (strcmp(tables[place], table) != 0) {
        place++;
    }
    struct db_rows rows;
    assert_ok(db_query(b->db.conn, counts[place], DB_NO_ARGS, &rows));
    assert_true(db_rows_next(&rows));
    int64_t count = db_rows_int(&rows, 0);
    assert_ok(db_rows_close(&rows));
    return count;
}

/* Everything that a unit can do, then an error of its own. */
static enum err much_then_fail(struct ledger_unit *unit, void *context)
{
    struct books *b = context;
    struct books_opening opening = {10, 700}; /* the index grows and shrinks again */
    assert_ok(books_open_some(unit, &opening));
    struct books_transfer t = books_pay(A, books_account(11), 300);
    t.client = books_client(b->now_us, 77);
    assert_ok(books_post(unit, &t));
    struct hold_draft hold = {.recipe = RECIPE_WITHDRAWAL,
                              .recipe_version = 1,
                              .transfer = {A, ledger_internal_account(GL_SUSPENSE, CCY_CNY, 5), 5}};
    struct journal_result result;
    assert_ok(ledger_hold(unit, &hold, &result));
    assert_ok(ledger_account_close(unit, B));
    struct ledger_account state;
    assert_ok(ledger_account_read(unit, A, &state));
    assert_int_equal(699, ledger_balance(&state));
    assert_int_equal(694, ledger_available(&state));
    return ERR_NOT_FOUND;
}

static void test_ledger_store__undo_leaves_no_trace(void **state)
{
    (void)state;
    struct books b;
    open_two(&b, "ledger_store");
    struct ledger_account before = books_state(&b, A);
    int64_t rows = count_of(&b, "ledger_transfers");
    assert_ok(db_begin(b.db.conn));
    struct books_transfer first = books_pay(A, books_reserve(), 1);
    assert_ok(books_unit(&b, books_post, &first)); /* a neighbour in the same group */
    assert_err(ERR_NOT_FOUND, books_unit(&b, much_then_fail, &b));
    struct books_transfer last = books_pay(A, B, 1); /* B is not closed */
    last.client = books_client(b.now_us, 77);        /* and the id is free */
    assert_ok(books_unit(&b, books_post, &last));
    assert_false(last.result.replayed);
    assert_ok(books_commit(&b));
    struct ledger_account after = books_state(&b, A);
    assert_int_equal(before.debits_posted + 2, after.debits_posted);
    assert_int_equal(before.credits_posted, after.credits_posted);
    assert_int_equal(0, after.debits_pending);
    assert_int_equal(rows + 2, count_of(&b, "ledger_transfers"));
    assert_int_equal(0, count_of(&b, "ledger_holds"));
    assert_int_equal(1, count_of(&b, "ledger_client_ids"));
    assert_int_equal(3, count_of(&b, "ledger_accounts"));
    assert_int_equal(3, ledger_memory(b.ledger).account_count);
    assert_int_equal(0, books_state(&b, books_account(11)).id);
    struct books_opening again = {10, 700}; /* the places are free */
    assert_ok(books_run(&b, books_open_some, &again));
    assert_ok(books_restart(&b));
    assert_int_equal(after.debits_posted, books_state(&b, A).debits_posted);
    assert_int_equal(after.newest_id, books_state(&b, A).newest_id);
    books_close(&b);
}

/* A commit that fails, at every call to the database on its way. */
static void test_ledger_store__forgets_a_failed_commit(void **state)
{
    (void)state;
    struct books b;
    open_two(&b, "ledger_store");
    struct ledger_account before = books_state(&b, A);
    bool fired = true;
    int faults = 0;
    for (int64_t nth = 1; fired; nth++) {
        struct books_transfer t = books_pay(A, B, 10);
        struct books_opening opening = {100, 3};
        t.client = books_client(b.now_us, 5);
        assert_ok(db_begin(b.db.conn));
        assert_ok(books_unit(&b, books_open_some, &opening));
        assert_ok(books_unit(&b, books_post, &t));
        assert_false(t.result.replayed);
        db_fault_arm(b.db.conn, nth, ERR_DB_FULL);
        enum err err = books_commit(&b);
        fired = db_fault_fired(b.db.conn);
        db_fault_arm(b.db.conn, 0, ERR_OK);
        assert_err(fired ? ERR_DB_FULL : ERR_OK, err);
        if (fired) {
            faults++;
            struct ledger_account after = books_state(&b, A);
            assert_memory_equal(&before, &after, sizeof before);
            assert_int_equal(0, books_state(&b, books_account(100)).id);
            assert_int_equal(3, ledger_memory(b.ledger).account_count);
        }
    }
    assert_true(faults >= 4); /* rows, client ids, seal, commit */
    assert_int_equal(before.debits_posted + 10, books_state(&b, A).debits_posted);
    struct books_transfer again = books_pay(A, B, 10);
    again.client = books_client(b.now_us, 5);
    assert_ok(books_run(&b, books_post, &again));
    assert_true(again.result.replayed);
    assert_ok(books_restart(&b));
    assert_int_equal(before.debits_posted + 10, books_state(&b, A).debits_posted);
    books_close(&b);
}

static void test_ledger_store__readers_see_committed_states_only(void **state)
{
    (void)state;
    struct books b;
    open_two(&b, "ledger_store");
    struct books_opening opening = {2, 1};
    assert_ok(db_begin(b.db.conn));
    assert_ok(books_unit(&b, books_open_some, &opening));
    for (int i = 0; i < 100; i++) {
        struct books_transfer t = books_pay(A, books_account(2), 1);
        assert_ok(books_unit(&b, books_post, &t));
        assert_int_equal(0, books_state(&b, A).debits_posted);
        assert_int_equal(0, books_state(&b, books_account(2)).id);
    }
    assert_ok(books_commit(&b));
    assert_int_equal(100, books_state(&b, A).debits_posted);
    assert_int_equal(0, books_state(&b, A).uncommitted);
    assert_int_equal(100, books_state(&b, books_account(2)).credits_posted);
    books_close(&b);
}

/* A reader with a snapshot older than the state in memory still gets the whole history. */
static bool count_line(const struct ledger_line *line, void *context)
{
    *(int64_t *)context += line->amount_minor;
    return true;
}

static void test_ledger_store__history_from_an_old_snapshot(void **state)
{
    (void)state;
    struct books b;
    open_two(&b, "ledger_store");
    struct db_conn *reader = fixture_connect(&b.db, DB_READ_ONLY);
    int64_t sum = 0;
    int64_t balance = 0;
    assert_ok(db_begin(reader));
    assert_ok(ledger_history(b.ledger, reader, A, 0, count_line, &sum));
    assert_int_equal(1000, sum);
    struct books_transfer t = books_pay(A, B, 30);
    assert_ok(books_run(&b, books_post, &t));
    sum = 0;
    assert_ok(ledger_history(b.ledger, reader, A, 0, count_line, &sum));
    assert_int_equal(1030, sum);
    assert_ok(books_run(&b, books_post, &t));
    assert_ok(ledger_balance_at(b.ledger, reader, A, b.now_us, &balance));
    assert_int_equal(940, balance);
    db_rollback(reader);
    db_disconnect(reader);
    books_close(&b);
}

/* Two generations of ids in memory, the rest in the table: no id is ever new twice. */
static void test_ledger_store__client_id_window_turns_over(void **state)
{
    (void)state;
    struct books b;
    size_t usual = client_id_generation;
    client_id_generation = 16;
    open_two(&b, "ledger_store");
    for (int i = 1; i <= 100; i++) {
        struct books_transfer t = books_pay(A, B, 1);
        t.client = books_client(b.now_us + (i % 7) * 1000, i);
        assert_ok(books_run(&b, books_post, &t));
        assert_false(t.result.replayed);
    }
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 1; i <= 100; i++) {
            struct books_transfer t = books_pay(A, B, 1);
            t.client = books_client(b.now_us + (i % 7) * 1000, i);
            assert_ok(books_run(&b, books_post, &t));
            assert_true(t.result.replayed);
            t.transfer.amount_minor = 2;
            assert_err(ERR_ID_REUSED, books_run(&b, books_post, &t));
        }
        assert_ok(books_restart(&b));
    }
    assert_int_equal(100, books_state(&b, A).debits_posted);
    books_close(&b);
    client_id_generation = usual;
}

static enum err write_one_chunk(struct ledger_unit *unit, void *context)
{
    (void)context;
    return ledger_checkpoint(unit->ledger, unit->conn, 1);
}

static void test_ledger_store__checkpoints_inside_a_group(void **state)
{
    (void)state;
    struct books b;
    open_two(&b, "ledger_store");
    assert_ok(db_begin(b.db.conn));
    struct books_transfer t = books_pay(A, B, 7);
    assert_ok(books_unit(&b, books_post, &t));
    assert_ok(books_unit(&b, write_one_chunk, NULL));
    assert_ok(books_unit(&b, books_post, &t));
    assert_ok(books_commit(&b));
    struct ledger_account before = books_state(&b, A);
    assert_int_equal(14, before.debits_posted);
    assert_ok(books_restart(&b));
    struct ledger_account after = books_state(&b, A);
    assert_memory_equal(&before, &after, sizeof before);
    books_close(&b);
}

static void test_ledger_store__ids_rise_over_a_clock_gone_back(void **state)
{
    (void)state;
    struct books b;
    open_two(&b, "ledger_store");
    struct books_transfer first = books_pay(A, B, 1);
    assert_ok(books_run(&b, books_post, &first));
    b.now_us -= 86400 * INT64_C(1000000);
    assert_ok(books_restart(&b));
    struct books_transfer second = books_pay(A, B, 1);
    assert_ok(books_run(&b, books_post, &second));
    assert_true(second.result.id.value > first.result.id.value);
    assert_ok(books_restart(&b));
    assert_int_equal(2, books_state(&b, A).debits_posted);
    books_close(&b);
}

/* Each of these changes of the file is found at the start. */
static void test_ledger_store__start_finds_corruption(void **state)
{
    (void)state;
    static const char *const damages[] = {
        "UPDATE ledger_transfers SET amount_minor = amount_minor + 1 WHERE id = (SELECT max(id) "
        "FROM ledger_transfers)",
        "UPDATE ledger_transfers SET amount_minor = 999 WHERE id = (SELECT min(id) FROM "
        "ledger_transfers)",
        "UPDATE ledger_transfers SET credit_id = debit_id WHERE id = (SELECT max(id) FROM "
        "ledger_transfers)",
        "UPDATE ledger_transfers SET credit_id = 12345678901234 WHERE id = (SELECT max(id) FROM "
        "ledger_transfers)",
        "UPDATE ledger_transfers SET recipe = recipe + 1 WHERE id = (SELECT max(id) FROM "
        "ledger_transfers)",
        "UPDATE ledger_transfers SET ref_id = 1 WHERE id = (SELECT max(id) FROM ledger_transfers)",
        "UPDATE ledger_transfers SET debit_prev_id = 0 WHERE id = (SELECT max(id) FROM "
        "ledger_transfers)",
        "UPDATE ledger_transfers SET credit_net_minor = 0 WHERE id = (SELECT max(id) FROM "
        "ledger_transfers)",
        "DELETE FROM ledger_transfers WHERE id = (SELECT max(id) FROM ledger_transfers)",
        "DELETE FROM ledger_transfers WHERE id = (SELECT min(id) FROM ledger_transfers)",
        "UPDATE ledger_seals SET hash = zeroblob(32) WHERE seq = (SELECT max(seq) FROM "
        "ledger_seals)",
        "UPDATE ledger_seals SET hash = zeroblob(31) WHERE seq = (SELECT max(seq) FROM "
        "ledger_seals)",
        "UPDATE ledger_seals SET transfer_count = transfer_count + 1",
        "DELETE FROM ledger_seals WHERE seq = (SELECT max(seq) FROM ledger_seals)",
        "UPDATE ledger_balance_chunks SET checksum = zeroblob(32)",
        "UPDATE ledger_balance_chunks SET as_of_id = as_of_id + 1",
        "UPDATE ledger_balance_chunks SET states = zeroblob(56)",
        "UPDATE ledger_balance_chunks SET chunk = 7",
        "DELETE FROM ledger_accounts WHERE slot = 1",
        "UPDATE ledger_accounts SET slot = slot + 1",
        /* rows and their seal cut off together: the chunk knows more than the rows */
        "DELETE FROM ledger_transfers WHERE id = (SELECT max(id) FROM ledger_transfers); DELETE "
        "FROM ledger_seals WHERE seq = (SELECT max(seq) FROM ledger_seals)",
    };
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        struct books b;
        int64_t usual = embedded_checkpoint_cycle;
        bool chunk_last = i + 1 == sizeof damages / sizeof damages[0];
        embedded_checkpoint_cycle = chunk_last ? 1 : usual;
        open_two(&b, "ledger_store");
        struct books_transfer t = books_pay(A, B, 10);
        assert_ok(books_run(&b, books_post, &t));
        assert_ok(books_run(&b, books_post, &t));
        assert_ok(db_script(b.db.conn, damages[i]));
        ledger_stop(b.ledger);
        b.ledger = NULL;
        enum err err = ledger_start(b.db.conn, &b.ledger);
        if (err != ERR_LEDGER_CORRUPT) {
            fail_msg("%s: %s", damages[i], err_slug(err));
        }
        fixture_close(&b.db);
        embedded_checkpoint_cycle = usual;
    }
}

/* Chunks in turn while accounts are opened and used: every restart finds the same states. */
static void test_ledger_store__restarts_anywhere(void **state)
{
    (void)state;
    struct books b;
    int64_t usual = embedded_checkpoint_cycle;
    embedded_checkpoint_cycle = 11;
    open_two(&b, "ledger_store");
    static struct ledger_account before[3000];
    uint64_t random = 3;
    int accounts = 2;
    for (int round = 0; round < 60; round++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407U;
        struct books_opening opening = {accounts, (int)(random >> 60) + (round % 9 == 0 ? 170 : 0)};
        assert_ok(db_begin(b.db.conn));
        assert_ok(books_unit(&b, books_open_some, &opening));
        accounts += opening.count;
        for (int i = 0; i < (int)(random >> 33 & 7); i++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407U;
            struct books_transfer t =
                books_pay(A, books_account(1 + (int)((random >> 33) % (uint64_t)(accounts - 1))),
                          1 + (int64_t)(random >> 62));
            (void)books_unit(&b, books_post, &t);
        }
        assert_ok(books_commit(&b));
        for (int i = 0; i < accounts; i++) {
            before[i] = books_state(&b, books_account(i));
        }
        if (round % 3 == 0) {
            assert_ok(books_restart(&b));
        }
        for (int i = 0; i < accounts; i++) {
            struct ledger_account after = books_state(&b, books_account(i));
            assert_memory_equal(&before[i], &after, sizeof after);
        }
    }
    assert_true(accounts > 2 * CHUNK_ACCOUNTS);
    books_close(&b);
    embedded_checkpoint_cycle = usual;
}

static enum err many(struct ledger_unit *unit, void *context)
{
    struct books *b = context;
    struct ledger_transfer transfers[6] = {{A, B, 10}, {A, B, 10},      {A, B, 5},
                                           {A, A, 1},  {B, A, 1000000}, {A, books_account(99), 1}};
    struct client_id ids[6];
    enum err errs[6];
    for (int i = 0; i < 6; i++) {
        ids[i] = books_client(b->now_us, i + 1);
    }
    ids[1] = ids[0]; /* the same again */
    ids[2] = ids[0]; /* another body */
    struct journal_draft shared = {.recipe = RECIPE_BULK, .recipe_version = 1};
    static const enum err wanted[6] = {ERR_OK,
                                       ERR_OK,
                                       ERR_ID_REUSED,
                                       ERR_LEDGER_DRAFT,
                                       ERR_INSUFFICIENT_FUNDS,
                                       ERR_LEDGER_ACCOUNT};
    enum err err = ledger_post_many(unit, &shared, transfers, ids, 6, errs);
    for (int i = 0; !err && i < 6; i++) {
        assert_err(wanted[i], errs[i]);
    }
    return err;
}

/* Without ids, an internal account nobody used before, one account many times. */
static enum err many_plain(struct ledger_unit *unit, void *context)
{
    (void)context;
    struct ledger_transfer transfers[40];
    enum err errs[40];
    struct client_id none[40] = {{{0}}};
    for (int i = 0; i < 40; i++) {
        transfers[i] = (struct ledger_transfer){
            i % 2 ? A : ledger_internal_account(GL_FEE_INCOME, CCY_CNY, 9), B, 1};
    }
    struct journal_draft shared = {.recipe = RECIPE_BULK, .recipe_version = 1};
    enum err err = ledger_post_many(unit, &shared, transfers, none, 40, errs);
    for (int i = 0; !err && i < 40; i++) {
        assert_ok(errs[i]);
    }
    return err;
}

static void bulk(enum db_engine engine)
{
    struct books b;
    struct books_opening opening = {0, 2};
    books_open(&b, engine, "ledger_store");
    assert_ok(books_run(&b, books_open_some, &opening));
    struct books_transfer t = books_pay(books_reserve(), A, 1000);
    assert_ok(books_run(&b, books_post, &t));
    for (int i = 0; i < 3; i++) {
        assert_ok(books_run(&b, many, &b));
        assert_int_equal(10, books_state(&b, A).debits_posted);
        assert_int_equal(2, books_state(&b, A).posting_count);
    }
    assert_ok(books_run(&b, many_plain, NULL));
    assert_int_equal(30, books_state(&b, A).debits_posted);
    assert_int_equal(50, books_state(&b, B).credits_posted);
    assert_int_equal(41, books_state(&b, B).posting_count);
    assert_true(books_state(&b, B).newest_id > books_state(&b, books_reserve()).newest_id);
    assert_ok(books_restart(&b));
    assert_ok(books_run(&b, many, &b));
    assert_int_equal(30, books_state(&b, A).debits_posted);
    books_close(&b);
}

static void test_ledger_store__bulk_door(void **state)
{
    (void)state;
    bulk(DB_SQLITE);
    const char *server = getenv("SYCEE_TEST_PG_URL");
    if (server != NULL && server[0] != '\0') {
        bulk(DB_POSTGRESQL);
    }
}

static void test_ledger_store__internal_ids_are_exact(void **state)
{
    (void)state;
    struct ledger_account out;
    int64_t good = books_reserve().value;
    assert_ok(ledger_internal_state(good, &out));
    assert_int_equal(GL_RESERVE, out.gl_code);
    assert_err(ERR_LEDGER_ACCOUNT, ledger_internal_state(good + (INT64_C(1) << 37), &out));
    assert_err(ERR_LEDGER_ACCOUNT, ledger_internal_state(good & ~(INT64_C(2047) << 10), &out));
    assert_err(ERR_LEDGER_ACCOUNT, ledger_internal_state(good + (INT64_C(1) << 21), &out));
    assert_err(ERR_LEDGER_ACCOUNT, ledger_internal_state(0, &out));
    assert_err(ERR_LEDGER_ACCOUNT, ledger_internal_state(-good, &out));
}

/* --- PostgreSQL: ids and seals do not depend on a clock ---------------------------------------- */

static int64_t number_of(struct books *b, struct db_stmt *stmt)
{
    struct db_rows rows;
    assert_ok(db_query(b->db.conn, stmt, DB_NO_ARGS, &rows));
    assert_true(db_rows_next(&rows));
    int64_t number = db_rows_int(&rows, 0);
    assert_ok(db_rows_close(&rows));
    return number;
}

static bool open_pg(struct books *b)
{
    const char *server = getenv("SYCEE_TEST_PG_URL");
    struct books_opening opening = {0, 2};
    if (server == NULL || server[0] == '\0') {
        return false;
    }
    books_open(b, DB_POSTGRESQL, "ledger_store");
    assert_ok(books_run(b, books_open_some, &opening));
    struct books_transfer t = books_pay(books_reserve(), A, 1000);
    assert_ok(books_run(b, books_post, &t));
    return true;
}

DB_STMT(pg_unsealed, "SELECT count(*) FROM ledger_unsealed /* bucket */");
DB_STMT(pg_sealed,
        "SELECT CAST(coalesce(sum(transfer_count), 0) AS BIGINT) FROM ledger_seals /* bucket */");
/* Lines of an account whose transfer is not newer than that of the line before. */
DB_STMT(pg_backward, "SELECT count(*) FROM ledger_postings a JOIN ledger_postings b ON b.bucket ="
                     " a.bucket AND b.account_id = a.account_id AND b.seq = a.seq + 1"
                     " WHERE b.transfer_id <= a.transfer_id");

static void seal(struct books *b)
{
    assert_ok(db_begin(b->db.conn));
    assert_ok(ledger_seal_due(b->ledger, b->db.conn, b->now_us));
    assert_ok(db_commit(b->db.conn));
}

/* The clock steps back by more than any lag: ids keep rising, everything is sealed. */
static void test_ledger_store__pg_clock_steps_back(void **state)
{
    (void)state;
    struct books b;
    if (!open_pg(&b)) {
        return;
    }
    struct books_transfer first = books_pay(A, B, 10);
    assert_ok(books_run(&b, books_post, &first));
    seal(&b);
    assert_int_equal(2, number_of(&b, &pg_sealed));
    struct books_transfer last = first;
    b.now_us -= 3600 * INT64_C(1000000);
    for (int i = 0; i < 20; i++) {
        struct books_transfer t = books_pay(i % 2 ? A : B, i % 2 ? B : A, 1);
        b.now_us += i * INT64_C(1000000);
        assert_ok(books_run(&b, books_post, &t));
        assert_true(t.result.id.value / ID_STEP > last.result.id.value / ID_STEP);
        last = t;
    }
    /* the ids have not run away from the newest instant seen */
    assert_true(id_instant_us(last.result.id.value) - id_instant_us(first.result.id.value) <
                100000);
    assert_int_equal(0, number_of(&b, &pg_backward));
    assert_int_equal(20, number_of(&b, &pg_unsealed));
    seal(&b);
    assert_int_equal(0, number_of(&b, &pg_unsealed));
    assert_int_equal(22, number_of(&b, &pg_sealed));
    seal(&b); /* nothing is left: no empty seal */
    assert_int_equal(22, number_of(&b, &pg_sealed));
    books_close(&b);
}

/* Two processes, one with a clock 40 s ahead: a journal of the slower one gets ids above those of its
 * accounts, by either way of writing. */
static void test_ledger_store__pg_two_skewed_clocks(void **state)
{
    (void)state;
    struct books b;
    if (!open_pg(&b)) {
        return;
    }
    struct books other = b;
    id_maker_init(&other.ids, 16, 6); /* node 1, worker 0 */
    assert_ok(ledger_start(b.db.conn, &other.ledger));
    other.now_us += 40 * INT64_C(1000000);
    int64_t newest = 0;
    for (int i = 0; i < 12; i++) {
        struct books *mine = i % 3 == 0 ? &other : &b;
        struct books_transfer t = books_pay(A, B, i % 4 == 1 ? INT64_C(1) << 61 : 1);
        enum err wanted = i % 4 == 1 ? ERR_INSUFFICIENT_FUNDS : ERR_OK; /* the careful way */
        assert_err(wanted, books_run(mine, books_post, &t));
        if (wanted == ERR_OK) {
            assert_true(t.result.id.value / ID_STEP > newest / ID_STEP);
            newest = t.result.id.value;
        }
    }
    struct ledger_transfer many[3] = {{A, B, 1}, {B, A, 1}, {A, B, 1}};
    struct journal_draft shared = {
        .recipe = RECIPE_BULK, .recipe_version = 1, .booking_date = {20000}, .value_date = {20000}};
    enum err errs[3];
    other.now_us += 100 * INT64_C(1000000);
    struct books_transfer ahead = books_pay(A, B, 1);
    assert_ok(books_run(&other, books_post, &ahead));
    assert_ok(db_begin(b.db.conn));
    struct ledger_unit *unit = ledger_unit_begin(b.ledger, b.db.conn, &b.ids, b.now_us);
    assert_ok(ledger_post_many(unit, &shared, many, NULL, 3, errs));
    ledger_unit_end(unit);
    assert_ok(books_commit(&b));
    assert_int_equal(0, number_of(&b, &pg_backward));
    ledger_stop(other.ledger);
    books_close(&b);
}

/* A transaction that commits long after its neighbours is sealed by a later seal. */
static void test_ledger_store__pg_slow_transaction(void **state)
{
    (void)state;
    struct books b;
    if (!open_pg(&b)) {
        return;
    }
    struct books_opening more = {2, 4};
    assert_ok(books_run(&b, books_open_some, &more));
    struct books_transfer fund = books_pay(books_reserve(), books_account(2), 100);
    assert_ok(books_run(&b, books_post, &fund));
    struct books slow = b;
    id_maker_init(&slow.ids, 1, 6);
    assert_ok(db_connect(b.db.db, DB_READ_WRITE, &slow.db.conn));
    assert_ok(db_begin(slow.db.conn));
    struct books_transfer late = books_pay(books_account(2), books_account(3), 5);
    assert_ok(books_unit(&slow, books_post, &late));
    for (int i = 0; i < 60; i++) {
        b.now_us += INT64_C(1000000);
        struct books_transfer t = books_pay(A, B, 1);
        assert_ok(books_run(&b, books_post, &t));
        seal(&b);
    }
    assert_int_equal(62, number_of(&b, &pg_sealed));
    assert_ok(books_commit(&slow));
    assert_int_equal(1, number_of(&b, &pg_unsealed));
    seal(&b);
    assert_int_equal(0, number_of(&b, &pg_unsealed));
    assert_int_equal(63, number_of(&b, &pg_sealed));
    struct ledger_seal newest;
    assert_ok(ledger_seal_newest(b.db.conn, &newest));
    assert_int_equal(1, newest.count);
    assert_int_equal(late.result.id.value, newest.last_id);
    int64_t member = 0;
    assert_ok(ledger_seal_members(b.db.conn, &newest, &member));
    assert_int_equal(late.result.id.value, member);
    db_disconnect(slow.db.conn);
    books_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger_store__undo_leaves_no_trace),
        cmocka_unit_test(test_ledger_store__forgets_a_failed_commit),
        cmocka_unit_test(test_ledger_store__readers_see_committed_states_only),
        cmocka_unit_test(test_ledger_store__history_from_an_old_snapshot),
        cmocka_unit_test(test_ledger_store__client_id_window_turns_over),
        cmocka_unit_test(test_ledger_store__checkpoints_inside_a_group),
        cmocka_unit_test(test_ledger_store__ids_rise_over_a_clock_gone_back),
        cmocka_unit_test(test_ledger_store__start_finds_corruption),
        cmocka_unit_test(test_ledger_store__restarts_anywhere),
        cmocka_unit_test(test_ledger_store__bulk_door),
        cmocka_unit_test(test_ledger_store__internal_ids_are_exact),
        cmocka_unit_test(test_ledger_store__pg_clock_steps_back),
        cmocka_unit_test(test_ledger_store__pg_two_skewed_clocks),
        cmocka_unit_test(test_ledger_store__pg_slow_transaction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
