/* The embedded store's memory: account states by slot, an index by id, an undo log by group. */
#include "ledger/store.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#define INDEX_SIZE_MIN 1024

DB_STMT(
    ledger_account_insert,
    "INSERT INTO ledger_accounts (bucket, id, slot, gl_code, ccy_number, floor, closed, opened_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, 0, $7)");

static size_t index_home(const struct embedded *store, int64_t id)
{
    uint64_t mixed = (uint64_t)id * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(mixed >> 20) & (store->index_size - 1);
}

static struct ledger_account *at_slot(const struct embedded *store, uint32_t slot)
{
    return &store->chunks[slot / CHUNK_ACCOUNTS][slot % CHUNK_ACCOUNTS];
}

void embedded_prefetch_index(const struct embedded *store, int64_t id)
{
    __builtin_prefetch(&store->index[index_home(store, id)]);
}

/* The account at the home slot, most often the right one. */
void embedded_prefetch_state(const struct embedded *store, int64_t id)
{
    uint32_t entry = store->index[index_home(store, id)];
    if (entry != 0) {
        __builtin_prefetch(at_slot(store, entry - 1));
    }
}

static bool find_slot(const struct embedded *store, int64_t id, uint32_t *out)
{
    for (size_t i = index_home(store, id);; i = (i + 1) & (store->index_size - 1)) {
        uint32_t entry = store->index[i];
        if (entry == 0) {
            return false;
        }
        if (at_slot(store, entry - 1)->id == id) {
            *out = entry - 1;
            return true;
        }
    }
}

int64_t embedded_slot(const struct embedded *store, int64_t id)
{
    uint32_t slot;
    return find_slot(store, id, &slot) ? (int64_t)slot : -1;
}

struct ledger_account *embedded_find(struct embedded *store, int64_t id)
{
    uint32_t slot;
    return find_slot(store, id, &slot) ? at_slot(store, slot) : NULL;
}

static void index_put(struct embedded *store, int64_t id, uint32_t slot)
{
    CHECK(slot < (uint32_t)store->account_count);
    size_t i = index_home(store, id);
    while (store->index[i] != 0) {
        i = (i + 1) & (store->index_size - 1);
    }
    store->index[i] = slot + 1;
}

/* Removes an id and closes the gap, so that no probe ends too early. */
static void index_remove(struct embedded *store, int64_t id)
{
    size_t mask = store->index_size - 1;
    size_t hole = index_home(store, id);
    CHECK(embedded_find(store, id) != NULL);
    while (at_slot(store, store->index[hole] - 1)->id != id) {
        hole = (hole + 1) & mask;
    }
    for (size_t i = (hole + 1) & mask; store->index[i] != 0; i = (i + 1) & mask) {
        size_t home = index_home(store, at_slot(store, store->index[i] - 1)->id);
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            store->index[hole] = store->index[i];
            hole = i;
        }
    }
    store->index[hole] = 0;
}

/* Rebuilds the index after growth. */
static enum err index_rebuild(struct embedded *store, size_t size)
{
    CHECK((size & (size - 1)) == 0);
    CHECK(size > (size_t)store->account_count);
    uint32_t *fresh = calloc(size, sizeof *fresh);
    if (fresh == NULL) {
        return ERR_NO_MEMORY;
    }
    free(store->index);
    store->index = fresh;
    store->index_size = size;
    for (int64_t slot = 0; slot < store->account_count; slot++) {
        index_put(store, at_slot(store, (uint32_t)slot)->id, (uint32_t)slot);
    }
    return ERR_OK;
}

enum err embedded_index_init(struct embedded *store)
{
    return index_rebuild(store, INDEX_SIZE_MIN);
}

static enum err chunk_at(struct embedded *store, size_t chunk)
{
    if (chunk >= store->chunk_capacity) {
        size_t capacity = store->chunk_capacity ? store->chunk_capacity * 2 : 64;
        struct ledger_account **chunks = realloc(store->chunks, capacity * sizeof *chunks);
        if (chunks == NULL) {
            return ERR_NO_MEMORY;
        }
        memset(chunks + store->chunk_capacity, 0,
               (capacity - store->chunk_capacity) * sizeof *chunks);
        store->chunks = chunks;
        store->chunk_capacity = capacity;
    }
    if (store->chunks[chunk] == NULL) {
        size_t size = CHUNK_ACCOUNTS * sizeof(struct ledger_account);
        store->chunks[chunk] = aligned_alloc(64, size);
        if (store->chunks[chunk] == NULL) {
            return ERR_NO_MEMORY;
        }
        memset(store->chunks[chunk], 0, size);
    }
    return ERR_OK;
}

