/* The room, a customer's row, attempts and checks. */
#include "base/check.h"
#include "base/str.h"
#include "kyc/kyc_private.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERSON_COLUMNS                                                                             \
    "confirmation_state, confirmation_at, registry_state, registry_at, operator_state,"            \
    " operator_at, face_state, face_at, place_state, place_at, reasons, document_until,"           \
    " is_long_term, refused_at, registry_tries, registry_next_at"

DB_STMT(person_stmt_lock,
        "INSERT INTO kyc_people (bucket, customer_id, " PERSON_COLUMNS ", version)"
        " VALUES ($1, $2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0, 0, 0, 0, 1)"
        " ON CONFLICT (bucket, customer_id) DO UPDATE SET version = kyc_people.version + 1");
DB_STMT(person_stmt_load, "SELECT " PERSON_COLUMNS " FROM kyc_people WHERE bucket = $1"
                          " AND customer_id = $2");
DB_STMT(person_stmt_store,
        "UPDATE kyc_people SET confirmation_state = $1, confirmation_at = $2, registry_state = $3,"
        " registry_at = $4, operator_state = $5, operator_at = $6, face_state = $7, face_at = $8,"
        " place_state = $9, place_at = $10, reasons = $11, document_until = $12,"
        " is_long_term = $13, refused_at = $14, registry_tries = $15, registry_next_at = $16"
        " WHERE bucket = $17 AND customer_id = $18");
DB_STMT(attempt_stmt_add,
        "INSERT INTO kyc_attempts (bucket, customer_id, id, kind, counts, result, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)");
DB_STMT(attempt_stmt_decide,
        "UPDATE kyc_attempts SET result = $1 WHERE bucket = $2 AND customer_id = $3 AND at = $4"
        " AND kind IN ($5, $6)");
DB_STMT(attempt_stmt_newest,
        "SELECT at FROM kyc_attempts WHERE bucket = $1 AND customer_id = $2"
        " AND counts = 1 AND kind BETWEEN $3 AND $4 ORDER BY id DESC LIMIT $5");
DB_STMT(attempt_stmt_list, "SELECT at, kind, result FROM kyc_attempts WHERE bucket = $1"
                           " AND customer_id = $2 ORDER BY id DESC LIMIT $3");
DB_STMT(check_stmt_add,
        "INSERT INTO kyc_checks (bucket, customer_id, id, kind, result, score, threshold, band,"
        " version, evidence_hash, face_check_id, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");
DB_STMT(check_stmt_list,
        "SELECT id, kind, result, score, threshold, band, version, evidence_hash, at"
        " FROM kyc_checks WHERE bucket = $1 AND customer_id = $2 ORDER BY id DESC");

/* --- The room --------------------------------------------------------------------------------- */

enum err kyc_room_open(const struct kyc_room_options *options, struct kyc_room **out)
{
    struct kyc_room *room = calloc(1, sizeof *room);
    if (room == NULL) {
        return ERR_NO_MEMORY;
    }
    room->options = *options;
    room->rules = options->rules != NULL ? *options->rules : KYC_RULES;
    gallery_init(&room->gallery);
    seen_init(&room->seen);
    *out = room;
    return ERR_OK;
}

void kyc_room_close(struct kyc_room *room)
{
    if (room != NULL) {
        gallery_release(&room->gallery);
        seen_release(&room->seen);
        free(room);
    }
}

const struct kyc_rules *kyc_room_rules(const struct kyc_room *room)
{
    return &room->rules;
}

void request_id(const struct kyc_room *room, struct customer_id id, char out[REQUEST_ID_SIZE])
{
    uint8_t random[8];
    char hex[2 * sizeof random + 1];
    vault_random(room->options.vault, random, sizeof random);
    str_to_hex(random, sizeof random, hex);
    snprintf(out, REQUEST_ID_SIZE, "%" PRId64 "-%s", id.value, hex);
}

/* --- A customer's row ------------------------------------------------------------------------- */

