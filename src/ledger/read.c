/* Reads the books: histories, journals, transfers in order, accounts, seals. */
#include "base/check.h"
#include "ledger/recipe.h"
#include "ledger/store.h"

#include <string.h>

#define LINE_COLUMNS                                                                               \
    "id, kind, debit_id, credit_id, amount_minor, recipe, recipe_version, leg, booking_date,"      \
    " value_days, ref_id, of_id, order_hash"

DB_STMT(ledger_embedded_transfer,
        "SELECT " LINE_COLUMNS ", debit_prev_id, credit_prev_id, debit_net_minor, credit_net_minor"
        " FROM ledger_transfers WHERE id = $1 /* bucket: in the id */");
DB_STMT(ledger_embedded_journal,
        "SELECT " LINE_COLUMNS " FROM ledger_transfers WHERE id >= $1 AND id < $2"
        " ORDER BY id /* bucket: in the id */");
DB_STMT(ledger_pg_journal, "SELECT " LINE_COLUMNS " FROM ledger_transfers"
                           " WHERE bucket = $1 AND id >= $2 AND id < $3 ORDER BY id");
DB_STMT(ledger_report_transfers_after,
        "SELECT " LINE_COLUMNS " FROM ledger_transfers WHERE id > $1 ORDER BY id LIMIT $2");
DB_STMT(ledger_report_transfers_before,
        "SELECT " LINE_COLUMNS " FROM ledger_transfers WHERE id < $1 ORDER BY id DESC LIMIT $2");
DB_STMT(ledger_report_accounts,
        "SELECT id, gl_code, ccy_number, closed, opened_at FROM ledger_accounts ORDER BY id");
DB_STMT(ledger_report_seals,
        "SELECT seq, bucket, sealed_at, first_id, last_id, transfer_count, hash FROM ledger_seals"
        " ORDER BY last_id DESC LIMIT $1");

#define PAGE_ROWS 512

struct db_value ledger_order_value(const struct order_hash *order)
{
    static const struct order_hash none;
    bool is_none = memcmp(order, &none, sizeof none) == 0;
    return db_blob(order->bytes, is_none ? 0 : sizeof order->bytes);
}

struct ledger_line ledger_line_read(const struct db_rows *rows)
{
    struct ledger_line line = {.id = db_rows_int(rows, 0),
                               .kind = (enum ledger_kind)db_rows_int(rows, 1),
                               .debit = {db_rows_int(rows, 2)},
                               .credit = {db_rows_int(rows, 3)},
                               .amount_minor = db_rows_int(rows, 4),
                               .recipe = (uint16_t)db_rows_int(rows, 5),
                               .recipe_version = (uint8_t)db_rows_int(rows, 6),
                               .booking_date = {(int32_t)db_rows_int(rows, 8)},
                               .ref_id = db_rows_int(rows, 10),
                               .of_id = db_rows_int(rows, 11)};
    line.journal = (struct journal_id){line.id - db_rows_int(rows, 7) * ID_STEP};
    line.value_date = (struct date){line.booking_date.days + (int32_t)db_rows_int(rows, 9)};
    line.created_at = id_instant_us(line.id);
    size_t size = 0;
    const void *order = db_rows_blob(rows, 12, &size);
    if (size == ORDER_HASH_SIZE) {
        memcpy(line.order.bytes, order, ORDER_HASH_SIZE);
    } else if (size != 0) {
        memset(line.order.bytes, 0xff, ORDER_HASH_SIZE); /* never sealed */
    }
    return line;
}

/* --- embedded history: follows the links from transfer to transfer ---------------------------- */

struct step {
    struct ledger_line line;
    int64_t prev_id;
};

