/* Who acts for a company: proposed by its administrators, and given by a second person if there is one. */
#include "base/check.h"
#include "company/company_private.h"
#include "company/message_rows.h"
#include "company/user_rules.h"

#include <string.h>

#define CHANGE_LIFE_US (7 * DAY_US)

#define COLUMNS                                                                                    \
    "id, company_id, customer_id, user_id, roles_before, limit_before, roles_after, limit_after,"  \
    " maker_id, state, checker_id, created_at, expires_at, decided_at FROM company_user_changes"

DB_STMT(user_change_stmt_add,
        "INSERT INTO company_user_changes (bucket, id, company_id, customer_id, user_id,"
        " roles_before, limit_before, roles_after, limit_after, maker_id, state, checker_id,"
        " created_at, expires_at, decided_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $13, $14)");
DB_STMT(user_change_stmt_load, "SELECT " COLUMNS " WHERE bucket = $1 AND id = $2");
DB_STMT(user_change_stmt_waiting,
        "SELECT " COLUMNS " WHERE bucket = $1 AND company_id = $2 AND state = 1 AND expires_at > $3"
        " ORDER BY id DESC LIMIT $4");
DB_STMT(user_change_stmt_count,
        "SELECT COUNT(*) FROM company_user_changes WHERE bucket = $1 AND company_id = $2"
        " AND state = 1 AND expires_at > $3");
DB_STMT(user_change_stmt_decide,
        "UPDATE company_user_changes SET state = $1, checker_id = $2, decided_at = $3"
        " WHERE bucket = $4 AND id = $5 AND state = 1");

/* --- Rows ------------------------------------------------------------------------------------- */

static void read_change(const struct db_rows *rows, struct company_user_change *out)
{
    *out = (struct company_user_change){
        .id = db_rows_int(rows, 0),
        .company = {db_rows_int(rows, 1)},
        .customer = {db_rows_int(rows, 2)},
        .user_id = db_rows_int(rows, 3),
        .roles_before = (unsigned)db_rows_int(rows, 4),
        .limit_before = db_rows_is_null(rows, 5) ? -1 : db_rows_int(rows, 5),
        .roles_after = (unsigned)db_rows_int(rows, 6),
        .limit_after = db_rows_is_null(rows, 7) ? -1 : db_rows_int(rows, 7),
        .maker = {db_rows_int(rows, 8)},
        .state = (enum user_change_state)db_rows_int(rows, 9),
        .checker = {db_rows_int(rows, 10)},
        .created_at = db_rows_int(rows, 11),
        .expires_at = db_rows_int(rows, 12),
        .decided_at = db_rows_int(rows, 13)};
}

