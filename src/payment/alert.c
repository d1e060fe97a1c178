/* Alerts: what people must look at, until one of them has written what was done about it. */
#include "base/check.h"
#include "payment/payment_store.h"
#include "sys/log.h"

#include <string.h>

DB_STMT(payment_alert_insert,
        "INSERT INTO payment_alerts (bucket, id, payment_id, kind, raised_at, journal_id, "
        "closed_at, closed_by, note) VALUES ($1, $2, $3, $4, $5, 0, 0, 0, '') "
        "ON CONFLICT (bucket, payment_id, kind) DO NOTHING");
DB_STMT(payment_report_alerts_open,
        "SELECT id, payment_id, kind, raised_at, closed_at, closed_by, note FROM payment_alerts "
        "WHERE closed_at = 0 AND id < $1 ORDER BY id DESC LIMIT $2");
DB_STMT(payment_report_alerts_closed,
        "SELECT id, payment_id, kind, raised_at, closed_at, closed_by, note FROM payment_alerts "
        "WHERE closed_at > 0 AND id < $1 ORDER BY id DESC LIMIT $2");
DB_STMT(payment_report_alert_count, "SELECT COUNT(*), COALESCE(MIN(raised_at), 0), "
                                    "COALESCE(SUM(CASE WHEN raised_at < $1 THEN 1 ELSE 0 END), 0) "
                                    "FROM payment_alerts WHERE closed_at = 0");
DB_STMT(payment_alert_end, "UPDATE payment_alerts SET closed_at = $1, closed_by = $2, note = $3 "
                           "WHERE bucket = $4 AND id = $5 AND closed_at = 0");
DB_STMT(payment_alert_is_there,
        "SELECT closed_at FROM payment_alerts WHERE bucket = $1 AND id = $2");

enum err payment_alert_raise(struct uow *uow, struct payment_id id, const char *kind, bool *out_new)
{
    CHECK(id.value > 0);
    CHECK(kind[0] != '\0');
    int bucket = id_bucket(id.value);
    int64_t changed = 0;
    enum err err = db_exec(uow->conn, &payment_alert_insert,
                           DB_ARGS(db_int(bucket), db_int(uow_id(uow, bucket)), db_int(id.value),
                                   db_text(kind), db_int(uow->now_us)),
                           &changed);
    if (err != ERR_OK) {
        return err;
    }
    *out_new = changed == 1;
    if (*out_new) {
        /* Before the commit: a line too many, where it fails, is better than none. */
        log_event(LOG_ERROR, "payment_alert_raised", log_string("kind", kind),
                  log_int("payment_id", id.value));
    }
    return ERR_OK;
}

enum err payment_alert_close(struct uow *uow, int64_t alert_id, struct staff_id staff,
                             const char *note)
{
    CHECK(staff.value != 0);
    CHECK(note[0] != '\0' && strlen(note) < PAYMENT_ALERT_NOTE_SIZE);
    int bucket = id_bucket(alert_id);
    int64_t changed = 0;
    enum err err = db_exec(uow->conn, &payment_alert_end,
                           DB_ARGS(db_int(uow->now_us), db_int(staff.value), db_text(note),
                                   db_int(bucket), db_int(alert_id)),
                           &changed);
    if (err != ERR_OK || changed == 1) {
        return err;
    }
    struct db_rows rows =
        db_read(uow->conn, &payment_alert_is_there, DB_ARGS(db_int(bucket), db_int(alert_id)));
    bool found = db_rows_next(&rows);
    err = db_rows_close(&rows);
    return err != ERR_OK ? err : found ? ERR_CASE_DECIDED : ERR_NOT_FOUND;
}

static void read_alert(const struct db_rows *rows, struct payment_alert *out)
{
    *out = (struct payment_alert){.id = db_rows_int(rows, 0),
                                  .payment = {db_rows_int(rows, 1)},
                                  .raised_at = db_rows_int(rows, 3),
                                  .closed_at = db_rows_int(rows, 4),
                                  .closed_by = {db_rows_int(rows, 5)}};
    payment_text_set(out->kind, sizeof out->kind, db_rows_text(rows, 2));
    payment_text_set(out->note, sizeof out->note, db_rows_text(rows, 6));
}

enum err payment_report_alerts(struct db_conn *conn, bool closed, int64_t before_id, size_t limit,
                               payment_alert_visit *visit, void *context)
{
    CHECK(visit != NULL && limit > 0);
    struct db_rows rows =
        db_read(conn, closed ? &payment_report_alerts_closed : &payment_report_alerts_open,
                DB_ARGS(db_int(before_id > 0 ? before_id : INT64_MAX), db_int((int64_t)limit)));
    bool more = true;
    while (more && db_rows_next(&rows)) {
        struct payment_alert alert;
        read_alert(&rows, &alert);
        more = visit(&alert, context);
    }
    return db_rows_close(&rows);
}

enum err payment_alert_counts(struct db_conn *conn, int64_t now_us,
                              struct payment_alert_counts *out)
{
    CHECK(now_us > 0);
    struct db_rows rows =
        db_read(conn, &payment_report_alert_count, DB_ARGS(db_int(now_us - PAYMENT_ALERT_DUE_US)));
    struct payment_alert_counts counts = {0};
    if (db_rows_next(&rows)) {
        counts = (struct payment_alert_counts){.open = db_rows_int(&rows, 0),
                                               .oldest_at = db_rows_int(&rows, 1),
                                               .overdue = db_rows_int(&rows, 2)};
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out = counts;
    }
    return err;
}
