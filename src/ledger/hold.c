/* Holds and reversals: rows of their own besides the transfers that they cause. */
#include "base/check.h"
#include "ledger/recipe.h"
#include "ledger/store.h"

DB_STMT(ledger_hold_insert,
        "INSERT INTO ledger_holds (bucket, id, debit_id, credit_id, amount_minor, captured_minor,"
        " state, expires_at, ref_id, recipe) VALUES ($1, $2, $3, $4, $5, 0, 1, $6, $7, $8)");
/* A no-op update locks the row on PostgreSQL; on SQLite there is one writer. */
DB_STMT(ledger_hold_lock,
        "UPDATE ledger_holds SET state = state WHERE bucket = $1 AND id = $2"
        " RETURNING id, debit_id, credit_id, amount_minor, captured_minor, state, expires_at,"
        " ref_id, recipe");
DB_STMT(ledger_hold_update, "UPDATE ledger_holds SET captured_minor = $1, state = $2"
                            " WHERE bucket = $3 AND id = $4 AND state = 1");
DB_STMT(ledger_holds_of_account,
        "SELECT id, debit_id, credit_id, amount_minor, captured_minor, state, expires_at, ref_id,"
        " recipe FROM ledger_holds WHERE bucket = $1 AND debit_id = $2 AND state = 1 ORDER BY id");
DB_STMT(ledger_batch_holds_due,
        "SELECT id, debit_id, credit_id, amount_minor, captured_minor, state, expires_at, ref_id,"
        " recipe FROM ledger_holds WHERE state = 1 AND expires_at > 0 AND expires_at <= $1"
        " ORDER BY expires_at LIMIT $2");
DB_STMT(ledger_reversal_insert,
        "INSERT INTO ledger_reversals (bucket, journal_id, reversal_id) VALUES ($1, $2, $3)"
        " ON CONFLICT (bucket, journal_id) DO NOTHING");

DB_STMT(ledger_reversal_update,
        "UPDATE ledger_reversals SET reversal_id = $1 WHERE bucket = $2 AND journal_id = $3");

static struct ledger_hold_row read_hold(const struct db_rows *rows)
{
    return (struct ledger_hold_row){.id = db_rows_int(rows, 0),
                                    .debit = {db_rows_int(rows, 1)},
                                    .credit = {db_rows_int(rows, 2)},
                                    .amount_minor = db_rows_int(rows, 3),
                                    .captured_minor = db_rows_int(rows, 4),
                                    .state = (enum hold_state)db_rows_int(rows, 5),
                                    .expires_at = db_rows_int(rows, 6),
                                    .ref_id = db_rows_int(rows, 7),
                                    .recipe = (uint16_t)db_rows_int(rows, 8)};
}

enum err ledger_hold(struct ledger_unit *unit, const struct hold_draft *draft,
                     struct journal_result *out)
{
    CHECK(draft->expires_at >= 0);
    CHECK(draft->recipe != 0);
    struct journal_draft journal = {.client_id = draft->client_id,
                                    .recipe = draft->recipe,
                                    .recipe_version = draft->recipe_version,
                                    .booking_date = draft->booking_date,
                                    .value_date = draft->booking_date,
                                    .ref_id = draft->ref_id,
                                    .transfers = &draft->transfer,
                                    .ccy_numbers = &draft->ccy_number,
                                    .count = 1};
    *out = (struct journal_result){0};
    enum err err = journal_check_form(&draft->transfer, 1);
    if (!err) {
        err = ledger_draft_repetition(unit, &journal, LEDGER_HOLD, draft->expires_at, out);
    }
    if (err || out->replayed) {
        return err;
    }
    int bucket = id_bucket(draft->transfer.debit.value);
    struct posting_work work = {.first_id = ledger_ids(unit, bucket, 1),
                                .kind = LEDGER_HOLD,
                                .recipe = draft->recipe,
                                .recipe_version = draft->recipe_version,
                                .booking_days = draft->booking_date.days,
                                .ref_id = draft->ref_id,
                                .order = draft->order,
                                .transfers = &draft->transfer,
                                .ccy_numbers = &draft->ccy_number,
                                .count = 1};
    err = ledger_apply(unit, &work);
    if (!err) {
        err = db_defer(
            unit->conn, &ledger_hold_insert,
            DB_ARGS(db_int(bucket), db_int(work.first_id), db_int(draft->transfer.debit.value),
                    db_int(draft->transfer.credit.value), db_int(draft->transfer.amount_minor),
                    db_int(draft->expires_at), db_int(draft->ref_id), db_int(draft->recipe)),
            1);
    }
    if (!err && !client_id_is_none(&draft->client_id)) {
        err = client_id_answer(unit, &draft->client_id, work.first_id, out->body_hash, ERR_OK);
    }
    out->id = (struct journal_id){work.first_id};
    CHECK(err || id_bucket(work.first_id) == bucket);
    return err;
}

