/*
 * SQLite behind db.h: one connection, one thread, prepared statements kept by slot. One process
 * writes (db_lock_exclusive); readers see snapshots of the write-ahead log.
 */
#include "db/conn.h"

#include "base/check.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* One prepared statement. */
struct prepared {
    sqlite3_stmt *handle;
    const struct db_stmt *stmt;
    int param_count;
    bool reads_only;
    bool open; /* rows of it are being read */
};

/* A reading that waits for its turn in a batch; its arguments are copied. */
struct waiting {
    struct db_stmt *stmt;
    struct db_value *args;
    size_t arg_count;
};

enum {
    FIXED_BEGIN,
    FIXED_COMMIT,
    FIXED_ROLLBACK,
    FIXED_SAVE,
    FIXED_RELEASE,
    FIXED_BACK,
    FIXED_COUNT
};

static const char *const fixed_sql[FIXED_COUNT] = {
    [FIXED_BEGIN] = "BEGIN IMMEDIATE", [FIXED_COMMIT] = "COMMIT",
    [FIXED_ROLLBACK] = "ROLLBACK",     [FIXED_SAVE] = "SAVEPOINT unit",
    [FIXED_RELEASE] = "RELEASE unit",  [FIXED_BACK] = "ROLLBACK TO unit",
};

struct sqlite_conn {
    struct db_conn base;
    sqlite3 *handle;
    struct prepared *slots;
    int slot_count;
    sqlite3_stmt *fixed[FIXED_COUNT];
    struct waiting batch[DB_BATCH_MAX];
    int batch_count;
    int batch_turn;
};

static struct sqlite_conn *sqlite_conn_of(struct db_conn *conn)
{
    return (struct sqlite_conn *)conn;
}

/* --- errors ------------------------------------------------------------------------------------
 */

static enum err err_of_code(int code)
{
    switch (code) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID:
        return ERR_DB_CONFLICT;
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
        return ERR_IO;
    default:
        break;
    }
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return ERR_OK;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
        return ERR_DB_CONSTRAINT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_DB_RETRY;
    case SQLITE_FULL:
        return ERR_DB_FULL;
    case SQLITE_NOMEM:
        return ERR_NO_MEMORY;
    default:
        return ERR_DB;
    }
}

static enum err error_of_code(struct sqlite_conn *c, int code)
{
    enum err err = err_of_code(code);
    if (err != ERR_OK) {
        db_conn_say(&c->base, sqlite3_errmsg(c->handle));
    }
    return err;
}

/* --- databases ---------------------------------------------------------------------------------
 */

static enum err sqlite_open(struct db *db)
{
    bool in_memory = db->address[0] == '\0' || strncmp(db->address, ":memory:", 8) == 0;
    bool is_uri = strncmp(db->address, "file:", 5) == 0; /* would be a name of SQLite's own kind */
    snprintf(db->shown, sizeof(db->shown), "%s", db->address);
    return in_memory || is_uri ? ERR_DB_URL : ERR_OK;
}

static void sqlite_close(struct db *db)
{
    if (db->lock_file >= 0) {
        close(db->lock_file);
    }
    if (db->mark_file >= 0) {
        close(db->mark_file);
    }
}

/* The owner alone may read a bank's file; SQLite gives its log files the mode of the database. */
enum err db_create(struct db *db)
{
    if (db->engine != DB_SQLITE) {
        return ERR_OK;
    }
    int file = open(db->address, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && errno == EEXIST) {
        struct stat now;
        db->is_new = stat(db->address, &now) == 0 && now.st_size == 0;
        return ERR_OK;
    }
    if (file < 0) {
        db_open_say(db, "%s: could not be made: %s", db->address, strerror(errno));
        return ERR_IO;
    }
    close(file);
    db->is_new = true;
    return ERR_OK;
}

/* One byte behind those that SQLite itself locks (PENDING_BYTE and 511 more): never read or written. */
#define LOCK_BYTE (0x40000000 + 1024)

