/* Reads histories of the PostgreSQL store, and its seals. */
#include "ledger/store.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

DB_STMT(
    ledger_pg_history,
    "SELECT t.id, t.kind, t.debit_id, t.credit_id, t.amount_minor, t.recipe, t.recipe_version,"
    " t.leg, t.booking_date, t.value_days, t.ref_id, t.of_id, t.order_hash, p.net_minor, p.side,"
    " p.seq"
    " FROM ledger_postings p JOIN ledger_transfers t ON t.bucket = p.transfer_id % 1024"
    " AND t.id = p.transfer_id WHERE p.bucket = $1 AND p.account_id = $2 AND p.seq < $3"
    " ORDER BY p.seq DESC LIMIT $4");
DB_STMT(ledger_pg_posting, "SELECT transfer_id, net_minor FROM ledger_postings"
                           " WHERE bucket = $1 AND account_id = $2 AND seq = $3");
/* One probe of the key for each bucket instead of a scan of the table. */
#define EACH_BUCKET                                                                                \
    "WITH RECURSIVE n(bucket) AS (SELECT 0 UNION ALL SELECT bucket + 1 FROM n WHERE bucket < "     \
    "1023)"
DB_STMT(ledger_pg_transfers_batch_newest, EACH_BUCKET
        " SELECT CAST(coalesce(max(newest), 0) AS BIGINT) FROM (SELECT (SELECT max(t.id)"
        " FROM ledger_transfers t WHERE t.bucket = n.bucket) AS newest FROM n) each");
DB_STMT(ledger_pg_posting_near,
        "SELECT seq FROM ledger_postings WHERE bucket = $1 AND account_id = $2 AND seq >= $3"
        " AND seq < $4 AND transfer_id = $5");
DB_STMT(ledger_pg_unsealed_batch_any, "SELECT 1 FROM ledger_unsealed LIMIT 1");
DB_STMT(ledger_pg_seals_batch_newest, EACH_BUCKET
        " SELECT s.bucket, s.seq, s.sealed_at, s.first_id, s.last_id, s.transfer_count, s.hash"
        " FROM n, LATERAL (SELECT bucket, seq, sealed_at, first_id, last_id, transfer_count, hash"
        " FROM ledger_seals WHERE bucket = n.bucket ORDER BY seq DESC LIMIT 1) s");
/* Removes unsealed transfers from their table and reads them. Rows of uncommitted transactions are not
 * visible and stay for a later run. */
DB_STMT(ledger_pg_unsealed_batch_take,
        "WITH due AS (DELETE FROM ledger_unsealed WHERE ctid = ANY (ARRAY(SELECT ctid FROM"
        " ledger_unsealed LIMIT $1)) RETURNING bucket, id)"
        " SELECT t.id, t.kind, t.debit_id, t.credit_id, t.amount_minor, t.recipe,"
        " t.recipe_version, t.leg, t.booking_date, t.value_days, t.ref_id, t.of_id, t.order_hash,"
        " t.bucket FROM due JOIN ledger_transfers t ON t.bucket = due.bucket AND t.id = due.id"
        " ORDER BY t.bucket, t.id");
DB_STMT(ledger_pg_seal_insert,
        "INSERT INTO ledger_seals (bucket, seq, sealed_at, first_id, last_id, transfer_count, hash,"
        " members) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");

#define PAGE_ROWS  64
#define NEAR_LINES 64

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

/* First line number whose transfer id is >= id, by order. Ids of several workers may be a few places
 * out of order round their millisecond. */
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
    CHECK(first <= end);
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

/* The line number of a transfer: near its place by order, else anywhere on the account; if the account
 * has no such line, its place by order. */
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
    CHECK(visit != NULL);
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
            line.balance_minor = db_rows_int(&rows, 13);
            line.side = (enum ledger_side)db_rows_int(&rows, 14);
            before_seq = db_rows_int(&rows, 15);
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

#define SEAL_TAKE_MAX 65536 /* transfers sealed in one round */

/* The next seal of each bucket, and the ids of the seal under construction. */
struct sealing {
    struct ledger_seal seals[BUCKET_COUNT]; /* newest so far; seq 0: none */
    struct hash_stream stream;
    uint8_t (*members)[8];
    int64_t taken;
};

static struct ledger_seal read_seal(const struct db_rows *rows)
{
    size_t size;
    struct ledger_seal seal = {.bucket = (int)db_rows_int(rows, 0),
                               .seq = db_rows_int(rows, 1),
                               .at = db_rows_int(rows, 2),
                               .first_id = db_rows_int(rows, 3),
                               .last_id = db_rows_int(rows, 4),
                               .count = db_rows_int(rows, 5)};
    const void *hash = db_rows_blob(rows, 6, &size);
    CHECK(size == HASH_SIZE);
    memcpy(seal.hash, hash, HASH_SIZE);
    return seal;
}

static enum err load_newest_seals(struct db_conn *conn, struct ledger_seal *out)
{
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_pg_seals_batch_newest, DB_NO_ARGS, &rows);
    if (err) {
        return err;
    }
    while (db_rows_next(&rows)) {
        struct ledger_seal seal = read_seal(&rows);
        CHECK(seal.bucket >= 0 && seal.bucket < BUCKET_COUNT);
        out[seal.bucket] = seal;
    }
    return db_rows_close(&rows);
}

