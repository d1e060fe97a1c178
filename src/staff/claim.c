/* Claims: work of a queue that one person holds for a time. */
#include "base/check.h"
#include "staff/staff_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One statement decides a race: only a free row, or one's own, is written over. */
DB_STMT(staff_stmt_claim,
        "INSERT INTO staff_claims (bucket, queue, object_id, staff_id, claimed_at, until_at)"
        " VALUES (0, $1, $2, $3, $4, $5) ON CONFLICT (bucket, queue, object_id) DO UPDATE"
        " SET staff_id = excluded.staff_id, claimed_at = excluded.claimed_at,"
        " until_at = excluded.until_at WHERE staff_claims.staff_id = excluded.staff_id"
        " OR staff_claims.until_at <= excluded.claimed_at");
DB_STMT(staff_stmt_release, "DELETE FROM staff_claims WHERE bucket = 0 AND queue = $1"
                            " AND object_id = $2 AND staff_id = $3 AND until_at > $4");
DB_STMT(staff_stmt_claim_end,
        "DELETE FROM staff_claims WHERE bucket = 0 AND queue = $1 AND object_id = $2");
DB_STMT(staff_stmt_claim_load,
        "SELECT c.staff_id, u.login, c.claimed_at, c.until_at FROM staff_claims c"
        " JOIN staff_users u ON u.bucket = 0 AND u.id = c.staff_id"
        " WHERE c.bucket = 0 AND c.queue = $1 AND c.object_id = $2 AND c.until_at > $3");
DB_STMT(staff_stmt_claim_count, "SELECT COUNT(*) FROM staff_claims WHERE bucket = 0"
                                " AND staff_id = $1 AND queue = $2 AND until_at > $3");

static enum err audit_claim(struct uow *uow, struct staff_id staff, const char *action,
                            const char *queue, int64_t object)
{
    char text[AUDIT_OBJECT_SIZE];
    snprintf(text, sizeof(text), "%s:%" PRId64, queue, object);
    return audit_append(uow, staff, action, text, "");
}

enum err staff_claim_take(struct uow *uow, const char *queue, int64_t object, struct staff_id staff,
                          int64_t hold_us, struct staff_claim *out)
{
    int64_t changed = 0;
    CHECK(hold_us > 0);
    enum err err = db_exec(uow->conn, &staff_stmt_claim,
                           DB_ARGS(db_text(queue), db_int(object), db_int(staff.value),
                                   db_int(uow->now_us), db_int(uow->now_us + hold_us)),
                           &changed);
    if (err == ERR_OK && changed == 0) {
        err = ERR_CASE_CLAIMED;
    }
    err = err ? err : audit_claim(uow, staff, "claim.take", queue, object);
    return err ? err : staff_claim_load(uow->conn, queue, object, uow->now_us, out);
}

enum err staff_claim_release(struct uow *uow, const char *queue, int64_t object,
                             struct staff_id staff)
{
    int64_t changed = 0;
    enum err err =
        db_exec(uow->conn, &staff_stmt_release,
                DB_ARGS(db_text(queue), db_int(object), db_int(staff.value), db_int(uow->now_us)),
                &changed);
    if (err == ERR_OK && changed == 0) {
        err = ERR_CLAIM_NEEDED;
    }
    return err ? err : audit_claim(uow, staff, "claim.release", queue, object);
}

enum err staff_claim_end(struct uow *uow, const char *queue, int64_t object)
{
    return db_defer(uow->conn, &staff_stmt_claim_end, DB_ARGS(db_text(queue), db_int(object)), -1);
}

enum err staff_claim_load(struct db_conn *conn, const char *queue, int64_t object, int64_t now_us,
                          struct staff_claim *out)
{
    struct db_rows rows = db_read(conn, &staff_stmt_claim_load,
                                  DB_ARGS(db_text(queue), db_int(object), db_int(now_us)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        memset(out, 0, sizeof(*out));
        out->staff.value = db_rows_int(&rows, 0);
        snprintf(out->login, sizeof(out->login), "%s", db_rows_text(&rows, 1));
        out->claimed_at = db_rows_int(&rows, 2);
        out->until = db_rows_int(&rows, 3);
    }
    return db_rows_close(&rows);
}

enum err staff_claim_check(struct db_conn *conn, const char *queue, int64_t object,
                           struct staff_id staff, int64_t now_us)
{
    struct staff_claim claim;
    enum err err = staff_claim_load(conn, queue, object, now_us, &claim);
    bool is_theirs = err == ERR_OK && claim.staff.value == staff.value;
    return is_theirs ? ERR_OK : err == ERR_OK || err == ERR_NOT_FOUND ? ERR_CLAIM_NEEDED : err;
}

enum err staff_claim_count(struct db_conn *conn, const char *queue, struct staff_id staff,
                           int64_t now_us, int64_t *out)
{
    return db_one_number(conn, &staff_stmt_claim_count,
                         DB_ARGS(db_int(staff.value), db_text(queue), db_int(now_us)), out);
}
