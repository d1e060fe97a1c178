#include "account/account.h"

#include "account/account_store.h"
#include "account/limit_store.h"
#include "base/check.h"
#include "base/hash.h"
#include "db/directory.h"
#include "ledger/recipe.h"

#include <string.h>

#define NUMBER_TRIES_MAX 8

#define COLUMNS                                                                                    \
    "id, customer_id, class, state, product, currency, account_number, opened_at, version"

DB_STMT(account_by_id, "SELECT " COLUMNS " FROM account_accounts WHERE bucket = $1 AND id = $2");
DB_STMT(account_by_id_lock,
        "SELECT " COLUMNS " FROM account_accounts WHERE bucket = $1 AND id = $2 "
        "FOR UPDATE");
DB_STMT(account_of_both,
        "SELECT " COLUMNS " FROM account_accounts WHERE bucket = $1 AND id = $2 UNION ALL "
        "SELECT " COLUMNS " FROM account_accounts WHERE bucket = $3 AND id = $4");
/* Open ones first, so that a list that ends early has them all. */
DB_STMT(account_by_customer,
        "SELECT " COLUMNS " FROM (SELECT " COLUMNS " FROM account_accounts WHERE bucket = $1 "
        "AND customer_id = $2 ORDER BY CASE WHEN state = 3 THEN 1 ELSE 0 END, id DESC LIMIT $3) "
        "AS newest ORDER BY id");
DB_STMT(account_open_count,
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN class = $1 THEN 1 ELSE 0 END), 0) "
        "FROM account_accounts WHERE bucket = $2 AND customer_id = $3 AND state <> 3");
DB_STMT(account_insert,
        "INSERT INTO account_accounts (bucket, id, customer_id, class, state, product, currency, "
        "account_number, opened_at, closed_at, version) "
        "VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, NULL, 1)");
DB_STMT(account_change_insert,
        "INSERT INTO account_changes (bucket, account_id, version, at, class, product, state) "
        "SELECT bucket, id, version, $1, class, product, state FROM account_accounts "
        "WHERE bucket = $2 AND id = $3");
DB_STMT(account_report_open_count, "SELECT COUNT(*) FROM account_accounts WHERE state <> 3");

static void copy_text(char *out, size_t size, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    CHECK(length < size);
    memcpy(out, text ? text : "", length + 1);
}

static void read_account(const struct db_rows *rows, struct account *out)
{
    *out = (struct account){.id = {db_rows_int(rows, 0)},
                            .customer = {db_rows_int(rows, 1)},
                            .class = (enum account_class)db_rows_int(rows, 2),
                            .state = (enum account_state)db_rows_int(rows, 3),
                            .product = (int32_t)db_rows_int(rows, 4),
                            .opened_at = db_rows_int(rows, 7),
                            .version = db_rows_int(rows, 8)};
    copy_text(out->ccy.code, sizeof out->ccy.code, db_rows_text(rows, 5));
    copy_text(out->number, sizeof out->number, db_rows_text(rows, 6));
}

/* The one row of an answer, which is closed. */
static enum err load_one(struct db_conn *conn, struct db_stmt *stmt, struct account_id id,
                         struct account *out)
{
    struct db_rows rows =
        db_read(conn, stmt, DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        read_account(&rows, out);
    }
    return db_rows_close(&rows);
}

enum err account_load(struct db_conn *conn, struct account_id id, struct account *out)
{
    return load_one(conn, &account_by_id, id, out);
}

enum err account_lock(struct uow *uow, struct account_id id, struct account *out)
{
    return load_one(uow->conn, &account_by_id_lock, id, out);
}

enum err account_load_own(struct db_conn *conn, struct customer_id customer, struct account_id id,
                          struct account *out)
{
    struct account account;
    enum err err = account_load(conn, id, &account);
    if (err != ERR_OK) {
        return err;
    }
    if (account.customer.value != customer.value) {
        return ERR_NOT_FOUND;
    }
    *out = account;
    return ERR_OK;
}

static enum err read_list(struct db_rows *rows, struct account *out, size_t max, size_t *out_count)
{
    size_t count = 0;
    while (count < max && db_rows_next(rows)) {
        read_account(rows, &out[count++]);
    }
    enum err err = db_rows_close(rows);
    if (err == ERR_OK) {
        *out_count = count;
    }
    return err;
}

