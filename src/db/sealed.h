/*
 * Columns whose values the vault has sealed, and their sealing anew under the newest master key.
 * Each room lists its own columns; a value's first byte is the number of its key, so that a run
 * which was stopped goes on with what is left, and a second run changes nothing.
 */
#ifndef DB_SEALED_H
#define DB_SEALED_H

#include "db/db.h"
#include "sys/vault.h"

#define SEALED_ROWS_MAX 32  /* values sealed anew in one step */
#define SEALED_SCAN_MAX 512 /* rows looked at in one step */
#define SEALED_KEYS     3   /* integers of a primary key at most, the bucket included */

struct sealed_column {
    const char *table, *column;
    int key_count;             /* 2 or 3 */
    int place_key;             /* which of them is the id of the place */
    const char *const *fields; /* of the place: the last key's, where there are several; else one */
    int field_count;
    struct db_stmt
        *page; /* rows after a key; the value where it is not under the newest master key */
    struct db_stmt *put;   /* a value, if the one before is still there */
    struct db_stmt *count; /* values not under the newest master key */
};

/* The value if it is not under the newest master key, else NULL: a page reads a bounded number of
 * rows. */
#define SEALED_OLD(column, n) "length(" column ") > 0 AND substr(" column ", 1, 1) <> $" n

/* A column of a table whose key is (bucket, a); the place's id is a. */
#define SEALED_COLUMN_2(var, table_, column_, a, field)                                            \
    DB_STMT(var##_page,                                                                            \
            "SELECT bucket, " a                                                                    \
            ", CASE WHEN " SEALED_OLD(column_, "1") " THEN " column_ " END FROM " table_           \
                                                    " WHERE (bucket, " a ") > ($2, $3)"            \
                                                    " ORDER BY bucket, " a " LIMIT $4");           \
    DB_STMT(var##_put, "UPDATE " table_ " SET " column_ " = $1 WHERE bucket = $2 AND " a           \
                       " = $3 AND " column_ " = $4");                                              \
    DB_STMT(var##_report_count,                                                                    \
            "SELECT COUNT(*) FROM " table_ " WHERE " SEALED_OLD(column_, "1"));                    \
    static const char *const var##_fields[] = {field};                                             \
    static const struct sealed_column var = {                                                      \
        table_, column_, 2, 1, var##_fields, 1, &var##_page, &var##_put, &var##_report_count}

/* The same for a key (bucket, a, b); `place` 1 or 2: a or b is the place's id. More than one
 * field: b numbers them. */
#define SEALED_COLUMN_3(var, table_, column_, a, b, place, ...)                                    \
    DB_STMT(var##_page,                                                                            \
            "SELECT bucket, " a ", " b                                                             \
            ", CASE WHEN " SEALED_OLD(column_, "1") " THEN " column_ " END FROM " table_           \
                                                    " WHERE (bucket, " a ", " b ") > ($2, $3, $4)" \
                                                    " ORDER BY bucket, " a ", " b " LIMIT $5");    \
    DB_STMT(var##_put, "UPDATE " table_ " SET " column_ " = $1 WHERE bucket = $2 AND " a           \
                       " = $3 AND " b " = $4 AND " column_ " = $5");                               \
    DB_STMT(var##_report_count,                                                                    \
            "SELECT COUNT(*) FROM " table_ " WHERE " SEALED_OLD(column_, "1"));                    \
    static const char *const var##_fields[] = {__VA_ARGS__};                                       \
    static const struct sealed_column var = {                                                      \
        table_,      column_,      3,                                                              \
        place,       var##_fields, sizeof var##_fields / sizeof var##_fields[0],                   \
        &var##_page, &var##_put,   &var##_report_count}

/* How far a run is. Zero: at the beginning. */
struct sealed_walk {
    size_t column; /* the next one; the number of columns: done */
    int64_t key[SEALED_KEYS];
    int64_t resealed; /* so far */
    int64_t broken;   /* values that no key opens: left, logged */
};
/* In the caller's transaction: looks at up to SEALED_SCAN_MAX rows from *from on and seals up to
 * SEALED_ROWS_MAX values anew. A value that somebody changed meanwhile stays as it is: it is new
 * already. ERR_NO_MEMORY, errors of db. */
enum err sealed_step(struct db_conn *conn, const struct vault *vault,
                     const struct sealed_column *const *columns, size_t count,
                     const struct sealed_walk *from, struct sealed_walk *out);
/* Values of one column that are not under the newest master key. Reads the whole table. */
enum err sealed_count_old(struct db_conn *conn, const struct vault *vault,
                          const struct sealed_column *column, int64_t *out_count);
/* Sealed values that last for days at most and are not sealed anew: kept answers under older keys,
 * and all messages that wait to be sent. */
enum err sealed_count_passing(struct db_conn *conn, const struct vault *vault, int64_t *out_count);

#endif
