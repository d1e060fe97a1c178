/* Freeze, unfreeze and close: the life of an account after its opening. */
#include "account/account.h"
#include "account/account_store.h"
#include "account/review.h"
#include "base/check.h"

#include <string.h>

DB_STMT(account_state_store,
        "UPDATE account_accounts SET state = $1, closed_at = $2, version = version + 1 "
        "WHERE bucket = $3 AND id = $4 AND state = $5");
DB_STMT(account_freeze_insert,
        "INSERT INTO account_freezes (bucket, id, account_id, reason, legal_ground, staff_id, "
        "frozen_at, ends_at, lifted_at, lifted_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)");
DB_STMT(account_freeze_on, "SELECT reason FROM account_freezes "
                           "WHERE bucket = $1 AND account_id = $2 AND lifted_at = 0");
DB_STMT(account_freeze_lift, "UPDATE account_freezes SET lifted_at = $1, lifted_by = $2 "
                             "WHERE bucket = $3 AND account_id = $4 AND lifted_at = 0");
DB_STMT(account_batch_freezes_due,
        "SELECT account_id FROM account_freezes WHERE lifted_at = 0 AND ends_at > 0 AND "
        "ends_at <= $1 ORDER BY ends_at LIMIT $2");

#define DUE_MAX 256

static enum err move(struct uow *uow, const struct account *account, enum account_event event)
{
    enum account_state next;
    enum err err = account_next_state(account->state, event, &next);
    if (err != ERR_OK) {
        return err;
    }
    struct db_value closed_at = next == ACCOUNT_CLOSED ? db_int(uow->now_us) : db_null();
    err = db_defer(uow->conn, &account_state_store,
                   DB_ARGS(db_int(next), closed_at, db_int(id_bucket(account->id.value)),
                           db_int(account->id.value), db_int(account->state)),
                   1);
    return err ? err : account_note_change(uow, account->id);
}

enum err account_move(struct uow *uow, struct account *account, enum account_event event)
{
    CHECK(event == ACCOUNT_END || event == ACCOUNT_RESUME);
    enum account_state next;
    enum err err = account_next_state(account->state, event, &next);
    err = err ? err : move(uow, account, event);
    if (err == ERR_OK) {
        account->state = next;
        account->version++;
    }
    return err;
}

static enum err decide_order(const struct uow *uow, const struct account_freeze_order *order)
{
    static const struct {
        const char *reason;
        bool needs_ground;
    } reasons[] = {{"court", true},  {"police", true},           {"risk", false},
                   {"owner", false}, {FREEZE_UNVERIFIED, false}, {FREEZE_DOCUMENT_EXPIRED, false}};
    if (order->ends_at != 0 && order->ends_at <= uow->now_us) {
        return ERR_INVALID_FIELD;
    }
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (strcmp(reasons[i].reason, order->reason) == 0) {
            return reasons[i].needs_ground && order->legal_ground[0] == '\0' ? ERR_INVALID_FIELD
                                                                             : ERR_OK;
        }
    }
    return ERR_INVALID_FIELD;
}

enum err account_freeze_reason(struct db_conn *conn, struct account_id account,
                               char out[ACCOUNT_REASON_SIZE])
{
    struct db_rows rows = db_read(conn, &account_freeze_on,
                                  DB_ARGS(db_int(id_bucket(account.value)), db_int(account.value)));
    out[0] = '\0';
    if (db_rows_next(&rows)) {
        const char *reason = db_rows_text(&rows, 0);
        CHECK(strlen(reason) < ACCOUNT_REASON_SIZE);
        memcpy(out, reason, strlen(reason) + 1);
    }
    return db_rows_close(&rows);
}

enum err account_may_withdraw(struct db_conn *conn, const struct account *account)
{
    char reason[ACCOUNT_REASON_SIZE] = "";
    if (account->state != ACCOUNT_FROZEN) {
        return account_decide_debit(account->state);
    }
    enum err err = account_freeze_reason(conn, account->id, reason);
    return err != ERR_OK ? err : account_freeze_is_soft(reason) ? ERR_OK : ERR_ACCOUNT_NOT_ACTIVE;
}

static enum err lift(struct uow *uow, struct account_id id, struct staff_id staff)
{
    return db_defer(uow->conn, &account_freeze_lift,
                    DB_ARGS(db_int(uow->now_us), db_int(staff.value), db_int(id_bucket(id.value)),
                            db_int(id.value)),
                    1);
}

