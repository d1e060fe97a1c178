/* The audit log: appended in the transaction of the action, read, and walked from its start. */
#include "base/check.h"
#include "base/str.h"
#include "staff/audit_rules.h"
#include "staff/staff_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PATTERN_SIZE 200

DB_STMT(audit_stmt_start, "INSERT INTO staff_audit_head (bucket, sequence, hash) VALUES (0, 0, $1)"
                          " ON CONFLICT (bucket) DO NOTHING");
DB_STMT(audit_stmt_next, "UPDATE staff_audit_head SET sequence = sequence + 1 WHERE bucket = 0"
                         " RETURNING sequence, hash");
DB_STMT(audit_stmt_insert,
        "INSERT INTO staff_audit (bucket, sequence, at, staff_id, action, object, detail,"
        " prev_hash, hash) VALUES (0, $1, $2, $3, $4, $5, $6, $7, $8)");
DB_STMT(audit_stmt_head, "UPDATE staff_audit_head SET hash = $1 WHERE bucket = 0");
DB_STMT(audit_stmt_load_head, "SELECT sequence, hash FROM staff_audit_head WHERE bucket = 0");
/* Instants rise with the sequence but for a clock that stepped back, so the days are asked again; the index
 * on them says where to begin. A search looks at AUDIT_WINDOW entries at most. */
DB_STMT(audit_stmt_list,
        "SELECT a.sequence, a.at, a.staff_id, u.login, a.action, a.object, a.detail, a.hash"
        " FROM staff_audit a LEFT JOIN staff_users u ON u.bucket = 0 AND u.id = a.staff_id"
        " WHERE a.bucket = 0 AND a.sequence < $1 AND a.sequence >= $2 AND a.at >= $3 AND a.at < $4"
        " ORDER BY a.sequence DESC LIMIT $5");
DB_STMT(audit_stmt_search,
        "SELECT a.sequence, a.at, a.staff_id, u.login, a.action, a.object, a.detail, a.hash"
        " FROM staff_audit a LEFT JOIN staff_users u ON u.bucket = 0 AND u.id = a.staff_id"
        " WHERE a.bucket = 0 AND a.sequence < $1 AND a.sequence >= $2 AND a.at >= $3 AND a.at < $4"
        " AND (a.action LIKE $5 ESCAPE '\\' OR a.object LIKE $5 ESCAPE '\\'"
        " OR a.detail LIKE $5 ESCAPE '\\' OR u.login LIKE $5 ESCAPE '\\')"
        " ORDER BY a.sequence DESC LIMIT $6");
DB_STMT(audit_stmt_newest_before, "SELECT sequence FROM staff_audit WHERE bucket = 0 AND at < $1"
                                  " ORDER BY at DESC, sequence DESC LIMIT 1");
DB_STMT(audit_stmt_newest,
        "SELECT sequence FROM staff_audit WHERE bucket = 0 ORDER BY sequence DESC LIMIT 1");
DB_STMT(audit_stmt_oldest_from, "SELECT sequence FROM staff_audit WHERE bucket = 0 AND at >= $1"
                                " ORDER BY at, sequence LIMIT 1");
DB_STMT(audit_stmt_walk,
        "SELECT sequence, at, staff_id, action, object, detail, prev_hash, hash FROM staff_audit"
        " WHERE bucket = 0 ORDER BY sequence");

static void read_hash(const struct db_rows *rows, int column, uint8_t out[32])
{
    size_t size = 0;
    const void *hash = db_rows_blob(rows, column, &size);
    memset(out, 0, 32);
    if (hash && size == 32) {
        memcpy(out, hash, 32); /* another size is a broken entry: zeros fit nothing */
    }
}

/* --- Appending -----------------------------------------------------------------------------------
 */

static enum err next_of_chain(struct uow *uow, int64_t *out_sequence, uint8_t out_previous[32])
{
    static const uint8_t zeros[32];
    enum err err =
        db_exec(uow->conn, &audit_stmt_start, DB_ARGS(db_blob(zeros, sizeof(zeros))), NULL);
    if (err != ERR_OK) {
        return err;
    }
    struct db_rows rows = db_read(uow->conn, &audit_stmt_next, DB_NO_ARGS);
    if (db_rows_one(&rows, ERR_DB_RETRY)) {
        *out_sequence = db_rows_int(&rows, 0);
        read_hash(&rows, 1, out_previous);
    }
    return db_rows_close(&rows);
}

