#include "db/sealed.h"

#include "base/check.h"
#include "sys/log.h"

#include <stdlib.h>
#include <string.h>

DB_STMT(sealed_report_answers, "SELECT COUNT(*) FROM db_idempotency WHERE length(response) > 0 AND "
                               "substr(response, 1, 1) <> $1");
DB_STMT(sealed_report_messages, "SELECT COUNT(*) FROM db_outbox WHERE body LIKE '{\"sealed\":%'");

struct sealed_row {
    int64_t key[SEALED_KEYS];
    size_t size;
    uint8_t value[VAULT_SEALED_MAX];
};

static struct db_rows page_read(struct db_conn *conn, const struct sealed_column *column,
                                const int64_t key[SEALED_KEYS], const uint8_t *newest)
{
    return column->key_count == 2
               ? db_read(conn, column->page,
                         DB_ARGS(db_blob(newest, 1), db_int(key[0]), db_int(key[1]),
                                 db_int(SEALED_SCAN_MAX)))
               : db_read(conn, column->page,
                         DB_ARGS(db_blob(newest, 1), db_int(key[0]), db_int(key[1]), db_int(key[2]),
                                 db_int(SEALED_SCAN_MAX)));
}

/* Old values after walk->key, which moves to the last row seen. *out_seen 0: the table has no more. */
static enum err read_page(struct db_conn *conn, const struct sealed_column *column, uint8_t newest,
                          struct sealed_walk *walk, struct sealed_row out[SEALED_ROWS_MAX],
                          size_t *out_count, size_t *out_seen)
{
    struct db_rows rows = page_read(conn, column, walk->key, &newest);
    size_t count = 0, seen = 0;
    for (; count < SEALED_ROWS_MAX && db_rows_next(&rows); seen++) {
        struct sealed_row *row = &out[count];
        for (int k = 0; k < column->key_count; k++) {
            walk->key[k] = row->key[k] = db_rows_int(&rows, k);
        }
        if (db_rows_is_null(&rows, column->key_count)) {
            continue;
        }
        const void *value = db_rows_blob(&rows, column->key_count, &row->size);
        CHECK(row->size <= sizeof row->value);
        memcpy(row->value, value, row->size);
        count++;
    }
    *out_count = count;
    *out_seen = seen;
    return db_rows_close(&rows);
}

static struct vault_place place_of(const struct sealed_column *column, const struct sealed_row *row)
{
    int64_t number = column->field_count > 1 ? row->key[column->key_count - 1] : 0;
    bool is_known = number >= 0 && number < column->field_count && column->fields[number] != NULL;
    return (struct vault_place){.bucket = (int)row->key[0],
                                .id = row->key[column->place_key],
                                .field = is_known ? column->fields[number] : "sealed.unknown"};
}

static enum err put_value(struct db_conn *conn, const struct sealed_column *column,
                          const struct sealed_row *row, const uint8_t *sealed)
{
    struct db_value after = db_blob(sealed, row->size), before = db_blob(row->value, row->size);
    int64_t changed = 0; /* 0: changed meanwhile, and so new */
    return column->key_count == 2
               ? db_exec(conn, column->put,
                         DB_ARGS(after, db_int(row->key[0]), db_int(row->key[1]), before), &changed)
               : db_exec(conn, column->put,
                         DB_ARGS(after, db_int(row->key[0]), db_int(row->key[1]),
                                 db_int(row->key[2]), before),
                         &changed);
}

static enum err reseal_row(struct db_conn *conn, const struct vault *vault,
                           const struct sealed_column *column, const struct sealed_row *row,
                           struct sealed_walk *walk)
{
    uint8_t plain[VAULT_PLAIN_MAX];
    uint8_t sealed[VAULT_SEALED_MAX];
    size_t size = 0;
    struct vault_place place = place_of(column, row);
    enum err err = vault_unseal(vault, place, row->value, row->size, plain, sizeof plain, &size);
    if (err != ERR_OK) {
        walk->broken++;
        log_event(LOG_ERROR, "sealed_value_broken", log_string("table", column->table),
                  log_string("column", column->column), log_int("id", row->key[1]));
        return ERR_OK;
    }
    CHECK(size + VAULT_OVERHEAD == row->size);
    vault_seal(vault, place, plain, size, sealed);
    vault_wipe(plain, sizeof plain);
    err = put_value(conn, column, row, sealed);
    walk->resealed += err == ERR_OK;
    return err;
}

enum err sealed_step(struct db_conn *conn, const struct vault *vault,
                     const struct sealed_column *const *columns, size_t count,
                     const struct sealed_walk *from, struct sealed_walk *out)
{
    CHECK(from->column < count && from != out);
    struct sealed_row *rows = malloc(SEALED_ROWS_MAX * sizeof *rows);
    if (rows == NULL) {
        return ERR_NO_MEMORY;
    }
    const struct sealed_column *column = columns[from->column];
    size_t found = 0, seen = 0;
    *out = *from;
    enum err err = read_page(conn, column, (uint8_t)vault_version(vault), out, rows, &found, &seen);
    for (size_t i = 0; err == ERR_OK && i < found; i++) {
        err = reseal_row(conn, vault, column, &rows[i], out);
    }
    if (err == ERR_OK && seen == 0) {
        out->column++;
        memset(out->key, 0, sizeof out->key);
    }
    free(rows);
    return err;
}

enum err sealed_count_old(struct db_conn *conn, const struct vault *vault,
                          const struct sealed_column *column, int64_t *out_count)
{
    uint8_t newest = (uint8_t)vault_version(vault);
    return db_number(conn, column->count, DB_ARGS(db_blob(&newest, 1)), out_count);
}

enum err sealed_count_passing(struct db_conn *conn, const struct vault *vault, int64_t *out_count)
{
    uint8_t newest = (uint8_t)vault_version(vault);
    int64_t answers = 0, messages = 0;
    enum err err = db_number(conn, &sealed_report_answers, DB_ARGS(db_blob(&newest, 1)), &answers);
    err = err ? err : db_number(conn, &sealed_report_messages, NULL, 0, &messages);
    if (err == ERR_OK) {
        *out_count = answers + messages;
    }
    return err;
}