static enum err read_step(struct db_conn *conn, struct account_id account, int64_t id,
                          struct step *out)
{
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_embedded_transfer, DB_ARGS(db_int(id)), &rows);
    if (err) {
        return err;
    }
    bool found = db_rows_next(&rows);
    if (found) {
        out->line = ledger_line_read(&rows);
        bool debit = out->line.debit.value == account.value;
        out->prev_id = db_rows_int(&rows, debit ? 13 : 14);
        out->line.balance_minor = db_rows_int(&rows, debit ? 15 : 16);
        out->line.side = debit ? LEDGER_DEBIT : LEDGER_CREDIT;
    }
    err = db_rows_close(&rows);
    return err ? err : found ? ERR_OK : ERR_LEDGER_CORRUPT;
}

/* Memory is newer than the caller's snapshot: the connection then takes a new one, which holds every
 * line counted in the state. */
static enum err fresh_snapshot(struct db_conn *conn, struct account_id account, int64_t newest_id)
{
    CHECK(newest_id >= 0);
    struct step step;
    if (newest_id == 0) {
        return ERR_OK;
    }
    enum err err = read_step(conn, account, newest_id, &step);
    if (err != ERR_LEDGER_CORRUPT) {
        return err;
    }
    db_rollback(conn);
    return db_begin(conn);
}

static enum err embedded_history(struct db_conn *conn, struct account_id account, int64_t newest_id,
                                 int64_t before_id, ledger_visit *visit, void *context)
{
    CHECK(visit != NULL);
    struct step step;
    int64_t id = newest_id;
    enum err fresh = fresh_snapshot(conn, account, newest_id);
    if (fresh) {
        return fresh;
    }
    if (before_id) {
        /* A page begins at a line of this account: its link leads to the next. */
        enum err err = read_step(conn, account, before_id, &step);
        bool own = !err && (step.line.debit.value == account.value ||
                            step.line.credit.value == account.value);
        id = own ? step.prev_id : newest_id;
    }
    while (id != 0) {
        enum err err = read_step(conn, account, id, &step);
        if (err) {
            return err;
        }
        if ((!before_id || id < before_id) && !visit(&step.line, context)) {
            return ERR_OK;
        }
        id = step.prev_id;
    }
    return ERR_OK;
}

/* Stored nets are credits minus debits; displayed balances follow the account's normal side. */
struct oriented {
    bool debit_normal;
    ledger_visit *visit;
    void *context;
};

static bool visit_oriented(const struct ledger_line *line, void *context)
{
    CHECK(line->id > 0);
    struct oriented *oriented = context;
    struct ledger_line turned = *line;
    turned.balance_minor = oriented->debit_normal ? -line->balance_minor : line->balance_minor;
    return oriented->visit(&turned, oriented->context);
}

static bool debit_normal(const struct ledger_account *account)
{
    const struct gl_account *gl = chart_find(account->gl_code);
    return gl != NULL && chart_normal_side(gl->class) == LEDGER_DEBIT;
}

enum err ledger_history(struct ledger *ledger, struct db_conn *conn, struct account_id account,
                        int64_t before_id, ledger_visit *visit, void *context)
{
    CHECK(visit != NULL);
    struct ledger_account state;
    enum err err = ledger_account_load(ledger, conn, account, &state);
    if (err) {
        return err;
    }
    struct oriented oriented = {debit_normal(&state), visit, context};
    return ledger->embedded != NULL
               ? embedded_history(conn, account, state.newest_id, before_id, visit_oriented,
                                  &oriented)
               : postgres_history(conn, account, before_id, visit_oriented, &oriented);
}

enum err ledger_balance_at(struct ledger *ledger, struct db_conn *conn, struct account_id account,
                           int64_t instant_us, int64_t *out_minor)
{
    CHECK(out_minor != NULL);
    struct ledger_account state;
    enum err err = ledger_account_load(ledger, conn, account, &state);
    if (err) {
        return err;
    }
    bool last = instant_us > INT64_MAX - 1000;
    int64_t end_id = last ? INT64_MAX : id_first_at(instant_us - instant_us % 1000 + 1000);
    int64_t net = 0;
    if (ledger->embedded == NULL) {
        err = postgres_balance_at(conn, account, end_id - 1, &net);
    } else {
        struct step step = {.prev_id = state.newest_id};
        err = fresh_snapshot(conn, account, state.newest_id);
        do {
            int64_t id = step.prev_id;
            net = 0;
            if (err || id == 0) {
                break;
            }
            err = read_step(conn, account, id, &step);
            net = step.line.balance_minor;
        } while (!err && step.line.id >= end_id);
    }
    *out_minor = debit_normal(&state) ? -net : net;
    return err;
}

