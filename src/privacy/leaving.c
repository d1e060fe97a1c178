#include "privacy/leaving.h"

#include "account/erase.h"
#include "base/check.h"
#include "customer/erase.h"
#include "db/outbox.h"
#include "payment/activity.h"
#include "payment/erase.h"

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

#define ACCOUNTS_EVER_MAX 256 /* of a person, closed ones included */
#define DUE_MAX           64

static const struct {
    enum leaving_obstacle obstacle;
    const char *name;
    const char *text[2];
} OBSTACLES[LEAVING_OBSTACLE_COUNT] = {
    {OBSTACLE_FROZEN,
     "accountFrozen",
     {"An account is frozen; it must be free first.", "有账户处于冻结状态，须先解除冻结。"}},
    {OBSTACLE_CASE,
     "openCase",
     {"A person at the bank is still looking at your verification.",
      "您的身份核实仍在人工审核中。"}},
    {OBSTACLE_COMPANY,
     "companyRepresentative",
     {"You represent a company that is a customer; it must leave first, or name another person.",
      "您是本行企业客户的法定代表人，须先注销该企业账户或变更法定代表人。"}},
    {OBSTACLE_PAYMENT,
     "paymentPending",
     {"Money is on its way; try again once it has arrived.", "有款项正在途中，到账后请再试。"}},
};

static size_t place_of(enum leaving_obstacle obstacle)
{
    for (size_t i = 0; i < LEAVING_OBSTACLE_COUNT; i++) {
        if (OBSTACLES[i].obstacle == obstacle) {
            return i;
        }
    }
    CHECK(!"an obstacle");
    return 0;
}

const char *leaving_obstacle_name(enum leaving_obstacle obstacle)
{
    return OBSTACLES[place_of(obstacle)].name;
}

const char *leaving_obstacle_text(enum leaving_obstacle obstacle, enum lang lang)
{
    return OBSTACLES[place_of(obstacle)].text[lang];
}

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

/* --- The end ------------------------------------------------------------------------------------ */

/* Issuers hear of it from the outbox, as often as it takes. */
static enum err unbind_cards(struct uow *uow, struct customer_id customer)
{
    struct card cards[CARD_PER_PERSON_MAX];
    size_t count = 0;
    enum err err = card_list(uow->conn, customer, cards, CARD_PER_PERSON_MAX, &count);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct card card;
        char body[CARD_AGREEMENT_SIZE + 32];
        if (cards[i].state != CARD_BOUND) {
            continue;
        }
        err = card_unbind(uow, customer, cards[i].id, &card);
        snprintf(body, sizeof body, "{\"agreement\":\"%s\"}", cards[i].agreement);
        struct outbox_message message = {.id = uow_id(uow, id_bucket(customer.value)),
                                         .topic = CARD_TOPIC_UNSIGN,
                                         .ref_id = cards[i].id.value,
                                         .body = body,
                                         .created_at = uow->now_us};
        err = err ? err : outbox_put(uow->conn, &message);
    }
    return err;
}

static enum err finish(const struct privacy_room *room, struct uow *uow, struct leaving *leaving)
{
    uint8_t number_hash[VAULT_HASH_SIZE];
    bool has_number = false;
    enum err err = unbind_cards(uow, leaving->customer);
    err = err ? err : kyc_erase_biometrics(room->kyc, uow, leaving->customer);
    err = err ? err : kyc_erase_places(uow, leaving->customer);
    err = err ? err
              : customer_close(room->customers, uow, leaving->customer, number_hash, &has_number);
    return err ? err : store_end(uow, leaving, LEAVING_CLOSED, has_number ? number_hash : NULL);
}

/* The accounts are held: what they say stays true until the transaction ends. */
static enum err settle(const struct privacy_room *room, struct uow *uow, struct leaving *leaving)
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
                        : finish(room, uow, leaving);
}

enum err leaving_follow(const struct privacy_room *room, struct uow *uow,
                        struct customer_id customer, struct leaving *out)
{
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    size_t count = 0;
    enum err err = account_list_hold(uow, customer, accounts, ACCOUNT_PER_PERSON_MAX, &count);
    err = err ? err : leaving_load(uow->conn, customer, out);
    return err || out->id == 0 || out->state != LEAVING_OPEN ? err : settle(room, uow, out);
}

