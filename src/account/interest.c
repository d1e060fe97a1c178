#include "account/interest.h"

#include "account/account_store.h"
#include "account/message_rows.h"
#include "base/check.h"
#include "base/rate.h"
#include "customer/customer.h"
#include "ledger/recipe.h"

#include <stdio.h>
#include <string.h>

DB_STMT(account_interest_insert,
        "INSERT INTO account_interest (bucket, account_id, accrued_micro, last_accrued_date, "
        "last_credited_date) VALUES ($1, $2, 0, $3, 0)");
DB_STMT(account_interest_load, "SELECT accrued_micro, last_accrued_date FROM account_interest "
                               "WHERE bucket = $1 AND account_id = $2");
DB_STMT(account_interest_to_accrue,
        "SELECT i.account_id, a.customer_id, i.accrued_micro, i.last_accrued_date "
        "FROM account_interest i "
        "JOIN account_accounts a ON a.bucket = i.bucket AND a.id = i.account_id "
        "WHERE i.bucket = $1 AND i.account_id > $2 AND i.last_accrued_date < $3 AND a.state <> 3 "
        "ORDER BY i.account_id LIMIT $4");
DB_STMT(account_interest_to_credit,
        "SELECT i.account_id, a.customer_id, i.accrued_micro, i.last_accrued_date "
        "FROM account_interest i "
        "JOIN account_accounts a ON a.bucket = i.bucket AND a.id = i.account_id "
        "WHERE i.bucket = $1 AND i.account_id > $2 AND i.last_credited_date < $3 "
        "AND i.last_accrued_date >= $4 AND i.accrued_micro >= 500000 AND a.state <> 3 "
        "ORDER BY i.account_id LIMIT $5");
DB_STMT(account_interest_accrue,
        "UPDATE account_interest SET accrued_micro = accrued_micro + $1, last_accrued_date = $2 "
        "WHERE bucket = $3 AND account_id = $4 AND last_accrued_date = $5");
DB_STMT(account_interest_credit,
        "UPDATE account_interest SET accrued_micro = accrued_micro - $1, last_credited_date = $2 "
        "WHERE bucket = $3 AND account_id = $4 AND accrued_micro = $5");
DB_STMT(account_interest_total_add,
        "INSERT INTO account_interest_totals (bucket, accrued_micro, posted_minor) "
        "VALUES ($1, $2, 0) ON CONFLICT (bucket) DO UPDATE SET "
        "accrued_micro = account_interest_totals.accrued_micro + excluded.accrued_micro "
        "RETURNING accrued_micro, posted_minor");
DB_STMT(account_interest_total_post,
        "UPDATE account_interest_totals SET posted_minor = $1 WHERE bucket = $2");

/* How long after a business date has moved on a transaction that read the old one may still post.
 */
#define STRAGGLER_US INT64_C(60000000)

/* --- balance at the close ------------------------------------------------------------------------
 */

struct close_walk {
    struct date date;
    enum ledger_side normal_side; /* that makes the balance grow */
    bool found;                   /* a line was seen: balance_minor is the newest one's */
    int64_t balance_minor;        /* less what was booked later */
    int64_t later_created_at;     /* earliest line booked later, INT64_MAX for none */
};

static bool close_visit(const struct ledger_line *line, void *context)
{
    struct close_walk *walk = context;
    if (!walk->found) {
        walk->found = true;
        walk->balance_minor = line->balance_minor;
    }
    bool moves = line->kind == LEDGER_POST || line->kind == LEDGER_CAPTURE;
    if (line->booking_date.days <= walk->date.days) {
        /* On PostgreSQL lines of the old and the new date may be interleaved. */
        return walk->later_created_at != INT64_MAX &&
               line->created_at > walk->later_created_at - STRAGGLER_US;
    }
    if (line->created_at < walk->later_created_at) {
        walk->later_created_at = line->created_at;
    }
    if (moves) {
        walk->balance_minor +=
            line->side == walk->normal_side ? -line->amount_minor : line->amount_minor;
    }
    return true;
}

