#include "payment/closure.h"

#include "base/check.h"
#include "payment/message_rows.h"
#include "payment/payment_store.h"
#include "payment/transfer.h"

#include <string.h>

DB_STMT(payment_closure_insert,
        "INSERT INTO payment_closures (bucket, id, account_id, customer_id, state, payment_id, "
        "payout_count, reason_code, begun_at, ended_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9)");
DB_STMT(payment_closure_open, "SELECT id, payment_id FROM payment_closures "
                              "WHERE bucket = $1 AND account_id = $2 AND state = 1");
DB_STMT(payment_closure_again,
        "UPDATE payment_closures SET payment_id = $1, payout_count = payout_count + 1 "
        "WHERE bucket = $2 AND id = $3 AND state = 1");
DB_STMT(payment_closure_end,
        "UPDATE payment_closures SET state = $1, reason_code = $2, ended_at = $3 "
        "WHERE bucket = $4 AND id = $5 AND state = 1");
DB_STMT(payment_closure_newest,
        "SELECT payment_id FROM payment_closures WHERE bucket = $1 AND account_id = $2 "
        "ORDER BY id DESC LIMIT 1");
/* `bucket + 0` keeps the planner on the index of pending payments. */
DB_STMT(payment_closure_waiting,
        "SELECT COUNT(*) FROM payment_payments WHERE next_query_at > 0 AND bucket + 0 = $1 "
        "AND (debtor_account_id = $2 OR creditor_account_id = $3)");

#define REASON_FROZEN "AC06"

struct closure {
    int64_t id; /* 0: none is open */
    struct payment_id payment;
};

static enum err closure_load(struct db_conn *conn, struct account_id account, struct closure *out)
{
    CHECK(account.value > 0);
    struct db_rows rows = db_read(conn, &payment_closure_open,
                                  DB_ARGS(db_int(id_bucket(account.value)), db_int(account.value)));
    struct closure found = {.id = 0};
    if (db_rows_next(&rows)) {
        found.id = db_rows_int(&rows, 0);
        found.payment.value = db_rows_int(&rows, 1);
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out = found;
    }
    return err;
}

enum err closure_payment(struct db_conn *conn, struct account_id account, struct payment_id *out)
{
    CHECK(account.value > 0);
    struct db_rows rows = db_read(conn, &payment_closure_newest,
                                  DB_ARGS(db_int(id_bucket(account.value)), db_int(account.value)));
    out->value = db_rows_next(&rows) ? db_rows_int(&rows, 0) : 0;
    return db_rows_close(&rows);
}

static enum err closure_store(struct uow *uow, const struct account *account,
                              enum closure_state state, struct payment_id payment)
{
    CHECK(state == CLOSURE_OPEN || state == CLOSURE_DONE);
    CHECK(state != CLOSURE_OPEN || payment.value != 0);
    int bucket = id_bucket(account->id.value);
    int64_t ended_at = state == CLOSURE_OPEN ? 0 : uow->now_us;
    return db_defer(uow->conn, &payment_closure_insert,
                    DB_ARGS(db_int(bucket), db_int(uow_id(uow, bucket)), db_int(account->id.value),
                            db_int(account->customer.value), db_int(state), db_int(payment.value),
                            db_int(payment.value != 0), db_int(uow->now_us), db_int(ended_at)),
                    1);
}

static enum err closure_end(struct uow *uow, struct account_id account, const struct closure *open,
                            enum closure_state state, const char *reason)
{
    CHECK(open->id != 0);
    CHECK(state != CLOSURE_OPEN);
    return db_defer(uow->conn, &payment_closure_end,
                    DB_ARGS(db_int(state), db_text(reason), db_int(uow->now_us),
                            db_int(id_bucket(account.value)), db_int(open->id)),
                    1);
}

static enum err news(struct uow *uow, const struct account *account, const struct message_row *kind,
                     struct payment_id payment)
{
    char masked[ACCOUNT_NUMBER_SIZE];
    account_mask_number(account->number, masked);
    struct message_params params = {.account = masked};
    return message_add(uow, account->customer, kind, &params, payment.value);
}

/* --- begin ------------------------------------------------------------------------------------ */