/* Makes the account frozen; an order takes the place of the review's freeze. */
static enum err begin_freeze(struct uow *uow, const struct account *account,
                             const struct account_freeze_order *order)
{
    char reason[ACCOUNT_REASON_SIZE];
    if (account->state != ACCOUNT_FROZEN || account_freeze_is_soft(order->reason)) {
        return move(uow, account, ACCOUNT_FREEZE);
    }
    enum err err = account_freeze_reason(uow->conn, account->id, reason);
    err = err || account_freeze_is_soft(reason) ? err : ERR_ACCOUNT_STATE;
    return err ? err : lift(uow, account->id, order->staff);
}

enum err account_freeze(struct uow *uow, const struct account_freeze_order *order,
                        int64_t *out_freeze_id)
{
    struct account account;
    enum err err = account_lock(uow, order->account, &account);
    if (err != ERR_OK || (err = decide_order(uow, order)) != ERR_OK ||
        (err = begin_freeze(uow, &account, order)) != ERR_OK) {
        return err;
    }
    int bucket = id_bucket(account.id.value);
    int64_t id = uow_id(uow, bucket);
    err = db_defer(uow->conn, &account_freeze_insert,
                   DB_ARGS(db_int(bucket), db_int(id), db_int(account.id.value),
                           db_text(order->reason), db_text(order->legal_ground),
                           db_int(order->staff.value), db_int(uow->now_us), db_int(order->ends_at)),
                   1);
    if (err == ERR_OK) {
        *out_freeze_id = id;
    }
    return err;
}

enum err account_unfreeze(struct uow *uow, struct account_id id, struct staff_id staff)
{
    struct account account;
    enum err err = account_lock(uow, id, &account);
    if (err != ERR_OK || (err = move(uow, &account, ACCOUNT_UNFREEZE)) != ERR_OK) {
        return err;
    }
    return lift(uow, id, staff);
}

enum err account_unfreeze_due(struct uow *uow, size_t limit, size_t *out_count)
{
    struct account_id due[DUE_MAX];
    size_t count = 0;
    size_t max = limit < DUE_MAX ? limit : DUE_MAX;
    struct db_rows rows = db_read(uow->conn, &account_batch_freezes_due,
                                  DB_ARGS(db_int(uow->now_us), db_int((int64_t)max)));
    while (count < max && db_rows_next(&rows)) {
        due[count++].value = db_rows_int(&rows, 0);
    }
    enum err err = db_rows_close(&rows);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = account_unfreeze(uow, due[i], (struct staff_id){0});
    }
    if (err == ERR_OK) {
        *out_count = count;
    }
    return err;
}

/* True if closing would lose somebody's money. */
static enum err holds_money(struct uow *uow, struct account_id id, bool *out)
{
    struct ledger_account state;
    int64_t accrued = 0;
    enum err err = ledger_account_read(uow->ledger, id, &state);
    if (err == ERR_OK) {
        err = interest_accrued(uow->conn, id, &accrued);
    }
    if (err == ERR_OK) {
        *out = ledger_balance(&state) != 0 || state.debits_pending != 0 ||
               state.credits_pending != 0 || rate_capitalise(accrued, ROUNDING_HALF_UP) > 0;
    }
    return err;
}

enum err account_close(struct uow *uow, struct account_id id)
{
    struct account account;
    bool money = false;
    enum err err = account_lock(uow, id, &account);
    if (err != ERR_OK || (err = move(uow, &account, ACCOUNT_CLOSE)) != ERR_OK ||
        (err = holds_money(uow, id, &money)) != ERR_OK) {
        return err;
    }
    return money ? ERR_ACCOUNT_NOT_EMPTY : ledger_account_close(uow->ledger, id);
}

enum err account_has_money(struct uow *uow, struct customer_id customer, bool *out)
{
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    size_t count = 0;
    enum err err = account_list(uow->conn, customer, accounts, ACCOUNT_PER_PERSON_MAX, &count);
    bool any = false;
    for (size_t i = 0; err == ERR_OK && i < count && !any; i++) {
        if (accounts[i].state != ACCOUNT_CLOSED) {
            err = holds_money(uow, accounts[i].id, &any);
        }
    }
    if (err == ERR_OK) {
        *out = any;
    }
    return err;
}
