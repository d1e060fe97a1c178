/* Orders: made by one, approved by others, paid with the last approval. */
#include "base/check.h"
#include "company/company_private.h"
#include "company/message_rows.h"
#include "company/order_rules.h"
#include "company/parameters.h"

#include <stdio.h>
#include <string.h>

#define CREDITOR_FIELD "company.creditor"
#define EXPIRE_MAX     64

#define COLUMNS                                                                                    \
    "id, company_id, account_id, maker_id, creditor_by, creditor_sealed, creditor_name,"           \
    " amount_minor, remittance, state, needed, payment_id, failure, created_at, expires_at,"       \
    " decided_at FROM company_orders"

DB_STMT(order_stmt_add,
        "INSERT INTO company_orders (bucket, id, company_id, account_id, maker_id, creditor_by,"
        " creditor_sealed, creditor_name, amount_minor, remittance, state, needed, payment_id,"
        " failure, created_at, expires_at, decided_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, 0, '', $12, $13, 0)");
DB_STMT(order_stmt_load, "SELECT " COLUMNS " WHERE bucket = $1 AND id = $2");
DB_STMT(order_stmt_list, "SELECT " COLUMNS " WHERE bucket = $1 AND company_id = $2 AND id < $3"
                         " ORDER BY id DESC LIMIT $4");
DB_STMT(order_stmt_store,
        "UPDATE company_orders SET state = $1, payment_id = $2, failure = $3, decided_at = $4"
        " WHERE bucket = $5 AND id = $6 AND state = 1");
DB_STMT(order_stmt_withdraw,
        "UPDATE company_orders SET state = 4, decided_at = $1 WHERE bucket = $2"
        " AND company_id = $3 AND maker_id = $4 AND state = 1");
DB_STMT(order_stmt_report_due, "SELECT id FROM company_orders WHERE state = 1 AND expires_at <= $1"
                               " ORDER BY expires_at LIMIT $2");
DB_STMT(order_stmt_expire, "UPDATE company_orders SET state = 5, decided_at = $1 WHERE bucket = $2"
                           " AND id = $3 AND state = 1");
DB_STMT(approval_stmt_add, "INSERT INTO company_approvals (bucket, order_id, customer_id, decision,"
                           " reason, at) VALUES ($1, $2, $3, $4, $5, $6)");
DB_STMT(approval_stmt_list,
        "SELECT customer_id, decision, reason, at FROM company_approvals"
        " WHERE bucket = $1 AND order_id = $2 ORDER BY at, customer_id LIMIT $3");

/* --- Rows ------------------------------------------------------------------------------------- */

static void copy(char *out, size_t size, const char *text)
{
    CHECK(strlen(text) < size);
    memcpy(out, text, strlen(text) + 1);
}

static enum err read_order(const struct company_room *room, const struct db_rows *rows,
                           struct company_order *out)
{
    size_t size = 0;
    const char *slug = db_rows_text(rows, 12);
    *out = (struct company_order){.id = db_rows_int(rows, 0),
                                  .company = {db_rows_int(rows, 1)},
                                  .account = {db_rows_int(rows, 2)},
                                  .maker = {db_rows_int(rows, 3)},
                                  .by = (enum creditor_by)db_rows_int(rows, 4),
                                  .amount_minor = db_rows_int(rows, 7),
                                  .state = (enum order_state)db_rows_int(rows, 9),
                                  .needed = (int)db_rows_int(rows, 10),
                                  .payment = {db_rows_int(rows, 11)},
                                  .failure = slug[0] != '\0' ? err_from_slug(slug) : ERR_OK,
                                  .created_at = db_rows_int(rows, 13),
                                  .expires_at = db_rows_int(rows, 14),
                                  .decided_at = db_rows_int(rows, 15)};
    copy(out->creditor_name, sizeof out->creditor_name, db_rows_text(rows, 6));
    copy(out->text, sizeof out->text, db_rows_text(rows, 8));
    const void *sealed = db_rows_blob(rows, 5, &size);
    return vault_unseal_text(room->options.vault,
                             (struct vault_place){id_bucket(out->id), out->id, CREDITOR_FIELD},
                             sealed, size, out->creditor, sizeof out->creditor);
}

