/* Writes of a group of the embedded store before COMMIT: rows, client ids, checkpoints, seal. */
#include "ledger/store.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW_COLUMNS      17
#define ROW_NUMBERS      16
#define ROWS_A_STATEMENT 32
#define ID_COLUMNS       2
#define IDS_A_STATEMENT  64
#define CHUNK_WORDS      7
int64_t embedded_checkpoint_cycle = 1500000;

DB_STMT(ledger_batch_transfer_insert_one,
        "INSERT INTO ledger_transfers (id, debit_id, credit_id, amount_minor, recipe,"
        " recipe_version, kind, leg, booking_date, value_days, ref_id, of_id, debit_prev_id,"
        " credit_prev_id, debit_net_minor, credit_net_minor, order_hash)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)");
DB_STMT(ledger_batch_client_id_insert_one,
        "INSERT INTO ledger_client_ids (client_id, transfer_id) VALUES ($1, $2)");
DB_STMT(ledger_batch_chunk_put,
        "INSERT INTO ledger_balance_chunks (chunk, as_of_id, checksum, states)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT (chunk) DO UPDATE SET as_of_id = excluded.as_of_id,"
        " checksum = excluded.checksum, states = excluded.states");
DB_STMT(ledger_seal_insert,
        "INSERT INTO ledger_seals (bucket, seq, sealed_at, first_id, last_id, transfer_count, hash,"
        " members) VALUES (0, $1, $2, $3, $4, $5, $6, $7)");

/* The many-row form of a one-row insert: the one-row text with its VALUES repeated. */
static struct db_stmt *many_rows(struct db_stmt *many, const struct db_stmt *one, size_t columns,
                                 size_t rows, char *text, size_t size)
{
    CHECK(columns > 0 && rows > 0);
    if (many->sql == NULL) {
        const char *values = strstr(one->sql, " VALUES ");
        CHECK(values != NULL);
        size_t used =
            (size_t)snprintf(text, size, "%.*s VALUES ", (int)(values - one->sql), one->sql);
        for (size_t i = 0; i < columns * rows; i++) {
            const char *before = i % columns ? "," : i ? ",(" : "(";
            const char *after = i % columns == columns - 1 ? ")" : "";
            used += (size_t)snprintf(text + used, size - used, "%s$%zu%s", before, i + 1, after);
            CHECK(used < size);
        }
        many->sql = text;
    }
    return many;
}

static void row_values(const struct transfer_row *row, struct db_value *out)
{
    CHECK(row->id > 0 && row->amount_minor > 0);
    const int64_t values[ROW_NUMBERS] = {row->id,
                                         row->debit_id,
                                         row->credit_id,
                                         row->amount_minor,
                                         row->recipe,
                                         row->recipe_version,
                                         row->kind,
                                         row->leg,
                                         row->booking_days,
                                         row->value_days,
                                         row->ref_id,
                                         row->of_id,
                                         row->result.debit_prev_id,
                                         row->result.credit_prev_id,
                                         row->result.debit_net_minor,
                                         row->result.credit_net_minor};
    for (size_t i = 0; i < ROW_NUMBERS; i++) {
        out[i] = db_int(values[i]);
    }
    out[ROW_NUMBERS] = ledger_order_value(&row->order);
}

static enum err write_rows(struct embedded *store, struct db_conn *conn)
{
    CHECK(store->row_count > 0 && store->row_count <= store->row_capacity);
    static char text[16384];
    static struct db_stmt many = {.name = "ledger_batch_transfer_insert"};
    struct db_value values[ROW_COLUMNS * ROWS_A_STATEMENT];
    size_t done = 0;
    while (done < store->row_count) {
        size_t left = store->row_count - done;
        size_t rows = left >= ROWS_A_STATEMENT ? ROWS_A_STATEMENT : 1;
        struct db_stmt *stmt = rows == 1
                                   ? &ledger_batch_transfer_insert_one
                                   : many_rows(&many, &ledger_batch_transfer_insert_one,
                                               ROW_COLUMNS, ROWS_A_STATEMENT, text, sizeof text);
        for (size_t i = 0; i < rows; i++) {
            row_values(&store->rows[done + i], values + i * ROW_COLUMNS);
        }
        enum err err = db_exec(conn, stmt, values, rows * ROW_COLUMNS, NULL);
        if (err) {
            return err;
        }
        done += rows;
    }
    CHECK(done == store->row_count);
    return ERR_OK;
}