static enum err lock_file(struct db *db, int file)
{
    struct stat now;
    /* Of the open file, not of the process: it goes with the last descriptor, kill -9 included. */
    struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_BYTE, .l_len = 1};
    if (fstat(file, &now) != 0) {
        db_open_say(db, "%s: could not be looked at: %s", db->address, strerror(errno));
        return ERR_IO;
    }
    if (now.st_nlink > 1) { /* each name would have a write-ahead log of its own */
        db_open_say(db, "%s: the file has %ju names (hard links); a database has one", db->address,
                    (uintmax_t)now.st_nlink);
        return ERR_DB_IN_USE;
    }
    if (fcntl(file, F_OFD_SETLK, &byte) != 0) {
        bool is_taken = errno == EAGAIN || errno == EACCES;
        db_open_say(db, is_taken ? "%s: another process writes to it" : "%s: cannot be locked: %s",
                    db->address, strerror(errno));
        return is_taken ? ERR_DB_IN_USE : ERR_IO;
    }
    return ERR_OK;
}

/* A missing or empty file is no bank. */
static enum err check_there(struct db *db)
{
    struct stat now;
    if (stat(db->address, &now) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            db_open_say(db, "no bank at %s (database.url); \"sycee migrate\" makes a new one",
                        db->address);
            return ERR_DB_ABSENT;
        }
        db_open_say(db, "%s: could not be opened: %s", db->address, strerror(errno));
        return ERR_IO;
    }
    if (!S_ISREG(now.st_mode)) {
        db_open_say(db, "%s: is no file (database.url)", db->address);
        return ERR_DB_URL;
    }
    if (now.st_size == 0 && !db->is_new) {
        db_open_say(db, "no bank at %s: the file is empty (database.url)", db->address);
        return ERR_DB_ABSENT;
    }
    return ERR_OK;
}

enum err db_lock_exclusive(struct db *db)
{
    if (db->engine != DB_SQLITE || db->lock_file >= 0) {
        return ERR_OK;
    }
    enum err err = check_there(db);
    if (err != ERR_OK) {
        return err;
    }
    int file = open(db->address, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        db_open_say(db, "%s: could not be opened for writing: %s", db->address, strerror(errno));
        return ERR_IO;
    }
    err = lock_file(db, file);
    if (err != ERR_OK) {
        close(file);
        return err;
    }
    db->lock_file = file;
    return ERR_OK;
}

/* --- connections -------------------------------------------------------------------------------
 */

#define CHECKPOINT_PAGES 8000
#define WAL_FRAME_BYTES  (4096 + 24)

/* page_size holds for a new file only: README.md, "Page size". Checkpoints: wal_committed. */
static const char writer_pragmas[] = "PRAGMA page_size=4096;"
                                     "PRAGMA journal_mode=WAL;"
                                     "PRAGMA synchronous=FULL;"
                                     "PRAGMA journal_size_limit=134217728;"
                                     "PRAGMA cache_size=-65536;";
/* Readers map the file: every snapshot begins with an empty page cache, and copying pages into it
 * again and again would be most of a short reading's cost. */
static const char reader_pragmas[] = "PRAGMA query_only=ON;"
                                     "PRAGMA mmap_size=1073741824;"
                                     "PRAGMA cache_size=-8192;";
static const char common_pragmas[] = "PRAGMA foreign_keys=ON;"
                                     "PRAGMA temp_store=MEMORY;"
                                     "PRAGMA trusted_schema=OFF;";

/* Connections never meet in two threads, and nobody reads SQLite's memory statistics: without both,
 * a statement takes and gives a dozen locks less. Once, before the library's first use. */
