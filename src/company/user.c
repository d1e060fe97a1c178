/* Who acts for a company: given and taken by its administrators. */
#include "company/company_private.h"
#include "company/order.h"

#include <string.h>

/* Would the company be without an administrator? */
static bool is_last_admin(const struct company_user *users, size_t count, struct customer_id who)
{
    for (size_t i = 0; i < count; i++) {
        if (users[i].customer.value != who.value && (users[i].roles & COMPANY_ADMIN)) {
            return false;
        }
    }
    return true;
}

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

enum err company_user_set(const struct company_room *room, struct uow *uow,
                          const struct company_user_order *order, struct company_user *out)
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
    err = err ? err : find_person(room, uow->conn, order->phone, &person);
    err = err ? err : company_users(uow->conn, company.id, users, &count);
    if (err != ERR_OK) {
        return err;
    }
    const struct company_user *held = find(users, count, person);
    if (held == NULL && count == COMPANY_USERS_MAX) {
        return ERR_COMPANY_USER_COUNT;
    }
    if (held != NULL && !(order->roles & COMPANY_ADMIN) && is_last_admin(users, count, person)) {
        return ERR_COMPANY_LAST_ADMIN;
    }
    *out = (struct company_user){.id = held != NULL ? held->id
                                                    : uow_id(uow, id_bucket(company.id.value)),
                                 .company = company.id,
                                 .customer = person,
                                 .roles = order->roles,
                                 .limit_minor = order->limit_minor,
                                 .added_at = uow->now_us};
    struct message_params params = {.name = company.name};
    err = company_user_store(uow, out, order->by);
    return err ? err : message_add(uow, person, MESSAGE_COMPANY_USER_ADDED, &params, 0);
}

enum err company_user_remove(struct uow *uow, struct customer_id company, struct customer_id by,
                             int64_t user_id)
{
    struct company row;
    struct company_user me;
    struct company_user users[COMPANY_USERS_MAX];
    size_t count = 0;
    enum err err = company_lock_for(uow, company, by, COMPANY_ADMIN, &row, &me);
    err = err ? err : company_users(uow->conn, company, users, &count);
    struct company_user gone = {.id = 0};
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        gone = users[i].id == user_id ? users[i] : gone;
    }
    if (err != ERR_OK || gone.id == 0) {
        return err != ERR_OK ? err : ERR_NOT_FOUND;
    }
    if (is_last_admin(users, count, gone.customer)) {
        return ERR_COMPANY_LAST_ADMIN;
    }
    struct message_params params = {.name = row.name};
    gone.roles = 0;
    err = company_user_store(uow, &gone, by);
    err = err ? err : order_withdraw_of(uow, company, gone.customer);
    return err ? err : message_add(uow, gone.customer, MESSAGE_COMPANY_USER_REMOVED, &params, 0);
}