enum err order_load(const struct company_room *room, struct db_conn *conn,
                    struct customer_id company, int64_t id, struct company_order *out)
{
    struct db_rows rows =
        db_read(conn, &order_stmt_load, DB_ARGS(db_int(id_bucket(id)), db_int(id)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        db_rows_fail(&rows, read_order(room, &rows, out));
    }
    enum err err = db_rows_close(&rows);
    return err ? err : out->company.value == company.value ? ERR_OK : ERR_NOT_FOUND;
}

enum err order_list(const struct company_room *room, struct db_conn *conn,
                    struct customer_id company, int64_t before_id, size_t limit,
                    struct company_order *out, size_t *out_count)
{
    size_t count = 0;
    struct db_rows rows =
        db_read(conn, &order_stmt_list,
                DB_ARGS(db_int(id_bucket(company.value)), db_int(company.value),
                        db_int(before_id != 0 ? before_id : INT64_MAX), db_int((int64_t)limit)));
    while (count < limit && db_rows_next(&rows)) {
        db_rows_fail(&rows, read_order(room, &rows, &out[count++]));
    }
    *out_count = count;
    return db_rows_close(&rows);
}

enum err order_approvals(struct db_conn *conn, int64_t order,
                         struct order_approval out[ORDER_APPROVALS_MAX], size_t *out_count)
{
    size_t count = 0;
    struct db_rows rows =
        db_read(conn, &approval_stmt_list,
                DB_ARGS(db_int(id_bucket(order)), db_int(order), db_int(ORDER_APPROVALS_MAX)));
    while (count < ORDER_APPROVALS_MAX && db_rows_next(&rows)) {
        struct order_approval *row = &out[count++];
        *row = (struct order_approval){.customer = {db_rows_int(&rows, 0)},
                                       .decision = (enum order_decision)db_rows_int(&rows, 1),
                                       .at = db_rows_int(&rows, 3)};
        copy(row->reason, sizeof row->reason, db_rows_text(&rows, 2));
    }
    *out_count = count;
    return db_rows_close(&rows);
}

static enum err store_end(struct uow *uow, struct company_order *order, enum order_state state)
{
    order->state = state;
    order->decided_at = uow->now_us;
    return db_defer(uow->conn, &order_stmt_store,
                    DB_ARGS(db_int(state), db_int(order->payment.value),
                            db_text(order->failure != ERR_OK ? err_slug(order->failure) : ""),
                            db_int(uow->now_us), db_int(id_bucket(order->id)), db_int(order->id)),
                    1);
}

/* --- Paying ----------------------------------------------------------------------------------- */

static enum err tell_maker(struct uow *uow, const struct company *company,
                           const struct company_order *order, const struct message_row *kind)
{
    char amount[MONEY_TEXT_SIZE];
    money_format((struct money){order->amount_minor, CCY_CNY}, amount);
    struct message_params params = {.amount = amount, .name = company->name};
    return kind == &MESSAGE_ORDER_WAITS
               ? company_tell(uow, company, COMPANY_CHECKER, kind, &params)
               : message_add(uow, order->maker, kind, &params, order->payment.value);
}

static enum err prepare(const struct company_room *room, struct uow *uow,
                        const struct company_order *order, struct transfer_order *out,
                        const char **out_field)
{
    bool by_phone = order->by == CREDITOR_BY_PHONE;
    struct transfer_request request = {.customer = order->company,
                                       .debtor_account = order->account,
                                       .creditor_phone = by_phone ? order->creditor : NULL,
                                       .creditor_number = by_phone ? NULL : order->creditor,
                                       .creditor_name = order->creditor_name,
                                       .amount = {order->amount_minor, CCY_CNY},
                                       .text = order->text,
                                       .stepped_up = true,
                                       .strength = AUTH_TWO_FACTORS,
                                       .proof = {PAYMENT_BY_ORDER, order->id, 0}};
    return transfer_prepare(room->options.customers, uow->conn, &request, out, out_field);
}

/* Checks funds first: the ledger would find the shortage after the reservations are written and force
 * a rollback. The company's lock keeps the balance until the transfer: only orders debit the account. */
static enum err check_funds(struct uow *uow, const struct company_order *order)
{
    struct ledger_account state;
    enum err err = ledger_account_read(uow->ledger, order->account, &state);
    return err                                              ? err
           : ledger_available(&state) < order->amount_minor ? ERR_INSUFFICIENT_FUNDS
                                                            : ERR_OK;
}

/* Pays in this transaction. What the transfer service refuses gives its reservations back and leaves the
 * order failed. */
static enum err pay(const struct company_room *room, struct uow *uow, const struct company *company,
                    struct company_order *order)
{
    struct transfer_order transfer;
    struct transfer_result result;
    const char *field = NULL;
    enum err err = prepare(room, uow, order, &transfer, &field);
    err = err ? err : transfer.payee_err;
    err = err ? err : check_funds(uow, order);
    bool was_posted = err == ERR_OK;
    err = err ? err : transfer_post(uow, room->options.catalogue, &transfer, &result);
    if (err == ERR_OK) {
        order->payment = result.payment.id;
        err = store_end(uow, order, ORDER_EXECUTED);
        return err ? err : tell_maker(uow, company, order, &MESSAGE_ORDER_EXECUTED);
    }
    if (!order_error_is_refusal(err) || (was_posted && err == ERR_INSUFFICIENT_FUNDS)) {
        return err;
    }
    order->failure = err;
    err = ERR_OK;
    if (was_posted) {
        struct account_flow flow = {.debtor = transfer.debtor_account,
                                    .creditor = transfer.creditor_account,
                                    .amount_minor = transfer.amount_minor,
                                    .non_bound = !transfer.own};
        err = account_flow_release(uow, &flow, limit_day(uow));
    }
    err = err ? err : store_end(uow, order, ORDER_FAILED);
    return err ? err : tell_maker(uow, company, order, &MESSAGE_ORDER_FAILED);
}

/* --- Making ----------------------------------------------------------------------------------- */

static enum err decide_alone(struct db_conn *conn, const struct company *company, bool *out)
{
    struct company_user users[COMPANY_USERS_MAX];
    size_t count = 0;
    enum err err = company_users(conn, company->id, users, &count);
    *out = company->kind == COMPANY_SOLE_TRADER && count == 1;
    return err;
}

static enum err store_new(const struct company_room *room, struct uow *uow,
                          const struct company_order *order)
{
    uint8_t sealed[ORDER_CREDITOR_SIZE + VAULT_OVERHEAD];
    int bucket = id_bucket(order->id);
    size_t size = strlen(order->creditor);
    vault_seal(room->options.vault, (struct vault_place){bucket, order->id, CREDITOR_FIELD},
               order->creditor, size, sealed);
    return db_exec(uow->conn, &order_stmt_add,
                   DB_ARGS(db_int(bucket), db_int(order->id), db_int(order->company.value),
                           db_int(order->account.value), db_int(order->maker.value),
                           db_int(order->by), db_blob(sealed, size + VAULT_OVERHEAD),
                           db_text(order->creditor_name), db_int(order->amount_minor),
                           db_text(order->text), db_int(order->needed), db_int(order->created_at),
                           db_int(order->expires_at)),
                   NULL);
}

/* Company, role, limit and payee, before anything is written. */
static enum err decide_making(const struct company_room *room, struct uow *uow,
                              const struct company *company, const struct company_user *user,
                              const struct company_order *order, const char **out_field)
{
    struct account account;
    struct transfer_order transfer;
    if (company->state != COMPANY_ACTIVE) {
        return ERR_COMPANY_STATE;
    }
    if (user->limit_minor >= 0 && order->amount_minor > user->limit_minor) {
        return ERR_ORDER_LIMIT;
    }
    enum err err = account_load_own(uow->conn, company->id, order->account, &account);
    err = err ? err : prepare(room, uow, order, &transfer, out_field);
    err = err ? err : transfer.payee_err;
    return err                                                                ? err
           : transfer.creditor_account.value == transfer.debtor_account.value ? ERR_SAME_ACCOUNT
                                                                              : ERR_OK;
}

enum err order_make(const struct company_room *room, struct uow *uow, struct company_order *order,
                    bool stepped_up, const char **out_field)
{
    const struct catalogue_edition *edition = catalogue_on(room->options.catalogue, limit_day(uow));
    struct company company;
    struct company_user user;
    bool is_alone = false;
    enum err err =
        company_lock_for(uow, order->company, order->maker, COMPANY_MAKER, &company, &user);
    err = err ? err : company_person_able(room, uow->conn, order->maker);
    err = err ? err : decide_making(room, uow, &company, &user, order, out_field);
    err = err ? err : decide_alone(uow->conn, &company, &is_alone);
    if (err == ERR_OK && is_alone && !stepped_up) {
        err = ERR_STEP_UP_REQUIRED;
    }
    if (err != ERR_OK) {
        return err;
    }
    order->id = uow_id(uow, id_bucket(company.id.value));
    order->state = ORDER_AWAITING;
    order->needed = order_needed(
        order->amount_minor, company_figure(edition, PARAMETER_PAYMENT_APPROVAL_ABOVE), is_alone);
    order->payment = (struct payment_id){0};
    order->failure = ERR_OK;
    order->created_at = uow->now_us;
    order->expires_at = uow->now_us + room->rules.order_life_us;
    order->decided_at = 0;
    err = store_new(room, uow, order);
    if (err != ERR_OK) {
        return err;
    }
    return order->needed == 0 ? pay(room, uow, &company, order)
                              : tell_maker(uow, &company, order, &MESSAGE_ORDER_WAITS);
}

/* --- Deciding --------------------------------------------------------------------------------- */

static bool has_role(const struct company_user *users, size_t count, struct customer_id who)
{
    for (size_t i = 0; i < count; i++) {
        if (users[i].customer.value == who.value) {
            return (users[i].roles & COMPANY_CHECKER) != 0;
        }
    }
    return false;
}

/* Approvals so far of people who may still approve (whoever lost the role, or was suspended by the bank
 * meanwhile, may not), and whether `who` has spoken. */
static enum err count_approvals(const struct company_room *room, struct db_conn *conn,
                                const struct company_order *order, struct customer_id who,
                                int *out_count, bool *out_has_spoken)
{
    struct order_approval words[ORDER_APPROVALS_MAX];
    struct company_user users[COMPANY_USERS_MAX];
    size_t count = 0;
    size_t user_count = 0;
    enum err err = order_approvals(conn, order->id, words, &count);
    err = err ? err : company_users_able(room, conn, order->company, users, &user_count);
    *out_count = 0;
    *out_has_spoken = false;
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        *out_has_spoken |= words[i].customer.value == who.value;
        *out_count +=
            words[i].decision == ORDER_APPROVE && has_role(users, user_count, words[i].customer);
    }
    return err;
}

