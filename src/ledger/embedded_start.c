/* Start of the embedded store: accounts, balance checkpoints, then replay of later transfers. */
#include "ledger/store.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_WORDS 7

DB_STMT(ledger_batch_accounts,
        "SELECT id, slot, gl_code, ccy_number, floor, closed FROM ledger_accounts");
DB_STMT(ledger_batch_account_count, "SELECT count(*) FROM ledger_accounts");
DB_STMT(ledger_batch_chunks,
        "SELECT chunk, as_of_id, checksum, states FROM ledger_balance_chunks ORDER BY chunk");
DB_STMT(ledger_batch_replay,
        "SELECT id, debit_id, credit_id, amount_minor, kind, debit_prev_id, credit_prev_id,"
        " debit_net_minor, credit_net_minor FROM ledger_transfers WHERE id > $1 ORDER BY id");
DB_STMT(ledger_batch_newest_transfer, "SELECT id FROM ledger_transfers ORDER BY id DESC LIMIT 1");
DB_STMT(ledger_batch_newest_seal,
        "SELECT seq, last_id, hash, first_id, transfer_count FROM ledger_seals WHERE bucket = 0"
        " ORDER BY seq DESC LIMIT 2");
DB_STMT(ledger_batch_sealed_rows,
        "SELECT id, kind, debit_id, credit_id, amount_minor, recipe, recipe_version, leg,"
        " booking_date, value_days, ref_id, of_id, order_hash FROM ledger_transfers WHERE id >= $1"
        " ORDER BY id");

static struct ledger_account *slot_state(struct embedded *store, int64_t slot)
{
    CHECK(slot >= 0 && slot < store->account_count);
    return &store->chunks[slot / CHUNK_ACCOUNTS][slot % CHUNK_ACCOUNTS];
}

/* Rows come in key order; slots give the index of each account. */
static enum err load_accounts(struct embedded *store, struct db_conn *conn)
{
    CHECK(store->account_count == 0);
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_batch_account_count, DB_NO_ARGS, &rows);
    if (err) {
        return err;
    }
    int64_t count = db_rows_next(&rows) ? db_rows_int(&rows, 0) : 0;
    err = db_rows_close(&rows);
    struct ledger_account *all = calloc((size_t)count + 1, sizeof *all);
    if (all == NULL || err) {
        free(all);
        return err ? err : ERR_NO_MEMORY;
    }
    err = db_query(conn, &ledger_batch_accounts, DB_NO_ARGS, &rows);
    int64_t seen = 0;
    while (!err && db_rows_next(&rows)) {
        int64_t slot = db_rows_int(&rows, 1);
        if (slot < 0 || slot >= count || all[slot].id != 0 ||
            !ccy_number_is_known(db_rows_int(&rows, 3))) {
            err = ERR_LEDGER_CORRUPT;
            break;
        }
        all[slot] = (struct ledger_account){.id = db_rows_int(&rows, 0),
                                            .gl_code = (uint16_t)db_rows_int(&rows, 2),
                                            .ccy_number = (uint16_t)db_rows_int(&rows, 3),
                                            .floor = (uint8_t)db_rows_int(&rows, 4),
                                            .closed = (uint8_t)db_rows_int(&rows, 5)};
        seen++;
    }
    enum err closing = db_rows_close(&rows);
    err = err ? err : closing;
    for (int64_t slot = 0; !err && slot < count; slot++) {
        int64_t given;
        err = seen == count ? embedded_add(store, &all[slot], &given) : ERR_LEDGER_CORRUPT;
    }
    free(all);
    return err;
}

