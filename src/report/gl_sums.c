#include "report/gl_sums.h"

#include "report/gl_map.h"

#define READ_TRIES_MAX 3

const struct date GL_SUMS_ALL = {INT32_MAX};

bool gl_sums_counts(enum ledger_kind kind)
{
    return kind == LEDGER_POST || kind == LEDGER_CAPTURE;
}

const struct gl_sum *gl_sums_find(const struct gl_sums *sums, uint16_t gl_code, int ccy_number)
{
    for (size_t i = 0; i < sums->count; i++) {
        if (sums->rows[i].gl_code == gl_code && sums->rows[i].ccy_number == ccy_number) {
            return &sums->rows[i];
        }
    }
    return NULL;
}

static struct gl_sum *row_of(struct gl_sums *sums, uint16_t gl_code, int ccy_number)
{
    for (size_t i = 0; i < sums->count; i++) {
        if (sums->rows[i].gl_code == gl_code && sums->rows[i].ccy_number == ccy_number) {
            return &sums->rows[i];
        }
    }
    if (sums->count == GL_SUMS_MAX) {
        return NULL;
    }
    struct gl_sum *row = &sums->rows[sums->count++];
    *row = (struct gl_sum){.gl_code = gl_code, .ccy_number = (uint16_t)ccy_number};
    return row;
}

enum err gl_sums_add(struct gl_sums *sums, uint16_t gl_code, int ccy_number, bool before,
                     int64_t debit_minor, int64_t credit_minor)
{
    struct gl_sum *row = row_of(sums, gl_code, ccy_number);
    if (row == NULL) {
        return ERR_OVERFLOW;
    }
    int64_t *debit = before ? &row->before_debit_minor : &row->on_debit_minor;
    int64_t *credit = before ? &row->before_credit_minor : &row->on_credit_minor;
    bool bad = __builtin_add_overflow(*debit, debit_minor, debit) ||
               __builtin_add_overflow(*credit, credit_minor, credit);
    return bad ? ERR_OVERFLOW : ERR_OK;
}

struct reading {
    struct gl_sums *sums;
    struct gl_map map;
    enum err err;
};

static bool add_transfer(const struct ledger_line *line, void *context)
{
    struct reading *reading = context;
    int days = line->booking_date.days;
    if (!gl_sums_counts(line->kind) || days > reading->sums->date.days) {
        return true;
    }
    bool before = days < reading->sums->date.days;
    struct gl_map_entry debit;
    struct gl_map_entry credit;
    enum err err = gl_map_find(&reading->map, line->debit, &debit);
    if (!err) {
        err = gl_map_find(&reading->map, line->credit, &credit);
    }
    if (!err) {
        err = gl_sums_add(reading->sums, debit.gl_code, debit.ccy_number, before,
                          line->amount_minor, 0);
    }
    if (!err) {
        err = gl_sums_add(reading->sums, credit.gl_code, credit.ccy_number, before, 0,
                          line->amount_minor);
    }
    reading->err = err;
    return !err;
}

static enum err read_once(struct ledger *ledger, struct db_conn *conn, int64_t through_id,
                          struct gl_sums *out)
{
    struct reading reading = {.sums = out};
    enum err err = through_id > 0 ? gl_days_add(conn, out) : ERR_OK;
    gl_map_init(&reading.map, ledger, conn);
    if (!err) {
        err = ledger_transfers_after(conn, through_id, add_transfer, &reading);
    }
    gl_map_release(&reading.map);
    return err ? err : reading.err;
}

enum err gl_sums_load(struct ledger *ledger, struct db_conn *conn, struct date date, bool use_days,
                      struct gl_sums *out)
{
    /* In READ COMMITTED the kept sums may change between two statements: they did not if the mark
     * is the same before and after. */
    for (int tries = 0; tries < READ_TRIES_MAX; tries++) {
        int64_t through_id = 0;
        int64_t through_after = 0;
        *out = (struct gl_sums){.date = date};
        enum err err = use_days ? gl_days_through(conn, &through_id) : ERR_OK;
        if (!err) {
            err = read_once(ledger, conn, through_id, out);
        }
        if (!err && use_days) {
            err = gl_days_through(conn, &through_after);
        }
        if (err || through_id == through_after || !use_days) {
            return err;
        }
    }
    return ERR_DB_RETRY;
}
