/*
 * A running engine on a fresh database, with a manual clock and a vault, for tests of services. On
 * SYCEE_TEST_DATABASE_URL (an empty database) where that is set, else on both engines as
 * db_fixture.h has them. Include once per program.
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

static inline void room_fixture_open(struct room_fixture *f, enum db_engine which, const char *name)
{
    const char *url = getenv("SYCEE_TEST_DATABASE_URL");
    memset(f, 0, sizeof(*f));
    if (url != NULL && url[0] != '\0') {
        int applied = 0;
        snprintf(f->database.url, sizeof(f->database.url), "%s", url);
        assert_ok(db_open(url, &f->database.db));
        f->database.conn = fixture_connect(&f->database, DB_READ_WRITE);
        assert_ok(db_migrate(f->database.conn, DB_FIXTURE_NOW, &applied));
    } else {
        fixture_open(&f->database, which, name);
    }
    clock_manual_init(&f->clock, DB_FIXTURE_NOW);
    snprintf(f->key_folder, sizeof(f->key_folder), "/tmp/sycee-key-XXXXXX");
    assert_non_null(mkdtemp(f->key_folder));
    snprintf(f->key_path, sizeof(f->key_path), "%s/vault.key", f->key_folder);
    assert_ok(vault_open(f->key_path, entropy_system(), &f->vault));
    assert_ok(engine_start(&(struct engine_options){.database_url = f->database.url,
                                                    .clock = &f->clock.clock,
                                                    .workers = 2,
                                                    .readers = 2,
                                                    .zone_offset_minutes = 480},
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
    const char *url = getenv("SYCEE_TEST_DATABASE_URL");
    if (url != NULL && url[0] != '\0') {
        return run(strncmp(url, "sqlite:", 7) == 0 ? DB_SQLITE : DB_POSTGRESQL);
    }
    return fixture_run(run);
}

/* Cheap pass codes: the real cost is the rules' business. */
#define ROOM_FIXTURE_PASSES 1
#define ROOM_FIXTURE_MEMORY 8192

#endif
