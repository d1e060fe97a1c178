/* The embedded engine's file, opened read-only: a reader of a WAL file sees one whole commit. */
#include "reader_inside.h"

#include "base/check.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define BUSY_MS 10000

static void open_file(struct reader *reader, const char *path)
{
    sqlite3 *db = NULL;
    char *fault = NULL;
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
    if (code == SQLITE_OK) {
        (void)sqlite3_busy_timeout(db, BUSY_MS);
        code = sqlite3_exec(db,
                            "PRAGMA query_only = ON; PRAGMA cache_size = -65536;"
                            "BEGIN; SELECT count(*) FROM ledger_seals WHERE seq < 0;",
                            NULL, NULL, &fault);
    }
    if (code != SQLITE_OK) {
        char message[512];
        snprintf(message, sizeof message, "%s: %s", path,
                 fault ? fault
                 : db  ? sqlite3_errmsg(db)
                       : "no memory");
        reader_fail(reader, EX_NOINPUT, message);
    }
    reader->handle = db;
}

static void close_file(struct reader *reader)
{
    for (int i = 0; i < reader->kept_count; i++) {
        (void)sqlite3_finalize(reader->kept[i].stmt);
    }
    (void)sqlite3_close(reader->handle);
}

static void *reader_sqlite_prepare(struct reader *reader, const char *sql, bool is_kept)
{
    for (int i = 0; is_kept && i < reader->kept_count; i++) {
        if (reader->kept[i].sql == sql) {
            return reader->kept[i].stmt;
        }
    }
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(reader->handle, sql, -1, &stmt, NULL) != SQLITE_OK) {
        reader_fail(reader, EX_NOINPUT, sqlite3_errmsg(reader->handle));
    }
    if (is_kept) {
        CHECK(reader->kept_count < READER_KEPT_MAX);
        reader->kept[reader->kept_count].sql = sql;
        reader->kept[reader->kept_count++].stmt = stmt;
    }
    return stmt;
}

static struct cursor *reader_sqlite_query(struct reader *reader, const char *sql, int64_t a,
                                          int64_t b, bool is_kept)
{
    struct cursor *cursor = calloc(1, sizeof *cursor);
    CHECK(cursor != NULL);
    *cursor = (struct cursor){
        .reader = reader, .impl = reader_sqlite_prepare(reader, sql, is_kept), .is_kept = is_kept};
    int count = sqlite3_bind_parameter_count(cursor->impl);
    if (count > 0) {
        (void)sqlite3_bind_int64(cursor->impl, 1, a);
    }
    if (count > 1) {
        (void)sqlite3_bind_int64(cursor->impl, 2, b);
    }
    return cursor;
}

static bool reader_sqlite_next(struct cursor *cursor)
{
    int code = sqlite3_step(cursor->impl);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        reader_fail(cursor->reader, EX_NOINPUT, sqlite3_errmsg(cursor->reader->handle));
    }
    return code == SQLITE_ROW;
}

static int64_t reader_sqlite_number(const struct cursor *cursor, int column)
{
    return sqlite3_column_int64(cursor->impl, column);
}

static bool is_null(const struct cursor *cursor, int column)
{
    return sqlite3_column_type(cursor->impl, column) == SQLITE_NULL;
}

static const char *reader_sqlite_text(struct cursor *cursor, int column)
{
    const unsigned char *bytes = sqlite3_column_text(cursor->impl, column);
    return bytes ? (const char *)bytes : "";
}

static const uint8_t *reader_sqlite_blob(struct cursor *cursor, int column, size_t *out_size)
{
    const uint8_t *bytes = sqlite3_column_blob(cursor->impl, column);
    *out_size = (size_t)sqlite3_column_bytes(cursor->impl, column);
    return bytes ? bytes : (const uint8_t *)"";
}

static void reader_sqlite_end(struct cursor *cursor)
{
    if (cursor->is_kept) {
        (void)sqlite3_reset(cursor->impl);
    } else {
        (void)sqlite3_finalize(cursor->impl);
    }
}

const struct reader_ops reader_sqlite_ops = {
    open_file, close_file,         reader_sqlite_query, reader_sqlite_next, reader_sqlite_number,
    is_null,   reader_sqlite_text, reader_sqlite_blob,  reader_sqlite_end};
