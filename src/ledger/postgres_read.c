/* Reading histories of the PostgreSQL store, and its seals. */
#include "ledger/store.h"

#include "base/check.h"

#include <string.h>

#define SEAL_LAG_US INT64_C(15000000) /* longer than any transaction may last */

DB_STMT(ledger_pg_history,
        "SELECT t.id, t.kind, t.debit_id, t.credit_id, t.amount_minor, t.recipe, t.recipe_version,"
        " t.leg, t.booking_date, t.value_days, t.ref_id, t.of_id, p.net_minor, p.side, p.seq"
        " FROM ledger_postings p JOIN ledger_transfers t ON t.bucket = p.transfer_id % 1024"
        " AND t.id = p.transfer_id WHERE p.bucket = $1 AND p.account_id = $2 AND p.seq < $3"
        " ORDER BY p.seq DESC LIMIT $4");
DB_STMT(ledger_pg_posting, "SELECT transfer_id, net_minor FROM ledger_postings"
                           " WHERE bucket = $1 AND account_id = $2 AND seq = $3");
/* One probe of the key for each bucket, not a walk over the table. */
#define EACH_BUCKET                                                                                \
    "WITH RECURSIVE n(bucket) AS (SELECT 0 UNION ALL SELECT bucket + 1 FROM n WHERE bucket < "     \
    "1023)"
DB_STMT(ledger_pg_buckets_batch_unsealed,
        EACH_BUCKET " SELECT bucket FROM n WHERE EXISTS (SELECT 1 FROM ledger_transfers t"
                    " WHERE t.bucket = n.bucket AND t.id > $1 AND t.id < $2)");
DB_STMT(ledger_pg_transfers_batch_newest, EACH_BUCKET
        " SELECT CAST(coalesce(max(newest), 0) AS BIGINT) FROM (SELECT (SELECT max(t.id)"
        " FROM ledger_transfers t WHERE t.bucket = n.bucket) AS newest FROM n) each");
DB_STMT(ledger_pg_posting_near,
        "SELECT seq FROM ledger_postings WHERE bucket = $1 AND account_id = $2 AND seq >= $3"
        " AND seq < $4 AND transfer_id = $5");
DB_STMT(ledger_pg_seal_newest,
        "SELECT seq, last_id, hash FROM ledger_seals WHERE bucket = $1 ORDER BY seq DESC LIMIT 1");
DB_STMT(ledger_pg_seal_rows,
        "SELECT id, kind, debit_id, credit_id, amount_minor, recipe, recipe_version, leg,"
        " booking_date, value_days, ref_id, of_id FROM ledger_transfers"
        " WHERE bucket = $1 AND id > $2 AND id < $3 ORDER BY id");
DB_STMT(ledger_pg_seal_insert,
        "INSERT INTO ledger_seals (bucket, seq, sealed_at, first_id, last_id, transfer_count, hash)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)");
DB_STMT(ledger_pg_seals_batch_last,
        "SELECT CAST(coalesce(max(last_id), 0) AS BIGINT) FROM ledger_seals");

#define PAGE_ROWS  64
#define NEAR_LINES 64

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
    return line;
}

static enum err posting(struct db_conn *conn, struct account_id account, int64_t seq,
                        int64_t *out_id, int64_t *out_net)
{
    struct db_rows rows;
    enum err err = db_query(
        conn, &ledger_pg_posting,
        DB_ARGS(db_int(id_bucket(account.value)), db_int(account.value), db_int(seq)), &rows);
    if (err) {
        return err;
    }
    *out_id = INT64_MAX;
    if (db_rows_next(&rows)) {
        *out_id = db_rows_int(&rows, 0);
        *out_net = db_rows_int(&rows, 1);
    }
    return db_rows_close(&rows);
}

/* First line number whose transfer id is >= id, by order. Ids of several workers may stand a few
 * places out of order round their millisecond. */
