/* Migrations on both engines, the spelling of migrations, and SQL that must give the same rows. */
#include "db/dialect.h"
#include "unit/db_fixture.h"

#include <pthread.h>

static enum db_engine engine;
static struct db_fixture fixture;
static struct db_conn *conn;

static int open_fresh(void **state)
{
    (void)state;
    fixture_open(&fixture, engine, "sycee_test_migrate");
    conn = fixture.conn;
    return 0;
}

static int close_it(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static void test_db_migrate__runs_each_step_once(void **state)
{
    (void)state;
    int applied = -1;
    assert_true(db_migration_count >= 1);
    assert_ok(db_schema_check(conn));
    assert_ok(db_migrate(conn, DB_FIXTURE_NOW, &applied));
    assert_int_equal(0, applied);
}

static void test_db_migrate__refuses_a_changed_step(void **state)
{
    (void)state;
    int applied = 0;
    assert_ok(db_script(conn, "UPDATE db_migrations_done SET hash = 'x' WHERE number = 1;"));
    assert_err(ERR_DB_CHANGED, db_schema_check(conn));
    assert_err(ERR_DB_CHANGED, db_migrate(conn, DB_FIXTURE_NOW, &applied));
    assert_int_equal(0, applied);
}

static void test_db_migrate__refuses_a_newer_database(void **state)
{
    (void)state;
    int applied = 0;
    assert_ok(db_script(conn, "INSERT INTO db_migrations_done (room, number, name, hash, "
                              "applied_at) VALUES ('zukunft', 7, 'x', 'x', 1);"));
    assert_err(ERR_DB_NEWER, db_schema_check(conn));
    assert_err(ERR_DB_NEWER, db_migrate(conn, DB_FIXTURE_NOW, &applied));
    assert_non_null(strstr(db_message(conn), "zukunft 0007"));
}

/* The steps of all rooms were folded into one each since: there is no way from before to now. */
static void test_db_migrate__refuses_another_baseline(void **state)
{
    (void)state;
    int applied = 0;
    char sql[128];
    assert_ok(db_script(conn, "DELETE FROM db_migrations_done WHERE room = '';"));
    assert_err(ERR_DB_BASELINE, db_schema_check(conn));
    assert_err(ERR_DB_BASELINE, db_migrate(conn, DB_FIXTURE_NOW, &applied));
    assert_non_null(strstr(db_message(conn), "before this program's first schema"));
    snprintf(sql, sizeof(sql),
             "INSERT INTO db_migrations_done (room, number, name, hash, applied_at) "
             "VALUES ('', %d, 'baseline', '', 1);",
             DB_BASELINE + 1);
    assert_ok(db_script(conn, sql));
    assert_err(ERR_DB_NEWER, db_schema_check(conn));
    assert_err(ERR_DB_NEWER, db_migrate(conn, DB_FIXTURE_NOW, &applied));
    assert_int_equal(0, applied);
}

/* A database that lacks a later step opens by migrating. */
static void test_db_migrate__an_older_database_follows(void **state)
{
    (void)state;
    const struct db_migration *last = &db_migrations[db_migration_count - 1];
    char sql[160];
    snprintf(sql, sizeof(sql), "DELETE FROM db_migrations_done WHERE room = '%s' AND number = %d;",
             last->room, last->number);
    assert_ok(db_script(conn, sql));
    assert_err(ERR_DB_SCHEMA, db_schema_check(conn));
    assert_non_null(strstr(db_message(conn), "sycee migrate"));
}

static void test_db_migrate__a_failing_step_leaves_nothing(void **state)
{
    (void)state;
    int applied = 0;
    /* The record of the first step is gone, its tables are not: the step fails and can be seen to
     * have left no record. */
    assert_ok(db_script(conn, "DELETE FROM db_migrations_done WHERE room = 'db' AND number = 1;"));
    assert_err(ERR_DB_SCHEMA, db_schema_check(conn));
    assert_err(ERR_DB, db_migrate(conn, DB_FIXTURE_NOW, &applied));
    assert_int_equal(0, applied);
    assert_err(ERR_DB_SCHEMA, db_schema_check(conn));
}

static void test_db_migrate__an_empty_database_is_refused(void **state)
{
    (void)state;
    assert_ok(db_script(conn, "DELETE FROM db_migrations_done;"));
    assert_err(ERR_DB_ABSENT, db_schema_check(conn));
    assert_ok(db_script(conn, "DROP TABLE db_migrations_done;"));
    assert_err(ERR_DB_ABSENT, db_schema_check(conn));
}

struct migrator {
    pthread_t thread;
    enum err err;
    int applied;
};

static void *migrator_run(void *argument)
{
    struct migrator *migrator = argument;
    struct db_conn *own = NULL;
    migrator->err = db_connect(fixture.db, DB_READ_WRITE, &own);
    if (migrator->err == ERR_OK) {
        migrator->err = ERR_DB_RETRY;
    }
    while (migrator->err == ERR_DB_RETRY) {
        int applied = 0;
        migrator->err = db_migrate(own, DB_FIXTURE_NOW, &applied);
        migrator->applied += applied;
    }
    db_disconnect(own);
    return NULL;
}

static void test_db_migrate__two_programs_at_once(void **state)
{
    (void)state;
    fixture_open_empty(&fixture, engine, "sycee_test_migrate");
    struct migrator both[2];
    memset(both, 0, sizeof(both));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(0, pthread_create(&both[i].thread, NULL, migrator_run, &both[i]));
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(both[i].thread, NULL);
        assert_ok(both[i].err);
    }
    assert_int_equal(db_migration_count, both[0].applied + both[1].applied);
    assert_ok(db_schema_check(fixture.conn));
    fixture_close(&fixture);
}

