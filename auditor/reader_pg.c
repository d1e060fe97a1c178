/* PostgreSQL: one REPEATABLE READ, READ ONLY transaction; long answers by server cursor. */
#include "reader_inside.h"

#include "base/check.h"
#include "base/str.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define FETCH_ROWS 5000

static void reader_pg_fail(const struct reader *reader)
{
    reader_fail(reader, EX_UNAVAILABLE, PQerrorMessage(reader->handle));
}

static PGresult *run(struct reader *reader, const char *sql)
{
    PGresult *result = PQexec(reader->handle, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        reader_pg_fail(reader);
    }
    return result;
}

static void open_server(struct reader *reader, const char *address)
{
    reader->handle = PQconnectdb(address);
    if (PQstatus(reader->handle) != CONNECTION_OK) {
        reader_pg_fail(reader);
    }
    PQclear(run(reader, "SET client_encoding TO 'UTF8'"));
    PQclear(run(reader, "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    PQclear(run(reader, "SELECT count(*) FROM ledger_seals WHERE seq < 0"));
}

static void close_server(struct reader *reader)
{
    PQfinish(reader->handle);
}

/* Numbers only, so nothing needs quoting. */
static void reader_pg_fill(char *out, size_t size, const char *sql, int64_t a, int64_t b)
{
    size_t used = strlen(out);
    for (; *sql; sql++) {
        CHECK(used + 24 < size);
        if (*sql == '$' && (sql[1] == '1' || sql[1] == '2')) {
            int wrote =
                snprintf(out + used, size - used, "(%" PRId64 "::bigint)", sql[1] == '1' ? a : b);
            used += (size_t)wrote;
            sql++;
        } else {
            out[used++] = *sql;
        }
    }
    out[used] = '\0';
}

static struct cursor *reader_pg_query(struct reader *reader, const char *sql, int64_t a, int64_t b,
                                      bool is_kept)
{
    char text[READER_SQL_MAX] = "";
    struct cursor *cursor = calloc(1, sizeof *cursor);
    CHECK(cursor != NULL);
    *cursor = (struct cursor){.reader = reader, .number = -1, .row = -1};
    if (is_kept) {
        reader_pg_fill(text, sizeof text, sql, a, b);
        cursor->impl = run(reader, text);
        cursor->row_count = PQntuples(cursor->impl);
        return cursor;
    }
    cursor->number = reader->cursor_count++;
    snprintf(text, sizeof text, "DECLARE audit_%d NO SCROLL CURSOR FOR ", cursor->number);
    reader_pg_fill(text, sizeof text, sql, a, b);
    PQclear(run(reader, text));
    return cursor;
}

static bool reader_pg_next(struct cursor *cursor)
{
    if (++cursor->row < cursor->row_count) {
        return true;
    }
    if (cursor->number < 0 || (cursor->impl != NULL && cursor->row_count < FETCH_ROWS)) {
        return false;
    }
    char text[64];
    PQclear(cursor->impl);
    snprintf(text, sizeof text, "FETCH %d FROM audit_%d", FETCH_ROWS, cursor->number);
    cursor->impl = run(cursor->reader, text);
    cursor->row_count = PQntuples(cursor->impl);
    cursor->row = 0;
    return cursor->row_count > 0;
}

static int64_t reader_pg_number(const struct cursor *cursor, int column)
{
    int64_t value = 0;
    (void)str_to_int(PQgetvalue(cursor->impl, cursor->row, column), &value);
    return value;
}

static bool is_null(const struct cursor *cursor, int column)
{
    return PQgetisnull(cursor->impl, cursor->row, column) != 0;
}

static const char *text_of(struct cursor *cursor, int column)
{
    return PQgetvalue(cursor->impl, cursor->row, column);
}

/* The server writes bytes as "\x" and hex digits. */
static const uint8_t *reader_pg_blob(struct cursor *cursor, int column, size_t *out_size)
{
    const char *hex = PQgetvalue(cursor->impl, cursor->row, column);
    size_t size = strlen(hex);
    *out_size = size < 2 ? 0 : (size - 2) / 2;
    if (*out_size + 1 > cursor->capacity) {
        uint8_t *larger = realloc(cursor->bytes, *out_size + 1);
        CHECK(larger != NULL);
        cursor->bytes = larger;
        cursor->capacity = *out_size + 1;
    }
    if (*out_size == 0 || !str_from_hex(hex + 2, cursor->bytes, *out_size)) {
        *out_size = 0;
    }
    return cursor->bytes;
}

static void reader_pg_end(struct cursor *cursor)
{
    char text[64];
    PQclear(cursor->impl);
    if (cursor->number >= 0) {
        snprintf(text, sizeof text, "CLOSE audit_%d", cursor->number);
        PQclear(run(cursor->reader, text));
    }
}

const struct reader_ops reader_pg_ops = {open_server,    close_server,     reader_pg_query,
                                         reader_pg_next, reader_pg_number, is_null,
                                         text_of,        reader_pg_blob,   reader_pg_end};
