/*
 * Ids chosen by clients. Recent ones are in memory (two generations); an older one
 * costs one look-up. On PostgreSQL only the table is used.
 */
#include "ledger/store.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

/* Ids of one generation, a power of 2, at least those of one group. A test makes it smaller. */
size_t client_id_generation = (size_t)1 << 18;

DB_STMT(ledger_embedded_client_id_find,
        "SELECT transfer_id FROM ledger_client_ids WHERE client_id = $1 /* bucket: in the id */");
DB_STMT(
    ledger_embedded_client_id_newest,
    "SELECT client_id FROM ledger_client_ids ORDER BY client_id DESC LIMIT 1 /* bucket: all */");
DB_STMT(ledger_embedded_answer_put, "INSERT INTO ledger_client_answers (client_id, body_hash, "
                                    "slug) VALUES ($1, $2, $3) /* bucket */");
DB_STMT(ledger_embedded_answer_find, "SELECT body_hash, slug FROM ledger_client_answers WHERE "
                                     "client_id = $1 /* bucket: in the id */");
DB_STMT(ledger_client_id_find,
        "SELECT transfer_id FROM ledger_client_ids WHERE bucket = $1 AND client_id = $2");
DB_STMT(ledger_client_id_put,
        "INSERT INTO ledger_client_ids (bucket, client_id, transfer_id) VALUES ($1, $2, $3)");
DB_STMT(ledger_answer_put, "INSERT INTO ledger_client_answers (bucket, client_id, body_hash, slug) "
                           "VALUES ($1, $2, $3, $4)");
DB_STMT(ledger_answer_find,
        "SELECT body_hash, slug FROM ledger_client_answers WHERE bucket = $1 AND client_id = $2");

/* Slots of a generation's table: at most half full. */
static size_t places(void)
{
    return client_id_generation * 2;
}

/* All 128 bits are hashed: a client may choose ids that differ in any of them. */
static size_t home(const struct client_id *id)
{
    CHECK((places() & (places() - 1)) == 0);
    uint64_t high;
    uint64_t low;
    memcpy(&high, id->bytes, sizeof high);
    memcpy(&low, id->bytes + 8, sizeof low);
    uint64_t mixed = (low ^ (high * UINT64_C(0xD6E8FEB86659FD93))) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(mixed >> 20) & (places() - 1);
}

/* Bucket of an id on PostgreSQL: from its own last bytes, so that it is unique in the whole bank,
 * whatever accounts the body names. */
static int bucket_of(const struct client_id *id)
{
    return bucket_of_hash(id->bytes + 14, 2);
}

static struct id_entry *find(const struct id_generation *generation, const struct client_id *id)
{
    CHECK(generation->count <= client_id_generation);
    if (generation->entries == NULL) {
        return NULL;
    }
    for (size_t i = home(id); generation->entries[i].used; i = (i + 1) & (places() - 1)) {
        struct id_entry *entry = &generation->entries[i];
        if (!entry->dead && memcmp(&entry->id, id, sizeof *id) == 0) {
            return entry;
        }
    }
    return NULL;
}

/* Starts a new generation if the current one is full; ids of the oldest are then looked up in the
 * table. */
static enum err turn(struct id_window *window)
{
    struct id_generation *current = &window->current;
    if (current->entries != NULL && current->count < client_id_generation) {
        return ERR_OK;
    }
    struct id_entry *reuse = window->previous.entries;
    if (window->previous.count > 0 && window->previous.newest_us > window->floor_us) {
        window->floor_us = window->previous.newest_us;
    }
    if (current->entries != NULL) {
        window->previous = *current;
    } else {
        reuse = NULL;
    }
    if (reuse == NULL) {
        reuse = calloc(places(), sizeof *reuse);
        if (reuse == NULL) {
            return ERR_NO_MEMORY;
        }
    } else {
        memset(reuse, 0, places() * sizeof *reuse);
    }
    *current = (struct id_generation){.entries = reuse};
    CHECK(current->entries != window->previous.entries);
    return ERR_OK;
}

static void put(struct id_window *window, const struct client_id *id, int64_t transfer_id)
{
    struct id_generation *current = &window->current;
    CHECK(current->entries != NULL && current->count < client_id_generation);
    size_t i = home(id);
    while (current->entries[i].used) {
        i = (i + 1) & (places() - 1);
    }
    current->entries[i] = (struct id_entry){.id = *id, .transfer_id = transfer_id, .used = true};
    current->count++;
    int64_t us = client_id_us(id);
    current->newest_us = us > current->newest_us ? us : current->newest_us;
}

static enum err read_answer(struct db_rows *rows, enum id_answer *out_answer, int64_t *out_transfer)
{
    CHECK(out_answer != NULL && out_transfer != NULL);
    *out_answer = ID_NEW;
    if (db_rows_next(rows)) {
        *out_transfer = db_rows_int(rows, 0);
        *out_answer = *out_transfer ? ID_ACCEPTED : ID_REFUSED;
    }
    return db_rows_close(rows);
}