static enum err load_change(struct db_conn *conn, struct customer_id company, int64_t id,
                            struct company_user_change *out)
{
    struct db_rows rows =
        db_read(conn, &user_change_stmt_load, DB_ARGS(db_int(id_bucket(id)), db_int(id)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        read_change(&rows, out);
        db_rows_fail(&rows, out->company.value == company.value ? ERR_OK : ERR_NOT_FOUND);
    }
    return db_rows_close(&rows);
}

enum err company_user_changes(struct db_conn *conn, struct customer_id company, int64_t now_us,
                              struct company_user_change out[COMPANY_CHANGES_MAX],
                              size_t *out_count)
{
    size_t count = 0;
    struct db_rows rows = db_read(conn, &user_change_stmt_waiting,
                                  DB_ARGS(db_int(id_bucket(company.value)), db_int(company.value),
                                          db_int(now_us), db_int(COMPANY_CHANGES_MAX)));
    while (count < COMPANY_CHANGES_MAX && db_rows_next(&rows)) {
        read_change(&rows, &out[count++]);
    }
    *out_count = count;
    return db_rows_close(&rows);
}

static struct db_value limit_of(int64_t minor)
{
    return minor < 0 ? db_null() : db_int(minor);
}

static enum err store_change(struct uow *uow, const struct company_user_change *change)
{
    return db_exec(uow->conn, &user_change_stmt_add,
                   DB_ARGS(db_int(id_bucket(change->id)), db_int(change->id),
                           db_int(change->company.value), db_int(change->customer.value),
                           db_int(change->user_id), db_int(change->roles_before),
                           limit_of(change->limit_before), db_int(change->roles_after),
                           limit_of(change->limit_after), db_int(change->maker.value),
                           db_int(change->state), db_int(change->created_at),
                           db_int(change->expires_at), db_int(change->decided_at)),
                   NULL);
}

/* --- Whom a change is about ---------------------------------------------------------------------- */

static const struct company_user *find(const struct company_user *users, size_t count,
                                       struct customer_id who)
{
    for (size_t i = 0; i < count; i++) {
        if (users[i].customer.value == who.value) {
            return &users[i];
        }
    }
    return NULL;
}

/* A verified customer with this phone. */
static enum err find_person(const struct company_room *room, struct db_conn *conn, const char *text,
                            struct customer_id *out)
{
    struct customer_phone phone;
    struct customer customer;
    enum err err = customer_phone_parse(room->options.customers, text, &phone);
    if (err != ERR_OK) {
        return err;
    }
    err = customer_by_phone(conn, &phone, out);
    err = err ? err : customer_load(room->options.customers, conn, *out, &customer);
    if (err == ERR_NOT_FOUND) {
        return ERR_COMPANY_USER_UNKNOWN;
    }
    bool is_able = err == ERR_OK && customer.state == CUSTOMER_ACTIVE && !customer.is_company &&
                   customer.layers.verified_at != 0;
    return err ? err : is_able ? ERR_OK : ERR_COMPANY_USER_UNKNOWN;
}

enum err company_users_able(const struct company_room *room, struct db_conn *conn,
                            struct customer_id company, struct company_user out[COMPANY_USERS_MAX],
                            size_t *out_count)
{
    size_t count = 0, able = 0;
    enum err err = company_users(conn, company, out, &count);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct customer customer;
        err = customer_load(room->options.customers, conn, out[i].customer, &customer);
        if (err == ERR_OK && customer.state == CUSTOMER_ACTIVE) {
            out[able++] = out[i];
        }
    }
    *out_count = able;
    return err;
}

enum err company_person_able(const struct company_room *room, struct db_conn *conn,
                             struct customer_id who)
{
    struct customer customer;
    enum err err = customer_load(room->options.customers, conn, who, &customer);
    return err ? err : customer.state == CUSTOMER_ACTIVE ? ERR_OK : ERR_CUSTOMER_STATE;
}

/* --- Making it so -------------------------------------------------------------------------------- */

static enum err give(struct uow *uow, const struct company *company,
                     const struct company_user_change *change, struct customer_id by)
{
    struct company_user user = {.id = change->user_id,
                                .company = change->company,
                                .customer = change->customer,
                                .roles = change->roles_after,
                                .limit_minor = change->limit_after};
    struct message_params params = {.name = company->name};
    bool is_removal = change->roles_after == 0;
    enum err err = company_user_store(uow, &user, by);
    if (err == ERR_OK && !(change->roles_after & COMPANY_MAKER)) {
        err = order_withdraw_of(uow, company->id, change->customer);
    }
    return err ? err
               : message_add(uow, change->customer,
                             is_removal ? &MESSAGE_COMPANY_USER_REMOVED
                                        : &MESSAGE_COMPANY_USER_ADDED,
                             &params, 0);
}

static enum err count_waiting(struct uow *uow, struct customer_id company, int64_t *out)
{
    return db_number(
        uow->conn, &user_change_stmt_count,
        DB_ARGS(db_int(id_bucket(company.value)), db_int(company.value), db_int(uow->now_us)), out);
}