static int by_client_id(const void *a, const void *b)
{
    return memcmp(((const struct client_row *)a)->id.bytes,
                  ((const struct client_row *)b)->id.bytes, sizeof(struct client_id));
}

/* A group mixes the ids of several clients; sorted, they append to their table. */
static enum err write_client_ids(struct embedded *store, struct db_conn *conn)
{
    CHECK(store->client_row_count <= store->client_row_capacity);
    static char text[4096];
    static struct db_stmt many = {.name = "ledger_batch_client_id_insert"};
    struct db_value values[ID_COLUMNS * IDS_A_STATEMENT];
    if (store->client_row_count > 1) { /* without any, the array may be NULL */
        qsort(store->client_rows, store->client_row_count, sizeof *store->client_rows,
              by_client_id);
    }
    size_t done = 0;
    while (done < store->client_row_count) {
        size_t left = store->client_row_count - done;
        size_t rows = left >= IDS_A_STATEMENT ? IDS_A_STATEMENT : 1;
        struct db_stmt *stmt = rows == 1
                                   ? &ledger_batch_client_id_insert_one
                                   : many_rows(&many, &ledger_batch_client_id_insert_one,
                                               ID_COLUMNS, IDS_A_STATEMENT, text, sizeof text);
        for (size_t i = 0; i < rows; i++) {
            const struct client_row *row = &store->client_rows[done + i];
            values[i * 2] = db_blob(row->id.bytes, sizeof row->id.bytes);
            values[i * 2 + 1] = db_int(row->transfer_id);
        }
        enum err err = db_exec(conn, stmt, values, rows * ID_COLUMNS, NULL);
        if (err) {
            return err;
        }
        done += rows;
    }
    return ERR_OK;
}

struct hash chunk_checksum(int64_t chunk, int64_t as_of_id, const void *states, size_t size)
{
    CHECK(chunk >= 0 && as_of_id >= 0);
    struct hash_stream stream;
    hash_stream_init(&stream);
    hash_stream_add(&stream, &chunk, sizeof chunk);
    hash_stream_add(&stream, &as_of_id, sizeof as_of_id);
    hash_stream_add(&stream, states, size);
    return hash_stream_final(&stream);
}

enum err embedded_write_chunk(struct embedded *store, struct db_conn *conn, int64_t chunk)
{
    CHECK(chunk >= 0 && chunk * CHUNK_ACCOUNTS < store->account_count);
    int64_t words[CHUNK_ACCOUNTS * CHUNK_WORDS];
    int64_t first = chunk * CHUNK_ACCOUNTS;
    int64_t count = store->account_count - first;
    count = count > CHUNK_ACCOUNTS ? CHUNK_ACCOUNTS : count;
    for (int64_t i = 0; i < count; i++) {
        const struct ledger_account *a = &store->chunks[chunk][i];
        const int64_t state[CHUNK_WORDS] = {a->id,
                                            a->debits_posted,
                                            a->credits_posted,
                                            a->debits_pending,
                                            a->credits_pending,
                                            a->newest_id,
                                            a->posting_count};
        memcpy(words + i * CHUNK_WORDS, state, sizeof state);
    }
    /* Within a group the states include its rows so far, which are not flushed yet. */
    int64_t as_of_id =
        store->row_count ? store->rows[store->row_count - 1].id : store->tail.newest_id;
    size_t size = (size_t)count * CHUNK_WORDS * sizeof(int64_t);
    struct hash checksum = chunk_checksum(chunk, as_of_id, words, size);
    return db_exec(conn, &ledger_batch_chunk_put,
                   DB_ARGS(db_int(chunk), db_int(as_of_id), db_blob(checksum.bytes, HASH_SIZE),
                           db_blob(words, size)),
                   NULL);
}

