/* Customers: load, find, reveal, change. The room's opening and closing. */
#include "base/check.h"
#include "base/str.h"
#include "customer/customer_private.h"
#include "customer/customer_rules.h"
#include "customer/message_rows.h"
#include "db/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PHONE_KIND      "phone"
#define ID_NUMBER_KIND  "idNumber"
#define PHONE_FIELD     "customer.phone"
#define ID_NUMBER_FIELD "customer.idNumber"
#define SEALED_TEXT_MAX (64 + VAULT_OVERHEAD)

#define COLUMNS                                                                                    \
    "c.bucket, c.id, c.state, c.language, c.name, c.phone_sealed, c.id_number_sealed,"             \
    " c.birth_date, c.sex, c.region, c.identity_at, c.active_at, c.created_at, c.version,"         \
    " p.set_at, c.is_minor, c.pictures_state, c.pictures_at, c.face_state, c.face_at,"             \
    " c.place_state, c.place_at, c.verified_at, c.document_until, c.phone_changed_at, c.kind,"     \
    " p.basis, p.version"                                                                          \
    " FROM customer_customers c LEFT "                                                             \
    "JOIN customer_passcodes p"                                                                    \
    " ON p.bucket = c.bucket AND p.customer_id = c.id"

DB_STMT(customer_stmt_load, "SELECT " COLUMNS " WHERE c.bucket = $1 AND c.id = $2");
DB_STMT(customer_stmt_party, "SELECT id, state, name, identity_at FROM customer_customers"
                             " WHERE bucket = $1 AND id = $2");
DB_STMT(customer_stmt_insert,
        "INSERT INTO customer_customers (bucket, id, state, language, phone_hash, phone_sealed,"
        " created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)");
DB_STMT(customer_stmt_sealed, "SELECT phone_sealed, id_number_sealed, phone_hash"
                              " FROM customer_customers WHERE bucket = $1 AND id = $2");
DB_STMT(customer_stmt_language, "UPDATE customer_customers SET language = $1, version = version + 1"
                                " WHERE bucket = $2 AND id = $3 AND ($4 = 0 OR version = $4)");
DB_STMT(customer_stmt_state, "UPDATE customer_customers SET state = $1, version = version + 1,"
                             " active_at = $2 WHERE bucket = $3 AND id = $4 AND state = $5");
DB_STMT(customer_stmt_report_newest,
        "SELECT " COLUMNS " WHERE c.kind = 1 AND c.id < $1 ORDER BY c.id DESC LIMIT $2");
DB_STMT(customer_stmt_report_named,
        "SELECT " COLUMNS " WHERE c.name LIKE $1 ESCAPE '\\' AND c.kind = 1 AND c.id < $2"
        " ORDER BY c.id DESC LIMIT $3");
DB_STMT(customer_stmt_report_latin,
        "SELECT " COLUMNS " WHERE (c.name LIKE $1 ESCAPE '\\' OR c.id IN (SELECT customer_id"
        " FROM customer_spellings WHERE spelling LIKE $2 OR initials = $3)) AND c.kind = 1 AND "
        "c.id < $4 ORDER BY c.id DESC LIMIT $5");
DB_STMT(customer_stmt_phone,
        "UPDATE customer_customers SET phone_hash = $1, phone_sealed = $2, phone_changed_at = $3,"
        " version = version + 1 WHERE bucket = $4 AND id = $5");
DB_STMT(customer_stmt_report_count,
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN state = 2 THEN 1 ELSE 0 END), 0),"
        " COALESCE(SUM(CASE WHEN created_at >= $1 THEN 1 ELSE 0 END), 0) FROM customer_customers"
        " WHERE kind = 1");

/* --- The room ----------------------------------------------------------------------------------
 */

