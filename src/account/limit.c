#include "account/limit.h"

#include "account/limit_store.h"
#include "base/check.h"

/* A row of an older day or year starts anew; a clock that steps back never opens a day again. */
#define RESERVE_INTO                                                                               \
    "INSERT INTO account_usages (bucket, owner_id, limit_kind, day_date, day_minor, day_count, "   \
    "year, year_minor) VALUES ($1, $2, $3, $4, $5, 1, $6, $5)"
#define RESERVE_SECOND ", ($7, $8, $9, $4, $5, 1, $6, $5)"
#define RESERVE_THIRD  ", ($10, $11, $12, $4, $5, 1, $6, $5)"
#define RESERVE_ONTO                                                                               \
    " ON CONFLICT (bucket, owner_id, limit_kind) DO UPDATE SET "                                   \
    "day_minor = CASE WHEN account_usages.day_date >= excluded.day_date "                          \
    "THEN account_usages.day_minor + excluded.day_minor ELSE excluded.day_minor END, "             \
    "day_count = CASE WHEN account_usages.day_date >= excluded.day_date "                          \
    "THEN account_usages.day_count + 1 ELSE 1 END, "                                               \
    "day_date = CASE WHEN account_usages.day_date >= excluded.day_date "                           \
    "THEN account_usages.day_date ELSE excluded.day_date END, "                                    \
    "year_minor = CASE WHEN account_usages.year >= excluded.year "                                 \
    "THEN account_usages.year_minor + excluded.year_minor ELSE excluded.year_minor END, "          \
    "year = CASE WHEN account_usages.year >= excluded.year "                                       \
    "THEN account_usages.year ELSE excluded.year END "                                             \
    "RETURNING owner_id, limit_kind, day_minor, day_count, year_minor"
/* One statement for all rows of a payment: the fixed cost per statement dominates. */
DB_STMT(account_usage_reserve, RESERVE_INTO RESERVE_ONTO);
DB_STMT(account_usage_reserve_two, RESERVE_INTO RESERVE_SECOND RESERVE_ONTO);
DB_STMT(account_usage_reserve_three, RESERVE_INTO RESERVE_SECOND RESERVE_THIRD RESERVE_ONTO);
/* No release exceeds what was reserved; the CHECKs of the table uphold it. */
DB_STMT(account_usage_release,
        "UPDATE account_usages SET "
        "day_minor = day_minor - CASE WHEN day_date = $1 THEN $2 ELSE 0 END, "
        "day_count = day_count - CASE WHEN day_date = $3 THEN 1 ELSE 0 END, "
        "year_minor = year_minor - CASE WHEN year = $4 THEN $5 ELSE 0 END "
        "WHERE bucket = $6 AND owner_id = $7 AND limit_kind = $8");
/* Money on its way: one sum, in year_minor. */
DB_STMT(account_incoming_reserve,
        "INSERT INTO account_usages (bucket, owner_id, limit_kind, day_date, day_minor, day_count, "
        "year, year_minor) VALUES ($1, $2, 8, $3, 0, 0, 0, $4) "
        "ON CONFLICT (bucket, owner_id, limit_kind) DO UPDATE SET "
        "year_minor = account_usages.year_minor + excluded.year_minor RETURNING year_minor");
DB_STMT(account_incoming_release, "UPDATE account_usages SET year_minor = year_minor - $1 "
                                  "WHERE bucket = $2 AND owner_id = $3 AND limit_kind = 8");
DB_STMT(account_usage_load,
        "SELECT day_date, day_minor, day_count, year, year_minor FROM account_usages "
        "WHERE bucket = $1 AND owner_id = $2 AND limit_kind = $3");

struct date limit_day(const struct uow *uow)
{
    return engine_civil_date(uow->engine, uow->now_us);
}

/* The period that year_minor sums: a calendar year; 0 means all time. */
static int year_of(enum limit_kind kind, struct date day)
{
    return kind == LIMIT_KIND_TIER_TOTAL || kind == LIMIT_KIND_INCOMING ? 0 : date_parts(day).year;
}

void limit_reservation_init(struct limit_reservation *out, int64_t amount_minor, struct date day)
{
    CHECK(amount_minor > 0);
    *out = (struct limit_reservation){.count = 0};
    out->args[3] = db_int(day.days);
    out->args[4] = db_int(amount_minor);
    out->args[5] = db_int(date_parts(day).year);
}

void limit_reservation_add(struct limit_reservation *all, int64_t owner_id, enum limit_kind kind,
                           struct limit_usage *out)
{
    CHECK(all->count < LIMIT_RESERVATIONS_MAX);
    size_t at = all->count++;
    for (; at > 0 && all->rows[at - 1].owner_id > owner_id; at--) {
        all->rows[at] = all->rows[at - 1];
    }
    all->rows[at].owner_id = owner_id;
    all->rows[at].kind = kind;
    all->rows[at].out = out;
}