enum err account_list(struct db_conn *conn, struct customer_id customer, struct account *out,
                      size_t max, size_t *out_count)
{
    struct db_rows rows = db_read(
        conn, &account_by_customer,
        DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value), db_int((int64_t)max)));
    return read_list(&rows, out, max, out_count);
}

enum err account_receiving_queue(struct db_conn *conn, struct customer_id customer)
{
    return db_batch_query(conn, &account_by_customer,
                          DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value),
                                  db_int(ACCOUNT_PER_PERSON_MAX)));
}

enum err account_receiving_read(struct db_conn *conn, struct account *out)
{
    struct account accounts[ACCOUNT_PER_PERSON_MAX];
    struct db_rows rows = db_batch_read(conn);
    size_t count = 0;
    enum err err = read_list(&rows, accounts, ACCOUNT_PER_PERSON_MAX, &count);
    if (err != ERR_OK) {
        return err;
    }
    const struct account *found = NULL;
    for (size_t i = 0; i < count; i++) {
        bool is_deposit = accounts[i].class != ACCOUNT_CLASS_PAYMENT;
        if (account_decide_credit(accounts[i].state) == ERR_OK &&
            (found == NULL || (is_deposit && found->class == ACCOUNT_CLASS_PAYMENT))) {
            found = &accounts[i];
        }
    }
    if (found == NULL) {
        return ERR_NOT_FOUND;
    }
    *out = *found;
    return ERR_OK;
}

enum err account_receiving(struct db_conn *conn, struct customer_id customer, struct account *out)
{
    enum err err = db_batch_begin(conn);
    if (err != ERR_OK) {
        return err;
    }
    err = account_receiving_queue(conn, customer);
    if (err == ERR_OK) {
        err = account_receiving_read(conn, out);
    }
    enum err ended = db_batch_end(conn);
    return err != ERR_OK ? err : ended;
}

/* Account numbers are no secret between two customers, so their hash needs no key. */
static struct directory_name number_name(const struct hash *hash)
{
    return (struct directory_name){
        .kind = DIRECTORY_ACCOUNT_NUMBER, .hash = hash->bytes, .hash_size = sizeof hash->bytes};
}

enum err account_find_by_number(struct db_conn *conn, const char *number, struct account *out)
{
    if (!account_number_is_valid(number)) {
        return ERR_NOT_FOUND;
    }
    struct hash hash = hash_of(number, ACCOUNT_NUMBER_SIZE - 1);
    struct directory_name name = number_name(&hash);
    struct account_id id = {0};
    enum err err = directory_find(conn, &name, &id.value);
    return err != ERR_OK ? err : account_load(conn, id, out);
}

enum err account_report_count(struct db_conn *conn, int64_t *out_count)
{
    return db_number(conn, &account_report_open_count, DB_NO_ARGS, out_count);
}

/* Derives a number from the id and claims it for the whole bank; tries the next if it is taken. */
static enum err claim_number(struct uow *uow, struct account *account)
{
    for (int64_t salt = 0; salt < NUMBER_TRIES_MAX; salt++) {
        int64_t text[2] = {account->id.value, salt};
        struct hash seed_hash = hash_of(text, sizeof text);
        uint64_t seed;
        memcpy(&seed, seed_hash.bytes, sizeof seed);
        account_number_make(seed, account->number);
        struct hash hash = hash_of(account->number, ACCOUNT_NUMBER_SIZE - 1);
        struct directory_name name = number_name(&hash);
        int64_t owner = 0;
        enum err err = directory_claim(uow->conn, &name, account->id.value, &owner);
        if (err != ERR_EXISTS) {
            return err;
        }
    }
    return ERR_DB_RETRY;
}

enum err account_note_change(struct uow *uow, struct account_id account)
{
    CHECK(account.value > 0);
    return db_defer(
        uow->conn, &account_change_insert,
        DB_ARGS(db_int(uow->now_us), db_int(id_bucket(account.value)), db_int(account.value)), -1);
}

static enum err insert_account(struct uow *uow, const struct account *account)
{
    enum err err = db_defer(uow->conn, &account_insert,
                            DB_ARGS(db_int(id_bucket(account->id.value)), db_int(account->id.value),
                                    db_int(account->customer.value), db_int(account->class),
                                    db_int(account->product), db_text(account->ccy.code),
                                    db_text(account->number), db_int(account->opened_at)),
                            1);
    return err ? err : account_note_change(uow, account->id);
}

enum err account_person_lock(struct uow *uow, struct customer_id customer)
{
    struct limit_usage unused;
    return limit_reserve(uow, customer.value, LIMIT_KIND_OPENING, 1, &unused);
}