static void configure_library(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static void checkpoint_failed(struct db *db, sqlite3 *handle, int code)
{
    static struct metric *failures;
    int number = sqlite3_system_errno(handle);
    atomic_fetch_add(&db->checkpoint_failures, 1);
    int64_t since_us = 0;
    atomic_compare_exchange_strong(&db->checkpoint_failing_since, &since_us, clock_monotonic_us());
    if (failures == NULL) { /* one writer connection: one thread */
        failures = metrics_counter("database_checkpoint_failures_total",
                                   "Checkpoints of the write-ahead log that failed.", "");
    }
    if (failures != NULL) {
        metrics_add(failures, 1);
    }
    log_event(LOG_ERROR, "checkpoint_failed", log_string("database", db->shown),
              log_string("reason", sqlite3_errstr(code)), log_int("code", code),
              log_string("system", number != 0 ? strerror(number) : ""));
}

static void watch_wal_size(struct db *db, int64_t bytes)
{
    if (bytes >= DB_WAL_LARGE && atomic_load(&db->wal_bytes) < DB_WAL_LARGE) {
        log_event(LOG_WARN, "wal_large", log_string("database", db->shown),
                  log_int("bytes", bytes));
    }
    atomic_store(&db->wal_bytes, bytes);
}

/* After each commit. SQLite's own automatic checkpoint keeps its failures to itself. The answer is
 * always well: the commit happened. */
static int wal_committed(void *argument, sqlite3 *handle, const char *schema, int pages)
{
    struct db *db = argument;
    watch_wal_size(db, (int64_t)pages * WAL_FRAME_BYTES);
    if (pages >= CHECKPOINT_PAGES) {
        int code = sqlite3_wal_checkpoint_v2(handle, schema, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        if (code == SQLITE_OK) {
            atomic_store(&db->checkpoint_failing_since, 0);
        } else if ((code & 0xff) != SQLITE_BUSY) {
            checkpoint_failed(db, handle, code);
        }
    }
    return SQLITE_OK;
}

static enum err sqlite_attach(struct sqlite_conn *c)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure_library);
    struct db *db = c->base.db;
    bool writes = c->base.mode == DB_READ_WRITE;
    enum err there = check_there(db);
    if (there != ERR_OK) {
        db_conn_say(&c->base, db->message);
        return there;
    }
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(db->address, &c->handle, flags, NULL);
    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(c->handle, db->lock_ms);
        code = sqlite3_exec(c->handle, writes ? writer_pragmas : reader_pragmas, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(c->handle, common_pragmas, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK && writes) {
        (void)sqlite3_wal_hook(c->handle, wal_committed, db);
    }
    if (code != SQLITE_OK) {
        int number = sqlite3_system_errno(c->handle);
        db_open_say(db, "%s: %s%s%s", db->shown, sqlite3_errmsg(c->handle), number ? ": " : "",
                    number ? strerror(number) : "");
    }
    return error_of_code(c, code);
}

static void sqlite_detach(struct sqlite_conn *c)
{
    for (int i = 0; i < c->slot_count; i++) {
        sqlite3_finalize(c->slots[i].handle);
    }
    for (int i = 0; i < FIXED_COUNT; i++) {
        sqlite3_finalize(c->fixed[i]);
        c->fixed[i] = NULL;
    }
    free(c->slots);
    c->slots = NULL;
    c->slot_count = 0;
    int code = sqlite3_close(c->handle);
    CHECK(code == SQLITE_OK); /* rows or a statement were left open */
    c->handle = NULL;
}

static void batch_clear(struct sqlite_conn *c)
{
    for (int i = 0; i < c->batch_count; i++) {
        free(c->batch[i].args);
    }
    c->batch_count = 0;
    c->batch_turn = 0;
}

static void sqlite_disconnect(struct db_conn *conn)
{
    batch_clear(sqlite_conn_of(conn));
    sqlite_detach(sqlite_conn_of(conn));
    free(conn);
}

static enum err sqlite_connect(struct db *db, enum db_mode mode, struct db_conn **out)
{
    struct sqlite_conn *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return ERR_NO_MEMORY;
    }
    c->base = (struct db_conn){.db = db, .ops = &db_sqlite_ops, .mode = mode};
    enum err err = sqlite_attach(c);
    if (err != ERR_OK) {
        sqlite_disconnect(&c->base);
        return err;
    }
    *out = &c->base;
    return ERR_OK;
}

static enum err sqlite_reconnect(struct db_conn *conn)
{
    batch_clear(sqlite_conn_of(conn));
    sqlite_detach(sqlite_conn_of(conn));
    return sqlite_attach(sqlite_conn_of(conn));
}

/* --- transactions ------------------------------------------------------------------------------
 */

static enum err run_fixed(struct sqlite_conn *c, int which)
{
    sqlite3_stmt **handle = &c->fixed[which];
    if (*handle == NULL) {
        bool snapshot = which == FIXED_BEGIN && c->base.mode == DB_READ_ONLY;
        int code = sqlite3_prepare_v3(c->handle, snapshot ? "BEGIN" : fixed_sql[which], -1,
                                      SQLITE_PREPARE_PERSISTENT, handle, NULL);
        if (code != SQLITE_OK) {
            return error_of_code(c, code);
        }
    }
    enum err err = error_of_code(c, sqlite3_step(*handle));
    sqlite3_reset(*handle);
    return err;
}

