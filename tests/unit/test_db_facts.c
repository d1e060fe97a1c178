/* Facts stored in a database: its mark, check values of keys; locks and checkpoints of its file. */
#include "db/facts.h"
#include "unit/db_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static enum db_engine engine;
static struct db_fixture fixture;

static int open_fresh(void **state)
{
    (void)state;
    fixture_open(&fixture, engine, "sycee_test_facts");
    return 0;
}

static int close_it(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static void test_db_facts__keeps_numbers(void **state)
{
    (void)state;
    int64_t number = -1;
    assert_ok(db_fact_load(fixture.conn, FACT_TOWN, &number));
    assert_int_equal(0, number);
    assert_ok(db_fact_store(fixture.conn, FACT_TOWN, 7, 1));
    assert_ok(db_fact_store(fixture.conn, FACT_TOWN, 1, 2));
    assert_ok(db_fact_load(fixture.conn, FACT_TOWN, &number));
    assert_int_equal(1, number);
}

static void test_db_facts__key_checks(void **state)
{
    (void)state;
    struct db_key_check rows[KEY_CHECKS_MAX];
    size_t count = 9;
    assert_ok(db_key_checks_load(fixture.conn, rows, &count));
    assert_int_equal(0, count);
    for (int i = 2; i >= 0; i--) {
        struct db_key_check check = {.version = i};
        memset(check.value, 'a' + i, sizeof(check.value));
        assert_ok(db_key_check_store(fixture.conn, &check, 5));
    }
    struct db_key_check other = {.version = 1};
    assert_ok(db_key_check_store(fixture.conn, &other, 6)); /* the first one stays */
    assert_ok(db_key_checks_load(fixture.conn, rows, &count));
    assert_int_equal(3, count);
    assert_int_equal(1, rows[1].version);
    assert_int_equal('b', rows[1].value[0]);
    assert_ok(db_key_checks_drop(fixture.conn, 2));
    assert_ok(db_key_checks_load(fixture.conn, rows, &count));
    assert_int_equal(2, count);
    assert_int_equal(0, rows[0].version);
    assert_int_equal(2, rows[1].version);
}

static int64_t raise_mark(void)
{
    int64_t number = 0;
    assert_ok(db_begin(fixture.conn));
    assert_ok(db_mark_raise(fixture.conn, 1, &number));
    assert_ok(db_commit(fixture.conn));
    db_mark_keep(fixture.db, number);
    return number;
}

static void path_of(const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", fixture.directory, name);
}

static void copy_file(const char *from, const char *to)
{
    static char bytes[1 << 22];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t size = read(in, bytes, sizeof(bytes));
    assert_true(size >= 0 && write(out, bytes, (size_t)size) == size);
    close(in);
    close(out);
}

/* Commits since the last checkpoint are only in the write-ahead log: without it the database is older,
 * and its mark shows it. */
static void test_db_facts__a_lost_log_is_noticed(void **state)
{
    (void)state;
    char from[128], to[128];
    struct db *db = NULL;
    struct db_conn *conn = NULL;
    assert_int_equal(1, raise_mark());
    assert_ok(db_mark_check(fixture.conn));
    if (engine != DB_SQLITE) {
        return;
    }
    db_disconnect(fixture.conn); /* a checkpoint: mark 1 is in the file itself */
    fixture.conn = fixture_connect(&fixture, DB_READ_WRITE);
    assert_int_equal(2, raise_mark());
    path_of("bank.db", from);
    path_of("lost.db", to);
    copy_file(from, to); /* without its log */
    path_of("bank.db.mark", from);
    path_of("lost.db.mark", to);
    copy_file(from, to);
    char url[160];
    snprintf(url, sizeof(url), "sqlite:%s/lost.db", fixture.directory);
    assert_ok(db_open(url, &db));
    assert_ok(db_connect(db, DB_READ_WRITE, &conn));
    assert_err(ERR_DB_STALE, db_mark_check(conn));
    assert_non_null(strstr(db_message(conn), "mark is 1, the file beside it has 2"));
    /* An older copy, put there on purpose. */
    assert_ok(db_mark_forget(db));
    assert_ok(db_mark_check(conn));
    /* A power cut may leave an empty file, a person anything. */
    static const char *const texts[] = {"", "nonsense", "sycee-mark 9"};
    for (size_t i = 0; i < 3; i++) {
        int file = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_true(write(file, texts[i], strlen(texts[i])) == (ssize_t)strlen(texts[i]));
        close(file);
        assert_ok(db_mark_check(conn));
    }
    db_disconnect(conn);
    db_close(db);
    unlink(to);
    path_of("lost.db", to);
    unlink(to);
}

static void expect_in_use(const char *name)
{
    char url[192];
    struct db *db = NULL;
    snprintf(url, sizeof(url), "sqlite:%s/%s", fixture.directory, name);
    assert_ok(db_open(url, &db));
    assert_err(ERR_DB_IN_USE, db_lock_exclusive(db));
    db_close(db);
}

/* The lock is on the file, under any of its names. */
static void test_db_facts__one_writer_by_any_name(void **state)
{
    (void)state;
    char file[128], other[128];
    if (engine != DB_SQLITE) {
        return;
    }
    assert_ok(db_lock_exclusive(fixture.db));
    expect_in_use("bank.db");
    path_of("bank.db", file);
    path_of("other.db", other);
    assert_int_equal(0, symlink(file, other));
    expect_in_use("other.db");
    unlink(other);
    assert_int_equal(0, link(file, other));
    expect_in_use("other.db");
    unlink(other);
    /* Nothing that SQLite or this test opened and closed meanwhile gave the lock away. */
    db_disconnect(fixture.conn);
    fixture.conn = fixture_connect(&fixture, DB_READ_WRITE);
    expect_in_use("bank.db");
    /* A file with two names is refused even if it is not locked. */
    db_disconnect(fixture.conn);
    db_close(fixture.db);
    assert_int_equal(0, link(file, other));
    expect_in_use("bank.db");
    unlink(other);
    assert_ok(db_open(fixture.url, &fixture.db));
    assert_ok(db_lock_exclusive(fixture.db));
    fixture.conn = fixture_connect(&fixture, DB_READ_WRITE);
}

static void test_db_facts__an_empty_file_is_no_bank(void **state)
{
    (void)state;
    char path[128], url[160];
    struct db *db = NULL;
    struct db_conn *conn = NULL;
    if (engine != DB_SQLITE) {
        return;
    }
    path_of("empty.db", path);
    close(open(path, O_WRONLY | O_CREAT, 0600));
    snprintf(url, sizeof(url), "sqlite:%s", path);
    assert_ok(db_open(url, &db));
    assert_err(ERR_DB_ABSENT, db_connect(db, DB_READ_WRITE, &conn));
    assert_err(ERR_DB_ABSENT, db_connect(db, DB_READ_ONLY, &conn));
    assert_non_null(strstr(db_open_message(db), "no bank at"));
    db_close(db);
    struct stat now;
    assert_int_equal(0, stat(path, &now));
    assert_int_equal(0, now.st_size);
    unlink(path);
}

/* --- checkpoints -------------------------------------------------------------------------------
 */

DB_STMT(db_facts_ballast, "INSERT INTO db_ballast (id, bytes) VALUES ($1, $2)");

static void add_ballast(int64_t id)
{
    static char bytes[1 << 20];
    memset(bytes, (int)id, sizeof(bytes));
    assert_ok(db_begin(fixture.conn));
    assert_ok(db_exec(fixture.conn, &db_facts_ballast,
                      DB_ARGS(db_int(id), db_blob(bytes, sizeof(bytes))), NULL));
    assert_ok(db_commit(fixture.conn));
}

/* The database file cannot grow: commits continue in the log, checkpoints fail, and the failure is
 * reported. */
static void test_db_facts__a_failing_checkpoint_is_seen(void **state)
{
    (void)state;
    if (engine != DB_SQLITE) {
        return;
    }
    int64_t id = 0;
    struct stat now;
    assert_ok(
        db_script(fixture.conn, "CREATE TABLE db_ballast (id BIGINT PRIMARY KEY, bytes BLOB);"));
    for (; id < 80; id++) { /* two checkpoints */
        add_ballast(id);
    }
    assert_int_equal(0, db_health(fixture.db).checkpoint_failing_us);
    assert_int_equal(0, db_health(fixture.db).checkpoint_failures);
    assert_true(db_health(fixture.db).wal_bytes > 0);
    char path[128];
    path_of("bank.db", path);
    assert_int_equal(0, stat(path, &now));
    struct rlimit before;
    assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &before));
    struct rlimit tight = {.rlim_cur = (rlim_t)now.st_size + 4096, .rlim_max = before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &tight));
    for (int64_t end = id + 40; id < end; id++) {
        add_ballast(id);
    }
    struct db_health failing = db_health(fixture.db);
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &before));
    signal(SIGXFSZ, handler);
    assert_true(failing.checkpoint_failing_us > 0);
    assert_true(failing.checkpoint_failures >= 1);
    add_ballast(id); /* the next one succeeds */
    assert_int_equal(0, db_health(fixture.db).checkpoint_failing_us);
}