enum err customer_room_open(const struct customer_room_options *options, struct customer_room **out)
{
    struct customer_room *room = calloc(1, sizeof(*room));
    if (!room) {
        return ERR_NO_MEMORY;
    }
    room->vault = options->vault;
    room->regions = options->regions;
    room->registry = options->registry;
    room->consents = options->consents;
    room->rules = options->rules ? *options->rules : CUSTOMER_RULES;
    room->catalogue = options->catalogue;
    room->rooms = options->rooms;
    mutex_init(&room->latin_mutex);
    enum err err = session_cache_open(room->rules.cache_entries, room->rules.cache_life_us,
                                      room->rules.session_touch_us, &room->cache);
    if (err == ERR_OK) {
        err = passcode_hash(room, (struct customer_id){0}, "000000", room->dummy_hash);
    }
    if (err != ERR_OK) {
        customer_room_close(room);
        return err;
    }
    *out = room;
    return ERR_OK;
}

void customer_room_close(struct customer_room *room)
{
    if (room) {
        session_cache_close(room->cache);
        latin_close(room);
        mutex_release(&room->latin_mutex);
        free(room);
    }
}

int64_t customer_room_figure(const struct customer_room *room, enum customer_parameter parameter,
                             struct date day)
{
    return customer_figure(catalogue_on(room->catalogue, day), parameter);
}

bool customer_room_layers_required(const struct customer_room *room, struct date day)
{
    return !room->rules.layers_waived &&
           customer_room_figure(room, PARAMETER_IDENTITY_LAYERS, day) != 0;
}

const struct customer_rules *customer_room_rules(const struct customer_room *room)
{
    return &room->rules;
}

enum err customer_phone_parse(const struct customer_room *room, const char *text,
                              struct customer_phone *out)
{
    struct phone phone;
    if (identifier_parse_phone(text, &phone) != IDENTIFIER_VALID || !phone.is_china_mobile) {
        return ERR_INVALID_PHONE;
    }
    CHECK(strlen(phone.number) < sizeof(out->text));
    memset(out, 0, sizeof(*out));
    memcpy(out->text, phone.number, strlen(phone.number));
    vault_lookup_hash(room->vault, PHONE_KIND, out->text, out->hash);
    out->bucket = bucket_of_hash(out->hash, sizeof(out->hash));
    return ERR_OK;
}

/* --- Reading -----------------------------------------------------------------------------------
 */

static struct vault_place place_of(struct customer_id id, const char *field)
{
    return (struct vault_place){id_bucket(id.value), id.value, field};
}

static enum err unseal_column(const struct customer_room *room, const struct db_rows *rows,
                              int column, struct customer_id id, const char *field, char *out,
                              size_t capacity)
{
    size_t size = 0;
    const void *sealed = db_rows_blob(rows, column, &size);
    return vault_unseal_text(room->vault, place_of(id, field), sealed, size, out, capacity);
}

static void read_layers(const struct db_rows *rows, struct customer_layers *out)
{
    for (int layer = LAYER_PICTURES; layer <= LAYER_PLACE; layer++) {
        int column = 16 + 2 * (layer - LAYER_PICTURES);
        out->state[layer] = (enum layer_state)db_rows_int(rows, column);
        out->at[layer] = db_rows_int(rows, column + 1);
    }
    out->verified_at = db_rows_int(rows, 22);
    if (!db_rows_is_null(rows, 23)) {
        out->document_until.days = (int32_t)db_rows_int(rows, 23);
    }
}

