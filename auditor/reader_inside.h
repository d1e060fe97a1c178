/* Shared by reader.c and its two engines. */
#ifndef AUDITOR_READER_INSIDE_H
#define AUDITOR_READER_INSIDE_H

#include "reader.h"

#define READER_KEPT_MAX 32
#define READER_SQL_MAX  2048

struct reader_ops {
    void (*open)(struct reader *reader, const char *address);
    void (*close)(struct reader *reader);
    struct cursor *(*query)(struct reader *reader, const char *sql, int64_t a, int64_t b,
                            bool is_kept);
    bool (*next)(struct cursor *cursor);
    int64_t (*number)(const struct cursor *cursor, int column);
    bool (*is_null)(const struct cursor *cursor, int column);
    const char *(*text)(struct cursor *cursor, int column);
    const uint8_t *(*blob)(struct cursor *cursor, int column, size_t *out_size);
    void (*end)(struct cursor *cursor);
};
extern const struct reader_ops reader_sqlite_ops;
extern const struct reader_ops reader_pg_ops;

struct reader {
    const struct reader_ops *ops;
    bool as_json;
    void *handle; /* sqlite3 or PGconn */
    int cursor_count;
    struct {
        const char *sql;
        void *stmt;
    } kept[READER_KEPT_MAX]; /* SQLite */
    int kept_count;
};

struct cursor {
    struct reader *reader;
    void *impl; /* sqlite3_stmt or PGresult */
    bool is_kept;
    int number; /* PostgreSQL: of the server's cursor, -1 without */
    int row, row_count;
    uint8_t *bytes; /* PostgreSQL: decoded */
    size_t capacity;
};

/* Reports the failure and ends the process with the exit code. */
_Noreturn void reader_fail(const struct reader *reader, int code, const char *message);

#endif