enum err ledger_journal_load(struct db_conn *conn, struct journal_id journal,
                             struct ledger_line *out, size_t *out_count)
{
    CHECK(out != NULL && out_count != NULL);
    struct db_rows rows;
    int64_t end = journal.value + LEDGER_LEGS_MAX * ID_STEP;
    enum err err = db_engine_of_conn(conn) == DB_SQLITE
                       ? db_query(conn, &ledger_embedded_journal,
                                  DB_ARGS(db_int(journal.value), db_int(end)), &rows)
                       : db_query(conn, &ledger_pg_journal,
                                  DB_ARGS(db_int(id_bucket(journal.value)), db_int(journal.value),
                                          db_int(end)),
                                  &rows);
    if (err) {
        return err;
    }
    size_t count = 0;
    while (count < LEDGER_LEGS_MAX && db_rows_next(&rows)) {
        struct ledger_line line = ledger_line_read(&rows);
        if (line.journal.value == journal.value) {
            out[count++] = line;
        }
    }
    *out_count = count;
    err = db_rows_close(&rows);
    return err ? err : count > 0 ? ERR_OK : ERR_LEDGER_JOURNAL;
}

static enum err each_transfer(struct db_conn *conn, struct db_stmt *stmt, int64_t place,
                              ledger_visit *visit, void *context)
{
    CHECK(visit != NULL);
    bool more = true;
    while (more) {
        struct db_rows rows;
        enum err err = db_query(conn, stmt, DB_ARGS(db_int(place), db_int(PAGE_ROWS)), &rows);
        if (err) {
            return err;
        }
        int count = 0;
        while (more && db_rows_next(&rows)) {
            struct ledger_line line = ledger_line_read(&rows);
            place = line.id;
            count++;
            more = visit(&line, context);
        }
        err = db_rows_close(&rows);
        if (err) {
            return err;
        }
        more = more && count == PAGE_ROWS;
    }
    return ERR_OK;
}

enum err ledger_transfers_after(struct db_conn *conn, int64_t after_id, ledger_visit *visit,
                                void *context)
{
    return each_transfer(conn, &ledger_report_transfers_after, after_id, visit, context);
}

enum err ledger_transfers_before(struct db_conn *conn, int64_t before_id, ledger_visit *visit,
                                 void *context)
{
    return each_transfer(conn, &ledger_report_transfers_before, before_id ? before_id : INT64_MAX,
                         visit, context);
}

DB_STMT(ledger_report_buckets, "SELECT DISTINCT bucket FROM ledger_accounts");

enum err ledger_buckets(struct db_conn *conn, bool out_has[BUCKET_COUNT])
{
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_report_buckets, DB_NO_ARGS, &rows);
    if (err) {
        return err;
    }
    memset(out_has, 0, BUCKET_COUNT * sizeof *out_has);
    while (db_rows_next(&rows)) {
        out_has[db_rows_int(&rows, 0) & (BUCKET_COUNT - 1)] = true;
    }
    return db_rows_close(&rows);
}

enum err ledger_accounts_each(struct db_conn *conn, ledger_account_visit *visit, void *context)
{
    CHECK(visit != NULL);
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_report_accounts, DB_NO_ARGS, &rows);
    if (err) {
        return err;
    }
    bool more = true;
    while (more && db_rows_next(&rows)) {
        struct ledger_account_row row = {.id = {db_rows_int(&rows, 0)},
                                         .gl_code = (uint16_t)db_rows_int(&rows, 1),
                                         .ccy = ccy_from_number((int)db_rows_int(&rows, 2)),
                                         .closed = db_rows_int(&rows, 3) != 0,
                                         .opened_at = db_rows_int(&rows, 4)};
        more = visit(&row, context);
    }
    return db_rows_close(&rows);
}