void leaving_forget(const struct privacy_room *room, struct customer_id customer)
{
    session_forget_customer(room->customers, customer);
    kyc_forget_face(room->kyc, customer);
}

/* --- The beginning ------------------------------------------------------------------------------ */

static enum err look_for_obstacles(const struct privacy_room *room, struct uow *uow,
                                   struct customer_id customer, const struct account *accounts,
                                   size_t count, unsigned *out)
{
    struct kyc_verification verification;
    bool represents = false;
    enum err err =
        kyc_verification_load(room->kyc, uow->conn, customer, uow->now_us, &verification);
    if (err == ERR_OK && room->represents != NULL) {
        err = room->represents(uow->conn, customer, &represents);
    }
    if (err != ERR_OK) {
        return err;
    }
    bool in_review = verification.has_case && (verification.case_state == CASE_OPEN ||
                                               verification.case_state == CASE_SECOND);
    *out = (in_review ? OBSTACLE_CASE : 0U) | (represents ? OBSTACLE_COMPANY : 0U);
    for (size_t i = 0; i < count; i++) {
        *out |= accounts[i].state == ACCOUNT_FROZEN ? OBSTACLE_FROZEN : 0U;
    }
    return ERR_OK;
}

static enum err close_accounts(const struct privacy_room *room, struct uow *uow,
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
        err = closure_begin(uow, room->catalogue, &closure, &result);
        if (err == ERR_LIMIT_EXCEEDED) {
            out->limit = result.limit;
        } else if (err == ERR_ACCOUNT_NOT_EMPTY) {
            out->obstacles = OBSTACLE_PAYMENT;
            err = ERR_LEAVING_BLOCKED;
        } else if (err == ERR_OK && result.has_attempt) {
            out->attempts[out->attempt_count++] = result.begun;
        }
    }
    return err;
}

enum err leaving_begin(const struct privacy_room *room, struct uow *uow,
                       const struct leaving_request *request, struct leaving_result *out)
{
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    struct customer customer;
    size_t count = 0;
    memset(out, 0, sizeof *out);
    enum err err =
        account_list_hold(uow, request->customer, accounts, ACCOUNT_PER_PERSON_MAX, &count);
    err = err ? err : customer_load(room->customers, uow->conn, request->customer, &customer);
    err = err ? err : leaving_load(uow->conn, request->customer, &out->leaving);
    if (err != ERR_OK || (out->leaving.id != 0 && out->leaving.state == LEAVING_OPEN)) {
        return err;
    }
    if (customer.state != CUSTOMER_ACTIVE && customer.state != CUSTOMER_ONBOARDING) {
        return ERR_CUSTOMER_STATE;
    }
    err = look_for_obstacles(room, uow, request->customer, accounts, count, &out->obstacles);
    if (err == ERR_OK && out->obstacles != 0) {
        return ERR_LEAVING_BLOCKED;
    }
    err = err ? err : close_accounts(room, uow, request, customer.name, accounts, count, out);
    err = err ? err : store_new(uow, request, &out->leaving);
    return err ? err : settle(room, uow, &out->leaving);
}

/* --- Jobs --------------------------------------------------------------------------------------- */

struct follow {
    const struct privacy_room *room;
    struct leaving leaving;
    struct payment_id payments[ACTIVITY_PAGE_MAX]; /* names in these go */
    size_t payment_count;
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
    return leaving_follow(follow->room, uow, follow->leaving.customer, &follow->leaving);
}

static enum err follow_page(const struct privacy_room *room, struct engine *engine,
                            const struct leaving *due, size_t count, size_t *out_count)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < count; i++) {
        struct follow follow = {.room = room, .leaving = due[i]};
        enum err one = engine_run(engine, follow_one, &follow);
        if (one == ERR_OK && follow.leaving.state == LEAVING_CLOSED) {
            leaving_forget(room, due[i].customer);
        }
        *out_count += one == ERR_OK && follow.leaving.state != LEAVING_OPEN;
        err = err != ERR_OK ? err : one; /* one that fails holds up no other */
    }
    return err;
}