/* --- spelling ----------------------------------------------------------------------------------
 */

static void test_db_migrate__spelling(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        const char *sql;
        const char *sqlite;
        const char *postgresql;
    } cases[] = {
        {"types", "CREATE TABLE t (a BIGINT, b smallint, c BLOB, d TEXT);",
         "CREATE TABLE t (a INTEGER, b INTEGER, c BLOB, d TEXT) STRICT;",
         "CREATE TABLE t (a BIGINT, b smallint, c BYTEA, d TEXT);"},
        {"without rowid", "CREATE TABLE t (a BLOB) WITHOUT\n ROWID;",
         "CREATE TABLE t (a BLOB)  WITHOUT ROWID, STRICT;", "CREATE TABLE t (a BYTEA) ;"},
        {"an id is the key alone",
         "CREATE TABLE t (bucket INTEGER, id BIGINT, PRIMARY KEY (bucket, id));",
         "CREATE TABLE t (bucket INTEGER, id INTEGER, PRIMARY KEY (id)) STRICT;",
         "CREATE TABLE t (bucket INTEGER, id BIGINT, PRIMARY KEY (bucket, id));"},
        {"the pair stays where it is referred to",
         "CREATE TABLE t (bucket INTEGER, id BIGINT, PRIMARY KEY (bucket, id)) WITHOUT ROWID;",
         "CREATE TABLE t (bucket INTEGER, id INTEGER, PRIMARY KEY (bucket, id))  WITHOUT ROWID, "
         "STRICT;",
         "CREATE TABLE t (bucket INTEGER, id BIGINT, PRIMARY KEY (bucket, id)) ;"},
        {"quoted text stays", "INSERT INTO t VALUES ('BIGINT; it''s a BLOB', \"BLOB\");",
         "INSERT INTO t VALUES ('BIGINT; it''s a BLOB', \"BLOB\");",
         "INSERT INTO t VALUES ('BIGINT; it''s a BLOB', \"BLOB\");"},
        {"whole words only", "ALTER TABLE t ADD COLUMN blobby BIGINT;",
         "ALTER TABLE t ADD COLUMN blobby INTEGER;", "ALTER TABLE t ADD COLUMN blobby BIGINT;"},
        {"an index is not strict", "CREATE INDEX i ON t (a);", "CREATE INDEX i ON t (a);",
         "CREATE INDEX i ON t (a);"},
        {"comments go", "SELECT 1 -- BLOB; 'x\n;", "SELECT 1 \n;", "SELECT 1 \n;"},
        {"sections", "A;\n-- engine: sqlite\nB;\n-- engine: postgresql\nC;\n-- engine: both\nD;",
         "A;\n\nB;\n\nD;", "A;\n\nC;\n\nD;"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str out;
        str_init(&out, 1 << 16);
        dialect_translate(DB_SQLITE, cases[i].sql, &out);
        assert_string_equal(cases[i].sqlite, out.bytes);
        str_clear(&out);
        dialect_translate(DB_POSTGRESQL, cases[i].sql, &out);
        assert_string_equal(cases[i].postgresql, out.bytes);
        str_release(&out);
    }
}