enum err audit_append(struct uow *uow, struct staff_id staff, const char *action,
                      const char *object, const char *detail)
{
    struct audit_entry entry = {.at = uow->now_us, .staff = staff};
    uint8_t previous[32];
    audit_copy_text(action, entry.action, sizeof(entry.action));
    audit_copy_text(object ? object : "", entry.object, sizeof(entry.object));
    audit_copy_text(detail ? detail : "", entry.detail, sizeof(entry.detail));
    enum err err = next_of_chain(uow, &entry.sequence, previous);
    if (err != ERR_OK) {
        return err;
    }
    audit_hash(previous, &entry, entry.hash);
    err = db_defer(uow->conn, &audit_stmt_insert,
                   DB_ARGS(db_int(entry.sequence), db_int(entry.at), db_int(staff.value),
                           db_text(entry.action), db_text(entry.object), db_text(entry.detail),
                           db_blob(previous, 32), db_blob(entry.hash, 32)),
                   1);
    return err == ERR_OK
               ? db_defer(uow->conn, &audit_stmt_head, DB_ARGS(db_blob(entry.hash, 32)), 1)
               : err;
}

/* --- Reading -------------------------------------------------------------------------------------
 */

/* "%" and "_" mean themselves; a text longer than any field is cut. */
static void like_anywhere(const char *text, char out[PATTERN_SIZE])
{
    char cut[PATTERN_SIZE / 2 - 2];
    size_t used = 0;
    audit_copy_text(text ? text : "", cut, sizeof(cut));
    out[used++] = '%';
    for (const char *at = cut; *at; at++) {
        if (*at == '%' || *at == '_' || *at == '\\') {
            out[used++] = '\\';
        }
        out[used++] = *at;
    }
    out[used++] = '%';
    out[used] = '\0';
}

static void copy_column(const struct db_rows *rows, int column, char *out, size_t capacity)
{
    const char *text = db_rows_text(rows, column);
    audit_copy_text(text ? text : "", out, capacity);
}

/* The entries [*out_low, *out_high) that a page looks at: of the days, below the cursor, and of a search no
 * more than AUDIT_WINDOW. */