/* How many accounts of the person are not closed, in all and of a class. */
static enum err count_open(struct uow *uow, struct customer_id customer, enum account_class class,
                           int64_t *out_all, int64_t *out_of_class)
{
    struct db_rows rows =
        db_read(uow->conn, &account_open_count,
                DB_ARGS(db_int(class), db_int(id_bucket(customer.value)), db_int(customer.value)));
    *out_all = 0;
    *out_of_class = 0;
    if (db_rows_next(&rows)) {
        *out_all = db_rows_int(&rows, 0);
        *out_of_class = db_rows_int(&rows, 1);
    }
    return db_rows_close(&rows);
}

static int64_t count_max(const struct catalogue_edition *edition, enum account_class class)
{
    static const enum account_parameter parameters[] = {
        PARAMETER_CLASS_I_COUNT_MAX, PARAMETER_CLASS_II_COUNT_MAX, PARAMETER_CLASS_III_COUNT_MAX,
        PARAMETER_PAYMENT_COUNT_MAX};
    return account_figure(edition, parameters[class - ACCOUNT_CLASS_I]);
}

/* Number, ledger account, row and, for deposits, interest. */
static enum err open_as(struct uow *uow, const struct catalogue_product *product,
                        struct customer_id customer, struct account *out)
{
    CHECK(product != NULL);
    bool is_payment = product->class == ACCOUNT_CLASS_PAYMENT;
    struct account account = {.id = {uow_id(uow, id_bucket(customer.value))},
                              .customer = customer,
                              .class = product->class,
                              .state = ACCOUNT_ACTIVE,
                              .product = product->id,
                              .ccy = CCY_CNY,
                              .opened_at = uow->now_us,
                              .version = 1};
    struct ledger_account_spec spec = {.id = account.id,
                                       .ccy = account.ccy,
                                       .gl_code =
                                           is_payment ? GL_PAYMENT_ACCOUNTS : GL_DEPOSITS_DEMAND};
    enum err err = claim_number(uow, &account);
    err = err ? err : ledger_account_open(uow->ledger, &spec);
    err = err ? err : insert_account(uow, &account);
    err = err || is_payment ? err : interest_open(uow, account.id);
    if (err == ERR_OK) {
        *out = account;
    }
    return err;
}

enum err account_open(struct uow *uow, const struct catalogue *catalogue,
                      struct customer_id customer, enum account_class class, struct account *out)
{
    CHECK(class >= ACCOUNT_CLASS_I && class <= ACCOUNT_CLASS_PAYMENT);
    int64_t all = 0, of_class = 0;
    enum err err = account_person_lock(uow, customer);
    err = err ? err : count_open(uow, customer, class, &all, &of_class);
    if (err != ERR_OK) {
        return err;
    }
    int64_t max = count_max(catalogue_on(catalogue, limit_day(uow)), class);
    if ((max != CATALOGUE_NO_LIMIT && of_class >= max) || all >= ACCOUNT_PER_PERSON_MAX) {
        return ERR_ACCOUNT_COUNT;
    }
    return open_as(uow, catalogue_product_of(catalogue, class), customer, out);
}

enum err account_open_corporate(struct uow *uow, const struct catalogue *catalogue,
                                struct customer_id company, struct account *out)
{
    int64_t all = 0, of_class = 0;
    enum err err = account_person_lock(uow, company);
    err = err ? err : count_open(uow, company, ACCOUNT_CLASS_I, &all, &of_class);
    if (err != ERR_OK || all >= ACCOUNT_PER_PERSON_MAX) {
        return err != ERR_OK ? err : ERR_ACCOUNT_COUNT;
    }
    return open_as(uow, catalogue_product(catalogue, PRODUCT_CORPORATE), company, out);
}

enum err account_open_further(struct uow *uow, const struct catalogue *catalogue,
                              const struct customer *customer, enum account_class class,
                              struct account *out)
{
    struct account_opening_facts facts = {.is_verified = customer->layers.verified_at != 0,
                                          .has_identity = customer->identity_at != 0};
    struct card cards[CARD_PER_PERSON_MAX];
    struct identity_channel channels[CHANNELS_MAX];
    size_t count = 0;
    enum err err = card_list(uow->conn, customer->id, cards, CARD_PER_PERSON_MAX, &count);
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        facts.has_card |= cards[i].state == CARD_BOUND;
    }
    err = err ? err : customer_channels(uow->conn, customer->id, channels, &facts.channel_count);
    err =
        err ? err : account_decide_opening(catalogue_on(catalogue, limit_day(uow)), class, &facts);
    return err ? err : account_open(uow, catalogue, customer->id, class, out);
}

