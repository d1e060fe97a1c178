/* Bulk posting: many single transfers in one unit, each decided separately. */
#include "base/check.h"
#include "ledger/store.h"

#include <stdlib.h>
#include <string.h>

#define PREFETCH_AHEAD 12
#define LOCK_SPAN      256 /* transfers decided between two chances for readers */

/* Refusals stored with a client id: decisions, not malformed drafts or misused ids. */
static bool is_kept(enum err refusal)
{
    CHECK(refusal != ERR_OK);
    return refusal != ERR_LEDGER_DRAFT && refusal != ERR_ID_REUSED && refusal != ERR_ID_TIME;
}

static enum err keep_answer(struct ledger_unit *unit, const struct journal_draft *draft, int64_t id,
                            enum err answer)
{
    CHECK(!client_id_is_none(&draft->client_id));
    CHECK(answer != ERR_OK || id > 0);
    return answer ? client_id_answer(unit, &draft->client_id, 0,
                                     journal_body_hash(draft, LEDGER_POST, 0), answer)
                  : client_id_remember(unit, &draft->client_id, id);
}

static enum err many_one(struct ledger_unit *unit, const struct posting_work *work,
                         const struct journal_draft *shared, const struct ledger_transfer *transfer,
                         const struct client_id *client_id)
{
    CHECK(work->kind == LEDGER_POST);
    CHECK(unit->ledger->embedded != NULL);
    struct journal_draft draft = *shared;
    draft.transfers = transfer;
    draft.count = 1;
    enum err err = journal_check_form(transfer, 1);
    bool named = client_id != NULL && !client_id_is_none(client_id);
    if (!err && named) {
        struct journal_result known;
        draft.client_id = *client_id;
        err = ledger_draft_repetition(unit, &draft, LEDGER_POST, 0, &known);
        if (known.replayed) {
            return err;
        }
    }
    int64_t id = ledger_ids(unit, id_bucket(transfer->debit.value), 1);
    if (!err) {
        err = embedded_apply_one(unit, work, transfer, id);
    }
    if (named && (!err || is_kept(err))) {
        enum err storing = keep_answer(unit, &draft, id, err);
        err = storing ? storing : err;
    }
    return err;
}

/* Internal accounts are opened on first use: before the lock, so that the hot loop never does. */
static enum err open_internal(struct ledger_unit *unit, const struct ledger_transfer *transfers,
                              size_t count)
{
    CHECK(transfers != NULL || count == 0);
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < 2 * count; i++) {
        const struct ledger_transfer *t = &transfers[i / 2];
        struct account_id id = i % 2 ? t->credit : t->debit;
        struct ledger_account state;
        if (ledger_is_internal(id) && embedded_find(unit->ledger->embedded, id.value) == NULL &&
            ledger_internal_state(id.value, &state) == ERR_OK) {
            err = embedded_account_open(unit, &state);
        }
    }
    return err;
}

static enum err many_embedded(struct ledger_unit *unit, const struct journal_draft *shared,
                              const struct ledger_transfer *transfers,
                              const struct client_id *client_ids, size_t count, enum err *out_errs)
{
    CHECK(unit->ledger->embedded != NULL);
    struct embedded *store = unit->ledger->embedded;
    struct posting_work work = ledger_work_of(shared);
    enum err err = embedded_reserve(store, count);
    err = err ? err : open_internal(unit, transfers, count);
    for (size_t start = 0; !err && start < count; start += LOCK_SPAN) {
        size_t end = start + LOCK_SPAN < count ? start + LOCK_SPAN : count;
        mutex_lock(&store->mutex);
        for (size_t i = start; i < end; i++) {
            size_t ahead = i + PREFETCH_AHEAD;
            if (ahead < count) {
                embedded_prefetch_index(store, transfers[ahead].debit.value);
                embedded_prefetch_index(store, transfers[ahead].credit.value);
            }
            ahead = i + PREFETCH_AHEAD / 2;
            if (ahead < count) {
                embedded_prefetch_state(store, transfers[ahead].debit.value);
                embedded_prefetch_state(store, transfers[ahead].credit.value);
            }
            out_errs[i] =
                many_one(unit, &work, shared, &transfers[i], client_ids ? &client_ids[i] : NULL);
        }
        mutex_unlock(&store->mutex);
    }
    return err;
}

/* A client id of the batch and its index. */
struct batch_id {
    struct client_id id;
    size_t place;
};

