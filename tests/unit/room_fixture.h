/*
 * A running engine on a new database, with a manual clock and a vault, for tests of services: on
 * both engines as in db_fixture.h; if SYCEE_TEST_DATABASE_URL is set and SYCEE_TEST_PG_URL
 * is not, on that (empty) database alone. Include once per program.
 */
#ifndef TESTS_UNIT_ROOM_FIXTURE_H
#define TESTS_UNIT_ROOM_FIXTURE_H

#include "engine/engine.h"
#include "sys/vault.h"
#include "unit/db_fixture.h"

struct room_fixture {
    struct db_fixture database;
    struct clock_manual clock;
    struct vault *vault;
    struct engine *engine;
    char key_folder[64];
    char key_path[96];
};

/* The one database to use, or NULL: each engine's own. */
static inline const char *room_fixture_url(void)
{
    const char *server = getenv("SYCEE_TEST_PG_URL");
    const char *url = getenv("SYCEE_TEST_DATABASE_URL");
    bool has_server = server != NULL && server[0] != '\0';
    return !has_server && url != NULL && url[0] != '\0' ? url : NULL;
}

static inline void room_fixture_open(struct room_fixture *f, enum db_engine which, const char *name)
{
    const char *url = room_fixture_url();
    memset(f, 0, sizeof(*f));
    if (url != NULL) {
        int applied = 0;
        snprintf(f->database.url, sizeof(f->database.url), "%s", url);
        assert_ok(db_open(url, &f->database.db));
        assert_ok(db_create(f->database.db));
        f->database.conn = fixture_connect(&f->database, DB_READ_WRITE);
        assert_ok(db_migrate(f->database.conn, DB_FIXTURE_NOW, &applied));
    } else {
        fixture_open(&f->database, which, name);
    }
    clock_manual_init(&f->clock, DB_FIXTURE_NOW);
    snprintf(f->key_folder, sizeof(f->key_folder), "/tmp/sycee-key-XXXXXX");
    assert_non_null(mkdtemp(f->key_folder));
    snprintf(f->key_path, sizeof(f->key_path), "%s/vault.key", f->key_folder);
    assert_ok(vault_make(f->key_path, entropy_system()));
    assert_ok(vault_open(f->key_path, entropy_system(), &f->vault));
    assert_ok(engine_start(
        &(struct engine_options){
            .database_url = f->database.url, .clock = &f->clock.clock, .workers = 2, .readers = 2},
        &f->engine));
}

static inline void room_fixture_close(struct room_fixture *f)
{
    engine_stop(f->engine);
    vault_close(f->vault);
    (void)unlink(f->key_path);
    (void)rmdir(f->key_folder);
    fixture_close(&f->database);
}

static inline int room_fixture_run(int (*run)(enum db_engine engine))
{
    const char *url = room_fixture_url();
    if (url != NULL) {
        return run(strncmp(url, "sqlite:", 7) == 0 ? DB_SQLITE : DB_POSTGRESQL);
    }
    return fixture_run(run);
}

/* Cheap pass codes: the real cost belongs to the rules. */
#define ROOM_FIXTURE_PASSES 1
#define ROOM_FIXTURE_MEMORY 8192

#endif