enum err person_load(struct db_conn *conn, struct customer_id id, struct kyc_person *out)
{
    struct kyc_person person = {.customer = id};
    struct db_rows rows =
        db_read(conn, &person_stmt_load, DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)));
    if (db_rows_next(&rows)) {
        for (int i = 0; i < KYC_LAYER_COUNT - KYC_CONFIRMATION; i++) {
            person.layers[KYC_CONFIRMATION + i].state = (enum kyc_state)db_rows_int(&rows, 2 * i);
            person.layers[KYC_CONFIRMATION + i].at = db_rows_int(&rows, 2 * i + 1);
        }
        person.reasons = (uint32_t)db_rows_int(&rows, 10);
        person.is_long_term = db_rows_int(&rows, 12) != 0;
        person.has_document = person.is_long_term || !db_rows_is_null(&rows, 11);
        if (person.has_document && !person.is_long_term) {
            person.document_until.days = (int32_t)db_rows_int(&rows, 11);
        }
        person.refused_at = db_rows_int(&rows, 13);
        person.registry_tries = (int)db_rows_int(&rows, 14);
        person.registry_next_at = db_rows_int(&rows, 15);
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out = person;
    }
    return err;
}

enum err person_lock(struct uow *uow, struct customer_id id, struct kyc_person *out)
{
    enum err err = db_exec(uow->conn, &person_stmt_lock,
                           DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value)), NULL);
    return err != ERR_OK ? err : person_load(uow->conn, id, out);
}

enum err person_store(struct uow *uow, const struct kyc_person *person)
{
    struct db_value args[18];
    size_t n = 0;
    for (int layer = KYC_CONFIRMATION; layer < KYC_LAYER_COUNT; layer++) {
        args[n++] = db_int(person->layers[layer].state);
        args[n++] = db_int(person->layers[layer].at);
    }
    bool is_dated = person->has_document && !person->is_long_term;
    args[n++] = db_int(person->reasons);
    args[n++] = is_dated ? db_int(person->document_until.days) : db_null();
    args[n++] = db_int(person->is_long_term);
    args[n++] = db_int(person->refused_at);
    args[n++] = db_int(person->registry_tries);
    args[n++] = db_int(person->registry_next_at);
    args[n++] = db_int(id_bucket(person->customer.value));
    args[n++] = db_int(person->customer.value);
    CHECK(n == sizeof args / sizeof args[0]);
    return db_defer(uow->conn, &person_stmt_store, args, n, 1);
}

void person_set(struct kyc_person *person, enum kyc_layer layer, enum kyc_state state,
                int64_t now_us)
{
    CHECK(layer >= KYC_CONFIRMATION && layer < KYC_LAYER_COUNT);
    person->layers[layer].state = state;
    person->layers[layer].at = state == KYC_STATE_TODO ? 0 : now_us;
}

struct consent_question {
    const char *purpose;
    bool is_granted;
};

static bool find_consent(const struct consent *consent, void *context)
{
    struct consent_question *question = context;
    if (strcmp(consent->purpose, question->purpose) != 0) {
        return true;
    }
    question->is_granted = consent->granted;
    return false;
}

enum err consent_check(struct db_conn *conn, struct customer_id id, const char *purpose)
{
    struct consent_question question = {.purpose = purpose};
    enum err err = consent_each(conn, id, false, find_consent, &question);
    return err != ERR_OK ? err : question.is_granted ? ERR_OK : ERR_CONSENT_NEEDED;
}

/* --- Attempts --------------------------------------------------------------------------------- */

/* Kinds that share one limit. Locations have a limit of three a minute of their own, so that card and
 * face attempts do not block them. Strangers have their own limits and use up no attempt of the owner. */
static const struct kinds {
    enum kyc_attempt first, last;
} OF_OWNER = {ATTEMPT_FRONT, ATTEMPT_FRAME}, OF_PLACES = {ATTEMPT_PLACE, ATTEMPT_PLACE},
  OF_STRANGERS = {ATTEMPT_FACE_STRANGER, ATTEMPT_CONFIRMATION_STRANGER},
  PLACES_OF_STRANGERS = {ATTEMPT_PLACE_STRANGER, ATTEMPT_PLACE_STRANGER};