static enum err has_waiting(struct uow *uow, struct account_id account, bool *out)
{
    CHECK(account.value > 0);
    struct db_rows rows = db_read(
        uow->conn, &payment_closure_waiting,
        DB_ARGS(db_int(id_bucket(account.value)), db_int(account.value), db_int(account.value)));
    *out = db_rows_next(&rows) && db_rows_int(&rows, 0) > 0;
    return db_rows_close(&rows);
}

/* All that must hold before money moves; the account is locked from here on, its interest paid. */
static enum err decide(struct uow *uow, const struct closure_request *request,
                       struct account *account, struct ledger_account *out_ledger)
{
    CHECK(request->customer.value > 0 && request->account.value > 0);
    enum err err = account_load_own(uow->conn, request->customer, request->account, account);
    if (err == ERR_OK && !request->stepped_up) {
        err = ERR_STEP_UP_REQUIRED;
    }
    if (err == ERR_OK) {
        err = account_lock(uow, request->account, account); /* and see what others did meanwhile */
    }
    if (err != ERR_OK || account->state == ACCOUNT_CLOSING) {
        return err;
    }
    if (account->state == ACCOUNT_CLOSED) {
        return ERR_ACCOUNT_STATE;
    }
    bool waits = false;
    int64_t interest_minor = 0;
    err = account_decide_debit(account->state);
    err = err ? err : has_waiting(uow, account->id, &waits);
    err = err ? err : waits ? ERR_ACCOUNT_NOT_EMPTY : ERR_OK;
    err = err ? err : interest_pay(uow, account->id, &interest_minor);
    err = err ? err : ledger_account_read(uow->ledger, account->id, out_ledger);
    bool pending =
        err == ERR_OK && (out_ledger->debits_pending != 0 || out_ledger->credits_pending != 0);
    return pending ? ERR_ACCOUNT_NOT_EMPTY : err;
}

/* At once: nothing in it, or all went to another account of the same person. */
static enum err close_now(struct uow *uow, struct closure_result *out)
{
    CHECK(out->account.state != ACCOUNT_CLOSED);
    enum err err = account_close(uow, out->account.id);
    err = err ? err : closure_store(uow, &out->account, CLOSURE_DONE, out->payment);
    err = err ? err : news(uow, &out->account, &MESSAGE_ACCOUNT_CLOSED, out->payment);
    if (err == ERR_OK) {
        out->account.state = ACCOUNT_CLOSED;
        out->account.version++;
    }
    return err;
}

static enum err to_account(struct uow *uow, const struct catalogue *catalogue,
                           const struct closure_request *request, int64_t amount_minor,
                           struct closure_result *out)
{
    CHECK(amount_minor > 0);
    struct account target;
    struct transfer_result result;
    enum err err = account_load_own(uow->conn, request->customer, request->to_account, &target);
    if (err != ERR_OK) {
        return err == ERR_NOT_FOUND ? ERR_CLOSURE_TARGET : err;
    }
    if (account_decide_credit(target.state) != ERR_OK) {
        return ERR_ACCOUNT_NOT_ACTIVE;
    }
    struct transfer_order order = {.customer = request->customer,
                                   .debtor_account = request->account,
                                   .creditor_customer = request->customer,
                                   .creditor_account = request->to_account,
                                   .amount_minor = amount_minor,
                                   .ccy = out->account.ccy,
                                   .stepped_up = true,
                                   .proof = request->proof,
                                   .own = true};
    payment_text_set(order.debtor_name, sizeof order.debtor_name, request->customer_name);
    payment_text_set(order.creditor_name, sizeof order.creditor_name, request->customer_name);
    err = transfer_post(uow, catalogue, &order, &result);
    if (err == ERR_LIMIT_EXCEEDED) {
        out->limit = result.limit;
    }
    if (err != ERR_OK) {
        return err;
    }
    out->payment = result.payment.id;
    return close_now(uow, out);
}

