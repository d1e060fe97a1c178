/* SQLite's integrity check, in pieces of one table. */
#include "db/conn.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAMAGES_MAX 100 /* of a table that are reported */

typedef void scrub_report(void *context, const char *line);

static enum err scrub_table(sqlite3 *handle, const char *table, scrub_report *report, void *context)
{
    sqlite3_stmt *statement = NULL;
    char *sql = sqlite3_mprintf("PRAGMA integrity_check(%Q)", table);
    if (sql == NULL) {
        return ERR_NO_MEMORY;
    }
    int code = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    sqlite3_free(sql);
    int rows = 0;
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        code = SQLITE_OK;
        if (text != NULL && strcmp(text, "ok") != 0 && rows++ < DAMAGES_MAX) {
            char line[DB_MESSAGE_MAX];
            snprintf(line, sizeof(line), "%s: %.300s", table, text);
            line[strcspn(line, "\n")] = '\0';
            report(context, line);
        }
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) { /* the damage itself may stop the reading */
        char line[DB_MESSAGE_MAX];
        snprintf(line, sizeof(line), "%s: %s", table, sqlite3_errstr(code));
        report(context, line);
    }
    return ERR_OK;
}

/* Names are taken first: no statement stays open between two tables. */
static enum err list_tables(sqlite3 *handle, char ***out, int *out_count)
{
    char **rows = NULL;
    int row_count = 0, column_count = 0;
    int code = sqlite3_get_table(handle,
                                 "SELECT 'sqlite_schema' UNION ALL SELECT name FROM sqlite_schema "
                                 "WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
                                 &rows, &row_count, &column_count, NULL);
    *out = rows;
    *out_count = row_count;
    return code == SQLITE_OK ? ERR_OK : ERR_DB;
}

enum err db_scrub(const struct db *db, scrub_report *report, void *context)
{
    sqlite3 *handle = NULL;
    char **tables = NULL;
    int count = 0;
    if (db->engine != DB_SQLITE) {
        return ERR_OK;
    }
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(db->address, &handle, flags, NULL);
    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(handle, db->lock_ms);
        code = sqlite3_exec(handle, "PRAGMA query_only=ON; PRAGMA cache_size=-65536;", NULL, NULL,
                            NULL);
    }
    enum err err = code == SQLITE_OK ? list_tables(handle, &tables, &count) : ERR_DB;
    if (err != ERR_OK) {
        report(context, sqlite3_errmsg(handle));
    }
    for (int i = 1; err == ERR_OK && i <= count; i++) { /* row 0 holds the column's name */
        err = scrub_table(handle, tables[i], report, context);
    }
    sqlite3_free_table(tables);
    sqlite3_close(handle);
    return err;
}
