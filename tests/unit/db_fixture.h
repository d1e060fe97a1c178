/*
 * A fresh, migrated database of either engine for a test program: a file in a new directory under
 * /tmp, or a database of its own on the server of SYCEE_TEST_PG_URL. Include once per program.
 * Every test of a program runs on both engines; without SYCEE_TEST_PG_URL on SQLite alone
 * (`make test` sets it).
 */
#ifndef TESTS_UNIT_DB_FIXTURE_H
#define TESTS_UNIT_DB_FIXTURE_H

#include "db/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DB_FIXTURE_NOW INT64_C(1795000000000000) /* 2026-11-18 */

struct db_fixture {
    struct db *db;
    struct db_conn *conn; /* read and write */
    char url[512];
    char directory[64]; /* SQLite only */
};

#define assert_ok(expr)          assert_err(ERR_OK, expr)
#define assert_err(wanted, expr) assert_string_equal(err_slug(wanted), err_slug(expr))

static inline struct db_conn *fixture_connect(struct db_fixture *f, enum db_mode mode)
{
    struct db_conn *conn = NULL;
    assert_ok(db_connect(f->db, mode, &conn));
    return conn;
}

/* Makes the database empty and without tables. */
static inline void fixture_pg_create(const char *server, const char *name, char *out_url,
                                     size_t size)
{
    struct db *db = NULL;
    struct db_conn *conn = NULL;
    char sql[128];
    assert_ok(db_open(server, &db));
    assert_ok(db_connect(db, DB_READ_WRITE, &conn));
    snprintf(sql, sizeof(sql), "DROP DATABASE IF EXISTS %s WITH (FORCE);", name);
    assert_ok(db_script(conn, sql));
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s;", name);
    assert_ok(db_script(conn, sql));
    db_disconnect(conn);
    db_close(db);
    const char *path = strrchr(server, '/');
    assert_non_null(path);
    snprintf(out_url, size, "%.*s/%s", (int)(path - server), server, name);
}

/* Without tables. `name` keeps the databases of two test programs apart. */
static inline void fixture_open_empty(struct db_fixture *f, enum db_engine engine, const char *name)
{
    memset(f, 0, sizeof(*f));
    if (engine == DB_SQLITE) {
        snprintf(f->directory, sizeof(f->directory), "/tmp/sycee-test-XXXXXX");
        assert_non_null(mkdtemp(f->directory));
        snprintf(f->url, sizeof(f->url), "sqlite:%s/bank.db", f->directory);
    } else {
        fixture_pg_create(getenv("SYCEE_TEST_PG_URL"), name, f->url, sizeof(f->url));
    }
    assert_ok(db_open(f->url, &f->db));
    db_set_timeouts(f->db, 200, 5000);
    assert_ok(db_create(f->db));
    f->conn = fixture_connect(f, DB_READ_WRITE);
}

static inline void fixture_open(struct db_fixture *f, enum db_engine engine, const char *name)
{
    int applied = 0;
    fixture_open_empty(f, engine, name);
    assert_ok(db_migrate(f->conn, DB_FIXTURE_NOW, &applied));
}

static inline void fixture_close(struct db_fixture *f)
{
    static const char *const files[] = {"bank.db", "bank.db-wal", "bank.db-shm", "bank.db.mark"};
    db_disconnect(f->conn);
    db_close(f->db);
    if (f->directory[0] != '\0') {
        char path[128];
        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
            snprintf(path, sizeof(path), "%s/%s", f->directory, files[i]);
            (void)unlink(path);
        }
        (void)rmdir(f->directory);
    }
}

/* The main of a test program: `run` gets the engine, returns the number of failed tests. */
static inline int fixture_run(int (*run)(enum db_engine engine))
{
    int failed = run(DB_SQLITE);
    const char *server = getenv("SYCEE_TEST_PG_URL");
    if (server != NULL && server[0] != '\0') {
        failed += run(DB_POSTGRESQL);
    } else {
        fprintf(stderr, "SYCEE_TEST_PG_URL is not set: SQLite only\n");
    }
    return failed;
}

#endif