static enum err sqlite_begin(struct db_conn *conn)
{
    return run_fixed(sqlite_conn_of(conn), FIXED_BEGIN);
}

static enum err sqlite_commit(struct db_conn *conn)
{
    return run_fixed(sqlite_conn_of(conn), FIXED_COMMIT);
}

static void sqlite_rollback(struct db_conn *conn)
{
    /* SQLite ends the transaction itself after a full disk, a failed read or a failed allocation. */
    if (!sqlite3_get_autocommit(sqlite_conn_of(conn)->handle)) {
        (void)run_fixed(sqlite_conn_of(conn), FIXED_ROLLBACK);
    }
}

static enum err sqlite_savepoint(struct db_conn *conn)
{
    return run_fixed(sqlite_conn_of(conn), FIXED_SAVE);
}

static enum err sqlite_savepoint_release(struct db_conn *conn)
{
    return run_fixed(sqlite_conn_of(conn), FIXED_RELEASE);
}

static enum err sqlite_savepoint_rollback(struct db_conn *conn)
{
    if (sqlite3_get_autocommit(sqlite_conn_of(conn)->handle)) {
        return conn->failed != ERR_OK ? conn->failed : ERR_DB; /* nothing is left to go back to */
    }
    enum err err = run_fixed(sqlite_conn_of(conn), FIXED_BACK);
    return err != ERR_OK ? err : run_fixed(sqlite_conn_of(conn), FIXED_RELEASE);
}

/* --- statements --------------------------------------------------------------------------------
 */

/* $1…$n must appear in ascending order first: then SQLite's numbers are ours. */
static void check_params(const struct prepared *p)
{
    for (int i = 1; i <= p->param_count; i++) {
        const char *name = sqlite3_bind_parameter_name(p->handle, i);
        CHECK(name != NULL && name[0] == '$' && strtol(name + 1, NULL, 10) == i);
    }
}

/* FOR UPDATE is the last word of a statement if it is said; BEGIN IMMEDIATE does its work. */
static size_t size_without_lock(const char *sql)
{
    static const char lock[] = "FOR UPDATE";
    size_t size = strlen(sql);
    while (size > 0 && strchr(" \n", sql[size - 1]) != NULL) {
        size--;
    }
    size_t tail = sizeof(lock) - 1;
    return size > tail && strncasecmp(sql + size - tail, lock, tail) == 0 ? size - tail : size;
}

/* More slots than the program has statements: an open cursor points at its slot, so the first array stays. */
#define SLOTS_MIN 4096

static enum err grow_slots(struct sqlite_conn *c, int slot)
{
    CHECK(slot < SLOTS_MIN);
    int count = SLOTS_MIN;
    struct prepared *slots = realloc(c->slots, (size_t)count * sizeof(*slots));
    if (slots == NULL) {
        return ERR_NO_MEMORY;
    }
    memset(slots + c->slot_count, 0, (size_t)(count - c->slot_count) * sizeof(*slots));
    c->slots = slots;
    c->slot_count = count;
    return ERR_OK;
}

static enum err find_prepared(struct sqlite_conn *c, struct db_stmt *stmt, struct prepared **out)
{
    int slot = db_stmt_slot(stmt);
    if (slot >= c->slot_count) {
        enum err err = grow_slots(c, slot);
        if (err != ERR_OK) {
            return err;
        }
    }
    struct prepared *p = &c->slots[slot];
    if (p->handle == NULL) {
        db_stmt_check(stmt);
        int code = sqlite3_prepare_v3(c->handle, stmt->sql, (int)size_without_lock(stmt->sql),
                                      SQLITE_PREPARE_PERSISTENT, &p->handle, NULL);
        if (code != SQLITE_OK) {
            enum err err = error_of_code(c, code);
            CHECK(err != ERR_OK);
            return err;
        }
        p->stmt = stmt;
        p->param_count = sqlite3_bind_parameter_count(p->handle);
        p->reads_only = sqlite3_stmt_readonly(p->handle) != 0;
        check_params(p);
    }
    *out = p;
    return ERR_OK;
}

static int bind_one(sqlite3_stmt *handle, int at, const struct db_value *v,
                    sqlite3_destructor_type life)
{
    switch (v->type) {
    case DB_INT:
        return sqlite3_bind_int64(handle, at, v->integer);
    case DB_TEXT:
        return sqlite3_bind_text64(handle, at, v->bytes, v->size, life, SQLITE_UTF8);
    case DB_BLOB:
        return sqlite3_bind_blob64(handle, at, v->bytes, v->size, life);
    case DB_NULL:
        break;
    }
    return sqlite3_bind_null(handle, at);
}

