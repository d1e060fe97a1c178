/* One-time codes by text message, and the counters of a phone number. */
#include "base/check.h"
#include "customer/customer_private.h"
#include "customer/customer_rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CODE_KIND      "code"
#define REQUESTER_KIND "requester"
#define MINUTE_US      INT64_C(60000000)
#define CODE_DIGITS    6

enum { CODE_OPEN = 1, CODE_USED = 2 };

DB_STMT(phone_stmt_insert,
        "INSERT INTO customer_phones (bucket, phone_hash, failures, locked_until, holder_failures,"
        " holder_locked_until, touched_at, version) VALUES ($1, $2, 0, 0, 0, 0, $3, 1) ON CONFLICT "
        "(bucket, phone_hash) DO NOTHING");
DB_STMT(phone_stmt_lock, "UPDATE customer_phones SET version = version + 1, touched_at = $1"
                         " WHERE bucket = $2 AND phone_hash = $3 RETURNING failures, locked_until,"
                         " persons, holder_failures, holder_locked_until");
DB_STMT(phone_stmt_store,
        "UPDATE customer_phones SET failures = $1, locked_until = $2, holder_failures = $3,"
        " holder_locked_until = $4 WHERE bucket = $5 AND phone_hash = $6");
DB_STMT(phone_stmt_person, "UPDATE customer_phones SET persons = persons + 1"
                           " WHERE bucket = $1 AND phone_hash = $2");
DB_STMT(phone_code_stmt_newest,
        "SELECT created_at FROM customer_phone_codes WHERE bucket = $1 AND phone_hash = $2"
        " AND requester = $3 ORDER BY id DESC LIMIT $4");
DB_STMT(phone_code_stmt_strangers,
        "SELECT created_at FROM customer_phone_codes WHERE bucket = $1 AND phone_hash = $2"
        " AND is_known = 0 ORDER BY id DESC LIMIT $3");
DB_STMT(phone_code_stmt_reopen, "UPDATE customer_phone_codes SET state = 1, tries = tries + 1"
                                " WHERE bucket = $1 AND id = $2");
DB_STMT(phone_code_stmt_insert,
        "INSERT INTO customer_phone_codes (bucket, id, phone_hash, purpose, code_hash, state,"
        " tries, created_at, expires_at, requester, is_known)"
        " VALUES ($1, $2, $3, $4, $5, 1, 0, $6, $7, $8, $9)");
DB_STMT(phone_code_stmt_load, "SELECT purpose, code_hash, state, tries, expires_at"
                              " FROM customer_phone_codes"
                              " WHERE bucket = $1 AND id = $2 AND phone_hash = $3");
DB_STMT(phone_code_stmt_count, "UPDATE customer_phone_codes SET tries = tries + 1"
                               " WHERE bucket = $1 AND id = $2");
DB_STMT(phone_code_stmt_use, "UPDATE customer_phone_codes SET state = 2"
                             " WHERE bucket = $1 AND id = $2 AND state = 1");

/* --- The counters of a number ------------------------------------------------------------------
 */

enum err phone_row_lock(struct uow *uow, int bucket, const uint8_t phone_hash[VAULT_HASH_SIZE],
                        struct phone_row *out)
{
    enum err err = db_exec(
        uow->conn, &phone_stmt_insert,
        DB_ARGS(db_int(bucket), db_blob(phone_hash, VAULT_HASH_SIZE), db_int(uow->now_us)), NULL);
    if (err != ERR_OK) {
        return err;
    }
    struct db_rows rows =
        db_read(uow->conn, &phone_stmt_lock,
                DB_ARGS(db_int(uow->now_us), db_int(bucket), db_blob(phone_hash, VAULT_HASH_SIZE)));
    if (db_rows_one(&rows, ERR_DB_RETRY)) {
        out->strangers = (struct failures){(int)db_rows_int(&rows, 0), db_rows_int(&rows, 1)};
        out->persons = (int)db_rows_int(&rows, 2);
        out->holder = (struct failures){(int)db_rows_int(&rows, 3), db_rows_int(&rows, 4)};
    }
    return db_rows_close(&rows);
}

enum err phone_row_store(struct uow *uow, int bucket, const uint8_t phone_hash[VAULT_HASH_SIZE],
                         const struct phone_row *row)
{
    return db_defer(uow->conn, &phone_stmt_store,
                    DB_ARGS(db_int(row->strangers.count), db_int(row->strangers.locked_until),
                            db_int(row->holder.count), db_int(row->holder.locked_until),
                            db_int(bucket), db_blob(phone_hash, VAULT_HASH_SIZE)),
                    1);
}