/* --- the portable part of SQL ------------------------------------------------------------------
 */

/* Each gives these rows on both engines: columns joined by '|', rows by '/'. NULL is '~'. */
DB_STMT(db_p_upsert, "INSERT INTO db_test_accts (bucket, id, kind, minor, name) "
                     "VALUES ($1, $2, 1, $3, 'up') ON CONFLICT (bucket, id) DO UPDATE "
                     "SET minor = db_test_accts.minor + excluded.minor "
                     "WHERE db_test_accts.minor + excluded.minor <= 200 RETURNING minor");
DB_STMT(db_p_nothing, "INSERT INTO db_test_accts (bucket, id, kind, minor) VALUES ($1, $2, 1, $3) "
                      "ON CONFLICT (bucket, id) DO NOTHING RETURNING id");
DB_STMT(db_p_multi, "INSERT INTO db_test_accts (bucket, id, kind, minor, name) VALUES "
                    "($1, $2, 2, 7, NULL), ($1, $3, 2, 8, 'm') RETURNING id, name");
DB_STMT(db_p_update, "UPDATE db_test_accts SET minor = minor - $1 "
                     "WHERE bucket = $2 AND id = $3 AND minor - $1 >= 0 RETURNING minor");
DB_STMT(db_p_from, "UPDATE db_test_accts SET minor = db_test_accts.minor + p.minor "
                   "FROM db_test_posts AS p WHERE p.bucket = $1 "
                   "AND p.bucket = db_test_accts.bucket AND p.acct_id = db_test_accts.id "
                   "AND p.seq = 3 RETURNING db_test_accts.id, db_test_accts.minor");
DB_STMT(db_p_sum, "SELECT CAST(sum(minor) AS BIGINT), count(*), count(name), max(minor), "
                  "CAST(sum(minor) FILTER (WHERE kind = 2) AS BIGINT) "
                  "FROM db_test_accts WHERE bucket = $1");
DB_STMT(db_p_window, "SELECT acct_id, seq, CAST(sum(minor) OVER (PARTITION BY acct_id "
                     "ORDER BY seq ROWS UNBOUNDED PRECEDING) AS BIGINT), "
                     "lag(seq, 1, 0) OVER (PARTITION BY acct_id ORDER BY seq) "
                     "FROM db_test_posts WHERE bucket = $1 ORDER BY acct_id, seq");
DB_STMT(db_p_page, "SELECT acct_id, seq FROM db_test_posts WHERE bucket = $1 "
                   "AND (acct_id, seq) > ($2, $3) ORDER BY acct_id, seq LIMIT $4");
DB_STMT(db_p_cte, "WITH totals AS (SELECT acct_id, CAST(sum(minor) AS BIGINT) AS total "
                  "FROM db_test_posts WHERE bucket = $1 GROUP BY acct_id) "
                  "SELECT a.id, a.name, t.total FROM db_test_accts AS a "
                  "LEFT JOIN totals AS t ON t.acct_id = a.id WHERE a.bucket = $1 "
                  "ORDER BY t.total DESC NULLS LAST, a.id");
DB_STMT(db_p_recursive, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                        "WHERE i < $1) SELECT i FROM n ORDER BY i");
DB_STMT(db_p_exists, "SELECT id FROM db_test_accts AS a WHERE bucket = $1 AND EXISTS (SELECT 1 "
                     "FROM db_test_posts AS p WHERE p.bucket = $1 AND p.acct_id = a.id) "
                     "AND name IS NOT DISTINCT FROM $2 ORDER BY id");
DB_STMT(db_p_text, "SELECT lower(name) || '-' || upper(name), length(name), substr(name, 1, 1), "
                   "coalesce(NULL, name), CASE WHEN kind = 1 THEN 'one' ELSE 'other' END "
                   "FROM db_test_accts WHERE bucket = $1 AND name LIKE 'up%' ORDER BY id");
DB_STMT(db_p_except, "SELECT id FROM db_test_accts WHERE bucket = $1 EXCEPT "
                     "SELECT acct_id FROM db_test_posts WHERE bucket = $1 ORDER BY 1");