static int by_batch_id(const void *a, const void *b)
{
    const struct batch_id *x = a;
    const struct batch_id *y = b;
    int order = memcmp(x->id.bytes, y->id.bytes, sizeof x->id.bytes);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* For every place the first place of the batch with the same client id (itself if first).
 */
static enum err first_places(const struct client_id *ids, size_t count, size_t *out)
{
    CHECK(ids != NULL && out != NULL);
    struct batch_id *all = calloc(count + 1, sizeof *all);
    if (all == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        all[i] = (struct batch_id){.id = ids[i], .place = i};
    }
    qsort(all, count, sizeof *all, by_batch_id);
    for (size_t i = 0, first = 0; i < count; i++) {
        bool same = memcmp(all[i].id.bytes, all[first].id.bytes, sizeof all[i].id.bytes) == 0;
        first = same && !client_id_is_none(&all[i].id) ? first : i;
        out[all[i].place] = all[first].place;
    }
    free(all);
    return ERR_OK;
}

static bool same_transfer(const struct ledger_transfer *a, const struct ledger_transfer *b)
{
    return a->debit.value == b->debit.value && a->credit.value == b->credit.value &&
           a->amount_minor == b->amount_minor;
}

/* One batch on PostgreSQL: ids[k] is 0 if transfer k is not to be posted; firsts[k] is the first index
 * with its client id. */
struct many {
    struct ledger_unit *unit;
    const struct journal_draft *shared;
    const struct ledger_transfer *transfers;
    const struct client_id *client_ids;
    size_t count;
    enum err *errs;
    int64_t *ids;
    size_t *firsts;
};

static struct journal_draft many_draft(const struct many *many, size_t i)
{
    CHECK(i < many->count);
    struct journal_draft draft = *many->shared;
    draft.transfers = &many->transfers[i];
    draft.count = 1;
    draft.client_id = many->client_ids ? many->client_ids[i] : (struct client_id){{0}};
    return draft;
}

/* Selects the new transfers: well formed, not posted before, not named earlier in the batch. */
static void many_choose(struct many *many)
{
    CHECK(many->errs != NULL && many->ids != NULL);
    for (size_t i = 0; i < many->count; i++) {
        struct journal_draft draft = many_draft(many, i);
        struct journal_result known = {0};
        many->errs[i] = journal_check_form(draft.transfers, 1);
        bool again = many->client_ids != NULL && many->firsts[i] != i;
        if (!many->errs[i] && !again) {
            many->errs[i] = ledger_draft_repetition(many->unit, &draft, LEDGER_POST, 0, &known);
        }
        int bucket = id_bucket(draft.transfers[0].debit.value);
        many->ids[i] =
            many->errs[i] || known.replayed || again ? 0 : ledger_ids(many->unit, bucket, 1);
        CHECK(many->errs[i] == ERR_OK || many->ids[i] == 0);
    }
}

/* Results of ids that occur twice in the batch, then the stored answers. */
static enum err many_answer(struct many *many)
{
    enum err err = ERR_OK;
    for (size_t i = 0; !err && many->client_ids != NULL && i < many->count; i++) {
        size_t first = many->firsts[i];
        CHECK(first <= i);
        if (first != i && !many->errs[i]) {
            many->errs[i] = same_transfer(&many->transfers[i], &many->transfers[first])
                                ? many->errs[first]
                                : ERR_ID_REUSED;
        } else if (many->ids[i] != 0 && !client_id_is_none(&many->client_ids[i])) {
            struct journal_draft draft = many_draft(many, i);
            err = keep_answer(many->unit, &draft, many->ids[i], many->errs[i]);
        }
    }
    return err;
}

static enum err many_postgres(struct ledger_unit *unit, const struct journal_draft *shared,
                              const struct ledger_transfer *transfers,
                              const struct client_id *client_ids, size_t count, enum err *out_errs)
{
    CHECK(unit->ledger->embedded == NULL);
    struct posting_work work = ledger_work_of(shared);
    struct many many = {.unit = unit,
                        .shared = shared,
                        .transfers = transfers,
                        .client_ids = client_ids,
                        .count = count,
                        .errs = out_errs,
                        .ids = calloc(count + 1, sizeof(int64_t)),
                        .firsts = calloc(count + 1, sizeof(size_t))};
    enum err err = many.ids == NULL || many.firsts == NULL ? ERR_NO_MEMORY : ERR_OK;
    if (!err && client_ids != NULL) {
        err = first_places(client_ids, count, many.firsts);
    }
    if (!err) {
        many_choose(&many);
        err = postgres_apply_many(unit, &work, transfers, count, many.ids, out_errs);
    }
    err = err ? err : many_answer(&many);
    free(many.ids);
    free(many.firsts);
    return err;
}

enum err ledger_post_many(struct ledger_unit *unit, const struct journal_draft *shared,
                          const struct ledger_transfer *transfers,
                          const struct client_id *client_ids, size_t count, enum err *out_errs)
{
    CHECK(shared->recipe != 0);
    CHECK(out_errs != NULL || count == 0);
    return unit->ledger->embedded != NULL
               ? many_embedded(unit, shared, transfers, client_ids, count, out_errs)
               : many_postgres(unit, shared, transfers, client_ids, count, out_errs);
}