static enum err load_chunk(struct embedded *store, const struct db_rows *rows, int64_t *as_of)
{
    CHECK(as_of != NULL);
    int64_t chunk = db_rows_int(rows, 0);
    size_t checksum_size;
    size_t size;
    const void *checksum = db_rows_blob(rows, 2, &checksum_size);
    const uint8_t *states = db_rows_blob(rows, 3, &size);
    int64_t chunk_count = (store->account_count + CHUNK_ACCOUNTS - 1) / CHUNK_ACCOUNTS;
    if (chunk < 0 || chunk >= chunk_count || checksum_size != HASH_SIZE ||
        size % (CHUNK_WORDS * sizeof(int64_t)) != 0 ||
        size > CHUNK_ACCOUNTS * CHUNK_WORDS * sizeof(int64_t)) {
        return ERR_LEDGER_CORRUPT;
    }
    struct hash hash = chunk_checksum(chunk, db_rows_int(rows, 1), states, size);
    if (memcmp(hash.bytes, checksum, HASH_SIZE) != 0) {
        return ERR_LEDGER_CORRUPT;
    }
    as_of[chunk] = db_rows_int(rows, 1);
    for (size_t i = 0; i < size / (CHUNK_WORDS * sizeof(int64_t)); i++) {
        int64_t words[CHUNK_WORDS];
        memcpy(words, states + i * sizeof words, sizeof words);
        struct ledger_account *a = slot_state(store, chunk * CHUNK_ACCOUNTS + (int64_t)i);
        if (a->id != words[0]) {
            return ERR_LEDGER_CORRUPT;
        }
        a->debits_posted = words[1];
        a->credits_posted = words[2];
        a->debits_pending = words[3];
        a->credits_pending = words[4];
        a->newest_id = words[5];
        a->posting_count = words[6];
    }
    return ERR_OK;
}

static enum err load_chunks(struct embedded *store, struct db_conn *conn, int64_t *as_of)
{
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_batch_chunks, DB_NO_ARGS, &rows);
    while (!err && db_rows_next(&rows)) {
        err = load_chunk(store, &rows, as_of);
    }
    enum err closing = db_rows_close(&rows);
    return err ? err : closing;
}

/* One side of a replayed transfer; false if the row does not follow from the state. */
static bool replay_side(struct ledger_account *account, enum ledger_kind kind, bool is_debit,
                        int64_t amount, int64_t id, int64_t prev_id, int64_t net)
{
    CHECK(account->id > 0);
    if (account->newest_id != prev_id || amount <= 0) {
        return false;
    }
    int64_t *posted = is_debit ? &account->debits_posted : &account->credits_posted;
    int64_t *pending = is_debit ? &account->debits_pending : &account->credits_pending;
    bool posts = kind == LEDGER_POST || kind == LEDGER_CAPTURE;
    if ((posts && __builtin_add_overflow(*posted, amount, posted)) ||
        (kind == LEDGER_HOLD && __builtin_add_overflow(*pending, amount, pending))) {
        return false;
    }
    if (kind != LEDGER_HOLD && kind != LEDGER_POST) {
        *pending -= amount;
    }
    account->newest_id = id;
    account->posting_count++;
    return account->credits_posted - account->debits_posted == net && *pending >= 0;
}

static bool replay_row(struct embedded *store, const int64_t *as_of, const struct db_rows *rows)
{
    int64_t id = db_rows_int(rows, 0);
    enum ledger_kind kind = (enum ledger_kind)db_rows_int(rows, 4);
    for (int side = 0; side < 2; side++) {
        int64_t slot = embedded_slot(store, db_rows_int(rows, 1 + side));
        if (slot < 0) {
            return false;
        }
        if (id > as_of[slot / CHUNK_ACCOUNTS] &&
            !replay_side(slot_state(store, slot), kind, side == 0, db_rows_int(rows, 3), id,
                         db_rows_int(rows, 5 + side), db_rows_int(rows, 7 + side))) {
            return false;
        }
    }
    return true;
}

static enum err replay(struct embedded *store, struct db_conn *conn, const int64_t *as_of)
{
    CHECK(store->undo_count == 0 && store->row_count == 0);
    int64_t chunk_count = (store->account_count + CHUNK_ACCOUNTS - 1) / CHUNK_ACCOUNTS;
    int64_t from = INT64_MAX;
    for (int64_t i = 0; i < chunk_count; i++) {
        if (as_of[i] > store->tail.newest_id) {
            return ERR_LEDGER_CORRUPT; /* newer than the newest row: rows are missing */
        }
        if (as_of[i] < from) {
            from = as_of[i];
            store->tail.checkpoint_next = i; /* the oldest is rewritten first */
        }
    }
    struct db_rows rows;
    enum err err =
        db_query(conn, &ledger_batch_replay, DB_ARGS(db_int(chunk_count ? from : 0)), &rows);
    while (!err && db_rows_next(&rows)) {
        err = replay_row(store, as_of, &rows) ? ERR_OK : ERR_LEDGER_CORRUPT;
    }
    enum err closing = db_rows_close(&rows);
    return err ? err : closing;
}