static enum err to_card(struct uow *uow, const struct catalogue *catalogue,
                        const struct closure_request *request, int64_t amount_minor,
                        struct closure_result *out)
{
    CHECK(amount_minor > 0);
    struct quickpay_request payout = {.customer = request->customer,
                                      .account = request->account,
                                      .card = request->card,
                                      .amount = {amount_minor, out->account.ccy},
                                      .stepped_up = true,
                                      .proof = request->proof,
                                      .customer_name = request->customer_name};
    enum err err = withdrawal_begin(uow, catalogue, &payout, &out->begun);
    err = err ? err : account_move(uow, &out->account, ACCOUNT_END);
    err = err ? err : closure_store(uow, &out->account, CLOSURE_OPEN, out->begun.payment.id);
    if (err == ERR_OK) {
        out->payment = out->begun.payment.id;
        out->has_attempt = true;
    }
    return err;
}

enum err closure_begin(struct uow *uow, const struct catalogue *catalogue,
                       const struct closure_request *request, struct closure_result *out)
{
    CHECK(request->customer.value > 0);
    struct ledger_account ledger;
    struct closure open;
    memset(out, 0, sizeof *out);
    enum err err = decide(uow, request, &out->account, &ledger);
    if (err != ERR_OK) {
        return err;
    }
    if (out->account.state == ACCOUNT_CLOSING) {
        err = closure_load(uow->conn, request->account, &open);
        out->payment = open.payment;
        return err;
    }
    int64_t amount_minor = ledger_balance(&ledger);
    CHECK(amount_minor >= 0); /* the floor of a customer's account */
    if (amount_minor == 0) {
        return close_now(uow, out);
    }
    if (request->to_account.value != 0) {
        return to_account(uow, catalogue, request, amount_minor, out);
    }
    return request->card.value == 0 ? ERR_CLOSURE_TARGET
                                    : to_card(uow, catalogue, request, amount_minor, out);
}

/* --- follow ----------------------------------------------------------------------------------- */

static enum err fail(struct uow *uow, struct account *account, const struct closure *open,
                     const struct payment *ended, const char *reason)
{
    CHECK(open->id != 0);
    enum err err = ERR_OK;
    if (account->state == ACCOUNT_CLOSING) {
        err = account_move(uow, account, ACCOUNT_RESUME);
    }
    err = err ? err : closure_end(uow, account->id, open, CLOSURE_FAILED, reason);
    return err ? err : news(uow, account, &MESSAGE_CLOSURE_FAILED, ended->id);
}

/* Paid out: close, or pay out what came in meanwhile. */
static enum err settled(struct uow *uow, struct account *account, const struct closure *open,
                        const struct payment *ended)
{
    CHECK(account->state == ACCOUNT_CLOSING);
    CHECK(ended->status == PAYMENT_ACSC);
    struct ledger_account ledger;
    int64_t interest_minor = 0;
    enum err err = interest_pay(uow, account->id, &interest_minor);
    err = err ? err : ledger_account_read(uow->ledger, account->id, &ledger);
    if (err != ERR_OK) {
        return err;
    }
    int64_t rest_minor = ledger_balance(&ledger);
    CHECK(rest_minor >= 0);
    if (rest_minor > 0) {
        struct payment_id again;
        err = withdrawal_again(uow, ended, rest_minor, &again);
        return err ? err
                   : db_defer(uow->conn, &payment_closure_again,
                              DB_ARGS(db_int(again.value), db_int(id_bucket(account->id.value)),
                                      db_int(open->id)),
                              1);
    }
    err = account_close(uow, account->id);
    err = err ? err : closure_end(uow, account->id, open, CLOSURE_DONE, "");
    return err ? err : news(uow, account, &MESSAGE_ACCOUNT_CLOSED, ended->id);
}

enum err closure_follow(struct uow *uow, const struct payment *ended)
{
    CHECK(ended->status == PAYMENT_ACSC || ended->status == PAYMENT_RJCT);
    CHECK(ended->kind == PAYMENT_WITHDRAWAL);
    struct closure open;
    struct account account;
    enum err err = closure_load(uow->conn, ended->debtor_account, &open);
    if (err != ERR_OK || open.id == 0 || open.payment.value != ended->id.value) {
        return err;
    }
    err = account_lock(uow, ended->debtor_account, &account);
    if (err != ERR_OK) {
        return err;
    }
    if (account.state != ACCOUNT_CLOSING) {
        return fail(uow, &account, &open, ended, REASON_FROZEN);
    }
    return ended->status == PAYMENT_ACSC ? settled(uow, &account, &open, ended)
                                         : fail(uow, &account, &open, ended, ended->reason);
}