enum err phone_row_count_person(struct uow *uow, const struct customer_phone *phone)
{
    return db_defer(uow->conn, &phone_stmt_person,
                    DB_ARGS(db_int(phone->bucket), db_blob(phone->hash, sizeof(phone->hash))), 1);
}

/* --- Sending -----------------------------------------------------------------------------------
 */

static void hash_code(const struct customer_room *room, int64_t id, const char *code,
                      uint8_t out[VAULT_HASH_SIZE])
{
    char text[ID_TEXT_SIZE + CODE_TEXT_SIZE + 2];
    snprintf(text, sizeof(text), "%" PRId64 ".%.*s", id, CODE_DIGITS, code);
    vault_lookup_hash(room->vault, CODE_KIND, text, out);
    vault_wipe(text, sizeof(text));
}

struct requester {
    uint8_t hash[VAULT_HASH_SIZE];
    bool is_known; /* a device that the number's customer used before */
};

static enum err identify(struct customer_room *room, struct uow *uow,
                         const struct phone_code_request *request, struct requester *out)
{
    struct customer_id owner = {0};
    out->is_known = false;
    enum err err = request->device_key != NULL
                       ? customer_by_phone(uow->conn, &request->phone, &owner)
                       : ERR_NOT_FOUND;
    if (err == ERR_OK) {
        err = device_is_known(room, uow->conn, owner, request->device_key, &out->is_known);
    }
    /* An unknown key counts as none: anybody can make a new one. */
    vault_lookup_hash(room->vault, REQUESTER_KIND,
                      out->is_known ? request->device_key : request->address, out->hash);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err check_limits(struct customer_room *room, struct uow *uow,
                             const struct customer_phone *phone, const struct requester *requester,
                             int64_t *out_retry_at)
{
    const struct customer_rules *rules = &room->rules;
    const struct retry_window own[] = {{rules->codes_per_minute, MINUTE_US},
                                       {rules->codes_per_hour, 60 * MINUTE_US},
                                       {rules->codes_per_day, DAY_US}};
    const struct retry_window all[] = {{rules->codes_strangers_hour, 60 * MINUTE_US},
                                       {rules->codes_strangers_day, DAY_US}};
    struct db_value bucket = db_int(phone->bucket), limit = db_int(RETRY_NEWEST_MAX);
    struct db_value hash = db_blob(phone->hash, sizeof(phone->hash));
    int64_t newest[RETRY_NEWEST_MAX];
    size_t count = 0;
    enum err err =
        db_numbers(uow->conn, &phone_code_stmt_newest,
                   DB_ARGS(bucket, hash, db_blob(requester->hash, sizeof(requester->hash)), limit),
                   newest, RETRY_NEWEST_MAX, &count);
    if (err == ERR_OK) {
        err = customer_retry_decide(newest, count, own, 3, uow->now_us, out_retry_at);
    }
    if (err != ERR_OK || requester->is_known) {
        return err;
    }
    err = db_numbers(uow->conn, &phone_code_stmt_strangers, DB_ARGS(bucket, hash, limit), newest,
                     RETRY_NEWEST_MAX, &count);
    return err != ERR_OK ? err
                         : customer_retry_decide(newest, count, all, 2, uow->now_us, out_retry_at);
}

static enum err store_code(struct customer_room *room, struct uow *uow,
                           const struct phone_code_request *request,
                           const struct requester *requester, int64_t id)
{
    const struct customer_phone *phone = &request->phone;
    char code[CODE_TEXT_SIZE];
    uint8_t hash[VAULT_HASH_SIZE];
    vault_make_code(room->vault, CODE_DIGITS, code);
    hash_code(room, id, code, hash);
    struct sms sms;
    sms_write_code(phone, code, request->purpose, request->language, &sms);
    enum err err = db_defer(
        uow->conn, &phone_code_stmt_insert,
        DB_ARGS(db_int(phone->bucket), db_int(id), db_blob(phone->hash, sizeof(phone->hash)),
                db_int(request->purpose), db_blob(hash, sizeof(hash)), db_int(uow->now_us),
                db_int(uow->now_us + room->rules.code_life_us),
                db_blob(requester->hash, sizeof(requester->hash)),
                db_int(requester->is_known ? 1 : 0)),
        1);
    if (err == ERR_OK) {
        err = sms_put(room, uow, phone->bucket, id, &sms);
    }
    vault_wipe(code, sizeof(code));
    vault_wipe(&sms, sizeof(sms));
    return err;
}

enum err phone_code_send(struct customer_room *room, struct uow *uow,
                         const struct phone_code_request *request, struct phone_code_sent *out,
                         int64_t *out_retry_at)
{
    const struct customer_phone *phone = &request->phone;
    struct requester requester;
    int64_t retry_at = 0;
    struct phone_row row; /* its lock makes the count of codes true */
    enum err err = phone_row_lock(uow, phone->bucket, phone->hash, &row);
    if (err == ERR_OK) {
        err = identify(room, uow, request, &requester);
    }
    if (err == ERR_OK) {
        err = check_limits(room, uow, phone, &requester, &retry_at);
    }
    if (out_retry_at) {
        *out_retry_at = retry_at;
    }
    if (err != ERR_OK) {
        return err;
    }
    int64_t id = uow_id(uow, phone->bucket);
    *out = (struct phone_code_sent){.phone_code_id = id,
                                    .expires_at = uow->now_us + room->rules.code_life_us,
                                    .resend_at = uow->now_us + MINUTE_US};
    return store_code(room, uow, request, &requester, id);
}

enum err phone_code_reopen(struct uow *uow, const struct customer_phone *phone, int64_t id)
{
    return db_defer(uow->conn, &phone_code_stmt_reopen, DB_ARGS(db_int(phone->bucket), db_int(id)),
                    1);
}

/* --- Checking ----------------------------------------------------------------------------------
 */

static enum err load_code(struct customer_room *room, struct db_conn *conn,
                          const struct customer_phone *phone, int64_t id, const char *code,
                          uint32_t purposes, struct code_facts *out, enum code_purpose *out_purpose)
{
    memset(out, 0, sizeof(*out));
    struct db_rows rows = db_read(
        conn, &phone_code_stmt_load,
        DB_ARGS(db_int(phone->bucket), db_int(id), db_blob(phone->hash, sizeof(phone->hash))));
    if (db_rows_next(&rows)) {
        uint8_t hash[VAULT_HASH_SIZE];
        size_t size = 0;
        hash_code(room, id, code, hash);
        const void *stored = db_rows_blob(&rows, 1, &size);
        *out_purpose = (enum code_purpose)db_rows_int(&rows, 0);
        out->is_found = (purposes >> *out_purpose & 1U) != 0;
        out->matches = strlen(code) == CODE_DIGITS && size == sizeof(hash) &&
                       vault_equal(stored, hash, sizeof(hash));
        out->is_used = db_rows_int(&rows, 2) == CODE_USED;
        out->tries = (int)db_rows_int(&rows, 3);
        out->expires_at = db_rows_int(&rows, 4);
    }
    return db_rows_close(&rows);
}

enum err phone_code_peek(struct customer_room *room, struct db_conn *conn,
                         const struct customer_phone *phone, int64_t phone_code_id,
                         const char *code, enum code_purpose purpose, int64_t now_us, bool *out)
{
    struct code_facts facts;
    enum code_purpose found = purpose;
    enum err err = load_code(room, conn, phone, phone_code_id, code, 1U << purpose, &facts, &found);
    *out =
        err == ERR_OK && customer_code_decide(&facts, room->rules.code_tries_max, now_us) == ERR_OK;
    return err;
}

enum err phone_code_check(struct customer_room *room, struct uow *uow,
                          const struct customer_phone *phone, int64_t phone_code_id,
                          const char *code, uint32_t purposes, struct verdict *out_verdict,
                          enum code_purpose *out_purpose)
{
    /* All tries at a number's codes queue at its row, so that no two count as one. */
    struct phone_row row;
    struct code_facts facts;
    enum err err = phone_row_lock(uow, phone->bucket, phone->hash, &row);
    if (err == ERR_OK) {
        err = load_code(room, uow->conn, phone, phone_code_id, code, purposes, &facts, out_purpose);
    }
    if (err != ERR_OK) {
        return err;
    }
    *out_verdict = (struct verdict){
        .refusal = customer_code_decide(&facts, room->rules.code_tries_max, uow->now_us),
        .tries_left = -1};
    if (out_verdict->refusal == ERR_CODE_WRONG) {
        out_verdict->tries_left = room->rules.code_tries_max - facts.tries - 1;
    }
    if (out_verdict->refusal != ERR_OK && out_verdict->refusal != ERR_CODE_WRONG) {
        return ERR_OK;
    }
    return db_defer(uow->conn,
                    out_verdict->refusal == ERR_OK ? &phone_code_stmt_use : &phone_code_stmt_count,
                    DB_ARGS(db_int(phone->bucket), db_int(phone_code_id)), 1);
}