DB_STMT(db_p_order, "SELECT name FROM db_test_accts WHERE bucket = $1 "
                    "ORDER BY name NULLS LAST, id");
DB_STMT(db_p_generated, "SELECT acct_id, seq, even FROM db_test_posts WHERE bucket = $1 "
                        "AND even = 1 ORDER BY acct_id, seq");
DB_STMT(db_p_select, "INSERT INTO db_test_accts (bucket, id, kind, minor) "
                     "SELECT bucket, acct_id + 100, 3, minor FROM db_test_posts "
                     "WHERE bucket = $1 AND seq = 2 ON CONFLICT (bucket, id) DO NOTHING "
                     "RETURNING id, kind");
DB_STMT(db_p_between, "SELECT id FROM db_test_accts WHERE bucket = $1 AND id BETWEEN $2 AND $3 "
                      "AND kind IN (1, 2) ORDER BY id DESC LIMIT 2 OFFSET 1");
DB_STMT(db_p_delete, "DELETE FROM db_test_posts WHERE bucket = $1 AND seq = $2 "
                     "RETURNING acct_id");

static const char portable_tables[] =
    "CREATE TABLE db_test_accts (bucket INTEGER NOT NULL, id BIGINT NOT NULL, "
    "kind SMALLINT NOT NULL CHECK (kind IN (1, 2, 3)), minor BIGINT NOT NULL CHECK (minor >= 0), "
    "name TEXT, PRIMARY KEY (bucket, id)) WITHOUT ROWID;"
    "CREATE TABLE db_test_posts (bucket INTEGER NOT NULL, acct_id BIGINT NOT NULL, "
    "seq BIGINT NOT NULL, minor BIGINT NOT NULL, "
    "even INTEGER GENERATED ALWAYS AS (CASE WHEN seq % 2 = 0 THEN 1 ELSE 0 END) STORED, "
    "PRIMARY KEY (bucket, acct_id, seq), UNIQUE (bucket, seq, acct_id), "
    "FOREIGN KEY (bucket, acct_id) REFERENCES db_test_accts (bucket, id)) WITHOUT ROWID;"
    "CREATE INDEX db_test_posts_minor ON db_test_posts (bucket, minor) WHERE minor > 0;"
    "INSERT INTO db_test_accts VALUES (1, 10, 1, 100, 'alpha'), (1, 20, 1, 50, 'Beta'), "
    "(1, 30, 2, 0, NULL), (2, 10, 1, 999, 'elsewhere');"
    "INSERT INTO db_test_posts (bucket, acct_id, seq, minor) VALUES (1, 10, 1, 5), "
    "(1, 10, 2, -3), (1, 10, 3, 8), (1, 20, 1, 1), (1, 20, 2, 2);";

static void row_text(const struct db_rows *rows, const char *columns, char *out, size_t size)
{
    for (int i = 0; columns[i] != '\0'; i++) {
        size_t used = strlen(out);
        const char *gap = i > 0 ? "|" : "";
        if (db_rows_is_null(rows, i)) {
            snprintf(out + used, size - used, "%s~", gap);
        } else if (columns[i] == 'i') {
            snprintf(out + used, size - used, "%s%lld", gap, (long long)db_rows_int(rows, i));
        } else {
            snprintf(out + used, size - used, "%s%s", gap, db_rows_text(rows, i));
        }
    }
}

static void expect(struct db_stmt *stmt, const struct db_value *args, size_t arg_count,
                   const char *columns, const char *wanted)
{
    char found[512] = "";
    struct db_rows rows;
    enum err err = db_query(conn, stmt, args, arg_count, &rows);
    if (err != ERR_OK) {
        fail_msg("%s: %s", stmt->name, db_message(conn));
    }
    while (db_rows_next(&rows)) {
        row_text(&rows, columns, found, sizeof(found));
        strncat(found, "/", sizeof(found) - strlen(found) - 1);
    }
    assert_ok(db_rows_close(&rows));
    if (strcmp(wanted, found) != 0) {
        fail_msg("%s: wanted %s, found %s", stmt->name, wanted, found);
    }
}