enum err ledger_hold_load(struct ledger_unit *unit, struct hold_id hold,
                          struct ledger_hold_row *out)
{
    CHECK(unit != NULL && out != NULL);
    struct db_rows rows;
    enum err err = db_query(unit->conn, &ledger_hold_lock,
                            DB_ARGS(db_int(id_bucket(hold.value)), db_int(hold.value)), &rows);
    if (err) {
        return err;
    }
    bool found = db_rows_next(&rows);
    if (found) {
        *out = read_hold(&rows);
    }
    err = db_rows_close(&rows);
    CHECK(err || !found || out->id == hold.value);
    return err ? err : found ? ERR_OK : ERR_NOT_FOUND;
}

/* Posts the transfers of a decided end: the captured part, then the released part. */
static enum err post_end(struct ledger_unit *unit, const struct hold_end *end,
                         const struct ledger_hold_row *hold, const struct hold_decision *decision,
                         struct journal_result *out)
{
    CHECK(decision->capture_minor >= 0 && decision->release_minor >= 0);
    CHECK(decision->capture_minor + decision->release_minor > 0);
    const struct {
        enum ledger_kind kind;
        int64_t amount_minor;
    } parts[] = {
        {LEDGER_CAPTURE, decision->capture_minor},
        {end->kind == LEDGER_CAPTURE ? LEDGER_RELEASE : end->kind, decision->release_minor}};
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < 2; i++) {
        if (parts[i].amount_minor == 0) {
            continue;
        }
        struct ledger_transfer transfer = {hold->debit, hold->credit, parts[i].amount_minor};
        struct posting_work work = {.first_id = ledger_ids(unit, id_bucket(hold->debit.value), 1),
                                    .kind = parts[i].kind,
                                    .recipe = end->recipe,
                                    .recipe_version = end->recipe_version,
                                    .booking_days = end->booking_date.days,
                                    .ref_id = end->ref_id,
                                    .of_id = hold->id,
                                    .order = end->order,
                                    .transfers = &transfer,
                                    .ccy_numbers = &end->ccy_number,
                                    .count = 1};
        err = ledger_apply(unit, &work);
        if (out->id.value == 0) {
            out->id = (struct journal_id){work.first_id};
        }
    }
    return err;
}

/* Whether this end was requested before under its client id. Compared: the requested amount, or all
 * that is left (0), and whether it was the last. */
static enum err end_repetition(struct ledger_unit *unit, const struct hold_end *end,
                               const struct ledger_hold_row *hold, struct journal_result *out)
{
    CHECK(hold->id > 0 && hold->amount_minor > 0);
    bool capture = end->kind == LEDGER_CAPTURE;
    int64_t asked = capture ? end->amount_minor : 0;
    struct ledger_transfer transfer = {hold->debit, hold->credit, asked};
    struct journal_draft draft = {.recipe = end->recipe,
                                  .ref_id = end->ref_id,
                                  .of_id = hold->id,
                                  .transfers = &transfer,
                                  .ccy_numbers = &end->ccy_number,
                                  .count = 1};
    return ledger_repetition(unit, &end->client_id, true,
                             journal_body_hash(&draft, end->kind, capture && end->last ? 1 : 0),
                             out);
}

enum err ledger_hold_end(struct ledger_unit *unit, const struct hold_end *end,
                         struct journal_result *out)
{
    CHECK(end->kind == LEDGER_CAPTURE || end->kind == LEDGER_RELEASE || end->kind == LEDGER_EXPIRE);
    CHECK(end->recipe != 0);
    struct ledger_hold_row hold;
    struct hold_decision decision;
    *out = (struct journal_result){0};
    enum err err = ledger_hold_load(unit, end->hold, &hold);
    if (!err) {
        err = end_repetition(unit, end, &hold, out);
    }
    if (err || out->replayed) {
        return err;
    }
    err = hold_decide(&hold, end->kind, end->amount_minor, end->last, unit->now_us, &decision);
    if (!err) {
        CHECK(hold.captured_minor + decision.capture_minor <= hold.amount_minor);
        err = post_end(unit, end, &hold, &decision, out);
    }
    if (!err) {
        err = db_defer(unit->conn, &ledger_hold_update,
                       DB_ARGS(db_int(hold.captured_minor + decision.capture_minor),
                               db_int(decision.state), db_int(id_bucket(hold.id)), db_int(hold.id)),
                       1);
    }
    if (!err && !client_id_is_none(&end->client_id)) {
        err = client_id_answer(unit, &end->client_id, out->id.value, out->body_hash, ERR_OK);
    }
    return err;
}

