/* Identity: checked layer by layer, each with its evidence; one person, one customer. */
#include "base/check.h"
#include "base/str.h"
#include "customer/customer_private.h"
#include "customer/customer_rules.h"
#include "customer/identity_rules.h"
#include "customer/message_rows.h"
#include "db/directory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ID_NUMBER_KIND  "idNumber"
#define ID_NUMBER_FIELD "customer.idNumber"
#define EVIDENCE_KIND   "evidence"

/* Each question to the registry is an attempt; a typing error that is found here costs none. */
DB_STMT(identity_stmt_attempts,
        "SELECT at FROM customer_checks WHERE bucket = $1"
        " AND customer_id = $2 AND check_kind = 6 ORDER BY id DESC LIMIT $3");
DB_STMT(identity_stmt_lock, "UPDATE customer_customers SET version = version + 1"
                            " WHERE bucket = $1 AND id = $2");
DB_STMT(identity_stmt_check,
        "INSERT INTO customer_checks (bucket, customer_id, id, check_kind, result, version,"
        " evidence_hash, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
DB_STMT(identity_stmt_store,
        "UPDATE customer_customers SET name = $1, id_number_sealed = $2, birth_date = $3, sex = $4,"
        " region = $5, is_minor = $6, identity_at = $7"
        " WHERE bucket = $8 AND id = $9 AND identity_at IS NULL");
DB_STMT(identity_stmt_checks,
        "SELECT id, check_kind, result, score, version, evidence_hash, at FROM customer_checks"
        " WHERE bucket = $1 AND customer_id = $2 ORDER BY id DESC");

void identity_evidence_wipe(struct identity_evidence *evidence)
{
    vault_wipe(evidence, sizeof(*evidence));
}

static enum err check_attempts(const struct customer_room *room, struct db_conn *conn,
                               struct customer_id id, int64_t now_us, int64_t *out_retry_at)
{
    const struct customer_rules *rules = &room->rules;
    const struct retry_window windows[] = {{rules->identity_per_minute, INT64_C(60000000)},
                                           {rules->identity_per_hour, INT64_C(3600000000)},
                                           {rules->identity_per_day, DAY_US}};
    int64_t newest[RETRY_NEWEST_MAX];
    size_t count = 0;
    struct db_rows rows =
        db_read(conn, &identity_stmt_attempts,
                DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value), db_int(RETRY_NEWEST_MAX)));
    while (count < RETRY_NEWEST_MAX && db_rows_next(&rows)) {
        newest[count++] = db_rows_int(&rows, 0);
    }
    enum err err = db_rows_close(&rows);
    return err != ERR_OK ? err
                         : customer_retry_decide(newest, count, windows, 3, now_us, out_retry_at);
}

/* --- prepare -----------------------------------------------------------------------------------
 */

enum err identity_prepare(struct customer_room *room, struct engine *engine, struct customer_id id,
                          const char *name, const char *id_number, struct identity_evidence *out,
                          int64_t *out_retry_at)
{
    struct db_conn *conn = NULL;
    struct customer customer;
    int64_t now_us = clock_now_us(engine_clock(engine));
    *out_retry_at = 0;
    enum err err = engine_read_begin(engine, &conn);
    if (err != ERR_OK) {
        return err;
    }
    err = customer_load(room, conn, id, &customer);
    if (err == ERR_OK) {
        err = check_attempts(room, conn, id, now_us, out_retry_at);
    }
    engine_read_end(engine, conn);
    if (err != ERR_OK) {
        return err;
    }
    struct date today = engine_civil_date(engine, now_us);
    bool is_plausible = identity_decide(room->regions, name, id_number, today, room->rules.age_min,
                                        room->rules.age_full, out);
    out->at = now_us;
    out->registry_version = room->registry->version;
    if (!is_plausible) {
        return ERR_OK;
    }
    uint8_t random[8];
    char hex[2 * sizeof(random) + 1];
    vault_random(room->vault, random, sizeof(random));
    str_to_hex(random, sizeof(random), hex);
    snprintf(out->registry_request_id, sizeof(out->registry_request_id), "%" PRId64 "-%s", id.value,
             hex);
    enum registry_result result =
        room->registry->check(room->registry, out->registry_request_id, out->name, out->id_number);
    identity_add_registry(out, result);
    return result == REGISTRY_UNAVAILABLE ? ERR_REGISTRY_UNAVAILABLE : ERR_OK;
}

/* --- commit ------------------------------------------------------------------------------------
 */

/* What was looked at and what was answered, so that the row can be held against the person's papers
 * later; keyed, so that the hash gives nothing away. */
static void hash_evidence(const struct customer_room *room, struct customer_id id,
                          const struct identity_evidence *evidence,
                          const struct check_outcome *check, const char *version,
                          uint8_t out[VAULT_HASH_SIZE])
{
    char text[VAULT_LOOKUP_MAX];
    snprintf(text, sizeof(text), "%" PRId64 "\n%s\n%s\n%s\n%s\n%s\n%s", id.value,
             identity_check_name(check->check), check_result_name(check->result), version,
             evidence->name, evidence->id_number, evidence->registry_request_id);
    vault_lookup_hash(room->vault, EVIDENCE_KIND, text, out);
    vault_wipe(text, sizeof(text));
}