bool kyc_is_stranger(const struct principal *who)
{
    return who->device.value == 0 || who->device_trusted_at == DEVICE_UNVOUCHED;
}

enum kyc_attempt attempt_kind_of(enum kyc_attempt kind, bool is_stranger)
{
    static const enum kyc_attempt KINDS[ATTEMPT_KIND_COUNT] = {
        [ATTEMPT_FRONT] = ATTEMPT_FRONT_STRANGER,
        [ATTEMPT_BACK] = ATTEMPT_BACK_STRANGER,
        [ATTEMPT_CONFIRMATION] = ATTEMPT_CONFIRMATION_STRANGER,
        [ATTEMPT_FACE] = ATTEMPT_FACE_STRANGER,
        [ATTEMPT_PLACE] = ATTEMPT_PLACE_STRANGER};
    CHECK(KINDS[kind] != 0);
    return is_stranger ? KINDS[kind] : kind;
}

static enum err count_left(const struct kyc_room *room, struct db_conn *conn, struct customer_id id,
                           const struct kinds *kinds, int64_t now_us, struct kyc_attempts_left *out)
{
    int64_t newest[ATTEMPTS_NEWEST_MAX];
    size_t count = 0;
    struct db_rows rows =
        db_read(conn, &attempt_stmt_newest,
                DB_ARGS(db_int(id_bucket(id.value)), db_int(id.value), db_int(kinds->first),
                        db_int(kinds->last), db_int(ATTEMPTS_NEWEST_MAX)));
    while (count < ATTEMPTS_NEWEST_MAX && db_rows_next(&rows)) {
        newest[count++] = db_rows_int(&rows, 0);
    }
    enum err err = db_rows_close(&rows);
    if (err == ERR_OK) {
        *out = kyc_attempts_decide(newest, count, &room->rules, now_us);
    }
    return err;
}

enum err attempts_left(const struct kyc_room *room, struct db_conn *conn, struct customer_id id,
                       int64_t now_us, struct kyc_attempts_left *out)
{
    return count_left(room, conn, id, &OF_OWNER, now_us, out);
}

static enum err check_left(const struct kyc_room *room, struct db_conn *conn, struct customer_id id,
                           const struct kinds *kinds, int64_t now_us, int64_t *out_retry_at)
{
    struct kyc_attempts_left left;
    enum err err = count_left(room, conn, id, kinds, now_us, &left);
    if (err == ERR_OK && left.now == 0) {
        *out_retry_at = left.retry_at;
        return ERR_TOO_MANY_REQUESTS;
    }
    return err;
}

enum err kyc_attempts_left(const struct kyc_room *room, struct db_conn *conn,
                           const struct principal *who, int64_t now_us,
                           struct kyc_attempts_left *out)
{
    return count_left(room, conn, who->customer, kyc_is_stranger(who) ? &OF_STRANGERS : &OF_OWNER,
                      now_us, out);
}

enum err attempts_check(const struct kyc_room *room, struct db_conn *conn, struct customer_id id,
                        bool is_stranger, int64_t now_us, int64_t *out_retry_at)
{
    return check_left(room, conn, id, is_stranger ? &OF_STRANGERS : &OF_OWNER, now_us,
                      out_retry_at);
}

enum err places_check(const struct kyc_room *room, struct db_conn *conn, struct customer_id id,
                      bool is_stranger, int64_t now_us, int64_t *out_retry_at)
{
    return check_left(room, conn, id, is_stranger ? &PLACES_OF_STRANGERS : &OF_PLACES, now_us,
                      out_retry_at);
}

static enum err attempt_store(struct uow *uow, struct customer_id id, enum kyc_attempt kind,
                              bool counts, const char *result)
{
    int bucket = id_bucket(id.value);
    return db_defer(uow->conn, &attempt_stmt_add,
                    DB_ARGS(db_int(bucket), db_int(id.value), db_int(uow_id(uow, bucket)),
                            db_int(kind), db_int(counts), db_text(result), db_int(uow->now_us)),
                    1);
}