enum err interest_balance_at_close(struct ledger *ledger, struct db_conn *conn,
                                   struct account_id account, struct date date, int64_t *out_minor)
{
    struct close_walk walk = {
        .date = date, .normal_side = LEDGER_CREDIT, .later_created_at = INT64_MAX};
    if (ledger_is_internal(account)) { /* customers' accounts are liabilities */
        struct ledger_account state;
        enum err err = ledger_account_load(ledger, conn, account, &state);
        if (err != ERR_OK) {
            return err;
        }
        walk.normal_side = chart_normal_side(chart_find(state.gl_code)->class);
    }
    enum err err = ledger_history(ledger, conn, account, 0, close_visit, &walk);
    if (err == ERR_OK) {
        *out_minor = walk.balance_minor;
    }
    return err;
}

/* --- rows ------------------------------------------------------------------------------------- */

enum err interest_open(struct uow *uow, struct account_id account)
{
    return db_defer(uow->conn, &account_interest_insert,
                    DB_ARGS(db_int(id_bucket(account.value)), db_int(account.value),
                            db_int(uow->business_date.days - 1)),
                    1);
}

enum err interest_accrued(struct db_conn *conn, struct account_id account, int64_t *out_micro)
{
    return db_number(conn, &account_interest_load,
                     DB_ARGS(db_int(id_bucket(account.value)), db_int(account.value)), out_micro);
}

void interest_format(int64_t accrued_micro, char out[INTEREST_TEXT_SIZE])
{
    uint64_t micro = accrued_micro < 0 ? 0 - (uint64_t)accrued_micro : (uint64_t)accrued_micro;
    uint64_t per_major = 100 * (uint64_t)MICRO_PER_MINOR;
    snprintf(out, INTEREST_TEXT_SIZE, "%s%llu.%06llu", accrued_micro < 0 ? "-" : "",
             (unsigned long long)(micro / per_major),
             (unsigned long long)(micro % per_major / 100));
}

static bool interest_is_settlement_day(const struct catalogue_edition *edition, struct date date)
{
    struct date_parts parts = date_parts(date);
    return parts.day == account_figure(edition, PARAMETER_DEMAND_SETTLEMENT_DAY) &&
           parts.month % account_figure(edition, PARAMETER_DEMAND_SETTLEMENT_MONTHS) == 0;
}

/* --- chunks ----------------------------------------------------------------------------------- */

struct chunk_item {
    struct account_id account;
    struct customer_id customer;
    int64_t micro; /* as read */
    struct date last_date;
    int64_t added_micro; /* accrual: what this run adds */
};
struct chunk {
    const struct catalogue *catalogue;
    struct date date;
    int bucket;
    size_t count;
    struct chunk_item items[INTEREST_CHUNK];
};

static enum err chunk_read(struct db_conn *conn, struct chunk *chunk, struct db_stmt *stmt,
                           const struct db_value *args, size_t arg_count)
{
    struct db_rows rows = db_read(conn, stmt, args, arg_count);
    chunk->count = 0;
    while (chunk->count < INTEREST_CHUNK && db_rows_next(&rows)) {
        chunk->items[chunk->count++] =
            (struct chunk_item){.account = {db_rows_int(&rows, 0)},
                                .customer = {db_rows_int(&rows, 1)},
                                .micro = db_rows_int(&rows, 2),
                                .last_date = {(int32_t)db_rows_int(&rows, 3)}};
    }
    return db_rows_close(&rows);
}

/* Whole minor units that the general ledger shows for a bucket's sum; see README, "interest". */
static int64_t shown_minor(int64_t total_micro)
{
    return total_micro > 0 ? total_micro / MICRO_PER_MINOR : 0;
}

static enum err post_accrual(struct uow *uow, int bucket, int64_t amount_minor, struct date booking)
{
    struct journal_result unused;
    struct recipe_event event = {.recipe = RECIPE_INTEREST_ACCRUAL,
                                 .amounts = {[SLOT_AMOUNT] = {amount_minor, CCY_CNY}},
                                 .booking_date = booking,
                                 .bucket = bucket};
    return recipe_post(uow->ledger, &event, &unused);
}

/* Moves the bucket's sum by what accrued and what is credited, and the general ledger with it, so
 * that the credits that follow find their money in GL_INTEREST_PAYABLE. */