static int damages;

static void count_damage(void *context, const char *line)
{
    (void)context;
    (void)line;
    damages++;
}

/* Bytes of the middle of each table's pages, one at a time. */
static void test_db_facts__scrub_finds_damage(void **state)
{
    (void)state;
    damages = 0;
    assert_ok(db_scrub(fixture.db, count_damage, NULL));
    assert_int_equal(0, damages);
    if (engine != DB_SQLITE) {
        return;
    }
    assert_ok(db_fact_store(fixture.conn, FACT_TOWN, 1, 1));
    db_disconnect(fixture.conn);
    db_close(fixture.db);
    char path[128];
    path_of("bank.db", path);
    int file = open(path, O_RDWR);
    char zeros[64] = {0};
    assert_int_equal(sizeof(zeros), pwrite(file, zeros, sizeof(zeros), 3 * 4096));
    close(file);
    assert_ok(db_open(fixture.url, &fixture.db));
    assert_ok(db_scrub(fixture.db, count_damage, NULL));
    assert_true(damages >= 1);
    fixture.conn = fixture_connect(&fixture, DB_READ_ONLY);
}

static int run(enum db_engine on)
{
    engine = on;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_db_facts__keeps_numbers, open_fresh, close_it),
        cmocka_unit_test_setup_teardown(test_db_facts__key_checks, open_fresh, close_it),
        cmocka_unit_test_setup_teardown(test_db_facts__a_lost_log_is_noticed, open_fresh, close_it),
        cmocka_unit_test_setup_teardown(test_db_facts__one_writer_by_any_name, open_fresh,
                                        close_it),
        cmocka_unit_test_setup_teardown(test_db_facts__an_empty_file_is_no_bank, open_fresh,
                                        close_it),
        cmocka_unit_test_setup_teardown(test_db_facts__a_failing_checkpoint_is_seen, open_fresh,
                                        close_it),
        cmocka_unit_test_setup_teardown(test_db_facts__scrub_finds_damage, open_fresh, close_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return fixture_run(run);
}