static enum err bind_all(struct sqlite_conn *c, struct prepared *p, const struct db_value *args,
                         size_t arg_count, sqlite3_destructor_type life)
{
    CHECK(!p->open);
    CHECK((size_t)p->param_count == arg_count);
    for (size_t i = 0; i < arg_count; i++) {
        int code = bind_one(p->handle, (int)i + 1, &args[i], life);
        if (code != SQLITE_OK) {
            return error_of_code(c, code);
        }
    }
    return ERR_OK;
}

static enum err sqlite_exec(struct db_conn *conn, struct db_stmt *stmt, const struct db_value *args,
                            size_t arg_count, int64_t *out_changed)
{
    struct sqlite_conn *c = sqlite_conn_of(conn);
    struct prepared *p = NULL;
    enum err err = find_prepared(c, stmt, &p);
    if (err == ERR_OK) {
        err = bind_all(c, p, args, arg_count, SQLITE_STATIC);
    }
    if (err != ERR_OK) {
        return err;
    }
    int code = SQLITE_ROW;
    while (code == SQLITE_ROW) {
        code = sqlite3_step(p->handle);
    }
    err = error_of_code(c, code);
    sqlite3_reset(p->handle);
    *out_changed = p->reads_only ? 0 : sqlite3_changes64(c->handle);
    return err;
}

static enum err sqlite_defer(struct db_conn *conn, struct db_stmt *stmt,
                             const struct db_value *args, size_t arg_count, int64_t expected)
{
    int64_t changed = 0;
    enum err err = sqlite_exec(conn, stmt, args, arg_count, &changed);
    if (err == ERR_OK && expected >= 0 && changed != expected) {
        db_conn_say(conn, stmt->name);
        return ERR_DB_ROW_COUNT;
    }
    return err;
}

static enum err sqlite_query(struct db_conn *conn, struct db_stmt *stmt,
                             const struct db_value *args, size_t arg_count, struct db_rows *out)
{
    struct sqlite_conn *c = sqlite_conn_of(conn);
    struct prepared *p = NULL;
    enum err err = find_prepared(c, stmt, &p);
    if (err == ERR_OK) {
        /* Rows are read after the caller's text is gone: copy it. */
        err = bind_all(c, p, args, arg_count, SQLITE_TRANSIENT);
    }
    if (err != ERR_OK) {
        return err;
    }
    int code = sqlite3_step(p->handle); /* the first row now, so that errors show here */
    if (code != SQLITE_ROW) {
        err = error_of_code(c, code);
        sqlite3_reset(p->handle);
        return err;
    }
    p->open = true;
    out->impl = p;
    out->row_count = 1;
    return ERR_OK;
}

static bool sqlite_rows_next(struct db_rows *rows)
{
    struct prepared *p = rows->impl;
    rows->row++;
    if (rows->row_count == 1) {
        rows->row_count = 0;
        return true;
    }
    int code = sqlite3_step(p->handle);
    if (code == SQLITE_ROW) {
        return true;
    }
    rows->err = error_of_code(sqlite_conn_of(rows->conn), code);
    sqlite3_reset(p->handle);
    p->open = false;
    rows->impl = NULL;
    return false;
}

static void sqlite_rows_close(struct db_rows *rows)
{
    struct prepared *p = rows->impl;
    sqlite3_reset(p->handle);
    p->open = false;
}

static sqlite3_stmt *row_of(const struct db_rows *rows, int column)
{
    const struct prepared *p = rows->impl;
    CHECK(p != NULL && rows->row >= 0 && column < sqlite3_data_count(p->handle));
    return p->handle;
}

static int64_t sqlite_rows_int(const struct db_rows *rows, int column)
{
    sqlite3_stmt *handle = row_of(rows, column);
    int type = sqlite3_column_type(handle, column);
    CHECK(type == SQLITE_INTEGER || type == SQLITE_NULL); /* REAL: a sum overflowed in SQL */
    return sqlite3_column_int64(handle, column);
}