static enum err read_customer(const struct customer_room *room, const struct db_rows *rows,
                              struct customer *out)
{
    memset(out, 0, sizeof(*out));
    out->id.value = db_rows_int(rows, 1);
    out->state = (enum customer_state)db_rows_int(rows, 2);
    out->language = (enum lang)db_rows_int(rows, 3);
    out->created_at = db_rows_int(rows, 12);
    out->version = db_rows_int(rows, 13);
    out->active_at = db_rows_is_null(rows, 11) ? 0 : db_rows_int(rows, 11);
    out->has_passcode = !db_rows_is_null(rows, 14);
    read_layers(rows, &out->layers);
    out->phone_changed_at = db_rows_int(rows, 24);
    out->is_company = db_rows_int(rows, 25) == 2;
    out->passcode_at = out->has_passcode ? db_rows_int(rows, 14) : 0;
    out->passcode_basis = out->has_passcode ? (unsigned)db_rows_int(rows, 26) : 0;
    out->passcode_version = out->has_passcode ? db_rows_int(rows, 27) : 0;
    char text[ID_NUMBER_SIZE];
    enum err err = unseal_column(room, rows, 5, out->id, PHONE_FIELD, text, PHONE_TEXT_SIZE);
    if (err != ERR_OK) {
        return err;
    }
    phone_mask(text, out->masked_phone);
    out->has_identity = !db_rows_is_null(rows, 10);
    if (out->has_identity) {
        err = unseal_column(room, rows, 6, out->id, ID_NUMBER_FIELD, text, sizeof(text));
        if (err == ERR_OK) {
            name_mask_id_number(text, out->masked_id_number);
            snprintf(out->name, sizeof(out->name), "%s", db_rows_text(rows, 4));
            out->birth_date.days = (int32_t)db_rows_int(rows, 7);
            if (!out->is_company) {
                out->sex = (enum sex)db_rows_int(rows, 8);
                snprintf(out->region, sizeof(out->region), "%s", db_rows_text(rows, 9));
            }
            out->identity_at = db_rows_int(rows, 10);
            out->is_minor = db_rows_int(rows, 15) == 1;
        }
    }
    vault_wipe(text, sizeof(text));
    return err;
}

enum err customer_load(const struct customer_room *room, struct db_conn *conn,
                       struct customer_id id, struct customer *out)
{
    struct db_rows rows =
        db_read(conn, &customer_stmt_load, DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        db_rows_fail(&rows, read_customer(room, &rows, out));
    }
    return db_rows_close(&rows);
}

static struct directory_name phone_name(const struct customer_phone *phone)
{
    return (struct directory_name){DIRECTORY_PHONE, phone->hash, sizeof(phone->hash)};
}

enum err customer_by_phone(struct db_conn *conn, const struct customer_phone *phone,
                           struct customer_id *out)
{
    struct directory_name name = phone_name(phone);
    return directory_find(conn, &name, &out->value);
}

enum err customer_by_phone_queue(struct db_conn *conn, const struct customer_phone *phone)
{
    struct directory_name name = phone_name(phone);
    return directory_queue(conn, &name);
}

enum err customer_by_phone_read(struct db_conn *conn, struct customer_id *out)
{
    return directory_read(conn, &out->value);
}

enum err customer_party_queue(struct db_conn *conn, struct customer_id id)
{
    return db_batch_query(conn, &customer_stmt_party,
                          DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
}

enum err customer_party_read(struct db_conn *conn, struct customer_party *out)
{
    struct db_rows rows = db_batch_read(conn);
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        *out = (struct customer_party){.id = {db_rows_int(&rows, 0)},
                                       .state = (enum customer_state)db_rows_int(&rows, 1)};
        if (!db_rows_is_null(&rows, 3)) {
            snprintf(out->name, sizeof(out->name), "%s", db_rows_text(&rows, 2));
        }
    }
    return db_rows_close(&rows);
}

enum err customer_by_id_number(const struct customer_room *room, struct db_conn *conn,
                               const char *id_number, struct customer_id *out)
{
    char number[ID_NUMBER_SIZE];
    size_t size = strlen(id_number);
    if (size != ID_NUMBER_SIZE - 1) {
        return ERR_INVALID_FIELD;
    }
    memcpy(number, id_number, size + 1);
    if (number[size - 1] == 'x') {
        number[size - 1] = 'X';
    }
    uint8_t hash[VAULT_HASH_SIZE];
    vault_lookup_hash(room->vault, ID_NUMBER_KIND, number, hash);
    vault_wipe(number, sizeof(number));
    return directory_find(conn, &(struct directory_name){DIRECTORY_ID_NUMBER, hash, sizeof(hash)},
                          &out->value);
}

static enum err reveal(const struct customer_room *room, struct db_conn *conn,
                       struct customer_id id, int column, const char *field, char *out,
                       size_t capacity)
{
    struct db_rows rows = db_read(conn, &customer_stmt_sealed,
                                  DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        db_rows_fail(&rows, db_rows_is_null(&rows, column)
                                ? ERR_NOT_FOUND
                                : unseal_column(room, &rows, column, id, field, out, capacity));
    }
    return db_rows_close(&rows);
}

