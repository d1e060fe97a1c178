/* Turnover by booking date, bucket, GL code and currency, added up once and kept. */
#include "base/check.h"
#include "report/gl_map.h"
#include "report/gl_sums.h"
#include "report/report.h"

#include <stdlib.h>

#define CHUNK_TRANSFERS 100000
#define CHUNK_SUMS      4096 /* rows of one transaction, which must be short */
#define OVERTAKEN_MAX   100  /* by other processes, in one call */
#define SLOTS           (4 * CHUNK_SUMS)

DB_STMT(report_gl_progress_load, "SELECT through_id FROM report_gl_progress WHERE bucket = 0");
DB_STMT(report_gl_progress_move,
        "UPDATE report_gl_progress SET through_id = $1 WHERE bucket = 0 AND through_id = $2");
DB_STMT(report_gl_days_store,
        "INSERT INTO report_gl_days (bucket, business_date, gl_code, ccy_number, debit_minor,"
        " credit_minor) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (bucket, business_date, gl_code, ccy_number) DO UPDATE SET"
        " debit_minor = report_gl_days.debit_minor + excluded.debit_minor,"
        " credit_minor = report_gl_days.credit_minor + excluded.credit_minor");
DB_STMT(gl_days_report_sums,
        "SELECT gl_code, ccy_number,"
        " CAST(sum(CASE WHEN business_date < $1 THEN debit_minor ELSE 0 END) AS BIGINT),"
        " CAST(sum(CASE WHEN business_date < $1 THEN credit_minor ELSE 0 END) AS BIGINT),"
        " CAST(sum(CASE WHEN business_date = $1 THEN debit_minor ELSE 0 END) AS BIGINT),"
        " CAST(sum(CASE WHEN business_date = $1 THEN credit_minor ELSE 0 END) AS BIGINT)"
        " FROM report_gl_days WHERE business_date <= $1 GROUP BY gl_code, ccy_number");

enum err gl_days_through(struct db_conn *conn, int64_t *out_through_id)
{
    return db_number(conn, &report_gl_progress_load, DB_NO_ARGS, out_through_id);
}

enum err gl_days_add(struct db_conn *conn, struct gl_sums *sums)
{
    struct db_rows rows = db_read(conn, &gl_days_report_sums, DB_ARGS(db_int(sums->date.days)));
    while (db_rows_next(&rows)) {
        uint16_t gl_code = (uint16_t)db_rows_int(&rows, 0);
        int ccy = (int)db_rows_int(&rows, 1);
        enum err err =
            gl_sums_add(sums, gl_code, ccy, true, db_rows_int(&rows, 2), db_rows_int(&rows, 3));
        if (!err) {
            err = gl_sums_add(sums, gl_code, ccy, false, db_rows_int(&rows, 4),
                              db_rows_int(&rows, 5));
        }
        db_rows_fail(&rows, err);
    }
    return db_rows_close(&rows);
}

/* --- counting ----------------------------------------------------------------------------------
 */

struct day_sum {
    bool used;
    uint16_t ccy_number;
    uint16_t gl_code;
    int bucket;
    int days;
    int64_t debit_minor, credit_minor;
};

/* Sums of transfers with through_id < id < end_id: as many as one transaction takes. */
struct counting {
    int64_t through_id; /* as found */
    int64_t end_id;
    int64_t newest_id; /* of the last transfer counted */
    int64_t count;
    bool more;
    bool overtaken; /* another process counted the same first */
    enum err err;
    struct gl_map map;
    size_t sum_count;
    struct day_sum sums[SLOTS];
};