static enum err store_checks(struct customer_room *room, struct uow *uow, struct customer_id id,
                             const struct identity_evidence *evidence)
{
    enum err err = ERR_OK;
    int bucket = id_bucket(id.value);
    for (size_t i = 0; i < evidence->count && err == ERR_OK; i++) {
        const struct check_outcome *check = &evidence->checks[i];
        const char *version =
            check->check == CHECK_REGISTRY ? evidence->registry_version : IDENTITY_RULES_VERSION;
        uint8_t hash[VAULT_HASH_SIZE];
        hash_evidence(room, id, evidence, check, version, hash);
        err = db_defer(uow->conn, &identity_stmt_check,
                       DB_ARGS(db_int(bucket), db_int(id.value), db_int(uow_id(uow, bucket)),
                               db_int(check->check), db_int(check->result), db_text(version),
                               db_blob(hash, sizeof(hash)), db_int(uow->now_us)),
                       1);
    }
    return err;
}

/* The person becomes the customer, unless somebody is that person already. */
static enum err claim_person(struct customer_room *room, struct uow *uow, struct customer_id id,
                             const struct identity_evidence *evidence, struct verdict *out)
{
    uint8_t hash[VAULT_HASH_SIZE];
    int64_t owner = 0;
    vault_lookup_hash(room->vault, ID_NUMBER_KIND, evidence->id_number, hash);
    enum err err = directory_claim(
        uow->conn, &(struct directory_name){DIRECTORY_ID_NUMBER, hash, sizeof(hash)}, id.value,
        &owner);
    if (err == ERR_EXISTS && owner != id.value) {
        out->refusal = ERR_IDENTITY_TAKEN;
        return ERR_OK;
    }
    if (err != ERR_OK) {
        return err;
    }
    int bucket = id_bucket(id.value);
    uint8_t sealed[ID_NUMBER_SIZE + VAULT_OVERHEAD];
    size_t size = strlen(evidence->id_number);
    vault_seal(room->vault, (struct vault_place){bucket, id.value, ID_NUMBER_FIELD},
               evidence->id_number, size, sealed);
    err = db_defer(uow->conn, &identity_stmt_store,
                   DB_ARGS(db_text(evidence->name), db_blob(sealed, size + VAULT_OVERHEAD),
                           db_int(evidence->birth_date.days), db_int(evidence->sex),
                           db_text(evidence->region), db_int(evidence->is_minor),
                           db_int(uow->now_us), db_int(bucket), db_int(id.value)),
                   1);
    err = err != ERR_OK ? err : latin_store(room, uow, id, evidence->name);
    if (err == ERR_OK) {
        err =
            customer_add_channel(uow, id, CHANNEL_REGISTRY, ""); /* it confirmed name and number */
    }
    return err == ERR_OK
               ? message_add(uow, id, &MESSAGE_IDENTITY_VERIFIED, &(struct message_params){0}, 0)
               : err;
}

/* A second check of an identified customer: the same person passes, another is refused. */
static enum err compare_person(struct customer_room *room, struct uow *uow,
                               const struct customer *customer,
                               const struct identity_evidence *evidence, struct verdict *out)
{
    char number[ID_NUMBER_SIZE];
    enum err err = customer_reveal_id_number(room, uow->conn, customer->id, number);
    if (err == ERR_OK &&
        (strcmp(number, evidence->id_number) != 0 || strcmp(customer->name, evidence->name) != 0)) {
        out->refusal = ERR_IDENTITY_FIXED;
    }
    vault_wipe(number, sizeof(number));
    return err;
}

static enum err refusal_of(const struct identity_evidence *evidence)
{
    if (identity_is_proven(evidence)) {
        return ERR_OK;
    }
    bool is_unanswered = evidence->count == IDENTITY_CHECK_COUNT &&
                         evidence->checks[evidence->count - 1].result == CHECK_UNAVAILABLE;
    return is_unanswered ? ERR_REGISTRY_UNAVAILABLE : ERR_IDENTITY_REFUSED;
}

enum err identity_commit(struct customer_room *room, struct uow *uow, struct customer_id id,
                         const struct identity_evidence *evidence, struct verdict *out_verdict)
{
    struct customer customer;
    CHECK(evidence->count > 0);
    *out_verdict = (struct verdict){.refusal = ERR_OK, .tries_left = -1};
    /* The customer's row is raised first: two attempts at once queue here. */
    enum err err = db_exec(uow->conn, &identity_stmt_lock,
                           DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)), NULL);
    if (err == ERR_OK) {
        err = customer_load(room, uow->conn, id, &customer);
    }
    if (err == ERR_OK) {
        err = check_attempts(room, uow->conn, id, uow->now_us, &out_verdict->retry_at);
    }
    if (err == ERR_TOO_MANY_REQUESTS) {
        out_verdict->refusal = err;
        return ERR_OK;
    }
    if (err == ERR_OK) {
        err = store_checks(room, uow, id, evidence);
    }
    out_verdict->refusal = refusal_of(evidence);
    if (err != ERR_OK || out_verdict->refusal != ERR_OK) {
        return err;
    }
    return customer.has_identity ? compare_person(room, uow, &customer, evidence, out_verdict)
                                 : claim_person(room, uow, id, evidence, out_verdict);
}

enum err identity_checks_each(struct db_conn *conn, struct customer_id id, check_visit *visit,
                              void *context)
{
    struct db_rows rows = db_read(conn, &identity_stmt_checks,
                                  DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
    while (db_rows_next(&rows)) {
        size_t size = 0;
        struct check_row row = {.id = db_rows_int(&rows, 0),
                                .check = (enum identity_check)db_rows_int(&rows, 1),
                                .result = (enum check_result)db_rows_int(&rows, 2),
                                .score = db_rows_is_null(&rows, 3) ? -1 : db_rows_int(&rows, 3),
                                .at = db_rows_int(&rows, 6)};
        snprintf(row.version, sizeof(row.version), "%s", db_rows_text(&rows, 4));
        const void *hash = db_rows_blob(&rows, 5, &size);
        CHECK(size == sizeof(row.evidence_hash));
        memcpy(row.evidence_hash, hash, size);
        if (!visit(&row, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}