enum err client_id_look_up(struct ledger_unit *unit, const struct client_id *id,
                           enum id_answer *out_answer, int64_t *out_transfer)
{
    CHECK(!client_id_is_none(id));
    struct db_rows rows;
    struct embedded *store = unit->ledger->embedded;
    if (store == NULL) {
        enum err err =
            db_query(unit->conn, &ledger_client_id_find,
                     DB_ARGS(db_int(bucket_of(id)), db_blob(id->bytes, sizeof id->bytes)), &rows);
        return err ? err : read_answer(&rows, out_answer, out_transfer);
    }
    const struct id_entry *entry = find(&store->window.current, id);
    entry = entry ? entry : find(&store->window.previous, id);
    if (entry != NULL) {
        *out_transfer = entry->transfer_id;
        *out_answer = entry->transfer_id ? ID_ACCEPTED : ID_REFUSED;
        return ERR_OK;
    }
    if (client_id_us(id) > store->window.floor_us) {
        *out_answer = ID_NEW;
        return ERR_OK;
    }
    enum err err = db_query(unit->conn, &ledger_embedded_client_id_find,
                            DB_ARGS(db_blob(id->bytes, sizeof id->bytes)), &rows);
    return err ? err : read_answer(&rows, out_answer, out_transfer);
}

static enum err embedded_remember(struct embedded *store, const struct client_id *id,
                                  int64_t transfer_id)
{
    CHECK(transfer_id >= 0);
    enum err err = turn(&store->window);
    if (err) {
        return err;
    }
    if (store->client_row_count == store->client_row_capacity) {
        size_t capacity = store->client_row_capacity ? store->client_row_capacity * 2 : 1024;
        struct client_row *rows = realloc(store->client_rows, capacity * sizeof *rows);
        if (rows == NULL) {
            return ERR_NO_MEMORY;
        }
        store->client_rows = rows;
        store->client_row_capacity = capacity;
    }
    store->client_rows[store->client_row_count++] =
        (struct client_row){.id = *id, .transfer_id = transfer_id};
    put(&store->window, id, transfer_id);
    return ERR_OK;
}

enum err client_id_remember(struct ledger_unit *unit, const struct client_id *id,
                            int64_t transfer_id)
{
    CHECK(!client_id_is_none(id));
    CHECK(transfer_id >= 0);
    if (unit->ledger->embedded != NULL) {
        return embedded_remember(unit->ledger->embedded, id, transfer_id);
    }
    return db_defer(
        unit->conn, &ledger_client_id_put,
        DB_ARGS(db_int(bucket_of(id)), db_blob(id->bytes, sizeof id->bytes), db_int(transfer_id)),
        1);
}

enum err client_id_answer(struct ledger_unit *unit, const struct client_id *id, int64_t transfer_id,
                          int64_t body_hash, enum err answer)
{
    CHECK((answer == ERR_OK) == (transfer_id > 0));
    CHECK(body_hash >= 0);
    enum err err = client_id_remember(unit, id, transfer_id);
    struct db_value bytes = db_blob(id->bytes, sizeof id->bytes);
    struct db_value slug = db_text(answer ? err_slug(answer) : "");
    if (err) {
        return err;
    }
    if (unit->ledger->embedded != NULL) {
        return db_defer(unit->conn, &ledger_embedded_answer_put,
                        DB_ARGS(bytes, db_int(body_hash), slug), 1);
    }
    return db_defer(unit->conn, &ledger_answer_put,
                    DB_ARGS(db_int(bucket_of(id)), bytes, db_int(body_hash), slug), 1);
}

/* A stored slug unknown to this program was a refusal of a newer one. */
static enum err answer_of(const char *slug)
{
    enum err stored = slug[0] == '\0' ? ERR_OK : err_from_slug(slug);
    return stored == ERR_COUNT ? ERR_INTERNAL : stored;
}

enum err client_id_answer_load(struct ledger_unit *unit, const struct client_id *id,
                               int64_t body_hash, enum err *out_answer)
{
    CHECK(!client_id_is_none(id));
    struct db_rows rows;
    struct db_value bytes = db_blob(id->bytes, sizeof id->bytes);
    enum err err = unit->ledger->embedded != NULL
                       ? db_query(unit->conn, &ledger_embedded_answer_find, DB_ARGS(bytes), &rows)
                       : db_query(unit->conn, &ledger_answer_find,
                                  DB_ARGS(db_int(bucket_of(id)), bytes), &rows);
    if (err) {
        return err;
    }
    *out_answer = ERR_ID_REUSED;
    if (db_rows_next(&rows) && db_rows_int(&rows, 0) == body_hash) {
        *out_answer = answer_of(db_rows_text(&rows, 1));
    }
    return db_rows_close(&rows);
}

/* After a start every stored id is older than the window. */
enum err client_id_start(struct id_window *window, struct db_conn *conn)
{
    CHECK(window->current.count == 0 && window->previous.count == 0);
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_embedded_client_id_newest, DB_NO_ARGS, &rows);
    if (err) {
        return err;
    }
    window->floor_us = -1;
    if (db_rows_next(&rows)) {
        struct client_id id;
        size_t size;
        const void *bytes = db_rows_blob(&rows, 0, &size);
        CHECK(size == sizeof id.bytes);
        memcpy(id.bytes, bytes, size);
        window->floor_us = client_id_us(&id);
    }
    return db_rows_close(&rows);
}

void client_id_undo(struct embedded *store, size_t mark)
{
    CHECK(mark <= store->client_row_count);
    while (store->client_row_count > mark) {
        const struct client_id *id = &store->client_rows[--store->client_row_count].id;
        struct id_entry *entry = find(&store->window.current, id);
        entry = entry ? entry : find(&store->window.previous, id);
        if (entry != NULL) {
            entry->dead = true;
        }
    }
}

void client_id_free(struct id_window *window)
{
    free(window->current.entries);
    free(window->previous.entries);
}