/* Done at once if the rules let one person do it, else it waits for a second. */
static enum err propose(const struct company_room *room, struct uow *uow,
                        const struct company *company, enum company_proof proof,
                        struct company_user_change *change)
{
    struct company_user users[COMPANY_USERS_MAX];
    size_t count = 0;
    int64_t waiting = 0;
    enum err err = company_users_able(room, uow->conn, company->id, users, &count);
    err = err ? err : count_waiting(uow, company->id, &waiting);
    if (err != ERR_OK) {
        return err;
    }
    enum user_change_way way =
        user_change_decide(change, company->representative, users, count, proof);
    if (way == USER_CHANGE_PROVE_MORE) {
        return ERR_STEP_UP_REQUIRED;
    }
    if (way == USER_CHANGE_WAITS && waiting >= COMPANY_CHANGES_MAX) {
        return ERR_COMPANY_USER_COUNT;
    }
    change->id = uow_id(uow, id_bucket(company->id.value));
    change->state = way == USER_CHANGE_AT_ONCE ? USER_CHANGE_APPLIED : USER_CHANGE_WAITING;
    change->created_at = uow->now_us;
    change->expires_at = uow->now_us + CHANGE_LIFE_US;
    change->decided_at = way == USER_CHANGE_AT_ONCE ? uow->now_us : 0;
    err = store_change(uow, change);
    if (err != ERR_OK || way == USER_CHANGE_AT_ONCE) {
        return err ? err : give(uow, company, change, change->maker);
    }
    struct message_params params = {.name = company->name};
    return company_tell(uow, company, COMPANY_ADMIN | COMPANY_CHECKER,
                        &MESSAGE_COMPANY_CHANGE_WAITS, &params);
}

enum err company_user_set(const struct company_room *room, struct uow *uow,
                          const struct company_user_order *order, struct company_user_change *out)
{
    struct company company;
    struct company_user me;
    struct company_user users[COMPANY_USERS_MAX];
    struct customer_id person = {0};
    size_t count = 0;
    enum err err = company_lock_for(uow, order->company, order->by, COMPANY_ADMIN, &company, &me);
    if (err == ERR_OK && company.state != COMPANY_ACTIVE) {
        err = ERR_COMPANY_STATE;
    }
    err = err ? err : company_person_able(room, uow->conn, order->by);
    err = err ? err : find_person(room, uow->conn, order->phone, &person);
    err = err ? err : company_users(uow->conn, company.id, users, &count);
    if (err != ERR_OK) {
        return err;
    }
    const struct company_user *held = find(users, count, person);
    if (held == NULL && count == COMPANY_USERS_MAX) {
        return ERR_COMPANY_USER_COUNT;
    }
    if (held != NULL && !(order->roles & COMPANY_ADMIN) &&
        user_is_last_admin(users, count, person)) {
        return ERR_COMPANY_LAST_ADMIN;
    }
    *out = (struct company_user_change){.company = company.id,
                                        .customer = person,
                                        .user_id = held ? held->id
                                                        : uow_id(uow, id_bucket(company.id.value)),
                                        .roles_before = held ? held->roles : 0,
                                        .limit_before = held ? held->limit_minor : 0,
                                        .roles_after = order->roles,
                                        .limit_after = order->limit_minor,
                                        .maker = order->by};
    return propose(room, uow, &company, order->proof, out);
}

enum err company_user_remove(const struct company_room *room, struct uow *uow,
                             const struct company_user_order *order, int64_t user_id,
                             struct company_user_change *out)
{
    struct company company;
    struct company_user me;
    struct company_user users[COMPANY_USERS_MAX];
    size_t count = 0;
    enum err err = company_lock_for(uow, order->company, order->by, COMPANY_ADMIN, &company, &me);
    err = err ? err : company_person_able(room, uow->conn, order->by);
    err = err ? err : company_users(uow->conn, order->company, users, &count);
    const struct company_user *gone = NULL;
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        gone = users[i].id == user_id ? &users[i] : gone;
    }
    if (err != ERR_OK || gone == NULL) {
        return err != ERR_OK ? err : ERR_NOT_FOUND;
    }
    if (user_is_last_admin(users, count, gone->customer)) {
        return ERR_COMPANY_LAST_ADMIN;
    }
    *out = (struct company_user_change){.company = company.id,
                                        .customer = gone->customer,
                                        .user_id = gone->id,
                                        .roles_before = gone->roles,
                                        .limit_before = gone->limit_minor,
                                        .roles_after = 0,
                                        .limit_after = gone->limit_minor,
                                        .maker = order->by};
    return propose(room, uow, &company, order->proof, out);
}

