#include "frame/eod_store.h"

#include "base/check.h"

#include <stdio.h>

DB_STMT(frame_eod_date_begin,
        "INSERT INTO frame_eod_dates (bucket, business_date, begun_at, ended_at, failure_count,"
        " failed_at, error) VALUES (0, $1, $2, 0, 0, 0, '')");
DB_STMT(frame_eod_date_end, "UPDATE frame_eod_dates SET ended_at = $1, error = '' WHERE bucket = 0"
                            " AND business_date = $2 AND ended_at = 0");
DB_STMT(frame_eod_date_fail,
        "UPDATE frame_eod_dates SET failure_count = failure_count + 1, failed_at = $1, error = $2"
        " WHERE bucket = 0 AND business_date = $3 AND ended_at = 0");
DB_STMT(frame_eod_dates_owed,
        "SELECT business_date, begun_at, failed_at, failure_count, error FROM frame_eod_dates"
        " WHERE bucket = 0 AND ended_at = 0 ORDER BY business_date");
DB_STMT(frame_eod_step_put,
        "INSERT INTO frame_eod_steps (bucket, business_date, step, begun_at, ended_at,"
        " bucket_total, error) VALUES (0, $1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (bucket, business_date, step) DO UPDATE SET ended_at = excluded.ended_at,"
        " bucket_total = excluded.bucket_total, error = excluded.error");
DB_STMT(frame_eod_bucket_find,
        "SELECT 1 FROM frame_eod_buckets WHERE bucket = $1 AND business_date = $2 AND step = $3");
DB_STMT(frame_eod_bucket_insert,
        "INSERT INTO frame_eod_buckets (bucket, business_date, step, done_at)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT (bucket, business_date, step) DO NOTHING");
DB_STMT(frame_eod_steps_shown,
        "SELECT business_date, step, begun_at, ended_at, bucket_total, error FROM frame_eod_steps"
        " WHERE bucket = 0 AND business_date = (SELECT coalesce(min(CASE WHEN ended_at = 0 THEN"
        " business_date END), max(business_date)) FROM frame_eod_dates WHERE bucket = 0)"
        " ORDER BY begun_at, step");
DB_STMT(frame_report_eod_done,
        "SELECT count(*) FROM frame_eod_buckets WHERE business_date = $1 AND step = $2");

enum err eod_store_begin_date(struct uow *uow, struct date date)
{
    return db_exec(uow->conn, &frame_eod_date_begin,
                   DB_ARGS(db_int(date.days), db_int(uow->now_us)), NULL);
}

enum err eod_store_step(struct uow *uow, void *context)
{
    const struct eod_mark *mark = context;
    CHECK(mark->begun_at > 0 && mark->total >= 0);
    CHECK(mark->ended_at == 0 || mark->error[0] == '\0'); /* ended, or failed */
    return db_exec(uow->conn, &frame_eod_step_put,
                   DB_ARGS(db_int(mark->date.days), db_text(mark->step), db_int(mark->begun_at),
                           db_int(mark->ended_at), db_int(mark->total), db_text(mark->error)),
                   NULL);
}

enum err eod_store_bucket(struct uow *uow, void *context)
{
    const struct eod_mark *mark = context;
    CHECK(mark->bucket >= 0 && mark->bucket < BUCKET_COUNT);
    return db_exec(uow->conn, &frame_eod_bucket_insert,
                   DB_ARGS(db_int(mark->bucket), db_int(mark->date.days), db_text(mark->step),
                           db_int(uow->now_us)),
                   NULL);
}

enum err eod_store_outcome(struct uow *uow, void *context)
{
    const struct eod_outcome *outcome = context;
    CHECK(outcome->date.days > 0);
    if (outcome->err) {
        return db_exec(uow->conn, &frame_eod_date_fail,
                       DB_ARGS(db_int(uow->now_us), db_text(err_slug(outcome->err)),
                               db_int(outcome->date.days)),
                       NULL);
    }
    return db_exec(uow->conn, &frame_eod_date_end,
                   DB_ARGS(db_int(uow->now_us), db_int(outcome->date.days)), NULL);
}

enum err eod_store_is_done(struct engine *engine, const struct eod_mark *mark, bool *out)
{
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    struct db_rows rows =
        db_read(conn, &frame_eod_bucket_find,
                DB_ARGS(db_int(mark->bucket), db_int(mark->date.days), db_text(mark->step)));
    *out = db_rows_next(&rows);
    err = db_rows_close(&rows);
    engine_read_end(engine, conn);
    return err;
}

enum err eod_status_load(struct db_conn *conn, struct eod_status *out)
{
    *out = (struct eod_status){.unfinished = 0};
    struct db_rows rows = db_read(conn, &frame_eod_dates_owed, DB_NO_ARGS);
    for (; db_rows_next(&rows); out->unfinished++) {
        if (out->unfinished == 0) {
            out->oldest.days = (int32_t)db_rows_int(&rows, 0);
            out->begun_at = db_rows_int(&rows, 1);
            out->failed_at = db_rows_int(&rows, 2);
            out->failure_count = db_rows_int(&rows, 3);
            snprintf(out->error, sizeof out->error, "%s", db_rows_text(&rows, 4));
        }
    }
    return db_rows_close(&rows);
}

int64_t eod_next_try_at(const struct eod_status *status)
{
    int64_t pause_us = EOD_PAUSE_MIN_US;
    for (int64_t i = 1; i < status->failure_count && pause_us < EOD_PAUSE_MAX_US; i++) {
        pause_us *= 2;
    }
    pause_us = pause_us < EOD_PAUSE_MAX_US ? pause_us : EOD_PAUSE_MAX_US;
    return status->failed_at == 0 ? 0 : status->failed_at + pause_us;
}

enum err eod_steps_load(struct db_conn *conn, struct eod_progress out[EOD_STEPS_MAX],
                        size_t *out_count)
{
    size_t count = 0;
    struct db_rows rows = db_read(conn, &frame_eod_steps_shown, DB_NO_ARGS);
    while (count < EOD_STEPS_MAX && db_rows_next(&rows)) {
        struct eod_progress *step = &out[count++];
        *step = (struct eod_progress){.date = {(int32_t)db_rows_int(&rows, 0)},
                                      .started_at = db_rows_int(&rows, 2),
                                      .ended_at = db_rows_int(&rows, 3),
                                      .total = (int)db_rows_int(&rows, 4)};
        snprintf(step->step, sizeof step->step, "%s", db_rows_text(&rows, 1));
        snprintf(step->error, sizeof step->error, "%s", db_rows_text(&rows, 5));
    }
    enum err err = db_rows_close(&rows);
    for (size_t i = 0; !err && i < count; i++) {
        int64_t done = 0;
        err = db_number(conn, &frame_report_eod_done,
                        DB_ARGS(db_int(out[i].date.days), db_text(out[i].step)), &done);
        out[i].done = (int)done;
    }
    *out_count = count;
    return err;
}