enum err embedded_add(struct embedded *store, const struct ledger_account *account,
                      int64_t *out_slot)
{
    CHECK(account->id > 0);
    CHECK(embedded_find(store, account->id) == NULL);
    if (store->account_count >= INT32_MAX) {
        return ERR_OVERFLOW;
    }
    enum err err = chunk_at(store, (size_t)store->account_count / CHUNK_ACCOUNTS);
    if (!err && (size_t)(store->account_count + 1) * 3 > store->index_size * 2) {
        err = index_rebuild(store, store->index_size * 2);
    }
    if (err) {
        return err;
    }
    uint32_t slot = (uint32_t)store->account_count++;
    *at_slot(store, slot) = *account;
    index_put(store, account->id, slot);
    *out_slot = slot;
    return ERR_OK;
}

enum err embedded_account_open(struct ledger_unit *unit, const struct ledger_account *account)
{
    CHECK(account->id > 0);
    struct embedded *store = unit->ledger->embedded;
    if (embedded_find(store, account->id) != NULL) {
        return ERR_EXISTS;
    }
    int64_t slot = 0;
    mutex_lock(&store->mutex);
    enum err err = embedded_add(store, account, &slot);
    mutex_unlock(&store->mutex);
    if (err) {
        return err;
    }
    if (store->group_first_new_account < 0) {
        store->group_first_new_account = slot;
    }
    return db_defer(unit->conn, &ledger_account_insert,
                    DB_ARGS(db_int(id_bucket(account->id)), db_int(account->id), db_int(slot),
                            db_int(account->gl_code), db_int(account->ccy_number),
                            db_int(account->floor), db_int(unit->now_us)),
                    1);
}

static enum err embedded_internal(struct ledger_unit *unit, int64_t id)
{
    CHECK(id > 0);
    struct ledger_account state;
    enum err err = ledger_internal_state(id, &state);
    return err ? err : embedded_account_open(unit, &state);
}

/* Room for `rows` more transfers of the group: two undo entries each, and their rows. */
enum err embedded_reserve(struct embedded *store, size_t rows)
{
    if (store->undo_count + 2 * rows > store->undo_capacity) {
        size_t capacity = (store->undo_count + 2 * rows) * 2;
        mutex_lock(&store->mutex); /* readers read the log */
        struct undo_entry *undo = realloc(store->undo, capacity * sizeof *undo);
        if (undo != NULL) {
            store->undo = undo;
            store->undo_capacity = capacity;
        }
        mutex_unlock(&store->mutex);
        if (undo == NULL) {
            return ERR_NO_MEMORY;
        }
    }
    if (store->row_count + rows > store->row_capacity) {
        size_t capacity = (store->row_count + rows) * 2;
        struct transfer_row *buffer = realloc(store->rows, capacity * sizeof *buffer);
        if (buffer == NULL) {
            return ERR_NO_MEMORY;
        }
        store->rows = buffer;
        store->row_capacity = capacity;
    }
    CHECK(store->undo_count + 2 * rows <= store->undo_capacity);
    CHECK(store->row_count + rows <= store->row_capacity);
    return ERR_OK;
}

static void remember(struct embedded *store, uint32_t slot)
{
    CHECK(store->undo_count < store->undo_capacity);
    struct undo_entry *entry = &store->undo[store->undo_count++];
    entry->slot = slot;
    entry->before = *at_slot(store, slot);
}

/* Stores a new state, marked as not yet committed. */
static void put_state(struct embedded *store, uint32_t slot, const struct ledger_account *state)
{
    remember(store, slot);
    struct ledger_account *live = at_slot(store, slot);
    CHECK(live->id == state->id && state->newest_id >= live->newest_id);
    *live = *state;
    live->uncommitted = 1;
}

/* Committed state of an account: the oldest image in the undo log if this group changed it. */
enum err embedded_load(struct embedded *store, int64_t id, struct ledger_account *out)
{
    mutex_lock(&store->mutex);
    uint32_t slot;
    bool found = find_slot(store, id, &slot) && slot < store->published_accounts;
    if (found) {
        *out = *at_slot(store, slot);
        for (size_t i = 0; out->uncommitted && i < store->undo_count; i++) {
            if (store->undo[i].slot == slot) {
                *out = store->undo[i].before;
            }
        }
    }
    mutex_unlock(&store->mutex);
    return found ? ERR_OK : ERR_LEDGER_ACCOUNT;
}