enum err limit_reservation_queue(struct db_conn *conn, struct limit_reservation *all)
{
    static struct db_stmt *const statements[] = {&account_usage_reserve, &account_usage_reserve_two,
                                                 &account_usage_reserve_three};
    CHECK(all->count > 0);
    for (size_t i = 0; i < all->count; i++) {
        struct db_value *args = &all->args[i == 0 ? 0 : 3 + 3 * i];
        args[0] = db_int(id_bucket(all->rows[i].owner_id));
        args[1] = db_int(all->rows[i].owner_id);
        args[2] = db_int(all->rows[i].kind);
    }
    return db_batch_query(conn, statements[all->count - 1], all->args, 3 + 3 * all->count);
}

/* Rows come back in no order that both engines promise. */
static bool take_usage(const struct limit_reservation *all, const struct db_rows *rows)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->rows[i].owner_id == db_rows_int(rows, 0) &&
            (int64_t)all->rows[i].kind == db_rows_int(rows, 1)) {
            *all->rows[i].out = (struct limit_usage){.day_minor = db_rows_int(rows, 2),
                                                     .day_count = db_rows_int(rows, 3),
                                                     .year_minor = db_rows_int(rows, 4)};
            return true;
        }
    }
    return false;
}

enum err limit_reservation_read(struct db_conn *conn, const struct limit_reservation *all)
{
    struct db_rows rows = db_batch_read(conn);
    size_t taken = 0;
    while (db_rows_next(&rows)) {
        taken += take_usage(all, &rows) ? 1 : 0;
    }
    enum err err = db_rows_close(&rows);
    return err != ERR_OK ? err : taken == all->count ? ERR_OK : ERR_DB;
}

enum err limit_reserve(struct uow *uow, int64_t owner_id, enum limit_kind kind,
                       int64_t amount_minor, struct limit_usage *out)
{
    struct limit_reservation one;
    limit_reservation_init(&one, amount_minor, limit_day(uow));
    limit_reservation_add(&one, owner_id, kind, out);
    one.args[5] = db_int(year_of(kind, limit_day(uow)));
    enum err err = db_batch_begin(uow->conn);
    if (err != ERR_OK) {
        return err;
    }
    err = limit_reservation_queue(uow->conn, &one);
    if (err == ERR_OK) {
        err = limit_reservation_read(uow->conn, &one);
    }
    enum err ended = db_batch_end(uow->conn);
    return err != ERR_OK ? err : ended;
}

enum err limit_release(struct uow *uow, int64_t owner_id, enum limit_kind kind,
                       int64_t amount_minor, struct date day)
{
    int year = year_of(kind, day);
    return db_defer(uow->conn, &account_usage_release,
                    DB_ARGS(db_int(day.days), db_int(amount_minor), db_int(day.days), db_int(year),
                            db_int(amount_minor), db_int(id_bucket(owner_id)), db_int(owner_id),
                            db_int(kind)),
                    1);
}

enum err limit_incoming_reserve(struct uow *uow, int64_t account_id, int64_t amount_minor,
                                int64_t *out_minor)
{
    CHECK(amount_minor >= 0);
    struct db_rows rows = db_read(uow->conn, &account_incoming_reserve,
                                  DB_ARGS(db_int(id_bucket(account_id)), db_int(account_id),
                                          db_int(limit_day(uow).days), db_int(amount_minor)));
    if (db_rows_one(&rows, ERR_DB)) {
        *out_minor = db_rows_int(&rows, 0);
    }
    return db_rows_close(&rows);
}

enum err limit_incoming_release(struct uow *uow, int64_t account_id, int64_t amount_minor)
{
    CHECK(amount_minor > 0);
    int64_t changed = 0;
    enum err err = db_exec(
        uow->conn, &account_incoming_release,
        DB_ARGS(db_int(amount_minor), db_int(id_bucket(account_id)), db_int(account_id)), &changed);
    CHECK(err != ERR_OK || changed == 1);
    return err;
}

enum err limit_usage_load(struct db_conn *conn, int64_t owner_id, enum limit_kind kind,
                          struct date day, struct limit_usage *out)
{
    struct db_rows rows =
        db_read(conn, &account_usage_load,
                DB_ARGS(db_int(id_bucket(owner_id)), db_int(owner_id), db_int(kind)));
    struct limit_usage usage = {0};
    if (db_rows_next(&rows)) {
        if (db_rows_int(&rows, 0) >= day.days) {
            usage.day_minor = db_rows_int(&rows, 1);
            usage.day_count = db_rows_int(&rows, 2);
        }
        if (db_rows_int(&rows, 3) >= year_of(kind, day)) {
            usage.year_minor = db_rows_int(&rows, 4);
        }
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out = usage;
    }
    return err;
}
