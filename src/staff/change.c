/* Changes that need two people: proposed, decided, applied. */
#include "staff/change.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/str.h"
#include "staff/staff_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                                    \
    "c.id, c.kind, c.object, c.state, c.maker_id, c.checker_id, m.login, k.login, c.reason,"       \
    " c.decision_reason, c.before_json, c.after_json, c.created_at, c.expires_at, c.decided_at,"   \
    " c.version FROM staff_changes c JOIN staff_users m ON m.bucket = 0 AND m.id = c.maker_id"     \
    " LEFT JOIN staff_users k ON k.bucket = 0 AND k.id = c.checker_id WHERE c.bucket = 0"

DB_STMT(change_stmt_insert,
        "INSERT INTO staff_changes (bucket, id, kind, object, before_json, after_json, reason,"
        " maker_id, state, created_at, expires_at, decided_at, version)"
        " VALUES (0, $1, $2, $3, $4, $5, $6, $7, 1, $8, $9, 0, 1)");
DB_STMT(change_stmt_load, "SELECT " COLUMNS " AND c.id = $1");
DB_STMT(change_stmt_list, "SELECT " COLUMNS " AND ($1 = 0 OR c.state = $1) AND c.id < $2"
                          " ORDER BY c.id DESC LIMIT $3");
/* Queues two decisions on the row: the second finds no proposal any more. */
DB_STMT(change_stmt_decide,
        "UPDATE staff_changes SET state = $1, checker_id = $2, decision_reason = $3,"
        " decided_at = $4, version = version + 1 WHERE bucket = 0 AND id = $5 AND state = 1");
DB_STMT(change_stmt_due, "SELECT id FROM staff_changes WHERE bucket = 0 AND state = 1"
                         " AND expires_at <= $1 ORDER BY id LIMIT $2");
DB_STMT(change_stmt_expire,
        "UPDATE staff_changes SET state = 5, decided_at = $1, version = version + 1"
        " WHERE bucket = 0 AND id = $2 AND state = 1");
DB_STMT(change_stmt_count,
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN created_at <= $1 THEN 1 ELSE 0 END), 0),"
        " COALESCE(SUM(CASE WHEN maker_id = $2 THEN 1 ELSE 0 END), 0),"
        " COALESCE(MIN(created_at), 0) FROM staff_changes"
        " WHERE bucket = 0 AND state = 1 AND expires_at > $3");

DB_STMT(change_stmt_approved, "SELECT COUNT(*) FROM staff_changes WHERE bucket = 0 AND kind = $1"
                              " AND object = $2 AND state = 2");

_Static_assert(CHANGE_APPROVED == 2, "the number in the statement");
_Static_assert(CHANGE_PROPOSED == 1 && CHANGE_EXPIRED == 5, "the numbers in the statements");

#define CHANGE_HASH_SIZE 33 /* 16 bytes in hex and a NUL */

/* --- Reading ----------------------------------------------------------------------------------- */

static void copy_text(const struct db_rows *rows, int column, char *out, size_t capacity)
{
    const char *text = db_rows_text(rows, column);
    snprintf(out, capacity, "%s", text ? text : "");
}

static void read_change(const struct db_rows *rows, struct change *out)
{
    out->id = db_rows_int(rows, 0);
    copy_text(rows, 1, out->kind, sizeof(out->kind));
    copy_text(rows, 2, out->object, sizeof(out->object));
    out->state = (enum change_state)db_rows_int(rows, 3);
    out->maker.value = db_rows_int(rows, 4);
    out->checker.value = db_rows_is_null(rows, 5) ? 0 : db_rows_int(rows, 5);
    copy_text(rows, 6, out->maker_login, sizeof(out->maker_login));
    copy_text(rows, 7, out->checker_login, sizeof(out->checker_login));
    copy_text(rows, 8, out->reason, sizeof(out->reason));
    copy_text(rows, 9, out->decision_reason, sizeof(out->decision_reason));
    copy_text(rows, 10, out->before, sizeof(out->before));
    copy_text(rows, 11, out->after, sizeof(out->after));
    out->created_at = db_rows_int(rows, 12);
    out->expires_at = db_rows_int(rows, 13);
    out->decided_at = db_rows_int(rows, 14);
    out->version = db_rows_int(rows, 15);
}