enum err customer_reveal_phone(const struct customer_room *room, struct db_conn *conn,
                               struct customer_id id, char out[PHONE_TEXT_SIZE])
{
    return reveal(room, conn, id, 0, PHONE_FIELD, out, PHONE_TEXT_SIZE);
}

enum err customer_reveal_id_number(const struct customer_room *room, struct db_conn *conn,
                                   struct customer_id id, char out[ID_NUMBER_SIZE])
{
    return reveal(room, conn, id, 1, ID_NUMBER_FIELD, out, ID_NUMBER_SIZE);
}

enum err customer_phone_hash(struct db_conn *conn, struct customer_id id,
                             uint8_t out[VAULT_HASH_SIZE])
{
    struct db_rows rows = db_read(conn, &customer_stmt_sealed,
                                  DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
    if (db_rows_one(&rows, ERR_NOT_FOUND)) {
        size_t size = 0;
        const void *hash = db_rows_blob(&rows, 2, &size);
        CHECK(size == VAULT_HASH_SIZE);
        memcpy(out, hash, VAULT_HASH_SIZE);
    }
    return db_rows_close(&rows);
}

/* --- Search ------------------------------------------------------------------------------------
 */

/* "%" and "_" mean themselves. */
static void like_prefix(const char *text, char out[2 * CUSTOMER_NAME_SIZE + 2])
{
    size_t used = 0;
    for (; *text && used < 2 * CUSTOMER_NAME_SIZE - 2; text++) {
        if (*text == '%' || *text == '_' || *text == '\\') {
            out[used++] = '\\';
        }
        out[used++] = *text;
    }
    out[used++] = '%';
    out[used] = '\0';
}

/* A text that is one customer's id, phone or ID number. ERR_NOT_FOUND if it is none of them. */
static enum err find_exactly(const struct customer_room *room, struct db_conn *conn,
                             const char *text, struct customer *out)
{
    struct customer_id id;
    struct customer_phone phone;
    enum err err = ERR_NOT_FOUND;
    if (customer_phone_parse(room, text, &phone) == ERR_OK) {
        err = customer_by_phone(conn, &phone, &id);
    }
    if (err == ERR_NOT_FOUND) {
        err = customer_by_id_number(room, conn, text, &id);
    }
    if ((err == ERR_NOT_FOUND || err == ERR_INVALID_FIELD)) {
        err = id_parse(text, &id.value) == ERR_OK ? ERR_OK : ERR_NOT_FOUND;
    }
    return err == ERR_OK ? customer_load(room, conn, id, out) : err;
}

enum err customer_search(const struct customer_room *room, struct db_conn *conn, const char *text,
                         int64_t before_id, size_t limit, customer_visit *visit, void *context)
{
    struct customer customer;
    int64_t before = before_id ? before_id : INT64_MAX;
    if (text && (!str_is_utf8(text, strlen(text)) || strlen(text) >= CUSTOMER_NAME_SIZE)) {
        return ERR_INVALID_FIELD; /* no name is that long */
    }
    if (text && *text) {
        enum err found = find_exactly(room, conn, text, &customer);
        if (found != ERR_NOT_FOUND) {
            if (found == ERR_OK && customer.id.value < before) {
                visit(&customer, context);
            }
            return found;
        }
    }
    struct db_rows rows;
    char latin[LATIN_NAME_SIZE] = "";
    if (text) {
        latin_fold_query(text, latin);
    }
    if (*latin) {
        char pattern[2 * CUSTOMER_NAME_SIZE + 2], spelling[LATIN_NAME_SIZE + 1];
        like_prefix(text, pattern);
        snprintf(spelling, sizeof(spelling), "%s%%", latin); /* letters alone: nothing to escape */
        rows = db_read(conn, &customer_stmt_report_latin,
                       DB_ARGS(db_text(pattern), db_text(spelling), db_text(latin), db_int(before),
                               db_int((int64_t)limit)));
    } else if (text && *text) {
        char pattern[2 * CUSTOMER_NAME_SIZE + 2];
        like_prefix(text, pattern);
        rows = db_read(conn, &customer_stmt_report_named,
                       DB_ARGS(db_text(pattern), db_int(before), db_int((int64_t)limit)));
    } else {
        rows = db_read(conn, &customer_stmt_report_newest,
                       DB_ARGS(db_int(before), db_int((int64_t)limit)));
    }
    while (db_rows_next(&rows)) {
        enum err read = read_customer(room, &rows, &customer);
        db_rows_fail(&rows, read);
        if (read == ERR_OK && !visit(&customer, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

enum err customer_count(struct db_conn *conn, int64_t since_us, struct customer_counts *out)
{
    struct db_rows rows = db_read(conn, &customer_stmt_report_count, DB_ARGS(db_int(since_us)));
    if (db_rows_next(&rows)) {
        out->total = db_rows_int(&rows, 0);
        out->active = db_rows_int(&rows, 1);
        out->since = db_rows_int(&rows, 2);
    }
    return db_rows_close(&rows);
}

/* --- Changes -----------------------------------------------------------------------------------
 */

enum err customer_create(struct customer_room *room, struct uow *uow,
                         const struct customer_phone *phone, enum lang language,
                         struct customer_id *out)
{
    struct customer_id id = {uow_id(uow, phone->bucket)};
    int64_t owner = 0;
    enum err err = directory_claim(
        uow->conn, &(struct directory_name){DIRECTORY_PHONE, phone->hash, sizeof(phone->hash)},
        id.value, &owner);
    if (err != ERR_OK) {
        out->value = owner;
        return err;
    }
    uint8_t sealed[SEALED_TEXT_MAX];
    size_t size = strlen(phone->text);
    vault_seal(room->vault, place_of(id, PHONE_FIELD), phone->text, size, sealed);
    err = db_exec(uow->conn, &customer_stmt_insert,
                  DB_ARGS(db_int(phone->bucket), db_int(id.value), db_int(CUSTOMER_ONBOARDING),
                          db_int(language), db_blob(phone->hash, sizeof(phone->hash)),
                          db_blob(sealed, size + VAULT_OVERHEAD), db_int(uow->now_us)),
                  NULL);
    if (err == ERR_OK) {
        *out = id;
    }
    return err;
}

enum err customer_store_phone(struct customer_room *room, struct uow *uow, struct customer_id id,
                              const struct customer_phone *phone)
{
    uint8_t old[VAULT_HASH_SIZE];
    int64_t owner = 0;
    enum err err = customer_phone_hash(uow->conn, id, old);
    if (err == ERR_OK) {
        struct directory_name name = phone_name(phone);
        err = directory_claim(uow->conn, &name, id.value, &owner);
    }
    if (err == ERR_OK) {
        err = directory_release(
            uow->conn, &(struct directory_name){DIRECTORY_PHONE, old, sizeof(old)}, id.value);
        err = err == ERR_NOT_FOUND ? ERR_OK : err; /* customer_detach_phone took it */
    }
    if (err != ERR_OK) {
        return err;
    }
    uint8_t sealed[SEALED_TEXT_MAX];
    size_t size = strlen(phone->text);
    vault_seal(room->vault, place_of(id, PHONE_FIELD), phone->text, size, sealed);
    return db_defer(uow->conn, &customer_stmt_phone,
                    DB_ARGS(db_blob(phone->hash, sizeof(phone->hash)),
                            db_blob(sealed, size + VAULT_OVERHEAD), db_int(uow->now_us),
                            db_int(id_bucket(id.value)), db_int(id.value)),
                    1);
}

enum err customer_detach_phone(struct customer_room *room, struct uow *uow, struct customer_id id)
{
    static const uint8_t nobody[VAULT_HASH_SIZE] = {0};
    uint8_t old[VAULT_HASH_SIZE], sealed[VAULT_OVERHEAD];
    enum err err = customer_phone_hash(uow->conn, id, old);
    if (err == ERR_OK) {
        err = directory_release(
            uow->conn, &(struct directory_name){DIRECTORY_PHONE, old, sizeof(old)}, id.value);
    }
    if (err != ERR_OK) {
        return err;
    }
    vault_seal(room->vault, place_of(id, PHONE_FIELD), "", 0, sealed);
    err = db_defer(uow->conn, &customer_stmt_phone,
                   DB_ARGS(db_blob(nobody, sizeof(nobody)), db_blob(sealed, sizeof(sealed)),
                           db_int(uow->now_us), db_int(id_bucket(id.value)), db_int(id.value)),
                   1);
    if (err == ERR_OK) {
        err = security_event_add(uow, id, EVENT_PHONE_DETACHED, NULL);
    }
    return err == ERR_OK
               ? message_add(uow, id, &MESSAGE_PHONE_DETACHED, &(struct message_params){0}, 0)
               : err;
}

enum err customer_set_language(struct uow *uow, struct customer_id id, enum lang language,
                               int64_t if_version)
{
    int64_t changed = 0;
    enum err err = db_exec(uow->conn, &customer_stmt_language,
                           DB_ARGS(db_int(language), db_int(id_bucket(id.value)), db_int(id.value),
                                   db_int(if_version)),
                           &changed);
    if (err != ERR_OK || changed == 1) {
        return err;
    }
    uint8_t hash[VAULT_HASH_SIZE];
    err = customer_phone_hash(uow->conn, id, hash);
    return err == ERR_OK ? ERR_VERSION_CHANGED : err;
}

/* One step of the life cycle; ERR_DB_ROW_COUNT (run again) if another was faster. */
static enum err step_state(struct uow *uow, const struct customer *customer,
                           enum customer_state state, int64_t active_at)
{
    if (!customer_state_may_become(customer->state, state)) {
        return ERR_CUSTOMER_STATE;
    }
    return db_defer(uow->conn, &customer_stmt_state,
                    DB_ARGS(db_int(state), active_at ? db_int(active_at) : db_null(),
                            db_int(id_bucket(customer->id.value)), db_int(customer->id.value),
                            db_int(customer->state)),
                    1);
}

enum err customer_may_open_account(const struct customer_room *room, struct db_conn *conn,
                                   struct customer_id id, struct date day)
{
    struct customer customer;
    enum err err = customer_load(room, conn, id, &customer);
    if (err != ERR_OK) {
        return err;
    }
    if (customer.state != CUSTOMER_ONBOARDING && customer.state != CUSTOMER_ACTIVE) {
        return ERR_CUSTOMER_STATE;
    }
    struct onboarding onboarding;
    err = onboarding_load(room, conn, &customer, day, &onboarding);
    if (err != ERR_OK) {
        return err;
    }
    bool is_ready = onboarding.next == STEP_CARD || onboarding.next == ONBOARDING_STEP_COUNT;
    return is_ready && !onboarding.waits ? ERR_OK : ERR_ONBOARDING_INCOMPLETE;
}

enum err customer_activate(const struct customer_room *room, struct uow *uow, struct customer_id id)
{
    struct customer customer;
    enum err err =
        customer_may_open_account(room, uow->conn, id, engine_civil_date(uow->engine, uow->now_us));
    if (err != ERR_OK) {
        return err;
    }
    err = customer_load(room, uow->conn, id, &customer);
    if (err != ERR_OK) {
        return err;
    }
    return customer.state == CUSTOMER_ACTIVE
               ? ERR_OK
               : step_state(uow, &customer, CUSTOMER_ACTIVE, uow->now_us);
}

enum err customer_set_state(const struct customer_room *room, struct uow *uow,
                            struct customer_id id, enum customer_state state)
{
    struct customer customer;
    enum err err = customer_load(room, uow->conn, id, &customer);
    return err == ERR_OK ? step_state(uow, &customer, state, customer.active_at) : err;
}

enum err onboarding_load(const struct customer_room *room, struct db_conn *conn,
                         const struct customer *customer, struct date day, struct onboarding *out)
{
    struct onboarding_facts facts = {.phone_at = customer->created_at,
                                     .identity_at = customer->identity_at,
                                     .passcode_at = customer->passcode_at,
                                     .card_at = customer->active_at,
                                     .layers_required = customer_room_layers_required(room, day),
                                     .layers = customer->layers};
    enum err err = consents_complete_at(room, conn, customer->id, &facts.consents_at);
    if (err == ERR_OK) {
        *out = onboarding_of(&facts);
    }
    return err;
}