enum err attempt_add(struct uow *uow, struct customer_id id, enum kyc_attempt kind, bool counts,
                     enum err result)
{
    return attempt_store(uow, id, kind, counts, result == ERR_OK ? "passed" : err_slug(result));
}

enum err attempt_start_face(struct uow *uow, struct customer_id id, bool is_stranger)
{
    return attempt_store(uow, id, attempt_kind_of(ATTEMPT_FACE, is_stranger), true, "started");
}

enum err attempt_decide_face(struct uow *uow, const struct face_check *check)
{
    const char *result =
        check->state == FACE_STATE_ACCEPTED ? "passed" : face_state_name(check->state);
    return db_defer(uow->conn, &attempt_stmt_decide,
                    DB_ARGS(db_text(result), db_int(id_bucket(check->customer.value)),
                            db_int(check->customer.value), db_int(check->created_at),
                            db_int(ATTEMPT_FACE), db_int(ATTEMPT_FACE_STRANGER)),
                    -1);
}

enum err kyc_attempts_each(struct db_conn *conn, struct customer_id customer, size_t limit,
                           kyc_attempt_visit *visit, void *context)
{
    struct db_rows rows = db_read(
        conn, &attempt_stmt_list,
        DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value), db_int((int64_t)limit)));
    while (db_rows_next(&rows)) {
        struct kyc_attempt_row row = {.at = db_rows_int(&rows, 0),
                                      .kind = (enum kyc_attempt)db_rows_int(&rows, 1)};
        snprintf(row.result, sizeof row.result, "%s", db_rows_text(&rows, 2));
        if (!visit(&row, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}

/* --- Checks ----------------------------------------------------------------------------------- */

static struct db_value optional(int value)
{
    return value == INT_MIN ? db_null() : db_int(value);
}

enum err check_store(const struct kyc_room *room, struct uow *uow, struct customer_id id,
                     const struct check_add *check)
{
    uint8_t hash[VAULT_HASH_SIZE];
    int bucket = id_bucket(id.value);
    vault_hash_bytes(room->options.vault, "kyc.evidence", check->evidence, check->evidence_size,
                     hash);
    return db_defer(
        uow->conn, &check_stmt_add,
        DB_ARGS(db_int(bucket), db_int(id.value), db_int(uow_id(uow, bucket)), db_int(check->check),
                db_int(check->result), optional(check->score), optional(check->threshold),
                check->band != 0 ? db_int(check->band) : db_null(), db_text(check->version),
                db_blob(hash, sizeof hash), db_int(check->face_check_id), db_int(uow->now_us)),
        1);
}

enum err kyc_checks_each(struct db_conn *conn, struct customer_id customer, kyc_check_visit *visit,
                         void *context)
{
    struct db_rows rows = db_read(
        conn, &check_stmt_list, DB_ARGS(db_int(id_bucket(customer.value)), db_int(customer.value)));
    while (db_rows_next(&rows)) {
        struct kyc_check_row row = {
            .id = db_rows_int(&rows, 0),
            .check = (enum kyc_check)db_rows_int(&rows, 1),
            .result = (enum kyc_result)db_rows_int(&rows, 2),
            .score = db_rows_is_null(&rows, 3) ? -1 : db_rows_int(&rows, 3),
            .threshold = db_rows_is_null(&rows, 4) ? -1 : db_rows_int(&rows, 4),
            .band = db_rows_is_null(&rows, 5) ? 0 : (int)db_rows_int(&rows, 5),
            .at = db_rows_int(&rows, 8)};
        size_t size = 0;
        const void *hash = db_rows_blob(&rows, 7, &size);
        snprintf(row.version, sizeof row.version, "%s", db_rows_text(&rows, 6));
        memcpy(row.evidence_hash, hash, size < sizeof row.evidence_hash ? size : VAULT_HASH_SIZE);
        if (!visit(&row, context)) {
            break;
        }
    }
    return db_rows_close(&rows);
}
