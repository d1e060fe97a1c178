#include "privacy/leaving.h"

#include "account/erase.h"
#include "customer/erase.h"
#include "frame/room.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS "id, customer_id, state, card_id, begun_at, ended_at, erase_date"

DB_STMT(privacy_leaving_insert,
        "INSERT INTO privacy_leavings (bucket, customer_id, id, card_id, state, begun_at, ended_at,"
        " erase_date) VALUES ($1, $2, $3, $4, 1, $5, 0, $6)");
DB_STMT(privacy_leaving_newest,
        "SELECT " COLUMNS " FROM privacy_leavings WHERE bucket = $1 AND customer_id = $2"
        " ORDER BY id DESC LIMIT 1");
DB_STMT(privacy_leaving_end,
        "UPDATE privacy_leavings SET state = $1, ended_at = $2, erase_date = $3, number_hash = $4"
        " WHERE bucket = $5 AND customer_id = $6 AND id = $7 AND state = 1");
DB_STMT(privacy_leaving_erased,
        "UPDATE privacy_leavings SET state = 4, number_hash = NULL, card_id = 0"
        " WHERE bucket = $1 AND customer_id = $2 AND state = 2");
DB_STMT(privacy_batch_open,
        "SELECT " COLUMNS
        " FROM privacy_leavings WHERE state = 1 AND id > $1 ORDER BY id LIMIT $2");
DB_STMT(privacy_leaving_due,
        "SELECT " COLUMNS " FROM privacy_leavings WHERE bucket = $1 AND state = 2"
        " AND erase_date < $2 ORDER BY erase_date LIMIT $3");

#define DUE_MAX 64

/* --- Rows --------------------------------------------------------------------------------------- */

static void read_leaving(const struct db_rows *rows, struct leaving *out)
{
    *out = (struct leaving){.id = db_rows_int(rows, 0),
                            .customer = {db_rows_int(rows, 1)},
                            .state = (enum leaving_state)db_rows_int(rows, 2),
                            .card = {db_rows_int(rows, 3)},
                            .begun_at = db_rows_int(rows, 4),
                            .ended_at = db_rows_int(rows, 5),
                            .erase_date = {(int32_t)db_rows_int(rows, 6)}};
}

enum err leaving_load(struct db_conn *conn, struct customer_id customer, struct leaving *out)
{
    struct db_rows rows =
        db_read(conn, &privacy_leaving_newest,
                DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)));
    *out = (struct leaving){.id = 0, .customer = customer};
    if (db_rows_next(&rows)) {
        read_leaving(&rows, out);
    }
    return db_rows_close(&rows);
}

static struct date erase_date_of(const struct uow *uow)
{
    struct date today = engine_civil_date(uow->engine, uow->now_us);
    return date_add_months(today, LEAVING_KEPT_MONTHS);
}

static enum err store_new(struct uow *uow, const struct leaving_request *request,
                          struct leaving *out)
{
    int bucket = id_bucket(request->customer.value);
    *out = (struct leaving){.id = uow_id(uow, bucket),
                            .customer = request->customer,
                            .state = LEAVING_OPEN,
                            .card = request->card,
                            .begun_at = uow->now_us,
                            .erase_date = erase_date_of(uow)};
    return db_defer(uow->conn, &privacy_leaving_insert,
                    DB_ARGS(db_int(bucket), db_int(out->customer.value), db_int(out->id),
                            db_int(out->card.value), db_int(out->begun_at),
                            db_int(out->erase_date.days)),
                    1);
}

static enum err store_end(struct uow *uow, struct leaving *leaving, enum leaving_state state,
                          const uint8_t *number_hash)
{
    leaving->state = state;
    leaving->ended_at = uow->now_us;
    leaving->erase_date = erase_date_of(uow);
    return db_defer(uow->conn, &privacy_leaving_end,
                    DB_ARGS(db_int(state), db_int(leaving->ended_at),
                            db_int(leaving->erase_date.days),
                            number_hash ? db_blob(number_hash, VAULT_HASH_SIZE) : db_null(),
                            db_int(id_bucket(leaving->customer.value)),
                            db_int(leaving->customer.value), db_int(leaving->id)),
                    1);
}

/* --- Closing ------------------------------------------------------------------------------------ */

