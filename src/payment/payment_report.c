/* Payments over all buckets, for staff: lists and sums. */
#include "base/check.h"
#include "payment/payment.h"
#include "payment/payment_store.h"

#define HOUR_US INT64_C(3600000000)

/* 0 turns a filter off; the cursor and the period bound ids, which rise with time. */
DB_STMT(payment_report_page,
        "SELECT " PAYMENT_COLUMNS " FROM payment_payments "
        "WHERE id < $1 AND id >= $2 AND ($3 = 0 OR status = $3) AND ($4 = 0 OR kind = $4) "
        "AND ($5 = 0 OR debtor_customer_id = $5 OR creditor_customer_id = $5) "
        "ORDER BY id DESC LIMIT $6");
DB_STMT(payment_report_status,
        "SELECT status, COUNT(*), CAST(SUM(amount_minor) AS BIGINT) FROM payment_payments "
        "WHERE id >= $1 AND id < $2 GROUP BY status ORDER BY status");
DB_STMT(payment_report_hourly,
        "SELECT settled_at / 3600000000, COUNT(*), CAST(SUM(amount_minor) AS BIGINT) "
        "FROM payment_payments "
        "WHERE id >= $1 AND id < $2 AND status = 3 GROUP BY settled_at / 3600000000 ORDER BY 1");

enum err payment_report_list(struct db_conn *conn, const struct payment_filter *filter,
                             struct payment *out, size_t max, size_t *out_count)
{
    CHECK(max > 0);
    int64_t before = filter->before_id > 0 ? filter->before_id : INT64_MAX;
    if (filter->to_us > 0 && id_first_at(filter->to_us) < before) {
        before = id_first_at(filter->to_us);
    }
    int64_t from = filter->from_us > 0 ? id_first_at(filter->from_us) : 0;
    struct db_rows rows =
        db_read(conn, &payment_report_page,
                DB_ARGS(db_int(before), db_int(from), db_int(filter->status), db_int(filter->kind),
                        db_int(filter->customer.value), db_int((int64_t)max)));
    size_t count = 0;
    while (count < max && db_rows_next(&rows)) {
        payment_read(&rows, &out[count++]);
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out_count = count;
    }
    return err;
}

enum err payment_report_by_status(struct db_conn *conn, int64_t from_us, int64_t to_us,
                                  struct payment_report_row out[4], size_t *out_count)
{
    struct db_rows rows =
        db_read(conn, &payment_report_status,
                DB_ARGS(db_int(id_first_at(from_us)), db_int(id_first_at(to_us))));
    size_t count = 0;
    while (count < 4 && db_rows_next(&rows)) {
        out[count] =
            (struct payment_report_row){.status = (enum payment_status)db_rows_int(&rows, 0),
                                        .count = db_rows_int(&rows, 1),
                                        .amount_minor = db_rows_int(&rows, 2)};
        count++;
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out_count = count;
    }
    return err;
}

enum err payment_report_hours(struct db_conn *conn, int64_t from_us, int64_t to_us,
                              payment_hour_visit *visit, void *context)
{
    CHECK(visit != NULL);
    struct db_rows rows =
        db_read(conn, &payment_report_hourly,
                DB_ARGS(db_int(id_first_at(from_us)), db_int(id_first_at(to_us))));
    bool more = true;
    while (more && db_rows_next(&rows)) {
        more = visit(db_rows_int(&rows, 0) * HOUR_US, db_rows_int(&rows, 1), db_rows_int(&rows, 2),
                     context);
    }
    return db_rows_close(&rows);
}