/* The group is durable: publishes it to readers. */
void embedded_publish(struct embedded *store)
{
    CHECK(store->tail.newest_id >= store->committed.newest_id);
    mutex_lock(&store->mutex);
    for (size_t i = 0; i < store->undo_count; i++) {
        at_slot(store, store->undo[i].slot)->uncommitted = 0;
    }
    store->undo_count = 0;
    CHECK(store->published_accounts <= store->account_count); /* accounts are never taken away */
    store->published_accounts = store->account_count;
    mutex_unlock(&store->mutex);
    store->row_count = 0;
    store->client_row_count = 0;
    store->group_first_new_account = -1;
    store->committed = store->tail;
}

/* The group's COMMIT failed: memory returns to the last durable state. */
void embedded_forget(struct embedded *store)
{
    embedded_undo_to(store, 0, 0, 0, store->published_accounts);
    CHECK(store->undo_count == 0 && store->client_row_count == 0);
    store->group_first_new_account = -1;
    store->tail = store->committed;
}

static void add_row(struct embedded *store, const struct posting_work *work,
                    const struct ledger_transfer *transfer, int64_t id, size_t leg,
                    const struct ledger_leg_result *result)
{
    CHECK(store->row_count < store->row_capacity);
    CHECK(store->row_count == 0 || store->rows[store->row_count - 1].id < id);
    struct transfer_row *row = &store->rows[store->row_count++];
    row->id = id;
    row->debit_id = transfer->debit.value;
    row->credit_id = transfer->credit.value;
    row->amount_minor = transfer->amount_minor;
    row->ref_id = work->ref_id;
    row->of_id = work->of_id;
    row->result = *result;
    row->booking_days = work->booking_days;
    row->value_days = work->value_days;
    row->recipe = work->recipe;
    row->recipe_version = work->recipe_version;
    row->kind = (uint8_t)work->kind;
    row->leg = (uint8_t)leg;
    row->order = leg == 0 ? work->order : (struct order_hash){{0}};
}

enum err embedded_apply_one(struct ledger_unit *unit, const struct posting_work *work,
                            const struct ledger_transfer *transfer, int64_t id)
{
    CHECK(id > 0);
    CHECK(transfer->amount_minor > 0);
    struct embedded *store = unit->ledger->embedded;
    uint32_t debit;
    uint32_t credit;
    if (!find_slot(store, transfer->debit.value, &debit) ||
        !find_slot(store, transfer->credit.value, &credit)) {
        return ERR_LEDGER_ACCOUNT;
    }
    struct ledger_account pair[2] = {*at_slot(store, debit), *at_slot(store, credit)};
    struct ledger_leg leg = {.debit = 0, .credit = 1, .amount_minor = transfer->amount_minor};
    struct ledger_leg_result result;
    enum err err = journal_decide(pair, 2, &leg, 1, work->kind, id, &result);
    if (err) {
        return err;
    }
    put_state(store, debit, &pair[0]);
    put_state(store, credit, &pair[1]);
    add_row(store, work, transfer, id, 0, &result);
    return ERR_OK;
}

/* Distinct accounts of a journal, in order of appearance. */
struct gathered {
    uint32_t slots[2 * LEDGER_LEGS_MAX];
    struct ledger_account states[2 * LEDGER_LEGS_MAX];
    size_t count;
};

static enum err gather(struct ledger_unit *unit, int64_t id, struct gathered *all,
                       uint16_t *out_place)
{
    CHECK(all->count <= 2 * LEDGER_LEGS_MAX);
    struct embedded *store = unit->ledger->embedded;
    for (size_t i = 0; i < all->count; i++) {
        if (all->states[i].id == id) {
            *out_place = (uint16_t)i;
            return ERR_OK;
        }
    }
    uint32_t slot;
    if (!find_slot(store, id, &slot)) {
        enum err err = embedded_internal(unit, id);
        if (err) {
            return err;
        }
        CHECK(find_slot(store, id, &slot));
    }
    all->slots[all->count] = slot;
    all->states[all->count] = *at_slot(store, slot);
    CHECK(all->count < 2 * LEDGER_LEGS_MAX);
    *out_place = (uint16_t)all->count++;
    return ERR_OK;
}