static const char *sqlite_rows_text(const struct db_rows *rows, int column)
{
    sqlite3_stmt *handle = row_of(rows, column);
    int type = sqlite3_column_type(handle, column);
    CHECK(type == SQLITE_TEXT || type == SQLITE_NULL);
    return (const char *)sqlite3_column_text(handle, column);
}

static const void *sqlite_rows_blob(const struct db_rows *rows, int column, size_t *out_size)
{
    sqlite3_stmt *handle = row_of(rows, column);
    int type = sqlite3_column_type(handle, column);
    CHECK(type == SQLITE_BLOB || type == SQLITE_NULL);
    const void *bytes = sqlite3_column_blob(handle, column);
    *out_size = (size_t)sqlite3_column_bytes(handle, column);
    return type == SQLITE_BLOB && bytes == NULL ? "" : bytes;
}

static bool sqlite_rows_is_null(const struct db_rows *rows, int column)
{
    return sqlite3_column_type(row_of(rows, column), column) == SQLITE_NULL;
}

/* --- batches -----------------------------------------------------------------------------------
 */

static void sqlite_batch_begin(struct db_conn *conn)
{
    batch_clear(sqlite_conn_of(conn));
}

/* One allocation: the values, then their bytes. */
static struct db_value *copy_args(const struct db_value *args, size_t arg_count)
{
    size_t size = (arg_count + 1) * sizeof(*args);
    for (size_t i = 0; i < arg_count; i++) {
        size += args[i].size;
    }
    struct db_value *copy = malloc(size);
    if (copy == NULL) {
        return NULL;
    }
    char *bytes = (char *)(copy + arg_count + 1);
    for (size_t i = 0; i < arg_count; i++) {
        copy[i] = args[i];
        if (args[i].bytes != NULL) {
            memcpy(bytes, args[i].bytes, args[i].size);
            copy[i].bytes = bytes;
            bytes += args[i].size;
        }
    }
    return copy;
}

static enum err sqlite_batch_query(struct db_conn *conn, struct db_stmt *stmt,
                                   const struct db_value *args, size_t arg_count)
{
    struct sqlite_conn *c = sqlite_conn_of(conn);
    CHECK(c->batch_count < DB_BATCH_MAX);
    struct db_value *copy = copy_args(args, arg_count);
    if (copy == NULL) {
        return ERR_NO_MEMORY;
    }
    c->batch[c->batch_count++] =
        (struct waiting){.stmt = stmt, .args = copy, .arg_count = arg_count};
    return ERR_OK;
}

static enum err sqlite_batch_rows(struct db_conn *conn, struct db_rows *out)
{
    struct sqlite_conn *c = sqlite_conn_of(conn);
    CHECK(c->batch_turn < c->batch_count);
    const struct waiting *w = &c->batch[c->batch_turn++];
    return sqlite_query(conn, w->stmt, w->args, w->arg_count, out);
}

static void sqlite_batch_end(struct db_conn *conn)
{
    batch_clear(sqlite_conn_of(conn));
}

/* --- scripts -----------------------------------------------------------------------------------
 */

static enum err sqlite_script(struct db_conn *conn, const char *sql)
{
    return error_of_code(sqlite_conn_of(conn),
                         sqlite3_exec(sqlite_conn_of(conn)->handle, sql, NULL, NULL, NULL));
}

static enum err sqlite_prepare(struct db_conn *conn, struct db_stmt *stmt)
{
    struct prepared *p = NULL;
    return find_prepared(sqlite_conn_of(conn), stmt, &p);
}

const struct db_ops db_sqlite_ops = {
    .open = sqlite_open,
    .close = sqlite_close,
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .reconnect = sqlite_reconnect,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .savepoint = sqlite_savepoint,
    .savepoint_release = sqlite_savepoint_release,
    .savepoint_rollback = sqlite_savepoint_rollback,
    .exec = sqlite_exec,
    .query = sqlite_query,
    .defer = sqlite_defer,
    .rows_next = sqlite_rows_next,
    .rows_int = sqlite_rows_int,
    .rows_text = sqlite_rows_text,
    .rows_blob = sqlite_rows_blob,
    .rows_is_null = sqlite_rows_is_null,
    .rows_close = sqlite_rows_close,
    .batch_begin = sqlite_batch_begin,
    .batch_query = sqlite_batch_query,
    .batch_rows = sqlite_batch_rows,
    .batch_end = sqlite_batch_end,
    .script = sqlite_script,
    .prepare = sqlite_prepare,
};