/* Chunks created in this group are written at once (a missing chunk would make the next start replay
 * everything); the others in turn, in proportion to the group's rows. */
static enum err write_chunks(struct embedded *store, struct db_conn *conn)
{
    CHECK(store->tail.checkpoint_credit >= 0);
    CHECK(store->group_first_new_account < store->account_count);
    int64_t chunk_count = (store->account_count + CHUNK_ACCOUNTS - 1) / CHUNK_ACCOUNTS;
    enum err err = ERR_OK;
    if (store->group_first_new_account >= 0) {
        int64_t fresh = (store->group_first_new_account + CHUNK_ACCOUNTS - 1) / CHUNK_ACCOUNTS;
        for (; !err && fresh < chunk_count; fresh++) {
            err = embedded_write_chunk(store, conn, fresh);
        }
    }
    store->tail.checkpoint_credit += (int64_t)store->row_count * chunk_count;
    for (; !err && store->tail.checkpoint_credit >= embedded_checkpoint_cycle;
         store->tail.checkpoint_credit -= embedded_checkpoint_cycle) {
        store->tail.checkpoint_next %= chunk_count;
        err = embedded_write_chunk(store, conn, store->tail.checkpoint_next++);
    }
    return err;
}

static struct hash seal_next(const struct hash *before, const struct transfer_row *rows,
                             size_t count)
{
    CHECK(rows != NULL && count > 0);
    struct hash_stream stream;
    hash_stream_init(&stream);
    hash_stream_add(&stream, before->bytes, HASH_SIZE);
    for (size_t i = 0; i < count; i++) {
        const struct transfer_row *row = &rows[i];
        struct ledger_line line = {.id = row->id,
                                   .kind = (enum ledger_kind)row->kind,
                                   .debit = {row->debit_id},
                                   .credit = {row->credit_id},
                                   .amount_minor = row->amount_minor,
                                   .recipe = row->recipe,
                                   .recipe_version = row->recipe_version,
                                   .booking_date = {row->booking_days},
                                   .value_date = {row->booking_days + row->value_days},
                                   .ref_id = row->ref_id,
                                   .of_id = row->of_id,
                                   .order = row->order};
        uint8_t bytes[LEDGER_CANONICAL_SIZE];
        ledger_canonical(&line, row->leg, bytes);
        hash_stream_add(&stream, bytes, sizeof bytes);
    }
    return hash_stream_final(&stream);
}

static enum err write_seal(struct embedded *store, struct db_conn *conn, int64_t now_us)
{
    CHECK(store->row_count > 0);
    struct hash hash = seal_next(&store->tail.seal, store->rows, store->row_count);
    enum err err = db_exec(
        conn, &ledger_seal_insert,
        DB_ARGS(db_int(store->tail.seal_seq + 1), db_int(now_us), db_int(store->rows[0].id),
                db_int(store->rows[store->row_count - 1].id), db_int((int64_t)store->row_count),
                db_blob(hash.bytes, HASH_SIZE), db_blob("", 0)),
        NULL);
    CHECK(store->rows[store->row_count - 1].id > store->committed.newest_id);
    if (!err) {
        store->tail.seal = hash;
        store->tail.seal_seq++;
    }
    return err;
}

enum err embedded_flush(struct embedded *store, struct db_conn *conn, int64_t now_us)
{
    CHECK(now_us > 0);
    CHECK(store->row_count == 0 || store->rows[0].id > store->committed.newest_id);
    enum err err = ERR_OK;
    if (store->row_count > 0) {
        err = write_rows(store, conn);
        if (!err) {
            err = write_client_ids(store, conn);
        }
        if (!err) {
            err = write_seal(store, conn, now_us);
        }
        store->tail.newest_id = store->rows[store->row_count - 1].id;
    } else if (store->client_row_count > 0) {
        err = write_client_ids(store, conn);
    }
    if (!err) {
        err = write_chunks(store, conn);
    }
    return err;
}