static enum err finish(const struct house *house, struct uow *uow, struct leaving *leaving)
{
    uint8_t number_hash[VAULT_HASH_SIZE];
    bool has_number = false;
    const struct room_parts *const *rooms = house->rooms;
    enum err err = ERR_OK;
    for (size_t i = house_room_count(rooms); !err && i > 0; i--) {
        const struct room_erasure *erasure = rooms[i - 1]->erasure;
        err = erasure && erasure->leave ? erasure->leave(house, uow, leaving->customer) : ERR_OK;
    }
    err = err ? err
              : customer_close(customer_room_of(house), uow, leaving->customer, number_hash,
                               &has_number);
    return err ? err : store_end(uow, leaving, LEAVING_CLOSED, has_number ? number_hash : NULL);
}

/* The accounts are locked: their state cannot change until the transaction ends. */
static enum err settle(const struct house *house, struct uow *uow, struct leaving *leaving)
{
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    size_t count = 0;
    size_t closing = 0;
    size_t standing = 0;
    enum err err =
        account_list(uow->conn, leaving->customer, accounts, ACCOUNT_PER_PERSON_MAX, &count);
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        closing += accounts[i].state == ACCOUNT_CLOSING;
        standing += accounts[i].state == ACCOUNT_ACTIVE || accounts[i].state == ACCOUNT_FROZEN;
    }
    if (err != ERR_OK || closing > 0) {
        return err;
    }
    return standing > 0 ? store_end(uow, leaving, LEAVING_FAILED, NULL)
                        : finish(house, uow, leaving);
}

enum err leaving_follow(const struct house *house, struct uow *uow, struct customer_id customer,
                        struct leaving *out)
{
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    size_t count = 0;
    enum err err = account_list_hold(uow, customer, accounts, ACCOUNT_PER_PERSON_MAX, &count);
    err = err ? err : leaving_load(uow->conn, customer, out);
    return err || out->id == 0 || out->state != LEAVING_OPEN ? err : settle(house, uow, out);
}

void leaving_forget(const struct house *house, struct customer_id customer)
{
    const struct room_parts *const *rooms = house->rooms;
    for (size_t i = 0; rooms[i] != NULL; i++) {
        if (rooms[i]->erasure != NULL && rooms[i]->erasure->forget != NULL) {
            rooms[i]->erasure->forget(house, customer);
        }
    }
}

/* --- Start -------------------------------------------------------------------------------------- */

static enum err look_for_obstacles(const struct house *house, struct uow *uow,
                                   struct customer_id customer, struct leaving_result *out)
{
    const struct obstacle_row *rows[OBSTACLES_MAX];
    size_t count = house_obstacles(house->rooms, rows);
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < count; i++) {
        bool is_found = false;
        err = rows[i]->find ? rows[i]->find(house, uow, customer, &is_found) : ERR_OK;
        if (!err && is_found) {
            out->obstacles[out->obstacle_count++] = rows[i];
        }
    }
    return err;
}

static enum err close_accounts(const struct house *house, struct uow *uow,
                               const struct leaving_request *request, const char *name,
                               const struct account *accounts, size_t count,
                               struct leaving_result *out)
{
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct closure_request closure = {.customer = request->customer,
                                          .account = accounts[i].id,
                                          .card = request->card,
                                          .stepped_up = true,
                                          .proof = request->proof,
                                          .customer_name = name};
        struct closure_result result;
        if (accounts[i].state != ACCOUNT_ACTIVE) {
            continue;
        }
        err = closure_begin(uow, house->catalogue, &closure, &result);
        if (err == ERR_LIMIT_EXCEEDED) {
            out->limit = result.limit;
        } else if (err == ERR_ACCOUNT_NOT_EMPTY) {
            out->obstacles[out->obstacle_count++] = PAYMENT_PENDING;
            err = ERR_LEAVING_BLOCKED;
        } else if (err == ERR_OK && result.has_attempt) {
            out->attempts[out->attempt_count++] = result.begun;
        }
    }
    return err;
}

enum err leaving_begin(const struct house *house, struct uow *uow,
                       const struct leaving_request *request, struct leaving_result *out)
{
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    struct customer customer;
    size_t count = 0;
    memset(out, 0, sizeof *out);
    enum err err =
        account_list_hold(uow, request->customer, accounts, ACCOUNT_PER_PERSON_MAX, &count);
    err =
        err ? err : customer_load(customer_room_of(house), uow->conn, request->customer, &customer);
    err = err ? err : leaving_load(uow->conn, request->customer, &out->leaving);
    if (err != ERR_OK || (out->leaving.id != 0 && out->leaving.state == LEAVING_OPEN)) {
        return err;
    }
    if (customer.state != CUSTOMER_ACTIVE && customer.state != CUSTOMER_ONBOARDING) {
        return ERR_CUSTOMER_STATE;
    }
    err = look_for_obstacles(house, uow, request->customer, out);
    if (err == ERR_OK && out->obstacle_count > 0) {
        return ERR_LEAVING_BLOCKED;
    }
    err = err ? err : close_accounts(house, uow, request, customer.name, accounts, count, out);
    err = err ? err : store_new(uow, request, &out->leaving);
    return err ? err : settle(house, uow, &out->leaving);
}