static enum err seq_by_order(struct db_conn *conn, struct account_id account, int64_t id,
                             int64_t *out)
{
    struct ledger_account state;
    enum err err = postgres_account_read(conn, account.value, &state);
    int64_t low = 1;
    int64_t high = err ? 1 : state.posting_count + 1;
    while (!err && low < high) {
        int64_t middle = low + (high - low) / 2;
        int64_t found_id = INT64_MAX;
        int64_t net;
        err = posting(conn, account, middle, &found_id, &net);
        if (found_id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *out = low;
    return err;
}

static enum err seq_between(struct db_conn *conn, struct account_id account, int64_t id,
                            int64_t first, int64_t end, int64_t *out)
{
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_pg_posting_near,
                            DB_ARGS(db_int(id_bucket(account.value)), db_int(account.value),
                                    db_int(first), db_int(end), db_int(id)),
                            &rows);
    if (err) {
        return err;
    }
    *out = db_rows_next(&rows) ? db_rows_int(&rows, 0) : 0;
    return db_rows_close(&rows);
}

/* The line number of a transfer: near its place by order, else anywhere on the account; where the
 * account has no such line, its place by order. */
static enum err seq_of(struct db_conn *conn, struct account_id account, int64_t id, int64_t *out)
{
    int64_t place = 1;
    int64_t found = 0;
    enum err err = seq_by_order(conn, account, id, &place);
    if (!err) {
        err = seq_between(conn, account, id, place - NEAR_LINES, place + NEAR_LINES, &found);
    }
    if (!err && found == 0) {
        err = seq_between(conn, account, id, 1, INT64_MAX, &found);
    }
    *out = found ? found : place;
    return err;
}

enum err postgres_history(struct db_conn *conn, struct account_id account, int64_t before_id,
                          ledger_visit *visit, void *context)
{
    int64_t before_seq = INT64_MAX;
    enum err err = before_id ? seq_of(conn, account, before_id, &before_seq) : ERR_OK;
    bool more = true;
    while (!err && more) {
        struct db_rows rows;
        err = db_query(conn, &ledger_pg_history,
                       DB_ARGS(db_int(id_bucket(account.value)), db_int(account.value),
                               db_int(before_seq), db_int(PAGE_ROWS)),
                       &rows);
        if (err) {
            return err;
        }
        int count = 0;
        while (more && db_rows_next(&rows)) {
            struct ledger_line line = ledger_line_read(&rows);
            line.balance_minor = db_rows_int(&rows, 12);
            line.side = (enum ledger_side)db_rows_int(&rows, 13);
            before_seq = db_rows_int(&rows, 14);
            count++;
            more = visit(&line, context);
        }
        err = db_rows_close(&rows);
        more = more && count == PAGE_ROWS;
    }
    return err;
}

enum err postgres_balance_at(struct db_conn *conn, struct account_id account, int64_t last_id,
                             int64_t *out_net)
{
    int64_t seq = 0;
    int64_t id;
    *out_net = 0;
    enum err err = seq_by_order(conn, account, last_id + 1, &seq);
    if (!err && seq > 1) {
        err = posting(conn, account, seq - 1, &id, out_net);
    }
    return err;
}

enum err postgres_newest_transfer(struct db_conn *conn, int64_t *out_id)
{
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_pg_transfers_batch_newest, DB_NO_ARGS, &rows);
    if (err) {
        return err;
    }
    *out_id = db_rows_next(&rows) ? db_rows_int(&rows, 0) : 0;
    return db_rows_close(&rows);
}

/* --- seals ------------------------------------------------------------------------------------ */

static enum err newest_seal(struct db_conn *conn, int bucket, struct ledger_seal *out)
{
    struct db_rows rows;
    *out = (struct ledger_seal){.bucket = bucket};
    enum err err = db_query(conn, &ledger_pg_seal_newest, DB_ARGS(db_int(bucket)), &rows);
    if (err) {
        return err;
    }
    if (db_rows_next(&rows)) {
        size_t size;
        out->seq = db_rows_int(&rows, 0);
        out->last_id = db_rows_int(&rows, 1);
        const void *hash = db_rows_blob(&rows, 2, &size);
        CHECK(size == HASH_SIZE);
        memcpy(out->hash, hash, HASH_SIZE);
    }
    return db_rows_close(&rows);
}

static enum err seal_bucket(struct db_conn *conn, int bucket, int64_t until_id, int64_t now_us)
{
    struct ledger_seal seal;
    struct db_rows rows;
    enum err err = newest_seal(conn, bucket, &seal);
    if (!err) {
        err = db_query(conn, &ledger_pg_seal_rows,
                       DB_ARGS(db_int(bucket), db_int(seal.last_id), db_int(until_id)), &rows);
    }
    if (err) {
        return err;
    }
    struct hash_stream stream;
    hash_stream_init(&stream);
    hash_stream_add(&stream, seal.hash, HASH_SIZE);
    seal.first_id = 0;
    while (db_rows_next(&rows)) {
        uint8_t bytes[LEDGER_CANONICAL_SIZE];
        struct ledger_line line = ledger_line_read(&rows);
        ledger_canonical(&line, (int)db_rows_int(&rows, 7), bytes);
        hash_stream_add(&stream, bytes, sizeof bytes);
        seal.first_id = seal.first_id ? seal.first_id : line.id;
        seal.last_id = line.id;
        seal.count++;
    }
    struct hash hash = hash_stream_final(&stream);
    err = db_rows_close(&rows);
    if (err || seal.count == 0) {
        return err;
    }
    return db_defer(conn, &ledger_pg_seal_insert,
                    DB_ARGS(db_int(bucket), db_int(seal.seq + 1), db_int(now_us),
                            db_int(seal.first_id), db_int(seal.last_id), db_int(seal.count),
                            db_blob(hash.bytes, HASH_SIZE)),
                    1);
}

enum err postgres_seal_due(struct db_conn *conn, int64_t now_us)
{
    int64_t until_id = id_first_at(now_us - SEAL_LAG_US);
    int64_t from_id = 0;
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_pg_seals_batch_last, DB_NO_ARGS, &rows);
    if (!err) {
        /* Rows of the newest sealed span may belong to buckets sealed a little earlier. */
        from_id = db_rows_next(&rows) ? db_rows_int(&rows, 0) : 0;
        from_id = from_id ? id_first_at(id_instant_us(from_id) - 4 * SEAL_LAG_US) : 0;
        err = db_rows_close(&rows);
    }
    bool due[BUCKET_COUNT] = {false};
    if (!err) {
        err = db_query(conn, &ledger_pg_buckets_batch_unsealed,
                       DB_ARGS(db_int(from_id), db_int(until_id)), &rows);
    }
    if (err) {
        return err;
    }
    while (db_rows_next(&rows)) {
        int64_t bucket = db_rows_int(&rows, 0);
        due[bucket & (BUCKET_COUNT - 1)] = true;
    }
    err = db_rows_close(&rows);
    for (int bucket = 0; !err && bucket < BUCKET_COUNT; bucket++) {
        err = due[bucket] ? seal_bucket(conn, bucket, until_id, now_us) : ERR_OK;
    }
    return err;
}