/* What the word makes of the order. */
static enum err apply(const struct company_room *room, struct uow *uow,
                      const struct company *company, enum order_decision decision, int approvals,
                      struct company_order *order)
{
    enum err err = ERR_OK;
    switch (decision) {
    case ORDER_WITHDRAW:
        return store_end(uow, order, ORDER_WITHDRAWN);
    case ORDER_REFUSE:
        err = store_end(uow, order, ORDER_REFUSED);
        return err ? err : tell_maker(uow, company, order, &MESSAGE_ORDER_REFUSED);
    case ORDER_APPROVE:
        break;
    }
    return approvals >= order->needed ? pay(room, uow, company, order) : ERR_OK;
}

/* The company's lock makes two words on one order follow each other. */
enum err order_decide(const struct company_room *room, struct uow *uow,
                      const struct order_word *word, struct company_order *out)
{
    struct company company;
    struct company_user user;
    int approvals = 0;
    struct order_facts facts = {.stepped_up = word->stepped_up};
    enum err err = company_lock_for(uow, word->company, word->customer, 0, &company, &user);
    err = err ? err : company_person_able(room, uow->conn, word->customer);
    err = err ? err : order_load(room, uow->conn, word->company, word->order, out);
    /* Nothing is paid that a person ordered who is suspended by now. */
    if (err == ERR_OK && word->decision == ORDER_APPROVE) {
        err = company_person_able(room, uow->conn, out->maker);
    }
    err =
        err ? err
            : count_approvals(room, uow->conn, out, word->customer, &approvals, &facts.has_spoken);
    if (err != ERR_OK) {
        return err;
    }
    facts.state = out->state;
    facts.roles = user.roles;
    facts.is_maker = out->maker.value == word->customer.value;
    facts.is_expired = out->expires_at <= uow->now_us;
    facts.company_is_active = company.state == COMPANY_ACTIVE;
    facts.amount_minor = out->amount_minor;
    facts.limit_minor = user.limit_minor;
    err = order_word_check(&facts, word->decision);
    if (err == ERR_OK && !facts.has_spoken) {
        err = db_exec(uow->conn, &approval_stmt_add,
                      DB_ARGS(db_int(id_bucket(out->id)), db_int(out->id),
                              db_int(word->customer.value), db_int(word->decision),
                              db_text(word->reason), db_int(uow->now_us)),
                      NULL);
    }
    return err ? err : apply(room, uow, &company, word->decision, approvals + 1, out);
}

enum err order_withdraw_of(struct uow *uow, struct customer_id company, struct customer_id maker)
{
    return db_defer(uow->conn, &order_stmt_withdraw,
                    DB_ARGS(db_int(uow->now_us), db_int(id_bucket(company.value)),
                            db_int(company.value), db_int(maker.value)),
                    -1);
}

enum err order_expire(struct uow *uow, size_t limit, size_t *out_count)
{
    int64_t ids[EXPIRE_MAX];
    size_t count = 0;
    size_t max = limit < EXPIRE_MAX ? limit : EXPIRE_MAX;
    struct db_rows rows = db_read(uow->conn, &order_stmt_report_due,
                                  DB_ARGS(db_int(uow->now_us), db_int((int64_t)max)));
    while (count < max && db_rows_next(&rows)) {
        ids[count++] = db_rows_int(&rows, 0);
    }
    enum err err = db_rows_close(&rows);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = db_defer(uow->conn, &order_stmt_expire,
                       DB_ARGS(db_int(uow->now_us), db_int(id_bucket(ids[i])), db_int(ids[i])), -1);
    }
    *out_count = count;
    return err;
}