/* The newest row must be the last one of a seal. */
static enum err load_tail(struct embedded *store, struct db_conn *conn)
{
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_batch_newest_transfer, DB_NO_ARGS, &rows);
    if (err) {
        return err;
    }
    store->tail.newest_id = db_rows_next(&rows) ? db_rows_int(&rows, 0) : 0;
    err = db_rows_close(&rows);
    if (err) {
        return err;
    }
    err = db_query(conn, &ledger_batch_newest_seal, DB_NO_ARGS, &rows);
    if (err) {
        return err;
    }
    int64_t sealed = 0;
    if (db_rows_next(&rows)) {
        size_t size;
        const void *hash = db_rows_blob(&rows, 2, &size);
        store->tail.seal_seq = db_rows_int(&rows, 0);
        sealed = db_rows_int(&rows, 1);
        if (size == HASH_SIZE) {
            memcpy(store->tail.seal.bytes, hash, HASH_SIZE);
        } else {
            sealed = -1; /* no such transfer */
        }
    }
    err = db_rows_close(&rows);
    return err ? err : sealed == store->tail.newest_id ? ERR_OK : ERR_LEDGER_CORRUPT;
}

/* The newest two seals: the newer one's hash must follow from the older and from its rows. */
static enum err check_newest_seal(const struct embedded *store, struct db_conn *conn)
{
    CHECK(store->tail.seal_seq >= 0);
    struct hash before = {{0}};
    struct db_rows rows;
    int64_t first_id = 0;
    int64_t count = 0;
    if (store->tail.seal_seq == 0) {
        return ERR_OK;
    }
    enum err err = db_query(conn, &ledger_batch_newest_seal, DB_NO_ARGS, &rows);
    if (err) {
        return err;
    }
    if (db_rows_next(&rows)) {
        first_id = db_rows_int(&rows, 3);
        count = db_rows_int(&rows, 4);
    }
    bool older = db_rows_next(&rows);
    if (older) {
        size_t size;
        const void *hash = db_rows_blob(&rows, 2, &size);
        memcpy(before.bytes, hash, size < HASH_SIZE ? size : HASH_SIZE);
    }
    err = db_rows_close(&rows);
    if (err || older != (store->tail.seal_seq > 1)) {
        return err ? err : ERR_LEDGER_CORRUPT;
    }
    err = db_query(conn, &ledger_batch_sealed_rows, DB_ARGS(db_int(first_id)), &rows);
    if (err) {
        return err;
    }
    struct hash_stream stream;
    hash_stream_init(&stream);
    hash_stream_add(&stream, before.bytes, HASH_SIZE);
    for (; db_rows_next(&rows); count--) {
        uint8_t bytes[LEDGER_CANONICAL_SIZE];
        struct ledger_line line = ledger_line_read(&rows);
        ledger_canonical(&line, (int)db_rows_int(&rows, 7), bytes);
        hash_stream_add(&stream, bytes, sizeof bytes);
    }
    struct hash hash = hash_stream_final(&stream);
    err = db_rows_close(&rows);
    bool fits = count == 0 && memcmp(hash.bytes, store->tail.seal.bytes, HASH_SIZE) == 0;
    return err ? err : fits ? ERR_OK : ERR_LEDGER_CORRUPT;
}

enum err embedded_start(struct db_conn *conn, struct embedded **out)
{
    CHECK(out != NULL);
    struct embedded *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return ERR_NO_MEMORY;
    }
    mutex_init(&store->mutex);
    store->group_first_new_account = -1;
    enum err err = embedded_index_init(store);
    if (!err) {
        err = load_accounts(store, conn);
    }
    size_t chunks = (size_t)(store->account_count / CHUNK_ACCOUNTS) + 1;
    int64_t *as_of = calloc(chunks, sizeof *as_of);
    if (!err && as_of == NULL) {
        err = ERR_NO_MEMORY;
    }
    if (!err) {
        err = load_chunks(store, conn, as_of);
    }
    if (!err) {
        err = load_tail(store, conn);
    }
    if (!err) {
        err = check_newest_seal(store, conn);
    }
    if (!err) {
        err = replay(store, conn, as_of);
    }
    if (!err) {
        err = client_id_start(&store->window, conn);
    }
    free(as_of);
    if (err) {
        embedded_free(store);
        return err;
    }
    CHECK(store->row_count == 0 && store->undo_count == 0);
    store->published_accounts = store->account_count;
    store->committed = store->tail;
    *out = store;
    return ERR_OK;
}
