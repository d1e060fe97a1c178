#include "account/limit.h"

#include "account/limit_store.h"
#include "base/check.h"

/* A row of an older day or year starts anew; a clock that steps back never opens a day again. */
DB_STMT(account_usage_reserve,
        "INSERT INTO account_usages (bucket, owner_id, limit_kind, day_date, day_minor, day_count, "
        "year, year_minor) VALUES ($1, $2, $3, $4, $5, 1, $6, $7) "
        "ON CONFLICT (bucket, owner_id, limit_kind) DO UPDATE SET "
        "day_minor = CASE WHEN account_usages.day_date >= excluded.day_date "
        "THEN account_usages.day_minor + excluded.day_minor ELSE excluded.day_minor END, "
        "day_count = CASE WHEN account_usages.day_date >= excluded.day_date "
        "THEN account_usages.day_count + 1 ELSE 1 END, "
        "day_date = CASE WHEN account_usages.day_date >= excluded.day_date "
        "THEN account_usages.day_date ELSE excluded.day_date END, "
        "year_minor = CASE WHEN account_usages.year >= excluded.year "
        "THEN account_usages.year_minor + excluded.year_minor ELSE excluded.year_minor END, "
        "year = CASE WHEN account_usages.year >= excluded.year "
        "THEN account_usages.year ELSE excluded.year END "
        "RETURNING day_minor, day_count, year_minor");
/* A smaller number than the counter holds is never asked back; the CHECKs of the table say so. */
DB_STMT(account_usage_release,
        "UPDATE account_usages SET "
        "day_minor = day_minor - CASE WHEN day_date = $1 THEN $2 ELSE 0 END, "
        "day_count = day_count - CASE WHEN day_date = $3 THEN 1 ELSE 0 END, "
        "year_minor = year_minor - CASE WHEN year = $4 THEN $5 ELSE 0 END "
        "WHERE bucket = $6 AND owner_id = $7 AND limit_kind = $8");
DB_STMT(account_usage_load,
        "SELECT day_date, day_minor, day_count, year, year_minor FROM account_usages "
        "WHERE bucket = $1 AND owner_id = $2 AND limit_kind = $3");

struct date limit_day(const struct uow *uow)
{
    return date_of_instant(uow->now_us, engine_zone_offset(uow->engine));
}

void limit_reservation_init(struct limit_reservation *out, int64_t owner_id, enum limit_kind kind,
                            int64_t amount_minor, struct date day)
{
    out->args[0] = db_int(id_bucket(owner_id));
    out->args[1] = db_int(owner_id);
    out->args[2] = db_int(kind);
    out->args[3] = db_int(day.days);
    out->args[4] = db_int(amount_minor);
    out->args[5] = db_int(date_parts(day).year);
    out->args[6] = db_int(amount_minor);
}

struct db_stmt *limit_reservation_stmt(void)
{
    return &account_usage_reserve;
}

enum err limit_reservation_read(struct db_rows *rows, struct limit_usage *out)
{
    if (!db_rows_next(rows)) {
        enum err err = db_rows_close(rows);
        return err != ERR_OK ? err : ERR_DB;
    }
    struct limit_usage usage = {.day_minor = db_rows_int(rows, 0),
                                .day_count = db_rows_int(rows, 1),
                                .year_minor = db_rows_int(rows, 2)};
    enum err err = db_rows_close(rows);
    if (err == ERR_OK) {
        *out = usage;
    }
    return err;
}

enum err limit_reserve(struct uow *uow, int64_t owner_id, enum limit_kind kind,
                       int64_t amount_minor, struct limit_usage *out)
{
    CHECK(amount_minor > 0);
    struct limit_reservation reservation;
    limit_reservation_init(&reservation, owner_id, kind, amount_minor, limit_day(uow));
    struct db_rows rows;
    enum err err = db_query(uow->conn, &account_usage_reserve, reservation.args,
                            LIMIT_RESERVATION_ARGS, &rows);
    return err != ERR_OK ? err : limit_reservation_read(&rows, out);
}

enum err limit_release(struct uow *uow, int64_t owner_id, enum limit_kind kind,
                       int64_t amount_minor, struct date day)
{
    int year = date_parts(day).year;
    return db_defer(uow->conn, &account_usage_release,
                    DB_ARGS(db_int(day.days), db_int(amount_minor), db_int(day.days), db_int(year),
                            db_int(amount_minor), db_int(id_bucket(owner_id)), db_int(owner_id),
                            db_int(kind)),
                    1);
}

enum err limit_usage_load(struct db_conn *conn, int64_t owner_id, enum limit_kind kind,
                          struct date day, struct limit_usage *out)
{
    struct db_rows rows;
    enum err err =
        db_query(conn, &account_usage_load,
                 DB_ARGS(db_int(id_bucket(owner_id)), db_int(owner_id), db_int(kind)), &rows);
    if (err != ERR_OK) {
        return err;
    }
    struct limit_usage usage = {0};
    if (db_rows_next(&rows)) {
        if (db_rows_int(&rows, 0) >= day.days) {
            usage.day_minor = db_rows_int(&rows, 1);
            usage.day_count = db_rows_int(&rows, 2);
        }
        if (db_rows_int(&rows, 3) >= date_parts(day).year) {
            usage.year_minor = db_rows_int(&rows, 4);
        }
    }
    err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out = usage;
    }
    return err;
}