DB_STMT(ledger_seal_select,
        "SELECT seq, bucket, sealed_at, first_id, last_id, transfer_count, hash FROM ledger_seals"
        " WHERE bucket = $1 AND seq <= $2 ORDER BY seq DESC LIMIT 1");

static struct ledger_seal read_seal(const struct db_rows *rows)
{
    size_t size;
    struct ledger_seal seal = {.seq = db_rows_int(rows, 0),
                               .bucket = (int)db_rows_int(rows, 1),
                               .at = db_rows_int(rows, 2),
                               .first_id = db_rows_int(rows, 3),
                               .last_id = db_rows_int(rows, 4),
                               .count = db_rows_int(rows, 5)};
    const void *hash = db_rows_blob(rows, 6, &size);
    CHECK(size == HASH_SIZE);
    memcpy(seal.hash, hash, HASH_SIZE);
    return seal;
}

/* The seal with this number in a bucket's chain. ERR_NOT_FOUND. */
static enum err ledger_seal_load(struct db_conn *conn, int bucket, int64_t seq,
                                 struct ledger_seal *out)
{
    CHECK(bucket >= 0 && bucket < BUCKET_COUNT);
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_seal_select, DB_ARGS(db_int(bucket), db_int(seq)), &rows);
    if (err) {
        return err;
    }
    *out = (struct ledger_seal){0};
    if (db_rows_next(&rows)) {
        *out = read_seal(&rows);
    }
    err = db_rows_close(&rows);
    return err ? err : out->seq == seq || (seq == INT64_MAX && out->seq) ? ERR_OK : ERR_NOT_FOUND;
}

DB_STMT(ledger_seal_members_select,
        "SELECT members FROM ledger_seals WHERE bucket = $1 AND seq = $2");

enum err ledger_seal_members(struct db_conn *conn, const struct ledger_seal *seal, int64_t *out_ids)
{
    CHECK(seal->count >= 0 && seal->seq > 0);
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_seal_members_select,
                            DB_ARGS(db_int(seal->bucket), db_int(seal->seq)), &rows);
    if (err) {
        return err;
    }
    size_t size = 0;
    const uint8_t *bytes = db_rows_next(&rows) ? db_rows_blob(&rows, 0, &size) : NULL;
    bool fits = size % 8 == 0 && size / 8 == (size_t)seal->count;
    for (int64_t i = 0; fits && i < seal->count; i++) {
        uint64_t id = 0;
        for (int byte = 7; byte >= 0; byte--) {
            id = id << 8 | bytes[i * 8 + byte];
        }
        out_ids[i] = (int64_t)id;
    }
    err = db_rows_close(&rows);
    return err ? err : fits ? ERR_OK : ERR_LEDGER_CORRUPT;
}

enum err ledger_seal_newest(struct db_conn *conn, struct ledger_seal *out)
{
    if (db_engine_of_conn(conn) == DB_POSTGRESQL) {
        return postgres_newest_seal(conn, out);
    }
    enum err err = ledger_seal_load(conn, 0, INT64_MAX, out);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err ledger_seals_newest(struct db_conn *conn, size_t limit, ledger_seal_visit *visit,
                             void *context)
{
    CHECK(visit != NULL && limit > 0);
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_report_seals, DB_ARGS(db_int((int64_t)limit)), &rows);
    if (err) {
        return err;
    }
    bool more = true;
    while (more && db_rows_next(&rows)) {
        struct ledger_seal seal = read_seal(&rows);
        more = visit(&seal, context);
    }
    return db_rows_close(&rows);
}