static enum err total_move(struct uow *uow, int bucket, int64_t accrued_micro, int64_t credit_minor,
                           struct date booking)
{
    struct db_rows rows =
        db_read(uow->conn, &account_interest_total_add,
                DB_ARGS(db_int(bucket), db_int(accrued_micro - credit_minor * MICRO_PER_MINOR)));
    bool found = db_rows_next(&rows);
    int64_t total_micro = found ? db_rows_int(&rows, 0) : 0;
    int64_t posted_minor = found ? db_rows_int(&rows, 1) : 0;
    enum err err = db_rows_close(&rows);
    if (err != ERR_OK) {
        return err;
    }
    int64_t growth = shown_minor(total_micro) + credit_minor - posted_minor;
    if (growth > 0 && (err = post_accrual(uow, bucket, growth, booking)) != ERR_OK) {
        return err;
    }
    return db_defer(uow->conn, &account_interest_total_post,
                    DB_ARGS(db_int(shown_minor(total_micro)), db_int(bucket)), 1);
}

/* --- accrual ---------------------------------------------------------------------------------- */

static enum err accrue_item(struct engine *engine, struct db_conn *conn, const struct chunk *chunk,
                            struct chunk_item *item)
{
    for (int day = item->last_date.days + 1; day <= chunk->date.days; day++) {
        struct date date = {.days = day};
        const struct catalogue_edition *edition = catalogue_on(chunk->catalogue, date);
        int64_t balance = 0, micro = 0;
        enum err err =
            interest_balance_at_close(engine_ledger(engine), conn, item->account, date, &balance);
        if (err == ERR_OK) {
            struct rate rate = {.ppb = account_figure(edition, PARAMETER_DEMAND_RATE_PPB)};
            err = rate_accrue(balance, rate, 1, account_figure(edition, PARAMETER_DEMAND_YEAR_DAYS),
                              &micro);
        }
        if (err != ERR_OK) {
            return err;
        }
        item->added_micro += micro;
    }
    return ERR_OK;
}

/* Balances of a closed date cannot change any more, so all of this is read outside of the unit. */
static enum err accrue_prepare(struct engine *engine, struct chunk *chunk, int64_t after_id)
{
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = chunk_read(conn, chunk, &account_interest_to_accrue,
                     DB_ARGS(db_int(chunk->bucket), db_int(after_id), db_int(chunk->date.days),
                             db_int(INTEREST_CHUNK)));
    for (size_t i = 0; err == ERR_OK && i < chunk->count; i++) {
        err = accrue_item(engine, conn, chunk, &chunk->items[i]);
    }
    engine_read_end(engine, conn);
    return err;
}

static enum err accrue_work(struct uow *uow, void *context)
{
    const struct chunk *chunk = context;
    int64_t sum = 0;
    for (size_t i = 0; i < chunk->count; i++) {
        const struct chunk_item *item = &chunk->items[i];
        enum err err = db_defer(uow->conn, &account_interest_accrue,
                                DB_ARGS(db_int(item->added_micro), db_int(chunk->date.days),
                                        db_int(chunk->bucket), db_int(item->account.value),
                                        db_int(item->last_date.days)),
                                1);
        if (err != ERR_OK) {
            return err;
        }
        sum += item->added_micro;
    }
    return total_move(uow, chunk->bucket, sum, 0, chunk->date);
}

enum err account_eod_accrue(struct engine *engine, const struct catalogue *catalogue,
                            struct date date, int bucket, size_t *out_count)
{
    if (date_compare(date, engine_business_date(engine)) >= 0) {
        return ERR_INVALID_DATE;
    }
    struct chunk chunk = {.catalogue = catalogue, .date = date, .bucket = bucket};
    size_t count = 0;
    int64_t after_id = 0;
    for (;;) {
        enum err err = accrue_prepare(engine, &chunk, after_id);
        if (err == ERR_OK && chunk.count > 0) {
            err = engine_run(engine, accrue_work, &chunk);
        }
        if (err != ERR_OK) {
            return err;
        }
        count += chunk.count;
        if (chunk.count < INTEREST_CHUNK) {
            break;
        }
        after_id = chunk.items[chunk.count - 1].account.value;
    }
    *out_count = count;
    return ERR_OK;
}