static enum err each_hold(struct db_rows *rows, ledger_hold_visit *visit, void *context)
{
    CHECK(visit != NULL);
    bool more = true;
    while (more && db_rows_next(rows)) {
        struct ledger_hold_row hold = read_hold(rows);
        more = visit(&hold, context);
    }
    return db_rows_close(rows);
}

enum err ledger_holds_open(struct db_conn *conn, struct account_id account,
                           ledger_hold_visit *visit, void *context)
{
    CHECK(visit != NULL);
    struct db_rows rows;
    enum err err =
        db_query(conn, &ledger_holds_of_account,
                 DB_ARGS(db_int(id_bucket(account.value)), db_int(account.value)), &rows);
    return err ? err : each_hold(&rows, visit, context);
}

enum err ledger_holds_due(struct db_conn *conn, int64_t now_us, size_t limit,
                          ledger_hold_visit *visit, void *context)
{
    CHECK(now_us > 0);
    CHECK(limit > 0);
    struct db_rows rows;
    enum err err = db_query(conn, &ledger_batch_holds_due,
                            DB_ARGS(db_int(now_us), db_int((int64_t)limit)), &rows);
    return err ? err : each_hold(&rows, visit, context);
}

/* Claims the one reversal of a journal, before the posting: of two at once, the second waits here on
 * PostgreSQL and gets the right refusal, whatever the balances are by then. */
static enum err claim_reversal(struct ledger_unit *unit, struct journal_id journal,
                               int64_t reversal_id)
{
    CHECK(reversal_id > 0);
    int64_t changed = 0;
    enum err err = db_exec(
        unit->conn, &ledger_reversal_insert,
        DB_ARGS(db_int(id_bucket(journal.value)), db_int(journal.value), db_int(reversal_id)),
        &changed);
    return err ? err : changed == 1 ? ERR_OK : ERR_ALREADY_REVERSED;
}

enum err ledger_reverse(struct ledger_unit *unit, struct journal_id journal,
                        const struct journal_draft *draft_without_transfers,
                        struct journal_result *out)
{
    CHECK(draft_without_transfers != NULL);
    struct ledger_line lines[LEDGER_LEGS_MAX];
    struct ledger_transfer mirror[LEDGER_LEGS_MAX];
    size_t count = 0;
    *out = (struct journal_result){0};
    enum err err = ledger_journal_read(unit, journal, lines, &count);
    if (err) {
        return err;
    }
    CHECK(count >= 1 && count <= LEDGER_LEGS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (lines[i].kind != LEDGER_POST && lines[i].kind != LEDGER_CAPTURE) {
            return ERR_LEDGER_JOURNAL;
        }
        mirror[count - 1 - i] =
            (struct ledger_transfer){lines[i].credit, lines[i].debit, lines[i].amount_minor};
    }
    struct journal_draft draft = *draft_without_transfers;
    draft.recipe = RECIPE_REVERSAL;
    draft.recipe_version = recipe_version(RECIPE_REVERSAL);
    draft.of_id = journal.value;
    draft.transfers = mirror;
    draft.count = count;
    err = ledger_draft_repetition(unit, &draft, LEDGER_POST, 0, out);
    if (err || out->replayed) {
        return err;
    }
    int64_t claimed_id = ledger_ids(unit, id_bucket(mirror[0].debit.value), count);
    struct posting_work work = ledger_work_of(&draft);
    work.first_id = claimed_id;
    err = claim_reversal(unit, journal, claimed_id);
    if (!err) {
        err = ledger_apply(unit, &work);
    }
    if (!err && work.first_id != claimed_id) { /* moved above the accounts' newest transfers */
        err = db_defer(
            unit->conn, &ledger_reversal_update,
            DB_ARGS(db_int(work.first_id), db_int(id_bucket(journal.value)), db_int(journal.value)),
            1);
    }
    if (!err && !client_id_is_none(&draft.client_id)) {
        err = client_id_remember(unit, &draft.client_id, work.first_id);
    }
    out->id = (struct journal_id){work.first_id};
    return err;
}
