/* End of day: what the clearing house owes us and we owe it goes through the reserve. */
#include "base/check.h"
#include "ledger/recipe.h"
#include "payment/payment.h"

DB_STMT(payment_settlement_insert,
        "INSERT INTO payment_settlements (bucket, business_date, in_minor, out_minor, settled_at) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (bucket, business_date) DO NOTHING");
DB_STMT(payment_settlement_load, "SELECT in_minor FROM payment_settlements "
                                 "WHERE bucket = $1 AND business_date = $2");

struct settlement {
    struct date date;
    int bucket;
    int64_t in_minor;
    int64_t out_minor;
    bool done; /* settled before, by another run */
};

static enum err post(struct uow *uow, const struct settlement *settlement, enum recipe recipe,
                     int64_t amount_minor)
{
    if (amount_minor == 0) {
        return ERR_OK;
    }
    struct journal_result unused;
    struct recipe_event event = {.recipe = recipe,
                                 .amounts = {[SLOT_AMOUNT] = {amount_minor, CCY_CNY}},
                                 .booking_date = settlement->date,
                                 .bucket = settlement->bucket};
    return recipe_post(uow->ledger, &event, &unused);
}

static enum err settle_work(struct uow *uow, void *context)
{
    struct settlement *settlement = context;
    CHECK(!settlement->done);
    CHECK(settlement->bucket >= 0 && settlement->bucket < BUCKET_COUNT);
    int64_t changed = 0;
    enum err err = db_exec(uow->conn, &payment_settlement_insert,
                           DB_ARGS(db_int(settlement->bucket), db_int(settlement->date.days),
                                   db_int(settlement->in_minor), db_int(settlement->out_minor),
                                   db_int(uow->now_us)),
                           &changed);
    settlement->done = err == ERR_OK && changed == 0;
    if (err != ERR_OK || settlement->done) {
        return err;
    }
    err = post(uow, settlement, RECIPE_SETTLE_IN, settlement->in_minor);
    return err != ERR_OK ? err : post(uow, settlement, RECIPE_SETTLE_OUT, settlement->out_minor);
}

static enum err is_settled(struct db_conn *conn, const struct settlement *settlement, bool *out)
{
    CHECK(settlement->bucket >= 0);
    struct db_rows rows =
        db_read(conn, &payment_settlement_load,
                DB_ARGS(db_int(settlement->bucket), db_int(settlement->date.days)));
    *out = db_rows_next(&rows);
    return db_rows_close(&rows);
}

/* What stands in a clearing account at the close; 0 where the bucket never had one. */
static enum err owed(struct engine *engine, struct db_conn *conn,
                     const struct settlement *settlement, uint16_t gl_code, int64_t *out_minor)
{
    CHECK(gl_code == GL_CLEARING_RECEIVABLE || gl_code == GL_CLEARING_PAYABLE);
    struct account_id id = ledger_internal_account(gl_code, CCY_CNY, settlement->bucket);
    enum err err =
        interest_balance_at_close(engine_ledger(engine), conn, id, settlement->date, out_minor);
    if (err == ERR_LEDGER_ACCOUNT) {
        *out_minor = 0;
        return ERR_OK;
    }
    return err;
}

static enum err settlement_read(struct engine *engine, struct db_conn *conn,
                                struct settlement *settlement)
{
    CHECK(!settlement->done);
    enum err err = is_settled(conn, settlement, &settlement->done);
    if (err == ERR_OK && !settlement->done) {
        err = owed(engine, conn, settlement, GL_CLEARING_RECEIVABLE, &settlement->in_minor);
    }
    if (err == ERR_OK && !settlement->done) {
        err = owed(engine, conn, settlement, GL_CLEARING_PAYABLE, &settlement->out_minor);
    }
    return err;
}

enum err payment_eod_settle(struct engine *engine, struct date date, int bucket, int64_t *out_minor)
{
    CHECK(bucket >= 0 && bucket < BUCKET_COUNT);
    CHECK(date.days > 0);
    if (date_compare(date, engine_business_date(engine)) >= 0) {
        return ERR_INVALID_DATE;
    }
    struct settlement settlement = {.date = date, .bucket = bucket};
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = settlement_read(engine, conn, &settlement);
    engine_read_end(engine, conn);
    bool nothing = settlement.in_minor == 0 && settlement.out_minor == 0;
    if (err == ERR_OK && !settlement.done && !nothing) {
        err = engine_run(engine, settle_work, &settlement);
    }
    if (err == ERR_OK) {
        *out_minor = settlement.done ? 0 : settlement.in_minor + settlement.out_minor;
    }
    return err;
}