static void test_db_migrate__portable_sql_gives_the_same_rows(void **state)
{
    (void)state;
    assert_ok(db_script(conn, portable_tables));
    expect(&db_p_upsert, DB_ARGS(db_int(1), db_int(10), db_int(11)), "i", "111/");
    expect(&db_p_upsert, DB_ARGS(db_int(1), db_int(10), db_int(500)), "i", "");
    expect(&db_p_upsert, DB_ARGS(db_int(1), db_int(40), db_int(4)), "i", "4/");
    expect(&db_p_nothing, DB_ARGS(db_int(1), db_int(40), db_int(4)), "i", "");
    expect(&db_p_multi, DB_ARGS(db_int(1), db_int(50), db_int(60)), "it", "50|~/60|m/");
    expect(&db_p_update, DB_ARGS(db_int(51), db_int(1), db_int(20)), "i", "");
    expect(&db_p_update, DB_ARGS(db_int(50), db_int(1), db_int(20)), "i", "0/");
    expect(&db_p_from, DB_ARGS(db_int(1)), "ii", "10|119/");
    expect(&db_p_sum, DB_ARGS(db_int(1)), "iiiii", "138|6|4|119|15/");
    expect(&db_p_sum, DB_ARGS(db_int(77)), "iiiii", "~|0|0|~|~/");
    expect(&db_p_window, DB_ARGS(db_int(1)), "iiii",
           "10|1|5|0/10|2|2|1/10|3|10|2/20|1|1|0/20|2|3|1/");
    expect(&db_p_page, DB_ARGS(db_int(1), db_int(10), db_int(2), db_int(2)), "ii", "10|3/20|1/");
    expect(&db_p_cte, DB_ARGS(db_int(1)), "iti",
           "10|alpha|10/20|Beta|3/30|~|~/40|up|~/50|~|~/60|m|~/");
    expect(&db_p_recursive, DB_ARGS(db_int(4)), "i", "1/2/3/4/");
    expect(&db_p_exists, DB_ARGS(db_int(1), db_text("Beta")), "i", "20/");
    expect(&db_p_exists, DB_ARGS(db_int(1), db_null()), "i", "");
    expect(&db_p_text, DB_ARGS(db_int(1)), "tittt", "up-UP|2|u|up|one/");
    expect(&db_p_except, DB_ARGS(db_int(1)), "i", "30/40/50/60/");
    expect(&db_p_order, DB_ARGS(db_int(1)), "t", "Beta/alpha/m/up/~/~/");
    expect(&db_p_generated, DB_ARGS(db_int(1)), "iii", "10|2|1/20|2|1/");
    expect(&db_p_between, DB_ARGS(db_int(1), db_int(20), db_int(50)), "i", "40/30/");
    expect(&db_p_select, DB_ARGS(db_int(2)), "ii", "");
    expect(&db_p_delete, DB_ARGS(db_int(1), db_int(3)), "i", "10/");
    expect(&db_p_delete, DB_ARGS(db_int(1), db_int(3)), "i", "");
}

static int run(enum db_engine on)
{
    engine = on;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_db_migrate__runs_each_step_once, open_fresh, close_it),
        cmocka_unit_test_setup_teardown(test_db_migrate__refuses_a_changed_step, open_fresh,
                                        close_it),
        cmocka_unit_test_setup_teardown(test_db_migrate__refuses_a_newer_database, open_fresh,
                                        close_it),
        cmocka_unit_test_setup_teardown(test_db_migrate__refuses_another_baseline, open_fresh,
                                        close_it),
        cmocka_unit_test_setup_teardown(test_db_migrate__an_older_database_follows, open_fresh,
                                        close_it),
        cmocka_unit_test_setup_teardown(test_db_migrate__a_failing_step_leaves_nothing, open_fresh,
                                        close_it),
        cmocka_unit_test_setup_teardown(test_db_migrate__an_empty_database_is_refused, open_fresh,
                                        close_it),
        cmocka_unit_test(test_db_migrate__two_programs_at_once),
        cmocka_unit_test(test_db_migrate__spelling),
        cmocka_unit_test_setup_teardown(test_db_migrate__portable_sql_gives_the_same_rows,
                                        open_fresh, close_it),
    };
    return cmocka_run_group_tests_name(
        on == DB_SQLITE ? "db_migrate sqlite" : "db_migrate postgresql", tests, NULL, NULL);
}

int main(void)
{
    return fixture_run(run);
}