enum err change_load(struct db_conn *conn, int64_t id, struct change *out)
{
    struct db_rows rows = db_read(conn, &change_stmt_load, DB_ARGS(db_int(id)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        read_change(&rows, out);
    }
    return db_rows_close(&rows);
}

enum err change_each(struct db_conn *conn, const struct change_filter *filter, change_visit *visit,
                     void *context)
{
    struct change change;
    struct db_rows rows =
        db_read(conn, &change_stmt_list,
                DB_ARGS(db_int(filter->state), db_int(filter->before ? filter->before : INT64_MAX),
                        db_int((int64_t)filter->limit)));
    while (db_rows_next(&rows)) {
        read_change(&rows, &change);
        if (!visit(&change, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

enum err change_count(struct db_conn *conn, struct staff_id staff, int64_t now_us,
                      struct work_count *out)
{
    struct db_rows rows =
        db_read(conn, &change_stmt_count,
                DB_ARGS(db_int(now_us - CHANGE_DUE_US), db_int(staff.value), db_int(now_us)));
    if (db_rows_one(&rows, ERR_DB)) {
        *out = (struct work_count){.open = db_rows_int(&rows, 0),
                                   .overdue = db_rows_int(&rows, 1),
                                   .mine = db_rows_int(&rows, 2),
                                   .oldest_at = db_rows_int(&rows, 3)};
    }
    return db_rows_close(&rows);
}

enum err change_is_approved(struct db_conn *conn, const char *kind, const char *object, bool *out)
{
    int64_t count = 0;
    enum err err =
        db_one_number(conn, &change_stmt_approved, DB_ARGS(db_text(kind), db_text(object)), &count);
    *out = count > 0;
    return err;
}

/* NULL: there is none. */
static const struct change_kind *change_kind_find(const struct change_kinds *kinds,
                                                  const char *name)
{
    for (size_t i = 0; i < kinds->count; i++) {
        if (strcmp(kinds->rows[i].name, name) == 0) {
            return &kinds->rows[i];
        }
    }
    return NULL;
}

/* --- Proposing --------------------------------------------------------------------------------- */

/* Equal objects give equal texts. ERR_INVALID_FIELD where it is too long to be kept. */
static enum err canonical(const json_t *json, char out[CHANGE_JSON_SIZE])
{
    size_t size = json_dumpb(json, out, CHANGE_JSON_SIZE - 1, JSON_COMPACT | JSON_SORT_KEYS);
    if (size == 0 || size > CHANGE_JSON_SIZE - 1) {
        return ERR_INVALID_FIELD;
    }
    out[size] = '\0';
    return ERR_OK;
}

/* The entry binds what stood before and what is to stand after by their hash: a row of staff_changes that
 * was edited afterwards does not fit its entry. */
static void hash_change(const struct change *change, char out[CHANGE_HASH_SIZE])
{
    struct hash_stream stream;
    hash_stream_init(&stream);
    hash_stream_add(&stream, change->before, strlen(change->before) + 1);
    hash_stream_add(&stream, change->after, strlen(change->after) + 1);
    struct hash hash = hash_stream_final(&stream);
    str_to_hex(hash.bytes, 16, out);
}

static enum err audit_change(struct uow *uow, struct staff_id staff, const char *action,
                             const struct change *change, const char *reason)
{
    char object[AUDIT_OBJECT_SIZE], detail[AUDIT_DETAIL_SIZE + CHANGE_REASON_SIZE];
    char hash[CHANGE_HASH_SIZE];
    hash_change(change, hash);
    snprintf(object, sizeof(object), "change:%" PRId64, change->id);
    snprintf(detail, sizeof(detail), "%s %s #%s: %s", change->kind, change->object, hash, reason);
    return audit_append(uow, staff, action, object, detail);
}

/* Whether every member of `after` is in `now` with the same value. */
static bool says_already(const json_t *now, json_t *after)
{
    const char *name;
    json_t *value;
    json_object_foreach(after, name, value)
    {
        if (!json_equal(json_object_get(now, name), value)) {
            return false;
        }
    }
    return true;
}

enum err change_propose(const struct change_kinds *kinds, struct uow *uow,
                        const struct change_draft *draft, const struct staff_principal *maker,
                        struct change *out)
{
    const struct change_kind *kind = change_kind_find(kinds, draft->kind);
    json_t *now = NULL;
    if (kind == NULL) {
        return ERR_INVALID_FIELD;
    }
    if (!staff_may(maker->permissions, kind->permission)) {
        return ERR_NOT_PERMITTED;
    }
    memset(out, 0, sizeof(*out));
    enum err err = kind->read(kinds->context, uow->conn, draft->object, &now);
    if (err) {
        return err;
    }
    err = kind->check(kinds->context, uow->conn, draft->object, now, draft->after);
    if (!err && says_already(now, draft->after)) {
        err = ERR_CHANGE_STALE;
    }
    err = err ? err : canonical(now, out->before);
    err = err ? err : canonical(draft->after, out->after);
    json_decref(now);
    if (err) {
        return err;
    }
    out->id = uow_id(uow, STAFF_BUCKET);
    snprintf(out->kind, sizeof(out->kind), "%s", draft->kind);
    snprintf(out->object, sizeof(out->object), "%s", draft->object);
    err = db_exec(uow->conn, &change_stmt_insert,
                  DB_ARGS(db_int(out->id), db_text(draft->kind), db_text(draft->object),
                          db_text(out->before), db_text(out->after), db_text(draft->reason),
                          db_int(maker->staff.id.value), db_int(uow->now_us),
                          db_int(uow->now_us + CHANGE_LIFE_US)),
                  NULL);
    err = err ? err : audit_change(uow, maker->staff.id, "change.propose", out, draft->reason);
    return err ? err : change_load(uow->conn, out->id, out);
}

/* --- Deciding ---------------------------------------------------------------------------------- */

static enum err apply(const struct change_kinds *kinds, const struct change_kind *kind,
                      struct uow *uow, const struct change *change, struct staff_id checker)
{
    char says[CHANGE_JSON_SIZE];
    json_t *now = NULL;
    json_t *after = json_loads(change->after, JSON_REJECT_DUPLICATES, NULL);
    if (after == NULL) {
        return ERR_NO_MEMORY; /* it was written by canonical() */
    }
    enum err err = kind->read(kinds->context, uow->conn, change->object, &now);
    err = err ? err : canonical(now, says);
    if (!err && strcmp(says, change->before) != 0) {
        err = ERR_CHANGE_STALE;
    }
    err = err ? err : kind->check(kinds->context, uow->conn, change->object, now, after);
    err = err ? err : kind->apply(kinds->context, uow, change, after, checker);
    json_decref(now);
    json_decref(after);
    return err;
}

enum err change_decide(const struct change_kinds *kinds, struct uow *uow, int64_t id,
                       enum change_decision decision, const char *reason,
                       const struct staff_principal *checker, struct change *out)
{
    static const struct {
        enum change_state state;
        const char *action;
    } steps[] = {
        [DECISION_APPROVE] = {CHANGE_APPROVED, "change.approve"},
        [DECISION_REFUSE] = {CHANGE_REFUSED, "change.refuse"},
        [DECISION_WITHDRAW] = {CHANGE_WITHDRAWN, "change.withdraw"},
    };
    int64_t changed = 0;
    struct staff_id by = checker->staff.id;
    enum err err = change_load(uow->conn, id, out);
    if (err) {
        return err;
    }
    const struct change_kind *kind = change_kind_find(kinds, out->kind);
    if (kind == NULL || !staff_may(checker->permissions, kind->permission)) {
        return ERR_NOT_PERMITTED;
    }
    err = change_rule(out, decision, by, uow->now_us);
    err = err ? err
              : db_exec(uow->conn, &change_stmt_decide,
                        DB_ARGS(db_int(steps[decision].state), db_int(by.value), db_text(reason),
                                db_int(uow->now_us), db_int(id)),
                        &changed);
    if (!err && changed == 0) {
        err = ERR_CHANGE_DECIDED; /* by another, at the same moment */
    }
    if (!err && decision == DECISION_APPROVE) {
        err = apply(kinds, kind, uow, out, by);
    }
    err = err ? err : audit_change(uow, by, steps[decision].action, out, reason);
    return err ? err : change_load(uow->conn, id, out);
}

/* --- Those that waited too long ---------------------------------------------------------------- */

static enum err expire_one(struct uow *uow, int64_t id)
{
    struct change change;
    enum err err = change_load(uow->conn, id, &change);
    err =
        err ? err
            : db_defer(uow->conn, &change_stmt_expire, DB_ARGS(db_int(uow->now_us), db_int(id)), 1);
    return err ? err : audit_change(uow, (struct staff_id){0}, "change.expire", &change, "");
}

enum err change_expire(struct uow *uow, size_t *out_count)
{
    int64_t due[CHANGE_DUE_BATCH];
    size_t count = 0;
    enum err err = db_numbers(uow->conn, &change_stmt_due,
                              DB_ARGS(db_int(uow->now_us), db_int(CHANGE_DUE_BATCH)), due,
                              CHANGE_DUE_BATCH, &count);
    for (size_t i = 0; !err && i < count; i++) {
        err = expire_one(uow, due[i]);
    }
    if (!err) {
        *out_count = count;
    }
    return err;
}