/* --- both sides of a payment ---------------------------------------------------------------------
 */

static void plan(const struct account_flow *flow, struct account_flow_state *state,
                 struct limit_reservation *out)
{
    if (flow->non_bound && flow->debtor.value != 0) {
        limit_reservation_add(out, flow->debtor.value, LIMIT_KIND_OUTFLOW, &state->outflow);
    }
    if (flow->small) {
        limit_reservation_add(out, flow->payer.value, LIMIT_KIND_SMALL, &state->small);
    }
    if (flow->non_bound && flow->creditor.value != 0) {
        limit_reservation_add(out, flow->creditor.value, LIMIT_KIND_INFLOW, &state->inflow);
    }
}

/* Both accounts in one statement; if there is one side only, or both are the same, one twice. */
static enum err queue_sides(struct db_conn *conn, const struct account_flow *flow)
{
    int64_t debtor = flow->debtor.value != 0 ? flow->debtor.value : flow->creditor.value;
    int64_t creditor = flow->creditor.value != 0 ? flow->creditor.value : debtor;
    return db_batch_query(conn, &account_of_both,
                          DB_ARGS(db_int(id_bucket(debtor)), db_int(debtor),
                                  db_int(id_bucket(creditor)), db_int(creditor)));
}

static enum err read_sides(struct db_conn *conn, const struct account_flow *flow,
                           struct account_flow_state *out)
{
    bool has_debtor = flow->debtor.value == 0, has_creditor = flow->creditor.value == 0;
    struct db_rows rows = db_batch_read(conn);
    while (db_rows_next(&rows)) {
        struct account account;
        read_account(&rows, &account);
        if (account.id.value == flow->debtor.value) {
            out->debtor = account;
            has_debtor = true;
        }
        if (account.id.value == flow->creditor.value) {
            out->creditor = account;
            has_creditor = true;
        }
    }
    enum err err = db_rows_close(&rows);
    return err == ERR_OK && !(has_debtor && has_creditor) ? ERR_NOT_FOUND : err;
}

enum err account_flow_reserve(struct uow *uow, const struct account_flow *flow,
                              struct account_flow_state *out)
{
    CHECK(flow->amount_minor > 0);
    CHECK(flow->debtor.value != 0 || flow->creditor.value != 0);
    CHECK(!flow->small || flow->payer.value != 0);
    memset(out, 0, sizeof *out);
    struct limit_reservation reservation;
    limit_reservation_init(&reservation, flow->amount_minor, limit_day(uow));
    plan(flow, out, &reservation);
    enum err err = db_batch_begin(uow->conn);
    if (err != ERR_OK) {
        return err;
    }
    err = queue_sides(uow->conn, flow);
    if (err == ERR_OK && reservation.count > 0) {
        err = limit_reservation_queue(uow->conn, &reservation);
    }
    if (err == ERR_OK) {
        err = read_sides(uow->conn, flow, out);
    }
    if (err == ERR_OK && reservation.count > 0) {
        err = limit_reservation_read(uow->conn, &reservation);
    }
    enum err ended = db_batch_end(uow->conn);
    return err != ERR_OK ? err : ended;
}

enum err account_cap_reserve(struct uow *uow, const struct catalogue_edition *edition,
                             const struct account *account, int64_t amount_minor, bool stays,
                             struct limit_report *out)
{
    struct ledger_account ledger;
    int64_t incoming_minor = 0;
    bool has_cap = limit_has_cap(edition, account->class);
    if (!has_cap && !stays) {
        return ERR_OK;
    }
    enum err err =
        limit_incoming_reserve(uow, account->id.value, stays ? amount_minor : 0, &incoming_minor);
    if (err != ERR_OK || !has_cap) {
        return err;
    }
    err = ledger_account_read(uow->ledger, account->id, &ledger);
    if (err != ERR_OK) {
        return err;
    }
    int64_t after_minor = ledger_balance(&ledger) + ledger.credits_pending + incoming_minor +
                          (stays ? 0 : amount_minor);
    return limit_decide_balance(edition, account->class, after_minor, amount_minor, out);
}