enum err embedded_apply(struct ledger_unit *unit, const struct posting_work *work)
{
    CHECK(work->first_id > 0);
    CHECK(work->count >= 1 && work->count <= LEDGER_LEGS_MAX);
    struct embedded *store = unit->ledger->embedded;
    struct gathered all;
    struct ledger_leg legs[LEDGER_LEGS_MAX];
    struct ledger_leg_result results[LEDGER_LEGS_MAX];
    all.count = 0;
    enum err err = embedded_reserve(store, work->count);
    for (size_t i = 0; !err && i < work->count; i++) {
        legs[i].amount_minor = work->transfers[i].amount_minor;
        legs[i].ccy_number = work->ccy_numbers ? work->ccy_numbers[i] : 0;
        err = gather(unit, work->transfers[i].debit.value, &all, &legs[i].debit);
        if (!err) {
            err = gather(unit, work->transfers[i].credit.value, &all, &legs[i].credit);
        }
    }
    if (!err) {
        err = journal_decide(all.states, all.count, legs, work->count, work->kind, work->first_id,
                             results);
    }
    if (err) {
        return err;
    }
    mutex_lock(&store->mutex);
    for (size_t i = 0; i < all.count; i++) {
        put_state(store, all.slots[i], &all.states[i]);
    }
    mutex_unlock(&store->mutex);
    size_t rows_before = store->row_count;
    for (size_t i = 0; i < work->count; i++) {
        add_row(store, work, &work->transfers[i], work->first_id + (int64_t)i * ID_STEP, i,
                &results[i]);
    }
    CHECK(store->row_count == rows_before + work->count);
    return ERR_OK;
}

bool embedded_group_lines(const struct embedded *store, int64_t journal, struct ledger_line *out,
                          size_t *out_count)
{
    CHECK(journal > 0);
    size_t count = 0;
    size_t low = 0;
    size_t high = store->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (store->rows[middle].id < journal) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t i = low; i < store->row_count && count < LEDGER_LEGS_MAX; i++) {
        const struct transfer_row *row = &store->rows[i];
        if (row->id != journal + (int64_t)row->leg * ID_STEP) {
            break;
        }
        out[count++] = (struct ledger_line){.id = row->id,
                                            .journal = {journal},
                                            .kind = (enum ledger_kind)row->kind,
                                            .debit = {row->debit_id},
                                            .credit = {row->credit_id},
                                            .amount_minor = row->amount_minor,
                                            .recipe = row->recipe,
                                            .recipe_version = row->recipe_version,
                                            .booking_date = {row->booking_days},
                                            .value_date = {row->booking_days + row->value_days},
                                            .created_at = id_instant_us(row->id),
                                            .ref_id = row->ref_id,
                                            .of_id = row->of_id,
                                            .order = row->order};
    }
    CHECK(count <= LEDGER_LEGS_MAX);
    *out_count = count;
    return count > 0;
}

/* A static property of an account changed (closed): visible to readers after the commit. */
void embedded_touch(struct embedded *store, const struct ledger_account *account)
{
    CHECK(account->id > 0);
    uint32_t slot;
    CHECK(find_slot(store, account->id, &slot));
    CHECK(embedded_reserve(store, 1) == ERR_OK);
    mutex_lock(&store->mutex);
    put_state(store, slot, account);
    mutex_unlock(&store->mutex);
}

void embedded_undo_to(struct embedded *store, size_t undo_mark, size_t row_mark, size_t id_mark,
                      int64_t account_mark)
{
    CHECK(undo_mark <= store->undo_count && row_mark <= store->row_count);
    CHECK(account_mark <= store->account_count && id_mark <= store->client_row_count);
    mutex_lock(&store->mutex);
    while (store->undo_count > undo_mark) {
        struct undo_entry *entry = &store->undo[--store->undo_count];
        *at_slot(store, entry->slot) = entry->before;
    }
    store->row_count = row_mark;
    CHECK(store->undo_count == undo_mark);
    while (store->account_count > account_mark) {
        store->account_count--;
        index_remove(store, at_slot(store, (uint32_t)store->account_count)->id);
    }
    if (store->group_first_new_account >= account_mark) {
        store->group_first_new_account = -1;
    }
    client_id_undo(store, id_mark);
    mutex_unlock(&store->mutex);
}

void embedded_free(struct embedded *store)
{
    CHECK(store != NULL);
    for (size_t i = 0; i < store->chunk_capacity; i++) {
        free(store->chunks[i]);
    }
    free(store->chunks);
    free(store->index);
    free(store->undo);
    free(store->rows);
    free(store->client_rows);
    client_id_free(&store->window);
    mutex_release(&store->mutex);
    free(store);
}