static enum err add_side(struct counting *c, const struct ledger_line *line,
                         struct account_id account, int64_t debit_minor, int64_t credit_minor)
{
    struct gl_map_entry entry;
    enum err err = gl_map_find(&c->map, account, &entry);
    if (err) {
        return err;
    }
    int bucket = id_bucket(account.value);
    int days = line->booking_date.days;
    uint64_t key = ((uint64_t)(uint32_t)days << 37) ^ ((uint64_t)entry.gl_code << 21) ^
                   ((uint64_t)bucket << 11) ^ entry.ccy_number;
    size_t place = (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 40) % SLOTS;
    struct day_sum *sum = &c->sums[place];
    while (sum->used && (sum->bucket != bucket || sum->days != days ||
                         sum->gl_code != entry.gl_code || sum->ccy_number != entry.ccy_number)) {
        place = (place + 1) % SLOTS;
        sum = &c->sums[place];
    }
    if (!sum->used) {
        *sum = (struct day_sum){true, entry.ccy_number, entry.gl_code, bucket, days, 0, 0};
        c->sum_count++;
    }
    bool bad = __builtin_add_overflow(sum->debit_minor, debit_minor, &sum->debit_minor) ||
               __builtin_add_overflow(sum->credit_minor, credit_minor, &sum->credit_minor);
    return bad ? ERR_OVERFLOW : ERR_OK;
}

static bool count_transfer(const struct ledger_line *line, void *context)
{
    struct counting *c = context;
    if (line->id >= c->end_id) {
        return false;
    }
    if (c->count == CHUNK_TRANSFERS || c->sum_count + 2 > CHUNK_SUMS) {
        c->more = true;
        return false;
    }
    if (gl_sums_counts(line->kind)) {
        c->err = add_side(c, line, line->debit, line->amount_minor, 0);
        if (!c->err) {
            c->err = add_side(c, line, line->credit, 0, line->amount_minor);
        }
    }
    c->count++;
    c->newest_id = line->id;
    return !c->err;
}

static enum err count_chunk(struct engine *engine, struct counting *c)
{
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err) {
        return err;
    }
    gl_map_init(&c->map, engine_ledger(engine), conn);
    err = gl_days_through(conn, &c->through_id);
    if (!err) {
        err = ledger_transfers_after(conn, c->through_id, count_transfer, c);
    }
    gl_map_release(&c->map);
    engine_read_end(engine, conn);
    return err ? err : c->err;
}

static enum err store_chunk(struct uow *uow, void *context)
{
    struct counting *c = context;
    int64_t moved = 0;
    enum err err = db_exec(uow->conn, &report_gl_progress_move,
                           DB_ARGS(db_int(c->newest_id), db_int(c->through_id)), &moved);
    c->overtaken = moved == 0;
    if (err || c->overtaken) {
        return err;
    }
    for (size_t i = 0; !err && i < SLOTS; i++) {
        const struct day_sum *sum = &c->sums[i];
        if (sum->used) {
            err = db_defer(uow->conn, &report_gl_days_store,
                           DB_ARGS(db_int(sum->bucket), db_int(sum->days), db_int(sum->gl_code),
                                   db_int(sum->ccy_number), db_int(sum->debit_minor),
                                   db_int(sum->credit_minor)),
                           1);
        }
    }
    return err;
}

enum err report_eod_gl_days(struct engine *engine, int64_t *out_count)
{
    struct counting *c = malloc(sizeof *c);
    if (c == NULL) {
        return ERR_NO_MEMORY;
    }
    /* A transaction of another process may commit an id below one that is visible by now; no
     * transaction lasts as long as REPORT_SETTLE_US. */
    int64_t end_id = id_first_at(clock_now_us(engine_clock(engine)) - REPORT_SETTLE_US);
    int64_t total = 0;
    int lost = 0;
    bool more = true;
    enum err err = ERR_OK;
    while (!err && more) {
        *c = (struct counting){.end_id = end_id};
        err = count_chunk(engine, c);
        if (!err && c->count > 0) {
            err = engine_run(engine, store_chunk, c);
        }
        more = c->more || c->overtaken;
        lost += c->overtaken;
        err = !err && lost > OVERTAKEN_MAX ? ERR_DB_RETRY : err;
        total += err || c->overtaken ? 0 : c->count;
    }
    free(c);
    if (!err && out_count != NULL) {
        *out_count = total;
    }
    return err;
}