/* --- Jobs --------------------------------------------------------------------------------------- */

struct follow {
    const struct house *house;
    struct leaving leaving;
};

static enum err read_due(struct engine *engine, struct db_stmt *stmt, const struct db_value *args,
                         size_t arg_count, struct leaving out[DUE_MAX], size_t *out_count)
{
    struct db_conn *conn;
    *out_count = 0;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    struct db_rows rows = db_read(conn, stmt, args, arg_count);
    while (*out_count < DUE_MAX && db_rows_next(&rows)) {
        read_leaving(&rows, &out[(*out_count)++]);
    }
    err = db_rows_close(&rows);
    engine_read_end(engine, conn);
    return err;
}

static enum err follow_one(struct uow *uow, void *context)
{
    struct follow *follow = context;
    return leaving_follow(follow->house, uow, follow->leaving.customer, &follow->leaving);
}

static enum err follow_page(const struct house *house, const struct leaving *due, size_t count,
                            size_t *out_count)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < count; i++) {
        struct follow follow = {.house = house, .leaving = due[i]};
        enum err one = engine_run(house->engine, follow_one, &follow);
        if (one == ERR_OK && follow.leaving.state == LEAVING_CLOSED) {
            leaving_forget(house, due[i].customer);
        }
        *out_count += one == ERR_OK && follow.leaving.state != LEAVING_OPEN;
        err = err != ERR_OK ? err : one; /* a failure does not delay the others */
    }
    return err;
}

enum err leaving_follow_due(const struct house *house, size_t limit, size_t *out_count)
{
    struct leaving due[DUE_MAX];
    size_t max = limit < DUE_MAX ? limit : DUE_MAX;
    size_t count = max;
    int64_t after_id = 0;
    enum err err = ERR_OK;
    *out_count = 0;
    while (count == max) {
        enum err read = read_due(house->engine, &privacy_batch_open,
                                 DB_ARGS(db_int(after_id), db_int((int64_t)max)), due, &count);
        if (read != ERR_OK) {
            return read;
        }
        enum err page = follow_page(house, due, count, out_count);
        err = err != ERR_OK ? err : page;
        after_id = count > 0 ? due[count - 1].id : after_id;
    }
    return err;
}

/* --- Erasing ------------------------------------------------------------------------------------ */

static enum err erase_person(struct uow *uow, void *context)
{
    const struct follow *follow = context;
    const struct room_parts *const *rooms = follow->house->rooms;
    struct customer_id customer = follow->leaving.customer;
    enum err err = ERR_OK;
    for (size_t i = house_room_count(rooms); !err && i > 0; i--) {
        const struct room_erasure *erasure = rooms[i - 1]->erasure;
        err = erasure && erasure->erase ? erasure->erase(follow->house, uow, customer) : ERR_OK;
    }
    return err ? err
               : db_defer(uow->conn, &privacy_leaving_erased,
                          DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)), -1);
}

static enum err erase_one(struct follow *follow)
{
    const struct room_parts *const *rooms = follow->house->rooms;
    enum err err = ERR_OK;
    for (size_t i = house_room_count(rooms); !err && i > 0; i--) {
        const struct room_erasure *erasure = rooms[i - 1]->erasure;
        if (erasure != NULL && erasure->erase_elsewhere != NULL) {
            err = erasure->erase_elsewhere(follow->house, follow->leaving.customer);
        }
    }
    return err ? err : engine_run(follow->house->engine, erase_person, follow);
}

enum err leaving_erase_due(const struct house *house, int bucket, struct date today,
                           size_t *out_count)
{
    struct leaving due[DUE_MAX];
    size_t count = 0;
    *out_count = 0;
    enum err err =
        read_due(house->engine, &privacy_leaving_due,
                 DB_ARGS(db_int(bucket), db_int(today.days), db_int(DUE_MAX)), due, &count);
    for (size_t i = 0; i < count; i++) {
        struct follow follow = {.house = house, .leaving = due[i]};
        enum err one = erase_one(&follow);
        *out_count += one == ERR_OK;
        err = err != ERR_OK ? err : one;
    }
    return err;
}