/* The newest of all buckets. */
enum err postgres_newest_seal(struct db_conn *conn, struct ledger_seal *out)
{
    struct db_rows rows;
    *out = (struct ledger_seal){0};
    enum err err = db_query(conn, &ledger_pg_seals_batch_newest, DB_NO_ARGS, &rows);
    if (err) {
        return err;
    }
    while (db_rows_next(&rows)) {
        struct ledger_seal seal = read_seal(&rows);
        *out = seal.at >= out->at ? seal : *out;
    }
    return db_rows_close(&rows);
}

/* Stores the seal of a bucket once all its transfers have been added. */
static enum err seal_end(struct sealing *sealing, struct db_conn *conn, struct ledger_seal *seal,
                         int64_t now_us)
{
    CHECK(seal->count > 0 && seal->first_id > 0);
    struct hash hash = hash_stream_final(&sealing->stream);
    memcpy(seal->hash, hash.bytes, HASH_SIZE);
    seal->seq++;
    return db_exec(conn, &ledger_pg_seal_insert,
                   DB_ARGS(db_int(seal->bucket), db_int(seal->seq), db_int(now_us),
                           db_int(seal->first_id), db_int(seal->last_id), db_int(seal->count),
                           db_blob(hash.bytes, HASH_SIZE),
                           db_blob(sealing->members, (size_t)seal->count * 8)),
                   NULL);
}

static void seal_add(struct sealing *sealing, struct ledger_seal *seal,
                     const struct ledger_line *line, int leg)
{
    CHECK(seal->count < SEAL_TAKE_MAX);
    CHECK(id_bucket(line->id) == seal->bucket);
    uint8_t bytes[LEDGER_CANONICAL_SIZE];
    ledger_canonical(line, leg, bytes);
    hash_stream_add(&sealing->stream, bytes, sizeof bytes);
    memcpy(sealing->members[seal->count], bytes, 8); /* the id comes first */
    seal->first_id = seal->count ? seal->first_id : line->id;
    seal->last_id = line->id;
    seal->count++;
}

/* The rows are read first and the seals written afterwards: a connection runs one query at a time. */
struct due_row {
    struct ledger_line line;
    int leg;
};

static enum err take_due(struct sealing *sealing, struct db_conn *conn, struct due_row *out)
{
    CHECK(sealing->members != NULL);
    struct db_rows rows;
    enum err err =
        db_query(conn, &ledger_pg_unsealed_batch_take, DB_ARGS(db_int(SEAL_TAKE_MAX)), &rows);
    if (err) {
        return err;
    }
    sealing->taken = 0;
    while (sealing->taken < SEAL_TAKE_MAX && db_rows_next(&rows)) {
        struct due_row *row = &out[sealing->taken++];
        row->line = ledger_line_read(&rows);
        row->leg = (int)db_rows_int(&rows, 7);
    }
    CHECK(sealing->taken <= SEAL_TAKE_MAX);
    return db_rows_close(&rows);
}

static enum err seal_taken(struct sealing *sealing, struct db_conn *conn,
                           const struct due_row *rows, int64_t now_us)
{
    CHECK(sealing->taken >= 0 && sealing->taken <= SEAL_TAKE_MAX);
    enum err err = ERR_OK;
    for (int64_t i = 0; !err && i < sealing->taken; i++) {
        int bucket = id_bucket(rows[i].line.id);
        struct ledger_seal *seal = &sealing->seals[bucket];
        if (i == 0 || id_bucket(rows[i - 1].line.id) != bucket) {
            hash_stream_init(&sealing->stream);
            hash_stream_add(&sealing->stream, seal->hash, HASH_SIZE);
            seal->bucket = bucket;
            seal->count = 0;
        }
        seal_add(sealing, seal, &rows[i].line, rows[i].leg);
        if (i + 1 == sealing->taken || id_bucket(rows[i + 1].line.id) != bucket) {
            err = seal_end(sealing, conn, seal, now_us);
        }
    }
    return err;
}

static enum err any_unsealed(struct db_conn *conn, bool *out)
{
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_pg_unsealed_batch_any, DB_NO_ARGS, &rows);
    if (err) {
        return err;
    }
    *out = db_rows_next(&rows);
    return db_rows_close(&rows);
}

/* Two processes that seal at once take different transfers; the second finds its seal's number used,
 * its transaction is undone and runs again. */
enum err postgres_seal_due(struct db_conn *conn, int64_t now_us)
{
    CHECK(now_us > 0);
    bool any = false;
    enum err err = any_unsealed(conn, &any);
    if (err || !any) {
        return err;
    }
    struct sealing *sealing = calloc(1, sizeof *sealing);
    struct due_row *rows = calloc(SEAL_TAKE_MAX, sizeof *rows);
    uint8_t(*members)[8] = calloc(SEAL_TAKE_MAX, sizeof *members);
    err = sealing == NULL || rows == NULL || members == NULL ? ERR_NO_MEMORY : ERR_OK;
    if (!err) {
        sealing->members = members;
        err = load_newest_seals(conn, sealing->seals);
    }
    do {
        err = err ? err : take_due(sealing, conn, rows);
        err = err ? err : seal_taken(sealing, conn, rows, now_us);
    } while (!err && sealing->taken == SEAL_TAKE_MAX);
    free(members);
    free(rows);
    free(sealing);
    return err;
}