static enum err find_window(struct db_conn *conn, const struct audit_filter *filter,
                            int64_t *out_low, int64_t *out_high, int64_t *out_next)
{
    int64_t newest = 0, oldest = 1;
    enum err err = ERR_OK;
    if (filter->to_us != 0) {
        err =
            db_one_number(conn, &audit_stmt_newest_before, DB_ARGS(db_int(filter->to_us)), &newest);
        err = err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    if (err == ERR_OK && filter->from_us > 0) {
        err =
            db_one_number(conn, &audit_stmt_oldest_from, DB_ARGS(db_int(filter->from_us)), &oldest);
        if (err == ERR_NOT_FOUND) { /* nothing is so new */
            err = ERR_OK;
            oldest = newest + 1;
        }
    }
    if (err == ERR_OK && filter->to_us == 0) {
        err = db_one_number(conn, &audit_stmt_newest, DB_NO_ARGS, &newest);
        err = err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    *out_high = filter->before && filter->before <= newest ? filter->before : newest + 1;
    *out_low = oldest;
    *out_next = 0;
    if (filter->text && *out_high - *out_low > AUDIT_WINDOW) {
        *out_low = *out_high - AUDIT_WINDOW;
        *out_next = *out_low;
    }
    return err;
}

enum err audit_each(struct db_conn *conn, const struct audit_filter *filter, audit_visit *visit,
                    void *context, int64_t *out_next)
{
    char pattern[PATTERN_SIZE];
    int64_t low = 1, high = 1, to_us = filter->to_us ? filter->to_us : INT64_MAX;
    if (filter->text && !str_is_utf8(filter->text, strlen(filter->text))) {
        return ERR_INVALID_FIELD;
    }
    enum err err = find_window(conn, filter, &low, &high, out_next);
    if (err != ERR_OK) {
        return err;
    }
    like_anywhere(filter->text, pattern);
    struct db_rows rows =
        filter->text
            ? db_read(conn, &audit_stmt_search,
                      DB_ARGS(db_int(high), db_int(low), db_int(filter->from_us), db_int(to_us),
                              db_text(pattern), db_int((int64_t)filter->limit)))
            : db_read(conn, &audit_stmt_list,
                      DB_ARGS(db_int(high), db_int(low), db_int(filter->from_us), db_int(to_us),
                              db_int((int64_t)filter->limit)));
    while (db_rows_next(&rows)) {
        struct audit_entry entry = {.sequence = db_rows_int(&rows, 0),
                                    .at = db_rows_int(&rows, 1),
                                    .staff = {db_rows_int(&rows, 2)}};
        copy_column(&rows, 3, entry.login, sizeof(entry.login));
        copy_column(&rows, 4, entry.action, sizeof(entry.action));
        copy_column(&rows, 5, entry.object, sizeof(entry.object));
        copy_column(&rows, 6, entry.detail, sizeof(entry.detail));
        read_hash(&rows, 7, entry.hash);
        if (!visit(&entry, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

/* --- Verifying -----------------------------------------------------------------------------------
 */

static bool fits(const struct db_rows *rows, int64_t sequence, const uint8_t previous[32],
                 uint8_t out_hash[32])
{
    struct audit_entry entry = {.sequence = db_rows_int(rows, 0),
                                .at = db_rows_int(rows, 1),
                                .staff = {db_rows_int(rows, 2)}};
    const char *texts[] = {db_rows_text(rows, 3), db_rows_text(rows, 4), db_rows_text(rows, 5)};
    /* A text longer than any that we write was not written by us. */
    if (strlen(texts[0]) >= sizeof(entry.action) || strlen(texts[1]) >= sizeof(entry.object) ||
        strlen(texts[2]) >= sizeof(entry.detail)) {
        return false;
    }
    copy_column(rows, 3, entry.action, sizeof(entry.action));
    copy_column(rows, 4, entry.object, sizeof(entry.object));
    copy_column(rows, 5, entry.detail, sizeof(entry.detail));
    uint8_t stored_previous[32], stored[32];
    read_hash(rows, 6, stored_previous);
    read_hash(rows, 7, stored);
    audit_hash(previous, &entry, out_hash);
    return entry.sequence == sequence && memcmp(stored_previous, previous, 32) == 0 &&
           memcmp(stored, out_hash, 32) == 0;
}

static enum err walk(struct db_conn *conn, struct audit_verification *out)
{
    struct db_rows rows = db_read(conn, &audit_stmt_walk, DB_NO_ARGS);
    while (out->broken_at == 0 && db_rows_next(&rows)) {
        uint8_t hash[32];
        if (fits(&rows, out->entries + 1, out->head, hash)) {
            out->entries++;
            memcpy(out->head, hash, 32);
        } else {
            out->broken_at = out->entries + 1;
        }
    }
    return db_rows_close(&rows);
}

static enum err load_head(struct db_conn *conn, int64_t *out_sequence, uint8_t out_hash[32])
{
    struct db_rows rows = db_read(conn, &audit_stmt_load_head, DB_NO_ARGS);
    *out_sequence = 0;
    memset(out_hash, 0, 32);
    if (db_rows_next(&rows)) {
        *out_sequence = db_rows_int(&rows, 0);
        read_hash(&rows, 1, out_hash);
    }
    return db_rows_close(&rows);
}

enum err audit_verify(struct db_conn *conn, struct audit_verification *out)
{
    int64_t sequence = 0;
    uint8_t head[32];
    memset(out, 0, sizeof(*out));
    /* Head first: without a snapshot entries may come meanwhile, but none may be missing. */
    enum err err = load_head(conn, &sequence, head);
    if (err == ERR_OK) {
        err = walk(conn, out);
    }
    if (err != ERR_OK) {
        return err;
    }
    bool has_all =
        out->entries > sequence || (out->entries == sequence && memcmp(out->head, head, 32) == 0);
    if (out->broken_at == 0 && !has_all) {
        out->broken_at = out->entries + 1;
    }
    out->intact = out->broken_at == 0;
    return ERR_OK;
}