/* --- The second person --------------------------------------------------------------------------- */

/* Judged as things are now: whoever proposed must still be an administrator, what stood before must still
 * stand, and somebody must be left who administers. */
static enum err check_approval(const struct company_room *room, struct uow *uow,
                               const struct company *company,
                               const struct company_user_change *change, struct customer_id who)
{
    struct company_user users[COMPANY_USERS_MAX], able[COMPANY_USERS_MAX];
    size_t count = 0, able_count = 0;
    enum err err = company_users(uow->conn, company->id, users, &count);
    err = err ? err : company_users_able(room, uow->conn, company->id, able, &able_count);
    if (err != ERR_OK) {
        return err;
    }
    const struct company_user *maker = find(able, able_count, change->maker);
    const struct company_user *held = find(users, count, change->customer);
    unsigned roles_now = held ? held->roles : 0;
    int64_t limit_now = held ? held->limit_minor : 0;
    if (maker == NULL || !(maker->roles & COMPANY_ADMIN) || roles_now != change->roles_before ||
        limit_now != change->limit_before) {
        return ERR_CHANGE_STALE;
    }
    if (company->state != COMPANY_ACTIVE && change->roles_after != 0) {
        return ERR_COMPANY_STATE;
    }
    if (held == NULL && count == COMPANY_USERS_MAX) {
        return ERR_COMPANY_USER_COUNT;
    }
    if (held != NULL && !(change->roles_after & COMPANY_ADMIN) &&
        user_is_last_admin(users, count, change->customer)) {
        return ERR_COMPANY_LAST_ADMIN;
    }
    return user_change_may_approve(change, able, able_count, who) ? ERR_OK : ERR_FOUR_EYES;
}

enum err company_user_decide(const struct company_room *room, struct uow *uow,
                             const struct company_user_word *word, struct company_user_change *out)
{
    static const enum user_change_state ends[] = {[ORDER_APPROVE] = USER_CHANGE_APPLIED,
                                                  [ORDER_REFUSE] = USER_CHANGE_REFUSED,
                                                  [ORDER_WITHDRAW] = USER_CHANGE_WITHDRAWN};
    struct company company;
    struct company_user me;
    enum err err = company_lock_for(uow, word->company, word->customer, 0, &company, &me);
    err = err ? err : company_person_able(room, uow->conn, word->customer);
    err = err ? err : load_change(uow->conn, company.id, word->change, out);
    if (err != ERR_OK) {
        return err;
    }
    bool is_maker = out->maker.value == word->customer.value;
    if (word->decision == ORDER_WITHDRAW ? !is_maker
                                         : !(me.roles & (COMPANY_ADMIN | COMPANY_CHECKER))) {
        return ERR_COMPANY_ROLE;
    }
    if (out->state != USER_CHANGE_WAITING || out->expires_at <= uow->now_us) {
        return ERR_CHANGE_DECIDED;
    }
    if (word->decision == ORDER_APPROVE) {
        err = is_maker ? ERR_FOUR_EYES : check_approval(room, uow, &company, out, word->customer);
        if (err == ERR_OK && word->proof == COMPANY_PROOF_NONE) {
            err = ERR_STEP_UP_REQUIRED;
        }
    }
    if (err != ERR_OK) {
        return err;
    }
    out->state = ends[word->decision];
    out->checker = word->decision == ORDER_WITHDRAW ? out->checker : word->customer;
    out->decided_at = uow->now_us;
    err = db_defer(uow->conn, &user_change_stmt_decide,
                   DB_ARGS(db_int(out->state), db_int(out->checker.value), db_int(uow->now_us),
                           db_int(id_bucket(out->id)), db_int(out->id)),
                   1);
    return err || word->decision != ORDER_APPROVE ? err : give(uow, &company, out, word->customer);
}