/* --- credit ----------------------------------------------------------------------------------- */

static enum err credit_item(struct uow *uow, const struct chunk_item *item, int64_t minor,
                            struct date through)
{
    struct journal_result unused;
    struct recipe_event event = {.recipe = RECIPE_INTEREST_CREDIT,
                                 .accounts = {[ROLE_CUSTOMER] = item->account},
                                 .amounts = {[SLOT_AMOUNT] = {minor, CCY_CNY}},
                                 .booking_date = uow->business_date,
                                 .bucket = -1};
    enum err err = recipe_post(uow->ledger, &event, &unused);
    if (err != ERR_OK) {
        return err;
    }
    char amount[MONEY_TEXT_SIZE];
    money_format((struct money){minor, CCY_CNY}, amount);
    struct message_params params = {.amount = amount};
    err = message_add(uow, item->customer, &MESSAGE_INTEREST_PAID, &params, 0);
    if (err != ERR_OK) {
        return err;
    }
    return db_defer(uow->conn, &account_interest_credit,
                    DB_ARGS(db_int(minor * MICRO_PER_MINOR), db_int(through.days),
                            db_int(id_bucket(item->account.value)), db_int(item->account.value),
                            db_int(item->micro)),
                    1);
}

static enum err credit_work(struct uow *uow, void *context)
{
    const struct chunk *chunk = context;
    int64_t sum = 0;
    for (size_t i = 0; i < chunk->count; i++) {
        sum += rate_capitalise(chunk->items[i].micro, ROUNDING_HALF_UP);
    }
    enum err err = total_move(uow, chunk->bucket, 0, sum, uow->business_date);
    for (size_t i = 0; err == ERR_OK && i < chunk->count; i++) {
        int64_t minor = rate_capitalise(chunk->items[i].micro, ROUNDING_HALF_UP);
        err = credit_item(uow, &chunk->items[i], minor, chunk->date);
    }
    return err;
}

enum err account_eod_capitalise(struct engine *engine, const struct catalogue *catalogue,
                                struct date date, int bucket, size_t *out_count)
{
    *out_count = 0;
    if (date_compare(date, engine_business_date(engine)) >= 0) {
        return ERR_INVALID_DATE;
    }
    if (!interest_is_settlement_day(catalogue_on(catalogue, date), date)) {
        return ERR_OK;
    }
    struct chunk chunk = {.catalogue = catalogue, .date = date, .bucket = bucket};
    int64_t after_id = 0;
    for (;;) {
        struct db_conn *conn;
        enum err err = engine_read_begin(engine, &conn);
        if (err != ERR_OK) {
            return err;
        }
        err = chunk_read(conn, &chunk, &account_interest_to_credit,
                         DB_ARGS(db_int(bucket), db_int(after_id), db_int(date.days),
                                 db_int(date.days), db_int(INTEREST_CHUNK)));
        engine_read_end(engine, conn);
        if (err == ERR_OK && chunk.count > 0) {
            err = engine_run(engine, credit_work, &chunk);
        }
        if (err != ERR_OK) {
            return err;
        }
        *out_count += chunk.count;
        if (chunk.count < INTEREST_CHUNK) {
            return ERR_OK;
        }
        after_id = chunk.items[chunk.count - 1].account.value;
    }
}

enum err interest_pay(struct uow *uow, struct account_id id, int64_t *out_minor)
{
    struct account account;
    struct chunk_item item = {.account = id};
    enum err err = account_lock(uow, id, &account);
    if (err == ERR_OK) {
        err = interest_accrued(uow->conn, id, &item.micro);
    }
    if (err != ERR_OK) {
        return err;
    }
    item.customer = account.customer;
    int64_t minor = rate_capitalise(item.micro, ROUNDING_HALF_UP);
    if (minor > 0) {
        err = total_move(uow, id_bucket(id.value), 0, minor, uow->business_date);
        if (err == ERR_OK) {
            err = credit_item(uow, &item, minor, date_add_days(uow->business_date, -1));
        }
    }
    if (err == ERR_OK) {
        *out_minor = minor > 0 ? minor : 0;
    }
    return err;
}
