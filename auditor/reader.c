#include "reader_inside.h"

#include "base/check.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void reader_fail(const struct reader *reader, int code, const char *message)
{
    size_t size = strcspn(message, "\n");
    fprintf(stderr, "auditor: the books cannot be read: %.*s\n", (int)size, message);
    if (reader->as_json) {
        json_t *json = json_pack("{s:b, s:s%}", "content", 0, "error", message, size);
        char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
        puts(text ? text : "{}");
        free(text);
        json_decref(json);
    }
    exit(code);
}

struct reader *reader_open(const char *url, bool as_json)
{
    static const char sqlite[] = "sqlite:";
    struct reader *reader = calloc(1, sizeof *reader);
    CHECK(reader != NULL);
    reader->as_json = as_json;
    bool is_sqlite = strncmp(url, sqlite, sizeof sqlite - 1) == 0;
    reader->ops = is_sqlite ? &reader_sqlite_ops : &reader_pg_ops;
    reader->ops->open(reader, is_sqlite ? url + sizeof sqlite - 1 : url);
    return reader;
}

void reader_close(struct reader *reader)
{
    reader->ops->close(reader);
    free(reader);
}

bool reader_is_postgresql(const struct reader *reader)
{
    return reader->ops == &reader_pg_ops;
}

struct cursor *reader_stream(struct reader *reader, const char *sql, int64_t a, int64_t b)
{
    return reader->ops->query(reader, sql, a, b, false);
}

struct cursor *reader_look(struct reader *reader, const char *sql, int64_t a, int64_t b)
{
    return reader->ops->query(reader, sql, a, b, true);
}

int64_t reader_number(struct reader *reader, const char *sql, int64_t a, int64_t b,
                      int64_t fallback)
{
    struct cursor *cursor = reader_look(reader, sql, a, b);
    bool found = cursor_next(cursor) && !cursor_is_null(cursor, 0);
    int64_t number = found ? cursor_int(cursor, 0) : fallback;
    cursor_close(cursor);
    return number;
}

bool cursor_next(struct cursor *cursor)
{
    return cursor->reader->ops->next(cursor);
}

int64_t cursor_int(const struct cursor *cursor, int column)
{
    return cursor->reader->ops->number(cursor, column);
}

bool cursor_is_null(const struct cursor *cursor, int column)
{
    return cursor->reader->ops->is_null(cursor, column);
}

const char *cursor_text(struct cursor *cursor, int column)
{
    return cursor->reader->ops->text(cursor, column);
}

const uint8_t *cursor_blob(struct cursor *cursor, int column, size_t *out_size)
{
    return cursor->reader->ops->blob(cursor, column, out_size);
}

void cursor_close(struct cursor *cursor)
{
    cursor->reader->ops->end(cursor);
    free(cursor->bytes);
    free(cursor);
}