enum err account_flow_release(struct uow *uow, const struct account_flow *flow, struct date day)
{
    struct account_flow_state unused;
    struct limit_reservation reserved;
    limit_reservation_init(&reserved, flow->amount_minor, day);
    plan(flow, &unused, &reserved);
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < reserved.count; i++) {
        err = limit_release(uow, reserved.rows[i].owner_id, reserved.rows[i].kind,
                            flow->amount_minor, day);
    }
    return err;
}

/* --- limits of an account, for its owner ---------------------------------------------------------
 */

static enum err card_limits(struct db_conn *conn, const struct catalogue_edition *edition,
                            const struct account *account, struct date day,
                            struct limit_report *out, size_t *count)
{
    struct card cards[CARD_PER_PERSON_MAX];
    size_t card_count = 0;
    enum err err = card_list(conn, account->customer, cards, CARD_PER_PERSON_MAX, &card_count);
    for (size_t i = 0; err == ERR_OK && i < card_count; i++) {
        if (cards[i].state != CARD_BOUND) {
            continue;
        }
        struct limit_usage usage;
        err = limit_usage_load(conn, cards[i].id.value, LIMIT_KIND_TOP_UP, day, &usage);
        err = err ? err : card_usage_add_former(conn, cards[i].id, day, &usage);
        if (err != ERR_OK) {
            return err;
        }
        const struct {
            enum limit_name name;
            int64_t max, used;
        } limits[] = {{LIMIT_TOP_UP_PAYMENT, cards[i].payment_max_minor, 0},
                      {LIMIT_TOP_UP_DAY, cards[i].day_max_minor, usage.day_minor}};
        for (size_t k = 0; k < 2; k++) {
            struct limit_report *report = &out[(*count)++];
            limit_describe(edition, account->class, limits[k].name, limits[k].used, report);
            report->max_minor = limits[k].max;
            report->left_minor =
                limits[k].used < limits[k].max ? limits[k].max - limits[k].used : 0;
        }
        return ERR_OK;
    }
    return err;
}

enum err account_limits_of(struct db_conn *conn, const struct catalogue *catalogue,
                           const struct account *account, int64_t balance_minor, struct date day,
                           enum auth_strength strength, struct limit_report out[LIMIT_NAME_COUNT],
                           size_t *out_count)
{
    const struct catalogue_edition *edition = catalogue_on(catalogue, day);
    bool is_payment = account->class == ACCOUNT_CLASS_PAYMENT;
    struct limit_usage outflow, inflow, small;
    const struct {
        enum limit_kind kind;
        struct limit_usage *usage;
    } loads[] = {
        {LIMIT_KIND_OUTFLOW, &outflow}, {LIMIT_KIND_INFLOW, &inflow}, {LIMIT_KIND_SMALL, &small}};
    for (size_t i = 0; i < 3; i++) {
        bool is_persons = loads[i].kind == LIMIT_KIND_SMALL;
        enum err err =
            limit_usage_load(conn, is_persons ? account->customer.value : account->id.value,
                             loads[i].kind, day, loads[i].usage);
        if (err != ERR_OK) {
            return err;
        }
    }
    const struct {
        enum limit_name name;
        int64_t used;
    } limits[] = {{LIMIT_OUTFLOW_NON_BOUND_DAY, outflow.day_minor},
                  {LIMIT_OUTFLOW_NON_BOUND_YEAR, outflow.year_minor},
                  {LIMIT_INFLOW_NON_BOUND_DAY, inflow.day_minor},
                  {LIMIT_INFLOW_NON_BOUND_YEAR, inflow.year_minor},
                  {LIMIT_BALANCE_MAX, balance_minor},
                  {LIMIT_PAYMENTS_SMALL_DAY, small.day_minor}};
    size_t count = 0;
    enum err err = ERR_OK;
    if (is_payment) {
        err = tier_limits(conn, edition, account->customer, strength, day, out, &count);
    }
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        if (!is_payment || limits[i].name > LIMIT_BALANCE_MAX) {
            limit_describe(edition, account->class, limits[i].name, limits[i].used, &out[count++]);
        }
    }
    err = err ? err : card_limits(conn, edition, account, day, out, &count);
    if (err == ERR_OK) {
        *out_count = count;
    }
    return err;
}

enum err account_limits(struct db_conn *conn, const struct catalogue *catalogue,
                        const struct account *account, int64_t balance_minor, struct date day,
                        struct limit_report out[LIMIT_NAME_COUNT], size_t *out_count)
{
    return account_limits_of(conn, catalogue, account, balance_minor, day, AUTH_TWO_FACTORS, out,
                             out_count);
}
