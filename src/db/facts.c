#include "db/facts.h"

#include "base/str.h"
#include "db/conn.h"
#include "sys/file.h"
#include "sys/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARK_HEAD     "sycee-mark "
#define MARK_SIZE     32 /* of the file: head, digits, blanks, line end */
#define MARK_PATH_MAX (FILE_PATH_MAX + 8)

DB_STMT(db_facts_load, "SELECT number FROM db_facts WHERE bucket = 0 AND name = $1");
DB_STMT(db_facts_store, "INSERT INTO db_facts (bucket, name, number, at) VALUES (0, $1, $2, $3) "
                        "ON CONFLICT (bucket, name) DO UPDATE SET number = excluded.number, "
                        "at = excluded.at");
DB_STMT(db_facts_raise, "INSERT INTO db_facts (bucket, name, number, at) VALUES (0, 'mark', 1, $1) "
                        "ON CONFLICT (bucket, name) DO UPDATE SET number = db_facts.number + 1, "
                        "at = excluded.at RETURNING number");
DB_STMT(db_key_checks_select,
        "SELECT version, check_value FROM db_key_checks WHERE bucket = 0 ORDER BY version");
DB_STMT(db_key_checks_insert, "INSERT INTO db_key_checks (bucket, version, check_value, made_at) "
                              "VALUES (0, $1, $2, $3) ON CONFLICT (bucket, version) DO NOTHING");
DB_STMT(db_key_checks_delete,
        "DELETE FROM db_key_checks WHERE bucket = 0 AND version > 0 AND version < $1");

/* --- facts -------------------------------------------------------------------------------------
 */

enum err db_fact_load(struct db_conn *conn, const char *name, int64_t *out_number)
{
    return db_number(conn, &db_facts_load, DB_ARGS(db_text(name)), out_number);
}

enum err db_fact_store(struct db_conn *conn, const char *name, int64_t number, int64_t now_us)
{
    return db_exec(conn, &db_facts_store, DB_ARGS(db_text(name), db_int(number), db_int(now_us)),
                   NULL);
}

/* --- the mark ----------------------------------------------------------------------------------
 */

/* Beside the file itself, not beside a symbolic link to it. */
static bool mark_path(const struct db *db, char out[MARK_PATH_MAX])
{
    char *real = realpath(db->address, NULL);
    int size = real != NULL ? snprintf(out, MARK_PATH_MAX, "%s.mark", real) : -1;
    free(real);
    return size > 0 && size < MARK_PATH_MAX;
}

enum err db_mark_raise(struct db_conn *conn, int64_t now_us, int64_t *out_number)
{
    return db_number(conn, &db_facts_raise, DB_ARGS(db_int(now_us)), out_number);
}

/* In place and without a sync: after a power cut the file may be behind or empty, never ahead. */
void db_mark_keep(struct db *db, int64_t number)
{
    char path[MARK_PATH_MAX];
    char text[MARK_SIZE + 1];
    if (db->engine != DB_SQLITE) {
        return;
    }
    if (db->mark_file < 0 && mark_path(db, path)) {
        db->mark_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    snprintf(text, sizeof(text), MARK_HEAD "%-20" PRId64 "\n", number);
    if (db->mark_file < 0 || pwrite(db->mark_file, text, MARK_SIZE, 0) != MARK_SIZE) {
        log_event(LOG_WARN, "mark_not_written", log_string("database", db->shown),
                  log_string("system", strerror(errno)));
    }
}

static enum err mark_read(const char *path, int64_t *out)
{
    char *text = NULL;
    size_t size = 0;
    enum err err = file_read(path, 4096, &text, &size);
    *out = 0;
    if (err != ERR_OK) {
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    char digits[MARK_SIZE] = "";
    bool is_mark = size == MARK_SIZE && strncmp(text, MARK_HEAD, sizeof(MARK_HEAD) - 1) == 0;
    if (is_mark) {
        snprintf(digits, sizeof(digits), "%s", text + sizeof(MARK_HEAD) - 1);
        digits[strspn(digits, "0123456789")] = '\0';
    }
    if (!is_mark || !str_to_int(digits, out)) {
        log_event(LOG_WARN, "mark_not_readable", log_string("path", path));
        *out = 0;
    }
    free(text);
    return ERR_OK;
}

enum err db_mark_check(struct db_conn *conn)
{
    char path[MARK_PATH_MAX];
    char text[DB_MESSAGE_MAX];
    int64_t kept = 0, stored = 0;
    if (conn->db->engine != DB_SQLITE || !mark_path(conn->db, path)) {
        return ERR_OK;
    }
    enum err err = mark_read(path, &kept);
    if (err == ERR_OK) {
        err = db_fact_load(conn, FACT_MARK, &stored);
    }
    if (err != ERR_OK || stored >= kept) {
        return err;
    }
    snprintf(text, sizeof(text),
             "%.200s has lost commits: its mark is %" PRId64 ", the file beside it has %" PRId64
             "; put back its -wal file or a newer copy, or run \"sycee restore --accept\"",
             conn->db->shown, stored, kept);
    db_conn_say(conn, text);
    return ERR_DB_STALE;
}

enum err db_mark_forget(struct db *db)
{
    char path[MARK_PATH_MAX];
    if (db->engine != DB_SQLITE || !mark_path(db, path)) {
        return ERR_OK;
    }
    enum err err = file_remove(path);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* --- check values of keys ----------------------------------------------------------------------
 */

enum err db_key_checks_load(struct db_conn *conn, struct db_key_check out[KEY_CHECKS_MAX],
                            size_t *out_count)
{
    size_t count = 0;
    struct db_rows rows = db_read(conn, &db_key_checks_select, DB_NO_ARGS);
    bool fits = true;
    while (db_rows_next(&rows)) {
        size_t size = 0;
        const void *value = db_rows_blob(&rows, 1, &size);
        fits = fits && count < KEY_CHECKS_MAX && size == KEY_CHECK_SIZE;
        if (fits) {
            out[count].version = (int)db_rows_int(&rows, 0);
            memcpy(out[count++].value, value, KEY_CHECK_SIZE);
        }
    }
    enum err err = db_rows_close(&rows);
    if (err != ERR_OK) {
        return err;
    }
    *out_count = count;
    return fits ? ERR_OK : ERR_OVERFLOW;
}

enum err db_key_check_store(struct db_conn *conn, const struct db_key_check *check, int64_t now_us)
{
    return db_exec(conn, &db_key_checks_insert,
                   DB_ARGS(db_int(check->version), db_blob(check->value, sizeof(check->value)),
                           db_int(now_us)),
                   NULL);
}

enum err db_key_checks_drop(struct db_conn *conn, int version)
{
    return db_exec(conn, &db_key_checks_delete, DB_ARGS(db_int(version)), NULL);
}