enum err leaving_follow_due(const struct privacy_room *room, struct engine *engine, size_t limit,
                            size_t *out_count)
{
    struct leaving due[DUE_MAX];
    size_t max = limit < DUE_MAX ? limit : DUE_MAX;
    size_t count = max;
    int64_t after_id = 0;
    enum err err = ERR_OK;
    *out_count = 0;
    while (count == max) {
        enum err read = read_due(engine, &privacy_batch_open,
                                 DB_ARGS(db_int(after_id), db_int((int64_t)max)), due, &count);
        if (read != ERR_OK) {
            return read;
        }
        enum err page = follow_page(room, engine, due, count, out_count);
        err = err != ERR_OK ? err : page;
        after_id = count > 0 ? due[count - 1].id : after_id;
    }
    return err;
}

/* --- Erasing ------------------------------------------------------------------------------------ */

static bool collect_received(const struct activity_line *line, void *context)
{
    struct follow *follow = context;
    if (line->has_payment &&
        line->payment.creditor_customer.value == follow->leaving.customer.value &&
        line->payment.creditor_name[0] != '\0') {
        follow->payments[follow->payment_count++] = line->payment.id;
    }
    return true;
}

static enum err erase_received(struct uow *uow, void *context)
{
    const struct follow *follow = context;
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < follow->payment_count; i++) {
        err = payment_erase_received(uow, follow->leaving.customer, follow->payments[i]);
    }
    return err;
}

/* What others paid lies in their buckets: found by the account's own lines, a page at a time. */
static enum err erase_on_account(struct follow *follow, struct engine *engine,
                                 struct account_id account)
{
    static const struct activity_filter all;
    int64_t before = 0;
    enum err err = ERR_OK;
    do {
        struct db_conn *conn;
        follow->payment_count = 0;
        err = engine_read_begin(engine, &conn);
        if (err != ERR_OK) {
            return err;
        }
        err = activity_each(engine_ledger(engine), conn, account, &all, before, ACTIVITY_PAGE_MAX,
                            collect_received, follow, &before);
        engine_read_end(engine, conn);
        if (err == ERR_OK && follow->payment_count > 0) {
            err = engine_run(engine, erase_received, follow);
        }
    } while (err == ERR_OK && before != 0);
    return err;
}

static enum err erase_person(struct uow *uow, void *context)
{
    const struct follow *follow = context;
    struct customer_id customer = follow->leaving.customer;
    enum err err = payment_erase_made(uow, customer);
    err = err ? err : account_erase(uow, customer);
    err = err ? err : kyc_erase_customer(uow, customer);
    err = err ? err : customer_erase(follow->room->customers, uow, customer);
    return err ? err
               : db_defer(uow->conn, &privacy_leaving_erased,
                          DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)), -1);
}

static enum err erase_one(struct follow *follow, struct engine *engine)
{
    struct account accounts[ACCOUNTS_EVER_MAX];
    size_t count = 0;
    struct db_conn *conn;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = account_list(conn, follow->leaving.customer, accounts, ACCOUNTS_EVER_MAX, &count);
    engine_read_end(engine, conn);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = erase_on_account(follow, engine, accounts[i].id);
    }
    return err ? err : engine_run(engine, erase_person, follow);
}

enum err leaving_erase_due(const struct privacy_room *room, struct engine *engine, int bucket,
                           struct date today, size_t *out_count)
{
    struct leaving due[DUE_MAX];
    size_t count = 0;
    *out_count = 0;
    enum err err =
        read_due(engine, &privacy_leaving_due,
                 DB_ARGS(db_int(bucket), db_int(today.days), db_int(DUE_MAX)), due, &count);
    for (size_t i = 0; i < count; i++) {
        struct follow follow = {.room = room, .leaving = due[i]};
        enum err one = erase_one(&follow, engine);
        *out_count += one == ERR_OK;
        err = err != ERR_OK ? err : one;
    }
    return err;
}
